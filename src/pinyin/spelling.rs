//! What was typed, and how it falls into syllables: fangan is fang-an or fan-gan. Works on any text, reads no data but
//! the table's list of syllables, and never fails: what is no pinyin has no syllables.

use super::table::Table;

/// The longest syllable: zhuang, chuang, shuang.
const LONGEST: usize = 6;

/// Letters a to z, with `v` for ü, and where syllables must end.
pub struct Typed {
    letters: String,
    /// `places[i]`: how many characters of the input the first `i` letters stand for.
    places: Vec<usize>,
    /// A syllable must end before this letter.
    breaks: Vec<bool>,
}

impl Typed {
    pub fn read(input: &str, limit: usize) -> Typed {
        let mut typed = Typed { letters: String::new(), places: vec![0], breaks: vec![false] };
        for (index, character) in input.chars().take(limit).enumerate() {
            match character.to_ascii_lowercase() {
                letter @ 'a'..='z' => typed.push(letter, index + 1),
                'ü' | 'Ü' => typed.push('v', index + 1),
                ':' if typed.letters.ends_with('u') => typed.turn_into_v(index + 1),
                '\'' | '’' | ' ' => typed.end_syllable(index + 1),
                _ => break,
            }
        }
        typed
    }

    fn push(&mut self, letter: char, place: usize) {
        // There is no jü beside ju: people write both.
        let written_u = letter == 'v' && self.letters.ends_with(['j', 'q', 'x', 'y']);
        self.letters.push(if written_u { 'u' } else { letter });
        self.places.push(place);
        self.breaks.push(false);
    }

    fn turn_into_v(&mut self, place: usize) {
        self.letters.pop();
        self.places.pop();
        self.breaks.pop();
        self.push('v', place);
    }

    fn end_syllable(&mut self, place: usize) {
        let end = self.len();
        self.places[end] = place;
        self.breaks[end] = end > 0;
    }

    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// How many characters of the input the first `end` letters stand for.
    pub fn used(&self, end: usize) -> usize {
        self.places[end]
    }

    /// The letters from `start` to the end when they may be one begun syllable.
    pub fn tail(&self, start: usize) -> Option<&str> {
        let begun = start < self.len() && !self.broken(start, self.len()) && !self.breaks[self.len()];
        begun.then(|| &self.letters[start..])
    }

    /// Where the first sound ends, for people who write wxm for 王小明: zh, ch and sh are one sound. `None` where no
    /// syllable begins so.
    pub fn initial(&self, table: &Table) -> Option<usize> {
        let two = ["zh", "ch", "sh"].into_iter().any(|sound| self.letters.starts_with(sound));
        let end = if two { 2 } else { 1 };
        let known = self.letters.get(..end).is_some_and(|sound| begins_a_syllable(table, sound));
        known.then_some(end)
    }

    pub fn letters(&self, end: usize) -> &str {
        &self.letters[..end]
    }

    /// The syllables of the table that these letters may mean: lu is lu, and lü where the keyboard has no ü.
    pub fn spellings(&self, start: usize, end: usize) -> Vec<&str> {
        let as_typed = &self.letters[start..end];
        let with_v = match as_typed {
            "lu" => "lv",
            "nu" => "nv",
            "lue" => "lve",
            "nue" => "nve",
            _ => return vec![as_typed],
        };
        vec![as_typed, with_v]
    }

    /// Where the first syllable may end, the best way to read the whole first. Where the whole cannot be read, its
    /// beginning decides.
    pub fn firsts(&self, table: &Table) -> Vec<usize> {
        self.ends(table, 0)
    }

    /// Where a second syllable that begins at `start` may end.
    pub fn seconds(&self, table: &Table, start: usize) -> Vec<usize> {
        self.ends(table, start)
    }

    fn ends(&self, table: &Table, start: usize) -> Vec<usize> {
        let best = self.best(table);
        let mut ends: Vec<usize> = self.syllables(table, start).filter(|&end| best[end].is_some()).collect();
        if ends.is_empty() {
            ends = self.syllables(table, start).collect();
        }
        // Fewest syllables, nothing half typed, and of equals the longer first syllable: xian before xi-an.
        ends.sort_by_key(|&end| (best[end].unwrap_or_default(), std::cmp::Reverse(end)));
        ends
    }

    /// Where whole syllables that begin at `start` end.
    fn syllables(&self, table: &Table, start: usize) -> impl Iterator<Item = usize> {
        let farthest = self.len().min(start + LONGEST);
        (start + 1..=farthest).filter(move |&end| {
            let known = self.spellings(start, end).into_iter().any(|syllable| table.characters.contains_key(syllable));
            known && !self.broken(start, end)
        })
    }

    /// For each place the best way to read what follows it: (a half-typed syllable ends it, syllables). `None` where
    /// it cannot be read.
    fn best(&self, table: &Table) -> Vec<Option<(bool, usize)>> {
        let mut best = vec![None; self.len() + 1];
        best[self.len()] = Some((false, 0));
        for start in (0..self.len()).rev() {
            let whole = self.syllables(table, start).filter_map(|end| best[end]).map(|(half, count)| (half, count + 1));
            let begun = self.tail(start).filter(|tail| begins_a_syllable(table, tail)).map(|_| (true, 1));
            best[start] = whole.chain(begun).min();
        }
        best
    }

    fn broken(&self, start: usize, end: usize) -> bool {
        self.breaks[start + 1..end].contains(&true)
    }
}

fn begins_a_syllable(table: &Table, letters: &str) -> bool {
    table.characters.range(letters..).next().is_some_and(|(syllable, _)| syllable.starts_with(letters))
}
