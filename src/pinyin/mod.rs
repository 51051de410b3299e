//! Chinese names from typed letters: the candidates for the next part of a name. Pure, and it learns nothing: the next
//! visitor must not see the last one's name as the first candidate. It never sees what was chosen.
//!
//! The data is `assets/pinyin/table.txt`, made by the script beside it. A name is entered in two slots, because a
//! surname is read and ranked differently from the rest: 曾 is zeng, 单 is shan, and 解 comes before 写. Free text has
//! a third: there 房 comes before 芳.

mod latin;
mod sound;
mod spelling;
mod table;
mod traditional;

pub use sound::{Spelling, sounds, spellings, typed};
use spelling::Typed;
use std::collections::HashSet;
use table::{Ranked, Table, table};

/// Letters that are looked at; what follows is ignored. A compound surname and two more characters have 24 at most
/// (zhuang is the longest syllable), and three apostrophes.
pub const MAX_LETTERS: usize = 28;

/// Candidates handed out at most. The fullest syllable (yi) has 185, in traditional characters more; one letter alone stands for over a thousand, of
/// which nobody turns that many pages.
pub const MAX_CANDIDATES: usize = 400;

/// Given names of two characters that stand before the first single one where fewer are known: the likeliest characters
/// of both syllables put together are the wanted name in one case of five.
const WHOLE: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    Surname,
    Given,
    /// What somebody says, not what somebody is called.
    Text,
}

/// The characters in which candidates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Script {
    #[default]
    Simplified,
    /// 陳, not 陈: what people from Hong Kong, Macao and Taiwan have in their papers.
    Traditional,
}

impl Script {
    /// By the language's BCP 47 tag.
    pub fn of(tag: &str) -> Script {
        if tag == "zh-Hant" { Script::Traditional } else { Script::Simplified }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// One character, a compound surname or a given name of two characters.
    pub text: String,
    /// How many characters of the input it stands for, with the apostrophe behind it. The rest stays typed.
    pub letters_used: usize,
}

/// Every character that can be typed, for whoever must be able to draw it.
#[cfg(test)]
pub(crate) fn characters() -> impl Iterator<Item = &'static str> + Clone {
    let typed = table().characters.values().flatten().map(|ranked| ranked.text);
    typed.chain(table().forms.values().flatten().copied())
}

/// The candidates for the beginning of `letters`, the likeliest first, none twice. Lower and upper case, apostrophes
/// (xi'an), and ü as `v`, `u:`, `ü` or plain `u` are understood; anything else ends the input. Letters that are no
/// syllable are taken as first sounds (wxm). Empty when no syllable begins so: then the letters stand as typed.
pub fn candidates(letters: &str, slot: Slot, script: Script) -> Vec<Candidate> {
    let typed = Typed::read(letters, MAX_LETTERS);
    let mut found = Found { table: table(), typed: &typed, list: Vec::new(), seen: HashSet::new() };
    match slot {
        Slot::Surname => found.surnames(),
        Slot::Given => found.given(),
        Slot::Text => found.text(),
    }
    if found.list.is_empty() {
        found.initials(slot);
    }
    match script {
        Script::Simplified => found.list,
        Script::Traditional => traditional::written(found.list, slot, table()),
    }
}

struct Found<'a> {
    table: &'static Table,
    typed: &'a Typed,
    list: Vec<Candidate>,
    seen: HashSet<String>,
}

impl Found<'_> {
    fn surnames(&mut self) {
        let firsts = self.typed.firsts(self.table);
        for &end in &firsts {
            self.pairs(&self.table.leading, end);
            self.half_pairs(&self.table.leading, end);
        }
        let compounds = &self.table.behind;
        for (index, &end) in firsts.iter().enumerate() {
            let single = self.ranked(&self.table.surnames, 0, end);
            let (first, rest) = single.split_at(single.len().min(1));
            self.add_all(first, end);
            if index == 0 {
                self.pairs(compounds, end);
                self.half_pairs(compounds, end);
            }
            self.add_all(rest, end);
        }
        self.completions(&self.table.surnames, self.typed.len());
        for &end in &firsts {
            self.add_all(&self.ranked(&self.table.characters, 0, end), end);
        }
        self.completions(&self.table.characters, self.typed.len());
    }

    fn given(&mut self) {
        for end in self.typed.firsts(self.table) {
            self.pairs(&self.table.given, end);
            self.half_pairs(&self.table.given, end);
            self.composed(end);
            self.add_all(&self.ranked(&self.table.characters, 0, end), end);
        }
        self.completions(&self.table.characters, self.typed.len());
    }

    /// Names that nobody has listed, where the input is two syllables.
    fn composed(&mut self, end: usize) {
        let last = self.typed.len();
        if !self.typed.seconds(self.table, end).contains(&last) {
            return;
        }
        let characters = &self.table.characters;
        let (first, second) = (self.ranked(characters, 0, end), self.ranked(characters, end, last));
        for (one, two) in [(0, 0), (0, 1), (1, 0)] {
            if let (Some(one), Some(two)) = (first.get(one), second.get(two))
                && self.list.len() < WHOLE
            {
                self.add(&format!("{}{}", one.text, two.text), last);
            }
        }
    }

    fn text(&mut self) {
        for end in self.typed.firsts(self.table) {
            // A half-typed word would mean hundreds before the single characters.
            self.pairs(&self.table.words, end);
            self.add_all(&self.ranked(&self.table.common, 0, end), end);
            self.add_all(&self.ranked(&self.table.characters, 0, end), end);
        }
        self.completions(&self.table.common, self.typed.len());
        self.completions(&self.table.characters, self.typed.len());
    }

    /// What begins with the first sound; the other letters stay.
    fn initials(&mut self, slot: Slot) {
        let Some(end) = self.typed.initial(self.table) else { return };
        match slot {
            Slot::Surname => self.completions(&self.table.surnames, end),
            Slot::Given => {}
            Slot::Text => self.completions(&self.table.common, end),
        }
        self.completions(&self.table.characters, end);
    }

    /// Names of two syllables: the first ends at `end`.
    fn pairs(&mut self, pairs: &'static table::Pairs, end: usize) {
        for first in self.typed.spellings(0, end) {
            for second_end in self.typed.seconds(self.table, end) {
                for second in self.typed.spellings(end, second_end) {
                    for name in pairs.get(&(first, second)).into_iter().flatten() {
                        self.add(name, second_end);
                    }
                }
            }
        }
    }

    /// Names of two syllables of which the second is begun and the last.
    fn half_pairs(&mut self, pairs: &'static table::Pairs, end: usize) {
        let Some(begun) = self.typed.tail(end) else { return };
        for first in self.typed.spellings(0, end) {
            let following = pairs.range((first, begun)..);
            let known = following.take_while(|((one, two), _)| *one == first && two.starts_with(begun));
            for (_, names) in known {
                for name in names {
                    self.add(name, self.typed.len());
                }
            }
        }
    }

    /// What the first `end` letters, taken as the beginning of one syllable, may become.
    fn completions(&mut self, ranks: &'static table::Ranks, end: usize) {
        if end == self.typed.len() && self.typed.tail(0).is_none() {
            return;
        }
        let begun = self.typed.letters(end);
        let following = ranks.range(begun..).take_while(|(syllable, _)| syllable.starts_with(begun));
        let mut merged: Vec<Ranked> = following.flat_map(|(_, ranked)| ranked.iter().copied()).collect();
        merged.sort_by_key(|ranked| std::cmp::Reverse(ranked.tier));
        self.add_all(&merged, end);
    }

    /// The characters of the syllable between these letters; for lu also those of lü, behind.
    fn ranked(&self, ranks: &'static table::Ranks, start: usize, end: usize) -> Vec<Ranked> {
        let spellings = self.typed.spellings(start, end);
        spellings.into_iter().filter_map(|syllable| ranks.get(syllable)).flatten().copied().collect()
    }

    fn add_all(&mut self, ranked: &[Ranked], end: usize) {
        for one in ranked {
            self.add(one.text, end);
        }
    }

    fn add(&mut self, text: &str, end: usize) {
        if self.list.len() < MAX_CANDIDATES && self.seen.insert(text.to_owned()) {
            self.list.push(Candidate { text: text.to_owned(), letters_used: self.typed.used(end) });
        }
    }
}

#[cfg(test)]
mod tests;
