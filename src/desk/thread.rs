//! The desk's thread: mailbox, batch, transaction, answers. It blocks on the disk so that nobody else has to.

use super::carry_out::Transaction;
use super::cursors::Cursors;
use super::mailbox::{Batch, Mailbox, Reply};
use super::open::{DOUBTED_SINCE, Settings, Told};
use super::room::Lookout;
use super::upkeep::FIRST_PURGE;
use super::{Answer, Clock, Command, Refusal, Storage};
use crate::event::{Now, Slug};
use crate::health::quota::Level;
use crate::journal::{Journal, JournalError, Lane, Purged};
use crate::service::presence::{Change, Presence};
use crate::service::silence;
use crate::service::timeline::Step;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::{Duration, Instant};

/// How often a desk that could not store tries a small write: so the alarm goes by itself when there is room again.
const TRY_EVERY: Duration = Duration::from_secs(5);

/// Longest sleep of the desk. A wall clock that was set wakes nobody, so the desk looks at it now and then.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often the desk looks whether a day has ended or a round is due. Nobody's promise hangs on the second.
const KEEP_DAY_EVERY: TimeDelta = TimeDelta::seconds(1);
/// When what falls due is looked at again where a damaged index tells it wrong. What falls due in between is so much late.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(60);

/// Why a command was not stored.
enum Failed {
    Disk(JournalError),
    OutOfTurn,
}

/// Everything that the thread owns.
pub(super) struct Clerk {
    pub(super) journal: Journal,
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    cursors: Cursors,
    presence: Presence,
    /// Service time of the last look at the day.
    looked: Option<DateTime<Utc>>,
    /// When the time next brings something to a case.
    wake: Option<DateTime<Utc>>,
    pub(super) lookout: Lookout,
    /// By the passes of this round of retention.
    pub(super) purged: Purged,
    /// Somebody was erased: what is left of him in the file goes at once.
    hurried: bool,
    /// Copies from before an upgrade take room that is needed, and stay for what is held.
    pub(super) spared: bool,
    /// The disk does not take what is written.
    fault: Option<Storage>,
    pub(super) told: Told,
}

impl Clerk {
    pub(super) fn new(
        journal: Journal,
        settings: Settings,
        clock: Clock,
        lookout: Lookout,
        told: Told,
    ) -> Result<Self, JournalError> {
        let wake = journal.next_wake()?;
        let is_silent = |post: &Slug| matches!(journal.open_case(&silence::key(post)), Ok(Some(_)));
        let silent: Vec<Slug> =
            settings.house.posts.iter().map(|post| post.id.clone()).filter(|post| is_silent(post)).collect();
        let presence = Presence::begin(&settings.house, clock.read().mono, silent);
        let cursors = Cursors::new([journal.cursor(Lane::Urgent)?, journal.cursor(Lane::Normal)?]);
        let (looked, purged, fault) = (None, Purged::default(), None);
        let (hurried, spared) = (false, false);
        let clerk = Clerk {
            journal,
            settings,
            clock,
            cursors,
            presence,
            looked,
            wake,
            lookout,
            purged,
            hurried,
            spared,
            fault,
            told,
        };
        clerk.tell_storage();
        Ok(clerk)
    }

    pub(super) fn work(mut self, mailbox: &Mailbox) -> Result<(), JournalError> {
        let mut purge_at = Instant::now() + self.first_purge();
        loop {
            self.tidy_wal()?;
            if self.look_at_room()? {
                purge_at = Instant::now();
            }
            self.keep_time()?;
            self.fire()?;
            self.keep_day()?;
            let Batch { jobs, closing } = mailbox.collect(self.may_sleep(purge_at));
            let idle = jobs.is_empty();
            let batch = self.turn_away(jobs);
            self.serve(batch)?;
            if std::mem::take(&mut self.hurried) | self.journal.takes_hurry() {
                purge_at = Instant::now();
            }
            if idle && !closing && self.is_failing() {
                self.try_to_write()?;
            }
            if closing {
                self.cursors.hurry(Instant::now());
                return if self.cursors.wait_until().is_some() {
                    self.commit(&[], self.clock.now()).map(drop)
                } else {
                    Ok(())
                };
            }
            if Instant::now() >= purge_at {
                purge_at = Instant::now() + self.purge();
            }
        }
    }

    /// A sweep that was cut off goes on at once: somebody has been told that he is erased.
    fn first_purge(&self) -> Duration {
        if self.journal.has_urgent_traces().unwrap_or(true) { Duration::ZERO } else { FIRST_PURGE }
    }

    /// How long the desk may sleep where nobody brings anything: a cursor that waits to be written, the purge, a promise.
    fn may_sleep(&self, purge_at: Instant) -> Duration {
        let due = self.cursors.wait_until().map_or(purge_at, |due| due.min(purge_at));
        let due = due.saturating_duration_since(Instant::now());
        if self.is_failing() { due.min(TRY_EVERY) } else { due.min(self.until_wake()).min(LOOK_EVERY) }
    }

    /// Those for whom there is no room are told so, and so is whoever stands behind one who was refused.
    fn turn_away(&self, batch: Vec<(Command, Reply)>) -> Vec<(Command, Reply)> {
        let room = self.lookout.room();
        let stays = |(command, reply): (Command, Reply)| {
            let refusal = if reply.is_out_of_turn() { Some(Refusal::OutOfTurn) } else { room.refuses(&command) };
            let Some(refusal) = refusal else { return Some((command, reply)) };
            if matches!(refusal, Refusal::Storage(_)) {
                metrics::counter!("lobbyd_storage_failures_total").increment(1);
            }
            reply.give(Err(refusal));
            None
        };
        batch.into_iter().filter_map(stays).collect()
    }

    /// Decides, stores and answers a batch. Answers follow the commit. Only damage ends the desk.
    fn serve(&mut self, batch: Vec<(Command, Reply)>) -> Result<(), JournalError> {
        let (commands, replies): (Vec<Command>, Vec<Reply>) = batch.into_iter().unzip();
        let mono = self.clock.read().mono;
        for command in &commands {
            self.cursors.note(command, Instant::now());
            if let Some(post) = command.post() {
                self.presence.hear(post, mono);
            }
            self.hurried |= matches!(command, Command::Person { .. });
            if let Command::Vacant(units) = command {
                self.settings.house.vacant = units.clone();
            }
        }
        let in_memory = |command: &Command| {
            matches!(command, Command::Acknowledged { .. } | Command::Seen { .. } | Command::Vacant(_))
        };
        let only_cursors = commands.iter().all(in_memory);
        if only_cursors && self.cursors.may_wait(Instant::now()) {
            // They wait for the next commit.
            replies.into_iter().for_each(|reply| reply.give(Ok(Answer::Done)));
            return Ok(());
        }
        let mut fault = None;
        let before = self.journal.changes();
        let results = self.transact(&commands, &replies);
        // First who sends it on, then who waits for an answer, then what falls due next: every step is late for the next one.
        self.tell_newest();
        let mut replies = replies.into_iter();
        for result in results {
            let answer = result.map_err(|failed| match failed {
                Failed::OutOfTurn => Refusal::OutOfTurn,
                Failed::Disk(error) => {
                    let refusal = Refusal::Storage(error.to_string());
                    fault = Some(error);
                    refusal
                }
            });
            if let Some(reply) = replies.next() {
                reply.give(answer);
            }
        }
        self.look_ahead();
        match fault {
            Some(error) => self.complain(error),
            None => {
                // A commit that had nothing to write proves nothing about the disk.
                if self.journal.changes() != before {
                    self.be_sound();
                }
                Ok(())
            }
        }
    }

    /// Looks at the clocks. A step is recorded, and everything that runs moves with it, before anybody sees the new time.
    fn keep_time(&mut self) -> Result<(), JournalError> {
        let reading = self.clock.read();
        let step = self.clock.step(reading);
        let first = reading.synced && self.clock.timeline().doubted_since().is_some();
        if step.is_none() && !first {
            self.clock.follow(reading);
            return Ok(());
        }
        if self.is_failing() {
            return Ok(());
        }
        match self.record_step(step.as_ref()) {
            Ok(()) => {
                self.clock.follow(reading);
                self.look_ahead();
                self.tell_newest();
                Ok(())
            }
            // Service time runs on as it did; the next look tries again.
            Err(error) => {
                self.journal.roll_back();
                self.complain(error)
            }
        }
    }

    fn record_step(&mut self, step: Option<&Step>) -> Result<(), JournalError> {
        self.journal.begin()?;
        self.journal.set_memo(DOUBTED_SINCE, None)?;
        if let Some(step) = step {
            tracing::warn!(by_ms = step.by.num_milliseconds(), why = step.why.name(), "the clock was stepped");
            self.transaction(step.now).step_clock(step)?;
        }
        self.journal.commit()
    }

    /// Does what the time has brought, in transactions of its own.
    fn fire(&mut self) -> Result<(), JournalError> {
        while !self.is_failing() && self.until_wake().is_zero() {
            let now = self.clock.now();
            let fired = self.journal.begin().and_then(|()| self.transaction(now).fire()).and_then(|more| {
                self.journal.commit()?;
                Ok(more)
            });
            let more = match fired {
                Ok(more) => more,
                Err(error) => {
                    self.journal.roll_back();
                    return self.complain(error);
                }
            };
            self.look_ahead();
            if !more {
                self.rest(now);
            }
            self.tell_newest();
        }
        Ok(())
    }

    /// What was moved is due a second later at the earliest, and what cannot be read sleeps. What is due all the same stands so in a damaged index: without
    /// a rest the desk would turn in a circle, and serve nobody.
    fn rest(&mut self, now: Now) {
        if self.wake.is_some_and(|wake| wake <= now.utc) {
            tracing::error!("a case is due after it was moved: the journal's index of times is damaged");
            self.wake = Some(now.utc + LOOK_AGAIN);
        }
    }

    /// Looks, at most once a second, whether a day has ended, a round is due, a post has fallen silent.
    fn keep_day(&mut self) -> Result<(), JournalError> {
        let (reading, now) = (self.clock.read(), self.clock.now());
        let just_now = self.looked.is_some_and(|looked| (now.utc - looked).abs() < KEEP_DAY_EVERY);
        if just_now || self.is_failing() {
            return Ok(());
        }
        self.looked = Some(now.utc);
        let changes = self.presence.look(&self.settings.house, now, reading.mono);
        match self.write_day(now, &changes) {
            Ok(()) => {
                self.presence.told(&changes);
                self.look_ahead();
                self.tell_newest();
                Ok(())
            }
            Err(error) => {
                self.journal.roll_back();
                self.complain(error)
            }
        }
    }

    fn write_day(&mut self, now: Now, changes: &[Change]) -> Result<(), JournalError> {
        let mut transaction = self.transaction(now);
        let brought = transaction.look_at_day()?;
        if changes.is_empty() && brought.is_nothing() {
            return Ok(());
        }
        transaction.journal.begin()?;
        transaction.tell_presence(changes)?;
        transaction.write_day(&brought)?;
        transaction.journal.commit()
    }

    /// How long until the time brings something.
    fn until_wake(&self) -> Duration {
        let Some(wake) = self.wake else { return Duration::MAX };
        (wake - self.clock.now().utc).to_std().unwrap_or_default()
    }

    fn look_ahead(&mut self) {
        match self.journal.next_wake() {
            Ok(wake) => self.wake = wake,
            Err(error) => {
                tracing::error!(%error, "what falls due cannot be read");
                self.wake = Some(self.clock.now().utc + LOOK_AGAIN);
            }
        }
    }

    pub(super) fn tell_newest(&self) {
        let newest = self.journal.newest();
        self.told.newest.send_if_modified(|told| std::mem::replace(told, newest) != newest);
    }

    fn transaction(&mut self, now: Now) -> Transaction<'_, Journal> {
        Transaction { journal: &mut self.journal, now, house: &self.settings.house }
    }

    fn is_failing(&self) -> bool {
        self.fault.is_some()
    }

    fn be_sound(&mut self) {
        self.fault = None;
        self.tell_storage();
    }

    /// What the glass and everybody else are told: a disk that fails, a quota that is used up with its reserve, or all is well.
    /// True when it is news.
    pub(super) fn tell_storage(&self) -> bool {
        let room = self.lookout.room();
        let full = || (room.level == Level::Full).then(|| Storage::Failing(room.full()));
        let storage = self.fault.clone().or_else(full).unwrap_or(Storage::Sound);
        self.told.storage.send_if_modified(|told| std::mem::replace(told, storage.clone()) != storage)
    }

    fn try_to_write(&mut self) -> Result<(), JournalError> {
        let tried = self.journal.begin().and_then(|()| self.journal.touch()).and_then(|()| self.journal.commit());
        match tried {
            Ok(()) => {
                self.be_sound();
                Ok(())
            }
            Err(error) => {
                self.journal.roll_back();
                self.complain(error)
            }
        }
    }

    /// One transaction for all commands; if that fails, one for each, so that a single bad one takes nobody with it.
    /// A result for each command, or the one error of a batch that had only cursors to write.
    fn transact(&mut self, commands: &[Command], replies: &[Reply]) -> Vec<Result<Answer, Failed>> {
        let now = self.clock.now();
        match self.commit(commands, now) {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            Err(error) if commands.len() <= 1 => vec![Err(Failed::Disk(error))],
            Err(error) => {
                tracing::warn!(%error, commands = commands.len(), "a batch failed; trying its commands one by one");
                commands.chunks(1).zip(replies).map(|(one, reply)| self.alone(one, reply, now)).collect()
            }
        }
    }

    /// One command in a transaction of its own, unless something before it in its train has failed.
    fn alone(&mut self, command: &[Command], reply: &Reply, now: Now) -> Result<Answer, Failed> {
        if reply.is_out_of_turn() {
            return Err(Failed::OutOfTurn);
        }
        self.commit(command, now).map(|mut answers| answers.remove(0)).map_err(|error| {
            reply.stop_train();
            Failed::Disk(error)
        })
    }

    fn commit(&mut self, commands: &[Command], now: Now) -> Result<Vec<Answer>, JournalError> {
        let began = self.journal.begin();
        let decided = began.and_then(|()| self.carry_out(commands, now));
        let done = decided.and_then(|answers| self.journal.commit().map(|()| answers));
        match done {
            Ok(_) => self.cursors.stored(),
            Err(_) => {
                self.journal.roll_back();
                self.cursors.not_stored(Instant::now());
            }
        }
        done
    }

    fn carry_out(&mut self, commands: &[Command], now: Now) -> Result<Vec<Answer>, JournalError> {
        // A shift asks what the office has received (R064), and asks the journal.
        if commands.iter().any(|command| matches!(command, Command::CloseShift { .. })) {
            self.cursors.hurry(Instant::now());
        }
        for (lane, seq) in self.cursors.write_now(Instant::now()) {
            self.journal.set_cursor(lane.cursor(), seq)?;
        }
        let mut transaction = self.transaction(now);
        commands.iter().map(|command| transaction.carry_out(command)).collect()
    }

    /// Says loudly what is wrong. A full disk may be emptied and the desk goes on; a damaged file needs a new start.
    pub(super) fn complain(&mut self, error: JournalError) -> Result<(), JournalError> {
        if error.is_damage() {
            tracing::error!(%error, "the journal is damaged; the daemon ends and sets it aside at the next start");
            Journal::mark_suspect(&self.settings.data_dir);
            self.fault = Some(Storage::Damaged(error.to_string()));
            self.tell_storage();
            return Err(error);
        }
        metrics::counter!("lobbyd_storage_failures_total").increment(1);
        self.fault = Some(Storage::Failing(error.to_string()));
        // Once for each fault: a full disk fails several times a second for as long as devices send.
        if self.tell_storage() {
            tracing::error!(%error, "the journal cannot be written; nothing is acknowledged until it can");
        }
        Ok(())
    }
}
