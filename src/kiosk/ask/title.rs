//! How somebody likes to be addressed.

use crate::kiosk::language::Language;
use crate::kiosk::strings::{Say, Words};
use crate::service::contact::Name;

/// What stands before or after a surname (R188). It is chosen or it is not; no name says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Title {
    Mr,
    Ms,
}

impl Title {
    pub(super) const ALL: [Title; 2] = [Title::Mr, Title::Ms];

    /// Stable name, what its key says, and the sentence that puts it to a name.
    pub(super) const fn words(self) -> (&'static str, Say, Say) {
        match self {
            Title::Mr => ("title.mr", Say::TitleMr, Say::CalledMr),
            Title::Ms => ("title.ms", Say::TitleMs, Say::CalledMs),
        }
    }

    /// 王女士: the surname, where a name has one that can be told; else in English the whole of it.
    pub fn of(self, name: &Name, words: &Words) -> Option<String> {
        let whole = (words.language() == Language::English).then_some(name.as_str());
        let name = name.surname().or(whole)?;
        Some(words.with(self.words().2, &[("name", name)]).into_owned())
    }

    /// Where it is the custom, and the words are there.
    pub(super) fn is_said_in(language: Language) -> bool {
        language.is_chinese() || language == Language::English
    }
}
