//! Nobody's name, phone number, card or words stand where they need not: a day of the real daemon with a log that leaves nothing out,
//! and then everything that it has said to anybody but the office and whoever may know is searched: log, metrics, status, errors, the
//! glass when nobody stands there, dead letters, the command line.

mod common;

use common::blocking_until;
use common::clients::{Subscriber, publish_all};
use common::daemon::Daemon;
use common::glass::{Glass, Gone};
use common::mosquitto::{Mosquitto, free_port};
use common::orders::signed;
use common::page::Browser;
use common::shim::Shim;
use common::tool::{lobbyd, said};
use lobbyd::journal::Reader;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// Invented. What is typed at the glass and at the page, said by devices, sent by whoever may write to the office's topics.
const SECRET: [&str; 11] = [
    "jiwuming",
    "Jiwuming",
    "13900007341",
    "纪无名",
    "13900007342",
    "水从纪家的墙里来",
    "7E3A91C4",
    "纪持卡",
    "纪总部",
    "纪管家",
    NUMBER,
];

/// The example of the standard: it goes no further than the glass.
const NUMBER: &str = "11010519491231002X";

/// In every way in which a log may write it: as it is, as the bytes of a payload, as JSON with escapes.
fn found(text: &str) -> Vec<String> {
    let bytes = |secret: &str| {
        secret
            .bytes()
            .map(|b| if b.is_ascii() { char::from(b).to_string() } else { format!("\\x{b:02x}") })
            .collect::<String>()
    };
    let json = |secret: &str| secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
    let forms = SECRET.iter().flat_map(|secret| [(*secret).to_owned(), bytes(secret), json(secret)]);
    forms.filter(|form| text.contains(form.as_str())).collect()
}

fn config(posts_and_page: SocketAddr) -> String {
    format!(
        "visit_identity = true\ncompany = \"示例物业\"\nservice_phone = \"010-5555 0100\"\n[[post]]\nid = \"gate-a\"\ntakes = [\"call\", \"alarm\", \"errand\", \"desk\", \"repair\", \"supervise\", \"manage\"]\n\
         [console]\nenabled = true\nlisten = \"{posts_and_page}\"\n"
    )
}

fn type_in(glass: &mut Glass, text: &str) -> Result<(), Gone> {
    text.chars().try_for_each(|c| glass.press(&format!("key.{c}")))
}

/// Somebody signs in at the glass, mistypes his phone, and leaves; the words of the glass when he has gone.
fn at_the_glass(screen: SocketAddr) -> String {
    let mut glass = Glass::connect(screen);
    let visit = |glass: &mut Glass| -> Result<(), Gone> {
        glass.press_through("language")?;
        glass.press_through("language.en")?;
        glass.press_through("home.visit")?;
        type_in(glass, "1203")?;
        glass.press_through("next")?;
        type_in(glass, "jiwuming")?;
        glass.press_through("next")?;
        type_in(glass, "1390000734")?;
        glass.press("next")?;
        type_in(glass, "1")?;
        glass.press_through("next")?;
        glass.press_through("next")?;
        type_in(glass, NUMBER)?;
        glass.press_through("next")?;
        glass.press("purpose.work")?;
        glass.wait("the number", |glass| glass.screen() == "visit.received")?;
        glass.press_through("finish")?;
        glass.wait("home", |glass| glass.screen() == "home")
    };
    visit(&mut glass).expect("the daemon lives");
    glass.words()
}

/// Somebody of the staff takes a repair down, looks at it, and does wrong; what he was answered wrongly.
fn at_the_page(dir: &Path, page: SocketAddr) -> Vec<String> {
    let config = dir.join("lobby.toml");
    let mut browser = Browser { address: page, cookie: None, csrf: None, tls: None };
    blocking_until("the page is served", || {
        std::net::TcpStream::connect(page).is_ok() && browser.try_get("/api/hello") == Some(200)
    });
    let added = lobbyd(&["staff", "add", "wang", "--name", "测试", "--role", "front-desk", "--json"], &config);
    let pin = serde_json::from_slice::<Value>(&added.stdout).unwrap()["pin"].as_str().unwrap().to_owned();
    blocking_until("the list of staff was taken up", || {
        let rows = Reader::open(&dir.join("data")).unwrap().all_after(0, 1000).unwrap();
        rows.iter().any(|row| row.kind.name() == "staff.changed")
    });
    let mut refused = vec![browser.sign_in("wang", "纪无名13900007342", "gate-a").body];
    assert_eq!(browser.sign_in("wang", &pin, "gate-a").status, 200);
    assert_eq!(browser.post("/api/secret", &json!({ "old": pin, "new": "a stone lion" })).status, 200);
    let repair = |phone: &str| {
        json!({ "opening": { "repair": {
            "place": { "public": "lobby" }, "category": "water", "detail": "水从纪家的墙里来", "windows": ["soon-as-possible"],
            "name": "纪无名", "phone": phone, "language": "zh-Hans" } } })
    };
    refused.push(browser.post("/api/open", &repair("13900007342x")).body);
    let opened = browser.post("/api/open", &repair("13900007342"));
    let number = opened.json()["number"].as_str().unwrap_or_else(|| panic!("{}", opened.body)).to_owned();
    assert!(browser.get(&format!("/api/case/{number}")).body.contains("纪无名"), "whoever may know reads it");
    refused.push(browser.step(&number, &json!({ "matter": { "repair": { "纪无名": "13900007342" } } })).body);
    refused.push(browser.get("/api/case/纪无名13900007342").body);
    refused
}

/// What the office sends of people, right and wrong, and at last the question how the machine is.
async fn commanded(office: u16, heard: &Subscriber) {
    let until = chrono::Utc::now() + chrono::TimeDelta::days(30);
    let host = json!({"name": "纪无名", "phone": "13900007341", "language": "zh-Hans"});
    let entry = json!({"id": "w-1", "names": ["纪无名"], "phone": "13900007341", "reason": "纪总部", "author": "纪总部", "until": until});
    let commands = [
        ("directory", json!({"version": "1", "part": 1, "parts": 1, "set": [{"unit": "3-1203", "hosts": [host]}]})),
        ("directory", json!({"version": "2", "part": 1, "parts": 1, "set": [{"unit": "3-1203", "hosts": "纪无名"}]})),
        ("staff", json!({"set": [{"id": "ji", "name": "纪管家", "role": "guard", "posts": ["gate-a"]}]})),
        ("staff", json!({"set": [{"id": "ji", "name": {"纪管家": 1}, "role": "guard"}]})),
        ("staff", json!({"set": [{"id": "ji", "name": 13_900_007_341_u64, "role": "guard"}]})),
        ("staff", json!({"set": [{"id": "ji", "name": "a", "role": "纪管家"}], "remove": ["纪总部"]})),
        ("rules", json!({"toml": "[service]\nversion = 4\napproved_by = \"纪总部\"\n[[post]]\nid = \"纪管家\"\n"})),
        ("watch-list", json!({"set": [entry]})),
        ("watch-list", json!({"set": [{"id": "w-2", "names": "纪无名", "until": "13900007341"}]})),
        ("invite", json!({"token": "LB1.纪无名13900007341"})),
        ("diagnose", json!({})),
    ];
    let sent = commands.iter().enumerate().map(|(nth, (name, arguments))| {
        (format!("lobby/v1/riverside/lobby-1/cmd/{name}"), signed("riverside", name, &format!("c-{nth}"), arguments))
    });
    let sent: Vec<_> = sent.collect();
    publish_all(office, sent.into_iter(), Arc::new(AtomicUsize::new(0))).await;
    let answers = || {
        let received = heard.received.lock().unwrap();
        let results = received.iter().filter(|publish| publish.topic.ends_with(b"/result"));
        let read = results.filter_map(|publish| serde_json::from_slice::<Value>(&publish.payload).ok());
        read.filter_map(|answer| Some((answer["id"].as_str()?.to_owned(), answer))).collect::<BTreeMap<_, _>>()
    };
    common::until("each is answered", || answers().len() >= commands.len()).await;
    let answers = answers();
    for (nth, accepted) in
        [true, false, true, false, false, false, false, true, false, false, true].into_iter().enumerate()
    {
        let answer = &answers[&format!("c-{nth}")];
        assert_eq!(answer["accepted"], accepted, "{answer}");
    }
    let log = answers["c-10"]["result"]["log"].as_array().unwrap();
    assert!(log.len() > 50, "a diagnosis has the newest lines of the log: {}", log.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto and a C compiler: run ./tests/run"]
async fn a_day_at_trace_level_names_nobody() {
    let (building, office) = (Mosquitto::start(""), Mosquitto::start(""));
    let heard = Subscriber::start(office.port, "lobby/v1/#").await;
    let dir = tempfile::tempdir().unwrap();
    let [screen, metrics, page] = [(); 3].map(|()| SocketAddr::from(([127, 0, 0, 1], free_port())));
    let (to_building, to_office) = (building.url(), office.url());
    // No command is taken before the clock is known, and a machine in a cloud may never say that it is.
    let machine = Shim::new(dir.path());
    let mut daemon = Daemon::loudly(&machine, dir.path(), &to_building, &to_office, screen, metrics, &config(page));
    let idle = tokio::task::block_in_place(|| at_the_glass(screen));
    let refused = tokio::task::block_in_place(|| at_the_page(dir.path(), page));

    let card = json!({"cmd": "log", "type": "access", "time": 1_795_000_000, "isKnown": "true", "access": "Always", "username": "纪持卡",
                      "uid": "7E3A91C4", "hostname": "lobby", "doorName": "lobby"});
    let devices = vec![
        ("/rfid/send".to_owned(), card.to_string().into_bytes()),
        ("/rfid/send".to_owned(), "{\"username\": \"纪持卡\", 7E3A91C4".into()),
    ];
    publish_all(building.port, devices.into_iter(), Arc::new(AtomicUsize::new(0))).await;
    let orders = ["invite", "watch-list", "ping"]
        .map(|name| (format!("lobby/v1/riverside/lobby-1/cmd/{name}"), "纪总部 13900007342".into()));
    publish_all(office.port, orders.into_iter(), Arc::new(AtomicUsize::new(0))).await;
    commanded(office.port, &heard).await;

    let config = dir.path().join("lobby.toml");
    let out = dir.path().join("copy.json");
    let tools = tokio::task::block_in_place(|| {
        let person = |words: &[&str]| {
            said(&lobbyd(&[&["person"], words, &["--phone", "13900007342", "--author", "测试"]].concat(), &config))
        };
        let said_of_journal = said(&lobbyd(&["journal", "tail"], &config))
            + &said(&lobbyd(&["journal", "status", "--seconds", "1"], &config));
        [
            person(&["export", "--out", out.to_str().unwrap()]),
            person(&["erase"]),
            said_of_journal,
            said(&lobbyd(&["check"], &config)),
        ]
    });
    assert!(std::fs::read_to_string(&out).unwrap().contains("水从纪家的墙里来"), "the search is worth something");

    let data = dir.path().join("data");
    common::until("the office has it all", || {
        Reader::open(&data).unwrap().unsent(lobbyd::journal::Lane::Normal).unwrap().0 == 0
    })
    .await;
    let counted = tokio::task::block_in_place(|| {
        Browser { address: metrics, cookie: None, csrf: None, tls: None }.get("/metrics").body
    });
    assert!(counted.contains("lobbyd_events_total"), "{counted}");
    let published: Vec<(String, String)> = {
        let received = heard.received.lock().unwrap();
        received
            .iter()
            .map(|publish| {
                (
                    String::from_utf8_lossy(&publish.topic).into_owned(),
                    String::from_utf8_lossy(&publish.payload).into_owned(),
                )
            })
            .collect()
    };
    let status: Vec<&String> = published
        .iter()
        .filter(|(topic, _)| topic.ends_with("/status") || topic.ends_with("/result"))
        .map(|(_, payload)| payload)
        .collect();
    assert!(
        !status.is_empty()
            && published.iter().any(|(topic, payload)| topic.contains("/event/") && payload.contains("纪无名")),
        "the office hears of him"
    );
    assert!(
        published.iter().any(|(_, payload)| payload.contains("\"identity_tail\":\"002X\"")),
        "of who agrees the tail is kept"
    );
    assert!(published.iter().all(|(_, payload)| !payload.contains(NUMBER)), "and never the whole");
    assert!(daemon.stop().success());
    for file in std::fs::read_dir(&data).unwrap().map(|file| file.unwrap().path()).filter(|file| file.is_file()) {
        let bytes = std::fs::read(&file).unwrap();
        for secret in [NUMBER, "7E3A91C4", "7e3a91c4"] {
            let holds = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!holds, "{} holds {secret}", file.display());
        }
    }

    let log = daemon.log();
    assert!(log.contains("TRACE") && log.lines().count() > 100, "nothing was left out: {}", log.lines().count());
    let lines: Vec<&str> = log.lines().filter(|line| !found(line).is_empty()).take(20).collect();
    assert!(lines.is_empty(), "the log:\n{}", lines.join("\n"));
    let letters = format!("{:?}", Reader::open(&data).unwrap().dead_letters(100).unwrap());
    for (what, text) in [
        ("the idle glass", idle),
        ("metrics", counted),
        ("status and results", status.into_iter().cloned().collect()),
        ("refusals", refused.concat()),
        ("tools", tools.concat()),
        ("dead letters", letters),
    ] {
        assert_eq!(found(&text), Vec::<String>::new(), "{what}: {text}");
    }
}
