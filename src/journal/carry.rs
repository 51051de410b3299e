//! What the journal that a restore sets aside knows and the copy does not, of people: what the law holds, whom to watch for, invitations,
//! and who was erased or has withdrawn since. It comes over into the copy in the transaction that makes it this machine's journal, and is told there anew,
//! so that the next restore knows it, too. Each part where it can be read; what cannot is named. It only reads what is set aside.

use super::casefile::object;
use super::{Erased, Journal, JournalError, Reader};
use crate::event::{Data, Event, Id, Kind, Now, Slug, data};
use crate::service::case::Case;
use crate::service::contact::Text;
use crate::service::number::{Number, Slip};
use crate::service::person::{Hold, Outcome, Stays};
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
    /// In the open transaction of a restore. `through`: the last number of the copy.
    pub(super) fn carry(&mut self, aside: &Path, through: u64, now: Now) -> Result<Carried, JournalError> {
        let mut carried = Carried::default();
        let opened = Reader::open_file(aside).and_then(|reader| {
            let is_later = reader.goes_on_from(&self.connection, through)?;
            Ok(Aside { reader, is_later })
        });
        let aside = match opened {
            Ok(aside) => aside,
            Err(error) => {
                carried.missing.push(format!("holds, watch-list, invitations and erasures: {error}"));
                return Ok(carried);
            }
        };
        let unreadable = |what: &str, missing: &mut Vec<String>, error: JournalError| {
            missing.push(format!("{what}: {error}"));
        };
        let mut is_told = false;
        match aside.told(&self.connection, Kind::PersonErased) {
            Ok(told) => is_told = self.erase_again(&aside, &told, &mut carried, now)?,
            Err(error) => unreadable("who was erased", &mut carried.missing, error),
        }
        match aside.withdrawn() {
            Ok(numbers) => self.forget_again(&numbers, &mut carried)?,
            Err(error) => unreadable("who has withdrawn consent", &mut carried.missing, error),
        }
        match aside.holds(&self.connection) {
            Ok((holds, lifted)) => self.carry_holds(&aside, &holds, lifted, &mut carried, now)?,
            Err(error) => unreadable("legal holds", &mut carried.missing, error),
        }
        match aside.all::<Entry>("SELECT data FROM watch ORDER BY id") {
            Ok(list) => self.carry_watch_list(&aside, &list, is_told, &mut carried, now)?,
            Err(error) => unreadable("the watch-list", &mut carried.missing, error),
        }
        match aside.invitations() {
            Ok(rows) => self.carry_invitations(rows, &mut carried)?,
            Err(error) => unreadable("invitations", &mut carried.missing, error),
        }
        if !aside.is_later {
            carried.missing.push(
                "what was lifted and removed without a trace: the journal in place does not go on from this copy"
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
        for Told { data, person } in asked {
            is_told = true;
            let (mut erased, before) = (Erased::default(), carried.cases);
            for id in strings(data, "erased_events").filter_map(Id::parse) {
                let gone = "DELETE FROM person WHERE seq = (SELECT seq FROM event WHERE id = ?1)";
                erased.persons += self.connection.prepare_cached(gone)?.execute([id.0])? as u64;
            }
            for slip in strings(data, "cases").filter_map(Slip::parse) {
                let Some(number) = self.number_said(slip)? else { continue };
                match aside.case_person(number) {
                    Ok(left) => carried.cases += u64::from(self.leave_only(number, &left)?),
                    // It may be another's, whom he was only mentioned by.
                    Err(error) => carried.missing.push(format!("who was erased from {number}: {error}")),
                }
            }
            self.erase_later(data)?;
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
    fn erase_later(&mut self, told: &Data) -> Result<(), JournalError> {
        let reference = told.get("person_ref").and_then(|reference| reference.as_str());
        let stay = told.get("stay").and_then(|stay| stay.as_array());
        for stay in stay.into_iter().flatten().filter(|stay| stay["why"] == json!(Stays::WhenClosed)) {
            let Some(slip) = stay["number"].as_str().and_then(Slip::parse) else { continue };
            let case = self.number_said(slip)?.map(|number| self.case(number)).transpose()?.flatten();
            if let Some(case) = case.filter(|case| !case.is_closed()) {
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

    /// Of this case no more than the other journal still has; whether there was more.
    fn leave_only(&mut self, number: Number, left: &Data) -> Result<bool, JournalError> {
        let mut person = self.case_person(number)?;
        let before = person.clone();
        keep_only(&mut person, left);
        if person == before {
            return Ok(false);
        }
        if person.is_empty() {
            self.forget_people(number)?;
        } else {
            let text = serde_json::Value::Object(person).to_string();
            self.connection
                .prepare_cached("UPDATE casefile SET person = ?4 WHERE series = ?1 AND day = ?2 AND nth = ?3")?
                .execute(params![number.series.letter().to_string(), number.day, number.nth, text])?;
        }
        Ok(true)
    }

    fn forget_again(&mut self, numbers: &[Number], carried: &mut Carried) -> Result<(), JournalError> {
        for number in numbers {
            if !self.case_person(*number)?.is_empty() {
                self.forget_people(*number)?;
                carried.cases += 1;
            }
        }
        Ok(())
    }

    fn carry_holds(
        &mut self,
        aside: &Aside,
        holds: &[(Hold, Option<String>)],
        lifted: Vec<Told>,
        carried: &mut Carried,
        now: Now,
    ) -> Result<(), JournalError> {
        let mut why: BTreeMap<String, Told> = BTreeMap::new();
        why.extend(lifted.into_iter().filter_map(|told| Some((told.data.get("id")?.as_str()?.to_owned(), told))));
        let here = self.holds()?;
        for hold in &here {
            let stays = holds.iter().any(|(other, _)| other.id == hold.id);
            let told = why.get(&hold.id);
            if stays || told.is_none() && !aside.is_later {
                continue;
            }
            let author = told.and_then(|told| told.person.get("author")?.as_str());
            let author = author.and_then(|author| Text::parse(author).ok());
            self.lift(&hold.id, author.as_ref().map(Text::as_str), now)?;
            carried.lifted += 1;
        }
        for (hold, reference) in holds.iter().filter(|(hold, _)| !here.contains(hold)) {
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
        for entry in list.iter().filter(|entry| !here.contains(entry)) {
            self.watch_for(entry)?;
            carried.watched += 1;
        }
        if is_told || carried.watched + carried.unwatched > 0 {
            let now_here = self.watch_list()?;
            let facts = data([
                ("set", json!(carried.watched)),
                ("removed", json!(carried.unwatched)),
                ("entries", json!(now_here.len())),
                ("first_end", json!(now_here.iter().map(|entry| entry.until).min())),
            ]);
            self.append(&Event::here(Kind::WatchListChanged, Slug::from_text("watch-list"), now, facts), now)?;
        }
        Ok(())
    }

    /// Those that were handed over since, how often each was used, and whose words are gone.
    fn carry_invitations(&mut self, rows: Vec<Vec<Value>>, carried: &mut Carried) -> Result<(), JournalError> {
        for row in rows {
            carried.invitations += self
                .connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO invitation (id, until, token, code, used, last, last_at)
                     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM invitation i WHERE i.id = ?1
                     AND (i.used > ?5 OR i.used = ?5 AND i.token IS ?3))",
                )?
                .execute(params_from_iter(row))? as u64;
        }
        Ok(())
    }
}

impl Reader {
    /// Whether this journal has what the copy ends with, but for what devices said, which goes sooner.
    fn goes_on_from(&self, copy: &Connection, through: u64) -> Result<bool, JournalError> {
        let mut newest = copy.prepare(
            "SELECT id FROM event WHERE seq <= ?1 AND (run IS NOT NULL OR hash IS NULL) ORDER BY seq DESC LIMIT 1",
        )?;
        let newest: Option<[u8; 16]> = newest.query_row([through], |row| row.get(0)).optional()?;
        let Some(id) = newest else { return Ok(true) };
        Ok(self.connection().prepare("SELECT 1 FROM event WHERE id = ?1")?.exists([id])?)
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

    fn all<T: DeserializeOwned>(&self, query: &str) -> Result<Vec<T>, JournalError> {
        let mut query = self.reader.connection().prepare(query)?;
        let texts = query.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        let read = |text: &String| {
            serde_json::from_str(text)
                .map_err(|_| super::open::corrupt("an entry is stored in a form that cannot be read"))
        };
        texts.iter().map(read).collect()
    }

    /// Each with the hash of whom it is of, by which the office knows him; and what says that one was lifted.
    #[allow(clippy::type_complexity, reason = "two lists that are read together")]
    fn holds(&self, copy: &Connection) -> Result<(Vec<(Hold, Option<String>)>, Vec<Told>), JournalError> {
        let (placed, lifted) = (self.told(copy, Kind::HoldPlaced)?, self.told(copy, Kind::HoldLifted)?);
        let reference = |hold: &Hold| {
            let of = placed.iter().rev().find(|told| told.data.get("id").is_some_and(|id| *id == json!(hold.id)))?;
            Some(of.data.get("person_ref")?.as_str()?.to_owned())
        };
        let holds: Vec<Hold> = self.all("SELECT data FROM hold ORDER BY until")?;
        Ok((holds.into_iter().map(|hold| (hold.clone(), reference(&hold))).collect(), lifted))
    }

    /// What is left there of a case; nothing where it has gone.
    fn case_person(&self, number: Number) -> Result<Data, JournalError> {
        let query = "SELECT person FROM casefile WHERE series = ?1 AND day = ?2 AND nth = ?3";
        let of = params![number.series.letter().to_string(), number.day, number.nth];
        let person: Option<Option<String>> =
            self.reader.connection().query_row(query, of, |row| row.get(0)).optional()?;
        Ok(object(person.flatten()))
    }

    /// Cases that have forgotten whom they were about because he wanted it so.
    fn withdrawn(&self) -> Result<Vec<Number>, JournalError> {
        let query = "SELECT data FROM casefile WHERE person IS NULL AND closed IS NOT NULL";
        let mut query = self.reader.connection().prepare(query)?;
        let texts = query.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        // One that another version wrote says nothing.
        let cases = texts.iter().filter_map(|text| serde_json::from_str::<Case>(text).ok());
        Ok(cases.filter(|case| case.matter.forgets()).map(|case| case.docket.number).collect())
    }

    fn invitations(&self) -> Result<Vec<Vec<Value>>, JournalError> {
        let query = "SELECT id, until, token, code, used, last, last_at FROM invitation";
        let mut query = self.reader.connection().prepare(query)?;
        let rows = query.query_map([], |row| (0..7).map(|column| row.get(column)).collect::<Result<_, _>>())?;
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
