//! The promise to people, audited from outside: every sign-in whose number stood on the glass arrives at the office,
//! though the office is away and the daemon is killed in the middle of typing, of committing, of anything.

mod common;

use common::clients::Subscriber;
use common::daemon::Daemon;
use common::glass::{Glass, Gone};
use common::mosquitto::{Mosquitto, free_port};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const SIGN_INS: usize = 16;
const KILLS: usize = 5;
/// A walk through the visitor's screens takes two or three seconds; a kill comes anywhere in the first few walks.
const KILL_WITHIN: Duration = Duration::from_secs(6);

/// One visitor, from home to the number. `Gone` when the daemon was killed under the finger.
fn sign_in(glass: &mut Glass, visitor: usize) -> Result<String, Gone> {
    glass.press_through("home.visit")?;
    for key in "key.1 key.2 key.0 key.3".split(' ') {
        glass.press(key)?;
    }
    glass.press_through("next")?;
    for key in "key.w key.a key.n key.g candidate.1".split(' ') {
        glass.press(key)?;
    }
    glass.wait("the candidates to be gone", |glass| glass.part("candidate.1").is_none())?;
    glass.press_through("next")?;
    for digit in format!("138{visitor:08}").chars() {
        glass.press(&format!("key.{digit}"))?;
    }
    glass.press_through("next")?;
    glass.press("purpose.friends")?;
    glass.wait("the number", |glass| glass.screen() == "visit.received")?;
    let words = glass.words();
    let number = words.split_whitespace().find(|word| word.starts_with("V-")).expect("a number to ask with later");
    Ok(number.to_owned())
}

/// Visits at the office, by event id: their numbers.
fn arrived(subscriber: &Subscriber) -> BTreeMap<String, String> {
    let received = subscriber.received.lock().unwrap();
    let events = received.iter().filter_map(|publish| serde_json::from_slice::<Value>(&publish.payload).ok());
    events
        .filter(|event| event["type"] == "lobbyd.visit.arrived")
        .map(|event| (event["id"].as_str().unwrap().to_owned(), event["data"]["number"].as_str().unwrap().to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn every_number_shown_on_the_glass_reaches_the_office() {
    let seed =
        std::env::var("LEDGER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("LEDGER_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let building = Mosquitto::start("");
    let mut office = Mosquitto::start("");
    let ledger = Subscriber::start(office.port, "lobby/v1/#").await;
    let dir = tempfile::tempdir().unwrap();
    let screen: SocketAddr = ([127, 0, 0, 1], free_port()).into();
    let mut daemon = Daemon::with_screen(dir.path(), &building.url(), &office.url(), screen);

    office.down();
    let (numbers, kills) = tokio::task::block_in_place(|| {
        let (mut numbers, mut kills) = (Vec::new(), 0);
        let mut glass = Glass::connect(screen);
        let mut kill_at = Instant::now() + KILL_WITHIN.mul_f64(random.f64());
        let mut visitor = 0;
        while numbers.len() < SIGN_INS || kills < KILLS {
            visitor += 1;
            let signed_in = std::thread::scope(|scope| {
                let visit = scope.spawn(|| sign_in(&mut glass, visitor));
                while !visit.is_finished() {
                    if kills < KILLS && Instant::now() >= kill_at {
                        daemon.kill();
                        kills += 1;
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
                visit.join().unwrap()
            });
            if let Ok(number) = signed_in {
                numbers.push(number);
                if glass.press_through("finish").is_ok() {
                    continue;
                }
            }
            daemon.up();
            glass = Glass::connect(screen);
            kill_at = Instant::now() + KILL_WITHIN.mul_f64(random.f64());
        }
        (numbers, kills)
    });

    office.up();
    let shown: BTreeSet<&String> = numbers.iter().collect();
    assert_eq!(shown.len(), numbers.len(), "no number is given twice");
    common::until("all numbers are at the office", || {
        let arrived = arrived(&ledger);
        let there: BTreeSet<&String> = arrived.values().collect();
        shown.is_subset(&there)
    })
    .await;
    let arrived = arrived(&ledger);
    let unique: BTreeSet<&String> = arrived.values().collect();
    assert_eq!(unique.len(), arrived.len(), "one event for each number");
    println!(
        "shown {}, lost 0, killed {kills} times, {} stored whose number was never seen",
        shown.len(),
        arrived.len() - shown.len()
    );
    assert!(daemon.stop().success(), "{}", daemon.log());
}
