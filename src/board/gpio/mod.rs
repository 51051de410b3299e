//! Lines of a GPIO chip, found by their names and never by a number: contacts that are heard, lamps and buzzers that are
//! driven. Nothing here knows what a line is for, and none of them opens a door (`config/gpio.rs`).

mod contact;
mod debounce;
mod output;
mod pulse;

pub use contact::{Contact, Reading};
pub use output::{Output, Switch};
pub use pulse::Pulse;

use crate::config::gpio::Pull;
use linux_embedded_hal::gpio_cdev::{self, LineRequestFlags};

/// What the kernel shows as the user of a line.
const CONSUMER: &str = "lobbyd";

/// A line of the board file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire {
    /// The kernel's name of it, such as `GPIO17`.
    pub name: String,
    /// Active is the low level; the kernel turns it round.
    pub active_low: bool,
    pub pull: Option<Pull>,
}

#[derive(Debug, thiserror::Error)]
pub enum GpioError {
    #[error("no GPIO line is called {0}: gpioinfo shows the names")]
    Missing(String),
    #[error("the GPIO line {0} is used by \"{1}\"")]
    Taken(String, String),
    #[error("the GPIO line {0} cannot be had: {1}")]
    Refused(String, gpio_cdev::Error),
}

impl Wire {
    fn find(&self) -> Result<gpio_cdev::Line, GpioError> {
        let (line, consumer) = find(&self.name).ok_or_else(|| GpioError::Missing(self.name.clone()))?;
        match consumer {
            Some(consumer) => Err(GpioError::Taken(self.name.clone(), consumer)),
            None => Ok(line),
        }
    }

    fn refused(&self, error: gpio_cdev::Error) -> GpioError {
        GpioError::Refused(self.name.clone(), error)
    }

    fn flags(&self, way: LineRequestFlags) -> LineRequestFlags {
        // linux/gpio.h, since Linux 5.5: GPIOHANDLE_REQUEST_BIAS_PULL_UP, _PULL_DOWN, _DISABLE. The crate has no names for them.
        let pull = match self.pull {
            None => 0,
            Some(Pull::Up) => 1 << 5,
            Some(Pull::Down) => 1 << 6,
            Some(Pull::Off) => 1 << 7,
        };
        let active = if self.active_low { LineRequestFlags::ACTIVE_LOW } else { LineRequestFlags::empty() };
        way | active | LineRequestFlags::from_bits_retain(pull)
    }
}

/// The line of this name, of whichever chip, and who uses it.
fn find(name: &str) -> Option<(gpio_cdev::Line, Option<String>)> {
    // A chip that this user may not open has no lines for it.
    let chips = gpio_cdev::chips().ok()?.flatten();
    let mut lines = chips.flat_map(|chip| chip.lines().collect::<Vec<_>>());
    lines.find_map(|line| {
        let info = line.info().ok().filter(|info| info.name() == Some(name))?;
        let consumer = info.consumer().map(str::to_owned).or_else(|| info.is_kernel().then(|| "the kernel".to_owned()));
        Some((line, consumer))
    })
}

/// Whether the line is there, and free or this daemon's own.
pub fn probe(name: &str) -> Result<(), GpioError> {
    match find(name) {
        None => Err(GpioError::Missing(name.to_owned())),
        Some((_, Some(consumer))) if consumer != CONSUMER => Err(GpioError::Taken(name.to_owned(), consumer)),
        Some(_) => Ok(()),
    }
}
