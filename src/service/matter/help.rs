//! 人工帮助: somebody at the kiosk asks for a person (R233, R241). It rings at the post at once, climbs when nobody comes,
//! and always ends with a named person (R242).

use crate::event::{Data, Kind, data};
use crate::service::case::{Docket, Errand, Machine, News, Objection, Record, Task};
use crate::service::number::Series;
use crate::service::staff::Role;
use serde::{Deserialize, Serialize};
use serde_json::json;

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
        docket.facts = data([("place", json!("kiosk"))]);
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
            News::Done { .. } => {
                record.tell(Kind::HelpClosed, data([("why", json!("helped"))]));
                Help::Closed
            }
        };
    }
}
