//! Whose data is where: one person is found by his phone in events and cases, and what belongs to his own cases with it. Several are looked
//! for in one reading, and later only in what has come since: each legal hold is looked for at each purge. Decides nothing.

use super::casefile::object;
use super::{JournalError, invited};
use crate::event::Data;
use crate::service::invitation::name;
use crate::service::number::{Number, Series};
use crate::service::person::{Thing, Wanted, plain_digits};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of one person.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Events whose person he is or that tell of him; of his own cases all that have a person.
    pub events: BTreeSet<u64>,
    /// `true`: the case is his own.
    pub cases: BTreeMap<Number, bool>,
    /// Cases that have his name alone, and that nobody has said to be his.
    pub namesakes: BTreeSet<Number>,
    /// His own cases whose earlier events were not looked at.
    fresh: Vec<Number>,
}

impl Found {
    /// Many come to one gathering: it is nobody's own.
    fn note(&mut self, number: Option<Number>, own: bool) {
        let Some(number) = number else { return };
        let own = own && number.series != Series::Gathering;
        let before = self.cases.insert(number, own || self.is_own(Some(number)));
        if own && before != Some(true) {
            self.fresh.push(number);
        }
        self.namesakes.remove(&number);
    }

    fn is_own(&self, number: Option<Number>) -> bool {
        number.is_some_and(|number| self.cases.get(&number) == Some(&true))
    }

    fn own(&self) -> impl Iterator<Item = Number> {
        self.cases.iter().filter(|(_, own)| **own).map(|(number, _)| *number)
    }
}

/// Everything of one person.
pub(super) fn find(connection: &Connection, wanted: &Wanted) -> Result<Found, JournalError> {
    let mut search = Search::new(vec![wanted.clone()]);
    search.look(connection, 0)?;
    Ok(search.sought.pop().map(|(_, found)| found).unwrap_or_default())
}

/// Several persons, and how far they were looked for.
pub(super) struct Search {
    sought: Vec<(Wanted, Found)>,
    pub through: u64,
}

impl Search {
    pub fn new(wanted: Vec<Wanted>) -> Self {
        Search { sought: wanted.into_iter().map(|wanted| (wanted, Found::default())).collect(), through: 0 }
    }

    pub fn sought(&self) -> impl Iterator<Item = &(Wanted, Found)> {
        self.sought.iter()
    }

    /// Looks at what has come since the last look; `newest`: the last event that there is now.
    pub fn look(&mut self, connection: &Connection, newest: u64) -> Result<(), JournalError> {
        if self.sought.is_empty() {
            return Ok(());
        }
        self.look_at_events(connection)?;
        self.look_at_cases(connection)?;
        // The visits of an invitation are one step away, what the watch-list said of them the next.
        while self.follow(connection)? {}
        for (wanted, found) in &mut self.sought {
            named(connection, wanted, found)?;
            for number in std::mem::take(&mut found.fresh) {
                for seq in history(connection, number)? {
                    if has_person(connection, seq)? {
                        found.events.insert(seq);
                    }
                }
            }
        }
        self.through = newest;
        Ok(())
    }

    fn look_at_events(&mut self, connection: &Connection) -> Result<(), JournalError> {
        let mut query = connection.prepare_cached(
            "SELECT p.data, c.series, c.day, c.nth, p.seq FROM person p LEFT JOIN case_event c ON c.seq = p.seq
             WHERE p.seq > ?1",
        )?;
        let mut rows = query.query([self.through])?;
        while let Some(row) = rows.next()? {
            let (number, seq) = (number(row, 1)?, row.get(4)?);
            let said = Said::new(row.get_ref(0)?);
            for (wanted, found) in &mut self.sought {
                if let Some(person) = said.telling_of(wanted) {
                    found.events.insert(seq);
                    found.note(number, wanted.is_owner(person));
                } else if found.is_own(number) {
                    found.events.insert(seq);
                }
            }
        }
        Ok(())
    }

    fn look_at_cases(&mut self, connection: &Connection) -> Result<(), JournalError> {
        let mut query = connection.prepare_cached(
            "SELECT person, series, day, nth FROM casefile WHERE person IS NOT NULL AND changed_seq > ?1",
        )?;
        let mut rows = query.query([self.through])?;
        while let Some(row) = rows.next()? {
            let number = number(row, 1)?;
            let said = Said::new(row.get_ref(0)?);
            for (wanted, found) in &mut self.sought {
                if let Some(person) = said.telling_of(wanted) {
                    found.note(number, wanted.is_owner(person));
                } else if let Some((number, person)) = number.zip(said.naming(wanted)) {
                    if wanted.has(&Thing::Case(number)) {
                        found.note(Some(number), wanted.is_by_name(person));
                    } else if !found.cases.contains_key(&number) {
                        found.namesakes.insert(number);
                    }
                }
            }
        }
        Ok(())
    }

    /// What has no number of his and is his all the same: the visits of invitations that he has said to be his and that name him as the
    /// guest, and what the watch-list had to say of his visits. Whether there was any.
    fn follow(&mut self, connection: &Connection) -> Result<bool, JournalError> {
        let mut leads: BTreeMap<Lead, Vec<usize>> = BTreeMap::new();
        for (who, (wanted, found)) in self.sought.iter().enumerate() {
            let visits = found.own().filter(|number| number.series == Series::Visit);
            let visits = visits.map(|number| Lead::Visit(number.to_string(), number.day));
            // Of the host it is the guest's visit, not his.
            let invited = invited::of_guest(connection, wanted)?.into_iter().map(|id| Lead::Invitation(name(id)));
            visits.chain(invited).for_each(|lead| leads.entry(lead).or_default().push(who));
        }
        if leads.is_empty() {
            return Ok(false);
        }
        let own = |search: &Search| search.sought.iter().map(|(_, found)| found.own().count()).sum::<usize>();
        let before = own(self);
        // A lead that is new leads to what was looked at before.
        let after = if self.sought.iter().all(|(_, found)| found.fresh.is_empty()) { self.through } else { 0 };
        let mut query =
            connection.prepare_cached("SELECT data, series, day, nth FROM casefile WHERE changed_seq > ?1")?;
        let mut rows = query.query([after])?;
        while let Some(row) = rows.next()? {
            let text = row.get_ref(0)?.as_str().unwrap_or_default();
            for who in Lead::all_of(text).filter_map(|lead| leads.get(&lead)).flatten() {
                self.sought[*who].1.note(number(row, 1)?, true);
            }
        }
        Ok(own(self) > before)
    }
}

/// What a case says of another thing that it came from.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Lead {
    Invitation(String),
    /// As people say it, and its day: in another year that number is another's.
    Visit(String, u32),
}

impl Lead {
    /// As the machines of visit and support write them.
    fn all_of(case: &str) -> impl Iterator<Item = Lead> {
        let invitation = after(case, "\"invitation\":\"").and_then(|rest| rest.split('"').next());
        let visit = after(case, "\"visit\":\"").and_then(|rest| rest.split_once("\",\"visit_day\":"));
        let visit = visit.and_then(|(said, rest)| {
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
            Some(Lead::Visit(said.to_owned(), digits.parse().ok()?))
        });
        invitation.map(|id| Lead::Invitation(id.to_owned())).into_iter().chain(visit)
    }
}

fn after<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.find(key).map(|at| &text[at + key.len()..])
}

/// What a row says of people, read once, and only where somebody may stand in it.
struct Said<'r> {
    text: &'r str,
    plain: std::cell::OnceCell<String>,
    person: std::cell::OnceCell<Data>,
}

impl<'r> Said<'r> {
    fn new(text: ValueRef<'r>) -> Self {
        Said { text: text.as_str().unwrap_or_default(), plain: Default::default(), person: Default::default() }
    }

    fn person(&self) -> &Data {
        self.person.get_or_init(|| object(Some(self.text.to_owned())))
    }

    /// If it tells of him.
    fn telling_of(&self, wanted: &Wanted) -> Option<&Data> {
        let plain = self.plain.get_or_init(|| plain_digits(self.text));
        (wanted.may_be_in(plain) && wanted.is_in(self.person())).then(|| self.person())
    }

    fn naming(&self, wanted: &Wanted) -> Option<&Data> {
        (wanted.name.is_some() && wanted.is_namesake(self.person())).then(|| self.person())
    }
}

/// What the events of cases of others say of him by name alone.
fn named(connection: &Connection, wanted: &Wanted, found: &mut Found) -> Result<(), JournalError> {
    let cases = wanted.also.iter().filter_map(|thing| match thing {
        Thing::Case(number) => Some(*number),
        _ => None,
    });
    for number in cases {
        for seq in history(connection, number)? {
            let mut query = connection.prepare_cached("SELECT data FROM person WHERE seq = ?1")?;
            let mut rows = query.query([seq])?;
            if let Some(row) = rows.next()?
                && Said::new(row.get_ref(0)?).naming(wanted).is_some()
            {
                found.events.insert(seq);
            }
        }
    }
    Ok(())
}

/// The events of a case.
pub(super) fn history(connection: &Connection, number: Number) -> Result<Vec<u64>, JournalError> {
    let mut query = connection
        .prepare_cached("SELECT seq FROM case_event WHERE series = ?1 AND day = ?2 AND nth = ?3 ORDER BY seq")?;
    let seqs =
        query.query_map(params![number.series.letter().to_string(), number.day, number.nth], |row| row.get(0))?;
    Ok(seqs.collect::<Result<_, _>>()?)
}

pub(super) fn has_person(connection: &Connection, seq: u64) -> Result<bool, JournalError> {
    Ok(connection.prepare_cached("SELECT 1 FROM person WHERE seq = ?1")?.exists([seq])?)
}

/// From this column on.
fn number(row: &rusqlite::Row<'_>, at: usize) -> Result<Option<Number>, JournalError> {
    let letter: Option<String> = row.get(at)?;
    let series = letter.and_then(|letter| Series::from_letter(letter.chars().next()?));
    Ok(match series {
        Some(series) => Some(Number { series, day: row.get(at + 1)?, nth: row.get(at + 2)? }),
        None => None,
    })
}
