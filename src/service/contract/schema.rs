//! Schemas from types: objects put together from several, and the envelope around them. Decides nothing.

use super::{Declaration, Of};
use crate::event::Quality;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// An object's members and which of them are always there.
pub(super) struct Object(Map<String, Value>);

impl Object {
    /// Of a struct. Each schema stands where it is used: a file is read alone.
    pub(super) fn of<T: JsonSchema>() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        });
        let Value::Object(mut schema) = settings.into_generator().into_root_schema_for::<T>().to_value() else {
            return Object(Map::new());
        };
        // Named for a struct of ours, and described for its reader.
        schema.remove("title");
        schema.remove("description");
        schema.values_mut().for_each(tidy);
        Object(schema)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.get("properties").is_none_or(|properties| properties.as_object().is_none_or(Map::is_empty))
    }

    /// With the members of another; where both have one, the other's counts.
    pub(super) fn with(mut self, mut other: Object) -> Self {
        for (name, schema) in other.take("properties") {
            self.members("properties").insert(name, schema);
        }
        let mut required = self.required();
        required.extend(other.required());
        required.sort_unstable();
        required.dedup();
        if !required.is_empty() {
            self.0.insert("required".into(), json!(required));
        }
        self
    }

    pub(super) fn and_state(mut self, states: &[&str]) -> Self {
        let mut state = json!({ "type": "string", "description": "The state of the case that this led to." });
        if !states.is_empty() {
            state["enum"] = json!(states);
        }
        let state = json!({ "type": "object", "properties": { "state": state }, "required": ["state"] });
        if let Value::Object(state) = state {
            self = self.with(Object(state));
        }
        self
    }

    /// A profile of a site's own says what it says.
    pub(super) fn and_anything(mut self) -> Self {
        self.0.insert("additionalProperties".into(), json!(true));
        self
    }

    /// Always this word.
    pub(super) fn constant(word: &str) -> Self {
        Object(Map::from_iter([("const".to_owned(), json!(word))]))
    }

    pub(super) fn text(mut self, description: &str) -> Self {
        self.0.insert("description".into(), json!(description));
        self
    }

    pub(super) fn may_have(&mut self, name: &str, schema: Object) {
        self.members("properties").insert(name.to_owned(), schema.into());
    }

    fn required(&self) -> Vec<String> {
        let names = self.0.get("required").and_then(Value::as_array).into_iter().flatten();
        names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }

    fn members(&mut self, of: &str) -> &mut Map<String, Value> {
        let members = self.0.entry(of).or_insert_with(|| json!({}));
        members.as_object_mut().expect("a schema's members are an object")
    }

    fn take(&mut self, of: &str) -> Map<String, Value> {
        std::mem::take(self.members(of))
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Value {
        Value::Object(object.0)
    }
}

/// Formats that only Rust knows.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let rusty = |format: &Value| format.as_str().is_some_and(|name| name.contains("int") || name == "double");
            if members.get("format").is_some_and(rusty) {
                members.remove("format");
            }
            members.values_mut().for_each(tidy);
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// The CloudEvents envelope of one kind. It stands in each file whole: whoever reads one needs no other.
pub(super) fn envelope(of: &Declaration) -> Value {
    let name = of.kind.name();
    let subject = match of.of {
        Of::Device => "The door or device.",
        Of::Case(_) | Of::Task => "The case's number, as a topic can hold it.",
        Of::Person | Of::PersonAtCase | Of::Gateway => "What it is about, as a topic can hold it.",
    };
    let lane = if of.kind.is_urgent() { "urgent" } else { "ordinary" };
    let qualities = Quality::ALL.map(Quality::name);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:lobbyd:v1:event:{name}"),
        "title": format!("lobbyd.{name}"),
        "description": of.about.trim(),
        "x-lane": lane,
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "seq", "epoch", "recorded", "timequality", "data"],
        "properties": {
            "specversion": { "const": "1.0" },
            "id": { "type": "string", "format": "uuid", "description": "With `source` the identity of the event: a repeat has the same." },
            "source": { "type": "string", "pattern": "^/lobby/[a-z0-9_-]{1,64}/[a-z0-9_-]{1,64}$", "description": "Site and gateway." },
            "type": { "const": format!("lobbyd.{name}") },
            "subject": { "type": "string", "pattern": "^[a-z0-9_-]{1,64}$", "description": subject },
            "time": { "type": "string", "format": "date-time", "description": "When it happened; `timequality` says how far to trust it." },
            "datacontenttype": { "const": "application/json" },
            "seq": { "type": "integer", "minimum": 1, "description": "Counts without a gap within one `epoch`." },
            "epoch": { "type": "string", "minLength": 1, "description": "Names the journal that counts." },
            "recorded": { "type": "string", "format": "date-time", "description": "The gateway's clock when it was stored." },
            "timequality": { "enum": qualities, "description": "What stands behind `time`." },
            "data": of.data(),
        },
    })
}

/// The same schema, but taking no member that it does not name: what tests hold events to.
pub fn closed(schema: &Value) -> Value {
    let mut schema = schema.clone();
    close(&mut schema);
    schema
}

fn close(schema: &mut Value) {
    let Value::Object(members) = schema else { return };
    if members.contains_key("properties") && !members.contains_key("additionalProperties") {
        members.insert("additionalProperties".into(), json!(false));
    }
    for key in ["properties", "$defs"] {
        if let Some(Value::Object(named)) = members.get_mut(key) {
            named.values_mut().for_each(close);
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = members.get_mut(key) {
            close(inner);
        }
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(several)) = members.get_mut(key) {
            several.iter_mut().for_each(close);
        }
    }
}
