//! A table of the directory, as a person brings it: read, checked, and what is wrong with it named by line. That one was refused is left for
//! the daemon, which journals it: whoever imports half a town hears it at once, and the office hears of it, too.

use super::inbox;
use super::load::{bytes, text};
use super::{ConfigError, Fault};
use crate::service::directory::Household;
use crate::service::directory::table::{self, BadLine, BadTable, Hosts};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// In the data folder, a file for each import that was refused, with the reason in it.
const REFUSED: &str = "refused-imports";
const WAITING: &str = "reason";
/// Longest table, bytes: a town of 1,500,000 people with 40 bytes a line.
const MAX_TABLE: u64 = 64 << 20;
/// Looked at in one go.
const MAX_FILES: usize = 16;
/// Longest reason, bytes.
const MAX_REASON: u64 = 32;

/// Why a table was refused, as events say it: it has bad lines, or what `directory::Objection` says of the whole.
const REASONS: [&str; 5] = ["malformed", "twice", "too-large", "shrinks", "storage"];

/// An import that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub version: String,
    pub reason: &'static str,
    file: PathBuf,
}

/// Leaves it for the daemon.
///
/// # Errors
/// When the data folder cannot be written.
pub fn leave(data_dir: &Path, version: &str, reason: &str) -> io::Result<()> {
    // Not as its extension: a version has a point in it.
    inbox::put(&data_dir.join(REFUSED).join(format!("{version}.{WAITING}")), reason)
}

/// What was left.
///
/// # Errors
/// When the folder is there and cannot be read.
pub fn refusals(data_dir: &Path) -> io::Result<Vec<Refusal>> {
    let files = inbox::waiting(&data_dir.join(REFUSED), WAITING, MAX_FILES)?;
    let read = files.into_iter().map(|file| {
        let said = inbox::read(&file, MAX_REASON);
        let reason = REASONS.into_iter().find(|reason| said.as_deref() == Some(reason)).unwrap_or("malformed");
        Refusal { version: file.file_stem().unwrap_or_default().to_string_lossy().into_owned(), reason, file }
    });
    Ok(read.collect())
}

impl Refusal {
    /// It is journaled.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn forget(&self) -> io::Result<()> {
        fs::remove_file(&self.file)
    }
}

/// A table that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoTable {
    /// Nothing was read: that is about how the file was called, and nothing for the office.
    #[error(transparent)]
    NotRead(ConfigError),
    #[error(transparent)]
    Malformed(ConfigError),
}

/// # Errors
/// When it cannot be read or any line is bad.
pub fn load(file: &Path, hosts: Hosts) -> Result<Vec<Household>, NoTable> {
    let failed = |faults| ConfigError { file: file.to_owned(), faults };
    let read = bytes(file, MAX_TABLE).map_err(|fault| NoTable::NotRead(failed(vec![fault])))?;
    let text = text(read, MAX_TABLE).map_err(|fault| NoTable::Malformed(failed(vec![fault])))?;
    table::parse(&text, hosts).map_err(|bad| NoTable::Malformed(failed(faults(bad))))
}

fn faults(bad: BadTable) -> Vec<Fault> {
    match bad {
        BadTable::Lines(lines) => lines.into_iter().map(|BadLine { line, why }| Fault::of_line(line, why)).collect(),
        other => vec![Fault::of_file(other.to_string(), "nothing was changed")],
    }
}
