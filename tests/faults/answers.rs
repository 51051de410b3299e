//! An office whose broker answers wrongly: it withholds acknowledgements, repeats them, mixes them up, invents them, breaks off in the
//! middle of one; it refuses everything for a while, or one event for ever. What it has refused it has not taken, and does not count.

use crate::common::scripted::{Peer, Scripted};
use crate::device::number_at;
use crate::inbox::{Book, Inbox, is_event};
use crate::rig::{Rig, Setup, scenario};
use crate::tally::Tally;
use chrono::DateTime;
use fastrand::Rng;
use lobbyd::journal::{Lane, Reader};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, PubAckReason, Publish, SubAck, SubscribeReasonCode};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::time::timeout;

const CARDS: u64 = 400;
/// Over which they are shown.
const TIME: Duration = Duration::from_millis(500);
/// Runs at once: they wait for the daemon's own deadlines most of the time.
const AT_ONCE: usize = 7;
/// Misdeeds in one run. More would only test the daemon's waits, which grow with each.
const MISDEEDS: usize = 3;
/// Of so many events one meets a misdeed.
const SELDOM: usize = 60;
/// Most acknowledgements that wait to be mixed up, and how long.
const MIXED: usize = 8;
const MIXED_FOR: Duration = Duration::from_millis(5);

#[derive(Debug, Clone, Copy)]
enum Manner {
    /// Some acknowledgements never come.
    Withholds,
    /// They come in another order, twice, for what was never sent, or by halves.
    MixesUp,
    /// For so long nothing is taken, and this is said.
    Refuses(PubAckReason, Duration),
    /// The card of this number is never taken, and this is how it says so.
    NeverTakes(u64, Refusal),
}

#[derive(Debug, Clone, Copy)]
enum Refusal {
    PubAck(PubAckReason),
    /// A DISCONNECT with "packet too large".
    Disconnect,
}

struct Unruly {
    book: Arc<Mutex<Book>>,
    random: Rng,
    manner: Manner,
    misdeeds: usize,
    /// Acknowledgements that wait to be mixed up.
    waiting: Vec<u16>,
    /// When the first event was refused.
    refusing: Option<Instant>,
}

/// What follows for the connection.
enum Next {
    GoOn,
    HangUp,
}

impl Unruly {
    async fn serve(mut self, broker: Scripted) {
        loop {
            let mut peer = broker.accept().await;
            peer.connack(false, None).await;
            self.waiting.clear();
            loop {
                let Ok(packet) = timeout(MIXED_FOR, peer.recv()).await else {
                    self.acknowledge_waiting(&mut peer).await;
                    continue;
                };
                let next = match packet {
                    Some(Packet::Subscribe(asked)) => {
                        let granted = vec![SubscribeReasonCode::Success(QoS::AtLeastOnce); asked.filters.len()];
                        let answer = SubAck { pkid: asked.pkid, return_codes: granted, properties: None };
                        peer.send(Packet::SubAck(answer)).await;
                        Next::GoOn
                    }
                    Some(Packet::Publish(publish)) if is_event(&publish) => self.answer(&mut peer, &publish).await,
                    Some(Packet::Publish(publish)) => {
                        peer.ack(publish.pkid).await;
                        Next::GoOn
                    }
                    None | Some(Packet::Disconnect(_)) => Next::HangUp,
                    Some(_) => Next::GoOn,
                };
                if matches!(next, Next::HangUp) {
                    break;
                }
            }
        }
    }

    fn misbehaves(&mut self) -> bool {
        let now = self.misdeeds > 0 && self.random.usize(0..SELDOM) == 0;
        self.misdeeds -= usize::from(now);
        now
    }

    fn take(&self, publish: &Publish) {
        self.book.lock().unwrap().enter(&publish.payload);
    }

    async fn answer(&mut self, peer: &mut Peer, publish: &Publish) -> Next {
        match self.manner {
            Manner::Withholds => {
                self.take(publish);
                if !self.misbehaves() {
                    peer.ack(publish.pkid).await;
                }
            }
            Manner::MixesUp => {
                self.take(publish);
                self.waiting.push(publish.pkid);
                if self.misbehaves() {
                    return self.misdeed(peer, publish.pkid).await;
                }
                if self.waiting.len() >= MIXED {
                    self.acknowledge_waiting(peer).await;
                }
            }
            Manner::Refuses(reason, time) => {
                if self.refusing.get_or_insert_with(Instant::now).elapsed() < time {
                    peer.ack_with(publish.pkid, reason).await;
                } else {
                    self.take(publish);
                    peer.ack(publish.pkid).await;
                }
            }
            Manner::NeverTakes(card, refusal) => {
                if number(publish) != Some(card) {
                    self.take(publish);
                    peer.ack(publish.pkid).await;
                    return Next::GoOn;
                }
                match refusal {
                    Refusal::PubAck(reason) => peer.ack_with(publish.pkid, reason).await,
                    Refusal::Disconnect => {
                        // The codec's own writer leaves the reason out.
                        peer.send_raw(&[0xE0, 0x02, 0x95, 0x00]).await;
                        return Next::HangUp;
                    }
                }
            }
        }
        Next::GoOn
    }

    async fn acknowledge_waiting(&mut self, peer: &mut Peer) {
        self.random.shuffle(&mut self.waiting);
        for packet_id in self.waiting.drain(..) {
            peer.ack(packet_id).await;
        }
    }

    async fn misdeed(&mut self, peer: &mut Peer, packet_id: u16) -> Next {
        match self.random.u8(0..3) {
            0 => {
                peer.ack(packet_id).await;
                peer.ack(packet_id).await;
                self.waiting.retain(|waiting| *waiting != packet_id);
            }
            // Beyond every window.
            1 => peer.ack(self.random.u16(30_000..60_000)).await,
            _ => {
                peer.send_raw(&[0x40, 0x02, 0x00]).await;
                return Next::HangUp;
            }
        }
        Next::GoOn
    }
}

fn number(publish: &Publish) -> Option<u64> {
    let json: serde_json::Value = serde_json::from_slice(&publish.payload).ok()?;
    let time = DateTime::parse_from_rfc3339(json["time"].as_str()?).ok()?;
    (json["type"] == "lobbyd.access.granted").then(|| number_at(time.timestamp().cast_unsigned()))?
}

async fn run(mut random: Rng, manner: Manner) -> Tally {
    let broker = Scripted::start().await;
    let port = broker.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let book = Arc::new(Mutex::new(Book::default()));
    let unruly = Unruly {
        book: book.clone(),
        random: Rng::with_seed(random.u64(..)),
        manner,
        misdeeds: MISDEEDS,
        waiting: Vec::new(),
        refusing: None,
    };
    let serving = tokio::spawn(unruly.serve(broker));
    let mut rig = Rig::with(random, Setup { office_instead: Some((port, Inbox::of(book))), ..Setup::default() }).await;
    rig.breaks += MISDEEDS;
    let showing = rig.device.showing(CARDS, TIME);
    showing.await.unwrap();
    if let Manner::NeverTakes(card, _) = manner {
        rig.laid_aside.insert(card);
    }
    rig.until("the broker has all", || rig.device.is_done()).await;
    let mended = Instant::now();
    rig.all_arrived().await;
    // Not only there, but known to be there.
    let (data, newest) = (rig.data(), rig.inbox.newest());
    let cursor = || Reader::open(&data).and_then(|reader| reader.cursor(Lane::Normal)).unwrap_or(0);
    rig.until("the daemon knows that all has been taken", || cursor() >= newest).await;
    let known = mended.elapsed();
    let tally = Tally { recovery: known, ..rig.close(mended).await };
    serving.abort();
    tally
}

async fn refuses(mut random: Rng) -> Tally {
    let reasons = [PubAckReason::QuotaExceeded, PubAckReason::NotAuthorized, PubAckReason::UnspecifiedError];
    let time = Duration::from_millis(random.u64(100..2_000));
    let reason = reasons[random.usize(0..reasons.len())];
    run(random, Manner::Refuses(reason, time)).await
}

async fn never_takes_one(mut random: Rng) -> Tally {
    let refusals = [
        Refusal::PubAck(PubAckReason::PayloadFormatInvalid),
        Refusal::PubAck(PubAckReason::ImplementationSpecificError),
        Refusal::Disconnect,
    ];
    let (card, refusal) = (random.u64(1..=CARDS), refusals[random.usize(0..refusals.len())]);
    run(random, Manner::NeverTakes(card, refusal)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn acknowledgements_that_are_withheld_mixed_up_or_refusals_lose_nothing() {
    tokio::join!(
        scenario("acknowledgements withheld", AT_ONCE, |random| run(random, Manner::Withholds)),
        scenario("acknowledgements repeated, reordered, invented, cut", AT_ONCE, |random| run(random, Manner::MixesUp)),
        scenario("all refused for a while: quota, rights, no reason", AT_ONCE, refuses),
        scenario("one event refused for ever", AT_ONCE, never_takes_one),
    );
}
