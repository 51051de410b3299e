//! Whose data is meant: a person, by his phone and his name, and what of that is his. Decides nothing else.

use crate::event::Data;
use crate::service::contact::{Name, Phone, plain};
use crate::service::invitation::{self, TokenId};
use crate::service::number::Number;
use crate::service::watch::national;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whose data. Known by the phone, for names are shared; a name beside it tells those apart who share a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    pub phone: Phone,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// What has his name and no phone: whoever asks has looked at it, and it is his.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Thing>,
}

/// One thing that may have somebody's name alone, as tools write it: `R-20261121-7`, `watch:w-1`, `invitation:0707…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Thing {
    Case(Number),
    /// An entry of the watch-list, by its id.
    Watch(String),
    Invitation(TokenId),
}

const WATCH: &str = "watch:";
const INVITATION: &str = "invitation:";

impl TryFrom<String> for Thing {
    type Error = NotAThing;

    fn try_from(text: String) -> Result<Self, NotAThing> {
        if let Some(id) = text.strip_prefix(WATCH) {
            return Ok(Thing::Watch(id.to_owned()));
        }
        let Some(id) = text.strip_prefix(INVITATION) else {
            return Number::try_from(text).map(Thing::Case).map_err(|_| NotAThing);
        };
        let bytes: Option<Vec<u8>> =
            (0..id.len()).step_by(2).map(|at| u8::from_str_radix(id.get(at..at + 2)?, 16).ok()).collect();
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Thing::Invitation).ok_or(NotAThing)
    }
}

impl From<Thing> for String {
    fn from(thing: Thing) -> String {
        match thing {
            Thing::Case(number) => number.into(),
            Thing::Watch(id) => format!("{WATCH}{id}"),
            Thing::Invitation(id) => format!("{INVITATION}{}", invitation::name(id)),
        }
    }
}

impl std::fmt::Display for Thing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Thing::Case(number) => number.fmt(f),
            other => f.write_str(&String::from(other.clone())),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a ticket such as R-20261121-7, watch:ID or invitation:ID")]
pub struct NotAThing;

impl Wanted {
    /// The digits by which rows are looked for, before any is read: every way of writing the number holds them.
    pub fn digits(&self) -> &str {
        national(&self.phone)
    }

    /// Whether he has this name; nobody has, where none was given.
    pub fn is_called(&self, said: &Name) -> bool {
        self.name.as_ref().is_some_and(|name| plain(said.as_str()) == plain(name.as_str()))
    }

    /// Whether what is known of people here is, or tells of, this person.
    pub fn is_in(&self, person: &Data) -> bool {
        let another = self.is_anothers(person);
        person.iter().any(|(key, value)| !(another && is_own_word(key)) && self.is_told_by(value))
    }

    /// Whether this is what he himself said to be reached by: the matter is his, and not only one that tells of him.
    pub fn is_owner(&self, person: &Data) -> bool {
        let phone = person.get("phone").and_then(Value::as_str).and_then(|phone| Phone::parse(phone).ok());
        !self.is_anothers(person) && phone.is_some_and(|phone| national(&phone) == self.digits())
    }

    /// Whether it is somebody else who said this, as far as his name tells.
    fn is_anothers(&self, person: &Data) -> bool {
        let said = person.get("name").and_then(Value::as_str).and_then(|said| Name::parse(said).ok());
        self.name.is_some() && said.is_some_and(|said| !self.is_called(&said))
    }

    /// Whether this has his name and no phone, or names him beside somebody else: he, or another of that name.
    pub fn is_namesake(&self, person: &Data) -> bool {
        let has_phone = person.contains_key("phone");
        person.iter().any(|(key, value)| !(has_phone && is_own_word(key)) && self.is_named(value))
    }

    /// Whether it is he who says this, if a namesake is he.
    pub fn is_by_name(&self, person: &Data) -> bool {
        person.get("name").is_some_and(|name| self.is_named(name))
    }

    fn is_named(&self, value: &Value) -> bool {
        let said = value.as_str().and_then(|said| Name::parse(said).ok());
        said.is_some_and(|said| self.is_called(&said))
    }

    /// Takes his name out of what somebody else has said.
    pub fn take_name_out(&self, person: &mut Data) {
        person.retain(|key, value| is_own_word(key) || !self.is_named(value));
    }

    /// Whether the number may stand in a text with these [`plain_digits`], however it is written: before anybody reads what it is.
    pub fn may_be_in(&self, plain: &str) -> bool {
        plain.contains(self.digits())
    }

    /// Whether somebody has looked at it, and it is his.
    pub fn has(&self, thing: &Thing) -> bool {
        self.also.contains(thing)
    }

    fn is_told_by(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => mentions(text, self.digits()),
            Value::Array(values) => values.iter().any(|value| self.is_told_by(value)),
            Value::Object(person) => self.is_in(person),
            _ => false,
        }
    }

    /// Takes him out of what is known of several people, and leaves the others and what they have said of themselves.
    pub fn take_out(&self, person: &mut Data) {
        if self.is_owner(person) {
            return person.clear();
        }
        let another = self.is_anothers(person);
        person.retain(|key, value| match value {
            Value::Object(inner) => {
                let had = !inner.is_empty();
                self.take_out(inner);
                !had || !inner.is_empty()
            }
            value => (another && is_own_word(key)) || !self.is_told_by(value),
        });
    }

    /// The other half of [`Wanted::take_out`]: what tells of him in what is known of several people, and nothing that others have said of
    /// themselves. `by_name`: somebody has looked, and what has his name is his.
    pub fn keep_only(&self, person: &mut Data, by_name: bool) {
        if self.is_owner(person) {
            return;
        }
        let another = self.is_anothers(person);
        person.retain(|key, value| match value {
            Value::Object(inner) => {
                self.keep_only(inner, by_name);
                !inner.is_empty()
            }
            value if is_own_word(key) => !another && self.is_told_by(value),
            value => self.is_told_by(value) || by_name && self.is_named(value),
        });
    }
}

/// What somebody says of himself, and nobody else of him.
fn is_own_word(key: &str) -> bool {
    matches!(key, "name" | "phone")
}

/// Its digits alone, as they are dialled, for a quick look: whatever parts them, also a line break as JSON writes it. It finds too much.
pub fn plain_digits(text: &str) -> String {
    text.chars().map(dialled).filter(char::is_ascii_digit).collect()
}

/// What people write between the digits of one number.
fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '+' | '.' | '(' | ')' | '（' | '）' | '·' | '—' | '–' | '_' | '/')
}

fn dialled(c: char) -> char {
    const FULL_WIDTH: char = '０';
    match c {
        '０'..='９' => char::from_digit(c as u32 - FULL_WIDTH as u32, 10).unwrap_or(c),
        c => c,
    }
}

/// Whether the number stands there, and not as a part of a longer one; also with the country's number before it. A unit, a time or another
/// number may stand beside it: only a digit that touches it makes it longer.
fn mentions(text: &str, digits: &str) -> bool {
    let signs: Vec<char> = text.chars().map(dialled).collect();
    (0..signs.len()).any(|at| stands_at(&signs, at, digits))
}

fn stands_at(signs: &[char], at: usize, digits: &str) -> bool {
    let (before, mut rest) = signs.split_at(at);
    for (nth, digit) in digits.chars().enumerate() {
        while let [c, others @ ..] = rest
            && nth > 0
            && is_between(*c)
        {
            rest = others;
        }
        match rest {
            [c, others @ ..] if *c == digit => rest = others,
            _ => return false,
        }
    }
    let run = before.iter().rev().take_while(|c| c.is_ascii_digit()).count();
    let of_country = |number: &str| before[before.len() - run..].iter().copied().eq(number.chars());
    !rest.first().is_some_and(char::is_ascii_digit) && ["", "86", "0086"].into_iter().any(of_country)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::number::Series;
    use serde_json::json;

    fn wanted(name: Option<&str>) -> Wanted {
        Wanted {
            phone: Phone::parse("13800001234").unwrap(),
            name: name.map(|name| Name::parse(name).unwrap()),
            also: Vec::new(),
        }
    }

    #[test]
    fn what_has_a_name_alone_is_written_as_it_is_read() {
        let number = Number { series: Series::Repair, day: 20_261_121, nth: 7 };
        for thing in [Thing::Case(number), Thing::Watch("w-1".into()), Thing::Invitation([7; 12])] {
            assert_eq!(Thing::try_from(String::from(thing.clone())), Ok(thing));
        }
        for text in
            ["", "R", "invitation:07", "invitation:zz0707070707070707070707", "invitation:０7070707070707070707070"]
        {
            assert_eq!(Thing::try_from(text.to_owned()), Err(NotAThing), "{text}");
        }
    }

    fn person(value: Value) -> Data {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn somebody_is_known_by_his_phone_however_it_is_written_and_never_by_a_part_of_another() {
        for said in [
            "13800001234",
            "+86 138-0000-1234",
            "008613800001234",
            "请拨打 138 0000 1234，谢谢",
            "(138)0000.1234",
            "１３８００００１２３４",
            // Beside other digits: a unit, a time, how many they are, another number.
            "3-1203 13800001234 请回电",
            "1203 138-0000-1234",
            "１２０３　１３８００００１２３４",
            "13800001234/13900000000",
            "13900000000/13800001234",
            "13800001234 2人",
            "14:30 13800001234",
            "1203/8613800001234",
        ] {
            assert!(wanted(None).is_in(&person(json!({ "text": said }))), "{said}");
        }
        for said in ["138000012345", "9913800001234", "9986138-0000-1234", "１38000012345", "1380000123", "测试"] {
            assert!(!wanted(None).is_in(&person(json!({ "text": said }))), "{said}");
        }
        let named = wanted(Some("测试乙"));
        let birthday = person(json!({"name": "测试乙", "unit": "1203", "month": 5}));
        assert!(named.is_namesake(&birthday) && named.is_by_name(&birthday) && !wanted(None).is_namesake(&birthday));
        let mut keys = person(json!({"name": "测试甲", "phone": "13900000000", "collector_1": "测试 乙"}));
        assert!(named.is_namesake(&keys) && !named.is_by_name(&keys) && !wanted(Some("测试甲")).is_namesake(&keys));
        named.take_name_out(&mut keys);
        assert_eq!(keys, person(json!({"name": "测试甲", "phone": "13900000000"})));
        let shared = person(json!({"name": "测试乙", "phone": "13800001234"}));
        assert!(wanted(None).is_in(&shared) && !wanted(Some("测试甲")).is_in(&shared));
        assert!(wanted(Some("测试 乙")).is_owner(&shared));
        assert!(wanted(None).is_owner(&person(json!({"phone": "0086 138 0000 1234"}))), "dialled from abroad");
        // What another says of him is of him, whatever he himself is called.
        let told = person(json!({"name": "测试乙", "phone": "13900000000", "detail": "请联系 13800001234"}));
        assert!(wanted(Some("测试甲")).is_in(&told) && !wanted(Some("测试甲")).is_owner(&told));
        assert!(!wanted(None).is_owner(&person(json!({"phone": "13900000000", "text": "13800001234"}))));
    }

    #[test]
    fn a_quick_look_misses_no_way_of_writing_a_number() {
        for said in ["138 0000 1234", "138\n0000\t1234", "（１３８）0000—1234", "3-1203 13800001234/2"] {
            let stored = json!({ "text": said }).to_string();
            assert!(wanted(None).may_be_in(&plain_digits(&stored)) && mentions(said, "13800001234"), "{stored}");
        }
        assert!(!wanted(None).may_be_in(&plain_digits(r#"{"text":"13800001235"}"#)));
    }

    #[test]
    fn one_of_several_is_taken_out_and_the_others_stay() {
        let mut guests = person(json!({"guests": {
            "1": {"name": "测试甲", "phone": "13800001234"}, "2": {"name": "测试乙", "phone": "13900000000"}}}));
        wanted(None).take_out(&mut guests);
        assert_eq!(guests, person(json!({"guests": {"2": {"name": "测试乙", "phone": "13900000000"}}})));
        let mut own = person(json!({"name": "测试甲", "phone": "13800001234", "detail": "漏水"}));
        wanted(None).take_out(&mut own);
        assert!(own.is_empty());
        let mut told = person(json!({"name": "测试乙", "phone": "13900000000", "detail": "请联系 13800001234"}));
        wanted(None).take_out(&mut told);
        assert_eq!(told, person(json!({"name": "测试乙", "phone": "13900000000"})), "whose matter it is stays");
    }

    #[test]
    fn of_several_he_reads_what_tells_of_him_and_nothing_of_the_others() {
        let kept = |wanted: &Wanted, value, by_name| {
            let mut person = person(value);
            wanted.keep_only(&mut person, by_name);
            Value::Object(person)
        };
        let (he, himself) = (json!({"name": "测试甲", "phone": "13800001234"}), wanted(None));
        let guests = json!({"guests": {"1": he, "2": {"name": "测试乙", "phone": "13900000000"}}, "text": "测试乙"});
        assert_eq!(kept(&himself, guests, false), json!({"guests": {"1": he}}));
        assert_eq!(kept(&himself, he.clone(), false), he);
        let told =
            json!({"name": "测试乙", "phone": "13900000000", "detail": "请联系 13800001234", "collector_1": "测试甲"});
        assert_eq!(kept(&himself, told.clone(), true), json!({"detail": "请联系 13800001234"}));
        let named = wanted(Some("测试甲"));
        assert_eq!(kept(&named, told, true), json!({"detail": "请联系 13800001234", "collector_1": "测试甲"}));
    }
}
