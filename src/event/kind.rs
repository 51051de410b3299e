//! The closed list of event kinds, each with its dotted name. Door words are ONVIF's (Access Control,
//! Door Control); call words follow the 2N call states. A kind is never guessed: what a message means
//! and nobody knows is `device.unmapped`.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

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
    // Visits.
    VisitArrived = "visit.arrived",
    VisitHostCalled = "visit.host-called",
    VisitHostAnswered = "visit.host-answered",
    VisitMessageLeft = "visit.message-left",
    VisitAdmitted = "visit.admitted",
    VisitTurnedAway = "visit.turned-away",
    VisitCardAccepted = "visit.card-accepted",
    VisitCardForgotten = "visit.card-forgotten",
    VisitButlerAnswered = "visit.butler-answered",
    VisitGuardAlerted = "visit.guard-alerted",
    VisitMessageTold = "visit.message-told",
    VisitSeen = "visit.seen",
    VisitSignedOut = "visit.signed-out",
    // Invitations: handed over before the guest comes; taken back; and not good for an arrival.
    InvitationStored = "invitation.stored",
    InvitationTakenBack = "invitation.taken-back",
    InvitationRefused = "invitation.refused",
    // Repairs.
    RepairReceived = "repair.received",
    RepairIdentified = "repair.identified",
    RepairAppointed = "repair.appointed",
    RepairAccepted = "repair.accepted",
    RepairConsented = "repair.consented",
    RepairReappointed = "repair.reappointed",
    RepairHandedOver = "repair.handed-over",
    RepairArrived = "repair.arrived",
    RepairArrivalAsked = "repair.arrival-asked",
    RepairFaultConfirmed = "repair.fault-confirmed",
    RepairFeeAsked = "repair.fee-asked",
    RepairFeeReviewed = "repair.fee-reviewed",
    RepairPlanMade = "repair.plan-made",
    RepairPlanAccepted = "repair.plan-accepted",
    RepairWorkStarted = "repair.work-started",
    RepairProgress = "repair.progress",
    RepairComplained = "repair.complained",
    RepairDone = "repair.done",
    RepairNoAccess = "repair.no-access",
    RepairChecked = "repair.checked",
    RepairSettled = "repair.settled",
    RepairCalledBack = "repair.called-back",
    RepairReopened = "repair.reopened",
    RepairRated = "repair.rated",
    RepairClosed = "repair.closed",
    // Complaints.
    ComplaintReceived = "complaint.received",
    ComplaintClassified = "complaint.classified",
    ComplaintAcknowledged = "complaint.acknowledged",
    ComplaintInvestigated = "complaint.investigated",
    ComplaintConsulted = "complaint.consulted",
    ComplaintMeasuresSet = "complaint.measures-set",
    ComplaintProgress = "complaint.progress",
    ComplaintEscalated = "complaint.escalated",
    ComplaintResultTold = "complaint.result-told",
    ComplaintCalledBack = "complaint.called-back",
    ComplaintReopened = "complaint.reopened",
    ComplaintCompensated = "complaint.compensated",
    ComplaintNotice = "complaint.notice",
    ComplaintRated = "complaint.rated",
    ComplaintClosed = "complaint.closed",
    // Enquiries and suggestions.
    EnquiryReceived = "enquiry.received",
    EnquiryAnswered = "enquiry.answered",
    EnquiryTransferred = "enquiry.transferred",
    EnquiryTimeTold = "enquiry.time-told",
    EnquiryProgress = "enquiry.progress",
    EnquiryEscalated = "enquiry.escalated",
    EnquiryOutOfScope = "enquiry.out-of-scope",
    EnquiryClosed = "enquiry.closed",
    SuggestionReceived = "suggestion.received",
    SuggestionForwarded = "suggestion.forwarded",
    SuggestionReplied = "suggestion.replied",
    SuggestionClosed = "suggestion.closed",
    // A person asks for a person; a patient.
    HelpRequested = "help.requested",
    HelpClosed = "help.closed",
    EmergencyRequested = "emergency.requested",
    EmergencyPlaced = "emergency.placed",
    EmergencyChosen = "emergency.chosen",
    EmergencyGuardNamed = "emergency.guard-named",
    EmergencyCondition = "emergency.condition",
    EmergencyRelative = "emergency.relative",
    EmergencyAmbulance = "emergency.ambulance",
    EmergencySettled = "emergency.settled",
    EmergencyMoreHelp = "emergency.more-help",
    EmergencyEnded = "emergency.ended",
    EmergencyCalledBack = "emergency.called-back",
    EmergencyCalledOff = "emergency.called-off",
    EmergencyClosed = "emergency.closed",
    // Keys, passes, services, parcels.
    KeyRequested = "key.requested",
    KeyConsented = "key.consented",
    KeyDeposited = "key.deposited",
    KeyRefused = "key.refused",
    KeyCollectorNamed = "key.collector-named",
    KeyCollected = "key.collected",
    KeyReturned = "key.returned",
    KeyClosed = "key.closed",
    PassRequested = "pass.requested",
    PassApproved = "pass.approved",
    PassRefused = "pass.refused",
    PassChecked = "pass.checked",
    PassUsed = "pass.used",
    PassExpired = "pass.expired",
    ServiceRequested = "service.requested",
    ServiceReviewed = "service.reviewed",
    ServiceQuoted = "service.quoted",
    ServiceAgreed = "service.agreed",
    ServiceNoAccess = "service.no-access",
    ServiceStarted = "service.started",
    ServiceDone = "service.done",
    ServiceSettled = "service.settled",
    ServiceDeclined = "service.declined",
    ServiceCalledBack = "service.called-back",
    ServiceRated = "service.rated",
    ServiceClosed = "service.closed",
    DeliveryReceived = "delivery.received",
    DeliveryNotified = "delivery.notified",
    DeliveryReminded = "delivery.reminded",
    DeliveryShown = "delivery.shown",
    DeliveryNotHandedOver = "delivery.not-handed-over",
    DeliveryCollected = "delivery.collected",
    DeliveryReturned = "delivery.returned",
    // Calls and alarms as cases, patrols, checks.
    CallOpened = "call.opened",
    CallRepeated = "call.repeated",
    CallClosed = "call.closed",
    AlarmRaised = "alarm.raised",
    AlarmRepeated = "alarm.repeated",
    AlarmAcknowledged = "alarm.acknowledged",
    AlarmReturned = "alarm.returned",
    AlarmShelved = "alarm.shelved",
    AlarmUnshelved = "alarm.unshelved",
    AlarmClosed = "alarm.closed",
    PatrolDue = "patrol.due",
    PatrolStarted = "patrol.started",
    PatrolCheckpoint = "patrol.checkpoint",
    PatrolFinding = "patrol.finding",
    PatrolFinished = "patrol.finished",
    PatrolMissed = "patrol.missed",
    CheckDue = "check.due",
    CheckSigned = "check.signed",
    CheckClosed = "check.closed",
    // Meetings with the residents and activities; birthdays that somebody has consented to be known.
    GatheringPlanned = "gathering.planned",
    GatheringSignedUp = "gathering.signed-up",
    GatheringSignedOff = "gathering.signed-off",
    GatheringHeld = "gathering.held",
    GatheringMinuted = "gathering.minuted",
    GatheringCancelled = "gathering.cancelled",
    GatheringClosed = "gathering.closed",
    BirthdayKept = "birthday.kept",
    BirthdayWithdrawn = "birthday.withdrawn",
    ImprovementAgreed = "improvement.agreed",
    ImprovementDone = "improvement.done",
    ImprovementFollowedUp = "improvement.followed-up",
    ImprovementReopened = "improvement.reopened",
    ImprovementClosed = "improvement.closed",
    // Dispatch and promises of any case.
    TaskOffered = "task.offered",
    TaskProposed = "task.proposed",
    TaskClimbed = "task.climbed",
    TaskClaimed = "task.claimed",
    TaskLapsed = "task.lapsed",
    TaskDeclined = "task.declined",
    TaskArrived = "task.arrived",
    TaskReminded = "task.reminded",
    TaskDone = "task.done",
    TaskMissed = "task.missed",
    TaskCancelled = "task.cancelled",
    PromiseGiven = "promise.given",
    PromiseWarned = "promise.warned",
    PromiseBreached = "promise.breached",
    PromiseKept = "promise.kept",
    PromiseReleased = "promise.released",
    PromisePaused = "promise.paused",
    PromiseResumed = "promise.resumed",
    CaseNoted = "case.noted",
    CaseChased = "case.chased",
    CaseWithdrawn = "case.withdrawn",
    ContactMade = "contact.made",
    // The staff and their page.
    RequestRefused = "request.refused",
    CodeGuessed = "code.guessed",
    StaffSignedIn = "staff.signed-in",
    StaffSignedOut = "staff.signed-out",
    StaffRefused = "staff.refused",
    StaffLockedOut = "staff.locked-out",
    StaffChanged = "staff.changed",
    RecordViewed = "record.viewed",
    RecordExported = "record.exported",
    PostSilent = "post.silent",
    PostHeard = "post.heard",
    ShiftClosed = "shift.closed",
    ShiftTaken = "shift.taken",
    SituationAlerted = "situation.alerted",
    SituationClosed = "situation.closed",
    LogNoted = "log.noted",
    MusterBegun = "muster.begun",
    MusterMarked = "muster.marked",
    MusterEnded = "muster.ended",
    SurveyPlanned = "survey.planned",
    SurveyBegun = "survey.begun",
    SurveyAnswered = "survey.answered",
    SurveyEnded = "survey.ended",
    SurveyClosed = "survey.closed",
    SurveyCalledOff = "survey.called-off",
    ReportMade = "report.made",
    // The gateway.
    GatewayStarted = "gateway.started",
    GatewayStopped = "gateway.stopped",
    JournalRecovered = "journal.recovered",
    JournalRestored = "journal.restored",
    JournalThinned = "journal.thinned",
    JournalExported = "journal.exported",
    RetentionChanged = "retention.changed",
    ClockStepped = "clock.stepped",
    RulesChanged = "rules.changed",
    PrinterTrouble = "printer.trouble",
    PrinterReady = "printer.ready",
    CommandAccepted = "command.accepted",
    CommandRefused = "command.refused",
    WatchListChanged = "watch-list.changed",
    CertificateExpiring = "certificate.expiring",
    CertificateRefused = "certificate.refused",
    DirectoryUpdated = "directory.updated",
    DirectoryRefused = "directory.refused",
    // Of people: erased, by age or because somebody asked for it; read out for one of them; held.
    PersonErased = "person.erased",
    PersonExported = "person.exported",
    HoldPlaced = "hold.placed",
    HoldLifted = "hold.lifted",
}

impl Kind {
    /// Goes to the office ahead of everything else after an outage.
    pub const fn is_urgent(self) -> bool {
        matches!(
            self,
            Kind::EmergencyRequested
                | Kind::EmergencyPlaced
                | Kind::EmergencyChosen
                | Kind::EmergencyGuardNamed
                | Kind::EmergencyCondition
                | Kind::EmergencyRelative
                | Kind::EmergencyAmbulance
                | Kind::EmergencySettled
                | Kind::EmergencyMoreHelp
                | Kind::EmergencyEnded
                | Kind::EmergencyCalledOff
                | Kind::HelpRequested
                | Kind::SituationAlerted
                | Kind::Duress
                | Kind::DoorForced
                | Kind::CallRinging
        )
    }

    /// What devices say day in, day out and nobody has to act on: kept for fewer days than what people did. No kind whose
    /// identity is `Latest`: the last record of such a series must stay, or it would be taken for a new one.
    pub const fn is_chatter(self) -> bool {
        matches!(
            self,
            Kind::AccessGranted
                | Kind::AccessDenied
                | Kind::AccessTaken
                | Kind::AccessNotTaken
                | Kind::AccessRequested
                | Kind::CredentialPresented
                | Kind::DoorOpened
                | Kind::DoorClosed
                | Kind::DoorNormal
                | Kind::LockLocked
                | Kind::LockUnlocked
                | Kind::TamperCleared
                | Kind::DeviceOnline
                | Kind::DeviceOffline
                | Kind::DeviceBoot
                | Kind::DeviceHeartbeat
                | Kind::DeviceUnmapped
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
        // Every row that is read has a kind, and there are some 170.
        static BY_NAME: LazyLock<HashMap<&str, Kind>> =
            LazyLock::new(|| Kind::ALL.iter().map(|kind| (kind.name(), *kind)).collect());
        BY_NAME.get(name).copied().ok_or_else(|| UnknownKind(name.to_owned()))
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

    #[test]
    fn nothing_urgent_is_chatter() {
        assert!(Kind::ALL.iter().all(|kind| !(kind.is_urgent() && kind.is_chatter())));
    }
}
