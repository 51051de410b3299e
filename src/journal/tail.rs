//! The newest rows, straight from the transaction that has stored them, for the one who sends them on: the relay need not ask
//! the disk for what was written a moment ago. It never holds a row that is not on disk, nothing while nobody follows, and
//! never more than a few rows: whoever falls behind reads the journal.

use super::Row;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Rows at most: two batches of the desk, some 256 KiB.
const MOST: usize = 512;

/// A handle; clones share the rows.
#[derive(Debug, Clone, Default)]
pub struct Tail(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    followed: AtomicBool,
    /// Without a gap between them.
    rows: Mutex<VecDeque<Row>>,
}

/// Somebody follows the journal, until this is dropped.
#[derive(Debug)]
pub struct Following(Tail);

impl Tail {
    /// From now on committed rows are kept for the one who follows.
    pub fn follow(&self) -> Following {
        self.0.followed.store(true, Ordering::SeqCst);
        Following(self.clone())
    }

    pub(super) fn is_followed(&self) -> bool {
        self.0.followed.load(Ordering::SeqCst)
    }

    /// Rows that have just been committed, without a gap. Only the writer says so.
    pub fn push(&self, committed: impl ExactSizeIterator<Item = Row>) {
        let mut rows = self.rows();
        if rows.len() + committed.len() > MOST {
            rows.clear();
        }
        if !self.is_followed() || committed.len() > MOST {
            return;
        }
        for row in committed {
            if rows.back().is_some_and(|last| last.seq + 1 != row.seq) {
                rows.clear();
            }
            rows.push_back(row);
        }
    }

    fn rows(&self) -> MutexGuard<'_, VecDeque<Row>> {
        self.0.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Following {
    /// What has come since the last time, in order and without a gap. What came before may have been let go: then the first
    /// number tells.
    pub fn take(&self) -> VecDeque<Row> {
        std::mem::take(&mut *self.0.rows())
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.0.0.followed.store(false, Ordering::SeqCst);
        // Names and phone numbers stand in it.
        self.0.rows().clear();
    }
}

#[cfg(test)]
mod tests {
    use crate::event::{Event, Kind, Now, Slug, data};
    use crate::journal::{Journal, Reader};
    use chrono::DateTime;
    use serde_json::json;

    fn now() -> Now {
        // With nanoseconds, as a real clock has them: the journal keeps milliseconds.
        Now { utc: DateTime::from_timestamp(1_795_000_000, 123_456_789).unwrap(), synced: true }
    }

    fn append(journal: &mut Journal, events: usize) {
        for n in 0..events {
            let facts = data([("n", json!(n)), ("text", json!("说\"x\""))]);
            let event = Event::here(Kind::HelpRequested, Slug::from_text("lobby"), now(), facts);
            let event = if n % 2 == 0 { event.about(data([("name", json!("测试"))])) } else { event };
            journal.append(&event, now()).unwrap();
        }
    }

    #[test]
    fn what_is_handed_on_is_what_a_reader_would_find() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), "20261122T000000Z").unwrap().journal;
        let following = journal.tail().follow();
        journal.begin().unwrap();
        append(&mut journal, 5);
        assert!(following.take().is_empty(), "nothing before it is on disk");
        journal.commit().unwrap();
        let read = Reader::open(folder.path()).unwrap().all_after(0, 10).unwrap();
        assert_eq!(format!("{:?}", Vec::from(following.take())), format!("{read:?}"));
        assert!(following.take().is_empty());
    }

    #[test]
    fn what_is_rolled_back_or_not_followed_is_never_handed_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), "20261122T000000Z").unwrap().journal;
        let mut store = |events, keep: bool| {
            journal.begin().unwrap();
            append(&mut journal, events);
            if keep {
                journal.commit().unwrap()
            } else {
                journal.roll_back()
            }
            journal.tail()
        };
        let following = store(1, true).follow();
        store(2, false);
        store(3, true);
        let numbers =
            |rows: std::collections::VecDeque<_>| rows.iter().map(|row: &super::Row| row.seq).collect::<Vec<_>>();
        assert_eq!(numbers(following.take()), [2, 3, 4]);
        // Nobody takes them: the old ones are let go, and what is there has no gap.
        store(400, true);
        store(300, true);
        assert_eq!(numbers(following.take()), (405..=704).collect::<Vec<_>>());
        drop(following);
        store(1, true);
        assert_eq!(numbers(store(0, true).follow().take()), [0; 0]);
    }
}
