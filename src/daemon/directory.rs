//! Keeps the kiosk and the desk up to date with the directory, whoever has changed it, and has each version journaled that nobody has told:
//! one from a table, and one whose command was cut off before its end.

use crate::config::directory::{Refusal, refusals};
use crate::desk::{Command, Desk};
use crate::directory::{Directory, DirectoryError, Facts, Watch, adopt};
use crate::event::{Event, Id, Identity, Kind, Slug, data};
use crate::kiosk::Wake;
use crate::service::directory::Units;
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

/// Runs until the kiosk is gone. `told` is what the status says of it.
pub async fn follow(data_dir: PathBuf, desk: Desk, wakes: SyncSender<Wake>, told: watch::Sender<Option<Facts>>) {
    let mut watch = Watch::new(&data_dir);
    let folder = data_dir.clone();
    let _ = spawn_blocking(move || adopt(&folder)).await;
    let mut tick = tokio::time::interval(EVERY);
    let mut untold = None;
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
            None => {
                if let Some(facts) = untold.take() {
                    untold = journal(&desk, facts).await.err();
                }
            }
            Some(Ok((facts, all, vacant))) => {
                // The desk first: whoever is let sign in for a new unit meets what is known of it (R079).
                if desk.ask(Command::Vacant(Arc::new(vacant))).await.is_err() {
                    tracing::warn!("the desk has not taken the list of vacant units");
                }
                if wakes.send(Wake::Units(Arc::new(all))).is_err() {
                    return;
                }
                told.send_replace(Some(facts.clone()));
                let (units, hosts) = (facts.units, facts.hosts);
                untold = journal(&desk, facts).await.err();
                tracing::info!(units, hosts, "the directory has been read");
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

/// Nothing where it was told before; what could not be stored comes back, for the next look.
async fn journal(desk: &Desk, facts: Facts) -> Result<(), Facts> {
    match desk.ask(Command::Directory(facts.clone())).await {
        Ok(_) => Ok(()),
        Err(refusal) => {
            tracing::warn!(%refusal, "that the directory has changed was not stored");
            Err(facts)
        }
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
                counter!("lobbyd_directories_refused_total", "reason" => refusal.reason).increment(1);
                if let Err(error) = refusal.forget() {
                    tracing::error!(%error, "what was said of a refused import cannot be removed");
                }
            }
            Err(refusal) => tracing::warn!(%refusal, "that an import was refused was not stored"),
        }
    }
}
