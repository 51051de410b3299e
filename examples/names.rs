//! How well Chinese names can be typed: for a file of names, one a line, it prints how often the wanted character is
//! among the first 1, 3, 8 and 16 candidates, surname and given name apart. It keeps nothing and prints no name.
//!
//!     cargo run --example names -- FILE [--hant]
//!
//! A line is a name, or a name and its pinyin where the usual readings are not meant: `曾乐 zeng yue`. With `--hant` the
//! names are in traditional characters. docs/names.md says more.

use lobbyd::pinyin::{Script, Slot, candidates};
use std::collections::HashMap;
use std::process::ExitCode;

const TABLE: &str = include_str!("../assets/pinyin/table.txt");
/// Candidates looked at: the first, three, the strip, two strips.
const FIRST: [usize; 4] = [1, 3, 8, 16];

/// How often what was wanted stood within each of [`FIRST`].
#[derive(Default)]
struct Tally {
    within: [usize; FIRST.len()],
    asked: usize,
}

impl Tally {
    fn count(&mut self, letters: &str, slot: Slot, script: Script, wanted: &str) {
        let place = candidates(letters, slot, script).iter().position(|candidate| candidate.text == wanted);
        self.asked += 1;
        for (within, first) in self.within.iter_mut().zip(FIRST) {
            *within += usize::from(place.is_some_and(|place| place < first));
        }
    }

    fn print(&self, what: &str) {
        let percent = self.within.map(|n| format!("{:>6.1} %", 100.0 * n as f64 / self.asked.max(1) as f64));
        println!("{what:<36} {:>7}  {}", self.asked, percent.join(" "));
    }
}

/// What a person would type: surnames by their own readings, any other character by the one that ranks it highest.
#[derive(Default)]
struct Readings {
    surnames: HashMap<&'static str, String>,
    characters: HashMap<char, (u32, &'static str)>,
    /// Of a traditional form.
    simplified: HashMap<char, char>,
}

impl Readings {
    fn new() -> Self {
        let mut readings = Readings::default();
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.splitn(3, ' ');
            if let (Some(kind), Some(key), Some(text)) = (words.next(), words.next(), words.next()) {
                readings.line(kind, key, text);
            }
        }
        readings
    }

    fn line(&mut self, kind: &str, key: &'static str, text: &'static str) {
        let mut tier = 0;
        for (at, c) in text.char_indices() {
            match (kind, c.to_digit(16)) {
                ("c" | "s", Some(digit)) => tier = digit,
                ("c", None) => {
                    let best = self.characters.entry(c).or_insert((tier, key));
                    *best = if tier > best.0 { (tier, key) } else { *best };
                }
                ("s", None) => {
                    self.surnames.entry(&text[at..at + c.len_utf8()]).or_insert_with(|| key.to_owned());
                }
                ("t", None) if c != ' ' && !key.contains(c) => {
                    self.simplified.extend(key.chars().map(|key| (c, key)));
                }
                _ => {}
            }
        }
        if matches!(kind, "d" | "e") {
            self.surnames.extend(text.split(' ').map(|name| (name, key.replace('\'', " "))));
        }
    }

    /// The name's surname, given name, and their syllables; `None` where a character has no reading.
    fn spelled<'a>(&self, name: &'a str, pinyin: &str) -> Option<(&'a str, &'a str, String, Vec<String>)> {
        let plain: String = name.chars().map(|c| *self.simplified.get(&c).unwrap_or(&c)).collect();
        let count = name.chars().count();
        let start = |text: &str, n| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
        let own = |n| self.surnames.get(&plain[..start(&plain, n)]).or(self.surnames.get(&name[..start(name, n)]));
        let first = if count > 2 && own(2).is_some() { 2 } else { 1 };
        let reading = |(c, plain): (char, char)| {
            let found = [self.characters.get(&plain), self.characters.get(&c)];
            Some(found.into_iter().flatten().next()?.1.to_owned())
        };
        let usual: Option<Vec<String>> = name.chars().zip(plain.chars()).map(reading).collect();
        let said: Vec<String> = pinyin.split_whitespace().map(str::to_owned).collect();
        let (surname, given) = name.split_at(start(name, first));
        if said.len() == count {
            return Some((surname, given, said[..first].concat(), said[first..].to_vec()));
        }
        let usual = usual?;
        let letters = own(first).map_or_else(|| usual[..first].concat(), |own| own.replace(' ', ""));
        Some((surname, given, letters, usual[first..].to_vec()))
    }
}

fn main() -> ExitCode {
    let script = if std::env::args().any(|arg| arg == "--hant") { Script::Traditional } else { Script::Simplified };
    let file = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let Some(text) = file.and_then(|file| std::fs::read_to_string(file).ok()) else {
        eprintln!("usage: cargo run --example names -- FILE [--hant]\nFILE must be readable, UTF-8, one name a line");
        return ExitCode::FAILURE;
    };
    let readings = Readings::new();
    let [mut surnames, mut characters, mut whole] = [Tally::default(), Tally::default(), Tally::default()];
    let mut unread = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, pinyin) = line.split_once(' ').unwrap_or((line, ""));
        let Some((surname, given, letters, syllables)) = readings.spelled(name, pinyin) else {
            unread += 1;
            continue;
        };
        surnames.count(&letters, Slot::Surname, script, surname);
        for (c, syllable) in given.chars().zip(&syllables) {
            characters.count(syllable, Slot::Given, script, &c.to_string());
        }
        if syllables.len() == 2 {
            whole.count(&syllables.concat(), Slot::Given, script, given);
        }
    }
    println!("{:<36} {:>7}  {}", "wanted among the", "typed", FIRST.map(|n| format!("first {n:>2}")).join(" "));
    surnames.print("surname");
    characters.print("given name, a character at a time");
    whole.print("given name of two, typed as one");
    println!("lines left out, because a character has no reading in the table: {unread}");
    ExitCode::SUCCESS
}
