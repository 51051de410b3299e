//! Home Assistant, for a small site: where lobby.toml names its discovery prefix, the doors appear by themselves at whatever listens to its
//! MQTT discovery on the building's broker, with how they stand and what happens at them. It only tells: nothing that is published there is
//! heard, no door opens from there, and nothing says who somebody is.

mod discovery;
mod feed;

use crate::config::{Broker, Site};
use crate::desk::Desk;
use crate::event::Now;
use crate::journal::{JournalError, Reader};
use crate::link::{
    Connection, End, Fault, Heard, Limits, Link, LinkState, Notice, Outbox, Session, Settings, Talker, Verdict, Will,
    keep_talking, stopped,
};
use discovery::Home;
use feed::Feed;
use rumqttc::v5::mqttbytes::v5::ConnAck;
use std::convert::Infallible;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What happens is gathered for so long: a burst is one look at the journal.
const SETTLE: Duration = Duration::from_millis(100);
/// How often deadlines are looked at.
const TICK: Duration = Duration::from_secs(1);
/// Publishes that wait for their turn, besides what is retained.
const OUTBOX: usize = 500;
/// For the goodbye when the daemon stops.
const GOODBYE: Duration = Duration::from_millis(300);

pub type Clock = Box<dyn Fn() -> Now + Send + Sync>;

/// The connection and what it tells.
pub struct Assistant {
    link: Link,
    home: Home,
    desk: Desk,
    feed: Feed,
    clock: Clock,
}

/// A connection of its own, with a session that ends with it: nothing is subscribed to. Its last will says that nothing is known any more.
pub fn settings(broker: &Broker, site: &Site, limits: Limits) -> Settings {
    let base = broker.client_id.clone().unwrap_or_else(|| format!("lobbyd-{}-{}", site.id, site.gateway));
    Settings {
        name: "home assistant",
        broker: Broker { client_id: Some(format!("{base}-home")), ..broker.clone() },
        client_id: String::new(),
        session: Session::Clean,
        will: Some(Will { topic: discovery::available_topic(site), payload: discovery::AWAY.to_vec() }),
        limits,
    }
}

impl Talker for Assistant {
    fn apart(&mut self) -> (&mut Link, impl Future<Output = Infallible> + Send) {
        (&mut self.link, std::future::pending())
    }

    async fn talk(&mut self, connection: Connection, connack: ConnAck, stop: &mut watch::Receiver<bool>) -> End {
        let line = Line::new(connection, &connack, &self.link.settings.limits);
        self.serve(line, stop).await
    }
}

impl Assistant {
    /// Opens the journal for reading; the desk must have made it.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn open(
        link: Link,
        prefix: &str,
        site: &Site,
        data_dir: &Path,
        desk: Desk,
        clock: Clock,
    ) -> Result<Self, JournalError> {
        let reader = Reader::open(data_dir)?;
        let feed = Feed::start(reader).map_err(|error| JournalError::File { path: "home thread".into(), error })?;
        Ok(Assistant { link, home: Home::new(prefix, site), desk, feed, clock })
    }

    /// Runs until `stop` says true.
    pub async fn run(mut self, stop: watch::Receiver<bool>) {
        keep_talking(&mut self, stop).await;
    }

    async fn serve(&mut self, mut line: Line, stop: &mut watch::Receiver<bool>) -> End {
        // Everything anew: the broker may have forgotten what it retained. What happened meanwhile is not told: nobody shall run for it.
        self.home.begin_again();
        let mut newest = self.desk.newest();
        self.feed.ask(None);
        line.post(self.home.here());
        let mut tick = tokio::time::interval(TICK);
        let mut settle: Option<Instant> = None;
        loop {
            tokio::select! {
                biased;
                () = stopped(stop) => {
                    line.post([self.home.away()]);
                    line.outbox.flush(&mut line.connection);
                    self.link.close(line.connection, GOODBYE).await;
                    return End::Stop;
                }
                heard = line.connection.next() => match heard {
                    Heard::PubAck { packet_id, verdict } => line.acknowledged(packet_id, verdict),
                    Heard::Down(fault) => return End::Fault(fault),
                    Heard::Publish(_) | Heard::SubAck(_) => {}
                },
                Ok(()) = newest.changed() => {
                    newest.mark_unchanged();
                    settle.get_or_insert(Instant::now() + SETTLE);
                }
                () = until(settle) => {
                    settle = None;
                    self.feed.ask(Some(*newest.borrow()));
                }
                fed = self.feed.next() => match fed {
                    Ok(news) => line.post(self.home.told(news, (self.clock)())),
                    Err(fault) => tracing::warn!("the journal cannot be read for Home Assistant: {fault}"),
                },
                _ = tick.tick() => {
                    if line.outbox.is_overdue(self.link.settings.limits.answer) {
                        return End::Fault(Fault::Silent);
                    }
                }
            }
            line.outbox.flush(&mut line.connection);
            self.link.say(line.complaint.clone().map_or(LinkState::Up, LinkState::Held));
        }
    }
}

async fn until(when: Option<Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when.into()).await,
        None => std::future::pending().await,
    }
}

/// One connection, what it tells, and what the broker has against it.
struct Line {
    connection: Connection,
    outbox: Outbox,
    complaint: Option<String>,
}

impl Line {
    fn new(connection: Connection, connack: &ConnAck, limits: &Limits) -> Self {
        Line { connection, outbox: Outbox::new(limits.window(connack), OUTBOX), complaint: None }
    }

    /// What is told too late is dropped: nobody wants what is this far behind.
    fn post(&mut self, notices: impl IntoIterator<Item = Notice>) {
        for notice in notices {
            self.outbox.post(notice);
        }
    }

    fn acknowledged(&mut self, packet_id: u16, verdict: Verdict) {
        if let Some(why) = self.outbox.acknowledged(packet_id, verdict) {
            self.complaint =
                Some(format!("the broker refuses what goes to Home Assistant ({why}): check its access rules"));
        }
    }
}
