//! Guessing codes is slow: so many wrong codes at one place, then a wait that doubles with each further round, and somebody is
//! told. It counts places, never codes, and knows nobody's name.

use super::figures::{Codes, minutes, seconds};
use super::staff::Actor;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Places remembered: the kiosk and everybody on the list of staff. The one that was quiet longest is forgotten.
const MAX_PLACES: usize = 1_024;
/// Doublings of the wait; the longest wait is reached long before.
const MAX_DOUBLINGS: u32 = 16;

/// Wrong codes by place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Guesses(BTreeMap<String, Tries>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Tries {
    /// Since the last wait.
    wrong: u32,
    /// How often it has had to wait.
    waits: u32,
    last: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// Where somebody types: the kiosk is one place, each member of staff another wherever he stands.
pub fn place(by: &Actor) -> String {
    match by.who.as_ref().and_then(|who| who.id.as_ref()) {
        Some(id) => format!("staff:{id}"),
        None => format!("{}:{}", by.via.name(), by.post.as_ref().map_or("-", |post| post.as_str())),
    }
}

impl Guesses {
    /// Until when no code is looked at here.
    pub fn waits(&self, place: &str, now: DateTime<Utc>, figures: &Codes) -> Option<DateTime<Utc>> {
        let tries = self.0.get(place).filter(|tries| tries.until > now)?;
        // A clock that was set back must not lock a kiosk for a year.
        Some(tries.until.min(now + minutes(figures.longest_wait_minutes)))
    }

    /// A code was wrong. How long this place waits now, if this was one too many.
    pub fn wrong(&mut self, place: &str, now: DateTime<Utc>, figures: &Codes) -> Option<TimeDelta> {
        let quiet = minutes(figures.forget_minutes);
        self.0.retain(|_, tries| (now - tries.last).abs() < quiet);
        if self.0.len() >= MAX_PLACES && !self.0.contains_key(place) {
            let quietest = self.0.iter().min_by_key(|(_, tries)| tries.last).map(|(place, _)| place.clone());
            quietest.map(|place| self.0.remove(&place));
        }
        let fresh = Tries { wrong: 0, waits: 0, last: now, until: now };
        let tries = self.0.entry(place.to_owned()).or_insert(fresh);
        (tries.wrong, tries.last) = (tries.wrong + 1, now);
        if tries.wrong < figures.wrong {
            return None;
        }
        let longest = minutes(figures.longest_wait_minutes);
        let wait = (seconds(figures.wait_seconds) * (1 << tries.waits.min(MAX_DOUBLINGS))).min(longest);
        (tries.wrong, tries.waits, tries.until) = (0, tries.waits.saturating_add(1), now + wait);
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Slug;
    use crate::service::staff::{Role, Via};

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + second, 0).unwrap()
    }

    fn guess(guesses: &mut Guesses, place: &str, second: i64, times: u32) -> Option<TimeDelta> {
        (0..times).filter_map(|_| guesses.wrong(place, at(second), &Codes::default())).last()
    }

    #[test]
    fn five_wrong_codes_make_a_place_wait_and_each_further_round_twice_as_long() {
        let (mut guesses, figures) = (Guesses::default(), Codes::default());
        assert_eq!(guess(&mut guesses, "kiosk:-", 0, 4), None);
        assert_eq!(guesses.waits("kiosk:-", at(0), &figures), None);
        assert_eq!(guess(&mut guesses, "kiosk:-", 1, 1), Some(TimeDelta::seconds(60)));
        assert_eq!(guesses.waits("kiosk:-", at(60), &figures), Some(at(61)));
        assert_eq!(guesses.waits("kiosk:-", at(61), &figures), None);
        assert_eq!(guesses.waits("staff:wang", at(2), &figures), None, "others are not locked out");
        let waits =
            [1, 2, 3, 4, 5, 6, 7, 8].map(|n| guess(&mut guesses, "kiosk:-", n * 3_600, 5).unwrap().num_seconds());
        assert_eq!(waits, [120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
    }

    #[test]
    fn a_place_that_was_quiet_starts_over_and_a_clock_set_back_locks_nobody_for_long() {
        let (mut guesses, figures) = (Guesses::default(), Codes::default());
        guess(&mut guesses, "kiosk:-", 0, 9);
        assert_eq!(guess(&mut guesses, "kiosk:-", 2 * 3_600, 5), Some(TimeDelta::seconds(60)));
        let long_ago = at(-1_000_000);
        assert_eq!(guesses.waits("kiosk:-", long_ago, &figures), Some(long_ago + TimeDelta::hours(1)));
    }

    #[test]
    fn a_flood_of_places_is_bounded() {
        let mut guesses = Guesses::default();
        for n in 0..5_000 {
            guess(&mut guesses, &n.to_string(), 0, 1);
        }
        assert!(guesses.0.len() <= MAX_PLACES);
    }

    #[test]
    fn a_member_of_staff_is_one_place_wherever_he_stands() {
        let slug = |text| Slug::new(text).unwrap();
        let wang = |post| Actor::staff(slug("wang"), "测试甲".into(), Role::Guard, Some(slug(post)), Via::Page);
        assert_eq!(place(&wang("gate-a")), place(&wang("gate-b")));
        assert_ne!(place(&wang("gate-a")), place(&Actor::GUEST));
    }
}
