//! Cases: the state of each matter, kept in the transaction that appends its events. Names and phone numbers stand in a
//! column of their own that is emptied sooner. The desk writes and reads through [`Journal`], everybody else reads.

use super::casebook::history;
use super::{Journal, JournalError, Lane};
use crate::event::{Data, Event, Kind};
use crate::service::case::Case;
use crate::service::contact::{Name, Phone};
use crate::service::number::{Number, Series};
use crate::service::progress::{Past, Receipt};
use crate::service::redact;
use crate::service::visit::{Earlier, OpenVisit};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::Arc;

/// Most open visits with the same four digits that sign-out looks at. More is nobody's phone but a fault.
const MAX_SAME_TAIL: u32 = 50;
/// As many as an invitation is good for, and more.
const MAX_OF_KEY: u32 = 200;
/// What an event says of the one who acted, not of whom the case is about.
pub(super) const OF_THE_ACTOR: [&str; 4] = ["by_name", "accepted_by", "relief", "text"];

pub(super) const COLUMNS: &str = "series, day, nth, data, person, changed_seq";

/// A case as the pages see it.
#[derive(Debug, Clone)]
pub struct CaseRow {
    pub case: Case,
    /// Names, phone numbers and words of people; empty once they have been purged.
    pub person: Data,
    /// The number of its last event.
    pub changed: u64,
}

/// Cases to which the time has brought something.
#[derive(Debug, Clone, Default)]
pub struct Due {
    /// The one that has waited longest first.
    pub cases: Vec<Arc<Case>>,
    pub unreadable: Vec<Unreadable>,
}

/// A case in a form that this version cannot read.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// Where it stands.
    pub row: i64,
    /// Its full number: even its letter may be unknown here.
    pub number: String,
}

impl Journal {
    pub fn case(&self, number: Number) -> Result<Option<Case>, JournalError> {
        let mut query =
            self.connection.prepare_cached("SELECT data FROM casefile WHERE series = ?1 AND day = ?2 AND nth = ?3")?;
        let data: Option<String> = query
            .query_row(params![number.series.letter().to_string(), number.day, number.nth], |row| row.get(0))
            .optional()?;
        data.map(|data| parse(number.into(), &data)).transpose()
    }

    /// The one open case of this key.
    pub fn open_case(&self, key: &str) -> Result<Option<Case>, JournalError> {
        Ok(self.cases_of_key(key, "closed IS NULL", 1)?.pop())
    }

    /// Those of this key that have not ended, the newest first.
    pub fn open_cases_of(&self, key: &str) -> Result<Vec<Case>, JournalError> {
        self.cases_of_key(key, "closed IS NULL", MAX_OF_KEY)
    }

    /// The newest case of this key that has ended.
    pub fn ended_case(&self, key: &str) -> Result<Option<Case>, JournalError> {
        Ok(self.cases_of_key(key, "closed IS NOT NULL", 1)?.pop())
    }

    fn cases_of_key(&self, key: &str, which: &str, most: u32) -> Result<Vec<Case>, JournalError> {
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM casefile WHERE key = ?1 AND {which} ORDER BY opened_seq DESC LIMIT ?2"
        ))?;
        Ok(collect(&mut query.query(params![key, most])?)?.into_iter().map(|row| row.case).collect())
    }

    /// The newest case that this slip is of. Through the index of the phone: a number alone finds nothing.
    pub fn case_of_receipt(&self, receipt: &Receipt) -> Result<Option<Case>, JournalError> {
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM casefile
             WHERE phone_tail = ?1 AND series = ?2 AND nth = ?3 AND day % 10000 = ?4 ORDER BY day DESC LIMIT 1"
        ))?;
        let letter = receipt.series.letter().to_string();
        let mut rows = query.query(params![receipt.phone_tail, letter, receipt.nth, receipt.month_day])?;
        let row = rows.next()?.map(read).transpose();
        Ok(readable(row)?.flatten().map(|row| row.case))
    }

    /// The history of a case for whoever brought it, oldest first.
    pub fn past(&self, number: Number) -> Result<Vec<Past>, JournalError> {
        let told = history(&self.connection, number)?;
        Ok(told.into_iter().map(|told| Past { kind: told.kind, at: told.time, person: told.person }).collect())
    }

    /// Whether there is or was a case of this key.
    pub fn key_was_used(&self, key: &str) -> Result<bool, JournalError> {
        Ok(self.connection.prepare_cached("SELECT 1 FROM casefile WHERE key = ?1 LIMIT 1")?.exists([key])?)
    }

    /// The cases that told this and whose telling the office has not acknowledged; where it says what it has stored, not
    /// before it has said so (R025).
    pub fn unreceived(&self, kind: Kind) -> Result<Vec<Number>, JournalError> {
        let lane = if kind.is_urgent() { Lane::Urgent } else { Lane::Normal };
        let sent = self.cursor(lane)?;
        let stored = super::reader::cursor(&self.connection, super::STORED_CURSOR)?;
        let received = if stored == 0 { sent } else { sent.min(stored) };
        let mut query = self.connection.prepare_cached(
            "SELECT c.series, c.day, c.nth FROM event e JOIN case_event c ON c.seq = e.seq
             WHERE e.seq > ?1 AND e.kind = ?2 ORDER BY e.seq",
        )?;
        let mut rows = query.query(params![received, kind.name()])?;
        let mut numbers = Vec::new();
        while let Some(row) = rows.next()? {
            numbers.push(number(row)?);
        }
        Ok(numbers)
    }

    /// Up to `limit` cases to which the time has brought something, the oldest first.
    pub fn due_cases(&self, at: DateTime<Utc>, limit: usize) -> Result<Due, JournalError> {
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS}, rowid FROM casefile WHERE wake <= ?1 ORDER BY wake, opened_seq LIMIT ?2"
        ))?;
        let mut rows = query.query(params![at.timestamp_millis(), limit as u64])?;
        let mut due = Due::default();
        while let Some(row) = rows.next()? {
            match read(row) {
                Ok(row) => due.cases.push(Arc::new(row.case)),
                Err(JournalError::Case { number, .. }) => due.unreadable.push(Unreadable { row: row.get(6)?, number }),
                Err(error) => return Err(error),
            }
        }
        Ok(due)
    }

    /// The figures may have changed since the last start, and with them the times at which open cases wake. Returns how
    /// many open cases cannot be read. A transaction of its own.
    pub fn reckon_wakes(&mut self, wakes: impl Fn(&Case) -> Option<DateTime<Utc>>) -> Result<usize, JournalError> {
        let transaction = self.connection.transaction()?;
        let cases = open_rows(&transaction)?;
        let open: usize =
            transaction.query_row("SELECT count(*) FROM casefile WHERE closed IS NULL", [], |r| r.get(0))?;
        for CaseRow { case, .. } in &cases {
            let number = case.docket.number;
            transaction
                .prepare_cached(
                    "UPDATE casefile SET wake = ?4 WHERE series = ?1 AND day = ?2 AND nth = ?3 AND wake IS NOT ?4",
                )?
                .execute(params![
                    number.series.letter().to_string(),
                    number.day,
                    number.nth,
                    wakes(case).map(round_up)
                ])?;
        }
        transaction.commit()?;
        Ok(open - cases.len())
    }

    /// The time brings nothing more to this case: it cannot be read.
    pub fn let_sleep(&mut self, case: &Unreadable) -> Result<(), JournalError> {
        self.connection.prepare_cached("UPDATE casefile SET wake = NULL WHERE rowid = ?1")?.execute([case.row])?;
        Ok(())
    }

    /// When the time next brings something to any case.
    pub fn next_wake(&self) -> Result<Option<DateTime<Utc>>, JournalError> {
        let mut query = self.connection.prepare_cached("SELECT min(wake) FROM casefile WHERE wake IS NOT NULL")?;
        let wake: Option<i64> = query.query_row([], |row| row.get(0))?;
        // Of a damaged row, before all time: it is due, or everybody else's would never be.
        Ok(wake.and_then(|ms| DateTime::from_timestamp_millis(ms).or((ms < 0).then_some(DateTime::<Utc>::MIN_UTC))))
    }

    /// Every case that has not ended, for a clock that was stepped.
    pub fn open_cases(&self) -> Result<Vec<Case>, JournalError> {
        Ok(open_rows(&self.connection)?.into_iter().map(|row| row.case).collect())
    }

    /// Writes the case as it is after its last event, which was the newest one.
    pub fn save_case(&mut self, case: &Case, wake: Option<DateTime<Utc>>) -> Result<(), JournalError> {
        let number = case.docket.number;
        let data = text(case);
        self.connection
            .prepare_cached(
                "INSERT INTO casefile (series, day, nth, matter, state, data, unit, key, wake, opened_seq, changed_seq, closed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11)
                 ON CONFLICT DO UPDATE SET state = excluded.state, data = excluded.data, unit = excluded.unit,
                     key = excluded.key, wake = excluded.wake, changed_seq = excluded.changed_seq, closed = excluded.closed",
            )?
            .execute(params![
                number.series.letter().to_string(),
                number.day,
                number.nth,
                case.matter.name(),
                case.state(),
                data,
                case.docket.facts.get("unit").and_then(|unit| unit.as_str()),
                case.docket.key,
                wake.map(round_up),
                self.newest(),
                case.docket.closed.map(|at| at.timestamp_millis()),
            ])?;
        Ok(())
    }

    /// Writes what somebody has noted in a case, and nothing that happened to it.
    pub(super) fn rewrite_case(&mut self, case: &Case) -> Result<(), JournalError> {
        let number = case.docket.number;
        self.connection
            .prepare_cached("UPDATE casefile SET data = ?4 WHERE series = ?1 AND day = ?2 AND nth = ?3")?
            .execute(params![number.series.letter().to_string(), number.day, number.nth, text(case)])?;
        Ok(())
    }

    /// Adds an event to the history of its case.
    pub fn note_case_event(&mut self, number: Number, seq: u64) -> Result<(), JournalError> {
        let (series, day, nth) = (number.series.letter().to_string(), number.day, number.nth);
        self.connection
            .prepare_cached("INSERT INTO case_event (series, day, nth, seq) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![series, day, nth, seq])?;
        Ok(())
    }

    /// Adds what the events of a step said of people to the case's person: the last word of each key counts.
    pub fn note_case_person(&mut self, number: Number, events: &[Event]) -> Result<(), JournalError> {
        let said = events.iter().filter_map(|event| event.person.as_ref()).flatten();
        let said: Data = said
            .filter(|(key, _)| !OF_THE_ACTOR.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if said.is_empty() {
            return Ok(());
        }
        let phone = said.get("phone").and_then(|phone| phone.as_str()).unwrap_or_default();
        let tail = phone.get(phone.len().saturating_sub(4)..).filter(|tail| tail.len() == 4).map(str::to_owned);
        let said = serde_json::Value::Object(said).to_string();
        self.connection
            .prepare_cached(
                "UPDATE casefile SET person = json_patch(coalesce(person, '{}'), ?1), phone_tail = coalesce(?2, phone_tail)
                 WHERE series = ?3 AND day = ?4 AND nth = ?5",
            )?
            .execute(params![said, tail, number.series.letter().to_string(), number.day, number.nth])?;
        Ok(())
    }

    /// What is known of people in this case; empty where nothing is, or is any more.
    pub fn case_person(&self, number: Number) -> Result<Data, JournalError> {
        person_of(&self.connection, number)
    }

    /// Of people nothing but this is known in this case any more.
    pub(super) fn leave_person(&mut self, number: Number, person: Data) -> Result<(), JournalError> {
        let text = (!person.is_empty()).then(|| serde_json::Value::Object(person).to_string());
        self.connection
            .prepare_cached("UPDATE casefile SET person = ?4 WHERE series = ?1 AND day = ?2 AND nth = ?3")?
            .execute(params![number.series.letter().to_string(), number.day, number.nth, text])?;
        Ok(())
    }

    /// Forgets everything that is known of people in this case, and what its events have said of them. What the office has
    /// not fetched yet goes to it without.
    pub(super) fn forget_people(&mut self, number: Number) -> Result<(), JournalError> {
        let of = params![number.series.letter().to_string(), number.day, number.nth];
        let row = "SELECT rowid FROM casefile WHERE series = ?1 AND day = ?2 AND nth = ?3";
        if let Some(row) = self.connection.prepare_cached(row)?.query_row(of, |row| row.get(0)).optional()? {
            forget_row(&self.connection, row)?;
        }
        self.connection
            .prepare_cached(
                "DELETE FROM person WHERE seq IN
                 (SELECT seq FROM case_event WHERE series = ?1 AND day = ?2 AND nth = ?3)",
            )?
            .execute(of)?;
        self.note_traces(true)
    }

    /// How many have consented to be on the list of this month (R271).
    pub fn birthdays(&self, month: u32) -> Result<usize, JournalError> {
        let mut query = self.connection.prepare_cached(
            "SELECT count(*) FROM casefile
             WHERE series = 'Y' AND closed IS NULL AND json_extract(person, '$.month') = ?1",
        )?;
        Ok(query.query_row([month], |row| row.get(0))?)
    }

    /// The visits that have not ended and whose phone ends in these digits, oldest first.
    pub fn open_visits(&self, phone_tail: &str) -> Result<Vec<OpenVisit>, JournalError> {
        let mut query = self.connection.prepare_cached(
            "SELECT day, nth, unit, phone_tail FROM casefile
             WHERE phone_tail = ?1 AND series = 'V' AND closed IS NULL ORDER BY day, nth LIMIT ?2",
        )?;
        let visits = query.query_map(params![phone_tail, MAX_SAME_TAIL], |row| {
            let number = Number { series: Series::Visit, day: row.get(0)?, nth: row.get(1)? };
            Ok(OpenVisit {
                number,
                unit: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                phone_tail: row.get(3)?,
            })
        })?;
        Ok(visits.collect::<Result<_, _>>()?)
    }

    /// R180: the visits that are kept of whoever has this name and this phone. Who was turned away is not welcomed back.
    /// Looks only at what has the same last four digits. The index is named: left to itself SQLite reads every visit.
    pub fn earlier_visits(&self, name: &Name, phone: &Phone) -> Result<Option<Earlier>, JournalError> {
        let mut query = self.connection.prepare_cached(
            "SELECT count(*), max(day) FROM casefile INDEXED BY casefile_tail
             WHERE phone_tail = ?1 AND series = 'V' AND state <> 'turned-away'
             AND json_extract(person, '$.phone') = ?2 AND json_extract(person, '$.name') = ?3",
        )?;
        let asked = params![phone.tail(), phone.as_str(), name.as_str()];
        let (visits, last): (u32, Option<u32>) = query.query_row(asked, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(last.map(|last_day| Earlier { visits, last_day }))
    }
}

pub(super) fn person_of(connection: &Connection, number: Number) -> Result<Data, JournalError> {
    let mut query =
        connection.prepare_cached("SELECT person FROM casefile WHERE series = ?1 AND day = ?2 AND nth = ?3")?;
    let of = params![number.series.letter().to_string(), number.day, number.nth];
    let person: Option<Option<String>> = query.query_row(of, |row| row.get(0)).optional()?;
    Ok(object(person.flatten()))
}

/// Of this case nothing of people stays, nor who of the staff acted in it. What another version wrote stays as it is, but for its person.
pub(super) fn forget_row(connection: &Connection, row: i64) -> Result<(), JournalError> {
    let mut read = connection.prepare_cached("SELECT data FROM casefile WHERE rowid = ?1")?;
    let data: String = read.query_row([row], |row| row.get(0))?;
    let data = match serde_json::from_str::<Case>(&data) {
        Ok(mut case) => {
            case.matter.forget_staff();
            text(&case)
        }
        Err(_) => data,
    };
    connection
        .prepare_cached("UPDATE casefile SET person = NULL, phone_tail = NULL, data = ?2 WHERE rowid = ?1")?
        .execute(params![row, data])?;
    Ok(())
}

pub(super) fn open_rows(connection: &Connection) -> Result<Vec<CaseRow>, JournalError> {
    let mut query = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM casefile WHERE closed IS NULL ORDER BY opened_seq"))?;
    collect(&mut query.query([])?)
}

pub(super) fn collect(rows: &mut rusqlite::Rows<'_>) -> Result<Vec<CaseRow>, JournalError> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.extend(readable(read(row))?);
    }
    Ok(found)
}

/// One case that another version wrote must not hide all the others: the desk has counted and logged it.
fn readable<T>(read: Result<T, JournalError>) -> Result<Option<T>, JournalError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(JournalError::Case { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// As [`Number`] writes itself.
pub(super) fn full_number(row: &Row<'_>) -> Result<String, JournalError> {
    let (letter, day, nth): (String, u32, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(format!("{letter}-{day:08}-{nth}"))
}

pub(super) fn read(row: &Row<'_>) -> Result<CaseRow, JournalError> {
    let data: String = row.get(3)?;
    Ok(CaseRow { case: parse(full_number(row)?, &data)?, person: object(row.get(4)?), changed: row.get(5)? })
}

fn text(case: &Case) -> String {
    serde_json::to_string(case).expect("a case has string keys and always serialises")
}

fn number(row: &Row<'_>) -> Result<Number, JournalError> {
    let letter: String = row.get(0)?;
    let series = letter.chars().next().and_then(Series::from_letter).unwrap_or(Series::Visit);
    Ok(Number { series, day: row.get(1)?, nth: row.get(2)? })
}

/// `number`: of the row. One damaged digit there or in the case, and it would be written over another's.
fn parse(number: String, data: &str) -> Result<Case, JournalError> {
    match serde_json::from_str::<Case>(data) {
        Ok(case) if String::from(case.docket.number) == number => Ok(case),
        Ok(_) => Err(JournalError::Case { number, what: "it says another number".into() }),
        // What stands in a row that was damaged is said to nobody.
        Err(error) => Err(JournalError::Case { number, what: redact::serde(&error.to_string()) }),
    }
}

pub(super) fn object(text: Option<String>) -> Data {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Milliseconds, never before the time itself: the desk would wake and find nothing due.
fn round_up(at: DateTime<Utc>) -> i64 {
    let whole = at.timestamp_millis();
    if DateTime::from_timestamp_millis(whole).is_some_and(|down| down < at) { whole + 1 } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_is_never_before_its_time() {
        let at = DateTime::from_timestamp(1, 1).unwrap();
        assert_eq!(round_up(at), 1001);
        assert_eq!(round_up(DateTime::from_timestamp(1, 0).unwrap()), 1000);
    }
}
