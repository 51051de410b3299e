//! Forty lobbies at one office's broker, each with a backlog: nothing is lost, each keeps its order, and nobody starves. The long form,
//! with two hundred and with figures, is `cargo bench --bench lobbies`.

mod common;

use common::fleet::{Central, Fairness, Fleet, folder, newest};
use common::mosquitto::Mosquitto;
use common::{backlog, until};

const LOBBIES: usize = 40;
/// So many that the time in which they begin, up to half a second, is short beside the flood: with 600 all of them had something to send for
/// only 0.12 s, the window of one lobby more or less counted for a third, and a sound run was taken for starvation once.
const EVENTS: u64 = 2_000;
/// As docs/brokers.md recommends for the office's.
const BROKER: &str = "max_inflight_messages 100";

fn filled() -> tempfile::TempDir {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    (0..LOBBIES).for_each(|number| backlog::fill(&folder(dir.path(), number), EVENTS));
    dir
}

/// What the office knows of it from `seq` alone.
fn is_whole(central: &Central, newest: &[u64]) {
    central.seen(|counted| {
        assert_eq!((counted.lost(newest), counted.ledger.books().count()), (0, LOBBIES));
        for (journal, book) in counted.ledger.books() {
            assert!(book.is_whole() && book.first == 1, "{}: {book:?}", journal.source);
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn of_forty_lobbies_with_a_backlog_nobody_starves_and_nothing_is_lost() {
    let (dir, broker) = (filled(), Mosquitto::start(BROKER));
    let central = Central::start(broker.port).await;
    let mut fleet = Fleet::open(dir.path(), 0..LOBBIES, &broker.url());
    let newest = newest(dir.path(), 0..LOBBIES);
    fleet.go();
    until("all has come", || central.seen(|counted| counted.lost(&newest) == 0)).await;
    is_whole(&central, &newest);
    let fair = Fairness::of(&central.take().arrivals, LOBBIES).expect("nobody is done before another has begun");
    assert!(fair.least * 4 >= fair.most && fair.index > 0.8, "{fair:?}");
    fleet.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn when_the_broker_goes_and_comes_back_in_the_flood_forty_lobbies_lose_nothing() {
    let (dir, mut broker) = (filled(), Mosquitto::start(BROKER));
    let central = Central::start(broker.port).await;
    let mut fleet = Fleet::open(dir.path(), 0..LOBBIES, &broker.url());
    let newest = newest(dir.path(), 0..LOBBIES);
    let all: u64 = newest.iter().sum();
    fleet.go();
    until("some has come", || central.seen(|counted| counted.came.arrivals.len() as u64 > all / 8)).await;
    // In order: what it has acknowledged it keeps. tests/faults kills it.
    broker.down();
    assert!(central.seen(|counted| counted.lost(&newest)) > 0, "the flood was not over");
    broker.up();
    until("all has come", || central.seen(|counted| counted.lost(&newest) == 0)).await;
    is_whole(&central, &newest);
    fleet.close().await;
}
