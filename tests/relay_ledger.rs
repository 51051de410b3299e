//! The promise, audited from outside: what the building broker has acknowledged to a device arrives at the office, though
//! the office is away and the daemon is killed again and again. Publisher and subscriber are independent of lobbyd and
//! keep a ledger: lost must be 0, order kept, and every repeat recognisable.

mod common;

use common::clients::{Subscriber, publish_all};
use common::daemon::Daemon;
use common::mosquitto::Mosquitto;
use lobbyd::journal::Reader;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

const EVENTS: u64 = 10_000;
const KILLS_IN_THE_OUTAGE: usize = 5;
const KILLS_IN_THE_DRAIN: usize = 2;
/// 2020-11-21, the first reader's record; each next one is a second later.
const FIRST: u64 = 1_605_991_375;
/// A debug build on two busy cores drains some thousand events a second.
const DRAINED_WITHIN: Duration = Duration::from_secs(240);

/// What an esp-rfid reader says of one card, in two houses of doors.
fn card(number: u64) -> (String, Vec<u8>) {
    let door = if number.is_multiple_of(2) { "north" } else { "south" };
    let payload = format!(
        r#"{{"type":"access","time":{},"isKnown":"true","access":"Always","username":"test","uid":"0{number:07}","hostname":"{door}","doorName":"{door}"}}"#,
        FIRST + number
    );
    ("/rfid/send".into(), payload.into_bytes())
}

fn stored(dir: &Path) -> u64 {
    let span = Reader::open(&dir.join("data")).and_then(|reader| reader.span());
    span.ok().flatten().map_or(0, |(_, newest)| newest)
}

/// One event as it arrived.
struct Entry {
    id: String,
    seq: u64,
    kind: String,
    time: String,
    payload: Vec<u8>,
}

fn entries(subscriber: &Subscriber) -> Vec<Entry> {
    let received = subscriber.received.lock().unwrap();
    let read = |publish: &rumqttc::v5::mqttbytes::v5::Publish| {
        let json: Value = serde_json::from_slice(&publish.payload).unwrap();
        let text = |key: &str| json[key].as_str().unwrap().to_owned();
        assert_eq!(text("source"), "/lobby/riverside/lobby-1");
        Entry {
            id: text("id"),
            seq: json["seq"].as_u64().unwrap(),
            kind: text("type"),
            time: text("time"),
            payload: publish.payload.to_vec(),
        }
    };
    received.iter().filter(|publish| publish.topic.windows(7).any(|level| level == b"/event/")).map(read).collect()
}

fn cards_arrived(entries: &[Entry]) -> usize {
    let ids: std::collections::HashSet<&str> =
        entries.iter().filter(|entry| entry.kind == "lobbyd.access.granted").map(|entry| entry.id.as_str()).collect();
    ids.len()
}

/// Holds the ledger against what was sent.
fn audit(entries: &[Entry]) {
    let (mut by_id, mut by_seq): (HashMap<&str, &Entry>, BTreeMap<u64, &Entry>) = Default::default();
    let (mut repeats, mut last_first_sight) = (0, 0);
    for entry in entries {
        if let Some(first) = by_id.get(entry.id.as_str()) {
            assert_eq!(first.payload, entry.payload, "a repeat is the same event, byte for byte");
            repeats += 1;
            continue;
        }
        assert!(entry.seq > last_first_sight, "first sights come in order: {} after {last_first_sight}", entry.seq);
        last_first_sight = entry.seq;
        by_id.insert(&entry.id, entry);
        by_seq.insert(entry.seq, entry);
    }
    let gaps: Vec<u64> = (1..=last_first_sight).filter(|seq| !by_seq.contains_key(seq)).collect();
    assert!(gaps.is_empty(), "numbers have gaps at {gaps:?}");
    let cards: Vec<&&Entry> = by_seq.values().filter(|entry| entry.kind == "lobbyd.access.granted").collect();
    assert!(cards.is_sorted_by_key(|card| &card.time), "the readers' order is kept");
    let lost = EVENTS + 1 - cards.len() as u64;
    println!("sent {}, lost {lost}, repeated {repeats}, numbered 1 to {last_first_sight}", EVENTS + 1);
    assert_eq!(lost, 0);
}

/// Waits until the number rises to `goal` or beyond.
async fn wait_for(what: &str, goal: u64, mut number: impl FnMut() -> u64) {
    let deadline = Instant::now() + DRAINED_WITHIN;
    loop {
        let now = number();
        if now >= goal {
            return;
        }
        assert!(Instant::now() < deadline, "{what}: {now} of {goal}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn nothing_acknowledged_is_lost_though_the_office_is_down_and_the_daemon_is_killed() {
    let seed =
        std::env::var("LEDGER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("LEDGER_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let building = Mosquitto::start("max_inflight_messages 250");
    let mut office = Mosquitto::start("max_inflight_messages 100");
    let dir = tempfile::tempdir().unwrap();
    let ledger = Subscriber::start(office.port, "lobby/v1/#").await;
    let mut daemon = Daemon::start(dir.path(), &building.url(), &office.url());
    // The first card is shown again and again until the daemon listens: before that nobody keeps anything for it.
    let counted = Arc::new(AtomicUsize::new(0));
    let deadline = Instant::now() + common::PATIENCE;
    while cards_arrived(&entries(&ledger)) == 0 {
        assert!(Instant::now() < deadline, "the daemon does not listen: {}", daemon.log());
        publish_all(building.port, std::iter::once(card(0)), counted.clone()).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        counted.store(0, std::sync::atomic::Ordering::SeqCst);
    }

    office.down();
    let begun = Instant::now();
    let sending = tokio::spawn(publish_all(
        building.port,
        (1..EVENTS as usize + 1).map(|number| card(number as u64)),
        counted.clone(),
    ));
    let mut moments: Vec<u64> = (0..KILLS_IN_THE_OUTAGE).map(|_| random.u64(2..EVENTS)).collect();
    moments.sort_unstable();
    for moment in moments {
        wait_for("stored", moment, || stored(dir.path())).await;
        daemon.kill();
        daemon.up();
    }
    assert_eq!(sending.await.unwrap() as u64, EVENTS);
    wait_for("stored", EVENTS + 1, || stored(dir.path())).await;
    println!("all stored after {:?}", begun.elapsed());

    office.up();
    let mut moments: Vec<u64> = (0..KILLS_IN_THE_DRAIN).map(|_| random.u64(2..EVENTS)).collect();
    moments.sort_unstable();
    for moment in moments {
        wait_for("arrived", moment, || ledger.count() as u64).await;
        daemon.kill();
        daemon.up();
    }
    wait_for("arrived", EVENTS + 1, || cards_arrived(&entries(&ledger)) as u64).await;
    assert!(daemon.stop().success(), "{}", daemon.log());
    println!("all arrived after {:?}", begun.elapsed());
    audit(&entries(&ledger));
}
