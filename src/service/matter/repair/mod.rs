//! A repair from the report to the call-back: dispatched at once (R052), no visit to a home without an appointment
//! (R244), no work there without consent (R252), checked and signed by the supervisor (R069), settled the same day
//! (R262), and never closed before somebody has asked whether all is well (R282).

mod after;
mod dispatch;
mod intake;
mod step;
#[cfg(test)]
mod tests;
mod work;

pub use intake::{Category, Danger, MAX_WINDOWS, Place, PublicPlace, RepairRequest, Span, Window};
pub use step::{Fee, Finish, Identity, Mode, Signature, Stars, Step, rating};

use crate::event::{Data, Kind, data};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Source, Task};
use crate::service::figures::hours;
use crate::service::matter::call_back;
use crate::service::number::Series;
use crate::service::staff::Role;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub type Request = RepairRequest;

/// Who agrees on times with residents, asks and calls back: the front desk, by night the command centre (R002).
const DESK: [Role; 4] = [Role::FrontDesk, Role::ShiftLeader, Role::Supervisor, Role::ProjectManager];
/// Who checks, signs and reviews fees (R068, R259).
const SUPERVISORS: [Role; 2] = [Role::Supervisor, Role::ProjectManager];
/// Who works; beside them whoever holds the task (R006).
const WORKERS: [Role; 3] = [Role::Engineer, Role::Supervisor, Role::ProjectManager];

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Received,
    Identified,
    Reappointed,
    Accepted,
    Arrived,
    NoAccess,
    FaultConfirmed,
    FeeReview,
    PlanMade,
    PlanAccepted,
    InWork,
    Done,
    Checked,
    Settled,
    CalledBack,
    Closed,
    Withdrawn,
}

impl Phase {
    const fn name(self) -> &'static str {
        match self {
            Phase::Received => "received",
            Phase::Identified => "identified",
            Phase::Reappointed => "reappointed",
            Phase::Accepted => "accepted",
            Phase::Arrived => "arrived",
            Phase::NoAccess => "no-access",
            Phase::FaultConfirmed => "fault-confirmed",
            Phase::FeeReview => "fee-review",
            Phase::PlanMade => "plan-made",
            Phase::PlanAccepted => "plan-accepted",
            Phase::InWork => "in-work",
            Phase::Done => "done",
            Phase::Checked => "checked",
            Phase::Settled => "settled",
            Phase::CalledBack => "called-back",
            Phase::Closed => "closed",
            Phase::Withdrawn => "withdrawn",
        }
    }

    /// It waits for somebody to take it.
    const fn is_offered(self) -> bool {
        matches!(self, Phase::Received | Phase::Identified | Phase::Reappointed)
    }

    /// Somebody has taken it and not yet begun.
    const fn is_taken(self) -> bool {
        use Phase::{Accepted, Arrived, FaultConfirmed, FeeReview, PlanAccepted, PlanMade};
        matches!(self, Accepted | Arrived | FaultConfirmed | FeeReview | PlanMade | PlanAccepted)
    }

    /// The work is over.
    const fn is_after(self) -> bool {
        matches!(self, Phase::Done | Phase::Checked | Phase::Settled | Phase::CalledBack)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    pub phase: Phase,
    /// R048: in somebody's home.
    pub home: bool,
    /// R097: starts at once, needs no appointment.
    pub danger: Option<Danger>,
    /// R032.
    pub identified: bool,
    /// Times that the resident offered; spent when the repair is reopened or nobody was there.
    pub offered: Vec<Span>,
    /// The time agreed since (R026), and whether another was agreed before (R060).
    pub agreed: Option<Span>,
    pub reappointed: bool,
    /// R060: the project manager has consented, and nobody can be sent.
    pub consent: bool,
    /// R245.
    pub confirmed_home: bool,
    /// R259: a price that the supervisor approved.
    pub reviewed: Option<Fee>,
    /// R034: the price of the plan.
    pub plan: Option<Fee>,
    /// What the customer owes, by the accepted plan.
    pub owed: Fee,
    pub settled: bool,
    /// R064: a time past the end of the notifier's shift was told to the central system.
    pub handed_over: bool,
    /// Whoever reported it is not the resident: the result goes back there too (R071, R283).
    pub proxy: bool,
    /// R286.
    pub reopened: u16,
    /// R288: one rating for one piece of work.
    #[serde(default)]
    pub rated: bool,
}

impl Machine for Repair {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Repair;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        let repair = Repair::received(request, docket, record);
        docket.language = Some(request.language.clone());
        docket.reporter = true;
        docket.facts = data([("category", json!(request.category.name()))]);
        docket.facts.extend(request.place.facts());
        if let Some(danger) = request.danger {
            docket.facts.insert("danger".into(), json!(danger.name()));
        }
        if let (Place::Home(_), Some(at_home)) = (&request.place, request.at_home) {
            docket.facts.insert("at_home".into(), json!(at_home));
        }
        let solve_by = record.now.utc + hours(record.house.figures.promise.repair_solve_hours);
        let mut facts = docket.facts.clone();
        facts.extend(data([
            ("windows", json!(request.windows().map(Window::name).collect::<Vec<_>>())),
            ("solve_by", json!(solve_by.to_rfc3339())),
            ("channel", json!(docket.source.name())),
            ("language", json!(request.language)),
        ]));
        record.tell_about(Kind::RepairReceived, facts, request.person());
        docket.promise(Promise::Solve, Due::After(solve_by), record);
        if repair.danger.is_some() {
            // R108: beside the repair itself, whoever can be there first.
            docket.offer(Errand::SeeEmergency, Data::new(), record);
        }
        if let Place::Home(unit) = &request.place
            && record.house.vacant.contains(unit)
        {
            // R079: whoever reports it hears nothing of this.
            docket.offer(Errand::SeeUnit, data([("why", json!("vacant-unit"))]), record);
        }
        docket.offer(Errand::Repair, Data::new(), record);
        if docket.source != Source::Kiosk && !record.by.is(&[Role::FrontDesk]) {
            // R007: the front desk hears of what somebody else has noted.
            docket.offer(Errand::TakeUp, Data::new(), record);
        }
        repair
    }

    fn state(&self) -> &'static str {
        self.phase.name()
    }

    fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed | Phase::Withdrawn)
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::Identify { how } => self.identify(*how, record),
            Step::Appoint { at } => self.appoint(*at, docket, record),
            Step::AskConsent => self.ask_consent(docket, record),
            Step::Consent { given, nobody_available } => self.consent(*given, *nobody_available, docket, record),
            Step::Reappoint { at, with } => self.reappoint(*at, with.as_ref(), docket, record),
            Step::ConfirmHome { channel } => self.confirm_home(*channel, record),
            Step::ComplainOfDelay { words } => self.complain(words.as_ref(), docket, record),
            Step::NoAccess { knocks } => self.no_access(*knocks, docket, record),
            Step::ConfirmFault { category, fault } => self.confirm_fault(*category, fault, docket, record),
            Step::AskFee { what } => self.ask_fee(what, docket, record),
            Step::ReviewFee { approved, fee } => self.review_fee(*approved, *fee, docket, record),
            Step::MakePlan { plan, fee, listed } => self.make_plan(plan, *fee, *listed, docket, record),
            Step::AnswerPlan { accepted } => self.answer_plan(*accepted, record),
            Step::Start { entry_consent } => self.start(*entry_consent, docket, record),
            Step::Progress { text } => self.progress(text, docket, record),
            Step::Done(finish) => self.finish(finish, docket, record),
            Step::Check { passed } => self.check(*passed, docket, record),
            Step::Settle { paid, receipt } => self.settle(*paid, receipt, docket, record),
            Step::CallBack(said) => self.call_back(said, docket, record),
            Step::Rate { service, quality, time } => self.rate([*service, *quality, *time], record),
        }
    }

    fn may_follow(&self, step: &Step) -> bool {
        matches!(step, Step::Rate { .. }) && self.phase == Phase::Closed
    }

    /// What the regulations ask for comes by this machine's own steps, never by a bare "done".
    fn allows(&self, task: &Task, news: &News, _: &Record<'_>) -> Result<(), Objection> {
        match (task.errand, news) {
            (Errand::Repair, News::Claimed { eta, .. }) => self.may_come(eta.map(Due::time)),
            (Errand::AskReporter, News::Done { outcome, .. }) => match outcome.as_ref().map(|word| word.as_str()) {
                Some("came" | "not-come" | "no-answer") => Ok(()),
                _ => Err(Objection::Needs(Need::Outcome)),
            },
            (Errand::Repair, News::Done { .. }) => Err(Objection::Needs(Need::Signature)),
            (Errand::Consent, News::Done { .. }) => Err(Objection::Needs(Need::ManagerConsent)),
            (Errand::Reappoint | Errand::Revisit, News::Done { .. }) => Err(Objection::Needs(Need::Appointment)),
            (Errand::ReviewFee, News::Done { .. }) => Err(Objection::Needs(Need::FeeReview)),
            (Errand::CheckWork, News::Done { .. }) => Err(Objection::Needs(Need::SupervisorCheck)),
            _ => call_back::allows(task, news),
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, docket: &mut Docket, record: &mut Record<'_>) {
        match (task.errand, news) {
            (Errand::Repair, News::Claimed { eta, .. }) => {
                self.phase = Phase::Accepted;
                record.tell(Kind::RepairAccepted, data([("eta", json!(eta.map(Due::time)))]));
            }
            (Errand::Repair, News::Arrived { .. }) => {
                self.phase = Phase::Arrived;
                record.tell(Kind::RepairArrived, data([("confirmed_home", json!(self.confirmed_home))]));
            }
            (Errand::Repair, News::Lost | News::Exhausted) => self.back_to_the_ladder(docket, record),
            (Errand::AskReporter, News::Done { outcome, channel, .. }) => {
                let answer = outcome.as_ref().map(|word| word.as_str()).unwrap_or_default();
                let channel = channel.map(|channel| channel.name());
                record.tell(Kind::RepairArrivalAsked, data([("answer", json!(answer)), ("channel", json!(channel))]));
                match answer {
                    // R055, R059: whoever agreed to come is not there, and has a superior.
                    "not-come" if self.phase == Phase::Accepted => {
                        docket.take_back(Errand::Repair, "not-come", record);
                        self.back_to_the_ladder(docket, record);
                    }
                    "no-answer" if self.phase == Phase::Accepted => docket.try_again(task, record),
                    _ => {}
                }
            }
            (Errand::TellResult, News::Done { .. }) if self.phase == Phase::CalledBack => self.close(record),
            _ => {}
        }
    }

    fn on_breach(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        // Late arrivals climb by themselves; the rest is a superior's.
        let grave = matches!(clock.promise, Promise::Solve | Promise::Settle | Promise::CallBack | Promise::Result);
        if grave && docket.errands(Errand::TakeOver).next().is_none() {
            docket.offer(Errand::TakeOver, data([("promise", json!(clock.promise.name()))]), record);
        }
    }

    fn on_timer(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        match clock.promise {
            Promise::Redispatch if self.phase == Phase::Reappointed => {
                // R063: the oral dispatch is repeated.
                docket.offer(Errand::Repair, data([("repeated", json!(true))]), record);
            }
            Promise::Look => self.look_at_the_time(docket, record),
            _ => {}
        }
    }

    fn withdraw(&mut self, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        if self.phase.is_offered() || self.phase.is_taken() || self.phase == Phase::NoAccess {
            self.phase = Phase::Withdrawn;
            Ok(())
        } else {
            Err(Objection::Order(self.state()))
        }
    }
}

impl Repair {
    fn received(request: &Request, docket: &Docket, record: &Record<'_>) -> Self {
        let spans = request.windows().map(|window| window.span(record.now.utc, record.house));
        let own = matches!(docket.source, Source::Kiosk | Source::Phone | Source::Intercom | Source::WalkIn);
        Repair {
            phase: Phase::Received,
            home: matches!(request.place, Place::Home(_)),
            danger: request.danger,
            identified: false,
            offered: spans.collect(),
            agreed: None,
            reappointed: false,
            consent: false,
            confirmed_home: false,
            reviewed: None,
            plan: None,
            owed: Fee::default(),
            settled: false,
            handed_over: false,
            proxy: !own,
            reopened: 0,
            rated: false,
        }
    }

    /// Whether this may happen in this phase.
    fn order(&self, fits: bool) -> Result<(), Objection> {
        if fits { Ok(()) } else { Err(Objection::Order(self.state())) }
    }

    fn close(&mut self, record: &mut Record<'_>) {
        self.phase = Phase::Closed;
        record.tell(Kind::RepairClosed, data([("reopened", json!(self.reopened))]));
    }
}
