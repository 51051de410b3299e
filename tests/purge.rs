//! After a purge nobody whose time is over stands anywhere in the raw files of the data folder: not in the journal, its free pages and its
//! WAL, nor in what lobbyd has left beside it. The folder is searched byte by byte, and the search itself is tried first.

#[path = "common/clockwork.rs"]
mod clockwork;

use chrono::TimeDelta;
use clockwork::{Machine, Open, noon, open};
use lobbyd::desk::{Answer, Command};
use lobbyd::event::{Data, Event, Kind, Now, Slug, data};
use lobbyd::journal::{JOURNAL_FILE, Journal, Keep, Lane, Pressure, Reader, forget_old};
use lobbyd::service::matter::Opening;
use lobbyd::service::visit::{Leaver, SignOut};
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Invented, and found nowhere else.
const NAME: &str = "纪无名";
const PHONE: &str = "13900007341";

fn later(days: i64) -> Now {
    Now { utc: noon() + TimeDelta::days(days), synced: true }
}

/// Somebody visits and leaves, is told of by a guard, and is on the watch-list.
/// A line of the call log, without its words.
fn line() -> Data {
    data([("via", json!("page")), ("item", json!(1)), ("items", json!(1))])
}

fn somebody(open: &Open) {
    let visit =
        json!({"visit": {"unit": "1203", "name": NAME, "phone": PHONE, "purpose": "friends", "language": "zh-Hans"}});
    let visit: Opening = serde_json::from_value(visit).unwrap();
    assert!(matches!(open.ask(Command::at_the_glass(visit)), Ok(Answer::Opened { .. })));
    let tail = Leaver::Tail(PHONE[PHONE.len() - 4..].into());
    open.ask(Command::SignOut(SignOut { who: tail, unit: None, slip: None })).unwrap();
    let noted = Event::here(Kind::LogNoted, Slug::new("gate-a").unwrap(), later(0), line());
    let said = data([("name", json!(NAME)), ("text", json!(format!("{NAME} {PHONE} ").repeat(300)))]);
    open.ask(Command::Record(noted.about(said))).unwrap();
    let entry = json!({"set": [{"id": "w-1", "names": [NAME], "phone": PHONE, "reason": "请先联系", "author": "总部",
                                "until": noon() + TimeDelta::days(30)}]});
    open.ask(Command::WatchList(serde_json::from_value(entry).unwrap())).unwrap();
    let newest = *open.desk.newest().borrow();
    for lane in Lane::ALL {
        open.ask(Command::Acknowledged { lane, seq: newest }).unwrap();
    }
}

/// What years of upgrades, damage, restores, backups and invitations leave in the folder, all of that day.
fn leave_behind(folder: &Path) {
    let journal = folder.join(JOURNAL_FILE);
    let replaced = folder.join("replaced-20261121T000000Z");
    let backup = folder.join("backup");
    [&replaced, &backup, &folder.join("invitations")].iter().for_each(|made| fs::create_dir(made).unwrap());
    fs::write(backup.join("backup.json"), "{}").unwrap();
    let copies = ["journal.db.version-4", "journal.db.version-3.new", "journal.db.damaged-20261121T000000Z"]
        .map(|name| folder.join(name));
    copies.iter().chain([&replaced.join(JOURNAL_FILE), &backup.join(JOURNAL_FILE)]).for_each(|to| {
        fs::copy(&journal, to).unwrap();
    });
    let text = format!("{NAME} {PHONE}");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(folder.join("journal-since-20261121T000000Z.jsonl"), wide).unwrap();
    fs::write(folder.join("invitations/one.refused"), &text).unwrap();
    for path in files(folder).into_iter().chain([replaced, backup]) {
        File::open(path).unwrap().set_modified(noon().into()).unwrap();
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The files in which name or phone stand, in any way in which a text is written.
fn found(folder: &Path) -> Vec<String> {
    let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let needles = [NAME, PHONE]
        .map(|text| [text.as_bytes().to_vec(), wide(text, u16::to_le_bytes), wide(text, u16::to_be_bytes)]);
    let holds = |bytes: &[u8]| {
        let holds = |needle: &Vec<u8>| bytes.windows(needle.len()).any(|window| window == &needle[..]);
        needles.iter().flatten().any(holds)
    };
    let files = files(folder).into_iter().filter(|path| holds(&fs::read(path).unwrap()));
    files.map(|path| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned()).collect()
}

fn purge(folder: &Path, days: i64) -> u64 {
    let mut journal = Journal::open(folder, "x").unwrap().journal;
    let keep = Keep::default();
    while journal.purge(&keep, Pressure::None, later(days)).unwrap().more {}
    let files = forget_old(folder, keep.days.copies(), later(days)).unwrap();
    // A day that differs.
    journal.tell_erased(files, later(days), u32::try_from(days).unwrap()).unwrap();
    files
}

#[test]
fn whoever_visited_stands_in_no_file_of_the_folder_when_his_time_is_over_and_his_visit_still_counts() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let house = open(dir.path(), &machine);
    somebody(&house);
    house.close();
    leave_behind(dir.path());
    let before = found(dir.path());
    assert!(before.contains(&JOURNAL_FILE.to_owned()), "{before:?}");
    assert_eq!(before.len(), 8, "the search finds each: {before:?}");

    assert_eq!(purge(dir.path(), 29), 1, "half a copy");
    assert_eq!(found(dir.path()).len(), 7, "not before its time");
    assert_eq!(purge(dir.path(), 91), 6, "all but the journal itself");
    assert_eq!(found(dir.path()), Vec::<String>::new());

    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(reader.audit().unwrap().faults, Vec::<String>::new(), "the chain is whole");
    let rows = reader.all_after(0, 1_000).unwrap();
    assert_eq!(rows.iter().filter(|row| row.kind == Kind::VisitArrived).count(), 1, "the count stays");
    let told = rows.iter().rfind(|row| row.kind == Kind::PersonErased).unwrap();
    let facts: serde_json::Value = serde_json::from_str(told.data.get()).unwrap();
    assert_eq!((&facts["why"], &facts["files"], &facts["cases"]), (&json!("age"), &json!(6), &json!(1)), "{facts}");
    assert!(facts["persons"].as_u64().unwrap() >= 2 && !told.data.get().contains(NAME));
    assert_eq!((reader.erased().unwrap().files, reader.oldest_person().unwrap()), (7, None));
}
