//! The signals that ask for an end in order: systemd's SIGTERM, a person's Ctrl-C (SIGINT), a terminal that is gone (SIGHUP).

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears them from [`listen`](Self::listen) on; one that comes before it is waited for is kept.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// # Errors
    /// The kernel or the runtime gives no handler. Needs a tokio runtime around it.
    pub fn listen() -> io::Result<Self> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Until one comes; its name.
    pub async fn told_to_stop(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hang_up.recv() => "SIGHUP",
        }
    }
}
