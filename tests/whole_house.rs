//! The whole way, real: fingers on the glass and devices on a real building broker, the real daemon, a real office
//! broker, and an independent subscriber there.

mod common;

use chrono::{TimeDelta, Utc};
use common::blocking_until;
use common::clients::{Subscriber, publish_all};
use common::daemon::{Daemon, PRODUCTS};
use common::glass::{Glass, Gone};
use common::mosquitto::{Mosquitto, free_port};
use common::shim::Shim;
use common::small_disk::SmallDisk;
use common::tool::{NOBODY, lobbyd};
use lobbyd::event::Kind;
use lobbyd::journal::Reader;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use tempfile::TempDir;

struct House {
    building: Mosquitto,
    _office: Mosquitto,
    ledger: Subscriber,
    daemon: Daemon,
    screen: SocketAddr,
    _dir: TempDir,
}

/// `before` may prepare the data folder.
async fn open(before: impl FnOnce(&Path)) -> House {
    let (building, office) = (Mosquitto::start(""), Mosquitto::start(""));
    let ledger = Subscriber::start(office.port, "lobby/v1/#").await;
    let dir = tempfile::tempdir().unwrap();
    before(&dir.path().join("data"));
    let screen = ([127, 0, 0, 1], free_port()).into();
    let daemon = Daemon::with_screen(dir.path(), &building.url(), &office.url(), screen);
    House { building, _office: office, ledger, daemon, screen, _dir: dir }
}

impl House {
    fn events(&self) -> Vec<Value> {
        let received = self.ledger.received.lock().unwrap();
        let events = received.iter().filter(|publish| publish.topic.windows(7).any(|level| level == b"/event/"));
        events.map(|publish| serde_json::from_slice(&publish.payload).unwrap()).collect()
    }

    async fn wait_for(&self, kind: &str) -> Value {
        let find = || self.events().into_iter().find(|event| event["type"] == format!("lobbyd.{kind}"));
        common::until(&format!("{kind} is at the office"), || find().is_some()).await;
        find().unwrap()
    }

    /// What a person does at the glass; it blocks.
    fn at_the_glass<T>(&self, person: impl FnOnce(&mut Glass) -> Result<T, Gone>) -> T {
        tokio::task::block_in_place(|| person(&mut Glass::connect(self.screen)).expect("the daemon lives"))
    }
}

fn type_in(glass: &mut Glass, text: &str) -> Result<(), Gone> {
    text.chars().try_for_each(|c| glass.press(&format!("key.{c}")))
}

fn number(glass: &Glass) -> String {
    glass.part("number").expect("a number to ask with later")["label"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_visitor_comes_and_goes_and_a_resident_reports_a_repair() {
    let mut house = open(|_| {}).await;

    let visit = house.at_the_glass(|glass| {
        glass.press_through("language")?;
        glass.press_through("language.en")?;
        glass.wait("English", |glass| glass.outline["language"] == "en")?;
        glass.press_through("home.visit")?;
        type_in(glass, "1203")?;
        glass.press_through("next")?;
        type_in(glass, "anna")?;
        glass.press_through("next")?;
        type_in(glass, "13800000042")?;
        glass.press_through("next")?;
        glass.press("purpose.work")?;
        glass.wait("the number", |glass| glass.screen() == "visit.received")?;
        let visit = number(glass);
        glass.press_through("finish")?;
        Ok(visit)
    });
    let event = house.wait_for("visit.arrived").await;
    assert_eq!((&event["data"]["number"], &event["data"]["language"]), (&visit.as_str().into(), &"en".into()));
    assert_eq!((&event["data"]["unit"], &event["data"]["purpose"]), (&"1203".into(), &"work".into()));
    assert_eq!(event["data"]["person"]["phone"], "13800000042");

    let repair = house.at_the_glass(|glass| {
        glass.press_through("home.repair")?;
        glass.press_through("report.home")?;
        type_in(glass, "1203")?;
        glass.press_through("next")?;
        glass.press_through("what.water")?;
        glass.press("when.soon")?;
        glass.press_through("at-home.yes")?;
        type_in(glass, "wang")?;
        glass.press("candidate.1")?;
        glass.wait("the strip to go", |glass| glass.part("candidate.1").is_none())?;
        glass.press_through("next")?;
        type_in(glass, "13800000043")?;
        glass.press_through("next")?;
        glass.press("next")?;
        glass.wait("the number", |glass| glass.screen() == "repair.received")?;
        let repair = number(glass);
        glass.press_through("finish")?;
        Ok(repair)
    });
    let event = house.wait_for("repair.received").await;
    assert_eq!((&event["data"]["number"], &event["data"]["category"]), (&repair.as_str().into(), &"water".into()));
    assert_eq!(event["data"]["person"]["name"], "王");

    house.at_the_glass(|glass| {
        glass.press_through("home.sign-out")?;
        type_in(glass, "0042")?;
        glass.press("next")?;
        glass.wait("goodbye", |glass| glass.screen() == "sign-out.over")
    });
    assert_eq!(house.wait_for("visit.signed-out").await["data"]["number"], visit.as_str());
    assert!(house.daemon.stop().success(), "{}", house.daemon.log());
    let log = house.daemon.log();
    assert!(!log.contains("anna") && !log.contains("13800000042") && !log.contains('王'), "{log}");
}

/// The first payload of each product that becomes something, with its topic.
fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/device");
    let sample = |product: &&str| {
        let cases: toml::Table =
            std::fs::read_to_string(folder.join(product).join("cases.toml")).unwrap().parse().unwrap();
        let cases = cases["case"].as_array().unwrap();
        let case = cases.iter().find(|case| case.get("report").is_some() && case.get("retain").is_none()).unwrap();
        let payload = std::fs::read(folder.join(product).join(case["payload"].as_str().unwrap())).unwrap();
        (case["topic"].as_str().unwrap().to_owned(), payload)
    };
    PRODUCTS.iter().map(sample).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn every_product_is_heard_over_a_real_broker_and_rubbish_stops_nobody() {
    let mut house = open(|_| {}).await;
    let deep = b"[".repeat(100_000);
    let rubbish: [&[u8]; 6] =
        [b"", b"\xff\xfe\x00", b"{\"type\":", &deep, b"{\"time\":1e400}", b"99999999999999999999999"];
    let rubbish = rubbish.map(|payload| ("/rfid/send".to_owned(), payload.to_vec()));
    let messages: Vec<_> = rubbish.into_iter().chain(samples()).collect();
    let heard = || {
        let events = house.events().into_iter().filter(|event| event["type"] != "lobbyd.device.unmapped");
        events.filter_map(|event| event["data"]["device"]["product"].as_str().map(str::to_owned)).collect()
    };
    let all: BTreeSet<String> = PRODUCTS.map(str::to_owned).into();
    let deadline = std::time::Instant::now() + common::PATIENCE;
    while !all.is_subset(&heard()) {
        assert!(std::time::Instant::now() < deadline, "heard {:?}: {}", heard(), house.daemon.log());
        // Again and again: before the daemon has subscribed for the first time, nobody keeps anything for it.
        publish_all(house.building.port, messages.clone().into_iter(), Arc::new(AtomicUsize::new(0))).await;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(house.daemon.stop().success(), "{}", house.daemon.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_damaged_journal_is_set_aside_and_log_office_and_screen_say_so() {
    let mut house = open(|data| {
        std::fs::create_dir_all(data).unwrap();
        std::fs::write(data.join("journal.db"), b"this was a journal once").unwrap();
    })
    .await;
    let recovered = house.wait_for("journal.recovered").await;
    let kept_as = recovered["data"]["kept_as"].as_str().unwrap();
    assert_eq!(std::fs::read(kept_as).unwrap(), b"this was a journal once");
    assert!(house.daemon.log().contains("the journal was damaged"));
    house.at_the_glass(|glass| glass.wait("the alarm", |glass| glass.part("alarm").is_some()));
    assert!(house.daemon.stop().success(), "{}", house.daemon.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto, and root for a small tmpfs: run ./tests/run"]
async fn a_full_disk_is_said_on_screen_status_and_log_and_the_screen_works_on() {
    let mut disk = None;
    let mut house = open(|data| disk = Some(SmallDisk::mount(data))).await;
    let disk = disk.unwrap();
    house.wait_for("gateway.started").await;
    disk.fill();
    house.at_the_glass(|glass| {
        // The database has a page or two to spare: somebody corrects his address until there is none.
        let told = |glass: &Glass| glass.screen() == "emergency.failed" || glass.words().contains("E-");
        glass.press("emergency")?;
        glass.wait("an outcome", told)?;
        if glass.screen() == "emergency.place" {
            glass.press("emergency.here")?;
            for digit in "13800138000".chars() {
                glass.press(&format!("key.{digit}"))?;
            }
            let unwritten = |glass: &Glass| glass.words().contains("没有记下来");
            loop {
                glass.press("next")?;
                glass.wait("an answer", |glass| glass.screen() == "emergency.choose" || unwritten(glass))?;
                if unwritten(glass) {
                    break;
                }
                glass.press_through("back")?;
            }
            glass.press_through("back")?;
            glass.press_through("next")?;
        } else {
            glass.press_through("back")?;
        }
        glass.wait("the alarm", |glass| glass.part("alarm").is_some())
    });
    let storage_ok = || {
        let received = house.ledger.received.lock().unwrap();
        let mut statuses = received.iter().filter(|publish| publish.topic.ends_with(b"/status"));
        let last: Value = serde_json::from_slice(&statuses.next_back()?.payload).ok()?;
        last["storage"]["ok"].as_bool()
    };
    common::until("the status says so", || storage_ok() == Some(false)).await;
    assert!(house.daemon.log().contains("the journal cannot be written"));
    disk.empty();
    house.at_the_glass(|glass| glass.wait("the alarm to go", |glass| glass.part("alarm").is_none()));
    common::until("the status says that it is over", || storage_ok() == Some(true)).await;
    assert!(house.daemon.stop().success(), "{}", house.daemon.log());
    // Before the folder around it is removed.
    drop(disk);
}

/// A small site invites from the command line, and nobody starts anything anew.
#[test]
#[ignore = "needs a C compiler: run ./tests/run"]
fn an_invitation_of_the_command_line_is_taken_up_and_what_is_none_is_put_aside() {
    let dir = tempfile::tempdir().unwrap();
    let (key, config) = (dir.path().join("invitation.key"), dir.path().join("lobby.toml"));
    let made = Command::new(env!("CARGO_BIN_EXE_lobbyd")).args(["invite", "key", "--key"]).arg(&key).output().unwrap();
    let made = String::from_utf8(made.stdout).unwrap();
    let mut daemon = Daemon::on(&Shim::new(dir.path()), dir.path(), NOBODY, NOBODY, "");
    daemon.kill();
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("[site]", &format!("{made}[site]"))).unwrap();
    daemon.up();
    let (from, until) = (Utc::now() - TimeDelta::hours(1), Utc::now() + TimeDelta::days(2));
    let [from, until] = [from, until].map(|time| time.format("%Y-%m-%dT%H:%M").to_string());
    let who = ["invite", "--unit", "3-1203", "--host", "测试甲", "--from", &from, "--until", &until];
    let invited = lobbyd(&[&who[..], &["--key", key.to_str().unwrap()]].concat(), &config);
    assert!(invited.status.success(), "{invited:?}");
    let data = dir.path().join("data");
    let stored = || {
        let events = Reader::open(&data).and_then(|journal| journal.all_after(0, 1000)).unwrap_or_default();
        events.iter().filter(|event| event.kind == Kind::InvitationStored).count()
    };
    blocking_until("it is stored", || stored() == 1);
    let folder = data.join("invitations");
    let files = || {
        let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        files.collect::<Vec<_>>()
    };
    blocking_until("its file, which names people, is gone", || files().is_empty());
    fs::write(folder.join("guest.token"), "LB1.nothing").unwrap();
    blocking_until("it is put aside", || files() == ["guest.refused"]);
    assert_eq!(stored(), 1);
    assert!(!daemon.log().contains("测试甲"));
}
