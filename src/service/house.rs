//! The house as the rules need to know it: posts, who is whose superior, when they are manned, the figures. Read once
//! from `lobby.toml`, which has been checked: each superior exists, no circle, shifts without a gap.

use super::directory::Units;
use super::figures::Figures;
use super::invitation::Issuers;
use super::local_time::LocalTime;
use crate::event::{Now, Slug};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where people are who take tasks: a gate, the front desk, the engineers' office, the project manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    pub id: Slug,
    /// What people call it; the id where it is not given.
    pub name: Option<String>,
    /// What it is asked to do. A post that takes nothing is only somebody's superior.
    #[serde(default)]
    pub takes: Vec<Duty>,
    /// Who is asked when this post declines or is silent (R059).
    pub superior: Option<Slug>,
    /// R015: whoever stands here may not leave; such a post is not sent anywhere unless a relief is recorded.
    #[serde(default)]
    pub fixed: bool,
    /// Doors whose calls and alarms ring here first.
    #[serde(default)]
    pub doors: Vec<Slug>,
    /// Shifts in which somebody is here; all where none is named.
    #[serde(default)]
    pub shifts: Vec<Slug>,
}

/// What a post is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// Intercom calls, help at the kiosk, waiting visitors, missed calls.
    Call,
    /// Door alarms.
    Alarm,
    /// Walks to a patient, guides the ambulance, carries, patrols. Not a fixed post (R015).
    Errand,
    /// Front desk: tickets of every kind, call-backs, apologies, parcels, keys (R001, R002).
    Desk,
    /// Repairs.
    Repair,
    /// Supervision: complaints (R101, R102), checks, fee reviews.
    Supervise,
    /// 项目经理: the end of every ladder (R059).
    Manage,
}

/// A part of the day, the same every day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    pub id: Slug,
    pub name: Option<String>,
    /// Local; a shift that ends before it begins goes over midnight.
    pub from: LocalTime,
    pub to: LocalTime,
    /// R002: the post that is the notifier (通知人员) in this shift: front desk by day, command centre by night.
    pub notifier: Option<Slug>,
}

impl Shift {
    pub fn covers(&self, time: NaiveTime) -> bool {
        let (from, to) = (self.from.time(), self.to.time());
        if from < to { (from..to).contains(&time) } else { time >= from || time < to }
    }
}

/// What the rules know of the house.
#[derive(Debug, Clone, PartialEq)]
pub struct House {
    pub zone: chrono_tz::Tz,
    /// In ladder order.
    pub posts: Vec<Post>,
    pub shifts: Vec<Shift>,
    pub figures: Figures,
    /// R079: the units in which nobody lives, as the list of units says.
    pub vacant: Arc<Units>,
    /// Whose invitations count here; nobody's where no key is configured.
    pub issuers: Issuers,
}

impl House {
    /// A house without posts and with the regulations' figures.
    pub fn bare(zone: chrono_tz::Tz) -> Self {
        let (posts, shifts, figures) = (Vec::new(), Vec::new(), Figures::default());
        House { zone, posts, shifts, figures, vacant: Arc::default(), issuers: Issuers::default() }
    }

    pub fn post(&self, id: &Slug) -> Option<&Post> {
        self.posts.iter().find(|post| post.id == *id)
    }

    /// The shift at that time; none where no shifts are configured.
    pub fn shift_at(&self, at: DateTime<Utc>) -> Option<&Shift> {
        let time = at.with_timezone(&self.zone).time();
        self.shifts.iter().find(|shift| shift.covers(time))
    }

    /// When the shift of that time ends; none where no shifts are configured.
    pub fn shift_ends(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Some(self.next(self.shift_at(at)?.to, at))
    }

    /// When the local day of that time ends.
    pub fn day_ends(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.next(LocalTime::new(0, 0), at)
    }

    pub fn is_manned(&self, post: &Post, at: DateTime<Utc>) -> bool {
        post.shifts.is_empty() || self.shift_at(at).is_none_or(|shift| post.shifts.contains(&shift.id))
    }

    /// Manned posts that take this, in ladder order; all that take it where none is manned (R003: never "closed").
    pub fn taking(&self, duty: Duty, now: Now) -> Vec<Slug> {
        let taking: Vec<&Post> = self.posts.iter().filter(|post| post.takes.contains(&duty)).collect();
        let manned: Vec<Slug> =
            taking.iter().filter(|post| self.is_manned(post, now.utc)).map(|post| post.id.clone()).collect();
        if manned.is_empty() { taking.into_iter().map(|post| post.id.clone()).collect() } else { manned }
    }

    /// R002: who passes on and follows up now: the shift's notifier, else the first manned desk, else any post.
    pub fn notifier(&self, now: Now) -> Option<Slug> {
        let named = self.shift_at(now.utc).and_then(|shift| shift.notifier.clone());
        named
            .or_else(|| self.taking(Duty::Desk, now).into_iter().next())
            .or_else(|| Some(self.posts.first()?.id.clone()))
    }

    /// The post at whose door this is.
    pub fn post_of_door(&self, door: &Slug) -> Option<Slug> {
        self.posts.iter().find(|post| post.doors.contains(door)).map(|post| post.id.clone())
    }

    /// This post and its superiors, up to the one that has none (R059). A circle ends where it closes.
    pub fn chain(&self, from: &Slug) -> Vec<Slug> {
        let mut chain: Vec<Slug> = Vec::new();
        let mut next = Some(from.clone());
        while let Some(id) = next {
            if chain.contains(&id) {
                break;
            }
            next = self.post(&id).and_then(|post| post.superior.clone());
            chain.push(id);
        }
        chain
    }

    /// The next moment after `after` at which the site's clocks show this time. Where summer time leaves it out, an hour
    /// later; where it comes twice, the first.
    pub fn next(&self, time: LocalTime, after: DateTime<Utc>) -> DateTime<Utc> {
        let shown = |day: chrono::NaiveDate| {
            let local = day.and_time(time.time());
            let at = self.zone.from_local_datetime(&local).earliest();
            at.or_else(|| self.zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest())
        };
        let today = after.with_timezone(&self.zone).date_naive();
        let days = (0..3).filter_map(|n| shown(today.checked_add_days(Days::new(n))?));
        let next = days.map(|at| at.to_utc()).find(|at| *at > after);
        next.unwrap_or(after + TimeDelta::days(1))
    }

    /// Whether nobody in a home should be disturbed now (R239).
    pub fn is_quiet(&self, at: DateTime<Utc>) -> bool {
        let time = at.with_timezone(&self.zone).time();
        let (from, to) = (self.figures.visit.quiet_from.time(), self.figures.visit.quiet_to.time());
        if from < to { (from..to).contains(&time) } else { time >= from || time < to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::case::walk::{house, slug};
    use proptest::prelude::*;

    fn at(text: &str) -> Now {
        Now { utc: text.parse().unwrap(), synced: true }
    }

    #[test]
    fn the_notifier_is_the_front_desk_by_day_and_the_duty_officer_by_night() {
        let house = house();
        assert_eq!(house.notifier(at("2026-11-21T04:00:00Z")), Some(slug("desk")));
        assert_eq!(house.notifier(at("2026-11-21T16:00:00Z")), Some(slug("hut")));
    }

    #[test]
    fn after_hours_somebody_is_asked_all_the_same() {
        let mut house = house();
        house.posts.iter_mut().for_each(|post| post.shifts = vec![slug("day")]);
        for duty in [Duty::Call, Duty::Errand, Duty::Desk, Duty::Repair] {
            assert!(!house.taking(duty, at("2026-11-21T16:00:00Z")).is_empty(), "{duty:?}: never closed (R003)");
        }
    }

    #[test]
    fn a_night_is_quiet_over_midnight() {
        let house = house();
        for (time, quiet) in [("13:59", false), ("14:00", true), ("17:00", true), ("22:59", true), ("23:00", false)] {
            assert_eq!(house.is_quiet(at(&format!("2026-11-21T{time}:00Z")).utc), quiet, "{time} UTC");
        }
    }

    proptest! {
        #[test]
        fn the_next_time_of_day_is_within_a_day_and_shows_that_time(
            hour in 0u16..24, minute in 0u16..60, seconds in 0i64..3 * 366 * 86_400,
            zone in prop::sample::select(vec![chrono_tz::Asia::Shanghai, chrono_tz::Europe::Berlin, chrono_tz::America::Sao_Paulo])
        ) {
            let house = House::bare(zone);
            let after = DateTime::from_timestamp(1_500_000_000 + seconds, 0).unwrap();
            let time = LocalTime::new(hour, minute);
            let next = house.next(time, after);
            prop_assert!(next > after && next <= after + TimeDelta::hours(26));
            let shown = next.with_timezone(&zone).time();
            // Summer time leaves an hour out once a year.
            prop_assert!(shown == time.time() || shown == time.time() + TimeDelta::hours(1));
        }
    }
}
