//! The text of a TOML file with the places of its keys, so that a fault can name its line. Also turns what serde says
//! into what a technician understands. Never repeats a value that might be a password.

use super::error::{Fault, suggest};
use crate::service::redact;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml_edit::{ImDocument, Item, TableLike, Value};

/// One key of the file: its path and the bytes of key and value.
struct Place {
    path: String,
    key: Range<usize>,
    whole: Range<usize>,
}

pub(super) struct Source<'a> {
    text: &'a str,
    places: Vec<Place>,
}

/// Reads `text` as a `T`, or says where and why not.
pub(super) fn typed<T: DeserializeOwned>(text: &str) -> Result<(T, Source<'_>), Fault> {
    let source = Source::new(text)?;
    match toml::from_str(text) {
        Ok(value) => Ok((value, source)),
        Err(error) => Err(source.translate(&error)),
    }
}

/// The same of a text in which people are named: who works here, who has approved the rules. Nothing that stands there is repeated.
pub(super) fn typed_of_people<T: DeserializeOwned>(text: &str) -> Result<(T, Source<'_>), Fault> {
    typed(text).map_err(|fault| {
        // An example is made of what stands there.
        let hint = fault.hint.filter(|hint| !hint.starts_with(EXAMPLE));
        Fault { line: fault.line, key: redact::path(&fault.key), problem: redact::quoted(&fault.problem), hint }
    })
}

/// How a hint begins that is made of a value.
const EXAMPLE: &str = "for example";

impl<'a> Source<'a> {
    fn new(text: &'a str) -> Result<Self, Fault> {
        let document = ImDocument::parse(text).map_err(|error| not_toml(text, &error))?;
        let mut places = Vec::new();
        collect(document.as_table(), "", &mut places);
        Ok(Source { text, places })
    }

    /// The line of the key at `path`, or of the nearest table around it.
    pub(super) fn line_of(&self, path: &str) -> Option<usize> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.iter().find(|place| place.path == path) {
                return Some(self.line_at(place.key.start));
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }

    /// A fault at `path`.
    pub(super) fn fault(&self, path: &str, problem: impl Into<String>, hint: Option<String>) -> Fault {
        Fault { line: self.line_of(path), key: path.to_owned(), problem: problem.into(), hint }
    }

    fn line_at(&self, offset: usize) -> usize {
        line_at(self.text, offset)
    }

    /// The innermost key around `offset`.
    fn place_at(&self, offset: usize) -> Option<&Place> {
        let around = self.places.iter().filter(|place| place.whole.contains(&offset) || place.key.contains(&offset));
        around.min_by_key(|place| place.whole.len())
    }

    fn translate(&self, error: &toml::de::Error) -> Fault {
        let span = error.span();
        let place = span.as_ref().and_then(|span| self.place_at(span.start));
        let value = span.as_ref().and_then(|span| self.text.get(span.clone())).unwrap_or("").trim_matches(['"', '\'']);
        let path = place.map_or("", |place| place.path.as_str());
        let (problem, hint) = plain(error.message(), path, value);
        Fault { line: span.map(|span| self.line_at(span.start)), key: path.to_owned(), problem, hint }
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn not_toml(text: &str, error: &toml_edit::TomlError) -> Fault {
    let problem = format!("this is not TOML: {}", error.message().trim().replace('\n', ", "));
    let line = error.span().map(|span| line_at(text, span.start));
    let hint = Some("look for a missing quote, bracket or = in this line or the one above".to_owned());
    Fault { line, key: String::new(), problem, hint }
}

fn collect(table: &dyn TableLike, above: &str, places: &mut Vec<Place>) {
    for (name, item) in table.iter() {
        let path = if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") };
        let key = table.key(name).and_then(toml_edit::Key::span);
        let value = item.span();
        if let Some(key) = key.clone().or_else(|| value.clone()) {
            let whole = key.start..value.map_or(key.end, |value| value.end);
            places.push(Place { path: path.clone(), key, whole });
        }
        if let Some(tables) = item.as_array_of_tables() {
            for (index, table) in tables.iter().enumerate() {
                collect_entry(table, table.span(), &format!("{path}[{}]", index + 1), places);
            }
        } else if let Item::Value(Value::Array(list)) = item {
            for (index, entry) in list.iter().enumerate().filter_map(|(i, v)| Some((i, v.as_inline_table()?))) {
                collect_entry(entry, entry.span(), &format!("{path}[{}]", index + 1), places);
            }
        } else if let Some(table) = item.as_table_like() {
            collect(table, &path, places);
        }
    }
}

fn collect_entry(table: &dyn TableLike, span: Option<Range<usize>>, path: &str, places: &mut Vec<Place>) {
    if let Some(span) = span {
        places.push(Place { path: path.to_owned(), key: span.start..span.start + 1, whole: span });
    }
    collect(table, path, places);
}

/// serde's words, made plain. `value` is what stands in the file at that place.
fn plain(message: &str, path: &str, value: &str) -> (String, Option<String>) {
    let name = path.rsplit('.').next().unwrap_or(path);
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if message.starts_with("unknown field") {
        return (unknown_key(words[0]), suggest(words[0], &words[1..]));
    }
    if message.starts_with("missing field") {
        return (format!("the key \"{}\" is missing", words[0]), Some(format!("add a line: {} = …", words[0])));
    }
    if message.starts_with("unknown variant") {
        return (format!("\"{}\" is not a value of {name}", words[0]), suggest(words[0], &words[1..]));
    }
    if name == "time_zone" {
        return (format!("\"{value}\" is not a time zone"), Some(super::zone::suggest(value)));
    }
    if message.contains("is not a slug") {
        let slug = crate::event::Slug::from_text(value);
        return (message.trim().to_owned(), Some(format!("{EXAMPLE} \"{slug}\"")));
    }
    if let Some((found, wanted)) = message.split_once(", expected ") {
        // What was found may be a password in the wrong place: only its type is told.
        let kind = found.rsplit(": ").next().unwrap_or(found).split_whitespace().next().unwrap_or("this");
        let what = if message.starts_with("invalid type") { format!("a {kind}") } else { "this value".to_owned() };
        return (format!("{what} cannot stand here"), Some(format!("write {}", wanted_in_words(wanted.trim()))));
    }
    (message.trim().replace('\n', ", "), None)
}

fn unknown_key(key: &str) -> String {
    match key {
        "password" | "pass" => format!("unknown key \"{key}\": passwords never stand in this file"),
        _ => format!("unknown key \"{key}\""),
    }
}

fn wanted_in_words(wanted: &str) -> String {
    match wanted {
        "a string" | "path string" => "text in quotes: \"…\"".into(),
        "a boolean" => "true or false".into(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number without quotes, 0 or more".into(),
        "i32" | "i64" => "a whole number without quotes".into(),
        "a sequence" => "a list: [ …, … ]".into(),
        table if table.starts_with("struct ") => {
            format!("a table: a line [{}] and its keys below", table[7..].to_lowercase())
        }
        other => other.into(),
    }
}
