//! A site's own device profile, with its jq programs: loaded or refused with its place, and then tried on messages. It always
//! comes to an end, and never makes more reports than the limit.
#![no_main]

use common::{let_jq_panic, now};
use libfuzzer_sys::fuzz_target;
use lobbyd::device::{DeviceConfig, Devices, MAX_REPORTS, Message, Profiles, Reading, SiteKey};
use std::sync::LazyLock;

static PROFILES: LazyLock<Profiles> = LazyLock::new(Profiles::builtin);

const MESSAGES: [(&str, &[u8]); 3] = [
    ("t/front", br#"{"type":"access","uid":"04A1","time":1795223704,"events":[{"door":1},{"door":2}],"pin":"0000"}"#),
    ("/rfid/send", br#"{"type":"boot","time":1795223704,"ip":"192.0.2.7","hostname":"front"}"#),
    ("t/front", b"ON"),
];

fuzz_target!(init: let_jq_panic(), |text: &str| {
    let mut profiles = PROFILES.clone();
    if let Err(error) = profiles.add("mine", text) {
        assert!(error.line.is_none_or(|line| (1..=text.lines().count().max(1) + 1).contains(&line)), "{error}");
        return;
    }
    let (topic, profile) = (Some("#".to_owned()), "mine".to_owned());
    let config = DeviceConfig { profile, topic, door: None, zone: chrono_tz::Tz::UTC };
    let devices = Devices::new(&[config], &profiles, SiteKey::new([7; 32])).expect("it was added");
    for (topic, payload) in MESSAGES {
        let message = Message { topic, payload, retain: false, dup: false, packet_id: 7, received: now() };
        if let Reading::Reports(reports) = devices.read(&message) {
            assert!((1..=MAX_REPORTS).contains(&reports.len()));
        }
        devices.explain(&message);
    }
});
