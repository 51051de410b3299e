//! Opening the desk: the journal, service time, what an older version left, the rules in force; then the thread. Nothing is
//! taken from anybody before all of it is sound.

use super::carry_out::Transaction;
use super::carry_over::carry_over;
use super::room::{LEVEL, Lookout, from_note};
use super::thread::Clerk;
use super::{Clock, Desk, Storage, day, mailbox};
use crate::event::{Now, Reading};
use crate::journal::{Found, Journal, JournalError, Keep};
use crate::service::house::House;
use crate::service::number::local_day;
use crate::service::rules::NotApproved;
use crate::service::timeline::Timeline;
use chrono::DateTime;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::watch;

/// Since when service time has not been confirmed by the network, milliseconds since 1970: outlives a restart, so that
/// what was given before it is put right with the rest once the time is known.
pub(super) const DOUBTED_SINCE: &str = "clock-doubted-since";

/// What the desk needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    pub data_dir: PathBuf,
    /// Posts, shifts and figures; its zone is the site's: numbers count from local midnight.
    pub house: House,
    /// How long things are kept, and how much of them.
    pub keep: Keep,
}

/// Why the desk cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// R306.
    #[error(transparent)]
    Rules(#[from] NotApproved),
}

/// What the desk tells to whoever watches.
pub(super) struct Told {
    pub newest: watch::Sender<u64>,
    pub storage: watch::Sender<Storage>,
    /// The disk will soon be full.
    pub nearly_full: watch::Sender<bool>,
}

/// A running desk.
pub struct Opened {
    pub desk: Desk,
    pub found: Found,
    pub epoch: String,
    /// Ends when the desk is closed, or with the error that the daemon cannot go on after.
    pub thread: JoinHandle<Result<(), JournalError>>,
}

/// Opens the journal and starts the desk. `clock` reads the machine's clocks; one that says only [`Now`] is believed.
pub fn open<R: Into<Reading>>(
    settings: Settings,
    clock: impl Fn() -> R + Send + Sync + 'static,
) -> Result<Opened, OpenError> {
    let data_dir = settings.data_dir.clone();
    begin_work(settings, clock).inspect_err(|error| {
        // The next start looks closely and sets the file aside; without the mark every start would end at the same page.
        if matches!(error, OpenError::Journal(error) if error.is_damage()) {
            Journal::mark_suspect(&data_dir);
        }
    })
}

fn begin_work<R: Into<Reading>>(
    settings: Settings,
    clock: impl Fn() -> R + Send + Sync + 'static,
) -> Result<Opened, OpenError> {
    let stamp = clock().into().utc.format("%Y%m%dT%H%M%SZ").to_string();
    let data_dir = settings.data_dir.clone();
    let mut opened = Journal::open(&data_dir, &stamp)?;
    let clock = begin(&mut opened.journal, Arc::new(move || clock().into()))?;
    tell(&mut opened.journal, &opened.found, clock.now(), &settings.house)?;
    carry_over(&mut opened.journal, &settings.house, clock.now())?;
    put_into_force(&mut opened.journal, &settings.house, clock.now())?;
    let epoch = opened.journal.epoch().to_owned();
    let (slot, mailbox) = mailbox::open();
    let told = Told {
        newest: watch::Sender::new(opened.journal.newest()),
        storage: watch::Sender::new(Storage::Sound),
        nearly_full: watch::Sender::new(false),
    };
    let was = opened.journal.memo(LEVEL)?.and_then(|note| from_note(&note));
    let (lookout, room) = Lookout::new(settings.keep.quota, was);
    let desk = Desk {
        mailbox: slot,
        clock: clock.clone(),
        newest: told.newest.subscribe(),
        tail: opened.journal.tail(),
        storage: told.storage.subscribe(),
        nearly_full: told.nearly_full.subscribe(),
        room,
    };
    let unreadable = opened.journal.reckon_wakes(|case| case.wakes(&settings.house))?;
    if unreadable > 0 {
        tracing::error!(unreadable, "open cases are stored in a form of another version: nothing falls due in them");
    }
    let clerk = Clerk::new(opened.journal, settings, clock, lookout, told)?;
    Journal::trust(&data_dir)?;
    let thread = std::thread::Builder::new()
        .name("desk".into())
        .spawn(move || clerk.work(&mailbox))
        .map_err(|error| JournalError::File { path: "desk thread".into(), error })?;
    Ok(Opened { desk, found: opened.found, epoch, thread })
}

/// The office hears what has become of the journal before anything else.
fn tell(journal: &mut Journal, found: &Found, now: Now, house: &House) -> Result<(), JournalError> {
    let day = local_day(now.utc, house.zone);
    match found {
        Found::New | Found::Existing => Ok(()),
        Found::Damaged(recovered) => journal.tell_recovered(recovered, now, day),
        Found::Older(older) => journal.tell_older(older, now, day),
    }
}

/// R306: no start with figures that nobody has approved.
fn put_into_force(journal: &mut Journal, house: &House, now: Now) -> Result<(), OpenError> {
    journal.begin()?;
    let adopted = day::adopt_rules(&mut Transaction { journal, now, house });
    match adopted {
        Ok(Ok(())) => Ok(journal.commit()?),
        Ok(Err(not_approved)) => {
            journal.roll_back();
            Err(not_approved.into())
        }
        Err(error) => {
            journal.roll_back();
            Err(error.into())
        }
    }
}

/// Service time goes on where the journal ends, unless the network has told the time.
fn begin(journal: &mut Journal, read: Arc<dyn Fn() -> Reading + Send + Sync>) -> Result<Clock, JournalError> {
    let last = journal.last_recorded()?;
    let doubted = journal.memo(DOUBTED_SINCE)?.and_then(|text| DateTime::from_timestamp_millis(text.parse().ok()?));
    let clock = Clock::new(read, |reading| Timeline::begin(reading, last, doubted));
    if let Some(since) = clock.timeline().doubted_since().filter(|since| Some(*since) != doubted) {
        journal.set_memo(DOUBTED_SINCE, Some(&since.timestamp_millis().to_string()))?;
    }
    Ok(clock)
}
