//! The directory on disk: which units there are, and whom to call there (`service::directory`). One SQLite file of its own beside the
//! journal, which is never written in place: a new version is built beside it, synced and renamed, so that whoever reads sees one
//! version or the other, and a power cut leaves one of them. Nothing else is stored here, and nobody but the keeper and the command line writes.

mod draft;
mod keeper;
#[cfg(test)]
mod tests;
mod watch;

pub use draft::{Draft, From};
pub use keeper::{GivenUp, Keeper, Outcome, PATIENCE, Taken};
pub use watch::{Watch, adopt};

use crate::service::contact::Unit;
use crate::service::directory::search::Query;
use crate::service::directory::{Host, Household, Units};
use crate::sqlite;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The file's name in the data folder.
pub const DIRECTORY_FILE: &str = "directory.db";
/// What it was until 0.1: a table of units, which is taken over once.
pub const OLD_FILE: &str = "directory.csv";
/// This form of the file, `PRAGMA user_version`.
const FORM: u32 = 1;

#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    #[error("directory: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("directory {path}: {error}")]
    File { path: PathBuf, error: std::io::Error },
    #[error("{path} is of form {found}, and this lobbyd reads {FORM}: import it or have it sent again")]
    OtherForm { path: PathBuf, found: u32 },
}

/// What is known of the version in force, without a word of whom it names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    pub version: String,
    pub units: usize,
    pub vacant: usize,
    pub hosts: usize,
}

/// One version of the directory.
#[derive(Debug)]
pub struct Directory {
    facts: Facts,
    connection: Mutex<Connection>,
}

/// Somebody, or a unit without anybody, that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub unit: Unit,
    pub vacant: bool,
    pub host: Option<Host>,
}

const SEARCH: &str = "SELECT home.data, search.host FROM search JOIN home ON home.id = search.home
    WHERE search.key >= ?1 AND search.key < ?2 ORDER BY search.key LIMIT ?3";

impl Directory {
    /// The version in force; `None` where none was ever imported or sent.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn open(data_dir: &Path) -> Result<Option<Self>, DirectoryError> {
        let path = data_dir.join(DIRECTORY_FILE);
        match path.try_exists() {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => return Err(DirectoryError::File { path, error }),
        }
        let connection = sqlite::read_only(&path)?;
        let found = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found != FORM {
            return Err(DirectoryError::OtherForm { path, found });
        }
        let facts = facts(&connection)?;
        Ok(Some(Directory { facts, connection: Mutex::new(connection) }))
    }

    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whoever panicked while he read has left the file as it was.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this part of the version said, as a digest; `None` where it came from a table, or had no such part.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn part(&self, nth: u32) -> Result<Option<Vec<u8>>, DirectoryError> {
        part(&self.connection(), nth)
    }

    /// All units, and those in which nobody lives (R079).
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn units(&self) -> Result<(Units, Units), DirectoryError> {
        let connection = self.connection();
        let of = |query: &str| -> Result<Units, DirectoryError> {
            let mut query = connection.prepare(query)?;
            let units = query.query_map([], |row| row.get::<_, String>(0))?;
            Ok(units.collect::<Result<Units, _>>()?)
        };
        Ok((of("SELECT unit FROM home")?, of("SELECT unit FROM home WHERE vacant")?))
    }

    /// # Errors
    /// When the file cannot be read.
    pub fn household(&self, unit: &Unit) -> Result<Option<Household>, DirectoryError> {
        household(&self.connection(), unit)
    }

    /// Where somebody with these digits in his number stands, for a copy of what is known of him. Goes through all of it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn with_phone(&self, digits: &str) -> Result<Vec<Found>, DirectoryError> {
        let connection = self.connection();
        let mut rows = connection.prepare_cached("SELECT data FROM home WHERE instr(data, ?1) ORDER BY unit")?;
        let mut found = Vec::new();
        for data in rows.query_map([digits], |row| row.get::<_, String>(0))? {
            let Household { unit, vacant, hosts, .. } = read(&data?)?;
            let has = |host: &Host| host.phone.as_ref().is_some_and(|phone| phone.as_str().contains(digits));
            let of_unit = hosts.into_iter().filter(has);
            found.extend(of_unit.map(|host| Found { unit: unit.clone(), vacant, host: Some(host) }));
        }
        Ok(found)
    }

    /// Whoever begins with what is looked for, by key, and everybody who lives in a unit that does; at most so many.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn search(&self, query: &Query, most: usize) -> Result<Vec<Found>, DirectoryError> {
        let connection = self.connection();
        // A person stands under several keys, and two of them may begin alike: more are read than are told.
        let mut rows = connection.prepare_cached(SEARCH)?;
        let mut found: Vec<Found> = Vec::new();
        for (begin, end) in query.ranges() {
            let rows = rows.query_map(params![begin, end, 4 * most], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
            })?;
            for row in rows {
                // A flat may have twenty hosts: what is not told is not read.
                if found.len() >= most {
                    break;
                }
                let (data, host) = row?;
                for new in of_key(read(&data)?, host) {
                    if !found.contains(&new) {
                        found.push(new);
                    }
                }
            }
        }
        found.truncate(most);
        Ok(found)
    }
}

/// Whom a key stands for: the host in this place and, where it is the unit's, all: whoever asks for a unit asks whom to call there.
fn of_key(household: Household, host: i64) -> Vec<Found> {
    let Household { unit, vacant, mut hosts, .. } = household;
    let nth = usize::try_from(host).ok().filter(|nth| *nth < hosts.len());
    let people = match nth {
        Some(nth) => vec![Some(hosts.swap_remove(nth))],
        None if hosts.is_empty() => vec![None],
        None => hosts.into_iter().map(Some).collect(),
    };
    people.into_iter().map(|host| Found { unit: unit.clone(), vacant, host }).collect()
}

fn facts(connection: &Connection) -> Result<Facts, DirectoryError> {
    Ok(connection.query_row("SELECT version, units, vacant, hosts FROM about", [], |row| {
        Ok(Facts { version: row.get(0)?, units: row.get(1)?, vacant: row.get(2)?, hosts: row.get(3)? })
    })?)
}

fn part(connection: &Connection, nth: u32) -> Result<Option<Vec<u8>>, DirectoryError> {
    // A file of a release before has no such table.
    let has = connection.prepare_cached("SELECT 1 FROM sqlite_schema WHERE name = 'part'")?.exists([])?;
    let find = "SELECT digest FROM part WHERE nth = ?1";
    Ok(if has { connection.query_row(find, [nth], |row| row.get(0)).optional()? } else { None })
}

fn household(connection: &Connection, unit: &Unit) -> Result<Option<Household>, DirectoryError> {
    let mut query = connection.prepare_cached("SELECT data FROM home WHERE unit = ?1")?;
    let data: Option<String> = query.query_row([unit.as_str()], |row| row.get(0)).optional()?;
    data.as_deref().map(read).transpose()
}

/// What stands in a row. An error says nothing of its content.
fn read(data: &str) -> Result<Household, DirectoryError> {
    serde_json::from_str(data).map_err(|_| rusqlite::Error::InvalidQuery.into())
}
