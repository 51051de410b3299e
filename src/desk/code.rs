//! Codes that somebody types: a release pass, a parcel, an invitation, the end of a phone number. Whoever types wrong ones
//! waits, longer each time, and a guard is told. Part of the desk's transaction, so that kiosk, page and handsets share one
//! count, and a restart does not forget it.

use super::carry_out::Transaction;
use super::{Answer, Store};
use crate::event::{Event, Kind, Slug, data};
use crate::journal::JournalError;
use crate::service::case::{Objection, Source, Step};
use crate::service::contact::Unit;
use crate::service::guess::{Guesses, Lock, Try, place};
use crate::service::matter::{MatterStep, Opening};
use crate::service::staff::{Actor, Via};
use crate::service::{delivery, help, pass};
use chrono::{DateTime, Utc};
use serde_json::json;

/// Wrong codes by place and kind, as JSON.
const GUESSES: &str = "guesses";
/// Whoever comes is told so; nobody has chosen a language.
const LANGUAGE: &str = "zh-Hans";

/// What is looked for by its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    Pass(pass::PassCode),
    Parcel(Unit, delivery::ParcelCode),
}

impl Code {
    fn key(&self) -> String {
        match self {
            Code::Pass(code) => pass::key(code),
            Code::Parcel(unit, code) => delivery::key(unit, code),
        }
    }

    const fn lock(&self) -> Lock {
        match self {
            Code::Pass(_) => Lock::Pass,
            Code::Parcel(..) => Lock::Parcel,
        }
    }
}

/// What a step that only goes with the right code opens.
pub(super) fn lock_of(step: &Step) -> Option<Lock> {
    let Step::Matter(step) = step else { return None };
    match step {
        MatterStep::Delivery(delivery::Step::Show { .. } | delivery::Step::Collect { .. }) => Some(Lock::Parcel),
        MatterStep::Pass(pass::Step::Check { .. }) => Some(Lock::Pass),
        _ => None,
    }
}

impl<S: Store> Transaction<'_, S> {
    /// The case of a code.
    pub(super) fn find(&mut self, code: &Code, by: &Actor) -> Result<Answer, JournalError> {
        if let Some(until) = self.code_waits(code.lock(), by)? {
            return self.refuse_code(Objection::Guessing { until }, by);
        }
        let key = code.key();
        if let Some(case) = self.journal.open_case(&key)? {
            return Ok(Answer::Found { number: Some(case.docket.number) });
        }
        // One that was used is no guess: whoever has it was given it.
        if self.journal.key_was_used(&key)? {
            return Ok(Answer::Found { number: None });
        }
        self.wrong_code(code.lock(), by)?;
        self.refuse_code(Objection::Unknown, by)
    }

    /// A parcel, by whoever types its code at the glass: somebody is asked to hand it over.
    pub(super) fn collect(&mut self, unit: &Unit, code: &delivery::ParcelCode) -> Result<Answer, JournalError> {
        let number = match self.find(&Code::Parcel(unit.clone(), code.clone()), &Actor::GUEST)? {
            Answer::Found { number: Some(number) } => number,
            answer => return Ok(answer),
        };
        let show = Step::Matter(MatterStep::Delivery(delivery::Step::Show { code: code.clone() }));
        match self.step(number, &show, None, &Actor::GUEST)? {
            Answer::Moved { .. } => {}
            answer => return Ok(answer),
        }
        let shown = self.journal.case(number)?;
        let handing = shown.as_deref().and_then(|case| delivery::handing(case, self.house));
        Ok(handing.map_or(Answer::Done, |handing| Answer::Shown { number, handing }))
    }

    /// Until when no code of this kind and this person's is looked at.
    pub(super) fn code_waits(&self, lock: Lock, by: &Actor) -> Result<Option<DateTime<Utc>>, JournalError> {
        Ok(self.guesses()?.waits(&self.tries(lock, by)?, self.now.utc, &self.house.figures.code))
    }

    /// Counts it, and tells somebody where it was one too many.
    pub(super) fn wrong_code(&mut self, lock: Lock, by: &Actor) -> Result<(), JournalError> {
        let (mut guesses, of) = (self.guesses()?, self.tries(lock, by)?);
        let wait = guesses.wrong(&of, self.now.utc, &self.house.figures.code);
        self.keep_guesses(&guesses)?;
        let Some(wait) = wait else { return Ok(()) };
        let mut facts = data([("what", json!(lock.name())), ("wait_seconds", json!(wait.num_seconds()))]);
        facts.extend(by.facts());
        self.append(&Event::here(Kind::CodeGuessed, Slug::from_text(&of.place), self.now, facts))?;
        let called = self.journal.open_case(help::CODES)?;
        let comes = called.is_some_and(|case| help::brings_somebody(&case.docket, self.now.utc));
        if by.via == Via::Kiosk && !comes {
            // R233: a person who cannot find a parcel needs somebody, and one who guesses should meet somebody.
            let opening = Opening::Help(help::Request { language: LANGUAGE.into() });
            self.open(&opening, Source::Daemon, &Actor::DAEMON)?;
        }
        Ok(())
    }

    pub(super) fn refuse_code(&mut self, objection: Objection, by: &Actor) -> Result<Answer, JournalError> {
        let mut facts = data([("what", json!("code")), ("reason", json!(objection.code()))]);
        facts.extend(by.facts());
        self.append(&Event::here(Kind::RequestRefused, Slug::from_text(&place(by)), self.now, facts))?;
        Ok(Answer::Objected(objection))
    }

    /// The glass was wiped: whoever comes now has typed nothing wrong yet.
    pub(super) fn next_person(&mut self) -> Result<Answer, JournalError> {
        let mut guesses = self.guesses()?;
        if guesses.next_person(&place(&Actor::GUEST), self.now.utc) {
            self.keep_guesses(&guesses)?;
        }
        Ok(Answer::Done)
    }

    fn tries(&self, lock: Lock, by: &Actor) -> Result<Try, JournalError> {
        let invitations = if lock == Lock::Invitation { self.journal.invitations_waiting(self.now)? } else { 0 };
        Ok(Try { place: place(by), lock, invitations })
    }

    fn keep_guesses(&mut self, guesses: &Guesses) -> Result<(), JournalError> {
        let text = serde_json::to_string(guesses).expect("a map with string keys always serialises");
        self.journal.set_memo(GUESSES, Some(&text))
    }

    fn guesses(&self) -> Result<Guesses, JournalError> {
        // What another release has written is forgotten: it is a matter of an hour.
        Ok(self.journal.memo(GUESSES)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }
}
