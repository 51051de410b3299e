//! `cargo bench --bench backlog`: the office comes back after an outage that left a million events. How fast they go out, against
//! what the same daemon relays live in the same run; when an alarm of now arrives that stands behind them all; how long a key
//! takes to answer meanwhile; and the memory of the daemon with its screen.
//!
//! `BACKLOG_ROWS` makes it shorter.

#[path = "../tests/common/mod.rs"]
mod common;

use common::backlog::fill;
use common::clients::{Subscriber, publish_all};
use common::daemon::{Daemon, written};
use common::glass::Glass;
use common::mosquitto::{Mosquitto, free_port};
use lobbyd::journal::Reader;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The goals.
const MEMORY_MIB: f64 = 64.0;
const KEY_MS: f64 = 5.0;
const URGENT_S: f64 = 1.0;
const DRAIN: f64 = 0.8;
/// Events relayed live, to compare with.
const LIVE: usize = 100_000;
/// 2026-11-22, the first reader's record of the run; each next one is a second later.
const FIRST: i64 = 1_795_320_000;
const BROKER: &str = "max_inflight_messages 250";
/// Keys pressed before the drain, and at least in it.
const KEYS: usize = 20;

fn card(number: usize) -> (String, Vec<u8>) {
    let payload = format!(
        r#"{{"type":"access","time":{},"isKnown":"true","access":"Always","username":"test","uid":"0{number:07}","hostname":"lobby","doorName":"lobby"}}"#,
        FIRST + number as i64
    );
    ("/rfid/send".into(), payload.into_bytes())
}

/// A door is forced open; `number` tells one alarm from another.
fn alarm(number: usize) -> (String, Vec<u8>) {
    let payload = format!(
        r#"{{"type":"WARN","src":"tamper","cmd":"event","desc":"Door was tampered!","time":{},"hostname":"door-{number}"}}"#,
        FIRST + number as i64
    );
    ("/rfid/send".into(), payload.into_bytes())
}

fn newest(dir: &Path) -> u64 {
    let span = Reader::open(&dir.join("data")).and_then(|reader| reader.span());
    span.ok().flatten().map_or(0, |(_, newest)| newest)
}

/// When this door's alarm arrived.
fn arrival(office: &Subscriber, door: &str) -> Option<Instant> {
    let received = office.received.lock().unwrap();
    let arrivals = office.arrivals.lock().unwrap();
    let at = received.iter().position(|publish| {
        let topic = String::from_utf8_lossy(&publish.topic);
        topic.ends_with("door.forced") && topic.contains(door)
    })?;
    Some(arrivals[at])
}

fn first_message(office: &Subscriber) -> Option<Instant> {
    office.arrivals.lock().unwrap().first().copied()
}

fn events(office: &Subscriber) -> usize {
    let received = office.received.lock().unwrap();
    received.iter().filter(|publish| publish.topic.windows(7).any(|level| level == b"/event/")).count()
}

fn wait(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(900);
    while !done() {
        assert!(Instant::now() < deadline, "{what} takes too long");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Presses keys until told to stop; milliseconds to each picture.
fn type_along(glass: &mut Glass, least: usize, stop: &AtomicBool) -> Vec<f64> {
    let mut times = Vec::new();
    while times.len() < least || !stop.load(Ordering::SeqCst) {
        let key = if times.len() % 2 == 0 { "key.1" } else { "key.2" };
        times.push(glass.time_press(key).as_secs_f64() * 1000.0);
    }
    times.sort_unstable_by(f64::total_cmp);
    times
}

fn keys(what: &str, times: &[f64]) {
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    println!("{what:<44}{median:>8.1} ms, at most {worst:.1} of {} (goal {KEY_MS})", times.len());
}

fn main() {
    let rows: u64 = std::env::var("BACKLOG_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    fill(&dir.path().join("data"), rows);
    let (building, mut office) = (Mosquitto::start(BROKER), Mosquitto::start(BROKER));
    let subscriber = runtime.block_on(Subscriber::start(office.port, "lobby/v1/#"));
    office.down();
    let screen: SocketAddr = ([127, 0, 0, 1], free_port()).into();
    let daemon = Daemon::with_screen(dir.path(), &building.url(), &office.url(), screen);
    let mut glass = Glass::connect(screen);
    glass.press_through("home.visit").expect("the first question");
    let memory = || daemon.memory() as f64 / 1024.0;
    println!("{:<44}{:>8.1} MiB", format!("memory with {rows} events to send"), memory());
    keys("a key while nothing is sent", &type_along(&mut glass, KEYS, &AtomicBool::new(true)));
    // The alarm stands behind all of them.
    wait("the building link", || {
        runtime.block_on(publish_all(building.port, std::iter::once(alarm(1)), Arc::default()));
        newest(dir.path()) > rows
    });
    let last = newest(dir.path()) as usize;
    let bytes = written(daemon.id());
    office.up();
    let stop = Arc::new(AtomicBool::new(false));
    let drained = stop.clone();
    let typing = std::thread::spawn(move || (type_along(&mut glass, KEYS, &drained), glass));
    wait("the first message", || first_message(&subscriber).is_some());
    let begun = first_message(&subscriber).expect("it is there");
    wait("the alarm", || arrival(&subscriber, "door-1").is_some());
    runtime.block_on(publish_all(building.port, std::iter::once(alarm(2)), Arc::default()));
    let sent = Instant::now();
    wait("the second alarm", || arrival(&subscriber, "door-2").is_some());
    wait("the drain", || events(&subscriber) > last);
    let took = subscriber.arrivals.lock().unwrap().last().copied().expect("they are there") - begun;
    stop.store(true, Ordering::SeqCst);
    let (times, _glass) = typing.join().unwrap();
    let seconds = |door, since: Instant| {
        arrival(&subscriber, door).expect("it is there").saturating_duration_since(since).as_secs_f64()
    };
    println!(
        "{:<44}{:>8.3} s (goal {URGENT_S})",
        "an alarm from before, after the first word",
        seconds("door-1", begun)
    );
    println!("{:<44}{:>8.3} s (goal {URGENT_S})", "an alarm in the drain", seconds("door-2", sent));
    keys("a key in the drain", &times);
    println!("{:<44}{:>8.1} MiB (goal {MEMORY_MIB})", "memory at its highest", daemon.peak_memory() as f64 / 1024.0);
    println!("{:<44}{:>8.0}", "bytes written for each event sent", (written(daemon.id()) - bytes) as f64 / last as f64);
    let drain = last as f64 / took.as_secs_f64();
    drop(subscriber.take());
    let begun = Instant::now();
    runtime.block_on(publish_all(building.port, (10..10 + LIVE).map(card), Arc::default()));
    wait("the live events", || subscriber.count() >= LIVE);
    let live = LIVE as f64 / subscriber.arrivals.lock().unwrap()[LIVE - 1].duration_since(begun).as_secs_f64();
    println!("drain {drain:.0} a second, live {live:.0}: ratio {:.2} (goal {DRAIN})", drain / live);
}
