//! The keys on the glass: digits, letters, pinyin with candidates, symbols. It turns keys into text and nothing else;
//! it learns nothing, because the next visitor must not see the last one's name.

use super::language::Language;
use super::press::Key;
use super::typed::Typed;
use crate::pinyin::{Candidate, MAX_LETTERS, Script, Slot, candidates};

/// Candidates on one page of the strip.
pub const CANDIDATES: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Digits,
    Letters,
    Pinyin,
    Symbols,
}

/// What is being typed: decides which keys there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Digits only: a phone number.
    Number,
    /// The last digits of a phone number.
    Tail,
    /// The digits of a ticket's number, behind its letter.
    Slip,
    /// Letters and digits that nobody mistakes for one another: `K7FM2X`.
    Code,
    /// Digits, `-`, and letters on request: `3-1203`, `B2-0417`.
    Unit,
    /// Of an identity card: digits and perhaps an X at the end.
    Identity,
    /// Surname first, then given name.
    Name,
    /// Anything.
    Text,
}

impl Kind {
    /// Written in capitals only.
    pub const fn is_upper(self) -> bool {
        matches!(self, Kind::Unit | Kind::Code | Kind::Identity)
    }
}

pub struct Keyboard {
    kind: Kind,
    layout: Layout,
    script: Script,
    shift: bool,
    /// Letters that are not text yet.
    composing: Typed,
    found: Vec<Candidate>,
    page: usize,
}

impl Keyboard {
    pub fn new(kind: Kind, language: Language) -> Self {
        let layout = match (kind, language) {
            (Kind::Number | Kind::Tail | Kind::Slip | Kind::Unit | Kind::Identity, _) => Layout::Digits,
            (Kind::Code, _) => Layout::Letters,
            (_, language) if language.is_chinese() => Layout::Pinyin,
            _ => Layout::Letters,
        };
        let shift = kind == Kind::Name && layout == Layout::Letters;
        let script = Script::of(language.tag());
        Keyboard { kind, layout, script, shift, composing: Typed::new(MAX_LETTERS), found: Vec::new(), page: 0 }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    pub fn shift(&self) -> bool {
        self.shift
    }

    pub fn composing(&self) -> &str {
        self.composing.as_str()
    }

    /// The candidates on this page of the strip.
    pub fn strip(&self) -> &[Candidate] {
        let from = (self.page * CANDIDATES).min(self.found.len());
        &self.found[from..(from + CANDIDATES).min(self.found.len())]
    }

    pub fn has_more(&self) -> bool {
        self.found.len() > CANDIDATES
    }

    /// Letters are pending for which there are characters to choose from: "next" would have to guess.
    pub fn undecided(&self) -> bool {
        !self.found.is_empty()
    }

    /// Keeps pending letters as they are.
    pub fn settle(&mut self, text: &mut Typed) {
        text.push_str(self.composing.as_str());
        self.composing.wipe();
        self.look_up(text);
    }

    pub fn press(&mut self, key: Key, text: &mut Typed) {
        match key {
            Key::Char(c @ ('a'..='z' | 'ü' | '\'')) if self.layout == Layout::Pinyin => self.spell(c, text),
            Key::Char(c) => self.put(c, text),
            Key::Space if !self.composing.is_empty() => self.choose(0, text),
            // A space only between words: nobody sees one at the beginning.
            Key::Space if !text.is_empty() && !text.as_str().ends_with(' ') => self.put(' ', text),
            Key::Space => {}
            Key::Backspace => {
                if !self.composing.pop() {
                    text.pop();
                    self.shift = self.begins_word(text);
                }
                self.look_up(text);
            }
            Key::Shift => self.shift = !self.shift,
            Key::Candidate(n) => self.choose(usize::from(n), text),
            Key::Latin => self.settle(text),
            Key::MoreCandidates => {
                self.page = if (self.page + 1) * CANDIDATES < self.found.len() { self.page + 1 } else { 0 };
            }
            Key::Letters => self.switch(Layout::Letters, text),
            Key::Pinyin => self.switch(Layout::Pinyin, text),
            Key::Symbols => self.switch(Layout::Symbols, text),
            Key::Digits => self.switch(Layout::Digits, text),
        }
    }

    fn spell(&mut self, c: char, text: &Typed) {
        // An apostrophe parts syllables (xi'an); before any letter it is one of the name.
        if c == '\'' && self.composing.is_empty() {
            return;
        }
        self.composing.push(c);
        self.look_up(text);
    }

    fn put(&mut self, c: char, text: &mut Typed) {
        self.settle(text);
        text.push(if self.shift || self.kind.is_upper() { c.to_ascii_uppercase() } else { c });
        self.shift = self.begins_word(text);
        self.look_up(text);
    }

    fn switch(&mut self, layout: Layout, text: &mut Typed) {
        self.settle(text);
        self.layout = layout;
        self.shift = self.begins_word(text);
    }

    /// Names on the letter keys begin with a capital by themselves.
    fn begins_word(&self, text: &Typed) -> bool {
        let fresh = text.is_empty() || text.as_str().ends_with([' ', '-', '·']);
        self.layout == Layout::Letters && self.kind == Kind::Name && fresh
    }

    fn choose(&mut self, n: usize, text: &mut Typed) {
        let Some(candidate) = self.strip().get(n) else { return };
        let used = self.composing.as_str().chars().take(candidate.letters_used).map(char::len_utf8).sum();
        text.push_str(&candidate.text);
        self.composing.drop_first(used);
        self.look_up(text);
    }

    fn look_up(&mut self, text: &Typed) {
        let slot = match self.kind {
            Kind::Name if text.is_empty() => Slot::Surname,
            Kind::Name => Slot::Given,
            _ => Slot::Text,
        };
        self.page = 0;
        self.found.clear();
        if !self.composing.is_empty() {
            self.found = candidates(self.composing.as_str(), slot, self.script);
        }
    }
}

/// Candidates are pieces of a name: never printed.
impl std::fmt::Debug for Keyboard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyboard({:?}, {:?})", self.kind, self.layout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(language: Language) -> (Keyboard, Typed) {
        (Keyboard::new(Kind::Name, language), Typed::new(40))
    }

    fn spell(keyboard: &mut Keyboard, text: &mut Typed, letters: &str) {
        letters.chars().for_each(|c| keyboard.press(Key::Char(c), text));
    }

    fn pick(keyboard: &mut Keyboard, text: &mut Typed, wanted: &str) {
        for _ in 0..40 {
            if let Some(n) = keyboard.strip().iter().position(|candidate| candidate.text == wanted) {
                return keyboard.press(Key::Candidate(n as u8), text);
            }
            keyboard.press(Key::MoreCandidates, text);
        }
        panic!("{wanted} is not offered");
    }

    #[test]
    fn a_chinese_name_is_typed_surname_first() {
        let (mut keyboard, mut text) = name(Language::Chinese);
        spell(&mut keyboard, &mut text, "ouyang");
        pick(&mut keyboard, &mut text, "欧阳");
        spell(&mut keyboard, &mut text, "xiu");
        pick(&mut keyboard, &mut text, "修");
        assert_eq!(text.as_str(), "欧阳修");
        assert!(!keyboard.undecided());
    }

    #[test]
    fn the_first_of_the_strip_is_a_surname_where_a_surname_is_due() {
        let (mut keyboard, mut text) = name(Language::Chinese);
        spell(&mut keyboard, &mut text, "wang");
        keyboard.press(Key::Space, &mut text);
        assert_eq!(text.as_str(), "王");
    }

    #[test]
    fn lü_has_a_key_of_its_own_and_is_used_up_as_one_letter() {
        let (mut keyboard, mut text) = name(Language::Chinese);
        spell(&mut keyboard, &mut text, "lüwei");
        pick(&mut keyboard, &mut text, "吕");
        assert_eq!((text.as_str(), keyboard.composing()), ("吕", "wei"));
    }

    #[test]
    fn latin_letters_are_always_offered_as_they_were_typed() {
        let (mut keyboard, mut text) = name(Language::Chinese);
        spell(&mut keyboard, &mut text, "tom");
        keyboard.press(Key::Latin, &mut text);
        assert_eq!((text.as_str(), keyboard.composing()), ("tom", ""));
    }

    #[test]
    fn letters_begin_a_name_with_a_capital() {
        let (mut keyboard, mut text) = name(Language::English);
        spell(&mut keyboard, &mut text, "anna");
        keyboard.press(Key::Space, &mut text);
        spell(&mut keyboard, &mut text, "lee");
        assert_eq!(text.as_str(), "Anna Lee");
    }

    #[test]
    fn switching_to_letters_keeps_what_is_half_spelled() {
        let (mut keyboard, mut text) = name(Language::Chinese);
        spell(&mut keyboard, &mut text, "anna");
        keyboard.press(Key::Letters, &mut text);
        assert_eq!(text.as_str(), "anna");
    }

    #[test]
    fn backspace_takes_letters_before_characters() {
        let (mut keyboard, mut text) = name(Language::Chinese);
        spell(&mut keyboard, &mut text, "wang");
        keyboard.press(Key::Space, &mut text);
        spell(&mut keyboard, &mut text, "w");
        keyboard.press(Key::Backspace, &mut text);
        assert_eq!((text.as_str(), keyboard.composing()), ("王", ""));
        keyboard.press(Key::Backspace, &mut text);
        assert!(text.is_empty());
    }

    #[test]
    fn debug_never_shows_letters_or_candidates() {
        let (mut keyboard, mut text) = name(Language::Chinese);
        spell(&mut keyboard, &mut text, "wang");
        let shown = format!("{keyboard:?} {text:?}");
        assert!(!shown.contains('王') && !shown.contains("wang"));
    }

    fn any_key() -> impl Strategy<Value = Key> {
        prop_oneof![
            prop::sample::select(('a'..='z').chain("ü'·-3，".chars()).collect::<Vec<_>>()).prop_map(Key::Char),
            (0..10u8).prop_map(Key::Candidate),
            prop::sample::select(vec![
                Key::Backspace,
                Key::Space,
                Key::Shift,
                Key::Latin,
                Key::MoreCandidates,
                Key::Letters,
                Key::Pinyin,
                Key::Symbols,
                Key::Digits
            ]),
        ]
    }

    proptest! {
        #[test]
        fn any_keys_in_any_order_make_text_within_its_limit(keys in prop::collection::vec(any_key(), 0..80)) {
            for kind in [Kind::Name, Kind::Text, Kind::Unit, Kind::Number, Kind::Code] {
                let (mut keyboard, mut text) = (Keyboard::new(kind, Language::Chinese), Typed::new(10));
                for key in &keys {
                    keyboard.press(*key, &mut text);
                    prop_assert!(text.as_str().chars().count() <= 10);
                    prop_assert!(keyboard.composing().len() <= MAX_LETTERS * 4);
                }
            }
        }
    }
}
