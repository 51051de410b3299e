use super::*;
use crate::service::case::walk::{Plan, Seen, name, phone, slug, staff, text, unit, walk_along};
use crate::service::case::{Case, Eta, Step as CaseStep, TaskStep};
use crate::service::matter::trial::{Trial, noon};
use crate::service::matter::{Matter, MatterStep, Opening};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

fn asked(code: &str) -> Opening {
    Opening::Service(Request {
        item: Item::of(code).unwrap(),
        wish: Some(text()),
        windows: vec![Window::TodayAfternoon],
        unit: unit(),
        name: name(),
        phone: phone(),
        language: "zh-Hans".into(),
    })
}

fn take(trial: &mut Trial, step: Step) -> Result<(), Objection> {
    trial.step(MatterStep::Service(step), &staff(Role::FrontDesk))
}

fn quote(labour: u32) -> Step {
    Step::Quote { fee: Fee { labour, material: 300 }, channel: Channel::Phone }
}

fn at(from: DateTime<Utc>) -> Span {
    Span { from, to: from + TimeDelta::hours(1) }
}

#[test]
fn the_catalogue_has_29_services_and_calls_none_of_them_free() {
    let numbered: Vec<&str> = CATALOGUE.iter().map(|entry| entry.code).filter(|code| code.len() == 2).collect();
    let expected: Vec<String> = (1..=29).map(|n| format!("{n:02}")).collect();
    assert_eq!(numbered, expected);
    assert_eq!(
        Item::of("29").unwrap().price(&crate::service::price::Prices::default()),
        Price::Listed(Range { from: 100, to: 2000 })
    );

    assert!(Item::of("30").is_none());
}

#[test]
fn a_service_has_a_price_before_it_is_agreed_and_a_call_back_before_it_ends() {
    let mut trial = Trial::open(&asked("29"), noon());
    let soon = Step::Agree { at: at(noon() + TimeDelta::minutes(30)) };
    assert_eq!(take(&mut trial, soon.clone()), Err(Objection::Needs(Need::Price)));
    assert_eq!(take(&mut trial, quote(5000)), Err(Objection::Needs(Need::Price)), "not in the list");
    take(&mut trial, quote(1000)).unwrap();
    let midnight = Step::Agree { at: at(noon() + TimeDelta::hours(11)) };
    assert_eq!(take(&mut trial, midnight), Err(Objection::Needs(Need::Appointment)), "others sleep");
    take(&mut trial, soon).unwrap();
    let task = trial.task(Errand::Serve);
    let claim = |minutes| TaskStep::Claim { on_behalf: None, eta: Some(Eta::Minutes(minutes)), relief: None };
    let desk = staff(Role::FrontDesk);
    let late = trial.take(&CaseStep::Task { task, step: claim(300) }, &desk);
    assert_eq!(late, Err(Objection::Needs(Need::Appointment)));
    trial.take(&CaseStep::Task { task, step: claim(40) }, &desk).unwrap();
    trial.take(&CaseStep::Task { task, step: TaskStep::Arrived { channel: None } }, &desk).unwrap();
    take(&mut trial, Step::Start { entry_consent: true }).unwrap();
    take(&mut trial, Step::Done { result: text(), accepted: true }).unwrap();
    let call_back = Step::CallBack(CallBack { satisfied: true, channel: Channel::Phone, remark: None });
    assert_eq!(take(&mut trial, call_back.clone()), Err(Objection::Needs(Need::Settlement)));
    take(&mut trial, Step::Settle { paid: 1300, receipt: slug("r-2") }).unwrap();
    take(&mut trial, call_back).unwrap();
    assert_eq!(trial.case.state(), "closed");
}

#[test]
fn what_the_companys_list_says_is_what_is_quoted_and_a_third_party_sets_its_own_price() {
    let mut trial = Trial::open(&asked("14"), noon());
    trial.house.figures.price.0.insert("14".into(), Range { from: 8000, to: 8000 });
    assert_eq!(take(&mut trial, quote(7999)), Err(Objection::Needs(Need::Price)));
    take(&mut trial, quote(8000)).unwrap();
    let mut agency = Trial::open(&asked("03"), noon());
    agency.house.figures.price.0.insert("03".into(), Range { from: 1, to: 1 });
    take(&mut agency, quote(90_000)).unwrap();
}

/// Somebody is at the door at the time that was agreed.
fn at_the_place(code: &str, price: Step) -> Trial {
    let mut trial = Trial::open(&asked(code), noon());
    let desk = staff(Role::FrontDesk);
    take(&mut trial, price).unwrap();
    take(&mut trial, Step::Agree { at: at(noon() + TimeDelta::minutes(30)) }).unwrap();
    let task = trial.task(Errand::Serve);
    let claim = TaskStep::Claim { on_behalf: None, eta: Some(Eta::Minutes(40)), relief: None };
    for step in [claim, TaskStep::Arrived { channel: None }] {
        trial.take(&CaseStep::Task { task, step }, &desk).unwrap();
    }
    trial
}

#[test]
fn no_service_is_done_in_a_home_before_somebody_has_let_us_in() {
    let mut trial = at_the_place("29", quote(1000));
    let done = Step::Done { result: text(), accepted: true };
    assert_eq!(take(&mut trial, done.clone()), Err(Objection::Needs(Need::EntryConsent)));
    assert_eq!(take(&mut trial, Step::Start { entry_consent: false }), Err(Objection::Needs(Need::EntryConsent)));
    take(&mut trial, Step::Start { entry_consent: true }).unwrap();
    take(&mut trial, done).unwrap();
    // What is brought to the lobby enters no home.
    assert_eq!(at_the_place("01", quote(1000)).case.state(), "started");
}

#[test]
fn a_service_that_finds_nobody_at_home_is_told_and_waits_for_another_time() {
    let mut trial = at_the_place("29", quote(1000));
    assert_eq!(take(&mut trial, Step::NoAccess { knocks: 1 }), Err(Objection::Needs(Need::SecondKnock)));
    take(&mut trial, Step::NoAccess { knocks: 2 }).unwrap();
    assert!(trial.is_asked(Errand::Revisit) && trial.is_asked(Errand::KnowNoAccess));
    assert!(!trial.is_asked(Errand::Serve), "nobody goes again before the resident has named a time");
    take(&mut trial, Step::Agree { at: at(noon() + TimeDelta::hours(3)) }).unwrap();
    assert!(trial.is_asked(Errand::Serve) && !trial.is_asked(Errand::Revisit));
}

#[test]
fn tickets_are_agreed_by_phone() {
    let mut trial = Trial::open(&asked("05"), noon());
    let fee = Fee::default();
    let message = Step::Quote { fee, channel: Channel::Message };
    assert_eq!(take(&mut trial, message), Err(Objection::Needs(Need::PhoneCall)));
    take(&mut trial, Step::Quote { fee, channel: Channel::Phone }).unwrap();
}

#[test]
fn a_decoration_is_reviewed_before_anything_is_agreed() {
    let mut trial = Trial::open(&asked("decoration"), noon());
    assert_eq!(take(&mut trial, quote(0)), Err(Objection::Needs(Need::Approval)));
    take(&mut trial, Step::Review { documents: vec![slug("plan")], approved: true }).unwrap();
    take(&mut trial, quote(0)).unwrap();
}

#[test]
fn what_cannot_be_done_names_who_can() {
    let mut trial = Trial::open(&asked("16"), noon());
    let bare = Step::Decline { words: text(), alternative: None };
    assert_eq!(take(&mut trial, bare), Err(Objection::Needs(Need::Alternative)));
    take(&mut trial, Step::Decline { words: text(), alternative: Some(text()) }).unwrap();
    assert_eq!(trial.case.state(), "declined");
}

#[test]
fn a_request_that_nobody_confirms_goes_to_a_superior() {
    let mut trial = Trial::open(&asked("parking-lease"), noon());
    trial.wait(TimeDelta::hours(24));
    assert!(trial.is_asked(Errand::TakeOver) && trial.is_asked(Errand::Apologise));
}

fn service(case: &Case) -> &Service {
    match &case.matter {
        Matter::Service(service) => service,
        other => panic!("a service, not {other:?}"),
    }
}

fn onward(case: &Case, now: crate::event::Now) -> Option<(CaseStep, Role)> {
    let this = service(case);
    let task = case.docket.errands(Errand::Serve).next();
    let step = match (this.phase, task) {
        (Phase::Requested, _) => quote(1000),
        (Phase::Quoted, _) => Step::Agree { at: at(now.utc + TimeDelta::minutes(1)) },
        (Phase::Agreed, _) if this.agreed.is_some_and(|agreed| agreed.to < now.utc) => {
            Step::Agree { at: at(now.utc + TimeDelta::minutes(1)) }
        }
        (Phase::Agreed, Some(task)) => {
            let eta = this.agreed.map(|agreed| Eta::At(agreed.to));
            let step = match task.state {
                crate::service::case::TaskState::Offered => TaskStep::Claim { on_behalf: None, eta, relief: None },
                _ => TaskStep::Arrived { channel: None },
            };
            return Some((CaseStep::Task { task: task.id, step }, Role::Supervisor));
        }
        (Phase::Arrived, _) => Step::Start { entry_consent: true },
        (Phase::NoAccess, _) => Step::Agree { at: at(now.utc + TimeDelta::minutes(1)) },
        (Phase::Started, _) => Step::Done { result: text(), accepted: true },
        (Phase::Done, _) => Step::Settle { paid: 1300, receipt: slug("r-1") },
        (Phase::Settled, _) => {
            Step::CallBack(CallBack { satisfied: true, channel: Channel::Phone, remark: Some(text()) })
        }
        _ => return None,
    };
    Some((CaseStep::Matter(MatterStep::Service(step)), Role::FrontDesk))
}

fn check(seen: &Seen<'_>) {
    if seen.after.state() == "closed" {
        assert!(seen.since(Kind::ServiceDone, Kind::ServiceCalledBack), "no close without call-back");
    }
    if seen.events.iter().any(|event| event.kind == Kind::ServiceAgreed) {
        assert!(seen.since(Kind::ServiceCalledBack, Kind::ServiceQuoted), "no agreement without a price");
    }
    let (before, after) = (service(seen.before), service(seen.after));
    if after.phase == Phase::Started && before.phase != Phase::Started && after.item.entry().at_home {
        let started = seen.events.iter().find(|event| event.kind == Kind::ServiceStarted).expect("it is told");
        assert_eq!(started.data["entry_consent"], true, "no work in a home without consent");
    }
}

#[test]
fn no_walk_through_a_service_ends_without_price_and_call_back() {
    let steps = prop_oneof![
        any::<bool>().prop_map(|approved| Step::Review { documents: vec![slug("plan")], approved }),
        prop::sample::select(vec![1000, 9000]).prop_map(quote),
        (0..48i64).prop_map(|hours| Step::Agree { at: at(noon() + TimeDelta::hours(hours)) }),
        prop::option::weighted(0.1, Just(text())).prop_map(|alternative| Step::Decline { words: text(), alternative }),
        any::<bool>().prop_map(|entry_consent| Step::Start { entry_consent }),
        (1..3u8).prop_map(|knocks| Step::NoAccess { knocks }),
        any::<bool>().prop_map(|accepted| Step::Done { result: text(), accepted }),
        prop::sample::select(vec![1300, 1]).prop_map(|paid| Step::Settle { paid, receipt: slug("r-1") }),
        any::<bool>().prop_map(|satisfied| Step::CallBack(CallBack {
            satisfied,
            channel: Channel::Phone,
            remark: Some(text())
        })),
    ];
    let plan = Plan {
        openings: prop::sample::select(vec!["05", "29", "decoration"]).prop_map(asked).boxed(),
        steps: steps.prop_map(MatterStep::Service).boxed(),
        allowed: &[
            ("", &["requested"]),
            ("requested", &["quoted", "declined", "withdrawn"]),
            ("quoted", &["agreed", "declined", "withdrawn"]),
            ("agreed", &["arrived", "started", "declined", "withdrawn"]),
            ("arrived", &["agreed", "started", "no-access", "declined", "withdrawn"]),
            ("no-access", &["agreed", "declined", "withdrawn"]),
            ("started", &["agreed", "done", "settled"]),
            ("done", &["settled"]),
            ("settled", &["requested", "closed"]),
        ],
        waits: &[],
        outcomes: &["told"],
        check: &check,
        walks: 48,
        attempts: 120,
    };
    walk_along(&plan, &onward);
}
