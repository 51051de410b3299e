//! An intercom call: somebody stands at a door and waits. Own post, next post, all posts; the first claim wins; a claim
//! without contact lapses; what nobody took is a missed call that somebody must acknowledge. A door is never opened here.

use crate::event::{Data, Kind, Slug, data};
use crate::service::case::{Docket, Errand, Machine, News, Objection, Record, Task};
use crate::service::number::Series;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A ring, as the building's devices tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The door at which somebody rings.
    pub door: Slug,
    /// The unit that was called, where the panel says so.
    #[serde(default)]
    pub unit: Option<String>,
    /// It is older than its ring window: a missed call from the start.
    #[serde(default)]
    pub late: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Ringing,
    Claimed,
    Connected,
    Missed,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    pub phase: Phase,
    /// Presses of the button that are this call.
    pub presses: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// The same button again within the window: nothing starts anew.
    PressedAgain,
    /// The panel, the resident's phone or the door itself has ended it.
    EndedElsewhere { why: End },
}

/// How a call ends without a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The visitor left.
    Cancelled,
    /// The resident answered.
    AnsweredElsewhere,
    DoorOpened,
}

impl End {
    pub const fn name(self) -> &'static str {
        match self {
            End::Cancelled => "cancelled",
            End::AnsweredElsewhere => "answered-elsewhere",
            End::DoorOpened => "door-opened",
        }
    }
}

/// There is one open call at a door.
pub fn key(door: &Slug) -> String {
    format!("call:{door}")
}

impl Machine for Call {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Call;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.key = Some(key(&request.door));
        docket.facts = data([("door", json!(request.door))]);
        if let Some(unit) = &request.unit {
            docket.facts.insert("unit".into(), json!(unit));
        }
        let mut facts = docket.facts.clone();
        facts.insert("late".into(), json!(request.late));
        record.tell(Kind::CallOpened, facts);
        let errand = if request.late { Errand::MissedCall } else { Errand::AnswerCall };
        docket.offer(errand, Data::new(), record);
        Call { phase: if request.late { Phase::Missed } else { Phase::Ringing }, presses: 1 }
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Ringing => "ringing",
            Phase::Claimed => "claimed",
            Phase::Connected => "connected",
            Phase::Missed => "missed",
            Phase::Closed => "closed",
        }
    }

    fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    fn step(&mut self, step: &Step, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::PressedAgain => {
                self.presses = self.presses.saturating_add(1);
                record.tell(Kind::CallRepeated, data([("presses", json!(self.presses))]));
                Ok(())
            }
            // A missed call stays a task until somebody acknowledges it, whatever the panel says afterwards.
            Step::EndedElsewhere { .. } if self.phase == Phase::Missed => Err(Objection::Order(self.state())),
            Step::EndedElsewhere { why } => {
                self.phase = Phase::Closed;
                record.tell(Kind::CallClosed, data([("why", json!(why.name()))]));
                Ok(())
            }
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, docket: &mut Docket, record: &mut Record<'_>) {
        match (task.errand, news) {
            (Errand::AnswerCall, News::Claimed { .. }) => self.phase = Phase::Claimed,
            (Errand::AnswerCall, News::Lost | News::Exhausted) => self.phase = Phase::Ringing,
            (Errand::AnswerCall, News::Arrived { .. }) => self.phase = Phase::Connected,
            (Errand::AnswerCall, News::Missed) => {
                self.phase = Phase::Missed;
                docket.offer(Errand::MissedCall, Data::new(), record);
            }
            (Errand::AnswerCall | Errand::MissedCall, News::Done { outcome, .. }) => {
                self.phase = Phase::Closed;
                let mut facts = data([("why", json!("attended"))]);
                if let Some(outcome) = outcome {
                    facts.insert("outcome".into(), json!(outcome));
                }
                record.tell(Kind::CallClosed, facts);
            }
            _ => {}
        }
    }
}
