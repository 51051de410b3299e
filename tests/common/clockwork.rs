//! A desk whose clocks the test turns: a real journal, a house with two gates and a manager.
#![allow(dead_code, reason = "each test binary uses a part of this")]

use chrono::{DateTime, TimeDelta, Utc};
use lobbyd::desk::{self, Answer, Command, Desk, Refusal, Settings};
use lobbyd::event::{Kind, Reading, Slug};
use lobbyd::journal::{CaseRow, JournalError, Keep, Reader};
use lobbyd::service::call;
use lobbyd::service::case::{Promise, Source};
use lobbyd::service::contact::{Name, Phone, Text, Unit};
use lobbyd::service::house::{Duty, House, Post};
use lobbyd::service::matter::Opening;
use lobbyd::service::number::Number;
use lobbyd::service::staff::Actor;
use lobbyd::service::visit::{Purpose, SignIn, WayIn};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub const PATIENCE: Duration = Duration::from_secs(60);

/// Noon at the site, 2026-11-21.
pub fn noon() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-21T04:00:00Z").unwrap().to_utc()
}

/// A machine whose clocks the test turns.
#[derive(Clone)]
pub struct Machine(pub Arc<Mutex<Reading>>);

impl Machine {
    pub fn at(utc: DateTime<Utc>, synced: bool) -> Self {
        Machine(Arc::new(Mutex::new(Reading { utc, synced, mono: Duration::from_secs(100) })))
    }

    /// Both clocks run.
    pub fn run(&self, by: TimeDelta) {
        let mut reading = self.0.lock().unwrap();
        reading.utc += by;
        reading.mono += by.to_std().unwrap();
    }

    /// Somebody or the network sets the wall clock.
    pub fn set(&self, utc: DateTime<Utc>) {
        let mut reading = self.0.lock().unwrap();
        (reading.utc, reading.synced) = (utc, true);
    }

    pub fn wall(&self) -> DateTime<Utc> {
        self.0.lock().unwrap().utc
    }
}

pub fn house() -> House {
    let post = |id: &str, superior: Option<&str>| Post {
        id: Slug::new(id).unwrap(),
        name: None,
        takes: vec![Duty::Call, Duty::Desk, Duty::Repair, Duty::Errand],
        superior: superior.map(|id| Slug::new(id).unwrap()),
        fixed: false,
        doors: Vec::new(),
        shifts: Vec::new(),
    };
    let mut house = House::bare(chrono_tz::Asia::Shanghai);
    house.figures.patrol.rounds.clear();
    house.posts = vec![post("gate-a", Some("manager")), post("gate-b", Some("manager")), post("manager", None)];
    house
}

pub struct Open {
    pub machine: Machine,
    pub desk: Desk,
    thread: JoinHandle<Result<(), JournalError>>,
    pub dir: std::path::PathBuf,
}

pub fn open(dir: &Path, machine: &Machine) -> Open {
    open_house(dir, machine, house()).unwrap()
}

pub fn open_house(dir: &Path, machine: &Machine, house: House) -> Result<Open, desk::OpenError> {
    let settings = Settings { data_dir: dir.to_owned(), house, keep: Keep::default() };
    let clock = machine.clone();
    let opened = desk::open(settings, move || *clock.0.lock().unwrap())?;
    Ok(Open { machine: machine.clone(), desk: opened.desk, thread: opened.thread, dir: dir.to_owned() })
}

impl Open {
    pub fn ask(&self, command: Command) -> Result<Answer, Refusal> {
        let (tx, rx) = mpsc::channel();
        self.desk.submit(command, move |answer| tx.send(answer).unwrap());
        rx.recv_timeout(PATIENCE).expect("the desk answers")
    }

    /// Lets the desk look at its clock: after the second answer the loop has gone round once.
    pub fn nudge(&self) {
        for _ in 0..2 {
            self.ask(Command::Probe).unwrap();
        }
    }

    pub fn open_case(&self, opening: Opening) -> Number {
        match self.ask(Command::Open { opening, source: Source::Kiosk, by: Actor::GUEST }) {
            Ok(Answer::Opened { number, .. }) => number,
            other => panic!("{other:?}"),
        }
    }

    pub fn case(&self, number: Number) -> CaseRow {
        Reader::open(&self.dir).unwrap().case(number).unwrap().unwrap()
    }

    pub fn events(&self) -> Vec<(Kind, Value)> {
        let rows = Reader::open(&self.dir).unwrap().all_after(0, 10_000).unwrap();
        rows.iter().map(|row| (row.kind, serde_json::from_str(row.data.get()).unwrap())).collect()
    }

    /// What was told of this kind, in order.
    pub fn told(&self, kind: Kind) -> Vec<Value> {
        self.events().into_iter().filter(|(told, _)| *told == kind).map(|(_, data)| data).collect()
    }

    pub fn kinds(&self) -> Vec<Kind> {
        self.events().into_iter().map(|(kind, _)| kind).collect()
    }

    /// Waits until the desk has told such an event as often as that.
    pub fn wait_for(&self, kind: Kind, times: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.kinds().iter().filter(|told| **told == kind).count() < times {
            assert!(Instant::now() < deadline, "{kind} was not told, only {:?}", self.kinds());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn close(self) {
        self.desk.close();
        self.thread.join().unwrap().unwrap();
    }
}

pub fn ring() -> Opening {
    Opening::Call(call::Request { door: Slug::new("lobby").unwrap(), unit: None, late: false })
}

pub fn repair() -> Opening {
    serde_json::from_value(repair_json()).unwrap()
}

fn repair_json() -> Value {
    json!({"repair": {
        "place": {"public": "lobby"}, "category": "water", "detail": null, "windows": ["soon-as-possible"],
        "name": "测试甲", "phone": "13800000001", "language": "zh-Hans",
    }})
}

pub fn visit() -> Opening {
    Opening::Visit(SignIn {
        unit: Unit::parse("1203").unwrap(),
        name: Some(Name::parse("测试甲").unwrap()),
        phone: Some(Phone::parse("13800000001").unwrap()),
        identity: None,
        purpose: Purpose::Friends,
        note: Some(Text::parse("三楼").unwrap()),
        heads: std::num::NonZeroU8::MIN,
        way_in: WayIn::Host,
        language: "zh-Hans".into(),
    })
}

pub fn due(row: &CaseRow, promise: Promise) -> DateTime<Utc> {
    row.case.docket.clock(promise).unwrap().due.time()
}
