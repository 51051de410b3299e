//! Commands from the office: judged by `service::office_command`, recorded, then carried out, then answered. A command
//! is never carried out before its record is on disk.

use super::Clock;
use super::keeping::{Apart, Keeping, Places};
use super::relay::Relay;
use super::results::{self, Results};
use crate::desk::{Answer, Asked, Command, Desk, Refusal};
use crate::event::{Data, Event, Id, Now, Source, data};
use crate::service::case;
use crate::service::matter::Opening;
use crate::service::office_command::{self, Addressee, Objection, OfficeCommand, Order, Refused};
use crate::service::staff::Role;
use chrono::{DateTime, TimeDelta, Utc};
use metrics::counter;
use rumqttc::v5::mqttbytes::v5::Publish;
use serde_json::json;
use std::collections::{BTreeSet, VecDeque};
use tokio::sync::mpsc;

/// Commands being recorded at once. The office sends them one by one; more is a fault or an attack.
const UNDER_WAY: usize = 64;
/// More than that wait for the answer that there are too many; what comes beyond is counted only.
const WAITING: usize = 192;
/// Commands that can be under way at once, in whatever state.
pub const MOST_COMMANDS: usize = UNDER_WAY + WAITING;
/// Commands that have begun and whose end the disk has not taken yet, beyond which none begins.
const OWED: usize = 64;
/// Longest name of a command that is answered, bytes: one that is longer would make a topic that no broker takes.
const MAX_NAME: usize = 64;

/// Refusals an hour that are journaled of what nobody known has signed: whoever can write to the topic must not fill the disk.
/// Beyond that they are answered and counted.
const NOTED: u32 = 60;
const HOUR: TimeDelta = TimeDelta::hours(1);
pub const COUNTED: &str = "lobbyd_office_commands_total";

/// How far a command has come.
pub enum Progress {
    /// Its event is on disk, and it may be carried out. `again`: a crash has cut it off before.
    Begun { sent: Sent, order: Order, again: bool },
    /// What is kept apart from the journal was, or was not; the next may begin.
    Kept { sent: Sent, outcome: Result<Data, Objection> },
    /// It was carried out, or not: that is still to be noted.
    Ended { sent: Sent, outcome: Result<Data, Objection> },
    /// All of it is on disk, but for what is still owed.
    Noted { sent: Sent, outcome: Result<Data, Objection>, owed: Option<Owed> },
    /// What was owed was tried again.
    Tried { owed: Owed, stored: bool },
}

/// The end of a command that was carried out, which the disk did not take.
pub struct Owed {
    id: Id,
    refused: Option<Box<Event>>,
}

impl Owed {
    fn command(&self) -> Command {
        Command::EndOrder { id: self.id, refused: self.refused.as_deref().cloned() }
    }
}

/// Whose command it is, as far as it can be believed.
pub struct Sent {
    name: String,
    id: Option<String>,
    signer: Option<String>,
    /// Its record, where it is to be noted as ended.
    begun: Option<Id>,
}

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
    /// What is to be kept, in the order in which it was recorded: of two lists of staff the later one holds.
    to_keep: VecDeque<(Sent, Apart)>,
    is_keeping: bool,
    /// Records of commands that have begun and are not noted as ended: one that comes again meanwhile is a repeat.
    begun: BTreeSet<Id>,
    /// While its end is not on disk a command that comes again must not be carried out again.
    owed: Vec<Owed>,
    strangers: Strangers,
}

impl Orders {
    pub fn new(source: Source, to: Addressee, desk: Desk, places: Places) -> Self {
        let (keeping, strangers) = (Keeping::new(places), Strangers::default());
        let (progress, begun) = (mpsc::channel(MOST_COMMANDS + UNDER_WAY + OWED), BTreeSet::new());
        let (to_keep, owed) = (VecDeque::new(), Vec::new());
        Orders { source, to, desk, keeping, progress, under_way: 0, to_keep, is_keeping: false, begun, owed, strangers }
    }

    /// The topics to subscribe to.
    pub fn filters(&self) -> [String; 2] {
        [self.source.topic("cmd/+"), self.source.topic("ack")]
    }

    /// The next command that can be carried on with. Cancel-safe.
    pub async fn next(&mut self) -> Option<Progress> {
        self.progress.1.recv().await
    }

    /// What the disk did not take is tried again.
    pub fn tick(&mut self) {
        for owed in std::mem::take(&mut self.owed) {
            let tell = self.teller();
            self.desk.submit(owed.command(), move |answer| tell(Progress::Tried { owed, stored: answer.is_ok() }));
        }
    }

    /// Runs beside the link, whether it stands or not: half a directory does not stay for ever.
    pub fn tidy(&self) -> impl Future<Output = ()> + Send + use<> {
        self.keeping.clone().tidy(self.desk.clone())
    }

    /// A message from the office.
    pub fn arrived(&mut self, publish: &Publish, results: &Results, clock: &Clock) {
        let Ok(topic) = std::str::from_utf8(&publish.topic) else { return };
        if topic == self.source.topic("ack") {
            match office_command::stored_through(&publish.payload, publish.retain, &self.source.epoch) {
                Some(seq) => self.desk.submit(Command::StoredThrough { seq }, drop),
                None => {
                    counter!(COUNTED, "outcome" => "ack").increment(1);
                    tracing::warn!("an `ack` of the office is not of this journal, or malformed; ignored");
                }
            }
            return;
        }
        let Some(name) = topic.strip_prefix(&self.source.topic("cmd/")) else { return };
        if name.len() > MAX_NAME || self.under_way + results.len() >= results::MOST {
            counter!(COUNTED, "outcome" => "unanswered").increment(1);
            return;
        }
        let now = clock();
        match office_command::read(name, &publish.payload, publish.retain, &self.to, now) {
            Ok(command) if self.under_way < UNDER_WAY && self.begun.len() < OWED => self.begin(name, command, now),
            Ok(command) => self.refuse(name, command.refused(Objection::TooMany), &publish.payload, now),
            Err(refused) => self.refuse(name, refused, &publish.payload, now),
        }
    }

    /// Records it. What the desk does for it is done in the same transaction.
    fn begin(&mut self, name: &str, command: OfficeCommand, now: Now) {
        self.under_way += 1;
        let tell = self.teller();
        let (record, of_the_desk) =
            (office_command::accepted(&command, &self.source.gateway, now), of_the_desk(&command));
        let OfficeCommand { id, record: record_id, signer, order, .. } = command;
        let asked = Asked { name: order.name().as_str(), id: id.clone(), signer: signer.clone() };
        let mut sent = Sent { name: name.to_owned(), id: Some(id), signer: Some(signer), begun: None };
        match of_the_desk {
            Some(what) => self.desk.submit(Command::Order { record, asked, what: Box::new(what) }, move |answer| {
                tell(match answer.map_err(unstored) {
                    Ok(Answer::Repeated) => Progress::Ended { sent, outcome: Err(Objection::Repeated) },
                    Ok(Answer::Declined(why)) => Progress::Noted { sent, outcome: Err(why), owed: None },
                    Ok(answer) => Progress::Noted { sent, outcome: Ok(brought(&answer)), owed: None },
                    Err(objection) => Progress::Ended { sent, outcome: Err(objection) },
                });
            }),
            None => self.desk.submit(Command::BeginOrder { id: record_id, record }, move |answer| {
                tell(match answer.map_err(unstored) {
                    Ok(Answer::Begun { again }) => {
                        sent.begun = Some(record_id);
                        Progress::Begun { sent, order, again }
                    }
                    Ok(_) => Progress::Ended { sent, outcome: Err(Objection::Repeated) },
                    Err(objection) => Progress::Ended { sent, outcome: Err(objection) },
                });
            }),
        }
    }

    fn refuse(&mut self, name: &str, refused: Refused, payload: &[u8], now: Now) {
        if self.under_way >= MOST_COMMANDS {
            counter!(COUNTED, "outcome" => "unanswered").increment(1);
            return;
        }
        self.under_way += 1;
        let tell = self.teller();
        let event = office_command::refused(name, &refused, payload, &self.source.gateway, now);
        let Refused { id, signer, objection } = refused;
        let known = signer.is_some();
        let (sent, outcome) = (Sent { name: name.to_owned(), id, signer, begun: None }, Err(objection));
        if known || self.strangers.may_be_noted(now) {
            self.desk.submit(Command::Record(event), move |answer| {
                let outcome = answer.map_or_else(|refusal| Err(Objection::Storage(refusal.to_string())), |_| outcome);
                tell(Progress::Noted { sent, outcome, owed: None });
            });
        } else {
            tell(Progress::Noted { sent, outcome, owed: None });
        }
    }

    /// There is room for each that is under way; an error means that the link is gone.
    fn teller(&self) -> impl FnOnce(Progress) + Send + 'static {
        let told = self.progress.0.clone();
        move |progress| drop(told.try_send(progress))
    }

    /// Carries it out, notes what came of it, answers it.
    pub fn carry_on(&mut self, progress: Progress, relay: &mut Relay, clock: &Clock) {
        match progress {
            Progress::Begun { sent, .. } if sent.begun.is_some_and(|record| !self.begun.insert(record)) => {
                self.note(Sent { begun: None, ..sent }, Err(Objection::Repeated), clock());
            }
            Progress::Begun { sent, order, again } => match Apart::of(order, again) {
                Ok(what) => {
                    self.to_keep.push_back((sent, what));
                    self.keep_next(clock());
                }
                Err(order) => {
                    let told = perform(&order, relay, &self.desk);
                    self.note(sent, Ok(told), clock());
                }
            },
            Progress::Kept { sent, outcome } => {
                self.is_keeping = false;
                self.note(sent, outcome, clock());
                self.keep_next(clock());
            }
            Progress::Ended { sent, outcome } => self.note(sent, outcome, clock()),
            Progress::Noted { sent, outcome, owed } => {
                self.settle(sent.begun, owed);
                self.answer(&sent, &outcome, relay, clock());
            }
            Progress::Tried { owed, stored } => {
                let begun = Some(owed.id);
                self.settle(begun, (!stored).then_some(owed));
            }
        }
    }

    /// It takes its time on the disk; nobody waits for it but who has sent it, and whatever was recorded after it.
    fn keep_next(&mut self, now: Now) {
        if self.is_keeping {
            return;
        }
        let Some((sent, what)) = self.to_keep.pop_front() else { return };
        self.is_keeping = true;
        let (keeping, desk, tell) = (self.keeping.clone(), self.desk.clone(), self.teller());
        tokio::spawn(async move {
            let outcome = keeping.keep(what, &desk, now).await;
            tell(Progress::Kept { sent, outcome });
        });
    }

    /// On disk before it is answered; where the disk does not take it, what was done is done and answered all the same, and its end is
    /// owed to the journal.
    fn note(&self, sent: Sent, outcome: Result<Data, Objection>, now: Now) {
        let refused = outcome.as_ref().err().map(|objection| {
            let refused = Refused { id: sent.id.clone(), signer: sent.signer.clone(), objection: objection.clone() };
            office_command::refused(&sent.name, &refused, &[], &self.source.gateway, now)
        });
        let tell = self.teller();
        let owed = sent.begun.map(|id| Owed { id, refused: refused.clone().map(Box::new) });
        let command = match (&owed, refused) {
            (Some(owed), _) => owed.command(),
            (None, Some(refused)) => Command::Record(refused),
            (None, None) => return tell(Progress::Noted { sent, outcome, owed }),
        };
        self.desk.submit(command, move |answer| {
            let owed = owed.filter(|_| answer.is_err());
            if let Err(refusal) = answer {
                tracing::warn!(%refusal, "what has become of an office command was not stored, and is tried again");
            }
            tell(Progress::Noted { sent, outcome, owed });
        });
    }

    /// While its end is not on disk it counts as begun.
    fn settle(&mut self, begun: Option<Id>, owed: Option<Owed>) {
        match owed {
            Some(owed) => self.owed.push(owed),
            None => drop(begun.map(|record| self.begun.remove(&record))),
        }
    }

    fn answer(&mut self, sent: &Sent, outcome: &Result<Data, Objection>, relay: &mut Relay, now: Now) {
        self.under_way = self.under_way.saturating_sub(1);
        outcome.iter().for_each(|told| self.keeping.told(told));
        // The name of a refused command is the sender's own text; the log says only why.
        match outcome {
            Ok(_) => tracing::info!(command = sent.name, "an office command was carried out"),
            Err(objection) => tracing::warn!(reason = objection.code(), "an office command was refused"),
        }
        counter!(COUNTED, "outcome" => outcome.as_ref().map_or_else(Objection::code, |_| "accepted")).increment(1);
        let result = office_command::result(&sent.name, sent.id.as_deref(), outcome.as_ref(), now);
        relay.results.post(self.source.topic(&format!("cmd/{}/result", sent.name)), result);
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
        Order::TakeBack(token) => Some(Command::TakeBack(token.clone())),
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

/// What the desk tells of it.
fn brought(answer: &Answer) -> Data {
    match answer {
        Answer::WatchList { entries } => data([("entries", json!(entries))]),
        Answer::Moved { number, state, version } => {
            data([("number", json!(number)), ("state", json!(state)), ("version", json!(version))])
        }
        Answer::Opened { number, .. } => data([("number", json!(number))]),
        _ => Data::new(),
    }
}

fn unstored(refusal: Refusal) -> Objection {
    Objection::Storage(refusal.to_string())
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

/// What the relay does, and what the office is told of it.
fn perform(order: &Order, relay: &mut Relay, desk: &Desk) -> Data {
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
        _ => Data::new(),
    }
}

#[cfg(test)]
mod tests;
