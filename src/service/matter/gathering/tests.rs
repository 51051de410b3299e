//! Meetings and activities: who gets a place, who is called, and that nobody who signed up is left without a word.

use super::*;
use crate::service::case::walk::{Plan, name, phone, staff, text, unit, walk};
use crate::service::case::{Case, Source};
use crate::service::matter::trial::{Trial, noon};
use crate::service::matter::{MatterStep, Opening};
use crate::service::number::Number;
use crate::service::staff::Actor;
use chrono::TimeDelta;
use proptest::prelude::*;

fn request(kind: Kind, places: u16) -> Request {
    Request {
        kind,
        title: Title::parse("秋季恳谈会").unwrap(),
        words: text(),
        title_en: None,
        words_en: None,
        at: noon() + TimeDelta::days(3),
        place: Title::parse("一层会客厅").unwrap(),
        places,
        invitation: Some(text()),
    }
}

fn guest() -> Step {
    Step::SignUp(Guest { unit: unit(), name: name(), phone: phone(), language: "zh-Hans".into() })
}

fn planned(kind: Kind, places: u16) -> Trial {
    Trial::open(&Opening::Gathering(request(kind, places)), noon())
}

fn step(trial: &mut Trial, step: Step, by: &Actor) -> Result<(), Objection> {
    trial.step(MatterStep::Gathering(step), by)
}

fn seats(trial: &Trial) -> Vec<(u16, bool)> {
    let crate::service::matter::Matter::Gathering(gathering) = &trial.case.matter else { panic!() };
    gathering.seats.taken.iter().map(|seat| (seat.id, seat.waiting)).collect()
}

#[test]
fn whoever_comes_after_the_last_place_waits_and_moves_up_when_one_becomes_free() {
    let mut trial = planned(Kind::Activity, 1);
    for _ in 0..3 {
        step(&mut trial, guest(), &Actor::GUEST).unwrap();
    }
    assert_eq!(seats(&trial), [(1, false), (2, true), (3, true)]);
    assert!(!trial.is_asked(Errand::TellGuests), "nobody has to be called yet");
    step(&mut trial, Step::SignOff { seat: 1 }, &Actor::GUEST).unwrap();
    assert_eq!(seats(&trial), [(2, false), (3, true)]);
    assert_eq!(trial.last(Told::GatheringSignedOff).data["moved_up"], 2);
    assert!(trial.is_asked(Errand::TellGuests), "the one who waited is called");
    // And the next one too, by a task of a new number: whoever has opened the list before has not seen him.
    let first = trial.task(Errand::TellGuests);
    step(&mut trial, Step::SignOff { seat: 2 }, &Actor::GUEST).unwrap();
    assert_ne!(trial.task(Errand::TellGuests), first);
    trial.done(trial.task(Errand::TellGuests), None, None, &staff(Role::FrontDesk)).unwrap();
    assert_eq!(trial.case.state(), "planned");
}

#[test]
fn a_waiting_list_is_no_longer_than_anybody_can_hope() {
    let mut trial = planned(Kind::Activity, 1);
    for _ in 0..=MAX_WAITING {
        step(&mut trial, guest(), &Actor::GUEST).unwrap();
    }
    assert_eq!(step(&mut trial, guest(), &Actor::GUEST), Err(Objection::Full));
}

#[test]
fn nobody_signs_up_for_what_has_begun() {
    let mut trial = planned(Kind::Activity, 5);
    trial.wait(TimeDelta::days(3));
    assert_eq!(trial.case.state(), "due");
    assert_eq!(step(&mut trial, guest(), &Actor::GUEST), Err(Objection::Order("due")));
}

#[test]
fn a_gathering_that_is_called_off_is_told_to_everybody_who_has_signed_up() {
    let mut trial = planned(Kind::Meeting, 5);
    for _ in 0..2 {
        step(&mut trial, guest(), &Actor::GUEST).unwrap();
    }
    let cancel = Step::Cancel { reason: text() };
    assert_eq!(step(&mut trial, cancel.clone(), &staff(Role::FrontDesk)), Err(Objection::Right));
    step(&mut trial, cancel, &staff(Role::Supervisor)).unwrap();
    assert_eq!(trial.case.state(), "cancelled");
    assert_eq!(trial.case.docket.tasks.len(), 1, "one task with the whole list");
    trial.done(trial.task(Errand::TellGuests), None, None, &staff(Role::FrontDesk)).unwrap();
    assert_eq!(trial.case.state(), "closed");
}

#[test]
fn minutes_of_a_meeting_are_due_within_the_days_of_the_figures_and_a_delay_is_told() {
    let mut trial = planned(Kind::Meeting, 5);
    trial.wait(TimeDelta::days(3) + TimeDelta::hours(2));
    let task = trial.task(Errand::NoteGathering);
    let desk = staff(Role::FrontDesk);
    assert_eq!(trial.done(task, None, None, &desk), Err(Objection::Needs(Need::Outcome)), "nobody ticks it off");
    step(&mut trial, Step::Held { attended: 12 }, &desk).unwrap();
    assert_eq!(trial.case.state(), "held");
    let task = trial.task(Errand::WriteMinutes);
    assert_eq!(trial.done(task, None, None, &staff(Role::Supervisor)), Err(Objection::Needs(Need::Text)));
    trial.wait(days(trial.house.figures.promise.minutes_days));
    assert_eq!(trial.last(Told::PromiseBreached).data["promise"], "finish");
    assert!(trial.case.docket.highlighted && trial.is_asked(Errand::WriteMinutes));
    step(&mut trial, Step::Minutes { text: vec![text(), text()] }, &staff(Role::Supervisor)).unwrap();
    assert_eq!(trial.case.state(), "closed");
    let person = trial.last(Told::GatheringMinuted).person.as_ref().unwrap();
    assert_eq!(person["minutes"].as_array().unwrap().len(), 2);
}

#[test]
fn an_activity_needs_no_minutes() {
    let mut trial = planned(Kind::Activity, 5);
    let desk = staff(Role::FrontDesk);
    assert_eq!(step(&mut trial, Step::Held { attended: 3 }, &desk), Err(Objection::Order("planned")), "not yet");
    trial.wait(TimeDelta::days(3));
    step(&mut trial, Step::Held { attended: 3 }, &desk).unwrap();
    assert_eq!(trial.case.state(), "closed");
}

#[test]
fn a_phone_has_one_seat_and_whoever_signs_off_is_struck_out() {
    let Step::SignUp(guest) = guest() else { panic!() };
    let person = list::noted(7, &guest);
    assert_eq!(seat_of(&person, &phone()), Some(7));
    assert_eq!(seat_of(&list::struck_out(7), &phone()), None);
    assert_eq!(seat_of(&Data::new(), &phone()), None);
}

#[test]
fn the_glass_reads_what_is_planned_and_nothing_of_who_comes() {
    let mut trial = planned(Kind::Meeting, 1);
    step(&mut trial, guest(), &Actor::GUEST).unwrap();
    let mut person = trial.events[0].person.clone().unwrap();
    person.extend(list::noted(1, &Guest { unit: unit(), name: name(), phone: phone(), language: "en".into() }));
    let announced = Announced::of(&trial.case, &person).unwrap();
    assert!(announced.full && announced.title == "秋季恳谈会");
    assert!(!format!("{announced:?}").contains(phone().as_str()));
    step(&mut trial, Step::Cancel { reason: text() }, &staff(Role::Supervisor)).unwrap();
    assert_eq!(Announced::of(&trial.case, &person), None, "what was called off is not on the glass");
}

#[test]
fn half_years_begin_in_january_and_july() {
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    assert_eq!(
        [day(1, 1), day(6, 30), day(7, 1), day(12, 31)].map(half_year),
        [day(1, 1), day(1, 1), day(7, 1), day(7, 1)]
    );
}

#[test]
fn no_gathering_ends_without_a_word() {
    let kind = prop::sample::select(vec![Kind::Meeting, Kind::Activity]);
    let steps = prop_oneof![
        4 => Just(guest()),
        3 => (0u16..6).prop_map(|seat| Step::SignOff { seat }),
        2 => (0u16..9).prop_map(|attended| Step::Held { attended }),
        2 => (0usize..3).prop_map(|n| Step::Minutes { text: vec![text(); n] }),
        2 => Just(Step::Cancel { reason: text() }),
    ];
    let soon = |kind| Request { at: DateTime::from_timestamp(1_795_226_400, 0).unwrap(), ..request(kind, 2) };
    walk(&Plan {
        openings: kind.prop_map(move |kind| Opening::Gathering(soon(kind))).boxed(),
        steps: steps.prop_map(MatterStep::Gathering).boxed(),
        allowed: &[
            ("", &["planned"]),
            ("planned", &["due", "held", "cancelled", "closed"]),
            ("due", &["held", "cancelled", "closed"]),
            ("held", &["closed"]),
            ("cancelled", &["closed"]),
        ],
        waits: &[],
        outcomes: &["told"],
        check: &|seen| {
            let ended = seen.count(Told::GatheringClosed);
            assert_eq!(seen.after.is_closed(), ended == 1);
            let ends = seen.count(Told::GatheringHeld) + seen.count(Told::GatheringCancelled);
            assert!(!seen.after.is_closed() || ends == 1, "it took place or was called off");
            let crate::service::matter::Matter::Gathering(gathering) = &seen.after.matter else { panic!() };
            assert!(gathering.seats.coming() <= usize::from(gathering.seats.places), "no place is given twice");
            let waits = gathering.seats.waiting() > 0 && !gathering.seats.is_full();
            assert!(!waits, "nobody waits while a place is free");
            let told =
                gathering.seats.to_tell().is_empty() || seen.after.docket.errands(Errand::TellGuests).count() == 1;
            assert!(told || gathering.phase != Phase::Planned, "who moved up is called");
        },
        walks: 96,
        attempts: 40,
    });
}

#[test]
fn a_title_is_one_line() {
    assert!(Title::parse(" 茶话会 ").is_some_and(|title| title.as_str() == "茶话会"));
    for bad in ["", " ", "a\nb", &"长".repeat(MAX_TITLE + 1)] {
        assert_eq!(Title::parse(bad), None);
    }
    let number = Number { series: Series::Gathering, day: 20_261_121, nth: 1 };
    let opened = Case::open(
        &Opening::Gathering(request(Kind::Activity, 0)),
        Source::StaffContact,
        number,
        &staff(Role::Supervisor),
        &crate::service::case::walk::house(),
        crate::event::Now { utc: noon(), synced: true },
    );
    assert_eq!(opened.case.docket.facts["places"], 1, "a gathering has a place");
}
