//! The office: takes every event from its broker, writes down when it came, and asks for what is missing. Right side of the books.

use crate::client::Client;
use crate::common::daemon::SITE;
use crate::common::orders::signed;
use crate::device::number_at;
use chrono::DateTime;
use lobbyd::event::ledger::Ledger;
use rumqttc::v5::mqttbytes::v5::{Packet, Publish};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Pause before the broker is called again.
const AGAIN: Duration = Duration::from_millis(20);

/// One event as it arrived.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub at: Instant,
    /// Which of the reader's records it is; none for what the gateway says of itself.
    pub number: Option<u64>,
    pub epoch: String,
    pub seq: u64,
    pub id: String,
    pub payload: Vec<u8>,
}

/// What the office has not got.
pub struct Missing {
    /// The first number to ask for; none where nothing is missing.
    pub from: Option<u64>,
    pub count: usize,
}

#[derive(Default)]
pub struct Book {
    pub arrivals: Vec<Arrival>,
    /// The receiver's book of the product: shows gaps, order and clashes from `seq` alone.
    pub ledger: Ledger,
}

/// What comes of one gateway, and what is asked of it.
pub struct Inbox {
    pub book: Arc<Mutex<Book>>,
    site: String,
    orders: mpsc::UnboundedSender<(String, Vec<u8>)>,
    _office: Option<Arc<Office>>,
}

/// The task that listens, for as long as one of its inboxes is needed.
struct Office(JoinHandle<()>);

impl Drop for Office {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// By site.
type Books = BTreeMap<String, Arc<Mutex<Book>>>;

impl Book {
    /// Writes down one event. What is none is no business of the books.
    pub fn enter(&mut self, payload: &[u8]) {
        let json: Value = serde_json::from_slice(payload).expect("an envelope is JSON");
        let text = |key: &str| json[key].as_str().expect("the envelope has it").to_owned();
        let is_card = text("type") == "lobbyd.access.granted";
        let time = DateTime::parse_from_rfc3339(&text("time")).expect("a time");
        let number = is_card.then(|| number_at(time.timestamp().cast_unsigned())).flatten();
        let seq = json["seq"].as_u64().expect("a number");
        self.ledger.enter(payload).expect("an envelope of ours");
        let (epoch, id, payload) = (text("epoch"), text("id"), payload.to_vec());
        self.arrivals.push(Arrival { at: Instant::now(), number, epoch, seq, id, payload });
    }
}

impl Inbox {
    /// Of an office that takes events itself.
    pub fn of(book: Arc<Mutex<Book>>) -> Self {
        Inbox { book, site: SITE.into(), orders: mpsc::unbounded_channel().0, _office: None }
    }

    /// Returns when the subscription stands.
    pub async fn start(port: u16) -> Self {
        let [inbox] = Self::start_all(port, [SITE]).await;
        inbox
    }

    /// The same for several gateways: one office, which has one session, and an inbox for each.
    pub async fn start_all<const N: usize>(port: u16, sites: [&str; N]) -> [Self; N] {
        let (orders, mut orders_out) = mpsc::unbounded_channel();
        let books: Books = sites.iter().map(|site| ((*site).to_owned(), Arc::default())).collect();
        let subscribed = Arc::new(AtomicUsize::new(0));
        let (writes, granted) = (books.clone(), subscribed.clone());
        let office = Arc::new(Office(tokio::spawn(async move {
            loop {
                if let Ok(client) = Client::connect(port, "central", true).await {
                    // It ends with its connection.
                    let _ = listen(client, &writes, &granted, &mut orders_out).await;
                }
                tokio::time::sleep(AGAIN).await;
            }
        })));
        crate::common::until("the office listens", || subscribed.load(Ordering::SeqCst) > 0).await;
        sites.map(|site| Inbox {
            book: books[site].clone(),
            site: site.to_owned(),
            orders: orders.clone(),
            _office: Some(office.clone()),
        })
    }

    pub fn count(&self) -> usize {
        self.book.lock().unwrap().arrivals.len()
    }

    /// The largest number that has come.
    pub fn newest(&self) -> u64 {
        self.book.lock().unwrap().arrivals.iter().map(|arrival| arrival.seq).max().unwrap_or(0)
    }

    /// What is missing of the newest journal: gaps in its numbers, and of these cards the ones that have not come.
    pub fn missing(&self, cards: BTreeSet<u64>) -> Missing {
        let book = self.book.lock().unwrap();
        let came: BTreeSet<u64> = book.arrivals.iter().filter_map(|arrival| arrival.number).collect();
        let newest = book.arrivals.last().map(|arrival| arrival.epoch.clone());
        let books = book.ledger.books().find(|(journal, _)| Some(&journal.epoch) == newest.as_ref());
        let (gap, next, count) = books.map_or((None, 1, 0), |(_, book)| {
            (book.gaps().next().map(|(from, _)| from), book.newest + 1, book.missing())
        });
        let cards = cards.difference(&came).count();
        let from = gap.or((cards > 0).then_some(next));
        Missing { from, count: cards.max(count as usize) }
    }

    /// Asks the gateway for everything from this number on once more (docs/brokers.md).
    pub fn ask_again(&self, from_seq: u64) {
        let id = format!("c-{}", fastrand::u64(..));
        let order = signed(&self.site, "replay", &id, &json!({"from_seq": from_seq}));
        // The task lives as long as the inbox.
        let _ = self.orders.send((format!("lobby/v1/{}/lobby-1/cmd/replay", self.site), order));
    }
}

async fn listen(
    mut client: Client,
    books: &Books,
    granted: &AtomicUsize,
    orders: &mut mpsc::UnboundedReceiver<(String, Vec<u8>)>,
) -> io::Result<()> {
    if !client.session {
        client.subscribe("lobby/v1/#").await?;
    }
    let mut packet_id = 0;
    loop {
        tokio::select! {
            packet = client.recv() => match packet? {
                Packet::Publish(publish) => {
                    if is_event(&publish) {
                        book_of(books, &publish).lock().unwrap().enter(&publish.payload);
                    }
                    client.acknowledge(publish.pkid).await?;
                }
                Packet::SubAck(_) => drop(granted.fetch_add(1, Ordering::SeqCst)),
                _ => {}
            },
            Some((topic, payload)) = orders.recv() => {
                packet_id += 1;
                client.publish(packet_id, &topic, payload).await?;
            }
        }
    }
}

/// The site is the third level of every topic.
fn book_of<'a>(books: &'a Books, publish: &Publish) -> &'a Mutex<Book> {
    let topic = String::from_utf8_lossy(&publish.topic);
    topic.split('/').nth(2).and_then(|site| books.get(site)).expect("a site of ours")
}

pub fn is_event(publish: &Publish) -> bool {
    publish.topic.windows(7).any(|level| level == b"/event/")
}
