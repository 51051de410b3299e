//! After the work: the supervisor's check, the money, the call-back, and what is not well is done again.

use super::work::lines;
use super::{DESK, Fee, Phase, Repair, SUPERVISORS, Stars, rating};
use crate::event::{Data, Kind, Slug, data};
use crate::service::case::{Docket, Due, Errand, Need, Objection, Promise, Record};
use crate::service::figures::hours;
use crate::service::matter::{CallBack, call_back};
use crate::service::staff::Role;
use serde_json::json;

impl Repair {
    /// R068, R069: whoever takes this step signs, and is named in the event with the time.
    pub(super) fn check(
        &mut self,
        passed: bool,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        record.needs_role(&SUPERVISORS)?;
        self.order(self.phase == Phase::Done)?;
        if record.by.who.is_none() {
            return Err(Objection::Needs(Need::Name));
        }
        docket.done(Errand::CheckWork, record);
        record.tell(Kind::RepairChecked, data([("passed", json!(passed))]));
        if passed {
            self.phase = Phase::Checked;
            self.settled_if_nothing_is_owed(docket, record);
        } else {
            self.reopen("check-failed", docket, record);
        }
        Ok(())
    }

    /// R262, R264: what was paid is what was told, with a receipt.
    pub(super) fn settle(
        &mut self,
        paid: u32,
        receipt: &Slug,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        record.needs_role(&[Role::FrontDesk, Role::Engineer, Role::Supervisor, Role::ProjectManager])?;
        self.order(matches!(self.phase, Phase::Done | Phase::Checked) && self.owed.total() > 0 && !self.settled)?;
        if u64::from(paid) != self.owed.total() {
            return Err(Objection::Needs(Need::Settlement));
        }
        self.settled = true;
        let mut facts = lines(self.owed);
        facts.insert("receipt".into(), json!(receipt));
        record.tell(Kind::RepairSettled, facts);
        docket.keep(Promise::Settle, record);
        self.settled_if_nothing_is_owed(docket, record);
        Ok(())
    }

    fn settled_if_nothing_is_owed(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        if self.phase == Phase::Checked && (self.settled || self.owed.total() == 0) {
            self.phase = Phase::Settled;
            docket.offer(Errand::CallBack, Data::new(), record);
        }
    }

    /// R282-R287. Satisfied, it ends, as soon as whoever reported it for somebody knows too (R283).
    pub(super) fn call_back(
        &mut self,
        said: &CallBack,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        record.needs_role(&DESK)?;
        match self.phase {
            Phase::Settled => {}
            Phase::Done => return Err(Objection::Needs(Need::SupervisorCheck)),
            Phase::Checked => return Err(Objection::Needs(Need::Settlement)),
            _ => return self.order(false),
        }
        said.note(Kind::RepairCalledBack, docket, record);
        docket.keep(Promise::Result, record);
        if !said.satisfied {
            self.reopen("not-satisfied", docket, record);
            return Ok(());
        }
        self.phase = Phase::CalledBack;
        if !self.proxy {
            self.close(record);
        } else if docket.errands(Errand::TellResult).next().is_none() {
            docket.offer(Errand::TellResult, data([("about", json!("call-back"))]), record);
        }
        Ok(())
    }

    /// R288, also for some days after the end.
    pub(super) fn rate(&mut self, stars: [Stars; 3], record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        self.order((self.phase.is_after() || self.phase == Phase::Closed) && !self.rated)?;
        self.rated = true;
        record.tell(Kind::RepairRated, rating(stars));
        Ok(())
    }

    /// R286: at once, with higher priority, and from the beginning: another appointment, another consent.
    fn reopen(&mut self, why: &str, docket: &mut Docket, record: &mut Record<'_>) {
        call_back::reopened(&mut self.reopened, docket);
        self.spend_times();
        (self.reviewed, self.plan, self.owed, self.settled) = (None, None, Fee::default(), false);
        self.rated = false;
        self.phase = self.waiting();
        record.tell(Kind::RepairReopened, data([("why", json!(why)), ("times", json!(self.reopened))]));
        for errand in [Errand::CallBack, Errand::CheckWork, Errand::TellResult] {
            docket.cancel(errand, "reopened", record);
        }
        for promise in [Promise::CallBack, Promise::Result, Promise::Settle] {
            docket.release(promise, "reopened", record);
        }
        let solve_by = record.now.utc + hours(record.house.figures.promise.repair_solve_hours);
        docket.promise(Promise::Solve, Due::After(solve_by), record);
        docket.offer(Errand::Repair, Data::new(), record);
    }
}
