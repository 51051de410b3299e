//! The daily sums of the service: written in the transaction whose events they count, read by the reports. Those of one member
//! of staff go after a year (`persons`), all others stay.

use super::{Journal, JournalError, Reader};
use crate::service::period::Period;
use crate::service::report::Report;
use crate::service::tally::{Mark, Tally, What};
use rusqlite::{Connection, params};

impl Journal {
    /// Adds these marks to the sums of a local day (`yyyymmdd`).
    pub fn add_marks(&mut self, day: u32, marks: &[Mark]) -> Result<(), JournalError> {
        let mut add = self.connection.prepare_cached(
            "INSERT INTO tally (day, what, of, count, sum, most) VALUES (?1, ?2, ?3, 1, ?4, ?4)
             ON CONFLICT DO UPDATE SET count = count + 1, sum = sum + excluded.sum, most = max(most, excluded.most)",
        )?;
        for mark in marks {
            add.execute(params![day, mark.what.name(), mark.of, mark.sum])?;
        }
        Ok(())
    }

    /// What was marked in a period.
    pub fn tallies(&self, period: Period) -> Result<Vec<Tally>, JournalError> {
        tallies(&self.connection, period)
    }
}

impl Reader {
    /// The figures of a period.
    pub fn report(&self, period: Period) -> Result<Report, JournalError> {
        Ok(Report::of(period, &tallies(self.connection(), period)?))
    }
}

fn tallies(connection: &Connection, period: Period) -> Result<Vec<Tally>, JournalError> {
    let (from, to) = period.days();
    let mut query = connection
        .prepare_cached("SELECT day, what, of, count, sum, most FROM tally WHERE day BETWEEN ?1 AND ?2 ORDER BY day")?;
    let mut rows = query.query([from, to])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        // What another version counted and this one does not know is left out.
        let Some(what) = What::from_name(&row.get::<_, String>(1)?) else { continue };
        let (day, of, count) = (row.get(0)?, row.get(2)?, row.get(3)?);
        found.push(Tally { day, what, of, count, sum: row.get(4)?, most: row.get(5)? });
    }
    Ok(found)
}
