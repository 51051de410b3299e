//! A damaged journal, read as far as it goes. Whatever a bad page hides is left out, and everything else is found: rows go by
//! their numbers and not by an index. It only reads.

use super::aside::Note;
use super::chain::{Content, Head};
use super::keep::{self, STORED_CURSOR, UNDER_WAY};
use super::persons::{PERSONS_ERASED_THROUGH, VISITORS_ERASED_THROUGH};
use super::reader::cursor;
use super::{JournalError, Lane, VERSION, anchor, copy};
use crate::sqlite;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, StatementStatus};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;

/// Most rows of one of the small tables: sums of a house are some hundred a day, the newest first. A damaged page that leads back to itself has no end.
const MAX_ROWS: usize = 200_000;
/// Steps of SQLite's machine for one statement, a hundred for each row of a full journal (512 MiB): what takes more reads in circles.
const MAX_STEPS: i32 = 200_000_000;
/// Numbers at either end that are looked at before it is said where the journal begins and ends: a page or two.
const ENDS: usize = 100;
/// So many numbers in a row are missing nowhere near the end: what stands behind them has the number of a damaged cell.
const MAX_GAP: u64 = 1_000_000;
/// Most numbers in a row that are looked for one by one, where it cannot be read which is the next.
const MAX_BLIND: u64 = 1_000_000;
/// What each journal remembers of itself alone: row numbers begin anew, and whoever stands before a mark of the old ones would never be
/// erased.
const OWN: [&str; 7] =
    ["epoch", keep::THINNED, "older", "older-untold", "brought-over", VISITORS_ERASED_THROUGH, PERSONS_ERASED_THROUGH];

pub(super) struct Old {
    connection: Connection,
    pub name: String,
    pub epoch: Option<String>,
    pub head: Option<Head>,
    /// Up to this number the office has everything.
    pub sent: u64,
    /// From here on all rows come over: those that the office lacks, and those by which a repeat of what is under way is known.
    first: u64,
    newest: u64,
    cases: Vec<Case>,
}

/// An open case.
struct Case {
    /// From `series` to `wake`.
    row: Vec<Value>,
    /// The numbers of its events, as the file has them.
    seqs: Vec<u64>,
}

/// An event as it is stored, whatever it says.
pub(super) struct Stored {
    pub id: Vec<u8>,
    pub kind: String,
    subject: String,
    urgent: i64,
    time: i64,
    quality: String,
    recorded: i64,
    data: String,
    fingerprint: Option<Vec<u8>>,
    pub person: Option<String>,
    /// What it says of people cannot be read.
    pub is_nameless: bool,
}

impl Stored {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Stored {
            id: row.get(0)?,
            kind: row.get(1)?,
            subject: row.get(2)?,
            urgent: row.get(3)?,
            time: row.get(4)?,
            quality: row.get(5)?,
            recorded: row.get(6)?,
            data: row.get(7)?,
            fingerprint: row.get(8)?,
            person: None,
            is_nameless: false,
        })
    }

    /// What it says, under a number of another journal.
    pub fn content(&self, seq: u64) -> Content<'_> {
        Content {
            seq,
            id: &self.id,
            kind: self.kind.as_bytes(),
            subject: self.subject.as_bytes(),
            urgent: self.urgent,
            time: self.time,
            quality: self.quality.as_bytes(),
            recorded: self.recorded,
            data: self.data.as_bytes(),
            fingerprint: self.fingerprint.as_deref(),
            person: None,
        }
    }
}

pub(super) struct OpenCase {
    /// From `series` to `wake`.
    pub row: Vec<Value>,
    /// The ids of its events, oldest first.
    pub history: Vec<Value>,
}

impl Old {
    pub fn open(path: &Path, note: &Note) -> Result<Self, JournalError> {
        let mut connection = sqlite::read_only(path)?;
        connection.progress_handler(MAX_STEPS, Some(|| true))?;
        let newest = newest(&connection).max(note.promise.as_ref().map_or(0, |promise| promise.seq));
        let sent = keep::sent(&connection, newest).unwrap_or_else(|_| surely_sent(&connection));
        let sent = sent.min(newest);
        let first = (sent + 1).min((newest + 1).saturating_sub(UNDER_WAY)).max(oldest(&connection, newest));
        let epoch = connection.query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| row.get(0)).ok();
        let head = anchor::head(&connection).ok().flatten();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let cases = open_cases(&connection);
        Ok(Old { connection, name, epoch, head, sent, first, newest, cases })
    }

    /// The numbers of what is to come over, in order: of the rows before the first that comes over anyway, those of open cases. Each alone, and
    /// those in a row that nobody has, together.
    pub fn numbers(&self) -> impl Iterator<Item = RangeInclusive<u64>> {
        let histories: BTreeSet<u64> = self.cases.iter().flat_map(|case| &case.seqs).copied().collect();
        let histories = histories.into_iter().take_while(|seq| *seq < self.first).map(|seq| seq..=seq);
        histories.chain(steps(&self.connection, NEXT_EVENT, self.first, self.newest))
    }

    pub fn row(&self, seq: u64) -> rusqlite::Result<Option<Stored>> {
        let mut query = self.connection.prepare_cached(
            "SELECT id, kind, subject, urgent, time, quality, recorded, data, fingerprint
             FROM event NOT INDEXED WHERE seq = ?1",
        )?;
        // Its steps are counted over all its runs.
        query.reset_status(StatementStatus::VmStep);
        let Some(mut stored) = query.query_row([seq], Stored::read).optional()? else { return Ok(None) };
        let mut query = self.connection.prepare_cached("SELECT data FROM person WHERE seq = ?1")?;
        let person = query.query_row([seq], |row| row.get(0)).optional();
        stored.is_nameless = person.is_err();
        stored.person = person.unwrap_or_default();
        Ok(Some(stored))
    }

    /// Takes each row of one of the small tables, all its columns, where it can be read. Whether all of them were there, and were taken; `None` where
    /// nothing is known of them: the tables of a journal of another version have other columns. `order`: what comes first, if not all is read.
    pub fn each_row(
        &self,
        table: &str,
        order: &str,
        mut take: impl FnMut(Vec<Value>) -> Result<bool, JournalError>,
    ) -> Result<Option<bool>, JournalError> {
        let query = self.connection.prepare(&format!("SELECT * FROM {table} {order}"));
        let Some(mut query) = query.ok().filter(|_| is_of_this_version(&self.connection)) else { return Ok(None) };
        let columns = query.column_count();
        let Ok(mut rows) = query.query([]) else { return Ok(None) };
        let mut is_whole = true;
        for _ in 0..MAX_ROWS {
            match rows.next() {
                Ok(Some(row)) => match (0..columns).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>() {
                    Ok(row) => is_whole &= is_own(table, &row) || take(row)?,
                    Err(_) => is_whole = false,
                },
                Ok(None) => return Ok(Some(is_whole)),
                Err(_) => break,
            }
        }
        Ok(Some(false))
    }

    /// Whether it cannot be said that such a table is empty or was never there.
    pub fn may_have_rows(&self, table: &str) -> bool {
        let known = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        let has_rows = || -> rusqlite::Result<bool> {
            Ok(self.connection.prepare(known)?.exists([table])?
                && self.connection.prepare(&format!("SELECT 1 FROM {table}"))?.exists([])?)
        };
        has_rows().unwrap_or(true)
    }

    pub fn open_cases(&self) -> impl Iterator<Item = OpenCase> {
        let id = |seq: &u64| self.row(*seq).ok().flatten().map(|row| Value::Blob(row.id));
        self.cases
            .iter()
            .map(move |case| OpenCase { row: case.row.clone(), history: case.seqs.iter().filter_map(id).collect() })
    }
}

fn is_own(table: &str, row: &[Value]) -> bool {
    table == "meta" && matches!(&row[0], Value::Text(key) if OWN.iter().chain(&anchor::OWN).any(|own| own == key))
}

const NEXT_EVENT: &str = "SELECT seq FROM event NOT INDEXED WHERE seq >= ?1 ORDER BY seq LIMIT 1";
const NEXT_CASE: &str = "SELECT rowid FROM casefile NOT INDEXED WHERE rowid >= ?1 ORDER BY rowid LIMIT 1";

/// From `first` through `last`: each number that is there, or that may be where it cannot be read which is the next, alone; and those between
/// together.
fn steps(
    connection: &Connection,
    next: &'static str,
    first: u64,
    last: u64,
) -> impl Iterator<Item = RangeInclusive<u64>> {
    let (mut at, mut blind) = (first, 0);
    std::iter::from_fn(move || {
        let from = at;
        if from > last {
            return None;
        }
        let there = connection.prepare_cached(next).and_then(|mut query| {
            query.reset_status(StatementStatus::VmStep);
            query.query_row([from], |row| row.get::<_, u64>(0)).optional()
        });
        let through = match there {
            Ok(Some(seq)) if seq >= from => seq.saturating_sub(1).clamp(from, last),
            Ok(None) => last,
            // Also where a damaged page has a number that was passed.
            Ok(Some(_)) | Err(_) if blind < MAX_BLIND => {
                blind += 1;
                from
            }
            Ok(Some(_)) | Err(_) => last,
        };
        at = through.saturating_add(1);
        Some(from..=through)
    })
}

/// The last number, of the last in the table. The cell of one row may be damaged alone, and has any number then.
fn newest(connection: &Connection) -> u64 {
    let mut last = ends(connection, "DESC");
    last.sort_unstable_by(|one, other| other.cmp(one));
    let gap = |pair: &[u64]| pair[0] - pair[1] > MAX_GAP;
    while last.len() > 1 && gap(&last[..2]) {
        last.remove(0);
    }
    last.first().copied().unwrap_or(0)
}

/// And the first, by which no number is passed over.
fn oldest(connection: &Connection, newest: u64) -> u64 {
    ends(connection, "ASC").into_iter().filter(|seq| *seq <= newest).min().unwrap_or(1)
}

fn ends(connection: &Connection, order: &str) -> Vec<u64> {
    let query = connection.prepare(&format!("SELECT seq FROM event NOT INDEXED ORDER BY seq {order}"));
    let Ok(mut query) = query else { return Vec::new() };
    let Ok(seqs) = query.query_map([], |row| row.get(0)) else { return Vec::new() };
    seqs.map_while(Result::ok).take(ENDS).collect()
}

/// Each by its own number, as events are; none of a journal of another version.
fn open_cases(connection: &Connection) -> Vec<Case> {
    if !is_of_this_version(connection) {
        return Vec::new();
    }
    let last = connection.query_row("SELECT max(rowid) FROM casefile NOT INDEXED", [], |row| row.get(0));
    let last: u64 = last.ok().flatten().unwrap_or(0);
    let rows = steps(connection, NEXT_CASE, 1, last).filter(|rows| rows.start() == rows.end());
    rows.filter_map(|row| open_case(connection, *row.start()).ok().flatten()).collect()
}

fn open_case(connection: &Connection, nth: u64) -> rusqlite::Result<Option<Case>> {
    let mut query = connection.prepare_cached(
        "SELECT series, day, nth, matter, state, data, person, unit, key, phone_tail, wake
         FROM casefile NOT INDEXED WHERE rowid = ?1 AND closed IS NULL",
    )?;
    let row: Option<Vec<Value>> =
        query.query_row([nth], |row| (0..11).map(|column| row.get(column)).collect()).optional()?;
    let Some(row) = row else { return Ok(None) };
    let seqs = history(connection, &row).unwrap_or_default();
    Ok(Some(Case { row, seqs }))
}

fn history(connection: &Connection, case: &[Value]) -> rusqlite::Result<Vec<u64>> {
    let mut query = connection
        .prepare_cached("SELECT seq FROM case_event WHERE series = ?1 AND day = ?2 AND nth = ?3 ORDER BY seq")?;
    let seqs = query.query_map([&case[0], &case[1], &case[2]], |row| row.get(0))?;
    // A damaged page may lead back to itself: the same numbers came again and again, until there was no memory.
    let mut last = 0;
    let seqs = seqs.map_while(Result::ok);
    Ok(seqs.take_while(|seq: &u64| std::mem::replace(&mut last, *seq) < *seq).collect())
}

fn is_of_this_version(connection: &Connection) -> bool {
    copy::version(connection).is_ok_and(|version| version == VERSION)
}

/// Where the rows that wait cannot be found: what each cursor that can be read vouches for.
fn surely_sent(connection: &Connection) -> u64 {
    let of = |name| cursor(connection, name).unwrap_or(0);
    let both = Lane::ALL.into_iter().map(|lane| of(lane.cursor())).min().unwrap_or(0);
    match cursor(connection, STORED_CURSOR) {
        Ok(0) => both,
        Ok(stored) => both.min(stored),
        Err(_) => 0,
    }
}
