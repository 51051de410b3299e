//! One person's data: found by his phone in events, cases and the watch-list, read out for him, or erased in one transaction. The events
//! stay, and their chain; the office is named those that it has got, by id, so that it can erase its own copy.

use super::{Erased, Journal, JournalError, Reader, Row};
use crate::event::{Data, Event, Id, Identity, Kind, Now, Slug, data};
use crate::service::contact::Text;
use crate::service::invitation::{Invitation, Kept};
use crate::service::number::{Number, Series};
use crate::service::person::{Erasure, Outcome, Request, Stays, Taken, Wanted};
use crate::service::watch::{Entry, national};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Ids of events in one `person.erased`: some 20 KB.
const IDS: usize = 500;

/// What is known of one person.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Events whose person he is or that tell of him; of his own cases all that have a person.
    pub events: BTreeSet<u64>,
    /// `true`: the case is his own.
    pub cases: BTreeMap<Number, bool>,
    /// Cases that have his name alone, and that nobody has said to be his.
    pub namesakes: BTreeSet<Number>,
}

/// What one person gets to read: his cases, and every event of them or of him.
#[derive(Debug)]
pub struct Known {
    pub cases: Vec<super::CaseRow>,
    pub events: Vec<Row>,
    pub watched: Vec<Entry>,
    pub invited: Vec<Invitation>,
    /// Cases with his name and no phone, which may be somebody else's: not read out.
    pub namesakes: BTreeSet<Number>,
}

pub(super) fn find(connection: &Connection, wanted: &Wanted) -> Result<Found, JournalError> {
    let mut found = Found::default();
    let mut query = connection.prepare_cached(
        "SELECT p.seq, p.data, c.series, c.day, c.nth FROM person p LEFT JOIN case_event c ON c.seq = p.seq",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(person) = telling(row.get_ref(1)?, wanted) {
            found.events.insert(row.get(0)?);
            note(&mut found, number(row, 2)?, wanted.is_owner(&person));
        }
    }
    let mut query =
        connection.prepare_cached("SELECT person, NULL, series, day, nth FROM casefile WHERE person IS NOT NULL")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(person) = telling(row.get_ref(0)?, wanted) {
            note(&mut found, number(row, 2)?, wanted.is_owner(&person));
        } else if let Some(number) = number(row, 2)?
            && let Some(person) = naming(row.get_ref(0)?, wanted)
        {
            if wanted.cases.contains(&number) {
                note(&mut found, Some(number), wanted.is_by_name(&person));
            } else {
                found.namesakes.insert(number);
            }
        }
    }
    follow(connection, wanted, &mut found)?;
    named(connection, wanted, &mut found)?;
    let Found { cases, namesakes, .. } = &mut found;
    namesakes.retain(|number| !cases.contains_key(number));
    for number in found.cases.iter().filter(|(_, own)| **own).map(|(number, _)| *number).collect::<Vec<_>>() {
        for seq in history(connection, number)? {
            if has_person(connection, seq)? {
                found.events.insert(seq);
            }
        }
    }
    Ok(found)
}

/// What this text says of people, if it tells of him.
fn telling(text: ValueRef<'_>, wanted: &Wanted) -> Option<Data> {
    let text = text.as_str().ok().filter(|text| wanted.may_be_in(text))?;
    Some(super::casefile::object(Some(text.to_owned()))).filter(|person| wanted.is_in(person))
}

fn naming(text: ValueRef<'_>, wanted: &Wanted) -> Option<Data> {
    let text = text.as_str().ok().filter(|_| wanted.name.is_some())?;
    Some(super::casefile::object(Some(text.to_owned()))).filter(|person| wanted.is_namesake(person))
}

/// What the events of cases of others say of him by name alone.
fn named(connection: &Connection, wanted: &Wanted, found: &mut Found) -> Result<(), JournalError> {
    for number in &wanted.cases {
        for seq in history(connection, *number)? {
            let mut query = connection.prepare_cached("SELECT data FROM person WHERE seq = ?1")?;
            let mut rows = query.query([seq])?;
            if let Some(row) = rows.next()?
                && naming(row.get_ref(0)?, wanted).is_some()
            {
                found.events.insert(seq);
            }
        }
    }
    Ok(())
}

/// What has no number of his and is his all the same: the visits of invitations that name him as the guest, and what the watch-list had to
/// say of his visits.
fn follow(connection: &Connection, wanted: &Wanted, found: &mut Found) -> Result<(), JournalError> {
    let is_guest = |kept: &Kept| {
        let said = kept.token.as_ref().and_then(|(token, _)| token.said());
        said.and_then(|said| said.visitor).is_some_and(|name| wanted.is_called(&name))
    };
    for kept in super::invited::naming(connection, wanted)?.iter().filter(|kept| is_guest(kept)) {
        let id: String = kept.id.iter().map(|byte| format!("{byte:02x}")).collect();
        saying(connection, &format!("\"invitation\":{}", json!(id)), found)?;
    }
    let visits = found.cases.iter().filter(|(number, own)| **own && number.series == Series::Visit);
    for number in visits.map(|(number, _)| *number).collect::<Vec<_>>() {
        // As the matter of support says it; what people say of a number is another's in another year.
        let said = format!("\"visit\":{},\"visit_day\":{}", json!(number.to_string()), number.day);
        saying(connection, &said, found)?;
    }
    Ok(())
}

/// Cases that say this of themselves.
fn saying(connection: &Connection, said: &str, found: &mut Found) -> Result<(), JournalError> {
    let mut query = connection.prepare_cached("SELECT series, day, nth FROM casefile WHERE instr(data, ?1) > 0")?;
    let mut rows = query.query([said])?;
    while let Some(row) = rows.next()? {
        note(found, number(row, 0)?, true);
    }
    Ok(())
}

/// Many come to one gathering: it is nobody's own.
fn note(found: &mut Found, number: Option<Number>, own: bool) {
    if let Some(number) = number {
        *found.cases.entry(number).or_default() |= own && number.series != Series::Gathering;
    }
}

/// The events of a case.
pub(super) fn history(connection: &Connection, number: Number) -> Result<Vec<u64>, JournalError> {
    let mut query = connection
        .prepare_cached("SELECT seq FROM case_event WHERE series = ?1 AND day = ?2 AND nth = ?3 ORDER BY seq")?;
    let seqs =
        query.query_map(params![number.series.letter().to_string(), number.day, number.nth], |row| row.get(0))?;
    Ok(seqs.collect::<Result<_, _>>()?)
}

fn has_person(connection: &Connection, seq: u64) -> Result<bool, JournalError> {
    Ok(connection.prepare_cached("SELECT 1 FROM person WHERE seq = ?1")?.exists([seq])?)
}

/// From this column on.
fn number(row: &rusqlite::Row<'_>, at: usize) -> Result<Option<Number>, JournalError> {
    let letter: Option<String> = row.get(at)?;
    let series = letter.and_then(|letter| Series::from_letter(letter.chars().next()?));
    Ok(match series {
        Some(series) => Some(Number { series, day: row.get(at + 1)?, nth: row.get(at + 2)? }),
        None => None,
    })
}

impl Journal {
    /// Carries out what somebody asks of one person's data, in the open transaction. `reference`: a keyed hash of his number.
    ///
    /// # Errors
    /// The disk's; then nothing of it has happened.
    pub fn person(&mut self, request: &Request, reference: Option<&str>, now: Now) -> Result<Outcome, JournalError> {
        match request {
            Request::Hold(hold) => self.hold(hold, reference, now),
            Request::Lift { id, author } => self.lift(id, Some(author.as_str()), now),
            Request::Erase { wanted, author } => self.erase(wanted, reference, author, now),
            Request::Export { wanted, author } => {
                let found = find(&self.connection, wanted)?;
                let (events, cases) = (found.events.len() as u64, found.cases.len() as u64);
                let facts =
                    data([("person_ref", json!(reference)), ("events", json!(events)), ("cases", json!(cases))]);
                let event = Event::here(Kind::PersonExported, Slug::from_text("journal"), now, facts);
                self.append(&event.about(data([("author", json!(author))])), now)?;
                Ok(Outcome::Exported { events, cases })
            }
            Request::Taken(taken) => self.note_taken(taken, now),
        }
    }

    fn note_taken(&mut self, taken: &Taken, now: Now) -> Result<Outcome, JournalError> {
        if let Err(why) = taken.check() {
            return Ok(Outcome::Refused(why));
        }
        let (from, through) = taken.span.unzip();
        let facts = data([
            ("what", json!(taken.what)),
            ("taken", json!(taken.at)),
            ("events", json!(taken.events)),
            ("from", json!(from)),
            ("through", json!(through)),
            ("file", json!(taken.file)),
            ("by", json!(taken.by)),
        ]);
        let event = Event::here(Kind::JournalExported, Slug::from_text("journal"), now, facts);
        let identity = Identity::Native(Id::derived(&[b"taken", taken.id.as_bytes()]));
        let event = Event { identity, ..event.about(data([("author", json!(taken.author))])) };
        self.append(&event, now)?;
        Ok(Outcome::Recorded)
    }

    fn erase(
        &mut self,
        wanted: &Wanted,
        reference: Option<&str>,
        author: &Text,
        now: Now,
    ) -> Result<Outcome, JournalError> {
        self.end_holds(now)?;
        let (found, held) = (find(&self.connection, wanted)?, self.held()?);
        let (mut erasure, mut gone, mut spared) = (Erasure::default(), found.events.clone(), BTreeSet::new());
        for (&number, &own) in &found.cases {
            let stays = if held.cases.contains(&number) {
                Some(Stays::Held)
            } else {
                self.is_open(number)?.then_some(Stays::Open)
            };
            match stays {
                Some(why) => {
                    erasure.stay.push((number, why));
                    spared.extend(history(&self.connection, number)?);
                }
                None => {
                    self.take_out(number, own, wanted)?;
                    erasure.cases.push(number);
                }
            }
        }
        erasure.stay.extend(found.namesakes.iter().map(|number| (*number, Stays::Namesake)));
        let loose = |seq: &&u64| held.events.contains(seq) && !spared.contains(seq);
        erasure.held_events = gone.iter().filter(loose).count() as u64;
        gone.retain(|seq| !spared.contains(seq) && !held.events.contains(seq));
        for seq in &gone {
            self.connection.prepare_cached("DELETE FROM person WHERE seq = ?1")?.execute([seq])?;
        }
        erasure.events = gone.len() as u64;
        if !held.persons.contains(wanted.digits()) {
            erasure.watched = self.unwatch(wanted)?;
            erasure.invitations = self.forget_invitations(wanted)?;
        }
        if erasure.events + erasure.watched + erasure.invitations + erasure.cases.len() as u64 > 0 {
            self.note_traces(true)?;
            let (persons, cases) = (erasure.events, erasure.cases.len() as u64);
            self.count_asked(Erased { persons, cases, files: 0 })?;
        }
        self.tell_asked(&erasure, &gone, reference, author, now)?;
        Ok(Outcome::Erased(erasure))
    }

    fn is_open(&self, number: Number) -> Result<bool, JournalError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT 1 FROM casefile WHERE series = ?1 AND day = ?2 AND nth = ?3 AND closed IS NULL")?;
        Ok(query.exists(params![number.series.letter().to_string(), number.day, number.nth])?)
    }

    /// Of his own case nothing of people stays; of another what is not his.
    fn take_out(&mut self, number: Number, own: bool, wanted: &Wanted) -> Result<(), JournalError> {
        if own {
            return self.forget_people(number);
        }
        let mut person: Data = self.case_person(number)?;
        wanted.take_out(&mut person);
        if wanted.cases.contains(&number) {
            wanted.take_name_out(&mut person);
        }
        let text = (!person.is_empty()).then(|| serde_json::Value::Object(person).to_string());
        self.connection
            .prepare_cached("UPDATE casefile SET person = ?4 WHERE series = ?1 AND day = ?2 AND nth = ?3")?
            .execute(params![number.series.letter().to_string(), number.day, number.nth, text])?;
        Ok(())
    }

    fn unwatch(&mut self, wanted: &Wanted) -> Result<u64, JournalError> {
        let mut gone = 0;
        for entry in self.watch_list()?.iter().filter(|entry| is_his(entry, wanted)) {
            gone += u64::from(self.watch_no_more(&entry.id)?);
        }
        Ok(gone)
    }

    /// Always told, also where nothing was found: that it was asked is a fact.
    fn tell_asked(
        &mut self,
        erasure: &Erasure,
        gone: &BTreeSet<u64>,
        reference: Option<&str>,
        author: &Text,
        now: Now,
    ) -> Result<(), JournalError> {
        let mut ids = Vec::new();
        for seq in gone {
            let mut query = self.connection.prepare_cached("SELECT id FROM event WHERE seq = ?1")?;
            let id: Option<[u8; 16]> = query.query_row([seq], |row| row.get(0)).optional()?;
            ids.extend(id.map(|id| Id(id).to_string()));
        }
        let numbers = |of: &[Number]| of.iter().map(ToString::to_string).collect::<Vec<_>>();
        let stay: Vec<_> =
            erasure.stay.iter().map(|(number, why)| json!({"number": number.to_string(), "why": why})).collect();
        let mut parts: Vec<&[String]> = ids.chunks(IDS).collect();
        if parts.is_empty() {
            parts.push(&[]);
        }
        for (nth, ids) in parts.iter().enumerate() {
            let facts = data([
                ("why", json!("request")),
                ("person_ref", json!(reference)),
                ("part", json!(nth + 1)),
                ("parts", json!(parts.len())),
                ("persons", json!(erasure.events)),
                ("cases", json!(numbers(&erasure.cases))),
                ("watched", json!(erasure.watched)),
                ("invitations", json!(erasure.invitations)),
                ("stay", json!(stay)),
                ("erased_events", json!(ids)),
            ]);
            let event = Event::here(Kind::PersonErased, Slug::from_text("journal"), now, facts);
            self.append(&event.about(data([("author", json!(author))])), now)?;
        }
        Ok(())
    }
}

fn is_his(entry: &Entry, wanted: &Wanted) -> bool {
    match &entry.phone {
        Some(phone) => national(phone) == wanted.digits(),
        None => entry.names.iter().any(|name| wanted.is_called(name)),
    }
}

impl Reader {
    /// Everything that is known of one person.
    ///
    /// # Errors
    /// The disk's.
    pub fn known_of(&self, wanted: &Wanted) -> Result<Known, JournalError> {
        let found = find(self.connection(), wanted)?;
        let (mut seqs, namesakes) = (found.events, found.namesakes);
        let mut cases = Vec::new();
        for (number, own) in found.cases {
            let Some(mut row) = self.case(number)? else { continue };
            if own {
                seqs.extend(history(self.connection(), number)?);
            } else {
                // What it says of others is not his to read.
                row.person.clear();
            }
            cases.push(row);
        }
        let mut events = Vec::new();
        for seq in seqs {
            // Nothing where retention was quicker, and not the event after it.
            events.extend(self.all_after(seq - 1, 1)?.into_iter().filter(|row| row.seq == seq));
        }
        let mut query = self.connection().prepare_cached("SELECT data FROM watch")?;
        let texts = query.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        let entries = texts.iter().filter_map(|text| serde_json::from_str::<Entry>(text).ok());
        let watched = entries.filter(|entry| is_his(entry, wanted)).collect();
        let invited = super::invited::naming(self.connection(), wanted)?;
        let invited = invited.into_iter().filter_map(|kept| kept.token?.0.said()).collect();
        Ok(Known { cases, events, watched, invited, namesakes })
    }
}
