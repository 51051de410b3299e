//! 放行条: large things leave the house (R278-R281). Asked for, approved by a named person, checked at the gate by its code,
//! used once and never again. The code is made by whoever opens the case and stands in no event.

#[cfg(test)]
mod tests;

use super::code::Code;
use crate::event::{Data, Kind, data};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task};
use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::figures::hours;
use crate::service::number::Series;
use crate::service::staff::{Named, Role};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::num::NonZeroU16;

/// A removal van holds more, but then the paper says "everything".
pub const MAX_ITEMS: usize = 40;
/// A move that is further away is asked for again.
const MAX_AHEAD: TimeDelta = TimeDelta::days(90);

/// Eight of 32 characters: 40 bits, nobody guesses one at a gate.
pub type PassCode = Code<8>;

/// One line of the pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub what: Text,
    pub count: NonZeroU16,
}

/// At least one, at most [`MAX_ITEMS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Item>", into = "Vec<Item>")]
pub struct Items(Vec<Item>);

impl TryFrom<Vec<Item>> for Items {
    type Error = String;

    fn try_from(items: Vec<Item>) -> Result<Self, String> {
        let fits = (1..=MAX_ITEMS).contains(&items.len());
        if fits { Ok(Items(items)) } else { Err(format!("a pass has 1 to {MAX_ITEMS} lines")) }
    }
}

impl From<Items> for Vec<Item> {
    fn from(items: Items) -> Vec<Item> {
        items.0
    }
}

/// R279. The regulations name no fields; these are ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub unit: Unit,
    pub name: Name,
    pub phone: Phone,
    pub items: Items,
    /// Its number plate, or "on foot".
    #[serde(default)]
    pub vehicle: Option<Text>,
    pub leaves_at: DateTime<Utc>,
    /// R280.
    #[serde(default)]
    pub help_to_carry: bool,
    pub code: PassCode,
    pub language: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Requested,
    Approved,
    Refused,
    Used,
    Expired,
    Withdrawn,
}

/// When, and who of the staff saw the things leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    pub at: DateTime<Utc>,
    /// `None`: what is known of people has been erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Named>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    pub phase: Phase,
    pub code: PassCode,
    pub leaves_at: DateTime<Utc>,
    pub help_to_carry: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Used>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    Approve,
    Refuse {
        reason: Text,
    },
    /// At the gate. `matches`: what leaves is what stands on the pass; it is used with that. What does not match goes back
    /// to whoever approves.
    Check {
        code: PassCode,
        matches: bool,
    },
}

/// The one open case of a code: how the gate finds it.
pub fn key(code: &PassCode) -> String {
    format!("pass:{}", code.as_str())
}

/// The regulations name no approver: the desk and those above it, not the guard who checks.
const APPROVERS: [Role; 3] = [Role::FrontDesk, Role::Supervisor, Role::ProjectManager];

impl Pass {
    fn expects(&self, phase: Phase) -> Result<(), Objection> {
        if self.phase == phase { Ok(()) } else { Err(Objection::Order(self.state())) }
    }

    fn ask(&mut self, why: Option<&str>, docket: &mut Docket, record: &mut Record<'_>) {
        self.phase = Phase::Requested;
        let facts = why.map(|why| data([("why", json!(why))])).unwrap_or_default();
        docket.offer(Errand::Approve, facts, record);
    }

    fn approve(&mut self, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        self.expects(Phase::Requested)?;
        let approver = record.by.who.as_ref().ok_or(Objection::Needs(Need::Approver))?;
        let person = data([("approver", json!(approver.name))]);
        self.phase = Phase::Approved;
        record.tell_about(Kind::PassApproved, Data::new(), person);
        docket.done(Errand::Approve, record);
        if self.help_to_carry && docket.errands(Errand::Carry).next().is_none() {
            docket.offer(Errand::Carry, data([("at", json!(self.leaves_at))]), record);
        }
        Ok(())
    }

    fn check(
        &mut self,
        code: &PassCode,
        matches: bool,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        if *code != self.code {
            return Err(Objection::Unknown);
        }
        if self.phase == Phase::Requested {
            return Err(Objection::Needs(Need::Approval));
        }
        let by = record.by.who.clone().ok_or(Objection::Needs(Need::Name))?;
        record.tell(Kind::PassChecked, data([("matches", json!(matches))]));
        if matches {
            self.phase = Phase::Used;
            record.tell(Kind::PassUsed, Data::new());
            self.used = Some(Used { at: record.now.utc, by: Some(by) });
        } else {
            self.ask(Some("differs"), docket, record);
        }
        Ok(())
    }
}

impl Machine for Pass {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Pass;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        let now = record.now.utc;
        let leaves_at = request.leaves_at.clamp(now, now + MAX_AHEAD);
        docket.language = Some(request.language.clone());
        docket.key = Some(key(&request.code));
        let pieces: u32 = request.items.0.iter().map(|item| u32::from(item.count.get())).sum();
        docket.facts = data([
            ("unit", json!(request.unit.as_str())),
            ("lines", json!(request.items.0.len())),
            ("pieces", json!(pieces)),
            ("leaves_at", json!(leaves_at)),
        ]);
        let mut facts = docket.facts.clone();
        facts.extend(data([("language", json!(request.language)), ("channel", json!(docket.source.name()))]));
        let mut person = data([
            ("name", json!(request.name.as_str())),
            ("phone", json!(request.phone.as_str())),
            ("items", json!(request.items)),
        ]);
        if let Some(vehicle) = &request.vehicle {
            person.insert("vehicle".into(), json!(vehicle.as_str()));
        }
        record.tell_about(Kind::PassRequested, facts, person);
        let code = request.code.clone();
        let help_to_carry = request.help_to_carry;
        let mut pass = Pass { phase: Phase::Requested, code, leaves_at, help_to_carry, used: None };
        pass.ask(None, docket, record);
        let void = leaves_at + hours(record.house.figures.visit.pass_hours);
        docket.promise(Promise::Collect, Due::At(void), record);
        pass
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Requested => "requested",
            Phase::Approved => "approved",
            Phase::Refused => "refused",
            Phase::Used => "used",
            Phase::Expired => "expired",
            Phase::Withdrawn => "withdrawn",
        }
    }

    fn is_closed(&self) -> bool {
        !matches!(self.phase, Phase::Requested | Phase::Approved)
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::Approve => {
                record.needs_role(&APPROVERS)?;
                self.approve(docket, record)
            }
            Step::Refuse { reason } => {
                record.needs_role(&APPROVERS)?;
                self.expects(Phase::Requested)?;
                self.phase = Phase::Refused;
                record.tell_about(Kind::PassRefused, Data::new(), data([("refusal", json!(reason.as_str()))]));
                Ok(())
            }
            Step::Check { code, matches } => {
                record.needs_staff()?;
                self.check(code, *matches, docket, record)
            }
        }
    }

    fn allows(&self, task: &Task, news: &News, _: &Record<'_>) -> Result<(), Objection> {
        // Approved or refused by name; a tick is neither.
        let ticked = task.errand == Errand::Approve && matches!(news, News::Done { .. });
        if ticked { Err(Objection::Needs(Need::Approval)) } else { Ok(()) }
    }

    fn on_timer(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        if clock.promise != Promise::Collect {
            return;
        }
        if clock.is_overtaken() {
            let void = record.now.utc + hours(record.house.figures.visit.pass_hours);
            docket.promise(Promise::Collect, Due::At(void), record);
        } else {
            self.phase = Phase::Expired;
            record.tell(Kind::PassExpired, Data::new());
        }
    }

    /// R279: the second one who shows it hears when it was used, and who let it through.
    fn ended(&self) -> Objection {
        match &self.used {
            Some(used) => Objection::Used { at: used.at, by: used.by.as_ref().map(|by| by.name.clone()) },
            None => Objection::Ended,
        }
    }

    fn forget_staff(&mut self) {
        if let Some(used) = &mut self.used {
            used.by = None;
        }
    }

    fn withdraw(&mut self, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        self.phase = Phase::Withdrawn;
        Ok(())
    }
}
