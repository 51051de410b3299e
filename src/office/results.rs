//! Answers to the office's commands: each is kept until the broker has taken it, over however many connections. Whoever has sent a command
//! may send it again, and would hear only that it is a repeat.

use super::letter::{Letter, Tag};
use super::orders::{COUNTED, MOST_COMMANDS};
use crate::service::office_command;
use metrics::counter;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// Most that wait, with those that are still to come of commands under way: as many as these may be, and as many again from before a
/// connection broke. No command begins for whose result there is no room.
pub const MOST: usize = 2 * MOST_COMMANDS;
/// Most bytes that wait; beyond that they come without what was told. A diagnosis may be 180 KB.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// So many connections may end while one is alone under way; then it is what ends them, and is given up.
const STRIKES: u8 = 5;
/// After the second connection in a row that ended over results none go for so long, and twice as long each time, until one is taken.
const FIRST_REST: Duration = Duration::from_secs(2);
const LONGEST_REST: Duration = Duration::from_secs(3600);
const MAX_DOUBLINGS: u32 = 11;
/// How long before one that the broker did not take is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Those that wait, oldest first.
#[derive(Default)]
pub struct Results {
    waiting: BTreeMap<u64, Letter>,
    last: u64,
    under_way: BTreeSet<u64>,
    /// How many connections have ended over results since one was taken, and until when none go.
    breaks: u32,
    rest_until: Option<Instant>,
    /// And over each.
    strikes: BTreeMap<u64, u8>,
    /// Still to be sent over this connection.
    unsent: VecDeque<u64>,
    /// Not taken over this connection, and since when.
    held: VecDeque<(Instant, u64)>,
}

impl Results {
    pub fn post(&mut self, topic: String, payload: Vec<u8>) {
        let bytes: usize = self.waiting.values().map(|letter| letter.payload.len()).sum();
        let short = if bytes + payload.len() > MOST_BYTES { office_command::shortened(&payload) } else { None };
        let payload = short.unwrap_or(payload);
        self.last += 1;
        self.waiting.insert(self.last, Letter::result(self.last, topic, payload));
        self.unsent.push_back(self.last);
    }

    /// How many the broker has not taken yet.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// A new connection: what the last one has not brought across goes again.
    pub fn connected(&mut self) {
        let (last, first): (Vec<u64>, Vec<u64>) = self.waiting.keys().partition(|nth| self.strikes.contains_key(nth));
        self.unsent = first.into_iter().chain(last).collect();
        self.held.clear();
    }

    /// The next to be sent. Once a connection has ended over some, after a rest, one by one, and those last.
    pub fn next(&mut self, now: Instant) -> Option<Letter> {
        let rests = self.rest_until.is_some_and(|until| now < until);
        if rests || (self.breaks > 0 && !self.under_way.is_empty()) {
            return None;
        }
        // One that was given up while it stood in line is passed over.
        let waiting = &self.waiting;
        let letter = std::iter::from_fn(|| self.unsent.pop_front()).find_map(|nth| Some((nth, waiting.get(&nth)?)));
        let (nth, letter) = letter?;
        self.under_way.insert(nth);
        Some(letter.clone())
    }

    /// The connection has ended. A broker may end it over a result that its rules forbid, and would do so over the next connection, too,
    /// and nothing else would come across any more. Not so where it was not the broker that ended it.
    pub fn broke(&mut self, is_the_brokers_will: bool, now: Instant) {
        if !is_the_brokers_will {
            self.under_way.clear();
        }
        if self.under_way.is_empty() {
            return;
        }
        let rest = self.breaks.checked_sub(1).map(|doubled| FIRST_REST * 2_u32.pow(doubled.min(MAX_DOUBLINGS)));
        self.rest_until = rest.map(|rest| now + rest.min(LONGEST_REST));
        self.breaks += 1;
        let alone = self.under_way.len() == 1;
        for nth in std::mem::take(&mut self.under_way) {
            let strikes = self.strikes.entry(nth).or_default();
            *strikes += u8::from(alone);
            if *strikes >= STRIKES {
                self.drop_one(nth, "connections end over it");
            }
        }
    }

    /// Once a second.
    pub fn tick(&mut self, now: Instant) {
        let due = |(since, _): &(Instant, u64)| now.duration_since(*since) >= AGAIN_AFTER;
        let due = self.held.iter().take_while(|held| due(held)).count();
        self.unsent.extend(self.held.drain(..due).map(|(_, nth)| nth));
    }

    pub fn taken(&mut self, nth: u64) {
        self.forget(nth);
        (self.breaks, self.rest_until) = (0, None);
    }

    fn forget(&mut self, nth: u64) -> bool {
        self.under_way.remove(&nth);
        self.strikes.remove(&nth);
        self.waiting.remove(&nth).is_some()
    }

    /// The broker does not take it now.
    pub fn hold(&mut self, nth: u64, now: Instant) {
        self.under_way.remove(&nth);
        self.held.push_back((now, nth));
    }

    fn drop_one(&mut self, nth: u64, why: &str) {
        if self.forget(nth) {
            give_up(why);
        }
    }

    /// It may be larger than the broker takes: what came of the command goes without what was told. False where that was left out already, or
    /// there was nothing.
    pub fn shorten(&mut self, nth: u64) -> bool {
        let Some(letter) = self.waiting.get_mut(&nth) else { return false };
        let Some(short) = office_command::shortened(&letter.payload) else { return false };
        letter.payload = short;
        self.under_way.remove(&nth);
        self.unsent.push_front(nth);
        true
    }

    /// The broker never takes it as it is.
    pub fn refused(&mut self, nth: u64, why: &str) {
        if !self.shorten(nth) {
            self.drop_one(nth, why);
        }
    }
}

fn give_up(why: &str) {
    tracing::error!("the result of an office command is dropped: {why}");
    counter!(COUNTED, "outcome" => "unanswered").increment(1);
}

impl Letter {
    /// What became of a command.
    fn result(nth: u64, topic: String, payload: Vec<u8>) -> Self {
        Letter { tag: Tag::Result(nth), ..Letter::notice("result", topic, payload, false) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(results: &mut Results, payload: &str) -> u64 {
        results.post("cmd/ping/result".into(), payload.into());
        let Some(Letter { tag: Tag::Result(nth), .. }) = results.next(Instant::now()) else { panic!("it goes out") };
        nth
    }

    #[test]
    fn a_result_goes_again_over_each_connection_until_it_is_taken() {
        let mut results = Results::default();
        let (first, second) = (posted(&mut results, "{}"), posted(&mut results, "{}"));
        assert!(results.next(Instant::now()).is_none(), "once over each connection");
        results.taken(first);
        results.connected();
        assert_eq!(results.next(Instant::now()).map(|letter| letter.tag), Some(Tag::Result(second)));
        results.taken(second);
        results.connected();
        assert!(results.next(Instant::now()).is_none());
    }

    /// A broker whose rules forbid results and that ends the connection over each: the link went up and down for ever.
    #[test]
    fn results_over_which_connections_end_rest_and_one_is_given_up_in_the_end() {
        let (mut results, mut now) = (Results::default(), Instant::now());
        let (bad, good) = (posted(&mut results, "{}"), posted(&mut results, "{}"));
        results.broke(true, now);
        results.connected();
        let mut rests = Vec::new();
        for _ in 0..STRIKES {
            while results.next(now).is_none() {
                now += Duration::from_secs(1);
            }
            assert!(results.next(now).is_none(), "one by one");
            results.broke(true, now);
            results.connected();
            rests.extend(results.rest_until.map(|until| until - now));
            assert!(results.next(now).is_none(), "everything else goes first");
        }
        assert!(rests.windows(2).all(|pair| pair[0] < pair[1]) && !results.waiting.contains_key(&bad), "{rests:?}");
        now += LONGEST_REST;
        assert_eq!(results.next(now).map(|letter| letter.tag), Some(Tag::Result(good)));
        results.taken(good);
        assert!(results.len() == 0 && results.strikes.is_empty() && results.under_way.is_empty());
    }

    /// A broker whose disk hangs answers nothing for minutes: that is no word about a result.
    #[test]
    fn a_broker_that_is_silent_costs_no_result() {
        let (mut results, now) = (Results::default(), Instant::now());
        let nth = posted(&mut results, "{}");
        for _ in 0..2 * STRIKES {
            results.broke(false, now);
            results.connected();
            assert_eq!(results.next(now).map(|letter| letter.tag), Some(Tag::Result(nth)));
        }
    }

    #[test]
    fn one_that_is_refused_waits_and_one_that_is_never_taken_goes() {
        let (mut results, now) = (Results::default(), Instant::now());
        let nth = posted(&mut results, "{}");
        results.hold(nth, now);
        results.tick(now + AGAIN_AFTER / 2);
        assert!(results.next(Instant::now()).is_none());
        results.tick(now + AGAIN_AFTER);
        assert!(results.next(Instant::now()).is_some());
        results.hold(nth, now);
        let other = posted(&mut results, "{}");
        results.tick(now + AGAIN_AFTER);
        results.drop_one(nth, "test");
        assert!(results.next(now).is_none() && results.under_way.len() == 1, "it is passed over");
        results.taken(other);
        results.connected();
        assert!(results.next(Instant::now()).is_none());
    }

    #[test]
    fn what_is_too_large_says_at_least_what_became_of_the_command() {
        let mut results = Results::default();
        let nth =
            posted(&mut results, r#"{"command":"diagnose","id":"c-1","accepted":true,"result":{"log":["long"]}}"#);
        results.refused(nth, "too large");
        let short: serde_json::Value = serde_json::from_slice(&results.next(Instant::now()).unwrap().payload).unwrap();
        assert_eq!((&short["id"], &short["accepted"]), (&"c-1".into(), &true.into()));
        assert!(short.get("result").is_none() && short["left_out"] == 16, "{short}");
        results.refused(nth, "too large");
        assert!(results.next(Instant::now()).is_none() && results.waiting.is_empty(), "even that is too large");
    }

    #[test]
    fn where_many_large_ones_wait_the_next_say_only_what_became_of_the_command() {
        let mut results = Results::default();
        let large = format!(r#"{{"id":"c-1","accepted":true,"result":{{"log":["{}"]}}}}"#, "x".repeat(MOST_BYTES / 3));
        (0..5).for_each(|_| results.post("t".into(), large.clone().into_bytes()));
        let long = results.waiting.values().filter(|letter| letter.payload.len() > 100).count();
        assert_eq!((results.len(), long), (5, 2));
    }
}
