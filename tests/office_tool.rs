//! What `lobbyd office` gives the central office: a key, a command that is signed and sent and answered, a whole directory; at a real broker.

mod common;

use common::house::{House, broker, limits};
use common::mosquitto::Mosquitto;
use common::{orders, tool};
use lobbyd::directory::Directory;
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
    told(&["send"], url, key, gateway, more, "").await
}

/// The same with another of its tools, which reads `input`.
async fn told(
    tool: &[&str],
    url: &str,
    key: &str,
    gateway: &str,
    more: &[&str],
    input: &str,
) -> (Option<i32>, Value, String) {
    let fixed = ["--url", url, "--sign-with", key, "--gateway", gateway, "--who", "night shift"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_lobbyd"));
    command.arg("office").args(tool).args(fixed).args(more);
    let input = input.to_owned();
    let output = tokio::task::spawn_blocking(move || tool::told(&mut command, &input)).await.unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), answer, String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_gateway_is_commanded_and_answers_and_every_refusal_has_its_reason() {
    let (dir, mosquitto) = (tempfile::tempdir().unwrap(), Mosquitto::start(""));
    let (url, office) = (mosquitto.url(), key_in(dir.path(), 9));
    let house = gateway(&dir.path().join("data"), &url);

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

    let (code, _, said) = send(&url, &office, "riverside/lobby-2", &["--wait", "1", "ping"]).await;
    assert!(code == Some(1) && said.contains("is the name right?"), "{said}");
    house.close().await;
    let (code, _, said) = send(&url, &office, "riverside/lobby-1", &["--wait", "1", "ping"]).await;
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

/// A gateway's house at this broker, which says that it is there.
fn gateway(dir: &Path, url: &str) -> House {
    let mut house = House::open(dir);
    let here = json!({"online": true, "boot": orders::boot()}).to_string().into_bytes();
    house.start_office_saying(&broker(url), limits(), here);
    house
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn what_is_too_long_for_a_command_line_comes_from_a_file_or_a_pipe() {
    let (dir, mosquitto) = (tempfile::tempdir().unwrap(), Mosquitto::start(""));
    let (url, office, data) = (mosquitto.url(), key_in(dir.path(), 9), dir.path().join("data"));
    let house = gateway(&data, &url);
    let units: Vec<Value> = (0..2_300)
        .map(|n| json!({"unit": format!("3-{n:04}"), "hosts": [{"name": "测试甲", "phone": "13800000000"}]}))
        .collect();
    let part = |version: &str| json!({"version": version, "set": units}).to_string();
    // Linux takes 128 KiB for one word of a command line.
    assert!(part("v1").len() > 150_000, "{}", part("v1").len());
    let file = dir.path().join("part.json");
    fs::write(&file, part("v1")).unwrap();
    let at = format!("@{}", file.display());
    let (code, answer, said) = send(&url, &office, "riverside/lobby-1", &["directory", &at]).await;
    assert_eq!((code, &answer["result"]["units"]), (Some(0), &json!(2_300)), "{answer} {said}");
    let (code, answer, said) =
        told(&["send"], &url, &office, "riverside/lobby-1", &["directory", "-"], &part("v2")).await;
    assert_eq!((code, &answer["result"]["version"]), (Some(0), &json!("v2")), "{answer} {said}");
    for (wrong, says) in [("测试甲", "no JSON"), ("[\"测试甲\"]", "no JSON object")] {
        let (code, _, said) = told(&["send"], &url, &office, "riverside/lobby-1", &["directory", "-"], wrong).await;
        assert!(code == Some(1) && said.contains(says) && !said.contains("测试"), "{said}");
    }
    let (_, _, said) = send(&url, &office, "riverside/lobby-1", &["directory", "@/nowhere"]).await;
    assert!(said.contains("/nowhere"), "{said}");
    house.close().await;
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_table_is_sent_whole_in_as_many_parts_as_it_takes() {
    let (dir, mosquitto) = (tempfile::tempdir().unwrap(), Mosquitto::start(""));
    let (url, office, data) = (mosquitto.url(), key_in(dir.path(), 9), dir.path().join("data"));
    let house = gateway(&data, &url);
    let table = dir.path().join("units.csv");
    let lines: String = (0..8_000).map(|n| format!("3,{n:04},测试甲,13800000000\n")).collect();
    fs::write(&table, format!("building,unit,name,phone\n{lines}")).unwrap();
    let send = async |version: &str, more: &[&str]| {
        let words = [&["--version", version, table.to_str().unwrap()], more].concat();
        told(&["directory"], &url, &office, "riverside/lobby-1", &words, "").await
    };
    let (code, answer, said) = send("v1", &["--with-hosts"]).await;
    assert_eq!((code, &answer["result"]["units"]), (Some(0), &json!(8_000)), "{answer} {said}");
    assert!(said.contains("part 2 of "), "{said}");
    let facts = Directory::open(&data).unwrap().unwrap().facts().clone();
    assert_eq!((facts.version.as_str(), facts.units, facts.hosts), ("v1", 8_000, 8_000));
    let lines: String = (0..3_000).map(|n| format!("3-{n:04},测试甲\n")).collect();
    fs::write(&table, format!("unit,name\n{lines}")).unwrap();
    let (code, answer, _) = send("v2", &[]).await;
    assert_eq!((code, &answer["reason"]), (Some(1), &json!("shrinks")));
    let (code, answer, _) = send("v2", &["--shrinks"]).await;
    assert_eq!((code, &answer["result"]["hosts"]), (Some(0), &json!(0)), "names only where they are wanted: {answer}");
    fs::write(&table, "unit,name\n3-1,测试甲\n测试甲,2\n").unwrap();
    let (code, _, said) = send("v3", &[]).await;
    assert!(code == Some(1) && said.contains("line 3") && !said.contains("测试"), "{said}");
    house.close().await;
}
