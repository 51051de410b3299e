//! A time of day, as figures, shifts and quiet hours name it.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// A time of day at the site, `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime {
    minutes: u16,
}

impl LocalTime {
    /// # Panics
    /// Not a time of day; only for constants.
    pub const fn new(hour: u16, minute: u16) -> Self {
        assert!(hour < 24 && minute < 60);
        LocalTime { minutes: hour * 60 + minute }
    }

    /// Minutes since local midnight, 0 to 1439.
    pub const fn minutes(self) -> u16 {
        self.minutes
    }

    pub fn time(self) -> chrono::NaiveTime {
        chrono::NaiveTime::MIN + TimeDelta::minutes(i64::from(self.minutes))
    }
}

impl TryFrom<String> for LocalTime {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let time = text.split_once(':').and_then(|(hour, minute)| {
            let plain = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            (plain(hour) && plain(minute)).then_some(())?;
            let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
            (hour < 24 && minute < 60).then(|| LocalTime::new(hour, minute))
        });
        time.ok_or_else(|| format!("\"{text}\" is not a time of day: write it as \"07:30\""))
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> String {
        format!("{:02}:{:02}", time.minutes / 60, time.minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_written_with_two_digits_and_read_back() {
        assert_eq!(LocalTime::try_from("07:30".to_owned()), Ok(LocalTime::new(7, 30)));
        assert_eq!(String::from(LocalTime::new(7, 5)), "07:05");
        for bad in ["24:00", "7:30", "07:60", "0730", "", "+7:30", "07:3o"] {
            assert!(LocalTime::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
