//! Views: what is open now, kept up to date in the transaction that appends the event. They can be built again from
//! the events; the journal is the truth.

use super::{Journal, JournalError};
use crate::event::{Event, Kind, Slug};
use crate::service::number::{Number, Series};
use crate::service::visit::OpenVisit;
use rusqlite::{Connection, params};

/// Most open visits with the same four digits that sign-out looks at. More is nobody's phone but a fault.
const MAX_SAME_TAIL: u32 = 50;

pub(super) fn apply(connection: &Connection, seq: u64, event: &Event) -> Result<(), JournalError> {
    match event.kind {
        Kind::VisitArrived => arrive(connection, seq, event),
        Kind::VisitSignedOut => {
            connection
                .prepare_cached(
                    "UPDATE visit SET ended_seq = ?1, phone_tail = NULL WHERE subject = ?2 AND ended_seq IS NULL",
                )?
                .execute(params![seq, event.subject.as_str()])?;
            Ok(())
        }
        Kind::RepairReceived => open_ticket(connection, seq, event, Series::Repair),
        Kind::HelpRequested | Kind::EmergencyRequested => open_ticket(connection, seq, event, Series::Help),
        _ => Ok(()),
    }
}

fn arrive(connection: &Connection, seq: u64, event: &Event) -> Result<(), JournalError> {
    let Some(number) = number_of(event, Series::Visit) else { return Ok(()) };
    let text = |value: Option<&serde_json::Value>| value.and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let phone = text(event.person.as_ref().and_then(|person| person.get("phone")));
    let tail = phone.get(phone.len().saturating_sub(4)..).unwrap_or_default();
    connection
        .prepare_cached(
            "INSERT INTO visit (day, nth, subject, unit, phone_tail, arrived_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![number.day, number.nth, event.subject.as_str(), text(event.data.get("unit")), tail, seq])?;
    Ok(())
}

fn open_ticket(connection: &Connection, seq: u64, event: &Event, series: Series) -> Result<(), JournalError> {
    let Some(number) = number_of(event, series) else { return Ok(()) };
    connection
        .prepare_cached(
            "INSERT INTO ticket (series, day, nth, subject, state, opened_seq, changed_seq) VALUES (?1, ?2, ?3, ?4, 'received', ?5, ?5)",
        )?
        .execute(params![series.letter().to_string(), number.day, number.nth, event.subject.as_str(), seq])?;
    Ok(())
}

/// The number that the rule put into the event.
fn number_of(event: &Event, series: Series) -> Option<Number> {
    let get = |key: &str| event.data.get(key)?.as_u64().and_then(|n| u32::try_from(n).ok());
    Some(Number { series, day: get("day")?, nth: get("nth")? })
}

impl Journal {
    /// The visits that have not ended and whose phone ends in these digits, oldest first.
    pub fn open_visits(&self, phone_tail: &str) -> Result<Vec<OpenVisit>, JournalError> {
        let mut query = self.connection.prepare_cached(
            "SELECT day, nth, subject, unit, phone_tail FROM visit
             WHERE phone_tail = ?1 AND ended_seq IS NULL ORDER BY day, nth LIMIT ?2",
        )?;
        let visits = query.query_map(params![phone_tail, MAX_SAME_TAIL], |row| {
            let number = Number { series: Series::Visit, day: row.get(0)?, nth: row.get(1)? };
            let subject = Slug::from_text(&row.get::<_, String>(2)?);
            Ok(OpenVisit { number, subject, unit: row.get(3)?, phone_tail: row.get(4)? })
        })?;
        Ok(visits.collect::<Result<_, _>>()?)
    }
}
