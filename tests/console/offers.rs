//! What the page offers: no button and no step that the rules would refuse, at most three, and one for what only is to be known.

use crate::common::lobby::Lobby;
use crate::common::page::Browser;
use lobbyd::desk::{Answer, Command};
use lobbyd::service::case::{Source, Step};
use lobbyd::service::number::Number;
use lobbyd::service::staff::Actor;
use serde_json::{Value, json};

/// A matter that a device or the calendar brings.
fn opened(lobby: &Lobby, opening: Value) -> Number {
    let opening = serde_json::from_value(opening).unwrap();
    match lobby.ask(Command::Open { opening, source: Source::Daemon, by: Actor::DAEMON }) {
        Answer::Opened { number, .. } => number,
        other => panic!("{other:?}"),
    }
}

fn called(lobby: &Lobby) -> Number {
    opened(lobby, json!({ "call": { "door": "lobby", "unit": null, "late": false } }))
}

fn record(person: &Browser, number: Number) -> Value {
    person.get(&format!("/api/case/{}", String::from(number))).json()
}

/// What stands on the first card, by label.
fn labels(record: &Value, which: &str) -> Vec<String> {
    let buttons = record["cards"][0][which].as_array().cloned().unwrap_or_default();
    buttons.iter().map(|button| button["label"].as_str().unwrap().to_owned()).collect()
}

fn press(person: &Browser, number: Number, which: &str, nth: usize) -> u16 {
    let step = record(person, number)["cards"][0][which][nth]["step"].clone();
    person.step(&String::from(number), &step).status
}

#[test]
fn a_ringing_call_is_passed_on_as_it_stands_and_another_reason_is_in_the_record() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let guard = lobby.signed_in("guard-a", "gate-a");
    let number = called(&lobby);
    let seen = record(&guard, number);
    assert_eq!(
        (labels(&seen, "buttons"), labels(&seen, "more")),
        (vec!["claim".into(), "decline".into()], vec!["decline".into()])
    );
    assert_eq!(
        (&seen["cards"][0]["buttons"][1]["asks"], &seen["cards"][0]["more"][0]["asks"]),
        (&Value::Null, &json!("reason"))
    );
    assert_eq!(press(&guard, number, "buttons", 1), 200);
    assert_eq!(lobby.told("task.declined")[0]["reason"], "on-another-task");
    lobby.close();
}

#[test]
fn what_is_only_to_be_known_has_one_button() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let complaint = json!({ "opening": { "complaint": {
        "text": "楼上很吵", "topic": "noise", "name": "测试", "phone": "13800000001", "language": "zh-Hans",
    } }, "source": "phone" });
    assert_eq!(lobby.signed_in("desk", "front").post("/api/open", &complaint).status, 200);
    let board = lobby.signed_in("supervisor", "office").live(None).until("board").data;
    let cards = board["cards"].as_array().unwrap();
    let known = cards.iter().find(|card| card["errand"] == "know-complaint").unwrap();
    assert_eq!(known["buttons"].as_array().unwrap().len(), 1, "{known}");
    assert!(cards.iter().all(|card| card["buttons"].as_array().unwrap().len() <= 3));
    lobby.close();
}

#[test]
fn whoever_leads_gives_a_repair_with_one_touch_to_one_who_is_proposed_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let (office, engineer) = (lobby.signed_in("supervisor", "office"), lobby.signed_in("engineer", "workshop"));
    let repair = json!({ "place": { "home": "1203" }, "category": "water", "windows": ["soon-as-possible"],
        "name": "欧阳测试", "phone": "13800000001", "language": "zh-Hans" });
    let number = opened(&lobby, json!({ "repair": repair }));
    let card = |person: &Browser| {
        let cards = record(person, number)["cards"].as_array().cloned().unwrap();
        cards.into_iter().find(|card| card["errand"] == "repair").unwrap()
    };
    let proposed = card(&office)["proposed"][0].clone();
    let reason = (&proposed["name"], &proposed["badge"], &proposed["trade"], &proposed["level"], &proposed["open"]);
    assert_eq!(reason, (&json!("测试engineer"), &json!("A-engineer"), &json!("plumbing"), &json!("expert"), &json!(0)));
    let own = card(&engineer)["proposed"][0].clone();
    assert_eq!((&own["mine"], own.get("give")), (&json!(true), None), "for himself he takes it");
    let mut step = proposed["give"]["step"].clone();
    assert_eq!(proposed["give"]["asks"], "arrival");
    step["task"]["step"]["claim"]["eta"] = json!({ "minutes": 20 });
    assert_eq!(office.step(&String::from(number), &step).status, 200);
    let taken = card(&engineer);
    assert_eq!((&taken["taken"]["mine"], taken.get("proposed")), (&json!(true), None));
    lobby.close();
}

#[test]
fn whoever_has_a_task_is_shown_with_name_and_badge() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = called(&lobby);
    let guard = lobby.signed_in("guard-a", "gate-a");
    assert_eq!(press(&guard, number, "buttons", 0), 200);
    let seen = record(&lobby.signed_in("leader", "office"), number);
    let taken = &seen["cards"][0]["taken"];
    assert_eq!((&taken["by"], &taken["badge"]), (&json!("测试guard-a"), &json!("A-guard-a")));
    let history = seen["history"].as_array().unwrap();
    let claimed = history.iter().find(|told| told["kind"] == "task.claimed").unwrap();
    assert_eq!((&claimed["person"]["by_name"], &claimed["badge"]), (&json!("测试guard-a"), &json!("A-guard-a")));
    lobby.close();
}

#[test]
fn a_page_that_shows_an_older_alarm_cannot_acknowledge_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let guard = lobby.signed_in("guard-a", "gate-a");
    let number = opened(&lobby, json!({ "alarm": { "what": "forced", "door": "lobby" } }));
    let old = record(&guard, number)["cards"][0]["buttons"][0]["step"].clone();
    assert_eq!(old, json!({ "matter": { "alarm": { "acknowledge": { "occurrence": 1 } } } }));
    let raised: Step = serde_json::from_value(json!({ "matter": { "alarm": "raised" } })).unwrap();
    lobby.ask(Command::Move { number, step: raised, seen: None, by: Actor::DAEMON });
    assert_eq!(guard.step(&String::from(number), &old).code(), "stale");
    assert_eq!(record(&guard, number)["line"]["state"], "unacknowledged");
    assert_eq!(press(&guard, number, "buttons", 0), 200);
    assert_eq!(record(&guard, number)["line"]["state"], "acknowledged");
    lobby.close();
}

#[test]
fn the_day_is_offered_to_be_signed_to_those_who_may() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let until = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    let number = opened(&lobby, json!({ "check": { "about": { "day": "2026-11-21" }, "until": until, "open": [] } }));
    for (id, signs) in [("leader", false), ("supervisor", true), ("manager", true)] {
        let seen = record(&lobby.signed_in(id, "office"), number);
        let offered = seen["steps"].as_array().unwrap().contains(&json!("sign"));
        let button = seen["cards"][0]["buttons"].as_array().unwrap().iter().any(|button| button["label"] == "done");
        assert_eq!((offered, button), (signs, signs), "{id}: {}", seen["cards"]);
    }
    let supervisor = lobby.signed_in("supervisor", "office");
    assert_eq!(supervisor.step(&String::from(number), &json!({ "matter": { "check": { "sign": {} } } })).status, 200);
    lobby.close();
}

#[test]
fn another_days_calls_and_visitors_can_be_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let desk = lobby.signed_in("desk", "front");
    assert_eq!(desk.post("/api/log", &json!({ "lines": [{ "text": "问物业费" }] })).status, 200);
    lobby.visit("测试访客");
    let day = |path: &str| desk.get(path).json()["day"].as_u64().unwrap();
    let today = day("/api/log");
    let dashed = format!("{}-{:02}-{:02}", today / 10_000, today / 100 % 100, today % 100);
    let of = |path: &str, list: &str, day: &str| {
        desk.get(&format!("/api/{path}?day={day}")).json()[list].as_array().unwrap().len()
    };
    assert_eq!((of("log", "lines", &dashed), of("visitors", "visitors", &dashed)), (1, 1));
    assert_eq!((of("log", "lines", "2026-01-01"), of("visitors", "visitors", "2026-01-01")), (0, 0));
    assert_eq!(desk.get("/api/log?day=2026-13-01").status, 400);
    lobby.close();
}
