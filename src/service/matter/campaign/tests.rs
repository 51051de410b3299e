//! A survey walked at random, and what its figures must say.

use super::*;
use crate::service::case::walk::{Plan, slug, staff, text, walk};
use crate::service::matter::trial::{Trial, noon};
use crate::service::matter::{MatterStep, Opening};
use chrono::TimeDelta;
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn request(from: &str, to: &str) -> Request {
    Request {
        name: None,
        kind: Extent::Pulse,
        from: day(from),
        to: day(to),
        questions: Vec::new(),
        proposed: false,
        before: None,
    }
}

fn answer(stars: [u8; 3], wish: Option<Text>) -> MatterStep {
    let codes = usual(Extent::Pulse).into_iter().map(|question| question.code);
    let stars = codes.zip(stars).map(|(code, n)| (code, Stars::try_from(n).unwrap())).collect();
    MatterStep::Campaign(Step::Answer { stars, wish })
}

fn running() -> Trial {
    Trial::open(&Opening::Campaign(request("2026-11-20", "2026-11-22")), noon())
}

fn survey(trial: &Trial) -> &Campaign {
    let crate::service::matter::Matter::Campaign(campaign) = &trial.case.matter else { panic!() };
    campaign
}

#[test]
fn answers_are_counted_without_a_name_and_a_wish_stands_apart() {
    let mut trial = running();
    trial.step(answer([5, 4, 5], None), &Actor::GUEST).unwrap();
    trial.step(answer([1, 4, 3], Some(text())), &Actor::GUEST).unwrap();
    assert_eq!(trial.facts(Kind::SurveyAnswered)["rating"], json!({ "attitude": 1, "speed": 4, "overall": 3 }));
    assert_eq!(trial.person(Kind::SurveyAnswered)["text"], json!(text().as_str()));
    assert!(!trial.facts(Kind::SurveyAnswered).contains_key("by"));
    let outcome = survey(&trial).outcome(trial.case.docket.number);
    assert_eq!((outcome.answers, outcome.results[0].stars), (2, [1, 0, 0, 0, 1]));
    assert_eq!(outcome.results.iter().map(Counted::mean).collect::<Vec<_>>(), [Some(3.0), Some(4.0), Some(4.0)]);
}

#[test]
fn only_somebody_at_the_glass_answers_and_answers_everything() {
    let mut trial = running();
    for by in [staff(Role::Supervisor), Actor::DAEMON] {
        assert_eq!(trial.step(answer([5, 5, 5], None), &by).unwrap_err(), Objection::Right);
    }
    let one = MatterStep::Campaign(Step::Answer { stars: BTreeMap::from([(slug("speed"), Stars::BEST)]), wish: None });
    assert_eq!(trial.step(one, &Actor::GUEST).unwrap_err(), Objection::Needs(Need::Choice));
}

#[test]
fn one_glass_does_not_answer_for_the_whole_house() {
    let mut trial = running();
    let limit = trial.house.figures.survey.answers_per_hour;
    for _ in 0..limit {
        trial.step(answer([1, 1, 1], None), &Actor::GUEST).unwrap();
    }
    assert_eq!(trial.step(answer([1, 1, 1], None), &Actor::GUEST).unwrap_err(), Objection::TooSoon);
    assert_eq!(survey(&trial).full_until(&trial.house), Some(noon() + TimeDelta::hours(1)));
    trial.wait(TimeDelta::hours(1));
    trial.step(answer([5, 5, 5], None), &Actor::GUEST).unwrap();
    assert_eq!((survey(&trial).answers, survey(&trial).full_until(&trial.house)), (limit + 1, None));
}

#[test]
fn a_survey_ends_with_its_last_day_and_the_report_goes_to_the_supervisor() {
    let earlier = |code, stars| Counted { code: slug(code), stars };
    let before = Outcome {
        number: Number { series: Series::Survey, day: 20_260_801, nth: 1 },
        name: None,
        kind: Extent::Pulse,
        from: day("2026-08-01"),
        to: day("2026-08-14"),
        answers: 2,
        results: vec![earlier("attitude", [0, 0, 0, 2, 0]), earlier("parking", [2, 0, 0, 0, 0])],
    };
    let opening = Request { before: Some(before), ..request("2026-11-20", "2026-11-22") };
    let mut trial = Trial::open(&Opening::Campaign(opening), noon());
    trial.step(answer([5, 4, 5], None), &Actor::GUEST).unwrap();
    trial.wait(TimeDelta::hours(35));
    assert_eq!(trial.case.state(), "running", "until midnight at the site");
    trial.wait(TimeDelta::hours(1));
    assert_eq!(trial.case.state(), "ended");
    let told = trial.facts(Kind::SurveyEnded);
    assert_eq!((&told["answers"], &told["before"]["answers"]), (&json!(1), &json!(2)));
    let results = told["results"].as_array().unwrap();
    assert_eq!((&results[0]["mean"], &results[0]["before"]), (&json!(5.0), &json!(4.0)));
    assert_eq!(results[1]["before"], json!(null), "it was not asked then");
    let task = trial.task(Errand::KnowSurvey);
    assert_eq!(trial.case.docket.task(task).unwrap().asked().next(), Some(&slug("office")));
    assert_eq!(
        trial.step(answer([5, 4, 5], None), &Actor::GUEST).unwrap_err(),
        Objection::Order("ended"),
        "it is over"
    );
    trial.done(task, None, None, &staff(Role::Supervisor)).unwrap();
    assert_eq!(trial.case.state(), "closed");
}

#[test]
fn what_is_planned_begins_by_itself_on_its_first_day() {
    let mut trial = Trial::open(&Opening::Campaign(request("2026-11-22", "2026-11-30")), noon());
    assert_eq!(trial.step(answer([5, 5, 5], None), &Actor::GUEST).unwrap_err(), Objection::Order("planned"));
    trial.wait(TimeDelta::hours(12));
    assert_eq!(trial.case.state(), "running");
}

#[test]
fn what_the_calendar_proposes_is_begun_by_who_leads_or_called_off_with_a_reason() {
    let proposal = Request { proposed: true, ..request("2026-11-01", "2026-11-30") };
    let mut trial = Trial::open(&Opening::Campaign(proposal.clone()), noon());
    let task = trial.task(Errand::PrepareSurvey);
    let ticked = trial.done(task, None, None, &staff(Role::Supervisor));
    assert_eq!(ticked.unwrap_err(), Objection::Needs(Need::SurveyBegun));
    let begin = || MatterStep::Campaign(Step::Begin);
    assert_eq!(trial.step(begin(), &staff(Role::FrontDesk)).unwrap_err(), Objection::Right);
    trial.step(begin(), &staff(Role::Supervisor)).unwrap();
    assert_eq!((survey(&trial).from, survey(&trial).to), (day("2026-11-21"), day("2026-12-04")), "fourteen days");
    assert!(!trial.is_asked(Errand::PrepareSurvey));

    let mut trial = Trial::open(&Opening::Campaign(proposal), noon());
    trial.wait(TimeDelta::days(10));
    assert!(trial.events.iter().any(|event| event.kind == Kind::PromiseBreached), "the month is over");
    assert!(trial.case.docket.highlighted && trial.is_asked(Errand::PrepareSurvey));
    trial.step(MatterStep::Campaign(Step::CallOff { reason: text() }), &staff(Role::ProjectManager)).unwrap();
    assert_eq!(trial.case.state(), "called-off");
}

#[test]
fn a_survey_needs_days_that_can_be_and_questions_that_may_be_asked() {
    let today = day("2026-11-21");
    let lead = staff(Role::Supervisor);
    let may = |request: &Request| may_open(request, &lead, today);
    assert_eq!(may(&request("2026-11-21", "2026-11-21")), Ok(()));
    for (from, to) in [("2026-11-01", "2026-11-20"), ("2026-12-02", "2026-12-01"), ("2026-11-21", "2027-03-01")] {
        assert_eq!(may(&request(from, to)), Err(Objection::Needs(Need::Days)), "{from} to {to}");
    }
    assert_eq!(may_open(&request("2026-11-21", "2026-11-22"), &staff(Role::Guard), today), Err(Objection::Right));
    let asking = |questions: Vec<Question>| Request { questions, ..request("2026-11-21", "2026-11-22") };
    let mut twice = usual(Extent::Pulse);
    twice.push(twice[0].clone());
    assert_eq!(may(&asking(twice)), Err(Objection::Full));
    let mut rude = usual(Extent::Pulse);
    rude[0].simplified = Text::parse("不知道").unwrap();
    assert_eq!(may(&asking(rude)), Err(Objection::Wording));
    for kind in [Extent::Pulse, Extent::Yearly] {
        assert!(usual(kind).iter().all(Question::may_be_asked));
    }
    let all: Vec<Slug> = usual(Extent::Yearly).into_iter().map(|question| question.code).collect();
    assert!(usual(Extent::Pulse).iter().all(|question| all.contains(&question.code)), "a year asks all of a quarter");
}

#[test]
fn no_survey_asks_after_its_end_or_ends_without_its_report() {
    let openings = (any::<bool>(), -3i64..6, 0i64..5).prop_map(|(proposed, from, days)| {
        let from = day("2026-11-21") + TimeDelta::days(from);
        let to = from + TimeDelta::days(days);
        Opening::Campaign(Request { proposed, from, to, ..request("2026-11-21", "2026-11-21") })
    });
    let steps = prop_oneof![
        6 => ([1u8..6, 1u8..6, 1u8..6], any::<bool>()).prop_map(|(stars, wish)| answer(stars, wish.then(text))),
        1 => Just(MatterStep::Campaign(Step::Begin)),
        1 => Just(MatterStep::Campaign(Step::End)),
        1 => Just(MatterStep::Campaign(Step::CallOff { reason: text() })),
    ];
    walk(&Plan {
        openings: openings.boxed(),
        steps: steps.boxed(),
        allowed: &[
            ("", &["proposed", "planned", "running"]),
            ("proposed", &["running", "called-off"]),
            ("planned", &["running", "called-off"]),
            ("running", &["ended"]),
            ("ended", &["closed"]),
        ],
        waits: &[],
        outcomes: &[],
        check: &|seen| {
            let crate::service::matter::Matter::Campaign(campaign) = &seen.after.matter else { panic!() };
            assert_eq!(campaign.answers as usize, seen.count(Kind::SurveyAnswered));
            assert!(campaign.counts.iter().all(|stars| stars.iter().sum::<u32>() == campaign.answers));
            let ended = matches!(campaign.phase, Phase::Ended | Phase::Closed);
            assert_eq!(usize::from(ended), seen.count(Kind::SurveyEnded));
            let answered = seen.events.iter().any(|event| event.kind == Kind::SurveyAnswered);
            assert!(!answered || (campaign.phase == Phase::Running && seen.by.role.is_none()));
        },
        walks: 100,
        attempts: 40,
    });
}
