//! The closed list of event kinds, each with its dotted name. Door words are ONVIF's (Access Control,
//! Door Control); call words follow the 2N call states. A kind is never guessed: what a message means
//! and nobody knows is `device.unmapped`.

use std::fmt;
use std::str::FromStr;

macro_rules! kinds {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($variant),+ }

        impl Kind {
            pub const ALL: &'static [Kind] = &[$(Kind::$variant),+];

            /// The dotted name, as it stands in topics and in `type`.
            pub const fn name(self) -> &'static str {
                match self { $(Kind::$variant => $name),+ }
            }
        }
    };
}

kinds! {
    // Access: decided at the door. Granted is not entered.
    AccessGranted = "access.granted",
    AccessDenied = "access.denied",
    AccessTaken = "access.taken",
    AccessNotTaken = "access.not-taken",
    AccessRequested = "access.requested",
    CredentialPresented = "credential.presented",
    UnlockRemote = "unlock.remote",
    // Doors and locks.
    DoorOpened = "door.opened",
    DoorClosed = "door.closed",
    DoorForced = "door.forced",
    DoorHeld = "door.held",
    DoorNormal = "door.normal",
    DoorFault = "door.fault",
    LockLocked = "lock.locked",
    LockUnlocked = "lock.unlocked",
    LockJammed = "lock.jammed",
    Tamper = "tamper",
    TamperCleared = "tamper.cleared",
    Duress = "duress",
    // Intercom calls.
    CallRinging = "call.ringing",
    CallAnswered = "call.answered",
    CallEnded = "call.ended",
    CallMissed = "call.missed",
    CallRejected = "call.rejected",
    // The devices themselves.
    DeviceOnline = "device.online",
    DeviceOffline = "device.offline",
    DeviceBoot = "device.boot",
    DeviceHeartbeat = "device.heartbeat",
    DeviceUnmapped = "device.unmapped",
    BatteryLow = "battery.low",
    // People at the glass.
    VisitArrived = "visit.arrived",
    VisitSignedOut = "visit.signed-out",
    RepairReceived = "repair.received",
    HelpRequested = "help.requested",
    EmergencyRequested = "emergency.requested",
    // The gateway.
    GatewayStarted = "gateway.started",
    GatewayStopped = "gateway.stopped",
    JournalRecovered = "journal.recovered",
    CommandAccepted = "command.accepted",
    CommandRefused = "command.refused",
}

impl Kind {
    /// Goes to the office ahead of everything else after an outage.
    pub const fn is_urgent(self) -> bool {
        matches!(
            self,
            Kind::EmergencyRequested | Kind::HelpRequested | Kind::Duress | Kind::DoorForced | Kind::CallRinging
        )
    }

    /// The state that this kind reports, if it reports one: `door.opened` says that the contact is open.
    /// Such a kind becomes an event only when the state differs from the last one known.
    pub const fn aspect(self) -> Option<Aspect> {
        match self {
            Kind::DoorOpened | Kind::DoorClosed | Kind::DoorFault => Some(Aspect::Door),
            Kind::DoorForced | Kind::DoorHeld | Kind::DoorNormal => Some(Aspect::Alarm),
            Kind::LockLocked | Kind::LockUnlocked | Kind::LockJammed => Some(Aspect::Lock),
            Kind::Tamper | Kind::TamperCleared => Some(Aspect::Tamper),
            Kind::DeviceOnline | Kind::DeviceOffline | Kind::DeviceHeartbeat => Some(Aspect::Device),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no event kind \"{0}\"")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Kind::ALL.iter().copied().find(|kind| kind.name() == name).ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

/// One side of a door or device that has a state between events (ONVIF Door Control's state properties).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aspect {
    Door,
    Lock,
    Alarm,
    Tamper,
    Device,
}

impl Aspect {
    pub const fn name(self) -> &'static str {
        match self {
            Aspect::Door => "door",
            Aspect::Lock => "lock",
            Aspect::Alarm => "alarm",
            Aspect::Tamper => "tamper",
            Aspect::Device => "device",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_its_kind_and_fits_a_topic_level() {
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(*kind));
            assert!(kind.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'.' || b == b'-'), "{kind}");
        }
        assert!("access.grant".parse::<Kind>().is_err());
    }
}
