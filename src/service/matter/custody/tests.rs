use super::*;
use crate::service::case::Step as CaseStep;
use crate::service::case::walk::{Plan, Seen, name, phone, staff, text, unit, walk};
use crate::service::matter::trial::{Trial, noon};
use crate::service::matter::{Matter, MatterStep, Opening};
use crate::service::staff::Actor;
use chrono::TimeDelta;
use proptest::prelude::*;
use std::num::NonZeroU8;

fn request() -> Request {
    Request {
        unit: unit(),
        name: name(),
        phone: phone(),
        keys: NonZeroU8::new(2).unwrap(),
        reason: text(),
        collection: text(),
        collectors: Collectors(vec![name()]),
        consent: None,
        language: "zh-Hans".into(),
    }
}

fn slot(text: &str) -> Slot {
    Slot::try_from(text.to_owned()).unwrap()
}

fn tail() -> IdTail {
    IdTail::try_from("123x".to_owned()).unwrap()
}

fn collect(who: Who) -> Step {
    Step::Collect { who, id_checked: true, id_tail: Some(tail()), signed: Some(Signed::Paper), back_by: None }
}

fn step(trial: &mut Trial, step: Step) -> Result<(), Objection> {
    trial.step(MatterStep::Custody(step), &staff(Role::FrontDesk))
}

fn deposited() -> Trial {
    let mut trial = Trial::open(&Opening::Custody(request()), noon());
    trial.step(MatterStep::Custody(Step::Consent { signed: Signed::Screen }), &Actor::GUEST).unwrap();
    step(&mut trial, Step::Deposit { slot: Some(slot("k-07")), copy: Copy::Paper }).unwrap();
    trial
}

fn needs(need: Need) -> Result<(), Objection> {
    Err(Objection::Needs(need))
}

#[test]
fn no_key_is_taken_before_the_disclaimer_was_accepted() {
    let mut trial = Trial::open(&Opening::Custody(request()), noon());
    let deposit = Step::Deposit { slot: Some(slot("K-07")), copy: Copy::Qr };
    assert_eq!(step(&mut trial, deposit.clone()), needs(Need::Disclaimer));
    assert_eq!(trial.answer(Errand::HandOver, "taken"), needs(Need::Disclaimer), "a tick is no consent");
    step(&mut trial, Step::Consent { signed: Signed::Paper }).unwrap();
    assert_eq!(step(&mut trial, Step::Deposit { slot: None, copy: Copy::Qr }), needs(Need::Slot));
    step(&mut trial, deposit).unwrap();
    assert_eq!((trial.case.state(), trial.is_asked(Errand::HandOver)), ("deposited", false));
}

#[test]
fn the_tag_has_a_code_and_neither_name_nor_unit() {
    for bad in ["张三", "ZHANG", "", "K-0123456789"] {
        assert!(Slot::try_from(bad.to_owned()).is_err(), "{bad}");
    }
    let mut trial = Trial::open(&Opening::Custody(request()), noon());
    step(&mut trial, Step::Consent { signed: Signed::Paper }).unwrap();
    let deposit = Step::Deposit { slot: Some(slot(unit().as_str())), copy: Copy::Paper };
    assert_eq!(step(&mut trial, deposit), needs(Need::Slot));
}

#[test]
fn the_form_asks_for_everything_that_the_regulation_names() {
    let whole = serde_json::to_value(Opening::Custody(request())).unwrap();
    for field in ["unit", "name", "keys", "reason", "collection"] {
        let mut form = whole.clone();
        form["custody"].as_object_mut().unwrap().remove(field);
        assert!(serde_json::from_value::<Opening>(form).is_err(), "{field} may not be left out");
    }
}

#[test]
fn no_identity_card_no_key_whoever_asks() {
    let mut trial = deposited();
    for who in [Who::Resident, Who::Collector(1)] {
        for (id_checked, id_tail) in [(false, Some(tail())), (true, None)] {
            let step_ = Step::Collect { who, id_checked, id_tail, signed: Some(Signed::Screen), back_by: None };
            assert_eq!(step(&mut trial, step_), needs(Need::IdentityCheck));
        }
    }
    let unsigned =
        Step::Collect { who: Who::Resident, id_checked: true, id_tail: Some(tail()), signed: None, back_by: None };
    assert_eq!(step(&mut trial, unsigned), needs(Need::Signature));
    step(&mut trial, Step::Refuse { why: Refusal::NoIdentity }).unwrap();
    assert_eq!((trial.case.state(), trial.facts(Kind::KeyRefused)["why"].as_str()), ("deposited", Some("no-identity")));
}

#[test]
fn only_the_resident_and_those_he_named_collect_keys() {
    let mut trial = deposited();
    assert_eq!(step(&mut trial, collect(Who::Collector(0))), needs(Need::NamedCollector));
    assert_eq!(step(&mut trial, collect(Who::Collector(2))), needs(Need::NamedCollector));
    step(&mut trial, Step::NameCollector { name: name() }).unwrap();
    step(&mut trial, collect(Who::Collector(2))).unwrap();
    assert!(trial.case.is_closed());
    assert_eq!(trial.person(Kind::KeyCollected)["id_tail"], "123X");
    assert!(!serde_json::to_string(&trial.case).unwrap().contains("123X"), "no number stays in the case");
}

#[test]
fn nobody_but_the_desk_gives_out_a_key() {
    let mut trial = deposited();
    for by in [Actor::GUEST, staff(Role::Guard), staff(Role::Engineer), staff(Role::Auditor)] {
        let given = trial.step(MatterStep::Custody(collect(Who::Resident)), &by);
        assert_eq!(given, Err(Objection::Right));
    }
}

#[test]
fn keys_that_are_to_come_back_are_missed_when_they_do_not() {
    let mut trial = deposited();
    let back_by = Some(trial.at + TimeDelta::hours(4));
    let lent = Step::Collect {
        who: Who::Collector(1),
        id_checked: true,
        id_tail: Some(tail()),
        signed: Some(Signed::Screen),
        back_by,
    };
    step(&mut trial, lent).unwrap();
    assert_eq!(trial.case.state(), "collected");
    trial.wait(TimeDelta::hours(5));
    assert!(trial.is_asked(Errand::HandOver), "the desk looks for them");
    step(&mut trial, Step::Return { slot: slot("K-08") }).unwrap();
    assert_eq!((trial.case.state(), trial.is_asked(Errand::HandOver)), ("deposited", false));
}

#[test]
fn what_the_desk_does_not_hold_may_be_withdrawn() {
    let withdraw = CaseStep::Withdraw { reason: None };
    let mut asked = Trial::open(&Opening::Custody(request()), noon());
    asked.take(&withdraw, &Actor::GUEST).unwrap();
    assert!(asked.case.is_closed());
    assert!(deposited().take(&withdraw, &staff(Role::FrontDesk)).is_err());
}

fn steps() -> BoxedStrategy<MatterStep> {
    let who = prop_oneof![Just(Who::Resident), (0..4u8).prop_map(Who::Collector)];
    let back_by = prop::option::of((0..10_000i64).prop_map(|minutes| noon() + TimeDelta::minutes(minutes)));
    let collect = (who, prop::bool::weighted(0.8), prop::option::weighted(0.8, Just(tail())), any::<bool>(), back_by);
    let steps = prop_oneof![
        4 => Just(Step::Consent { signed: Signed::Screen }),
        6 => prop::option::weighted(0.8, Just(slot("K-07"))).prop_map(|slot| Step::Deposit { slot, copy: Copy::Paper }),
        1 => Just(Step::NameCollector { name: name() }),
        6 => collect.prop_map(|(who, id_checked, id_tail, signed, back_by)| {
            Step::Collect { who, id_checked, id_tail, signed: signed.then_some(Signed::Paper), back_by }
        }),
        1 => Just(Step::Refuse { why: Refusal::NotNamed }),
        2 => Just(Step::Return { slot: slot("K-09") }),
        1 => Just(Step::Close),
    ];
    steps.prop_map(MatterStep::Custody).boxed()
}

/// What is true of every key, whatever people do.
fn check(seen: &Seen<'_>) {
    let Matter::Custody(custody) = &seen.after.matter else { panic!("not a key") };
    let slot = seen.after.docket.facts.contains_key("slot");
    assert_eq!(slot, custody.phase == Phase::Deposited, "a slot holds a key, or is free");
    let newly = |kind| seen.events.iter().find(|event| event.kind == kind);
    if newly(Kind::KeyDeposited).is_some() {
        assert!(seen.count(Kind::KeyConsented) == 1, "R273: no key without the disclaimer");
    }
    if let Some(collected) = newly(Kind::KeyCollected) {
        let Some(CaseStep::Matter(MatterStep::Custody(Step::Collect { who, id_checked, id_tail, signed, .. }))) =
            seen.step
        else {
            panic!("a key left by another way: {:?}", seen.step)
        };
        assert!(*id_checked && id_tail.is_some() && signed.is_some(), "R277: no key without card and signature");
        assert!(*who != Who::Collector(0) && seen.by.is(&DESK));
        assert!(collected.person.is_some() && !collected.data.contains_key("id_tail"));
    }
}

#[test]
fn a_key_walks_from_the_form_to_its_end() {
    walk(&Plan {
        openings: prop::sample::select(vec![None, Some(Signed::Screen)])
            .prop_map(|consent| Opening::Custody(Request { consent, ..request() }))
            .boxed(),
        steps: steps(),
        allowed: &[
            ("", &["requested", "consented"]),
            ("requested", &["consented", "closed"]),
            ("consented", &["deposited", "closed"]),
            ("deposited", &["collected", "closed"]),
            ("collected", &["deposited", "closed"]),
        ],
        // In the cabinet until somebody comes for it.
        waits: &["deposited"],
        outcomes: &[],
        check: &check,
        walks: 64,
        attempts: 40,
    });
}
