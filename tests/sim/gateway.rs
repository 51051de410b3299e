//! The gateway's process, from its start to its death. The decisions are lobbyd's own: `Inbox`, `Train`, `Room`, `Transaction`,
//! `Cursors`, `Tail`, `Lane`, `Tracker`, `Letter`. What calls them (the loops of `building`, `desk` and `office`, which wait for sockets and
//! threads) is written here once more, as short as it can be.

use crate::brokers::Delivery;
use crate::disk::Disk;
use crate::stage::{Next, Stage};
use lobbyd::building::{Inbox, STORE_AGAIN};
use lobbyd::desk::{BATCH, Command, Cursors, Refusal, Train, Transaction};
use lobbyd::event::{Fingerprint, Id, Identity, Slug, Source, data};
use lobbyd::health::quota::Level;
use lobbyd::journal::{Following, Lane, Row, Tail};
use lobbyd::link::{Limits, Tracker, Verdict};
use lobbyd::office::{Letter, Outgoing, READ, Tag};
use lobbyd::service::door::Report;
use lobbyd::service::house::House;
use serde_json::json;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Messages at the desk at once, as in `building`.
const AT_DESK: usize = 2 * BATCH;

/// Who waits for the desk's answer.
enum Asker {
    Nobody,
    /// A message from the building, with those that went along, on this connection.
    Message {
        connection: u32,
        number: u64,
        along: Vec<u64>,
        train: Train,
    },
    /// The relay, for a row that the office never takes.
    Filing {
        lane: Lane,
        seq: u64,
    },
}

struct Mail {
    command: Command,
    asker: Asker,
}

pub struct Gateway {
    house: House,
    source: Source,
    // The building's side: as long as its connection.
    inbox: Inbox<Delivery>,
    train: Train,
    again: Option<Duration>,
    // The desk.
    mailbox: VecDeque<Mail>,
    committing: Option<Vec<Mail>>,
    cursors: Cursors,
    /// When the desk wakes for them.
    wakes: Option<Instant>,
    tail: Tail,
    // The office's side; tracker and tail as long as its connection.
    lanes: [Outgoing; 2],
    tracker: Option<Tracker<Tag>>,
    following: Option<Following>,
    /// Rows that are not sent any more, and whether they are dead letters yet.
    aside: BTreeMap<u64, bool>,
    unfiled: Vec<(Lane, u64)>,
}

impl Gateway {
    pub fn start(disk: &Disk, limits: &Limits) -> Self {
        let slug = |text| Slug::new(text).unwrap();
        Gateway {
            house: House::bare(chrono_tz::Asia::Shanghai),
            source: Source { site: slug("riverside"), gateway: slug("lobby-1"), epoch: "e1".into() },
            inbox: Inbox::default(),
            train: Train::default(),
            again: None,
            mailbox: VecDeque::new(),
            committing: None,
            cursors: Cursors::new(disk.cursors()),
            wakes: None,
            tail: Tail::default(),
            lanes: disk.cursors().map(|cursor| Outgoing::new(cursor, limits)),
            tracker: None,
            following: None,
            aside: BTreeMap::new(),
            unfiled: Vec::new(),
        }
    }

    // The building's side, as `building::desk_side`.

    /// With the connection goes what has come over it, and what may be acknowledged to it.
    pub fn building_broke(&mut self) {
        (self.inbox, self.train, self.again) = (Inbox::default(), Train::default(), None);
    }

    pub fn heard(&mut self, delivery: Delivery, stage: &mut Stage, disk: &mut Disk) {
        self.inbox.push(delivery);
        if self.inbox.len() > stage.window() {
            stage.complain(format!("{} messages are unacknowledged", self.inbox.len()));
        }
        self.hand_over(stage, disk);
    }

    fn hand_over(&mut self, stage: &mut Stage, disk: &mut Disk) {
        if self.train.has_stopped() && self.inbox.at_desk() == 0 {
            self.train = Train::default();
        }
        while self.again.is_none() && !self.train.has_stopped() && self.inbox.at_desk() < AT_DESK {
            let Some((number, delivery)) = self.inbox.take() else { break };
            let (door, command) = (delivery.card.door, Command::Heard(vec![report(delivery, stage)]));
            if self.inbox.held() > 0 && !command.is_urgent() {
                self.inbox.hold(number);
                continue;
            }
            let same_door = |before: &Delivery| (before.card.door == door).then(|| report(before, stage));
            let before = self.inbox.take_along(number, same_door);
            let (along, mut reports): (Vec<u64>, Vec<Report>) = before.into_iter().unzip();
            let Command::Heard(own) = command else { unreachable!("it was made so") };
            reports.extend(own);
            let asker = Asker::Message { connection: stage.building, number, along, train: self.train.clone() };
            self.mailbox.push_back(Mail { command: Command::Heard(reports), asker });
        }
        self.work(stage, disk);
    }

    fn settle(&mut self, number: u64, along: &[u64], result: Result<(), &Refusal>, stage: &Stage) {
        let Err(refusal) = result else {
            return along.iter().chain([&number]).for_each(|number| self.inbox.done(*number));
        };
        along.iter().for_each(|number| self.inbox.hold(*number));
        match refusal {
            Refusal::OutOfTurn => self.inbox.refused(number),
            Refusal::Reserved(_) => self.inbox.hold(number),
            _ => {
                self.inbox.refused(number);
                self.again = Some(stage.now + STORE_AGAIN);
            }
        }
    }

    fn acknowledge(&mut self, stage: &mut Stage) {
        while let Some(delivery) = self.inbox.pop_done() {
            stage.promise(delivery);
        }
    }

    /// Once a second: what has failed is tried again.
    pub fn tick(&mut self, stage: &mut Stage, disk: &mut Disk) {
        self.again = self.again.filter(|again| stage.now < *again);
        if self.inbox.held() > 0 && self.inbox.at_desk() == 0 && stage.room().level == Level::Free {
            self.inbox.release();
        }
        for (lane, seq) in std::mem::take(&mut self.unfiled) {
            self.file(lane, seq);
        }
        self.hand_over(stage, disk);
        self.fill(stage, disk);
    }

    // The desk, as `desk::thread`.

    fn submit(&mut self, command: Command, asker: Asker) {
        self.mailbox.push_back(Mail { command, asker });
    }

    /// Takes what is there, decides and writes it. Nothing of it is on disk before the commit has ended.
    pub fn work(&mut self, stage: &mut Stage, disk: &mut Disk) {
        if self.committing.is_some() {
            return;
        }
        let many = self.mailbox.len().min(BATCH);
        let batch: Vec<Mail> = self.mailbox.drain(..many).collect();
        let (stay, refused): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|mail| (refusal(&mail, stage), mail)).partition(|(refusal, _)| refusal.is_none());
        for (refusal, mail) in refused {
            self.answer(&mail, refusal.as_ref().map_or(Ok(()), Err), stage);
        }
        let batch: Vec<Mail> = stay.into_iter().map(|(_, mail)| mail).collect();
        let now = stage.instant();
        batch.iter().for_each(|mail| self.cursors.note(&mail.command, now));
        let only_cursors = batch.iter().all(|mail| matches!(mail.command, Command::Acknowledged { .. }));
        if only_cursors && self.cursors.may_wait(now) {
            if let Some(due) = self.cursors.wait_until().filter(|due| self.wakes != Some(*due)) {
                self.wakes = Some(due);
                stage.after(due - now, Next::Desk(stage.life));
            }
            return;
        }
        let cursors: Vec<_> = self.cursors.write_now(now).collect();
        let mut transaction = Transaction { journal: disk, now: stage.service_time(), house: &self.house };
        for (lane, seq) in cursors {
            transaction.journal.set_cursor(lane, seq);
        }
        for mail in &batch {
            transaction.carry_out(&mail.command).unwrap();
        }
        self.committing = Some(batch);
        let fsync = stage.fsync();
        stage.after(fsync, Next::Committed(stage.life));
    }

    /// The fsync has returned.
    pub fn committed(&mut self, stage: &mut Stage, disk: &mut Disk) {
        let batch = self.committing.take().unwrap_or_default();
        let full = stage.disk_is_full().then(|| Refusal::Storage("the disk is full".into()));
        if full.is_some() {
            disk.roll_back();
            self.cursors.not_stored(stage.instant());
        } else {
            self.tail.push(disk.commit().into_iter());
            self.cursors.stored();
        }
        for mail in batch {
            self.answer(&mail, full.as_ref().map_or(Ok(()), Err), stage);
        }
        self.acknowledge(stage);
        self.hand_over(stage, disk);
        self.fill(stage, disk);
    }

    fn answer(&mut self, mail: &Mail, result: Result<(), &Refusal>, stage: &Stage) {
        match &mail.asker {
            Asker::Nobody => {}
            Asker::Message { connection, number, along, train } => {
                if result.is_err() {
                    train.stop();
                }
                if *connection == stage.building {
                    self.settle(*number, along, result, stage);
                }
            }
            Asker::Filing { lane, seq } => {
                if result.is_ok() {
                    self.aside.insert(*seq, true);
                    self.close_row(*lane, self.lanes[*lane as usize].generation, *seq);
                } else {
                    self.unfiled.push((*lane, *seq));
                }
            }
        }
    }

    // The office's side, as `office::relay`.

    pub fn office_connected(&mut self, stage: &mut Stage, disk: &Disk) {
        self.following = Some(self.tail.follow());
        self.tracker = Some(Tracker::default());
        self.lanes.iter_mut().for_each(|lane| lane.rewind(lane.through));
        self.fill(stage, disk);
    }

    pub fn office_broke(&mut self) {
        (self.following, self.tracker) = (None, None);
    }

    /// The office has left a letter unanswered for too long.
    pub fn is_overdue(&self, stage: &Stage, limits: &Limits) -> bool {
        let oldest = self.tracker.as_ref().and_then(Tracker::oldest);
        oldest.is_some_and(|at| stage.instant().duration_since(at) > limits.answer)
    }

    /// Reads ahead and sends what may go.
    pub fn fill(&mut self, stage: &mut Stage, disk: &Disk) {
        let Some(mut tracker) = self.tracker.take() else { return };
        self.read_ahead(stage, disk.durable());
        let many = tracker.open() <= stage.window() / 2;
        while tracker.open() < stage.window() {
            let urgent = self.next_row(Lane::Urgent, stage);
            let next = urgent.or_else(|| if many { self.next_row(Lane::Normal, stage) } else { None });
            let Some(letter) = next else { break };
            let packet_id = tracker.hand_over(letter.tag.clone(), stage.instant());
            stage.send(packet_id, letter);
        }
        self.tracker = Some(tracker);
        // Rows that are aside may have moved a cursor.
        if !self.mailbox.is_empty() {
            stage.after(Duration::ZERO, Next::Desk(stage.life));
        }
    }

    fn read_ahead(&mut self, stage: &mut Stage, newest: u64) {
        if self.lanes.iter().all(Outgoing::takes_offers) {
            let rows = self.following.as_ref().map(Following::take).unwrap_or_default();
            if let (Some(first), Some(last)) = (rows.front().map(|row| row.seq), rows.back().map(|row| row.seq)) {
                let (urgent, normal): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.kind.is_urgent());
                self.lanes[Lane::Urgent as usize].offered(urgent, first, last);
                self.lanes[Lane::Normal as usize].offered(normal, first, last);
            }
        }
        for which in Lane::ALL {
            let lane = &mut self.lanes[which as usize];
            if let Some(after) = lane.ask(newest) {
                stage.read(Next::Read(stage.life, which, lane.generation, after, newest));
            }
        }
    }

    pub fn read(&mut self, (which, generation, after, newest): (Lane, u32, u64, u64), disk: &Disk) {
        let of_lane = |row: &&Row| row.kind.is_urgent() == (which == Lane::Urgent);
        let rows: Vec<Row> = disk.after(after).iter().filter(of_lane).take(READ).cloned().collect();
        let last = rows.last().map_or(after, |row| row.seq);
        let scanned = if rows.len() < READ { newest.max(last) } else { last };
        self.lanes[which as usize].fed(generation, rows, scanned);
    }

    fn next_row(&mut self, which: Lane, stage: &Stage) -> Option<Letter> {
        loop {
            let lane = &mut self.lanes[which as usize];
            let row = lane.next(stage.instant())?;
            let generation = lane.generation;
            match self.aside.get(&row.seq) {
                None => return Some(Letter::event(&row, &self.source, which, generation, stage.service_time())),
                Some(false) => {}
                Some(true) => self.close_row(which, generation, row.seq),
            }
        }
    }

    pub fn answered(&mut self, packet_id: u16, verdict: Verdict, stage: &mut Stage, disk: &mut Disk) {
        let tag = self.tracker.as_mut().and_then(|tracker| tracker.answered(packet_id));
        let Some(Tag::Row { lane, generation, seq }) = tag else { return };
        match verdict {
            Verdict::Taken => self.close_row(lane, generation, seq),
            Verdict::Never(_) => self.file(lane, seq),
            Verdict::NotNow(_) | Verdict::Unclear(_) => {
                let lane = &mut self.lanes[lane as usize];
                if lane.generation == generation {
                    lane.hold(stage.instant(), stage.rng.f64());
                }
            }
        }
        self.work(stage, disk);
        self.fill(stage, disk);
    }

    fn close_row(&mut self, lane: Lane, generation: u32, seq: u64) {
        if self.lanes[lane as usize].done(generation, seq) {
            let seq = self.lanes[lane as usize].through;
            self.submit(Command::Acknowledged { lane, seq }, Asker::Nobody);
        }
    }

    fn file(&mut self, lane: Lane, seq: u64) {
        self.aside.insert(seq, false);
        self.submit(Command::Refused { seq, reason: "poison".into() }, Asker::Filing { lane, seq });
    }

    /// Nothing waits for anybody any more.
    pub fn is_quiet(&self, disk: &Disk) -> bool {
        let settled = self.lanes.iter().all(|lane| lane.settled() == disk.durable());
        let desk = self.mailbox.is_empty() && self.committing.is_none() && self.cursors.wait_until().is_none();
        settled && desk && self.inbox.is_empty() && self.tracker.as_ref().is_some_and(|tracker| tracker.open() == 0)
    }
}

/// Why a command is turned away before it is decided, if it is.
fn refusal(mail: &Mail, stage: &Stage) -> Option<Refusal> {
    let out_of_turn = matches!(&mail.asker, Asker::Message { train, .. } if train.has_stopped());
    let refusal = if out_of_turn { Some(Refusal::OutOfTurn) } else { stage.room().refuses(&mail.command) };
    if let (Asker::Message { train, .. }, Some(_)) = (&mail.asker, &refusal) {
        train.stop();
    }
    refusal
}

/// Two doors number their records; the last one does not, and only the delivery tells two of them apart.
fn report(delivery: &Delivery, stage: &Stage) -> Report {
    let card = delivery.card;
    let subject = Slug::new(card.door_name()).unwrap();
    let payload = format!("{}", card.n);
    let fingerprint = Fingerprint::of(subject.as_str(), payload.as_bytes(), delivery.packet_id, 0);
    let identity = match card.door {
        2 => Identity::Delivery { fingerprint, repeated: delivery.dup },
        _ => Identity::Native(Id::derived(&[subject.as_str().as_bytes(), payload.as_bytes()])),
    };
    let facts = data([("device", json!({ "product": "test" })), ("n", json!(card.n))]).into();
    let stamp = stage.service_time().stamp();
    Report { kind: card.kind, subject, identity, stamp, replayed: false, retained: false, data: facts }
}
