//! The brokers are killed, with and without a disk of their own; the building's broker forgets the daemon's session; everything is
//! killed at once. What a broker itself forgets is not lobbyd's loss, and is counted apart.

use crate::client::Client;
use crate::device::{CARELESS, TOPIC, card};
use crate::rig::{Rig, Setup, scenario};
use crate::tally::Tally;
use fastrand::Rng;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const CARDS: u64 = 800;
/// Over which they are shown: some are on the way at any moment.
const TIME: Duration = Duration::from_millis(800);
/// As docs/brokers.md recommends: the database is written after every 100 changes.
const ON_DISK: &str = "autosave_on_changes true\nautosave_interval 100";
/// The most that Mosquitto can do: after each change.
const AT_ONCE: &str = "autosave_on_changes true\nautosave_interval 1";
/// The last `persistence` of a configuration counts.
const IN_MEMORY: &str = "persistence false";

/// How the building's broker keeps its sessions, and whether the daemon is away when it is killed.
#[derive(Clone, Copy)]
struct Case {
    building: &'static str,
    office: &'static str,
    daemon_is_away: bool,
}

const ON_A_DISK: Case = Case { building: ON_DISK, office: ON_DISK, daemon_is_away: false };
const IN_ITS_MEMORY: Case = Case { building: IN_MEMORY, office: IN_MEMORY, daemon_is_away: false };

impl Case {
    async fn open(self, random: Rng) -> Rig {
        Rig::with(random, Setup { building: self.building, office: self.office, ..Setup::default() }).await
    }
}

async fn building_killed(random: Rng, case: Case) -> Tally {
    let mut rig = case.open(random).await;
    let showing = rig.device.showing(CARDS, TIME);
    rig.some_time(TIME).await;
    if case.daemon_is_away {
        rig.daemon.kill();
        rig.some_time(TIME / 4).await;
    }
    rig.building.kill();
    rig.breaks += 1;
    let before = rig.subscriptions();
    rig.some_time(TIME / 4).await;
    rig.building.up();
    let mended = Instant::now();
    if case.daemon_is_away {
        rig.daemon.up();
    }
    rig.heard(before + 1).await;
    showing.await.unwrap();
    rig.close_after_last_card(mended).await
}

async fn office_killed(random: Rng, case: Case) -> Tally {
    let mut rig = case.open(random).await;
    let showing = rig.device.showing(CARDS, TIME);
    rig.some_time(TIME).await;
    rig.office.kill();
    rig.breaks += 1;
    rig.some_time(TIME).await;
    rig.office.up();
    let mended = Instant::now();
    showing.await.unwrap();
    rig.close_asking(mended).await
}

async fn session_taken(random: Rng) -> Tally {
    let mut rig = Rig::start(random).await;
    let showing = rig.device.showing(CARDS, TIME);
    rig.some_time(TIME).await;
    let before = rig.subscriptions();
    // Another client of the same name, without a session: with its end the daemon's is gone.
    drop(Client::connect(rig.building.port, "lobbyd-riverside-lobby-1", false).await.unwrap());
    rig.breaks += 1;
    let mended = Instant::now();
    rig.heard(before + 1).await;
    showing.await.unwrap();
    rig.close_after_last_card(mended).await
}

/// Cards of a reader that sends at QoS 0: no broker keeps them for a daemon that is away.
async fn nobody_asks(random: Rng) -> Tally {
    let mut rig = Rig::start(random).await;
    let mut reader = Client::connect(rig.building.port, "careless", false).await.unwrap();
    let moment = rig.random.u64(0..CARDS);
    for nth in 0..CARDS {
        if nth == moment {
            rig.crash();
        }
        reader.publish(0, TOPIC, card(CARELESS + nth)).await.unwrap();
        tokio::time::sleep(TIME / CARDS as u32).await;
    }
    let mended = Instant::now();
    rig.heard(2).await;
    let book = rig.inbox.book.clone();
    let tally = rig.close_after_last_card(mended).await;
    let careless = |number: &u64| *number >= CARELESS;
    let came: BTreeSet<u64> =
        book.lock().unwrap().arrivals.iter().filter_map(|arrival| arrival.number.filter(careless)).collect();
    Tally { lost_by_broker: CARDS as usize - came.len(), ..tally }
}

async fn all_killed(random: Rng, case: Case) -> Tally {
    let mut rig = case.open(random).await;
    let showing = rig.device.showing(CARDS, TIME);
    rig.some_time(TIME).await;
    rig.building.kill();
    rig.office.kill();
    rig.daemon.kill();
    rig.breaks += 1;
    let before = rig.subscriptions();
    if rig.random.bool() {
        rig.daemon.up();
    }
    rig.some_time(TIME / 4).await;
    rig.building.up();
    rig.office.up();
    let mended = Instant::now();
    if rig.daemon.has_ended() {
        rig.daemon.up();
    }
    rig.heard(before + 1).await;
    showing.await.unwrap();
    rig.close_asking(mended).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_killed_building_broker_costs_nothing_that_lobbyd_has_taken() {
    let run = |name, building| scenario(name, 2, move |random| building_killed(random, Case { building, ..ON_A_DISK }));
    run("building's broker killed, written after 100 changes", ON_DISK).await;
    run("building's broker killed, written after each change", AT_ONCE).await;
    run("building's broker killed, in memory", IN_MEMORY).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_building_broker_that_is_killed_while_lobbyd_is_away_loses_what_it_has_not_written() {
    let away = |building| Case { building, daemon_is_away: true, ..ON_A_DISK };
    let run = |name, building| scenario(name, 2, move |random| building_killed(random, away(building)));
    run("building's broker and daemon killed, written after 100 changes", ON_DISK).await;
    run("building's broker and daemon killed, written after each change", AT_ONCE).await;
    run("building's broker and daemon killed, in memory", IN_MEMORY).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn what_a_killed_office_broker_forgets_is_sent_again_when_the_office_asks() {
    scenario("office's broker killed, on a disk", 2, |random| office_killed(random, ON_A_DISK)).await;
    scenario("office's broker killed, in memory", 2, |random| office_killed(random, IN_ITS_MEMORY)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn of_a_reader_at_qos_0_only_what_comes_meanwhile_is_lost() {
    scenario("a reader at QoS 0, the daemon killed", 2, nobody_asks).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_lost_session_is_made_anew() {
    scenario("session at the building's broker lost", 2, session_taken).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn both_brokers_and_the_daemon_killed_at_once_lose_nothing_that_lobbyd_has_taken() {
    scenario("everything killed, brokers on a disk", 2, |random| all_killed(random, ON_A_DISK)).await;
    scenario("everything killed, brokers in memory", 2, |random| all_killed(random, IN_ITS_MEMORY)).await;
}
