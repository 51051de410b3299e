//! A power cut: the daemon ends at once, and of what it wrote since the last fsync of each file only a random part is there.
//!
//! The shim keeps what is durable beside what is there (shim.c). A cut makes of both a disk as it could be found: a file has its durable
//! length or its last one; each sector its durable content or its last one, drawn anew for each file at odds of its own; and the folder
//! has its durable names or its last ones, because a file system keeps names in order. A sector that was written twice since the
//! fsync is found as it was first or last, never between; that is all that this disk is kinder than a real one.

use crate::rig::{Rig, Setup, scenario};
use crate::tally::Tally;
use fastrand::Rng;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const CARDS: u64 = 800;
const TIME: Duration = Duration::from_millis(1_200);
const CUTS: usize = 2;
/// What a disk writes whole or not at all, bytes.
const SECTOR: usize = 512;
/// Names durable, by inode number (shim.c).
const NAMES: &str = "names";

fn disk(dir: &Path) -> Vec<(String, String)> {
    let (live, shadow) = (dir.join("data"), dir.join("shadow"));
    fs::create_dir_all(&live).unwrap();
    fs::create_dir(&shadow).unwrap();
    let line = |key: &str, path: PathBuf| (key.to_owned(), path.to_str().unwrap().to_owned());
    // The shim compares with what the kernel says, in which no link stands.
    vec![line("FAULT_LIVE", fs::canonicalize(live).unwrap()), line("FAULT_SHADOW", shadow)]
}

type Names = BTreeMap<String, u64>;

fn durable_names(shadow: &Path) -> Names {
    let text = fs::read_to_string(shadow.join(NAMES)).unwrap_or_default();
    let line = |line: &str| line.split_once(' ').map(|(inode, name)| (name.to_owned(), inode.parse().unwrap()));
    text.lines().filter_map(line).collect()
}

fn last_names(live: &Path) -> Names {
    let files = fs::read_dir(live).unwrap().flatten().filter(|entry| entry.path().is_file());
    files.map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().ino())).collect()
}

/// What is found of one file: durable content, last content, or some of each.
fn found(random: &mut Rng, durable: &[u8], last: &[u8]) -> Vec<u8> {
    let length = if random.bool() { durable.len() } else { last.len() };
    // All odds are as likely: nothing of it written, all, or any part.
    let odds = random.f64() * 1.2 - 0.1;
    let mut found = vec![0; length];
    for at in (0..length).step_by(SECTOR) {
        let end = length.min(at + SECTOR);
        let from = if random.f64() < odds { last } else { durable };
        if let Some(sector) = from.get(at..end.min(from.len())) {
            found[at..at + sector.len()].copy_from_slice(sector);
        }
    }
    found
}

/// Makes of the folder what could be found after a cut; that then is durable.
fn cut(random: &mut Rng, live: &Path, shadow: &Path) {
    let (durable, last) = (durable_names(shadow), last_names(live));
    let names = if random.bool() { &durable } else { &last };
    let by_inode: BTreeMap<u64, &String> = last.iter().map(|(name, inode)| (*inode, name)).collect();
    let contents: Vec<(String, Vec<u8>)> = names
        .iter()
        // An index over the WAL that is only ever in memory: never synced, made anew by whoever opens the journal.
        .filter(|(name, _)| !name.ends_with("-shm"))
        .map(|(name, inode)| {
            let synced = fs::read(shadow.join(inode.to_string())).unwrap_or_default();
            let written = by_inode.get(inode).map(|name| fs::read(live.join(name)).unwrap());
            (name.clone(), found(random, &synced, written.as_ref().unwrap_or(&synced)))
        })
        .collect();
    fs::remove_dir_all(shadow).unwrap();
    fs::create_dir(shadow).unwrap();
    last.keys().for_each(|name| fs::remove_file(live.join(name)).unwrap());
    let mut lines = String::new();
    for (name, content) in contents {
        fs::write(live.join(&name), &content).unwrap();
        let inode = fs::metadata(live.join(&name)).unwrap().ino();
        fs::write(shadow.join(inode.to_string()), content).unwrap();
        lines.push_str(&format!("{inode} {name}\n"));
    }
    fs::write(shadow.join(NAMES), lines).unwrap();
}

async fn power_cut(random: Rng) -> Tally {
    let mut rig = Rig::with(random, Setup { prepare: Some(disk), ..Setup::default() }).await;
    let office_is_away = rig.random.bool();
    if office_is_away {
        rig.office.down();
    }
    let showing = rig.device.showing(CARDS, TIME);
    for _ in 0..CUTS {
        rig.some_time(TIME / CUTS as u32).await;
        rig.daemon.kill();
        cut(&mut rig.random, &rig.dir.path().join("data"), &rig.dir.path().join("shadow"));
        rig.breaks += 1;
        rig.daemon.up();
    }
    if office_is_away {
        rig.office.up();
    }
    let mended = Instant::now();
    showing.await.unwrap();
    rig.close(mended).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto and a C compiler: run ./tests/run"]
async fn a_power_cut_takes_back_nothing_that_was_acknowledged() {
    scenario("power cut, un-synced writes dropped", 2, power_cut).await;
}
