//! A service ordered, a parcel left and fetched: walked at the glass from the home page, through a real desk, and found in
//! its journal.

#[path = "common/clockwork.rs"]
mod clockwork;
#[path = "common/kiosk.rs"]
mod kiosk;

use chrono::TimeDelta;
use clockwork::{Machine, Open, noon, open};
use kiosk::Glass;
use lobbyd::desk::{Answer, Command};
use lobbyd::event::{Kind, Slug};
use lobbyd::service::case::Errand;
use lobbyd::service::number::{Number, Series};
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::json;

/// 王, and a phone.
fn who(glass: &mut Glass) {
    glass.keys("wang");
    glass.press("candidate.1");
    glass.press("next");
    glass.keys("13800000042");
    glass.press("next");
}

/// To the read-back page of the service behind these tiles.
fn order(glass: &mut Glass, group: &str, item: &str) {
    for id in ["home.services", "services.catalogue", group, item, "when.tomorrow-morning", "when.soon", "next"] {
        glass.press(id);
    }
    glass.keys("3-1203");
    glass.press("next");
    who(glass);
    assert_eq!(glass.page(), "order.check");
}

#[test]
fn a_lamp_is_ordered_with_its_price_read_before_it_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    order(&mut glass, "group.fix", "item.29");
    assert!(glass.words().contains("每次 1 至 20 元，不含材料"), "{}", glass.words());
    assert!(open.told(Kind::ServiceRequested).is_empty(), "nothing is sent before it is asked for");
    glass.press("next");
    assert_eq!(glass.page(), "order.received");
    assert!(!format!("{:?}", glass.outline()).contains("13800000042"), "nothing typed is in the outline");
    let [asked] = &open.told(Kind::ServiceRequested)[..] else { panic!("{:?}", open.kinds()) };
    assert_eq!(
        (&asked["category"], &asked["unit"], &asked["channel"]),
        (&json!("29"), &json!("3-1203"), &json!("kiosk"))
    );
    assert_eq!(asked["windows"], json!(["tomorrow-morning", "soon"]), "in the order of preference");
    // R270: who, where, how to reach.
    assert_eq!((&asked["person"]["name"], &asked["person"]["phone"]), (&json!("王"), &json!("13800000042")));
    assert_eq!(glass.says("number"), "B-1121-01");
}

/// R041, R267: no figure that the company has not given, and no way for nothing.
#[test]
fn who_comes_with_a_decoration_reads_which_papers_are_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    order(&mut glass, "group.procedures", "item.decoration");
    assert!(glass.words().contains("收费会先打电话告诉您"), "{}", glass.words());
    glass.press("next");
    assert!(glass.words().contains("身份证件"), "{}", glass.words());
    assert_eq!(open.told(Kind::ServiceRequested)[0]["category"], "decoration");
}

fn leave_a_parcel(glass: &mut Glass) {
    for id in ["home.parcel", "parcel.deliver"] {
        glass.press(id);
    }
    glass.keys("3-1203");
    for id in ["next", "carrier.sf", "count.2"] {
        glass.press(id);
    }
    glass.keys("13900000007");
    glass.press("next");
}

#[test]
fn a_courier_leaves_a_parcel_learns_where_to_put_it_and_no_code() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    leave_a_parcel(&mut glass);
    assert_eq!(glass.page(), "deliver.received");
    assert!(glass.words().contains("前台"), "{}", glass.words());
    let [left] = &open.told(Kind::DeliveryReceived)[..] else { panic!("{:?}", open.kinds()) };
    assert_eq!((&left["unit"], &left["count"], &left["channel"]), (&json!("3-1203"), &json!(2), &json!("kiosk")));
    let person = json!({ "carrier": "顺丰", "courier_phone": "13900000007" });
    assert_eq!(left["person"], person);
    let code = code(&open);
    assert!(!format!("{:?}", glass.outline()).contains(&code), "the code is the resident's");
    // And somebody tells the resident.
    assert_eq!(open.told(Kind::TaskOffered)[0]["errand"], "tell-result");
}

/// What the desk tells the resident.
fn code(open: &Open) -> String {
    let first = Number { series: Series::Delivery, day: 20_261_121, nth: 1 };
    let case = serde_json::to_value(&open.case(first).case.matter).unwrap();
    case["delivery"]["code"].as_str().unwrap().to_owned()
}

/// What the desk says of the parcel that somebody waits for.
fn hand_over(open: &Open, outcome: &str) {
    let first = Number { series: Series::Delivery, day: 20_261_121, nth: 1 };
    let case = open.case(first).case;
    let task = case.docket.errands(Errand::HandOver).next().expect("somebody is asked to hand it over").id;
    let step = json!({ "task": { "task": task, "step": { "done": { "outcome": outcome } } } });
    let by = Actor::staff(slug("li"), "测试乙".into(), Role::FrontDesk, Some(slug("gate-a")), Via::Page);
    let step = serde_json::from_value(step).unwrap();
    let done = open.ask(Command::Move { number: first, step, seen: None, by });
    assert!(matches!(done, Ok(Answer::Moved { .. })), "{done:?}");
}

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

fn type_code(glass: &mut Glass, unit: &str, code: &str) {
    glass.keys(unit);
    glass.press("next");
    glass.keys(&code.to_lowercase());
    glass.press("next");
}

#[test]
fn a_resident_fetches_a_parcel_by_unit_and_code_once() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    leave_a_parcel(&mut glass);
    let (number, code) = (glass.says("number"), code(&open));
    glass.press("finish");
    for id in ["home.parcel", "parcel.collect"] {
        glass.press(id);
    }
    type_code(&mut glass, "3-1203", &code);
    assert_eq!((glass.page().as_str(), glass.says("number")), ("collect.received", number));
    assert!(glass.words().contains("请到前台取件，一共 2 件"), "{}", glass.words());
    // Nothing is collected before somebody has handed it over.
    assert!(open.told(Kind::DeliveryCollected).is_empty());
    hand_over(&open, "not-found");
    glass.hear();
    assert!(glass.words().contains("请到前台问一下"), "{}", glass.words());
    glass.press("finish");
    for id in ["home.parcel", "parcel.collect"] {
        glass.press(id);
    }
    type_code(&mut glass, "3-1203", &code);
    hand_over(&open, "handed-over");
    glass.hear();
    assert!(glass.words().contains("快件交给您了"), "{}", glass.words());
    let [fetched] = &open.told(Kind::DeliveryCollected)[..] else { panic!("{:?}", open.kinds()) };
    assert_eq!(fetched["proof"], "code");
    glass.press("finish");
    // A second time: it is gone, and a person looks into it.
    for id in ["home.parcel", "parcel.collect"] {
        glass.press(id);
    }
    type_code(&mut glass, "3-1203", &code);
    assert_eq!(glass.page(), "collect.over");
    assert!(glass.words().contains("已经取走") && glass.words().contains("人工帮助"), "{}", glass.words());
    assert_eq!(open.told(Kind::DeliveryCollected).len(), 1);
}

#[test]
fn who_guesses_codes_is_asked_politely_and_told_until_when_to_wait() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    leave_a_parcel(&mut glass);
    let code = code(&open);
    let other = if code == "222222" { "333333" } else { "222222" };
    glass.press("finish");
    for id in ["home.parcel", "parcel.collect"] {
        glass.press(id);
    }
    for _ in 0..5 {
        type_code(&mut glass, "3-1203", other);
        // From the unit on: it may have been the wrong one, and nobody learns which.
        assert_eq!(glass.page(), "collect.unit");
        assert!(glass.words().contains("没有对上"), "{}", glass.words());
    }
    type_code(&mut glass, "3-1203", &code);
    assert_eq!(glass.page(), "collect.later");
    assert!(glass.words().contains("以后可以再输入"), "{}", glass.words());
    assert!(open.told(Kind::DeliveryCollected).is_empty());
    glass.press("next");
    glass.wait(TimeDelta::hours(1));
    for id in ["home.parcel", "parcel.collect"] {
        glass.press(id);
    }
    type_code(&mut glass, "3-1203", &code);
    assert_eq!(glass.page(), "collect.received");
}
