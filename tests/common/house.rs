//! A house without a screen: a real journal and desk, and the two links with short patience.

use chrono::Utc;
use lobbyd::building::{self, Building};
use lobbyd::config::{Broker, Site};
use lobbyd::desk::{self, Answer, Command, Desk};
use lobbyd::device::{Message, Reading};
use lobbyd::event::{Event, Id, Identity, Kind, Now, Quality, Slug, Stamp, data};
use lobbyd::journal::{DeadLetter, Keep, Lane, Reader, Row};
use lobbyd::link::{Limits, Link, LinkState};
use lobbyd::office::{self, Office, Places, Voice};
use lobbyd::service::door::Report;
use lobbyd::service::number::Number;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub fn now() -> Now {
    Now { utc: Utc::now(), synced: true }
}

pub fn site() -> Site {
    Site {
        id: Slug::new("riverside").unwrap(),
        gateway: Slug::new("lobby-1").unwrap(),
        time_zone: chrono_tz::Asia::Shanghai,
    }
}

pub fn broker(url: &str) -> Broker {
    Broker { url: url.to_owned(), user: None, password_file: None, ca: None, cert: None, key: None, client_id: None }
}

/// A broker that breaks off is called again at once. One that is only slow is waited for as long as a kiosk does: a machine
/// with other work may stop a test for seconds, and that is no broker's fault.
pub fn limits() -> Limits {
    Limits { retry_first: Duration::from_millis(20), retry_most: Duration::from_millis(100), ..Limits::default() }
}

/// The same for tests of a broker that withholds an acknowledgement for good: it is soon given up.
pub fn impatient() -> Limits {
    Limits { answer: Duration::from_secs(5), ..limits() }
}

pub struct House {
    pub dir: PathBuf,
    pub desk: Desk,
    pub stop: watch::Sender<bool>,
    thread: std::thread::JoinHandle<Result<(), lobbyd::journal::JournalError>>,
    links: Vec<JoinHandle<()>>,
}

impl House {
    pub fn open(dir: &Path) -> Self {
        Self::keeping(dir, Keep::default())
    }

    /// With another retention or quota.
    pub fn keeping(dir: &Path, keep: Keep) -> Self {
        Self::of(dir, lobbyd::service::house::House::bare(chrono_tz::Asia::Shanghai), keep)
    }

    /// With its own rules.
    pub fn of(dir: &Path, house: lobbyd::service::house::House, keep: Keep) -> Self {
        let settings = desk::Settings { data_dir: dir.to_owned(), house, keep };
        let opened = desk::open(settings, now).unwrap();
        House {
            dir: dir.to_owned(),
            desk: opened.desk,
            stop: watch::Sender::new(false),
            thread: opened.thread,
            links: Vec::new(),
        }
    }

    pub fn start_building(&mut self, broker: &Broker, limits: Limits) -> watch::Receiver<LinkState> {
        let (link, state) = Link::new(building::settings(broker, &site(), limits));
        let building = Building {
            link,
            filters: vec!["door/#".into()],
            read: Box::new(read),
            desk: self.desk.clone(),
            clock: Box::new(now),
        };
        self.links.push(tokio::spawn(building.run(self.stop.subscribe())));
        state
    }

    pub fn start_office(&mut self, broker: &Broker, limits: Limits) -> watch::Receiver<LinkState> {
        self.start_office_saying(broker, limits, b"here".to_vec())
    }

    /// With another status.
    pub fn start_office_saying(
        &mut self,
        broker: &Broker,
        limits: Limits,
        status: Vec<u8>,
    ) -> watch::Receiver<LinkState> {
        self.start_office_with(broker, limits, status, super::orders::places(&self.dir))
    }

    /// Kept elsewhere, or waited for less long.
    pub fn start_office_with(
        &mut self,
        broker: &Broker,
        limits: Limits,
        status: Vec<u8>,
        places: Places,
    ) -> watch::Receiver<LinkState> {
        let (link, state) = Link::new(office::settings(broker, &site(), b"gone".to_vec(), limits));
        let voice = Voice { status: watch::Sender::new(status).subscribe(), farewell: b"bye".to_vec() };
        let to = super::orders::addressee(&site());
        let office = Office::open(link, to, places, self.desk.clone(), voice, Box::new(now)).unwrap();
        self.links.push(tokio::spawn(office.run(self.stop.subscribe())));
        state
    }

    /// An event of a door: its kind must be one of theirs.
    pub async fn record(&self, kind: Kind, text: &str) {
        let facts = data([("device", json!({ "product": "test" })), ("text", json!(text))]);
        let event = Event::here(kind, Slug::new("lobby").unwrap(), now(), facts);
        let answer = self.desk.ask(Command::Record(event)).await;
        assert_eq!(answer, Ok(Answer::Stored { events: 1, repeats: 0 }));
    }

    pub async fn record_many(&self, kind: Kind, count: usize) {
        for number in 0..count {
            self.record(kind, &number.to_string()).await;
        }
    }

    /// Somebody reports a repair in the lobby, at the glass.
    pub async fn repair(&self) -> Number {
        let opening = json!({"repair": {
            "place": {"public": "lobby"}, "category": "water", "detail": null, "windows": ["soon-as-possible"],
            "name": "测试甲", "phone": "13800000001", "language": "zh-Hans",
        }});
        match self.desk.ask(Command::at_the_glass(serde_json::from_value(opening).unwrap())).await {
            Ok(Answer::Opened { number, .. }) => number,
            other => panic!("{other:?}"),
        }
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.dir).unwrap()
    }

    pub fn rows(&self) -> Vec<Row> {
        self.reader().all_after(0, 100_000).unwrap()
    }

    pub fn cursor(&self, lane: Lane) -> u64 {
        self.reader().cursor(lane).unwrap()
    }

    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.reader().dead_letters(100).unwrap()
    }

    /// Stops the links, then the desk.
    pub async fn close(self) {
        self.stop.send_replace(true);
        for link in self.links {
            tokio::time::timeout(super::PATIENCE, link).await.expect("a link ends").unwrap();
        }
        self.desk.close();
        self.thread.join().unwrap().unwrap();
    }
}

/// A device whose every payload is a record of its own: the same text is the same event. A text that begins with "ring" is a ring.
fn read(message: &Message<'_>) -> Reading {
    if message.payload.len() > lobbyd::device::MAX_PAYLOAD {
        return Reading::Unreadable("too large".into());
    }
    let Ok(text) = std::str::from_utf8(message.payload) else { return Reading::Unreadable("not UTF-8".into()) };
    if text == "noise" {
        return Reading::Ignored;
    }
    Reading::Reports(vec![Report {
        kind: if text.starts_with("ring") { Kind::CallRinging } else { Kind::AccessGranted },
        subject: Slug::from_text(message.topic),
        identity: Identity::Native(Id::derived(&[text.as_bytes()])),
        stamp: Stamp { time: message.received.utc, quality: Quality::Absent },
        replayed: false,
        retained: message.retain,
        data: data([("device", json!({ "product": "test" })), ("text", json!(text))]).into(),
    }])
}
