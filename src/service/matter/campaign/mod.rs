//! 满意度调查 (R289-R291): a short one each quarter and a full one each year, unless the house does it in other months. The
//! calendar proposes it; supervisor or project manager begin it, and may end it; it ends by itself with its last day. Whoever
//! answers has no name here: stars are counted, and what he wishes stands in its event's person part alone.

mod outcome;
mod questions;
#[cfg(test)]
mod tests;

pub use outcome::{Counted, KEPT, MEMO, Outcome, last_of, read};
pub use questions::{MAX_QUESTIONS, Question, usual};

use super::repair::Stars;
use crate::event::{Data, Kind, Slug, data};
use crate::service::calendar::instant;
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task, ladder};
use crate::service::contact::Text;
use crate::service::figures::{Surveys, hours};
use crate::service::house::{Duty, House};
use crate::service::local_time::LocalTime;
use crate::service::number::{Number, Series};
use crate::service::staff::{Actor, Role, Via};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// R291: who holds a survey.
pub const LEADERS: [Role; 2] = [Role::Supervisor, Role::ProjectManager];
/// Longest survey in days: a quarter. Beyond it the next one has begun.
pub const MAX_DAYS: i64 = 92;
/// Answers are bounded within so much time.
const WINDOW_HOURS: u32 = 1;
/// A report that nobody has read for so long goes to the superiors: it lies ready at midnight, and nobody is called out of bed
/// for it. Ours.
const READ_WITHIN_HOURS: u32 = 48;
const MIDNIGHT: LocalTime = LocalTime::new(0, 0);

/// How much it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// Each quarter (R290).
    Pulse,
    /// R289.
    Yearly,
}

impl Extent {
    pub const fn name(self) -> &'static str {
        match self {
            Extent::Pulse => "pulse",
            Extent::Yearly => "yearly",
        }
    }

    /// Days that it lasts where nobody says.
    const fn days(self, figures: &Surveys) -> u32 {
        match self {
            Extent::Pulse => figures.pulse_days,
            Extent::Yearly => figures.yearly_days,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The company's word for it; without one its kind is its name.
    #[serde(default)]
    pub name: Option<Text>,
    pub kind: Extent,
    /// First and last day, the site's.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// None: the usual ones.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// By the calendar: somebody shall begin it on one of these days.
    #[serde(default)]
    pub proposed: bool,
    /// The one before it of its kind. The desk fills it in.
    #[serde(default)]
    pub before: Option<Outcome>,
}

/// The calendar's key: one proposal of a kind in a month.
pub fn key(kind: Extent, from: NaiveDate) -> String {
    format!("survey:{}:{from}", kind.name())
}

/// Whether this may be opened by hand.
///
/// # Errors
/// When somebody else holds surveys here, or the days or the questions cannot stand.
pub fn may_open(request: &Request, by: &Actor, today: NaiveDate) -> Result<(), Objection> {
    if !by.is(&LEADERS) {
        return Err(Objection::Right);
    }
    let length = request.to.signed_duration_since(request.from).num_days() + 1;
    if request.to < today || !(1..=MAX_DAYS).contains(&length) {
        return Err(Objection::Needs(Need::Days));
    }
    let codes: BTreeSet<&Slug> = request.questions.iter().map(|question| &question.code).collect();
    if request.questions.len() > MAX_QUESTIONS || codes.len() != request.questions.len() {
        return Err(Objection::Full);
    }
    let name = request.name.as_ref().is_none_or(|name| name.as_str().chars().count() <= questions::MAX_QUESTION);
    if !name || !request.questions.iter().all(Question::may_be_asked) {
        return Err(Objection::Wording);
    }
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    pub name: Option<Text>,
    pub kind: Extent,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub questions: Vec<Question>,
    pub phase: Phase,
    pub answers: u32,
    /// By question: how many gave one star, two, …, five.
    pub counts: Vec<[u32; 5]>,
    /// When the last answers came, those of the last hour.
    recent: Vec<DateTime<Utc>>,
    pub before: Option<Outcome>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The calendar says that one is due.
    Proposed,
    /// Its first day is still to come.
    Planned,
    Running,
    /// The report lies with the supervisor.
    Ended,
    Closed,
    CalledOff,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// Now, whatever day was planned.
    Begin,
    /// Somebody at the glass: each question, one to five stars.
    Answer {
        stars: BTreeMap<Slug, Stars>,
        #[serde(default)]
        wish: Option<Text>,
    },
    /// Before its last day is over.
    End,
    /// It has not begun and will not.
    CallOff { reason: Text },
}

impl Machine for Campaign {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Survey;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        let Request { name, kind, from, to, questions, proposed, before } = request.clone();
        let questions = if questions.is_empty() { usual(kind) } else { questions };
        docket.facts = data([("survey", json!(kind.name())), ("from", json!(from)), ("to", json!(to))]);
        let counts = vec![[0; 5]; questions.len()];
        let phase = if proposed { Phase::Proposed } else { Phase::Planned };
        let mut campaign =
            Campaign { name, kind, from, to, questions, phase, answers: 0, counts, recent: Vec::new(), before };
        let mut facts = docket.facts.clone();
        let codes: Vec<&Slug> = campaign.questions.iter().map(|question| &question.code).collect();
        facts.extend(data([("questions", json!(codes)), ("proposed", json!(proposed))]));
        record.tell(Kind::SurveyPlanned, facts);
        let now = record.now.utc;
        let first = midnight(campaign.from, record.house, now);
        if proposed {
            docket.key = Some(key(kind, from));
            let until = campaign.over(record.house, now);
            docket.promise(Promise::Finish, Due::At(until), record);
            let ladder = ladder::until(record.house, Duty::Supervise, until, record.now);
            docket.offer_to(Errand::PrepareSurvey, ladder, Data::new(), record);
        } else if first <= now {
            campaign.begin(docket, record);
        } else {
            docket.promise(Promise::Look, Due::At(first), record);
        }
        campaign
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Proposed => "proposed",
            Phase::Planned => "planned",
            Phase::Running => "running",
            Phase::Ended => "ended",
            Phase::Closed => "closed",
            Phase::CalledOff => "called-off",
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed | Phase::CalledOff)
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        if let Step::Answer { stars, wish } = step {
            return self.answer(stars, wish.as_ref(), record);
        }
        record.needs_role(&LEADERS)?;
        match (step, self.phase) {
            (Step::Begin, Phase::Proposed) => {
                self.from = today(record);
                let days = self.kind.days(&record.house.figures.survey);
                self.to = self.from.checked_add_days(Days::new(u64::from(days.max(1)) - 1)).unwrap_or(self.from);
                self.begin(docket, record);
            }
            (Step::Begin, Phase::Planned) => {
                self.from = today(record);
                self.begin(docket, record);
            }
            (Step::End, Phase::Running) => self.end(docket, record),
            (Step::CallOff { reason }, Phase::Proposed | Phase::Planned) => {
                self.phase = Phase::CalledOff;
                record.tell_about(Kind::SurveyCalledOff, Data::new(), data([("text", json!(reason.as_str()))]));
            }
            _ => return Err(Objection::Order(self.state())),
        }
        Ok(())
    }

    /// A survey is begun or called off: nobody does that by ticking off a task.
    fn allows(&self, task: &Task, news: &News, _: &Record<'_>) -> Result<(), Objection> {
        match (task.errand, news) {
            (Errand::PrepareSurvey, News::Done { .. }) => Err(Objection::Needs(Need::SurveyBegun)),
            _ => Ok(()),
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, _: &mut Docket, record: &mut Record<'_>) {
        if let (Errand::KnowSurvey, News::Done { .. }) = (task.errand, news) {
            self.phase = Phase::Closed;
            record.tell(Kind::SurveyClosed, Data::new());
        }
    }

    /// R290: what was proposed and not begun is marked, and stays to be begun.
    fn on_breach(&mut self, _: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        docket.highlighted = true;
        if docket.errands(Errand::PrepareSurvey).next().is_none() {
            docket.offer(Errand::PrepareSurvey, Data::new(), record);
        }
    }

    fn on_timer(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        match (clock.promise, self.phase) {
            (Promise::Look, Phase::Planned) => self.begin(docket, record),
            (Promise::DayEnd, Phase::Running) => self.end(docket, record),
            _ => {}
        }
    }
}

impl Campaign {
    fn begin(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        self.phase = Phase::Running;
        docket.learn(&data([("from", json!(self.from)), ("to", json!(self.to))]));
        record.tell(Kind::SurveyBegun, docket.facts.clone());
        docket.keep(Promise::Finish, record);
        docket.keep(Promise::Look, record);
        docket.done(Errand::PrepareSurvey, record);
        // A clock that was set forward over the last day: it is over at the next look.
        let over = self.over(record.house, record.now.utc);
        docket.promise(Promise::DayEnd, Due::At(over), record);
    }

    fn answer(
        &mut self,
        stars: &BTreeMap<Slug, Stars>,
        wish: Option<&Text>,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        // Anonymous: only at the glass, where nobody is signed in.
        if record.by.via != Via::Kiosk || record.by.role.is_some() {
            return Err(Objection::Right);
        }
        if self.phase != Phase::Running {
            return Err(Objection::Order(self.state()));
        }
        if stars.len() != self.questions.len() || !self.questions.iter().all(|asked| stars.contains_key(&asked.code)) {
            return Err(Objection::Needs(Need::Choice));
        }
        let now = record.now.utc;
        // A clock that was set back leaves answers of the future: they count no more.
        self.recent.retain(|at| now - hours(WINDOW_HOURS) < *at && *at <= now);
        if self.recent.len() >= most(record.house) {
            return Err(Objection::TooSoon);
        }
        self.recent.push(now);
        self.answers += 1;
        for (question, counts) in self.questions.iter().zip(&mut self.counts) {
            counts[usize::from(u8::from(stars[&question.code])) - 1] += 1;
        }
        let person = wish.map(|wish| data([("text", json!(wish.as_str()))])).unwrap_or_default();
        let facts = data([("survey", json!(self.kind.name())), ("rating", json!(stars))]);
        record.tell_about(Kind::SurveyAnswered, facts, person);
        Ok(())
    }

    /// R291: the report goes to whoever leads the service, and with its event to the office.
    fn end(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        self.phase = Phase::Ended;
        docket.keep(Promise::DayEnd, record);
        docket.learn(&data([("answers", json!(self.answers))]));
        let outcome = self.outcome(docket.number);
        let mut facts = docket.facts.clone();
        facts.insert("results".into(), outcome.told(self.before.as_ref()));
        if let Some(before) = &self.before {
            facts.insert("before".into(), json!({ "from": before.from, "answers": before.answers }));
        }
        record.tell(Kind::SurveyEnded, facts);
        let until = record.now.utc + hours(READ_WITHIN_HOURS);
        let ladder = ladder::until(record.house, Duty::Supervise, until, record.now);
        docket.offer_to(Errand::KnowSurvey, ladder, Data::new(), record);
    }

    pub fn outcome(&self, number: Number) -> Outcome {
        let codes = self.questions.iter().map(|question| question.code.clone());
        let results = codes.zip(&self.counts).map(|(code, stars)| Counted { code, stars: *stars }).collect();
        Outcome {
            number,
            name: self.name.clone(),
            kind: self.kind,
            from: self.from,
            to: self.to,
            answers: self.answers,
            results,
        }
    }

    /// Until when no further answer is taken, where the limit of the hour is reached.
    pub fn full_until(&self, house: &House) -> Option<DateTime<Utc>> {
        let first = self.recent.len().checked_sub(most(house))?;
        Some(*self.recent.get(first)? + hours(WINDOW_HOURS))
    }

    /// The midnight after its last day.
    fn over(&self, house: &House, now: DateTime<Utc>) -> DateTime<Utc> {
        self.to.succ_opt().map_or(now, |day| midnight(day, house, now))
    }
}

/// Answers that one glass takes within an hour: a child at the glass is not five hundred residents.
fn most(house: &House) -> usize {
    house.figures.survey.answers_per_hour.max(1) as usize
}

fn today(record: &Record<'_>) -> NaiveDate {
    record.now.utc.with_timezone(&record.house.zone).date_naive()
}

/// When this day begins at the site; now, where a date has no beginning.
fn midnight(day: NaiveDate, house: &House, now: DateTime<Utc>) -> DateTime<Utc> {
    instant(day, MIDNIGHT, house.zone).unwrap_or(now)
}
