//! Which publish an acknowledgement speaks of: gives each a packet id, and knows what it named when the PUBACK with that id
//! comes. Sans I/O: times go in, verdicts come out, so that every nasty order is a plain test. One tracker lives as long as
//! one connection and no longer.

use super::connection::SUBSCRIBE_ID;
use rumqttc::v5::mqttbytes::v5::PubAckReason;
use std::collections::HashMap;
use std::time::Instant;

/// What the broker said of one publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has the message.
    Taken,
    /// It will never take this message: trying again is a poison loop.
    Never(&'static str),
    /// It does not take it now; a person or time may mend that.
    NotNow(&'static str),
    /// It says that something is wrong and not what. Mosquitto says so of a payload above its message_size_limit,
    /// which is for ever; another broker may say so of a full disk, which is not.
    Unclear(&'static str),
}

impl Verdict {
    /// MQTT 5, 3.4.2.1. `NoMatchingSubscribers` is success: nobody listens now, and that is not for us to judge.
    pub fn of(reason: PubAckReason) -> Self {
        match reason {
            PubAckReason::Success | PubAckReason::NoMatchingSubscribers => Verdict::Taken,
            PubAckReason::TopicNameInvalid => Verdict::Never("topic name invalid"),
            PubAckReason::PayloadFormatInvalid => Verdict::Never("payload format invalid"),
            PubAckReason::NotAuthorized => Verdict::NotNow("not authorised"),
            PubAckReason::QuotaExceeded => Verdict::NotNow("quota exceeded"),
            PubAckReason::PacketIdentifierInUse => Verdict::NotNow("packet identifier in use"),
            PubAckReason::UnspecifiedError => Verdict::NotNow("unspecified error"),
            PubAckReason::ImplementationSpecificError => Verdict::Unclear("implementation specific error"),
        }
    }

    /// A reason code that rumqttc's codec does not know. 0x95, packet too large, is none of PUBACK's in MQTT 5; Mosquitto says
    /// it of a message above its message_size_limit.
    pub fn of_code(code: u8) -> Self {
        match code {
            0x95 => Verdict::Never("packet too large"),
            _ => Verdict::Unclear("a reason code that MQTT 5 does not name"),
        }
    }
}

#[derive(Debug)]
struct Handed<T> {
    tag: T,
    at: Instant,
}

/// `T` names what was handed over.
#[derive(Debug)]
pub struct Tracker<T> {
    last: u16,
    under_way: HashMap<u16, Handed<T>>,
}

impl<T> Default for Tracker<T> {
    fn default() -> Self {
        Tracker { last: 0, under_way: HashMap::new() }
    }
}

impl<T> Tracker<T> {
    /// A packet id for one more publish. Ids go round, so that one comes again only long after it was acknowledged; one that
    /// is under way still is passed over. The caller's window is far below 65,534 of them.
    pub fn hand_over(&mut self, tag: T, now: Instant) -> u16 {
        let next = |id: u16| id % (SUBSCRIBE_ID - 1) + 1;
        let mut id = next(self.last);
        while self.under_way.contains_key(&id) {
            id = next(id);
        }
        self.last = id;
        self.under_way.insert(id, Handed { tag, at: now });
        id
    }

    /// The broker acknowledges a packet id. `None` for one that is not under way: a repeat, or a wrong number.
    pub fn answered(&mut self, packet_id: u16) -> Option<T> {
        self.under_way.remove(&packet_id).map(|handed| handed.tag)
    }

    /// Handed over and not answered.
    pub fn open(&self) -> usize {
        self.under_way.len()
    }

    /// When the longest unanswered one was handed over.
    pub fn oldest(&self) -> Option<Instant> {
        self.under_way.values().map(|handed| handed.at).min()
    }

    /// The one that is open, if it is alone: then a fault of the connection can be laid on it.
    pub fn only(&self) -> Option<&T> {
        let mut open = self.under_way.values().map(|handed| &handed.tag);
        let first = open.next();
        if open.next().is_some() { None } else { first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn acknowledgements_in_any_order_name_the_right_publish() {
        let mut tracker = Tracker::default();
        let ids = [10, 11, 12].map(|tag| tracker.hand_over(tag, Instant::now()));
        assert_eq!(tracker.answered(ids[2]), Some(12));
        assert_eq!(tracker.answered(ids[0]), Some(10));
        assert_eq!((tracker.open(), tracker.only()), (1, Some(&11)));
    }

    #[test]
    fn a_repeated_or_misnumbered_acknowledgement_names_nothing() {
        let mut tracker = Tracker::default();
        let id = tracker.hand_over(10, Instant::now());
        assert_eq!(tracker.answered(id + 1), None);
        assert_eq!(tracker.answered(id), Some(10));
        assert_eq!(tracker.answered(id), None);
    }

    #[test]
    fn ids_go_round_past_those_that_are_under_way_and_never_meet_a_subscription() {
        let mut tracker = Tracker::default();
        let slow = tracker.hand_over(0, Instant::now());
        for tag in 1..200_000 {
            let id = tracker.hand_over(tag, Instant::now());
            assert!(id != slow && id != 0 && id != SUBSCRIBE_ID, "{id}");
            assert_eq!(tracker.answered(id), Some(tag));
        }
        assert_eq!(tracker.answered(slow), Some(0));
    }

    #[test]
    fn the_deadline_counts_from_the_oldest_even_when_later_ones_are_answered() {
        let start = Instant::now();
        let mut tracker = Tracker::default();
        let [first, second] = [(10, 0), (11, 5)].map(|(tag, s)| tracker.hand_over(tag, start + Duration::from_secs(s)));
        assert!(tracker.answered(second).is_some());
        assert_eq!(tracker.oldest(), Some(start));
        assert!(tracker.answered(first).is_some());
        assert_eq!(tracker.oldest(), None);
    }

    #[test]
    fn a_refusal_is_for_ever_only_when_the_message_itself_is_at_fault() {
        assert!(matches!(Verdict::of(PubAckReason::PayloadFormatInvalid), Verdict::Never(_)));
        assert!(matches!(Verdict::of(PubAckReason::TopicNameInvalid), Verdict::Never(_)));
        assert!(matches!(Verdict::of(PubAckReason::NotAuthorized), Verdict::NotNow(_)));
        assert!(matches!(Verdict::of(PubAckReason::QuotaExceeded), Verdict::NotNow(_)));
        assert!(matches!(Verdict::of_code(0x95), Verdict::Never(_)));
        assert!(matches!(Verdict::of_code(0x42), Verdict::Unclear(_)));
        assert_eq!(Verdict::of(PubAckReason::NoMatchingSubscribers), Verdict::Taken);
    }

    proptest! {
        /// `Some(id)` is an acknowledgement, of whatever that is.
        #[test]
        fn whatever_happens_nothing_is_answered_twice_or_forgotten(steps in prop::collection::vec(prop::option::of(0u16..40), 0..200)) {
            let mut tracker = Tracker::default();
            let (mut handed, mut answered) = (0, std::collections::HashSet::new());
            for step in steps {
                match step {
                    None => {
                        tracker.hand_over(handed, Instant::now());
                        handed += 1;
                    }
                    Some(id) => {
                        if let Some(tag) = tracker.answered(id) {
                            prop_assert!(answered.insert(tag));
                        }
                    }
                }
                prop_assert_eq!(tracker.open() + answered.len(), handed);
            }
        }
    }
}
