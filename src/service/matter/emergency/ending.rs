//! How an emergency ends: settled and asked whether more help is needed (R160), or called off by a named person; and called
//! back (R091).

use super::{CallOff, Emergency, Phase};
use crate::event::{Data, Kind, data};
use crate::service::case::{Docket, Due, Errand, Machine, Need, Objection, Promise, Record};
use crate::service::contact::Text;
use crate::service::figures::hours;
use serde_json::json;

impl Emergency {
    /// R160: nobody calls a patient settled without asking whether more help is needed.
    pub(super) fn settle(
        &mut self,
        more_help: Option<bool>,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        match self.phase {
            Phase::Helping => {
                let complete = self.chosen.iter().any(|choice| self.lacks(*choice).is_none());
                if let Some(need) = self.chosen.last().and_then(|last| self.lacks(*last)).filter(|_| !complete) {
                    return Err(Objection::Needs(need));
                }
            }
            Phase::Settled => {}
            _ => return Err(Objection::Order(self.state())),
        }
        let more_help = more_help.ok_or(Objection::Needs(Need::MoreHelpAsked))?;
        if self.phase == Phase::Helping {
            record.tell(Kind::EmergencySettled, Data::new());
        }
        record.tell(Kind::EmergencyMoreHelp, data([("needed", json!(more_help))]));
        docket.done(Errand::TellResult, record);
        if more_help {
            self.need_more(docket, record);
        } else {
            self.end("settled", docket, record);
        }
        Ok(())
    }

    /// R106: company leader and property manager decide.
    pub(super) fn need_more(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        self.rest("settled", docket, record);
        self.phase = Phase::Settled;
        docket.offer(Errand::Decide, Data::new(), record);
    }

    /// Nobody is on the way any more.
    fn rest(&mut self, why: &str, docket: &mut Docket, record: &mut Record<'_>) {
        let open: Vec<Errand> = docket.tasks.iter().map(|task| task.errand).collect();
        for errand in open.into_iter().filter(|errand| *errand != Errand::Apologise) {
            docket.cancel(errand, why, record);
        }
        docket.release(Promise::Look, why, record);
    }

    fn end(&mut self, why: &str, docket: &mut Docket, record: &mut Record<'_>) {
        self.rest(why, docket, record);
        self.phase = Phase::Ended;
        record.tell(Kind::EmergencyEnded, data([("why", json!(why))]));
        let due = record.now.utc + hours(record.house.figures.promise.emergency_call_back_hours);
        docket.promise(Promise::CallBack, Due::After(due), record);
        docket.offer(Errand::CallBack, Data::new(), record);
    }

    /// By a named person and with a reason. Where help was under way somebody is called back all the same.
    pub(super) fn call_off(
        &mut self,
        reason: CallOff,
        note: Option<&Text>,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        if matches!(self.phase, Phase::Ended | Phase::Closed) {
            return Err(Objection::Order(self.state()));
        }
        if record.by.who.is_none() {
            return Err(Objection::Needs(Need::Name));
        }
        if reason == CallOff::Other && note.is_none() {
            return Err(Objection::Needs(Need::Reason));
        }
        let person = note.map(|note| data([("text", json!(note.as_str()))])).unwrap_or_default();
        record.tell_about(Kind::EmergencyCalledOff, data([("reason", json!(reason.name()))]), person);
        if matches!(self.phase, Phase::Helping | Phase::Settled) {
            self.end("called-off", docket, record);
        } else {
            self.close("called-off", record);
        }
        Ok(())
    }

    pub(super) fn close(&mut self, why: &str, record: &mut Record<'_>) {
        self.phase = Phase::Closed;
        record.tell(Kind::EmergencyClosed, data([("why", json!(why))]));
    }
}
