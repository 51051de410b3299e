//! What a journal of version 1 still holds: visits that nobody signed out and repairs that have no end, which were no cases
//! yet. The desk opens cases for them once; then these tables go.

use super::{Journal, JournalError};
use crate::event::{Data, Now, Quality};
use crate::service::number::{Number, Series};
use chrono::DateTime;
use rusqlite::{OptionalExtension, params};

/// A matter that was open in version 1.
#[derive(Debug, Clone)]
pub struct OldMatter {
    pub number: Number,
    /// The event that it began with, and what that said; names are gone where their retention is over.
    pub seq: u64,
    pub began: Now,
    pub data: Data,
    pub person: Data,
}

impl Journal {
    /// Everything that version 1 left open; `None` where this journal never was of version 1, or has been carried over.
    pub fn old_matters(&self) -> Result<Option<Vec<OldMatter>>, JournalError> {
        let there = "SELECT 1 FROM sqlite_schema WHERE name = 'visit_1'";
        if !self.connection.prepare(there)?.exists([])? {
            return Ok(None);
        }
        let mut query = self.connection.prepare(
            "SELECT 'V', day, nth, arrived_seq FROM visit_1 WHERE ended_seq IS NULL
             UNION ALL SELECT series, day, nth, opened_seq FROM ticket_1 WHERE series = 'R' ORDER BY 4",
        )?;
        let mut rows = query.query([])?;
        let mut matters = Vec::new();
        while let Some(row) = rows.next()? {
            let letter: String = row.get(0)?;
            let series = if letter == "R" { Series::Repair } else { Series::Visit };
            let number = Number { series, day: row.get(1)?, nth: row.get(2)? };
            match self.old_matter(number, row.get(3)?)? {
                Some(matter) => matters.push(matter),
                None => tracing::warn!(number = String::from(number), "its first event is gone: not carried over"),
            }
        }
        Ok(Some(matters))
    }

    fn old_matter(&self, number: Number, seq: u64) -> Result<Option<OldMatter>, JournalError> {
        let read = |row: &rusqlite::Row<'_>| {
            Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get::<_, Option<String>>(3)?))
        };
        let found: Option<(i64, String, String, Option<String>)> = self
            .connection
            .prepare_cached(
                "SELECT e.time, e.quality, e.data, p.data FROM event e LEFT JOIN person p ON p.seq = e.seq WHERE e.seq = ?1",
            )?
            .query_row(params![seq], read)
            .optional()?;
        Ok(found.and_then(|(time, quality, data, person)| {
            let object = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
            let synced = Quality::from_name(&quality) == Some(Quality::Synced);
            Some(OldMatter {
                number,
                seq,
                began: Now { utc: DateTime::from_timestamp_millis(time)?, synced },
                data: object(Some(data))?,
                person: object(person).unwrap_or_default(),
            })
        }))
    }

    /// They have been carried over.
    pub fn drop_old_matters(&mut self) -> Result<(), JournalError> {
        Ok(self.connection.execute_batch("DROP TABLE visit_1; DROP TABLE ticket_1")?)
    }
}
