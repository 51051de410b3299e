//! Guards over MQTT: each post's offers and its open tasks go out on the building broker, replies come in. It works with
//! the office unreachable. A reply is acknowledged only after the desk has stored what came of it; names and phone
//! numbers of visitors and residents never go out here.

mod feed;
mod notices;

use crate::config::{Broker, Site};
use crate::desk::{Answer, Command, Desk, Refusal};
use crate::event::{Now, Slug, Source};
use crate::journal::{JournalError, Reader};
use crate::link::{
    self, Connection, End, Fault, Heard, Limits, Link, LinkState, Outbox, Session, Settings, Talker, Verdict,
    keep_talking, stopped,
};
use crate::service::case::Step;
use crate::service::contact::Name;
use crate::service::reply::{self, Reply, TaskName, Unread};
use crate::service::staff::{Actor, Named, Role, Via};
use feed::Feed;
use notices::{Notice, Notices};
use rumqttc::v5::mqttbytes::v5::{ConnAck, Publish, SubscribeReasonCode};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep_until;

/// Replies at the desk at once. Guards answer with their thumbs; more is a fault or an attack, and waits.
const AT_DESK: usize = 64;
/// Publishes that wait for their turn. Open lists replace each other, so only offers and results can pile up.
const OUTBOX: usize = 2_000;
/// Lists are gathered for so long before they go out: a burst of steps is one list.
const SETTLE: Duration = Duration::from_millis(100);
/// How long to wait before a journal that could not be read is read again.
const READ_AGAIN: Duration = Duration::from_secs(1);
/// How often deadlines are looked at, and a reply that could not be stored is tried again.
const TICK: Duration = Duration::from_secs(1);
/// Events taken in one turn before anything else is looked at.
const TURN: usize = 64;
/// For the goodbye when the daemon stops.
const GOODBYE: Duration = Duration::from_millis(300);

pub type Clock = Box<dyn Fn() -> Now + Send + Sync>;
/// Who a staff id is at a post, if somebody who may act has it: name and role.
pub type Staff = Box<dyn Fn(&Slug, &Slug) -> Option<(String, Role)> + Send + Sync>;
/// The number on the work card of a staff id (R016).
pub type Badge = Box<dyn Fn(&Slug) -> Option<String> + Send + Sync>;

/// Everything that dispatch works with.
pub struct Dispatch {
    link: Link,
    source: Source,
    posts: Vec<Slug>,
    desk: Desk,
    feed: Feed,
    notices: Notices,
    staff: Staff,
    badge: Badge,
    clock: Clock,
}

/// The guards' connection: to the building broker, under a name of its own, with a session that is kept, so that a reply
/// sent while the daemon restarts is not lost.
pub fn settings(broker: &Broker, site: &Site, limits: Limits) -> Settings {
    let base = broker.client_id.clone().unwrap_or_else(|| format!("lobbyd-{}-{}", site.id, site.gateway));
    Settings {
        name: "guards",
        broker: Broker { client_id: Some(format!("{base}-guards")), ..broker.clone() },
        client_id: String::new(),
        session: Session::Kept,
        will: None,
        limits,
    }
}

/// What the wiring gives.
pub struct Parts<'a> {
    pub link: Link,
    pub site: &'a Site,
    pub posts: Vec<Slug>,
    pub data_dir: &'a Path,
    pub desk: Desk,
    pub staff: Staff,
    pub badge: Badge,
    pub clock: Clock,
}

impl Talker for Dispatch {
    fn apart(&mut self) -> (&mut Link, impl Future<Output = Infallible> + Send) {
        (&mut self.link, std::future::pending())
    }

    async fn talk(&mut self, connection: Connection, connack: ConnAck, stop: &mut watch::Receiver<bool>) -> End {
        let line = Line::new(connection, self.link.settings.limits.window(&connack), self.source.clone());
        self.serve(line, stop).await
    }
}

impl Dispatch {
    /// Opens the journal for reading; the desk must have made it.
    pub fn open(parts: Parts<'_>) -> Result<Self, JournalError> {
        let reader = Reader::open(parts.data_dir)?;
        let epoch = reader.epoch()?;
        let source = Source { site: parts.site.id.clone(), gateway: parts.site.gateway.clone(), epoch };
        let feed = Feed::start(reader).map_err(|error| JournalError::File { path: "dispatch thread".into(), error })?;
        let notices = Notices::new(parts.posts.clone());
        let Parts { link, posts, desk, staff, badge, clock, .. } = parts;
        Ok(Dispatch { link, source, posts, desk, feed, notices, staff, badge, clock })
    }

    /// Runs until `stop` says true.
    pub async fn run(mut self, stop: watch::Receiver<bool>) {
        keep_talking(&mut self, stop).await;
    }

    async fn serve(&mut self, mut line: Line, stop: &mut watch::Receiver<bool>) -> End {
        line.connection.subscribe([self.source.topic("dispatch/+/reply")]);
        // Everything anew: whoever listens may have restarted too, and retained lists may be of yesterday.
        self.notices.begin_again();
        let mut newest = self.desk.newest();
        newest.mark_changed();
        let (answer, mut answers) = mpsc::channel(AT_DESK);
        let mut tick = tokio::time::interval(TICK);
        let (mut settle, mut read_again): (Option<Instant>, Option<Instant>) = (None, None);
        let mut unreadable: Option<String> = None;
        loop {
            tokio::select! {
                biased;
                () = stopped(stop) => {
                    self.link.close(line.connection, GOODBYE).await;
                    return End::Stop;
                }
                Some(answered) = answers.recv() => self.answered(answered, &mut line, &answer),
                heard = line.connection.next() => {
                    if let Err(fault) = self.take_turn(heard, &mut line, &answer) {
                        return End::Fault(fault);
                    }
                }
                Ok(()) = newest.changed() => self.feed.ask(*newest.borrow_and_update()),
                fed = self.feed.next() => match fed {
                    Ok(rows) => {
                        unreadable = None;
                        for offer in self.notices.changed(&rows, &*self.badge) {
                            line.post(offer);
                        }
                        settle.get_or_insert(Instant::now() + SETTLE);
                    }
                    Err(fault) => {
                        unreadable = Some(format!("the journal cannot be read: {fault}"));
                        read_again = Some(Instant::now() + READ_AGAIN);
                    }
                },
                () = until(read_again) => {
                    read_again = None;
                    newest.mark_changed();
                }
                () = until(settle) => {
                    settle = None;
                    for list in self.notices.lists((self.clock)()) {
                        line.post(list);
                    }
                }
                _ = tick.tick() => {
                    if line.outbox.is_overdue(self.link.settings.limits.answer) {
                        return End::Fault(Fault::Silent);
                    }
                    if line.at_desk == 0 && let Some(next) = line.waiting.pop_front() {
                        self.arrived(next, &mut line, &answer);
                    }
                }
            }
            line.outbox.flush(&mut line.connection);
            let complaint = unreadable.as_ref().or(line.complaint.as_ref());
            self.link.say(complaint.cloned().map_or(LinkState::Up, LinkState::Held));
        }
    }

    fn take_turn(&self, first: Heard, line: &mut Line, answer: &mpsc::Sender<Answered>) -> Result<(), Fault> {
        let (mut next, mut taken) = (Some(first), 0);
        while let Some(heard) = next {
            match heard {
                Heard::PubAck { packet_id, verdict } => line.acknowledged(packet_id, verdict),
                Heard::Publish(publish) => self.arrived(publish, line, answer),
                Heard::SubAck(suback) => {
                    let granted = |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
                    if !suback.return_codes.iter().all(granted) {
                        line.complaint = Some("the broker refuses replies of guards: check its access rules".into());
                    }
                }
                Heard::Down(fault) => return Err(fault),
            }
            taken += 1;
            next = if taken < TURN { line.connection.ready() } else { None };
        }
        Ok(())
    }

    fn arrived(&self, publish: Publish, line: &mut Line, answer: &mpsc::Sender<Answered>) {
        let post = std::str::from_utf8(&publish.topic)
            .ok()
            .and_then(|topic| topic.strip_prefix(&self.source.topic("dispatch/"))?.strip_suffix("/reply"))
            .and_then(|post| Slug::new(post).ok());
        // A topic that is not ours cannot come on our subscription; it is taken so that it does not come again.
        let Some(post) = post else { return line.acknowledge(&publish) };
        if line.at_desk >= AT_DESK {
            line.waiting.push_back(publish);
            return;
        }
        self.hand_over(publish, post, line, answer);
    }

    fn hand_over(&self, publish: Publish, post: Slug, line: &mut Line, answer: &mpsc::Sender<Answered>) {
        line.at_desk += 1;
        let read = reply::read(&publish.payload, publish.retain);
        let (id, task, command) = match &read {
            Err((id, unread)) => (id.clone(), None, self.note_refusal(&post, unread, &publish)),
            Ok(reply) => (reply.id.clone(), Some(reply.task), self.command(reply, &post)),
        };
        let unread = read.err().map(|(_, unread)| unread);
        let answer = answer.clone();
        self.desk.submit(command, move |result| {
            // There is room for each that is at the desk; an error means that the connection is gone, and the reply comes again.
            let _ = answer.try_send(Answered { publish, post, id, task, unread, result });
        });
    }

    fn note_refusal(&self, post: &Slug, unread: &Unread, publish: &Publish) -> Command {
        Command::Record(reply::refused(post, unread, &publish.payload, (self.clock)()))
    }

    fn command(&self, reply: &Reply, post: &Slug) -> Command {
        let step = Step::Task { task: reply.task.task, step: reply.step.clone() };
        let known = self.notices.number(reply.task);
        // A case that is not open any more is asked for all the same: the desk knows what became of it.
        let number = known.or(reply.task.number()).unwrap_or(crate::service::number::Number {
            series: reply.task.series,
            day: reply.task.day,
            nth: reply.task.nth,
        });
        Command::Move { number, step, seen: None, by: self.actor(&reply.by, post) }
    }

    /// A staff id has a name and, at its own posts, its role; a name that nobody knows acts as a guard of the post on whose
    /// topic it came.
    fn actor(&self, by: &Name, post: &Slug) -> Actor {
        let known = Slug::new(by.as_str()).ok().and_then(|id| (self.staff)(&id, post).map(|found| (id, found)));
        let post = self.posts.contains(post).then(|| post.clone());
        match known {
            Some((id, (name, role))) => Actor::staff(id, name, role, post, Via::Mqtt),
            None => Actor {
                role: Some(Role::Guard),
                who: Some(Named { id: None, name: by.as_str().to_owned() }),
                post,
                via: Via::Mqtt,
            },
        }
    }

    /// The desk has stored what came of a reply, or could not.
    fn answered(&self, answered: Answered, line: &mut Line, answer: &mpsc::Sender<Answered>) {
        line.at_desk = line.at_desk.saturating_sub(1);
        let Answered { publish, post, id, task, unread, result } = answered;
        let outcome = match (&unread, &result) {
            (_, Err(refusal)) => {
                // Not acknowledged: it waits here and is tried again, for the broker repeats only to a new connection.
                line.complaint = Some(format!("{refusal}; replies of guards wait"));
                line.waiting.push_front(publish);
                return;
            }
            (Some(unread), _) => Err((unread.code(), unread.to_string())),
            (None, Ok(Answer::Objected(objection))) => Err((objection.code(), objection.to_string())),
            (None, Ok(Answer::Moved { state, .. })) => Ok(*state),
            (None, Ok(_)) => Ok("stored"),
        };
        line.complaint = None;
        line.post(Notice::result(post, reply::result(id.as_deref(), task, outcome, (self.clock)())));
        line.acknowledge(&publish);
        if let Some(next) = line.waiting.pop_front() {
            self.arrived(next, line, answer);
        }
    }
}

async fn until(when: Option<Instant>) {
    match when {
        Some(when) => sleep_until(when.into()).await,
        None => std::future::pending().await,
    }
}

/// A reply that the desk has answered.
struct Answered {
    publish: Publish,
    post: Slug,
    id: Option<String>,
    task: Option<TaskName>,
    unread: Option<Unread>,
    result: Result<Answer, Refusal>,
}

/// One connection: what is under way and what waits.
struct Line {
    connection: Connection,
    source: Source,
    outbox: Outbox,
    /// Replies that wait for the desk, in the order of their arrival; the broker's window bounds them.
    waiting: VecDeque<Publish>,
    at_desk: usize,
    complaint: Option<String>,
}

impl Line {
    fn new(connection: Connection, window: usize, source: Source) -> Self {
        let outbox = Outbox::new(window, OUTBOX);
        Line { connection, source, outbox, waiting: VecDeque::new(), at_desk: 0, complaint: None }
    }

    /// Puts a notice in line. A list that waits already is replaced by the newer one of its post.
    fn post(&mut self, notice: Notice) {
        let topic = self.source.topic(&notice.topic());
        let Notice { post, payload, retain, .. } = notice;
        if !self.outbox.post(link::Notice { topic, payload, retain }) {
            // The open list says the same, a moment later.
            tracing::warn!(%post, "too many offers wait for the building broker; one is dropped");
        }
    }

    fn acknowledge(&mut self, publish: &Publish) {
        self.connection.acknowledge(publish.pkid, publish.qos);
    }

    fn acknowledged(&mut self, packet_id: u16, verdict: Verdict) {
        if let Some(why) = self.outbox.acknowledged(packet_id, verdict) {
            self.complaint =
                Some(format!("the broker refuses what goes to the guards ({why}): check its access rules"));
        }
    }
}
