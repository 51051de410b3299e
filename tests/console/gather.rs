//! Gatherings and birthdays on the page: who opens and sees what, that a look is journaled first, and what leaves the house.

use crate::common::lobby::Lobby;
use serde_json::{Value, json};

fn birthday() -> Value {
    json!({ "opening": { "birthday": {
        "unit": "3-1203", "name": "=测试寿星", "month": 5, "consent_to": "测试前台", "consent_on": "2026-11-20",
    } } })
}

#[test]
fn birthdays_are_read_and_taken_out_by_those_who_keep_the_list_and_each_look_is_journaled() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let desk = lobby.signed_in("desk", "front");
    let opened = desk.post("/api/open", &birthday());
    assert_eq!(opened.status, 200, "{}", opened.body);
    let number = opened.json()["number"].as_str().unwrap().to_owned();
    for (id, post) in [("guard-a", "gate-a"), ("leader", "office")] {
        let other = lobby.signed_in(id, post);
        assert_eq!(other.post("/api/open", &birthday()).code(), "right", "{id}");
        assert_eq!(other.get("/api/birthdays?month=5").code(), "right", "{id}");
        assert_eq!(other.get(&format!("/api/case/{number}")).status, 404, "{id}: it does not exist for him");
    }
    let supervisor = lobby.signed_in("supervisor", "office");
    let may = supervisor.get("/api/birthdays?month=5").json();
    assert_eq!(may["birthdays"][0]["unit"], "3-1203");
    assert_eq!(supervisor.get("/api/birthdays?month=6").json()["birthdays"], json!([]));
    let viewed = lobby.told("record.viewed");
    assert_eq!(
        (&viewed[0]["what"], &viewed[0]["month"], &viewed[0]["count"]),
        (&json!("birthdays"), &json!(5), &json!(1))
    );
    for bad in ["0", "13", "x", "5.5"] {
        assert_eq!(supervisor.get(&format!("/api/birthdays?month={bad}")).status, 400, "{bad}");
    }
    let file = desk.get("/api/birthdays.csv?month=5").body;
    assert!(file.contains("\"'=测试寿星\"") && file.contains("(desk)"), "no formula, and marked: {file}");
    assert_eq!(lobby.told("record.exported").len(), 1);
    assert!(!serde_json::to_string(&lobby.told("record.exported")).unwrap().contains("寿星"));
    // Withdrawn: it is on no list any more.
    assert_eq!(desk.step(&number, &json!({ "withdraw": {} })).status, 200);
    assert_eq!(supervisor.get("/api/birthdays?month=5").json()["birthdays"], json!([]));
    lobby.close();
}

#[test]
fn a_gathering_is_planned_by_those_who_may_and_its_list_is_in_the_record() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let at = (chrono::Utc::now() + chrono::TimeDelta::days(7)).to_rfc3339();
    let gathering = json!({ "opening": { "gathering": {
        "kind": "meeting", "title": "恳谈会", "words": "请来谈谈。", "at": at, "place": "会客厅", "places": 20,
    } } });
    let desk = lobby.signed_in("desk", "front");
    assert_eq!(desk.post("/api/open", &gathering).code(), "right");
    let supervisor = lobby.signed_in("supervisor", "office");
    let opened = supervisor.post("/api/open", &gathering);
    assert_eq!(opened.status, 200, "{}", opened.body);
    let number = opened.json()["number"].as_str().unwrap().to_owned();
    let guest = json!({ "matter": { "gathering": { "sign-up": {
        "unit": "3-1203", "name": "测试客", "phone": "13800000001", "language": "zh-Hans" } } } });
    assert_eq!(desk.step(&number, &guest).status, 200);
    assert_eq!(desk.step(&number, &guest).code(), "signed-up");
    let record = desk.get(&format!("/api/case/{number}")).json();
    assert_eq!(record["person"]["guests"]["1"]["name"], "测试客");
    assert_eq!(record["matter"]["gathering"]["seats"]["taken"][0]["id"], 1);
    assert!(record["steps"].as_array().unwrap().contains(&json!("sign-off")));
    assert!(!record["steps"].as_array().unwrap().contains(&json!("cancel")), "the desk does not call it off");
    assert!(lobby.told("record.viewed").iter().any(|look| look["what"] == "record"), "R308");
    assert_eq!(lobby.signed_in("guard-a", "gate-a").get(&format!("/api/case/{number}")).status, 404);
    lobby.close();
}
