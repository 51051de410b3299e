//! A journal that an SD card or a thief has damaged, and a backup that is none: opened for reading, for writing and for restoring.
//! Never a panic; a file that is taken for damaged is set aside and not deleted; what opens can be written and read again.
#![no_main]

use chrono::TimeDelta;
use common::{folder, now};
use libfuzzer_sys::fuzz_target;
use lobbyd::event::{Event, Kind, Slug, data};
use lobbyd::journal::{Found, JOURNAL_FILE, Journal, Lane, Reader, Restore};
use lobbyd::service::number::Series;
use serde_json::json;
use std::path::Path;
use std::sync::LazyLock;

const STAMP: &str = "20261121T194200Z";

/// A small journal with events, people and letters nobody could read, as it lies on the disk after a stop.
static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let dir = folder();
    let mut journal = Journal::open(dir.path(), STAMP).expect("an empty folder").journal;
    write(&mut journal, 12).expect("a new journal");
    drop(journal);
    std::fs::read(dir.path().join(JOURNAL_FILE)).expect("it was made")
});

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

/// `G` and a whole file; else patches of the sound one: a place in three bytes and what is written there in one, and where two
/// are the same place, the file ends there.
fn file(bytes: &[u8]) -> Vec<u8> {
    if let Some((b'G', whole)) = bytes.split_first() {
        return whole.to_vec();
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
    let Ok(opened) = Journal::open(dir, STAMP) else { return };
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
    let (dir, other) = (folder(), folder());
    let file = file(bytes);
    let path = dir.path().join(JOURNAL_FILE);
    std::fs::write(&path, &file).expect("there is room");
    look(&path);
    restore(other.path(), &file);
    open(dir.path(), &file);
});
