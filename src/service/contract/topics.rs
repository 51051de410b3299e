//! What travels beside events: commands and their results, the office's mark, status, door states, and what guards are asked and answer.
//! Decides nothing.

use super::common::Nothing;
use super::compare::Side;
use super::schema::Object;
use super::task::About;
use super::words::{NoCommand, ToDo};
use crate::service::directory::update;
use crate::service::office_command::{Draft, Invite, Name, NoArguments, Replay, notices, people, rules, ticket};
use crate::service::reply::Wire;
use crate::service::watch::Change;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One file of `docs/contract`.
pub struct Document {
    /// Below `docs/contract`.
    pub path: String,
    pub schema: Value,
    pub side: Side,
}

/// Every schema of the contract: a file for each kind, each command, each result and each other topic.
pub fn documents() -> Vec<Document> {
    let event = |one: &super::Declaration| Document {
        path: format!("events/{}.json", one.kind.name()),
        schema: one.message(),
        side: Side::Says,
    };
    let mut all: Vec<Document> = super::all().map(event).collect();
    all.extend(Name::ALL.into_iter().flat_map(|name| [command(name), result(name)]));
    all.push(of::<Status>("status", Side::Says, "How the gateway is: retained on `status`, and its last will."));
    all.push(of::<Door>("state", Side::Says, "How one door stands now: retained on `state/{door}`."));
    all.push(of::<Mark>("ack", Side::Takes, "What the office has on its own disk. Published on `ack`; not signed."));
    all.push(of::<Offered>("guards/offer", Side::Says, "A task that is put to a post, on `dispatch/{post}`."));
    all.push(of::<Open>(
        "guards/open",
        Side::Says,
        "A post's open tasks, oldest first: retained on `dispatch/{post}/open`.",
    ));
    all.push(of::<Answered>("guards/result", Side::Says, "What became of a reply, on `dispatch/{post}/result`."));
    all.push(of::<Wire>(
        "guards/reply",
        Side::Takes,
        "What a guard does with a task, on `dispatch/{post}/reply`, not retained.",
    ));
    all
}

fn of<T: JsonSchema>(name: &str, side: Side, about: &str) -> Document {
    document(name.to_owned(), Object::of::<T>(), side, about)
}

fn document(name: String, object: Object, side: Side, about: &str) -> Document {
    let mut schema = Value::from(object.text(about));
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["$id"] = json!(format!("urn:lobbyd:v1:{}", name.replace('/', ":")));
    schema["title"] = json!(name.replace('/', " "));
    Document { path: format!("{name}.json"), schema, side }
}

/// What is signed. What each command wants is its own.
fn command(name: Name) -> Document {
    let (arguments, about) = match name {
        Name::Ping => (Object::of::<NoArguments>(), "Are you there?"),
        Name::Replay => (Object::of::<Replay>(), "Send everything from a number on once more."),
        Name::Invite => (Object::of::<Invite>(), "Keep an invitation until its guest comes, or take one back."),
        Name::WatchList => (Object::of::<Change>(), "Set and remove entries of the watch-list, all of it or nothing."),
        Name::Directory => (Object::of::<update::Part>(), "A part of the directory: who lives where."),
        Name::Ticket => (Object::of::<ticket::Update>(), "A step of the central system with a ticket."),
        Name::Survey => (Object::of::<ticket::Survey>(), "Plan a survey."),
        Name::Staff => (Object::of::<people::Change>(), "Who works here, all of it or nothing."),
        Name::Notices => (Object::of::<notices::Change>(), "Notices, handbook entries and price lists."),
        Name::Rules => (Object::of::<rules::Change>(), "Figures, posts and shifts, in a version that was approved."),
        Name::Diagnose => (Object::of::<NoArguments>(), "What the machine and its log say; nobody's name."),
    };
    let mut draft = Object::of::<Draft>();
    draft.may_have("arguments", arguments);
    draft.may_have("command", Object::constant(name.as_str()));
    let about = format!(
        "{about} This is what is signed: on `cmd/{}` it travels as a compact JSON Web Signature.",
        name.as_str()
    );
    document(format!("commands/{}", name.as_str()), draft, Side::Takes, &about)
}

fn result(name: Name) -> Document {
    let told = match name {
        Name::Ping => Object::of::<Pong>(),
        Name::Replay => Object::of::<Replayed>(),
        Name::Invite => Object::of::<Nothing>(),
        Name::WatchList => Object::of::<Listed>(),
        Name::Directory => Object::of::<Taken>(),
        Name::Ticket => Object::of::<Moved>(),
        Name::Survey => Object::of::<Opened>(),
        Name::Staff => Object::of::<Staff>(),
        Name::Notices => Object::of::<Notices>(),
        Name::Rules => Object::of::<Ruled>(),
        Name::Diagnose => Object::of::<Diagnosis>(),
    };
    let mut result = Object::of::<Outcome>();
    result.may_have("command", Object::constant(name.as_str()));
    result.may_have("result", told.text("What is told where it was accepted."));
    let about = format!("What became of a command, on `cmd/{}/result`.", name.as_str());
    document(format!("commands/{}.result", name.as_str()), result, Side::Says, &about)
}

/// The answer to a command.
#[derive(JsonSchema)]
struct Outcome {
    /// The command's name.
    command: String,
    /// The command's id; null where nothing of it is believed.
    id: Option<String>,
    /// Whether it was carried out.
    accepted: bool,
    /// When.
    at: DateTime<Utc>,
    /// Why not.
    reason: Option<NoCommand>,
    /// The same for people.
    message: Option<String>,
    /// It was accepted, and the broker takes no packet as large as what was to be told: so many bytes of `result` were left out.
    left_out: Option<u64>,
}

#[derive(JsonSchema)]
struct Pong {
    /// The newest number.
    newest: u64,
    /// The journal's epoch.
    epoch: String,
}

#[derive(JsonSchema)]
struct Replayed {
    /// The first number that is sent again.
    from_seq: u64,
    /// The newest number.
    newest: u64,
    /// Numbers below are gone; all of them were acknowledged once.
    oldest: u64,
    /// Up to this number what devices say day in, day out is gone.
    thinned_through: u64,
}

#[derive(JsonSchema)]
struct Listed {
    /// Entries on the list now.
    entries: u64,
}

/// What has become of a part of a directory.
#[derive(JsonSchema)]
struct Taken {
    /// Whether the version holds now; before that parts are missing.
    in_force: bool,
    /// How many parts are missing, and the first of them.
    missing: Option<u64>,
    first_missing: Option<Vec<u64>>,
    /// What is in force.
    version: Option<String>,
    units: Option<u64>,
    vacant: Option<u64>,
    hosts: Option<u64>,
}

#[derive(JsonSchema)]
struct Moved {
    /// The ticket.
    number: String,
    /// Where it stands now.
    state: String,
    /// What a next step may name as `seen`.
    version: u64,
}

#[derive(JsonSchema)]
struct Opened {
    /// The ticket.
    number: String,
}

#[derive(JsonSchema)]
struct Staff {
    /// Members on the list now.
    staff: u64,
}

#[derive(JsonSchema)]
struct Notices {
    /// Entries in the folder now.
    entries: u64,
}

#[derive(JsonSchema)]
struct Ruled {
    /// The version that holds with the next beginning.
    version: u64,
    /// The one in force before.
    before: u64,
    /// The gateway begins anew by itself as soon as nobody is at the screen.
    renews: bool,
}

#[derive(JsonSchema)]
struct Diagnosis {
    /// As on the retained topic.
    status: Value,
    /// Load, memory, warmth, disk. What cannot be read is null.
    machine: Value,
    /// The version of the rules in force.
    rules: u64,
    /// The newest lines of the log since the daemon last began, the oldest first.
    log: Vec<String>,
}

/// What the office has.
#[derive(JsonSchema)]
struct Mark {
    /// Everything through this number; never back. `null`: the office marks no more, and what its broker has acknowledged counts again.
    seq: Through,
    /// Of this journal. A retained mark must name it; one that names another is ignored.
    epoch: Option<String>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(dead_code, reason = "only its schema is asked for")]
enum Through {
    Number(u64),
    NoMore(()),
}

/// How one door stands.
#[derive(JsonSchema)]
struct Door {
    /// The last word of the door's kind: `opened`, `closed`, `fault`.
    door: Option<String>,
    /// `locked`, `unlocked`, `jammed`.
    lock: Option<String>,
    /// `forced`, `held`, `normal`.
    alarm: Option<String>,
    /// `tamper`, `cleared`.
    tamper: Option<String>,
    /// `online`, `offline`.
    device: Option<String>,
    /// When the newest of them began.
    since: Option<DateTime<Utc>>,
}

/// How the gateway is.
#[derive(JsonSchema)]
struct Status {
    /// Whether it runs. `false` comes from the broker, or as a farewell.
    online: bool,
    /// `lost` or `stopped`, where it does not run.
    why: Option<String>,
    /// The machine's boot id: commands name it.
    boot: String,
    /// Of lobbyd.
    version: String,
    /// When it was started.
    started: DateTime<Utc>,
    journal: Option<Journal>,
    storage: Option<Storage>,
    relay: Option<Relay>,
    clock: Option<Clock>,
    /// `building`, `office` and, where there are posts, `guards`.
    links: Option<BTreeMap<String, Link>>,
    /// Where there is one.
    printer: Option<Link>,
    /// Where there is one.
    directory: Option<Directory>,
    /// The rules in force.
    rules: Option<InForce>,
    /// The certificate that ends first, of those that are configured.
    certificate: Option<Certificate>,
}

#[derive(JsonSchema)]
struct Directory {
    /// The version in force.
    version: String,
    units: u64,
    hosts: u64,
}

#[derive(JsonSchema)]
struct InForce {
    /// Of the figures of the service.
    version: u32,
    /// Newer ones were sent and wait, because a new beginning would fail: the log (`diagnose`) tells why.
    waiting: bool,
}

#[derive(JsonSchema)]
struct Certificate {
    /// Its key in the gateway's configuration.
    what: String,
    /// Its last moment.
    until: DateTime<Utc>,
}

#[derive(JsonSchema)]
struct Journal {
    /// Names the journal: `seq` counts within it.
    epoch: String,
    /// The newest number.
    newest: u64,
    /// The same with the hash of the chain up to it, `SEQ:HASH`. Whoever notes it notices a past that is written anew.
    head: Option<String>,
    /// Events that the office's broker has not acknowledged.
    unsent: u64,
    /// The oldest of them.
    oldest_unsent: Option<DateTime<Utc>>,
    /// What was put aside because nobody could read or send it.
    dead_letters: u64,
    /// Events whose person was erased, since there is a journal.
    persons_erased: Option<u64>,
    /// Since when the oldest that still has its person is kept.
    oldest_person: Option<DateTime<Utc>>,
    /// The damaged journal that this one goes on from.
    recovered_from: Option<String>,
}

#[derive(JsonSchema)]
struct Storage {
    /// Whether the journal can be written.
    ok: bool,
    /// Why not.
    fault: Option<String>,
    /// The disk will soon be full.
    nearly_full: bool,
    /// What the journal takes, MiB.
    mib: u64,
    /// What it may take, MiB.
    quota_mib: u64,
    /// What of that is kept for people, MiB.
    reserve_mib: u64,
    /// `free`, `reserve`: devices wait, `full`.
    level: String,
    /// `disk` or `quota`, where it is not free.
    why: String,
}

#[derive(JsonSchema)]
struct Relay {
    /// Events that wait in the urgent lane.
    urgent: u64,
    /// In the other.
    normal: u64,
    out_per_second: f64,
    in_per_second: f64,
    /// Until nothing waits, at this pace.
    drained_in_seconds: Option<u64>,
    /// Until the journal is full, at this pace.
    room_for_seconds: Option<u64>,
}

#[derive(JsonSchema)]
struct Clock {
    /// Whether the network has set it.
    synced: bool,
}

#[derive(JsonSchema)]
struct Link {
    /// Whether it is connected.
    up: bool,
    /// Why not.
    fault: Option<String>,
}

/// A task as a post sees it. Never a resident's or visitor's name.
#[derive(JsonSchema)]
struct Offered {
    /// What a reply names: `R-20261121-7/1`.
    task: String,
    /// The case's number as people say it.
    number: String,
    /// What kind of case.
    matter: String,
    /// What is to be done.
    errand: ToDo,
    /// `offered`, `claimed`, `arrived`.
    state: String,
    /// When it was offered.
    since: DateTime<Utc>,
    /// How far up its ladder it is.
    rung: u64,
    /// What it is about.
    facts: About,
    /// Who could be sent, best first: ids of staff.
    proposed: Option<Vec<String>>,
    /// Who has taken it.
    claimed_by: Option<String>,
    /// The number on his work card.
    badge: Option<String>,
    /// When he will be there.
    eta: Option<DateTime<Utc>>,
}

#[derive(JsonSchema)]
struct Open {
    post: String,
    /// At most 50.
    tasks: Vec<Offered>,
    /// How many more there are.
    more: u64,
    /// When the list was made.
    at: DateTime<Utc>,
}

#[derive(JsonSchema)]
struct Answered {
    /// The reply's id.
    id: Option<String>,
    /// The task that it named.
    task: Option<String>,
    /// Whether it was taken.
    accepted: bool,
    /// When.
    at: DateTime<Utc>,
    /// The state of the case now.
    state: Option<String>,
    /// Why not; docs/guards.md says what each means.
    reason: Option<String>,
    /// The same for people.
    message: Option<String>,
}
