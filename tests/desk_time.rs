//! The desk and time: a clock that is unset, that jumps, that is set for the first time; what falls due over a restart.

use chrono::{DateTime, TimeDelta, Utc};
use lobbyd::desk::{self, Answer, Command, Desk, Refusal, Settings};
use lobbyd::event::{Kind, Reading, Slug};
use lobbyd::journal::{CaseRow, JOURNAL_FILE, JournalError, Reader};
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

const PATIENCE: Duration = Duration::from_secs(20);

/// Noon at the site, 2026-11-21.
fn noon() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-21T04:00:00Z").unwrap().to_utc()
}

/// A machine whose clocks the test turns.
#[derive(Clone)]
struct Machine(Arc<Mutex<Reading>>);

impl Machine {
    fn at(utc: DateTime<Utc>, synced: bool) -> Self {
        Machine(Arc::new(Mutex::new(Reading { utc, synced, mono: Duration::from_secs(100) })))
    }

    /// Both clocks run.
    fn run(&self, by: TimeDelta) {
        let mut reading = self.0.lock().unwrap();
        reading.utc += by;
        reading.mono += by.to_std().unwrap();
    }

    /// Somebody or the network sets the wall clock.
    fn set(&self, utc: DateTime<Utc>) {
        let mut reading = self.0.lock().unwrap();
        (reading.utc, reading.synced) = (utc, true);
    }

    fn wall(&self) -> DateTime<Utc> {
        self.0.lock().unwrap().utc
    }
}

fn house() -> House {
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
    house.posts = vec![post("gate-a", Some("manager")), post("gate-b", Some("manager")), post("manager", None)];
    house
}

struct Open {
    machine: Machine,
    desk: Desk,
    thread: JoinHandle<Result<(), JournalError>>,
    dir: std::path::PathBuf,
}

fn open(dir: &Path, machine: &Machine) -> Open {
    let settings = Settings { data_dir: dir.to_owned(), house: house(), event_days: 90, person_days: 30 };
    let clock = machine.clone();
    let opened = desk::open(settings, move || *clock.0.lock().unwrap()).unwrap();
    Open { machine: machine.clone(), desk: opened.desk, thread: opened.thread, dir: dir.to_owned() }
}

impl Open {
    fn ask(&self, command: Command) -> Result<Answer, Refusal> {
        let (tx, rx) = mpsc::channel();
        self.desk.submit(command, move |answer| tx.send(answer).unwrap());
        rx.recv_timeout(PATIENCE).expect("the desk answers")
    }

    /// Lets the desk look at its clock: after the second answer the loop has gone round once.
    fn nudge(&self) {
        for _ in 0..2 {
            self.ask(Command::Probe).unwrap();
        }
    }

    fn open_case(&self, opening: Opening) -> Number {
        match self.ask(Command::Open { opening, source: Source::Kiosk, by: Actor::GUEST }) {
            Ok(Answer::Opened { number }) => number,
            other => panic!("{other:?}"),
        }
    }

    fn case(&self, number: Number) -> CaseRow {
        Reader::open(&self.dir).unwrap().case(number).unwrap().unwrap()
    }

    fn events(&self) -> Vec<(Kind, Value)> {
        let rows = Reader::open(&self.dir).unwrap().all_after(0, 10_000).unwrap();
        rows.iter().map(|row| (row.kind, serde_json::from_str(row.data.get()).unwrap())).collect()
    }

    fn kinds(&self) -> Vec<Kind> {
        self.events().into_iter().map(|(kind, _)| kind).collect()
    }

    /// Waits until the desk has told such an event as often as that.
    fn wait_for(&self, kind: Kind, times: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.kinds().iter().filter(|told| **told == kind).count() < times {
            assert!(Instant::now() < deadline, "{kind} was not told, only {:?}", self.kinds());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn close(self) {
        self.desk.close();
        self.thread.join().unwrap().unwrap();
    }
}

fn ring() -> Opening {
    Opening::Call(call::Request { door: Slug::new("lobby").unwrap(), unit: None, late: false })
}

fn repair() -> Opening {
    serde_json::from_value(repair_json()).unwrap()
}

fn repair_json() -> Value {
    json!({"repair": {
        "place": {"public": "lobby"}, "category": "water", "detail": null, "window": "soon-as-possible",
        "name": "测试甲", "phone": "13800000001", "language": "zh-Hans",
    }})
}

fn visit() -> Opening {
    Opening::Visit(SignIn {
        unit: Unit::parse("1203").unwrap(),
        name: Some(Name::parse("测试甲").unwrap()),
        phone: Some(Phone::parse("13800000001").unwrap()),
        purpose: Purpose::Friends,
        note: Some(Text::parse("三楼").unwrap()),
        heads: std::num::NonZeroU8::MIN,
        way_in: WayIn::Host,
        vacant: false,
        language: "zh-Hans".into(),
    })
}

fn due(row: &CaseRow, promise: Promise) -> DateTime<Utc> {
    row.case.docket.clock(promise).unwrap().due.time()
}

#[test]
fn a_call_goes_on_climbing_over_a_clock_that_jumps_by_three_hours() {
    for jump in [3, -3] {
        let dir = tempfile::tempdir().unwrap();
        let machine = Machine::at(noon(), true);
        let open = open(dir.path(), &machine);
        let number = open.open_case(ring());
        machine.run(TimeDelta::seconds(10));
        machine.set(machine.wall() + TimeDelta::hours(jump));
        open.nudge();
        open.wait_for(Kind::ClockStepped, 1);
        machine.run(TimeDelta::seconds(9));
        open.nudge();
        assert!(!open.kinds().contains(&Kind::TaskClimbed), "19 s have gone, {jump}: {:?}", open.kinds());
        machine.run(TimeDelta::seconds(2));
        open.nudge();
        open.wait_for(Kind::TaskClimbed, 1);
        machine.run(TimeDelta::seconds(40));
        open.nudge();
        open.wait_for(Kind::TaskMissed, 1);
        assert_eq!(open.case(number).case.state(), "missed");
        let stepped = open.events().into_iter().find(|(kind, _)| *kind == Kind::ClockStepped).unwrap().1;
        assert_eq!(stepped["by_ms"], json!(jump * 3_600_000));
        assert_eq!((&stepped["why"], &stepped["cases"]), (&json!("wall-stepped"), &json!(1)));
        open.close();
    }
}

#[test]
fn a_promise_of_24_hours_lasts_24_hours_whatever_the_wall_clock_does() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let open = open(dir.path(), &machine);
    let number = open.open_case(repair());
    for jump in [3, -3, -3, 3, 3] {
        machine.run(TimeDelta::hours(4));
        machine.set(machine.wall() + TimeDelta::hours(jump));
        open.nudge();
    }
    open.wait_for(Kind::ClockStepped, 5);
    machine.run(TimeDelta::minutes(4 * 60 - 1));
    open.nudge();
    let breached = |open: &Open| {
        open.events().iter().any(|(kind, data)| *kind == Kind::PromiseBreached && data["promise"] == "solve")
    };
    assert!(!breached(&open));
    machine.run(TimeDelta::minutes(1));
    open.nudge();
    let deadline = Instant::now() + PATIENCE;
    while !breached(&open) {
        assert!(Instant::now() < deadline, "{:?}", open.kinds());
        open.nudge();
    }
    assert_eq!(due(&open.case(number), Promise::Solve), noon() + TimeDelta::hours(27), "in the last wall clock");
    open.close();
}

#[test]
fn a_boot_in_1970_goes_on_where_the_journal_ends_and_is_put_right_by_the_network() {
    let dir = tempfile::tempdir().unwrap();
    let before = Machine::at(noon(), true);
    let first = open(dir.path(), &before);
    let old = first.open_case(repair());
    let promised = due(&first.case(old), Promise::Solve);
    first.close();

    // A power cut of three hours; no battery clock; no network for ten minutes.
    let machine = Machine::at(DateTime::UNIX_EPOCH, false);
    let second = open(dir.path(), &machine);
    let new = second.open_case(repair());
    let given = due(&second.case(new), Promise::Solve);
    assert!((given - promised).abs() < TimeDelta::seconds(1), "time goes on after the last record, not in 1970");
    machine.run(TimeDelta::minutes(10));
    machine.set(noon() + TimeDelta::hours(3) + TimeDelta::minutes(10));
    second.nudge();
    second.wait_for(Kind::ClockStepped, 1);
    assert_eq!(due(&second.case(old), Promise::Solve), promised, "given by a clock that was right");
    let moved = due(&second.case(new), Promise::Solve) - given;
    assert!((moved - TimeDelta::hours(3)).abs() < TimeDelta::seconds(1), "{moved}");
    let rows = Reader::open(dir.path()).unwrap().all_after(0, 100).unwrap();
    let quality = |kind| -> Vec<&str> {
        rows.iter().filter(|row| row.kind == kind).map(|row| row.stamp.quality.name()).collect()
    };
    assert_eq!(quality(Kind::RepairReceived), ["synced", "unsynced"]);
    assert_eq!(quality(Kind::ClockStepped), ["synced"]);
    second.close();
}

#[test]
fn a_session_that_ended_before_the_time_was_known_is_put_right_with_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(DateTime::UNIX_EPOCH, false);
    let first = open(dir.path(), &machine);
    let number = first.open_case(repair());
    assert_eq!(due(&first.case(number), Promise::Solve), DateTime::UNIX_EPOCH + TimeDelta::hours(24));
    first.close();
    machine.run(TimeDelta::minutes(1));
    let second = open(dir.path(), &machine);
    machine.set(noon());
    second.nudge();
    second.wait_for(Kind::ClockStepped, 1);
    let due = due(&second.case(number), Promise::Solve);
    assert!((due - noon() - TimeDelta::hours(24)).abs() < TimeDelta::minutes(2), "{due}");
    assert!(!second.kinds().contains(&Kind::PromiseBreached));
    second.close();
    let third = open(dir.path(), &machine);
    third.nudge();
    assert_eq!(third.kinds().iter().filter(|kind| **kind == Kind::ClockStepped).count(), 1, "once");
    third.close();
}

#[test]
fn a_hundred_milliseconds_are_followed_without_a_word() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let open = open(dir.path(), &machine);
    for _ in 0..50 {
        machine.run(TimeDelta::seconds(1));
        machine.set(machine.wall() + TimeDelta::milliseconds(100));
        open.nudge();
    }
    assert_eq!(open.kinds(), []);
    assert_eq!(open.desk.now().utc, machine.wall());
    open.close();
}

#[test]
fn what_fell_due_while_the_daemon_was_down_is_done_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let first = open(dir.path(), &machine);
    let call = first.open_case(ring());
    let repair = first.open_case(repair());
    first.close();
    machine.run(TimeDelta::hours(30));
    let second = open(dir.path(), &machine);
    second.wait_for(Kind::TaskMissed, 1);
    second.wait_for(Kind::PromiseBreached, 2);
    assert_eq!(second.case(call).case.state(), "missed");
    let breaches: Vec<Value> = second
        .events()
        .into_iter()
        .filter(|(kind, data)| *kind == Kind::PromiseBreached && data["promise"] == "solve")
        .map(|(_, data)| data["number"].clone())
        .collect();
    assert_eq!(breaches, [json!(repair.to_string())]);
    second.close();
}

#[test]
fn summer_time_does_not_move_a_promise() {
    // New York puts its clocks back on 2026-11-01 at 06:00Z; the day has 25 hours.
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(DateTime::parse_from_rfc3339("2026-10-31T16:00:00Z").unwrap().to_utc(), true);
    let mut settings = Settings { data_dir: dir.path().to_owned(), house: house(), event_days: 90, person_days: 30 };
    settings.house.zone = chrono_tz::America::New_York;
    let clock = machine.clone();
    let opened = desk::open(settings, move || *clock.0.lock().unwrap()).unwrap();
    let open = Open { machine: machine.clone(), desk: opened.desk, thread: opened.thread, dir: dir.path().to_owned() };
    let number = open.open_case(repair());
    assert_eq!(due(&open.case(number), Promise::Solve), machine.wall() + TimeDelta::hours(24));
    open.machine.run(TimeDelta::minutes(24 * 60 - 1));
    open.nudge();
    let solve = |(kind, data): &(Kind, Value)| *kind == Kind::PromiseBreached && data["promise"] == "solve";
    assert!(!open.events().iter().any(solve));
    open.machine.run(TimeDelta::minutes(1));
    open.nudge();
    let deadline = Instant::now() + PATIENCE;
    while !open.events().iter().any(solve) {
        assert!(Instant::now() < deadline);
        open.nudge();
    }
    open.close();
}

#[test]
fn a_case_of_another_version_stops_nobody_and_is_no_full_disk() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let first = open(dir.path(), &machine);
    let strange = first.open_case(ring());
    let call = first.open_case(ring());
    let visit = first.open_case(visit());
    first.close();
    rusqlite::Connection::open(dir.path().join(JOURNAL_FILE))
        .unwrap()
        .execute_batch(
            "UPDATE casefile SET data = '{\"docket\":{},\"matter\":{\"seance\":{}}}' WHERE series = 'I' AND nth = 1;
             INSERT INTO casefile (series, day, nth, matter, state, data, wake, opened_seq, changed_seq)
             VALUES ('X', 20261121, 1, 'seance', 'open', '{}', 1, 1, 1)",
        )
        .unwrap();
    let second = open(dir.path(), &machine);
    machine.run(TimeDelta::seconds(61));
    second.nudge();
    second.wait_for(Kind::TaskMissed, 1);
    assert_eq!(second.case(call).case.state(), "missed");
    assert_eq!(*second.desk.storage().borrow(), desk::Storage::Sound);
    let step =
        serde_json::from_value(json!({"chase": null})).or_else(|_| serde_json::from_value(json!("chase"))).unwrap();
    let by = Actor::DAEMON;
    let answer = second.ask(Command::Move { number: strange, step, seen: None, by }).unwrap();
    assert!(matches!(answer, Answer::Objected(objection) if objection.code() == "unreadable"));
    let reader = Reader::open(dir.path()).unwrap();
    let numbers: Vec<Number> = reader.open_cases().unwrap().iter().map(|row| row.case.docket.number).collect();
    assert_eq!(numbers, [call, visit], "the pages show the others");
    second.close();
}
