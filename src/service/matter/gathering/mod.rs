//! 业户恳谈会 and 社区活动: a meeting with the residents, twice a year (R293), or an activity (R316). It is announced, people
//! sign up, it takes place or is called off, and of a meeting there are minutes. Nobody who has signed up is left without a
//! word. Whoever comes stands in the person part only.

mod list;
#[cfg(test)]
mod tests;

pub use list::{Announced, Guest, MAX_PLACES, MAX_TITLE, MAX_WAITING, Request, Seat, Seats, Title, seat_of};

use crate::event::{Data, Kind as Told, data};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task, ladder};
use crate::service::contact::Text;
use crate::service::figures::days;
use crate::service::house::Duty;
use crate::service::number::Series;
use crate::service::staff::Role;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// R293, R316: who plans, and calls off.
pub const PLANNERS: [Role; 2] = [Role::Supervisor, Role::ProjectManager];
/// Who can say that it has taken place, and write the minutes.
const HOSTS: [Role; 3] = [Role::FrontDesk, Role::Supervisor, Role::ProjectManager];
/// Days after its hour within which the desk notes whether it has taken place. Ours.
const NOTED_WITHIN: u32 = 1;
/// Paragraphs of the minutes: forty of the longest texts are twelve pages.
pub const MAX_PARAGRAPHS: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// 业户恳谈会 (R293): minutes follow.
    Meeting,
    /// 社区活动 (R316).
    Activity,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Meeting => "meeting",
            Kind::Activity => "activity",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathering {
    pub kind: Kind,
    pub at: DateTime<Utc>,
    pub phase: Phase,
    pub seats: Seats,
    #[serde(default)]
    pub called_off: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Planned,
    /// Its hour has come: somebody says whether it takes place.
    Due,
    /// The minutes are still to be written.
    Held,
    /// Whoever has signed up is still to be called.
    Cancelled,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    SignUp(Guest),
    SignOff {
        seat: u16,
    },
    /// It has taken place.
    Held {
        attended: u16,
    },
    /// R293.
    Minutes {
        text: Vec<Text>,
    },
    Cancel {
        reason: Text,
    },
}

/// The first day of the half-year of this day: each has its meeting (R293).
pub fn half_year(day: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(day.year(), if day.month() < 7 { 1 } else { 7 }, 1).unwrap_or(day)
}

impl Machine for Gathering {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Gathering;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        let seats = Seats::new(request.places);
        docket.facts = data([
            ("gathering", json!(request.kind.name())),
            ("at", json!(request.at)),
            ("places", json!(seats.places)),
        ]);
        record.tell_about(Told::GatheringPlanned, docket.facts.clone(), request.person());
        docket.promise(Promise::Look, Due::At(request.at), record);
        Gathering { kind: request.kind, at: request.at, phase: Phase::Planned, seats, called_off: false }
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Planned => "planned",
            Phase::Due => "due",
            Phase::Held => "held",
            Phase::Cancelled => "cancelled",
            Phase::Closed => "closed",
        }
    }

    fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::SignUp(guest) => self.sign_up(guest, record),
            Step::SignOff { seat } => self.sign_off(*seat, docket, record),
            Step::Held { attended } => self.held(*attended, docket, record),
            Step::Minutes { text } => self.minutes(text, docket, record),
            Step::Cancel { reason } => self.cancel(reason, docket, record),
        }
    }

    /// What became of it is a step of its own: nobody ticks off a meeting.
    fn allows(&self, task: &Task, news: &News, _: &Record<'_>) -> Result<(), Objection> {
        match (task.errand, news) {
            (Errand::NoteGathering, News::Done { .. }) => Err(Objection::Needs(Need::Outcome)),
            (Errand::WriteMinutes, News::Done { .. }) => Err(Objection::Needs(Need::Text)),
            _ => Ok(()),
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, _: &mut Docket, record: &mut Record<'_>) {
        if let (Errand::TellGuests, News::Done { .. }) = (task.errand, news) {
            self.seats.told();
            if self.phase == Phase::Cancelled {
                self.close(record);
            }
        }
    }

    /// R293: minutes that are late are marked, and the superiors are asked for them by the ladder.
    fn on_breach(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        docket.highlighted |= clock.promise == Promise::Finish;
        if self.phase == Phase::Held && docket.errands(Errand::WriteMinutes).next().is_none() {
            docket.offer(Errand::WriteMinutes, Data::new(), record);
        }
    }

    fn on_timer(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        if clock.promise == Promise::Look && self.phase == Phase::Planned {
            self.phase = Phase::Due;
            let until = record.now.utc + days(NOTED_WITHIN);
            let ladder = ladder::until(record.house, Duty::Desk, until, record.now);
            docket.offer_to(Errand::NoteGathering, ladder, Data::new(), record);
        }
    }
}

impl Gathering {
    /// Stands on the glass, and people may sign up.
    pub fn is_planned(&self) -> bool {
        self.phase == Phase::Planned
    }

    fn counts(&self) -> Data {
        data([("coming", json!(self.seats.coming())), ("waiting", json!(self.seats.waiting()))])
    }

    fn sign_up(&mut self, guest: &Guest, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        if self.phase != Phase::Planned || record.now.utc >= self.at {
            return Err(Objection::Order(self.state()));
        }
        let seat = self.seats.take().ok_or(Objection::Full)?;
        let mut facts = data([("seat", json!(seat.id)), ("on_waiting_list", json!(seat.waiting))]);
        facts.extend(self.counts());
        record.tell_about(Told::GatheringSignedUp, facts, list::noted(seat.id, guest));
        Ok(())
    }

    fn sign_off(&mut self, seat: u16, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        if self.phase != Phase::Planned {
            return Err(Objection::Order(self.state()));
        }
        let (gone, up) = self.seats.give_up(seat).ok_or(Objection::Unknown)?;
        let mut facts = data([("seat", json!(gone.id))]);
        facts.extend(up.map(|up| ("moved_up".to_owned(), json!(up))));
        facts.extend(self.counts());
        record.tell_about(Told::GatheringSignedOff, facts, list::struck_out(gone.id));
        if up.is_some() {
            // Who waits is called; who is called for already is on the same list.
            if docket.errands(Errand::TellGuests).next().is_some() {
                docket.renew(Errand::TellGuests, "one-more", record);
            } else {
                docket.offer(Errand::TellGuests, data([("what", json!("place-free"))]), record);
            }
        } else if self.seats.to_tell().is_empty() {
            docket.cancel(Errand::TellGuests, "signed-off", record);
        }
        Ok(())
    }

    fn held(&mut self, attended: u16, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_role(&HOSTS)?;
        if !matches!(self.phase, Phase::Planned | Phase::Due) || record.now.utc < self.at {
            return Err(Objection::Order(self.state()));
        }
        let mut facts = data([("attended", json!(attended))]);
        facts.extend(self.counts());
        record.tell(Told::GatheringHeld, facts);
        docket.done(Errand::NoteGathering, record);
        docket.cancel(Errand::TellGuests, "held", record);
        docket.release(Promise::Look, "held", record);
        if self.kind == Kind::Activity {
            self.close(record);
            return Ok(());
        }
        self.phase = Phase::Held;
        let until = record.now.utc + days(record.house.figures.promise.minutes_days);
        docket.promise(Promise::Finish, Due::After(until), record);
        let ladder = ladder::until(record.house, Duty::Supervise, until, record.now);
        docket.offer_to(Errand::WriteMinutes, ladder, Data::new(), record);
        Ok(())
    }

    fn minutes(&mut self, text: &[Text], docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_role(&HOSTS)?;
        if self.phase != Phase::Held {
            return Err(Objection::Order(self.state()));
        }
        match text.len() {
            0 => return Err(Objection::Needs(Need::Text)),
            n if n > MAX_PARAGRAPHS => return Err(Objection::Full),
            _ => {}
        }
        let paragraphs: Vec<Value> = text.iter().map(|paragraph| json!(paragraph.as_str())).collect();
        let facts = data([("paragraphs", json!(text.len()))]);
        record.tell_about(Told::GatheringMinuted, facts, data([("minutes", json!(paragraphs))]));
        docket.keep(Promise::Finish, record);
        docket.done(Errand::WriteMinutes, record);
        self.close(record);
        Ok(())
    }

    fn cancel(&mut self, reason: &Text, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_role(&PLANNERS)?;
        if !matches!(self.phase, Phase::Planned | Phase::Due) {
            return Err(Objection::Order(self.state()));
        }
        record.tell_about(Told::GatheringCancelled, self.counts(), data([("reason", json!(reason.as_str()))]));
        for errand in [Errand::NoteGathering, Errand::TellGuests] {
            docket.cancel(errand, "called-off", record);
        }
        docket.release(Promise::Look, "called-off", record);
        self.called_off = true;
        if self.seats.taken.is_empty() {
            self.close(record);
        } else {
            self.phase = Phase::Cancelled;
            docket.offer(Errand::TellGuests, data([("what", json!("called-off"))]), record);
        }
        Ok(())
    }

    fn close(&mut self, record: &mut Record<'_>) {
        self.phase = Phase::Closed;
        record.tell(Told::GatheringClosed, Data::new());
    }
}
