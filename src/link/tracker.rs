//! Which publish an acknowledgement speaks of. rumqttc gives no receipt for a publish: it takes requests in order, then
//! reports `Outgoing::Publish(packet id)` for each, and later the PUBACK with that packet id. This pairs them. Sans I/O:
//! events and times go in, verdicts come out, so that every nasty order is a plain test. One tracker lives as long as
//! one connection and no longer.

use rumqttc::v5::mqttbytes::v5::PubAckReason;
use std::collections::{HashMap, VecDeque};
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
}

#[derive(Debug)]
struct Handed<T> {
    tag: T,
    at: Instant,
}

/// `T` names what was handed over.
#[derive(Debug)]
pub struct Tracker<T> {
    /// Handed to the client, packet id not known yet; the client takes them in this order.
    queue: VecDeque<Handed<T>>,
    /// Under way, by packet id.
    flying: HashMap<u16, Handed<T>>,
}

impl<T> Default for Tracker<T> {
    fn default() -> Self {
        Tracker { queue: VecDeque::new(), flying: HashMap::new() }
    }
}

impl<T> Tracker<T> {
    /// Call this before the client gets the publish: its event may come at once. Every QoS 1 publish of the
    /// connection must pass here, or the pairs shift.
    pub fn hand_over(&mut self, tag: T, now: Instant) {
        self.queue.push_back(Handed { tag, at: now });
    }

    /// The client did not take the last one after all.
    pub fn take_back(&mut self) -> Option<T> {
        self.queue.pop_back().map(|handed| handed.tag)
    }

    /// The client reports a publish under this packet id. Packet id 0 is QoS 0; one that is already flying is a
    /// repeated report (thin-edge.io deadlocked on that one, its issue 2960). Neither takes from the queue.
    pub fn sent(&mut self, packet_id: u16) {
        if packet_id == 0 || self.flying.contains_key(&packet_id) {
            return;
        }
        if let Some(handed) = self.queue.pop_front() {
            self.flying.insert(packet_id, handed);
        }
    }

    /// The broker acknowledges a packet id. `None` for one that is not flying: a repeat, or a wrong number.
    pub fn answered(&mut self, packet_id: u16, reason: PubAckReason) -> Option<(T, Verdict)> {
        self.flying.remove(&packet_id).map(|handed| (handed.tag, Verdict::of(reason)))
    }

    /// Handed over and not answered.
    pub fn open(&self) -> usize {
        self.queue.len() + self.flying.len()
    }

    /// When the longest unanswered one was handed over.
    pub fn oldest(&self) -> Option<Instant> {
        self.queue.iter().chain(self.flying.values()).map(|handed| handed.at).min()
    }

    /// The one that is open, if it is alone: then a fault of the connection can be laid on it.
    pub fn only(&self) -> Option<&T> {
        let mut open = self.queue.iter().chain(self.flying.values()).map(|handed| &handed.tag);
        let first = open.next();
        if open.next().is_some() { None } else { first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PubAckReason::Success;
    use proptest::prelude::*;
    use std::collections::HashSet;
    use std::time::Duration;

    fn tracker(tags: impl IntoIterator<Item = u64>) -> Tracker<u64> {
        let mut tracker = Tracker::default();
        let now = Instant::now();
        tags.into_iter().for_each(|tag| tracker.hand_over(tag, now));
        tracker
    }

    #[test]
    fn acknowledgements_in_any_order_name_the_right_publish() {
        let mut tracker = tracker([10, 11, 12]);
        (1..=3).for_each(|id| tracker.sent(id));
        assert_eq!(tracker.answered(3, Success), Some((12, Verdict::Taken)));
        assert_eq!(tracker.answered(1, Success), Some((10, Verdict::Taken)));
        assert_eq!(tracker.open(), 1);
        assert_eq!(tracker.only(), Some(&11));
    }

    #[test]
    fn a_repeated_or_misnumbered_acknowledgement_names_nothing() {
        let mut tracker = tracker([10]);
        tracker.sent(1);
        assert_eq!(tracker.answered(7, Success), None);
        assert_eq!(tracker.answered(1, Success), Some((10, Verdict::Taken)));
        assert_eq!(tracker.answered(1, Success), None);
    }

    #[test]
    fn an_acknowledgement_of_what_was_never_sent_names_nothing() {
        let mut tracker = tracker([10]);
        assert_eq!(tracker.answered(1, Success), None);
        assert_eq!(tracker.open(), 1);
    }

    #[test]
    fn a_repeated_report_or_a_qos_0_publish_does_not_shift_the_pairs() {
        let mut tracker = tracker([10, 11]);
        tracker.sent(1);
        tracker.sent(0);
        tracker.sent(1);
        tracker.sent(2);
        assert_eq!(tracker.answered(2, Success), Some((11, Verdict::Taken)));
    }

    #[test]
    fn what_the_client_did_not_take_is_not_waited_for() {
        let mut tracker = tracker([10, 11]);
        assert_eq!(tracker.take_back(), Some(11));
        tracker.sent(1);
        assert_eq!(tracker.only(), Some(&10));
    }

    #[test]
    fn the_deadline_counts_from_the_oldest_even_when_later_ones_are_answered() {
        let start = Instant::now();
        let mut tracker = Tracker::default();
        for (tag, seconds) in [(10, 0), (11, 5)] {
            tracker.hand_over(tag, start + Duration::from_secs(seconds));
            tracker.sent(tag);
        }
        assert!(tracker.answered(11, Success).is_some());
        assert_eq!(tracker.oldest(), Some(start));
        assert!(tracker.answered(10, Success).is_some());
        assert_eq!(tracker.oldest(), None);
    }

    #[test]
    fn a_refusal_is_for_ever_only_when_the_message_itself_is_at_fault() {
        assert!(matches!(Verdict::of(PubAckReason::PayloadFormatInvalid), Verdict::Never(_)));
        assert!(matches!(Verdict::of(PubAckReason::TopicNameInvalid), Verdict::Never(_)));
        assert!(matches!(Verdict::of(PubAckReason::NotAuthorized), Verdict::NotNow(_)));
        assert!(matches!(Verdict::of(PubAckReason::QuotaExceeded), Verdict::NotNow(_)));
        assert_eq!(Verdict::of(PubAckReason::NoMatchingSubscribers), Verdict::Taken);
    }

    #[derive(Debug, Clone)]
    enum Step {
        HandOver,
        Sent(u16),
        Answered(u16),
        TakeBack,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            Just(Step::HandOver),
            (0u16..8).prop_map(Step::Sent),
            (0u16..8).prop_map(Step::Answered),
            Just(Step::TakeBack),
        ]
    }

    proptest! {
        #[test]
        fn whatever_happens_nothing_is_answered_twice_or_forgotten(steps in proptest::collection::vec(step(), 0..200)) {
            let mut tracker = Tracker::default();
            let (mut next, mut closed) = (0u64, HashSet::new());
            for step in steps {
                match step {
                    Step::HandOver => {
                        tracker.hand_over(next, Instant::now());
                        next += 1;
                    }
                    Step::Sent(id) => tracker.sent(id),
                    Step::Answered(id) => {
                        if let Some((tag, _)) = tracker.answered(id, Success) {
                            prop_assert!(closed.insert(tag));
                        }
                    }
                    Step::TakeBack => {
                        if let Some(tag) = tracker.take_back() {
                            prop_assert!(closed.insert(tag));
                        }
                    }
                }
                prop_assert_eq!(tracker.open() + closed.len(), next as usize);
            }
        }
    }
}
