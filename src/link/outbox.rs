//! What is told over a connection and kept nowhere else: it waits for its turn while the window is full, and what the broker
//! retains is replaced by what is newer. (The events of the office are not told: they are relayed, and each is proved.)

use super::{Connection, Tracker, Verdict};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// One publish, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub topic: String,
    pub payload: Vec<u8>,
    pub retain: bool,
}

/// What waits to be told, and what is under way.
#[derive(Debug)]
pub struct Outbox {
    tracker: Tracker<()>,
    waiting: VecDeque<Notice>,
    /// Under way at once.
    window: usize,
    /// Notices that may wait, besides those that the broker retains: of these there is one a topic.
    limit: usize,
}

impl Outbox {
    pub fn new(window: usize, limit: usize) -> Self {
        Outbox { tracker: Tracker::default(), waiting: VecDeque::new(), window, limit }
    }

    /// Puts a notice in line; one that waits already on the same topic, and would be retained there, is replaced. `false`: too
    /// many wait, and it is dropped.
    pub fn post(&mut self, notice: Notice) -> bool {
        if notice.retain {
            self.waiting.retain(|waiting| !waiting.retain || waiting.topic != notice.topic);
        } else if self.waiting.len() >= self.limit {
            return false;
        }
        self.waiting.push_back(notice);
        true
    }

    /// Sends what may go now.
    pub fn flush(&mut self, connection: &mut Connection) {
        while self.tracker.open() < self.window
            && let Some(notice) = self.waiting.pop_front()
        {
            let packet_id = self.tracker.hand_over((), Instant::now());
            connection.publish(packet_id, notice.topic, notice.payload, notice.retain, None);
        }
    }

    /// The broker's answer to a publish; why, where it refuses one of ours.
    pub fn acknowledged(&mut self, packet_id: u16, verdict: Verdict) -> Option<&'static str> {
        self.tracker.answered(packet_id)?;
        match verdict {
            Verdict::Never(why) | Verdict::NotNow(why) | Verdict::Unclear(why) => Some(why),
            Verdict::Taken => None,
        }
    }

    /// Whether the broker has left a publish unanswered for longer than `patience`.
    pub fn is_overdue(&self, patience: Duration) -> bool {
        self.tracker.oldest().is_some_and(|at| at.elapsed() > patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(topic: &str, payload: &str, retain: bool) -> Notice {
        Notice { topic: topic.into(), payload: payload.into(), retain }
    }

    #[test]
    fn of_what_is_retained_the_newest_waits_and_of_the_rest_so_many() {
        let mut outbox = Outbox::new(9, 2);
        assert!(outbox.post(notice("open", "old", true)));
        assert!(outbox.post(notice("offer", "one", false)));
        assert!(outbox.post(notice("open", "new", true)));
        assert!(!outbox.post(notice("offer", "two", false)), "two wait already");
        assert!(outbox.post(notice("other", "list", true)), "a list is one a topic");
        let waiting: Vec<_> = outbox.waiting.iter().map(|notice| notice.payload.as_slice()).collect();
        assert_eq!(waiting, [b"one".as_slice(), b"new", b"list"]);
    }
}
