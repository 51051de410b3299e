//! Input devices that come and go: a USB panel or a scanner appears seconds after the daemon, is pulled out and comes back under
//! another number. Found by its name, and read for as long as it is there. It opens nothing else under /dev/input but to see
//! what it is.

use super::BoardError;
use evdev::raw_stream::{self, RawDevice};
use std::io;
use std::thread;
use std::time::Duration;

/// How often a device that is not there is looked for.
const LOOK: Duration = Duration::from_secs(1);

/// A device of the board file.
pub struct Plug {
    /// What a person calls it; the name of its thread, too.
    pub what: &'static str,
    /// Part of its name in the kernel.
    pub name: String,
    /// Several devices may bear the name: a scanner has one for its volume keys, too.
    pub fits: fn(&RawDevice) -> bool,
}

impl Plug {
    /// Hands the device to `read`, on a thread of its own, each time that it appears; `read` gives back why it has gone.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn follow(self, mut read: impl FnMut(RawDevice) -> io::Error + Send + 'static) -> Result<(), BoardError> {
        let what = self.what;
        let follow = move || {
            let mut missed = false;
            loop {
                self.look(&mut missed, &mut read);
                thread::sleep(LOOK);
            }
        };
        let spawned = thread::Builder::new().name(what.into()).spawn(follow);
        spawned.map(drop).map_err(|error| BoardError::Open(format!("the thread of the {what}: {error}")))
    }

    fn look(&self, missed: &mut bool, read: &mut impl FnMut(RawDevice) -> io::Error) {
        let Plug { what, name, .. } = self;
        let wanted = |device: &RawDevice| device.name().is_some_and(|has| has.contains(name)) && (self.fits)(device);
        if let Some((path, device)) = raw_stream::enumerate().find(|(_, device)| wanted(device)) {
            *missed = false;
            tracing::info!(name, device = %path.display(), "the {what} is here");
            let error = read(device);
            tracing::warn!(name, %error, "the {what} has gone");
        } else if !std::mem::replace(missed, true) {
            tracing::warn!(name, "no {what} of this name: `lobbyd board probe` lists what is there");
        }
    }
}

/// The names of all devices of which this holds.
pub fn names(fits: fn(&RawDevice) -> bool) -> Vec<String> {
    let devices = raw_stream::enumerate().filter(|(_, device)| fits(device));
    devices.filter_map(|(_, device)| device.name().map(str::to_owned)).collect()
}
