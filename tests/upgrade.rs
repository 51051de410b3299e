//! An upgrade in place and the way back, with the real program: a journal of the first version is brought up to date, through
//! SIGKILL at any moment; a journal of a newer version is left alone; and the copy from before an upgrade takes its place again,
//! with everything told that happened since.

mod common;

use common::daemon::Daemon;
use common::small_disk::SmallDisk;
use common::tool::{self, NOBODY, lobbyd, said, site};
use common::version1::{self, VERSION_1};
use lobbyd::event::Kind;
use lobbyd::journal::{JOURNAL_FILE, Journal, JournalError, Lane, Reader, VERSION, kept};
use lobbyd::service::number::Series;
use rusqlite::Connection;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Enough that copying and migrating take long enough to be killed in.
const EVENTS: u32 = 60_000;
const KILLS: u32 = 12;

/// A journal of version 1 with many events more, and the ids of all.
fn large_version_1(file: &Path) -> BTreeSet<[u8; 16]> {
    ids(&version1::large(file, EVENTS))
}

fn ids(journal: &Connection) -> BTreeSet<[u8; 16]> {
    let mut query = journal.prepare("SELECT id FROM event").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn has_opened(daemon: &Daemon) -> bool {
    daemon.log().contains("the lobby is open")
}

#[test]
fn a_kill_in_the_middle_of_an_upgrade_loses_nothing() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut dice = fastrand::Rng::with_seed(seed);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("version-1.db");
    let before = large_version_1(&file);
    let home = dir.path().join("home");
    let data = home.join("data");
    let begin = || {
        drop(fs::remove_dir_all(&home));
        fs::create_dir_all(&data).unwrap();
        fs::copy(&file, data.join(JOURNAL_FILE)).unwrap();
    };
    // How long it takes undisturbed, so that the kills fall into it.
    begin();
    let started = Instant::now();
    let mut daemon = Daemon::start(&home, NOBODY, NOBODY);
    common::blocking_until("the lobby is open", || has_opened(&daemon));
    let took = started.elapsed();
    daemon.kill();
    let mut unfinished = 0;
    for kill in 0..KILLS {
        begin();
        let mut daemon = Daemon::start(&home, NOBODY, NOBODY);
        std::thread::sleep(Duration::from_micros(dice.u64(0..took.as_micros() as u64)));
        daemon.kill();
        let version = Reader::open(&data).and_then(|reader| reader.version()).unwrap();
        assert!(version == 1 || version == VERSION, "kill {kill} left version {version}");
        unfinished += u32::from(version == 1);
        fs::remove_file(home.join("log")).unwrap();
        daemon.up();
        common::blocking_until("the lobby is open again", || has_opened(&daemon));
        assert!(daemon.stop().success(), "{}", daemon.log());
        let reader = Reader::open(&data).unwrap();
        assert_eq!((reader.version().unwrap(), reader.audit().unwrap().faults), (VERSION, vec![]), "kill {kill}");
        assert!(
            ids(&Connection::open(data.join(JOURNAL_FILE)).unwrap()).is_superset(&before),
            "kill {kill} lost events"
        );
        let [(1, copy)] = &kept(&data)[..] else { panic!("kill {kill}: {:?}", kept(&data)) };
        assert_eq!(ids(&Connection::open(copy).unwrap()), before, "kill {kill}: the way back is whole");
        let left =
            fs::read_dir(&data).unwrap().flatten().filter(|entry| entry.path().extension() == Some("new".as_ref()));
        assert_eq!(left.count(), 0, "kill {kill}: nothing half is left");
    }
    println!("an upgrade took {took:?}; {unfinished} of {KILLS} kills came before its end");
}

/// An upgrade restarts the daemon, and a technician who changes the configuration twice restarts it at once again.
#[test]
fn a_daemon_told_to_stop_while_it_starts_has_its_last_word() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut daemon = Daemon::start(dir.path(), NOBODY, NOBODY);
    let newest = || Reader::open(&data).and_then(|reader| reader.all_after(0, 100)).ok()?.pop().map(|row| row.kind);
    common::blocking_until("the start is recorded", || newest() == Some(Kind::GatewayStarted));
    assert!(daemon.stop().success(), "{}", daemon.log());
    assert_eq!(newest(), Some(Kind::GatewayStopped));
}

#[test]
#[ignore = "needs root for a small tmpfs: run ./tests/run"]
fn without_room_for_the_copy_nothing_is_changed() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&dir.path().join("disk"));
    let file = disk.0.join(JOURNAL_FILE);
    Connection::open(&file).unwrap().execute_batch(VERSION_1).unwrap();
    let before = fs::read(&file).unwrap();
    let error = Journal::open(&disk.0, "20261122T000000Z").map(drop).unwrap_err();
    assert!(matches!(error, JournalError::NoRoomForCopy { found: 1, .. }), "{error}");
    assert!(error.to_string().contains("make room and start again, or install the version before"), "{error}");
    let reader = Reader::open(&disk.0).unwrap();
    assert_eq!((reader.version().unwrap(), reader.span().unwrap()), (1, Some((1, 5))));
    drop(reader);
    assert_eq!(
        Connection::open(&file).unwrap().query_row("PRAGMA quick_check", [], |row| row.get::<_, String>(0)).unwrap(),
        "ok"
    );
    assert_eq!(before.len(), fs::read(&file).unwrap().len());
}

/// Events, and a number of the day for each.
fn append(journal: &mut Journal, events: u32) {
    tool::append(journal, events);
    journal.begin().unwrap();
    for _ in 0..events {
        journal.next_number(Series::Visit, 20_261_122).unwrap();
    }
    journal.commit().unwrap();
}

/// A site whose journal was copied after ten events, went on to thirty, of which the office has twenty-five, and was then
/// brought up to date by a version that does not exist yet, which stored one of its own.
fn upgraded_too_far(dir: &Path) -> std::path::PathBuf {
    let config = site(dir, "lobby-1");
    let data = dir.join("data");
    let mut journal = Journal::open(&data, "20261122T000000Z").unwrap().journal;
    append(&mut journal, 10);
    let copy = data.join(format!("{JOURNAL_FILE}.version-{VERSION}"));
    Reader::open(&data).unwrap().copy_to(&copy, common::PATIENCE).unwrap();
    append(&mut journal, 20);
    journal.begin().unwrap();
    journal.set_cursor(Lane::Normal.cursor(), 25).unwrap();
    journal.commit().unwrap();
    drop(journal);
    let newer = Connection::open(data.join(JOURNAL_FILE)).unwrap();
    newer
        .execute_batch(
            "UPDATE event SET kind = 'lift.stuck' WHERE seq = 30;
             INSERT INTO person (seq, data) VALUES (30, '{\"name\":\"测试甲\"}'); PRAGMA user_version = 99;",
        )
        .unwrap();
    config
}

#[test]
fn the_way_back_tells_everything_that_happened_since_and_goes_on_under_a_new_epoch() {
    let dir = tempfile::tempdir().unwrap();
    let config = upgraded_too_far(dir.path());
    let data = dir.path().join("data");
    let epoch = Reader::open(&data).unwrap().epoch().unwrap();

    let refused = lobbyd(&["run"], &config);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        said(&refused).contains("lobbyd journal restore") && said(&refused).contains("version 99"),
        "{}",
        said(&refused)
    );

    let restored = lobbyd(&["journal", "restore"], &config);
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
    assert!(said(&restored).contains("20 events of the journal in place are not in the copy"), "{}", said(&restored));
    assert!(said(&restored).contains("5 of them the office has not acknowledged"), "{}", said(&restored));
    let entries = || fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path());
    let named = |start: &str| {
        let ours = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(start);
        entries().find(ours).unwrap_or_else(|| panic!("there is {start}"))
    };
    let written = fs::read_to_string(named("journal-since-")).unwrap();
    let lines: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().map(|line| line["seq"].as_u64().unwrap()).eq(11..=30));
    assert_eq!(
        (&lines[19]["type"], &lines[19]["data"]["person"]["name"]),
        (&"lobbyd.lift.stuck".into(), &"测试甲".into())
    );
    assert_eq!(lines[0]["epoch"], epoch.as_str());
    let aside = Reader::open_file(&named("replaced-").join(JOURNAL_FILE)).unwrap();
    assert_eq!((aside.version().unwrap(), aside.span().unwrap()), (99, Some((1, 30))));

    let mut journal = Journal::open(&data, "20261122T120000Z").unwrap().journal;
    assert_ne!(journal.epoch(), epoch);
    // No number that somebody has on paper is given again.
    journal.begin().unwrap();
    assert_eq!(journal.next_number(Series::Visit, 20_261_122).unwrap().nth, 31);
    journal.roll_back();
    drop(journal);
    let rows = Reader::open(&data).unwrap().all_after(10, 100).unwrap();
    let told: Value = serde_json::from_str(rows[0].data.get()).unwrap();
    assert_eq!((rows.len(), rows[0].kind), (1, Kind::JournalRestored));
    assert_eq!(
        (&told["from_epoch"], &told["through"], &told["events_missing"]),
        (&epoch.into(), &10.into(), &20.into())
    );
    assert_eq!(lobbyd(&["journal", "verify"], &config).status.code(), Some(0));
    let left = entries().any(|path| path.ends_with("restore.new") || path.ends_with("restore.unfinished"));
    assert!(!left, "nothing half is left");
}

#[test]
fn without_a_copy_there_is_no_way_back_and_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let config = upgraded_too_far(dir.path());
    fs::remove_file(&kept(&dir.path().join("data"))[0].1).unwrap();
    let refused = lobbyd(&["journal", "restore"], &config);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("holds no copy from before an upgrade"), "{}", said(&refused));
    assert_eq!(Reader::open(&dir.path().join("data")).unwrap().version().unwrap(), 99);
}
