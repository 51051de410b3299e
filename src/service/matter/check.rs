//! What is looked through and signed: the day's records by the supervisor before going off duty (R299), last month's by the
//! project manager by the 5th (R300), and in the evening who is still in the house. Also what nobody signs and somebody must
//! see: that a half-year has no meeting with the residents (R293), that a month's birthdays are ready (R271). Nothing is
//! signed by time alone: an unsigned day stays open, marked.

use crate::event::{Data, Kind, data};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task, ladder};
use crate::service::contact::Text;
use crate::service::house::Duty;
use crate::service::number::{Number, Series};
use crate::service::staff::Role;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Open tickets named in one check. A lobby with more has its list on the page; the count is told whole.
pub const MAX_LISTED: usize = 200;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The records of a local day (R299), and the round of the service windows (R078).
    Day(NaiveDate),
    /// The month that begins on this day (R300).
    Month(NaiveDate),
    /// Who has not signed out in the evening of this day.
    Visitors(NaiveDate),
    /// R293: no meeting is planned in the half-year of this day.
    Meeting(NaiveDate),
    /// R271: the list of the month that begins on this day.
    Birthdays(NaiveDate),
}

impl About {
    pub const fn name(self) -> &'static str {
        match self {
            About::Day(_) => "day",
            About::Month(_) => "month",
            About::Visitors(_) => "visitors",
            About::Meeting(_) => "meeting",
            About::Birthdays(_) => "birthdays",
        }
    }

    pub const fn day(self) -> NaiveDate {
        match self {
            About::Day(day)
            | About::Month(day)
            | About::Visitors(day)
            | About::Meeting(day)
            | About::Birthdays(day) => day,
        }
    }

    /// R299, R300: who signs. The project manager may stand in for the supervisor, not the other way round.
    const fn signers(self) -> &'static [Role] {
        match self {
            About::Day(_) => &[Role::Supervisor, Role::ProjectManager],
            About::Month(_) => &[Role::ProjectManager],
            About::Visitors(_) | About::Meeting(_) | About::Birthdays(_) => &[],
        }
    }

    const fn errand(self) -> Errand {
        match self {
            About::Visitors(_) => Errand::CheckVisitors,
            About::Meeting(_) => Errand::PlanMeeting,
            About::Birthdays(_) => Errand::SeeBirthdays,
            About::Day(_) | About::Month(_) => Errand::Sign,
        }
    }
}

/// A check, as the calendar opens it. The desk fills in what is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub about: About,
    pub until: DateTime<Utc>,
    /// R299: tickets without an end, at most [`MAX_LISTED`] of them.
    #[serde(default)]
    pub open: Vec<Number>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub about: About,
    /// Tickets without an end when it was opened: what the page shows beside the signature.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Number>,
    pub signed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// Named, timed (R299, R300).
    Sign {
        /// The tickets that the page showed as open when it was signed: each has its owner now. None: those of the opening.
        #[serde(default)]
        open: Vec<Number>,
        /// R078: the service windows and the kiosk were looked at.
        #[serde(default)]
        windows: bool,
        #[serde(default)]
        note: Option<Text>,
    },
    /// R293: a meeting was planned. The daemon says so; nobody can by hand.
    Planned,
}

/// There is one check of a day or month.
pub fn key(about: About) -> String {
    format!("check:{}:{}", about.name(), about.day())
}

impl Machine for Check {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Check;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        let about = request.about;
        docket.key = Some(key(about));
        docket.facts =
            data([("about", json!(about.name())), ("of", json!(about.day())), ("until", json!(request.until))]);
        let mut facts = docket.facts.clone();
        facts.extend(listed(&request.open));
        record.tell(Kind::CheckDue, facts);
        docket.promise(Promise::Finish, Due::At(request.until), record);
        match about {
            About::Visitors(_) | About::Birthdays(_) => docket.offer(about.errand(), Data::new(), record),
            About::Meeting(_) => docket.offer_to(
                Errand::PlanMeeting,
                ladder::until(record.house, Duty::Manage, request.until, record.now),
                Data::new(),
                record,
            ),
            About::Day(_) => {
                let ladder = ladder::until(record.house, Duty::Supervise, request.until, record.now);
                docket.offer_to(Errand::Sign, ladder, Data::new(), record)
            }
            About::Month(_) => {
                let ladder = ladder::until(record.house, Duty::Manage, request.until, record.now);
                docket.offer_to(Errand::Sign, ladder, Data::new(), record)
            }
        };
        Check { about, open: request.open.iter().copied().take(MAX_LISTED).collect(), signed: false }
    }

    fn state(&self) -> &'static str {
        if self.signed { "closed" } else { "due" }
    }

    fn is_closed(&self) -> bool {
        self.signed
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        let Step::Sign { open, windows, note } = step else {
            record.needs_daemon()?;
            if !matches!(self.about, About::Meeting(_)) {
                return Err(Objection::WrongMatter);
            }
            docket.done(Errand::PlanMeeting, record);
            self.close(docket, record);
            return Ok(());
        };
        record.needs_role(self.about.signers())?;
        if open.len() > MAX_LISTED {
            return Err(Objection::Full);
        }
        docket.keep(Promise::Finish, record);
        let mut facts = listed(if open.is_empty() { &self.open } else { open });
        facts.extend(data([("about", json!(self.about.name())), ("of", json!(self.about.day()))]));
        facts.insert("windows".into(), json!(windows));
        let person = note.as_ref().map(|note| data([("text", json!(note.as_str()))])).unwrap_or_default();
        record.tell_about(Kind::CheckSigned, facts, person);
        self.signed = true;
        Ok(())
    }

    /// A signature is a step of its own: nobody signs by ticking off a task.
    fn allows(&self, task: &Task, news: &News, _: &Record<'_>) -> Result<(), Objection> {
        match (task.errand, news) {
            (Errand::Sign, News::Done { .. }) => Err(Objection::Needs(Need::Signature)),
            _ => Ok(()),
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, docket: &mut Docket, record: &mut Record<'_>) {
        if let (Errand::CheckVisitors | Errand::PlanMeeting | Errand::SeeBirthdays, News::Done { .. }) =
            (task.errand, news)
        {
            self.close(docket, record);
        }
    }

    /// R299: an unsigned day is marked, and stays to be signed.
    fn on_breach(&mut self, _: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        docket.highlighted = true;
        if docket.errands(self.about.errand()).next().is_none() {
            docket.offer(self.about.errand(), Data::new(), record);
        }
    }
}

impl Check {
    fn close(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        docket.keep(Promise::Finish, record);
        record.tell(Kind::CheckClosed, data([("about", json!(self.about.name())), ("of", json!(self.about.day()))]));
        self.signed = true;
    }
}

/// Numbers of events: as people say them, and how many.
fn listed(open: &[Number]) -> Data {
    let names: Vec<String> = open.iter().take(MAX_LISTED).map(Number::to_string).collect();
    data([("open", json!(names)), ("open_count", json!(open.len()))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Now;
    use crate::service::case::walk::{Plan, house, slug, staff, text, walk};
    use crate::service::case::{Case, Source, Step as CaseStep, TaskStep};
    use crate::service::matter::{MatterStep, Opening};
    use crate::service::staff::Actor;
    use chrono::TimeDelta;
    use proptest::prelude::*;

    fn now(seconds: i64) -> Now {
        Now { utc: DateTime::from_timestamp(1_795_233_600, 0).unwrap() + TimeDelta::seconds(seconds), synced: true }
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
    }

    fn open(about: About) -> (Case, Vec<crate::event::Event>) {
        let repair = Number { series: Series::Repair, day: 20_261_120, nth: 3 };
        let opening = Opening::Check(Request { about, until: now(3600).utc, open: vec![repair] });
        let number = Number { series: Series::Check, day: 20_261_121, nth: 1 };
        let opened = Case::open(&opening, Source::Daemon, number, &Actor::DAEMON, &house(), now(0));
        (opened.case, opened.events)
    }

    fn sign(case: &mut Case, role: Role, seconds: i64) -> Result<Vec<crate::event::Event>, Objection> {
        let step = CaseStep::Matter(MatterStep::Check(Step::Sign { open: Vec::new(), windows: true, note: None }));
        case.step(&step, None, &staff(role), &house(), now(seconds))
    }

    #[test]
    fn the_day_is_signed_by_the_supervisor_with_what_is_still_open_by_number() {
        let (mut case, told) = open(About::Day(today()));
        assert_eq!(told[0].data["open"], json!(["R-1120-03"]));
        for role in [Role::FrontDesk, Role::Guard, Role::Auditor, Role::Engineer] {
            assert_eq!(sign(&mut case, role, 60).unwrap_err(), Objection::Right);
        }
        let events = sign(&mut case, Role::Supervisor, 60).unwrap();
        let signed = events.iter().find(|event| event.kind == Kind::CheckSigned).unwrap();
        assert_eq!((&signed.data["open"], &signed.data["by"]), (&json!(["R-1120-03"]), &json!("supervisor")));
        assert!(case.is_closed());
    }

    #[test]
    fn an_unsigned_day_is_a_breach_goes_to_the_manager_and_stays_to_be_signed() {
        let (mut case, _) = open(About::Day(today()));
        case.fire(&house(), now(3599));
        assert_eq!(case.docket.tasks[0].asked().map(|post| post.as_str()).collect::<Vec<_>>(), ["office"]);
        let events = case.fire(&house(), now(3600));
        assert!(events.iter().any(|event| event.kind == Kind::PromiseBreached));
        assert!(case.docket.highlighted && !case.is_closed());
        assert!(case.docket.tasks[0].asked().any(|post| post.as_str() == "manager"));
        sign(&mut case, Role::Supervisor, 90_000).unwrap();
        assert!(case.is_closed());
    }

    #[test]
    fn the_month_is_signed_by_the_project_manager_and_nobody_else() {
        let (mut case, _) = open(About::Month(today()));
        assert_eq!(sign(&mut case, Role::Supervisor, 60).unwrap_err(), Objection::Right);
        sign(&mut case, Role::ProjectManager, 60).unwrap();
    }

    #[test]
    fn nobody_signs_by_ticking_off_a_task() {
        let (mut case, _) = open(About::Day(today()));
        let task = case.docket.tasks[0].id;
        let done = CaseStep::Task { task, step: TaskStep::Done { outcome: None, channel: None, note: None } };
        let refused = case.step(&done, None, &staff(Role::Supervisor), &house(), now(1));
        assert_eq!(refused.unwrap_err(), Objection::Needs(Need::Signature));
    }

    #[test]
    fn the_evenings_look_is_done_by_a_guard_and_signed_by_nobody() {
        let (mut case, _) = open(About::Visitors(today()));
        assert_eq!(sign(&mut case, Role::ProjectManager, 1).unwrap_err(), Objection::Right);
        let task = case.docket.tasks[0].id;
        let done = CaseStep::Task {
            task,
            step: TaskStep::Done { outcome: Some(slug("all-gone")), channel: None, note: None },
        };
        case.step(&done, None, &staff(Role::Guard), &house(), now(1)).unwrap();
        assert!(case.is_closed());
    }

    #[test]
    fn a_half_year_without_a_meeting_asks_the_manager_until_one_is_planned_and_is_marked_when_it_is_over() {
        let (mut case, _) = open(About::Meeting(today()));
        assert_eq!(case.docket.tasks[0].asked().map(|post| post.as_str()).collect::<Vec<_>>(), ["manager"]);
        let events = case.fire(&house(), now(3600));
        assert!(events.iter().any(|event| event.kind == Kind::PromiseBreached));
        assert!(case.docket.highlighted && !case.is_closed());
        let planned = CaseStep::Matter(MatterStep::Check(Step::Planned));
        let by_hand = case.step(&planned, None, &staff(Role::ProjectManager), &house(), now(3700));
        assert_eq!(by_hand.unwrap_err(), Objection::Right);
        case.step(&planned, None, &Actor::DAEMON, &house(), now(3700)).unwrap();
        assert!(case.is_closed());
    }

    #[test]
    fn no_check_ends_unsigned() {
        let about = prop::sample::select(vec![
            About::Day(today()),
            About::Month(today()),
            About::Visitors(today()),
            About::Meeting(today()),
            About::Birthdays(today()),
        ]);
        let openings =
            about.prop_map(|about| Opening::Check(Request { about, until: now(3600).utc, open: Vec::new() }));
        let sign = (any::<bool>(), prop::option::of(Just(text())))
            .prop_map(|(windows, note)| MatterStep::Check(Step::Sign { open: Vec::new(), windows, note }));
        let sign = prop_oneof![4 => sign, 1 => Just(MatterStep::Check(Step::Planned))];
        walk(&Plan {
            openings: openings.boxed(),
            steps: sign.boxed(),
            allowed: &[("", &["due"]), ("due", &["closed"])],
            waits: &[],
            outcomes: &["all-gone"],
            check: &|seen| {
                let signed = seen.count(Kind::CheckSigned) + seen.count(Kind::CheckClosed);
                assert_eq!(seen.after.is_closed(), signed == 1);
                let planned = matches!(seen.step, Some(CaseStep::Matter(MatterStep::Check(Step::Planned))));
                let by_somebody = seen.by.role.is_some() || planned;
                assert!(!seen.after.is_closed() || seen.before.is_closed() || by_somebody, "signed by time");
            },
            walks: 200,
            attempts: 30,
        });
    }
}
