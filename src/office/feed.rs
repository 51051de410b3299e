//! Reads the journal for the relay, on a thread of its own, because SQLite blocks. It only reads.

use super::lane::READ;
use crate::journal::{DoorState, JournalError, Lane, Reader, Row};
use std::sync::mpsc;
use tokio::sync::mpsc as async_mpsc;

/// A question to the feed. At most one for each lane and one for the states are under way.
#[derive(Debug)]
pub enum Ask {
    Rows {
        lane: Lane,
        generation: u32,
        after: u64,
        /// The newest number on disk when this was asked.
        newest: u64,
    },
    States,
}

#[derive(Debug)]
pub enum Fed {
    Rows {
        lane: Lane,
        generation: u32,
        rows: Vec<Row>,
        /// Every row of the lane through this number is in `rows` or before them.
        scanned: u64,
        /// The row after them cannot be read, and why.
        broken: Option<(u64, String)>,
    },
    States(Vec<DoorState>),
    /// The journal could not be read: which lane was asked for, and what SQLite said. Ask again later.
    Fault(Option<Lane>, String),
}

pub struct Feed {
    ask: mpsc::Sender<Ask>,
    fed: async_mpsc::UnboundedReceiver<Fed>,
}

impl Feed {
    /// Starts the thread. It ends when the feed is dropped.
    pub fn start(reader: Reader) -> std::io::Result<Self> {
        let (ask, asked) = mpsc::channel();
        // Unbounded, but never more than the questions under way.
        let (answer, fed) = async_mpsc::unbounded_channel();
        std::thread::Builder::new().name("relay-feed".into()).spawn(move || {
            while let Ok(question) = asked.recv() {
                if answer.send(reply(&reader, question)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Feed { ask, fed })
    }

    pub fn ask(&self, question: Ask) {
        // An error means that the thread has ended; `next` then never answers and the relay stands still, as it must.
        drop(self.ask.send(question));
    }

    pub async fn next(&mut self) -> Option<Fed> {
        self.fed.recv().await
    }
}

fn reply(reader: &Reader, question: Ask) -> Fed {
    match question {
        Ask::States => reader.states().map_or_else(|error| Fed::Fault(None, error.to_string()), Fed::States),
        Ask::Rows { lane, generation, after, newest } => match batch(reader, lane, after, newest) {
            Err(error) => Fed::Fault(Some(lane), error.to_string()),
            Ok(Batch { rows, scanned, broken }) => Fed::Rows { lane, generation, rows, scanned, broken },
        },
    }
}

struct Batch {
    rows: Vec<Row>,
    scanned: u64,
    broken: Option<(u64, String)>,
}

/// Up to [`READ`] rows, or those before one that cannot be read: a row that a newer version wrote, or that stands on a damaged
/// page, must not stop the line.
fn batch(reader: &Reader, lane: Lane, after: u64, newest: u64) -> Result<Batch, JournalError> {
    let read = match reader.after(lane, after, READ) {
        Err(JournalError::Unreadable { .. }) => one_by_one(reader, lane, after),
        rows => rows.map(|rows| (rows, None)),
    };
    let (rows, broken) = match read {
        Ok(read) => read,
        Err(error) if error.is_damage() => return Ok(around_damage(reader, lane, after, newest)),
        Err(error) => return Err(error),
    };
    let last = rows.last().map_or(after, |row| row.seq);
    let whole = rows.len() < READ && broken.is_none();
    let scanned = broken.as_ref().map_or(if whole { newest.max(last) } else { last }, |(seq, _)| *seq);
    Ok(Batch { rows, scanned, broken })
}

/// Each row by its number, as far as one that cannot be read. Of which lane that one was is unknown; it is laid aside in both.
fn around_damage(reader: &Reader, lane: Lane, after: u64, newest: u64) -> Batch {
    let mut batch = Batch { rows: Vec::new(), scanned: after, broken: None };
    for seq in (after + 1..=newest).take(READ) {
        batch.scanned = seq;
        match reader.at(lane, seq) {
            Ok(row) => batch.rows.extend(row),
            Err(error) => {
                batch.broken = Some((seq, error.to_string()));
                break;
            }
        }
    }
    batch
}

type OneByOne = (Vec<Row>, Option<(u64, String)>);

fn one_by_one(reader: &Reader, lane: Lane, mut after: u64) -> Result<OneByOne, JournalError> {
    let mut rows = Vec::new();
    while rows.len() < READ {
        match reader.after(lane, after, 1) {
            Ok(mut one) => match one.pop() {
                Some(row) => {
                    after = row.seq;
                    rows.push(row);
                }
                None => return Ok((rows, None)),
            },
            Err(JournalError::Unreadable { seq, what }) => return Ok((rows, Some((seq, what)))),
            Err(error) => return Err(error),
        }
    }
    Ok((rows, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Kind, Now, Slug, data};
    use crate::journal::{JOURNAL_FILE, Journal};
    use serde_json::json;
    use std::collections::BTreeSet;
    use std::fs;

    /// SQLite's, bytes.
    const PAGE: usize = 4_096;
    const ROWS: u64 = 2_000;
    const LONG: u64 = 500;

    /// Every seventh event is urgent.
    fn is_urgent(seq: u64) -> bool {
        seq.is_multiple_of(7)
    }

    fn fill(folder: &std::path::Path) {
        let now = Now { utc: chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap(), synced: true };
        let mut journal = Journal::open(folder, "20261122T000000Z").unwrap().journal;
        journal.begin().unwrap();
        for seq in 1..=ROWS {
            let kind = if is_urgent(seq) { Kind::HelpRequested } else { Kind::AccessGranted };
            // One is so long that most of it stands on pages of its own.
            let length = if seq == LONG { 9_000 } else { 100 };
            let text = format!("event-{seq:05}-{}-end-of-{seq:05}", "x".repeat(length));
            let event = Event::here(kind, Slug::from_text("lobby"), now, data([("text", json!(text))]));
            journal.append(&event, now).unwrap();
        }
        journal.commit().unwrap();
    }

    /// Makes rubbish of the page on which this stands, and says which events stood on it.
    fn spoil(folder: &std::path::Path, text: &str) -> BTreeSet<u64> {
        let path = folder.join(JOURNAL_FILE);
        let mut bytes = fs::read(&path).unwrap();
        let place = bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
        let page = &mut bytes[place / PAGE * PAGE..][..PAGE];
        let number = |window: &[u8]| std::str::from_utf8(window.strip_prefix(b"event-")?).ok()?.parse().ok();
        let gone = page.windows(11).filter_map(number).collect();
        page.fill(0xA5);
        fs::write(path, bytes).unwrap();
        gone
    }

    /// Gives an event another number where its row stands, and leaves everything else as it is.
    fn renumber(folder: &std::path::Path, seq: u16, other: u16) {
        let path = folder.join(JOURNAL_FILE);
        let mut bytes = fs::read(&path).unwrap();
        let text = format!("event-{seq:05}");
        let place = bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
        // SQLite's variable length: seven bits a byte, the upper first.
        let written = |seq: u16| [0x80 | (seq >> 7) as u8, (seq & 0x7F) as u8];
        let before = bytes[..place].windows(2).rposition(|window| window == written(seq)).unwrap();
        assert!(place - before < 200);
        bytes[before..before + 2].copy_from_slice(&written(other));
        fs::write(path, bytes).unwrap();
    }

    /// Found by trying: the line would have gone back to the lower number again and again.
    #[test]
    fn events_that_are_out_of_their_order_do_not_send_the_line_in_circles() {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path());
        renumber(folder.path(), 1_000, 200);
        let reader = Reader::open(folder.path()).unwrap();
        for lane in Lane::ALL {
            let (mut after, mut sent) = (0, Vec::new());
            while after < ROWS {
                let Batch { rows, scanned, .. } = batch(&reader, lane, after, ROWS).unwrap();
                assert!(scanned > after, "it moves on from {after}");
                sent.extend(rows.iter().map(|row| row.seq));
                after = scanned;
            }
            let expected = (1..=ROWS).filter(|seq| is_urgent(*seq) == (lane == Lane::Urgent) && *seq != 1_000);
            assert_eq!(sent, expected.collect::<Vec<_>>(), "{lane:?}");
        }
    }

    #[test]
    fn a_damaged_page_in_the_backlog_takes_its_own_rows_and_the_line_moves_on() {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path());
        let mut gone = spoil(folder.path(), "event-01000");
        assert!(gone.contains(&1_000) && gone.len() < 100, "{gone:?}");
        // SQLite does not look at what a text says: the rubbish in it is found by who reads it.
        assert!(spoil(folder.path(), &format!("end-of-{LONG:05}")).is_empty());
        gone.insert(LONG);
        let reader = Reader::open(folder.path()).unwrap();
        for lane in Lane::ALL {
            let (mut after, mut sent, mut named) = (0, Vec::new(), BTreeSet::new());
            while after < ROWS {
                let Batch { rows, scanned, broken } = batch(&reader, lane, after, ROWS).unwrap();
                assert!(scanned > after, "it moves on from {after}");
                assert!(rows.iter().all(|row| row.seq > after && row.seq <= scanned), "what is passed was sent");
                sent.extend(rows.iter().map(|row| row.seq));
                named.extend(broken.map(|(seq, _)| seq));
                after = scanned;
            }
            let of_lane = |seq: &u64| is_urgent(*seq) == (lane == Lane::Urgent);
            let expected = (1..=ROWS).filter(|seq| of_lane(seq) && !gone.contains(seq));
            assert_eq!(sent, expected.collect::<Vec<_>>(), "{lane:?}");
            assert!(named.is_subset(&gone) && gone.iter().filter(|seq| of_lane(seq)).all(|seq| named.contains(seq)));
        }
    }
}
