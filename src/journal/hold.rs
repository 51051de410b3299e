//! Legal holds: what is held is neither purged nor erased, everything else is. A hold ends by itself. It decides nothing but what belongs
//! to what is held.

use super::known::Whose;
use super::whose::{self, Search};
use super::{Journal, JournalError, Reader, invited};
use crate::event::{Event, Kind, Now, Slug, data};
use crate::service::case::Case;
use crate::service::invitation::TokenId;
use crate::service::number::Number;
use crate::service::person::{Hold, MAX_HOLDS, Of, Outcome, Wanted};
use crate::service::watch::Entry;
use rusqlite::{Connection, params};
use serde_json::json;
use std::collections::BTreeSet;

/// Everything that is held at this moment.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub cases: BTreeSet<Number>,
    /// Events, of held cases too.
    pub events: BTreeSet<u64>,
    /// Persons, by their digits.
    pub persons: BTreeSet<String>,
}

/// What is looked for at each purge, from where the last one ended; made anew with each hold that comes or goes.
pub(super) struct Holding {
    cases: Vec<Number>,
    search: Search,
}

impl Holding {
    fn of(holds: Vec<Hold>) -> Self {
        let (mut cases, mut persons) = (Vec::new(), Vec::new());
        for hold in holds {
            match hold.of {
                Of::Case(number) => cases.push(number),
                Of::Person(wanted) => persons.push(wanted),
            }
        }
        Holding { cases, search: Search::new(persons) }
    }

    /// Whether it has looked at no more than there is: what was rolled back comes again with the same numbers.
    pub fn is_within(&self, newest: u64) -> bool {
        self.search.through <= newest
    }
}

impl Held {
    /// The first event that must stay, and with it all behind: of events only a beginning goes.
    pub fn first(&self) -> Option<u64> {
        self.events.first().copied()
    }
}

impl Journal {
    /// In the open transaction.
    pub(super) fn hold(&mut self, hold: &Hold, reference: Option<&str>, now: Now) -> Result<Outcome, JournalError> {
        if let Err(why) = hold.check(now) {
            return Ok(Outcome::Refused(why));
        }
        let holds = all(&self.connection)?;
        if holds.len() >= MAX_HOLDS && holds.iter().all(|other| other.id != hold.id) {
            return Ok(Outcome::Refused(format!("there are {MAX_HOLDS} holds already: lift one")));
        }
        self.holding = None;
        let text = serde_json::to_string(hold).expect("a hold always serialises");
        self.connection
            .prepare_cached(
                "INSERT INTO hold (id, until, data) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET until = excluded.until, data = excluded.data",
            )?
            .execute(params![hold.id, hold.until.timestamp_millis(), text])?;
        let case = match hold.of {
            Of::Case(number) => Some(number.to_string()),
            Of::Person(_) => None,
        };
        let facts = data([
            ("id", json!(hold.id)),
            ("case", json!(case)),
            ("person_ref", json!(reference)),
            ("until", json!(hold.until)),
        ]);
        let event = Event::here(Kind::HoldPlaced, Slug::from_text("journal"), now, facts);
        self.tell(&event.about(data([("author", json!(hold.author)), ("reason", json!(hold.reason))])), now)?;
        Ok(Outcome::Held { until: hold.until })
    }

    /// In the open transaction. `author`: nobody where it has ended by itself.
    pub(super) fn lift(&mut self, id: &str, author: Option<&str>, now: Now) -> Result<Outcome, JournalError> {
        let gone = self.connection.prepare_cached("DELETE FROM hold WHERE id = ?1")?.execute([id])? > 0;
        if gone {
            self.holding = None;
            // What it kept is looked at again, from the beginning.
            self.look_again()?;
            self.note_traces(false)?;
            let why = if author.is_some() { "lifted" } else { "ended" };
            let facts = data([("id", json!(id)), ("why", json!(why))]);
            let event = Event::here(Kind::HoldLifted, Slug::from_text("journal"), now, facts);
            let event = match author {
                Some(author) => event.about(data([("author", json!(author))])),
                None => event,
            };
            self.tell(&event, now)?;
        }
        Ok(Outcome::Lifted(gone))
    }

    /// Whose consent was taken back while they were held: once nothing holds them any more, they go. In the open transaction.
    pub(super) fn forget_all_withdrawn(&mut self) -> Result<(), JournalError> {
        for number in withdrawn(&self.connection, false)? {
            self.forget_withdrawn(number)?;
        }
        Ok(())
    }

    /// Of a case whose person consents to it no more nothing of people stays, unless it is held: then it goes with the hold. Whether
    /// it went. In the open transaction.
    pub fn forget_withdrawn(&mut self, number: Number) -> Result<bool, JournalError> {
        let goes = !self.held()?.cases.contains(&number);
        if goes {
            self.forget_people(number)?;
        }
        Ok(goes)
    }

    /// Those whose time is over, in the open transaction.
    pub(super) fn end_holds(&mut self, now: Now) -> Result<(), JournalError> {
        let ended = |hold: &Hold| now.synced && hold.until <= now.utc;
        let mut ended = all(&self.connection)?.into_iter().filter(ended).peekable();
        if ended.peek().is_none() {
            return Ok(());
        }
        for hold in ended {
            self.lift(&hold.id, None, now)?;
        }
        self.forget_all_withdrawn()
    }

    /// Whether anything is held.
    ///
    /// # Errors
    /// The disk's.
    pub fn has_holds(&self) -> Result<bool, JournalError> {
        is_any(&self.connection)
    }

    pub(super) fn holds(&self) -> Result<Vec<Hold>, JournalError> {
        all(&self.connection)
    }

    /// Whom holds are on.
    fn held_persons(&self) -> Result<Vec<Wanted>, JournalError> {
        let person = |hold: Hold| match hold.of {
            Of::Person(wanted) => Some(wanted),
            Of::Case(_) => None,
        };
        Ok(self.holds()?.into_iter().filter_map(person).collect())
    }

    /// Rows of the watch-list that may be of somebody who is held: all of them, or the one of this id.
    pub(super) fn held_entries(&self, of: Option<&str>) -> Result<BTreeSet<String>, JournalError> {
        let persons = self.held_persons()?;
        let mut held = BTreeSet::new();
        if persons.is_empty() {
            return Ok(held);
        }
        let mut query = self.connection.prepare_cached("SELECT id, data FROM watch WHERE ?1 IS NULL OR id = ?1")?;
        let mut rows = query.query([of])?;
        while let Some(row) = rows.next()? {
            let (id, data): (String, String) = (row.get(0)?, row.get(1)?);
            let entry = serde_json::from_str::<Entry>(&data).ok();
            if entry.is_some_and(|entry| persons.iter().any(|wanted| Whose::entry(&entry, wanted).is_some())) {
                held.insert(id);
            }
        }
        Ok(held)
    }

    /// The same of invitations.
    pub(super) fn held_invitations(&self) -> Result<BTreeSet<TokenId>, JournalError> {
        let mut held = BTreeSet::new();
        for wanted in self.held_persons()? {
            held.extend(invited::naming(&self.connection, &wanted)?.into_iter().map(|kept| kept.id));
        }
        Ok(held)
    }

    pub(super) fn held(&mut self) -> Result<Held, JournalError> {
        let mut holding = match self.holding.take() {
            Some(holding) => holding,
            None => Holding::of(all(&self.connection)?),
        };
        holding.search.look(&self.connection, self.newest())?;
        let mut held = Held { cases: holding.cases.iter().copied().collect(), ..Held::default() };
        for (wanted, found) in holding.search.sought() {
            held.persons.insert(wanted.digits().to_owned());
            held.events.extend(&found.events);
            held.cases.extend(found.cases.keys());
        }
        for number in &held.cases {
            held.events.extend(whose::history(&self.connection, *number)?);
        }
        self.holding = Some(holding);
        Ok(held)
    }
}

impl Reader {
    /// Every hold.
    ///
    /// # Errors
    /// The disk's.
    pub fn holds(&self) -> Result<Vec<Hold>, JournalError> {
        all(self.connection())
    }
}

/// Whether anything is held, in a journal of any version.
pub(super) fn is_any(connection: &Connection) -> Result<bool, JournalError> {
    // A journal of before there were holds has no such table.
    let known =
        connection.prepare_cached("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'hold'")?.exists([])?;
    Ok(known && connection.prepare_cached("SELECT 1 FROM hold")?.exists([])?)
}

/// Cases whose person consents to them no more, and that have forgotten him, or have not: what was held. One that another version wrote says
/// nothing.
pub(super) fn withdrawn(connection: &Connection, are_forgotten: bool) -> Result<Vec<Number>, JournalError> {
    let query = "SELECT data FROM casefile WHERE closed IS NOT NULL AND (person IS NULL) = ?1";
    let mut query = connection.prepare_cached(query)?;
    let texts = query.query_map([are_forgotten], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let cases = texts.iter().filter_map(|text| serde_json::from_str::<Case>(text).ok());
    Ok(cases.filter(|case| case.matter.forgets()).map(|case| case.docket.number).collect())
}

fn all(connection: &Connection) -> Result<Vec<Hold>, JournalError> {
    let mut query = connection.prepare_cached("SELECT id, data FROM hold ORDER BY until")?;
    let mut rows = query.query([])?;
    let mut holds = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, text): (String, String) = (row.get(0)?, row.get(1)?);
        match serde_json::from_str(&text) {
            Ok(hold) => holds.push(hold),
            Err(_) => tracing::error!(hold = id, "a legal hold cannot be read, and holds nothing: place it again"),
        }
    }
    Ok(holds)
}
