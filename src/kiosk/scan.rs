//! What the scanner has read: text from a stranger's telephone. It is bounded and plain before anything looks at it, it is no
//! key press, and it is printed nowhere, for whoever has it may come in with it.

use crate::service::invitation::MAX_TEXT;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// A reader that is held on a code tells it several times a second; no person needs more than two.
pub const PAUSE: Duration = Duration::from_millis(500);

/// How long a code must be out of the reader's sight before it counts again: a telephone that was held for two seconds came in three
/// times with an invitation for several.
pub const HELD: Duration = Duration::from_secs(2);

/// One reading.
#[derive(Clone, PartialEq, Eq)]
pub struct Scan(String);

impl Scan {
    /// `None` for anything but 1 to [`MAX_TEXT`] letters, digits and signs of ASCII, without blanks. The scanner's line end is
    /// no part of it.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim_end_matches(['\r', '\n']);
        let plain = (1..=MAX_TEXT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        plain.then(|| Scan(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// By which it is known again without being kept.
    pub fn mark(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
    }
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scan(…)")
    }
}
