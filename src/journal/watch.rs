//! The watch-list as the desk keeps it. It decides nothing; an entry that cannot be read is left out and said in the log, by its id.

use super::{Journal, JournalError};
use crate::service::watch::Entry;
use rusqlite::params;

impl Journal {
    pub fn watch_list(&self) -> Result<Vec<Entry>, JournalError> {
        let mut query = self.connection.prepare_cached("SELECT id, data FROM watch ORDER BY id")?;
        let mut rows = query.query([])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, data): (String, String) = (row.get(0)?, row.get(1)?);
            match serde_json::from_str(&data) {
                Ok(entry) => entries.push(entry),
                Err(_) => tracing::error!(entry = id, "an entry of the watch-list cannot be read: send it again"),
            }
        }
        Ok(entries)
    }

    /// Takes the place of one with the same id.
    pub fn watch_for(&mut self, entry: &Entry) -> Result<(), JournalError> {
        let data = serde_json::to_string(entry).expect("an entry always serialises");
        self.connection
            .prepare_cached(
                "INSERT INTO watch (id, until, data) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET until = excluded.until, data = excluded.data",
            )?
            .execute(params![entry.id, entry.until.timestamp_millis(), data])?;
        Ok(())
    }

    /// Whether it was there.
    pub fn watch_no_more(&mut self, id: &str) -> Result<bool, JournalError> {
        let gone = self.connection.prepare_cached("DELETE FROM watch WHERE id = ?1")?.execute([id])? > 0;
        if gone {
            self.note_traces(false)?;
        }
        Ok(gone)
    }
}
