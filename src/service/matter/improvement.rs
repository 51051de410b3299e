//! What a report shows to be wrong is to become better (R292): somebody is responsible, a day is named, and on a later day
//! somebody looks whether it has helped. Where it has not, it opens again with a new day. It ends only with an effect that was
//! seen, or is taken back in words; time alone ends nothing.

use crate::event::{Data, Kind, Now, Slug, data};
use crate::service::calendar::{instant, local_day};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task, ladder};
use crate::service::contact::{Name, Text};
use crate::service::house::{Duty, House};
use crate::service::local_time::LocalTime;
use crate::service::number::Series;
use crate::service::period::Period;
use crate::service::staff::{Actor, Role};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// R292, R299: who plans and follows up what is to be better. The regulations name the departments' heads; these are theirs.
pub const PLANNERS: [Role; 2] = [Role::Supervisor, Role::ProjectManager];

/// A day further away than this is a typing error.
const LONGEST_DAYS: u64 = 366;

/// As somebody brings it who has read a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The report from which it follows.
    #[serde(default)]
    pub report: Option<Period>,
    /// What is to be better, and how.
    pub what: Text,
    /// 责任部门.
    pub department: Slug,
    /// Done by the evening of this day.
    pub due: NaiveDate,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Improvement {
    pub phase: Phase,
    /// The site's day on which it was noted as done.
    pub done_on: Option<NaiveDate>,
    /// How often it was opened again.
    pub reopened: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Open,
    Done,
    /// The effect was seen.
    FollowedUp,
    Closed,
    Withdrawn,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// By whom and what; and on which later day its effect is looked for.
    Done { who: Name, what: Text, look_on: NaiveDate },
    /// Whether an effect was seen. Where none was, by when it is done anew.
    FollowUp {
        effect: bool,
        words: Text,
        #[serde(default)]
        due: Option<NaiveDate>,
    },
}

impl Machine for Improvement {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Improvement;

    fn may_be_brought(request: &Request, by: &Actor, house: &House, now: Now) -> Result<(), Objection> {
        if !by.is(&PLANNERS) {
            return Err(Objection::Right);
        }
        ahead(request.due, house, now).map(drop)
    }

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        // A department is what an improvement is counted by.
        docket.facts = data([("category", json!(request.department)), ("due_day", json!(request.due))]);
        if let Some(report) = request.report {
            docket.facts.insert("report".into(), json!(report));
        }
        let person = data([("detail", json!(request.what.as_str()))]);
        record.tell_about(Kind::ImprovementAgreed, docket.facts.clone(), person);
        ask_for_it(request.due, docket, record);
        Improvement { phase: Phase::Open, done_on: None, reopened: 0 }
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Open => "open",
            Phase::Done => "done",
            Phase::FollowedUp => "followed-up",
            Phase::Closed => "closed",
            Phase::Withdrawn => "withdrawn",
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed | Phase::Withdrawn)
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_role(&PLANNERS)?;
        match step {
            Step::Done { who, what, look_on } => self.done(who, what, *look_on, docket, record),
            Step::FollowUp { effect, words, due } => self.follow_up(*effect, words, *due, docket, record),
        }
    }

    /// Who did it and whether it has helped is said in words: nobody ticks that off.
    fn allows(&self, task: &Task, news: &News, record: &Record<'_>) -> Result<(), Objection> {
        match (task.errand, news) {
            (Errand::Improve | Errand::FollowUp, News::Done { .. }) => Err(Objection::Needs(Need::Text)),
            (Errand::Conclude, News::Done { .. }) => record.needs_role(&PLANNERS),
            _ => Ok(()),
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, _: &mut Docket, record: &mut Record<'_>) {
        if let (Errand::Conclude, News::Done { .. }) = (task.errand, news) {
            self.phase = Phase::Closed;
            record.tell(Kind::ImprovementClosed, data([("reopened", json!(self.reopened))]));
        }
    }

    /// Marked in the register; its task climbs by its own ladder.
    fn on_breach(&mut self, _: &Clock, docket: &mut Docket, _: &mut Record<'_>) {
        docket.highlighted = true;
    }

    /// The day has come on which somebody looks.
    fn on_timer(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        if clock.promise == Promise::Look {
            let until = docket.clock(Promise::FollowUp).map_or(record.now.utc, |clock| clock.due.time());
            offer(Errand::FollowUp, until, docket, record);
        }
    }

    fn withdraw(&mut self, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_role(&PLANNERS)?;
        if self.phase != Phase::Open {
            return Err(Objection::Order(self.state()));
        }
        self.phase = Phase::Withdrawn;
        Ok(())
    }
}

impl Improvement {
    fn done(
        &mut self,
        who: &Name,
        what: &Text,
        look_on: NaiveDate,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        if self.phase != Phase::Open {
            return Err(Objection::Order(self.state()));
        }
        let today = local_day(record.now.utc, record.house.zone);
        let look_by = ahead(look_on, record.house, record.now)?;
        if look_on <= today {
            return Err(Objection::Needs(Need::LaterDay));
        }
        self.phase = Phase::Done;
        self.done_on = Some(today);
        let person = data([("done_by", json!(who.as_str())), ("result", json!(what.as_str()))]);
        record.tell_about(Kind::ImprovementDone, data([("look_on", json!(look_on))]), person);
        docket.keep(Promise::Finish, record);
        docket.done(Errand::Improve, record);
        docket.promise(Promise::FollowUp, Due::At(look_by), record);
        docket.promise(Promise::Look, Due::At(begins(look_on, record.house)), record);
        Ok(())
    }

    fn follow_up(
        &mut self,
        effect: bool,
        words: &Text,
        due: Option<NaiveDate>,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        let done_on = self.done_on.filter(|_| self.phase == Phase::Done).ok_or(Objection::Order(self.state()))?;
        if local_day(record.now.utc, record.house.zone) <= done_on {
            return Err(Objection::Needs(Need::LaterDay));
        }
        let again = if effect { None } else { Some(due.ok_or(Objection::Needs(Need::LaterDay))?) };
        if let Some(due) = again {
            ahead(due, record.house, record.now)?;
        }
        let person = data([("effect", json!(words.as_str()))]);
        record.tell_about(Kind::ImprovementFollowedUp, data([("effect", json!(effect))]), person);
        docket.keep(Promise::FollowUp, record);
        docket.release(Promise::Look, "followed-up", record);
        docket.done(Errand::FollowUp, record);
        match again {
            None => {
                self.phase = Phase::FollowedUp;
                docket.offer(Errand::Conclude, Data::new(), record);
            }
            Some(due) => self.open_again(due, docket, record),
        }
        Ok(())
    }

    fn open_again(&mut self, due: NaiveDate, docket: &mut Docket, record: &mut Record<'_>) {
        self.phase = Phase::Open;
        self.done_on = None;
        self.reopened = self.reopened.saturating_add(1);
        docket.learn(&data([("due_day", json!(due))]));
        record.tell(Kind::ImprovementReopened, data([("due_day", json!(due)), ("reopened", json!(self.reopened))]));
        ask_for_it(due, docket, record);
    }
}

/// The deed is promised and asked for until its day ends.
fn ask_for_it(due: NaiveDate, docket: &mut Docket, record: &mut Record<'_>) {
    let until = ends(due, record.house).unwrap_or(record.now.utc);
    docket.promise(Promise::Finish, Due::At(until), record);
    offer(Errand::Improve, until, docket, record);
}

/// To whoever supervises; the superiors are asked only when the day is over.
fn offer(errand: Errand, until: DateTime<Utc>, docket: &mut Docket, record: &mut Record<'_>) {
    let ladder = ladder::until(record.house, Duty::Supervise, until, record.now);
    docket.offer_to(errand, ladder, Data::new(), record);
}

/// The evening of a day that lies ahead, and not in another year's plan.
fn ahead(day: NaiveDate, house: &House, now: Now) -> Result<DateTime<Utc>, Objection> {
    let last = local_day(now.utc, house.zone).checked_add_days(Days::new(LONGEST_DAYS));
    let evening = ends(day, house).filter(|evening| *evening > now.utc);
    evening.filter(|_| last.is_some_and(|last| day <= last)).ok_or(Objection::Needs(Need::LaterDay))
}

/// R299: a day of the office ends when its records are signed.
fn ends(day: NaiveDate, house: &House) -> Option<DateTime<Utc>> {
    instant(day, house.figures.check.daily_by, house.zone)
}

/// When people are at work again after the night (R239).
fn begins(day: NaiveDate, house: &House) -> DateTime<Utc> {
    let morning = instant(day, house.figures.visit.quiet_to, house.zone);
    morning.or_else(|| instant(day, LocalTime::new(0, 0), house.zone)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::case::walk::{Plan, house, name, slug, staff, text, walk_along};
    use crate::service::case::{Step as CaseStep, TaskStep};
    use crate::service::matter::trial::{Trial, noon};
    use crate::service::matter::{MatterStep, Opening};
    use chrono::TimeDelta;
    use proptest::prelude::*;

    fn day(n: u64) -> NaiveDate {
        local_day(noon(), chrono_tz::Asia::Shanghai) + Days::new(n)
    }

    fn request(due: NaiveDate) -> Request {
        Request { report: Period::parse("2026-10"), what: text(), department: slug("engineering"), due }
    }

    fn agreed() -> Trial {
        Trial::open(&Opening::Improvement(request(day(7))), noon())
    }

    fn take(trial: &mut Trial, by: Role, step: Step) -> Result<(), Objection> {
        trial.step(MatterStep::Improvement(step), &staff(by))
    }

    fn done(look_on: NaiveDate) -> Step {
        Step::Done { who: name(), what: text(), look_on }
    }

    fn seen(effect: bool, due: Option<NaiveDate>) -> Step {
        Step::FollowUp { effect, words: text(), due }
    }

    #[test]
    fn only_whoever_supervises_plans_an_improvement_and_for_a_day_that_lies_ahead() {
        let (house, now) = (house(), Now { utc: noon(), synced: true });
        let brought = |by, due| Improvement::may_be_brought(&request(due), &staff(by), &house, now);
        assert_eq!(brought(Role::Supervisor, day(7)), Ok(()));
        assert_eq!(brought(Role::ProjectManager, day(0)), Ok(()), "this evening lies ahead");
        assert_eq!(brought(Role::FrontDesk, day(7)), Err(Objection::Right));
        for due in [day(0) - Days::new(1), day(400)] {
            assert_eq!(brought(Role::Supervisor, due), Err(Objection::Needs(Need::LaterDay)));
        }
    }

    #[test]
    fn an_improvement_is_done_followed_up_on_a_later_day_and_closed() {
        let mut trial = agreed();
        assert_eq!(trial.facts(Kind::ImprovementAgreed)["report"], json!("2026-10"));
        assert_eq!(take(&mut trial, Role::Supervisor, done(day(0))), Err(Objection::Needs(Need::LaterDay)));
        assert_eq!(take(&mut trial, Role::Engineer, done(day(14))), Err(Objection::Right));
        take(&mut trial, Role::Supervisor, done(day(14))).unwrap();
        assert_eq!(trial.person(Kind::ImprovementDone)["done_by"], json!(name().as_str()));
        assert_eq!(take(&mut trial, Role::Supervisor, seen(true, None)), Err(Objection::Needs(Need::LaterDay)));
        assert!(!trial.is_asked(Errand::FollowUp), "nobody is asked before the day has come");
        trial.wait(TimeDelta::days(14));
        assert!(trial.is_asked(Errand::FollowUp));
        take(&mut trial, Role::Supervisor, seen(true, None)).unwrap();
        assert_eq!(trial.case.state(), "followed-up");
        let task = trial.task(Errand::Conclude);
        assert_eq!(trial.done(task, None, None, &staff(Role::ShiftLeader)), Err(Objection::Right));
        trial.done(task, None, None, &staff(Role::ProjectManager)).unwrap();
        assert!(trial.case.is_closed());
    }

    #[test]
    fn without_an_effect_it_opens_again_with_a_new_day() {
        let mut trial = agreed();
        take(&mut trial, Role::Supervisor, done(day(2))).unwrap();
        trial.wait(TimeDelta::days(2));
        assert_eq!(take(&mut trial, Role::Supervisor, seen(false, None)), Err(Objection::Needs(Need::LaterDay)));
        take(&mut trial, Role::Supervisor, seen(false, Some(day(9)))).unwrap();
        assert_eq!((trial.case.state(), &trial.case.docket.facts["due_day"]), ("open", &json!(day(9))));
        assert!(trial.is_asked(Errand::Improve) && !trial.is_asked(Errand::FollowUp));
    }

    #[test]
    fn what_is_overdue_is_warned_of_told_marked_and_goes_to_the_superior() {
        let mut trial = agreed();
        trial.wait(TimeDelta::days(7) + TimeDelta::hours(7));
        assert_eq!(trial.facts(Kind::PromiseWarned)["promise"], json!("finish"), "R299's hour is at eight");
        trial.wait(TimeDelta::hours(2));
        assert_eq!(trial.facts(Kind::PromiseBreached)["promise"], json!("finish"));
        assert!(trial.case.docket.highlighted);
        let task = trial.case.docket.errands(Errand::Improve).next().unwrap();
        assert!(task.asked().any(|post| post.as_str() == "manager"));
        take(&mut trial, Role::Supervisor, done(day(20))).unwrap();
        assert_eq!(trial.facts(Kind::PromiseKept)["late"], json!(true));
    }

    #[test]
    fn an_improvement_ends_with_an_effect_or_is_taken_back_in_words() {
        let tick = TaskStep::Done { outcome: None, channel: None, note: None };
        walk_along(
            &Plan {
                openings: (0u64..40).prop_map(|n| Opening::Improvement(request(day(n)))).boxed(),
                steps: prop_oneof![
                    (0u64..60).prop_map(|n| done(day(n))),
                    (any::<bool>(), prop::option::of(0u64..90)).prop_map(|(effect, due)| seen(effect, due.map(day))),
                ]
                .prop_map(MatterStep::Improvement)
                .boxed(),
                allowed: &[
                    ("", &["open"]),
                    ("open", &["done", "withdrawn"]),
                    ("done", &["open", "followed-up"]),
                    ("followed-up", &["closed"]),
                ],
                waits: &[],
                outcomes: &[],
                check: &|seen| {
                    let last = seen.history.iter().rfind(|event| event.kind == Kind::ImprovementFollowedUp);
                    let effect = last.is_some_and(|event| event.data["effect"] == json!(true));
                    assert!(seen.after.state() != "closed" || effect, "it ends with an effect");
                    assert_eq!(seen.after.state() == "closed", seen.count(Kind::ImprovementClosed) == 1);
                },
                walks: 96,
                attempts: 40,
            },
            &|case, now| {
                let today = local_day(now.utc, chrono_tz::Asia::Shanghai);
                let step = match case.state() {
                    "open" => done(today + Days::new(1)),
                    "done" => seen(true, None),
                    _ => {
                        let task = case.docket.errands(Errand::Conclude).next()?.id;
                        return Some((CaseStep::Task { task, step: tick.clone() }, Role::ProjectManager));
                    }
                };
                Some((CaseStep::Matter(MatterStep::Improvement(step)), Role::Supervisor))
            },
        );
    }
}
