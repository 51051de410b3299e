//! Reading the journal: rows after a cursor, states and counts, for the relay, the status and the command line.
//! Never writes.

use super::open::corrupt;
use super::{Head, JOURNAL_FILE, JournalError, Lane, anchor, keep};
use crate::event::{Data, Id, Kind, Quality, Slug, Stamp};
use crate::sqlite;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{json, value::RawValue};
use std::path::Path;

/// A stored event.
#[derive(Debug, Clone)]
pub struct Row {
    pub seq: u64,
    pub id: Id,
    pub kind: Kind,
    pub subject: String,
    pub stamp: Stamp,
    pub recorded: DateTime<Utc>,
    /// A JSON object; names and phone numbers stand in its member `person` for as long as they are kept.
    pub data: Box<RawValue>,
}

/// What is known of one door now: the payload of its retained `state/{door}` topic.
#[derive(Debug, Clone, PartialEq)]
pub struct DoorState {
    pub door: Slug,
    /// `door`, `lock`, `alarm`, `tamper`, `device`, each the kind's last word, and `since` of the newest.
    pub state: Data,
}

/// What could not be read, or what the office refuses for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub recorded: DateTime<Utc>,
    /// `building` or `office`.
    pub origin: String,
    /// The topic, or the event's number.
    pub what: String,
    pub reason: String,
    pub bytes: Option<u64>,
}

/// A read-only connection. One for each thread that reads.
pub struct Reader {
    connection: Connection,
}

impl Reader {
    pub fn open(data_dir: &Path) -> Result<Self, JournalError> {
        Self::open_file(&data_dir.join(JOURNAL_FILE))
    }

    /// Opens one journal file by its path, a damaged and renamed one too.
    pub fn open_file(path: &Path) -> Result<Self, JournalError> {
        let connection = sqlite::read_only(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        super::open::keep_plans(&connection)?;
        // One page cache for each reader would be 2 MB each; the newest rows are in the kernel's cache anyway.
        connection.pragma_update(None, "cache_size", -512)?;
        Ok(Reader { connection })
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Up to `limit` rows of this lane with a number above `seq`, in order.
    pub fn after(&self, lane: Lane, seq: u64, limit: usize) -> Result<Vec<Row>, JournalError> {
        let which = match lane {
            Lane::Urgent => "e.urgent = 1",
            Lane::Normal => "e.urgent = 0",
        };
        self.rows(which, seq, limit)
    }

    /// One row by its number, if it is of this lane. Goes by the table alone, so it reads around a damaged page or index.
    pub fn at(&self, lane: Lane, seq: u64) -> Result<Option<Row>, JournalError> {
        let mut query = self.connection.prepare_cached(
            "SELECT e.seq, e.id, e.kind, e.subject, e.time, e.quality, e.recorded, e.data, p.data
             FROM event e NOT INDEXED LEFT JOIN person p ON p.seq = e.seq WHERE e.seq = ?1 AND +e.urgent = ?2",
        )?;
        let mut rows = query.query(params![seq, lane == Lane::Urgent])?;
        rows.next()?.map(read_row).transpose()
    }

    /// Up to `limit` rows of both lanes with a number above `seq`, in order.
    pub fn all_after(&self, seq: u64, limit: usize) -> Result<Vec<Row>, JournalError> {
        self.rows("1", seq, limit)
    }

    /// The newest `limit` rows of one kind, in order. Quick for the kinds of the index `event_note` only.
    pub fn of_kind(&self, kind: Kind, limit: usize) -> Result<Vec<Row>, JournalError> {
        // The name stands in the text, for SQLite takes a partial index only for a value that it knows beforehand.
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT e.seq, e.id, e.kind, e.subject, e.time, e.quality, e.recorded, e.data, p.data
             FROM event e LEFT JOIN person p ON p.seq = e.seq WHERE e.kind = '{}' ORDER BY e.seq DESC LIMIT ?1",
            kind.name()
        ))?;
        let mut rows = query.query([limit as u64])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read_row(row)?);
        }
        found.reverse();
        Ok(found)
    }

    /// Up to `limit` rows of one kind, of this time, in order. Quick for the same kinds.
    pub fn of_kind_between(
        &self,
        kind: Kind,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Row>, JournalError> {
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT e.seq, e.id, e.kind, e.subject, e.time, e.quality, e.recorded, e.data, p.data
             FROM event e LEFT JOIN person p ON p.seq = e.seq
             WHERE e.kind = '{}' AND e.time >= ?1 AND e.time < ?2 ORDER BY e.seq LIMIT ?3",
            kind.name()
        ))?;
        let mut rows = query.query(params![from.timestamp_millis(), to.timestamp_millis(), limit as u64])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read_row(row)?);
        }
        Ok(found)
    }

    fn rows(&self, which: &str, seq: u64, limit: usize) -> Result<Vec<Row>, JournalError> {
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT e.seq, e.id, e.kind, e.subject, e.time, e.quality, e.recorded, e.data, p.data
             FROM event e LEFT JOIN person p ON p.seq = e.seq
             WHERE {which} AND e.seq > ?1 ORDER BY e.seq LIMIT ?2"
        ))?;
        let mut rows = query.query(params![seq, limit as u64])?;
        let (mut found, mut last) = (Vec::new(), seq);
        while let Some(row) = rows.next()? {
            let row = read_row(row)?;
            // SQLite goes by the order in which a page has them: whoever goes on from the last one would go in circles.
            if row.seq <= last {
                return Err(corrupt("events are out of their order"));
            }
            last = row.seq;
            found.push(row);
        }
        Ok(found)
    }

    /// Up to which number the office has acknowledged this lane.
    pub fn cursor(&self, lane: Lane) -> Result<u64, JournalError> {
        cursor(&self.connection, lane.cursor())
    }

    /// What the desk remembers under this name.
    pub fn memo(&self, key: &str) -> Result<Option<String>, JournalError> {
        let mut query = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(query.query_row([key], |row| row.get(0)).optional()?)
    }

    /// Names this journal (see `Source::epoch`).
    pub fn epoch(&self) -> Result<String, JournalError> {
        Ok(self.connection.query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| row.get(0))?)
    }

    /// The newest event that is on disk, and the hash of the chain up to it; `None` before the chain's first event.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn head(&self) -> Result<Option<Head>, JournalError> {
        anchor::head(&self.connection)
    }

    /// The oldest and the newest number; `None` in an empty journal.
    pub fn span(&self) -> Result<Option<(u64, u64)>, JournalError> {
        let span = self.connection.query_row("SELECT min(seq), max(seq) FROM event", [], |row| {
            Ok(row.get::<_, Option<u64>>(0)?.zip(row.get::<_, Option<u64>>(1)?))
        })?;
        Ok(span)
    }

    /// How many events there are with this number and above, and the first of them.
    pub fn count_from(&self, from: u64) -> Result<(u64, Option<u64>), JournalError> {
        let query = "SELECT count(*), min(seq) FROM event WHERE seq >= ?1";
        Ok(self.connection.query_row(query, [from], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// How many rows of this lane the office has not acknowledged, and when the oldest of them was recorded. Costs the same
    /// however many they are: numbers have no gap, so only the few urgent ones are counted, by their index. Only after a replay
    /// that goes back to where retention has left holes are they counted row by row.
    pub fn unsent(&self, lane: Lane) -> Result<(u64, Option<DateTime<Utc>>), JournalError> {
        let Some((first, newest)) = self.span()? else { return Ok((0, None)) };
        // In a damaged file there may be a number 0, and an index that counts other rows than there are.
        let cursor = self.cursor(lane)?.max(first.saturating_sub(1));
        let mut urgent = self.connection.prepare_cached("SELECT count(*) FROM event WHERE seq > ?1 AND urgent = 1")?;
        let urgent: u64 = urgent.query_row([cursor], |row| row.get(0))?;
        let (count, oldest) = match lane {
            Lane::Urgent => (urgent, "SELECT recorded FROM event WHERE seq > ?1 AND urgent = 1 ORDER BY seq LIMIT 1"),
            Lane::Normal => (
                newest.saturating_sub(cursor).saturating_sub(urgent).saturating_sub(self.holes(cursor)?),
                "SELECT recorded FROM event WHERE seq > ?1 AND urgent = 0 ORDER BY seq LIMIT 1",
            ),
        };
        let mut oldest = self.connection.prepare_cached(oldest)?;
        let oldest: Option<i64> = oldest.query_row([cursor], |row| row.get(0)).optional()?;
        Ok((count, oldest.and_then(DateTime::from_timestamp_millis)))
    }

    /// How many numbers above `seq` are here no more although others below them are.
    fn holes(&self, seq: u64) -> Result<u64, JournalError> {
        let thinned = keep::thinned(&self.connection)?;
        if thinned <= seq {
            return Ok(0);
        }
        let mut query = self.connection.prepare_cached("SELECT count(*) FROM event WHERE seq > ?1 AND seq <= ?2")?;
        let here: u64 = query.query_row([seq, thinned], |row| row.get(0))?;
        Ok((thinned - seq).saturating_sub(here))
    }

    /// Up to which number what devices said day in, day out has gone before the rest; 0 where nothing has.
    pub fn thinned_through(&self) -> Result<u64, JournalError> {
        keep::thinned(&self.connection)
    }

    /// What is known of every door and device.
    pub fn states(&self) -> Result<Vec<DoorState>, JournalError> {
        let mut query =
            self.connection.prepare_cached("SELECT subject, aspect, kind, since FROM state ORDER BY subject")?;
        let mut rows = query.query([])?;
        let mut doors: Vec<(DoorState, i64)> = Vec::new();
        while let Some(row) = rows.next()? {
            let (subject, aspect, kind, since): (String, String, String, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            if doors.last().is_none_or(|(last, _)| last.door.as_str() != subject) {
                doors.push((DoorState { door: Slug::from_text(&subject), state: Data::new() }, i64::MIN));
            }
            let Some((door, newest)) = doors.last_mut() else { continue };
            // `door.opened` says `opened` of the aspect `door`.
            let word = kind.rsplit('.').next().unwrap_or(&kind);
            door.state.insert(aspect, json!(word));
            *newest = since.max(*newest);
        }
        Ok(doors
            .into_iter()
            .map(|(mut door, since)| {
                let since = DateTime::from_timestamp_millis(since).map(|time| time.to_rfc3339());
                door.state.insert("since".into(), json!(since));
                door
            })
            .collect())
    }

    /// Dead letters since the journal began, also those that are no longer kept.
    pub fn dead_letter_count(&self) -> Result<u64, JournalError> {
        Ok(self.connection.query_row("SELECT coalesce(max(number), 0) FROM dead_letter", [], |row| row.get(0))?)
    }

    /// The newest dead letters, newest first.
    pub fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, JournalError> {
        let mut query = self.connection.prepare_cached(
            "SELECT recorded, origin, what, reason, bytes FROM dead_letter ORDER BY number DESC LIMIT ?1",
        )?;
        let letters = query.query_map([limit as u64], |row| {
            Ok(DeadLetter {
                recorded: DateTime::from_timestamp_millis(row.get(0)?).unwrap_or_default(),
                origin: row.get(1)?,
                what: row.get(2)?,
                reason: row.get(3)?,
                bytes: row.get(4)?,
            })
        })?;
        Ok(letters.collect::<Result<_, _>>()?)
    }

    /// Everything that SQLite itself finds wrong with the file; empty when it is sound.
    pub fn faults(&self) -> Result<Vec<String>, JournalError> {
        let mut query = self.connection.prepare("PRAGMA integrity_check")?;
        let verdicts: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(verdicts.into_iter().filter(|verdict| verdict != "ok").collect())
    }
}

pub(super) fn cursor(connection: &Connection, name: &str) -> Result<u64, JournalError> {
    let mut query = connection.prepare_cached("SELECT seq FROM cursor WHERE name = ?1")?;
    Ok(query.query_row([name], |row| row.get(0)).optional()?.unwrap_or(0))
}

pub(super) fn read_row(row: &rusqlite::Row<'_>) -> Result<Row, JournalError> {
    let seq: u64 = row.get(0)?;
    let unreadable = |what: &str| JournalError::Unreadable { seq, what: what.to_owned() };
    let kind: String = row.get(2)?;
    let quality: String = row.get(5)?;
    let data: String = row.get(7)?;
    let person: Option<String> = row.get(8)?;
    Ok(Row {
        seq,
        id: Id(row.get(1)?),
        kind: kind.parse().map_err(|error| unreadable(&format!("{error}")))?,
        subject: row.get(3)?,
        stamp: Stamp {
            time: DateTime::from_timestamp_millis(row.get(4)?).ok_or_else(|| unreadable("its time"))?,
            quality: Quality::from_name(&quality).ok_or_else(|| unreadable("its time quality"))?,
        },
        recorded: DateTime::from_timestamp_millis(row.get(6)?).ok_or_else(|| unreadable("its recording time"))?,
        data: RawValue::from_string(with_person(data, person)).map_err(|error| unreadable(&error.to_string()))?,
    })
}

/// Puts the person into the object as its last member, without parsing either.
pub(super) fn with_person(mut data: String, person: Option<String>) -> String {
    if let Some(person) = person
        && data.ends_with('}')
    {
        data.pop();
        let comma = if data.ends_with('{') { "" } else { "," };
        data.push_str(&format!("{comma}\"person\":{person}}}"));
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Now};
    use crate::journal::Journal;

    /// Not as 18 quintillion rows that wait.
    #[test]
    fn a_number_below_the_first_of_a_damaged_journal_is_counted_as_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), "20261122T000000Z").unwrap().journal;
        let now = Now { utc: DateTime::from_timestamp(1_795_000_000, 0).unwrap(), synced: true };
        journal.begin().unwrap();
        for _ in 0..3 {
            journal.append(&Event::here(Kind::HelpRequested, Slug::from_text("lobby"), now, Data::new()), now).unwrap();
        }
        journal.commit().unwrap();
        drop(journal);
        let file = Connection::open(folder.path().join(JOURNAL_FILE)).unwrap();
        file.execute_batch("UPDATE event SET seq = 0 WHERE seq = 1; UPDATE event SET seq = 1 WHERE seq = 3").unwrap();
        let reader = Reader::open(folder.path()).unwrap();
        assert_eq!(reader.unsent(Lane::Normal).unwrap().0, 0);
        assert!(reader.audit().is_ok());
    }

    /// Whatever the cursors stand at: as if each row had been looked at.
    #[test]
    fn what_waits_is_counted_right_for_each_lane() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), "20261122T000000Z").unwrap().journal;
        let reader = Reader::open(folder.path()).unwrap();
        assert_eq!(reader.unsent(Lane::Normal).unwrap(), (0, None));
        let at = |seq: u64| DateTime::from_timestamp(1_795_000_000 + seq as i64, 0).unwrap();
        let is_urgent = |seq: u64| matches!(seq, 1 | 2 | 17 | 30..=33 | 60);
        journal.begin().unwrap();
        for seq in 1..=60 {
            let kind = if is_urgent(seq) { Kind::HelpRequested } else { Kind::AccessGranted };
            let now = Now { utc: at(seq), synced: true };
            journal.append(&Event::here(kind, Slug::from_text("lobby"), now, Data::new()), now).unwrap();
        }
        journal.commit().unwrap();
        for cursor in 0..=60 {
            journal.begin().unwrap();
            Lane::ALL.iter().for_each(|lane| journal.set_cursor(lane.cursor(), cursor).unwrap());
            journal.commit().unwrap();
            for lane in Lane::ALL {
                let waits: Vec<u64> =
                    (cursor + 1..=60).filter(|seq| is_urgent(*seq) == (lane == Lane::Urgent)).collect();
                let expected = (waits.len() as u64, waits.first().map(|seq| at(*seq)));
                assert_eq!(reader.unsent(lane).unwrap(), expected, "{lane:?} from {cursor}");
            }
        }
    }
}
