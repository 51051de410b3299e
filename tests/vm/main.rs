//! lobbyd on a machine of its own: a Debian kernel under qemu with a panel, a touchscreen, systemd and two Mosquittos. The
//! package is installed as a technician does it; a visitor signs in at the glass and hears that it was recorded; the daemon is
//! killed, frozen, and the machine cut off; the panel is calibrated, the board file proposed, the package exchanged for an older
//! one and upgraded with a journal of the first version. What the glass shows is compared pixel by pixel.
//!
//! Here stands the order of the walk and nothing else: each room has a file of its own.

mod calibrate;
#[path = "../common/mod.rs"]
mod common;
mod glass;
mod kiosk;
mod lamps;
mod machine;
mod office;
mod pace;
mod package;
mod picture;
mod probe;
mod readonly;
mod scans;
mod service;
mod sound;
mod upgrade;

use common::clients::Subscriber;
use glass::{SMALL, STANDING, at_home};
use kiosk::Hang;
use machine::Machine;
use office::{arrived, show_cards, visitor};
use service::{LOBBYD, PID, STATE, comes_back, is_connected, on_board};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

/// Cards shown while the office is away, before the power goes.
const CARDS: u64 = 200;
/// The minute of the golden pictures: `date` sets it.
const GOLDEN: &str = "@1795242360";

/// Says how long each step took: the numbers that docs and issues speak of.
struct Clock(Instant);

impl Clock {
    fn lap(&mut self, what: &str) {
        println!("{:6.1} s  {what}", self.0.elapsed().as_secs_f64());
        self.0 = Instant::now();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs qemu, root and the package: run ./tests/run"]
async fn the_package_on_a_machine_of_its_own_survives_kills_hangs_and_power_cuts() {
    let mut clock = Clock(Instant::now());
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vm/lobby.toml");
    let paced = settings.with_file_name("paced.toml");
    let made = tempfile::tempdir().unwrap();
    let goods = [
        ("lobbyd.deb", package::newest()),
        ("older.deb", upgrade::older_package(made.path())),
        ("journal-1.db", upgrade::journal(made.path())),
        ("lobby.toml", settings),
        ("paced.toml", paced),
    ];
    let mut machine = Machine::new(SMALL.0, &goods);
    clock.lap("a disk is made");
    machine.switch_on();
    machine.run("true");
    clock.lap("switched on, and there is a shell");
    machine.run_until("it has started", "systemctl is-system-running", |state| state == "running");
    clock.lap("systemd has started everything");

    glass::has_a_panel(&mut machine, SMALL.0);
    package::installs(&mut machine);
    clock.lap("installed");
    let office = Subscriber::start(machine.office, "lobby/v1/#").await;
    sound::gets_a_card(&mut machine, "vm-800x480");
    package::is_set_up(&mut machine);
    glass::shows_the_golden(&mut machine, "home-zh-Hans-800x480");
    glass::hides_the_console(&mut machine);
    package::is_well(&mut machine);
    clock.lap("set up and started: the home page is the golden picture");

    let mut glass = at_home(&mut machine, SMALL, Hang::Upright);
    sound::begins(&mut machine);
    glass::signs_in(&mut machine, &mut glass);
    common::until("the visitor is at the office", || visitor(&office).is_some()).await;
    glass.is_told(visitor(&office).unwrap());
    glass.compare(&mut machine);
    glass.press_through(&mut machine, "finish");
    sound::was_heard(&mut machine);
    clock.lap("a visitor has signed in by touch, every picture compared, and heard that it was recorded");

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

    glass::loses_finger_and_display(&mut machine);
    clock.lap("touch and display unplugged and back, and another program at the display");

    glass::gives_the_console_back(&mut machine);
    calibrate::crosses_are_touched_and_the_matrix_fits(&mut machine);
    clock.lap("calibrated: a panel as it should be, and one with its axes exchanged");
    probe::what_is_here_makes_a_board_file(&mut machine);
    clock.lap("probed, and the proposal is the board");
    show_cards(&machine, 1..2).await;
    common::until("a card arrives at the office", || arrived(&office).1.len() == 2).await;

    machine.run("systemctl stop office");
    let (before, _) = arrived(&office);
    drop(office);
    show_cards(&machine, 2..CARDS + 2).await;
    let count =
        format!("{LOBBYD} journal export --author test --config /etc/lobbyd/lobby.toml | grep -c access.granted");
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

    glass::stands_and_lies(&mut machine);
    clock.lap("a panel that stands, and one that lies on its side");
    pace::keeps_pace(&mut machine);
    clock.lap("pictures and idling measured");

    readonly::begins(&mut machine);
    is_connected(&mut machine);
    // The journal is a new one since the panel lay on its side.
    show_cards(&machine, 900..901).await;
    machine.run_until("the card is in the journal", &count, |count| count == "1");
    readonly::ends(&mut machine);
    is_connected(&mut machine);
    clock.lap("the root was read-only, and a card was recorded");

    upgrade::goes_back(&mut machine);
    clock.lap("an older package, and everything is still there");
    upgrade::goes_forward(&mut machine);
    common::until("what waited is at the office", || arrived(&office).0.contains(&upgrade::EVENTS)).await;
    clock.lap("upgraded, and a journal of version 1 brought up to date");
    pace::first_light(&mut machine, "vm-720x1280", upgrade::EVENTS);
    at_home(&mut machine, STANDING, Hang::Upright).compare(&mut machine);
    clock.lap("the first picture measured, and the home page is there");

    package::leaves(&mut machine);
    clock.lap("removed and purged");
}
