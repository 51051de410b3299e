//! Time, chance and the wires: one queue of what happens next, in the order of simulated time, and one seeded generator. Nothing here
//! knows the wall clock.

use crate::brokers::{Card, Delivery};
use crate::plan::{Fault, Plan, WITHHELD};
use chrono::{DateTime, TimeDelta};
use fastrand::Rng;
use lobbyd::desk::Room;
use lobbyd::event::Now;
use lobbyd::health::quota::{Level, Quota, Why};
use lobbyd::journal::{Lane, Size};
use lobbyd::link::Verdict;
use lobbyd::office::Letter;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// Noon at the site.
const START: i64 = 1_795_060_800;

/// What happens next. A number names the process or the connection that it belongs to; when that is gone, it does not happen.
pub enum Next {
    Card(Card),
    Fault(Fault, Duration),
    /// The gateway's process starts.
    Start,
    Tick,
    ConnectBuilding,
    ConnectOffice,
    /// A PUBLISH reaches the gateway; its PUBACK reaches the broker.
    Publish(u32, Delivery),
    PubAck(u32, u16),
    /// A letter reaches the office; its answer reaches the gateway.
    Letter(u32, u16, Letter),
    Answer(u32, u16, Verdict),
    /// The desk wakes; its fsync returns; a read of the journal returns.
    Desk(u32),
    Committed(u32),
    Read(u32, Lane, u32, u64, u64),
}

/// As it stands in the trace.
impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Next::Card(card) => write!(f, "door {} reads card {}: {}", card.door, card.n, card.kind),
            Next::Fault(fault, lasts) => write!(f, "FAULT {fault:?} for {lasts:?}"),
            Next::Start => write!(f, "the gateway starts"),
            Next::Tick => write!(f, "tick"),
            Next::ConnectBuilding => write!(f, "connect to the building"),
            Next::ConnectOffice => write!(f, "connect to the office"),
            Next::Publish(_, Delivery { packet_id, dup, card }) => {
                write!(f, "building > PUBLISH {packet_id} dup {dup}: door {} card {}", card.door, card.n)
            }
            Next::PubAck(_, packet_id) => write!(f, "building < PUBACK {packet_id}"),
            Next::Letter(_, packet_id, letter) => write!(f, "office < PUBLISH {packet_id}: {:?}", letter.tag),
            Next::Answer(_, packet_id, verdict) => write!(f, "office > PUBACK {packet_id}: {verdict:?}"),
            Next::Desk(_) => write!(f, "the desk wakes"),
            Next::Committed(_) => write!(f, "the fsync returns"),
            Next::Read(_, lane, _, after, _) => write!(f, "{lane:?} is read from after {after}"),
        }
    }
}

pub struct Stage {
    pub now: Duration,
    pub rng: Rng,
    pub plan: Plan,
    /// Which process, and which connections.
    pub life: u32,
    pub building: u32,
    pub office: u32,
    /// Until when each fault lasts.
    until: [Duration; Fault::ALL.len()],
    queue: BTreeMap<(Duration, u64), Next>,
    order: u64,
    /// A wire keeps the order: when its last packet arrives.
    wires: [Duration; 4],
    /// A connection of the office into which packets vanish.
    deaf: Option<u32>,
    base: Instant,
    /// What the gateway has acknowledged to the building.
    pub promised: BTreeSet<Card>,
    pub failure: Option<String>,
}

impl Stage {
    pub fn new(plan: Plan) -> Self {
        let mut stage = Stage {
            now: Duration::ZERO,
            rng: Rng::with_seed(!plan.seed),
            life: 0,
            building: 0,
            office: 0,
            until: [Duration::ZERO; Fault::ALL.len()],
            queue: BTreeMap::new(),
            order: 0,
            wires: [Duration::ZERO; 4],
            deaf: None,
            base: Instant::now(),
            promised: BTreeSet::new(),
            failure: None,
            plan,
        };
        for (at, card) in stage.plan.cards.clone() {
            stage.at(at, Next::Card(card));
        }
        for (at, fault, lasts) in stage.plan.faults.clone() {
            stage.at(at, Next::Fault(fault, lasts));
        }
        stage.at(Duration::ZERO, Next::Start);
        stage
    }

    pub fn at(&mut self, at: Duration, next: Next) {
        self.order += 1;
        self.queue.insert((at, self.order), next);
    }

    pub fn after(&mut self, wait: Duration, next: Next) {
        self.at(self.now + wait, next);
    }

    pub fn next(&mut self) -> Option<Next> {
        let ((at, _), next) = self.queue.pop_first()?;
        self.now = at;
        Some(next)
    }

    pub fn complain(&mut self, what: String) {
        self.failure.get_or_insert(what);
    }

    pub fn millis(&mut self, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.rng.u64(range))
    }

    pub fn instant(&self) -> Instant {
        self.base + self.now
    }

    pub fn service_time(&self) -> Now {
        let start = DateTime::from_timestamp(START, 0).unwrap();
        Now { utc: start + TimeDelta::from_std(self.now).unwrap(), synced: true }
    }

    pub fn strike(&mut self, fault: Fault, lasts: Duration) {
        let until = &mut self.until[fault as usize];
        *until = (*until).max(self.now + lasts);
        if fault == Fault::HalfOpen {
            self.deaf = Some(self.office);
        }
    }

    pub fn until(&self, fault: Fault) -> Duration {
        self.until[fault as usize]
    }

    pub fn lasts(&self, fault: Fault) -> bool {
        self.now < self.until(fault)
    }

    /// Whether packets of this connection vanish.
    pub fn is_deaf(&self, office: u32) -> bool {
        self.deaf == Some(office)
    }

    // The disk.

    pub fn disk_is_full(&self) -> bool {
        self.lasts(Fault::DiskFull)
    }

    pub fn room(&self) -> Room {
        let level = if self.lasts(Fault::Reserve) { Level::Reserve(Why::Quota) } else { Level::Free };
        Room { level, size: Size::default(), quota: Quota::default(), oldest: 1, thinned: 0 }
    }

    pub fn fsync(&mut self) -> Duration {
        if self.lasts(Fault::DiskSlow) { self.millis(200..=2_000) } else { self.millis(1..=5) }
    }

    pub fn read(&mut self, next: Next) {
        let takes = self.millis(1..=5);
        self.after(takes, next);
    }

    // The wires.

    /// Publishes that one side may have under way, either way.
    pub fn window(&self) -> usize {
        self.plan.window
    }

    fn wire(&mut self, wire: usize, next: Next) {
        let arrives = (self.now + self.millis(5..=20)).max(self.wires[wire]);
        self.wires[wire] = arrives;
        self.at(arrives, next);
    }

    pub fn deliver(&mut self, delivery: Delivery) {
        self.wire(0, Next::Publish(self.building, delivery));
    }

    /// From now on the building's broker may forget it.
    pub fn promise(&mut self, delivery: Delivery) {
        self.promised.insert(delivery.card);
        self.wire(1, Next::PubAck(self.building, delivery.packet_id));
    }

    pub fn send(&mut self, packet_id: u16, letter: Letter) {
        if !self.is_deaf(self.office) {
            self.wire(2, Next::Letter(self.office, packet_id, letter));
        }
    }

    /// The office answers: in order, or late, or in any order.
    pub fn answer(&mut self, packet_id: u16, verdict: Verdict) {
        let next = Next::Answer(self.office, packet_id, verdict);
        if self.lasts(Fault::Withhold) && self.rng.u8(..WITHHELD) == 0 {
            let late = self.until(Fault::Withhold);
            self.at(late, next);
        } else if self.lasts(Fault::Reorder) {
            // And now and then twice.
            for _ in 0..=u8::from(self.rng.u8(..8) == 0) {
                let late = self.millis(1..=300);
                self.after(late, Next::Answer(self.office, packet_id, verdict));
            }
        } else {
            self.wire(3, next);
        }
    }
}
