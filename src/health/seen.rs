//! A file that others replace, such as a list that a command changes: whether it is another than the one that was read last.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

/// Inode, length and time: each change makes a new inode.
type Mark = (u64, u64, SystemTime);

#[derive(Debug, Default)]
pub struct Seen {
    read: Option<Mark>,
    /// It could not be read, and that was told.
    failed: Option<Mark>,
}

impl Seen {
    /// Reads the file, if there is one and it is another than the last that could be read. One that cannot be read is tried at each look,
    /// for what was in the way may be over, and its fault is told once. Cheap enough for once in a second.
    pub fn look<T, E>(&mut self, path: &Path, read: impl FnOnce() -> Result<T, E>) -> Option<Result<T, E>> {
        let metadata = fs::metadata(path).ok()?;
        let found = Some((metadata.ino(), metadata.len(), metadata.modified().ok()?));
        if found == self.read {
            return None;
        }
        let outcome = read();
        match &outcome {
            Ok(_) => (self.read, self.failed) = (found, None),
            Err(_) if found == self.failed => return None,
            Err(_) => self.failed = found,
        }
        Some(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list that was changed while no file could be opened stayed the old one until the next change: who had been removed could sign in.
    #[test]
    fn what_could_not_be_read_once_is_read_when_it_can_be_and_its_fault_is_told_once() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut seen = Seen::default();
        assert_eq!(seen.look(file.path(), || Err::<u8, _>("busy")), Some(Err("busy")));
        assert_eq!(seen.look(file.path(), || Err::<u8, _>("busy")), None, "told once");
        assert_eq!(seen.look(file.path(), || Ok::<_, &str>(1)), Some(Ok(1)));
        assert_eq!(seen.look(file.path(), || Ok::<_, &str>(2)), None, "it is the same file");
        assert_eq!(seen.look(Path::new("/no/such/file"), || Ok::<_, &str>(3)), None);
    }
}
