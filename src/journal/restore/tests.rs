//! Cuts at every rename, and what the restored journal says.

use super::*;
use crate::event::Data;
use crate::journal::{Noted, Reader};
use chrono::Utc;
use std::collections::BTreeMap;

const STAMP: &str = "20261122T000000Z";
const LIST: &str = "staff.toml";

/// Every file of a folder and of the folders in it, but the lock, with what is in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.ends_with(open::LOCK_FILE) {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// A journal of so many events.
fn journal(folder: &Path, events: usize) {
    let mut journal = Journal::open(folder, STAMP).unwrap().journal;
    let now = Now { utc: Utc::now(), synced: true };
    journal.begin().unwrap();
    for _ in 0..events {
        journal.append(&Event::here(Kind::AccessGranted, Slug::from_text("lobby"), now, Data::new()), now).unwrap();
    }
    journal.commit().unwrap();
}

/// A folder in use with a crashed daemon's companions, one list that the backup has, and one that it has not.
fn in_use() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    journal(dir.path(), 3);
    for (name, text) in [("journal.db-wal", ""), ("journal.db-shm", ""), (LIST, "old"), ("directory.csv", "old")] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

/// Everything that is to be put into it, staged.
fn staged(data_dir: &Path) -> Restore {
    let restore = Restore::begin(data_dir).unwrap();
    journal(&restore.staging(), 1);
    fs::remove_file(restore.staging().join(open::LOCK_FILE)).unwrap();
    fs::write(restore.staging().join(LIST), "restored").unwrap();
    fs::write(restore.staging().join("journal-since-x.jsonl"), "{}").unwrap();
    restore
}

#[test]
fn a_cut_between_any_two_renames_is_healed_by_the_next_start_and_nothing_is_lost() {
    for cut in 0.. {
        let dir = in_use();
        let (data, aside) = (dir.path(), dir.path().join("replaced-x"));
        let old = files(data);
        let restore = staged(data);
        let new: BTreeMap<_, _> = files(&restore.staging())
            .into_iter()
            .map(|(path, bytes)| (data.join(path.file_name().unwrap()), bytes))
            .collect();
        restore.commit(&[LIST, "directory.csv"], "x").unwrap();
        let replaced = [LIST, "directory.csv"];
        let moved = (0..cut).take_while(|_| move_one(data, &replaced).unwrap()).count();
        // As after a power cut: nobody holds the lock, nothing tidies.
        drop(restore);
        drop(open::lock(data).unwrap());

        tidy(data).unwrap();
        let now = files(data);
        for (path, bytes) in &new {
            assert_eq!(now.get(path), Some(bytes), "cut {cut}: {path:?} is restored");
        }
        for (path, bytes) in &old {
            let kept = aside.join(path.file_name().unwrap());
            assert_eq!(now.get(&kept), Some(bytes), "cut {cut}: {path:?} is set aside");
        }
        assert_eq!(now.len(), new.len() + old.len(), "cut {cut}: nothing half is left: {:?}", now.keys());
        assert!(!data.join(STAGING).exists() && !is_unfinished(data));
        if moved < cut {
            return;
        }
    }
}

#[test]
fn a_cut_before_the_files_are_exchanged_leaves_everything_as_it_was() {
    let dir = in_use();
    let old = files(dir.path());
    let restore = staged(dir.path());
    std::mem::forget(restore);
    fs::create_dir(dir.path().join(STAGING).join("replaced-x")).unwrap();
    tidy(dir.path()).unwrap();
    assert_eq!(files(dir.path()), old);
    assert!(!dir.path().join(STAGING).exists());
}

#[test]
fn a_start_that_cannot_end_a_restore_is_refused_until_it_is_done_again() {
    let dir = in_use();
    fs::write(dir.path().join(UNFINISHED), LIST).unwrap();
    assert!(matches!(Journal::open(dir.path(), STAMP), Err(JournalError::Unfinished(_))));
    let restore = staged(dir.path());
    assert!(matches!(Restore::begin(dir.path()), Err(JournalError::InUse(_))));
    let now = Now { utc: Utc::now(), synced: true };
    let head = Reader::open(&restore.staging()).unwrap().head().unwrap();
    let renewed = restore.begin_anew(None, STAMP, now, 20_261_122).unwrap();
    restore.put_in_place(&[LIST], STAMP).unwrap();
    let open::Opened { journal, found } = Journal::open(dir.path(), STAMP).unwrap();
    assert_eq!(found, open::Found::Existing, "the mark of what was in place is not taken for its own");
    assert_eq!((journal.epoch(), journal.newest()), (renewed.epoch.as_str(), renewed.through + 1));
    let reader = Reader::open(dir.path()).unwrap();
    let audit = reader.audit_against(head, None).unwrap();
    assert_eq!((audit.noted, audit.faults), (Some(Noted::Same), vec![]), "the chain goes on");
    let told = reader.all_after(renewed.through, 1).unwrap();
    assert!(told[0].data.get().contains(&head.unwrap().to_string()), "{told:?}");
}

#[test]
fn a_copy_of_an_older_version_is_brought_up_to_date_and_then_goes_on() {
    let dir = in_use();
    let restore = Restore::begin(dir.path()).unwrap();
    let staged = rusqlite::Connection::open(restore.staging().join(JOURNAL_FILE)).unwrap();
    staged.execute_batch(include_str!("../../../tests/fixtures/journal-1.sql")).unwrap();
    drop(staged);
    let now = Now { utc: Utc::now(), synced: true };
    let renewed = restore.begin_anew(None, STAMP, now, 20_261_122).unwrap();
    restore.put_in_place(&[], STAMP).unwrap();
    let open::Opened { journal, found } = Journal::open(dir.path(), STAMP).unwrap();
    assert_eq!((found, journal.newest()), (open::Found::Existing, renewed.through + 1));
    let audit = Reader::open(dir.path()).unwrap().audit().unwrap();
    assert_eq!((audit.unchained, audit.faults), (renewed.through, vec![]));
}

#[test]
fn what_an_earlier_restore_has_set_aside_is_never_overwritten() {
    let dir = in_use();
    fs::create_dir(dir.path().join("replaced-x")).unwrap();
    let old = files(dir.path());
    let refused = staged(dir.path()).put_in_place(&[LIST], "x").unwrap_err();
    assert!(refused.to_string().contains("replaced-x is there already"), "{refused}");
    assert_eq!(files(dir.path()), old);
}
