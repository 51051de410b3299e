//! One connection to the office: what may be under way, how large it may be, and what each acknowledgement speaks of.
//! Ends with its connection; what is not acknowledged by then is sent again.

use super::letter::{Letter, Tag};
use crate::link::{Connection, Limits, Tracker};
use rumqttc::v5::mqttbytes::v5::{ConnAck, PublishProperties};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Most that the MQTT header and its properties add to topic and payload, bytes: fixed header 5, topic length 2, packet
/// id 2, property length 1, content type 3 + 28, payload format 2.
const PACKET_OVERHEAD: usize = 43;

pub struct Exchange {
    pub connection: Connection,
    tracker: Tracker<Tag>,
    outbox: VecDeque<Letter>,
    window: usize,
    /// Largest packet that the broker takes, bytes.
    largest: usize,
    retain: bool,
}

/// What became of a letter.
#[derive(Debug, PartialEq, Eq)]
pub enum Sent {
    Away,
    /// The broker says that it never takes so large a packet.
    TooLarge,
}

impl Exchange {
    pub fn new(connection: Connection, connack: &ConnAck, limits: &Limits) -> Self {
        let properties = connack.properties.as_ref();
        let largest = properties.and_then(|properties| properties.max_packet_size);
        Exchange {
            connection,
            tracker: Tracker::default(),
            outbox: VecDeque::new(),
            window: limits.window(connack),
            largest: largest.map_or(usize::MAX, |bytes| bytes as usize),
            retain: properties.and_then(|properties| properties.retain_available) != Some(0),
        }
    }

    /// Puts a notice in line. One that waits already on the same topic is replaced.
    pub fn post(&mut self, letter: Letter) {
        self.outbox.retain(|waiting| waiting.topic != letter.topic);
        self.outbox.push_back(letter);
    }

    pub fn next_notice(&mut self) -> Option<Letter> {
        self.outbox.pop_front()
    }

    /// Whether another letter may go. `careful` means one at a time.
    pub fn has_room(&self, careful: bool) -> bool {
        self.tracker.open() < if careful { 1 } else { self.window }
    }

    /// Whether half of the window is free. In a flood rows go in bursts: one write for fifty rows, and not one for each
    /// acknowledgement that comes.
    pub fn has_room_for_many(&self) -> bool {
        self.tracker.open() <= self.window / 2
    }

    /// Sends a letter; it goes out when the connection is polled next.
    pub fn send(&mut self, letter: Letter) -> Sent {
        if letter.topic.len() + letter.payload.len() + PACKET_OVERHEAD > self.largest {
            return Sent::TooLarge;
        }
        let properties = PublishProperties {
            payload_format_indicator: Some(1),
            content_type: Some(letter.content_type.to_owned()),
            ..PublishProperties::default()
        };
        let packet_id = self.tracker.hand_over(letter.tag, Instant::now());
        let retain = letter.retain && self.retain;
        self.connection.publish(packet_id, letter.topic, letter.payload, retain, Some(properties));
        Sent::Away
    }

    /// What the broker has answered for.
    pub fn answered(&mut self, packet_id: u16) -> Option<Tag> {
        self.tracker.answered(packet_id)
    }

    /// The letter that is under way, if it is alone.
    pub fn only(&self) -> Option<&Tag> {
        self.tracker.only()
    }

    pub fn is_idle(&self) -> bool {
        self.tracker.open() == 0
    }

    /// Whether the broker has left a letter unanswered for longer than this.
    pub fn is_overdue(&self, patience: Duration) -> bool {
        self.tracker.oldest().is_some_and(|at| at.elapsed() > patience)
    }
}
