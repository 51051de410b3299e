//! The page's certificate: the one that is configured, read again when its files change, or one that the daemon makes for the building's network and makes
//! anew before it ends. Its fingerprint is what a person compares when a browser asks for the first time.

use crate::event::Now;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
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

/// Seconds since 1970 before which no lobbyd of this kind was made (2026-01-01): a Raspberry Pi that does not know the time
/// yet would make a certificate that has long ended when it does.
const MADE_AFTER: i64 = 1_767_225_600;

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
            Next::Own(own) => now.synced && now.utc >= own.renew_at,
            Next::Given(given) => given.has_changed(),
        }
    }

    /// # Errors
    /// When it cannot be made, or what is there is none.
    pub fn take(&self, now: Now) -> Result<Identity, TlsFault> {
        match self {
            Next::Own(Own { data_dir, names, .. }) => own(data_dir, names, now.utc),
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
    /// From then on another is to be made.
    pub renew_at: DateTime<Utc>,
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

/// The certificate of the daemon's own making. Makes one where there is none, where its names have changed, or where it
/// ends soon.
///
/// # Errors
/// When the data folder cannot be read or written.
pub fn own(data_dir: &Path, names: &[String], now: DateTime<Utc>) -> Result<Identity, TlsFault> {
    let (cert, key) = (data_dir.join(CERT_FILE), data_dir.join(KEY_FILE));
    let now = DateTime::from_timestamp(MADE_AFTER, 0).map_or(now, |first| now.max(first));
    // A clock that stands before the certificate's beginning has not been set yet: no reason to make another.
    let mut lasts = lasts_until(&cert, names).filter(|until| now < *until - RENEW && key.exists());
    if lasts.is_none() {
        make(&cert, &key, names, now)?;
        lasts = lasts_until(&cert, names);
    }
    let renew_at = lasts.map_or(now, |until| until - RENEW);
    let own = Own { data_dir: data_dir.to_owned(), names: names.to_vec(), renew_at };
    Ok(Identity { next: Next::Own(own), ..given(&cert, &key)? })
}

/// The first lines of the file say what it was made for: dates and names need no parser of certificates.
fn lasts_until(cert: &Path, names: &[String]) -> Option<DateTime<Utc>> {
    let text = fs::read_to_string(cert).ok()?;
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key).map(str::trim).map(str::to_owned));
    let until = DateTime::parse_from_rfc3339(&line("until:")?).ok()?.to_utc();
    (line("names:")? == names.join(" ")).then_some(until)
}

fn make(cert: &Path, key: &Path, names: &[String], now: DateTime<Utc>) -> Result<(), TlsFault> {
    let fault = |error: rcgen::Error| TlsFault::Make(error.to_string());
    let mut params = rcgen::CertificateParams::new(names.to_vec()).map_err(fault)?;
    let until = now + VALID;
    // A day early: browsers whose clock is a little behind must not refuse it.
    let day = |at: DateTime<Utc>| rcgen::date_time_ymd(at.year(), at.month() as u8, at.day() as u8);
    params.not_before = day(now - TimeDelta::days(1));
    params.not_after = day(until);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "lobbyd");
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let pair = rcgen::KeyPair::generate().map_err(fault)?;
    let made = params.self_signed(&pair).map_err(fault)?;
    // The day as the certificate has it: without the time.
    let until = until.format("%Y-%m-%dT00:00:00Z");
    let text = format!("until: {until}\nnames: {}\n{}", names.join(" "), made.pem());
    let written = write(key, pair.serialize_pem().as_bytes(), 0o600).map_err(|error| (key, error));
    let written = written.and_then(|()| write(cert, text.as_bytes(), 0o644).map_err(|error| (cert, error)));
    written.map_err(|(path, error)| file(path, error))
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

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-11-21T04:00:00Z").unwrap().to_utc()
    }

    #[test]
    fn a_certificate_is_made_once_and_again_before_it_ends_or_when_its_names_change() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["lobby-1.example".to_owned(), "10.0.0.5".to_owned()];
        let first = own(folder.path(), &names, now()).unwrap().fingerprint;
        assert_eq!(own(folder.path(), &names, now() + TimeDelta::days(700)).unwrap().fingerprint, first);
        assert_eq!(own(folder.path(), &names, now() - TimeDelta::days(9000)).unwrap().fingerprint, first);
        assert_ne!(own(folder.path(), &names, now() + TimeDelta::days(731)).unwrap().fingerprint, first);
        let second = own(folder.path(), &names, now()).unwrap().fingerprint;
        assert_ne!(own(folder.path(), &names[..1], now()).unwrap().fingerprint, second);
        let mode = fs::metadata(folder.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_machine_that_does_not_know_the_time_makes_a_certificate_that_lasts() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned()];
        let made = own(folder.path(), &names, DateTime::UNIX_EPOCH).unwrap().fingerprint;
        assert_eq!(own(folder.path(), &names, now()).unwrap().fingerprint, made);
    }

    #[test]
    fn a_wrong_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let nothing = folder.path().join("nothing.pem");
        let fault = given(&nothing, &nothing).err().unwrap().to_string();
        assert!(fault.contains("nothing.pem"), "{fault}");
    }
}
