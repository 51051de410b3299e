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
    /// The posts were rung; else it is known only as missed.
    #[serde(default)]
    pub rang: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// The same button again within the window: nothing starts anew. Of a missed call: missed again.
    PressedAgain,
    /// A device says that somebody speaks with the visitor. If a guard has claimed the call it is he.
    Answered,
    /// The panel has stopped ringing, and nobody was there.
    RangOut,
    /// The panel, the resident's phone or the door itself has ended it.
    EndedElsewhere { why: End },
}

/// How a call ends without a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The visitor left, or the talk is over.
    Cancelled,
    /// The resident answered.
    AnsweredElsewhere,
    /// The resident did not want to.
    Rejected,
    DoorOpened,
}

impl End {
    pub const fn name(self) -> &'static str {
        match self {
            End::Cancelled => "cancelled",
            End::AnsweredElsewhere => "answered-elsewhere",
            End::Rejected => "rejected",
            End::DoorOpened => "door-opened",
        }
    }
}

/// There is one call at a door that still waits for somebody.
pub fn key(door: &Slug) -> String {
    format!("call:{door}")
}

/// A missed call has a key of its own: whoever rings at that door afterwards is another call.
pub fn missed_key(door: &Slug) -> String {
    format!("missed:{door}")
}

impl Machine for Call {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Call;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.key = Some(if request.late { missed_key(&request.door) } else { key(&request.door) });
        docket.facts = data([("door", json!(request.door))]);
        if let Some(unit) = &request.unit {
            docket.facts.insert("unit".into(), json!(unit));
        }
        let mut facts = docket.facts.clone();
        facts.insert("late".into(), json!(request.late));
        record.tell(Kind::CallOpened, facts);
        let errand = if request.late { Errand::MissedCall } else { Errand::AnswerCall };
        docket.offer(errand, Data::new(), record);
        Call { phase: if request.late { Phase::Missed } else { Phase::Ringing }, presses: 1, rang: !request.late }
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

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_daemon()?;
        match step {
            Step::PressedAgain => {
                self.presses = self.presses.saturating_add(1);
                docket.facts.insert("presses".into(), json!(self.presses));
                record.tell(Kind::CallRepeated, data([("presses", json!(self.presses))]));
            }
            // A missed call stays a task until somebody acknowledges it, whatever the panel says afterwards.
            _ if self.phase == Phase::Missed => return Err(Objection::Order(self.state())),
            Step::Answered => match self.phase {
                Phase::Claimed => {
                    let reached = docket.reached(Errand::AnswerCall, record).ok_or(Objection::Order("claimed"))?;
                    self.on_task(&reached.0, &reached.1, docket, record);
                }
                Phase::Ringing => self.end(End::AnsweredElsewhere.name(), None, record),
                _ => return Err(Objection::Order(self.state())),
            },
            Step::RangOut if matches!(self.phase, Phase::Ringing | Phase::Claimed) => {
                docket.cancel(Errand::AnswerCall, "rang-out", record);
                self.miss(docket, record);
            }
            Step::RangOut => return Err(Objection::Order(self.state())),
            Step::EndedElsewhere { why } => self.end(why.name(), None, record),
        }
        Ok(())
    }

    fn on_task(&mut self, task: &Task, news: &News, docket: &mut Docket, record: &mut Record<'_>) {
        match (task.errand, news) {
            (Errand::AnswerCall, News::Claimed { .. }) => self.phase = Phase::Claimed,
            (Errand::AnswerCall, News::Lost | News::Exhausted) => self.phase = Phase::Ringing,
            (Errand::AnswerCall, News::Arrived { .. }) => self.phase = Phase::Connected,
            (Errand::AnswerCall, News::Missed) => self.miss(docket, record),
            // The page's words: `spoke`, `let-in`, `sent-away`, `no-answer`.
            (Errand::AnswerCall, News::Done { outcome, .. }) => self.end("attended", outcome.as_ref(), record),
            (Errand::MissedCall, News::Done { outcome, .. }) => self.end("acknowledged", outcome.as_ref(), record),
            _ => {}
        }
    }
}

impl Call {
    fn miss(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        self.phase = Phase::Missed;
        docket.key =
            docket.facts.get("door").and_then(|door| Slug::new(door.as_str()?).ok()).map(|door| missed_key(&door));
        docket.offer(Errand::MissedCall, Data::new(), record);
    }

    fn end(&mut self, why: &str, outcome: Option<&Slug>, record: &mut Record<'_>) {
        self.phase = Phase::Closed;
        let mut facts = data([("why", json!(why)), ("presses", json!(self.presses))]);
        if let Some(outcome) = outcome {
            facts.insert("outcome".into(), json!(outcome));
        }
        record.tell(Kind::CallClosed, facts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Kind, Now};
    use crate::service::case::walk::{Plan, house, slug, staff, walk};
    use crate::service::case::{Case, Objection, Source, Step as CaseStep, TaskStep};
    use crate::service::matter::{MatterStep, Opening};
    use crate::service::number::Number;
    use crate::service::staff::{Actor, Role};
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    fn now(seconds: i64) -> Now {
        let noon: DateTime<Utc> = DateTime::from_timestamp(1_795_233_600, 0).unwrap();
        Now { utc: noon + TimeDelta::seconds(seconds), synced: true }
    }

    fn ring(late: bool) -> Case {
        let opening = Opening::Call(Request { door: slug("lobby"), unit: None, late });
        let number = Number { series: Series::Call, day: 20_261_121, nth: 1 };
        Case::open(&opening, Source::Daemon, number, &Actor::DAEMON, &house(), now(0)).case
    }

    fn says(case: &mut Case, step: Step, seconds: i64) -> Result<Vec<Kind>, Objection> {
        let step = CaseStep::Matter(MatterStep::Call(step));
        let events = case.step(&step, None, &Actor::DAEMON, &house(), now(seconds))?;
        Ok(events.iter().map(|event| event.kind).collect())
    }

    fn guard(case: &mut Case, step: TaskStep, seconds: i64) {
        let task = case.docket.tasks[0].id;
        case.step(&CaseStep::Task { task, step }, None, &staff(Role::Guard), &house(), now(seconds)).unwrap();
    }

    const CLAIM: TaskStep = TaskStep::Claim { on_behalf: None, eta: None, relief: None };

    #[test]
    fn a_second_press_starts_nothing_anew() {
        let mut call = ring(false);
        let tasks = call.docket.tasks.clone();
        assert_eq!(says(&mut call, Step::PressedAgain, 30), Ok(vec![Kind::CallRepeated]));
        assert_eq!(call.docket.tasks, tasks);
    }

    #[test]
    fn what_a_device_hears_is_contact_for_whoever_has_claimed() {
        let mut call = ring(false);
        guard(&mut call, CLAIM, 2);
        assert_eq!(says(&mut call, Step::Answered, 5), Ok(vec![Kind::TaskArrived]));
        assert_eq!(call.state(), "connected");
        call.fire(&house(), now(600));
        assert_eq!(call.state(), "connected", "the claim does not lapse");
        let mut call = ring(false);
        says(&mut call, Step::Answered, 5).unwrap();
        assert!(call.is_closed(), "nobody here had claimed it: the resident has answered");
    }

    #[test]
    fn a_panel_that_has_stopped_ringing_leaves_a_missed_call() {
        let mut call = ring(false);
        guard(&mut call, CLAIM, 2);
        says(&mut call, Step::RangOut, 10).unwrap();
        assert_eq!((call.state(), call.docket.key.as_deref()), ("missed", Some("missed:lobby")));
        let ended = says(&mut call, Step::EndedElsewhere { why: End::DoorOpened }, 20);
        assert_eq!(ended, Err(Objection::Order("missed")), "it must be acknowledged all the same");
    }

    #[test]
    fn only_devices_ring() {
        let step = CaseStep::Matter(MatterStep::Call(Step::PressedAgain));
        assert_eq!(ring(false).step(&step, None, &staff(Role::Guard), &house(), now(1)), Err(Objection::Right));
    }

    #[test]
    fn a_call_walks_from_ringing_to_its_end_and_a_missed_one_only_by_a_person() {
        let request = |late| Request { door: slug("lobby"), unit: None, late };
        walk(&Plan {
            openings: any::<bool>().prop_map(move |late| Opening::Call(request(late))).boxed(),
            steps: prop_oneof![
                20 => Just(Step::PressedAgain),
                2 => Just(Step::Answered),
                1 => Just(Step::RangOut),
                1 => Just(Step::EndedElsewhere { why: End::Cancelled }),
            ]
            .prop_map(MatterStep::Call)
            .boxed(),
            allowed: &[
                ("", &["ringing", "missed"]),
                ("ringing", &["claimed", "missed", "closed"]),
                ("claimed", &["connected", "ringing", "missed", "closed"]),
                ("connected", &["ringing", "closed"]),
                ("missed", &["closed"]),
            ],
            waits: &[],
            outcomes: &["let-in", "spoke", "no-answer"],
            check: &|seen| {
                assert_eq!(seen.after.is_closed(), seen.count(Kind::CallClosed) == 1);
                if seen.before.state() == "missed" && seen.after.is_closed() {
                    assert!(seen.by.role.is_some(), "a missed call ended without anybody");
                }
            },
            walks: 300,
            attempts: 60,
        });
    }
}
