//! Looking into the journal without holding up the network: readers wait in a small pool, and SQLite blocks on a thread of
//! its own.

use super::answer::Refused;
use crate::journal::{JournalError, Reader};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Looks at the same time. A Pi has four cores and one disk.
const AT_ONCE: usize = 3;

pub struct Readers {
    data_dir: PathBuf,
    idle: Mutex<Vec<Reader>>,
    turns: Semaphore,
}

impl Readers {
    pub fn new(data_dir: PathBuf) -> Self {
        Readers { data_dir, idle: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }

    /// # Errors
    /// When the journal cannot be read.
    pub async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Reader) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, Refused> {
        let _turn = self.turns.acquire().await.map_err(|_| Refused::BUSY)?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let data_dir = self.data_dir.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let reader = idle.map_or_else(|| Reader::open(&data_dir), Ok)?;
            look(&reader).map(|found| (reader, found))
        });
        match looked.await {
            Ok(Ok((reader, found))) => {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
                Ok(found)
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "the guards' page cannot read the journal");
                Err(Refused::STORAGE)
            }
            Err(_) => Err(Refused::BUSY),
        }
    }
}
