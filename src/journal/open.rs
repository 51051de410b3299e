//! Opening the journal: one daemon at a time, durable settings, and what happens when the file is damaged. A damaged
//! journal is renamed with a time stamp and not deleted; the lobby goes on with a new one.

use super::append::Journal;
use super::mark::Mark;
use super::older::{self, Older};
use super::salvage::Recovered;
use super::{JournalError, aside, leavings, restore, schema};
use crate::sqlite;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::fs::{self, File, Permissions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The database's name in the data folder.
pub const JOURNAL_FILE: &str = "journal.db";
/// Held locked for as long as the daemon runs.
pub(super) const LOCK_FILE: &str = "lobbyd.lock";
/// Left behind by a daemon that met damage: the next start looks closely. One byte for each time; at the second start that
/// fails although SQLite finds nothing, the file is set aside all the same.
const SUSPECT_FILE: &str = "journal.suspect";
const TWICE: u64 = 2;

/// SQLite's page cache in KiB. Small: the journal is written at its end and read at its end.
const CACHE_KIB: i64 = 2_048;
/// What the WAL is cut back to after a checkpoint, bytes. Without it one long outage leaves a long file for ever.
const WAL_BYTES: i64 = 8 << 20;
/// The rights of a file's owner, and of everybody else.
const OWNER: u32 = 0o700;
const OTHERS: u32 = 0o077;
/// Longest wait for a reader's lock, milliseconds. Readers hold none in WAL mode but for a moment at a checkpoint.
const BUSY_MS: u64 = 5_000;

/// A journal that is ready to be written.
pub struct Opened {
    pub journal: Journal,
    pub found: Found,
}

/// What was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    New,
    Existing,
    /// The file was damaged and was set aside, at this start or at one that was cut off; a new journal with a new epoch has begun,
    /// and what can be read has come over. The office is to be told ([`Journal::tell_recovered`]).
    Damaged(Recovered),
    /// It ends before what it has promised, and goes on under a new epoch. The office is to be told ([`Journal::tell_older`]).
    Older(Older),
}

impl Journal {
    /// Opens the journal in `data_dir` for writing, making both where they are missing. `stamp` names a damaged
    /// file and a new epoch: the gateway's time as `20261121T194200Z`, however wrong.
    pub fn open(data_dir: &Path, stamp: &str) -> Result<Opened, JournalError> {
        fs::create_dir_all(data_dir).map_err(|error| file_error(data_dir, error))?;
        let lock = lock(data_dir)?;
        restore::tidy(data_dir)?;
        close_to_others(data_dir);
        let path = data_dir.join(JOURNAL_FILE);
        let suspect = data_dir.join(SUSPECT_FILE);
        let mark = Mark::open(&path)?;
        aside::end(&path)?;
        let existed = path.exists();
        let suspected = fs::metadata(&suspect).map_or(0, |file| file.len().max(1));
        let connected = connect(&path).and_then(|connection| match suspected {
            0 => Ok(connection),
            TWICE.. => Err(corrupt("the desk cannot read what it needs of it")),
            _ => quick_check(&connection).map(|()| connection),
        });
        let mut connection = match connected {
            Ok(connection) => connection,
            Err(error) if existed && error.is_damage() => {
                aside::set_aside(&path, stamp, error.to_string(), mark.read())?;
                trust(data_dir)?;
                connect(&path)?
            }
            Err(error) => return Err(error),
        };
        // What a journal had promised that was set aside is known not to be in this one.
        let set_aside = aside::waiting(&path).and_then(|(_, note)| note.promise);
        let promise = mark.read().filter(|promise| set_aside.is_none_or(|aside| aside.epoch != promise.epoch));
        let epoch = older::epoch(&mut connection, promise.as_ref(), stamp)?;
        let mut journal = Journal::new(connection, lock, mark, epoch)?;
        journal.mark.begin(journal.epoch(), journal.newest())?;
        let found = match journal.untold()? {
            Some(older) => Found::Older(older),
            None => match journal.bring_over(&path, stamp)? {
                Some(recovered) => Found::Damaged(recovered),
                None if existed => Found::Existing,
                None => Found::New,
            },
        };
        Ok(Opened { journal, found })
    }

    /// Remembers, across the restart that must follow, that this journal gave a damage error.
    pub fn mark_suspect(data_dir: &Path) {
        let file = File::options().append(true).create(true).open(data_dir.join(SUSPECT_FILE));
        if let Err(error) = file.and_then(|mut file| file.write_all(b"!").and_then(|()| file.sync_all())) {
            tracing::error!(%error, "cannot mark the journal as suspect");
        }
    }

    /// The desk has opened with it.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn trust(data_dir: &Path) -> Result<(), JournalError> {
        trust(data_dir)
    }
}

fn trust(data_dir: &Path) -> Result<(), JournalError> {
    let suspect = data_dir.join(SUSPECT_FILE);
    match fs::remove_file(&suspect) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(file_error(&suspect, error)),
        _ => Ok(()),
    }
}

/// The data folder, held by one process.
pub(super) struct Lock(File);

impl Drop for Lock {
    /// Given back, not only closed: a process that is being started right now holds a copy of the file until its program runs,
    /// and whoever opens the folder in that moment would find it in use.
    fn drop(&mut self) {
        drop(self.0.unlock());
    }
}

pub(super) fn lock(data_dir: &Path) -> Result<Arc<Lock>, JournalError> {
    let path = data_dir.join(LOCK_FILE);
    let file = File::create(&path).map_err(|error| file_error(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(Arc::new(Lock(file))),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse(data_dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(file_error(&path, error)),
    }
}

/// What an older version has left that others can read, whatever the umask was: copies, damaged journals, what was set aside.
fn close_to_others(data_dir: &Path) {
    for path in leavings::left(data_dir) {
        if let Err(error) = own(&path) {
            tracing::warn!(path = %path.display(), %error, "it holds people, and others can read it");
        }
    }
}

/// For its owner alone.
fn own(path: &Path) -> std::io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    if found.is_symlink() || found.permissions().mode() & OTHERS == 0 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(found.permissions().mode() & OWNER))
}

/// Makes the file where there is none. SQLite gives its companions the rights of the file, which must be right before it opens it.
fn make_private(path: &Path) -> std::io::Result<()> {
    File::options().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    let companions = ["", "-wal", "-shm"].map(|end| with_suffix(path, end));
    companions.iter().filter(|file| file.exists()).try_for_each(|file| own(file))
}

/// Opens the file as everything that writes to it must.
pub(super) fn open_file(path: &Path) -> Result<Connection, JournalError> {
    make_private(path).map_err(|error| file_error(path, error))?;
    let connection = sqlite::writable(path)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL: the WAL is fsynced at every commit. With NORMAL a power cut takes back what was acknowledged.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
    // Deleted names and numbers are overwritten, not only unlinked.
    connection.pragma_update(None, "secure_delete", "ON")?;
    keep_plans(&connection)?;
    Ok(connection)
}

/// A statement is planned once and not again for each new value that is bound to it: half of each read was planning.
pub(super) fn keep_plans(connection: &Connection) -> rusqlite::Result<bool> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
}

fn connect(path: &Path) -> Result<Connection, JournalError> {
    let mut connection = open_file(path)?;
    schema::migrate(&mut connection, path)?;
    // Reads one page of each table that matters: a file cut short or overwritten shows itself here.
    for table in ["meta", "event", "person", "cursor", "state", "casefile", "case_event"] {
        connection.query_row(&format!("SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 1)"), [], |_| Ok(()))?;
    }
    connection.query_row("SELECT max(seq) FROM event", [], |_| Ok(()))?;
    Ok(connection)
}

/// SQLite's own look at the pages of the file.
pub(super) fn quick_check(connection: &Connection) -> Result<(), JournalError> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(corrupt(&verdict))
}

pub(super) fn corrupt(why: &str) -> JournalError {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    rusqlite::Error::SqliteFailure(code, Some(why.to_owned())).into()
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The random part keeps two journals apart that were begun before the clock was known.
pub(super) fn new_epoch(stamp: &str) -> String {
    format!("{stamp}-{}", &crate::event::Id::random().to_string()[..8])
}

pub(super) fn file_error(path: &Path, error: std::io::Error) -> JournalError {
    JournalError::File { path: path.to_owned(), error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, SeekFrom};

    const STAMP: &str = "20261121T194200Z";

    #[test]
    fn a_second_daemon_is_told_that_the_folder_is_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let _first = Journal::open(dir.path(), STAMP).unwrap();
        assert!(matches!(Journal::open(dir.path(), STAMP), Err(JournalError::InUse(_))));
    }

    #[test]
    fn a_folder_that_was_given_back_is_free_though_a_starting_process_still_holds_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let held = lock(dir.path()).unwrap();
        let copy = held.0.try_clone().unwrap();
        drop(held);
        drop(lock(dir.path()).unwrap());
        drop(copy);
    }

    #[test]
    fn an_existing_journal_keeps_its_epoch() {
        let dir = tempfile::tempdir().unwrap();
        let first = Journal::open(dir.path(), STAMP).unwrap();
        let epoch = first.journal.epoch().to_owned();
        assert_eq!(first.found, Found::New);
        drop(first);
        let again = Journal::open(dir.path(), "20270101T000000Z").unwrap();
        assert_eq!((again.journal.epoch(), again.found), (epoch.as_str(), Found::Existing));
    }

    #[test]
    fn a_damaged_journal_is_kept_and_a_new_one_begins() {
        let dir = tempfile::tempdir().unwrap();
        let epoch = Journal::open(dir.path(), STAMP).unwrap().journal.epoch().to_owned();
        let path = dir.path().join(JOURNAL_FILE);
        fs::OpenOptions::new().write(true).open(&path).unwrap().write_all(&[0xAA; 512]).unwrap();
        let opened = Journal::open(dir.path(), "20261122T080000Z").unwrap();
        let Found::Damaged(recovered) = opened.found else { panic!("{:?}", opened.found) };
        assert_eq!(fs::read(recovered.kept_as).unwrap()[..4], [0xAA; 4]);
        assert_ne!(opened.journal.epoch(), epoch);
    }

    #[test]
    fn damage_met_while_running_is_looked_for_at_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        drop(Journal::open(dir.path(), STAMP).unwrap());
        // Damage that opening does not touch: the root page of an index.
        let path = dir.path().join(JOURNAL_FILE);
        let root: i64 = Connection::open(&path)
            .unwrap()
            .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'event_urgent'", [], |row| row.get(0))
            .unwrap();
        let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start((root as u64 - 1) * 4096)).unwrap();
        file.write_all(&[0xFF; 4096]).unwrap();
        assert_eq!(Journal::open(dir.path(), STAMP).unwrap().found, Found::Existing);
        Journal::mark_suspect(dir.path());
        let Opened { mut journal, found } = Journal::open(dir.path(), STAMP).unwrap();
        let Found::Damaged(recovered) = found else { panic!("{found:?}") };
        let now = crate::event::Now { utc: chrono::DateTime::UNIX_EPOCH, synced: false };
        journal.tell_recovered(&recovered, now, 20_261_122).unwrap();
        drop(journal);
        assert_eq!(Journal::open(dir.path(), STAMP).unwrap().found, Found::Existing);
        // Twice, and SQLite finds nothing.
        Journal::mark_suspect(dir.path());
        assert_eq!(Journal::open(dir.path(), STAMP).unwrap().found, Found::Existing);
        Journal::mark_suspect(dir.path());
        let Opened { mut journal, found } = Journal::open(dir.path(), STAMP).unwrap();
        let Found::Damaged(recovered) = found else { panic!("{found:?}") };
        journal.tell_recovered(&recovered, now, 20_261_122).unwrap();
        drop(journal);
        assert_eq!(Journal::open(dir.path(), STAMP).unwrap().found, Found::Existing);
    }

    #[test]
    fn every_commit_is_fsynced_and_deleted_pages_can_be_given_back() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path(), STAMP).unwrap().journal;
        let pragma = |name| journal.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!((pragma("synchronous"), pragma("auto_vacuum"), pragma("secure_delete")), (2, 2, 1));
    }

    #[test]
    fn nobody_else_reads_the_journal_whatever_the_umask_is_nor_what_an_older_version_has_left() {
        let dir = tempfile::tempdir().unwrap();
        let mode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
        let files = [JOURNAL_FILE, "journal.db-wal", "journal.db-shm"];
        let open = || Journal::open(dir.path(), STAMP).unwrap();
        let opened = open();
        assert_eq!(files.map(mode), [0o600; 3]);
        let left =
            ["journal.db.version-1", "journal.db.damaged-x", "journal.db.damaged-x-wal", "journal-since-x.jsonl"];
        left.iter().for_each(|name| fs::write(dir.path().join(name), "").unwrap());
        for name in files.iter().chain(&left) {
            fs::set_permissions(dir.path().join(name), Permissions::from_mode(0o644)).unwrap();
        }
        // As after a crash: the companions stay.
        let reader = crate::journal::Reader::open(dir.path()).unwrap();
        assert!(reader.span().unwrap().is_none());
        drop(opened);
        let _open = open();
        assert_eq!(left.map(mode), [0o600; 4]);
        assert_eq!(files.map(mode), [0o600; 3]);
    }

    #[test]
    fn a_journal_of_a_newer_version_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        drop(Journal::open(dir.path(), STAMP).unwrap());
        let path = dir.path().join(JOURNAL_FILE);
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(Journal::open(dir.path(), STAMP), Err(JournalError::Newer { found: 99, .. })));
        assert!(path.exists());
    }
}
