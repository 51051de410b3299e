//! SQLite, as every file here is opened. What it has no room for in memory, tables that are made for a while, rows that are sorted, pages of a statement that
//! may be taken back, goes into files beside the first file that a process opens, and not into /var/tmp: they hold people, so their place is on the
//! encrypted volume, where there is one, and where /var/tmp is 32 MiB of memory (as `docs/installing.md` has it) a directory of a million people
//! did not fit.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Once;

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
    // It is the whole process's, and may not be changed under a connection that is at work.
    static BESIDE: Once = Once::new();
    BESIDE.call_once(|| {
        let folder = file.parent().unwrap_or(Path::new(".")).to_string_lossy();
        // In a folder that may only be read nothing of ours is written, and a tool goes on with the system's place.
        if let Err(error) = connection.pragma_update(None, "temp_store_directory", folder) {
            tracing::debug!(%error, "temporary files are where the system has them");
        }
    });
    Ok(connection)
}
