//! Service time: the one time by which promises run. While the gateway does not know the time it runs with the monotonic
//! clock, on from the last thing that was recorded; once the network has set the wall clock it is the wall clock. A wall
//! clock that jumps is a step, which the desk records and moves every running span by. Reads no clock.

use crate::event::{Now, Reading};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// A synced wall clock this near to what the monotonic clock expects is followed without a word. NTP slews half a
/// millisecond a second and steps from 128 ms on; two seconds change no promise.
pub const FOLLOWED: TimeDelta = TimeDelta::seconds(2);

/// So long the time stays known after the kernel last called its clock kept. It stops doing so some nine hours after the last answer of a time
/// server, at 16 s of possible error, and a house whose line is down over night must let its guests in and forget people at their age all
/// the same. The kernel goes on correcting what it knows of the crystal; one that is wrong by 100 millionths is four minutes off then.
pub const HOLDOVER: Duration = Duration::from_secs(30 * 86_400);

/// Service time goes on after the newest record, whose milliseconds are cut off.
const AFTER_THE_LAST: TimeDelta = TimeDelta::milliseconds(1);

/// Service time as a straight line: `base` when the monotonic clock stood at `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    base: DateTime<Utc>,
    at: Duration,
    /// The network has set the clock at least once since the start.
    trusted: bool,
    /// What was given since then was measured on this line, and moves with a step.
    since: DateTime<Utc>,
}

/// Service time must jump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What every span that runs since `since` moves by; negative when the clock was ahead.
    pub by: TimeDelta,
    pub since: DateTime<Utc>,
    pub why: Why,
    /// The time after the step.
    pub now: Now,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The network has told the time for the first time since power-on.
    FirstSync,
    /// Somebody or the network has set a clock that was set before.
    WallStepped,
}

impl Why {
    pub const fn name(self) -> &'static str {
        match self {
            Why::FirstSync => "first-sync",
            Why::WallStepped => "wall-stepped",
        }
    }
}

impl Timeline {
    /// `last_recorded`: the newest event's time of recording. `doubted_since`: what [`Timeline::doubted_since`] said in an
    /// earlier session that ended before the time was known.
    pub fn begin(reading: Reading, last_recorded: Option<DateTime<Utc>>, doubted_since: Option<DateTime<Utc>>) -> Self {
        let after_the_last = last_recorded.map(|last| last.checked_add_signed(AFTER_THE_LAST).unwrap_or(last));
        let trusted = reading.synced && doubted_since.is_none();
        let base = match after_the_last {
            Some(after) if reading.synced && doubted_since.is_some() => after,
            Some(after) if !reading.synced => reading.utc.max(after),
            _ => reading.utc,
        };
        Timeline { base, at: reading.mono, trusted, since: doubted_since.unwrap_or(base).min(base) }
    }

    /// Service time at this reading, as far as the steps have been followed. A time before its step is not called synced; one without a
    /// server is, for [`HOLDOVER`].
    pub fn now(&self, reading: Reading) -> Now {
        let expected = self.expected(reading);
        if !reading.synced {
            let held = self.trusted && reading.mono.saturating_sub(self.at) <= HOLDOVER;
            return Now { utc: expected, synced: held };
        }
        match (reading.utc - expected).abs() <= FOLLOWED {
            true => Now { utc: reading.utc, synced: true },
            false => Now { utc: expected, synced: false },
        }
    }

    /// Whether this reading makes service time jump.
    pub fn step(&self, reading: Reading) -> Option<Step> {
        let by = reading.utc - self.expected(reading);
        (reading.synced && by.abs() > FOLLOWED).then_some(Step {
            by,
            since: self.since,
            why: if self.trusted { Why::WallStepped } else { Why::FirstSync },
            now: Now { utc: reading.utc, synced: true },
        })
    }

    /// Goes on from this reading, after its step was recorded.
    pub fn follow(&mut self, reading: Reading) {
        if !reading.synced {
            return;
        }
        if let Some(step) = self.step(reading) {
            self.since += step.by;
        }
        (self.base, self.at, self.trusted) = (reading.utc, reading.mono, true);
    }

    /// Since when service time has not been confirmed by the network; `None` once it has.
    pub fn doubted_since(&self) -> Option<DateTime<Utc>> {
        (!self.trusted).then_some(self.since)
    }

    fn expected(&self, reading: Reading) -> DateTime<Utc> {
        let elapsed = TimeDelta::from_std(reading.mono.saturating_sub(self.at)).unwrap_or_default();
        self.base.checked_add_signed(elapsed).unwrap_or(self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2026-11-21T04:00:00Z.
    const NOON: i64 = 1_795_233_600;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(NOON + seconds, 0).unwrap()
    }

    fn reading(wall: DateTime<Utc>, synced: bool, mono: u64) -> Reading {
        Reading { utc: wall, synced, mono: Duration::from_secs(mono) }
    }

    #[test]
    fn a_machine_that_wakes_up_in_1970_goes_on_after_its_last_record() {
        let line = Timeline::begin(reading(DateTime::UNIX_EPOCH, false, 10), Some(at(0)), None);
        let later = line.now(reading(DateTime::UNIX_EPOCH + TimeDelta::seconds(60), false, 70));
        assert_eq!(later, Now { utc: at(60) + AFTER_THE_LAST, synced: false });
    }

    #[test]
    fn until_the_time_is_known_the_wall_may_do_what_it_likes() {
        let line = Timeline::begin(reading(at(0), false, 10), None, None);
        for wall in [at(-90_000), at(90_000), DateTime::UNIX_EPOCH] {
            assert_eq!(line.now(reading(wall, false, 40)), Now { utc: at(30), synced: false });
            assert_eq!(line.step(reading(wall, false, 40)), None);
        }
    }

    #[test]
    fn the_first_sync_is_a_step_of_what_the_clock_was_wrong_by() {
        let mut line = Timeline::begin(reading(at(0), false, 10), None, None);
        assert_eq!(line.doubted_since(), Some(at(0)));
        let synced = reading(at(3 * 3600 + 60), true, 70);
        assert_eq!(line.now(synced), Now { utc: at(60), synced: false }, "not before the step is recorded");
        let step = line.step(synced).unwrap();
        assert_eq!((step.by, step.since, step.why), (TimeDelta::hours(3), at(0), Why::FirstSync));
        line.follow(synced);
        assert_eq!(line.now(synced), step.now);
        assert_eq!((line.step(synced), line.doubted_since()), (None, None));
        let back = reading(at(60), true, 70);
        let step = line.step(back).unwrap();
        assert_eq!((step.by, step.since), (TimeDelta::hours(-3), at(3 * 3600)), "what was moved moves again");
        assert_eq!(step.why, Why::WallStepped);
    }

    #[test]
    fn a_time_that_was_known_stays_known_without_a_server_for_a_month() {
        let day = 86_400;
        let mut line = Timeline::begin(reading(at(0), true, 10), None, None);
        line.follow(reading(at(100), true, 110));
        for (mono, synced) in [(110 + day, true), (110 + 30 * day, true), (111 + 30 * day, false)] {
            // Somebody sets the wall clock meanwhile: nobody believes it.
            let lost = reading(at(-90_000), false, mono);
            assert_eq!(line.now(lost), Now { utc: at(mono as i64 - 10), synced });
            assert_eq!((line.step(lost), line.doubted_since()), (None, None));
            line.follow(lost);
        }
        line.follow(reading(at(40 * day as i64), true, 10 + 40 * day));
        assert!(line.now(reading(at(0), false, 10 + 41 * day)).synced, "and again for a month");
    }

    #[test]
    fn a_session_that_never_knew_the_time_is_put_right_by_the_next_one() {
        let line = Timeline::begin(reading(at(500), true, 10), Some(at(100)), Some(at(0)));
        let step = line.step(reading(at(500), true, 10)).unwrap();
        assert_eq!((step.by, step.since), (TimeDelta::seconds(400) - AFTER_THE_LAST, at(0)));
        let line = Timeline::begin(reading(at(500), false, 10), Some(at(100)), Some(at(0)));
        assert_eq!(line.doubted_since(), Some(at(0)));
    }

    proptest! {
        /// Small corrections, drift, a lost and a regained server: spans measured on the line stay what they are.
        #[test]
        fn between_steps_service_time_never_runs_backwards_by_more_than_it_follows(
            moves in prop::collection::vec((0u64..600, -5_000i64..5_000, any::<bool>()), 1..60), synced: bool,
        ) {
            let mut line = Timeline::begin(reading(at(0), synced, 0), None, None);
            let (mut mono, mut wall, mut last) = (0, 0, line.now(reading(at(0), synced, 0)).utc);
            for (seconds, jump, synced) in moves {
                mono += seconds;
                wall += seconds as i64 + if jump % 3 == 0 { jump } else { 0 };
                let reading = reading(at(wall), synced, mono);
                let now = match line.step(reading) {
                    Some(step) => {
                        prop_assert!(step.by.abs() > FOLLOWED);
                        last += step.by;
                        step.now
                    }
                    None => line.now(reading),
                };
                line.follow(reading);
                prop_assert_eq!(line.now(reading), now);
                let ran = now.utc - last;
                let truly = TimeDelta::seconds(seconds as i64);
                prop_assert!((ran - truly).abs() <= FOLLOWED * 2, "{} instead of {}", ran, truly);
                last = now.utc;
            }
        }
    }
}
