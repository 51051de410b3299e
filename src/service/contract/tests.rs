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

/// Each limit both ways: what is said may get narrower and what is taken wider, and not the other way round.
#[test]
fn limits_get_narrower_only_in_what_is_said_and_wider_only_in_what_is_taken() {
    let list = |more: Value| {
        let mut list = json!({ "type": "array", "items": { "type": "string" } });
        list.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        list
    };
    let text = |more: Value| {
        let mut text = json!({ "type": "string" });
        text.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        text
    };
    let pairs = [
        ("minItems", list(json!({ "minItems": 1 })), list(json!({ "minItems": 2 }))),
        ("maxItems", list(json!({})), list(json!({ "maxItems": 20 }))),
        ("uniqueItems", list(json!({ "uniqueItems": false })), list(json!({ "uniqueItems": true }))),
        ("minLength", text(json!({})), text(json!({ "minLength": 1 }))),
        ("maxLength", text(json!({ "maxLength": 40 })), text(json!({ "maxLength": 20 }))),
        ("minimum", json!({ "type": "integer", "minimum": 0 }), json!({ "type": "integer", "minimum": 1 })),
        ("maximum", json!({ "type": "integer" }), json!({ "type": "integer", "maximum": 255 })),
        ("pattern", text(json!({})), text(json!({ "pattern": "^[a-z]+$" }))),
        ("format", text(json!({})), text(json!({ "format": "date-time" }))),
    ];
    for (what, wide, narrow) in pairs {
        assert_eq!(breaks(&wide, &narrow, Side::Says), Vec::<String>::new(), "{what}");
        assert_eq!(breaks(&narrow, &wide, Side::Takes), Vec::<String>::new(), "{what}");
        for (released, now, side) in [(&narrow, &wide, Side::Says), (&wide, &narrow, Side::Takes)] {
            let faults = breaks(released, now, side);
            assert!(faults.len() == 1 && faults[0].ends_with(what), "{what}: {faults:?}");
        }
    }
    // Which of two patterns takes more cannot be reckoned.
    let (one, other) = (text(json!({ "pattern": "^a" })), text(json!({ "pattern": "^ab" })));
    for side in [Side::Says, Side::Takes] {
        assert_eq!(breaks(&one, &other, side), ["the message has another pattern"]);
        assert!(breaks(&one, &one, side).is_empty());
    }
}

#[test]
fn what_could_be_anything_does_not_get_a_form_and_no_form_goes() {
    let step = |names: &[&str]| -> Value {
        let way = |name: &&str| {
            json!({ "type": "object", "properties": { *name: { "type": "string" } }, "required": [*name],
            "additionalProperties": false })
        };
        json!({ "oneOf": names.iter().map(way).collect::<Vec<_>>() })
    };
    let of = |step: Value| event(json!({ "step": step }), json!(["step"]));
    let breaks = |released: &Value, now: &Value, side| breaks(&of(released.clone()), &of(now.clone()), side);
    let (anything, two, three) = (json!({}), step(&["a", "b"]), step(&["a", "b", "c"]));
    let other = ["`step` has other forms"];
    assert_eq!(breaks(&anything, &two, Side::Takes), other);
    assert_eq!(breaks(&two, &anything, Side::Says), other);
    assert_eq!(breaks(&three, &two, Side::Takes), other);
    assert_eq!(breaks(&two, &three, Side::Says), other);
    for (released, now, side) in [
        (&two, &anything, Side::Takes),
        (&anything, &two, Side::Says),
        (&two, &three, Side::Takes),
        (&three, &two, Side::Says),
        (&three, &three, Side::Takes),
        (&three, &three, Side::Says),
    ] {
        assert_eq!(breaks(released, now, side), Vec::<String>::new());
    }
    // One form becomes one of two, or one of two becomes the only one: what stands beside the forms holds for each of them.
    let only = json!({ "type": "string" });
    let maybe = json!({ "description": "…", "anyOf": [{ "type": "string" }, { "type": "null" }] });
    assert!(breaks(&only, &maybe, Side::Takes).is_empty() && breaks(&maybe, &only, Side::Says).is_empty());
    assert!(breaks(&maybe, &only, Side::Takes) == other && breaks(&only, &maybe, Side::Says) == other);
    let nothing = json!({ "not": {} });
    assert!(breaks(&nothing, &two, Side::Takes).is_empty() && breaks(&two, &nothing, Side::Says).is_empty());
    assert!(!breaks(&two, &nothing, Side::Takes).is_empty());
}

#[test]
fn members_that_are_not_named_and_those_that_a_pattern_names_are_compared_too() {
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    let rest = |schema: Value| json!({ "type": "object", "additionalProperties": schema });
    let by_number = |schema: Value| json!({ "type": "object", "patternProperties": { "^[0-9]+$": schema }, "additionalProperties": false });
    for of in [&rest as &dyn Fn(Value) -> Value, &by_number] {
        let maybe = json!({ "type": ["string", "null"] });
        for (released, now, side) in
            [(&text, &number, Side::Says), (&text, &maybe, Side::Says), (&maybe, &text, Side::Takes)]
        {
            assert!(!breaks(&of(released.clone()), &of(now.clone()), side).is_empty(), "{released} {now} {side:?}");
        }
        for (released, now, side) in [(&maybe, &text, Side::Says), (&text, &maybe, Side::Takes)] {
            assert_eq!(breaks(&of(released.clone()), &of(now.clone()), side), Vec::<String>::new());
        }
    }
    let none = json!({ "type": "object", "additionalProperties": false });
    let any = rest(json!(true));
    assert!(breaks(&none, &any, Side::Takes).is_empty(), "a new member that may be left out");
    assert!(breaks(&none, &any, Side::Says).is_empty(), "a new member is ignored");
    assert_eq!(breaks(&any, &none, Side::Takes), ["`*` is not taken any more"]);
    assert_eq!(breaks(&rest(text.clone()), &any, Side::Says), ["`*` may be anything now"]);
    assert_eq!(breaks(&by_number(text.clone()), &none, Side::Takes), ["`^[0-9]+$` is not taken any more"]);
    assert!(breaks(&none, &by_number(text.clone()), Side::Takes).is_empty());
    assert!(!breaks(&any, &by_number(text), Side::Takes).is_empty(), "anything was taken");
}
