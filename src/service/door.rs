//! What a device report becomes: an event, a change of state, or nothing because nothing changed.
//! A retained message sets state and never makes an event; history that a device replays is stored and never rings.

use crate::event::{Aspect, Data, Event, Identity, Kind, Now, Quality, Slug, Stamp};
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
    pub data: Data,
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
        data.insert("replayed".into(), json!(true));
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
