//! Setting a damaged journal aside. It is renamed, and beside it lies a note until everything of it that can be read has been brought
//! over (`salvage`); until then it is never deleted, and after that not before the people in it are too old (`leavings`), nor while it
//! may be the last that tells what the law holds. A cut at any moment leaves it where it was, or half renamed, which the next start ends.

use super::mark::Promise;
use super::open::{JOURNAL_FILE, file_error, with_suffix};
use super::{JournalError, copy};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Behind the name of a file that was set aside: it has not been brought over.
const UNSENT: &str = "-unsent";
/// The same where it has been, but for lists that only somebody can make good: it may be the last that tells what is held.
const KEPT: &str = "-kept";
/// The same while it is being renamed.
const MOVING: &str = "-moving";

/// What is known of a damaged journal without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    pub why: String,
    /// What its mark has promised.
    pub promise: Option<Promise>,
}

/// Renames the database and its two companions. Its mark stays until the new journal writes its own.
pub(super) fn set_aside(
    journal: &Path,
    stamp: &str,
    why: String,
    promise: Option<Promise>,
) -> Result<PathBuf, JournalError> {
    let name = |nth: u32| match nth {
        0 => format!("{JOURNAL_FILE}.damaged-{stamp}"),
        // Before the clock is set two starts may have one time.
        nth => format!("{JOURNAL_FILE}.damaged-{stamp}-{nth}"),
    };
    let mut names = (0..).map(|nth| journal.with_file_name(name(nth)));
    let kept_as = names.find(|kept_as| !kept_as.exists()).expect("there is always a next number");
    let note = Note { why, promise };
    let text = serde_json::to_vec(&note).expect("it is plain data");
    let path = with_suffix(&kept_as, MOVING);
    let noted = fs::write(&path, text).and_then(|()| File::open(&path)?.sync_all());
    // A full disk: the note is there, and what it says can be done without.
    if let Err(error) = noted.or_else(|error| if error.kind() == ErrorKind::StorageFull { Ok(()) } else { Err(error) })
    {
        return Err(file_error(&path, error));
    }
    move_to(journal, &kept_as)?;
    Ok(kept_as)
}

/// The database last: as long as it is here, the rest belongs to it.
fn move_to(journal: &Path, kept_as: &Path) -> Result<(), JournalError> {
    let companions = ["-wal", "-shm", ""].map(|end| (with_suffix(journal, end), with_suffix(kept_as, end)));
    let note = (with_suffix(kept_as, MOVING), with_suffix(kept_as, UNSENT));
    for (from, to) in companions.into_iter().chain([note]) {
        if from.exists() && !to.exists() {
            fs::rename(&from, to).map_err(|error| file_error(&from, error))?;
        }
    }
    copy::sync_folder(journal.parent().unwrap_or(Path::new(".")))
}

/// Ends what was cut off between two renames.
pub(super) fn end(journal: &Path) -> Result<(), JournalError> {
    noted(journal, MOVING).iter().try_for_each(|kept_as| move_to(journal, kept_as))
}

/// The files beside which there is such a note, the oldest first.
fn noted(journal: &Path, note: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(journal.parent().unwrap_or(Path::new("."))).into_iter().flatten().flatten();
    let of = |entry: fs::DirEntry| {
        let name = entry.file_name().to_str()?.strip_suffix(note)?.to_owned();
        name.starts_with(JOURNAL_FILE).then(|| journal.with_file_name(name))
    };
    let mut found: Vec<PathBuf> = entries.filter_map(of).collect();
    found.sort();
    found
}

/// The oldest that has not been brought over, unless somebody has taken it away.
pub(super) fn waiting(journal: &Path) -> Option<(PathBuf, Note)> {
    let kept_as = noted(journal, UNSENT).into_iter().find(|kept_as| kept_as.exists())?;
    let text = fs::read(with_suffix(&kept_as, UNSENT)).unwrap_or_default();
    let unknown = || Note { why: "it was damaged".into(), promise: None };
    Some((kept_as, serde_json::from_slice(&text).unwrap_or_else(|_| unknown())))
}

/// Those that no age deletes, for they may be the last that tell what is held.
pub(super) fn kept(journal: &Path) -> Vec<PathBuf> {
    noted(journal, KEPT).into_iter().filter(|kept_as| kept_as.exists()).collect()
}

/// It has been brought over, as far as it goes, and stays until somebody deletes it.
pub(super) fn keep(kept_as: &Path) -> Result<(), JournalError> {
    let (note, kept) = (with_suffix(kept_as, UNSENT), with_suffix(kept_as, KEPT));
    fs::rename(&note, kept).map_err(|error| file_error(&note, error))
}

/// It has been brought over.
pub(super) fn forget(kept_as: &Path) -> Result<(), JournalError> {
    let note = with_suffix(kept_as, UNSENT);
    fs::remove_file(&note).map_err(|error| file_error(&note, error))
}
