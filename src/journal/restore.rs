//! Another journal in the place of this one: the copy that was kept before an upgrade, or a backup. Only while no daemon
//! runs. What was there is set aside, not deleted. The restored journal gets an epoch of its own: what was stored after
//! the copy was made is gone from it, but its numbers have been used. A cut at any moment leaves what was there, or what takes
//! its place, whole: up to one rename nothing has changed, and after it the next start goes on from where it was cut off.

use super::mark::{MARK, Mark};
use super::open::{self, JOURNAL_FILE, Lock, file_error, with_suffix};
use super::{Carried, Journal, JournalError, Since, anchor, copy, schema};
use crate::event::{Event, Kind, Now, Slug, data};
use crate::service::number::Series;
use rusqlite::params;
use serde_json::json;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is to be put in place is made here first.
const STAGING: &str = "restore.new";
/// There while files are being exchanged: the names of those that are replaced beside the journal, one a line.
const UNFINISHED: &str = "restore.unfinished";
/// What was in place stands in a folder of this name with the time behind it. As long as that folder is among what is staged,
/// not everything is in it yet.
pub(super) const ASIDE: &str = "replaced-";
/// A backup does not know how many numbers were given after it, and people have them on paper: each series goes on so much
/// higher on the day of the restore. A site of 2,000 units gives some 300 of a series a day.
const NUMBERS_SKIPPED: u32 = 500;

/// A data folder that is held for restoring, and what is to be put into it.
pub struct Restore {
    data_dir: PathBuf,
    lock: Arc<Lock>,
}

/// The restored journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    pub epoch: String,
    pub from_epoch: String,
    /// The last number that it shares with the journal that it was copied from.
    pub through: u64,
    /// What of the journal in place has come over.
    pub carried: Carried,
}

/// Whether a restore was cut off while it exchanged files. The next start goes on with it.
pub fn is_unfinished(data_dir: &Path) -> bool {
    data_dir.join(UNFINISHED).exists()
}

/// Before the journal is opened: ends a restore that was cut off while it exchanged files, and throws away what one has left
/// that was cut off before. Only for who holds the lock.
///
/// # Errors
/// When a restore was cut off and cannot be ended, because its files are gone or the folder cannot be written.
pub(super) fn tidy(data_dir: &Path) -> Result<(), JournalError> {
    let staging = data_dir.join(STAGING);
    if is_unfinished(data_dir) {
        if !staging.is_dir() {
            return Err(JournalError::Unfinished(data_dir.join(UNFINISHED)));
        }
        exchange(data_dir).map_err(|error| file_error(data_dir, error))?;
        tracing::warn!("a restore was cut off, and has now been ended: the restored journal is in place");
    } else if staging.exists() {
        // It holds names. That it stays is no reason to leave the lobby without its daemon.
        match fs::remove_dir_all(&staging) {
            Ok(()) => tracing::warn!("a restore was cut off before it changed anything"),
            Err(error) => {
                tracing::warn!(folder = %staging.display(), %error, "what a restore has left cannot be removed")
            }
        }
    }
    Ok(())
}

impl Restore {
    /// Takes the folder, and makes an empty place for what is to be put into it. A restore that was cut off while it exchanged
    /// files is ended before.
    ///
    /// # Errors
    /// When a daemon is using the folder, or it cannot be written.
    pub fn begin(data_dir: &Path) -> Result<Self, JournalError> {
        let lock = open::lock(data_dir)?;
        let unfinished = data_dir.join(UNFINISHED);
        match tidy(data_dir) {
            // What it was to put in place is gone: this restore brings what takes its place.
            Err(JournalError::Unfinished(_)) => {
                fs::remove_file(&unfinished).map_err(|error| file_error(&unfinished, error))?;
            }
            tidied => tidied?,
        }
        let restore = Restore { data_dir: data_dir.to_owned(), lock };
        let staging = restore.staging();
        // Root may restore; everything belongs to whom the folder belongs, from the first moment, or a daemon could not go on
        // with it.
        let made = || -> io::Result<()> {
            let owner = fs::metadata(data_dir)?;
            give(&data_dir.join(open::LOCK_FILE), &owner)?;
            DirBuilder::new().mode(0o700).create(&staging)?;
            give(&staging, &owner)
        };
        made().map_err(|error| file_error(&staging, error))?;
        Ok(restore)
    }

    /// Where the files go that are to be put in place; the journal is called `journal.db` there too.
    pub fn staging(&self) -> PathBuf {
        self.data_dir.join(STAGING)
    }

    /// Makes the journal in the staging folder a journal of its own: a new epoch, numbers that nobody has on paper, an
    /// event that tells the office what goes on here, and what the journal in place knows of people (`carry`). `since`: what that
    /// knows beyond it, where it could be read. `day`: the site's.
    ///
    /// # Errors
    /// When it is not a journal, or one of a newer version.
    pub fn begin_anew(&self, since: Option<&Since>, stamp: &str, now: Now, day: u32) -> Result<Renewed, JournalError> {
        let path = self.staging().join(JOURNAL_FILE);
        let mut connection = open::open_file(&path)?;
        let found = copy::version(&connection)?;
        schema::refuse_newer(&path, found)?;
        // Where this version reads an older one: what it is a copy of is kept already.
        schema::bring_up(&mut connection, found)?;
        let from_epoch = connection.query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| row.get(0))?;
        let epoch = open::new_epoch(stamp);
        // A mark of its own, which takes its place with it: the one in place is of another journal.
        let mut journal = Journal::new(connection, self.lock.clone(), Mark::open(&path)?, epoch.clone())?;
        let mut renewed = Renewed { epoch, from_epoch, through: journal.newest(), carried: Carried::default() };
        journal.begin()?;
        journal.set_memo("epoch", Some(&renewed.epoch))?;
        // Where that cannot be read, it is in doubt.
        let goes_on = |since: &&Since| since.goes_on_from(&journal.connection, renewed.through).unwrap_or(false);
        let is_later = since.filter(goes_on).is_some();
        if let Some(since) = since {
            journal.go_on_with_numbers(since)?;
        }
        if !is_later {
            journal.skip_numbers(day)?;
        }
        // Service time goes on from the newest record, so it must not be in the past.
        let utc = journal.last_recorded()?.map_or(now.utc, |last| last.max(now.utc));
        let now = Now { utc, ..now };
        journal.forget_older()?;
        journal.tell_renewed(&renewed.from_epoch, renewed.through, since.map(|since| since.events), now)?;
        if let Some(since) = since {
            renewed.carried = journal.carry(&since.journal, is_later, now)?;
        }
        journal.commit()?;
        Ok(renewed)
    }

    /// Puts in place what stands in the staging folder; what is there under these names, and the journal, is set aside.
    /// Says where.
    ///
    /// # Errors
    /// When the folder cannot be written. What has begun then, the next start ends.
    pub fn put_in_place(self, replaced: &[&str], stamp: &str) -> Result<PathBuf, JournalError> {
        let done = self.commit(replaced, stamp).and_then(|()| exchange(&self.data_dir));
        done.map_err(|error| file_error(&self.data_dir, error))?;
        Ok(self.data_dir.join(format!("{ASIDE}{stamp}")))
    }

    /// Up to here nothing has changed; from here on the restored files are those that count. Its last rename parts the two.
    fn commit(&self, replaced: &[&str], stamp: &str) -> io::Result<()> {
        let (staging, owner) = (self.staging(), fs::metadata(&self.data_dir)?);
        DirBuilder::new().mode(0o700).create(staging.join(format!("{ASIDE}{stamp}")))?;
        for entry in fs::read_dir(&staging)? {
            let name = entry?.file_name();
            let mark = with_suffix(Path::new(JOURNAL_FILE), MARK);
            let replaces =
                name == JOURNAL_FILE || name == mark.as_os_str() || replaced.iter().any(|replaced| name == *replaced);
            if !replaces && self.data_dir.join(&name).exists() {
                let taken = format!("{} is there already", name.to_string_lossy());
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, taken));
            }
        }
        let plan = staging.join(UNFINISHED);
        fs::write(&plan, replaced.join("\n"))?;
        for entry in fs::read_dir(&staging)? {
            let path = entry?.path();
            give(&path, &owner)?;
            File::open(path)?.sync_all()?;
        }
        File::open(&staging)?.sync_all()?;
        fs::rename(plan, self.data_dir.join(UNFINISHED))?;
        File::open(&self.data_dir)?.sync_all()
    }
}

/// Sets aside what is replaced and puts in place what is staged, from wherever it was cut off.
fn exchange(data_dir: &Path) -> io::Result<()> {
    let plan = fs::read_to_string(data_dir.join(UNFINISHED))?;
    let replaced: Vec<&str> = plan.lines().collect();
    while move_one(data_dir, &replaced)? {}
    let synced = || File::open(data_dir).and_then(|folder| folder.sync_all());
    synced()?;
    fs::remove_file(data_dir.join(UNFINISHED))?;
    fs::remove_dir(data_dir.join(STAGING))?;
    synced()
}

/// Moves the next file to where it belongs; `false` when none is left. What is next shows itself in the folder, so that it does
/// not matter where the last one was cut off.
fn move_one(data_dir: &Path, replaced: &[&str]) -> io::Result<bool> {
    let staged: Vec<_> =
        fs::read_dir(data_dir.join(STAGING))?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
    let aside = staged.iter().find(|name| name.to_string_lossy().starts_with(ASIDE));
    let Some(name) = aside.or(staged.first()) else { return Ok(false) };
    let from = data_dir.join(STAGING).join(name);
    if aside.is_some() {
        // Its companions last: a look at a journal without them would make new ones, and those would take their place.
        let journal = ["", "-wal", "-shm", MARK].map(|end| with_suffix(Path::new(JOURNAL_FILE), end));
        let mut old = journal.iter().map(PathBuf::as_path).chain(replaced.iter().map(Path::new));
        if let Some(old) = old.find(|old| data_dir.join(old).exists()) {
            return fs::rename(data_dir.join(old), from.join(old)).map(|()| true);
        }
        File::open(&from)?.sync_all()?;
    }
    fs::rename(&from, data_dir.join(name)).map(|()| true)
}

impl Drop for Restore {
    /// What was staged holds names. Once files are being exchanged it stays: it may be all that there is.
    fn drop(&mut self) {
        if !is_unfinished(&self.data_dir) {
            drop(fs::remove_dir_all(self.staging()));
        }
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
    /// Tells the office that this journal goes on under a new epoch. `missing`: events that `from_epoch` numbered above
    /// `through`, where it is known.
    pub(super) fn tell_renewed(
        &mut self,
        from_epoch: &str,
        through: u64,
        missing: Option<u64>,
        now: Now,
    ) -> Result<(), JournalError> {
        // The chain goes on: an office that has noted a head of `from_epoch` sees whether it leads here.
        let head = anchor::head(&self.connection)?.map(|head| head.to_string());
        let facts = [
            ("from_epoch", json!(from_epoch)),
            ("through", json!(through)),
            ("head", json!(head)),
            ("events_missing", json!(missing)),
        ];
        self.tell(&Event::here(Kind::JournalRestored, Slug::from_text("journal"), now, data(facts)), now)?;
        Ok(())
    }

    /// Numbers that were given after this copy was made are not given again.
    fn go_on_with_numbers(&mut self, since: &Since) -> Result<(), JournalError> {
        for (series, day, last) in &since.numbers {
            self.give_up_to(series, *day, *last)?;
        }
        Ok(())
    }

    /// Nor are those of which nobody here knows how many were given.
    pub(super) fn skip_numbers(&mut self, day: u32) -> Result<(), JournalError> {
        for series in Series::ALL {
            let letter = series.letter().to_string();
            let last = "SELECT coalesce(max(last), 0) FROM counter WHERE series = ?1 AND day = ?2";
            let given: u32 = self.connection.prepare_cached(last)?.query_row(params![letter, day], |row| row.get(0))?;
            self.give_up_to(&letter, day, given.saturating_add(NUMBERS_SKIPPED))?;
        }
        Ok(())
    }

    fn give_up_to(&mut self, series: &str, day: u32, last: u32) -> Result<(), JournalError> {
        let set = "INSERT INTO counter (series, day, last) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET last = max(last, excluded.last)";
        self.connection.prepare_cached(set)?.execute(params![series, day, last])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
