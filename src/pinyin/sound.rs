//! How a name sounds: 王小明, 王晓明 and Wáng Xiaoming are one. For whoever must know somebody again who writes himself otherwise.

use super::latin::{WAYS, folded, is_plain, ways, written};
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
    let name = folded(name);
    if is_latin(&name) {
        return latin(&name);
    }
    let syllables = syllables(&name);
    if syllables.len() < 2 {
        return BTreeSet::new();
    }
    // None where one of them cannot be said: what is left of the name is many people's.
    let both = each_way(&syllables, MAX_WAYS).into_iter().filter_map(|way| {
        let (surname, given) = way.split_first()?;
        let given = given.concat();
        Some([format!("{surname}{given}"), format!("{given}{surname}")])
    });
    both.flatten().collect()
}

/// Whether a folded name has no letter of another script.
fn is_latin(name: &str) -> bool {
    name.chars().all(|c| is_plain(c) || !c.is_alphanumeric())
}

/// How each character of a folded name may be said, folded; a Latin word in it stands for itself. None of a character without a
/// reading, and of a number.
fn syllables(name: &str) -> Vec<Vec<String>> {
    let (mut syllables, mut word) = (Vec::new(), String::new());
    // Behind the last word, too, stands something that ends it.
    for c in name.chars().chain([' ']) {
        if is_plain(c) {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            let is_said = word.chars().any(char::is_alphabetic);
            syllables.push(if is_said { vec![word.clone()] } else { Vec::new() });
            word.clear();
        }
        if c.is_alphanumeric() {
            syllables.push(readings(c).map(folded).collect());
        }
    }
    syllables.truncate(MAX_CHARACTERS);
    syllables
}

/// At most so many ways to say all of them, each in one of its ways, and each as often as it may be written.
fn each_way(syllables: &[Vec<String>], most: usize) -> Vec<Vec<String>> {
    let said: Vec<Vec<&str>> = syllables.iter().fold(vec![Vec::new()], |said, next| {
        let longer = said.iter().flat_map(|said| next.iter().map(move |next| [&said[..], &[next.as_str()]].concat()));
        longer.take(most).collect()
    });
    let each = said.iter().flat_map(|said| {
        let written = |way: &&str| said.iter().map(|syllable| written(syllable, way)).collect();
        ways(&said.concat()).iter().map(written)
    });
    each.collect()
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
/// begins with any of its words; of another script only what can be said counts, and none is left of most.
pub fn spellings(name: &str) -> Vec<Spelling> {
    let name = folded(name);
    let turns: Vec<Vec<Vec<String>>> = if is_latin(&name) {
        let words = name.split(|c| !is_plain(c)).filter(|word| !word.is_empty());
        let words: Vec<_> = words.map(|word| vec![word.to_owned()]).collect();
        (0..words.len().min(MAX_WORDS)).map(|nth| [&words[nth..], &words[..nth]].concat()).collect()
    } else {
        // One rare character more or less, and he is found.
        vec![syllables(&name).into_iter().filter(|said| !said.is_empty()).collect()]
    };
    let spelling = |said: Vec<String>| Spelling {
        initials: said.iter().filter_map(|word| word.chars().next()).collect(),
        letters: said.concat(),
    };
    let ways = turns.iter().flat_map(|turn| each_way(turn, MAX_SPELLINGS));
    ways.filter(|said| !said.is_empty()).map(spelling).collect()
}

/// What is typed to look for somebody, as [`spellings`] has it: in lower case, without marks, `lv` for lü.
pub fn typed(text: &str) -> String {
    written(&folded(text), WAYS[0])
}

/// Words in any turn of two: "Xiaoming Wang" is "Wang Xiaoming".
fn latin(name: &str) -> BTreeSet<String> {
    let words: Vec<String> =
        name.split_whitespace().map(|word| word.chars().filter(|c| is_plain(*c)).collect()).collect();
    let letters = words.concat();
    if letters.chars().count() < MIN_LETTERS {
        return BTreeSet::new();
    }
    let turned = words.split_first().map(|(first, rest)| format!("{}{first}", rest.concat()));
    turned
        .into_iter()
        .chain([letters])
        .flat_map(|letters| ways(&letters).iter().map(|way| written(&letters, way)).collect::<Vec<_>>())
        .collect()
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
    fn tones_and_the_ways_to_write_lü_change_nothing() {
        for other in ["Wáng Xiǎomíng", "xiǎo míng WÁNG", "Wa\u{301}ng Xiaoming"] {
            assert!(alike("王小明", other), "{other}");
        }
        for other in ["Lu Bu", "Lyu Bu", "Lü Bu", "LǙ BÙ", "Lu\u{308} Bu", "Lv Bu", "Bu Lyu", "呂布"] {
            assert!(alike("吕布", other) && alike("Lü Bu", other) && alike("Lv Bu", other), "{other}");
        }
        for other in ["Wang Nue", "Wang Nyue", "Wang Nüe", "Wang Nve"] {
            assert!(alike("王虐", other), "{other}");
        }
        assert!(alike("Müller Anna", "anna muller") && alike("Nguyễn An", "Nguyen An"));
        assert!(!alike("吕布", "Liu Bu") && !alike("Lyu Bu", "Lu Bei"));
    }

    #[test]
    fn a_latin_word_in_a_chinese_name_stands_for_itself() {
        assert!(alike("王Lily", "Lily Wang") && alike("王 lily", "Wang Lily"));
        assert!(!alike("王Lily", "王丽"));
    }

    #[test]
    fn a_name_is_spelt_in_each_way_that_it_is_typed_and_without_what_cannot_be_said() {
        let letters = |name| spellings(name).into_iter().map(|said| said.letters).collect::<Vec<_>>();
        assert_eq!(letters("吕小明"), ["lvxiaoming", "luxiaoming", "lyuxiaoming"]);
        assert_eq!(letters("王小頔"), ["wangxiao"]);
        assert_eq!(letters("Lǚ Bù"), ["lvbu", "lubu", "lyubu", "bulv", "bulu", "bulyu"]);
        assert_eq!(spellings("王Lily"), [Spelling { letters: "wanglily".into(), initials: "wl".into() }]);
        assert_eq!(spellings("Иван Петров"), []);
        assert_eq!((typed("Lü Xiǎo").as_str(), typed("MÜLLER").as_str()), ("lv xiao", "muller"));
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
