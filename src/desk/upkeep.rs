//! The desk's housekeeping: it looks at the room, says who must wait, and deletes what is old, a pass between two batches.

use super::room::{LEVEL, note};
use super::thread::Clerk;
use crate::health::quota::Level;
use crate::journal::{self, JournalError, Pressure, Purged};
use crate::service::number::local_day;
use std::time::Duration;

/// How often old rows are looked for.
const PURGE_EVERY: Duration = Duration::from_secs(3600);
/// After the start: soon, or a gateway that starts again more often than that would never forget anybody, but not while everything comes up.
pub(super) const FIRST_PURGE: Duration = Duration::from_secs(5 * 60);

/// The same while there is not room enough: what the office has just acknowledged makes room for those who wait.
const PURGE_PRESSED: Duration = Duration::from_secs(1);

impl Clerk {
    /// Sees in time that there will be no room: true when retention must work at once.
    pub(super) fn look_at_room(&mut self) -> Result<bool, JournalError> {
        let (was, level) = (self.pressure(), self.lookout.look(&self.journal, &self.settings.data_dir));
        let news = matches!(level, Ok(Some(_)));
        match level {
            Ok(Some(level)) => self.tell_level(level)?,
            Ok(None) => {}
            Err(error) => self.complain(error)?,
        }
        self.look_at_disk();
        Ok((news || self.pressure() != was) && self.pressure() != Pressure::None)
    }

    /// Between two batches, when all have their answers.
    pub(super) fn tidy_wal(&mut self) -> Result<(), JournalError> {
        match self.journal.tidy_wal() {
            Err(error) if error.is_damage() => self.complain(error),
            // The commits of a disk that is full or failing say so themselves.
            Err(error) => {
                tracing::debug!(%error, "the WAL stays as it is for now");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn pressure(&self) -> Pressure {
        self.lookout.pressure(*self.told.nearly_full.borrow())
    }

    /// Says loudly who must wait from now on, or that nobody must any more, and notes it for the command line and the next start.
    fn tell_level(&mut self, level: Level) -> Result<(), JournalError> {
        let room = self.lookout.room();
        let (mib, quota_mib) = (room.size.used() >> 20, room.quota.total >> 20);
        match level {
            Level::Free => tracing::info!(mib, quota_mib, "there is room again: devices are heard as before"),
            Level::Reserve(why) => {
                tracing::error!(
                    mib,
                    quota_mib,
                    ?why,
                    "what devices say waits at the building broker; people are served"
                );
            }
            Level::Full => {
                tracing::error!(mib, quota_mib, "the quota and its reserve are used up: only calls for help are taken")
            }
        }
        self.tell_storage();
        let noted = self.journal.begin().and_then(|()| self.journal.set_memo(LEVEL, Some(&note(level))));
        match noted.and_then(|()| self.journal.commit()) {
            Ok(()) => Ok(()),
            Err(error) => {
                self.journal.roll_back();
                self.complain(error)
            }
        }
    }

    /// Sees in time that the disk will be full: the copies of earlier versions go, for the lobby comes before the way back.
    fn look_at_disk(&mut self) {
        let was = *self.told.nearly_full.borrow();
        let Some(space) = self.lookout.space() else { return };
        let low = space.is_low(was);
        let free_mib = space.free >> 20;
        if low != was {
            self.told.nearly_full.send_replace(low);
            match low {
                true => {
                    tracing::error!(free_mib, "the disk is nearly full: make room; lobbyd check says what takes it")
                }
                false => tracing::info!(free_mib, "there is room on the disk again"),
            }
        }
        if low && (!was || self.spared) {
            self.forget_copies();
        }
        self.spared &= low;
    }

    /// The law comes before room: while anything is held, a copy may be all that is left of it. With the last hold they go after all.
    fn forget_copies(&mut self) {
        let copies = journal::kept(&self.settings.data_dir).len();
        if copies > 0 && self.journal.has_holds().unwrap_or(true) {
            if !self.spared {
                tracing::error!(
                    copies,
                    "the copies from before an upgrade stay, for something is held by law: make room, or put them where they are kept"
                );
            }
            self.spared = true;
            return;
        }
        self.spared = false;
        match journal::forget_all(&self.settings.data_dir) {
            Ok(0) => {}
            Ok(copies) => tracing::warn!(copies, "the copies from before an upgrade were deleted to make room"),
            Err(error) => tracing::error!(%error, "the copies from before an upgrade could not be deleted"),
        }
    }

    /// Deletes a pass of old rows and says when to come again: at once while there is more.
    pub(super) fn purge(&mut self) -> Duration {
        let (now, keep, pressure) = (self.clock.now(), self.settings.keep, self.pressure());
        let next = if pressure == Pressure::None { PURGE_EVERY } else { PURGE_PRESSED };
        match self.journal.purge(&keep, pressure, now) {
            Ok(purged) => {
                self.purged.events += purged.events;
                self.purged.persons += purged.persons;
                self.purged.cases += purged.cases;
                if purged.more {
                    return Duration::ZERO;
                }
                self.end_purge();
                if purged.held { PURGE_PRESSED } else { next }
            }
            Err(error) => {
                tracing::warn!(%error, "old rows could not be deleted");
                next
            }
        }
    }

    /// Everything old is gone from the journal: what lies beside it follows, and the office is told how much it was.
    fn end_purge(&mut self) {
        let (now, days) = (self.clock.now(), self.settings.keep.days);
        let all = std::mem::take(&mut self.purged);
        if all != Purged::default() {
            tracing::info!(events = all.events, persons = all.persons, cases = all.cases, "old rows deleted");
        }
        // What is held may stand in a copy alone: of a damaged journal only what the office lacks has come over.
        let held = self.journal.has_holds().unwrap_or(true);
        let forgotten = if held { Ok(0) } else { journal::forget_old(&self.settings.data_dir, days.copies(), now) };
        let files = forgotten.unwrap_or_else(|error| {
            tracing::warn!(%error, "an old copy of the journal could not be deleted: it holds names");
            0
        });
        let day = local_day(now.utc, self.settings.house.zone);
        if let Err(error) = self.journal.tell_erased(files, now, day) {
            tracing::warn!(%error, "what was erased could not be told");
        }
        self.tell_newest();
    }
}
