//! `cargo bench --bench relay`: lobbyd between two Mosquitto brokers, measured against Mosquitto's own bridge between such
//! brokers, in turn and several times. The machine's speed drifts by half over a day, so only the ratio means anything. lobbyd
//! fsyncs every event before the building broker may forget it; the bridge stores nothing. For the latency there is a third: the
//! least that any gateway can do which fsyncs (`bare.rs`), so that what the disk and the machine take is told from what lobbyd
//! takes.
//!
//! `RELAY_ROUNDS`, `RELAY_EVENTS` and `RELAY_LATENCY_SECONDS` make it shorter.

mod bare;
#[path = "../../tests/common/mod.rs"]
mod common;

use common::clients::{IN_FLIGHT, Subscriber, publish_all, publish_paced};
use common::daemon::{Daemon, cpu_ms, peak_memory, written};
use common::mosquitto::Mosquitto;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The first card's time; each next one is a second later, so that no two cards are the same event.
const FIRST: i64 = 1_605_991_375;
/// Cards a second when latency is measured: a busy lobby in the morning, and a building of readers that all have news.
const RATES: [u64; 2] = [50, 400];
/// The goals: events a second as a part of the bridge's, latency as a multiple of the bridge's, memory of the daemon.
const RATIO: f64 = 0.8;
const TIMES: f64 = 3.0;
const MEMORY_KIB: u64 = 32 * 1024;
/// A run that takes longer is broken.
const PATIENCE: Duration = Duration::from_secs(600);
/// So is a relay that has nothing arrive for so long.
const WARM: Duration = Duration::from_secs(30);
/// The recommended window (docs/brokers.md), for both relays alike.
const BROKER: &str = "max_inflight_messages 250";

/// What one relay did in one round.
#[derive(Default, Clone)]
struct Measured {
    per_second: f64,
    /// Milliseconds, p50 and p99, for each of [`RATES`].
    latency: [(f64, f64); 2],
    /// Of the whole load: microseconds of processor, and bytes written to the disk.
    cpu_us: f64,
    bytes: f64,
    /// Written when the events come one by one, at the second of [`RATES`]: nearly each is a commit of its own.
    bytes_one_by_one: f64,
    memory_kib: f64,
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
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Cards are shown until the first arrives: then the whole path stands. Returns how many were needed.
async fn warm_up(building: u16, office: &Subscriber) -> usize {
    let (mut next, deadline) = (0, Instant::now() + WARM);
    while office.count() == 0 {
        assert!(Instant::now() < deadline, "nothing arrives");
        publish_all(building, std::iter::once(card(next)), Arc::default()).await;
        next += 1;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    drop(office.take());
    next
}

async fn throughput(building: u16, office: &Subscriber, first: usize, events: usize) -> f64 {
    let begun = Instant::now();
    publish_all(building, (first..first + events).map(card), Arc::default()).await;
    wait("the relay", || office.count() >= events).await;
    let last = office.take().into_iter().map(|(at, _)| at).max().expect("some events");
    events as f64 / last.duration_since(begun).as_secs_f64()
}

/// One card after the other at this rate; the median and the 99th percentile of their times from the reader to the office, ms.
async fn latency(building: u16, office: &Subscriber, rate: u64, first: usize, events: usize) -> (f64, f64) {
    let sent: Arc<Mutex<HashMap<usize, Instant>>> = Arc::default();
    let book = sent.clone();
    let cards = (first..first + events).map(move |number| {
        book.lock().unwrap().insert(number, Instant::now());
        card(number)
    });
    publish_paced(building, cards, Arc::default(), Some(Duration::from_secs(1) / rate as u32)).await;
    wait("the relay", || office.count() >= events).await;
    let sent = sent.lock().unwrap();
    let took = |(at, publish): (Instant, rumqttc::v5::mqttbytes::v5::Publish)| {
        let number = card_of(&publish.payload)?;
        Some(at.duration_since(*sent.get(&number)?).as_secs_f64() * 1000.0)
    };
    let mut times: Vec<f64> = office.take().into_iter().filter_map(took).collect();
    times.sort_unstable_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

/// As long as the latency is measured at one rate. The next card is then number `next`.
async fn paced(building: u16, office: &Subscriber, rate: u64, next: &mut usize) -> (f64, f64) {
    let events = rate as usize * number("RELAY_LATENCY_SECONDS", 10);
    let measured = latency(building, office, rate, *next, events).await;
    *next += events;
    measured
}

/// `pid`: the process that relays.
async fn measure(building: &Mosquitto, office: &Mosquitto, filter: &str, pid: u32) -> Measured {
    let subscriber = Subscriber::start(office.port, filter).await;
    let mut next = warm_up(building.port, &subscriber).await;
    let events = number("RELAY_EVENTS", 100_000);
    let (cpu, bytes) = (cpu_ms(pid), written(pid));
    let mut measured =
        Measured { per_second: throughput(building.port, &subscriber, next, events).await, ..Measured::default() };
    measured.cpu_us = (cpu_ms(pid) - cpu) as f64 * 1000.0 / events as f64;
    measured.bytes = (written(pid) - bytes) as f64 / events as f64;
    next += events;
    for (n, rate) in RATES.into_iter().enumerate() {
        let (bytes, first) = (written(pid), next);
        measured.latency[n] = paced(building.port, &subscriber, rate, &mut next).await;
        measured.bytes_one_by_one = (written(pid) - bytes) as f64 / (next - first) as f64;
    }
    measured.memory_kib = peak_memory(pid) as f64;
    measured
}

async fn bridge() -> Measured {
    let office = Mosquitto::start(BROKER);
    let more =
        format!("{BROKER}\nconnection office\naddress 127.0.0.1:{}\ntopic # out 1\ncleansession false\n", office.port);
    let building = Mosquitto::start(&more);
    measure(&building, &office, "/rfid/#", building.pid()).await
}

async fn lobbyd() -> Measured {
    let (office, building) = (Mosquitto::start(BROKER), Mosquitto::start(BROKER));
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let daemon = Daemon::start(dir.path(), &building.url(), &office.url());
    measure(&building, &office, "lobby/v1/+/+/event/#", daemon.id()).await
}

async fn bare() -> Measured {
    let (office, building) = (Mosquitto::start(BROKER), Mosquitto::start(BROKER));
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    bare::start(building.port, office.port, dir.path());
    let subscriber = Subscriber::start(office.port, "/rfid/#").await;
    let mut next = warm_up(building.port, &subscriber).await;
    let mut measured = Measured::default();
    for (n, rate) in RATES.into_iter().enumerate() {
        measured.latency[n] = paced(building.port, &subscriber, rate, &mut next).await;
    }
    measured
}

fn row(name: &str, measured: &Measured) {
    let per_second = (measured.per_second > 0.0).then(|| format!("{:.0}", measured.per_second));
    print!("{name:<18}{:>10}", per_second.unwrap_or_default());
    for (p50, p99) in measured.latency {
        print!("{p50:>8.2}{p99:>8.2}");
    }
    // What only syncs has its latency measured and nothing else.
    if measured.per_second == 0.0 {
        return println!();
    }
    let Measured { cpu_us, bytes, bytes_one_by_one, memory_kib, .. } = measured;
    println!("{cpu_us:>9.1}{bytes:>9.0}{bytes_one_by_one:>9.0}{memory_kib:>9.0}");
}

/// The middle one of an odd number of rounds.
fn median(of: &[Measured], what: impl Fn(&Measured) -> f64) -> f64 {
    let mut values: Vec<f64> = of.iter().map(what).collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn medians(of: &[Measured]) -> Measured {
    Measured {
        per_second: median(of, |one| one.per_second),
        latency: [0, 1].map(|n| (median(of, |one| one.latency[n].0), median(of, |one| one.latency[n].1))),
        cpu_us: median(of, |one| one.cpu_us),
        bytes: median(of, |one| one.bytes),
        bytes_one_by_one: median(of, |one| one.bytes_one_by_one),
        memory_kib: median(of, |one| one.memory_kib),
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!("{} events at QoS 1, {IN_FLIGHT} in flight; then {RATES:?} a second", number("RELAY_EVENTS", 100_000));
    println!(
        "{:<18}{:>10}{:>16}{:>16}{:>9}{:>18}{:>9}",
        "", "events/s", "p50 p99 ms", "p50 p99 ms", "CPU µs", "bytes an event", "peak KiB"
    );
    let (mut bridges, mut bares, mut lobbyds) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..number("RELAY_ROUNDS", 5) {
        bridges.push(runtime.block_on(bridge()));
        row("mosquitto bridge", bridges.last().expect("just pushed"));
        bares.push(runtime.block_on(bare()));
        row("bare fsync", bares.last().expect("just pushed"));
        lobbyds.push(runtime.block_on(lobbyd()));
        row("lobbyd", lobbyds.last().expect("just pushed"));
    }
    let (bridge, bare, lobbyd) = (medians(&bridges), medians(&bares), medians(&lobbyds));
    println!("medians");
    row("mosquitto bridge", &bridge);
    row("bare fsync", &bare);
    row("lobbyd", &lobbyd);
    let ratios: Vec<Measured> = bridges
        .iter()
        .zip(&lobbyds)
        .map(|(bridge, lobbyd)| Measured { per_second: lobbyd.per_second / bridge.per_second, ..Measured::default() })
        .collect();
    println!("ratio {:.2} (goal {RATIO})", median(&ratios, |one| one.per_second));
    for (n, rate) in RATES.into_iter().enumerate() {
        let times = |ours: (f64, f64)| (ours.0 / bridge.latency[n].0, ours.1 / bridge.latency[n].1);
        let ((p50, p99), (least50, least99)) = (times(lobbyd.latency[n]), times(bare.latency[n]));
        println!(
            "at {rate} a second: p50 {p50:.1} and p99 {p99:.1} times the bridge's (goal {TIMES}; bare fsync {least50:.1} and {least99:.1})"
        );
    }
    println!("memory {:.0} of {MEMORY_KIB} KiB", lobbyd.memory_kib);
}
