//! Retention by age and kind, under pressure, and what is given back.

use super::*;
use crate::event::{Data, Event, Slug};
use crate::journal::Reader;
use crate::service::case::{Case, walk};
use crate::service::matter::pass::{self, PassCode};
use crate::service::matter::trial::{Trial, noon};
use crate::service::matter::{MatterStep, Opening};
use crate::service::staff::Role;
use crate::service::tally::{Mark, What};
use chrono::DateTime;
use proptest::prelude::*;
use std::path::Path;

fn at(seconds: i64) -> Now {
    Now { utc: DateTime::from_timestamp(1_795_000_000 + seconds, 0).unwrap(), synced: true }
}

fn days(days: i64) -> Now {
    at(days * 86_400)
}

/// Of these tests: each kind at an age that is easy to count.
fn keep() -> Keep {
    Keep { days: Days { events: 90, chatter: 30, visits: 40, persons: 30 }, ..Keep::default() }
}

fn open(folder: &Path) -> Journal {
    Journal::open(folder, "20261121T000000Z").unwrap().journal
}

/// Events of these kinds, one a second, and both cursors behind `sent` of them.
fn fill(journal: &mut Journal, kinds: impl Iterator<Item = Kind>, sent: u64) {
    journal.begin().unwrap();
    for (second, kind) in (0..).zip(kinds) {
        let door = Slug::from_text("lobby");
        journal.append(&Event::here(kind, door, at(second), Data::new()), at(second)).unwrap();
    }
    Lane::ALL.iter().for_each(|lane| journal.set_cursor(lane.cursor(), sent).unwrap());
    journal.commit().unwrap();
}

fn purge(journal: &mut Journal, pressure: Pressure, now: Now) -> Purged {
    let mut all = Purged::default();
    loop {
        let pass = journal.purge(&keep(), pressure, now).unwrap();
        (all.events, all.pages) = (all.events + pass.events, all.pages + pass.pages);
        if !pass.more {
            return all;
        }
    }
}

fn left(folder: &Path) -> Vec<(u64, Kind)> {
    let rows = Reader::open(folder).unwrap().all_after(0, 1_000_000).unwrap();
    rows.iter().map(|row| (row.seq, row.kind)).collect()
}

#[test]
fn what_devices_say_day_in_day_out_goes_first_and_what_people_did_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    let kinds = [Kind::DoorOpened, Kind::VisitArrived, Kind::AccessGranted, Kind::DoorForced, Kind::DoorClosed];
    fill(&mut journal, kinds.into_iter().cycle().take(5_000), 5_000);
    assert_eq!(purge(&mut journal, Pressure::None, days(29)).events, 0);
    // The newest row stays: it carries the numbering.
    assert_eq!(purge(&mut journal, Pressure::None, days(31)).events, 2_999);
    let left = left(folder.path());
    assert!(left.iter().all(|(seq, kind)| !kind.is_chatter() || *seq == 5_000), "{left:?}");
    let reader = Reader::open(folder.path()).unwrap();
    assert_eq!(reader.audit().unwrap().faults, Vec::<String>::new(), "these holes are no loss");
    assert_eq!(reader.unsent(Lane::Normal).unwrap().0, 0);
    assert_eq!(purge(&mut journal, Pressure::None, days(91)).events, 2_000);
}

/// Events of these days with a person each, and both cursors behind all of them. They belong to no case.
fn fill_days(journal: &mut Journal, recorded: &[i64]) {
    journal.begin().unwrap();
    for day in recorded {
        let event = Event::here(Kind::VisitArrived, Slug::from_text("lobby"), days(*day), Data::new());
        let event = event.about(crate::event::data([("name", serde_json::json!("测试"))]));
        journal.append(&event, days(*day)).unwrap();
    }
    let newest = journal.newest();
    Lane::ALL.iter().for_each(|lane| journal.set_cursor(lane.cursor(), newest).unwrap());
    journal.commit().unwrap();
}

#[test]
fn what_a_clock_recorded_that_was_ahead_goes_at_the_age_of_what_came_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    // Day 0; then a clock that is ten years ahead, for longer than one pass looks; then the right one again, on day 50.
    let ahead = vec![3_650; 2 * PASS as usize];
    fill_days(&mut journal, &[&[0, 0][..], &ahead, &[50, 100]].concat());
    let rows = left(folder.path()).len();
    let taken = purge(&mut journal, Pressure::None, days(91)).events;
    assert_eq!(taken, 1, "the rows ahead may be of day 50, and the one before them shows how old the other was");
    let persons = |journal: &Journal| {
        let count = journal.connection.query_row("SELECT count(*) FROM person", [], |row| row.get::<_, usize>(0));
        count.unwrap()
    };
    assert_eq!(persons(&journal), 1, "names go sooner: those up to day 50");
    purge(&mut journal, Pressure::None, days(139));
    assert_eq!(left(folder.path()).len(), rows - 1);
    assert_eq!(purge(&mut journal, Pressure::None, days(141)).events, rows - 3, "and are not kept for ten years");
}

#[test]
fn while_nothing_came_after_it_what_is_ahead_is_of_just_now() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    fill_days(&mut journal, &[0, 3_650, 3_650]);
    assert_eq!(purge(&mut journal, Pressure::None, days(1_000)).events, 0, "it shows how old it is");
    fill_days(&mut journal, &[1_000, 1_000]);
    assert_eq!(purge(&mut journal, Pressure::None, days(1_089)).events, 0);
    assert_eq!(purge(&mut journal, Pressure::None, days(1_091)).events, 4);
}

#[test]
fn a_case_that_was_closed_by_a_clock_that_was_ahead_forgets_people_with_its_events() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    fill_days(&mut journal, &[0, 3_650, 40]);
    let closed = days(3_650).utc.timestamp_millis();
    let case = "INSERT INTO casefile (series, day, nth, matter, state, data, person, opened_seq, changed_seq, closed)
                VALUES ('R', 20261121, 1, 'repair', 'closed', '{}', '{}', 1, 2, ?1)";
    journal.connection.execute(case, [closed]).unwrap();
    let known = |journal: &Journal| {
        journal
            .connection
            .query_row("SELECT person IS NOT NULL FROM casefile", [], |row| row.get::<_, bool>(0))
            .unwrap()
    };
    purge(&mut journal, Pressure::None, days(69));
    assert!(known(&journal));
    purge(&mut journal, Pressure::None, days(71));
    assert!(!known(&journal));
}

#[test]
fn visitors_stay_as_long_as_visits_and_everybody_else_goes_at_his_own_age() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    // For longer than one pass looks: each second event is of a visit's case.
    fill_days(&mut journal, &vec![0; 3 * PASS as usize]);
    let rows = journal.newest();
    let of_case =
        "INSERT INTO case_event SELECT CASE seq % 2 WHEN 0 THEN 'V' ELSE 'R' END, 20261121, seq, seq FROM event";
    journal.connection.execute(of_case, []).unwrap();
    let case = "INSERT INTO casefile (series, day, nth, matter, state, data, person, opened_seq, changed_seq, closed)
                SELECT series, day, nth, 'any', 'closed', '{}', '{}', seq, seq, ?1 FROM case_event";
    journal.connection.execute(case, [days(0).utc.timestamp_millis()]).unwrap();
    let count = |journal: &Journal, of: &str| {
        let query = format!("SELECT count(*) FROM {of}");
        journal.connection.query_row(&query, [], |row| row.get::<_, u64>(0)).unwrap()
    };
    let left =
        |journal: &Journal| (count(journal, "person WHERE seq % 2 = 0"), count(journal, "person WHERE seq % 2 = 1"));
    purge(&mut journal, Pressure::None, days(29));
    assert_eq!(left(&journal), (rows / 2, rows / 2));
    purge(&mut journal, Pressure::None, days(31));
    assert_eq!(left(&journal), (rows / 2, 0));
    assert_eq!(count(&journal, "casefile WHERE person IS NULL AND series = 'R'"), rows / 2);
    assert_eq!(count(&journal, "casefile WHERE person IS NULL AND series = 'V'"), 0);
    purge(&mut journal, Pressure::None, days(41));
    assert_eq!(left(&journal), (0, 0));
    assert_eq!(
        (count(&journal, "casefile WHERE person IS NULL"), count(&journal, "event")),
        (rows, rows),
        "counts stay"
    );
}

fn used_pass() -> Case {
    let code = PassCode::parse("K7FM2XYZ").unwrap();
    let request = pass::Request {
        unit: walk::unit(),
        name: walk::name(),
        phone: walk::phone(),
        items: serde_json::from_str(r#"[{"what": "box", "count": 1}]"#).unwrap(),
        vehicle: None,
        leaves_at: noon(),
        help_to_carry: false,
        code: code.clone(),
        language: "zh-Hans".into(),
    };
    let mut trial = Trial::open(&Opening::Pass(request), at(0).utc);
    trial.step(MatterStep::Pass(pass::Step::Approve), &walk::staff(Role::FrontDesk)).unwrap();
    trial.step(MatterStep::Pass(pass::Step::Check { code, matches: true }), &walk::staff(Role::Guard)).unwrap();
    trial.case
}

/// Used at the gate by a guard: the pass keeps who let it through (R279) for as long as it keeps whose it was.
#[test]
fn a_case_forgets_who_of_the_staff_acted_in_it_with_the_people_it_was_about() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    let pass = used_pass();
    fill(&mut journal, [Kind::PassUsed].into_iter(), 1);
    journal.save_case(&pass, None).unwrap();
    let about = Event::here(Kind::PassUsed, Slug::from_text("gate"), at(0), Data::new());
    let about = about.about([("name".into(), "访客".into())].into_iter().collect());
    journal.note_case_person(pass.docket.number, &[about]).unwrap();
    let guard = "职员";
    let kept = |journal: &Journal| {
        let data = "SELECT data, person FROM casefile";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?));
        journal.connection.query_row(data, [], row).unwrap()
    };
    purge(&mut journal, Pressure::None, days(29));
    assert!(kept(&journal).0.contains(guard) && kept(&journal).1.is_some());
    purge(&mut journal, Pressure::None, days(31));
    assert!(!kept(&journal).0.contains(guard) && kept(&journal).1.is_none());
    let read = journal.case(pass.docket.number).unwrap().unwrap();
    assert_eq!((read.state(), read.docket.closed), (pass.state(), pass.docket.closed), "what was done stays");
}

#[test]
fn the_sums_of_one_member_of_staff_go_after_a_year_and_the_houses_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    let mark = |what, of: &str| Mark { what, of: of.into(), sum: 5 };
    let marks = [mark(What::Staff, "g-07/task.claimed"), mark(What::StaffRating, "g-07"), mark(What::Rating, "repair")];
    let day = |now: Now| now.utc.format("%Y%m%d").to_string().parse().unwrap();
    journal.add_marks(day(days(0)), &marks).unwrap();
    journal.add_marks(day(days(300)), &marks).unwrap();
    purge(&mut journal, Pressure::None, days(399));
    let kept = |journal: &Journal| {
        journal.connection.query_row("SELECT count(*) FROM tally", [], |row| row.get::<_, u64>(0)).unwrap()
    };
    assert_eq!(kept(&journal), 6);
    purge(&mut journal, Pressure::None, days(402));
    assert_eq!(kept(&journal), 4);
}

#[test]
fn a_hole_above_what_retention_thinned_is_still_a_loss() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    fill(&mut journal, std::iter::repeat_n(Kind::DoorOpened, 100), 50);
    purge(&mut journal, Pressure::None, days(31));
    assert_eq!(left(folder.path()).first(), Some(&(51, Kind::DoorOpened)));
    journal.connection.execute("DELETE FROM event WHERE seq IN (60, 61)", []).unwrap();
    let faults = Reader::open(folder.path()).unwrap().audit().unwrap().faults;
    assert_eq!(faults, ["events 60 to 61 are missing"]);
}

#[test]
fn an_event_of_a_case_stays_with_its_history() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    fill(&mut journal, std::iter::repeat_n(Kind::DoorOpened, 100), 100);
    journal.connection.execute("INSERT INTO case_event VALUES ('A', 20261121, 1, 7)", []).unwrap();
    purge(&mut journal, Pressure::None, days(31));
    let left: Vec<u64> = left(folder.path()).iter().map(|(seq, _)| *seq).collect();
    assert_eq!(left, [7, 100]);
}

#[test]
fn under_pressure_what_the_office_has_goes_however_young_but_for_what_tells_repeats() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    let rows = 65_535 + 3_000;
    fill(&mut journal, std::iter::repeat_n(Kind::AccessGranted, rows as usize), rows);
    assert_eq!(purge(&mut journal, Pressure::None, at(rows as i64)).events, 0);
    assert_eq!(purge(&mut journal, Pressure::Near, at(rows as i64)).events, 3_000);
    // And with a clock that nobody knows: this is not about age.
    fill(&mut journal, std::iter::repeat_n(Kind::AccessGranted, 500), rows + 500);
    let unset = Now { synced: false, ..at(0) };
    assert_eq!(purge(&mut journal, Pressure::Near, unset).events, 500);
}

#[test]
fn under_pressure_nothing_goes_that_the_office_has_not_got() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    let rows = 65_535 + 2_000;
    fill(&mut journal, std::iter::repeat_n(Kind::AccessGranted, rows as usize), 700);
    assert_eq!(purge(&mut journal, Pressure::Near, at(rows as i64)).events, 700);
    assert_eq!(Reader::open(folder.path()).unwrap().unsent(Lane::Normal).unwrap().0, rows - 700 + 2, "and it is told");
}

#[test]
fn what_the_office_has_stored_is_not_unsaid_by_an_older_word() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    fill(&mut journal, (0..10).map(|_| Kind::AccessGranted), 10);
    journal.begin().unwrap();
    let said = [(Some(0), 10), (Some(7), 7), (Some(1), 7), (Some(0), 7), (Some(9), 9), (None, 10), (Some(8), 8)];
    for (said, holds) in said {
        journal.note_stored(said).unwrap();
        assert_eq!(sent(&journal.connection, 10).unwrap(), holds, "{said:?}");
    }
    journal.roll_back();
}

#[test]
fn after_a_replay_only_what_is_still_here_counts_as_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    let kinds = [Kind::DoorOpened, Kind::VisitArrived].into_iter().cycle().take(100);
    fill(&mut journal, kinds, 100);
    purge(&mut journal, Pressure::None, days(31));
    for after in [0, 31, 99] {
        journal.begin().unwrap();
        journal.set_cursor(Lane::Normal.cursor(), after).unwrap();
        journal.commit().unwrap();
        let here = left(folder.path()).iter().filter(|(seq, _)| *seq > after).count() as u64;
        assert_eq!(Reader::open(folder.path()).unwrap().unsent(Lane::Normal).unwrap().0, here, "after {after}");
    }
}

#[test]
fn what_retention_deletes_is_given_back_to_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    fill(&mut journal, std::iter::repeat_n(Kind::AccessGranted, 10_000), 10_000);
    let file = |journal: &Journal| {
        journal.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        std::fs::metadata(folder.path().join(crate::journal::JOURNAL_FILE)).unwrap().len()
    };
    let before = file(&journal);
    assert!(purge(&mut journal, Pressure::None, days(91)).pages > 0);
    let after = file(&journal);
    assert!(after < before / 5, "{before} bytes have become {after}");
    assert_eq!(journal.size().unwrap().in_use + journal.size().unwrap().free, after);
}

#[test]
fn a_pass_that_fails_has_deleted_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    fill(&mut journal, std::iter::repeat_n(Kind::AccessGranted, 1_000), 1_000);
    journal.connection.execute_batch("DROP TABLE invitation").unwrap();
    while journal.purge(&keep(), Pressure::None, days(91)).is_ok_and(|pass| pass.more) {}
    let here = left(folder.path()).len();
    assert!(journal.purge(&keep(), Pressure::None, days(91)).is_err());
    assert_eq!(left(folder.path()).len(), here);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Whatever is purged in whatever order: nothing above a cursor, nothing young unless pressed, nothing but chatter below
    /// its days, and what is left is told from a loss.
    #[test]
    fn nothing_goes_that_should_stay(
        kinds in proptest::collection::vec(0usize..4, 1..400),
        sent in proptest::collection::vec(0u64..400, 1..4),
        mut later in proptest::collection::vec((1i64..100, any::<bool>()), 1..5),
    ) {
        later.sort_unstable();
        let folder = tempfile::tempdir().unwrap();
        let mut journal = open(folder.path());
        let of = |n: &usize| [Kind::DoorOpened, Kind::VisitArrived, Kind::CallRinging, Kind::DeviceUnmapped][*n];
        fill(&mut journal, kinds.iter().map(of), 0);
        let newest = kinds.len() as u64;
        let mut cursor = 0;
        for (sent, (day, pressed)) in sent.iter().zip(later) {
            cursor = newest.min(cursor.max(*sent));
            journal.begin().unwrap();
            Lane::ALL.iter().for_each(|lane| journal.set_cursor(lane.cursor(), cursor).unwrap());
            journal.commit().unwrap();
            let before: std::collections::BTreeSet<_> = left(folder.path()).into_iter().collect();
            purge(&mut journal, if pressed { Pressure::Reached } else { Pressure::None }, days(day));
            let after: std::collections::BTreeSet<_> = left(folder.path()).into_iter().collect();
            for (seq, kind) in before.difference(&after) {
                // Four hundred rows are among the newest, which every pressure spares.
                prop_assert!(*seq <= cursor && *seq < newest, "{seq} was not sent to {cursor}");
                prop_assert!(day >= 90 || (day >= 30 && kind.is_chatter()), "{kind} went on day {day}");
            }
            prop_assert!(after.iter().any(|(seq, _)| *seq == newest));
            prop_assert_eq!(Reader::open(folder.path()).unwrap().audit().unwrap().faults, Vec::<String>::new());
        }
    }
}
