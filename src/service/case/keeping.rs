//! The promises of a docket: given, kept late or in time, released, paused only for a coded obstacle (R082). None ends in
//! silence: each of these is told.

use super::docket::{Docket, Fired};
use super::promise::{Clock, Due, Obstacle, Promise, Rings};
use super::record::{Objection, Record};
use crate::event::{Data, Kind, data};
use chrono::{DateTime, Utc};
use serde_json::json;

impl Docket {
    /// Gives a promise of the case itself; a running one of the same name is given anew.
    pub fn promise(&mut self, promise: Promise, due: Due, record: &mut Record<'_>) {
        self.promise_for(None, promise, due, record);
    }

    pub(super) fn promise_for(&mut self, task: Option<u16>, promise: Promise, due: Due, record: &mut Record<'_>) {
        self.clocks.retain(|clock| clock.promise != promise || clock.task != task);
        let clock = Clock { task, ..Clock::new(promise, record.now.utc, due) };
        if !promise.is_timer() {
            record.tell(Kind::PromiseGiven, promised(&clock));
        }
        self.clocks.push(clock);
    }

    /// The promise is kept, in time or late. Nothing happens if it does not run.
    pub fn keep(&mut self, promise: Promise, record: &mut Record<'_>) {
        self.keep_for(None, promise, record);
    }

    pub(super) fn keep_for(&mut self, task: Option<u16>, promise: Promise, record: &mut Record<'_>) {
        let kept = |clock: &Clock| clock.promise == promise && clock.task == task;
        let Some(clock) = self.clocks.iter().find(|clock| kept(clock)).copied() else { return };
        self.clocks.retain(|clock| !kept(clock));
        if !promise.is_timer() {
            let mut facts = promised(&clock);
            // R092: what is finished after its time counts as failed.
            facts.insert("late".into(), json!(clock.breached || record.now.utc > clock.due.time()));
            record.tell(Kind::PromiseKept, facts);
        }
    }

    /// The promise no longer makes sense: withdrawn, overtaken. Told, so that no promise ends in silence.
    pub fn release(&mut self, promise: Promise, why: &str, record: &mut Record<'_>) {
        let released = |clock: &Clock| clock.promise == promise && clock.task.is_none();
        let Some(clock) = self.clocks.iter().find(|clock| released(clock)).copied() else { return };
        self.clocks.retain(|clock| !released(clock));
        if !promise.is_timer() {
            let mut facts = promised(&clock);
            facts.insert("why".into(), json!(why));
            record.tell(Kind::PromiseReleased, facts);
        }
    }

    /// The same for what was promised about a task that is no more; a breach was told already.
    pub(super) fn release_task(&mut self, task: u16, promises: &[Promise], why: &str, record: &mut Record<'_>) {
        let of_task = |clock: &Clock| clock.task == Some(task) && promises.contains(&clock.promise);
        let (gone, kept): (Vec<Clock>, Vec<Clock>) = std::mem::take(&mut self.clocks).into_iter().partition(of_task);
        self.clocks = kept;
        for clock in gone.iter().filter(|clock| !clock.breached && !clock.promise.is_timer()) {
            let mut facts = promised(clock);
            facts.insert("why".into(), json!(why));
            record.tell(Kind::PromiseReleased, facts);
        }
    }

    pub fn clock(&self, promise: Promise) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.promise == promise)
    }

    /// R082.
    pub(super) fn pause(
        &mut self,
        promise: Promise,
        obstacle: Obstacle,
        until: DateTime<Utc>,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        if !promise.may_pause() {
            return Err(Objection::NoPause(promise));
        }
        let clock = self.clocks.iter_mut().find(|clock| clock.promise == promise);
        let clock = clock.filter(|clock| clock.pause.is_none()).ok_or(Objection::NoClock(promise))?;
        clock.pause(obstacle, record.now.utc, until, &record.house.figures);
        Ok(())
    }

    pub(super) fn resume(&mut self, promise: Promise, record: &mut Record<'_>) -> Result<(), Objection> {
        let clock = self.clocks.iter_mut().find(|clock| clock.promise == promise && clock.pause.is_some());
        let clock = clock.ok_or(Objection::NoClock(promise))?;
        clock.resume(record.now.utc);
        let facts = promised(clock);
        record.tell(Kind::PromiseResumed, facts);
        Ok(())
    }

    /// A clock has something to say.
    pub(super) fn ring(&mut self, index: usize, rings: Rings, record: &mut Record<'_>) -> Fired {
        let clock = &mut self.clocks[index];
        match rings {
            Rings::Resume => {
                clock.resume(record.now.utc);
                record.tell(Kind::PromiseResumed, promised(clock));
                Fired::Quiet
            }
            Rings::Warn => {
                clock.warned = true;
                record.tell(Kind::PromiseWarned, promised(clock));
                Fired::Quiet
            }
            Rings::Up if clock.promise.is_timer() => Fired::Timer(self.clocks.remove(index)),
            Rings::Up => {
                clock.breached = true;
                let breached = *clock;
                record.tell(Kind::PromiseBreached, promised(&breached));
                Fired::Breach(breached)
            }
        }
    }
}

fn promised(clock: &Clock) -> Data {
    let mut facts = data([
        ("promise", json!(clock.promise.name())),
        ("given", json!(clock.given)),
        ("due", json!(clock.due.time())),
    ]);
    if let Some(task) = clock.task {
        facts.insert("task".into(), json!(task));
    }
    if let Some(pause) = clock.pause {
        facts.insert("obstacle".into(), json!(pause.obstacle.name()));
        facts.insert("until".into(), json!(pause.until));
    }
    facts
}
