//! A patient, or whoever needs help at once (R148-R160). No medical advice anywhere (R153): the guards act, 120 advises.

use crate::event::{Data, Kind, data};
use crate::service::case::{Docket, Errand, Machine, Objection, Record};
use crate::service::number::Series;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A press on 紧急求助, asked twice so that a child's tap does not raise it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// BCP 47.
    pub language: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Emergency {
    Requested,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    CallOff,
}

impl Machine for Emergency {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Emergency;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.language = Some(request.language.clone());
        docket.facts = data([("place", json!("kiosk"))]);
        record.tell(Kind::EmergencyRequested, data([("language", json!(request.language))]));
        docket.offer(Errand::SeeEmergency, Data::new(), record);
        Emergency::Requested
    }

    fn state(&self) -> &'static str {
        match self {
            Emergency::Requested => "requested",
            Emergency::Closed => "closed",
        }
    }

    fn is_closed(&self) -> bool {
        *self == Emergency::Closed
    }

    fn step(&mut self, step: &Step, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::CallOff => {
                record.needs_staff()?;
                *self = Emergency::Closed;
                record.tell(Kind::EmergencyClosed, Data::new());
                Ok(())
            }
        }
    }
}
