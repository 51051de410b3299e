//! How a name sounds: 王小明, 王晓明 and Wang Xiaoming are one. For whoever must know somebody again who writes himself otherwise.

use super::table::table;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Characters of a name that are looked at, and ways to say it that are kept: 曾 alone has two, a long name could have hundreds.
const MAX_CHARACTERS: usize = 8;
const MAX_WAYS: usize = 64;
/// Letters of the shortest name in Latin script that is told by its sound.
const MIN_LETTERS: usize = 4;

/// All ways to say it: letters without tones, the surname before the rest and behind it. None for what is too short to be told by its
/// sound, or is neither Chinese nor Latin.
pub fn sounds(name: &str) -> BTreeSet<String> {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    if name.chars().all(|c| c.is_ascii() || !c.is_alphanumeric()) {
        return latin(name, &letters.map(|c| c.to_ascii_lowercase()).collect::<String>());
    }
    let syllables: Vec<Vec<&str>> =
        letters.take(MAX_CHARACTERS).map(|character| readings(character).collect()).collect();
    if syllables.len() < 2 || syllables.iter().any(Vec::is_empty) {
        return BTreeSet::new();
    }
    let mut ways: Vec<(&str, String)> = syllables[0].iter().map(|surname| (*surname, String::new())).collect();
    for syllable in &syllables[1..] {
        let longer = |(surname, given): &(&'static str, String)| {
            let said: Vec<_> = syllable.iter().map(|next| (*surname, format!("{given}{next}"))).collect();
            said
        };
        ways = ways.iter().flat_map(longer).take(MAX_WAYS).collect();
    }
    ways.iter().flat_map(|(surname, given)| [format!("{surname}{given}"), format!("{given}{surname}")]).collect()
}

/// One way to say a name, surname first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelling {
    /// `wangxiaoming`.
    pub letters: String,
    /// `wxm`.
    pub initials: String,
}

/// Ways to say a name that a directory keeps: 单 and 曾 have two, and more than two such characters stand in few names.
const MAX_SPELLINGS: usize = 8;
/// Words of a name in Latin script that it may be found by.
const MAX_WORDS: usize = 4;

/// How a name may be typed by whoever looks for it: by its syllables, or their first letters. For one character, too. A name in Latin script
/// begins with any of its words; none for other scripts.
pub fn spellings(name: &str) -> Vec<Spelling> {
    let words: Vec<Vec<&str>> = if name.is_ascii() {
        let words: Vec<&str> =
            name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        (0..words.len().min(MAX_WORDS)).map(|nth| [&words[nth..], &words[..nth]].concat()).collect()
    } else {
        let letters = name.chars().filter(|c| c.is_alphanumeric()).take(MAX_CHARACTERS);
        letters.map(|character| readings(character).collect::<Vec<_>>()).fold(vec![Vec::new()], |ways, said| {
            ways.iter()
                .flat_map(|way| said.iter().map(move |next| [&way[..], &[*next]].concat()))
                .take(MAX_SPELLINGS)
                .collect()
        })
    };
    let spelling = |said: Vec<&str>| Spelling {
        initials: said.iter().filter_map(|word| word.chars().next()).collect::<String>().to_ascii_lowercase(),
        letters: said.concat().to_ascii_lowercase(),
    };
    words.into_iter().map(spelling).collect()
}

/// Words in any turn of two: "Xiaoming Wang" is "Wang Xiaoming".
fn latin(name: &str, letters: &str) -> BTreeSet<String> {
    if letters.len() < MIN_LETTERS {
        return BTreeSet::new();
    }
    let words: Vec<String> =
        name.split_whitespace().map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect()).collect();
    let turned = words.split_first().map(|(first, rest)| format!("{}{first}", rest.concat()).to_ascii_lowercase());
    turned.into_iter().chain([letters.to_owned()]).collect()
}

/// The syllables of a character, without tones.
fn readings(character: char) -> impl Iterator<Item = &'static str> {
    // By character; the keyboard's table is by syllable, and to go through all of it took 0.1 ms for each character.
    static READINGS: OnceLock<Vec<(char, &'static str)>> = OnceLock::new();
    let all = READINGS.get_or_init(|| {
        let ranks = table().characters.iter().chain(&table().surnames);
        let each = ranks
            .flat_map(|(syllable, ranked)| ranked.iter().flat_map(|known| known.text.chars()).map(|c| (c, *syllable)));
        let mut all: Vec<_> = each.collect();
        all.sort_unstable();
        all.dedup();
        all
    });
    let from = all.partition_point(|(known, _)| *known < character);
    all[from..].iter().take_while(move |(known, _)| *known == character).map(|(_, syllable)| *syllable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(one: &str, other: &str) -> bool {
        !sounds(one).is_disjoint(&sounds(other))
    }

    #[test]
    fn a_name_is_one_however_it_is_written() {
        for other in ["王晓明", "Wang Xiaoming", "xiaoming wang", "WANG XIAO MING", "王 小 明", "王曉明"] {
            assert!(alike("王小明", other), "{other}");
        }
        // As a surname 单 is shan; elsewhere dan.
        assert!(alike("单田", "shan tian") && alike("单田", "dan tian"));
        for other in ["王大明", "李小明", "Wang Xiaomi", "王明"] {
            assert!(!alike("王小明", other), "{other}");
        }
    }

    #[test]
    fn what_is_too_short_or_of_another_script_is_not_told_by_its_sound() {
        for name in ["李", "", "Li", "·", "Иван Петров", "김철수", "李1"] {
            assert!(sounds(name).is_empty(), "{name}: {:?}", sounds(name));
        }
        let many = "曾单解曾单解曾单解曾单解";
        assert!(sounds(many).len() <= 2 * MAX_WAYS);
    }
}
