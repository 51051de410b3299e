//! Certificates that this machine holds: readable, belonging to their key, and valid for some time to come.

use super::finding::{Area, Finding};
use crate::config::{Broker, Config};
use crate::health::certificates::{Bundle, SOON, Validity, validities};
use crate::link::client_config;
use chrono::{DateTime, Utc};
use std::path::Path;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, broker) in [("building", &config.building), ("office", &config.office)] {
        if broker.address().is_ok_and(|address| address.tls) {
            findings.extend(of_broker(name, broker, crate::health::clock::now().utc));
        }
    }
    findings
}

fn of_broker(name: &str, broker: &Broker, now: DateTime<Utc>) -> Vec<Finding> {
    if let Err(fault) = client_config(broker.ca.as_deref(), broker.cert.as_deref(), broker.key.as_deref()) {
        let remedy = format!("look at ca, cert and key in [{name}]");
        return vec![Finding::fault(Area::Certificates, format!("{name}: {fault}"), remedy)];
    }
    let own = broker.cert.iter().map(|file| ("our certificate", Bundle::Chain, file));
    let authorities = broker.ca.iter().map(|file| ("the authority's certificate", Bundle::Authorities, file));
    own.chain(authorities).filter_map(|(what, kind, file)| dates(what, kind, file, now)).collect()
}

/// The worst of a chain, the best of several authorities.
fn dates(what: &str, kind: Bundle, file: &Path, now: DateTime<Utc>) -> Option<Finding> {
    let each = validities(file).into_iter().map(|dates| of_validity(&format!("{what} {}", file.display()), dates, now));
    match kind {
        Bundle::Chain => each.max_by_key(|finding| finding.level as u8),
        Bundle::Authorities => each.min_by_key(|finding| finding.level as u8),
    }
}

/// What the dates of a certificate say today.
pub(super) fn of_validity(what: &str, dates: Option<Validity>, now: DateTime<Utc>) -> Finding {
    let Some(Validity { from, until }) = dates else {
        let remedy = "openssl x509 -noout -dates -in FILE shows them";
        return Finding::warning(Area::Certificates, format!("{what}: its dates cannot be read"), remedy);
    };
    let day = |time: DateTime<Utc>| time.format("%Y-%m-%d").to_string();
    if now < from {
        let what = format!("{what} is not valid before {}", day(from));
        Finding::fault(Area::Certificates, what, "is this machine's clock right?")
    } else if now > until {
        Finding::fault(Area::Certificates, format!("{what} expired on {}", day(until)), "have it renewed")
    } else if now + SOON > until {
        Finding::warning(Area::Certificates, format!("{what} expires on {}", day(until)), "have it renewed in time")
    } else {
        Finding::ok(Area::Certificates, format!("{what} is valid until {}", day(until)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;
    use crate::health::certificates::validity;
    use std::fs;

    fn certificate(from: i32, until: i32) -> rcgen::CertifiedKey<rcgen::KeyPair> {
        let mut params = rcgen::CertificateParams::new(vec!["broker".into()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let signing_key = rcgen::KeyPair::generate().unwrap();
        let cert = params.self_signed(&signing_key).unwrap();
        rcgen::CertifiedKey { cert, signing_key }
    }

    fn day(text: &str) -> DateTime<Utc> {
        format!("{text}T00:00:00Z").parse().unwrap()
    }

    #[test]
    fn expired_expiring_and_future_certificates_are_told_apart() {
        let dates = validity(certificate(2026, 2028).cert.der());
        let level = |now| of_validity("it", dates, day(now)).level;
        assert_eq!(level("2027-06-01"), Level::Ok);
        assert_eq!(level("2027-12-15"), Level::Warning);
        assert_eq!(level("2028-01-02"), Level::Fault);
        assert_eq!(level("2025-01-01"), Level::Fault);
        assert_eq!(of_validity("it", None, day("2027-06-01")).level, Level::Warning);
    }

    #[test]
    fn a_key_of_another_certificate_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: String| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            Some(path)
        };
        let (one, other) = (certificate(2026, 2028), certificate(2026, 2028));
        let mut broker = Broker {
            url: "mqtts://broker".into(),
            user: None,
            password_file: None,
            ca: file("ca.pem", one.cert.pem()),
            cert: file("cert.pem", one.cert.pem()),
            key: file("key.pem", other.signing_key.serialize_pem()),
            client_id: None,
        };
        let findings = of_broker("office", &broker, day("2027-06-01"));
        assert!(findings[0].level == Level::Fault && findings[0].what.contains("key.pem"), "{findings:?}");
        broker.key = file("key.pem", one.signing_key.serialize_pem());
        let findings = of_broker("office", &broker, day("2027-06-01"));
        assert!(findings.len() == 2 && findings.iter().all(|f| f.level == Level::Ok), "{findings:?}");
        broker.ca = file("ca.pem", certificate(2020, 2021).cert.pem() + &one.cert.pem());
        let findings = of_broker("office", &broker, day("2027-06-01"));
        assert!(findings[1].level == Level::Ok, "an authority that has ended beside a new one: {findings:?}");
    }
}
