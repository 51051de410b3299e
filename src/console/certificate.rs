//! The certificate with which the page is served now. One of the daemon's own making is made anew while it runs, long before
//! it ends, and one that somebody puts in the place of a configured one is taken up; connections that are open keep the old one.
//! It never waits: whoever comes meanwhile is served as before.

use super::tls::{Identity, TlsFault};
use crate::event::Now;
use rustls::ServerConfig;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After a try that failed: certificate and key of somebody else are exchanged one after the other, and of our own making months are left
/// where the disk is full.
const TRY_AGAIN: Duration = Duration::from_secs(5);

pub struct Certificate {
    now: Mutex<Current>,
}

struct Current {
    identity: Identity,
    trying: bool,
    failed: Option<Instant>,
}

impl Certificate {
    pub fn new(identity: Identity) -> Self {
        Certificate { now: Mutex::new(Current { identity, trying: false, failed: None }) }
    }

    /// What the next connection is served with. A page that nobody opens needs no new certificate, so each connection looks.
    pub fn at(self: &Arc<Self>, now: Now) -> Arc<ServerConfig> {
        let mut current = self.current();
        let rests = current.trying || current.failed.is_some_and(|at| at.elapsed() < TRY_AGAIN);
        if !rests && current.identity.next.is_due(now) {
            current.trying = true;
            let (certificate, next) = (self.clone(), current.identity.next.clone());
            // Reads two files, or makes a key and writes them.
            tokio::task::spawn_blocking(move || certificate.taken(next.take(now)));
        }
        current.identity.config.clone()
    }

    fn taken(&self, next: Result<Identity, TlsFault>) {
        let mut current = self.current();
        (current.trying, current.failed) = (false, next.is_err().then(Instant::now));
        match next {
            Ok(identity) => {
                let fingerprint = &identity.fingerprint;
                tracing::info!(
                    fingerprint,
                    "the guards' page has a new certificate: browsers ask about one of its own making once"
                );
                current.identity = identity;
            }
            Err(error) => tracing::error!(%error, "the guards' page keeps its certificate: the next one is none"),
        }
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
