//! The daemon is killed: in an outage of the office, in the drain after it, while old rows are deleted, in an upgrade, while it stops.

use crate::common::small_disk::SmallDisk;
use crate::common::version1;
use crate::rig::{Rig, Setup, scenario};
use crate::tally::Tally;
use fastrand::Rng;
use lobbyd::event::{Data, Event, Kind, Now, Slug};
use lobbyd::health::disk::space;
use lobbyd::journal::{Journal, Lane, Reader};
use std::path::Path;
use std::time::{Duration, Instant};

/// Cards in a run: enough that a random kill falls in the middle.
const CARDS: u64 = 800;
/// Kills in a run.
const KILLS: usize = 2;

/// Thresholds in order, at which something is killed.
fn moments(random: &mut Rng, most: u64) -> Vec<usize> {
    let mut moments: Vec<usize> = (0..KILLS).map(|_| random.u64(1..most) as usize).collect();
    moments.sort_unstable();
    moments
}

async fn in_an_outage(random: Rng) -> Tally {
    let mut rig = Rig::start(random).await;
    rig.office.down();
    rig.device.show(CARDS);
    for moment in moments(&mut rig.random, CARDS) {
        rig.until("so many are promised", || rig.promised() >= moment).await;
        rig.some_time(Duration::from_millis(5)).await;
        rig.crash();
    }
    rig.until("all are promised", || rig.promised() as u64 == CARDS).await;
    rig.office.up();
    rig.close(Instant::now()).await
}

async fn in_a_drain(random: Rng) -> Tally {
    let mut rig = Rig::start(random).await;
    rig.office.down();
    rig.device.show(CARDS);
    rig.until("all are promised", || rig.promised() as u64 == CARDS).await;
    rig.office.up();
    for moment in moments(&mut rig.random, CARDS) {
        rig.until("so many have arrived", || rig.inbox.count() >= moment).await;
        rig.some_time(Duration::from_millis(5)).await;
        rig.crash();
    }
    rig.close(Instant::now()).await
}

async fn while_it_stops(random: Rng) -> Tally {
    let mut rig = Rig::start(random).await;
    for _ in 0..KILLS {
        rig.device.show(CARDS / KILLS as u64);
        let moment = rig.promised() + rig.random.usize(1..CARDS as usize / KILLS);
        rig.until("so many are promised", || rig.promised() >= moment).await;
        rig.daemon.ask_to_stop();
        rig.some_time(Duration::from_millis(150)).await;
        rig.daemon.kill_or_ended();
        rig.breaks += 1;
        rig.daemon.up();
    }
    rig.close(Instant::now()).await
}

/// Rows of long ago that the office has.
const OLD: u32 = 10_000;
/// Enough for the journal and the WAL of their deletion, of which less than a tenth is left free.
const DISK_MIB: u32 = 80;
const LEFT_FREE: u64 = 7 << 20;

/// A journal with old rows on a disk that is nearly full: they are deleted at the first look.
fn old_rows(dir: &Path) -> Vec<(String, String)> {
    let data = dir.join("data");
    let disk = SmallDisk::of(DISK_MIB, &data);
    let mut journal = Journal::open(&data, "20260801T000000Z").unwrap().journal;
    let then = Now { utc: chrono::Utc::now() - chrono::TimeDelta::days(200), synced: true };
    journal.begin().unwrap();
    for _ in 0..OLD {
        let door = Slug::new("lobby").unwrap();
        journal.append(&Event::here(Kind::DeviceOnline, door, then, Data::new()), then).unwrap();
    }
    for lane in Lane::ALL {
        journal.set_cursor(lane.cursor(), OLD.into()).unwrap();
    }
    journal.commit().unwrap();
    drop(journal);
    let filler = space(&data).unwrap().free - LEFT_FREE;
    std::fs::write(data.join("filler"), vec![0; filler as usize]).unwrap();
    // The run takes it away.
    std::mem::forget(disk);
    Vec::new()
}

async fn while_old_rows_are_deleted(random: Rng) -> Tally {
    let setup = Setup { prepare: Some(old_rows), ..Setup::default() };
    let mut rig = Rig::with(random, setup).await;
    let _disk = SmallDisk(rig.data());
    let data = rig.data();
    let oldest = || Reader::open(&data).and_then(|reader| reader.span()).ok().flatten().map_or(0, |(oldest, _)| oldest);
    rig.device.show(CARDS);
    for moment in moments(&mut rig.random, OLD.into()) {
        rig.until("so many are deleted", || oldest() as usize >= moment).await;
        rig.crash();
    }
    let mended = Instant::now();
    // The last of them stays until the next is old: it says that what was before it was old enough to go.
    rig.until("all old rows but the last are deleted", || oldest() >= OLD.into()).await;
    rig.first = u64::from(OLD) + 1;
    rig.close(mended).await
}

/// Events of a journal of version 1, none of which the office has.
const VERSION_1: u32 = 4_000;

fn old_journal(dir: &Path) -> Vec<(String, String)> {
    std::fs::create_dir(dir.join("data")).unwrap();
    drop(version1::large(&dir.join("data/journal.db"), VERSION_1));
    Vec::new()
}

async fn in_an_upgrade(random: Rng) -> Tally {
    // An upgrade takes some 100 ms of a debug build; the first start is killed in it, and the second perhaps.
    let mut rig = Rig::starting(random, Setup { prepare: Some(old_journal), ..Setup::default() }).await;
    for _ in 0..KILLS {
        rig.some_time(Duration::from_millis(250)).await;
        rig.crash();
    }
    let mended = Instant::now();
    rig.heard(1).await;
    rig.device.show(CARDS);
    let tally = rig.close(mended).await;
    assert!(tally.events as u64 >= CARDS);
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_kill_in_an_outage_loses_nothing() {
    scenario("killed in an outage of the office", 2, in_an_outage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_kill_in_the_drain_loses_nothing() {
    scenario("killed in the drain", 2, in_a_drain).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_kill_while_it_stops_loses_nothing() {
    scenario("killed while it stops", 2, while_it_stops).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto and root: run ./tests/run"]
async fn a_kill_while_old_rows_are_deleted_loses_nothing() {
    scenario("killed while old rows are deleted", 2, while_old_rows_are_deleted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_kill_in_an_upgrade_loses_nothing() {
    scenario("killed in an upgrade", 2, in_an_upgrade).await;
}
