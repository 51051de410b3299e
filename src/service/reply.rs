//! What a guard's device answers on `dispatch/{post}/reply`: claim, decline, arrived or done, for one task. Anybody who may
//! publish there may write it, so nothing of it is believed before it has been read here.

use super::case::task::{Channel, Eta, Reason, TaskStep};
use super::contact::{Name, Text};
use super::number::{Number, Series};
use crate::event::{Data, Event, Id, Identity, Kind, Now, Slug, data};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

/// Longest reply in bytes: a reason in words is the largest part.
pub const MAX_REPLY: usize = 8 * 1024;

/// A task as guards name it: `R-1121-07/1`, or with the year, `R-20261121-7/1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskName {
    pub series: Series,
    /// `yyyymmdd`, or `mmdd`: then the newest such case is meant.
    pub day: u32,
    pub nth: u32,
    pub task: u16,
}

impl TaskName {
    pub fn of(number: Number, task: u16) -> Self {
        TaskName { series: number.series, day: number.day, nth: number.nth, task }
    }

    /// The case's number, if the year is known.
    pub fn number(&self) -> Option<Number> {
        (self.day > 9999).then_some(Number { series: self.series, day: self.day, nth: self.nth })
    }

    fn parse(text: &str) -> Option<Self> {
        let (case, task) = text.split_once('/')?;
        let mut parts = case.split('-');
        let letter = parts.next().filter(|letter| letter.chars().count() == 1)?;
        let (day, nth) = (parts.next()?, parts.next()?);
        let digits = |part: &str| (!part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())).then_some(());
        (parts.next().is_none() && matches!(day.len(), 4 | 8)).then_some(())?;
        digits(day).and(digits(nth)).and(digits(task))?;
        Some(TaskName {
            series: letter.chars().next().and_then(Series::from_letter)?,
            day: day.parse().ok()?,
            nth: nth.parse().ok()?,
            task: task.parse().ok()?,
        })
    }
}

impl std::fmt::Display for TaskName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{:08}-{}/{}", self.series.letter(), self.day, self.nth, self.task)
    }
}

/// A reply that can be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Chosen by the sender; comes back in the result.
    pub id: Option<String>,
    pub task: TaskName,
    /// Who answers (R053): a staff id, or a name.
    pub by: Name,
    pub step: TaskStep,
}

/// Why a reply cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    #[error("it was retained: a reply is for now")]
    Retained,
    #[error("it is larger than {MAX_REPLY} bytes")]
    TooLarge,
    #[error("{0}")]
    Malformed(&'static str),
}

impl Unread {
    pub const fn code(&self) -> &'static str {
        match self {
            Unread::Retained => "retained",
            Unread::TooLarge => "too-large",
            Unread::Malformed(_) => "malformed",
        }
    }
}

#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Wire {
    #[serde(default)]
    id: Option<String>,
    task: String,
    #[serde(rename = "do")]
    step: Do,
    by: Name,
    #[serde(default)]
    eta_minutes: Option<u32>,
    #[serde(default)]
    eta: Option<DateTime<Utc>>,
    #[serde(default)]
    reason: Option<Reason>,
    #[serde(default)]
    note: Option<Text>,
    #[serde(default)]
    channel: Option<Channel>,
    #[serde(default)]
    outcome: Option<Slug>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
enum Do {
    Claim,
    Decline,
    Arrived,
    Done,
}

/// Reads a reply.
///
/// # Errors
/// With the id that the sender chose, if that could be read, so that the sender can be told.
pub fn read(payload: &[u8], retained: bool) -> Result<Reply, (Option<String>, Unread)> {
    if retained {
        return Err((None, Unread::Retained));
    }
    if payload.len() > MAX_REPLY {
        return Err((None, Unread::TooLarge));
    }
    let wire: Wire = serde_json::from_slice(payload).map_err(|_| (id_of(payload), Unread::Malformed(SHAPE)))?;
    let id = wire.id.filter(|id| id.chars().count() <= 64);
    let task = TaskName::parse(&wire.task)
        .ok_or_else(|| (id.clone(), Unread::Malformed("`task` must be such as R-20261121-7/1")))?;
    let eta = wire.eta.map(Eta::At).or(wire.eta_minutes.map(Eta::Minutes));
    let step = match wire.step {
        Do::Claim => TaskStep::Claim { on_behalf: None, eta, relief: None },
        Do::Decline => TaskStep::Decline { reason: wire.reason, note: wire.note },
        Do::Arrived => TaskStep::Arrived { channel: wire.channel },
        Do::Done => TaskStep::Done { outcome: wire.outcome, channel: wire.channel, note: wire.note },
    };
    Ok(Reply { id, task, by: wire.by, step })
}

const SHAPE: &str = "it must be a JSON object with `task`, `do` (claim, decline, arrived or done) and `by`, and at most \
                     `id`, `eta_minutes` or `eta`, `reason`, `note`, `channel`, `outcome`";

fn id_of(payload: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(payload).ok()?;
    value.get("id")?.as_str().filter(|id| id.chars().count() <= 64).map(str::to_owned)
}

/// The event of a reply that cannot be read. The same bytes are one event: a retained one comes with every reconnect.
pub fn refused(post: &Slug, unread: &Unread, payload: &[u8], now: Now) -> Event {
    let facts = data([("reason", json!(unread.code())), ("via", json!("mqtt"))]);
    let identity = Identity::Native(Id::derived(&[b"reply-refused", post.as_str().as_bytes(), payload]));
    Event { identity, ..Event::here(Kind::RequestRefused, post.clone(), now, facts) }
}

/// What is published on `dispatch/{post}/result`.
pub fn result(id: Option<&str>, task: Option<TaskName>, outcome: Result<&str, (&str, String)>, now: Now) -> Vec<u8> {
    let mut answer: Data = data([
        ("id", json!(id)),
        ("task", json!(task.map(|task| task.to_string()))),
        ("accepted", json!(outcome.is_ok())),
        ("at", json!(now.utc.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))),
    ]);
    match outcome {
        Ok(state) => drop(answer.insert("state".into(), json!(state))),
        Err((code, message)) => {
            answer.insert("reason".into(), json!(code));
            answer.insert("message".into(), json!(message));
        }
    }
    serde_json::Value::Object(answer).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_text(text: &str) -> Result<Reply, (Option<String>, Unread)> {
        read(text.as_bytes(), false)
    }

    #[test]
    fn the_four_replies_are_read() {
        let claim = r#"{"id":"x","task":"R-20261121-7/1","do":"claim","by":"zhang-wei","eta_minutes":15}"#;
        let reply = read_text(claim).unwrap();
        assert_eq!(reply.step, TaskStep::Claim { on_behalf: None, eta: Some(Eta::Minutes(15)), relief: None });
        assert_eq!(reply.task.to_string(), "R-20261121-7/1");
        let decline = r#"{"task":"I-1121-03/2","do":"decline","by":"张伟","reason":"on-another-task"}"#;
        let reply = read_text(decline).unwrap();
        assert_eq!((reply.task.number(), reply.task.task), (None, 2));
        assert!(matches!(reply.step, TaskStep::Decline { reason: Some(Reason::OnAnotherTask), .. }));
        assert!(read_text(r#"{"task":"I-1121-03/2","do":"arrived","by":"张伟","channel":"radio"}"#).is_ok());
        assert!(read_text(r#"{"task":"I-1121-03/2","do":"done","by":"张伟","outcome":"let-in"}"#).is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_named_and_keeps_the_senders_id() {
        let nobody = read_text(r#"{"id":"x","task":"R-20261121-7/1","do":"claim"}"#).unwrap_err();
        assert_eq!((nobody.0.as_deref(), nobody.1.code()), (Some("x"), "malformed"));
        for task in ["", "R-1121-07", "R-11-7/1", "R--7/1", "RR-1121-7/1", "R-1121-7/x", "R-1121-7-8/1", "é-1121-7/1"]
        {
            let text = json!({"task": task, "do": "claim", "by": "张伟"}).to_string();
            assert_eq!(read_text(&text).unwrap_err().1.code(), "malformed", "{task}");
        }
        assert_eq!(read(b"{}", true).unwrap_err().1, Unread::Retained);
        assert_eq!(read(&vec![b' '; MAX_REPLY + 1], false).unwrap_err().1, Unread::TooLarge);
    }

    proptest! {
        #[test]
        fn no_payload_panics(payload in proptest::collection::vec(any::<u8>(), 0..200), task in "\\PC{0,20}") {
            drop(read(&payload, false));
            let _ = TaskName::parse(&task);
        }
    }
}
