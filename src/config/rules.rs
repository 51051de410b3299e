//! What must hold in `lobby.toml` beyond its types. Each rule that is broken names its key and what to write instead.

use super::error::suggest;
use super::{Broker, Config, Console, Kiosk, LANGUAGES, Post, Retention, Storage};
use crate::health::quota;
use std::collections::BTreeSet;
use std::fs::File;
use std::ops::RangeInclusive;
use std::path::Path;

/// Key, problem, hint.
pub(super) type Broken = (String, String, Option<String>);

/// A screen that gives up after less is useless to slow readers; after more, the next visitor sees this one's data.
const IDLE_SECONDS: RangeInclusive<u32> = 15..=600;
/// WCAG 2.2.1 asks for at least 20 s to answer "more time?"; a little less is bearable for a busy lobby.
const WARN_SECONDS: RangeInclusive<u32> = 10..=120;
/// Neither too loud nor too low (R224): a lobby is no station hall.
const VOICE_PERCENT: RangeInclusive<u32> = 0..=80;
/// Ten years is longer than any SD card lives.
const DAYS: RangeInclusive<u32> = 1..=3650;
/// Longest building name that fits the header of the smallest screen, in half-width characters: 24 Chinese ones.
const MAX_NAME: usize = 48;
/// Characters of a company's name, as the notice has room for it on the smallest glass.
const MAX_COMPANY: usize = 40;
/// Longest phone number as people write it, with an extension.
const MAX_PHONE: usize = 24;
/// Longest link, bytes: more would make a code too fine for a telephone at arm's length.
const MAX_LINK: usize = 120;
/// A client id longer than this is a slip; brokers cut or refuse it (MQTT 5, 3.1.3.1).
const MAX_CLIENT_ID: usize = 128;
/// Longest topic filter in bytes; the protocol's 65,535 would only be a slip.
const MAX_FILTER: usize = 512;
/// Fewer than a handful of guards with two tabs each is a slip; more than the default number of open files fails later.
const CONNECTIONS: RangeInclusive<u32> = 8..=900;
/// Devices and posts of one lobby.
const MAX_ENTRIES: usize = 1000;

/// Everything that is wrong with the values.
pub(super) fn broken(config: &Config) -> Vec<Broken> {
    let mut found = Vec::new();
    broker("building", &config.building, &mut found);
    broker("office", &config.office, &mut found);
    one_name_on_one_broker(config, &mut found);
    devices(config, &mut found);
    home_assistant(config, &mut found);
    too_many("post", config.posts.len(), &mut found);
    one_of_each(&config.posts, &mut found);
    super::house::broken(&config.house(), &mut found);
    kiosk(&config.kiosk, &mut found);
    console(&config.console, &mut found);
    retention(config.retention, &mut found);
    storage(config.storage, &mut found);
    found
}

/// Files that are named and cannot be read.
pub(super) fn missing_files(config: &Config) -> Vec<Broken> {
    let mut found = Vec::new();
    for (table, broker) in [("building", &config.building), ("office", &config.office)] {
        let named = [("password_file", &broker.password_file), ("ca", &broker.ca), ("cert", &broker.cert)];
        for (key, path) in named.into_iter().chain([("key", &broker.key)]) {
            if let Some(path) = path
                && let Err(why) = readable(path)
            {
                let problem = format!("{}: {why}", path.display());
                found.push((format!("{table}.{key}"), problem, Some("put the file there, readable for lobbyd".into())));
            }
        }
    }
    for (key, path) in [("cert", &config.console.cert), ("key", &config.console.key)] {
        if let Some(path) = path
            && let Err(why) = readable(path)
        {
            let problem = format!("{}: {why}", path.display());
            found.push((format!("console.{key}"), problem, Some("put the file there, readable for lobbyd".into())));
        }
    }
    for (key, folder) in [("profiles", &config.profiles), ("handbook.folder", &config.handbook.folder)] {
        if let Some(folder) = folder
            && let Err(error) = std::fs::read_dir(folder)
        {
            let hint = Some("make the folder, or take the line out".into());
            found.push((key.into(), format!("{}: {error}", folder.display()), hint));
        }
    }
    found
}

fn readable(path: &Path) -> Result<(), String> {
    let length = File::open(path).and_then(|file| file.metadata()).map_err(|error| error.to_string())?;
    match () {
        () if length.is_dir() => Err("is a folder, not a file".into()),
        () if length.len() == 0 => Err("is empty".into()),
        () => Ok(()),
    }
}

fn broker(table: &str, broker: &Broker, found: &mut Vec<Broken>) {
    let mut broken = |key: &str, problem: &str, hint: &str| {
        found.push((format!("{table}.{key}"), problem.to_owned(), (!hint.is_empty()).then(|| hint.to_owned())));
    };
    match broker.address() {
        Err(fault) => broken("url", &fault.to_string(), ""),
        Ok(address) if !address.tls && (broker.ca.is_some() || broker.cert.is_some() || broker.key.is_some()) => {
            broken("url", "certificates are configured, but mqtt:// does not use them", "write mqtts://");
        }
        Ok(_) => {}
    }
    match (&broker.cert, &broker.key) {
        (Some(_), None) => broken("cert", "a certificate without its key", "add key = \"….pem\""),
        (None, Some(_)) => broken("key", "a key without its certificate", "add cert = \"….pem\""),
        _ => {}
    }
    if broker.password_file.is_some() && broker.user.is_none() {
        broken("password_file", "a password without a user", "add user = \"…\"");
    }
    if broker.user.as_deref().is_some_and(str::is_empty) {
        broken("user", "is empty", "take the line out where the broker wants no user");
    }
    if let Some(id) = &broker.client_id
        && (id.is_empty() || id.len() > MAX_CLIENT_ID || id.chars().any(char::is_control))
    {
        broken("client_id", "is empty, too long or holds control characters", "take the line out: the default will do");
    }
}

/// Two connections of one client id on one broker throw each other out for ever.
fn one_name_on_one_broker(config: &Config, found: &mut Vec<Broken>) {
    let (building, office) = (&config.building, &config.office);
    let same_broker = matches!((building.address(), office.address()), (Ok(a), Ok(b)) if a == b);
    if same_broker && building.client_id.is_some() && building.client_id == office.client_id {
        let problem = "building and office are one broker, and both connections have one client id".to_owned();
        found.push(("office.client_id".into(), problem, Some("give them two, or none".into())));
    }
}

fn devices(config: &Config, found: &mut Vec<Broken>) {
    too_many("device", config.devices.len(), found);
    let mut seen = BTreeSet::new();
    for (index, device) in config.devices.iter().enumerate() {
        let entry = format!("device[{}]", index + 1);
        if device.profile.is_empty() {
            let hint = Some("lobbyd profile list names them".into());
            found.push((format!("{entry}.profile"), "is empty".into(), hint));
        }
        if let Some(why) = device.topic.as_deref().and_then(filter_fault) {
            found.push((format!("{entry}.topic"), why.into(), None));
        }
        if device.is_contact() && (device.door.is_none() || device.topic.is_some()) {
            let problem = "a contact that is wired to this machine has a door and no topic";
            found.push((entry.clone(), problem.into(), Some("write profile = \"gpio\" and door = \"…\"".into())));
        }
        if !seen.insert((&device.profile, &device.topic)) {
            let problem = "the same profile and topic stand in an entry above: each message would count twice";
            found.push((entry, problem.into(), Some("take one of the two out".into())));
        }
    }
}

pub(super) fn one_of_each(posts: &[Post], found: &mut Vec<Broken>) {
    let mut seen = BTreeSet::new();
    for (index, post) in posts.iter().enumerate() {
        if !seen.insert(&post.id) {
            let problem = format!("the post \"{}\" stands in an entry above", post.id);
            found.push((format!("post[{}].id", index + 1), problem, Some("each post has an id of its own".into())));
        }
    }
}

fn too_many(table: &str, count: usize, found: &mut Vec<Broken>) {
    if count > MAX_ENTRIES {
        found.push((table.into(), format!("{count} entries; {MAX_ENTRIES} are the most"), None));
    }
}

/// Its discovery is published under one topic, not under many.
fn home_assistant(config: &Config, found: &mut Vec<Broken>) {
    let Some(prefix) = &config.home_assistant.prefix else { return };
    if filter_fault(prefix).is_some() || prefix.contains(['+', '#']) {
        let hint = "write what stands in Home Assistant as its discovery prefix: homeassistant";
        found.push(("home_assistant.prefix".into(), "is no topic".into(), Some(hint.into())));
    }
}

/// Why `filter` is no MQTT topic filter (MQTT 5, 4.7); `None` where it is one.
fn filter_fault(filter: &str) -> Option<&'static str> {
    let levels: Vec<&str> = filter.split('/').collect();
    let last = levels.len() - 1;
    if filter.is_empty() {
        Some("is empty; # hears everything")
    } else if filter.len() > MAX_FILTER {
        Some("is too long for a topic filter")
    } else if filter.contains('\0') {
        Some("holds a NUL character")
    } else if levels.iter().enumerate().any(|(at, level)| level.contains('#') && (at != last || *level != "#")) {
        Some("# stands alone, and only at the end: door/#")
    } else if levels.iter().any(|level| level.contains('+') && *level != "+") {
        Some("+ stands for a whole level: door/+/state, not door/lobby+/state")
    } else {
        None
    }
}

fn kiosk(kiosk: &Kiosk, found: &mut Vec<Broken>) {
    for (key, name) in [("kiosk.name", &kiosk.name), ("kiosk.name_en", &kiosk.name_en)] {
        let width: usize = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        if name.trim().is_empty() || width > MAX_NAME {
            let hint = Some("write the building's name in at most 24 Chinese characters or 48 letters".into());
            found.push((key.into(), "is empty or too long for the screen".into(), hint));
        }
    }
    if !LANGUAGES.contains(&kiosk.language.as_str()) {
        let problem = format!("the screen does not speak \"{}\"", kiosk.language);
        found.push(("kiosk.language".into(), problem, suggest(&kiosk.language, LANGUAGES)));
    }
    if let Some(phone) = &kiosk.service_phone
        && (!phone.bytes().any(|b| b.is_ascii_digit()) || phone.chars().count() > MAX_PHONE)
    {
        let hint = Some("write it as it is dialled, such as \"010-5555 0100\"".into());
        found.push(("kiosk.service_phone".into(), "is not a phone number".into(), hint));
    }
    if let Some(company) = &kiosk.company
        && (company.trim().is_empty() || company.chars().count() > MAX_COMPANY)
    {
        let hint = Some(format!("write its name as in its licence, in at most {MAX_COMPANY} characters"));
        found.push(("kiosk.company".into(), "is empty or too long for the notice".into(), hint));
    }
    if kiosk.visit_identity && (kiosk.company.is_none() || kiosk.service_phone.is_none()) {
        let hint = Some(
            "set kiosk.company and kiosk.service_phone: the notice before it says who keeps it, and where he is asked"
                .into(),
        );
        found.push(("kiosk.visit_identity".into(), "asks without saying who".into(), hint));
    }
    if let Some(link) = &kiosk.wechat
        && (link.is_empty() || link.len() > MAX_LINK || !link.bytes().all(|b| b.is_ascii_graphic()))
    {
        let hint = Some(
            "copy the link that WeChat shows for the account, such as \"https://work.weixin.qq.com/kfid/…\"".into(),
        );
        found.push(("kiosk.wechat".into(), "is not a link that a telephone could read".into(), hint));
    }
    within("kiosk.idle_seconds", kiosk.idle_seconds, IDLE_SECONDS, found);
    within("kiosk.warn_seconds", kiosk.warn_seconds, WARN_SECONDS, found);
    within("kiosk.voice_percent", kiosk.voice_percent, VOICE_PERCENT, found);
}

fn console(console: &Console, found: &mut Vec<Broken>) {
    match (&console.cert, &console.key) {
        (Some(_), None) => {
            found.push((
                "console.cert".into(),
                "a certificate without its key".into(),
                Some("add key = \"….pem\"".into()),
            ));
        }
        (None, Some(_)) => {
            found.push((
                "console.key".into(),
                "a key without its certificate".into(),
                Some("add cert = \"….pem\"".into()),
            ));
        }
        _ => {}
    }
    if let Some(at) = console.framed_by.iter().position(|origin| !is_origin(origin)) {
        let hint = Some("write it as \"https://wall.example:8080\", without a path".into());
        found.push(("console.framed_by".into(), format!("entry {} is not an origin", at + 1), hint));
    }
    within("console.max_connections", console.max_connections, CONNECTIONS, found);
    within("console.max_connections_per_address", console.max_connections_per_address, CONNECTIONS, found);
    let fits =
        |name: &String| !name.is_empty() && name.len() <= 253 && name.is_ascii() && !name.contains([' ', '/', ':']);
    let address = |name: &String| name.parse::<std::net::IpAddr>().is_ok();
    if let Some(at) = console.names.iter().position(|name| !fits(name) && !address(name)) {
        let hint = Some("write host names or addresses as browsers open them: \"lobby.example\", \"10.0.0.5\"".into());
        found.push(("console.names".into(), format!("entry {} is neither a host name nor an address", at + 1), hint));
    }
}

fn retention(retention: Retention, found: &mut Vec<Broken>) {
    within("retention.events", retention.events, DAYS, found);
    within("retention.chatter", retention.chatter, DAYS, found);
    within("retention.visits", retention.visits, DAYS, found);
    within("retention.persons", retention.persons, DAYS, found);
    if retention.chatter > retention.events {
        let problem = "what devices say would be kept longer than what people did";
        found.push(("retention.chatter".into(), problem.into(), Some("write at most retention.events".into())));
    }
    for (key, days) in [("retention.visits", retention.visits), ("retention.persons", retention.persons)] {
        if days > retention.events {
            let problem = "names would be kept longer than the events that they belong to";
            found.push((key.into(), problem.into(), Some("write at most retention.events".into())));
        }
    }
}

fn storage(storage: Storage, found: &mut Vec<Broken>) {
    within("storage.quota", storage.quota, quota::LEAST_QUOTA_MIB..=quota::MOST_QUOTA_MIB, found);
    within("storage.reserve", storage.reserve, quota::LEAST_RESERVE_MIB..=quota::MOST_QUOTA_MIB, found);
    if storage.reserve > storage.quota / 2 {
        let problem = "devices would be held back before the journal is half full";
        found.push(("storage.reserve".into(), problem.into(), Some("write at most half of storage.quota".into())));
    }
}

/// Scheme, host and perhaps a port: what a content security policy may name.
fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b))
}

pub(super) fn within(key: &str, value: u32, range: RangeInclusive<u32>, found: &mut Vec<Broken>) {
    if !range.contains(&value) {
        let hint = Some(format!("write {} to {}", range.start(), range.end()));
        found.push((key.into(), format!("{value} is out of range"), hint));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topic_filters_are_those_of_mqtt() {
        for good in ["#", "+", "/rfid/send", "door/+/state", "shellies/#", "门/+"] {
            assert_eq!(filter_fault(good), None, "{good}");
        }
        for bad in ["", "door/#/state", "door#", "door/lobby+", "a\0b"] {
            assert!(filter_fault(bad).is_some(), "{bad:?}");
        }
    }
}
