//! How matters go: in which order, by whose hand, until when, and what the reports say of them.

use crate::counter::{Counter, finish, form, house, with};
use chrono::TimeDelta;
use lobbyd::event::Kind;
use lobbyd::journal::Reader;
use lobbyd::service::case::{Promise, Source};
use lobbyd::service::number::Number;
use lobbyd::service::period::Period;
use lobbyd::service::report::Report;
use lobbyd::service::staff::Role;
use serde_json::{Value, json};

fn of(matter: &str, step: Value) -> Value {
    json!({ "matter": { matter: step } })
}

fn due(counter: &Counter, number: Number, promise: Promise) -> Option<TimeDelta> {
    let now = counter.open.desk.now().utc;
    counter.case(number).case.docket.clock(promise).map(|clock| clock.due.time() - now)
}

fn report_of_the_day(counter: &Counter) -> Report {
    Reader::open(&counter.open.dir).unwrap().report(Period::parse("2026-11-21").unwrap()).unwrap()
}

#[test]
fn an_enquiry_is_received_looked_into_passed_on_and_answered_in_this_order() {
    let counter = Counter::new();
    let number = counter.brings("enquiry", form("enquiry"));
    let answer = json!({ "answer": { "words": "八点停水。", "written": true, "told": false } });
    let told = json!({ "told": { "understood": true } });
    assert_eq!(counter.step(number, of("enquiry", told.clone()), Role::FrontDesk), Err("order"));
    let states = [
        counter.case(number).case.state(),
        counter.task(number, "take-up", json!({ "claim": {} }), Role::FrontDesk).unwrap(),
        counter
            .step(number, of("enquiry", json!({ "transfer": { "department": "engineering" } })), Role::FrontDesk)
            .unwrap(),
        counter.step(number, of("enquiry", answer), Role::Engineer).unwrap(),
        counter.step(number, of("enquiry", told), Role::FrontDesk).unwrap(),
    ];
    assert_eq!(states, ["received", "received", "transferred", "answered", "closed"]);
    let course = [
        Kind::EnquiryReceived,
        Kind::TaskClaimed,
        Kind::EnquiryTransferred,
        Kind::EnquiryAnswered,
        Kind::EnquiryClosed,
    ];
    let seen: Vec<Kind> = counter.open.kinds().into_iter().filter(|kind| course.contains(kind)).collect();
    assert_eq!(seen, course);
    counter.open.close();
}

#[test]
fn the_stricter_profile_brings_the_result_within_twelve_hours_or_apologises() {
    for strict in [false, true] {
        let mut house = house();
        house.figures.promise.strict = strict;
        let counter = Counter::of(house);
        let repair = counter.brings("repair", form("repair"));
        counter.work(repair, finish()).unwrap();
        let enquiry = counter.brings("enquiry", form("enquiry"));
        let answer = json!({ "answer": { "words": "八点停水。", "written": true, "told": false } });
        counter.step(enquiry, of("enquiry", answer), Role::FrontDesk).unwrap();
        for number in [repair, enquiry] {
            let left = due(&counter, number, Promise::Result);
            assert_eq!(left, strict.then_some(TimeDelta::hours(12)), "{number}");
        }
        counter.pass(TimeDelta::hours(12));
        assert_eq!(counter.asked(enquiry, "apologise").is_some(), strict, "R090");
        counter.open.close();
    }
}

#[test]
fn a_complainant_is_called_within_a_day_where_the_house_says_so() {
    for hours in [0, 24] {
        let mut house = house();
        house.figures.promise.complaint_first_call_hours = hours;
        let counter = Counter::of(house);
        let late = counter.brings("complaint", form("complaint"));
        let called = counter.brings("complaint", form("complaint"));
        let expected = (hours > 0).then(|| TimeDelta::hours(24));
        assert_eq!(due(&counter, late, Promise::FirstCall), expected);
        let classify = json!({ "classify": { "class": "valid-conduct", "major": false } });
        counter.step(called, of("complaint", classify), Role::FrontDesk).unwrap();
        let result_by = counter.open.desk.now().utc + TimeDelta::hours(40);
        let acknowledge = json!({ "acknowledge": { "words": "谢谢您告诉我们，很抱歉。", "result_by": result_by } });
        counter.step(called, of("complaint", acknowledge), Role::FrontDesk).unwrap();
        counter.pass(TimeDelta::hours(24));
        let broken = counter.told(Kind::PromiseBreached);
        let broken: Vec<&Value> = broken.iter().filter(|told| told["promise"] == "first-call").collect();
        assert_eq!(broken.len(), usize::from(hours > 0), "only who was not called waits in vain");
        counter.open.close();
    }
}

#[test]
fn a_communicative_complaint_lives_on_only_as_what_it_really_is() {
    let cases = [
        ("seeks-help", ["R-20261121-1", "H-20261121-1"], ["Q-20261121-1", "S-20261121-1"]),
        ("seeks-advice", ["Q-20261121-1", "S-20261121-1"], ["R-20261121-1", "V-20261121-1"]),
    ];
    let counter = Counter::new();
    for matter in ["repair", "help", "enquiry", "suggestion"] {
        counter.brings(matter, form(matter));
    }
    for (class, right, wrong) in cases {
        for becomes in right {
            let number = counter.brings("complaint", form("complaint"));
            let step = |case: &str| of("complaint", json!({ "becomes": { "case": case } }));
            assert_eq!(counter.step(number, step(becomes), Role::FrontDesk), Err("order"), "first it is classified");
            let classify = json!({ "classify": { "class": class, "major": false } });
            counter.step(number, of("complaint", classify), Role::FrontDesk).unwrap();
            for other in wrong {
                assert_eq!(counter.step(number, step(other), Role::FrontDesk), Err("wrong-matter"), "{class}: {other}");
            }
            let nothing = becomes.replace("21-1", "21-9");
            assert_eq!(counter.step(number, step(&nothing), Role::FrontDesk), Err("needs-other-case"), "{nothing}");
            assert_eq!(counter.step(number, step(becomes), Role::FrontDesk), Ok("became"));
            assert_eq!(counter.told(Kind::ComplaintClosed).last().unwrap()["becomes"], becomes);
        }
    }
    let valid = counter.brings("complaint", form("complaint"));
    let classify = json!({ "classify": { "class": "valid-conduct", "major": false } });
    counter.step(valid, of("complaint", classify), Role::FrontDesk).unwrap();
    let away = of("complaint", json!({ "becomes": { "case": "Q-20261121-1" } }));
    assert_eq!(counter.step(valid, away, Role::FrontDesk), Err("order"), "what is valid is not talked away");
    counter.open.close();
}

#[test]
fn the_supervisor_takes_and_gives_repairs_and_alone_signs_them() {
    let counter = Counter::new();
    let repair = counter.brings("repair", form("repair"));
    let given = json!({ "claim": { "on_behalf": { "name": "小陈" }, "eta": { "minutes": 20 } } });
    assert_eq!(counter.task(repair, "repair", given.clone(), Role::Guard), Err("other-post"));
    assert_eq!(counter.task(repair, "repair", given, Role::Supervisor), Ok("accepted"));
    let holder = counter.asked(repair, "repair").unwrap().state.holder().unwrap().name.clone();
    assert_eq!(holder, "小陈");
    let other = counter.brings("repair", form("repair"));
    counter.work(other, finish()).unwrap();
    let sign = || of("repair", json!({ "check": { "passed": true } }));
    for role in [Role::Guard, Role::FrontDesk, Role::ShiftLeader, Role::Engineer, Role::Auditor] {
        assert_eq!(counter.step(other, sign(), role), Err("right"), "{}", role.name());
    }
    assert_eq!(counter.step(other, sign(), Role::Supervisor), Ok("settled"), "there is nothing to pay");
    let signed = counter.told(Kind::RepairChecked);
    assert_eq!(signed.last().unwrap()["by"], "supervisor", "R069: by name, and the event has the time");
    counter.open.close();
}

#[test]
fn a_repair_ends_with_its_result_in_one_of_six_ways_and_never_with_a_bare_done() {
    let counter = Counter::new();
    // R065: oral, software, direct talk, on the spot, coordination sheet, special talk.
    let modes =
        ["oral-dispatch", "system-dispatch", "direct-talk", "on-the-spot", "coordination-sheet", "special-talk"];
    for mode in modes {
        let repair = counter.brings("repair", form("repair"));
        let mut end = finish();
        end["mode"] = json!(mode);
        assert_eq!(counter.work(repair, end), Ok("done"));
        assert_eq!(counter.told(Kind::RepairDone).last().unwrap()["mode"], mode);
    }
    let is_step = |step: Value| serde_json::from_value::<lobbyd::service::case::Step>(of("repair", step)).is_ok();
    for (field, value) in [("mode", json!("somehow")), ("result", json!("")), ("signature", Value::Null)] {
        let mut end = finish();
        end[field] = value;
        assert!(!is_step(json!({ "done": end })), "{field}");
    }
    // R264.
    assert!(is_step(json!({ "settle": { "paid": 2000, "receipt": "r-1" } })));
    assert!(
        !is_step(json!({ "settle": { "paid": 2000 } }))
            && !is_step(json!({ "settle": { "paid": 2000, "receipt": "" } }))
    );
    let open = counter.brings("repair", form("repair"));
    counter.task(open, "repair", json!({ "claim": { "eta": { "minutes": 20 } } }), Role::Engineer).unwrap();
    counter.task(open, "repair", json!({ "arrived": {} }), Role::Engineer).unwrap();
    assert_eq!(counter.task(open, "repair", json!({ "done": {} }), Role::Engineer), Err("needs-signature"));
    assert!(!counter.case(open).case.is_closed());
    counter.open.close();
}

#[test]
fn who_was_not_at_home_and_what_people_thought_stand_in_the_report_of_the_day() {
    let counter = Counter::new();
    let arrive = |repair| {
        counter.task(repair, "repair", json!({ "claim": { "eta": { "minutes": 20 } } }), Role::Engineer).unwrap();
        counter.task(repair, "repair", json!({ "arrived": {} }), Role::Engineer).unwrap();
    };
    for _ in 0..2 {
        let repair = counter.brings("repair", form("repair"));
        arrive(repair);
        counter.step(repair, of("repair", json!({ "no-access": { "knocks": 2 } })), Role::Engineer).unwrap();
    }
    for (satisfied, stars) in [(true, 5), (true, 4), (false, 1)] {
        let repair = counter.brings("repair", form("repair"));
        counter.work(repair, finish()).unwrap();
        counter.step(repair, of("repair", json!({ "check": { "passed": true } })), Role::Supervisor).unwrap();
        let rate = json!({ "rate": { "service": stars, "quality": 3, "time": 3 } });
        counter.step(repair, of("repair", rate), Role::FrontDesk).unwrap();
        let call = json!({ "call-back": { "satisfied": satisfied, "channel": "phone" } });
        counter.step(repair, of("repair", call), Role::FrontDesk).unwrap();
    }
    let report = report_of_the_day(&counter);
    // R246: beside the arrivals, so that the rate can be read off.
    assert_eq!((report.no_access.times, report.no_access.arrivals), (2, 5));
    // R304.
    assert_eq!((report.satisfied, report.unsatisfied), (2, 1));
    assert_eq!(report.ratings.values().map(|stars| stars.count).sum::<u64>(), 9, "{:?}", report.ratings.keys());
    let spreadsheet = report.csv();
    assert!(spreadsheet.contains("no_access") && spreadsheet.contains("unsatisfied"), "{spreadsheet}");
    counter.open.close();
}

#[test]
fn a_report_from_a_vacant_unit_sends_a_guard_to_look_and_says_nothing_else_to_anybody() {
    let counter = Counter::new();
    let units = std::sync::Arc::new(["9-0101"].into_iter().collect());
    counter.open.ask(lobbyd::desk::Command::Vacant(units)).unwrap();
    let lived_in = counter.brings("repair", form("repair"));
    let reported = counter.brings("repair", with("repair", "place", json!({ "home": "9-0101" })));
    assert!(counter.asked(lived_in, "see-unit").is_none());
    let look = counter.asked(reported, "see-unit").unwrap();
    assert_eq!(look.asked().map(|post| post.as_str()).collect::<Vec<_>>(), ["gate"]);
    let case = counter.case(reported).case;
    assert_eq!(case.state(), counter.case(lived_in).case.state(), "the repair itself goes its way");
    assert!(counter.asked(reported, "repair").is_some());
    let visit = counter.brings("visit", with("visit", "unit", json!("9-0101")));
    assert!(counter.asked(visit, "see-person").is_some() && counter.asked(visit, "call-host").is_none());
    // Somebody moves in: the next list says so.
    counter.open.ask(lobbyd::desk::Command::Vacant(std::sync::Arc::default())).unwrap();
    let later = counter.noted(
        "visit",
        with("visit", "unit", json!("9-0101")),
        Source::Kiosk,
        &lobbyd::service::staff::Actor::GUEST,
    );
    assert!(counter.asked(later, "call-host").is_some());
    counter.open.close();
}
