//! Whoever holds a slip asks how his ticket stands, and may want something of it. Part of the desk's transaction. A slip is
//! a code like any other: who types wrong ones waits, longer each time.

use super::{Answer, Store, Transaction};
use crate::event::{Event, Kind, data};
use crate::journal::JournalError;
use crate::service::case::{Objection, subject};
use crate::service::guess::Lock;
use crate::service::progress::{self, Receipt, Wish};
use crate::service::staff::Actor;
use metrics::counter;
use serde_json::json;
use std::sync::Arc;

impl<S: Store> Transaction<'_, S> {
    pub(super) fn inquire(&mut self, receipt: &Receipt, wish: Option<Wish>) -> Result<Answer, JournalError> {
        let by = &Actor::GUEST;
        if let Some(until) = self.code_waits(Lock::Slip, by)? {
            return self.refuse_code(Objection::Guessing { until }, by);
        }
        let Some(case) = self.journal.case_of_receipt(receipt)? else {
            counter!("lobbyd_receipts_unknown_total").increment(1);
            // Four digits of a phone are soon tried out.
            self.wrong_code(Lock::Slip, by)?;
            return Ok(Answer::Progress(None));
        };
        let number = case.docket.number;
        let mut case = Arc::new(case);
        // R308: stored before anything is shown.
        let mut facts = number.facts();
        facts.extend(data([("what", json!("progress"))]));
        facts.extend(by.facts());
        self.append(&Event::here(Kind::RecordViewed, subject(number), self.now, facts))?;
        if let Some(step) = wish.and_then(|wish| wish.step(number.series)) {
            match self.step(number, &step, None, by)? {
                Answer::Moved { .. } => case = self.journal.case(number)?.unwrap_or(case),
                refused => return Ok(refused),
            }
        }
        let history = self.journal.past(number)?;
        Ok(Answer::Progress(Some(Box::new(progress::of(&case, &history, self.house, self.now)))))
    }
}
