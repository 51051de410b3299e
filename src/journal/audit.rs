//! Is the journal what it claims to be, and what was stored? Reads all of it, changes nothing, and may run while the daemon writes.

use super::beside::Beside;
use super::gone::{Ages, Gone};
use super::open::corrupt;
use super::proof::{Noted, Walk};
use super::reader::read_row;
use super::{Head, JournalError, Lane, Reader, mark};
use rusqlite::params;
use std::path::Path;

/// Rows read in one look: the daemon's WAL cannot be moved into the database as long as a look takes.
const BATCH: u64 = 1000;
/// Faults of a kind that are named one by one; a journal with more is not mended by a longer list.
const MAX_NAMED: usize = 20;
/// Of what is gone and should not be: runs of numbers that are named.
const MAX_RUNS: usize = 5;

/// What was read, and everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audit {
    pub events: u64,
    /// Oldest and newest number; `None` in an empty journal.
    pub span: Option<(u64, u64)>,
    /// Up to this number retention has taken out what devices say day in, day out: a hole there is no fault. 0 for none.
    pub thinned: u64,
    /// Events from before the chain, of which it says nothing.
    pub unchained: u64,
    /// The newest event of the chain.
    pub head: Option<Head>,
    /// What became of the head that was asked for; `None` without one, or where it is nowhere.
    pub noted: Option<Noted>,
    /// What was gone before this number was not held against its age: up to there a clock was ahead. 0 where none was.
    pub doubtful: u64,
    pub faults: Vec<String>,
    /// Those of them that the chain has found: somebody, or the disk, has changed what was stored. The journal works all the same.
    pub altered: Vec<String>,
}

impl Audit {
    /// The first fault with which a journal is not fit to go on with.
    pub fn broken(&self) -> Option<&str> {
        self.faults.iter().find(|fault| !self.altered.contains(fault)).map(String::as_str)
    }

    fn alter(&mut self, fault: Option<String>) {
        if let Some(fault) = fault.filter(|_| self.altered.len() < MAX_NAMED) {
            self.altered.push(fault.clone());
            self.faults.push(fault);
        }
    }
}

impl Reader {
    /// Numbers without a gap, rows that can be read and follow one another in the chain, cursors within the journal, a sound file.
    /// That no id stands twice is a constraint of the table, and the integrity check looks whether it holds.
    ///
    /// # Errors
    /// Where it cannot be read at all.
    pub fn audit(&self) -> Result<Audit, JournalError> {
        self.audit_against(None, None)
    }

    /// The same, whether a head that was noted earlier is still one of its rows, and whether what is gone was old enough to go.
    ///
    /// # Errors
    /// Where it cannot be read at all.
    pub fn audit_against(&self, noted: Option<Head>, ages: Option<Ages>) -> Result<Audit, JournalError> {
        let mut audit = Audit { faults: self.faults()?, ..Audit::default() };
        // Mark and cursors first: a daemon at work moves them behind what is written, never ahead of it.
        let promise = self.connection().path().and_then(|path| mark::promised(Path::new(path)));
        let cursors = Lane::ALL.map(|lane| (lane, self.cursor(lane)));
        let (mut walk, mut gone) = (Walk::begin(self, noted)?, Gone::begin(ages));
        let mut beside = Beside::begin(ages);
        if let Err(error) = self.audit_rows(&mut walk, &mut gone, &mut beside, &mut audit) {
            audit.faults.push(error.to_string());
            return Ok(audit);
        }
        (audit.thinned, audit.unchained, audit.head) = (walk.thinned, walk.unchained, walk.head);
        let last = audit.span.map_or(0, |(_, last)| last);
        audit.doubtful = gone.doubtful();
        let young = gone.verdict();
        audit.alter(too_young(&young));
        audit.alter(walk.verdict(last, &young));
        if let Some(promise) = promise.filter(|promise| promise.seq > last)
            && self.epoch()? == promise.epoch
        {
            audit.alter(Some(format!("the journal ends at event {last}, and event {} had been stored", promise.seq)));
        }
        audit.noted = walk.found;
        for (lane, cursor) in cursors {
            let cursor = cursor?;
            if cursor > last && audit.span.is_some() {
                let what = format!("the cursor \"{}\" stands at {cursor}, past the newest event {last}", lane.cursor());
                audit.faults.push(what);
            }
        }
        if self.audit_cases(&mut audit.faults)? {
            beside.compare_cases(self.connection(), MAX_NAMED)?.into_iter().for_each(|fault| audit.alter(Some(fault)));
        }
        Ok(audit)
    }

    /// All rows, in looks of one moment each: retention may be at work between two.
    fn audit_rows(
        &self,
        walk: &mut Walk,
        gone: &mut Gone,
        beside: &mut Beside,
        audit: &mut Audit,
    ) -> Result<(), JournalError> {
        let query = walk.query();
        let mut last: Option<u64> = None;
        loop {
            let look = self.connection().unchecked_transaction()?;
            walk.look(&look)?;
            let mut query = look.prepare_cached(&query)?;
            let mut rows = query.query(params![last.map_or(i64::MIN, u64::cast_signed), BATCH])?;
            let mut seen = 0;
            while let Some(row) = rows.next()? {
                let seq: u64 = row.get(0)?;
                if last.is_some_and(|last| seq <= last) {
                    return Err(corrupt("events are out of their order"));
                }
                let before = last.map_or_else(|| walk.floor(seq), |last| last.max(walk.gone()));
                if last.is_none() {
                    gone.without(before);
                }
                gone.hole(before.saturating_add(1), seq.saturating_sub(1).min(walk.thinned));
                gone.read(row)?;
                beside.read(row)?;
                let first = before.saturating_add(1).max(walk.thinned.saturating_add(1));
                if seq > first && audit.faults.len() < MAX_NAMED {
                    audit.faults.push(format!("events {first} to {} are missing", seq - 1));
                }
                last = Some(seq);
                seen += 1;
                audit.events += 1;
                audit.span = Some((audit.span.map_or(seq, |(oldest, _)| oldest), seq));
                if let Err(error) = read_row(row)
                    && audit.faults.len() < MAX_NAMED
                {
                    audit.faults.push(error.to_string());
                }
                audit.alter(walk.step(row)?);
            }
            if seen < BATCH {
                beside.compare(&look)?.into_iter().for_each(|fault| audit.alter(Some(fault)));
                return Ok(());
            }
        }
    }

    /// Cases are views of their events: each event of a history is there, each case stands where its last event left it. Whether there
    /// are any: an older version has none.
    fn audit_cases(&self, faults: &mut Vec<String>) -> Result<bool, JournalError> {
        if !self.connection().prepare("SELECT 1 FROM sqlite_schema WHERE name = 'casefile'")?.exists([])? {
            return Ok(false);
        }
        // Below the oldest event retention has just passed, and the history follows.
        self.name_faults(
            "SELECT format('the history of case %s-%08d-%d names event %d, which is missing', c.series, c.day, c.nth, c.seq)
             FROM case_event c LEFT JOIN event e ON e.seq = c.seq
             WHERE e.seq IS NULL AND c.seq > (SELECT min(seq) FROM event) LIMIT ?1",
            faults,
        )?;
        // What version 1 told said no state.
        self.name_faults(
            "SELECT format('case %s-%08d-%d is \"%s\", but its last event left it \"%s\"', f.series, f.day, f.nth,
                           f.state, json_extract(e.data, '$.state'))
             FROM casefile f JOIN event e ON e.seq = (SELECT max(c.seq) FROM case_event c
                  WHERE c.series = f.series AND c.day = f.day AND c.nth = f.nth)
             WHERE json_extract(e.data, '$.state') <> f.state LIMIT ?1",
            faults,
        )?;
        self.name_faults(
            "SELECT format('case %s-%08d-%d stands as \"%s\" beside its own data', series, day, nth, state) FROM casefile
             WHERE (closed IS NULL) <> (json_extract(data, '$.docket.closed') IS NULL) LIMIT ?1",
            faults,
        )?;
        faults.extend(self.unreadable_cases(MAX_NAMED)?);
        Ok(true)
    }

    fn name_faults(&self, query: &str, faults: &mut Vec<String>) -> Result<(), JournalError> {
        let mut query = self.connection().prepare(query)?;
        let named = query.query_map([MAX_NAMED as u64], |row| row.get(0))?;
        faults.extend(named.collect::<Result<Vec<String>, _>>()?);
        Ok(())
    }
}

/// All of them in one fault: a journal with many is one that somebody has thinned out.
fn too_young(gone: &[(u64, u64)]) -> Option<String> {
    let ((first, _), (_, last)) = (gone.first()?, gone.last()?);
    let mut some: Vec<String> = gone.iter().take(MAX_RUNS).map(|(first, last)| format!("{first}-{last}")).collect();
    if gone.len() > MAX_RUNS {
        some.push("…".to_owned());
    }
    Some(format!(
        "between {first} and {last} events are gone that were too young for retention, and the journal gives no reason: {}",
        some.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{JOURNAL_FILE, Journal};
    use super::*;
    use crate::event::{Data, Event, Kind, Now, Slug};
    use chrono::DateTime;
    use std::path::Path;

    fn journal_with(events: u64, folder: &Path) -> Reader {
        let now = Now { utc: DateTime::from_timestamp(1_795_000_000, 0).unwrap(), synced: true };
        let mut journal = Journal::open(folder, "20261121T000000Z").unwrap().journal;
        journal.begin().unwrap();
        for _ in 0..events {
            let door = Slug::new("lobby").unwrap();
            journal.append(&Event::here(Kind::DoorForced, door, now, Data::new()), now).unwrap();
        }
        journal.commit().unwrap();
        Reader::open(folder).unwrap()
    }

    fn write(folder: &Path) -> rusqlite::Connection {
        rusqlite::Connection::open(folder.join(JOURNAL_FILE)).unwrap()
    }

    fn meddle(folder: &Path, sql: &str) {
        write(folder).execute_batch(sql).unwrap();
    }

    #[test]
    fn a_sound_journal_has_no_faults_even_when_its_beginning_was_purged() {
        let folder = tempfile::tempdir().unwrap();
        let reader = journal_with(2_500, folder.path());
        let head = reader.head().unwrap();
        assert_eq!(reader.audit().unwrap(), Audit { events: 2_500, span: Some((1, 2_500)), head, ..Audit::default() });
        // As retention does it.
        super::super::anchor::retire(&write(folder.path()), 700).unwrap();
        meddle(folder.path(), "DELETE FROM event WHERE seq <= 700");
        assert_eq!(
            reader.audit().unwrap(),
            Audit { events: 1_800, span: Some((701, 2_500)), head, ..Audit::default() }
        );
        meddle(folder.path(), "DELETE FROM event WHERE seq <= 710");
        assert_eq!(reader.audit().unwrap().faults, ["events 701 to 710 are missing"]);
    }

    #[test]
    fn a_case_that_is_not_where_its_events_left_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let reader = journal_with(3, folder.path());
        meddle(
            folder.path(),
            r#"UPDATE event SET data = '{"state":"ringing"}' WHERE seq = 3;
               INSERT INTO casefile (series, day, nth, matter, state, data, opened_seq, changed_seq)
               VALUES ('I', 20261121, 1, 'call', 'missed', '{}', 3, 3);
               INSERT INTO case_event VALUES ('I', 20261121, 1, 3), ('I', 20261121, 2, 77)"#,
        );
        let mut faults = reader.audit().unwrap().faults;
        assert!(faults.remove(0).starts_with("event 3 is not what was stored"), "{faults:?}");
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].contains("I-20261121-2 names event 77"), "{faults:?}");
        assert!(faults[1].contains("\"missed\", but its last event left it \"ringing\""), "{faults:?}");
        assert!(faults[2].contains("I-20261121-1"), "{faults:?}");
    }

    #[test]
    fn an_empty_journal_is_sound() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(journal_with(0, folder.path()).audit().unwrap(), Audit::default());
    }

    #[test]
    fn holes_stray_cursors_and_unknown_kinds_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let reader = journal_with(10, folder.path());
        meddle(
            folder.path(),
            "DELETE FROM event WHERE seq IN (4, 5); INSERT OR REPLACE INTO cursor VALUES ('office', 99)",
        );
        let faults = reader.audit().unwrap().faults;
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].contains("events 4 to 5 are missing") && faults[1].contains("99"), "{faults:?}");
        meddle(folder.path(), "UPDATE event SET kind = 'door.sesame' WHERE seq = 7");
        let audit = reader.audit().unwrap();
        assert!(audit.faults[1].contains("event 7") && audit.altered[0].contains("event 7"), "{audit:?}");
        assert_eq!(audit.broken(), Some("events 4 to 5 are missing"));
    }
}
