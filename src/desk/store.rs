//! What a decision needs of the journal, so that the same decisions run on the disk and, in a simulation of years, in
//! memory. A store keeps and finds; it never decides. Cases are shared where they are read: a copy is made only where one
//! changes.

use crate::event::{Aspect, Data, Event, Kind, Now, Slug};
use crate::journal::{Appended, DeadLetter, Due, Journal, JournalError, Unreadable};
use crate::service::case::Case;
use crate::service::contact::{Name, Phone};
use crate::service::door::{Known, NewState};
use crate::service::invitation::{InvitationCode, Kept, TokenId};
use crate::service::number::{Number, Series};
use crate::service::period::Period;
use crate::service::person::{Outcome, Request};
use crate::service::progress::{Past, Receipt};
use crate::service::tally::{Mark, Tally};
use crate::service::visit::{Earlier, OpenVisit};
use crate::service::watch::Entry;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// The desk's side of the journal, inside one transaction. Each function is the journal's function of that name.
#[allow(clippy::missing_errors_doc, reason = "every error is the disk's")]
pub trait Store {
    fn newest(&self) -> u64;
    fn append(&mut self, event: &Event, now: Now) -> Result<Appended, JournalError>;
    fn memo(&self, key: &str) -> Result<Option<String>, JournalError>;
    fn set_memo(&mut self, key: &str, value: Option<&str>) -> Result<(), JournalError>;
    fn next_number(&mut self, series: Series, day: u32) -> Result<Number, JournalError>;
    fn state(&self, subject: &Slug, aspect: Aspect) -> Result<Option<Known>, JournalError>;
    fn set_state(&mut self, state: &NewState) -> Result<(), JournalError>;
    /// The office has stored everything up to here.
    fn note_stored(&mut self, seq: Option<u64>) -> Result<(), JournalError>;
    fn bury(&mut self, letter: &DeadLetter) -> Result<(), JournalError>;
    fn case(&self, number: Number) -> Result<Option<Arc<Case>>, JournalError>;
    fn open_case(&self, key: &str) -> Result<Option<Case>, JournalError>;
    fn ended_case(&self, key: &str) -> Result<Option<Case>, JournalError>;
    fn open_cases(&self) -> Result<Vec<Case>, JournalError>;
    /// Those of this key, the newest first: several guests of one invitation.
    fn open_cases_of(&self, key: &str) -> Result<Vec<Case>, JournalError>;
    fn due_cases(&self, at: DateTime<Utc>, limit: usize) -> Result<Due, JournalError>;
    fn save_case(&mut self, case: Case, wake: Option<DateTime<Utc>>) -> Result<(), JournalError>;
    fn let_sleep(&mut self, case: &Unreadable) -> Result<(), JournalError>;
    fn note_case_event(&mut self, number: Number, seq: u64) -> Result<(), JournalError>;
    fn note_case_person(&mut self, number: Number, events: &[Event]) -> Result<(), JournalError>;
    /// What is known of people in this case.
    fn case_person(&self, number: Number) -> Result<Data, JournalError>;
    /// Forgets it, and what each of its events has said of people, for whoever has consented to it no more. What is held by law stays.
    fn forget_withdrawn(&mut self, number: Number) -> Result<(), JournalError>;
    /// The same of a case that has ended, for whoever has asked to be erased; and tells the office.
    fn erase_closed(&mut self, number: Number, reference: &str, now: Now) -> Result<(), JournalError>;
    /// How many have consented to be on the list of this month, 1 to 12 (R271).
    fn birthdays(&self, month: u32) -> Result<usize, JournalError>;
    fn open_visits(&self, phone_tail: &str) -> Result<Vec<OpenVisit>, JournalError>;
    fn case_of_receipt(&self, receipt: &Receipt) -> Result<Option<Case>, JournalError>;
    fn past(&self, number: Number) -> Result<Vec<Past>, JournalError>;
    fn earlier_visits(&self, name: &Name, phone: &Phone) -> Result<Option<Earlier>, JournalError>;
    fn key_was_used(&self, key: &str) -> Result<bool, JournalError>;
    fn unreceived(&self, kind: Kind) -> Result<Vec<Number>, JournalError>;
    fn add_marks(&mut self, day: u32, marks: &[Mark]) -> Result<(), JournalError>;
    fn tallies(&self, period: Period) -> Result<Vec<Tally>, JournalError>;
    fn invitation(&self, id: TokenId) -> Result<Option<Kept>, JournalError>;
    fn invitations(&self, code: InvitationCode) -> Result<Vec<Kept>, JournalError>;
    fn invitations_waiting(&self, now: Now) -> Result<usize, JournalError>;
    fn keep_invitation(&mut self, kept: &Kept) -> Result<(), JournalError>;
    fn watch_list(&self) -> Result<Vec<Entry>, JournalError>;
    fn watch_for(&mut self, entry: &Entry) -> Result<(), JournalError>;
    fn watch_no_more(&mut self, id: &str) -> Result<bool, JournalError>;
    /// Simulations know nobody.
    fn person(&mut self, _: &Request, _: Option<&str>, _: Now) -> Result<Outcome, JournalError> {
        Ok(Outcome::Refused("nobody is known here".into()))
    }
}

impl Store for Journal {
    fn newest(&self) -> u64 {
        Journal::newest(self)
    }

    fn append(&mut self, event: &Event, now: Now) -> Result<Appended, JournalError> {
        Journal::append(self, event, now)
    }

    fn memo(&self, key: &str) -> Result<Option<String>, JournalError> {
        Journal::memo(self, key)
    }

    fn set_memo(&mut self, key: &str, value: Option<&str>) -> Result<(), JournalError> {
        Journal::set_memo(self, key, value)
    }

    fn next_number(&mut self, series: Series, day: u32) -> Result<Number, JournalError> {
        Journal::next_number(self, series, day)
    }

    fn state(&self, subject: &Slug, aspect: Aspect) -> Result<Option<Known>, JournalError> {
        Journal::state(self, subject, aspect)
    }

    fn set_state(&mut self, state: &NewState) -> Result<(), JournalError> {
        Journal::set_state(self, state)
    }

    fn note_stored(&mut self, seq: Option<u64>) -> Result<(), JournalError> {
        Journal::note_stored(self, seq)
    }

    fn bury(&mut self, letter: &DeadLetter) -> Result<(), JournalError> {
        Journal::bury(self, letter)
    }

    fn case(&self, number: Number) -> Result<Option<Arc<Case>>, JournalError> {
        Ok(Journal::case(self, number)?.map(Arc::new))
    }

    fn open_case(&self, key: &str) -> Result<Option<Case>, JournalError> {
        Journal::open_case(self, key)
    }

    fn ended_case(&self, key: &str) -> Result<Option<Case>, JournalError> {
        Journal::ended_case(self, key)
    }

    fn open_cases_of(&self, key: &str) -> Result<Vec<Case>, JournalError> {
        Journal::open_cases_of(self, key)
    }

    fn open_cases(&self) -> Result<Vec<Case>, JournalError> {
        Journal::open_cases(self)
    }

    fn due_cases(&self, at: DateTime<Utc>, limit: usize) -> Result<Due, JournalError> {
        Journal::due_cases(self, at, limit)
    }

    fn save_case(&mut self, case: Case, wake: Option<DateTime<Utc>>) -> Result<(), JournalError> {
        Journal::save_case(self, &case, wake)
    }

    fn let_sleep(&mut self, case: &Unreadable) -> Result<(), JournalError> {
        Journal::let_sleep(self, case)
    }

    fn note_case_event(&mut self, number: Number, seq: u64) -> Result<(), JournalError> {
        Journal::note_case_event(self, number, seq)
    }

    fn note_case_person(&mut self, number: Number, events: &[Event]) -> Result<(), JournalError> {
        Journal::note_case_person(self, number, events)
    }

    fn case_person(&self, number: Number) -> Result<Data, JournalError> {
        Journal::case_person(self, number)
    }

    fn forget_withdrawn(&mut self, number: Number) -> Result<(), JournalError> {
        Journal::forget_withdrawn(self, number).map(drop)
    }

    fn erase_closed(&mut self, number: Number, reference: &str, now: Now) -> Result<(), JournalError> {
        Journal::erase_closed(self, number, reference, now)
    }

    fn birthdays(&self, month: u32) -> Result<usize, JournalError> {
        Journal::birthdays(self, month)
    }

    fn open_visits(&self, phone_tail: &str) -> Result<Vec<OpenVisit>, JournalError> {
        Journal::open_visits(self, phone_tail)
    }

    fn case_of_receipt(&self, receipt: &Receipt) -> Result<Option<Case>, JournalError> {
        Journal::case_of_receipt(self, receipt)
    }

    fn past(&self, number: Number) -> Result<Vec<Past>, JournalError> {
        Journal::past(self, number)
    }

    fn earlier_visits(&self, name: &Name, phone: &Phone) -> Result<Option<Earlier>, JournalError> {
        Journal::earlier_visits(self, name, phone)
    }

    fn key_was_used(&self, key: &str) -> Result<bool, JournalError> {
        Journal::key_was_used(self, key)
    }

    fn unreceived(&self, kind: Kind) -> Result<Vec<Number>, JournalError> {
        Journal::unreceived(self, kind)
    }

    fn add_marks(&mut self, day: u32, marks: &[Mark]) -> Result<(), JournalError> {
        Journal::add_marks(self, day, marks)
    }

    fn tallies(&self, period: Period) -> Result<Vec<Tally>, JournalError> {
        Journal::tallies(self, period)
    }

    fn invitation(&self, id: TokenId) -> Result<Option<Kept>, JournalError> {
        Journal::invitation(self, id)
    }

    fn invitations(&self, code: InvitationCode) -> Result<Vec<Kept>, JournalError> {
        Journal::invitations(self, code)
    }

    fn invitations_waiting(&self, now: Now) -> Result<usize, JournalError> {
        Journal::invitations_waiting(self, now)
    }

    fn keep_invitation(&mut self, kept: &Kept) -> Result<(), JournalError> {
        Journal::keep_invitation(self, kept)
    }

    fn watch_list(&self) -> Result<Vec<Entry>, JournalError> {
        Journal::watch_list(self)
    }

    fn watch_for(&mut self, entry: &Entry) -> Result<(), JournalError> {
        Journal::watch_for(self, entry)
    }

    fn watch_no_more(&mut self, id: &str) -> Result<bool, JournalError> {
        Journal::watch_no_more(self, id)
    }

    fn person(&mut self, request: &Request, reference: Option<&str>, now: Now) -> Result<Outcome, JournalError> {
        Journal::person(self, request, reference, now)
    }
}
