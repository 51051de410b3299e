//! What is asked of one person's data, carried out in one transaction: that it is read out for him, erased, held. The events stay, and their chain; the
//! office is named those that it has got, by id, so that it can erase its own copy.

use super::known::Whose;
use super::whose::{find, has_person, history};
use super::{Erased, Journal, JournalError, invited};
use crate::event::{Data, Event, Id, Identity, Kind, Now, Slug, data};
use crate::service::case::Case;
use crate::service::contact::Text;
use crate::service::invitation;
use crate::service::number::Number;
use crate::service::person::{Erasure, Outcome, Request, Stays, Taken, Thing, Wanted};
use rusqlite::OptionalExtension;
use serde_json::json;
use std::collections::BTreeSet;

/// Ids of events in one `person.erased`: some 20 KB.
const IDS: usize = 500;

impl Journal {
    /// Carries out what somebody asks of one person's data, in the open transaction. `reference`: a keyed hash of his number.
    ///
    /// # Errors
    /// The disk's; then nothing of it has happened.
    pub fn person(&mut self, request: &Request, reference: Option<&str>, now: Now) -> Result<Outcome, JournalError> {
        match request {
            Request::Hold(hold) => self.hold(hold, reference, now),
            Request::Lift { id, author } => {
                let lifted = self.lift(id, Some(author.as_str()), now)?;
                self.forget_all_withdrawn()?;
                Ok(lifted)
            }
            Request::Erase { wanted, author } => self.erase(wanted, reference, author, now),
            Request::Export { wanted, author } => {
                let found = find(&self.connection, wanted)?;
                let (events, cases) = (found.events.len() as u64, found.cases.len() as u64);
                let facts =
                    data([("person_ref", json!(reference)), ("events", json!(events)), ("cases", json!(cases))]);
                let event = Event::here(Kind::PersonExported, Slug::from_text("journal"), now, facts);
                self.tell(&event.about(data([("author", json!(author))])), now)?;
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
        self.tell(&event, now)?;
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
        let is_held = held.persons.contains(wanted.digits());
        self.unwatch(wanted, is_held, &mut erasure)?;
        self.forget_invitations(wanted, is_held, &mut erasure)?;
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
        self.leave_person(number, person)
    }

    /// `is_held`: he is, by whatever name.
    fn unwatch(&mut self, wanted: &Wanted, is_held: bool, erasure: &mut Erasure) -> Result<(), JournalError> {
        let held = self.held_entries(None)?;
        for entry in self.watch_list()? {
            match Whose::entry(&entry, wanted) {
                Some(Whose::His) if is_held || held.contains(&entry.id) => {
                    erasure.stay.push((Thing::Watch(entry.id), Stays::Held));
                }
                Some(Whose::His) => erasure.watched += u64::from(self.watch_no_more(&entry.id)?),
                Some(Whose::Either(thing)) => erasure.stay.push((thing, Stays::Namesake)),
                None => {}
            }
        }
        Ok(())
    }

    fn forget_invitations(
        &mut self,
        wanted: &Wanted,
        is_held: bool,
        erasure: &mut Erasure,
    ) -> Result<(), JournalError> {
        let held = self.held_invitations()?;
        for kept in invited::naming(&self.connection, wanted)? {
            match Whose::of(Thing::Invitation(kept.id), wanted) {
                Whose::His if is_held || held.contains(&kept.id) => {
                    erasure.stay.push((Thing::Invitation(kept.id), Stays::Held));
                }
                Whose::His => {
                    if self.forget_invitation(kept.id)? {
                        erasure.invitations += 1;
                        erasure.invitation_ids.push(invitation::name(kept.id));
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
            self.tell(&event, now)?;
        }
        Ok(())
    }
}
