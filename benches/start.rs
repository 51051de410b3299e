//! `cargo bench --bench start`: the real daemon as it stands in a lobby. Milliseconds from the start of the process to the
//! first picture on the glass, with an empty journal and with one of a million rows; its memory before and after every
//! language has been on the glass; and what it costs while nobody is there: pictures, processor time, wake-ups.
//!
//! `START_ROWS` makes the journal shorter, `IDLE_SECONDS` the wait.

#[path = "../tests/common/mod.rs"]
mod common;

use common::backlog::fill;
use common::daemon::Daemon;
use common::glass::Glass;
use common::mosquitto::{Mosquitto, free_port};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

/// The goals: docs/performance.md.
const FIRST_PICTURE_MS: f64 = 200.0;
const MEMORY_MIB: f64 = 48.0;
const IDLE_CPU_PERCENT: f64 = 0.5;
/// Starts of which the median is printed. Odd.
const STARTS: usize = 7;
const LANGUAGES: [&str; 7] = ["zh-Hans", "zh-Hant", "en", "ja", "ko", "fr", "de"];

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// From the start of the process to the first picture, and the daemon that showed it.
fn first_picture(dir: &Path, building: &Mosquitto, office: &Mosquitto) -> (f64, Daemon, Glass) {
    let screen: SocketAddr = ([127, 0, 0, 1], free_port()).into();
    let begun = Instant::now();
    let daemon = Daemon::with_screen(dir, &building.url(), &office.url(), screen);
    let glass = Glass::connect(screen);
    (begun.elapsed().as_secs_f64() * 1000.0, daemon, glass)
}

fn starts(what: &str, dir: &Path, building: &Mosquitto, office: &Mosquitto) {
    let mut times: Vec<f64> = (0..STARTS)
        .map(|_| {
            let (ms, mut daemon, _glass) = first_picture(dir, building, office);
            daemon.stop();
            ms
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "{what:<44}{:>8.0} ms, at most {:.0} (goal {FIRST_PICTURE_MS})",
        times[times.len() / 2],
        times[times.len() - 1]
    );
}

/// Every language on the glass, on the home page and on a page with a question and keys.
fn see_everything(glass: &mut Glass) {
    for language in LANGUAGES {
        glass.press_through("language").expect("the screen of languages");
        glass.press_through(&format!("language.{language}")).expect("home in that language");
        glass.press_through("home.visit").expect("the first question");
        glass.press_through("back").expect("home again");
    }
}

fn idle(daemon: &Daemon, glass: &mut Glass, seconds: u64) {
    let (cpu, switches) = (daemon.cpu_ms(), daemon.switches());
    let pictures = glass.pictures_within(Duration::from_secs(seconds));
    let (cpu, switches) = (daemon.cpu_ms() - cpu, daemon.switches() - switches);
    let percent = cpu as f64 / (seconds as f64 * 10.0);
    println!("idle for {seconds} s, both brokers connected:");
    println!("  pictures (the clock changes once a minute)   {pictures:>8}");
    println!("  of one core                                  {percent:>8.2} % (goal {IDLE_CPU_PERCENT})");
    println!("  wake-ups a second, the kiosk's thread        {:>8.2}", switches as f64 / seconds as f64);
}

fn main() {
    let (building, office) = (Mosquitto::start(""), Mosquitto::start(""));
    let folder = || tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (empty, full) = (folder(), folder());
    let rows = number("START_ROWS", 1_000_000);
    starts("first picture, empty journal", empty.path(), &building, &office);
    fill(&full.path().join("data"), rows);
    // The first start brings the relay's cursor forward; the others find what a lobby finds after a night.
    starts(&format!("first picture, journal of {rows} rows"), full.path(), &building, &office);
    drop(full);
    let (_, daemon, mut glass) = first_picture(empty.path(), &building, &office);
    let fresh = daemon.memory();
    see_everything(&mut glass);
    println!(
        "memory (RSS): {:.1} MiB at the start, {:.1} with every font warm (goal {MEMORY_MIB})",
        fresh as f64 / 1024.0,
        daemon.memory() as f64 / 1024.0
    );
    idle(&daemon, &mut glass, number("IDLE_SECONDS", 130));
}
