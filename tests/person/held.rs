//! What the law holds outlives its age, the consent to it and the office's own list, and goes when the hold ends.

use super::clockwork::{Machine, noon, open};
use super::common;
use super::{
    NAME, OTHER, PHONE, asked, erase, hold, holds, later, line, noted, purge, text, until_gone, verified, visit,
    wanted, watched,
};
use chrono::TimeDelta;
use lobbyd::desk::{Answer, Command};
use lobbyd::event::{Event, Kind, Slug, data};
use lobbyd::journal::{JOURNAL_FILE, Journal, Keep, Lane, Pressure, Reader};
use lobbyd::service::case::Source;
use lobbyd::service::contact::Phone;
use lobbyd::service::matter::Opening;
use lobbyd::service::person::{Of, Outcome, Request, Stays, Thing, Wanted};
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::json;
use std::fs;

/// What the watch-list says of somebody who is held may be wanted by a court: it stays, named, and alerts nobody whom the office took off.
#[test]
fn entries_of_the_watch_list_of_whom_is_held_stay_and_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path(), &Machine::at(noon(), true));
    watched(&house);
    asked(&house, hold(Of::Person(wanted()), 100));
    assert_eq!(erase(&house).stay, [(Thing::Watch("w-1".into()), Stays::Held)]);
    let told = house.told(Kind::PersonErased).pop().unwrap();
    assert_eq!(told["stay"], json!([{"number": "watch:w-1", "why": "held"}]));
    // Sent again it is the same; another with its id takes its place, and is then taken off.
    watched(&house);
    let other = json!({"set": [{"id": "w-1", "names": [], "phone": PHONE, "reason": "请报警", "author": "总部",
                                "until": noon() + TimeDelta::days(30)}]});
    house.ask(Command::WatchList(serde_json::from_value(other).unwrap())).unwrap();
    house.ask(Command::WatchList(serde_json::from_value(json!({"remove": ["w-1"]})).unwrap())).unwrap();
    visit(&house, NAME, PHONE);
    assert!(house.told(Kind::SituationAlerted).is_empty());
    assert_eq!(house.told(Kind::WatchListChanged).pop().unwrap()["removed"], 1);
    house.close();
    assert_eq!(verified(dir.path(), 0), Vec::<String>::new());
    let known = || Reader::open(dir.path()).unwrap().known_of(&wanted()).unwrap().watched.len();
    purge(dir.path(), 60);
    assert_eq!(known(), 2, "longer than its own end");
    purge(dir.path(), 101);
    assert_eq!(known(), 0);
}

/// Somebody takes his consent back to what a court wants to see: it is used no more, and goes when nothing holds it.
#[test]
fn what_is_held_outlives_the_consent_to_it_and_goes_with_the_hold() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path(), &Machine::at(noon(), true));
    let desk = || Actor::staff(Slug::new("desk").unwrap(), "测试前台".into(), Role::FrontDesk, None, Via::Page);
    let withdrawn = || {
        let opening = json!({"birthday": {"unit": "3-1203", "name": NAME, "month": 5, "consent_to": "测试前台",
                                          "consent_on": "2026-11-20"}});
        let opening = serde_json::from_value::<Opening>(opening).unwrap();
        let opened = house.ask(Command::Open { opening, source: Source::Phone, by: desk() });
        let Ok(Answer::Opened { number, .. }) = opened else { panic!("{opened:?}") };
        asked(&house, hold(Of::Case(number), 40));
        let step = serde_json::from_value(json!({"withdraw": {"reason": null}})).unwrap();
        assert!(house.ask(Command::Move { number, step, seen: None, by: desk() }).is_ok());
        number
    };
    let held = withdrawn();
    assert_eq!(house.case(held).person["name"], NAME);
    assert_eq!(asked(&house, Request::Lift { id: "h-1".into(), author: text("法务") }), Outcome::Lifted(true));
    assert!(house.case(held).person.is_empty(), "he has not consented to it for longer than the law wants it");
    let held = withdrawn();
    house.close();
    purge(dir.path(), 41);
    assert!(
        Reader::open(dir.path()).unwrap().case(held).unwrap().unwrap().person.is_empty(),
        "nor when it ends by itself"
    );
}

#[test]
fn what_is_held_is_not_purged_and_everything_else_is_and_the_hold_ends_by_itself() {
    for of in [None, Some(Of::Person(wanted()))] {
        let dir = tempfile::tempdir().unwrap();
        let machine = Machine::at(noon(), true);
        let house = open(dir.path(), &machine);
        let (before, held, after) =
            (visit(&house, "测试乙", OTHER), visit(&house, NAME, PHONE), visit(&house, "测试丙", "13900008888"));
        noted(&house, "一切正常");
        asked(&house, hold(of.clone().unwrap_or(Of::Case(held)), 300));
        house.close();
        purge(dir.path(), 200);
        let reader = Reader::open(dir.path()).unwrap();
        let person = |number| reader.case(number).unwrap().map(|row| row.person.contains_key("phone"));
        assert_eq!((person(before), person(held), person(after)), (None, Some(true), Some(false)), "{of:?}");
        assert!(!reader.history(held).unwrap().is_empty(), "with what happened");
        assert!(holds(dir.path(), NAME) && !holds(dir.path(), OTHER) && !holds(dir.path(), "一切正常"));
        assert_eq!(reader.holds().unwrap().len(), 1);
        drop(reader);
        purge(dir.path(), 301);
        assert!(!holds(dir.path(), NAME) && !holds(dir.path(), PHONE), "{of:?}");
        let reader = Reader::open(dir.path()).unwrap();
        let rows = reader.all_after(0, 1_000).unwrap();
        let ended = rows.iter().find(|row| row.kind == Kind::HoldLifted).unwrap();
        assert!(ended.data.get().contains("ended"), "journaled");
        assert!(reader.holds().unwrap().is_empty());
        assert_eq!(verified(dir.path(), 0), Vec::<String>::new());
    }
}

/// What is held may stand in a copy alone: of a damaged journal only what the office lacks has come over.
#[test]
fn old_copies_of_the_journal_stay_while_something_is_held_and_go_when_nothing_is() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path(), &Machine::at(noon(), true));
    let held = visit(&house, NAME, PHONE);
    asked(&house, hold(Of::Case(held), 40));
    let copy = dir.path().join(format!("{JOURNAL_FILE}.version-3"));
    fs::write(&copy, OTHER).unwrap();
    let made = noon() - TimeDelta::days(200);
    fs::File::options().write(true).open(&copy).unwrap().set_modified(made.into()).unwrap();
    // Whatever is asked about people is followed by a purge: this one's traces are gone when it has come to its end.
    visit(&house, "测试乙", OTHER);
    let other = Wanted { phone: Phone::parse(OTHER).unwrap(), name: None, also: Vec::new() };
    asked(&house, Request::Erase { wanted: other, author: text("隐私专员") });
    until_gone(dir.path(), OTHER);
    assert!(copy.exists(), "it may be all that is left of what is held");
    asked(&house, Request::Lift { id: "h-1".into(), author: text("法务") });
    common::blocking_until("the copy is gone", || !copy.exists());
    house.close();
}

/// What a hold keeps is looked for at each purge, and only in what has come since the last.
#[test]
fn what_comes_while_somebody_is_held_is_held_too() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path(), &Machine::at(noon(), true));
    let first = visit(&house, NAME, PHONE);
    house.close();
    let mut journal = Journal::open(dir.path(), "x").unwrap().journal;
    journal.begin().unwrap();
    assert!(matches!(journal.person(&hold(Of::Person(wanted()), 400), None, later(0)), Ok(Outcome::Held { .. })));
    journal.commit().unwrap();
    Lane::ALL.iter().for_each(|lane| journal.set_cursor(lane.cursor(), journal.newest()).unwrap());
    journal.purge(&Keep::default(), Pressure::None, later(1)).unwrap();
    // Comes in a transaction that is rolled back, and once more.
    for told in [false, true] {
        journal.begin().unwrap();
        let event = Event::here(Kind::LogNoted, Slug::new("gate-a").unwrap(), later(1), line());
        let words = if told { PHONE } else { OTHER };
        journal.append(&event.about(data([("text", json!(format!("请回电 {words}")))])), later(1)).unwrap();
        // Whoever is erased: what is held is looked for first.
        let other = Wanted { phone: Phone::parse(OTHER).unwrap(), ..wanted() };
        let request = Request::Erase { wanted: other, author: text("隐私专员") };
        assert!(journal.person(&request, None, later(1)).is_ok());
        if told { journal.commit().unwrap() } else { journal.roll_back() }
    }
    let noted = journal.newest() - 1;
    Lane::ALL.iter().for_each(|lane| journal.set_cursor(lane.cursor(), noted).unwrap());
    while journal.purge(&Keep::default(), Pressure::None, later(120)).unwrap().more {}
    assert!(!journal.case_person(first).unwrap().is_empty());
    let rows = Reader::open(dir.path()).unwrap().all_after(noted - 1, 1).unwrap();
    assert!(rows[0].data.get().contains(PHONE), "{:?}", rows[0]);
}
