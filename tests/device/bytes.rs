//! Whatever comes in is an event, a dead letter or ignored: nothing makes the reader panic, hang or show what it read.

use super::cases::cases;
use super::{PROFILES, devices, message, payload};
use lobbyd::device::{MAX_DEPTH, MAX_PAYLOAD, Reading};
use lobbyd::event::Kind;
use proptest::prelude::*;

/// Topics on which the built-in profiles know something.
fn topics() -> Vec<String> {
    let profiles: Vec<String> = PROFILES.iter().map(|profile| profile.name.clone()).collect();
    profiles.iter().flat_map(|profile| cases(profile)).map(|case| case.topic).collect()
}

fn is_refused(reading: &Reading) -> bool {
    match reading {
        Reading::Unreadable(_) => true,
        Reading::Reports(reports) => reports.iter().all(|report| report.kind == Kind::DeviceUnmapped),
        Reading::Ignored => false,
    }
}

#[test]
fn broken_payloads_are_never_understood() {
    let nested = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
    let broken: [&[u8]; 6] = [
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"{\"type\":",
        b"\xef\xbb\xbf{}",
        nested.as_bytes(),
        b"\x00",
        &[b' '; MAX_PAYLOAD + 1],
    ];
    for (profile, topic) in [
        ("esp-rfid", "/rfid/send"),
        ("tasmota", "tele/front/SENSOR"),
        ("zigbee2mqtt", "zigbee2mqtt/Door Lock"),
        ("shelly", "shellyplusi4-a0b1c2/events/rpc"),
        ("dahua-vto", "DahuaVTO/AccessControl/Event"),
        ("mqtt-face", "mqtt/face/7000001/Rec"),
        ("uhppote", "uhppoted/gateway/events"),
        ("onvif-ej", "Lobby1/onvif-ej/Door/State/DoorAlarm/&DOOR-01"),
    ] {
        let devices = devices(profile);
        for bytes in broken {
            let reading = devices.read(&message(topic, bytes));
            assert!(
                matches!(reading, Reading::Unreadable(_)),
                "{profile} {:?}: {reading:?}",
                &bytes[..bytes.len().min(9)]
            );
        }
        assert!(is_refused(&devices.read(&message(&"a/".repeat(30_000), b"{}"))), "{profile}");
        assert!(is_refused(&devices.read(&message("", b"{}"))), "{profile}");
    }
}

#[test]
fn a_payload_with_pictures_is_read() {
    let text = String::from_utf8(payload("mqtt-face", "granted.json")).unwrap();
    let large = text.replace("AAAA", &"A".repeat(3 * 1024 * 1024));
    let reading = devices("mqtt-face").read(&message("mqtt/face/7000001/Rec", large.as_bytes()));
    assert!(matches!(&reading, Reading::Reports(reports) if reports[0].kind == Kind::AccessGranted));
    assert!(format!("{reading:?}").len() < 4096);
}

#[test]
fn one_message_cannot_become_any_number_of_reports() {
    let events = r#"{"component":"input:0","event":"single_push"},"#.repeat(50_000);
    let flood =
        format!(r#"{{"method":"NotifyEvent","params":{{"ts":1,"events":[{}]}}}}"#, events.trim_end_matches(','));
    let reading = devices("shelly").read(&message("shellyplusi4-a0b1c2/events/rpc", flood.as_bytes()));
    assert!(matches!(&reading, Reading::Unreadable(why) if why.contains("results")), "{reading:?}");
}

fn json() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("1e999".to_owned()),
        Just("-0".to_owned()),
        Just("184467440737095516160".to_owned()),
        Just("1795223704".to_owned()),
        r#""[ -~é北]{0,8}""#.prop_map(|text| serde_json::Value::from(text).to_string()),
    ];
    word.prop_recursive(4, 32, 6, |inner| {
        let names = "(type|access|uid|time|Data|info|message|event|params|events|action|contact|Switch1|Wiegand|UID|Size|ts|State|Action)";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((names, inner), 0..5).prop_map(|members| {
                let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_on_any_topic_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), topic in "[ -~/北]{0,40}", dup: bool) {
        for profile in PROFILES.iter() {
            let mut message = message(&topic, &bytes);
            message.dup = dup;
            let devices = devices(&profile.name);
            devices.read(&message);
            devices.explain(&message);
        }
    }

    #[test]
    fn no_json_on_a_known_topic_makes_it_panic(json in json(), topic in prop::sample::select(topics())) {
        for profile in PROFILES.iter() {
            devices(&profile.name).read(&message(&topic, json.as_bytes()));
        }
    }

    #[test]
    fn a_real_message_with_a_damaged_byte_makes_nothing_panic(at in 0usize..400, byte: u8, nth in 0usize..1000) {
        for profile in PROFILES.iter() {
            let cases = cases(&profile.name);
            let case = &cases[nth % cases.len()];
            let mut bytes = payload(&profile.name, &case.payload);
            if let Some(target) = bytes.get_mut(at) {
                *target = byte;
            }
            devices(&profile.name).read(&message(&case.topic, &bytes));
        }
    }
}
