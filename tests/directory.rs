//! The running program takes up a directory that a technician imports, and the office hears of each once.

mod common;

use common::blocking_until;
use common::daemon::Daemon;
use common::tool::lobbyd;
use lobbyd::directory::{Draft, From};
use lobbyd::event::Kind;
use lobbyd::journal::Reader;
use lobbyd::service::directory::Household;
use lobbyd::service::directory::update::TABLE;
use std::fs;
use std::path::Path;

/// Nobody listens there.
const NOWHERE: &str = "mqtt://127.0.0.1:9";

/// How many units each event names, in the order of the journal.
fn told(dir: &Path) -> Vec<u64> {
    let Ok(reader) = Reader::open(&dir.join("data")) else { return Vec::new() };
    let rows = reader.all_after(0, 1000).unwrap();
    let updated = rows.iter().filter(|row| row.kind == Kind::DirectoryUpdated);
    let units = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["units"].as_u64().unwrap();
    updated.map(|row| units(row.data.get())).collect()
}

fn import(dir: &Path, units: usize) {
    let table = dir.join("units.csv");
    fs::write(&table, (0..units).fold("unit\n".to_owned(), |text, n| text + &format!("1-{n:04}\n"))).unwrap();
    let said = lobbyd(&["directory", "import", table.to_str().unwrap()], &dir.join("lobby.toml"));
    assert!(said.status.success(), "{said:?}");
}

/// What was refused: version and reason, in the order of the journal.
fn refused(dir: &Path) -> Vec<(String, String)> {
    let rows = Reader::open(&dir.join("data")).unwrap().all_after(0, 1000).unwrap();
    let refused = rows.iter().filter(|row| row.kind == Kind::DirectoryRefused);
    let said = refused.map(|row| serde_json::from_str::<serde_json::Value>(row.data.get()).unwrap());
    said.map(|said| ["version", "reason"].map(|key| said[key].as_str().unwrap().to_owned()).into()).collect()
}

#[test]
fn a_table_is_journaled_once_whether_the_daemon_ran_when_it_came_or_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(dir.path(), NOWHERE, NOWHERE);
    blocking_until("the lobby is open", || daemon.log().contains("the lobby is open"));
    import(dir.path(), 3);
    blocking_until("the import is journaled", || told(dir.path()) == [3]);
    daemon.stop();
    import(dir.path(), 4);
    for _ in 0..2 {
        // Said behind the telling.
        let times_read = |daemon: &Daemon| daemon.log().matches("the directory has been read").count();
        let before = times_read(&daemon);
        daemon.up();
        blocking_until("it has read it", || times_read(&daemon) > before);
        daemon.stop();
        assert_eq!(told(dir.path()), [3, 4]);
    }
}

#[test]
fn each_table_that_was_refused_is_journaled_under_its_own_version() {
    let dir = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(dir.path(), NOWHERE, NOWHERE);
    blocking_until("the lobby is open", || daemon.log().contains("the lobby is open"));
    daemon.stop();
    let table = dir.path().join("units.csv");
    fs::write(&table, "unit,name\n1,Nobody Known\nNobody Known,2\n").unwrap();
    let import = |table: &Path| {
        let said = lobbyd(&["directory", "import", table.to_str().unwrap()], &dir.path().join("lobby.toml"));
        assert!(!said.status.success(), "{said:?}");
    };
    // Within a second, and one that is about how it was called.
    import(&table);
    import(&table);
    import(&dir.path().join("no-such-units.csv"));
    let left = || fs::read_dir(dir.path().join("data/refused-imports")).unwrap().count();
    assert_eq!(left(), 2);
    daemon.up();
    blocking_until("all are journaled", || left() == 0);
    daemon.stop();
    let refused = refused(dir.path());
    assert!(refused.iter().all(|(version, reason)| is_version(version) && reason == "malformed"), "{refused:?}");
    assert!(refused.len() == 2 && refused[0].0 != refused[1].0, "{refused:?}");
}

/// With its milliseconds: `table-20261123T154621.039Z`.
fn is_version(version: &str) -> bool {
    let made = version.strip_prefix(TABLE).unwrap_or_default();
    chrono::NaiveDateTime::parse_from_str(made, "%Y%m%dT%H%M%S%.3fZ").is_ok() && made.len() == 20
}

#[test]
fn a_version_that_nobody_has_told_is_journaled_however_old_it_is_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(dir.path(), NOWHERE, NOWHERE);
    blocking_until("the lobby is open", || daemon.log().contains("the lobby is open"));
    daemon.stop();
    // As the end of the process leaves it between a part's effect and its record; and a table that lay there for long.
    for (units, version) in [(1, "2026-11"), (2, "table-20260102T030405.678Z")] {
        let homes = (0..units).map(|n| serde_json::json!({"unit": format!("1-{n:04}")})).collect();
        let homes: Vec<Household> = serde_json::from_value(serde_json::Value::Array(homes)).unwrap();
        let mut draft = Draft::begin(&dir.path().join("data"), From::Nothing).unwrap();
        draft.take(&homes, []).unwrap();
        draft.finish(version, true).unwrap();
        for _ in 0..2 {
            let times_read = |daemon: &Daemon| daemon.log().matches("the directory has been read").count();
            let before = times_read(&daemon);
            daemon.up();
            blocking_until("it has read it", || times_read(&daemon) > before);
            daemon.stop();
        }
        assert_eq!(told(dir.path()), (1..=units).collect::<Vec<u64>>());
    }
}
