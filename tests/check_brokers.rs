//! `lobbyd check` against a real Mosquitto with TLS and passwords: all well says so, and each thing that a technician gets
//! wrong is named with its remedy.

mod common;

use common::mosquitto::Mosquitto;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A site in a folder, with one broker for building and office.
struct Site {
    folder: tempfile::TempDir,
    broker: Mosquitto,
}

impl Site {
    /// A broker whose certificate ends with `until` and that knows one user.
    fn new(until: i32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        certificates(folder.path(), until);
        fs::write(path("office.password"), "correct horse\n").unwrap();
        fs::set_permissions(path("office.password"), fs::Permissions::from_mode(0o600)).unwrap();
        let users = path("users");
        let mut make = Command::new("mosquitto_passwd");
        make.arg("-c").arg("-b").arg(&users).args(["lobby", "correct horse"]);
        assert!(make.status().expect("mosquitto_passwd comes with mosquitto").success());
        let show = |path: PathBuf| path.display().to_string();
        let broker = Mosquitto::with_listener(
            &format!("allow_anonymous false\npassword_file {}", show(users)),
            &format!("certfile {}\nkeyfile {}", show(path("server.pem")), show(path("server.key"))),
        );
        fs::create_dir(path("data")).unwrap();
        fs::set_permissions(path("data"), fs::Permissions::from_mode(0o700)).unwrap();
        Site { folder, broker }
    }

    /// Runs `check` with `replace` done to a good configuration. Exit code and report.
    fn check(&self, replace: &[(&str, &str)]) -> (i32, Value) {
        let login = format!(
            "url = \"mqtts://127.0.0.1:{}\"\nuser = \"lobby\"\npassword_file = \"office.password\"\nca = \"ca.pem\"\n",
            self.broker.port
        );
        let mut text = format!(
            "board = \"headless\"\ndata_dir = \"data\"\n[site]\nid = \"riverside\"\ngateway = \"lobby-1\"\n\
             [building]\n{login}[office]\n{login}"
        );
        for (from, to) in replace {
            text = text.replace(from, to);
        }
        let config = self.folder.path().join("lobby.toml");
        fs::write(&config, text).unwrap();
        let mut check = Command::new(env!("CARGO_BIN_EXE_lobbyd"));
        let output = check.args(["check", "--json", "--config"]).arg(&config).output().unwrap();
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        (output.status.code().unwrap(), report)
    }
}

fn certificates(folder: &Path, until: i32) {
    let key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    fs::write(folder.join("ca.pem"), authority.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let mut server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    server.not_before = date_time_ymd(2020, 1, 1);
    server.not_after = date_time_ymd(until, 12, 31);
    fs::write(folder.join("server.pem"), server.signed_by(&key, &issuer).unwrap().pem()).unwrap();
    fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
}

/// The findings of one level about the office, as one text.
fn about_office(report: &Value, level: &str) -> String {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|f| f["area"] == "office" && f["level"] == level).map(|f| format!("{f}\n")).collect()
}

#[test]
#[ignore = "needs mosquitto: run ./tests/run"]
fn a_site_that_is_right_has_no_faults_and_the_brokers_certificate_is_dated() {
    let site = Site::new(2099);
    let (code, report) = site.check(&[]);
    assert_eq!((code, &report["ok"]), (0, &Value::Bool(true)), "{report}");
    assert!(about_office(&report, "ok").contains("lets us in"), "{report}");
    assert!(report.to_string().contains("the certificate of 127.0.0.1 is valid until 2099-12-31"), "{report}");
}

#[test]
#[ignore = "needs mosquitto: run ./tests/run"]
fn a_wrong_password_an_unknown_authority_and_a_wrong_port_are_told_apart_and_no_password_is_printed() {
    let site = Site::new(2099);
    fs::write(site.folder.path().join("wrong.password"), "battery staple").unwrap();
    let (code, report) = site.check(&[("office.password", "wrong.password")]);
    assert_eq!(code, 1);
    assert!(about_office(&report, "fault").contains("password"), "{report}");
    assert!(report.to_string().contains("wrong.password is readable by every user"), "{report}");
    assert!(!report.to_string().contains("battery"), "{report}");
    let (_, report) = site.check(&[("ca = \"ca.pem\"\n", "")]);
    assert!(about_office(&report, "fault").contains("authority"), "{report}");
    let (_, report) = site.check(&[("mqtts://", "mqtt://"), ("ca = \"ca.pem\"\n", "")]);
    assert!(about_office(&report, "fault").contains("mqtts://"), "{report}");
}

#[test]
#[ignore = "needs mosquitto: run ./tests/run"]
fn an_expired_certificate_of_the_broker_is_said_to_have_expired() {
    let (code, report) = Site::new(2021).check(&[]);
    assert_eq!(code, 1);
    assert!(about_office(&report, "fault").contains("expired"), "{report}");
}
