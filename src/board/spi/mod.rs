//! A bare panel on the SPI bus, for which the kernel has no display driver: mipidsi knows its controller, spidev carries the
//! bytes. The last choice (docs/boards.md): the bus is slow, so only damage is sent, and it never says whether a panel hears it.
//! What cannot be opened is tried again; doors and guards go on.

mod output;
#[cfg(test)]
mod tests;
mod wire;

use super::stale::Stale;
use super::turn::Turn;
use super::{BoardError, Display, Frame, Outline};
use crate::config::board::Spi;
use embedded_graphics::prelude::Size;
use embedded_graphics::primitives::Rectangle;
pub use output::CONSUMER;
use output::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a panel that cannot be opened is tried again.
const LOOK: Duration = Duration::from_secs(2);

/// What the board file says.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub wiring: Spi,
    pub turn: Turn,
    /// The picture, after its rotation.
    pub picture: Size,
}

/// A panel on a bus.
pub struct Panel {
    wanted: Wanted,
    output: Option<Output>,
    /// What the panel's own memory does not have yet.
    stale: Stale,
    /// Whether the last attempt is known to have failed: said once, not every two seconds.
    told: bool,
    dark: Arc<AtomicBool>,
}

impl Panel {
    /// Lights the panel, or leaves it to be lit later. `again` asks for the picture once more; it is called on a thread of its
    /// own while the panel is dark.
    ///
    /// # Errors
    /// When the thread that looks after it cannot be started.
    pub fn open(wanted: Wanted, again: impl Fn() -> bool + Send + 'static) -> Result<Self, BoardError> {
        let dark = Arc::new(AtomicBool::new(false));
        let watched = dark.clone();
        std::thread::Builder::new()
            .name("display".into())
            .spawn(move || look_after(&watched, again))
            .map_err(|error| BoardError::Open(format!("the thread of the display: {error}")))?;
        let stale = Stale::all(wanted.picture);
        let mut panel = Panel { wanted, output: None, stale, told: false, dark };
        panel.light();
        Ok(panel)
    }

    fn light(&mut self) {
        if self.output.is_some() {
            return;
        }
        let device = self.wanted.wiring.device.display();
        match output::light(&self.wanted) {
            Ok(output) => {
                tracing::info!(%device, controller = ?self.wanted.wiring.model, "the panel is lit");
                self.output = Some(output);
                self.stale = Stale::all(self.wanted.picture);
                self.told = false;
            }
            Err(error) if !self.told => {
                tracing::error!(%device, %error, "no display; everything else goes on");
                self.told = true;
            }
            Err(_) => {}
        }
        self.dark.store(self.output.is_none(), Ordering::Relaxed);
    }
}

impl Display for Panel {
    fn size(&self) -> Size {
        self.wanted.picture
    }

    fn present(&mut self, frame: &Frame, damage: &[Rectangle], _: &Outline) -> Result<(), BoardError> {
        self.light();
        let Some(output) = &mut self.output else { return Ok(()) };
        self.stale.add(damage);
        if let Err(error) = self.stale.take().iter().try_for_each(|part| output.lit.show(frame, part)) {
            let device = self.wanted.wiring.device.display();
            tracing::warn!(%device, %error, "the panel takes no picture; it will be tried again");
            self.output = None;
            self.dark.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    fn is_dark(&self) -> bool {
        self.dark.load(Ordering::Relaxed)
    }
}

impl Drop for Panel {
    fn drop(&mut self) {
        // A controller shows its memory for as long as it has power: the last visitor's screen must not stay after the daemon.
        if let Some(output) = &mut self.output
            && let Err(error) = output.lit.darken()
        {
            tracing::warn!(%error, "the panel keeps its last picture");
        }
    }
}

/// Asks for the picture again for as long as the panel is dark.
fn look_after(dark: &AtomicBool, again: impl Fn() -> bool) {
    loop {
        std::thread::sleep(LOOK);
        if dark.load(Ordering::Relaxed) && !again() {
            return;
        }
    }
}
