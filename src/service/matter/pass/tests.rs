use super::*;
use crate::service::case::Step as CaseStep;
use crate::service::case::walk::{Plan, Seen, name, phone, staff, text, unit, walk};
use crate::service::matter::trial::{Trial, noon};
use crate::service::matter::{Matter, MatterStep, Opening};
use crate::service::staff::Actor;
use proptest::prelude::*;

fn code(text: &str) -> PassCode {
    PassCode::parse(text).unwrap()
}

fn request() -> Request {
    Request {
        unit: unit(),
        name: name(),
        phone: phone(),
        items: Items(vec![Item { what: text(), count: NonZeroU16::new(3).unwrap() }]),
        vehicle: Some(text()),
        leaves_at: noon() + TimeDelta::hours(2),
        help_to_carry: true,
        code: code("K7FM2XYZ"),
        language: "zh-Hans".into(),
    }
}

fn open() -> Trial {
    Trial::open(&Opening::Pass(request()), noon())
}

fn step(trial: &mut Trial, step: Step, by: &Actor) -> Result<(), Objection> {
    trial.step(MatterStep::Pass(step), by)
}

fn check_at_gate(trial: &mut Trial, typed: &str, matches: bool) -> Result<(), Objection> {
    step(trial, Step::Check { code: code(typed), matches }, &staff(Role::Guard))
}

#[test]
fn a_pass_is_approved_by_name_used_once_and_never_again() {
    let mut trial = open();
    assert_eq!(check_at_gate(&mut trial, "K7FM2XYZ", true), Err(Objection::Needs(Need::Approval)));
    step(&mut trial, Step::Approve, &staff(Role::FrontDesk)).unwrap();
    assert!(trial.person(Kind::PassApproved).contains_key("approver") && !trial.is_asked(Errand::Approve));
    check_at_gate(&mut trial, "K7FM2XYZ", true).unwrap();
    assert_eq!((trial.case.state(), trial.case.is_closed()), ("used", true));
    let used = trial.at;
    trial.at += TimeDelta::minutes(3);
    let again = check_at_gate(&mut trial, "K7FM2XYZ", true);
    assert_eq!(again, Err(Objection::Used { at: used, by: Some("职员".into()) }), "when, and who let it through");
    trial.case.matter.forget_staff();
    let forgotten = check_at_gate(&mut trial, "K7FM2XYZ", true);
    assert_eq!(forgotten, Err(Objection::Used { at: used, by: None }), "when people are forgotten, still when");
}

#[test]
fn a_wrong_code_opens_no_gate() {
    let mut trial = open();
    step(&mut trial, Step::Approve, &staff(Role::Supervisor)).unwrap();
    assert_eq!(check_at_gate(&mut trial, "K7FM2XYY", true), Err(Objection::Unknown));
    assert_eq!(trial.case.state(), "approved");
}

#[test]
fn the_guard_who_checks_does_not_approve_and_a_tick_is_no_approval() {
    let mut trial = open();
    for by in [Actor::GUEST, staff(Role::Guard), staff(Role::Engineer)] {
        assert_eq!(step(&mut trial, Step::Approve, &by), Err(Objection::Right));
    }
    assert_eq!(trial.answer(Errand::Approve, "approved"), Err(Objection::Needs(Need::Approval)));
}

#[test]
fn what_leaves_and_does_not_stand_on_the_pass_goes_back_to_the_desk() {
    let mut trial = open();
    step(&mut trial, Step::Approve, &staff(Role::FrontDesk)).unwrap();
    check_at_gate(&mut trial, "K7FM2XYZ", false).unwrap();
    assert_eq!((trial.case.state(), trial.is_asked(Errand::Approve)), ("requested", true));
    step(&mut trial, Step::Refuse { reason: text() }, &staff(Role::FrontDesk)).unwrap();
    assert_eq!(trial.case.state(), "refused");
    assert_eq!(check_at_gate(&mut trial, "K7FM2XYZ", true), Err(Objection::Ended));
}

#[test]
fn somebody_helps_to_carry_once_it_is_approved() {
    let mut trial = open();
    assert!(!trial.is_asked(Errand::Carry));
    step(&mut trial, Step::Approve, &staff(Role::FrontDesk)).unwrap();
    assert!(trial.is_asked(Errand::Carry));
}

#[test]
fn a_pass_that_nobody_uses_is_void_a_day_after_its_time() {
    let mut trial = open();
    step(&mut trial, Step::Approve, &staff(Role::FrontDesk)).unwrap();
    trial.wait(TimeDelta::hours(25));
    assert_eq!(trial.case.state(), "approved");
    trial.wait(TimeDelta::hours(2));
    assert_eq!((trial.case.state(), trial.case.is_closed()), ("expired", true));
}

#[test]
fn a_gateway_that_learns_the_time_makes_no_pass_void() {
    let start = DateTime::from_timestamp(0, 0).unwrap();
    let mut trial = Trial::open(&Opening::Pass(request()), start);
    step(&mut trial, Step::Approve, &staff(Role::FrontDesk)).unwrap();
    let by = noon() - trial.at;
    trial.case.shift(by, start);
    trial.wait(by);
    assert_eq!(trial.case.state(), "approved");
}

#[test]
fn the_code_is_found_by_and_told_to_nobody() {
    let trial = open();
    assert_eq!(trial.case.docket.key.as_deref(), Some("pass:K7FM2XYZ"));
    for event in &trial.events {
        let told = format!("{:?}{:?}", event.data, event.person);
        assert!(!told.contains("K7FM"), "{}", event.kind);
    }
}

fn steps() -> BoxedStrategy<MatterStep> {
    let typed = prop_oneof![9 => Just(code("K7FM2XYZ")), 1 => Just(code("22222222"))];
    let steps = prop_oneof![
        4 => Just(Step::Approve),
        1 => Just(Step::Refuse { reason: text() }),
        6 => (typed, prop::bool::weighted(0.6)).prop_map(|(code, matches)| Step::Check { code, matches }),
    ];
    steps.prop_map(MatterStep::Pass).boxed()
}

/// What is true of every pass, whatever people do.
fn check(seen: &Seen<'_>) {
    let Matter::Pass(pass) = &seen.after.matter else { panic!("not a pass") };
    assert!(seen.count(Kind::PassUsed) <= 1, "R279: used once");
    assert_eq!(pass.used.is_some(), seen.count(Kind::PassUsed) == 1);
    if seen.events.iter().any(|event| event.kind == Kind::PassUsed) {
        assert!(seen.since(Kind::PassRequested, Kind::PassApproved), "never without an approval");
        assert_eq!(seen.before.state(), "approved");
        let typed = |step: &CaseStep| matches!(step, CaseStep::Matter(MatterStep::Pass(Step::Check { code, .. })) if *code == pass.code);
        assert!(seen.step.is_some_and(typed));
    }
    for event in seen.events {
        assert!(!format!("{:?}{:?}", event.data, event.person).contains(pass.code.as_str()), "the code is told");
    }
}

#[test]
fn a_pass_walks_from_the_form_to_its_end() {
    walk(&Plan {
        openings: Just(Opening::Pass(request())).boxed(),
        steps: steps(),
        allowed: &[
            ("", &["requested"]),
            ("requested", &["approved", "refused", "expired", "withdrawn"]),
            ("approved", &["requested", "used", "expired", "withdrawn"]),
        ],
        waits: &[],
        outcomes: &[],
        check: &check,
        walks: 64,
        attempts: 30,
    });
}
