//! The guards' page: its certificate with the fingerprint that a person compares, and whether anybody can sign in. Makes
//! nothing: a certificate of the daemon's own is made by the daemon.

use super::certificate::of_validity;
use super::finding::{Area, Finding};
use crate::config::staff::{self, Roster};
use crate::config::{Config, Console};
use crate::console::tls;
use crate::event::Slug;
use crate::health::certificates::validity;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::collections::BTreeSet;
use std::path::Path;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let console = &config.console;
    if !console.enabled {
        let what = "it is switched off: guards hear over MQTT only";
        return vec![Finding::ok(Area::Console, what.to_owned())];
    }
    let mut findings = people(config);
    findings.extend(reach(console));
    match (&console.cert, &console.key) {
        (Some(cert), Some(key)) => findings.extend(match tls::given(cert, key) {
            Ok(identity) => certificate(cert, &identity.fingerprint),
            Err(fault) => vec![Finding::fault(Area::Console, fault.to_string(), "look at cert and key in [console]")],
        }),
        _ if console.address().ip().is_loopback() => {}
        _ => findings.extend(own(&config.data_dir.join(tls::CERT_FILE))),
    }
    findings
}

/// Whether a phone reaches it. Where it is written that none does, that is meant.
fn reach(console: &Console) -> Option<Finding> {
    let what = format!("{}: for this machine only", console.address());
    match console.listen {
        Some(listen) => listen.ip().is_loopback().then(|| Finding::ok(Area::Console, what)),
        None => {
            let remedy = "write listen in [console]: \"0.0.0.0:8443\" for every network of this machine, or the address of one; \
                          \"127.0.0.1:8443\" where this machine alone is meant";
            Some(Finding::warning(Area::Console, format!("{what}; no guard's phone can open the page"), remedy))
        }
    }
}

fn people(config: &Config) -> Vec<Finding> {
    let roster = match staff::load(&config.data_dir) {
        Ok(roster) => roster,
        Err(error) => {
            let remedy = "the list of staff must belong to lobbyd alone";
            return vec![Finding::fault(Area::Console, error.to_string(), remedy)];
        }
    };
    let count = match roster.staff.iter().filter(|member| !member.disabled).count() {
        0 => Finding::warning(
            Area::Console,
            "nobody can sign in",
            "lobbyd staff add ID --name NAME --role ROLE".to_owned(),
        ),
        count => Finding::ok(Area::Console, format!("{count} people can sign in")),
    };
    let posts: Vec<&Slug> = config.posts.iter().map(|post| &post.id).collect();
    std::iter::once(count).chain(no_posts(&roster, &posts)).collect()
}

/// Posts in the list of staff that are none, as after other rules: whoever has no other stands nowhere.
fn no_posts(roster: &Roster, posts: &[&Slug]) -> Option<Finding> {
    let listed = roster.staff.iter().filter(|member| !member.disabled).flat_map(|member| &member.posts);
    let unknown: BTreeSet<&str> = listed.filter(|post| !posts.contains(post)).map(Slug::as_str).collect();
    (!unknown.is_empty()).then(|| {
        let unknown = unknown.into_iter().collect::<Vec<_>>().join(", ");
        let what = format!("the list of staff has posts that are in no [[post]]: {unknown}");
        let remedy = "lobbyd staff list says whose; send the list anew, or add the post";
        Finding::warning(Area::Console, what, remedy)
    })
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

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn a_post_that_is_none_is_told_by_its_name() {
        let text = |posts: &str| {
            format!("[[staff]]\nid = \"li\"\nname = \"测试\"\nrole = \"guard\"\nhash = \"x\"\nposts = {posts}\n")
        };
        let told = |posts: &str| {
            let roster: Roster = toml::from_str(&text(posts)).unwrap();
            no_posts(&roster, &[&Slug::new("gate-a").unwrap()]).map(|finding| finding.what)
        };
        assert_eq!((told("[]"), told("[\"gate-a\"]")), (None, None));
        assert!(told("[\"gate-a\", \"nowhere\"]").unwrap().ends_with(": nowhere"));
    }

    #[test]
    fn a_page_that_only_this_machine_reaches_is_told_and_a_warning_where_that_is_not_written() {
        let level = |listen: Option<&str>| {
            let listen = listen.map(|listen| listen.parse().unwrap());
            reach(&Console { enabled: true, listen, ..Console::default() }).map(|finding| finding.level)
        };
        let of = (level(None), level(Some("127.0.0.1:8443")), level(Some("0.0.0.0:8443")));
        assert_eq!(of, (Some(Level::Warning), Some(Level::Ok), None));
    }
}
