//! What the targets share: a fixed now, a place for files, and the one rule for errors. It
//! parses nothing itself.

use chrono::DateTime;
use lobbyd::event::Now;
use std::panic;
use tempfile::TempDir;

/// The same moment in every run: whatever is found must be found again.
pub fn now() -> Now {
    Now { utc: DateTime::from_timestamp(1_795_223_706, 0).expect("a day in November 2026"), synced: true }
}

/// A folder for a journal, where TMPDIR says: `run` says a place in memory, for an fsync for each try is a disk's life.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for a folder")
}

/// An error may name a key, a line and a limit, and no value: it ends in a log. Our own words are ASCII but for `allowed`, so a
/// character beyond it can only have come from outside.
pub fn says_nothing(error: &str, allowed: &str) {
    let strange = error.chars().find(|c| !c.is_ascii() && !allowed.contains(*c));
    assert_eq!(strange, None, "an error repeats what it was given: {error}");
}

/// jaq may panic on a thread of its own, which lobbyd expects and turns into an error. Any other panic is a find.
pub fn let_jq_panic() {
    let find = panic::take_hook();
    panic::set_hook(Box::new(move |about| {
        if std::thread::current().name() != Some("jq") {
            find(about);
        }
    }));
}

/// What Rust does before `main`, which libFuzzer has in its place: a line that the other end has closed is an error and no death.
pub fn survive_closed_lines() {
    // SAFETY: ignoring a signal installs no handler of ours.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
}
