//! A journal that an SD card or a thief has damaged, and a backup that is none: opened for reading, for writing and for restoring.
//! Never a panic; a file that is taken for damaged is set aside and not deleted; what opens can be written and read again; the desk
//! opens with it or says why not.
#![no_main]

use chrono::TimeDelta;
use common::{folder, now};
use libfuzzer_sys::fuzz_target;
use lobbyd::desk::{self, Command};
use lobbyd::event::{Event, Kind, Now, Slug, data};
use lobbyd::journal::{Found, JOURNAL_FILE, Journal, Keep, Lane, Reader, Restore};
use lobbyd::service::house::House;
use lobbyd::service::number::Series;
use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::json;
use std::path::Path;
use std::sync::LazyLock;

const STAMP: &str = "20261121T194200Z";

/// A small journal with events, people, a case and a letter that nobody could read, as it lies on the disk after a stop.
static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let dir = folder();
    let mut journal = Journal::open(dir.path(), STAMP).expect("an empty folder").journal;
    write(&mut journal, 12).expect("a new journal");
    drop(journal);
    assert!(work(dir.path(), now), "the desk opens");
    std::fs::read(dir.path().join(JOURNAL_FILE)).expect("it was made")
});

/// When everything that was promised in the sound journal is due.
fn later() -> Now {
    let mut at = now();
    at.utc += TimeDelta::hours(9);
    at
}

/// A desk with this journal, to which somebody comes for help. Whether it could be opened.
fn work(dir: &Path, now: fn() -> Now) -> bool {
    let house = House::bare(chrono_tz::Asia::Shanghai);
    let settings = desk::Settings { data_dir: dir.to_owned(), house, keep: Keep::default() };
    let Ok(opened) = desk::open(settings, now) else { return false };
    let help = serde_json::from_value(json!({"help": {"language": "en"}})).expect("an opening");
    opened.desk.submit(Command::at_the_glass(help), drop);
    let (topic, reason) = ("t/front".to_owned(), "the payload is empty".to_owned());
    opened.desk.submit(Command::Unreadable { topic, bytes: 0, reason }, drop);
    opened.desk.close();
    drop(opened.thread.join().expect("an end without a panic"));
    true
}

fn write(journal: &mut Journal, events: u32) -> Result<(), lobbyd::journal::JournalError> {
    journal.begin()?;
    for nth in 0..events {
        let kind = if nth % 5 == 0 { Kind::HelpRequested } else { Kind::AccessGranted };
        let mut at = now();
        at.utc += TimeDelta::seconds(nth.into());
        let event = Event::here(kind, Slug::from_text("lobby"), at, data([("nth", json!(nth))]));
        journal.append(&event.about(data([("name", json!("测试甲"))])), at)?;
    }
    journal.next_number(Series::Visit, 20_261_121)?;
    journal.commit()
}

/// The sound one with values that nobody has written: a column, a row, a kind of value, and eight bytes for it.
fn rewritten(bytes: &[u8]) -> rusqlite::Result<Vec<u8>> {
    const COLUMNS: &str =
        "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'";
    let dir = folder();
    let path = dir.path().join(JOURNAL_FILE);
    std::fs::write(&path, &*SOUND).expect("there is room");
    let file = Connection::open(&path)?;
    file.execute_batch("PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF")?;
    let mut query = file.prepare(COLUMNS)?;
    let columns = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let columns: Vec<(String, String)> = columns.collect::<Result<_, _>>()?;
    for change in bytes.chunks_exact(11) {
        let (table, column) = &columns[usize::from(change[0]) % columns.len()];
        let number = change[3..].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)).cast_signed();
        let value = match change[2] % 5 {
            0 => Value::Null,
            1 => Value::Real(f64::from_bits(number.cast_unsigned())),
            2 => Value::Text(String::from_utf8_lossy(&change[3..]).into_owned()),
            3 => Value::Blob(change[3..].to_vec()),
            _ => Value::Integer(number),
        };
        let row = format!("(SELECT rowid FROM {table} LIMIT 1 OFFSET {})", change[1] % 16);
        // A constraint that holds is none of ours.
        let _ = file.execute(&format!("UPDATE {table} SET {column} = ?1 WHERE rowid = {row}"), [value]);
    }
    drop(query);
    drop(file);
    Ok(std::fs::read(&path).expect("it is there"))
}

/// `G` and a whole file; `V` and values; else patches of the sound one: a place in three bytes and what is written there in one,
/// and where two are the same place, the file ends there.
fn file(bytes: &[u8]) -> Vec<u8> {
    match bytes.split_first() {
        Some((b'G', whole)) => return whole.to_vec(),
        Some((b'V', values)) => return rewritten(values).expect("a sound file can be written"),
        _ => {}
    }
    let mut file = SOUND.clone();
    let mut last = None;
    for patch in bytes.chunks_exact(4) {
        let place = usize::from(patch[0]) << 16 | usize::from(patch[1]) << 8 | usize::from(patch[2]);
        let length = file.len().max(1);
        if last.replace(place) == Some(place) {
            file.truncate(place % length);
        } else if let Some(byte) = file.get_mut(place % length) {
            *byte = patch[3];
        }
    }
    file
}

/// Everything that only reads.
fn look(path: &Path) {
    let Ok(reader) = Reader::open_file(path) else { return };
    drop(reader.audit());
    drop((reader.epoch(), reader.span(), reader.states(), reader.dead_letters(100), reader.dead_letter_count()));
    drop((reader.size(), reader.open_cases(), reader.newest_cases(100), reader.birthdays(11)));
    drop((reader.case_lines(0, 99_999_999, 100), reader.of_kind(Kind::HelpRequested, 100)));
    for lane in Lane::ALL {
        drop((reader.after(lane, 0, 100), reader.at(lane, 3), reader.unsent(lane), reader.cursor(lane)));
    }
}

fn open(dir: &Path, damaged: &[u8]) {
    let opened = match Journal::open(dir, STAMP) {
        Ok(opened) => opened,
        Err(error) => {
            // Another version, perhaps. But what comes over of a damaged file must end no start: the next would end there, too.
            let waits = std::fs::read_dir(dir).expect("it is there").filter_map(Result::ok);
            let mut waits = waits.filter(|entry| entry.file_name().to_string_lossy().ends_with("-unsent"));
            assert!(waits.next().is_none() || Journal::open(dir, STAMP).is_ok(), "{error}, at each start");
            return;
        }
    };
    if matches!(opened.found, Found::Damaged(_)) {
        let kept = std::fs::read_dir(dir).expect("it is there").filter_map(Result::ok);
        let kept = kept.filter(|entry| entry.file_name().to_string_lossy().contains(".damaged-"));
        let whole = kept.filter_map(|entry| std::fs::read(entry.path()).ok()).any(|file| file.len() >= damaged.len());
        assert!(whole, "what was there is kept");
    }
    let mut journal = opened.journal;
    let before = journal.newest();
    if write(&mut journal, 3).is_ok() {
        let reader = Reader::open(dir).expect("it is open for writing, too");
        // A damaged page that nobody has looked at yet is met by whoever reads it, who then goes by the single row.
        match reader.all_after(before, 10) {
            Ok(rows) => assert_eq!(rows.len(), 3, "what was stored after {before} is there"),
            Err(error) => drop((error.is_damage(), Lane::ALL.map(|lane| reader.at(lane, before + 1)))),
        }
    }
}

fn restore(dir: &Path, backup: &[u8]) {
    let Ok(restore) = Restore::begin(dir) else { return };
    std::fs::write(restore.staging().join(JOURNAL_FILE), backup).expect("there is room");
    if restore.begin_anew(None, "20261122T000000Z", now(), 20_261_122).is_ok() {
        let _ = restore.put_in_place(&[], "20261122T000000Z");
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (dir, other, third) = (folder(), folder(), folder());
    let file = file(bytes);
    let path = dir.path().join(JOURNAL_FILE);
    std::fs::write(&path, &file).expect("there is room");
    look(&path);
    restore(other.path(), &file);
    open(dir.path(), &file);
    std::fs::write(third.path().join(JOURNAL_FILE), &file).expect("there is room");
    work(third.path(), later);
});
