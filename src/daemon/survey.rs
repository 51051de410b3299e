//! Tells the glass which survey runs. Whoever begins one walks to the screen to see it; nobody else waits for it.

use crate::journal::{JournalError, Reader};
use crate::kiosk::{Survey, Wake};
use crate::service::house::House;
use crate::service::number::Series;
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;
use std::time::Duration;
use tokio::sync::watch;

/// How often the journal is looked at, where it has grown.
const EVERY: Duration = Duration::from_secs(5);

/// Runs until the kiosk or the desk is gone.
pub async fn tell(data_dir: PathBuf, house: House, mut newest: watch::Receiver<u64>, wakes: SyncSender<Wake>) {
    let mut told = None;
    loop {
        newest.borrow_and_update();
        let (folder, rules) = (data_dir.clone(), house.clone());
        match tokio::task::spawn_blocking(move || running(&folder, &rules)).await {
            Ok(Ok(survey)) if survey != told => {
                told = survey.clone();
                if wakes.send(Wake::Survey(survey.map(Box::new))).is_err() {
                    return;
                }
            }
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!("the glass cannot be told which survey runs: {error}"),
            Err(_) => return,
        }
        tokio::time::sleep(EVERY).await;
        if newest.changed().await.is_err() {
            return;
        }
    }
}

/// The oldest that runs; the desk opens no second one beside it.
fn running(data_dir: &Path, house: &House) -> Result<Option<Survey>, JournalError> {
    let open = Reader::open(data_dir)?.open_cases_of(Series::Survey)?;
    Ok(open.iter().find_map(|row| Survey::of(&row.case, house)))
}
