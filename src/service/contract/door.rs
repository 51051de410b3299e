//! Doors, locks, intercoms and the devices themselves, as their profiles read them: what each kind says. Decides nothing.

use super::{Declaration, Of, declare};
use crate::event::Kind;

declare! {
    /// A credential was accepted at a reader. Nobody has gone through yet.
    AccessGranted: Of::Device;
    /// A credential was refused at a reader.
    AccessDenied: Of::Device;
    /// Whoever was let in has gone through.
    AccessTaken: Of::Device;
    /// Whoever was let in has not gone through.
    AccessNotTaken: Of::Device;
    /// Somebody inside asked to be let out: an exit button.
    AccessRequested: Of::Device;
    /// A credential was read, and the reader does not say what came of it.
    CredentialPresented: Of::Device;
    /// Somebody opened from afar: a panel, a page, a phone.
    UnlockRemote: Of::Device;
    /// The door's contact is open.
    DoorOpened: Of::Device;
    /// The door's contact is closed.
    DoorClosed: Of::Device;
    /// The door was opened and nobody was let in.
    DoorForced: Of::Device;
    /// The door stands open for longer than it should.
    DoorHeld: Of::Device;
    /// An alarm of the door is over.
    DoorNormal: Of::Device;
    /// The door's contact tells nothing that can be right.
    DoorFault: Of::Device;
    /// The lock is locked.
    LockLocked: Of::Device;
    /// The lock is unlocked.
    LockUnlocked: Of::Device;
    /// The lock can neither open nor close.
    LockJammed: Of::Device;
    /// Somebody opens or takes off a device.
    Tamper: Of::Device;
    /// The device is closed again.
    TamperCleared: Of::Device;
    /// Somebody opened under threat. Urgent.
    Duress: Of::Device;
    /// A device is there again.
    DeviceOnline: Of::Device;
    /// A device is gone.
    DeviceOffline: Of::Device;
    /// A device has started.
    DeviceBoot: Of::Device;
    /// A device says that it lives. Only the first after a silence is an event, as `device.online`.
    DeviceHeartbeat: Of::Device;
    /// A device said something that no profile knows: where and why, never what.
    DeviceUnmapped: Of::Device;
    /// A device asks for a new battery.
    BatteryLow: Of::Device;
    /// Somebody rings at a door. Urgent, and worth something for a minute: then it is sent as `call.missed`.
    CallRinging: Of::Device;
    /// A call was taken, at a panel or a phone.
    CallAnswered: Of::Device;
    /// A call is over.
    CallEnded: Of::Device;
    /// Nobody took a call; or a ring came too late to run for.
    CallMissed: Of::Device;
    /// A call was refused.
    CallRejected: Of::Device;
}
