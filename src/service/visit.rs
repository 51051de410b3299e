//! A visit: from "您好,请问您找哪一位?" (R161) to "欢迎您再来" (R171). State between: signed in.

use super::Decision;
use super::contact::{Name, Phone, Text, Unit};
use super::number::Number;
use crate::event::{Data, Event, Kind, Now, Slug, data};
use serde_json::json;

/// Why somebody comes: the tiles of the purpose screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Friends,
    Delivery,
    Work,
    Viewing,
    Business,
    Other,
}

impl Purpose {
    pub const ALL: [Purpose; 6] =
        [Purpose::Friends, Purpose::Delivery, Purpose::Work, Purpose::Viewing, Purpose::Business, Purpose::Other];

    pub const fn name(self) -> &'static str {
        match self {
            Purpose::Friends => "friends",
            Purpose::Delivery => "delivery",
            Purpose::Work => "work",
            Purpose::Viewing => "viewing",
            Purpose::Business => "business",
            Purpose::Other => "other",
        }
    }
}

/// A walk-in visitor's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    pub unit: Unit,
    pub name: Name,
    pub phone: Phone,
    pub purpose: Purpose,
    pub note: Option<Text>,
    /// Language of the session, as a BCP 47 tag: whoever calls back should speak it (R321).
    pub language: String,
}

/// What the visitor is told once the visit is on disk (R030).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub number: Number,
}

/// A visit that has not ended, as sign-out needs to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenVisit {
    pub number: Number,
    pub subject: Slug,
    /// The host's unit: tells two visitors with the same four digits apart.
    pub unit: String,
    pub phone_tail: String,
}

/// What a leaving visitor types: the last four digits of the phone, and the unit where that is not enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOut {
    pub phone_tail: String,
    pub unit: Option<Unit>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedOut {
    /// Goodbye (R171). More than one where a visitor signed in twice for the same unit.
    Ended { numbers: Vec<Number> },
    /// Several visits to different units end in these digits: ask for the unit. Names and units are not shown (R309).
    Ambiguous,
    /// Nobody with these digits is signed in; the screen asks to repeat (R220) and offers a person.
    Unknown,
}

pub fn subject(number: Number) -> Slug {
    Slug::from_text(&number.to_string())
}

pub fn sign_in(command: &SignIn, number: Number, now: Now) -> Decision<SignedIn> {
    let mut facts = number.facts();
    facts.extend(data([
        ("unit", json!(command.unit.as_str())),
        ("purpose", json!(command.purpose.name())),
        ("language", json!(command.language)),
        ("channel", json!("kiosk")),
    ]));
    let mut person: Data = data([("name", json!(command.name.as_str())), ("phone", json!(command.phone.as_str()))]);
    if let Some(note) = &command.note {
        person.insert("note".into(), json!(note.as_str()));
    }
    let event = Event::here(Kind::VisitArrived, subject(number), now, facts).about(person);
    Decision { events: vec![event], answer: SignedIn { number } }
}

/// `open` holds the open visits whose phone ends in the typed digits.
pub fn sign_out(command: &SignOut, open: &[OpenVisit], now: Now) -> Decision<SignedOut> {
    let matching: Vec<&OpenVisit> = open
        .iter()
        .filter(|visit| visit.phone_tail == command.phone_tail)
        .filter(|visit| command.unit.as_ref().is_none_or(|unit| unit.as_str() == visit.unit))
        .collect();
    let Some(first) = matching.first() else {
        return Decision { events: vec![], answer: SignedOut::Unknown };
    };
    if matching.iter().any(|visit| visit.unit != first.unit) {
        return Decision { events: vec![], answer: SignedOut::Ambiguous };
    }
    let events = matching
        .iter()
        .map(|visit| {
            let facts = data([("number", json!(visit.number.to_string())), ("by", json!("visitor"))]);
            Event::here(Kind::VisitSignedOut, visit.subject.clone(), now, facts)
        })
        .collect();
    Decision { events, answer: SignedOut::Ended { numbers: matching.iter().map(|visit| visit.number).collect() } }
}
