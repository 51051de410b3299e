//! The number to ask with later: `R-1121-07` is the seventh repair reported on 21 November. Short enough to be
//! read over the phone; the year is in the journal.

use crate::event::{Data, data};
use chrono::{DateTime, Datelike, Utc};
use serde_json::json;
use std::fmt;

/// What is being counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Series {
    Visit,
    Repair,
    Help,
}

impl Series {
    pub const ALL: [Series; 3] = [Series::Visit, Series::Repair, Series::Help];

    pub const fn letter(self) -> char {
        match self {
            Series::Visit => 'V',
            Series::Repair => 'R',
            Series::Help => 'H',
        }
    }
}

/// A number within its series and local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    pub series: Series,
    /// The site's local date when it was given, e.g. 20261121.
    pub day: u32,
    /// 1 for the first of the day.
    pub nth: u32,
}

impl Number {
    /// How an event names it: as people say it, and as two numbers that stay unique beyond the year.
    pub fn facts(self) -> Data {
        data([("number", json!(self.to_string())), ("day", json!(self.day)), ("nth", json!(self.nth))])
    }
}

/// The site's local date as `yyyymmdd`.
pub fn local_day(now: DateTime<Utc>, zone: chrono_tz::Tz) -> u32 {
    let date = now.with_timezone(&zone).date_naive();
    date.year().unsigned_abs() * 10_000 + date.month() * 100 + date.day()
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:04}-{:02}", self.series.letter(), self.day % 10_000, self.nth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_like_the_ones_on_paper() {
        let number = Number { series: Series::Repair, day: 20_261_121, nth: 7 };
        assert_eq!(number.to_string(), "R-1121-07");
    }

    #[test]
    fn the_day_is_the_sites_day() {
        let late = DateTime::parse_from_rfc3339("2026-11-21T17:30:00Z").unwrap().to_utc();
        assert_eq!(local_day(late, chrono_tz::Asia::Shanghai), 20_261_122);
        assert_eq!(local_day(late, chrono_tz::UTC), 20_261_121);
    }
}
