//! Time and how far to trust it. A Raspberry Pi has no battery clock and half of all readers send no zone,
//! so no time travels without its quality.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What stands behind an event's time; the `timequality` of the envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// From a clock that is set by the network, with its zone.
    Synced,
    /// From the gateway's clock before it was set.
    Unsynced,
    /// The device gave a wall clock without a zone; the site's zone was assumed.
    NoZone,
    /// The device gave no time: this is when the message was received.
    Absent,
    /// The device gave a time that cannot be right: this is when the message was received.
    Implausible,
}

impl Quality {
    pub const ALL: [Quality; 5] =
        [Quality::Synced, Quality::Unsynced, Quality::NoZone, Quality::Absent, Quality::Implausible];

    pub const fn name(self) -> &'static str {
        match self {
            Quality::Synced => "synced",
            Quality::Unsynced => "unsynced",
            Quality::NoZone => "no_zone",
            Quality::Absent => "absent",
            Quality::Implausible => "implausible",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Quality::ALL.into_iter().find(|quality| quality.name() == name)
    }
}

/// A time and its quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub time: DateTime<Utc>,
    pub quality: Quality,
}

/// The gateway's clock, read once at the edge and handed in. The pure rooms never read a clock themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    pub utc: DateTime<Utc>,
    /// Whether the time is known: the kernel says that its clock is kept by the network, or said so not too long ago
    /// ([`crate::service::timeline::HOLDOVER`]).
    pub synced: bool,
}

impl Now {
    pub fn stamp(self) -> Stamp {
        Stamp { time: self.utc, quality: if self.synced { Quality::Synced } else { Quality::Unsynced } }
    }
}

/// The gateway's two clocks, read at one moment. What service time makes of them: the timeline of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The wall clock, which may be wrong and may jump.
    pub utc: DateTime<Utc>,
    /// Whether the kernel says that the wall clock has been set by the network.
    pub synced: bool,
    /// A clock that only goes forward, also while the machine sleeps; its zero means nothing.
    pub mono: Duration,
}

/// A wall clock that is taken by its word: the other clock agrees with it, whatever it does.
impl From<Now> for Reading {
    fn from(now: Now) -> Reading {
        let mono = (now.utc - DateTime::UNIX_EPOCH).to_std().unwrap_or_default();
        Reading { utc: now.utc, synced: now.synced, mono }
    }
}
