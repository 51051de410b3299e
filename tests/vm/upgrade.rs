//! Over the years: an older package and back, and a journal that an older version wrote, which the service brings up to date from
//! within its sandbox. Nothing of it is lost, and nothing is left but the copy from before.

use crate::machine::Machine;
use crate::package;
use crate::service::{CONFIG, LOBBYD, PID, comes_back};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::process::Command;

const VERSION_1: &str = include_str!("../fixtures/journal-1.sql");
/// A few years of a house; the first five are the fixture's.
pub const EVENTS: u64 = 100_000;
const DATA: &str = "/var/lib/lobbyd";
const COPY: &str = "journal.db.version-1";
/// The configuration before a package came.
const EDITED: &str = "/run/lobby.toml.edited";

/// A journal as version 1 left it. All of it is at the office, but for the last few events.
pub fn journal(folder: &Path) -> PathBuf {
    const WAITING: u64 = 10;
    let file = folder.join("journal-1.db");
    let journal = Connection::open(&file).unwrap();
    journal.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    journal.execute_batch(VERSION_1).unwrap();
    let more = format!(
        "INSERT INTO event (seq, id, kind, subject, urgent, time, quality, recorded, data)
         WITH RECURSIVE n(seq) AS (SELECT 6 UNION ALL SELECT seq + 1 FROM n WHERE seq < {EVENTS})
         SELECT seq, randomblob(16), 'access.granted', 'lobby', 0, 1795147440000 + seq, 'synced', 1795147440000 + seq,
                '{{\"credential\":{{\"ref\":\"0123456789abcdef0123456789abcdef\",\"type\":\"Card\"}},\"device\":{{\"product\":\"esp-rfid\",\"topic\":\"/rfid/send\"}}}}' FROM n;
         INSERT INTO cursor VALUES ('office', {sent}), ('office-urgent', {sent})",
        sent = EVENTS - WAITING
    );
    journal.execute_batch(&more).unwrap();
    file
}

/// The package once more, under a number before its own.
pub fn older_package(folder: &Path) -> PathBuf {
    let (tree, older) = (folder.join("older"), folder.join("older.deb"));
    let dpkg = |command: &mut Command| assert!(command.status().expect("dpkg-deb is here").success());
    dpkg(Command::new("dpkg-deb").arg("-R").arg(package::newest()).arg(&tree));
    let control = tree.join("DEBIAN/control");
    let text = std::fs::read_to_string(&control).unwrap();
    let lines = text.lines().map(|line| if line.starts_with("Version: ") { "Version: 0.0.1-1" } else { line });
    std::fs::write(&control, lines.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    // Unpacked in no time by a slow machine.
    dpkg(Command::new("dpkg-deb").args(["--root-owner-group", "-Znone", "-b"]).arg(&tree).arg(&older));
    older
}

/// Down to the older package: what was edited and what was recorded stay, and it runs.
pub fn goes_back(machine: &mut Machine) {
    machine.run(&format!("cp {CONFIG} {EDITED}"));
    let which = format!("stat -c %i {DATA}/journal.db");
    let (pid, before) = (machine.run(PID), machine.run(&which));
    machine.run(&format!("dpkg -i --force-confold /goods/older.deb && cmp {EDITED} {CONFIG}"));
    comes_back(machine, &pid);
    assert_eq!(machine.run(&which), before, "it has begun another journal");
}

/// A journal of version 1 is there when the newer package comes.
pub fn goes_forward(machine: &mut Machine) {
    let files = format!("LC_ALL=C ls -A {DATA}");
    let usual = machine.run(&files);
    machine.run(&format!(
        "systemctl stop lobbyd && rm {DATA}/journal.db* && install -m 600 -o lobbyd -g lobbyd /goods/journal-1.db {DATA}/journal.db"
    ));
    let pid = machine.run(PID);
    machine.run(&format!("dpkg -i --force-confold /goods/lobbyd.deb && cmp {EDITED} {CONFIG}"));
    comes_back(machine, &pid);

    let verdict = machine.run(&format!("{LOBBYD} journal verify --config {CONFIG}"));
    let words: Vec<&str> = verdict.split_whitespace().collect();
    let ["epoch", "20261120T000000Z-00000000:", events, "events,", "1", "to", newest, ..] = words[..] else {
        panic!("{verdict}")
    };
    assert!(events == newest && events.parse().is_ok_and(|events: u64| events > EVENTS), "{verdict}");
    let export = format!("{LOBBYD} journal export --author test --config {CONFIG}");
    assert_eq!(machine.run(&format!("{export} | head -n 5 | grep -c -e 测试 -e visit.signed-out -e r-1120-02")), "5");

    assert_eq!(machine.run(&format!("stat -c '%U %G %a' {DATA}/{COPY}")), "lobbyd lobbyd 600");
    // user_version, where the file format of SQLite has it.
    assert_eq!(machine.run(&format!("od -An -tu1 -j60 -N4 {DATA}/{COPY} | xargs")), "0 0 0 1");
    let mut expected: Vec<&str> = usual.lines().chain([COPY]).collect();
    expected.sort_unstable();
    let found = machine.run(&files);
    assert_eq!(found.lines().collect::<Vec<_>>(), expected, "something is left of it");
}
