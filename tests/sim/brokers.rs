//! Both ends: the building's broker with its MQTT 5 session, and the office, which keeps the book. They do what MQTT allows, the
//! unkind things too, and complain of what it does not allow.

use lobbyd::event::Kind;
use lobbyd::event::ledger::Ledger;
use lobbyd::link::Verdict;
use lobbyd::office::{Letter, Tag};
use rumqttc::v5::mqttbytes::v5::PubAckReason;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a reader at a door says: its record `n`, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Card {
    pub door: usize,
    pub n: u64,
    pub kind: Kind,
}

impl Card {
    pub fn door_name(self) -> &'static str {
        ["lobby", "garage", "north"][self.door]
    }
}

/// A PUBLISH to the gateway.
#[derive(Debug, Clone, Copy)]
pub struct Delivery {
    pub packet_id: u16,
    pub dup: bool,
    pub card: Card,
}

/// The building's broker, and the one session that counts.
#[derive(Default)]
pub struct Building {
    /// Whether it writes its session to disk after each change.
    persistent: bool,
    session: bool,
    queue: VecDeque<Card>,
    /// Sent at least once and not acknowledged, in order; how many of them on this connection.
    in_flight: VecDeque<(u16, Card)>,
    sent: usize,
    last_id: u16,
    /// What it has acknowledged to the readers and then forgotten: no gateway can help that.
    pub forgotten: BTreeSet<Card>,
}

impl Building {
    pub fn new(persistent: bool) -> Self {
        Building { persistent, ..Building::default() }
    }

    pub fn publish(&mut self, card: Card) {
        if self.session {
            self.queue.push_back(card);
        } else {
            self.forgotten.insert(card);
        }
    }

    /// The gateway connects and subscribes. What was in flight goes first, in its old order and under its old ids.
    pub fn connected(&mut self) {
        self.session = true;
        self.sent = 0;
    }

    pub fn next(&mut self, window: usize) -> Option<Delivery> {
        if let Some((packet_id, card)) = self.in_flight.get(self.sent).copied() {
            self.sent += 1;
            return Some(Delivery { packet_id, dup: true, card });
        }
        if self.in_flight.len() >= window {
            return None;
        }
        let card = self.queue.pop_front()?;
        self.last_id = self.last_id % u16::MAX + 1;
        self.in_flight.push_back((self.last_id, card));
        self.sent += 1;
        Some(Delivery { packet_id: self.last_id, dup: false, card })
    }

    /// A PUBACK. They come in the order of the PUBLISHes (MQTT 5, 4.6), each once.
    pub fn acknowledged(&mut self, packet_id: u16) -> Result<(), String> {
        match self.in_flight.front() {
            Some((oldest, _)) if *oldest == packet_id && self.sent > 0 => {
                self.in_flight.pop_front();
                self.sent -= 1;
                Ok(())
            }
            oldest => Err(format!("PUBACK {packet_id} to the building, where {oldest:?} is the oldest")),
        }
    }

    pub fn dies(&mut self) {
        self.sent = 0;
        if !self.persistent {
            self.session = false;
            self.forgotten.extend(self.queue.drain(..).chain(self.in_flight.drain(..).map(|(_, card)| card)));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.in_flight.is_empty()
    }
}

/// The office: its broker and who reads there.
#[derive(Default)]
pub struct Office {
    pub ledger: Ledger,
    /// By number: its lane, and which record it tells, where it tells one.
    pub taken: BTreeMap<u64, (usize, Option<(String, u64)>)>,
    newest: [u64; 2],
    /// Refused at least once. These may come after later ones, which were on their way already.
    refused: BTreeSet<u64>,
    /// Every so manieth number is never taken; 0 for none.
    poison: u64,
    /// Takes nothing at the moment.
    pub refuses: bool,
}

#[derive(Deserialize)]
struct Envelope {
    seq: u64,
    subject: String,
    data: Told,
}

#[derive(Deserialize)]
struct Told {
    n: Option<u64>,
}

impl Office {
    pub fn new(poison: u64) -> Self {
        Office { poison, ..Office::default() }
    }

    /// A PUBLISH; what the broker answers.
    pub fn publish(&mut self, letter: &Letter) -> Result<Verdict, String> {
        let Tag::Row { lane, .. } = letter.tag else { return Err(format!("{:?} is no event", letter.tag)) };
        let (lane, payload) = (lane as usize, &letter.payload);
        let envelope: Envelope = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
        let seq = envelope.seq;
        if self.is_poison(seq) || self.refuses {
            self.refused.insert(seq);
            let why =
                if self.is_poison(seq) { PubAckReason::PayloadFormatInvalid } else { PubAckReason::QuotaExceeded };
            return Ok(Verdict::of(why));
        }
        self.ledger.enter(payload).map_err(|error| error.to_string())?;
        let record = envelope.data.n.map(|n| (envelope.subject, n));
        if self.taken.insert(seq, (lane, record)).is_none() {
            if seq < self.newest[lane] && !self.refused.contains(&seq) {
                return Err(format!("{seq} came after {}", self.newest[lane]));
            }
            self.newest[lane] = self.newest[lane].max(seq);
        }
        Ok(Verdict::Taken)
    }

    fn is_poison(&self, seq: u64) -> bool {
        self.poison > 0 && seq.is_multiple_of(self.poison)
    }
}
