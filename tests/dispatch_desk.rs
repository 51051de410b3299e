//! From a device's word to a guard's task, through the desk and its journal: what rings, what is the same call, what becomes of
//! an alarm, and what history must never do.

use chrono::{DateTime, TimeDelta, Utc};
use lobbyd::desk::{self, Answer, Code, Command, Desk, Settings};
use lobbyd::event::{Fingerprint, Identity, Kind, Now, Quality, Slug, Stamp, data};
use lobbyd::journal::{JournalError, Keep, Reader};
use lobbyd::service::case::{Case, Errand, Objection, Source, Step, TaskStep};
use lobbyd::service::contact::Unit;
use lobbyd::service::delivery::ParcelCode;
use lobbyd::service::door::Report;
use lobbyd::service::house::{Duty, House, Post};
use lobbyd::service::number::Series;
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU16, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longest that the desk may take for anything here.
const PATIENCE: Duration = Duration::from_secs(60);

fn noon() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-21T04:00:00Z").unwrap().to_utc()
}

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

fn house() -> House {
    let post = |id: &str, takes: &[Duty], superior: Option<&str>| Post {
        id: slug(id),
        name: None,
        takes: takes.to_vec(),
        superior: superior.map(slug),
        fixed: false,
        doors: Vec::new(),
        shifts: Vec::new(),
    };
    let gate = Post { doors: vec![slug("lobby")], ..post("gate", &[Duty::Call, Duty::Alarm], Some("office")) };
    let desk = post("desk", &[Duty::Call, Duty::Desk], Some("office"));
    let office = post("office", &[Duty::Supervise, Duty::Manage], None);
    House { posts: vec![desk, gate, office], ..House::bare(chrono_tz::Asia::Shanghai) }
}

/// A desk whose clock the test sets.
struct Lobby {
    dir: PathBuf,
    desk: Desk,
    thread: JoinHandle<Result<(), JournalError>>,
    clock: Arc<AtomicI64>,
    packet: AtomicU16,
}

impl Lobby {
    fn open(dir: &Path, seconds: i64) -> Self {
        let clock = Arc::new(AtomicI64::new(seconds));
        let settings = Settings { data_dir: dir.to_owned(), house: house(), keep: Keep::default() };
        let reads = clock.clone();
        let now = move || Now { utc: noon() + TimeDelta::seconds(reads.load(Ordering::SeqCst)), synced: true };
        let opened = desk::open(settings, now).unwrap();
        let packet = AtomicU16::new(u16::try_from(seconds % 60_000).unwrap());
        Lobby { dir: dir.to_owned(), desk: opened.desk, thread: opened.thread, clock, packet }
    }

    fn ask(&self, command: Command) -> Answer {
        let (tx, rx) = mpsc::channel();
        self.desk.submit(command, move |answer| tx.send(answer).unwrap());
        rx.recv_timeout(PATIENCE).expect("the desk answers").expect("the disk works")
    }

    fn says(&self, kind: Kind, door: &str) -> Report {
        let at = self.clock.load(Ordering::SeqCst);
        let packet = self.packet.fetch_add(1, Ordering::SeqCst);
        Report {
            kind,
            subject: slug(door),
            identity: Identity::Delivery { fingerprint: Fingerprint::of("door", b"x", packet, 0), repeated: false },
            stamp: Stamp { time: noon() + TimeDelta::seconds(at), quality: Quality::Synced },
            replayed: false,
            retained: false,
            data: data([("device", json!({"product": "test"}))]).into(),
        }
    }

    fn hear(&self, kind: Kind) {
        self.heard(self.says(kind, "lobby"));
    }

    fn heard(&self, report: Report) {
        self.ask(Command::Heard(vec![report]));
    }

    /// The time passes, and the desk has done what it brings.
    fn until(&self, seconds: i64) {
        self.clock.store(seconds, Ordering::SeqCst);
        let deadline = Instant::now() + PATIENCE;
        let now = noon() + TimeDelta::seconds(seconds);
        while self.open_cases().iter().any(|case| case.wakes(&house()).is_some_and(|wake| wake <= now)) {
            assert!(Instant::now() < deadline, "what was due was not done");
            self.ask(Command::Probe);
        }
    }

    /// Open calls and alarms; what the day brings by itself has its own tests.
    fn open_cases(&self) -> Vec<Case> {
        let cases = Reader::open(&self.dir).unwrap().open_cases().unwrap().into_iter().map(|row| row.case);
        cases.filter(|case| matches!(case.docket.number.series, Series::Call | Series::Alarm)).collect()
    }

    /// The states of the open cases, in order.
    fn states(&self) -> Vec<&'static str> {
        self.open_cases().iter().map(Case::state).collect()
    }

    /// What was told of this kind, as it stands in the journal.
    fn told(&self, kind: Kind) -> Vec<String> {
        let rows = Reader::open(&self.dir).unwrap().all_after(0, 10_000).unwrap();
        rows.iter().filter(|row| row.kind == kind).map(|row| row.data.get().to_owned()).collect()
    }

    fn count(&self, kind: Kind) -> usize {
        self.told(kind).len()
    }

    fn step(&self, case: &Case, step: TaskStep, by: &Actor) -> Answer {
        let step = Step::Task { task: case.docket.tasks[0].id, step };
        self.ask(Command::Move { number: case.docket.number, step, seen: None, by: by.clone() })
    }

    fn close(self) {
        self.desk.close();
        self.thread.join().unwrap().unwrap();
    }
}

fn guard(id: &str, post: &str) -> Actor {
    Actor::staff(slug(id), id.into(), Role::Guard, Some(slug(post)), Via::Page)
}

const CLAIM: TaskStep = TaskStep::Claim { on_behalf: None, eta: None, relief: None };
const DONE: TaskStep = TaskStep::Done { outcome: None, channel: None, note: None };

fn lobby() -> (tempfile::TempDir, Lobby) {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path(), 0);
    (dir, lobby)
}

#[test]
fn a_ring_is_offered_to_the_doors_own_post_and_a_second_press_is_the_same_call() {
    let (_dir, lobby) = lobby();
    lobby.hear(Kind::CallRinging);
    lobby.until(10);
    lobby.hear(Kind::CallRinging);
    let cases = lobby.open_cases();
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].docket.facts["presses"], 2);
    assert_eq!(cases[0].docket.tasks[0].asked().map(Slug::as_str).collect::<Vec<_>>(), ["gate"]);
    lobby.heard(lobby.says(Kind::CallRinging, "garage"));
    assert_eq!(lobby.open_cases().len(), 2, "another door is another call");
    lobby.close();
}

#[test]
fn a_ring_that_the_broker_sends_again_rings_once() {
    let (_dir, lobby) = lobby();
    let ring = lobby.says(Kind::CallRinging, "lobby");
    lobby.heard(ring.clone());
    let Identity::Delivery { fingerprint, .. } = ring.identity else { panic!() };
    lobby.heard(Report { identity: Identity::Delivery { fingerprint, repeated: true }, ..ring });
    assert_eq!((lobby.open_cases().len(), lobby.count(Kind::CallRepeated)), (1, 0));
    lobby.close();
}

#[test]
fn a_retained_ring_or_alarm_makes_nobody_run() {
    let (_dir, lobby) = lobby();
    for kind in [Kind::CallRinging, Kind::DoorForced, Kind::Duress, Kind::DeviceOffline] {
        lobby.heard(Report { retained: true, ..lobby.says(kind, "lobby") });
    }
    assert!(lobby.open_cases().is_empty());
    lobby.close();
}

#[test]
fn history_that_a_device_replays_raises_no_alarm_and_its_rings_are_one_missed_call() {
    let (_dir, lobby) = lobby();
    for kind in [Kind::DoorForced, Kind::Tamper, Kind::Duress, Kind::DoorOpened, Kind::CallAnswered] {
        lobby.heard(Report { replayed: true, ..lobby.says(kind, "lobby") });
    }
    assert!(lobby.open_cases().is_empty());
    for _ in 0..50 {
        lobby.heard(Report { replayed: true, ..lobby.says(Kind::CallRinging, "lobby") });
    }
    let old = Stamp { time: noon() - TimeDelta::hours(25), quality: Quality::Synced };
    lobby.heard(Report { replayed: true, stamp: old, ..lobby.says(Kind::CallRinging, "garage") });
    let cases = lobby.open_cases();
    assert_eq!(lobby.states(), ["missed"], "what is a day old is history");
    assert_eq!((cases[0].docket.tasks[0].errand, &cases[0].docket.facts["presses"]), (Errand::MissedCall, &json!(50)));
    lobby.close();
}

#[test]
fn a_ring_that_comes_too_late_is_a_missed_call_that_somebody_must_acknowledge() {
    let (_dir, lobby) = lobby();
    let old = Stamp { time: noon() - TimeDelta::seconds(61), quality: Quality::Synced };
    lobby.heard(Report { stamp: old, ..lobby.says(Kind::CallRinging, "lobby") });
    assert_eq!((lobby.states(), lobby.count(Kind::CallMissed)), (vec!["missed"], 1));
    assert!(matches!(lobby.step(&lobby.open_cases()[0], DONE, &guard("g", "gate")), Answer::Moved { .. }));
    assert!(lobby.open_cases().is_empty());
    lobby.close();
}

#[test]
fn nobody_answers_and_the_panel_says_so_too_and_the_next_ring_is_another_call() {
    let (_dir, lobby) = lobby();
    lobby.hear(Kind::CallRinging);
    lobby.until(60);
    assert_eq!(lobby.states(), ["missed"]);
    lobby.hear(Kind::CallMissed);
    assert_eq!(lobby.open_cases().len(), 1, "the panel's word for the same call");
    lobby.hear(Kind::CallRinging);
    assert_eq!(lobby.states(), ["missed", "ringing"]);
    lobby.until(61);
    lobby.hear(Kind::DoorOpened);
    assert_eq!(lobby.states(), ["missed"], "the door ends the ring, not the missed call");
    lobby.close();
}

#[test]
fn what_a_panel_says_of_a_call_that_has_ended_a_moment_ago_opens_no_second_one() {
    let done_by = |lobby: &Lobby| lobby.step(&lobby.open_cases()[0], DONE, &guard("g", "gate"));
    let (_dir, lobby) = lobby();
    lobby.hear(Kind::CallRinging);
    lobby.step(&lobby.open_cases()[0], CLAIM, &guard("g", "gate"));
    done_by(&lobby);
    lobby.until(50);
    lobby.hear(Kind::CallMissed);
    assert_eq!(lobby.states(), [""; 0], "a guard has looked after the visitor; the panel's own line just rang on");
    lobby.until(200);
    lobby.hear(Kind::CallRinging);
    lobby.until(260);
    done_by(&lobby);
    lobby.hear(Kind::CallMissed);
    assert_eq!(lobby.states(), [""; 0], "missed by our clock and acknowledged already");
    lobby.until(200 + 121);
    lobby.hear(Kind::CallMissed);
    assert_eq!(lobby.states(), ["missed"], "later it is somebody else");
    done_by(&lobby);
    lobby.hear(Kind::CallMissed);
    assert_eq!(lobby.states(), ["missed"], "a panel that tells no rings: each is a visitor");
    lobby.close();
}

#[test]
fn a_panel_that_rings_short_leaves_a_missed_call_and_a_change_of_mind_does_not() {
    let (_dir, lobby) = lobby();
    lobby.hear(Kind::CallRinging);
    lobby.until(30);
    lobby.hear(Kind::CallEnded);
    assert_eq!(lobby.states(), ["missed"]);
    lobby.heard(lobby.says(Kind::CallRinging, "garage"));
    lobby.until(35);
    lobby.heard(lobby.says(Kind::CallEnded, "garage"));
    assert_eq!(lobby.states(), ["missed"]);
    lobby.close();
}

#[test]
fn the_resident_answers_or_does_not_want_to_and_the_posts_stop_ringing() {
    for kind in [Kind::CallAnswered, Kind::CallRejected, Kind::DoorOpened] {
        let (_dir, lobby) = lobby();
        lobby.hear(Kind::CallRinging);
        lobby.until(5);
        lobby.hear(kind);
        assert!(lobby.open_cases().is_empty(), "{kind}");
        assert_eq!((lobby.count(Kind::TaskCancelled), lobby.count(Kind::CallClosed)), (1, 1));
        lobby.close();
    }
}

#[test]
fn what_the_intercom_hears_is_contact_for_the_guard_who_claimed() {
    let (_dir, lobby) = lobby();
    lobby.hear(Kind::CallRinging);
    lobby.step(&lobby.open_cases()[0], CLAIM, &guard("g", "gate"));
    lobby.until(5);
    lobby.hear(Kind::CallAnswered);
    lobby.until(600);
    assert_eq!(lobby.states(), ["connected"], "his claim does not lapse");
    lobby.hear(Kind::CallRinging);
    assert_eq!(lobby.states(), ["connected", "ringing"], "ten minutes later somebody else stands there");
    lobby.close();
}

#[test]
fn two_guards_race_for_a_call_and_the_journal_knows_both() {
    let (_dir, lobby) = lobby();
    lobby.hear(Kind::CallRinging);
    lobby.until(20);
    let case = &lobby.open_cases()[0];
    assert!(matches!(lobby.step(case, CLAIM, &guard("g1", "gate")), Answer::Moved { state: "claimed", .. }));
    assert_eq!(lobby.step(case, CLAIM, &guard("g2", "desk")), Answer::Objected(Objection::Claimed("g1".into())));
    assert_eq!((lobby.count(Kind::TaskClaimed), lobby.count(Kind::RequestRefused)), (1, 1));
    lobby.close();
}

#[test]
fn a_call_that_was_ringing_when_the_power_went_is_missed_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path(), 0);
    lobby.hear(Kind::CallRinging);
    lobby.close();
    let lobby = Lobby::open(dir.path(), 5 * 3600);
    lobby.until(5 * 3600);
    assert_eq!(lobby.states(), ["missed"]);
    let climbed = lobby.told(Kind::TaskClimbed).into_iter().filter(|data| data.contains("answer-call")).count();
    assert_eq!(climbed, 0, "nobody is rung for a visitor who has gone");
    lobby.close();
}

#[test]
fn a_forced_door_climbs_and_stays_after_it_is_closed_until_somebody_has_seen_it() {
    let (_dir, lobby) = lobby();
    lobby.hear(Kind::DoorForced);
    lobby.hear(Kind::DoorForced);
    assert_eq!((lobby.states(), lobby.count(Kind::AlarmRaised)), (vec!["unacknowledged"], 1));
    lobby.until(30);
    let asked: Vec<Slug> = lobby.open_cases()[0].docket.tasks[0].asked().cloned().collect();
    assert_eq!(asked, [slug("gate"), slug("office")]);
    lobby.hear(Kind::DoorNormal);
    assert_eq!(lobby.states(), ["returned-unacknowledged"]);
    lobby.step(&lobby.open_cases()[0], CLAIM, &guard("g", "gate"));
    assert_eq!(lobby.states(), ["acknowledged"]);
    lobby.step(&lobby.open_cases()[0], DONE, &guard("g", "gate"));
    assert!(lobby.open_cases().is_empty());
    lobby.close();
}

#[test]
fn a_device_that_never_says_normal_raises_its_alarm_again_after_the_door_was_closed() {
    let (_dir, lobby) = lobby();
    for kind in [Kind::DoorOpened, Kind::DoorForced, Kind::DoorClosed] {
        lobby.hear(kind);
    }
    assert_eq!(lobby.states(), ["returned-unacknowledged"]);
    for kind in [Kind::DoorOpened, Kind::DoorForced] {
        lobby.hear(kind);
    }
    assert_eq!((lobby.states(), lobby.count(Kind::DoorForced)), (vec!["unacknowledged"], 2));
    assert_eq!(lobby.open_cases()[0].docket.facts["count"], 2, "one alarm with a count");
    lobby.close();
}

#[test]
fn a_device_that_comes_back_was_away_all_the_same() {
    let (_dir, lobby) = lobby();
    lobby.hear(Kind::DeviceOffline);
    lobby.hear(Kind::DeviceHeartbeat);
    assert_eq!(lobby.states(), ["returned-unacknowledged"]);
    lobby.close();
}

#[test]
fn a_case_that_nobody_can_read_does_not_keep_a_visitor_waiting() {
    let (dir, lobby) = lobby();
    lobby.hear(Kind::CallRinging);
    let database = rusqlite::Connection::open(dir.path().join("journal.db")).unwrap();
    database.busy_timeout(PATIENCE).unwrap();
    database.execute("UPDATE casefile SET data = '{\"of\":\"another version\"}'", []).unwrap();
    lobby.hear(Kind::CallRinging);
    assert_eq!(lobby.count(Kind::CallOpened), 2);
    lobby.close();
}

#[test]
fn whoever_guesses_codes_at_the_kiosk_waits_meets_a_guard_and_locks_out_nobody_else() {
    let (dir, lobby) = lobby();
    let parcel = json!({ "delivery": { "unit": "1203", "count": 1, "code": "23AB45", "language": "zh-Hans" } });
    let opening = serde_json::from_value(parcel).unwrap();
    lobby.ask(Command::Open { opening, source: Source::WalkIn, by: guard("g", "desk") });
    let find = |lobby: &Lobby, code: &str, by: &Actor| {
        let code = Code::Parcel(Unit::parse("1203").unwrap(), ParcelCode::parse(code).unwrap());
        lobby.ask(Command::Find { code, by: by.clone() })
    };
    for _ in 0..5 {
        assert_eq!(find(&lobby, "99AB45", &Actor::GUEST), Answer::Objected(Objection::Unknown));
    }
    let waits = |answer| matches!(answer, Answer::Objected(Objection::Guessing { .. }));
    assert!(waits(find(&lobby, "23AB45", &Actor::GUEST)), "not even the right one");
    assert_eq!((lobby.count(Kind::CodeGuessed), lobby.count(Kind::HelpRequested)), (1, 1));
    // A restart does not forget it; the step itself waits too, and the desk is not the kiosk.
    lobby.close();
    let lobby = Lobby::open(dir.path(), 30);
    let number = match find(&lobby, "23AB45", &guard("g", "desk")) {
        Answer::Found { number: Some(number) } => number,
        other => panic!("{other:?}"),
    };
    let collect: Step =
        serde_json::from_value(json!({ "matter": { "delivery": { "show": { "code": "23AB45" } } } })).unwrap();
    let collect = || Command::Move { number, step: collect.clone(), seen: None, by: Actor::GUEST };
    assert!(waits(lobby.ask(collect())));
    lobby.until(60);
    assert!(matches!(lobby.ask(collect()), Answer::Moved { state: "shown", .. }));
    let handed = json!({ "matter": { "delivery": { "collect": { "code": "23AB45" } } } });
    let step = serde_json::from_value(handed).unwrap();
    let handed = lobby.ask(Command::Move { number, step, seen: None, by: guard("g", "desk") });
    assert!(matches!(handed, Answer::Moved { state: "collected", .. }));
    assert_eq!(find(&lobby, "23AB45", &Actor::GUEST), Answer::Found { number: None }, "a used code is no guess");
    lobby.close();
}
