//! Lines of a GPIO chip, found by their names and never by a number: contacts that are heard, lamps and buzzers that are
//! driven. Nothing here knows what a line is for, and none of them opens a door (`config/gpio.rs`).

mod contact;
mod debounce;
mod output;
mod pulse;

pub use contact::{Contact, Reading};
pub use output::{Output, Switch};
pub use pulse::Pulse;

use super::line::{self, LineError};
use crate::config::gpio::Pull;
use linux_embedded_hal::gpio_cdev::{self, Line, LineRequestFlags};

/// What the kernel shows as the user of a line.
pub const CONSUMER: &str = "lobbyd";

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
    #[error(transparent)]
    Line(#[from] LineError),
    #[error("GPIO line \"{0}\" is used by \"{1}\"")]
    Taken(String, String),
}

impl Wire {
    fn find(&self) -> Result<Line, GpioError> {
        let line = line::find(&self.name)?;
        match consumer(&line).map_err(|error| self.refused(error))? {
            Some(consumer) => Err(GpioError::Taken(self.name.clone(), consumer)),
            None => Ok(line),
        }
    }

    fn refused(&self, error: gpio_cdev::Error) -> GpioError {
        LineError::Refused { name: self.name.clone(), error }.into()
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

/// Who uses the line, as the kernel names it.
fn consumer(line: &Line) -> Result<Option<String>, gpio_cdev::Error> {
    let info = line.info()?;
    Ok(info.consumer().map(str::to_owned).or_else(|| info.is_kernel().then(|| "the kernel".to_owned())))
}

/// Whether the line is there, and free or the daemon's own: used by `own`.
pub fn probe(name: &str, own: &str) -> Result<(), GpioError> {
    match consumer(&line::find(name)?) {
        Ok(Some(consumer)) if consumer != own => Err(GpioError::Taken(name.to_owned(), consumer)),
        Ok(_) => Ok(()),
        Err(error) => Err(LineError::Refused { name: name.to_owned(), error }.into()),
    }
}
