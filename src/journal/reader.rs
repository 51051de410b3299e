//! Reading the journal: rows after a cursor, for the relay and the command line. Never writes.

use super::{JournalError, Lane};
use crate::event::{Id, Kind, Stamp};
use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use std::path::Path;

/// A stored event.
#[derive(Debug, Clone)]
pub struct Row {
    pub seq: u64,
    pub id: Id,
    pub kind: Kind,
    pub subject: String,
    pub stamp: Stamp,
    pub recorded: DateTime<Utc>,
    /// A JSON object; names and phone numbers stand in its member `person` for as long as they are kept.
    pub data: Box<RawValue>,
}

/// A read-only connection. One for each thread that reads.
pub struct Reader {}

impl Reader {
    pub fn open(_data_dir: &Path) -> Result<Self, JournalError> {
        todo!()
    }

    /// Up to `limit` rows of this lane with a number above `seq`, in order.
    pub fn after(&self, _lane: Lane, _seq: u64, _limit: usize) -> Result<Vec<Row>, JournalError> {
        todo!()
    }

    /// Up to which number the office has acknowledged this lane.
    pub fn cursor(&self, _lane: Lane) -> Result<u64, JournalError> {
        todo!()
    }

    /// Names this journal (see `Source::epoch`).
    pub fn epoch(&self) -> Result<String, JournalError> {
        todo!()
    }
}
