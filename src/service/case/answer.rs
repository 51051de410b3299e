//! What people do with a task: claim it, decline it, be there, have it done. Who may, what must be said with it (R053, R054,
//! R058), and what is told.

use super::errand::Form;
use super::promise::Due;
use super::record::{Need, Objection, Record};
use super::task::{Channel, Eta, News, Reason, Task, TaskState, TaskStep};
use crate::event::{Kind, Slug, data};
use crate::service::contact::{Name, Text};
use crate::service::figures::{Figures, minutes, seconds};
use crate::service::staff::{Actor, Named, Role};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// An agreed arrival further away than this is a typing error.
const MAX_ETA: TimeDelta = TimeDelta::days(30);

impl Task {
    /// # Errors
    /// When it is somebody else's, was not offered to this post, or something that the regulations ask for is missing.
    pub(super) fn take(&mut self, step: &TaskStep, record: &mut Record<'_>) -> Result<News, Objection> {
        self.may_act(record.by)?;
        match step {
            TaskStep::Claim { on_behalf, eta, relief } => self.claim(on_behalf.as_ref(), *eta, relief.as_ref(), record),
            TaskStep::Decline { reason, note } => self.decline(*reason, note.as_ref(), record),
            TaskStep::Arrived { channel } => self.arrive(*channel, record),
            TaskStep::Done { outcome, channel, note } => self.finish(outcome.as_ref(), *channel, note.as_ref(), record),
        }
    }

    fn may_act(&self, by: &Actor) -> Result<(), Objection> {
        let role = by.role.filter(|role| *role != Role::Auditor).ok_or(Objection::Right)?;
        let offered = by.post.as_ref().is_some_and(|post| self.asked().any(|asked| asked == post));
        let holds = self.state.holder().is_some() && self.state.holder() == by.who.as_ref();
        if offered || holds || self.speaks_for_others(role) { Ok(()) } else { Err(Objection::OtherPost) }
    }

    /// Whoever leads; and the front desk, which dispatches by phone and radio and writes down who accepts (R053) and
    /// who reports that he is there (R056).
    fn speaks_for_others(&self, role: Role) -> bool {
        role.leads() || (role == Role::FrontDesk && self.errand.form() == Form::Appointed)
    }

    /// Whether it is this person's, or nobody's.
    fn mine(&self, by: &Actor) -> Result<(), Objection> {
        match self.state.holder() {
            Some(holder)
                if Some(holder) != by.who.as_ref() && !by.role.is_some_and(|role| self.speaks_for_others(role)) =>
            {
                Err(Objection::Claimed(holder.name.clone()))
            }
            _ => Ok(()),
        }
    }

    fn claim(
        &mut self,
        on_behalf: Option<&Named>,
        eta: Option<Eta>,
        relief: Option<&Named>,
        record: &mut Record<'_>,
    ) -> Result<News, Objection> {
        if let Some(holder) = self.state.holder() {
            return Err(Objection::Claimed(holder.name.clone()));
        }
        let given_to = self.given_to(on_behalf, record.by)?;
        let by = on_behalf.or(record.by.who.as_ref()).ok_or(Objection::Needs(Need::Name))?.clone();
        if [Some(&by), relief].into_iter().flatten().any(|named| Name::parse(&named.name).is_err()) {
            return Err(Objection::Needs(Need::Name));
        }
        let post = record.by.post.clone();
        let fixed = post.as_ref().and_then(|post| record.house.post(post)).is_some_and(|post| post.fixed);
        if fixed && self.errand.leaves_post() && on_behalf.is_none() && relief.is_none() {
            return Err(Objection::FixedPost);
        }
        let agreed = self.agreed(eta, record.now.utc)?;
        let at = record.now.utc;
        let lapses = self.lapses(agreed, at, &record.house.figures);
        let mut facts = self.facts();
        // R053: to the minute; the event's own time has more.
        facts.insert("accepted_at".into(), json!(at.format("%Y-%m-%dT%H:%MZ").to_string()));
        if let Some(agreed) = agreed {
            facts.insert("eta".into(), json!(agreed.time()));
        }
        if let Some(id) = given_to {
            facts.insert("given_to".into(), json!(id));
        }
        let mut person = data([("accepted_by", json!(by.name))]);
        if let Some(relief) = relief {
            facts.insert("relief".into(), json!(true));
            person.insert("relief".into(), json!(relief.name));
        }
        record.tell_about(Kind::TaskClaimed, facts, person);
        self.state = TaskState::Claimed { by: by.clone(), post, at, lapses, eta: agreed };
        Ok(News::Claimed { by, eta: agreed })
    }

    /// R074: whoever leads or dispatches gives it to one of those who are proposed for it, and to nobody else by id: a name
    /// without one was told by radio or phone.
    fn given_to<'n>(&self, on_behalf: Option<&'n Named>, by: &Actor) -> Result<Option<&'n Slug>, Objection> {
        let Some(id) = on_behalf.and_then(|named| named.id.as_ref()) else { return Ok(None) };
        if !by.role.is_some_and(|role| self.speaks_for_others(role)) {
            return Err(Objection::Right);
        }
        let proposed = self.proposed.iter().flatten().any(|proposal| proposal.id == *id);
        if proposed { Ok(Some(id)) } else { Err(Objection::Needs(Need::Name)) }
    }

    /// R054: an appointed task needs an arrival that can be met.
    fn agreed(&self, eta: Option<Eta>, now: DateTime<Utc>) -> Result<Option<Due>, Objection> {
        let agreed = eta.map(|eta| match eta {
            Eta::Minutes(n) => Due::After(now + minutes(n.min(60 * 24 * 30))),
            Eta::At(at) => Due::At(at),
        });
        match agreed {
            Some(at) if at.time() < now - TimeDelta::minutes(1) || at.time() > now + MAX_ETA => {
                Err(Objection::Needs(Need::ArrivalTime))
            }
            None if self.errand.form() == Form::Appointed => Err(Objection::Needs(Need::ArrivalTime)),
            agreed => Ok(agreed),
        }
    }

    /// When a claim goes back to the ladder without a word: who said a later time has until then. Of an appointment the
    /// reporter is asked first (R055).
    fn lapses(&self, agreed: Option<Due>, at: DateTime<Utc>, figures: &Figures) -> Option<Due> {
        match self.errand.form() {
            Form::Call => Some(Due::After(at + seconds(figures.call.claim_lapses_seconds))),
            Form::Walk if self.errand.has_one_place() => {
                let soon = at + seconds(figures.dispatch.arrive_seconds);
                Some(agreed.filter(|eta| eta.time() > soon).unwrap_or(Due::After(soon)))
            }
            Form::Walk | Form::Appointed | Form::Notice => None,
        }
    }

    fn decline(
        &mut self,
        reason: Option<Reason>,
        note: Option<&Text>,
        record: &mut Record<'_>,
    ) -> Result<News, Objection> {
        self.mine(record.by)?;
        let who = self.who_declines(record.by)?;
        let reason = reason.ok_or(Objection::Needs(Need::Reason))?;
        if reason == Reason::Other && note.is_none() {
            return Err(Objection::Needs(Need::Reason));
        }
        let mut facts = self.facts();
        facts.insert("reason".into(), json!(reason.name()));
        let person = note.map(|note| data([("text", json!(note.as_str()))])).unwrap_or_default();
        record.tell_about(Kind::TaskDeclined, facts, person);
        self.ask_others(record.by.who.as_ref().and_then(|who| who.id.as_ref()));
        Ok(self.give_back(who, "declined", record))
    }

    /// The post that says no. Whoever speaks for others, by phone or radio, writes it down for the post that was asked last.
    fn who_declines(&self, by: &Actor) -> Result<Option<Slug>, Objection> {
        if self.state != TaskState::Offered || self.asked().any(|asked| Some(asked) == by.post.as_ref()) {
            return Ok(by.post.clone());
        }
        let last = self.ladder.rungs.get(self.rung).map_or(&[][..], |rung| &rung.posts);
        match last.iter().filter(|post| !self.declined.contains(post)).collect::<Vec<_>>()[..] {
            [one] => Ok(Some(one.clone())),
            _ => Err(Objection::OtherPost),
        }
    }

    fn arrive(&mut self, channel: Option<Channel>, record: &mut Record<'_>) -> Result<News, Objection> {
        self.mine(record.by)?;
        self.there(channel.unwrap_or(Channel::Page).name(), record).ok_or(Objection::Order(self.state.name()))
    }

    /// A device says that whoever has claimed it is there.
    pub(super) fn reached(&mut self, record: &mut Record<'_>) -> Option<News> {
        self.there("device", record)
    }

    fn there(&mut self, channel: &str, record: &mut Record<'_>) -> Option<News> {
        let TaskState::Claimed { by, post, .. } = &self.state else { return None };
        let (by, post) = (by.clone(), post.clone());
        let mut facts = self.facts();
        facts.insert("channel".into(), json!(channel));
        record.tell(Kind::TaskArrived, facts);
        self.state = TaskState::Arrived { by: by.clone(), post, at: record.now.utc };
        Some(News::Arrived { by })
    }

    fn finish(
        &mut self,
        outcome: Option<&Slug>,
        channel: Option<Channel>,
        note: Option<&Text>,
        record: &mut Record<'_>,
    ) -> Result<News, Objection> {
        self.mine(record.by)?;
        // R067: somebody must have taken it; only a notice is done with one step.
        if self.state == TaskState::Offered && self.errand.form() != Form::Notice {
            return Err(Objection::Order(self.state.name()));
        }
        let mut facts = self.facts();
        if let Some(outcome) = outcome {
            facts.insert("outcome".into(), json!(outcome));
        }
        if let Some(channel) = channel {
            facts.insert("channel".into(), json!(channel.name()));
        }
        let person = note.map(|note| data([("text", json!(note.as_str()))])).unwrap_or_default();
        record.tell_about(Kind::TaskDone, facts, person);
        let by = self.state.holder().or(record.by.who.as_ref()).cloned();
        Ok(News::Done { by, outcome: outcome.cloned(), channel, noted: note.is_some() })
    }
}
