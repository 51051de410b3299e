//! How long people are remembered: their data stands apart from events and cases, and goes at the age of its kind, however long the event
//! itself stays. What is erased is counted in the same transaction, without a word of whom. Never erases what the office has not got.

use super::casefile::forget_row;
use super::hold::Held;
use super::keep::{Days, before};
use super::{Journal, JournalError, Purged};
use crate::event::Now;
use crate::service::invitation::TokenId;
use crate::service::number::Series;
use crate::service::tally::What;
use chrono::TimeDelta;
use rusqlite::params;
use std::collections::BTreeSet;

/// Marks of this journal's rows ([`Class::mark`]).
pub(super) const VISITORS_ERASED_THROUGH: &str = "visitors-erased-through";
pub(super) const PERSONS_ERASED_THROUGH: &str = "persons-erased-through";

/// Days that the sums of one member of staff are kept: a year's appraisal (R295), and the month in which it is written. All other sums stay.
const STAFF_DAYS: u32 = 400;
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
            Class::Visits => VISITORS_ERASED_THROUGH,
            Class::Others => PERSONS_ERASED_THROUGH,
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
        held: &Held,
        now: Now,
        purged: &mut Purged,
    ) -> Result<(), JournalError> {
        let query = "SELECT p.seq, coalesce(e.recorded, 0) FROM person p LEFT JOIN event e ON e.seq = p.seq
                     WHERE p.seq > ?1 ORDER BY p.seq LIMIT ?2";
        for class in Class::ALL {
            let after = self.erased_through(class)?;
            let run = self.old_rows(query, after, class.days(days), now)?;
            let Some(last) = run.last.map(|last| last.min(sent)).filter(|last| *last > after) else { continue };
            for seq in self.of_class(class, after, last)?.into_iter().filter(|seq| !held.events.contains(seq)) {
                purged.persons +=
                    self.connection.prepare_cached("DELETE FROM person WHERE seq = ?1")?.execute([seq])?;
            }
            self.set_memo(class.mark(), Some(&last.to_string()))?;
            purged.more |= run.cut && last < sent;
        }
        Ok(())
    }

    fn of_class(&self, class: Class, after: u64, last: u64) -> Result<Vec<u64>, JournalError> {
        let mut query = self.connection.prepare_cached(
            "SELECT seq FROM person WHERE seq > ?1 AND seq <= ?2 AND ?3 = EXISTS
             (SELECT 1 FROM case_event c WHERE c.seq = person.seq AND c.series = ?4)",
        )?;
        let seqs = query.query_map(params![after, last, class.is_visits(), visit()], |row| row.get(0))?;
        Ok(seqs.collect::<Result<_, _>>()?)
    }

    /// Something that was held is held no more: the next purge looks from the beginning.
    pub(super) fn look_again(&mut self) -> Result<(), JournalError> {
        Class::ALL.into_iter().try_for_each(|class| self.set_memo(class.mark(), None))
    }

    fn erased_through(&self, class: Class) -> Result<u64, JournalError> {
        // Only this file writes it.
        Ok(self.memo(class.mark())?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// A case goes with its last event; what is known of people goes sooner, once it is closed.
    pub(super) fn purge_cases(
        &mut self,
        days: &Days,
        held: &Held,
        now: Now,
        purged: &mut Purged,
    ) -> Result<(), JournalError> {
        let oldest = "(SELECT coalesce(min(seq), 0) FROM event)";
        self.connection
            .execute(&format!("DELETE FROM casefile WHERE changed_seq < {oldest} AND closed IS NOT NULL"), [])?;
        self.connection.execute(&format!("DELETE FROM case_event WHERE seq < {oldest}"), [])?;
        for class in Class::ALL {
            purged.cases += self.forget_closed(class, class.days(days), held, now)?;
        }
        if self.forget_ended(now)? > 0 {
            self.note_traces(false)?;
        }
        self.forget_staff_sums(now)?;
        // They hold no name, but what names a device and a day need not stay longer than what was done that day.
        self.connection.execute("DELETE FROM dead_letter WHERE recorded < ?1", [before(days.events, now)])?;
        Ok(())
    }

    /// Invitations and entries of the watch-list that have ended, but for those of whom is held.
    fn forget_ended(&mut self, now: Now) -> Result<usize, JournalError> {
        let (invited, watched) = (self.held_invitations()?, self.held_entries(None)?);
        let mut query = self.connection.prepare_cached("SELECT id FROM invitation WHERE until < ?1")?;
        // A clock that is set back within this time does not make a used invitation new.
        let ended = query.query_map([before(INVITATION_DAYS, now)], |row| row.get(0))?;
        let mut invitations: Vec<TokenId> = ended.collect::<Result<_, _>>()?;
        drop(query);
        let mut query = self.connection.prepare_cached("SELECT id, until > 0 FROM watch WHERE until < ?1")?;
        let ended = query.query_map([now.utc.timestamp_millis()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let ended: Vec<(String, bool)> = ended.collect::<Result<_, _>>()?;
        drop(query);
        invitations.retain(|id| !invited.contains(id));
        // One that is held is beside the list from now on: it alerts nobody, and takes nobody's place in it.
        let (held, entries): (Vec<_>, Vec<_>) = ended.into_iter().partition(|(id, _)| watched.contains(id));
        for (id, _) in held.iter().filter(|(_, is_listed)| *is_listed) {
            self.watch_no_more(id)?;
        }
        for id in &invitations {
            self.connection.prepare_cached("DELETE FROM invitation WHERE id = ?1")?.execute([id])?;
        }
        for (id, _) in &entries {
            self.connection.prepare_cached("DELETE FROM watch WHERE id = ?1")?.execute([id])?;
        }
        Ok(invitations.len() + entries.len())
    }

    /// An id stands for one person, as long as somebody knows whose it is.
    fn forget_staff_sums(&mut self, now: Now) -> Result<(), JournalError> {
        let day: u32 = (now.utc - TimeDelta::days(STAFF_DAYS.into())).format("%Y%m%d").to_string().parse().unwrap_or(0);
        let forget = "DELETE FROM tally WHERE what IN (?1, ?2) AND day < ?3";
        let of_staff = [What::Staff, What::StaffRating].map(What::name);
        self.connection.prepare_cached(forget)?.execute(params![of_staff[0], of_staff[1], day])?;
        Ok(())
    }

    /// One that a clock closed that was ahead forgets people with the last of its events.
    fn forget_closed(&self, class: Class, days: u32, held: &Held, now: Now) -> Result<usize, JournalError> {
        let through = self.erased_through(class)?;
        let mut query = self.connection.prepare_cached(
            "SELECT rowid, series, day, nth FROM casefile
             WHERE person IS NOT NULL AND (series = ?1) = ?2 AND (closed < ?3 OR closed > ?4 AND
             NOT EXISTS (SELECT 1 FROM person p WHERE p.seq > ?5 AND p.seq <= casefile.changed_seq))",
        )?;
        let of = params![visit(), class.is_visits(), before(days, now), now.utc.timestamp_millis(), through];
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)));
        let old: Vec<(i64, (String, u32, u32))> = query.query_map(of, read)?.collect::<Result<_, _>>()?;
        let held: BTreeSet<(String, u32, u32)> =
            held.cases.iter().map(|number| (number.series.letter().to_string(), number.day, number.nth)).collect();
        let old = old.into_iter().filter(|(_, number)| !held.contains(number));
        old.map(|(row, _)| forget_row(&self.connection, row).map(|()| 1)).sum()
    }
}

fn visit() -> String {
    Series::Visit.letter().to_string()
}
