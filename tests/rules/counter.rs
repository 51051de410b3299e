//! A desk behind whose counter every role stands, with a clock that the tests turn.

use crate::clockwork::{Machine, Open, noon, open_house};
use chrono::TimeDelta;
use lobbyd::desk::{Answer, Command};
use lobbyd::event::{Kind, Slug};
use lobbyd::journal::CaseRow;
use lobbyd::service::case::{Source, Task};
use lobbyd::service::house::{Duty, House, Post};
use lobbyd::service::number::Number;
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::{Value, json};

pub const NAME: &str = "欧阳测试";
pub const PHONE: &str = "13800000001";

pub fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

/// One post for each duty; the manager's is the superior of all.
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
    let mut house = House::bare(chrono_tz::Asia::Shanghai);
    house.figures.patrol.rounds.clear();
    house.posts = vec![
        post("gate", &[Duty::Call, Duty::Alarm, Duty::Errand], Some("office")),
        post("front", &[Duty::Desk], Some("office")),
        post("workshop", &[Duty::Repair], Some("office")),
        post("office", &[Duty::Supervise], Some("manager")),
        post("manager", &[Duty::Manage], None),
    ];
    house
}

/// Somebody of this role, at his post.
pub fn staff(role: Role) -> Actor {
    let post = match role {
        Role::Guard | Role::ShiftLeader => "gate",
        Role::FrontDesk | Role::Auditor => "front",
        Role::Engineer => "workshop",
        Role::Supervisor => "office",
        Role::ProjectManager => "manager",
    };
    Actor::staff(slug(role.name()), "职员".into(), role, Some(slug(post)), Via::Page)
}

/// A form of each kind that people bring, with everything that it asks for.
pub fn form(matter: &str) -> Value {
    let mut form = match matter {
        "repair" => {
            json!({ "place": { "home": "1203" }, "category": "water", "detail": "厨房漏水", "windows": ["soon-as-possible"] })
        }
        "complaint" => json!({ "text": "太吵了", "topic": "noise", "unit": "1203" }),
        "enquiry" => json!({ "text": "几点停水", "written": true, "unit": "1203" }),
        "suggestion" => json!({ "text": "多种树", "unit": "1203" }),
        "service" => json!({ "item": "29", "unit": "1203" }),
        "visit" => json!({ "unit": "1203", "purpose": "friends" }),
        "help" => return json!({ "language": "zh-Hans" }),
        other => panic!("no form for a {other}"),
    };
    let more = [("name", NAME), ("phone", PHONE), ("language", "zh-Hans")];
    form.as_object_mut().unwrap().extend(more.map(|(key, value)| (key.to_owned(), json!(value))));
    form
}

/// The form with one answer changed.
pub fn with(matter: &str, key: &str, value: Value) -> Value {
    let mut form = form(matter);
    form[key] = value;
    form
}

pub struct Counter {
    pub open: Open,
    _dir: tempfile::TempDir,
}

impl Counter {
    pub fn new() -> Self {
        Counter::of(house())
    }

    pub fn of(house: House) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let open = open_house(dir.path(), &Machine::at(noon(), true), house).unwrap();
        Counter { open, _dir: dir }
    }

    /// Somebody at the glass brings this.
    pub fn brings(&self, matter: &str, form: Value) -> Number {
        self.noted(matter, form, Source::Kiosk, &Actor::GUEST)
    }

    pub fn noted(&self, matter: &str, form: Value, source: Source, by: &Actor) -> Number {
        let opening = serde_json::from_value(json!({ matter: form })).unwrap();
        match self.open.ask(Command::Open { opening, source, by: by.clone() }).unwrap() {
            Answer::Opened { number, .. } => number,
            other => panic!("{other:?}"),
        }
    }

    /// A step as the page posts it: the state that it leads to, or why it is refused.
    pub fn step(&self, number: Number, step: Value, role: Role) -> Result<&'static str, &'static str> {
        let step = serde_json::from_value(step.clone()).unwrap_or_else(|error| panic!("{error}: {step}"));
        match self.open.ask(Command::Move { number, step, seen: None, by: staff(role) }).unwrap() {
            Answer::Moved { state, .. } => Ok(state),
            Answer::Objected(objection) => Err(objection.code()),
            other => panic!("{other:?}"),
        }
    }

    /// A step with the open task of this errand.
    pub fn task(&self, number: Number, errand: &str, step: Value, role: Role) -> Result<&'static str, &'static str> {
        let task = self.asked(number, errand).unwrap_or_else(|| panic!("nobody is asked to {errand}")).id;
        self.step(number, json!({ "task": { "task": task, "step": step } }), role)
    }

    pub fn case(&self, number: Number) -> CaseRow {
        self.open.case(number)
    }

    /// The open task of this errand.
    pub fn asked(&self, number: Number, errand: &str) -> Option<Task> {
        self.case(number).case.docket.tasks.into_iter().find(|task| task.errand.name() == errand)
    }

    pub fn told(&self, kind: Kind) -> Vec<Value> {
        self.open.events().into_iter().filter(|(told, _)| *told == kind).map(|(_, facts)| facts).collect()
    }

    pub fn pass(&self, span: TimeDelta) {
        self.open.machine.run(span);
        self.open.nudge();
    }

    /// A repair in a home up to the end of the work.
    pub fn work(&self, repair: Number, finish: Value) -> Result<&'static str, &'static str> {
        let of = |step| json!({ "matter": { "repair": step } });
        self.step(repair, of(json!({ "identify": { "how": "code" } })), Role::FrontDesk).unwrap();
        let claim = json!({ "claim": { "eta": { "minutes": 30 } } });
        self.task(repair, "repair", claim, Role::Engineer).unwrap();
        self.task(repair, "repair", json!({ "arrived": {} }), Role::Engineer).unwrap();
        let fault = json!({ "confirm-fault": { "category": "water", "fault": "软管破了" } });
        self.step(repair, of(fault), Role::Engineer).unwrap();
        self.step(repair, of(json!({ "start": { "entry_consent": true } })), Role::Engineer).unwrap();
        self.step(repair, of(json!({ "done": finish })), Role::Engineer)
    }
}

/// The end of the work, well done.
pub fn finish() -> Value {
    json!({ "result": "换了软管", "site_restored": true, "accepted": true, "signature": "screen" })
}
