//! A visit: from "您好,请问您找哪一位?" (R161) to "欢迎您再来" (R171). A host who is not there and a host who does not want to
//! come are one answer (R169): no state, event or field may ever tell them apart.

mod again;
mod intake;
mod leaving;
mod message;
#[cfg(test)]
mod tests;

pub use again::Earlier;
pub use intake::{Purpose, Refusal, SignIn, WayIn};
pub use leaving::{Leaver, OpenVisit, SignOut, SignedOut, key, leaving};

use crate::event::{Data, Kind, data};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task};
use crate::service::contact::Text;
use crate::service::figures::minutes;
use crate::service::identity::{Declared, NOTICE};
use crate::service::number::Series;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How long after the end of the day who has not signed out is presumed to have left: the guards' evening check takes
/// that long, and nobody who came a moment ago is presumed anything. Ours.
const CHECK_TAKES: TimeDelta = TimeDelta::minutes(60);
/// Whoever was seen in the evening is not presumed to have left that night: the next end of a day counts.
const STAYS: TimeDelta = TimeDelta::hours(12);

/// What a call to the host may bring: 马上来, 请上来, 请稍候, not there; or somebody has let the visitor in meanwhile.
const HOST_ANSWERS: [&str; 5] = ["coming", "come-up", "wait", "not-here", "admitted"];
/// R167.
const BUTLER_ANSWERS: [&str; 3] = ["let-in", "refused", "call-host"];
/// What a guard who sees the visitor may do; to turn him away is a step of its own, with a reason.
const GUARD_ANSWERS: [&str; 3] = ["call-host", "admitted", "waits"];

pub type Request = SignIn;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Arrived,
    /// A guard looks after him: no identity (R165), quiet hours (R239), a vacant unit (R079).
    GuardCheck,
    ButlerCalled,
    /// Somebody is calling the host.
    HostCalled,
    /// The host asks him to wait.
    Waiting,
    Coming,
    /// R169.
    NotHere,
    /// R170: not in the house; what he left is still to be told.
    MessageLeft,
    Admitted,
    /// R162, R168.
    CardOk,
    TurnedAway,
    SignedOut,
}

impl Phase {
    const fn name(self) -> &'static str {
        match self {
            Phase::Arrived => "arrived",
            Phase::GuardCheck => "guard-check",
            Phase::ButlerCalled => "butler-called",
            Phase::HostCalled => "host-called",
            Phase::Waiting => "waiting",
            Phase::Coming => "coming",
            Phase::NotHere => "not-here",
            Phase::MessageLeft => "message-left",
            Phase::Admitted => "admitted",
            Phase::CardOk => "card-ok",
            Phase::TurnedAway => "turned-away",
            Phase::SignedOut => "signed-out",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub phase: Phase,
    /// Has signed out; only his message is still to be told.
    #[serde(default)]
    pub gone: bool,
    /// R079: nobody lives there, and the glass shows what it would if somebody did: else anybody could ask it of any unit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hushed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// A guard has seen a valid card (R162, R168).
    CardShown,
    /// R166.
    CardForgotten,
    /// R165: does not want to show who he is.
    RefuseIdentity,
    /// The host shall be called (again): the guard decides, also in quiet hours (R239).
    CallHost,
    Admit,
    TurnAway {
        reason: Refusal,
    },
    /// R170; `card`: a visiting card was left with it.
    LeaveMessage {
        text: Text,
        #[serde(default)]
        card: bool,
    },
    /// R170: he leaves no words; the host may call him back.
    AskCallBack,
    /// The evening's check has found him in the house.
    StillHere,
    /// At the kiosk, or noted by a guard.
    SignOut,
}

/// Why a guard is asked to look after a visitor.
#[derive(Debug, Clone, Copy)]
enum Why {
    VacantUnit,
    Identity,
    QuietHours,
    LongWait,
}

impl Why {
    const fn name(self) -> &'static str {
        match self {
            Why::VacantUnit => "vacant-unit",
            Why::Identity => "identity",
            Why::QuietHours => "quiet-hours",
            Why::LongWait => "long-wait",
        }
    }
}

impl Visit {
    /// Its state as the glass shows it to whoever has signed in.
    pub fn shown(&self) -> &'static str {
        match self.phase {
            Phase::GuardCheck if self.hushed => Phase::Arrived.name(),
            phase => phase.name(),
        }
    }

    /// In the house: on the muster list.
    pub fn is_inside(&self) -> bool {
        matches!(self.phase, Phase::Admitted | Phase::CardOk)
    }

    /// In the lobby, and not yet let in.
    fn is_waiting(&self) -> bool {
        use Phase::*;
        matches!(self.phase, Arrived | GuardCheck | ButlerCalled | HostCalled | Waiting | Coming | NotHere)
    }

    /// # Errors
    /// When the visitor does not wait any more.
    fn needs_waiting(&self) -> Result<(), Objection> {
        if self.is_waiting() { Ok(()) } else { Err(Objection::Order(self.state())) }
    }

    /// Moves on; nobody is asked any more for what was before.
    fn turn(&mut self, phase: Phase, docket: &mut Docket, record: &mut Record<'_>) {
        for errand in [Errand::CallHost, Errand::AskButler, Errand::SeePerson] {
            docket.cancel(errand, "overtaken", record);
        }
        docket.release(Promise::Look, "overtaken", record);
        self.phase = phase;
    }

    fn call_host(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        self.turn(Phase::Arrived, docket, record);
        docket.offer(Errand::CallHost, Data::new(), record);
    }

    /// The host has invited him and hears that he is there.
    fn tell_host(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        self.turn(Phase::Arrived, docket, record);
        docket.offer(Errand::CallHost, data([("what", json!("invited-guest"))]), record);
    }

    fn call_butler(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        self.turn(Phase::ButlerCalled, docket, record);
        record.tell(Kind::VisitCardForgotten, Data::new());
        docket.offer(Errand::AskButler, Data::new(), record);
    }

    fn alert(&mut self, why: Why, docket: &mut Docket, record: &mut Record<'_>) {
        self.turn(Phase::GuardCheck, docket, record);
        let why = data([("why", json!(why.name()))]);
        record.tell(Kind::VisitGuardAlerted, why.clone());
        docket.offer(Errand::SeePerson, why, record);
    }

    fn accept_card(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        self.turn(Phase::CardOk, docket, record);
        record.tell(Kind::VisitCardAccepted, Data::new());
    }

    fn admit(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        self.turn(Phase::Admitted, docket, record);
        record.tell(Kind::VisitAdmitted, Data::new());
    }

    fn turn_away(&mut self, reason: Refusal, docket: &mut Docket, record: &mut Record<'_>) {
        self.turn(Phase::TurnedAway, docket, record);
        record.tell(Kind::VisitTurnedAway, data([("reason", json!(reason.name()))]));
    }

    fn wait(&mut self, phase: Phase, docket: &mut Docket, record: &mut Record<'_>) {
        self.turn(phase, docket, record);
        let long = minutes(record.house.figures.visit.long_wait_minutes);
        docket.promise(Promise::Look, Due::After(record.now.utc + long), record);
    }

    fn sign_out(&mut self, by: &str, record: &mut Record<'_>) -> Result<(), Objection> {
        match self.phase {
            Phase::MessageLeft if self.gone => return Err(Objection::Order(self.state())),
            // What he left is still to be told: that keeps the case open (R170).
            Phase::MessageLeft => self.gone = true,
            _ => self.phase = Phase::SignedOut,
        }
        record.tell(Kind::VisitSignedOut, data([("signed_out_by", json!(by))]));
        Ok(())
    }

    fn host_answered(&mut self, answer: &str, docket: &mut Docket, record: &mut Record<'_>) {
        if answer != "admitted" {
            record.tell(Kind::VisitHostAnswered, data([("answer", json!(answer))]));
        }
        match answer {
            "coming" => self.wait(Phase::Coming, docket, record),
            "wait" => self.wait(Phase::Waiting, docket, record),
            "come-up" | "admitted" => self.admit(docket, record),
            _ => self.turn(Phase::NotHere, docket, record),
        }
    }

    fn butler_answered(&mut self, answer: &str, docket: &mut Docket, record: &mut Record<'_>) {
        record.tell(Kind::VisitButlerAnswered, data([("answer", json!(answer))]));
        match answer {
            "let-in" => self.admit(docket, record),
            "call-host" => self.call_host(docket, record),
            _ => self.turn_away(Refusal::CardNotConfirmed, docket, record),
        }
    }

    fn guard_answered(&mut self, answer: &str, docket: &mut Docket, record: &mut Record<'_>) {
        match answer {
            "admitted" => self.admit(docket, record),
            "call-host" => self.call_host(docket, record),
            _ => self.wait(self.phase, docket, record),
        }
    }
}

/// When who has not signed out by then is presumed to have left.
fn day_end(docket: &mut Docket, after: DateTime<Utc>, record: &mut Record<'_>) {
    let at = record.house.next(record.house.figures.visit.day_end, after - CHECK_TAKES) + CHECK_TAKES;
    docket.promise(Promise::DayEnd, Due::At(at), record);
}

impl Machine for Visit {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Visit;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.language = Some(request.language.clone());
        docket.key = docket.facts.get("invitation").and_then(|id| id.as_str()).map(key);
        docket.facts.extend(data([
            ("unit", json!(request.unit.as_str())),
            ("purpose", json!(request.purpose.name())),
            ("heads", json!(request.heads)),
        ]));
        let mut facts = docket.facts.clone();
        facts.extend(data([("language", json!(request.language)), ("channel", json!(docket.source.name()))]));
        let declared = request.identity.as_ref().map(|consent| &consent.declared);
        let (tail, reference) = match declared {
            Some(Declared::Given { tail, reference }) => (Some(tail.as_str()), Some(reference.as_str())),
            Some(Declared::Declined) | None => (None, None),
        };
        if let Some(consent) = &request.identity {
            let read = json!({ "notice": NOTICE, "days": consent.days, "consent": tail.is_some() });
            facts.insert("identity".into(), read);
        }
        let host = match &request.way_in {
            WayIn::Invitation { host } => Some(host),
            _ => None,
        };
        let said = [
            ("host", host.map(|host| host.as_str())),
            ("name", request.name.as_ref().map(|name| name.as_str())),
            ("phone", request.phone.as_ref().map(|phone| phone.as_str())),
            ("identity_tail", tail),
            ("identity_ref", reference),
            ("note", request.note.as_ref().map(Text::as_str)),
        ];
        let person = said.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value?)))).collect();
        record.tell_about(Kind::VisitArrived, facts, person);
        let vacant = record.house.vacant.contains(&request.unit);
        let declined = declared == Some(&Declared::Declined);
        let unknown = request.name.is_none() || request.phone.is_none() || declined;
        let quiet = record.house.is_quiet(record.now.utc);
        // What would lead to the guard in any unit shows him in this one, too.
        let hushed = vacant
            && match &request.way_in {
                WayIn::Host => !unknown && !quiet,
                WayIn::Invitation { .. } => true,
                WayIn::Card | WayIn::ForgottenCard => false,
            };
        let mut visit = Visit { phase: Phase::Arrived, gone: false, hushed };
        match &request.way_in {
            _ if vacant => visit.alert(Why::VacantUnit, docket, record),
            WayIn::Card => visit.accept_card(docket, record),
            WayIn::ForgottenCard => visit.call_butler(docket, record),
            WayIn::Host if unknown => visit.alert(Why::Identity, docket, record),
            WayIn::Host if quiet => visit.alert(Why::QuietHours, docket, record),
            WayIn::Host => visit.call_host(docket, record),
            // The host has said who may come and when, also in the quiet hours (R239).
            WayIn::Invitation { .. } => visit.tell_host(docket, record),
        }
        day_end(docket, record.now.utc, record);
        visit
    }

    fn state(&self) -> &'static str {
        self.phase.name()
    }

    fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::TurnedAway | Phase::SignedOut)
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::CardForgotten
            | Step::RefuseIdentity
            | Step::LeaveMessage { .. }
            | Step::AskCallBack
            | Step::SignOut => {
                record.needs_person()?;
            }
            _ => record.needs_staff()?,
        }
        match step {
            Step::SignOut => {
                let by = if record.by.role.is_some() { "staff" } else { "visitor" };
                return self.sign_out(by, record);
            }
            Step::StillHere if self.is_inside() => {
                record.tell(Kind::VisitSeen, Data::new());
                day_end(docket, record.now.utc + STAYS, record);
                return Ok(());
            }
            _ => self.needs_waiting()?,
        }
        match step {
            Step::CardShown => self.accept_card(docket, record),
            Step::CardForgotten => self.call_butler(docket, record),
            Step::RefuseIdentity => self.alert(Why::Identity, docket, record),
            Step::CallHost => self.call_host(docket, record),
            Step::Admit => self.admit(docket, record),
            Step::TurnAway { reason } => self.turn_away(*reason, docket, record),
            Step::LeaveMessage { text, card } => {
                let said = data([("message", json!(text.as_str()))]);
                self.leave_message("visitor-message", *card, said, docket, record);
            }
            Step::AskCallBack => self.leave_message("visitor-call-back", false, Data::new(), docket, record),
            Step::StillHere | Step::SignOut => return Err(Objection::Order(self.state())),
        }
        Ok(())
    }

    fn allows(&self, task: &Task, news: &News, _: &Record<'_>) -> Result<(), Objection> {
        let News::Done { outcome, noted, .. } = news else { return Ok(()) };
        let known: &[&str] = match task.errand {
            // R169: what the host really said is kept nowhere, not even in a note.
            Errand::CallHost if *noted => return Err(Objection::NotKept),
            Errand::CallHost => &HOST_ANSWERS,
            Errand::AskButler => &BUTLER_ANSWERS,
            Errand::SeePerson => &GUARD_ANSWERS,
            _ => return Ok(()),
        };
        let said = outcome.as_ref().is_some_and(|outcome| known.contains(&outcome.as_str()));
        if said { Ok(()) } else { Err(Objection::Needs(Need::Outcome)) }
    }

    fn on_task(&mut self, task: &Task, news: &News, docket: &mut Docket, record: &mut Record<'_>) {
        let answer = match news {
            News::Done { outcome, .. } => outcome.as_ref().map_or("", |outcome| outcome.as_str()),
            _ => "",
        };
        match (task.errand, news) {
            (Errand::CallHost, News::Claimed { .. }) => {
                self.phase = Phase::HostCalled;
                record.tell(Kind::VisitHostCalled, Data::new());
            }
            (Errand::CallHost, News::Lost | News::Exhausted) => self.phase = Phase::Arrived,
            (Errand::CallHost, News::Done { .. }) => self.host_answered(answer, docket, record),
            (Errand::AskButler, News::Done { .. }) => self.butler_answered(answer, docket, record),
            (Errand::SeePerson, News::Done { .. }) => self.guard_answered(answer, docket, record),
            (Errand::TellResult, News::Done { .. }) => {
                self.phase = Phase::SignedOut;
                docket.keep(Promise::PassOn, record);
                record.tell(Kind::VisitMessageTold, Data::new());
            }
            _ => {}
        }
    }

    fn on_timer(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        match clock.promise {
            Promise::Look => {
                let why = data([("why", json!(Why::LongWait.name()))]);
                docket.offer(Errand::SeePerson, why, record);
            }
            Promise::DayEnd if self.phase == Phase::MessageLeft => {}
            // He came a moment ago, or the day that ended was the one of a clock that did not know the time.
            Promise::DayEnd if clock.is_overtaken() || record.now.utc < docket.opened + CHECK_TAKES => {
                day_end(docket, record.now.utc, record);
            }
            Promise::DayEnd => {
                // 推定: nobody has seen him leave.
                record.tell(Kind::VisitSignedOut, data([("signed_out_by", json!("presumed"))]));
                self.phase = Phase::SignedOut;
            }
            _ => {}
        }
    }
}
