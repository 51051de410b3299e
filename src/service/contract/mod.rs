//! What the office is promised: each kind of event, command and topic, as types from which `docs/contract` is written
//! (`tests/contract.rs`). In a debug build every event is held to its kind before it is stored, so that each test that stores one fails
//! where the two differ. Not in the package: there it is a feature that is off. Decides nothing and does no I/O.
//!
//! A new kind needs a line in the file of its room here, a type if it says something that no other kind says, and then
//! `LOBBYD_BLESS=1 cargo test --test contract`.

mod asyncapi;
mod care;
mod check;
mod common;
pub mod compare;
mod door;
mod gateway;
mod key;
mod order;
mod plan;
mod repair;
mod round;
mod schema;
mod staff;
mod task;
mod topics;
mod visit;
mod voice;
mod words;

pub use asyncapi::asyncapi;
pub use schema::closed;
pub use topics::{Document, documents};

#[cfg(test)]
use crate::event::Event;
use crate::event::{Data, Kind};
use common::{MayText, Nothing, Stars, Text};
use schema::Object;
use schemars::JsonSchema;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The states of any case.
const ANY: &[&str] = &[];

/// Whose event a kind is: what it says besides its own facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// A door's or device's. A site's own profile may add members.
    Device,
    /// A case's that has these states; any string where there are none.
    Case(&'static [&'static str]),
    /// A task's in any case, with what it is about.
    Task,
    /// Something that somebody did.
    Person,
    /// The same, where it may be about a case.
    PersonAtCase,
    /// The gateway's own.
    Gateway,
}

/// What one kind says.
pub struct Declaration {
    pub kind: Kind,
    /// What has happened.
    pub about: &'static str,
    of: Of,
    facts: fn() -> Object,
    person: fn() -> Object,
}

/// Declarations: what has happened, the kind, whose it is, its facts, what it says of people.
macro_rules! declare {
    ($(#[doc = $about:literal] $kind:ident: $of:expr $(, $facts:ty $(, $person:ty)?)?;)+) => {
        pub(super) const KINDS: &[Declaration] =
            &[$(Declaration::new(Kind::$kind, $of, $about)$(.says::<$facts>()$(.of_people::<$person>())?)?),+];
    };
}
use declare;

const ALL: [&[Declaration]; 12] = [
    door::KINDS,
    visit::KINDS,
    repair::KINDS,
    voice::KINDS,
    care::KINDS,
    key::KINDS,
    order::KINDS,
    round::KINDS,
    plan::KINDS,
    task::KINDS,
    staff::KINDS,
    gateway::KINDS,
];

impl Declaration {
    const fn new(kind: Kind, of: Of, about: &'static str) -> Self {
        Declaration { kind, about, of, facts: Object::of::<Nothing>, person: Object::of::<Nothing> }
    }

    const fn says<T: JsonSchema>(mut self) -> Self {
        self.facts = Object::of::<T>;
        self
    }

    const fn of_people<T: JsonSchema>(mut self) -> Self {
        self.person = Object::of::<T>;
        self
    }

    /// The schema of `data`, which takes members that it does not name: a later version may add some.
    pub fn data(&self) -> Value {
        let mut data = match self.of {
            Of::Device => Object::of::<common::OfDevice>().and_anything(),
            Of::Case(states) => Object::of::<common::OfCase>().and_state(states),
            Of::Task => Object::of::<common::OfCase>()
                .and_state(ANY)
                .with(Object::of::<common::OfTask>())
                .with(Object::of::<task::About>()),
            Of::Person => Object::of::<common::Who>(),
            Of::PersonAtCase => Object::of::<common::WhoAtCase>(),
            Of::Gateway => Object::of::<Nothing>(),
        }
        .with((self.facts)());
        let person = match self.of {
            Of::Device | Of::Gateway => (self.person)(),
            _ => (self.person)().with(Object::of::<common::ByName>()),
        };
        if !person.is_empty() {
            data.may_have("person", person.text("Names, phone numbers and words of people. Absent where there are none, and once they are forgotten."));
        }
        data.into()
    }

    /// The schema of the whole message on `event/{subject}/{kind}`.
    pub fn message(&self) -> Value {
        schema::envelope(self)
    }
}

/// Every kind that is declared.
pub fn all() -> impl Iterator<Item = &'static Declaration> {
    ALL.into_iter().flatten()
}

/// Whether an event says what its kind promises, nothing more and nothing else.
///
/// # Errors
/// What differs, by its place, and what to do. Values only where they are words of a closed list.
pub fn check(kind: Kind, data: &Data, person: Option<&Data>) -> Result<(), String> {
    static SCHEMAS: LazyLock<BTreeMap<Kind, Value>> =
        LazyLock::new(|| all().map(|one| (one.kind, one.data())).collect());
    let Some(schema) = SCHEMAS.get(&kind) else {
        return Err(format!("`{kind}` is not declared: add it to a file of src/service/contract (mod.rs says how)"));
    };
    let fault = |what: String| {
        format!(
            "{BROKEN}: `{kind}` {what}. Mend the event, or its declaration in src/service/contract (mod.rs says how)"
        )
    };
    check::object(schema, data, "data", &["person"]).map_err(fault)?;
    match (person, &schema["properties"]["person"]) {
        (None, _) => Ok(()),
        (Some(_), Value::Null) => Err(fault("says something of people, and is not declared to".into())),
        (Some(person), schema) => check::object(schema, person, "data.person", &[]).map_err(fault),
    }
}

/// What the log of a debug build says where an event breaks the contract; tests look for it.
pub const BROKEN: &str = "the contract is broken";

/// Holds an event to its kind, in the tests of the rules themselves. What is stored is held to it by the desk.
///
/// # Panics
/// Where it says anything else.
#[cfg(test)]
pub fn hold(event: &Event) {
    if let Err(fault) = check(event.kind, &event.data, event.person.as_ref()) {
        panic!("{fault}");
    }
}

#[cfg(test)]
mod tests;
