//! How a rule points at a value: a JSON pointer into the payload, a named segment of the topic, or a fixed text; and the
//! conditions on such values. A value that is null, absent, empty or blank is no value: it is never picked and never matches.

use super::doc::{Doc, member};
use super::topic::Segments;
use std::borrow::Cow;
use std::fmt;

/// Longest text that is taken out of a payload into an event, in bytes. Longer ones are cut and end in `…`.
pub const MAX_TEXT: usize = 256;

/// Most accepted values that an explanation lists.
const LISTED: usize = 6;

/// One message (or one part of it that jq cut out) as a rule sees it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub doc: &'a Doc<'a>,
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

    fn find<'v>(&self, doc: &'v Doc<'v>) -> Option<&'v Doc<'v>> {
        self.levels.iter().try_fold(doc, |doc, level| match doc {
            Doc::Object(members) => member(members, level),
            // RFC 6901, 4: no sign and no leading zero.
            Doc::List(_) if level.starts_with('+') || (level.starts_with('0') && level.len() > 1) => None,
            Doc::List(items) => items.get(level.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

/// What stands somewhere in a message.
#[derive(Clone)]
enum Seen<'v> {
    Doc(&'v Doc<'v>),
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

    fn value<'v>(&'v self, view: View<'v>) -> Option<Seen<'v>> {
        self.look(view)?.value()
    }

    /// What stands there, be it a value or none.
    fn look<'v>(&'v self, view: View<'v>) -> Option<Seen<'v>> {
        match self {
            Source::Pointer(pointer) => pointer.find(view.doc).map(Seen::Doc),
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
        self.value(view)?.text()
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
    /// `None` if it is no value; texts come without the white space around them.
    fn value(self) -> Option<Self> {
        match self {
            Seen::Doc(Doc::Null) => None,
            Seen::Doc(Doc::Text(text)) => trimmed(Cow::Borrowed(text)).map(Seen::Text),
            Seen::Text(text) => trimmed(text).map(Seen::Text),
            Seen::Doc(_) => Some(self),
        }
    }

    /// A scalar as text: what tables and conditions compare. A number and the same number in quotes are equal, for the same
    /// firmware sends both.
    fn text(self) -> Option<Cow<'v, str>> {
        match self {
            Seen::Text(text) => Some(text),
            Seen::Doc(Doc::Text(text)) => Some(Cow::Borrowed(text)),
            Seen::Doc(Doc::Bool(flag)) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
            // 7.0 is 7.
            Seen::Doc(Doc::Number(digits)) => Some(Cow::Borrowed(digits.strip_suffix(".0").unwrap_or(digits))),
            Seen::Doc(Doc::Null | Doc::List(_) | Doc::Object(_)) => None,
        }
    }

    /// A scalar fit for an event: text cut, numbers that a reader may not hold as text.
    fn scalar(self) -> Option<Doc<'v>> {
        match self {
            Seen::Doc(Doc::Number(digits)) if fits_everywhere(digits) => Some(Doc::Number(Cow::Borrowed(digits))),
            Seen::Doc(Doc::Number(digits)) => Some(Doc::Text(cut(Cow::Borrowed(digits)))),
            Seen::Doc(Doc::Bool(flag)) => Some(Doc::Bool(*flag)),
            seen => seen.text().map(|text| Doc::Text(cut(text))),
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
pub enum Picked<'v> {
    Absent,
    /// A value that the table does not list.
    Unlisted(Cow<'v, str>),
    Found(Doc<'v>),
}

impl Pick {
    pub fn pick<'v>(&'v self, view: View<'v>) -> Picked<'v> {
        let Some(seen) = self.seen(view) else { return Picked::Absent };
        match &self.table {
            None => seen.scalar().map_or(Picked::Absent, Picked::Found),
            Some(table) => match table.translate(seen) {
                Ok(means) => Picked::Found(Doc::Text(Cow::Borrowed(means))),
                Err(text) => Picked::Unlisted(text),
            },
        }
    }

    pub fn value<'v>(&'v self, view: View<'v>) -> Option<Doc<'v>> {
        match self.pick(view) {
            Picked::Found(value) => Some(value),
            Picked::Absent | Picked::Unlisted(_) => None,
        }
    }

    /// What is picked, as text.
    pub fn text<'v>(&'v self, view: View<'v>) -> Option<Cow<'v, str>> {
        let seen = self.seen(view)?;
        match &self.table {
            Some(table) => table.translate(seen).ok().map(Cow::Borrowed).and_then(trimmed),
            None => seen.text().map(cut),
        }
    }

    fn seen<'v>(&'v self, view: View<'v>) -> Option<Seen<'v>> {
        self.sources.iter().find_map(|source| source.value(view))
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
fn fits_everywhere(number: &str) -> bool {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok() || (digits <= 15 && !number.contains(['e', 'E']))
}

pub fn cut(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.len() <= MAX_TEXT {
        return text;
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
        let Some(seen) = self.source.value(view) else { return false };
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
            Some(Seen::Doc(Doc::List(_))) => "a list".to_owned(),
            Some(Seen::Doc(Doc::Object(_))) => "an object".to_owned(),
            Some(Seen::Doc(doc)) => cut(doc.to_string().into()).into_owned(),
            Some(Seen::Text(text)) => cut(Doc::Text(text).to_string().into()).into_owned(),
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

    fn text(pointer: &str, doc: &Doc<'_>) -> Option<String> {
        Source::parse(pointer).text(View { doc, segments: &Segments::default() }).map(Cow::into_owned)
    }

    #[test]
    fn null_absent_empty_and_blank_are_no_value() {
        let doc: Doc<'_> = json!({"null": null, "empty": "", "blank": " ", "list": [], "zero": 0}).into();
        for pointer in ["/null", "/empty", "/blank", "/list", "/none"] {
            assert_eq!(text(pointer, &doc), None, "{pointer}");
            let any = Condition { source: Source::parse(pointer), accepted: vec![Accepted::Any] };
            assert_eq!(any.holds(View { doc: &doc, segments: &Segments::default() }), pointer == "/list");
        }
        assert_eq!(text("/zero", &doc).as_deref(), Some("0"));
    }

    #[test]
    fn keys_with_spaces_colons_and_slashes_can_be_pointed_at() {
        let doc: Doc<'_> = json!({"Wifi SSID": "office", "input:0": {"state": false}, "a/b": 1}).into();
        assert_eq!(text("/Wifi SSID", &doc).as_deref(), Some("office"));
        assert_eq!(text("/input:0/state", &doc).as_deref(), Some("false"));
        assert_eq!(text("/a~1b", &doc).as_deref(), Some("1"));
    }

    #[test]
    fn a_number_beyond_64_bits_reaches_the_event_as_text() {
        let doc: Doc<'_> =
            serde_json::from_str(r#"{"big": 123456789012345678901234567890, "id": 4302741608}"#).unwrap();
        let pick = |pointer: &str| {
            let pick = Pick { sources: vec![Source::parse(pointer)], table: None };
            pick.value(View { doc: &doc, segments: &Segments::default() }).map(|doc| doc.to_string())
        };
        assert_eq!(pick("/big"), Some("\"123456789012345678901234567890\"".to_owned()));
        assert_eq!(pick("/id"), Some("4302741608".to_owned()));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let cut = cut("北".repeat(200).into());
        assert!(cut.len() <= MAX_TEXT && cut.ends_with('…'));
    }
}
