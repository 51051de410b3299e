//! What the site's clock opens by itself: rounds, the day's and the month's check, the evening's look at who is still
//! in the house, a half-year without a meeting with the residents, a month's birthdays, surveys. Local times of day become
//! instants here, and nowhere else. It keeps no state: whoever asks keeps the time up to which it has looked, in the
//! transaction that opens what was planned.

use super::campaign::{self, Extent};
use super::check::{self, About};
use super::gathering::half_year;
use super::house::House;
use super::local_time::LocalTime;
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
/// R293: months whose first day looks whether their half-year has a meeting; two before its end, so that one can still be
/// planned. Ours.
const MEETING_LOOKS: [u32; 4] = [5, 6, 11, 12];
/// R271: the month's birthdays lie ready on the 1st and are looked at within so many days. Ours.
const BIRTHDAYS_WITHIN: u64 = 3;
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
        planned.extend(surveys(day, house));
        planned.extend(meeting_look(day, zone));
        planned.extend(birthdays(day, zone));
    }
    planned
}

/// R300: last month, ready on the 1st, signed before the day after `by_day` begins.
fn of_month(first: NaiveDate, by_day: u32, zone: Tz) -> Option<Planned> {
    let last_month = first.checked_sub_months(Months::new(1))?;
    let until = instant(first.checked_add_days(Days::new(by_day.into()))?, LocalTime::new(0, 0), zone)?;
    Some(a_check(About::Month(last_month), instant(first, MONTH_READY, zone)?, until))
}

/// R289, R290: the survey of this month, to be begun before it is over. The full one asks all that the short one asks.
fn surveys(first: NaiveDate, house: &House) -> Option<Planned> {
    let figures = &house.figures.survey;
    let kind = match first.month() {
        month if figures.yearly_months.contains(&month) => Extent::Yearly,
        month if figures.pulse_months.contains(&month) => Extent::Pulse,
        _ => return None,
    };
    let to = first.checked_add_months(Months::new(1))?.pred_opt()?;
    let request =
        campaign::Request { name: None, kind, from: first, to, questions: Vec::new(), proposed: true, before: None };
    let at = instant(first, MONTH_READY, house.zone)?;
    Some(Planned { key: campaign::key(kind, first), opening: Opening::Campaign(request), at })
}

/// R293: due until the half-year is over. The desk leaves it out where a meeting is planned or was held.
fn meeting_look(first: NaiveDate, zone: Tz) -> Option<Planned> {
    if !MEETING_LOOKS.contains(&first.month()) {
        return None;
    }
    let over = half_year(first).checked_add_months(Months::new(6))?;
    Some(a_check(About::Meeting(first), instant(first, MONTH_READY, zone)?, instant(over, LocalTime::new(0, 0), zone)?))
}

/// R271. The desk leaves it out where nobody has consented to be on the list.
fn birthdays(first: NaiveDate, zone: Tz) -> Option<Planned> {
    let until = instant(first.checked_add_days(Days::new(BIRTHDAYS_WITHIN))?, LocalTime::new(0, 0), zone)?;
    Some(a_check(About::Birthdays(first), instant(first, MONTH_READY, zone)?, until))
}

fn a_check(about: About, at: DateTime<Utc>, until: DateTime<Utc>) -> Planned {
    let request = check::Request { about, until, open: Vec::new() };
    Planned { key: check::key(about), opening: Opening::Check(request), at }
}

/// The site's day of that time.
pub fn local_day(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Slug;
    use crate::service::figures::Round;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn keys(planned: &[Planned]) -> Vec<&str> {
        planned.iter().map(|planned| planned.key.as_str()).collect()
    }

    #[test]
    fn a_day_has_two_rounds_its_check_and_the_evenings_look() {
        let house = House::bare(chrono_tz::Asia::Shanghai);
        let day = due(at("2026-11-20T16:00:00Z"), at("2026-11-21T16:00:00Z"), &house);
        let expected = [
            ("patrol:2026-11-21:morning", "2026-11-21T00:00:00Z"),
            ("patrol:2026-11-21:afternoon", "2026-11-21T06:00:00Z"),
            ("check:day:2026-11-21", "2026-11-21T11:00:00Z"),
            ("check:visitors:2026-11-21", "2026-11-21T14:30:00Z"),
        ];
        let found: Vec<_> = day.iter().map(|planned| (planned.key.as_str(), planned.at)).collect();
        assert_eq!(found, expected.map(|(key, time)| (key, at(time))));
        let Opening::Patrol(round) = &day[0].opening else { panic!() };
        assert_eq!(round.until, at("2026-11-21T04:00:00Z"));
    }

    #[test]
    fn last_month_lies_ready_on_the_first_and_is_due_when_the_fifth_is_over() {
        let house = House::bare(chrono_tz::Asia::Shanghai);
        let planned = due(at("2026-11-30T16:00:00Z"), at("2026-12-01T01:00:00Z"), &house);
        assert_eq!(
            keys(&planned),
            [
                "patrol:2026-12-01:morning",
                "check:month:2026-11-01",
                "check:meeting:2026-12-01",
                "check:birthdays:2026-12-01"
            ]
        );
        let Opening::Check(check) = &planned[1].opening else { panic!() };
        assert_eq!(check.until, at("2026-12-05T16:00:00Z"));
    }

    #[test]
    fn a_short_survey_is_due_in_three_quarters_and_a_full_one_in_the_fourth() {
        let house = House::bare(chrono_tz::Asia::Shanghai);
        let months = (1..=12).map(|month| NaiveDate::from_ymd_opt(2027, month, 1).unwrap());
        let proposed: Vec<String> = months.filter_map(|first| surveys(first, &house)).map(|one| one.key).collect();
        let expected = ["pulse:2027-02-01", "pulse:2027-05-01", "pulse:2027-08-01", "yearly:2027-11-01"];
        assert_eq!(proposed, expected.map(|key| format!("survey:{key}")));
        let planned = due(at("2027-01-31T16:00:00Z"), at("2027-02-01T01:00:00Z"), &house);
        assert!(keys(&planned).contains(&"survey:pulse:2027-02-01"));
    }

    #[test]
    fn each_half_year_is_looked_at_twice_for_its_meeting_before_it_is_over() {
        let house = House::bare(chrono_tz::Asia::Shanghai);
        let year = (0..366).flat_map(|day| {
            let from = at("2026-12-31T16:00:00Z") + TimeDelta::days(day);
            due(from, from + TimeDelta::days(1), &house)
        });
        let looks: Vec<_> = year.filter(|planned| planned.key.starts_with("check:meeting")).collect();
        let until = |planned: &Planned| match &planned.opening {
            Opening::Check(check) => check.until,
            _ => panic!("a look at meetings is a check"),
        };
        assert_eq!(keys(&looks), ["05", "06", "11", "12"].map(|month| format!("check:meeting:2027-{month}-01")));
        assert_eq!(until(&looks[0]), at("2027-06-30T16:00:00Z"));
        assert_eq!(until(&looks[3]), at("2027-12-31T16:00:00Z"));
    }

    #[test]
    fn a_long_outage_is_made_up_for_a_week_at_most() {
        let house = House::bare(chrono_tz::Asia::Shanghai);
        let planned = due(at("2025-11-21T16:00:00Z"), at("2026-11-21T16:00:00Z"), &house);
        assert_eq!(planned.iter().filter(|planned| planned.key.starts_with("patrol")).count(), 14);
        assert!(due(at("2026-11-21T16:00:00Z"), at("2026-11-20T16:00:00Z"), &house).is_empty(), "a clock set back");
    }

    #[test]
    fn a_round_over_midnight_ends_on_the_next_day() {
        let mut house = House::bare(chrono_tz::Asia::Shanghai);
        let night = Round { name: Slug::new("night").unwrap(), from: LocalTime::new(23, 0), to: LocalTime::new(2, 0) };
        house.figures.patrol.rounds = vec![night];
        let planned = due(at("2026-11-21T15:00:00Z"), at("2026-11-22T15:00:00Z"), &house);
        let Opening::Patrol(round) = &planned.last().unwrap().opening else { panic!() };
        assert_eq!(
            (planned.last().unwrap().key.as_str(), round.until),
            ("patrol:2026-11-22:night", at("2026-11-22T18:00:00Z"))
        );
    }

    #[test]
    fn a_day_that_never_was_has_no_rounds() {
        let house = House::bare(chrono_tz::Pacific::Apia);
        let planned = due(at("2011-12-28T00:00:00Z"), at("2012-01-02T00:00:00Z"), &house);
        assert!(!keys(&planned).iter().any(|key| key.contains("2011-12-30")));
        assert!(keys(&planned).contains(&"patrol:2011-12-31:morning"));
    }

    proptest! {
        #[test]
        fn each_round_comes_exactly_once_a_day_whatever_the_zone_and_however_often_it_is_looked(
            zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
            start in 946_684_800i64..2_000_000_000,
            from in 0u16..1440,
            length in 1u16..1439,
            steps in prop::collection::vec(1i64..200_000, 1..60),
        ) {
            let mut house = House::bare(zone);
            let of = |minutes: u16| LocalTime::new(minutes / 60 % 24, minutes % 60);
            let round = Round { name: Slug::new("r").unwrap(), from: of(from), to: of(from + length) };
            house.figures.patrol.rounds = vec![round];
            let start = DateTime::from_timestamp(start, 0).unwrap();
            let mut found: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
            let mut last = start;
            for step in steps {
                let now = last + TimeDelta::seconds(step);
                for planned in due(last, now, &house) {
                    prop_assert!(last < planned.at && planned.at <= now);
                    let twice = found.insert(planned.key.clone(), planned.at);
                    prop_assert!(twice.is_none(), "{} twice", planned.key);
                    if let Opening::Patrol(round) = &planned.opening {
                        prop_assert!(round.until > planned.at, "a window that is over before it begins");
                    }
                }
                last = now;
            }
            // Every local day that lies wholly inside has its round, its check and its evening.
            let inside = local_day(start, zone).succ_opt().unwrap().iter_days()
                .take_while(|day| *day < local_day(last, zone))
                .filter(|day| local_day(instant(*day, LocalTime::new(12, 0), zone).unwrap(), zone) == *day);
            for day in inside {
                for key in [format!("patrol:{day}:r"), format!("check:day:{day}"), format!("check:visitors:{day}")] {
                    prop_assert!(found.contains_key(&key), "{key} is missing in {zone}");
                }
            }
        }
    }
}
