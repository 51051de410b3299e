//! Until somebody is at the place: identity, appointment, the project manager's consent to another time, nobody at home.

use super::{DESK, Identity, Phase, Repair, Span, WORKERS};
use crate::event::{Data, Kind, data};
use crate::service::case::{Channel, Docket, Due, Errand, Need, Objection, Promise, Record};
use crate::service::contact::Text;
use crate::service::figures::minutes;
use crate::service::staff::{Named, Role};
use chrono::{DateTime, Utc};
use serde_json::json;

impl Repair {
    /// R032. At the latest at the door, before work in a home starts.
    pub(super) fn identify(&mut self, how: Identity, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_staff()?;
        self.order(!self.identified && !self.phase.is_after())?;
        self.identified = true;
        if self.phase == Phase::Received {
            self.phase = Phase::Identified;
        }
        record.tell(Kind::RepairIdentified, data([("how", json!(how.name()))]));
        Ok(())
    }

    /// R026: the first time that is agreed, and the next one where nobody was at home (R249). Any other change is a
    /// re-appointment.
    pub(super) fn appoint(&mut self, at: Span, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        if !record.by.is(&[Role::Engineer]) {
            record.needs_role(&DESK)?;
        }
        let first = self.phase.is_offered() && self.agreed.is_none();
        self.order(first || self.phase == Phase::NoAccess)?;
        if !at.is_ahead(record.now.utc) {
            return Err(Objection::Needs(Need::Appointment));
        }
        self.agreed = Some(at);
        docket.promise(Promise::Look, Due::At(at.to), record);
        record.tell(Kind::RepairAppointed, at.facts());
        if self.phase == Phase::NoAccess {
            docket.done(Errand::Revisit, record);
            self.phase = self.waiting();
            docket.offer(Errand::Repair, at.facts(), record);
        }
        Ok(())
    }

    /// R244: a claim must name an arrival at which the resident awaits somebody.
    pub(super) fn may_come(&self, eta: Option<DateTime<Utc>>) -> Result<(), Objection> {
        if !self.home || self.danger.is_some() {
            return Ok(());
        }
        let at = eta.ok_or(Objection::Needs(Need::ArrivalTime))?;
        let awaited = match &self.agreed {
            Some(agreed) => agreed.holds(at),
            None => self.offered.iter().any(|span| span.holds(at)),
        };
        if awaited { Ok(()) } else { Err(Objection::Needs(Need::Appointment)) }
    }

    pub(super) fn ask_consent(&mut self, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_role(&DESK)?;
        let asked = docket.errands(Errand::Consent).next().is_some();
        self.order(self.may_be_reappointed() && !asked && !self.consent)?;
        docket.offer(Errand::Consent, Data::new(), record);
        Ok(())
    }

    /// R060: both are recorded: his consent, and that really nobody can be sent.
    pub(super) fn consent(
        &mut self,
        given: bool,
        nobody_available: bool,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        record.needs_role(&[Role::ProjectManager])?;
        self.order(self.may_be_reappointed())?;
        if given && !nobody_available {
            return Err(Objection::Needs(Need::Reason));
        }
        docket.done(Errand::Consent, record);
        self.consent = given;
        record.tell(
            Kind::RepairConsented,
            data([("given", json!(given)), ("nobody_available", json!(nobody_available))]),
        );
        if given && docket.errands(Errand::Reappoint).next().is_none() {
            docket.offer(Errand::Reappoint, Data::new(), record);
        }
        Ok(())
    }

    /// R060-R064.
    pub(super) fn reappoint(
        &mut self,
        at: Span,
        with: Option<&Named>,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        record.needs_role(&DESK)?;
        self.order(self.may_be_reappointed())?;
        if !self.consent {
            return Err(Objection::Needs(Need::ManagerConsent));
        }
        if !at.is_ahead(record.now.utc) {
            return Err(Objection::Needs(Need::Appointment));
        }
        let now = record.now.utc;
        let same_day = at.from < record.house.day_ends(now);
        let past_shift = record.house.shift_ends(now).is_some_and(|end| at.from >= end);
        let mut facts = at.facts();
        facts.extend(data([("same_day", json!(same_day)), ("past_shift", json!(past_shift))]));
        let person = with.map(|with| data([("acceptor", json!(with.name))])).unwrap_or_default();
        record.tell_about(Kind::RepairReappointed, facts, person);
        docket.done(Errand::Reappoint, record);
        for errand in [Errand::Repair, Errand::AskReporter, Errand::Consent] {
            docket.cancel(errand, "reappointed", record);
        }
        // R062, R064: marked in the register.
        docket.highlighted = docket.highlighted || same_day || past_shift;
        if past_shift {
            self.handed_over = true;
            record.tell(Kind::RepairHandedOver, at.facts());
        }
        let repeat = at.from - minutes(record.house.figures.dispatch.repeat_before_minutes);
        docket.promise(Promise::Redispatch, Due::At(repeat.max(now)), record);
        docket.promise(Promise::Look, Due::At(at.to), record);
        self.consent = false;
        self.reappointed = true;
        self.confirmed_home = false;
        self.agreed = Some(at);
        self.phase = Phase::Reappointed;
        Ok(())
    }

    /// R245.
    pub(super) fn confirm_home(&mut self, channel: Channel, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_staff()?;
        self.order(self.home && self.phase == Phase::Accepted)?;
        self.confirmed_home = true;
        record.tell(Kind::ContactMade, data([("channel", json!(channel.name())), ("home", json!(true))]));
        Ok(())
    }

    /// R061: somebody else goes and talks.
    pub(super) fn complain(
        &mut self,
        words: Option<&Text>,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        record.needs_person()?;
        self.order(!self.phase.is_after())?;
        let person = words.map(|words| data([("words", json!(words.as_str()))])).unwrap_or_default();
        record.tell_about(Kind::RepairComplained, Data::new(), person);
        if docket.errands(Errand::Talk).next().is_none() {
            docket.offer(Errand::Talk, Data::new(), record);
        }
        Ok(())
    }

    /// R249: the supervisor and the customer service are told; the revisit waits for the resident.
    pub(super) fn no_access(
        &mut self,
        knocks: u8,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.needs_worker(docket, record)?;
        self.order(self.home && self.phase == Phase::Arrived)?;
        if knocks < 2 {
            return Err(Objection::Needs(Need::SecondKnock));
        }
        self.phase = Phase::NoAccess;
        self.spend_times();
        record.tell(Kind::RepairNoAccess, data([("knocks", json!(knocks))]));
        for errand in [Errand::Repair, Errand::AskReporter] {
            docket.cancel(errand, "no-access", record);
        }
        docket.offer(Errand::Revisit, Data::new(), record);
        docket.offer(Errand::KnowNoAccess, Data::new(), record);
        Ok(())
    }

    /// Declined, given back, or nobody came: what was agreed at the place is void.
    pub(super) fn back_to_the_ladder(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        if !self.phase.is_taken() && self.phase != Phase::InWork {
            return;
        }
        self.phase = self.waiting();
        self.confirmed_home = false;
        (self.reviewed, self.plan) = (None, None);
        for errand in [Errand::AskReporter, Errand::ReviewFee] {
            docket.cancel(errand, "given-back", record);
        }
        self.look_at_the_time(docket, record);
    }

    /// The agreed time is over and nobody has come. The resident awaits nobody any more, so that nobody may take it (R244):
    /// the project manager is asked for another time (R060), or it would belong to nobody.
    pub(super) fn look_at_the_time(&self, docket: &mut Docket, record: &mut Record<'_>) {
        let over = self.agreed.is_some_and(|agreed| record.now.utc >= agreed.to);
        let asked = self.consent || docket.errands(Errand::Consent).next().is_some();
        if self.home && over && !asked && self.phase.is_offered() && self.may_be_reappointed() {
            docket.offer(Errand::Consent, data([("why", json!("time-over"))]), record);
        }
    }

    /// The appointments that were are no more.
    pub(super) fn spend_times(&mut self) {
        self.offered.clear();
        self.agreed = None;
        (self.reappointed, self.consent, self.confirmed_home) = (false, false, false);
    }

    /// Where it waits for somebody to take it.
    pub(super) fn waiting(&self) -> Phase {
        match (self.reappointed, self.identified) {
            (true, _) => Phase::Reappointed,
            (false, true) => Phase::Identified,
            (false, false) => Phase::Received,
        }
    }

    /// R097: what is dangerous is not put off.
    fn may_be_reappointed(&self) -> bool {
        let before = self.phase.is_offered() || self.phase == Phase::Accepted;
        before && self.danger.is_none()
    }

    /// R006: whoever does the work.
    pub(super) fn needs_worker(&self, docket: &Docket, record: &Record<'_>) -> Result<(), Objection> {
        let mut repairs = docket.errands(Errand::Repair);
        let holds = repairs.any(|task| record.by.who.is_some() && task.state.holder() == record.by.who.as_ref());
        if holds { Ok(()) } else { record.needs_role(&WORKERS) }
    }
}
