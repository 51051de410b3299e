//! The watch-list: changed by the office alone, looked at with each visit. A hit is a case of the guards' in the transaction of the visit;
//! the answer to the glass is the same with it and without it.

use super::carry_out::Transaction;
use super::{Answer, Store};
use crate::event::{Event, Kind, Slug, data};
use crate::journal::JournalError;
use crate::service::case::Source;
use crate::service::matter::Opening;
use crate::service::number::Number;
use crate::service::staff::Actor;
use crate::service::support::{self, Watched};
use crate::service::visit::SignIn;
use crate::service::watch::{Change, MAX_ENTRIES};
use metrics::counter;
use serde_json::json;

impl<S: Store> Transaction<'_, S> {
    /// All of it or nothing. The change was checked where it came in.
    pub(super) fn change_watch_list(&mut self, change: &Change) -> Result<Answer, JournalError> {
        let goes = |id: &String| change.remove.contains(id) || change.set.iter().any(|entry| entry.id == *id);
        let stay = self.journal.watch_list()?.iter().filter(|entry| !goes(&entry.id)).count();
        let entries = stay + change.set.len();
        if entries > MAX_ENTRIES {
            return Ok(Answer::WatchListFull);
        }
        let mut removed = 0;
        for id in &change.remove {
            removed += usize::from(self.journal.watch_no_more(id)?);
        }
        for entry in &change.set {
            self.journal.watch_for(entry)?;
        }
        // Until then, and for no other reason than an erasure, none of them goes.
        let first_end = self.journal.watch_list()?.iter().map(|entry| entry.until).min();
        let facts = data([
            ("set", json!(change.set.len())),
            ("removed", json!(removed)),
            ("entries", json!(entries)),
            ("first_end", json!(first_end)),
        ]);
        self.append(&Event::here(Kind::WatchListChanged, Slug::from_text("watch-list"), self.now, facts))?;
        Ok(Answer::WatchList { entries })
    }

    /// Whether somebody who has just signed in may be on it: the surest hit, phone before name before sound.
    pub(super) fn look_out(&mut self, sign_in: &SignIn, visit: Number) -> Result<(), JournalError> {
        let (name, phone) = (sign_in.name.as_ref(), sign_in.phone.as_ref());
        if name.is_none() && phone.is_none() {
            return Ok(());
        }
        let list = self.journal.watch_list()?.into_iter();
        let hits = list.filter_map(|entry| Some((entry.knows(name, phone, self.now)?, entry)));
        let Some((by, entry)) = hits.min_by_key(|(by, _)| *by) else { return Ok(()) };
        counter!("lobbyd_watch_hits_total", "by" => by.name()).increment(1);
        let opening = Opening::Support(support::Request { watched: Some(Watched { visit, entry, by }) });
        self.open(&opening, Source::Daemon, &Actor::DAEMON)?;
        Ok(())
    }
}
