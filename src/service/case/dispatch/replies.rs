//! What people with a task hear: a reply that comes too late, from the wrong post, or without what the regulations ask for.

use super::*;

/// Somebody of this role at a post.
fn stands(role: Role, post: &str, id: &str) -> Actor {
    Actor::staff(slug(id), id.into(), role, Some(slug(post)), Via::Page)
}

#[test]
fn a_quick_note_is_bound_to_its_case_and_stands_apart_from_the_facts() {
    let mut lobby = Lobby::ring();
    let note = Step::Note { text: Text::parse("住户来电催问").unwrap() };
    assert_eq!(lobby.case.step(&note, None, &staff(Role::Auditor), &lobby.house, at(1)), Err(Objection::Right));
    let events = lobby.case.step(&note, None, &staff(Role::Guard), &lobby.house, at(1)).unwrap();
    assert_eq!(
        (events[0].kind, &events[0].person.as_ref().unwrap()["text"]),
        (Kind::CaseNoted, &"住户来电催问".into())
    );
    assert!(!serde_json::to_string(&*events[0].data).unwrap().contains("催问"));
}

#[test]
fn the_auditor_reads_and_takes_no_step_at_all() {
    let mut lobby = Lobby::ring();
    let auditor = staff(Role::Auditor);
    for step in [claim(), decline(), TaskStep::Arrived { channel: None }, done()] {
        assert_eq!(lobby.step(step, &auditor, 1), Err(Objection::Right));
    }
}

#[test]
fn a_fixed_post_is_not_sent_away_without_a_relief() {
    let mut house = house();
    house.posts.retain(|post| post.id.as_str() == "gate");
    let request = patrol::Request { round: slug("morning"), day: Default::default(), until: at(3600).utc };
    let mut lobby = Lobby::open(&Opening::Patrol(request), house);
    let guard = staff(Role::Guard);
    assert_eq!(lobby.asked(), ["gate"], "there is nobody else to ask");
    assert_eq!(lobby.step(claim(), &guard, 1), Err(Objection::FixedPost));
    let relief = |name: &str| TaskStep::Claim {
        on_behalf: None,
        eta: None,
        relief: Some(Named { id: None, name: name.into() }),
    };
    assert_eq!(lobby.step(relief(" "), &guard, 1), Err(Objection::Needs(Need::Name)));
    lobby.step(relief("替班"), &guard, 1).unwrap();
    assert_eq!(lobby.case.state(), "walking");
}

#[test]
fn who_accepts_by_radio_is_noted_with_name_and_minute_and_the_note_taker_stays() {
    let mut lobby = Lobby::repair();
    let by_radio =
        |name: &str, eta| TaskStep::Claim { on_behalf: Some(Named { id: None, name: name.into() }), eta, relief: None };
    let engineer = staff(Role::Engineer);
    assert_eq!(lobby.step(by_radio("", Some(Eta::Minutes(10))), &engineer, 60), Err(Objection::Needs(Need::Name)));
    assert_eq!(lobby.step(by_radio("某工", None), &engineer, 60), Err(Objection::Needs(Need::ArrivalTime)));
    lobby.step(by_radio("某工", Some(Eta::Minutes(10))), &engineer, 60).unwrap();
    let claimed = lobby.told.iter().find(|event| event.kind == Kind::TaskClaimed).unwrap();
    assert_eq!(claimed.data["accepted_at"], "2026-11-21T04:01Z");
    assert_eq!(claimed.person.as_ref().unwrap()["accepted_by"], "某工");
    assert!(!serde_json::to_string(&*claimed.data).unwrap().contains("某工"));
}

#[test]
fn replies_that_make_no_sense_hear_why() {
    let mut lobby = Lobby::ring();
    let guard = staff(Role::Guard);
    let other = stands(Role::Guard, "workshop", "w");
    assert_eq!(lobby.step(claim(), &other, 1), Err(Objection::OtherPost));
    assert_eq!(lobby.step(claim(), &staff(Role::Auditor), 1), Err(Objection::Right));
    assert_eq!(lobby.step(claim(), &Actor::GUEST, 1), Err(Objection::Right));
    assert_eq!(lobby.step(TaskStep::Arrived { channel: None }, &guard, 1), Err(Objection::Order("offered")));
    assert_eq!(lobby.step(done(), &guard, 1), Err(Objection::Order("offered")));
    let never = Step::Task { task: 99, step: claim() };
    let house = house();
    assert_eq!(lobby.case.step(&never, None, &guard, &house, at(1)), Err(Objection::Unknown));
    lobby.step(claim(), &guard, 2).unwrap();
    assert_eq!(lobby.step(done(), &stands(Role::Guard, "gate", "x"), 3), Err(Objection::Claimed("职员".into())));
    lobby.until(60);
    let ended = Step::Task { task: 1, step: claim() };
    assert_eq!(lobby.case.state(), "missed");
    assert_eq!(lobby.case.step(&ended, None, &guard, &house, at(61)), Err(Objection::Ended), "the ring is over");
    lobby.step(done(), &guard, 62).unwrap();
    assert_eq!(lobby.step(done(), &guard, 63), Err(Objection::Ended), "the case is over");
}

#[test]
fn a_decline_by_radio_is_written_down_for_the_post_that_was_asked() {
    let mut lobby = Lobby::repair();
    lobby.step(decline(), &staff(Role::FrontDesk), 5).unwrap();
    assert_eq!(lobby.asked(), ["office"], "not the desk, the workshop has declined");
    let mut house = house();
    house.posts[1].takes.push(Duty::Errand);
    let mut both = Lobby::of(Errand::SeeEmergency, house);
    let elsewhere = stands(Role::ShiftLeader, "workshop", "l");
    assert_eq!(both.step(decline(), &elsewhere, 1), Err(Objection::OtherPost), "for which of the two?");
}

#[test]
fn a_leader_takes_over_from_whoever_holds_it_and_it_climbs() {
    let mut lobby = Lobby::of(Errand::SeeHelp, house());
    lobby.step(claim(), &staff(Role::Guard), 2).unwrap();
    lobby.step(decline(), &staff(Role::ShiftLeader), 4).unwrap();
    assert_eq!(lobby.asked(), ["desk", "hut"]);
    assert_eq!(lobby.task().state, TaskState::Offered);
}
