//! When the certificates that this machine holds end. Reads only the dates out of a certificate; whether to trust it is rustls's
//! business. A Pi without a certificate is a lobby without an office, so it is said early.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::{Path, PathBuf};

/// Time to get and install a new certificate.
pub const SOON: TimeDelta = TimeDelta::days(30);

/// A certificate, by its key in `lobby.toml`, and its last moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    pub what: &'static str,
    pub until: DateTime<Utc>,
}

impl End {
    pub fn is_soon(&self, now: DateTime<Utc>) -> bool {
        now + SOON > self.until
    }
}

/// What the certificates of a file are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bundle {
    /// Our own and what leads from it to its authority: worth nothing when one of them has ended.
    Chain,
    /// Authorities, of which one is enough: at a roll-over the old one may end beside the new one.
    Authorities,
}

/// When each of these files is worth nothing any more; those whose dates cannot be read are left out.
pub fn ends(files: &[(&'static str, Bundle, PathBuf)]) -> Vec<End> {
    let end = |(what, kind, path): &(&'static str, Bundle, PathBuf)| {
        let each = validities(path).into_iter().flatten().map(|validity| validity.until);
        let until = match kind {
            Bundle::Chain => each.min(),
            Bundle::Authorities => each.max(),
        };
        Some(End { what, until: until? })
    };
    files.iter().filter_map(end).collect()
}

/// Of each certificate of a PEM file; nothing where it cannot be read, which whoever uses it says.
pub fn validities(file: &Path) -> Vec<Option<Validity>> {
    let Ok(certificates) = CertificateDer::pem_file_iter(file) else { return Vec::new() };
    certificates.flatten().map(|certificate| validity(&certificate)).collect()
}

/// From when until when a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The dates of an X.509 certificate (RFC 5280, 4.1): the fifth member of its first member, without the version.
pub fn validity(der: &[u8]) -> Option<Validity> {
    let (_, certificate, _) = element(der)?;
    let (_, mut rest, _) = element(certificate)?;
    let (tag, _, after) = element(rest)?;
    if tag == VERSION {
        rest = after;
    }
    for _ in ["serial number", "signature algorithm", "issuer"] {
        (_, _, rest) = element(rest)?;
    }
    let (SEQUENCE, dates, _) = element(rest)? else { return None };
    let (from_tag, from, rest) = element(dates)?;
    let (until_tag, until, _) = element(rest)?;
    Some(Validity { from: time(from_tag, from)?, until: time(until_tag, until)? })
}

/// One DER element: tag, content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

fn time(tag: u8, text: &[u8]) -> Option<DateTime<Utc>> {
    let text = std::str::from_utf8(text).ok()?;
    let text = match tag {
        GENERALIZED_TIME => text.to_owned(),
        // RFC 5280, 4.1.2.5.1: two digits below 50 are in this century.
        UTC_TIME => format!("{}{text}", if text.get(..2)? < "50" { "20" } else { "19" }),
        _ => return None,
    };
    NaiveDateTime::parse_from_str(&text, "%Y%m%d%H%M%SZ").ok().map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    fn the_dates_of_a_certificate_are_read_in_both_centuries() {
        let issued = certificate(2020, 2060);
        let read = validity(issued.cert.der()).unwrap();
        assert_eq!(read, Validity { from: day("2020-01-01"), until: day("2060-01-01") });
    }

    #[test]
    fn a_chain_ends_with_its_first_and_a_bundle_of_authorities_with_its_last_and_each_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, years: &[i32]| {
            let path = folder.path().join(name);
            let pems = years.iter().map(|until| certificate(2020, *until).cert.pem());
            std::fs::write(&path, pems.collect::<String>()).unwrap();
            path
        };
        let end = |what, until| End { what, until: day(until) };
        let files = [
            ("building.cert", Bundle::Chain, file("a", &[2030, 2028])),
            ("office.cert", Bundle::Chain, file("b", &[2029])),
            ("office.ca", Bundle::Authorities, file("c", &[2021, 2040])),
            ("building.ca", Bundle::Authorities, folder.path().join("nowhere")),
        ];
        let all =
            [end("building.cert", "2028-01-01"), end("office.cert", "2029-01-01"), end("office.ca", "2040-01-01")];
        assert_eq!(ends(&files), all);
        assert!(all[0].is_soon(day("2027-12-15")) && !all[0].is_soon(day("2027-11-01")));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = validity(&bytes);
        }
    }
}
