//! A line that is driven: off when it is taken, off when it is given back. Raspberry Pi kernels keep the level of a line whose
//! program has died (`pinctrl_bcm2835.persist_gpio_outputs`), others make it an input: so whoever starts, switches off first.

use super::{CONSUMER, GpioError, Wire};
use linux_embedded_hal::CdevPin;
use linux_embedded_hal::gpio_cdev::LineRequestFlags;

/// Something that is on or off.
pub trait Switch: Send {
    /// Brings it to this, where it is not there yet.
    fn set(&mut self, on: bool);
}

pub struct Output {
    wire: Wire,
    pin: Option<CdevPin>,
    is_on: bool,
    failed: bool,
}

impl Output {
    /// Switches it off. A line that is not there is looked for at every [`Switch::set`].
    pub fn open(wire: Wire) -> Self {
        let mut output = Output { wire, pin: None, is_on: false, failed: false };
        output.set(false);
        output
    }

    fn drive(&mut self, on: bool) -> Result<(), GpioError> {
        let pin = match self.pin.take() {
            Some(pin) if self.is_on == on => pin,
            Some(pin) => {
                // Of the pin itself and not of embedded-hal: its "high" is the level, and active may be low.
                pin.set_value(on.into()).map_err(|error| self.wire.refused(error))?;
                pin
            }
            None => {
                let flags = self.wire.flags(LineRequestFlags::OUTPUT);
                let handle = self.wire.find()?.request(flags, on.into(), CONSUMER);
                handle.and_then(CdevPin::new).map_err(|error| self.wire.refused(error))?
            }
        };
        (self.pin, self.is_on) = (Some(pin), on);
        Ok(())
    }
}

impl Switch for Output {
    fn set(&mut self, on: bool) {
        match self.drive(on) {
            Ok(()) if self.failed => {
                self.failed = false;
                tracing::info!(line = self.wire.name, "the GPIO line is here");
            }
            Ok(()) => {}
            Err(_) if self.failed => {}
            Err(error) => {
                self.failed = true;
                crate::board::count_fault("gpio");
                tracing::warn!("{error}");
            }
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if self.pin.is_some() {
            self.set(false);
        }
    }
}
