//! One panel on one bus, opened and told how it is wired. The bus and the lines are ours from here on: a second program that
//! wants them is refused by the kernel.

use super::Wanted;
use super::wire::{Wire, WireError};
use crate::board::line::{self, LineError};
use crate::board::turn::Turn;
use crate::board::{Color, Frame};
use crate::config::board::Controller;
use embedded_graphics::pixelcolor::raw::RawU24;
use embedded_graphics::prelude::Size;
use embedded_graphics::primitives::Rectangle;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::OutputPin;
use embedded_hal::spi::SpiDevice;
use linux_embedded_hal::gpio_cdev::LineRequestFlags;
use linux_embedded_hal::spidev::{SpiModeFlags, SpidevOptions};
use linux_embedded_hal::{CdevPin, Delay, SpidevDevice};
use mipidsi::interface::{Interface, InterfacePixelFormat};
use mipidsi::models::{ILI9341Rgb565, ILI9342CRgb565, ILI9486Rgb666, ILI9488Rgb666, Model, ST7789, ST7796};
use mipidsi::options::{ColorInversion, ColorOrder, Orientation, Rotation};
use mipidsi::{Builder, NoResetPin};
use std::io;

/// How long the reset line is held, and how long a controller is left alone afterwards. The datasheets want 10 µs and, coming
/// out of sleep, 120 ms.
const RESET_MS: u32 = 1;
const AWAKE_MS: u32 = 120;

/// What the kernel shows as the user of the panel's lines.
pub const CONSUMER: &str = "lobbyd display";

/// Why a panel stays dark.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("{device}: {error}; is \"dtparam=spi=on\" in config.txt, and the user in the group spi?")]
    Device { device: String, error: io::Error },
    #[error("{0}")]
    Line(#[from] LineError),
    #[error("the reset line: {0}")]
    Reset(String),
    #[error("the controller cannot be set up: {0}")]
    Setup(String),
}

/// A lit panel, whatever its controller.
pub trait Lit: Send {
    /// Sends a part of the picture, which must lie within it.
    fn show(&mut self, frame: &Frame, part: &Rectangle) -> Result<(), WireError>;

    /// Shows nothing any more.
    fn darken(&mut self) -> Result<(), WireError>;
}

/// A panel on the bus of this machine.
pub struct Output {
    pub lit: Box<dyn Lit>,
    /// Held for as long as the panel is lit: a line that nobody holds may fall, and the panel with it.
    _reset: Option<CdevPin>,
}

/// Opens the bus and the lines of the board file, and sets the controller up.
pub fn light(wanted: &Wanted) -> Result<Output, OutputError> {
    let wiring = &wanted.wiring;
    let failed = |error| OutputError::Device { device: wiring.device.display().to_string(), error };
    let mut bus = SpidevDevice::open(&wiring.device).map_err(|error| failed(copied(error.inner())))?;
    let options = SpidevOptions::new().bits_per_word(8).max_speed_hz(wiring.hz).mode(SpiModeFlags::SPI_MODE_0).build();
    bus.configure(&options).map_err(failed)?;
    let dc = output(&wiring.dc, 0)?;
    let mut reset = wiring.reset.as_deref().map(|name| output(name, 1)).transpose()?;
    if let Some(pin) = &mut reset {
        restart(pin, &mut Delay).map_err(OutputError::Reset)?;
    }
    Ok(Output { lit: set_up(wanted, bus, dc, &mut Delay)?, _reset: reset })
}

/// The operating system's error as one of our own.
fn copied(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| io::Error::other(error.to_string()), io::Error::from_raw_os_error)
}

/// A line of this name as an output that begins with `value`.
fn output(name: &str, value: u8) -> Result<CdevPin, LineError> {
    let refused = |error| LineError::Refused { name: name.to_owned(), error };
    let handle = line::find(name)?.request(LineRequestFlags::OUTPUT, value, CONSUMER).map_err(refused)?;
    CdevPin::new(handle).map_err(refused)
}

fn restart(reset: &mut impl OutputPin, delay: &mut impl DelayNs) -> Result<(), String> {
    reset.set_low().map_err(|error| format!("{error:?}"))?;
    delay.delay_ms(RESET_MS);
    reset.set_high().map_err(|error| format!("{error:?}"))?;
    delay.delay_ms(AWAKE_MS);
    Ok(())
}

/// Sets up the controller of the board file on this bus.
pub fn set_up<S, P>(wanted: &Wanted, bus: S, dc: P, delay: &mut impl DelayNs) -> Result<Box<dyn Lit>, OutputError>
where
    S: SpiDevice + Send + 'static,
    P: OutputPin + Send + 'static,
{
    let wire = Wire::new(bus, dc);
    match wanted.wiring.model {
        Controller::Ili9341 => built(ILI9341Rgb565, wanted, wire, delay),
        Controller::Ili9342c => built(ILI9342CRgb565, wanted, wire, delay),
        // Over SPI these two know no 16-bit pixels (notro/panel-mipi-dbi#2).
        Controller::Ili9486 => built(ILI9486Rgb666, wanted, wire, delay),
        Controller::Ili9488 => built(ILI9488Rgb666, wanted, wire, delay),
        Controller::St7789 => built(ST7789, wanted, wire, delay),
        Controller::St7796 => built(ST7796, wanted, wire, delay),
    }
}

fn built<M, S, P>(
    model: M,
    wanted: &Wanted,
    wire: Wire<S, P>,
    delay: &mut impl DelayNs,
) -> Result<Box<dyn Lit>, OutputError>
where
    M: Model + Send + 'static,
    M::ColorFormat: InterfacePixelFormat<u8> + From<Color>,
    S: SpiDevice + Send + 'static,
    P: OutputPin + Send + 'static,
{
    let wiring = &wanted.wiring;
    let Size { width, height } = wanted.turn.panel(wanted.picture);
    let display = Builder::new(model, wire)
        // The board file's faults have been told: no side is above 4096.
        .display_size(width as u16, height as u16)
        .display_offset(wiring.offset[0], wiring.offset[1])
        .orientation(Orientation { rotation: rotation(wanted.turn), mirrored: wiring.mirror })
        .color_order(if wiring.bgr { ColorOrder::Bgr } else { ColorOrder::Rgb })
        .invert_colors(if wiring.invert { ColorInversion::Inverted } else { ColorInversion::Normal })
        .init(delay);
    match display {
        Ok(display) => Ok(Box::new(display)),
        Err(error) => Err(OutputError::Setup(format!("{error:?}"))),
    }
}

/// The board file says how the panel hangs, mipidsi how the picture is turned on it: the other way round.
const fn rotation(turn: Turn) -> Rotation {
    match turn {
        Turn::None => Rotation::Deg0,
        Turn::Right => Rotation::Deg270,
        Turn::Half => Rotation::Deg180,
        Turn::Left => Rotation::Deg90,
    }
}

impl<I, M> Lit for mipidsi::Display<I, M, NoResetPin>
where
    I: Interface<Word = u8, Error = WireError> + Send,
    M: Model + Send,
    M::ColorFormat: InterfacePixelFormat<u8> + From<Color>,
{
    fn show(&mut self, frame: &Frame, part: &Rectangle) -> Result<(), WireError> {
        let Some(end) = part.bottom_right() else { return Ok(()) };
        let (x, y, width) = (part.top_left.x as u32, part.top_left.y as u32, part.size.width);
        let rows = (y..y + part.size.height).flat_map(|y| frame.row(x, y, width));
        let pixels = rows.map(|pixel| Color::from(RawU24::new(*pixel)).into());
        self.set_pixels(x as u16, y as u16, end.x as u16, end.y as u16, pixels)
    }

    fn darken(&mut self) -> Result<(), WireError> {
        self.sleep(&mut Delay)
    }
}
