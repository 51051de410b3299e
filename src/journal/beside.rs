//! What stands in tables beside the chain, held against what its events still say: who a case is about, what the law holds, how many are
//! watched for. Events that have gone, or have lost their persons, say nothing, so this finds what was changed and not all that
//! was taken out. Decides nothing else, reads only.

use super::casefile::{OF_THE_ACTOR, full_number, object};
use super::open::corrupt;
use super::{Ages, JournalError};
use crate::event::{Data, Kind};
use crate::service::person::{Hold, Of};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Cases of one look: the daemon's WAL cannot be moved into the database as long as a look takes.
const BATCH: u64 = 200;

/// `hold.placed`, and what its person says while it is there.
#[derive(Debug, Clone, Deserialize)]
struct Placed {
    id: String,
    case: Option<String>,
    until: DateTime<Utc>,
    #[serde(skip)]
    person: Data,
}

/// `watch-list.changed`.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Watched {
    entries: u64,
    /// When the first of them ends; an older version has not said it.
    first_end: Option<DateTime<Utc>>,
}

/// What the events say, as far as the walk has come.
pub(super) struct Beside {
    /// Placed and not lifted.
    holds: BTreeMap<String, Placed>,
    watched: Option<Watched>,
    /// Cases from before a damaged journal was set aside may have lost events without a trace.
    recovered: u64,
    /// The time, and the latest at which retention may have ended entries; `None` where nobody has asked.
    now: Option<(Ages, i64)>,
}

impl Beside {
    pub fn begin(ages: Option<Ages>) -> Self {
        let now = ages.map(|ages| (ages, ages.latest()));
        Beside { holds: BTreeMap::new(), watched: None, recovered: 0, now }
    }

    /// The next row, as the walk reads it.
    pub fn read(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let (seq, kind, recorded): (u64, _, i64) = (row.get(0)?, row.get_ref(2)?, row.get(6)?);
        self.now = self.now.map(|(ages, now)| (ages, ages.latest_after(now, recorded).max(recorded)));
        let is = |of: Kind| kind.as_bytes_or_null().is_ok_and(|kind| kind == Some(of.name().as_bytes()));
        if is(Kind::JournalRecovered) {
            self.recovered = seq;
        } else if is(Kind::HoldPlaced) {
            let person = object(row.get(8)?);
            let placed = said::<Placed>(row)?.map(|placed| Placed { person, ..placed });
            self.holds.extend(placed.map(|placed| (placed.id.clone(), placed)));
        } else if is(Kind::HoldLifted) {
            let id = said::<Data>(row)?.and_then(|data| Some(data.get("id")?.as_str()?.to_owned()));
            id.and_then(|id| self.holds.remove(&id));
        } else if is(Kind::WatchListChanged) {
            self.watched = said(row)?;
        } else if is(Kind::PersonErased)
            && let (Some(data), Some(watched)) = (said::<Data>(row)?, &mut self.watched)
        {
            // Each part of one erasure says the sum.
            let is_first = data.get("part").and_then(Value::as_u64).is_none_or(|part| part == 1);
            let gone = data.get("watched").and_then(Value::as_u64).filter(|_| is_first).unwrap_or(0);
            watched.entries = watched.entries.saturating_sub(gone);
        }
        Ok(())
    }

    /// In the look of the last rows: what the small tables say otherwise.
    pub fn compare(&self, connection: &Connection) -> Result<Vec<String>, JournalError> {
        let mut faults = Vec::new();
        if has(connection, "hold")? {
            for placed in self.holds.values() {
                faults.extend(placed.fault(connection)?);
            }
        }
        if let Some(watched) = self.watched.filter(|_| has(connection, "watch").unwrap_or(false)) {
            let count: u64 =
                connection.query_row("SELECT count(*) FROM watch WHERE until > 0", [], |row| row.get(0))?;
            let ends = watched.first_end.zip(self.now);
            let all_stay = ends.is_some_and(|(end, (_, now))| end.timestamp_millis() > now);
            if count > watched.entries || all_stay && count < watched.entries {
                let told = watched.entries;
                faults.push(format!("the watch-list has {count} entries, and its last change left it with {told}"));
            }
        }
        Ok(faults)
    }

    /// Up to `limit` cases that say of people what their events do not.
    pub fn compare_cases(&self, connection: &Connection, limit: usize) -> Result<Vec<String>, JournalError> {
        let (mut faults, mut after) = (Vec::new(), 0_i64);
        loop {
            let look = connection.unchecked_transaction()?;
            let mut query = look.prepare_cached(
                "SELECT series, day, nth, person, rowid, opened_seq, phone_tail FROM casefile
                 WHERE person IS NOT NULL AND rowid > ?1 ORDER BY rowid LIMIT ?2",
            )?;
            let mut rows = query.query(params![after, BATCH])?;
            let mut seen = 0;
            while let Some(row) = rows.next()? {
                let place: i64 = row.get(4)?;
                if place <= after {
                    return Err(corrupt("cases are out of their order"));
                }
                (seen, after) = (seen + 1, place);
                if row.get::<_, u64>(5)? > self.recovered && faults.len() < limit && !is_told(&look, row)? {
                    faults.push(format!("who case {} is about is not what its events say", full_number(row)?));
                }
            }
            if seen < BATCH {
                return Ok(faults);
            }
        }
    }
}

impl Placed {
    fn fault(&self, connection: &Connection) -> Result<Option<String>, JournalError> {
        let id = &self.id;
        let mut query = connection.prepare_cached("SELECT data FROM hold WHERE id = ?1")?;
        let text: Option<String> = query.query_row([id], |row| row.get(0)).optional()?;
        let Some(text) = text else {
            return Ok(Some(format!("the legal hold {id} is gone, and no event has lifted it")));
        };
        let is_same = serde_json::from_str::<Hold>(&text).is_ok_and(|hold| self.is_of(&hold));
        Ok((!is_same).then(|| format!("the legal hold {id} is not the one that was placed")))
    }

    /// The number of a held person stands in the journal as a hash only, which is not compared.
    fn is_of(&self, hold: &Hold) -> bool {
        let case = match hold.of {
            Of::Case(number) => Some(number.to_string()),
            Of::Person(_) => None,
        };
        let says = |key, value: &str| self.person.get(key).is_none_or(|said| said == value);
        hold.until == self.until
            && case == self.case
            && says("author", hold.author.as_str())
            && says("reason", hold.reason.as_str())
    }
}

fn said<T: serde::de::DeserializeOwned>(row: &Row<'_>) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(7)?.as_bytes_or_null()?;
    Ok(text.and_then(|text| serde_json::from_slice(text).ok()))
}

fn has(connection: &Connection, table: &str) -> Result<bool, JournalError> {
    Ok(connection.prepare_cached("SELECT 1 FROM sqlite_schema WHERE name = ?1")?.exists([table])?)
}

/// A row of the query above.
fn is_told(connection: &Connection, case: &Row<'_>) -> Result<bool, JournalError> {
    let of = params![case.get::<_, String>(0)?, case.get::<_, u32>(1)?, case.get::<_, u32>(2)?];
    let mut query = connection.prepare_cached(
        "SELECT p.data, e.person_digest IS NULL, e.hash IS NULL FROM case_event c LEFT JOIN event e ON e.seq = c.seq
         LEFT JOIN person p ON p.seq = c.seq
         WHERE c.series = ?1 AND c.day = ?2 AND c.nth = ?3 ORDER BY c.seq DESC",
    )?;
    let (mut rows, mut words) = (query.query(of)?, Vec::new());
    while let Some(row) = rows.next()? {
        let (person, had_none, unchained): (Option<String>, bool, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        match person {
            // Of what was said before an event that has lost its person, the last word is not known.
            _ if unchained => break,
            None if !had_none => break,
            None => {}
            Some(text) => words.push(object(Some(text))),
        }
    }
    let mut told = Data::new();
    for said in words.into_iter().rev() {
        patch(&mut told, said.into_iter().filter(|(key, _)| !OF_THE_ACTOR.contains(&key.as_str())).collect());
    }
    let stored = object(case.get(3)?);
    let (phone, tail): (_, Option<String>) = (stored.get("phone").and_then(Value::as_str), case.get(6)?);
    let is_found_by_it = phone.zip(tail).is_none_or(|(phone, tail)| phone.ends_with(&tail));
    Ok(is_found_by_it && agrees(&told, &stored))
}

/// As `json_patch` adds one to another, but that what was taken out stays as null: a case may say nothing more of it.
fn patch(told: &mut Data, said: Data) {
    for (key, value) in said {
        match (told.get_mut(&key), value) {
            (Some(Value::Object(before)), Value::Object(inner)) => patch(before, inner),
            (_, value) => drop(told.insert(key, value)),
        }
    }
}

/// An erasure takes out what it finds, and leaves the rest.
fn agrees(told: &Data, stored: &Data) -> bool {
    told.iter().all(|(key, value)| match (value, stored.get(key)) {
        (_, None) => true,
        (Value::Null, Some(_)) => false,
        (Value::Object(told), Some(Value::Object(stored))) => agrees(told, stored),
        (told, Some(stored)) => told == stored,
    })
}
