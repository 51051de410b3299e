//! 咨询: answered, or passed to a department, or a time is told at which it will be; there is no fourth outcome (R136).
//! What is written is answered in writing within two days (R085). A bare no is impossible (R144). The program itself
//! never answers: every enquiry reaches a person (R138).

#[cfg(test)]
mod tests;

use crate::event::{Data, Kind, Slug, data};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task};
use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::figures::hours;
use crate::service::number::Series;
use crate::service::staff::{Named, Role};
use crate::service::wording;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Furthest reply time that may be told: what is further is a typing error.
const LATEST_REPLY: TimeDelta = TimeDelta::days(30);
/// R144: one of these stands in what is said to somebody who cannot be served.
const APOLOGIES: [&str; 7] = ["抱歉", "对不起", "對不起", "不好意思", "请原谅", "請原諒", "sorry"];
const HANDLERS: [Role; 5] =
    [Role::FrontDesk, Role::ShiftLeader, Role::Engineer, Role::Supervisor, Role::ProjectManager];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub text: Text,
    /// R085: typed or on paper. What is asked by word of mouth is answered at once or at the time told (R086).
    pub written: bool,
    #[serde(default)]
    pub unit: Option<Unit>,
    /// R031, R037: who asks, and how to tell the result.
    pub name: Name,
    pub phone: Phone,
    pub language: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Received,
    Transferred,
    TimeTold,
    Answered,
    Closed,
    Withdrawn,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enquiry {
    pub phase: Phase,
    pub written: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// `told`: the asker has heard or read it already.
    Answer { words: Text, written: bool, told: bool },
    /// R136, R137.
    Transfer { department: Slug },
    /// R086.
    TellTime { by: DateTime<Utc> },
    /// R083.
    Progress { words: Text },
    /// R103-R105: a leader, by name.
    Escalate { to: Named },
    /// R143, R144: an apology, and where help can be had.
    OutOfScope {
        words: Text,
        #[serde(default)]
        alternative: Option<Text>,
        told: bool,
    },
    /// The asker has it; who does not understand or believe it is heard by a superior (R104).
    Told { understood: bool },
}

impl Machine for Enquiry {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Enquiry;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.language = Some(request.language.clone());
        docket.reporter = true;
        docket.facts = data([("written", json!(request.written))]);
        if let Some(unit) = &request.unit {
            docket.facts.insert("unit".into(), json!(unit.as_str()));
        }
        let mut facts = docket.facts.clone();
        facts.extend(data([("channel", json!(docket.source.name())), ("language", json!(request.language))]));
        let person = data([
            ("name", json!(request.name.as_str())),
            ("phone", json!(request.phone.as_str())),
            ("detail", json!(request.text.as_str())),
        ]);
        record.tell_about(Kind::EnquiryReceived, facts, person);
        let figures = record.house.figures.promise.clone();
        let now = record.now.utc;
        docket.promise(Promise::Progress, Due::After(now + hours(figures.enquiry_progress_hours)), record);
        if request.written {
            docket.promise(Promise::WrittenReply, Due::After(now + hours(figures.written_reply_hours)), record);
        }
        if figures.strict {
            docket.promise(Promise::Reply, Due::After(now + hours(figures.strict_reply_hours)), record);
        }
        docket.offer(Errand::TakeUp, Data::new(), record);
        Enquiry { phase: Phase::Received, written: request.written }
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Received => "received",
            Phase::Transferred => "transferred",
            Phase::TimeTold => "reply-time-told",
            Phase::Answered => "answered",
            Phase::Closed => "closed",
            Phase::Withdrawn => "withdrawn",
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed | Phase::Withdrawn)
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_role(&HANDLERS)?;
        match step {
            Step::Answer { words, written, told } => self.answer(words, *written, *told, docket, record),
            Step::Transfer { department } => {
                self.order(self.is_unanswered())?;
                self.phase = Phase::Transferred;
                let facts = data([("department", json!(department))]);
                record.tell(Kind::EnquiryTransferred, facts.clone());
                docket.keep(Promise::Reply, record);
                docket.done(Errand::TakeUp, record);
                docket.offer(Errand::TakeUp, facts, record);
                Ok(())
            }
            Step::TellTime { by } => self.tell_time(*by, docket, record),
            Step::Progress { words } => self.progress(words, docket, record),
            Step::Escalate { to } => self.escalate(to, docket, record),
            Step::OutOfScope { words, alternative, told } => {
                self.out_of_scope(words, alternative.as_ref(), *told, docket, record)
            }
            Step::Told { understood } => {
                self.order(self.phase == Phase::Answered)?;
                docket.done(Errand::TellResult, record);
                docket.keep(Promise::Result, record);
                if *understood {
                    self.close(record);
                } else {
                    self.phase = Phase::Transferred;
                    record.tell(Kind::EnquiryEscalated, data([("why", json!("not-understood"))]));
                    docket.offer(Errand::TakeOver, Data::new(), record);
                }
                Ok(())
            }
        }
    }

    fn allows(&self, task: &Task, news: &News, _: &Record<'_>) -> Result<(), Objection> {
        // R136: taking it up is an answer, a department or a time; nothing else takes it off the list.
        match (task.errand, news) {
            (Errand::TakeUp, News::Done { .. }) => Err(Objection::Needs(Need::AnswerOrTransfer)),
            (Errand::TakeOver, News::Done { .. }) if self.is_unanswered() => {
                Err(Objection::Needs(Need::AnswerOrTransfer))
            }
            (Errand::TellResult, News::Done { .. }) => Err(Objection::Needs(Need::ResultTold)),
            _ => Ok(()),
        }
    }

    fn on_breach(&mut self, _: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        if docket.errands(Errand::TakeOver).next().is_none() {
            docket.offer(Errand::TakeOver, Data::new(), record);
        }
    }

    fn withdraw(&mut self, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        self.phase = Phase::Withdrawn;
        Ok(())
    }
}

impl Enquiry {
    fn order(&self, fits: bool) -> Result<(), Objection> {
        if fits { Ok(()) } else { Err(Objection::Order(self.state())) }
    }

    const fn is_unanswered(&self) -> bool {
        matches!(self.phase, Phase::Received | Phase::Transferred | Phase::TimeTold)
    }

    fn answer(
        &mut self,
        words: &Text,
        written: bool,
        told: bool,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.order(self.is_unanswered())?;
        wording::passes(words)?;
        if self.written && !written {
            return Err(Objection::Needs(Need::WrittenReply));
        }
        let facts = data([("written", json!(written)), ("told", json!(told))]);
        record.tell_about(Kind::EnquiryAnswered, facts, data([("reply", json!(words.as_str()))]));
        self.answered(told, docket, record);
        Ok(())
    }

    fn out_of_scope(
        &mut self,
        words: &Text,
        alternative: Option<&Text>,
        told: bool,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.order(self.is_unanswered())?;
        let alternative = alternative.ok_or(Objection::Needs(Need::Alternative))?;
        wording::passes(words)?;
        wording::passes(alternative)?;
        if !APOLOGIES.iter().any(|apology| words.as_str().to_lowercase().contains(apology)) {
            return Err(Objection::Needs(Need::Apology));
        }
        let person = data([("reply", json!(words.as_str())), ("alternative", json!(alternative.as_str()))]);
        record.tell_about(Kind::EnquiryOutOfScope, data([("told", json!(told))]), person);
        self.answered(told, docket, record);
        Ok(())
    }

    fn answered(&mut self, told: bool, docket: &mut Docket, record: &mut Record<'_>) {
        for promise in [Promise::Reply, Promise::WrittenReply, Promise::Progress] {
            docket.keep(promise, record);
        }
        docket.done(Errand::TakeUp, record);
        docket.done(Errand::TakeOver, record);
        if told {
            self.close(record);
            return;
        }
        self.phase = Phase::Answered;
        // R037: somebody tells the asker.
        docket.offer(Errand::TellResult, Data::new(), record);
        if record.house.figures.promise.strict {
            let by = record.now.utc + hours(record.house.figures.promise.strict_result_hours);
            docket.promise(Promise::Result, Due::After(by), record);
        }
    }

    fn tell_time(&mut self, by: DateTime<Utc>, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        self.order(self.is_unanswered())?;
        if by <= record.now.utc || by > record.now.utc + LATEST_REPLY {
            return Err(Objection::Needs(Need::ReplyTime));
        }
        self.phase = Phase::TimeTold;
        record.tell(Kind::EnquiryTimeTold, data([("by", json!(by))]));
        docket.keep(Promise::Reply, record);
        docket.promise(Promise::Reply, Due::At(by), record);
        Ok(())
    }

    /// R083: and again within the next 24 hours, until it is answered.
    fn progress(&mut self, words: &Text, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        self.order(self.is_unanswered())?;
        wording::passes(words)?;
        record.tell_about(Kind::EnquiryProgress, Data::new(), data([("progress", json!(words.as_str()))]));
        docket.keep(Promise::Progress, record);
        let by = record.now.utc + hours(record.house.figures.promise.enquiry_progress_hours);
        docket.promise(Promise::Progress, Due::After(by), record);
        Ok(())
    }

    fn escalate(&mut self, to: &Named, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        self.order(self.is_unanswered())?;
        if to.name.trim().is_empty() {
            return Err(Objection::Needs(Need::Name));
        }
        self.phase = Phase::Transferred;
        let facts = data([("to", json!(to.id))]);
        record.tell_about(Kind::EnquiryEscalated, facts, data([("leader", json!(to.name))]));
        if docket.errands(Errand::TakeOver).next().is_none() {
            docket.offer(Errand::TakeOver, Data::new(), record);
        }
        Ok(())
    }

    fn close(&mut self, record: &mut Record<'_>) {
        self.phase = Phase::Closed;
        record.tell(Kind::EnquiryClosed, Data::new());
    }
}
