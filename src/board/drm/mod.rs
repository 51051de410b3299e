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
use output::Output;
pub use output::probe;
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
    /// Whether the last attempt is known to have failed: said once, not every two seconds.
    told: bool,
    dark: Arc<AtomicBool>,
    /// Dropped last: the text console comes back when nothing is drawn any more.
    _graphics: Option<Graphics>,
}

impl Panel {
    /// Lights the display, or leaves it to be lit when it comes. `again` asks for the whole picture once more; it is called on
    /// a thread of its own while the display is dark.
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
        let mut panel = Panel { wanted, output: None, told: false, dark, _graphics: Graphics::begin() };
        panel.light();
        Ok(panel)
    }

    fn light(&mut self) -> Option<&mut Output> {
        if self.output.is_none() {
            match Output::light(&self.wanted) {
                Ok(output) => {
                    tracing::info!(connector = self.wanted.connector, card = output.card(), "the display is lit");
                    self.output = Some(output);
                    self.told = false;
                }
                Err(error) if !self.told => {
                    tracing::error!(connector = self.wanted.connector, %error, "no display; everything else goes on");
                    self.told = true;
                }
                Err(_) => {}
            }
        }
        self.dark.store(self.output.is_none(), Ordering::Relaxed);
        self.output.as_mut()
    }
}

impl Display for Panel {
    fn size(&self) -> Size {
        self.wanted.picture
    }

    fn present(&mut self, frame: &Frame, damage: &[Rectangle], _: &Outline) -> Result<(), BoardError> {
        if self.dark.load(Ordering::Relaxed) {
            self.output = None;
        }
        let Some(output) = self.light() else { return Ok(()) };
        if let Err(error) = output.show(frame, damage) {
            tracing::warn!(connector = self.wanted.connector, %error, "the display takes no picture; it will be tried again");
            self.output = None;
            self.dark.store(true, Ordering::Relaxed);
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
        if now && !plugged {
            dark.store(true, Ordering::Relaxed);
        }
        plugged = now;
        if dark.load(Ordering::Relaxed) && !again() {
            return;
        }
    }
}
