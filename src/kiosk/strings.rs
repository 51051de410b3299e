//! Every sentence on the glass, in each language, from `assets/strings/*.ftl` (Fluent). Manner is law here: tests refuse the
//! company's forbidden phrases (R193-R197) and anything that blames (R219). It must never show an empty or half-filled sentence.

use super::language::Language;
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use std::borrow::Cow;

impl Language {
    const fn source(self) -> &'static str {
        match self {
            Language::Chinese => include_str!("../../assets/strings/zh-Hans.ftl"),
            Language::Traditional => include_str!("../../assets/strings/zh-Hant.ftl"),
            Language::English => include_str!("../../assets/strings/en.ftl"),
            Language::Japanese => include_str!("../../assets/strings/ja.ftl"),
            Language::Korean => include_str!("../../assets/strings/ko.ftl"),
            Language::French => include_str!("../../assets/strings/fr.ftl"),
            Language::German => include_str!("../../assets/strings/de.ftl"),
        }
    }
}

macro_rules! sentences {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// A sentence by its name in the Fluent files. The compiler says which ones nobody uses.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Say { $($variant),+ }

        impl Say {
            #[cfg(test)]
            const NAMES: &'static [&'static str] = &[$($name),+];

            const fn name(self) -> &'static str {
                match self { $(Say::$variant => $name),+ }
            }
        }
    };
}

// The sentences of `assets/strings/zh-Hans.ftl`, as `build.rs` lists them.
include!(concat!(env!("OUT_DIR"), "/say.rs"));

/// The sentences of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    pub fn new(language: Language) -> Self {
        let tag = language.tag().parse().expect("the tags above are BCP 47");
        let mut bundle = FluentBundle::new(vec![tag]);
        // Without this every variable is wrapped in direction marks, which the faces lack.
        bundle.set_use_isolating(false);
        // What a language lacks is said in English. A line that cannot be read is found by the tests below; a kiosk shows
        // what it has.
        let fallback = (!language.is_complete()).then_some(Language::English);
        for language in fallback.into_iter().chain([language]) {
            let resource = FluentResource::try_new(language.source().to_owned()).unwrap_or_else(|(rest, _)| rest);
            bundle.add_resource_overriding(resource);
        }
        Words { language, bundle }
    }

    /// BCP 47 tag of what is spoken.
    pub fn language(&self) -> Language {
        self.language
    }

    pub fn say(&self, sentence: Say) -> Cow<'_, str> {
        self.with(sentence, &[])
    }

    pub fn with(&self, sentence: Say, values: &[(&str, &str)]) -> Cow<'_, str> {
        let Some(pattern) = self.bundle.get_message(sentence.name()).and_then(|message| message.value()) else {
            return Cow::Borrowed(sentence.name());
        };
        let mut arguments = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            arguments.set(*name, (*value).to_owned());
        }
        let mut faults = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&arguments), &mut faults).into_owned();
        debug_assert!(faults.is_empty(), "{}: {faults:?}", sentence.name());
        Cow::Owned(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Each sentence's text by name.
    fn sentences(language: Language) -> BTreeMap<&'static str, &'static str> {
        let lines = language.source().lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines.map(|line| line.split_once(" = ").unwrap_or_else(|| panic!("one sentence a line: {line}"))).collect()
    }

    fn variables(text: &str) -> BTreeSet<&str> {
        text.split("{ $").skip(1).map(|rest| rest.split(" }").next().unwrap()).collect()
    }

    /// What a visitor, somebody in need and somebody who asks for a person meets: said in every language. Everything
    /// else may be English in a language that is not complete.
    const EVERYWHERE: [&str; 39] = [
        "invitation",
        "language",
        "help",
        "emergency",
        "large",
        "normal",
        "contrast",
        "read",
        "back",
        "leave",
        "next",
        "step",
        "week",
        "or",
        "more",
        "still",
        "greeting",
        "home",
        "alarm",
        "visit",
        "purpose",
        "unit",
        "phone",
        "name",
        "tail",
        "text",
        "key",
        "sign-out",
        "anything",
        "done",
        "finish",
        "trouble",
        "retry",
        "idle",
        "services",
        "host",
        "section-way",
        "page-next",
        "entry",
    ];

    #[test]
    fn every_language_has_every_sentence_and_no_other() {
        let names: BTreeSet<&str> = Say::NAMES.iter().copied().collect();
        for language in Language::ALL {
            let said: BTreeSet<&str> = sentences(language).into_keys().collect();
            let unknown: Vec<_> = said.difference(&names).collect();
            assert!(unknown.is_empty(), "{} has what nobody says: {unknown:?}", language.tag());
            let needed = |name: &&&str| language.is_complete() || EVERYWHERE.iter().any(|part| name.starts_with(part));
            let missing: Vec<_> = names.difference(&said).filter(needed).collect();
            assert!(missing.is_empty(), "{} lacks {missing:?}", language.tag());
            assert!(FluentResource::try_new(language.source().to_owned()).is_ok());
        }
    }

    #[test]
    fn a_sentence_takes_the_same_variables_in_every_language() {
        let chinese = sentences(Language::Chinese);
        for language in Language::ALL {
            for (name, text) in sentences(language) {
                assert_eq!(variables(text), variables(chinese[name]), "{} {name}", language.tag());
            }
        }
    }

    #[test]
    fn what_a_language_lacks_is_said_in_english() {
        let (french, english) = (Words::new(Language::French), Words::new(Language::English));
        assert_eq!(french.say(Say::ComplaintEntry), english.say(Say::ComplaintEntry));
        assert_ne!(french.say(Say::Help), english.say(Say::Help));
    }

    #[test]
    fn no_sentence_holds_a_phrase_that_the_company_forbids() {
        // R190, R193-R197, R145, R142, R219, in both scripts, and their likes in the other languages.
        let forbidden = [
            "不知道",
            "不清楚",
            "喂",
            "他",
            "她",
            "与我无关",
            "與我無關",
            "不是我的事",
            "开发商",
            "開發商",
            "开发公司",
            "開發公司",
            "一定能",
            "保证",
            "保證",
            "错误",
            "錯",
            "您填错",
            "非法",
            "无效",
            "失败",
            "禁止",
            "不能",
            "與我無關",
            "無效",
            "失敗",
            "您填錯",
            "一定可以",
            "わかりません",
            "知りません",
            "無効",
            "エラー",
            "禁じ",
            "間違",
            "絶対",
            "모릅니다",
            "모르겠",
            "잘못",
            "오류",
            "금지",
            "무효",
            "je ne sais",
            "erreur",
            "invalide",
            "interdit",
            "incorrect",
            "garanti",
            "weiß nicht",
            "fehler",
            "ungültig",
            "verboten",
            "falsch",
            "garantier",
            "invalid",
            "error",
            "illegal",
            "wrong",
            "fail",
            "must",
            "don't know",
            "not my",
            "forbidden",
            "not allowed",
        ];
        // Words that hold such a character and are none of those phrases.
        let innocent = ["其他", "その他"];
        for language in Language::ALL {
            for (name, text) in sentences(language) {
                let mut bare = text.to_lowercase();
                for word in innocent {
                    bare = bare.replace(word, "");
                }
                let found = forbidden.iter().find(|phrase| bare.contains(**phrase));
                assert!(found.is_none(), "{name} says {:?}: {text}", found.unwrap());
            }
        }
    }

    #[test]
    fn chinese_uses_its_own_punctuation() {
        for language in [Language::Chinese, Language::Traditional] {
            for (name, text) in sentences(language) {
                assert!(!text.contains([',', '?', '!', ';']), "{name}: {text}");
            }
        }
    }

    #[test]
    fn a_value_stands_in_its_sentence_as_it_is() {
        let words = Words::new(Language::Chinese);
        assert_eq!(words.with(Say::Step, &[("n", "2"), ("of", "4")]), "第 2 步，共 4 步");
    }
}
