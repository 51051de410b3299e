//! What is wrong with a profile, and where: the line, the rule, the key, and the nearest right word.

use std::fmt;

/// How alike (Jaro-Winkler) a word must be to be offered as the right one.
const ALIKE: f64 = 0.75;

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

pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

pub fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |word| format!("; did you mean \"{word}\"?"))
}

/// What serde says of TOML that does not have the form of a profile.
pub fn unreadable(name: &str, text: &str, error: &toml::de::Error) -> ProfileError {
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
pub fn line_of_key(text: &str, from: usize, key: &str) -> Option<usize> {
    let rest = text.get(from..)?;
    let end = rest.get(1..).and_then(|tail| tail.find("[[rule]]")).map_or(rest.len(), |end| end + 1);
    let first = line_at(text, from);
    let is_key =
        |line: &str| line.trim_start().strip_prefix(key).is_some_and(|tail| tail.trim_start().starts_with(['=', '.']));
    Some(first + rest[..end].lines().position(is_key).unwrap_or(0))
}
