//! Any payload on every topic that a shipped profile knows something of. Never more reports than the limit, never one that is
//! no JSON, nothing of a payload in a dead letter's reason, and white space between JSON's words says nothing.
#![no_main]

use common::{let_jq_panic, now, says_nothing};
use libfuzzer_sys::fuzz_target;
use lobbyd::device::{DeviceConfig, Devices, MAX_REPORTS, Message, Profiles, Reading, SiteKey};
use lobbyd::event::Kind;
use lobbyd::service::door::Report;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Each profile alone, and its topics.
static SITES: LazyLock<Vec<(Devices, BTreeSet<String>)>> = LazyLock::new(|| {
    let profiles = Profiles::builtin();
    profiles.iter().map(|profile| (listening_to_all(&profile.name, &profiles), topics(&profile.name))).collect()
});

fn listening_to_all(profile: &str, profiles: &Profiles) -> Devices {
    let topic = Some("#".to_owned());
    let config = DeviceConfig { profile: profile.to_owned(), topic, door: None, zone: chrono_tz::Asia::Shanghai };
    Devices::new(&[config], profiles, SiteKey::new([7; 32])).expect("a shipped profile")
}

/// One of a kind: the topics of the tests that begin and end alike are one to the rules, too.
fn topics(profile: &str) -> BTreeSet<String> {
    let cases = format!("{}/../fixtures/device/{profile}/cases.toml", env!("CARGO_MANIFEST_DIR"));
    let cases = std::fs::read_to_string(cases).expect("every profile has its cases");
    let topic = |line: &str| Some(line.strip_prefix("topic = \"")?.strip_suffix('"')?.to_owned());
    cases.lines().filter_map(topic).collect()
}

fn read(devices: &Devices, topic: &str, payload: &[u8]) -> Reading {
    let message = Message { topic, payload, retain: false, dup: false, packet_id: 7, received: now() };
    devices.read(&message)
}

/// What an event is made of, without what names the delivery.
fn said(report: &Report) -> (Kind, String, String) {
    (report.kind, report.subject.to_string(), report.data.text().get().to_owned())
}

/// The same JSON with a line break around it; `None` where it is none.
fn spaced(payload: &[u8]) -> Option<Vec<u8>> {
    let _: &RawValue = serde_json::from_slice(payload).ok().filter(|json: &&RawValue| json.get().starts_with('{'))?;
    Some([b"\n ", payload, b" \n"].concat())
}

fuzz_target!(init: let_jq_panic(), |payload: &[u8]| {
    let again = spaced(payload);
    for (devices, topics) in SITES.iter() {
        for topic in topics {
            let reading = read(devices, topic, payload);
            match &reading {
                Reading::Ignored => {}
                Reading::Unreadable(why) => says_nothing(why, ""),
                Reading::Reports(reports) => {
                    assert!((1..=MAX_REPORTS).contains(&reports.len()));
                    assert!(reports.iter().all(|report| report.data.contains_key("device")), "each says where it came from");
                }
            }
            let (Some(again), Reading::Reports(reports)) = (&again, &reading) else { continue };
            let Reading::Reports(same) = read(devices, topic, again) else { panic!("{reading:?}") };
            assert!(reports.iter().map(said).eq(same.iter().map(said)), "{reports:?} {same:?}");
        }
    }
});
