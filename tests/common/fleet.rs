//! A company in one process: so many lobbies, each with a desk, a journal and a relay of its own, all at one office's broker; and the
//! central system that takes what comes and counts it by lobby. Nothing here is shortened: fsync, limits and waits are a kiosk's.

use super::clients::client;
use super::house::{broker, now};
use chrono::Utc;
use lobbyd::config::Site;
use lobbyd::desk::{self, Command, Desk};
use lobbyd::event::ledger::Ledger;
use lobbyd::event::{Event, Kind, Slug, data};
use lobbyd::journal::{JournalError, Keep, Reader};
use lobbyd::link::{Limits, Link, LinkState};
use lobbyd::office::{self, Office, Voice};
use lobbyd::service::house::House;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Publish;
use rumqttc::v5::{Event as Heard, Incoming};
use serde::Deserialize;
use serde_json::json;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// What the header and the properties of a PUBLISH add to topic and payload, bytes (src/office/exchange.rs).
const OVERHEAD: usize = 43;
/// What a lobby says of itself, and what its broker says of one that has gone.
const HERE: &[u8] = br#"{"online":true}"#;
const AWAY: &[u8] = br#"{"online":false}"#;

pub struct Lobby {
    pub desk: Desk,
    pub link: watch::Receiver<LinkState>,
    thread: std::thread::JoinHandle<Result<(), JournalError>>,
    office: Option<Office>,
    /// The relay listens to the status for as long as somebody could change it.
    _status: watch::Sender<Vec<u8>>,
}

pub struct Fleet {
    pub lobbies: Vec<Lobby>,
    stop: watch::Sender<bool>,
    relays: JoinSet<()>,
}

/// Where this lobby has its journal.
pub fn folder(dir: &Path, number: usize) -> PathBuf {
    dir.join(format!("lobby-{number:03}"))
}

/// The newest number in the journals of these lobbies: what the office must have of each.
pub fn newest(dir: &Path, numbers: Range<usize>) -> Vec<u64> {
    let newest = |number| Reader::open(&folder(dir, number)).and_then(|reader| reader.span()).unwrap();
    numbers.map(|number| newest(number).map_or(0, |(_, newest)| newest)).collect()
}

fn open(dir: &Path, number: usize, office: &str) -> Lobby {
    let data_dir = folder(dir, number);
    std::fs::create_dir_all(&data_dir).unwrap();
    let site = Site {
        id: Slug::new(&format!("site-{number:03}")).unwrap(),
        gateway: Slug::new("lobby-1").unwrap(),
        time_zone: chrono_tz::Asia::Shanghai,
    };
    let settings =
        desk::Settings { data_dir: data_dir.clone(), house: House::bare(site.time_zone), keep: Keep::default() };
    let opened = desk::open(settings, now).unwrap();
    let settings = office::settings(&broker(office), &site, AWAY.to_vec(), Limits::default());
    let (link, state) = Link::new(settings);
    let (status, watch) = watch::channel(HERE.to_vec());
    let voice = Voice { status: watch, farewell: AWAY.to_vec() };
    let relay = Office::open(
        link,
        super::orders::addressee(&site),
        super::orders::places(&data_dir),
        opened.desk.clone(),
        voice,
        Box::new(now),
    )
    .unwrap();
    Lobby { desk: opened.desk, link: state, thread: opened.thread, office: Some(relay), _status: status }
}

impl Fleet {
    /// Opens the journals of the lobbies with these numbers below `dir`. Nothing is sent yet.
    pub fn open(dir: &Path, numbers: Range<usize>, office: &str) -> Self {
        let lobbies = numbers.map(|number| open(dir, number, office)).collect();
        Fleet { lobbies, stop: watch::channel(false).0, relays: JoinSet::new() }
    }

    /// All relays start, at once.
    pub fn go(&mut self) {
        for lobby in &mut self.lobbies {
            let office = lobby.office.take().expect("it goes once");
            self.relays.spawn(office.run(self.stop.subscribe()));
        }
    }

    /// So many cards are shown at each lobby's door every second, for so long; one lobby after the other, evenly.
    pub async fn steady(&self, rate: f64, time: Duration) -> usize {
        let all = self.lobbies.len();
        let events = (rate * time.as_secs_f64()).round() as usize * all;
        let mut due = tokio::time::interval(Duration::from_secs_f64(1.0 / (rate * all as f64)));
        for nth in 0..events {
            due.tick().await;
            self.lobbies[nth % all].show(nth);
        }
        for lobby in &self.lobbies {
            // Behind all that was shown: they are stored now.
            lobby.desk.ask(Command::Probe).await.expect("the desk keeps up");
        }
        events
    }

    /// In order, as a daemon stops.
    pub async fn close(mut self) {
        self.stop.send_replace(true);
        while self.relays.join_next().await.is_some() {}
        for lobby in self.lobbies {
            lobby.desk.close();
            tokio::task::spawn_blocking(|| lobby.thread.join()).await.unwrap().unwrap().unwrap();
        }
    }
}

impl Lobby {
    /// A card at the door.
    pub fn show(&self, number: usize) {
        let facts = data([
            ("card", json!(format!("k{:016x}", number % 4_000))),
            ("reader", json!("lobby")),
            ("device", json!({ "product": "esp-rfid" })),
            ("made", json!(Utc::now().timestamp_micros())),
        ]);
        let event = Event::here(Kind::AccessGranted, Slug::from_text("door-lobby"), now(), facts);
        self.desk.submit(Command::Record(event), |stored| drop(stored.expect("the desk keeps up")));
    }
}

/// One event as it came.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    pub lobby: usize,
    /// Microseconds since 1970.
    pub at: i64,
    /// Since the card was shown, microseconds; none of a backlog.
    pub took: Option<i64>,
}

#[derive(Default)]
pub struct Counted {
    /// The receiver's book of the product.
    pub ledger: Ledger,
    pub came: Came,
}

#[derive(Default)]
pub struct Came {
    pub arrivals: Vec<Arrival>,
    /// When each lobby has said of itself that it is there: lobby, microseconds since 1970.
    pub hellos: Vec<(usize, i64)>,
    /// Of all PUBLISH packets with events.
    pub bytes: usize,
}

/// The company's own system at the office's broker.
pub struct Central {
    pub counted: Arc<Mutex<Counted>>,
    task: JoinHandle<()>,
}

#[derive(Deserialize)]
struct Envelope {
    data: Made,
}

#[derive(Deserialize)]
struct Made {
    made: Option<i64>,
}

impl Counted {
    fn enter(&mut self, publish: &Publish) {
        let at = Utc::now().timestamp_micros();
        let topic = String::from_utf8_lossy(&publish.topic);
        let mut levels = topic.split('/').skip(2);
        let lobby = levels.next().and_then(|site| site.strip_prefix("site-")?.parse().ok()).expect("a site of ours");
        match levels.nth(1) {
            Some("event") => {
                self.ledger.enter(&publish.payload).expect("an envelope of ours");
                let envelope: Envelope = serde_json::from_slice(&publish.payload).expect("an envelope of ours");
                self.came.arrivals.push(Arrival { lobby, at, took: envelope.data.made.map(|made| at - made) });
                self.came.bytes += publish.topic.len() + publish.payload.len() + OVERHEAD;
            }
            Some("status") if publish.payload == HERE => self.came.hellos.push((lobby, at)),
            _ => {}
        }
    }

    /// Numbers that are missing of what stands in the lobbies' journals.
    pub fn lost(&self, newest: &[u64]) -> u64 {
        let came: u64 = self.ledger.books().map(|(_, book)| book.events).sum();
        newest.iter().sum::<u64>() - came
    }
}

impl Central {
    /// Returns when the broker has granted the subscription.
    pub async fn start(port: u16) -> Self {
        let (client, mut events) = client("central", port, true);
        client.subscribe("lobby/v1/#", QoS::AtLeastOnce).await.unwrap();
        let (counted, granted) = (Arc::new(Mutex::new(Counted::default())), Arc::new(AtomicUsize::new(0)));
        let (book, ready) = (counted.clone(), granted.clone());
        let task = tokio::spawn(async move {
            let _client = client;
            loop {
                match events.poll().await {
                    Ok(Heard::Incoming(Incoming::Publish(publish))) => book.lock().unwrap().enter(&publish),
                    Ok(Heard::Incoming(Incoming::SubAck(_))) => drop(ready.fetch_add(1, Ordering::SeqCst)),
                    Ok(_) => {}
                    // The broker is down on purpose.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        });
        super::until("the subscription is granted", || granted.load(Ordering::SeqCst) > 0).await;
        Central { counted, task }
    }

    pub fn seen<T>(&self, look: impl FnOnce(&Counted) -> T) -> T {
        look(&self.counted.lock().unwrap())
    }

    /// What has come since the last time. The book goes on.
    pub fn take(&self) -> Came {
        std::mem::take(&mut self.counted.lock().unwrap().came)
    }
}

impl Drop for Central {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How evenly lobbies were served while all of them had something to send: from when the last has begun until the first is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Fairness {
    pub seconds: f64,
    /// Events in that time.
    pub least: usize,
    pub most: usize,
    /// Jain's index: 1 where all have the same, 1/n where one has all.
    pub index: f64,
}

impl Fairness {
    /// Of a flood in which each lobby had the same to send. None where one was done before another had begun.
    pub fn of(arrivals: &[Arrival], lobbies: usize) -> Option<Self> {
        let mut spans = vec![(i64::MAX, i64::MIN); lobbies];
        for arrival in arrivals {
            let (first, last) = &mut spans[arrival.lobby];
            (*first, *last) = ((*first).min(arrival.at), (*last).max(arrival.at));
        }
        let begun = spans.iter().map(|(first, _)| *first).max()?;
        let done = spans.iter().map(|(_, last)| *last).min()?;
        if begun >= done {
            return None;
        }
        let mut events = vec![0usize; lobbies];
        arrivals.iter().filter(|it| (begun..=done).contains(&it.at)).for_each(|it| events[it.lobby] += 1);
        let sum: f64 = events.iter().map(|n| *n as f64).sum();
        let squares: f64 = events.iter().map(|n| (*n as f64).powi(2)).sum();
        Some(Fairness {
            seconds: (done - begun) as f64 / 1e6,
            least: *events.iter().min()?,
            most: *events.iter().max()?,
            index: sum * sum / (lobbies as f64 * squares),
        })
    }
}
