//! A random walk through one kind of case, for the property tests of every matter: people of every role take steps in any
//! order, time passes, the clock is stepped, and after each step everything that is true of all cases is checked. A matter adds its
//! table of transitions and its own invariants. Must never know one matter from another.

use super::errand::Form;
use super::{Case, Channel, Eta, Objection, Obstacle, Promise, Reason, Source, Step, Task, TaskState, TaskStep};
use crate::event::{Event, Now, Slug};
use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::house::{Duty, House, Post, Shift};
use crate::service::local_time::LocalTime;
use crate::service::matter::{MatterStep, Opening};
use crate::service::number::Number;
use crate::service::offer::{self, Button, Look};
use crate::service::staff::{Actor, Named, Role, Via};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What people say of themselves in a walk: it may stand in the person part of events, and nowhere else.
const SECRETS: [&str; 3] = ["欧阳密", "13900139000", "只说给您听"];
/// Somebody of the staff, and a colleague who was told of by radio: a case may name them until people are forgotten.
const STAFF: [&str; 2] = ["职员", "同事"];

pub fn name() -> Name {
    Name::parse(SECRETS[0]).unwrap()
}

pub fn phone() -> Phone {
    Phone::parse(SECRETS[1]).unwrap()
}

pub fn text() -> Text {
    Text::parse(SECRETS[2]).unwrap()
}

pub fn unit() -> Unit {
    Unit::parse("3-1203").unwrap()
}

/// Where nobody lives.
pub fn vacant_unit() -> Unit {
    Unit::parse("9-0101").unwrap()
}

/// One word of the page.
pub fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

/// How one kind of case is walked.
pub struct Plan<'a> {
    pub openings: BoxedStrategy<Opening>,
    /// Steps of the matter, valid and not. The more likely the sensible ones, the deeper the walk.
    pub steps: BoxedStrategy<MatterStep>,
    /// From each state to where one step may lead. Staying is always allowed. The key `""` is the opening.
    pub allowed: &'a [(&'a str, &'a [&'a str])],
    /// States that wait for somebody outside: no task and no clock is needed. Each needs a reason beside it.
    pub waits: &'a [&'a str],
    /// Outcomes that tasks of this matter know; a task may be done with any of them or none.
    pub outcomes: &'a [&'a str],
    /// What must be true of this matter after every step; it asserts.
    pub check: &'a dyn Fn(&Seen<'_>),
    /// Walks in a round, and attempts in each; rounds are walked until every state of the table was reached.
    pub walks: u32,
    pub attempts: usize,
}

/// One step that was taken, or the time that passed (`step` is none then).
pub struct Seen<'a> {
    pub before: &'a Case,
    pub after: &'a Case,
    pub step: Option<&'a Step>,
    pub by: &'a Actor,
    pub now: Now,
    pub house: &'a House,
    /// Of this step.
    pub events: &'a [Event],
    /// Of the whole case, this step's included.
    pub history: &'a [Event],
}

impl Seen<'_> {
    /// How often the case has told this.
    pub fn count(&self, kind: crate::event::Kind) -> usize {
        self.history.iter().filter(|event| event.kind == kind).count()
    }

    /// Whether the later kind was told after the last of the earlier kind, or there was no earlier one.
    pub fn since(&self, earlier: crate::event::Kind, later: crate::event::Kind) -> bool {
        let last = |kind| self.history.iter().rposition(|event| event.kind == kind);
        match (last(earlier), last(later)) {
            (None, later) => later.is_some(),
            (Some(earlier), later) => later.is_some_and(|later| later > earlier),
        }
    }
}

#[derive(Debug, Clone)]
enum Attempt {
    /// A step by somebody.
    Step(Step, Actor),
    /// A step with one of the open tasks, by somebody; `None`: by who should.
    Task(usize, TaskStep, Option<Actor>),
    /// So many seconds pass.
    Wait(i64),
    /// Exactly until the case has something to do.
    Until,
    /// What would lead on from here, by who should.
    Onward,
    /// The gateway's clock is stepped by so many minutes.
    Stepped(i64),
}

/// A house with every duty, two shifts and a chain of superiors.
pub fn house() -> House {
    let post = |id: &str, takes: &[Duty], superior: Option<&str>| Post {
        id: slug(id),
        name: None,
        takes: takes.to_vec(),
        superior: superior.map(slug),
        fixed: false,
        doors: Vec::new(),
        shifts: Vec::new(),
    };
    let gate =
        Post { fixed: true, doors: vec![slug("lobby")], ..post("gate", &[Duty::Call, Duty::Alarm], Some("hut")) };
    let desk = Post { shifts: vec![slug("day")], ..post("desk", &[Duty::Desk, Duty::Call], Some("office")) };
    let shift = |id: &str, from: u16, to: u16, notifier: &str| Shift {
        id: slug(id),
        name: None,
        from: LocalTime::new(from, 0),
        to: LocalTime::new(to, 0),
        notifier: Some(slug(notifier)),
    };
    House {
        posts: vec![
            gate,
            desk,
            post("hut", &[Duty::Errand, Duty::Call, Duty::Alarm], Some("office")),
            post("workshop", &[Duty::Repair], Some("office")),
            post("office", &[Duty::Supervise], Some("manager")),
            post("manager", &[Duty::Manage], None),
        ],
        shifts: vec![shift("day", 8, 20, "desk"), shift("night", 20, 8, "hut")],
        vacant: Arc::new([vacant_unit().as_str()].into_iter().collect()),
        ..House::bare(chrono_tz::Asia::Shanghai)
    }
}

/// Somebody of this role, at the post where such a person stands.
pub fn staff(role: Role) -> Actor {
    let post = match role {
        Role::FrontDesk => Some("desk"),
        Role::Guard => Some("gate"),
        Role::ShiftLeader => Some("hut"),
        Role::Engineer => Some("workshop"),
        Role::Supervisor => Some("office"),
        Role::ProjectManager => Some("manager"),
        Role::Auditor => None,
    };
    Actor::staff(slug(role.name()), STAFF[0].into(), role, post.map(slug), Via::Page)
}

/// Whoever holds the task, or stands at the first post that is asked.
fn who_should(task: &Task) -> Actor {
    let holder = task.state.holder().and_then(|holder| holder.id.clone());
    let held = Role::ALL.into_iter().map(staff).find(|by| {
        let id = by.who.as_ref().and_then(|who| who.id.clone());
        id.is_some() && id == holder
    });
    let asked =
        || Role::ALL.into_iter().map(staff).find(|by| by.post.is_some() && by.post.as_ref() == task.asked().next());
    held.or_else(asked).unwrap_or_else(|| staff(Role::Supervisor))
}

/// People at the glass, staff of every role, and the daemon for what devices say.
pub fn actors() -> BoxedStrategy<Actor> {
    let role = prop::sample::select(Role::ALL.to_vec()).prop_map(staff);
    prop_oneof![1 => Just(Actor::GUEST), 2 => Just(Actor::DAEMON), 12 => role].boxed()
}

fn channel() -> impl Strategy<Value = Option<Channel>> {
    prop::sample::select(vec![None, Some(Channel::Phone), Some(Channel::Intercom), Some(Channel::Radio)])
}

fn task_step(outcomes: &[&str]) -> BoxedStrategy<TaskStep> {
    let outcomes: Vec<Option<Slug>> = std::iter::once(None).chain(outcomes.iter().map(|o| Some(slug(o)))).collect();
    let colleague = Named { id: None, name: STAFF[1].into() };
    let somebody = prop::sample::select(vec![None, None, Some(colleague)]);
    let eta = prop::option::weighted(0.8, (0u32..600).prop_map(Eta::Minutes));
    let reason = prop::sample::select(vec![None, Some(Reason::NoTool), Some(Reason::OffDuty), Some(Reason::Other)]);
    prop_oneof![
        4 => (somebody.clone(), eta, somebody).prop_map(|(on_behalf, eta, relief)| TaskStep::Claim { on_behalf, eta, relief }),
        1 => reason.prop_map(|reason| TaskStep::Decline { reason, note: None }),
        3 => channel().prop_map(|channel| TaskStep::Arrived { channel }),
        4 => (prop::sample::select(outcomes), channel(), any::<bool>())
            .prop_map(|(outcome, channel, noted)| TaskStep::Done { outcome, channel, note: noted.then(text) }),
    ]
    .boxed()
}

/// What every case knows beside its tasks and its matter.
fn common(at: DateTime<Utc>) -> BoxedStrategy<Step> {
    let promise = || prop::sample::select(Promise::ALL.to_vec());
    prop_oneof![
        4 => Just(Step::Note { text: text() }),
        4 => Just(Step::Chase),
        4 => Just(Step::Contact { channel: Channel::Phone, note: Some(text()) }),
        8 => (promise(), prop::option::of(Just(text())), 0i64..10_000).prop_map(move |(promise, note, minutes)| Step::Pause {
            promise,
            obstacle: Obstacle::Traffic,
            note,
            until: at + TimeDelta::minutes(minutes),
        }),
        8 => promise().prop_map(|promise| Step::Resume { promise }),
        // Seldom, or few walks come far; but not so seldom that none of 1,920 withdrew an improvement, as once with a weight of 1.
        6 => Just(Step::Withdraw { reason: Some(text()) }),
    ]
    .boxed()
}

fn attempts(plan: &Plan<'_>) -> impl Strategy<Value = Vec<Attempt>> + use<> {
    let attempt = prop_oneof![
        60 => (plan.steps.clone().prop_map(Step::Matter), actors()).prop_map(|(step, by)| Attempt::Step(step, by)),
        25 => (0..4usize, task_step(plan.outcomes), prop::option::of(actors())).prop_map(|(nth, step, by)| Attempt::Task(nth, step, by)),
        4 => (common(start()), actors()).prop_map(|(step, by)| Attempt::Step(step, by)),
        10 => (0..1800i64).prop_map(Attempt::Wait),
        3 => Just(Attempt::Until),
        20 => Just(Attempt::Onward),
        1 => (0..10 * 24 * 3600i64).prop_map(Attempt::Wait),
        1 => (-500..500i64).prop_map(Attempt::Stepped),
    ];
    prop::collection::vec(attempt, 0..=plan.attempts)
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_219_200, 0).unwrap()
}

/// More rounds of walks than this, and a state that was not reached counts as out of reach. One round in seven comes to the rarest
/// (a resident who calls back, a gathering called off): with 20 rounds one run in thirty said "never" by bad luck.
const MAX_ROUNDS: u32 = 200;

/// Walks. Panics where something is not as it must be, and prints the shortest walk that shows it; also where a state of
/// the table is never reached: then the walk proves nothing about it.
pub fn walk(plan: &Plan<'_>) {
    walk_along(plan, &|_, _| None);
}

/// The step that leads on from where a case stands, and who takes it.
pub type Onward<'a> = &'a dyn Fn(&Case, Now) -> Option<(Step, Role)>;

/// The same for a matter with so many steps in a row that chance alone seldom comes to its end.
pub fn walk_along(plan: &Plan<'_>, onward: Onward<'_>) {
    let all: BTreeSet<&str> = plan.allowed.iter().flat_map(|(_, to)| to.iter().copied()).collect();
    let reached: RefCell<BTreeSet<&'static str>> = RefCell::default();
    let offers = Offers::default();
    let never = || all.difference(&reached.borrow()).copied().chain(offers.never()).collect::<Vec<_>>();
    for _ in 0..MAX_ROUNDS {
        round(plan, onward, &reached, &offers);
        if never().is_empty() {
            return;
        }
    }
    panic!("no walk has reached, or was offered, {:?}", never());
}

fn round(plan: &Plan<'_>, onward: Onward<'_>, reached: &RefCell<BTreeSet<&'static str>>, offers: &Offers) {
    let config = Config { cases: plan.walks, failure_persistence: None, ..Config::default() };
    let source = prop::sample::select(vec![Source::Kiosk, Source::Phone, Source::StaffContact]);
    let strategy = (plan.openings.clone(), source, actors(), 0..24 * 60i64, prop::bool::weighted(0.1), attempts(plan));
    TestRunner::new(config)
        .run(&strategy, |(opening, source, by, minute, bare, attempts)| {
            let house = if bare { House::bare(chrono_tz::Asia::Shanghai) } else { house() };
            let mut walker =
                Walker::open(plan, onward, &opening, source, &by, house, start() + TimeDelta::minutes(minute));
            reached.borrow_mut().insert(walker.case.state());
            offers.look(&walker.case, &walker.house, walker.now);
            for attempt in &attempts {
                let (state, tasks) = (walker.case.state(), tasks_of(&walker.case));
                walker.attempt(attempt);
                reached.borrow_mut().insert(walker.case.state());
                if state != walker.case.state() || tasks != tasks_of(&walker.case) {
                    offers.look(&walker.case, &walker.house, walker.now);
                }
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// Looks at the same state with the same tasks. What a matter knows besides differs from one to the other.
const MAX_LOOKS: u32 = 12;

/// What an offer depends on: which tasks there are, and who has them.
fn tasks_of(case: &Case) -> Vec<(u16, &'static str)> {
    case.docket.tasks.iter().map(|task| (task.id, task.state.name())).collect()
}

/// What the guards' page would offer, in every state that a walk comes to, to somebody of every role.
#[derive(Default)]
struct Offers {
    /// Steps of the matter, and those of them that were ever offered to anybody.
    known: RefCell<BTreeSet<&'static str>>,
    offered: RefCell<BTreeSet<&'static str>>,
    /// How often a state with such tasks was looked at.
    looks: RefCell<BTreeMap<String, u32>>,
}

impl Offers {
    /// Steps whose sample is refused everywhere: the page would never show them. A device's steps have no sample.
    fn never(&self) -> Vec<&'static str> {
        self.known.borrow().difference(&self.offered.borrow()).copied().collect()
    }

    fn look(&self, case: &Case, house: &House, now: Now) {
        let tasks = case.docket.tasks.iter().map(|task| (task.errand.name(), task.state.name()));
        let stands = format!("{} {:?}", case.state(), tasks.collect::<Vec<_>>());
        let looks = self.looks.borrow_mut().entry(stands).and_modify(|looks| *looks += 1).or_insert(1).to_owned();
        if looks > MAX_LOOKS {
            return;
        }
        for by in Role::ALL.map(staff) {
            let look = Look { by: &by, house, now };
            self.known.borrow_mut().extend(offer::of_matter(case, look).into_iter().map(|(name, _)| name));
            let steps = offer::steps(case, look);
            if by.is(&[Role::Auditor]) {
                assert_eq!(steps.iter().find(|step| **step != "chase"), None, "R012: the auditor changes nothing");
            }
            for task in &case.docket.tasks {
                let buttons = offer::buttons(case, task, look);
                let (holder, offered) = (task.state.holder(), task.state == TaskState::Offered);
                let asked = offered && task.asked().any(|post| Some(post) == by.post.as_ref());
                let mine = asked || (holder.is_some() && holder == by.who.as_ref());
                let name = format!("{} of \"{}\" to {}", task.errand.name(), case.state(), by.role.unwrap().name());
                assert!(!mine || !buttons.card.is_empty(), "nothing is offered for {name}");
                assert!(buttons.card.len() <= offer::MAX_BUTTONS, "{name}: {:?}", buttons.card);
                let notice = task.errand.form() == Form::Notice;
                assert!(!notice || buttons.card.len() <= 2, "{name}: a notice is about one thing");
                for button in buttons.card.iter().chain(&buttons.record) {
                    takes(case, button, &steps, look)
                        .unwrap_or_else(|why| panic!("{} for {name}: {why}", button.label));
                }
            }
            self.offered.borrow_mut().extend(steps);
        }
    }
}

/// What the page posts when somebody presses it, with the gaps filled that it asks for.
fn takes(case: &Case, button: &Button, steps: &[&str], look: Look<'_>) -> Result<(), String> {
    let mut step = button.step.clone();
    let part = step.pointer_mut("/task/step").and_then(|step| step.as_object_mut()?.values_mut().next());
    let set = |part: Option<&mut Value>, key: &str, value: Value| {
        if let Some(part) = part.and_then(Value::as_object_mut) {
            part.insert(key.to_owned(), value);
        }
    };
    match button.asks {
        None => {}
        Some("reason") => set(part, "reason", json!("unwell")),
        Some("outcome") => set(part, "outcome", json!(button.outcomes.first())),
        // Some arrival is taken; which one is the resident's to say.
        Some("eta") => return Ok(()),
        Some("record") if steps.is_empty() => return Err("the record offers nothing".into()),
        Some("record") => return Ok(()),
        Some(other) => return Err(format!("the page cannot ask for {other}")),
    }
    let step: Step = serde_json::from_value(step).map_err(|error| error.to_string())?;
    match case.would_take(&step, look.by, look.house, look.now) {
        Ok(()) | Err(Objection::FixedPost) => Ok(()),
        Err(objection) => Err(objection.to_string()),
    }
}

struct Walker<'a> {
    plan: &'a Plan<'a>,
    onward: Onward<'a>,
    house: House,
    case: Case,
    now: Now,
    history: Vec<Event>,
}

impl<'a> Walker<'a> {
    fn open(
        plan: &'a Plan<'a>,
        onward: Onward<'a>,
        opening: &Opening,
        source: Source,
        by: &Actor,
        house: House,
        at: DateTime<Utc>,
    ) -> Self {
        let now = Now { utc: at, synced: true };
        let number = Number { series: opening.series(), day: 20_261_121, nth: 7 };
        let json = serde_json::to_string(opening).unwrap();
        assert_eq!(serde_json::from_str::<Opening>(&json).unwrap(), *opening, "a request reads back");
        let opened = Case::open(opening, source, number, by, &house, now);
        let mut walker = Walker { plan, onward, house, case: opened.case.clone(), now, history: opened.events.clone() };
        assert!(!opened.events.is_empty(), "a case begins with an event");
        assert!(walker.allowed("", opened.case.state()), "begins as {}", opened.case.state());
        walker.every_event_says_enough(&opened.events);
        walker.the_case_is_whole();
        let seen = walker.seen(&opened.case, &opened.case, None, by, &opened.events);
        (plan.check)(&seen);
        walker.passes();
        walker
    }

    fn seen<'s>(
        &'s self,
        before: &'s Case,
        after: &'s Case,
        step: Option<&'s Step>,
        by: &'s Actor,
        events: &'s [Event],
    ) -> Seen<'s> {
        Seen { before, after, step, by, now: self.now, house: &self.house, events, history: &self.history }
    }

    fn attempt(&mut self, attempt: &Attempt) {
        match attempt {
            Attempt::Step(step, by) => self.step(step, by),
            Attempt::Task(nth, step, by) => {
                let open = &self.case.docket.tasks;
                let task = if open.is_empty() { None } else { open.get(nth % open.len()) };
                let by = by.clone().unwrap_or_else(|| task.map_or(staff(Role::Supervisor), who_should));
                self.step(&Step::Task { task: task.map_or(1, |task| task.id), step: step.clone() }, &by);
            }
            Attempt::Onward => {
                if let Some((step, role)) = (self.onward)(&self.case, self.now) {
                    self.step(&step, &staff(role));
                }
            }
            Attempt::Wait(seconds) => {
                self.now.utc += TimeDelta::seconds(*seconds);
                self.passes();
            }
            Attempt::Until => {
                if let Some(at) = self.case.wakes(&self.house) {
                    self.now.utc = self.now.utc.max(at);
                    self.passes();
                }
            }
            Attempt::Stepped(minutes) => {
                let by = TimeDelta::minutes(*minutes);
                self.case.shift(by, self.case.docket.opened);
                self.now.utc += by;
                self.passes();
            }
        }
    }

    fn step(&mut self, step: &Step, by: &Actor) {
        let before = self.case.clone();
        let Ok(events) = self.case.step(step, Some(before.docket.version), by, &self.house, self.now) else {
            assert_eq!(self.case, before, "a refused step changes nothing");
            return;
        };
        let json = serde_json::to_string(step).unwrap();
        assert_eq!(serde_json::from_str::<Step>(&json).unwrap(), *step, "a step reads back: {json}");
        assert!(!events.is_empty(), "a step that was taken is told: {step:?}");
        if before.is_closed() {
            let rating = events.iter().all(|event| event.kind.name().ends_with(".rated"));
            assert!(rating || matches!(step, Step::Note { .. }), "a closed case took {step:?}");
        }
        let (from, to) = (before.state(), self.case.state());
        assert!(from == to || self.allowed(from, to), "from {from} to {to} by {step:?}");
        assert!(self.case.docket.version > before.docket.version);
        self.history.extend(events.iter().cloned());
        self.every_event_says_enough(&events);
        self.the_case_is_whole();
        (self.plan.check)(&self.seen(&before, &self.case, Some(step), by, &events));
        self.passes();
    }

    /// The daemon does what is due, until nothing is.
    fn passes(&mut self) {
        let before = self.case.clone();
        let mut events = Vec::new();
        for _ in 0..1000 {
            events.extend(self.case.fire(&self.house, self.now));
            if self.case.wakes(&self.house).is_none_or(|at| at > self.now.utc) {
                break;
            }
        }
        let wakes = self.case.wakes(&self.house);
        assert!(wakes.is_none_or(|at| at > self.now.utc), "nothing is due that has been done");
        let (from, to) = (before.state(), self.case.state());
        assert!(from == to || self.reaches(from, to), "from {from} to {to} by time alone");
        if before != self.case {
            self.history.extend(events.iter().cloned());
            self.every_event_says_enough(&events);
            self.the_case_is_whole();
            (self.plan.check)(&self.seen(&before, &self.case, None, &Actor::DAEMON, &events));
        }
    }

    fn allowed(&self, from: &str, to: &str) -> bool {
        self.plan.allowed.iter().any(|(state, next)| *state == from && next.contains(&to))
    }

    /// Several things may fall due between two looks.
    fn reaches(&self, from: &str, to: &str) -> bool {
        let mut found = BTreeSet::from([from]);
        loop {
            let next: Vec<&str> = self
                .plan
                .allowed
                .iter()
                .filter(|(state, _)| found.contains(state))
                .flat_map(|(_, to)| to.iter().copied())
                .collect();
            let before = found.len();
            found.extend(next);
            if found.contains(to) {
                return true;
            }
            if found.len() == before {
                return false;
            }
        }
    }

    fn every_event_says_enough(&self, events: &[Event]) {
        for event in events {
            for key in ["number", "day", "nth", "via", "state"] {
                assert!(event.data.contains_key(key), "{} does not say {key}", event.kind);
            }
            let facts = serde_json::to_string(&*event.data).unwrap();
            let told = SECRETS.iter().find(|secret| facts.contains(**secret));
            assert!(told.is_none(), "{} tells {told:?} to everybody: {facts}", event.kind);
        }
    }

    fn the_case_is_whole(&mut self) {
        let json = serde_json::to_string(&self.case).unwrap();
        let read: Case = serde_json::from_str(&json).unwrap();
        assert_eq!(read, self.case, "a case reads back: {json}");
        let kept = SECRETS.iter().find(|secret| json.contains(**secret));
        assert!(kept.is_none(), "{kept:?} is kept outside the person's part: {json}");
        let docket = &self.case.docket;
        if self.case.is_closed() {
            assert!(docket.tasks.is_empty() && docket.clocks.is_empty(), "a closed case leaves nothing behind");
            assert_eq!(self.case.wakes(&self.house), None);
            let mut forgotten = self.case.clone();
            forgotten.matter.forget_staff();
            let json = serde_json::to_string(&forgotten).unwrap();
            assert!(STAFF.iter().all(|name| !json.contains(name)), "somebody of the staff is not forgotten: {json}");
        } else {
            let owned = !docket.tasks.is_empty() || !docket.clocks.is_empty();
            assert!(owned || self.plan.waits.contains(&self.case.state()), "nobody's: \"{}\"", self.case.state());
        }
        let mut ids: Vec<u16> = docket.tasks.iter().map(|task| task.id).collect();
        ids.dedup();
        assert_eq!(ids.len(), docket.tasks.len(), "an id is never given twice");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;
    use crate::service::help;

    #[test]
    fn a_help_call_walks_from_asked_to_closed() {
        let request = help::Request { language: "zh-Hans".into() };
        walk(&Plan {
            openings: Just(Opening::Help(request)).boxed(),
            steps: Just(MatterStep::Help(help::Step::CallOff)).boxed(),
            allowed: &[
                ("", &["asked"]),
                ("asked", &["coming", "closed"]),
                ("coming", &["asked", "attended", "closed"]),
                ("attended", &["asked", "closed"]),
            ],
            waits: &[],
            outcomes: &[],
            check: &|seen| {
                assert_eq!(seen.after.is_closed(), seen.count(Kind::HelpClosed) == 1);
            },
            walks: 64,
            attempts: 40,
        });
    }
}
