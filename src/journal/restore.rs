//! Another journal in the place of this one: the copy that was kept before an upgrade, or a backup. Only while no daemon
//! runs. What was there is set aside and never deleted. The restored journal gets an epoch of its own: what was stored after
//! the copy was made is gone from it, but its numbers have been used.

use super::open::{self, JOURNAL_FILE, file_error, with_suffix};
use super::{Journal, JournalError, Since, copy, schema};
use crate::event::{Event, Kind, Now, Slug, data};
use crate::service::number::Series;
use rusqlite::params;
use serde_json::json;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};

/// What is to be put in place is made here first.
const STAGING: &str = "restore.new";
/// There while files are being exchanged. A daemon that finds it does not start: half of the folder may be missing.
const UNFINISHED: &str = "restore.unfinished";
/// What was in place stands in a folder of this name with the time behind it.
const ASIDE: &str = "replaced-";
/// A backup does not know how many numbers were given after it, and people have them on paper: each series goes on so much
/// higher on the day of the restore. A site of 2,000 units gives some 300 of a series a day.
const NUMBERS_SKIPPED: u32 = 500;

/// A data folder that is held for restoring, and what is to be put into it.
pub struct Restore {
    data_dir: PathBuf,
    lock: File,
}

/// The restored journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    pub epoch: String,
    pub from_epoch: String,
    /// The last number that it shares with the journal that it was copied from.
    pub through: u64,
}

/// Whether a restore was cut off.
pub fn is_unfinished(data_dir: &Path) -> bool {
    data_dir.join(UNFINISHED).exists()
}

/// A start is refused until a restore that was cut off has been done again.
pub(super) fn refuse_unfinished(data_dir: &Path) -> Result<(), JournalError> {
    if is_unfinished(data_dir) { Err(JournalError::Unfinished(data_dir.join(UNFINISHED))) } else { Ok(()) }
}

impl Restore {
    /// Takes the folder, and makes an empty place for what is to be put into it.
    ///
    /// # Errors
    /// When a daemon is using the folder, or it cannot be written.
    pub fn begin(data_dir: &Path) -> Result<Self, JournalError> {
        let lock = open::lock(data_dir)?;
        let restore = Restore { data_dir: data_dir.to_owned(), lock };
        let staging = restore.staging();
        let made = match fs::remove_dir_all(&staging) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => DirBuilder::new().mode(0o700).create(&staging),
        };
        made.map_err(|error| file_error(&staging, error))?;
        Ok(restore)
    }

    /// Where the files go that are to be put in place; the journal is called `journal.db` there too.
    pub fn staging(&self) -> PathBuf {
        self.data_dir.join(STAGING)
    }

    /// Makes the journal in the staging folder a journal of its own: a new epoch, numbers that nobody has on paper, and an
    /// event that tells the office what goes on here. `since`: what the journal in place knows beyond it, where it could be
    /// read. `day`: the site's.
    ///
    /// # Errors
    /// When it is not a journal, or one of a newer version.
    pub fn begin_anew(&self, since: Option<&Since>, stamp: &str, now: Now, day: u32) -> Result<Renewed, JournalError> {
        let path = self.staging().join(JOURNAL_FILE);
        let connection = open::open_file(&path)?;
        schema::refuse_newer(&path, copy::version(&connection)?)?;
        let from_epoch = connection.query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| row.get(0))?;
        let lock = self.lock.try_clone().map_err(|error| file_error(&self.data_dir, error))?;
        let epoch = open::new_epoch(stamp);
        let mut journal = Journal::new(connection, lock, epoch.clone())?;
        let renewed = Renewed { epoch, from_epoch, through: journal.newest() };
        journal.begin()?;
        journal.set_memo("epoch", Some(&renewed.epoch))?;
        journal.skip_numbers(since, day)?;
        // Service time goes on from the newest record, so it must not be in the past.
        let utc = journal.last_recorded()?.map_or(now.utc, |last| last.max(now.utc));
        let now = Now { utc, ..now };
        let facts = data([
            ("from_epoch", json!(renewed.from_epoch)),
            ("through", json!(renewed.through)),
            ("events_missing", json!(since.map(|since| since.events))),
        ]);
        journal.append(&Event::here(Kind::JournalRestored, Slug::from_text("journal"), now, facts), now)?;
        journal.commit()?;
        Ok(renewed)
    }

    /// Puts in place what stands in the staging folder; what is there under these names, and the journal, is set aside.
    /// Says where.
    ///
    /// # Errors
    /// When the folder cannot be written. Then the daemon does not start until this has been done again.
    pub fn put_in_place(self, replaced: &[&str], stamp: &str) -> Result<PathBuf, JournalError> {
        let aside = self.data_dir.join(format!("{ASIDE}{stamp}"));
        let exchange = || -> io::Result<()> {
            let owner = fs::metadata(&self.data_dir)?;
            let unfinished = self.data_dir.join(UNFINISHED);
            File::create(&unfinished)?.sync_all()?;
            File::open(&self.data_dir)?.sync_all()?;
            DirBuilder::new().recursive(true).mode(0o700).create(&aside)?;
            // The companions first: what they hold must never be read into another journal.
            let companions = ["-wal", "-shm"].map(|end| with_suffix(Path::new(JOURNAL_FILE), end));
            let journal = companions.iter().map(PathBuf::as_path).chain([Path::new(JOURNAL_FILE)]);
            for name in journal.chain(replaced.iter().map(Path::new)) {
                move_if_there(&self.data_dir.join(name), &aside.join(name))?;
            }
            File::open(&aside)?.sync_all()?;
            for entry in fs::read_dir(self.staging())? {
                let entry = entry?;
                give(&entry.path(), &owner)?;
                File::open(entry.path())?.sync_all()?;
                fs::rename(entry.path(), self.data_dir.join(entry.file_name()))?;
            }
            give(&aside, &owner)?;
            give(&self.data_dir.join(open::LOCK_FILE), &owner)?;
            File::open(&self.data_dir)?.sync_all()?;
            fs::remove_file(&unfinished)?;
            fs::remove_dir(self.staging())?;
            File::open(&self.data_dir)?.sync_all()
        };
        exchange().map_err(|error| file_error(&self.data_dir, error))?;
        Ok(aside)
    }
}

impl Drop for Restore {
    /// What was staged holds names. After a cut in the middle it stays: it may be all that there is.
    fn drop(&mut self) {
        if !is_unfinished(&self.data_dir) {
            drop(fs::remove_dir_all(self.staging()));
        }
    }
}

fn move_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Root may restore, for he can read a backup on any stick; the files belong to whom the folder belongs.
fn give(path: &Path, owner: &fs::Metadata) -> io::Result<()> {
    if fs::metadata(path)?.uid() == owner.uid() {
        return Ok(());
    }
    chown(path, Some(owner.uid()), Some(owner.gid()))
}

impl Journal {
    /// Numbers that were given after this copy was made are not given again.
    fn skip_numbers(&mut self, since: Option<&Since>, day: u32) -> Result<(), JournalError> {
        let mut set = self.connection.prepare(
            "INSERT INTO counter (series, day, last) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET last = max(last, excluded.last)",
        )?;
        if let Some(since) = since {
            for (series, day, last) in &since.numbers {
                set.execute(params![series, day, last])?;
            }
            return Ok(());
        }
        let mut last =
            self.connection.prepare("SELECT coalesce(max(last), 0) FROM counter WHERE series = ?1 AND day = ?2")?;
        for series in Series::ALL {
            let letter = series.letter().to_string();
            let given: u32 = last.query_row(params![letter, day], |row| row.get(0))?;
            set.execute(params![letter, day, given + NUMBERS_SKIPPED])?;
        }
        Ok(())
    }
}
