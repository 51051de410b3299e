//! lobbyd on a machine of its own: a Debian kernel under qemu with a panel, a touchscreen, systemd and two Mosquittos. The
//! package is installed as a technician does it; then the daemon is killed, frozen, and the machine cut off.

#[path = "../common/mod.rs"]
mod common;
mod machine;
mod picture;

use common::clients::{Subscriber, publish_all};
use machine::Machine;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Cards shown while the office is away, before the power goes.
const CARDS: u64 = 200;
/// Hung for so long, the service is restarted. The unit says 30 s; the test has less time.
const WATCHDOG: &str = "[Service]\nWatchdogSec=10s\\n";
const STATE: &str = "systemctl show -P ActiveState lobbyd";
const PID: &str = "systemctl show -P MainPID lobbyd";
const LOBBYD: &str = "runuser -u lobbyd -- lobbyd";

/// Says how long each step took: the numbers that docs and issues speak of.
struct Clock(Instant);

impl Clock {
    fn lap(&mut self, what: &str) {
        println!("{:6.1} s  {what}", self.0.elapsed().as_secs_f64());
        self.0 = Instant::now();
    }
}

/// The newest package that ./systemd/package has made.
fn package() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/debian");
    let made = fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let packages = made.filter(|path| path.to_string_lossy().ends_with("_amd64.deb"));
    let newest = packages.max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap());
    newest.unwrap_or_else(|| panic!("no package in {}: run ./systemd/package", folder.display()))
}

fn card(number: u64) -> (String, Vec<u8>) {
    let time = 1_795_223_704 + number;
    let payload = format!(
        r#"{{"cmd":"log","uid":"0{number:07}","username":"test","access":"Always","time":{time},"doorName":"lobby","type":"access","isKnown":"true","hostname":"lobby"}}"#
    );
    ("/rfid/send".into(), payload.into_bytes())
}

/// The numbers of all events that have arrived, and of those that are cards.
fn arrived(office: &Subscriber) -> (BTreeSet<u64>, BTreeSet<u64>) {
    let received = office.received.lock().unwrap();
    let events = received.iter().filter(|publish| publish.topic.windows(7).any(|level| level == b"/event/"));
    let (mut all, mut cards) = (BTreeSet::new(), BTreeSet::new());
    for publish in events {
        let event: Value = serde_json::from_slice(&publish.payload).unwrap();
        let seq = event["seq"].as_u64().unwrap();
        all.insert(seq);
        if event["type"] == "lobbyd.access.granted" {
            cards.insert(seq);
        }
    }
    (all, cards)
}

async fn show_cards(machine: &Machine, numbers: std::ops::Range<u64>) {
    let cards: Vec<_> = numbers.map(card).collect();
    publish_all(machine.building, cards.into_iter(), Arc::default()).await;
}

/// The service runs under another process than `before`, and listens to the building.
fn comes_back(machine: &mut Machine, before: &str) {
    machine.run_until("the service has a new process", PID, |pid| pid != before && pid != "0");
    machine.run_until("the service runs", STATE, |state| state == "active");
    is_connected(machine);
}

fn is_connected(machine: &mut Machine) {
    let words = "systemctl show -P StatusText lobbyd";
    machine.run_until("both brokers are connected", words, |text| !text.is_empty() && !text.contains("down"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs qemu, root and the package: run ./tests/run"]
async fn the_package_on_a_machine_of_its_own_survives_kills_hangs_and_power_cuts() {
    let mut clock = Clock(Instant::now());
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vm/lobby.toml");
    let mut machine = Machine::new([800, 480], &[("lobbyd.deb", &package()), ("lobby.toml", &settings)]);
    clock.lap("a disk is made");
    machine.switch_on();
    machine.run("true");
    clock.lap("switched on, and there is a shell");
    machine.run_until("it has started", "systemctl is-system-running", |state| state == "running");
    clock.lap("systemd has started everything");

    installs(&mut machine);
    clock.lap("installed");
    has_a_panel(&mut machine, [800, 480]);
    let office = Subscriber::start(machine.office, "lobby/v1/#").await;
    is_set_up(&mut machine);
    clock.lap("set up and started");

    show_cards(&machine, 0..1).await;
    common::until("a card arrives at the office", || arrived(&office).1.len() == 1).await;
    clock.lap("a card went from the door to the office");

    let pid = machine.run(PID);
    machine.run(&format!("kill -9 {pid}"));
    comes_back(&mut machine, &pid);
    clock.lap("killed, and it runs again");

    let pid = machine.run(PID);
    machine.run(&format!("kill -STOP {pid}"));
    comes_back(&mut machine, &pid);
    assert!(machine.run("journalctl -u lobbyd").contains("Watchdog timeout"));
    clock.lap("frozen, and the watchdog has restarted it");

    upgrades(&mut machine);
    clock.lap("upgraded");
    show_cards(&machine, 1..2).await;
    common::until("a card arrives at the office", || arrived(&office).1.len() == 2).await;

    machine.run("systemctl stop office");
    let (before, _) = arrived(&office);
    drop(office);
    show_cards(&machine, 2..CARDS + 2).await;
    let count = format!("{LOBBYD} journal export --config /etc/lobbyd/lobby.toml | grep -c access.granted");
    machine.run_until("all cards are in the journal", &count, |count| count.parse() == Ok(CARDS + 2));
    machine.cut_off();
    clock.lap("the power goes while 200 cards wait for the office");

    // What is different does not matter to it; a second boot proves the second panel too.
    machine.screen = [720, 1280];
    machine.switch_on();
    machine.run_until("the service runs by itself", STATE, |state| state == "active");
    clock.lap("switched on, and the service runs");
    has_a_panel(&mut machine, [720, 1280]);
    let office = Subscriber::start(machine.office, "lobby/v1/#").await;
    common::until("all cards arrive", || arrived(&office).1.len() as u64 >= CARDS).await;
    clock.lap("all cards are at the office");
    let (after, cards) = arrived(&office);
    let all: BTreeSet<u64> = before.union(&after).copied().collect();
    let newest = all.last().copied().unwrap();
    assert_eq!(all.len() as u64, newest, "numbers have gaps");
    assert_eq!(cards.len() as u64, CARDS, "each card once");

    leaves(&mut machine);
    clock.lap("removed and purged");
}

/// `dpkg -i`: user, service, folders; but nothing runs before somebody has said which building this is.
fn installs(machine: &mut Machine) {
    let said = machine.run("dpkg -i /goods/lobbyd.deb");
    assert!(said.contains("not set up yet"), "{said}");
    assert_eq!(machine.run("systemctl is-enabled lobbyd"), "enabled");
    assert_eq!(machine.run(STATE), "inactive");
    assert_eq!(machine.run("stat -c '%U %G %a' /var/lib/lobbyd /etc/lobbyd"), "lobbyd lobbyd 700\nroot lobbyd 750");
    let groups = machine.run("id -nG lobbyd");
    for group in ["video", "input", "gpio", "spi", "audio"] {
        assert!(groups.split(' ').any(|has| has == group), "{groups}");
    }
}

/// A technician's half hour: configuration in place, looked at, started.
fn is_set_up(machine: &mut Machine) {
    machine.run("cp /goods/lobby.toml /etc/lobbyd/lobby.toml");
    machine.run("mkdir -p /etc/systemd/system/lobbyd.service.d");
    machine
        .run(&format!("printf '{WATCHDOG}' >/etc/systemd/system/lobbyd.service.d/test.conf; systemctl daemon-reload"));
    machine.run("systemctl start lobbyd");
    is_connected(machine);
    println!("{}", machine.run(&format!("{LOBBYD} check --config /etc/lobbyd/lobby.toml; true")));
    println!("{}", machine.run("systemd-analyze security --no-pager --threshold=20 lobbyd | tail -n 1"));
    println!("{}", machine.run("systemd-analyze; systemctl show -p MemoryCurrent -p TasksCurrent lobbyd"));
}

/// The same package again, as an upgrade: what was edited stays, and the new one runs.
fn upgrades(machine: &mut Machine) {
    let pid = machine.run(PID);
    machine.run("dpkg -i --force-confold /goods/lobbyd.deb");
    machine.run("cmp /goods/lobby.toml /etc/lobbyd/lobby.toml");
    comes_back(machine, &pid);
}

/// `remove` leaves what is the building's, `purge` nothing.
fn leaves(machine: &mut Machine) {
    machine.run("dpkg -r lobbyd && test -s /var/lib/lobbyd/journal.db && test -e /etc/lobbyd/lobby.toml");
    machine.run("dpkg -P lobbyd && test ! -e /var/lib/lobbyd && test ! -e /etc/lobbyd");
    assert_ne!(machine.try_run("systemctl cat lobbyd").1, 0, "no such unit any more");
}

/// A connected panel of this size with something on it, and a touchscreen over it.
fn has_a_panel(machine: &mut Machine, size: [u32; 2]) {
    let modes = machine.run("cat /sys/class/drm/card*-*/modes");
    assert_eq!(
        modes.lines().next(),
        Some(format!("{}x{}", size[0], size[1]).as_str()),
        "the panel's own mode is first"
    );
    let shown = machine.look();
    assert_eq!(shown.size, size);
    println!("the screen is blank: {}", shown.is_blank());
    machine.finger(&format!("plug test-panel {} {}", size[0], size[1]));
    machine
        .run_until("the touchscreen is there", "cat /proc/bus/input/devices", |list| list.contains("\"test-panel\""));
    machine.finger("tap 100 100");
}
