//! People's details as they are typed at the glass: checked politely (R220), never blaming (R219).

use serde::{Deserialize, Serialize};

/// Longest name in characters: `买买提·艾力` and long Latin names fit, a pasted novel does not.
pub const MAX_NAME: usize = 40;
/// Longest free text in characters (R121: no short limit on what people want to say).
pub const MAX_TEXT: usize = 500;

/// What is wrong with a typed value. The screen turns it into a polite request to repeat (R220).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    #[error("empty")]
    Empty,
    #[error("too long")]
    TooLong,
    #[error("not a phone number")]
    Phone,
    #[error("not a name")]
    Name,
    #[error("not a unit of this building")]
    Unit,
}

/// A phone number: 11 digits beginning with 1 for a mainland mobile, else 5 to 15 digits (ITU-T E.164: at most 15).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

impl Phone {
    pub fn parse(text: &str) -> Result<Self, Unclear> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '+')).collect();
        if digits.is_empty() {
            return Err(Unclear::Empty);
        }
        let plausible = digits.bytes().all(|b| b.is_ascii_digit()) && (5..=15).contains(&digits.len());
        let half_a_mobile = digits.len() < 11 && digits.len() > 8 && digits.starts_with('1');
        if plausible && !half_a_mobile { Ok(Phone(digits)) } else { Err(Unclear::Phone) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last four digits: what a visitor types to sign out.
    pub fn tail(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

/// Never prints the number: it would end in a log.
impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// A person's name as typed, trimmed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    pub fn parse(text: &str) -> Result<Self, Unclear> {
        let name = text.trim();
        match name.chars().count() {
            0 => Err(Unclear::Empty),
            n if n > MAX_NAME => Err(Unclear::TooLong),
            _ if !name.chars().any(char::is_alphabetic) => Err(Unclear::Name),
            _ if name.chars().any(char::is_control) => Err(Unclear::Name),
            _ => Ok(Name(name.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a Chinese name begins with, to address its bearer by (R188). `None` for other names: which part of them is the
    /// surname cannot be told.
    pub fn surname(&self) -> Option<&str> {
        let first = self.0.chars().next().filter(|c| is_han(*c))?;
        Some(compound(&self.0).unwrap_or(&self.0[..first.len_utf8()]))
    }
}

/// Letters and digits only, in lower case, full width as half width: what two people write in two ways is one.
pub fn plain(text: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().map(half).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Surnames of two characters that are common enough to meet.
const COMPOUND: [&str; 12] =
    ["欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "令狐", "慕容", "端木", "夏侯"];

/// The surname of two characters that a name begins with.
pub fn compound(name: &str) -> Option<&'static str> {
    COMPOUND.into_iter().find(|surname| name.starts_with(surname) && name.len() > surname.len())
}

/// CJK unified ideographs and their extensions.
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{323AF}')
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Name(…)")
    }
}

/// A unit as typed: `1203`, `3-1203`, `B2-0417`. Normalised to upper case, building and room joined by `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Unit(String);

impl Unit {
    /// Longest unit in characters.
    pub const MAX: usize = 16;

    pub fn parse(text: &str) -> Result<Self, Unclear> {
        let unit = text.trim().to_ascii_uppercase();
        let plausible = unit.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && unit.bytes().any(|b| b.is_ascii_digit())
            && !unit.starts_with('-')
            && !unit.ends_with('-');
        match unit.len() {
            0 => Err(Unclear::Empty),
            n if n > Self::MAX => Err(Unclear::TooLong),
            _ if plausible => Ok(Unit(unit)),
            _ => Err(Unclear::Unit),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Free text as typed, trimmed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Text(String);

impl Text {
    pub fn parse(text: &str) -> Result<Self, Unclear> {
        // First what is no text, then the blanks: what is taken must be taken again when it is read from the journal.
        let plain: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        let text = plain.trim();
        match text.chars().count() {
            0 => Err(Unclear::Empty),
            n if n > MAX_TEXT => Err(Unclear::TooLong),
            _ => Ok(Text(text.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Text(…)")
    }
}

/// As JSON they are the text itself, checked again when they are read.
macro_rules! as_text {
    ($($type:ident),+) => {
        $(impl TryFrom<String> for $type {
            type Error = Unclear;

            fn try_from(text: String) -> Result<Self, Unclear> {
                $type::parse(&text)
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> String {
                value.0
            }
        })+
    };
}

as_text!(Phone, Name, Unit, Text);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn phones_are_read_as_people_type_them() {
        assert_eq!(Phone::parse("138 0013-8000").unwrap().as_str(), "13800138000");
        assert_eq!(Phone::parse("+44 20 7946 0958").unwrap().tail(), "0958");
        assert_eq!(Phone::parse("62345678").unwrap().tail(), "5678");
        assert_eq!(Phone::parse(""), Err(Unclear::Empty));
        assert_eq!(Phone::parse("1380013800"), Err(Unclear::Phone), "a mobile with one digit missing");
        assert_eq!(Phone::parse("12"), Err(Unclear::Phone));
    }

    #[test]
    fn names_of_every_kind_pass() {
        for name in ["王", "欧阳修", "买买提·艾力", "O'Brien", "Søren", "𠮷野"] {
            assert!(Name::parse(name).is_ok(), "{name}");
        }
        assert_eq!(Name::parse("  "), Err(Unclear::Empty));
        assert_eq!(Name::parse("123"), Err(Unclear::Name));
        assert_eq!(Name::parse(&"王".repeat(41)), Err(Unclear::TooLong));
    }

    #[test]
    fn a_chinese_name_begins_with_its_surname_and_no_other_name_is_guessed_at() {
        let surname = |name: &str| Name::parse(name).unwrap().surname().map(str::to_owned);
        for (name, expected) in
            [("王小明", Some("王")), ("欧阳修", Some("欧阳")), ("欧阳", Some("欧")), ("𠮷野", Some("𠮷"))]
        {
            assert_eq!(surname(name).as_deref(), expected, "{name}");
        }
        for name in ["O'Brien", "John Smith", "Søren", "たなか"] {
            assert_eq!(surname(name), None, "{name}");
        }
    }

    #[test]
    fn units_are_normalised() {
        assert_eq!(Unit::parse(" b2-0417 ").unwrap().as_str(), "B2-0417");
        assert_eq!(Unit::parse("-"), Err(Unclear::Unit));
        assert_eq!(Unit::parse("lobby"), Err(Unclear::Unit));
    }

    /// One of control characters only was stored as an empty one, and the survey that had it for a name could not be read again.
    #[test]
    fn a_text_without_a_word_is_none_and_what_is_taken_is_taken_again() {
        assert_eq!(Text::parse("\u{1}\u{7}"), Err(Unclear::Empty));
        let text = Text::parse("\u{1} 漏水\n\u{1b}[31m厨房 \u{7f}").unwrap();
        assert_eq!(text.as_str(), "漏水\n[31m厨房");
        assert_eq!(Text::parse(text.as_str()), Ok(text));
    }

    #[test]
    fn debug_never_shows_what_a_person_typed() {
        let typed = format!("{:?} {:?} {:?}", Phone::parse("13800138000"), Name::parse("王小明"), Text::parse("漏水"));
        assert!(!typed.contains("138") && !typed.contains('王') && !typed.contains('漏'));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in any::<String>()) {
            let _ = (Phone::parse(&text).map(|p| p.tail().len()), Name::parse(&text), Unit::parse(&text), Text::parse(&text));
        }
    }
}
