//! The one place where rows come into `event` and `person`: each with its link of the chain. Decides nothing.

use super::chain::{Content, of_person};
use super::{Journal, JournalError, anchor};
use crate::event::Id;
use rusqlite::params;
use rusqlite::types::{ToSqlOutput, ValueRef};

impl Journal {
    /// Stores a row under the next number, in the open transaction; `false` where its id is in the journal already. `content`:
    /// without its person. `is_passing`: retention may take it out alone.
    ///
    /// # Errors
    /// The disk's, and SQLite's where something is not of its column's type.
    pub(super) fn insert(
        &mut self,
        content: &Content<'_>,
        person: Option<&str>,
        is_passing: bool,
    ) -> Result<bool, JournalError> {
        let person = person.map(|data| (data, Id::random().0));
        let digest = person.map(|(data, salt)| of_person(&salt, data.as_bytes()));
        let content = Content { person: digest.as_ref().map(|digest| digest.0.as_slice()), ..*content };
        let link = self.chain.link(&content, is_passing);
        // Nothing where two lasting rows follow one another.
        let run: Option<&[u8]> = link.run.as_ref().map(|run| run.as_ref().map_or(&[][..], |hash| &hash.0));
        let text = |bytes| ToSqlOutput::Borrowed(ValueRef::Text(bytes));
        let stored = self
            .connection
            .prepare_cached(
                "INSERT INTO event (seq, id, kind, subject, urgent, time, quality, recorded, data, fingerprint,
                                    hash, run, person_digest)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (id) DO NOTHING",
            )?
            .execute(params![
                content.seq,
                content.id,
                text(content.kind),
                text(content.subject),
                content.urgent,
                content.time,
                text(content.quality),
                content.recorded,
                text(content.data),
                content.fingerprint,
                link.hash.0,
                run,
                content.person,
            ])?;
        if stored == 0 {
            return Ok(false);
        }
        if let Some((data, salt)) = person {
            self.connection
                .prepare_cached("INSERT INTO person (seq, data, salt) VALUES (?1, ?2, ?3)")?
                .execute(params![content.seq, data, salt])?;
        }
        self.newest = content.seq;
        self.chain = self.chain.after(&link);
        anchor::note(&self.connection, self.newest, &self.chain)?;
        Ok(true)
    }
}
