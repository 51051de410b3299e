//! The real daemon between two real brokers that let nobody in without a certificate, each of an authority of its own; devices, guards and the
//! office are programs of others.

mod common;

use common::authority::Authority;
use common::blocking_until;
use common::daemon::Daemon;
use common::mosquitto::{Mosquitto, free_port};
use common::page::Browser;
use rcgen::ExtendedKeyUsagePurpose;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const BELOW: &str = "lobby/v1/riverside/lobby-1";

/// A broker of one side, and somebody there who hears everything.
struct Side {
    authority: Authority,
    mosquitto: Mosquitto,
    listener: Child,
}

impl Side {
    fn open() -> Self {
        let authority = Authority::new();
        authority.server("127.0.0.1", 2099);
        for who in ["lobbyd", "somebody"] {
            authority.issue(who, who, 2099, ExtendedKeyUsagePurpose::ClientAuth);
        }
        let mosquitto = authority.mosquitto("require_certificate true\n");
        let heard = fs::File::create(authority.path("heard")).unwrap();
        let mut command = client(&authority, &mosquitto, "mosquitto_sub");
        let listener = command.args(["-t", "#", "-F", "%t %p"]).stdout(heard).spawn();
        let side = Side {
            listener: listener.expect("mosquitto-clients is installed (./tests/run installs it)"),
            authority,
            mosquitto,
        };
        blocking_until("it listens", || {
            side.say("probe", &json!({}));
            !side.heard("probe").is_empty()
        });
        side
    }

    /// The table of `lobby.toml` for it: with a certificate, or without.
    fn table(&self, name: &str, with: bool) -> String {
        let path = |file| self.authority.path(file).display().to_string();
        let own = format!("cert = \"{}\"\nkey = \"{}\"\n", path("lobbyd.pem"), path("lobbyd.key"));
        let url = format!("mqtts://127.0.0.1:{}", self.mosquitto.port);
        format!("[{name}]\nurl = \"{url}\"\nca = \"{}\"\n{}", path("ca.pem"), if with { &own } else { "" })
    }

    fn say(&self, topic: &str, payload: &Value) {
        let mut command = client(&self.authority, &self.mosquitto, "mosquitto_pub");
        let said = command.args(["-t", topic, "-m", &payload.to_string()]).status().unwrap();
        assert!(said.success(), "{topic}");
    }

    /// What was said so far on topics that begin so.
    fn heard(&self, topic: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.authority.path("heard")).unwrap();
        let lines =
            text.split_inclusive('\n').filter(|line| line.ends_with('\n')).filter_map(|line| line.split_once(' '));
        lines.filter(|(at, _)| at.starts_with(topic)).map(|(_, said)| serde_json::from_str(said).unwrap()).collect()
    }

    /// What anybody has said anything on.
    fn topics(&self) -> BTreeSet<String> {
        let text = fs::read_to_string(self.authority.path("heard")).unwrap();
        text.lines().filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect()
    }

    fn wait(&self, what: &str, topic: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let find = || self.heard(topic).into_iter().rfind(|said| is_it(said));
        blocking_until(what, || find().is_some());
        find().unwrap()
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.listener.kill();
        let _ = self.listener.wait();
    }
}

/// One of Mosquitto's own clients, with a certificate of this side.
fn client(authority: &Authority, mosquitto: &Mosquitto, program: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["-V", "5", "-q", "1", "-h", "127.0.0.1", "-p", &mosquitto.port.to_string()]).stdin(Stdio::null());
    for (option, file) in [("--cafile", "ca.pem"), ("--cert", "somebody.pem"), ("--key", "somebody.key")] {
        command.arg(option).arg(authority.path(file));
    }
    command
}

/// A lobby with a door station and a post; which of its links have a certificate.
fn configuration(dir: &Path, building: &str, office: &str, metrics: u16) -> String {
    format!(
        "board = \"headless\"\ndata_dir = \"{}\"\n[site]\nid = \"riverside\"\ngateway = \"lobby-1\"\n{building}{office}\
         [[device]]\nprofile = \"dahua-vto\"\n[[post]]\nid = \"gate-a\"\n\
         takes = [\"call\", \"alarm\", \"errand\", \"desk\", \"repair\", \"supervise\", \"manage\"]\n\
         [health]\nmetrics = \"127.0.0.1:{metrics}\"\n",
        dir.join("data").display()
    )
}

/// Somebody presses the button of a Dahua door station. Its calls are told apart by their second, so each has another.
fn ring(call: i64) -> Value {
    let second = chrono::Utc::now().timestamp() - 10 + call;
    json!({ "Action": "Start", "serialNumber": "riverside-lobby", "Data": { "CallID": call.to_string(), "UTC": second } })
}

#[test]
#[ignore = "needs mosquitto and its clients: run ./tests/run"]
fn with_certificates_on_both_sides_all_is_heard_and_without_one_it_says_so_and_nothing_is_lost() {
    const RINGS: &str = "DahuaVTO/CallNoAnswered/Event";
    let (building, office, dir) = (Side::open(), Side::open(), tempfile::tempdir().unwrap());
    let metrics = free_port();
    let config = |building_has: bool, office_has: bool| {
        let (building, office) = (building.table("building", building_has), office.table("office", office_has));
        configuration(dir.path(), &building, &office, metrics)
    };
    let event = |kind: &str| format!("{BELOW}/event/riverside-lobby/{kind}");
    let link = |name: &'static str, up: bool| move |said: &Value| said["links"][name]["up"] == json!(up);
    let status = format!("{BELOW}/status");
    let mut daemon = Daemon::configured(dir.path(), &config(true, true));

    // A device's event at the office, and a guard's answer at the building's broker.
    office.wait("the building is heard", &status, link("building", true));
    building.say(RINGS, &ring(1));
    let offer =
        building.wait("the post is asked", &format!("{BELOW}/dispatch/gate-a"), |said| said["errand"] == "answer-call");
    office.wait("the ring is at the office", &event("call.ringing"), |said| said["data"]["call"]["id"] == "1");
    building.say(
        &format!("{BELOW}/dispatch/gate-a/reply"),
        &json!({ "id": "1", "task": offer["task"], "do": "claim", "by": "li" }),
    );
    let result =
        building.wait("the guard is answered", &format!("{BELOW}/dispatch/gate-a/result"), |said| said["id"] == "1");
    assert_eq!(result["accepted"], true, "{result}");

    // Without the one, and then without the other: which link it is and what is wrong with it.
    let again = |daemon: &mut Daemon, text: &str| {
        assert!(daemon.stop().success(), "{}", daemon.log());
        fs::write(dir.path().join("lobby.toml"), text).unwrap();
        daemon.up();
    };
    let counted = |link: &str| {
        let page = Browser { address: ([127, 0, 0, 1], metrics).into(), cookie: None, csrf: None, tls: None };
        let refused = format!("lobbyd_link_faults_total{{link=\"{link}\",reason=\"client-certificate\"}}");
        blocking_until(&format!("{refused} is counted"), || {
            std::net::TcpStream::connect(page.address).is_ok() && page.get("/metrics").body.contains(&refused)
        });
    };
    again(&mut daemon, &config(false, true));
    let told = office.wait("the office is told", &status, |said| said["links"]["building"]["fault"].is_string());
    let why = told["links"]["building"]["fault"].as_str().unwrap();
    assert!(why.contains("certificate") && why.contains("`cert`"), "{why}");
    counted("building");
    building.say(RINGS, &ring(2));
    again(&mut daemon, &config(true, false));
    counted("office");
    let waits = "the ring of meanwhile is in the journal";
    blocking_until(waits, || {
        let reader = lobbyd::journal::Reader::open(&dir.path().join("data")).unwrap();
        reader.all_after(0, 1_000).unwrap().iter().filter(|row| row.kind.name() == "call.ringing").count() == 2
    });

    again(&mut daemon, &config(true, true));
    let second = office.wait("and at the office", &event("call.ringing"), |said| said["data"]["call"]["id"] == "2");
    // The ring is urgent: others of before come after it.
    blocking_until("nothing is missing there", || {
        let heard = office.heard(&format!("{BELOW}/event/"));
        let numbers: BTreeSet<u64> = heard.iter().filter_map(|said| said["seq"].as_u64()).collect();
        (1..=second["seq"].as_u64().unwrap()).all(|number| numbers.contains(&number))
    });
    let up = |said: &Value| said["links"]["building"]["up"] == true && said["links"]["office"]["up"] == true;
    blocking_until("both links are up", || office.heard(&status).last().is_some_and(up));
    // It opens no door: to the building it says what posts are asked, and nothing to any device.
    let others = |topic: &str| topic == "probe" || topic == RINGS;
    for topic in building.topics().iter().filter(|topic| !others(topic)) {
        assert!(topic.starts_with(&format!("{BELOW}/dispatch/")), "{topic}");
    }
    assert!(daemon.stop().success(), "{}", daemon.log());
}
