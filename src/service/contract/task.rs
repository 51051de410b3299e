//! Dispatch, promises and what is done with any case: what each kind says. Decides nothing.

use super::words::{
    Alarm, Ambulance, Cause, Channel, Choice, Class, Danger, Extent, Gathering, KnownBy, Level, NoReason, Obstacle,
    Promised, Purpose, Scope, Seen, ToDo,
};
use super::{ANY, Declaration, MayText, Nothing, Of, Text, declare};
use crate::event::Kind;
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde_json::Value;

declare! {
    /// Posts are asked to do something.
    TaskOffered: Of::Task, TaskOffered;
    /// Who could be given it, best first.
    TaskProposed: Of::Case(ANY), TaskProposed;
    /// Nobody has taken it: more posts are asked.
    TaskClimbed: Of::Task, TaskClimbed;
    /// Somebody has taken it.
    TaskClaimed: Of::Task, TaskClaimed, TaskClaimedPerson;
    /// Whoever had taken it did not do it: it is offered again.
    TaskLapsed: Of::Task;
    /// A post has said no.
    TaskDeclined: Of::Task, TaskDeclined, MayText;
    /// Whoever has taken it is there.
    TaskArrived: Of::Task, TaskArrived;
    /// Everybody who can be asked has been, and is asked again.
    TaskReminded: Of::Task, TaskReminded;
    /// It is done.
    TaskDone: Of::Task, TaskDone, MayText;
    /// Nobody took it, and now it is too late.
    TaskMissed: Of::Task;
    /// It need not be done any more.
    TaskCancelled: Of::Task, TaskCancelled;
    /// A clock runs: something was promised by a time.
    PromiseGiven: Of::Case(ANY), PromiseGiven;
    /// The time is nearly up.
    PromiseWarned: Of::Case(ANY), PromiseGiven;
    /// The time is up, and the promise was not kept.
    PromiseBreached: Of::Case(ANY), PromiseGiven;
    /// It was kept, perhaps late.
    PromiseKept: Of::Case(ANY), PromiseKept;
    /// Nobody is bound by it any more.
    PromiseReleased: Of::Case(ANY), PromiseReleased;
    /// The clock stands still for an obstacle.
    PromisePaused: Of::Case(ANY), PromisePaused, Text;
    /// The clock runs again.
    PromiseResumed: Of::Case(ANY), PromiseGiven;
    /// A note for the staff.
    CaseNoted: Of::Case(ANY), Nothing, Text;
    /// Whoever brought it asks to hurry.
    CaseChased: Of::Case(ANY);
    /// Whoever brought it does not want it any more.
    CaseWithdrawn: Of::Case(ANY), Nothing, MayText;
    /// Whoever it is about was called, written to or visited.
    ContactMade: Of::Case(ANY), ContactMade, MayText;
}

/// `task.offered`
#[derive(JsonSchema)]
struct TaskOffered {
    /// The posts that are asked.
    posts: Vec<String>,
}

/// `task.proposed`
#[derive(JsonSchema)]
struct TaskProposed {
    /// The task's number within its case.
    task: u64,
    /// What is to be done.
    errand: ToDo,
    /// Ids of staff, best first.
    proposed: Vec<String>,
}

/// `task.climbed`
#[derive(JsonSchema)]
struct TaskClimbed {
    /// The posts that are asked.
    posts: Vec<String>,
    /// Which rung of the ladder, from 0.
    rung: u64,
    /// Why.
    why: String,
}

/// `task.claimed`
#[derive(JsonSchema)]
struct TaskClaimed {
    /// When it was taken, to the minute.
    accepted_at: String,
    /// When whoever took it will be there.
    eta: Option<DateTime<Utc>>,
    /// The member of staff to whom it was given.
    given_to: Option<String>,
    /// Whether somebody relieves him at his post.
    relief: Option<bool>,
}

/// `person` of `task.claimed`
#[derive(JsonSchema)]
struct TaskClaimedPerson {
    /// Who has taken it.
    accepted_by: String,
    /// Who stands at his post meanwhile.
    relief: Option<String>,
}

/// `task.declined`
#[derive(JsonSchema)]
struct TaskDeclined {
    /// Why.
    reason: NoReason,
}

/// `task.arrived`
#[derive(JsonSchema)]
struct TaskArrived {
    /// By which way it came, or was told.
    channel: Seen,
}

/// `task.reminded`
#[derive(JsonSchema)]
struct TaskReminded {
    /// The posts that are asked.
    posts: Vec<String>,
    /// Which reminder.
    reminder: u64,
    /// Why.
    why: String,
}

/// `task.done`
#[derive(JsonSchema)]
struct TaskDone {
    /// By which way it came, or was told.
    channel: Option<Channel>,
    /// What came of it.
    outcome: Option<String>,
}

/// `task.cancelled`
#[derive(JsonSchema)]
struct TaskCancelled {
    /// Why.
    why: String,
}

/// `promise.given`
#[derive(JsonSchema)]
struct PromiseGiven {
    /// Until when it is promised.
    due: DateTime<Utc>,
    /// When it was promised.
    given: DateTime<Utc>,
    /// What was promised.
    promise: Promised,
    /// The task's number within its case.
    task: Option<u64>,
    /// What the clock waits for, where it stands still.
    obstacle: Option<Obstacle>,
    /// Until when it stands still.
    until: Option<DateTime<Utc>>,
}

/// `promise.kept`
#[derive(JsonSchema)]
struct PromiseKept {
    /// Until when it is promised.
    due: DateTime<Utc>,
    /// When it was promised.
    given: DateTime<Utc>,
    /// Whether it came too late.
    late: bool,
    /// What was promised.
    promise: Promised,
    /// The task's number within its case.
    task: Option<u64>,
    /// What the clock waits for, where it stands still.
    obstacle: Option<Obstacle>,
    /// Until when it stands still.
    until: Option<DateTime<Utc>>,
}

/// `promise.released`
#[derive(JsonSchema)]
struct PromiseReleased {
    /// Until when it is promised.
    due: DateTime<Utc>,
    /// When it was promised.
    given: DateTime<Utc>,
    /// What was promised.
    promise: Promised,
    /// The task's number within its case.
    task: Option<u64>,
    /// Why.
    why: String,
    /// What the clock waits for, where it stands still.
    obstacle: Option<Obstacle>,
    /// Until when it stands still.
    until: Option<DateTime<Utc>>,
}

/// `promise.paused`
#[derive(JsonSchema)]
struct PromisePaused {
    /// What the clock waits for.
    obstacle: Obstacle,
    /// What was promised.
    promise: Promised,
    /// Until when.
    until: DateTime<Utc>,
}

/// `contact.made`
#[derive(JsonSchema)]
struct ContactMade {
    /// By which way it came, or was told.
    channel: Channel,
    /// Whether it was a visit at home.
    home: Option<bool>,
}

/// What a task is about, as its case told it: whichever of these belong to it.
#[derive(JsonSchema)]
pub(super) struct About {
    /// What it is about: the number of a task, or the name of a check.
    about: Option<Value>,
    /// What kind of alarm.
    alarm: Option<Alarm>,
    /// How far the ambulance is.
    ambulance: Option<Ambulance>,
    /// Answers so far.
    answers: Option<u64>,
    /// When, or which checkpoint.
    at: Option<DateTime<Utc>>,
    /// Whether somebody is at home.
    at_home: Option<bool>,
    /// The post that it is about.
    at_post: Option<String>,
    /// Whether it came by phone.
    by_phone: Option<bool>,
    /// What it is about.
    category: Option<String>,
    /// Why it came to this.
    cause: Option<Cause>,
    /// By which way it came, or was told.
    channel: Option<String>,
    /// What was chosen for the patient.
    choice: Option<Choice>,
    /// What kind of complaint.
    class: Option<Class>,
    /// The department that it concerns.
    concerns: Option<String>,
    /// How many, or how often.
    count: Option<u64>,
    /// What is dangerous about it.
    danger: Option<Danger>,
    /// The department.
    department: Option<String>,
    /// The member of staff who did it, by id.
    done_by: Option<String>,
    /// The door.
    door: Option<String>,
    /// The day by which it shall be done.
    due_day: Option<NaiveDate>,
    /// Earlier visits of the same name and phone number.
    earlier_visits: Option<u64>,
    /// The id of the entry.
    entry: Option<String>,
    /// Which finding, from 1.
    finding: Option<u64>,
    /// From when.
    from: Option<String>,
    /// A meeting or an activity.
    gathering: Option<Gathering>,
    /// Which of two guards.
    guard: Option<u64>,
    /// People, with those who came along.
    heads: Option<u64>,
    /// The invitation's id, or why it was no good.
    invitation: Option<String>,
    /// How many keys.
    keys: Option<u64>,
    /// How somebody was known.
    known_by: Option<KnownBy>,
    /// The day of the last visit.
    last_visit: Option<NaiveDate>,
    /// When the things leave.
    leaves_at: Option<DateTime<Utc>>,
    /// How heavy.
    level: Option<Level>,
    /// How many lines.
    lines: Option<u64>,
    /// Whether it is a heavy one.
    major: Option<bool>,
    /// Whether nobody is needed any more.
    not_needed: Option<bool>,
    /// Which occurrence of this alarm, from 1.
    occurrence: Option<u64>,
    /// The day or month that it is about.
    of: Option<NaiveDate>,
    /// Whether it was our fault.
    own_fault: Option<bool>,
    /// How many things.
    pieces: Option<u64>,
    /// Where.
    place: Option<String>,
    /// How many places there are.
    places: Option<u64>,
    /// How often it was rung.
    presses: Option<u64>,
    /// `high`: before others.
    priority: Option<String>,
    /// What was promised.
    promise: Option<Promised>,
    /// Why the visitor comes.
    purpose: Option<Purpose>,
    /// What must be said, as codes.
    remind: Option<Vec<String>>,
    /// Whether it comes again after a short time.
    repeated: Option<bool>,
    /// The figures.
    report: Option<String>,
    /// The round's name.
    round: Option<String>,
    /// In a home or in a common part.
    scope: Option<Scope>,
    /// Whether nothing may be heard of it.
    silent: Option<bool>,
    /// A short one or the year's.
    survey: Option<Extent>,
    /// Until when, or to whom.
    to: Option<String>,
    /// Which try.
    tries: Option<u64>,
    /// The flat or office.
    unit: Option<String>,
    /// Until when.
    until: Option<DateTime<Utc>>,
    /// Which use.
    r#use: Option<u64>,
    /// How many uses it has.
    uses: Option<u64>,
    /// The visit's number.
    visit: Option<String>,
    /// The local day of that visit's number.
    visit_day: Option<u64>,
    /// What it is.
    what: Option<String>,
    /// Why.
    why: Option<String>,
    /// Whether it is to be in writing.
    written: Option<bool>,
}
