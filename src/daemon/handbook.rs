//! Keeps notices and handbook up to date with the folder that the company writes: the glass gets what is public, the guards'
//! page everything, and decides itself who reads what. A file that cannot be used is told once, in the log.

use crate::config::handbook::{Loaded, Watch};
use crate::kiosk::Wake;
use crate::service::knowledge::Handbook;
use metrics::gauge;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;
use tokio::sync::watch;

/// How often the folder is looked at: whoever writes a notice walks to the screen to see it.
const EVERY: Duration = Duration::from_secs(5);

/// Runs until the kiosk is gone. Without a folder there is nothing to follow.
pub async fn follow(folder: Option<PathBuf>, wakes: SyncSender<Wake>, page: watch::Sender<Arc<Handbook>>) {
    let Some(folder) = folder else { return };
    let (mut watch, mut trouble) = (Watch::new(&folder), None);
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        // Two hundred files take a worn card longer than the network may wait.
        let looked = tokio::task::spawn_blocking(move || {
            let found = watch.look();
            (watch, found)
        });
        let Ok((back, found)) = looked.await else { return };
        watch = back;
        match found {
            Ok(None) => trouble = None,
            Ok(Some(loaded)) => {
                trouble = None;
                tell(&loaded);
                if wakes.send(Wake::Handbook(loaded.handbook.public())).is_err() {
                    return;
                }
                page.send_replace(Arc::new(loaded.handbook));
            }
            // The last good entries stay; what is the matter is told once.
            Err(error) => {
                let told = error.to_string();
                if trouble.as_ref() != Some(&told) {
                    tracing::error!("{told}");
                    trouble = Some(told);
                }
            }
        }
    }
}

fn tell(loaded: &Loaded) {
    let (entries, bad) = (loaded.handbook.len(), loaded.bad.len());
    tracing::info!(entries, bad, "notices and handbook have been read");
    loaded.bad.iter().for_each(|error| tracing::error!("{error}"));
    gauge!("lobbyd_handbook_entries").set(entries as f64);
    gauge!("lobbyd_handbook_bad_files").set(bad as f64);
}
