//! Why a payload is not read, and the limits beyond which it is not. Never holds content.

use std::fmt;

/// Largest payload that is read. A face terminal sends a portrait of 1 MB and a scene of 2 MB as base64 (a third more).
pub const MAX_PAYLOAD: usize = 4 * 1024 * 1024;

/// Deepest nesting that is read. The deepest of the known products has five levels.
pub const MAX_DEPTH: usize = 32;

/// Longest bare-text payload. The longest known is a word.
pub const MAX_TEXT_PAYLOAD: usize = 1024;

/// Why a payload cannot be read in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    Empty,
    NotEmpty,
    TooLarge(usize),
    NotUtf8,
    TooDeep,
    LongText,
    NotJson { line: usize, column: usize },
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unread::Empty => f.write_str("the payload is empty"),
            Unread::NotEmpty => f.write_str("the payload is not empty"),
            Unread::TooLarge(bytes) => write!(f, "the payload has {bytes} bytes, more than {MAX_PAYLOAD}"),
            Unread::NotUtf8 => f.write_str("the payload is not UTF-8 text"),
            Unread::TooDeep => write!(f, "the payload is nested deeper than {MAX_DEPTH} levels"),
            Unread::LongText => write!(f, "the text is longer than {MAX_TEXT_PAYLOAD} bytes"),
            Unread::NotJson { line, column } => write!(f, "the payload is not JSON (line {line}, column {column})"),
        }
    }
}
