//! From the configuration to the devices that can be read: profiles from the program and from the site's folders, the
//! configured devices, the key.

use super::site_key;
use crate::config::{Config, profiles};
use crate::device::{DeviceConfig, Devices, Profiles, SiteKey};
use anyhow::Context;
use std::path::Path;

/// The built-in profiles, and those of the folders over them: the last one of a name counts.
pub fn all_profiles<'a>(folders: impl IntoIterator<Item = &'a Path>) -> anyhow::Result<Profiles> {
    let mut all = Profiles::builtin();
    for folder in folders {
        for (path, name, text) in profiles::read_folder(folder)? {
            all.add(&name, &text).with_context(|| path.display().to_string())?;
        }
    }
    Ok(all)
}

/// The devices of this site. Makes the site's key at the first start.
pub fn devices(config: &Config) -> anyhow::Result<Devices> {
    let key = site_key::load(&config.data_dir).with_context(|| format!("{}/site.key", config.data_dir.display()))?;
    devices_with(config, SiteKey::new(key))
}

/// The devices of this site with a key of one's own, for looking at them without the daemon's.
pub fn devices_with(config: &Config, key: SiteKey) -> anyhow::Result<Devices> {
    let profiles = all_profiles(config.profiles.as_deref())?;
    Ok(Devices::new(&configured(config), &profiles, key)?)
}

/// The devices as the device room wants to know them.
fn configured(config: &Config) -> Vec<DeviceConfig> {
    let device = |device: &crate::config::Device| DeviceConfig {
        profile: device.profile.clone(),
        topic: device.topic.clone(),
        door: device.door.clone(),
        zone: device.time_zone.unwrap_or(config.site.time_zone),
    };
    // A contact that is wired to this machine sends nothing over MQTT: daemon/contacts.rs listens to it.
    config.devices.iter().filter(|device| !device.is_contact()).map(device).collect()
}
