//! SQLite: append, cursors, views, retention, recovery. The journal is also the outbox: the relay reads it with a
//! cursor. Only the desk writes; everybody else holds a [`Reader`].

mod anchor;
mod append;
mod aside;
mod asked;
mod audit;
mod beside;
mod carry;
mod casebook;
mod casefile;
mod chain;
mod contract;
mod copy;
mod erased;
mod gone;
mod hold;
mod insert;
mod invited;
mod keep;
mod known;
mod leavings;
mod mark;
mod old;
mod older;
mod open;
mod persons;
mod proof;
mod reader;
mod reason;
mod restore;
mod salvage;
mod schema;
mod since;
mod size;
mod sweep;
mod tail;
mod tally;
mod version1;
mod wal;
mod watch;
mod whose;

pub use append::{Appended, Journal};
pub use audit::Audit;
pub use carry::Carried;
pub use casebook::{CaseLine, Told};
pub use casefile::{CaseRow, Due, Unreadable};
pub use chain::{Hash, Head, NoHead};
pub use contract::hold_to_contract;
pub use copy::{forget_all, kept};
pub use erased::Erased;
pub use gone::Ages;
pub use keep::{Days, Keep, Pressure, Purged, STORED_CURSOR};
pub use known::Known;
pub use leavings::{forget_old, left};
pub use older::Older;
pub use open::{Found, JOURNAL_FILE, Opened};
pub use proof::Noted;
pub use reader::{DeadLetter, DoorState, Reader, Row};
pub use restore::{Renewed, Restore, is_unfinished};
pub use salvage::Recovered;
pub use schema::VERSION;
pub use since::Since;
pub use size::Size;
pub use tail::{Following, Tail};
pub use version1::OldMatter;

use std::path::PathBuf;
use std::time::Duration;

/// Longest time that an acknowledged cursor stays in memory only. A crash in it repeats what was acknowledged
/// meanwhile, which the office drops by id; a commit of its own for each acknowledgement would double the fsyncs.
pub const CURSOR_DELAY: Duration = Duration::from_millis(500);

/// Most that a cursor moves before it is written with the next commit: a crash repeats little more than the window that was
/// under way (250 at most). Written with every commit it was a third of all bytes.
pub const CURSOR_STRIDE: u64 = 50;

/// Dead letters kept; older ones go first. A device that sends rubbish all day must not fill the disk.
pub const MAX_DEAD_LETTERS: u64 = 10_000;

/// The two ways to the office. Urgent events overtake the others after an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    Urgent,
    Normal,
}

impl Lane {
    pub const ALL: [Lane; 2] = [Lane::Urgent, Lane::Normal];

    /// The name of its cursor.
    pub const fn cursor(self) -> &'static str {
        match self {
            Lane::Urgent => "office-urgent",
            Lane::Normal => "office",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("journal: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("journal {path}: {error}")]
    File { path: PathBuf, error: std::io::Error },
    #[error(
        "the disk of {0} has become read-only while it was written: look at it (dmesg tells of failing SD cards), then restart \
         lobbyd. Nothing is acknowledged until then"
    )]
    ReadOnly(PathBuf),
    #[error("another lobbyd is using {0}: stop it first, or give this one a data_dir of its own")]
    InUse(PathBuf),
    #[error(
        "{path} was written by a newer lobbyd (journal version {found}, this one reads up to {known}), and is left as it is: \
         install that version again, or go back with \"lobbyd journal restore\", which takes the copy from before the upgrade \
         and writes out what has happened since"
    )]
    Newer { path: PathBuf, found: u32, known: u32 },
    #[error(
        "{path} is of version {found} and must be brought up to date, but there is no room for the copy that is kept before \
         that: {missing} MiB are missing. Nothing was changed: make room and start again, or install the version before"
    )]
    NoRoomForCopy { path: PathBuf, missing: u64, found: u32 },
    #[error(
        "the copy {path} is not whole ({why}), and was thrown away: look at the disk, dmesg tells of failing SD cards"
    )]
    BadCopy { path: PathBuf, why: String },
    #[error("{0} says that a restore was cut off, but what it was to put in place is gone: restore again")]
    Unfinished(PathBuf),
    #[error("event {seq} is stored in a form that cannot be read: {what}")]
    Unreadable { seq: u64, what: String },
    #[error("case {number} is stored in a form that cannot be read: {what}")]
    Case { number: String, what: String },
}

impl JournalError {
    /// Whether the file itself is broken, as against a full disk or a lock: SQLite says so, or a value is there that nobody has
    /// written. Rubbish in the middle of a long text is none of SQLite's business.
    pub fn is_damage(&self) -> bool {
        use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let JournalError::Sqlite(error) = self else { return false };
        match error {
            Utf8Error(..) | FromSqlConversionFailure(..) | InvalidColumnType(..) | IntegralValueOutOfRange(..) => true,
            _ => matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase)),
        }
    }
}
