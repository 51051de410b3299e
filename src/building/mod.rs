//! The building broker: what doors and intercoms say comes in here. A message is acknowledged only after the desk has
//! committed it, so that the broker keeps what we could not store; that is also the back-pressure: a full disk makes
//! the broker hold its messages, never us forget them.

mod inbox;

use crate::config::{Broker, Site};
use crate::desk::{self, Command, Desk, Refusal};
use crate::device::{Message, Reading};
use crate::event::Now;
use crate::link::{Connection, Fault, Heard, Limits, Link, LinkState, Session, Settings, stopped};
use inbox::Inbox;
use metrics::counter;
use rumqttc::v5::mqttbytes::v5::{ConnAck, Publish, SubAck, SubscribeReasonCode};
use rumqttc::v5::mqttbytes::{QoS, valid_filter};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

/// Messages at the desk at once: two of its batches, so that one is decided while the other is gathered, and half of its
/// mailbox at most.
const AT_DESK: usize = 2 * desk::BATCH;
/// Above so many waiting messages the connection is not read until the desk has caught up. A broker that keeps to the
/// receive maximum never comes near; Mosquitto 2.0.11 pours its whole backlog out.
const PLENTY: usize = 2_000;
/// While the desk cannot store, the connection must be read on, or its pings stop. Above so many messages, or bytes of
/// payload, it is broken off instead, and the broker sends them again.
const MOST_WAITING: usize = 10_000;
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Longest topic that is kept in a dead letter, characters.
const MAX_TOPIC: usize = 256;
/// How long to wait before the desk is asked again after it could not store: a full disk is emptied by a person.
pub const STORE_AGAIN: Duration = Duration::from_secs(1);
/// How often a refused subscription is tried again: a person mends the access rules meanwhile.
const SUBSCRIBE_AGAIN: Duration = Duration::from_secs(60);
/// For the answers that are under way when the daemon stops, and then for the goodbye.
const LAST_ANSWERS: Duration = Duration::from_millis(500);
const GOODBYE: Duration = Duration::from_millis(300);
/// Events taken in one turn before the desk's answers are looked at.
const TURN: usize = 64;

/// Turns a message into reports; `Devices::read` in the daemon.
pub type Read = Box<dyn Fn(&Message<'_>) -> Reading + Send + Sync>;
pub type Clock = Box<dyn Fn() -> Now + Send + Sync>;

/// Everything that the building link works with.
pub struct Building {
    pub link: Link,
    /// Topic filters to subscribe to.
    pub filters: Vec<String>,
    pub read: Read,
    pub desk: Desk,
    pub clock: Clock,
}

/// The building link's settings: a session that the broker keeps, under a name that stays.
pub fn settings(broker: &Broker, site: &Site, limits: Limits) -> Settings {
    Settings {
        name: "building",
        broker: broker.clone(),
        client_id: format!("lobbyd-{}-{}", site.id, site.gateway),
        session: Session::Kept,
        will: None,
        limits,
    }
}

/// Why a connection ended.
enum End {
    Stop,
    Fault(Fault),
}

impl Building {
    /// Runs until `stop` says true.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut known = false;
        loop {
            let end = tokio::select! {
                () = stopped(&mut stop) => End::Stop,
                connected = self.link.connect() => match connected {
                    Err(fault) => End::Fault(fault),
                    Ok((connection, connack)) => {
                        look_at_session(&connack, &mut known);
                        self.serve(connection, &mut stop).await
                    }
                },
            };
            let End::Fault(fault) = end else { break };
            self.make_room_for(&fault);
            if fault == Fault::Flooded {
                self.link.worked();
            }
            tokio::select! {
                () = stopped(&mut stop) => break,
                () = self.link.rest(fault) => {}
            }
        }
        self.link.say(LinkState::Stopped);
    }

    /// A broker that ignores our packet limit would send the same message again after every reconnect, for ever. So the
    /// limit gives way once; the message is then taken and becomes a dead letter.
    fn make_room_for(&mut self, fault: &Fault) {
        if let Fault::Oversized { bytes, .. } = fault
            && let Ok(bytes) = u32::try_from(*bytes)
        {
            // The fault counts the body; the fixed header is 5 bytes at most.
            self.link.settings.limits.packet = self.link.settings.limits.packet.max(bytes.saturating_add(5));
        }
    }

    async fn serve(&self, connection: Connection, stop: &mut watch::Receiver<bool>) -> End {
        let (answer, mut answers) = mpsc::unbounded_channel();
        let mut desk_side =
            DeskSide { building: self, inbox: Inbox::default(), bytes: 0, answer, again: None, complaint: None };
        let mut subscriptions = Subscriptions { building: self, again: None, refused: Vec::new() };
        let mut connection = connection;
        subscriptions.ask(&mut connection);
        loop {
            let has_room = desk_side.has_room();
            tokio::select! {
                biased;
                () = stopped(stop) => {
                    desk_side.finish(&mut connection, &mut answers).await;
                    self.link.close(connection, GOODBYE).await;
                    return End::Stop;
                }
                Some((number, result)) = answers.recv() => {
                    desk_side.settle(number, result);
                    while let Ok((number, result)) = answers.try_recv() {
                        desk_side.settle(number, result);
                    }
                }
                heard = async { if has_room { connection.next().await } else { Heard::Down(connection.hold().await) } } => {
                    // One look at the clocks for all that is here: two system calls for each message were a tenth of the relay.
                    let (mut next, mut taken, now) = (Some(heard), 0, (self.clock)());
                    while let Some(event) = next {
                        match event {
                            Heard::Publish(publish) => desk_side.arrived(publish, now),
                            Heard::SubAck(suback) => subscriptions.answered(&suback),
                            Heard::Down(fault) => return End::Fault(fault),
                            _ => {}
                        }
                        taken += 1;
                        next = if taken < TURN { connection.ready() } else { None };
                    }
                }
                () = until(desk_side.again) => desk_side.again = None,
                () = until(subscriptions.again) => subscriptions.ask(&mut connection),
            }
            desk_side.hand_over();
            desk_side.acknowledge(&mut connection);
            if desk_side.is_flooded() {
                return End::Fault(Fault::Flooded);
            }
            self.link.say(match desk_side.complaint.as_ref().or(subscriptions.complaint().as_ref()) {
                Some(why) => LinkState::Held(why.clone()),
                None => LinkState::Up,
            });
        }
    }
}

async fn until(when: Option<Instant>) {
    match when {
        Some(when) => sleep_until(when).await,
        None => std::future::pending().await,
    }
}

/// Says loudly when the broker did not keep what came while we were away.
fn look_at_session(connack: &ConnAck, known: &mut bool) {
    if *known && !connack.session_present {
        counter!("lobbyd_building_sessions_lost_total").increment(1);
        tracing::warn!(
            "the building broker has lost our session: what devices sent since the connection broke is gone. \
             Turn its persistence on"
        );
    }
    *known = true;
    let expiry = connack.properties.as_ref().and_then(|properties| properties.session_expiry_interval);
    if let Some(seconds) = expiry
        && seconds != u32::MAX
    {
        tracing::warn!(seconds, "the building broker keeps our session only so long");
    }
}

struct Subscriptions<'a> {
    building: &'a Building,
    again: Option<Instant>,
    refused: Vec<String>,
}

impl Subscriptions<'_> {
    /// After every connect: a broker that kept the session has the subscriptions still, and one that lost it has not.
    fn ask(&mut self, connection: &mut Connection) {
        self.again = None;
        let filters = &self.building.filters;
        if !filters.iter().all(|filter| valid_filter(filter)) {
            // The broker would break the connection over it, for ever.
            tracing::error!("a topic filter is not valid: see the [[device]] entries of the configuration");
            self.refused = filters.clone();
        } else if !filters.is_empty() {
            connection.subscribe(filters.iter().cloned());
        }
    }

    fn answered(&mut self, suback: &SubAck) {
        let refused = |(filter, reason): (&String, &SubscribeReasonCode)| {
            (!matches!(reason, SubscribeReasonCode::Success(_))).then(|| format!("{filter} ({reason:?})"))
        };
        self.refused = self.building.filters.iter().zip(&suback.return_codes).filter_map(refused).collect();
        if !self.refused.is_empty() {
            self.again = Some(Instant::now() + SUBSCRIBE_AGAIN);
        }
    }

    fn complaint(&self) -> Option<String> {
        let refused =
            || format!("the broker refuses subscriptions: {}; check its access rules", self.refused.join(", "));
        (!self.refused.is_empty()).then(refused)
    }
}

struct Arrived {
    publish: Publish,
    received: Now,
}

type Answered = (u64, Result<(), Refusal>);

/// Between the connection and the desk.
struct DeskSide<'a> {
    building: &'a Building,
    inbox: Inbox<Arrived>,
    /// Payload in the inbox.
    bytes: usize,
    /// Bounded by the inbox: one answer for each message at the desk.
    answer: mpsc::UnboundedSender<Answered>,
    /// The desk could not store: nothing is handed over before this.
    again: Option<Instant>,
    complaint: Option<String>,
}

impl DeskSide<'_> {
    fn arrived(&mut self, publish: Publish, received: Now) {
        counter!("lobbyd_building_messages_total").increment(1);
        // QoS 0 promises nothing, and must not fill the memory.
        if publish.qos == QoS::AtMostOnce && self.inbox.len() >= MOST_WAITING / 2 {
            counter!("lobbyd_building_dropped_total").increment(1);
            return;
        }
        self.bytes += publish.payload.len();
        self.inbox.push(Arrived { publish, received });
    }

    fn has_room(&self) -> bool {
        self.again.is_some() || self.inbox.len() < PLENTY
    }

    fn is_flooded(&self) -> bool {
        let waiting = self.inbox.len();
        waiting > MOST_WAITING || (waiting > 1 && self.bytes > MOST_BYTES)
    }

    /// Hands over what waits, in order. After a refusal nothing goes before all answers are back: order is kept.
    fn hand_over(&mut self) {
        while self.again.is_none() && self.inbox.at_desk() < AT_DESK {
            let answer = self.answer.clone();
            let Some((number, arrived)) = self.inbox.take() else { return };
            // An error below means that the connection, and with it the acknowledgement, is gone: the broker sends again.
            match command(&self.building.read, arrived) {
                None => self.inbox.done(number),
                Some(command) => self.building.desk.submit(command, move |result| {
                    let _ = answer.send((number, result.map(drop)));
                }),
            }
        }
    }

    fn settle(&mut self, number: u64, result: Result<(), Refusal>) {
        match result {
            Ok(()) => self.inbox.done(number),
            Err(refusal) => {
                self.inbox.refused(number);
                self.complaint = Some(format!("{refusal}; its messages wait at the broker"));
                self.again = Some(Instant::now() + STORE_AGAIN);
            }
        }
        if self.again.is_some() && self.inbox.at_desk() > 0 {
            self.again = Some(Instant::now() + STORE_AGAIN);
        }
    }

    /// Acknowledges what may be, in order.
    fn acknowledge(&mut self, connection: &mut Connection) {
        while let Some(arrived) = self.inbox.pop_done() {
            self.complaint = None;
            self.bytes -= arrived.publish.payload.len();
            connection.acknowledge(arrived.publish.pkid, arrived.publish.qos);
        }
    }

    /// The last answers before the daemon stops: each saves a redelivery.
    async fn finish(&mut self, connection: &mut Connection, answers: &mut mpsc::UnboundedReceiver<Answered>) {
        let all = async {
            while self.inbox.at_desk() > 0 {
                let Some((number, result)) = answers.recv().await else { return };
                self.settle(number, result);
            }
        };
        // What is late comes again at the next start.
        drop(timeout(LAST_ANSWERS, all).await);
        self.acknowledge(connection);
    }
}

/// What a message asks of the desk; `None` where it carries nothing of its own.
fn command(read: &Read, arrived: &Arrived) -> Option<Command> {
    let publish = &arrived.publish;
    let payload: &[u8] = &publish.payload;
    let Ok(topic) = std::str::from_utf8(&publish.topic) else {
        return Some(unreadable(publish, "its topic is not UTF-8".into()));
    };
    let message = Message {
        topic,
        payload,
        retain: publish.retain,
        dup: publish.dup,
        packet_id: publish.pkid,
        received: arrived.received,
    };
    match read(&message) {
        Reading::Reports(reports) => Some(Command::Heard(reports)),
        Reading::Ignored => None,
        Reading::Unreadable(reason) => Some(unreadable(publish, reason)),
    }
}

fn unreadable(publish: &Publish, reason: String) -> Command {
    let topic = String::from_utf8_lossy(&publish.topic).chars().take(MAX_TOPIC).collect();
    Command::Unreadable { topic, bytes: publish.payload.len(), reason }
}
