//! A USB scanner: for the kernel it is a keyboard. Found by the name in the board file, and had alone, or else the text console
//! would hear what it reads. What it reads is a stranger's text: printable, bounded, at most two readings a second, told to
//! nobody but the kiosk and printed nowhere.

pub mod decode;

use super::BoardError;
use super::plug::{self, Plug};
use decode::{Decoder, Told};
use evdev::raw_stream::RawDevice;
use evdev::{EventSummary, InputEvent, KeyCode, SynchronizationCode};
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, SystemTime};

/// Readings that wait for the kiosk, which takes two a second: more were not meant for it.
const QUEUE: usize = 4;

/// The scanner of the board file.
#[derive(Debug, Clone)]
pub struct Scanner {
    /// Part of the device's name in the kernel.
    pub name: String,
}

impl Scanner {
    /// Reads for as long as the daemon lives. A scanner that is not there yet is waited for.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn listen(self) -> Result<Receiver<String>, BoardError> {
        let (readings, received) = sync_channel(QUEUE);
        let plug = Plug { what: "scanner", name: self.name, fits: types_text };
        plug.follow(move |device| read(device, &readings))?;
        Ok(received)
    }
}

/// The names of all devices that type text: scanners, and keyboards.
pub fn probe() -> Vec<String> {
    plug::names(types_text)
}

/// Digits, letters and what ends a reading. A scanner's second device, for volume or power, has none of them.
fn types_text(device: &RawDevice) -> bool {
    let wanted = [KeyCode::KEY_1, KeyCode::KEY_A, KeyCode::KEY_ENTER];
    device.supported_keys().is_some_and(|keys| wanted.into_iter().all(|key| keys.contains(key)))
}

/// Reads until the device goes; gives why.
fn read(mut device: RawDevice, readings: &SyncSender<String>) -> io::Error {
    if let Err(error) = device.grab() {
        return io::Error::other(format!("another program has it, and would hear what it reads: {error}"));
    }
    let mut decoder = Decoder::default();
    loop {
        let events = match device.fetch_events() {
            Ok(events) => events,
            Err(error) => return error,
        };
        for (told, at) in events.filter_map(told) {
            let Some(reading) = decoder.feed(told, at) else { continue };
            match readings.try_send(reading) {
                Ok(()) => {}
                Err(TrySendError::Full(_)) => metrics::counter!("lobbyd_scans_ignored_total").increment(1),
                Err(TrySendError::Disconnected(_)) => return io::Error::other("the kiosk has ended"),
            }
        }
    }
}

/// The kernel's own time of each event: how late this thread came to it does not count.
fn told(event: InputEvent) -> Option<(Told, Duration)> {
    let at = event.timestamp().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let told = match event.destructure() {
        EventSummary::Key(_, key, 1) => Told::Down(key),
        EventSummary::Key(_, key, 0) => Told::Up(key),
        EventSummary::Synchronization(_, SynchronizationCode::SYN_DROPPED, _) => Told::Dropped,
        EventSummary::Synchronization(_, SynchronizationCode::SYN_REPORT, _) => Told::Report,
        // A key that repeats because it is held is no text: a scanner holds none.
        _ => return None,
    };
    Some((told, at))
}
