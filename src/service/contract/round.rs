//! Calls and alarms as cases, rounds, checks, posts that are silent: what each kind says. Decides nothing.

use super::words::{Alarm, AlarmOver, BackFromShelf, CallOver, Check, NotWalked};
use super::{Declaration, MayText, Of, Text, declare};
use crate::event::Kind;
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;

/// The states of such a case.
const CALL: &[&str] = &["ringing", "claimed", "connected", "missed", "closed"];

/// The states of such a case.
const ALARM: &[&str] = &["unacknowledged", "acknowledged", "returned-unacknowledged", "shelved", "closed"];

/// The states of such a case.
const PATROL: &[&str] = &["due", "walking", "walked", "missed", "closed"];

/// The states of such a case.
const CHECK: &[&str] = &["due", "closed"];

/// The states of such a case.
const POST: &[&str] = &["silent", "seen", "closed"];

declare! {
    /// A ring needs somebody: a case of its own.
    CallOpened: Of::Case(CALL), CallOpened;
    /// Rung again at the same door.
    CallRepeated: Of::Case(CALL), CallRepeated;
    /// The call is over.
    CallClosed: Of::Case(CALL), CallClosed;
    /// A door or device raises an alarm that somebody must look after.
    AlarmRaised: Of::Case(ALARM), AlarmRaised;
    /// The same alarm came again.
    AlarmRepeated: Of::Case(ALARM), AlarmRepeated;
    /// Somebody has seen it.
    AlarmAcknowledged: Of::Case(ALARM), AlarmAcknowledged;
    /// The cause is gone.
    AlarmReturned: Of::Case(ALARM), AlarmReturned;
    /// It is put aside for a time.
    AlarmShelved: Of::Case(ALARM), AlarmShelved, Text;
    /// It is back.
    AlarmUnshelved: Of::Case(ALARM), AlarmUnshelved;
    /// The alarm is over.
    AlarmClosed: Of::Case(ALARM), AlarmClosed, MayText;
    /// A round must be walked.
    PatrolDue: Of::Case(PATROL), PatrolDue;
    /// Somebody walks it.
    PatrolStarted: Of::Case(PATROL);
    /// Somebody was at a checkpoint.
    PatrolCheckpoint: Of::Case(PATROL), PatrolCheckpoint;
    /// Something was found on the way.
    PatrolFinding: Of::Case(PATROL), PatrolFinding, Text;
    /// The round is walked.
    PatrolFinished: Of::Case(PATROL), PatrolFinished;
    /// Nobody walked it in time.
    PatrolMissed: Of::Case(PATROL), PatrolMissed;
    /// Something must be looked at and signed: a day, a month, a list.
    CheckDue: Of::Case(CHECK), CheckDue;
    /// It was looked at and signed.
    CheckSigned: Of::Case(CHECK), CheckSigned, MayText;
    /// It is out of the way without a signature: looked at, done otherwise, or over.
    CheckClosed: Of::Case(CHECK), CheckClosed;
    /// Nothing is heard from a post.
    PostSilent: Of::Case(POST), PostSilent;
    /// Something is heard again.
    PostHeard: Of::Case(POST), PostHeard;
}

/// `call.opened`
#[derive(JsonSchema)]
struct CallOpened {
    /// The door.
    door: String,
    /// The flat that was rung for, where the panel says so.
    unit: Option<String>,
    /// Whether it came too late.
    late: bool,
}

/// `call.repeated`
#[derive(JsonSchema)]
struct CallRepeated {
    /// How often it was rung.
    presses: u64,
}

/// `call.closed`
#[derive(JsonSchema)]
struct CallClosed {
    /// What came of it.
    outcome: Option<String>,
    /// How often it was rung.
    presses: u64,
    /// Why.
    why: CallOver,
}

/// `alarm.raised`
#[derive(JsonSchema)]
struct AlarmRaised {
    /// What kind of alarm.
    alarm: Alarm,
    /// Times it was raised so far.
    count: u64,
    /// The door.
    door: String,
    /// Which occurrence of this alarm, from 1.
    occurrence: u64,
    /// Whether nothing may be heard of it.
    silent: bool,
}

/// `alarm.repeated`
#[derive(JsonSchema)]
struct AlarmRepeated {
    /// Whether it comes and goes so often that it no longer rings.
    chattering: bool,
    /// Times it was raised so far.
    count: u64,
    /// Which occurrence of this alarm, from 1.
    occurrence: Option<u64>,
}

/// `alarm.acknowledged`
#[derive(JsonSchema)]
struct AlarmAcknowledged {
    /// Which occurrence of this alarm, from 1.
    occurrence: u64,
}

/// `alarm.returned`
#[derive(JsonSchema)]
struct AlarmReturned {
    /// Whether it comes and goes so often that it no longer rings.
    chattering: bool,
}

/// `alarm.shelved`
#[derive(JsonSchema)]
struct AlarmShelved {
    /// Until when.
    until: DateTime<Utc>,
}

/// `alarm.unshelved`
#[derive(JsonSchema)]
struct AlarmUnshelved {
    /// Which occurrence of this alarm, from 1.
    occurrence: u64,
    /// Why.
    why: BackFromShelf,
}

/// `alarm.closed`
#[derive(JsonSchema)]
struct AlarmClosed {
    /// Times it was raised.
    count: u64,
    /// Why.
    why: AlarmOver,
}

/// `patrol.due`
#[derive(JsonSchema)]
struct PatrolDue {
    /// The day or month that it is about.
    of: NaiveDate,
    /// The round's name.
    round: String,
    /// Until when it must be begun.
    until: DateTime<Utc>,
}

/// `patrol.checkpoint`
#[derive(JsonSchema)]
struct PatrolCheckpoint {
    /// The checkpoint.
    at: String,
    /// Checkpoints passed.
    checkpoints: u64,
}

/// `patrol.finding`
#[derive(JsonSchema)]
struct PatrolFinding {
    /// The department that it concerns.
    concerns: Option<String>,
    /// Which finding, from 1.
    finding: u64,
    /// Where.
    place: String,
}

/// `patrol.finished`
#[derive(JsonSchema)]
struct PatrolFinished {
    /// Checkpoints passed.
    checkpoints: u64,
    /// How many were found.
    findings: u64,
}

/// `patrol.missed`
#[derive(JsonSchema)]
struct PatrolMissed {
    /// Why.
    why: NotWalked,
}

/// `check.due`
#[derive(JsonSchema)]
struct CheckDue {
    /// What it is about: the number of a task, or the name of a check.
    about: Check,
    /// The day or month that it is about.
    of: NaiveDate,
    /// Their numbers, the first of them.
    open: Vec<String>,
    /// How many cases were open.
    open_count: u64,
    /// Until when it must be signed.
    until: DateTime<Utc>,
}

/// `check.signed`
#[derive(JsonSchema)]
struct CheckSigned {
    /// What it is about: the number of a task, or the name of a check.
    about: Check,
    /// The day or month that it is about.
    of: NaiveDate,
    /// Their numbers, the first of them.
    open: Vec<String>,
    /// How many cases were open.
    open_count: u64,
    /// Whether the windows are shut.
    windows: bool,
}

/// `check.closed`
#[derive(JsonSchema)]
struct CheckClosed {
    /// What it is about: the number of a task, or the name of a check.
    about: Check,
    /// The day or month that it is about.
    of: NaiveDate,
}

/// `post.silent`
#[derive(JsonSchema)]
struct PostSilent {
    /// The post that it is about.
    at_post: String,
    /// Minutes of silence.
    minutes: u64,
}

/// `post.heard`
#[derive(JsonSchema)]
struct PostHeard {
    /// The post that it is about.
    at_post: String,
}
