//! SQLite, as every file here is opened. What it has no room for in memory (tables that are made for a while, rows that are sorted, pages of a
//! statement that may be taken back) goes into files beside the first file that a process opens and may write beside, and not into /var/tmp: they
//! hold people, so their place is on the encrypted volume, where there is one. And where /var/tmp is 32 MiB of memory, as docs/installing.md has
//! it, a directory of a million people did not fit.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// # Errors
/// When there is no such file, or it cannot be read. Whether it is a database shows at the first look.
pub fn read_only(file: &Path) -> rusqlite::Result<Connection> {
    open(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// # Errors
/// When there is no such file, or it cannot be written.
pub fn writable(file: &Path) -> rusqlite::Result<Connection> {
    open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// A connection is one thread's at a time.
fn open(file: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // None of ours has any. One that somebody has put into a file, a backup on a stick, runs as we read it, for ever if he likes.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    // It is the whole process's, and may not be changed under a connection that is at work: set once.
    static IS_SET: Mutex<bool> = Mutex::new(false);
    let mut is_set = IS_SET.lock().unwrap_or_else(PoisonError::into_inner);
    if !*is_set {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.to_string_lossy();
        // Refused beside a backup that can only be read: then it is set with the next file.
        *is_set = connection.pragma_update(None, "temp_store_directory", folder).is_ok();
    }
    Ok(connection)
}
