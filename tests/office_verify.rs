//! `lobbyd office verify`: the central office sees from `seq` alone whether everything has come, at a real broker or in a file.

mod common;

use common::clients::publish_all;
use common::mosquitto::Mosquitto;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

fn verify(more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lobbyd"));
    command.args(["office", "verify"]).args(more).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn envelope(gateway: &str, seq: u64) -> (String, Vec<u8>) {
    let json = json!({
        "specversion": "1.0", "id": format!("{gateway}-{seq}"), "source": format!("/lobby/riverside/{gateway}"), "epoch": "e1",
        "type": "lobbyd.access.granted", "seq": seq, "data": {"person": {"name": "测试甲"}},
    });
    (format!("lobby/v1/riverside/{gateway}/event/lobby/access.granted"), serde_json::to_vec(&json).unwrap())
}

/// Publishes when the tool listens; it ends by itself when nothing more comes.
async fn heard(broker: &Mosquitto, more: &[&str], messages: Vec<(String, Vec<u8>)>) -> (ExitStatus, String) {
    let url = broker.url();
    let mut child: Child = verify(&["--url", &url, "--quiet", "4"]).args(more).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("listening") {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "it ended");
    }
    publish_all(broker.port, messages.into_iter(), Arc::new(AtomicUsize::new(0))).await;
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap(), said)
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn what_is_missing_at_the_broker_is_named_by_gateway() {
    let broker = Mosquitto::start("");
    let some = (1..=300).filter(|seq| !(101..=103).contains(seq)).map(|seq| envelope("lobby-1", seq));
    let all = (1..=300).map(|seq| envelope("lobby-2", seq));
    let rubbish = ("lobby/v1/riverside/lobby-3/event/x/y".to_owned(), b"rubbish".to_vec());
    let (status, said) = heard(&broker, &["--json"], some.chain(all).chain([rubbish]).collect()).await;
    assert_eq!(status.code(), Some(1));
    let books: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&books["whole"], &books["unread"]), (&json!(false), &json!(1)));
    let [first, second] = books["journals"].as_array().unwrap().as_slice() else { panic!("{said}") };
    assert_eq!(
        (&first["source"], &first["missing"], &first["gaps"], &first["whole"]),
        (&json!("/lobby/riverside/lobby-1"), &json!(3), &json!([[101, 103]]), &json!(false))
    );
    assert_eq!((&second["events"], &second["whole"]), (&json!(300), &json!(true)));
    assert!(!said.contains("测试甲"), "names are nobody's business here");
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn one_gateway_alone_can_be_listened_to_and_a_replay_is_no_fault() {
    let broker = Mosquitto::start("");
    // The company asks for all once more, with `cmd/replay`, before the last one.
    let order = [2, 3, 4, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    let messages = order.map(|seq| (seq, "lobby-1")).into_iter().chain([(9, "lobby-2")]);
    let messages = messages.map(|(seq, gateway)| envelope(gateway, seq)).collect();
    let (status, said) = heard(&broker, &["--site", "riverside", "--gateway", "lobby-1"], messages).await;
    assert_eq!(said, "/lobby/riverside/lobby-1 (epoch e1): 1 to 9, 9 events, 4 repeated\nnothing is missing\n");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn what_was_stored_can_be_looked_at_too_and_a_wrong_call_is_told() {
    let mut child = verify(&["--file", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut lines = child.stdin.take().unwrap();
    for seq in [1, 2, 5, 4] {
        lines.write_all(&envelope("lobby-1", seq).1).unwrap();
        lines.write_all(b"\n").unwrap();
    }
    drop(lines);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("1 to 5, 4 events, MISSING 1 (3), 1 OUT OF ORDER"), "{said}");
    assert!(said.contains("NOT whole: ask for what is missing with the command `replay`"), "{said}");
    assert_eq!(output.status.code(), Some(1));

    for (words, told) in [
        (&["--url", "http://office"][..], "mqtt://"),
        (&["--url", "mqtt://127.0.0.1:9"], "nothing listens on that port"),
        (&["--file", "/not/there"], "/not/there cannot be read"),
        (&["--file", "/dev/null"], "nothing has come"),
        (&[], "--url"),
    ] {
        let output = verify(words).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!output.status.success() && said.contains(told), "{words:?}: {said}");
    }
}
