//! `lobbyd profile` as a technician runs it.

use serde_json::Value;
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn lobbyd(words: &[&str], stdin: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lobbyd"));
    command.arg("profile").args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that stops before it has read everything closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_list_names_every_builtin_profile() {
    let done = lobbyd(&["list"], b"");
    assert!(done.status.success());
    let list = text(&done.stdout);
    for profile in super::PROFILES.iter() {
        assert!(list.lines().any(|line| line.starts_with(&profile.name)), "{}", profile.name);
    }
}

#[test]
fn a_message_is_shown_as_what_it_becomes() {
    let file = "tests/fixtures/device/dahua-vto/call-start.json";
    let words = ["test", "dahua-vto", "--topic", "DahuaVTO/CallNoAnswered/Event", "--payload", file];
    let done = lobbyd(&[&words[..], &["--received", "2026-11-21T01:15:06Z"]].concat(), b"");
    let shown = text(&done.stdout);
    assert!(done.status.success(), "{shown}");
    for part in
        ["rule       call\n", "kind       call.ringing\n", "subject    test0001\n", "2026-11-21T01:15:04.000Z synced"]
    {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn on_no_match_the_rules_that_came_near_are_named_first_with_their_reasons() {
    let payload = br#"{"action":"dance","state":"UNLOCK"}"#;
    let done = lobbyd(&["test", "zigbee2mqtt", "--topic", "zigbee2mqtt/Door Lock", "--payload", "-"], payload);
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stdout).contains("its table does not list \\\"dance\\\""), "{}", text(&done.stdout));

    let payload = br#"{"type":"access","access":"Always","uid":""}"#;
    let done = lobbyd(&["test", "esp-rfid", "--topic", "/rfid/send", "--payload", "-"], payload);
    assert_eq!(done.status.code(), Some(1));
    let shown = text(&done.stdout);
    let near = shown.find("topic matched; /uid was \"\", wanted anything").unwrap_or_else(|| panic!("{shown}"));
    let nearer = shown.find("topic matched; /cmd was absent").unwrap_or_else(|| panic!("{shown}"));
    assert!(near < nearer, "of two conditions one held: {shown}");
    let far = shown.find("topic is not {base...}/cmd").unwrap_or_else(|| panic!("{shown}"));
    assert!(near < far, "{shown}");
}

#[test]
fn an_unreadable_payload_is_said_and_not_shown() {
    let done = lobbyd(&["test", "esp-rfid", "--topic", "/rfid/send", "--payload", "-", "--json"], b"{\"pin\": 4711");
    assert_eq!(done.status.code(), Some(1));
    let shown: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(shown["reading"], "unreadable");
    assert!(!shown.to_string().contains("4711"));
}

#[test]
fn a_retained_message_is_marked() {
    let words = ["test", "esp-rfid", "--topic", "/rfid/avty", "--payload", "-", "--retain"];
    let shown = text(&lobbyd(&words, b"online").stdout);
    assert!(shown.contains("device.online (retained: sets state, makes no event)"), "{shown}");
}

#[test]
fn a_folder_of_the_site_adds_profiles_and_faults_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let profile = "product = \"bell\"\nabout = \"our bell\"\ntopics = [\"bell\"]\n[[rule]]\nname = \"ring\"\ntopic = \"bell\"\n\
                   payload = \"text\"\nkind = \"call.ringing\"\n";
    std::fs::write(folder.path().join("our-bell.toml"), profile).unwrap();
    let path = folder.path().to_str().unwrap();
    let words = ["test", "our-bell", "--topic", "bell", "--payload", "-", "--profiles", path, "--json"];
    let done = lobbyd(&words, b"1");
    let shown: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(shown["reports"][0]["kind"], "call.ringing");

    std::fs::write(folder.path().join("our-bell.toml"), profile.replace("call.ringing", "call.ring")).unwrap();
    let done = lobbyd(&words, b"1");
    assert_eq!(done.status.code(), Some(1));
    let said = text(&done.stderr);
    assert!(
        said.contains("our-bell.toml") && said.contains("line 8") && said.contains("did you mean \"call.ringing\""),
        "{said}"
    );
}

#[test]
fn a_profile_that_nobody_knows_is_met_with_the_nearest() {
    let done = lobbyd(&["test", "shely", "--topic", "x", "--payload", "-"], b"1");
    assert!(text(&done.stderr).contains("did you mean \"shelly\""), "{}", text(&done.stderr));
}
