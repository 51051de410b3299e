//! The pulse: every few seconds, and when a link or the storage changes, it gathers how the gateway is and tells the
//! status topic, the metrics and systemd.

use super::printer;
use crate::board::printer::Told;
use crate::desk::{Desk, Storage};
use crate::directory::Facts;
use crate::health::certificates::End;
use crate::health::queue::{Queue, Sample, Samples};
use crate::health::status::{Directory, Journal, Link, Rules, Run, Status};
use crate::health::{logs, metrics, systemd};
use crate::journal::{Head, JournalError, Lane, Reader};
use crate::link::LinkState;
use chrono::{DateTime, Utc};
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
    /// When it began, by the clock that nobody sets.
    pub started: Instant,
    pub desk: Desk,
    pub data_dir: PathBuf,
    pub epoch: String,
    /// The file that a damaged journal was set aside as, or what an older one goes on from.
    pub recovered_from: Option<String>,
    pub building: watch::Receiver<LinkState>,
    pub office: watch::Receiver<LinkState>,
    /// Where posts are configured.
    pub guards: Option<watch::Receiver<LinkState>>,
    /// Where the board has one.
    pub printer: Option<printer::State>,
    pub directory: watch::Receiver<Option<Facts>>,
    /// Whether newer ones wait can change.
    pub rules: watch::Receiver<Rules>,
    /// The certificate that ends first.
    pub certificate: watch::Receiver<Option<End>>,
    /// What waits for the office, where a person should see it: the guards' page shows it.
    pub queue: watch::Sender<Option<Queue>>,
}

impl Pulse {
    /// The status before anything is known but that the gateway lives.
    pub fn first(&self) -> Vec<u8> {
        self.run.online(&self.look(Ok(Counts::default()), &mut Samples::default()))
    }

    /// Runs for ever.
    pub async fn beat(mut self, status: watch::Sender<Vec<u8>>) {
        let (mut storage, mut room) = (self.desk.storage(), self.desk.room());
        let (mut told_at, mut samples) = (Instant::now(), Samples::default());
        loop {
            if told_at.elapsed() >= LEFT_OUT_EVERY {
                told_at = Instant::now();
                logs::tell_left_out();
            }
            let data_dir = self.data_dir.clone();
            let counts = tokio::task::spawn_blocking(move || count(&data_dir)).await;
            let now = self.look(counts.unwrap_or_else(|_| Ok(Counts::default())), &mut samples);
            self.tell_queue(&now.journal.queue);
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
                Ok(()) = room.changed() => {}
                Ok(()) = self.directory.changed() => {}
                Ok(()) = self.certificate.changed() => {}
                Ok(()) = self.rules.changed() => {}
                () = changed(&mut self.guards) => {}
            }
            tokio::time::sleep(SETTLE).await;
        }
    }

    /// Nobody is told again of what he knows, nor of a relay at work.
    fn tell_queue(&self, queue: &Queue) {
        let notable = queue.is_notable(self.desk.now().utc).then_some(*queue);
        self.queue.send_if_modified(|told| std::mem::replace(told, notable) != notable);
    }

    fn look(&self, counts: Result<Counts, JournalError>, samples: &mut Samples) -> Status {
        let storage_fault = match &*self.desk.storage().borrow() {
            Storage::Sound => counts.as_ref().err().map(ToString::to_string),
            Storage::Failing(why) | Storage::Damaged(why) => Some(why.clone()),
        };
        if let Ok(counts) = &counts {
            samples.push(counts.sample(self.started.elapsed()));
        }
        let (counts, room) = (counts.unwrap_or_default(), *self.desk.room().borrow());
        let [(urgent, _), (normal, _)] = counts.lanes;
        let queue =
            Queue { urgent, normal, oldest: counts.oldest(), pace: samples.pace(&room.quota), level: room.level };
        Status {
            journal: Journal {
                epoch: self.epoch.clone(),
                newest: *self.desk.newest().borrow(),
                head: counts.head.map(|head| head.to_string()),
                queue,
                bytes: room.size.used(),
                quota: room.quota,
                dead_letters: counts.dead_letters,
                erased: counts.erased,
                oldest_person: counts.oldest_person,
                recovered_from: self.recovered_from.clone(),
            },
            storage_fault,
            nearly_full: *self.desk.nearly_full().borrow(),
            clock_synced: self.desk.now().synced,
            building: link(&self.building.borrow()),
            office: link(&self.office.borrow()),
            guards: self.guards.as_ref().map(|guards| link(&guards.borrow())),
            directory: self.directory.borrow().as_ref().map(known),
            rules: *self.rules.borrow(),
            certificate: self.certificate.borrow().clone(),
            printer: self.printer.as_ref().and_then(|printer| printer.borrow().as_ref().map(paper)),
        }
    }
}

fn known(facts: &Facts) -> Directory {
    Directory { version: facts.version.clone(), units: facts.units, hosts: facts.hosts }
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
    /// By [`Lane`]: how many wait, and since when.
    lanes: [(u64, Option<DateTime<Utc>>); 2],
    span: (u64, u64),
    head: Option<Head>,
    used: u64,
    dead_letters: u64,
    erased: u64,
    oldest_person: Option<DateTime<Utc>>,
}

impl Counts {
    fn oldest(&self) -> Option<DateTime<Utc>> {
        self.lanes.iter().filter_map(|(_, oldest)| *oldest).min()
    }

    fn sample(&self, at: Duration) -> Sample {
        let unsent = self.lanes.iter().map(|(count, _)| count).sum();
        Sample { at, oldest: self.span.0, newest: self.span.1, unsent, used: self.used }
    }
}

fn count(data_dir: &std::path::Path) -> Result<Counts, JournalError> {
    let reader = Reader::open(data_dir)?;
    Ok(Counts {
        lanes: [reader.unsent(Lane::Urgent)?, reader.unsent(Lane::Normal)?],
        span: reader.span()?.unwrap_or_default(),
        head: reader.head()?,
        used: reader.size()?.used(),
        dead_letters: reader.dead_letter_count()?,
        erased: reader.erased()?.persons,
        oldest_person: reader.oldest_person()?,
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
