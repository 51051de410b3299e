//! Copies of the journal: the one that is kept before an upgrade changes it, so that there is a way back, and the one of a
//! backup. A copy is whole, checked and on disk, or it is not there under its name. Never changes what it copies.

use super::open::{file_error, quick_check, with_suffix};
use super::{JOURNAL_FILE, JournalError, Reader, hold};
use crate::health::{disk, systemd};
use crate::sqlite;
use rusqlite::Connection;
use rusqlite::ErrorCode::OperationInterrupted;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime};

/// Copies that are kept: the way back over two versions. Each is as large as the journal was.
const KEPT: usize = 2;
/// What must stay free beside the copy, bytes: the migration writes as well, and then the lobby.
const RESERVE: u64 = 64 << 20;
/// Bytes a second of a worn SD card: how long systemd is asked to wait for a copy.
const SLOW_CARD: u64 = 1 << 20;

/// Keeps a copy beside a journal of version `found`, which is about to be migrated.
pub(super) fn keep(connection: &Connection, journal: &Path, found: u32) -> Result<(), JournalError> {
    let folder = journal.parent().unwrap_or(Path::new("."));
    let needed = size(connection)? + RESERVE;
    if let Some(space) = disk::space(folder).filter(|space| space.free < needed) {
        let missing = (needed - space.free).div_ceil(1 << 20);
        return Err(JournalError::NoRoomForCopy { path: journal.to_owned(), missing, found });
    }
    systemd::needs(Duration::from_secs(needed / SLOW_CARD));
    let copy = folder.join(name(found));
    write(connection, &copy)?;
    tracing::info!(copy = %copy.display(), "the journal is of an older version: a copy is kept before it is changed");
    if hold::is_any(connection)? {
        tracing::warn!(
            "older copies of the journal stay, for something is held by law, and may stand in one of them alone"
        );
        return Ok(());
    }
    // Whatever its clock says, the new one stays.
    for (_, old) in kept(folder).into_iter().filter(|(_, other)| *other != copy).skip(KEPT - 1) {
        remove(&old)?;
    }
    Ok(())
}

fn name(version: u32) -> String {
    format!("{JOURNAL_FILE}.version-{version}")
}

/// The copies that are kept in this folder, with their versions, the one first that was made last.
pub fn kept(data_dir: &Path) -> Vec<(u32, PathBuf)> {
    let prefix = format!("{JOURNAL_FILE}.version-");
    let entries = fs::read_dir(data_dir).into_iter().flatten().flatten();
    let copy = |entry: fs::DirEntry| {
        let version = entry.file_name().to_str()?.strip_prefix(&prefix)?.parse().ok()?;
        Some((entry.metadata().ok()?.modified().ok()?, version, entry.path()))
    };
    let mut found: Vec<(SystemTime, u32, PathBuf)> = entries.filter_map(copy).collect();
    found.sort_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, version, path)| (version, path)).collect()
}

/// Copies that a start was killed over: half, and never looked at again.
pub(super) fn halves(data_dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(data_dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_half = |name: &str| name.starts_with(&format!("{JOURNAL_FILE}.version-")) && name.ends_with(".new");
    entries.filter(|path| is_half(&name(path))).collect()
}

/// Deletes all of them: there is no more room.
pub fn forget_all(data_dir: &Path) -> Result<usize, JournalError> {
    let copies = kept(data_dir);
    copies.iter().try_for_each(|(_, copy)| remove(copy))?;
    Ok(copies.len())
}

/// Bytes of the journal without its free pages.
fn size(connection: &Connection) -> Result<u64, JournalError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
    Ok((pragma("page_count")?.saturating_sub(pragma("freelist_count")?)) * pragma("page_size")?)
}

/// Writes a copy for its owner alone. Others may write the journal meanwhile; the copy is of one moment.
fn write(connection: &Connection, to: &Path) -> Result<(), JournalError> {
    let fresh = with_suffix(to, ".new");
    if fresh.exists() {
        // A start that was killed has left it.
        remove(&fresh)?;
    }
    let done = fill(connection, &fresh).and_then(|()| {
        fs::rename(&fresh, to).map_err(|error| file_error(to, error))?;
        sync_folder(to.parent().unwrap_or(Path::new(".")))
    });
    if done.is_err() {
        // Half a copy is no copy; that it cannot be removed is no second fault.
        drop(fs::remove_file(&fresh));
    }
    done
}

fn fill(connection: &Connection, fresh: &Path) -> Result<(), JournalError> {
    let failed = |error| file_error(fresh, error);
    // SQLite writes into an empty file that is there: nobody else can ever open it.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(fresh).map_err(failed)?;
    let Some(text) = fresh.to_str() else { return Err(failed(std::io::Error::other("its name is not UTF-8"))) };
    let (newest, version) = (newest(connection)?, version(connection)?);
    connection.execute("VACUUM INTO ?1", [text])?;
    File::open(fresh).and_then(|file| file.sync_all()).map_err(failed)?;
    // Damage of the copy must not be taken for damage of the journal.
    look_over(fresh, newest, version)
        .map_err(|error| JournalError::BadCopy { path: fresh.to_owned(), why: error.to_string() })
}

/// Whether a copy is sound, of this version, and no older than this.
fn look_over(fresh: &Path, newest_then: u64, of_version: u32) -> Result<(), JournalError> {
    let copy = sqlite::read_only(fresh)?;
    quick_check(&copy)?;
    if newest(&copy)? < newest_then || version(&copy)? != of_version {
        return Err(file_error(fresh, std::io::Error::other("it is not what was copied")));
    }
    Ok(())
}

fn newest(connection: &Connection) -> Result<u64, JournalError> {
    Ok(connection.query_row("SELECT coalesce(max(seq), 0) FROM event", [], |row| row.get(0))?)
}

pub(super) fn version(connection: &Connection) -> Result<u32, JournalError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

impl Reader {
    /// Writes a copy of the journal as it is at this moment. The daemon goes on writing meanwhile.
    ///
    /// # Errors
    /// When the disk does not take it, or after `patience`: as long as a copy is being made, the write-ahead log grows.
    pub fn copy_to(&self, to: &Path, patience: Duration) -> Result<(), JournalError> {
        self.within(patience, || write(self.connection(), to))
    }

    /// What SQLite finds wrong with the file at a quick look; `None` where that takes longer than `patience`.
    ///
    /// # Errors
    /// When the file cannot be read at all.
    pub fn quick_check(&self, patience: Duration) -> Result<Option<Vec<String>>, JournalError> {
        match self.within(patience, || quick_check(self.connection())) {
            Ok(()) => Ok(Some(Vec::new())),
            Err(error) if error.is_damage() => Ok(Some(vec![error.to_string()])),
            Err(JournalError::Sqlite(error)) if error.sqlite_error_code() == Some(OperationInterrupted) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The version of its tables.
    pub fn version(&self) -> Result<u32, JournalError> {
        version(self.connection())
    }

    fn within<T>(&self, patience: Duration, work: impl FnOnce() -> T) -> T {
        let stop = self.connection().get_interrupt_handle();
        let (done, wait) = mpsc::channel::<()>();
        let watch = thread::spawn(move || {
            if wait.recv_timeout(patience) == Err(mpsc::RecvTimeoutError::Timeout) {
                stop.interrupt();
            }
        });
        let worked = work();
        drop(done);
        // It does nothing that could panic.
        let _ = watch.join();
        worked
    }
}

fn remove(file: &Path) -> Result<(), JournalError> {
    fs::remove_file(file).map_err(|error| file_error(file, error))
}

/// A name is on disk only after the folder's fsync.
pub(super) fn sync_folder(folder: &Path) -> Result<(), JournalError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| file_error(folder, error))
}

#[cfg(test)]
mod tests {
    use super::super::{Journal, VERSION};
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};
    use std::os::unix::fs::PermissionsExt;

    const STAMP: &str = "20261122T000000Z";

    /// A folder with a journal of version 1.
    fn version_1() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let journal = Connection::open(folder.path().join(JOURNAL_FILE)).unwrap();
        journal.execute_batch(include_str!("../../tests/fixtures/journal-1.sql")).unwrap();
        folder
    }

    fn touch(folder: &Path, name: &str, made: DateTime<Utc>) {
        File::create(folder.join(name)).unwrap().set_modified(made.into()).unwrap();
    }

    #[test]
    fn before_an_upgrade_a_copy_is_kept_that_only_its_owner_can_read() {
        let folder = version_1();
        let before = newest(&Connection::open(folder.path().join(JOURNAL_FILE)).unwrap()).unwrap();
        drop(Journal::open(folder.path(), STAMP).unwrap());
        let [(1, copy)] = &kept(folder.path())[..] else { panic!("{:?}", kept(folder.path())) };
        assert_eq!(fs::metadata(copy).unwrap().permissions().mode() & 0o777, 0o600);
        let reader = Reader::open_file(copy).unwrap();
        assert_eq!((reader.version().unwrap(), newest(reader.connection()).unwrap()), (1, before));
        assert_eq!(Reader::open(folder.path()).unwrap().version().unwrap(), VERSION);
        // The next start changes nothing and copies nothing.
        fs::remove_file(copy).unwrap();
        drop(Journal::open(folder.path(), STAMP).unwrap());
        assert!(kept(folder.path()).is_empty());
    }

    #[test]
    fn two_copies_are_kept_and_the_new_one_always() {
        let folder = version_1();
        let soon = Utc::now() + TimeDelta::days(1);
        for version in [7, 8, 9] {
            touch(folder.path(), &format!("{JOURNAL_FILE}.version-{version}"), soon + TimeDelta::hours(version));
        }
        drop(Journal::open(folder.path(), STAMP).unwrap());
        let versions: Vec<u32> = kept(folder.path()).into_iter().map(|(version, _)| version).collect();
        assert_eq!(versions, [9, 1]);
    }

    #[test]
    fn while_anything_is_held_by_law_an_upgrade_deletes_no_copy() {
        let folder = tempfile::tempdir().unwrap();
        drop(Journal::open(folder.path(), STAMP).unwrap());
        let journal = folder.path().join(JOURNAL_FILE);
        let upgraded = |held: bool| {
            for version in [1, 2, 3] {
                touch(folder.path(), &format!("{JOURNAL_FILE}.version-{version}"), Utc::now());
            }
            let connection = Connection::open(&journal).unwrap();
            connection.execute("DELETE FROM hold", []).unwrap();
            if held {
                connection.execute("INSERT INTO hold VALUES ('h-1', 1, '{}')", []).unwrap();
            }
            keep(&connection, &journal, VERSION).unwrap();
            kept(folder.path()).len()
        };
        assert_eq!((upgraded(true), upgraded(false)), (4, KEPT));
        // Of before there were holds.
        let old = version_1();
        let connection = Connection::open(old.path().join(JOURNAL_FILE)).unwrap();
        assert!(!hold::is_any(&connection).unwrap());
    }
}
