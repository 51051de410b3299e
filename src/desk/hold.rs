//! In a debug build every event is held to what its kind promises the office (`service::contract`) before it is stored. One that differs
//! ends the process with a word on its standard error: a desk that only panicked would leave a test waiting for what never comes. Not in what ships.

use crate::event::Event;
use crate::service::contract;
use std::io::Write;

pub(super) fn hold(event: &Event) {
    if let Err(fault) = contract::check(event.kind, &event.data, event.person.as_ref()) {
        // Not `eprintln!`: a test keeps that to itself, and is not there any more to show it.
        let _ = writeln!(std::io::stderr(), "{fault}");
        std::process::abort();
    }
}
