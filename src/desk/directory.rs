//! Which version of the directory was told last, so that each is journaled once: also one that came while nobody ran, or whose sender was
//! cut off before he could say what has become of it. Part of the desk's transaction.

use super::carry_out::Transaction;
use super::{Answer, Store};
use crate::directory::Facts;
use crate::event::{Event, Id, Identity, Kind, Slug};
use crate::journal::{Appended, JournalError};
use crate::service::directory::update::{TABLE, told};

/// The version that was told last.
const TOLD: &str = "directory_told";

impl<S: Store> Transaction<'_, S> {
    pub(super) fn directory(&mut self, facts: &Facts) -> Result<Answer, JournalError> {
        let version = &facts.version;
        if self.journal.memo(TOLD)?.as_deref() == Some(version) {
            return Ok(Answer::Stored { events: 0, repeats: 1 });
        }
        let said = told(version, facts.units, facts.vacant, facts.hosts);
        let mut event = Event::here(Kind::DirectoryUpdated, Slug::from_text("directory"), self.now, said);
        if version.starts_with(TABLE) {
            // A table's version never comes again. One that was told before this was noted here is a repeat, for the office too.
            event.identity = Identity::Native(Id::derived(&[b"directory", version.as_bytes()]));
        }
        let repeats = usize::from(self.record(&event)? == Appended::Repeat);
        self.journal.set_memo(TOLD, Some(version))?;
        Ok(Answer::Stored { events: 1 - repeats, repeats })
    }
}
