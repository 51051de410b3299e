//! SQLite: append, cursors, views, retention, recovery. Only the desk writes.

mod reader;

pub use reader::{Reader, Row};

use std::time::Duration;

/// Longest time that an acknowledged cursor stays in memory only.
pub const CURSOR_DELAY: Duration = Duration::from_millis(250);

/// The two ways to the office. Urgent events overtake the others after an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    Urgent,
    Normal,
}

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("journal: {0}")]
    Sqlite(#[from] rusqlite::Error),
}
