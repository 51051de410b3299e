//! Lights the call lamp while somebody who has called at the glass waits for a person (`service/lamp.rs`), also after a restart.

use super::surroundings::Teller;
use crate::journal::{JournalError, Reader};
use crate::service::lamp::{CALLS, burns_for};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::watch;

/// Least time between two looks: the journal grows with every door.
const EVERY: Duration = Duration::from_millis(500);

/// Runs until the desk is gone.
pub async fn follow(data_dir: PathBuf, mut newest: watch::Receiver<u64>, teller: Teller) {
    loop {
        newest.borrow_and_update();
        let folder = data_dir.clone();
        match tokio::task::spawn_blocking(move || burns(&folder)).await {
            Ok(Ok(burns)) => teller.lamp(burns),
            Ok(Err(error)) => tracing::warn!("the call lamp does not know who waits: {error}"),
            Err(_) => return,
        }
        tokio::time::sleep(EVERY).await;
        if newest.changed().await.is_err() {
            return;
        }
    }
}

fn burns(data_dir: &Path) -> Result<bool, JournalError> {
    let reader = Reader::open(data_dir)?;
    for series in CALLS {
        if reader.open_cases_of(series)?.iter().any(|row| burns_for(&row.case)) {
            return Ok(true);
        }
    }
    Ok(false)
}
