//! What many kinds say alike: whose event it is, and who did it. Decides nothing.

use super::words::{Direction, NoAccess, Recognition, Via};
use schemars::JsonSchema;
use serde_json::Value;

/// No facts of its own.
#[derive(JsonSchema)]
pub(super) struct Nothing {}

/// Words of people, kept apart from the event.
#[derive(JsonSchema)]
pub(super) struct Text {
    /// In words.
    text: String,
}

/// The same where there may be none.
#[derive(JsonSchema)]
pub(super) struct MayText {
    /// In words.
    text: Option<String>,
}

/// Stars, 1 to 5.
#[derive(JsonSchema)]
pub(super) struct Stars {
    /// For the time that it took.
    #[schemars(range(min = 1, max = 5))]
    time: u8,
    /// For what came of it.
    #[schemars(range(min = 1, max = 5))]
    quality: u8,
    /// For how people were.
    #[schemars(range(min = 1, max = 5))]
    service: u8,
}

/// Every event of a case. `state` is added by [`super::Of`], with the states of that case.
#[derive(JsonSchema)]
pub(super) struct OfCase {
    /// As people say it, `R-1121-07`. With `day` it is unique beyond the year.
    number: String,
    /// The site's local day when the number was given, as 20261121.
    day: u32,
    /// Which one of that day and series, from 1.
    nth: u32,
    #[schemars(flatten)]
    who: Who,
}

/// What a person or a machine did.
#[derive(JsonSchema)]
pub(super) struct Who {
    /// By which way.
    via: Via,
    /// The member of staff, by id. Absent for people at the glass and for the daemon.
    by: Option<String>,
    /// The post at which he stands.
    post: Option<String>,
}

/// The same where a case may be named.
#[derive(JsonSchema)]
pub(super) struct WhoAtCase {
    #[schemars(flatten)]
    who: Who,
    /// The case's number, where there is one.
    number: Option<String>,
    /// The local day of that number.
    day: Option<u32>,
    /// Which one of that day.
    nth: Option<u32>,
}

/// The task that it is about, within its case.
#[derive(JsonSchema)]
pub(super) struct OfTask {
    /// The task's number within its case.
    task: u64,
    /// What is to be done.
    errand: super::words::ToDo,
}

/// A name in `person` of whatever staff did.
#[derive(JsonSchema)]
pub(super) struct ByName {
    /// The name of the member of staff.
    by_name: Option<String>,
}

/// What a device says, as its profile reads it. A value of which the profile promises no form is as the device gave it. A profile of a
/// site's own may add members.
#[derive(JsonSchema)]
pub(super) struct OfDevice {
    /// Where it was said.
    device: Origin,
    /// Who stood there, never in clear.
    credential: Option<Credential>,
    /// Why a door said no.
    reason: Option<NoAccess>,
    /// Which way somebody went.
    direction: Option<Direction>,
    /// By which means, in the device's words.
    method: Option<Value>,
    /// The device's own name of the call.
    call: Option<Value>,
    /// `true`: the device had stored it, or sends it once more. History, nothing of now.
    replayed: Option<bool>,
    /// Why nobody knows what it means (`device.unmapped`).
    why: Option<String>,
}

/// The device.
#[derive(JsonSchema)]
pub(super) struct Origin {
    /// The profile.
    product: String,
    /// The topic at the building broker; absent for what is wired to the gateway.
    topic: Option<String>,
    /// The device's own number of the record.
    record: Option<Value>,
    /// The line of a contact that is wired to the gateway.
    line: Option<String>,
}

/// What identified somebody.
#[derive(JsonSchema)]
pub(super) struct Credential {
    /// The same person's or card's at every reader of the site; nobody can turn it back. Absent for a PIN.
    r#ref: Option<String>,
    /// What it is.
    r#type: Option<Recognition>,
}
