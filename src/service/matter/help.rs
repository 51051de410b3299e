//! 人工帮助: somebody at the kiosk asks for a person (R233, R241). It rings at the post at once, climbs when nobody comes,
//! and always ends with a named person (R242).

use crate::event::{Data, Kind, data};
use crate::service::case::{Docket, Errand, Machine, News, Objection, Record, Task, TaskState};
use crate::service::number::Series;
use crate::service::staff::{Role, Via};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The one open case of somebody who types wrong codes at the kiosk.
pub const CODES: &str = "help:codes";
/// The one open case of guests whose invitations do not hold.
pub const INVITATION: &str = "help:invitation";

/// Who has come stays so long at the glass, for whatever comes next. After that he has gone, and has forgotten to say so.
const STAYS: TimeDelta = TimeDelta::minutes(10);

/// Whether this open case still brings somebody to the glass: he is asked, on the way, or has just come.
pub fn brings_somebody(case: &Docket, now: DateTime<Utc>) -> bool {
    case.errands(Errand::SeeHelp).any(|task| match task.state {
        TaskState::Arrived { at, .. } => now - at < STAYS,
        TaskState::Offered | TaskState::Claimed { .. } => true,
    })
}

/// A press on 人工帮助.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// BCP 47; whoever comes should speak it (R321).
    pub language: String,
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Help {
    Asked,
    /// Somebody is on the way.
    Coming,
    /// Somebody is there.
    Attended,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// Nobody is there any more, or it was a child's tap.
    CallOff,
}

impl Machine for Help {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Help;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.language = Some(request.language.clone());
        let invitation = docket.facts.contains_key("invitation");
        docket.facts.insert("place".into(), json!("kiosk"));
        if record.by.via == Via::Daemon {
            // Nobody has pressed: the desk has counted wrong codes, or an invitation does not hold.
            let (key, what) = if invitation { (INVITATION, "invitation") } else { (CODES, "wrong-codes") };
            docket.key = Some(key.to_owned());
            docket.facts.insert("what".into(), json!(what));
        }
        record.tell(Kind::HelpRequested, data([("language", json!(request.language))]));
        docket.offer(Errand::SeeHelp, Data::new(), record);
        Help::Asked
    }

    fn state(&self) -> &'static str {
        match self {
            Help::Asked => "asked",
            Help::Coming => "coming",
            Help::Attended => "attended",
            Help::Closed => "closed",
        }
    }

    fn is_closed(&self) -> bool {
        *self == Help::Closed
    }

    fn step(&mut self, step: &Step, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::CallOff => {
                record.needs_role(&[Role::Guard, Role::FrontDesk, Role::ShiftLeader])?;
                *self = Help::Closed;
                record.tell(Kind::HelpClosed, data([("why", json!("called-off"))]));
                Ok(())
            }
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, _: &mut Docket, record: &mut Record<'_>) {
        if task.errand != Errand::SeeHelp {
            return;
        }
        *self = match news {
            News::Claimed { .. } => Help::Coming,
            News::Arrived { .. } => Help::Attended,
            News::Lost | News::Exhausted | News::Missed => Help::Asked,
            News::Done { by, .. } => {
                // R242: whoever helped stands by name at its end.
                let person = by.as_ref().map(|by| data([("helped_by", json!(by.name))])).unwrap_or_default();
                record.tell_about(Kind::HelpClosed, data([("why", json!("helped"))]), person);
                Help::Closed
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::case::walk::staff;
    use crate::service::matter::trial::{Trial, noon};
    use crate::service::matter::{MatterStep, Opening};
    use crate::service::staff::Actor;

    fn asked() -> Trial {
        Trial::open(&Opening::Help(Request { language: "en".into() }), noon())
    }

    #[test]
    fn it_rings_at_once_climbs_when_nobody_comes_and_ends_with_a_named_person() {
        let mut trial = asked();
        let task = trial.task(Errand::SeeHelp);
        let first = trial.case.docket.task(task).unwrap().asked().count();
        trial.wait(TimeDelta::seconds(31));
        assert!(trial.case.docket.task(task).unwrap().asked().count() > first, "R233: the next post is asked too");
        trial.claim(task, Some("张三"), &staff(Role::ShiftLeader)).unwrap();
        assert_eq!(trial.case.state(), "coming");
        trial.done(task, None, None, &staff(Role::ShiftLeader)).unwrap();
        assert_eq!(trial.person(Kind::HelpClosed)["helped_by"], "张三");
        assert!(!trial.facts(Kind::HelpClosed).values().any(|fact| fact == "张三"), "the name stands apart");
    }

    #[test]
    fn nobody_at_the_glass_calls_it_off_and_it_does_not_end_by_itself() {
        let mut trial = asked();
        assert_eq!(trial.step(MatterStep::Help(Step::CallOff), &Actor::GUEST), Err(Objection::Right));
        trial.wait(TimeDelta::days(2));
        assert!(!trial.case.is_closed());
    }
}
