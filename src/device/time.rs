//! The nine ways in which devices write a time, and how far to believe them. A time that cannot be right is replaced by
//! the time of receipt, and its quality says so. No clock is read here: the time of receipt comes with the message.

use super::pick::{Source, View};
use crate::event::{Now, Quality, Stamp};
use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{OffsetName, Tz};

/// 2020-01-01T00:00:00Z. A device that shows an earlier time has lost its clock: before NTP, esp-rfid and Tasmota count
/// from 0, and face terminals with a flat battery from their year of make.
const EARLIEST: i64 = 1_577_836_800;

/// 2100-01-01T00:00:00Z: no device made now runs that long; milliseconds read as seconds lie far beyond.
const LATEST: i64 = 4_102_444_800;

/// How far ahead of the gateway's synced clock a device may be. A record cannot be made after it was received; ten minutes
/// allow for a device that drifts. A zone set wrong is at least half an hour.
const MAX_AHEAD: TimeDelta = TimeDelta::minutes(10);

/// How near a "UTC" must be to the local wall clock to be that wall clock. The two are read within a second; Dahua VTO
/// writes them in one message.
const SAME_CLOCK: TimeDelta = TimeDelta::minutes(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Seconds since 1970, whole or with decimals, as number or text.
    Epoch,
    EpochMs,
    Rfc3339,
    /// `2026-11-21 09:15:04` or with a `T`: the wall clock of the device's zone.
    Local,
    /// The same with an abbreviation or offset behind: `2026-11-21 09:15:04 CST`.
    LocalZone,
}

impl Format {
    pub const NAMES: [(&'static str, Format); 5] = [
        ("epoch", Format::Epoch),
        ("epoch_ms", Format::EpochMs),
        ("rfc3339", Format::Rfc3339),
        ("local", Format::Local),
        ("local_zone", Format::LocalZone),
    ];
}

/// Where a rule finds the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeRule {
    pub from: Source,
    pub format: Format,
    /// The wall clock of the same moment, if the device sends it too: a "UTC" that equals it is local time.
    pub local: Option<Source>,
}

/// What a device says about the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Nothing,
    /// There is something, and it is no time.
    Nonsense,
    At {
        time: DateTime<Utc>,
        /// Whether the device said the zone, or it was assumed.
        zoned: bool,
    },
}

impl Said {
    /// Whether it can be right, whatever the gateway's clock shows. The identity of a record hangs on this and not on
    /// the time of receipt, or a redelivery could get another identity.
    pub fn can_be_right(self) -> bool {
        matches!(self, Said::At { time, .. } if (EARLIEST..LATEST).contains(&time.timestamp()))
    }

    pub fn stamp(self, received: Now) -> Stamp {
        let instead = |quality| Stamp { time: received.utc, quality };
        match self {
            Said::Nothing => instead(Quality::Absent),
            Said::At { time, zoned }
                if self.can_be_right() && !(received.synced && time > received.utc + MAX_AHEAD) =>
            {
                Stamp { time, quality: if zoned { Quality::Synced } else { Quality::NoZone } }
            }
            Said::Nonsense | Said::At { .. } => instead(Quality::Implausible),
        }
    }
}

/// The first of the rules that finds a value decides.
pub fn read(rules: &[TimeRule], view: View<'_>, zone: Tz) -> Said {
    let found = rules.iter().find_map(|rule| rule.from.text(view).map(|text| (rule, text)));
    let Some((rule, text)) = found else { return Said::Nothing };
    let local = rule.local.as_ref().and_then(|local| wall_clock(&local.text(view)?));
    match (parse(&text, rule.format, zone), local) {
        (Some((utc, true)), Some(local)) if is_the_wall_clock(utc, local, zone) => in_zone(local, zone),
        (Some((time, zoned)), _) => Some((time, zoned)),
        (None, _) => None,
    }
    .map_or(Said::Nonsense, |(time, zoned)| Said::At { time, zoned })
}

/// Dahua VTO 2021: `UTC` 1613061998 is 16:46:38Z while its `LocaleTime` says 16:46:38 too, in a zone that is not UTC.
fn is_the_wall_clock(utc: DateTime<Utc>, local: NaiveDateTime, zone: Tz) -> bool {
    let offset = zone.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc();
    TimeDelta::seconds(offset.abs().into()) > SAME_CLOCK && (utc.naive_utc() - local).abs() <= SAME_CLOCK
}

/// The time, and whether its zone was said.
fn parse(text: &str, format: Format, zone: Tz) -> Option<(DateTime<Utc>, bool)> {
    match format {
        Format::Epoch => epoch(text, 1000.0),
        Format::EpochMs => epoch(text, 1.0),
        Format::Rfc3339 => DateTime::parse_from_rfc3339(text).ok().map(|time| (time.to_utc(), true)),
        Format::Local => in_zone(wall_clock(text)?, zone),
        Format::LocalZone => {
            let (clock, name) = text.rsplit_once(' ')?;
            with_zone_name(wall_clock(clock)?, name, zone)
        }
    }
}

fn epoch(text: &str, to_ms: f64) -> Option<(DateTime<Utc>, bool)> {
    let ms = (text.parse::<f64>().ok()? * to_ms).round();
    // Whole milliseconds up to the year 9999 are exact in an f64.
    let in_range = (0.0..253_402_300_800_000.0).contains(&ms);
    in_range.then(|| DateTime::from_timestamp_millis(ms as i64)).flatten().map(|time| (time, true))
}

fn wall_clock(text: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text.trim(), format).ok())
}

/// Of an hour that comes twice, the first; an hour that the zone skips is no time.
fn in_zone(clock: NaiveDateTime, zone: Tz) -> Option<(DateTime<Utc>, bool)> {
    zone.from_local_datetime(&clock).earliest().map(|time| (time.to_utc(), false))
}

/// `CST` is China's and Chicago's: the device's own zone is asked first, then the list. A name that nobody knows leaves
/// the zone as configured.
fn with_zone_name(clock: NaiveDateTime, name: &str, zone: Tz) -> Option<(DateTime<Utc>, bool)> {
    if let Some(local) = zone.from_local_datetime(&clock).earliest()
        && local.offset().abbreviation() == Some(name)
    {
        return Some((local.to_utc(), true));
    }
    match zone_offset(name) {
        Some(offset) => offset.from_local_datetime(&clock).earliest().map(|time| (time.to_utc(), true)),
        None => in_zone(clock, zone),
    }
}

/// Abbreviations that mean one offset only, and numeric ones (`+08`, `+0800`, `+08:00`).
fn zone_offset(name: &str) -> Option<FixedOffset> {
    const HOURS: [(&str, i32); 16] = [
        ("UTC", 0),
        ("GMT", 0),
        ("Z", 0),
        ("WET", 0),
        ("CET", 1),
        ("CEST", 2),
        ("EET", 2),
        ("EEST", 3),
        ("HKT", 8),
        ("JST", 9),
        ("KST", 9),
        ("EST", -5),
        ("EDT", -4),
        ("MDT", -6),
        ("PST", -8),
        ("PDT", -7),
    ];
    if let Some((_, hours)) = HOURS.iter().find(|(known, _)| *known == name) {
        return FixedOffset::east_opt(hours * 3600);
    }
    let (sign, digits) =
        name.strip_prefix('+').map(|rest| (1, rest)).or(name.strip_prefix('-').map(|rest| (-1, rest)))?;
    let digits = digits.replace(':', "");
    let fits = digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit());
    let number: i32 = fits.then(|| digits.parse().ok()).flatten()?;
    let minutes = if digits.len() <= 2 { number * 60 } else { number / 100 * 60 + number % 100 };
    FixedOffset::east_opt(sign * minutes * 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::topic::Segments;
    use chrono_tz::{America::Los_Angeles, Asia::Shanghai, Europe::Berlin};
    use serde_json::json;

    fn utc(text: &str, format: Format, zone: Tz) -> Option<String> {
        parse(text, format, zone).map(|(time, zoned)| format!("{} {zoned}", time.to_rfc3339()))
    }

    #[test]
    fn every_form_of_time_is_read() {
        for (text, format, wanted) in [
            ("1763687704", Format::Epoch, "2025-11-21T01:15:04+00:00 true"),
            ("1763687704.25", Format::Epoch, "2025-11-21T01:15:04.250+00:00 true"),
            ("1763687704250", Format::EpochMs, "2025-11-21T01:15:04.250+00:00 true"),
            ("2025-11-21T01:15:04.25Z", Format::Rfc3339, "2025-11-21T01:15:04.250+00:00 true"),
            ("2025-11-21T09:15:04+08:00", Format::Rfc3339, "2025-11-21T01:15:04+00:00 true"),
            ("2025-11-21T09:15:04", Format::Local, "2025-11-21T01:15:04+00:00 false"),
            ("2025-11-21 09:15:04", Format::Local, "2025-11-21T01:15:04+00:00 false"),
            ("2025-11-21 09:15:04 CST", Format::LocalZone, "2025-11-21T01:15:04+00:00 true"),
            ("2025-11-20 17:15:04 PST", Format::LocalZone, "2025-11-21T01:15:04+00:00 true"),
            ("2025-11-21 09:15:04 +0800", Format::LocalZone, "2025-11-21T01:15:04+00:00 true"),
            ("2025-11-21 09:15:04 XYZ", Format::LocalZone, "2025-11-21T01:15:04+00:00 false"),
            ("2025-11-21 09:15:04 +99999999", Format::LocalZone, "2025-11-21T01:15:04+00:00 false"),
        ] {
            assert_eq!(utc(text, format, Shanghai).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(
            utc("2026-07-01 09:00:00 PDT", Format::LocalZone, Los_Angeles).unwrap(),
            "2026-07-01T16:00:00+00:00 true"
        );
    }

    #[test]
    fn what_is_no_time_is_not_guessed() {
        for (text, format) in [
            ("soon", Format::Epoch),
            ("NaN", Format::Epoch),
            ("1e300", Format::Epoch),
            ("-5", Format::Epoch),
            ("2025-13-01 00:00:00", Format::Local),
            ("2025-11-21", Format::Local),
            ("", Format::Rfc3339),
            ("2025-11-21 09:15:04", Format::LocalZone),
        ] {
            assert_eq!(utc(text, format, Shanghai), None, "{text}");
        }
        // Clocks go forward over this half hour.
        assert_eq!(utc("2026-03-29 02:30:00", Format::Local, Berlin), None);
    }

    #[test]
    fn a_utc_that_is_the_wall_clock_is_read_as_the_wall_clock() {
        let rule =
            TimeRule { from: Source::parse("/UTC"), format: Format::Epoch, local: Some(Source::parse("/LocaleTime")) };
        let said = |utc: i64| {
            let doc = json!({"UTC": utc, "LocaleTime": "2025-11-21 09:15:04"}).into();
            read(std::slice::from_ref(&rule), View { doc: &doc, segments: &Segments::default() }, Shanghai)
        };
        let time = DateTime::from_timestamp(1_763_687_704, 0).unwrap();
        assert_eq!(said(1_763_687_704), Said::At { time, zoned: true });
        assert_eq!(said(1_763_687_704 + 8 * 3600), Said::At { time, zoned: false });
    }

    #[test]
    fn a_time_that_cannot_be_right_gives_way_to_the_time_of_receipt() {
        let received = Now { utc: DateTime::from_timestamp(1_763_687_704, 0).unwrap(), synced: true };
        let stamp = |seconds: i64, now: Now| {
            Said::At { time: DateTime::from_timestamp(seconds, 0).unwrap(), zoned: true }.stamp(now).quality
        };
        assert_eq!(stamp(37, received), Quality::Implausible);
        assert_eq!(stamp(1_763_687_704 + 8 * 3600, received), Quality::Implausible);
        assert_eq!(stamp(1_763_687_704 + 60, received), Quality::Synced);
        assert_eq!(stamp(1_763_687_704 - 90 * 86_400, received), Quality::Synced, "history is legal");
        // A gateway that has just started knows less than the device.
        let unsynced = Now { utc: DateTime::from_timestamp(1_600_000_000, 0).unwrap(), synced: false };
        assert_eq!(stamp(1_763_687_704, unsynced), Quality::Synced);
        assert_eq!(Said::Nothing.stamp(received), Stamp { time: received.utc, quality: Quality::Absent });
    }
}
