//! Reads the doors and what happened at them, on a thread of its own, because SQLite blocks. It only reads.

use crate::journal::{DoorState, Reader, Row};
use std::sync::mpsc;
use tokio::sync::mpsc as async_mpsc;

/// Events of one look. Of a flood that is longer nobody at a wall panel wants each.
const MOST: usize = 256;

/// How the doors stand, and what is new since the last look.
pub struct News {
    pub doors: Vec<DoorState>,
    pub rows: Vec<Row>,
}

pub struct Feed {
    ask: mpsc::Sender<Option<u64>>,
    fed: async_mpsc::UnboundedReceiver<Result<News, String>>,
}

impl Feed {
    /// Starts the thread. It ends when the feed is dropped.
    pub fn start(reader: Reader) -> std::io::Result<Self> {
        let (ask, asked) = mpsc::channel();
        // Unbounded, but one answer for each question, and questions are some ten a second at most.
        let (answer, fed) = async_mpsc::unbounded_channel();
        std::thread::Builder::new().name("home-feed".into()).spawn(move || {
            let mut seen = None;
            while let Ok(newest) = asked.recv() {
                if answer.send(look(&reader, &mut seen, newest).map_err(|error| error.to_string())).is_err() {
                    return;
                }
            }
        })?;
        Ok(Feed { ask, fed })
    }

    /// Asks for what is new up to this number; for how everything stands, and nothing that happened before, with `None`.
    pub fn ask(&self, newest: Option<u64>) {
        // An error means that the thread has ended; `next` then never answers.
        let _ = self.ask.send(newest);
    }

    /// The next answer. Cancel-safe; waits for ever once the thread has ended.
    pub async fn next(&mut self) -> Result<News, String> {
        match self.fed.recv().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

fn look(reader: &Reader, seen: &mut Option<u64>, newest: Option<u64>) -> Result<News, crate::journal::JournalError> {
    let now = reader.span()?.map_or(0, |(_, newest)| newest);
    let after = match newest {
        None => now,
        Some(_) => seen.unwrap_or(now).max(now.saturating_sub(MOST as u64)),
    };
    let rows = reader.all_after(after, MOST)?;
    *seen = Some(rows.last().map_or(now, |row| row.seq.max(now)));
    Ok(News { doors: reader.states()?, rows })
}
