//! 人工帮助 and 紧急求助: the two buttons that stand on every screen. A press is recorded at once and goes to the
//! office ahead of everything else; who comes is decided by dispatch.

use super::Decision;
use super::number::Number;
use super::visit::subject;
use crate::event::{Event, Kind, Now, data};
use serde_json::json;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpRequest {
    /// Somebody asks for a person (R233, R241).
    Person { language: String },
    /// Somebody needs help at once; asked twice so that a child's tap does not raise it.
    Emergency { language: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HelpRecorded {
    pub number: Number,
}

pub fn request(command: &HelpRequest, number: Number, now: Now) -> Decision<HelpRecorded> {
    let (kind, language) = match command {
        HelpRequest::Person { language } => (Kind::HelpRequested, language),
        HelpRequest::Emergency { language } => (Kind::EmergencyRequested, language),
    };
    let facts =
        data([("number", json!(number.to_string())), ("channel", json!("kiosk")), ("language", json!(language))]);
    let event = Event::here(kind, subject(number), now, facts);
    Decision { events: vec![event], answer: HelpRecorded { number } }
}
