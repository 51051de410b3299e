//! Commands from the office: judged by `service::office_command`, recorded, then carried out, then answered. A command
//! is never carried out before its record is on disk.

use super::Clock;
use super::exchange::Exchange;
use super::keeping::{Apart, Keeping, Places};
use super::letter::Letter;
use super::relay::Relay;
use crate::desk::{Answer, Command, Desk, Refusal};
use crate::event::{Data, Event, Now, Source, data};
use crate::service::case;
use crate::service::matter::Opening;
use crate::service::office_command::{self, Addressee, Objection, OfficeCommand, Order, Refused};
use crate::service::staff::Role;
use chrono::{DateTime, TimeDelta, Utc};
use metrics::counter;
use rumqttc::v5::mqttbytes::v5::Publish;
use serde_json::json;
use tokio::sync::mpsc;

/// Commands being recorded at once. The office sends them one by one; more is a fault or an attack.
const UNDER_WAY: usize = 64;
/// More than that wait for the answer that there are too many; what comes beyond is counted only.
const WAITING: usize = 192;

/// Refusals an hour that are journaled of what nobody known has signed: whoever can write to the topic must not fill the disk.
/// Beyond that they are answered and counted.
const NOTED: u32 = 60;
const HOUR: TimeDelta = TimeDelta::hours(1);
const COUNTED: &str = "lobbyd_office_commands_total";

/// How far a command has come.
pub enum Progress {
    /// Its event is on disk, or it was refused.
    Recorded { name: String, outcome: Outcome },
    /// What is kept apart from the journal is kept, or is not.
    Kept { name: String, id: String, outcome: Result<Data, Objection> },
}

/// A command that is recorded, with what the desk tells of it; or why there is none.
type Outcome = Result<(OfficeCommand, Data), Refused>;

/// What nobody known has signed, in this hour.
#[derive(Default)]
struct Strangers {
    since: DateTime<Utc>,
    noted: u32,
}

pub struct Orders {
    source: Source,
    to: Addressee,
    desk: Desk,
    keeping: Keeping,
    progress: (mpsc::Sender<Progress>, mpsc::Receiver<Progress>),
    under_way: usize,
    strangers: Strangers,
}

impl Orders {
    pub fn new(source: Source, to: Addressee, desk: Desk, places: Places) -> Self {
        let (keeping, strangers) = (Keeping::new(places), Strangers::default());
        Orders { source, to, desk, keeping, progress: mpsc::channel(UNDER_WAY + WAITING), under_way: 0, strangers }
    }

    /// The topics to subscribe to.
    pub fn filters(&self) -> [String; 2] {
        [self.source.topic("cmd/+"), self.source.topic("ack")]
    }

    /// The next command that can be carried on with. Cancel-safe.
    pub async fn next(&mut self) -> Option<Progress> {
        self.progress.1.recv().await
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
        let judged = office_command::read(name, &publish.payload, publish.retain, &self.to, now);
        let event = match &judged {
            Ok(command) => office_command::accepted(command, &self.source.gateway, now),
            Err(refused) => office_command::refused(name, refused, &publish.payload, &self.source.gateway, now),
        };
        self.record(name.to_owned(), judged, event, now);
    }

    fn record(&mut self, name: String, judged: Result<OfficeCommand, Refused>, event: Event, now: Now) {
        if self.under_way >= UNDER_WAY + WAITING {
            counter!(COUNTED, "outcome" => "unanswered").increment(1);
            return;
        }
        self.under_way += 1;
        let told = self.progress.0.clone();
        // There is room for each that is under way; an error means that the link is gone.
        let tell = move |outcome| drop(told.try_send(Progress::Recorded { name, outcome }));
        if self.under_way > UNDER_WAY {
            return tell(Err(judged.map_or_else(|refused| refused, |command| command.refused(Objection::TooMany))));
        }
        let judged = match judged {
            Err(refused) if refused.signer.is_none() && !self.strangers.may_be_noted(now) => return tell(Err(refused)),
            judged => judged,
        };
        let what = judged.as_ref().ok().and_then(of_the_desk);
        let command = match what {
            Some(what) => Command::Order { record: event, what: Box::new(what) },
            None => Command::Record(event),
        };
        self.desk.submit(command, move |answer| tell(recorded(judged, answer)));
    }

    /// Carries out a recorded command, if it was a good one, and answers it.
    pub fn carry_on(&mut self, progress: Progress, relay: &mut Relay, exchange: &mut Exchange, clock: &Clock) {
        let (name, id, outcome) = match progress {
            Progress::Recorded { name, outcome: Ok((OfficeCommand { order, id, .. }, told)) } => match Apart::of(order)
            {
                Ok(what) => return self.keep(name, id, what, clock()),
                Err(order) => (name, Some(id), Ok(perform(&order, told, relay, &self.desk))),
            },
            Progress::Recorded { name, outcome: Err(refused) } => (name, refused.id, Err(refused.objection)),
            Progress::Kept { name, id, outcome } => (name, Some(id), outcome),
        };
        self.under_way = self.under_way.saturating_sub(1);
        // The name of a refused command is the sender's own text; the log says only why.
        match &outcome {
            Ok(_) => tracing::info!(command = name, "an office command was carried out"),
            Err(objection) => tracing::warn!(reason = objection.code(), "an office command was refused"),
        }
        counter!(COUNTED, "outcome" => outcome.as_ref().map_or_else(Objection::code, |_| "accepted")).increment(1);
        let result = office_command::result(&name, id.as_deref(), outcome.as_ref(), clock());
        exchange.post(self.result(&name, result));
    }

    /// It takes its time on the disk; nobody waits for it but who has sent it.
    fn keep(&self, name: String, id: String, what: Apart, now: Now) {
        let (keeping, desk, told) = (self.keeping.clone(), self.desk.clone(), self.progress.0.clone());
        tokio::spawn(async move {
            let outcome = keeping.keep(what, &desk, now).await;
            // There is room for each that is under way; an error means that the link is gone.
            drop(told.try_send(Progress::Kept { name, id, outcome }));
        });
    }

    fn result(&self, name: &str, payload: Vec<u8>) -> Letter {
        Letter::notice("command results", self.source.topic(&format!("cmd/{name}/result")), payload, false)
    }
}

/// What the desk does for it, in the transaction that records it.
fn of_the_desk(command: &OfficeCommand) -> Option<Command> {
    match &command.order {
        // Of these nothing is the journal's but the record; `keeping` has what is kept elsewhere.
        Order::Ping
        | Order::Replay { .. }
        | Order::Directory(_)
        | Order::Staff(_)
        | Order::Notices(_)
        | Order::Rules(_)
        | Order::Diagnose => None,
        Order::Invite(token) => Some(Command::Invite(token.clone())),
        Order::WatchList(change) => Some(Command::WatchList(change.clone())),
        Order::Ticket(update) => {
            let (number, step, seen) = (update.number, update.step.clone(), update.seen);
            Some(Command::Move { number, step, seen, by: command.actor(update.role) })
        }
        Order::Survey(survey) => {
            let opening = Opening::Campaign(survey.request());
            Some(Command::Open { opening, source: case::Source::Internal, by: command.actor(Role::ProjectManager) })
        }
    }
}

/// What the desk says of it.
fn recorded(judged: Result<OfficeCommand, Refused>, answer: Result<Answer, Refusal>) -> Outcome {
    let command = judged?;
    let objection = match answer {
        Ok(Answer::Stored { events: 0, .. }) => Objection::Repeated,
        Ok(Answer::NotInvited(why)) => Objection::NotKept(why.code()),
        Ok(Answer::WatchListFull) => Objection::ListFull,
        Ok(Answer::WatchList { entries }) => return Ok((command, data([("entries", json!(entries))]))),
        Ok(Answer::Moved { number, state, version }) => {
            let told = data([("number", json!(number)), ("state", json!(state)), ("version", json!(version))]);
            return Ok((command, told));
        }
        Ok(Answer::Opened { number, .. }) => return Ok((command, data([("number", json!(number))]))),
        Ok(Answer::Objected(objection)) => Objection::NotTaken(objection.to_string()),
        Ok(_) => return Ok((command, Data::new())),
        Err(refusal) => Objection::Storage(refusal.to_string()),
    };
    Err(command.refused(objection))
}

impl Strangers {
    fn may_be_noted(&mut self, now: Now) -> bool {
        if (now.utc - self.since).abs() >= HOUR {
            *self = Strangers { since: now.utc, noted: 0 };
        }
        self.noted = self.noted.saturating_add(1);
        self.noted <= NOTED
    }
}

/// What is done besides, and what the office is told of it: `told` by the desk.
fn perform(order: &Order, told: Data, relay: &mut Relay, desk: &Desk) -> Data {
    match order {
        Order::Ping => data([("newest", json!(relay.newest())), ("epoch", json!(relay.source.epoch))]),
        Order::Replay { from_seq } => {
            let after = relay.replay(*from_seq);
            let kept = *desk.room().borrow();
            data([
                ("from_seq", json!(after + 1)),
                ("newest", json!(relay.newest())),
                // What retention has deleted cannot come again, and nobody shall wait for it.
                ("oldest", json!(kept.oldest)),
                ("thinned_through", json!(kept.thinned)),
            ])
        }
        _ => told,
    }
}
