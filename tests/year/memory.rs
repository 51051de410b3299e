//! A journal in memory: what the desk's decisions need, and nothing on disk. It keeps open cases only, so that years fit.

use crate::ledger::Ledger;
use chrono::{DateTime, Utc};
use lobbyd::desk::Store;
use lobbyd::event::{Aspect, Data, Event, Kind, Now, Slug};
use lobbyd::journal::{Appended, DeadLetter, Due, JournalError, Unreadable};
use lobbyd::service::case::Case;
use lobbyd::service::contact::{Name, Phone};
use lobbyd::service::contract;
use lobbyd::service::door::{Known, NewState};
use lobbyd::service::invitation::{InvitationCode, Kept, TokenId};
use lobbyd::service::number::{Number, Series};
use lobbyd::service::period::Period;
use lobbyd::service::progress::{Past, Receipt};
use lobbyd::service::tally::{Mark, Tally, What};
use lobbyd::service::visit::{Earlier, OpenVisit};
use lobbyd::service::watch::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

#[derive(Default)]
pub struct Memory {
    pub newest: u64,
    pub ledger: Ledger,
    pub open: BTreeMap<Number, Arc<Case>>,
    /// Cases in which somebody was just asked to do something.
    pub asked: Vec<Number>,
    /// The office has acknowledged so far.
    pub acknowledged: u64,
    wakes: BTreeSet<(DateTime<Utc>, Number)>,
    wake_of: HashMap<Number, DateTime<Utc>>,
    keys: HashMap<String, Number>,
    /// Calls that have ended: the newest of each door.
    ended: HashMap<String, Arc<Case>>,
    used_keys: HashSet<String>,
    numbers: HashMap<(Series, u32), u32>,
    states: HashMap<(Slug, Aspect), Known>,
    tails: BTreeMap<Number, String>,
    handed_over: Vec<(u64, Number)>,
    memos: HashMap<String, String>,
    invitations: HashMap<TokenId, Kept>,
    tallies: BTreeMap<(u32, What, String), (u64, i64, i64)>,
}

impl Memory {
    pub fn next_wake(&self) -> Option<DateTime<Utc>> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// What a restart does to a case: everything goes through its stored form.
    pub fn restart(&mut self) {
        for case in self.open.values() {
            let stored = serde_json::to_string(&**case).unwrap();
            let read: Case = serde_json::from_str(&stored).unwrap_or_else(|error| panic!("{error}: {stored}"));
            assert_eq!(read, **case, "a case is what it was before the restart");
        }
    }

    fn set_wake(&mut self, number: Number, wake: Option<DateTime<Utc>>) {
        if let Some(old) = self.wake_of.remove(&number) {
            self.wakes.remove(&(old, number));
        }
        if let Some(wake) = wake {
            self.wakes.insert((wake, number));
            self.wake_of.insert(number, wake);
        }
    }
}

impl Store for Memory {
    fn newest(&self) -> u64 {
        self.newest
    }

    fn append(&mut self, event: &Event, now: Now) -> Result<Appended, JournalError> {
        // Also where this is built for speed: a year has what no other test comes by.
        contract::check(event.kind, &event.data, event.person.as_ref()).unwrap_or_else(|fault| panic!("{fault}"));
        self.newest += 1;
        self.ledger.note(self.newest, event, now);
        Ok(Appended::As(self.newest))
    }

    fn memo(&self, key: &str) -> Result<Option<String>, JournalError> {
        Ok(self.memos.get(key).cloned())
    }

    fn set_memo(&mut self, key: &str, value: Option<&str>) -> Result<(), JournalError> {
        match value {
            Some(value) => self.memos.insert(key.to_owned(), value.to_owned()),
            None => self.memos.remove(key),
        };
        Ok(())
    }

    fn next_number(&mut self, series: Series, day: u32) -> Result<Number, JournalError> {
        let last = self.numbers.entry((series, day)).or_default();
        *last += 1;
        Ok(Number { series, day, nth: *last })
    }

    fn state(&self, subject: &Slug, aspect: Aspect) -> Result<Option<Known>, JournalError> {
        Ok(self.states.get(&(subject.clone(), aspect)).cloned())
    }

    fn set_state(&mut self, state: &NewState) -> Result<(), JournalError> {
        let known = Known { kind: state.kind, since: state.since };
        self.states.insert((state.subject.clone(), state.aspect), known);
        Ok(())
    }

    fn note_stored(&mut self, _: Option<u64>) -> Result<(), JournalError> {
        Ok(())
    }

    fn bury(&mut self, _: &DeadLetter) -> Result<(), JournalError> {
        Ok(())
    }

    fn case(&self, number: Number) -> Result<Option<Arc<Case>>, JournalError> {
        Ok(self.open.get(&number).cloned())
    }

    fn open_case(&self, key: &str) -> Result<Option<Case>, JournalError> {
        Ok(self.keys.get(key).and_then(|number| self.open.get(number)).map(|case| Case::clone(case)))
    }

    fn ended_case(&self, key: &str) -> Result<Option<Case>, JournalError> {
        Ok(self.ended.get(key).map(|case| Case::clone(case)))
    }

    fn open_cases_of(&self, key: &str) -> Result<Vec<Case>, JournalError> {
        Ok(self.open_case(key)?.into_iter().collect())
    }

    fn open_cases(&self) -> Result<Vec<Case>, JournalError> {
        Ok(self.open.values().map(|case| Case::clone(case)).collect())
    }

    fn due_cases(&self, at: DateTime<Utc>, limit: usize) -> Result<Due, JournalError> {
        let due = self.wakes.iter().take_while(|(wake, _)| *wake <= at).take(limit);
        Ok(Due { cases: due.map(|(_, number)| self.open[number].clone()).collect(), unreadable: Vec::new() })
    }

    fn save_case(&mut self, case: Case, wake: Option<DateTime<Utc>>) -> Result<(), JournalError> {
        let number = case.docket.number;
        self.ledger.saved(&case);
        if let Some(key) = &case.docket.key {
            self.used_keys.insert(key.clone());
            self.keys.insert(key.clone(), number);
        }
        if case.is_closed() {
            assert_eq!(wake, None, "{number} has ended and would wake again");
            if let Some(key) = case.docket.key.as_ref().filter(|key| self.keys.get(*key) == Some(&number)) {
                self.keys.remove(key);
            }
            self.open.remove(&number);
            self.tails.remove(&number);
            if let Some(key) = case.docket.key.clone().filter(|_| number.series == Series::Call) {
                self.ended.insert(key, Arc::new(case));
            }
        } else {
            self.open.insert(number, Arc::new(case));
        }
        self.set_wake(number, wake);
        Ok(())
    }

    fn let_sleep(&mut self, case: &Unreadable) -> Result<(), JournalError> {
        panic!("{} cannot be read", case.number);
    }

    fn note_case_event(&mut self, number: Number, seq: u64) -> Result<(), JournalError> {
        match self.ledger.last {
            Some(Kind::RepairHandedOver) => self.handed_over.push((seq, number)),
            Some(Kind::TaskOffered | Kind::TaskClimbed | Kind::TaskReminded) => self.asked.push(number),
            _ => {}
        }
        Ok(())
    }

    fn note_case_person(&mut self, number: Number, events: &[Event]) -> Result<(), JournalError> {
        let mut said = events.iter().filter_map(|event| event.person.as_ref()?.get("phone")?.as_str());
        if let Some(phone) = said.next_back().filter(|phone| phone.len() >= 4 && self.open.contains_key(&number)) {
            self.tails.insert(number, phone[phone.len() - 4..].to_owned());
        }
        Ok(())
    }

    /// Names are not kept here.
    fn case_person(&self, _: Number) -> Result<Data, JournalError> {
        Ok(Data::new())
    }

    fn forget_withdrawn(&mut self, _: Number) -> Result<(), JournalError> {
        Ok(())
    }

    fn erase_closed(&mut self, _: Number, _: &str, _: Now) -> Result<(), JournalError> {
        Ok(())
    }

    fn birthdays(&self, _: u32) -> Result<usize, JournalError> {
        Ok(0)
    }

    fn open_visits(&self, phone_tail: &str) -> Result<Vec<OpenVisit>, JournalError> {
        let visits = self.tails.iter().filter(|(number, tail)| number.series == Series::Visit && *tail == phone_tail);
        let unit =
            |number| self.open[number].docket.facts.get("unit").and_then(|unit| unit.as_str().map(str::to_owned));
        Ok(visits
            .map(|(number, tail)| OpenVisit {
                number: *number,
                unit: unit(number).unwrap_or_default(),
                phone_tail: tail.clone(),
            })
            .collect())
    }

    /// Nobody asks for his ticket in this year: it would change nothing.
    fn case_of_receipt(&self, _: &Receipt) -> Result<Option<Case>, JournalError> {
        Ok(None)
    }

    fn past(&self, _: Number) -> Result<Vec<Past>, JournalError> {
        Ok(Vec::new())
    }

    /// Nobody is known here: names are not kept.
    fn earlier_visits(&self, _: &Name, _: &Phone) -> Result<Option<Earlier>, JournalError> {
        Ok(None)
    }

    fn key_was_used(&self, key: &str) -> Result<bool, JournalError> {
        Ok(self.used_keys.contains(key))
    }

    fn unreceived(&self, _: Kind) -> Result<Vec<Number>, JournalError> {
        Ok(self.handed_over.iter().filter(|(seq, _)| *seq > self.acknowledged).map(|(_, number)| *number).collect())
    }

    fn add_marks(&mut self, day: u32, marks: &[Mark]) -> Result<(), JournalError> {
        for mark in marks {
            let sum = self.tallies.entry((day, mark.what, mark.of.clone())).or_default();
            *sum = (sum.0 + 1, sum.1 + mark.sum, sum.2.max(mark.sum));
        }
        Ok(())
    }

    fn invitation(&self, id: TokenId) -> Result<Option<Kept>, JournalError> {
        Ok(self.invitations.get(&id).cloned())
    }

    fn invitations(&self, code: InvitationCode) -> Result<Vec<Kept>, JournalError> {
        let has_code = |kept: &&Kept| kept.token.as_ref().is_some_and(|(_, known)| *known == code);
        Ok(self.invitations.values().filter(has_code).cloned().collect())
    }

    fn invitations_waiting(&self, _: Now) -> Result<usize, JournalError> {
        Ok(self.invitations.values().filter(|kept| kept.token.is_some()).count())
    }

    fn keep_invitation(&mut self, kept: &Kept) -> Result<(), JournalError> {
        self.invitations.insert(kept.id, kept.clone());
        Ok(())
    }
    /// Nobody is watched for here.
    fn watch_list(&self) -> Result<Vec<Entry>, JournalError> {
        Ok(Vec::new())
    }
    fn watch_for(&mut self, _: &Entry) -> Result<(), JournalError> {
        Ok(())
    }
    fn watch_no_more(&mut self, _: &str) -> Result<bool, JournalError> {
        Ok(false)
    }

    fn tallies(&self, period: Period) -> Result<Vec<Tally>, JournalError> {
        let (from, to) = period.days();
        let within = self.tallies.range((from, What::ALL[0], String::new())..).take_while(|((day, ..), _)| *day <= to);
        Ok(within
            .map(|((day, what, of), (count, sum, most))| Tally {
                day: *day,
                what: *what,
                of: of.clone(),
                count: *count,
                sum: *sum,
                most: *most,
            })
            .collect())
    }
}
