//! What lies before the desk: commands, with whoever waits for their answers, and how many of them share a transaction.

use super::{Answer, Command, Refusal, Train};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// Commands waiting for the desk. The building broker never has more than its window in flight and the screen one,
/// so a full mailbox means that the disk has stalled.
pub const MAILBOX: usize = 1024;

/// Most commands in one transaction: bounds what a crash repeats and how long the last in line waits.
pub const BATCH: usize = 256;

/// When so many commands are waiting at once, the next ones are given a little time, and then share the fsync. One that comes
/// alone, and four hundred a second, never wait. Without it a flood of 20,000 a second was committed in batches of some eight,
/// and a quarter of the processor went into commits.
const FLOOD: usize = 8;
/// The desk sleeps so long, and again while fewer than enough are there, at most so often. Always 2 ms were too long on a quick
/// machine: 30,000 a second, 42,500 with this, for both brokers keep at most 250 messages under way.
const GATHER: Duration = Duration::from_micros(500);
const ENOUGH: usize = 48;
const GATHERINGS: usize = 4;

/// How long the desk looks for a command that was said to come, before it sleeps: as long as a message takes to be read on a
/// cold cache (50 to 90 µs where events are seldom). To wake a thread takes as long again: so it is done meanwhile.
const SOON: Duration = Duration::from_micros(100);

/// Whoever asked hears exactly once: a reply that is dropped unanswered says that the desk has closed.
pub(super) struct Reply {
    told: Option<Told>,
    train: Option<Train>,
}

type Told = Box<dyn FnOnce(Result<Answer, Refusal>) + Send>;

impl Reply {
    pub(super) fn new(told: impl FnOnce(Result<Answer, Refusal>) + Send + 'static, train: Option<Train>) -> Self {
        Reply { told: Some(Box::new(told)), train }
    }

    pub(super) fn give(mut self, answer: Result<Answer, Refusal>) {
        self.say(answer);
    }

    fn say(&mut self, answer: Result<Answer, Refusal>) {
        if answer.is_err() {
            self.stop_train();
        }
        if let Some(told) = self.told.take() {
            told(answer);
        }
    }

    pub(super) fn stop_train(&self) {
        self.train.iter().for_each(Train::stop);
    }

    /// Something before it in its train was refused.
    pub(super) fn is_out_of_turn(&self) -> bool {
        self.train.as_ref().is_some_and(Train::has_stopped)
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.say(Err(Refusal::Closed));
    }
}

#[allow(clippy::large_enum_variant, reason = "a full mailbox of 1024 is a third of a megabyte")]
enum Mail {
    Job(Command, Reply),
    /// Something is being read: a command may follow at once.
    Soon(Expected),
    Close,
}

/// Read or dropped: now it may be said again.
struct Expected(Arc<AtomicBool>);

impl Drop for Expected {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Where commands are handed in; clones lead to the same mailbox.
#[derive(Clone)]
pub(super) struct Slot {
    mail: mpsc::SyncSender<Mail>,
    /// It was said that something comes, and the desk has not read it yet: once is enough, and fills no mailbox.
    expecting: Arc<AtomicBool>,
}

impl Slot {
    /// Without waiting: whoever finds the mailbox full hears it.
    pub(super) fn hand_in(&self, command: Command, reply: Reply) {
        // A mailbox that is closed drops the mail, and with it goes the answer.
        if let Err(mpsc::TrySendError::Full(Mail::Job(_, reply))) = self.mail.try_send(Mail::Job(command, reply)) {
            reply.give(Err(Refusal::Busy));
        }
    }

    /// A command will come in a moment.
    pub(super) fn expect(&self) {
        if !self.expecting.swap(true, Ordering::Relaxed) {
            // A mailbox that is full or closed needs no waking.
            let _ = self.mail.try_send(Mail::Soon(Expected(self.expecting.clone())));
        }
    }

    /// What lies in the mailbox is the last. Waits for room in it.
    pub(super) fn close(&self) {
        // An error means that it has closed already.
        let _ = self.mail.send(Mail::Close);
    }
}

/// Where the desk takes them out.
pub(super) struct Mailbox(mpsc::Receiver<Mail>);

pub(super) fn open() -> (Slot, Mailbox) {
    let (mail, receiver) = mpsc::sync_channel(MAILBOX);
    (Slot { mail, expecting: Arc::default() }, Mailbox(receiver))
}

/// Commands that share a transaction, in the order in which they were handed in.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) jobs: Vec<(Command, Reply)>,
    /// They are the last.
    pub(super) closing: bool,
}

impl Mailbox {
    /// Waits for the first command, at most so long, then takes what else is there.
    pub(super) fn collect(&self, wait: Duration) -> Batch {
        let mut batch = Batch::default();
        let first = match self.0.recv_timeout(wait) {
            Ok(Mail::Soon(said)) => {
                drop(said);
                self.look()
            }
            Ok(mail) => Some(mail),
            Err(mpsc::RecvTimeoutError::Timeout) => None,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                batch.closing = true;
                None
            }
        };
        if first.is_some() {
            batch.take(first.into_iter().chain(self.0.try_iter()));
            if batch.jobs.len() >= FLOOD && !batch.closing {
                self.gather(&mut batch);
            }
        }
        batch
    }

    /// What comes within [`SOON`].
    fn look(&self) -> Option<Mail> {
        let until = Instant::now() + SOON;
        loop {
            match self.0.try_recv() {
                Ok(mail) => return Some(mail),
                Err(_) if Instant::now() >= until => return None,
                Err(_) => std::hint::spin_loop(),
            }
        }
    }

    /// Gives more of a flood the time to come.
    fn gather(&self, batch: &mut Batch) {
        for _ in 0..GATHERINGS {
            std::thread::sleep(GATHER);
            let before = batch.jobs.len();
            batch.take(self.0.try_iter());
            // Where nothing has come, they may all be waiting for us.
            if batch.closing || batch.jobs.len() >= ENOUGH || batch.jobs.len() == before {
                return;
            }
        }
    }
}

impl Batch {
    /// Moves mail into it, as much as a transaction may hold.
    fn take(&mut self, mail: impl Iterator<Item = Mail>) {
        for mail in mail.take(BATCH.saturating_sub(self.jobs.len())) {
            match mail {
                Mail::Job(command, reply) => self.jobs.push((command, reply)),
                Mail::Soon(said) => drop(said),
                Mail::Close => {
                    self.closing = true;
                    return;
                }
            }
        }
    }
}
