//! What retention tells of itself, in the transaction that it is about: what it took before its time, and that it keeps things for other
//! days than before. All else that goes is as old as the configuration says; `gone` holds what is gone against both.

use super::{Days, Journal, JournalError, Pressure, anchor};
use crate::event::{Event, Kind, Now, Slug, data};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The days by which retention has worked last.
pub(super) const DAYS: &str = "retention-days";

/// `journal.thinned`: of what devices said from `from` to `through`, `events` events went although they were young.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Thinned {
    /// The newest event before this one: its numbers are those of the journal in which it follows that.
    pub head: Option<String>,
    /// [`Pressure::name`].
    pub why: String,
    pub from: u64,
    pub through: u64,
    pub events: u64,
}

/// `retention.changed`, as far as it says when events go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Changed {
    pub from: Kept,
    pub to: Kept,
}

/// Days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub events: u32,
    pub chatter: u32,
    pub visits: u32,
    pub persons: u32,
}

impl From<&Days> for Kept {
    fn from(days: &Days) -> Self {
        let Days { events, chatter, visits, persons } = *days;
        Kept { events, chatter, visits, persons }
    }
}

impl Journal {
    /// Before anything goes: that others days hold than the last time. Silent where there was no last time.
    pub(super) fn tell_days(&mut self, days: &Days, now: Now) -> Result<(), JournalError> {
        let (memo, to) = (self.memo(DAYS)?, Kept::from(days));
        let from = memo.and_then(|text| serde_json::from_str::<Kept>(&text).ok());
        if from == Some(to) {
            return Ok(());
        }
        if let Some(from) = from {
            let facts = data([("from", json!(from)), ("to", json!(to))]);
            self.tell(&Event::here(Kind::RetentionChanged, Slug::from_text("journal"), now, facts), now)?;
        }
        self.set_memo(DAYS, Some(&json!(to).to_string()))
    }

    /// Behind what was taken.
    pub(super) fn tell_thinned(
        &mut self,
        pressure: Pressure,
        from: u64,
        through: u64,
        events: u64,
        now: Now,
    ) -> Result<(), JournalError> {
        let head = anchor::head(&self.connection)?.map(|head| head.to_string());
        let facts = data([
            ("head", json!(head)),
            ("why", json!(pressure.name())),
            ("from", json!(from)),
            ("through", json!(through)),
            ("events", json!(events)),
        ]);
        self.tell(&Event::here(Kind::JournalThinned, Slug::from_text("journal"), now, facts), now)?;
        Ok(())
    }
}
