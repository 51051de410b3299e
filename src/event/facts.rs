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

/// Facts that are being written, member by member. Each key is to be written once.
pub struct Writing(Vec<u8>);

/// Room for what a card at a door says, bytes.
const ROOM: usize = 256;

impl Default for Writing {
    fn default() -> Self {
        let mut text = Vec::with_capacity(ROOM);
        text.push(b'{');
        Writing(text)
    }
}

impl Writing {
    /// # Panics
    /// Where `value` is no JSON: a map with other keys than strings.
    pub fn member(&mut self, key: &str, value: &impl Serialize) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        let written = serde_json::to_writer(&mut self.0, key).and_then(|()| {
            self.0.push(b':');
            serde_json::to_writer(&mut self.0, value)
        });
        written.expect("texts and checked JSON always serialise");
    }

    pub fn finish(mut self) -> Facts {
        self.0.push(b'}');
        let text = String::from_utf8(self.0).expect("JSON is written in UTF-8");
        let text = RawValue::from_string(text).expect("an object of JSON values is JSON");
        Facts(Arc::new(Forms { map: OnceLock::new(), text: text.into() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::data;
    use serde_json::json;

    #[test]
    fn text_and_map_are_two_forms_of_the_same() {
        let values = [("unit", json!("12\"03\\")), ("n", json!(7)), ("deep", json!({"a": [null, 1.5]}))];
        let map: Facts = data(values.clone()).into();
        let mut writing = Writing::default();
        values.iter().for_each(|(key, value)| writing.member(key, value));
        let written = writing.finish();
        assert_eq!(written, map);
        assert_eq!(written["unit"], "12\"03\\");
        assert_eq!(serde_json::from_str::<Value>(written.text().get()).unwrap(), Value::Object((*map).clone()));
        assert_eq!(serde_json::from_str::<Value>(map.text().get()).unwrap(), Value::Object((*map).clone()));
        for empty in [Facts::default(), Writing::default().finish(), Data::new().into()] {
            assert_eq!((empty.text().get(), empty.len()), ("{}", 0));
        }
    }

    #[test]
    fn what_is_added_is_in_both_forms_and_not_in_a_copy() {
        let mut writing = Writing::default();
        writing.member("a", &1);
        let before = writing.finish();
        let mut after = before.clone();
        after.insert("replayed", json!(true));
        assert_eq!(after.text().get(), r#"{"a":1,"replayed":true}"#);
        assert!(!before.contains_key("replayed") && before.text().get() == r#"{"a":1}"#);
    }
}
