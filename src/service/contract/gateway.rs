//! The gateway, its journal and its office: what each kind says. Decides nothing.

use super::words::{NoCommand, Step, Trouble};
use super::{Declaration, Of, declare};
use crate::event::Kind;
use crate::service::report::Report;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde_json::Value;

declare! {
    /// The figures of a day, a month or a quarter.
    ReportMade: Of::Gateway, ReportMade;
    /// lobbyd runs.
    GatewayStarted: Of::Gateway, GatewayStarted;
    /// lobbyd was stopped in order.
    GatewayStopped: Of::Gateway;
    /// The journal was damaged and a new one begun, with what could be read of the old one. The epoch is new.
    JournalRecovered: Of::Gateway, JournalRecovered;
    /// The journal goes on under a new epoch, from a copy or after a loss.
    JournalRestored: Of::Gateway, JournalRestored;
    /// There was little room: what devices said was deleted before its days were over.
    JournalThinned: Of::Gateway, JournalThinned;
    /// Somebody, or a timer, has taken a copy of the journal, with all names in it.
    JournalExported: Of::Gateway, JournalExported, Author;
    /// Events and persons are kept for other days than before.
    RetentionChanged: Of::Gateway, RetentionChanged;
    /// The gateway's clock was wrong and was set. Times of cases moved with it.
    ClockStepped: Of::Gateway, ClockStepped;
    /// The figures or texts of the rules have changed.
    RulesChanged: Of::Gateway, RulesChanged;
    /// No slips are printed.
    PrinterTrouble: Of::Gateway, PrinterTrouble;
    /// Slips are printed again.
    PrinterReady: Of::Gateway;
    /// A command of the office was recorded and is carried out.
    CommandAccepted: Of::Gateway, CommandAccepted, CommandAcceptedPerson;
    /// A command of the office was refused.
    CommandRefused: Of::Gateway, CommandRefused;
    /// The office has changed the watch-list.
    WatchListChanged: Of::Gateway, WatchListChanged;
    /// A certificate that this gateway uses ends within 30 days. Once a day for each file.
    CertificateExpiring: Of::Gateway, CertificateExpiring;
    /// A broker has shown a certificate that was not accepted: there is no connection. Once a day for each reason.
    CertificateRefused: Of::Gateway, CertificateRefused;
    /// Another version of the directory is in force.
    DirectoryUpdated: Of::Gateway, DirectoryUpdated;
    /// A version of the directory was thrown away; the one before is in force.
    DirectoryRefused: Of::Gateway, DirectoryRefused;
    /// People were erased: by age, or because somebody asked for it. The office clears the events that it names.
    PersonErased: Of::Gateway, PersonErased, MayAuthor;
    /// Somebody has taken a copy of what is known of one person.
    PersonExported: Of::Gateway, PersonExported, Author;
    /// A ticket, or one person, is kept from being erased.
    HoldPlaced: Of::Gateway, HoldPlaced, HoldPlacedPerson;
    /// It is so no more.
    HoldLifted: Of::Gateway, HoldLifted, MayAuthor;
}

/// `report.made`
#[derive(JsonSchema)]
struct ReportMade {
    /// The day `2026-11-21`, month `2026-11` or quarter `2026-Q4`.
    period: String,
    /// The figures; docs/console.md says what each of them counts.
    report: Report,
}

/// `gateway.started`
#[derive(JsonSchema)]
struct GatewayStarted {
    /// The machine's boot id.
    boot: String,
    /// The version.
    version: String,
}

/// What the new journal may lack.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ListLost {
    LegalHolds,
    WatchList,
}

/// `journal.recovered`
#[derive(JsonSchema)]
struct JournalRecovered {
    /// The file that holds the old journal.
    kept_as: String,
    /// Why.
    why: String,
    /// The epoch that it goes on from.
    from_epoch: Option<String>,
    /// Number and hash up to which the old journal was whole.
    from_head: Option<String>,
    /// Events that were brought over from the old journal.
    brought_over: u64,
    /// What could not be read.
    unreadable: u64,
    /// Events whose names could not be read.
    nameless: u64,
    /// Open cases that were brought over.
    open_cases: u64,
    /// Lists of which something could not be read: place the holds again, send the watch-list again.
    lists_lost: Vec<ListLost>,
    /// Whether more of the old journal follows.
    rest_waits: bool,
}

/// `journal.restored`
#[derive(JsonSchema)]
struct JournalRestored {
    /// The epoch that it goes on from.
    from_epoch: String,
    /// Up to this number the numbers are those of `from_epoch`.
    through: u64,
    /// Number and hash of the chain where it goes on; null where nothing was stored before.
    head: Option<String>,
    /// Events that the office may have and the gateway has not any more.
    events_missing: Option<u64>,
}

/// `journal.thinned`
#[derive(JsonSchema)]
struct JournalThinned {
    /// Number and hash of the chain before this event.
    head: Option<String>,
    /// `near`: the journal is near its quota; `reached`: devices wait; `low`: the disk is nearly full.
    why: String,
    /// The first number that was looked at.
    from: u64,
    /// The last one.
    through: u64,
    /// Events that were deleted between them.
    events: u64,
}

/// `journal.exported`
#[derive(JsonSchema)]
struct JournalExported {
    /// `export`: events as lines; `backup`: the journal with keys and lists.
    what: String,
    /// When; this event may be later, where lobbyd did not run.
    taken: DateTime<Utc>,
    /// How many events.
    events: u64,
    /// The first of them; null where there is none.
    from: Option<u64>,
    /// The last.
    through: Option<u64>,
    /// The name of the file, where it was not the journal in place.
    file: Option<String>,
    /// Whether the author has said his name (`author`) or is the system's user (`user`), as with a timer.
    by: String,
}

/// `retention.changed`
#[derive(JsonSchema)]
struct RetentionChanged {
    /// What held before.
    from: KeptDays,
    /// What holds from now on.
    to: KeptDays,
}

/// Days after which something is deleted.
#[derive(JsonSchema)]
struct KeptDays {
    /// What people did.
    events: u32,
    /// What devices say day in, day out.
    chatter: u32,
    /// Who visited.
    visits: u32,
    /// Everybody else.
    persons: u32,
}

/// `clock.stepped`
#[derive(JsonSchema)]
struct ClockStepped {
    /// Milliseconds, negative where it was set back.
    by_ms: i64,
    /// Open cases.
    cases: u64,
    /// Why.
    why: Step,
}

/// `rules.changed`
#[derive(JsonSchema)]
struct RulesChanged {
    /// The version before.
    from: u64,
    /// The version now.
    to: u64,
    /// Who has approved the rules.
    approved_by: Vec<String>,
    /// How many values have changed.
    changes: u64,
    /// The first of them.
    changed: Vec<Change>,
}

/// `printer.trouble`
#[derive(JsonSchema)]
struct PrinterTrouble {
    /// What is wrong with the printer.
    trouble: Trouble,
}

/// `command.accepted`
#[derive(JsonSchema)]
struct CommandAccepted {
    /// The command's name, as its topic says.
    command: String,
    /// The command's own id; absent or null where it cannot be believed.
    command_id: String,
    /// Who has signed the command: a system of the office; absent or null where nobody known has.
    signer: String,
}

/// `person` of `command.accepted`
#[derive(JsonSchema)]
struct CommandAcceptedPerson {
    /// Who asked, in the office's words.
    who: String,
}

/// `command.refused`
#[derive(JsonSchema)]
struct CommandRefused {
    /// The command's name; `unknown` where its topic names none that there is.
    command: String,
    /// The command's own id; absent or null where it cannot be believed.
    command_id: Option<String>,
    /// Why.
    reason: NoCommand,
    /// Who has signed the command: a system of the office; absent or null where nobody known has.
    signer: Option<String>,
}

/// `certificate.expiring`
#[derive(JsonSchema)]
struct CertificateExpiring {
    /// Its key in the gateway's configuration, such as `office.cert`.
    what: String,
    /// Its last moment.
    until: DateTime<Utc>,
    /// Whole days until then; below zero when it has ended.
    days: i64,
}

/// `certificate.refused`
#[derive(JsonSchema)]
struct CertificateRefused {
    /// Whose: `building`, `office`.
    link: String,
    /// `wrong-name`, `unknown-authority`, `expired`, `not-yet-valid`, `not-acceptable`.
    reason: String,
}

/// `directory.updated`
#[derive(JsonSchema)]
struct DirectoryUpdated {
    /// The office's name for it; `table-…` where it was imported.
    version: String,
    /// Units in it.
    units: u64,
    /// Units in which nobody lives.
    vacant: u64,
    /// People who may be called for a visitor.
    hosts: u64,
}

/// `directory.refused`
#[derive(JsonSchema)]
struct DirectoryRefused {
    /// The version that was sent.
    version: String,
    /// As in the result of the command.
    reason: NoCommand,
}

/// `person.erased`
#[derive(JsonSchema)]
struct PersonErased {
    /// `age`, or `request`.
    why: String,
    /// Events that had somebody.
    persons: u64,
    /// Tickets: how many (`age`), or their numbers (`request`).
    cases: Value,
    /// Copies, backups and damaged journals that went (`age`).
    files: Option<u64>,
    /// Who it was: a keyed hash of the number.
    person_ref: Option<String>,
    /// One erasure with many events comes in parts.
    part: Option<u64>,
    parts: Option<u64>,
    /// Entries of the watch-list.
    watched: Option<u64>,
    /// Invitations that were said to be his.
    invitations: Option<u64>,
    /// Their ids, as the subject of `invitation.stored`: do not hand these over again, or their names come back.
    erased_invitations: Option<Vec<String>>,
    /// What was not erased, and why: `when-closed`, `open`, `held`, `namesake`.
    stay: Option<Vec<Stays>>,
    /// Ids of the events whose `person` the office should clear.
    erased_events: Option<Vec<String>>,
}

/// What was not erased.
#[derive(JsonSchema)]
struct Stays {
    /// The ticket; or `watch:ID`, an entry of the watch-list, or `invitation:ID`.
    number: String,
    /// `when-closed`: his own, and erased with its end. `open`: another's. `held`, or `namesake`: it has his name alone.
    why: String,
}

/// `person` of what somebody may have done.
#[derive(JsonSchema)]
struct MayAuthor {
    /// Who did it.
    author: Option<String>,
}

/// `person` of what somebody has done.
#[derive(JsonSchema)]
struct Author {
    /// Who did it.
    author: String,
}

/// `person.exported`
#[derive(JsonSchema)]
struct PersonExported {
    /// Who it is: a keyed hash of the number.
    person_ref: Option<String>,
    /// How many events the copy has.
    events: u64,
    /// How many tickets.
    cases: u64,
}

/// `hold.placed`
#[derive(JsonSchema)]
struct HoldPlaced {
    /// Of the hold.
    id: String,
    /// The ticket that is held.
    case: Option<String>,
    /// The person who is held: a keyed hash of the number.
    person_ref: Option<String>,
    /// Its last moment.
    until: DateTime<Utc>,
}

/// `person` of `hold.placed`
#[derive(JsonSchema)]
struct HoldPlacedPerson {
    /// Who has placed it.
    author: String,
    /// Why.
    reason: String,
}

/// `hold.lifted`
#[derive(JsonSchema)]
struct HoldLifted {
    /// Of the hold.
    id: String,
    /// `lifted` by somebody, or `ended` by itself.
    why: String,
}

/// `watch-list.changed`
#[derive(JsonSchema)]
struct WatchListChanged {
    /// Entries on the list now.
    entries: u64,
    /// Entries that were removed.
    removed: u64,
    /// Entries that were set.
    set: u64,
    /// When the first of the entries ends.
    first_end: Option<DateTime<Utc>>,
}

/// One value of the rules.
#[derive(JsonSchema)]
struct Change {
    /// Which, as a path into the rules.
    key: String,
    /// What it was; null where there was none.
    old: Value,
    /// What it is; null where there is none.
    new: Value,
}
