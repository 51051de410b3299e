//! A USB device that says it is a scanner: any keys at any times. Readings are printable, bounded, and two a second at most.
#![no_main]

use evdev::KeyCode;
use libfuzzer_sys::fuzz_target;
use lobbyd::board::scanner::decode::{Decoder, MOST, PAUSE, Told};
use lobbyd::kiosk::Scan;
use std::time::Duration;

fuzz_target!(|bytes: &[u8]| {
    let (mut decoder, mut at) = (Decoder::default(), Duration::from_secs(1_795_000_000));
    let mut last: Option<Duration> = None;
    for event in bytes.chunks_exact(3) {
        let [what, key, after] = [event[0], event[1], event[2]];
        // A clock that is set back, too.
        let step = Duration::from_millis(u64::from(after));
        at = if what & 0x40 != 0 { at.saturating_sub(step) } else { at + step };
        let key = KeyCode(u16::from(key) | u16::from(what & 0x30) << 4);
        let told = match what & 0x03 {
            0 => Told::Down(key),
            1 => Told::Up(key),
            2 => Told::Report,
            _ => Told::Dropped,
        };
        let Some(reading) = decoder.feed(told, at) else { continue };
        assert!((1..=MOST).contains(&reading.len()) && reading.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        assert!(last.is_none_or(|last| at < last || at - last >= PAUSE), "at most two a second");
        last = Some(at);
        let scan = Scan::new(&reading);
        assert!(scan.is_none_or(|scan| !scan.as_str().contains(' ') && format!("{scan:?}") == "Scan(…)"));
    }
});
