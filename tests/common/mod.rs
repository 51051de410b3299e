//! What several tests need: waiting for a condition with a deadline, a broker that does what the test says, real
//! Mosquittos, a daemon that can be killed. Nothing here sleeps in the hope that something has happened by then.
#![allow(dead_code, reason = "each test binary uses a part of this")]

pub mod authority;
pub mod backlog;
pub mod clients;
pub mod contract;
pub mod daemon;
pub mod fleet;
pub mod glass;
pub mod house;
pub mod lobby;
pub mod mosquitto;
pub mod office;
pub mod orders;
pub mod page;
pub mod python;
pub mod scripted;
pub mod shim;
pub mod small_disk;
pub mod tool;
pub mod version1;

use std::time::{Duration, Instant};

/// Longest wait for anything. Generous, because tests run beside other work on two slow cores; a condition that holds ends
/// the wait at once.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the condition holds.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The same where nothing is async.
pub fn blocking_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
