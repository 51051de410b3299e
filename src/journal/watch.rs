//! The watch-list as the desk keeps it. It decides nothing; an entry that cannot be read is left out and said in the log, by its id. One
//! that the office takes off while its person is held by law alerts nobody any more, and stays beside the list until the hold ends.

use super::{Journal, JournalError};
use crate::service::watch::Entry;
use rusqlite::{OptionalExtension, params};

impl Journal {
    pub fn watch_list(&self) -> Result<Vec<Entry>, JournalError> {
        let mut query = self.connection.prepare_cached("SELECT id, data FROM watch WHERE until > 0 ORDER BY id")?;
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
        let query = "SELECT data FROM watch WHERE id = ?1";
        let mut query = self.connection.prepare_cached(query)?;
        let before: Option<String> = query.query_row([&entry.id], |row| row.get(0)).optional()?;
        drop(query);
        let before = before.and_then(|text| serde_json::from_str::<Entry>(&text).ok());
        // Sent again with another end it is the same entry: nothing of it is replaced that anybody could want.
        if before.is_none_or(|before| Entry { until: entry.until, ..before } != *entry) {
            self.watch_no_more(&entry.id)?;
        }
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
        if !self.held_entries(Some(id))?.is_empty() {
            // No entry has such an id, and none has ended before there was any.
            let aside = "UPDATE watch SET id = ?1 || '~' || ?2, until = 0 WHERE id = ?1";
            return Ok(self.connection.prepare_cached(aside)?.execute(params![id, self.newest()])? > 0);
        }
        let gone = self.connection.prepare_cached("DELETE FROM watch WHERE id = ?1")?.execute([id])? > 0;
        if gone {
            self.note_traces(false)?;
        }
        Ok(gone)
    }
}
