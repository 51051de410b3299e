//! What can still be read of a damaged journal that was set aside comes over into the new one, before the desk takes anything:
//! events that the office has not got, in their order and under their ids, each by its own number so that one bad page takes only
//! its own rows with it; then open cases with their histories, and what the desk remembers. What cannot be read is named in dead
//! letters. Never changes the file that was set aside, never moves a cursor over an event that the office lacks, and goes on at the
//! next start where it was cut off, or where the disk was full.

use super::aside;
use super::old::{Old, OpenCase, Stored};
use super::{DeadLetter, Journal, JournalError, Lane};
use crate::event::{Event, Kind, Now, Slug, data};
use crate::health::{disk, systemd};
use crate::service::person::Hold;
use crate::service::watch::Entry;
use chrono::{DateTime, NaiveDateTime, Utc};
use rusqlite::ErrorCode::{ConstraintViolation, DiskFull};
use rusqlite::{OptionalExtension, params, params_from_iter, types::Value};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Tables that come over as they are, but for events and cases; each where it can be read, and what comes first.
const TABLES: [(&str, &str); 7] = [
    ("counter", ""),
    ("state", ""),
    ("tally", "ORDER BY day DESC"),
    ("invitation", ""),
    ("watch", ""),
    ("hold", ""),
    ("meta", ""),
];
/// Of these, lists that somebody must make good where they have not come whole, and how they are told.
const LISTS: [(&str, &str); 2] = [("hold", "legal-holds"), ("watch", "watch-list")];

/// Numbers looked at in one transaction.
const BATCH: usize = 1_000;
/// For one of them on a worn card, with what systemd must wait longer.
const BATCH_TIME: Duration = Duration::from_secs(30);
/// How far this has come, in the new journal.
const BROUGHT: &str = "brought-over";

/// A damaged journal that was set aside, and what has come over of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovered {
    /// The name under which it is kept.
    pub kept_as: PathBuf,
    pub why: String,
    pub from_epoch: Option<String>,
    /// The head of its chain, as far as it can be read.
    #[serde(default)]
    pub from_head: Option<String>,
    /// Events that the office had not got.
    pub events: u64,
    /// The same that cannot be read.
    pub unreadable: u64,
    /// Events of which only the names of people cannot be read.
    pub nameless: u64,
    pub open_cases: u64,
    /// Lists of which something cannot be read: `legal-holds`, `watch-list`. What is held may stand in the old file alone.
    #[serde(default)]
    pub lists_lost: Vec<String>,
    /// It is known which numbers of tickets were given.
    pub numbers: bool,
    /// Everything that can be read is here. If not, the disk was full, and the next start goes on.
    pub whole: bool,
    /// The last of its numbers that was looked at.
    through: u64,
    /// The office has been told.
    told: bool,
}

/// Why a row is not here.
struct Gone(String);

/// Numbers in a row that are gone.
struct Run {
    first: u64,
    last: u64,
    why: String,
}

impl Journal {
    /// Brings over what has not come over yet of the oldest file that waits for it.
    pub(super) fn bring_over(&mut self, path: &Path, stamp: &str) -> Result<Option<Recovered>, JournalError> {
        let Some((kept_as, note)) = aside::waiting(path) else { return Ok(None) };
        let before = self.memo(BROUGHT)?.and_then(|text| serde_json::from_str::<Recovered>(&text).ok());
        let begin = || Recovered { kept_as: kept_as.clone(), why: note.why.clone(), ..Recovered::default() };
        let mut so_far = before.filter(|before| before.kept_as == kept_as).unwrap_or_else(begin);
        if so_far.whole {
            return Ok(Some(so_far));
        }
        match Old::open(&kept_as, &note) {
            Ok(old) => {
                so_far.from_epoch = old.epoch.clone();
                so_far.from_head = old.head.map(|head| head.to_string());
                let moment = NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ").unwrap_or_default().and_utc();
                self.bring_events(&old, &mut so_far, moment)?;
            }
            // The lobby opens all the same.
            Err(error) => tracing::error!(kept_as = %kept_as.display(), %error, "it cannot be opened"),
        }
        Ok(Some(so_far))
    }

    fn bring_events(&mut self, old: &Old, so_far: &mut Recovered, moment: DateTime<Utc>) -> Result<(), JournalError> {
        let through = so_far.through;
        let mut numbers = old.numbers().skip_while(|seqs| *seqs.end() <= through);
        loop {
            systemd::needs(BATCH_TIME);
            let folder = so_far.kept_as.parent().unwrap_or(Path::new("."));
            if disk::space(folder).is_some_and(|space| space.is_below_floor(false)) {
                return Ok(());
            }
            let batch: Vec<RangeInclusive<u64>> = numbers.by_ref().take(BATCH).collect();
            let (mut then, last) = (so_far.clone(), batch.is_empty());
            self.begin()?;
            let brought =
                if last { self.bring_rest(old, &mut then) } else { self.bring(old, &batch, &mut then, moment) };
            let noted = brought.and_then(|()| {
                let text = serde_json::to_string(&then).expect("it is plain data");
                self.set_memo(BROUGHT, Some(&text))?;
                self.commit()
            });
            match noted {
                Ok(()) => *so_far = then,
                Err(error) => {
                    self.roll_back();
                    // The lobby opens all the same; the next start goes on.
                    return if is(&error, DiskFull) { Ok(()) } else { Err(error) };
                }
            }
            if last {
                return Ok(());
            }
            // What cannot be moved now is moved by the desk.
            drop(self.tidy_wal());
        }
    }

    fn bring(
        &mut self,
        old: &Old,
        batch: &[RangeInclusive<u64>],
        so_far: &mut Recovered,
        at: DateTime<Utc>,
    ) -> Result<(), JournalError> {
        let [urgent, normal] = [self.cursor(Lane::Urgent)?, self.cursor(Lane::Normal)?];
        // As long as the office has everything that is here.
        let mut settled = (urgent == normal).then_some(urgent);
        let mut runs: Vec<Run> = Vec::new();
        for seqs in batch {
            let (first, last) = (*seqs.start(), *seqs.end());
            so_far.through = last;
            // Several together are those that nobody has.
            match self.bring_one(old, first)? {
                Ok(nameless) if first > old.sent => {
                    so_far.events += 1;
                    so_far.nameless += u64::from(nameless);
                }
                Ok(_) => settled = settled.filter(|settled| self.newest() <= settled + 1).map(|_| self.newest()),
                Err(Gone(why)) if last > old.sent => {
                    let first = first.max(old.sent + 1);
                    so_far.unreadable += last - first + 1;
                    match runs.last_mut() {
                        Some(run) if run.last + 1 == first => run.last = last,
                        _ => runs.push(Run { first, last, why }),
                    }
                }
                // The office has it, or retention has deleted it.
                Err(_) => {}
            }
        }
        if let Some(settled) = settled.filter(|settled| *settled != urgent) {
            Lane::ALL.iter().try_for_each(|lane| self.set_cursor(lane.cursor(), settled))?;
        }
        runs.iter().try_for_each(|run| self.bury(&letter(run, old, at)))
    }

    /// Whether it has come without the names of people.
    fn bring_one(&mut self, old: &Old, seq: u64) -> Result<Result<bool, Gone>, JournalError> {
        let row = match old.row(seq) {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(Err(Gone("it is not in the file".into()))),
            Err(error) => return Ok(Err(Gone(error.to_string()))),
        };
        match self.take_over(&row) {
            Ok(()) => Ok(Ok(row.is_nameless)),
            Err(error) if is(&error, ConstraintViolation) => Ok(Err(Gone(error.to_string()))),
            Err(error) => Err(error),
        }
    }

    /// Under the next number and in this journal's chain, unless it is here already.
    fn take_over(&mut self, row: &Stored) -> Result<(), JournalError> {
        let kind = row.kind.parse::<Kind>();
        let content = row.content(self.newest() + 1);
        self.insert(&content, row.person.as_deref(), kind.is_ok_and(Kind::is_chatter)).map(drop)
    }

    /// Open cases, and the small tables.
    fn bring_rest(&mut self, old: &Old, so_far: &mut Recovered) -> Result<(), JournalError> {
        so_far.whole = true;
        so_far.lists_lost.clear();
        for (table, order) in TABLES {
            let is_whole = old.each_row(table, order, |row| self.take_row(table, row))?;
            so_far.numbers |= table == "counter" && is_whole == Some(true);
            let is_lost = is_whole.map_or_else(|| old.may_have_rows(table), |is_whole| !is_whole);
            let told = LISTS.iter().find(|(list, _)| *list == table && is_lost);
            so_far.lists_lost.extend(told.map(|(_, told)| (*told).to_owned()));
        }
        for case in old.open_cases() {
            so_far.open_cases += u64::from(self.take_case(case)?);
        }
        Ok(())
    }

    /// Unless it is here already. False where it is not what such a row is: a hold that nobody can read would hold nothing, and hide that.
    fn take_row(&mut self, table: &str, row: Vec<Value>) -> Result<bool, JournalError> {
        let says = |row: &[Value]| match row.get(2) {
            Some(Value::Text(text)) if table == "hold" => serde_json::from_str::<Hold>(text).is_ok(),
            Some(Value::Text(text)) if table == "watch" => serde_json::from_str::<Entry>(text).is_ok(),
            _ => true,
        };
        if !says(&row) {
            return Ok(false);
        }
        let marks = vec!["?"; row.len()].join(", ");
        let mut insert = self.connection.prepare_cached(&format!("INSERT OR IGNORE INTO {table} VALUES ({marks})"))?;
        Ok(fits(insert.execute(params_from_iter(row)))?.is_some())
    }

    /// With its history; whether it came.
    fn take_case(&mut self, case: OpenCase) -> Result<bool, JournalError> {
        let history = case.history.iter().filter_map(|id| self.number_of(id).transpose());
        let history: Vec<u64> = history.collect::<Result<_, _>>()?;
        let mut row = case.row;
        // Where not even its history is left: as if it had begun now.
        row.push(history.first().map_or(self.newest(), |seq| *seq).cast_signed().into());
        row.push(history.last().map_or(self.newest(), |seq| *seq).cast_signed().into());
        let key: Vec<Value> = row[..3].to_vec();
        let mut insert = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO casefile
             (series, day, nth, matter, state, data, person, unit, key, phone_tail, wake, opened_seq, changed_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?;
        let Some(came) = fits(insert.execute(params_from_iter(row)))? else { return Ok(false) };
        for seq in history {
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO case_event (series, day, nth, seq) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![key[0], key[1], key[2], seq])?;
        }
        Ok(came > 0)
    }

    fn number_of(&self, id: &Value) -> Result<Option<u64>, JournalError> {
        let mut query = self.connection.prepare_cached("SELECT seq FROM event WHERE id = ?1")?;
        Ok(query.query_row([id], |row| row.get(0)).optional()?)
    }

    /// Tells the office, once. `day`: the site's.
    ///
    /// # Errors
    /// The disk's; then nothing is told, and the next start tells it.
    pub fn tell_recovered(&mut self, recovered: &Recovered, now: Now, day: u32) -> Result<(), JournalError> {
        if !recovered.told {
            self.begin()?;
            match self.write_recovered(recovered, now, day) {
                Ok(()) => self.commit()?,
                Err(error) => {
                    self.roll_back();
                    return Err(error);
                }
            }
        }
        match (recovered.whole, recovered.lists_lost.is_empty()) {
            (false, _) => Ok(()),
            (true, true) => aside::forget(&recovered.kept_as),
            (true, false) => {
                tracing::error!(
                    kept_as = %recovered.kept_as.display(), lists = ?recovered.lists_lost,
                    "not all of these lists could be read: make them good, and then delete this file, which does not go by itself"
                );
                aside::keep(&recovered.kept_as)
            }
        }
    }

    fn write_recovered(&mut self, recovered: &Recovered, now: Now, day: u32) -> Result<(), JournalError> {
        let facts = [
            ("kept_as", json!(recovered.kept_as.to_string_lossy())),
            ("why", json!(recovered.why)),
            ("from_epoch", json!(recovered.from_epoch)),
            ("from_head", json!(recovered.from_head)),
            ("brought_over", json!(recovered.events)),
            ("unreadable", json!(recovered.unreadable)),
            ("nameless", json!(recovered.nameless)),
            ("open_cases", json!(recovered.open_cases)),
            ("lists_lost", json!(recovered.lists_lost)),
            ("rest_waits", json!(!recovered.whole)),
        ];
        self.tell(&Event::here(Kind::JournalRecovered, Slug::from_text("journal"), now, data(facts)), now)?;
        if !recovered.numbers {
            self.skip_numbers(day)?;
        }
        let told = Recovered { told: recovered.whole, ..recovered.clone() };
        self.set_memo(BROUGHT, Some(&serde_json::to_string(&told).expect("it is plain data")))
    }
}

fn letter(run: &Run, old: &Old, recorded: DateTime<Utc>) -> DeadLetter {
    let epoch = old.epoch.as_deref().unwrap_or("unknown");
    let what = format!("events {} to {} of epoch {epoch}", run.first, run.last);
    let reason = format!("unreadable in {}: {}", old.name, run.why);
    DeadLetter { recorded, origin: "journal".into(), what, reason, bytes: None }
}

/// None where a column has a value that it cannot have: `OR IGNORE` does not pass that over, and every start would have ended there.
fn fits<T>(done: rusqlite::Result<T>) -> rusqlite::Result<Option<T>> {
    match done {
        Err(error) if error.sqlite_error_code() == Some(ConstraintViolation) => Ok(None),
        done => done.map(Some),
    }
}

fn is(error: &JournalError, code: rusqlite::ErrorCode) -> bool {
    matches!(error, JournalError::Sqlite(error) if error.sqlite_error_code() == Some(code))
}

#[cfg(test)]
mod tests;
