//! A house with its page on a free port, for the target `form`: a real desk, a real journal, three people who are signed in.

use common::folder;
use lobbyd::config::staff::{self, Member};
use lobbyd::console::{BODY_WITHIN, Console, Settings, Surroundings, secret};
use lobbyd::desk::{self, Desk};
use lobbyd::event::{Now, Slug};
use lobbyd::http::Limits;
use lobbyd::journal::{JournalError, Keep};
use lobbyd::link::LinkState;
use lobbyd::service::house::{Duty, House, Post};
use lobbyd::service::staff::Role;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::watch;

const PIN: &str = "58203741";
static HASH: LazyLock<String> = LazyLock::new(|| secret::hash(PIN));
const STAFF: [(&str, Role); 3] =
    [("guard", Role::Guard), ("manager", Role::ProjectManager), ("auditor", Role::Auditor)];
/// An answer that does not come within this time is none.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Lobby {
    pub address: SocketAddr,
    /// Cookie and token of whoever is signed in.
    tokens: HashMap<&'static str, (String, String)>,
    line: Option<BufReader<TcpStream>>,
    desk: Desk,
    stop: watch::Sender<bool>,
    /// What the page would be told of; nobody tells it anything.
    _told: (watch::Sender<LinkState>, watch::Sender<Option<lobbyd::health::queue::Queue>>),
    thread: Option<JoinHandle<Result<(), JournalError>>>,
    runtime: Option<Runtime>,
    _dir: TempDir,
}

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    headers: HashMap<String, String>,
}

fn now() -> Now {
    Now { utc: chrono::Utc::now(), synced: true }
}

fn slug(text: &str) -> Slug {
    Slug::new(text).expect("a slug")
}

fn house() -> House {
    let takes = vec![Duty::Call, Duty::Alarm, Duty::Errand, Duty::Desk, Duty::Repair, Duty::Supervise, Duty::Manage];
    let gate =
        Post { id: slug("gate"), name: None, takes, superior: None, fixed: false, doors: vec![], shifts: vec![] };
    House { posts: vec![gate], ..House::bare(chrono_tz::Asia::Shanghai) }
}

fn enlist(dir: &Path) {
    let member = |(id, role): &(&str, Role)| Member {
        id: slug(id),
        name: format!("测试{id}"),
        badge: None,
        role: *role,
        posts: vec![],
        trades: vec![],
        hash: HASH.clone(),
        disabled: false,
        must_change: false,
    };
    let listed = staff::edit(dir, |roster| {
        roster.staff.extend(STAFF.iter().map(member));
        Ok(())
    });
    listed.expect("the list is written");
}

impl Lobby {
    pub fn open() -> Self {
        let dir = folder();
        enlist(dir.path());
        let settings = desk::Settings { data_dir: dir.path().to_owned(), house: house(), keep: Keep::default() };
        let opened = desk::open(settings, now).expect("an empty folder");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let (stop, stopping) = watch::channel(false);
        let told = (watch::Sender::new(LinkState::Up), watch::Sender::new(None));
        let around = Surroundings {
            desk: opened.desk.clone(),
            building: told.0.subscribe(),
            office: told.0.subscribe(),
            queue: told.1.subscribe(),
            printer: watch::channel(None).1,
            handbook: watch::channel(Arc::default()).1,
            clock: Box::new(now),
            stopping,
        };
        let console = runtime.block_on(Console::open(page(dir.path()), around)).expect("a free port");
        let address = console.address().expect("it listens");
        runtime.spawn(console.run());
        let (desk, thread) = (opened.desk, Some(opened.thread));
        let (tokens, line, runtime) = (HashMap::new(), None, Some(runtime));
        let mut lobby = Lobby { address, tokens, line, desk, stop, _told: told, thread, runtime, _dir: dir };
        STAFF.iter().for_each(|(id, _)| lobby.sign_in(id));
        lobby
    }

    fn sign_in(&mut self, id: &'static str) {
        let body = format!(r#"{{"id":"{id}","secret":"{PIN}","post":"gate"}}"#);
        let answer = self.ask("nobody", "POST", "/api/login", body.as_bytes()).expect("the page answers");
        let told: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        let cookie = answer.headers.get("set-cookie").and_then(|cookie| cookie.split(';').next());
        let (cookie, csrf) = cookie.zip(told["csrf"].as_str()).expect("he is on the list");
        self.tokens.insert(id, (cookie.to_owned(), csrf.to_owned()));
    }

    /// `None` where the page has ended the connection without a word, which it may do.
    pub fn ask(&mut self, who: &str, method: &str, path: &str, body: &[u8]) -> Option<Answer> {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\norigin: http://{}\r\n", self.address, self.address);
        if let Some((cookie, csrf)) = self.tokens.get(who) {
            head += &format!("cookie: {cookie}\r\nx-csrf: {csrf}\r\n");
        }
        head += &format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        let mut line = self.line.take().unwrap_or_else(|| connect(self.address));
        let said = line.get_mut().write_all(&[head.as_bytes(), body].concat());
        let (answer, goes_on) = said.ok().and_then(|()| hear(&mut line, method == "HEAD"))?;
        self.line = goes_on.then_some(line);
        Some(answer)
    }
}

impl Drop for Lobby {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.line = None;
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(PATIENCE);
        }
        self.desk.close();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the desk ends").expect("the journal was sound");
        }
    }
}

fn page(dir: &Path) -> Settings {
    Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        tls: None,
        limits: Limits { all: 256, each: 256 },
        body_within: BODY_WITHIN,
        framed_by: Vec::new(),
        site: "测试苑".into(),
        site_en: "Test House".into(),
        doors: Default::default(),
        house: house(),
        data_dir: dir.to_owned(),
    }
}

fn connect(address: SocketAddr) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).expect("there is a place");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time above zero");
    stream.set_nodelay(true).expect("a socket");
    BufReader::new(stream)
}

/// The answer, and whether another can come on this connection. A live line is heard up to its head.
fn hear(line: &mut BufReader<TcpStream>, head_only: bool) -> Option<(Answer, bool)> {
    let mut text = String::new();
    line.read_line(&mut text).expect("it answers in time");
    let status = text.split(' ').nth(1)?.parse().ok()?;
    let mut headers = HashMap::new();
    loop {
        text.clear();
        line.read_line(&mut text).expect("it answers in time");
        let Some((name, value)) = text.trim_end().split_once(": ") else { break };
        headers.insert(name.to_owned(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse::<usize>().ok());
    let mut body = vec![0; length.filter(|_| !head_only).unwrap_or_default()];
    line.read_exact(&mut body).expect("as long as it says");
    let closes = headers.get("connection").is_some_and(|word| word == "close");
    Some((Answer { status, body, headers }, length.is_some() && !closes))
}
