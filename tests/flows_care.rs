//! An emergency, keys and a release pass: walked at the glass from the home page, through a real desk, and found in its
//! journal with everything that was said.

#[path = "common/clockwork.rs"]
mod clockwork;
#[path = "common/kiosk.rs"]
mod kiosk;

use clockwork::{Machine, noon, open};
use kiosk::Glass;
use lobbyd::event::Kind;
use serde_json::json;

/// The resident: 3-1203, 王, a phone.
fn say_who(glass: &mut Glass) {
    glass.keys("3-1203");
    glass.press("next");
    glass.keys("wang");
    glass.press("candidate.1");
    glass.press("next");
    glass.keys("13800000042");
    glass.press("next");
}

#[test]
fn the_first_touch_calls_then_address_and_phone_then_one_of_three() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    glass.press("emergency");
    assert_eq!(open.told(Kind::EmergencyRequested).len(), 1, "before anything was asked");
    assert!(glass.says("emergency.standing").contains("E-1121-01"));
    glass.press("emergency");
    glass.keys("3-1203");
    glass.press("next");
    glass.keys("13800000042");
    glass.press("next");
    assert_eq!(glass.page(), "emergency.choose");
    let placed = &open.told(Kind::EmergencyPlaced)[0];
    assert_eq!((&placed["unit"], &placed["person"]["phone"]), (&json!("3-1203"), &json!("13800000042")));
    glass.press("choose.hospital");
    assert_eq!(glass.page(), "emergency.told");
    assert_eq!(open.told(Kind::EmergencyChosen)[0]["choice"], "hospital");
    assert_eq!(open.told(Kind::EmergencyRequested).len(), 1, "two presses are one case");
    // Worse than it seemed.
    glass.press("more");
    glass.press("choose.ambulance");
    assert!(glass.words().contains("小区入口接应"), "R154");
    assert!(!format!("{:?}", glass.outline()).contains("0042"));
    open.close();
}

#[test]
fn a_childs_tap_is_said_to_who_comes_and_closes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    glass.press("emergency");
    glass.press("back");
    assert_eq!(glass.page(), "emergency.not-needed");
    assert_eq!(open.told(Kind::EmergencyCondition)[0]["not_needed"], true);
    assert!(open.told(Kind::EmergencyClosed).is_empty());
    glass.press("next");
    assert_eq!(glass.page(), "home");
    open.close();
}

#[test]
fn a_key_is_asked_about_only_after_the_disclaimer_and_the_form_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    glass.press("home.services");
    glass.press("services.keys");
    assert!(glass.words().contains("不承担保管家中财产的责任"), "R273");
    for id in ["next", "count.2", "why.work", "who.others"] {
        glass.press(id);
    }
    glass.keys("li");
    glass.press("candidate.1");
    glass.press("next");
    glass.press("until.week");
    say_who(&mut glass);
    assert_eq!(glass.page(), "keys.received");
    assert_eq!(glass.says("number"), "K-1121-01");
    let asked = &open.told(Kind::KeyRequested)[0];
    assert_eq!((&asked["unit"], &asked["keys"], &asked["state"]), (&json!("3-1203"), &json!(2), &json!("consented")));
    let person = &asked["person"];
    assert_eq!(
        (&person["reason"], &person["collection"]),
        (&json!("家里施工装修"), &json!("本人或指定的人领取；一周之内"))
    );
    assert!(person["collector_1"].is_string() && person["name"] == "王");
    assert_eq!(open.told(Kind::KeyConsented)[0]["signed"], "screen");
    open.close();
}

#[test]
fn a_pass_names_things_time_and_hands_and_its_code_is_in_no_event() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    glass.press("home.services");
    glass.press("services.pass");
    for id in ["things.furniture", "things.appliances", "next", "count.3", "next", "when.now", "how.help"] {
        glass.press(id);
    }
    say_who(&mut glass);
    assert_eq!(glass.page(), "pass.received");
    assert!(glass.words().contains("同事来帮您搬"), "R280");
    let asked = &open.told(Kind::PassRequested)[0];
    assert_eq!((&asked["unit"], &asked["pieces"]), (&json!("3-1203"), &json!(3)));
    assert_eq!(asked["person"]["items"], json!([{ "what": "家具、家电", "count": 3 }]));
    assert_eq!(asked["state"], "requested", "nobody has approved it");
    open.close();
}
