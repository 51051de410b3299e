//! What the day brings by itself: rounds and checks, reports of what has ended, posts that fall silent, shifts that end,
//! rules that changed. Part of the desk's transaction: the pure rooms decide, this writes.

use super::carry_out::Transaction;
use super::{Answer, Store};
use crate::event::{Event, Kind, Slug, data};
use crate::journal::JournalError;
use crate::service::calendar::{self, Planned};
use crate::service::case::{self, Case, Objection, Source};
use crate::service::check::{self, About};
use crate::service::contact::Text;
use crate::service::matter::{MatterStep, Opening};
use crate::service::number::Series;
use crate::service::period::Period;
use crate::service::presence::Change;
use crate::service::report::Report;
use crate::service::rules::{self, NotApproved, Rules};
use crate::service::staff::Actor;
use crate::service::{shift, silence};
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use serde_json::json;

/// The last local day before which every report was made, `2026-11-21`.
const REPORTED: &str = "reported-before";
/// Up to when the calendar was looked through, milliseconds since 1970.
const LOOKED: &str = "calendar-looked";
/// How far that mark may lag behind: an hour is looked through again after a restart, and nothing in it is opened twice.
const LOOKED_FOR: TimeDelta = TimeDelta::hours(1);
/// What the daily and the monthly check look through: everything that somebody waits for an answer to.
const TICKETS: [Series; 6] =
    [Series::Repair, Series::Complaint, Series::Enquiry, Series::Suggestion, Series::Service, Series::Emergency];
/// The rules in force, as JSON.
const RULES: &str = "rules";

/// 2026-01-01: this program is younger, so a clock that says less is wrong, and no day is kept by it.
const YOUNGEST: DateTime<Utc> = DateTime::from_timestamp(1_767_225_600, 0).expect("a constant within range");
/// Days of reports that a longer outage leaves to be made at once: the quarter's is among them.
const REPORTS_BACK: u64 = 92;

/// What the day has brought and nobody has written yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Brought {
    /// Each day, month and quarter that has ended since the last look (R300).
    reports: Vec<Period>,
    /// Rounds and checks (R075, R299, R300).
    planned: Vec<Planned>,
    /// The marks of how far the day was looked through must move.
    look: bool,
}

impl Brought {
    pub fn is_nothing(&self) -> bool {
        *self == Brought::default()
    }
}

impl<S: Store> Transaction<'_, S> {
    /// What is due now. Reads only.
    pub fn look_at_day(&self) -> Result<Brought, JournalError> {
        if self.now.utc < YOUNGEST {
            return Ok(Brought::default());
        }
        let looked = self.journal.memo(LOOKED)?.and_then(|text| DateTime::from_timestamp_millis(text.parse().ok()?));
        let reported = self.journal.memo(REPORTED)?.and_then(|day| day.parse().ok());
        let (Some(looked), Some(reported)) = (looked, reported) else {
            // The first day of this journal: what was before it is not made up for.
            return Ok(Brought { look: true, ..Brought::default() });
        };
        let planned = calendar::due(looked, self.now.utc, self.house);
        let look = !planned.is_empty() || looked > self.now.utc || self.now.utc - looked > LOOKED_FOR;
        Ok(Brought { reports: self.reports_since(reported), planned, look })
    }

    /// Makes the reports and opens what was planned, each once however often the clock goes back over it.
    pub fn write_day(&mut self, brought: &Brought) -> Result<(), JournalError> {
        self.make_reports(&brought.reports)?;
        for planned in &brought.planned {
            if !self.journal.key_was_used(&planned.key)? && self.is_wanted(&planned.opening)? {
                let mut opening = planned.opening.clone();
                self.list_open_tickets(&mut opening)?;
                self.look_back(&mut opening)?;
                self.open(&opening, Source::Daemon, &Actor::DAEMON)?;
            }
        }
        if brought.look {
            self.journal.set_memo(LOOKED, Some(&self.now.utc.timestamp_millis().to_string()))?;
        }
        if brought.look || !brought.reports.is_empty() {
            self.journal.set_memo(REPORTED, Some(&self.today().to_string()))?;
        }
        Ok(())
    }

    /// A list with nobody on it is not looked at (R271), and a half-year with a meeting needs no word (R293).
    fn is_wanted(&self, opening: &Opening) -> Result<bool, JournalError> {
        match opening {
            Opening::Check(check::Request { about: About::Birthdays(first), .. }) => {
                Ok(self.journal.birthdays(first.month())? > 0)
            }
            Opening::Check(check::Request { about: About::Meeting(first), .. }) => self.lacks_meeting(*first),
            _ => Ok(true),
        }
    }

    /// R299: each ticket must have an end; those without one stand in the record that is signed.
    fn list_open_tickets(&self, opening: &mut Opening) -> Result<(), JournalError> {
        if let Opening::Check(check::Request { about: About::Day(_) | About::Month(_), open, .. }) = opening {
            let numbers = self.journal.open_cases()?.into_iter().map(|case| case.docket.number);
            *open = numbers.filter(|number| TICKETS.contains(&number.series)).take(check::MAX_LISTED).collect();
        }
        Ok(())
    }

    fn reports_since(&self, reported: NaiveDate) -> Vec<Period> {
        let today = self.today();
        let oldest = today.checked_sub_days(Days::new(REPORTS_BACK)).unwrap_or(today);
        let days = reported.max(oldest).iter_days().skip(1).take_while(|day| *day <= today);
        days.flat_map(Period::ended_before).collect()
    }

    fn make_reports(&mut self, due: &[Period]) -> Result<(), JournalError> {
        for period in due {
            let report = Report::of(*period, &self.journal.tallies(*period)?);
            let facts = data([("period", json!(report.period)), ("report", json!(report))]);
            self.append(&Event::here(Kind::ReportMade, Slug::from_text("report"), self.now, facts))?;
        }
        Ok(())
    }

    fn today(&self) -> NaiveDate {
        self.now.utc.with_timezone(&self.house.zone).date_naive()
    }

    /// R014: tells which posts fell silent and which are back.
    pub fn tell_presence(&mut self, changes: &[Change]) -> Result<(), JournalError> {
        for change in changes {
            match change {
                Change::Silent(post) if self.journal.open_case(&silence::key(post))?.is_none() => {
                    let opening = Opening::Silence(silence::Request { post: post.clone() });
                    self.open(&opening, Source::Daemon, &Actor::DAEMON)?;
                }
                Change::Silent(_) => {}
                Change::Heard(post) => {
                    if let Some(case) = self.journal.open_case(&silence::key(post))? {
                        let step = case::Step::Matter(MatterStep::Silence(silence::Step::Heard));
                        self.step(case.docket.number, &step, None, &Actor::DAEMON)?;
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn close_shift(&mut self, post: &Slug, note: Option<&Text>, by: &Actor) -> Result<Answer, JournalError> {
        let open = self.on_boards()?;
        let unreceived = self.journal.unreceived(Kind::RepairHandedOver)?;
        let open_numbers = open.iter().map(|case| case.docket.number).collect();
        match shift::close(post, note, by, self.house, self.now, &open, &unreceived) {
            Ok(event) => {
                self.record(&event)?;
                Ok(Answer::Shift { open: open_numbers })
            }
            Err(objection) => self.refuse_shift(post, objection, by),
        }
    }

    /// What a shift hands over: a birthday is nobody's work (R271).
    fn on_boards(&self) -> Result<Vec<Case>, JournalError> {
        let mut open = self.journal.open_cases()?;
        open.retain(|case| case.docket.number.series != Series::Birthday);
        Ok(open)
    }

    pub(super) fn take_shift(&mut self, post: &Slug, by: &Actor) -> Result<Answer, JournalError> {
        match shift::take(post, by, self.house, self.now) {
            Ok(event) => {
                self.record(&event)?;
                let open = self.on_boards()?.iter().map(|case| case.docket.number).collect();
                Ok(Answer::Shift { open })
            }
            Err(objection) => self.refuse_shift(post, objection, by),
        }
    }

    fn refuse_shift(&mut self, post: &Slug, objection: Objection, by: &Actor) -> Result<Answer, JournalError> {
        let mut facts = data([("what", json!("shift")), ("reason", json!(objection.code()))]);
        if let Objection::NotReceived(number) | Objection::InHand(number) = &objection {
            facts.insert("number".into(), json!(number.to_string()));
        }
        facts.extend(by.facts());
        self.append(&Event::here(Kind::RequestRefused, post.clone(), self.now, facts))?;
        Ok(Answer::Objected(objection))
    }
}

/// R306: compares the configured rules with those in force, and puts them into force.
pub(super) fn adopt_rules<S: Store>(
    transaction: &mut Transaction<'_, S>,
) -> Result<Result<(), NotApproved>, JournalError> {
    let new = Rules::of(transaction.house);
    let text = serde_json::to_string(&new).expect("rules have string keys and always serialise");
    // Rules of another release, in a form that cannot be read here, bind nobody: the first start with this one.
    let in_force = transaction.journal.memo(RULES)?.and_then(|text| serde_json::from_str::<Rules>(&text).ok());
    let changes = match in_force.as_ref().map(|in_force| new.since(in_force)).transpose() {
        Ok(changes) => changes.flatten(),
        Err(not_approved) => return Ok(Err(not_approved)),
    };
    if let (Some(in_force), Some(changes)) = (&in_force, changes) {
        let facts = rules::told(in_force, &new, &changes);
        let event = Event::here(Kind::RulesChanged, Slug::from_text("rules"), transaction.now, facts);
        transaction.append(&event)?;
    }
    transaction.journal.set_memo(RULES, Some(&text))?;
    Ok(Ok(()))
}
