//! The traps that many products share, each by name.

use super::cases::cases;
use super::{PROFILES, devices, devices_at, message, native, payload, received, report, reports};
use lobbyd::device::{DeviceConfig, Devices, Profiles, Reading, SiteKey};
use lobbyd::event::{Identity, Kind, Quality};
use lobbyd::service::door::{Known, Report, hear};
use std::collections::BTreeMap;

fn everything() -> Vec<(String, super::cases::Case)> {
    let profiles: Vec<String> = PROFILES.iter().map(|profile| profile.name.clone()).collect();
    profiles.iter().flat_map(|name| cases(name).into_iter().map(|case| (name.clone(), case))).collect()
}

fn reference(report: &Report) -> String {
    report.data["credential"]["ref"].as_str().unwrap().to_owned()
}

fn known(kind: Kind) -> Option<Known> {
    Some(Known { kind, since: received().utc })
}

// 1. The broker keeps messages: they tell what is, not what happens.

#[test]
fn a_retained_message_of_any_product_never_makes_an_event() {
    for (profile, case) in everything() {
        let bytes = payload(&profile, &case.payload);
        let mut kept = message(&case.topic, &bytes);
        kept.retain = true;
        if let Reading::Reports(reports) = devices(&profile).read(&kept) {
            for report in reports {
                assert!(hear(report, None, received()).event.is_none(), "{profile}: {}", case.name);
            }
        }
    }
}

#[test]
fn a_retained_door_alarm_sets_the_state() {
    let bytes = payload("onvif-ej", "forced.json");
    let mut kept = message("Lobby1/onvif-ej/Door/State/DoorAlarm/&DOOR-01", &bytes);
    kept.retain = true;
    let heard = hear(reports(devices("onvif-ej").read(&kept)).remove(0), None, received());
    assert_eq!(heard.state.map(|state| state.kind), Some(Kind::DoorForced));
}

// 2. Two messages, one fact.

#[test]
fn a_call_and_its_invitation_are_one_event() {
    let call = report("dahua-vto", "DahuaVTO/CallNoAnswered/Event", "call-start.json");
    let invitation = report("dahua-vto", "DahuaVTO/Invite/Event", "invite.json");
    assert_eq!(native(&call), native(&invitation));
    let end = report("dahua-vto", "DahuaVTO/CallNoAnswered/Event", "call-stop.json");
    assert_ne!(native(&call), native(&end));
}

#[test]
fn the_feed_and_the_live_topic_tell_one_event() {
    let feed = report("uhppote", "uhppoted/gateway/events", "granted.json");
    let live = report("uhppote", "uhppoted/gateway/events/live", "granted.json");
    assert_eq!(native(&feed), native(&live));
}

#[test]
fn the_first_generations_repeated_press_is_not_a_new_ring() {
    let topic = "shellies/shelly1l-A0B1C2D3E4F5/input_event/0";
    let bytes = payload("shelly", "gen1.json");
    let mut again = message(topic, &bytes);
    again.packet_id = 8;
    again.received.utc += chrono::TimeDelta::minutes(30);
    let devices = devices("shelly");
    let first = reports(devices.read(&message(topic, &bytes))).remove(0).identity;
    let next = report("shelly", topic, "gen1-next.json").identity;
    assert_eq!(first, reports(devices.read(&again))[0].identity);
    let (Identity::Latest { series, record }, Identity::Latest { series: same, record: other }) = (first, next) else {
        panic!("the count starts again after a power cut, so it is no identity for ever");
    };
    assert!(series == same && record != other);
}

// 3. One message, many facts.

#[test]
fn the_facts_of_one_message_are_events_of_their_own() {
    for (profile, topic, file) in [
        ("esp-rfid", "/rfid/send", "two-doors.json"),
        ("esp-rfid", "/rfid/send", "two-doors-three-relays.json"),
        ("shelly", "shellyplusi4-a0b1c2/events/rpc", "three-events.json"),
    ] {
        let reports = reports(devices(profile).read(&message(topic, &payload(profile, file))));
        assert_ne!(native(&reports[0]), native(&reports[1]), "{file}");
    }
    let contact = reports(
        devices("zigbee2mqtt").read(&message("zigbee2mqtt/North", &payload("zigbee2mqtt", "contact-open.json"))),
    );
    assert_ne!(contact[0].identity, contact[1].identity);
}

// 4. A remote opening is never a person with a card.

#[test]
fn nothing_remote_is_ever_granted() {
    for (profile, topic, file) in [
        ("esp-rfid", "/rfid/send", "remote-open.json"),
        ("dahua-vto", "DahuaVTO/AccessControl/Event", "opened-remotely.json"),
        ("uhppote", "uhppoted/gateway/events", "remote.json"),
        ("zigbee2mqtt", "zigbee2mqtt/Door Lock", "radio-unlock.json"),
    ] {
        let report = report(profile, topic, file);
        assert_eq!(report.kind, Kind::UnlockRemote, "{profile}");
        assert!(!report.data.contains_key("credential"), "{profile}");
    }
}

// 5. PINs and faces. `secret` in every case asserts that they are not shown; here, that they are not even hashed.

#[test]
fn two_pins_leave_the_same_trace() {
    let devices = devices("tasmota");
    let told = |pin: &str| {
        let text = String::from_utf8(payload("tasmota", "wiegand-pin.json")).unwrap().replace("4711", pin);
        devices.read(&message("tele/front/SENSOR", text.as_bytes()))
    };
    assert_eq!(told("4711"), told("1234"));
}

// 6. Inverted booleans.

#[test]
fn contact_true_is_a_closed_door() {
    assert_eq!(report("zigbee2mqtt", "zigbee2mqtt/North", "contact-closed.json").kind, Kind::DoorClosed);
}

// 7. History.

#[test]
fn a_backlog_is_stored_and_does_not_ring_or_move_the_door() {
    let heard = hear(report("mqtt-face", "mqtt/face/7000001/Rec", "backlog.json"), None, received());
    assert_eq!(heard.event.unwrap().data["replayed"], true);
    assert_eq!(heard.state, None);
}

#[test]
fn a_call_that_arrives_late_is_missed_and_not_rung() {
    let late = report("dahua-vto", "DahuaVTO/CallNoAnswered/Event", "call-an-hour-ago.json");
    assert_eq!(hear(late, None, received()).event.unwrap().kind, Kind::CallMissed);
    let live = report("dahua-vto", "DahuaVTO/CallNoAnswered/Event", "call-start.json");
    assert_eq!(hear(live, None, received()).event.unwrap().kind, Kind::CallRinging);
}

#[test]
fn a_utc_that_is_local_time_is_found_out() {
    let report = report("dahua-vto", "DahuaVTO/AccessControl/Event", "python-repr.txt");
    assert_eq!(report.stamp.quality, Quality::NoZone);
    assert!((received().utc - report.stamp.time).num_minutes().abs() < 1);
}

// 8. What a deleted property is: see the case "a deleted property is no fault", and the tests in `bytes`.

// 10. Ids that look like numbers.

#[test]
fn one_card_at_three_readers_is_one_credential() {
    let sensor = "tele/front/SENSOR";
    let card = reference(&report("tasmota", sensor, "wiegand-decimal.json"));
    assert_eq!(reference(&report("tasmota", sensor, "wiegand-hex.json")), card);
    assert_eq!(reference(&report("tasmota", sensor, "rdm6300.json")), card);
    assert_eq!(reference(&report("tasmota", "tele/front/RESULT", "serial-bridge.json")), card);
    assert_eq!(reference(&report("uhppote", "uhppoted/gateway/events", "granted.json")), card);
    assert_eq!(reference(&report("dahua-vto", "DahuaVTO/AccessControl/Event", "opened-by-card.json")), card);
    assert_ne!(reference(&report("tasmota", sensor, "wiegand-34.json")), card, "a card beyond 32 bits is another one");
}

// Change, repetition and identity.

#[test]
fn a_contact_that_repeats_itself_makes_an_event_only_on_change() {
    let closed = report("zigbee2mqtt", "zigbee2mqtt/North", "contact-closed.json");
    assert!(hear(closed.clone(), known(Kind::DoorClosed), received()).event.is_none());
    assert!(hear(closed, known(Kind::DoorOpened), received()).event.is_some());
}

#[test]
fn what_home_assistant_mode_repeats_on_every_connect_is_no_event() {
    for (topic, file, state) in [
        ("/rfid/io/door", "off.txt", Kind::DoorClosed),
        ("/rfid/io/tamper", "off.txt", Kind::DoorNormal),
        ("/rfid/io/lock0", "locked.txt", Kind::LockLocked),
    ] {
        assert!(hear(report("esp-rfid", topic, file), known(state), received()).event.is_none(), "{topic}");
    }
}

#[test]
fn a_record_is_itself_however_and_whenever_it_is_delivered() {
    for (profile, case) in everything() {
        let bytes = payload(&profile, &case.payload);
        let mut later = message(&case.topic, &bytes);
        later.packet_id = 4711;
        later.dup = true;
        later.received.utc += chrono::TimeDelta::days(3);
        let devices = devices(&profile);
        let (first, later) = (devices.read(&message(&case.topic, &bytes)), devices.read(&later));
        let (Reading::Reports(first), Reading::Reports(later)) = (first, later) else { continue };
        for (first, later) in first.iter().zip(&later) {
            if let Identity::Native(id) = first.identity {
                assert_eq!(later.identity, Identity::Native(id), "{profile}: {}", case.name);
            }
        }
    }
}

#[test]
fn a_redelivery_without_a_record_is_known_by_its_delivery() {
    let devices = devices("esp-rfid");
    let first = message("/rfid/io/doorbell", b"ON");
    let again = lobbyd::device::Message { dup: true, ..first.clone() };
    let (first, again) = (reports(devices.read(&first)).remove(0), reports(devices.read(&again)).remove(0));
    let (Identity::Delivery { fingerprint, .. }, Identity::Delivery { fingerprint: same, repeated }) =
        (&first.identity, &again.identity)
    else {
        panic!("{first:?}");
    };
    assert!(fingerprint == same && *repeated);
}

#[test]
fn records_of_two_devices_are_two_events() {
    let mut ids = BTreeMap::new();
    for device in ["7000001", "7000002"] {
        let topic = format!("mqtt/face/{device}/Rec");
        ids.insert(native(&report("mqtt-face", &topic, "granted.json")), device);
    }
    assert_eq!(ids.len(), 2);
}

// Which device, which door.

#[test]
fn the_configured_door_counts_where_the_message_names_none() {
    let devices = devices_at("esp-rfid", Some("lobby"));
    let subject = |file| reports(devices.read(&message("/rfid/send", &payload("esp-rfid", file)))).remove(0).subject;
    assert_eq!(subject("door-open.json").as_str(), "lobby");
    assert_eq!(subject("known-card.json").as_str(), "lobby-door");
    assert_eq!(subject("heartbeat.json").as_str(), "reader-lobby", "a device's health is about the device");
}

#[test]
fn filters_are_listed_once_and_messages_find_their_device() {
    let config = |profile: &str, topic: Option<&str>| DeviceConfig {
        profile: profile.to_owned(),
        topic: topic.map(str::to_owned),
        door: None,
        zone: chrono_tz::Asia::Shanghai,
    };
    let configured =
        [config("esp-rfid", None), config("esp-rfid", Some("/rfid/send")), config("tasmota", Some("tele/+/LWT"))];
    let devices = Devices::new(&configured, &PROFILES, SiteKey::new([1; 32])).unwrap();
    assert_eq!(devices.filters(), ["/rfid/send", "tele/+/LWT"]);
    assert_eq!(reports(devices.read(&message("tele/front/LWT", b"Online")))[0].kind, Kind::DeviceOnline);
    assert_eq!(reports(devices.read(&message("elsewhere", b"Online")))[0].kind, Kind::DeviceUnmapped);
    let wrong = Devices::new(&[config("esp-rfdi", None)], &PROFILES, SiteKey::new([1; 32])).unwrap_err();
    assert!(wrong.to_string().contains("did you mean \"esp-rfid\""), "{wrong}");
    assert!(Devices::new(&[config("tasmota", Some("tele/#/x"))], &PROFILES, SiteKey::new([1; 32])).is_err());
}

#[test]
fn where_two_profiles_share_a_topic_the_one_that_understands_reads() {
    let config = |profile: &str| DeviceConfig {
        profile: profile.to_owned(),
        topic: Some("building/#".to_owned()),
        door: None,
        zone: chrono_tz::Asia::Shanghai,
    };
    let devices = Devices::new(&[config("uhppote"), config("esp-rfid")], &PROFILES, SiteKey::new([1; 32])).unwrap();
    assert_eq!(reports(devices.read(&message("building/io/door", b"ON")))[0].kind, Kind::DoorOpened);
}

// A site's own profile.

#[test]
fn a_site_replaces_a_profile_by_its_name() {
    let mut profiles = Profiles::builtin();
    let own = r#"
        product = "our-bell"
        about = "the bell at the gate"
        topics = ["gate/bell"]
        [[rule]]
        name = "ring"
        topic = "gate/{what}"
        payload = "text"
        when = { "" = ["1"] }
        kind = "call.ringing"
        subject = "gate"
    "#;
    profiles.add("shelly", own).unwrap();
    let config = DeviceConfig { profile: "shelly".into(), topic: None, door: None, zone: chrono_tz::UTC };
    let devices = Devices::new(&[config], &profiles, SiteKey::new([1; 32])).unwrap();
    assert_eq!(devices.filters(), ["gate/bell"]);
    let ring = reports(devices.read(&message("gate/bell", b"1"))).remove(0);
    assert_eq!((ring.kind, ring.subject.as_str()), (Kind::CallRinging, "gate"));
    assert_eq!(ring.data["device"]["product"], "our-bell");
}

#[test]
fn an_explanation_says_which_rules_came_near_and_why_they_failed() {
    let devices = devices("zigbee2mqtt");
    let bytes = payload("zigbee2mqtt", "cleared-action.json");
    let trials = devices.explain(&message("zigbee2mqtt/Door Lock", &bytes));
    let action = trials.iter().find(|trial| trial.rule == "action").unwrap();
    assert_eq!(action.why, "topic matched; /action was null, wanted anything");
    assert!(trials.iter().all(|trial| !trial.why.contains("4711")));
    assert!(trials.last().is_some_and(|trial| trial.fits));
}
