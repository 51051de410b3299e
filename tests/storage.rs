//! Storage is bounded and honest: at the quota devices wait at the building's broker while people are served, nothing is dropped,
//! and with room again everything arrives in order.

mod common;

use common::clients::{Subscriber, publish_all};
use common::daemon::Daemon;
use common::glass::Glass;
use common::house::{House, broker, limits, now};
use common::mosquitto::{Mosquitto, free_port};
use common::scripted::Scripted;
use common::small_disk::SmallDisk;
use common::until;
use lobbyd::desk::{Answer, Command, Refusal, Storage, Train, noted_level};
use lobbyd::event::{Event, Identity, Kind, Quality, Slug, Stamp, data};
use lobbyd::health::quota::{Level, Quota, Why};
use lobbyd::journal::{JOURNAL_FILE, Journal, Keep, Reader};
use lobbyd::link::LinkState;
use lobbyd::service::door::Report;
use lobbyd::service::help;
use lobbyd::service::matter::Opening;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, Publish};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// An empty journal takes more than `devices` leaves, and less than the whole.
fn keep(devices: u64, total: u64) -> Keep {
    Keep { quota: Quota { total, reserve: total - devices }, ..Keep::default() }
}

/// Devices wait from the first.
const TIGHT: (u64, u64) = (4 << 10, 64 << 20);
const ROOMY: (u64, u64) = (48 << 20, 64 << 20);

fn message(pkid: u16, topic: &str, text: &str, dup: bool) -> Packet {
    let mut publish = Publish::new(topic, QoS::AtLeastOnce, text.as_bytes().to_vec(), None);
    (publish.pkid, publish.dup) = (pkid, dup);
    Packet::Publish(publish)
}

fn texts(dir: &Path) -> Vec<String> {
    let rows = Reader::open(dir).unwrap().all_after(0, 1_000).unwrap();
    let text = |data: &str| serde_json::from_str::<Value>(data).unwrap()["text"].as_str().map(str::to_owned);
    rows.iter().filter_map(|row| text(row.data.get())).collect()
}

fn help() -> Command {
    Command::at_the_glass(Opening::Help(help::Request { language: "en".into() }))
}

async fn until_level(house: &House, level: Level) {
    until("the desk knows its room", || house.desk.room().borrow().level == level).await;
}

#[tokio::test]
async fn at_the_quota_devices_wait_unacknowledged_and_people_and_rings_are_served() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::keeping(dir.path(), keep(TIGHT.0, TIGHT.1));
    until_level(&house, Level::Reserve(Why::Quota)).await;
    let broker_side = Scripted::start().await;
    let state = house.start_building(&broker(&broker_side.url), limits());
    let mut peer = broker_side.welcome().await;
    for (pkid, topic, text) in [
        (1, "door/north", "ring one"),
        (2, "door/south", "south 1"),
        (3, "door/north", "north 1"),
        (4, "door/south", "south 2"),
        (5, "door/north", "north 2"),
        (6, "door/north", "ring two"),
        (7, "door/north", "north 3"),
    ] {
        peer.send(message(pkid, topic, text, false)).await;
    }
    assert_eq!(peer.puback().await, 1, "nothing is held before the first ring");
    // The ring takes along what its own device said before it; the other door waits, and so does what came after.
    until("the second ring is stored", || texts(dir.path()).len() == 4).await;
    assert_eq!(texts(dir.path()), ["ring one", "north 1", "north 2", "ring two"]);
    until("the link says so", || matches!(&*state.borrow(), LinkState::Held(why) if why.contains("for people only")))
        .await;
    assert!(matches!(house.desk.ask(help()).await, Ok(Answer::Opened { .. })), "whoever calls for help is heard");
    assert_eq!(*house.desk.storage().borrow(), Storage::Sound, "and the glass is in service");
    house.stop.send_replace(true);
    assert!(matches!(peer.recv().await, Some(Packet::Disconnect(_))), "no PUBACK before it: the broker keeps the rest");
    house.close().await;

    // Room again, and the broker sends again what was never acknowledged.
    let mut house = House::keeping(dir.path(), keep(ROOMY.0, ROOMY.1));
    house.start_building(&broker(&broker_side.url), limits());
    let mut peer = broker_side.welcome().await;
    for (pkid, topic, text) in [
        (2, "door/south", "south 1"),
        (3, "door/north", "north 1"),
        (4, "door/south", "south 2"),
        (5, "door/north", "north 2"),
        (6, "door/north", "ring two"),
        (7, "door/north", "north 3"),
    ] {
        peer.send(message(pkid, topic, text, true)).await;
    }
    for pkid in 2..=7 {
        assert_eq!(peer.puback().await, pkid);
    }
    assert_eq!(
        texts(dir.path()),
        ["ring one", "north 1", "north 2", "ring two", "south 1", "south 2", "north 3"],
        "everything, once, and each door in its order"
    );
    house.close().await;
}

#[tokio::test]
async fn a_ring_behind_more_than_a_window_of_held_talk_is_heard_through_a_wider_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::keeping(dir.path(), keep(2 << 20, 64 << 20));
    until_level(&house, Level::Free).await;
    let broker_side = Scripted::start().await;
    house.start_building(&broker(&broker_side.url), limits());
    let welcome = async || {
        let (mut peer, connect) = broker_side.hello().await;
        peer.connack(true, None).await;
        peer.grant().await;
        (peer, connect.properties.and_then(|properties| properties.receive_maximum))
    };
    let (mut peer, receive) = welcome().await;
    assert_eq!(receive, Some(250));
    for pkid in 1..=100 {
        peer.send(message(pkid, "door/south", &format!("{pkid} {}", "x".repeat(30_000)), false)).await;
    }
    until_level(&house, Level::Reserve(Why::Quota)).await;
    // The broker has no more to send before an answer comes.
    for pkid in 101..=350 {
        peer.send(message(pkid, "door/south", &format!("south {pkid}"), false)).await;
    }
    while !matches!(peer.recv().await, Some(Packet::Disconnect(_)) | None) {}
    let (mut peer, receive) = welcome().await;
    assert_eq!(receive, Some(8_000));
    for pkid in 101..=700 {
        peer.send(message(pkid, "door/south", &format!("south {pkid}"), pkid <= 350)).await;
    }
    peer.send(message(701, "door/north", "ring", false)).await;
    until("the ring is stored", || texts(dir.path()).iter().any(|text| text == "ring")).await;
    assert!(!texts(dir.path()).iter().any(|text| text == "south 700"));
    house.close().await;
}

#[tokio::test]
async fn when_even_the_reserve_is_used_up_people_are_told_so_and_calls_for_help_are_taken() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::keeping(dir.path(), keep(4 << 10, 8 << 10));
    until_level(&house, Level::Full).await;
    let facts = data([("via", json!("page")), ("item", json!(1)), ("items", json!(1))]);
    let note = Event::here(Kind::LogNoted, Slug::from_text("gate-a"), now(), facts);
    let Err(Refusal::Storage(why)) = house.desk.ask(Command::Record(note)).await else { panic!("it was taken") };
    assert!(why.contains("quota"), "{why}");
    assert!(
        matches!(&*house.desk.storage().borrow(), Storage::Failing(why) if why.contains("quota")),
        "the glass says so"
    );
    assert!(matches!(house.desk.ask(help()).await, Ok(Answer::Opened { .. })));
    assert!(
        matches!(&*house.desk.storage().borrow(), Storage::Failing(_)),
        "one that is taken does not call off the alarm"
    );
    assert_eq!(house.desk.ask(Command::Probe).await, Ok(Answer::Done));
    house.close().await;
}

#[tokio::test]
#[ignore = "needs root for a small tmpfs: run ./tests/run"]
async fn where_other_programs_fill_the_disk_devices_wait_and_people_do_not_until_it_is_emptied() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SmallDisk::of(64, &dir.path().join("disk"));
    let house = House::open(&disk.0);
    until_level(&house, Level::Free).await;
    let room = lobbyd::health::disk::space(&disk.0).unwrap();
    // Less than a fortieth is free, and enough for one who needs help.
    let left = room.total / 50;
    std::fs::write(disk.0.join("filler"), vec![0; usize::try_from(room.free - left).unwrap()]).unwrap();
    until_level(&house, Level::Reserve(Why::Disk)).await;
    let heard = Command::Unreadable { topic: "door/north".into(), bytes: 1, reason: "noise".into() };
    assert!(matches!(house.desk.ask(heard.clone()).await, Err(Refusal::Reserved(why)) if why.contains("disk")));
    assert!(matches!(house.desk.ask(help()).await, Ok(Answer::Opened { .. })));
    std::fs::remove_file(disk.0.join("filler")).unwrap();
    until_level(&house, Level::Free).await;
    assert_eq!(house.desk.ask(heard).await, Ok(Answer::Done));
    house.close().await;
}

#[tokio::test]
async fn behind_one_that_was_refused_nothing_of_the_same_sender_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::keeping(dir.path(), keep(TIGHT.0, TIGHT.1));
    until_level(&house, Level::Reserve(Why::Quota)).await;
    let (told, answers) = std::sync::mpsc::channel();
    let report = |kind| Report {
        kind,
        subject: Slug::from_text("north"),
        identity: Identity::Fresh,
        stamp: Stamp { time: now().utc, quality: Quality::Absent },
        replayed: false,
        retained: false,
        data: data([("device", json!({ "product": "test" }))]).into(),
    };
    let say = |train: &Train, kind| {
        let told = told.clone();
        house.desk.submit_in(train, Command::Heard(vec![report(kind)]), move |answer| told.send(answer).unwrap());
    };
    let next = || answers.recv_timeout(common::PATIENCE).unwrap();
    let train = Train::default();
    say(&train, Kind::DoorOpened);
    say(&train, Kind::CallRinging);
    assert!(matches!(next(), Err(Refusal::Reserved(_))));
    assert_eq!(next(), Err(Refusal::OutOfTurn), "a ring, but behind what is not stored");
    assert!(train.has_stopped());
    say(&Train::default(), Kind::CallRinging);
    assert!(matches!(next(), Ok(Answer::Stored { events: 1, .. })));
    house.close().await;
}

/// Events of 8 KB that an outage has left behind: 51 MiB, more than the smallest quota leaves for devices.
const LEFT_BEHIND: u64 = 6_500;

fn fill(data_dir: &Path) {
    std::fs::create_dir_all(data_dir).unwrap();
    let mut journal = Journal::open(data_dir, "20261122T000000Z").unwrap().journal;
    let facts = data([("device", json!({ "product": "esp-rfid" })), ("text", json!("x".repeat(8_000)))]);
    for _ in 0..LEFT_BEHIND / 500 {
        journal.begin().unwrap();
        for _ in 0..500 {
            let event = Event::here(Kind::AccessGranted, Slug::from_text("north"), now(), facts.clone());
            journal.append(&event, now()).unwrap();
        }
        journal.commit().unwrap();
    }
}

/// The access message of an esp-rfid reader.
fn card(number: i64) -> (String, Vec<u8>) {
    let payload = format!(
        r#"{{"type":"access","time":{},"isKnown":"true","access":"Always","username":"test","uid":"0{number:07}","hostname":"south","doorName":"south"}}"#,
        1_605_991_375 + number
    );
    ("/rfid/send".into(), payload.into_bytes())
}

/// The push button of a door (Shelly, first generation).
fn ring(door: &str, count: u32) -> (String, Vec<u8>) {
    (format!("shellies/{door}/input_event/0"), format!(r#"{{"event":"S","event_cnt":{count}}}"#).into_bytes())
}

/// Events at the office, by number: kind, door, time. Every one that came twice is the same.
fn arrived(ledger: &Subscriber) -> BTreeMap<u64, (String, String, String)> {
    let mut events = BTreeMap::new();
    for publish in ledger.received.lock().unwrap().iter() {
        let Ok(event) = serde_json::from_slice::<Value>(&publish.payload) else { continue };
        let Some(seq) = event["seq"].as_u64() else { continue };
        let text = |key: &str| event[key].as_str().unwrap().to_owned();
        let told = (text("type"), text("subject"), text("time"));
        assert!(events.insert(seq, told.clone()).is_none_or(|before| before == told), "event {seq} has changed");
    }
    events
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn at_the_quota_the_broker_keeps_what_devices_say_and_with_room_again_all_of_it_arrives_in_order() {
    // Four times what is sent unanswered as long as there is room.
    const CARDS: i64 = 1_000;
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("data");
    fill(&data_dir);
    let building = Mosquitto::start("max_inflight_messages 250");
    let mut office = Mosquitto::start("");
    let ledger = Subscriber::start(office.port, "lobby/v1/+/+/event/#").await;
    office.down();
    let screen: SocketAddr = ([127, 0, 0, 1], free_port()).into();
    let quota = "[storage]\nquota = 64\nreserve = 16\n";
    let mut daemon = Daemon::with_screen_and(dir.path(), &building.url(), &office.url(), screen, quota);
    let reader = Reader::open(&data_dir).unwrap();
    let stored = |kind: &str, door: &str| {
        let rows = reader.all_after(LEFT_BEHIND, 10_000).unwrap();
        rows.iter().filter(|row| row.kind.name() == kind && row.subject.contains(door)).count()
    };
    let held = Level::Reserve(Why::Quota);
    until("devices wait", || noted_level(&reader).unwrap() == held).await;

    // Somebody rings until it is heard: then the daemon has subscribed.
    for count in 1.. {
        publish_all(building.port, std::iter::once(ring("back", count)), Arc::default()).await;
        if stored("call.ringing", "back") > 0 {
            break;
        }
        assert!(count < 600, "nobody hears: {}", daemon.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    // Cards wait at the broker, in a window that has grown for them; the ring behind them is heard.
    publish_all(building.port, (0..CARDS).map(card).collect::<Vec<_>>().into_iter(), Arc::default()).await;
    publish_all(building.port, std::iter::once(ring("front", 1)), Arc::default()).await;
    until("the ring is stored", || stored("call.ringing", "front") == 1).await;
    assert_eq!(stored("access.granted", "south"), 0);
    // Whoever falls ill is helped.
    tokio::task::block_in_place(|| {
        let mut glass = Glass::connect(screen);
        glass.press_through("emergency").unwrap();
        glass.wait("the number of the emergency", |glass| glass.words().contains("E-")).unwrap();
    });
    assert_eq!(stored("emergency.requested", ""), 1);
    // Nothing was in the daemon's hands alone: killed and started again, it has the same before it, and rings nobody twice.
    daemon.kill();
    daemon.up();
    until("the lobby is open again", || daemon.log().matches("the lobby is open").count() == 2).await;
    let more = (CARDS..CARDS + 20).map(card).collect::<Vec<_>>();
    publish_all(building.port, more.into_iter(), Arc::default()).await;
    assert_eq!((stored("access.granted", "south"), stored("call.ringing", "front")), (0, 1));

    office.up();
    until("there is room", || noted_level(&reader).unwrap() == Level::Free).await;
    until("every card is stored", || stored("access.granted", "south") == CARDS as usize + 20).await;
    let newest = || reader.span().unwrap().map_or(0, |(_, newest)| newest as usize);
    until("everything is at the office", || ledger.count() >= newest()).await;
    assert!(daemon.stop().success(), "{}", daemon.log());
    let events = arrived(&ledger);
    assert!(events.keys().copied().eq(1..=events.len() as u64), "no number is missing");
    let of_the_reader = |kind: &str, door: &str| kind == "lobbyd.access.granted" && door == "south";
    let cards = events.values().filter(|(kind, door, _)| of_the_reader(kind, door));
    let times: Vec<&String> = cards.map(|(.., time)| time).collect();
    assert_eq!(times.len(), CARDS as usize + 20);
    assert!(times.is_sorted(), "the reader's order");
    let rings = |kind: &str| events.values().filter(|(told, door, _)| told == kind && door.contains("front")).count();
    assert_eq!(rings("lobbyd.call.ringing") + rings("lobbyd.call.missed"), 1);
    assert_eq!(reader.audit().unwrap().faults, Vec::<String>::new());
    let mib = std::fs::metadata(data_dir.join(JOURNAL_FILE)).unwrap().len() >> 20;
    assert!(mib < 48, "the disk has some of it back, not {mib} MiB of 51");
}
