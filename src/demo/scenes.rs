//! Small scenes of a building's afternoon, each a few messages in the form that the product really sends. The forms are
//! the products'; every value is made up. Some carry the traps of the field on purpose: two messages for one swipe, a stale
//! state beside an action, a ring that is told twice, a retained state.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::json;
use std::time::Duration;

/// One message of a device.
pub struct Step {
    /// Since the step before.
    pub after: Duration,
    pub product: &'static str,
    pub topic: &'static str,
    pub payload: String,
    pub retained: bool,
}

/// Where and when a scene plays.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    /// Counts the scenes; record numbers are made of it.
    pub number: u64,
    /// What the building's clocks show.
    pub zone: Tz,
}

impl Stage {
    /// The device's clock so many seconds into the scene.
    fn clock(&self, seconds: i64) -> DateTime<Utc> {
        Utc::now() + TimeDelta::seconds(seconds)
    }

    /// The same on the building's wall, as devices without a zone write it.
    fn wall(&self, seconds: i64, form: &str) -> String {
        self.clock(seconds).with_timezone(&self.zone).format(form).to_string()
    }
}

pub type Scene = fn(&Stage) -> Vec<Step>;

/// Nobody answers by itself: it rings at the guards' page when a person at the demo presses its button.
pub const BELL: Scene = delivery_rings;

/// What goes on by itself, one after the other.
pub fn scenes() -> [Scene; 8] {
    [
        resident_comes_home,
        visitor_rings_at_the_gate,
        card_at_the_garage,
        face_at_the_turnstile,
        stranger_with_a_card,
        parcel_room,
        office_floor,
        roof_door,
    ]
}

fn step(after: u64, product: &'static str, topic: &'static str, payload: impl ToString) -> Step {
    Step { after: Duration::from_millis(after), product, topic, payload: payload.to_string(), retained: false }
}

const LOCAL: &str = "%Y-%m-%d %H:%M:%S";

fn esp_rfid(at: &Stage, seconds: i64, kind: &str, source: &str, what: &str) -> String {
    json!({"type": kind, "src": source, "desc": what, "data": "", "time": at.clock(seconds).timestamp(), "cmd": "event",
        "hostname": "esp-rfid-north"})
    .to_string()
}

fn resident_comes_home(at: &Stage) -> Vec<Step> {
    let swipe = json!({"cmd": "log", "uid": format!("04a1b2{:02x}", at.number % 200), "username": "Resident",
        "access": "Always", "time": at.clock(0).timestamp(), "doorName": "North door", "type": "access", "isKnown": "true",
        "hostname": "esp-rfid-north"});
    vec![
        step(0, "esp-rfid", "/rfid/send", swipe),
        step(900, "esp-rfid", "/rfid/send", esp_rfid(at, 1, "INFO", "door", "Door Open")),
        step(4200, "esp-rfid", "/rfid/send", esp_rfid(at, 5, "INFO", "door", "Door Closed")),
    ]
}

/// With logging on, the firmware tells of an unknown card twice: one denial, not two.
fn stranger_with_a_card(at: &Stage) -> Vec<Step> {
    let denied = json!({"cmd": "log", "uid": "9c1f00d7", "username": "Unknown", "access": "Denied",
        "time": at.clock(0).timestamp(), "type": "access", "isKnown": "false", "hostname": "esp-rfid-north"});
    let again = esp_rfid(at, 0, "WARN", "rfid", "Unknown rfid tag is scanned");
    vec![step(0, "esp-rfid", "/rfid/send", denied), step(60, "esp-rfid", "/rfid/send", again)]
}

fn card_at_the_garage(at: &Stage) -> Vec<Step> {
    let card = json!({"Time": at.wall(0, "%Y-%m-%dT%H:%M:%S"),
        "PN532": {"UID": format!("94D8FC{:02X}", at.number % 256), "DATA": ""}});
    vec![step(0, "tasmota", "tele/tasmota_garage/SENSOR", card)]
}

fn vto(action: &str, data: serde_json::Value) -> String {
    json!({"Action": action, "Data": data, "deviceType": "VTO2202F-P", "serialNumber": "DEMO000000001"}).to_string()
}

/// The door station tells one call twice (CallNoAnswered, Invite), then who answered, what was opened, and the end.
fn visitor_rings_at_the_gate(at: &Stage) -> Vec<Step> {
    const PRODUCT: &str = "dahua-vto";
    let call = |seconds| {
        json!({"CallID": "1", "IsEncryptedStream": false, "LocaleTime": at.wall(seconds, LOCAL), "LockNum": 2,
            "SupportPaas": false, "TCPPort": 37777, "UTC": at.clock(seconds).timestamp()})
    };
    let ring = call(0);
    let opened = json!({"CardNo": "", "CardType": null, "LocaleTime": at.wall(8, LOCAL), "Method": 4, "Name": "OpenDoor",
        "Password": "", "ReaderID": "1", "RecNo": 691 + at.number, "SnapURL": "", "Status": 1, "Type": "Entry",
        "UTC": at.clock(8).timestamp(), "UserID": ""});
    let end = json!({"LocaleTime": at.wall(9, LOCAL), "Index": 1});
    vec![
        step(0, PRODUCT, "DahuaVTO/CallNoAnswered/Event", vto("Start", ring.clone())),
        step(40, PRODUCT, "DahuaVTO/Invite/Event", vto("Pulse", ring)),
        step(5000, PRODUCT, "DahuaVTO/IgnoreInvite/Event", vto("Pulse", call(5))),
        step(3000, PRODUCT, "DahuaVTO/AccessControl/Event", vto("Pulse", opened)),
        step(1500, PRODUCT, "DahuaVTO/PassiveHungup/Event", vto("?", end)),
    ]
}

fn face_at_the_turnstile(at: &Stage) -> Vec<Step> {
    let known = json!({"operator": "RecPush", "info": {"customId": "", "personId": (at.number % 40 + 1).to_string(),
        "RecordID": (2000 + at.number).to_string(), "VerifyStatus": "1", "PersonType": "0", "similarity1": "93.000000",
        "Sendintime": 1, "personName": "", "facesluiceId": "1026700", "idCard": "", "telnum": " ",
        "time": at.wall(0, LOCAL), "isNoMask": "1", "PushType": 0,
        "targetPosInScene": [346, 0, 1572, 1080]}});
    vec![step(0, "mqtt-face", "mqtt/face/1026700/Rec", known)]
}

/// The lock says what was done, and beside it a state that is not true yet.
fn parcel_room(_: &Stage) -> Vec<Step> {
    let lock = |action: &str, how: &str, state: &str| {
        json!({"action": action, "action_source": 2, "action_source_name": how, "action_user": 65535, "battery": 70,
            "linkquality": 112, "lock_state": state, "state": if state == "locked" { "LOCK" } else { "UNLOCK" }})
    };
    let contact = |closed: bool| json!({"contact": closed, "linkquality": 110, "battery": 100, "voltage": 3015});
    vec![
        step(0, "zigbee2mqtt", "zigbee2mqtt/Parcel Room", lock("manual_unlock", "manual", "locked")),
        step(2500, "zigbee2mqtt", "zigbee2mqtt/garden_gate", contact(false)),
        step(3500, "zigbee2mqtt", "zigbee2mqtt/garden_gate", contact(true)),
        step(2000, "zigbee2mqtt", "zigbee2mqtt/Parcel Room", lock("auto_lock", "auto", "unlocked")),
    ]
}

fn delivery_rings(at: &Stage) -> Vec<Step> {
    let time = at.clock(0).timestamp_millis() as f64 / 1000.0;
    let pushed = json!({"src": "shellyplusi4-a8032ab1c2d0", "dst": "shellyplusi4-a8032ab1c2d0/events",
        "method": "NotifyEvent", "params": {"ts": time, "events": [
            {"component": "input:0", "id": 0, "event": "single_push", "ts": time}]}});
    vec![step(0, "shelly", "shellyplusi4-a8032ab1c2d0/events/rpc", pushed)]
}

fn office_floor(at: &Stage) -> Vec<Step> {
    let swipe = json!({"access-granted": true, "card-at.number": 8_165_538, "device-id": 405_419_896, "direction": 1,
        "direction-text": "in", "door-id": 4, "event-id": 5000 + at.number, "event-reason": 0, "event-reason-text": "",
        "event-type": 1, "event-type-text": "swipe",
        "timestamp": at.wall(0, "%Y-%m-%d %H:%M:%S %Z")});
    // The signature covers the message as it stands, so it comes behind it.
    let wrapped = format!(r#"{{"message":{{"event":{{"event":{swipe}}}}},"hmac":"{}"}}"#, "0".repeat(64));
    vec![step(0, "uhppote", "uhppoted/gateway/events", wrapped)]
}

/// ONVIF keeps door states as retained messages: they set the state and are no event when they come again.
fn roof_door(at: &Stage) -> Vec<Step> {
    const DOOR: &str = "Tower1/onvif-ej/Door/State/DoorAlarm/&ROOF-DOOR";
    let alarm = |seconds, state: &str| {
        json!({"UtcTime": at.clock(seconds).format("%Y-%m-%dT%H:%M:%SZ").to_string(), "Source": {"DoorToken": "ROOF-DOOR"},
            "Data": {"State": state}})
    };
    let retained = |mut step: Step| {
        step.retained = true;
        step
    };
    vec![
        retained(step(0, "onvif-ej", DOOR, alarm(0, "DoorOpenTooLong"))),
        retained(step(6000, "onvif-ej", DOOR, alarm(6, "Normal"))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::device::{Devices, Message, Reading, SiteKey};
    use crate::event::Now;
    use crate::service::door::Report;

    const STAGE: Stage = Stage { number: 1, zone: Tz::Asia__Shanghai };

    fn devices() -> Devices {
        let text = include_str!("lobby.toml").replace("{building}", "127.0.0.1:1").replace("{office}", "127.0.0.1:2");
        let text =
            text.replace("{zone}", "Asia/Shanghai").replace("{guards}", "127.0.0.1:4").replace("{page}", "127.0.0.1:5");
        let config = Config::parse(&text.replace("{screen}", "127.0.0.1:3"), "lobby.toml".as_ref()).unwrap();
        crate::daemon::devices_with(&config, SiteKey::new([7; 32])).unwrap()
    }

    /// What the daemon makes of one step; nothing where the message adds nothing.
    fn understood(devices: &Devices, step: &Step) -> Vec<Report> {
        let received = Now { utc: Utc::now(), synced: true };
        let payload = step.payload.as_bytes();
        let message = Message { topic: step.topic, payload, retain: false, dup: false, packet_id: 1, received };
        match devices.read(&message) {
            Reading::Reports(reports) => reports,
            Reading::Ignored => Vec::new(),
            Reading::Unreadable(why) => panic!("{}: {why}", step.topic),
        }
    }

    #[test]
    fn every_scene_is_understood_as_it_is_meant() {
        let devices = devices();
        let story: Vec<Vec<String>> = scenes()
            .into_iter()
            .chain([BELL])
            .map(|scene| {
                let mut reports: Vec<Report> =
                    scene(&STAGE).iter().flat_map(|step| understood(&devices, step)).collect();
                // The journal stores two reports of one identity once.
                reports.dedup_by(|next, last| next.identity == last.identity);
                reports.iter().map(|report| format!("{} {}", report.kind, report.subject)).collect()
            })
            .collect();
        let meant = [
            vec!["access.granted north-door", "door.opened north-door", "door.closed north-door"],
            vec![
                "call.ringing east-gate",
                "call.answered east-gate",
                "unlock.remote east-gate",
                "call.ended east-gate",
            ],
            vec!["credential.presented garage"],
            vec!["access.granted turnstile"],
            vec!["access.denied north-door"],
            vec![
                "lock.unlocked parcel-room",
                "door.opened garden-gate",
                "door.closed garden-gate",
                "lock.locked parcel-room",
            ],
            vec!["access.granted 405419896-4"],
            vec!["door.held roof-door", "door.normal roof-door"],
            vec!["call.ringing delivery-entrance"],
        ];
        assert_eq!(story, meant);
    }
}
