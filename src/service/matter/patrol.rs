//! A round through the house, once each morning and each afternoon (R075). Whoever takes it walks it; what he finds is told
//! to his superior and to the post that it concerns (R076, R077). A round that nobody took is missed, and somebody must say why.

use crate::event::{Data, Kind, Slug, data};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task, ladder};
use crate::service::contact::Text;
use crate::service::number::Series;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Findings of one round that nobody has taken note of. More than this is a matter for a report, not for a round.
const MAX_OPEN_FINDINGS: usize = 12;

/// A round of the day, as the calendar opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Its name in the figures: `morning`.
    pub round: Slug,
    /// The local day that it belongs to.
    pub day: NaiveDate,
    /// The end of its window.
    pub until: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Due,
    Walking,
    /// Walked; a finding waits for somebody to take note of it.
    Walked,
    /// The window is over and nobody went: somebody must say why.
    Missed,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patrol {
    pub phase: Phase,
    /// Points passed and things found.
    pub checkpoints: u32,
    pub findings: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// A point of the round was passed. Optional: a house without points has none.
    Checkpoint { at: Slug },
    /// R076: something is not as it should be. The page makes a ticket of it.
    Finding {
        /// Where, as a word of the page: `garage`, `roof`.
        place: Slug,
        /// What, in words.
        text: Option<Text>,
        /// The post that it concerns, which is told beside the superior (R077).
        #[serde(default)]
        concerns: Option<Slug>,
    },
}

/// There is one case of a round and day.
pub fn key(request: &Request) -> String {
    format!("patrol:{}:{}", request.day, request.round)
}

impl Machine for Patrol {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Patrol;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.key = Some(key(request));
        docket.facts =
            data([("round", json!(request.round)), ("of", json!(request.day)), ("until", json!(request.until))]);
        record.tell(Kind::PatrolDue, docket.facts.clone());
        // The daemon has slept through the window: nobody can walk yesterday's round, and nobody knows that it was missed.
        let phase = if request.until <= record.now.utc {
            record.tell(Kind::PatrolMissed, data([("why", json!("daemon-was-off"))]));
            Phase::Closed
        } else {
            docket.promise(Promise::Finish, Due::At(request.until), record);
            docket.offer(Errand::Patrol, Data::new(), record);
            Phase::Due
        };
        Patrol { phase, checkpoints: 0, findings: 0 }
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Due => "due",
            Phase::Walking => "walking",
            Phase::Walked => "walked",
            Phase::Missed => "missed",
            Phase::Closed => "closed",
        }
    }

    fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_staff()?;
        match step {
            // Something comes to mind after the round: it is noted as long as the round is open.
            Step::Finding { .. } if self.phase == Phase::Walked => {}
            _ if self.phase == Phase::Walking => {}
            _ => return Err(Objection::Order(self.state())),
        }
        match step {
            Step::Checkpoint { at } => {
                self.checkpoints = self.checkpoints.saturating_add(1);
                record
                    .tell(Kind::PatrolCheckpoint, data([("at", json!(at)), ("checkpoints", json!(self.checkpoints))]));
                Ok(())
            }
            Step::Finding { place, text, concerns } => {
                let text = text.as_ref().ok_or(Objection::Needs(Need::Text))?;
                self.found(place, text, concerns.as_ref(), docket, record)
            }
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, docket: &mut Docket, record: &mut Record<'_>) {
        match (task.errand, news) {
            (Errand::Patrol, News::Claimed { .. }) => {
                self.phase = Phase::Walking;
                record.tell(Kind::PatrolStarted, Data::new());
            }
            (Errand::Patrol, News::Lost) => self.phase = Phase::Due,
            (Errand::Patrol, News::Done { .. }) => {
                docket.keep(Promise::Finish, record);
                let facts = data([("checkpoints", json!(self.checkpoints)), ("findings", json!(self.findings))]);
                record.tell(Kind::PatrolFinished, facts);
                self.phase = Phase::Walked;
                self.end_when_noted(docket);
            }
            (Errand::KnowFinding, News::Done { .. }) => self.end_when_noted(docket),
            (Errand::MissedRound, News::Done { .. }) => self.phase = Phase::Closed,
            _ => {}
        }
    }

    /// The window is over. Whoever is still walking is late; if nobody is, the round is missed (R075).
    fn on_breach(&mut self, _: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        if self.phase == Phase::Due {
            docket.cancel(Errand::Patrol, "missed", record);
            record.tell(Kind::PatrolMissed, data([("why", json!("nobody-went"))]));
            docket.offer(Errand::MissedRound, Data::new(), record);
            self.phase = Phase::Missed;
        }
    }
}

impl Patrol {
    /// R077: the superior of whoever found it is told, and the post that it concerns.
    fn found(
        &mut self,
        place: &Slug,
        text: &Text,
        concerns: Option<&Slug>,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        if docket.errands(Errand::KnowFinding).count() >= MAX_OPEN_FINDINGS {
            return Err(Objection::Full);
        }
        if concerns.is_some_and(|post| record.house.post(post).is_none()) {
            return Err(Objection::Unknown);
        }
        self.findings = self.findings.saturating_add(1);
        let facts = data([("place", json!(place)), ("finding", json!(self.findings)), ("concerns", json!(concerns))]);
        record.tell_about(Kind::PatrolFinding, facts.clone(), data([("text", json!(text.as_str()))]));
        let ladder = ladder::above(record.house, record.by.post.as_ref(), concerns, record.now);
        docket.offer_to(Errand::KnowFinding, ladder, facts, record);
        Ok(())
    }

    fn end_when_noted(&mut self, docket: &Docket) {
        if self.phase == Phase::Walked && docket.errands(Errand::KnowFinding).next().is_none() {
            self.phase = Phase::Closed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Now;
    use crate::service::case::walk::{Plan, house, slug, staff, text, walk};
    use crate::service::case::{Case, Source, Step as CaseStep, TaskStep};
    use crate::service::matter::{MatterStep, Opening};
    use crate::service::number::Number;
    use crate::service::staff::{Actor, Role};
    use chrono::TimeDelta;
    use proptest::prelude::*;

    const CLAIM: TaskStep = TaskStep::Claim { on_behalf: None, eta: None, relief: None };
    const DONE: TaskStep = TaskStep::Done { outcome: None, channel: None, note: None };

    fn now(seconds: i64) -> Now {
        Now { utc: DateTime::from_timestamp(1_795_233_600, 0).unwrap() + TimeDelta::seconds(seconds), synced: true }
    }

    fn request(until: i64) -> Request {
        Request { round: slug("morning"), day: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(), until: now(until).utc }
    }

    fn round(until: i64) -> (Case, Vec<Kind>) {
        let number = Number { series: Series::Patrol, day: 20_261_121, nth: 1 };
        let opening = Opening::Patrol(request(until));
        let opened = Case::open(&opening, Source::Daemon, number, &Actor::DAEMON, &house(), now(0));
        (opened.case, opened.events.iter().map(|event| event.kind).collect())
    }

    fn take(case: &mut Case, step: TaskStep, errand: Errand, seconds: i64) {
        let task = case.docket.errands(errand).next().unwrap().id;
        let by = staff(Role::ShiftLeader);
        case.step(&CaseStep::Task { task, step }, None, &by, &house(), now(seconds)).unwrap();
    }

    fn find(case: &mut Case, concerns: Option<&str>) -> Result<Vec<crate::event::Event>, Objection> {
        let step = Step::Finding { place: slug("garage"), text: Some(text()), concerns: concerns.map(slug) };
        case.step(&CaseStep::Matter(MatterStep::Patrol(step)), None, &staff(Role::ShiftLeader), &house(), now(600))
    }

    #[test]
    fn a_round_is_started_by_whoever_takes_it_and_ends_when_he_is_back() {
        let (mut case, _) = round(3600);
        assert_eq!(case.state(), "due");
        take(&mut case, CLAIM, Errand::Patrol, 60);
        assert_eq!(case.state(), "walking");
        take(&mut case, DONE, Errand::Patrol, 1800);
        assert!(case.is_closed());
    }

    #[test]
    fn a_round_that_nobody_took_is_missed_and_somebody_must_say_why() {
        let (mut case, _) = round(3600);
        let events = case.fire(&house(), now(3600));
        assert!(events.iter().any(|event| event.kind == Kind::PatrolMissed));
        assert_eq!((case.state(), case.docket.tasks[0].errand), ("missed", Errand::MissedRound));
        take(&mut case, DONE, Errand::MissedRound, 4000);
        assert!(case.is_closed());
    }

    #[test]
    fn who_is_still_walking_at_the_end_of_the_window_is_late_and_not_missing() {
        let (mut case, _) = round(3600);
        take(&mut case, CLAIM, Errand::Patrol, 3000);
        let events = case.fire(&house(), now(3600));
        assert!(events.iter().any(|event| event.kind == Kind::PromiseBreached));
        assert_eq!(case.state(), "walking");
    }

    #[test]
    fn a_round_that_the_daemon_has_slept_through_is_recorded_and_rings_nobody() {
        let (case, told) = round(-60);
        assert_eq!(told, [Kind::PatrolDue, Kind::PatrolMissed]);
        assert!(case.is_closed() && case.docket.tasks.is_empty());
    }

    #[test]
    fn a_finding_is_told_to_the_superior_and_to_whom_it_concerns_before_the_round_is_over() {
        let (mut case, _) = round(3600);
        assert_eq!(find(&mut case, None).unwrap_err(), Objection::Order("due"));
        take(&mut case, CLAIM, Errand::Patrol, 60);
        assert_eq!(find(&mut case, Some("nobody")).unwrap_err(), Objection::Unknown);
        let events = find(&mut case, Some("workshop")).unwrap();
        assert_eq!(events[0].kind, Kind::PatrolFinding);
        assert_eq!(events[1].data["posts"], json!(["office", "workshop"]));
        take(&mut case, DONE, Errand::Patrol, 1800);
        assert_eq!(case.state(), "walked");
        find(&mut case, None).unwrap();
        take(&mut case, DONE, Errand::KnowFinding, 1900);
        assert_eq!(case.state(), "walked", "one finding still waits for somebody to take note");
        take(&mut case, DONE, Errand::KnowFinding, 1900);
        assert!(case.is_closed());
    }

    #[test]
    fn a_round_ends_walked_or_missed_and_a_missed_one_only_by_a_person() {
        let steps = prop_oneof![
            Just(Step::Checkpoint { at: slug("roof") }),
            (prop::option::of(Just(text())), prop::option::of(prop::sample::select(vec!["workshop", "x"])))
                .prop_map(|(text, post)| Step::Finding { place: slug("garage"), text, concerns: post.map(slug) }),
        ];
        let start = DateTime::<Utc>::from_timestamp(1_795_219_200, 0).unwrap();
        let open = (-3600i64..80_000)
            .prop_map(move |until| Opening::Patrol(Request { until: start + TimeDelta::seconds(until), ..request(0) }));
        walk(&Plan {
            openings: open.boxed(),
            steps: steps.prop_map(MatterStep::Patrol).boxed(),
            allowed: &[
                ("", &["due", "closed"]),
                ("due", &["walking", "missed"]),
                ("walking", &["due", "walked", "closed"]),
                ("walked", &["closed"]),
                ("missed", &["closed"]),
            ],
            waits: &[],
            outcomes: &["walked"],
            check: &|seen| {
                let ends = seen.count(Kind::PatrolFinished) + seen.count(Kind::PatrolMissed);
                assert!(ends <= 1 && (!seen.after.is_closed() || ends == 1));
                if seen.before.state() == "missed" && seen.after.is_closed() {
                    assert!(seen.by.role.is_some());
                }
            },
            walks: 300,
            attempts: 40,
        });
    }
}
