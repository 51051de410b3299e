//! The network fails: connections that nobody closed and nothing passes, a partition, two seconds on the way, a cut in the middle of a
//! packet, and a line that loses three packets of ten.

use crate::lossy::Lossy;
use crate::rig::{Rig, Setup, is_long, scenario};
use crate::tally::Tally;
use crate::wire::Mode;
use fastrand::Rng;
use std::time::{Duration, Instant};

const CARDS: u64 = 400;
/// Over which they are shown.
const TIME: Duration = Duration::from_millis(800);
/// These runs wait most of the time.
const AT_ONCE: usize = 7;

async fn half_open(random: Rng) -> Tally {
    let mut rig = Rig::start(random).await;
    let showing = rig.device.showing(CARDS, TIME);
    rig.some_time(TIME).await;
    let which = rig.random.u8(1..4);
    if which & 1 != 0 {
        rig.inward.forget();
    }
    if which & 2 != 0 {
        rig.outward.forget();
    }
    rig.breaks += 1;
    // New connections work at once: what passes until everything has come is the time in which the daemon notices.
    let mended = Instant::now();
    showing.await.unwrap();
    rig.close(mended).await
}

async fn partition(random: Rng) -> Tally {
    let mut rig = Rig::start(random).await;
    let showing = rig.device.showing(CARDS, TIME);
    rig.some_time(TIME).await;
    let lasts = Duration::from_secs(if is_long() { 60 } else { 20 });
    rig.inward.set(Mode::Stall);
    rig.outward.set(Mode::Stall);
    tokio::time::sleep(lasts).await;
    rig.inward.set(Mode::Through);
    rig.outward.set(Mode::Through);
    rig.breaks += 1;
    let mended = Instant::now();
    showing.await.unwrap();
    rig.close(mended).await
}

async fn slow(random: Rng) -> Tally {
    const DELAY: Duration = Duration::from_secs(2);
    let mut rig = Rig::start(random).await;
    let showing = rig.device.showing(CARDS, TIME);
    rig.some_time(TIME).await;
    rig.inward.delay(DELAY);
    rig.outward.delay(DELAY);
    showing.await.unwrap();
    let most = rig.random.u64(1..CARDS) as usize;
    rig.until("a part has come", || rig.inbox.count() >= most).await;
    rig.inward.delay(Duration::ZERO);
    rig.outward.delay(Duration::ZERO);
    rig.close(Instant::now()).await
}

async fn cut_in_a_packet(random: Rng) -> Tally {
    let mut rig = Rig::start(random).await;
    let showing = rig.device.showing(CARDS, TIME);
    for _ in 0..2 {
        let bytes = rig.random.usize(1..20_000);
        let wire = if rig.random.bool() { &rig.inward } else { &rig.outward };
        let before = wire.seen(|wire| wire.connections);
        wire.set(Mode::CutAfter(bytes));
        // Where no more bytes come, the cut is a clean one.
        tokio::time::sleep(TIME).await;
        wire.set(Mode::Refuse);
        tokio::time::sleep(Duration::from_millis(20)).await;
        wire.set(Mode::Through);
        rig.until("the daemon has called again", || wire.seen(|wire| wire.connections) > before).await;
    }
    rig.breaks += 2;
    let mended = Instant::now();
    showing.await.unwrap();
    rig.close(mended).await
}

async fn lossy(mut random: Rng) -> Tally {
    const DELAY: Duration = Duration::from_millis(50);
    const LOST_OF_100: u32 = 30;
    let line = Lossy::new(&mut random, DELAY);
    let network = Some((line.address.clone(), line.runner()));
    let mut rig = Rig::with(random, Setup { network, ..Setup::default() }).await;
    let lasts = Duration::from_secs(if is_long() { 60 } else { 10 });
    let showing = rig.device.showing(CARDS, lasts);
    rig.some_time(TIME).await;
    line.lose(LOST_OF_100);
    rig.breaks += 1;
    showing.await.unwrap();
    line.lose(0);
    rig.close(Instant::now()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_network_that_swallows_stalls_delays_or_cuts_loses_nothing() {
    tokio::join!(
        scenario("half-open connections", AT_ONCE, half_open),
        scenario("partition", AT_ONCE, partition),
        scenario("2 s each way", AT_ONCE, slow),
        scenario("cut in the middle of a packet", AT_ONCE, cut_in_a_packet),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto, root and iproute2: run ./tests/run"]
async fn a_line_that_loses_three_packets_of_ten_loses_no_event() {
    scenario("30 % of packets lost, 50 ms each way", AT_ONCE, lossy).await;
}
