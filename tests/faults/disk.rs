//! The disk fails: it is full, read-only, slow; a page of the journal is damaged; its WAL is cut short.

use crate::card::Card;
use crate::common::small_disk::SmallDisk;
use crate::rig::{Rig, Setup, scenario};
use crate::tally::Tally;
use fastrand::Rng;
use lobbyd::journal::JOURNAL_FILE;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

const CARDS: u64 = 600;
const TIME: Duration = Duration::from_millis(1_000);
/// Room for the journal of a run, and its WAL.
const DISK_MIB: u32 = 16;
/// SQLite's, bytes.
const PAGE: u64 = 4096;

fn small(dir: &Path) -> Vec<(String, String)> {
    // The run takes it away.
    std::mem::forget(SmallDisk::of(DISK_MIB, &dir.join("data")));
    Vec::new()
}

async fn full(random: Rng) -> Tally {
    let mut rig = Rig::with(random, Setup { prepare: Some(small), ..Setup::default() }).await;
    let disk = SmallDisk(rig.data());
    let showing = rig.device.showing(CARDS, TIME);
    rig.some_time(TIME / 2).await;
    disk.fill();
    let killed = rig.random.bool();
    rig.some_time(TIME).await;
    if killed {
        rig.crash();
    }
    showing.await.unwrap();
    rig.some_time(TIME).await;
    disk.empty();
    let mended = Instant::now();
    rig.keep_up();
    let tally = rig.close(mended).await;
    drop(disk);
    tally
}

async fn read_only(random: Rng) -> Tally {
    let setup = Setup {
        prepare: Some(|dir| {
            std::mem::forget(Card::format(dir.join("card"), dir.join("data")));
            Vec::new()
        }),
        ..Setup::default()
    };
    let mut rig = Rig::with(random, setup).await;
    let card = Card::at(rig.dir.path().join("card"), rig.data());
    // What the office had before shows nothing of what the card has kept.
    let office_is_away = rig.random.bool();
    if office_is_away {
        rig.office.down();
    }
    let showing = rig.device.showing(CARDS, TIME);
    rig.some_time(TIME).await;
    card.fail();
    showing.await.unwrap();
    rig.some_time(TIME).await;
    rig.daemon.kill_or_ended();
    card.mend();
    if office_is_away {
        rig.office.up();
    }
    rig.breaks += 1;
    let mended = Instant::now();
    rig.daemon.up();
    let tally = rig.close(mended).await;
    drop(card);
    tally
}

async fn slow(random: Rng) -> Tally {
    const FSYNC: Duration = Duration::from_millis(200);
    let mut rig = Rig::start(random).await;
    let showing = rig.device.showing(CARDS, TIME);
    rig.some_time(TIME).await;
    rig.shim.slow_disk(FSYNC);
    rig.some_time(TIME).await;
    if rig.random.bool() {
        rig.crash();
    }
    showing.await.unwrap();
    let mended = Instant::now();
    // It stays slow.
    rig.close(mended).await
}

/// Half of the cards reach the office; then the daemon is killed and something happens to its files.
async fn harmed(random: Rng, harm: fn(&mut Rng, &Path)) -> Tally {
    let mut rig = Rig::start(random).await;
    let first = rig.random.u64(1..CARDS);
    rig.device.showing(first, TIME / 2).await.unwrap();
    rig.all_arrived().await;
    rig.daemon.kill();
    let data = rig.data();
    harm(&mut rig.random, &data);
    rig.breaks += 1;
    rig.harmed = true;
    let mended = Instant::now();
    rig.daemon.up();
    let showing = rig.device.showing(CARDS - first, TIME / 2);
    rig.close_keeping_up(mended, showing).await
}

/// The office is away, so nothing of this journal is anywhere else, when a page of it is damaged.
async fn damaged_backlog(random: Rng) -> Tally {
    let mut rig = Rig::start(random).await;
    rig.office.down();
    rig.device.show(CARDS);
    rig.until("all are promised", || rig.promised() as u64 == CARDS).await;
    rig.daemon.kill();
    let data = rig.data();
    damage_a_page(&mut rig.random, &data);
    rig.breaks += 1;
    rig.harmed = true;
    rig.daemon.up();
    rig.office.up();
    let mended = Instant::now();
    rig.device.show(1);
    rig.close_with_what_is_left(mended).await
}

fn damage_a_page(random: &mut Rng, data: &Path) {
    // All of it stands in the WAL yet; whoever closes the journal last brings it home.
    rusqlite::Connection::open(data.join(JOURNAL_FILE))
        .unwrap()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let file = OpenOptions::new().write(true).open(data.join(JOURNAL_FILE)).unwrap();
    let page = random.u64(0..file.metadata().unwrap().len() / PAGE);
    let rubbish: Vec<u8> = (0..PAGE).map(|_| random.u8(..)).collect();
    file.write_all_at(&rubbish, page * PAGE).unwrap();
}

fn cut_the_wal(random: &mut Rng, data: &Path) {
    let wal = OpenOptions::new().write(true).open(data.join(format!("{JOURNAL_FILE}-wal"))).unwrap();
    let length = wal.metadata().unwrap().len();
    wal.set_len(random.u64(0..length)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto and root: run ./tests/run"]
async fn a_disk_that_is_full_read_only_or_slow_loses_nothing() {
    scenario("disk full", 2, full).await;
    scenario("disk read-only", 2, read_only).await;
    scenario("an fsync takes 200 ms", 4, slow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn after_damage_to_its_files_the_lobby_goes_on_and_loses_nothing_more() {
    scenario("a damaged page in the journal", 2, |random| harmed(random, damage_a_page)).await;
    scenario("a damaged page in a backlog", 2, damaged_backlog).await;
    scenario("the WAL cut short", 2, |random| harmed(random, cut_the_wal)).await;
}
