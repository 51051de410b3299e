//! A link to one broker: the patience to make connections one after the other, and the word on how it is doing.

use super::{Backoff, Connection, Fault, LinkState, Settings};
use rumqttc::v5::mqttbytes::v5::ConnAck;
use std::time::{Duration, Instant};
use tokio::sync::watch;

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
        let dial = tokio::task::spawn_blocking(move || settings.dial())
            .await
            .map_err(|_| Fault::Unreachable("the daemon is shutting down".into()))??;
        let connected = Connection::open(dial).await?;
        self.since = Some(Instant::now());
        self.told = None;
        self.say(LinkState::Up);
        Ok(connected)
    }

    /// After a fault: says so and waits for the next try.
    pub async fn rest(&mut self, fault: Fault) {
        if let Some(since) = self.since.take() {
            self.backoff.lasted(since.elapsed());
        }
        let retry = self.backoff.next(fastrand::f64());
        metrics::counter!("lobbyd_link_faults_total", "link" => self.settings.name, "reason" => fault.code())
            .increment(1);
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

    /// Says goodbye to the broker, so that it does not publish the will; tries for at most `patience`.
    pub async fn close(&self, connection: Connection, patience: Duration) {
        // When the broker does not even take this, closing the socket is all that is left.
        drop(tokio::time::timeout(patience, connection.goodbye()).await);
        self.say(LinkState::Stopped);
    }
}

/// Completes when the daemon is told to stop, or when nobody is left who could tell.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone: the daemon is going down.
    drop(stop.wait_for(|stop| *stop).await);
}
