//! R271: whose birthday falls into a month, and nothing more: no day, no year, and nothing at all without the resident's word
//! to a named member of staff. It stands open for as long as the consent does, so no retention touches it; on withdrawal
//! everything that was known is forgotten at once. Unit, name, month and consent stand in the person part only.

use crate::event::{Data, Kind, data};
use crate::service::case::{Docket, Machine, Objection, Record};
use crate::service::contact::{Name, Unit};
use crate::service::number::Series;
use crate::service::staff::Role;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Who enters, reads and withdraws.
pub const KEEPERS: [Role; 3] = [Role::FrontDesk, Role::Supervisor, Role::ProjectManager];

/// A month of any year, 1 to 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Month(u8);

impl Month {
    pub fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Month {
    type Error = &'static str;

    fn try_from(month: u8) -> Result<Self, Self::Error> {
        if (1..=12).contains(&month) { Ok(Month(month)) } else { Err("a month is 1 to 12") }
    }
}

impl From<Month> for u8 {
    fn from(month: Month) -> u8 {
        month.0
    }
}

/// The consent is no option: without it nobody can make a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub unit: Unit,
    /// As the resident wants to be called.
    pub name: Name,
    pub month: Month,
    /// To which member of staff the resident said yes, and on which day.
    pub consent_to: Name,
    pub consent_on: NaiveDate,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Birthday {
    pub withdrawn: bool,
}

/// It knows no step of its own: it is kept, and withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {}

impl Machine for Birthday {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Birthday;

    fn open(request: &Request, _: &mut Docket, record: &mut Record<'_>) -> Self {
        let person = data([
            ("unit", json!(request.unit.as_str())),
            ("name", json!(request.name.as_str())),
            ("month", json!(request.month)),
            ("consent_to", json!(request.consent_to.as_str())),
            ("consent_on", json!(request.consent_on)),
        ]);
        record.tell_about(Kind::BirthdayKept, Data::new(), person);
        Birthday { withdrawn: false }
    }

    fn state(&self) -> &'static str {
        if self.withdrawn { "withdrawn" } else { "kept" }
    }

    fn is_closed(&self) -> bool {
        self.withdrawn
    }

    fn step(&mut self, step: &Step, _: &mut Docket, _: &mut Record<'_>) -> Result<(), Objection> {
        match *step {}
    }

    fn withdraw(&mut self, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_role(&KEEPERS)?;
        self.withdrawn = true;
        record.tell(Kind::BirthdayWithdrawn, Data::new());
        Ok(())
    }

    fn forgets(&self) -> bool {
        self.withdrawn
    }
}

/// What stands on the month's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub unit: String,
    pub name: String,
    pub consent_to: String,
    pub consent_on: String,
}

impl Line {
    pub fn of(person: &Data) -> Option<Self> {
        let said = |key: &str| person.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Line {
            unit: said("unit")?,
            name: said("name")?,
            consent_to: said("consent_to")?,
            consent_on: said("consent_on")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Now;
    use crate::service::case::walk::{house, name, staff, text, unit};
    use crate::service::case::{Case, Source, Step as CaseStep};
    use crate::service::matter::Opening;
    use crate::service::number::Number;
    use crate::service::staff::Actor;
    use chrono::DateTime;

    const NOW: Now = Now { utc: DateTime::from_timestamp(1_795_233_600, 0).unwrap(), synced: true };

    fn request() -> Request {
        Request {
            unit: unit(),
            name: name(),
            month: Month::try_from(5).unwrap(),
            consent_to: Name::parse("前台").unwrap(),
            consent_on: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
        }
    }

    fn kept() -> (Case, Vec<crate::event::Event>) {
        let number = Number { series: Series::Birthday, day: 20_261_121, nth: 1 };
        let opening = Opening::Birthday(request());
        let opened = Case::open(&opening, Source::WalkIn, number, &staff(Role::FrontDesk), &house(), NOW);
        (opened.case, opened.events)
    }

    #[test]
    fn a_birthday_is_a_month_with_a_consent_and_stands_apart_from_every_fact() {
        let (case, events) = kept();
        assert_eq!((case.state(), case.wakes(&house())), ("kept", None), "nothing falls due in it, ever");
        let person = events[0].person.as_ref().unwrap();
        assert_eq!((&person["month"], &person["consent_to"]), (&json!(5), &json!("前台")));
        let facts = serde_json::to_string(&*events[0].data).unwrap() + &serde_json::to_string(&case).unwrap();
        assert!(!facts.contains("month") && !facts.contains(unit().as_str()), "{facts}");
        assert!(case.docket.tasks.is_empty(), "it is on no board");
    }

    #[test]
    fn no_birthday_is_entered_without_a_consent_or_with_a_day() {
        let whole = serde_json::to_value(request()).unwrap();
        for key in ["consent_to", "consent_on", "month"] {
            let mut less = whole.clone();
            less.as_object_mut().unwrap().remove(key);
            assert!(serde_json::from_value::<Request>(less).is_err(), "{key}");
        }
        for (key, value) in [("day", json!(21)), ("year", json!(1960)), ("month", json!(13)), ("month", json!(0))] {
            let mut more = whole.clone();
            more[key] = value;
            assert!(serde_json::from_value::<Request>(more).is_err(), "{key}");
        }
    }

    #[test]
    fn a_consent_is_withdrawn_at_any_time_by_whoever_keeps_the_list() {
        let (mut case, _) = kept();
        let withdraw = CaseStep::Withdraw { reason: Some(text()) };
        for by in [staff(Role::Guard), staff(Role::Engineer), staff(Role::Auditor), Actor::GUEST] {
            assert_eq!(case.step(&withdraw, None, &by, &house(), NOW), Err(Objection::Right));
        }
        let events = case.step(&withdraw, None, &staff(Role::FrontDesk), &house(), NOW).unwrap();
        assert!(events.iter().any(|event| event.kind == Kind::BirthdayWithdrawn));
        assert!(case.is_closed() && case.matter.forgets());
    }
}
