//! The desk and time: a clock that is unset, that jumps, that is set for the first time; what falls due over a restart.

#[path = "common/clockwork.rs"]
mod clockwork;

use chrono::{DateTime, TimeDelta};
use clockwork::{Machine, Open, PATIENCE, due, house, noon, open, open_house, repair, ring, visit};
use lobbyd::desk::{Answer, Command, Storage};
use lobbyd::event::Kind;
use lobbyd::journal::{JOURNAL_FILE, Reader};
use lobbyd::service::case::Promise;
use lobbyd::service::number::Number;
use lobbyd::service::staff::Actor;
use serde_json::{Value, json};
use std::time::Instant;

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
    let mut house = house();
    house.zone = chrono_tz::America::New_York;
    let open = open_house(dir.path(), &machine, house).unwrap();
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
    assert_eq!(*second.desk.storage().borrow(), Storage::Sound);
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

/// One damaged digit, in a case's row or in what it says: it was written over another's, stayed due, and the desk turned in a circle.
#[test]
fn a_case_that_says_another_number_than_its_row_sleeps_and_is_written_over_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let first = open(dir.path(), &machine);
    let (strange, call) = (first.open_case(ring()), first.open_case(ring()));
    first.close();
    let database = rusqlite::Connection::open(dir.path().join(JOURNAL_FILE)).unwrap();
    let (old, new) = (String::from(strange), String::from(call));
    let changed = "UPDATE casefile SET data = replace(data, ?1, ?2), wake = 1 WHERE series = 'I' AND nth = 1";
    assert_eq!(database.execute(changed, [&old, &new]).unwrap(), 1);
    drop(database);
    let second = open(dir.path(), &machine);
    machine.run(TimeDelta::seconds(61));
    second.nudge();
    second.wait_for(Kind::TaskMissed, 1);
    assert_eq!(second.case(call).case.state(), "missed");
    second.close();
}

/// An entry in the index of times to which no row belongs: the case was due again and again, and nobody else was served.
#[test]
fn what_a_damaged_index_calls_due_holds_nobody_up() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let first = open(dir.path(), &machine);
    first.open_case(visit());
    first.close();
    let path = dir.path().join(JOURNAL_FILE);
    let sql = |text: &str| rusqlite::Connection::open(&path).unwrap().execute_batch(text).unwrap();
    let index: (String, i64) = {
        let database = rusqlite::Connection::open(&path).unwrap();
        database.execute_batch("UPDATE casefile SET wake = 1").unwrap();
        let query = "SELECT sql, rootpage FROM sqlite_schema WHERE name = 'casefile_wake'";
        database.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    sql("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'casefile_wake'");
    sql("UPDATE casefile SET wake = NULL");
    let (text, root) = index;
    sql(&format!(
        "PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema VALUES ('index', 'casefile_wake', 'casefile', {root}, '{}')",
        text.replace('\'', "''")
    ));
    let second = open(dir.path(), &machine);
    let other = second.open_case(ring());
    assert_eq!(second.case(other).case.state(), "ringing", "somebody rings, and is served");
    second.close();
}
