//! Bytes to the controller: a command with the line D/C low, its data with the line high, no message longer than spidev takes.
//! Written here rather than taken from mipidsi because this one owns its buffer, so that a panel can be lit anew as often as it
//! must, and because it sends no message of no bytes.

use embedded_hal::digital::OutputPin;
use embedded_hal::spi::SpiDevice;
use mipidsi::interface::{Interface, InterfaceKind};
use std::fmt::Debug;

/// The longest message of spidev unless its `bufsiz` was raised; a longer one is refused with EMSGSIZE (rust-spidev#12).
pub const MESSAGE: usize = 4096;

#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("the SPI bus: {0}")]
    Bus(String),
    #[error("the D/C line: {0}")]
    Line(String),
}

pub struct Wire<S, P> {
    bus: S,
    dc: P,
    /// Pixels on their way.
    buffer: Vec<u8>,
}

impl<S: SpiDevice, P: OutputPin> Wire<S, P> {
    pub fn new(bus: S, dc: P) -> Self {
        Wire { bus, dc, buffer: Vec::with_capacity(MESSAGE) }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        let mut messages = bytes.chunks(MESSAGE);
        messages.try_for_each(|message| self.bus.write(message)).map_err(bus)
    }

    /// Sends what has gathered.
    fn flush(&mut self) -> Result<(), WireError> {
        if !self.buffer.is_empty() {
            self.bus.write(&self.buffer).map_err(bus)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

fn bus(error: impl Debug) -> WireError {
    WireError::Bus(format!("{error:?}"))
}

fn line(error: impl Debug) -> WireError {
    WireError::Line(format!("{error:?}"))
}

impl<S: SpiDevice, P: OutputPin> Interface for Wire<S, P> {
    type Word = u8;
    type Error = WireError;
    const KIND: InterfaceKind = InterfaceKind::Serial4Line;

    fn send_command(&mut self, command: u8, args: &[u8]) -> Result<(), WireError> {
        self.dc.set_low().map_err(line)?;
        self.write(&[command])?;
        self.dc.set_high().map_err(line)?;
        self.write(args)
    }

    fn send_pixels<const N: usize>(&mut self, pixels: impl IntoIterator<Item = [u8; N]>) -> Result<(), WireError> {
        // What an earlier error has left.
        self.buffer.clear();
        for pixel in pixels {
            if self.buffer.len() + N > MESSAGE {
                self.flush()?;
            }
            self.buffer.extend_from_slice(&pixel);
        }
        self.flush()
    }

    fn send_repeated_pixel<const N: usize>(&mut self, pixel: [u8; N], count: u32) -> Result<(), WireError> {
        self.send_pixels(std::iter::repeat_n(pixel, count as usize))
    }
}
