use super::*;
use crate::service::case::walk::{Plan, Seen, phone, staff, text, unit, walk};
use crate::service::case::{Reason, Step as CaseStep, TaskStep};
use crate::service::matter::trial::{Trial, noon};
use crate::service::matter::{Matter, MatterStep, Opening};
use crate::service::staff::Actor;
use proptest::prelude::*;

fn placed() -> Placed {
    Placed { address: Address::Unit(unit()), phone: phone() }
}

fn open(placed: Option<Placed>) -> Trial {
    Trial::open(&Opening::Emergency(Request { language: "zh-Hans".into(), placed }), noon())
}

fn step(trial: &mut Trial, step: Step, by: &Actor) -> Result<(), Objection> {
    trial.step(MatterStep::Emergency(step), by)
}

/// Placed, and chosen by the one who pressed.
fn chosen(choice: Choice) -> Trial {
    let mut trial = open(Some(placed()));
    step(&mut trial, Step::Choose { choice, stand_by: StandBy::Home }, &Actor::GUEST).unwrap();
    trial
}

fn settle(trial: &mut Trial, more_help: Option<bool>) -> Result<(), Objection> {
    step(trial, Step::Settle { more_help }, &staff(Role::Guard))
}

fn needs(need: Need) -> Result<(), Objection> {
    Err(Objection::Needs(need))
}

/// The two tasks at the patient.
fn going(trial: &Trial) -> Vec<u16> {
    trial.case.docket.errands(Errand::GoToPatient).map(|task| task.id).collect()
}

#[test]
fn it_rings_at_once_with_nothing_known() {
    let trial = open(None);
    assert_eq!((trial.case.state(), trial.is_asked(Errand::SeeEmergency)), ("requested", true));
    assert!(trial.last(Kind::EmergencyRequested).kind.is_urgent());
}

#[test]
fn all_that_is_told_until_its_end_goes_to_the_office_before_anything_else() {
    let told = Kind::ALL.iter().filter(|kind| kind.name().starts_with("emergency."));
    let late: Vec<&str> = told.filter(|kind| !kind.is_urgent()).map(|kind| kind.name()).collect();
    assert_eq!(late, ["emergency.called-back", "emergency.closed"]);
}

#[test]
fn address_and_phone_come_before_the_choice_and_the_phone_stands_apart() {
    let mut trial = open(None);
    let choose = Step::Choose { choice: Choice::Care, stand_by: StandBy::Home };
    assert_eq!(step(&mut trial, choose.clone(), &Actor::GUEST), needs(Need::AddressAndPhone));
    step(&mut trial, Step::Place(placed()), &Actor::GUEST).unwrap();
    assert_eq!(trial.person(Kind::EmergencyPlaced)["phone"], phone().as_str());
    let see = trial.task(Errand::SeeEmergency);
    assert_eq!(trial.case.docket.task(see).unwrap().facts["unit"], unit().as_str(), "whoever goes knows where");
    step(&mut trial, choose, &Actor::GUEST).unwrap();
    assert_eq!(trial.case.state(), "helping");
}

#[test]
fn whoever_came_first_may_not_leave_before_it_is_clear_how_to_help() {
    let mut trial = open(None);
    assert_eq!(trial.answer(Errand::SeeEmergency, "seen"), needs(Need::AddressAndPhone));
    step(&mut trial, Step::Place(placed()), &staff(Role::Guard)).unwrap();
    assert_eq!(trial.answer(Errand::SeeEmergency, "seen"), needs(Need::Choice));
    let choose = Step::Choose { choice: Choice::Ambulance, stand_by: StandBy::Home };
    step(&mut trial, choose, &staff(Role::Guard)).unwrap();
    assert_eq!(trial.answer(Errand::SeeEmergency, "seen"), needs(Need::AmbulanceCall));
    step(&mut trial, Step::Ambulance(Ambulance::Called), &staff(Role::Guard)).unwrap();
    trial.answer(Errand::SeeEmergency, "seen").unwrap();
}

#[test]
fn the_hospital_needs_two_different_named_people_and_a_vehicle() {
    let mut trial = chosen(Choice::Hospital);
    assert!(trial.is_asked(Errand::FetchVehicle));
    let tasks = going(&trial);
    assert_eq!(tasks.len(), 2);
    let leader = staff(Role::ShiftLeader);
    trial.claim(tasks[0], None, &leader).unwrap();
    assert_eq!(trial.claim(tasks[1], None, &leader), needs(Need::TwoPersons));
    assert_eq!(trial.claim(tasks[1], Some("职员"), &leader), needs(Need::TwoPersons), "the same name over the radio");
    assert_eq!(settle(&mut trial, Some(false)), needs(Need::TwoPersons));
    assert_eq!(trial.done(tasks[0], None, None, &leader), needs(Need::TwoPersons), "he stands by for the second");
    trial.claim(tasks[1], Some("李四"), &leader).unwrap();
    assert_eq!(trial.person(Kind::EmergencyGuardNamed)["guard_2"], "李四");
    settle(&mut trial, Some(false)).unwrap();
    assert_eq!(trial.case.state(), "ended");
}

#[test]
fn who_gave_his_task_back_counts_no_more() {
    let mut trial = chosen(Choice::Hospital);
    let (tasks, leader) = (going(&trial), staff(Role::ShiftLeader));
    trial.claim(tasks[0], Some("张三"), &leader).unwrap();
    trial.claim(tasks[1], Some("李四"), &leader).unwrap();
    let decline = TaskStep::Decline { reason: Some(Reason::Unwell), note: None };
    trial.take(&CaseStep::Task { task: tasks[1], step: decline }, &leader).unwrap();
    assert_eq!(settle(&mut trial, Some(false)), needs(Need::TwoPersons));
}

#[test]
fn the_family_is_reminded_to_come_along_and_of_what_to_bring() {
    let trial = chosen(Choice::Hospital);
    let remind = &trial.case.docket.task(going(&trial)[0]).unwrap().facts["remind"];
    assert!(remind.as_array().unwrap().contains(&json!("family-goes-along")));
}

#[test]
fn the_gate_meets_the_ambulance_and_its_arrival_is_told_before_the_guide_is_done() {
    let mut trial = chosen(Choice::Ambulance);
    let task = trial.case.docket.task(trial.task(Errand::MeetAmbulance)).unwrap();
    assert!(task.asked().any(|post| post.as_str() == "gate"), "a post at the gate is asked");
    assert_eq!(task.facts["unit"], unit().as_str(), "the guide knows where to");
    step(&mut trial, Step::Condition { text: text() }, &Actor::GUEST).unwrap();
    assert_eq!(trial.person(Kind::EmergencyCondition)["condition"], text().as_str());
    assert_eq!(trial.answer(Errand::MeetAmbulance, "guided"), needs(Need::AmbulanceArrival));
    assert_eq!(settle(&mut trial, Some(false)), needs(Need::AmbulanceArrival));
    step(&mut trial, Step::Ambulance(Ambulance::Arrived), &staff(Role::Guard)).unwrap();
    trial.answer(Errand::MeetAmbulance, "guided").unwrap();
}

#[test]
fn the_shift_leader_names_who_cares_and_only_where_a_relative_watches_too() {
    let mut trial = chosen(Choice::Care);
    let task = trial.task(Errand::NameCarer);
    assert_eq!(
        trial.case.docket.task(task).unwrap().asked().next().unwrap().as_str(),
        "office",
        "above those who walk"
    );
    let leader = staff(Role::ShiftLeader);
    assert_eq!(trial.claim(task, Some("张三"), &leader), needs(Need::Relative));
    step(&mut trial, Step::Relative { with_patient: true }, &staff(Role::Guard)).unwrap();
    trial.claim(task, Some("张三"), &leader).unwrap();
    assert_eq!(trial.person(Kind::EmergencyGuardNamed)["carer"], "张三");
    step(&mut trial, Step::Relative { with_patient: false }, &staff(Role::Guard)).unwrap();
    assert!(trial.is_asked(Errand::CheckCare), "nobody cares for a patient alone");
}

#[test]
fn somebody_looks_after_the_care_again_and_again() {
    let mut trial = chosen(Choice::Care);
    step(&mut trial, Step::Relative { with_patient: true }, &staff(Role::Guard)).unwrap();
    let (task, leader) = (trial.task(Errand::NameCarer), staff(Role::ShiftLeader));
    trial.claim(task, Some("张三"), &leader).unwrap();
    trial.take(&CaseStep::Task { task, step: TaskStep::Arrived { channel: None } }, &leader).unwrap();
    for _ in 0..2 {
        trial.wait(TimeDelta::minutes(61));
        trial.answer(Errand::CheckCare, "all-well").unwrap();
    }
}

#[test]
fn nobody_calls_a_patient_settled_without_asking_whether_more_help_is_needed() {
    let mut trial = chosen(Choice::Ambulance);
    step(&mut trial, Step::Ambulance(Ambulance::Arrived), &staff(Role::Guard)).unwrap();
    assert_eq!(settle(&mut trial, None), needs(Need::MoreHelpAsked));
    settle(&mut trial, Some(true)).unwrap();
    assert_eq!((trial.case.state(), trial.is_asked(Errand::Decide)), ("settled", true), "R106: the manager decides");
    let manager = staff(Role::ProjectManager);
    let decide = trial.task(Errand::Decide);
    trial.done(decide, Some("arranged"), None, &manager).unwrap();
    let tell = trial.task(Errand::TellResult);
    assert_eq!(trial.done(tell, None, None, &manager), needs(Need::MoreHelpAsked), "asked again");
    settle(&mut trial, Some(false)).unwrap();
    assert_eq!(trial.case.state(), "ended");
}

#[test]
fn it_closes_only_after_somebody_has_called_back_within_a_week() {
    let mut trial = chosen(Choice::Ambulance);
    step(&mut trial, Step::Ambulance(Ambulance::Arrived), &staff(Role::Guard)).unwrap();
    settle(&mut trial, Some(false)).unwrap();
    let due = trial.case.docket.clock(Promise::CallBack).unwrap().due.time();
    assert_eq!(due - trial.at, TimeDelta::days(7));
    assert_eq!(trial.answer(Errand::CallBack, "no-answer"), needs(Need::Outcome));
    trial.wait(TimeDelta::days(8));
    assert!(trial.is_asked(Errand::Apologise), "late: somebody apologises (R090)");
    trial.answer(Errand::CallBack, "well").unwrap();
    assert!(trial.case.is_closed());
    assert_eq!(trial.facts(Kind::PromiseKept)["late"], true);
}

#[test]
fn a_call_back_that_finds_more_need_is_not_the_end() {
    let mut trial = chosen(Choice::Ambulance);
    step(&mut trial, Step::Ambulance(Ambulance::Arrived), &staff(Role::Guard)).unwrap();
    settle(&mut trial, Some(false)).unwrap();
    trial.answer(Errand::CallBack, "more-help").unwrap();
    assert_eq!((trial.case.state(), trial.is_asked(Errand::Decide)), ("settled", true));
}

#[test]
fn it_is_called_off_by_a_named_person_with_a_reason_and_never_in_silence() {
    let mut trial = open(None);
    let off = |reason| Step::CallOff { reason, note: None };
    assert_eq!(step(&mut trial, off(CallOff::Mistake), &Actor::GUEST), Err(Objection::Right));
    assert_eq!(step(&mut trial, off(CallOff::Mistake), &staff(Role::Auditor)), Err(Objection::Right));
    assert_eq!(step(&mut trial, off(CallOff::Other), &staff(Role::Guard)), needs(Need::Reason));
    let withdraw = CaseStep::Withdraw { reason: None };
    assert!(trial.take(&withdraw, &staff(Role::ProjectManager)).is_err());
    trial.wait(TimeDelta::days(30));
    assert!(!trial.case.is_closed(), "an emergency never times out");
    step(&mut trial, off(CallOff::Mistake), &staff(Role::Guard)).unwrap();
    assert_eq!((trial.case.is_closed(), trial.facts(Kind::EmergencyCalledOff)["by"].as_str()), (true, Some("guard")));
}

#[test]
fn help_that_was_under_way_is_called_back_even_where_it_was_called_off() {
    let mut trial = chosen(Choice::Hospital);
    step(&mut trial, Step::CallOff { reason: CallOff::Helped, note: None }, &staff(Role::Guard)).unwrap();
    assert_eq!((trial.case.state(), trial.is_asked(Errand::CallBack)), ("ended", true));
}

#[test]
fn care_may_become_a_call_for_the_ambulance() {
    let mut trial = chosen(Choice::Care);
    let more = Step::Choose { choice: Choice::Ambulance, stand_by: StandBy::Home };
    step(&mut trial, more.clone(), &Actor::GUEST).unwrap();
    assert!(trial.is_asked(Errand::MeetAmbulance) && trial.is_asked(Errand::NameCarer));
    assert!(step(&mut trial, more, &Actor::GUEST).is_err(), "each way once");
}

/// R153: not in what the guards are reminded of, and not in any text of an emergency.
#[test]
fn nothing_in_an_emergency_advises_about_the_patient() {
    const ADVICE: [&str; 14] = [
        "服药",
        "吃药",
        "用药",
        "心肺复苏",
        "人工呼吸",
        "按压",
        "催吐",
        "止血",
        "平躺",
        "侧卧",
        "pills",
        "CPR",
        "compress",
        "lie down",
    ];
    let strings = [
        include_str!("../../../../assets/strings/zh-Hans.ftl"),
        include_str!("../../../../assets/strings/en.ftl"),
        &REMIND.join(" "),
    ];
    for advice in ADVICE {
        assert!(strings.iter().all(|text| !text.contains(advice)), "{advice}");
    }
}

#[test]
fn a_tap_by_mistake_is_told_to_who_comes_and_ends_nothing() {
    let mut trial = open(None);
    step(&mut trial, Step::NotNeeded, &Actor::GUEST).unwrap();
    assert_eq!(trial.case.state(), "requested");
    let see = trial.case.docket.errands(Errand::SeeEmergency).next().unwrap();
    assert_eq!(see.facts["not_needed"], true);
    step(&mut trial, Step::Place(placed()), &Actor::GUEST).unwrap();
    let see = trial.case.docket.errands(Errand::SeeEmergency).next().unwrap();
    assert_eq!(see.facts["not_needed"], false, "and then it was none");
}

fn steps() -> BoxedStrategy<MatterStep> {
    let choice = prop::sample::select(vec![Choice::Hospital, Choice::Ambulance, Choice::Care]);
    let ambulance = prop::sample::select(vec![Ambulance::Called, Ambulance::Arrived]);
    let reason = prop::sample::select(vec![CallOff::Mistake, CallOff::Helped, CallOff::Other]);
    let steps = prop_oneof![
        4 => Just(Step::Place(placed())),
        2 => Just(Step::Place(Placed { address: Address::Other(text()), phone: phone() })),
        6 => choice.prop_map(|choice| Step::Choose { choice, stand_by: StandBy::Centre }),
        2 => Just(Step::Condition { text: text() }),
        1 => Just(Step::NotNeeded),
        4 => prop::bool::weighted(0.8).prop_map(|with_patient| Step::Relative { with_patient }),
        4 => ambulance.prop_map(Step::Ambulance),
        8 => any::<Option<bool>>().prop_map(|more_help| Step::Settle { more_help }),
        1 => (reason, any::<bool>())
            .prop_map(|(reason, noted)| Step::CallOff { reason, note: noted.then(text) }),
    ];
    steps.prop_map(MatterStep::Emergency).boxed()
}

/// What is true of every emergency, whatever people do.
fn check(seen: &Seen<'_>) {
    let Matter::Emergency(emergency) = &seen.after.matter else { panic!("not an emergency") };
    let going =
        || seen.after.docket.errands(Errand::GoToPatient).filter_map(|task| Some((task.id, task.state.holder()?)));
    for (id, one) in going() {
        assert!(going().all(|(other, by)| other == id || !same(one, by)), "R150: one person at two places");
    }
    for (nth, sent) in emergency.sent.iter().enumerate().filter(|(_, sent)| sent.errand == Errand::GoToPatient) {
        let rest = emergency.sent[nth + 1..].iter().filter(|other| other.errand == Errand::GoToPatient);
        assert!(rest.clone().all(|other| !same(&sent.who, &other.who)), "R150: one person counted twice");
    }
    let newly = |kind| seen.events.iter().any(|event| event.kind == kind);
    if newly(Kind::EmergencyEnded) {
        let asked = newly(Kind::EmergencyMoreHelp) || newly(Kind::EmergencyCalledOff);
        assert!(asked, "R160: more help asked, or called off");
        assert!(seen.after.docket.clock(Promise::CallBack).is_some(), "R091");
    }
    if seen.after.is_closed() {
        let called_back = seen.since(Kind::EmergencyEnded, Kind::EmergencyCalledBack);
        assert!(called_back || seen.count(Kind::EmergencyCalledOff) == 1, "never closed in silence");
        assert!(emergency.chosen.is_empty() || called_back, "R091: whoever was helped is called back");
    }
    if newly(Kind::EmergencySettled) {
        assert!(seen.by.role.is_some() && emergency.chosen.iter().any(|choice| emergency.lacks(*choice).is_none()));
    }
}

#[test]
fn an_emergency_walks_from_the_press_to_the_call_back() {
    let opening = any::<bool>()
        .prop_map(|known| Opening::Emergency(Request { language: "zh-Hans".into(), placed: known.then(placed) }));
    walk(&Plan {
        openings: opening.boxed(),
        steps: steps(),
        allowed: &[
            ("", &["requested", "placed"]),
            ("requested", &["placed", "closed"]),
            ("placed", &["helping", "closed"]),
            ("helping", &["settled", "ended"]),
            ("settled", &["helping", "ended"]),
            ("ended", &["settled", "closed"]),
        ],
        waits: &[],
        outcomes: &["well", "more-help"],
        check: &check,
        walks: 200,
        attempts: 60,
    });
}
