//! Commands from the office: judged by `service::office_command`, recorded, then carried out, then answered. A command
//! is never carried out before its record is on disk.

use super::Clock;
use super::exchange::Exchange;
use super::letter::Letter;
use super::relay::Relay;
use crate::desk::{Answer, Command, Desk, Refusal};
use crate::event::{Data, Event, Source, data};
use crate::service::office_command::{self, Objection, OfficeCommand, Order, Refused};
use rumqttc::v5::mqttbytes::v5::Publish;
use serde_json::json;
use tokio::sync::mpsc;

/// Commands being recorded at once. The office sends them one by one; more is a fault or an attack.
const UNDER_WAY: usize = 64;

/// A command that the desk has answered.
pub struct Recorded {
    name: String,
    judged: Result<OfficeCommand, Refused>,
    answer: Result<Answer, Refusal>,
}

pub struct Orders {
    source: Source,
    desk: Desk,
    recorded: (mpsc::Sender<Recorded>, mpsc::Receiver<Recorded>),
    under_way: usize,
}

impl Orders {
    pub fn new(source: Source, desk: Desk) -> Self {
        Orders { source, desk, recorded: mpsc::channel(UNDER_WAY), under_way: 0 }
    }

    /// The topics to subscribe to.
    pub fn filters(&self) -> [String; 2] {
        [self.source.topic("cmd/+"), self.source.topic("ack")]
    }

    /// The next command that is on disk. Cancel-safe.
    pub async fn recorded(&mut self) -> Option<Recorded> {
        self.recorded.1.recv().await
    }

    /// A message from the office.
    pub fn arrived(&mut self, publish: &Publish, clock: &Clock) {
        let Ok(topic) = std::str::from_utf8(&publish.topic) else { return };
        if topic == self.source.topic("ack") {
            match office_command::stored_through(&publish.payload, publish.retain, &self.source.epoch) {
                Some(seq) => self.desk.submit(Command::StoredThrough { seq }, drop),
                None => tracing::warn!("an `ack` of the office is not of this journal, or malformed; ignored"),
            }
            return;
        }
        let Some(name) = topic.strip_prefix(&self.source.topic("cmd/")) else { return };
        let now = clock();
        let judged = office_command::read(name, &publish.payload, publish.retain, now);
        let event = match &judged {
            Ok(command) => office_command::accepted(command, &self.source.gateway, now),
            Err(refused) => office_command::refused(name, refused, &publish.payload, &self.source.gateway, now),
        };
        self.record(name.to_owned(), judged, event);
    }

    fn record(&mut self, name: String, judged: Result<OfficeCommand, Refused>, event: Event) {
        if self.under_way >= UNDER_WAY {
            tracing::warn!("too many office commands at once; one is dropped without an answer");
            return;
        }
        self.under_way += 1;
        let told = self.recorded.0.clone();
        self.desk.submit(Command::Record(event), move |answer| {
            // There is room for each that is under way; an error means that the link is gone.
            let _ = told.try_send(Recorded { name, judged, answer });
        });
    }

    /// Carries out a recorded command, if it was a good one, and answers it.
    pub fn carry_out(&mut self, recorded: Recorded, relay: &mut Relay, exchange: &mut Exchange, clock: &Clock) {
        self.under_way = self.under_way.saturating_sub(1);
        let Recorded { name, judged, answer } = recorded;
        let id = match &judged {
            Ok(command) => Some(command.id.clone()),
            Err(refused) => refused.id.clone(),
        };
        let outcome = match (judged, answer) {
            (Err(refused), _) => Err(refused.objection),
            (Ok(_), Ok(Answer::Stored { events: 0, .. })) => Err(Objection::Repeated),
            (Ok(command), Ok(_)) => Ok(perform(command.order, relay, &self.desk)),
            (Ok(_), Err(refusal)) => Err(Objection::Storage(refusal.to_string())),
        };
        // The name of a refused command is the sender's own text; the log says only why.
        match &outcome {
            Ok(_) => tracing::info!(command = name, "an office command was carried out"),
            Err(objection) => tracing::warn!(reason = objection.code(), "an office command was refused"),
        }
        let result = office_command::result(&name, id.as_deref(), outcome.as_ref(), clock());
        exchange.post(self.result(&name, result));
    }

    fn result(&self, name: &str, payload: Vec<u8>) -> Letter {
        Letter::notice("command results", self.source.topic(&format!("cmd/{name}/result")), payload, false)
    }
}

fn perform(order: Order, relay: &mut Relay, desk: &Desk) -> Data {
    match order {
        Order::Ping => data([("newest", json!(relay.newest())), ("epoch", json!(relay.source.epoch))]),
        Order::Replay { from_seq } => {
            let after = relay.replay(from_seq);
            let kept = *desk.room().borrow();
            data([
                ("from_seq", json!(after + 1)),
                ("newest", json!(relay.newest())),
                // What retention has deleted cannot come again, and nobody shall wait for it.
                ("oldest", json!(kept.oldest)),
                ("thinned_through", json!(kept.thinned)),
            ])
        }
    }
}
