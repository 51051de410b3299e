//! The survey of satisfaction (R289-R291): begun on the guards' page's way, answered at the glass through a real desk without a
//! name, ended by the clock, and what it came to kept for the next one.

#[path = "common/clockwork.rs"]
mod clockwork;
#[path = "common/kiosk.rs"]
mod kiosk;

use chrono::{Datelike, TimeDelta};
use clockwork::{Machine, Open, house, noon, open};
use kiosk::Glass;
use lobbyd::desk::{Answer, Command, Refusal};
use lobbyd::event::{Kind, Slug};
use lobbyd::journal::Reader;
use lobbyd::service::case::{Objection, Source};
use lobbyd::service::matter::Opening;
use lobbyd::service::period::Period;
use lobbyd::service::report::Report;
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::{Value, json};

/// From today on, for so many days.
fn survey(open: &Open, days: i64) -> Opening {
    let today = open.desk.now().utc.with_timezone(&house().zone).date_naive();
    let to = today + TimeDelta::days(days - 1);
    serde_json::from_value(json!({ "campaign": { "kind": "pulse", "from": today, "to": to } })).unwrap()
}

fn begin(open: &Open, days: i64, role: Role) -> Result<Answer, Refusal> {
    let by = Actor::staff(Slug::new("li-wei").unwrap(), "测试乙".into(), role, None, Via::Page);
    open.ask(Command::Open { opening: survey(open, days), source: Source::Internal, by })
}

/// Three faces, and no wish.
fn answer(glass: &mut Glass, faces: [&str; 3]) {
    for (page, face) in ["survey.1", "survey.2", "survey.3"].into_iter().zip(faces) {
        assert_eq!(glass.page(), page);
        glass.press(face);
    }
    assert_eq!(glass.page(), "survey.wish");
    glass.press("next");
}

fn last_report(open: &Open) -> Value {
    open.told(Kind::SurveyEnded).pop().expect("a survey has ended")
}

#[test]
fn while_a_survey_runs_the_glass_asks_it_without_a_name_and_journals_it_before_it_thanks() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    glass.press("home.services");
    assert!(!glass.has("services.survey"), "no survey runs");
    glass.press("back");

    assert!(matches!(begin(&open, 3, Role::Supervisor), Ok(Answer::Opened { .. })));
    glass.hears_of_surveys(&house());
    glass.press("home.services");
    glass.press("services.survey");
    assert!(glass.words().contains("不记名"), "{}", glass.words());
    glass.press("rate.5");
    glass.press("back");
    for face in ["rate.4", "rate.5", "rate.3"] {
        glass.press(face);
    }
    glass.press("key.letters");
    glass.keys("bench");
    assert!(open.told(Kind::SurveyAnswered).is_empty(), "nothing is sent before it is asked for");
    glass.press("next");
    assert_eq!(glass.page(), "survey.thanks");
    assert!(!format!("{:?}", glass.outline()).contains("bench"), "nothing typed is in the outline");
    let told = &open.told(Kind::SurveyAnswered)[0];
    assert_eq!(told["rating"], json!({ "attitude": 4, "speed": 5, "overall": 3 }));
    assert_eq!((&told["person"], &told["via"]), (&json!({ "text": "bench" }), &json!("kiosk")));
    glass.press("next");
    assert_eq!(glass.page(), "home");
    open.close();
}

#[test]
fn a_goodbye_asks_for_the_survey_but_not_who_has_just_complained() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    begin(&open, 3, Role::ProjectManager).unwrap();
    let mut glass = Glass::before(&open);
    glass.hears_of_surveys(&house());
    for entry in ["report.suggestion", "report.complaint"] {
        glass.press("home.repair");
        glass.press(entry);
        glass.press("key.letters");
        glass.keys("bench");
        glass.press("next");
        if entry == "report.complaint" {
            glass.press("topic.cleaning");
            glass.keys("wang");
            glass.press("candidate.1");
            glass.press("next");
            glass.keys("13800000042");
            glass.press("next");
            assert_eq!(glass.page(), "complaint.received");
            assert!(!glass.has("survey"));
            continue;
        }
        glass.press("reply.no");
        assert_eq!(glass.page(), "suggestion.received");
        glass.press("survey");
        answer(&mut glass, ["rate.5", "rate.5", "rate.5"]);
        assert_eq!(glass.page(), "survey.thanks");
        assert!(!glass.has("survey"), "once");
        glass.press("next");
    }
    open.close();
}

#[test]
fn one_glass_counts_so_many_answers_an_hour_and_says_so_politely() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    begin(&open, 3, Role::Supervisor).unwrap();
    let mut glass = Glass::before(&open);
    glass.hears_of_surveys(&house());
    let limit = house().figures.survey.answers_per_hour as usize;
    let once = |glass: &mut Glass| {
        glass.press("home.services");
        glass.press("services.survey");
    };
    for _ in 0..limit {
        once(&mut glass);
        answer(&mut glass, ["rate.1", "rate.1", "rate.1"]);
        glass.press("next");
    }
    // The glass has not heard yet: the desk says no.
    once(&mut glass);
    answer(&mut glass, ["rate.1", "rate.1", "rate.1"]);
    assert_eq!((glass.page().as_str(), open.told(Kind::SurveyAnswered).len()), ("survey.later", limit));
    glass.press("next");
    // It has heard: nobody answers in vain.
    glass.hears_of_surveys(&house());
    once(&mut glass);
    assert_eq!(glass.page(), "survey.later");
    assert!(glass.words().contains("请稍后再来"), "{}", glass.words());
    glass.press("next");
    glass.wait(TimeDelta::minutes(61));
    once(&mut glass);
    answer(&mut glass, ["rate.5", "rate.5", "rate.5"]);
    assert_eq!((glass.page().as_str(), open.told(Kind::SurveyAnswered).len()), ("survey.thanks", limit + 1));
    open.close();
}

#[test]
fn a_survey_ends_by_the_clock_and_the_next_one_is_compared_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    for (times, faces) in [["rate.5", "rate.4", "rate.3"], ["rate.3", "rate.4", "rate.5"]].into_iter().enumerate() {
        let Ok(Answer::Opened { number, .. }) = begin(&open, 2, Role::Supervisor) else { panic!() };
        assert_eq!(begin(&open, 2, Role::Supervisor), Ok(Answer::Objected(Objection::InHand(number))));
        assert_eq!(begin(&open, 2, Role::FrontDesk), Ok(Answer::Objected(Objection::Right)));
        glass.hears_of_surveys(&house());
        glass.press("home.services");
        glass.press("services.survey");
        answer(&mut glass, faces);
        glass.press("next");
        glass.wait(TimeDelta::days(2));
        open.nudge();
        open.wait_for(Kind::SurveyEnded, times + 1);
        glass.hears_of_surveys(&house());
        glass.press("home.services");
        assert!(!glass.has("services.survey"), "it is over");
        glass.press("back");
    }
    let report = last_report(&open);
    let attitude = &report["results"][0];
    assert_eq!((&attitude["mean"], &attitude["before"]), (&json!(3.0), &json!(5.0)));
    assert_eq!((&report["answers"], &report["before"]["answers"]), (&json!(1), &json!(1)));
    let reader = Reader::open(dir.path()).unwrap();
    let offered = open.told(Kind::TaskOffered).into_iter().filter(|told| told["errand"] == "know-survey").count();
    assert_eq!(offered, 2, "each report lies with the supervisor");

    // R290: the figures of the quarter hold the answers, whatever the retention of their events.
    let quarter = Period::Quarter(noon().date_naive().with_day(1).unwrap());
    let figures: Report = reader.report(quarter).unwrap();
    assert_eq!((figures.surveys, figures.ratings["campaign/attitude"].mean), (2, 4.0));
    open.close();
}
