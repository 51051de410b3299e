//! R180: somebody who comes again is known by the phone and the name that he types, both of them, and both must stand in a
//! visit that is still kept. Whoever types only a phone number hears nothing (R309). Counts and a day, never a name.

use crate::event::{Data, data};
use serde_json::json;

/// What is known of the earlier visits of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// At least one.
    pub visits: u32,
    /// Local day of the newest, `yyyymmdd`.
    pub last_day: u32,
}

impl Earlier {
    /// For the guard who receives him.
    pub fn facts(&self) -> Data {
        let (year, month, day) = (self.last_day / 10_000, self.last_day / 100 % 100, self.last_day % 100);
        let last = format!("{year:04}-{month:02}-{day:02}");
        data([("earlier_visits", json!(self.visits)), ("last_visit", json!(last))])
    }
}
