//! Retention: what is old and acknowledged goes, each kind at its age, names and phone numbers sooner (`persons`). Nothing goes that
//! the office has not got. Works in passes, so that nobody at the desk waits for years to be cleared.
//!
//! Of everything that goes by its age a witness stays behind it, a row that is as old: so whoever verifies need not believe what `meta`
//! says of it. What goes younger is told in the journal (`reason`), in the transaction that takes it.

use super::hold::Held;
use super::reader::cursor;
use super::sweep::Swept;
use super::{Erased, Journal, JournalError, Lane, anchor};
use crate::event::{Kind, Now};
use crate::health::quota::Quota;
use chrono::TimeDelta;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::LazyLock;

/// Rows looked at in one pass: keeps the desk's mailbox moving while years are cleared.
const PASS: u64 = 500;
/// Pages given back to the file system in one pass: more than a pass of rows frees.
const PAGES: u64 = 256;
/// A part of the pages may stay free: the next events go there. Giving back each page that a night's retention frees would
/// move as many pages as a day writes, and wear the card twice as fast.
const FREE_PART: u64 = 8;
/// Rows that pressure looks at before it takes any: each time is told with an event, which must not take the room of what goes.
const PRESSED: u64 = 100;
/// Four times what a broker has under way to us (`link::Limits::receive`).
pub(super) const UNDER_WAY: u64 = 1_000;
/// The cursor that the office moves with its `ack` topic, where it uses it.
pub const STORED_CURSOR: &str = "office-stored";
/// Up to this number what devices said day in, day out has gone before the rest: below it there are holes, above it none.
pub(super) const THINNED: &str = "thinned-through";

/// What is kept, how long, and how much of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    pub days: Days,
    pub quota: Quota,
}

/// How long, in days. No default of them may be "for ever": whoever configures nothing keeps nobody too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// What people did, without persons: the operations log.
    pub events: u32,
    /// What devices say day in, day out ([`Kind::is_chatter`]): the device journal.
    pub chatter: u32,
    /// Who visited: names, phone numbers and words of visits, counted from the end of each.
    pub visits: u32,
    /// The same of everything else: repairs, complaints, keys, staff.
    pub persons: u32,
}

impl Default for Days {
    fn default() -> Self {
        Days { events: 180, chatter: 90, visits: 90, persons: 30 }
    }
}

impl Days {
    /// The oldest that a copy of the journal may become: the person in it who must go first.
    pub fn copies(&self) -> u32 {
        self.visits.min(self.persons)
    }
}

/// How hard retention works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Pressure {
    /// By age.
    #[default]
    None,
    /// The quota is near: what devices said goes as soon as the office has it, however young, before any device is made to
    /// wait. The 65,535 newest rows stay: repeats are known by them (`append::REPEAT_WINDOW`).
    Near,
    /// The disk will soon be full: the same, and every free page is given back.
    Low,
    /// Devices wait: the same, and only the rows stay by which a repeat of what is under way is known.
    Reached,
}

impl Pressure {
    /// As the journal says it.
    pub const fn name(self) -> &'static str {
        match self {
            Pressure::None => "age",
            Pressure::Near => "near",
            Pressure::Low => "low",
            Pressure::Reached => "reached",
        }
    }

    /// Newest rows that stay, whatever they say.
    const fn stay(self) -> u64 {
        match self {
            Pressure::None => u64::MAX,
            Pressure::Near | Pressure::Low => 65_535,
            Pressure::Reached => UNDER_WAY,
        }
    }
}

/// What one pass deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    pub events: usize,
    /// Events of which the person was erased.
    pub persons: usize,
    /// The same for cases.
    pub cases: usize,
    /// Pages given back to the file system.
    pub pages: u64,
    /// There may be more to do: come again at once.
    pub more: bool,
    /// What was erased can still be read in the WAL, which somebody looks at: come again soon.
    pub held: bool,
}

/// A run of rows from a beginning on, as far as one pass looks.
#[derive(Default)]
pub(super) struct Run {
    /// The last row that is old; `None` where the first is young already.
    pub last: Option<u64>,
    /// By which it is known to be old: itself, or the next one behind it where a clock was ahead.
    witness: u64,
    /// The pass has ended before the run.
    pub cut: bool,
}

impl Run {
    /// What of it goes, up to `end` at most: all before its witness.
    fn through(&self, end: u64) -> Option<u64> {
        self.last.map(|last| last.min(self.witness.saturating_sub(1)).min(end))
    }
}

impl Journal {
    /// Deletes a pass of what is older than its days. Call inside no transaction, now and then, and again while there is more.
    /// With an unset clock nothing is old.
    ///
    /// # Errors
    /// The disk's; then nothing of this pass has happened.
    pub fn purge(&mut self, keep: &Keep, pressure: Pressure, now: Now) -> Result<Purged, JournalError> {
        self.begin()?;
        let purged = self.purge_pass(keep, pressure, now);
        let mut purged = match purged {
            Ok(purged) => self.commit().map(|()| purged)?,
            Err(error) => {
                self.roll_back();
                return Err(error);
            }
        };
        if !purged.more {
            let swept = match self.sweep(now) {
                // What is old is gone all the same; what is left of it is looked for again the next time.
                Err(error) if !error.is_damage() => {
                    tracing::warn!(%error, "what was erased could not be overwritten everywhere");
                    Swept::Clean
                }
                swept => swept?,
            };
            (purged.more, purged.held) = (swept == Swept::More, swept == Swept::Held);
        }
        Ok(purged)
    }

    /// The oldest number that is kept, and up to which one there may be holes; 0 where there are none.
    ///
    /// # Errors
    /// The disk's.
    pub fn kept(&self) -> Result<(u64, u64), JournalError> {
        let mut query = self.connection.prepare_cached("SELECT coalesce(min(seq), 0) FROM event")?;
        Ok((query.query_row([], |row| row.get(0))?, thinned(&self.connection)?))
    }

    fn purge_pass(&mut self, keep: &Keep, pressure: Pressure, now: Now) -> Result<Purged, JournalError> {
        self.tell_days(&keep.days, now)?;
        let sent = sent(&self.connection, self.newest())?;
        let mut purged = Purged::default();
        let held = if now.synced {
            self.end_holds(now)?;
            self.held()?
        } else {
            Held::default()
        };
        if now.synced {
            self.purge_events(keep.days.events, sent, &held, now, &mut purged)?;
            self.purge_persons(&keep.days, sent, &held, now, &mut purged)?;
        }
        if now.synced || pressure != Pressure::None {
            self.thin(keep.days.chatter, pressure, sent, now, &mut purged)?;
        }
        if now.synced && !purged.more {
            self.purge_cases(&keep.days, &held, now, &mut purged)?;
        }
        if purged.persons + purged.cases > 0 {
            self.note_traces(false)?;
            let (persons, cases) = (purged.persons as u64, purged.cases as u64);
            self.count_erased(Erased { persons, cases, files: 0 })?;
        }
        self.give_back(pressure, &mut purged)?;
        Ok(purged)
    }

    /// Of everything only a prefix goes. Its witness stays, and the newest row, which carries the numbering. What is held stays, and the
    /// events behind it with it, but none of their persons.
    fn purge_events(
        &self,
        days: u32,
        sent: u64,
        held: &Held,
        now: Now,
        purged: &mut Purged,
    ) -> Result<(), JournalError> {
        let run =
            self.old_rows("SELECT seq, recorded FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2", 0, days, now)?;
        let held = held.first().map_or(u64::MAX, |first| first.saturating_sub(1));
        let end = self.newest().saturating_sub(1).min(sent).min(held);
        let Some(last) = run.through(end) else { return Ok(()) };
        anchor::retire(&self.connection, last)?;
        purged.events += self.connection.execute("DELETE FROM event WHERE seq <= ?1", [last])?;
        purged.more |= run.cut && last < end;
        Ok(())
    }

    /// What devices say day in, day out goes before the rest and leaves holes. How far is remembered, so that the audit can
    /// tell them from a loss. The history of a case keeps all of its events. What was stored as a lasting row stays, whatever this
    /// version thinks of its kind: the chain needs it.
    fn thin(
        &mut self,
        days: u32,
        pressure: Pressure,
        sent: u64,
        now: Now,
        purged: &mut Purged,
    ) -> Result<(), JournalError> {
        let after = thinned(&self.connection)?;
        let query = "SELECT seq, recorded FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let run = if now.synced { self.old_rows(query, after, days, now)? } else { Run::default() };
        let end = self.newest().saturating_sub(1).min(sent);
        let by_age = run.through(end).filter(|last| *last > after);
        let stay = self.newest().saturating_sub(pressure.stay()).min(end);
        if by_age.is_none_or(|last| last < stay) && stay >= after.saturating_add(PRESSED) {
            let last = self.last_of_pass(after)?.map_or(after, |last| last.min(stay));
            let gone = self.take_chatter(after, last)?;
            if gone > 0 {
                self.tell_thinned(pressure, after + 1, last, gone as u64, now)?;
            }
            purged.events += gone;
            purged.more |= last < stay;
        } else if let Some(last) = by_age {
            purged.events += self.take_chatter(after, last)?;
            purged.more |= run.cut && last < end;
        }
        Ok(())
    }

    fn take_chatter(&mut self, after: u64, last: u64) -> Result<usize, JournalError> {
        anchor::note_hole(&self.connection, last)?;
        let gone = self.connection.prepare_cached(&DELETE_CHATTER)?.execute([after, last])?;
        self.set_memo(THINNED, Some(&last.to_string()))?;
        Ok(gone)
    }

    /// The run of old rows behind `after`. A row from a clock that was ahead is as old as the next one that is not: it is
    /// stored before that one, and neither holds the others up nor goes before them.
    pub(super) fn old_rows(&self, query: &str, after: u64, days: u32, now: Now) -> Result<Run, JournalError> {
        let (young, ahead) = (before(days, now), now.utc.timestamp_millis());
        let mut query = self.connection.prepare_cached(query)?;
        let mut rows = query.query(params![after, PASS])?;
        let (mut run, mut seen, mut as_old) = (Run::default(), 0, None);
        while let Some(row) = rows.next()? {
            let (seq, mut recorded): (u64, i64) = (row.get(0)?, row.get(1)?);
            let mut witness = seq;
            if recorded > ahead {
                if as_old.is_none_or(|(through, _)| through < seq) {
                    as_old = self.next_in_time(seq, ahead)?;
                }
                // With nothing behind it, it is of just now.
                (witness, recorded) = as_old.unwrap_or((seq, ahead));
            }
            if recorded >= young {
                return Ok(run);
            }
            (run.last, run.witness) = (Some(seq), witness);
            seen += 1;
        }
        run.cut = seen == PASS;
        Ok(run)
    }

    /// The first event behind `seq` that was not recorded later than now: its number and its time.
    fn next_in_time(&self, seq: u64, now: i64) -> Result<Option<(u64, i64)>, JournalError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT seq, recorded FROM event WHERE seq > ?1 AND recorded <= ?2 ORDER BY seq LIMIT 1")?;
        Ok(query.query_row(params![seq, now], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// The last number of a pass of rows behind `after`.
    fn last_of_pass(&self, after: u64) -> Result<Option<u64>, JournalError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT max(seq) FROM (SELECT seq FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2)")?;
        Ok(query.query_row(params![after, PASS], |row| row.get(0))?)
    }

    /// Gives free pages back to the file system. SQLite frees one for each step of the statement, and a row is a step.
    fn give_back(&self, pressure: Pressure, purged: &mut Purged) -> Result<(), JournalError> {
        let count = |name| self.connection.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
        let (pages, free) = (count("page_count")?, count("freelist_count")?);
        let stay = if pressure < Pressure::Low { pages.saturating_sub(free) / FREE_PART } else { 0 };
        let too_many = free.saturating_sub(stay);
        if too_many == 0 {
            return Ok(());
        }
        let mut vacuum = self.connection.prepare(&format!("PRAGMA incremental_vacuum({})", too_many.min(PAGES)))?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {}
        purged.pages = too_many.min(PAGES);
        purged.more |= too_many > PAGES;
        Ok(())
    }
}

/// Up to which number everything is at the office, and stored there if the office says so.
pub(super) fn sent(connection: &Connection, newest: u64) -> Result<u64, JournalError> {
    let mut sent = newest;
    for lane in Lane::ALL {
        // A lane whose cursor stands still because nothing came after it does not hold the other back. The lane stands in
        // the text: SQLite takes a partial index only for a value that it knows beforehand.
        let query = match lane {
            Lane::Urgent => "SELECT min(seq) FROM event WHERE seq > ?1 AND urgent = 1",
            Lane::Normal => "SELECT min(seq) FROM event WHERE seq > ?1 AND urgent = 0",
        };
        let mut query = connection.prepare_cached(query)?;
        let waiting: Option<u64> = query.query_row([cursor(connection, lane.cursor())?], |row| row.get(0))?;
        sent = sent.min(waiting.map_or(u64::MAX, |seq| seq.saturating_sub(1)));
    }
    let stored = cursor(connection, STORED_CURSOR)?;
    Ok(if stored == 0 { sent } else { sent.min(stored) })
}

static DELETE_CHATTER: LazyLock<String> = LazyLock::new(|| {
    let chatter = Kind::ALL.iter().filter(|kind| kind.is_chatter()).map(|kind| format!("'{}'", kind.name()));
    format!(
        "DELETE FROM event WHERE seq > ?1 AND seq <= ?2 AND kind IN ({}) AND run IS NULL
         AND NOT EXISTS (SELECT 1 FROM case_event c WHERE c.seq = event.seq)",
        chatter.collect::<Vec<_>>().join(", ")
    )
});

/// Up to which number there may be holes; 0 where there are none.
pub(super) fn thinned(connection: &Connection) -> Result<u64, JournalError> {
    let mut query = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    let text: Option<String> = query.query_row([THINNED], |row| row.get(0)).optional()?;
    // Only this file writes it.
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
}

pub(super) fn before(days: u32, now: Now) -> i64 {
    (now.utc - TimeDelta::days(i64::from(days))).timestamp_millis()
}

#[cfg(test)]
mod tests;
