//! A browser of a few lines: requests over a plain or encrypted stream, a cookie, a CSRF token, and the live line as it
//! comes. And a lobby to open the page of: a real desk and journal, a real console on a free port.

use super::PATIENCE;
use chrono::{TimeDelta, Utc};
use lobbyd::config::staff::{self, Member};
use lobbyd::console::{Console, Settings, Surroundings, secret};
use lobbyd::desk::{self, Answer as Answered, Command, Desk};
use lobbyd::event::{Now, Slug};
use lobbyd::journal::{JournalError, Reader, Row};
use lobbyd::link::LinkState;
use lobbyd::service::house::{Duty, House, Post};
use lobbyd::service::staff::Role;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::thread::JoinHandle;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// Everybody's secret in the tests.
pub const PIN: &str = "58203741";
static HASH: LazyLock<String> = LazyLock::new(|| secret::hash(PIN));

/// Members of staff, one for each role, and a second guard.
pub const STAFF: [(&str, Role); 8] = [
    ("guard-a", Role::Guard),
    ("guard-b", Role::Guard),
    ("desk", Role::FrontDesk),
    ("leader", Role::ShiftLeader),
    ("engineer", Role::Engineer),
    ("supervisor", Role::Supervisor),
    ("manager", Role::ProjectManager),
    ("auditor", Role::Auditor),
];

pub fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

/// A gate that takes calls, a fixed one beside it, the front desk, engineers, a leader.
pub fn house() -> House {
    let post = |id: &str, takes: &[Duty], fixed, superior: Option<&str>| Post {
        id: slug(id),
        name: None,
        takes: takes.to_vec(),
        superior: superior.map(slug),
        fixed,
        doors: vec![],
        shifts: vec![],
    };
    let posts = vec![
        post("gate-a", &[Duty::Call, Duty::Alarm, Duty::Errand], false, Some("office")),
        post("gate-b", &[Duty::Call], true, Some("office")),
        post("front", &[Duty::Desk], false, Some("office")),
        post("workshop", &[Duty::Repair], false, Some("office")),
        post("office", &[Duty::Supervise, Duty::Manage], false, None),
    ];
    House { posts, ..House::bare(chrono_tz::Asia::Shanghai) }
}

/// Puts everybody on the list.
pub fn enlist(data_dir: &Path) {
    staff::edit(data_dir, |roster| {
        roster.staff.extend(STAFF.iter().map(|(id, role)| Member {
            id: slug(id),
            name: format!("测试{id}"),
            badge: None,
            role: *role,
            posts: vec![],
            hash: HASH.clone(),
            disabled: false,
            must_change: false,
        }));
        Ok(())
    })
    .unwrap();
}

/// A lobby with its page.
pub struct Lobby {
    pub dir: PathBuf,
    pub desk: Desk,
    pub address: SocketAddr,
    /// Seconds that the console's clock is ahead.
    pub ahead: Arc<AtomicI64>,
    stop: watch::Sender<bool>,
    links: [watch::Sender<LinkState>; 2],
    console: Option<tokio::task::JoinHandle<()>>,
    thread: Option<JoinHandle<Result<(), JournalError>>>,
    runtime: Option<Runtime>,
}

/// What differs from lobby to lobby.
#[derive(Default)]
pub struct How {
    pub tls: Option<Arc<rustls::ServerConfig>>,
    pub max_connections: Option<usize>,
    /// The same address as before a restart.
    pub listen: Option<SocketAddr>,
}

impl Lobby {
    pub fn open(dir: &Path) -> Self {
        enlist(dir);
        Self::with(dir, How::default())
    }

    /// With whoever is on the list already.
    pub fn with(dir: &Path, how: How) -> Self {
        let settings = desk::Settings { data_dir: dir.to_owned(), house: house(), event_days: 90, person_days: 30 };
        let opened = desk::open(settings, super::house::now).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (stop, stopping) = watch::channel(false);
        let links = [watch::channel(LinkState::Up).0, watch::channel(LinkState::Up).0];
        let ahead = Arc::new(AtomicI64::new(0));
        let clock = ahead.clone();
        let around = Surroundings {
            desk: opened.desk.clone(),
            building: links[0].subscribe(),
            office: links[1].subscribe(),
            clock: Box::new(move || Now {
                utc: Utc::now() + TimeDelta::seconds(clock.load(Ordering::SeqCst)),
                synced: true,
            }),
            stopping,
        };
        let settings = Settings {
            listen: how.listen.unwrap_or_else(|| ([127, 0, 0, 1], 0).into()),
            tls: how.tls,
            max_connections: how.max_connections.unwrap_or(256),
            framed_by: Vec::new(),
            site: "测试苑".into(),
            site_en: "Test House".into(),
            house: house(),
            data_dir: dir.to_owned(),
        };
        let console = runtime.block_on(Console::open(settings, around)).unwrap();
        let address = console.address().unwrap();
        let console = Some(runtime.spawn(console.run()));
        Lobby {
            dir: dir.to_owned(),
            desk: opened.desk,
            address,
            ahead,
            stop,
            links,
            console,
            thread: Some(opened.thread),
            runtime: Some(runtime),
        }
    }

    pub fn ask(&self, command: Command) -> Answered {
        let (tx, rx) = mpsc::channel();
        self.desk.submit(command, move |answer| tx.send(answer).unwrap());
        rx.recv_timeout(PATIENCE).expect("the desk answers").expect("it stores")
    }

    /// A press on 人工帮助; the number in full.
    pub fn help(&self) -> String {
        let opening = serde_json::from_value(json!({ "help": { "language": "en" } })).unwrap();
        match self.ask(Command::at_the_glass(opening)) {
            Answered::Opened { number } => String::from(number),
            other => panic!("{other:?}"),
        }
    }

    pub fn visit(&self, name: &str) -> String {
        let visit = json!({ "visit": {
            "unit": "1203", "name": name, "phone": "13800000001", "purpose": "work", "language": "zh-Hans", "heads": 3,
        } });
        match self.ask(Command::at_the_glass(serde_json::from_value(visit).unwrap())) {
            Answered::Opened { number } => String::from(number),
            other => panic!("{other:?}"),
        }
    }

    pub fn rows(&self) -> Vec<Row> {
        Reader::open(&self.dir).unwrap().all_after(0, 100_000).unwrap()
    }

    /// The events of one kind.
    pub fn told(&self, kind: &str) -> Vec<Value> {
        let rows = self.rows();
        let of_kind = rows.iter().filter(|row| row.kind.name() == kind);
        of_kind.map(|row| serde_json::from_str(row.data.get()).unwrap()).collect()
    }

    pub fn link(&self, office: LinkState) {
        self.links[1].send_replace(office);
    }

    pub fn later(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn browser(&self) -> Browser {
        Browser { address: self.address, cookie: None, csrf: None, tls: None }
    }

    /// Somebody who is signed in.
    pub fn signed_in(&self, id: &str, post: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(id, PIN, post);
        assert_eq!(answer.status, 200, "{}", answer.body);
        browser
    }

    /// SIGTERM in small.
    pub fn close(mut self) {
        self.shut();
    }

    fn shut(&mut self) {
        self.stop.send_replace(true);
        if let (Some(runtime), Some(console)) = (self.runtime.take(), self.console.take()) {
            let ended = runtime.block_on(async { tokio::time::timeout(PATIENCE, console).await });
            self.desk.close();
            if let Some(thread) = self.thread.take() {
                let _ = thread.join();
            }
            runtime.shutdown_background();
            if !std::thread::panicking() {
                ended.expect("the console stops").unwrap();
            }
        }
    }
}

impl Drop for Lobby {
    fn drop(&mut self) {
        self.shut();
    }
}

pub trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// Somebody's browser.
#[derive(Clone)]
pub struct Browser {
    pub address: SocketAddr,
    pub cookie: Option<String>,
    pub csrf: Option<String>,
    pub tls: Option<Arc<rustls::ClientConfig>>,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    pub fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Browser {
    pub fn connect(&self) -> Box<dyn Stream> {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        match &self.tls {
            None => Box::new(stream),
            Some(config) => {
                let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
                let connection = rustls::ClientConnection::new(config.clone(), name).unwrap();
                Box::new(rustls::StreamOwned::new(connection, stream))
            }
        }
    }

    fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The headers that a browser sends by itself, and our own.
    fn headers(&self, post: bool) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> = vec![("host".into(), self.address.to_string())];
        headers.extend(self.cookie.iter().map(|cookie| ("cookie".into(), cookie.clone())));
        if post {
            headers.push(("origin".into(), format!("{}://{}", self.scheme(), self.address)));
            headers.push(("content-type".into(), "application/json".into()));
            headers.extend(self.csrf.iter().map(|csrf| ("x-csrf".into(), csrf.clone())));
        }
        headers
    }

    pub fn raw(&self, method: &str, path: &str, headers: &[(String, String)], body: &str) -> Answer {
        let mut stream = self.connect();
        send(&mut *stream, method, path, headers, body);
        let mut bytes = Vec::new();
        // A server that closes without TLS's farewell has still said everything.
        let _ = stream.read_to_end(&mut bytes);
        parse(&String::from_utf8_lossy(&bytes))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.raw("GET", path, &self.headers(false), "")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.raw("POST", path, &self.headers(true), &body.to_string())
    }

    /// A POST in which one header is another, or missing.
    pub fn post_with(&self, path: &str, body: &str, name: &str, value: Option<&str>) -> Answer {
        let mut headers = self.headers(true);
        headers.retain(|(known, _)| known != name);
        headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self.raw("POST", path, &headers, body)
    }

    pub fn sign_in(&mut self, id: &str, secret: &str, post: &str) -> Answer {
        let answer = self.post("/api/login", &json!({ "id": id, "secret": secret, "post": post }));
        if let Some(cookie) = answer.header("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
            self.csrf = answer.json()["csrf"].as_str().map(str::to_owned);
        }
        answer
    }

    /// A step with a case.
    pub fn step(&self, number: &str, step: &Value) -> Answer {
        self.post(&format!("/api/case/{number}/step"), &json!({ "step": step }))
    }

    /// The status of an answer; `None` where no connection was to be had.
    pub fn try_get(&self, path: &str) -> Option<u16> {
        let status = self.get(path).status;
        (status != 0).then_some(status)
    }

    /// Whether a live line is to be had.
    pub fn try_live(&self) -> bool {
        let mut stream = self.connect();
        send(&mut *stream, "GET", "/api/live", &self.headers(false), "");
        let mut head = [0; 12];
        stream.read_exact(&mut head).is_ok() && head.ends_with(b"200")
    }

    /// The live line, from the beginning or from where it broke.
    pub fn live(&self, after: Option<&str>) -> Live {
        let mut headers = self.headers(false);
        headers.extend(after.map(|id| ("last-event-id".to_owned(), id.to_owned())));
        let mut stream = self.connect();
        send(&mut *stream, "GET", "/api/live", &headers, "");
        let mut live = Live { reader: BufReader::new(stream), last: after.map(str::to_owned) };
        let status = live.line();
        assert!(status.contains(" 200 "), "{status}");
        while !live.line().is_empty() {}
        live
    }
}

fn send(stream: &mut dyn Stream, method: &str, path: &str, headers: &[(String, String)], body: &str) {
    let mut text = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    headers.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
    text.push_str("\r\n");
    text.push_str(body);
    // A server that refuses a body early closes before it has read it all.
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).unwrap_or(0);
    let header = |line: &str| line.split_once(':').map(|(n, v)| (n.trim().to_lowercase(), v.trim().to_owned()));
    Answer { status, headers: lines.filter_map(header).collect(), body: body.to_owned() }
}

/// One server-sent event.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub name: String,
    pub id: String,
    pub data: Value,
}

/// The live line.
pub struct Live {
    reader: BufReader<Box<dyn Stream>>,
    pub last: Option<String>,
}

impl Live {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("the line lives");
        line.trim_end_matches(['\r', '\n']).to_owned()
    }

    /// The next event, without heartbeats; `None` at the end of the line.
    pub fn next(&mut self) -> Option<Sent> {
        let (mut name, mut id, mut data) = (String::new(), String::new(), String::new());
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).unwrap_or(0) == 0 {
                return None;
            }
            let line = line.trim_end_matches(['\r', '\n']);
            match line.split_once(": ") {
                Some(("event", value)) => name = value.to_owned(),
                Some(("id", value)) => id = value.to_owned(),
                Some(("data", value)) => data.push_str(value),
                // An empty line ends an event; the length of a chunk and a heartbeat are neither.
                _ if line.is_empty() && !data.is_empty() => {
                    if !id.is_empty() {
                        self.last = Some(id.clone());
                    }
                    let data = serde_json::from_str(&data).unwrap_or_else(|error| panic!("{error}: {data}"));
                    return Some(Sent { name, id, data });
                }
                _ => {}
            }
        }
    }

    /// The next event of this name.
    pub fn until(&mut self, name: &str) -> Sent {
        loop {
            let sent = self.next().unwrap_or_else(|| panic!("the line ended before a {name}"));
            if sent.name == name {
                return sent;
            }
        }
    }
}

/// What a page keeps of what it is sent, as the page's script does it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Board {
    pub cards: std::collections::BTreeMap<String, Value>,
    pub tickets: std::collections::BTreeMap<String, Value>,
}

impl Board {
    pub fn take(&mut self, sent: &Sent) {
        match sent.name.as_str() {
            "board" => *self = Board::default(),
            "change" => {
                let about = |number: &Value| sent.data["numbers"].as_array().unwrap().contains(number);
                self.cards.retain(|_, card| !about(&card["number"]));
                self.tickets.retain(|number, _| !about(&json!(number)));
            }
            _ => return,
        }
        for card in sent.data["cards"].as_array().into_iter().flatten() {
            let known = self.cards.insert(card["key"].as_str().unwrap().to_owned(), card.clone());
            assert!(known.is_none(), "a card came twice: {card}");
        }
        for line in sent.data["tickets"].as_array().into_iter().flatten() {
            self.tickets.insert(line["number"].as_str().unwrap().to_owned(), line.clone());
        }
    }
}
