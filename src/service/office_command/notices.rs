//! Notices, handbook entries and price lists, as the office sends them: each the text of one entry's file (docs/handbook.md).

use crate::event::Slug;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Entries in one command.
const MAX_SET: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The file's name without its ending; an entry with the same is replaced.
    pub id: Slug,
    /// Head, `+++`, texts.
    pub text: String,
}

/// What the office changes, all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Change {
    #[serde(default)]
    pub set: Vec<Entry>,
    /// What is not there is no fault.
    #[serde(default)]
    pub remove: BTreeSet<Slug>,
}

impl Change {
    /// # Errors
    /// What is wrong with it; the texts are read where they are kept.
    pub fn check(&self) -> Result<(), String> {
        if self.set.is_empty() && self.remove.is_empty() {
            return Err("it sets and removes nothing".into());
        }
        if self.set.len() > MAX_SET {
            return Err(format!("more than {MAX_SET} entries at once"));
        }
        let mut seen = self.remove.clone();
        match self.set.iter().position(|entry| !seen.insert(entry.id.clone())) {
            Some(nth) => Err(format!("set[{nth}] has an id that stands here twice")),
            None => Ok(()),
        }
    }
}
