//! Who may sign in: the desk remembers the list of the last time and tells what has changed since, also across a restart.
//! Part of the desk's transaction; ids and fingerprints only.

use super::carry_out::Transaction;
use super::{Answer, Store};
use crate::event::{Event, Kind};
use crate::journal::JournalError;
use crate::service::staff::Actor;
use crate::service::staff_list::{Listed, RESET, changes};

/// The list as it was told last, as JSON.
pub(super) const STAFF: &str = "staff";

impl<S: Store> Transaction<'_, S> {
    /// `by`: somebody has just changed his own secret, and stays.
    pub(super) fn take_up_staff(&mut self, list: &[Listed], by: Option<&Actor>) -> Result<Answer, JournalError> {
        // What another release has written and cannot be read here is told anew.
        let known = self.journal.memo(STAFF)?.and_then(|text| serde_json::from_str(&text).ok());
        let known: Vec<Listed> = known.unwrap_or_default();
        let mut changes = changes(&known, list);
        for change in &mut changes {
            let own = by.filter(|by| by.who.as_ref().is_some_and(|who| who.id.as_ref() == Some(&change.id)));
            if own.is_some() && change.what == RESET {
                (change.what, change.out) = ("secret", false);
            }
            let mut facts = change.facts();
            facts.extend(own.map(Actor::facts).unwrap_or_default());
            self.append(&Event::here(Kind::StaffChanged, change.id.clone(), self.now, facts))?;
        }
        if known != list {
            let text = serde_json::to_string(list).expect("a list of structs always serialises");
            self.journal.set_memo(STAFF, Some(&text))?;
        }
        Ok(Answer::Staff(changes))
    }
}
