//! The running program takes up a directory that a technician imports, and the office hears of each once.

mod common;

use common::blocking_until;
use common::daemon::Daemon;
use common::tool::lobbyd;
use lobbyd::event::Kind;
use lobbyd::journal::Reader;
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

#[test]
fn a_table_is_journaled_once_whether_the_daemon_ran_when_it_came_or_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(dir.path(), NOWHERE, NOWHERE);
    blocking_until("the lobby is open", || daemon.log().contains("the lobby is open"));
    import(dir.path(), 3);
    blocking_until("the import is journaled", || told(dir.path()) == [3]);
    daemon.stop();
    let table = dir.path().join("units.csv");
    fs::write(&table, "unit,name\n1,Nobody Known\nNobody Known,2\n").unwrap();
    let refused = lobbyd(&["directory", "import", table.to_str().unwrap()], &dir.path().join("lobby.toml"));
    assert!(!refused.status.success());
    import(dir.path(), 4);
    for _ in 0..2 {
        let times_read = |daemon: &Daemon| daemon.log().matches("the directory has been read").count();
        let before = times_read(&daemon);
        daemon.up();
        blocking_until("it has read it", || times_read(&daemon) > before);
        blocking_until("what came meanwhile is journaled", || told(dir.path()).len() >= 2);
        daemon.stop();
    }
    // It has had time for a second telling until its end.
    assert_eq!(told(dir.path()), [3, 4]);
    let rows = Reader::open(&dir.path().join("data")).unwrap().all_after(0, 1000).unwrap();
    let refused: Vec<_> = rows.iter().filter(|row| row.kind == Kind::DirectoryRefused).collect();
    assert!(refused.len() == 1 && refused[0].data.get().contains("malformed"), "{refused:?}");
}
