//! What devices say and what it becomes: every product's messages case by case, the traps that many products share, and
//! bytes that no device ever sent.

mod bytes;
mod cases;
mod command;
mod traps;

use chrono::DateTime;
use lobbyd::device::{DeviceConfig, Devices, Message, Profiles, Reading, SiteKey};
use lobbyd::event::{Identity, Now, Slug};
use lobbyd::service::door::Report;
use std::sync::LazyLock;

/// When every message of the tests is received.
const RECEIVED: &str = "2026-11-21T01:15:06Z";

const KEY: [u8; 32] = [7; 32];

/// Loaded once: it compiles every jq program.
static PROFILES: LazyLock<Profiles> = LazyLock::new(Profiles::builtin);

fn received() -> Now {
    Now { utc: DateTime::parse_from_rfc3339(RECEIVED).unwrap().to_utc(), synced: true }
}

/// One device of this profile that listens to everything.
fn devices(profile: &str) -> Devices {
    devices_at(profile, None)
}

fn devices_at(profile: &str, door: Option<&str>) -> Devices {
    let config = DeviceConfig {
        profile: profile.to_owned(),
        topic: Some("#".to_owned()),
        door: door.map(|door| Slug::new(door).unwrap()),
        zone: chrono_tz::Asia::Shanghai,
    };
    Devices::new(&[config], &PROFILES, SiteKey::new(KEY)).unwrap()
}

fn message<'a>(topic: &'a str, payload: &'a [u8]) -> Message<'a> {
    Message { topic, payload, retain: false, dup: false, packet_id: 7, received: received() }
}

fn payload(profile: &str, file: &str) -> Vec<u8> {
    std::fs::read(format!("tests/fixtures/device/{profile}/{file}")).unwrap()
}

fn reports(reading: Reading) -> Vec<Report> {
    match reading {
        Reading::Reports(reports) => reports,
        other => panic!("no reports: {other:?}"),
    }
}

/// The only report that a fixture makes.
fn report(profile: &str, topic: &str, file: &str) -> Report {
    let mut reports = reports(devices(profile).read(&message(topic, &payload(profile, file))));
    assert_eq!(reports.len(), 1, "{reports:?}");
    reports.remove(0)
}

fn native(report: &Report) -> lobbyd::event::Id {
    match report.identity {
        Identity::Native(id) => id,
        ref other => panic!("no identity of its own: {other:?}"),
    }
}
