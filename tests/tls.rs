//! TLS and logins against a real Mosquitto: what is right connects, and what is wrong is said plainly.

mod common;

use common::house::{broker, limits};
use common::mosquitto::Mosquitto;
use lobbyd::config::Broker;
use lobbyd::link::{Fault, Link, Session, Settings};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An authority in a folder, which signs what the test needs.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    dir: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "authority of a test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        fs::write(dir.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Authority { issuer: Issuer::new(params, key), dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes `{file}.pem` and `{file}.key`, valid from 2020 to the end of `until`.
    fn issue(&self, file: &str, host: &str, until: i32, usage: ExtendedKeyUsagePurpose) {
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

    fn server(&self, host: &str, until: i32) {
        self.issue("server", host, until, ExtendedKeyUsagePurpose::ServerAuth);
    }

    fn mosquitto(&self, more: &str) -> Mosquitto {
        let path = |name| self.path(name).display().to_string();
        let (ca, cert, key) = (path("ca.pem"), path("server.pem"), path("server.key"));
        Mosquitto::with_listener("", &format!("cafile {ca}\ncertfile {cert}\nkeyfile {key}\n{more}"))
    }

    fn broker(&self, mosquitto: &Mosquitto) -> Broker {
        Broker { ca: Some(self.path("ca.pem")), ..broker(&format!("mqtts://127.0.0.1:{}", mosquitto.port)) }
    }
}

async fn connect(broker: Broker) -> Result<(), Fault> {
    let settings = Settings {
        name: "office",
        broker,
        client_id: "test".into(),
        session: Session::Clean,
        will: None,
        limits: limits(),
    };
    let (mut link, _state) = Link::new(settings);
    link.connect().await.map(drop)
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_certificate_of_the_configured_authority_is_trusted_and_no_other() {
    let authority = Authority::new();
    authority.server("127.0.0.1", 2099);
    let mosquitto = authority.mosquitto("");
    assert_eq!(connect(authority.broker(&mosquitto)).await, Ok(()));
    let other = Authority::new();
    let distrusting = Broker { ca: Some(other.path("ca.pem")), ..authority.broker(&mosquitto) };
    assert_eq!(connect(distrusting).await, Err(Fault::UnknownAuthority));
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn an_expired_certificate_and_one_for_another_host_are_told_apart() {
    let authority = Authority::new();
    authority.server("127.0.0.1", 2021);
    let mosquitto = authority.mosquitto("");
    assert_eq!(connect(authority.broker(&mosquitto)).await, Err(Fault::CertificateExpired));
    authority.server("broker.office.example", 2099);
    let mosquitto = authority.mosquitto("");
    assert_eq!(connect(authority.broker(&mosquitto)).await, Err(Fault::WrongName));
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_broker_that_wants_a_client_certificate_gets_it_and_says_when_it_is_missing_or_expired() {
    let authority = Authority::new();
    authority.server("127.0.0.1", 2099);
    let mosquitto = authority.mosquitto("require_certificate true\n");
    let with = |file: &str| Broker {
        cert: Some(authority.path(&format!("{file}.pem"))),
        key: Some(authority.path(&format!("{file}.key"))),
        ..authority.broker(&mosquitto)
    };
    authority.issue("client", "lobby-1", 2099, ExtendedKeyUsagePurpose::ClientAuth);
    assert_eq!(connect(with("client")).await, Ok(()));
    authority.issue("old", "lobby-1", 2021, ExtendedKeyUsagePurpose::ClientAuth);
    let fault = connect(with("old")).await.unwrap_err();
    assert!(matches!(&fault, Fault::ClientCertificate(why) if why.contains("expired")), "{fault}");
    let fault = connect(authority.broker(&mosquitto)).await.unwrap_err();
    assert!(matches!(fault, Fault::ClientCertificate(_)), "{fault}");
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn tls_on_a_plain_port_and_plain_on_a_tls_port_are_explained() {
    let authority = Authority::new();
    authority.server("127.0.0.1", 2099);
    let (tls, plain) = (authority.mosquitto(""), Mosquitto::start(""));
    let fault = connect(authority.broker(&plain)).await.unwrap_err();
    assert!(fault.to_string().contains("right port") || fault.to_string().contains("TLS port"), "{fault}");
    assert_eq!(connect(broker(&tls.url())).await, Err(Fault::ClosedAtOnce));
}

fn passwords(dir: &Path) -> PathBuf {
    let file = dir.join("passwords");
    let made =
        Command::new("mosquitto_passwd").args(["-b", "-c"]).arg(&file).args(["lobby", "right"]).status().unwrap();
    assert!(made.success());
    file
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_wrong_password_and_an_unreachable_broker_are_said_plainly() {
    let dir = tempfile::tempdir().unwrap();
    let file = passwords(dir.path());
    let mut mosquitto = Mosquitto::start(&format!("allow_anonymous false\npassword_file {}", file.display()));
    let login = |password: &str| {
        let path = dir.path().join("password");
        fs::write(&path, password).unwrap();
        Broker { user: Some("lobby".into()), password_file: Some(path), ..broker(&mosquitto.url()) }
    };
    assert_eq!(connect(login("right\n")).await, Ok(()));
    let fault = connect(login("wrong")).await.unwrap_err();
    assert!(matches!(fault, Fault::BadLogin | Fault::NotAuthorized), "{fault}");
    assert!(fault.to_string().contains("password_file"));
    let right = login("right");
    mosquitto.down();
    assert!(matches!(connect(right).await, Err(Fault::Unreachable(_))));
}
