//! Whether a schema may follow a released one within one version of the contract. For what the gateway says: whoever reads by the
//! released schema must still be able to. For what it takes: whoever writes by it must still be taken.

use serde_json::Value;
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
    let (old_types, new_types) = (types(released), types(now));
    let (given, taken) = match side {
        Side::Says => (&new_types, &old_types),
        Side::Takes => (&old_types, &new_types),
    };
    if !is_within(given, taken) {
        faults.push(format!("{} was {} and is {}", place(), told(&old_types), told(&new_types)));
    }
    words(released, now, side, &place, faults);
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
    for (name, old) in members(released) {
        match now.get("properties").and_then(|members| members.get(name)) {
            Some(new) => walk(old, new, side, &joined(at, name), faults),
            None if side == Side::Takes && now.get("additionalProperties") != Some(&Value::Bool(true)) => {
                faults.push(format!("{} is not taken any more", name_at(at, name)));
            }
            // One that was not always there, and is never there now, surprises nobody.
            None => {}
        }
    }
    for inner in ["items", "additionalProperties"] {
        if let (Some(old @ Value::Object(_)), Some(new @ Value::Object(_))) = (released.get(inner), now.get(inner)) {
            walk(old, new, side, &joined(at, "*"), faults);
        }
    }
    several(released, now, side, &place, faults);
}

/// Lists of words may grow where the gateway says them (docs/contract/README.md tells every reader), and may not shrink where it takes them.
fn words(released: &Value, now: &Value, side: Side, place: &dyn Fn() -> String, faults: &mut Vec<String>) {
    let list = |schema: &Value| schema.get("enum").and_then(Value::as_array).cloned();
    if let (Side::Takes, Some(new)) = (side, list(now)) {
        let gone = list(released).is_none_or(|old| old.iter().any(|word| !new.contains(word)));
        if gone {
            faults.push(format!("{} takes fewer words", place()));
        }
    }
    if let Some(only) = released.get("const")
        && now.get("const") != Some(only)
    {
        faults.push(format!("{} was always {only}", place()));
    }
    for (limit, tighter) in
        [("minimum", 1.0), ("minLength", 1.0), ("maximum", -1.0), ("maxLength", -1.0), ("maxItems", -1.0)]
    {
        let value = |schema: &Value| schema.get(limit).and_then(Value::as_f64);
        let moved = match (value(released), value(now)) {
            (Some(old), Some(new)) => (new - old) * tighter,
            (None, Some(_)) => 1.0,
            (Some(_), None) => -1.0,
            (None, None) => 0.0,
        };
        if side == Side::Takes && moved > 0.0 {
            faults.push(format!("{} has a narrower {limit}", place()));
        }
    }
}

/// Forms of which one holds: those that are said must have been there, those that were taken must still be.
fn several(released: &Value, now: &Value, side: Side, place: &dyn Fn() -> String, faults: &mut Vec<String>) {
    let ways = |schema: &Value| {
        schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let (old, new) = (ways(released), ways(now));
    let fits = |old: &Value, new: &Value| breaks(old, new, side).is_empty();
    let holds = match side {
        Side::Says => new.iter().all(|new| old.is_empty() || old.iter().any(|old| fits(old, new))),
        Side::Takes => old.iter().all(|old| new.is_empty() || new.iter().any(|new| fits(old, new))),
    };
    if !holds {
        faults.push(format!("{} has other forms", place()));
    }
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

fn members(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

fn joined(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn name_at(at: &str, name: &str) -> String {
    format!("`{}`", joined(at, name))
}
