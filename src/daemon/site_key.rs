//! The key that card numbers are hashed with. A card number has 16 million values at most: without a key its hash is
//! looked up in seconds. The key never leaves this machine and stands in no log.

use crate::event::Id;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

pub const KEY_BYTES: usize = 32;
/// The key's name in the data folder.
pub const KEY_FILE: &str = "site.key";

/// Reads the key of this data folder, or makes one at the first start.
///
/// # Errors
/// When the file cannot be read or written, or is not a key. It is never replaced: every hash stored so far depends on it.
pub fn load(data_dir: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let path = data_dir.join(KEY_FILE);
    match fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|bytes: Vec<u8>| {
            io::Error::other(format!("it has {} bytes instead of {KEY_BYTES}; restore it from a backup", bytes.len()))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(data_dir, &path),
        Err(error) => Err(error),
    }
}

/// Written beside and renamed, so that a power cut leaves a whole key or none.
fn make(data_dir: &Path, path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    for half in key.chunks_mut(16) {
        // Version 4 UUIDs: 122 random bits each, from the system's generator.
        half.copy_from_slice(&Id::random().0);
    }
    let fresh = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(&key)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    fs::File::open(data_dir)?.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_may_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let key = load(dir.path()).unwrap();
        assert_eq!(load(dir.path()).unwrap(), key);
        assert_ne!(key[..16], key[16..]);
        let mode = fs::metadata(dir.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_reported_and_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(KEY_FILE), b"short").unwrap();
        assert!(load(dir.path()).is_err());
        assert_eq!(fs::read(dir.path().join(KEY_FILE)).unwrap(), b"short");
    }
}
