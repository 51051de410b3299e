//! Moments as people say them at a counter: 今天 15:10, 明天 10:00, 11月24日 14:26. The site's wall clock; it knows no other.

use super::strings::{Say, Words};
use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};

/// `at`, said at `now`.
pub fn when(words: &Words, now: NaiveDateTime, at: NaiveDateTime) -> String {
    let time = clock(at);
    let (month, day) = (at.month().to_string(), at.day().to_string());
    let sentence = match at.date().signed_duration_since(now.date()).num_days() {
        0 => Say::TimeToday,
        1 => Say::TimeTomorrow,
        -1 => Say::TimeYesterday,
        _ => return words.with(Say::TimeDay, &[("month", &month), ("day", &day), ("time", &time)]).into_owned(),
    };
    words.with(sentence, &[("time", &time)]).into_owned()
}

/// `14:26`.
pub fn clock(at: NaiveDateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// The full minute at which this moment has passed: who comes back then does not come too early.
pub fn minute_after(at: NaiveDateTime) -> NaiveDateTime {
    let over = i64::from(at.second()) * 1_000_000_000 + i64::from(at.nanosecond());
    if over == 0 { at } else { at + TimeDelta::nanoseconds(60_000_000_000 - over) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kiosk::language::Language;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_is_said_as_at_a_counter() {
        let words = Words::new(Language::Chinese);
        let said = |moment| when(&words, at("2026-12-31T14:26:00"), at(moment));
        assert_eq!(said("2026-12-31T09:05:00"), "今天 09:05");
        assert_eq!(said("2027-01-01T10:00:00"), "明天 10:00");
        assert_eq!(said("2026-12-30T23:59:00"), "昨天 23:59");
        assert_eq!(said("2027-01-02T14:26:00"), "1月2日 14:26");
    }

    #[test]
    fn a_wait_ends_on_a_full_minute_and_never_too_early() {
        assert_eq!(minute_after(at("2026-11-21T14:26:00")), at("2026-11-21T14:26:00"));
        assert_eq!(minute_after(at("2026-11-21T14:26:00.5")), at("2026-11-21T14:27:00"));
        assert_eq!(minute_after(at("2026-11-21T23:59:59")), at("2026-11-22T00:00:00"));
    }
}
