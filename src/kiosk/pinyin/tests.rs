//! What somebody who types a name would miss: surnames first, every character of the national list within reach.

use super::*;
use proptest::prelude::*;

fn texts(letters: &str, slot: Slot) -> Vec<String> {
    candidates(letters, slot).into_iter().map(|candidate| candidate.text).collect()
}

fn first(letters: &str, slot: Slot) -> (String, usize) {
    let candidate = candidates(letters, slot).into_iter().next().expect("there is a candidate");
    (candidate.text, candidate.letters_used)
}

/// At which place of the strip, from 0.
fn place(letters: &str, text: &str, slot: Slot) -> usize {
    texts(letters, slot).iter().position(|found| found == text).unwrap_or(usize::MAX)
}

#[test]
fn frequent_surnames_come_first() {
    for (letters, surname) in [("wang", "王"), ("li", "李"), ("zhang", "张"), ("liu", "刘"), ("chen", "陈")] {
        assert_eq!(first(letters, Slot::Surname), (surname.to_owned(), letters.len()));
    }
}

#[test]
fn a_surname_read_differently_is_found_under_its_own_reading() {
    let rare = "zeng曾 shan单 xie解 zha查 qiu仇 ou区 ge盖 yu尉 piao朴 ren任 hua华 zhai翟 qin覃 tan覃 miao缪 mi宓 \
                bo薄 nie乜 yun员 chong种 shao召 she折 yue乐 le乐 ji纪 ning宁 xian洗 gou句 ying应 zang臧 wan万";
    for pair in rare.split_whitespace() {
        let (letters, surname) = pair.split_at(pair.find(|c: char| !c.is_ascii()).unwrap());
        assert!(place(letters, surname, Slot::Surname) < 16, "{letters} {surname} is not on the first two strips");
    }
}

#[test]
fn a_compound_surname_comes_before_a_single_one_and_takes_its_letters() {
    let compound = [("ouyangxiu", "欧阳", 6), ("zhugeliang", "诸葛", 5), ("sima", "司马", 4), ("yuchi", "尉迟", 5)];
    for (letters, surname, used) in compound {
        assert_eq!(first(letters, Slot::Surname), (surname.to_owned(), used));
    }
    assert_eq!(first("ouy", Slot::Surname), ("欧阳".to_owned(), 3));
    assert_eq!(place("zhangsun", "长孙", Slot::Surname), 1, "behind 张: most who type it are called so");
}

#[test]
fn a_given_name_of_two_characters_is_offered_whole() {
    assert_eq!(first("jianguo", Slot::Given), ("建国".to_owned(), 7));
    assert!(place("xiaom", "晓明", Slot::Given) < 8, "the second syllable may be half typed");
    assert_eq!(candidates("jianguo", Slot::Given).iter().find(|c| c.text == "建").unwrap().letters_used, 4);
}

#[test]
fn an_apostrophe_separates_syllables() {
    let with = candidates("xi'an", Slot::Given);
    assert!(with.iter().all(|candidate| candidate.letters_used == 3 || candidate.letters_used == 5));
    assert!(with.iter().any(|candidate| candidate.text == "西" && candidate.letters_used == 3));
    assert_eq!(first("xian", Slot::Given).1, 4, "without it xian is one syllable first");
    assert!(texts("xian", Slot::Given).contains(&"西".to_owned()));
}

#[test]
fn the_letters_fall_into_syllables_so_that_none_is_left_over() {
    assert_eq!(first("zhangui", Slot::Surname), ("詹".to_owned(), 4), "zhan-gui: no syllable begins with ui");
    assert_eq!(first("fangan", Slot::Surname), ("方".to_owned(), 4));
    assert!(texts("fangan", Slot::Surname).contains(&"范".to_owned()));
}

#[test]
fn every_way_to_write_lü_finds_it() {
    for letters in ["lv", "lu:", "lü", "LÜ", "lu"] {
        let found = candidates(letters, Slot::Surname);
        let candidate = found.iter().find(|candidate| candidate.text == "吕").expect(letters);
        assert_eq!(candidate.letters_used, letters.chars().count());
    }
    assert!(texts("lve", Slot::Given).contains(&"略".to_owned()));
    assert!(texts("lue", Slot::Given).contains(&"略".to_owned()));
    assert!(texts("jvn", Slot::Given).contains(&"军".to_owned()), "jvn is written for jun");
}

#[test]
fn one_letter_offers_the_most_frequent_that_begin_so() {
    assert_eq!(texts("w", Slot::Surname)[..2], ["王", "吴"]);
    assert_eq!(first("zh", Slot::Surname), ("张".to_owned(), 2));
    assert!(candidates("z", Slot::Given).len() <= MAX_CANDIDATES);
}

#[test]
fn what_is_no_pinyin_offers_nothing() {
    for letters in ["", "i", "uv", "123", "'", "é"] {
        assert_eq!(texts(letters, Slot::Given), [""; 0], "{letters}");
    }
}

#[test]
fn every_character_that_a_mainland_name_may_use_can_be_typed() {
    let table = table();
    for slot in [Slot::Surname, Slot::Given] {
        let mut reached = HashSet::new();
        for syllable in table.characters.keys() {
            reached.extend(texts(syllable, slot));
        }
        let names = include_str!("../../../assets/pinyin/8105.txt").trim_end();
        let missing: String = names.chars().filter(|c| !reached.contains(c.encode_utf8(&mut [0; 4]))).collect();
        assert_eq!(missing, "", "{slot:?}");
        assert_eq!(names.chars().count(), 8105);
    }
}

proptest! {
    #[test]
    fn no_input_breaks_it(letters in "[a-zA-Zü:' 0-9é汉]{0,40}") {
        for slot in [Slot::Surname, Slot::Given] {
            let found = candidates(&letters, slot);
            prop_assert!(found.len() <= MAX_CANDIDATES);
            for candidate in found {
                prop_assert!((1..=letters.chars().count().min(MAX_LETTERS)).contains(&candidate.letters_used));
            }
        }
    }

    #[test]
    fn text_of_any_kind_does_not_break_it(letters in any::<String>()) {
        candidates(&letters, Slot::Given);
    }
}
