//! What Home Assistant is told: which entities there are (its MQTT discovery), how doors stand, and what happens at them. Pure: doors and
//! events go in, notices come out. Never who somebody is, and never that somebody opened under threat: a panel on a wall would show it.

use super::feed::News;
use crate::config::Site;
use crate::event::{Data, Kind, Now, Slug};
use crate::journal::{DoorState, Row};
use crate::link::Notice;
use crate::service::door::is_stale;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the topic of availability says.
pub const HERE: &[u8] = b"online";
pub const AWAY: &[u8] = b"offline";

/// What stands there of each door, as it was last published on this connection.
#[derive(Debug)]
pub struct Home {
    site: Slug,
    gateway: Slug,
    prefix: String,
    published: BTreeMap<Slug, Data>,
}

/// One side of a door that is on or off: the word in its state, what it is for Home Assistant, and the words for on and off.
struct Side {
    aspect: &'static str,
    name: &'static str,
    class: &'static str,
    on: &'static [&'static str],
    off: &'static [&'static str],
}

const SIDES: [Side; 5] = [
    Side { aspect: "door", name: "Door", class: "door", on: &["opened"], off: &["closed"] },
    // For Home Assistant an open lock is on.
    Side { aspect: "lock", name: "Lock", class: "lock", on: &["unlocked"], off: &["locked"] },
    Side { aspect: "alarm", name: "Alarm", class: "problem", on: &["forced", "held"], off: &["normal"] },
    Side { aspect: "tamper", name: "Tamper", class: "tamper", on: &["tamper"], off: &["cleared"] },
    Side { aspect: "device", name: "Device", class: "connectivity", on: &["online"], off: &["offline"] },
];

/// What happens at a door, as the type of an event.
const fn happened(kind: Kind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        Kind::CallRinging => (RING, "ring"),
        Kind::AccessGranted => (ACCESS, "granted"),
        Kind::AccessDenied => (ACCESS, "denied"),
        Kind::AccessRequested => (ACCESS, "requested"),
        Kind::UnlockRemote => (ACCESS, "opened_from_afar"),
        _ => return None,
    })
}

const RING: &str = "ring";
const ACCESS: &str = "access";
const ACCESS_TYPES: [&str; 4] = ["granted", "denied", "requested", "opened_from_afar"];

/// Where availability stands, for the last will as well.
pub fn available_topic(site: &Site) -> String {
    format!("lobby/v1/{}/{}/home/available", site.id, site.gateway)
}

impl Home {
    pub fn new(prefix: &str, site: &Site) -> Self {
        let (id, gateway) = (site.id.clone(), site.gateway.clone());
        Home { site: id, gateway, prefix: prefix.to_owned(), published: BTreeMap::new() }
    }

    /// For a new connection: everything goes out again.
    pub fn begin_again(&mut self) {
        self.published.clear();
    }

    /// The gateway itself.
    pub fn here(&self) -> Vec<Notice> {
        let status = json!({
            "name": "Status",
            "state_topic": self.topic("available"),
            "icon": "mdi:door-sliding-lock",
            "entity_category": "diagnostic",
            "unique_id": self.id("status"),
            "device": self.gateway_device(),
            "origin": origin(),
        });
        let available = Notice { topic: self.topic("available"), payload: HERE.to_vec(), retain: true };
        vec![self.entity("sensor", "status", &status), available]
    }

    pub fn away(&self) -> Notice {
        Notice { topic: self.topic("available"), payload: AWAY.to_vec(), retain: true }
    }

    /// What is new: doors that were not known, states that have changed, and what has just happened.
    pub fn told(&mut self, news: News, now: Now) -> Vec<Notice> {
        let mut notices = Vec::new();
        for DoorState { door, state } in news.doors {
            let known = self.published.get(&door);
            if known == Some(&state) {
                continue;
            }
            let is_new = |side: &&Side| {
                state.contains_key(side.aspect) && known.is_none_or(|known| !known.contains_key(side.aspect))
            };
            notices.extend(SIDES.iter().filter(is_new).map(|side| self.side(&door, side)));
            if known.is_none() {
                notices.extend([self.events(&door, RING), self.events(&door, ACCESS)]);
            }
            let payload = Value::Object(state.clone()).to_string().into_bytes();
            notices.push(Notice { topic: self.topic(&format!("{door}/state")), payload, retain: true });
            self.published.insert(door, state);
        }
        for row in news.rows {
            notices.extend(self.happening(&row, now));
        }
        notices
    }

    /// Only what a panel may ring for now.
    fn happening(&mut self, row: &Row, now: Now) -> Vec<Notice> {
        let Some((what, said)) = happened(row.kind).filter(|_| !is_stale(row.stamp, now)) else { return Vec::new() };
        let door = Slug::from_text(&row.subject);
        let mut notices = Vec::new();
        // A door of which nothing else is known: a reader without a contact.
        if !self.published.contains_key(&door) {
            notices.extend([self.events(&door, RING), self.events(&door, ACCESS)]);
            self.published.insert(door.clone(), Data::new());
        }
        let time = row.stamp.time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let payload = json!({ "event_type": said, "time": time }).to_string().into_bytes();
        notices.push(Notice { topic: self.topic(&format!("{door}/{what}")), payload, retain: false });
        notices
    }

    fn side(&self, door: &Slug, side: &Side) -> Notice {
        // Any other word, such as `fault`, is "unknown".
        let template = format!(
            "{{% set word = value_json.{} %}}{{{{ 'on' if word in {} else 'off' if word in {} else 'None' }}}}",
            side.aspect,
            words(side.on),
            words(side.off)
        );
        let config = json!({
            "name": side.name,
            "device_class": side.class,
            "state_topic": self.topic(&format!("{door}/state")),
            "value_template": template,
            "payload_on": "on",
            "payload_off": "off",
            "availability_topic": self.topic("available"),
            "unique_id": self.id(&format!("{door}_{}", side.aspect)),
            "device": self.door_device(door),
            "origin": origin(),
        });
        self.entity("binary_sensor", &format!("{door}_{}", side.aspect), &config)
    }

    fn events(&self, door: &Slug, what: &str) -> Notice {
        let mut config = json!({
            "name": if what == RING { "Ring" } else { "Access" },
            "state_topic": self.topic(&format!("{door}/{what}")),
            "event_types": if what == RING { &["ring"][..] } else { &ACCESS_TYPES[..] },
            "availability_topic": self.topic("available"),
            "unique_id": self.id(&format!("{door}_{what}")),
            "device": self.door_device(door),
            "origin": origin(),
        });
        if what == RING {
            config["device_class"] = json!("doorbell");
        }
        self.entity("event", &format!("{door}_{what}"), &config)
    }

    /// `homeassistant/binary_sensor/lobbyd-riverside-lobby-1/north_door/config`
    fn entity(&self, platform: &str, object: &str, config: &Value) -> Notice {
        let node = format!("lobbyd-{}-{}", self.site, self.gateway);
        let topic = format!("{}/{platform}/{node}/{object}/config", self.prefix);
        Notice { topic, payload: config.to_string().into_bytes(), retain: true }
    }

    fn door_device(&self, door: &Slug) -> Value {
        json!({ "identifiers": [self.id(door.as_str())], "name": door, "via_device": self.id("gateway") })
    }

    fn gateway_device(&self) -> Value {
        json!({
            "identifiers": [self.id("gateway")],
            "name": format!("lobbyd {}/{}", self.site, self.gateway),
            "manufacturer": "lobbyd",
            "sw_version": env!("CARGO_PKG_VERSION"),
        })
    }

    fn id(&self, of: &str) -> String {
        format!("lobbyd-{}-{}-{of}", self.site, self.gateway)
    }

    fn topic(&self, rest: &str) -> String {
        format!("lobby/v1/{}/{}/home/{rest}", self.site, self.gateway)
    }
}

fn origin() -> Value {
    json!({ "name": "lobbyd", "sw_version": env!("CARGO_PKG_VERSION") })
}

/// As a template names a list.
fn words(words: &[&str]) -> String {
    format!("['{}']", words.join("', '"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Id, Quality, Stamp, data};
    use serde_json::value::RawValue;

    fn home() -> Home {
        let site = Site {
            id: Slug::new("riverside").unwrap(),
            gateway: Slug::new("lobby-1").unwrap(),
            time_zone: chrono_tz::Asia::Shanghai,
        };
        Home::new("homeassistant", &site)
    }

    fn now() -> Now {
        Now { utc: "2026-11-21T04:00:00Z".parse().unwrap(), synced: true }
    }

    fn door(state: &[(&str, &str)]) -> DoorState {
        let state = state.iter().map(|(aspect, word)| ((*aspect).to_owned(), json!(word))).collect();
        DoorState { door: Slug::new("north").unwrap(), state }
    }

    fn row(kind: Kind, seconds_ago: i64) -> Row {
        let time = now().utc - chrono::TimeDelta::seconds(seconds_ago);
        let facts = data([("credential", json!({ "ref": "c0ffee" })), ("device", json!({ "product": "test" }))]);
        Row {
            seq: 1,
            id: Id::random(),
            kind,
            subject: "north".into(),
            stamp: Stamp { time, quality: Quality::Synced },
            recorded: time,
            data: RawValue::from_string(Value::Object(facts).to_string()).unwrap(),
        }
    }

    fn topics(notices: &[Notice]) -> Vec<&str> {
        let prefix = "lobby/v1/riverside/lobby-1/home/";
        notices.iter().map(|notice| notice.topic.strip_prefix(prefix).unwrap_or(&notice.topic)).collect()
    }

    #[test]
    fn a_door_appears_once_with_what_is_known_of_it_and_then_only_its_changes_are_told() {
        let mut home = home();
        let mut told = |state: &[(&str, &str)]| home.told(News { doors: vec![door(state)], rows: Vec::new() }, now());
        let first = told(&[("door", "closed")]);
        let entity =
            |platform: &str, object: &str| format!("homeassistant/{platform}/lobbyd-riverside-lobby-1/{object}/config");
        let expected = [
            entity("binary_sensor", "north_door"),
            entity("event", "north_ring"),
            entity("event", "north_access"),
            "north/state".into(),
        ];
        assert_eq!(topics(&first), expected);
        assert!(first.iter().all(|notice| notice.retain));
        assert!(told(&[("door", "closed")]).is_empty());
        assert_eq!(topics(&told(&[("door", "opened")])), ["north/state"]);
        let more = told(&[("door", "opened"), ("tamper", "tamper")]);
        assert_eq!(topics(&more), [entity("binary_sensor", "north_tamper"), "north/state".into()]);
        home.begin_again();
        assert_eq!(home.told(News { doors: vec![door(&[("door", "opened")])], rows: Vec::new() }, now()).len(), 4);
    }

    #[test]
    fn a_ring_is_told_while_somebody_stands_there_and_nobody_is_named() {
        let mut home = home();
        let mut told = |row| home.told(News { doors: Vec::new(), rows: vec![row] }, now());
        let ring = told(row(Kind::CallRinging, 5));
        let last = ring.last().unwrap();
        assert_eq!((topics(std::slice::from_ref(last)), last.retain), (vec!["north/ring"], false));
        assert!(told(row(Kind::CallRinging, 90)).is_empty(), "nobody stands there any more");
        let granted = told(row(Kind::AccessGranted, 1));
        let text = String::from_utf8(granted[0].payload.clone()).unwrap();
        assert!(text.contains("granted") && !text.contains("c0ffee"), "{text}");
        assert!(told(row(Kind::Duress, 1)).is_empty(), "whoever stands beside him must not see it");
    }
}
