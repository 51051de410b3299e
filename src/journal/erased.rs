//! How many people were erased: counted in the transaction that erases them, told to the office once a day, so that it sees that
//! retention works. Numbers only.

use super::{Journal, JournalError, Reader};
use crate::event::{Event, Kind, Now, Slug, data};
use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::ops::AddAssign;

const BOOK: &str = "erased";

/// What was erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Events that have lost their person.
    pub persons: u64,
    /// Cases that have.
    pub cases: u64,
    /// Files and folders beside the journal that held people ([`forget_old`](super::forget_old)).
    pub files: u64,
}

impl AddAssign for Erased {
    fn add_assign(&mut self, more: Erased) {
        self.persons += more.persons;
        self.cases += more.cases;
        self.files += more.files;
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Book {
    /// Since there is a journal.
    total: Erased,
    untold: Erased,
    /// The local day on which the office was told last: 20261122.
    told: u32,
}

impl Journal {
    /// Counts what the open transaction erases.
    pub(super) fn count_erased(&mut self, more: Erased) -> Result<(), JournalError> {
        let mut book = self.book()?;
        book.total += more;
        book.untold += more;
        self.set_book(&book)
    }

    /// The same for what somebody has asked for, which is told at once.
    pub(super) fn count_asked(&mut self, more: Erased) -> Result<(), JournalError> {
        let mut book = self.book()?;
        book.total += more;
        self.set_book(&book)
    }

    /// Counts files that are gone, and tells the office what was erased since it heard of it, at most once a day. In a transaction
    /// of its own. `day`: the site's.
    ///
    /// # Errors
    /// The disk's; then nothing is told, and the next call tells it.
    pub fn tell_erased(&mut self, files: u64, now: Now, day: u32) -> Result<(), JournalError> {
        let mut book = self.book()?;
        book.total += Erased { files, ..Erased::default() };
        book.untold += Erased { files, ..Erased::default() };
        let tells = book.untold != Erased::default() && book.told != day;
        if files == 0 && !tells {
            return Ok(());
        }
        self.begin()?;
        let written = if tells { self.write_erased(book, now, day) } else { self.set_book(&book) };
        match written {
            Ok(()) => self.commit(),
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }

    fn write_erased(&mut self, mut book: Book, now: Now, day: u32) -> Result<(), JournalError> {
        let Erased { persons, cases, files } = std::mem::take(&mut book.untold);
        book.told = day;
        let facts =
            [("why", json!("age")), ("persons", json!(persons)), ("cases", json!(cases)), ("files", json!(files))];
        self.tell(&Event::here(Kind::PersonErased, Slug::from_text("journal"), now, data(facts)), now)?;
        self.set_book(&book)
    }

    fn book(&self) -> Result<Book, JournalError> {
        Ok(read(self.memo(BOOK)?))
    }

    fn set_book(&mut self, book: &Book) -> Result<(), JournalError> {
        self.set_memo(BOOK, Some(&serde_json::to_string(book).expect("it is plain data")))
    }
}

fn read(memo: Option<String>) -> Book {
    memo.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

impl Reader {
    /// What was erased since there is a journal.
    ///
    /// # Errors
    /// The disk's.
    pub fn erased(&self) -> Result<Erased, JournalError> {
        Ok(read(self.memo(BOOK)?).total)
    }

    /// When the oldest event was recorded that still has its person: whether retention keeps up.
    ///
    /// # Errors
    /// The disk's.
    pub fn oldest_person(&self) -> Result<Option<DateTime<Utc>>, JournalError> {
        let mut query = self
            .connection()
            .prepare_cached("SELECT e.recorded FROM person p JOIN event e ON e.seq = p.seq ORDER BY p.seq LIMIT 1")?;
        let recorded: Option<i64> = query.query_row([], |row| row.get(0)).optional()?;
        Ok(recorded.and_then(DateTime::from_timestamp_millis))
    }
}
