//! A parcel that waits at the desk for a resident: taken in, told, reminded of, handed out by its code or to whoever shows
//! who he is, or sent back. Must never leave a parcel that nobody is told of.

#[cfg(test)]
mod tests;

use super::code::Code;
use crate::event::{Data, Kind, data};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task};
use crate::service::contact::{Phone, Text, Unit};
use crate::service::figures::hours;
use crate::service::number::Series;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::num::NonZeroU8;

/// Six of 32 characters: short enough for a text message. Whoever lets people type it must slow down the ones who guess.
pub type ParcelCode = Code<6>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub unit: Unit,
    /// The courier's company; his name, if he gives it, is a person's.
    #[serde(default)]
    pub carrier: Option<Text>,
    pub count: NonZeroU8,
    /// The recipient's, as it stands on the parcel.
    #[serde(default)]
    pub phone: Option<Phone>,
    /// Of whoever brought it: for a parcel that belongs to nobody here.
    #[serde(default)]
    pub courier: Option<Phone>,
    pub code: ParcelCode,
    pub language: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Received,
    Notified,
    Collected,
    Returned,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub phase: Phase,
    pub code: ParcelCode,
    pub reminders: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// Handed out against the code; at the desk, or at a locker by the kiosk.
    Collect { code: ParcelCode },
    /// The code is lost: a member of staff has looked at who it is.
    HandOut { id_checked: bool },
    /// Back to the carrier.
    Return,
}

/// How an open parcel is found by what the resident types.
pub fn key(unit: &Unit, code: &ParcelCode) -> String {
    format!("parcel:{}:{}", unit.as_str(), code.as_str())
}

impl Delivery {
    fn collected(&mut self, proof: &str, record: &mut Record<'_>) {
        self.phase = Phase::Collected;
        record.tell(Kind::DeliveryCollected, data([("proof", json!(proof))]));
    }
}

impl Machine for Delivery {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Delivery;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.language = Some(request.language.clone());
        docket.key = Some(key(&request.unit, &request.code));
        docket.facts = data([("unit", json!(request.unit.as_str())), ("count", json!(request.count))]);
        let mut facts = docket.facts.clone();
        facts.extend(data([("language", json!(request.language)), ("channel", json!(docket.source.name()))]));
        let said = [
            ("carrier", request.carrier.as_ref().map(Text::as_str)),
            ("phone", request.phone.as_ref().map(Phone::as_str)),
            ("courier_phone", request.courier.as_ref().map(Phone::as_str)),
        ];
        let person = said.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value?)))).collect();
        record.tell_about(Kind::DeliveryReceived, facts, person);
        docket.offer(Errand::TellResult, data([("what", json!("parcel"))]), record);
        Delivery { phase: Phase::Received, code: request.code.clone(), reminders: 0 }
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Received => "received",
            Phase::Notified => "notified",
            Phase::Collected => "collected",
            Phase::Returned => "returned",
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Collected | Phase::Returned)
    }

    fn step(&mut self, step: &Step, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::Collect { code } => {
                record.needs_person()?;
                if *code != self.code {
                    return Err(Objection::Unknown);
                }
                self.collected("code", record);
            }
            Step::HandOut { id_checked } => {
                record.needs_staff()?;
                if !id_checked {
                    return Err(Objection::Needs(Need::IdentityCheck));
                }
                self.collected("identity", record);
            }
            Step::Return => {
                record.needs_staff()?;
                self.phase = Phase::Returned;
                record.tell(Kind::DeliveryReturned, Data::new());
            }
        }
        Ok(())
    }

    fn on_task(&mut self, task: &Task, news: &News, docket: &mut Docket, record: &mut Record<'_>) {
        if let (Errand::TellResult, News::Done { .. }) = (task.errand, news) {
            self.phase = Phase::Notified;
            record.tell(Kind::DeliveryNotified, data([("reminder", json!(self.reminders))]));
            let due = record.now.utc + hours(record.house.figures.visit.parcel_reminder_hours);
            docket.promise(Promise::Collect, Due::After(due), record);
        }
    }

    fn on_timer(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        if clock.promise == Promise::Collect {
            self.reminders += 1;
            record.tell(Kind::DeliveryReminded, data([("reminder", json!(self.reminders))]));
            docket.offer(Errand::TellResult, data([("what", json!("parcel-reminder"))]), record);
        }
    }
}
