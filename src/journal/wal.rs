//! Moving what is in the WAL into the database, between two commits. SQLite would do so inside the commit that fills the WAL,
//! and whoever waits for that one waits for 80 pages and an fsync more: 4 ms on the build machine, every six seconds in a busy
//! lobby.

use super::{Journal, JournalError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Pages in the WAL from which on they are moved: 4 MiB, SQLite's own figure. Fewer write the same pages of the database more
/// often; more make the next start longer.
const PAGES: u32 = 1_000;

/// How many pages the WAL has, as the last commit left it.
#[derive(Debug, Clone, Default)]
pub(super) struct Pages(Arc<AtomicU32>);

impl Pages {
    /// Counts from now on. This also ends the checkpoints that SQLite makes in a commit.
    pub(super) fn of(connection: &mut rusqlite::Connection) -> rusqlite::Result<Self> {
        let pages = Pages::default();
        let told = pages.clone();
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count: i32| {
            told.0.store(u32::try_from(count).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(pages)
    }
}

impl Journal {
    /// Moves what the WAL holds into the database when it is time. To be called where nobody waits for an answer. What a reader
    /// still looks at, and what fails (a full disk), stays in the WAL until the next time; nothing is lost by it.
    pub fn tidy_wal(&mut self) -> Result<(), JournalError> {
        if self.wal.0.load(Ordering::Relaxed) < PAGES {
            return Ok(());
        }
        // The next commit counts again.
        self.wal.0.store(0, Ordering::Relaxed);
        Ok(self.connection.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?.query_row([], |_| Ok(()))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wal_grows_until_it_is_tidied_and_is_then_written_from_its_start() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), "20261122T000000Z").unwrap().journal;
        let pages = |journal: &Journal| journal.wal.0.load(Ordering::Relaxed);
        while pages(&journal) < PAGES + 50 {
            journal.begin().unwrap();
            journal.touch().unwrap();
            journal.commit().unwrap();
            if pages(&journal) < PAGES {
                journal.tidy_wal().unwrap();
            }
        }
        journal.tidy_wal().unwrap();
        journal.touch().unwrap();
        assert!((1..10).contains(&pages(&journal)), "{}", pages(&journal));
    }
}
