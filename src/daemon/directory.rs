//! Keeps the list of units of the kiosk and of the desk up to date with the file that `lobbyd directory import` writes.

use crate::config::directory::Watch;
use crate::desk::{Command, Desk};
use crate::kiosk::Wake;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

/// How often the file is looked at: whoever imports walks to the screen to try it.
const EVERY: Duration = Duration::from_secs(5);

/// Runs until the kiosk is gone.
pub async fn follow(data_dir: PathBuf, desk: Desk, wakes: SyncSender<Wake>) {
    let mut watch = Watch::new(&data_dir);
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        match watch.look() {
            None => {}
            Some(Ok(directory)) => {
                tracing::info!(units = directory.units().len(), "the list of units has been read");
                // The desk first: whoever is let sign in for a new unit meets what is known of it (R079).
                if desk.ask(Command::Vacant(Arc::new(directory.vacant()))).await.is_err() {
                    tracing::warn!("the desk has not taken the list of vacant units");
                }
                if wakes.send(Wake::Units(directory.units())).is_err() {
                    return;
                }
            }
            // The last good list stays.
            Some(Err(error)) => tracing::error!("{error}"),
        }
    }
}
