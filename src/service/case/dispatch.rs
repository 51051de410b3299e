//! Tests of dispatch as the people on it know it: who is asked when, who wins, what silence and a decline do. What
//! replies hear stands in `replies.rs`, what is true of every ladder in `ladders.rs`.

mod ladders;
mod replies;

use super::walk::{house, slug, staff};
use super::{
    Case, Errand, Eta, Need, Objection, Promise, Reason, Record, Source, Step, Task, TaskState, TaskStep, ladder,
};
use crate::event::{Data, Event, Kind, Now, Slug};
use crate::service::contact::Text;
use crate::service::house::{Duty, House, Post};
use crate::service::local_time::LocalTime;
use crate::service::matter::Opening;
use crate::service::number::Number;
use crate::service::staff::{Actor, Named, Role, Via};
use crate::service::{call, patrol, support};
use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Noon at the site, by day.
fn at(seconds: i64) -> Now {
    Now { utc: DateTime::from_timestamp(1_795_233_600 + seconds, 0).unwrap(), synced: true }
}

struct Lobby {
    house: House,
    case: Case,
    /// Everything that was told.
    told: Vec<Event>,
}

impl Lobby {
    fn open(opening: &Opening, house: House) -> Self {
        let number = Number { series: opening.series(), day: 20_261_121, nth: 1 };
        let opened = Case::open(opening, Source::Daemon, number, &Actor::DAEMON, &house, at(0));
        Lobby { house, case: opened.case, told: opened.events }
    }

    fn ring() -> Self {
        let request = call::Request { door: slug("lobby"), unit: None, late: false };
        Lobby::open(&Opening::Call(request), house())
    }

    fn repair() -> Self {
        Lobby::of(Errand::Repair, house())
    }

    /// A case with one task and nothing else: which matter it is of is all the same to a ladder.
    fn of(errand: Errand, house: House) -> Self {
        let mut lobby = Lobby::open(&Opening::Support(support::Request::default()), house);
        let mut record = Record::new(lobby.case.docket.number, &Actor::DAEMON, &lobby.house, at(0));
        lobby.case.docket.cancel(Errand::Support, "not-this", &mut record);
        lobby.case.docket.offer(errand, Data::new(), &mut record);
        lobby.told = record.events;
        lobby
    }

    fn task(&self) -> &Task {
        &self.case.docket.tasks[0]
    }

    fn asked(&self) -> Vec<&str> {
        self.task().asked().map(Slug::as_str).collect()
    }

    /// The desk's clock rings at every moment that the case names, as the desk does.
    fn until(&mut self, seconds: i64) {
        while let Some(wake) = self.case.wakes(&self.house).filter(|wake| *wake <= at(seconds).utc) {
            let now = Now { utc: wake, synced: true };
            self.told.extend(self.case.fire(&self.house, now));
        }
    }

    /// The daemon was off, and looks once.
    fn slept_until(&mut self, seconds: i64) {
        self.told.extend(self.case.fire(&self.house, at(seconds)));
    }

    fn step(&mut self, step: TaskStep, by: &Actor, seconds: i64) -> Result<(), Objection> {
        let task = self.case.docket.tasks.first().map_or(1, |task| task.id);
        let events = self.case.step(&Step::Task { task, step }, None, by, &self.house, at(seconds))?;
        self.told.extend(events);
        Ok(())
    }

    fn count(&self, kind: Kind) -> usize {
        self.told.iter().filter(|event| event.kind == kind).count()
    }
}

fn claim() -> TaskStep {
    TaskStep::Claim { on_behalf: None, eta: None, relief: None }
}

fn decline() -> TaskStep {
    TaskStep::Decline { reason: Some(Reason::OnAnotherTask), note: None }
}

fn done() -> TaskStep {
    TaskStep::Done { outcome: None, channel: None, note: None }
}

#[test]
fn a_call_rings_at_its_own_post_then_at_the_next_then_everywhere_and_is_missed_at_sixty() {
    let mut lobby = Lobby::ring();
    for (seconds, asked) in [
        (0, vec!["gate"]),
        (19, vec!["gate"]),
        (20, vec!["gate", "desk"]),
        (39, vec!["gate", "desk"]),
        (40, vec!["gate", "desk", "hut"]),
        (59, vec!["gate", "desk", "hut"]),
    ] {
        lobby.until(seconds);
        assert_eq!(lobby.asked(), asked, "after {seconds} s");
        assert_eq!(lobby.case.state(), "ringing");
    }
    lobby.until(60);
    assert_eq!((lobby.case.state(), lobby.task().errand), ("missed", Errand::MissedCall));
}

#[test]
fn a_missed_call_stays_and_climbs_to_the_manager_until_somebody_acknowledges_it() {
    let mut lobby = Lobby::ring();
    lobby.until(60 + 7 * 24 * 3600);
    assert_eq!(lobby.case.state(), "missed");
    assert_eq!(lobby.asked().last(), Some(&"manager"));
    lobby.step(done(), &staff(Role::Guard), 60 + 7 * 24 * 3600).unwrap();
    assert!(lobby.case.is_closed());
}

#[test]
fn the_first_claim_wins_and_the_others_hear_whose_it_is() {
    let mut lobby = Lobby::ring();
    lobby.until(40);
    lobby.step(claim(), &staff(Role::Guard), 41).unwrap();
    let second = lobby.step(claim(), &staff(Role::FrontDesk), 41);
    assert_eq!(second, Err(Objection::Claimed("职员".into())));
    let twice = lobby.step(claim(), &staff(Role::Guard), 42);
    assert_eq!(twice, Err(Objection::Claimed("职员".into())), "the same touch twice");
    assert_eq!(lobby.count(Kind::TaskClaimed), 1);
}

#[test]
fn a_claim_without_contact_lapses_after_fifteen_seconds_and_the_next_post_rings() {
    let mut lobby = Lobby::ring();
    lobby.step(claim(), &staff(Role::Guard), 3).unwrap();
    lobby.until(17);
    assert_eq!(lobby.case.state(), "claimed");
    lobby.until(18);
    assert_eq!((lobby.case.state(), lobby.asked()), ("ringing", vec!["gate", "desk"]));
    lobby.until(40);
    assert_eq!(lobby.asked(), ["gate", "desk", "hut"]);
}

#[test]
fn a_late_lapse_does_not_push_the_other_posts_beyond_the_visitors_patience() {
    let mut lobby = Lobby::ring();
    lobby.step(claim(), &staff(Role::Guard), 19).unwrap();
    lobby.until(34);
    assert_eq!(lobby.asked(), ["gate", "desk"]);
    lobby.until(40);
    assert_eq!(lobby.asked(), ["gate", "desk", "hut"], "all at forty seconds after the ring, whoever claimed");
}

#[test]
fn contact_keeps_the_claim() {
    let mut lobby = Lobby::ring();
    lobby.step(claim(), &staff(Role::Guard), 3).unwrap();
    lobby.step(TaskStep::Arrived { channel: None }, &staff(Role::Guard), 10).unwrap();
    lobby.until(3600);
    assert_eq!(lobby.case.state(), "connected");
}

#[test]
fn a_decline_needs_a_reason_and_climbs_at_once() {
    let mut lobby = Lobby::repair();
    let engineer = staff(Role::Engineer);
    let refused = lobby.step(TaskStep::Decline { reason: None, note: None }, &engineer, 5);
    assert_eq!(refused, Err(Objection::Needs(Need::Reason)));
    let other = |note: Option<&str>| TaskStep::Decline {
        reason: Some(Reason::Other),
        note: note.map(|note| Text::parse(note).unwrap()),
    };
    assert_eq!(lobby.step(other(None), &engineer, 5), Err(Objection::Needs(Need::Reason)));
    assert_eq!((lobby.asked(), lobby.count(Kind::TaskDeclined)), (vec!["workshop"], 0), "nothing has happened yet");
    lobby.step(other(Some("泵房停电")), &engineer, 5).unwrap();
    assert_eq!(lobby.asked(), ["office"], "the superior is asked, who has declined is not asked again");
    lobby.step(decline(), &staff(Role::Supervisor), 6).unwrap();
    assert_eq!(lobby.asked(), ["manager"]);
}

#[test]
fn the_end_of_the_ladder_keeps_the_task_and_is_asked_again() {
    let mut lobby = Lobby::repair();
    for role in [Role::Engineer, Role::Supervisor, Role::ProjectManager] {
        lobby.step(decline(), &staff(role), 5).unwrap();
    }
    assert_eq!(lobby.asked(), ["manager"], "a task is never nobody's");
    assert_eq!(lobby.count(Kind::TaskReminded), 1, "he is told so");
    lobby.step(decline(), &staff(Role::ProjectManager), 10).unwrap();
    assert_eq!(lobby.asked(), ["manager"]);
}

#[test]
fn silence_climbs_superior_by_superior() {
    let mut lobby = Lobby::repair();
    for (seconds, asked) in
        [(299, vec!["workshop"]), (300, vec!["workshop", "office"]), (600, vec!["workshop", "office", "manager"])]
    {
        lobby.until(seconds);
        assert_eq!(lobby.asked(), asked);
    }
}

#[test]
fn a_superior_has_as_long_as_the_post_below_him_had() {
    let mut lobby = Lobby::repair();
    lobby.step(decline(), &staff(Role::Engineer), 200).unwrap();
    lobby.until(499);
    assert_eq!(lobby.asked(), ["office"]);
    lobby.until(500);
    assert_eq!(lobby.asked(), ["office", "manager"]);
}

#[test]
fn reminders_grow_apart_and_those_that_were_slept_through_are_one() {
    let mut lobby = Lobby::repair();
    lobby.until(600 + 30 * 24 * 3600);
    let reminders = |lobby: &Lobby| {
        lobby
            .told
            .iter()
            .filter(|event| event.kind == Kind::TaskReminded)
            .map(|event| event.stamp.time)
            .collect::<Vec<_>>()
    };
    let times = reminders(&lobby);
    let awake = times.len();
    assert!((30..45).contains(&awake), "{awake} reminders in thirty days");
    let pauses: Vec<TimeDelta> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.is_sorted() && *pauses.last().unwrap() == TimeDelta::hours(24), "{pauses:?}");

    let mut slept = Lobby::repair();
    slept.slept_until(600 + 30 * 24 * 3600);
    assert_eq!(reminders(&slept).len(), 1);
    assert_eq!(slept.case.wakes(&slept.house), lobby.case.wakes(&lobby.house), "as if it had been awake");

    // A damaged page made the year 26 of 2026, and the desk counted 730,000 reminders, each from the first again.
    let (mut old, now) = (Lobby::repair(), 2_000 * 365 * 24 * 3600);
    old.slept_until(now);
    assert_eq!(reminders(&old).len(), 1);
    let next = old.case.wakes(&old.house).unwrap() - at(now).utc;
    assert!(next > TimeDelta::zero() && next <= TimeDelta::hours(24), "{next}");
    old.case.docket.tasks[0].reminders = u32::MAX;
    assert!(old.case.wakes(&old.house).unwrap() > at(now).utc);
}

#[test]
fn a_ladder_that_was_slept_through_is_climbed_at_once_and_a_call_is_missed() {
    let mut repair = Lobby::repair();
    repair.slept_until(8 * 3600);
    assert_eq!(repair.asked(), ["workshop", "office", "manager"]);
    assert_eq!(repair.count(Kind::TaskClimbed), 1, "nobody's page shows steps that nobody took");
    let mut call = Lobby::ring();
    call.slept_until(8 * 3600);
    assert_eq!(
        (call.case.state(), call.count(Kind::TaskClimbed)),
        ("missed", 0),
        "nobody is rung for a visitor who has gone"
    );
    let mut claimed = Lobby::ring();
    claimed.step(claim(), &staff(Role::Guard), 3).unwrap();
    claimed.slept_until(8 * 3600);
    assert_eq!(claimed.case.state(), "missed");
}

#[test]
fn whoever_stands_and_waits_is_passed_on_to_the_next_post_until_somebody_comes() {
    let mut lobby = Lobby::of(Errand::SeeHelp, house());
    for (seconds, asked) in [(29, 1), (30, 3), (60, 4), (90, 5)] {
        lobby.until(seconds);
        assert_eq!(lobby.asked().len(), asked, "after {seconds} s");
    }
    lobby.step(claim(), &staff(Role::ProjectManager), 91).unwrap();
    lobby.until(91 + 599);
    assert_eq!(lobby.task().state.name(), "claimed", "nobody else is called away");
}

#[test]
fn whoever_has_claimed_an_errand_and_is_not_there_within_ten_minutes_loses_it_to_the_next_post() {
    let mut lobby = Lobby::of(Errand::SeeHelp, house());
    lobby.step(claim(), &staff(Role::Guard), 2).unwrap();
    lobby.until(2 + 599);
    assert_eq!(lobby.task().state.name(), "claimed");
    lobby.until(2 + 600);
    assert_eq!((lobby.task().state.name(), lobby.count(Kind::TaskLapsed)), ("offered", 1));
    assert_eq!(lobby.asked(), ["gate", "desk", "hut"], "it climbs, and he may still come");
    lobby.step(claim(), &staff(Role::Guard), 610).unwrap();
    lobby.step(TaskStep::Arrived { channel: None }, &staff(Role::Guard), 700).unwrap();
    lobby.until(24 * 3600);
    assert_eq!(lobby.task().state.name(), "arrived", "whoever is there stays as long as it takes");
}

#[test]
fn whoever_says_a_later_time_has_until_then_and_a_round_has_its_whole_window() {
    let mut lobby = Lobby::of(Errand::Carry, house());
    let in_an_hour = TaskStep::Claim { on_behalf: None, eta: Some(Eta::Minutes(60)), relief: None };
    lobby.step(in_an_hour, &staff(Role::ShiftLeader), 0).unwrap();
    lobby.until(3599);
    assert_eq!(lobby.task().state.name(), "claimed");
    lobby.until(3600);
    assert_eq!(lobby.task().state.name(), "offered");
    let request = patrol::Request { round: slug("morning"), day: Default::default(), until: at(7200).utc };
    let mut round = Lobby::open(&Opening::Patrol(request), house());
    round.step(claim(), &staff(Role::ShiftLeader), 1).unwrap();
    round.until(7000);
    assert_eq!(round.case.state(), "walking");
}

#[test]
fn an_arrival_in_so_many_minutes_moves_with_a_stepped_clock_and_an_agreed_hour_stays() {
    let ahead = TimeDelta::hours(3);
    for (eta, moves) in [(Eta::Minutes(30), ahead), (Eta::At(at(1800).utc), TimeDelta::zero())] {
        let mut lobby = Lobby::repair();
        lobby
            .step(TaskStep::Claim { on_behalf: None, eta: Some(eta), relief: None }, &staff(Role::Engineer), 0)
            .unwrap();
        lobby.case.shift(ahead, at(0).utc);
        let TaskState::Claimed { eta: Some(shown), .. } = lobby.task().state else { panic!() };
        assert_eq!(shown.time(), at(1800).utc + moves);
        assert_eq!(lobby.case.docket.clock(Promise::Arrive).unwrap().due, shown, "the card says what the clock says");
    }
}
