//! The building broker: what doors and intercoms say comes in here. A message is acknowledged only after the desk has
//! committed it, so that the broker keeps what we could not store; that is also the back-pressure: a full disk makes
//! the broker hold its messages, never us forget them.

mod desk_side;
mod inbox;

use crate::config::{Broker, Site};
use crate::desk::Desk;
use crate::device::{Message, Reading};
use crate::event::Now;
use crate::link::{Connection, Fault, Heard, Limits, Link, LinkState, Session, Settings, stopped};
use desk_side::DeskSide;
pub use desk_side::STORE_AGAIN;
pub use inbox::Inbox;
use metrics::counter;
use rumqttc::v5::mqttbytes::v5::{ConnAck, SubAck, SubscribeReasonCode};
use rumqttc::v5::mqttbytes::valid_filter;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

/// How often a refused subscription is tried again: a person mends the access rules meanwhile.
const SUBSCRIBE_AGAIN: Duration = Duration::from_secs(60);
/// For the goodbye when the daemon stops, after the answers that are under way.
const GOODBYE: Duration = Duration::from_millis(300);
/// What a broker may send us unanswered while devices are held back: a ring that stands behind what they say day in, day out is
/// heard over so many messages, which is hours of a busy lobby. Only then: a crash repeats what is unanswered. Less than what we
/// hold at the most (`desk_side`), for a broker that does not count well.
const HELD_RECEIVE: u16 = 8_000;
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

/// What a broker may send us unanswered (the receive maximum of MQTT 5), which is fixed for each connection.
struct Window {
    narrow: u16,
    /// While devices are held back.
    widest: u16,
}

/// Why a connection ended.
enum End {
    Stop,
    /// To make another one, with a window that fits.
    Window,
    Fault(Fault),
}

impl Building {
    /// Runs until `stop` says true.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let (mut known, mut flooded, narrow) = (false, false, self.link.settings.limits.receive);
        loop {
            // What was too much for our memory would be so again.
            flooded &= self.holds_devices();
            let window = Window { narrow, widest: if flooded { narrow } else { narrow.max(HELD_RECEIVE) } };
            let end = tokio::select! {
                () = stopped(&mut stop) => End::Stop,
                connected = self.link.connect() => match connected {
                    Err(fault) => End::Fault(fault),
                    Ok((connection, connack)) => {
                        look_at_session(&connack, &mut known);
                        self.serve(connection, &window, &mut stop).await
                    }
                },
            };
            let fault = match end {
                End::Stop => break,
                End::Window => {
                    let receive = &mut self.link.settings.limits.receive;
                    *receive = if *receive > narrow { narrow } else { window.widest };
                    continue;
                }
                End::Fault(fault) => fault,
            };
            self.make_room_for(&fault);
            if fault == Fault::Flooded {
                flooded = true;
                self.link.settings.limits.receive = narrow;
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

    fn holds_devices(&self) -> bool {
        self.desk.room().borrow().level.holds_devices()
    }

    /// Wide once so much is held that a ring may soon stand behind it; narrow again when all of it is stored.
    fn wants_other(&self, window: &Window, desk_side: &DeskSide<'_>) -> bool {
        let receive = self.link.settings.limits.receive;
        if receive < window.widest && desk_side.held() >= usize::from(receive).div_ceil(2) {
            return self.holds_devices();
        }
        receive > window.narrow && !self.holds_devices() && desk_side.is_empty()
    }

    async fn serve(&self, connection: Connection, window: &Window, stop: &mut watch::Receiver<bool>) -> End {
        let (answer, mut answers) = mpsc::unbounded_channel();
        let mut desk_side = DeskSide::new(self, answer);
        let mut room = self.desk.room();
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
                Some(answered) = answers.recv() => {
                    desk_side.settle(answered);
                    while let Ok(answered) = answers.try_recv() {
                        desk_side.settle(answered);
                    }
                }
                heard = async { if has_room { connection.next().await } else { Heard::Down(connection.hold().await) } } => {
                    // One look at the clocks for all that is here: two system calls for each message were a twelfth of the relay.
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
                // Somebody may go on who was held; the desk has ended where there is an error, and its answers say so.
                Ok(()) = room.changed() => {}
                () = until(subscriptions.again) => subscriptions.ask(&mut connection),
            }
            desk_side.release();
            desk_side.hand_over();
            desk_side.acknowledge(&mut connection);
            if desk_side.is_flooded() {
                return End::Fault(Fault::Flooded);
            }
            if self.wants_other(window, &desk_side) {
                desk_side.finish(&mut connection, &mut answers).await;
                self.link.close(connection, GOODBYE).await;
                return End::Window;
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
