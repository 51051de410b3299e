//! The simulation's disk: what the desk's decisions need of a journal, in memory. What is written counts only from the commit on;
//! a roll-back or a crash takes away the rest. It keeps no cases (`tests/year` does): each ring opens a new one.

use chrono::{DateTime, Utc};
use lobbyd::desk::Store;
use lobbyd::event::{Aspect, Data, Event, Fingerprint, Id, Identity, Kind, Now, Slug};
use lobbyd::journal::{Appended, DeadLetter, Due, JournalError, Lane, Row, Unreadable};
use lobbyd::service::case::Case;
use lobbyd::service::contact::{Name, Phone};
use lobbyd::service::door::{Known, NewState};
use lobbyd::service::invitation::{InvitationCode, Kept, TokenId};
use lobbyd::service::number::{Number, Series};
use lobbyd::service::period::Period;
use lobbyd::service::progress::{Past, Receipt};
use lobbyd::service::tally::{Mark, Tally};
use lobbyd::service::visit::{Earlier, OpenVisit};
use lobbyd::service::watch::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

#[derive(Default)]
pub struct Disk {
    rows: Vec<Row>,
    /// Rows that are on disk; those behind them are of the open transaction.
    durable: usize,
    ids: HashMap<Id, u64>,
    deliveries: HashMap<Fingerprint, u64>,
    now: Small,
    committed: Small,
}

/// What a transaction copies.
#[derive(Default, Clone)]
struct Small {
    states: HashMap<(Slug, Aspect), Known>,
    numbers: HashMap<(Series, u32), u32>,
    cursors: [u64; 2],
    buried: BTreeSet<u64>,
}

impl Disk {
    /// The newest number on disk.
    pub fn durable(&self) -> u64 {
        self.durable as u64
    }

    pub fn cursors(&self) -> [u64; 2] {
        self.committed.cursors
    }

    /// Dead letters of the office.
    pub fn buried(&self) -> &BTreeSet<u64> {
        &self.committed.buried
    }

    /// What is on disk, from after this number on.
    pub fn after(&self, seq: u64) -> &[Row] {
        &self.rows[(seq as usize).min(self.durable)..self.durable]
    }

    pub fn row(&self, seq: u64) -> Option<&Row> {
        self.rows.get(usize::try_from(seq).ok()?.checked_sub(1)?)
    }

    /// The rows that this commit has brought.
    pub fn commit(&mut self) -> Vec<Row> {
        let new = self.rows[self.durable..].to_vec();
        self.durable = self.rows.len();
        self.committed = self.now.clone();
        new
    }

    pub fn roll_back(&mut self) {
        let durable = self.durable();
        if self.rows.len() > self.durable {
            self.ids.retain(|_, seq| *seq <= durable);
            self.deliveries.retain(|_, seq| *seq <= durable);
        }
        self.rows.truncate(self.durable);
        self.now = self.committed.clone();
    }

    pub fn set_cursor(&mut self, lane: Lane, seq: u64) {
        self.now.cursors[lane as usize] = seq;
    }
}

impl Store for Disk {
    fn newest(&self) -> u64 {
        self.rows.len() as u64
    }

    /// As `Journal::append`, but for the ids, which come from the number: a life must be the same each time.
    fn append(&mut self, event: &Event, now: Now) -> Result<Appended, JournalError> {
        let seq = self.newest() + 1;
        let numbered = |of: &[u8]| Id::derived(&[of, &seq.to_be_bytes()]);
        let id = match &event.identity {
            Identity::Native(id) => *id,
            Identity::Delivery { fingerprint, repeated } => {
                if *repeated && self.deliveries.contains_key(fingerprint) {
                    return Ok(Appended::Repeat);
                }
                self.deliveries.insert(*fingerprint, seq);
                numbered(&fingerprint.0)
            }
            Identity::Fresh | Identity::Latest { .. } => numbered(b"here"),
        };
        if self.ids.contains_key(&id) {
            return Ok(Appended::Repeat);
        }
        self.ids.insert(id, seq);
        let data = event.data.text().to_owned();
        let subject = event.subject.as_str().to_owned();
        self.rows.push(Row { seq, id, kind: event.kind, subject, stamp: event.stamp, recorded: now.utc, data });
        Ok(Appended::As(seq))
    }

    fn state(&self, subject: &Slug, aspect: Aspect) -> Result<Option<Known>, JournalError> {
        Ok(self.now.states.get(&(subject.clone(), aspect)).copied())
    }

    fn set_state(&mut self, state: &NewState) -> Result<(), JournalError> {
        let known = Known { kind: state.kind, since: state.since };
        self.now.states.insert((state.subject.clone(), state.aspect), known);
        Ok(())
    }

    fn note_stored(&mut self, _: Option<u64>) -> Result<(), JournalError> {
        Ok(())
    }

    fn bury(&mut self, letter: &DeadLetter) -> Result<(), JournalError> {
        let seq = letter.what.strip_prefix("event ").expect("only the office refuses").parse().expect("a number");
        self.now.buried.insert(seq);
        Ok(())
    }

    fn next_number(&mut self, series: Series, day: u32) -> Result<Number, JournalError> {
        let last = self.now.numbers.entry((series, day)).or_default();
        *last += 1;
        Ok(Number { series, day, nth: *last })
    }

    // The rest is of cases, people and figures.

    fn memo(&self, _: &str) -> Result<Option<String>, JournalError> {
        Ok(None)
    }
    fn set_memo(&mut self, _: &str, _: Option<&str>) -> Result<(), JournalError> {
        Ok(())
    }
    fn case(&self, _: Number) -> Result<Option<Arc<Case>>, JournalError> {
        Ok(None)
    }
    fn open_case(&self, _: &str) -> Result<Option<Case>, JournalError> {
        Ok(None)
    }
    fn ended_case(&self, _: &str) -> Result<Option<Case>, JournalError> {
        Ok(None)
    }
    fn open_cases(&self) -> Result<Vec<Case>, JournalError> {
        Ok(Vec::new())
    }
    fn open_cases_of(&self, _: &str) -> Result<Vec<Case>, JournalError> {
        Ok(Vec::new())
    }
    fn due_cases(&self, _: DateTime<Utc>, _: usize) -> Result<Due, JournalError> {
        Ok(Due { cases: Vec::new(), unreadable: Vec::new() })
    }
    fn save_case(&mut self, _: Case, _: Option<DateTime<Utc>>) -> Result<(), JournalError> {
        Ok(())
    }
    fn let_sleep(&mut self, _: &Unreadable) -> Result<(), JournalError> {
        Ok(())
    }
    fn note_case_event(&mut self, _: Number, _: u64) -> Result<(), JournalError> {
        Ok(())
    }
    fn note_case_person(&mut self, _: Number, _: &[Event]) -> Result<(), JournalError> {
        Ok(())
    }
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
    fn open_visits(&self, _: &str) -> Result<Vec<OpenVisit>, JournalError> {
        Ok(Vec::new())
    }
    fn case_of_receipt(&self, _: &Receipt) -> Result<Option<Case>, JournalError> {
        Ok(None)
    }
    fn past(&self, _: Number) -> Result<Vec<Past>, JournalError> {
        Ok(Vec::new())
    }
    fn earlier_visits(&self, _: &Name, _: &Phone) -> Result<Option<Earlier>, JournalError> {
        Ok(None)
    }
    fn key_was_used(&self, _: &str) -> Result<bool, JournalError> {
        Ok(false)
    }
    fn unreceived(&self, _: Kind) -> Result<Vec<Number>, JournalError> {
        Ok(Vec::new())
    }
    fn add_marks(&mut self, _: u32, _: &[Mark]) -> Result<(), JournalError> {
        Ok(())
    }
    fn tallies(&self, _: Period) -> Result<Vec<Tally>, JournalError> {
        Ok(Vec::new())
    }
    fn invitation(&self, _: TokenId) -> Result<Option<Kept>, JournalError> {
        Ok(None)
    }
    fn invitations(&self, _: InvitationCode) -> Result<Vec<Kept>, JournalError> {
        Ok(Vec::new())
    }
    fn invitations_waiting(&self, _: Now) -> Result<usize, JournalError> {
        Ok(0)
    }
    fn keep_invitation(&mut self, _: &Kept) -> Result<(), JournalError> {
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
}
