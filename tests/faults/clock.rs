//! The clock is stepped by hours, both ways, and is unknown after a start: a Raspberry Pi has none that runs without power.

use crate::common::shim::Synced;
use crate::rig::{Rig, scenario};
use crate::tally::Tally;
use fastrand::Rng;
use std::time::{Duration, Instant};

const CARDS: u64 = 600;
const TIME: Duration = Duration::from_millis(1_200);
const STEPS: usize = 4;
/// Two days.
const FARTHEST_H: i64 = 48;
/// What a machine that has forgotten the time is behind: it begins at 1970.
const FORGOTTEN_S: i64 = -1_700_000_000;

async fn stepped(random: Rng) -> Tally {
    let mut rig = Rig::start(random).await;
    let showing = rig.device.showing(CARDS, TIME);
    for _ in 0..STEPS {
        rig.some_time(TIME / STEPS as u32).await;
        let hours = rig.random.i64(-FARTHEST_H..=FARTHEST_H);
        rig.shim.wall_ahead(hours * 3600 + rig.random.i64(0..3600));
        if rig.random.u8(0..3) == 0 {
            rig.crash();
        }
    }
    rig.shim.wall_ahead(0);
    let mended = Instant::now();
    showing.await.unwrap();
    rig.close(mended).await
}

async fn unknown_at_boot(random: Rng) -> Tally {
    let mut rig = Rig::start(random).await;
    let showing = rig.device.showing(CARDS, TIME);
    rig.some_time(TIME / 2).await;
    rig.daemon.kill();
    rig.breaks += 1;
    rig.shim.synced(Synced::No);
    rig.shim.wall_ahead(FORGOTTEN_S);
    rig.daemon.up();
    rig.some_time(TIME / 2).await;
    rig.shim.wall_ahead(0);
    rig.shim.synced(Synced::Yes);
    let mended = Instant::now();
    showing.await.unwrap();
    rig.close(mended).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto and a C compiler: run ./tests/run"]
async fn a_clock_that_jumps_or_does_not_know_the_time_loses_nothing() {
    scenario("clock stepped by up to two days, both ways", 2, stepped).await;
    scenario("time unknown at boot", 2, unknown_at_boot).await;
}
