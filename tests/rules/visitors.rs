//! Visitors at the glass: whom they meet, and what is known of those who come again.

use crate::clockwork::{Machine, Open, noon, open, visit};
use crate::counter::{Counter, NAME, form, with};
use chrono::{TimeDelta, Utc};
use lobbyd::desk::{Answer, Command};
use lobbyd::event::{Kind, Now};
use lobbyd::journal::{Journal, Keep, Lane, Pressure};
use lobbyd::service::number::{Number, Series};
use lobbyd::service::staff::Role;
use lobbyd::service::watch::Change;
use serde_json::{Value, json};

/// Signs in at the glass, and whether the guard hears that he has been here before. The glass hears a number and nothing else:
/// anybody may type anybody's name and phone.
fn signs_in(counter: &Counter, form: Value) -> (Number, bool) {
    let opening = serde_json::from_value(json!({ "visit": form })).unwrap();
    match counter.open.ask(Command::at_the_glass(opening)).unwrap() {
        Answer::Opened { number, reply_by: None } => (number, is_known(&counter.open, number)),
        other => panic!("{other:?}"),
    }
}

fn is_known(open: &Open, number: Number) -> bool {
    open.case(number).case.docket.facts.contains_key("earlier_visits")
}

#[test]
fn a_valid_card_lets_in_at_once_whether_it_is_tapped_or_shown_to_a_guard() {
    let counter = Counter::new();
    let tapped = counter.brings("visit", with("visit", "way_in", json!("card")));
    let shown = counter.brings("visit", form("visit"));
    assert!(counter.asked(shown, "call-host").is_some());
    let card = json!({ "matter": { "visit": "card-shown" } });
    assert_eq!(counter.step(shown, card, Role::Guard), Ok("card-ok"));
    for number in [tapped, shown] {
        let case = counter.case(number).case;
        assert_eq!((case.state(), case.docket.tasks.len()), ("card-ok", 0), "nobody is called, nobody waits");
    }
    assert_eq!(counter.told(Kind::VisitCardAccepted).len(), 2);
    let other = counter.brings("visit", with("visit", "unit", json!("1204")));
    assert_eq!(counter.case(other).case.state(), "arrived", "who has no card waits for his host");
    counter.open.close();
}

#[test]
fn a_visitor_is_known_again_by_name_and_phone_and_by_nothing_less() {
    let counter = Counter::new();
    assert!(!signs_in(&counter, form("visit")).1, "nobody is known at the first meeting");
    for (key, value) in
        [("name", json!("欧阳别人")), ("phone", json!("13900000001")), ("name", Value::Null), ("phone", Value::Null)]
    {
        let (number, returning) = signs_in(&counter, with("visit", key, value));
        let facts = counter.case(number).case.docket.facts;
        assert!(!returning && !facts.contains_key("earlier_visits") && !facts.contains_key("last_visit"), "{key}");
    }
    counter.pass(TimeDelta::hours(23));
    let (again, returning) = signs_in(&counter, with("visit", "unit", json!("1204")));
    assert!(returning, "whomever he visits this time");
    let facts = counter.case(again).case.docket.facts;
    assert_eq!((&facts["earlier_visits"], &facts["last_visit"]), (&json!(1), &json!("2026-11-21")));
    let mut arrived = counter.told(Kind::VisitArrived).pop().unwrap();
    assert_eq!(arrived["earlier_visits"], 1, "the event holds a count");
    arrived.as_object_mut().unwrap().remove("person");
    assert!(!arrived.to_string().contains(NAME), "and never a name: {arrived}");
    counter.open.close();
}

#[test]
fn who_was_turned_away_is_not_welcomed_back() {
    let counter = Counter::new();
    let (first, _) = signs_in(&counter, form("visit"));
    let away = json!({ "matter": { "visit": { "turn-away": { "reason": "disturbance" } } } });
    assert_eq!(counter.step(first, away, Role::Guard), Ok("turned-away"));
    assert!(!signs_in(&counter, form("visit")).1);
    counter.open.close();
}

/// R310: with the name goes the memory of him.
#[test]
fn nobody_is_known_again_once_his_name_has_been_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let sign_in = |machine: &Machine| {
        let open = open(dir.path(), machine);
        let answer = open.ask(Command::at_the_glass(visit())).unwrap();
        let Answer::Opened { number, .. } = answer else { panic!("{answer:?}") };
        let returning = is_known(&open, number);
        let newest = *open.desk.newest().borrow();
        for lane in Lane::ALL {
            open.ask(Command::Acknowledged { lane, seq: newest }).unwrap();
        }
        (open, number, returning)
    };
    let (first, _, returning) = sign_in(&Machine::at(noon(), true));
    assert!(!returning);
    first.close();
    let later = |days| noon() + TimeDelta::days(days);
    let (second, number, returning) = sign_in(&Machine::at(later(1), true));
    assert!(returning);
    let away = json!({ "matter": { "visit": "sign-out" } });
    let by = lobbyd::service::staff::Actor::GUEST;
    second.ask(Command::Move { number, step: serde_json::from_value(away).unwrap(), seen: None, by }).unwrap();
    second.close();
    purge(dir.path(), later(95));
    let (third, _, returning) = sign_in(&Machine::at(later(95), true));
    assert!(!returning, "ninety days after the visit his name is gone");
    third.close();
}

/// What the desk does once an hour.
fn purge(dir: &std::path::Path, at: chrono::DateTime<Utc>) {
    let mut journal = Journal::open(dir, "x").unwrap().journal;
    let now = Now { utc: at, synced: true };
    while journal.purge(&Keep::default(), Pressure::None, now).unwrap() != Default::default() {}
}

/// From the office, until a day later.
fn watch(counter: &Counter, change: Value) -> Answer {
    let change: Change = serde_json::from_value(change).unwrap();
    change.check(Now { utc: noon(), synced: true }).unwrap();
    counter.open.ask(Command::WatchList(change)).unwrap()
}

fn entry(id: &str, more: Value) -> Value {
    let mut entry =
        json!({ "id": id, "reason": "请先与总部联系", "author": "总部安保", "until": noon() + TimeDelta::days(1) });
    entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    entry
}

#[test]
fn a_visitor_on_the_watch_list_is_met_by_a_guard_and_the_glass_says_what_it_always_says() {
    let counter = Counter::new();
    let at_the_glass = |form: Value| {
        let opening = serde_json::from_value(json!({ "visit": form })).unwrap();
        counter.open.ask(Command::at_the_glass(opening)).unwrap()
    };
    let before = at_the_glass(form("visit"));
    assert!(counter.told(Kind::SituationAlerted).is_empty());
    let list = json!({ "set": [entry("w-1", json!({ "names": ["测试甲"], "phone": "13800000001" })),
                               entry("w-2", json!({ "names": [NAME] }))] });
    assert_eq!(watch(&counter, list.clone()), Answer::WatchList { entries: 2 });
    let Answer::Opened { number: inside, reply_by: None } = before else { panic!("{before:?}") };
    // Who is inside already is met, too; a list that is sent again says nothing new.
    assert_eq!(watch(&counter, list), Answer::WatchList { entries: 2 });
    let [first] = &counter.told(Kind::SituationAlerted)[..] else { panic!("one visitor, one alert") };
    assert_eq!((&first["entry"], &first["visit"]), (&json!("w-1"), &json!(inside.to_string())));
    let after = at_the_glass(form("visit"));
    let Answer::Opened { number: visit, reply_by: None } = after else { panic!("{after:?}") };
    // The visit itself is as it was: its state and its task tell nobody anything.
    let case = counter.case(visit).case;
    assert!(counter.asked(visit, "call-host").is_some() && !case.docket.facts.contains_key("entry"));

    let [_, alert] = &counter.told(Kind::SituationAlerted)[..] else { panic!("one visitor, one alert") };
    assert_eq!(
        (&alert["entry"], &alert["known_by"], &alert["visit"]),
        (&json!("w-1"), &json!("phone"), &json!(visit.to_string()))
    );
    assert_eq!((&alert["silent"], &alert["person"]["watch_reason"]), (&json!(true), &json!("请先与总部联系")));
    let mut public = alert.clone();
    public.as_object_mut().unwrap().remove("person");
    assert!(!public.to_string().contains(NAME) && !public.to_string().contains("138"), "{public}");
    let of = |key: &str| u32::try_from(alert[key].as_u64().unwrap()).unwrap();
    let number = Number { series: Series::Support, day: of("day"), nth: of("nth") };
    let task = counter.asked(number, "support").expect("somebody is asked");
    assert_eq!(
        task.asked().map(|post| post.as_str()).collect::<Vec<_>>(),
        ["gate"],
        "whoever takes calls is in the lobby"
    );
    counter.open.close();
}

#[test]
fn the_watch_list_knows_a_sound_ends_by_itself_and_is_never_longer_than_it_may_be() {
    let counter = Counter::new();
    watch(&counter, json!({ "set": [entry("w-1", json!({ "names": ["欧阳侧试"] }))] }));
    counter.brings("visit", with("visit", "phone", json!("13900000009")));
    assert_eq!(counter.told(Kind::SituationAlerted).len(), 1);
    assert_eq!(counter.told(Kind::SituationAlerted)[0]["known_by"], "sound");
    counter.brings("visit", with("visit", "name", json!("测试乙")));
    counter.pass(TimeDelta::days(2));
    counter.brings("visit", form("visit"));
    assert_eq!(counter.told(Kind::SituationAlerted).len(), 1, "another name, and an entry that has ended");

    let many = |from: usize| {
        let entries: Vec<Value> =
            (from..from + 100).map(|n| entry(&format!("w-{n}"), json!({ "phone": format!("139{n:08}") }))).collect();
        watch(&counter, json!({ "set": entries }))
    };
    for from in [0, 100, 200, 300] {
        many(from);
    }
    assert_eq!(many(400), Answer::WatchList { entries: 500 });
    assert_eq!(
        watch(&counter, json!({ "set": [entry("w-x", json!({ "phone": "13700000000" }))] })),
        Answer::WatchListFull
    );
    assert_eq!(watch(&counter, json!({ "remove": ["w-7", "nobody"] })), Answer::WatchList { entries: 499 });
    let changed = counter.told(Kind::WatchListChanged).pop().unwrap();
    assert_eq!((&changed["removed"], &changed["entries"]), (&json!(1), &json!(499)));
    counter.open.close();
}

/// A page that posts an alert cannot make one of a visitor.
#[test]
fn only_the_desk_says_that_somebody_is_on_the_watch_list() {
    let forged = json!({ "support": { "watched": { "visit": "V20261121-0001" } } });
    assert!(serde_json::from_value::<lobbyd::service::matter::Opening>(forged).is_err());
}

#[test]
fn an_entry_that_has_ended_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let change = serde_json::from_value(json!({ "set": [entry("w-1", json!({ "names": [NAME] }))] })).unwrap();
    desk.ask(Command::WatchList(change)).unwrap();
    desk.close();
    purge(dir.path(), noon() + TimeDelta::hours(23));
    let list = || Journal::open(dir.path(), "x").unwrap().journal.watch_list().unwrap();
    assert_eq!(list().len(), 1);
    purge(dir.path(), noon() + TimeDelta::days(2));
    assert!(list().is_empty());
}
