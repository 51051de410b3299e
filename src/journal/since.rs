//! What a journal holds that a copy of it does not: written out before the copy takes its place, so that nothing is lost
//! without being told. Reads the rows as they are stored: the journal may be of a newer version than this program.

use super::{JournalError, Lane};
use crate::event::{Kind, Source};
use crate::sqlite;
use chrono::{DateTime, SecondsFormat};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What is in the journal and not in the copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Since {
    pub events: u64,
    /// How many of them the office has not acknowledged: they are nowhere else.
    pub unsent: u64,
    /// The journal.
    pub(super) journal: PathBuf,
    /// How far each series of numbers has come: letter, day, last.
    pub(super) numbers: Vec<(String, u32, u32)>,
}

impl Since {
    /// Writes each event that `journal` has and `copy` has not as a line of JSON, in the form in which the office gets it.
    /// All of them where the two have nothing in common: it was begun anew since, or has grown out of all that the copy knows.
    ///
    /// # Errors
    /// When the journal cannot be read, or `out` does not take it.
    pub fn write(journal: &Path, copy: &Path, source: &Source, out: &mut impl Write) -> Result<Self, JournalError> {
        let connection = sqlite::read_only(journal)?;
        connection.execute("ATTACH ?1 AS copy", [copy.to_string_lossy()])?;
        let journal = journal.to_owned();
        let mut since = Since { numbers: numbers(&connection)?, journal, ..Since::default() };
        let mut query = connection.prepare(
            "SELECT e.seq, e.id, e.kind, e.subject, e.time, e.quality, e.recorded, e.data, p.data,
                    e.seq > coalesce((SELECT seq FROM cursor WHERE name = iif(e.urgent, ?1, ?2)), 0)
             FROM event e LEFT JOIN person p ON p.seq = e.seq
             WHERE NOT EXISTS (SELECT 1 FROM copy.event c WHERE c.id = e.id) ORDER BY e.seq",
        )?;
        let mut rows = query.query(params![Lane::Urgent.cursor(), Lane::Normal.cursor()])?;
        while let Some(row) = rows.next()? {
            since.events += 1;
            since.unsent += row.get::<_, u64>(9)?;
            let written = serde_json::to_writer(&mut *out, &line(row, source)?).map_err(io::Error::from);
            written
                .and_then(|()| out.write_all(b"\n"))
                .map_err(|error| JournalError::File { path: since.journal.clone(), error })?;
        }
        Ok(since)
    }

    /// Whether the journal has what the copy ends with, but for what devices said, which goes sooner, and has lost nothing since: then it goes
    /// on where the copy ends.
    pub(super) fn goes_on_from(&self, copy: &Connection, through: u64) -> Result<bool, JournalError> {
        let mut newest = copy.prepare(
            "SELECT id FROM event WHERE seq <= ?1 AND (run IS NOT NULL OR hash IS NULL) ORDER BY seq DESC LIMIT 1",
        )?;
        let newest: Option<[u8; 16]> = newest.query_row([through], |row| row.get(0)).optional()?;
        let Some(id) = newest else { return Ok(true) };
        let journal = sqlite::read_only(&self.journal)?;
        // One that was begun anew after damage has what could be brought over under its ids, and no more: an empty list there says nothing.
        let mut anew = journal.prepare("SELECT id FROM event WHERE kind = ?1")?;
        let mut anew = anew.query([Kind::JournalRecovered.name()])?;
        let mut known = copy.prepare("SELECT 1 FROM event WHERE id = ?1")?;
        while let Some(row) = anew.next()? {
            if !known.exists([row.get::<_, [u8; 16]>(0)?])? {
                return Ok(false);
            }
        }
        Ok(journal.prepare("SELECT 1 FROM event WHERE id = ?1")?.exists([id])?)
    }
}

fn numbers(connection: &Connection) -> Result<Vec<(String, u32, u32)>, JournalError> {
    let mut query = connection.prepare("SELECT series, day, last FROM main.counter")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The envelope, with the kind as it is written: this program may not know it.
fn line(row: &Row<'_>, source: &Source) -> Result<Value, JournalError> {
    let time = |column| -> Result<String, JournalError> {
        let time = DateTime::from_timestamp_millis(row.get(column)?).unwrap_or_default();
        Ok(time.to_rfc3339_opts(SecondsFormat::Millis, true))
    };
    let parsed = |text: Option<String>| text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let mut data = parsed(row.get(7)?).unwrap_or_default();
    if let (Some(person), Value::Object(data)) = (parsed(row.get(8)?), &mut data) {
        data.insert("person".into(), person);
    }
    Ok(json!({
        "specversion": "1.0",
        "id": crate::event::Id(row.get(1)?).to_string(),
        "source": format!("/lobby/{}/{}", source.site, source.gateway),
        "type": format!("lobbyd.{}", row.get::<_, String>(2)?),
        "subject": row.get::<_, String>(3)?,
        "time": time(4)?,
        "datacontenttype": "application/json",
        "seq": row.get::<_, u64>(0)?,
        "epoch": source.epoch,
        "recorded": time(6)?,
        "timequality": row.get::<_, String>(5)?,
        "data": data,
    }))
}
