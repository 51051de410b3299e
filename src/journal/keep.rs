//! Retention: what is old and acknowledged goes, names and phone numbers sooner. Nothing goes that the office has not got.

use super::{Journal, JournalError, Lane};
use crate::event::Now;
use chrono::TimeDelta;
use rusqlite::{OptionalExtension, params};

/// Rows deleted in one pass: keeps the desk's mailbox moving while years are cleared.
const PASS: u64 = 500;
/// Pages given back to the file system in one pass.
const PAGES: u32 = 256;
/// Days that an invitation is remembered after its end.
const INVITATION_DAYS: u32 = 1;
/// The cursor that the office moves with its `ack` topic, where it uses it.
pub const STORED_CURSOR: &str = "office-stored";

/// What one pass deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    pub events: usize,
    pub persons: usize,
}

impl Journal {
    /// Deletes up to a pass of what is older than its days. Call inside no transaction, now and then; call again at
    /// once while it deletes a full pass. With an unset clock nothing is old.
    pub fn purge(&mut self, event_days: u32, person_days: u32, now: Now) -> Result<Purged, JournalError> {
        if !now.synced {
            return Ok(Purged::default());
        }
        let sent = self.sent_by_both_lanes()?;
        let now_ms = now.utc.timestamp_millis();
        let before = |days: u32| (now.utc - TimeDelta::days(i64::from(days))).timestamp_millis();
        // Only a prefix goes, so that what is left has no hole. A row from a clock that was ahead does not hold it up.
        let young: Option<u64> = self
            .connection
            .query_row(
                "SELECT seq FROM event WHERE recorded BETWEEN ?1 AND ?2 ORDER BY seq LIMIT 1",
                params![before(event_days), now_ms],
                |row| row.get(0),
            )
            .optional()?;
        // The newest row stays: it carries the numbering.
        let end = young.unwrap_or(self.newest()).min(self.newest()).min(sent + 1);
        let events = self.connection.execute(
            "DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE seq < ?1 ORDER BY seq LIMIT ?2)",
            params![end, PASS],
        )?;
        let persons = self.connection.execute(
            "DELETE FROM person WHERE seq IN (SELECT p.seq FROM person p LEFT JOIN event e ON e.seq = p.seq
             WHERE e.seq IS NULL OR (p.seq <= ?1 AND e.recorded < ?2) LIMIT ?3)",
            params![sent, before(person_days), PASS],
        )?;
        let oldest = "(SELECT coalesce(min(seq), 0) FROM event)";
        // A case goes with its last event; what is known of people goes sooner, once it is closed.
        self.connection
            .execute(&format!("DELETE FROM casefile WHERE changed_seq < {oldest} AND closed IS NOT NULL"), [])?;
        self.connection.execute(&format!("DELETE FROM case_event WHERE seq < {oldest}"), [])?;
        self.connection.execute(
            "UPDATE casefile SET person = NULL, phone_tail = NULL WHERE person IS NOT NULL AND closed < ?1",
            params![before(person_days)],
        )?;
        // A clock that is set back within this time does not make a used invitation new.
        self.connection.execute("DELETE FROM invitation WHERE until < ?1", params![before(INVITATION_DAYS)])?;
        if events > 0 {
            self.give_back()?;
        }
        Ok(Purged { events, persons })
    }

    /// Gives free pages back to the file system. SQLite frees one for each step of the statement, and a row is a step.
    fn give_back(&self) -> Result<(), JournalError> {
        let mut vacuum = self.connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }

    /// Up to which number everything is at the office, and stored there if the office says so.
    fn sent_by_both_lanes(&self) -> Result<u64, JournalError> {
        let mut sent = self.newest();
        for lane in Lane::ALL {
            // A lane whose cursor stands still because nothing came after it does not hold the other back.
            let cursor = self.cursor(lane)?;
            let waiting: Option<u64> = self.connection.query_row(
                "SELECT min(seq) FROM event WHERE seq > ?1 AND urgent = ?2",
                params![cursor, lane == Lane::Urgent],
                |row| row.get(0),
            )?;
            sent = sent.min(waiting.map_or(u64::MAX, |seq| seq.saturating_sub(1)));
        }
        let stored = super::reader::cursor(&self.connection, STORED_CURSOR)?;
        Ok(if stored == 0 { sent } else { sent.min(stored) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Data, Event, Kind, Slug};
    use chrono::DateTime;

    #[test]
    fn what_retention_deletes_is_given_back_to_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), "20261121T000000Z").unwrap().journal;
        let then = Now { utc: DateTime::from_timestamp(1_795_000_000, 0).unwrap(), synced: true };
        journal.begin().unwrap();
        for _ in 0..10_000 {
            let door = Slug::new("lobby").unwrap();
            journal.append(&Event::here(Kind::AccessGranted, door, then, Data::new()), then).unwrap();
        }
        for lane in Lane::ALL {
            journal.set_cursor(lane.cursor(), 10_000).unwrap();
        }
        journal.commit().unwrap();
        let pages = |journal: &Journal| -> u64 {
            journal.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap()
        };
        let before = pages(&journal);
        let later = Now { utc: then.utc + TimeDelta::days(91), synced: true };
        while journal.purge(90, 30, later).unwrap() != Purged::default() {}
        assert!(pages(&journal) < before / 5, "{before} pages have become {}", pages(&journal));
    }
}
