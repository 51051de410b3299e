//! `cargo bench --bench relay`: lobbyd between two Mosquitto brokers, measured against Mosquitto's own bridge between the
//! same brokers in the same run. The machine's speed drifts by half over a day, so only the ratio means anything. lobbyd
//! fsyncs every event before the building broker may forget it; the bridge stores nothing.
//!
//! `RELAY_EVENTS` and `RELAY_LATENCY_EVENTS` make it shorter.

#[path = "../tests/common/mod.rs"]
mod common;

use common::clients::{IN_FLIGHT, Subscriber, publish_all, publish_paced};
use common::daemon::{Daemon, peak_memory};
use common::mosquitto::Mosquitto;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The first card's time; each next one is a second later, so that no two cards are the same event.
const FIRST: i64 = 1_605_991_375;
/// Cards a second when latency is measured: a busy lobby in the morning.
const RATE: u64 = 50;
/// The goals of this release.
const RATIO: f64 = 0.25;
const MEMORY_KIB: u64 = 40 * 1024;
/// A run that takes longer is broken.
const PATIENCE: Duration = Duration::from_secs(600);

/// What one relay did.
struct Measured {
    name: &'static str,
    per_second: f64,
    p50: Duration,
    p99: Duration,
    memory_kib: u64,
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// The access message of an esp-rfid reader.
fn card(number: usize) -> (String, Vec<u8>) {
    let payload = format!(
        r#"{{"type":"access","time":{},"isKnown":"true","access":"Always","username":"test","uid":"0{number:07}","hostname":"lobby","doorName":"lobby"}}"#,
        FIRST + number as i64
    );
    ("/rfid/send".into(), payload.into_bytes())
}

/// Which card a message at the office is about: the bridge passes the reader's own text, lobbyd an envelope.
fn card_of(payload: &[u8]) -> Option<usize> {
    let json: serde_json::Value = serde_json::from_slice(payload).ok()?;
    let time = match json["time"].as_str() {
        Some(text) => chrono::DateTime::parse_from_rfc3339(text).ok()?.timestamp(),
        None => json["time"].as_i64()?,
    };
    usize::try_from(time - FIRST).ok()
}

async fn wait(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "{what} takes too long");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Cards are shown until the first arrives: then the whole path stands. Returns how many were needed.
async fn warm_up(building: u16, office: &Subscriber, mut next: usize) -> usize {
    let before = office.count();
    while office.count() == before {
        publish_all(building, std::iter::once(card(next)), Arc::default()).await;
        next += 1;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    next
}

async fn throughput(building: u16, office: &Subscriber, first: usize, events: usize) -> f64 {
    let before = office.count();
    let begun = Instant::now();
    publish_all(building, (first..first + events).map(card), Arc::default()).await;
    wait("the relay", || office.count() >= before + events).await;
    events as f64 / begun.elapsed().as_secs_f64()
}

/// One card every 20 ms, one by one; returns each card's time from the reader to the office.
async fn latency(building: u16, office: &Subscriber, first: usize, events: usize) -> Vec<Duration> {
    office.received.lock().unwrap().clear();
    let sent: Arc<Mutex<HashMap<usize, Instant>>> = Arc::default();
    let book = sent.clone();
    let cards = (first..first + events).map(move |number| {
        book.lock().unwrap().insert(number, Instant::now());
        card(number)
    });
    let arrivals: Arc<Mutex<HashMap<usize, Instant>>> = Arc::default();
    let publishing =
        tokio::spawn(publish_paced(building, cards, Arc::default(), Some(Duration::from_millis(1000 / RATE))));
    let mut seen = 0;
    wait("the relay", || {
        let received = office.received.lock().unwrap();
        let (now, mut arrivals) = (Instant::now(), arrivals.lock().unwrap());
        for publish in &received[seen..] {
            if let Some(number) = card_of(&publish.payload) {
                arrivals.entry(number).or_insert(now);
            }
        }
        seen = received.len();
        arrivals.len() >= events
    })
    .await;
    publishing.await.unwrap();
    let (sent, arrivals) = (sent.lock().unwrap(), arrivals.lock().unwrap());
    let mut times: Vec<Duration> = arrivals.iter().map(|(number, at)| at.duration_since(sent[number])).collect();
    times.sort_unstable();
    times
}

async fn measure(
    name: &'static str,
    building: &Mosquitto,
    office: &Mosquitto,
    filter: &str,
    memory: impl Fn() -> u64,
) -> Measured {
    let subscriber = Subscriber::start(office.port, filter).await;
    let first = warm_up(building.port, &subscriber, 0).await;
    let events = number("RELAY_EVENTS", 100_000);
    let per_second = throughput(building.port, &subscriber, first, events).await;
    let times = latency(building.port, &subscriber, first + events, number("RELAY_LATENCY_EVENTS", 500)).await;
    let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    Measured { name, per_second, p50, p99, memory_kib: memory() }
}

async fn bridge() -> Measured {
    let office = Mosquitto::start(BROKER);
    let more =
        format!("{BROKER}\nconnection office\naddress 127.0.0.1:{}\ntopic # out 1\ncleansession false\n", office.port);
    let building = Mosquitto::start(&more);
    measure("mosquitto bridge", &building, &office, "/rfid/#", || peak_memory(building.pid())).await
}

async fn lobbyd() -> Measured {
    let (office, building) = (Mosquitto::start(BROKER), Mosquitto::start(BROKER));
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let daemon = Daemon::start(dir.path(), &building.url(), &office.url());
    let measured = measure("lobbyd", &building, &office, "lobby/v1/+/+/event/#", || daemon.peak_memory()).await;
    drop(daemon);
    measured
}

/// The recommended window (docs/brokers.md), for both relays alike.
const BROKER: &str = "max_inflight_messages 250";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!("{} events at QoS 1, {IN_FLIGHT} in flight", number("RELAY_EVENTS", 100_000));
    let (bridge, lobbyd) = runtime.block_on(async { (bridge().await, lobbyd().await) });
    println!("{:<18}{:>10}{:>10}{:>10}{:>12}", "", "events/s", "p50 ms", "p99 ms", "peak KiB");
    for measured in [&bridge, &lobbyd] {
        println!(
            "{:<18}{:>10.0}{:>10.2}{:>10.2}{:>12}",
            measured.name,
            measured.per_second,
            measured.p50.as_secs_f64() * 1000.0,
            measured.p99.as_secs_f64() * 1000.0,
            measured.memory_kib
        );
    }
    let ratio = lobbyd.per_second / bridge.per_second;
    println!("ratio {ratio:.2} (goal {RATIO}); memory {} of {MEMORY_KIB} KiB", lobbyd.memory_kib);
}
