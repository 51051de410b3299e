//! Every built-in profile on messages in the products' own forms. `tests/fixtures/device/<profile>/cases.toml` lists what
//! each payload beside it must become. All names, numbers and topics are invented.

use super::{PROFILES, devices, message, payload};
use chrono::SecondsFormat;
use lobbyd::device::Reading;
use lobbyd::event::Identity;
use lobbyd::service::contract;
use lobbyd::service::door::Report;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

/// One message and what it must become.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    pub topic: String,
    pub payload: String,
    /// `ignored` or `unreadable`; without it there are reports.
    becomes: Option<String>,
    #[serde(default)]
    report: Vec<Expected>,
    /// What must not be found anywhere in the reading.
    #[serde(default)]
    secret: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    kind: String,
    subject: Option<String>,
    time: Option<String>,
    quality: Option<String>,
    identity: Option<String>,
    replayed: Option<bool>,
    /// JSON pointers into `data` and the text of what stands there; `""` for nothing.
    #[serde(default)]
    data: BTreeMap<String, String>,
}

pub fn cases(profile: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(format!("tests/fixtures/device/{profile}/cases.toml")).unwrap();
    toml::from_str::<Cases>(&text).unwrap().case
}

fn check(profile: &str) {
    let devices = devices(profile);
    for case in cases(profile) {
        let bytes = payload(profile, &case.payload);
        let reading = devices.read(&message(&case.topic, &bytes));
        let name = format!("{profile}: {}", case.name);
        match (&reading, case.becomes.as_deref()) {
            (Reading::Ignored, Some("ignored")) | (Reading::Unreadable(_), Some("unreadable")) => {}
            (Reading::Reports(reports), None) => check_reports(&name, reports, &case.report),
            (reading, wanted) => panic!("{name}: {reading:?}, wanted {wanted:?}"),
        }
        let shown = format!("{reading:?}");
        case.secret.iter().for_each(|secret| assert!(!shown.contains(secret), "{name}: {secret} in {shown}"));
    }
}

fn check_reports(name: &str, reports: &[Report], expected: &[Expected]) {
    let kinds: Vec<_> = reports.iter().map(|report| report.kind.name()).collect();
    let wanted: Vec<_> = expected.iter().map(|expected| expected.kind.as_str()).collect();
    assert_eq!(kinds, wanted, "{name}: {reports:?}");
    for (report, expected) in reports.iter().zip(expected) {
        let same = |what: &str, is: &str, wanted: &Option<String>| {
            wanted.iter().for_each(|wanted| assert_eq!(is, wanted, "{name}: {what} of {report:?}"));
        };
        same("subject", report.subject.as_str(), &expected.subject);
        same("time", &report.stamp.time.to_rfc3339_opts(SecondsFormat::Secs, true), &expected.time);
        same("quality", report.stamp.quality.name(), &expected.quality);
        let identity = match report.identity {
            Identity::Native(_) => "native",
            Identity::Latest { .. } => "latest",
            Identity::Delivery { .. } => "delivery",
            Identity::Fresh => "fresh",
        };
        same("identity", identity, &expected.identity);
        assert_eq!(report.replayed, expected.replayed.unwrap_or(false), "{name}");
        contract::check(report.kind, &report.data, None).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let data = serde_json::Value::Object((*report.data).clone());
        for (pointer, wanted) in &expected.data {
            let is =
                data.pointer(pointer).map_or(String::new(), |is| is.as_str().map_or(is.to_string(), str::to_owned));
            assert_eq!(&is, wanted, "{name}: {pointer} of {data}");
        }
        assert!(data.pointer("/device/product").is_some() && data.pointer("/device/topic").is_some(), "{name}");
    }
}

#[test]
fn esp_rfid() {
    check("esp-rfid");
}

#[test]
fn tasmota() {
    check("tasmota");
}

#[test]
fn zigbee2mqtt() {
    check("zigbee2mqtt");
}

#[test]
fn shelly() {
    check("shelly");
}

#[test]
fn dahua_vto() {
    check("dahua-vto");
}

#[test]
fn mqtt_face() {
    check("mqtt-face");
}

#[test]
fn uhppote() {
    check("uhppote");
}

#[test]
fn onvif_ej() {
    check("onvif-ej");
}

#[test]
fn every_builtin_profile_and_every_payload_has_a_case() {
    for profile in PROFILES.iter() {
        let folder = format!("tests/fixtures/device/{}", profile.name);
        let cases = std::fs::read_to_string(format!("{folder}/cases.toml")).unwrap();
        for file in std::fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            assert!(file == "cases.toml" || cases.contains(&format!("\"{file}\"")), "{folder}/{file}");
        }
    }
}

#[test]
fn the_profiles_in_the_manual_load() {
    let manual = std::fs::read_to_string("docs/devices.md").unwrap();
    let blocks: Vec<&str> = manual.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let profile = blocks.iter().find(|block| block.starts_with("product")).unwrap();
    let rule = blocks.iter().find(|block| block.starts_with("[[rule]]")).unwrap();
    let mut profiles = PROFILES.clone();
    profiles.add("gate", profile).unwrap();
    profiles.add("gate", &format!("{profile}\n{rule}")).unwrap();
    for profile in PROFILES.iter() {
        let topics = profile.topics.first().unwrap();
        assert!(manual.contains(&format!("`{}`", profile.name)) && manual.contains(topics), "{}", profile.name);
    }
}
