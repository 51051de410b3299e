//! The kiosk's hardware behind traits. A board shows frames, reports touches and contacts, drives lights and lamps; it knows
//! nothing of flows.

pub mod backlight;
pub mod browser;
pub mod drm;
mod frame;
pub mod gpio;
pub mod headless;
pub mod line;
mod outline;
mod plug;
pub mod printer;
mod queue;
pub mod scanner;
pub mod sound;
pub mod spi;
mod stale;
pub mod touch;
pub mod turn;

pub use frame::{Color, Frame};
pub use outline::{Outline, Part, Role};

use embedded_graphics::prelude::{Point, Size};
use embedded_graphics::primitives::Rectangle;

#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    #[error("the display was lost: {0}")]
    Lost(String),
    #[error("the display cannot be opened: {0}")]
    Open(String),
}

/// Hardware beside the glass that fails is counted, and the lobby goes on. `part`: backlight, gpio, sound.
fn count_fault(part: &'static str) {
    metrics::counter!("lobbyd_hardware_faults_total", "part" => part).increment(1);
}

/// Somewhere to show frames.
pub trait Display: Send {
    fn size(&self) -> Size;

    /// Shows the damaged parts of `frame`. Returns when the frame may be drawn on again. The outline says in words
    /// what the picture shows: for screen readers and for tests; a panel ignores it.
    fn present(&mut self, frame: &Frame, damage: &[Rectangle], outline: &Outline) -> Result<(), BoardError>;

    /// Whether nothing reaches the glass now: it is unplugged, or another program holds it.
    fn is_dark(&self) -> bool {
        false
    }
}

/// A finger, in the display's pixels. Only the first contact counts on a kiosk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    Down(Point),
    Move(Point),
    Up(Point),
    /// The driver lost track of the finger: forget the gesture.
    Cancel,
}
