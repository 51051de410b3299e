//! Reads changed cases for dispatch, on a thread of its own, because SQLite blocks. It only reads.

use crate::journal::{CaseRow, Reader};
use std::sync::mpsc;
use tokio::sync::mpsc as async_mpsc;

/// Cases in one answer; the rest comes with the next ones.
const READ: usize = 256;

pub struct Feed {
    ask: mpsc::Sender<u64>,
    fed: async_mpsc::UnboundedReceiver<Result<Vec<CaseRow>, String>>,
}

impl Feed {
    /// Starts the thread. Its first answer holds every open case, each later one what has changed since. It ends when the
    /// feed is dropped.
    pub fn start(reader: Reader) -> std::io::Result<Self> {
        let (ask, asked) = mpsc::channel();
        // Unbounded, but one answer for each question, and questions are one for each commit.
        let (answer, fed) = async_mpsc::unbounded_channel();
        std::thread::Builder::new().name("dispatch-feed".into()).spawn(move || {
            let mut seen = None;
            while let Ok(first) = asked.recv() {
                // Many commits make many questions; the newest one stands for all.
                let newest = asked.try_iter().last().unwrap_or(first);
                if answer.send(read(&reader, &mut seen, newest)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Feed { ask, fed })
    }

    /// Asks for what has changed up to this number.
    pub fn ask(&self, newest: u64) {
        // An error means that the thread has ended; `next` then never answers.
        let _ = self.ask.send(newest);
    }

    /// The next answer. Cancel-safe; waits for ever once the thread has ended.
    pub async fn next(&mut self) -> Result<Vec<CaseRow>, String> {
        match self.fed.recv().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

fn read(reader: &Reader, seen: &mut Option<u64>, newest: u64) -> Result<Vec<CaseRow>, String> {
    let Some(mut after) = *seen else {
        let rows = reader.open_cases().map_err(|error| error.to_string())?;
        *seen = Some(newest);
        return Ok(rows);
    };
    let mut all = Vec::new();
    loop {
        let rows = reader.cases_changed_after(after, READ).map_err(|error| error.to_string())?;
        after = rows.last().map_or(newest.max(after), |row| row.changed);
        let whole = rows.len() < READ;
        all.extend(rows);
        if whole {
            *seen = Some(after.max(newest));
            return Ok(all);
        }
    }
}
