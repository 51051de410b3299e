//! Cases as pages, handsets, lists and exports read them: open ones, those of a day, a unit or a series, and the history of
//! each. Must never write.

use super::casefile::{COLUMNS, CaseRow, collect, object, open_rows, read};
use super::{JournalError, Reader};
use crate::event::{Data, Kind};
use crate::service::number::{Number, Series};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

/// One line of a case's history.
#[derive(Debug, Clone)]
pub struct Told {
    pub seq: u64,
    pub kind: Kind,
    pub time: DateTime<Utc>,
    pub data: Data,
    pub person: Data,
}

/// One line of the histories of many cases, without names.
#[derive(Debug, Clone)]
pub struct CaseLine {
    pub number: Number,
    pub kind: Kind,
    pub time: DateTime<Utc>,
    pub data: Data,
}

impl Reader {
    pub fn case(&self, number: Number) -> Result<Option<CaseRow>, JournalError> {
        let mut query = self
            .connection()
            .prepare_cached(&format!("SELECT {COLUMNS} FROM casefile WHERE series = ?1 AND day = ?2 AND nth = ?3"))?;
        let mut rows = query.query(params![number.series.letter().to_string(), number.day, number.nth])?;
        rows.next()?.map(read).transpose()
    }

    /// The newest case with this number as people say it: `R-1121-07`.
    pub fn case_said(&self, series: Series, month_day: u32, nth: u32) -> Result<Option<CaseRow>, JournalError> {
        let mut query = self.connection().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM casefile WHERE series = ?1 AND day % 10000 = ?2 AND nth = ?3 ORDER BY day DESC LIMIT 1"
        ))?;
        let mut rows = query.query(params![series.letter().to_string(), month_day, nth])?;
        rows.next()?.map(read).transpose()
    }

    /// The newest case of this key, open or not.
    pub fn newest_of_key(&self, key: &str) -> Result<Option<CaseRow>, JournalError> {
        let mut query = self.connection().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM casefile WHERE key = ?1 ORDER BY opened_seq DESC LIMIT 1"
        ))?;
        let mut rows = query.query([key])?;
        rows.next()?.map(read).transpose()
    }

    /// Every case that has not ended, the oldest first.
    pub fn open_cases(&self) -> Result<Vec<CaseRow>, JournalError> {
        open_rows(self.connection())
    }

    /// Those of one series, the oldest first.
    pub fn open_cases_of(&self, series: Series) -> Result<Vec<CaseRow>, JournalError> {
        let mut query = self.connection().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM casefile WHERE series = ?1 AND closed IS NULL ORDER BY opened_seq"
        ))?;
        collect(&mut query.query([series.letter().to_string()])?)
    }

    /// R271: who has consented to be on the list of this month, 1 to 12, in the order of consent.
    pub fn birthdays(&self, month: u8) -> Result<Vec<CaseRow>, JournalError> {
        let mut query = self.connection().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM casefile
             WHERE series = 'Y' AND closed IS NULL AND json_extract(person, '$.month') = ?1 ORDER BY opened_seq"
        ))?;
        collect(&mut query.query([month])?)
    }

    /// The newest of one series, closed or not, the newest first.
    pub fn newest_cases_of(&self, series: Series, limit: usize) -> Result<Vec<CaseRow>, JournalError> {
        let mut query = self.connection().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM casefile WHERE series = ?1 ORDER BY day DESC, nth DESC LIMIT ?2"
        ))?;
        collect(&mut query.query(params![series.letter().to_string(), limit as u64])?)
    }

    /// The newest of all series.
    pub fn newest_cases(&self, limit: usize) -> Result<Vec<CaseRow>, JournalError> {
        let mut query = self
            .connection()
            .prepare_cached(&format!("SELECT {COLUMNS} FROM casefile ORDER BY changed_seq DESC LIMIT ?1"))?;
        collect(&mut query.query([limit as u64])?)
    }

    /// Up to `limit` lines of the histories of all cases opened from one local day to another, without their persons.
    pub fn case_lines(&self, from: u32, to: u32, limit: usize) -> Result<Vec<CaseLine>, JournalError> {
        let mut query = self.connection().prepare_cached(
            "SELECT c.series, c.day, c.nth, e.kind, e.time, e.data FROM case_event c JOIN event e ON e.seq = c.seq
             WHERE c.day BETWEEN ?1 AND ?2 ORDER BY c.day, c.series, c.nth, c.seq LIMIT ?3",
        )?;
        let mut rows = query.query(params![from, to, limit as u64])?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            let (letter, kind): (String, String) = (row.get(0)?, row.get(3)?);
            let series = letter.chars().next().and_then(Series::from_letter);
            let (Some(series), Ok(kind)) = (series, kind.parse()) else { continue };
            lines.push(CaseLine {
                number: Number { series, day: row.get(1)?, nth: row.get(2)? },
                kind,
                time: DateTime::from_timestamp_millis(row.get(4)?).unwrap_or_default(),
                data: object(Some(row.get(5)?)),
            });
        }
        Ok(lines)
    }

    /// Cases that have changed after this event, in the order of their last change.
    pub fn cases_changed_after(&self, seq: u64, limit: usize) -> Result<Vec<CaseRow>, JournalError> {
        let mut query = self.connection().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM casefile WHERE changed_seq > ?1 ORDER BY changed_seq LIMIT ?2"
        ))?;
        collect(&mut query.query(params![seq, limit as u64])?)
    }

    /// The cases of one series opened on a local day, and those still open from before.
    pub fn cases_of_day(&self, series: Series, day: u32) -> Result<Vec<CaseRow>, JournalError> {
        let mut query = self.connection().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM casefile WHERE series = ?1 AND (day = ?2 OR closed IS NULL) ORDER BY day, nth"
        ))?;
        collect(&mut query.query(params![series.letter().to_string(), day])?)
    }

    /// What is wrong with cases that cannot be read, up to `limit` of them.
    pub(super) fn unreadable_cases(&self, limit: usize) -> Result<Vec<String>, JournalError> {
        let mut query = self.connection().prepare(&format!("SELECT {COLUMNS} FROM casefile ORDER BY opened_seq"))?;
        let mut rows = query.query([])?;
        let mut faults = Vec::new();
        while let Some(row) = rows.next()?.filter(|_| faults.len() < limit) {
            match read(row) {
                Err(error @ JournalError::Case { .. }) => faults.push(error.to_string()),
                read => drop(read?),
            }
        }
        Ok(faults)
    }

    /// R314: the file of a unit, newest first: every case about it that is still kept.
    pub fn cases_of_unit(&self, unit: &str, limit: usize) -> Result<Vec<CaseRow>, JournalError> {
        let mut query = self.connection().prepare_cached(&format!(
            "SELECT {COLUMNS} FROM casefile WHERE unit = ?1 ORDER BY opened_seq DESC LIMIT ?2"
        ))?;
        collect(&mut query.query(params![unit, limit as u64])?)
    }

    /// The history of a case, oldest first.
    pub fn history(&self, number: Number) -> Result<Vec<Told>, JournalError> {
        history(self.connection(), number)
    }
}

pub(super) fn history(connection: &Connection, number: Number) -> Result<Vec<Told>, JournalError> {
    let mut query = connection.prepare_cached(
        "SELECT e.seq, e.kind, e.time, e.data, p.data FROM case_event c
         JOIN event e ON e.seq = c.seq LEFT JOIN person p ON p.seq = c.seq
         WHERE c.series = ?1 AND c.day = ?2 AND c.nth = ?3 ORDER BY c.seq",
    )?;
    let mut rows = query.query(params![number.series.letter().to_string(), number.day, number.nth])?;
    let mut told = Vec::new();
    while let Some(row) = rows.next()? {
        let kind: String = row.get(1)?;
        // A kind of a newer version that was taken back is no reason to show nothing.
        let Ok(kind) = kind.parse() else { continue };
        told.push(Told {
            seq: row.get(0)?,
            kind,
            time: DateTime::from_timestamp_millis(row.get(2)?).unwrap_or_default(),
            data: object(Some(row.get(3)?)),
            person: object(row.get(4)?),
        });
    }
    Ok(told)
}
