//! What a device says, read from JSON and borrowed from its payload. It stands in for `serde_json::Value`, whose tree with a
//! `String` for each key, text and number was the largest single piece of the work on a message. It only holds what is
//! there: what may be read is the business of [`payload`](super::payload).

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::{Number, Value};
use std::borrow::Cow;
use std::fmt;

/// Members that an object has room for from the beginning: messages of doors have five to ten.
const MEMBERS: usize = 8;

/// serde_json (arbitrary_precision) hands a number that is no integer of 64 bits over as a map with this one key. The key is
/// serde_json's private matter: a test shows when it is another.
const NUMBER: &str = "$serde_json::private::Number";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doc<'a> {
    Null,
    Bool(bool),
    /// As serde_json writes it: digit for digit what was sent.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Doc<'a>>),
    /// Made by [`Doc::object`].
    Object(Members<'a>),
}

/// The members of an object in the order of their keys, each key once.
pub type Members<'a> = Vec<(Cow<'a, str>, Doc<'a>)>;

impl<'a> Doc<'a> {
    /// Of members with the same key the last one counts.
    pub fn object(mut members: Members<'a>) -> Self {
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        members.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        Doc::Object(members)
    }

    pub fn as_text(&self) -> Option<&str> {
        if let Doc::Text(text) = self { Some(text) } else { None }
    }
}

/// The member of this name. Among few, most keys are told apart by their length, without a look at their letters.
pub fn member<'v, 'a>(members: &'v Members<'a>, name: &str) -> Option<&'v Doc<'a>> {
    let found = if members.len() <= 2 * MEMBERS {
        members.iter().find(|(key, _)| key == name)
    } else {
        members.binary_search_by(|(key, _)| key.as_ref().cmp(name)).ok().map(|at| &members[at])
    };
    found.map(|(_, value)| value)
}

impl<'a> Deserialize<'a> for Doc<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'a> Visitor<'a> for Reader {
    type Value = Doc<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Doc<'a>, E> {
        Ok(Doc::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Doc<'a>, E> {
        Ok(Doc::Bool(flag))
    }

    fn visit_u64<E>(self, whole: u64) -> Result<Doc<'a>, E> {
        Ok(Doc::Number(Cow::Owned(whole.to_string())))
    }

    fn visit_i64<E>(self, whole: i64) -> Result<Doc<'a>, E> {
        Ok(Doc::Number(Cow::Owned(whole.to_string())))
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Doc<'a>, E> {
        Ok(Doc::Text(Cow::Borrowed(text)))
    }

    /// A text with escapes.
    fn visit_str<E>(self, text: &str) -> Result<Doc<'a>, E> {
        Ok(Doc::Text(Cow::Owned(text.to_owned())))
    }

    /// What stands under [`NUMBER`], and nothing else: no text of a payload comes as a `String`, so no payload can write a
    /// number that is none.
    fn visit_string<E>(self, digits: String) -> Result<Doc<'a>, E> {
        Ok(Doc::Number(Cow::Owned(digits)))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut sent: A) -> Result<Doc<'a>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sent.next_element()? {
            items.push(item);
        }
        Ok(Doc::List(items))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut sent: A) -> Result<Doc<'a>, A::Error> {
        let mut members = Vec::new();
        // A key is read as a text is: borrowed where it can be.
        while let Some(key) = sent.next_key()? {
            let Doc::Text(key) = key else { return Err(A::Error::custom("a key is a text")) };
            let value = sent.next_value()?;
            if members.is_empty() {
                if key == NUMBER && matches!(value, Doc::Number(_)) {
                    return Ok(value);
                }
                members.reserve_exact(MEMBERS);
            }
            members.push((key, value));
        }
        Ok(Doc::object(members))
    }
}

impl Serialize for Doc<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Doc::Null => serializer.serialize_unit(),
            Doc::Bool(flag) => serializer.serialize_bool(*flag),
            Doc::Number(digits) => digits.parse::<Number>().map_err(S::Error::custom)?.serialize(serializer),
            Doc::Text(text) => serializer.serialize_str(text),
            Doc::List(items) => serializer.collect_seq(items),
            Doc::Object(members) => serializer.collect_map(members.iter().map(|(key, value)| (key, value))),
        }
    }
}

/// As JSON without white space. Identities of messages are made of it: it stays as it is.
impl fmt::Display for Doc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl From<Value> for Doc<'_> {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Doc::Null,
            Value::Bool(flag) => Doc::Bool(flag),
            Value::Number(number) => Doc::Number(Cow::Owned(number.as_str().to_owned())),
            Value::String(text) => Doc::Text(Cow::Owned(text)),
            Value::Array(items) => Doc::List(items.into_iter().map(Doc::from).collect()),
            Value::Object(members) => {
                Doc::object(members.into_iter().map(|(key, value)| (Cow::Owned(key), Doc::from(value))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is read, or where it fails and whether for its depth: all that anybody looks at.
    fn both(text: &str) -> [Result<Value, (usize, usize, bool)>; 2] {
        let error =
            |error: serde_json::Error| (error.line(), error.column(), error.to_string().starts_with("recursion limit"));
        let doc = serde_json::from_str::<Doc<'_>>(text);
        if let Ok(doc) = &doc {
            assert_eq!(doc.to_string(), serde_json::from_str::<Value>(text).unwrap().to_string(), "{text}");
        }
        let doc = doc.map(|doc| serde_json::to_value(doc).unwrap());
        [doc.map_err(error), serde_json::from_str(text).map_err(error)]
    }

    #[test]
    fn a_number_keeps_its_digits_and_nothing_else_is_one() {
        let number = |digits: &str| Doc::Number(Cow::Owned(digits.to_owned()));
        for digits in ["0", "-0", "7.0", "1e-7", "12345678901234567890123456789012345678901234567890.10"] {
            assert_eq!(serde_json::from_str::<Doc<'_>>(digits).unwrap(), number(digits));
            assert_eq!(
                serde_json::from_str::<Doc<'_>>(&format!("[{digits}]")).unwrap(),
                Doc::List(vec![number(digits)])
            );
        }
        let forged = format!(r#"{{"{NUMBER}":"open"}}"#);
        assert!(matches!(serde_json::from_str(&forged), Ok(Doc::Object(members)) if members.len() == 1));
        assert_eq!(serde_json::to_string(&number("7")).unwrap(), "7");
    }

    #[test]
    fn what_has_no_escapes_is_borrowed() {
        let Ok(Doc::Object(members)) = serde_json::from_str(r#"{"b":"two","a":"\u0031","b":"three"}"#) else {
            panic!()
        };
        assert_eq!(members.len(), 2);
        assert!(matches!(member(&members, "a"), Some(Doc::Text(Cow::Owned(text))) if text == "1"));
        assert!(matches!(member(&members, "b"), Some(Doc::Text(Cow::Borrowed("three")))));
        assert!(members.iter().all(|(key, _)| matches!(key, Cow::Borrowed(_))));
    }

    #[test]
    fn a_member_is_found_among_few_and_among_many_and_the_last_of_its_name_counts() {
        for count in [0, 1, 2 * MEMBERS, 2 * MEMBERS + 1, 1000] {
            let sent = (0..2 * count).rev().map(|n| format!("\"{}\":{n}", n / 2)).collect::<Vec<_>>().join(",");
            let text = format!("{{{sent}}}");
            let Ok(Doc::Object(members)) = serde_json::from_str(&text) else { panic!() };
            let found = |n: usize| member(&members, &n.to_string()).map(ToString::to_string);
            assert!((0..count).all(|n| found(n) == Some((2 * n).to_string())), "{count}");
            assert_eq!((members.len(), found(count)), (count, None));
        }
    }

    /// Short keys, so that some come twice; what a device could write, and what breaks off.
    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,3})?",
            r#""([ -!#-\[\]-~é北]|\\[\\"/bfnrt]|\\u[0-9a-f]{4}){0,8}""#,
        ];
        leaf.prop_recursive(5, 64, 8, |inner| {
            let member =
                (r#""([ab]|\\u006[12]){0,2}""#, inner.clone()).prop_map(|(key, value)| format!("{key} :{value}"));
            prop_oneof![
                prop::collection::vec(inner, 0..6).prop_map(|items| format!("[{}]", items.join(","))),
                prop::collection::vec(member, 0..9).prop_map(|members| format!("{{{}}}", members.join(", \n"))),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_reads_what_serde_json_reads(text in json()) {
            let [doc, value] = both(&text);
            prop_assert_eq!(doc, value);
        }

        #[test]
        fn it_fails_where_serde_json_fails(
            text in json(), at in any::<prop::sample::Index>(), instead in r#"[\[\]{}",:\\0-9a-fn+. -]{0,2}"#,
        ) {
            let at = text.char_indices().map(|(at, _)| at).nth(at.index(text.chars().count())).unwrap_or(0);
            let [doc, value] = both(&(text[..at].to_owned() + &instead + text[at..].get(1..).unwrap_or_default()));
            prop_assert_eq!(doc, value);
        }

        #[test]
        fn it_goes_as_deep_as_serde_json(lists in 0usize..140, objects in 0usize..140, end in "[1}\\]]?") {
            let [doc, value] = both(&("[".repeat(lists) + &"{\"a\":".repeat(objects) + &end));
            prop_assert_eq!(doc, value);
            let closed = "[".repeat(lists) + &"{\"a\":".repeat(objects) + "7" + &"}".repeat(objects) + &"]".repeat(lists);
            let [doc, value] = both(&closed);
            prop_assert_eq!(doc, value);
        }
    }
}
