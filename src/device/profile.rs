//! A profile: the ordered rules for one product, of which the first that fits a message decides. And the shelf of all
//! profiles: the built-in ones, and a site's own, which replace built-in ones of the same name. No file is read here.

use super::credential::SiteKey;
use super::load::{self, ProfileError};
use super::payload::{Form, Payload, Redaction};
use super::rule::{Miss, Rule, Site, unmapped};
use super::topic::{Levels, Segments};
use super::{Message, Reading, Trial};
use crate::device::pick::View;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest topic that is read, in bytes. MQTT allows 65,535; the longest of the known products has 90.
pub const MAX_TOPIC: usize = 1024;

#[derive(Debug)]
pub struct Profile {
    pub name: String,
    /// As it stands in `data.device.product`.
    pub product: String,
    /// One line for `lobbyd profile list`.
    pub about: String,
    /// MQTT topic filters that are subscribed to where a site configures none.
    pub topics: Vec<String>,
    pub redact: Vec<Redaction>,
    pub rules: Vec<Rule>,
}

impl Profile {
    pub fn read(&self, message: &Message<'_>, site: Site<'_>) -> Reading {
        if message.topic.len() > MAX_TOPIC {
            return Reading::Unreadable(format!("the topic is longer than {MAX_TOPIC} bytes"));
        }
        let payload = Payload::new(message.payload, &self.redact);
        let levels = Levels::of(message.topic);
        let (mut unread, mut nearest) = (None, None);
        for rule in &self.rules {
            match rule.try_on(&levels, &payload) {
                Ok(found) => return found.tell(message, site),
                Err((Miss::Topic, _)) => {}
                Err((Miss::Payload(why), _)) if rule.form != Form::Empty => unread = Some(why),
                Err((Miss::Payload(_), _)) => {}
                Err((Miss::When(_) | Miss::Unless(_), segments)) => nearest = Some((rule, segments)),
            }
        }
        match (nearest, unread) {
            (None, Some(why)) => Reading::Unreadable(why.to_string()),
            (nearest, _) => self.unmapped(message, site, &payload, nearest),
        }
    }

    fn unmapped(
        &self,
        message: &Message<'_>,
        site: Site<'_>,
        payload: &Payload<'_>,
        nearest: Option<(&Rule, Segments<'_>)>,
    ) -> Reading {
        let doc = payload.read(Form::Lenient);
        let device = nearest.as_ref().zip(doc.ok()).and_then(|((rule, segments), doc)| {
            rule.device.as_ref().and_then(|pick| pick.text(View { doc, segments }))
        });
        let why = match nearest {
            Some(_) => format!("no rule of profile \"{}\" knows what this message says", self.name),
            None => format!("no rule of profile \"{}\" knows this topic", self.name),
        };
        let digest = digest(site.key, doc.ok().map(ToString::to_string).as_deref(), payload);
        Reading::Reports(vec![unmapped(message, site, device.as_deref(), &why, &digest, 0)])
    }

    /// Every rule in order up to the one that fits, and why the others do not.
    pub fn explain(&self, message: &Message<'_>) -> Vec<Trial> {
        let payload = Payload::new(message.payload, &self.redact);
        let levels = Levels::of(message.topic);
        let mut trials = Vec::new();
        for rule in &self.rules {
            let missed = rule.try_on(&levels, &payload).err();
            let fits = missed.is_none();
            let (held, why) = missed.map_or((Some(rule.when.len()), "fits".to_owned()), |(miss, segments)| {
                explain(rule, &miss, &payload, &segments)
            });
            trials.push(Trial { profile: self.name.clone(), rule: rule.name.clone(), fits, held, why });
            if fits {
                break;
            }
        }
        trials
    }
}

/// How many conditions hold, and what was wrong with the first that does not.
fn explain(rule: &Rule, miss: &Miss<'_>, payload: &Payload<'_>, segments: &Segments<'_>) -> (Option<usize>, String) {
    let (condition, wanted) = match miss {
        Miss::Topic => {
            let patterns: Vec<_> = rule.topics.iter().map(|pattern| pattern.as_str()).collect();
            return (None, format!("topic is not {}", patterns.join(" or ")));
        }
        Miss::Payload(unread) => return (Some(0), format!("topic matched; {unread}")),
        Miss::When(condition) => (condition, true),
        Miss::Unless(condition) => (condition, false),
    };
    let doc = payload.read(rule.form).unwrap_or(&Value::Null);
    let view = View { doc, segments };
    let held = rule.when.iter().filter(|condition| condition.holds(view)).count();
    (Some(held), format!("topic matched; {}", condition.explain(view, wanted)))
}

fn digest(key: &SiteKey, text: Option<&str>, payload: &Payload<'_>) -> [u8; 16] {
    key.digest("message", &[text.map_or(payload.bytes(), str::as_bytes)])
}

/// All profiles that a site can name.
#[derive(Debug, Clone)]
pub struct Profiles(BTreeMap<String, Arc<Profile>>);

/// Name and text of every built-in profile.
const BUILTIN: [(&str, &str); 8] = [
    ("esp-rfid", include_str!("profiles/esp-rfid.toml")),
    ("tasmota", include_str!("profiles/tasmota.toml")),
    ("zigbee2mqtt", include_str!("profiles/zigbee2mqtt.toml")),
    ("shelly", include_str!("profiles/shelly.toml")),
    ("dahua-vto", include_str!("profiles/dahua-vto.toml")),
    ("mqtt-face", include_str!("profiles/mqtt-face.toml")),
    ("uhppote", include_str!("profiles/uhppote.toml")),
    ("onvif-ej", include_str!("profiles/onvif-ej.toml")),
];

impl Profiles {
    pub fn builtin() -> Self {
        let mut profiles = Profiles(BTreeMap::new());
        for (name, text) in BUILTIN {
            profiles.add(name, text).expect("a test loads every built-in profile");
        }
        profiles
    }

    /// Adds a profile, or replaces the one of that name. On an error nothing changes.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), ProfileError> {
        let profile = load::profile(name, text)?;
        self.0.insert(name.to_owned(), Arc::new(profile));
        Ok(())
    }

    pub fn get(&self, name: &str) -> Option<&Arc<Profile>> {
        self.0.get(name)
    }

    /// In the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.0.values().map(Arc::as_ref)
    }

    /// The known name that looks most like this one.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        load::nearest(name, self.0.keys().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_profile_loads() {
        for (name, text) in BUILTIN {
            load::profile(name, text).unwrap_or_else(|error| panic!("{error}"));
        }
        assert_eq!(Profiles::builtin().iter().count(), BUILTIN.len());
    }
}
