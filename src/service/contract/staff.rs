//! The staff and their page: what each kind says. Decides nothing.

use super::words::{EndOfSession, Lock, StaffChange, StaffRole, Via};
use super::{Declaration, MayText, Of, declare};
use crate::event::Kind;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;

declare! {
    /// Somebody asked for something that was not done. Nothing has changed.
    RequestRefused: Of::PersonAtCase, RequestRefused;
    /// Too many wrong codes came from one place: it has to wait.
    CodeGuessed: Of::Person, CodeGuessed;
    /// Somebody signed in on the guards' page.
    StaffSignedIn: Of::Gateway, StaffSignedIn;
    /// A session on the guards' page is over.
    StaffSignedOut: Of::Gateway, StaffSignedOut;
    /// A wrong secret on the guards' page.
    StaffRefused: Of::Gateway, StaffRefused;
    /// Too many wrong secrets: nobody can sign in under this id for a while.
    StaffLockedOut: Of::Gateway, StaffRefused;
    /// The list of staff has changed.
    StaffChanged: Of::Gateway, StaffChanged;
    /// Somebody has looked at what is known of people.
    RecordViewed: Of::PersonAtCase, RecordViewed;
    /// Somebody has taken a copy of it.
    RecordExported: Of::Person, RecordExported;
    /// Somebody has handed over his shift.
    ShiftClosed: Of::Person, ShiftClosed, MayText;
    /// Somebody has taken over a post.
    ShiftTaken: Of::Person;
    /// A line of the day's log.
    LogNoted: Of::Person, LogNoted, LogNotedPerson;
    /// Everybody must leave the building: heads are counted.
    MusterBegun: Of::Person, MusterBegun;
    /// Somebody is there, or not.
    MusterMarked: Of::Person, MusterMarked;
    /// The counting is over.
    MusterEnded: Of::Person, MusterEnded;
}

/// `request.refused`
#[derive(JsonSchema)]
struct RequestRefused {
    /// Why; the words of the state that it met.
    reason: String,
    /// What was asked for, where it belongs to no case.
    what: Option<String>,
}

/// `code.guessed`
#[derive(JsonSchema)]
struct CodeGuessed {
    /// Seconds to wait.
    wait_seconds: u64,
    /// Which codes.
    what: Lock,
}

/// `staff.signed-in`
#[derive(JsonSchema)]
struct StaffSignedIn {
    /// The member of staff, by id; null where there is none with that id.
    staff: String,
    /// The role.
    role: StaffRole,
    /// Post.
    post: Option<String>,
}

/// `staff.signed-out`
#[derive(JsonSchema)]
struct StaffSignedOut {
    /// The member of staff, by id; null where there is none with that id.
    staff: String,
    /// Why.
    why: EndOfSession,
}

/// `staff.refused`
#[derive(JsonSchema)]
struct StaffRefused {
    /// The member of staff, by id; null where there is none with that id.
    staff: Option<String>,
    /// Until when.
    until: Option<DateTime<Utc>>,
}

/// `staff.changed`
#[derive(JsonSchema)]
struct StaffChanged {
    /// By which way, where somebody did it himself.
    via: Option<Via>,
    /// Who, by id.
    by: Option<String>,
    /// The post at which he stands.
    post: Option<String>,
    /// The role.
    role: StaffRole,
    /// The member of staff, by id; null where there is none with that id.
    staff: String,
    /// What has changed.
    what: StaffChange,
}

/// `record.viewed`
#[derive(JsonSchema)]
struct RecordViewed {
    /// What was looked at.
    what: String,
    /// How many, or how often.
    count: Option<u64>,
    /// How many people a search has found.
    found: Option<u64>,
    /// Which month, 1 to 12.
    month: Option<u64>,
    /// The id of the entry.
    entry: Option<String>,
    /// Numbers of cases.
    numbers: Option<Vec<String>>,
}

/// `record.exported`
#[derive(JsonSchema)]
struct RecordExported {
    /// How many, or how often.
    count: Option<u64>,
    /// From this number of the journal.
    from: Option<u64>,
    /// How many lines.
    lines: Option<u64>,
    /// Which month, 1 to 12.
    month: Option<u64>,
    /// To this number of the journal.
    to: Option<u64>,
    /// What was copied.
    what: Option<String>,
}

/// `shift.closed`
#[derive(JsonSchema)]
struct ShiftClosed {
    /// Numbers of cases.
    numbers: Vec<String>,
    /// How many cases are open at the post.
    open: u64,
}

/// `log.noted`
#[derive(JsonSchema)]
struct LogNoted {
    /// Which line of how many.
    item: u64,
    /// Lines that were written at once.
    items: u64,
    /// The flat or office.
    unit: Option<String>,
    /// The ticket.
    ticket: Option<String>,
}

/// `person` of `log.noted`
#[derive(JsonSchema)]
struct LogNotedPerson {
    /// What was said, in words.
    text: Option<String>,
    /// The name.
    name: Option<String>,
    /// The phone number.
    phone: Option<String>,
}

/// `muster.begun`
#[derive(JsonSchema)]
struct MusterBegun {
    /// Whether it is only a drill.
    drill: bool,
}

/// `muster.marked`
#[derive(JsonSchema)]
struct MusterMarked {
    /// Whether it is only a drill.
    drill: bool,
    /// Who, as the list of the muster names him.
    key: String,
    /// Whether he is there.
    present: bool,
}

/// `muster.ended`
#[derive(JsonSchema)]
struct MusterEnded {
    /// Whether it is only a drill.
    drill: bool,
    /// How many were there.
    present: u64,
}
