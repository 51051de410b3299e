//! Whether a schema may follow a released one within one version of the contract. For what the gateway says: whoever reads by the
//! released schema must still be able to. For what it takes: whoever writes by it must still be taken.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Which way the message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The gateway says it: a member that was always there may not go, become optional or change its type.
    Says,
    /// The gateway takes it: no new member may be required, and none that was taken refused.
    Takes,
}

/// What would break whoever keeps to `released`, each with its place. Empty where nothing would.
pub fn breaks(released: &Value, now: &Value, side: Side) -> Vec<String> {
    let mut faults = Vec::new();
    walk(released, now, side, "", &mut faults);
    faults
}

fn walk(released: &Value, now: &Value, side: Side, at: &str, faults: &mut Vec<String>) {
    let place = || if at.is_empty() { "the message".to_owned() } else { format!("`{at}`") };
    // Where nothing was taken, or nothing is said, nobody keeps to anything.
    if is_nothing(if side == Side::Takes { released } else { now }) {
        return;
    }
    let (was, is) = (forms(released), forms(now));
    if was.is_some() || is.is_some() {
        let whole = |schema: &Value, forms: Option<Vec<Value>>| forms.unwrap_or_else(|| vec![schema.clone()]);
        several(&whole(released, was), &whole(now, is), side, &place, faults);
        return;
    }
    let (old_types, new_types) = (types(released), types(now));
    let (given, taken) = match side {
        Side::Says => (&new_types, &old_types),
        Side::Takes => (&old_types, &new_types),
    };
    if !is_within(given, taken) {
        faults.push(format!("{} was {} and is {}", place(), told(&old_types), told(&new_types)));
    }
    words(released, now, side, &place, faults);
    bounds(released, now, side, &place, faults);
    members_of(released, now, side, at, faults);
    others(released, now, side, at, faults);
}

/// The members that are named: which must be there, and what each of them is.
fn members_of(released: &Value, now: &Value, side: Side, at: &str, faults: &mut Vec<String>) {
    let (was, is) = (required(released), required(now));
    let lost = match side {
        Side::Says => {
            was.difference(&is).map(|name| format!("{} is not always there any more", name_at(at, name))).collect()
        }
        Side::Takes => {
            is.difference(&was).map(|name| format!("{} is required now", name_at(at, name))).collect::<Vec<_>>()
        }
    };
    faults.extend(lost);
    for (name, old) in members("properties", released) {
        match now.get("properties").and_then(|members| members.get(name)) {
            Some(new) => walk(old, new, side, &joined(at, name), faults),
            None if side == Side::Takes && !is_open(now) => {
                faults.push(format!("{} is not taken any more", name_at(at, name)));
            }
            // One that was not always there, and is never there now, surprises nobody.
            None => {}
        }
    }
}

/// Members that are not named, and what stands in a list: each is like the schema that was there, and none is like anything.
fn others(released: &Value, now: &Value, side: Side, at: &str, faults: &mut Vec<String>) {
    let anything = Value::Bool(true);
    let mut each = |inner: &str, old: &Value, new: &Value| {
        let at = joined(at, inner);
        match (old, new, side) {
            (Value::Bool(false), _, Side::Takes) | (_, Value::Bool(false), Side::Says) => {}
            // A member that is new: whoever reads ignores what he does not know.
            (Value::Bool(_), _, Side::Says) | (_, Value::Bool(true), Side::Takes) => {}
            (_, Value::Bool(false), Side::Takes) => faults.push(format!("`{at}` is not taken any more")),
            (_, Value::Bool(true), Side::Says) => faults.push(format!("`{at}` may be anything now")),
            (Value::Bool(true), new, Side::Takes) => walk(&Value::Object(Map::new()), new, side, &at, faults),
            (old, new, _) => walk(old, new, side, &at, faults),
        }
    };
    for inner in ["items", "additionalProperties"] {
        let of = |schema: &Value| schema.get(inner).unwrap_or(&anything).clone();
        each("*", &of(released), &of(now));
    }
    // What a pattern names is, without it, one that nobody names.
    let unnamed = |schema: &Value| schema.get("additionalProperties").unwrap_or(&anything).clone();
    for (pattern, old) in members("patternProperties", released) {
        let new = now.get("patternProperties").and_then(|members| members.get(pattern)).cloned();
        each(pattern, old, &new.unwrap_or_else(|| unnamed(now)));
    }
    for (pattern, new) in members("patternProperties", now) {
        if released.get("patternProperties").and_then(|members| members.get(pattern)).is_none() {
            each(pattern, &unnamed(released), new);
        }
    }
}

/// Lists of words may grow where the gateway says them (docs/contract/README.md tells every reader), and may not shrink where it takes them.
fn words(released: &Value, now: &Value, side: Side, place: &dyn Fn() -> String, faults: &mut Vec<String>) {
    let list = |schema: &Value| match (schema.get("enum"), schema.get("const")) {
        (Some(Value::Array(words)), _) => Some(words.clone()),
        (_, Some(only)) => Some(vec![only.clone()]),
        _ => None,
    };
    if let (Side::Takes, Some(new)) = (side, list(now)) {
        let gone = list(released).is_none_or(|old| old.iter().any(|word| !new.contains(word)));
        if gone {
            faults.push(format!("{} takes fewer words", place()));
        }
    }
    if let (Side::Says, Some(only)) = (side, released.get("const"))
        && now.get("const") != Some(only)
    {
        faults.push(format!("{} was always {only}", place()));
    }
}

/// Figures that bound what may stand there, and which way they get narrower.
const FIGURES: [(&str, f64); 8] = [
    ("minimum", 1.0),
    ("exclusiveMinimum", 1.0),
    ("minLength", 1.0),
    ("minItems", 1.0),
    ("maximum", -1.0),
    ("exclusiveMaximum", -1.0),
    ("maxLength", -1.0),
    ("maxItems", -1.0),
];
/// What bounds it and cannot be reckoned with: it is the same, or another.
const RULES: [&str; 5] = ["pattern", "format", "uniqueItems", "multipleOf", "not"];

/// What is said may get narrower, and what is taken wider.
fn bounds(released: &Value, now: &Value, side: Side, place: &dyn Fn() -> String, faults: &mut Vec<String>) {
    let wrong = |moved: f64| match side {
        Side::Says => (moved < 0.0).then_some("wider"),
        Side::Takes => (moved > 0.0).then_some("narrower"),
    };
    for (limit, tighter) in FIGURES {
        let value = |schema: &Value| schema.get(limit).and_then(Value::as_f64);
        let moved = match (value(released), value(now)) {
            (Some(old), Some(new)) => (new - old) * tighter,
            (None, Some(_)) => 1.0,
            (Some(_), None) => -1.0,
            (None, None) => 0.0,
        };
        faults.extend(wrong(moved).map(|how| format!("{} has a {how} {limit}", place())));
    }
    for rule in RULES {
        let of = |schema: &Value| schema.get(rule).filter(|rule| **rule != Value::Bool(false)).cloned();
        let kept = match side {
            Side::Says => of(released).is_none_or(|old| Some(old) == of(now)),
            Side::Takes => of(now).is_none_or(|new| Some(new) == of(released)),
        };
        if !kept {
            faults.push(format!("{} has another {rule}", place()));
        }
    }
}

/// Forms of which one holds: those that are said must have been there, those that were taken must still be.
fn several(old: &[Value], new: &[Value], side: Side, place: &dyn Fn() -> String, faults: &mut Vec<String>) {
    let fits = |old: &Value, new: &Value| breaks(old, new, side).is_empty();
    let holds = match side {
        Side::Says => new.iter().all(|new| old.iter().any(|old| fits(old, new))),
        Side::Takes => old.iter().all(|old| new.iter().any(|new| fits(old, new))),
    };
    if !holds {
        faults.push(format!("{} has other forms", place()));
    }
}

/// Each of the forms that a schema has, with what stands beside them; `None` where it has one form only.
fn forms(schema: &Value) -> Option<Vec<Value>> {
    let mut beside = schema.as_object()?.clone();
    let ways = ["anyOf", "oneOf"].iter().find_map(|kind| beside.remove(*kind))?;
    let with = |way: &Value| {
        let mut form = beside.clone();
        for (key, value) in way.as_object().into_iter().flatten() {
            match (form.get_mut(key), value) {
                (Some(Value::Object(there)), Value::Object(more)) => there.extend(more.clone()),
                (Some(Value::Array(there)), Value::Array(more)) if key == "required" => there.extend(more.clone()),
                _ => drop(form.insert(key.clone(), value.clone())),
            }
        }
        Value::Object(form)
    };
    Some(ways.as_array()?.iter().map(with).collect())
}

/// A schema that nothing keeps to: `false`, or the opposite of anything.
fn is_nothing(schema: &Value) -> bool {
    *schema == Value::Bool(false) || schema.get("not").is_some_and(|not| *not == Value::Object(Map::new()))
}

/// Whether it takes members that it does not name, whatever they are: it says so, or says nothing at all. To overlook what was heeded is to take
/// it no more.
fn is_open(schema: &Value) -> bool {
    schema.get("additionalProperties") == Some(&Value::Bool(true))
        || (types(schema).is_empty() && schema.get("properties").is_none())
}

fn types(schema: &Value) -> BTreeSet<String> {
    let constant = |value: &Value| match value {
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        _ => "object",
    };
    match schema.get("type") {
        Some(Value::String(one)) => [one.clone()].into(),
        Some(Value::Array(several)) => several.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        _ => match (schema.get("const"), schema.get("enum").and_then(Value::as_array)) {
            (Some(only), _) => [constant(only).to_owned()].into(),
            (None, Some(words)) => words.iter().map(|word| constant(word).to_owned()).collect(),
            (None, None) => BTreeSet::new(),
        },
    }
}

/// No type is every type. A whole number is a number.
fn is_within(given: &BTreeSet<String>, taken: &BTreeSet<String>) -> bool {
    let fits = |name: &String| taken.contains(name) || (name == "integer" && taken.contains("number"));
    taken.is_empty() || (!given.is_empty() && given.iter().all(fits))
}

fn told(types: &BTreeSet<String>) -> String {
    if types.is_empty() { "anything".to_owned() } else { types.iter().cloned().collect::<Vec<_>>().join(" or ") }
}

fn required(schema: &Value) -> BTreeSet<String> {
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

fn members<'a>(kind: &str, schema: &'a Value) -> impl Iterator<Item = (&'a String, &'a Value)> {
    schema.get(kind).and_then(Value::as_object).into_iter().flatten()
}

fn joined(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn name_at(at: &str, name: &str) -> String {
    format!("`{}`", joined(at, name))
}
