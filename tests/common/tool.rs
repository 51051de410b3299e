//! `lobbyd` as a technician runs it: one command, its exit code and what it says. And a site for it, with events in its journal.
#![allow(dead_code, reason = "each test binary uses a part of this")]

use lobbyd::event::{Event, Kind, Now, Slug, data};
use lobbyd::journal::Journal;
use serde_json::json;
use std::fs;
use std::io::Write;
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Nothing listens there (discard).
pub const NOBODY: &str = "mqtt://127.0.0.1:9";

/// The configuration of a site in this folder, with brokers that nobody answers for. `data` is its data folder.
pub fn site(dir: &Path, gateway: &str) -> PathBuf {
    let config = dir.join("lobby.toml");
    let text = format!(
        "board = \"headless\"\ndata_dir = \"data\"\n[site]\nid = \"riverside\"\ngateway = \"{gateway}\"\n\
         [building]\nurl = \"{NOBODY}\"\n[office]\nurl = \"{NOBODY}\"\n[health]\nmetrics = \"off\"\n"
    );
    fs::create_dir_all(dir.join("data")).unwrap();
    fs::write(&config, text).unwrap();
    config
}

/// The command with these words, not run yet.
pub fn command(words: &[&str], config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lobbyd"));
    command.args(words).arg("--config").arg(config);
    command
}

pub fn lobbyd(words: &[&str], config: &Path) -> Output {
    command(words, config).output().unwrap()
}

/// The same, told these lines on its standard input.
pub fn told(command: &mut Command, lines: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may have ended without reading them.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    child.wait_with_output().unwrap()
}

/// The same at a terminal, where these lines are typed; and what it has asked there.
pub fn at_a_terminal(command: &mut Command, lines: &str) -> (Output, String) {
    let (mut ours, mut its) = (0, 0);
    // SAFETY: fills the two numbers, which are read only when it gives 0; the other pointers may be null (openpty(3)).
    let opened =
        unsafe { libc::openpty(&mut ours, &mut its, std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut()) };
    assert_eq!(opened, 0, "a terminal");
    // SAFETY: both were just opened and nobody else has them.
    let (ours, its) = unsafe { (OwnedFd::from_raw_fd(ours), OwnedFd::from_raw_fd(its)) };
    fs::File::from(ours.try_clone().unwrap()).write_all(lines.as_bytes()).unwrap();
    let child = command.stdin(Stdio::from(its)).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    let asked = String::from_utf8(output.stderr.clone()).unwrap();
    drop(ours);
    (output, asked)
}

/// All that it has said, whether it went well or not.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// So many cards that were read at the lobby door, in one transaction.
pub fn append(journal: &mut Journal, events: u32) {
    let now = Now { utc: chrono::Utc::now(), synced: true };
    let facts = data([("device", json!({ "product": "esp-rfid" }))]);
    journal.begin().unwrap();
    for _ in 0..events {
        let door = Slug::new("lobby").unwrap();
        journal.append(&Event::here(Kind::AccessGranted, door, now, facts.clone()), now).unwrap();
    }
    journal.commit().unwrap();
}

/// The same in the journal of this folder, which is held open like the daemon's.
pub fn write_events(data: &Path, events: u32) -> Journal {
    let mut journal = Journal::open(data, "20261122T000000Z").unwrap().journal;
    append(&mut journal, events);
    journal
}
