//! How somebody is found who is asked for at a counter or on the phone: by unit, by name, by how the name sounds, or by the first letters of
//! its syllables (`wxm` for 王小明). What is looked for is the beginning of one of these.

use super::{Host, Household};
use crate::pinyin;
use crate::service::contact::plain;
use std::collections::BTreeSet;

/// Characters of a key; what is longer is found by its beginning.
const MAX_KEY: usize = 32;
/// Shortest search: one letter would be half of the house.
const MIN_QUERY: usize = 2;

/// What a search is for, as keys are written: as it was typed and, where that is something else, without marks on its letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    typed: String,
    folded: Option<String>,
}

impl Query {
    /// `None` where it is too short to mean anybody: two letters or digits, or one Chinese character.
    pub fn of(text: &str) -> Option<Self> {
        let (typed, folded) = (cut(plain(text)), cut(plain(&pinyin::typed(text))));
        let enough = folded.chars().count() >= MIN_QUERY || !folded.is_ascii();
        let folded = Some(folded).filter(|folded| *folded != typed);
        enough.then_some(Query { typed, folded })
    }

    /// Keys that begin with it are those from here on, and below what stands beside it.
    pub fn ranges(&self) -> impl Iterator<Item = (&str, String)> {
        [Some(&self.typed), self.folded.as_ref()]
            .into_iter()
            .flatten()
            .map(|begin| (begin.as_str(), format!("{begin}\u{10ffff}")))
    }
}

/// The keys of a unit: `31203`, and `1203` for whoever leaves the building out.
pub fn keys_of(household: &Household) -> BTreeSet<String> {
    let unit = household.unit.as_str();
    let room = unit.rsplit('-').next().unwrap_or(unit);
    [plain(unit), plain(room)].into_iter().filter(|key| !key.is_empty()).collect()
}

/// The keys of a person: name, sound, initials. They may become more with a release, never fewer: whoever is taken out of a directory that an
/// older one has built is taken out by what stands here.
pub fn keys_of_host(host: &Host) -> BTreeSet<String> {
    let said = pinyin::spellings(host.name.as_str());
    let spoken = said.into_iter().flat_map(|said| [said.letters, said.initials]);
    [plain(host.name.as_str())].into_iter().chain(spoken).map(cut).filter(|key| !key.is_empty()).collect()
}

fn cut(key: String) -> String {
    key.char_indices().nth(MAX_KEY).map_or(key.clone(), |(at, _)| key[..at].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::contact::{Name, Unit};

    fn finds(text: &str, keys: &BTreeSet<String>) -> bool {
        let query = Query::of(text).unwrap();
        query.ranges().any(|(begin, end)| keys.iter().any(|key| key.as_str() >= begin && *key < end))
    }

    #[test]
    fn somebody_is_found_by_name_by_sound_and_by_initials() {
        let host = |name: &str| Host { name: Name::parse(name).unwrap(), phone: None, language: None };
        let keys = keys_of_host(&host("王小明"));
        for text in ["王", "王小", "王 小明", "wxm", "WX", "wangxiao", "Wang Xiaoming"] {
            assert!(finds(text, &keys), "{text}: {keys:?}");
        }
        for text in ["小明", "wm", "li", "王大"] {
            assert!(!finds(text, &keys), "{text}");
        }
        let latin = keys_of_host(&host("John Q. Public"));
        for text in ["john", "public", "jqp", "John Public"] {
            assert_eq!(finds(text, &latin), text != "John Public", "{text}: {latin:?}");
        }
    }

    #[test]
    fn marks_and_the_ways_to_write_lü_hide_nobody() {
        let keys = |name: &str| keys_of_host(&Host { name: Name::parse(name).unwrap(), phone: None, language: None });
        for text in ["lüxiao", "Lǚ Xiǎo", "lu\u{308}xiao", "lvxiaoming", "lu xiao", "lyuxiao", "lxm", "吕"] {
            assert!(finds(text, &keys("吕小明")), "{text}");
        }
        for text in ["müller", "Muller, H", "hans", "hm", "MÜLLER H"] {
            assert!(finds(text, &keys("Hans Müller")) || finds(text, &keys("Müller Hans")), "{text}");
        }
        for (name, texts) in [("王小頔", ["wangxiao", "wx", "王小頔"]), ("王Lily", ["wanglily", "wl", "王l"])] {
            assert!(texts.iter().all(|text| finds(text, &keys(name))), "{:?}", keys(name));
        }
        let all = keys("曾吕单");
        for key in ["曾吕单", "cenglvchan", "cenglvdan", "cenglvshan", "zenglvchan", "zenglvdan", "zenglvshan", "zls"]
        {
            assert!(all.contains(key), "of the release before: {key} in {all:?}");
        }
        // As a directory has them that was built before.
        let old = BTreeSet::from(["lvxiaoming".to_owned(), "müllerhans".to_owned()]);
        assert!(finds("lüxiao", &old) && finds("Müller", &old));
    }

    #[test]
    fn a_unit_is_found_with_its_building_and_without() {
        let unit = Household {
            unit: Unit::parse("b2-1203").unwrap(),
            vacant: false,
            wishes: super::super::Wishes::default(),
            hosts: Vec::new(),
        };
        for text in ["B2-1203", "b2", "1203", "12", "１２０３"] {
            assert!(finds(text, &keys_of(&unit)), "{text}");
        }
        assert!(!finds("203", &keys_of(&unit)));
    }

    #[test]
    fn what_is_too_short_is_no_search() {
        assert!(["", " ", "-", "w", "1", "ü", "é"].iter().all(|text| Query::of(text).is_none()));
        assert!(Query::of("王").is_some());
    }
}
