//! The gateway's clock and whether to trust it. A Raspberry Pi has no battery clock: after a power cut it wakes up in
//! the past, and jumps when the network sets it. The kernel knows whether that has happened.

use crate::event::{Now, Reading};
use chrono::Utc;
use std::time::Duration;

/// Reads the wall clock, for commands that run for a moment. The daemon's rooms ask the desk, whose time does not jump.
pub fn now() -> Now {
    Now { utc: Utc::now(), synced: is_synced() }
}

/// Reads both clocks. The only place, with `Instant`, where time enters the daemon.
pub fn read() -> Reading {
    Reading { utc: Utc::now(), synced: is_synced(), mono: since_boot() }
}

/// CLOCK_BOOTTIME: nobody sets it, and it goes on while the machine is suspended, as promises do.
fn since_boot() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec of ours that lives through the call.
    let read = unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &raw mut time) };
    // Linux has had this clock since 2.6.39 and refuses it to nobody.
    assert_eq!(read, 0, "CLOCK_BOOTTIME can be read");
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Whether the kernel's clock is kept by NTP (adjtimex(2)): false until the first synchronisation after power-on, and
/// again when the server has been silent for so long that the error may be over 16 s, which is some nine hours. The desk goes on believing it
/// then ([`crate::service::timeline::HOLDOVER`]).
pub fn is_synced() -> bool {
    // SAFETY: timex is a plain C struct for which zero is a valid value; with `modes` 0 the call only reads.
    let (state, status) = unsafe {
        let mut timex: libc::timex = std::mem::zeroed();
        let state = libc::adjtimex(&raw mut timex);
        (state, timex.status)
    };
    // -1: not allowed (a sandbox that forbids the call). Then the clock is not trusted, and `lobbyd check` says so.
    state >= 0 && state != libc::TIME_ERROR && status & libc::STA_UNSYNC == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_can_be_read_and_its_trust_is_the_kernels() {
        assert_eq!(now().synced, is_synced());
        let (before, after) = (read(), read());
        assert!(before.mono > Duration::ZERO && before.mono <= after.mono);
    }
}
