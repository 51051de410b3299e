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
    assert_eq!(step(&mut trial, Step::Collect { code: code("K7FM2Y") }, &Actor::GUEST), Err(Objection::Unknown));
    step(&mut trial, Step::Collect { code: code("K7FM2X") }, &Actor::GUEST).unwrap();
    assert_eq!((trial.case.state(), trial.case.is_closed()), ("collected", true));
}

#[test]
fn without_the_code_somebody_looks_who_it_is() {
    let mut trial = Trial::open(&Opening::Delivery(request()), noon());
    let desk = staff(Role::FrontDesk);
    assert_eq!(step(&mut trial, Step::HandOut { id_checked: true }, &Actor::GUEST), Err(Objection::Right));
    let unchecked = step(&mut trial, Step::HandOut { id_checked: false }, &desk);
    assert_eq!(unchecked, Err(Objection::Needs(Need::IdentityCheck)));
    step(&mut trial, Step::HandOut { id_checked: true }, &desk).unwrap();
    assert_eq!(trial.facts(Kind::DeliveryCollected)["proof"], "identity");
}

/// What is true of every parcel, whatever people do.
fn check(seen: &Seen<'_>) {
    let Matter::Delivery(delivery) = &seen.after.matter else { panic!("not a parcel") };
    assert_eq!(seen.count(Kind::DeliveryCollected) == 1, delivery.phase == Phase::Collected);
    for event in seen.events {
        assert!(!format!("{:?}{:?}", event.data, event.person).contains("K7FM2X"), "the code is told");
    }
}

#[test]
fn a_parcel_walks_from_the_courier_to_its_end() {
    let typed = prop_oneof![1 => Just(code("K7FM2X")), 9 => Just(code("222222"))];
    let steps = prop_oneof![
        10 => typed.prop_map(|code| Step::Collect { code }),
        4 => prop::bool::weighted(0.1).prop_map(|id_checked| Step::HandOut { id_checked }),
        1 => Just(Step::Return),
    ];
    walk(&Plan {
        openings: Just(Opening::Delivery(request())).boxed(),
        steps: steps.prop_map(MatterStep::Delivery).boxed(),
        allowed: &[
            ("", &["received"]),
            ("received", &["notified", "collected", "returned"]),
            ("notified", &["collected", "returned"]),
        ],
        waits: &[],
        outcomes: &["told"],
        check: &check,
        walks: 64,
        attempts: 30,
    });
}
