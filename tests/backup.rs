//! Backup and restore with the real program: whole while the daemon writes, for its owner alone, refused where it is not whole or
//! another site's; and what the office sees after a restore, with a real broker: no number of an epoch names two events.

#[path = "common/clockwork.rs"]
mod clockwork;
mod common;

use clockwork::{Machine, open, repair};
use common::clients::{Subscriber, publish_all};
use common::daemon::Daemon;
use common::mosquitto::Mosquitto;
use common::tool::{self, NOBODY, said, site, write_events};
use lobbyd::desk::Command as Order;
use lobbyd::journal::{JOURNAL_FILE, Journal, Reader};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

/// `backup` and `restore` name a folder.
fn lobbyd(words: &[&str], folder: &Path, config: &Path) -> Output {
    tool::command(words, config).arg(folder).output().unwrap()
}

#[test]
fn a_backup_is_whole_checkable_and_for_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (config, backup) = (site(dir.path(), "lobby-1"), dir.path().join("backup"));
    let held_by_the_daemon = write_events(&dir.path().join("data"), 100);
    fs::write(dir.path().join("data/site.key"), [7; 32]).unwrap();
    // Without the rules that the office has sent, a restored journal would not be started with: it knows of newer ones.
    let rules = "[service]\nversion = 2\napproved_by = [\"cs-manager 2026-11-20\", \"management 2026-11-21\"]\n";
    fs::write(dir.path().join("data/rules.toml"), rules).unwrap();
    let taken = lobbyd(&["backup"], &backup, &config);
    assert_eq!(taken.status.code(), Some(0), "{}", said(&taken));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&backup), 0o700);
    for entry in fs::read_dir(&backup).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    let sums =
        Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&backup).output().unwrap();
    assert!(sums.status.success() && said(&sums).contains("site.key: OK"), "{}", said(&sums));
    assert!(said(&sums).contains("rules.toml: OK"), "{}", said(&sums));
    let again = lobbyd(&["backup"], &backup, &config);
    assert!(again.status.code() == Some(1) && said(&again).contains("is there already"), "{}", said(&again));
    drop(held_by_the_daemon);
}

#[test]
fn a_restore_refuses_what_is_damaged_foreign_in_use_or_in_the_way() {
    let dir = tempfile::tempdir().unwrap();
    let (config, backup) = (site(dir.path(), "lobby-1"), dir.path().join("backup"));
    let data = dir.path().join("data");
    let daemon = write_events(&data, 100);
    assert_eq!(lobbyd(&["backup"], &backup, &config).status.code(), Some(0));
    let refused = |words: &[&str], config: &Path, why: &str| {
        let refused = lobbyd(words, &backup, config);
        assert!(refused.status.code() == Some(1) && said(&refused).contains(why), "{}", said(&refused));
    };
    refused(&["restore", "--force"], &config, "another lobbyd is using");
    drop(daemon);
    refused(&["restore"], &config, "--force sets it aside");
    let elsewhere = tempfile::tempdir().unwrap();
    refused(&["restore"], &site(elsewhere.path(), "lobby-2"), "two machines must not speak as one");
    // One byte in the middle of an event's data: SQLite itself would not notice.
    let journal = backup.join(JOURNAL_FILE);
    let mut bytes = fs::read(&journal).unwrap();
    let at = bytes.windows(14).position(|window| window == b"access.granted").unwrap();
    bytes[at] ^= 1;
    fs::write(&journal, bytes).unwrap();
    refused(&["restore", "--force"], &config, "its checksum differs");
    assert_eq!(Reader::open(&data).unwrap().span().unwrap(), Some((1, 100)));
    let left: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("res")), "{left:?}");
}

#[test]
fn on_a_new_card_the_restored_journal_skips_the_numbers_that_may_have_been_given() {
    let dir = tempfile::tempdir().unwrap();
    let (config, backup) = (site(dir.path(), "lobby-1"), dir.path().join("backup"));
    drop(write_events(&dir.path().join("data"), 10));
    fs::write(dir.path().join("data/site.key"), [7; 32]).unwrap();
    assert_eq!(lobbyd(&["backup"], &backup, &config).status.code(), Some(0));
    let card = tempfile::tempdir().unwrap();
    let config = site(card.path(), "lobby-1");
    let restored = lobbyd(&["restore"], &backup, &config);
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
    let data = card.path().join("data");
    assert_eq!(fs::read(data.join("site.key")).unwrap(), [7; 32]);
    let mut journal = Journal::open(&data, "20261122T120000Z").unwrap().journal;
    journal.begin().unwrap();
    let today = lobbyd::service::number::local_day(chrono::Utc::now(), chrono_tz::Asia::Shanghai);
    let number = journal.next_number(lobbyd::service::number::Series::Visit, today).unwrap();
    assert!(number.nth > 500, "{number}");
}

/// Enough that copying and looking through take long enough to be killed in.
const EVENTS: u32 = 20_000;
/// After the backup was taken.
const LATER: u32 = 300;
const KILLS: u32 = 12;

fn ids(journal: &Path) -> BTreeSet<[u8; 16]> {
    let journal = rusqlite::Connection::open(journal).unwrap();
    let mut query = journal.prepare("SELECT id FROM event").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// What stands in a folder under a name that begins so.
fn named(folder: &Path, start: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(start)).collect()
}

/// A site that has a backup and has gone on since, under another key.
struct Before {
    data: PathBuf,
    backup: PathBuf,
    old: BTreeSet<[u8; 16]>,
    copied: BTreeSet<[u8; 16]>,
}

impl Before {
    const OLD_KEY: [u8; 32] = [8; 32];
    const COPIED_KEY: [u8; 32] = [7; 32];

    fn at(dir: &Path) -> Before {
        let (config, data, backup) = (site(dir, "lobby-1"), dir.join("data"), dir.join("backup"));
        drop(write_events(&data, EVENTS));
        fs::write(data.join("site.key"), Self::COPIED_KEY).unwrap();
        let taken = lobbyd(&["backup"], &backup, &config);
        assert_eq!(taken.status.code(), Some(0), "{}", said(&taken));
        drop(write_events(&data, LATER));
        fs::write(data.join("site.key"), Self::OLD_KEY).unwrap();
        let (old, copied) = (ids(&data.join(JOURNAL_FILE)), ids(&backup.join(JOURNAL_FILE)));
        Before { data, backup, old, copied }
    }

    /// The same site again, in a folder of its own.
    fn copy(&self, home: &Path) {
        drop(fs::remove_dir_all(home));
        site(home, "lobby-1");
        for entry in fs::read_dir(&self.data).unwrap() {
            let entry = entry.unwrap();
            // The folder of requests: that the backup was taken.
            if entry.path().is_dir() {
                continue;
            }
            fs::copy(entry.path(), home.join("data").join(entry.file_name())).unwrap();
        }
    }

    /// Everything is as before, or restored with what was there set aside and told; says which.
    fn is_restored(&self, data: &Path, when: &str) -> bool {
        assert_eq!(named(data, "restore."), Vec::<PathBuf>::new(), "{when}: nothing half is left");
        assert_eq!(Reader::open(data).unwrap().audit().unwrap().faults, Vec::<String>::new(), "{when}");
        let (now, key) = (ids(&data.join(JOURNAL_FILE)), fs::read(data.join("site.key")).unwrap());
        let (aside, since) = (named(data, "replaced-"), named(data, "journal-since-"));
        if key == Self::OLD_KEY {
            assert!(
                now.is_superset(&self.old) && aside.is_empty() && since.is_empty(),
                "{when}: the old data are whole"
            );
            return false;
        }
        assert_eq!(key, Self::COPIED_KEY, "{when}");
        assert!(now.is_superset(&self.copied) && !now.is_superset(&self.old), "{when}: the restored data are whole");
        let whole = |aside: &&PathBuf| {
            fs::read(aside.join("site.key")).unwrap() == Self::OLD_KEY
                && ids(&aside.join(JOURNAL_FILE)).is_superset(&self.old)
        };
        assert_eq!(aside.iter().filter(whole).count(), 1, "{when}: what was there is set aside, whole");
        let told: BTreeSet<String> = since
            .iter()
            .flat_map(|file| fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
            .map(|line| serde_json::from_str::<Value>(&line).unwrap()["id"].as_str().unwrap().to_owned())
            .collect();
        assert!(told.len() >= LATER as usize, "{when}: what came after the copy is written out: {}", told.len());
        true
    }
}

#[test]
fn a_kill_in_the_middle_of_a_restore_leaves_the_old_data_or_the_restored_ones() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut dice = fastrand::Rng::with_seed(seed);
    let dir = tempfile::tempdir().unwrap();
    let before = Before::at(&dir.path().join("before"));
    let (home, data) = (dir.path().join("home"), dir.path().join("home/data"));
    let config = home.join("lobby.toml");
    let restore = || tool::command(&["restore", "--force"], &config).arg(&before.backup).stdout(Stdio::null()).spawn();
    // How long it takes undisturbed, so that the kills fall into it.
    before.copy(&home);
    let started = Instant::now();
    assert!(restore().unwrap().wait().unwrap().success());
    let took = started.elapsed();
    assert!(before.is_restored(&data, "undisturbed"));
    let (mut exchanging, mut restored) = (0, 0);
    for kill in 0..KILLS {
        before.copy(&home);
        let mut child = restore().unwrap();
        if kill % 2 == 0 {
            std::thread::sleep(Duration::from_micros(dice.u64(0..took.as_micros() as u64)));
        } else {
            // At the moment in which it matters most: files are being exchanged.
            while !lobbyd::journal::is_unfinished(&data) && child.try_wait().unwrap().is_none() {}
        }
        drop(child.kill());
        child.wait().unwrap();
        exchanging += u32::from(lobbyd::journal::is_unfinished(&data));
        if kill % 4 < 2 {
            let mut daemon = Daemon::start(&home, NOBODY, NOBODY);
            common::blocking_until("the lobby is open", || daemon.log().contains("the lobby is open"));
            assert!(daemon.stop().success(), "{}", daemon.log());
            restored += u32::from(before.is_restored(&data, &format!("kill {kill}, started again")));
        } else {
            let again = lobbyd(&["restore", "--force"], &before.backup, &config);
            assert_eq!(again.status.code(), Some(0), "kill {kill}: {}", said(&again));
            assert!(before.is_restored(&data, &format!("kill {kill}, restored again")));
        }
    }
    println!(
        "a restore took {took:?}; {exchanging} of {KILLS} kills came while files were exchanged; \
         {restored} of {} starts found the restored data",
        KILLS / 2
    );
}

/// Longest and median time of answers, in milliseconds.
fn answers(desk: &clockwork::Open, until: impl Fn() -> bool) -> (f64, f64, usize) {
    let mut times = Vec::new();
    while !until() {
        let asked = Instant::now();
        desk.ask(Order::at_the_glass(repair())).expect("the desk answers while a backup is taken");
        times.push(asked.elapsed().as_secs_f64() * 1000.0);
        std::thread::sleep(Duration::from_millis(5));
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 99 / 100], times.len())
}

#[test]
fn the_desk_answers_while_a_backup_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let config = site(dir.path(), "lobby-1");
    let data = dir.path().join("data");
    drop(write_events(&data, 200_000));
    let desk = open(&data, &Machine::at(chrono::Utc::now(), true));
    let began = Instant::now();
    let (p50, p99, count) = answers(&desk, || began.elapsed() > Duration::from_secs(3));
    println!("without a backup: p50 {p50:.2} ms, p99 {p99:.2} ms, {count} answers");
    let backup = dir.path().join("backup");
    let taking = std::thread::spawn({
        let (backup, config) = (backup.clone(), config.clone());
        move || lobbyd(&["backup"], &backup, &config)
    });
    let began = Instant::now();
    let (p50, p99, count) = answers(&desk, || taking.is_finished());
    println!("with a backup of {} ms: p50 {p50:.2} ms, p99 {p99:.2} ms, {count} answers", began.elapsed().as_millis());
    assert_eq!(taking.join().unwrap().status.code(), Some(0));
    assert_eq!(Reader::open_file(&backup.join(JOURNAL_FILE)).unwrap().audit().unwrap().faults, Vec::<String>::new());
    desk.close();
}

/// What an esp-rfid reader says of one card.
fn card(number: u64) -> (String, Vec<u8>) {
    let payload = format!(
        r#"{{"type":"access","time":{},"isKnown":"true","access":"Always","username":"test","uid":"0{number:07}","hostname":"north","doorName":"north"}}"#,
        1_605_991_375 + number
    );
    ("/rfid/send".into(), payload.into_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn after_a_restore_the_office_sees_a_new_epoch_and_no_number_twice() {
    let (building, office) = (Mosquitto::start(""), Mosquitto::start(""));
    let ledger = Subscriber::start(office.port, "lobby/v1/#").await;
    let dir = tempfile::tempdir().unwrap();
    let (building_url, office_url) = (building.url(), office.url());
    let mut daemon = Daemon::start(dir.path(), &building_url, &office_url);
    let granted = |at_least: usize| {
        let events = events(&ledger);
        events.iter().filter(|event| event["type"] == "lobbyd.access.granted").count() >= at_least
    };
    let publish = |cards: std::ops::Range<u64>| {
        publish_all(building.port, cards.map(card).collect::<Vec<_>>().into_iter(), Arc::new(AtomicUsize::new(0)))
    };
    let config = dir.path().join("lobby.toml");
    common::until("the building is heard", || daemon.log().matches("connected").count() >= 2).await;
    publish(0..50).await;
    common::until("fifty are at the office", || granted(50)).await;
    let backup = dir.path().join("backup");
    assert_eq!(lobbyd(&["backup"], &backup, &config).status.code(), Some(0));
    // After the backup: at the office, and in no journal after the card has died.
    publish(50..80).await;
    common::until("eighty are at the office", || granted(80)).await;
    daemon.kill();
    fs::remove_dir_all(dir.path().join("data")).unwrap();
    fs::create_dir(dir.path().join("data")).unwrap();
    let restored = lobbyd(&["restore"], &backup, &config);
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
    daemon.up();
    publish(80..120).await;
    common::until("all are at the office", || granted(120)).await;
    assert!(daemon.stop().success());

    let events = events(&ledger);
    let mut named: HashMap<(String, u64), String> = HashMap::new();
    for event in &events {
        let text = |key: &str| event[key].as_str().unwrap().to_owned();
        let number = (text("epoch"), event["seq"].as_u64().unwrap());
        let id = named.entry(number.clone()).or_insert_with(|| text("id"));
        assert_eq!(*id, text("id"), "{number:?} names two events");
    }
    let restored = events.iter().find(|event| event["type"] == "lobbyd.journal.restored").expect("it is told");
    let epochs: HashSet<&str> = events.iter().map(|event| event["epoch"].as_str().unwrap()).collect();
    assert_eq!(epochs.len(), 2);
    let through = restored["data"]["through"].as_u64().unwrap();
    assert!(epochs.contains(restored["data"]["from_epoch"].as_str().unwrap()));
    assert_eq!(restored["seq"], through + 1, "the new epoch goes on where the copy ends");
    // Of the new epoch, everything after the copy is there without a hole.
    let mut after: Vec<u64> =
        named.keys().filter(|(epoch, _)| restored["epoch"] == **epoch).map(|(_, seq)| *seq).collect();
    after.retain(|seq| *seq > through);
    after.sort_unstable();
    assert!(after.iter().copied().eq(through + 1..=through + after.len() as u64), "{after:?}");
}

fn events(ledger: &Subscriber) -> Vec<Value> {
    let received = ledger.received.lock().unwrap();
    let is_event = |topic: &[u8]| topic.windows(7).any(|level| level == b"/event/");
    received
        .iter()
        .filter(|publish| is_event(&publish.topic))
        .map(|p| serde_json::from_slice(&p.payload).unwrap())
        .collect()
}
