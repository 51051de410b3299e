//! What an event says beyond its kind, subject and time: one JSON object, as a map or as text, whichever it was made as. The
//! other form is made when somebody asks for it. Most events are cards at doors: their text is written once, where the device's
//! message is read, and nobody ever looks into it on its way to the disk and to the office. Three maps for each event, built on
//! one thread and freed on another, were a fifth of lobbyd's work in a flood.

use super::Data;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// Shared: a report is kept until what it says is on disk. Whoever reads it as a map sees a [`Data`].
#[derive(Clone, Default)]
pub struct Facts(Arc<Forms>);

/// One of them is there from the beginning; an empty object is neither.
#[derive(Clone, Default)]
struct Forms {
    map: OnceLock<Data>,
    text: OnceLock<Box<RawValue>>,
}

impl Facts {
    /// Writes the text at once, and never a map.
    ///
    /// # Panics
    /// Where `object` is no JSON object.
    pub fn written(object: &impl Serialize) -> Self {
        let text = to_raw_value(object).expect("a map with string keys always serialises");
        assert!(text.get().starts_with('{'), "facts are an object");
        Facts(Arc::new(Forms { map: OnceLock::new(), text: text.into() }))
    }

    /// As it is stored and sent.
    pub fn text(&self) -> &RawValue {
        self.0.text.get_or_init(|| to_raw_value(&**self).expect("a map with string keys always serialises"))
    }

    pub fn insert(&mut self, key: &str, value: Value) {
        let mut map = Data::clone(self);
        map.insert(key.to_owned(), value);
        *self = map.into();
    }
}

impl Deref for Facts {
    type Target = Data;

    fn deref(&self) -> &Data {
        self.0.map.get_or_init(|| match self.0.text.get() {
            Some(text) => serde_json::from_str(text.get()).expect("only objects are written"),
            None => Data::new(),
        })
    }
}

impl From<Data> for Facts {
    fn from(map: Data) -> Self {
        Facts(Arc::new(Forms { map: map.into(), text: OnceLock::new() }))
    }
}

impl PartialEq for Facts {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::data;
    use serde_json::json;

    #[test]
    fn text_and_map_are_two_forms_of_the_same() {
        let said = data([("unit", json!("12\"03\\")), ("n", json!(7)), ("deep", json!({"a": [null, 1.5]}))]);
        let (map, written) = (Facts::from(said.clone()), Facts::written(&said));
        assert_eq!(written, map);
        assert_eq!(written["unit"], "12\"03\\");
        assert_eq!(serde_json::from_str::<Value>(written.text().get()).unwrap(), Value::Object((*map).clone()));
        assert_eq!(serde_json::from_str::<Value>(map.text().get()).unwrap(), Value::Object((*map).clone()));
        for empty in [Facts::default(), Facts::written(&Data::new()), Data::new().into()] {
            assert_eq!((empty.text().get(), empty.len()), ("{}", 0));
        }
    }

    #[test]
    fn what_is_added_is_in_both_forms_and_not_in_a_copy() {
        let before = Facts::written(&json!({"a": 1}));
        let mut after = before.clone();
        after.insert("replayed", json!(true));
        assert_eq!(after.text().get(), r#"{"a":1,"replayed":true}"#);
        assert!(!before.contains_key("replayed") && before.text().get() == r#"{"a":1}"#);
    }
}
