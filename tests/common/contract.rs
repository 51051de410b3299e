//! What the office and the guards hear, held to `docs/contract` as it stands there, by a validator of JSON Schema that is not ours. Strictly: a
//! member that the schema does not name is a fault here, though readers must take it.

use jsonschema::Validator;
use lobbyd::service::contract::closed;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

/// The schema of a topic below `lobby/v1/{site}/{gateway}/`, as a path below `docs/contract`. `None`: nothing is promised of it here,
/// such as the answer to a command that does not exist.
fn schema_of(topic: &str) -> Option<String> {
    let rest: Vec<&str> = topic.strip_prefix("lobby/v1/")?.split('/').skip(2).collect();
    Some(match rest[..] {
        ["event", _, kind] => format!("events/{kind}"),
        ["state", _] => "state".to_owned(),
        ["status"] => "status".to_owned(),
        ["cmd", name, "result"] => format!("commands/{name}.result"),
        ["dispatch", _] => "guards/offer".to_owned(),
        ["dispatch", _, "open"] => "guards/open".to_owned(),
        ["dispatch", _, "result"] => "guards/result".to_owned(),
        _ => return None,
    })
}

fn validator(path: &str) -> Option<Arc<Validator>> {
    static READ: LazyLock<Mutex<HashMap<String, Option<Arc<Validator>>>>> = LazyLock::new(Mutex::default);
    let mut read = READ.lock().unwrap();
    let made = read.entry(path.to_owned()).or_insert_with(|| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/contract").join(format!("{path}.json"));
        let schema: Value = serde_json::from_slice(&std::fs::read(file).ok()?).unwrap();
        let options = jsonschema::options().should_validate_formats(true);
        Some(Arc::new(options.build(&closed(&schema)).unwrap()))
    });
    made.clone()
}

/// What is wrong with a message, if anything is. Without its content: it may name people.
pub fn fault(topic: &str, payload: &[u8]) -> Option<String> {
    let path = schema_of(topic)?;
    let Some(validator) = validator(&path) else {
        // A kind without a schema is a fault; a command that does not exist has none.
        return path.starts_with("events/").then(|| format!("docs/contract has no {path}.json"));
    };
    let Ok(message) = serde_json::from_slice::<Value>(payload) else {
        return (!payload.is_empty()).then(|| format!("{path}: it is no JSON"));
    };
    let error = validator.iter_errors(&message).next()?;
    Some(format!("{path}: {} breaks {}: {}", error.instance_path(), error.schema_path(), error.masked()))
}

/// The faults of all messages that somebody has heard; whoever keeps them fails with them.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<String>>>);

impl Faults {
    pub fn look_at(&self, topic: &[u8], payload: &[u8]) {
        let found = std::str::from_utf8(topic).ok().and_then(|topic| fault(topic, payload));
        self.0.lock().unwrap().extend(found);
    }

    /// # Panics
    /// Where a message was not what the contract says; not while the test fails already.
    pub fn are_none(&self) {
        let faults = self.0.lock().unwrap();
        assert!(
            faults.is_empty() || std::thread::panicking(),
            "{} messages break the contract:\n{}",
            faults.len(),
            faults.join("\n")
        );
    }
}
