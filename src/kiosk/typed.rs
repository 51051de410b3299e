//! What a person has typed and not yet submitted. It lives in memory only, never moves (so that no copy stays behind
//! on the heap), is overwritten when it goes, and is never printed.

/// Text of limited length in one place of memory.
pub struct Typed {
    text: String,
    /// Most characters.
    limit: usize,
}

/// Most bytes of one character in UTF-8.
const WIDEST: usize = 4;

impl Typed {
    pub fn new(limit: usize) -> Self {
        Typed { text: String::with_capacity(limit * WIDEST), limit }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds one character; `false` where the text is full.
    pub fn push(&mut self, c: char) -> bool {
        let room = self.text.chars().count() < self.limit;
        if room {
            self.text.push(c);
        }
        room
    }

    pub fn push_str(&mut self, text: &str) {
        text.chars().all(|c| self.push(c));
    }

    pub fn pop(&mut self) -> bool {
        let Some(last) = self.text.chars().next_back() else { return false };
        let from = self.text.len() - last.len_utf8();
        self.overwrite(from);
        self.text.truncate(from);
        true
    }

    /// Drops the first `bytes` bytes, which end a character.
    pub fn drop_first(&mut self, bytes: usize) {
        let rest = self.text.len() - bytes;
        self.text.drain(..bytes);
        // The drained bytes lie behind the new end as a copy of the old one: write over them.
        let spaces = std::iter::repeat_n('\0', bytes);
        self.text.extend(spaces);
        self.text.truncate(rest);
    }

    /// Overwrites and empties.
    pub fn wipe(&mut self) {
        self.overwrite(0);
        self.text.clear();
    }

    /// Turns everything from `from` into zero bytes of the same length.
    fn overwrite(&mut self, from: usize) {
        let bytes = self.text.len() - from;
        self.text.truncate(from);
        self.text.extend(std::iter::repeat_n('\0', bytes));
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        self.wipe();
        // The optimiser may drop writes that nobody reads; this is a read.
        std::hint::black_box(&self.text);
    }
}

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_stays_in_one_place_and_is_gone_after_a_wipe() {
        let mut typed = Typed::new(40);
        let place = typed.text.as_ptr();
        typed.push_str(&"买买提·艾力".repeat(20));
        assert_eq!(typed.as_str().chars().count(), 40);
        assert_eq!(typed.text.as_ptr(), place, "no copy of it was left behind");
        typed.overwrite(0);
        assert!(typed.text.bytes().all(|byte| byte == 0));
        assert_eq!(typed.text.as_ptr(), place);
        typed.wipe();
        assert!(typed.is_empty());
    }

    #[test]
    fn taking_letters_from_either_end_keeps_the_rest() {
        let mut typed = Typed::new(20);
        typed.push_str("wangwei");
        typed.drop_first(4);
        assert_eq!(typed.as_str(), "wei");
        assert!(typed.pop());
        assert_eq!(typed.as_str(), "we");
        assert!(typed.pop() && typed.pop() && !typed.pop());
    }

    #[test]
    fn debug_never_shows_it() {
        let mut typed = Typed::new(20);
        typed.push_str("wang");
        assert_eq!(format!("{typed:?}"), "Typed(…)");
    }
}
