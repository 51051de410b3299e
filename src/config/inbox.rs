//! A folder in the data folder in which a tool puts a file for the running daemon, for its owner alone: whole or not at all, and never what a
//! link or a pipe leads to. Decides nothing.

use super::keys;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

/// What ends otherwise than the caller's files is still being written, or not ours.
const FRESH: &str = "new";

/// At most `most` files that end so; none where there is no folder.
///
/// # Errors
/// When the folder is there and cannot be read.
pub fn waiting(folder: &Path, ending: &str, most: usize) -> io::Result<Vec<PathBuf>> {
    let found = match fs::read_dir(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let files = found.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(files.filter(|file| file.extension().is_some_and(|found| found == ending)).take(most).collect())
}

/// The text of a file, up to `longest` bytes; `None` where it is no file, or no text.
pub fn read(file: &Path, longest: u64) -> Option<String> {
    let opened = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(file).ok()?;
    let is_file = opened.metadata().ok()?.is_file();
    let mut text = String::new();
    let read = opened.take(longest).read_to_string(&mut text);
    read.ok().filter(|_| is_file).map(|_| text)
}

/// Puts a file there, in the place of one of this name. On the disk when it returns.
///
/// # Errors
/// When the folder cannot be written.
pub fn put(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let owner = fs::metadata(folder.parent().unwrap_or(Path::new(".")))?;
    give(folder, &owner)?;
    // Behind the whole name: two files that differ in what they end with are two here, too.
    let mut fresh = file.to_owned();
    fresh.as_mut_os_string().push(format!(".{FRESH}"));
    // What a cut has left of an earlier try.
    drop(fs::remove_file(&fresh));
    keys::write_new(&fresh, text)?;
    give(&fresh, &owner)?;
    fs::rename(&fresh, file)?;
    File::open(folder)?.sync_all()
}

/// Root may ask, too; the daemon must be able to take it up.
fn give(path: &Path, owner: &fs::Metadata) -> io::Result<()> {
    if fs::metadata(path)?.uid() == owner.uid() { Ok(()) } else { chown(path, Some(owner.uid()), Some(owner.gid())) }
}
