//! The desk's day from outside: silent posts, shifts that end, reports that are made, rules that changed, sums that stay.

#[path = "common/clockwork.rs"]
mod clockwork;

use chrono::{DateTime, TimeDelta};
use clockwork::{Machine, Open, house, noon, open, open_house, repair, ring};
use lobbyd::desk::{Answer, Command, Storage};
use lobbyd::event::{Kind, Slug};
use lobbyd::journal::{JOURNAL_FILE, Journal, Keep, Lane, Pressure, Reader};
use lobbyd::service::case::{Objection, Step, TaskStep};
use lobbyd::service::contact::Text;
use lobbyd::service::matter::Opening;
use lobbyd::service::period::Period;
use lobbyd::service::staff::{Actor, Role, Via};
use lobbyd::service::visit::{Leaver, SignOut, SignedOut};
use serde_json::json;

fn slug(id: &str) -> Slug {
    Slug::new(id).unwrap()
}

fn guard(post: &str) -> Actor {
    Actor::staff(slug("li-wei"), "李伟".into(), Role::Guard, Some(slug(post)), Via::Page)
}

/// A beat of the page at both gates, every five minutes, for so long.
fn beat(open: &Open, posts: &[&str], minutes: i64) {
    for _ in 0..minutes / 5 {
        open.machine.run(TimeDelta::minutes(5));
        for post in posts {
            open.ask(Command::Seen { post: slug(post) }).unwrap();
        }
        open.nudge();
    }
}

fn close_shift(open: &Open, post: &str, note: Option<&str>) -> Answer {
    let note = note.map(|note| Text::parse(note).unwrap());
    open.ask(Command::CloseShift { post: slug(post), note, by: guard(post) }).unwrap()
}

#[test]
fn a_post_that_falls_silent_is_told_once_and_its_superior_looks() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let first = open(dir.path(), &machine);
    beat(&first, &["gate-a", "gate-b", "manager"], 60);
    assert_eq!(first.kinds(), []);
    beat(&first, &["gate-b", "manager"], 60);
    let silent: Vec<_> = first.events().into_iter().filter(|(kind, _)| *kind == Kind::PostSilent).collect();
    assert_eq!(silent.len(), 1, "{:?}", first.kinds());
    assert_eq!((&silent[0].1["at_post"], &silent[0].1["minutes"]), (&json!("gate-a"), &json!(10)));
    let offered = first.events().into_iter().find(|(kind, _)| *kind == Kind::TaskOffered).unwrap().1;
    assert_eq!((&offered["errand"], &offered["posts"]), (&json!("see-post"), &json!(["manager"])));
    first.close();
    let second = open(dir.path(), &machine);
    beat(&second, &["gate-b", "manager"], 60);
    assert_eq!(second.kinds().iter().filter(|kind| **kind == Kind::PostSilent).count(), 1, "not again after a restart");
    beat(&second, &["gate-a", "gate-b", "manager"], 10);
    assert_eq!(second.kinds().iter().filter(|kind| **kind == Kind::PostHeard).count(), 1);
    assert!(Reader::open(dir.path()).unwrap().open_cases().unwrap().is_empty());
    second.close();
}

#[test]
fn a_shift_ends_with_its_open_items_and_not_with_a_task_in_hand() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let open = open(dir.path(), &machine);
    let call = open.open_case(ring());
    let repair = open.open_case(repair());
    let claim = |task| Step::Task { task, step: TaskStep::Claim { on_behalf: None, eta: None, relief: None } };
    let answer = open.ask(Command::Move { number: call, step: claim(1), seen: None, by: guard("gate-a") }).unwrap();
    assert!(matches!(answer, Answer::Moved { .. }), "{answer:?}");
    assert_eq!(close_shift(&open, "gate-a", None), Answer::Objected(Objection::InHand(call)));
    assert_eq!(close_shift(&open, "gate-b", Some("一切正常")), Answer::Shift { open: vec![call, repair] });
    let (_, closed) = open.events().into_iter().find(|(kind, _)| *kind == Kind::ShiftClosed).unwrap();
    assert_eq!((&closed["open"], &closed["post"]), (&json!(2), &json!("gate-b")));
    assert_eq!(closed["numbers"], json!([call.to_string(), repair.to_string()]));
    assert_eq!(closed["person"], json!({"by_name": "李伟", "text": "一切正常"}));
    let auditor = Actor { role: Some(Role::Auditor), ..guard("gate-b") };
    let refused = open.ask(Command::CloseShift { post: slug("gate-b"), note: None, by: auditor }).unwrap();
    assert_eq!(refused, Answer::Objected(Objection::Right));
    let other = open.ask(Command::TakeShift { post: slug("gate-a"), by: guard("gate-b") }).unwrap();
    assert_eq!(other, Answer::Objected(Objection::OtherPost));
    let nobody = Actor { post: None, role: Some(Role::ShiftLeader), ..guard("gate-b") };
    let unknown = open.ask(Command::TakeShift { post: slug("roof"), by: nobody }).unwrap();
    assert_eq!(unknown, Answer::Objected(Objection::Unknown));
    let taken = open.ask(Command::TakeShift { post: slug("gate-b"), by: guard("gate-b") }).unwrap();
    assert_eq!(taken, Answer::Shift { open: vec![call, repair] });
    assert_eq!(open.kinds().iter().filter(|kind| **kind == Kind::RequestRefused).count(), 4);
    open.close();
}

#[test]
fn a_shift_does_not_end_before_the_centre_has_confirmed_what_was_handed_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let first = open(dir.path(), &machine);
    let repair = first.open_case(repair());
    first.close();
    // The repair's own machine tells it when the agreed time lies past the shift's end; here only the desk is asked.
    let mut journal = Journal::open(dir.path(), "x").unwrap().journal;
    journal.begin().unwrap();
    let now = lobbyd::event::Now { utc: noon(), synced: true };
    let event = lobbyd::event::Event::here(Kind::RepairHandedOver, slug("r"), now, repair.facts());
    journal.append(&event, now).unwrap();
    let handed_over = journal.newest();
    journal.note_case_event(repair, handed_over).unwrap();
    journal.commit().unwrap();
    drop(journal);

    let second = open(dir.path(), &machine);
    assert_eq!(close_shift(&second, "gate-a", None), Answer::Objected(Objection::NotReceived(repair)));
    second.ask(Command::Acknowledged { lane: Lane::Normal, seq: handed_over }).unwrap();
    second.ask(Command::StoredThrough { seq: Some(handed_over - 1) }).unwrap();
    assert_eq!(
        close_shift(&second, "gate-a", None),
        Answer::Objected(Objection::NotReceived(repair)),
        "not stored yet"
    );
    second.ask(Command::StoredThrough { seq: Some(handed_over) }).unwrap();
    assert!(matches!(close_shift(&second, "gate-a", None), Answer::Shift { .. }));
    second.close();
}

#[test]
fn a_day_and_a_month_that_have_ended_are_reported_once() {
    let dir = tempfile::tempdir().unwrap();
    // 2026-11-30, 23:50 at the site.
    let machine = Machine::at(DateTime::parse_from_rfc3339("2026-11-30T15:50:00Z").unwrap().to_utc(), true);
    let first = open(dir.path(), &machine);
    first.open_case(ring());
    beat(&first, &["gate-a", "gate-b", "manager"], 5);
    assert!(!first.kinds().contains(&Kind::ReportMade));
    first.close();
    machine.run(TimeDelta::minutes(10));
    let second = open(dir.path(), &machine);
    second.wait_for(Kind::ReportMade, 2);
    let made: Vec<_> = second.events().into_iter().filter(|(kind, _)| *kind == Kind::ReportMade).collect();
    assert_eq!((&made[0].1["period"], &made[1].1["period"]), (&json!("2026-11-30"), &json!("2026-11")));
    assert_eq!(made[1].1["report"]["calls"]["opened"], json!(1));
    assert_eq!(made[1].1["report"]["calls"]["missed"], json!(1));
    beat(&second, &["gate-a", "gate-b", "manager"], 30);
    assert_eq!(second.kinds().iter().filter(|kind| **kind == Kind::ReportMade).count(), 2);
    second.close();
}

#[test]
fn the_figures_of_a_quarter_outlive_its_events() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let open = open(dir.path(), &machine);
    let repair = open.open_case(repair());
    machine.run(TimeDelta::hours(25));
    open.nudge();
    open.close();
    let mut journal = Journal::open(dir.path(), "x").unwrap().journal;
    journal.set_cursor(Lane::Normal.cursor(), journal.newest()).unwrap();
    let later = lobbyd::event::Now { utc: noon() + TimeDelta::days(200), synced: true };
    assert!(journal.purge(&Keep::default(), Pressure::None, later).unwrap().events > 3);
    drop(journal);
    let reader = Reader::open(dir.path()).unwrap();
    let report = reader.report(Period::parse("2026-Q4").unwrap()).unwrap();
    let solve = report.promises.iter().find(|one| one.matter == "repair" && one.promise == "solve").unwrap();
    assert_eq!((solve.given, solve.breached), (1, 1));
    assert_eq!(report.matters.iter().find(|one| one.matter == "repair").unwrap().opened, 1);
    assert!(report.rules[&1].breached >= 1);
    let row = reader.case(repair).unwrap().unwrap();
    assert!(row.person.contains_key("phone"), "an open case keeps whom to call, however old");
}

#[test]
fn the_daemon_does_not_start_with_figures_that_nobody_approved() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    open(dir.path(), &machine).close();
    let mut changed = house();
    changed.figures.call.missed_seconds = 90;
    let error = open_house(dir.path(), &machine, changed.clone()).err().unwrap().to_string();
    assert!(error.contains("service.call.missed_seconds") && error.contains("version 1"), "{error}");
    changed.figures.version = 2;
    changed.figures.approved_by = vec!["客服部经理".into(), "管理层".into()];
    for _ in 0..2 {
        let open = open_house(dir.path(), &machine, changed.clone()).unwrap();
        let told: Vec<_> = open.events().into_iter().filter(|(kind, _)| *kind == Kind::RulesChanged).collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].1["changed"][0], json!({"key": "service.call.missed_seconds", "old": 60, "new": 90}));
        assert_eq!(told[0].1["approved_by"], json!(["客服部经理", "管理层"]));
        assert_eq!(*open.desk.storage().borrow(), Storage::Sound);
        open.close();
    }
    assert!(open_house(dir.path(), &machine, house()).is_err(), "no way back to version 1");
}

#[test]
fn what_version_1_left_open_becomes_cases_under_the_same_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let database = rusqlite::Connection::open(dir.path().join(JOURNAL_FILE)).unwrap();
    database.execute_batch(include_str!("fixtures/journal-1.sql")).unwrap();
    drop(database);
    // An hour after the last of it: nobody is presumed to have left yet.
    let machine = Machine::at(DateTime::parse_from_rfc3339("2026-11-20T05:04:00Z").unwrap().to_utc(), true);
    for start in 1..=2 {
        let open = open(dir.path(), &machine);
        open.nudge();
        let reader = Reader::open(dir.path()).unwrap();
        let rows = reader.open_cases().unwrap();
        let numbers: Vec<String> = rows.iter().map(|row| row.case.docket.number.to_string()).collect();
        assert_eq!(numbers, ["V-1120-01", "R-1120-01", "R-1120-02"], "start {start}: the signed-out visit has ended");
        assert_eq!(rows[0].person["phone"], json!("13800001111"));
        assert_eq!(rows[1].person["detail"], json!("厨房漏水"));
        assert_eq!(rows[1].case.docket.facts["unit"], json!("1203"));
        assert_eq!(rows[2].case.docket.facts["place"], json!("lift"));
        let history = reader.history(rows[1].case.docket.number).unwrap();
        assert_eq!((history[0].seq, history[0].kind), (4, Kind::RepairReceived), "its first word is where it was");
        let told = |kind| open.kinds().iter().filter(|told| **told == kind).count();
        assert_eq!((told(Kind::VisitArrived), told(Kind::RepairReceived)), (2, 2), "and is not told again");
        let leaving = SignOut { who: Leaver::Tail("1111".into()), unit: None, slip: None };
        if start == 2 {
            let left = open.ask(Command::SignOut(leaving)).unwrap();
            assert!(matches!(left, Answer::SignedOut(SignedOut::Ended { .. })), "{left:?}");
        }
        open.close();
    }
    assert_eq!(Reader::open(dir.path()).unwrap().audit().unwrap().faults, Vec::<String>::new());
}

#[test]
fn a_round_is_opened_once_however_often_the_daemon_starts_and_the_clock_goes_back() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let rounds = || {
        let mut house = house();
        house.figures.patrol = Default::default();
        house
    };
    // The afternoon's round is due at 14:00.
    for (minutes, back) in [(119, 0), (2, 0), (3, 10), (12, 0), (60, 90), (100, 0)] {
        machine.run(TimeDelta::minutes(minutes));
        machine.set(machine.wall() - TimeDelta::minutes(back));
        let open = open_house(dir.path(), &machine, rounds()).unwrap();
        open.nudge();
        let due = open.kinds().iter().filter(|kind| **kind == Kind::PatrolDue).count();
        assert_eq!(due, usize::from(minutes != 119), "after {minutes} minutes, {back} back");
        open.close();
    }
    // Three days without power: the rounds of those days were missed, and say so.
    machine.run(TimeDelta::days(3));
    let open = open_house(dir.path(), &machine, rounds()).unwrap();
    open.nudge();
    open.wait_for(Kind::PatrolMissed, 5);
    assert_eq!(open.kinds().iter().filter(|kind| **kind == Kind::PatrolDue).count(), 7);
    let signed = open.events().into_iter().filter(|(kind, _)| *kind == Kind::CheckDue).count();
    assert_eq!(signed, 6, "three days' records to sign, three evenings' looks");
    open.close();
}

#[test]
fn names_are_gone_from_the_file_when_their_time_is_over_and_open_cases_keep_theirs() {
    const GONE: &str = "13800001234";
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let open = open(dir.path(), &machine);
    let left: Opening = serde_json::from_value(json!({"visit": {
        "unit": "1203", "name": "测试丁", "phone": GONE, "purpose": "friends", "language": "zh-Hans"}}))
    .unwrap();
    let visit = open.open_case(left);
    let repair = open.open_case(repair());
    open.ask(Command::SignOut(SignOut { who: Leaver::Tail("1234".into()), unit: None, slip: None })).unwrap();
    open.close();
    let mut journal = Journal::open(dir.path(), "x").unwrap().journal;
    journal.set_cursor(Lane::Normal.cursor(), journal.newest()).unwrap();
    journal.set_cursor(Lane::Urgent.cursor(), journal.newest()).unwrap();
    let after = |days| lobbyd::event::Now { utc: noon() + TimeDelta::days(days), synced: true };
    journal.purge(&Keep::default(), Pressure::None, after(89)).unwrap();
    assert!(!Reader::open(dir.path()).unwrap().case(visit).unwrap().unwrap().person.is_empty(), "a visit's 90 days");
    journal.purge(&Keep::default(), Pressure::None, after(91)).unwrap();
    drop(journal);
    let reader = Reader::open(dir.path()).unwrap();
    assert!(reader.case(visit).unwrap().unwrap().person.is_empty());
    assert_eq!(reader.case(repair).unwrap().unwrap().person["phone"], json!("13800000001"));
    assert_eq!(reader.cases_of_unit("1203", 10).unwrap().len(), 1, "what happened stays in the unit's file");
    assert_eq!(
        reader.case_said(visit.series, visit.day % 10_000, visit.nth).unwrap().unwrap().case.state(),
        "signed-out"
    );
    drop(reader);
    let database = rusqlite::Connection::open(dir.path().join(JOURNAL_FILE)).unwrap();
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(database);
    let bytes = std::fs::read(dir.path().join(JOURNAL_FILE)).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(!holds(GONE) && !holds("测试丁"), "the raw file holds what was purged");
    assert!(holds("13800000001"));
}
