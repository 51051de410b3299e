use super::compare::{Side, breaks};
use super::*;
use crate::event::data;
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn every_kind_is_declared_once() {
    let mut declared = BTreeSet::new();
    for one in all() {
        assert!(declared.insert(one.kind), "{} is declared twice", one.kind);
        assert!(one.about.trim().ends_with('.'), "{}: say what has happened, in a sentence", one.kind);
    }
    let missing: Vec<_> = Kind::ALL.iter().filter(|kind| !declared.contains(kind)).map(|kind| kind.name()).collect();
    assert!(missing.is_empty(), "declare {missing:?} in a file of src/service/contract; its mod.rs says how");
}

#[test]
fn an_event_that_says_something_else_is_told_by_its_place_and_never_by_its_content() {
    let of_case = |more: Data| {
        let mut facts = data([
            ("number", json!("Q-1121-01")),
            ("day", json!(20_261_121)),
            ("nth", json!(1)),
            ("via", json!("page")),
            ("state", json!("answered")),
            ("written", json!(false)),
            ("told", json!(true)),
        ]);
        facts.extend(more);
        facts
    };
    let person = data([("reply", json!("某")), ("by_name", json!("张伟"))]);
    let check = |facts: Data, person: &Data| check(Kind::EnquiryAnswered, &facts, Some(person));
    assert_eq!(check(of_case(Data::new()), &person), Ok(()));
    for (more, what) in [
        (data([("mood", json!("secret"))]), "data.mood"),
        (data([("told", json!("secret"))]), "data.told"),
        (data([("nth", json!(-1))]), "data.nth"),
        (data([("state", json!("lost"))]), "data.state"),
    ] {
        let fault = check(of_case(more), &person).unwrap_err();
        assert!(fault.contains(what) && fault.contains(BROKEN) && !fault.contains("secret"), "{fault}");
    }
    let mut short = of_case(Data::new());
    short.remove("written");
    assert!(check(short, &person).unwrap_err().contains("no data.written"));
    let fault =
        check(of_case(Data::new()), &data([("reply", json!("某")), ("phone", json!("13800000000"))])).unwrap_err();
    assert!(fault.contains("data.person.phone") && !fault.contains("138"), "{fault}");
}

/// A released event, and what somebody might make of it.
fn event(members: Value, required: Value) -> Value {
    json!({ "type": "object", "properties": members, "required": required })
}

#[test]
fn whoever_reads_a_released_event_can_read_the_next() {
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    let released = event(
        json!({ "unit": text, "note": text, "who": event(json!({ "name": text }), json!(["name"])) }),
        json!(["unit", "who"]),
    );
    let says = |now: Value| breaks(&released, &now, Side::Says);
    let who = released["properties"]["who"].clone();
    let more =
        event(json!({ "unit": text, "note": text, "floor": number, "who": who }), json!(["unit", "who", "floor"]));
    assert_eq!(says(more), Vec::<String>::new(), "a new member hurts nobody");
    let gone = event(json!({ "note": text, "who": who }), json!(["who"]));
    assert_eq!(says(gone), ["`unit` is not always there any more"]);
    let optional = event(json!({ "unit": text, "note": text, "who": who }), json!(["who"]));
    assert_eq!(says(optional), ["`unit` is not always there any more"]);
    let other = event(json!({ "unit": number, "note": text, "who": who }), json!(["unit", "who"]));
    assert_eq!(says(other), ["`unit` was string and is integer"]);
    let maybe =
        event(json!({ "unit": { "type": ["string", "null"] }, "note": text, "who": who }), json!(["unit", "who"]));
    assert_eq!(says(maybe), ["`unit` was string and is null or string"]);
    let deep = event(json!({ "unit": text, "note": text, "who": event(json!({}), json!([])) }), json!(["unit", "who"]));
    assert_eq!(says(deep), ["`who.name` is not always there any more"]);
}

#[test]
fn words_may_be_added_to_what_is_said_and_not_taken_from_what_is_taken() {
    let list = |words: Value| json!({ "type": "string", "enum": words });
    let (short, long) = (list(json!(["a"])), list(json!(["a", "b"])));
    assert!(breaks(&short, &long, Side::Says).is_empty());
    assert!(breaks(&short, &long, Side::Takes).is_empty());
    assert_eq!(breaks(&long, &short, Side::Takes), ["the message takes fewer words"]);
    let named = |name: &str| json!({ "const": name });
    assert_eq!(breaks(&named("lobbyd.a"), &named("lobbyd.b"), Side::Says), ["the message was always \"lobbyd.a\""]);
}

#[test]
fn whoever_sends_a_released_command_is_still_understood() {
    let number = json!({ "type": "integer", "minimum": 1 });
    let released = event(json!({ "from_seq": number, "why": { "type": "string" } }), json!(["from_seq"]));
    let takes = |now: Value| breaks(&released, &now, Side::Takes);
    let why = json!({ "type": ["string", "null"] });
    assert!(takes(event(json!({ "from_seq": number, "why": why, "to_seq": number }), json!([]))).is_empty());
    let needs = event(json!({ "from_seq": number, "why": why, "to_seq": number }), json!(["from_seq", "to_seq"]));
    assert_eq!(takes(needs), ["`to_seq` is required now"]);
    assert_eq!(takes(event(json!({ "from_seq": number }), json!(["from_seq"]))), ["`why` is not taken any more"]);
    let narrow = event(json!({ "from_seq": { "type": "integer", "minimum": 2 }, "why": why }), json!(["from_seq"]));
    assert_eq!(takes(narrow), ["`from_seq` has a narrower minimum"]);
    let text = event(json!({ "from_seq": { "type": "string" }, "why": why }), json!(["from_seq"]));
    assert!(takes(text).iter().any(|fault| fault == "`from_seq` was integer and is string"));
}
