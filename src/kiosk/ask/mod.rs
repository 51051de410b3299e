//! One thing asked and typed: the question, the field, the keys. It checks nothing; the flow does, and says through the
//! note what it would like to hear again.

mod title;
mod view;

pub use title::Title;

use super::keyboard::{Keyboard, Kind, Layout};
use super::language::Language;
use super::press::{Key, Press};
use super::screens::Door;
use super::strings::{Say, Words};
use super::typed::Typed;
use crate::service::contact::{MAX_NAME, MAX_TEXT, Name, Phone, Text, Unclear, Unit};
use crate::service::identity;
use crate::service::invitation::InvitationCode;

/// Most digits of a phone number (ITU-T E.164).
const MAX_PHONE: usize = 15;
/// Month, day, and the number of the day: a house has no more than 99,999 of a kind a day.
const MAX_SLIP: usize = 9;
/// What a visitor signs out with.
pub const TAIL: usize = 4;
/// Letters and digits of a parcel's code.
const CODE: usize = 6;

/// A field under way.
#[derive(Debug)]
pub struct Ask {
    keyboard: Keyboard,
    text: Typed,
    note: Option<Say>,
    /// The letter of a ticket's number, which stands before its digits.
    letter: Option<char>,
    title: Option<Title>,
}

/// The words around a field.
pub struct Asking<'a> {
    pub question: Say,
    pub label: Say,
    pub hint: Say,
    /// What becomes of the answer.
    pub privacy: Option<&'a str>,
    /// Another way in, where there are digits only.
    pub beside: Option<Door>,
    /// The other field of this page.
    pub with: Option<With<'a>>,
    /// 王女士, who is asked.
    pub called: Option<&'a str>,
    pub next: Say,
}

/// A field that waits to be touched.
pub struct With<'a> {
    pub ask: &'a Ask,
    pub label: Say,
    pub press: Press,
    /// It stands before the one that the keys are for.
    pub first: bool,
}

impl Ask {
    fn new(kind: Kind, limit: usize, language: Language) -> Self {
        Ask { keyboard: Keyboard::new(kind, language), text: Typed::new(limit), note: None, letter: None, title: None }
    }

    pub fn unit() -> Self {
        Ask::new(Kind::Unit, Unit::MAX, Language::Chinese)
    }

    pub fn phone() -> Self {
        Ask::new(Kind::Number, MAX_PHONE, Language::Chinese)
    }

    pub fn tail() -> Self {
        Ask::new(Kind::Tail, TAIL, Language::Chinese)
    }

    /// The digits of a ticket's number.
    pub fn slip(letter: char) -> Self {
        Ask { letter: Some(letter), ..Ask::new(Kind::Slip, MAX_SLIP, Language::Chinese) }
    }

    pub fn code() -> Self {
        Ask::new(Kind::Code, CODE, Language::Chinese)
    }

    pub fn identity() -> Self {
        Ask::new(Kind::Identity, identity::LENGTH, Language::Chinese)
    }

    pub fn invitation() -> Self {
        Ask::new(Kind::Tail, InvitationCode::DIGITS, Language::Chinese)
    }

    pub fn name(language: Language) -> Self {
        Ask::new(Kind::Name, MAX_NAME, language)
    }

    pub fn detail(language: Language) -> Self {
        Ask::new(Kind::Text, MAX_TEXT, language)
    }

    /// Read from a slip instead of typed. What does not fit the field stays out.
    pub fn fill(&mut self, text: &str) {
        self.note = None;
        text.chars().for_each(|c| self.keyboard.press(Key::Char(c), &mut self.text));
    }

    pub fn kind(&self) -> Kind {
        self.keyboard.kind()
    }

    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// Digits are typed, not letters.
    pub fn is_digits(&self) -> bool {
        self.keyboard.layout() == Layout::Digits
    }

    pub fn title(&self) -> Option<Title> {
        self.title
    }

    /// Chosen, or taken back.
    pub fn entitle(&mut self, title: Title) {
        self.title = if self.title == Some(title) { None } else { Some(title) };
    }

    /// What is asked again.
    pub fn wish(&self) -> Option<Say> {
        self.note
    }

    pub fn note(&mut self, note: Say) {
        self.note = Some(note);
    }

    pub fn key(&mut self, key: Key) {
        self.note = None;
        self.keyboard.press(key, &mut self.text);
    }

    /// The keys follow the language where nothing has been typed yet.
    pub fn speak(&mut self, language: Language) {
        if self.text.is_empty() && self.keyboard.composing().is_empty() {
            self.keyboard = Keyboard::new(self.keyboard.kind(), language);
        }
    }

    pub fn as_unit(&mut self) -> Result<Unit, Say> {
        Unit::parse(self.text()).map_err(|_| Say::UnitAgain)
    }

    pub fn as_phone(&mut self) -> Result<Phone, Say> {
        Phone::parse(self.text()).map_err(|_| Say::PhoneAgain)
    }

    pub fn as_name(&mut self) -> Result<Name, Say> {
        self.decided()?;
        Name::parse(self.text()).map_err(|unclear| match unclear {
            Unclear::TooLong => Say::NameLong,
            _ => Say::NameAgain,
        })
    }

    /// Nothing typed is an answer here.
    pub fn as_text(&mut self) -> Result<Option<Text>, Say> {
        self.decided()?;
        Ok(Text::parse(self.text()).ok())
    }

    /// Half-spelled pinyin: letters without any character are kept, else the person chooses.
    fn decided(&mut self) -> Result<(), Say> {
        if self.keyboard.undecided() {
            return Err(Say::NamePick);
        }
        self.keyboard.settle(&mut self.text);
        Ok(())
    }
}

/// A unit as people say it: 3 栋 1203 室.
pub fn unit_in_words(words: &Words, unit: &str) -> String {
    match unit.split_once('-') {
        Some((building, room)) => words.with(Say::UnitBuilding, &[("building", building), ("room", room)]).into_owned(),
        None => words.with(Say::UnitPlain, &[("room", unit)]).into_owned(),
    }
}

/// A mobile number as people read it, in groups: 138 0013 8000; an identity number by region, birthday and the rest; a ticket's as on
/// the slip: R-1121-07. Anything else as it is.
pub fn grouped(ask: &Ask) -> String {
    let text = ask.text();
    if ask.keyboard.kind() == Kind::Identity {
        let parts = [text.get(..6), text.get(6..14), text.get(14..)];
        return match parts {
            [Some(region), Some(day), Some(rest)] if !rest.is_empty() => format!("{region} {day} {rest}"),
            [Some(region), ..] if text.len() > 6 => format!("{region} {}", &text[6..]),
            _ => text.to_owned(),
        };
    }
    if let Some(letter) = ask.letter {
        return match (text.get(..4), text.get(4..).filter(|nth| !nth.is_empty())) {
            (Some(day), Some(nth)) => format!("{letter}-{day}-{nth}"),
            _ => format!("{letter}-{text}"),
        };
    }
    if ask.keyboard.kind() != Kind::Number || text.len() <= TAIL || !text.starts_with('1') {
        return text.to_owned();
    }
    let cut = |at: usize| text.get(at..).unwrap_or("");
    let middle = text.get(3..7.min(text.len())).unwrap_or("");
    [&text[..3], middle, cut(7)].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}
