//! What comes on the office's `cmd/{name}` and `ack`. The first line is the name.
#![no_main]

use common::now;
use libfuzzer_sys::fuzz_target;
use lobbyd::service::office_command::{read, stored_through};

fuzz_target!(|bytes: &[u8]| {
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (name, payload) = bytes.split_at(at);
    drop(read(&String::from_utf8_lossy(name), payload, false, now()));
    assert!(read("ping", payload, true, now()).is_err(), "a retained command is never obeyed");
    let _ = stored_through(payload, true, "e1");
});
