//! What can be pressed. The Debug of a key never prints the character, because it is a piece of somebody's name.

use super::ask::Title;
use super::language::Language;
use super::screens::Door;

/// What a target does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Press {
    Back,
    /// Primary, bottom right: the next page, submit, done.
    Next,
    Help,
    Emergency,
    /// To the languages.
    Language,
    Speak(Language),
    Large,
    /// The questions read aloud, or no longer.
    Aloud,
    /// A card of the home page or of a menu.
    Open(Door),
    /// The n-th tile of this page.
    Choose(u8),
    /// The n-th row of a read-back page.
    Edit(u8),
    /// How one likes to be addressed.
    Title(Title),
    /// The n-th of two answers that lead on.
    Way(u8),
    /// The next page of the tiles.
    Page,
    Retry,
    /// "Anything else?": home, the session goes on.
    More,
    /// The session is over.
    Finish,
    MoreTime,
    Key(Key),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    Char(char),
    Backspace,
    Space,
    Shift,
    /// The n-th candidate on this page of the strip.
    Candidate(u8),
    /// The letters as they were typed.
    Latin,
    MoreCandidates,
    Letters,
    Pinyin,
    Symbols,
    Digits,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}
