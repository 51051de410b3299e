//! The page's certificate: the one that is configured, read again when its files change, or one that the daemon makes for the building's network and makes
//! anew before it ends. Its fingerprint is what a person compares when a browser asks for the first time.

use crate::event::Now;
use chrono::{DateTime, Datelike, DurationRound, TimeDelta, Utc};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// The certificate that the daemon makes, in the data folder, with its key.
pub const CERT_FILE: &str = "console.crt";
pub const KEY_FILE: &str = "console.key";
/// Browsers take 825 days at most from a certificate that somebody trusts by hand (Apple, since 2019).
const VALID: TimeDelta = TimeDelta::days(820);
/// Made anew so long before it ends: a machine that is switched off for a season must not wake up with a dead one.
const RENEW: TimeDelta = TimeDelta::days(90);
/// Valid so long before it is made: browsers whose clock is a little behind must not refuse it.
const EARLY: TimeDelta = TimeDelta::days(1);

/// Seconds since 1970 before which no lobbyd of this kind was made (2026-01-01): a Raspberry Pi that does not know the time
/// yet would make a certificate that has long ended when it does.
const MADE_AFTER: i64 = 1_767_225_600;

fn plausible(now: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(MADE_AFTER, 0).map_or(now, |first| now.max(first))
}

#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    #[error("{path}: {why}")]
    File { path: PathBuf, why: String },
    #[error("the certificate {cert} and the key {key} do not fit: {why}")]
    Mismatch { cert: PathBuf, key: PathBuf, why: String },
    #[error("no certificate can be made: {0}")]
    Make(String),
}

fn file(path: &Path, why: impl ToString) -> TlsFault {
    TlsFault::File { path: path.to_owned(), why: why.to_string() }
}

/// What a server needs, and the fingerprint that a person compares.
pub struct Identity {
    pub config: Arc<ServerConfig>,
    pub fingerprint: String,
    pub next: Next,
}

/// Where the next certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The daemon makes it.
    Own(Own),
    /// Whoever gave this one puts it in its place.
    Given(Given),
}

impl Next {
    /// Reads two entries of a folder at the most.
    pub fn is_due(&self, now: Now) -> bool {
        match self {
            // A clock that nobody has set may stand in any year.
            Next::Own(own) => now.synced && !own.serves(now),
            Next::Given(given) => given.has_changed(),
        }
    }

    /// # Errors
    /// When it cannot be made, or what is there is none.
    pub fn take(&self, now: Now) -> Result<Identity, TlsFault> {
        match self {
            Next::Own(Own { data_dir, names, .. }) => own(data_dir, names, now),
            Next::Given(Given { cert, key, .. }) => given(cert, key),
        }
    }
}

/// A certificate and its key in files of somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    cert: PathBuf,
    key: PathBuf,
    seen: [Seen; 2],
}

/// By which a file is known that somebody has changed; `None`: it is not there.
type Seen = Option<(u64, u64, SystemTime)>;

impl Given {
    fn look(cert: &Path, key: &Path) -> Self {
        let seen = [cert, key].map(|path| {
            let metadata = fs::metadata(path).ok()?;
            Some((metadata.ino(), metadata.len(), metadata.modified().ok()?))
        });
        Given { cert: cert.to_owned(), key: key.to_owned(), seen }
    }

    fn has_changed(&self) -> bool {
        Given::look(&self.cert, &self.key) != *self
    }
}

/// A certificate of the daemon's own making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    data_dir: PathBuf,
    names: Vec<String>,
    /// As the certificate has it: a day without the time.
    until: DateTime<Utc>,
}

impl Own {
    /// From then on another is to be made.
    pub fn renew_at(&self) -> DateTime<Utc> {
        self.until - RENEW
    }

    /// Whether it is valid, and for some time to come. A clock before its beginning has not been set yet, which is no reason to make
    /// another; one that is right shows that it was made by a clock that stood in the future.
    fn serves(&self, now: Now) -> bool {
        let from = self.until - VALID - EARLY;
        plausible(now.utc) < self.renew_at() && (plausible(now.utc) >= from || !now.synced)
    }
}

/// Reads a certificate with its key.
///
/// # Errors
/// When a file cannot be read, or the two do not belong together.
pub fn given(cert: &Path, key: &Path) -> Result<Identity, TlsFault> {
    // First: what changes while it is read is read again.
    let next = Next::Given(Given::look(cert, key));
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .map_err(|error| file(cert, format!("no certificate in PEM form can be read: {error}")))?;
    let first = chain.first().ok_or_else(|| file(cert, "holds no certificate in PEM form"))?;
    let fingerprint = fingerprint(first);
    let secret = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| file(key, format!("no key in PEM form can be read: {error}")))?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring offers TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|error| TlsFault::Mismatch { cert: cert.into(), key: key.into(), why: error.to_string() })?;
    Ok(Identity { config: Arc::new(config), fingerprint, next })
}

/// The certificate of the daemon's own making. Makes one where there is none, where its names have changed, where it ends soon,
/// or where it is not valid yet.
///
/// # Errors
/// When the data folder cannot be read or written.
pub fn own(data_dir: &Path, names: &[String], now: Now) -> Result<Identity, TlsFault> {
    let (cert, key) = (data_dir.join(CERT_FILE), data_dir.join(KEY_FILE));
    let kept = lasts_until(&cert, names).filter(|_| key.exists());
    let own = |until| Own { data_dir: data_dir.to_owned(), names: names.to_vec(), until };
    let own = match kept.map(own).filter(|own| own.serves(now)) {
        Some(own) => own,
        None => own(make(&cert, &key, names, now.utc)?),
    };
    Ok(Identity { next: Next::Own(own), ..given(&cert, &key)? })
}

/// The first lines of the file say what it was made for: dates and names need no parser of certificates.
fn lasts_until(cert: &Path, names: &[String]) -> Option<DateTime<Utc>> {
    let text = fs::read_to_string(cert).ok()?;
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key).map(str::trim).map(str::to_owned));
    let until = DateTime::parse_from_rfc3339(&line("until:")?).ok()?.to_utc();
    (line("names:")? == names.join(" ")).then_some(until)
}

/// Until when it is valid.
fn make(cert: &Path, key: &Path, names: &[String], now: DateTime<Utc>) -> Result<DateTime<Utc>, TlsFault> {
    let fault = |error: rcgen::Error| TlsFault::Make(error.to_string());
    let mut params = rcgen::CertificateParams::new(names.to_vec()).map_err(fault)?;
    let now = plausible(now);
    // The day as the certificate has it: without the time.
    let until = (now + VALID).duration_trunc(TimeDelta::days(1)).unwrap_or(now + VALID);
    let day = |at: DateTime<Utc>| rcgen::date_time_ymd(at.year(), at.month() as u8, at.day() as u8);
    params.not_before = day(now - EARLY);
    params.not_after = day(until);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "lobbyd");
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let pair = rcgen::KeyPair::generate().map_err(fault)?;
    let made = params.self_signed(&pair).map_err(fault)?;
    let text = format!("until: {}\nnames: {}\n{}", until.to_rfc3339(), names.join(" "), made.pem());
    let written = write(key, pair.serialize_pem().as_bytes(), 0o600).map_err(|error| (key, error));
    let written = written.and_then(|()| write(cert, text.as_bytes(), 0o644).map_err(|error| (cert, error)));
    written.map(|()| until).map_err(|(path, error)| file(path, error))
}

/// Whole or not at all.
fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let next = path.with_extension("new");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&next)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    fs::rename(&next, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// The fingerprint of the first certificate of a file.
///
/// # Errors
/// When there is none.
pub fn fingerprint_of(cert: &Path) -> Result<String, TlsFault> {
    CertificateDer::from_pem_file(cert).map(|der| fingerprint(&der)).map_err(|error| file(cert, error))
}

/// SHA-256 as browsers show it.
fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let digest = Sha256::digest(certificate.as_ref());
    digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

/// The names of this machine for a certificate of its own: what is configured, its host name, itself, and where it listens.
pub fn names(configured: &[String], listen: IpAddr) -> Vec<String> {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim().to_lowercase();
    let mut names: Vec<String> = configured.to_vec();
    if !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') {
        names.extend([host.clone(), format!("{host}.local")]);
    }
    if !listen.is_unspecified() {
        names.push(listen.to_string());
    }
    names.extend(["localhost".to_owned(), "127.0.0.1".to_owned()]);
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// So many days after this one, by a clock that is set or not.
    fn day(days: i64, synced: bool) -> Now {
        let first = DateTime::parse_from_rfc3339("2026-11-21T04:00:00Z").unwrap().to_utc();
        Now { utc: first + TimeDelta::days(days), synced }
    }

    #[test]
    fn a_certificate_is_made_once_and_again_before_it_ends_or_when_its_names_change() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["lobby-1.example".to_owned(), "10.0.0.5".to_owned()];
        let own = |names: &[String], now| own(folder.path(), names, now).unwrap().fingerprint;
        let first = own(&names, day(0, true));
        assert_eq!(own(&names, day(700, true)), first);
        assert_eq!(own(&names, day(-9000, false)), first, "a clock that is not set is no reason");
        assert_ne!(own(&names, day(731, true)), first);
        let second = own(&names, day(731, true));
        assert_ne!(own(&names[..1], day(731, true)), second);
        let mode = fs::metadata(folder.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_machine_that_does_not_know_the_time_makes_a_certificate_that_lasts() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned()];
        let made = own(folder.path(), &names, Now { utc: DateTime::UNIX_EPOCH, synced: false }).unwrap().fingerprint;
        assert_eq!(own(folder.path(), &names, day(0, true)).unwrap().fingerprint, made);
    }

    /// No browser takes it before its first day, and nobody would find out why.
    #[test]
    fn a_certificate_that_was_made_by_a_clock_in_the_future_is_replaced_once_the_time_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned()];
        let made = own(folder.path(), &names, day(400, false)).unwrap();
        assert!(!made.next.is_due(day(0, false)) && !made.next.is_due(day(400, true)), "in doubt it stays");
        assert!(made.next.is_due(day(0, true)));
        let next = made.next.take(day(0, true)).unwrap();
        assert!(next.fingerprint != made.fingerprint && !next.next.is_due(day(0, true)));
        assert_eq!(own(folder.path(), &names, day(0, true)).unwrap().fingerprint, next.fingerprint);
    }

    #[test]
    fn a_wrong_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let nothing = folder.path().join("nothing.pem");
        let fault = given(&nothing, &nothing).err().unwrap().to_string();
        assert!(fault.contains("nothing.pem"), "{fault}");
    }
}
