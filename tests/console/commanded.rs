//! The office at work while a guard has the page open: it lets her in, gives the house another post, and lets her go. The real program, a
//! real broker, and the tool with which an office commands.

use super::daemon::{NOBODY, browser, free, served};
use crate::common::blocking_until;
use crate::common::contract::fault;
use crate::common::daemon::{Daemon, SITE};
use crate::common::lobby::PIN;
use crate::common::mosquitto::Mosquitto;
use crate::common::orders;
use crate::common::page::Browser;
use crate::common::shim::{Shim, Synced};
use chrono::{TimeDelta, Utc};
use chrono_tz::Asia::Shanghai;
use lobbyd::console::secret;
use lobbyd::journal::{Reader, Row};
use lobbyd::service::base64url;
use serde_json::{Value, json};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

fn post(id: &str) -> String {
    let takes = r#"["call", "alarm", "errand", "desk", "repair", "supervise", "manage"]"#;
    format!("[[post]]\nid = \"{id}\"\nname = \"{id}\"\ntakes = {takes}\n")
}

/// The head of rules in this version.
fn approved(version: u32) -> String {
    format!("[service]\nversion = {version}\napproved_by = [\"cs-manager 2026-11-20\", \"management 2026-11-21\"]\n")
}

/// A day of two shifts: the one in which it is now, six hours and more on either side, and the other.
fn shifts(now: &str, other: &str) -> String {
    let hour = |ahead| (Utc::now() + TimeDelta::hours(ahead)).with_timezone(&Shanghai).format("%H:00");
    let shift = |id: &str, from, to| format!("[[shift]]\nid = \"{id}\"\nfrom = \"{from}\"\nto = \"{to}\"\n");
    let (from, to) = (hour(-6), hour(7));
    shift(now, &from, &to) + &shift(other, &to, &from)
}

/// The office: its key and its broker.
struct Office {
    key: PathBuf,
    url: String,
}

impl Office {
    fn at(dir: &Path, url: String) -> Self {
        let key = dir.join("office.key");
        fs::write(&key, base64url::encode(&orders::SEED)).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        Office { key, url }
    }

    /// Sends a command that is carried out; its result.
    fn send(&self, command: &str, arguments: &Value) -> Value {
        let answer = self.answer(command, arguments);
        assert_eq!(answer["accepted"], true, "{answer}");
        answer["result"].clone()
    }

    fn answer(&self, command: &str, arguments: &Value) -> Value {
        let gateway = format!("{SITE}/lobby-1");
        let fixed = ["office", "send", "--url", &self.url, "--gateway", &gateway, "--who", "总部", "--sign-with"];
        let out = Command::new(env!("CARGO_BIN_EXE_lobbyd"))
            .args(fixed)
            .arg(&self.key)
            .args([command, &arguments.to_string()])
            .output()
            .unwrap();
        if out.stdout.is_empty() {
            return Value::Null;
        }
        assert_eq!(fault(&format!("lobby/v1/{gateway}/cmd/{command}/result"), &out.stdout), None);
        serde_json::from_slice(&out.stdout).unwrap()
    }
}

fn start(dir: &Path, office: &str, listen: SocketAddr) -> Daemon {
    let page = format!("{}[console]\nenabled = true\nlisten = \"{listen}\"\n", post("gate-a"));
    // No command is taken before the clock is known, and a machine in a cloud may never say that it is.
    Daemon::on(&Shim::new(dir), dir, NOBODY, office, &page)
}

fn rows(dir: &Path) -> Vec<Row> {
    Reader::open(&dir.join("data")).unwrap().all_after(0, 1000).unwrap()
}

/// The facts of what the journal has of this kind, the oldest first.
fn told(dir: &Path, kind: &str) -> Vec<Value> {
    let of_it = rows(dir).into_iter().filter(|row| row.kind.name() == kind);
    of_it.map(|row| serde_json::from_str(row.data.get()).unwrap()).collect()
}

/// The office puts a guard and somebody else on the list, and she signs in at `gate-a` with a secret of her own.
fn let_in(office: &Office, dir: &Path, listen: SocketAddr, relief: &Value) -> Browser {
    let mut guard = browser(listen);
    served(&guard);
    let wang = json!({ "id": "wang", "name": "测试甲", "role": "guard", "hash": secret::hash(PIN) });
    assert_eq!(office.send("staff", &json!({ "set": [wang, relief] })), json!({ "staff": 2 }));
    blocking_until("the list of staff was taken up", || {
        rows(dir).iter().any(|row| row.kind.name() == "staff.changed" && row.subject == "wang")
    });
    assert_eq!(guard.sign_in("wang", PIN, "gate-a").status, 200);
    assert_eq!(guard.get("/api/me").json()["must_change"], true, "nobody keeps a secret that the office knows");
    assert_eq!(guard.post("/api/secret", &json!({ "old": PIN, "new": "a stone lion" })).status, 200);
    guard
}

#[test]
#[ignore = "needs mosquitto and a C compiler: run ./tests/run"]
fn the_office_lets_a_guard_in_gives_the_house_a_post_and_lets_her_go_while_her_page_is_open() {
    let (dir, mosquitto, listen) = (tempfile::tempdir().unwrap(), Mosquitto::start(""), free());
    let mut daemon = start(dir.path(), &mosquitto.url(), listen);
    let office = Office::at(dir.path(), mosquitto.url());
    let before = daemon.id();
    let relief = json!({ "id": "li", "name": "测试乙", "role": "guard", "hash": secret::hash("another") });
    let guard = let_in(&office, dir.path(), listen, &relief);
    let mut live = guard.live(None);
    live.until("board");

    let service = "[service]\nversion = 2\napproved_by = [\"cs-manager 2026-11-20\", \"management 2026-11-21\"]\n";
    // One figure, and by that nobody at any gate: half of the rules are none.
    let half = format!("{service}[service.call]\nmissed_seconds = 90\n");
    let refused = office.answer("rules", &json!({ "toml": half }));
    assert_eq!((&refused["reason"], &refused["accepted"]), (&json!("not-usable"), &json!(false)), "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("[[post]]"), "{refused}");
    let rules = format!("{service}{}{}", post("gate-a"), post("gate-b"));
    assert_eq!(office.send("rules", &json!({ "toml": rules }))["renews"], true);
    assert_eq!(live.until("bye").data["reason"], "restart", "the daemon begins anew, and says so");
    served(&guard);
    assert_eq!(daemon.id(), before, "whoever watches the process has seen no end");
    let posts = guard.get("/api/hello").json()["posts"].to_string();
    assert!(posts.contains("gate-b"), "{posts}");
    assert_eq!(guard.get("/api/me").status, 200, "and she is still signed in");

    let mut live = guard.live(live.last.as_deref());
    live.until("board");
    assert_eq!(office.send("staff", &json!({ "whole": true, "set": [relief] })), json!({ "staff": 1 }));
    assert_eq!(live.until("bye").data["reason"], "withdrawn");
    assert_eq!(guard.get("/api/me").status, 401);
    let log = daemon.log();
    assert!(!log.contains("测试甲") && !log.contains(PIN), "{log}");
    assert!(daemon.stop().success());
}

/// Two gates that take turns: who is asked is who has the shift, by the table that the office has sent last.
#[test]
#[ignore = "needs mosquitto and a C compiler: run ./tests/run"]
fn a_table_of_shifts_that_the_office_sends_says_whose_turn_it_is() {
    let (dir, mosquitto, listen) = (tempfile::tempdir().unwrap(), Mosquitto::start(""), free());
    let mut daemon = start(dir.path(), &mosquitto.url(), listen);
    let office = Office::at(dir.path(), mosquitto.url());
    let guard = let_in(&office, dir.path(), listen, &json!({ "id": "li", "name": "测试乙", "role": "guard" }));
    let asked = || {
        let help = guard.post("/api/open", &json!({ "opening": { "help": { "language": "en" } } }));
        let number = help.json()["said"].clone();
        let offers =
            || told(dir.path(), "task.offered").into_iter().filter(|offer| offer["number"] == number).collect();
        blocking_until(&format!("somebody is asked: {}", help.body), || {
            let offers: Vec<Value> = offers();
            !offers.is_empty()
        });
        let first: Vec<Value> = offers();
        first[0]["posts"].clone()
    };
    assert_eq!(asked(), json!(["gate-a"]), "there is no other, and no shift");

    let gates: String = [("gate-a", "early"), ("gate-b", "late")]
        .map(|(id, shift)| format!("{}shifts = [\"{shift}\"]\n", post(id)))
        .concat();
    for (version, now, other, posts) in
        [(2, "late", "early", json!(["gate-b"])), (3, "early", "late", json!(["gate-a"]))]
    {
        let mut live = guard.live(None);
        live.until("board");
        let rules = approved(version) + &gates + &shifts(now, other);
        assert_eq!(office.send("rules", &json!({ "toml": rules }))["renews"], true);
        live.until("bye");
        served(&guard);
        let changed = told(dir.path(), "rules.changed").pop().unwrap();
        assert_eq!(changed["to"], json!(version));
        let named =
            changed["changed"].as_array().unwrap().iter().any(|one| one["key"].as_str().unwrap().starts_with("shift."));
        assert!(named, "{changed}");
        assert_eq!(asked(), posts, "version {version}");
    }
    assert!(daemon.stop().success());
}

/// What a Pi without a clock of its own does after a power cut, until the network tells it the time; and what an office notes of its journal.
#[test]
#[ignore = "needs mosquitto and a C compiler: run ./tests/run"]
fn a_machine_that_does_not_know_the_time_is_not_commanded_and_its_status_has_the_head_of_the_chain() {
    let (dir, mosquitto) = (tempfile::tempdir().unwrap(), Mosquitto::start(""));
    let shim = Shim::new(dir.path());
    shim.synced(Synced::No);
    let mut daemon = Daemon::on(&shim, dir.path(), NOBODY, &mosquitto.url(), "");
    let office = Office::at(dir.path(), mosquitto.url());
    let refused = office.answer("ping", &json!({}));
    assert_eq!((&refused["accepted"], &refused["reason"]), (&json!(false), &json!("no-clock")), "{refused}");
    shim.synced(Synced::Yes);
    let mut newest = Value::Null;
    blocking_until("it takes commands when it knows the time", || {
        newest = office.answer("ping", &json!({}));
        newest["accepted"] == true
    });
    assert!(newest["result"]["newest"].as_u64().unwrap() > 1, "{newest}");
    let reader = Reader::open(&dir.path().join("data")).unwrap();
    let told = || {
        let said = Command::new("mosquitto_sub")
            .args(["-p", &mosquitto.port.to_string(), "-C", "1", "-W", "20", "-t"])
            .arg(format!("lobby/v1/{SITE}/lobby-1/status"))
            .output();
        serde_json::from_slice::<Value>(&said.unwrap().stdout).unwrap_or_default()
    };
    blocking_until("the head of the chain is told", || {
        reader.head().unwrap().is_some_and(|head| told()["journal"]["head"] == json!(head.to_string()))
    });
    let rows = reader.all_after(0, 1000).unwrap();
    let refused = rows.iter().find(|row| row.kind.name() == "command.refused").expect("it is journaled");
    assert!(refused.data.get().contains("no-clock"), "{}", refused.data.get());
    assert!(daemon.stop().success());
}
