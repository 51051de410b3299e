//! Keeps the kiosk and the desk up to date with the directory, whoever has changed it, and journals what came from a table:
//! what came from the office is journaled where its command is answered.

use crate::config::directory::{Refusal, refusals};
use crate::desk::{Command, Desk};
use crate::directory::{Directory, DirectoryError, Facts, Watch, adopt};
use crate::event::{Event, Id, Identity, Kind, Slug, data};
use crate::kiosk::Wake;
use crate::service::directory::{Units, update};
use chrono::TimeDelta;
use metrics::counter;
use serde_json::json;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

/// How often the file is looked at: whoever imports walks to the screen to try it.
const EVERY: Duration = Duration::from_secs(5);

/// For so long an import may be news to a daemon that starts: shorter than events are kept, so that none is told twice.
const NEWS: TimeDelta = TimeDelta::days(7);

/// Runs until the kiosk is gone. `told` is what the status says of it.
pub async fn follow(data_dir: PathBuf, desk: Desk, wakes: SyncSender<Wake>, told: watch::Sender<Option<Facts>>) {
    let mut watch = Watch::new(&data_dir);
    let folder = data_dir.clone();
    let _ = spawn_blocking(move || adopt(&folder)).await;
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        let folder = data_dir.clone();
        let looked = spawn_blocking(move || {
            let found = watch.look().map(read);
            (watch, found, refusals(&folder))
        });
        // A panic in there would be a fault of this program; the last good one stays.
        let Ok((kept, found, refused)) = looked.await else { return };
        watch = kept;
        journal_refused(&desk, refused).await;
        match found {
            None => {}
            Some(Ok((facts, all, vacant))) => {
                tracing::info!(units = facts.units, hosts = facts.hosts, "the directory has been read");
                // The desk first: whoever is let sign in for a new unit meets what is known of it (R079).
                if desk.ask(Command::Vacant(Arc::new(vacant))).await.is_err() {
                    tracing::warn!("the desk has not taken the list of vacant units");
                }
                if wakes.send(Wake::Units(Arc::new(all))).is_err() {
                    return;
                }
                journal_import(&desk, &facts).await;
                told.send_replace(Some(facts));
            }
            // The last good one stays.
            Some(Err(error)) => tracing::error!("{error}"),
        }
    }
}

fn read(found: Result<Directory, DirectoryError>) -> Result<(Facts, Units, Units), DirectoryError> {
    let directory = found?;
    let (all, vacant) = directory.units()?;
    Ok((directory.facts().clone(), all, vacant))
}

/// Once, and also where nobody ran when it came from a table. One that is older was journaled long ago, and forgotten.
async fn journal_import(desk: &Desk, facts: &Facts) {
    let Some(made) = update::made_of_table(&facts.version) else { return };
    if desk.now().utc - made > NEWS {
        return;
    }
    let said = update::told(&facts.version, facts.units, facts.vacant, facts.hosts);
    let identity = Identity::Native(Id::derived(&[b"directory", facts.version.as_bytes()]));
    let event = Event::here(Kind::DirectoryUpdated, Slug::from_text("directory"), desk.now(), said);
    if desk.ask(Command::Record(Event { identity, ..event })).await.is_err() {
        tracing::warn!("that the directory has changed was not stored");
    }
}

/// What stays is journaled with the next look, and once.
async fn journal_refused(desk: &Desk, refused: io::Result<Vec<Refusal>>) {
    let refused = refused.unwrap_or_else(|error| {
        tracing::error!(%error, "what was said of refused imports cannot be read");
        Vec::new()
    });
    for refusal in refused {
        let said = data([("version", json!(refusal.version)), ("reason", json!(refusal.reason))]);
        let identity = Identity::Native(Id::derived(&[b"directory-refused", refusal.version.as_bytes()]));
        let event = Event::here(Kind::DirectoryRefused, Slug::from_text("directory"), desk.now(), said);
        match desk.ask(Command::Record(Event { identity, ..event })).await {
            Ok(_) => {
                counter!("lobbyd_imports_refused_total", "reason" => refusal.reason).increment(1);
                if let Err(error) = refusal.forget() {
                    tracing::error!(%error, "what was said of a refused import cannot be removed");
                }
            }
            Err(refusal) => tracing::warn!(%refusal, "that an import was refused was not stored"),
        }
    }
}
