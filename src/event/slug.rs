//! A name that may stand in an MQTT topic level: `a-z 0-9 - _`, never empty, at most 64 bytes. Vendors call
//! doors `Door Lock`, `Entrée` and `/front`; a slug is what is left that a subscriber can type.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Longest slug in bytes. A topic of the contract holds three of them and stays well below 256 bytes.
pub const MAX_SLUG: usize = 64;

/// Shared: a ladder names each post, and ladders are copied with every step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Slug(Arc<str>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a slug: use a-z, 0-9, - and _, 1 to {MAX_SLUG} characters (it stands in MQTT topics)")]
pub struct NotASlug(pub String);

impl Slug {
    /// Takes text that must already be a slug, such as a configured id.
    pub fn new(text: &str) -> Result<Self, NotASlug> {
        let fits = !text.is_empty() && text.len() <= MAX_SLUG && text.bytes().all(is_slug_byte);
        if fits { Ok(Slug(text.into())) } else { Err(NotASlug(text.to_owned())) }
    }

    /// Makes a slug of any text. Text that has no ASCII letter or digit, or is shortened, gets a hash of the
    /// whole at its end, so that `北门` and `南门` stay two doors.
    pub fn from_text(text: &str) -> Self {
        // Nearly all are: what the journal holds, and most devices' own names.
        if (1..=MAX_SLUG).contains(&text.len()) && text.bytes().all(|b| is_slug_byte(b) && b != b'-') {
            return Slug(text.into());
        }
        let mut slug = String::new();
        let mut lossy = false;
        for c in text.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() || c == '_' {
                slug.push(c);
            } else {
                lossy |= !c.is_ascii();
                if !slug.is_empty() && !slug.ends_with('-') {
                    slug.push('-');
                }
            }
        }
        slug.truncate(slug.trim_end_matches('-').len());
        if lossy || slug.is_empty() || slug.len() > MAX_SLUG {
            let hash = super::id::short_hash(text.as_bytes());
            slug.truncate(MAX_SLUG - hash.len() - 1);
            slug = if slug.is_empty() { format!("x-{hash}") } else { format!("{slug}-{hash}") };
        }
        Slug(slug.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_slug_byte(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_'
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Slug {
    type Error = NotASlug;

    fn try_from(text: String) -> Result<Self, NotASlug> {
        Slug::new(&text)
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> String {
        slug.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vendor_names_become_topic_levels() {
        assert_eq!(Slug::from_text("Door Lock").as_str(), "door-lock");
        assert_eq!(Slug::from_text("/front/door").as_str(), "front-door");
        assert_eq!(Slug::from_text("0x00158e5202e6be17").as_str(), "0x00158e5202e6be17");
        assert!(Slug::from_text("Entrée").as_str().starts_with("entr-e-"));
    }

    #[test]
    fn names_without_ascii_stay_apart() {
        assert_ne!(Slug::from_text("北门"), Slug::from_text("南门"));
    }

    #[test]
    fn a_configured_id_is_not_bent_into_shape() {
        assert!(Slug::new("gate-a").is_ok());
        for bad in ["", "Gate A", "gate/a", "gate+", "#"] {
            assert!(Slug::new(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_becomes_a_valid_slug(text in ".{0,200}") {
            prop_assert!(Slug::new(Slug::from_text(&text).as_str()).is_ok());
        }
    }
}
