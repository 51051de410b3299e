//! The part that all cases share: number, place, tasks on their ladders, promises with their clocks.

use super::errand::{Errand, Form};
use super::ladder;
use super::promise::{Clock, Due, Promise};
use super::record::{Objection, Record};
use super::source::Source;
use super::task::{Ladder, News, Task, TaskState, TaskStep};
use crate::event::{Data, Kind, Now, Slug};
use crate::service::figures::minutes;
use crate::service::house::House;
use crate::service::number::Number;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Tasks of one case at one time. An emergency has five; more than this is a fault in a rule.
const MAX_TASKS: usize = 24;

/// What every case has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Docket {
    pub number: Number,
    pub opened: DateTime<Utc>,
    pub source: Source,
    /// Language of whoever brought it, BCP 47 (R321).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Names what there is only one open case of: `call:lobby`. Of the visits of one invitation the newest is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Somebody waits for an answer: a broken promise is apologised for (R090).
    pub reporter: bool,
    /// Door, unit, place, category: what cards and tasks say. No name.
    pub facts: Data,
    pub tasks: Vec<Task>,
    pub clocks: Vec<Clock>,
    /// Counts every change, and the one in which the state last changed: a stale page is found out.
    pub version: u32,
    pub moved: u32,
    /// R062, R064: marked in the register.
    #[serde(default)]
    pub highlighted: bool,
    /// Last 催办 (R001).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chased: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<DateTime<Utc>>,
    /// Whoever it is about has asked to be erased: with its end it forgets people. The keyed hash of his number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erase: Option<String>,
    next_task: u16,
}

impl Docket {
    pub(super) fn new(number: Number, source: Source, now: Now) -> Self {
        Docket {
            number,
            opened: now.utc,
            source,
            language: None,
            key: None,
            reporter: false,
            facts: Data::new(),
            tasks: Vec::new(),
            clocks: Vec::new(),
            version: 0,
            moved: 0,
            highlighted: false,
            chased: None,
            closed: None,
            erase: None,
            next_task: 1,
        }
    }

    // Tasks.

    /// Offers a task to its ladder at once (R052). Returns its id.
    pub fn offer(&mut self, errand: Errand, facts: Data, record: &mut Record<'_>) -> u16 {
        let door = facts.get("door").or_else(|| self.facts.get("door")).and_then(|door| door.as_str());
        let door = door.and_then(|door| Slug::new(door).ok());
        let ladder = ladder::usual(record.house, errand, door.as_ref(), record.now);
        self.offer_to(errand, ladder, facts, record)
    }

    /// Offers a task to a ladder of its own.
    pub fn offer_to(&mut self, errand: Errand, ladder: Ladder, facts: Data, record: &mut Record<'_>) -> u16 {
        let id = self.next_task;
        self.next_task = self.next_task.saturating_add(1);
        if self.tasks.len() >= MAX_TASKS {
            let oldest = self.tasks[0].id;
            self.cancel_where(|task| task.id == oldest, "too-many", record);
        }
        let mut all = self.facts.clone();
        all.extend(facts);
        let task = Task {
            id,
            errand,
            facts: all,
            ladder,
            rung: 0,
            offered: record.now.utc,
            base: record.now.utc,
            state: TaskState::Offered,
            declined: Vec::new(),
            proposed: None,
            said_no: Vec::new(),
            reminders: 0,
        };
        task.offer(record);
        if errand.form() == Form::Appointed {
            let due = record.now.utc + crate::service::figures::seconds(record.house.figures.dispatch.accept_seconds);
            self.promise_for(Some(id), Promise::Accept, Due::After(due), record);
        }
        self.tasks.push(task);
        id
    }

    pub fn task(&self, id: u16) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id == id)
    }

    /// Something became known: the case and its open tasks say it from now on.
    pub fn learn(&mut self, facts: &Data) {
        for known in std::iter::once(&mut self.facts).chain(self.tasks.iter_mut().map(|task| &mut task.facts)) {
            known.extend(facts.clone());
        }
    }

    /// The open tasks of this errand.
    pub fn errands(&self, errand: Errand) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(move |task| task.errand == errand)
    }

    /// Takes back every open task of this errand.
    pub fn cancel(&mut self, errand: Errand, why: &str, record: &mut Record<'_>) {
        self.cancel_where(|task| task.errand == errand, why, record);
    }

    /// The matter's own step has done what these tasks were for. Told as done, by whoever took the step.
    pub fn done(&mut self, errand: Errand, record: &mut Record<'_>) {
        let (done, kept): (Vec<Task>, Vec<Task>) =
            std::mem::take(&mut self.tasks).into_iter().partition(|task| task.errand == errand);
        self.tasks = kept;
        for task in done {
            task.tell_done(record);
            self.keep_for(Some(task.id), Promise::Accept, record);
            self.keep_for(Some(task.id), Promise::Arrive, record);
            self.release_task(task.id, &Promise::ALL, "task-done", record);
        }
    }

    /// Whoever has claimed this has not come: it goes back to its ladder, one rung up (R055, R059).
    pub fn take_back(&mut self, errand: Errand, why: &str, record: &mut Record<'_>) {
        let claimed = |task: &&mut Task| task.errand == errand && matches!(task.state, TaskState::Claimed { .. });
        let Some(task) = self.tasks.iter_mut().find(claimed) else { return };
        let news = task.take_back(why, record);
        let task = task.clone();
        self.follow(&task, &news, record);
    }

    /// Whoever was to be asked could not be reached: the same posts try once more, and each further try is one rung
    /// higher (R055, R059). The last rung keeps it.
    pub fn try_again(&mut self, task: &Task, record: &mut Record<'_>) {
        let tries = task.facts.get("tries").and_then(serde_json::Value::as_u64).unwrap_or(1);
        let mut ladder = task.ladder.clone();
        if tries > 1 {
            ladder.rungs.drain(..(task.rung + 1).min(ladder.rungs.len().saturating_sub(1)));
            let first = ladder.rungs.first().map_or(0, |rung| rung.after);
            ladder.rungs.iter_mut().for_each(|rung| rung.after = rung.after.saturating_sub(first));
        }
        let mut facts = task.facts.clone();
        facts.insert("tries".into(), json!(tries + 1));
        self.offer_to(task.errand, ladder, facts, record);
    }

    pub(super) fn cancel_where(&mut self, which: impl Fn(&Task) -> bool, why: &str, record: &mut Record<'_>) {
        let (gone, kept): (Vec<Task>, Vec<Task>) = std::mem::take(&mut self.tasks).into_iter().partition(which);
        self.tasks = kept;
        for task in gone {
            task.cancel(why, record);
            self.release_task(task.id, &Promise::ALL, why, record);
        }
    }

    /// A person's step with one task.
    pub(in crate::service) fn take(
        &mut self,
        id: u16,
        step: &TaskStep,
        record: &mut Record<'_>,
    ) -> Result<(Task, News), Objection> {
        let given = (1..self.next_task).contains(&id);
        let index = self.tasks.iter().position(|task| task.id == id);
        let index = index.ok_or(if given { Objection::Ended } else { Objection::Unknown })?;
        let news = self.tasks[index].take(step, record)?;
        let task = self.tasks[index].clone();
        self.follow(&task, &news, record);
        Ok((task, news))
    }

    /// The same errand for another reason: the task gets a new id, so that a page that has not heard of it cannot claim it
    /// unseen; its ladder goes on climbing where it was.
    pub fn renew(&mut self, errand: Errand, why: &str, record: &mut Record<'_>) {
        let (id, facts) = (self.next_task, self.facts.clone());
        let Some(task) = self.tasks.iter_mut().find(|task| task.errand == errand) else { return };
        self.next_task = self.next_task.saturating_add(1);
        task.cancel(why, record);
        self.clocks.iter_mut().filter(|clock| clock.task == Some(task.id)).for_each(|clock| clock.task = Some(id));
        task.id = id;
        task.facts.extend(facts);
        task.offer(record);
    }

    /// A device says that whoever has claimed this errand is there. `None` if nobody has.
    pub fn reached(&mut self, errand: Errand, record: &mut Record<'_>) -> Option<(Task, News)> {
        let task = self.tasks.iter_mut().find(|task| task.errand == errand)?;
        let news = task.reached(record)?;
        let task = task.clone();
        self.follow(&task, &news, record);
        Some((task, news))
    }

    /// The clocks and the list follow what became of a task.
    fn follow(&mut self, task: &Task, news: &News, record: &mut Record<'_>) {
        match news {
            News::Claimed { eta, .. } => {
                self.keep_for(Some(task.id), Promise::Accept, record);
                if let (Some(eta), Form::Appointed) = (eta, task.errand.form()) {
                    self.promise_for(Some(task.id), Promise::Arrive, *eta, record);
                    self.promise_for(Some(task.id), Promise::ArrivalCheck, *eta, record);
                }
            }
            News::Arrived { .. } => {
                self.keep_for(Some(task.id), Promise::Arrive, record);
                // R055 asks whether he has come; he has said so. Nobody is rung up for it.
                self.release_task(task.id, &[Promise::ArrivalCheck], "arrived", record);
                let about = json!(task.id);
                let asks =
                    |other: &Task| other.errand == Errand::AskReporter && other.facts.get("about") == Some(&about);
                self.cancel_where(asks, "arrived", record);
            }
            News::Done { .. } | News::Missed => {
                self.keep_for(Some(task.id), Promise::Arrive, record);
                self.release_task(task.id, &Promise::ALL, "task-done", record);
                self.tasks.retain(|other| other.id != task.id);
            }
            News::Lost | News::Exhausted => {
                self.release_task(task.id, &[Promise::Arrive, Promise::ArrivalCheck], "given-back", record);
            }
        }
    }

    // Time.

    pub fn wakes(&self, house: &House) -> Option<DateTime<Utc>> {
        let tasks = self.tasks.iter().filter_map(|task| task.wakes(&house.figures));
        let clocks = self.clocks.iter().filter_map(|clock| clock.next(&house.figures).map(|(at, _)| at));
        tasks.chain(clocks).min()
    }

    /// One thing that the time has brought; `None` when there is nothing more.
    pub(super) fn fire(&mut self, record: &mut Record<'_>) -> Option<Fired> {
        for index in 0..self.tasks.len() {
            if let Some(news) = self.fire_task(index, record) {
                return Some(news);
            }
        }
        let figures = &record.house.figures;
        let index = self.clocks.iter().position(|clock| clock.rings(record.now.utc, figures).is_some())?;
        let rings = self.clocks[index].rings(record.now.utc, figures)?;
        Some(self.ring(index, rings, record))
    }

    fn fire_task(&mut self, index: usize, record: &mut Record<'_>) -> Option<Fired> {
        let due = self.tasks[index].wakes(&record.house.figures).is_some_and(|at| at <= record.now.utc);
        if !due {
            return None;
        }
        let news = self.tasks[index].fire(record);
        let task = self.tasks[index].clone();
        if let Some(news) = &news {
            self.follow(&task, news, record);
        }
        Some(Fired::Task(Box::new(task), news))
    }

    pub(super) fn shift(&mut self, by: TimeDelta, since: DateTime<Utc>) {
        self.tasks.iter_mut().for_each(|task| task.shift(by, since));
        self.clocks.iter_mut().for_each(|clock| clock.shift(by, since));
        if self.opened >= since {
            self.opened += by;
        }
        self.chased = self.chased.map(|at| if at >= since { at + by } else { at });
    }

    /// R001: 催办, most often once in so many minutes.
    pub(super) fn chase(&mut self, record: &mut Record<'_>) -> Result<(), Objection> {
        let pause = minutes(record.house.figures.dispatch.chase_minutes);
        if self.chased.is_some_and(|last| record.now.utc < last + pause) {
            return Err(Objection::TooSoon);
        }
        self.chased = Some(record.now.utc);
        record.tell(Kind::CaseChased, Data::new());
        Ok(())
    }
}

/// What the time has brought to a case.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fired {
    /// Told in an event; nothing for the matter to do.
    Quiet,
    Task(Box<Task>, Option<News>),
    Breach(Clock),
    Timer(Clock),
}
