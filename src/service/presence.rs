//! Is somebody at the post? (R014) The guards' page beats while it is open, a reply over MQTT counts too. A manned post
//! that takes calls and is not heard of is silent: told once, and once more when it is back. Kept in memory only: after a
//! restart every post has its time anew. Measured on the clock that nobody sets.

use super::figures::minutes;
use super::house::{Duty, House};
use crate::event::{Now, Slug};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Who was heard when.
#[derive(Debug, Clone, Default)]
pub struct Presence {
    /// `None`: silent since before the start.
    heard: BTreeMap<Slug, Option<Duration>>,
    silent: BTreeSet<Slug>,
}

/// What has changed with a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Silent(Slug),
    Heard(Slug),
}

impl Presence {
    /// `silent`: posts whose silence was told before the restart and has not ended.
    pub fn begin(house: &House, mono: Duration, silent: impl IntoIterator<Item = Slug>) -> Self {
        let silent: BTreeSet<Slug> = silent.into_iter().collect();
        let heard = |post: &Slug| (!silent.contains(post)).then_some(mono);
        Presence { heard: house.posts.iter().map(|post| (post.id.clone(), heard(&post.id))).collect(), silent }
    }

    /// Something came from this post. Posts that the house does not have are not kept.
    pub fn hear(&mut self, post: &Slug, mono: Duration) {
        if let Some(heard) = self.heard.get_mut(post) {
            *heard = Some(mono);
        }
    }

    /// What has changed. The same again until [`Presence::told`] says that it is recorded.
    pub fn look(&mut self, house: &House, now: Now, mono: Duration) -> Vec<Change> {
        let patience = minutes(house.figures.dispatch.silent_minutes).to_std().unwrap_or_default();
        if patience.is_zero() {
            return Vec::new();
        }
        let mut changes = Vec::new();
        for post in &house.posts {
            let manned = post.takes.contains(&Duty::Call) && house.is_manned(post, now.utc);
            let Some(heard) = self.heard.get_mut(&post.id) else { continue };
            let was_silent = self.silent.contains(&post.id);
            let is_silent = heard.is_none_or(|heard| mono.saturating_sub(heard) >= patience);
            match (was_silent, is_silent) {
                (true, false) => changes.push(Change::Heard(post.id.clone())),
                (false, true) if manned => changes.push(Change::Silent(post.id.clone())),
                // Nobody has to be there: the next shift has its full time.
                (false, _) if !manned => *heard = Some(mono),
                _ => {}
            }
        }
        changes
    }

    /// These changes stand in the journal.
    pub fn told(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Silent(post) => self.silent.insert(post.clone()),
                Change::Heard(post) => self.silent.remove(post),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::house::{Post, Shift};
    use crate::service::local_time::LocalTime;
    use chrono::DateTime;

    fn slug(id: &str) -> Slug {
        Slug::new(id).unwrap()
    }

    fn house() -> House {
        let post = |id: &str, takes: Vec<Duty>, shifts: Vec<Slug>| Post {
            id: slug(id),
            name: None,
            takes,
            superior: None,
            fixed: false,
            doors: Vec::new(),
            shifts,
        };
        let shift = |id: &str, from, to| Shift {
            id: slug(id),
            name: None,
            from: LocalTime::new(from, 0),
            to: LocalTime::new(to, 0),
            notifier: None,
        };
        let mut house = House::bare(chrono_tz::UTC);
        house.posts = vec![
            post("gate", vec![Duty::Call], vec![]),
            post("day-desk", vec![Duty::Call], vec![slug("day")]),
            post("manager", vec![Duty::Manage], vec![]),
        ];
        house.shifts = vec![shift("day", 8, 20), shift("night", 20, 8)];
        house
    }

    fn now(hour: i64) -> Now {
        Now { utc: DateTime::from_timestamp(1_795_219_200 + hour * 3600, 0).unwrap(), synced: true }
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_manned_post_that_takes_calls_is_silent_once_and_heard_once() {
        let house = house();
        let mut presence = Presence::begin(&house, Duration::ZERO, []);
        assert_eq!(presence.look(&house, now(3), 9 * MINUTE), []);
        let changes = presence.look(&house, now(3), 10 * MINUTE);
        assert_eq!(
            changes,
            [Change::Silent(slug("gate"))],
            "nobody is at the day desk at night, the manager takes no calls"
        );
        presence.told(&changes);
        assert_eq!(presence.look(&house, now(3), 50 * MINUTE), [], "once");
        presence.hear(&slug("gate"), 51 * MINUTE);
        let changes = presence.look(&house, now(3), 52 * MINUTE);
        assert_eq!(changes, [Change::Heard(slug("gate"))]);
        presence.told(&changes);
        assert_eq!(presence.look(&house, now(3), 53 * MINUTE), []);
    }

    #[test]
    fn a_shift_that_begins_has_its_full_time() {
        let house = house();
        let mut presence = Presence::begin(&house, Duration::ZERO, []);
        presence.hear(&slug("gate"), 600 * MINUTE);
        assert_eq!(presence.look(&house, now(7), 600 * MINUTE), []);
        presence.hear(&slug("gate"), 609 * MINUTE);
        assert_eq!(presence.look(&house, now(9), 609 * MINUTE), []);
        presence.hear(&slug("gate"), 610 * MINUTE);
        assert_eq!(presence.look(&house, now(9), 610 * MINUTE), [Change::Silent(slug("day-desk"))]);
    }

    #[test]
    fn what_was_told_before_a_restart_is_not_told_again() {
        let house = house();
        let mut presence = Presence::begin(&house, Duration::ZERO, [slug("gate")]);
        assert_eq!(presence.look(&house, now(3), 99 * MINUTE), []);
        presence.hear(&slug("gate"), 100 * MINUTE);
        assert_eq!(presence.look(&house, now(3), 100 * MINUTE), [Change::Heard(slug("gate"))]);
    }
}
