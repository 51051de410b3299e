//! What a run has shown, and what many runs have shown together. The line that it prints is what docs/faults.md says.

use crate::device::{CARELESS, Seen};
use crate::inbox::Book;
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// The books of one run, from all sides.
pub struct Books<'a> {
    /// What the building's broker has acknowledged to the reader.
    pub sent: &'a Seen,
    /// What the daemon has acknowledged to the building's broker.
    pub promised: &'a Seen,
    /// What the office has.
    pub office: &'a Book,
    /// The first number of the journal that the office must have.
    pub first: u64,
    /// Cards that the office never takes.
    pub laid_aside: &'a BTreeSet<u64>,
    /// The journal's own files were harmed: rows may be gone, and it may go on under a new epoch. No number means two events even so.
    pub harmed: bool,
    /// When the last fault was over.
    pub mended: Instant,
    /// Kills, cuts and broken connections, each of which may repeat what was under way.
    pub breaks: usize,
    /// How many the office's broker had lost, so that the office asked for them: these come when they come.
    pub asked_again: usize,
    /// The office's broker passes them on in an order of its own.
    pub mixes_up: bool,
}

/// One run.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub events: usize,
    /// The daemon had acknowledged it, and the office has not got it.
    pub lost: usize,
    /// The building's broker had acknowledged it to the reader, and the daemon never had it.
    pub lost_by_broker: usize,
    /// The office's broker had acknowledged it to the daemon and lost it; the office asked for it and got it.
    pub asked_again: usize,
    /// On a damaged page and nowhere else.
    pub damaged: usize,
    pub repeats: usize,
    /// The office's broker passed them on after a later one of their lane.
    pub late: usize,
    pub breaks: usize,
    /// From the end of the fault until the office had everything that was sent by then.
    pub recovery: Duration,
}

impl Books<'_> {
    /// Holds the sides against each other.
    ///
    /// # Panics
    /// Order is not kept, a number is missing or means two events, a repeat differs from its first.
    pub fn audit(&self) -> Tally {
        let arrivals = &self.office.arrivals;
        let mut first: HashMap<&str, usize> = HashMap::new();
        let mut came: HashMap<u64, Instant> = HashMap::new();
        let mut newest = [0; 4];
        let (mut repeats, mut late) = (0, 0);
        for (place, arrival) in arrivals.iter().enumerate() {
            // The office knows an event by its id (docs/brokers.md).
            if let Some(before) = first.insert(&arrival.id, place) {
                let same = arrivals[before].payload == arrival.payload || arrivals[before].epoch != arrival.epoch;
                assert!(same, "a repeat is the same event, byte for byte");
                repeats += 1;
                continue;
            }
            let Some(number) = arrival.number else { continue };
            let again = came.insert(number, arrival.at);
            assert!(again.is_none(), "card {number} is two events: {} is the second", arrival.id);
            let door = &mut newest[number as usize % 2 + 2 * usize::from(number >= CARELESS)];
            let any_order = self.asked_again > 0 || self.mixes_up;
            assert!(number > *door || any_order, "each door's records come in order: {number} after {door}");
            *door = number.max(*door);
        }
        for (journal, book) in self.office.ledger.books() {
            let gaps: Vec<_> = book.gaps().collect();
            // One that is laid aside leaves a gap, unless it was the last.
            let complete = book.first <= self.first && book.missing() <= self.laid_aside.len() as u64;
            late += book.late() as usize;
            let in_order = book.late() == 0 || self.mixes_up;
            let whole = (complete || self.harmed) && book.clashes == 0 && in_order;
            assert!(
                whole,
                "{}: from {}, gaps {gaps:?}, late {}, clashes {}",
                journal.epoch,
                book.first,
                book.late(),
                book.clashes
            );
        }
        let epochs = self.office.ledger.books().count();
        assert!(epochs <= 1 || self.harmed, "an honest disk keeps its epoch: {epochs}");
        let missing =
            |seen: &Seen| -> BTreeSet<u64> { seen.keys().filter(|n| !came.contains_key(n)).copied().collect() };
        let lost = &missing(self.promised) - self.laid_aside;
        let lost_by_broker = (&missing(self.sent) - &missing(self.promised)).len();
        let before = self.sent.iter().filter(|(_, at)| **at <= self.mended);
        let last = before.filter_map(|(number, _)| came.get(number)).max();
        Tally {
            events: came.len(),
            lost: lost.len(),
            lost_by_broker,
            asked_again: self.asked_again,
            damaged: 0,
            repeats,
            late,
            breaks: self.breaks,
            recovery: last.map_or(Duration::ZERO, |at| at.saturating_duration_since(self.mended)),
        }
    }
}

impl Tally {
    /// Of two gateways in one run.
    pub fn and(self, other: Self) -> Self {
        Tally {
            events: self.events + other.events,
            lost: self.lost + other.lost,
            lost_by_broker: self.lost_by_broker + other.lost_by_broker,
            asked_again: self.asked_again + other.asked_again,
            damaged: self.damaged + other.damaged,
            repeats: self.repeats + other.repeats,
            late: self.late + other.late,
            breaks: self.breaks + other.breaks,
            recovery: self.recovery.max(other.recovery),
        }
    }
}

/// Many runs of one scenario, in a line.
pub fn print(name: &str, tallies: &[Tally]) {
    let sum = |of: fn(&Tally) -> usize| tallies.iter().map(of).sum::<usize>();
    let mut recovery: Vec<Duration> = tallies.iter().map(|tally| tally.recovery).collect();
    recovery.sort_unstable();
    let (median, most) = (recovery[recovery.len() / 2], recovery[recovery.len() - 1]);
    let per_break = tallies.iter().map(|tally| tally.repeats.div_ceil(tally.breaks.max(1))).max().unwrap_or(0);
    print!(
        "{name}: {} runs, {} events, lost {}, repeated {} (at most {per_break} a break), recovery median {:.1} s, longest {:.1} s",
        tallies.len(),
        sum(|tally| tally.events),
        sum(|tally| tally.lost),
        sum(|tally| tally.repeats),
        median.as_secs_f64(),
        most.as_secs_f64(),
    );
    let besides = [
        ("lost by the building's broker", sum(|tally| tally.lost_by_broker)),
        ("forgotten by the office's broker and sent again", sum(|tally| tally.asked_again)),
        ("named as gone with a damaged page", sum(|tally| tally.damaged)),
        ("passed on after a later one", sum(|tally| tally.late)),
    ];
    besides.iter().filter(|(_, count)| *count > 0).for_each(|(what, count)| print!("; {what}: {count}"));
    println!();
}
