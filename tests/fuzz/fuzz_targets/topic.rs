//! Any topic, and any filter of a site (the second line), against every shipped profile at once.
#![no_main]

use common::{let_jq_panic, now};
use libfuzzer_sys::fuzz_target;
use lobbyd::device::{DeviceConfig, Devices, MAX_REPORTS, Message, Profiles, Reading, SiteKey, filter_matches};
use std::sync::LazyLock;

static PROFILES: LazyLock<Profiles> = LazyLock::new(Profiles::builtin);

static HOUSE: LazyLock<Devices> = LazyLock::new(|| {
    let device =
        |name: &str| DeviceConfig { profile: name.to_owned(), topic: None, door: None, zone: chrono_tz::Tz::UTC };
    let all: Vec<_> = PROFILES.iter().map(|profile| device(&profile.name)).collect();
    Devices::new(&all, &PROFILES, SiteKey::new([7; 32])).expect("the shipped profiles")
});

const PAYLOADS: [&[u8]; 3] = [b"", b"ON", br#"{"type":"access","state":"ON","contact":false}"#];

fuzz_target!(init: let_jq_panic(), |text: &str| {
    let (topic, filter) = text.split_once('\n').unwrap_or((text, "+/#"));
    let config = DeviceConfig {
        profile: "esp-rfid".to_owned(),
        topic: Some(filter.to_owned()),
        door: None,
        zone: chrono_tz::Tz::UTC,
    };
    // A filter that is taken is subscribed to: a broker closes the connection over one that is none.
    if Devices::new(&[config], &PROFILES, SiteKey::new([7; 32])).is_ok() {
        assert!(!filter.is_empty() && !filter.contains('\0'));
        let literal = !filter.contains(['+', '#']);
        assert!(!literal || (filter_matches(filter, topic) == (filter == topic)), "{filter} {topic}");
    }
    for payload in PAYLOADS {
        let message = Message { topic, payload, retain: true, dup: true, packet_id: 0, received: now() };
        if let Reading::Reports(reports) = HOUSE.read(&message) {
            assert!((1..=MAX_REPORTS).contains(&reports.len()));
            // A topic is as long as a broker allows; what is stored of it is not.
            assert!(reports.iter().all(|report| report.data.text().get().len() < 8 * 1024));
        }
        HOUSE.explain(&message);
    }
});
