//! The doors as Home Assistant takes them: what a real daemon publishes on a real broker is held to Home Assistant's own discovery schemas,
//! and its templates are rendered by Home Assistant's own engine (tests/home/discovery.py).

mod common;

use common::clients::{Subscriber, publish_all};
use common::daemon::Daemon;
use common::mosquitto::Mosquitto;
use common::python::python;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// What Home Assistant makes of these messages: each entity with its state.
fn shown(python: &Path, messages: &[(String, Vec<u8>)]) -> BTreeMap<String, String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/home/discovery.py");
    let mut command = Command::new(python.join("python3"));
    let mut child =
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = child.stdin.take().unwrap();
    for (topic, payload) in messages {
        let line = json!({ "topic": topic, "payload": String::from_utf8_lossy(payload) });
        writeln!(lines, "{line}").unwrap();
    }
    drop(lines);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(id, state)| (id.to_owned(), state.to_owned()))
        .collect()
}

fn heard(subscriber: &Subscriber) -> Vec<(String, Vec<u8>)> {
    let received = subscriber.received.lock().unwrap();
    let text = |topic: &[u8]| String::from_utf8(topic.to_vec()).unwrap();
    received.iter().map(|publish| (text(&publish.topic), publish.payload.to_vec())).collect()
}

/// Sends it again and again until it was heard: before the daemon has subscribed for the first time, nobody keeps anything for it.
async fn until_heard(
    building: &Mosquitto,
    home: &Subscriber,
    topic: &str,
    said: Value,
    heard_is: impl Fn(&(String, Vec<u8>)) -> bool,
) {
    let message = (topic.to_owned(), said.to_string().into_bytes());
    let deadline = std::time::Instant::now() + common::PATIENCE;
    while !heard(home).iter().any(&heard_is) {
        assert!(std::time::Instant::now() < deadline, "heard {:?}", heard(home));
        publish_all(building.port, [message.clone()].into_iter(), Arc::new(AtomicUsize::new(0))).await;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto and Python: run ./tests/run"]
async fn home_assistant_takes_every_door_and_shows_how_it_stands() {
    let python = python("home-assistant", &["homeassistant", "paho-mqtt"]);
    let (building, office, dir) = (Mosquitto::start(""), Mosquitto::start(""), tempfile::tempdir().unwrap());
    let more = "[home_assistant]\nprefix = \"homeassistant\"\n";
    let mut daemon = Daemon::with_more(dir.path(), &building.url(), &office.url(), more);
    let home = Subscriber::start(building.port, "#").await;
    let ends = |end: &'static str| move |(topic, _): &(String, Vec<u8>)| topic.ends_with(end);
    let contact = "zigbee2mqtt/north";
    until_heard(&building, &home, contact, json!({ "contact": false }), |(topic, payload)| {
        topic.ends_with("/home/north/state") && payload.windows(6).any(|word| word == b"opened")
    })
    .await;
    let card = json!({ "type": "access", "time": chrono::Utc::now().timestamp(), "isKnown": "true", "access": "Always",
        "username": "zhang", "uid": "94d8fc5f", "hostname": "lobby" });
    until_heard(&building, &home, "/rfid/send", card, ends("/home/lobby/access")).await;

    let seen = shown(&python, &heard(&home));
    let id = |of: &str| format!("lobbyd-riverside-lobby-1-{of}");
    for (entity, state) in [("status", "online"), ("north_door", "on"), ("lobby_access", "granted")] {
        assert_eq!(seen.get(&id(entity)).map(String::as_str), Some(state), "{entity}: {seen:?}");
    }
    until_heard(&building, &home, contact, json!({ "contact": true }), |(topic, payload)| {
        topic.ends_with("/home/north/state") && payload.windows(6).any(|word| word == b"closed")
    })
    .await;
    assert_eq!(shown(&python, &heard(&home))[&id("north_door")], "off");
    // Nobody learns there who it was.
    let of_ours = |(topic, _): &&(String, Vec<u8>)| topic.starts_with("homeassistant/") || topic.contains("/home/");
    for (topic, payload) in heard(&home).iter().filter(of_ours) {
        let text = String::from_utf8_lossy(payload);
        assert!(
            !text.contains("zhang") && !text.contains("94d8fc5f") && !text.contains("credential"),
            "{topic}: {text}"
        );
    }
    assert!(daemon.stop().success());
    common::until("it says goodbye", || shown_last(&home) == b"offline").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn without_a_prefix_nothing_is_told_and_a_daemon_that_dies_is_away() {
    let (building, office, dir) = (Mosquitto::start(""), Mosquitto::start(""), tempfile::tempdir().unwrap());
    let home = Subscriber::start(building.port, "#").await;
    let mut daemon = Daemon::start(dir.path(), &building.url(), &office.url());
    let events = Subscriber::start(office.port, "lobby/v1/#").await;
    common::until("it runs", || heard(&events).iter().any(|(topic, _)| topic.ends_with("/gateway.started"))).await;
    assert!(daemon.stop().success());
    assert!(heard(&home).iter().all(|(topic, _)| !topic.starts_with("homeassistant/") && !topic.contains("/home/")));

    let mut daemon = Daemon::with_more(
        &dir.path().join("second"),
        &building.url(),
        &office.url(),
        "[home_assistant]\nprefix = \"homeassistant\"\n",
    );
    common::until("it is there", || shown_last(&home) == b"online").await;
    daemon.kill();
    common::until("its last will says so", || shown_last(&home) == b"offline").await;
}

/// The last word on availability.
fn shown_last(home: &Subscriber) -> Vec<u8> {
    let all = heard(home);
    all.into_iter()
        .rfind(|(topic, _)| topic.ends_with("/home/available"))
        .map(|(_, payload)| payload)
        .unwrap_or_default()
}
