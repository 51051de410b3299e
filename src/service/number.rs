//! The number to ask with later: `R-1121-07` is the seventh repair reported on 21 November. Short enough to be
//! read over the phone; the year is in the journal.

use crate::event::{Data, data};
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt;

macro_rules! series {
    ($($(#[$doc:meta])* $variant:ident = $letter:literal),+ $(,)?) => {
        /// What is being counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Series { $($(#[$doc])* $variant),+ }

        impl Series {
            pub const ALL: &'static [Series] = &[$(Series::$variant),+];

            pub const fn letter(self) -> char {
                match self { $(Series::$variant => $letter),+ }
            }
        }
    };
}

series! {
    Visit = 'V',
    Repair = 'R',
    Complaint = 'C',
    /// 咨询: question.
    Enquiry = 'Q',
    Suggestion = 'S',
    Emergency = 'E',
    /// 人工帮助.
    Help = 'H',
    /// 托管钥匙.
    Key = 'K',
    /// 放行条.
    Pass = 'P',
    /// 便民服务: bianmin.
    Service = 'B',
    Delivery = 'D',
    /// An intercom call.
    Call = 'I',
    Alarm = 'A',
    /// 巡逻: tour.
    Patrol = 'T',
    /// A check that must be signed: monitoring.
    Check = 'M',
    /// R107: a guard asks silently for others.
    Support = 'U',
    /// A post from which nothing is heard: without a sound.
    Silence = 'N',
    /// A meeting with the residents, an activity. 聚会: juhui.
    Gathering = 'J',
    /// A birthday that somebody has consented to be known (R271).
    Birthday = 'Y',
    /// 改进: gaijin.
    Improvement = 'G',
    /// 满意度调查: feedback.
    Survey = 'F',
}

impl Series {
    pub fn from_letter(letter: char) -> Option<Self> {
        Series::ALL.iter().copied().find(|series| series.letter() == letter.to_ascii_uppercase())
    }
}

/// A number within its series and local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
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

/// The full form, which tells years apart: `R-20261121-7`. Only the journal writes it.
impl From<Number> for String {
    fn from(number: Number) -> String {
        format!("{}-{:08}-{}", number.series.letter(), number.day, number.nth)
    }
}

impl TryFrom<String> for Number {
    type Error = NotANumber;

    fn try_from(text: String) -> Result<Self, NotANumber> {
        let read = || {
            let (letter, rest) = text.split_once('-')?;
            let (day, nth) = rest.split_once('-')?;
            let series = Series::from_letter(letter.chars().next().filter(|_| letter.len() == 1)?)?;
            let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u32>().ok())?;
            (day.len() == 8).then_some(())?;
            Some(Number { series, day: digits(day)?, nth: digits(nth).filter(|nth| *nth > 0)? })
        };
        read().ok_or(NotANumber)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number such as R-20261121-7")]
pub struct NotANumber;

/// A number as it stands on a slip, `R-1121-07`: the newest year is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slip {
    pub series: Series,
    /// `mmdd`.
    pub month_day: u32,
    pub nth: u32,
}

impl Slip {
    /// Reads what [`Number`] writes, and nothing else: text from a scanner is anybody's.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (letter, day, nth) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = parts.next().is_none() && letter.len() == 1 && day.len() == 4 && (2..=5).contains(&nth.len());
        (fits && digits(day) && digits(nth)).then_some(())?;
        let series = Series::ALL.iter().copied().find(|series| letter.starts_with(series.letter()))?;
        Some(Slip { series, month_day: day.parse().ok()?, nth: nth.parse().ok().filter(|nth| *nth > 0)? })
    }

    pub fn is_of(self, number: Number) -> bool {
        self.series == number.series && self.month_day == number.day % 10_000 && self.nth == number.nth
    }

    /// As they are typed behind the letter.
    pub fn digits(self) -> String {
        format!("{:04}{:02}", self.month_day, self.nth)
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
    fn the_full_form_reads_back() {
        for series in Series::ALL {
            let number = Number { series: *series, day: 20_261_121, nth: 107 };
            assert_eq!(Number::try_from(String::from(number)), Ok(number));
        }
        for bad in ["", "R-1121-07", "R-20261121-", "R-20261121-0", "RR-20261121-1", "X-20261121-1", "R-2026112é-1"] {
            assert!(Number::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_series_has_a_letter_of_its_own() {
        let letters: std::collections::BTreeSet<char> = Series::ALL.iter().map(|series| series.letter()).collect();
        assert_eq!(letters.len(), Series::ALL.len());
    }

    #[test]
    fn the_day_is_the_sites_day() {
        let late = DateTime::parse_from_rfc3339("2026-11-21T17:30:00Z").unwrap().to_utc();
        assert_eq!(local_day(late, chrono_tz::Asia::Shanghai), 20_261_122);
        assert_eq!(local_day(late, chrono_tz::UTC), 20_261_121);
    }
}
