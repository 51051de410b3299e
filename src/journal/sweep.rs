//! What was erased is nowhere to be read any more. `secure_delete` overwrites a row where it stands; but SQLite moves rows from page to
//! page, and leaves the bytes of the old place in the gap of that page (one name in some thousands, measured). So after an erasure the pages of every
//! table that holds people are looked through, what stands in their gaps is overwritten, and the WAL, which has the pages as they were,
//! is emptied. Never changes a byte that belongs to a row; a cut at any moment goes on where it was.

use super::{Journal, JournalError};
use crate::event::Now;
use chrono::{DateTime, TimeDelta};
use rusqlite::{Connection, OptionalExtension, params};
use std::time::Duration;

/// There while traces of people may be left: how far the sweep has come.
const TRACES: &str = "traces";
const IN_PAGES: &str = "pages";
/// The same, but nobody has asked for it: once a day is enough, for the pages are read from the card.
const AGED: &str = "aged";
/// When the last sweep ended, milliseconds since 1970.
const SWEPT: &str = "swept";
const DAILY: TimeDelta = TimeDelta::hours(20);
const IN_WAL: &str = "wal";
/// Pages looked at in one pass, 4 ms on the build machine: nobody at the desk waits longer.
const PASS: usize = 256;
/// Longest wait for readers who still look at the WAL. They hold it for moments; it is tried again.
const PATIENCE: Duration = Duration::from_millis(20);
/// As everything else that waits for a reader (`open`).
const USUAL_PATIENCE: Duration = Duration::from_secs(5);
/// A page of rows begins with a byte that no other page begins with as long as page numbers have three bytes: 64 GiB.
const MOST_PAGES: u64 = 1 << 24;

/// The tables that hold people; with their indexes.
const TABLES: &str = "'person', 'casefile', 'invitation', 'watch', 'hold', 'meta', 'dead_letter'";

/// How far a pass has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Swept {
    /// There is nothing to do.
    Clean,
    /// Come again at once.
    More,
    /// A reader holds the WAL: come again soon.
    Held,
}

impl Journal {
    /// Somebody is being erased in the open transaction: what is left of him must be looked for. `asked`: at once, and not when the
    /// day's sweep comes.
    pub(super) fn note_traces(&mut self, asked: bool) -> Result<(), JournalError> {
        // Pages that were looked at already may be rewritten now.
        self.sweeping = None;
        self.hurried |= asked;
        let hurried = asked || self.memo(TRACES)?.is_some_and(|how| how != AGED);
        self.set_memo(TRACES, Some(if hurried { IN_PAGES } else { AGED }))
    }

    /// Whether somebody has been erased since who has asked for it: then the next purge, and with it the sweep, is due at once.
    pub fn takes_hurry(&mut self) -> bool {
        std::mem::take(&mut self.hurried)
    }

    /// Whether traces of somebody are left that were not looked for to the end.
    ///
    /// # Errors
    /// The disk's.
    pub fn has_traces(&self) -> Result<bool, JournalError> {
        Ok(self.memo(TRACES)?.is_some())
    }

    /// The same of somebody who has asked to be erased, and were not looked for to the end.
    ///
    /// # Errors
    /// The disk's.
    pub fn has_urgent_traces(&self) -> Result<bool, JournalError> {
        Ok(self.memo(TRACES)?.is_some_and(|how| how != AGED))
    }

    /// One pass, in a transaction of its own.
    pub(super) fn sweep(&mut self, now: Now) -> Result<Swept, JournalError> {
        match self.memo(TRACES)?.as_deref() {
            None => Ok(Swept::Clean),
            Some(IN_WAL) => self.empty_wal(now),
            Some(AGED) if self.sweeping.is_none() && self.has_swept(now)? => Ok(Swept::Clean),
            Some(_) => self.sweep_pages().map(|()| Swept::More),
        }
    }

    /// Today, as far as the clock can be believed.
    fn has_swept(&self, now: Now) -> Result<bool, JournalError> {
        let last = self.memo(SWEPT)?.and_then(|text| DateTime::from_timestamp_millis(text.parse().ok()?));
        Ok(last.is_some_and(|last| (now.utc - last).abs() < DAILY))
    }

    fn sweep_pages(&mut self) -> Result<(), JournalError> {
        let mut pages = match self.sweeping.take() {
            Some(pages) => pages,
            None => pages_with_people(&self.connection)?,
        };
        let rest = pages.split_off(pages.len().min(PASS));
        self.begin()?;
        let done = pages.iter().try_for_each(|page| overwrite_gaps(&self.connection, *page));
        let done = done.and_then(|()| if rest.is_empty() { self.set_memo(TRACES, Some(IN_WAL)) } else { Ok(()) });
        match done {
            Ok(()) => {
                self.sweeping = (!rest.is_empty()).then_some(rest);
                self.commit()
            }
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }

    fn empty_wal(&mut self, now: Now) -> Result<Swept, JournalError> {
        self.connection.busy_timeout(PATIENCE)?;
        let emptied = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        self.connection.busy_timeout(USUAL_PATIENCE)?;
        if emptied? {
            return Ok(Swept::Held);
        }
        self.begin()?;
        let swept = self.set_memo(SWEPT, Some(&now.utc.timestamp_millis().to_string()));
        match swept.and_then(|()| self.set_memo(TRACES, None)) {
            Ok(()) => self.commit().map(|()| Swept::Clean),
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }
}

/// The pages that hold rows of people, and the inner ones above them.
fn pages_with_people(connection: &Connection) -> Result<Vec<u64>, JournalError> {
    let count: u64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    if count >= MOST_PAGES {
        tracing::warn!(pages = count, "the journal is too large to be looked through for what was erased");
        return Ok(Vec::new());
    }
    let query = format!("SELECT name FROM sqlite_schema WHERE tbl_name IN ({TABLES}) AND rootpage > 0");
    let mut names = connection.prepare(&query)?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut of = connection
        .prepare("SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype IN ('leaf', 'internal') ORDER BY 1")?;
    let mut pages = Vec::new();
    for name in names {
        for page in of.query_map([name], |row| row.get(0))? {
            pages.push(page?);
        }
    }
    Ok(pages)
}

fn overwrite_gaps(connection: &Connection, page: u64) -> Result<(), JournalError> {
    // Gone since it was listed: then it is overwritten already.
    let mut read = connection.prepare_cached("SELECT data FROM sqlite_dbpage WHERE pgno = ?1")?;
    let Some(mut bytes) = read.query_row([page], |row| row.get::<_, Vec<u8>>(0)).optional()? else { return Ok(()) };
    if gaps(&bytes, page).is_some_and(|gaps| blank(&mut bytes, &gaps)) {
        let mut write = connection.prepare_cached("UPDATE sqlite_dbpage SET data = ?2 WHERE pgno = ?1")?;
        write.execute(params![page, bytes])?;
    }
    Ok(())
}

/// Whether there was anything.
fn blank(bytes: &mut [u8], gaps: &[std::ops::Range<usize>]) -> bool {
    let mut found = false;
    for gap in gaps {
        found |= bytes[gap.clone()].iter().any(|byte| *byte != 0);
        bytes[gap.clone()].fill(0);
    }
    found
}

/// What belongs to no row of a page (SQLite's file format, 1.6): between the pointers and the first row, and in the blocks that are
/// free between rows. `None` where it is no page of rows, or not one as it should be.
fn gaps(page: &[u8], number: u64) -> Option<Vec<std::ops::Range<usize>>> {
    let word = |at: usize| Some(usize::from(u16::from_be_bytes([*page.get(at)?, *page.get(at + 1)?])));
    // The first page begins with the header of the file.
    let head = if number == 1 { 100 } else { 0 };
    let length = match page.get(head)? {
        2 | 5 => 12,
        10 | 13 => 8,
        _ => return None,
    };
    let (cells, begin) = (word(head + 3)?, word(head + 5)?);
    let begin = if begin == 0 { 65_536 } else { begin };
    let pointers = head + length + 2 * cells;
    let sound = pointers <= begin && begin <= page.len();
    let inside = |nth: usize| word(head + length + 2 * nth).is_some_and(|cell| (begin..page.len()).contains(&cell));
    if !sound || !(0..cells).all(inside) {
        return None;
    }
    let before_rows = pointers..begin;
    let mut gaps = vec![before_rows];
    let (mut block, mut after) = (word(head + 1)?, begin);
    while block != 0 {
        let end = block + word(block + 2)?;
        if block < after || end < block + 4 || end > page.len() {
            return None;
        }
        gaps.push(block + 4..end);
        (block, after) = (word(block)?, end);
    }
    Some(gaps)
}

#[cfg(test)]
mod tests;
