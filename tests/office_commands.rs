//! The central office commands a gateway: once, in time, signed, and is told plainly why not. At a broker of the test's own.

mod common;

use chrono::TimeDelta;
use common::house::{House, broker, limits, now, site};
use common::orders::{self, signed};
use common::scripted::{Peer, Scripted, properties, seq, topic};
use common::until;
use lobbyd::config::staff;
use lobbyd::desk::{self, Answer};
use lobbyd::directory::Directory;
use lobbyd::event::{Kind, Now, Slug};
use lobbyd::health::metrics;
use lobbyd::journal::Keep;
use lobbyd::service::contact::{Name, Unit};
use lobbyd::service::invitation::{Draft, Issuers, Refused, Shown, site_mark};
use lobbyd::service::office_command::{self, OfficeCommand};
use lobbyd::service::signature::PrivateKey;
use lobbyd::service::staff::Actor;
use metrics_exporter_prometheus::PrometheusHandle;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, Publish};
use serde_json::{Value, json};
use std::fs;
use std::sync::LazyLock;
use std::time::Duration;
use tempfile::TempDir;

/// The page of metrics of this process, of all its tests. Asked for first before anything is to be counted.
fn counts() -> String {
    static STARTED: LazyLock<PrometheusHandle> = LazyLock::new(|| metrics::start().unwrap());
    STARTED.render()
}

async fn office_with(events: usize) -> (TempDir, House, Scripted) {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path());
    house.record_many(Kind::AccessGranted, events).await;
    (dir, house, Scripted::start().await)
}

/// Sends a command and waits for its result.
async fn order(peer: &mut Peer, name: &str, payload: Vec<u8>, retain: bool) -> Value {
    let mut publish = Publish::new(format!("lobby/v1/riverside/lobby-1/cmd/{name}"), QoS::AtMostOnce, payload, None);
    publish.retain = retain;
    peer.send(Packet::Publish(publish)).await;
    loop {
        let publish = peer.publish().await;
        peer.ack(publish.pkid).await;
        if topic(&publish).ends_with(&format!("cmd/{name}/result")) {
            return serde_json::from_slice(&publish.payload).unwrap();
        }
    }
}

#[tokio::test]
async fn a_command_is_carried_out_once_and_a_retained_one_never() {
    let (_dir, mut house, office) = office_with(1).await;
    counts();
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let ping = signed("riverside", "ping", "c-1", &json!({}));
    assert_eq!(order(&mut peer, "ping", ping.clone(), false).await["accepted"], json!(true));
    assert_eq!(order(&mut peer, "ping", ping, false).await["reason"], "repeated");
    assert_eq!(
        order(&mut peer, "ping", signed("riverside", "ping", "c-2", &json!({})), true).await["reason"],
        "retained"
    );
    assert_eq!(
        order(&mut peer, "open", signed("riverside", "open", "c-3", &json!({})), false).await["reason"],
        "unknown"
    );
    let of_tomorrow = orders::signed_as(2, "riverside", "ping", "c-4", &json!({"priority": "high"}));
    let answer = order(&mut peer, "ping", of_tomorrow, false).await;
    assert_eq!((&answer["reason"], &answer["id"]), (&json!("newer"), &json!("c-4")));
    for outcome in ["accepted", "repeated", "retained", "unknown", "newer"] {
        let counted = format!("lobbyd_office_commands_total{{outcome=\"{outcome}\"}}");
        assert!(counts().contains(&counted), "{counted}");
    }
    assert!(answer["message"].as_str().unwrap().contains("update the gateway"), "{answer}");
    let kinds: Vec<&str> = house.rows().iter().map(|row| row.kind.name()).collect();
    assert_eq!(kinds[..2], ["access.granted", "command.accepted"]);
    assert_eq!(kinds[2..], ["command.refused"; 4], "{kinds:?}");
    house.close().await;
}

#[tokio::test]
async fn a_command_that_comes_a_thousand_times_is_carried_out_once() {
    let (_dir, mut house, office) = office_with(1).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let ping = signed("riverside", "ping", "c-1", &json!({}));
    for _ in 0..1000 {
        let topic = "lobby/v1/riverside/lobby-1/cmd/ping";
        peer.send(Packet::Publish(Publish::new(topic, QoS::AtMostOnce, ping.clone(), None))).await;
    }
    // Behind all of them, and answered because there is room again.
    let mut answers = Vec::new();
    while !answers.iter().any(|answer: &Value| answer["id"] == "c-2" && answer["accepted"] == true) {
        answers.push(order(&mut peer, "ping", signed("riverside", "ping", "c-2", &json!({})), false).await);
    }
    let rows = house.rows();
    let of = |kind| rows.iter().filter(|row| row.kind == kind).count();
    assert_eq!((of(Kind::AccessGranted), of(Kind::CommandAccepted)), (1, 2));
    // That it was a repeat, and that there were too many, is told once of each of the two.
    assert!((1..=4).contains(&of(Kind::CommandRefused)) && rows.len() <= 7, "{rows:?}");
    house.close().await;
}

/// What a daemon leaves that is killed between a command's record and its end.
async fn begin(house: &House, command: &OfficeCommand, now: Now) {
    let (id, record) = (command.record, office_command::accepted(command, &site().gateway, now));
    let begun = house.desk.ask(desk::Command::BeginOrder { id, record }).await;
    assert_eq!(begun, Ok(Answer::Begun { again: false }));
}

#[tokio::test]
async fn a_command_that_a_crash_has_cut_off_is_carried_out_when_it_comes_again() {
    let (dir, mut house, office) = office_with(1).await;
    let staff = signed(
        "riverside",
        "staff",
        "c-1",
        &json!({"set": [{"id": "zhang", "name": "测试甲", "badge": "021", "role": "guard"}]}),
    );
    let now = Now { utc: chrono::Utc::now(), synced: true };
    let command = office_command::read("staff", &staff, false, &orders::addressee(&site()), now).unwrap();
    begin(&house, &command, now).await;

    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let answer = order(&mut peer, "staff", staff.clone(), false).await;
    assert_eq!((&answer["accepted"], &answer["result"]["staff"]), (&json!(true), &json!(1)), "{answer}");
    assert_eq!(order(&mut peer, "staff", staff, false).await["reason"], "repeated");
    assert_eq!(staff::load(dir.path()).unwrap().staff.len(), 1);
    assert_eq!(house.rows().iter().filter(|row| row.kind == Kind::CommandAccepted).count(), 1);
    house.close().await;
}

fn guard(id: &str) -> Value {
    json!({"id": id, "name": "测试甲", "badge": "021", "role": "guard"})
}

/// More people than one command holds come in two; who is set and then removed is gone. Both were carried out at once before, and the
/// first often last.
#[tokio::test]
async fn commands_are_carried_out_in_the_order_in_which_they_came() {
    let (dir, mut house, office) = office_with(1).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let send = |nth: usize, arguments: Value| signed("riverside", "staff", &format!("c-{nth}"), &arguments);
    let steps = [json!({"set": [guard("zhang")]}), json!({"remove": ["zhang"]})];
    let last = 20;
    for (nth, step) in steps.iter().cycle().take(last).enumerate() {
        let topic = "lobby/v1/riverside/lobby-1/cmd/staff";
        peer.send(Packet::Publish(Publish::new(topic, QoS::AtMostOnce, send(nth, step.clone()), None))).await;
    }
    let mut answer = order(&mut peer, "staff", send(last, json!({"set": [guard("wang")]})), false).await;
    while answer["id"] != format!("c-{last}") {
        let publish = peer.publish().await;
        peer.ack(publish.pkid).await;
        answer = serde_json::from_slice(&publish.payload).unwrap();
    }
    let staff = staff::load(dir.path()).unwrap().staff;
    assert_eq!(staff.iter().map(|member| member.id.as_str()).collect::<Vec<_>>(), ["wang"]);
    house.close().await;
}

/// Whoever sends a command again hears only that it is a repeat: so its result is not lost with a connection, nor is the command.
#[tokio::test]
async fn a_command_is_carried_out_without_a_link_and_its_result_goes_until_it_is_taken() {
    let (dir, mut house, office) = office_with(1).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let staff = signed("riverside", "staff", "c-1", &json!({"set": [guard("zhang")]}));
    let topic_of = |name: &str| format!("lobby/v1/riverside/lobby-1/cmd/{name}");
    peer.send(Packet::Publish(Publish::new(topic_of("staff"), QoS::AtMostOnce, staff, None))).await;
    // It hears the command, and the line goes.
    peer.send(Packet::Publish(Publish::new(topic_of("ping"), QoS::AtMostOnce, "not signed", None))).await;
    while !topic(&peer.publish().await).ends_with("cmd/ping/result") {}
    drop(peer);
    until("it is carried out", || staff::load(dir.path()).is_ok_and(|roster| roster.staff.len() == 1)).await;
    for taken in [false, true] {
        let mut peer = office.welcome().await;
        let result = loop {
            let publish = peer.publish().await;
            if topic(&publish).ends_with("cmd/staff/result") {
                break publish;
            }
            peer.ack(publish.pkid).await;
        };
        let said: Value = serde_json::from_slice(&result.payload).unwrap();
        assert_eq!((&said["id"], &said["accepted"]), (&json!("c-1"), &json!(true)));
        if taken {
            peer.ack(result.pkid).await;
        }
    }
    house.close().await;
}

/// A broker takes the mark of a retained message off for whoever is there when it comes, unless he asks for it.
#[tokio::test]
async fn whether_a_command_was_retained_is_asked_of_the_broker() {
    let (_dir, mut house, office) = office_with(1).await;
    house.start_office(&broker(&office.url), limits());
    let (mut peer, _) = office.hello().await;
    peer.connack(false, Some(properties())).await;
    let filters = peer.subscribe().await.filters;
    assert!(filters.iter().all(|filter| filter.preserve_retain), "{filters:?}");
    house.close().await;
}

/// One command that somebody has heard, said on ten thousand topics, filled the journal up to its quota.
#[tokio::test]
async fn a_captured_command_on_any_topic_is_one_event() {
    let (_dir, mut house, office) = office_with(1).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let captured = signed("elsewhere", "ping", "c-1", &json!({}));
    for nth in 0..20 {
        let answer = order(&mut peer, &format!("ping{nth}"), captured.clone(), false).await;
        assert_eq!(answer["reason"], "other-gateway");
    }
    // Nobody could answer this one: the topic of the answer would be too long.
    let long = "p".repeat(65_000);
    let topic = format!("lobby/v1/riverside/lobby-1/cmd/{long}");
    peer.send(Packet::Publish(Publish::new(topic, QoS::AtMostOnce, "x", None))).await;
    let ping = order(&mut peer, "ping", signed("riverside", "ping", "c-2", &json!({})), false).await;
    assert_eq!(ping["accepted"], json!(true), "whatever strangers send");
    let rows = house.rows();
    let refused: Vec<_> = rows.iter().filter(|row| row.kind == Kind::CommandRefused).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].data.get().contains("\"command\":\"unknown\""), "a stranger's word is not journaled");
    house.close().await;
}

#[tokio::test]
async fn what_is_refused_after_its_record_is_journaled_with_the_reason() {
    let (_dir, mut house, office) = office_with(1).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let invite = signed("riverside", "invite", "c-1", &json!({"token": "LB1.x"}));
    assert_eq!(order(&mut peer, "invite", invite, false).await["reason"], "not-kept");
    let rules = signed("riverside", "rules", "c-2", &json!({"toml": "[service]\nversion = 1\n"}));
    assert_eq!(order(&mut peer, "rules", rules, false).await["reason"], "not-usable");
    let rows = house.rows();
    let refused = rows.iter().filter(|row| row.kind == Kind::CommandRefused);
    let said: Vec<Value> = refused.map(|row| serde_json::from_str(row.data.get()).unwrap()).collect();
    let told = |nth: usize| [&said[nth]["command_id"], &said[nth]["reason"], &said[nth]["signer"]];
    assert_eq!(told(0), ["c-1", "not-kept", "office"]);
    assert_eq!(told(1), ["c-2", "not-usable", "office"]);
    house.close().await;
}

#[tokio::test]
async fn strangers_are_answered_and_do_not_fill_the_journal() {
    let (_dir, mut house, office) = office_with(1).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    for number in 0..100 {
        let unsigned = json!({"id": format!("c-{number}"), "who": "测试甲"}).to_string().into_bytes();
        let answer = order(&mut peer, "ping", unsigned, false).await;
        assert_eq!((&answer["reason"], &answer["id"]), (&json!("unsigned"), &Value::Null));
    }
    let refused = house.rows().iter().filter(|row| row.kind == Kind::CommandRefused).count();
    assert_eq!(refused, 60, "docs/brokers.md says so");
    assert_eq!(
        order(&mut peer, "ping", signed("riverside", "ping", "c-1", &json!({})), false).await["accepted"],
        json!(true)
    );
    house.close().await;
}

#[tokio::test]
async fn a_replay_sends_everything_from_a_number_on_once_more() {
    let (_dir, mut house, office) = office_with(6).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    for _ in 0..6 {
        let event = peer.event().await;
        peer.ack(event.pkid).await;
    }
    let replay = signed("riverside", "replay", "c-1", &json!({"from_seq": 4}));
    let topic_of_it = "lobby/v1/riverside/lobby-1/cmd/replay";
    peer.send(Packet::Publish(Publish::new(topic_of_it, QoS::AtMostOnce, replay, None))).await;
    // The answer comes among the events.
    let (mut again, mut answer) = (Vec::new(), Value::Null);
    while answer.is_null() || !again.ends_with(&[4, 5, 6, 7]) {
        let publish = peer.publish().await;
        peer.ack(publish.pkid).await;
        if topic(&publish).contains("/event/") {
            again.push(seq(&publish));
        } else if topic(&publish).ends_with("/result") {
            answer = serde_json::from_slice(&publish.payload).unwrap();
        }
    }
    assert_eq!(answer["result"]["from_seq"], json!(4));
    house.close().await;
}

#[tokio::test]
async fn an_invitation_that_is_not_kept_is_answered_with_its_reason() {
    let (_dir, mut house, office) = office_with(1).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let invite = signed("riverside", "invite", "c-1", &json!({"token": "LB1.x"}));
    let answer = order(&mut peer, "invite", invite.clone(), false).await;
    assert_eq!((&answer["reason"], &answer["id"]), (&json!("not-kept"), &json!("c-1")));
    assert!(answer["message"].as_str().unwrap().contains("forged"), "{answer}");
    assert_eq!(order(&mut peer, "invite", invite, false).await["reason"], "repeated");
    house.close().await;
}

#[tokio::test]
async fn an_invitation_is_handed_over_and_taken_back_and_is_good_in_between() {
    let dir = tempfile::tempdir().unwrap();
    let key = PrivateKey::from_seed(&[1; 32]).unwrap();
    let issuers = Issuers { site: site_mark(&Slug::new("riverside").unwrap()), keys: vec![key.public()] };
    let rules = lobbyd::service::house::House::bare(chrono_tz::Asia::Shanghai);
    let mut house = House::of(dir.path(), lobbyd::service::house::House { issuers, ..rules }, Keep::default());
    let draft = Draft {
        site: Slug::new("riverside").unwrap(),
        id: [7; 12],
        from: now().utc - TimeDelta::hours(1),
        until: now().utc + TimeDelta::days(1),
        uses: 2,
        unit: Unit::parse("3-1203").unwrap(),
        host: Name::parse("王女士").unwrap(),
        visitor: None,
    };
    let (token, code) = draft.sign(&key).unwrap();
    let office = Scripted::start().await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let send = |id: &str, arguments: Value| signed("riverside", "invite", id, &arguments);
    let come = |shown| desk::Command::Arrive { shown, language: "zh-Hans".into(), by: Actor::GUEST };
    let answer = order(&mut peer, "invite", send("c-1", json!({"token": token.as_str()})), false).await;
    assert_eq!(answer["accepted"], json!(true), "{answer}");
    let came = house.desk.ask(come(Shown::Code(code))).await;
    assert!(matches!(came, Ok(Answer::Arrived { .. })), "by its six digits: {came:?}");
    let answer = order(&mut peer, "invite", send("c-2", json!({"revoke": token.as_str()})), false).await;
    assert_eq!(answer["accepted"], json!(true), "{answer}");
    let came = house.desk.ask(come(Shown::Token(token.clone()))).await;
    assert!(matches!(came, Ok(Answer::NotInvited(Refused::TakenBack))), "{came:?}");
    for (id, arguments) in [("c-3", json!({})), ("c-4", json!({"token": token.as_str(), "revoke": token.as_str()}))] {
        assert_eq!(order(&mut peer, "invite", send(id, arguments), false).await["reason"], "malformed");
    }
    house.close().await;
}

#[tokio::test]
async fn the_watch_list_is_changed_whole_or_not_at_all_and_no_answer_names_anybody() {
    let (_dir, mut house, office) = office_with(1).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let until = chrono::Utc::now() + chrono::TimeDelta::days(30);
    let entry =
        |id: &str| json!({"id": id, "names": ["测试甲"], "reason": "请先与总部联系", "author": "总部", "until": until});
    let mut change = async |id: &str, change: Value| {
        let answer = order(&mut peer, "watch-list", signed("riverside", "watch-list", id, &change), false).await;
        assert!(!answer.to_string().contains("测试甲"), "{answer}");
        answer
    };
    let answer = change("c-1", json!({"set": [entry("w-1"), entry("w-2")]})).await;
    assert_eq!((&answer["accepted"], &answer["result"]["entries"]), (&json!(true), &json!(2)));
    let mut half = entry("w-3");
    half["until"] = json!("2020-01-01T00:00:00Z");
    let answer = change("c-2", json!({"set": [entry("w-4"), half], "remove": ["w-1"]})).await;
    assert_eq!(answer["reason"], "malformed");
    assert!(answer["message"].as_str().unwrap().contains("set[1]"), "{answer}");
    let answer = change("c-2b", json!({"set": [{"id": "w-5", "names": "测试甲"}]})).await;
    assert!(answer["message"].as_str().unwrap().contains("string, expected a sequence"), "{answer}");
    let answer = change("c-3", json!({"remove": ["w-1"]})).await;
    assert_eq!(answer["result"]["entries"], json!(1));
    house.close().await;
}

#[tokio::test]
async fn a_directory_comes_in_parts_and_holds_when_the_last_is_here() {
    let (dir, mut house, office) = office_with(1).await;
    counts();
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let units =
        |from: usize| (from..from + 50).map(|n| json!({"unit": format!("3-{n:04}"), "hosts": [{"name": "测试甲"}]}));
    let part = |id: &str, nth: usize, from| {
        let set: Vec<Value> = units(from).collect();
        signed("riverside", "directory", id, &json!({"version": "2026-11", "part": nth, "parts": 2, "set": set}))
    };
    let answer = order(&mut peer, "directory", part("d-1", 1, 0), false).await;
    assert_eq!(answer["result"], json!({"in_force": false, "missing": 1, "first_missing": [2]}));
    assert!(Directory::open(dir.path()).unwrap().is_none());
    // Half a directory that says a thing twice is thrown away, and said.
    let answer = order(&mut peer, "directory", part("d-2", 2, 49), false).await;
    assert_eq!((&answer["accepted"], &answer["reason"]), (&json!(false), &json!("twice")), "{answer}");
    assert!(counts().contains("lobbyd_directories_refused_total{reason=\"twice\"}"));
    for (id, nth, from) in [("d-3", 1, 0), ("d-4", 2, 50)] {
        let answer = order(&mut peer, "directory", part(id, nth, from), false).await;
        assert_eq!(answer["accepted"], true, "{answer}");
    }
    let facts = Directory::open(dir.path()).unwrap().unwrap().facts().clone();
    assert_eq!((facts.version.as_str(), facts.units, facts.hosts), ("2026-11", 100, 100));
    let late = signed(
        "riverside",
        "directory",
        "d-5",
        &json!({"version": "2026-12", "base": "2026-10", "remove": ["3-0001"]}),
    );
    let answer = order(&mut peer, "directory", late, false).await;
    assert!(answer["message"].as_str().unwrap().contains("in force is 2026-11"), "{answer}");
    // A thousand times the same is one, and changes nothing.
    assert_eq!(order(&mut peer, "directory", part("d-4", 2, 50), false).await["reason"], "repeated");
    let rows = house.rows();
    let of = |kind| rows.iter().filter(|row| row.kind == kind).collect::<Vec<_>>();
    let updated = of(Kind::DirectoryUpdated);
    assert_eq!((updated.len(), of(Kind::DirectoryRefused).len()), (1, 2));
    let said: Value = serde_json::from_str(updated[0].data.get()).unwrap();
    assert_eq!((&said["version"], &said["units"]), (&json!("2026-11"), &json!(100)));
    assert!(!format!("{rows:?}").contains("测试甲"), "nobody's name is in the journal for it");
    house.close().await;
}

#[tokio::test]
async fn half_a_directory_is_given_up_in_time_while_the_office_is_away() {
    let (dir, mut house, office) = office_with(1).await;
    let mut places = orders::places(dir.path());
    // Long enough for the office to go before.
    places.patience = Duration::from_secs(2);
    house.start_office_with(&broker(&office.url), limits(), b"here".to_vec(), places);
    let mut peer = office.welcome().await;
    let half = json!({"version": "v1", "part": 1, "parts": 2, "set": [{"unit": "1", "hosts": [{"name": "测试甲"}]}]});
    let answer = order(&mut peer, "directory", signed("riverside", "directory", "d-1", &half), false).await;
    assert_eq!(answer["result"]["missing"], 1, "{answer}");
    drop((peer, office));
    counts();
    let refused = |house: &House| house.rows().into_iter().find(|row| row.kind == Kind::DirectoryRefused);
    until("it is given up", || refused(&house).is_some()).await;
    assert!(refused(&house).unwrap().data.get().contains("incomplete"));
    assert!(counts().contains("lobbyd_directories_refused_total{reason=\"incomplete\"}"));
    let mut files = fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert!(!files.any(|name| name.starts_with("directory.db")), "nobody's name stays");
    house.close().await;
}

#[tokio::test]
async fn the_central_system_takes_a_repair_through_its_steps_and_is_told_what_is_not_taken() {
    let (_dir, mut house, office) = office_with(0).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let number = house.repair().await;
    let mut ids = 0..;
    let mut step = |role: &str, step: Value| {
        let arguments = json!({"number": number, "role": role, "step": step});
        signed("riverside", "ticket", &format!("t-{}", ids.next().unwrap()), &arguments)
    };
    let claim =
        json!({"task": {"task": 1, "step": {"claim": {"on_behalf": {"name": "测试师傅"}, "eta": {"minutes": 20}}}}});
    let accepted = order(&mut peer, "ticket", step("front-desk", claim), false).await;
    assert_eq!(accepted["accepted"], true, "{accepted}");
    let version = accepted["result"]["version"].as_u64().unwrap();
    let fee = json!({"matter": {"repair": {"review-fee": {"approved": true, "fee": {"labour": 5000, "material": 0}}}}});
    // Nobody has asked for a price yet, and an engineer may not set one.
    for role in ["supervisor", "engineer"] {
        let refused = order(&mut peer, "ticket", step(role, fee.clone()), false).await;
        assert_eq!((&refused["accepted"], &refused["reason"]), (&json!(false), &json!("not-taken")), "{refused}");
    }
    let auditor = order(&mut peer, "ticket", step("auditor", fee.clone()), false).await;
    assert_eq!(auditor["reason"], "malformed", "R012: {auditor}");
    let stale = signed(
        "riverside",
        "ticket",
        "t-x",
        &json!({"number": number, "role": "front-desk", "seen": version - 1, "step": {"matter": {"repair": {"progress": {"text": "测试"}}}}}),
    );
    assert_eq!(order(&mut peer, "ticket", stale, false).await["reason"], "not-taken");
    let nowhere = json!({"number": "R-20200101-1", "role": "front-desk", "step": "chase"});
    assert_eq!(
        order(&mut peer, "ticket", signed("riverside", "ticket", "t-y", &nowhere), false).await["reason"],
        "not-taken"
    );
    let claimed = house.rows().into_iter().find(|row| row.kind == Kind::TaskClaimed).unwrap();
    let said: Value = serde_json::from_str(claimed.data.get()).unwrap();
    assert_eq!((&said["via"], &said["by"]), (&json!("office"), &json!("office")));
    house.close().await;
}

/// The steps of docs/brokers.md, as the contract's schema has them.
#[tokio::test]
async fn the_central_system_takes_a_repair_from_the_report_to_the_money() {
    let (_dir, mut house, office) = office_with(0).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let number = house.repair().await;
    let schema = fs::read_to_string("docs/contract/commands/ticket.json").unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let contract = jsonschema::validator_for(&schema["properties"]["arguments"]).unwrap();
    let fee = json!({"labour": 5000, "material": 1200});
    let of_repair = |step: Value| json!({"matter": {"repair": step}});
    let steps = [
        (
            "front-desk",
            json!({"task": {"task": 1, "step": {"claim": {"on_behalf": {"name": "测试师傅"}, "eta": {"minutes": 20}}}}}),
        ),
        ("front-desk", json!({"task": {"task": 1, "step": {"arrived": {"channel": "phone"}}}})),
        ("engineer", of_repair(json!({"confirm-fault": {"category": "water", "fault": "阀门"}}))),
        ("engineer", of_repair(json!({"ask-fee": {"what": "更换阀门"}}))),
        ("supervisor", of_repair(json!({"review-fee": {"approved": true, "fee": fee}}))),
        ("engineer", of_repair(json!({"make-plan": {"plan": "更换阀门", "fee": fee, "listed": false}}))),
        ("engineer", of_repair(json!({"answer-plan": {"accepted": true}}))),
        ("engineer", of_repair(json!({"start": {"entry_consent": true}}))),
        ("engineer", of_repair(json!({"progress": {"text": "测试"}}))),
        (
            "engineer",
            of_repair(
                json!({"done": {"result": "已更换", "site_restored": true, "accepted": true, "signature": "screen"}}),
            ),
        ),
        ("supervisor", of_repair(json!({"check": {"passed": true}}))),
        ("front-desk", of_repair(json!({"settle": {"paid": 6200, "receipt": "a-17"}}))),
    ];
    for (nth, (role, step)) in steps.into_iter().enumerate() {
        let arguments = json!({"number": number, "role": role, "step": step});
        assert!(contract.is_valid(&arguments), "{arguments}");
        let sent = signed("riverside", "ticket", &format!("t-{nth}"), &arguments);
        let answer = order(&mut peer, "ticket", sent, false).await;
        assert_eq!(answer["accepted"], true, "{arguments}: {answer}");
    }
    let told = house.rows().into_iter().filter(|row| row.kind == Kind::RepairSettled).count();
    assert_eq!(told, 1);
    let unknown = json!({"number": number, "role": "engineer", "step": of_repair(json!({"fly": {}}))});
    assert!(!contract.is_valid(&unknown), "a step that no gateway knows");
    let sent = signed("riverside", "ticket", "t-x", &unknown);
    assert_eq!(order(&mut peer, "ticket", sent, false).await["reason"], "malformed");
    house.close().await;
}

#[tokio::test]
async fn the_office_plans_a_survey_and_one_that_cannot_stand_is_refused() {
    let (_dir, mut house, office) = office_with(0).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let day = |days: i64| (chrono::Utc::now() + chrono::TimeDelta::days(days)).date_naive().to_string();
    let survey = |id: &str, from, to| {
        signed("riverside", "survey", id, &json!({"kind": "pulse", "from": day(from), "to": day(to)}))
    };
    let planned = order(&mut peer, "survey", survey("s-1", 3, 9), false).await;
    assert!(planned["result"]["number"].is_string(), "{planned}");
    let refused = order(&mut peer, "survey", survey("s-2", -9, -3), false).await;
    assert_eq!(refused["reason"], "not-taken", "{refused}");
    assert_eq!(house.rows().iter().filter(|row| row.kind == Kind::SurveyPlanned).count(), 1);
    house.close().await;
}

#[tokio::test]
async fn the_list_of_staff_is_changed_whole_and_nobody_loses_his_secret() {
    let (dir, mut house, office) = office_with(0).await;
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$kxVlbmQxbmQ0ZW5kNGVuZDRlbmQ";
    let member =
        |id: &str, name: &str, hash: Option<&str>| json!({"id": id, "name": name, "role": "guard", "hash": hash});
    let mut places = orders::places(dir.path());
    places.house.posts = vec![serde_json::from_value(json!({"id": "gate-a", "name": "A 门岗"})).unwrap()];
    house.start_office_with(&broker(&office.url), limits(), b"here".to_vec(), places);
    let mut peer = office.welcome().await;
    let mut ids = 0..;
    let mut send = |arguments: Value| signed("riverside", "staff", &format!("s-{}", ids.next().unwrap()), &arguments);
    let both = json!({"set": [member("li", "测试甲", Some(hash)), member("wang", "测试乙", None)]});
    assert_eq!(order(&mut peer, "staff", send(both), false).await["result"], json!({"staff": 2}));
    let renamed =
        json!({"whole": true, "set": [{"id": "li", "name": "测试丙", "role": "shift-leader", "posts": ["gate-a"]}]});
    assert_eq!(order(&mut peer, "staff", send(renamed), false).await["result"], json!({"staff": 1}));
    let list = staff::load(dir.path()).unwrap().staff;
    assert_eq!((list[0].name.as_str(), list[0].hash.as_str(), list[0].must_change), ("测试丙", hash, true));
    for (bad, reason) in [
        (json!({"set": [member("li", &"长".repeat(41), None)]}), "not-usable"),
        (json!({"set": [member("li", "测试甲", Some("8020"))]}), "malformed"),
        (json!({"set": [member("li", "测试甲", None), member("li", "测试乙", None)]}), "malformed"),
        (json!({"whole": true, "set": []}), "malformed"),
        (
            json!({"set": [{"id": "li", "name": "测试甲", "role": "guard", "posts": ["gate-a", "nowhere"]}]}),
            "not-usable",
        ),
    ] {
        let answer = order(&mut peer, "staff", send(bad.clone()), false).await;
        assert_eq!(answer["reason"], reason, "{bad}: {answer}");
        assert!(!answer.to_string().contains("测试"), "{answer}");
    }
    assert_eq!(staff::load(dir.path()).unwrap().staff, list);
    house.close().await;
}

#[tokio::test]
async fn notices_come_and_go_and_one_that_cannot_be_read_changes_nothing() {
    let (dir, mut house, office) = office_with(0).await;
    let folder = dir.path().join("handbook");
    fs::create_dir(&folder).unwrap();
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let text = "section = \"notice\"\nlevel = \"public\"\ncontact = { en = \"Front desk\" }\nvalid_until = 2026-12-31\n+++ en\n# Water\nNo water at noon.\n";
    let send = |id: &str, arguments: Value| signed("riverside", "notices", id, &arguments);
    let water = json!({"set": [{"id": "water", "text": text}, {"id": "power", "text": text}]});
    assert_eq!(order(&mut peer, "notices", send("n-1", water), false).await["result"], json!({"entries": 2}));
    assert_eq!(fs::read_to_string(folder.join("water.md")).unwrap(), text);
    let half = json!({"set": [{"id": "water", "text": text.replace("noon", "ten")}, {"id": "gas", "text": "no head"}]});
    let refused = order(&mut peer, "notices", send("n-2", half), false).await;
    assert_eq!(refused["reason"], "not-usable");
    assert!(refused["message"].as_str().unwrap().contains("set[1]"), "{refused}");
    assert_eq!(fs::read_to_string(folder.join("water.md")).unwrap(), text, "the old one stays");
    let outside = json!({"set": [{"id": "../water", "text": text}]});
    assert_eq!(order(&mut peer, "notices", send("n-3", outside), false).await["reason"], "malformed");
    let gone = json!({"remove": ["water", "never"]});
    assert_eq!(order(&mut peer, "notices", send("n-4", gone), false).await["result"], json!({"entries": 1}));
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["power.md"]);
    for n in 1..200 {
        fs::write(folder.join(format!("n-{n}.md")), text).unwrap();
    }
    let one = |id: &str| json!({"set": [{"id": id, "text": text}]});
    let refused = order(&mut peer, "notices", send("n-6", one("gas")), false).await;
    assert!(refused["message"].as_str().unwrap().contains("201 entries"), "nobody would see it: {refused}");
    assert_eq!(order(&mut peer, "notices", send("n-7", one("power")), false).await["accepted"], true);
    fs::remove_dir_all(&folder).unwrap();
    let again = json!({"set": [{"id": "water", "text": text}]});
    let refused = order(&mut peer, "notices", send("n-5", again), false).await;
    assert!(refused["message"].as_str().unwrap().contains("cannot be written"), "{refused}");
    house.close().await;
}

#[tokio::test]
async fn rules_come_in_a_version_that_was_approved_and_the_way_back_is_a_new_one() {
    let (dir, mut house, office) = office_with(0).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    let approved = json!(["cs-manager 2026-11-20", "management 2026-11-21"]);
    let mut ids = 0..;
    let mut send = |arguments: Value| signed("riverside", "rules", &format!("r-{}", ids.next().unwrap()), &arguments);
    let toml = |version: u32, who: &Value| {
        format!(
            "[service]\nversion = {version}\napproved_by = {who}\n[service.call]\nmissed_seconds = 90\n[service.price]\n14 = {{ from = 8000, to = 8000 }}\n"
        )
    };
    for (bad, says) in [
        (json!({"back": {"version": 2, "approved_by": approved}}), "no way back"),
        (json!({"toml": toml(2, &json!([]))}), "approved"),
        (json!({"toml": toml(1, &approved)}), "version 1 is in force"),
        (json!({"toml": "[service]\nversion = 2\nno_such_figure = 1\n"}), "no_such_figure"),
    ] {
        let answer = order(&mut peer, "rules", send(bad), false).await;
        assert_eq!(answer["reason"], "not-usable", "{answer}");
        assert!(answer["message"].as_str().unwrap().contains(says), "{says}: {answer}");
    }
    let answer = order(&mut peer, "rules", send(json!({"toml": toml(2, &approved)})), false).await;
    assert_eq!(answer["result"], json!({"version": 2, "before": 1, "renews": true}));
    let kept = fs::read_to_string(dir.path().join("rules.toml")).unwrap();
    assert!(kept.contains("missed_seconds = 90") && kept.contains("[service.price.14]"), "{kept}");
    let answer = order(&mut peer, "rules", send(json!({"toml": toml(2, &approved)})), false).await;
    assert!(answer["message"].as_str().unwrap().contains("version 2 was sent already"), "{answer}");
    // What was cut off behind its deed, and is sent again.
    let again = signed("riverside", "rules", "cut-off", &json!({"toml": toml(2, &approved)}));
    let now = Now { utc: chrono::Utc::now(), synced: true };
    begin(&house, &office_command::read("rules", &again, false, &orders::addressee(&site()), now).unwrap(), now).await;
    let answer = order(&mut peer, "rules", again, false).await;
    assert_eq!(answer["result"], json!({"version": 2, "before": 1, "renews": true}));
    // A new beginning would have taken them up; the way back leads to what this house has.
    let answer = order(&mut peer, "rules", send(json!({"back": {"version": 3, "approved_by": approved}})), false).await;
    assert_eq!(answer["result"]["version"], 3, "{answer}");
    let answer = order(&mut peer, "rules", send(json!({"back": {"version": 3, "approved_by": approved}})), false).await;
    assert_eq!(answer["accepted"], json!(false), "that way was gone: {answer}");
    let kept: toml::Table = fs::read_to_string(dir.path().join("rules.toml")).unwrap().parse().unwrap();
    assert_eq!(kept["service"]["call"]["missed_seconds"].as_integer(), Some(60));
    house.close().await;
}

#[tokio::test]
async fn a_diagnosis_tells_of_the_machine_and_of_nobody() {
    let (_dir, mut house, office) = office_with(0).await;
    house.start_office(&broker(&office.url), limits());
    let mut peer = office.welcome().await;
    house.repair().await;
    let answer = order(&mut peer, "diagnose", signed("riverside", "diagnose", "d-1", &json!({})), false).await;
    let result = &answer["result"];
    assert!(result["machine"]["disk_mib"]["free"].is_u64() && result["log"].is_array(), "{answer}");
    assert_eq!((&result["status"]["online"], &result["rules"]), (&json!(true), &json!(1)));
    assert!(!answer.to_string().contains("测试") && !answer.to_string().contains("13800000001"), "{answer}");
    house.close().await;
}
