//! The eight steps of handling a complaint (R115-R120), from the acknowledgement to what all staff learn of it.

use super::{Cause, Class, Complaint, HANDLERS, MANAGERS, Phase};
use crate::event::{Data, Kind, Slug, data};
use crate::service::case::{Channel, Docket, Due, Errand, Need, Objection, Promise, Record};
use crate::service::contact::Text;
use crate::service::figures::hours;
use crate::service::matter::repair::{Stars, rating};
use crate::service::matter::{CallBack, call_back};
use crate::service::wording;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// Furthest that a result may be promised: what is further is a typing error.
const LATEST_RESULT: TimeDelta = TimeDelta::days(60);

impl Complaint {
    /// R116: a commitment, and a time limit for it.
    pub(super) fn acknowledge(
        &mut self,
        words: &Text,
        result_by: DateTime<Utc>,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        if self.phase == Phase::Received {
            return Err(Objection::Needs(Need::Class));
        }
        self.order(self.phase == Phase::Classified)?;
        wording::passes(words)?;
        if result_by <= record.now.utc || result_by > record.now.utc + LATEST_RESULT {
            return Err(Objection::Needs(Need::ReplyTime));
        }
        self.phase = Phase::Acknowledged;
        docket.keep(Promise::FirstCall, record);
        docket.done(Errand::TakeUp, record);
        let facts = data([("result_by", json!(result_by))]);
        record.tell_about(Kind::ComplaintAcknowledged, facts, data([("reply", json!(words.as_str()))]));
        docket.promise(Promise::Result, Due::At(result_by), record);
        Ok(())
    }

    /// R118: how soon the first action came is in the event.
    pub(super) fn investigate(&mut self, team: u8, docket: &Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        self.order(self.phase == Phase::Acknowledged)?;
        self.phase = Phase::Investigating;
        let after = (record.now.utc - docket.opened).num_seconds().max(0);
        record.tell(Kind::ComplaintInvestigated, data([("team", json!(team)), ("after_seconds", json!(after))]));
        Ok(())
    }

    /// R088: where the stricter profile is on, the departments meet in time.
    pub(super) fn consult(
        &mut self,
        departments: &[Slug],
        met: bool,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.order(matches!(self.phase, Phase::Classified | Phase::Acknowledged | Phase::Investigating))?;
        let figures = &record.house.figures.promise;
        let by = docket.opened + hours(figures.strict_consultation_hours);
        let strict = figures.strict;
        record.tell(Kind::ComplaintConsulted, data([("departments", json!(departments)), ("met", json!(met))]));
        if met {
            docket.keep(Promise::Consultation, record);
        } else if strict {
            docket.promise(Promise::Consultation, Due::After(by.max(record.now.utc)), record);
        }
        Ok(())
    }

    /// R084, R127.
    pub(super) fn set_measures(
        &mut self,
        measures: &Text,
        cause: Cause,
        own_fault: bool,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.needs(&MANAGERS, record)?;
        self.order(self.phase == Phase::Investigating)?;
        self.phase = Phase::MeasuresSet;
        self.own_fault = own_fault;
        let facts = data([("cause", json!(cause.name())), ("own_fault", json!(own_fault))]);
        docket.learn(&facts);
        record.tell_about(Kind::ComplaintMeasuresSet, facts, data([("measures", json!(measures.as_str()))]));
        docket.keep(Promise::Measures, record);
        self.offer(Errand::TellResult, docket, record);
        Ok(())
    }

    /// R131: only where it was our fault, and approved by whoever may.
    pub(super) fn compensate(&mut self, fen: u32, what: &Text, record: &mut Record<'_>) -> Result<(), Objection> {
        if self.needs(&MANAGERS, record).is_err() || record.by.who.is_none() {
            return Err(Objection::Needs(Need::Approver));
        }
        self.order(self.own_fault && matches!(self.phase, Phase::MeasuresSet | Phase::ResultTold))?;
        let person = data([("compensation", json!(what.as_str()))]);
        record.tell_about(Kind::ComplaintCompensated, data([("fen", json!(fen))]), person);
        Ok(())
    }

    pub(super) fn progress(
        &mut self,
        words: &Text,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        wording::passes(words)?;
        docket.keep(Promise::FirstCall, record);
        record.tell_about(Kind::ComplaintProgress, Data::new(), data([("progress", json!(words.as_str()))]));
        Ok(())
    }

    /// R129.
    pub(super) fn tell_result(
        &mut self,
        words: &Text,
        channel: Channel,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        if matches!(self.phase, Phase::Acknowledged | Phase::Investigating) {
            return Err(Objection::Needs(Need::Measures));
        }
        self.order(self.phase == Phase::MeasuresSet)?;
        wording::passes(words)?;
        self.phase = Phase::ResultTold;
        let facts = data([("channel", json!(channel.name()))]);
        record.tell_about(Kind::ComplaintResultTold, facts, data([("reply", json!(words.as_str()))]));
        docket.keep(Promise::Result, record);
        docket.done(Errand::TellResult, record);
        call_back::promise(record.house.figures.promise.complaint_call_back_hours, docket, record);
        self.offer(Errand::CallBack, docket, record);
        Ok(())
    }

    /// R119, R129. Whoever is not satisfied is heard again, one level higher.
    pub(super) fn call_back(
        &mut self,
        said: &CallBack,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        let before = matches!(self.phase, Phase::Acknowledged | Phase::Investigating | Phase::MeasuresSet);
        if before {
            return Err(Objection::Needs(Need::ResultTold));
        }
        self.order(self.phase == Phase::ResultTold)?;
        said.note(Kind::ComplaintCalledBack, docket, record);
        if !said.satisfied {
            self.reopen(docket, record);
        } else if self.class.is_some_and(Class::is_valid) {
            self.phase = Phase::CalledBack;
            self.offer(Errand::TellStaff, docket, record);
        } else {
            self.close(record);
        }
        Ok(())
    }

    /// R120: the event goes to all staff; names stand in no fact, and the words are the manager's.
    pub(super) fn announce(
        &mut self,
        prevention: &Text,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.needs(&MANAGERS, record)?;
        self.order(self.phase == Phase::CalledBack)?;
        let facts = ["category", "class", "cause"].into_iter().filter_map(|key| docket.facts.get_key_value(key));
        let facts: Data = facts.map(|(key, value)| (key.clone(), value.clone())).collect();
        record.tell_about(Kind::ComplaintNotice, facts, data([("prevention", json!(prevention.as_str()))]));
        docket.done(Errand::TellStaff, record);
        self.close(record);
        Ok(())
    }

    /// R288: how it was handled, by whoever complained, also for some days after the end.
    pub(super) fn rate(&mut self, stars: [Stars; 3], record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        if record.by.role.is_some() {
            self.needs(&HANDLERS, record)?;
        }
        let told = matches!(self.phase, Phase::ResultTold | Phase::CalledBack | Phase::Closed);
        self.order(told && !self.rated)?;
        self.rated = true;
        record.tell(Kind::ComplaintRated, rating(stars));
        Ok(())
    }

    fn reopen(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        call_back::reopened(&mut self.reopened, docket);
        self.phase = Phase::Classified;
        self.rated = false;
        record.tell(Kind::ComplaintReopened, data([("times", json!(self.reopened))]));
        let by = record.now.utc + hours(record.house.figures.promise.complaint_measures_hours);
        docket.promise(Promise::Measures, Due::After(by), record);
        self.offer_to_manager(Errand::TakeUp, docket, record);
    }

    fn offer(&self, errand: Errand, docket: &mut Docket, record: &mut Record<'_>) {
        if self.delicate {
            self.offer_to_manager(errand, docket, record);
        } else {
            docket.offer(errand, Data::new(), record);
        }
    }

    fn close(&mut self, record: &mut Record<'_>) {
        self.phase = Phase::Closed;
        record.tell(Kind::ComplaintClosed, data([("reopened", json!(self.reopened))]));
    }
}
