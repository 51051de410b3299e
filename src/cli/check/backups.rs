//! The backups that were taken on this machine: how old the last one is, and which still lie there although the people in them should be
//! forgotten. What was carried away nobody here can see.

use super::finding::{Area, Finding};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Written by `lobbyd backup`: the folders that it has made, one a line.
const BACKUP_MARK: &str = "backup.last";
/// A backup each week, and a day's grace.
const BACKUP_DAYS: u64 = 8;
/// Folders that are remembered: more than two years of weeks.
const MOST: usize = 128;
const DAY: u64 = 24 * 3600;

/// Remembers that a backup was taken now, and where. That it cannot is no reason to fail: the backup is there.
pub(in super::super) fn note_backup(data_dir: &Path, backup: &Path) {
    let mark = data_dir.join(BACKUP_MARK);
    let mut known = noted(data_dir);
    known.push(fs::canonicalize(backup).unwrap_or_else(|_| backup.to_owned()));
    let last = known.len().saturating_sub(MOST);
    let text: String = known[last..].iter().map(|folder| format!("{}\n", folder.display())).collect();
    // One that root has made belongs to root: it is replaced, not written.
    let noted = fs::remove_file(&mark).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    });
    if let Err(error) = noted.and_then(|()| File::create(&mark)?.write_all(text.as_bytes())) {
        eprintln!("lobbyd: {} cannot be written ({error}): lobbyd check will not know of this backup", mark.display());
    }
}

/// Those that are still there.
fn noted(data_dir: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(data_dir.join(BACKUP_MARK)).unwrap_or_default();
    text.lines().map(PathBuf::from).filter(|folder| folder.is_dir()).collect()
}

/// `days`: how long the people may be kept who must go first.
pub(super) fn examine(data_dir: &Path, days: u32) -> Vec<Finding> {
    let too_old = noted(data_dir).into_iter().filter(|folder| {
        let age = fs::metadata(folder).and_then(|made| made.modified()).map(age);
        age.is_ok_and(|age| age.as_secs() > u64::from(days) * DAY)
    });
    let old = too_old.map(|folder| {
        let what = format!("the backup {} holds people who should be forgotten after {days} days", folder.display());
        Finding::warning(Area::Backup, what, format!("rm -r {}", folder.display()))
    });
    std::iter::once(last(data_dir)).chain(old).collect()
}

fn last(data_dir: &Path) -> Finding {
    let remedy = "sudo lobbyd backup FOLDER --config … each week, to a stick or another machine";
    let Ok(taken) = fs::metadata(data_dir.join(BACKUP_MARK)).and_then(|mark| mark.modified()) else {
        return Finding::warning(Area::Backup, "none was ever taken", remedy);
    };
    match age(taken).as_secs() / DAY {
        days @ BACKUP_DAYS.. => Finding::warning(Area::Backup, format!("the last one is {days} days old"), remedy),
        days => Finding::ok(Area::Backup, format!("the last one is {days} days old")),
    }
}

fn age(of: SystemTime) -> Duration {
    SystemTime::now().duration_since(of).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn a_backup_is_missing_fresh_or_old() {
        let folder = tempfile::tempdir().unwrap();
        assert!(last(folder.path()).what.contains("ever taken"));
        note_backup(folder.path(), folder.path());
        note_backup(folder.path(), folder.path());
        assert_eq!(last(folder.path()).level, Level::Ok);
        let old = SystemTime::now() - Duration::from_secs(9 * DAY);
        File::options().write(true).open(folder.path().join(BACKUP_MARK)).unwrap().set_modified(old).unwrap();
        let finding = last(folder.path());
        assert!(finding.level == Level::Warning && finding.what.contains("9 days"), "{finding:?}");
    }

    #[test]
    fn a_backup_that_outlives_the_people_in_it_is_named_until_it_is_gone() {
        let (data, stick) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (name, days) in [("old", 31), ("new", 29)] {
            let backup = stick.path().join(name);
            fs::create_dir(&backup).unwrap();
            let made = SystemTime::now() - Duration::from_secs(days * DAY);
            File::open(&backup).unwrap().set_modified(made).unwrap();
            note_backup(data.path(), &backup);
        }
        let found = examine(data.path(), 30);
        assert!(found.len() == 2 && found[1].what.contains("/old holds"), "{found:?}");
        fs::remove_dir(stick.path().join("old")).unwrap();
        assert_eq!(examine(data.path(), 30).len(), 1);
    }
}
