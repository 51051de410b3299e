//! Keeps the kiosk's list of units up to date with the file that `lobbyd directory import` writes.

use crate::config::directory::Watch;
use crate::kiosk::Wake;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

/// How often the file is looked at: whoever imports walks to the screen to try it.
const EVERY: Duration = Duration::from_secs(5);

/// Runs until the kiosk is gone.
pub async fn follow(data_dir: PathBuf, wakes: SyncSender<Wake>) {
    let mut watch = Watch::new(&data_dir);
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        match watch.look() {
            None => {}
            Some(Ok(directory)) => {
                tracing::info!(units = directory.units().len(), "the list of units has been read");
                if wakes.send(Wake::Units(directory.units().clone())).is_err() {
                    return;
                }
            }
            // The last good list stays.
            Some(Err(error)) => tracing::error!("{error}"),
        }
    }
}
