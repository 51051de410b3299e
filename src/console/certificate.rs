//! The certificate with which the page is served now. One of the daemon's own making is made anew while it runs, long before
//! it ends; connections that are open keep the old one. It never waits: whoever comes meanwhile is served as before.

use super::tls::Identity;
use crate::event::Now;
use chrono::{DateTime, TimeDelta, Utc};
use rustls::ServerConfig;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// After a try that failed, for a full disk: months are left.
const TRY_AGAIN: TimeDelta = TimeDelta::hours(1);

pub struct Certificate {
    now: Mutex<Current>,
}

struct Current {
    identity: Identity,
    /// Nobody tries to make another before.
    not_before: DateTime<Utc>,
}

impl Certificate {
    pub fn new(identity: Identity) -> Self {
        Certificate { now: Mutex::new(Current { identity, not_before: DateTime::UNIX_EPOCH }) }
    }

    /// What the next connection is served with. A page that nobody opens needs no new certificate, so each connection looks.
    pub fn at(self: &Arc<Self>, now: Now) -> Arc<ServerConfig> {
        let mut current = self.current();
        // A clock that nobody has set may stand in any year.
        let due = |at: &DateTime<Utc>| now.synced && now.utc >= *at && now.utc >= current.not_before;
        let own = current.identity.own.as_ref().filter(|own| due(&own.renew_at)).cloned();
        if let Some(own) = own {
            current.not_before = now.utc + TRY_AGAIN;
            let certificate = self.clone();
            // Makes a key and writes two files.
            tokio::task::spawn_blocking(move || match own.again(now.utc) {
                Ok(identity) => {
                    let fingerprint = identity.fingerprint.clone();
                    tracing::info!(fingerprint, "the guards' page has a new certificate: browsers ask about it once");
                    certificate.current().identity = identity;
                }
                Err(error) => {
                    tracing::error!(%error, "the certificate of the guards' page ends soon and is not renewed")
                }
            });
        }
        current.identity.config.clone()
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
