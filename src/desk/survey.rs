//! Surveys: who may hold one, one at a time, beside what the last one of its kind came to. What an ended one came to is kept
//! here, because its case goes with its events and the next full one is a year away. Part of the desk's transaction.

use super::carry_out::Transaction;
use super::{Answer, Store};
use crate::event::{Data, Event, Kind, Slug, data};
use crate::journal::JournalError;
use crate::service::campaign::{self, Campaign, Outcome, Phase, Request};
use crate::service::case::{Case, Objection, Source};
use crate::service::matter::{Matter, Opening};
use crate::service::staff::Actor;
use serde_json::json;

impl<S: Store> Transaction<'_, S> {
    /// One that somebody plans by hand.
    pub(super) fn open_survey(
        &mut self,
        request: &Request,
        source: Source,
        by: &Actor,
    ) -> Result<Answer, JournalError> {
        let today = self.now.utc.with_timezone(&self.house.zone).date_naive();
        if let Err(objection) = campaign::may_open(request, by, today) {
            return self.refuse_survey(objection, by);
        }
        // Two at once would ask everybody twice.
        let held = self.journal.open_cases()?.into_iter().find(|case| survey(case).is_some_and(is_held));
        if let Some(held) = held {
            return self.refuse_survey(Objection::InHand(held.docket.number), by);
        }
        let mut opening = Opening::Campaign(Request { proposed: false, ..request.clone() });
        self.look_back(&mut opening)?;
        let (number, reply_by) = self.open_knowing(Data::new(), &opening, source, by)?;
        Ok(Answer::Opened { number, reply_by })
    }

    /// R291: what it will be compared with.
    pub(super) fn look_back(&self, opening: &mut Opening) -> Result<(), JournalError> {
        if let Opening::Campaign(request) = opening {
            request.before = campaign::last_of(&self.outcomes()?, request.kind).cloned();
        }
        Ok(())
    }

    /// Called with every step of every case: keeps what a survey came to when it ends.
    pub(super) fn keep_survey(&mut self, before: Option<&Case>, after: &Case) -> Result<(), JournalError> {
        let ended = |case: &Case| survey(case).is_some_and(|one| matches!(one.phase, Phase::Ended | Phase::Closed));
        let (Some(one), true) = (survey(after), ended(after) && !before.is_some_and(ended)) else { return Ok(()) };
        let mut kept = self.outcomes()?;
        kept.push(one.outcome(after.docket.number));
        let gone = kept.len().saturating_sub(campaign::KEPT);
        kept.drain(..gone);
        let text = serde_json::to_string(&kept).expect("outcomes have string keys and always serialise");
        self.journal.set_memo(campaign::MEMO, Some(&text))
    }

    fn outcomes(&self) -> Result<Vec<Outcome>, JournalError> {
        Ok(campaign::read(self.journal.memo(campaign::MEMO)?.as_deref()))
    }

    fn refuse_survey(&mut self, objection: Objection, by: &Actor) -> Result<Answer, JournalError> {
        let mut facts = data([("what", json!("survey")), ("reason", json!(objection.code()))]);
        facts.extend(by.facts());
        self.append(&Event::here(Kind::RequestRefused, Slug::from_text("survey"), self.now, facts))?;
        Ok(Answer::Objected(objection))
    }
}

fn survey(case: &Case) -> Option<&Campaign> {
    match &case.matter {
        Matter::Campaign(campaign) => Some(campaign),
        _ => None,
    }
}

const fn is_held(campaign: &Campaign) -> bool {
    matches!(campaign.phase, Phase::Proposed | Phase::Planned | Phase::Running)
}
