//! What a vendor's message means: profiles (TOML) turn topic and payload into reports. Pure: no I/O, no clock.
//!
//! The way of a message: [`Devices::read`] finds the configured device by its topic filter, [`Profile::read`] the first
//! rule that fits, and that rule makes the reports. It never publishes and never decides what a report leads to.

pub mod contact;
mod credential;
mod doc;
mod jq;
mod lenient;
mod load;
mod payload;
mod pick;
mod profile;
mod rule;
mod shelf;
mod time;
mod topic;
mod unread;

pub use credential::SiteKey;
pub use load::ProfileError;
pub use profile::Profile;
pub use rule::MAX_REPORTS;
pub use shelf::Profiles;
pub use topic::filter_matches;
pub use unread::{MAX_DEPTH, MAX_PAYLOAD};

use crate::event::{Now, Slug};
use crate::service::door::Report;
use rule::Site;
use std::sync::Arc;

/// One message from the building broker, as it came.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    pub topic: &'a str,
    pub payload: &'a [u8],
    pub retain: bool,
    /// The broker marks it as a repeat.
    pub dup: bool,
    pub packet_id: u16,
    pub received: Now,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// One or more reports; a message with an unknown meaning is one `device.unmapped`.
    Reports(Vec<Report>),
    /// A rule says that this message carries nothing of its own (a duplicate of another, noise).
    Ignored,
    /// It cannot be read at all: why, in words that name no content.
    Unreadable(String),
}

impl Reading {
    fn is_understood(&self) -> bool {
        match self {
            Reading::Ignored => true,
            Reading::Unreadable(_) => false,
            Reading::Reports(reports) => reports.iter().any(|report| report.kind != crate::event::Kind::DeviceUnmapped),
        }
    }
}

/// One device as the site configures it, or many of one product under one topic filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceConfig {
    pub profile: String,
    /// MQTT topic filter; the profile's own where it is not given.
    pub topic: Option<String>,
    /// The door that these messages speak of where the message itself does not say.
    pub door: Option<Slug>,
    /// Zone of the device's wall clock.
    pub zone: chrono_tz::Tz,
}

/// Why a configured device cannot be listened to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    #[error("there is no device profile \"{name}\"{}; `lobbyd profile list` shows them all", did_you_mean(.nearest))]
    NoProfile { name: String, nearest: Option<String> },
    #[error("device with profile \"{profile}\": {error}")]
    Filter { profile: String, error: topic::TopicError },
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |nearest| format!("; did you mean \"{nearest}\"?"))
}

/// How one rule fared with a message, for a person who writes a profile. It may show values: never log it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    pub profile: String,
    pub rule: String,
    pub fits: bool,
    /// How near the rule came: its conditions that hold, or `None` if even the topic is another.
    pub held: Option<usize>,
    pub why: String,
}

/// All devices of this site, ready to read messages.
#[derive(Debug)]
pub struct Devices {
    devices: Vec<(DeviceConfig, Arc<Profile>)>,
    key: SiteKey,
}

impl Devices {
    pub fn new(configured: &[DeviceConfig], profiles: &Profiles, key: SiteKey) -> Result<Self, DeviceError> {
        let find = |config: &DeviceConfig| {
            let name = config.profile.clone();
            if let Some(filter) = &config.topic {
                topic::check_filter(filter).map_err(|error| DeviceError::Filter { profile: name.clone(), error })?;
            }
            let nearest = || profiles.nearest(&name).map(str::to_owned);
            let profile =
                profiles.get(&name).ok_or_else(|| DeviceError::NoProfile { nearest: nearest(), name: name.clone() })?;
            Ok((config.clone(), Arc::clone(profile)))
        };
        Ok(Devices { devices: configured.iter().map(find).collect::<Result<_, _>>()?, key })
    }

    /// The topic filters to subscribe to, each once.
    pub fn filters(&self) -> Vec<String> {
        let mut filters: Vec<String> = self.devices.iter().flat_map(filters_of).map(str::to_owned).collect();
        filters.sort_unstable();
        filters.dedup();
        filters
    }

    /// What a message means. Where several devices listen to its topic, the first in the configuration that
    /// understands it.
    pub fn read(&self, message: &Message<'_>) -> Reading {
        let mut first = None;
        for (config, profile) in self.listening(message.topic) {
            let reading = profile.read(message, Site { product: &profile.product, config, key: &self.key });
            if reading.is_understood() {
                return reading;
            }
            first.get_or_insert(reading);
        }
        first.unwrap_or_else(|| self.unheard(message))
    }

    /// Every rule of every device that listens to the topic, up to the one that fits.
    pub fn explain(&self, message: &Message<'_>) -> Vec<Trial> {
        self.listening(message.topic).flat_map(|(_, profile)| profile.explain(message)).collect()
    }

    fn listening(&self, topic: &str) -> impl Iterator<Item = (&DeviceConfig, &Profile)> {
        self.devices
            .iter()
            .filter(move |device| filters_of(device).any(|filter| filter_matches(filter, topic)))
            .map(|(config, profile)| (config, profile.as_ref()))
    }

    /// The broker keeps a session's subscriptions, so a message can come for a device that is no longer configured.
    fn unheard(&self, message: &Message<'_>) -> Reading {
        let config = DeviceConfig { profile: String::new(), topic: None, door: None, zone: chrono_tz::UTC };
        let site = Site { product: "unknown", config: &config, key: &self.key };
        let digest = self.key.digest("message", &[message.payload]);
        Reading::Reports(vec![rule::unmapped(message, site, None, "no configured device has this topic", &digest, 0)])
    }
}

fn filters_of((config, profile): &(DeviceConfig, Arc<Profile>)) -> impl Iterator<Item = &str> {
    let own = config.topic.as_deref();
    let default: &[String] = if own.is_some() { &[] } else { &profile.topics };
    own.into_iter().chain(default.iter().map(String::as_str))
}
