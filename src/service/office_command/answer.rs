//! What a command leaves behind: its event, and the answer to the office. Never what it says, which may name people, and never a word
//! of one that nobody has signed.

use super::{MAX_COMMAND, Name, Objection, OfficeCommand, Refused, key_name};
use crate::event::{Data, Event, Id, Identity, Kind, Now, Slug, data};
use crate::service::signature::PublicKey;
use chrono::SecondsFormat;
use serde_json::{Value, json};

/// Longest message to people, characters: a table of rules may have a thousand faults, and the first tell enough.
const MAX_MESSAGE: usize = 2_000;
/// As the event of a refused command calls one that there is not: the topic is a stranger's word.
const UNKNOWN: &str = "unknown";

/// The event of an accepted command: recorded before it is carried out.
pub fn accepted(command: &OfficeCommand, gateway: &Slug, now: Now) -> Event {
    let facts = data([
        ("command", json!(command.order.name().as_str())),
        ("command_id", json!(command.id)),
        ("signer", json!(command.signer)),
    ]);
    let identity = Identity::Native(command.record);
    Event { identity, ..Event::here(Kind::CommandAccepted, gateway.clone(), now, facts) }
        .about(data([("who", json!(command.who))]))
}

/// By which a command is known that comes again: the id of its event. Whoever signs has ids of his own, and uses up nobody else's.
pub fn record_id(signer: &PublicKey, command_id: &str) -> Id {
    Id::derived(&[b"office-command", key_name(signer).as_bytes(), command_id.as_bytes()])
}

/// The event of a refused command. The same command refused for the same reason is one event, or a retained one would
/// fill the journal with every reconnect. It is known by its id, and one that cannot be believed by its bytes; not by its topic, which
/// is anybody's: one captured command on ten thousand topics would be as many events.
pub fn refused(name: &str, refused: &Refused, payload: &[u8], gateway: &Slug, now: Now) -> Event {
    let code = refused.objection.code();
    let name = Name::of(name).map_or(UNKNOWN, Name::as_str);
    let facts = data([
        ("command", json!(name)),
        ("command_id", json!(refused.id)),
        ("signer", json!(refused.signer)),
        ("reason", json!(code)),
    ]);
    let which = refused.id.as_ref().map_or(payload, |id| id.as_bytes());
    let signer = refused.signer.as_deref().unwrap_or_default();
    let identity = Identity::Native(Id::derived(&[b"office-refused", signer.as_bytes(), code.as_bytes(), which]));
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
            let message: String = objection.to_string().chars().take(MAX_MESSAGE).collect();
            answer.insert("message".into(), json!(message))
        }
    };
    Value::Object(answer).to_string().into_bytes()
}

/// The same without what was told, for a broker that takes no packet so large; `None` where it says no more than this anyway.
pub fn shortened(result: &[u8]) -> Option<Vec<u8>> {
    let mut answer: Data = serde_json::from_slice(result).ok()?;
    let told = answer.remove("result")?;
    answer.insert("left_out".into(), json!(told.to_string().len()));
    Some(Value::Object(answer).to_string().into_bytes())
}

/// The office's mark on `ack`: it has everything through this number on its own disk. A mark that names another
/// journal's epoch, or a retained one that names none, may be about a journal that is gone. It is not signed: the broker's access
/// rules say who may publish it, and a false one lets retention take what the broker has acknowledged, never more.
/// `Some(None)`: the office marks no more, in so many words. A number that is missing says nothing.
pub fn stored_through(payload: &[u8], retained: bool, epoch: &str) -> Option<Option<u64>> {
    let value: Value = serde_json::from_slice(payload.get(..MAX_COMMAND).unwrap_or(payload)).ok()?;
    match value.get("epoch").and_then(Value::as_str) {
        Some(named) if named == epoch => {}
        None if !retained => {}
        _ => return None,
    }
    match value.get("seq")? {
        Value::Null => Some(None),
        seq => seq.as_u64().map(Some),
    }
}
