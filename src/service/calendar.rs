//! What the site's clock opens by itself: rounds, the day's and the month's check, the evening's look at who is still
//! in the house. Local times of day become instants here, and nowhere else. It keeps no state: whoever asks keeps the
//! time up to which it has looked, in the transaction that opens what was planned.

use super::check::{self, About};
use super::figures::LocalTime;
use super::house::House;
use super::matter::Opening;
use super::patrol;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// What a longer outage has missed is not made up for: a week of missed rounds says it, a year of them says no more.
const LOOKS_BACK: TimeDelta = TimeDelta::days(7);
/// The day's record lies ready to be signed so long before its hour (R299). Ours.
const SIGN_AHEAD: TimeDelta = TimeDelta::hours(1);
/// Local hour of the 1st at which last month lies ready (R300): when offices open, not at midnight. Ours.
const MONTH_READY: LocalTime = LocalTime::new(8, 0);
/// The guard has until then to look who is still in the house. Ours.
const EVENING_LOOK: TimeDelta = TimeDelta::hours(1);

/// Something that the clock opens.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub opening: Opening,
    /// The same as the case's own key: `patrol:2026-11-21:morning`. There is never a second case of this key.
    pub key: String,
    /// When it was to be opened.
    pub at: DateTime<Utc>,
}

/// What falls into the time after `from`, up to and with `to`, in its order. At most [`LOOKS_BACK`] is looked back.
pub fn due(from: DateTime<Utc>, to: DateTime<Utc>, house: &House) -> Vec<Planned> {
    let from = from.max(to - LOOKS_BACK);
    // A day more on both sides: a round over midnight, a record that is signed at half past midnight.
    let first = local_day(from, house.zone).checked_sub_days(Days::new(1));
    let last = local_day(to, house.zone) + Days::new(1);
    let days = first.unwrap_or(last).iter_days().take_while(|day| *day <= last);
    let mut planned: Vec<Planned> = days.flat_map(|day| of_day(day, house)).collect();
    planned.retain(|planned| from < planned.at && planned.at <= to);
    planned.sort_by_key(|planned| planned.at);
    planned
}

/// Everything that belongs to one local day.
fn of_day(day: NaiveDate, house: &House) -> Vec<Planned> {
    let zone = house.zone;
    // Samoa had no 30 December 2011: a day without a noon is no day.
    if instant(day, LocalTime::new(12, 0), zone).is_none_or(|noon| local_day(noon, zone) != day) {
        return Vec::new();
    }
    let mut planned = Vec::new();
    for round in &house.figures.patrol.rounds {
        let ends = if round.from < round.to { Some(day) } else { day.succ_opt() };
        if let (Some(at), Some(until)) =
            (instant(day, round.from, zone), ends.and_then(|day| instant(day, round.to, zone)))
        {
            let request = patrol::Request { round: round.name.clone(), day, until };
            planned.push(Planned { key: patrol::key(&request), opening: Opening::Patrol(request), at });
        }
    }
    let checks = &house.figures.check;
    if let Some(until) = instant(day, checks.daily_by, zone) {
        planned.push(a_check(About::Day(day), until - SIGN_AHEAD, until));
    }
    if let Some(at) = instant(day, house.figures.visit.day_end, zone) {
        planned.push(a_check(About::Visitors(day), at, at + EVENING_LOOK));
    }
    if day.day() == 1 {
        planned.extend(of_month(day, checks.monthly_by_day, zone));
    }
    planned
}

/// R300: last month, ready on the 1st, signed before the day after `by_day` begins.
fn of_month(first: NaiveDate, by_day: u32, zone: Tz) -> Option<Planned> {
    let last_month = first.checked_sub_months(Months::new(1))?;
    let until = instant(first.checked_add_days(Days::new(by_day.into()))?, LocalTime::new(0, 0), zone)?;
    Some(a_check(About::Month(last_month), instant(first, MONTH_READY, zone)?, until))
}

fn a_check(about: About, at: DateTime<Utc>, until: DateTime<Utc>) -> Planned {
    let request = check::Request { about, until, open: Vec::new() };
    Planned { key: check::key(about), opening: Opening::Check(request), at }
}

fn local_day(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// A time of a local day as an instant: the first of two where the clock goes back; where it goes forward over that time,
/// when it would have been. `None` only at the ends of what a date can be.
pub fn instant(day: NaiveDate, time: LocalTime, zone: Tz) -> Option<DateTime<Utc>> {
    let wanted: NaiveDateTime = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(time.minutes().into());
    (0..=24 * 4).find_map(|quarters| {
        let before = TimeDelta::minutes(15 * quarters);
        let at = zone.from_local_datetime(&wanted.checked_sub_signed(before)?).earliest()?;
        Some(at.to_utc() + before)
    })
}
