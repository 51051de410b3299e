//! The chain, walked row by row beside the audit: is each row what was stored, and does it follow the one before it? After a row that
//! is not, it looks where the chain goes on, so that what is named is what somebody has touched and not all that follows. Erased
//! persons and what `meta` says that retention took are no faults here; `gone` sees whether it can have taken it. Reads only.

use super::anchor::{self, Base};
use super::chain::{Chain, Content, Hash, Head, Link, of_person};
use super::{JournalError, Reader};
use rusqlite::{Connection, Row};

/// Of an event, in this order: what [`super::reader::read_row`] takes, and what belongs to the chain.
const COLUMNS: &str =
    "e.seq, e.id, e.kind, e.subject, e.time, e.quality, e.recorded, e.data, p.data, e.urgent, e.fingerprint";
const LINKS: &str = "e.person_digest, e.hash, e.run, p.salt";
/// In a journal of an older version.
const NO_LINKS: &str = "NULL, NULL, NULL, NULL";

/// Places where the chain is looked for behind rows that are none of it.
const MAX_WAYS: usize = 40;
/// Rows in a row that are none of it; then what comes next is believed until the chain can be followed again. Of a lasting row that is
/// gone nothing is known, and all passing rows behind it follow it.
const MAX_ASTRAY: u32 = 3;

/// What became of the head that somebody had noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// It is a row of this chain still.
    Same,
    /// The row is here and another one.
    Other,
    /// Retention has taken out the row: nothing can be said of it any more.
    Retired,
}

impl Noted {
    /// For programs.
    pub const fn name(self) -> &'static str {
        match self {
            Noted::Same => "same",
            Noted::Other => "other",
            Noted::Retired => "retired",
        }
    }
}

/// The row before, as far as a chain is known there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Row(Hash),
    /// Retention has taken it out.
    Hole,
    /// It is missing, and that has been said.
    Lost,
}

/// Where a chain may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stand {
    before: Before,
    /// `None` where a row is missing, and that has been said.
    lasting: Option<Hash>,
}

/// How far the walk has come. One for all batches; retention may be at work between two.
pub(super) struct Walk {
    noted: Option<Head>,
    is_kept: bool,
    base: Option<Base>,
    pub thinned: u64,
    thinned_hash: Option<Hash>,
    /// Where the chain may go on: one place, or several behind a row that is none of it.
    stands: Vec<Stand>,
    /// The number that `stands` are behind.
    at: u64,
    /// Rows up to there that are none of the chain.
    astray: u32,
    /// Rows from before the chain.
    pub unchained: u64,
    pub head: Option<Head>,
    pub found: Option<Noted>,
    /// The row whose head was noted has been read.
    is_here: bool,
}

impl Walk {
    pub fn begin(reader: &Reader, noted: Option<Head>) -> Result<Self, JournalError> {
        let is_kept = anchor::is_kept(reader.connection())?;
        Ok(Walk {
            noted,
            is_kept,
            base: None,
            thinned: 0,
            thinned_hash: None,
            stands: Vec::new(),
            at: 0,
            astray: 0,
            unchained: 0,
            head: None,
            found: None,
            is_here: false,
        })
    }

    /// Up to `?2` rows behind `?1`.
    pub fn query(&self) -> String {
        let links = if self.is_kept { LINKS } else { NO_LINKS };
        format!(
            "SELECT {COLUMNS}, {links} FROM event e LEFT JOIN person p ON p.seq = e.seq
             WHERE e.seq > ?1 ORDER BY e.seq LIMIT ?2"
        )
    }

    /// Before each batch, and of the same moment as its rows: where the chain begins by now, and up to where there are holes.
    pub fn look(&mut self, connection: &Connection) -> Result<(), JournalError> {
        (self.thinned, self.thinned_hash) = anchor::hole(connection)?;
        self.base = if self.is_kept { Base::read(connection)? } else { None };
        if let Some(base) = self.base.as_ref().filter(|base| self.stands.is_empty() || base.seq() > self.at) {
            let Chain { last, lasting } = base.chain();
            self.stands = vec![Stand { before: Before::Row(last), lasting: Some(lasting) }];
            self.at = base.seq();
            let at_base = Head { seq: base.seq(), hash: last };
            if matches!(base, Base::Kept { .. }) {
                self.compare(at_base);
            }
        }
        if let Some(hash) = self.thinned_hash {
            self.compare(Head { seq: self.thinned, hash });
        }
        Ok(())
    }

    /// Up to which number retention has taken out everything since there is a chain; 0 where it has not.
    pub fn gone(&self) -> u64 {
        match &self.base {
            Some(Base::Kept { seq, .. }) => *seq,
            _ => 0,
        }
    }

    /// The number that the first row follows. Of rows from before the chain retention takes a beginning without a word.
    pub fn floor(&self, oldest: u64) -> u64 {
        match &self.base {
            Some(Base::Kept { seq, .. }) => *seq,
            Some(Base::Start { seq, .. }) => (*seq).min(oldest.saturating_sub(1)),
            None => oldest.saturating_sub(1),
        }
    }

    /// What is wrong with the next row, in words.
    pub fn step(&mut self, row: &Row<'_>) -> rusqlite::Result<Option<String>> {
        let stored = Stored::read(row)?;
        let (seq, link) = (stored.content.seq, stored.link);
        if !self.is_kept {
            self.unchained += 1;
            return Ok(None);
        }
        if let Some(link) = link {
            let head = Head { seq, hash: link.hash };
            self.compare(head);
            self.is_here |= self.noted.is_some_and(|noted| noted.seq == seq);
            self.head = Some(head);
        }
        let begin = self.base.as_ref().map(Base::seq);
        // An upgrade may have been cut off before its chain began.
        let is_before = begin.map_or(self.stands.is_empty(), |begin| seq <= begin && self.gone() == 0);
        let fault = match (link, begin) {
            (None, _) if is_before => {
                self.unchained += 1;
                None
            }
            (None, _) => {
                self.forget();
                self.at = seq;
                Some(format!("event {seq} is in no chain: it was put in, or its hash was taken out"))
            }
            (Some(_), Some(begin)) if seq <= begin => {
                Some(format!("event {seq} stands before the beginning of the chain"))
            }
            (Some(_), None) if self.stands.is_empty() => {
                self.forget();
                self.at = seq;
                Some("where the chain begins is not known: that was taken out".to_owned())
            }
            (Some(link), _) => self.follow(&stored.content, &link),
        };
        Ok(fault.or_else(|| stored.person_fault()))
    }

    /// Nothing is known of what the next row follows.
    fn forget(&mut self) {
        (self.stands, self.astray) = (vec![Stand { before: Before::Lost, lasting: None }], 0);
    }

    fn follow(&mut self, content: &Content<'_>, link: &Link) -> Option<String> {
        let (seq, at) = (content.seq, self.at);
        let is_next = seq == at + 1;
        if !is_next {
            match seq.saturating_sub(1).cmp(&self.thinned) {
                std::cmp::Ordering::Greater => self.forget(),
                order => {
                    let known = self.thinned_hash.filter(|_| order.is_eq());
                    let before = known.map_or(Before::Hole, Before::Row);
                    self.stands.iter_mut().for_each(|stand| stand.before = before);
                }
            }
        }
        self.at = seq;
        if let Some(stand) = self.stands.iter().find(|stand| stand.leads_to(content, link)) {
            (self.stands, self.astray) = (vec![stand.behind(link)], 0);
            return None;
        }
        let alone = link.run.is_none() && self.stands.iter().all(|stand| stand.before == Before::Hole);
        self.stands = self.ways_on(content, link);
        self.astray += 1;
        if self.astray == MAX_ASTRAY {
            self.forget();
        }
        Some(match (is_next, alone) {
            (_, true) => format!("event {seq} stands where retention had taken out all of its kind: it was put in"),
            (true, _) => format!("event {seq} is not what was stored, or does not follow event {at}"),
            (false, _) => format!(
                "event {seq} does not follow event {at}: it is not what was stored, or between them more is gone than \
                 what devices say"
            ),
        })
    }

    /// Behind a row that is none of the chain: its hash may be the right one and its content not, or the other way round, or its
    /// run; or there was no such row.
    fn ways_on(&self, content: &Content<'_>, link: &Link) -> Vec<Stand> {
        let mut ways = Vec::new();
        for stand in &self.stands {
            let computed = stand.compute(content, link);
            for hash in std::iter::once(link.hash).chain(computed) {
                ways.push(Stand { before: Before::Row(hash), lasting: Some(hash) });
                ways.push(Stand { before: Before::Row(hash), lasting: stand.lasting });
            }
            ways.push(Stand { before: Before::Hole, lasting: stand.lasting });
        }
        // Somebody who has touched many rows in a row gets them named; ways must not multiply with them.
        ways.truncate(MAX_WAYS);
        ways
    }

    /// Only the same number says something.
    fn compare(&mut self, head: Head) {
        if let Some(noted) = self.noted.filter(|noted| noted.seq == head.seq && self.found != Some(Noted::Other)) {
            self.found = Some(if noted == head { Noted::Same } else { Noted::Other });
        }
    }

    /// After the last row, `newest`: what is wrong with the head that was noted. `young`: what is gone that retention cannot have taken.
    pub fn verdict(&mut self, newest: u64, young: &[(u64, u64)]) -> Option<String> {
        let seq = self.noted?.seq;
        // What `meta` says of a row that should be here says nothing.
        if !self.is_here && young.iter().any(|(first, last)| (first..=last).contains(&&seq)) {
            self.found = None;
            return Some(format!("event {seq}, whose head was noted, is gone, and should still be here"));
        }
        match self.found {
            Some(Noted::Other) => {
                return Some(format!(
                    "event {seq} has another hash than the head that was noted: the past was written anew"
                ));
            }
            Some(_) => return None,
            None if seq > newest => {
                return Some(format!("the journal ends at event {newest}, and the head that was noted is event {seq}"));
            }
            None => {}
        }
        if seq <= self.thinned.max(self.gone()) {
            self.found = Some(Noted::Retired);
            return None;
        }
        Some(format!("event {seq} is in no chain, and its head was noted"))
    }
}

impl Stand {
    /// The hash that a row of this class has here, if it can be known.
    fn compute(&self, content: &Content<'_>, link: &Link) -> Option<Hash> {
        let last = match (self.before, link.run) {
            (Before::Row(last), _) => last,
            (_, Some(Some(run))) => run,
            // Nothing says what a passing row followed; and a lasting row that stood before a lasting one never goes alone.
            (_, None | Some(None)) => return None,
        };
        Some(Chain { last, lasting: self.lasting? }.link(content, link.run.is_none()).hash)
    }

    fn leads_to(&self, content: &Content<'_>, link: &Link) -> bool {
        // Said already: behind a row that is missing there is nothing to compare with before the next lasting one.
        let is_lost = self.lasting.is_none() || self.before == Before::Lost;
        let run_fits = match (self.before, link.run) {
            (Before::Row(last), Some(run)) => Some(last) == run.or(self.lasting),
            _ => true,
        };
        is_lost || run_fits && self.compute(content, link) == Some(link.hash)
    }

    /// Behind a row that it leads to.
    fn behind(&self, link: &Link) -> Self {
        let lasting = if link.run.is_some() { Some(link.hash) } else { self.lasting };
        Stand { before: Before::Row(link.hash), lasting }
    }
}

/// A row as it is stored.
struct Stored<'a> {
    content: Content<'a>,
    /// `None` where it has no hash.
    link: Option<Link>,
    /// What it says of people, and its salt.
    person: Option<(&'a [u8], &'a [u8])>,
}

impl<'a> Stored<'a> {
    fn read(row: &'a Row<'_>) -> rusqlite::Result<Self> {
        let number = |column| row.get::<_, i64>(column);
        let maybe = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_bytes_or_null()?);
        let bytes = |column| maybe(column).map(Option::unwrap_or_default);
        let content = Content {
            seq: row.get(0)?,
            id: bytes(1)?,
            kind: bytes(2)?,
            subject: bytes(3)?,
            urgent: number(9)?,
            time: number(4)?,
            quality: bytes(5)?,
            recorded: number(6)?,
            data: bytes(7)?,
            fingerprint: maybe(10)?,
            person: maybe(11)?,
        };
        let run = maybe(13)?.map(|run| (!run.is_empty()).then(|| hash(run)));
        let link = maybe(12)?.map(|stored| Link { hash: hash(stored), run });
        let salt = maybe(14)?.unwrap_or_default();
        let person = maybe(8)?.map(|data| (data, salt));
        Ok(Stored { content, link, person })
    }

    /// An erased person is no fault, another one is.
    fn person_fault(&self) -> Option<String> {
        let ((data, salt), seq) = (self.person.filter(|_| self.link.is_some())?, self.content.seq);
        match self.content.person {
            None => Some(format!("what event {seq} says of people was put in")),
            Some(digest) if of_person(salt, data).0 != digest => {
                Some(format!("what event {seq} says of people is not what was stored"))
            }
            Some(_) => None,
        }
    }
}

/// What has not the length of a hash is none that a row could have.
fn hash(stored: &[u8]) -> Hash {
    Hash(stored.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests;
