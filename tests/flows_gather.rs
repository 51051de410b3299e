//! Meetings, activities and birthdays (R271, R293, R316): planned on the page, signed up for at the glass, through a real desk
//! and found in its journal; what the calendar says of them; and that a withdrawn consent leaves nothing behind.

#[path = "common/clockwork.rs"]
mod clockwork;
#[path = "common/kiosk.rs"]
mod kiosk;

use chrono::{DateTime, TimeDelta, Utc};
use clockwork::{Machine, Open, noon, open};
use kiosk::Glass;
use lobbyd::desk::{Answer, Command};
use lobbyd::event::{Kind, Now, Slug};
use lobbyd::journal::{JOURNAL_FILE, Journal, Keep, Lane, Pressure};
use lobbyd::service::case::{Objection, Source, Step};
use lobbyd::service::number::Number;
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::{Value, json};
use std::path::Path;

fn by(role: Role) -> Actor {
    let slug = |id: &str| Slug::new(id).unwrap();
    Actor::staff(slug(role.name()), "测试职员".into(), role, Some(slug("manager")), Via::Page)
}

fn plan(open: &Open, kind: &str, at: &str, places: u16) -> Number {
    let opening = json!({ "gathering": {
        "kind": kind, "title": "包饺子", "words": "面和馅儿我们备好。", "title_en": "Dumplings", "words_en": "Come along.",
        "at": at, "place": "中庭", "places": places, "invitation": "诚邀您参加。",
    } });
    opened(open, opening, Role::Supervisor)
}

fn opened(open: &Open, opening: Value, role: Role) -> Number {
    let opening = serde_json::from_value(opening).unwrap();
    match open.ask(Command::Open { opening, source: Source::StaffContact, by: by(role) }) {
        Ok(Answer::Opened { number, .. }) => number,
        other => panic!("{other:?}"),
    }
}

fn moved(open: &Open, number: Number, step: Value, role: Role) -> Answer {
    let step: Step = serde_json::from_value(step).unwrap();
    open.ask(Command::Move { number, step, seen: None, by: by(role) }).unwrap()
}

/// From the home page to the page of the only gathering.
fn to_gathering(glass: &mut Glass) {
    glass.announce();
    glass.press("home.services");
    glass.press("services.gatherings");
}

/// The resident of a unit, whose surname is 王 and whose phone ends so.
fn sign_up(glass: &mut Glass, tail: &str) {
    to_gathering(glass);
    glass.press("next");
    glass.keys("3-1203");
    glass.press("next");
    glass.keys("wang");
    glass.press("candidate.1");
    glass.press("next");
    glass.keys(&format!("1380000{tail}"));
    glass.press("next");
}

#[test]
fn people_sign_up_at_the_glass_and_the_one_after_the_last_place_moves_up_when_somebody_stays_away() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let number = plan(&open, "activity", "2026-11-28T06:30:00Z", 1);
    let mut glass = Glass::before(&open);
    to_gathering(&mut glass);
    assert!(glass.words().contains("包饺子") && glass.words().contains("面和馅儿我们备好"), "{}", glass.words());
    assert!(glass.says("gathering.when").contains("11月28日 14:30"));
    glass.press("back");
    glass.press("back");
    sign_up(&mut glass, "0042");
    assert_eq!((glass.page().as_str(), glass.says("number").as_str()), ("gathering.received", "J-1121-01"));
    let told = &open.told(Kind::GatheringSignedUp)[0];
    assert_eq!((&told["seat"], &told["on_waiting_list"]), (&json!(1), &json!(false)));
    assert_eq!(told["person"]["guests"]["1"]["phone"], "13800000042");
    glass.press("finish");
    sign_up(&mut glass, "0043");
    assert_eq!(glass.page(), "gathering.over");
    assert!(glass.words().contains("已登记候补"), "{}", glass.words());
    glass.press("next");
    // The same phone again is the same place, and reads the same.
    sign_up(&mut glass, "0042");
    assert_eq!(glass.page(), "gathering.received");
    assert_eq!(open.told(Kind::GatheringSignedUp).len(), 2, "nobody has two places");
    assert_eq!(open.told(Kind::RequestRefused)[0]["reason"], "signed-up");
    glass.press("finish");
    // Somebody stays away: the next one is called by the desk.
    to_gathering(&mut glass);
    glass.press("off");
    glass.keys("13800000042");
    glass.press("next");
    assert_eq!(glass.page(), "gathering-off.over");
    let words = glass.words();
    assert_eq!(open.told(Kind::GatheringSignedOff)[0]["moved_up"], 2);
    let call = open.told(Kind::TaskOffered).into_iter().find(|task| task["errand"] == "tell-guests").unwrap();
    assert_eq!(call["what"], "place-free");
    let person = open.case(number).person;
    assert!(person["guests"].get("1").is_none(), "nothing is kept of whoever does not come: {person:?}");
    assert_eq!(person["guests"]["2"]["phone"], "13800000043");
    // A number that never signed up reads the same (R309).
    glass.press("next");
    to_gathering(&mut glass);
    glass.press("off");
    glass.keys("13800009999");
    glass.press("next");
    assert_eq!(glass.words(), words);
    assert!(!format!("{:?}", glass.outline()).contains("9999"));
    open.close();
}

#[test]
fn the_glass_speaks_of_a_gathering_in_the_language_of_whoever_reads() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    plan(&open, "meeting", "2026-11-28T06:30:00Z", 30);
    let mut glass = Glass::before(&open);
    glass.announce();
    for (language, title, sign_up) in [("en", "Dumplings", "Sign up"), ("zh-Hant", "包饺子", "我要報名")] {
        glass.press("language");
        glass.press(&format!("language.{language}"));
        glass.press("home.services");
        glass.press("services.gatherings");
        assert_eq!((glass.says("heading").as_str(), glass.says("next").as_str()), (title, sign_up));
        glass.press("back");
        glass.press("back");
    }
    open.close();
}

#[test]
fn what_is_called_off_is_off_the_glass_and_the_desk_calls_everybody_who_signed_up() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let number = plan(&open, "meeting", "2026-11-28T06:30:00Z", 30);
    let mut glass = Glass::before(&open);
    sign_up(&mut glass, "0042");
    glass.press("finish");
    // The desk signs somebody up who calls, and recognises the phone.
    let guest = |phone: &str| {
        json!({ "matter": { "gathering": { "sign-up": {
        "unit": "5-0101", "name": "测试乙", "phone": phone, "language": "zh-Hans" } } } })
    };
    assert!(matches!(moved(&open, number, guest("13900000001"), Role::FrontDesk), Answer::Moved { .. }));
    let twice = moved(&open, number, guest("13800000042"), Role::FrontDesk);
    assert_eq!(twice, Answer::Objected(Objection::SignedUp));
    let cancel = json!({ "matter": { "gathering": { "cancel": { "reason": "场地停电" } } } });
    assert_eq!(moved(&open, number, cancel.clone(), Role::FrontDesk), Answer::Objected(Objection::Right));
    // Somebody stands at the glass meanwhile, and hears that it is too late.
    to_gathering(&mut glass);
    glass.press("next");
    glass.keys("3-1204");
    glass.press("next");
    glass.keys("li");
    glass.press("candidate.1");
    glass.press("next");
    glass.keys("13800000099");
    moved(&open, number, cancel, Role::Supervisor);
    glass.announce();
    glass.press("next");
    assert!(glass.words().contains("报名已经结束"), "{}", glass.words());
    glass.press("next");
    glass.press("home.services");
    assert!(!glass.has("services.gatherings"), "nothing is planned any more");
    let tasks = open.case(number).case.docket.tasks;
    assert_eq!((tasks.len(), tasks[0].errand.name()), (1, "tell-guests"));
    let guests = open.case(number).person["guests"].as_object().unwrap().len();
    assert_eq!(guests, 2, "one task, and the whole list");
    let done = json!({ "task": { "task": tasks[0].id, "step": { "done": {} } } });
    moved(&open, number, done, Role::Supervisor);
    assert_eq!(open.case(number).case.state(), "closed");
    open.close();
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What the calendar has opened so far, by what it is about.
fn looked_at(open: &Open) -> Vec<String> {
    let due = open.told(Kind::CheckDue);
    due.iter().map(|due| due["about"].as_str().unwrap().to_owned()).filter(|about| about != "visitors").collect()
}

/// To the morning of the 1st of December.
fn to_the_first(open: &Open) {
    open.nudge();
    open.machine.run(TimeDelta::hours(15));
    open.nudge();
}

#[test]
fn a_half_year_without_a_meeting_is_told_to_the_manager_until_one_is_planned() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(at("2026-11-30T10:00:00Z"), true));
    to_the_first(&open);
    assert!(looked_at(&open).contains(&"meeting".to_owned()), "{:?}", looked_at(&open));
    let asked = open.told(Kind::TaskOffered);
    assert!(asked.iter().any(|task| task["errand"] == "plan-meeting"));
    plan(&open, "activity", "2026-12-20T06:30:00Z", 30);
    assert!(open.told(Kind::CheckClosed).is_empty(), "an activity is no meeting");
    plan(&open, "meeting", "2027-01-20T06:30:00Z", 30);
    assert!(open.told(Kind::CheckClosed).is_empty(), "that is the next half-year's");
    plan(&open, "meeting", "2026-12-20T06:30:00Z", 30);
    assert_eq!(open.told(Kind::CheckClosed)[0]["about"], "meeting");
    open.close();
}

#[test]
fn a_planned_meeting_is_enough_until_it_is_called_off() {
    for called_off in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let open = open(dir.path(), &Machine::at(at("2026-11-30T10:00:00Z"), true));
        let number = plan(&open, "meeting", "2026-12-20T06:30:00Z", 30);
        if called_off {
            let cancel = json!({ "matter": { "gathering": { "cancel": { "reason": "场地停电" } } } });
            assert!(matches!(moved(&open, number, cancel, Role::Supervisor), Answer::Moved { .. }));
        }
        to_the_first(&open);
        assert_eq!(looked_at(&open).contains(&"meeting".to_owned()), called_off, "{:?}", looked_at(&open));
        open.close();
    }
}

fn birthday(open: &Open, month: u8) -> Number {
    let opening = json!({ "birthday": {
        "unit": "3-1203", "name": "测试寿星", "month": month, "consent_to": "测试前台", "consent_on": "2026-11-20",
    } });
    opened(open, opening, Role::FrontDesk)
}

fn purge(dir: &Path, days: i64) {
    let mut journal = Journal::open(dir, "later").unwrap().journal;
    let now = Now { utc: noon() + TimeDelta::days(days), synced: true };
    while journal.purge(&Keep::default(), Pressure::None, now).unwrap() != Default::default() {}
}

/// Everything that any table of the journal still holds.
fn holds(dir: &Path, words: &str) -> bool {
    let files = ["", "-wal"].map(|end| std::fs::read(dir.join(format!("{JOURNAL_FILE}{end}"))).unwrap_or_default());
    files.iter().any(|bytes| bytes.windows(words.len()).any(|window| window == words.as_bytes()))
}

#[test]
fn a_birthday_outlives_the_purge_while_the_consent_holds_and_not_its_withdrawal() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let first = open(dir.path(), &machine);
    let (kept, withdrawn) = (birthday(&first, 12), birthday(&first, 12));
    // The office has everything: nothing is held back from the purge.
    let seq = *first.desk.newest().borrow();
    first.ask(Command::Acknowledged { lane: Lane::Normal, seq }).unwrap();
    first.nudge();
    first.close();
    assert!(holds(dir.path(), "测试寿星"));
    purge(dir.path(), 400);
    let second = open(dir.path(), &machine);
    let person = second.case(kept).person;
    assert_eq!((&person["name"], &person["month"]), (&json!("测试寿星"), &json!(12)), "the consent holds");
    assert_eq!(person["consent_to"], "测试前台");
    for number in [kept, withdrawn] {
        let withdraw = json!({ "withdraw": { "reason": "测试寿星不愿意" } });
        assert_eq!(moved(&second, number, withdraw.clone(), Role::Guard), Answer::Objected(Objection::Right));
        assert!(matches!(moved(&second, number, withdraw, Role::FrontDesk), Answer::Moved { .. }));
        assert!(second.case(number).person.is_empty());
    }
    assert_eq!(second.told(Kind::BirthdayWithdrawn).len(), 2, "the office is told to forget it too");
    assert!(!format!("{:?}", second.events()).contains("寿星"));
    second.close();
    purge(dir.path(), 401);
    assert!(!holds(dir.path(), "测试寿星"), "not a byte of it is left");
}

#[test]
fn the_months_birthdays_lie_ready_on_the_first_where_there_are_any_and_belong_to_no_shift() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(at("2026-11-30T10:00:00Z"), true));
    let december = birthday(&open, 12);
    to_the_first(&open);
    assert!(looked_at(&open).contains(&"birthdays".to_owned()), "{:?}", looked_at(&open));
    let asked = open.told(Kind::TaskOffered);
    assert!(asked.iter().any(|task| task["errand"] == "see-birthdays"));
    let post = Slug::new("manager").unwrap();
    match open.ask(Command::TakeShift { post, by: by(Role::Supervisor) }) {
        Ok(Answer::Shift { open }) => assert!(!open.contains(&december), "a birthday is nobody's work: {open:?}"),
        other => panic!("{other:?}"),
    }
    let before = looked_at(&open).len();
    open.machine.run(TimeDelta::days(31));
    open.nudge();
    let january: Vec<_> = looked_at(&open).split_off(before);
    assert!(!january.contains(&"birthdays".to_owned()), "nobody in January: {january:?}");
    open.close();
}
