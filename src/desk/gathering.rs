//! Who comes to a gathering, and which half-year has its meeting. Part of the desk's transaction: whether a phone has signed
//! up already stands in the person part of the case, which no rule sees.

use super::{Answer, Store, Transaction};
use crate::journal::JournalError;
use crate::service::case::{Case, Objection, Step};
use crate::service::check::{self, About};
use crate::service::contact::Phone;
use crate::service::gathering::{self, Guest, Kind, half_year};
use crate::service::matter::{Matter, MatterStep};
use crate::service::number::Number;
use crate::service::staff::Actor;
use chrono::{DateTime, Months, NaiveDate, Utc};

/// A meeting with the residents: its hour, and whether it takes place as far as is known.
pub(super) fn meeting(case: &Case) -> Option<(DateTime<Utc>, bool)> {
    let Matter::Gathering(gathering) = &case.matter else { return None };
    (gathering.kind == Kind::Meeting).then_some((gathering.at, !gathering.called_off))
}

/// Names what is remembered: the number of the meeting of a half-year.
fn of_half_year(first: NaiveDate) -> String {
    format!("meeting:{first}")
}

impl<S: Store> Transaction<'_, S> {
    /// The seat that this step's phone has already.
    pub(super) fn seat_of(&self, number: Number, step: &Step) -> Result<Option<u16>, JournalError> {
        let Step::Matter(MatterStep::Gathering(gathering::Step::SignUp(guest))) = step else { return Ok(None) };
        Ok(gathering::seat_of(&self.journal.case_person(number)?, &guest.phone))
    }

    pub(super) fn sign_up(&mut self, number: Number, guest: &Guest) -> Result<Answer, JournalError> {
        let step = Step::Matter(MatterStep::Gathering(gathering::Step::SignUp(guest.clone())));
        match self.step(number, &step, None, &Actor::GUEST)? {
            Answer::Moved { .. } | Answer::Objected(Objection::SignedUp) => {
                let waiting = self.waits(number, &guest.phone)?;
                Ok(Answer::SignedUp { number, waiting })
            }
            answer => Ok(answer),
        }
    }

    fn waits(&self, number: Number, phone: &Phone) -> Result<bool, JournalError> {
        let seat = gathering::seat_of(&self.journal.case_person(number)?, phone);
        let case = self.journal.case(number)?;
        Ok(match case.as_deref().map(|case| &case.matter) {
            Some(Matter::Gathering(gathering)) => {
                gathering.seats.taken.iter().any(|taken| Some(taken.id) == seat && taken.waiting)
            }
            _ => false,
        })
    }

    pub(super) fn sign_off(&mut self, number: Number, phone: &Phone) -> Result<Answer, JournalError> {
        let Some(seat) = gathering::seat_of(&self.journal.case_person(number)?, phone) else { return Ok(Answer::Done) };
        let step = Step::Matter(MatterStep::Gathering(gathering::Step::SignOff { seat }));
        match self.step(number, &step, None, &Actor::GUEST)? {
            Answer::Moved { .. } => Ok(Answer::Done),
            answer => Ok(answer),
        }
    }

    /// R293: remembers which half-year has its meeting, and ends the word to the manager that it has none.
    pub(super) fn follow_meeting(
        &mut self,
        number: Number,
        (at, stands): (DateTime<Utc>, bool),
    ) -> Result<(), JournalError> {
        let first = half_year(at.with_timezone(&self.house.zone).date_naive());
        let (key, own) = (of_half_year(first), String::from(number));
        let known = self.journal.memo(&key)?;
        if !stands {
            if known.as_deref() == Some(&*own) {
                self.journal.set_memo(&key, None)?;
            }
            return Ok(());
        }
        if known.is_some() {
            return Ok(());
        }
        self.journal.set_memo(&key, Some(&own))?;
        for month in 0..6 {
            let Some(first) = first.checked_add_months(Months::new(month)) else { continue };
            if let Some(look) = self.journal.open_case(&check::key(About::Meeting(first)))? {
                let planned = Step::Matter(MatterStep::Check(check::Step::Planned));
                self.step(look.docket.number, &planned, None, &Actor::DAEMON)?;
            }
        }
        Ok(())
    }

    /// No meeting is known of this half-year, and nobody has been told so who has not answered yet.
    pub(super) fn lacks_meeting(&self, first: NaiveDate) -> Result<bool, JournalError> {
        let half = half_year(first);
        if self.journal.memo(&of_half_year(half))?.is_some() {
            return Ok(false);
        }
        for month in 0..6 {
            let Some(look) = half.checked_add_months(Months::new(month)) else { continue };
            if self.journal.open_case(&check::key(About::Meeting(look)))?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
