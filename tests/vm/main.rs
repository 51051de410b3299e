//! lobbyd on a machine of its own: a Debian kernel under qemu with a panel, a touchscreen, systemd and two Mosquittos. The
//! package is installed as a technician does it; a visitor signs in at the glass; then the daemon is killed, frozen, and the
//! machine cut off. What the glass shows is compared pixel by pixel.

#[path = "../common/mod.rs"]
mod common;
mod kiosk;
mod lamps;
mod machine;
mod pace;
mod picture;
mod readonly;
mod scans;

use chrono::{DateTime, Utc};
use common::clients::{Subscriber, publish_all};
use embedded_graphics::prelude::Point;
use kiosk::{Hang, Kiosk};
use lobbyd::service::number::{Number, Series};
use machine::Machine;
use picture::Picture;
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
/// The minute of the golden pictures: `date` sets it.
const GOLDEN: &str = "@1795242360";
/// Width, height and pixels an inch, as the board files have them.
const SMALL: ([u32; 2], u32) = ([800, 480], 133);
const STANDING: ([u32; 2], u32) = ([720, 1280], 208);
const LYING: ([u32; 2], u32) = ([1280, 720], 208);

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
    let paced = settings.with_file_name("paced.toml");
    let goods = [("lobbyd.deb", package()), ("lobby.toml", settings), ("paced.toml", paced)];
    let mut machine = Machine::new(SMALL.0, &goods);
    clock.lap("a disk is made");
    machine.switch_on();
    machine.run("true");
    clock.lap("switched on, and there is a shell");
    machine.run_until("it has started", "systemctl is-system-running", |state| state == "running");
    clock.lap("systemd has started everything");

    has_a_panel(&mut machine, SMALL.0);
    installs(&mut machine);
    clock.lap("installed");
    let office = Subscriber::start(machine.office, "lobby/v1/#").await;
    is_set_up(&mut machine);
    shows_the_golden(&mut machine, "home-zh-Hans-800x480");
    hides_the_console(&mut machine);
    is_well(&mut machine);
    clock.lap("set up and started: the home page is the golden picture");

    let mut glass = at_home(&mut machine, SMALL, Hang::Upright);
    signs_in(&mut machine, &mut glass);
    common::until("the visitor is at the office", || visitor(&office).is_some()).await;
    glass.is_told(visitor(&office).unwrap());
    glass.compare(&mut machine);
    glass.press_through(&mut machine, "finish");
    clock.lap("a visitor has signed in by touch, every picture compared");

    show_cards(&machine, 0..1).await;
    common::until("a card arrives at the office", || arrived(&office).1.len() == 1).await;
    clock.lap("a card went from the door to the office");

    let pid = machine.run(PID);
    machine.run(&format!("kill -9 {pid}"));
    comes_back(&mut machine, &pid);
    at_home(&mut machine, SMALL, Hang::Upright).compare(&mut machine);
    clock.lap("killed, and it runs again, with its screen");

    let pid = machine.run(PID);
    machine.run(&format!("kill -STOP {pid}"));
    comes_back(&mut machine, &pid);
    assert!(machine.run("journalctl -u lobbyd").contains("Watchdog timeout"));
    at_home(&mut machine, SMALL, Hang::Upright).compare(&mut machine);
    clock.lap("frozen, and the watchdog has restarted it");

    lamps::lamps_and_contacts(&mut machine, "vm-800x480");
    clock.lap("a door, somebody near, a call with its lamp and buzzer");

    scans::an_invitation_is_read_and_no_console_hears_it(&mut machine, "vm-800x480");
    clock.lap("an invitation was held before the scanner");

    loses_finger_and_display(&mut machine);
    clock.lap("touch and display unplugged and back, and another program at the display");
    gives_the_console_back(&mut machine);

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
    // What is different does not matter to it; a second boot proves the second panel too.
    machine.run(&format!("{} && sync", on_board("vm-720x1280")));
    machine.cut_off();
    clock.lap("the power goes while 200 cards wait for the office");

    machine.screen = STANDING.0;
    machine.switch_on();
    machine.run_until("the service runs by itself", STATE, |state| state == "active");
    at_home(&mut machine, STANDING, Hang::Upright).compare(&mut machine);
    clock.lap("switched on: the service runs, and the home page is there");
    let office = Subscriber::start(machine.office, "lobby/v1/#").await;
    common::until("all cards arrive", || arrived(&office).1.len() as u64 >= CARDS).await;
    clock.lap("all cards are at the office");
    let (after, cards) = arrived(&office);
    let all: BTreeSet<u64> = before.union(&after).copied().collect();
    let newest = all.last().copied().unwrap();
    assert_eq!(all.len() as u64, newest, "numbers have gaps");
    assert_eq!(cards.len() as u64, CARDS, "each card once");

    stands_and_lies(&mut machine);
    clock.lap("a panel that stands, and one that lies on its side");
    keeps_pace(&mut machine);
    clock.lap("pictures and idling measured");

    readonly::begins(&mut machine);
    is_connected(&mut machine);
    // The journal is a new one since the panel lay on its side.
    show_cards(&machine, 900..901).await;
    machine.run_until("the card is in the journal", &count, |count| count == "1");
    readonly::ends(&mut machine);
    is_connected(&mut machine);
    clock.lap("the root was read-only, and a card was recorded");

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
    // Without a record it believes the clock: the minute of the golden pictures begins.
    machine.run(&format!("date -s {GOLDEN}; systemctl start lobbyd"));
}

/// What a technician may want to know of it; printed.
fn is_well(machine: &mut Machine) {
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

/// A connected panel of this size with a console on it, and a touchscreen over it.
fn has_a_panel(machine: &mut Machine, size: [u32; 2]) {
    let modes = machine.run("cat /sys/class/drm/card*-*/modes");
    assert_eq!(
        modes.lines().next(),
        Some(format!("{}x{}", size[0], size[1]).as_str()),
        "the panel's own mode is first"
    );
    plug(machine, size);
    assert_eq!(machine.run("systemctl show -P ActiveState getty@tty1"), "active");
    machine.run("echo 'the text of the console' >/dev/tty1");
    let console = machine.look();
    assert_eq!(console.size, size);
    assert!(console.is_text());
}

fn plug(machine: &mut Machine, size: [u32; 2]) {
    machine.finger(&format!("plug test-panel {} {}", size[0], size[1]));
    machine
        .run_until("the touchscreen is there", "cat /proc/bus/input/devices", |list| list.contains("\"test-panel\""));
}

/// The kiosk that must be on the glass now.
fn at_home(machine: &mut Machine, (size, dpi): ([u32; 2], u32), hang: Hang) -> Kiosk {
    let seconds = machine.run("date +%s").parse().unwrap();
    Kiosk::new(size, dpi, hang, DateTime::<Utc>::from_timestamp(seconds, 0).unwrap())
}

fn shows_the_golden(machine: &mut Machine, name: &str) {
    let golden = Picture::golden(name);
    let deadline = Instant::now() + common::PATIENCE;
    loop {
        let shown = machine.look();
        match golden.differs(&shown) {
            0 => return,
            differ if Instant::now() > deadline => {
                let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shown.ppm");
                shown.write(&file);
                panic!("{name} is not on the glass: {differ} pixels differ, see {}; {}", file.display(), machine.log());
            }
            _ => std::thread::sleep(std::time::Duration::from_millis(50)),
        }
    }
}

/// Neither the kernel nor a login paints over the picture.
fn hides_the_console(machine: &mut Machine) {
    machine.run("echo 'a line for the console' >/dev/tty1; echo '<0>a kernel that calls out' >/dev/kmsg");
    assert_eq!(machine.run("systemctl show -P ActiveState getty@tty1"), "inactive");
    at_home(machine, SMALL, Hang::Upright).compare(machine);
}

/// Stopped, it leaves the console with what was written there meanwhile.
fn gives_the_console_back(machine: &mut Machine) {
    machine.run("systemctl stop lobbyd");
    assert!(machine.look().is_text());
    machine.run("systemctl start lobbyd");
    at_home(machine, SMALL, Hang::Upright).compare(machine);
}

/// A visitor, from the home page to the end.
fn signs_in(machine: &mut Machine, glass: &mut Kiosk) {
    glass.compare(machine);
    for id in ["language", "language.en", "home.visit"] {
        glass.press_through(machine, id);
    }
    for text in ["1203", "anna", "13800000042"] {
        glass.type_in(machine, text);
        glass.press_through(machine, "next");
    }
    // The desk answers at once: the page that says so is compared when its number is known.
    glass.press(machine, "purpose.work");
}

/// The number of the visit that the office has heard of.
fn visitor(office: &Subscriber) -> Option<Number> {
    let received = office.received.lock().unwrap();
    let events = received.iter().filter(|publish| publish.topic.ends_with(b"/visit.arrived"));
    let event = events.filter_map(|publish| serde_json::from_slice::<Value>(&publish.payload).ok()).next()?;
    assert_eq!((&event["data"]["unit"], &event["data"]["purpose"]), (&"1203".into(), &"work".into()));
    assert_eq!(event["data"]["person"]["phone"], "13800000042");
    let part = |name: &str| Some(event["data"][name].as_u64()? as u32);
    Some(Number { series: Series::Visit, day: part("day")?, nth: part("nth")? })
}

/// How often the service has said this.
fn said(machine: &mut Machine, words: &str) -> usize {
    machine.run(&format!("journalctl -u lobbyd -o cat --no-pager | grep -c '{words}'; true")).parse().unwrap()
}

fn says_again(machine: &mut Machine, words: &str, before: usize) {
    let count = format!("journalctl -u lobbyd -o cat --no-pager | grep -c '{words}'; true");
    machine.run_until(&format!("it says again \"{words}\""), &count, |now| {
        now.parse().is_ok_and(|now: usize| now > before)
    });
}

fn loses_finger_and_display(machine: &mut Machine) {
    let here = "the touch panel is here";
    let before = said(machine, here);
    machine.finger("unplug");
    says_again(machine, "the touch panel has gone", 0);
    plug(machine, SMALL.0);
    says_again(machine, here, before);
    let mut glass = at_home(machine, SMALL, Hang::Upright);
    glass.press_through(machine, "home.visit");
    glass.press_through(machine, "back");

    let lit = "the display is lit";
    let before = said(machine, lit);
    machine.run("echo off >/sys/class/drm/card0-Virtual-1/status");
    says_again(machine, "the display was plugged in or out", 0);
    machine.run("echo on >/sys/class/drm/card0-Virtual-1/status");
    says_again(machine, lit, before);
    at_home(machine, SMALL, Hang::Upright).compare(machine);

    // Who opens a card first may draw on it.
    machine.run(
        "systemctl stop lobbyd; sh -c 'exec </dev/dri/card0; echo $$ >/tmp/thief; exec sleep 1000' >/dev/null 2>&1 &",
    );
    machine.run_until("the card is taken", "cat /tmp/thief", |thief| thief.parse::<u32>().is_ok());
    machine.run("systemctl start lobbyd");
    says_again(machine, "no picture; it is tried again", 0);
    let before = said(machine, lit);
    machine.run("kill $(cat /tmp/thief)");
    says_again(machine, lit, before);
    at_home(machine, SMALL, Hang::Upright).compare(machine);
}

/// Writes another board into the configuration.
fn on_board(name: &str) -> String {
    format!("sed -i 's/^board = .*/board = \"{name}\"/' /etc/lobbyd/lobby.toml")
}

/// Restarted with another board file, and both its touch panel and its display are there.
fn restart_on(machine: &mut Machine, board: &str) {
    let [panel, lit] = ["the touch panel is here", "the display is lit"];
    let (panels, lights) = (said(machine, panel), said(machine, lit));
    machine.run(&format!("{}; systemctl restart lobbyd", on_board(board)));
    says_again(machine, panel, panels);
    says_again(machine, lit, lights);
}

/// The second panel as it stands, with a journal that begins in the minute of the golden pictures; then on its side.
fn stands_and_lies(machine: &mut Machine) {
    machine.run(&format!("systemctl stop lobbyd; rm -rf /var/lib/lobbyd/*; date -s {GOLDEN}; systemctl start lobbyd"));
    shows_the_golden(machine, "home-zh-Hans-720x1280");
    plug(machine, STANDING.0);

    restart_on(machine, "vm-1280x720");
    let mut glass = at_home(machine, LYING, Hang::Lying);
    glass.compare(machine);
    glass.press_through(machine, "home.visit");
    glass.type_in(machine, "12");
}

/// What has no limit in a test, because it says as much of the machine as of lobbyd: printed.
fn keeps_pace(machine: &mut Machine) {
    // A display that paces its pictures, which the one of qemu does not: the kernel names it after that one.
    machine.run("modprobe vkms; mkdir -p /etc/lobbyd/boards; cp /goods/paced.toml /etc/lobbyd/boards/");
    restart_on(machine, "paced");
    // Its size is not the touch panel's: that is 720 by 1280, and tells shares of its own.
    let mut glass = at_home(machine, ([800, 600], 133), Hang::Upright);
    let share = |at: Point| Point::new(at.x * 719 / 799, at.y * 1279 / 599);
    let door = share(glass.place("home.visit"));
    machine.finger(&format!("tap {} {}", door.x, door.y));
    glass.goes("home.visit");
    let key = share(glass.place("key.1"));
    let waits = pace::measure(machine, key);
    println!(
        "          from touch to page flip, {} touches and leavings: p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms (goal: p99 33 ms)",
        waits.len(),
        pace::percentile(&waits, 50),
        pace::percentile(&waits, 99),
        waits.last().unwrap()
    );
    let used = |machine: &mut Machine| -> f64 {
        machine.run("systemctl show -P CPUUsageNSec lobbyd").parse::<f64>().unwrap() / 1e9
    };
    const IDLE: f64 = 30.0;
    let before = used(machine);
    machine.run(&format!("sleep {IDLE}"));
    let share = (used(machine) - before) / IDLE * 100.0;
    println!(
        "          idle with two brokers: {share:.2} % of a core of this machine, which is some twenty times slower (goal: 0.5 %)"
    );
}
