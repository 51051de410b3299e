//! A parcel that waits at the desk for a resident: taken in, told, reminded of, shown by its code at the glass, handed over by
//! a person, or sent back. Must never leave a parcel that nobody is told of, nor call one collected that nobody has given away.

#[cfg(test)]
mod tests;

use super::code::Code;
use crate::event::{Data, Kind, data};
use crate::service::case::{
    Case, Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task, ladder,
};
use crate::service::contact::{Phone, Text, Unit};
use crate::service::figures::{hours, minutes};
use crate::service::house::{Duty, House};
use crate::service::matter::Matter;
use crate::service::number::Series;
use crate::service::staff::Via;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::num::NonZeroU8;

/// What came of a parcel that was to be handed over: given, to the wrong person, not found.
const HAND_OVER_ANSWERS: [&str; 3] = ["handed-over", "wrong-person", "not-found"];

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
    /// Its code was typed at the glass; somebody is asked to hand it over.
    Shown,
    Collected,
    Returned,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub phase: Phase,
    /// The resident has been told of it at least once.
    #[serde(default)]
    pub told: bool,
    pub code: ParcelCode,
    pub reminders: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// The right code, at the glass.
    Show { code: ParcelCode },
    /// Handed out at the desk against the code.
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

/// What whoever has shown the code is told: where to go, and for how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handing {
    pub count: NonZeroU8,
    /// The front desk hands it over; else the post that is on duty now.
    pub at_desk: bool,
}

/// `None` for a parcel that nobody has just asked for.
pub fn handing(case: &Case, house: &House) -> Option<Handing> {
    let Matter::Delivery(Delivery { phase: Phase::Shown, .. }) = &case.matter else { return None };
    let count = case.docket.facts.get("count").and_then(|count| count.as_u64());
    let first = case.docket.errands(Errand::HandOver).find_map(|task| task.ladder.rungs.first()?.posts.first());
    let at_desk = first.and_then(|post| house.post(post)).is_none_or(|post| post.takes.contains(&Duty::Desk));
    Some(Handing { count: count.and_then(|count| u8::try_from(count).ok()).and_then(NonZeroU8::new)?, at_desk })
}

impl Delivery {
    /// He stands there and waits: the desk is asked, and soon everybody who takes calls.
    fn show(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        docket.release(Promise::Collect, "shown", record);
        let lapses = record.now.utc + minutes(record.house.figures.visit.parcel_shown_minutes);
        docket.promise(Promise::Look, Due::After(lapses), record);
        // Typed again it is the same task.
        if self.phase != Phase::Shown {
            self.told |= self.phase == Phase::Notified;
            self.phase = Phase::Shown;
            record.tell(Kind::DeliveryShown, Data::new());
            let ladder = ladder::counter(record.house, record.now);
            docket.offer_to(Errand::HandOver, ladder, data([("what", json!("parcel-shown"))]), record);
        }
    }

    /// Nobody has handed it over: it waits as before.
    fn wait_again(&mut self, why: &str, docket: &mut Docket, record: &mut Record<'_>) {
        docket.cancel(Errand::HandOver, why, record);
        docket.release(Promise::Look, why, record);
        self.phase = if self.told { Phase::Notified } else { Phase::Received };
        record.tell(Kind::DeliveryNotHandedOver, data([("why", json!(why))]));
        if self.told {
            remind_later(docket, record);
        }
    }

    /// The resident hears of it by phone, too: somebody had his code, or his parcel is looked for.
    fn tell_resident(docket: &mut Docket, record: &mut Record<'_>) {
        if docket.errands(Errand::TellResult).next().is_none() {
            docket.offer(Errand::TellResult, data([("what", json!("parcel-not-handed-over"))]), record);
        }
    }

    fn collected(&mut self, proof: &str, record: &mut Record<'_>) {
        self.phase = Phase::Collected;
        record.tell(Kind::DeliveryCollected, data([("proof", json!(proof))]));
    }

    /// # Errors
    /// When it is another's code.
    fn needs_code(&self, code: &ParcelCode) -> Result<(), Objection> {
        if *code == self.code { Ok(()) } else { Err(Objection::Unknown) }
    }
}

fn remind_later(docket: &mut Docket, record: &mut Record<'_>) {
    let due = record.now.utc + hours(record.house.figures.visit.parcel_reminder_hours);
    docket.promise(Promise::Collect, Due::After(due), record);
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
        Delivery { phase: Phase::Received, told: false, code: request.code.clone(), reminders: 0 }
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Received => "received",
            Phase::Notified => "notified",
            Phase::Shown => "shown",
            Phase::Collected => "collected",
            Phase::Returned => "returned",
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Collected | Phase::Returned)
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::Show { code } => {
                // At the desk it is handed over at once.
                if record.by.role.is_some() || record.by.via != Via::Kiosk {
                    return Err(Objection::Right);
                }
                self.needs_code(code)?;
                self.show(docket, record);
            }
            Step::Collect { code } => {
                record.needs_staff()?;
                self.needs_code(code)?;
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

    fn allows(&self, task: &Task, news: &News, _: &Record<'_>) -> Result<(), Objection> {
        let (Errand::HandOver, News::Done { outcome, .. }) = (task.errand, news) else { return Ok(()) };
        let said = outcome.as_ref().is_some_and(|outcome| HAND_OVER_ANSWERS.contains(&outcome.as_str()));
        if said { Ok(()) } else { Err(Objection::Needs(Need::Outcome)) }
    }

    fn on_task(&mut self, task: &Task, news: &News, docket: &mut Docket, record: &mut Record<'_>) {
        let News::Done { outcome, .. } = news else { return };
        let outcome = outcome.as_ref().map_or("", |outcome| outcome.as_str());
        match task.errand {
            Errand::TellResult => {
                self.told = true;
                record.tell(Kind::DeliveryNotified, data([("reminder", json!(self.reminders))]));
                if self.phase != Phase::Shown {
                    self.phase = Phase::Notified;
                    remind_later(docket, record);
                }
            }
            Errand::HandOver if outcome == "handed-over" => self.collected("code", record),
            Errand::HandOver => {
                self.wait_again(outcome, docket, record);
                Delivery::tell_resident(docket, record);
            }
            _ => {}
        }
    }

    fn on_timer(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        match clock.promise {
            Promise::Collect => {
                self.reminders += 1;
                record.tell(Kind::DeliveryReminded, data([("reminder", json!(self.reminders))]));
                docket.offer(Errand::TellResult, data([("what", json!("parcel-reminder"))]), record);
            }
            // Whoever showed the code has not come for it, or nobody has said what became of it.
            Promise::Look if self.phase == Phase::Shown => self.wait_again("lapsed", docket, record),
            _ => {}
        }
    }
}
