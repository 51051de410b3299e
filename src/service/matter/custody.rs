//! 托管钥匙: the desk keeps a resident's keys (R273-R277). No key is taken before the disclaimer was accepted, and none is
//! given out without a named person, an identity card that was looked at, and a signature. Who the collectors are stands only
//! in the person's part: the state knows how many there are.

mod intake;
#[cfg(test)]
mod tests;

pub use intake::{Collectors, Copy, IdTail, MAX_COLLECTORS, Refusal, Request, Signed, Slot, Step, Who};

use crate::event::{Kind, data};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task};
use crate::service::number::Series;
use crate::service::staff::Role;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Requested,
    /// The disclaimer was shown and accepted (R273).
    Consented,
    Deposited,
    /// Out, to be brought back.
    Collected,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custody {
    pub phase: Phase,
    pub collectors: u8,
}

/// The desk takes and gives keys, nobody else.
const DESK: [Role; 4] = [Role::FrontDesk, Role::ShiftLeader, Role::Supervisor, Role::ProjectManager];

impl Custody {
    fn expects(&self, phase: Phase) -> Result<(), Objection> {
        if self.phase == phase { Ok(()) } else { Err(Objection::Order(self.state())) }
    }

    fn consent(&mut self, signed: Signed, record: &mut Record<'_>) {
        self.phase = Phase::Consented;
        record.tell(Kind::KeyConsented, data([("signed", json!(signed))]));
    }

    fn deposit(
        &mut self,
        slot: Option<&Slot>,
        copy: Option<Copy>,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        // A code that is the unit would tell everybody who sees the tag which door it opens (R276).
        let unit = docket.facts.get("unit").and_then(|unit| unit.as_str()).unwrap_or_default();
        let slot = slot.filter(|slot| slot.as_str() != unit).ok_or(Objection::Needs(Need::Slot))?;
        docket.facts.insert("slot".into(), json!(slot));
        self.phase = Phase::Deposited;
        docket.done(Errand::HandOver, record);
        docket.release(Promise::Collect, "returned", record);
        let mut facts = data([("slot", json!(slot))]);
        if let Some(copy) = copy {
            facts.insert("copy".into(), json!(copy));
        }
        record.tell(if copy.is_some() { Kind::KeyDeposited } else { Kind::KeyReturned }, facts);
        Ok(())
    }

    /// # Errors
    /// R277: the resident or a named person, an identity card that was looked at, a signature. No card, no key.
    fn may_collect(&self, who: Who, id: Option<&IdTail>, signed: Option<Signed>) -> Result<(), Objection> {
        let named = match who {
            Who::Resident => true,
            Who::Collector(nth) => (1..=self.collectors).contains(&nth),
        };
        match () {
            () if !named => Err(Objection::Needs(Need::NamedCollector)),
            () if id.is_none() => Err(Objection::Needs(Need::IdentityCheck)),
            () if signed.is_none() => Err(Objection::Needs(Need::Signature)),
            () => Ok(()),
        }
    }

    fn collect(
        &mut self,
        who: Who,
        id: &IdTail,
        back_by: Option<DateTime<Utc>>,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) {
        let mut facts =
            data([("who", json!(who)), ("id_checked", json!(true)), ("for_good", json!(back_by.is_none()))]);
        if let Some(back_by) = back_by {
            facts.insert("back_by".into(), json!(back_by));
        }
        record.tell_about(Kind::KeyCollected, facts, data([("id_tail", json!(id.as_str()))]));
        docket.facts.remove("slot");
        match back_by {
            Some(back_by) => {
                self.phase = Phase::Collected;
                docket.promise(Promise::Collect, Due::At(back_by), record);
            }
            None => self.close("collected", record),
        }
    }

    fn close(&mut self, why: &str, record: &mut Record<'_>) {
        self.phase = Phase::Closed;
        record.tell(Kind::KeyClosed, data([("why", json!(why))]));
    }
}

impl Machine for Custody {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Key;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.language = Some(request.language.clone());
        docket.reporter = true;
        docket.facts = data([("unit", json!(request.unit.as_str())), ("keys", json!(request.keys))]);
        let mut facts = docket.facts.clone();
        facts.extend(data([("language", json!(request.language)), ("channel", json!(docket.source.name()))]));
        let mut person = data([
            ("name", json!(request.name.as_str())),
            ("phone", json!(request.phone.as_str())),
            ("reason", json!(request.reason.as_str())),
            ("collection", json!(request.collection.as_str())),
        ]);
        let names = request.collectors.0.iter().enumerate();
        person.extend(names.map(|(n, name)| (format!("collector_{}", n + 1), json!(name.as_str()))));
        record.tell_about(Kind::KeyRequested, facts, person);
        docket.offer(Errand::HandOver, data([("what", json!("take-keys"))]), record);
        let collectors = u8::try_from(request.collectors.0.len()).unwrap_or(u8::MAX);
        let mut custody = Custody { phase: Phase::Requested, collectors };
        if let Some(signed) = request.consent {
            custody.consent(signed, record);
        }
        custody
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Requested => "requested",
            Phase::Consented => "consented",
            Phase::Deposited => "deposited",
            Phase::Collected => "collected",
            Phase::Closed => "closed",
        }
    }

    fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::Consent { .. } => record.needs_person()?,
            _ => record.needs_role(&DESK)?,
        }
        match step {
            Step::Consent { signed } => {
                self.expects(Phase::Requested)?;
                self.consent(*signed, record);
            }
            Step::Deposit { slot, copy } => {
                if self.phase == Phase::Requested {
                    return Err(Objection::Needs(Need::Disclaimer));
                }
                self.expects(Phase::Consented)?;
                self.deposit(slot.as_ref(), Some(*copy), docket, record)?;
            }
            Step::Return { slot } => {
                self.expects(Phase::Collected)?;
                self.deposit(Some(slot), None, docket, record)?;
            }
            Step::NameCollector { name } => {
                if usize::from(self.collectors) >= MAX_COLLECTORS {
                    return Err(Objection::Full);
                }
                self.collectors += 1;
                let key = format!("collector_{}", self.collectors);
                let person = [(key, json!(name.as_str()))].into_iter().collect();
                record.tell_about(Kind::KeyCollectorNamed, data([("collector", json!(self.collectors))]), person);
            }
            Step::Collect { who, id_checked, id_tail, signed, back_by } => {
                self.expects(Phase::Deposited)?;
                let id = id_tail.as_ref().filter(|_| *id_checked);
                self.may_collect(*who, id, *signed)?;
                let id = id.ok_or(Objection::Needs(Need::IdentityCheck))?;
                self.collect(*who, id, *back_by, docket, record);
            }
            Step::Refuse { why } => {
                self.expects(Phase::Deposited)?;
                record.tell(Kind::KeyRefused, data([("why", json!(why))]));
            }
            Step::Close => {
                self.expects(Phase::Collected)?;
                self.close("kept-by-collector", record);
            }
        }
        Ok(())
    }

    fn allows(&self, task: &Task, news: &News, _: &Record<'_>) -> Result<(), Objection> {
        // A key is taken, and found missing, by the steps above; a tick alone is neither.
        let need = match (task.errand, news, self.phase) {
            (Errand::HandOver, News::Done { .. }, Phase::Requested) => Need::Disclaimer,
            (Errand::HandOver, News::Done { .. }, Phase::Consented | Phase::Collected) => Need::Slot,
            _ => return Ok(()),
        };
        Err(Objection::Needs(need))
    }

    fn on_timer(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        if clock.promise == Promise::Collect && self.phase == Phase::Collected {
            docket.offer(Errand::HandOver, data([("what", json!("keys-not-back"))]), record);
        }
    }

    /// As long as the desk has no key of his.
    fn withdraw(&mut self, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        if !matches!(self.phase, Phase::Requested | Phase::Consented) {
            return Err(Objection::Order(self.state()));
        }
        self.close("withdrawn", record);
        Ok(())
    }
}
