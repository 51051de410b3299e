//! Keys that residents leave with us, and passes for what leaves the house: what each kind says. Decides nothing.

use super::words::{KeepingOver, Key, Language, NoKeys, Signed, Source};
use super::{Declaration, Nothing, Of, declare};
use crate::event::Kind;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;

/// The states of such a case.
const KEY: &[&str] = &["requested", "consented", "deposited", "collected", "closed"];

/// The states of such a case.
const PASS: &[&str] = &["requested", "approved", "refused", "used", "expired", "withdrawn"];

declare! {
    /// A resident leaves keys with us.
    KeyRequested: Of::Case(KEY), KeyRequested, KeyRequestedPerson;
    /// He has signed for it.
    KeyConsented: Of::Case(KEY), KeyConsented;
    /// The keys are in their slot.
    KeyDeposited: Of::Case(KEY), KeyDeposited;
    /// The keys were not given out.
    KeyRefused: Of::Case(KEY), KeyRefused;
    /// Somebody else may fetch them.
    KeyCollectorNamed: Of::Case(KEY), KeyCollectorNamed, Collectors;
    /// The keys were given out.
    KeyCollected: Of::Case(KEY), KeyCollected, KeyCollectedPerson;
    /// The keys are back.
    KeyReturned: Of::Case(KEY), KeyReturned;
    /// The keeping is over.
    KeyClosed: Of::Case(KEY), KeyClosed;
    /// A resident wants to take things out.
    PassRequested: Of::Case(PASS), PassRequested, PassRequestedPerson;
    /// It was approved.
    PassApproved: Of::Case(PASS), Nothing, PassApprovedPerson;
    /// It was refused.
    PassRefused: Of::Case(PASS), Nothing, PassRefusedPerson;
    /// A guard compared the things with the list.
    PassChecked: Of::Case(PASS), PassChecked;
    /// The things have gone out. A pass is good for once.
    PassUsed: Of::Case(PASS);
    /// Nobody used it in time.
    PassExpired: Of::Case(PASS);
}

/// `key.requested`
#[derive(JsonSchema)]
struct KeyRequested {
    /// How it came in.
    channel: Source,
    /// How many keys.
    keys: u64,
    /// The language at the glass.
    language: Language,
    /// The flat or office.
    unit: String,
}

/// `person` of `key.requested`
#[derive(JsonSchema)]
struct KeyRequestedPerson {
    /// How they are fetched.
    collection: String,
    #[schemars(flatten)]
    collectors: Collectors,
    /// The name.
    name: String,
    /// The phone number.
    phone: String,
    /// Why.
    reason: String,
}

/// `key.consented`
#[derive(JsonSchema)]
struct KeyConsented {
    /// How it was signed.
    signed: Signed,
}

/// `key.deposited`
#[derive(JsonSchema)]
struct KeyDeposited {
    /// How the resident has his copy.
    copy: Key,
    /// Where the keys hang.
    slot: String,
}

/// `key.refused`
#[derive(JsonSchema)]
struct KeyRefused {
    /// Why.
    why: NoKeys,
}

/// `key.collector-named`
#[derive(JsonSchema)]
struct KeyCollectorNamed {
    /// Which collector, from 1.
    collector: u64,
}

/// `key.collected`
#[derive(JsonSchema)]
struct KeyCollected {
    /// When the keys shall be back.
    back_by: Option<DateTime<Utc>>,
    /// Whether the keys do not come back.
    for_good: bool,
    /// Whether a document was looked at.
    id_checked: bool,
    /// Who has them.
    who: Collected,
}

/// `person` of `key.collected`
#[derive(JsonSchema)]
struct KeyCollectedPerson {
    /// The end of the document's number.
    id_tail: String,
}

/// `key.returned`
#[derive(JsonSchema)]
struct KeyReturned {
    /// Where the keys hang.
    slot: String,
}

/// `key.closed`
#[derive(JsonSchema)]
struct KeyClosed {
    /// Why.
    why: KeepingOver,
}

/// `pass.requested`
#[derive(JsonSchema)]
struct PassRequested {
    /// How it came in.
    channel: Source,
    /// The language at the glass.
    language: Language,
    /// When the things leave.
    leaves_at: DateTime<Utc>,
    /// How many lines.
    lines: u64,
    /// How many things.
    pieces: u64,
    /// The flat or office.
    unit: String,
}

/// `person` of `pass.requested`
#[derive(JsonSchema)]
struct PassRequestedPerson {
    /// The things.
    items: Vec<Item>,
    /// The name.
    name: String,
    /// The phone number.
    phone: String,
    /// The vehicle.
    vehicle: Option<String>,
}

/// `person` of `pass.approved`
#[derive(JsonSchema)]
struct PassApprovedPerson {
    /// Who approved it.
    approver: String,
}

/// `person` of `pass.refused`
#[derive(JsonSchema)]
struct PassRefusedPerson {
    /// Why not.
    refusal: String,
}

/// `pass.checked`
#[derive(JsonSchema)]
struct PassChecked {
    /// Whether the things are what the list says.
    matches: bool,
}

/// Who has them: the resident, or which of the named collectors, from 1.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Collected {
    Resident,
    Collector(u8),
}

/// What leaves the house.
#[derive(JsonSchema)]
struct Item {
    /// How many.
    count: u64,
    /// What.
    what: String,
}

/// Who may fetch keys, by name: as many as were named.
#[derive(JsonSchema)]
struct Collectors {
    collector_1: Option<String>,
    collector_2: Option<String>,
    collector_3: Option<String>,
    collector_4: Option<String>,
    collector_5: Option<String>,
    collector_6: Option<String>,
    collector_7: Option<String>,
    collector_8: Option<String>,
}
