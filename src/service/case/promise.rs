//! A promise with a clock: given, warned of, kept or breached. A clock pauses only for a coded obstacle (R082), and only
//! for so long. Durations run on service time: when the gateway's clock is stepped, they move with it; an hour of the day
//! that was agreed with somebody does not.

use crate::service::figures::{Figures, hours, minutes};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// What is promised: one clock each (section 1 of the rules).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Promise {
    /// Somebody takes it (R053).
    Accept,
    /// Whoever took it is there at the agreed minute (R054, R056).
    Arrive,
    /// At that minute the reporter is asked whether he came (R055).
    ArrivalCheck,
    /// The oral dispatch is repeated before the re-agreed time (R063).
    Redispatch,
    /// Solved (R081).
    Solve,
    /// First reply (R087), or the reply time told to the asker (R086).
    Reply,
    /// Progress fed back (R083).
    Progress,
    /// A written answer (R085).
    WrittenReply,
    /// Departments meet (R088).
    Consultation,
    /// Investigation organised, measures set (R084).
    Measures,
    /// The first call to a complainant (R098).
    FirstCall,
    /// The result told after handling (R089, R129).
    Result,
    /// Asked afterwards whether all is well (R091, R282).
    CallBack,
    /// A visitor's message is told to his host (R170).
    PassOn,
    /// Money settled on the day (R262).
    Settle,
    /// Collected, returned, used, before it is reminded of or void.
    Collect,
    /// A round is walked, a record is signed, an improvement is done (R075, R299, R300, R292).
    Finish,
    /// The effect of an improvement is looked for (R292).
    FollowUp,
    /// A shelved alarm comes back by itself (ISA-18.2).
    Unshelve,
    /// Somebody is waiting or being cared for: look again (R159, R201).
    Look,
    /// The site's day ends: who has not signed out is presumed to have left.
    DayEnd,
    /// An alarm that chatters is looked at again.
    Calm,
}

impl Promise {
    pub const ALL: [Promise; 22] = [
        Promise::Accept,
        Promise::Arrive,
        Promise::ArrivalCheck,
        Promise::Redispatch,
        Promise::Solve,
        Promise::Reply,
        Promise::Progress,
        Promise::WrittenReply,
        Promise::Consultation,
        Promise::Measures,
        Promise::FirstCall,
        Promise::Result,
        Promise::CallBack,
        Promise::PassOn,
        Promise::Settle,
        Promise::Collect,
        Promise::Finish,
        Promise::FollowUp,
        Promise::Unshelve,
        Promise::Look,
        Promise::DayEnd,
        Promise::Calm,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Promise::Accept => "accept",
            Promise::Arrive => "arrive",
            Promise::ArrivalCheck => "arrival-check",
            Promise::Redispatch => "redispatch",
            Promise::Solve => "solve",
            Promise::Reply => "reply",
            Promise::Progress => "progress",
            Promise::WrittenReply => "written-reply",
            Promise::Consultation => "consultation",
            Promise::Measures => "measures",
            Promise::FirstCall => "first-call",
            Promise::Result => "result",
            Promise::CallBack => "call-back",
            Promise::PassOn => "pass-on",
            Promise::Settle => "settle",
            Promise::Collect => "collect",
            Promise::Finish => "finish",
            Promise::FollowUp => "follow-up",
            Promise::Unshelve => "unshelve",
            Promise::Look => "look",
            Promise::DayEnd => "day-end",
            Promise::Calm => "calm",
        }
    }

    /// R082 excuses a repair that cannot be done in its 24 hours. Nobody's answer, call or meeting waits for the traffic.
    pub const fn may_pause(self) -> bool {
        matches!(self, Promise::Solve)
    }

    /// A timer of the daemon, not a promise to somebody: its end is no breach, and nobody is warned before it.
    pub const fn is_timer(self) -> bool {
        matches!(
            self,
            Promise::ArrivalCheck
                | Promise::Redispatch
                | Promise::Unshelve
                | Promise::Collect
                | Promise::Look
                | Promise::DayEnd
                | Promise::Calm
        )
    }
}

/// When a promise is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    /// After a span: moves when the clock is stepped.
    After(DateTime<Utc>),
    /// At a time of day that was agreed: stays.
    At(DateTime<Utc>),
}

impl Due {
    pub const fn time(self) -> DateTime<Utc> {
        match self {
            Due::After(time) | Due::At(time) => time,
        }
    }

    /// The gateway's clock was stepped by `by`.
    pub fn shift(&mut self, by: TimeDelta) {
        if let Due::After(time) = self {
            *time += by;
        }
    }
}

/// R082: the only reasons for which a clock may pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Obstacle {
    /// 交通、道路.
    Traffic,
    /// 其它障碍.
    Other,
    /// 不具备作业条件.
    NoWorkingConditions,
}

impl Obstacle {
    pub const fn name(self) -> &'static str {
        match self {
            Obstacle::Traffic => "traffic",
            Obstacle::Other => "other",
            Obstacle::NoWorkingConditions => "no-working-conditions",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub obstacle: Obstacle,
    pub since: DateTime<Utc>,
    /// It runs again by itself then.
    pub until: DateTime<Utc>,
}

/// A promise that has been given and not yet kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    pub promise: Promise,
    /// The task that it belongs to, where it is not the case's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<u16>,
    pub given: DateTime<Utc>,
    pub due: Due,
    #[serde(default)]
    pub warned: bool,
    #[serde(default)]
    pub breached: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
}

/// What a clock says when it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rings {
    /// A pause has reached its end.
    Resume,
    Warn,
    /// The time is up: a breach, or the hour of a timer.
    Up,
}

impl Clock {
    pub fn new(promise: Promise, given: DateTime<Utc>, due: Due) -> Self {
        Clock { promise, task: None, given, due, warned: promise.is_timer(), breached: false, pause: None }
    }

    /// What it has to say at that time, and has not said.
    pub fn rings(&self, at: DateTime<Utc>, figures: &Figures) -> Option<Rings> {
        self.next(figures).filter(|(when, _)| *when <= at).map(|(_, what)| what)
    }

    /// When it next has something to say, and what.
    pub fn next(&self, figures: &Figures) -> Option<(DateTime<Utc>, Rings)> {
        if let Some(pause) = self.pause {
            return Some((pause.until, Rings::Resume));
        }
        if self.breached {
            return None;
        }
        if !self.warned {
            return Some((self.warn_at(figures), Rings::Warn));
        }
        Some((self.due.time(), Rings::Up))
    }

    /// A share of the time before the end, but no longer than the figures say: nobody is helped by a warning a day ahead.
    fn warn_at(&self, figures: &Figures) -> DateTime<Utc> {
        let span = self.due.time() - self.given;
        let share = span * i32::try_from(figures.promise.warn_percent.min(100)).unwrap_or(0) / 100;
        self.due.time() - share.min(minutes(figures.promise.warn_minutes)).max(TimeDelta::zero())
    }

    /// It was set to a time of day by a clock that was found to be wrong: the gateway started without knowing the time.
    pub fn is_overtaken(&self) -> bool {
        self.given >= self.due.time()
    }

    /// R082. `until` is cut to the longest pause that the figures allow.
    pub fn pause(&mut self, obstacle: Obstacle, since: DateTime<Utc>, until: DateTime<Utc>, figures: &Figures) {
        let until = until.min(since + hours(figures.promise.pause_hours)).max(since);
        self.pause = Some(Pause { obstacle, since, until });
    }

    /// The clock runs again; the time it stood still is added. False if it did not stand still.
    pub fn resume(&mut self, at: DateTime<Utc>) -> bool {
        let Some(pause) = self.pause.take() else { return false };
        let stood = (at.min(pause.until) - pause.since).max(TimeDelta::zero());
        self.due = match self.due {
            Due::After(due) => Due::After(due + stood),
            Due::At(due) => Due::At(due + stood),
        };
        true
    }

    /// The gateway's clock was stepped by `by`; what was given since `since` was measured with the wrong clock.
    pub fn shift(&mut self, by: TimeDelta, since: DateTime<Utc>) {
        if self.given < since {
            return;
        }
        self.given += by;
        self.due.shift(by);
        if let Some(pause) = &mut self.pause {
            pause.since += by;
            pause.until += by;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_763_700_000 + minute * 60, 0).unwrap()
    }

    fn solve() -> Clock {
        Clock::new(Promise::Solve, at(0), Due::After(at(24 * 60)))
    }

    #[test]
    fn a_promise_is_warned_of_before_it_is_breached() {
        let (figures, mut clock) = (Figures::default(), solve());
        assert_eq!(clock.rings(at(22 * 60 - 1), &figures), None);
        assert_eq!(clock.rings(at(22 * 60), &figures), Some(Rings::Warn));
        clock.warned = true;
        assert_eq!(clock.rings(at(24 * 60 - 1), &figures), None);
        assert_eq!(clock.rings(at(24 * 60), &figures), Some(Rings::Up));
        clock.breached = true;
        assert_eq!(clock.rings(at(99 * 60), &figures), None, "a breach is told once");
    }

    #[test]
    fn a_pause_adds_the_time_it_took_and_ends_by_itself() {
        let (figures, mut clock) = (Figures::default(), solve());
        clock.pause(Obstacle::Traffic, at(60), at(10_000_000), &figures);
        assert_eq!(clock.next(&figures), Some((at(60 + 72 * 60), Rings::Resume)));
        assert!(clock.resume(at(180)));
        assert_eq!(clock.due, Due::After(at(26 * 60)));
        assert!(!clock.resume(at(200)));
    }

    #[test]
    fn a_stepped_clock_moves_spans_and_leaves_appointments() {
        let mut span = solve();
        span.shift(TimeDelta::hours(3), at(0));
        assert_eq!(span.due, Due::After(at(27 * 60)));
        let mut appointment = Clock::new(Promise::Arrive, at(0), Due::At(at(30)));
        appointment.shift(TimeDelta::hours(3), at(0));
        assert_eq!(appointment.due, Due::At(at(30)));
        let mut older = solve();
        older.shift(TimeDelta::hours(3), at(1));
        assert_eq!(older, solve(), "it was given by a clock that was right");
    }
}
