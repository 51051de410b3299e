//! A day, a month or a quarter in the site's local days: what a report is about, how it is written and when it ends.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a report is about, in the site's local days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Period {
    Day(NaiveDate),
    /// Any day of it counts as the month.
    Month(NaiveDate),
    Quarter(NaiveDate),
}

impl Period {
    /// First and last day.
    pub fn span(self) -> (NaiveDate, NaiveDate) {
        let months = |first: NaiveDate, n| (first, first + Months::new(n) - Days::new(1));
        match self {
            Period::Day(day) => (day, day),
            Period::Month(day) => months(first_of(day, day.month()), 1),
            Period::Quarter(day) => months(first_of(day, (day.month() - 1) / 3 * 3 + 1), 3),
        }
    }

    /// The same as numbers of [`local_day`](super::number::local_day).
    pub fn days(self) -> (u32, u32) {
        let number = |day: NaiveDate| day.year().unsigned_abs() * 10_000 + day.month() * 100 + day.day();
        let (from, to) = self.span();
        (number(from), number(to))
    }

    /// What has just ended where this day begins: a day always, a month on the 1st (R300), a quarter with its first month.
    pub fn ended_before(day: NaiveDate) -> Vec<Period> {
        let Some(last) = day.pred_opt() else { return Vec::new() };
        let mut ended = vec![Period::Day(last)];
        if day.day() == 1 {
            ended.push(Period::Month(last));
            if day.month() % 3 == 1 {
                ended.push(Period::Quarter(last));
            }
        }
        ended
    }

    /// Reads `2026-11-21`, `2026-11` or `2026-Q4`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(day) = text.parse() {
            return Some(Period::Day(day));
        }
        let (year, rest) = text.split_once('-')?;
        let year: i32 = Some(year).filter(|year| year.len() == 4)?.parse().ok()?;
        if let Some(quarter) = rest.strip_prefix('Q') {
            let quarter: u32 = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
            return NaiveDate::from_ymd_opt(year, quarter * 3 - 2, 1).map(Period::Quarter);
        }
        let month: u32 = Some(rest).filter(|month| month.len() == 2)?.parse().ok()?;
        NaiveDate::from_ymd_opt(year, month, 1).map(Period::Month)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, _) = self.span();
        match self {
            Period::Day(day) => write!(f, "{day}"),
            Period::Month(_) => write!(f, "{}", from.format("%Y-%m")),
            Period::Quarter(_) => write!(f, "{}-Q{}", from.format("%Y"), from.month() / 3 + 1),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a period such as 2026-11-21, 2026-11 or 2026-Q4")]
pub struct NotAPeriod;

impl TryFrom<String> for Period {
    type Error = NotAPeriod;

    fn try_from(text: String) -> Result<Self, NotAPeriod> {
        Period::parse(&text).ok_or(NotAPeriod)
    }
}

impl From<Period> for String {
    fn from(period: Period) -> String {
        period.to_string()
    }
}

fn first_of(day: NaiveDate, month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_read_as_it_is_written_and_knows_its_days() {
        for (text, days) in [
            ("2026-11-21", (20_261_121, 20_261_121)),
            ("2026-02", (20_260_201, 20_260_228)),
            ("2028-02", (20_280_201, 20_280_229)),
            ("2026-Q4", (20_261_001, 20_261_231)),
            ("2026-Q1", (20_260_101, 20_260_331)),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!((period.to_string(), period.days()), (text.to_owned(), days));
        }
        for bad in ["", "2026", "2026-13", "2026-Q5", "2026-Q0", "26-11", "2026-11-31", "2026-1"] {
            assert_eq!(Period::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_quarter_ends_with_its_month_and_its_day() {
        let ended = |day: &str| -> Vec<String> {
            Period::ended_before(day.parse().unwrap()).iter().map(Period::to_string).collect()
        };
        assert_eq!(ended("2026-11-21"), ["2026-11-20"]);
        assert_eq!(ended("2026-11-01"), ["2026-10-31", "2026-10"]);
        assert_eq!(ended("2026-10-01"), ["2026-09-30", "2026-09", "2026-Q3"]);
        assert_eq!(ended("2027-01-01"), ["2026-12-31", "2026-12", "2026-Q4"]);
    }
}
