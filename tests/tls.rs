//! TLS, logins and access lists against a real Mosquitto: what is right connects, what is wrong is said plainly, and nobody reads or
//! writes what is another's.

mod common;

use chrono::Datelike;
use common::authority::Authority;
use common::blocking_until;
use common::daemon::{Daemon, SITE};
use common::house::{self, broker, limits};
use common::mosquitto::Mosquitto;
use common::shim::{Shim, Synced};
use common::tool::NOBODY;
use lobbyd::config::Broker;
use lobbyd::event::Kind;
use lobbyd::journal::{Lane, Reader};
use lobbyd::link::{Connection, Fault, Heard, Link, Session, Settings, Verdict};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn settings(broker: Broker, client_id: &str) -> Settings {
    let client_id = client_id.to_owned();
    Settings { name: "office", broker, client_id, session: Session::Clean, will: None, limits: limits() }
}

async fn connect(broker: Broker) -> Result<(), Fault> {
    let (mut link, _state) = Link::new(settings(broker, "test"));
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
    // What somebody makes in a hurry, or to stand in between: an authority of his own that is the server, too.
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    fs::write(authority.path("server.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(authority.path("server.key"), key.serialize_pem()).unwrap();
    let mosquitto = authority.mosquitto("");
    let fault = connect(authority.broker(&mosquitto)).await.unwrap_err();
    assert!(fault.is_of_a_certificate(), "it is journaled as what it is: {fault:?}");
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

#[test]
#[ignore = "needs mosquitto: run ./tests/run"]
fn an_office_with_the_certificate_of_another_is_journaled_and_gets_everything_when_it_has_its_own() {
    let (authority, dir) = (Authority::new(), tempfile::tempdir().unwrap());
    authority.server("broker.office.example", 2099);
    let mut mosquitto = authority.mosquitto("");
    let office = format!("mqtts://127.0.0.1:{}", mosquitto.port);
    let trusted = vec![("SSL_CERT_FILE".into(), authority.path("ca.pem").display().to_string())];
    let mut daemon = Daemon::elsewhere(dir.path(), SITE, NOBODY, &office, Vec::new(), trusted);
    let data = dir.path().join("data");
    // Nothing, while the journal is being made.
    let rows = || Reader::open(&data).and_then(|reader| reader.all_after(0, 1000)).unwrap_or_default();
    let refused = || rows().into_iter().filter(|row| row.kind == Kind::CertificateRefused).collect::<Vec<_>>();
    blocking_until("it is journaled", || !refused().is_empty());
    let told: Value = serde_json::from_str(refused()[0].data.get()).unwrap();
    assert_eq!(told, json!({ "link": "office", "reason": "wrong-name" }));
    // A restart later it is the same day.
    assert!(daemon.stop().success());
    daemon.up();
    blocking_until("it is tried again", || daemon.log().matches("not for this host name").count() == 2);
    assert_eq!(refused().len(), 1, "once a day");
    mosquitto.down();
    authority.server("127.0.0.1", 2099);
    mosquitto.up();
    blocking_until("the office has everything", || {
        let reader = Reader::open(&data).unwrap();
        Lane::ALL.iter().all(|lane| reader.unsent(*lane).unwrap().0 == 0)
    });
    assert!(daemon.stop().success());
}

#[test]
#[ignore = "needs a C compiler: run ./tests/run"]
fn the_office_hears_once_a_day_of_each_certificate_that_ends_soon() {
    let (dir, made) = (tempfile::tempdir().unwrap(), KeyPair::generate().unwrap());
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let until = chrono::Utc::now().date_naive() + chrono::TimeDelta::days(10);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until.year(), until.month() as u8, until.day() as u8);
    let (cert, key) = (dir.path().join("page.pem"), dir.path().join("page.key"));
    fs::write(&cert, params.self_signed(&made).unwrap().pem()).unwrap();
    fs::write(&key, made.serialize_pem()).unwrap();
    let page = format!("[console]\ncert = \"{}\"\nkey = \"{}\"\n", cert.display(), key.display());
    // A machine that does not know the time says nothing of the kind.
    let shim = Shim::new(dir.path());
    shim.synced(Synced::No);
    let mut daemon = Daemon::on(&shim, dir.path(), NOBODY, NOBODY, &page);
    let rows =
        || Reader::open(&dir.path().join("data")).and_then(|reader| reader.all_after(0, 1000)).unwrap_or_default();
    let told = || rows().into_iter().filter(|row| row.kind == Kind::CertificateExpiring).collect::<Vec<_>>();
    let opened = |daemon: &Daemon| daemon.log().matches("the lobby is open").count();
    blocking_until("the lobby is open", || opened(&daemon) == 1);
    assert!(daemon.stop().success());
    assert!(told().is_empty(), "{:?}", told());
    // And the office's authority has ended: that must not hide the other one, nor the other way round.
    let authority = Authority::until(2021);
    let config = dir.path().join("lobby.toml");
    let office = format!("[office]\nurl = \"mqtts://127.0.0.1:9\"\nca = \"{}\"", authority.path("ca.pem").display());
    let text = fs::read_to_string(&config).unwrap().replace(&format!("[office]\nurl = \"{NOBODY}\""), &office);
    fs::write(&config, text).unwrap();
    shim.synced(Synced::Yes);
    daemon.up();
    blocking_until("both are journaled", || told().len() == 2);
    let said = |what: &str| {
        let all = told().into_iter().map(|row| serde_json::from_str::<Value>(row.data.get()).unwrap());
        all.into_iter().find(|said| said["what"] == what).unwrap()["days"].as_i64().unwrap()
    };
    assert!((9..=10).contains(&said("console.cert")) && said("office.ca") < 0);
    assert!(daemon.stop().success());
    daemon.up();
    blocking_until("the lobby is open once more", || opened(&daemon) == 3);
    assert!(daemon.stop().success());
    assert_eq!(told().len(), 2, "each once a day");
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

    // A new one in the place of the old: the same link takes it with its next try.
    let (mut link, _state) = Link::new(settings(with("old"), "renewed"));
    assert!(link.connect().await.is_err());
    authority.issue("old", "lobby-1", 2099, ExtendedKeyUsagePurpose::ClientAuth);
    assert!(link.connect().await.is_ok());
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

/// Puts a password into the file for Mosquitto in this folder.
fn password(dir: &Path, user: &str, password: &str) -> PathBuf {
    let file = dir.join("passwords");
    let mut command = Command::new("mosquitto_passwd");
    command.arg("-b");
    if !file.exists() {
        command.arg("-c");
    }
    assert!(command.arg(&file).args([user, password]).status().unwrap().success());
    file
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_wrong_password_and_an_unreachable_broker_are_said_plainly() {
    let dir = tempfile::tempdir().unwrap();
    let file = password(dir.path(), "lobby", "right");
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

/// The block of docs/brokers.md that begins so, as it stands there.
fn block_of(begins: &str) -> &'static str {
    let page = include_str!("../docs/brokers.md");
    let block = page.split("```").find(|block| block.trim_start().starts_with(begins));
    block.expect("docs/brokers.md has it").trim()
}

/// Its access list that begins with this user.
fn list_of(user: &str) -> &'static str {
    block_of(&format!("user {user}\n"))
}

/// The office's, with a second gateway like the first.
fn access_list() -> String {
    let block = list_of("riverside-lobby-1");
    let (gateway, office) = block.split_once("user office").unwrap();
    format!("{gateway}\n{}\nuser office{office}\n", gateway.replace("lobby-1", "lobby-2"))
}

/// What a connection hears until this is on it.
async fn heard_until(connection: &mut Connection, last: &str) -> Vec<String> {
    let mut topics = Vec::new();
    while topics.last().is_none_or(|topic| topic != last) {
        match connection.next().await {
            Heard::Publish(publish) => {
                connection.acknowledge(publish.pkid, publish.qos);
                topics.push(String::from_utf8(publish.topic.to_vec()).unwrap());
            }
            Heard::Down(fault) => panic!("{fault}"),
            _ => {}
        }
    }
    topics
}

async fn verdict(connection: &mut Connection, topic: &str) -> Verdict {
    connection.publish(1, topic.into(), "{}", false, None);
    loop {
        match connection.next().await {
            Heard::PubAck { verdict, .. } => return verdict,
            Heard::Down(fault) => panic!("{fault}"),
            _ => {}
        }
    }
}

#[tokio::test]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn with_the_recommended_access_list_a_gateway_neither_reads_nor_writes_what_is_anothers() {
    let authority = Authority::new();
    authority.server("127.0.0.1", 2099);
    fs::write(authority.path("acl"), access_list()).unwrap();
    let listener = "require_certificate true\nuse_identity_as_username true\n";
    let mosquitto = authority
        .mosquitto_with(&format!("acl_file {}\nallow_anonymous false\n", authority.path("acl").display()), listener);
    for name in ["riverside-lobby-1", "riverside-lobby-2", "office"] {
        authority.issue(name, name, 2099, ExtendedKeyUsagePurpose::ClientAuth);
    }
    let connection = async |name: &str| {
        let (cert, key) = (authority.path(&format!("{name}.pem")), authority.path(&format!("{name}.key")));
        let broker = Broker { cert: Some(cert), key: Some(key), ..authority.broker(&mosquitto) };
        Link::new(settings(broker, name)).0.connect().await.unwrap().0
    };

    // Each writes its own and nothing else, and commands nobody. Mosquitto 2.0.11 breaks off after a refusal: a new connection for each.
    for own in ["event/lobby/access.granted", "state/lobby", "status", "cmd/ping/result"] {
        let mut one = connection("riverside-lobby-1").await;
        assert_eq!(verdict(&mut one, &format!("lobby/v1/riverside/lobby-1/{own}")).await, Verdict::Taken, "{own}");
        let others = verdict(&mut one, &format!("lobby/v1/riverside/lobby-2/{own}")).await;
        assert_ne!(others, Verdict::Taken, "{own} of another gateway");
    }
    for command in ["lobby-1/cmd/ping", "lobby-2/cmd/ping", "lobby-1/ack"] {
        let mut one = connection("riverside-lobby-1").await;
        assert_ne!(verdict(&mut one, &format!("lobby/v1/riverside/{command}")).await, Verdict::Taken, "{command}");
    }

    // Each hears its own, however much it asks for.
    let mut one = connection("riverside-lobby-1").await;
    let mut two = connection("riverside-lobby-2").await;
    let mut office = connection("office").await;
    for connection in [&mut one, &mut two] {
        connection.subscribe(["lobby/v1/#".to_owned(), "#".to_owned()]);
        while !matches!(connection.next().await, Heard::SubAck(_)) {}
    }
    for said in ["lobby-1/cmd/ping", "lobby-2/cmd/ping", "lobby-2/ack", "lobby-1/ack"] {
        assert_eq!(verdict(&mut office, &format!("lobby/v1/riverside/{said}")).await, Verdict::Taken, "{said}");
    }
    assert_eq!(verdict(&mut two, "lobby/v1/riverside/lobby-2/event/lobby/call.ringing").await, Verdict::Taken);
    assert_eq!(verdict(&mut office, "lobby/v1/riverside/lobby-1/cmd/last").await, Verdict::Taken);
    let mut heard = heard_until(&mut one, "lobby/v1/riverside/lobby-1/cmd/last").await;
    heard.sort();
    heard.dedup();
    assert_eq!(heard, ["ack", "cmd/last", "cmd/ping"].map(|own| format!("lobby/v1/riverside/lobby-1/{own}")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn with_the_recommended_access_list_a_door_is_a_door_and_a_post_is_itself() {
    // A second post, like the first.
    let list = list_of("lobbyd");
    let (_, gate) = list.split_once("user gate-a").unwrap();
    let list = format!("{list}\n\nuser gate-b{}\n", gate.replace("gate-a", "gate-b"));
    let mosquitto = Mosquitto::as_written(block_of("listener 1883\n"), |etc| {
        fs::write(etc.join("acl"), list).unwrap();
        for name in ["lobbyd", "door-lobby", "gate-a", "gate-b"] {
            password(etc, name, name);
        }
    });
    let broker = |name: &str| {
        let file = mosquitto.dir().join(format!("{name}.password"));
        fs::write(&file, name).unwrap();
        Broker { user: Some(name.into()), password_file: Some(file), ..broker(&mosquitto.url()) }
    };
    assert_ne!(connect(house::broker(&mosquitto.url())).await, Ok(()), "nobody comes in without a name");
    // Two that share a name would throw each other out.
    let mut nth = 0..;
    let mut connection = async |name: &str| {
        let id = format!("{name}-{}", nth.next().unwrap());
        Link::new(settings(broker(name), &id)).0.connect().await.unwrap().0
    };
    let reply = |post: &str| format!("lobby/v1/riverside/lobby-1/dispatch/{post}/reply");
    for (who, topic, may) in [
        ("door-lobby", "/rfid/send".to_owned(), true),
        ("door-lobby", reply("gate-a"), false),
        ("door-lobby", "lobby/v1/riverside/lobby-1/dispatch/gate-a".to_owned(), false),
        ("gate-a", reply("gate-a"), true),
        ("gate-a", reply("gate-b"), false),
        ("gate-a", "/rfid/send".to_owned(), false),
    ] {
        let mut one = connection(who).await;
        assert_eq!(verdict(&mut one, &topic).await == Verdict::Taken, may, "{who} on {topic}");
    }

    // lobbyd hears its devices and its posts, and each post what it is asked.
    let mut hears = async |who: &str| {
        let mut one = connection(who).await;
        one.subscribe(["#".to_owned()]);
        while !matches!(one.next().await, Heard::SubAck(_)) {}
        one
    };
    let (mut lobbyd, mut one, mut other) = (hears("lobbyd").await, hears("gate-a").await, hears("gate-b").await);
    for (who, topic) in [("door-lobby", "/rfid/send".to_owned()), ("gate-a", reply("gate-a"))] {
        assert_eq!(verdict(&mut connection(who).await, &topic).await, Verdict::Taken);
        assert_eq!(heard_until(&mut lobbyd, &topic).await, [topic]);
    }
    for (post, reader) in [("gate-a", &mut one), ("gate-b", &mut other)] {
        let offer = format!("lobby/v1/riverside/lobby-1/dispatch/{post}");
        assert_eq!(verdict(&mut connection("lobbyd").await, &offer).await, Verdict::Taken);
        assert_eq!(heard_until(reader, &offer).await, [offer], "and nothing of the other's");
    }
    assert_ne!(verdict(&mut connection("lobbyd").await, "/rfid/send").await, Verdict::Taken, "it commands no device");
}
