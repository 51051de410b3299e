//! The mark beside the journal: its epoch and its newest number, written after each commit. It shows two things: that the file
//! system still takes writes, and, at the next start, that the journal is older than what it has promised. It is not synced, so
//! after a power cut it may be an earlier one, torn or gone, but it is never ahead of a disk that keeps what it says that it has
//! synced. What is not whole says nothing.

use super::JournalError;
use super::open::{file_error, with_suffix};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Behind the journal's name: what is done to its companions is done to its mark.
pub(super) const MARK: &str = "-mark";

pub(super) struct Mark {
    file: File,
    path: PathBuf,
}

/// What a whole mark says: so much had been stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Promise {
    pub epoch: String,
    pub seq: u64,
}

impl Mark {
    /// The mark of this journal, as it is.
    pub fn open(journal: &Path) -> Result<Self, JournalError> {
        let path = with_suffix(journal, MARK);
        let file = File::options().write(true).create(true).truncate(false).mode(0o600).open(&path);
        Ok(Mark { file: file.map_err(|error| file_error(&path, error))?, path })
    }

    /// `None` where there is none that is whole.
    pub fn read(&self) -> Option<Promise> {
        read(&self.path)
    }

    /// Once at each start, before the first promise: on disk, so that there is room for all that follow. Where there is none, the
    /// lobby opens all the same.
    pub fn begin(&self, epoch: &str, seq: u64) -> Result<(), JournalError> {
        let text = text(epoch, seq);
        let begun = self.file.write_all_at(&text, 0).and_then(|()| self.file.set_len(text.len() as u64));
        match begun.and_then(|()| self.file.sync_all()) {
            Err(error) if is_refusal(&error) => Err(file_error(&self.path, error)),
            _ => Ok(()),
        }
    }

    /// After each commit; `false` where the file system takes no writes any more. When a card fails, Linux makes its file system
    /// read-only, and the fsync that is under way then may say that all is well although nothing was written (ext4 of 6.18: in 5 of
    /// 40 tries). Some bytes in the page cache: about a microsecond.
    pub fn take(&self, epoch: &str, seq: u64) -> bool {
        !self.file.write_all_at(&text(epoch, seq), 0).is_err_and(|error| is_refusal(&error))
    }

    pub fn read_only(&self) -> JournalError {
        JournalError::ReadOnly(self.path.parent().unwrap_or(Path::new(".")).to_owned())
    }
}

/// What the mark of this journal says, for who only reads.
pub(super) fn promised(journal: &Path) -> Option<Promise> {
    read(&with_suffix(journal, MARK))
}

/// A mark is whole where both copies are there, and the same.
fn read(mark: &Path) -> Option<Promise> {
    let text = fs::read_to_string(mark).ok()?;
    let (one, other) = text.split_at_checked(text.len() / 2)?;
    let (epoch, seq) = one.strip_suffix('\n').filter(|_| one == other)?.split_once(' ')?;
    Some(Promise { epoch: epoch.to_owned(), seq: seq.parse().ok()? })
}

/// A full disk is another matter: what was committed is there.
fn is_refusal(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EROFS | libc::EIO))
}

/// Two copies, always of the same length, far below a sector: a disk writes all of it or nothing.
fn text(epoch: &str, seq: u64) -> Vec<u8> {
    format!("{epoch} {seq:020}\n").repeat(2).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::{Journal, Reader};
    use super::*;
    use crate::event::{Data, Event, Kind, Now, Slug};

    #[test]
    fn a_mark_says_what_was_written_last_and_nothing_where_it_is_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal.db");
        let mark = Mark::open(&journal).unwrap();
        assert_eq!(mark.read(), None, "there was none");
        mark.begin("e1", 7).unwrap();
        assert!(mark.take("e1", 8));
        let mark = Mark::open(&journal).unwrap();
        assert_eq!(mark.read(), Some(Promise { epoch: "e1".into(), seq: 8 }));
        let whole = fs::read(&mark.path).unwrap();
        for cut in 0..whole.len() {
            fs::write(&mark.path, &whole[..cut]).unwrap();
            assert_eq!(mark.read(), None, "cut at {cut}");
            // A file may have its length before its content.
            let zeros = [&whole[..cut], &vec![0; whole.len() - cut][..]].concat();
            fs::write(&mark.path, zeros).unwrap();
            assert_eq!(mark.read(), None, "written up to {cut}");
        }
        fs::write(&mark.path, [0xff; 94]).unwrap();
        assert_eq!(mark.read(), None, "rubbish");
        mark.begin("e2", 1).unwrap();
        assert_eq!(mark.read(), Some(Promise { epoch: "e2".into(), seq: 1 }), "whatever was there");
    }

    /// A mark on a card that has failed: each write is an input/output error.
    fn failed_card(journal: &Path) -> Mark {
        // Nothing is mapped at the beginning of a process's memory.
        let file = File::options().write(true).open("/proc/self/mem").unwrap();
        assert_eq!(file.write_at(b"x", 0).unwrap_err().raw_os_error(), Some(libc::EIO));
        Mark { file, path: journal.to_owned() }
    }

    #[test]
    fn a_commit_that_the_disk_called_done_while_it_failed_is_not_acknowledged_and_nothing_is_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let now = Now { utc: chrono::DateTime::UNIX_EPOCH, synced: true };
        let mut journal = Journal::open(folder.path(), "20261122T000000Z").unwrap().journal;
        let following = journal.tail().follow();
        journal.begin().unwrap();
        let event = Event::here(Kind::AccessGranted, Slug::from_text("lobby"), now, Data::new());
        journal.append(&event, now).unwrap();
        // In the middle of the fsync, which says that all is well.
        journal.mark = failed_card(&folder.path().join("journal.db"));
        let refused = journal.commit().unwrap_err();
        assert!(matches!(&refused, JournalError::ReadOnly(disk) if disk == folder.path()), "{refused}");
        assert!(following.take().is_empty(), "and it is not relayed");
        assert!(
            matches!(journal.begin(), Err(JournalError::ReadOnly(_))),
            "what is stored is known only after a new start"
        );
        drop(journal);
        drop(Journal::open(folder.path(), "20261122T000000Z").unwrap());
        assert!(Reader::open(folder.path()).unwrap().audit().unwrap().faults.is_empty());
    }
}
