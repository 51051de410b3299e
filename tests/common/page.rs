//! A browser of a few lines: requests over a plain or encrypted stream, a cookie, a CSRF token, and the live line as it
//! comes.

use super::PATIENCE;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

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

    /// Sends a POST whose body never ends, and holds the connection.
    pub fn half(&self, path: &str) -> Box<dyn Stream> {
        let mut stream = self.connect();
        let mut text = format!("POST {path} HTTP/1.1\r\ncontent-length: 4000\r\n");
        self.headers(true).iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
        stream.write_all((text + "\r\n{\"lines\": [").as_bytes()).and_then(|()| stream.flush()).unwrap();
        stream
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

    /// Until the line beats: from here on the console knows that somebody still looks at this page.
    pub fn until_beat(&mut self) {
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.reader.read_line(&mut line).expect("the line lives");
            assert!(read > 0, "the line ended before it beat");
            if line.starts_with(':') {
                return;
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

    /// The change that tells of this case. What happened just before may be told first: a sign-in, a door.
    pub fn until_told(&mut self, number: &str) -> Sent {
        loop {
            let sent = self.until("change");
            if sent.data["numbers"].as_array().is_some_and(|numbers| numbers.iter().any(|told| told == number)) {
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
