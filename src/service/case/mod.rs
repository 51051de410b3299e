//! A case: one matter that somebody brought, from its first word to its end. What all cases share is the [`Docket`];
//! what is particular is its matter, a state machine. A step is taken as a whole or not at all, and everything that
//! changes is told in events with who, when and why.

mod answer;
mod climb;
#[cfg(test)]
mod dispatch;
pub mod docket;
pub mod errand;
mod keeping;
pub mod ladder;
pub mod promise;
mod proposing;
pub mod record;
mod source;
pub mod task;
#[cfg(test)]
pub mod walk;

pub use docket::Docket;
pub use errand::Errand;
pub use promise::{Clock, Due, Obstacle, Promise};
pub use record::{Need, Objection, Record, subject};
pub use source::Source;
pub use task::{Channel, Eta, News, Reason, Task, TaskState, TaskStep};

use super::contact::Text;
use super::figures::days;
use super::house::House;
use super::matter::{Matter, MatterStep, Opening};
use super::number::Number;
use super::staff::{Actor, Role};
use crate::event::{Data, Event, Kind, Now, data};
use chrono::{DateTime, TimeDelta, Utc};
use docket::Fired;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Things that the time brings to one case at one look. A ladder, its end and a few promises are less than ten.
const MAX_FIRED: usize = 64;

/// A state machine: the particular part of a case.
pub trait Machine: Sized {
    /// What people do with it.
    type Step;
    /// What it begins with.
    type Request;

    const SERIES: super::number::Series;

    /// Begins: tells its first event, gives its first promises, offers its first tasks.
    fn open(request: &Self::Request, docket: &mut Docket, record: &mut Record<'_>) -> Self;

    /// Whether this person may bring it now. What people bring at the glass and devices say is open to all.
    ///
    /// # Errors
    /// Says why not: a right is missing, or a day does not lie ahead.
    fn may_be_brought(_request: &Self::Request, _by: &Actor, _house: &House, _now: Now) -> Result<(), Objection> {
        Ok(())
    }

    /// As it stands in events and on cards.
    fn state(&self) -> &'static str;

    fn is_closed(&self) -> bool;

    /// # Errors
    /// When the step does not follow from this state, something is missing, or this person may not take it.
    fn step(&mut self, step: &Self::Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection>;

    /// Whether a person's step with one of its tasks may stand: what became of it must not skip what the regulations ask
    /// for first. Nothing has changed yet that a refusal would not undo.
    ///
    /// # Errors
    /// When something must come first.
    fn allows(&self, _task: &Task, _news: &News, _record: &Record<'_>) -> Result<(), Objection> {
        Ok(())
    }

    /// One of its tasks has moved. The docket has told that already.
    fn on_task(&mut self, _task: &Task, _news: &News, _docket: &mut Docket, _record: &mut Record<'_>) {}

    /// A promise was broken. The docket has told that, and lets somebody apologise (R090).
    fn on_breach(&mut self, _clock: &Clock, _docket: &mut Docket, _record: &mut Record<'_>) {}

    /// A timer is up.
    fn on_timer(&mut self, _clock: &Clock, _docket: &mut Docket, _record: &mut Record<'_>) {}

    /// Whether this step may still come for some days after the end: a rating (R288).
    fn may_follow(&self, _step: &Self::Step) -> bool {
        false
    }

    /// Whether everything that is known of people in it must be forgotten at once: a consent was withdrawn (R271).
    fn forgets(&self) -> bool {
        false
    }

    /// What is known of people is being erased: names of staff that it kept for its own steps go, too.
    fn forget_staff(&mut self) {}

    /// Why it takes no step after its end.
    fn ended(&self) -> Objection {
        Objection::Ended
    }

    /// Whoever brought it does not want it any more.
    ///
    /// # Errors
    /// When it has gone too far for that.
    fn withdraw(&mut self, _docket: &mut Docket, _record: &mut Record<'_>) -> Result<(), Objection> {
        Err(Objection::Order(self.state()))
    }
}

/// One matter with everything that was promised about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub docket: Docket,
    pub matter: Matter,
}

/// What people do with a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    Task {
        task: u16,
        step: TaskStep,
    },
    /// A quick note (R035), visible to staff.
    Note {
        text: Text,
    },
    /// 催办 (R001).
    Chase,
    /// R038: somebody was called, written to or visited.
    Contact {
        channel: Channel,
        #[serde(default)]
        note: Option<Text>,
    },
    /// R082: needs a coded obstacle, a note and an end.
    Pause {
        promise: Promise,
        obstacle: Obstacle,
        note: Option<Text>,
        until: DateTime<Utc>,
    },
    Resume {
        promise: Promise,
    },
    Withdraw {
        #[serde(default)]
        reason: Option<Text>,
    },
    Matter(MatterStep),
}

/// A new case and what it told.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    pub case: Case,
    pub events: Vec<Event>,
}

impl Case {
    /// Opens a case.
    pub fn open(opening: &Opening, source: Source, number: Number, by: &Actor, house: &House, now: Now) -> Opened {
        Case::open_knowing(Data::new(), opening, source, number, by, house, now)
    }

    /// Opens a case of which the journal knows something: facts that stand in it from its first event, without a name.
    pub fn open_knowing(
        known: Data,
        opening: &Opening,
        source: Source,
        number: Number,
        by: &Actor,
        house: &House,
        now: Now,
    ) -> Opened {
        let mut record = Record::new(number, by, house, now);
        let mut docket = Docket::new(number, source, now);
        docket.facts = known;
        let matter = opening.open(&mut docket, &mut record);
        let mut case = Case { docket, matter };
        case.settle("", &mut record);
        Opened { events: case.told(record), case }
    }

    pub fn state(&self) -> &'static str {
        self.matter.state()
    }

    pub fn is_closed(&self) -> bool {
        self.docket.closed.is_some()
    }

    /// Takes one step, or leaves everything as it was. `seen` is the version that the person was looking at.
    ///
    /// # Errors
    /// Says why not; nothing has changed.
    pub fn step(
        &mut self,
        step: &Step,
        seen: Option<u32>,
        by: &Actor,
        house: &House,
        now: Now,
    ) -> Result<Vec<Event>, Objection> {
        let (next, events) = self.after(step, seen, by, house, now)?;
        *self = next;
        Ok(events)
    }

    /// The case as it is after a step, and what that tells.
    ///
    /// # Errors
    /// Says why the step is not taken.
    pub fn after(
        &self,
        step: &Step,
        seen: Option<u32>,
        by: &Actor,
        house: &House,
        now: Now,
    ) -> Result<(Case, Vec<Event>), Objection> {
        if !self.takes_after_end(step, house, now) {
            return Err(self.matter.ended());
        }
        if seen.is_some_and(|seen| seen < self.docket.moved) && matches!(step, Step::Matter(_)) {
            return Err(Objection::Stale(self.state()));
        }
        let mut next = self.clone();
        let mut record = Record::new(self.docket.number, by, house, now);
        next.carry_out(step, &mut record)?;
        next.settle(self.state(), &mut record);
        let events = next.told(record);
        Ok((next, events))
    }

    /// Whether the step would be taken now: what a page offers. Nothing changes and nothing is told.
    ///
    /// # Errors
    /// Says why not.
    pub fn would_take(&self, step: &Step, by: &Actor, house: &House, now: Now) -> Result<(), Objection> {
        self.after(step, None, by, house, now).map(drop)
    }

    /// A note at any time; a rating for some days: people rate when it is over.
    fn takes_after_end(&self, step: &Step, house: &House, now: Now) -> bool {
        let Some(closed) = self.docket.closed else { return true };
        match step {
            Step::Note { .. } => true,
            Step::Matter(step) => {
                self.matter.may_follow(step) && now.utc <= closed + days(house.figures.promise.rating_days)
            }
            _ => false,
        }
    }

    fn carry_out(&mut self, step: &Step, record: &mut Record<'_>) -> Result<(), Objection> {
        let Case { docket, matter } = self;
        match step {
            Step::Task { task, step } => {
                let (task, news) = docket.take(*task, step, record)?;
                matter.allows(&task, &news, record)?;
                matter.on_task(&task, &news, docket, record);
                Ok(())
            }
            Step::Note { text } => {
                record.needs_staff()?;
                record.tell_about(Kind::CaseNoted, Data::new(), data([("text", json!(text.as_str()))]));
                Ok(())
            }
            Step::Chase => docket.chase(record),
            Step::Contact { channel, note } => {
                record.needs_staff()?;
                let person = note.as_ref().map(|note| data([("text", json!(note.as_str()))])).unwrap_or_default();
                record.tell_about(Kind::ContactMade, data([("channel", json!(channel.name()))]), person);
                Ok(())
            }
            Step::Pause { promise, obstacle, note, until } => {
                record.needs_role(&[Role::FrontDesk, Role::Engineer, Role::Supervisor, Role::ProjectManager])?;
                let note = note.as_ref().ok_or(Objection::Needs(Need::Note))?;
                docket.pause(*promise, *obstacle, *until, record)?;
                let facts = data([
                    ("promise", json!(promise.name())),
                    ("obstacle", json!(obstacle.name())),
                    ("until", json!(until)),
                ]);
                record.tell_about(Kind::PromisePaused, facts, data([("text", json!(note.as_str()))]));
                Ok(())
            }
            Step::Resume { promise } => {
                record.needs_staff()?;
                docket.resume(*promise, record)
            }
            Step::Withdraw { reason } => {
                matter.withdraw(docket, record)?;
                let person = reason.as_ref().map(|text| data([("text", json!(text.as_str()))])).unwrap_or_default();
                record.tell_about(Kind::CaseWithdrawn, Data::new(), person);
                Ok(())
            }
            Step::Matter(step) => matter.step(step, docket, record),
        }
    }

    /// Does everything that the time has brought since the last look.
    pub fn fire(&mut self, house: &House, now: Now) -> Vec<Event> {
        let before = self.state();
        let mut record = Record::new(self.docket.number, &Actor::DAEMON, house, now);
        for _ in 0..MAX_FIRED {
            let Some(fired) = self.docket.fire(&mut record) else { break };
            let Case { docket, matter } = self;
            match fired {
                Fired::Quiet | Fired::Task(_, None) => {}
                Fired::Task(task, Some(news)) => matter.on_task(&task, &news, docket, &mut record),
                Fired::Timer(clock) => {
                    if clock.promise == Promise::ArrivalCheck {
                        let facts = data([("about", json!(clock.task))]);
                        docket.offer(Errand::AskReporter, facts, &mut record);
                    }
                    matter.on_timer(&clock, docket, &mut record);
                }
                Fired::Breach(clock) => {
                    if docket.reporter && docket.errands(Errand::Apologise).next().is_none() {
                        let facts = data([("promise", json!(clock.promise.name()))]);
                        docket.offer(Errand::Apologise, facts, &mut record);
                    }
                    matter.on_breach(&clock, docket, &mut record);
                }
            }
            if matter_closed(self, &mut record, before) {
                break;
            }
        }
        if record.events.is_empty() {
            return Vec::new();
        }
        self.settle(before, &mut record);
        self.told(record)
    }

    /// When [`Case::fire`] next has something to do.
    pub fn wakes(&self, house: &House) -> Option<DateTime<Utc>> {
        if self.is_closed() { None } else { self.docket.wakes(house) }
    }

    /// The gateway's clock was stepped by `by`: spans that were measured since `since` move with it.
    pub fn shift(&mut self, by: TimeDelta, since: DateTime<Utc>) {
        self.docket.shift(by, since);
    }

    /// After a step: versions, and the end of what ends with the case.
    fn settle(&mut self, before: &'static str, record: &mut Record<'_>) {
        self.docket.version += 1;
        if self.state() != before {
            self.docket.moved = self.docket.version;
        }
        if self.matter.is_closed() && self.docket.closed.is_none() {
            self.docket.cancel_where(|_| true, "case-closed", record);
            for promise in Promise::ALL {
                self.docket.release(promise, "case-closed", record);
            }
            self.docket.clocks.clear();
            self.docket.closed = Some(record.now.utc);
        }
    }

    /// The events, each with the state that the step led to.
    fn told(&self, record: Record<'_>) -> Vec<Event> {
        let mut events = record.events;
        for event in &mut events {
            event.data.insert("state", json!(self.state()));
            #[cfg(all(feature = "contract", test))]
            crate::service::contract::hold(event);
        }
        events
    }
}

/// A case that has closed takes nothing more that the time would bring.
fn matter_closed(case: &mut Case, record: &mut Record<'_>, before: &'static str) -> bool {
    if !case.matter.is_closed() {
        return false;
    }
    case.settle(before, record);
    true
}
