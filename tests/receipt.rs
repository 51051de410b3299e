//! Whoever holds a slip asks how his ticket stands, through the desk: what he reads, what he can do, and what nobody
//! learns who holds none.

use chrono::{DateTime, TimeDelta};
use lobbyd::desk::{self, Answer, Command, Desk, Settings};
use lobbyd::event::{Kind, Now, Slug};
use lobbyd::journal::{JournalError, Keep, Reader};
use lobbyd::service::case::{Eta, Objection, Promise, Source, Step, TaskStep};
use lobbyd::service::house::{Duty, House, Post};
use lobbyd::service::matter::Opening;
use lobbyd::service::number::Number;
use lobbyd::service::progress::{Progress, Receipt, Stage, Wish};
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Longest that the desk may take for anything here.
const PATIENCE: Duration = Duration::from_secs(60);

struct Lobby {
    desk: Desk,
    thread: JoinHandle<Result<(), JournalError>>,
    minutes: Arc<AtomicI64>,
}

impl Lobby {
    fn open(dir: &Path) -> Self {
        let minutes = Arc::new(AtomicI64::new(0));
        let posts = vec![Post {
            id: Slug::new("workshop").unwrap(),
            name: None,
            takes: vec![Duty::Repair, Duty::Desk, Duty::Manage],
            superior: None,
            fixed: false,
            doors: vec![],
            shifts: vec![],
        }];
        let house = House { posts, ..House::bare(chrono_tz::Asia::Shanghai) };
        let settings = Settings { data_dir: dir.to_owned(), house, keep: Keep::default() };
        let clock = minutes.clone();
        let noon = DateTime::parse_from_rfc3339("2026-11-21T04:00:00Z").unwrap().to_utc();
        let now = move || Now { utc: noon + TimeDelta::minutes(clock.load(Ordering::SeqCst)), synced: true };
        let opened = desk::open(settings, now).unwrap();
        Lobby { desk: opened.desk, thread: opened.thread, minutes }
    }

    fn ask(&self, command: Command) -> Answer {
        let (tx, rx) = mpsc::channel();
        self.desk.submit(command, move |answer| tx.send(answer).unwrap());
        rx.recv_timeout(PATIENCE).expect("the desk answers").expect("the disk works")
    }

    fn repair(&self) -> Number {
        let request = json!({ "repair": {
            "place": { "public": "corridor" }, "category": "water", "detail": "厨房漏水", "name": "测试甲",
            "phone": "13800000001", "language": "zh-Hans",
        }});
        let opening: Opening = serde_json::from_value(request).unwrap();
        match self.ask(Command::Open { opening, source: Source::Kiosk, by: Actor::GUEST }) {
            Answer::Opened { number, .. } => number,
            other => panic!("{other:?}"),
        }
    }

    fn inquire(&self, number: &str, tail: &str, wish: Option<Wish>) -> Answer {
        self.ask(Command::Inquire { receipt: Receipt::parse(number, tail).unwrap(), wish })
    }

    fn progress(&self, number: Number) -> Progress {
        match self.inquire(&number.to_string(), "0001", None) {
            Answer::Progress(Some(progress)) => *progress,
            other => panic!("{other:?}"),
        }
    }

    fn close(self) {
        self.desk.close();
        self.thread.join().unwrap().unwrap();
    }
}

fn engineer() -> Actor {
    let post = Some(Slug::new("workshop").unwrap());
    Actor::staff(Slug::new("g1").unwrap(), "测试乙".into(), Role::Engineer, post, Via::Page)
}

fn stages(progress: &Progress) -> Vec<Stage> {
    progress.milestones.iter().map(|milestone| milestone.stage).collect()
}

fn count(dir: &Path, kind: Kind) -> usize {
    Reader::open(dir).unwrap().all_after(0, 10_000).unwrap().iter().filter(|row| row.kind == kind).count()
}

#[test]
fn who_holds_the_slip_reads_who_comes_and_what_was_promised() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.repair();
    let fresh = lobby.progress(number);
    assert_eq!((fresh.number, stages(&fresh)), (number, vec![Stage::Received]));
    assert!(fresh.promise.is_some_and(|(promise, _)| promise != Promise::Redispatch));
    let claim = TaskStep::Claim { on_behalf: None, eta: Some(Eta::Minutes(20)), relief: None };
    let step = Step::Task { task: 1, step: claim };
    let taken = lobby.ask(Command::Move { number, step, seen: None, by: engineer() });
    assert!(matches!(taken, Answer::Moved { state: "accepted", .. }), "{taken:?}");
    let taken = lobby.progress(number);
    assert_eq!(stages(&taken), [Stage::Received, Stage::Accepted]);
    assert_eq!(taken.milestones[1].who.as_deref(), Some("测试乙"));
    lobby.close();
}

#[test]
fn a_wrong_number_and_a_wrong_phone_read_the_same_and_the_look_that_succeeds_is_journaled() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.repair();
    for (number, tail) in [("R-1121-02", "0001"), ("R-1121-01", "0002"), ("C-1121-01", "0001"), ("R-1122-01", "0001")] {
        assert_eq!(lobby.inquire(number, tail, Some(Wish::Withdraw)), Answer::Progress(None), "{number} {tail}");
    }
    assert_eq!(count(dir.path(), Kind::RecordViewed), 0);
    assert!(!stages(&lobby.progress(number)).contains(&Stage::Withdrawn));
    assert_eq!(count(dir.path(), Kind::RecordViewed), 1);
    lobby.close();
}

#[test]
fn chasing_is_heard_once_in_half_an_hour_and_not_offered_in_between() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.repair();
    assert!(lobby.progress(number).can_chase);
    let Answer::Progress(Some(chased)) = lobby.inquire("R-1121-01", "0001", Some(Wish::Chase)) else { panic!() };
    assert!(stages(&chased).contains(&Stage::Chased) && !chased.can_chase);
    assert_eq!(lobby.inquire("R-1121-01", "0001", Some(Wish::Chase)), Answer::Objected(Objection::TooSoon));
    lobby.minutes.store(31, Ordering::SeqCst);
    assert!(lobby.progress(number).can_chase);
    lobby.close();
}

#[test]
fn what_is_withdrawn_has_ended_and_offers_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.repair();
    assert!(lobby.progress(number).can_withdraw);
    let Answer::Progress(Some(ended)) = lobby.inquire("R-1121-01", "0001", Some(Wish::Withdraw)) else { panic!() };
    assert_eq!((ended.state, stages(&ended).last().copied()), ("withdrawn", Some(Stage::Withdrawn)));
    assert!(!ended.can_chase && !ended.can_withdraw && !ended.can_rate && ended.promise.is_none());
    lobby.close();
}

#[test]
fn who_tries_one_slip_after_the_other_waits_and_somebody_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let number = lobby.repair();
    let tries = |tail: u32| lobby.inquire("R-1121-01", &format!("{tail:04}"), None);
    let waits = (2..20).map(tries).find(|answer| !matches!(answer, Answer::Progress(None)));
    assert!(matches!(waits, Some(Answer::Objected(Objection::Guessing { .. }))), "{waits:?}");
    assert_eq!(count(dir.path(), Kind::CodeGuessed), 1);
    // The right one waits too: else the wait itself would tell which is right.
    assert!(matches!(lobby.inquire("R-1121-01", "0001", None), Answer::Objected(Objection::Guessing { .. })));
    lobby.minutes.store(24 * 60, Ordering::SeqCst);
    lobby.progress(number);
    lobby.close();
}
