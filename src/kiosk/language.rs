//! The languages of the glass. It begins in the site's and changes for one session; what was typed stays.

/// A language of the glass, in the order in which it is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Simplified characters.
    Chinese,
    /// Traditional characters.
    Traditional,
    English,
    Japanese,
    Korean,
    French,
    German,
}

impl Language {
    pub const ALL: [Language; 7] = [
        Language::Chinese,
        Language::Traditional,
        Language::English,
        Language::Japanese,
        Language::Korean,
        Language::French,
        Language::German,
    ];

    /// BCP 47.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-Hans",
            Language::Traditional => "zh-Hant",
            Language::English => "en",
            Language::Japanese => "ja",
            Language::Korean => "ko",
            Language::French => "fr",
            Language::German => "de",
        }
    }

    pub fn from_tag(tag: &str) -> Option<Self> {
        Language::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// What it calls itself: whoever looks for it reads no other.
    pub const fn own_name(self) -> &'static str {
        match self {
            Language::Chinese => "简体中文",
            Language::Traditional => "繁體中文",
            Language::English => "English",
            Language::Japanese => "日本語",
            Language::Korean => "한국어",
            Language::French => "Français",
            Language::German => "Deutsch",
        }
    }

    /// Names are typed as characters, through pinyin.
    pub const fn is_chinese(self) -> bool {
        matches!(self, Language::Chinese | Language::Traditional)
    }

    /// Says every sentence. The others say what a visitor and somebody in need must know, and the rest in English.
    pub const fn is_complete(self) -> bool {
        matches!(self, Language::Chinese | Language::Traditional | Language::English)
    }
}
