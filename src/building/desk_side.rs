//! Between the connection and the desk: what has arrived, what the desk has answered, what may be acknowledged. Nothing is
//! acknowledged that is not stored, nothing is dropped, and no device's word overtakes its own. When the desk has room for people
//! only, what devices say day in, day out keeps its place, unacknowledged; what cannot wait goes on.

use super::inbox::Inbox;
use super::{Building, Read};
use crate::desk::{self, Command, Refusal, Train};
use crate::device::{Message, Reading};
use crate::event::Now;
use crate::link::Connection;
use metrics::counter;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Publish;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// Messages at the desk at once: two of its batches, so that one is decided while the other is gathered, and half of its
/// mailbox at most.
const AT_DESK: usize = 2 * desk::BATCH;
/// Above so many waiting messages the connection is not read until the desk has caught up. A broker that keeps to the
/// receive maximum never comes near; Mosquitto 2.0.11 pours its whole backlog out.
const PLENTY: usize = 2_000;
/// While the desk cannot store, the connection must be read on, or its pings stop. Above so many messages, or bytes of
/// payload, it is broken off instead, and the broker sends them again.
const MOST_WAITING: usize = 10_000;
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Longest topic that is kept in a dead letter, characters.
const MAX_TOPIC: usize = 256;
/// How long to wait before the desk is asked again after it could not store: a full disk is emptied by a person.
pub const STORE_AGAIN: Duration = Duration::from_secs(1);
/// For the answers that are under way when the daemon stops.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

struct Arrived {
    publish: Publish,
    received: Now,
}

/// What the desk has answered to a message, and to those that went along with it.
pub struct Answered {
    number: u64,
    along: Vec<u64>,
    result: Result<(), Refusal>,
}

/// Between the connection and the desk.
pub struct DeskSide<'a> {
    building: &'a Building,
    inbox: Inbox<Arrived>,
    /// Payload in the inbox.
    bytes: usize,
    /// Bounded by the inbox: one answer for each message at the desk.
    answer: mpsc::UnboundedSender<Answered>,
    /// What is under way to the desk must be stored in this order.
    train: Train,
    /// The desk could not store: nothing is handed over before this.
    pub again: Option<Instant>,
    pub complaint: Option<String>,
}

impl<'a> DeskSide<'a> {
    pub fn new(building: &'a Building, answer: mpsc::UnboundedSender<Answered>) -> Self {
        let (inbox, train) = (Inbox::default(), Train::default());
        DeskSide { building, inbox, bytes: 0, answer, train, again: None, complaint: None }
    }

    pub fn arrived(&mut self, publish: Publish, received: Now) {
        counter!("lobbyd_building_messages_total").increment(1);
        // QoS 0 promises nothing, and must not fill the memory.
        if publish.qos == QoS::AtMostOnce && self.inbox.len() >= MOST_WAITING / 2 {
            counter!("lobbyd_building_dropped_total").increment(1);
            return;
        }
        self.bytes += publish.payload.len();
        if self.inbox.is_empty() {
            self.building.desk.expect();
        }
        self.inbox.push(Arrived { publish, received });
    }

    pub fn has_room(&self) -> bool {
        self.again.is_some() || self.inbox.held() > 0 || self.inbox.len() < PLENTY
    }

    /// How many wait for room.
    pub fn held(&self) -> usize {
        self.inbox.held()
    }

    pub fn is_empty(&self) -> bool {
        self.inbox.is_empty()
    }

    pub fn is_flooded(&self) -> bool {
        let waiting = self.inbox.len();
        waiting > MOST_WAITING || (waiting > 1 && self.bytes > MOST_BYTES)
    }

    /// Hands over what waits, in order. After a refusal nothing goes before all answers are back: order is kept.
    pub fn hand_over(&mut self) {
        if self.train.has_stopped() && self.inbox.at_desk() == 0 {
            self.train = Train::default();
        }
        while self.again.is_none() && !self.train.has_stopped() && self.inbox.at_desk() < AT_DESK {
            let Some((number, arrived)) = self.inbox.take() else { return };
            match command(&self.building.read, arrived) {
                None => self.inbox.done(number),
                // Behind what is held only what cannot wait goes on.
                Some(command) if self.inbox.held() > 0 && !command.is_urgent() => self.hold(number),
                Some(command) => self.submit(number, command),
            }
        }
    }

    fn submit(&mut self, number: u64, command: Command) {
        let (along, command) = self.with_what_came_before(number, command);
        let answer = self.answer.clone();
        self.building.desk.submit_in(&self.train, command, move |result| {
            // An error means that the connection, and with it the acknowledgement, is gone: the broker sends again.
            let _ = answer.send(Answered { number, along, result: result.map(drop) });
        });
    }

    /// What cannot wait takes along what the same topic said before it and is held: stored together, in order, so that no
    /// device's word overtakes its own.
    fn with_what_came_before(&mut self, number: u64, command: Command) -> (Vec<u64>, Command) {
        let (Command::Heard(reports), true) = (&command, self.inbox.held() > 0) else { return (Vec::new(), command) };
        let Some(topic) = self.inbox.get(number).map(|arrived| arrived.publish.topic.clone()) else {
            return (Vec::new(), command);
        };
        let read = &self.building.read;
        let before = self.inbox.take_along(number, |arrived| {
            let same = arrived.publish.topic == topic;
            // A dead letter is in nobody's order.
            let Some(Command::Heard(reports)) = same.then(|| self::command(read, arrived)).flatten() else {
                return None;
            };
            Some(reports)
        });
        let numbers = before.iter().map(|(number, _)| *number).collect();
        let all = before.into_iter().flat_map(|(_, reports)| reports).chain(reports.iter().cloned());
        (numbers, Command::Heard(all.collect()))
    }

    pub fn settle(&mut self, answered: Answered) {
        let Answered { number, along, result } = answered;
        match result {
            Ok(()) => along.iter().chain([&number]).for_each(|number| self.inbox.done(*number)),
            Err(refusal) => {
                along.iter().for_each(|number| self.inbox.hold(*number));
                self.put_back(number, refusal);
            }
        }
    }

    fn put_back(&mut self, number: u64, refusal: Refusal) {
        match refusal {
            Refusal::OutOfTurn => return self.inbox.refused(number),
            Refusal::Reserved(_) => self.hold(number),
            _ => {
                self.inbox.refused(number);
                self.again = Some(Instant::now() + STORE_AGAIN);
            }
        }
        self.complaint = Some(format!("{refusal}; its messages wait at the broker"));
    }

    fn hold(&mut self, number: u64) {
        counter!("lobbyd_building_held_total").increment(1);
        self.inbox.hold(number);
    }

    /// There is room again: what was held goes on at its old place, once nothing is under way any more.
    pub fn release(&mut self) {
        let waits = self.inbox.held() > 0 && self.inbox.at_desk() == 0;
        if waits && !self.building.desk.room().borrow().level.holds_devices() {
            self.inbox.release();
            self.complaint = None;
        }
    }

    /// Acknowledges what may be, in order.
    pub fn acknowledge(&mut self, connection: &mut Connection) {
        while let Some(arrived) = self.inbox.pop_done() {
            if self.inbox.held() == 0 {
                self.complaint = None;
            }
            self.bytes -= arrived.publish.payload.len();
            connection.acknowledge(arrived.publish.pkid, arrived.publish.qos);
        }
    }

    /// The last answers before the daemon stops: each saves a redelivery.
    pub async fn finish(&mut self, connection: &mut Connection, answers: &mut mpsc::UnboundedReceiver<Answered>) {
        let all = async {
            while self.inbox.at_desk() > 0 {
                let Some(answered) = answers.recv().await else { return };
                self.settle(answered);
            }
        };
        // What is late comes again at the next start.
        drop(timeout(LAST_ANSWERS, all).await);
        self.acknowledge(connection);
    }
}

/// What a message asks of the desk; `None` where it carries nothing of its own.
fn command(read: &Read, arrived: &Arrived) -> Option<Command> {
    let publish = &arrived.publish;
    let payload: &[u8] = &publish.payload;
    let Ok(topic) = std::str::from_utf8(&publish.topic) else {
        return Some(unreadable(publish, "its topic is not UTF-8".into()));
    };
    let message = Message {
        topic,
        payload,
        retain: publish.retain,
        dup: publish.dup,
        packet_id: publish.pkid,
        received: arrived.received,
    };
    match read(&message) {
        Reading::Reports(reports) => Some(Command::Heard(reports)),
        Reading::Ignored => None,
        Reading::Unreadable(reason) => Some(unreadable(publish, reason)),
    }
}

fn unreadable(publish: &Publish, reason: String) -> Command {
    let topic = String::from_utf8_lossy(&publish.topic).chars().take(MAX_TOPIC).collect();
    Command::Unreadable { topic, bytes: publish.payload.len(), reason }
}
