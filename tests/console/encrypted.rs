//! TLS: a certificate that is given and one that the daemon has made, and that nobody talks without.

use crate::common::lobby::{How, Lobby, enlist};
use crate::common::page::Browser;
use chrono::{DateTime, TimeDelta, Utc};
use lobbyd::console::tls::{self, Next};
use lobbyd::health::clock;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::time_provider::TimeProvider;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The lobby's clock, as the browser has it.
#[derive(Debug)]
struct Time(DateTime<Utc>);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(self.0.timestamp()).ok()?)))
    }
}

/// A browser that trusts this certificate and no other.
fn trusting(lobby: &Lobby, certificate: &Path) -> Browser {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let time = Arc::new(Time(Utc::now() + TimeDelta::seconds(lobby.ahead.load(Ordering::SeqCst))));
    let config = rustls::ClientConfig::builder_with_details(Arc::new(rustls::crypto::ring::default_provider()), time)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Browser { tls: Some(Arc::new(config)), ..lobby.browser() }
}

fn works(lobby: &Lobby, mut browser: Browser) {
    let answer = browser.sign_in("guard-a", crate::common::lobby::PIN, "gate-a");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-lobbyd=") && cookie.contains("Secure"), "{cookie}");
    assert!(answer.header("strict-transport-security").is_some());
    let mut live = browser.live(None);
    live.until("board");
    let number = lobby.help();
    live.until_told(&number);
    // Without TLS nothing is said.
    let plain = Browser { tls: None, ..browser };
    assert_ne!(plain.get("/").status, 200);
}

#[test]
fn the_page_is_served_with_a_certificate_of_the_daemons_own() {
    let dir = tempfile::tempdir().unwrap();
    enlist(dir.path());
    let names = tls::names(&[], ([0, 0, 0, 0]).into());
    let identity = tls::own(dir.path(), &names, clock::now()).unwrap();
    assert_eq!(identity.fingerprint.len(), 32 * 3 - 1);
    let lobby = Lobby::with(dir.path(), How { tls: Some(identity), ..Default::default() });
    works(&lobby, trusting(&lobby, &dir.path().join(tls::CERT_FILE)));
    lobby.close();
}

#[test]
fn a_certificate_that_is_about_to_end_is_renewed_while_the_page_is_served_and_no_line_drops() {
    let dir = tempfile::tempdir().unwrap();
    enlist(dir.path());
    let names = tls::names(&[], ([0, 0, 0, 0]).into());
    let identity = tls::own(dir.path(), &names, clock::now()).unwrap();
    let old = identity.fingerprint.clone();
    let Next::Own(made) = &identity.next else { panic!("it is of our own making") };
    let due = made.renew_at();
    let lobby = Lobby::with(dir.path(), How { tls: Some(identity), ..Default::default() });
    // Two years later, five minutes before another is due.
    lobby.later((due - Utc::now()).num_seconds() - 300);
    let certificate = dir.path().join(tls::CERT_FILE);
    let mut guard = trusting(&lobby, &certificate);
    assert_eq!(guard.sign_in("guard-a", crate::common::lobby::PIN, "gate-a").status, 200);
    let mut live = guard.live(None);
    live.until("board");
    assert_eq!(tls::fingerprint_of(&certificate).unwrap(), old, "not before it is due");
    lobby.later(600);
    // Whoever comes now sets it off, and is served.
    assert_eq!(guard.get("/api/me").status, 200);
    crate::common::blocking_until("there is a new certificate", || {
        tls::fingerprint_of(&certificate).is_ok_and(|fingerprint| fingerprint != old)
            && trusting(&lobby, &certificate).try_get("/") == Some(200)
    });
    let number = lobby.help();
    // The old line goes on.
    live.until_told(&number);
    lobby.close();
}

#[test]
fn the_page_is_served_with_a_certificate_that_is_given_and_with_the_next_one_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    enlist(dir.path());
    let (cert, key) = (dir.path().join("given.pem"), dir.path().join("given.key"));
    let give = || {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        std::fs::write(&cert, made.cert.pem()).unwrap();
    };
    give();
    let lobby = Lobby::with(dir.path(), How { tls: Some(tls::given(&cert, &key).unwrap()), ..Default::default() });
    works(&lobby, trusting(&lobby, &cert));
    let before = trusting(&lobby, &cert);
    std::fs::write(&cert, "half of one").unwrap();
    // The first one sets it off, the second meets what came of it.
    for _ in 0..2 {
        assert_eq!(before.try_get("/"), Some(200), "what is no certificate changes nothing");
    }
    give();
    crate::common::blocking_until("the next certificate is served", || {
        trusting(&lobby, &cert).try_get("/") == Some(200)
    });
    assert_eq!(before.try_get("/"), None, "and the one before no more");
    lobby.close();
}

#[test]
fn a_certificate_and_a_key_that_do_not_belong_together_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = (dir.path().join("given.pem"), dir.path().join("given.key"));
    let made = |_| rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&cert, made(0).cert.pem()).unwrap();
    std::fs::write(&key, made(1).signing_key.serialize_pem()).unwrap();
    let fault = tls::given(&cert, &key).err().expect("they do not fit").to_string();
    assert!(fault.contains("given.pem") && fault.contains("given.key"), "{fault}");
}
