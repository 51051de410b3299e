//! What a case's events count for in the figures of the service: one mark a fact, summed up by local day. The sums outlive
//! the events, whose retention is shorter than a quarter, and hold nobody's name or words: only members of staff by id (R295).

use super::case::{Case, Task};
use crate::event::{Data, Event, Kind};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;

/// What is counted. Each has a label of its own making, written beside it here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// An event: `repair/task.claimed`; `-/log.noted` where no case is behind it.
    Event,
    /// A case: the matter.
    Opened,
    /// Seconds from a task's offer to its claim (R053, R094): the errand.
    Accept,
    /// Of those, calls taken before the next post had to ring (R094): the errand.
    Prompt,
    /// Seconds from a task's offer until somebody was there, or spoke: the errand.
    Arrive,
    /// Seconds from a case's opening to its end: the matter.
    Close,
    /// A promise given, kept, kept late, broken, released (R092): `repair/solve`.
    Given,
    Kept,
    Late,
    Breached,
    Released,
    /// Stars (R288): the matter, or `repair/quality` where parts are rated.
    Rating,
    /// Asked whether all is well: `repair/yes`, `repair/no` (R119, R287).
    Satisfied,
    /// Visitors, with those who came along.
    Heads,
    /// What it was about: `repair/water` (R303).
    Category,
    /// What a member of staff did: `li-wei/task.claimed` (R295).
    Staff,
    /// Stars for what a member of staff did: the id (R294).
    StaffRating,
    /// Cases opened, and promises broken, under a version of the rules (R307): `2/opened`, `2/breached`.
    Rules,
}

impl What {
    pub const ALL: [What; 18] = [
        What::Event,
        What::Opened,
        What::Accept,
        What::Prompt,
        What::Arrive,
        What::Close,
        What::Given,
        What::Kept,
        What::Late,
        What::Breached,
        What::Released,
        What::Rating,
        What::Satisfied,
        What::Heads,
        What::Category,
        What::Staff,
        What::StaffRating,
        What::Rules,
    ];

    /// As it stands in the table.
    pub const fn name(self) -> &'static str {
        match self {
            What::Event => "event",
            What::Opened => "opened",
            What::Accept => "accept",
            What::Prompt => "prompt",
            What::Arrive => "arrive",
            What::Close => "close",
            What::Given => "given",
            What::Kept => "kept",
            What::Late => "late",
            What::Breached => "breached",
            What::Released => "released",
            What::Rating => "rating",
            What::Satisfied => "satisfied",
            What::Heads => "heads",
            What::Category => "category",
            What::Staff => "staff",
            What::StaffRating => "staff-rating",
            What::Rules => "rules",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        What::ALL.into_iter().find(|what| what.name() == name)
    }
}

/// One fact: counts once, with its seconds or stars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub what: What,
    pub of: String,
    /// Seconds, stars or heads; 0 where only the count matters.
    pub sum: i64,
}

/// What was marked on one local day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// `yyyymmdd`.
    pub day: u32,
    pub what: What,
    pub of: String,
    pub count: u64,
    pub sum: i64,
    /// The largest single sum.
    pub most: i64,
}

/// The marks of a step. `before`: the case as it was, `None` where the step opened it; `version`: of the rules.
pub fn marks(events: &[Event], before: Option<&Case>, after: &Case, version: u32) -> Vec<Mark> {
    let step = Step { before, after, matter: after.matter.name(), version };
    let mut marks = Vec::new();
    if before.is_none() {
        marks.push(mark(What::Opened, step.matter.to_owned(), 0));
        marks.push(mark(What::Rules, format!("{version}/opened"), 0));
        if let Some(category) = after.docket.facts.get("category").and_then(Value::as_str) {
            marks.push(mark(What::Category, format!("{}/{category}", step.matter), 0));
        }
        let heads = after.docket.facts.get("heads").and_then(Value::as_i64);
        if step.matter == "visit" {
            marks.push(mark(What::Heads, step.matter.to_owned(), heads.unwrap_or(1)));
        }
    }
    for event in events {
        step.mark(event, &mut marks);
    }
    if let (Some(closed), false) = (after.docket.closed, before.is_some_and(Case::is_closed)) {
        marks.push(mark(What::Close, step.matter.to_owned(), (closed - after.docket.opened).num_seconds().max(0)));
    }
    marks
}

/// The mark of an event behind which there is no case.
pub fn mark_of(event: &Event) -> Option<Mark> {
    use Kind::*;
    let counted = matches!(
        event.kind,
        LogNoted
            | SurveyAnswered
            | MusterBegun
            | RecordViewed
            | RecordExported
            | StaffLockedOut
            | ShiftClosed
            | ClockStepped
    );
    counted.then(|| mark(What::Event, format!("-/{}", event.kind), 0))
}

struct Step<'a> {
    before: Option<&'a Case>,
    after: &'a Case,
    matter: &'static str,
    version: u32,
}

impl Step<'_> {
    fn mark(&self, event: &Event, marks: &mut Vec<Mark>) {
        let (kind, facts, at) = (event.kind, &event.data, event.stamp.time);
        marks.push(mark(What::Event, format!("{}/{kind}", self.matter), 0));
        // R074, R295: what a leader gave somebody is that one's.
        let given_to = facts.get("given_to").filter(|_| kind == Kind::TaskClaimed);
        let by = given_to.or_else(|| facts.get("by")).and_then(Value::as_str);
        if let Some(by) = by {
            marks.push(mark(What::Staff, format!("{by}/{kind}"), 0));
        }
        match kind {
            Kind::TaskClaimed | Kind::TaskArrived => self.mark_task(kind, facts, at, marks),
            Kind::PromiseGiven | Kind::PromiseKept | Kind::PromiseBreached | Kind::PromiseReleased => {
                self.mark_promise(kind, facts, at, marks);
            }
            _ => {}
        }
        if let Some(satisfied) = facts.get("satisfied").and_then(Value::as_bool) {
            marks.push(mark(What::Satisfied, format!("{}/{}", self.matter, if satisfied { "yes" } else { "no" }), 0));
        }
        if let Some(rating) = facts.get("rating") {
            self.mark_rating(rating, marks);
        }
    }

    fn mark_task(&self, kind: Kind, facts: &Data, at: DateTime<Utc>, marks: &mut Vec<Mark>) {
        let id = facts.get("task").and_then(Value::as_u64).and_then(|id| u16::try_from(id).ok());
        let Some(task) = id.and_then(|id| self.task(id)) else { return };
        let waited = (at - task.offered).num_seconds().max(0);
        let errand = || task.errand.name().to_owned();
        if kind == Kind::TaskArrived {
            marks.push(mark(What::Arrive, errand(), waited));
            return;
        }
        marks.push(mark(What::Accept, errand(), waited));
        let prompt = task.ladder.missed.and_then(|_| task.ladder.rungs.get(1)).map(|rung| i64::from(rung.after));
        if prompt.is_some_and(|prompt| waited <= prompt) {
            marks.push(mark(What::Prompt, errand(), 0));
        }
    }

    /// A task that ended with this step stands only in the case as it was before.
    fn task(&self, id: u16) -> Option<&Task> {
        self.after.docket.task(id).or_else(|| self.before?.docket.task(id))
    }

    fn mark_promise(&self, kind: Kind, facts: &Data, at: DateTime<Utc>, marks: &mut Vec<Mark>) {
        let Some(promise) = facts.get("promise").and_then(Value::as_str) else { return };
        let of = || format!("{}/{promise}", self.matter);
        let time = |key: &str| facts.get(key).and_then(Value::as_str)?.parse::<DateTime<Utc>>().ok();
        match kind {
            Kind::PromiseGiven => marks.push(mark(What::Given, of(), 0)),
            Kind::PromiseReleased => marks.push(mark(What::Released, of(), 0)),
            Kind::PromiseBreached => {
                marks.push(mark(What::Breached, of(), 0));
                marks.push(mark(What::Rules, format!("{}/breached", self.version), 0));
            }
            _ => {
                let took = time("given").map_or(TimeDelta::zero(), |given| at - given);
                marks.push(mark(What::Kept, of(), took.num_seconds().max(0)));
                if facts.get("late").and_then(Value::as_bool) == Some(true) {
                    marks.push(mark(What::Late, of(), 0));
                }
            }
        }
    }

    /// R288, R294: stars of the matter, of each rated part, and of whoever did the work.
    fn mark_rating(&self, rating: &Value, marks: &mut Vec<Mark>) {
        let parts: Vec<(Option<&str>, i64)> = match rating {
            Value::Object(parts) => {
                parts.iter().filter_map(|(part, n)| Some((Some(part.as_str()), n.as_i64()?))).collect()
            }
            stars => stars.as_i64().map(|stars| (None, stars)).into_iter().collect(),
        };
        for (part, stars) in parts {
            let of = part.map_or_else(|| self.matter.to_owned(), |part| format!("{}/{part}", self.matter));
            marks.push(mark(What::Rating, of, stars));
            if let Some(staff) = self.after.docket.facts.get("done_by").and_then(Value::as_str) {
                marks.push(mark(What::StaffRating, staff.to_owned(), stars));
            }
        }
    }
}

fn mark(what: What, of: String, sum: i64) -> Mark {
    Mark { what, of, sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for what in What::ALL {
            assert_eq!(What::from_name(what.name()), Some(what));
        }
    }
}
