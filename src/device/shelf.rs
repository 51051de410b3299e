//! The shelf of all profiles: the built-in ones, and a site's own, which replace built-in ones of the same name. No file
//! is read here.

use super::load::{self, ProfileError};
use super::profile::Profile;
use std::collections::BTreeMap;
use std::sync::Arc;

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
