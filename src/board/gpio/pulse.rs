//! A short pulse on a line, such as a buzzer's: it always ends. Knows no clock: times are since some start.

use std::time::Duration;

/// No pulse is longer, whoever asks: a buzzer that does not stop is switched off by force.
pub const LONGEST: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub struct Pulse {
    ends: Option<Duration>,
}

impl Pulse {
    /// Begins one, or goes on with the one that runs.
    pub fn begin(&mut self, length: Duration, at: Duration) {
        self.ends.get_or_insert(at + length.min(LONGEST));
    }

    /// Whether the line is on now.
    pub fn is_on(&mut self, at: Duration) -> bool {
        self.ends = self.ends.filter(|ends| at < *ends);
        self.ends.is_some()
    }

    /// When it ends.
    pub fn due(&self) -> Option<Duration> {
        self.ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn however_often_it_is_asked_for_it_ends(asked in prop::collection::vec(0..3_000u64, 1..40)) {
            let mut pulse = Pulse::default();
            let (mut at, mut on_since) = (Duration::ZERO, None);
            for pause in asked {
                at += Duration::from_millis(pause);
                // The line is looked at when it is due.
                if pulse.due().is_some_and(|due| due <= at) {
                    on_since = None;
                }
                pulse.is_on(at);
                pulse.begin(Duration::from_secs(60), at);
                prop_assert!(pulse.is_on(at));
                let since = *on_since.get_or_insert(at);
                prop_assert!(at - since < LONGEST);
            }
            prop_assert!(!pulse.is_on(at + LONGEST));
        }
    }
}
