//! The desk and its journal from outside: what is stored when the answer comes, what a repeat becomes, what survives
//! a restart.

use chrono::{DateTime, TimeDelta, Utc};
use lobbyd::desk::{self, Answer, Command, Desk, Refusal, Settings};
use lobbyd::event::{Event, Fingerprint, Id, Identity, Kind, Now, Quality, Slug, Stamp, data};
use lobbyd::journal::{Journal, JournalError, Keep, Lane, Pressure, Reader};
use lobbyd::service::contact::{Name, Phone, Unit};
use lobbyd::service::door::Report;
use lobbyd::service::matter::Opening;
use lobbyd::service::visit::{Leaver, Purpose, SignIn, SignOut, SignedOut, WayIn};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const NOON: &str = "2026-11-21T04:00:00Z";
/// Longest that the desk may take for anything here: tests run beside other work.
const PATIENCE: Duration = Duration::from_secs(60);

fn noon() -> Now {
    Now { utc: DateTime::parse_from_rfc3339(NOON).unwrap().to_utc(), synced: true }
}

struct House {
    desk: Desk,
    thread: JoinHandle<Result<(), JournalError>>,
}

fn open(dir: &Path) -> House {
    let settings = Settings {
        data_dir: dir.to_owned(),
        house: lobbyd::service::house::House::bare(chrono_tz::Asia::Shanghai),
        keep: Keep::default(),
    };
    let opened = desk::open(settings, noon).unwrap();
    House { desk: opened.desk, thread: opened.thread }
}

impl House {
    fn ask(&self, command: Command) -> Result<Answer, Refusal> {
        let (tx, rx) = mpsc::channel();
        self.desk.submit(command, move |answer| tx.send(answer).unwrap());
        rx.recv_timeout(PATIENCE).expect("the desk answers")
    }

    fn close(self) {
        self.desk.close();
        self.thread.join().unwrap().unwrap();
    }
}

fn sign_in(phone: &str, unit: &str) -> Command {
    Command::at_the_glass(Opening::Visit(SignIn {
        unit: Unit::parse(unit).unwrap(),
        name: Some(Name::parse("测试甲").unwrap()),
        phone: Some(Phone::parse(phone).unwrap()),
        identity: None,
        purpose: Purpose::Friends,
        note: None,
        heads: std::num::NonZeroU8::MIN,
        way_in: WayIn::Host,
        language: "zh-Hans".into(),
    }))
}

fn sign_out(tail: &str, unit: Option<&str>) -> Command {
    Command::SignOut(SignOut {
        who: Leaver::Tail(tail.into()),
        unit: unit.map(|unit| Unit::parse(unit).unwrap()),
        slip: None,
    })
}

fn report(kind: Kind, identity: Identity) -> Report {
    let stamp = Stamp { time: noon().utc, quality: Quality::Synced };
    let data = data([("device", json!({"product": "test"}))]).into();
    Report { kind, subject: Slug::new("lobby").unwrap(), identity, stamp, replayed: false, retained: false, data }
}

fn delivery(packet_id: u16, repeated: bool) -> Identity {
    Identity::Delivery { fingerprint: Fingerprint::of("door", b"ON", packet_id, 0), repeated }
}

/// What devices said; the cases that it opened have their own tests.
fn kinds(dir: &Path) -> Vec<&'static str> {
    let rows = Reader::open(dir).unwrap().all_after(0, 1000).unwrap();
    rows.iter().filter(|row| !row.data.get().contains("\"number\"")).map(|row| row.kind.name()).collect()
}

fn stored(events: usize, repeats: usize) -> Result<Answer, Refusal> {
    Ok(Answer::Stored { events, repeats })
}

#[test]
fn a_sign_in_is_on_disk_before_it_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    let (tx, rx) = mpsc::channel();
    let path = dir.path().to_owned();
    house.desk.submit(sign_in("13800000001", "1203"), move |_| {
        // Still inside the answer: another reader must see the row already.
        tx.send(Reader::open(&path).unwrap().after(Lane::Normal, 0, 10).unwrap()).unwrap();
    });
    let rows = rx.recv_timeout(PATIENCE).unwrap();
    assert_eq!(rows[0].kind, Kind::VisitArrived);
    let data: Value = serde_json::from_str(rows[0].data.get()).unwrap();
    assert_eq!((&data["number"], &data["unit"]), (&json!("V-1121-01"), &json!("1203")));
    assert_eq!(data["person"], json!({"name": "测试甲", "phone": "13800000001"}));
    house.close();
}

#[test]
fn names_and_numbers_stand_apart_from_the_event_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    house.ask(sign_in("13800000001", "1203")).unwrap();
    house.close();
    let database = rusqlite::Connection::open(dir.path().join("journal.db")).unwrap();
    let event: String = database
        .query_row("SELECT group_concat(data) || (SELECT group_concat(data) FROM casefile) FROM event", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert!(event.contains("1203") && !event.contains("测试甲") && !event.contains("13800000001"), "{event}");
}

#[test]
fn who_is_in_the_house_when_the_journal_is_damaged_still_is_and_signs_out_in_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    house.ask(sign_in("13800000001", "1203")).unwrap();
    house.close();
    // A page of the figures, which nobody misses before they are added up.
    let path = dir.path().join("journal.db");
    let query = "SELECT rootpage FROM sqlite_schema WHERE name = 'tally'";
    let root: usize = rusqlite::Connection::open(&path).unwrap().query_row(query, [], |row| row.get(0)).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[(root - 1) * 4_096..][..4_096].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    Journal::mark_suspect(dir.path());

    let house = open(dir.path());
    assert!(matches!(house.ask(sign_out("0001", None)), Ok(Answer::SignedOut(SignedOut::Ended { .. }))));
    let Ok(Answer::Opened { number, .. }) = house.ask(sign_in("13800000002", "1204")) else { panic!("not signed in") };
    assert_eq!(String::from(number), "V-20261121-2", "a number is given once");
    house.close();
    let reader = Reader::open(dir.path()).unwrap();
    let told: Vec<Kind> = reader.all_after(0, 100).unwrap().iter().map(|row| row.kind).collect();
    assert!(told.starts_with(&[Kind::VisitArrived]) && told.contains(&Kind::JournalRecovered), "{told:?}");
    assert_eq!(reader.audit().unwrap().faults, Vec::<String>::new());
}

#[test]
fn a_hundred_commands_share_their_commits_and_are_numbered_without_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    let (tx, rx) = mpsc::channel();
    for _ in 0..100 {
        let tx = tx.clone();
        house.desk.submit(sign_in("13800000001", "1203"), move |answer| tx.send(answer).unwrap());
    }
    for _ in 0..100 {
        assert!(matches!(rx.recv_timeout(PATIENCE).unwrap(), Ok(Answer::Opened { .. })));
    }
    let rows = Reader::open(dir.path()).unwrap().all_after(0, 1000).unwrap();
    assert_eq!(rows.iter().filter(|row| row.kind == Kind::VisitArrived).count(), 100);
    assert!(rows.iter().map(|row| row.seq).eq(1..=rows.len() as u64));
    house.close();
}

#[test]
fn a_desk_that_is_told_again_and_again_that_something_comes_has_room_for_what_comes() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    // A disk that hangs: the desk reads nothing meanwhile.
    let (hang, hangs) = mpsc::channel::<()>();
    house.desk.submit(Command::Probe, move |_| assert!(hangs.recv().is_err()));
    (0..2 * desk::MAILBOX).for_each(|_| house.desk.expect());
    let (tx, rx) = mpsc::channel();
    house.desk.submit(sign_in("13800000001", "1203"), move |answer| tx.send(answer).unwrap());
    drop(hang);
    assert!(matches!(rx.recv_timeout(PATIENCE).unwrap(), Ok(Answer::Opened { .. })));
    house.close();
}

#[test]
fn the_same_record_of_a_device_is_one_event_however_often_it_comes() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    let native = || Identity::Native(Id::derived(&[b"uhppote", b"405419896", b"50"]));
    assert_eq!(house.ask(Command::Heard(vec![report(Kind::AccessGranted, native())])), stored(1, 0));
    assert_eq!(house.ask(Command::Heard(vec![report(Kind::AccessGranted, native())])), stored(0, 1));
    house.close();
    let house = open(dir.path());
    assert_eq!(house.ask(Command::Heard(vec![report(Kind::AccessGranted, native())])), stored(0, 1));
    house.close();
    assert_eq!(kinds(dir.path()), ["access.granted"]);
}

#[test]
fn a_redelivery_is_the_same_event_but_a_second_press_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    let heard = |packet_id, repeated| Command::Heard(vec![report(Kind::CallRinging, delivery(packet_id, repeated))]);
    assert_eq!(house.ask(heard(7, false)), stored(1, 0));
    assert_eq!(house.ask(heard(8, false)), stored(1, 0), "the same bytes, another delivery");
    house.close();
    // Killed before the PUBACK went out: the broker sends 8 again, marked as a repeat, and 9 for the first time.
    let house = open(dir.path());
    assert_eq!(house.ask(heard(8, true)), stored(0, 1));
    assert_eq!(house.ask(heard(9, true)), stored(1, 0), "marked as a repeat, but it was never stored");
    house.close();
}

#[test]
fn a_counter_that_starts_again_after_a_power_cut_still_rings() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    let series = Fingerprint::of("bell", b"input 0", 0, 0);
    let press = |count: u8| {
        let record = Id::derived(&[b"bell", &[count]]);
        Command::Heard(vec![report(Kind::CallRinging, Identity::Latest { series, record })])
    };
    assert_eq!(house.ask(press(1)), stored(1, 0));
    assert_eq!(house.ask(press(2)), stored(1, 0));
    house.close();
    let house = open(dir.path());
    assert_eq!(house.ask(press(2)), stored(0, 1), "the periodic report of the last press");
    assert_eq!(house.ask(press(1)), stored(1, 0), "the bell has lost power and counts from the start");
    house.close();
}

#[test]
fn a_door_opens_once_however_often_the_sensor_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    for (packet_id, kind) in [Kind::DoorOpened, Kind::DoorOpened, Kind::DoorClosed].into_iter().enumerate() {
        house.ask(Command::Heard(vec![report(kind, delivery(packet_id as u16, false))])).unwrap();
    }
    house.close();
    let house = open(dir.path());
    house.ask(Command::Heard(vec![report(Kind::DoorClosed, delivery(9, false))])).unwrap();
    house.close();
    assert_eq!(kinds(dir.path()), ["door.opened", "door.closed"]);
}

#[test]
fn a_retained_message_sets_the_state_and_makes_no_event() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    let retained = |kind| Report { retained: true, ..report(kind, delivery(1, false)) };
    assert_eq!(house.ask(Command::Heard(vec![retained(Kind::DoorForced)])), stored(0, 0));
    assert_eq!(house.ask(Command::Heard(vec![retained(Kind::CallRinging)])), stored(0, 0));
    let states = Reader::open(dir.path()).unwrap().states().unwrap();
    assert_eq!(states.len(), 1);
    assert_eq!((states[0].door.as_str(), &states[0].state["alarm"]), ("lobby", &json!("forced")));
    house.close();
}

#[test]
fn replayed_history_is_stored_and_neither_rings_nor_changes_the_state() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    let replayed = |kind, packet_id| Report { replayed: true, ..report(kind, delivery(packet_id, false)) };
    house.ask(Command::Heard(vec![report(Kind::DoorClosed, delivery(1, false))])).unwrap();
    house.ask(Command::Heard(vec![replayed(Kind::DoorOpened, 2), replayed(Kind::CallRinging, 3)])).unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(kinds(dir.path()), ["door.closed", "door.opened", "call.missed"]);
    assert_eq!(reader.states().unwrap()[0].state["door"], "closed");
    assert!(reader.after(Lane::Urgent, 0, 10).unwrap().is_empty());
    house.close();
}

#[test]
fn a_ring_that_is_older_than_its_window_is_a_missed_call() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    let old = Stamp { time: noon().utc - TimeDelta::seconds(61), quality: Quality::Synced };
    let late = Report { stamp: old, ..report(Kind::CallRinging, delivery(1, false)) };
    house.ask(Command::Heard(vec![late, report(Kind::CallRinging, delivery(2, false))])).unwrap();
    house.close();
    assert_eq!(kinds(dir.path()), ["call.missed", "call.ringing"]);
}

#[test]
fn signing_out_needs_four_digits_and_the_unit_only_where_they_are_shared() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    for (phone, unit) in [("13800001111", "1203"), ("13900001111", "1504"), ("13800002222", "1203")] {
        house.ask(sign_in(phone, unit)).unwrap();
    }
    let ask = |tail, unit| match house.ask(sign_out(tail, unit)) {
        Ok(Answer::SignedOut(answer)) => answer,
        other => panic!("{other:?}"),
    };
    assert_eq!(ask("9999", None), SignedOut::Unknown);
    assert!(matches!(ask("2222", None), SignedOut::Ended { .. }));
    assert_eq!(ask("2222", None), SignedOut::Unknown, "already gone");
    assert_eq!(ask("1111", None), SignedOut::Ambiguous);
    let SignedOut::Ended { numbers } = ask("1111", Some("1504")) else { panic!() };
    assert_eq!(numbers[0].to_string(), "V-1121-02");
    assert!(matches!(ask("1111", None), SignedOut::Ended { .. }));
    house.close();
}

#[test]
fn numbers_go_on_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let numbers: Vec<String> = (0..3)
        .map(|_| {
            let house = open(dir.path());
            let Ok(Answer::Opened { number, .. }) = house.ask(sign_in("13800000001", "1203")) else { panic!() };
            house.close();
            number.to_string()
        })
        .collect();
    assert_eq!(numbers, ["V-1121-01", "V-1121-02", "V-1121-03"]);
}

#[test]
fn a_cursor_reaches_the_disk_by_itself_and_can_be_set_back_for_a_replay() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    house.ask(sign_in("13800000001", "1203")).unwrap();
    house.ask(Command::Acknowledged { lane: Lane::Normal, seq: 1 }).unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while reader.cursor(Lane::Normal).unwrap() != 1 {
        assert!(Instant::now() < deadline, "the cursor was not written");
        std::thread::yield_now();
    }
    house.ask(Command::Replay { after: 0 }).unwrap();
    assert_eq!(reader.cursor(Lane::Normal).unwrap(), 0);
    house.close();
}

#[test]
fn closing_writes_what_is_still_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    house.ask(sign_in("13800000001", "1203")).unwrap();
    house.ask(Command::Acknowledged { lane: Lane::Normal, seq: 1 }).unwrap();
    house.close();
    assert_eq!(Reader::open(dir.path()).unwrap().cursor(Lane::Normal).unwrap(), 1);
}

#[test]
fn what_the_office_has_not_got_is_kept_however_old() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    for _ in 0..4 {
        let facts = data([("via", json!("page")), ("item", json!(1)), ("items", json!(1))]);
        let event = Event::here(Kind::LogNoted, Slug::new("gate-a").unwrap(), noon(), facts);
        house.ask(Command::Record(event.about(data([("name", json!("测试甲"))])))).unwrap();
    }
    house.ask(Command::Acknowledged { lane: Lane::Normal, seq: 2 }).unwrap();
    house.close();
    let mut journal = Journal::open(dir.path(), "x").unwrap().journal;
    let after_days = |days| Now { utc: noon().utc + TimeDelta::days(days), synced: true };
    assert_eq!(journal.purge(&Keep::default(), Pressure::None, after_days(31)).unwrap().persons, 2);
    assert_eq!(
        journal.purge(&Keep::default(), Pressure::None, Now { synced: false, ..after_days(999) }).unwrap(),
        Default::default()
    );
    assert_eq!(journal.purge(&Keep::default(), Pressure::None, after_days(181)).unwrap().events, 2);
    drop(journal);
    let rows = Reader::open(dir.path()).unwrap().all_after(0, 10).unwrap();
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [3, 4]);
    assert!(rows[0].data.get().contains("person"));
}

#[test]
fn what_a_clock_once_said_wrongly_leaves_no_hole() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(dir.path(), "x").unwrap().journal;
    let at = |days| Now { utc: noon().utc + TimeDelta::days(days), synced: true };
    journal.begin().unwrap();
    // Yesterday, a boot without the time, a clock ten years ahead, yesterday again.
    for days in [99, -20_000, 3_650, 99] {
        let facts = data([("boot", json!("b1")), ("version", json!("0.1.0"))]);
        let event = Event::here(Kind::GatewayStarted, Slug::new("lobby-1").unwrap(), at(days), facts);
        journal.append(&event, at(days)).unwrap();
    }
    journal.set_cursor(Lane::Normal.cursor(), 4).unwrap();
    journal.commit().unwrap();
    assert_eq!(
        journal.purge(&Keep::default(), Pressure::None, at(100)).unwrap().events,
        0,
        "the second is old, but the first is not"
    );
    assert_eq!(
        journal.purge(&Keep::default(), Pressure::None, at(280)).unwrap().events,
        3,
        "the newest stays for its number"
    );
}

#[test]
fn a_command_after_closing_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let House { desk, thread } = open(dir.path());
    desk.close();
    thread.join().unwrap().unwrap();
    let (tx, rx) = mpsc::channel();
    desk.submit(Command::Probe, move |answer| tx.send(answer).unwrap());
    assert_eq!(rx.recv_timeout(PATIENCE).unwrap(), Err(Refusal::Closed));
}

#[test]
fn closing_leaves_nobody_without_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    let House { desk, thread } = open(dir.path());
    let (tx, rx) = mpsc::channel();
    for number in 0..200 {
        if number == 100 {
            desk.close();
        }
        let tx = tx.clone();
        desk.submit(sign_in("13800000001", "1203"), move |answer| tx.send(answer.is_ok()).unwrap());
    }
    thread.join().unwrap().unwrap();
    drop(tx);
    drop(desk);
    let answers: Vec<bool> = rx.iter().collect();
    assert_eq!(answers.iter().filter(|stored| **stored).count(), 100);
    assert_eq!(answers.len(), 200);
}

#[test]
fn an_unreadable_message_leaves_a_dead_letter_without_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path());
    let command = Command::Unreadable { topic: "face/1/Rec".into(), bytes: 9, reason: "not JSON: line 1".into() };
    house.ask(command).unwrap();
    house.close();
    let letters = Reader::open(dir.path()).unwrap().dead_letters(10).unwrap();
    assert_eq!((letters.len(), letters[0].what.as_str(), letters[0].bytes), (1, "face/1/Rec", Some(9)));
    let _: DateTime<Utc> = letters[0].recorded;
}
