//! What lobbyd itself has left in its folder that holds people: copies from before an upgrade, journals that were damaged, what a restore
//! has set aside and written out, backups, invitations that were refused, halves of any of them. Each goes when it is older than the
//! people in it may be. Never touches the journal, what has not come over yet of a damaged one or may stand there alone, or what is not
//! lobbyd's.

use super::open::file_error;
use super::{JOURNAL_FILE, JournalError, aside, copy, restore};
use crate::event::Now;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A file from before this was made by a clock that nobody had set: no lobbyd is so old (2026-01-01).
const FIRST_RELEASE: u64 = 1_767_225_600;
/// The folders in which other subcommands hand over, and how a file ends that was not taken, or was left half written.
const HANDED_OVER: [&str; 2] = ["invitations", "requests"];
const NOT_TAKEN: [&str; 3] = ["refused", "answer", "new"];
/// What a backup that was cut off while it copied the journal has of it.
const HALF_JOURNAL: &str = "journal.db.new";
/// What the folder of a backup holds beside a journal.
const OF_A_BACKUP: [&str; 2] = ["backup.json", JOURNAL_FILE];

/// Deletes what is older than `days`; a copy that was cut off while it was written at once. With an unset clock nothing is old.
/// Only for who holds the folder: nobody else may be writing a copy.
///
/// # Errors
/// When one cannot be deleted; then all others have been.
pub fn forget_old(data_dir: &Path, days: u32, now: Now) -> Result<u64, JournalError> {
    let (mut forgotten, mut failed) = (0, None);
    let mut forget = |path: &Path, old: io::Result<bool>| {
        let gone = old.and_then(|old| if old { remove(path).map(|()| true) } else { Ok(false) });
        match gone {
            Ok(gone) => forgotten += u64::from(gone),
            Err(error) => failed = failed.take().or(Some(file_error(path, error))),
        }
    };
    for half in copy::halves(data_dir) {
        forget(&half, Ok(true));
    }
    let age = Duration::from_secs(u64::from(days) * 24 * 3600);
    let kept = aside::kept(&data_dir.join(JOURNAL_FILE));
    let mut left = if now.synced { left(data_dir) } else { Vec::new() };
    left.retain(|path| kept.iter().all(|kept| !is_of(path, kept)));
    for path in left {
        forget(&path, is_old(&path, now.utc.into(), age));
    }
    failed.map_or(Ok(forgotten), Err)
}

/// Everything that holds people, however old.
///
/// A damaged journal goes with its companions, each by its own name.
pub fn left(data_dir: &Path) -> Vec<PathBuf> {
    let waiting = aside::waiting(&data_dir.join(JOURNAL_FILE)).map(|(waiting, _)| waiting);
    let waits = |path: &Path| waiting.as_ref().is_some_and(|waiting| is_of(path, waiting));
    let ours = |path: &PathBuf| {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
        let Ok(found) = fs::symlink_metadata(path) else { return false };
        let file = ["journal.db.version-", "journal.db.damaged-", "journal-since-"];
        (found.is_file() && file.iter().any(|begin| name.starts_with(begin)) && !waits(path))
            || (found.is_dir() && (name.starts_with(restore::ASIDE) || is_backup(path)))
    };
    let not_taken = |path: &PathBuf| path.extension().is_some_and(|end| NOT_TAKEN.iter().any(|not| end == *not));
    let refused = HANDED_OVER.iter().flat_map(|folder| entries(&data_dir.join(folder))).filter(not_taken);
    entries(data_dir).filter(ours).chain(refused).collect()
}

/// The damaged journal itself, a companion of it or its note.
fn is_of(path: &Path, journal: &Path) -> bool {
    path.as_os_str().to_string_lossy().starts_with(&*journal.as_os_str().to_string_lossy())
}

/// A whole one, or what one that was cut off has left.
fn is_backup(folder: &Path) -> bool {
    // Whose journal was not whole either.
    let has_journal = [JOURNAL_FILE, HALF_JOURNAL].iter().any(|name| folder.join(name).is_file());
    let is_half = folder.extension().is_some_and(|end| end == "new") && has_journal;
    is_half || OF_A_BACKUP.iter().all(|name| folder.join(name).is_file())
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// What was made before the clock was set, or by one that was ahead, counts from now.
fn is_old(path: &Path, now: SystemTime, age: Duration) -> io::Result<bool> {
    let made = fs::symlink_metadata(path)?.modified()?;
    if made < SystemTime::UNIX_EPOCH + Duration::from_secs(FIRST_RELEASE) || made > now {
        File::open(path)?.set_modified(now)?;
        return Ok(false);
    }
    Ok(now.duration_since(made).is_ok_and(|old| old > age))
}

/// Whether somebody else was quicker does not matter.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap()
    }

    fn touch(path: &Path, made: DateTime<Utc>) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().set_modified(made.into()).unwrap();
    }

    fn forget(folder: &Path, now: DateTime<Utc>) -> u64 {
        forget_old(folder, 30, Now { utc: now, synced: true }).unwrap()
    }

    #[test]
    fn what_was_left_goes_when_the_people_in_it_must_and_nothing_else_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let old = now() - TimeDelta::days(31);
        let of_lobbyd = [
            "journal.db.version-1",
            "journal.db.damaged-20261001T000000Z",
            "journal.db.damaged-20261001T000000Z-wal",
            "journal-since-20261001T000000Z.jsonl",
            "invitations/one.refused",
            "invitations/two.new",
        ];
        let not_old = ["journal.db", "journal.db-wal", "site.key", "staff.toml", "invitations/three.token", "my-notes"];
        of_lobbyd.iter().chain(&not_old).for_each(|name| touch(&path(name), old));
        for folder in ["replaced-20261001T000000Z", "backup-of-october"] {
            ["journal.db", "backup.json"].iter().for_each(|file| touch(&path(folder).join(file), old));
            File::open(path(folder)).unwrap().set_modified(old.into()).unwrap();
        }
        touch(&path("other/backup.json"), old);
        for half in ["cut-off.new/journal.db", "cut-off-sooner.new/journal.db.new", "other.new/notes"] {
            touch(&path(half), old);
            File::open(path(half).parent().unwrap()).unwrap().set_modified(old.into()).unwrap();
        }
        assert_eq!(forget_old(folder.path(), 30, Now { utc: now(), synced: false }).unwrap(), 0);
        assert_eq!(forget(folder.path(), now() - TimeDelta::days(2)), 0);
        assert_eq!(forget(folder.path(), now()), 10);
        let mut left: Vec<String> =
            entries(folder.path()).map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
        left.sort();
        assert_eq!(
            left,
            ["invitations", "journal.db", "journal.db-wal", "my-notes", "other", "other.new", "site.key", "staff.toml"]
        );
        assert!(path("invitations/three.token").exists());
    }

    #[test]
    fn what_has_not_come_over_yet_of_a_damaged_journal_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for end in ["", "-wal"] {
            touch(&path(&format!("journal.db.damaged-20261001T000000Z{end}")), now() - TimeDelta::days(99));
        }
        fs::write(path("journal.db.damaged-20261001T000000Z-unsent"), r#"{"why":"x","promise":null}"#).unwrap();
        assert_eq!(forget(folder.path(), now()), 0);
        // It has, but for what the law holds.
        aside::keep(&path("journal.db.damaged-20261001T000000Z")).unwrap();
        assert_eq!(forget(folder.path(), now()), 0);
        fs::remove_file(path("journal.db.damaged-20261001T000000Z-kept")).unwrap();
        assert_eq!(forget(folder.path(), now()), 2);
    }

    #[test]
    fn half_a_copy_goes_at_once_and_no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        touch(&path("journal.db.version-2.new"), now());
        touch(&path("elsewhere/journal.db"), now() - TimeDelta::days(99));
        std::os::unix::fs::symlink(path("elsewhere"), path("replaced-20261001T000000Z")).unwrap();
        assert_eq!(forget_old(folder.path(), 30, Now { utc: now(), synced: false }).unwrap(), 1);
        assert_eq!(forget(folder.path(), now()), 0);
        assert!(path("elsewhere/journal.db").exists());
    }

    #[test]
    fn a_copy_of_a_wrong_clock_counts_from_now() {
        let folder = tempfile::tempdir().unwrap();
        // Made before the clock was set, and by one that was ahead.
        touch(&folder.path().join("journal.db.version-3"), DateTime::UNIX_EPOCH);
        touch(&folder.path().join("journal.db.version-4"), now() + TimeDelta::days(900));
        assert_eq!(forget(folder.path(), now()), 0);
        assert_eq!(forget(folder.path(), now() + TimeDelta::days(31)), 2);
    }
}
