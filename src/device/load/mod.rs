//! A profile's TOML, checked and compiled. Whoever writes a profile reads these errors: each names the profile, the rule,
//! the line and the key, and the nearest right word where there is one. `docs/devices.md` describes the keys.

mod error;
mod parts;

pub use error::{ProfileError, nearest};

use super::jq::Program;
use super::payload::{Form, Redaction};
use super::pick::Pick;
use super::profile::Profile;
use super::rule::{IGNORE, Rule};
use super::topic::{Pattern, check_filter};
use crate::event::Kind;
use error::{hint, line_of_key, unreadable};
use parts::{conditions, credential_rule, data, key, one_of, optional_pick, pick, texts, times, words};
use serde::Deserialize;
use std::sync::Arc;
use toml::{Spanned, Value};

/// Most rules in one profile: each is tried on each message. The longest built-in profile has a third of that.
const MAX_RULES: usize = 64;

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
        let mut compiled = compile(&raw, rule, &redact).map_err(|(key, what)| ProfileError {
            profile: name.to_owned(),
            line: line_of_key(text, spanned.span().start, key),
            rule: Some(rule.name.clone()),
            key: Some(key.to_owned()),
            what,
        })?;
        let same = rules.iter().find(|rule: &&Rule| rule.topics == compiled.topics).map(|rule| rule.topics.clone());
        compiled.topics = same.unwrap_or(compiled.topics);
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

fn topics(value: &Value) -> Result<Arc<[Pattern]>, Fault> {
    let texts = texts("topic", value)?;
    texts.iter().map(|text| Pattern::parse(text).map_err(|error| ("topic", error.to_string()))).collect()
}

fn redactions(pointers: &[String]) -> Result<Vec<Redaction>, Fault> {
    let parse = |at: &String| {
        Redaction::parse(at).ok_or_else(|| ("redact", format!("\"{at}\" is no JSON pointer; write /a/b")))
    };
    pointers.iter().map(parse).collect()
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
