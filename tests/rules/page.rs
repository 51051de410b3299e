//! What each role sees on the guards' page, and what it must not see.

use crate::common::lobby::{Lobby, house};
use lobbyd::desk::{Answer, Command};
use lobbyd::directory::{DIRECTORY_FILE, Draft, From};
use lobbyd::service::case::{Case, Source};
use lobbyd::service::directory::table::{self, Hosts};
use lobbyd::service::staff::Actor;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Stands in no other place of the tests.
const WISH: &str = "老人午睡请轻敲";

fn brings(lobby: &Lobby, matter: &str, form: Value) -> String {
    let opening = serde_json::from_value(json!({ matter: form })).unwrap();
    match lobby.ask(Command::Open { opening, source: Source::Phone, by: Actor::GUEST }) {
        Answer::Opened { number, .. } => String::from(number),
        other => panic!("{other:?}"),
    }
}

fn form(matter: &str) -> Value {
    let mut form = crate::counter::form(matter);
    if form.get("windows").is_some() {
        form["windows"] = json!(["tomorrow-morning", "tomorrow-afternoon"]);
    }
    form
}

fn numbers(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|line| line["number"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_front_desk_and_the_command_centre_see_the_same_queue() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let opened: BTreeSet<String> = ["repair", "complaint", "enquiry", "suggestion", "service"]
        .into_iter()
        .map(|matter| brings(&lobby, matter, form(matter)))
        .collect();
    // A case that nobody is asked about at the moment is in the queue all the same.
    let waiting = brings(&lobby, "complaint", form("complaint"));
    let desk = lobby.signed_in("desk", "front");
    let result_by = chrono::Utc::now() + chrono::TimeDelta::hours(30);
    let known = json!({ "task": { "task": task(&lobby, &waiting, "know-complaint"), "step": { "done": {} } } });
    assert_eq!(lobby.signed_in("supervisor", "office").step(&waiting, &known).status, 200);
    for step in [
        json!({ "classify": { "class": "vents", "major": false } }),
        json!({ "acknowledge": { "words": "谢谢您告诉我们，很抱歉。", "result_by": result_by } }),
    ] {
        assert_eq!(desk.step(&waiting, &json!({ "matter": { "complaint": step } })).status, 200);
    }
    assert!(case(&lobby, &waiting).docket.tasks.is_empty());
    let command_centre = lobby.signed_in("leader", "gate-a");
    let queues = [&desk, &command_centre].map(|page| numbers(&page.live(None).until("board").data["tickets"]));
    assert_eq!(queues[0], queues[1]);
    assert!(opened.is_subset(&queues[0]) && queues[0].contains(&waiting));
    lobby.close();
}

/// R132: it may name the very supervisor.
#[test]
fn a_complaint_about_favours_exists_for_the_manager_and_the_auditor_alone() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let mut complaint = form("complaint");
    complaint["topic"] = json!("favours");
    let number = brings(&lobby, "complaint", complaint);
    for (id, post) in [
        ("guard-a", "gate-a"),
        ("desk", "front"),
        ("leader", "office"),
        ("engineer", "workshop"),
        ("supervisor", "office"),
    ] {
        let page = lobby.signed_in(id, post);
        assert!(!page.live(None).until("board").data.to_string().contains(&number), "{id}");
        assert_eq!(page.get(&format!("/api/case/{number}")).status, 404, "{id}");
        assert_eq!(page.step(&number, &json!("chase")).status, 404, "{id}");
    }
    for id in ["manager", "auditor"] {
        assert_eq!(lobby.signed_in(id, "office").get(&format!("/api/case/{number}")).status, 200, "{id}");
    }
    lobby.close();
}

#[test]
fn progress_and_result_are_written_for_the_complainant_and_found_by_number() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = brings(&lobby, "complaint", form("complaint"));
    let desk = lobby.signed_in("desk", "front");
    let step = |step: Value| desk.step(&number, &json!({ "matter": { "complaint": step } }));
    assert_eq!(step(json!({ "progress": { "words": "我们正在与楼上住户沟通。" } })).status, 200);
    let said = desk.get(&format!("/api/case/{number}")).json()["line"]["said"].as_str().unwrap().to_owned();
    // As a complainant says the number over the phone.
    let record = desk.get(&format!("/api/case/{said}")).json();
    assert_eq!(record["person"]["progress"], "我们正在与楼上住户沟通。");
    lobby.close();
}

#[test]
fn what_a_household_asks_for_is_shown_to_whoever_holds_its_task_and_stands_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    let table = format!("房号,空置,联系时间,鞋套,上门须知\n1203,,9:00-12:00,是,{WISH}\n1204,是,,,\n");
    let mut draft = Draft::begin(dir.path(), From::Nothing).unwrap();
    draft.take(&table::parse(&table, Hosts::LeftOut).unwrap(), []).unwrap();
    draft.finish("table-1", false).unwrap();
    let lobby = Lobby::open(dir.path());
    let number = brings(&lobby, "repair", form("repair"));
    let record = format!("/api/case/{number}");
    let wishes = |page: &crate::common::page::Browser| page.get(&record).json()["wishes"].clone();
    let [engineer, desk, manager] = [("engineer", "workshop"), ("desk", "front"), ("manager", "office")]
        .map(|(id, post)| lobby.signed_in(id, post));
    let auditor = lobby.signed_in("auditor", "office");
    assert_eq!(wishes(&engineer), Value::Null, "asked is not yet holding");
    let at = chrono::Utc::now() + chrono::TimeDelta::days(1);
    let task = task(&lobby, &number, "repair");
    // Tomorrow morning at the site, which the resident has offered.
    let morning = at.with_timezone(&house().zone).date_naive().and_hms_opt(10, 0, 0).unwrap();
    let morning = morning.and_local_timezone(house().zone).unwrap().to_utc();
    let claim = json!({ "task": { "task": task, "step": { "claim": { "eta": { "at": morning } } } } });
    let claimed = engineer.step(&number, &claim);
    assert_eq!(claimed.status, 200, "{}", claimed.body);
    let expected = json!({ "hours": { "from": "09:00", "to": "12:00" }, "shoe_covers": true, "note": WISH });
    assert_eq!(wishes(&engineer), expected);
    let looks = lobby.told("record.viewed");
    let of =
        |by: &str| looks.iter().filter(|told| told["by"] == by).map(|told| told["what"].clone()).collect::<Vec<_>>();
    assert_eq!(of("engineer"), [json!("record"), json!("record-and-wishes")], "R308");
    for (who, page) in [("desk", &desk), ("manager", &manager), ("auditor", &auditor)] {
        assert_eq!(wishes(page), Value::Null, "{who}");
        assert!(!page.live(None).until("board").data.to_string().contains(WISH), "{who}");
    }
    assert!(!engineer.live(None).until("board").data.to_string().contains(WISH), "a board stands open");
    assert!(!manager.get("/api/export").body.contains(WISH));
    let other = brings(&lobby, "repair", {
        let mut form = form("repair");
        form["place"] = json!({ "home": "1204" });
        form
    });
    assert_eq!(engineer.get(&format!("/api/case/{other}")).json()["wishes"], Value::Null, "another unit");
    lobby.close();
    for file in std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()) {
        let bytes = if file.is_file() { std::fs::read(&file).unwrap() } else { continue };
        let holds = bytes.windows(WISH.len()).any(|part| part == WISH.as_bytes());
        assert_eq!(holds, file.ends_with(DIRECTORY_FILE), "{}", file.display());
    }
}

#[test]
fn whoever_is_asked_for_a_resident_finds_him_and_each_search_is_journaled_without_its_words() {
    let dir = tempfile::tempdir().unwrap();
    let table = "房号,姓名,手机,空置\n3-1203,测试甲,13800000000,\n3-1203,测试乙,,\n5-0101,,,是\n";
    let mut draft = Draft::begin(dir.path(), From::Nothing).unwrap();
    draft.take(&table::parse(table, Hosts::Taken).unwrap(), []).unwrap();
    draft.finish("table-1", false).unwrap();
    let lobby = Lobby::open(dir.path());
    let guard = lobby.signed_in("guard-a", "gate-a");
    let search = |page: &crate::common::page::Browser, q: &str| page.post("/api/directory", &json!({ "q": q }));
    let names = |q: &str| {
        let found = search(&guard, q).json()["found"].clone();
        found.as_array().unwrap().iter().map(|one| one["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("cs"), [json!("测试甲"), json!("测试乙")]);
    assert_eq!(names("测试甲"), [json!("测试甲")]);
    assert_eq!(names("3-1203"), [json!("测试甲"), json!("测试乙")]);
    let unit = search(&guard, "5-01").json();
    assert_eq!(
        unit["found"],
        json!([{"unit": "5-0101", "vacant": true, "name": null, "phone": null, "language": null}])
    );
    assert_eq!(search(&guard, "c").json()["found"], json!([]), "half of the house is no answer");
    let looks: Vec<Value> =
        lobby.told("record.viewed").into_iter().filter(|told| told["what"] == "directory").collect();
    assert_eq!(
        looks.iter().map(|look| look["found"].clone()).collect::<Vec<_>>(),
        [json!(2), json!(1), json!(2), json!(1)]
    );
    assert!(!format!("{looks:?}").contains("测试甲") && looks[0]["by"] == "guard-a", "{looks:?}");
    for (id, post) in [("engineer", "workshop"), ("auditor", "office")] {
        assert_eq!(search(&lobby.signed_in(id, post), "cs").status, 403, "{id}");
    }
    lobby.close();
}

#[test]
fn whom_to_call_is_told_to_whoever_calls_the_host_and_to_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut draft = Draft::begin(dir.path(), From::Nothing).unwrap();
    draft.take(&table::parse("房号,姓名,手机,语言\n1203,测试甲,13800000000,en\n", Hosts::Taken).unwrap(), []).unwrap();
    draft.finish("table-1", false).unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.visit("测试乙");
    let hosts = |page: &crate::common::page::Browser| page.get(&format!("/api/case/{number}")).json()["hosts"].clone();
    let (guard, other) = (lobby.signed_in("guard-a", "gate-a"), lobby.signed_in("desk", "front"));
    assert_eq!(hosts(&guard), json!([]), "asked is not yet holding");
    let claim = json!({ "task": { "task": task(&lobby, &number, "call-host"), "step": { "claim": {} } } });
    assert_eq!(guard.step(&number, &claim).status, 200);
    assert_eq!(hosts(&guard), json!([{ "name": "测试甲", "phone": "13800000000", "language": "en" }]));
    assert_eq!(hosts(&other), json!([]));
    lobby.close();
}

fn case(lobby: &Lobby, number: &str) -> Case {
    let reader = lobbyd::journal::Reader::open(&lobby.dir).unwrap();
    let number = lobbyd::service::number::Number::try_from(number.to_owned()).unwrap();
    reader.case(number).unwrap().unwrap().case
}

fn task(lobby: &Lobby, number: &str, errand: &str) -> u16 {
    case(lobby, number).docket.tasks.iter().find(|task| task.errand.name() == errand).unwrap().id
}
