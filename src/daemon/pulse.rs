//! The pulse: every few seconds, and when a link or the storage changes, it gathers how the gateway is and tells the
//! status topic, the metrics and systemd.

use super::printer;
use crate::board::printer::Told;
use crate::desk::{Desk, Storage};
use crate::health::status::{Journal, Link, Run, Status};
use crate::health::{clock, logs, metrics, systemd};
use crate::journal::{JournalError, Lane, Reader};
use crate::link::LinkState;
use chrono::Utc;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How old the status may be. The document counts what waits; a person looks at it, not a control loop.
const EVERY: Duration = Duration::from_secs(10);
/// Changes are gathered for so long: a link that comes and goes must not flood the status topic.
const SETTLE: Duration = Duration::from_millis(200);

/// How often the log says what it has left out.
const LEFT_OUT_EVERY: Duration = Duration::from_secs(3600);

pub struct Pulse {
    pub run: Run,
    pub desk: Desk,
    pub data_dir: PathBuf,
    pub epoch: String,
    /// The file that a damaged journal was set aside as.
    pub recovered_from: Option<String>,
    pub building: watch::Receiver<LinkState>,
    pub office: watch::Receiver<LinkState>,
    /// Where posts are configured.
    pub guards: Option<watch::Receiver<LinkState>>,
    /// Where the board has one.
    pub printer: Option<printer::State>,
}

impl Pulse {
    /// The status before anything is known but that the gateway lives.
    pub fn first(&self) -> Vec<u8> {
        self.run.online(&self.look(Ok(Counts::default())))
    }

    /// Runs for ever.
    pub async fn beat(mut self, status: watch::Sender<Vec<u8>>) {
        let mut storage = self.desk.storage();
        let mut told_at = Instant::now();
        loop {
            if told_at.elapsed() >= LEFT_OUT_EVERY {
                told_at = Instant::now();
                logs::tell_left_out();
            }
            let data_dir = self.data_dir.clone();
            let counts = tokio::task::spawn_blocking(move || count(&data_dir)).await;
            let now = self.look(counts.unwrap_or_else(|_| Ok(Counts::default())));
            metrics::show(&now, Utc::now());
            systemd::status(&now.in_words());
            let document = self.run.online(&now);
            status.send_if_modified(|last| {
                *last != document && {
                    *last = document;
                    true
                }
            });
            tokio::select! {
                () = tokio::time::sleep(EVERY) => continue,
                Ok(()) = self.building.changed() => {}
                Ok(()) = self.office.changed() => {}
                Ok(()) = storage.changed() => {}
                () = changed(&mut self.guards) => {}
            }
            tokio::time::sleep(SETTLE).await;
        }
    }

    fn look(&self, counts: Result<Counts, JournalError>) -> Status {
        let storage_fault = match &*self.desk.storage().borrow() {
            Storage::Sound => counts.as_ref().err().map(ToString::to_string),
            Storage::Failing(why) | Storage::Damaged(why) => Some(why.clone()),
        };
        let counts = counts.unwrap_or_default();
        Status {
            journal: Journal {
                epoch: self.epoch.clone(),
                newest: *self.desk.newest().borrow(),
                unsent: counts.unsent,
                oldest_unsent: counts.oldest_unsent,
                dead_letters: counts.dead_letters,
                recovered_from: self.recovered_from.clone(),
            },
            storage_fault,
            nearly_full: *self.desk.nearly_full().borrow(),
            clock_synced: clock::is_synced(),
            building: link(&self.building.borrow()),
            office: link(&self.office.borrow()),
            guards: self.guards.as_ref().map(|guards| link(&guards.borrow())),
            printer: self.printer.as_ref().and_then(|printer| printer.borrow().as_ref().map(paper)),
        }
    }
}

fn paper(told: &Told) -> Link {
    Link { up: told.is_ok(), fault: told.as_ref().err().map(ToString::to_string) }
}

/// Waits for a change; for ever where there is nothing to watch.
async fn changed(watched: &mut Option<watch::Receiver<LinkState>>) {
    if let Some(watched) = watched
        && watched.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

#[derive(Default)]
struct Counts {
    unsent: u64,
    oldest_unsent: Option<chrono::DateTime<Utc>>,
    dead_letters: u64,
}

fn count(data_dir: &std::path::Path) -> Result<Counts, JournalError> {
    let reader = Reader::open(data_dir)?;
    let lanes = [reader.unsent(Lane::Urgent)?, reader.unsent(Lane::Normal)?];
    Ok(Counts {
        unsent: lanes.iter().map(|(count, _)| count).sum(),
        oldest_unsent: lanes.iter().filter_map(|(_, oldest)| *oldest).min(),
        dead_letters: reader.dead_letter_count()?,
    })
}

fn link(state: &LinkState) -> Link {
    match state {
        LinkState::Up => Link { up: true, fault: None },
        LinkState::Connecting | LinkState::Stopped => Link { up: false, fault: None },
        LinkState::Held(why) => Link { up: true, fault: Some(why.clone()) },
        LinkState::Down { fault, .. } => Link { up: false, fault: Some(fault.to_string()) },
    }
}
