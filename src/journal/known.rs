//! What one person gets to read of himself (PIPL, Art. 45): his own cases whole, and of what others have said only what tells of him. Another's
//! name, number, unit and words are not his to read. Decides nothing but whose something is.

use super::whose::{find, history};
use super::{CaseRow, JournalError, Reader, Row, invited};
use crate::event::Data;
use crate::service::invitation::Invitation;
use crate::service::person::{Thing, Wanted};
use crate::service::watch::{Entry, national};
use serde_json::{Value, json, value::to_raw_value};
use std::collections::BTreeSet;

/// His cases, and every event of them or of him.
#[derive(Debug)]
pub struct Known {
    /// Of a case that is another's only that there is one, and what it tells of him.
    pub cases: Vec<CaseRow>,
    pub events: Vec<Row>,
    pub watched: Vec<Entry>,
    pub invited: Vec<Invitation>,
    /// What has his name and no phone, and may be somebody else's: not read out.
    pub namesakes: BTreeSet<Thing>,
}

impl Reader {
    /// Everything that is known of one person.
    ///
    /// # Errors
    /// The disk's.
    pub fn known_of(&self, wanted: &Wanted) -> Result<Known, JournalError> {
        let found = find(self.connection(), wanted)?;
        let namesakes = found.namesakes.into_iter().map(Thing::Case).collect();
        let mut known =
            Known { cases: Vec::new(), events: Vec::new(), watched: Vec::new(), invited: Vec::new(), namesakes };
        // Events of his own cases, and of those that somebody has said to have his name.
        let (mut own_seqs, mut named_seqs) = (BTreeSet::new(), BTreeSet::new());
        for (number, own) in found.cases {
            let Some(mut row) = self.case(number)? else { continue };
            let by_name = wanted.has(&Thing::Case(number));
            let history = if own || by_name { history(self.connection(), number)? } else { Vec::new() };
            if own {
                own_seqs.extend(history);
            } else {
                named_seqs.extend(history);
                wanted.keep_only(&mut row.person, by_name);
                row.case.docket.facts.clear();
            }
            known.cases.push(row);
        }
        for seq in found.events.into_iter().chain(own_seqs.iter().copied()).collect::<BTreeSet<_>>() {
            // Nothing where retention was quicker, and not the event after it.
            let Some(row) = self.all_after(seq.saturating_sub(1), 1)?.into_iter().find(|row| row.seq == seq) else {
                continue;
            };
            let is_own = own_seqs.contains(&seq);
            known.events.push(if is_own { row } else { his_part(row, wanted, named_seqs.contains(&seq)) });
        }
        self.list_of(wanted, &mut known)?;
        Ok(known)
    }

    /// Of the watch-list and of invitations.
    fn list_of(&self, wanted: &Wanted, known: &mut Known) -> Result<(), JournalError> {
        let mut query = self.connection().prepare_cached("SELECT data FROM watch")?;
        let texts = query.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        for entry in texts.iter().filter_map(|text| serde_json::from_str::<Entry>(text).ok()) {
            match Whose::entry(&entry, wanted) {
                Some(Whose::His) => known.watched.push(entry),
                Some(Whose::Either(thing)) => drop(known.namesakes.insert(thing)),
                None => {}
            }
        }
        for kept in invited::naming(self.connection(), wanted)? {
            match Whose::of(Thing::Invitation(kept.id), wanted) {
                Whose::His => known.invited.extend(kept.token.and_then(|(token, _)| token.said())),
                Whose::Either(thing) => drop(known.namesakes.insert(thing)),
            }
        }
        Ok(())
    }
}

/// Of an event that belongs to no case of his: all of it where he has said it, else what it tells of him, and not where another lives.
fn his_part(mut row: Row, wanted: &Wanted, by_name: bool) -> Row {
    let said: Data = serde_json::from_str(row.data.get()).unwrap_or_default();
    let mut person = said.get("person").and_then(Value::as_object).cloned().unwrap_or_default();
    if !wanted.is_owner(&person) {
        wanted.keep_only(&mut person, by_name);
        row.data = to_raw_value(&json!({ "person": person })).unwrap_or_default();
    }
    row
}

/// Whose something is that has a name.
pub(super) enum Whose {
    His,
    /// His, or a namesake's.
    Either(Thing),
}

impl Whose {
    pub fn of(thing: Thing, wanted: &Wanted) -> Self {
        if wanted.has(&thing) { Whose::His } else { Whose::Either(thing) }
    }

    /// `None`: somebody else's. An entry without a phone has his name alone, and one with other names may be of whoever shares his phone.
    pub fn entry(entry: &Entry, wanted: &Wanted) -> Option<Self> {
        let is_called = entry.names.iter().any(|name| wanted.is_called(name));
        let either = || Some(Whose::of(Thing::Watch(entry.id.clone()), wanted));
        match &entry.phone {
            Some(phone) if national(phone) != wanted.digits() => None,
            Some(_) if wanted.name.is_some() && !entry.names.is_empty() && !is_called => either(),
            Some(_) => Some(Whose::His),
            None if is_called => either(),
            None => None,
        }
    }
}
