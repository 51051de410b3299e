//! A journal that is older than what it has promised: its mark knows a later number. A card has called synced what it had not
//! written, or somebody has put an old file in place. It goes on as after a restore, under a new epoch, so that no number means two
//! events. Never said after a power cut on a disk that keeps its word: there the mark is never ahead.

use super::mark::Promise;
use super::open::new_epoch;
use super::{Journal, JournalError, Reader};
use crate::event::Now;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

/// What was found, for `lobbyd check`.
const FOUND: &str = "older";
/// There until the desk has told the office.
const UNTOLD: &str = "older-untold";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Older {
    pub from_epoch: String,
    /// The last number that it still has.
    pub through: u64,
    /// Events above it that had been stored; `None` where that is not known.
    pub missing: Option<u64>,
    /// The gateway's time when it was found, as `20261121T194200Z`, however wrong.
    pub stamp: String,
}

impl Older {
    /// `stored`: the epoch that the journal names; none where not even that is left of it.
    fn find(promise: &Promise, stored: Option<&str>, newest: u64, stamp: &str) -> Option<Self> {
        let missing = promise.seq.saturating_sub(newest);
        let (from_epoch, missing) = match stored {
            Some(epoch) if epoch != promise.epoch => (epoch, None),
            _ if missing == 0 => return None,
            _ => (promise.epoch.as_str(), Some(missing)),
        };
        Some(Older { from_epoch: from_epoch.to_owned(), through: newest, missing, stamp: stamp.to_owned() })
    }

    /// What was found at this start or an earlier one, and not mended by a restore since.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn noted(reader: &Reader) -> Result<Option<Self>, JournalError> {
        Ok(reader.memo(FOUND)?.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

/// The epoch under which the journal goes on: its own, or a new one where it has none or is older than its promise.
pub(super) fn epoch(
    connection: &mut Connection,
    promise: Option<&Promise>,
    stamp: &str,
) -> Result<String, JournalError> {
    let memo = |key| connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional();
    let (stored, untold): (Option<String>, Option<String>) = (memo("epoch")?, memo(UNTOLD)?);
    let newest = connection.query_row("SELECT coalesce(max(seq), 0) FROM event", [], |row| row.get(0))?;
    // A start that was cut off has found it already, and nothing has gone out under the new epoch: its mark may be the old one.
    let promise = promise.filter(|_| untold.is_none());
    let older = promise.and_then(|promise| Older::find(promise, stored.as_deref(), newest, stamp));
    if let (Some(epoch), None) = (stored, &older) {
        return Ok(epoch);
    }
    let epoch = new_epoch(stamp);
    let transaction = connection.transaction()?;
    let set = |key, value: &str| {
        transaction.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", [key, value]).map(drop)
    };
    set("epoch", &epoch)?;
    if let Some(older) = &older {
        set(FOUND, &serde_json::to_string(older).expect("it is plain data"))?;
        set(UNTOLD, "1")?;
    }
    transaction.commit()?;
    Ok(epoch)
}

impl Journal {
    /// What was found and not told yet.
    pub(super) fn untold(&self) -> Result<Option<Older>, JournalError> {
        let (untold, found) = (self.memo(UNTOLD)?, self.memo(FOUND)?);
        Ok(untold.and(found).and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Tells the office what goes on here, and gives no number of today again that people may have on paper. `day`: the site's.
    ///
    /// # Errors
    /// The disk's; then nothing is told, and the next start tells it.
    pub fn tell_older(&mut self, older: &Older, now: Now, day: u32) -> Result<(), JournalError> {
        self.begin()?;
        let told = self.tell_renewed(&older.from_epoch, older.through, older.missing, now);
        match told.and_then(|()| self.skip_numbers(day)).and_then(|()| self.set_memo(UNTOLD, None)) {
            Ok(()) => self.commit(),
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }

    /// After a restore all of it is past.
    pub(super) fn forget_older(&mut self) -> Result<(), JournalError> {
        self.set_memo(UNTOLD, None)?;
        self.set_memo(FOUND, None)
    }
}

#[cfg(test)]
mod tests {
    use super::super::open::with_suffix;
    use super::super::{Found, JOURNAL_FILE, Opened};
    use super::*;
    use crate::event::{Data, Event, Kind, Slug};
    use crate::service::number::Series;
    use chrono::DateTime;
    use std::fs;
    use std::path::Path;

    const DAY: u32 = 20_261_122;
    /// What a card may lose, and the companion that goes with any of it.
    const FILES: [&str; 3] = ["", "-wal", "-shm"];

    fn now() -> Now {
        Now { utc: DateTime::from_timestamp(1_795_000_000, 0).unwrap(), synced: true }
    }

    fn open(folder: &Path) -> Opened {
        Journal::open(folder, "20261122T000000Z").unwrap()
    }

    fn store(journal: &mut Journal, events: usize) {
        for _ in 0..events {
            journal.begin().unwrap();
            let event = Event::here(Kind::AccessGranted, Slug::from_text("lobby"), now(), Data::new());
            journal.append(&event, now()).unwrap();
            journal.commit().unwrap();
        }
    }

    fn keep(folder: &Path) -> Vec<Option<Vec<u8>>> {
        let file = |end| fs::read(with_suffix(&folder.join(JOURNAL_FILE), end)).ok();
        FILES.iter().map(|end| file(end).filter(|_| *end != "-shm")).collect()
    }

    /// The card has these only. The mark is as it was written last.
    fn fall_back(folder: &Path, files: &[Option<Vec<u8>>]) {
        for (end, kept) in FILES.iter().zip(files) {
            let path = with_suffix(&folder.join(JOURNAL_FILE), end);
            match kept {
                Some(bytes) => fs::write(path, bytes).unwrap(),
                None => drop(fs::remove_file(path)),
            }
        }
    }

    #[test]
    fn one_that_ends_before_its_mark_goes_on_under_a_new_epoch_and_tells_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = open(folder.path()).journal;
        let from_epoch = first.epoch().to_owned();
        store(&mut first, 3);
        let kept = keep(folder.path());
        store(&mut first, 2);
        drop(first);
        fall_back(folder.path(), &kept);

        let opened = open(folder.path());
        let Found::Older(older) = &opened.found else { panic!("{:?}", opened.found) };
        assert_eq!((&older.from_epoch, older.through, older.missing), (&from_epoch, 3, Some(2)));
        let epoch = opened.journal.epoch().to_owned();
        assert_ne!(epoch, from_epoch);
        // Cut off before it was told, and before its mark was there.
        drop(opened);
        let mark = with_suffix(&folder.path().join(JOURNAL_FILE), super::super::mark::MARK);
        fs::write(mark, format!("{from_epoch} {:020}\n", 5).repeat(2)).unwrap();
        let mut opened = open(folder.path());
        assert!(matches!(&opened.found, Found::Older(again) if again.from_epoch == from_epoch), "{:?}", opened.found);
        let Found::Older(older) = opened.found.clone() else { unreachable!() };
        opened.journal.tell_older(&older, now(), DAY).unwrap();
        opened.journal.begin().unwrap();
        assert_eq!(opened.journal.next_number(Series::Visit, DAY).unwrap().nth, 501, "slips given since are not known");
        opened.journal.commit().unwrap();
        drop(opened);

        let opened = open(folder.path());
        assert_eq!((opened.journal.epoch(), opened.found), (epoch.as_str(), Found::Existing));
        let reader = Reader::open(folder.path()).unwrap();
        let rows = reader.all_after(3, 10).unwrap();
        assert_eq!((rows.len(), rows[0].seq, rows[0].kind), (1, 4, Kind::JournalRestored));
        let facts: serde_json::Value = serde_json::from_str(rows[0].data.get()).unwrap();
        assert_eq!((&facts["from_epoch"], &facts["through"]), (&from_epoch.into(), &3.into()));
        assert_eq!(Older::noted(&reader).unwrap().unwrap().missing, Some(2), "check knows it still");
    }

    #[test]
    fn one_that_has_lost_even_its_name_or_its_last_epoch_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = open(folder.path()).journal;
        let from_epoch = first.epoch().to_owned();
        store(&mut first, 3);
        let kept = keep(folder.path());
        drop(first);
        fall_back(folder.path(), &[None, None, None]);
        let mut opened = open(folder.path());
        let Found::Older(older) = opened.found else { panic!("{:?}", opened.found) };
        assert_eq!((&older.from_epoch, older.through, older.missing), (&from_epoch, 0, Some(3)));
        opened.journal.tell_older(&older, now(), DAY).unwrap();
        let second = opened.journal.epoch().to_owned();
        drop(opened.journal);
        // Back to a time before the new epoch: what that one has numbered above is not known.
        fall_back(folder.path(), &kept);
        let opened = open(folder.path());
        let Found::Older(older) = opened.found else { panic!("{:?}", opened.found) };
        assert_eq!((older.from_epoch, older.through, older.missing), (from_epoch.clone(), 3, None));
        assert!(![&from_epoch, &second].contains(&&opened.journal.epoch().to_owned()));
    }

    #[test]
    fn what_a_power_cut_leaves_on_an_honest_disk_is_no_older_journal() {
        let folder = tempfile::tempdir().unwrap();
        let mark = with_suffix(&folder.path().join(JOURNAL_FILE), super::super::mark::MARK);
        let mut journal = open(folder.path()).journal;
        let epoch = journal.epoch().to_owned();
        let mut marks = vec![fs::read(&mark).unwrap(), Vec::new(), vec![0; 94], b"rubbish".to_vec()];
        for _ in 0..3 {
            store(&mut journal, 1);
            marks.push(fs::read(&mark).unwrap());
        }
        drop(journal);
        for found in marks {
            fs::write(&mark, found).unwrap();
            let opened = open(folder.path());
            assert_eq!((opened.journal.epoch(), opened.found), (epoch.as_str(), Found::Existing));
        }
        fs::remove_file(&mark).unwrap();
        assert_eq!(open(folder.path()).found, Found::Existing, "as after an upgrade from a version without it");
    }

    #[test]
    fn a_first_start_that_was_cut_off_before_any_event_promised_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()));
        fall_back(folder.path(), &[None, None, None]);
        assert_eq!(open(folder.path()).found, Found::New);
    }
}
