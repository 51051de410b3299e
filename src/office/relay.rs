//! Rows out, in order, tracked to their acknowledgement. Outlives connections. It never moves a cursor over a row that
//! the office has not acknowledged or that is not filed as a dead letter.

use super::Clock;
use super::exchange::{Exchange, Sent};
use super::feed::{Ask, Fed, Feed};
use super::lane::Lane;
use super::letter::{Letter, Tag};
use super::results::Results;
use crate::desk::{Command, Desk};
use crate::event::{Data, Now, Slug, Source};
use crate::journal::{self, DoorState, Following};
use crate::link::{Fault, Limits, Verdict};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// After the broker broke the connection over a message, so many go one at a time, to find out which.
const CAREFUL: u32 = 200;
/// So many times one row, alone under way, may break the connection before it is laid aside.
const STRIKES: u8 = 3;
/// As the status complains of them.
const RESULTS: &str = "command results";
/// Shortest time between two looks at the doors' states: a burst of events is one look.
const STATES_AFTER: Duration = Duration::from_millis(200);
/// A retained message sets a state without an event, so look without being told, too.
const STATES_EVERY: Duration = Duration::from_secs(5);

/// The desk's word on a row that the office refuses for ever.
#[derive(Debug)]
pub struct Filed {
    row: Refused,
    stored: bool,
}

#[derive(Debug, Clone)]
struct Refused {
    lane: journal::Lane,
    seq: u64,
    reason: String,
}

/// How far a row is that the office never takes. It is filed once, however often the lane comes round to it again.
#[derive(Debug)]
enum Aside {
    /// It has broken the connection, or was refused without a clear reason, too often: why.
    Due(String),
    /// At the desk.
    Filing,
    /// It is a dead letter.
    Filed,
}

pub struct Relay {
    pub source: Source,
    pub results: Results,
    desk: Desk,
    feed: Feed,
    lanes: [Lane; 2],
    newest: tokio::sync::watch::Receiver<u64>,
    /// While connected.
    following: Option<Following>,
    filed: (mpsc::UnboundedSender<Filed>, mpsc::UnboundedReceiver<Filed>),
    /// Refused rows that could not be filed yet.
    unfiled: Vec<Refused>,
    /// Lanes whose last read failed.
    unfed: Vec<journal::Lane>,
    /// Cursors that have moved in this turn.
    moved: [bool; 2],
    /// Rows still to be sent one at a time.
    careful: u32,
    /// The row that broke the connection when it was alone, or that the broker refuses without a clear reason; how often.
    suspect: Option<(u64, u8)>,
    /// Rows that are not sent any more.
    aside: HashMap<u64, Aside>,
    /// The broker has taken a notice since the last strike: so it is well, and the row is to blame.
    broker_is_well: bool,
    /// Notices over which the broker broke the connection.
    muted: BTreeSet<&'static str>,
    /// The states as last published on this connection.
    states: HashMap<Slug, Data>,
    states_due: Instant,
    asking_states: bool,
    /// What holds the relay up, by cause.
    pub complaints: BTreeMap<&'static str, String>,
}

/// What woke the relay.
pub enum Woken {
    Fed(Fed),
    Filed(Filed),
    /// New rows are on disk.
    Rows,
}

impl Relay {
    pub fn new(source: Source, desk: Desk, feed: Feed, cursors: [u64; 2], limits: &Limits) -> Self {
        Relay {
            source,
            results: Results::default(),
            newest: desk.newest(),
            following: None,
            desk,
            feed,
            lanes: cursors.map(|cursor| Lane::new(cursor, limits)),
            filed: mpsc::unbounded_channel(),
            unfiled: Vec::new(),
            unfed: Vec::new(),
            moved: [false; 2],
            careful: 0,
            suspect: None,
            aside: HashMap::new(),
            broker_is_well: false,
            muted: BTreeSet::new(),
            states: HashMap::new(),
            states_due: Instant::now(),
            asking_states: false,
            complaints: BTreeMap::new(),
        }
    }

    /// Waits for something to do. Cancel-safe.
    pub async fn woken(&mut self) -> Woken {
        tokio::select! {
            Some(fed) = self.feed.next() => Woken::Fed(fed),
            Some(filed) = self.filed.1.recv() => Woken::Filed(filed),
            Ok(()) = self.newest.changed() => Woken::Rows,
            else => std::future::pending().await,
        }
    }

    /// A new connection: what was open is sent again, and the states are told anew.
    pub fn connected(&mut self) {
        self.following = Some(self.desk.tail().follow());
        for lane in &mut self.lanes {
            lane.rewind(lane.through);
        }
        self.results.connected();
        self.states.clear();
        self.states_due = Instant::now();
        self.complaints.clear();
    }

    pub fn wake(&mut self, woken: Woken, exchange: &mut Exchange) {
        match woken {
            Woken::Rows => self.states_due = self.states_due.min(Instant::now() + STATES_AFTER),
            Woken::Filed(filed) => self.filed(filed),
            Woken::Fed(Fed::States(doors)) => self.tell_states(doors, exchange),
            Woken::Fed(Fed::Rows { lane, generation, rows, scanned, broken }) => {
                self.lanes[lane as usize].fed(generation, rows, scanned);
                self.complaints.remove("journal");
                if let Some((seq, what)) = broken.filter(|(seq, _)| !self.aside.contains_key(seq)) {
                    self.file(Refused { lane, seq, reason: format!("unreadable: {what}") });
                }
            }
            Woken::Fed(Fed::Fault(lane, why)) => {
                match lane {
                    Some(lane) => self.unfed.push(lane),
                    None => {
                        self.asking_states = false;
                        self.states_due = Instant::now() + STATES_EVERY;
                    }
                }
                self.complaints.insert("journal", format!("the journal cannot be read: {why}"));
            }
        }
    }

    /// Once a second: what has failed is tried again.
    pub fn tick(&mut self) {
        for lane in std::mem::take(&mut self.unfed) {
            self.lanes[lane as usize].not_fed();
        }
        for row in std::mem::take(&mut self.unfiled) {
            self.file(row);
        }
        self.results.tick(Instant::now());
    }

    /// Reads ahead and sends what may go: the urgent lane, then results and notices, then the other lane.
    pub fn fill(&mut self, exchange: &mut Exchange, clock: &Clock) {
        self.read_ahead();
        let (now, many) = (clock(), exchange.has_room_for_many());
        while exchange.has_room(self.careful > 0) {
            let urgent = self.next_row(journal::Lane::Urgent, now);
            let first = urgent.or_else(|| self.results.next(Instant::now())).or_else(|| exchange.next_notice());
            let next = first.or_else(|| if many { self.next_row(journal::Lane::Normal, now) } else { None });
            let Some(letter) = next else { break };
            if matches!(letter.tag, Tag::Notice(what) if self.muted.contains(what)) {
                continue;
            }
            let tag = letter.tag.clone();
            match exchange.send(letter) {
                Sent::Away => {}
                Sent::TooLarge => self.never(tag, "larger than the broker's maximum packet size"),
            }
        }
        self.move_cursors();
    }

    fn read_ahead(&mut self) {
        let newest = *self.newest.borrow();
        self.take_offers();
        for which in journal::Lane::ALL {
            let lane = &mut self.lanes[which as usize];
            if let Some(after) = lane.ask(newest) {
                self.feed.ask(Ask::Rows { lane: which, generation: lane.generation, after, newest });
            }
        }
        if !self.asking_states && Instant::now() >= self.states_due {
            self.asking_states = true;
            self.feed.ask(Ask::States);
        }
    }

    /// What the desk has just stored, without asking the disk for it.
    fn take_offers(&mut self) {
        let Some(following) = self.following.as_ref().filter(|_| self.lanes.iter().all(Lane::takes_offers)) else {
            return;
        };
        let rows = following.take();
        let (Some(first), Some(last)) = (rows.front().map(|row| row.seq), rows.back().map(|row| row.seq)) else {
            return;
        };
        let (urgent, normal): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.kind.is_urgent());
        self.lanes[journal::Lane::Urgent as usize].offered(urgent, first, last);
        self.lanes[journal::Lane::Normal as usize].offered(normal, first, last);
    }

    fn next_row(&mut self, which: journal::Lane, now: Now) -> Option<Letter> {
        let moment = Instant::now();
        loop {
            let lane = &mut self.lanes[which as usize];
            let row = lane.next(moment)?;
            let generation = lane.generation;
            match self.aside.get(&row.seq) {
                None => return Some(Letter::event(&row, &self.source, which, generation, now)),
                Some(Aside::Due(reason)) => {
                    let reason = reason.clone();
                    self.file(Refused { lane: which, seq: row.seq, reason });
                }
                // The desk's answer closes it.
                Some(Aside::Filing) => {}
                Some(Aside::Filed) => self.close_row(which, generation, row.seq),
            }
        }
    }

    pub fn acknowledged(&mut self, exchange: &mut Exchange, packet_id: u16, verdict: Verdict) {
        let Some(tag) = exchange.answered(packet_id) else { return };
        match verdict {
            Verdict::Taken => self.taken(tag),
            Verdict::Never(reason) => self.never(tag, reason),
            Verdict::NotNow(reason) => self.not_now(tag, reason),
            Verdict::Unclear(reason) => {
                if let Tag::Row { seq, .. } = tag
                    && std::mem::take(&mut self.broker_is_well)
                {
                    self.strike(seq, format!("the broker refuses it, and takes other messages: {reason}"));
                }
                // Mosquitto says no more than this of what is longer than its `message_size_limit`.
                let is_shorter = matches!(&tag, Tag::Result(nth) if self.results.shorten(*nth));
                if !is_shorter {
                    self.not_now(tag, reason);
                }
            }
        }
    }

    fn taken(&mut self, tag: Tag) {
        self.careful = self.careful.saturating_sub(1);
        match tag {
            Tag::Notice(what) => {
                self.broker_is_well = true;
                self.complaints.remove(what);
            }
            Tag::Result(nth) => {
                self.broker_is_well = true;
                self.complaints.remove(RESULTS);
                self.results.taken(nth);
            }
            Tag::Row { lane, generation, seq } => self.row_taken(lane, generation, seq),
        }
    }

    fn row_taken(&mut self, lane: journal::Lane, generation: u32, seq: u64) {
        metrics::counter!("lobbyd_office_acknowledged_total").increment(1);
        self.suspect.take_if(|(suspect, _)| *suspect == seq);
        self.close_row(lane, generation, seq);
    }

    fn close_row(&mut self, lane: journal::Lane, generation: u32, seq: u64) {
        if self.lanes[lane as usize].generation == generation {
            self.complaints.remove(lane.cursor());
        }
        self.moved[lane as usize] |= self.lanes[lane as usize].done(generation, seq);
    }

    fn never(&mut self, tag: Tag, reason: &'static str) {
        match tag {
            Tag::Row { lane, seq, .. } => {
                self.file(Refused { lane, seq, reason: reason.to_owned() });
            }
            Tag::Notice(what) => tracing::error!(what, "the office broker refuses a notice: {reason}"),
            Tag::Result(nth) => {
                self.complaints.remove(RESULTS);
                self.results.refused(nth, reason);
            }
        }
    }

    fn not_now(&mut self, tag: Tag, reason: &'static str) {
        let advice = "check its access rules and quotas";
        match tag {
            Tag::Row { lane: which, generation, seq } => {
                let lane = &mut self.lanes[which as usize];
                if lane.generation == generation {
                    let wait = lane.hold(Instant::now(), fastrand::f64());
                    tracing::debug!(seq, wait_s = wait.as_secs(), "the office broker does not take a row: {reason}");
                    let why = format!("the broker does not take our events ({reason}): {advice}");
                    self.complaints.insert(which.cursor(), why);
                }
            }
            Tag::Notice(what) => {
                self.complaints.insert(what, format!("the broker does not take our {what} ({reason}): {advice}"));
            }
            Tag::Result(nth) => {
                self.results.hold(nth, Instant::now());
                self.complaints.insert(RESULTS, format!("the broker does not take our {RESULTS} ({reason}): {advice}"));
            }
        }
    }

    /// Files a row as a dead letter; only then does the line move on.
    fn file(&mut self, row: Refused) {
        self.aside.insert(row.seq, Aside::Filing);
        let told = self.filed.0.clone();
        let command = Command::Refused { seq: row.seq, reason: row.reason.clone() };
        self.desk.submit(command, move |answer| {
            // An error means that the relay is gone, and with it the need to know.
            let _ = told.send(Filed { row, stored: answer.is_ok() });
        });
    }

    fn filed(&mut self, filed: Filed) {
        let Filed { row, stored } = filed;
        if !stored {
            self.unfiled.push(row);
            return;
        }
        tracing::error!(seq = row.seq, "an event was laid aside, the office broker never takes it: {}", row.reason);
        self.aside.insert(row.seq, Aside::Filed);
        // Its lane may have been rewound meanwhile, and have come to it again.
        self.close_row(row.lane, self.lanes[row.lane as usize].generation, row.seq);
    }

    /// The connection broke. When the broker objects to a message, find out which, and lay it aside after three strikes.
    pub fn broke(&mut self, fault: &Fault, exchange: &Exchange) {
        self.following = None;
        // That one alone: of the next the broker may think otherwise.
        if let Some(Tag::Result(nth)) = exchange.only()
            && fault.blames_a_message()
        {
            self.results.refused(*nth, "the office broker breaks the connection over it");
        }
        self.results.broke(fault.is_the_brokers_will(), Instant::now());
        if !fault.blames_a_message() {
            return;
        }
        self.careful = CAREFUL;
        let seq = match exchange.only() {
            Some(Tag::Row { seq, .. }) => *seq,
            Some(Tag::Notice(what)) => {
                tracing::error!(what, "the office broker breaks the connection over a notice: it is not sent any more");
                self.muted.insert(what);
                return;
            }
            Some(Tag::Result(_)) | None => return,
        };
        self.strike(seq, format!("the broker breaks the connection over it: {fault}"));
    }

    /// Counts against one row. One that has three strikes is laid aside when its turn comes again.
    fn strike(&mut self, seq: u64, why: String) {
        let strikes = match self.suspect {
            Some((suspect, strikes)) if suspect == seq => strikes + 1,
            _ => 1,
        };
        self.suspect = Some((seq, strikes));
        if strikes >= STRIKES {
            self.suspect = None;
            self.aside.insert(seq, Aside::Due(why));
        }
    }

    /// Whether it must be known if the broker takes anything at all.
    pub fn needs_proof(&self) -> bool {
        self.lanes.iter().any(Lane::is_held) && !self.broker_is_well
    }

    /// Hands the moved cursors to the desk: once for each turn, not once for each acknowledgement.
    pub fn move_cursors(&mut self) {
        if !self.aside.is_empty() && self.moved.contains(&true) {
            let settled = self.settled();
            self.aside.retain(|seq, _| *seq > settled);
        }
        for lane in journal::Lane::ALL {
            if std::mem::take(&mut self.moved[lane as usize]) {
                let seq = self.lanes[lane as usize].through;
                // If it cannot be written, a crash repeats a little more; the next one carries it along.
                self.desk.submit(Command::Acknowledged { lane, seq }, drop);
            }
        }
    }

    /// The number through which nothing waits for the office in any lane.
    fn settled(&self) -> u64 {
        self.lanes.iter().map(Lane::settled).min().unwrap_or(0)
    }

    /// Sends everything from `from_seq` on once more. Returns the number after which it begins: never beyond what
    /// the office has not had yet.
    pub fn replay(&mut self, from_seq: u64) -> u64 {
        let after = self.settled().min(from_seq.saturating_sub(1));
        self.lanes.iter_mut().for_each(|lane| lane.rewind(after));
        self.desk.submit(Command::Replay { after }, drop);
        after
    }

    /// Publishes what has changed of the doors' states.
    fn tell_states(&mut self, doors: Vec<DoorState>, exchange: &mut Exchange) {
        self.asking_states = false;
        self.states_due = Instant::now() + STATES_EVERY;
        for DoorState { door, state } in doors {
            if self.states.get(&door) != Some(&state) {
                let topic = self.source.topic(&format!("state/{door}"));
                let payload = serde_json::to_vec(&state).expect("a map with string keys always serialises");
                exchange.post(Letter::notice("door states", topic, payload, true));
                self.states.insert(door, state);
            }
        }
    }

    pub fn newest(&self) -> u64 {
        *self.newest.borrow()
    }
}
