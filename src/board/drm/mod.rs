//! The kernel's display driver, spoken to directly: no desktop, no compositor. The connector is found by its name in the board
//! file, because the numbers of cards change from boot to boot. A display that goes (unplugged, taken by another program) is
//! no reason to end: doors and guards go on, and it is tried again.

mod console;
mod output;

use super::turn::Turn;
use super::{BoardError, Display, Frame, Outline};
use console::Graphics;
use embedded_graphics::prelude::Size;
use embedded_graphics::primitives::Rectangle;
pub use output::probe;
use output::{Output, OutputError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a display that is dark is tried again, and a lit one asked whether it is still plugged in.
const LOOK: Duration = Duration::from_secs(2);

/// What the board file says.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The connector's name in the kernel, such as `DSI-1`.
    pub connector: String,
    pub turn: Turn,
    /// The picture, after its rotation.
    pub picture: Size,
}

/// A display on a connector.
pub struct Panel {
    wanted: Wanted,
    output: Option<Output>,
    /// Whether it took the last picture; `None` before the first. A change is told once, not every two seconds.
    lit: Option<bool>,
    /// It has to be lit anew: it failed, or was unplugged and is back.
    dark: Arc<AtomicBool>,
    /// Dropped last: the text console comes back when nothing is drawn any more.
    _graphics: Option<Graphics>,
}

impl Panel {
    /// The display is lit with the first picture, or when it comes. `again` asks for the whole picture once more; it is called
    /// on a thread of its own while the display is dark.
    ///
    /// # Errors
    /// When the thread that looks after it cannot be started.
    pub fn open(wanted: Wanted, again: impl Fn() -> bool + Send + 'static) -> Result<Self, BoardError> {
        let dark = Arc::new(AtomicBool::new(false));
        let watched = (dark.clone(), wanted.clone());
        std::thread::Builder::new()
            .name("display".into())
            .spawn(move || look_after(&watched.0, &watched.1, again))
            .map_err(|error| BoardError::Open(format!("the thread of the display: {error}")))?;
        Ok(Panel { wanted, output: None, lit: None, dark, _graphics: Graphics::begin() })
    }

    fn show(&mut self, frame: &Frame, damage: &[Rectangle]) -> Result<&Output, OutputError> {
        let output = match self.output.take() {
            Some(output) => self.output.insert(output),
            None => self.output.insert(Output::light(&self.wanted)?),
        };
        output.show(frame, damage)?;
        Ok(output)
    }
}

impl Display for Panel {
    fn size(&self) -> Size {
        self.wanted.picture
    }

    fn present(&mut self, frame: &Frame, damage: &[Rectangle], _: &Outline) -> Result<(), BoardError> {
        if self.dark.swap(false, Ordering::Relaxed) {
            self.output = None;
            self.lit = self.lit.filter(|lit| !lit);
        }
        let before = self.lit;
        match self.show(frame, damage).map(Output::card) {
            Ok(card) if before != Some(true) => {
                tracing::info!(connector = self.wanted.connector, card, "the display is lit");
                self.lit = Some(true);
            }
            Ok(_) => {}
            Err(error) => {
                if before != Some(false) {
                    tracing::error!(connector = self.wanted.connector, %error, "no picture; it is tried again, and all else goes on");
                }
                self.lit = Some(false);
                self.output = None;
                self.dark.store(true, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    fn is_dark(&self) -> bool {
        self.dark.load(Ordering::Relaxed)
    }
}

/// Asks for the picture again for as long as the display is dark, and calls it dark when it was unplugged: what comes back has
/// to be lit anew.
fn look_after(dark: &AtomicBool, wanted: &Wanted, again: impl Fn() -> bool) {
    let mut plugged = true;
    loop {
        std::thread::sleep(LOOK);
        // Through sysfs, so that the one who looks needs no right to the card.
        let now = output::is_plugged(&wanted.connector);
        if now != plugged {
            tracing::warn!(connector = wanted.connector, plugged = now, "the display was plugged in or out");
        }
        if now && !plugged {
            dark.store(true, Ordering::Relaxed);
        }
        plugged = now;
        if dark.load(Ordering::Relaxed) && !again() {
            return;
        }
    }
}
