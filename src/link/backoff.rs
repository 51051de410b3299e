//! How long to wait before the next try: decorrelated jitter, so that two hundred gateways do not come back to a
//! restarted office broker in the same second. Pure: randomness is handed in.

use super::Limits;
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    stable: Duration,
    last: Duration,
}

impl Backoff {
    pub fn new(limits: &Limits) -> Self {
        Backoff { first: limits.retry_first, most: limits.retry_most, stable: limits.stable, last: limits.retry_first }
    }

    /// The next wait. `random` is from 0.0 to 1.0. The wait lies between the first one and three times the last one,
    /// and never above the longest.
    pub fn next(&mut self, random: f64) -> Duration {
        let upper = (self.last * 3).min(self.most).max(self.first);
        self.last = self.first + (upper - self.first).mul_f64(random.clamp(0.0, 1.0));
        self.last
    }

    /// A connection has lasted this long. Only a stable one starts the count again: a broker that accepts and drops
    /// at once must not be called every second.
    pub fn lasted(&mut self, time: Duration) {
        if time >= self.stable {
            self.last = self.first;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn waits_grow_to_the_longest_and_start_again_only_after_a_stable_connection() {
        let limits = Limits::default();
        let mut backoff = Backoff::new(&limits);
        let waits: Vec<u64> = (0..6).map(|_| backoff.next(1.0).as_secs()).collect();
        assert_eq!(waits, [3, 9, 27, 60, 60, 60]);
        backoff.lasted(Duration::from_secs(59));
        assert_eq!(backoff.next(1.0).as_secs(), 60);
        backoff.lasted(Duration::from_secs(60));
        assert_eq!(backoff.next(1.0).as_secs(), 3);
    }

    /// What a company's broker sees that was away for an hour: nobody is called in step.
    #[test]
    fn a_thousand_gateways_come_back_spread_over_a_minute() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut seconds = [0; 61];
        for _ in 0..1_000 {
            let mut backoff = Backoff::new(&Limits::default());
            let mut tries = std::iter::repeat_with(|| backoff.next(random.f64()));
            let (away, mut at) = (Duration::from_secs(3_600), Duration::ZERO);
            while at < away {
                at += tries.next().expect("it repeats");
            }
            seconds[(at - away).as_secs() as usize] += 1;
        }
        let busiest = seconds.into_iter().max();
        assert!(busiest < Some(80), "{seconds:?}");
    }

    proptest! {
        #[test]
        fn every_wait_lies_within_the_limits(randoms in proptest::collection::vec(0.0f64..=1.0, 1..50)) {
            let limits = Limits::default();
            let mut backoff = Backoff::new(&limits);
            for random in randoms {
                let wait = backoff.next(random);
                prop_assert!(wait >= limits.retry_first && wait <= limits.retry_most);
            }
        }
    }
}
