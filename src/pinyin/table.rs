//! `assets/pinyin/table.txt`, read once. It is ours and part of the binary: a line that cannot be read is a fault of
//! the build, found by the tests.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

const TEXT: &str = include_str!("../../assets/pinyin/table.txt");

/// A character of a syllable. The tier is a power of two of how likely it is: candidates of several syllables are
/// merged by it.
#[derive(Clone, Copy)]
pub struct Ranked {
    pub text: &'static str,
    pub tier: u8,
}

pub type Ranks = BTreeMap<&'static str, Vec<Ranked>>;
pub type Forms = HashMap<&'static str, Vec<&'static str>>;
pub type Pairs = BTreeMap<(&'static str, &'static str), Vec<&'static str>>;

#[derive(Default)]
pub struct Table {
    /// Every character by its syllable, the likeliest in a given name first.
    pub characters: Ranks,
    /// Surnames by their syllable, the most frequent first.
    pub surnames: Ranks,
    /// Compound surnames that come before any single one, and those that come behind the first.
    pub leading: Pairs,
    pub behind: Pairs,
    /// Given names of two characters.
    pub given: Pairs,
    /// Free text: characters by their syllable and words of two, the most used first.
    pub common: Ranks,
    pub words: Pairs,
    /// A character's traditional forms, the likeliest first, where it is not its own only one.
    pub forms: Forms,
    /// Whole surnames that choose otherwise among them: 范 stays 范.
    pub surname_forms: Forms,
}

pub fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| TEXT.lines().filter(|line| !line.starts_with('#')).fold(Table::default(), read))
}

fn read(mut table: Table, line: &'static str) -> Table {
    let mut words = line.splitn(3, ' ');
    let (Some(kind), Some(letters), Some(text)) = (words.next(), words.next(), words.next()) else {
        panic!("table.txt: a line without three parts: {line}");
    };
    match kind {
        "c" => drop(table.characters.insert(letters, ranked(text))),
        "s" => drop(table.surnames.insert(letters, ranked(text))),
        "d" => drop(table.leading.insert(pair(letters), text.split(' ').collect())),
        "e" => drop(table.behind.insert(pair(letters), text.split(' ').collect())),
        "g" => drop(table.given.insert(pair(letters), text.split(' ').collect())),
        "x" => drop(table.common.insert(letters, ranked(text))),
        "w" => drop(table.words.insert(pair(letters), text.split(' ').collect())),
        "t" => drop(table.forms.insert(letters, text.split(' ').collect())),
        "u" => drop(table.surname_forms.insert(letters, text.split(' ').collect())),
        _ => panic!("table.txt: a line of an unknown kind: {line}"),
    }
    table
}

fn pair(letters: &'static str) -> (&'static str, &'static str) {
    letters.split_once('\'').expect("make.py writes an apostrophe between two syllables")
}

fn ranked(text: &'static str) -> Vec<Ranked> {
    let mut tier = 0;
    let mut list = Vec::new();
    for (at, character) in text.char_indices() {
        match character.to_digit(16) {
            Some(digit) => tier = digit as u8,
            None => list.push(Ranked { text: &text[at..at + character.len_utf8()], tier }),
        }
    }
    list
}
