//! The wire between the daemon and one broker: a proxy that can swallow, delay, cut and refuse, and that sees every packet. What it
//! sees of the building's wire is the promise: a PUBACK from the daemon says that the event is safe with it.

use crate::device::{Seen, number_of};
use bytes::BytesMut;
use rumqttc::v5::mqttbytes::Error;
use rumqttc::v5::mqttbytes::v5::Packet;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Bytes read at once.
const CHUNK: usize = 16 << 10;

/// For what a broker said before it hung up.
const LAST_WORD: Duration = Duration::from_millis(50);

/// What the wire does with bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Through,
    /// Bytes wait until it is over, as TCP makes them.
    Stall,
    /// Every connection is closed, and new ones at once.
    Refuse,
    /// Each connection lets so many more bytes through, then closes: in the middle of a packet, mostly.
    CutAfter(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    mode: Mode,
    delay: Duration,
    /// Of so many connections, the first ones, every byte vanishes for ever.
    dark: usize,
}

/// What was seen on the way.
#[derive(Debug, Default)]
pub struct Witness {
    /// Records of the reader that the daemon has acknowledged, and when it did so first.
    pub promised: Seen,
    /// Subscriptions that were granted to the daemon.
    pub subscribed: usize,
    /// Connections that the daemon has opened.
    pub connections: usize,
}

pub struct Wire {
    pub url: String,
    state: watch::Sender<State>,
    witness: Arc<Mutex<Witness>>,
    task: JoinHandle<()>,
}

impl Wire {
    /// A wire to the broker at this port, which begins at this address of ours.
    pub async fn to(broker: u16, address: &str) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let url = format!("mqtt://{}", listener.local_addr().unwrap());
        let state = watch::Sender::new(State { mode: Mode::Through, delay: Duration::ZERO, dark: 0 });
        let witness = Arc::new(Mutex::new(Witness::default()));
        let (states, sees) = (state.subscribe(), witness.clone());
        let task = tokio::spawn(async move {
            while let Ok((daemon, _)) = listener.accept().await {
                tokio::spawn(connection(daemon, broker, states.clone(), sees.clone()));
            }
        });
        Wire { url, state, witness, task }
    }

    pub fn set(&self, mode: Mode) {
        self.state.send_modify(|state| state.mode = mode);
    }

    /// The network forgets the connections that there are: their bytes vanish, and nobody says so. New ones work.
    pub fn forget(&self) {
        let dark = self.seen(|wire| wire.connections);
        self.state.send_modify(|state| state.dark = dark);
    }

    /// Every byte takes so long, each way.
    pub fn delay(&self, delay: Duration) {
        self.state.send_modify(|state| state.delay = delay);
    }

    pub fn seen<T>(&self, look: impl FnOnce(&Witness) -> T) -> T {
        look(&self.witness.lock().unwrap())
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type States = watch::Receiver<State>;

async fn connection(daemon: TcpStream, broker: u16, states: States, witness: Arc<Mutex<Witness>>) {
    let nth = {
        let mut witness = witness.lock().unwrap();
        witness.connections += 1;
        witness.connections
    };
    let mode = states.borrow().mode;
    if mode == Mode::Refuse {
        return;
    }
    let Ok(broker) = TcpStream::connect(("127.0.0.1", broker)).await else { return };
    // They are both new.
    let _ = (daemon.set_nodelay(true), broker.set_nodelay(true));
    let ((from_daemon, to_daemon), (from_broker, to_broker)) = (daemon.into_split(), broker.into_split());
    let eyes = Arc::new(Mutex::new(Eyes { witness, under_way: HashMap::new() }));
    let there = pump(nth, from_daemon, to_broker, states.clone(), Sight::new(eyes.clone()));
    let back = pump(nth, from_broker, to_daemon, states, Sight::new(eyes));
    // One that ends takes the other with it, as a broken connection does; but a broker's last word before it is heard.
    tokio::pin!(back);
    tokio::select! {
        () = there => drop(tokio::time::timeout(LAST_WORD, back).await),
        () = &mut back => {}
    }
}

/// Carries bytes one way until the connection ends or is cut.
async fn pump(nth: usize, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut states: States, mut sight: Sight) {
    let (line, mut due) = mpsc::unbounded_channel::<(tokio::time::Instant, Vec<u8>)>();
    let deliver = async move {
        while let Some((when, bytes)) = due.recv().await {
            tokio::time::sleep_until(when).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    let take = async move {
        let mut chunk = vec![0; CHUNK];
        let mut left = None;
        loop {
            let state = *states.borrow_and_update();
            let read = tokio::select! {
                read = from.read(&mut chunk), if state.mode != Mode::Stall => read,
                Ok(()) = states.changed() => {
                    if states.borrow().mode == Mode::Refuse {
                        return;
                    }
                    left = None;
                    continue;
                }
            };
            let Ok(mut count @ 1..) = read else { return };
            if nth <= state.dark {
                continue;
            }
            match state.mode {
                Mode::Refuse => return,
                Mode::Through | Mode::Stall => {}
                Mode::CutAfter(bytes) => {
                    let rest = left.get_or_insert(bytes);
                    count = count.min(*rest);
                    *rest -= count;
                }
            }
            sight.see(&chunk[..count]);
            if line.send((tokio::time::Instant::now() + state.delay, chunk[..count].to_vec())).is_err() {
                return;
            }
            if left == Some(0) {
                // What was let through is on its way; the rest never comes.
                tokio::time::sleep(state.delay + Duration::from_millis(5)).await;
                return;
            }
        }
    };
    tokio::pin!(deliver);
    tokio::select! {
        () = &mut deliver => {}
        // What was taken is delivered, also when nothing follows: a broker says why it goes.
        () = take => deliver.await,
    }
}

/// What both directions of one connection know together.
struct Eyes {
    witness: Arc<Mutex<Witness>>,
    /// Packet ids of messages to the daemon, and which records they are.
    under_way: HashMap<u16, u64>,
}

/// Reads the packets of one direction as they pass.
struct Sight {
    eyes: Arc<Mutex<Eyes>>,
    read: BytesMut,
}

impl Sight {
    fn new(eyes: Arc<Mutex<Eyes>>) -> Self {
        Sight { eyes, read: BytesMut::new() }
    }

    fn see(&mut self, bytes: &[u8]) {
        self.read.extend_from_slice(bytes);
        loop {
            match Packet::read(&mut self.read, None) {
                Ok(packet) => self.eyes.lock().unwrap().note(&packet),
                // An empty packet: DISCONNECT without a reason.
                Err(Error::PayloadRequired) => {}
                Err(_) => return,
            }
        }
    }
}

impl Eyes {
    fn note(&mut self, packet: &Packet) {
        let mut witness = self.witness.lock().unwrap();
        match packet {
            Packet::Publish(publish) => {
                if let Some(number) = number_of(publish) {
                    self.under_way.insert(publish.pkid, number);
                }
            }
            Packet::PubAck(answer) => {
                if let Some(number) = self.under_way.remove(&answer.pkid) {
                    witness.promised.entry(number).or_insert_with(Instant::now);
                }
            }
            Packet::SubAck(_) => witness.subscribed += 1,
            _ => {}
        }
    }
}
