//! SQLite: append, cursors, views, retention, recovery. Only the desk writes.

use std::time::Duration;

/// Longest time that an acknowledged cursor stays in memory only.
pub const CURSOR_DELAY: Duration = Duration::from_millis(250);
