//! The receiver's book of one gateway after the other: shows from `seq` alone that nothing is missing, what came twice, and
//! whether each lane came in order. For who receives envelopes; the gateway itself never keeps one. Pure.

use super::Kind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Ranges that are missing at once, and what has come beyond them is still remembered. Far more than an outage makes: only what
/// overtakes a backlog (urgent events) leaves a range open for a while.
pub const MAX_GAPS: usize = 10_000;
/// Of so many blocks of numbers a mark of each id is remembered, to see whether two events share a number: 262,144 numbers, and
/// one MiB, of each journal. Of what is further back a repeat is believed.
const BLOCKS: usize = 1_024;
const BLOCK: u64 = 256;
/// Journals at once; a broker of a whole company has some thousands of gateways.
pub const MAX_BOOKS: usize = 20_000;

/// Whose events: as in the envelope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Journal {
    /// `/lobby/{site}/{gateway}`
    pub source: String,
    pub epoch: String,
}

/// Why a message is in no book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    #[error("it is no envelope")]
    NoEnvelope,
    #[error("there are more than {MAX_BOOKS} journals")]
    TooMany,
}

/// What a book needs of an envelope.
#[derive(Deserialize)]
struct Entry {
    id: String,
    source: String,
    epoch: String,
    #[serde(rename = "type")]
    kind: String,
    seq: u64,
}

#[derive(Debug, Default)]
pub struct Ledger(BTreeMap<Journal, Book>);

/// What has come of one journal. `first` and `newest` are the smallest and the largest number seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    pub first: u64,
    pub newest: u64,
    /// Different numbers.
    pub events: u64,
    pub repeats: u64,
    /// The same number with another id: two gateways that pretend to be one.
    pub clashes: u64,
    /// First and last number of what is missing.
    gaps: BTreeMap<u64, u64>,
    /// There were too many gaps to remember: what has come in them counts as repeated.
    pub overflowed: bool,
    lanes: [LaneBook; 2],
    ids: Ids,
}

/// The order of one lane.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct LaneBook {
    newest: u64,
    /// Came for the first time after a larger number, and what had come behind them has not come again.
    late: u64,
    /// The same, as long as it still may: how many, and the largest.
    behind: Option<(u64, u64)>,
}

/// Marks of the ids of the newest numbers, by block; 0 where none is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Ids(BTreeMap<u64, Vec<u32>>);

impl Ledger {
    /// Enters one message.
    ///
    /// # Errors
    /// It is not ours, or of one journal too many.
    pub fn enter(&mut self, payload: &[u8]) -> Result<(), Unread> {
        let entry: Entry = serde_json::from_slice(payload).map_err(|_| Unread::NoEnvelope)?;
        let kind = entry.kind.strip_prefix("lobbyd.").filter(|_| entry.seq > 0).ok_or(Unread::NoEnvelope)?;
        let lane = lane(kind);
        let journal = Journal { source: entry.source, epoch: entry.epoch };
        if self.0.len() >= MAX_BOOKS && !self.0.contains_key(&journal) {
            return Err(Unread::TooMany);
        }
        self.0.entry(journal).or_default().enter(entry.seq, &entry.id, lane);
        Ok(())
    }

    pub fn books(&self) -> impl Iterator<Item = (&Journal, &Book)> {
        self.0.iter()
    }

    /// Whether everything that has come can be trusted to be everything. Nothing at all proves nothing.
    pub fn is_whole(&self) -> bool {
        !self.0.is_empty() && self.0.values().all(Book::is_whole)
    }
}

/// In which lane an event goes out; none where this program cannot know: a kind of a later version, and a ring, which goes out
/// as missed when it is over.
fn lane(kind: &str) -> Option<usize> {
    let kind: Kind = kind.parse().ok()?;
    let certain = !matches!(kind, Kind::CallRinging | Kind::CallMissed);
    certain.then_some(usize::from(!kind.is_urgent()))
}

impl Book {
    fn enter(&mut self, seq: u64, id: &str, lane: Option<usize>) {
        let is_new = self.fill(seq);
        if let Some(lane) = lane {
            self.lanes[lane].enter(seq, is_new);
        }
        let known = self.ids.enter(seq, id);
        if is_new {
            self.events += 1;
        } else {
            self.repeats += 1;
            self.clashes += u64::from(known == Some(false));
        }
    }

    /// Came for the first time after a larger number of its lane. One that a replay brings, with all that stands behind it, is
    /// not late but comes in order once more.
    pub fn late(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.late + lane.behind.map_or(0, |(count, _)| count)).sum()
    }

    /// Whether it comes for the first time.
    fn fill(&mut self, seq: u64) -> bool {
        if self.events == 0 {
            (self.first, self.newest) = (seq, seq);
        } else if seq > self.newest {
            self.open(self.newest + 1, seq - 1);
            self.newest = seq;
        } else if seq < self.first {
            self.open(seq + 1, self.first - 1);
            self.first = seq;
        } else {
            let gap = self.gaps.range(..=seq).next_back().map(|(from, to)| (*from, *to));
            let Some((from, to)) = gap.filter(|(_, to)| seq <= *to) else { return false };
            self.gaps.remove(&from);
            self.open(from, seq - 1);
            self.open(seq + 1, to);
        }
        true
    }

    fn open(&mut self, from: u64, to: u64) {
        if from > to {
            return;
        }
        if self.gaps.len() < MAX_GAPS {
            self.gaps.insert(from, to);
        } else {
            self.overflowed = true;
        }
    }

    /// First and last number of what is missing between the first and the newest.
    pub fn gaps(&self) -> impl Iterator<Item = (u64, u64)> {
        self.gaps.iter().map(|(from, to)| (*from, *to))
    }

    pub fn missing(&self) -> u64 {
        self.gaps().map(|(from, to)| to - from + 1).sum()
    }

    /// Nothing is missing, nothing came late in its lane, no number means two events. Repeats are allowed.
    pub fn is_whole(&self) -> bool {
        self.gaps.is_empty() && self.late() == 0 && self.clashes == 0 && !self.overflowed
    }
}

impl LaneBook {
    fn enter(&mut self, seq: u64, is_new: bool) {
        match self.behind {
            // What came before it comes again behind what was missing: a replay.
            Some((_, last)) if !is_new && seq > last => self.behind = None,
            Some((count, last)) if is_new && seq < self.newest => self.behind = Some((count + 1, last.max(seq))),
            None if is_new && seq < self.newest => self.behind = Some((1, seq)),
            // The lane goes on, and nothing has come again.
            Some((count, _)) if seq > self.newest => {
                self.late += count;
                self.behind = None;
            }
            _ => {}
        }
        self.newest = self.newest.max(seq);
    }
}

impl Ids {
    /// Whether this id is the one that was known of this number; remembered where none was.
    fn enter(&mut self, seq: u64, id: &str) -> Option<bool> {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        // Half of a hash: one in four thousand million goes unnoticed.
        let mark = hasher.finish() as u32 | 1;
        let block = self.0.entry(seq / BLOCK).or_insert_with(|| vec![0; BLOCK as usize]);
        let known = &mut block[(seq % BLOCK) as usize];
        let same = (*known != 0).then_some(*known == mark);
        if same.is_none() {
            *known = mark;
        }
        if self.0.len() > BLOCKS {
            self.0.pop_first();
        }
        same
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn envelope(seq: u64, kind: &str) -> Vec<u8> {
        let json = serde_json::json!({
            "id": format!("id-{seq}"), "source": "/lobby/riverside/lobby-1", "epoch": "e1", "seq": seq,
            "type": format!("lobbyd.{kind}"), "data": {},
        });
        serde_json::to_vec(&json).unwrap()
    }

    fn ledger(entries: &[(u64, &str)]) -> Ledger {
        let mut ledger = Ledger::default();
        entries.iter().for_each(|(seq, kind)| ledger.enter(&envelope(*seq, kind)).unwrap());
        ledger
    }

    fn book(entries: &[(u64, &str)]) -> Book {
        ledger(entries).books().next().unwrap().1.clone()
    }

    const DOOR: &str = "access.granted";
    const URGENT: &str = "emergency.requested";

    #[test]
    fn a_gap_is_named_until_it_is_filled() {
        let open = book(&[(5, DOOR), (6, DOOR), (10, DOOR)]);
        assert_eq!((open.gaps().collect::<Vec<_>>(), open.missing(), open.is_whole()), (vec![(7, 9)], 3, false));
        let half = book(&[(5, DOOR), (6, DOOR), (10, URGENT), (8, DOOR)]);
        assert_eq!(half.gaps().collect::<Vec<_>>(), [(7, 7), (9, 9)]);
        let filled = book(&[(5, DOOR), (6, DOOR), (10, URGENT), (7, DOOR), (8, DOOR), (9, DOOR)]);
        assert!(filled.is_whole(), "an urgent event may overtake: {filled:?}");
        assert_eq!((filled.first, filled.newest, filled.events), (5, 10, 6));
    }

    #[test]
    fn what_comes_twice_is_a_repeat_and_nothing_worse() {
        let book = book(&[(1, DOOR), (2, DOOR), (1, DOOR), (2, DOOR), (3, DOOR)]);
        assert_eq!((book.events, book.repeats, book.late(), book.is_whole()), (3, 2, 0, true));
    }

    #[test]
    fn within_a_lane_a_smaller_number_is_late() {
        assert_eq!(book(&[(1, DOOR), (3, DOOR), (2, DOOR)]).late(), 1);
        assert_eq!(book(&[(1, URGENT), (3, URGENT), (2, URGENT)]).late(), 1);
        // A ring that is over goes out as missed, in the lane of rings; a kind of a later version is in no lane.
        assert_eq!(book(&[(1, DOOR), (3, "call.missed"), (4, "lift.stuck"), (2, DOOR)]).late(), 0);
    }

    #[test]
    fn what_a_replay_brings_is_in_order_though_it_was_missing_or_from_before_the_listening() {
        let heard = [(5, DOOR), (6, DOOR), (7, URGENT), (10, DOOR)];
        let replay = (1..=10).map(|seq| (seq, if seq == 7 { URGENT } else { DOOR }));
        let all: Vec<_> = heard.into_iter().chain(replay.clone()).chain([(11, DOOR)]).collect();
        let whole = book(&all);
        assert_eq!((whole.first, whole.events, whole.repeats, whole.late()), (1, 11, 4, 0));
        assert!(whole.is_whole(), "{whole:?}");
        // Cut off by a broken connection, and begun again a little before.
        let cut: Vec<_> = heard.into_iter().chain(replay.clone().take(4)).chain(replay.skip(2)).collect();
        assert!(book(&cut).is_whole());
    }

    #[test]
    fn a_missing_one_that_comes_alone_or_before_what_is_newer_is_late() {
        assert_eq!(book(&[(1, DOOR), (3, DOOR), (2, DOOR), (4, DOOR), (3, DOOR)]).late(), 1);
        assert_eq!(book(&[(1, DOOR), (4, DOOR), (2, DOOR), (1, DOOR), (3, DOOR)]).late(), 2);
    }

    #[test]
    fn a_repeat_from_long_ago_is_known_by_its_id_and_memory_is_bounded() {
        let mut book = Book::default();
        let most = BLOCK * BLOCKS as u64;
        (1..=most - 1).for_each(|seq| book.enter(seq, &format!("id-{seq}"), Some(1)));
        book.enter(1, "id-1", Some(1));
        assert!(book.is_whole(), "{} repeats", book.repeats);
        book.enter(2, "of another", Some(1));
        assert_eq!((book.repeats, book.clashes), (2, 1));
        book.enter(most, "x", Some(1));
        book.enter(3, "of another", Some(1));
        assert_eq!((book.repeats, book.clashes, book.ids.0.len()), (3, 1, BLOCKS), "further back it is believed");
    }

    #[test]
    fn one_number_with_two_ids_is_a_clash() {
        let mut ledger = ledger(&[(1, DOOR)]);
        let other = String::from_utf8(envelope(1, DOOR)).unwrap().replace("id-1", "id-of-another");
        ledger.enter(other.as_bytes()).unwrap();
        assert_eq!(ledger.books().next().unwrap().1.clashes, 1);
        assert!(!ledger.is_whole());
    }

    #[test]
    fn another_epoch_is_another_book_and_rubbish_is_in_none() {
        let mut ledger = ledger(&[(900, DOOR)]);
        let anew = String::from_utf8(envelope(1, DOOR)).unwrap().replace("\"e1\"", "\"e2\"");
        ledger.enter(anew.as_bytes()).unwrap();
        assert_eq!(ledger.books().count(), 2);
        assert!(ledger.is_whole());
        for rubbish in [&b"{}"[..], b"\xff", b"", b"[1]", &envelope(0, DOOR)] {
            assert_eq!(ledger.enter(rubbish), Err(Unread::NoEnvelope));
        }
    }

    proptest! {
        /// Against a set that remembers everything.
        #[test]
        fn the_book_says_what_a_set_would_say(seqs in prop::collection::vec(1u64..40, 1..80)) {
            let mut book = Book::default();
            let mut seen = BTreeSet::new();
            for seq in seqs {
                book.enter(seq, &format!("id-{seq}"), Some(1));
                seen.insert(seq);
            }
            let (first, newest) = (*seen.first().unwrap(), *seen.last().unwrap());
            let missing = (first..=newest).filter(|seq| !seen.contains(seq)).count() as u64;
            prop_assert_eq!((book.first, book.newest, book.events, book.missing()), (first, newest, seen.len() as u64, missing));
            prop_assert_eq!(book.clashes, 0);
            let in_gaps: BTreeSet<u64> = book.gaps().flat_map(|(from, to)| from..=to).collect();
            prop_assert!(in_gaps.is_disjoint(&seen));
        }
    }
}
