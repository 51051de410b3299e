//! What the office may ask of the gateway, and when it is refused: retained, expired, malformed, unknown or repeated.
//! Whether an id is a repeat is not decided here but by the journal: the event of an accepted command has an id that is
//! derived from the command's, so that a repeat is one even after a restart.

use crate::event::{Data, Event, Id, Identity, Kind, Now, Slug, data};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

/// Largest command, bytes. Every command so far is one short object.
pub const MAX_COMMAND: usize = 64 * 1024;
/// Longest id and longest `who`, characters.
const MAX_WORD: usize = 128;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Are you there?
    Ping,
    /// Send everything from this number on once more.
    Replay { from_seq: u64 },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeCommand {
    pub name: String,
    pub id: String,
    /// Who asked, in the office's own words. May name a person: never logged.
    pub who: String,
    pub order: Order,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    #[error("it was retained: a command is for now, not for whoever connects next")]
    Retained,
    #[error("it expired at {0}")]
    Expired(String),
    #[error("it is malformed: {0}")]
    Malformed(String),
    #[error("there is no such command")]
    Unknown,
    #[error("a command with this id has been carried out before")]
    Repeated,
    #[error("it could not be recorded: {0}")]
    Storage(String),
}

impl Objection {
    /// As it stands in the result.
    pub const fn code(&self) -> &'static str {
        match self {
            Objection::Retained => "retained",
            Objection::Expired(_) => "expired",
            Objection::Malformed(_) => "malformed",
            Objection::Unknown => "unknown",
            Objection::Repeated => "repeated",
            Objection::Storage(_) => "storage",
        }
    }
}

/// A refused command, with its id if it could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub id: Option<String>,
    pub objection: Objection,
}

/// Reads and judges a command that came on `cmd/{name}`. An unset clock runs late, so it lets an expired command pass:
/// better than refusing all; the session is a clean one, so that no command waits at the broker.
pub fn read(name: &str, payload: &[u8], retained: bool, now: Now) -> Result<OfficeCommand, Refused> {
    let refused = |id: Option<&str>, objection| Refused { id: id.map(str::to_owned), objection };
    if payload.len() > MAX_COMMAND {
        return Err(refused(None, malformed(format!("larger than {MAX_COMMAND} bytes"))));
    }
    let value: Value = serde_json::from_slice(payload).map_err(|_| refused(None, malformed("it is not JSON")))?;
    let id = word(&value, "id").map_err(|objection| refused(None, objection))?;
    judge(name, &value, retained, now)
        .map(|(who, order)| OfficeCommand { name: name.to_owned(), id: id.to_owned(), who, order })
        .map_err(|objection| refused(Some(id), objection))
}

fn judge(name: &str, value: &Value, retained: bool, now: Now) -> Result<(String, Order), Objection> {
    if retained {
        return Err(Objection::Retained);
    }
    time(value, "issued_at")?;
    let expires = time(value, "expires_at")?;
    let who = word(value, "who")?.to_owned();
    if now.utc > expires {
        return Err(Objection::Expired(expires.to_rfc3339_opts(SecondsFormat::Secs, true)));
    }
    let order = match name {
        "ping" => Order::Ping,
        "replay" => match value.pointer("/arguments/from_seq").and_then(Value::as_u64) {
            Some(from_seq) if from_seq > 0 => Order::Replay { from_seq },
            _ => return Err(malformed("`arguments.from_seq` must be a number from 1")),
        },
        _ => return Err(Objection::Unknown),
    };
    Ok((who, order))
}

fn malformed(why: impl Into<String>) -> Objection {
    Objection::Malformed(why.into())
}

fn word<'a>(value: &'a Value, key: &str) -> Result<&'a str, Objection> {
    match value.get(key).and_then(Value::as_str) {
        Some(word) if !word.is_empty() && word.chars().count() <= MAX_WORD => Ok(word),
        _ => Err(malformed(format!("`{key}` must be text of 1 to {MAX_WORD} characters"))),
    }
}

fn time(value: &Value, key: &str) -> Result<DateTime<Utc>, Objection> {
    let text = value.get(key).and_then(Value::as_str).unwrap_or_default();
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|_| malformed(format!("`{key}` must be a time such as 2026-11-21T12:00:00Z")))
}

/// The event of an accepted command: recorded before it is carried out.
pub fn accepted(command: &OfficeCommand, gateway: &Slug, now: Now) -> Event {
    let facts = data([("command", json!(command.name)), ("command_id", json!(command.id))]);
    let identity = Identity::Native(Id::derived(&[b"office-command", command.id.as_bytes()]));
    Event { identity, ..Event::here(Kind::CommandAccepted, gateway.clone(), now, facts) }
        .about(data([("who", json!(command.who))]))
}

/// The event of a refused command. The same command refused for the same reason is one event, or a retained one would
/// fill the journal with every reconnect.
pub fn refused(name: &str, refused: &Refused, payload: &[u8], gateway: &Slug, now: Now) -> Event {
    let code = refused.objection.code();
    let facts = data([
        ("command", json!(name.chars().take(MAX_WORD).collect::<String>())),
        ("command_id", json!(refused.id)),
        ("reason", json!(code)),
    ]);
    let identity = Identity::Native(Id::derived(&[b"office-refused", name.as_bytes(), code.as_bytes(), payload]));
    Event { identity, ..Event::here(Kind::CommandRefused, gateway.clone(), now, facts) }
}

/// What is published on `cmd/{name}/result`.
pub fn result(name: &str, id: Option<&str>, outcome: Result<&Data, &Objection>, now: Now) -> Vec<u8> {
    let mut answer = data([
        ("command", json!(name)),
        ("id", json!(id)),
        ("accepted", json!(outcome.is_ok())),
        ("at", json!(now.utc.to_rfc3339_opts(SecondsFormat::Millis, true))),
    ]);
    match outcome {
        Ok(result) => answer.insert("result".into(), Value::Object(result.clone())),
        Err(objection) => {
            answer.insert("reason".into(), json!(objection.code()));
            answer.insert("message".into(), json!(objection.to_string()))
        }
    };
    Value::Object(answer).to_string().into_bytes()
}

/// The office's mark on `ack`: it has everything through this number on its own disk. A mark that names another
/// journal's epoch, or a retained one that names none, may be about a journal that is gone.
pub fn stored_through(payload: &[u8], retained: bool, epoch: &str) -> Option<u64> {
    let value: Value = serde_json::from_slice(payload.get(..MAX_COMMAND).unwrap_or(payload)).ok()?;
    match value.get("epoch").and_then(Value::as_str) {
        Some(named) if named == epoch => {}
        None if !retained => {}
        _ => return None,
    }
    value.get("seq").and_then(Value::as_u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> Now {
        Now { utc: DateTime::parse_from_rfc3339("2026-11-21T12:00:00Z").unwrap().to_utc(), synced: true }
    }

    fn command(expires: &str, arguments: Value) -> Vec<u8> {
        json!({"id": "c-1", "issued_at": "2026-11-21T11:59:00Z", "expires_at": expires, "who": "shift", "arguments": arguments})
            .to_string()
            .into_bytes()
    }

    const LATER: &str = "2026-11-21T12:05:00Z";

    fn objection(name: &str, payload: &[u8], retained: bool) -> Objection {
        read(name, payload, retained, now()).unwrap_err().objection
    }

    #[test]
    fn a_good_command_is_read() {
        assert_eq!(read("ping", &command(LATER, json!({})), false, now()).unwrap().order, Order::Ping);
        let replay = read("replay", &command(LATER, json!({"from_seq": 7})), false, now()).unwrap();
        assert_eq!(replay.order, Order::Replay { from_seq: 7 });
    }

    #[test]
    fn a_retained_expired_unknown_or_malformed_command_is_refused_by_name() {
        assert_eq!(objection("ping", &command(LATER, json!({})), true), Objection::Retained);
        assert_eq!(objection("ping", &command("2026-11-21T11:59:59Z", json!({})), false).code(), "expired");
        assert_eq!(objection("dance", &command(LATER, json!({})), false), Objection::Unknown);
        assert_eq!(objection("replay", &command(LATER, json!({"from_seq": 0})), false).code(), "malformed");
        assert_eq!(objection("replay", &command(LATER, json!({"from_seq": -1})), false).code(), "malformed");
        assert_eq!(objection("ping", b"\xff\x00", false).code(), "malformed");
        assert_eq!(objection("ping", b"{}", false).code(), "malformed");
    }

    #[test]
    fn a_repeated_command_is_the_same_event_and_a_refused_one_too() {
        let gateway = Slug::new("lobby-1").unwrap();
        let payload = command(LATER, json!({}));
        let read = read("ping", &payload, false, now()).unwrap();
        assert_eq!(accepted(&read, &gateway, now()).identity, accepted(&read, &gateway, now()).identity);
        let no = Refused { id: None, objection: Objection::Retained };
        assert_eq!(
            refused("ping", &no, &payload, &gateway, now()).identity,
            refused("ping", &no, &payload, &gateway, now()).identity
        );
    }

    #[test]
    fn a_mark_of_another_journal_moves_nothing() {
        assert_eq!(stored_through(br#"{"seq": 7}"#, false, "e1"), Some(7));
        assert_eq!(stored_through(br#"{"seq": 7}"#, true, "e1"), None);
        assert_eq!(stored_through(br#"{"seq": 7, "epoch": "e1"}"#, true, "e1"), Some(7));
        assert_eq!(stored_through(br#"{"seq": 7, "epoch": "e0"}"#, false, "e1"), None);
        assert_eq!(stored_through(b"7", false, "e1"), None);
    }

    proptest! {
        #[test]
        fn no_payload_panics(payload in proptest::collection::vec(any::<u8>(), 0..200), retained: bool) {
            drop(read("replay", &payload, retained, now()));
            let _ = stored_through(&payload, retained, "e1");
        }
    }
}
