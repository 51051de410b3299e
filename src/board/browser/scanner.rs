//! The scanner of the browser board: text that somebody pastes, drops or types beside the glass, for the demo and for tests. It
//! is a stranger's text: bounded here, read by the kiosk like any code, printed nowhere.

use serde_json::Value;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Bytes of one reading. The longest code that means anything to the kiosk has 300; a longer text is none.
const READING: usize = 512;

/// Readings that wait for the kiosk, which takes two a second: more were not meant for it.
const QUEUE: usize = 4;

pub struct Scanner(SyncSender<String>);

impl Scanner {
    pub fn new() -> (Scanner, Receiver<String>) {
        let (readings, received) = sync_channel(QUEUE);
        (Scanner(readings), received)
    }

    /// A reading for which there is no room is dropped: whoever holds a code there holds it a moment longer.
    pub fn tell(&self, reading: String) {
        if self.0.try_send(reading).is_err() {
            metrics::counter!("lobbyd_browser_ignored_total").increment(1);
        }
    }
}

/// What a page said: `{"scan":"V-1121-07"}`. `None` for anything else.
pub fn read(message: &str) -> Option<String> {
    let message: Value = serde_json::from_str(message).ok()?;
    let reading = message.get("scan")?.as_str()?;
    (1..=READING).contains(&reading.len()).then(|| reading.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_reading_is_ignored() {
        assert_eq!(read(r#"{"scan":"V-1121-07"}"#).as_deref(), Some("V-1121-07"));
        let long = format!(r#"{{"scan":"{}"}}"#, "A".repeat(READING + 1));
        for bad in ["", "{}", "[]", r#"{"scan":""}"#, r#"{"scan":5}"#, r#"{"scan":null}"#, &long] {
            assert_eq!(read(bad), None, "{bad:.40}");
        }
    }

    #[test]
    fn readings_that_nobody_takes_do_not_pile_up() {
        let (scanner, readings) = Scanner::new();
        (0..1_000).for_each(|_| scanner.tell("A".into()));
        assert_eq!(readings.try_iter().count(), QUEUE);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_ignored(message in any::<String>()) {
            read(&message);
        }
    }
}
