//! What can be read of people in the raw files after they were erased.

use super::*;
use crate::event::{Data, Event, Kind, Slug, data};
use crate::journal::{JOURNAL_FILE, Keep, Lane, Pressure, Reader};
use crate::service::invitation::Kept;
use crate::service::number::{Number, Series};
use crate::service::watch::Entry;

use serde_json::json;
use std::fs;
use std::path::Path;

/// People in each of these journals: of some thousands one was left in a gap.
const PEOPLE: u32 = 3_000;

fn days(days: i64) -> Now {
    Now { utc: DateTime::from_timestamp(1_795_000_000 + days * 86_400, 0).unwrap(), synced: true }
}

fn name(nth: u32) -> String {
    format!("测试姓名{nth:06}")
}

/// Visits and repairs of one person each, whose cases grow and end in no order.
fn live(folder: &Path) -> Journal {
    let mut journal = Journal::open(folder, "20261122T000000Z").unwrap().journal;
    // Nobody cuts the power here.
    journal.connection.pragma_update(None, "synchronous", "OFF").unwrap();
    let mut dice = fastrand::Rng::with_seed(1);
    for nth in 0..PEOPLE {
        journal.begin().unwrap();
        let series = if nth % 2 == 0 { Series::Visit } else { Series::Repair };
        let number = Number { series, day: 20_261_122 + nth / 500, nth };
        let letter = series.letter().to_string();
        let text = "长".repeat(dice.usize(1..200));
        let said = data([("name", json!(name(nth))), ("phone", json!(format!("139{nth:08}"))), ("text", json!(text))]);
        let event = Event::here(Kind::VisitArrived, Slug::from_text("lobby"), days(0), Data::new()).about(said);
        journal.append(&event, days(0)).unwrap();
        let seq = journal.newest();
        journal.note_case_event(number, seq).unwrap();
        let insert = "INSERT INTO casefile (series, day, nth, matter, state, data, opened_seq, changed_seq, closed)
                      VALUES (?1, ?2, ?3, 'any', 'ended', ?4, ?5, ?5, ?6)";
        let closed = days(0).utc.timestamp_millis();
        let what = "d".repeat(dice.usize(100..900));
        journal.connection.execute(insert, params![letter, number.day, nth, what, seq, closed]).unwrap();
        journal.note_case_person(number, &[event]).unwrap();
        // The cases of others move on, and their rows with them.
        for other in [dice.u32(0..=nth), dice.u32(nth / 2..=nth)] {
            let update = "UPDATE casefile SET data = ?1 WHERE series = ?2 AND day = ?3 AND nth = ?4";
            let what = "D".repeat(dice.usize(100..1_500));
            let series = if other % 2 == 0 { "V" } else { "R" };
            journal.connection.execute(update, params![what, series, 20_261_122 + other / 500, other]).unwrap();
        }
        journal.commit().unwrap();
        journal.tidy_wal().unwrap();
    }
    Lane::ALL.iter().for_each(|lane| journal.set_cursor(lane.cursor(), journal.newest()).unwrap());
    journal
}

/// How many of them stand anywhere in the raw files.
fn readable(folder: &Path) -> usize {
    let bytes: Vec<Vec<u8>> =
        ["", "-wal"].iter().map(|end| fs::read(folder.join(format!("{JOURNAL_FILE}{end}"))).unwrap()).collect();
    let mut found = std::collections::BTreeSet::new();
    let mark = "测试姓名".as_bytes();
    for bytes in bytes {
        let begins = bytes.iter().enumerate().filter(|(_, byte)| **byte == mark[0]);
        let names = begins.filter_map(|(at, _)| bytes.get(at..at + mark.len() + 6));
        found.extend(names.filter(|name| name.starts_with(mark)).map(<[u8]>::to_vec));
    }
    found.len()
}

fn purge(journal: &mut Journal, day: i64) {
    while journal.purge(&Keep::default(), Pressure::None, days(day)).unwrap().more {}
}

#[test]
fn whoever_was_erased_stands_nowhere_in_the_raw_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = live(folder.path());
    assert_eq!(readable(folder.path()), PEOPLE as usize, "the search finds them while they are there");
    purge(&mut journal, 31);
    assert_eq!(readable(folder.path()), PEOPLE as usize / 2, "visitors stay");
    purge(&mut journal, 91);
    assert_eq!(readable(folder.path()), 0);
    let reader = Reader::open(folder.path()).unwrap();
    assert_eq!(reader.quick_check(Duration::from_secs(60)).unwrap(), Some(Vec::new()));
    assert_eq!(journal.newest(), u64::from(PEOPLE), "the count stays");
    assert_eq!(journal.memo(TRACES).unwrap(), None);
    // What ages in the hours after it waits for the next day's, and what somebody asks for does not.
    journal.note_traces(false).unwrap();
    assert_eq!(journal.sweep(days(91)).unwrap(), Swept::Clean);
    journal.note_traces(true).unwrap();
    journal.note_traces(false).unwrap();
    assert_eq!(journal.sweep(days(91)).unwrap(), Swept::More);
    journal.note_traces(false).unwrap();
    assert_eq!(journal.sweep(days(92)).unwrap(), Swept::More);
}

/// An entry of the watch-list, until this day.
fn watched(nth: u32, until: i64) -> Entry {
    let entry = json!({"id": format!("w-{nth}"), "names": [name(nth)], "reason": "请先联系", "author": "总部", "until": days(until).utc});
    serde_json::from_value(entry).unwrap()
}

#[test]
fn entries_of_the_watch_list_that_end_or_are_taken_out_stand_nowhere_either() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), "20261122T000000Z").unwrap().journal;
    journal.begin().unwrap();
    for nth in 0..300 {
        journal.watch_for(&watched(nth, if nth % 3 == 0 { 5 } else { 300 })).unwrap();
    }
    journal.commit().unwrap();
    assert_eq!(readable(folder.path()), 300);
    // Nobody else is erased meanwhile: a hundred end by themselves.
    purge(&mut journal, 6);
    assert_eq!(readable(folder.path()), 200);
    journal.begin().unwrap();
    assert!((1..300).step_by(3).all(|nth| journal.watch_no_more(&format!("w-{nth}")).unwrap()));
    journal.commit().unwrap();
    purge(&mut journal, 7);
    assert_eq!(readable(folder.path()), 100);
    // Nor do those whose place another takes.
    journal.begin().unwrap();
    for nth in (2..300).step_by(3) {
        let other = Entry { names: Vec::new(), ..watched(nth, 300) };
        journal.watch_for(&other).unwrap();
    }
    journal.commit().unwrap();
    purge(&mut journal, 8);
    assert_eq!(readable(folder.path()), 0);
}

#[test]
fn an_invitation_that_is_taken_back_leaves_traces_that_are_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), "20261122T000000Z").unwrap().journal;
    let text = "INSERT INTO invitation (id, until, token, code, used) VALUES (?1, 1, 'LB1', 123456, 0)";
    journal.connection.execute(text, [[7; 12]]).unwrap();
    let kept = journal.invitation([7; 12]).unwrap().unwrap();
    journal.keep_invitation(&Kept { token: None, taken_back: true, ..kept.clone() }).unwrap();
    assert!(journal.memo(TRACES).unwrap().is_some());
    journal.set_memo(TRACES, None).unwrap();
    journal.keep_invitation(&Kept { token: None, taken_back: true, ..kept }).unwrap();
    assert!(journal.memo(TRACES).unwrap().is_none(), "its words went the first time");
}

#[test]
fn without_overwriting_and_without_the_sweep_they_would_be_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = live(folder.path());
    journal.connection.pragma_update(None, "secure_delete", "OFF").unwrap();
    purge(&mut journal, 91);
    assert!(readable(folder.path()) > 0, "this search finds what is only unlinked");

    let folder = tempfile::tempdir().unwrap();
    let mut journal = live(folder.path());
    // As a purge without it: rows are overwritten, pass by pass, and the WAL is moved into the database.
    for (odd, first) in [1, 0].into_iter().flat_map(|odd| (0..PEOPLE).step_by(50).map(move |first| (odd, first))) {
        for query in [
            "DELETE FROM person WHERE seq > ?1 AND seq <= ?1 + 50 AND seq % 2 <> ?2",
            "UPDATE casefile SET person = NULL, phone_tail = NULL WHERE nth >= ?1 AND nth < ?1 + 50 AND nth % 2 = ?2",
        ] {
            journal.connection.execute(query, [first, odd]).unwrap();
        }
    }
    assert!(readable(folder.path()) > 0, "the WAL has the pages as they were");
    journal.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    assert!(readable(folder.path()) > 0, "SQLite left none in a gap: is the sweep needed any more?");
    journal.note_traces(false).unwrap();
    while journal.sweep(days(91)).unwrap() == Swept::More {}
    assert_eq!(readable(folder.path()), 0);
}

#[test]
fn a_sweep_that_is_cut_off_is_gone_on_with_and_one_that_a_reader_holds_up_waits() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = live(folder.path());
    let keep = Keep::default();
    // Killed after the rows had gone and before the sweep.
    while journal.memo(TRACES).unwrap().is_none() {
        journal.purge(&keep, Pressure::None, days(91)).unwrap();
    }
    drop(journal);
    let mut journal = Journal::open(folder.path(), "20270222T000000Z").unwrap().journal;
    let reader = Reader::open(folder.path()).unwrap();
    journal.touch().unwrap();
    reader.connection().execute_batch("BEGIN; SELECT count(*) FROM meta").unwrap();
    journal.touch().unwrap();
    let mut last = journal.purge(&keep, Pressure::None, days(91)).unwrap();
    while last.more {
        last = journal.purge(&keep, Pressure::None, days(91)).unwrap();
    }
    assert!(last.held);
    reader.connection().execute_batch("COMMIT").unwrap();
    purge(&mut journal, 91);
    assert_eq!(readable(folder.path()), 0);
    assert!(!journal.purge(&keep, Pressure::None, days(91)).unwrap().held);
}

#[test]
fn only_gaps_of_pages_of_rows_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let journal = live(folder.path());
    let mut read = journal.connection.prepare("SELECT pgno, data FROM sqlite_dbpage").unwrap();
    let mut rows = read.query([]).unwrap();
    let mut seen = 0;
    while let Some(row) = rows.next().unwrap() {
        let (number, page): (u64, Vec<u8>) = (row.get(0).unwrap(), row.get(1).unwrap());
        seen += usize::from(gaps(&page, number).is_some_and(|gaps| gaps.iter().all(|gap| gap.end <= page.len())));
        for cut in [0, 1, 7, 99, 107, page.len() / 2] {
            // Never beyond what is there, whatever it says.
            assert!(gaps(&page[..cut], number).is_none_or(|gaps| gaps.iter().all(|gap| gap.end <= cut)));
        }
    }
    assert!(seen > 100, "{seen}");
    assert_eq!(gaps(&[0; 4096], 2), None, "a page of the free list");
}
