//! One lane to the office: which rows go next, and how far the office has acknowledged. In order, and never past a gap.
//! Pure: rows, times and acknowledgements go in.

use crate::journal::Row;
use crate::link::{Backoff, Limits, Prefix};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Rows read at once, and rows at hand below which more are read. Rows are about 500 bytes: 250 KiB at most.
pub const READ: usize = 256;
const LOW: usize = READ;
/// Rows sent from the oldest one on that the broker has not acknowledged: four windows. A broker that withholds one acknowledgement
/// and gives the others would otherwise be sent all that it took in the 30 s until the link gives it up again.
const SPAN: usize = 1_000;

pub struct Lane {
    /// Counts rewinds. An acknowledgement of a row that was sent before the last rewind counts for nothing: the row is
    /// sent again, and only then is the order of the lane known.
    pub generation: u32,
    /// The office has acknowledged everything through this number: the cursor.
    pub through: u64,
    /// Every row of this lane through this number has been read.
    scanned: u64,
    ready: VecDeque<Row>,
    open: Prefix,
    /// A read is under way.
    asking: bool,
    held: Option<Instant>,
    /// After a hold one row goes alone until the broker takes it.
    probing: bool,
    backoff: Backoff,
}

impl Lane {
    pub fn new(cursor: u64, limits: &Limits) -> Self {
        Lane {
            generation: 0,
            through: cursor,
            scanned: cursor,
            ready: VecDeque::new(),
            open: Prefix::default(),
            asking: false,
            held: None,
            probing: false,
            backoff: Backoff::new(limits),
        }
    }

    /// After which number to read, if rows should be read now. `newest` is the newest number on disk.
    pub fn ask(&mut self, newest: u64) -> Option<u64> {
        let ask = !self.asking && self.ready.len() < LOW && self.scanned < newest;
        self.asking |= ask;
        ask.then_some(self.scanned)
    }

    /// Rows that were read; every row of the lane through `scanned` is among them or before them.
    pub fn fed(&mut self, generation: u32, rows: Vec<Row>, scanned: u64) {
        if generation == self.generation {
            self.asking = false;
            self.ready.extend(rows);
            self.scanned = self.scanned.max(scanned);
        }
    }

    /// Whether rows straight from the desk would be taken: no read is under way and not enough is at hand.
    pub fn takes_offers(&self) -> bool {
        !self.asking && self.ready.len() < LOW
    }

    /// Rows straight from the desk: every row of the lane from `first` through `last` is among them. Where those before
    /// `first` are not known, nothing is taken, and all are read.
    pub fn offered(&mut self, rows: Vec<Row>, first: u64, last: u64) {
        if self.takes_offers() && first <= self.scanned + 1 {
            let scanned = self.scanned;
            self.ready.extend(rows.into_iter().filter(|row| row.seq > scanned));
            self.scanned = scanned.max(last);
        }
    }

    /// The read that was under way has failed.
    pub fn not_fed(&mut self) {
        self.asking = false;
    }

    /// The next row to send. It counts as sent.
    pub fn next(&mut self, now: Instant) -> Option<Row> {
        if self.held.is_some_and(|until| now < until)
            || (self.probing && self.open.open() > 0)
            || self.open.open() >= SPAN
        {
            return None;
        }
        self.held = None;
        let row = self.ready.pop_front()?;
        self.open.sent(row.seq);
        Some(row)
    }

    /// The broker has the row, or it was refused for ever and is filed. Returns whether the cursor has moved.
    pub fn done(&mut self, generation: u32, seq: u64) -> bool {
        if generation != self.generation {
            return false;
        }
        self.probing = false;
        self.backoff.lasted(Duration::MAX);
        match self.open.done(seq) {
            Some(through) => {
                self.through = through;
                true
            }
            None => false,
        }
    }

    /// The broker does not take the lane now: everything open is sent again, one alone first, after a while.
    pub fn hold(&mut self, now: Instant, random: f64) -> Duration {
        let wait = self.backoff.next(random);
        self.rewind(self.through);
        self.held = Some(now + wait);
        self.probing = true;
        wait
    }

    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Sends everything after this number again. A new connection begins with it.
    pub fn rewind(&mut self, after: u64) {
        self.generation += 1;
        self.through = after;
        self.scanned = after;
        self.ready.clear();
        self.open.rewind();
        // A read that is under way is of the old generation and will be dropped.
        self.asking = false;
    }

    /// The number through which nothing of this lane waits for the office. Beyond the cursor where the lane is idle.
    pub fn settled(&self) -> u64 {
        if self.open.open() > 0 { self.through } else { self.ready.front().map_or(self.scanned, |row| row.seq - 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Id, Kind, Quality, Stamp};
    use serde_json::value::RawValue;

    fn row(seq: u64) -> Row {
        let time = chrono::DateTime::UNIX_EPOCH;
        Row {
            seq,
            id: Id::derived(&[&seq.to_be_bytes()]),
            kind: Kind::AccessGranted,
            subject: "lobby".into(),
            stamp: Stamp { time, quality: Quality::Synced },
            recorded: time,
            data: RawValue::from_string("{}".into()).unwrap(),
        }
    }

    fn lane(rows: impl IntoIterator<Item = u64>) -> Lane {
        let mut lane = Lane::new(0, &Limits::default());
        let rows: Vec<Row> = rows.into_iter().map(row).collect();
        let newest = rows.last().map_or(0, |row| row.seq);
        assert_eq!(lane.ask(newest), Some(0));
        lane.fed(0, rows, newest);
        lane
    }

    fn send(lane: &mut Lane) -> Option<u64> {
        lane.next(Instant::now()).map(|row| row.seq)
    }

    #[test]
    fn rows_go_in_order_and_the_cursor_follows_the_prefix() {
        let mut lane = lane([2, 5, 9]);
        assert_eq!(
            [send(&mut lane), send(&mut lane), send(&mut lane), send(&mut lane)],
            [Some(2), Some(5), Some(9), None]
        );
        assert!(!lane.done(0, 5));
        assert!(lane.done(0, 2));
        assert_eq!(lane.through, 5);
        assert_eq!(lane.settled(), 5);
        assert!(lane.done(0, 9));
        assert_eq!(lane.settled(), 9);
    }

    #[test]
    fn an_acknowledgement_from_before_a_rewind_moves_nothing() {
        let mut lane = lane([1, 2]);
        send(&mut lane);
        lane.rewind(0);
        assert!(!lane.done(0, 1));
        assert_eq!((lane.through, lane.ask(2)), (0, Some(0)));
    }

    #[test]
    fn a_read_from_before_a_rewind_is_dropped() {
        let mut lane = Lane::new(0, &Limits::default());
        assert_eq!(lane.ask(2), Some(0));
        lane.rewind(0);
        assert_eq!(lane.ask(2), Some(0));
        lane.fed(0, vec![row(1), row(2)], 2);
        assert_eq!(send(&mut lane), None);
        assert_eq!(lane.ask(2), None, "the read of this generation is still under way");
        lane.fed(1, vec![row(1), row(2)], 2);
        assert_eq!(send(&mut lane), Some(1));
    }

    #[test]
    fn after_a_hold_one_row_goes_alone_until_it_is_taken() {
        let mut lane = lane([1, 2, 3]);
        (1..=3).for_each(|seq| assert_eq!(send(&mut lane), Some(seq)));
        let wait = lane.hold(Instant::now(), 0.5);
        let generation = lane.generation;
        assert_eq!(lane.ask(3), Some(0));
        lane.fed(generation, [1, 2, 3].map(row).into(), 3);
        assert_eq!(send(&mut lane), None, "held");
        let later = Instant::now() + wait;
        assert_eq!(lane.next(later).map(|row| row.seq), Some(1));
        assert_eq!(lane.next(later).map(|row| row.seq), None, "one alone");
        assert!(lane.done(generation, 1));
        assert_eq!(lane.next(later).map(|row| row.seq), Some(2));
        assert_eq!(lane.next(later).map(|row| row.seq), Some(3));
    }

    #[test]
    fn one_acknowledgement_that_never_comes_stops_the_lane_before_much_must_be_repeated() {
        let all = SPAN as u64 + 5;
        let mut lane = lane(1..=all);
        let mut sent = Vec::new();
        while let Some(seq) = send(&mut lane) {
            sent.push(seq);
            if seq != 3 {
                lane.done(0, seq);
            }
        }
        assert_eq!((sent.len(), lane.through), (SPAN + 2, 2), "from the third on so many");
        assert!(lane.done(0, 3));
        assert_eq!(send(&mut lane), Some(SPAN as u64 + 3), "the lane goes on");
    }

    #[test]
    fn an_idle_lane_waits_for_nothing() {
        let mut lane = Lane::new(5, &Limits::default());
        assert_eq!(lane.ask(900), Some(5));
        lane.fed(0, Vec::new(), 900);
        assert_eq!((lane.settled(), lane.ask(900)), (900, None));
    }

    #[test]
    fn what_the_desk_offers_is_taken_where_nothing_before_it_is_missing() {
        let mut lane = Lane::new(10, &Limits::default());
        let numbers =
            |lane: &mut Lane| std::iter::from_fn(|| lane.next(Instant::now())).map(|row| row.seq).collect::<Vec<_>>();
        lane.offered(vec![row(13)], 13, 13);
        assert_eq!(numbers(&mut lane), [0; 0], "11 and 12 may be of this lane");
        assert_eq!(lane.ask(13), Some(10));
        lane.offered(vec![row(11)], 11, 13);
        assert_eq!(numbers(&mut lane), [0; 0], "the read that is under way brings it");
        lane.fed(lane.generation, vec![row(11), row(13)], 13);
        // 12 and 14 are of the other lane; 13 was read already.
        lane.offered(vec![row(13), row(15)], 12, 15);
        assert_eq!((numbers(&mut lane), lane.ask(15)), (vec![11, 13, 15], None));
    }
}
