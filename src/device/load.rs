//! A profile's TOML, checked and compiled. Whoever writes a profile reads these errors: each names the profile, the rule,
//! the line and the key, and the nearest right word where there is one. `docs/devices.md` describes the keys.

use super::credential::{self, PIN, TYPES};
use super::jq::Program;
use super::payload::{Form, Redaction};
use super::pick::{Accepted, Condition, Pick, Source, Table};
use super::profile::Profile;
use super::rule::{CredentialRule, IGNORE, REASONS, Rule};
use super::time::{Format, TimeRule};
use super::topic::{Pattern, check_filter};
use crate::event::Kind;
use serde::Deserialize;
use std::fmt;
use toml::{Spanned, Value};

/// Most rules in one profile: each is tried on each message. The longest built-in profile has a third of that.
const MAX_RULES: usize = 64;

/// How alike (Jaro-Winkler) a word must be to be offered as the right one.
const ALIKE: f64 = 0.75;

/// Members of `data` that the engine itself fills.
const RESERVED: [&str; 4] = ["device", "credential", "replayed", "why"];

/// What is wrong with a profile, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ProfileError {
    pub profile: String,
    pub line: Option<usize>,
    pub rule: Option<String>,
    pub key: Option<String>,
    pub what: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "device profile \"{}\"", self.profile)?;
        self.line.map_or(Ok(()), |line| write!(f, ", line {line}"))?;
        self.rule.as_ref().map_or(Ok(()), |rule| write!(f, ", rule \"{rule}\""))?;
        self.key.as_ref().map_or(Ok(()), |key| write!(f, ", key `{key}`"))?;
        write!(f, ": {}", self.what)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProfile {
    product: String,
    about: String,
    topics: Vec<String>,
    /// These five stand for every rule that does not set its own.
    payload: Option<Value>,
    device: Option<Value>,
    subject: Option<Value>,
    time: Option<Value>,
    key: Option<Value>,
    #[serde(default)]
    redact: Vec<String>,
    rule: Vec<Spanned<RawRule>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    name: String,
    topic: Value,
    payload: Option<Value>,
    when: Option<Value>,
    unless: Option<Value>,
    jq: Option<String>,
    #[serde(default)]
    ignore: bool,
    kind: Option<Value>,
    subject: Option<Value>,
    device: Option<Value>,
    data: Option<Value>,
    record: Option<Value>,
    credential: Option<Value>,
    key: Option<Value>,
    latest: Option<Value>,
    time: Option<Value>,
    replayed: Option<Value>,
    #[serde(default)]
    redact: Vec<String>,
}

/// The key at fault, and what is wrong with it.
type Fault = (&'static str, String);

pub fn profile(name: &str, text: &str) -> Result<Profile, ProfileError> {
    let raw: RawProfile = toml::from_str(text).map_err(|error| unreadable(name, text, &error))?;
    let fault = |(key, what): Fault| ProfileError {
        profile: name.to_owned(),
        line: line_of_key(text, 0, key),
        rule: None,
        key: Some(key.to_owned()),
        what,
    };
    if raw.rule.is_empty() || raw.rule.len() > MAX_RULES {
        return Err(fault(("rule", format!("a profile has 1 to {MAX_RULES} rules, this has {}", raw.rule.len()))));
    }
    raw.topics
        .iter()
        .try_for_each(|filter| check_filter(filter))
        .map_err(|error| fault(("topics", error.to_string())))?;
    if raw.topics.is_empty() {
        return Err(fault(("topics", "name at least one MQTT topic filter".to_owned())));
    }
    let redact = redactions(&raw.redact).map_err(fault)?;
    let mut rules = Vec::new();
    for spanned in &raw.rule {
        let rule = spanned.get_ref();
        let compiled = compile(&raw, rule, &redact).map_err(|(key, what)| ProfileError {
            profile: name.to_owned(),
            line: line_of_key(text, spanned.span().start, key),
            rule: Some(rule.name.clone()),
            key: Some(key.to_owned()),
            what,
        })?;
        rules.push(compiled);
    }
    Ok(Profile { name: name.to_owned(), product: raw.product, about: raw.about, topics: raw.topics, redact, rules })
}

fn compile(profile: &RawProfile, raw: &RawRule, redact: &[Redaction]) -> Result<Rule, Fault> {
    let form = raw.payload.as_ref().or(profile.payload.as_ref());
    let own = redactions(&raw.redact)?;
    let rule = Rule {
        name: raw.name.clone(),
        topics: topics(&raw.topic)?,
        form: form.map_or(Ok(Form::Json), |form| one_of("payload", form, &Form::NAMES))?,
        when: conditions("when", raw.when.as_ref())?,
        unless: conditions("unless", raw.unless.as_ref())?,
        jq: raw.jq.as_deref().map(Program::compile).transpose().map_err(|error| ("jq", error.to_string()))?,
        kind: kind(raw)?,
        subject: optional_pick("subject", raw.subject.as_ref().or(profile.subject.as_ref()))?,
        device: optional_pick("device", raw.device.as_ref().or(profile.device.as_ref()))?,
        credential: raw.credential.as_ref().map(credential_rule).transpose()?,
        record: optional_pick("record", raw.record.as_ref())?,
        key: key(raw.key.as_ref().or(profile.key.as_ref()))?,
        latest: optional_pick("latest", raw.latest.as_ref())?,
        time: times(raw.time.as_ref().or(profile.time.as_ref()))?,
        replayed: conditions("replayed", raw.replayed.as_ref())?,
        data: raw.data.as_ref().map_or(Ok(Vec::new()), data)?,
        redact: own,
    };
    check(&rule, redact)?;
    Ok(rule)
}

/// What no single key shows: pointers that are redacted, segments that the topic does not have.
fn check(rule: &Rule, redact: &[Redaction]) -> Result<(), Fault> {
    let data = rule.data.iter().map(|(_, pick)| ("data", pick));
    let credential = rule.credential.iter().flat_map(|rule| [&rule.id, &rule.kind, &rule.scope]).flatten();
    let single = [
        ("subject", &rule.subject),
        ("device", &rule.device),
        ("record", &rule.record),
        ("latest", &rule.latest),
        ("kind", &rule.kind),
    ];
    let picks = data
        .chain(credential.map(|pick| ("credential", pick)))
        .chain(rule.key.iter().map(|pick| ("key", pick)))
        .chain(single.into_iter().filter_map(|(key, pick)| pick.as_ref().map(|pick| (key, pick))))
        .flat_map(|(key, pick)| pick.sources.iter().map(move |source| (key, source)));
    let conditions = rule.when.iter().map(|condition| ("when", &condition.source));
    for (key, source) in picks.chain(conditions) {
        let all_redactions = redact.iter().chain(&rule.redact);
        if let Some(pointer) = source.pointer().filter(|at| all_redactions.clone().any(|out| out.covers(at)))
            && rule.jq.is_none()
            && key != "when"
        {
            return Err((key, format!("{pointer} is redacted, so nothing can be picked there")));
        }
        if let Some(name) = source.segments().find(|name| !rule.topics.iter().all(|topic| topic.has(name))) {
            return Err((key, format!("the rule's topic has no segment {{{name}}}")));
        }
    }
    Ok(())
}

fn kind(raw: &RawRule) -> Result<Option<Pick>, Fault> {
    let kind = match (&raw.kind, raw.ignore) {
        (None, true) => return Ok(None),
        (Some(kind), false) => pick("kind", kind)?,
        (None, false) => return Err(("kind", "a rule needs a `kind`, or `ignore = true`".to_owned())),
        (Some(_), true) => return Err(("ignore", "a rule has a `kind` or is ignored, not both".to_owned())),
    };
    let kinds = || Kind::ALL.iter().map(|kind| kind.name()).chain([IGNORE]);
    for word in words(&kind) {
        if !kinds().any(|kind| kind == word) {
            return Err(("kind", format!("there is no event kind \"{word}\"{}", hint(nearest(word, kinds())))));
        }
    }
    Ok(Some(kind))
}

/// The fixed texts that a pick can give.
fn words(pick: &Pick) -> impl Iterator<Item = &str> {
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

fn topics(value: &Value) -> Result<Vec<Pattern>, Fault> {
    let texts = texts("topic", value)?;
    texts.iter().map(|text| Pattern::parse(text).map_err(|error| ("topic", error.to_string()))).collect()
}

fn redactions(pointers: &[String]) -> Result<Vec<Redaction>, Fault> {
    let parse = |at: &String| {
        Redaction::parse(at).ok_or_else(|| ("redact", format!("\"{at}\" is no JSON pointer; write /a/b")))
    };
    pointers.iter().map(parse).collect()
}

fn conditions(key: &'static str, value: Option<&Value>) -> Result<Vec<Condition>, Fault> {
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

fn optional_pick(key: &'static str, value: Option<&Value>) -> Result<Option<Pick>, Fault> {
    value.map(|value| pick(key, value)).transpose()
}

/// `"/pointer"`, `["/first", "/second"]` or `{ from = …, map = { … }, else = "…" }`.
fn pick(key: &'static str, value: &Value) -> Result<Pick, Fault> {
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

fn key(value: Option<&Value>) -> Result<Vec<Pick>, Fault> {
    let parts = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(parts)) => parts.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    parts.iter().map(|part| pick("key", part)).collect()
}

fn times(value: Option<&Value>) -> Result<Vec<TimeRule>, Fault> {
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

fn credential_rule(value: &Value) -> Result<CredentialRule, Fault> {
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
fn data(value: &Value) -> Result<Vec<(Vec<String>, Pick)>, Fault> {
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

fn texts(key: &'static str, value: &Value) -> Result<Vec<String>, Fault> {
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

fn one_of<T: Copy>(key: &'static str, value: &Value, names: &[(&'static str, T)]) -> Result<T, Fault> {
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

pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |word| format!("; did you mean \"{word}\"?"))
}

/// What serde says of TOML that does not have the form of a profile.
fn unreadable(name: &str, text: &str, error: &toml::de::Error) -> ProfileError {
    let message = error.message();
    // "unknown field `knd`, expected one of `name`, `topic`": the nearest right key is among those.
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = quoted.next().filter(|_| message.starts_with("unknown field"));
    let nearest = unknown.and_then(|word| nearest(word, quoted));
    let at = error.span().map(|span| span.start);
    ProfileError {
        profile: name.to_owned(),
        line: at.map(|at| line_at(text, at)),
        rule: at.and_then(|at| rule_at(text, at)),
        key: unknown.map(str::to_owned),
        what: match unknown {
            Some(_) => format!("there is no such key{}", hint(nearest)),
            None => message.trim().to_owned(),
        },
    }
}

fn line_at(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

/// The name of the rule in which this position stands.
fn rule_at(text: &str, at: usize) -> Option<String> {
    let start = text.get(..at)?.rfind("[[rule]]")?;
    let end = text[start + 1..].find("[[rule]]").map_or(text.len(), |end| start + 1 + end);
    let name = text[start..end].lines().find_map(|line| line.trim().strip_prefix("name")?.trim().strip_prefix('='))?;
    Some(name.trim().trim_matches('"').to_owned())
}

/// The line of the first `key` at or after this position, or the position's own.
fn line_of_key(text: &str, from: usize, key: &str) -> Option<usize> {
    let rest = text.get(from..)?;
    let end = rest.get(1..).and_then(|tail| tail.find("[[rule]]")).map_or(rest.len(), |end| end + 1);
    let first = line_at(text, from);
    let is_key =
        |line: &str| line.trim_start().strip_prefix(key).is_some_and(|tail| tail.trim_start().starts_with(['=', '.']));
    Some(first + rest[..end].lines().position(is_key).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "product = \"p\"\nabout = \"a\"\ntopics = [\"t/#\"]\nredact = [\"/pin\"]\n\n[[rule]]\nname = \"first\"\ntopic = \"t/{a}\"\n";

    fn error(rest: &str) -> String {
        profile("mine", &format!("{HEAD}{rest}")).expect_err(rest).to_string()
    }

    #[test]
    fn an_error_names_rule_line_key_and_the_nearest_right_word() {
        assert_eq!(
            error("kind = \"acess.granted\"\n"),
            "device profile \"mine\", line 9, rule \"first\", key `kind`: there is no event kind \"acess.granted\"; did you mean \"access.granted\"?"
        );
        assert_eq!(
            error("kind = \"tamper\"\nwen = {}\n"),
            "device profile \"mine\", line 10, rule \"first\", key `wen`: there is no such key; did you mean \"when\"?"
        );
    }

    #[test]
    fn what_cannot_work_is_refused_when_it_is_loaded() {
        for (rest, wanted) in [
            ("", "needs a `kind`"),
            ("kind = \"tamper\"\nignore = true", "not both"),
            ("kind = \"tamper\"\npayload = \"jsn\"", "did you mean \"json\""),
            ("kind = \"tamper\"\nsubject = \"{door}\"", "no segment {door}"),
            ("kind = \"tamper\"\ndata.pin = \"/pin\"", "is redacted"),
            ("kind = \"tamper\"\ndata.device = \"/d\"", "filled by the engine"),
            ("kind = \"access.denied\"\ndata.reason = \"CredentialExpried\"", "did you mean \"CredentialExpired\""),
            ("kind = \"tamper\"\nwhen = { type = [\"a\"] }", "neither a JSON pointer"),
            ("kind = \"tamper\"\nwhen = { \"/type\" = [] }", "the list is empty"),
            ("kind = \"tamper\"\ntime = { from = \"/t\", format = \"epok\" }", "did you mean \"epoch\""),
            ("kind = \"tamper\"\ncredential = { id = \"/uid\", type = \"PIN\" }", "never stored"),
            ("kind = \"tamper\"\ncredential = { idd = \"/uid\" }", "did you mean \"id\""),
            ("kind = \"tamper\"\njq = \".a |\"", "jq cannot read"),
            ("kind = { from = \"/a\", map = { x = \"door.open\" } }", "did you mean \"door.opened\""),
            ("kind = [", "line 9"),
        ] {
            let error = error(rest);
            assert!(error.contains(wanted), "{rest}: {error}");
        }
    }
}
