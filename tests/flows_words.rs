//! A suggestion, a question, and how a ticket stands: walked at the glass from the home page, through a real desk, and found
//! in its journal.

#[path = "common/clockwork.rs"]
mod clockwork;
#[path = "common/kiosk.rs"]
mod kiosk;

use chrono::TimeDelta;
use clockwork::{Machine, Open, noon, open, repair};
use kiosk::Glass;
use lobbyd::desk::{Answer, Command};
use lobbyd::event::{Kind, Slug};
use lobbyd::service::case::Step;
use lobbyd::service::number::Number;
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::json;

/// 王, a question, and a phone.
fn ask_a_question(glass: &mut Glass) {
    glass.press("home.services");
    glass.press("services.enquiry");
    glass.press("key.letters");
    glass.keys("gymhours");
    glass.press("next");
    glass.keys("wang");
    glass.press("candidate.1");
    glass.press("next");
    glass.keys("13800000042");
    glass.press("next");
}

/// To the ticket of this number and this phone, from the home page.
fn look_up(glass: &mut Glass, kind: &str, digits: &str, tail: &str) {
    glass.press("home.services");
    glass.press("services.progress");
    glass.press(kind);
    glass.keys(digits);
    glass.press("next");
    glass.keys(tail);
    glass.press("next");
}

#[test]
fn a_suggestion_needs_no_name_and_who_wants_an_answer_reads_when_it_comes() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    for answer in ["reply.yes", "reply.no"] {
        glass.press("home.repair");
        glass.press("report.suggestion");
        glass.press("key.letters");
        glass.keys("bench");
        glass.press("next");
        glass.press(answer);
        if answer == "reply.yes" {
            glass.keys("13800000042");
            assert!(open.told(Kind::SuggestionReceived).is_empty(), "nothing is sent before it is asked for");
            glass.press("next");
            // A week, as the house promises it.
            assert!(glass.words().contains("最迟11月28日 12:"), "{}", glass.words());
        } else {
            assert!(!glass.words().contains("最迟"), "nothing is promised to who wants no answer");
        }
        assert_eq!(glass.page(), "suggestion.received");
        assert!(!format!("{:?}", glass.outline()).contains("bench"), "nothing typed is in the outline");
        glass.press("finish");
    }
    let [with, without] = &open.told(Kind::SuggestionReceived)[..] else { panic!("{:?}", open.kinds()) };
    assert_eq!((&with["number"], &with["person"]["phone"]), (&json!("S-1121-01"), &json!("13800000042")));
    assert_eq!((&without["person"]["detail"], &without["channel"]), (&json!("bench"), &json!("kiosk")));
    assert_eq!(without["person"].get("phone"), None);
    open.close();
}

#[test]
fn who_asks_reads_until_when_and_finds_the_question_by_its_number() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    ask_a_question(&mut glass);
    assert_eq!((glass.page().as_str(), glass.says("number").as_str()), ("enquiry.received", "Q-1121-01"));
    assert!(glass.words().contains("最迟11月23日 12:"), "{}", glass.words());
    glass.press("finish");
    let asked = &open.told(Kind::EnquiryReceived)[0];
    assert_eq!((&asked["written"], &asked["person"]["name"]), (&json!(true), &json!("王")));
    assert_eq!((&asked["person"]["detail"], &asked["language"]), (&json!("gymhours"), &json!("zh-Hans")));

    look_up(&mut glass, "kind.enquiry", "112101", "0042");
    assert_eq!((glass.page().as_str(), glass.says("heading").as_str()), ("progress.ticket", "Q-1121-01"));
    assert!(glass.says("stage").ends_with("已收到"), "{}", glass.says("stage"));
    assert!(
        glass.says("promise").starts_with("最迟11月23日 12:"),
        "as it was told at its end: {}",
        glass.says("promise")
    );
    assert_eq!(open.told(Kind::RecordViewed).len(), 1, "who looked is written down (R308)");

    glass.press("progress.chase");
    assert!(glass.words().contains("已为您催办") && !glass.has("progress.chase"), "{}", glass.words());
    assert_eq!(open.told(Kind::CaseChased).len(), 1);

    glass.press("progress.withdraw");
    assert_eq!(glass.page(), "progress.withdraw");
    glass.press("back");
    assert_eq!(open.told(Kind::CaseWithdrawn).len(), 0, "it asks once more first");
    glass.press("progress.withdraw");
    glass.press("next");
    assert!(glass.words().contains("已为您撤回") && !glass.has("progress.withdraw"), "{}", glass.words());
    assert_eq!(open.told(Kind::CaseWithdrawn).len(), 1);
    glass.press("next");
    assert_eq!(glass.page(), "home");
    open.close();
}

/// R309: nobody learns that there is such a ticket; and who tries on waits, politely and not for ever.
#[test]
fn a_wrong_number_and_a_wrong_phone_read_the_same_and_who_tries_on_is_told_until_when() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    open.open_case(repair());
    let mut glass = Glass::before(&open);
    let mut pages = Vec::new();
    for (digits, tail) in [("112102", "0001"), ("112101", "0002")] {
        look_up(&mut glass, "kind.repair", digits, tail);
        assert_eq!(glass.page(), "progress.number");
        pages.push(glass.outline());
        glass.press("back");
        glass.press("back");
        glass.press("back");
    }
    assert_eq!(pages[0], pages[1]);
    assert!(open.told(Kind::RecordViewed).is_empty());

    look_up(&mut glass, "kind.repair", "112101", "0003");
    while glass.page() != "progress.later" {
        glass.press("next");
        glass.keys("0004");
        glass.press("next");
    }
    assert_eq!(open.told(Kind::CodeGuessed).len(), 1);
    assert!(glass.says("heading").starts_with("请您 12:0"), "{}", glass.says("heading"));
    glass.press("next");
    assert_eq!(glass.page(), "home");
    // Whoever comes next is not made to wait for a stranger's guesses, until the place has had too many.
    look_up(&mut glass, "kind.repair", "112101", "0001");
    assert_eq!(glass.page(), "progress.ticket");
    open.close();
}

/// A complaint of 13800000042 that has been heard, answered and closed.
fn closed_complaint(open: &Open) -> Number {
    let request = json!({ "complaint": {
        "text": "楼道里有杂物", "topic": "cleaning", "class": null, "wanted": null, "more": null, "unit": null,
        "name": "测试甲", "phone": "13800000042", "language": "zh-Hans",
    }});
    let number = open.open_case(serde_json::from_value(request).unwrap());
    let words = "谢谢您告诉我们";
    let steps = [
        (Role::FrontDesk, json!({ "classify": { "class": "vents", "major": false } })),
        (Role::FrontDesk, json!({ "acknowledge": { "words": words, "result_by": noon() + TimeDelta::days(2) } })),
        (Role::Supervisor, json!({ "investigate": { "team": 1 } })),
        (
            Role::Supervisor,
            json!({ "set-measures": { "measures": "每天清理", "cause": "process", "own_fault": true } }),
        ),
        (Role::FrontDesk, json!({ "tell-result": { "words": words, "channel": "phone" } })),
        (Role::FrontDesk, json!({ "call-back": { "satisfied": true, "channel": "phone", "remark": null } })),
    ];
    for (role, step) in steps {
        let step: Step = serde_json::from_value(json!({ "matter": { "complaint": step } })).unwrap();
        let post = Some(Slug::new("manager").unwrap());
        let by = Actor::staff(Slug::new("li-wei").unwrap(), "测试乙".into(), role, post, Via::Page);
        let answer = open.ask(Command::Move { number, step, seen: None, by });
        assert!(matches!(answer, Ok(Answer::Moved { .. })), "{answer:?}");
    }
    number
}

/// R288.
#[test]
fn a_ticket_that_has_ended_is_rated_once_with_three_touches() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let number = closed_complaint(&open);
    assert_eq!(open.case(number).case.state(), "closed");
    open.machine.run(TimeDelta::days(6));
    open.nudge();
    let mut glass = Glass::before(&open);
    look_up(&mut glass, "kind.complaint", "112101", "0042");
    assert!(!glass.has("progress.chase") && !glass.has("progress.withdraw"), "it has ended");
    glass.press("progress.rate");
    for (page, face) in [("rate.service", "rate.5"), ("rate.quality", "rate.1"), ("rate.time", "rate.3")] {
        assert_eq!(glass.page(), page);
        glass.press(face);
    }
    assert_eq!(glass.page(), "rate.over");
    assert_eq!(open.told(Kind::ComplaintRated)[0]["rating"], json!({ "service": 5, "quality": 1, "time": 3 }));
    glass.press("next");
    look_up(&mut glass, "kind.complaint", "112101", "0042");
    assert!(!glass.has("progress.rate"), "once");
    open.close();
}

/// R245: asked of a home, answered by going on, and read by whoever takes the repair.
#[test]
fn a_repair_at_home_says_whether_somebody_will_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    for way in ["at-home.yes", "at-home.unsure"] {
        glass.press("home.repair");
        glass.press("report.home");
        glass.keys("3-1203");
        for id in ["next", "what.water", "when.soon", way] {
            glass.press(id);
        }
        glass.keys("wang");
        glass.press("candidate.1");
        glass.press("next");
        glass.keys("13800000042");
        glass.press("next");
        assert_eq!(glass.page(), "repair.check");
        glass.press("next");
        glass.press("finish");
    }
    let told: Vec<_> = open.told(Kind::RepairReceived).iter().map(|event| event["at_home"].clone()).collect();
    assert_eq!(told, [json!(true), json!(false)]);
    open.close();
}
