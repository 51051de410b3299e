//! What comes in: from whom, by which way, with what it must say, and who hears of it.

use crate::counter::{Counter, NAME, form, staff, with};
use chrono::TimeDelta;
use lobbyd::desk::Command;
use lobbyd::event::Kind;
use lobbyd::journal::Reader;
use lobbyd::service::case::Source;
use lobbyd::service::matter::Opening;
use lobbyd::service::number::Series;
use lobbyd::service::staff::Role;
use serde_json::{Value, json};
use std::sync::mpsc;

const TICKETS: [&str; 5] = ["repair", "complaint", "enquiry", "suggestion", "service"];
const EMPLOYEES: [Role; 5] = [Role::Guard, Role::ShiftLeader, Role::Engineer, Role::Supervisor, Role::ProjectManager];

#[test]
fn the_front_desk_chases_any_ticket_and_each_chase_is_logged_at_most_once_in_half_an_hour() {
    let counter = Counter::new();
    let tickets = TICKETS.map(|matter| counter.brings(matter, form(matter)));
    for number in tickets {
        counter.step(number, json!("chase"), Role::FrontDesk).unwrap();
        assert_eq!(counter.step(number, json!("chase"), Role::FrontDesk), Err("too-soon"));
    }
    counter.pass(TimeDelta::minutes(29));
    assert_eq!(counter.step(tickets[0], json!("chase"), Role::FrontDesk), Err("too-soon"));
    counter.pass(TimeDelta::minutes(1));
    counter.step(tickets[0], json!("chase"), Role::FrontDesk).unwrap();
    let chased = counter.told(Kind::CaseChased);
    assert_eq!(chased.len(), TICKETS.len() + 1);
    assert!(chased.iter().all(|told| told["by"] == "front-desk"), "each says who chased");
    counter.open.close();
}

#[test]
fn whatever_any_employee_notes_for_somebody_is_offered_to_the_front_desk() {
    let counter = Counter::new();
    for role in EMPLOYEES {
        for matter in TICKETS {
            let number = counter.noted(matter, form(matter), Source::StaffContact, &staff(role));
            let task = counter.asked(number, "take-up").unwrap_or_else(|| panic!("{matter} by {}", role.name()));
            let asked: Vec<&str> = task.asked().map(|post| post.as_str()).collect();
            assert_eq!(asked, ["front"], "{matter} by {}", role.name());
        }
    }
    counter.open.close();
}

#[test]
fn every_way_in_is_told_as_it_was_and_all_share_one_series_of_numbers() {
    let counter = Counter::new();
    // R017, R018, R019, in the regulations' order; the kiosk is a visit that serves itself.
    let ways = [
        "staff-contact",
        "walk-in",
        "dispatch-centre",
        "suggestion-box",
        "phone",
        "letter",
        "internal",
        "other",
        "email",
        "online",
        "kiosk",
    ];
    for matter in ["repair", "complaint", "suggestion"] {
        for (before, way) in ways.iter().enumerate() {
            let source: Source = serde_json::from_value(json!(way)).unwrap();
            let number = counter.noted(matter, form(matter), source, &staff(Role::FrontDesk));
            assert_eq!(number.nth as usize, before + 1, "one series over all ways");
            assert_eq!(counter.case(number).case.docket.source.name(), *way);
        }
    }
    for kind in [Kind::RepairReceived, Kind::ComplaintReceived, Kind::SuggestionReceived] {
        let channels: Vec<Value> = counter.told(kind).into_iter().map(|told| told["channel"].clone()).collect();
        assert_eq!(json!(channels), json!(ways), "{kind}");
    }
    counter.open.close();
}

#[test]
fn every_kind_of_matter_begins_with_somebody_who_is_asked() {
    let counter = Counter::new();
    for matter in ["repair", "complaint", "suggestion", "enquiry", "visit", "help"] {
        let case = counter.case(counter.brings(matter, form(matter))).case;
        assert!(case.docket.tasks.iter().any(|task| task.asked().next().is_some()), "{matter}");
        assert!(!case.is_closed(), "{matter}");
    }
    counter.open.close();
}

#[test]
fn a_form_without_what_the_regulations_ask_for_is_no_form() {
    let asked: [(&str, &[&str]); 4] = [
        // R022 content and place; R023 contact and phone.
        ("repair", &["place", "category", "name", "phone"]),
        // R030.
        ("complaint", &["text", "name", "phone"]),
        // R031.
        ("enquiry", &["text", "name", "phone"]),
        // R270: name, unit, phone and item.
        ("service", &["item", "name", "phone", "unit"]),
    ];
    let is_form = |matter: &str, form: Value| serde_json::from_value::<Opening>(json!({ matter: form })).is_ok();
    for (matter, fields) in asked {
        assert!(is_form(matter, form(matter)), "{matter}");
        for field in fields {
            let mut without = form(matter);
            without.as_object_mut().unwrap().remove(*field);
            assert!(!is_form(matter, without), "{matter} without {field}");
            assert!(!is_form(matter, with(matter, field, json!(""))), "{matter} with an empty {field}");
        }
        // R125: nor is there a place for what staff think of whoever brings it.
        for field in ["judgement", "attitude", "mood", "difficult"] {
            assert!(!is_form(matter, with(matter, field, json!("…"))), "{matter} with {field}");
        }
    }
}

#[test]
fn a_complaint_is_on_disk_word_for_word_before_it_is_answered() {
    let counter = Counter::new();
    // R121: five hundred characters, and none of them is lost.
    let words = "我等了很久，没有人来。".repeat(45) + "谢谢。";
    assert!((490..=500).contains(&words.chars().count()));
    let complaint = with("complaint", "text", json!(words));
    let opening = serde_json::from_value(json!({ "complaint": complaint })).unwrap();
    let (dir, (tx, rx)) = (counter.open.dir.clone(), mpsc::channel());
    // The answer comes on the desk's own thread: nothing can be written between it and this look.
    counter.open.desk.submit(Command::at_the_glass(opening), move |_| {
        let cases = Reader::open(&dir).unwrap().open_cases_of(Series::Complaint).unwrap();
        tx.send(cases.into_iter().map(|row| row.person).collect::<Vec<_>>()).unwrap();
    });
    let people = rx.recv_timeout(crate::clockwork::PATIENCE).unwrap();
    assert_eq!(people.len(), 1);
    assert_eq!((&people[0]["detail"], &people[0]["name"]), (&json!(words), &json!(NAME)));
    counter.open.close();
}
