//! The one writer. It takes a command, asks the pure rules what follows, appends the events, commits, and only then
//! answers. It empties its mailbox into one transaction: a hundred commands cost one fsync, one costs one and waits for nobody.

mod carry_out;
mod carry_over;
mod clock;
mod code;
mod command;
mod crew;
mod cursors;
mod day;
mod directory;
mod gathering;
mod invitation;
mod lookout;
mod mailbox;
mod open;
mod order;
mod receipt;
mod room;
mod sign_out;
mod staff;
mod store;
mod survey;
mod thread;
mod train;
mod upkeep;

pub use carry_out::Transaction;
pub use clock::Clock;
pub use code::Code;
pub use command::{Answer, Asked, Command, Refusal};
pub use cursors::Cursors;
pub use mailbox::{BATCH, MAILBOX};
pub use open::{OpenError, Opened, Settings, open};
pub use room::{Room, noted_level};
pub use store::Store;
pub use train::Train;

use crate::event::Now;
use crate::journal::Tail;
use mailbox::{Reply, Slot};
use tokio::sync::{oneshot, watch};

/// How the journal is doing, for the status topic and the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    Sound,
    /// The last commit failed: what SQLite said.
    Failing(String),
    /// The file is damaged. The desk has closed; the next start sets the file aside and begins a new one.
    Damaged(String),
}

/// A handle to the desk; clones share the mailbox.
#[derive(Clone)]
pub struct Desk {
    mailbox: Slot,
    clock: Clock,
    newest: watch::Receiver<u64>,
    tail: Tail,
    storage: watch::Receiver<Storage>,
    nearly_full: watch::Receiver<bool>,
    room: watch::Receiver<Room>,
}

impl Desk {
    /// Hands over a command without waiting. `reply` runs on the desk's thread after the commit: it must be quick.
    pub fn submit(&self, command: Command, reply: impl FnOnce(Result<Answer, Refusal>) + Send + 'static) {
        self.mailbox.hand_in(command, Reply::new(reply, None));
    }

    /// The same for one of many that must be stored in the order in which they are handed over: once one of a train is
    /// refused, everything behind it is, until its sender has heard all answers and begins another train.
    pub fn submit_in(
        &self,
        train: &Train,
        command: Command,
        reply: impl FnOnce(Result<Answer, Refusal>) + Send + 'static,
    ) {
        self.mailbox.hand_in(command, Reply::new(reply, Some(train.clone())));
    }

    /// Says that a command will come in a moment, so that the desk wakes while it is still being made. To be said only where
    /// nothing is at the desk; it costs a wake-up, and promises nothing.
    pub fn expect(&self) {
        self.mailbox.expect();
    }

    /// Hands over a command and waits for the answer, which comes after the fsync.
    pub async fn ask(&self, command: Command) -> Result<Answer, Refusal> {
        let (tx, rx) = oneshot::channel();
        self.submit(command, move |answer| drop(tx.send(answer)));
        rx.await.unwrap_or(Err(Refusal::Closed))
    }

    /// Service time. Every room of the daemon takes it from here: the wall clock may be years away from it.
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// The newest number on disk; readers wait on it.
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.newest.clone()
    }

    /// The newest rows themselves, for the one who sends them on.
    pub fn tail(&self) -> Tail {
        self.tail.clone()
    }

    pub fn storage(&self) -> watch::Receiver<Storage> {
        self.storage.clone()
    }

    /// Whether the disk will soon be full; everything is stored all the same.
    pub fn nearly_full(&self) -> watch::Receiver<bool> {
        self.nearly_full.clone()
    }

    /// How much the journal takes, and who still writes. Wakes its watchers when that changes, not with every page.
    pub fn room(&self) -> watch::Receiver<Room> {
        self.room.clone()
    }

    /// Ends the desk after what is already in its mailbox. Waits for room in the mailbox; later commands are refused.
    pub fn close(&self) {
        self.mailbox.close();
    }
}
