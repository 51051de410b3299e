//! The watch-list: changed by the office alone, looked at with each visit, and with each new entry for whoever is inside. A hit is a case of
//! the guards', in the same transaction; the answer to the glass is the same with it and without it.

use super::carry_out::Transaction;
use super::{Answer, Store};
use crate::event::{Event, Kind, Now, Slug, data};
use crate::journal::JournalError;
use crate::service::case::Source;
use crate::service::contact::{Name, Phone};
use crate::service::matter::Opening;
use crate::service::number::{Number, Series};
use crate::service::staff::Actor;
use crate::service::support::{self, Watched};
use crate::service::visit::SignIn;
use crate::service::watch::{By, Change, Entry, Heard, MAX_ENTRIES, Spoken};
use metrics::counter;
use serde_json::json;

impl<S: Store> Transaction<'_, S> {
    /// All of it or nothing. The change was checked where it came in.
    pub(super) fn change_watch_list(&mut self, change: &Change) -> Result<Answer, JournalError> {
        let goes = |id: &String| change.remove.contains(id) || change.set.iter().any(|entry| entry.id == *id);
        let before = self.journal.watch_list()?;
        let stay = before.iter().filter(|entry| !goes(&entry.id)).count();
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
        // A list that is sent again, with another end or reason too, alerts nobody again.
        let is_fresh = |entry: &&Entry| !before.iter().any(|other| other.is_of(entry));
        let fresh: Vec<Heard<'_>> = change.set.iter().filter(is_fresh).map(Heard::of).collect();
        self.look_round(&fresh)?;
        Ok(Answer::WatchList { entries })
    }

    /// Whether somebody who has just signed in may be on it: the surest hit, phone before name before sound.
    pub(super) fn look_out(&mut self, sign_in: &SignIn, visit: Number) -> Result<(), JournalError> {
        let (name, phone) = (sign_in.name.as_ref(), sign_in.phone.as_ref());
        if name.is_none() && phone.is_none() {
            return Ok(());
        }
        let list = self.journal.watch_list()?;
        let heard: Vec<Heard<'_>> = list.iter().map(Heard::of).collect();
        match surest(&heard, name, phone, self.now) {
            Some((by, entry)) => self.alert(visit, by, entry),
            None => Ok(()),
        }
    }

    /// Whether somebody who is inside may be on it since now.
    fn look_round(&mut self, fresh: &[Heard<'_>]) -> Result<(), JournalError> {
        if fresh.is_empty() {
            return Ok(());
        }
        let visits = self.journal.open_cases()?.into_iter().map(|case| case.docket.number);
        for visit in visits.filter(|number| number.series == Series::Visit) {
            let person = self.journal.case_person(visit)?;
            let said = |key: &str| person.get(key).and_then(|said| said.as_str());
            let name = said("name").and_then(|name| Name::parse(name).ok());
            let phone = said("phone").and_then(|phone| Phone::parse(phone).ok());
            if let Some((by, entry)) = surest(fresh, name.as_ref(), phone.as_ref(), self.now) {
                self.alert(visit, by, entry)?;
            }
        }
        Ok(())
    }

    fn alert(&mut self, visit: Number, by: By, entry: &Entry) -> Result<(), JournalError> {
        counter!("lobbyd_watch_hits_total", "by" => by.name()).increment(1);
        let opening = Opening::Support(support::Request { watched: Some(Watched { visit, entry: entry.clone(), by }) });
        self.open(&opening, Source::Daemon, &Actor::DAEMON)?;
        Ok(())
    }
}

fn surest<'e>(list: &[Heard<'e>], name: Option<&Name>, phone: Option<&Phone>, now: Now) -> Option<(By, &'e Entry)> {
    let name = name.map(Spoken::of);
    let hits = list.iter().filter_map(|heard| Some((heard.knows(name.as_ref(), phone, now)?, heard.entry)));
    hits.min_by_key(|(by, _)| *by)
}
