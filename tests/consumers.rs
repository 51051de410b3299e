//! The consumers, and the sender, that docs/contract gives to the office, as its people would run them: against a real broker and a real daemon,
//! killed and started again, with repeats and a hole. What they have stored is compared with the daemon's own journal.

mod common;

use chrono::{SecondsFormat, TimeDelta, Utc};
use common::PATIENCE;
use common::clients::{Subscriber, publish_all};
use common::daemon::Daemon;
use common::mosquitto::Mosquitto;
use common::office::Office;
use common::python::{python, run};
use common::shim::Shim;
use common::tool::NOBODY;
use common::{orders, tool};
use lobbyd::journal::Reader;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;
use tempfile::TempDir;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/contract/examples");

/// A consumer that is killed when it goes.
struct Consumer(Child);

impl Consumer {
    fn start(command: &mut Command, log: &Path) -> Self {
        let log = fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        Consumer(command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap())
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A daemon between two brokers.
struct Lobby {
    building: Mosquitto,
    office: Office,
    ledger: Subscriber,
    daemon: Daemon,
    dir: TempDir,
}

impl Lobby {
    async fn open() -> Self {
        let (building, office, dir) = (Mosquitto::start(""), Office::open(), tempfile::tempdir().unwrap());
        let ledger = Subscriber::start(office.plain.port, "lobby/v1/riverside/lobby-1/event/#").await;
        let daemon = Daemon::start(dir.path(), &building.url(), &office.plain.url());
        Lobby { building, office, ledger, daemon, dir }
    }

    fn newest(&self) -> u64 {
        let span = Reader::open(&self.dir.path().join("data")).and_then(|reader| reader.span());
        span.ok().flatten().map_or(0, |(_, newest)| newest)
    }

    /// These cards are held to the reader, until the journal has each of them.
    async fn cards(&self, numbers: std::ops::Range<u64>) {
        let card = |n: u64| {
            let said = json!({ "type": "access", "time": 1_795_000_000 + n, "isKnown": "true", "access": "Always",
                "username": "", "uid": format!("{n:08x}"), "hostname": "lobby" });
            ("/rfid/send".to_owned(), said.to_string().into_bytes())
        };
        let until = self.newest().max(1) + (numbers.end - numbers.start);
        let all: Vec<_> = numbers.map(card).collect();
        let deadline = std::time::Instant::now() + PATIENCE;
        while self.newest() < until {
            assert!(std::time::Instant::now() < deadline, "{}", self.daemon.log());
            // Again and again: before the daemon has subscribed for the first time, nobody keeps anything for it. The same card twice is one.
            publish_all(self.building.port, all.clone().into_iter(), Arc::new(AtomicUsize::new(0))).await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }

    /// Cards until the consumer has stored one; then everything once more, for what it came too late for.
    async fn until_it_listens(&self, stored: impl Fn() -> u64) {
        for number in 1_000.. {
            self.cards(number..number + 1).await;
            if stored() > 0 {
                break;
            }
        }
        self.again().await;
    }

    /// What another gateway has told of people is kept as long as there, and until it says whom it has erased. `stored` asks the consumer,
    /// with the column in place of `{}`.
    async fn forgotten(&self, stored: impl Fn(&str) -> u64) {
        let event = |seq: u64, days: i64, kind: &str, data: Value| told("lobby-2", (seq, "e", seq), days, kind, data);
        let of = |seq: u64, days: i64, kind: &str, number: &str| {
            event(seq, days, kind, json!({ "number": number, "person": { "name": format!("Nobody-{seq}") } }))
        };
        let noted = |seq, days| {
            event(seq, days, "log.noted", json!({ "person": { "text": format!("Nobody-{seq}\nC:\\new") } }))
        };
        let (visit, repair) = (("visit.arrived", "V-1121-01"), ("repair.received", "R-1121-01"));
        let all = [
            of(1, 91, visit.0, visit.1),
            of(2, 89, visit.0, visit.1),
            of(3, 31, repair.0, repair.1),
            of(4, 29, repair.0, repair.1),
            // A task of the visit's is the visit's; a line of the call log is of no case.
            of(5, 60, "task.claimed", visit.1),
            noted(6, 31),
            noted(7, 29),
        ];
        let of_it = |more: &str| {
            stored(&format!("SELECT count(*) FROM event WHERE source = '/lobby/riverside/lobby-2' AND {more}"))
        };
        let known =
            || -> Vec<u64> { (1..=7).filter(|seq| of_it(&format!("{{}} LIKE '%Nobody-{seq}%'")) == 1).collect() };
        let becomes = |what: &str, left: &[u64]| common::blocking_until(what, || known() == left);
        // The newest first: nothing that comes later is younger than what is too old by then.
        self.send(all.into_iter().rev().collect()).await;
        common::blocking_until("they are stored", || of_it("true") == 7);
        becomes("a visit of 91 days ago and what else is of 31 are forgotten", &[2, 4, 5, 7]);
        self.send(vec![event(8, 0, "person.erased", json!({ "why": "request", "erased_events": ["id-4"] }))]).await;
        becomes("whoever was erased is gone, and nobody else", &[2, 5, 7]);
        assert_eq!(of_it("true"), 8, "the events stay");
        // Another gateway in this one's name, and what is no event at all.
        let (topic, said) = told("lobby-2", (9, "e", 9), 0, "person.erased", json!({ "erased_events": ["id-2"] }));
        let twice =
            String::from_utf8(said.clone()).unwrap().replacen('{', "{\"source\":\"/lobby/riverside/lobby-3\",", 1);
        let others = topic.replace("lobby-2", "lobby-3");
        let foreign =
            [said, twice.into_bytes(), b"no envelope".to_vec(), b"{\"source\":\"\xff\"}".to_vec(), b"[]".to_vec()];
        self.send(foreign.into_iter().map(|said| (others.clone(), said)).collect()).await;
        self.send(vec![told("lobby-3", (1, "e", 1), 0, "log.noted", json!({}))]).await;
        let after = "SELECT count(*) FROM event WHERE source = '/lobby/riverside/lobby-3'";
        common::blocking_until("what comes behind them is stored", || stored(after) == 1);
        assert_eq!((known(), of_it("true")), (vec![2, 5, 7], 8), "and nobody has spoken for another");
    }

    async fn send(&self, messages: Vec<(String, Vec<u8>)>) {
        publish_all(self.office.plain.port, messages.into_iter(), Arc::new(AtomicUsize::new(0))).await;
    }

    /// What a gateway tells that has forgotten 3 and 4 at their age, has lost 7 and 8, and begins a new epoch in which something comes once more.
    async fn holes(&self) {
        let numbers = [
            (1, "e", 100),
            (2, "e", 99),
            (5, "e", 91),
            (6, "e", 1),
            (9, "e", 0),
            (1, "f", 0),
            (2, "f", 0),
            (3, "f", 0),
        ];
        let event = |(seq, epoch, days)| {
            let id = if (seq, epoch) == (2, "f") { 6 } else { seq + if epoch == "f" { 100 } else { 0 } };
            told("lobby-4", (seq, epoch, id), days, "log.noted", json!({}))
        };
        self.send(numbers.into_iter().map(event).collect()).await;
    }

    /// Everything once more under its old ids and numbers, as the command `replay` brings it. By our own hand: a machine that does not know
    /// the time takes no commands.
    async fn again(&self) {
        let told = || {
            let received = self.ledger.received.lock().unwrap();
            received.iter().map(|publish| (publish.topic.clone(), publish.payload.to_vec())).collect::<Vec<_>>()
        };
        common::until("the office's broker has everything", || told().len() as u64 >= self.newest()).await;
        let messages: Vec<_> =
            told().into_iter().map(|(topic, payload)| (String::from_utf8(topic.to_vec()).unwrap(), payload)).collect();
        publish_all(self.office.plain.port, messages.into_iter(), Arc::new(AtomicUsize::new(0))).await;
    }
}

/// What another gateway tells, with its number, epoch and id, so many days ago.
fn told(gateway: &str, (seq, epoch, id): (u64, &str, u64), days: i64, kind: &str, data: Value) -> (String, Vec<u8>) {
    let time = (Utc::now() - TimeDelta::days(days)).to_rfc3339_opts(SecondsFormat::Millis, true);
    let envelope = json!({ "source": format!("/lobby/riverside/{gateway}"), "id": format!("id-{id}"), "epoch": epoch, "seq": seq,
        "type": format!("lobbyd.{kind}"), "subject": "lobby", "time": time, "recorded": time, "data": data });
    (format!("lobby/v1/riverside/{gateway}/event/{kind}"), envelope.to_string().into_bytes())
}

/// One number out of a consumer's database.
fn count(python: &Path, database: &Path, question: &str) -> u64 {
    let script =
        "import sqlite3, sys; print(sqlite3.connect(sys.argv[1], timeout=20).execute(sys.argv[2]).fetchone()[0])";
    let output =
        Command::new(python.join("python3")).args(["-c", script]).arg(database).arg(question).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto and Python: run ./tests/run"]
async fn the_python_consumer_stores_everything_once_and_says_what_it_has() {
    let python = python("consumer-python", &["paho-mqtt==2.1.0"]);
    let lobby = Lobby::open().await;
    let (database, log) = (lobby.dir.path().join("office.db"), lobby.dir.path().join("consumer.log"));
    let run = |program: &Path, log: &Path| {
        let mut command = Command::new(python.join("python3"));
        Consumer::start(command.arg(program).args(lobby.office.words()).arg("--database").arg(&database), log)
    };
    let program = Path::new(EXAMPLES).join("consumer.py");
    let start = || run(&program, &log);
    let stored = |question: &str| count(&python, &database, question);
    let said = || fs::read_to_string(&log).unwrap_or_default();
    let whole = |what: &str| {
        common::blocking_until(&format!("{what}: {}", said()), || {
            let newest = lobby.newest();
            stored("SELECT count(*) FROM event") == newest && stored("SELECT max(through) FROM journal") == newest
        });
    };
    let marks = Subscriber::called("marks", lobby.office.plain.port, "lobby/v1/+/+/ack").await;
    let consumer = start();
    lobby.until_it_listens(|| stored("SELECT count(*) FROM event")).await;
    lobby.cards(0..40).await;
    drop(consumer);
    // While nobody listens; the broker keeps them.
    lobby.cards(40..80).await;
    let consumer = start();
    whole("killed and started again it has everything");
    lobby.again().await;
    lobby.cards(80..90).await;
    whole("a replay doubles nothing");
    let newest = lobby.newest();
    common::until("it says what it has", || {
        let marks = marks.received.lock().unwrap();
        let last = marks.last().and_then(|mark| serde_json::from_slice::<Value>(&mark.payload).ok());
        last.is_some_and(|mark| mark["seq"] == json!(newest))
    })
    .await;
    lobby.forgotten(|question| stored(&question.replace("{}", "data"))).await;
    drop(consumer);
    let topic = "'lobby/v1/riverside/lobby-3/event/person.erased'";
    let whys = [
        "its source is not of its topic",
        "its source is not of its topic",
        "JSONDecodeError",
        "UnicodeDecodeError",
        "TypeError",
    ];
    let refused: String = whys.iter().map(|why| format!("{topic}: {why}\n")).collect();
    assert_eq!(said(), refused, "it has no hole to tell, and nothing of what it was told");

    // One that has less patience than a minute.
    let (hasty, log) = (lobby.dir.path().join("hasty.py"), lobby.dir.path().join("hasty.log"));
    let text = fs::read_to_string(&program).unwrap();
    assert!(text.contains("\nPATIENCE = 60 "));
    fs::write(&hasty, text.replace("\nPATIENCE = 60 ", "\nPATIENCE = 1 ")).unwrap();
    let consumer = run(&hasty, &log);
    lobby.holes().await;
    let hole = "/lobby/riverside/lobby-4: 7 is missing in e; replay from there\n";
    common::blocking_until("it tells the hole", || fs::read_to_string(&log).unwrap().contains(hole));
    let through =
        |epoch| stored(&format!("SELECT through FROM journal WHERE source LIKE '%lobby-4' AND epoch = '{epoch}'"));
    assert_eq!(
        (through("e"), through("f")),
        (6, 3),
        "not the one that the gateway's own age has left, nor where an old event came again"
    );
    assert_eq!(stored("SELECT count(*) FROM event WHERE source LIKE '%lobby-4'"), 7);
    drop(consumer);
    assert_eq!(fs::read_to_string(&log).unwrap().replace(hole, ""), "", "nothing else is missing");
}

#[test]
#[ignore = "needs mosquitto and Python: run ./tests/run"]
fn a_python_consumer_that_the_broker_refuses_says_why_and_waits() {
    let (python, office, dir) = (
        python("refused-python", &["paho-mqtt==2.1.0"]),
        Mosquitto::start("allow_anonymous false"),
        tempfile::tempdir().unwrap(),
    );
    let (log, begun) = (dir.path().join("log"), Instant::now());
    let mut command = Command::new(python.join("python3"));
    command.arg(format!("{EXAMPLES}/consumer.py")).args(["--port", &office.port.to_string()]).current_dir(dir.path());
    let _consumer = Consumer::start(&mut command, &log);
    let refused = || fs::read_to_string(&log).unwrap().matches("refused: Not authorized\n").count();
    common::blocking_until("it was refused three times", || refused() >= 3);
    assert!(begun.elapsed().as_secs() >= 2 && refused() < 10, "{}", refused());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto and Python: run ./tests/run"]
async fn in_sql_everything_is_stored_once_and_a_hole_is_seen() {
    let python = python("consumer-sql", &["mqttwarn==0.36.1"]);
    let lobby = Lobby::open().await;
    let database = lobby.dir.path().join("office.db");
    let script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())";
    run(Command::new(python.join("python3")).args(["-c", script]).arg(&database).arg(format!("{EXAMPLES}/events.sql")));
    let config = fs::read_to_string(format!("{EXAMPLES}/mqttwarn.ini")).unwrap();
    let (authority, place) = (lobby.office.authority.path(""), "/etc/lobby-office/");
    let config = config.replace("port = 1883", &format!("port = {}", lobby.office.port));
    let config = config.replace("# tls =", "tls =").replace("# ca_certs =", "ca_certs =");
    let config = config.replace("# certfile =", "certfile =").replace("# keyfile =", "keyfile =");
    fs::write(lobby.dir.path().join("mqttwarn.ini"), config.replace(place, authority.to_str().unwrap())).unwrap();
    fs::copy(format!("{EXAMPLES}/mqttwarn_filter.py"), lobby.dir.path().join("mqttwarn_filter.py")).unwrap();
    let log = lobby.dir.path().join("mqttwarn.log");
    let mut command = Command::new(python.join("mqttwarn"));
    let consumer = Consumer::start(command.current_dir(lobby.dir.path()).env("MQTTWARNINI", "mqttwarn.ini"), &log);
    let stored = |question: &str| count(&python, &database, question);
    let whole = |what: &str| {
        common::blocking_until(&format!("{what}: {}", fs::read_to_string(&log).unwrap_or_default()), || {
            stored("SELECT count(*) FROM event") == lobby.newest()
                && stored("SELECT max(seq) FROM event") == lobby.newest()
        });
    };
    lobby.until_it_listens(|| stored("SELECT count(*) FROM event")).await;
    lobby.cards(0..40).await;
    whole("everything is in the table");
    assert_eq!(stored("SELECT count(*) FROM hole"), 0);
    let script = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); \
                  [db.execute(f'DELETE FROM {t} WHERE seq IN (5, 6)') for t in ('event', 'heard')]; db.commit()";
    run(Command::new(python.join("python3")).args(["-c", script]).arg(&database));
    assert_eq!((stored("SELECT first FROM hole"), stored("SELECT last FROM hole")), (5, 6));
    lobby.again().await;
    whole("a replay fills the hole and doubles nothing");
    assert_eq!(stored("SELECT count(*) FROM event WHERE type = 'lobbyd.gateway.started'"), 1);
    lobby.forgotten(|question| stored(&question.replace("{}", "message"))).await;
    lobby.holes().await;
    let of_it = |what: &str, of: &str| stored(&format!("SELECT {what} FROM {of} WHERE source LIKE '%lobby-4'"));
    common::blocking_until("it has heard of all", || of_it("count(*)", "heard") == 8);
    assert_eq!((of_it("count(*)", "event"), of_it("count(*)", "hole"), of_it("first", "hole")), (7, 1, 7));
    // One number in two years, and a state that came again after a restore.
    let step = |id, epoch, days, year, state| {
        let data = json!({ "number": "R-1121-01", "day": year * 10_000 + 1121, "state": state });
        told("lobby-5", (id, epoch, id), days, "repair.received", data)
    };
    lobby
        .send(vec![step(9, "e", 400, 2025, "closed"), step(1, "e", 1, 2026, "received"), step(3, "f", 0, 2026, "done")])
        .await;
    let states = "SELECT group_concat(day || state) = '20251121closed,20261121done' FROM \
                  (SELECT * FROM standing WHERE source LIKE '%lobby-5' ORDER BY day)";
    common::blocking_until("each case stands there once", || stored(states) == 1);
    drop(consumer);
    let log = fs::read_to_string(&log).unwrap();
    assert!(!log.contains("\"data\"") && !log.contains("Nobody"), "its log has no messages");
}

/// The key as `lobbyd office key` makes it, its line as it prints it, and a clock that is right: a machine in a cloud may not know of its own.
#[test]
#[ignore = "needs mosquitto, Python and a C compiler: run ./tests/run"]
fn the_python_sender_commands_a_gateway_with_the_tools_key_and_hears_what_becomes_of_it() {
    let python = python("sender-python", &["paho-mqtt==2.1.0", "cryptography==45.0.7"]);
    let (dir, office) = (tempfile::tempdir().unwrap(), Office::open());
    let key = dir.path().join("office.key");
    let mut made = Command::new(env!("CARGO_BIN_EXE_lobbyd"));
    made.args(["office", "key", "--name", "central", "--key"]).arg(&key);
    let line = String::from_utf8(made.output().unwrap().stdout).unwrap().lines().last().unwrap().to_owned();
    let mut daemon = Daemon::on(&Shim::new(dir.path()), dir.path(), NOBODY, &office.plain.url(), "");
    daemon.kill();
    let config = dir.path().join("lobby.toml");
    let text = fs::read_to_string(&config).unwrap().replace(orders::line().trim(), &line);
    assert!(text.contains("central"), "{text}");
    fs::write(&config, text).unwrap();
    daemon.up();
    let send = |gateway: &str, more: &[&str], said: &str| {
        let mut command = Command::new(python.join("python3"));
        command.arg(format!("{EXAMPLES}/sender.py")).args(office.words()).arg("--sign-with").arg(&key);
        let output = tool::told(command.arg(gateway).args(more), said);
        let answer = serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default();
        (output.status.code(), answer, String::from_utf8(output.stderr).unwrap())
    };
    let to_it = |more: &[&str], said: &str| send("riverside/lobby-1", more, said);
    let (code, answer, said) = to_it(&["ping", "--id", "c-1"], "");
    assert_eq!((code, &answer["accepted"], &answer["id"]), (Some(0), &json!(true), &json!("c-1")), "{answer} {said}");
    let (code, answer, _) = to_it(&["ping", "--id", "c-1"], "");
    assert_eq!((code, &answer["reason"]), (Some(1), &json!("repeated")), "{answer}");
    let units = json!({ "version": "2026-11", "set": [{ "unit": "1203", "hosts": [{ "name": "测试甲" }] }, { "unit": "1204" }] });
    let (code, answer, said) = to_it(&["directory", "--who", "夜班"], &units.to_string());
    assert_eq!((code, &answer["result"]["units"]), (Some(0), &json!(2)), "{answer} {said}");
    fs::remove_file(&key).unwrap();
    Command::new(env!("CARGO_BIN_EXE_lobbyd")).args(["office", "key", "--key"]).arg(&key).output().unwrap();
    let (code, answer, _) = to_it(&["ping"], "");
    assert_eq!((code, &answer["reason"]), (Some(1), &json!("unknown-key")), "{answer}");
    let (code, _, said) = send("riverside/lobby-2", &["ping", "--wait", "1"], "");
    assert!(code == Some(1) && said.contains("riverside/lobby-2 does not answer"), "{said}");
}

#[test]
fn each_consumer_is_short_enough_to_be_read() {
    for files in [&["consumer.py"][..], &["events.sql", "mqttwarn.ini", "mqttwarn_filter.py"]] {
        let lines = |file: &&str| fs::read_to_string(format!("{EXAMPLES}/{file}")).unwrap().lines().count();
        assert!(files.iter().map(lines).sum::<usize>() < 100, "{files:?}");
    }
}
