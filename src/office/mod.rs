//! The office broker: every journaled event goes out here, in order and tracked to its acknowledgement; commands come
//! in. It reads the journal and never writes it: what must be stored goes to the desk.

mod exchange;
mod feed;
mod keeping;
mod lane;
mod letter;
mod orders;
mod relay;
mod results;

use crate::config::{Broker, Site};
use crate::desk::Desk;
use crate::event::{Now, Source};
use crate::journal::{JournalError, Lane, Reader};
use crate::link::{
    Connection, End, Fault, Heard, Limits, Link, LinkState, Session, Settings, Talker, Will, keep_talking, stopped,
};
use crate::service::office_command::Addressee;
use exchange::{Exchange, Sent};
use feed::Feed;
pub use keeping::Places;
pub use lane::{Lane as Outgoing, READ};
pub use letter::{Letter, Tag};
use orders::Orders;
use relay::Relay;
use rumqttc::v5::mqttbytes::v5::{ConnAck, SubAck, SubscribeReasonCode};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;

/// How often deadlines and failed tries are looked at.
const TICK: Duration = Duration::from_secs(1);
/// Events taken in one turn before anything else is looked at.
const TURN: usize = 64;
/// For the last acknowledgements and the farewell when the daemon stops, and then for the goodbye.
const FAREWELL: Duration = Duration::from_millis(800);
const GOODBYE: Duration = Duration::from_millis(300);

pub type Clock = Box<dyn Fn() -> Now + Send + Sync>;

/// What the gateway says of itself on its retained `status` topic.
pub struct Voice {
    /// The status as it is now; published when it changes.
    pub status: watch::Receiver<Vec<u8>>,
    /// Published before an orderly shutdown.
    pub farewell: Vec<u8>,
}

pub struct Office {
    link: Link,
    relay: Relay,
    orders: Orders,
    voice: Voice,
    clock: Clock,
}

/// The office link's settings. `will` is the status that the broker publishes when we vanish.
pub fn settings(broker: &Broker, site: &Site, will: Vec<u8>, limits: Limits) -> Settings {
    Settings {
        name: "office",
        broker: broker.clone(),
        // Not the building's: a small site may have one broker for both, and two clients with one id throw each other out.
        client_id: format!("lobbyd-{}-{}-office", site.id, site.gateway),
        session: Session::Clean,
        will: Some(Will { topic: format!("lobby/v1/{}/{}/status", site.id, site.gateway), payload: will }),
        limits,
    }
}

impl Talker for Office {
    /// A command that was recorded is carried out whether the link stands or not: it was good for that moment, and not for the day
    /// on which there is a link again.
    fn apart(&mut self) -> (&mut Link, impl Future<Output = Infallible> + Send) {
        let Office { link, relay, orders, clock, .. } = self;
        let meanwhile = async {
            let mut tick = tokio::time::interval(TICK);
            loop {
                tokio::select! {
                    Some(progress) = orders.next() => orders.carry_on(progress, relay, clock),
                    _ = tick.tick() => orders.tick(),
                }
            }
        };
        (link, meanwhile)
    }

    async fn talk(&mut self, connection: Connection, connack: ConnAck, stop: &mut watch::Receiver<bool>) -> End {
        let exchange = Exchange::new(connection, &connack, &self.link.settings.limits);
        self.serve(exchange, stop).await
    }
}

impl Office {
    /// Opens the journal for reading; the desk must have made it. `to`: who we are to those who command, and who they are.
    pub fn open(
        link: Link,
        to: Addressee,
        places: Places,
        desk: Desk,
        voice: Voice,
        clock: Clock,
    ) -> Result<Self, JournalError> {
        let reader = Reader::open(&places.data_dir)?;
        let source = Source { site: to.site.clone(), gateway: to.gateway.clone(), epoch: reader.epoch()? };
        let cursors = [reader.cursor(Lane::Urgent)?, reader.cursor(Lane::Normal)?];
        let feed =
            Feed::start(reader).map_err(|error| JournalError::File { path: "relay-feed thread".into(), error })?;
        let relay = Relay::new(source.clone(), desk.clone(), feed, cursors, &link.settings.limits);
        Ok(Office { link, relay, orders: Orders::new(source, to, desk, places), voice, clock })
    }

    /// Runs until `stop` says true.
    pub async fn run(mut self, stop: watch::Receiver<bool>) {
        let tidy = self.orders.tidy();
        tokio::select! {
            () = keep_talking(&mut self, stop) => {}
            () = tidy => {}
        }
    }

    async fn serve(&mut self, mut exchange: Exchange, stop: &mut watch::Receiver<bool>) -> End {
        self.relay.connected();
        exchange.connection.subscribe_as_published(self.orders.filters());
        self.voice.status.mark_changed();
        let mut tick = tokio::time::interval(TICK);
        loop {
            let turn = tokio::select! {
                biased;
                () = stopped(stop) => {
                    self.say_farewell(exchange).await;
                    return End::Stop;
                }
                woken = self.relay.woken() => {
                    self.relay.wake(woken, &mut exchange);
                    Ok(())
                }
                heard = exchange.connection.next() => self.take_turn(heard, &mut exchange),
                Some(progress) = self.orders.next() => {
                    self.orders.carry_on(progress, &mut self.relay, &self.clock);
                    Ok(())
                }
                Ok(()) = self.voice.status.changed() => {
                    let status = self.voice.status.borrow_and_update().clone();
                    exchange.post(self.status(status));
                    Ok(())
                }
                _ = tick.tick() => self.tick(&exchange),
            };
            if let Err(fault) = turn {
                self.relay.broke(&fault, &exchange);
                return End::Fault(fault);
            }
            self.relay.fill(&mut exchange, &self.clock);
            self.link.say(match self.relay.complaints.values().next() {
                Some(why) => LinkState::Held(why.clone()),
                None => LinkState::Up,
            });
        }
    }

    /// Takes this event and what else is there already.
    fn take_turn(&mut self, first: Heard, exchange: &mut Exchange) -> Result<(), Fault> {
        let (mut next, mut taken) = (Some(first), 0);
        while let Some(heard) = next {
            match heard {
                Heard::PubAck { packet_id, verdict } => self.relay.acknowledged(exchange, packet_id, verdict),
                Heard::Publish(publish) => {
                    // At once: the session is a clean one, and whatever is lost with it is not to be obeyed later.
                    exchange.connection.acknowledge(publish.pkid, publish.qos);
                    self.orders.arrived(&publish, &self.relay.results, &self.clock);
                }
                Heard::SubAck(suback) => self.subscribed(&suback),
                Heard::Down(fault) => return Err(fault),
            }
            taken += 1;
            next = if taken < TURN { exchange.connection.ready() } else { None };
        }
        Ok(())
    }

    fn tick(&mut self, exchange: &Exchange) -> Result<(), Fault> {
        self.relay.tick();
        self.orders.tick();
        if self.relay.needs_proof() {
            self.voice.status.mark_changed();
        }
        if exchange.is_overdue(self.link.settings.limits.answer) { Err(Fault::Silent) } else { Ok(()) }
    }

    fn subscribed(&mut self, suback: &SubAck) {
        if suback.return_codes.iter().any(|code| !matches!(code, SubscribeReasonCode::Success(_))) {
            let why = "the broker refuses our subscription to `cmd/+` or `ack`: check its access rules";
            self.relay.complaints.insert("subscription", why.into());
        }
    }

    fn status(&self, payload: Vec<u8>) -> Letter {
        Letter::notice("status", self.relay.source.topic("status"), payload, true)
    }

    /// The last acknowledgements, then the farewell, then DISCONNECT, so that the broker does not publish the will.
    async fn say_farewell(&mut self, mut exchange: Exchange) {
        let farewell = self.status(self.voice.farewell.clone());
        let said = exchange.send(farewell) == Sent::Away;
        let wait = async {
            while said && !exchange.is_idle() {
                match exchange.connection.next().await {
                    Heard::PubAck { packet_id, verdict } => {
                        self.relay.acknowledged(&mut exchange, packet_id, verdict);
                    }
                    Heard::Down(_) => break,
                    // A command that comes now could be recorded, but neither carried out nor answered.
                    Heard::Publish(_) | Heard::SubAck(_) => {}
                }
            }
        };
        // What is late is sent again at the next start.
        drop(tokio::time::timeout(FAREWELL, wait).await);
        self.relay.move_cursors();
        self.link.close(exchange.connection, GOODBYE).await;
    }
}
