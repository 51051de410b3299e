//! How long people are remembered: their data stands apart from events and cases, and goes at the age of its kind, however long the event
//! itself stays. What is erased is counted in the same transaction, without a word of whom. Never erases what the office has not got.

use super::keep::{Days, before};
use super::{Journal, JournalError, Purged};
use crate::event::Now;
use crate::service::number::Series;
use rusqlite::params;

/// Days that an invitation is remembered after its end.
const INVITATION_DAYS: u32 = 1;

/// Whose data it is: that decides how long it stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Of a visit's case, whoever stands in it.
    Visits,
    /// Of any other case, and of events that belong to none.
    Others,
}

impl Class {
    const ALL: [Class; 2] = [Class::Visits, Class::Others];

    const fn days(self, days: &Days) -> u32 {
        match self {
            Class::Visits => days.visits,
            Class::Others => days.persons,
        }
    }

    /// Up to this number nobody of the class is left: the next pass looks behind it.
    const fn mark(self) -> &'static str {
        match self {
            Class::Visits => "visitors-erased-through",
            Class::Others => "persons-erased-through",
        }
    }

    const fn is_visits(self) -> bool {
        matches!(self, Class::Visits)
    }
}

impl Journal {
    /// Names and phone numbers of events, a pass of each class; those of events that have gone, too.
    pub(super) fn purge_persons(
        &mut self,
        days: &Days,
        sent: u64,
        now: Now,
        purged: &mut Purged,
    ) -> Result<(), JournalError> {
        let query = "SELECT p.seq, coalesce(e.recorded, 0) FROM person p LEFT JOIN event e ON e.seq = p.seq
                     WHERE p.seq > ?1 ORDER BY p.seq LIMIT ?2";
        for class in Class::ALL {
            let after = self.erased_through(class)?;
            let run = self.old_rows(query, after, class.days(days), now)?;
            let Some(last) = run.last.map(|last| last.min(sent)).filter(|last| *last > after) else { continue };
            purged.persons += self
                .connection
                .prepare_cached(
                    "DELETE FROM person WHERE seq > ?1 AND seq <= ?2 AND ?3 = EXISTS
                     (SELECT 1 FROM case_event c WHERE c.seq = person.seq AND c.series = ?4)",
                )?
                .execute(params![after, last, class.is_visits(), visit()])?;
            self.set_memo(class.mark(), Some(&last.to_string()))?;
            purged.more |= run.cut && last < sent;
        }
        Ok(())
    }

    fn erased_through(&self, class: Class) -> Result<u64, JournalError> {
        // Only this file writes it.
        Ok(self.memo(class.mark())?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// A case goes with its last event; what is known of people goes sooner, once it is closed.
    pub(super) fn purge_cases(&mut self, days: &Days, now: Now, purged: &mut Purged) -> Result<(), JournalError> {
        let oldest = "(SELECT coalesce(min(seq), 0) FROM event)";
        self.connection
            .execute(&format!("DELETE FROM casefile WHERE changed_seq < {oldest} AND closed IS NOT NULL"), [])?;
        self.connection.execute(&format!("DELETE FROM case_event WHERE seq < {oldest}"), [])?;
        for class in Class::ALL {
            purged.cases += self.forget_closed(class, class.days(days), now)?;
        }
        // A clock that is set back within this time does not make a used invitation new.
        self.connection.execute("DELETE FROM invitation WHERE until < ?1", params![before(INVITATION_DAYS, now)])?;
        self.connection.execute("DELETE FROM watch WHERE until < ?1", [now.utc.timestamp_millis()])?;
        // They hold no name, but what names a device and a day need not stay longer than what was done that day.
        self.connection.execute("DELETE FROM dead_letter WHERE recorded < ?1", [before(days.events, now)])?;
        Ok(())
    }

    /// One that a clock closed that was ahead forgets people with the last of its events.
    fn forget_closed(&self, class: Class, days: u32, now: Now) -> Result<usize, JournalError> {
        let through = self.erased_through(class)?;
        let forgotten = self
            .connection
            .prepare_cached(
                "UPDATE casefile SET person = NULL, phone_tail = NULL
                 WHERE person IS NOT NULL AND (series = ?1) = ?2 AND (closed < ?3 OR closed > ?4 AND
                 NOT EXISTS (SELECT 1 FROM person p WHERE p.seq > ?5 AND p.seq <= casefile.changed_seq))",
            )?
            .execute(params![visit(), class.is_visits(), before(days, now), now.utc.timestamp_millis(), through])?;
        Ok(forgotten)
    }
}

fn visit() -> String {
    Series::Visit.letter().to_string()
}
