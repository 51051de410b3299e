//! What the journal that a restore sets aside knows and the copy does not, of people: what the law holds, whom to watch for, invitations,
//! and who was erased or has withdrawn since. It comes over into the copy in the transaction that makes it this machine's journal, and is told there anew,
//! so that the next restore knows it, too. Each part where it can be read; what cannot is named. It only reads what is set aside.

use super::casefile::{object, person_of};
use super::hold::withdrawn;
use super::{Erased, Journal, JournalError, Reader};
use crate::event::{Data, Event, Id, Kind, Now, Slug, data};
use crate::service::contact::Text;
use crate::service::number::{Number, Slip};
use crate::service::person::{Hold, Of, Outcome, Stays};
use crate::service::watch::Entry;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// What has come over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// Legal holds that were placed, and that were lifted.
    pub held: u64,
    pub lifted: u64,
    /// Entries of the watch-list that were set, and that were removed.
    pub watched: u64,
    pub unwatched: u64,
    pub invitations: u64,
    /// Events and tickets that have lost their persons again.
    pub events: u64,
    pub cases: u64,
    /// What has not, and why. No personal data.
    pub missing: Vec<String>,
}

/// What an event says, and what it says of people.
struct Told {
    data: Data,
    person: Data,
}

/// The journal that is set aside.
struct Aside {
    reader: Reader,
    /// It goes on where the copy ends: what the copy has and this one has not was taken out since.
    is_later: bool,
}

impl Journal {
    /// In the open transaction of a restore. `is_later`: what is set aside goes on where the copy ends.
    pub(super) fn carry(&mut self, aside: &Path, is_later: bool, now: Now) -> Result<Carried, JournalError> {
        let mut carried = Carried::default();
        let aside = match Reader::open_file(aside) {
            Ok(reader) => Aside { reader, is_later },
            Err(error) => {
                carried.missing.push(format!("holds, watch-list, invitations and erasures: {error}"));
                return Ok(carried);
            }
        };
        let unreadable = |what: &str, missing: &mut Vec<String>, error: JournalError| {
            missing.push(format!("{what}: {error}"));
        };
        let holds = aside.holds(&self.connection, &mut carried.missing);
        // What was lifted there first: a hold that stays wins over an erasure, and one that was placed after it holds nothing of it.
        if let Ok((holds, lifted)) = &holds {
            self.lift_again(&aside, holds, lifted, &mut carried, now)?;
        }
        let mut is_told = false;
        match aside.told(&self.connection, Kind::PersonErased) {
            Ok(told) => is_told = self.erase_again(&aside, &told, &mut carried, now)?,
            Err(error) => unreadable("who was erased", &mut carried.missing, error),
        }
        match withdrawn(aside.reader.connection(), true) {
            Ok(numbers) => self.forget_again(&aside, &numbers, &mut carried)?,
            Err(error) => unreadable("who has withdrawn consent", &mut carried.missing, error),
        }
        match holds {
            Ok((holds, _)) => self.place_again(&aside, &holds, &mut carried, now)?,
            Err(error) => unreadable("legal holds", &mut carried.missing, error),
        }
        // Not before all that hold are here: a hold that was exchanged for another keeps what it kept.
        self.forget_all_withdrawn()?;
        match aside.all::<Entry>(
            "the watch-list",
            "SELECT data FROM watch WHERE until > 0 ORDER BY id",
            &mut carried.missing,
        ) {
            Ok(list) => self.carry_watch_list(&aside, &list, is_told, &mut carried, now)?,
            Err(error) => unreadable("the watch-list", &mut carried.missing, error),
        }
        match aside.rows("SELECT id, until, token, code, used, last, last_at FROM invitation", 7) {
            Ok(rows) => self.carry_invitations(rows, aside.is_later, &mut carried)?,
            Err(error) => unreadable("invitations", &mut carried.missing, error),
        }
        if !aside.is_later {
            carried.missing.push(
                "what was lifted and removed without a trace, and what the copy alone has of whom was erased: the journal in \
                 place does not go on from this copy"
                    .into(),
            );
        }
        Ok(carried)
    }

    /// Whether there was anything.
    fn erase_again(
        &mut self,
        aside: &Aside,
        told: &[Told],
        carried: &mut Carried,
        now: Now,
    ) -> Result<bool, JournalError> {
        let asked = told.iter().filter(|told| told.data.get("why").is_some_and(|why| why == "request"));
        let mut is_told = false;
        let held = self.held()?;
        for Told { data, person } in asked {
            is_told = true;
            let (mut erased, before) = (Erased::default(), carried.cases);
            for id in strings(data, "erased_events").filter_map(Id::parse) {
                let seq = "SELECT seq FROM event WHERE id = ?1";
                let seq = self.connection.prepare_cached(seq)?.query_row([id.0], |row| row.get(0)).optional()?;
                let Some(seq) = seq.filter(|seq: &u64| !held.events.contains(seq)) else { continue };
                let gone = "DELETE FROM person WHERE seq = ?1";
                erased.persons += self.connection.prepare_cached(gone)?.execute([seq])? as u64;
            }
            for slip in strings(data, "cases").filter_map(Slip::parse) {
                let number = self.number_said(slip)?.filter(|number| !held.cases.contains(number));
                let Some(number) = number else { continue };
                if !self.is_of_both(aside, number, carried)? {
                    continue;
                }
                match person_of(aside.reader.connection(), number) {
                    Ok(left) => carried.cases += u64::from(self.leave_only(number, &left)?),
                    // It may be another's, whom he was only mentioned by.
                    Err(error) => carried.missing.push(format!("who was erased from {number}: {error}")),
                }
            }
            self.erase_later(aside, data, carried)?;
            erased.cases = carried.cases - before;
            carried.events += erased.persons;
            self.count_asked(erased)?;
            let again = Event::here(Kind::PersonErased, Slug::from_text("journal"), now, data.clone());
            self.append(&if person.is_empty() { again } else { again.about(person.clone()) }, now)?;
        }
        if is_told {
            self.note_traces(true)?;
        }
        Ok(is_told)
    }

    /// What was open when he asked is erased with its end, here as there.
    fn erase_later(&mut self, aside: &Aside, told: &Data, carried: &mut Carried) -> Result<(), JournalError> {
        let reference = told.get("person_ref").and_then(|reference| reference.as_str());
        let stay = told.get("stay").and_then(|stay| stay.as_array());
        for stay in stay.into_iter().flatten().filter(|stay| stay["why"] == json!(Stays::WhenClosed)) {
            let Some(slip) = stay["number"].as_str().and_then(Slip::parse) else { continue };
            let case = self.number_said(slip)?.map(|number| self.case(number)).transpose()?.flatten();
            if let Some(case) = case.filter(|case| !case.is_closed())
                && self.is_of_both(aside, case.docket.number, carried)?
            {
                self.erase_when_closed(case, reference)?;
            }
        }
        Ok(())
    }

    /// The newest that people call so.
    fn number_said(&self, slip: Slip) -> Result<Option<Number>, JournalError> {
        let Slip { series, month_day, nth } = slip;
        let mut query = self
            .connection
            .prepare_cached("SELECT max(day) FROM casefile WHERE series = ?1 AND nth = ?2 AND day % 10000 = ?3")?;
        let of = params![series.letter().to_string(), nth, month_day];
        let day: Option<u32> = query.query_row(of, |row| row.get(0))?;
        Ok(day.map(|day| Number { series, day, nth }))
    }

    /// Whether both journals mean the same case. One that was begun anew in an empty folder has counted from 1 again: its first visit of
    /// a day is another's, unless they share an event of it. Told where they do not.
    fn is_of_both(&self, aside: &Aside, number: Number, carried: &mut Carried) -> Result<bool, JournalError> {
        if aside.is_later {
            return Ok(true);
        }
        let mut query = self.connection.prepare_cached(
            "SELECT e.id FROM case_event c JOIN event e ON e.seq = c.seq WHERE c.series = ?1 AND c.day = ?2 AND c.nth = ?3",
        )?;
        let of = params![number.series.letter().to_string(), number.day, number.nth];
        let mut ids = query.query(of)?;
        let mut known = aside.reader.connection().prepare_cached("SELECT 1 FROM event WHERE id = ?1")?;
        while let Some(row) = ids.next()? {
            if known.exists([row.get::<_, [u8; 16]>(0)?])? {
                return Ok(true);
            }
        }
        carried.missing.push(format!("what was asked of {number}: the copy has another case of this number"));
        Ok(false)
    }

    /// Of this case no more than the other journal still has; whether there was more.
    fn leave_only(&mut self, number: Number, left: &Data) -> Result<bool, JournalError> {
        let mut person = self.case_person(number)?;
        let before = person.clone();
        keep_only(&mut person, left);
        if person == before {
            return Ok(false);
        }
        if person.is_empty() {
            self.forget_people(number)?
        } else {
            self.leave_person(number, person)?
        }
        Ok(true)
    }

    fn forget_again(&mut self, aside: &Aside, numbers: &[Number], carried: &mut Carried) -> Result<(), JournalError> {
        for number in numbers {
            if !self.case_person(*number)?.is_empty() && self.is_of_both(aside, *number, carried)? {
                carried.cases += u64::from(self.forget_withdrawn(*number)?);
            }
        }
        Ok(())
    }

    fn lift_again(
        &mut self,
        aside: &Aside,
        holds: &[(Hold, Option<String>)],
        lifted: &[Told],
        carried: &mut Carried,
        now: Now,
    ) -> Result<(), JournalError> {
        let why: BTreeMap<&str, &Told> =
            lifted.iter().filter_map(|told| Some((told.data.get("id")?.as_str()?, told))).collect();
        for hold in self.holds()? {
            let stays = holds.iter().any(|(other, _)| other.id == hold.id);
            let told = why.get(hold.id.as_str());
            if stays || told.is_none() && !aside.is_later {
                continue;
            }
            let author = told.and_then(|told| told.person.get("author")?.as_str());
            let author = author.and_then(|author| Text::parse(author).ok());
            self.lift(&hold.id, author.as_ref().map(Text::as_str), now)?;
            carried.lifted += 1;
        }
        Ok(())
    }

    fn place_again(
        &mut self,
        aside: &Aside,
        holds: &[(Hold, Option<String>)],
        carried: &mut Carried,
        now: Now,
    ) -> Result<(), JournalError> {
        let here = self.holds()?;
        for (hold, reference) in holds.iter().filter(|(hold, _)| !here.contains(hold)) {
            // Where the journal in place has no such case, somebody has meant the copy's.
            if let Of::Case(number) = &hold.of
                && aside.has_case(*number)?
                && !self.is_of_both(aside, *number, carried)?
            {
                continue;
            }
            match self.hold(hold, reference.as_deref(), now)? {
                Outcome::Held { .. } => carried.held += 1,
                // One whose time is over, too.
                Outcome::Refused(why) => carried.missing.push(format!("the legal hold {}: {why}", hold.id)),
                _ => {}
            }
        }
        Ok(())
    }

    fn carry_watch_list(
        &mut self,
        aside: &Aside,
        list: &[Entry],
        is_told: bool,
        carried: &mut Carried,
        now: Now,
    ) -> Result<(), JournalError> {
        let here = self.watch_list()?;
        for entry in here.iter().filter(|entry| aside.is_later && list.iter().all(|other| other.id != entry.id)) {
            carried.unwatched += u64::from(self.watch_no_more(&entry.id)?);
        }
        // Of an older journal it may be what the copy has taken off, or erased, since.
        let is_newer = aside.is_later || !aside.told(&self.connection, Kind::WatchListChanged)?.is_empty();
        for entry in list.iter().filter(|entry| !here.contains(entry)) {
            if is_newer {
                self.watch_for(entry)?;
                carried.watched += 1;
            } else if here.iter().all(|other| other.id != entry.id) {
                let why = "the copy has it not, and the journal in place does not tell that it is newer";
                carried.missing.push(format!("the entry {} of the watch-list: {why}", entry.id));
            }
        }
        for row in aside.rows("SELECT id, until, data FROM watch WHERE until = 0", 3)? {
            let insert = "INSERT OR IGNORE INTO watch (id, until, data) VALUES (?1, ?2, ?3)";
            self.connection.prepare_cached(insert)?.execute(params_from_iter(row))?;
        }
        if is_told || carried.watched + carried.unwatched > 0 {
            let now_here = self.watch_list()?;
            let facts = data([
                ("set", json!(carried.watched)),
                ("removed", json!(carried.unwatched)),
                ("entries", json!(now_here.len())),
                ("first_end", json!(now_here.iter().map(|entry| entry.until).min())),
            ]);
            self.tell(&Event::here(Kind::WatchListChanged, Slug::from_text("watch-list"), now, facts), now)?;
        }
        Ok(())
    }

    /// Those that were handed over since, how often each was used, and whose words are gone. Of a journal that may be older than the copy
    /// no words come back that the copy has lost.
    fn carry_invitations(
        &mut self,
        rows: Vec<Vec<Value>>,
        is_later: bool,
        carried: &mut Carried,
    ) -> Result<(), JournalError> {
        for mut row in rows {
            row.push(is_later.into());
            carried.invitations += self
                .connection
                .prepare_cached(
                    "INSERT INTO invitation (id, until, token, code, used, last, last_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET
                     token = iif(?8 OR token IS NOT NULL, excluded.token, NULL),
                     code = iif(?8 OR token IS NOT NULL, excluded.code, NULL),
                     used = excluded.used, last = excluded.last, last_at = excluded.last_at
                     WHERE excluded.used > used
                     OR excluded.used = used AND excluded.token IS NOT token AND (?8 OR token IS NOT NULL)",
                )?
                .execute(params_from_iter(row))? as u64;
        }
        Ok(())
    }
}

impl Aside {
    /// Events of this kind that the copy has not.
    fn told(&self, copy: &Connection, kind: Kind) -> Result<Vec<Told>, JournalError> {
        let mut query = self.reader.connection().prepare(
            "SELECT e.id, e.data, p.data FROM event e LEFT JOIN person p ON p.seq = e.seq WHERE e.kind = ?1 ORDER BY e.seq",
        )?;
        let mut known = copy.prepare("SELECT 1 FROM event WHERE id = ?1")?;
        let (mut rows, mut told) = (query.query([kind.name()])?, Vec::new());
        while let Some(row) = rows.next()? {
            if !known.exists([row.get::<_, [u8; 16]>(0)?])? {
                told.push(Told { data: object(row.get(1)?), person: object(row.get(2)?) });
            }
        }
        Ok(told)
    }

    /// Those that can be read; what cannot is `missing`.
    fn all<T: DeserializeOwned>(
        &self,
        what: &str,
        query: &str,
        missing: &mut Vec<String>,
    ) -> Result<Vec<T>, JournalError> {
        let mut query = self.reader.connection().prepare(query)?;
        let texts = query.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        let read = texts.iter().map(|text| serde_json::from_str(text));
        let (read, lost): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
        missing.extend(lost.iter().map(|_| format!("{what}: one that is stored in a form that cannot be read")));
        Ok(read.into_iter().flatten().collect())
    }

    /// Each with the hash of whom it is of, by which the office knows him; and what says that one was lifted.
    #[allow(clippy::type_complexity, reason = "two lists that are read together")]
    fn holds(
        &self,
        copy: &Connection,
        missing: &mut Vec<String>,
    ) -> Result<(Vec<(Hold, Option<String>)>, Vec<Told>), JournalError> {
        let (placed, lifted) = (self.told(copy, Kind::HoldPlaced)?, self.told(copy, Kind::HoldLifted)?);
        let reference = |hold: &Hold| {
            let of = placed.iter().rev().find(|told| told.data.get("id").is_some_and(|id| *id == json!(hold.id)))?;
            Some(of.data.get("person_ref")?.as_str()?.to_owned())
        };
        let holds: Vec<Hold> = self.all("legal holds", "SELECT data FROM hold ORDER BY until", missing)?;
        Ok((holds.into_iter().map(|hold| (hold.clone(), reference(&hold))).collect(), lifted))
    }

    fn has_case(&self, number: Number) -> Result<bool, JournalError> {
        let query = "SELECT 1 FROM casefile WHERE series = ?1 AND day = ?2 AND nth = ?3";
        let of = params![number.series.letter().to_string(), number.day, number.nth];
        Ok(self.reader.connection().prepare_cached(query)?.exists(of)?)
    }

    fn rows(&self, query: &str, columns: usize) -> Result<Vec<Vec<Value>>, JournalError> {
        let mut query = self.reader.connection().prepare(query)?;
        let rows = query.query_map([], |row| (0..columns).map(|column| row.get(column)).collect::<Result<_, _>>())?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn strings<'a>(data: &'a Data, key: &str) -> impl Iterator<Item = &'a str> {
    let list = data.get(key).and_then(|list| list.as_array());
    list.into_iter().flatten().filter_map(|text| text.as_str())
}

/// Takes out every key that the other has not.
fn keep_only(person: &mut Data, left: &Data) {
    person.retain(|key, value| match (value, left.get(key)) {
        (_, None) => false,
        (serde_json::Value::Object(inner), Some(serde_json::Value::Object(left))) => {
            keep_only(inner, left);
            true
        }
        _ => true,
    });
}
