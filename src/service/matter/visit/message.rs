//! What a visitor leaves for a host whom he has not met (R170): words, or the wish to be called back. It stands in the person
//! part only, and is a task of the front desk until the host was told.

use super::{Phase, Visit};
use crate::event::{Data, Kind, data};
use crate::service::case::{Docket, Due, Errand, Promise, Record};
use crate::service::figures::minutes;
use serde_json::json;

impl Visit {
    /// R170: the front desk passes it on, and soon; nobody at home is called for it at night (R239).
    pub(super) fn leave_message(
        &mut self,
        what: &str,
        card: bool,
        said: Data,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) {
        self.turn(Phase::MessageLeft, docket, record);
        let what = data([("what", json!(what))]);
        let mut facts = what.clone();
        facts.insert("card".into(), json!(card));
        record.tell_about(Kind::VisitMessageLeft, facts, said);
        docket.offer(Errand::TellResult, what, record);
        let (now, figures) = (record.now.utc, &record.house.figures.visit);
        let from = if record.house.is_quiet(now) { record.house.next(figures.quiet_to, now) } else { now };
        let due = from + minutes(figures.message_minutes);
        docket.promise(Promise::PassOn, if from == now { Due::After(due) } else { Due::At(due) }, record);
    }
}
