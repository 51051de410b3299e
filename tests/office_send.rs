//! `lobbyd office key` and `lobbyd office send`: the central office commands a gateway at a real broker, and is told plainly why not.

mod common;

use common::house::{House, broker, limits};
use common::mosquitto::Mosquitto;
use common::orders;
use lobbyd::service::base64url;
use lobbyd::service::signature::PublicKey;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

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
