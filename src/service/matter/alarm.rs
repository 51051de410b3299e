//! A door alarm with the states of ISA-18.2: unacknowledged, acknowledged, returned but unacknowledged, shelved. A door that
//! is closed again was not looked at by that: nothing disappears before somebody has acknowledged it. Duress is silent and
//! is never shelved. Never acts on a door.

#[cfg(test)]
mod tests;

use crate::event::{Data, Kind, Slug, data};
use crate::service::case::{
    Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task, TaskState, TaskStep, ladder,
};
use crate::service::contact::Text;
use crate::service::figures::{Alarm as AlarmFigures, hours, seconds};
use crate::service::number::Series;
use crate::service::staff::Role;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The time over which `alarm.chatter_per_minute` counts, in seconds.
const CHATTER_WINDOW: u32 = 60;

/// Who works with alarms: they may put one aside, or end one whose device never says that all is well.
const OPERATORS: &[Role] = &[Role::Guard, Role::ShiftLeader, Role::Supervisor, Role::ProjectManager];

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Opened without leave.
    Forced,
    /// Open for too long.
    Held,
    Tamper,
    /// Somebody was made to open: silent.
    Duress,
    /// A device is not heard any more.
    Offline,
}

impl What {
    pub const ALL: [What; 5] = [What::Forced, What::Held, What::Tamper, What::Duress, What::Offline];

    pub const fn name(self) -> &'static str {
        match self {
            What::Forced => "forced",
            What::Held => "held",
            What::Tamper => "tamper",
            What::Duress => "duress",
            What::Offline => "offline",
        }
    }

    /// Seconds within which it shall be acknowledged; then the next rung, again and again.
    const fn target(self, figures: &AlarmFigures) -> u32 {
        match self {
            What::Forced | What::Duress => figures.forced_seconds,
            What::Held | What::Tamper => figures.held_seconds,
            What::Offline => figures.offline_seconds,
        }
    }

    /// Whether a device says that it is over. Duress is a moment, not a state.
    const fn lasts(self) -> bool {
        !matches!(self, What::Duress)
    }
}

/// An alarm, as the building's devices tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub what: What,
    /// Door or device.
    pub door: Slug,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Unacknowledged,
    Acknowledged,
    /// All is well again, and nobody has acknowledged it.
    Returned,
    /// Put aside by somebody, for a reason and until a time.
    Shelved,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    pub phase: Phase,
    pub what: What,
    /// Whether the condition lasts.
    pub active: bool,
    /// Rises when it must be acknowledged anew: whoever saw an older one cannot acknowledge this one.
    pub occurrence: u32,
    /// How often it was raised.
    pub count: u32,
    /// Raised more often in a minute than anybody could look at: counted, and not rung anew.
    pub chattering: bool,
    /// Raised again within the running minute.
    pub in_window: u32,
    /// Acknowledged before it was shelved.
    pub acknowledged: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// A device raises it again.
    Raised,
    /// A device says that all is well again.
    Returned,
    /// I have seen it and look after it. The occurrence is the one that was on the page.
    Acknowledge {
        occurrence: u32,
    },
    /// ISA-18.2: an operator puts it aside, with a reason and an end.
    Shelve {
        reason: Option<Text>,
        until: DateTime<Utc>,
    },
    Unshelve,
    /// It is over, although no device says so.
    End {
        reason: Option<Text>,
    },
}

/// There is one open alarm of a kind at a door.
pub fn key(what: What, door: &Slug) -> String {
    format!("alarm:{}:{door}", what.name())
}

impl Machine for Alarm {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Alarm;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.key = Some(key(request.what, &request.door));
        docket.facts = data([
            ("alarm", json!(request.what.name())),
            ("door", json!(request.door)),
            ("silent", json!(request.what == What::Duress)),
            ("occurrence", json!(1)),
            ("count", json!(1)),
        ]);
        record.tell(Kind::AlarmRaised, docket.facts.clone());
        let alarm = Alarm {
            phase: Phase::Unacknowledged,
            what: request.what,
            active: request.what.lasts(),
            occurrence: 1,
            count: 1,
            chattering: false,
            in_window: 0,
            acknowledged: false,
        };
        alarm.ring(docket, record);
        alarm
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Unacknowledged => "unacknowledged",
            Phase::Acknowledged => "acknowledged",
            Phase::Returned => "returned-unacknowledged",
            Phase::Shelved => "shelved",
            Phase::Closed => "closed",
        }
    }

    fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::Raised => {
                record.needs_daemon()?;
                self.raised(docket, record);
                Ok(())
            }
            Step::Returned => {
                record.needs_daemon()?;
                self.returned(docket, record)
            }
            Step::Acknowledge { occurrence } => self.acknowledge(*occurrence, docket, record),
            Step::Shelve { reason, until } => self.shelve(reason.as_ref(), *until, docket, record),
            Step::Unshelve => {
                record.needs_role(OPERATORS)?;
                if self.phase != Phase::Shelved {
                    return Err(Objection::Order(self.state()));
                }
                docket.release(Promise::Unshelve, "by-hand", record);
                self.unshelve("by-hand", docket, record);
                Ok(())
            }
            Step::End { reason } => self.end(reason.as_ref(), record),
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, docket: &mut Docket, record: &mut Record<'_>) {
        if task.errand != Errand::SeeAlarm {
            return;
        }
        match news {
            News::Claimed { .. } => {
                self.acknowledged = true;
                self.phase = Phase::Acknowledged;
                record.tell(Kind::AlarmAcknowledged, data([("occurrence", json!(self.occurrence))]));
            }
            News::Lost | News::Exhausted | News::Missed => {
                self.acknowledged = false;
                self.phase = self.unacknowledged();
            }
            News::Arrived { .. } => {}
            News::Done { .. } if self.active => {}
            News::Done { .. } => self.close("looked-after", record),
        }
        self.show(docket);
    }

    fn on_timer(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        match clock.promise {
            Promise::Unshelve if self.phase == Phase::Shelved => self.unshelve("time", docket, record),
            Promise::Calm => self.calm(docket, record),
            _ => {}
        }
    }
}

impl Alarm {
    fn ring(&self, docket: &mut Docket, record: &mut Record<'_>) {
        let door = docket.facts.get("door").and_then(|door| Slug::new(door.as_str()?).ok());
        let step = self.what.target(&record.house.figures.alarm);
        let ladder = ladder::alarm(record.house, door.as_ref(), step, record.now);
        docket.offer_to(Errand::SeeAlarm, ladder, Data::new(), record);
    }

    /// What the card says.
    fn show(&self, docket: &mut Docket) {
        docket.facts.insert("occurrence".into(), json!(self.occurrence));
        docket.facts.insert("count".into(), json!(self.count));
    }

    const fn unacknowledged(&self) -> Phase {
        if self.active || !self.what.lasts() { Phase::Unacknowledged } else { Phase::Returned }
    }

    fn is_looked_at(&self, docket: &Docket) -> bool {
        docket.errands(Errand::SeeAlarm).any(|task| task.state != TaskState::Offered)
    }

    fn raised(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        self.active = self.what.lasts();
        self.count = self.count.saturating_add(1);
        self.in_window = self.in_window.saturating_add(1);
        if docket.clock(Promise::Calm).is_none() {
            docket.promise(Promise::Calm, Due::After(record.now.utc + seconds(CHATTER_WINDOW)), record);
        }
        self.chattering = self.in_window >= record.house.figures.alarm.chatter_per_minute;
        let quiet = self.chattering || self.phase == Phase::Shelved;
        if !quiet {
            self.occurrence = self.occurrence.saturating_add(1);
        }
        let facts = data([
            ("occurrence", json!(self.occurrence)),
            ("count", json!(self.count)),
            ("chattering", json!(self.chattering)),
        ]);
        record.tell(Kind::AlarmRepeated, facts);
        self.show(docket);
        // Whoever is on the way looks after this one too; the ladder of one that nobody has acknowledged goes on climbing.
        if self.phase == Phase::Returned {
            self.phase = self.unacknowledged();
        }
        if quiet || self.is_looked_at(docket) {
            return;
        }
        if self.phase == Phase::Acknowledged {
            self.acknowledged = false;
            self.ring(docket, record);
        } else {
            docket.renew(Errand::SeeAlarm, "raised-again", record);
        }
        self.phase = Phase::Unacknowledged;
    }

    fn returned(&mut self, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        if !self.active {
            return Err(Objection::Order(self.state()));
        }
        self.active = false;
        record.tell(Kind::AlarmReturned, data([("chattering", json!(self.chattering))]));
        if !self.chattering {
            self.follow(docket, record);
        }
        Ok(())
    }

    /// The state follows the condition.
    fn follow(&mut self, docket: &Docket, record: &mut Record<'_>) {
        match self.phase {
            Phase::Unacknowledged | Phase::Returned => self.phase = self.unacknowledged(),
            Phase::Acknowledged if !self.active && docket.errands(Errand::SeeAlarm).next().is_none() => {
                self.close("returned", record);
            }
            Phase::Acknowledged | Phase::Shelved | Phase::Closed => {}
        }
    }

    /// A quiet minute has passed, or another loud one.
    fn calm(&mut self, docket: &mut Docket, record: &mut Record<'_>) {
        self.in_window = 0;
        if std::mem::take(&mut self.chattering) {
            record.tell(Kind::AlarmRepeated, data([("count", json!(self.count)), ("chattering", json!(false))]));
            self.follow(docket, record);
        }
    }

    fn acknowledge(&mut self, occurrence: u32, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_staff()?;
        if occurrence != self.occurrence {
            return Err(Objection::Stale(self.state()));
        }
        let task = docket.errands(Errand::SeeAlarm).next().map(|task| task.id);
        let task = task.ok_or(Objection::Order(self.state()))?;
        let claim = TaskStep::Claim { on_behalf: None, eta: None, relief: None };
        let (task, news) = docket.take(task, &claim, record)?;
        self.on_task(&task, &news, docket, record);
        Ok(())
    }

    fn shelve(
        &mut self,
        reason: Option<&Text>,
        until: DateTime<Utc>,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        record.needs_role(OPERATORS)?;
        if self.what == What::Duress || self.phase == Phase::Shelved {
            return Err(Objection::Order(self.state()));
        }
        let reason = reason.ok_or(Objection::Needs(Need::Reason))?;
        let now = record.now.utc;
        if until <= now || until > now + hours(record.house.figures.alarm.shelve_hours) {
            return Err(Objection::Needs(Need::ShelfEnd));
        }
        docket.cancel(Errand::SeeAlarm, "shelved", record);
        docket.promise(Promise::Unshelve, Due::After(until), record);
        record.tell_about(
            Kind::AlarmShelved,
            data([("until", json!(until))]),
            data([("text", json!(reason.as_str()))]),
        );
        self.phase = Phase::Shelved;
        Ok(())
    }

    fn unshelve(&mut self, why: &str, docket: &mut Docket, record: &mut Record<'_>) {
        if self.active {
            // It goes on: somebody must know of it anew.
            self.acknowledged = false;
            self.occurrence = self.occurrence.saturating_add(1);
            self.show(docket);
        }
        record.tell(Kind::AlarmUnshelved, data([("why", json!(why)), ("occurrence", json!(self.occurrence))]));
        if self.acknowledged {
            self.close("returned", record);
        } else {
            self.phase = self.unacknowledged();
            self.ring(docket, record);
        }
    }

    fn end(&mut self, reason: Option<&Text>, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_role(OPERATORS)?;
        if self.phase != Phase::Acknowledged {
            return Err(Objection::Order(self.state()));
        }
        let reason = reason.ok_or(Objection::Needs(Need::Reason))?;
        let facts = data([("why", json!("by-hand")), ("count", json!(self.count))]);
        record.tell_about(Kind::AlarmClosed, facts, data([("text", json!(reason.as_str()))]));
        self.phase = Phase::Closed;
        Ok(())
    }

    fn close(&mut self, why: &str, record: &mut Record<'_>) {
        record.tell(Kind::AlarmClosed, data([("why", json!(why)), ("count", json!(self.count))]));
        self.phase = Phase::Closed;
    }
}
