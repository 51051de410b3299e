//! What a contact means: a level that has stayed. Springs bounce and cables hum; one movement of the door is one report. Knows
//! no clock: times are since some start.

use std::time::Duration;

/// A level counts when it has stayed so long: reed contacts bounce up to 5 ms, door latches some 20 ms.
pub const SETTLED: Duration = Duration::from_millis(50);

/// Least time between two reports: a loose contact writes at most two rows a second into the journal. What it does between
/// them is not told; how it stands after them is.
pub const REST: Duration = Duration::from_millis(500);

#[derive(Debug, Default)]
pub struct Debounce {
    told: Option<bool>,
    told_at: Duration,
    /// A level that differs from the one told, and since when.
    candidate: Option<Duration>,
}

impl Debounce {
    /// The level is this now, and has moved in between if `moved`. True if it is to be told.
    pub fn feed(&mut self, active: bool, moved: bool, at: Duration) -> bool {
        if self.told == Some(active) {
            self.candidate = None;
            return false;
        }
        let since = self.candidate.filter(|_| !moved).unwrap_or(at);
        self.candidate = Some(since);
        if at < self.ripe(since) {
            return false;
        }
        self.candidate = None;
        (self.told, self.told_at) = (Some(active), at);
        true
    }

    /// Nothing was told yet.
    pub fn is_new(&self) -> bool {
        self.told.is_none()
    }

    /// When to look again, if nothing moves until then.
    pub fn due(&self) -> Option<Duration> {
        self.candidate.map(|since| self.ripe(since))
    }

    fn ripe(&self, since: Duration) -> Duration {
        let rested = if self.told.is_some() { self.told_at + REST } else { Duration::ZERO };
        rested.max(since + SETTLED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Plays levels, each with how long it stays in milliseconds, and gives what was told and when.
    fn played(levels: &[(bool, u64)]) -> Vec<(bool, Duration)> {
        let (mut debounce, mut at, mut told) = (Debounce::default(), Duration::ZERO, Vec::new());
        for (active, stays) in levels {
            let end = at + ms(*stays);
            let mut moved = true;
            loop {
                if debounce.feed(*active, moved, at) {
                    told.push((*active, at));
                }
                moved = false;
                match debounce.due() {
                    Some(due) if due < end => at = due,
                    _ => break,
                }
            }
            at = end;
        }
        told
    }

    #[test]
    fn a_door_that_bounces_open_is_told_once() {
        let told = played(&[(false, 1000), (true, 3), (false, 2), (true, 8), (false, 1), (true, 1000)]);
        assert_eq!(told, [(false, ms(50)), (true, ms(1064))]);
    }

    #[test]
    fn a_touch_of_the_cable_is_nothing() {
        assert_eq!(played(&[(false, 1000), (true, 49), (false, 1000)]).len(), 1);
    }

    #[test]
    fn a_door_that_opens_and_shuts_is_told_twice() {
        let told = played(&[(false, 1000), (true, 600), (false, 1000)]);
        assert_eq!(told.iter().map(|(active, _)| *active).collect::<Vec<_>>(), [false, true, false]);
    }

    proptest! {
        #[test]
        fn reports_alternate_rest_between_and_end_with_how_it_stands(
            levels in prop::collection::vec((any::<bool>(), 1..400u64), 1..60)
        ) {
            let mut levels = levels;
            let last = levels.last().unwrap().0;
            levels.push((last, 1000));
            let told = played(&levels);
            prop_assert_eq!(told.last().unwrap().0, last);
            for pair in told.windows(2) {
                prop_assert!(pair[0].0 != pair[1].0);
                prop_assert!(pair[1].1 - pair[0].1 >= REST);
            }
        }
    }
}
