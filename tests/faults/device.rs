//! A card reader that loses nothing of its own: it numbers its records, sends each until the building's broker has acknowledged
//! it, through every restart of that broker, and remembers when. What it remembers is the left side of the books.

use crate::client::Client;
use rumqttc::v5::mqttbytes::v5::{Packet, Publish};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Where the readers say it.
pub const TOPIC: &str = "/rfid/send";
/// Records under way.
const WINDOW: usize = 50;
/// Pause before the broker is called again.
const AGAIN: Duration = Duration::from_millis(20);
/// Packet ids come round after so many.
const IDS: u64 = 60_000;
/// 2020-11-21, the reader's first record; each next one is a second later.
const FIRST: u64 = 1_605_991_375;
/// From here on another reader counts, which sends at QoS 0.
pub const CARELESS: u64 = 500_000;
/// No run has so many cards; what is later is no record of this reader.
const MOST: u64 = 1_000_000;

/// When something was first seen of each record.
pub type Seen = BTreeMap<u64, Instant>;

pub struct Device {
    goal: Arc<watch::Sender<u64>>,
    acknowledged: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

/// What an esp-rfid reader says of one card, at two doors in turn.
pub fn card(number: u64) -> Vec<u8> {
    let door = if number.is_multiple_of(2) { "north" } else { "south" };
    let time = FIRST + number;
    format!(
        r#"{{"type":"access","time":{time},"isKnown":"true","access":"Always","username":"test","uid":"0{number:07}","hostname":"{door}","doorName":"{door}"}}"#
    )
    .into_bytes()
}

/// Which record a message of the reader is.
pub fn number_of(publish: &Publish) -> Option<u64> {
    let json: serde_json::Value = serde_json::from_slice(&publish.payload).ok()?;
    number_at(json["time"].as_u64()?)
}

/// Which record was made at this time, seconds since 1970.
pub fn number_at(time: u64) -> Option<u64> {
    time.checked_sub(FIRST).filter(|number| *number < MOST)
}

impl Device {
    pub fn start(port: u16) -> Self {
        let goal = Arc::new(watch::Sender::new(0));
        let acknowledged = Arc::new(Mutex::new(Seen::new()));
        let (mut asked, book) = (goal.subscribe(), acknowledged.clone());
        let task = tokio::spawn(async move {
            loop {
                if let Ok(client) = Client::connect(port, "reader", false).await {
                    // It ends with its connection.
                    let _ = send(client, &mut asked, &book).await;
                }
                tokio::time::sleep(AGAIN).await;
            }
        });
        Device { goal, acknowledged, task }
    }

    /// So many more cards are shown, at once.
    pub fn show(&self, more: u64) {
        self.goal.send_modify(|goal| *goal += more);
    }

    /// The same, one after the other over this time, while the test does something else.
    pub fn showing(&self, more: u64, time: Duration) -> JoinHandle<()> {
        let goal = self.goal.clone();
        tokio::spawn(async move {
            let begun = Instant::now();
            let mut shown = 0;
            while shown < more {
                tokio::time::sleep(Duration::from_millis(2)).await;
                let due = (begun.elapsed().as_secs_f64() / time.as_secs_f64() * more as f64) as u64;
                let now = due.min(more);
                goal.send_modify(|goal| *goal += now - shown);
                shown = now;
            }
        })
    }

    /// The number of the last card that was shown.
    pub fn shown(&self) -> u64 {
        *self.goal.borrow()
    }

    /// What the broker has acknowledged, and when.
    pub fn acknowledged(&self) -> Seen {
        self.acknowledged.lock().unwrap().clone()
    }

    pub fn is_done(&self) -> bool {
        self.acknowledged.lock().unwrap().len() as u64 == self.shown()
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Sends what is not acknowledged, in order, until the connection breaks.
async fn send(mut client: Client, asked: &mut watch::Receiver<u64>, book: &Mutex<Seen>) -> io::Result<()> {
    let mut under_way: HashMap<u16, u64> = HashMap::new();
    let mut next = book.lock().unwrap().keys().zip(1..).take_while(|(number, nth)| *number == nth).count() as u64 + 1;
    loop {
        let goal = *asked.borrow_and_update();
        while under_way.len() < WINDOW && next <= goal {
            let packet_id = (next % IDS) as u16 + 1;
            client.publish(packet_id, TOPIC, card(next)).await?;
            under_way.insert(packet_id, next);
            next += 1;
        }
        tokio::select! {
            packet = client.recv() => {
                if let Packet::PubAck(answer) = packet?
                    && let Some(number) = under_way.remove(&answer.pkid)
                {
                    book.lock().unwrap().entry(number).or_insert_with(Instant::now);
                }
            }
            changed = asked.changed() => changed.map_err(io::Error::other)?,
        }
    }
}
