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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::number::Series;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn now() -> Now {
        Now { utc: DateTime::parse_from_rfc3339("2026-11-21T04:00:00Z").unwrap().to_utc(), synced: true }
    }

    fn visit(nth: u32, unit: &str, tail: &str) -> OpenVisit {
        let number = Number { series: Series::Visit, day: 20_261_121, nth };
        OpenVisit { number, subject: subject(number), unit: unit.into(), phone_tail: tail.into() }
    }

    #[test]
    fn the_event_holds_no_name_and_no_phone_outside_its_person() {
        let command = SignIn {
            unit: Unit::parse("1203").unwrap(),
            name: Name::parse("测试甲").unwrap(),
            phone: Phone::parse("13800000001").unwrap(),
            purpose: Purpose::Work,
            note: Text::parse("送灯").ok(),
            language: "en".into(),
        };
        let decision = sign_in(&command, visit(1, "", "").number, now());
        let facts = serde_json::to_string(&decision.events[0].data).unwrap();
        assert!(!facts.contains("测试甲") && !facts.contains("0001") && !facts.contains("送灯"), "{facts}");
        assert_eq!(decision.events[0].person.as_ref().unwrap()["note"], "送灯");
        assert_eq!(decision.events[0].subject.as_str(), "v-1121-01");
    }

    #[test]
    fn someone_who_signed_in_twice_is_signed_out_of_both() {
        let open = [visit(1, "1203", "0001"), visit(2, "1203", "0001")];
        let decision = sign_out(&SignOut { phone_tail: "0001".into(), unit: None }, &open, now());
        assert_eq!(decision.events.len(), 2);
    }

    proptest! {
        #[test]
        fn signing_out_never_ends_a_visit_of_another_phone_or_unit(
            visits in prop::collection::vec((0..3u32, 0..3u32), 0..8), tail in 0..3u32, unit in prop::option::of(0..3u32)
        ) {
            let open: Vec<_> = visits.iter().enumerate()
                .map(|(n, (unit, tail))| visit(n as u32 + 1, &format!("120{unit}"), &format!("000{tail}"))).collect();
            let wanted = unit.map(|unit| Unit::parse(&format!("120{unit}")).unwrap());
            let tail = format!("000{tail}");
            let decision = sign_out(&SignOut { phone_tail: tail.clone(), unit: wanted.clone() }, &open, now());
            let ended: Vec<_> = open.iter().filter(|v| decision.events.iter().any(|e| e.subject == v.subject)).collect();
            prop_assert!(ended.iter().all(|v| v.phone_tail == tail));
            prop_assert!(ended.iter().all(|v| v.unit == ended[0].unit));
            prop_assert!(wanted.is_none_or(|unit| ended.iter().all(|v| v.unit == unit.as_str())));
        }
    }
}
