//! What a device report becomes: an event, a change of state, or nothing because nothing changed.
//! A retained message sets state and never makes an event; history that a device replays is stored and never rings.

use crate::event::{Aspect, Event, Facts, Identity, Kind, Now, Quality, Slug, Stamp};
use serde_json::json;
use std::time::Duration;

/// How long a ring is a ring. Panels ring for 60 s by default (Akuvox R28, Aiphone IX); an older one is a missed call.
pub const RING_WINDOW: Duration = Duration::from_secs(60);

/// One thing that one device message says.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub kind: Kind,
    pub subject: Slug,
    pub identity: Identity,
    pub stamp: Stamp,
    /// The device sent this before, or stored it while it was cut off.
    pub replayed: bool,
    /// The broker kept this message: it tells the state of now, not that something happened now.
    pub retained: bool,
    pub data: Facts,
}

/// What is known of one aspect of one door or device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    pub kind: Kind,
    pub since: chrono::DateTime<chrono::Utc>,
}

/// A new state to remember.
#[derive(Debug, Clone, PartialEq)]
pub struct NewState {
    pub subject: Slug,
    pub aspect: Aspect,
    pub kind: Kind,
    pub since: chrono::DateTime<chrono::Utc>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Heard {
    pub event: Option<Event>,
    pub state: Option<NewState>,
}

/// `known` is the last state of the report's aspect, if the report has one.
pub fn hear(report: Report, known: Option<Known>, now: Now) -> Heard {
    let kind = if report.kind == Kind::DeviceHeartbeat { Kind::DeviceOnline } else { report.kind };
    let changed = kind.aspect().is_some_and(|_| known.map(|known| known.kind) != Some(kind));
    // A replayed record is history: it neither changes what the door is now nor is it hidden by it.
    let state = match kind.aspect() {
        Some(aspect) if changed && !report.replayed => {
            Some(NewState { subject: report.subject.clone(), aspect, kind, since: report.stamp.time })
        }
        _ => None,
    };
    let repeats_the_state = kind.aspect().is_some() && !changed && !report.replayed;
    if report.retained || repeats_the_state {
        return Heard { event: None, state };
    }
    let mut data = report.data;
    if report.replayed {
        data.insert("replayed", json!(true));
    }
    let kind = if kind == Kind::CallRinging && (report.replayed || is_stale(report.stamp, now)) {
        Kind::CallMissed
    } else {
        kind
    };
    let event =
        Event { kind, subject: report.subject, identity: report.identity, stamp: report.stamp, data, person: None };
    Heard { event: Some(event), state }
}

/// Whether a ring of that time is over. Only a time worth believing can say so.
pub fn is_stale(ring: Stamp, now: Now) -> bool {
    let believed = matches!(ring.quality, Quality::Synced | Quality::NoZone) && now.synced;
    let window = chrono::TimeDelta::from_std(RING_WINDOW).expect("a minute fits");
    believed && now.utc.signed_duration_since(ring.time) > window
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Id;
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    fn noon() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-11-21T04:00:00Z").unwrap().to_utc()
    }

    fn report(kind: Kind) -> Report {
        Report {
            kind,
            subject: Slug::new("lobby").unwrap(),
            identity: Identity::Native(Id::derived(&[b"1"])),
            stamp: Stamp { time: noon(), quality: Quality::Synced },
            replayed: false,
            retained: false,
            data: Facts::default(),
        }
    }

    fn now() -> Now {
        Now { utc: noon(), synced: true }
    }

    #[test]
    fn only_a_believed_time_can_make_a_ring_stale() {
        let old = noon() - TimeDelta::seconds(61);
        let stale = |quality, synced| is_stale(Stamp { time: old, quality }, Now { synced, ..now() });
        assert!(stale(Quality::Synced, true) && stale(Quality::NoZone, true));
        assert!(!stale(Quality::Synced, false), "the gateway's own clock is not set");
        assert!(!stale(Quality::Implausible, true) && !stale(Quality::Absent, true));
        assert!(!is_stale(Stamp { time: noon() - TimeDelta::seconds(60), quality: Quality::Synced }, now()));
    }

    #[test]
    fn a_heartbeat_is_news_only_after_silence() {
        let heard = hear(report(Kind::DeviceHeartbeat), None, now());
        assert_eq!(heard.event.unwrap().kind, Kind::DeviceOnline);
        let online = Some(Known { kind: Kind::DeviceOnline, since: noon() });
        assert_eq!(hear(report(Kind::DeviceHeartbeat), online, now()), Heard::default());
        let offline = Some(Known { kind: Kind::DeviceOffline, since: noon() });
        assert_eq!(hear(report(Kind::DeviceHeartbeat), offline, now()).state.unwrap().kind, Kind::DeviceOnline);
    }

    #[test]
    fn a_door_can_be_open_and_forced_at_once() {
        let open = Known { kind: Kind::DoorOpened, since: noon() };
        assert_ne!(Kind::DoorForced.aspect(), open.kind.aspect());
        assert!(hear(report(Kind::DoorForced), None, now()).event.is_some());
    }

    fn any_report() -> impl Strategy<Value = Report> {
        (proptest::sample::select(Kind::ALL), any::<bool>(), any::<bool>(), -200_000i64..200_000).prop_map(
            |(kind, replayed, retained, skew)| Report {
                replayed,
                retained,
                stamp: Stamp { time: noon() + TimeDelta::seconds(skew), quality: Quality::Synced },
                ..report(kind)
            },
        )
    }

    proptest! {
        #[test]
        fn retained_and_replayed_messages_never_ring(report in any_report()) {
            let quiet = report.retained || report.replayed;
            let heard = hear(report, None, now());
            prop_assert!(!quiet || heard.event.is_none_or(|event| event.kind != Kind::CallRinging));
        }

        #[test]
        fn saying_it_twice_changes_nothing_the_second_time(report in any_report()) {
            if let Some(state) = hear(report.clone(), None, now()).state {
                let known = Some(Known { kind: state.kind, since: state.since });
                prop_assert_eq!(hear(report, known, now()), Heard::default());
            }
        }

        #[test]
        fn a_live_report_is_never_dropped_unless_the_state_is_known(report in any_report()) {
            prop_assume!(!report.retained);
            prop_assert!(hear(report, None, now()).event.is_some());
        }
    }
}
