//! The running program takes up a directory that a technician imports, and the office hears of each once.

mod common;

use common::daemon::{Daemon, SITE};
use common::mosquitto::Mosquitto;
use common::shim::Shim;
use common::tool::lobbyd;
use common::{blocking_until, orders};
use lobbyd::directory::{Draft, From};
use lobbyd::event::Kind;
use lobbyd::journal::Reader;
use lobbyd::service::base64url;
use lobbyd::service::directory::Household;
use lobbyd::service::directory::update::TABLE;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

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

/// Units of the estate that the office sends: `DIRECTORY_UNITS`, three people in each. 334,000 are a million residents.
fn estate() -> usize {
    std::env::var("DIRECTORY_UNITS").ok().and_then(|units| units.parse().ok()).unwrap_or(20_000)
}

/// The office sends the table to the gateway, part by part.
fn office(dir: &Path, url: &str, version: &str, table: &Path) -> Child {
    let key = dir.join("office.key");
    fs::write(&key, base64url::encode(&orders::SEED)).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let gateway = format!("{SITE}/lobby-1");
    Command::new(env!("CARGO_BIN_EXE_lobbyd"))
        .args(["office", "directory", "--url", url, "--gateway", &gateway, "--who", "总部", "--with-hosts"])
        .args(["--version", version, "--wait", "120", "--sign-with"])
        .args([&key, table])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Files that the process has open, and that have no name any more.
fn nameless(pid: u32) -> Vec<PathBuf> {
    let open = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().filter_map(|fd| fs::read_link(fd.ok()?.path()).ok());
    open.filter(|file| file.to_string_lossy().ends_with("(deleted)")).collect()
}

/// A directory that is larger than the memory for it, at the running program. What it writes meanwhile, it writes where people may stand; an end before the last
/// part has changed nothing; and the whole of it comes into force at once.
#[test]
#[ignore = "needs mosquitto and a C compiler: run ./tests/run"]
fn a_town_comes_over_the_line_and_half_of_it_is_nothing() {
    let (dir, mosquitto) = (tempfile::tempdir().unwrap(), Mosquitto::start(""));
    let mut daemon = Daemon::on(&Shim::new(dir.path()), dir.path(), NOWHERE, &mosquitto.url(), "");
    blocking_until("the lobby is open", || daemon.log().contains("the lobby is open"));
    import(dir.path(), 3);
    blocking_until("the import is journaled", || told(dir.path()) == [3]);

    let units = estate();
    let line =
        |n: usize, of: usize| format!("{}-{:04},测试{n}{of},138{:08}\n", n / 2_000 + 1, n % 2_000 + 101, 3 * n + of);
    let text = (0..units).flat_map(|n| (0..3).map(move |of| (n, of)));
    let text = text.fold("unit,name,phone\n".to_owned(), |text, (n, of)| text + &line(n, of));
    let table = dir.path().join("town.csv");
    fs::write(&table, text).unwrap();
    let mut sending = office(dir.path(), &mosquitto.url(), "town-1", &table);
    let said = BufReader::new(sending.stderr.take().unwrap()).lines().map_while(Result::ok);
    // "part 3 of 30 is there"
    let mut parts = said.filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.nth(1)?.parse::<u32>().ok()?, words.nth(1)?.parse::<u32>().ok()?))
    });
    let mut spilt = Vec::new();
    let (_, all) =
        parts.by_ref().inspect(|_| spilt.extend(nameless(daemon.id()))).find(|(part, of)| part + 1 == *of).unwrap();
    daemon.kill();
    sending.kill().unwrap();
    sending.wait().unwrap();
    let data = dir.path().join("data");
    assert!(!spilt.is_empty(), "it was more than fits into memory");
    assert!(spilt.iter().all(|file| file.starts_with(&data)), "{spilt:?}");

    daemon.up();
    blocking_until("the lobby is open", || daemon.log().matches("the lobby is open").count() == 2);
    assert_eq!(told(dir.path()), [3], "the one before holds");
    let mut sending = office(dir.path(), &mosquitto.url(), "town-1", &table);
    let parts = BufReader::new(sending.stderr.take().unwrap()).lines().map_while(Result::ok).count();
    assert!(sending.wait().unwrap().success() && parts as u32 >= all, "{parts} of {all}");
    assert_eq!(told(dir.path()), [3, units as u64]);
    let left = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.starts_with("directory.db.new")).count(), 0);
    println!("{} people in {all} parts, peak memory of the gateway {} KiB", 3 * units, daemon.peak_memory());
}
