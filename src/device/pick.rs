//! How a rule points at a value: a JSON pointer into the payload, a named segment of the topic, or a fixed text; and the
//! conditions on such values. A value that is null, absent, empty or blank is no value: it is never picked and never matches.

use super::topic::Segments;
use serde_json::{Number, Value};
use std::borrow::Cow;
use std::fmt;

/// Longest text that is taken out of a payload into an event, in bytes. Longer ones are cut and end in `…`.
pub const MAX_TEXT: usize = 256;

/// Most accepted values that an explanation lists.
const LISTED: usize = 6;

/// One message (or one part of it that jq cut out) as a rule sees it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub doc: &'a Value,
    pub segments: &'a Segments<'a>,
}

/// A JSON pointer (RFC 6901), taken apart when its profile is loaded: every message of a site is looked at with dozens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    text: String,
    levels: Vec<String>,
}

impl Pointer {
    /// `text` is empty or begins with `/`.
    fn new(text: &str) -> Self {
        let levels = text.split('/').skip(1).map(|level| level.replace("~1", "/").replace("~0", "~"));
        Pointer { levels: levels.collect(), text: text.to_owned() }
    }

    fn find<'v>(&self, doc: &'v Value) -> Option<&'v Value> {
        self.levels.iter().try_fold(doc, |value, level| match value {
            Value::Object(members) => members.get(level),
            // RFC 6901, 4: no sign and no leading zero.
            Value::Array(_) if level.starts_with('+') || (level.starts_with('0') && level.len() > 1) => None,
            Value::Array(items) => items.get(level.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

/// What stands somewhere in a message.
#[derive(Clone)]
enum Seen<'v> {
    Json(&'v Value),
    Text(Cow<'v, str>),
}

/// Where one value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The empty pointer is the whole payload.
    Pointer(Pointer),
    /// Fixed text with topic segments: `{device}`, `door {n}`.
    Topic(Vec<Piece>),
    Fixed(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Segment(String),
}

impl Source {
    /// A text that begins with `/` or is empty is a pointer; one with `{name}` uses the topic; any other stands for itself.
    pub fn parse(text: &str) -> Self {
        if text.is_empty() || text.starts_with('/') {
            return Source::Pointer(Pointer::new(text));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, name, after)) = rest
            .split_once('{')
            .and_then(|(before, tail)| tail.split_once('}').map(|(name, after)| (before, name, after)))
        {
            pieces.extend((!before.is_empty()).then(|| Piece::Text(before.to_owned())));
            pieces.push(Piece::Segment(name.to_owned()));
            rest = after;
        }
        if pieces.is_empty() {
            return Source::Fixed(text.to_owned());
        }
        pieces.extend((!rest.is_empty()).then(|| Piece::Text(rest.to_owned())));
        Source::Topic(pieces)
    }

    pub fn pointer(&self) -> Option<&str> {
        match self {
            Source::Pointer(pointer) => Some(&pointer.text),
            _ => None,
        }
    }

    /// The topic segments that it needs.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        let pieces: &[Piece] = if let Source::Topic(pieces) = self { pieces } else { &[] };
        pieces.iter().filter_map(|piece| match piece {
            Piece::Segment(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    fn look<'v>(&'v self, view: View<'v>) -> Option<Seen<'v>> {
        match self {
            Source::Pointer(pointer) => pointer.find(view.doc).map(Seen::Json),
            Source::Fixed(text) => Some(Seen::Text(Cow::Borrowed(text))),
            Source::Topic(pieces) => {
                let part = |piece: &'v Piece| match piece {
                    Piece::Text(text) => Some(text.as_str()),
                    Piece::Segment(name) => view.segments.get(name),
                };
                match pieces.as_slice() {
                    [one] => part(one).map(Cow::Borrowed),
                    many => many.iter().map(part).collect::<Option<String>>().map(Cow::Owned),
                }
                .map(Seen::Text)
            }
        }
    }

    /// As text, if it is a text, number or boolean.
    pub fn text<'v>(&'v self, view: View<'v>) -> Option<Cow<'v, str>> {
        self.look(view)?.text()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Pointer(pointer) if pointer.text.is_empty() => f.write_str("the payload"),
            Source::Pointer(Pointer { text, .. }) | Source::Fixed(text) => f.write_str(text),
            Source::Topic(pieces) => pieces.iter().try_for_each(|piece| match piece {
                Piece::Text(text) => f.write_str(text),
                Piece::Segment(name) => write!(f, "{{{name}}}"),
            }),
        }
    }
}

impl<'v> Seen<'v> {
    fn has_value(&self) -> bool {
        match self {
            Seen::Json(Value::Null) => false,
            Seen::Json(Value::String(text)) => !text.trim().is_empty(),
            Seen::Text(text) => !text.trim().is_empty(),
            Seen::Json(_) => true,
        }
    }

    /// A scalar as text: what tables and conditions compare. A number and the same number in quotes are equal, for the same
    /// firmware sends both.
    fn text(self) -> Option<Cow<'v, str>> {
        match self {
            Seen::Text(text) => trimmed(text),
            Seen::Json(Value::String(text)) => trimmed(Cow::Borrowed(text)),
            Seen::Json(Value::Bool(flag)) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
            Seen::Json(Value::Number(number)) => Some(plain(number)),
            Seen::Json(Value::Null | Value::Array(_) | Value::Object(_)) => None,
        }
    }

    /// A scalar fit for an event: text trimmed and cut, numbers that a reader may not hold as text.
    fn scalar(&self) -> Option<Value> {
        match self {
            Seen::Text(text) => Some(Value::from(cut(text.trim()))),
            Seen::Json(Value::String(text)) => Some(Value::from(cut(text.trim()))),
            Seen::Json(Value::Bool(flag)) => Some(Value::Bool(*flag)),
            Seen::Json(Value::Number(number)) if fits_everywhere(number) => Some(Value::Number(number.clone())),
            Seen::Json(Value::Number(number)) => Some(Value::from(cut(number.as_str()))),
            Seen::Json(Value::Null | Value::Array(_) | Value::Object(_)) => None,
        }
    }
}

fn trimmed(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let trimmed = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    (!trimmed.is_empty()).then_some(trimmed)
}

/// 7.0 is 7.
fn plain(number: &Number) -> Cow<'_, str> {
    let text = number.as_str();
    Cow::Borrowed(text.strip_suffix(".0").unwrap_or(text))
}

/// Sources to try in order, and a table to translate what is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    pub sources: Vec<Source>,
    pub table: Option<Table>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub rows: Vec<(String, String)>,
    /// For a value that no row lists.
    pub otherwise: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Picked {
    Absent,
    /// A value that the table does not list.
    Unlisted(String),
    Found(Value),
}

impl Pick {
    pub fn pick(&self, view: View<'_>) -> Picked {
        let Some(seen) = self.look(view) else { return Picked::Absent };
        match &self.table {
            None => seen.scalar().map_or(Picked::Absent, Picked::Found),
            Some(table) => match table.translate(seen) {
                Ok(means) => Picked::Found(Value::from(means)),
                Err(text) => Picked::Unlisted(text.into_owned()),
            },
        }
    }

    pub fn value(&self, view: View<'_>) -> Option<Value> {
        match self.pick(view) {
            Picked::Found(value) => Some(value),
            Picked::Absent | Picked::Unlisted(_) => None,
        }
    }

    /// What is picked, as text.
    pub fn text<'v>(&'v self, view: View<'v>) -> Option<Cow<'v, str>> {
        let seen = self.look(view)?;
        match &self.table {
            Some(table) => table.translate(seen).ok().map(Cow::Borrowed).and_then(trimmed),
            None => match seen.text()? {
                Cow::Borrowed(text) => Some(cut(text)),
                Cow::Owned(text) => Some(Cow::Owned(cut(&text).into_owned())),
            },
        }
    }

    fn look<'v>(&'v self, view: View<'v>) -> Option<Seen<'v>> {
        self.sources.iter().find_map(|source| source.look(view).filter(Seen::has_value))
    }
}

impl Table {
    /// What the value means, or the value that no row lists.
    fn translate<'v>(&'v self, seen: Seen<'v>) -> Result<&'v str, Cow<'v, str>> {
        let text = seen.text().unwrap_or(Cow::Borrowed("a list or object"));
        let row = self.rows.iter().find(|(said, _)| *said == text).map(|(_, means)| means);
        row.or(self.otherwise.as_ref()).map(String::as_str).ok_or(text)
    }
}

/// Whether any JSON reader keeps it exact: 64-bit integers, and decimals of at most 15 digits (IEEE 754 binary64).
fn fits_everywhere(number: &Number) -> bool {
    let text = number.as_str();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    number.is_i64() || number.is_u64() || (digits <= 15 && !text.contains(['e', 'E']))
}

pub fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_TEXT {
        return Cow::Borrowed(text);
    }
    let end = (0..=MAX_TEXT - '…'.len_utf8()).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    Cow::Owned(format!("{}…", &text[..end]))
}

/// One condition: this value is one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub source: Source,
    pub accepted: Vec<Accepted>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// `"*"`: any value, also a list or an object.
    Any,
    Text(String),
}

impl Condition {
    pub fn holds(&self, view: View<'_>) -> bool {
        let Some(seen) = self.source.look(view).filter(Seen::has_value) else { return false };
        let text = seen.text();
        self.accepted.iter().any(|accepted| match accepted {
            Accepted::Any => true,
            Accepted::Text(wanted) => text.as_deref() == Some(wanted),
        })
    }

    /// For a person who writes a profile: it shows the value, so it is never logged.
    pub fn explain(&self, view: View<'_>, wanted: bool) -> String {
        let was = match self.source.look(view) {
            None => "absent".to_owned(),
            Some(Seen::Json(Value::Array(_))) => "a list".to_owned(),
            Some(Seen::Json(Value::Object(_))) => "an object".to_owned(),
            Some(Seen::Json(value)) => cut(&value.to_string()).into_owned(),
            Some(Seen::Text(text)) => cut(&Value::from(text).to_string()).into_owned(),
        };
        let some = self.accepted.iter().take(LISTED).map(|accepted| match accepted {
            Accepted::Any => "anything".to_owned(),
            Accepted::Text(text) => format!("\"{text}\""),
        });
        let more = self.accepted.len().saturating_sub(LISTED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let list = some.collect::<Vec<_>>().join(", ") + &more;
        let verb = if wanted { "wanted" } else { "the rule excludes" };
        format!("{} was {was}, {verb} {list}", self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(pointer: &str, doc: &Value) -> Option<String> {
        Source::parse(pointer).text(View { doc, segments: &Segments::default() }).map(Cow::into_owned)
    }

    #[test]
    fn null_absent_empty_and_blank_are_no_value() {
        let doc = json!({"null": null, "empty": "", "blank": " ", "list": [], "zero": 0});
        for pointer in ["/null", "/empty", "/blank", "/list", "/none"] {
            assert_eq!(text(pointer, &doc), None, "{pointer}");
            let any = Condition { source: Source::parse(pointer), accepted: vec![Accepted::Any] };
            assert_eq!(any.holds(View { doc: &doc, segments: &Segments::default() }), pointer == "/list");
        }
        assert_eq!(text("/zero", &doc).as_deref(), Some("0"));
    }

    #[test]
    fn keys_with_spaces_colons_and_slashes_can_be_pointed_at() {
        let doc = json!({"Wifi SSID": "office", "input:0": {"state": false}, "a/b": 1});
        assert_eq!(text("/Wifi SSID", &doc).as_deref(), Some("office"));
        assert_eq!(text("/input:0/state", &doc).as_deref(), Some("false"));
        assert_eq!(text("/a~1b", &doc).as_deref(), Some("1"));
    }

    #[test]
    fn a_number_beyond_64_bits_reaches_the_event_as_text() {
        let doc: Value = serde_json::from_str(r#"{"big": 123456789012345678901234567890, "id": 4302741608}"#).unwrap();
        let pick = |pointer: &str| {
            let pick = Pick { sources: vec![Source::parse(pointer)], table: None };
            pick.value(View { doc: &doc, segments: &Segments::default() })
        };
        assert_eq!(pick("/big"), Some(json!("123456789012345678901234567890")));
        assert_eq!(pick("/id"), Some(json!(4_302_741_608_u64)));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let cut = cut(&"北".repeat(200)).into_owned();
        assert!(cut.len() <= MAX_TEXT && cut.ends_with('…'));
    }
}
