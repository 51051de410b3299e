use super::*;
use crate::service::case::walk::{Plan, Seen, phone, staff, text, unit, walk};
use crate::service::matter::trial::{Trial, noon};
use crate::service::matter::{Matter, MatterStep, Opening};
use crate::service::staff::{Actor, Role};
use chrono::TimeDelta;
use proptest::prelude::*;

fn code(text: &str) -> ParcelCode {
    ParcelCode::parse(text).unwrap()
}

fn request() -> Request {
    Request {
        unit: unit(),
        carrier: Some(text()),
        count: NonZeroU8::new(2).unwrap(),
        phone: Some(phone()),
        courier: Some(phone()),
        code: code("K7FM2X"),
        language: "zh-Hans".into(),
    }
}

fn step(trial: &mut Trial, step: Step, by: &Actor) -> Result<(), Objection> {
    trial.step(MatterStep::Delivery(step), by)
}

#[test]
fn a_parcel_is_told_reminded_of_and_handed_out_by_its_code() {
    let mut trial = Trial::open(&Opening::Delivery(request()), noon());
    assert_eq!(trial.case.docket.key, Some(key(&unit(), &code("K7FM2X"))));
    trial.answer(Errand::TellResult, "told").unwrap();
    assert_eq!(trial.case.state(), "notified");
    trial.wait(TimeDelta::hours(49));
    assert!(trial.is_asked(Errand::TellResult), "reminded of");
    trial.answer(Errand::TellResult, "told").unwrap();
    trial.wait(TimeDelta::hours(49));
    assert!(trial.is_asked(Errand::TellResult), "and again");
    assert_eq!(step(&mut trial, Step::Show { code: code("K7FM2Y") }, &Actor::GUEST), Err(Objection::Unknown));
    show(&mut trial);
    assert_eq!((trial.case.state(), trial.case.is_closed()), ("shown", false), "nobody has given it away yet");
    trial.answer(Errand::HandOver, "handed-over").unwrap();
    assert_eq!((trial.case.state(), trial.case.is_closed()), ("collected", true));
    assert_eq!(trial.facts(Kind::DeliveryCollected)["proof"], "code");
}

fn show(trial: &mut Trial) {
    step(trial, Step::Show { code: code("K7FM2X") }, &Actor::GUEST).unwrap();
}

#[test]
fn who_shows_the_code_is_told_who_hands_over_how_many_and_the_desk_is_asked_once() {
    for (at, at_desk) in [(noon(), true), ("2026-11-21T14:00:00Z".parse().unwrap(), false)] {
        let mut trial = Trial::open(&Opening::Delivery(request()), at);
        assert_eq!(handing(&trial.case, &trial.house), None);
        show(&mut trial);
        show(&mut trial);
        assert_eq!(trial.case.docket.errands(Errand::HandOver).count(), 1);
        assert_eq!(handing(&trial.case, &trial.house), Some(Handing { count: request().count, at_desk }));
        // The desk is silent and somebody stands there.
        let asked = |trial: &Trial| trial.case.docket.errands(Errand::HandOver).next().unwrap().asked().count();
        let first = asked(&trial);
        trial.wait(TimeDelta::seconds(31));
        assert!(first == 1 && asked(&trial) > 1);
        assert_eq!(trial.answer(Errand::HandOver, "told"), Err(Objection::Needs(Need::Outcome)));
    }
}

#[test]
fn a_parcel_that_was_not_handed_over_waits_again_and_the_resident_hears_of_it() {
    for why in ["wrong-person", "not-found"] {
        let mut trial = Trial::open(&Opening::Delivery(request()), noon());
        trial.answer(Errand::TellResult, "told").unwrap();
        show(&mut trial);
        trial.answer(Errand::HandOver, why).unwrap();
        assert_eq!(
            (trial.case.state(), trial.facts(Kind::DeliveryNotHandedOver)["why"].as_str()),
            ("notified", Some(why))
        );
        assert!(trial.is_asked(Errand::TellResult));
        assert!(trial.case.docket.clock(Promise::Collect).is_some(), "and is reminded of");
        show(&mut trial);
        trial.answer(Errand::HandOver, "handed-over").unwrap();
        assert!(trial.case.is_closed());
    }
}

#[test]
fn a_parcel_that_nobody_comes_for_after_its_code_was_shown_waits_as_before() {
    for told in [false, true] {
        let mut trial = Trial::open(&Opening::Delivery(request()), noon());
        if told {
            trial.answer(Errand::TellResult, "told").unwrap();
        }
        show(&mut trial);
        trial.wait(TimeDelta::minutes(16));
        assert_eq!(trial.case.state(), if told { "notified" } else { "received" });
        assert_eq!(trial.facts(Kind::DeliveryNotHandedOver)["why"], "lapsed");
        assert!(!trial.is_asked(Errand::HandOver));
        trial.wait(TimeDelta::hours(49));
        assert!(trial.is_asked(Errand::TellResult), "the resident hears of it");
    }
}

#[test]
fn without_the_code_somebody_looks_who_it_is() {
    let mut trial = Trial::open(&Opening::Delivery(request()), noon());
    let desk = staff(Role::FrontDesk);
    for own in [Step::HandOut { id_checked: true }, Step::Collect { code: code("K7FM2X") }] {
        assert_eq!(step(&mut trial, own, &Actor::GUEST), Err(Objection::Right), "nobody hands himself a parcel");
    }
    let unchecked = step(&mut trial, Step::HandOut { id_checked: false }, &desk);
    assert_eq!(unchecked, Err(Objection::Needs(Need::IdentityCheck)));
    step(&mut trial, Step::HandOut { id_checked: true }, &desk).unwrap();
    assert_eq!(trial.facts(Kind::DeliveryCollected)["proof"], "identity");
}

/// What is true of every parcel, whatever people do.
fn check(seen: &Seen<'_>) {
    let Matter::Delivery(delivery) = &seen.after.matter else { panic!("not a parcel") };
    assert_eq!(seen.count(Kind::DeliveryCollected) == 1, delivery.phase == Phase::Collected);
    let docket = &seen.after.docket;
    let asked = docket.errands(Errand::HandOver).count();
    assert_eq!(asked, usize::from(delivery.phase == Phase::Shown), "somebody is asked as long as one stands there");
    let heard = docket.errands(Errand::TellResult).count() > 0 || docket.clock(Promise::Collect).is_some();
    assert!(asked == 1 || heard || seen.after.is_closed(), "nobody is told of it");
    for event in seen.events {
        assert!(!format!("{:?}{:?}", event.data, event.person).contains("K7FM2X"), "the code is told");
    }
}

#[test]
fn a_parcel_walks_from_the_courier_to_its_end() {
    let typed = prop_oneof![1 => Just(code("K7FM2X")), 9 => Just(code("222222"))];
    let steps = prop_oneof![
        10 => typed.clone().prop_map(|code| Step::Show { code }),
        3 => typed.prop_map(|code| Step::Collect { code }),
        4 => prop::bool::weighted(0.1).prop_map(|id_checked| Step::HandOut { id_checked }),
        1 => Just(Step::Return),
    ];
    walk(&Plan {
        openings: Just(Opening::Delivery(request())).boxed(),
        steps: steps.prop_map(MatterStep::Delivery).boxed(),
        allowed: &[
            ("", &["received"]),
            ("received", &["notified", "shown", "collected", "returned"]),
            ("notified", &["shown", "collected", "returned"]),
            ("shown", &["received", "notified", "collected", "returned"]),
        ],
        waits: &[],
        outcomes: &["told", "handed-over", "wrong-person", "not-found"],
        check: &check,
        walks: 64,
        attempts: 30,
    });
}
