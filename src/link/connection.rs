//! A connection to a broker, and the patience to make a new one. Each connection has a client and an event loop of its
//! own, dropped together at its end: rumqttc drops queued publishes, mixes up stale events and can block for ever when
//! one event loop lives through several connections (its pull 864, issues 1014 and 1056). `poll` runs alone in a task,
//! because cancelling it loses bytes.

use super::{Backoff, Fault, LinkState, Settings};
use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::v5::{ConnAck, PubAck, Publish, SubAck};
use rumqttc::v5::{AsyncClient, Event, EventLoop, Incoming};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

/// Events between the poll task and the owner. When it is full the poll task waits, and with it the broker; the owner
/// never waits for the poll task, so the two cannot block each other.
const EVENTS: usize = 512;

/// What comes from a connection. Everything that its owner does not need is left out.
#[derive(Debug)]
pub enum Heard {
    ConnAck(ConnAck),
    Publish(Publish),
    SubAck(SubAck),
    /// One of our publishes went out under this packet id.
    Sent(u16),
    PubAck(PubAck),
    /// Our DISCONNECT is out.
    Goodbye,
    /// The end; nothing follows.
    Down(Fault),
}

/// One connection, from its first byte to its last.
pub struct Connection {
    pub client: AsyncClient,
    events: mpsc::Receiver<Heard>,
    poll: AbortHandle,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.poll.abort();
    }
}

impl Connection {
    fn open(options: rumqttc::v5::MqttOptions, channel: usize) -> Self {
        let (client, event_loop) = AsyncClient::new(options, channel);
        let (tell, events) = mpsc::channel(EVENTS);
        let poll = tokio::spawn(poll(event_loop, tell)).abort_handle();
        Connection { client, events, poll }
    }

    /// The next event. After [`Heard::Down`] it says `Down` for ever.
    pub async fn next(&mut self) -> Heard {
        self.events.recv().await.unwrap_or(Heard::Down(Fault::Closed))
    }

    /// An event that is already there.
    pub fn ready(&mut self) -> Option<Heard> {
        self.events.try_recv().ok()
    }
}

async fn poll(mut event_loop: EventLoop, tell: mpsc::Sender<Heard>) {
    loop {
        let (event, end) = match event_loop.poll().await {
            Ok(event) => (heard(event), None),
            Err(error) => (None, Some(Fault::of(error))),
        };
        if let Some(event) = event
            && tell.send(event).await.is_err()
        {
            return;
        }
        if let Some(fault) = end {
            // What was read together with the fault still counts: an acknowledgement lost here is a repeat at the office.
            let left = std::mem::take(&mut event_loop.state.events);
            for event in left.into_iter().filter_map(heard).chain([Heard::Down(fault)]) {
                if tell.send(event).await.is_err() {
                    return;
                }
            }
            return;
        }
    }
}

fn heard(event: Event) -> Option<Heard> {
    match event {
        Event::Incoming(Incoming::ConnAck(connack)) => Some(Heard::ConnAck(connack)),
        Event::Incoming(Incoming::Publish(publish)) => Some(Heard::Publish(publish)),
        Event::Incoming(Incoming::SubAck(suback)) => Some(Heard::SubAck(suback)),
        Event::Incoming(Incoming::PubAck(puback)) => Some(Heard::PubAck(puback)),
        Event::Outgoing(Outgoing::Publish(packet_id)) => Some(Heard::Sent(packet_id)),
        Event::Outgoing(Outgoing::Disconnect) => Some(Heard::Goodbye),
        _ => None,
    }
}

/// A link: makes connections one after the other, and says how it is doing.
pub struct Link {
    pub settings: Settings,
    backoff: Backoff,
    state: watch::Sender<LinkState>,
    /// When the present connection was accepted.
    since: Option<Instant>,
    /// The fault that the log has heard of in this outage.
    told: Option<Fault>,
}

impl Link {
    pub fn new(settings: Settings) -> (Self, watch::Receiver<LinkState>) {
        let (state, watcher) = watch::channel(LinkState::Connecting);
        (Link { backoff: Backoff::new(&settings.limits), settings, state, since: None, told: None }, watcher)
    }

    /// Opens a connection and waits for the broker's yes. One try.
    pub async fn connect(&mut self) -> Result<(Connection, ConnAck), Fault> {
        self.say(LinkState::Connecting);
        let settings = self.settings.clone();
        // Reading certificates touches the disk; the system's authorities take some 50 ms on a Raspberry Pi.
        let options = tokio::task::spawn_blocking(move || settings.options())
            .await
            .map_err(|_| Fault::Unreachable("the daemon is shutting down".into()))??;
        let mut connection = Connection::open(options, self.settings.channel());
        match connection.next().await {
            Heard::ConnAck(connack) => {
                self.since = Some(Instant::now());
                self.told = None;
                self.say(LinkState::Up);
                Ok((connection, connack))
            }
            Heard::Down(Fault::Closed) => Err(Fault::ClosedAtOnce),
            Heard::Down(Fault::Rejected(why)) => Err(Fault::Refused(why)),
            Heard::Down(fault) => Err(fault),
            other => Err(Fault::Protocol(format!("its first packet is not a CONNACK: {other:?}"))),
        }
    }

    /// After a fault: says so and waits for the next try.
    pub async fn rest(&mut self, fault: Fault) {
        if let Some(since) = self.since.take() {
            self.backoff.lasted(since.elapsed());
        }
        let retry = self.backoff.next(fastrand::f64());
        // A broker that is away for a month is told once, not each minute.
        if self.told.as_ref() != Some(&fault) {
            tracing::warn!(broker = self.settings.name, retry_s = retry.as_secs_f32(), "{fault}");
            self.told = Some(fault.clone());
        }
        self.say(LinkState::Down { fault, retry });
        tokio::time::sleep(retry).await;
    }

    /// The connection did useful work, however short it was: the next wait is a first one.
    pub fn worked(&mut self) {
        self.backoff.lasted(Duration::MAX);
    }

    /// Says how the link is doing. The log hears of changes only.
    pub fn say(&self, state: LinkState) {
        self.state.send_if_modified(|last| {
            if *last == state {
                return false;
            }
            match &state {
                LinkState::Held(why) => tracing::warn!(broker = self.settings.name, "held up: {why}"),
                LinkState::Up => tracing::info!(broker = self.settings.name, "connected"),
                _ => {}
            }
            *last = state;
            true
        });
    }

    /// Says goodbye to the broker, so that it does not publish the will; waits for it at most `patience`.
    pub async fn close(&self, mut connection: Connection, patience: Duration) {
        let goodbye = async {
            if connection.client.try_disconnect().is_ok() {
                while !matches!(connection.next().await, Heard::Goodbye | Heard::Down(_)) {}
            }
        };
        // When the broker does not even take this, closing the socket is all that is left.
        drop(tokio::time::timeout(patience, goodbye).await);
        self.say(LinkState::Stopped);
    }
}

/// Completes when the daemon is told to stop, or when nobody is left who could tell.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone: the daemon is going down.
    drop(stop.wait_for(|stop| *stop).await);
}
