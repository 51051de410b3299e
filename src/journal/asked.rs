//! What is asked of one person's data, carried out in one transaction: read out for him, erased, held. The events stay, and their chain; the
//! office is named those that it has got, by id, so that it can erase its own copy.

use super::whose::{find, has_person, history};
use super::{Erased, Journal, JournalError, Reader, Row, invited};
use crate::event::{Data, Event, Id, Identity, Kind, Now, Slug, data};
use crate::service::case::Case;
use crate::service::contact::Text;
use crate::service::invitation::Invitation;
use crate::service::number::Number;
use crate::service::person::{Erasure, Outcome, Request, Stays, Taken, Thing, Wanted, hex};
use crate::service::watch::{Entry, national};
use rusqlite::{OptionalExtension, params};
use serde_json::json;
use std::collections::BTreeSet;

/// Ids of events in one `person.erased`: some 20 KB.
const IDS: usize = 500;

/// What one person gets to read: his cases, and every event of them or of him.
#[derive(Debug)]
pub struct Known {
    pub cases: Vec<super::CaseRow>,
    pub events: Vec<Row>,
    pub watched: Vec<Entry>,
    pub invited: Vec<Invitation>,
    /// What has his name and no phone, and may be somebody else's: not read out.
    pub namesakes: BTreeSet<Thing>,
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
            let stays = match self.open_of(number)? {
                _ if held.cases.contains(&number) => Some(Stays::Held),
                Some(_) if !own => Some(Stays::Open),
                Some(case) => Some(self.erase_when_closed(case, reference)?),
                None => None,
            };
            match stays {
                Some(why) => {
                    erasure.stay.push((Thing::Case(number), why));
                    spared.extend(history(&self.connection, number)?);
                }
                None => {
                    self.take_out(number, own, wanted)?;
                    erasure.cases.push(number);
                }
            }
        }
        let namesakes = found.namesakes.iter().map(|number| Thing::Case(*number));
        erasure.stay.extend(namesakes.map(|case| (case, Stays::Namesake)));
        let loose = |seq: &&u64| held.events.contains(seq) && !spared.contains(seq);
        erasure.held_events = gone.iter().filter(loose).count() as u64;
        gone.retain(|seq| !spared.contains(seq) && !held.events.contains(seq));
        for seq in &gone {
            self.connection.prepare_cached("DELETE FROM person WHERE seq = ?1")?.execute([seq])?;
        }
        erasure.events = gone.len() as u64;
        if !held.persons.contains(wanted.digits()) {
            self.unwatch(wanted, &mut erasure)?;
            self.forget_invitations(wanted, &mut erasure)?;
        }
        if erasure.events + erasure.watched + erasure.invitations + erasure.cases.len() as u64 > 0 {
            self.note_traces(true)?;
            let (persons, cases) = (erasure.events, erasure.cases.len() as u64);
            self.count_asked(Erased { persons, cases, files: 0 })?;
        }
        self.tell_asked(&erasure, &gone, reference, Some(author), now)?;
        Ok(Outcome::Erased(erasure))
    }

    fn open_of(&self, number: Number) -> Result<Option<Case>, JournalError> {
        Ok(self.case(number)?.filter(|case| !case.is_closed()))
    }

    pub(super) fn erase_when_closed(&mut self, mut case: Case, reference: Option<&str>) -> Result<Stays, JournalError> {
        case.docket.erase = Some(reference.unwrap_or_default().to_owned());
        self.rewrite_case(&case)?;
        Ok(Stays::WhenClosed)
    }

    /// A case has ended whose person has asked to be erased, in the open transaction. What is held by now stays as long as everybody's.
    pub fn erase_closed(&mut self, number: Number, reference: &str, now: Now) -> Result<(), JournalError> {
        if self.held()?.cases.contains(&number) {
            return Ok(());
        }
        let mut gone = BTreeSet::new();
        for seq in history(&self.connection, number)? {
            if has_person(&self.connection, seq)? {
                gone.insert(seq);
            }
        }
        self.forget_people(number)?;
        let erasure = Erasure { events: gone.len() as u64, cases: vec![number], ..Erasure::default() };
        self.count_asked(Erased { persons: erasure.events, cases: 1, files: 0 })?;
        let reference = Some(reference).filter(|reference| !reference.is_empty());
        self.tell_asked(&erasure, &gone, reference, None, now)
    }

    /// Of his own case nothing of people stays; of another what is not his.
    fn take_out(&mut self, number: Number, own: bool, wanted: &Wanted) -> Result<(), JournalError> {
        if own {
            return self.forget_people(number);
        }
        let mut person: Data = self.case_person(number)?;
        wanted.take_out(&mut person);
        if wanted.has(&Thing::Case(number)) {
            wanted.take_name_out(&mut person);
        }
        let text = (!person.is_empty()).then(|| serde_json::Value::Object(person).to_string());
        self.connection
            .prepare_cached("UPDATE casefile SET person = ?4 WHERE series = ?1 AND day = ?2 AND nth = ?3")?
            .execute(params![number.series.letter().to_string(), number.day, number.nth, text])?;
        Ok(())
    }

    fn unwatch(&mut self, wanted: &Wanted, erasure: &mut Erasure) -> Result<(), JournalError> {
        for entry in self.watch_list()? {
            match Whose::entry(&entry, wanted) {
                Some(Whose::His) => erasure.watched += u64::from(self.watch_no_more(&entry.id)?),
                Some(Whose::Either(thing)) => erasure.stay.push((thing, Stays::Namesake)),
                None => {}
            }
        }
        Ok(())
    }

    fn forget_invitations(&mut self, wanted: &Wanted, erasure: &mut Erasure) -> Result<(), JournalError> {
        for kept in invited::naming(&self.connection, wanted)? {
            match Whose::of(Thing::Invitation(kept.id), wanted) {
                Whose::His => {
                    if self.forget_invitation(kept.id)? {
                        erasure.invitations += 1;
                        erasure.invitation_ids.push(hex(&kept.id));
                    }
                }
                Whose::Either(thing) => erasure.stay.push((thing, Stays::Namesake)),
            }
        }
        Ok(())
    }

    /// Always told, also where nothing was found: that it was asked is a fact.
    fn tell_asked(
        &mut self,
        erasure: &Erasure,
        gone: &BTreeSet<u64>,
        reference: Option<&str>,
        author: Option<&Text>,
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
                ("erased_invitations", json!(erasure.invitation_ids)),
                ("stay", json!(stay)),
                ("erased_events", json!(ids)),
            ]);
            let event = Event::here(Kind::PersonErased, Slug::from_text("journal"), now, facts);
            let event = match author {
                Some(author) => event.about(data([("author", json!(author))])),
                None => event,
            };
            self.append(&event, now)?;
        }
        Ok(())
    }
}

/// Whose something is that has a name.
enum Whose {
    His,
    /// His, or a namesake's.
    Either(Thing),
}

impl Whose {
    fn of(thing: Thing, wanted: &Wanted) -> Self {
        if wanted.has(&thing) { Whose::His } else { Whose::Either(thing) }
    }

    /// `None`: somebody else's. An entry without a phone has his name alone, and one with other names may be of whoever shares his phone.
    fn entry(entry: &Entry, wanted: &Wanted) -> Option<Self> {
        let is_called = entry.names.iter().any(|name| wanted.is_called(name));
        let either = || Some(Whose::of(Thing::Watch(entry.id.clone()), wanted));
        match &entry.phone {
            Some(phone) if national(phone) != wanted.digits() => None,
            Some(_) if wanted.name.is_some() && !entry.names.is_empty() && !is_called => either(),
            Some(_) => Some(Whose::His),
            None if is_called => either(),
            None => None,
        }
    }
}

impl Reader {
    /// Everything that is known of one person.
    ///
    /// # Errors
    /// The disk's.
    pub fn known_of(&self, wanted: &Wanted) -> Result<Known, JournalError> {
        let found = find(self.connection(), wanted)?;
        let (mut seqs, mut namesakes) = (found.events, BTreeSet::new());
        namesakes.extend(found.namesakes.into_iter().map(Thing::Case));
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
        let (mut watched, mut invited) = (Vec::new(), Vec::new());
        for entry in entries {
            match Whose::entry(&entry, wanted) {
                Some(Whose::His) => watched.push(entry),
                Some(Whose::Either(thing)) => drop(namesakes.insert(thing)),
                None => {}
            }
        }
        for kept in invited::naming(self.connection(), wanted)? {
            match Whose::of(Thing::Invitation(kept.id), wanted) {
                Whose::His => invited.extend(kept.token.and_then(|(token, _)| token.said())),
                Whose::Either(thing) => drop(namesakes.insert(thing)),
            }
        }
        Ok(Known { cases, events, watched, invited, namesakes })
    }
}
