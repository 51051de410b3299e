//! TLS for a broker: which authorities to trust and which certificate to show. Files are read anew for every
//! connection, so that a renewed certificate needs no restart. Keys never leave this file.

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;

/// What is wrong with our own TLS files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    #[error("{what} {path} cannot be read: {why}")]
    File { what: &'static str, path: String, why: String },
    #[error("{what} {path} holds no {wanted} in PEM form")]
    Empty { what: &'static str, path: String, wanted: &'static str },
    #[error("this machine has no trusted authorities: install ca-certificates, or set `ca`")]
    NoSystemRoots,
    #[error("`cert` and `key` belong together: set both or none")]
    Half,
    #[error("the client certificate {cert} and its key {key} do not fit: {why}")]
    Mismatch { cert: String, key: String, why: String },
}

/// A client configuration with the ring provider. `ca` replaces the system's authorities; `cert` and `key` come together.
pub fn client_config(ca: Option<&Path>, cert: Option<&Path>, key: Option<&Path>) -> Result<ClientConfig, TlsFault> {
    let roots = match ca {
        Some(path) => configured_roots(path)?,
        None => system_roots()?,
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring offers TLS 1.2 and 1.3")
        .with_root_certificates(roots);
    match (cert, key) {
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(cert), Some(key)) => {
            let chain = certificates("the client certificate", cert)?;
            let secret = private_key(key)?;
            builder.with_client_auth_cert(chain, secret).map_err(|error| TlsFault::Mismatch {
                cert: cert.display().to_string(),
                key: key.display().to_string(),
                why: error.to_string(),
            })
        }
        _ => Err(TlsFault::Half),
    }
}

fn configured_roots(path: &Path) -> Result<RootCertStore, TlsFault> {
    const WHAT: &str = "the authority file";
    let mut roots = RootCertStore::empty();
    for certificate in certificates(WHAT, path)? {
        roots.add(certificate).map_err(|error| TlsFault::File {
            what: WHAT,
            path: path.display().to_string(),
            why: error.to_string(),
        })?;
    }
    Ok(roots)
}

/// The system's store holds some two hundred certificates; a few that cannot be parsed do not matter.
fn system_roots() -> Result<RootCertStore, TlsFault> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err(TlsFault::NoSystemRoots) } else { Ok(roots) }
}

fn certificates(what: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let fault = |error: pem::Error| unreadable(what, path, "certificate", error);
    let certificates: Vec<_> =
        CertificateDer::pem_file_iter(path).map_err(fault)?.collect::<Result<_, _>>().map_err(fault)?;
    if certificates.is_empty() {
        return Err(TlsFault::Empty { what, path: path.display().to_string(), wanted: "certificate" });
    }
    Ok(certificates)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsFault> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| unreadable("the key", path, "private key", error))
}

fn unreadable(what: &'static str, path: &Path, wanted: &'static str, error: pem::Error) -> TlsFault {
    let path = path.display().to_string();
    match error {
        pem::Error::NoItemsFound => TlsFault::Empty { what, path, wanted },
        pem::Error::Io(error) => TlsFault::File { what, path, why: error.to_string() },
        _ => TlsFault::File { what, path, why: "it is not valid PEM".into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn issue() -> (String, String) {
        let issued = rcgen::generate_simple_self_signed(vec!["broker".into()]).unwrap();
        (issued.cert.pem(), issued.signing_key.serialize_pem())
    }

    #[test]
    fn a_configured_authority_and_a_client_certificate_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        let (certificate, secret) = issue();
        fs::write(&cert, certificate).unwrap();
        fs::write(&key, secret).unwrap();
        assert!(client_config(Some(&cert), Some(&cert), Some(&key)).is_ok());
    }

    #[test]
    fn a_fault_names_the_file_and_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (certificate, _) = issue();
        let (_, another_key) = issue();
        fs::write(path("cert.pem"), certificate).unwrap();
        fs::write(path("key.pem"), another_key).unwrap();
        fs::write(path("empty.pem"), "").unwrap();
        let said = |ca: &str, cert: Option<&str>, key: Option<&str>| {
            let (cert, key) = (cert.map(path), key.map(path));
            client_config(Some(&path(ca)), cert.as_deref(), key.as_deref()).unwrap_err().to_string()
        };
        assert!(said("missing.pem", None, None).contains("missing.pem cannot be read"));
        assert!(said("empty.pem", None, None).contains("holds no certificate"));
        assert!(said("cert.pem", Some("cert.pem"), None).contains("both or none"));
        assert!(said("cert.pem", Some("cert.pem"), Some("empty.pem")).contains("holds no private key"));
        assert!(said("cert.pem", Some("cert.pem"), Some("key.pem")).contains("do not fit"));
    }
}
