//! In a debug build every event is held to what its kind promises the office (`service::contract`) before it is stored: what the desk decides, and what
//! the journal tells of itself. One that differs ends the process with a word on its standard error: a desk that only panicked would leave a test
//! waiting for what never comes. Not in what ships.

use super::{Appended, Journal, JournalError};
use crate::event::{Event, Now};

pub fn hold_to_contract(event: &Event) {
    #[cfg(all(feature = "contract", debug_assertions))]
    if let Err(fault) = crate::service::contract::check(event.kind, &event.data, event.person.as_ref()) {
        use std::io::Write;
        // Not `eprintln!`: a test keeps that to itself, and is not there any more to show it.
        let _ = writeln!(std::io::stderr(), "{fault}");
        std::process::abort();
    }
    let _ = event;
}

impl Journal {
    /// Stores what the journal tells of itself.
    pub(super) fn tell(&mut self, event: &Event, now: Now) -> Result<Appended, JournalError> {
        hold_to_contract(event);
        self.append(event, now)
    }
}
