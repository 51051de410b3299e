//! The list of units on disk: `directory.csv` in the data folder, written by `lobbyd directory import` in one step and read
//! by the daemon when it has changed.

use super::load::read;
use super::{ConfigError, Fault};
use crate::service::directory::{BadLine, BadTable, Directory};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The list's name in the data folder.
pub const DIRECTORY_FILE: &str = "directory.csv";

/// Reads a table of units.
///
/// # Errors
/// When it cannot be read or any line is bad.
pub fn load(file: &Path) -> Result<Directory, ConfigError> {
    let failed = |faults| ConfigError { file: file.to_owned(), faults };
    let text = read(file).map_err(|fault| failed(vec![fault]))?;
    Directory::parse(&text).map_err(|bad| failed(faults(bad)))
}

fn faults(bad: BadTable) -> Vec<Fault> {
    match bad {
        BadTable::Lines(lines) => lines.into_iter().map(|BadLine { line, why }| Fault::of_line(line, why)).collect(),
        other => vec![Fault::of_file(other.to_string(), "nothing was changed")],
    }
}

/// Puts the list into the data folder: whole or not at all, even when the power goes.
///
/// # Errors
/// When the folder cannot be written.
pub fn store(data_dir: &Path, directory: &Directory) -> io::Result<()> {
    let next = data_dir.join(format!("{DIRECTORY_FILE}.new"));
    // One that a crash left behind may have other rights; what households wish is for this daemon alone (R238).
    match fs::remove_file(&next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&next)?;
    file.write_all(directory.to_csv().as_bytes())?;
    file.sync_all()?;
    fs::rename(&next, data_dir.join(DIRECTORY_FILE))?;
    // The rename itself is on disk only after the folder's fsync.
    File::open(data_dir)?.sync_all()
}

/// Looks whether the list has changed.
#[derive(Debug)]
pub struct Watch {
    file: PathBuf,
    /// Inode, length and time of the file as it was last read; an import makes a new inode.
    seen: Option<(u64, u64, SystemTime)>,
}

impl Watch {
    pub fn new(data_dir: &Path) -> Self {
        Watch { file: data_dir.join(DIRECTORY_FILE), seen: None }
    }

    /// The list, if there is one and it has changed since the last look. Cheap enough for once in a few seconds.
    pub fn look(&mut self) -> Option<Result<Directory, ConfigError>> {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(&self.file).ok()?;
        let found = Some((metadata.ino(), metadata.len(), metadata.modified().ok()?));
        if found == self.seen {
            return None;
        }
        self.seen = found;
        Some(load(&self.file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_seen_once_and_again_when_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let mut watch = Watch::new(folder.path());
        assert!(watch.look().is_none(), "no list is no error");
        for text in ["unit\n1203\n", "unit\n1204\n"] {
            let directory = Directory::parse(text).unwrap();
            store(folder.path(), &directory).unwrap();
            assert_eq!(watch.look().unwrap().unwrap(), directory);
            assert!(watch.look().is_none());
        }
        fs::write(folder.path().join(DIRECTORY_FILE), "nonsense").unwrap();
        assert!(watch.look().unwrap().is_err());
    }
}
