//! 投诉: heard, written down (R030), told to the supervisor and the manager at once (R101, R102), answered with a time
//! limit (R116), investigated within 48 hours (R084), and never closed before somebody has asked whether the
//! complainant is satisfied (R119). What staff are accused of asking for never reaches the staff it names (R132).

mod answer;
mod step;
#[cfg(test)]
mod tests;

pub use step::{Cause, Class, Level, Request, Step, Topic, other_case};

use crate::event::{Data, Kind, data};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task, ladder};
use crate::service::contact::Text;
use crate::service::figures::hours;
use crate::service::matter::call_back;
use crate::service::number::Series;
use crate::service::staff::Role;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Whoever handles complaints; by night the command centre's shift leader (R002).
const HANDLERS: [Role; 4] = [Role::FrontDesk, Role::ShiftLeader, Role::Supervisor, Role::ProjectManager];
/// R084: the CS manager, whose rights the supervisor has where a site has none.
const MANAGERS: [Role; 2] = [Role::Supervisor, Role::ProjectManager];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Received,
    Classified,
    Acknowledged,
    Investigating,
    MeasuresSet,
    ResultTold,
    CalledBack,
    Closed,
    /// It lives on as another case.
    Became,
    Withdrawn,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    pub phase: Phase,
    pub class: Option<Class>,
    /// R009, R099.
    pub major: bool,
    /// R132: only the project manager handles it.
    pub delicate: bool,
    /// R131.
    pub own_fault: bool,
    pub reopened: u16,
    /// R288: one rating for one handling.
    #[serde(default)]
    pub rated: bool,
}

impl Machine for Complaint {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Complaint;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.language = Some(request.language.clone());
        // R132: whoever apologises for a delay of such a complaint is the manager, not the desk.
        docket.reporter = request.topic != Topic::Favours;
        docket.facts = data([("category", json!(request.topic.name()))]);
        if let Some(unit) = &request.unit {
            docket.facts.insert("unit".into(), json!(unit.as_str()));
        }
        let figures = &record.house.figures.promise;
        let measures_by = record.now.utc + hours(figures.complaint_measures_hours);
        let first_call = (figures.complaint_first_call_hours > 0)
            .then(|| record.now.utc + hours(figures.complaint_first_call_hours));
        let mut facts = docket.facts.clone();
        facts.extend(data([
            ("channel", json!(docket.source.name())),
            ("language", json!(request.language)),
            // R116: the receipt names the time limit.
            ("measures_by", json!(measures_by.to_rfc3339())),
        ]));
        if let Some(class) = request.class {
            facts.insert("said_class".into(), json!(class.name()));
        }
        record.tell_about(Kind::ComplaintReceived, facts, person(request));
        docket.promise(Promise::Measures, Due::After(measures_by), record);
        if let Some(first_call) = first_call {
            docket.promise(Promise::FirstCall, Due::After(first_call), record);
        }
        let delicate = request.topic == Topic::Favours;
        let complaint = Complaint {
            phase: Phase::Received,
            class: None,
            major: false,
            delicate,
            own_fault: false,
            reopened: 0,
            rated: false,
        };
        if delicate {
            complaint.offer_to_manager(Errand::TakeUp, docket, record);
        } else {
            docket.offer(Errand::TakeUp, Data::new(), record);
            docket.offer(Errand::KnowComplaint, Data::new(), record);
        }
        complaint
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Received => "received",
            Phase::Classified => "classified",
            Phase::Acknowledged => "acknowledged",
            Phase::Investigating => "investigating",
            Phase::MeasuresSet => "measures-set",
            Phase::ResultTold => "result-told",
            Phase::CalledBack => "called-back",
            Phase::Closed => "closed",
            Phase::Became => "became",
            Phase::Withdrawn => "withdrawn",
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed | Phase::Became | Phase::Withdrawn)
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        if let Step::Rate { service, quality, time } = step {
            return self.rate([*service, *quality, *time], record);
        }
        self.needs(&HANDLERS, record)?;
        match step {
            Step::Rate { .. } => Ok(()),
            Step::Classify { class, major, authority } => {
                self.classify(*class, *major, authority.as_ref(), docket, record)
            }
            Step::Acknowledge { words, result_by } => self.acknowledge(words, *result_by, docket, record),
            Step::Investigate { team } => self.investigate(*team, docket, record),
            Step::Consult { departments, met } => self.consult(departments, *met, docket, record),
            Step::SetMeasures { measures, cause, own_fault } => {
                self.set_measures(measures, *cause, *own_fault, docket, record)
            }
            Step::Compensate { fen, what } => self.compensate(*fen, what, record),
            Step::Escalate { to } => self.escalate(*to, docket, record),
            Step::Progress { words } => self.progress(words, docket, record),
            Step::TellResult { words, channel } => self.tell_result(words, *channel, docket, record),
            Step::CallBack(said) => self.call_back(said, docket, record),
            Step::Announce { prevention } => self.announce(prevention, docket, record),
            Step::Becomes { case } => {
                self.order(self.phase == Phase::Classified)?;
                let kinds = self.class.map_or(&[][..], Class::becomes);
                self.order(!kinds.is_empty())?;
                if !kinds.contains(&case.series) {
                    return Err(Objection::WrongMatter);
                }
                self.phase = Phase::Became;
                record.tell(Kind::ComplaintClosed, data([("becomes", json!(case))]));
                Ok(())
            }
        }
    }

    fn may_follow(&self, step: &Step) -> bool {
        matches!(step, Step::Rate { .. }) && self.phase == Phase::Closed
    }

    fn allows(&self, task: &Task, news: &News, _: &Record<'_>) -> Result<(), Objection> {
        match (task.errand, news) {
            (Errand::TellResult, News::Done { .. }) => Err(Objection::Needs(Need::ResultTold)),
            (Errand::TellStaff, News::Done { .. }) => Err(Objection::Needs(Need::Text)),
            _ => call_back::allows(task, news),
        }
    }

    fn on_breach(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        // R099: up the ladder. What concerns the manager's own 48 hours is decided above the supervisor.
        let errand = if clock.promise == Promise::Measures { Errand::Decide } else { Errand::TakeOver };
        if self.delicate && docket.errands(Errand::Apologise).next().is_none() {
            self.offer_to_manager(Errand::Apologise, docket, record);
        }
        if docket.errands(errand).next().is_none() {
            let facts = data([("promise", json!(clock.promise.name()))]);
            if self.delicate {
                self.offer_to_manager(errand, docket, record);
            } else {
                docket.offer(errand, facts, record);
            }
        }
    }

    fn withdraw(&mut self, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        if record.by.role.is_some() {
            self.needs(&HANDLERS, record)?;
        }
        self.order(!matches!(self.phase, Phase::ResultTold | Phase::CalledBack))?;
        self.phase = Phase::Withdrawn;
        Ok(())
    }
}

impl Complaint {
    /// R132: a complaint about favours is nobody's but the manager's.
    fn needs(&self, roles: &[Role], record: &Record<'_>) -> Result<(), Objection> {
        record.needs_role(if self.delicate { &[Role::ProjectManager] } else { roles })
    }

    fn order(&self, fits: bool) -> Result<(), Objection> {
        if fits { Ok(()) } else { Err(Objection::Order(self.state())) }
    }

    /// Past the desk and the supervisor, to the manager.
    fn offer_to_manager(&self, errand: Errand, docket: &mut Docket, record: &mut Record<'_>) {
        let ladder = ladder::usual(record.house, Errand::Decide, None, record.now);
        docket.offer_to(errand, ladder, Data::new(), record);
    }

    /// R110-R112, R100.
    fn classify(
        &mut self,
        class: Class,
        major: bool,
        authority: Option<&Text>,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.order(matches!(self.phase, Phase::Received | Phase::Classified))?;
        if class == Class::ValidDuty && authority.is_none() {
            return Err(Objection::Needs(Need::Authority));
        }
        self.phase = Phase::Classified;
        self.class = Some(class);
        let level = if class.is_valid() { "valid" } else { "communicative" };
        let facts = data([("level", json!(level)), ("class", json!(class.name())), ("major", json!(major))]);
        docket.learn(&facts);
        let person = authority.map(|text| data([("authority", json!(text.as_str()))])).unwrap_or_default();
        record.tell_about(Kind::ComplaintClassified, facts, person);
        if major && !self.major {
            // R009: not a clerk's.
            docket.highlighted = true;
            self.offer_to_manager(Errand::Decide, docket, record);
        }
        self.major = self.major || major;
        Ok(())
    }

    /// R099: each level may be asked; the company's leaders directly only for what is major.
    fn escalate(&mut self, to: Level, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        self.order(to != Level::Leader || self.major)?;
        record.tell(Kind::ComplaintEscalated, data([("to", json!(to.name())), ("major", json!(self.major))]));
        match to {
            Level::Supervisor if !self.delicate => drop(docket.offer(Errand::TakeOver, Data::new(), record)),
            _ if docket.errands(Errand::Decide).next().is_none() => {
                self.offer_to_manager(Errand::Decide, docket, record);
            }
            _ => {}
        }
        Ok(())
    }
}

fn person(request: &Request) -> Data {
    let mut person = data([
        ("name", json!(request.name.as_str())),
        ("phone", json!(request.phone.as_str())),
        ("detail", json!(request.text.as_str())),
    ]);
    for (key, text) in [("wanted", &request.wanted), ("more", &request.more)] {
        if let Some(text) = text {
            person.insert(key.into(), json!(text.as_str()));
        }
    }
    person
}
