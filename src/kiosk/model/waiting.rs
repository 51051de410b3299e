//! What time alone does: an answer that does not come, the question whether somebody is still there, the wipe, and when to look
//! again.

use super::{Effect, Model};
use crate::desk::Refusal;
use crate::kiosk::screens::call::Call;
use crate::kiosk::screens::emergency::{FAILED_FOR, RETRY};
use crate::kiosk::surroundings::{STILL, Tone};
use std::time::Duration;

/// A page on which somebody waits for another person stays so long without a touch or news: one call to the host and one to
/// the butler take about two minutes, and the next visitor can touch "no, thank you" at any time.
pub const WATCHED: Duration = Duration::from_secs(180);

impl Model {
    /// Seconds until an unanswered idle question wipes.
    pub fn seconds_left(&self) -> u64 {
        let until = self.asked.unwrap_or(self.moment.at) + self.settings.warn;
        until.saturating_sub(self.moment.at).as_millis().div_ceil(1000) as u64
    }

    pub(super) fn tick(&mut self) -> Vec<Effect> {
        let at = self.moment.at;
        for whose in self.errands.give_up(at) {
            self.tell(whose, Err(Refusal::Busy));
            if !self.failed_again(whose) {
                self.touched = at;
            }
        }
        if self.asked.is_some_and(|asked| at.saturating_sub(asked) >= self.settings.warn) {
            self.end_session();
        }
        if self.idle_for() >= self.settings.idle && self.asked.is_none() {
            self.idle();
        }
        self.raise_again()
    }

    pub(super) fn idle_for(&self) -> Duration {
        self.moment.at.saturating_sub(self.touched)
    }

    fn idle(&mut self) {
        let idle_for = self.idle_for();
        if self.emergency().is_some_and(|emergency| emergency.is_unfinished()) {
            // It stays on the glass for ever; what lies below it does not, and neither does what lies above it.
            self.choosing = false;
            let is_read = matches!(&self.call, Some(Call::Help(help)) if !help.is_sending());
            if let Some(help) = self.call.take_if(|_| is_read && idle_for >= WATCHED) {
                self.leave(help);
            }
            if idle_for >= self.settings.idle + self.settings.warn && self.flow.is_some() {
                self.go_home();
            }
        } else if self.has_failed() {
            // It is read, not asked about; then it gives way.
            if idle_for >= FAILED_FOR {
                self.end_session();
            }
        } else if self.errands.anybody_waits() {
            // Somebody is waiting for an answer.
        } else if self.watches().is_some() && idle_for < WATCHED {
            // Somebody sits and waits for the host.
        } else if self.is_done() {
            self.end_session();
        } else {
            self.asked = Some(self.moment.at);
            self.sound(Tone::MoreTime);
        }
    }

    /// How long nobody has been here; none as long as somebody may still rest.
    pub fn alone_for(&self) -> Option<Duration> {
        let past = |since: Duration| self.moment.at.saturating_sub(since);
        let seen = self.near.is_some_and(|since| past(since) < STILL);
        Some(past(self.seen)).filter(|past| !seen && *past >= self.settings.idle)
    }

    /// When time alone will change something, on the clock of [`Moment::at`].
    pub fn wake(&self) -> Duration {
        let next_minute =
            Duration::from_millis(60_000 - self.moment.now.utc.timestamp_millis().rem_euclid(60_000) as u64);
        let mut wake = self.moment.at + next_minute;
        // What should have happened and has nothing to do yet (an emergency that stays) is looked at each second, not for ever.
        let soonest = self.moment.at + Duration::from_secs(1);
        let mut sooner = |at: Duration| wake = wake.min(if at > self.moment.at { at } else { soonest });
        if self.asked.is_some() {
            sooner(self.moment.at + Duration::from_secs(1));
        } else if self.watches().is_some() && self.idle_for() < WATCHED {
            sooner(self.touched + WATCHED.max(self.settings.idle));
        } else if self.idle_for() < self.settings.idle {
            sooner(self.touched + self.settings.idle);
        } else {
            sooner(self.touched + self.settings.idle + self.settings.warn);
        }
        for lonely in [Some(self.seen + self.settings.idle), self.near.map(|since| since + STILL)].into_iter().flatten()
        {
            if self.moment.at < lonely {
                sooner(lonely);
            }
        }
        if self.has_failed() {
            sooner(self.raised_at + RETRY);
            sooner(self.touched + FAILED_FOR.max(self.settings.idle));
        }
        self.errands.wakes(self.moment.at).for_each(&mut sooner);
        wake.max(self.moment.at)
    }
}
