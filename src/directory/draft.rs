//! A version of the directory while it is made: a file beside the one in force, which nobody reads. When it is whole it takes the other's
//! place in one rename. A draft that is dropped, or that a crash leaves behind, has changed nothing; the next one begins by removing it.

use super::{DIRECTORY_FILE, DirectoryError, FORM, Facts, facts, household, part};
use crate::service::contact::Unit;
use crate::service::directory::search::{keys_of, keys_of_host};
use crate::service::directory::update::{Objection, is_half};
use crate::service::directory::{Household, MAX_HOSTS, MAX_UNITS};
use crate::sqlite;
use rusqlite::{Connection, params};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How a draft is called; what follows tells several apart, such as an import while the office sends another version. The one that is
/// finished last counts.
const DRAFT_FILE: &str = "directory.db.new";

/// How the file is called that a draft makes of itself before it takes its place.
const WHOLE: &str = "-whole";

/// Pages of the draft in memory, KiB: a town's indices are written in order and need no more.
const CACHE_KIB: i64 = 8 * 1024;

/// How often a draft is begun that another process clears away before it is locked.
const TRIES: usize = 16;

/// What a draft begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    Nothing,
    /// A copy of the version in force.
    InForce,
}

pub struct Draft {
    connection: Connection,
    data_dir: PathBuf,
    unfinished: Unfinished,
    /// Holds the lock that tells others that somebody works at it.
    _lock: File,
    from: From,
    units: usize,
    hosts: usize,
    /// Units in force before.
    before: usize,
}

impl Draft {
    /// # Errors
    /// When there is no room, or the data folder cannot be written.
    pub fn begin(data_dir: &Path, from: From) -> Result<Self, DirectoryError> {
        clear(data_dir).map_err(|error| DirectoryError::File { path: data_dir.to_owned(), error })?;
        let (unfinished, mut file) = locked(data_dir)?;
        let path = &unfinished.0;
        let failed = |error| DirectoryError::File { path: path.clone(), error };
        if from == From::InForce {
            let mut old = File::open(data_dir.join(DIRECTORY_FILE)).map_err(failed)?;
            io::copy(&mut old, &mut file).map_err(failed)?;
        }
        // It is there: one that was made anew here would be nobody's that holds the lock.
        let connection = sqlite::writable(path)?;
        // Nobody reads it before it is whole, and half of it is thrown away: it needs no journal, and one sync at the end.
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        if from == From::Nothing {
            connection.execute_batch(
                "CREATE TABLE about (version TEXT NOT NULL, units INTEGER NOT NULL, vacant INTEGER NOT NULL, hosts INTEGER NOT NULL);
                 CREATE TABLE home (id INTEGER PRIMARY KEY, unit TEXT NOT NULL UNIQUE, vacant INTEGER NOT NULL,
                                    hosts INTEGER NOT NULL, data TEXT NOT NULL);
                 -- `host` is a place in the household's list, -1 the unit itself.
                 CREATE TABLE search (key TEXT, home INTEGER, host INTEGER, PRIMARY KEY (key, home, host)) WITHOUT ROWID;",
            )?;
            connection.pragma_update(None, "user_version", FORM)?;
        }
        // By which a part that comes again is known, and one that says something else.
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS part (nth INTEGER PRIMARY KEY, digest BLOB NOT NULL); DELETE FROM part;",
        )?;
        // Keys are put in order at the end: a tree that grows at its end is written once, not page by page all over.
        connection.execute_batch(
            "CREATE TEMP TABLE touched (unit TEXT PRIMARY KEY) WITHOUT ROWID;
             CREATE TEMP TABLE keys (key TEXT, home INTEGER, host INTEGER);",
        )?;
        let (units, hosts) = connection.query_row("SELECT count(*), coalesce(sum(hosts), 0) FROM home", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        let before = Self::units_in_force(data_dir);
        Ok(Draft { connection, data_dir: data_dir.to_owned(), unfinished, _lock: file, from, units, hosts, before })
    }

    /// None where the one in force cannot be read: a new one may take its place whatever it has.
    fn units_in_force(data_dir: &Path) -> usize {
        super::Directory::open(data_dir).ok().flatten().map_or(0, |old| old.facts().units)
    }

    /// Takes units in, and out. A draft that has refused once is not whole any more.
    ///
    /// # Errors
    /// When it does not fit what was taken before, or there is no room.
    pub fn take<'a>(&mut self, set: &[Household], remove: impl IntoIterator<Item = &'a Unit>) -> Result<(), Objection> {
        self.connection.execute_batch("BEGIN").map_err(storage)?;
        for unit in remove {
            if !self.touch(unit).map_err(storage)? {
                return Err(Objection::Twice("remove".into()));
            }
            self.put_out(unit).map_err(storage)?;
        }
        for (nth, household) in set.iter().enumerate() {
            if !self.touch(&household.unit).map_err(storage)? {
                return Err(Objection::Twice(format!("set[{nth}]")));
            }
            self.put_out(&household.unit).map_err(storage)?;
            self.put_in(household).map_err(storage)?;
        }
        self.connection.execute_batch("COMMIT").map_err(storage)?;
        if self.units > MAX_UNITS || self.hosts > MAX_HOSTS { Err(Objection::TooMany) } else { Ok(()) }
    }

    /// Notes that this part was taken in; `false`: it was, and said something else.
    ///
    /// # Errors
    /// When there is no room.
    pub fn note_part(&mut self, nth: u32, digest: &[u8]) -> Result<bool, DirectoryError> {
        let noted = self.connection.execute("INSERT OR IGNORE INTO part VALUES (?1, ?2)", params![nth, digest])? > 0;
        Ok(noted || part(&self.connection, nth)?.is_some_and(|known| known == digest))
    }

    /// Whether it is named for the first time.
    fn touch(&self, unit: &Unit) -> Result<bool, DirectoryError> {
        let mut touch = self.connection.prepare_cached("INSERT OR IGNORE INTO temp.touched VALUES (?1)")?;
        Ok(touch.execute([unit.as_str()])? > 0)
    }

    fn put_out(&mut self, unit: &Unit) -> Result<(), DirectoryError> {
        let Some(old) = household(&self.connection, unit)? else { return Ok(()) };
        let id: i64 = self
            .connection
            .prepare_cached("DELETE FROM home WHERE unit = ?1 RETURNING id")?
            .query_row([unit.as_str()], |row| row.get(0))?;
        let mut forget = self.connection.prepare_cached("DELETE FROM search WHERE key = ?1 AND home = ?2")?;
        for (key, _) in keys(&old) {
            forget.execute(params![key, id])?;
        }
        (self.units, self.hosts) = (self.units - 1, self.hosts - old.hosts.len());
        Ok(())
    }

    fn put_in(&mut self, household: &Household) -> Result<(), DirectoryError> {
        let data = serde_json::to_string(household).map_err(|_| rusqlite::Error::InvalidQuery)?;
        let id: i64 = self
            .connection
            .prepare_cached("INSERT INTO home (unit, vacant, hosts, data) VALUES (?1, ?2, ?3, ?4) RETURNING id")?
            .query_row(params![household.unit.as_str(), household.vacant, household.hosts.len(), data], |row| {
                row.get(0)
            })?;
        let mut find = self.connection.prepare_cached("INSERT INTO temp.keys VALUES (?1, ?2, ?3)")?;
        for (key, host) in keys(household) {
            find.execute(params![key, id, host])?;
        }
        (self.units, self.hosts) = (self.units + 1, self.hosts + household.hosts.len());
        Ok(())
    }

    /// Puts it in force: on disk when this returns.
    ///
    /// # Errors
    /// When so little of the one in force would stay that somebody must have meant it (`shrinks`), or it cannot be written.
    pub fn finish(self, version: &str, shrinks: bool) -> Result<Facts, Objection> {
        if !shrinks && is_half(self.before, self.units) {
            return Err(Objection::Shrinks { before: self.before, after: self.units });
        }
        self.put_in_force(version).map_err(storage)
    }

    fn put_in_force(self, version: &str) -> Result<Facts, DirectoryError> {
        self.connection.execute_batch(
            "BEGIN;
             INSERT OR IGNORE INTO search SELECT key, home, host FROM temp.keys ORDER BY key, home, host;
             DROP TABLE temp.keys;
             DROP TABLE temp.touched;",
        )?;
        self.connection.execute("DELETE FROM about", [])?;
        self.connection.execute(
            "INSERT INTO about SELECT ?1, count(*), coalesce(sum(vacant), 0), coalesce(sum(hosts), 0) FROM home",
            [version],
        )?;
        self.connection.execute_batch("COMMIT")?;
        let facts = facts(&self.connection)?;
        let place = self.data_dir.join(DIRECTORY_FILE);
        let path = self.unfinished.0.clone();
        let failed = |error| DirectoryError::File { path: path.clone(), error };
        let mut whole = path.clone();
        if self.from == From::InForce {
            // Rows that were taken out stand in the copy's free pages and gaps: only what is left goes on (PIPL Art. 47).
            whole = whole_of(&path);
            drop(fresh(&whole).map_err(failed)?);
            self.connection.execute("VACUUM INTO ?1", [whole.to_string_lossy()])?;
        }
        self.connection.close().map_err(|(_, error)| error)?;
        File::open(&whole).and_then(|file| file.sync_all()).map_err(failed)?;
        fs::rename(&whole, place).map_err(failed)?;
        // The rename itself is on disk only after the folder's fsync.
        File::open(&self.data_dir).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(facts)
    }
}

fn keys(household: &Household) -> impl Iterator<Item = (String, i64)> {
    let hosts = (0i64..).zip(&household.hosts);
    let of_hosts = hosts.flat_map(|(nth, host)| keys_of_host(host).into_iter().map(move |key| (key, nth)));
    keys_of(household).into_iter().map(|key| (key, -1)).chain(of_hosts)
}

fn storage(error: impl Into<DirectoryError>) -> Objection {
    Objection::Storage(error.into().to_string())
}

/// The file of a draft, and the whole that is made of it. Neither outlives the draft; what is in force has another name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        for path in [&self.0, &whole_of(&self.0)] {
            // It may be in force, or never have been made; what cannot be removed is removed with the next draft.
            let _ = fs::remove_file(path);
        }
    }
}

fn whole_of(draft: &Path) -> PathBuf {
    let mut whole = draft.to_owned();
    whole.as_mut_os_string().push(WHOLE);
    whole
}

/// For this daemon alone: what households ask for, and their numbers (R238).
fn fresh(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// A new draft, and the lock on it. Before the lock another process may take it for one that came to nothing.
fn locked(data_dir: &Path) -> Result<(Unfinished, File), DirectoryError> {
    for _ in 0..TRIES {
        let path = data_dir.join(format!("{DRAFT_FILE}-{:016x}", fastrand::u64(..)));
        let failed = |error| DirectoryError::File { path: path.clone(), error };
        let file = fresh(&path).map_err(failed)?;
        let unfinished = Unfinished(path.clone());
        file.lock().map_err(failed)?;
        let held = file.metadata().map_err(failed)?.ino();
        if fs::metadata(&path).is_ok_and(|found| found.ino() == held) {
            return Ok((unfinished, file));
        }
    }
    let error = io::Error::other("another process clears each draft away as it is begun");
    Err(DirectoryError::File { path: data_dir.to_owned(), error })
}

/// Removes what drafts that came to nothing have left; at which somebody works, stay. What cannot be removed is said, and is in nobody's way.
///
/// # Errors
/// When the folder cannot be read.
pub fn clear(data_dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(data_dir)? {
        let path = entry?.path();
        if !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(DRAFT_FILE)) {
            continue;
        }
        // Whoever works at it holds a lock on it; on a copy of it the lock of its draft. Our own is held until it is gone: whoever begins it
        // in this moment sees then that it is.
        let _lock = match File::open(&path) {
            Ok(file) if file.try_lock().is_err() || is_copy_of_another(&path) => continue,
            Ok(file) => Some(file),
            // Of another user, such as an import as root that was cut off. One that is still at work would make a directory that we cannot
            // read: nothing is lost with it.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => None,
            Err(error) => {
                said(&path, &error);
                continue;
            }
        };
        fs::remove_file(&path).unwrap_or_else(|error| said(&path, &error));
    }
    Ok(())
}

fn said(left: &Path, error: &io::Error) {
    if error.kind() != io::ErrorKind::NotFound {
        tracing::warn!(left = %left.display(), %error, "what a draft of the directory has left cannot be removed");
    }
}

fn is_copy_of_another(path: &Path) -> bool {
    let draft = path.to_str().and_then(|path| path.strip_suffix(WHOLE));
    draft.and_then(|draft| File::open(draft).ok()).is_some_and(|draft| draft.try_lock().is_err())
}
