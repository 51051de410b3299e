//! A payload as bytes, and what can be read in it: JSON, bare text, or nothing. It takes out
//! what must go no further (PINs, pictures) before any rule sees it.

use super::doc::Doc;
use super::lenient;
use super::unread::{MAX_DEPTH, MAX_PAYLOAD, MAX_TEXT_PAYLOAD, Unread};
use std::borrow::Cow;
use std::cell::OnceCell;

/// How a rule reads a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    #[default]
    Json,
    /// JSON, or what a Python program prints of a dict.
    Lenient,
    /// The payload itself, without white space around it. It is then a JSON string to the rest of the rule.
    Text,
    /// Zero bytes.
    Empty,
    /// Not read at all: for rules that ignore a topic whatever is said there.
    Any,
}

impl Form {
    pub const NAMES: [(&'static str, Form); 5] = [
        ("json", Form::Json),
        ("lenient", Form::Lenient),
        ("text", Form::Text),
        ("empty", Form::Empty),
        ("any", Form::Any),
    ];
}

/// A payload, read at most once in each form.
pub struct Payload<'a> {
    bytes: &'a [u8],
    redact: &'a [Redaction],
    json: OnceCell<Result<Doc<'a>, Unread>>,
    lenient: OnceCell<Result<Doc<'a>, Unread>>,
    text: OnceCell<Result<Doc<'a>, Unread>>,
}

impl<'a> Payload<'a> {
    /// `redact` names what is taken out before anyone looks.
    pub fn new(bytes: &'a [u8], redact: &'a [Redaction]) -> Self {
        Payload { bytes, redact, json: OnceCell::new(), lenient: OnceCell::new(), text: OnceCell::new() }
    }

    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub fn read(&self, form: Form) -> Result<&Doc<'a>, &Unread> {
        match form {
            Form::Json => self.json.get_or_init(|| self.doc(false)).as_ref(),
            Form::Lenient => self.lenient.get_or_init(|| self.doc(true)).as_ref(),
            Form::Text => self.text.get_or_init(|| self.bare_text()).as_ref(),
            Form::Any => Ok(&Doc::Null),
            Form::Empty if self.bytes.is_empty() => Ok(&Doc::Null),
            Form::Empty => Err(&Unread::NotEmpty),
        }
    }

    fn str(&self) -> Result<&'a str, Unread> {
        match self.bytes {
            [] => Err(Unread::Empty),
            bytes if bytes.len() > MAX_PAYLOAD => Err(Unread::TooLarge(bytes.len())),
            bytes => std::str::from_utf8(bytes).map_err(|_| Unread::NotUtf8),
        }
    }

    fn doc(&self, lenient: bool) -> Result<Doc<'a>, Unread> {
        let text = self.str()?;
        let mut doc = match serde_json::from_str(text) {
            Err(_) if lenient => lenient::read(text, MAX_DEPTH)?,
            Err(error) if error.to_string().starts_with("recursion limit") => return Err(Unread::TooDeep),
            Err(error) => return Err(Unread::NotJson { line: error.line(), column: error.column() }),
            Ok(doc) => doc,
        };
        if deeper_than(&doc, MAX_DEPTH) {
            return Err(Unread::TooDeep);
        }
        for redaction in self.redact {
            redaction.apply(&mut doc);
        }
        Ok(doc)
    }

    fn bare_text(&self) -> Result<Doc<'a>, Unread> {
        let text = self.str()?.trim();
        if text.len() > MAX_TEXT_PAYLOAD { Err(Unread::LongText) } else { Ok(Doc::Text(Cow::Borrowed(text))) }
    }
}

/// serde_json refuses more than 128 levels, so this ends.
fn deeper_than(doc: &Doc<'_>, levels: usize) -> bool {
    match doc {
        Doc::List(items) => levels == 0 || items.iter().any(|item| deeper_than(item, levels - 1)),
        Doc::Object(members) => levels == 0 || members.iter().any(|(_, item)| deeper_than(item, levels - 1)),
        _ => false,
    }
}

/// A JSON pointer to what is taken out; a level `*` stands for every member: `/users/*/pin_code`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction(Vec<String>);

impl Redaction {
    /// `None` if it is no JSON pointer (RFC 6901) or the whole payload.
    pub fn parse(pointer: &str) -> Option<Self> {
        let rest = pointer.strip_prefix('/')?;
        Some(Redaction(rest.split('/').map(|level| level.replace("~1", "/").replace("~0", "~")).collect()))
    }

    /// Takes it out.
    pub fn apply(&self, doc: &mut Doc<'_>) {
        remove(doc, &self.0);
    }

    /// Whether a rule that picks `pointer` would pick what this takes out.
    pub fn covers(&self, pointer: &str) -> bool {
        let Some(Redaction(picked)) = Redaction::parse(pointer) else { return false };
        picked.len() >= self.0.len() && self.0.iter().zip(&picked).all(|(out, level)| out == "*" || out == level)
    }
}

fn remove(doc: &mut Doc<'_>, path: &[String]) {
    let Some((level, rest)) = path.split_first() else { return };
    let all = level == "*";
    match doc {
        Doc::Object(members) if rest.is_empty() => members.retain(|(key, _)| !all && key != level),
        Doc::Object(members) => {
            let meant = members.iter_mut().filter(|(key, _)| all || key == level);
            meant.for_each(|(_, item)| remove(item, rest));
        }
        Doc::List(items) => {
            let index = level.parse().ok();
            let meant = items.iter_mut().enumerate().filter(|(at, _)| all || Some(*at) == index);
            meant.for_each(|(_, item)| if rest.is_empty() { *item = Doc::Null } else { remove(item, rest) });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn json(bytes: &[u8]) -> Result<Doc<'_>, Unread> {
        Payload::new(bytes, &[]).read(Form::Json).cloned().map_err(Clone::clone)
    }

    #[test]
    fn what_cannot_be_read_says_why_and_shows_nothing_of_it() {
        assert_eq!(json(b""), Err(Unread::Empty));
        assert_eq!(json(b"\xff\xd8\xff\xe0 JFIF"), Err(Unread::NotUtf8));
        assert_eq!(json(b"{\"pin\": 4711,"), Err(Unread::NotJson { line: 1, column: 13 }));
        assert_eq!(json(&vec![b' '; MAX_PAYLOAD + 1]), Err(Unread::TooLarge(MAX_PAYLOAD + 1)));
        for depth in [MAX_DEPTH + 1, 127, 128, 200_000] {
            let nested = "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(json(nested.as_bytes()), Err(Unread::TooDeep), "{depth}");
        }
    }

    #[test]
    fn a_redacted_value_is_gone_wherever_it_stands() {
        let redact: Vec<_> = ["/Password", "/users/*/pin_code", "/list/1", "/deep/*"]
            .iter()
            .filter_map(|at| Redaction::parse(at))
            .collect();
        let bytes = br#"{"Password":"1","users":{"1":{"pin_code":"2","on":true},"2":{"pin_code":"3"}},"list":[4,5],"deep":[6,7]}"#;
        let payload = Payload::new(bytes, &redact);
        assert_eq!(
            payload.read(Form::Json),
            Ok(&json!({"users": {"1": {"on": true}, "2": {}}, "list": [4, null], "deep": [null, null]}).into())
        );
        assert!(redact[1].covers("/users/7/pin_code") && !redact[1].covers("/users/7/on"));
    }
}
