//! Writing: events, states, cursors and dead letters, all inside the transaction that the desk holds open.

use super::chain::{Chain, Content};
use super::hold::Holding;
use super::mark::Mark;
use super::open::Lock;
use super::reader::with_person;
use super::{JournalError, Lane, MAX_DEAD_LETTERS, Row, STORED_CURSOR, Tail, anchor, wal};
use crate::event::{Aspect, Event, Fingerprint, Id, Identity, Kind, Now, Slug, Stamp};
use crate::service::door::{Known, NewState};
use crate::service::number::{Number, Series};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::value::RawValue;
use std::sync::Arc;

/// A repeated delivery is looked for among this many of the newest rows: MQTT packet ids come round after 65,535.
const REPEAT_WINDOW: u64 = 65_535;

/// The journal, open for writing.
pub struct Journal {
    pub(super) connection: Connection,
    /// The lock on the data folder; released when the journal is dropped.
    _lock: Arc<Lock>,
    pub(super) mark: Mark,
    /// The disk has become read-only in a commit: what is stored is known only after the next start.
    doubtful: bool,
    pub(super) wal: wal::Pages,
    epoch: String,
    pub(super) newest: u64,
    /// Where the chain stands behind `newest`.
    pub(super) chain: Chain,
    /// Both when the transaction began.
    committed: (u64, Chain),
    tail: Tail,
    /// What this transaction has appended, if somebody follows.
    appended: Option<Vec<Row>>,
    /// Pages that are still to be looked through for what was erased.
    pub(super) sweeping: Option<Vec<u64>>,
    pub(super) hurried: bool,
    /// What the legal holds keep, as far as it was looked for.
    pub(super) holding: Option<Holding>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    As(u64),
    /// It is in the journal already: a redelivery or a replay.
    Repeat,
}

impl Journal {
    pub(super) fn new(
        mut connection: Connection,
        lock: Arc<Lock>,
        mark: Mark,
        epoch: String,
    ) -> Result<Self, JournalError> {
        let wal = wal::Pages::of(&mut connection)?;
        let newest = connection.query_row("SELECT coalesce(max(seq), 0) FROM event", [], |row| row.get(0))?;
        let chain = anchor::open(&connection, &epoch, newest)?;
        let (tail, appended, sweeping) = Default::default();
        let (committed, doubtful) = ((newest, chain), false);
        Ok(Journal {
            connection,
            _lock: lock,
            mark,
            doubtful,
            wal,
            epoch,
            newest,
            chain,
            committed,
            tail,
            appended,
            sweeping,
            holding: None,
            hurried: false,
        })
    }

    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The number of the newest event.
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// The newest rows, for who follows.
    pub fn tail(&self) -> Tail {
        self.tail.clone()
    }

    /// Rows changed since the journal was opened; only a difference means anything.
    pub fn changes(&self) -> u64 {
        self.connection.total_changes()
    }

    /// When the newest event was recorded.
    pub fn last_recorded(&self) -> Result<Option<DateTime<Utc>>, JournalError> {
        let mut query = self.connection.prepare_cached("SELECT recorded FROM event ORDER BY seq DESC LIMIT 1")?;
        let recorded: Option<i64> = query.query_row([], |row| row.get(0)).optional()?;
        Ok(recorded.and_then(DateTime::from_timestamp_millis))
    }

    /// One of the few things that the desk itself remembers: where the calendar stands, which rules are in force.
    pub fn memo(&self, key: &str) -> Result<Option<String>, JournalError> {
        let mut query = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(query.query_row([key], |row| row.get(0)).optional()?)
    }

    /// Remembers, or forgets with `None`.
    pub fn set_memo(&mut self, key: &str, value: Option<&str>) -> Result<(), JournalError> {
        match value {
            Some(value) => self
                .connection
                .prepare_cached(
                    "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
                )?
                .execute([key, value])?,
            None => self.connection.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([key])?,
        };
        Ok(())
    }

    /// Writes something that means nothing: to see whether the disk takes it.
    pub fn touch(&mut self) -> Result<(), JournalError> {
        self.connection.execute(
            "INSERT INTO meta (key, value) VALUES ('touched', '1')
             ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1",
            [],
        )?;
        Ok(())
    }

    pub fn begin(&mut self) -> Result<(), JournalError> {
        if self.doubtful {
            return Err(self.mark.read_only());
        }
        self.committed = (self.newest, self.chain);
        self.appended = self.tail.is_followed().then(Vec::new);
        // Prepared once: to parse it again was a part of every commit.
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    /// Ends the transaction with an fsync. After an error nothing of it is stored.
    pub fn commit(&mut self) -> Result<(), JournalError> {
        let mut done = self.end().map_err(JournalError::from);
        if done.is_ok() && !self.mark.take(&self.epoch, self.newest) {
            self.doubtful = true;
            done = Err(self.mark.read_only());
        }
        if done.is_err() {
            self.roll_back();
        }
        self.committed = (self.newest, self.chain);
        if let Some(rows) = self.appended.take() {
            self.tail.push(rows.into_iter());
        }
        done
    }

    fn end(&self) -> rusqlite::Result<()> {
        self.connection.prepare_cached("COMMIT")?.execute([]).map(drop)
    }

    pub fn roll_back(&mut self) {
        // SQLite may have rolled back by itself (disk full); then there is nothing left to end.
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "rolling back failed");
        }
        (self.newest, self.chain) = self.committed;
        self.holding = self.holding.take().filter(|holding| holding.is_within(self.newest));
        self.appended = None;
    }

    /// Stores one event, unless it is in the journal already.
    pub fn append(&mut self, event: &Event, now: Now) -> Result<Appended, JournalError> {
        let seq = self.newest + 1;
        let (id, fingerprint) = match &event.identity {
            Identity::Fresh => (Id::fresh(now.utc), None),
            Identity::Native(id) => (*id, None),
            Identity::Delivery { fingerprint, repeated } => {
                if *repeated && self.has_delivery(*fingerprint)? {
                    return Ok(Appended::Repeat);
                }
                (self.numbered(&fingerprint.0, seq).dated(now.utc), Some(fingerprint.0))
            }
            Identity::Latest { series, record } => {
                if self.is_latest(*series, *record)? {
                    return Ok(Appended::Repeat);
                }
                (self.numbered(&record.0, seq).dated(now.utc), Some(series.0))
            }
        };
        let data = event.data.text();
        let stamp = Stamp { time: to_the_millisecond(event.stamp.time), ..event.stamp };
        let recorded = to_the_millisecond(now.utc);
        let person = event.person.as_ref().map(serde_json::to_string).transpose();
        let person = person.expect("a map with string keys always serialises");
        let content = Content {
            seq,
            id: &id.0,
            kind: event.kind.name().as_bytes(),
            subject: event.subject.as_str().as_bytes(),
            urgent: event.kind.is_urgent().into(),
            time: stamp.time.timestamp_millis(),
            quality: stamp.quality.name().as_bytes(),
            recorded: recorded.timestamp_millis(),
            data: data.get().as_bytes(),
            fingerprint: fingerprint.as_ref().map(<[u8; 16]>::as_slice),
            person: None,
        };
        if !self.insert(&content, person.as_deref(), event.kind.is_chatter())? {
            return Ok(Appended::Repeat);
        }
        if let Some(rows) = &mut self.appended {
            let data = match person {
                None => data.to_owned(),
                Some(person) => RawValue::from_string(with_person(data.get().to_owned(), Some(person)))
                    .expect("an object with one more member is an object"),
            };
            let subject = event.subject.as_str().to_owned();
            rows.push(Row { seq, id, kind: event.kind, subject, stamp, recorded, data });
        }
        Ok(Appended::As(seq))
    }

    fn has_delivery(&self, fingerprint: Fingerprint) -> Result<bool, JournalError> {
        let oldest = self.newest.saturating_sub(REPEAT_WINDOW);
        let mut query =
            self.connection.prepare_cached("SELECT 1 FROM event WHERE fingerprint = ?1 AND seq > ?2 LIMIT 1")?;
        Ok(query.exists(params![fingerprint.0, oldest])?)
    }

    /// Whether this record is the last one stored of its series.
    fn is_latest(&self, series: Fingerprint, record: Id) -> Result<bool, JournalError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT seq, id FROM event WHERE fingerprint = ?1 ORDER BY seq DESC LIMIT 1")?;
        let last: Option<(u64, [u8; 16])> =
            query.query_row([series.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        Ok(last.is_some_and(|(seq, id)| Id(id).is_of(self.numbered(&record.0, seq))))
    }

    /// The id of a record that may come again later as another event.
    fn numbered(&self, record: &[u8], seq: u64) -> Id {
        Id::derived(&[record, self.epoch.as_bytes(), &seq.to_be_bytes()])
    }

    /// The last state known of one aspect of a door or device.
    pub fn state(&self, subject: &Slug, aspect: Aspect) -> Result<Option<Known>, JournalError> {
        let mut query =
            self.connection.prepare_cached("SELECT kind, since FROM state WHERE subject = ?1 AND aspect = ?2")?;
        let row = query
            .query_row(params![subject.as_str(), aspect.name()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
            .optional()?;
        // A kind that this version does not know counts as no state: the next report sets it.
        Ok(row.and_then(|(kind, since)| {
            Some(Known { kind: kind.parse::<Kind>().ok()?, since: DateTime::from_timestamp_millis(since)? })
        }))
    }

    pub fn set_state(&mut self, state: &NewState) -> Result<(), JournalError> {
        self.connection
            .prepare_cached(
                "INSERT INTO state (subject, aspect, kind, since) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET kind = excluded.kind, since = excluded.since",
            )?
            .execute(params![
                state.subject.as_str(),
                state.aspect.name(),
                state.kind.name(),
                state.since.timestamp_millis()
            ])?;
        Ok(())
    }

    /// The next number of a series on a day. Given back if the transaction is rolled back.
    pub fn next_number(&mut self, series: Series, day: u32) -> Result<Number, JournalError> {
        let nth = self
            .connection
            .prepare_cached(
                "INSERT INTO counter (series, day, last) VALUES (?1, ?2, 1)
                 ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last",
            )?
            .query_row(params![series.letter().to_string(), day], |row| row.get(0))?;
        Ok(Number { series, day, nth })
    }

    /// Moves a cursor. Backwards only when the office asks for a replay.
    pub fn set_cursor(&mut self, name: &str, seq: u64) -> Result<(), JournalError> {
        self.connection
            .prepare_cached(
                "INSERT INTO cursor (name, seq) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET seq = excluded.seq",
            )?
            .execute(params![name, seq])?;
        Ok(())
    }

    /// The office has stored everything up to here. Never back: what is stored stays stored, and an `ack` is not signed, so one of long ago,
    /// or of anybody, would keep everything from being erased for ever. `None`: the office marks no more; a 0 does not say that, an office
    /// with an empty table sends one.
    pub fn note_stored(&mut self, seq: Option<u64>) -> Result<(), JournalError> {
        let before = super::reader::cursor(&self.connection, STORED_CURSOR)?;
        match seq {
            None => self.set_cursor(STORED_CURSOR, 0),
            Some(seq) if seq > before => self.set_cursor(STORED_CURSOR, seq),
            Some(_) => Ok(()),
        }
    }

    pub fn cursor(&self, lane: Lane) -> Result<u64, JournalError> {
        super::reader::cursor(&self.connection, lane.cursor())
    }

    /// Keeps what could not be read or sent, without its content, and forgets the oldest beyond the limit.
    pub fn bury(&mut self, letter: &super::DeadLetter) -> Result<(), JournalError> {
        self.connection
            .prepare_cached(
                "INSERT INTO dead_letter (recorded, origin, what, reason, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                letter.recorded.timestamp_millis(),
                letter.origin,
                letter.what,
                letter.reason,
                letter.bytes
            ])?;
        self.connection
            .prepare_cached("DELETE FROM dead_letter WHERE number <= (SELECT max(number) FROM dead_letter) - ?1")?
            .execute([MAX_DEAD_LETTERS])?;
        Ok(())
    }
}

/// As it is stored.
fn to_the_millisecond(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(time.timestamp_millis()).unwrap_or(time)
}
