//! How large the journal is. Asks SQLite's own counters and one file's length: cheap enough for every commit, whatever the
//! journal holds.

use super::open::with_suffix;
use super::{Journal, JournalError, Reader};
use rusqlite::Connection;
use std::fs;
use std::path::Path;

/// What the journal takes, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Pages that hold something.
    pub in_use: u64,
    /// Pages of the file that hold nothing: the next events go there.
    pub free: u64,
    /// The write-ahead log beside it.
    pub wal: u64,
}

impl Size {
    /// What counts against the quota.
    pub fn used(self) -> u64 {
        self.in_use + self.wal
    }
}

impl Journal {
    pub fn size(&self) -> Result<Size, JournalError> {
        size(&self.connection)
    }
}

impl Reader {
    pub fn size(&self) -> Result<Size, JournalError> {
        size(self.connection())
    }
}

fn size(connection: &Connection) -> Result<Size, JournalError> {
    let mut query = connection.prepare_cached(
        "SELECT page_count, freelist_count, page_size
         FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
    )?;
    let (pages, free, page): (u64, u64, u64) =
        query.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    // Gone after an orderly end.
    let wal = connection.path().and_then(|path| fs::metadata(with_suffix(Path::new(path), "-wal")).ok());
    Ok(Size { in_use: pages.saturating_sub(free) * page, free: free * page, wal: wal.map_or(0, |wal| wal.len()) })
}
