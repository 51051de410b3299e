//! A certificate authority of a test's own, and Mosquittos that trust it.

use super::house::broker;
use super::mosquitto::Mosquitto;
use lobbyd::config::Broker;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};
use std::fs;
use std::path::PathBuf;

/// An authority in a folder, which signs what the test needs.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    dir: tempfile::TempDir,
}

impl Authority {
    pub fn new() -> Self {
        Self::until(2099)
    }

    /// One that ends with this year.
    pub fn until(year: i32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "authority of a test");
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(year, 12, 31));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        fs::write(dir.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Authority { issuer: Issuer::new(params, key), dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes `{file}.pem` and `{file}.key`, valid from 2020 to the end of `until`.
    pub fn issue(&self, file: &str, host: &str, until: i32, usage: ExtendedKeyUsagePurpose) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, file);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 12, 31);
        params.extended_key_usages = vec![usage];
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        fs::write(self.path(&format!("{file}.pem")), certificate.pem()).unwrap();
        fs::write(self.path(&format!("{file}.key")), key.serialize_pem()).unwrap();
    }

    pub fn server(&self, host: &str, until: i32) {
        self.issue("server", host, until, ExtendedKeyUsagePurpose::ServerAuth);
    }

    pub fn mosquitto(&self, listener: &str) -> Mosquitto {
        self.mosquitto_with("", listener)
    }

    /// `more` is for the whole broker.
    pub fn mosquitto_with(&self, more: &str, listener: &str) -> Mosquitto {
        let path = |name| self.path(name).display().to_string();
        let (ca, cert, key) = (path("ca.pem"), path("server.pem"), path("server.key"));
        Mosquitto::with_listener(more, &format!("cafile {ca}\ncertfile {cert}\nkeyfile {key}\n{listener}"))
    }

    pub fn broker(&self, mosquitto: &Mosquitto) -> Broker {
        Broker { ca: Some(self.path("ca.pem")), ..broker(&format!("mqtts://127.0.0.1:{}", mosquitto.port)) }
    }
}
