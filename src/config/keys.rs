//! Private keys on disk, as `lobbyd invite key` and `lobbyd office key` make them: written once, never replaced, for their owner alone.
//! A key is never printed.

use crate::service::base64url;
use crate::service::signature::{PrivateKey, PublicKey, SEED};
use ring::rand::{SecureRandom, SystemRandom};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Makes a key, writes its private half for its owner alone, and returns the public one.
///
/// # Errors
/// When there is a file of this name (a key that was in use must not be lost), or it cannot be written.
pub fn make(file: &Path) -> io::Result<PublicKey> {
    let mut seed = [0; SEED];
    SystemRandom::new().fill(&mut seed).map_err(|_| io::Error::other("the system gives no random numbers"))?;
    let key = PrivateKey::from_seed(&seed).ok_or_else(|| io::Error::other("the random numbers are no key"))?;
    store(file, &seed)?;
    Ok(key.public())
}

/// Writes a private key for its owner alone.
///
/// # Errors
/// When there is a file of this name: a key that was in use must not be lost.
fn store(file: &Path, seed: &[u8; SEED]) -> io::Result<()> {
    write_new(file, &format!("{}\n", base64url::encode(seed)))
}

/// Reads a private key.
///
/// # Errors
/// When it cannot be read, others may read it too, or it is no key.
pub fn load(file: &Path) -> io::Result<PrivateKey> {
    let mut opened = File::open(file)?;
    let mode = opened.metadata()?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(io::Error::other(format!("others may read it (mode {mode:o}): chmod 600 {}", file.display())));
    }
    let mut written = String::new();
    opened.read_to_string(&mut written)?;
    let key = base64url::decode(written.trim()).and_then(|seed| PrivateKey::from_seed(&seed));
    key.ok_or_else(|| {
        io::Error::other(
            "it is no private key: the command \"key\" of \"lobbyd invite\" or \"lobbyd office\" makes one",
        )
    })
}

/// A file that was not there, for its owner alone, on the disk when this returns.
pub(super) fn write_new(file: &Path, text: &str) -> io::Result<()> {
    let mut opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    opened.write_all(text.as_bytes())?;
    opened.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_written_once_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("invitation.key");
        store(&file, &[7; SEED]).unwrap();
        assert_eq!(load(&file).unwrap().public(), PrivateKey::from_seed(&[7; SEED]).unwrap().public());
        assert!(store(&file, &[8; SEED]).is_err());
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(load(&file).unwrap_err().to_string().contains("chmod 600"));
    }
}
