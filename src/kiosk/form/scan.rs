//! A form before the scanner: a reading is the answer to the question on the glass, or helps with it. It is hostile text; the
//! question says what it may be, and nothing else is taken.

use super::walk::{Form, State};
use crate::kiosk::scan::Scan;
use crate::kiosk::screens::{Lobby, Turn};
use crate::kiosk::strings::Say;

/// What the scanner has read, at a question that asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// The answer: it goes on.
    Whole,
    /// It helps, and this is still asked.
    Part(Say),
}

impl Form {
    pub(super) fn takes_scan(&self, scan: &Scan) -> bool {
        let State::Asking(n) = self.state else { return false };
        self.question(n).scan.is_some_and(|read| read(scan).is_some())
    }

    pub(super) fn take_scan(&mut self, scan: &Scan, lobby: &Lobby) -> Turn {
        let State::Asking(n) = self.state else { return Turn::Stay };
        let Some(read) = self.question(n).scan else { return Turn::Stay };
        let wish = match read(scan) {
            Some(Read::Whole) => {
                self.answers.take_scan(n, scan.clone(), true);
                return self.submit(lobby);
            }
            Some(Read::Part(wish)) => {
                self.answers.take_scan(n, scan.clone(), false);
                wish
            }
            None => Say::ScanUnknown,
        };
        if let Some(ask) = self.ask_mut(n) {
            ask.note(wish);
        }
        Turn::Stay
    }
}
