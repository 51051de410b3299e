//! What a survey asks: a code for the figures and a sentence in each language for the glass. They are the company's own
//! words, shown to everybody: they may stand in the case, and are looked at like everything that residents read (R195).

use super::Extent;
use crate::event::Slug;
use crate::service::contact::Text;
use crate::service::wording;
use serde::{Deserialize, Serialize};

/// Questions of one survey. One a screen and one touch each: eight take less than a minute.
pub const MAX_QUESTIONS: usize = 8;
/// Characters of one question: two lines on the smallest glass.
pub const MAX_QUESTION: usize = 60;

/// One question, answered with one to five stars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// In figures: `attitude`.
    pub code: Slug,
    #[serde(rename = "zh-Hans")]
    pub simplified: Text,
    #[serde(rename = "zh-Hant")]
    pub traditional: Text,
    pub en: Text,
}

impl Question {
    /// In this language, BCP 47; English where it has no words of its own.
    pub fn words(&self, language: &str) -> &str {
        match language {
            "zh-Hans" => self.simplified.as_str(),
            "zh-Hant" => self.traditional.as_str(),
            _ => self.en.as_str(),
        }
    }

    /// Short enough for the glass, and nothing in it that is not said to a resident.
    pub fn may_be_asked(&self) -> bool {
        let said = [&self.simplified, &self.traditional, &self.en];
        said.iter().all(|text| text.as_str().chars().count() <= MAX_QUESTION && wording::passes(text).is_ok())
    }
}

/// R282-R291: what is asked where nobody has written other questions. Those of a pulse are marked.
const USUAL: [(&str, bool, [&str; 3]); 6] = [
    (
        "attitude",
        true,
        ["您对我们的服务态度满意吗？", "您對我們的服務態度滿意嗎？", "How do you find the way we treat you?"],
    ),
    (
        "speed",
        true,
        ["您对我们办事的速度满意吗？", "您對我們辦事的速度滿意嗎？", "How do you find the time that we take?"],
    ),
    (
        "quality",
        false,
        ["您对维修和服务的质量满意吗？", "您對維修和服務的質素滿意嗎？", "How do you find the work that we do?"],
    ),
    (
        "cleanliness",
        false,
        ["您对公共地方的清洁满意吗？", "您對公共地方的清潔滿意嗎？", "How do you find the cleanliness here?"],
    ),
    (
        "order",
        false,
        ["您对这里的秩序和安全满意吗？", "您對這裡的秩序和安全滿意嗎？", "How do you find order and safety here?"],
    ),
    ("overall", true, ["总的来说，您对我们满意吗？", "總的來說，您對我們滿意嗎？", "All in all, how do you find us?"]),
];

/// The usual questions: short in a pulse, all of them once a year.
pub fn usual(kind: Extent) -> Vec<Question> {
    let text = |words: &str| Text::parse(words).expect("a constant sentence");
    USUAL
        .iter()
        .filter(|(_, pulse, _)| *pulse || kind == Extent::Yearly)
        .map(|(code, _, [simplified, traditional, en])| Question {
            code: Slug::from_text(code),
            simplified: text(simplified),
            traditional: text(traditional),
            en: text(en),
        })
        .collect()
}
