//! A patient, or whoever needs help at once (R148-R160). It starts with nothing but a press and is never closed in silence:
//! it ends settled and called back, or called off by a named person with a reason. No medical advice anywhere (R153): the
//! guards go, carry and guide; 120 advises.

mod ending;
mod intake;
#[cfg(test)]
mod tests;

pub use intake::{Address, Ambulance, CallOff, Choice, Placed, Request, StandBy, Step};

use crate::event::{Data, Kind, data};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task, ladder};
use crate::service::number::Series;
use crate::service::staff::{Named, Role};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// R159: how long until somebody looks after the care. "必要时", no number in the regulations; ours.
const LOOK_AFTER_CARE: TimeDelta = TimeDelta::minutes(60);
/// R150.
const GUARDS: usize = 2;
/// R152: what whoever goes reminds the family of. Things and company, never treatment (R153).
const REMIND: [&str; 4] = ["family-goes-along", "identity-card", "health-card", "medicine"];
/// What asking afterwards may bring (R091).
const CALL_BACK_ANSWERS: [&str; 2] = ["well", "more-help"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Pressed; nothing is known yet.
    Requested,
    /// Address and phone are known (R148).
    Placed,
    /// One of the three was chosen (R149); its tasks run.
    Helping,
    /// The patient is settled and more help was asked for (R160, R106).
    Settled,
    /// To be called back within seven days (R091).
    Ended,
    Closed,
}

/// A member of staff who has taken a task at the patient (R150, R157).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub task: u16,
    pub errand: Errand,
    pub who: Named,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    pub phase: Phase,
    pub chosen: Vec<Choice>,
    /// Kept after their tasks are done: the same person may not be the second one (R150).
    #[serde(default)]
    pub sent: Vec<Sent>,
    /// R158: a relative is with the patient.
    #[serde(default)]
    pub relative: bool,
    #[serde(default)]
    pub ambulance: Option<Ambulance>,
}

impl Emergency {
    fn sent_for(&self, errand: Errand) -> usize {
        self.sent.iter().filter(|sent| sent.errand == errand).count()
    }

    /// What this way of helping still lacks before the patient can be called settled.
    fn lacks(&self, choice: Choice) -> Option<Need> {
        match choice {
            Choice::Hospital => (self.sent_for(Errand::GoToPatient) < GUARDS).then_some(Need::TwoPersons),
            Choice::Ambulance => (self.ambulance != Some(Ambulance::Arrived)).then_some(Need::AmbulanceArrival),
            Choice::Care if self.sent_for(Errand::NameCarer) == 0 => Some(Need::Name),
            Choice::Care => (!self.relative).then_some(Need::Relative),
        }
    }

    fn place(&mut self, placed: &Placed, docket: &mut Docket, record: &mut Record<'_>) {
        let (facts, mut person) = match &placed.address {
            Address::Unit(unit) => (data([("unit", json!(unit.as_str()))]), Data::new()),
            Address::Other(text) => (Data::new(), data([("address", json!(text.as_str()))])),
        };
        person.insert("phone".into(), json!(placed.phone.as_str()));
        docket.learn(&facts);
        if docket.facts.contains_key("not_needed") {
            docket.learn(&data([("not_needed", json!(false))]));
        }
        record.tell_about(Kind::EmergencyPlaced, facts, person);
        if self.phase == Phase::Requested {
            self.phase = Phase::Placed;
        }
    }

    fn choose(
        &mut self,
        choice: Choice,
        stand_by: StandBy,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        match self.phase {
            Phase::Requested => return Err(Objection::Needs(Need::AddressAndPhone)),
            // It may get worse: from care to 120, also after it seemed settled. Each way once.
            Phase::Placed | Phase::Helping | Phase::Settled if !self.chosen.contains(&choice) => {}
            _ => return Err(Objection::Order(self.state())),
        }
        self.chosen.push(choice);
        self.phase = Phase::Helping;
        let facts = data([("choice", json!(choice.name()))]);
        docket.learn(&facts);
        record.tell(Kind::EmergencyChosen, facts);
        if docket.errands(Errand::SeeEmergency).next().is_none() {
            docket.offer(Errand::SeeEmergency, Data::new(), record);
        }
        match choice {
            Choice::Hospital => {
                for nth in 1..=GUARDS {
                    let facts =
                        data([("guard", json!(nth)), ("to", json!(stand_by.name())), ("remind", json!(REMIND))]);
                    docket.offer(Errand::GoToPatient, facts, record);
                }
                docket.offer(Errand::FetchVehicle, Data::new(), record);
            }
            Choice::Ambulance => {
                docket.offer_to(Errand::MeetAmbulance, ladder::gate(record.house, record.now), Data::new(), record);
            }
            Choice::Care => {
                docket.offer_to(Errand::NameCarer, ladder::leaders(record.house, record.now), Data::new(), record);
            }
        }
        Ok(())
    }

    /// R158. A carer may not stay alone with the patient: somebody looks at once.
    fn note_relative(&mut self, with_patient: bool, docket: &mut Docket, record: &mut Record<'_>) {
        self.relative = with_patient;
        record.tell(Kind::EmergencyRelative, data([("with_patient", json!(with_patient))]));
        let cared_for = self.sent_for(Errand::NameCarer) > 0;
        if cared_for && !with_patient && docket.errands(Errand::CheckCare).next().is_none() {
            docket.offer(Errand::CheckCare, data([("why", json!("no-relative"))]), record);
        }
    }

    fn note_ambulance(
        &mut self,
        what: Ambulance,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        if !self.chosen.contains(&Choice::Ambulance) {
            return Err(Objection::Needs(Need::Choice));
        }
        if self.ambulance.is_some_and(|known| known >= what) {
            return Err(Objection::Order(self.state()));
        }
        self.ambulance = Some(what);
        let facts = data([("ambulance", json!(what.name()))]);
        docket.learn(&facts);
        record.tell(Kind::EmergencyAmbulance, facts);
        Ok(())
    }

    fn taken(&mut self, task: &Task, who: &Named, record: &mut Record<'_>) {
        self.sent.push(Sent { task: task.id, errand: task.errand, who: who.clone() });
        let key = match task.errand {
            Errand::NameCarer => "carer".to_owned(),
            _ => format!("guard_{}", task.facts.get("guard").and_then(|nth| nth.as_u64()).unwrap_or(1)),
        };
        let facts = data([("task", json!(task.id)), ("errand", json!(task.errand.name()))]);
        record.tell_about(Kind::EmergencyGuardNamed, facts, [(key, json!(who.name))].into_iter().collect());
    }

    fn look_later(&self, docket: &mut Docket, record: &mut Record<'_>) {
        docket.promise(Promise::Look, Due::After(record.now.utc + LOOK_AFTER_CARE), record);
    }

    /// Nobody's emergency is nobody's: when the last task is done somebody still asks how it is.
    fn keep_owned(&self, docket: &mut Docket, record: &mut Record<'_>) {
        let owned = docket.tasks.iter().any(|task| task.errand != Errand::Apologise);
        if !owned && matches!(self.phase, Phase::Helping | Phase::Settled) {
            docket.offer(Errand::TellResult, data([("what", json!("ask-more-help"))]), record);
        }
    }
}

/// One person is not two, whether he is known by his id or by his name over the radio.
fn same(one: &Named, other: &Named) -> bool {
    match (&one.id, &other.id) {
        (Some(one), Some(other)) => one == other,
        _ => one.name.trim() == other.name.trim(),
    }
}

impl Machine for Emergency {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Emergency;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.language = Some(request.language.clone());
        docket.reporter = true;
        docket.facts = data([("place", json!("kiosk"))]);
        let facts = data([("language", json!(request.language)), ("channel", json!(docket.source.name()))]);
        record.tell(Kind::EmergencyRequested, facts);
        docket.offer(Errand::SeeEmergency, Data::new(), record);
        let mut emergency = Emergency {
            phase: Phase::Requested,
            chosen: Vec::new(),
            sent: Vec::new(),
            relative: false,
            ambulance: None,
        };
        if let Some(placed) = &request.placed {
            emergency.place(placed, docket, record);
        }
        emergency
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Requested => "requested",
            Phase::Placed => "placed",
            Phase::Helping => "helping",
            Phase::Settled => "settled",
            Phase::Ended => "ended",
            Phase::Closed => "closed",
        }
    }

    fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::Place(_) | Step::Choose { .. } | Step::Condition { .. } | Step::NotNeeded => record.needs_person()?,
            _ => record.needs_staff()?,
        }
        if matches!(self.phase, Phase::Ended | Phase::Closed) {
            return Err(Objection::Order(self.state()));
        }
        match step {
            Step::Place(placed) => self.place(placed, docket, record),
            Step::Choose { choice, stand_by } => self.choose(*choice, *stand_by, docket, record)?,
            Step::Condition { text } => {
                let person = data([("condition", json!(text.as_str()))]);
                record.tell_about(Kind::EmergencyCondition, Data::new(), person);
            }
            Step::NotNeeded => {
                let facts = data([("not_needed", json!(true))]);
                docket.learn(&facts);
                record.tell(Kind::EmergencyCondition, facts);
            }
            Step::Relative { with_patient } => self.note_relative(*with_patient, docket, record),
            Step::Ambulance(what) => self.note_ambulance(*what, docket, record)?,
            Step::Settle { more_help } => self.settle(*more_help, docket, record)?,
            Step::CallOff { reason, note } => self.call_off(*reason, note.as_ref(), docket, record)?,
        }
        Ok(())
    }

    fn allows(&self, task: &Task, news: &News, record: &Record<'_>) -> Result<(), Objection> {
        let need = match (task.errand, news) {
            (Errand::GoToPatient, News::Claimed { by, .. }) => {
                let twice = self.sent.iter().any(|sent| sent.errand == task.errand && same(&sent.who, by));
                twice.then_some(Need::TwoPersons)
            }
            (Errand::GoToPatient, News::Done { .. }) => self.lacks(Choice::Hospital),
            (Errand::NameCarer, News::Claimed { .. }) => {
                if !record.by.role.is_some_and(Role::leads) {
                    return Err(Objection::Right);
                }
                (!self.relative).then_some(Need::Relative)
            }
            (Errand::MeetAmbulance, News::Done { .. }) => self.lacks(Choice::Ambulance),
            (Errand::SeeEmergency, News::Done { .. }) => match self.phase {
                Phase::Requested => Some(Need::AddressAndPhone),
                Phase::Placed => Some(Need::Choice),
                _ => (self.chosen.contains(&Choice::Ambulance) && self.ambulance.is_none())
                    .then_some(Need::AmbulanceCall),
            },
            (Errand::TellResult, News::Done { .. }) => Some(Need::MoreHelpAsked),
            (Errand::CallBack, News::Done { outcome, .. }) => {
                let said = outcome.as_ref().is_some_and(|outcome| CALL_BACK_ANSWERS.contains(&outcome.as_str()));
                (!said).then_some(Need::Outcome)
            }
            _ => None,
        };
        need.map_or(Ok(()), |need| Err(Objection::Needs(need)))
    }

    fn on_task(&mut self, task: &Task, news: &News, docket: &mut Docket, record: &mut Record<'_>) {
        match (task.errand, news) {
            (Errand::GoToPatient | Errand::NameCarer, News::Claimed { by, .. }) => self.taken(task, by, record),
            (Errand::GoToPatient | Errand::NameCarer, News::Lost | News::Exhausted) => {
                self.sent.retain(|sent| sent.task != task.id);
            }
            (Errand::NameCarer, News::Arrived { .. }) => self.look_later(docket, record),
            (Errand::NameCarer, News::Done { .. }) => docket.release(Promise::Look, "done", record),
            (Errand::CheckCare, News::Done { .. }) if docket.errands(Errand::NameCarer).next().is_some() => {
                self.look_later(docket, record);
            }
            (Errand::CallBack, News::Done { outcome, .. }) => {
                docket.keep(Promise::CallBack, record);
                let answer = outcome.as_ref().map_or("", |outcome| outcome.as_str());
                record.tell(Kind::EmergencyCalledBack, data([("answer", json!(answer))]));
                if answer == "well" {
                    self.close("called-back", record);
                } else {
                    self.need_more(docket, record);
                }
            }
            _ => {}
        }
        self.keep_owned(docket, record);
    }

    fn forget_staff(&mut self) {
        self.sent.clear();
    }

    fn on_timer(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        if clock.promise == Promise::Look && docket.errands(Errand::CheckCare).next().is_none() {
            docket.offer(Errand::CheckCare, Data::new(), record);
        }
    }
}
