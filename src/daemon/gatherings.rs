//! Keeps the glass up to date with what people may sign up for (R293, R316): the gatherings that are planned, the next first.
//! Nobody who has signed up is read here.

use crate::journal::{JournalError, Reader};
use crate::kiosk::Wake;
use crate::service::gathering::Announced;
use crate::service::number::Series;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::time::Duration;
use tokio::sync::watch;

/// Least time between two looks: the journal grows with every door, and a gathering is planned a few times a month.
const EVERY: Duration = Duration::from_secs(2);

/// Runs until the desk or the kiosk is gone.
pub async fn follow(data_dir: PathBuf, mut newest: watch::Receiver<u64>, wakes: SyncSender<Wake>) {
    let mut told = Vec::new();
    loop {
        newest.borrow_and_update();
        let folder = data_dir.clone();
        match tokio::task::spawn_blocking(move || Reader::open(&folder).and_then(|reader| planned(&reader))).await {
            Ok(Ok(found)) if found == told => {}
            // A full queue means a hanging display: the next event brings it again.
            Ok(Ok(found)) => {
                if wakes.try_send(Wake::Gatherings(found.clone())).is_ok() {
                    told = found;
                }
            }
            Ok(Err(error)) => tracing::warn!("the glass cannot be told what is planned: {error}"),
            Err(_) => return,
        }
        tokio::time::sleep(EVERY).await;
        if newest.changed().await.is_err() {
            return;
        }
    }
}

fn planned(reader: &Reader) -> Result<Vec<Announced>, JournalError> {
    let rows = reader.open_cases_of(Series::Gathering)?;
    let mut planned: Vec<_> = rows.iter().filter_map(|row| Announced::of(&row.case, &row.person)).collect();
    planned.sort_by_key(|about| about.at);
    Ok(planned)
}
