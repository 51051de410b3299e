use super::*;
use crate::service::case::walk::{Plan, Seen, name, phone, staff, text, unit, vacant_unit, walk};
use crate::service::contact::Unit;
use crate::service::identity::Consent;
use crate::service::matter::trial::{Trial, noon};
use crate::service::matter::{Matter, MatterStep, Opening};
use crate::service::staff::{Actor, Role};
use proptest::prelude::*;
use std::num::NonZeroU8;

fn sign_in() -> SignIn {
    SignIn {
        unit: unit(),
        name: Some(name()),
        phone: Some(phone()),
        identity: None,
        purpose: Purpose::Friends,
        note: None,
        heads: NonZeroU8::MIN,
        way_in: WayIn::Host,
        language: "zh-Hans".into(),
    }
}

fn visit_of(trial: &Trial) -> &Visit {
    let Matter::Visit(visit) = &trial.case.matter else { panic!("not a visit") };
    visit
}

fn step(trial: &mut Trial, step: Step, by: &Actor) -> Result<(), Objection> {
    trial.step(MatterStep::Visit(step), by)
}

fn open(request: SignIn, at: DateTime<Utc>) -> Trial {
    Trial::open(&Opening::Visit(request), at)
}

#[test]
fn a_host_who_comes_is_told_and_the_visitor_is_let_in_and_signs_out() {
    let mut visit = open(sign_in(), noon());
    assert_eq!(visit.case.state(), "arrived");
    visit.answer(Errand::CallHost, "coming").unwrap();
    assert_eq!(visit.case.state(), "coming");
    step(&mut visit, Step::Admit, &staff(Role::Guard)).unwrap();
    assert!(visit_of(&visit).is_inside());
    step(&mut visit, Step::SignOut, &Actor::GUEST).unwrap();
    assert_eq!((visit.case.state(), visit.case.is_closed()), ("signed-out", true));
    assert_eq!(visit.facts(Kind::VisitSignedOut)["signed_out_by"], "visitor");
}

#[test]
fn absent_and_unwilling_are_one_answer_and_the_reason_is_kept_nowhere() {
    let mut visit = open(sign_in(), noon());
    for word in ["absent", "unwilling", "refused", "not-wanted"] {
        assert_eq!(visit.answer(Errand::CallHost, word), Err(Objection::Needs(Need::Outcome)), "{word}");
    }
    let (task, leader) = (visit.task(Errand::CallHost), staff(Role::ShiftLeader));
    assert_eq!(visit.done(task, Some("not-here"), Some(text()), &leader), Err(Objection::NotKept));
    visit.answer(Errand::CallHost, "not-here").unwrap();
    assert_eq!(visit.case.state(), "not-here");
    assert_eq!(visit.facts(Kind::VisitHostAnswered)["answer"], "not-here");
    for reason in ["no-identity", "not-expected", "soliciting", "disturbance", "vacant-unit", "other"] {
        let json = format!(r#"{{"turn-away":{{"reason":"{reason}"}}}}"#);
        assert!(serde_json::from_str::<Step>(&json).is_ok(), "{reason}");
    }
    assert!(serde_json::from_str::<Step>(r#"{"turn-away":{"reason":"host-unwilling"}}"#).is_err());
}

#[test]
fn a_message_for_the_host_is_told_to_him_even_when_the_visitor_has_gone() {
    let mut visit = open(sign_in(), noon());
    visit.answer(Errand::CallHost, "not-here").unwrap();
    step(&mut visit, Step::LeaveMessage { text: text(), card: false }, &Actor::GUEST).unwrap();
    step(&mut visit, Step::SignOut, &Actor::GUEST).unwrap();
    assert_eq!(visit.case.state(), "message-left");
    assert_eq!(visit.person(Kind::VisitMessageLeft)["message"], text().as_str());
    assert!(
        visit
            .case
            .docket
            .clock(Promise::PassOn)
            .is_some_and(|clock| clock.due.time() == visit.at + TimeDelta::hours(1))
    );
    visit.wait(TimeDelta::hours(30));
    assert_eq!(visit.facts(Kind::PromiseBreached)["promise"], "pass-on", "R170: with a promise of its own");
    assert!(visit.is_asked(Errand::TellResult) && !visit.case.is_closed());
    visit.answer(Errand::TellResult, "told").unwrap();
    assert!(visit.case.is_closed());
}

#[test]
fn who_asks_to_be_called_back_says_nothing_and_at_night_the_morning_is_promised() {
    let mut visit = open(sign_in(), "2026-11-21T15:30:00Z".parse().unwrap());
    step(&mut visit, Step::AskCallBack, &Actor::GUEST).unwrap();
    assert_eq!((visit.case.state(), visit.is_asked(Errand::TellResult)), ("message-left", true));
    let left = visit.last(Kind::VisitMessageLeft);
    assert_eq!((left.data["what"].as_str(), left.person.is_none()), (Some("visitor-call-back"), true));
    // R239: from seven on.
    let promised = visit.case.docket.clock(Promise::PassOn).unwrap().due;
    assert_eq!(promised, Due::At("2026-11-22T00:00:00Z".parse().unwrap()));
    visit.answer(Errand::TellResult, "told").unwrap();
    assert!(visit.case.is_closed());
}

#[test]
fn at_night_no_host_is_called_unless_the_guard_says_so() {
    let mut visit = open(sign_in(), "2026-11-21T15:30:00Z".parse().unwrap());
    assert_eq!((visit.case.state(), visit.is_asked(Errand::CallHost)), ("guard-check", false));
    assert_eq!(visit.facts(Kind::VisitGuardAlerted)["why"], "quiet-hours");
    visit.answer(Errand::SeePerson, "call-host").unwrap();
    assert!(visit.is_asked(Errand::CallHost));
}

/// Anybody could ask the glass of any unit whether somebody lives there: by day a vacant one showed the guard at once, and no other did.
#[test]
fn the_glass_shows_the_same_whether_somebody_lives_there_or_not() {
    let night = "2026-11-21T15:30:00Z".parse().unwrap();
    for at in [noon(), night] {
        for sign_in in [sign_in(), SignIn { phone: None, ..sign_in() }] {
            let shown = |unit| {
                let visit = open(SignIn { unit, ..sign_in.clone() }, at);
                (visit_of(&visit).shown(), crate::service::matter::Machine::state(visit_of(&visit)))
            };
            let (here, there) = (shown(unit()), shown(vacant_unit()));
            assert_eq!((here.0, there.1), (there.0, "guard-check"), "{at}");
        }
    }
}

#[test]
fn who_names_a_vacant_unit_meets_a_guard_and_not_a_bell() {
    for way_in in [WayIn::Host, WayIn::Card, WayIn::ForgottenCard] {
        let visit = open(SignIn { unit: vacant_unit(), way_in, ..sign_in() }, noon());
        assert_eq!(visit.facts(Kind::VisitGuardAlerted)["why"], "vacant-unit");
        assert!(
            visit.is_asked(Errand::SeePerson) && !visit.is_asked(Errand::CallHost) && !visit_of(&visit).is_inside()
        );
    }
}

#[test]
fn who_keeps_his_identity_number_to_himself_meets_a_guard_and_who_gives_it_leaves_a_tail_and_the_notice_he_read() {
    let visit =
        open(SignIn { identity: Some(Consent { days: 90, declared: Declared::Declined }), ..sign_in() }, noon());
    assert_eq!(
        (visit.case.state(), visit.facts(Kind::VisitGuardAlerted)["why"].as_str()),
        ("guard-check", Some("identity"))
    );
    assert_eq!(visit.facts(Kind::VisitArrived)["identity"], json!({"notice": NOTICE, "days": 90, "consent": false}));
    let given = Declared::Given { tail: "002X".into(), reference: "5eed".into() };
    let visit = open(SignIn { identity: Some(Consent { days: 45, declared: given }), ..sign_in() }, noon());
    assert_eq!(visit.case.state(), "arrived");
    assert_eq!(visit.facts(Kind::VisitArrived)["identity"], json!({"notice": NOTICE, "days": 45, "consent": true}));
    assert!(!visit.facts(Kind::VisitArrived).contains_key("identity_tail"), "it stands with the person");
    let visit = open(sign_in(), noon());
    assert!(!visit.facts(Kind::VisitArrived).contains_key("identity"), "nobody was asked");
    // Nobody writes one from outside.
    let text = json!({"unit": "1203", "purpose": "friends", "language": "en", "identity": {"given": {"tail": "1", "reference": "2"}}});
    assert!(serde_json::from_value::<SignIn>(text).is_err());
}

#[test]
fn who_does_not_say_who_he_is_meets_a_guard() {
    let visit = open(SignIn { phone: None, ..sign_in() }, noon());
    assert_eq!(
        (visit.case.state(), visit.facts(Kind::VisitGuardAlerted)["why"].as_str()),
        ("guard-check", Some("identity"))
    );
    let mut visit = open(sign_in(), noon());
    step(&mut visit, Step::RefuseIdentity, &Actor::GUEST).unwrap();
    assert!(visit.is_asked(Errand::SeePerson) && !visit.is_asked(Errand::CallHost));
}

#[test]
fn the_butler_decides_about_a_forgotten_card_and_his_answer_is_told() {
    let mut visit = open(SignIn { way_in: WayIn::ForgottenCard, ..sign_in() }, noon());
    assert_eq!(visit.case.state(), "butler-called");
    visit.answer(Errand::AskButler, "let-in").unwrap();
    assert_eq!(
        (visit.case.state(), visit.facts(Kind::VisitButlerAnswered)["answer"].as_str()),
        ("admitted", Some("let-in"))
    );
    let mut visit = open(SignIn { way_in: WayIn::ForgottenCard, ..sign_in() }, noon());
    visit.answer(Errand::AskButler, "refused").unwrap();
    assert_eq!(visit.facts(Kind::VisitTurnedAway)["reason"], "card-not-confirmed");
}

#[test]
fn who_has_not_signed_out_is_presumed_to_have_left_and_who_was_seen_is_not() {
    let mut left = open(SignIn { way_in: WayIn::Card, ..sign_in() }, noon());
    let mut seen = open(SignIn { way_in: WayIn::Card, ..sign_in() }, noon());
    left.wait(TimeDelta::minutes(10 * 60 + 35));
    seen.wait(TimeDelta::minutes(10 * 60 + 35));
    assert!(!left.case.is_closed(), "the guards have an hour for their evening check");
    step(&mut seen, Step::StillHere, &staff(Role::Guard)).unwrap();
    left.wait(TimeDelta::hours(2));
    seen.wait(TimeDelta::hours(2));
    assert_eq!((left.case.state(), seen.case.state()), ("signed-out", "card-ok"));
    assert_eq!(left.facts(Kind::VisitSignedOut)["signed_out_by"], "presumed");
    seen.wait(TimeDelta::hours(24));
    assert_eq!(seen.case.state(), "signed-out");
}

#[test]
fn who_came_a_moment_before_the_end_of_the_day_is_not_sent_off() {
    let mut visit = open(sign_in(), "2026-11-21T15:25:00Z".parse().unwrap());
    visit.wait(TimeDelta::minutes(10));
    assert!(!visit.case.is_closed());
}

#[test]
fn a_gateway_that_learns_the_time_sends_nobody_off() {
    let start = DateTime::from_timestamp(0, 0).unwrap();
    let mut visit = open(SignIn { way_in: WayIn::Card, ..sign_in() }, start);
    visit.wait(TimeDelta::hours(2));
    let by = noon() - visit.at;
    visit.case.shift(by, start);
    visit.wait(by);
    assert_eq!(visit.case.state(), "card-ok", "the day that ended was none");
    visit.wait(TimeDelta::hours(12));
    assert_eq!(visit.case.state(), "signed-out");
}

#[test]
fn who_waits_long_for_his_host_is_asked_how_it_goes() {
    let mut visit = open(sign_in(), noon());
    visit.answer(Errand::CallHost, "wait").unwrap();
    visit.wait(TimeDelta::minutes(11));
    assert!(visit.is_asked(Errand::SeePerson));
    visit.answer(Errand::SeePerson, "waits").unwrap();
    assert_eq!(visit.case.state(), "waiting");
    visit.wait(TimeDelta::minutes(11));
    assert!(visit.is_asked(Errand::SeePerson));
}

#[test]
fn nobody_is_turned_away_by_a_guest_or_an_auditor() {
    let mut visit = open(sign_in(), noon());
    for by in [Actor::GUEST, staff(Role::Auditor)] {
        let away = Step::TurnAway { reason: Refusal::NotExpected };
        assert_eq!(step(&mut visit, away, &by), Err(Objection::Right));
        assert_eq!(step(&mut visit, Step::Admit, &by), Err(Objection::Right));
    }
}

#[test]
fn the_host_is_called_at_once_and_the_visitor_sees_that_somebody_does() {
    let mut visit = open(sign_in(), noon());
    let task = visit.task(Errand::CallHost);
    visit.claim(task, None, &staff(Role::Guard)).unwrap();
    assert_eq!(visit.case.state(), "host-called");
    step(&mut visit, Step::CallHost, &staff(Role::Guard)).unwrap();
    assert_eq!(visit.case.docket.errands(Errand::CallHost).count(), 1, "the bell does not ring twice at a time");
}

/// R232: first come, first served. Nothing of a person or a unit decides whom a ladder asks, or when.
#[test]
fn no_name_and_no_unit_is_served_sooner() {
    let other = SignIn { unit: Unit::parse("1-0101").unwrap(), name: None, ..sign_in() };
    let ladder = |visit: &Trial, errand| visit.case.docket.errands(errand).next().unwrap().ladder.clone();
    let (one, two) = (open(sign_in(), noon()), open(other, noon()));
    assert_eq!(ladder(&one, Errand::CallHost), ladder(&two, Errand::SeePerson));
}

#[test]
fn a_visit_has_no_field_for_how_somebody_looks() {
    let whole = serde_json::to_value(sign_in()).unwrap();
    for field in ["looks", "appearance", "clothing", "photo"] {
        let mut form = whole.clone();
        form[field] = json!("…");
        assert!(serde_json::from_value::<SignIn>(form).is_err(), "{field}");
    }
}

#[test]
fn the_people_of_a_group_are_counted() {
    let visit = open(SignIn { heads: NonZeroU8::new(5).unwrap(), ..sign_in() }, noon());
    assert_eq!(visit.case.docket.facts["heads"], 5);
}

const TABLE: &[(&str, &[&str])] = &[
    ("", &["arrived", "guard-check", "butler-called", "card-ok"]),
    (
        "arrived",
        &[
            "host-called",
            "guard-check",
            "butler-called",
            "card-ok",
            "admitted",
            "turned-away",
            "message-left",
            "signed-out",
        ],
    ),
    (
        "host-called",
        &[
            "arrived",
            "coming",
            "waiting",
            "not-here",
            "admitted",
            "guard-check",
            "butler-called",
            "card-ok",
            "turned-away",
            "message-left",
            "signed-out",
        ],
    ),
    ("guard-check", &["arrived", "admitted", "butler-called", "card-ok", "turned-away", "message-left", "signed-out"]),
    ("butler-called", &["arrived", "admitted", "guard-check", "card-ok", "turned-away", "message-left", "signed-out"]),
    (
        "waiting",
        &[
            "arrived",
            "admitted",
            "guard-check",
            "butler-called",
            "card-ok",
            "turned-away",
            "message-left",
            "signed-out",
        ],
    ),
    (
        "coming",
        &[
            "arrived",
            "admitted",
            "guard-check",
            "butler-called",
            "card-ok",
            "turned-away",
            "message-left",
            "signed-out",
        ],
    ),
    (
        "not-here",
        &[
            "arrived",
            "admitted",
            "guard-check",
            "butler-called",
            "card-ok",
            "turned-away",
            "message-left",
            "signed-out",
        ],
    ),
    ("message-left", &["signed-out"]),
    ("admitted", &["signed-out"]),
    ("card-ok", &["signed-out"]),
];

fn steps() -> BoxedStrategy<MatterStep> {
    let steps = prop_oneof![
        1 => Just(Step::CardShown),
        1 => Just(Step::CardForgotten),
        1 => Just(Step::RefuseIdentity),
        3 => Just(Step::CallHost),
        1 => Just(Step::Admit),
        1 => Just(Step::TurnAway { reason: Refusal::NotExpected }),
        1 => any::<bool>().prop_map(|card| Step::LeaveMessage { text: text(), card }),
        1 => Just(Step::AskCallBack),
        40 => Just(Step::StillHere),
        1 => Just(Step::SignOut),
    ];
    steps.prop_map(MatterStep::Visit).boxed()
}

fn openings() -> BoxedStrategy<Opening> {
    let way_in = prop::sample::select(vec![WayIn::Host, WayIn::Host, WayIn::Card, WayIn::ForgottenCard]);
    let unit = prop_oneof![9 => Just(unit()), 1 => Just(vacant_unit())];
    (way_in, unit, prop::option::weighted(0.8, Just(phone())))
        .prop_map(|(way_in, unit, phone)| Opening::Visit(SignIn { way_in, unit, phone, ..sign_in() }))
        .boxed()
}

/// What is true of every visit, whatever people do.
fn check(seen: &Seen<'_>) {
    let docket = &seen.after.docket;
    for event in seen.events {
        let facts = serde_json::to_string(&*event.data).unwrap();
        assert!(!facts.contains("unwilling") && !facts.contains("absent"), "R169: {facts}");
        let answer = event.data.get("outcome").and_then(|outcome| outcome.as_str());
        if event.data.get("errand").is_some_and(|errand| errand == "call-host")
            && let Some(answer) = answer
        {
            assert!(HOST_ANSWERS.contains(&answer), "R169: {answer}");
            assert!(!event.person.as_ref().is_some_and(|person| person.contains_key("text")), "R169: a note");
        }
        if event.kind == Kind::VisitAdmitted || event.kind == Kind::VisitTurnedAway {
            assert!(seen.by.role.is_some_and(|role| role != Role::Auditor), "staff decide");
        }
    }
    let Matter::Visit(visit) = &seen.after.matter else { panic!("not a visit") };
    assert!(docket.errands(Errand::CallHost).count() <= 1, "the host is called once at a time");
    let waits = visit.is_waiting() || visit.phase == Phase::MessageLeft;
    assert!(waits || docket.tasks.is_empty(), "nobody is asked for a visitor who is in or gone");
    assert!(seen.after.is_closed() || visit.phase == Phase::MessageLeft || docket.clock(Promise::DayEnd).is_some());
}

#[test]
fn a_visit_walks_from_arrived_to_its_end() {
    walk(&Plan {
        openings: openings(),
        steps: steps(),
        allowed: TABLE,
        waits: &[],
        outcomes: &["coming", "come-up", "wait", "not-here", "admitted", "let-in", "refused", "call-host", "waits"],
        check: &check,
        walks: 300,
        attempts: 40,
    });
}
