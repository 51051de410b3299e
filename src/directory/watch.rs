//! Looks whether another version of the directory is in force: an import or an update makes a new file.

use super::draft::{Draft, From};
use super::{DIRECTORY_FILE, Directory, DirectoryError, OLD_FILE};
use crate::health::seen::Seen;
use crate::service::directory::table::{self, Hosts};
use crate::service::directory::update::TABLE;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub struct Watch {
    data_dir: PathBuf,
    seen: Seen,
}

impl Watch {
    pub fn new(data_dir: &Path) -> Self {
        Watch { data_dir: data_dir.to_owned(), seen: Seen::default() }
    }

    /// The directory, if there is one and it has changed since the last look. Cheap enough for once in a few seconds.
    pub fn look(&mut self) -> Option<Result<Directory, DirectoryError>> {
        self.seen.look(&self.data_dir.join(DIRECTORY_FILE), || Directory::open(&self.data_dir))?.transpose()
    }
}

/// Takes over the table of a release before, once. A table that is not good any more is left where it is.
pub fn adopt(data_dir: &Path) {
    let old = data_dir.join(OLD_FILE);
    if data_dir.join(DIRECTORY_FILE).exists() {
        return;
    }
    let Ok(text) = fs::read_to_string(&old) else { return };
    let adopted = table::parse(&text, Hosts::LeftOut).map_err(|error| error.to_string()).and_then(|list| {
        let mut draft = Draft::begin(data_dir, From::Nothing).map_err(|error| error.to_string())?;
        draft
            .take(&list, [])
            .and_then(|()| draft.finish(&format!("{TABLE}before"), true))
            .map_err(|error| error.to_string())
    });
    match adopted.map(|facts| (facts, fs::remove_file(&old))) {
        Ok((facts, Ok(()))) => tracing::info!(units = facts.units, "the list of units was taken over"),
        Ok((_, Err(error))) => tracing::warn!(%error, "{OLD_FILE} was taken over and cannot be removed"),
        Err(why) => tracing::error!(why, "{OLD_FILE} cannot be taken over: import the units again"),
    }
}
