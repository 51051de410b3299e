//! The central office commands a gateway: once, in time, signed, and is told plainly why not. At a broker of the test's own, and with
//! `lobbyd office key` and `lobbyd office send` at a real one.

mod common;

use common::house::{House, broker, limits};
use common::mosquitto::Mosquitto;
use common::orders::{self, signed};
use common::scripted::{Peer, Scripted, seq, topic};
use lobbyd::event::Kind;
use lobbyd::service::base64url;
use lobbyd::service::signature::PublicKey;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, Publish};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

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
    assert!(answer["message"].as_str().unwrap().contains("update the gateway"), "{answer}");
    let kinds: Vec<&str> = house.rows().iter().map(|row| row.kind.name()).collect();
    assert_eq!(kinds, ["access.granted", "command.accepted", "command.refused", "command.refused", "command.refused"]);
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
    let kinds: Vec<&str> = house.rows().iter().map(|row| row.kind.name()).collect();
    assert_eq!(kinds, ["access.granted", "command.accepted", "command.accepted"]);
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
    let result = order(&mut peer, "replay", signed("riverside", "replay", "c-1", &json!({"from_seq": 4})), false).await;
    assert_eq!(result["result"]["from_seq"], json!(4));
    let mut again = Vec::new();
    while again.last() != Some(&7) {
        let event = peer.event().await;
        again.push(seq(&event));
        peer.ack(event.pkid).await;
    }
    assert!(again.ends_with(&[4, 5, 6, 7]), "{again:?}");
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
    let answer = change("c-3", json!({"remove": ["w-1"]})).await;
    assert_eq!(answer["result"]["entries"], json!(1));
    house.close().await;
}

fn lobbyd(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lobbyd")).arg("office").args(words).output().unwrap()
}

/// The key that the tests' gateways know, in a file.
fn key_in(dir: &Path, seed: u8) -> String {
    let file = dir.join(format!("{seed}.key"));
    fs::write(&file, base64url::encode(&[seed; 32])).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file.to_str().unwrap().to_owned()
}

async fn send(url: &str, key: &str, gateway: &str, more: &[&str]) -> (Option<i32>, Value, String) {
    let fixed = ["send", "--url", url, "--sign-with", key, "--gateway", gateway, "--who", "night shift", "--wait", "5"];
    let words: Vec<String> = fixed.iter().chain(more).map(|word| (*word).to_owned()).collect();
    let run = move || lobbyd(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), answer, String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_gateway_is_commanded_and_answers_and_every_refusal_has_its_reason() {
    let (dir, mosquitto) = (tempfile::tempdir().unwrap(), Mosquitto::start(""));
    let (url, office) = (mosquitto.url(), key_in(dir.path(), 9));
    let mut house = House::open(&dir.path().join("data"));
    let here = json!({"online": true, "boot": orders::boot()}).to_string().into_bytes();
    house.start_office_saying(&broker(&url), limits(), here);

    // Whether the gateway is at the broker before the tool or after it: the tool waits for its status.
    let ping = ["--id", "c-1", "ping"];
    let (code, answer, said) = send(&url, &office, "riverside/lobby-1", &ping).await;
    assert_eq!((code, &answer["accepted"], &answer["id"]), (Some(0), &json!(true), &json!("c-1")), "{answer} {said}");
    let (code, answer, _) = send(&url, &office, "riverside/lobby-1", &ping).await;
    assert_eq!((code, &answer["reason"]), (Some(1), &json!("repeated")));
    let replay = ["replay", r#"{"from_seq": 1}"#];
    let (code, answer, _) = send(&url, &office, "riverside/lobby-1", &replay).await;
    assert_eq!((code, &answer["result"]["from_seq"]), (Some(0), &json!(1)), "{answer}");
    let (_, answer, _) = send(&url, &office, "riverside/lobby-1", &["open-door"]).await;
    assert_eq!(answer["reason"], "unknown");
    let (code, answer, _) = send(&url, &key_in(dir.path(), 8), "riverside/lobby-1", &["ping"]).await;
    assert_eq!((code, &answer["reason"], &answer["id"]), (Some(1), &json!("unknown-key"), &Value::Null));

    let (code, _, said) = send(&url, &office, "riverside/lobby-2", &["ping"]).await;
    assert!(code == Some(1) && said.contains("is the name right?"), "{said}");
    house.close().await;
    let (code, _, said) = send(&url, &office, "riverside/lobby-1", &["ping"]).await;
    assert!(code == Some(1) && !said.is_empty(), "it has said goodbye: {said}");
}

#[test]
fn a_key_is_made_once_and_its_line_is_one_for_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("office.key");
    let make = || lobbyd(&["key", "--key", file.to_str().unwrap(), "--name", "central"]);
    let said = String::from_utf8(make().stdout).unwrap();
    let line: toml::Table = said.lines().last().unwrap().parse().unwrap();
    let key = &line["command_key"][0];
    assert_eq!(key["name"].as_str(), Some("central"));
    assert!(PublicKey::try_from(key["public"].as_str().unwrap().to_owned()).is_ok());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let again = make();
    assert!(!again.status.success() && String::from_utf8(again.stderr).unwrap().contains("cannot be written"));
}
