//! What somebody who types a name would miss: surnames first, every character of the national list within reach.

use super::*;
use proptest::prelude::*;

fn texts(letters: &str, slot: Slot) -> Vec<String> {
    candidates(letters, slot, Script::Simplified).into_iter().map(|candidate| candidate.text).collect()
}

fn first(letters: &str, slot: Slot) -> (String, usize) {
    let candidate = candidates(letters, slot, Script::Simplified).into_iter().next().expect("there is a candidate");
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
    assert_eq!(
        candidates("jianguo", Slot::Given, Script::Simplified).iter().find(|c| c.text == "建").unwrap().letters_used,
        4
    );
}

#[test]
fn a_given_name_that_nobody_listed_is_put_together_before_its_characters() {
    let found = texts("keyun", Slot::Given);
    assert!(found[..WHOLE].iter().all(|name| name.chars().count() == 2), "{:?}", &found[..WHOLE]);
    assert_eq!(found[0], "可云");
    assert_eq!(found[WHOLE], "可", "the single ones follow at once");
}

#[test]
fn an_apostrophe_separates_syllables() {
    let with = candidates("xi'an", Slot::Given, Script::Simplified);
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
        let found = candidates(letters, Slot::Surname, Script::Simplified);
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
    assert!(candidates("z", Slot::Given, Script::Simplified).len() <= MAX_CANDIDATES);
}

#[test]
fn what_is_no_pinyin_offers_nothing() {
    for letters in ["", "i", "uv", "123", "'", "é"] {
        assert_eq!(texts(letters, Slot::Given), [""; 0], "{letters}");
    }
}

#[test]
fn letters_that_are_no_syllable_are_taken_as_first_sounds() {
    assert_eq!(first("wxm", Slot::Surname), ("王".to_owned(), 1));
    assert_eq!(first("zhxm", Slot::Surname), ("张".to_owned(), 2));
    assert!(place("xm", "晓", Slot::Given) < 8);
    assert!(place("zj", "志", Slot::Given) < 8);
}

#[test]
fn free_text_ranks_by_common_use_and_knows_words() {
    assert_eq!(first("loushui", Slot::Text), ("漏水".to_owned(), 7));
    assert_eq!(first("dianti", Slot::Text), ("电梯".to_owned(), 6));
    assert!(place("fang", "房", Slot::Text) < place("fang", "芳", Slot::Text));
    assert!(place("fang", "芳", Slot::Given) < place("fang", "房", Slot::Given));
}

#[test]
fn traditional_names_are_offered_in_their_own_forms_first() {
    let first = |letters, slot| {
        let found = candidates(letters, slot, Script::Traditional).into_iter().next();
        found.expect("there is a candidate").text
    };
    let surnames = "chen陳 liu劉 zhang張 huang黃 wu吳 zheng鄭 xiao蕭 ye葉 zhong鍾 fan范 yu余 shen沈 jiang蔣 ouyang歐陽 moqi万俟 \
                    zhuge諸葛";
    for pair in surnames.split_whitespace() {
        let (letters, surname) = pair.split_at(pair.find(|c: char| !c.is_ascii()).unwrap());
        assert_eq!(first(letters, Slot::Surname), surname, "{letters}");
    }
    assert!(candidates("guliang", Slot::Surname, Script::Traditional).iter().any(|found| found.text == "穀梁"));
    assert_eq!(first("jianguo", Slot::Given), "建國");
    assert_eq!(first("junjie", Slot::Given), "俊傑");
    let jie: Vec<_> = candidates("jie", Slot::Given, Script::Traditional).into_iter().map(|c| c.text).collect();
    assert!(jie.iter().take(8).any(|text| text == "杰"), "many write it so");
    assert!(jie.contains(&"洁".to_owned()), "simplified forms stay within reach");
}

/// Pages that one may have to turn for the rarest character: yi fills so many, in traditional characters twice.
const MOST_PAGES: usize = 24;
/// Candidates on one page of the strip.
const PAGE: usize = 8;

/// Every character of `wanted` that no syllable offers within [`MOST_PAGES`].
fn beyond_reach(wanted: &str, slot: Slot, script: Script) -> String {
    let mut reached = HashSet::new();
    for syllable in table().characters.keys() {
        reached.extend(candidates(syllable, slot, script).into_iter().take(MOST_PAGES * PAGE).map(|found| found.text));
    }
    wanted.chars().filter(|c| !reached.contains(c.encode_utf8(&mut [0; 4]) as &str)).collect()
}

#[test]
fn every_character_that_a_mainland_name_may_use_can_be_typed() {
    let names = include_str!("../../assets/pinyin/8105.txt").trim_end();
    assert_eq!(names.chars().count(), 8105);
    for slot in [Slot::Surname, Slot::Given, Slot::Text] {
        assert_eq!(beyond_reach(names, slot, Script::Simplified), "", "{slot:?}");
    }
}

#[test]
fn every_traditional_form_can_be_typed_by_who_reads_it() {
    let forms: String = table().forms.values().flatten().copied().collect();
    assert!(forms.chars().count() > 2500);
    for slot in [Slot::Surname, Slot::Given, Slot::Text] {
        assert_eq!(beyond_reach(&forms, slot, Script::Traditional), "", "{slot:?}");
    }
}

proptest! {
    #[test]
    fn no_input_breaks_it(letters in "[a-zA-Zü:' 0-9é汉]{0,40}") {
        let scripts = [Script::Simplified, Script::Traditional];
        let slots = [Slot::Surname, Slot::Given, Slot::Text];
        for (slot, script) in slots.into_iter().flat_map(|slot| scripts.map(|script| (slot, script))) {
            let found = candidates(&letters, slot, script);
            prop_assert!(found.len() <= MAX_CANDIDATES);
            for candidate in found {
                prop_assert!((1..=letters.chars().count().min(MAX_LETTERS)).contains(&candidate.letters_used));
            }
        }
    }

    #[test]
    fn text_of_any_kind_does_not_break_it(letters in any::<String>()) {
        candidates(&letters, Slot::Given, Script::Simplified);
    }
}
