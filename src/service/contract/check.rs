//! Whether a value is what a schema says, for the schemas that this room makes and no others: quick enough for every event of a test run.
//! Takes no member that is not named. The full standard, with formats and patterns, is what `tests/common` holds the office's messages to.

use serde_json::{Map, Value};

/// `aside`: members that are looked at elsewhere.
pub(super) fn object(schema: &Value, value: &Map<String, Value>, at: &str, aside: &[&str]) -> Result<(), String> {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    if let Some(missing) = required.into_iter().find(|name| !value.contains_key(*name)) {
        return Err(format!("has no {at}.{missing}"));
    }
    for (name, member) in value.iter().filter(|(name, _)| !aside.contains(&name.as_str())) {
        let named = schema.get("properties").and_then(|properties| properties.get(name));
        // A map with numbers for keys is the only pattern that a type here makes.
        let pattern = || schema.get("patternProperties")?.as_object()?.values().next();
        match named.or_else(pattern).or_else(|| schema.get("additionalProperties")) {
            Some(Value::Bool(true)) => {}
            Some(schema @ Value::Object(_)) => any(schema, member, &format!("{at}.{name}"))?,
            _ => return Err(format!("has {at}.{name}, which nobody has declared")),
        }
    }
    Ok(())
}

fn any(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(Value::Array(ways)) = schema.get("anyOf").or_else(|| schema.get("oneOf")) {
        let fits = ways.iter().any(|way| any(way, value, at).is_ok());
        return if fits { Ok(()) } else { Err(format!("has a {at} of no declared form")) };
    }
    let is_one_of = |names: &Value| match names {
        Value::String(name) => is(name, value),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(|name| is(name, value)),
        _ => false,
    };
    if schema.get("type").is_some_and(|names| !is_one_of(names)) {
        return Err(format!("has a {at} of another type than {}", schema["type"]));
    }
    if let Some(Value::Array(words)) = schema.get("enum")
        && !words.contains(value)
    {
        return Err(format!("has {at} = {value}, which is none of the declared words"));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        return Err(format!("has {at} = {value}, where only {} may stand", schema["const"]));
    }
    match value {
        Value::Object(members)
            if schema.get("properties").is_some() || schema.get("additionalProperties").is_some() =>
        {
            object(schema, members, at, &[])
        }
        Value::Array(items) => match schema.get("items") {
            Some(schema @ Value::Object(_)) => items.iter().try_for_each(|item| any(schema, item, &format!("{at}[]"))),
            _ => Ok(()),
        },
        Value::Number(number) => within(schema, number.as_f64(), at),
        _ => Ok(()),
    }
}

fn is(name: &str, value: &Value) -> bool {
    match (name, value) {
        ("null", Value::Null) | ("boolean", Value::Bool(_)) | ("string", Value::String(_)) => true,
        ("array", Value::Array(_)) | ("object", Value::Object(_)) | ("number", Value::Number(_)) => true,
        ("integer", Value::Number(number)) => number.is_i64() || number.is_u64(),
        _ => false,
    }
}

fn within(schema: &Value, number: Option<f64>, at: &str) -> Result<(), String> {
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    let Some(number) = number else { return Ok(()) };
    let below = limit("minimum").is_some_and(|least| number < least);
    let above = limit("maximum").is_some_and(|most| number > most);
    if below || above { Err(format!("has a {at} outside of its limits")) } else { Ok(()) }
}
