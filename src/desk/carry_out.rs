//! One command: what the rules need to see, what they decide, and how that is written. Runs inside the transaction.

use super::code::lock_of;
use super::gathering;
use super::{Answer, Command, Store};
use crate::event::{Aspect, Data, Event, Kind, Now, Slug, data};
use crate::journal::{Appended, DeadLetter, JournalError, hold_to_contract};
use crate::service::case::{self, Case, Need, Objection, Source, subject};
use crate::service::door::NewState;
use crate::service::house::House;
use crate::service::intake::{Effect, Which};
use crate::service::matter::Opening;
use crate::service::number::{Number, Series, local_day};
use crate::service::staff::Actor;
use crate::service::timeline::Step;
use crate::service::visit::{Earlier, SignIn};
use crate::service::{complaint, door, intake, progress, tally};
use chrono::{DateTime, TimeDelta, Utc};
use metrics::counter;
use serde_json::json;

/// Cases that the time moves in one transaction; the mailbox waits that long.
const MAX_FIRED: usize = 64;

/// Earliest that a case moves again after it has moved and is still due: what a ladder of hours brings at once is done
/// at once, so this is for a rule with a fault.
const REST: TimeDelta = TimeDelta::seconds(1);

/// The desk's open transaction. Everything that it decides is pure; what it needs and writes goes through the store.
pub struct Transaction<'a, S> {
    pub journal: &'a mut S,
    pub now: Now,
    pub house: &'a House,
}

impl<S: Store> Transaction<'_, S> {
    pub fn carry_out(&mut self, command: &Command) -> Result<Answer, JournalError> {
        match command {
            Command::Heard(reports) => self.hear(reports),
            Command::Unreadable { topic, bytes, reason } => {
                counter!("lobbyd_dead_letters_total", "origin" => "building").increment(1);
                self.bury("building", topic.clone(), reason.clone(), Some(*bytes as u64))
            }
            Command::Open { opening: Opening::Campaign(request), source, by } => self.open_survey(request, *source, by),
            Command::Open { opening, source, by } => {
                if let Err(objection) = opening.may_be_brought(by, self.house, self.now) {
                    return self.refuse_opening(objection, by);
                }
                let known = self.earlier(opening)?.map(|earlier| earlier.facts()).unwrap_or_default();
                let (number, reply_by) = self.open_knowing(known, opening, *source, by)?;
                Ok(Answer::Opened { number, reply_by })
            }
            Command::Move { number, step, seen, by } => self.step(*number, step, *seen, by),
            Command::Find { code, by } => self.find(code, by),
            Command::Collect { unit, code } => self.collect(unit, code),
            Command::SignOut(command) => self.sign_out(command),
            Command::NextPerson => self.next_person(),
            Command::Invite(token) => self.invite(token),
            Command::TakeBack(token) => self.take_back(token),
            Command::Arrive { shown, language, by } => self.arrive(shown, language, by),
            Command::SignUp { number, guest } => self.sign_up(*number, guest),
            Command::SignOff { number, phone } => self.sign_off(*number, phone),
            Command::Inquire { receipt, wish } => self.inquire(receipt, *wish),
            Command::Refused { seq, reason } => {
                counter!("lobbyd_dead_letters_total", "origin" => "office").increment(1);
                self.bury("office", format!("event {seq}"), reason.clone(), None)
            }
            Command::Record(event) => {
                let repeats = usize::from(self.record(event)? == Appended::Repeat);
                Ok(Answer::Stored { events: 1 - repeats, repeats })
            }
            Command::Directory(facts) => self.directory(facts),
            Command::Person { request, reference } => {
                Ok(Answer::Person(self.journal.person(request, reference.as_deref(), self.now)?))
            }
            Command::WatchList(change) => self.change_watch_list(change),
            Command::Order { record, asked, what } => self.order(record, asked, what),
            Command::BeginOrder { id, record } => self.begin_order(*id, record),
            Command::EndOrder { id, refused } => self.end_order(*id, refused.as_ref()),
            Command::Staff { list, by } => self.take_up_staff(list, by.as_ref()),
            Command::CloseShift { post, note, by } => self.close_shift(post, note.as_ref(), by),
            Command::TakeShift { post, by } => self.take_shift(post, by),
            Command::StoredThrough { seq } => {
                // Never beyond what exists: the office may have been told of another journal.
                self.journal.note_stored(seq.map(|seq| self.journal.newest().min(seq)))?;
                Ok(Answer::Done)
            }
            // Cursors are moved by the desk's thread, which holds them back for a moment; who was heard and where nobody
            // lives it keeps in memory.
            Command::Acknowledged { .. }
            | Command::Replay { .. }
            | Command::Seen { .. }
            | Command::Vacant(_)
            | Command::Probe => Ok(Answer::Done),
        }
    }

    fn hear(&mut self, reports: &[door::Report]) -> Result<Answer, JournalError> {
        let (mut events, mut repeats) = (0, 0);
        for report in reports {
            let known = match report.kind.aspect() {
                Some(aspect) => self.journal.state(&report.subject, aspect)?,
                None => None,
            };
            let heard = door::hear(report.clone(), known, self.now);
            // The event first: a replayed record that is in the journal already must not set the state back.
            let appended = heard.event.as_ref().map(|event| self.append(event)).transpose()?;
            match appended {
                Some(Appended::As(_)) => events += 1,
                Some(Appended::Repeat) => repeats += 1,
                None => {}
            }
            if let Some(state) = &heard.state
                && appended != Some(Appended::Repeat)
            {
                self.journal.set_state(state)?;
            }
            if let (Some(event), Some(Appended::As(_))) = (&heard.event, appended) {
                self.forget_alarm(event)?;
                self.follow(event)?;
            }
        }
        Ok(Answer::Stored { events, repeats })
    }

    /// A closed door is neither forced nor held. Devices that never say so would else never raise an alarm again.
    fn forget_alarm(&mut self, event: &Event) -> Result<(), JournalError> {
        if event.kind != Kind::DoorClosed || event.data.contains_key("replayed") {
            return Ok(());
        }
        let alarm = self.journal.state(&event.subject, Aspect::Alarm)?;
        if alarm.is_none_or(|known| known.kind == Kind::DoorNormal) {
            return Ok(());
        }
        let since = event.stamp.time;
        let normal = NewState { subject: event.subject.clone(), aspect: Aspect::Alarm, kind: Kind::DoorNormal, since };
        self.journal.set_state(&normal)
    }

    /// What a device has just said moves the cases that it is about, in the same transaction.
    fn follow(&mut self, event: &Event) -> Result<(), JournalError> {
        let find = |which, key: &str| {
            let found = match which {
                Which::Open => self.journal.open_case(key),
                Which::Ended => self.journal.ended_case(key),
            };
            match found {
                // Written by another version of lobbyd: somebody who rings now is a case of his own.
                Err(JournalError::Case { .. }) => Ok(None),
                found => found,
            }
        };
        let effects = intake::follow(event, self.house, self.now, find)?;
        for effect in effects {
            match effect {
                Effect::Open(opening) => {
                    let source = if opening.series() == Series::Call { Source::Intercom } else { Source::Daemon };
                    self.open(&opening, source, &Actor::DAEMON)?;
                }
                Effect::Step(number, step) => {
                    self.step(number, &case::Step::Matter(step), None, &Actor::DAEMON)?;
                }
            }
        }
        Ok(())
    }

    /// Stores an event that no case tells, and what it counts for.
    pub(super) fn record(&mut self, event: &Event) -> Result<Appended, JournalError> {
        let appended = self.append(event)?;
        if let (Appended::As(_), Some(mark)) = (appended, tally::mark_of(event)) {
            self.journal.add_marks(local_day(self.now.utc, self.house.zone), &[mark])?;
        }
        Ok(appended)
    }

    pub(super) fn open(&mut self, opening: &Opening, source: Source, by: &Actor) -> Result<Number, JournalError> {
        Ok(self.open_knowing(Data::new(), opening, source, by)?.0)
    }

    /// R180: what is known of a visitor who says both who he is and how to reach him. For the guard who receives him; never
    /// for the glass, where anybody may type anybody's name and phone.
    fn earlier(&self, opening: &Opening) -> Result<Option<Earlier>, JournalError> {
        let Opening::Visit(SignIn { name: Some(name), phone: Some(phone), .. }) = opening else { return Ok(None) };
        self.journal.earlier_visits(name, phone)
    }

    /// Its number, and until when an answer is promised.
    pub(super) fn open_knowing(
        &mut self,
        known: Data,
        opening: &Opening,
        source: Source,
        by: &Actor,
    ) -> Result<(Number, Option<DateTime<Utc>>), JournalError> {
        let number = self.next_number(opening.series())?;
        let opened = Case::open_knowing(known, opening, source, number, by, self.house, self.now);
        let reply_by = progress::reply_by(&opened.case);
        self.save(None, opened.case, &opened.events)?;
        if let Opening::Visit(sign_in) = opening {
            self.look_out(sign_in, number)?;
        }
        Ok((number, reply_by))
    }

    pub(super) fn step(
        &mut self,
        number: Number,
        step: &case::Step,
        seen: Option<u32>,
        by: &Actor,
    ) -> Result<Answer, JournalError> {
        let case = match self.journal.case(number) {
            Ok(Some(case)) => case,
            Ok(None) => return self.refuse(number, Objection::Unknown, by),
            Err(JournalError::Case { .. }) => return self.refuse(number, Objection::Unreadable, by),
            Err(error) => return Err(error),
        };
        let lock = lock_of(step);
        if let Some(lock) = lock
            && let Some(until) = self.code_waits(lock, by)?
        {
            return self.refuse(number, Objection::Guessing { until }, by);
        }
        if self.seat_of(number, step)?.is_some() {
            return self.refuse(number, Objection::SignedUp, by);
        }
        let after = case.after(step, seen, by, self.house, self.now);
        if after.is_ok()
            && let Some(other) = complaint::other_case(step)
            && !self.knows(other)?
        {
            return self.refuse(number, Objection::Needs(Need::OtherCase), by);
        }
        match after {
            Ok((next, events)) => {
                let moved = Answer::Moved { number, state: next.state(), version: next.docket.version };
                self.save(Some(&case), next, &events)?;
                Ok(moved)
            }
            Err(objection) => {
                if let Some(lock) = lock
                    && objection == Objection::Unknown
                {
                    self.wrong_code(lock, by)?;
                }
                self.refuse(number, objection, by)
            }
        }
    }

    /// R113, R114: what a complaint lives on as is in the register. The machine has looked at its kind.
    fn knows(&self, number: Number) -> Result<bool, JournalError> {
        match self.journal.case(number) {
            // One that another version wrote is there all the same.
            Err(JournalError::Case { .. }) => Ok(true),
            found => Ok(found?.is_some()),
        }
    }

    /// The same as [`Transaction::refuse`] for what has no number yet.
    fn refuse_opening(&mut self, objection: Objection, by: &Actor) -> Result<Answer, JournalError> {
        let mut facts = data([("what", json!("opening")), ("reason", json!(objection.code()))]);
        facts.extend(by.facts());
        let subject = by.post.clone().unwrap_or_else(|| Slug::from_text(by.via.name()));
        self.append(&Event::here(Kind::RequestRefused, subject, self.now, facts))?;
        Ok(Answer::Objected(objection))
    }

    /// A refused step changes nothing, but that it was asked for is journaled.
    fn refuse(&mut self, number: Number, objection: Objection, by: &Actor) -> Result<Answer, JournalError> {
        let mut facts = number.facts();
        facts.insert("reason".into(), json!(objection.code()));
        facts.extend(by.facts());
        self.append(&Event::here(Kind::RequestRefused, subject(number), self.now, facts))?;
        Ok(Answer::Objected(objection))
    }

    /// Does what the time has brought to all cases, as many as one transaction may hold. True if there may be more.
    pub fn fire(&mut self) -> Result<bool, JournalError> {
        let due = self.journal.due_cases(self.now.utc, MAX_FIRED)?;
        let more = due.cases.len() + due.unreadable.len() == MAX_FIRED;
        for case in due.unreadable {
            // Written by another version of lobbyd, or damaged. It stays as it is, and nobody else waits for it.
            tracing::error!(number = case.number, "a case cannot be read: what falls due in it is not done");
            counter!("lobbyd_cases_unreadable_total").increment(1);
            self.journal.let_sleep(&case)?;
        }
        for before in due.cases {
            let mut case = Case::clone(&before);
            let events = case.fire(self.house, self.now);
            self.save(Some(&before), case, &events)?;
        }
        Ok(more)
    }

    /// The clock was stepped: every span that runs moves with it, an hour that was agreed with somebody does not.
    pub fn step_clock(&mut self, step: &Step) -> Result<(), JournalError> {
        let cases = self.journal.open_cases()?;
        let facts = data([
            ("by_ms", json!(step.by.num_milliseconds())),
            ("why", json!(step.why.name())),
            ("cases", json!(cases.len())),
        ]);
        self.append(&Event::here(Kind::ClockStepped, Slug::from_text("clock"), self.now, facts))?;
        for mut case in cases {
            case.shift(step.by, step.since);
            let wake = case.wakes(self.house);
            self.journal.save_case(case, wake)?;
        }
        Ok(())
    }

    /// Writes the case, what it told and what that counts for. `before`: the case as it was, `None` for a new one.
    pub(super) fn save(&mut self, before: Option<&Case>, mut case: Case, events: &[Event]) -> Result<(), JournalError> {
        let number = case.docket.number;
        let proposed = self.propose(&mut case)?;
        self.mark_crew(before, &case)?;
        let marks = tally::marks(events, before, &case, self.house.figures.version);
        self.journal.add_marks(local_day(self.now.utc, self.house.zone), &marks)?;
        self.keep_survey(before, &case)?;
        for event in events.iter().chain(&proposed) {
            if let Appended::As(seq) = self.append(event)? {
                self.journal.note_case_event(number, seq)?;
            }
        }
        // A case that the time has just moved and that is due again at once must not turn the desk in a circle.
        let at_rest = self.now.utc + REST;
        let wake = case.wakes(self.house).map(|wake| if wake <= self.now.utc { at_rest } else { wake });
        let (forgets, meeting) = (case.matter.forgets(), gathering::meeting(&case));
        let erase = case.docket.erase.clone().filter(|_| case.is_closed());
        self.journal.save_case(case, wake)?;
        self.journal.note_case_person(number, events)?;
        if forgets {
            self.journal.forget_withdrawn(number)?;
        }
        if let Some(reference) = erase {
            self.journal.erase_closed(number, &reference, self.now)?;
        }
        if let Some(meeting) = meeting {
            self.follow_meeting(number, meeting)?;
        }
        Ok(())
    }

    /// The one way of an event of the desk into the journal.
    pub(super) fn append(&mut self, event: &Event) -> Result<Appended, JournalError> {
        hold_to_contract(event);
        let appended = self.journal.append(event, self.now)?;
        match appended {
            Appended::As(_) => counter!("lobbyd_events_total").increment(1),
            Appended::Repeat => counter!("lobbyd_repeats_total").increment(1),
        }
        Ok(appended)
    }

    fn bury(&mut self, origin: &str, what: String, reason: String, bytes: Option<u64>) -> Result<Answer, JournalError> {
        let letter = DeadLetter { recorded: self.now.utc, origin: origin.to_owned(), what, reason, bytes };
        self.journal.bury(&letter)?;
        Ok(Answer::Done)
    }

    fn next_number(&mut self, series: Series) -> Result<Number, JournalError> {
        self.journal.next_number(series, local_day(self.now.utc, self.house.zone))
    }
}
