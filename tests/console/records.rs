//! Records and steps: journaled before they are shown, shown to whom they concern, and two guards who race for one call.

use crate::common::lobby::Lobby;
use crate::common::page::Browser;
use lobbyd::desk::{Answer, Command};
use lobbyd::journal::Reader;
use lobbyd::service::identity::{Consent, Declared};
use lobbyd::service::matter::Opening;
use lobbyd::service::visit;
use serde_json::{Value, json};

fn claim(task: u16) -> Value {
    json!({ "task": { "task": task, "step": { "claim": {} } } })
}

#[test]
fn a_look_at_a_record_is_in_the_journal_when_the_answer_comes() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.visit("测试访客");
    let guard = lobby.signed_in("guard-a", "gate-a");
    let answer = guard.get(&format!("/api/case/{number}"));
    let journaled = Reader::open(dir.path()).unwrap().all_after(0, 1000).unwrap();
    let viewed: Vec<_> = journaled.iter().filter(|row| row.kind.name() == "record.viewed").collect();
    assert_eq!((answer.status, viewed.len()), (200, 1));
    let told: Value = serde_json::from_str(viewed[0].data.get()).unwrap();
    assert_eq!((&told["by"], &told["what"], &told["nth"]), (&json!("guard-a"), &json!("record"), &json!(1)));
    assert!(!told.to_string().contains("测试访客"), "{told}");
    let record = answer.json();
    assert_eq!((&record["person"]["name"], &record["line"]["who"]), (&json!("测试访客"), &json!("测**")));
    assert_eq!(record["history"][0]["kind"], "visit.arrived");
    // As people say it, and with what makes no number.
    let said = record["line"]["said"].as_str().unwrap().to_owned();
    assert_eq!(guard.get(&format!("/api/case/{said}")).json()["line"]["number"], json!(number));
    for nonsense in ["V-1", "x", "V-20261121-999", "%00", "V-20261121-1-1"] {
        assert_eq!(guard.get(&format!("/api/case/{nonsense}")).status, 404, "{nonsense}");
    }
    lobby.close();
}

#[test]
fn of_an_identity_number_a_record_shows_the_last_digits_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let reference = "0123456789abcdef0123456789abcdef";
    let mut request: visit::Request = serde_json::from_value(json!({
        "unit": "1203", "name": "测试访客", "phone": "13800000001", "purpose": "work", "language": "zh-Hans",
    }))
    .unwrap();
    let declared = Declared::Given { tail: "002X".into(), reference: reference.into() };
    request.identity = Some(Consent { days: 90, declared });
    let number = match lobby.ask(Command::at_the_glass(Opening::Visit(request))) {
        Answer::Opened { number, .. } => String::from(number),
        other => panic!("{other:?}"),
    };
    let record = lobby.signed_in("guard-a", "gate-a").get(&format!("/api/case/{number}")).json();
    assert_eq!(record["person"]["identity_tail"], "002X");
    assert_eq!(record["history"][0]["person"]["identity_tail"], "002X");
    assert!(!record.to_string().contains(reference), "{record}");
    lobby.close();
}

#[test]
fn lists_show_a_surname_and_no_number_and_a_stranger_to_the_matter_sees_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.visit("测试访客");
    let board = lobby.signed_in("guard-a", "gate-a").live(None).until("board").data.to_string();
    assert!(board.contains("测**") && !board.contains("测试访客") && !board.contains("13800000001"), "{board}");
    let engineer = lobby.signed_in("engineer", "workshop");
    let board = engineer.live(None).until("board").data;
    assert_eq!((&board["visitors"], &board["cards"]), (&json!([]), &json!([])));
    assert_eq!(engineer.get(&format!("/api/case/{number}")).status, 404);
    assert_eq!(engineer.step(&number, &json!("chase")).status, 404);
    lobby.close();
}

#[test]
fn two_guards_race_for_one_task_and_one_wins_and_the_other_hears_the_name() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let guards = [lobby.signed_in("guard-a", "gate-a"), lobby.signed_in("guard-b", "gate-a")];
    for _ in 0..5 {
        let number = lobby.help();
        let answers: Vec<_> = std::thread::scope(|scope| {
            let race = |guard: &Browser| guard.step(&number, &claim(1));
            let racers: Vec<_> = guards.iter().map(|guard| scope.spawn(move || race(guard))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 1), "{answers:?}");
        assert_eq!((lost[0].status, lost[0].code().as_str()), (409, "claimed"));
        let winner = lost[0].json()["detail"]["by"].as_str().unwrap().to_owned();
        assert!(winner.starts_with("测试guard-"), "{winner}");
        assert!(lost[0].json()["text_zh"].as_str().unwrap().contains("同事"));
    }
    assert_eq!(lobby.told("task.claimed").len(), 5);
    assert_eq!(lobby.told("request.refused").len(), 5);
    lobby.close();
}

#[test]
fn a_stale_page_is_told_so_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.help();
    let guard = lobby.signed_in("guard-a", "gate-a");
    let path = format!("/api/case/{number}/step");
    assert_eq!(guard.step(&number, &claim(1)).status, 200);
    let call_off = json!({ "matter": { "help": "call-off" } });
    let answer = guard.post(&path, &json!({ "step": call_off, "seen": 1 }));
    assert_eq!((answer.status, answer.code().as_str()), (409, "stale"));
    assert_eq!(answer.json()["detail"]["state"], "coming");
    assert_eq!(guard.post(&path, &json!({ "step": call_off, "seen": 2 })).status, 200);
    assert_eq!(guard.step(&number, &claim(1)).code(), "ended");
    lobby.close();
}

#[test]
fn another_posts_task_cannot_be_taken_and_the_auditor_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.help();
    assert_eq!(lobby.signed_in("guard-b", "gate-b").step(&number, &claim(1)).code(), "other-post");
    let auditor = lobby.signed_in("auditor", "gate-a");
    assert_eq!(auditor.step(&number, &claim(1)).code(), "right");
    assert_eq!(auditor.get(&format!("/api/case/{number}")).status, 200);
    lobby.close();
}

#[test]
fn any_employee_opens_a_ticket_for_somebody_and_none_of_a_devices_matters() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let guard = lobby.signed_in("guard-a", "gate-a");
    let visit = json!({ "visit": {
        "unit": "1203", "name": "测试客", "phone": "13800000001", "purpose": "friends", "language": "zh-Hans",
    } });
    let opened = guard.post("/api/open", &json!({ "opening": visit, "source": "phone" }));
    assert_eq!(opened.status, 200, "{}", opened.body);
    let number = opened.json()["number"].as_str().unwrap().to_owned();
    assert_eq!(guard.get(&format!("/api/case/{number}")).json()["line"]["source"], "phone");
    let glass = guard.post("/api/open", &json!({ "opening": visit, "source": "kiosk" })).json();
    let glass = glass["number"].as_str().unwrap();
    assert_eq!(guard.get(&format!("/api/case/{glass}")).json()["line"]["source"], "staff-contact");
    let call = json!({ "opening": { "call": { "door": "lobby" } } });
    assert_eq!(guard.post("/api/open", &call).code(), "right");
    lobby.close();
}

#[test]
fn the_call_log_keeps_each_request_and_its_readers() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let desk = lobby.signed_in("desk", "front");
    let lines = json!({ "lines": [
        { "text": "问物业费", "caller": "测试客", "phone": "13800000001", "unit": "1203" }, { "text": "约保洁" },
    ] });
    assert_eq!(desk.post("/api/log", &lines).json()["lines"], 2);
    let log = desk.get("/api/log").json();
    let texts: Vec<_> = log["lines"].as_array().unwrap().iter().map(|line| line["text"].clone()).collect();
    assert_eq!(texts, ["问物业费", "约保洁"]);
    assert_eq!((&log["lines"][0]["caller"], &log["lines"][0]["unit"]), (&json!("测试客"), &json!("1203")));
    assert_eq!(desk.get("/api/log?day=2020-01-01").json()["lines"], json!([]));
    assert_eq!(desk.get("/api/log?day=soon").status, 400);
    assert_eq!(lobby.told("record.viewed").len(), 2);
    lobby.close();
}

#[test]
fn a_muster_counts_everybody_in_the_house_and_keeps_its_ticks_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.visit("测试访客");
    let guard = lobby.signed_in("guard-a", "gate-a");
    assert_eq!(guard.post("/api/muster", &json!({ "end": {} })).code(), "order");
    assert_eq!(guard.post("/api/muster", &json!({ "begin": { "drill": true } })).status, 200);
    assert_eq!(guard.post("/api/muster", &json!({ "mark": { "key": number, "present": true } })).status, 200);
    let listen = Some(lobby.address);
    lobby.close();
    let lobby = Lobby::with(dir.path(), crate::common::lobby::How { listen, ..Default::default() });
    let list = guard.get("/api/muster").json();
    assert_eq!((&list["running"], &list["drill"]), (&json!(true), &json!(true)));
    let people = list["people"].as_array().unwrap();
    let of = |key: &str| people.iter().find(|one| one["key"] == key).unwrap().clone();
    let visitor = of(&number);
    assert_eq!(
        (&visitor["present"], &visitor["heads"], &visitor["kind"]),
        (&json!(true), &json!(3), &json!("contractor"))
    );
    assert_eq!(of("staff:guard-a")["present"], false);
    assert_eq!(guard.post("/api/muster", &json!({ "end": {} })).status, 200);
    assert_eq!(lobby.told("muster.ended")[0]["present"], 1);
    assert_eq!(guard.get("/api/muster").json()["running"], false);
    lobby.close();
}

#[test]
fn a_hand_over_names_what_is_open_and_the_next_shift_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.help();
    let guard = lobby.signed_in("guard-a", "gate-a");
    let closed = guard.post("/api/shift", &json!({ "close": { "note": "电梯还没修好" } }));
    assert_eq!(closed.json()["open"], json!([number]), "{}", closed.body);
    let last = lobby.signed_in("guard-b", "gate-a").get("/api/shift").json();
    assert_eq!((&last["note"], &last["by"]), (&json!("电梯还没修好"), &json!("测试guard-a")));
    assert_eq!(lobby.signed_in("desk", "front").get("/api/shift").json(), json!({}));
    lobby.close();
}

#[test]
fn what_leaves_the_house_is_marked_journaled_and_without_names() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.visit("测试访客");
    let manager = lobby.signed_in("manager", "office");
    let copy = manager.get("/api/export");
    assert_eq!(copy.status, 200);
    assert!(copy.body.contains("测试manager (manager)") && copy.body.contains(&number), "{}", copy.body);
    assert!(copy.body.lines().skip(2).all(|line| line.contains("(manager)")), "each line says whose copy it is");
    assert!(!copy.body.contains("测试访客") && !copy.body.contains("13800000001"));
    let told = lobby.told("record.exported");
    assert_eq!((told.len(), &told[0]["by"]), (1, &json!("manager")));
    lobby.close();
}

#[test]
fn a_difficult_situation_calls_the_leader_and_says_nothing_on_the_screen() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let leader = lobby.signed_in("leader", "office");
    let mut live = leader.live(None);
    live.until("board");
    let answer = lobby.signed_in("guard-a", "gate-a").post("/api/support", &json!({}));
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    let mut card = Value::Null;
    while card.is_null() {
        card = live.until("change").data["cards"][0].clone();
    }
    assert_eq!(
        (&card["errand"], &card["urgency"], &card["silent"]),
        (&json!("support"), &json!("support"), &json!(true))
    );
    lobby.close();
}

#[test]
fn what_must_not_be_said_is_shown_with_what_to_say_instead() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let desk = lobby.signed_in("desk", "front");
    let hits = desk.post("/api/lint", &json!({ "text": "您好，我不知道。" })).json()["hits"].clone();
    assert_eq!((&hits[0]["text"], &hits[0]["at"]), (&json!("不知道"), &json!(4)), "{hits}");
    assert!(!hits[0]["replacement"].as_str().unwrap().is_empty());
    assert_eq!(desk.post("/api/lint", &json!({ "text": "请稍等，我帮您问一下。" })).json()["hits"], json!([]));
    lobby.close();
}

/// A pass that somebody asks for at the glass.
fn pass(lobby: &Lobby, code: &str) -> String {
    let leaves = (chrono::Utc::now() + chrono::TimeDelta::hours(2)).to_rfc3339();
    let pass = json!({ "pass": {
        "unit": "1203", "name": "测试客", "phone": "13800000001", "items": [{ "what": "书柜", "count": 2 }],
        "leaves_at": leaves, "code": code, "language": "zh-Hans",
    } });
    match lobby.ask(lobbyd::desk::Command::at_the_glass(serde_json::from_value(pass).unwrap())) {
        lobbyd::desk::Answer::Opened { number, .. } => String::from(number),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pass_is_found_by_its_code_which_no_record_shows() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = pass(&lobby, "ABCD2345");
    let guard = lobby.signed_in("guard-a", "gate-a");
    let found = guard.get("/api/pass/abcd2345").json();
    assert_eq!((&found["case"]["number"], &found["used"]), (&json!(number), &Value::Null));
    assert_eq!(guard.get("/api/pass/ABCD2346").status, 404);
    assert_eq!(lobby.told("record.viewed").len(), 1);
    let record = guard.get(&format!("/api/case/{number}"));
    assert!(record.status == 200 && !record.body.contains("ABCD2345"), "{}", record.body);
    lobby.close();
}

#[test]
fn figures_are_for_those_who_lead_and_what_one_person_did_for_those_who_assess_him() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.help();
    assert_eq!(lobby.signed_in("guard-a", "gate-a").step(&number, &claim(1)).status, 200);
    let manager = lobby.signed_in("manager", "office");
    for period in ["day", "month", "quarter"] {
        let figures = manager.get(&format!("/api/report?period={period}")).json()["figures"].clone();
        assert_eq!(figures["staff"][0]["claimed"], 1, "{period}: {figures}");
    }
    let desk = lobby.signed_in("desk", "front").get("/api/report?period=day").json();
    assert_eq!(desk["figures"]["staff"], json!([]));
    let csv = manager.get("/api/report.csv?period=day");
    assert!(
        csv.header("content-type").unwrap().contains("text/csv") && csv.body.starts_with("period,"),
        "{}",
        csv.body
    );
    assert_eq!(manager.get("/api/report?period=never").status, 400);
    lobby.close();
}

#[test]
fn the_auditor_draws_tickets_at_random_and_that_he_did_is_journaled() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let numbers: Vec<String> = (0..30).map(|_| lobby.help()).collect();
    let auditor = lobby.signed_in("auditor", "gate-a");
    let drawn = auditor.get("/api/sample?count=5").json()["sample"].clone();
    let drawn: Vec<&str> = drawn.as_array().unwrap().iter().map(|line| line["number"].as_str().unwrap()).collect();
    assert_eq!(drawn.len(), 5);
    assert!(drawn.iter().all(|number| numbers.iter().any(|known| known == number)), "{drawn:?}");
    assert_eq!(lobby.told("record.viewed")[0]["what"], "sample");
    assert_eq!(auditor.get("/api/sample?count=900").json()["sample"].as_array().unwrap().len(), 30);
    lobby.close();
}

#[test]
fn whoever_tries_codes_of_passes_one_after_the_other_must_wait() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    pass(&lobby, "ABCD2345");
    let (guessing, other) = (lobby.signed_in("guard-a", "gate-a"), lobby.signed_in("guard-b", "gate-b"));
    for n in 2..7 {
        assert_eq!(guessing.get(&format!("/api/pass/ABCD234{n}")).status, if n == 5 { 200 } else { 404 });
    }
    assert_eq!(guessing.get("/api/pass/ABCD2347").status, 404);
    let refused = guessing.get("/api/pass/ABCD2345");
    assert_eq!((refused.status, refused.code().as_str()), (409, "guessing"));
    assert!(refused.json()["detail"]["until"].is_string());
    assert_eq!(other.get("/api/pass/ABCD2345").status, 200);
    assert_eq!(lobby.told("code.guessed").len(), 1);
    lobby.close();
}
