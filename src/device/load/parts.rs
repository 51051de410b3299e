//! The values of a rule's keys: picks, conditions, times, credentials, data. Each fault names its key.

use super::Fault;
use super::error::{hint, nearest};
use crate::device::credential::{self, PIN, TYPES};
use crate::device::pick::{Accepted, Condition, Pick, Source, Table};
use crate::device::rule::{CredentialRule, REASONS};
use crate::device::time::{Format, TimeRule};
use toml::Value;

/// Members of `data` that the engine itself fills.
const RESERVED: [&str; 4] = ["device", "credential", "replayed", "why"];

/// The fixed texts that a pick can give.
pub fn words(pick: &Pick) -> impl Iterator<Item = &str> {
    let fixed = pick.sources.iter().filter(|_| pick.table.is_none()).filter_map(|source| match source {
        Source::Fixed(text) => Some(text.as_str()),
        _ => None,
    });
    let rows = pick.table.iter().flat_map(|table| table.rows.iter().map(|(_, means)| means).chain(&table.otherwise));
    fixed.chain(rows.map(String::as_str))
}

fn all_words_in(key: &'static str, pick: &Pick, known: &[&str]) -> Result<(), Fault> {
    match words(pick).find(|word| !known.contains(word)) {
        Some(word) => Err((
            key,
            format!("\"{word}\" is none of {}{}", known.join(", "), hint(nearest(word, known.iter().copied()))),
        )),
        None => Ok(()),
    }
}

pub fn conditions(key: &'static str, value: Option<&Value>) -> Result<Vec<Condition>, Fault> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let table = value.as_table().ok_or_else(|| (key, "write { \"/pointer\" = [\"value\", …] }".to_owned()))?;
    table
        .iter()
        .map(|(source, accepted)| {
            let source = Source::parse(source);
            if let Source::Fixed(text) = &source {
                return Err((key, format!("\"{text}\" is neither a JSON pointer (/a/b) nor a topic segment ({{a}})")));
            }
            let accepted = texts(key, accepted)?.into_iter();
            let accepted =
                accepted.map(|text| if text == "*" { Accepted::Any } else { Accepted::Text(text) }).collect();
            Ok(Condition { source, accepted })
        })
        .collect()
}

pub fn optional_pick(key: &'static str, value: Option<&Value>) -> Result<Option<Pick>, Fault> {
    value.map(|value| pick(key, value)).transpose()
}

/// `"/pointer"`, `["/first", "/second"]` or `{ from = …, map = { … }, else = "…" }`.
pub fn pick(key: &'static str, value: &Value) -> Result<Pick, Fault> {
    let Value::Table(table) = value else {
        return Ok(Pick { sources: sources(key, value)?, table: None });
    };
    known_keys(key, table, &["from", "map", "else"])?;
    let from = table.get("from").ok_or_else(|| (key, "a table needs `from`".to_owned()))?;
    let map = table.get("map").and_then(Value::as_table).ok_or_else(|| (key, "a table needs `map`".to_owned()))?;
    let rows = map.iter().map(|(said, means)| Ok((said.clone(), text(key, means)?))).collect::<Result<_, Fault>>()?;
    let otherwise = table.get("else").map(|means| text(key, means)).transpose()?;
    Ok(Pick { sources: sources(key, from)?, table: Some(Table { rows, otherwise }) })
}

fn sources(key: &'static str, value: &Value) -> Result<Vec<Source>, Fault> {
    Ok(texts(key, value)?.iter().map(|text| Source::parse(text)).collect())
}

pub fn key(value: Option<&Value>) -> Result<Vec<Pick>, Fault> {
    let parts = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(parts)) => parts.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    parts.iter().map(|part| pick("key", part)).collect()
}

pub fn times(value: Option<&Value>) -> Result<Vec<TimeRule>, Fault> {
    let rules = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(rules)) => rules.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    rules.iter().map(time).collect()
}

fn time(value: &Value) -> Result<TimeRule, Fault> {
    let wrong = || ("time", "write { from = \"/pointer\", format = \"epoch\" }".to_owned());
    let table = value.as_table().ok_or_else(wrong)?;
    known_keys("time", table, &["from", "format", "local"])?;
    let source = |name: &str| table.get(name).map(|at| text("time", at).map(|at| Source::parse(&at))).transpose();
    Ok(TimeRule {
        from: source("from")?.ok_or_else(wrong)?,
        format: one_of("time", table.get("format").ok_or_else(wrong)?, &Format::NAMES)?,
        local: source("local")?,
    })
}

pub fn credential_rule(value: &Value) -> Result<CredentialRule, Fault> {
    const KEY: &str = "credential";
    let table = value.as_table().ok_or((KEY, "write { id = \"/pointer\", type = \"Card\" }".to_owned()))?;
    known_keys(KEY, table, &["id", "form", "type", "scope", "nobody"])?;
    let rule = CredentialRule {
        id: optional_pick(KEY, table.get("id"))?,
        form: table
            .get("form")
            .map_or(Ok(credential::Form::default()), |form| one_of(KEY, form, &credential::Form::NAMES))?,
        kind: optional_pick(KEY, table.get("type"))?,
        scope: optional_pick(KEY, table.get("scope"))?,
        nobody: table.get("nobody").map_or(Ok(Vec::new()), |ids| texts(KEY, ids))?,
    };
    rule.kind.iter().try_for_each(|kind| all_words_in(KEY, kind, &TYPES))?;
    let always_pin = rule.kind.as_ref().is_some_and(|kind| words(kind).eq([PIN]));
    if always_pin && rule.id.is_some() {
        return Err((KEY, "a PIN is never stored, not even hashed: take `id` away".to_owned()));
    }
    Ok(rule)
}

/// Nested tables are nested members; a table with `from` is a pick.
pub fn data(value: &Value) -> Result<Vec<(Vec<String>, Pick)>, Fault> {
    let table = value.as_table().ok_or_else(|| ("data", "write a table: data.method = \"/pointer\"".to_owned()))?;
    let mut picks = Vec::new();
    for (name, value) in table {
        if RESERVED.contains(&name.as_str()) {
            return Err(("data", format!("`{name}` is filled by the engine")));
        }
        match value {
            Value::Table(inner) if !inner.contains_key("from") => {
                picks.extend(data(value)?.into_iter().map(|(path, pick)| ([vec![name.clone()], path].concat(), pick)));
            }
            value => picks.push((vec![name.clone()], pick("data", value)?)),
        }
    }
    let reasons = picks.iter().filter(|(path, _)| path == &["reason"]);
    reasons.into_iter().try_for_each(|(_, pick)| all_words_in("data", pick, &REASONS))?;
    Ok(picks)
}

pub fn texts(key: &'static str, value: &Value) -> Result<Vec<String>, Fault> {
    match value {
        Value::Array(items) if items.is_empty() => Err((key, "the list is empty".to_owned())),
        Value::Array(items) => items.iter().map(|item| text(key, item)).collect(),
        one => Ok(vec![text(key, one)?]),
    }
}

fn text(key: &'static str, value: &Value) -> Result<String, Fault> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Boolean(flag) => Ok(flag.to_string()),
        other => Err((key, format!("a text, number or true/false stands here, not {}", other.type_str()))),
    }
}

pub fn one_of<T: Copy>(key: &'static str, value: &Value, names: &[(&'static str, T)]) -> Result<T, Fault> {
    let word = text(key, value)?;
    let known = || names.iter().map(|(name, _)| *name);
    names.iter().find(|(name, _)| *name == word).map(|(_, value)| *value).ok_or_else(|| {
        (
            key,
            format!(
                "\"{word}\" is none of {}{}",
                known().collect::<Vec<_>>().join(", "),
                hint(nearest(&word, known()))
            ),
        )
    })
}

fn known_keys(key: &'static str, table: &toml::Table, known: &[&str]) -> Result<(), Fault> {
    match table.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err((key, format!("there is no `{name}` here{}", hint(nearest(name, known.iter().copied()))))),
        None => Ok(()),
    }
}
