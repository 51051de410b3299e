//! At the place: the fault, the price, the plan, the resident's consent, the work.

use super::step::Fee;
use super::{Category, Finish, Phase, Repair, SUPERVISORS, Signature};
use crate::event::{Data, Kind, data};
use crate::service::case::{Docket, Due, Errand, Need, Objection, Promise, Record};
use crate::service::contact::Text;
use crate::service::figures::hours;
use crate::service::matter::call_back;
use crate::service::wording;
use serde_json::json;

impl Repair {
    /// R005: confirmed as reported, or corrected.
    pub(super) fn confirm_fault(
        &mut self,
        category: Category,
        fault: &Text,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.needs_worker(docket, record)?;
        self.order(self.phase == Phase::Arrived)?;
        self.phase = Phase::FaultConfirmed;
        let as_reported = docket.facts.get("category").is_some_and(|reported| *reported == json!(category.name()));
        docket.learn(&data([("category", json!(category.name()))]));
        let facts = data([("category", json!(category.name())), ("as_reported", json!(as_reported))]);
        record.tell_about(Kind::RepairFaultConfirmed, facts, data([("fault", json!(fault.as_str()))]));
        Ok(())
    }

    pub(super) fn ask_fee(
        &mut self,
        what: &Text,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.needs_worker(docket, record)?;
        self.order(self.phase == Phase::FaultConfirmed)?;
        self.phase = Phase::FeeReview;
        record.tell_about(Kind::RepairFeeAsked, Data::new(), data([("fee_for", json!(what.as_str()))]));
        docket.offer(Errand::ReviewFee, Data::new(), record);
        Ok(())
    }

    /// R259.
    pub(super) fn review_fee(
        &mut self,
        approved: bool,
        fee: Fee,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        record.needs_role(&SUPERVISORS)?;
        self.order(self.phase == Phase::FeeReview)?;
        self.phase = Phase::FaultConfirmed;
        self.reviewed = approved.then_some(fee);
        docket.done(Errand::ReviewFee, record);
        let mut facts = lines(fee);
        facts.insert("approved".into(), json!(approved));
        record.tell(Kind::RepairFeeReviewed, facts);
        Ok(())
    }

    /// R034, R260: a charge comes from the list or from the review, and both lines are told (R261).
    pub(super) fn make_plan(
        &mut self,
        plan: &Text,
        fee: Fee,
        listed: bool,
        docket: &Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.needs_worker(docket, record)?;
        self.order(matches!(self.phase, Phase::FaultConfirmed | Phase::PlanMade))?;
        wording::passes(plan)?;
        if fee.total() > 0 && !listed && self.reviewed != Some(fee) {
            return Err(Objection::Needs(Need::FeeReview));
        }
        self.phase = Phase::PlanMade;
        self.plan = Some(fee);
        let mut facts = lines(fee);
        facts.insert("listed".into(), json!(listed));
        record.tell_about(Kind::RepairPlanMade, facts, data([("plan", json!(plan.as_str()))]));
        Ok(())
    }

    /// R034: by the resident, or noted by whoever asked.
    pub(super) fn answer_plan(&mut self, accepted: bool, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        self.order(self.phase == Phase::PlanMade)?;
        self.phase = if accepted { Phase::PlanAccepted } else { Phase::FaultConfirmed };
        if !accepted {
            self.plan = None;
        }
        record.tell(Kind::RepairPlanAccepted, data([("accepted", json!(accepted))]));
        Ok(())
    }

    /// R252: into a home only with consent, and only to whom the matter belongs (R032).
    pub(super) fn start(
        &mut self,
        entry_consent: bool,
        docket: &Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.needs_worker(docket, record)?;
        match self.phase {
            Phase::FaultConfirmed | Phase::PlanAccepted => {}
            Phase::Arrived => return Err(Objection::Needs(Need::FaultConfirmed)),
            Phase::FeeReview => return Err(Objection::Needs(Need::FeeReview)),
            Phase::PlanMade => return Err(Objection::Needs(Need::PlanAccepted)),
            _ => return self.order(false),
        }
        if self.home && !self.identified {
            return Err(Objection::Needs(Need::Identity));
        }
        if self.home && !entry_consent {
            return Err(Objection::Needs(Need::EntryConsent));
        }
        self.phase = Phase::InWork;
        self.owed = self.plan.unwrap_or_default();
        record.tell(Kind::RepairWorkStarted, data([("entry_consent", json!(entry_consent))]));
        Ok(())
    }

    /// R072.
    pub(super) fn progress(&mut self, text: &Text, docket: &Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        if self.needs_worker(docket, record).is_err() {
            record.needs_role(&super::DESK)?;
        }
        wording::passes(text)?;
        record.tell_about(Kind::RepairProgress, Data::new(), data([("progress", json!(text.as_str()))]));
        Ok(())
    }

    /// R070, R073, R255.
    pub(super) fn finish(
        &mut self,
        finish: &Finish,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.needs_worker(docket, record)?;
        self.order(self.phase == Phase::InWork)?;
        wording::passes(&finish.result)?;
        if !finish.accepted {
            // R073: not ok; whoever did it is still there and looks again.
            self.phase = Phase::FaultConfirmed;
            (self.plan, self.owed) = (None, Fee::default());
            record.tell(Kind::RepairReopened, data([("why", json!("not-accepted"))]));
            return Ok(());
        }
        if !finish.site_restored {
            return Err(Objection::Needs(Need::SiteRestored));
        }
        if self.home && finish.signature == Signature::None {
            return Err(Objection::Needs(Need::Signature));
        }
        self.phase = Phase::Done;
        let mut facts = lines(self.owed);
        facts.extend(data([
            ("signature", json!(finish.signature.name())),
            ("mode", json!(finish.mode.name())),
            ("site_restored", json!(true)),
        ]));
        let mut person = data([("result", json!(finish.result.as_str()))]);
        if let Some(materials) = &finish.materials {
            person.insert("materials".into(), json!(materials.as_str()));
        }
        if let Signature::Paper { reason } = &finish.signature {
            person.insert("paper_reason".into(), json!(reason.as_str()));
        }
        if let Some(id) = record.by.who.as_ref().and_then(|who| who.id.as_ref()) {
            docket.learn(&data([("done_by", json!(id))]));
        }
        record.tell_about(Kind::RepairDone, facts, person);
        docket.done(Errand::Repair, record);
        for errand in [Errand::AskReporter, Errand::Talk, Errand::SeeEmergency] {
            docket.cancel(errand, "done", record);
        }
        self.promise_the_rest(docket, record);
        Ok(())
    }

    /// What follows the work: the supervisor, the money, the call-back.
    fn promise_the_rest(&self, docket: &mut Docket, record: &mut Record<'_>) {
        docket.keep(Promise::Solve, record);
        docket.offer(Errand::CheckWork, Data::new(), record);
        let figures = &record.house.figures.promise;
        call_back::promise(figures.repair_call_back_hours, docket, record);
        if figures.strict {
            let by = record.now.utc + hours(figures.strict_result_hours);
            docket.promise(Promise::Result, Due::After(by), record);
        }
        if self.owed.total() > 0 {
            // R262: money that lies open at the end of the day is a breach.
            docket.promise(Promise::Settle, Due::At(record.house.day_ends(record.now.utc)), record);
        }
        if self.proxy {
            docket.offer(Errand::TellResult, Data::new(), record);
        }
    }
}

/// R261: labour and material stand apart.
pub(super) fn lines(fee: Fee) -> Data {
    data([("labour_fen", json!(fee.labour)), ("material_fen", json!(fee.material))])
}
