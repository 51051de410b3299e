//! A code that somebody shows or types: a release pass at the gate, a parcel at the desk. Made by whoever opens the case
//! (rules have no dice), from letters and digits that nobody mistakes for one another. Never printed in a log.

use serde::{Deserialize, Serialize};

/// Without I, O, 0 and 1.
pub const LETTERS: &str = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A code of `N` characters, in upper case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Code<const N: usize>(String);

/// What is wrong with a typed code. Never repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code")]
pub struct NotACode;

impl<const N: usize> Code<N> {
    /// Reads a code as people type it: blanks and hyphens do not count, small letters are large ones.
    ///
    /// # Errors
    /// When it is not made of `N` of the [`LETTERS`].
    pub fn parse(text: &str) -> Result<Self, NotACode> {
        let plain = text.chars().filter(|c| !matches!(c, ' ' | '-'));
        let code: String = plain.map(|c| c.to_ascii_uppercase()).collect();
        let fits = code.len() == N && code.chars().all(|c| LETTERS.contains(c));
        if fits { Ok(Code(code)) } else { Err(NotACode) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> std::fmt::Debug for Code<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

impl<const N: usize> TryFrom<String> for Code<N> {
    type Error = NotACode;

    fn try_from(text: String) -> Result<Self, NotACode> {
        Code::parse(&text)
    }
}

impl<const N: usize> From<Code<N>> for String {
    fn from(code: Code<N>) -> String {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_as_people_type_it_and_never_printed() {
        let code = Code::<8>::parse("k7fm-2 xyz").unwrap();
        assert_eq!(code.as_str(), "K7FM2XYZ");
        assert!(!format!("{code:?}").contains("K7"));
        for bad in ["", "K7FM2XY", "K7FM2XYZZ", "K7FM2XY0", "K7FM2XYO", "放行放行放行放行"] {
            assert!(Code::<8>::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_code_that_reads_back_or_none(text in any::<String>()) {
            if let Ok(code) = Code::<6>::parse(&text) {
                prop_assert_eq!(Code::<6>::parse(code.as_str()).unwrap(), code);
            }
        }
    }
}
