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
    let open =
        prop::sample::select(What::ALL.to_vec()).prop_map(|what| Opening::Alarm(Request { what, door: slug("lobby") }));
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
