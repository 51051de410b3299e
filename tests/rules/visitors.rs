//! Visitors at the glass: whom they meet, and what is known of those who come again.

use crate::clockwork::{Machine, Open, noon, open, visit};
use crate::counter::{Counter, NAME, form, with};
use chrono::{TimeDelta, Utc};
use lobbyd::desk::{Answer, Command};
use lobbyd::event::{Kind, Now};
use lobbyd::journal::{Journal, Keep, Lane, Pressure};
use lobbyd::service::number::Number;
use lobbyd::service::staff::Role;
use serde_json::{Value, json};

/// Signs in at the glass, and whether the guard hears that he has been here before. The glass hears a number and nothing else:
/// anybody may type anybody's name and phone.
fn signs_in(counter: &Counter, form: Value) -> (Number, bool) {
    let opening = serde_json::from_value(json!({ "visit": form })).unwrap();
    match counter.open.ask(Command::at_the_glass(opening)).unwrap() {
        Answer::Opened { number, reply_by: None } => (number, is_known(&counter.open, number)),
        other => panic!("{other:?}"),
    }
}

fn is_known(open: &Open, number: Number) -> bool {
    open.case(number).case.docket.facts.contains_key("earlier_visits")
}

#[test]
fn a_valid_card_lets_in_at_once_whether_it_is_tapped_or_shown_to_a_guard() {
    let counter = Counter::new();
    let tapped = counter.brings("visit", with("visit", "way_in", json!("card")));
    let shown = counter.brings("visit", form("visit"));
    assert!(counter.asked(shown, "call-host").is_some());
    let card = json!({ "matter": { "visit": "card-shown" } });
    assert_eq!(counter.step(shown, card, Role::Guard), Ok("card-ok"));
    for number in [tapped, shown] {
        let case = counter.case(number).case;
        assert_eq!((case.state(), case.docket.tasks.len()), ("card-ok", 0), "nobody is called, nobody waits");
    }
    assert_eq!(counter.told(Kind::VisitCardAccepted).len(), 2);
    let other = counter.brings("visit", with("visit", "unit", json!("1204")));
    assert_eq!(counter.case(other).case.state(), "arrived", "who has no card waits for his host");
    counter.open.close();
}

#[test]
fn a_visitor_is_known_again_by_name_and_phone_and_by_nothing_less() {
    let counter = Counter::new();
    assert!(!signs_in(&counter, form("visit")).1, "nobody is known at the first meeting");
    for (key, value) in
        [("name", json!("欧阳别人")), ("phone", json!("13900000001")), ("name", Value::Null), ("phone", Value::Null)]
    {
        let (number, returning) = signs_in(&counter, with("visit", key, value));
        let facts = counter.case(number).case.docket.facts;
        assert!(!returning && !facts.contains_key("earlier_visits") && !facts.contains_key("last_visit"), "{key}");
    }
    counter.pass(TimeDelta::hours(23));
    let (again, returning) = signs_in(&counter, with("visit", "unit", json!("1204")));
    assert!(returning, "whomever he visits this time");
    let facts = counter.case(again).case.docket.facts;
    assert_eq!((&facts["earlier_visits"], &facts["last_visit"]), (&json!(1), &json!("2026-11-21")));
    let mut arrived = counter.told(Kind::VisitArrived).pop().unwrap();
    assert_eq!(arrived["earlier_visits"], 1, "the event holds a count");
    arrived.as_object_mut().unwrap().remove("person");
    assert!(!arrived.to_string().contains(NAME), "and never a name: {arrived}");
    counter.open.close();
}

#[test]
fn who_was_turned_away_is_not_welcomed_back() {
    let counter = Counter::new();
    let (first, _) = signs_in(&counter, form("visit"));
    let away = json!({ "matter": { "visit": { "turn-away": { "reason": "disturbance" } } } });
    assert_eq!(counter.step(first, away, Role::Guard), Ok("turned-away"));
    assert!(!signs_in(&counter, form("visit")).1);
    counter.open.close();
}

/// R310: with the name goes the memory of him.
#[test]
fn nobody_is_known_again_once_his_name_has_been_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let sign_in = |machine: &Machine| {
        let open = open(dir.path(), machine);
        let answer = open.ask(Command::at_the_glass(visit())).unwrap();
        let Answer::Opened { number, .. } = answer else { panic!("{answer:?}") };
        let returning = is_known(&open, number);
        let newest = *open.desk.newest().borrow();
        for lane in Lane::ALL {
            open.ask(Command::Acknowledged { lane, seq: newest }).unwrap();
        }
        (open, number, returning)
    };
    let (first, _, returning) = sign_in(&Machine::at(noon(), true));
    assert!(!returning);
    first.close();
    let later = |days| noon() + TimeDelta::days(days);
    let (second, number, returning) = sign_in(&Machine::at(later(1), true));
    assert!(returning);
    let away = json!({ "matter": { "visit": "sign-out" } });
    let by = lobbyd::service::staff::Actor::GUEST;
    second.ask(Command::Move { number, step: serde_json::from_value(away).unwrap(), seen: None, by }).unwrap();
    second.close();
    purge(dir.path(), later(40));
    let (third, _, returning) = sign_in(&Machine::at(later(40), true));
    assert!(!returning, "thirty days after the visit his name is gone");
    third.close();
}

/// What the desk does once an hour.
fn purge(dir: &std::path::Path, at: chrono::DateTime<Utc>) {
    let mut journal = Journal::open(dir, "x").unwrap().journal;
    let now = Now { utc: at, synced: true };
    while journal.purge(&Keep::default(), Pressure::None, now).unwrap() != Default::default() {}
}
