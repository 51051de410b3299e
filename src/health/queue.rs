//! What waits for the office, how fast it goes, and how long there is room: computed from samples that somebody else takes.
//! Pure: whoever samples says when. An estimate that means nothing is not given.

use super::quota::{Level, Quota};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::VecDeque;
use std::time::Duration;

/// Over which what goes out and what comes in are counted: six looks of the pulse.
pub const WINDOW: Duration = Duration::from_secs(60);
/// What comes in over a day tells how long the room lasts: a lobby is busy in the morning and still at night.
const LONG: Duration = Duration::from_secs(24 * 3600);
/// Between two samples that are kept for the day: 144 of them.
const LONG_STEP: Duration = Duration::from_secs(600);
/// Samples of the short window that are kept: one each look, and some more where links come and go.
const MOST: usize = 64;
/// What an event takes in the journal at least, bytes: measured (docs/performance.md). Where retention has left holes the file
/// divided by the numbers is too little.
pub const EVENT_BYTES: u64 = 250;
/// So long may anything wait before somebody is told: less is a relay at work.
const NOTABLE: TimeDelta = TimeDelta::seconds(60);

/// What the journal was like at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sample {
    /// By a clock that nobody sets, from any beginning.
    pub at: Duration,
    /// Oldest and newest number.
    pub oldest: u64,
    pub newest: u64,
    /// Events that the office has not acknowledged.
    pub unsent: u64,
    /// What the journal takes, bytes.
    pub used: u64,
}

/// Events a second, and what follows from them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pace {
    /// Acknowledged by the office, a second.
    pub drain: f64,
    /// Written, a second.
    pub arrivals: f64,
    /// Until nothing waits any more; `None` where nothing waits, or where as much comes as goes.
    pub drained_in: Option<Duration>,
    /// Until devices would have to wait, if the office were away from now on.
    pub room_for: Option<Duration>,
}

/// Everything about what waits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queue {
    pub urgent: u64,
    pub normal: u64,
    /// When the oldest of it was recorded.
    pub oldest: Option<DateTime<Utc>>,
    pub pace: Pace,
    pub level: Level,
}

impl Default for Queue {
    fn default() -> Self {
        Queue { urgent: 0, normal: 0, oldest: None, pace: Pace::default(), level: Level::Free }
    }
}

impl Queue {
    pub fn depth(&self) -> u64 {
        self.urgent + self.normal
    }

    /// Whether a person should see it: something has waited for a minute, or devices wait.
    pub fn is_notable(&self, now: DateTime<Utc>) -> bool {
        self.level.holds_devices() || self.oldest.is_some_and(|oldest| now - oldest >= NOTABLE)
    }
}

/// The samples of a minute, and those of a day.
#[derive(Debug, Default)]
pub struct Samples {
    short: VecDeque<Sample>,
    long: VecDeque<Sample>,
}

impl Samples {
    pub fn push(&mut self, sample: Sample) {
        // Numbers begin anew with a journal that was restored: what was before tells nothing.
        if self.short.back().is_some_and(|last| last.newest > sample.newest || last.at > sample.at) {
            *self = Samples::default();
        }
        if self.long.back().is_none_or(|last| sample.at - last.at >= LONG_STEP) {
            self.long.push_back(sample);
        }
        self.short.push_back(sample);
        // One sample from before the window stays: the window begins with it.
        forget(&mut self.short, sample.at, WINDOW);
        forget(&mut self.long, sample.at, LONG);
        if self.short.len() > MOST {
            self.short.pop_front();
        }
    }

    /// What the samples say; all zero with one sample only.
    pub fn pace(&self, quota: &Quota) -> Pace {
        let (Some(first), Some(last)) = (self.short.front(), self.short.back()) else { return Pace::default() };
        let (drain, arrivals) =
            (rate(sent(first), sent(last), first, last), rate(first.newest, last.newest, first, last));
        Pace {
            drain,
            arrivals,
            drained_in: drained_in(last.unsent, drain - arrivals),
            room_for: self.room_for(last, quota),
        }
    }

    fn room_for(&self, last: &Sample, quota: &Quota) -> Option<Duration> {
        let first = self.long.front()?;
        let arrivals = rate(first.newest, last.newest, first, last);
        let events = (last.newest + 1).saturating_sub(last.oldest).max(1);
        // A small journal is mostly empty tables.
        let bytes = (last.used / events).clamp(EVENT_BYTES, 4 * EVENT_BYTES);
        let room = quota.for_devices().saturating_sub(last.unsent * bytes);
        seconds(room as f64 / (arrivals * bytes as f64))
    }
}

fn forget(samples: &mut VecDeque<Sample>, now: Duration, window: Duration) {
    while samples.get(1).is_some_and(|second| now - second.at >= window) {
        samples.pop_front();
    }
}

fn sent(sample: &Sample) -> u64 {
    sample.newest.saturating_sub(sample.unsent)
}

/// A second. A replay moves what was sent backwards: that is no pace.
fn rate(before: u64, after: u64, first: &Sample, last: &Sample) -> f64 {
    let seconds = (last.at - first.at).as_secs_f64();
    if seconds > 0.0 { after.saturating_sub(before) as f64 / seconds } else { 0.0 }
}

fn drained_in(unsent: u64, gain: f64) -> Option<Duration> {
    if unsent == 0 || gain <= 0.0 { None } else { seconds(unsent as f64 / gain) }
}

/// Nobody is told of more than ten years.
fn seconds(seconds: f64) -> Option<Duration> {
    const MOST_SECONDS: f64 = 10.0 * 365.0 * 86_400.0;
    (0.0..MOST_SECONDS).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const QUOTA: Quota = Quota::mib(2_048, 64);

    fn sample(at: u64, newest: u64, unsent: u64) -> Sample {
        Sample { at: Duration::from_secs(at), oldest: 1, newest, unsent, used: newest * 400 }
    }

    fn pace(samples: &[Sample]) -> Pace {
        let mut all = Samples::default();
        samples.iter().for_each(|sample| all.push(*sample));
        all.pace(&QUOTA)
    }

    #[test]
    fn a_backlog_that_shrinks_has_an_end() {
        let pace = pace(&[sample(0, 10_000, 9_000), sample(10, 10_100, 4_100)]);
        assert_eq!((pace.drain, pace.arrivals), (500.0, 10.0));
        assert_eq!(pace.drained_in.map(|left| left.as_secs()), Some(8));
    }

    #[test]
    fn while_the_office_is_away_no_end_is_promised_but_the_room_is_told() {
        let pace = pace(&[sample(0, 1_000_000, 10), sample(3600, 1_003_600, 3_610)]);
        assert_eq!((pace.drain, pace.arrivals, pace.drained_in), (0.0, 1.0, None));
        // One event of 400 bytes a second, and 1,984 MiB less what waits.
        let days = pace.room_for.unwrap().as_secs_f64() / 86_400.0;
        assert!((60.0..60.3).contains(&days), "{days}");
    }

    #[test]
    fn nothing_that_waits_has_nothing_to_wait_for_and_one_sample_tells_nothing() {
        assert_eq!(pace(&[sample(0, 100, 0), sample(10, 200, 0)]).drained_in, None);
        assert_eq!(pace(&[sample(5, 100, 7)]), Pace::default());
        assert_eq!(pace(&[]), Pace::default());
    }

    #[test]
    fn only_the_last_minute_counts_as_the_pace() {
        let minutes = (0..=60).map(|ten| sample(ten * 10, 1_000 + ten * ten, 0)).collect::<Vec<_>>();
        let expected = (60.0 * 60.0 - 54.0 * 54.0) / 60.0;
        assert_eq!(pace(&minutes).arrivals, expected);
    }

    #[test]
    fn a_replay_and_a_restored_journal_make_no_wild_figures() {
        assert_eq!(pace(&[sample(0, 100, 0), sample(10, 100, 90)]).drain, 0.0);
        assert_eq!(pace(&[sample(0, 100_000, 0), sample(10, 5, 0)]), Pace::default());
    }

    #[test]
    fn what_waits_a_moment_is_nobodys_business_and_what_is_held_back_is() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let queue = |age: i64, level| Queue { oldest: Some(now - TimeDelta::seconds(age)), level, ..Queue::default() };
        assert!(!queue(59, Level::Free).is_notable(now) && queue(60, Level::Free).is_notable(now));
        assert!(queue(0, Level::Full).is_notable(now) && !Queue::default().is_notable(now));
    }

    proptest! {
        #[test]
        fn whatever_is_sampled_nothing_is_negative_or_endless(
            steps in proptest::collection::vec((0u64..10_000, 0u64..1_000_000, 0u64..1_000_000), 0..200),
        ) {
            let (mut samples, mut at) = (Samples::default(), 0);
            for (step, newest, unsent) in steps {
                at += step;
                samples.push(sample(at, newest, unsent));
                let pace = samples.pace(&QUOTA);
                prop_assert!(pace.drain >= 0.0 && pace.arrivals >= 0.0 && pace.drain.is_finite());
                prop_assert!(samples.short.len() <= MOST && samples.long.len() <= 146);
            }
        }
    }
}
