//! One command: what the rules need to see, what they decide, and how that is written. Runs inside the transaction.

use super::{Answer, Command};
use crate::event::{Event, Now};
use crate::journal::{Appended, DeadLetter, Journal, JournalError};
use crate::service::number::{Number, Series, local_day};
use crate::service::{Decision, door, help, repair, visit};
use metrics::counter;

/// The desk's open transaction.
pub(super) struct Transaction<'a> {
    pub journal: &'a mut Journal,
    pub now: Now,
    pub zone: chrono_tz::Tz,
}

impl Transaction<'_> {
    pub fn carry_out(&mut self, command: &Command) -> Result<Answer, JournalError> {
        match command {
            Command::Heard(reports) => self.hear(reports),
            Command::Unreadable { topic, bytes, reason } => {
                counter!("lobbyd_dead_letters_total", "origin" => "building").increment(1);
                self.bury("building", topic.clone(), reason.clone(), Some(*bytes as u64))
            }
            Command::SignIn(command) => {
                let number = self.next_number(Series::Visit)?;
                self.store(visit::sign_in(command, number, self.now)).map(Answer::SignedIn)
            }
            Command::SignOut(command) => {
                let open = self.journal.open_visits(&command.phone_tail)?;
                self.store(visit::sign_out(command, &open, self.now)).map(Answer::SignedOut)
            }
            Command::Repair(command) => {
                let number = self.next_number(Series::Repair)?;
                self.store(repair::report(command, number, self.now)).map(Answer::Repair)
            }
            Command::Help(command) => {
                let number = self.next_number(Series::Help)?;
                self.store(help::request(command, number, self.now)).map(Answer::Help)
            }
            Command::Refused { seq, reason } => {
                counter!("lobbyd_dead_letters_total", "origin" => "office").increment(1);
                self.bury("office", format!("event {seq}"), reason.clone(), None)
            }
            Command::Record(event) => {
                let appended = self.append(event)?;
                let repeats = usize::from(appended == Appended::Repeat);
                Ok(Answer::Stored { events: 1 - repeats, repeats })
            }
            Command::StoredThrough { seq } => {
                // Never beyond what exists: the office may have been told of another journal.
                let seq = self.journal.newest().min(*seq);
                self.journal.set_cursor(crate::journal::STORED_CURSOR, seq)?;
                Ok(Answer::Done)
            }
            // Cursors are moved by the desk's thread, which holds them back for a moment.
            Command::Acknowledged { .. } | Command::Replay { .. } | Command::Probe => Ok(Answer::Done),
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
        }
        Ok(Answer::Stored { events, repeats })
    }

    fn store<A>(&mut self, decision: Decision<A>) -> Result<A, JournalError> {
        for event in &decision.events {
            self.append(event)?;
        }
        Ok(decision.answer)
    }

    fn append(&mut self, event: &Event) -> Result<Appended, JournalError> {
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
        self.journal.next_number(series, local_day(self.now.utc, self.zone))
    }
}
