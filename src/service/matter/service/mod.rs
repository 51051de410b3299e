//! 便民服务: asked for by number, priced before it is agreed (R270), done at a time that suits and disturbs nobody (R269),
//! in a home only with consent (R252), settled with a receipt, and called back. There is no field for a tip (R265).

mod catalogue;
mod home;
#[cfg(test)]
mod tests;

pub use catalogue::{CATALOGUE, Entry, Item, Price};

use super::repair::{Fee, Span, Stars, Window, rating};
use super::{CallBack, call_back};
use crate::event::{Data, Kind, Slug, data};
use crate::service::case::{
    Channel, Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task,
};
use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::figures::hours;
use crate::service::number::Series;
use crate::service::price::Range;
use crate::service::staff::Role;
use crate::service::wording;
use serde::{Deserialize, Serialize};
use serde_json::json;

const HANDLERS: [Role; 5] =
    [Role::FrontDesk, Role::ShiftLeader, Role::Engineer, Role::Supervisor, Role::ProjectManager];
/// Times that somebody may wish for; more are not looked at.
const MAX_WINDOWS: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub item: Item,
    #[serde(default)]
    pub wish: Option<Text>,
    #[serde(default)]
    pub windows: Vec<Window>,
    /// R270: 业户姓名, 住址; the phone is ours.
    pub unit: Unit,
    pub name: Name,
    pub phone: Phone,
    pub language: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Requested,
    Quoted,
    Agreed,
    /// At the door of a home, and not yet let in.
    Arrived,
    /// Nobody was at home; the resident names another time.
    NoAccess,
    Started,
    Done,
    Settled,
    Closed,
    /// We cannot, and said who can (R144).
    Declined,
    Withdrawn,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    pub phase: Phase,
    pub item: Item,
    /// R042.
    pub approved: bool,
    pub quoted: Option<Fee>,
    pub agreed: Option<Span>,
    pub reopened: u16,
    /// R288: one rating for one service.
    #[serde(default)]
    pub rated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// R041, R042: the papers that were seen, and whether they will do.
    Review {
        documents: Vec<Slug>,
        approved: bool,
    },
    /// R270, R261: told to the customer, labour and material apart.
    Quote {
        fee: Fee,
        channel: Channel,
    },
    /// R269: the customer agrees to price and time.
    Agree {
        at: Span,
    },
    /// R144: not without saying who can.
    Decline {
        words: Text,
        alternative: Option<Text>,
    },
    /// R252: whether somebody has let us in.
    Start {
        entry_consent: bool,
    },
    /// R249.
    NoAccess {
        knocks: u8,
    },
    Done {
        result: Text,
        accepted: bool,
    },
    Settle {
        paid: u32,
        receipt: Slug,
    },
    CallBack(CallBack),
    /// R288.
    Rate {
        service: Stars,
        quality: Stars,
        time: Stars,
    },
}

impl Machine for Service {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Service;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.language = Some(request.language.clone());
        docket.reporter = true;
        docket.facts = data([("category", json!(request.item.entry().code)), ("unit", json!(request.unit.as_str()))]);
        let windows: Vec<&str> = request.windows.iter().take(MAX_WINDOWS).map(|window| window.name()).collect();
        let mut facts = docket.facts.clone();
        facts.extend(data([
            ("windows", json!(windows)),
            ("channel", json!(docket.source.name())),
            ("language", json!(request.language)),
        ]));
        let mut person = data([("name", json!(request.name.as_str())), ("phone", json!(request.phone.as_str()))]);
        if let Some(wish) = &request.wish {
            person.insert("detail".into(), json!(wish.as_str()));
        }
        record.tell_about(Kind::ServiceRequested, facts, person);
        let service = Service {
            phase: Phase::Requested,
            item: request.item,
            approved: false,
            quoted: None,
            agreed: None,
            reopened: 0,
            rated: false,
        };
        service.ask_the_desk(docket, record);
        service
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Requested => "requested",
            Phase::Quoted => "quoted",
            Phase::Agreed => "agreed",
            Phase::Arrived => "arrived",
            Phase::NoAccess => "no-access",
            Phase::Started => "started",
            Phase::Done => "done",
            Phase::Settled => "settled",
            Phase::Closed => "closed",
            Phase::Declined => "declined",
            Phase::Withdrawn => "withdrawn",
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed | Phase::Declined | Phase::Withdrawn)
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::Agree { at } => return self.agree(*at, docket, record),
            Step::Rate { service, quality, time } => return self.rate([*service, *quality, *time], record),
            _ => {}
        }
        record.needs_role(&HANDLERS)?;
        match step {
            Step::Review { documents, approved } => {
                self.order(self.item.entry().reviewed && self.phase == Phase::Requested)?;
                self.approved = *approved;
                let facts = data([("documents", json!(documents)), ("approved", json!(approved))]);
                record.tell(Kind::ServiceReviewed, facts);
                Ok(())
            }
            Step::Quote { fee, channel } => self.quote(*fee, *channel, docket, record),
            Step::Agree { .. } | Step::Rate { .. } => Ok(()),
            Step::Start { entry_consent } => self.start(*entry_consent, record),
            Step::NoAccess { knocks } => self.no_access(*knocks, docket, record),
            Step::Decline { words, alternative } => self.decline(words, alternative.as_ref(), docket, record),
            Step::Done { result, accepted } => self.finish(result, *accepted, docket, record),
            Step::Settle { paid, receipt } => self.settle(*paid, receipt, docket, record),
            Step::CallBack(said) => self.call_back(said, docket, record),
        }
    }

    fn may_follow(&self, step: &Step) -> bool {
        matches!(step, Step::Rate { .. }) && self.phase == Phase::Closed
    }

    fn allows(&self, task: &Task, news: &News, _: &Record<'_>) -> Result<(), Objection> {
        match (task.errand, news) {
            (Errand::AskReporter, News::Done { outcome, .. }) => match outcome.as_ref().map(|word| word.as_str()) {
                Some("came" | "not-come" | "no-answer") => Ok(()),
                _ => Err(Objection::Needs(Need::Outcome)),
            },
            (Errand::TakeUp, News::Done { .. }) => Err(Objection::Needs(Need::Price)),
            (Errand::Serve, News::Done { .. }) => Err(Objection::Needs(Need::Outcome)),
            (Errand::Revisit, News::Done { .. }) => Err(Objection::Needs(Need::Appointment)),
            // R269: at the time that was agreed.
            (Errand::Serve, News::Claimed { eta, .. }) => match (eta, &self.agreed) {
                (Some(eta), Some(agreed)) if agreed.holds(eta.time()) => Ok(()),
                _ => Err(Objection::Needs(Need::Appointment)),
            },
            _ => call_back::allows(task, news),
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, docket: &mut Docket, record: &mut Record<'_>) {
        match (task.errand, news) {
            (Errand::AskReporter, News::Done { outcome: Some(answer), .. }) if self.phase == Phase::Agreed => {
                match answer.as_str() {
                    // R055, R059: whoever agreed to come is not there, and has a superior.
                    "not-come" => docket.take_back(Errand::Serve, "not-come", record),
                    "no-answer" => docket.try_again(task, record),
                    _ => {}
                }
            }
            (Errand::Serve, News::Arrived { .. }) => self.arrived(record),
            (Errand::Serve, News::Lost | News::Exhausted) => self.phase = Phase::Agreed,
            _ => {}
        }
    }

    fn on_breach(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        if clock.task.is_none() && docket.errands(Errand::TakeOver).next().is_none() {
            docket.offer(Errand::TakeOver, data([("promise", json!(clock.promise.name()))]), record);
        }
    }

    fn withdraw(&mut self, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        self.order(self.is_open_to_refusal())?;
        self.phase = Phase::Withdrawn;
        Ok(())
    }
}

impl Service {
    fn order(&self, fits: bool) -> Result<(), Objection> {
        if fits { Ok(()) } else { Err(Objection::Order(self.state())) }
    }

    /// Nothing has been done yet: both sides may still leave it.
    const fn is_open_to_refusal(&self) -> bool {
        use Phase::{Agreed, Arrived, NoAccess, Quoted, Requested};
        matches!(self.phase, Requested | Quoted | Agreed | Arrived | NoAccess)
    }

    fn ask_the_desk(&self, docket: &mut Docket, record: &mut Record<'_>) {
        let by = record.now.utc + hours(record.house.figures.promise.service_confirm_hours);
        docket.promise(Promise::Reply, Due::After(by), record);
        docket.offer(Errand::TakeUp, data([("by_phone", json!(self.item.entry().by_phone))]), record);
    }

    fn quote(
        &mut self,
        fee: Fee,
        channel: Channel,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.order(matches!(self.phase, Phase::Requested | Phase::Quoted))?;
        let entry = self.item.entry();
        if entry.reviewed && !self.approved {
            return Err(Objection::Needs(Need::Approval));
        }
        if entry.by_phone && channel != Channel::Phone {
            return Err(Objection::Needs(Need::PhoneCall));
        }
        if let Price::Listed(Range { from, to }) = self.item.price(&record.house.figures.price)
            && !(from..=to).contains(&fee.labour)
        {
            // R260: from the list.
            return Err(Objection::Needs(Need::Price));
        }
        self.phase = Phase::Quoted;
        self.quoted = Some(fee);
        let mut facts = lines(fee);
        facts.insert("channel".into(), json!(channel.name()));
        record.tell(Kind::ServiceQuoted, facts);
        docket.keep(Promise::Reply, record);
        Ok(())
    }

    /// By the customer, or noted by whoever asked.
    fn agree(&mut self, at: Span, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        if self.phase == Phase::Requested {
            return Err(Objection::Needs(Need::Price));
        }
        // A time that has passed without anybody is agreed anew.
        let passed = self.phase == Phase::Agreed && self.agreed.is_none_or(|agreed| agreed.to < record.now.utc);
        self.order(matches!(self.phase, Phase::Quoted | Phase::NoAccess) || passed)?;
        let house = record.house;
        let loud = self.item.entry().at_home && (house.is_quiet(at.from) || house.is_quiet(at.to));
        if !at.is_ahead(record.now.utc) || loud {
            return Err(Objection::Needs(Need::Appointment));
        }
        self.phase = Phase::Agreed;
        self.agreed = Some(at);
        record.tell(Kind::ServiceAgreed, at.facts());
        docket.done(Errand::TakeUp, record);
        docket.done(Errand::Revisit, record);
        docket.cancel(Errand::Serve, "agreed-anew", record);
        docket.offer(Errand::Serve, at.facts(), record);
        Ok(())
    }

    fn decline(
        &mut self,
        words: &Text,
        alternative: Option<&Text>,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.order(self.is_open_to_refusal())?;
        let alternative = alternative.ok_or(Objection::Needs(Need::Alternative))?;
        wording::passes(words)?;
        wording::passes(alternative)?;
        self.phase = Phase::Declined;
        docket.keep(Promise::Reply, record);
        let person = data([("reply", json!(words.as_str())), ("alternative", json!(alternative.as_str()))]);
        record.tell_about(Kind::ServiceDeclined, Data::new(), person);
        Ok(())
    }

    fn finish(
        &mut self,
        result: &Text,
        accepted: bool,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        if self.phase == Phase::Arrived {
            return Err(Objection::Needs(Need::EntryConsent));
        }
        self.order(self.phase == Phase::Started)?;
        wording::passes(result)?;
        let mut facts = lines(self.quoted.unwrap_or_default());
        facts.insert("accepted".into(), json!(accepted));
        record.tell_about(Kind::ServiceDone, facts, data([("result", json!(result.as_str()))]));
        if !accepted {
            // Whoever is there looks again.
            return Ok(());
        }
        docket.done(Errand::Serve, record);
        call_back::promise(record.house.figures.promise.repair_call_back_hours, docket, record);
        if self.quoted.is_some_and(|fee| fee.total() > 0) {
            self.phase = Phase::Done;
            docket.promise(Promise::Settle, Due::At(record.house.day_ends(record.now.utc)), record);
        } else {
            self.phase = Phase::Settled;
            docket.offer(Errand::CallBack, Data::new(), record);
        }
        Ok(())
    }

    fn settle(
        &mut self,
        paid: u32,
        receipt: &Slug,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.order(self.phase == Phase::Done)?;
        let fee = self.quoted.unwrap_or_default();
        if u64::from(paid) != fee.total() {
            return Err(Objection::Needs(Need::Settlement));
        }
        self.phase = Phase::Settled;
        let mut facts = lines(fee);
        facts.insert("receipt".into(), json!(receipt));
        record.tell(Kind::ServiceSettled, facts);
        docket.keep(Promise::Settle, record);
        docket.offer(Errand::CallBack, Data::new(), record);
        Ok(())
    }

    /// R288, also for some days after the end.
    fn rate(&mut self, stars: [Stars; 3], record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        let done = matches!(self.phase, Phase::Done | Phase::Settled | Phase::Closed);
        self.order(done && !self.rated)?;
        self.rated = true;
        record.tell(Kind::ServiceRated, rating(stars));
        Ok(())
    }

    fn call_back(&mut self, said: &CallBack, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        if self.phase == Phase::Done {
            return Err(Objection::Needs(Need::Settlement));
        }
        self.order(self.phase == Phase::Settled)?;
        said.note(Kind::ServiceCalledBack, docket, record);
        if said.satisfied {
            self.phase = Phase::Closed;
            record.tell(Kind::ServiceClosed, data([("reopened", json!(self.reopened))]));
            return Ok(());
        }
        call_back::reopened(&mut self.reopened, docket);
        self.phase = Phase::Requested;
        (self.quoted, self.agreed, self.rated) = (None, None, false);
        self.ask_the_desk(docket, record);
        Ok(())
    }
}

/// R261: labour and material stand apart.
fn lines(fee: Fee) -> Data {
    data([("labour_fen", json!(fee.labour)), ("material_fen", json!(fee.material))])
}
