//! The guards' page: its certificate with the fingerprint that a person compares, and whether anybody can sign in. Makes
//! nothing: a certificate of the daemon's own is made by the daemon.

use super::certificate::of_validity;
use super::finding::{Area, Finding};
use crate::config::{Config, staff};
use crate::console::tls;
use crate::health::certificates::validity;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::Path;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let console = &config.console;
    if !console.enabled {
        let what = "it is switched off: guards hear over MQTT only";
        return vec![Finding::ok(Area::Console, what.to_owned())];
    }
    let mut findings = vec![people(&config.data_dir)];
    match (&console.cert, &console.key) {
        (Some(cert), Some(key)) => findings.extend(match tls::given(cert, key) {
            Ok(identity) => certificate(cert, &identity.fingerprint),
            Err(fault) => vec![Finding::fault(Area::Console, fault.to_string(), "look at cert and key in [console]")],
        }),
        _ if console.listen.ip().is_loopback() => {
            let what = format!("{}: without TLS, for this machine only", console.listen);
            findings.push(Finding::ok(Area::Console, what));
        }
        _ => findings.extend(own(&config.data_dir.join(tls::CERT_FILE))),
    }
    findings
}

fn people(data_dir: &Path) -> Finding {
    match staff::load(data_dir) {
        Ok(roster) => match roster.staff.iter().filter(|member| !member.disabled).count() {
            0 => Finding::warning(
                Area::Console,
                "nobody can sign in",
                "lobbyd staff add ID --name NAME --role ROLE".to_owned(),
            ),
            count => Finding::ok(Area::Console, format!("{count} people can sign in")),
        },
        Err(error) => Finding::fault(Area::Console, error.to_string(), "the list of staff must belong to lobbyd alone"),
    }
}

fn own(cert: &Path) -> Vec<Finding> {
    match tls::fingerprint_of(cert) {
        Ok(fingerprint) => certificate(cert, &fingerprint),
        Err(_) => vec![Finding::ok(Area::Console, "lobbyd makes its certificate when it starts".to_owned())],
    }
}

fn certificate(cert: &Path, fingerprint: &str) -> Vec<Finding> {
    let print = Finding::ok(Area::Console, format!("{}: SHA-256 {fingerprint}", cert.display()));
    let Ok(der) = CertificateDer::from_pem_file(cert) else { return vec![print] };
    let what = format!("the page's certificate {}", cert.display());
    vec![print, of_validity(&what, validity(&der), crate::health::clock::now().utc)]
}
