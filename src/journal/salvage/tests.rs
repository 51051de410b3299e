//! Journals of which a page is rubbish, and what of them is found in the new one.

use super::*;
use crate::journal::open::with_suffix;
use crate::journal::{Found, JOURNAL_FILE, Keep, Pressure, Reader, Row};
use crate::service::number::Series;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::fs;

const STAMP: &str = "20261122T080000Z";
const DAY: u32 = 20_261_122;
const PAGE: usize = 4_096;
const EVENTS: u64 = 3_000;

fn at(seq: u64) -> Now {
    Now { utc: DateTime::from_timestamp(1_795_000_000 + seq.cast_signed(), 0).unwrap(), synced: true }
}

/// A journal in which the office has everything up to `sent`.
fn journal(folder: &Path, sent: u64) -> Vec<Row> {
    let mut journal = Journal::open(folder, "20261121T000000Z").unwrap().journal;
    journal.begin().unwrap();
    for seq in 1..=EVENTS {
        let kind = if seq % 7 == 0 { Kind::HelpRequested } else { Kind::VisitArrived };
        let text = format!("event-{seq:05}-{}", "x".repeat(100));
        let event = Event::here(kind, Slug::from_text("lobby"), at(seq), data([("text", json!(text))]));
        journal.append(&event.about(data([("name", json!("测试"))])), at(seq)).unwrap();
    }
    Lane::ALL.iter().for_each(|lane| journal.set_cursor(lane.cursor(), sent).unwrap());
    journal.commit().unwrap();
    drop(journal);
    rows(folder)
}

fn rows(folder: &Path) -> Vec<Row> {
    Reader::open(folder).unwrap().all_after(0, 1_000_000).unwrap()
}

fn ids(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| row.id.to_string()).collect()
}

fn sql(folder: &Path, sql: &str) {
    Connection::open(folder.join(JOURNAL_FILE)).unwrap().execute_batch(sql).unwrap();
}

/// Makes rubbish of the page on which this stands, and says how many of the rows stood there.
fn spoil(folder: &Path, text: &str) -> usize {
    let path = folder.join(JOURNAL_FILE);
    let mut bytes = fs::read(&path).unwrap();
    let place = bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    let page = &mut bytes[place / PAGE * PAGE..][..PAGE];
    let rows: BTreeSet<&[u8]> = page.windows(12).filter(|window| window.starts_with(b"event-")).collect();
    let count = rows.len();
    page.fill(0xA5);
    fs::write(path, bytes).unwrap();
    Journal::mark_suspect(folder);
    count
}

fn spoil_root(folder: &Path, table: &str) {
    let path = folder.join(JOURNAL_FILE);
    let query = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let root: usize = Connection::open(&path).unwrap().query_row(query, [table], |row| row.get(0)).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[(root - 1) * PAGE..][..PAGE].fill(0xA5);
    fs::write(path, bytes).unwrap();
    Journal::mark_suspect(folder);
}

fn recover(folder: &Path) -> (Journal, Recovered) {
    let opened = Journal::open(folder, STAMP).unwrap();
    let Found::Damaged(recovered) = opened.found else { panic!("{:?}", opened.found) };
    (opened.journal, recovered)
}

#[test]
fn only_the_rows_of_the_bad_page_are_missing_and_they_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let before = journal(folder.path(), 900);
    let gone = spoil(folder.path(), "event-02000");
    let (journal, recovered) = recover(folder.path());
    assert_eq!((recovered.unreadable, recovered.events), (gone as u64, 2_100 - gone as u64));
    assert!(gone > 0 && recovered.whole && recovered.from_epoch.is_some());
    assert!(recovered.from_head.as_ref().is_some_and(|head| head.starts_with("3000:")), "{recovered:?}");
    let after = rows(folder.path());
    let kept: BTreeSet<String> = ids(&after).into_iter().collect();
    let expected: Vec<&Row> = before[900..].iter().filter(|row| kept.contains(&row.id.to_string())).collect();
    assert_eq!(expected.len(), 2_100 - gone);
    for (seq, (row, then)) in (1..).zip(after.iter().zip(expected)) {
        let same = (row.id, row.kind, row.stamp, row.recorded, row.data.get());
        assert_eq!(same, (then.id, then.kind, then.stamp, then.recorded, then.data.get()));
        assert_eq!(row.seq, seq, "no number is missing");
    }
    assert!(after[0].data.get().contains("测试"), "with what it says of people");
    assert_eq!((journal.cursor(Lane::Urgent).unwrap(), journal.cursor(Lane::Normal).unwrap()), (0, 0));
    let letters = Reader::open(folder.path()).unwrap().dead_letters(10).unwrap();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert!(letter.what.starts_with("events ") && letter.what.contains(" to "), "{letter:?}");
    assert_eq!(Reader::open(folder.path()).unwrap().audit().unwrap().faults, Vec::<String>::new());
}

#[test]
fn what_the_office_has_comes_over_only_as_far_as_repeats_are_known_by_it_and_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let before = journal(folder.path(), 2_900);
    spoil(folder.path(), "event-00500");
    let (journal, recovered) = recover(folder.path());
    assert_eq!((recovered.events, recovered.unreadable), (100, 0), "the office has the rows of the bad page");
    assert_eq!(ids(&rows(folder.path())), ids(&before[2_000..]));
    for lane in Lane::ALL {
        assert_eq!(journal.cursor(lane).unwrap(), 900);
    }
}

#[test]
fn one_lane_behind_the_other_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path(), 2_990);
    sql(folder.path(), "UPDATE cursor SET seq = 1500 WHERE name = 'office'");
    spoil(folder.path(), "event-00500");
    let (journal, recovered) = recover(folder.path());
    assert_eq!(recovered.events, 1_500, "urgent ones in between come again under their ids");
    assert_eq!(journal.cursor(Lane::Urgent).unwrap(), journal.cursor(Lane::Normal).unwrap());
}

#[test]
fn where_nobody_knows_what_the_office_has_everything_comes_and_where_names_are_gone_the_event_does() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path(), 2_900);
    spoil_root(folder.path(), "cursor");
    assert_eq!(recover(folder.path()).1.events, EVENTS);
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path(), 0);
    spoil_root(folder.path(), "person");
    let recovered = recover(folder.path()).1;
    assert_eq!((recovered.events, recovered.nameless, recovered.unreadable), (EVENTS, EVENTS, 0));
}

#[test]
fn a_file_of_which_nothing_can_be_read_is_named_from_the_first_number_to_the_last() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path(), 2_900);
    let path = folder.path().join(JOURNAL_FILE);
    let mut bytes = fs::read(&path).unwrap();
    bytes[..PAGE].fill(0xA5);
    fs::write(&path, bytes).unwrap();
    let (_, recovered) = recover(folder.path());
    assert_eq!((recovered.events, recovered.unreadable), (0, EVENTS));
    let letters = Reader::open(folder.path()).unwrap().dead_letters(10).unwrap();
    assert_eq!(letters.last().unwrap().what, "events 1 to 1000 of epoch unknown");
}

/// Two cells whose numbers are rubbish: every start would have looked for 2^50 rows, one by one, and then for the next.
#[test]
fn a_row_with_a_number_that_nobody_gave_ends_the_journal_where_the_others_do() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path(), 900);
    let gone = spoil(folder.path(), "event-02000") as u64;
    let far = "PRAGMA foreign_keys = OFF; UPDATE event SET seq = 1 << 50 WHERE seq = 2999; UPDATE event SET seq = 1 << 60 WHERE seq = 3000";
    sql(folder.path(), far);
    let (_, recovered) = recover(folder.path());
    assert_eq!((recovered.unreadable, recovered.events), (gone + 2, 2_100 - gone - 2));
    assert!(recovered.whole);
}

#[test]
fn open_cases_come_with_their_histories_and_what_was_given_is_not_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let before = journal(folder.path(), 2_900);
    sql(
        folder.path(),
        r#"UPDATE event SET data = '{"state":"signed-in"}' WHERE seq IN (10, 2950);
           INSERT INTO casefile (series, day, nth, matter, state, data, opened_seq, changed_seq, closed) VALUES
               ('V', 20261122, 3, 'visit', 'signed-in', '{"docket":{}}', 10, 2950, NULL),
               ('V', 20261122, 4, 'visit', 'left', '{}', 11, 2951, 1795000000000);
           INSERT INTO case_event VALUES ('V', 20261122, 3, 10), ('V', 20261122, 3, 2950), ('V', 20261122, 4, 11);
           INSERT INTO counter VALUES ('V', 20261122, 4); INSERT INTO meta VALUES ('calendar', 'today');
           INSERT INTO state VALUES ('north', 'door', 'door.opened', 1795000000000);"#,
    );
    spoil(folder.path(), "event-00500");
    let (mut journal, recovered) = recover(folder.path());
    assert_eq!((recovered.open_cases, recovered.numbers), (1, true));
    let query = "SELECT nth, opened_seq, changed_seq FROM casefile";
    let case = journal.connection.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    assert_eq!(case.unwrap(), (3, 1, 951));
    let after = rows(folder.path());
    assert_eq!((after[0].id, after[950].id), (before[9].id, before[2_949].id));
    assert_eq!(journal.memo("calendar").unwrap().as_deref(), Some("today"));
    assert_eq!(Reader::open(folder.path()).unwrap().states().unwrap().len(), 1);
    journal.begin().unwrap();
    assert_eq!(journal.next_number(Series::Visit, DAY).unwrap().nth, 5);
    journal.roll_back();
    let faults = Reader::open(folder.path()).unwrap().audit().unwrap().faults;
    assert!(
        faults.iter().all(|fault| fault.contains("is stored in a form")),
        "but for its made-up content: {faults:?}"
    );
}

#[test]
fn where_it_is_not_known_which_numbers_were_given_they_go_on_higher() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path(), 0);
    spoil_root(folder.path(), "counter");
    let (mut journal, recovered) = recover(folder.path());
    assert!(!recovered.numbers);
    journal.tell_recovered(&recovered, at(0), DAY).unwrap();
    journal.begin().unwrap();
    assert_eq!(journal.next_number(Series::Visit, DAY).unwrap().nth, 501);
    journal.roll_back();
}

#[test]
fn whom_to_watch_for_and_what_the_law_holds_come_over() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path(), EVENTS);
    let mut journal = Journal::open(folder.path(), STAMP).unwrap().journal;
    let until = at(0).utc + chrono::TimeDelta::days(30);
    let entry = json!({"id": "w-1", "names": ["测试"], "reason": "请先联系", "author": "总部", "until": until});
    let hold = json!({"hold": {"id": "h-1", "of": {"case": "V-20261122-1"}, "reason": "诉讼", "author": "法务", "until": until}});
    journal.begin().unwrap();
    journal.watch_for(&serde_json::from_value(entry).unwrap()).unwrap();
    journal.person(&serde_json::from_value(hold).unwrap(), None, at(0)).unwrap();
    journal.commit().unwrap();
    drop(journal);
    spoil(folder.path(), "event-00100");
    let (journal, recovered) = recover(folder.path());
    assert!(recovered.lists_lost.is_empty());
    assert_eq!(journal.watch_list().unwrap().len(), 1);
    assert!(journal.has_holds().unwrap());
}

/// Of what is held nothing else may be left than the damaged file.
#[test]
fn lists_that_cannot_be_read_are_told_and_the_file_stays_until_somebody_deletes_it() {
    for (spoiled, lists) in [(Some("hold"), json!(["legal-holds"])), (None, json!(["legal-holds"]))] {
        let folder = tempfile::tempdir().unwrap();
        journal(folder.path(), EVENTS);
        sql(folder.path(), "INSERT INTO hold VALUES ('h-1', 1, '{}')");
        match spoiled {
            Some(table) => spoil_root(folder.path(), table),
            None => {
                sql(folder.path(), "PRAGMA user_version = 1");
                spoil(folder.path(), "event-00100");
            }
        }
        let (mut journal, recovered) = recover(folder.path());
        journal.tell_recovered(&recovered, at(0), DAY).unwrap();
        let told = rows(folder.path()).pop().unwrap();
        let told: serde_json::Value = serde_json::from_str(told.data.get()).unwrap();
        assert_eq!(told["lists_lost"], lists, "{spoiled:?}");
        drop(journal);
        assert!(matches!(Journal::open(folder.path(), STAMP).unwrap().found, Found::Existing), "it has come over");
        let much_later = Now { utc: Utc::now() + chrono::TimeDelta::days(999), synced: true };
        assert_eq!(crate::journal::forget_old(folder.path(), 30, much_later).unwrap(), 0);
        assert!(recovered.kept_as.exists() && crate::journal::left(folder.path()).contains(&recovered.kept_as));
        fs::remove_file(&recovered.kept_as).unwrap();
        assert!(crate::journal::forget_old(folder.path(), 30, much_later).unwrap() > 0, "its note goes after it");
    }
}

/// `OR IGNORE` does not pass over a value of the wrong type: each start ended there, and the lobby never opened again.
#[test]
fn a_row_that_cannot_be_taken_over_is_left_behind_and_told() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path(), EVENTS);
    let until = at(0).utc + chrono::TimeDelta::days(30);
    let hold = json!({"id": "h-2", "of": {"case": "V-20261122-1"}, "reason": "诉讼", "author": "法务", "until": until});
    let tables = ["counter", "hold", "casefile"].map(|table| format!("'{table}'")).join(", ");
    sql(
        folder.path(),
        &format!(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name IN ({tables})"
        ),
    );
    sql(
        folder.path(),
        &format!(
            "INSERT INTO counter VALUES ('V', 20261122, 'many'), ('R', 20261122, 7);
             INSERT INTO hold VALUES ('h-1', 1, '{{}}'), ('h-2', 2, '{hold}');
             INSERT INTO casefile (series, day, nth, matter, state, data, opened_seq, changed_seq, wake) VALUES
                 ('V', 20261122, 3, 'visit', 'signed-in', '{{}}', 10, 2950, 'soon'), ('V', 20261122, 4, 'visit', 'signed-in', '{{}}', 11, 2951, 1);"
        ),
    );
    spoil(folder.path(), "event-00100");
    let (journal, recovered) = recover(folder.path());
    assert!(recovered.whole && !recovered.numbers);
    assert_eq!((recovered.lists_lost, recovered.open_cases), (vec!["legal-holds".to_owned()], 1));
    let holds: Vec<String> = journal.holds().unwrap().into_iter().map(|hold| hold.id).collect();
    assert_eq!(holds, ["h-2"], "what holds nothing is not among them");
}

#[test]
fn retention_goes_on_after_a_bad_page() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path(), EVENTS);
    let in_days = |days: i64| Now { utc: at(EVENTS).utc + chrono::TimeDelta::days(days), synced: true };
    let purge = |journal: &mut Journal, days: i64| {
        while journal.purge(&Keep::default(), Pressure::None, in_days(days)).unwrap().more {}
    };
    let mut old = Journal::open(folder.path(), STAMP).unwrap().journal;
    purge(&mut old, 40);
    assert!(Reader::open(folder.path()).unwrap().oldest_person().unwrap().is_none(), "everybody was old");
    drop(old);
    spoil(folder.path(), "event-02900");
    let (mut journal, _) = recover(folder.path());
    journal.begin().unwrap();
    let late = Event::here(Kind::LogNoted, Slug::from_text("lobby"), in_days(41), data([("text", json!("x"))]));
    journal.append(&late.about(data([("name", json!("测试乙"))])), in_days(41)).unwrap();
    let newest = journal.newest();
    assert!(newest < EVENTS, "its numbers begin anew");
    Lane::ALL.iter().for_each(|lane| journal.set_cursor(lane.cursor(), newest).unwrap());
    journal.commit().unwrap();
    assert!(Reader::open(folder.path()).unwrap().oldest_person().unwrap().is_some());
    purge(&mut journal, 80);
    assert!(Reader::open(folder.path()).unwrap().oldest_person().unwrap().is_none(), "he is old, too");
}

#[test]
fn a_start_that_is_cut_off_anywhere_is_gone_on_with_and_tells_once() {
    let folder = tempfile::tempdir().unwrap();
    let before = journal(folder.path(), 500);
    spoil(folder.path(), "event-00100");
    // Between the first renames.
    let path = folder.path().join(JOURNAL_FILE);
    let kept_as = with_suffix(&path, &format!(".damaged-{STAMP}"));
    let promise = super::super::mark::Mark::open(&path).unwrap().read();
    let note = aside::Note { why: "of a bad page".into(), promise };
    fs::write(with_suffix(&kept_as, "-moving"), serde_json::to_vec(&note).unwrap()).unwrap();
    let (journal, recovered) = recover(folder.path());
    assert_eq!((&recovered.kept_as, recovered.events), (&kept_as, 2_500));
    // In the middle of a batch, after one, and before it was told.
    sql(
        folder.path(),
        "DELETE FROM meta WHERE key = 'brought-over'; DELETE FROM event WHERE seq > 700; DELETE FROM person WHERE seq > 700",
    );
    drop(journal);
    fs::remove_file(with_suffix(&path, "-mark")).unwrap();
    let (journal, _) = recover(folder.path());
    assert_eq!(ids(&rows(folder.path())), ids(&before[500..]));
    drop(journal);
    let (mut journal, recovered) = recover(folder.path());
    journal.tell_recovered(&recovered, at(EVENTS), DAY).unwrap();
    drop(journal);
    assert_eq!(Journal::open(folder.path(), STAMP).unwrap().found, Found::Existing);
    let told = rows(folder.path());
    assert_eq!(told.iter().filter(|row| row.kind == Kind::JournalRecovered).count(), 1);
    let facts: serde_json::Value = serde_json::from_str(told.last().unwrap().data.get()).unwrap();
    assert_eq!((&facts["brought_over"], &facts["rest_waits"]), (&json!(2_500), &json!(false)));
}

#[test]
fn a_file_that_somebody_has_taken_away_holds_nobody_up_and_a_sound_journal_stays() {
    let folder = tempfile::tempdir().unwrap();
    let before = journal(folder.path(), 500);
    fs::write(folder.path().join(format!("{JOURNAL_FILE}.damaged-{STAMP}-unsent")), "").unwrap();
    assert_eq!(Journal::open(folder.path(), STAMP).unwrap().found, Found::Existing);
    assert_eq!(ids(&rows(folder.path())), ids(&before));
}

/// With rubbish of every kind: what looks like text, numbers and lengths.
#[test]
fn whichever_page_is_rubbish_the_third_start_opens_at_the_latest() {
    let sound = tempfile::tempdir().unwrap();
    journal(sound.path(), 0);
    // What the desk reads when it opens, so long that most of it stands on pages of its own.
    let mut journal = Journal::open(sound.path(), STAMP).unwrap().journal;
    journal.set_memo("rules", Some(&"x".repeat(9_000))).unwrap();
    drop(journal);
    let bytes = fs::read(sound.path().join(JOURNAL_FILE)).unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    for page in (0..bytes.len() / PAGE).step_by(7).chain(0..30).chain(bytes.len() / PAGE - 5..bytes.len() / PAGE) {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = bytes.clone();
        bytes[page * PAGE..][..PAGE].iter_mut().for_each(|byte| *byte = random.u8(..));
        fs::write(folder.path().join(JOURNAL_FILE), bytes).unwrap();
        let start = || {
            let opened = Journal::open(folder.path(), STAMP)?;
            opened.journal.memo("rules")?;
            Journal::trust(folder.path())
        };
        let fails = |error: &JournalError| {
            assert!(error.is_damage(), "page {page}: {error}");
            Journal::mark_suspect(folder.path());
        };
        let done = start().inspect_err(fails).or_else(|_| start()).inspect_err(fails).or_else(|_| start());
        done.unwrap_or_else(|error| panic!("page {page}: {error}"));
    }
}
