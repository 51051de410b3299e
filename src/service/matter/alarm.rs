//! A door alarm with the states of ISA-18.2: unacknowledged, acknowledged, returned but unacknowledged, shelved. A door that
//! is closed again was not looked at by that: nothing disappears before somebody has acknowledged it. Duress is silent and
//! is never shelved. Never acts on a door.

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Now;
    use crate::service::case::walk::{Plan, house, slug, staff, text, walk};
    use crate::service::case::{Case, Source, Step as CaseStep};
    use crate::service::matter::{Matter, MatterStep, Opening};
    use crate::service::number::Number;
    use crate::service::staff::Actor;
    use chrono::TimeDelta;
    use proptest::prelude::*;

    fn now(seconds: i64) -> Now {
        Now { utc: DateTime::from_timestamp(1_795_233_600, 0).unwrap() + TimeDelta::seconds(seconds), synced: true }
    }

    fn raise(what: What) -> Case {
        let opening = Opening::Alarm(Request { what, door: slug("lobby") });
        let number = Number { series: Series::Alarm, day: 20_261_121, nth: 1 };
        Case::open(&opening, Source::Daemon, number, &Actor::DAEMON, &house(), now(0)).case
    }

    fn step(case: &mut Case, step: Step, by: &Actor, seconds: i64) -> Result<Vec<Kind>, Objection> {
        let events = case.step(&CaseStep::Matter(MatterStep::Alarm(step)), None, by, &house(), now(seconds))?;
        Ok(events.iter().map(|event| event.kind).collect())
    }

    fn says(case: &mut Case, said: Step, seconds: i64) -> Result<Vec<Kind>, Objection> {
        step(case, said, &Actor::DAEMON, seconds)
    }

    fn acknowledge(case: &mut Case, occurrence: u32, seconds: i64) -> Result<Vec<Kind>, Objection> {
        step(case, Step::Acknowledge { occurrence }, &staff(Role::Guard), seconds)
    }

    fn looked_after(case: &mut Case, seconds: i64) {
        let task = case.docket.tasks[0].id;
        let done = TaskStep::Done { outcome: None, channel: None, note: None };
        case.step(&CaseStep::Task { task, step: done }, None, &staff(Role::Guard), &house(), now(seconds)).unwrap();
    }

    fn alarm(case: &Case) -> &Alarm {
        let Matter::Alarm(alarm) = &case.matter else { panic!() };
        alarm
    }

    #[test]
    fn a_door_that_is_closed_again_was_not_looked_at_by_that() {
        let mut case = raise(What::Forced);
        says(&mut case, Step::Returned, 5).unwrap();
        assert_eq!(case.state(), "returned-unacknowledged");
        case.fire(&house(), now(7 * 24 * 3600));
        assert_eq!(case.state(), "returned-unacknowledged", "it stays until somebody has seen it");
        acknowledge(&mut case, 1, 7 * 24 * 3600).unwrap();
        assert_eq!(case.state(), "acknowledged");
        looked_after(&mut case, 7 * 24 * 3600 + 60);
        assert!(case.is_closed());
    }

    #[test]
    fn what_was_looked_after_and_goes_on_is_open_until_it_is_over() {
        let mut case = raise(What::Held);
        acknowledge(&mut case, 1, 5).unwrap();
        looked_after(&mut case, 60);
        assert_eq!(case.state(), "acknowledged");
        says(&mut case, Step::Returned, 90).unwrap();
        assert!(case.is_closed());
    }

    #[test]
    fn a_stale_console_cannot_acknowledge_a_newer_alarm() {
        let mut case = raise(What::Forced);
        says(&mut case, Step::Returned, 5).unwrap();
        says(&mut case, Step::Raised, 9).unwrap();
        assert_eq!(acknowledge(&mut case, 1, 10), Err(Objection::Stale("unacknowledged")));
        acknowledge(&mut case, 2, 11).unwrap();
    }

    #[test]
    fn a_page_that_has_not_heard_of_the_newer_alarm_cannot_claim_it_either() {
        let mut case = raise(What::Forced);
        let old = case.docket.tasks[0].id;
        case.fire(&house(), now(30));
        says(&mut case, Step::Returned, 31).unwrap();
        says(&mut case, Step::Raised, 32).unwrap();
        let claim = |task| CaseStep::Task { task, step: TaskStep::Claim { on_behalf: None, eta: None, relief: None } };
        let guard = staff(Role::Guard);
        assert_eq!(case.step(&claim(old), None, &guard, &house(), now(33)), Err(Objection::Ended));
        let task = &case.docket.tasks[0];
        assert_eq!((task.rung, &task.facts["occurrence"]), (1, &json!(2)), "the ladder does not begin anew");
        let new = task.id;
        case.step(&claim(new), None, &guard, &house(), now(34)).unwrap();
    }

    #[test]
    fn who_acknowledges_an_alarm_looks_after_it_and_the_next_one_hears_so() {
        let mut case = raise(What::Forced);
        assert_eq!(acknowledge(&mut case, 1, 3), Ok(vec![Kind::TaskClaimed, Kind::AlarmAcknowledged]));
        case.fire(&house(), now(60));
        let second = step(&mut case, Step::Acknowledge { occurrence: 1 }, &staff(Role::ShiftLeader), 60);
        assert_eq!(second, Err(Objection::Claimed("职员".into())));
    }

    #[test]
    fn an_alarm_that_nobody_acknowledges_climbs_by_the_step_of_its_kind() {
        for (what, seconds) in [(What::Forced, 30), (What::Duress, 30), (What::Tamper, 90), (What::Offline, 300)] {
            let mut case = raise(what);
            let asked = |case: &Case| case.docket.tasks[0].asked().count();
            case.fire(&house(), now(seconds - 1));
            assert_eq!(asked(&case), 1, "{what:?}");
            for rung in 1..=3 {
                case.fire(&house(), now(seconds * rung));
                assert_eq!(asked(&case), 1 + rung as usize, "{what:?}");
            }
        }
    }

    #[test]
    fn shelving_needs_a_reason_and_an_end_within_a_shift_and_comes_back_by_itself() {
        let mut case = raise(What::Held);
        let shelve = |reason, seconds| Step::Shelve { reason, until: now(seconds).utc };
        let guard = staff(Role::Guard);
        assert_eq!(step(&mut case, shelve(None, 600), &guard, 5), Err(Objection::Needs(Need::Reason)));
        for end in [5, -600, 5 + 8 * 3600 + 1] {
            assert_eq!(step(&mut case, shelve(Some(text()), end), &guard, 5), Err(Objection::Needs(Need::ShelfEnd)));
        }
        assert_eq!(step(&mut case, shelve(Some(text()), 600), &staff(Role::Engineer), 5), Err(Objection::Right));
        step(&mut case, shelve(Some(text()), 600), &guard, 5).unwrap();
        assert!(case.docket.tasks.is_empty(), "nobody is rung");
        says(&mut case, Step::Raised, 300).unwrap();
        assert_eq!(case.state(), "shelved");
        case.fire(&house(), now(600));
        assert_eq!((case.state(), case.docket.tasks.len()), ("unacknowledged", 1));
        assert_eq!(acknowledge(&mut case, 1, 601), Err(Objection::Stale("unacknowledged")));
    }

    #[test]
    fn duress_is_silent_never_shelved_and_over_when_somebody_has_looked() {
        let mut case = raise(What::Duress);
        assert_eq!(case.docket.facts["silent"], true);
        let shelve = Step::Shelve { reason: Some(text()), until: now(600).utc };
        assert_eq!(step(&mut case, shelve, &staff(Role::ShiftLeader), 5), Err(Objection::Order("unacknowledged")));
        acknowledge(&mut case, 1, 6).unwrap();
        looked_after(&mut case, 60);
        assert!(case.is_closed());
    }

    #[test]
    fn a_door_that_chatters_is_one_alarm_with_a_count() {
        let mut case = raise(What::Forced);
        for n in 0..200 {
            says(&mut case, Step::Returned, 1 + n / 4).unwrap();
            says(&mut case, Step::Raised, 1 + n / 4).unwrap();
        }
        let seen = alarm(&case).clone();
        assert_eq!((seen.count, seen.occurrence, seen.chattering), (201, 10, true));
        assert_eq!(case.docket.tasks.len(), 1, "it rings once");
        acknowledge(&mut case, 10, 55).unwrap();
        says(&mut case, Step::Raised, 56).unwrap();
        assert_eq!(case.state(), "acknowledged", "whoever has acknowledged is not asked again and again");
        says(&mut case, Step::Returned, 57).unwrap();
        looked_after(&mut case, 58);
        assert!(case.is_closed());
    }

    #[test]
    fn after_a_minute_of_chatter_the_state_is_the_doors_again() {
        let mut case = raise(What::Forced);
        for n in 0..20 {
            says(&mut case, Step::Returned, n).unwrap();
            says(&mut case, Step::Raised, n).unwrap();
        }
        says(&mut case, Step::Returned, 30).unwrap();
        assert_eq!(case.state(), "unacknowledged");
        case.fire(&house(), now(61));
        assert_eq!((case.state(), alarm(&case).chattering), ("returned-unacknowledged", false));
    }

    #[test]
    fn an_alarm_of_a_device_that_never_says_more_is_ended_by_a_person_with_a_reason() {
        let mut case = raise(What::Tamper);
        let end = |reason| Step::End { reason };
        assert_eq!(step(&mut case, end(Some(text())), &staff(Role::Guard), 1), Err(Objection::Order("unacknowledged")));
        acknowledge(&mut case, 1, 2).unwrap();
        assert_eq!(step(&mut case, end(None), &staff(Role::Guard), 3), Err(Objection::Needs(Need::Reason)));
        step(&mut case, end(Some(text())), &staff(Role::Guard), 4).unwrap();
        assert!(case.is_closed());
    }

    fn any_step() -> impl Strategy<Value = Step> {
        let until = (-3600i64..40_000).prop_map(|seconds| now(seconds).utc);
        prop_oneof![
            6 => Just(Step::Raised),
            6 => Just(Step::Returned),
            6 => (1u32..4).prop_map(|occurrence| Step::Acknowledge { occurrence }),
            3 => (prop::option::of(Just(text())), until).prop_map(|(reason, until)| Step::Shelve { reason, until }),
            2 => Just(Step::Unshelve),
            1 => prop::option::of(Just(text())).prop_map(|reason| Step::End { reason }),
        ]
    }

    #[test]
    fn no_alarm_ends_before_somebody_has_acknowledged_it() {
        let open = prop::sample::select(What::ALL.to_vec())
            .prop_map(|what| Opening::Alarm(Request { what, door: slug("lobby") }));
        walk(&Plan {
            openings: open.boxed(),
            steps: any_step().prop_map(MatterStep::Alarm).boxed(),
            allowed: &[
                ("", &["unacknowledged"]),
                ("unacknowledged", &["acknowledged", "returned-unacknowledged", "shelved"]),
                ("acknowledged", &["unacknowledged", "returned-unacknowledged", "shelved", "closed"]),
                ("returned-unacknowledged", &["unacknowledged", "acknowledged", "shelved"]),
                ("shelved", &["unacknowledged", "returned-unacknowledged", "closed"]),
            ],
            // Looked after; it waits for the device to say that it is over.
            waits: &["acknowledged"],
            outcomes: &["nothing-found"],
            check: &|seen| {
                let Matter::Alarm(alarm) = &seen.after.matter else { panic!() };
                if seen.after.is_closed() {
                    assert!(seen.count(Kind::AlarmAcknowledged) > 0 && seen.count(Kind::AlarmClosed) == 1);
                }
                assert!(alarm.what != What::Duress || seen.count(Kind::AlarmShelved) == 0);
                assert!(alarm.count >= alarm.occurrence || seen.count(Kind::AlarmUnshelved) > 0);
                let rings = seen.after.docket.errands(Errand::SeeAlarm).count();
                let unseen = matches!(alarm.phase, Phase::Unacknowledged | Phase::Returned);
                assert!(rings <= 1 && (!unseen || rings == 1), "an unacknowledged alarm rings exactly once");
                assert!(alarm.phase != Phase::Shelved || seen.after.docket.clock(Promise::Unshelve).is_some());
            },
            walks: 250,
            attempts: 60,
        });
    }
}
