//! One case in a house, for the tests of its matter: steps by named people, time that passes, and all that was told. Must
//! never decide anything itself.

use super::{MatterStep, Opening};
use crate::event::{Data, Event, Kind, Now};
use crate::service::case::walk::{house, slug, staff};
use crate::service::case::{Case, Errand, Objection, Source, Step, TaskStep};
use crate::service::contact::Text;
use crate::service::house::House;
use crate::service::number::Number;
use crate::service::staff::{Actor, Named, Role};
use chrono::{DateTime, TimeDelta, Utc};

/// Noon at the site.
pub fn noon() -> DateTime<Utc> {
    "2026-11-21T04:00:00Z".parse().unwrap()
}

pub struct Trial {
    pub case: Case,
    pub house: House,
    pub at: DateTime<Utc>,
    pub events: Vec<Event>,
}

impl Trial {
    pub fn open(opening: &Opening, at: DateTime<Utc>) -> Self {
        let (house, number) = (house(), Number { series: opening.series(), day: 20_261_121, nth: 1 });
        let now = Now { utc: at, synced: true };
        let opened = Case::open(opening, Source::Kiosk, number, &Actor::GUEST, &house, now);
        Trial { case: opened.case, house, at, events: opened.events }
    }

    pub fn take(&mut self, step: &Step, by: &Actor) -> Result<(), Objection> {
        let now = Now { utc: self.at, synced: true };
        let events = self.case.step(step, None, by, &self.house, now)?;
        self.events.extend(events);
        Ok(())
    }

    pub fn step(&mut self, step: MatterStep, by: &Actor) -> Result<(), Objection> {
        self.take(&Step::Matter(step), by)
    }

    /// The first open task of this errand.
    pub fn task(&self, errand: Errand) -> u16 {
        self.case.docket.errands(errand).next().expect("the task is open").id
    }

    pub fn is_asked(&self, errand: Errand) -> bool {
        self.case.docket.errands(errand).next().is_some()
    }

    pub fn claim(&mut self, task: u16, on_behalf: Option<&str>, by: &Actor) -> Result<(), Objection> {
        let on_behalf = on_behalf.map(|name| Named { id: None, name: name.into() });
        self.take(&Step::Task { task, step: TaskStep::Claim { on_behalf, eta: None, relief: None } }, by)
    }

    pub fn done(&mut self, task: u16, outcome: Option<&str>, note: Option<Text>, by: &Actor) -> Result<(), Objection> {
        let step = TaskStep::Done { outcome: outcome.map(slug), channel: None, note };
        self.take(&Step::Task { task, step }, by)
    }

    /// The open task of this errand, claimed and done by a shift leader.
    pub fn answer(&mut self, errand: Errand, outcome: &str) -> Result<(), Objection> {
        let (task, leader) = (self.task(errand), staff(Role::ShiftLeader));
        let held = self.case.docket.task(task).is_some_and(|task| task.state.holder().is_some());
        if !held {
            self.claim(task, None, &leader)?;
        }
        self.done(task, Some(outcome), None, &leader)
    }

    pub fn wait(&mut self, span: TimeDelta) {
        self.at += span;
        self.events.extend(self.case.fire(&self.house, Now { utc: self.at, synced: true }));
    }

    pub fn last(&self, kind: Kind) -> &Event {
        self.events.iter().rfind(|event| event.kind == kind).expect("it was told")
    }

    /// The facts of the last event of this kind.
    pub fn facts(&self, kind: Kind) -> &Data {
        &self.last(kind).data
    }

    /// What the last event of this kind said of people.
    pub fn person(&self, kind: Kind) -> &Data {
        self.last(kind).person.as_ref().expect("it says something of people")
    }
}
