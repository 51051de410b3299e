//! Guessing codes is slow: so many wrong codes of one kind, then a wait that doubles with each further round, and somebody is
//! told. Two counts run at a place: the one of the person there, which the glass wipes with everything else, and the place's
//! own, which is higher and goes on, so that a prankster costs the next person a minute and no more. Six digits of an
//! invitation have an allowance of the whole site besides. It counts places and kinds, never codes, and knows nobody's name.

use super::figures::{Codes, minutes, seconds};
use super::staff::Actor;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Places and kinds remembered: the kiosk and everybody on the list of staff. The one that was quiet longest is forgotten.
const MAX_PLACES: usize = 1_024;
/// Doublings of the wait; the longest wait is reached long before.
const MAX_DOUBLINGS: u32 = 16;

/// Expected hits among a million codes that a day of guessing may buy: less than 1 in 1,000, whatever the number of invitations
/// that wait. A wrong look while N wait costs N of these, for it would have hit with N in 1,000,000. In any 24 hours no more
/// is spent than what is there at once and what comes back: 990, which buys 990 / (1,000,000 - N) hits. With 20 invitations
/// that is 24 wrong codes at once and then one an hour; a signed QR code is not guessed and costs nothing.
const HITS_PER_MILLION: u64 = 990;
/// Half of it at once, half over the day.
const AT_ONCE: u64 = HITS_PER_MILLION / 2;
const A_DAY: u64 = HITS_PER_MILLION - AT_ONCE;
const DAY_MS: u64 = 86_400_000;

/// Invitations that may wait at one time, so that each of them can be looked for with at least one slip of a finger
/// ([`AT_ONCE`]).
pub const MAX_INVITATIONS: usize = 400;

/// What a code is for. Wrong ones of one kind make nobody wait with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    Pass,
    Parcel,
    /// Six digits.
    Invitation,
    /// A slip's number with the end of a phone.
    Slip,
    /// The end of a phone.
    SignOut,
}

impl Lock {
    pub const ALL: [Lock; 5] = [Lock::Pass, Lock::Parcel, Lock::Invitation, Lock::Slip, Lock::SignOut];

    pub const fn name(self) -> &'static str {
        match self {
            Lock::Pass => "pass-code",
            Lock::Parcel => "parcel-code",
            Lock::Invitation => "invitation-code",
            Lock::Slip => "slip",
            Lock::SignOut => "sign-out",
        }
    }
}

/// Where a code is typed, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    pub place: String,
    pub lock: Lock,
    /// Invitations that wait now; what six digits are guessed among.
    pub invitations: usize,
}

impl Try {
    fn key(&self) -> String {
        format!("{}/{}", self.place, self.lock.name())
    }

    fn costs(&self) -> u64 {
        if self.lock == Lock::Invitation { self.invitations.max(1) as u64 } else { 0 }
    }
}

/// Wrong codes by place and kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guesses {
    places: BTreeMap<String, Tries>,
    spent: Option<Spent>,
}

/// At one place, of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Tries {
    person: Count,
    place: Count,
    last: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Count {
    /// Since the last wait.
    wrong: u32,
    /// How often it has had to wait.
    waits: u32,
    until: DateTime<Utc>,
}

/// Of [`HITS_PER_MILLION`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Spent {
    level: u64,
    at: DateTime<Utc>,
}

/// Where somebody types: the kiosk is one place, each member of staff another wherever he stands.
pub fn place(by: &Actor) -> String {
    match by.who.as_ref().and_then(|who| who.id.as_ref()) {
        Some(id) => format!("staff:{id}"),
        None => format!("{}:{}", by.via.name(), by.post.as_ref().map_or("-", |post| post.as_str())),
    }
}

impl Count {
    fn new(now: DateTime<Utc>) -> Self {
        Count { wrong: 0, waits: 0, until: now }
    }

    /// How long it waits now, if this was one too many.
    fn wrong(&mut self, most: u32, now: DateTime<Utc>, figures: &Codes) -> Option<TimeDelta> {
        self.wrong += 1;
        if self.wrong < most {
            return None;
        }
        let longest = minutes(figures.longest_wait_minutes);
        let wait = (seconds(figures.wait_seconds) * (1 << self.waits.min(MAX_DOUBLINGS))).min(longest);
        (self.wrong, self.waits, self.until) = (0, self.waits.saturating_add(1), now + wait);
        Some(wait)
    }
}

impl Spent {
    /// What is left of it by now. A clock that was set back gives nothing back and takes nothing.
    fn by(self, now: DateTime<Utc>) -> u64 {
        let passed = u64::try_from((now - self.at).num_milliseconds()).unwrap_or(0);
        self.level.saturating_sub(passed.saturating_mul(A_DAY) / DAY_MS)
    }
}

impl Guesses {
    /// Until when no code is looked at here.
    pub fn waits(&self, of: &Try, now: DateTime<Utc>, figures: &Codes) -> Option<DateTime<Utc>> {
        let tries = self.places.get(&of.key());
        let until = tries.map(|tries| tries.person.until.max(tries.place.until)).filter(|until| *until > now);
        // A clock that was set back must not lock a kiosk for a year.
        let until = until.map(|until| until.min(now + minutes(figures.longest_wait_minutes)));
        until.max(self.allowed_from(of.costs(), now))
    }

    /// Until when the allowance of the site does not reach for a look.
    fn allowed_from(&self, costs: u64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let over = (self.spent?.by(now) + costs).checked_sub(AT_ONCE).filter(|over| costs > 0 && *over > 0)?;
        let wait = (over * DAY_MS).div_ceil(A_DAY).min(DAY_MS);
        Some(now + TimeDelta::milliseconds(i64::try_from(wait).unwrap_or(i64::MAX)))
    }

    /// A code was wrong. How long this place waits now, if this was one too many.
    pub fn wrong(&mut self, of: &Try, now: DateTime<Utc>, figures: &Codes) -> Option<TimeDelta> {
        let quiet = minutes(figures.forget_minutes);
        self.places.retain(|_, tries| (now - tries.last).abs() < quiet);
        let key = of.key();
        if self.places.len() >= MAX_PLACES && !self.places.contains_key(&key) {
            let quietest = self.places.iter().min_by_key(|(_, tries)| tries.last).map(|(place, _)| place.clone());
            quietest.map(|place| self.places.remove(&place));
        }
        let fresh = Tries { person: Count::new(now), place: Count::new(now), last: now };
        let tries = self.places.entry(key).or_insert(fresh);
        tries.last = now;
        let person = tries.person.wrong(figures.wrong, now, figures);
        let place = tries.place.wrong(figures.place_wrong, now, figures);
        let before = self.allowed_from(of.costs(), now);
        self.spend(of.costs(), now);
        let site = self.allowed_from(of.costs(), now).filter(|_| before.is_none()).map(|until| until - now);
        person.max(place).max(site)
    }

    fn spend(&mut self, costs: u64, now: DateTime<Utc>) {
        if costs > 0 {
            let level = self.spent.map_or(0, |spent| spent.by(now)) + costs;
            self.spent = Some(Spent { level, at: now });
        }
    }

    /// Another person stands there: his own count begins, the place's goes on. True if that changes anything.
    pub fn next_person(&mut self, place: &str, now: DateTime<Utc>) -> bool {
        let here = |key: &str| key.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'));
        let mut changed = false;
        for (_, tries) in self.places.iter_mut().filter(|(key, _)| here(key)) {
            changed |= tries.person != Count::new(tries.person.until) || tries.person.until > now;
            tries.person = Count::new(now);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Slug;
    use crate::service::staff::{Role, Via};
    use proptest::prelude::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + second, 0).unwrap()
    }

    fn of(place: &str, lock: Lock) -> Try {
        Try { place: place.into(), lock, invitations: 20 }
    }

    fn slip(place: &str) -> Try {
        of(place, Lock::Slip)
    }

    fn guess(guesses: &mut Guesses, of: &Try, second: i64, times: u32) -> Option<TimeDelta> {
        (0..times).filter_map(|_| guesses.wrong(of, at(second), &Codes::default())).last()
    }

    #[test]
    fn five_wrong_codes_make_a_person_wait_and_each_further_round_twice_as_long() {
        let (mut guesses, figures, kiosk) = (Guesses::default(), Codes::default(), slip("kiosk:-"));
        assert_eq!(guess(&mut guesses, &kiosk, 0, 4), None);
        assert_eq!(guesses.waits(&kiosk, at(0), &figures), None);
        assert_eq!(guess(&mut guesses, &kiosk, 1, 1), Some(TimeDelta::seconds(60)));
        assert_eq!(guesses.waits(&kiosk, at(60), &figures), Some(at(61)));
        assert_eq!(guesses.waits(&kiosk, at(61), &figures), None);
        assert_eq!(guesses.waits(&slip("staff:wang"), at(2), &figures), None, "others are not locked out");
        assert_eq!(guesses.waits(&of("kiosk:-", Lock::Parcel), at(2), &figures), None, "nor is another kind of code");
        let waits = [1, 2, 3, 4, 5, 6, 7, 8].map(|n| guess(&mut guesses, &kiosk, n * 3_600, 5).unwrap().num_seconds());
        assert_eq!(waits, [120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
    }

    #[test]
    fn the_next_person_does_not_wait_for_the_one_before_unless_the_place_has_had_too_many() {
        let (mut guesses, figures, kiosk) = (Guesses::default(), Codes::default(), slip("kiosk:-"));
        guess(&mut guesses, &kiosk, 0, 5);
        assert!(guesses.waits(&kiosk, at(1), &figures).is_some());
        assert!(guesses.next_person("kiosk:-", at(1)));
        assert!(!guesses.next_person("kiosk:-", at(1)), "nothing to be written");
        assert_eq!(guesses.waits(&kiosk, at(1), &figures), None);
        // A prankster who wipes after every fourth is held up by the place, and the next person for a minute.
        let wait = (0..3).find_map(|_| {
            guesses.next_person("kiosk:-", at(2));
            guess(&mut guesses, &kiosk, 2, 4)
        });
        assert_eq!(wait, Some(TimeDelta::seconds(60)));
        guesses.next_person("kiosk:-", at(3));
        assert_eq!(guesses.waits(&kiosk, at(3), &figures), Some(at(62)));
        assert_eq!(guesses.waits(&kiosk, at(63), &figures), None);
    }

    #[test]
    fn a_place_that_was_quiet_starts_over_and_a_clock_set_back_locks_nobody_for_long() {
        let (mut guesses, figures, kiosk) = (Guesses::default(), Codes::default(), slip("kiosk:-"));
        guess(&mut guesses, &kiosk, 0, 9);
        assert_eq!(guess(&mut guesses, &kiosk, 2 * 3_600, 5), Some(TimeDelta::seconds(60)));
        let long_ago = at(-1_000_000);
        assert_eq!(guesses.waits(&kiosk, long_ago, &figures), Some(long_ago + TimeDelta::hours(1)));
    }

    #[test]
    fn a_flood_of_places_is_bounded() {
        let mut guesses = Guesses::default();
        for n in 0..5_000 {
            guess(&mut guesses, &slip(&n.to_string()), 0, 1);
        }
        assert!(guesses.places.len() <= MAX_PLACES);
    }

    #[test]
    fn a_member_of_staff_is_one_place_wherever_he_stands() {
        let slug = |text| Slug::new(text).unwrap();
        let wang = |post| Actor::staff(slug("wang"), "测试甲".into(), Role::Guard, Some(slug(post)), Via::Page);
        assert_eq!(place(&wang("gate-a")), place(&wang("gate-b")));
        assert_ne!(place(&wang("gate-a")), place(&Actor::GUEST));
    }

    /// The hits that guessing for days buys within its worst 24 hours: whoever guesses wipes the glass after every code and
    /// tries again as soon as he may. `invitations`: how many wait in which hour.
    fn worst_day(invitations: impl Fn(i64) -> usize) -> f64 {
        let (mut guesses, figures) = (Guesses::default(), Codes::default());
        let mut looks: Vec<(i64, f64)> = Vec::new();
        let mut second = 0;
        while second < 3 * 86_400 {
            let of = Try { invitations: invitations(second / 3_600), ..of("kiosk:-", Lock::Invitation) };
            match guesses.waits(&of, at(second), &figures) {
                // How many wait may have changed by then.
                Some(until) => second = (until - at(0)).num_seconds().min((second / 3_600 + 1) * 3_600).max(second + 1),
                None => {
                    guesses.wrong(&of, at(second), &figures);
                    guesses.next_person("kiosk:-", at(second));
                    let open = of.invitations as f64;
                    looks.push((second, open / (1_000_000.0 - open)));
                }
            }
        }
        assert!(!looks.is_empty(), "somebody who types is looked at");
        let day =
            |from: i64| looks.iter().filter(|(at, _)| (from..from + 86_400).contains(at)).map(|(_, hit)| hit).sum();
        looks.iter().map(|(from, _)| day(*from)).fold(0.0, f64::max)
    }

    #[test]
    fn a_day_of_guessing_hits_an_invitation_less_than_once_in_a_thousand() {
        for invitations in [1, 2, 5, 20, 50, 100, 250, MAX_INVITATIONS] {
            let hits = worst_day(|_| invitations);
            assert!(hits < 0.001, "{invitations}: {hits}");
        }
        let (mut guesses, figures) = (Guesses::default(), Codes::default());
        let full = Try { invitations: MAX_INVITATIONS, ..of("kiosk:-", Lock::Invitation) };
        assert_eq!(guesses.waits(&full, at(0), &figures), None, "the first code is always looked at");
        guess(&mut guesses, &full, 0, 1);
        assert!(guesses.waits(&full, at(0), &figures).is_some_and(|until| until <= at(86_400)));
        assert_eq!(guesses.waits(&slip("kiosk:-"), at(0), &figures), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn nor_when_invitations_come_and_go(waiting in prop::collection::vec(1..=MAX_INVITATIONS, 72)) {
            prop_assert!(worst_day(|hour| waiting[hour as usize % waiting.len()]) < 0.001);
        }
    }
}
