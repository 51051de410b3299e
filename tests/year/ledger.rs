//! The books of the simulation, kept from the events alone: each promise that was given and what became of it, each case's
//! last state. They know none of the rules.

use chrono::{DateTime, Utc};
use lobbyd::event::{Event, Kind, Now};
use lobbyd::service::case::Case;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// A case: series, day, nth. By its long number, for `R-1121-7` comes again next year.
type Name = (char, u64, u64);
/// Case, promise and the task that it belongs to.
type Word = (Name, String, Option<u64>);

#[derive(Default)]
pub struct Ledger {
    seq: u64,
    /// Kind of the newest event.
    pub last: Option<Kind>,
    pub kinds: BTreeMap<&'static str, u64>,
    pub closed: u64,
    pub given: u64,
    pub kept: u64,
    pub breached: u64,
    pub released: u64,
    /// Words that were given and neither kept nor released; true once they were broken.
    running: HashMap<Word, bool>,
    states: HashMap<Name, String>,
    digest: DefaultHasher,
}

impl Ledger {
    pub fn note(&mut self, seq: u64, event: &Event, now: Now) {
        assert_eq!(seq, self.seq + 1, "events are numbered without a gap");
        self.seq = seq;
        self.last = Some(event.kind);
        *self.kinds.entry(event.kind.name()).or_default() += 1;
        (event.kind.name(), event.subject.as_str(), event.stamp.time, now.utc, event.data.len()).hash(&mut self.digest);
        let Some(case) = name(event) else { return };
        if let Some(state) = event.data.get("state").and_then(Value::as_str) {
            self.states.insert(case, state.to_owned());
        }
        let Some(promise) = event.data.get("promise").and_then(Value::as_str) else { return };
        let word = (case, promise.to_owned(), event.data.get("task").and_then(Value::as_u64));
        match event.kind {
            Kind::PromiseGiven => {
                self.given += 1;
                self.running.insert(word, false);
            }
            Kind::PromiseKept => {
                self.kept += 1;
                assert!(self.running.remove(&word).is_some(), "{word:?} was kept and never given");
            }
            Kind::PromiseReleased => {
                self.released += 1;
                assert!(self.running.remove(&word).is_some(), "{word:?} was released and never given");
            }
            Kind::PromiseBreached => {
                self.breached += 1;
                let broken = self.running.insert(word.clone(), true);
                assert_eq!(broken, Some(false), "{word:?} was broken twice, or never given");
            }
            _ => {}
        }
    }

    /// A case as it is stored stands where its last event left it.
    pub fn saved(&mut self, case: &Case) {
        let name = name_of(case);
        if let Some(state) = self.states.get(&name) {
            assert_eq!(state, case.state(), "{name:?}");
        }
        if case.is_closed() && self.states.remove(&name).is_some() {
            self.closed += 1;
        }
    }

    /// Every promise was kept, released or broken in an event, or still runs in an open case and is not yet due.
    pub fn close(&self, open: &BTreeMap<lobbyd::service::number::Number, Arc<Case>>, now: DateTime<Utc>) {
        let by_name: HashMap<Name, &Case> = open.values().map(|case| (name_of(case), &**case)).collect();
        for ((name, promise, task), broken) in &self.running {
            if *broken {
                continue;
            }
            let case = by_name
                .get(name)
                .unwrap_or_else(|| panic!("{name:?} has ended and said nothing of {promise} {task:?}"));
            let clock = case
                .docket
                .clocks
                .iter()
                .find(|clock| clock.promise.name() == promise && clock.task.map(u64::from) == *task);
            let clock =
                clock.unwrap_or_else(|| panic!("{name:?}: {promise} {task:?} was forgotten: {:?}", case.docket));
            assert!(clock.due.time() >= now || clock.pause.is_some(), "{name:?}: {promise} is over and nobody said so");
        }
    }

    pub fn digest(&self) -> u64 {
        self.digest.finish()
    }
}

fn name_of(case: &Case) -> Name {
    let number = case.docket.number;
    (number.series.letter(), number.day.into(), number.nth.into())
}

/// The same, made of what every event of a case says.
fn name(event: &Event) -> Option<Name> {
    let letter = event.data.get("number")?.as_str()?.chars().next()?;
    Some((letter, event.data.get("day")?.as_u64()?, event.data.get("nth")?.as_u64()?))
}
