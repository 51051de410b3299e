//! A controller in software at the other end of the wire: it understands what the daemon sends as an ILI9341 does (its
//! datasheet, 8.2.20 to 8.2.33), and its memory is compared with the picture.

use super::output::{Lit, set_up};
use super::wire::MESSAGE;
use super::*;
use crate::board::turn::Rows;
use crate::config::board::Controller;
use embedded_graphics::pixelcolor::{Rgb565, Rgb666, Rgb888};
use embedded_graphics::prelude::*;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{self, OutputPin};
use embedded_hal::spi::{self, Operation, SpiDevice};
use proptest::prelude::*;
use std::convert::Infallible;
use std::sync::Mutex;

const CONTROLLERS: [Controller; 6] = [
    Controller::Ili9341,
    Controller::Ili9342c,
    Controller::Ili9486,
    Controller::Ili9488,
    Controller::St7789,
    Controller::St7796,
];
const TURNS: [Turn; 4] = [Turn::None, Turn::Right, Turn::Half, Turn::Left];

/// What is on the glass before anything is sent.
const GREY: u32 = 0x80_80_80;

/// The controller.
struct Chip {
    size: [u32; 2],
    memory: Vec<u32>,
    data: bool,
    command: u8,
    args: Vec<u8>,
    madctl: u8,
    bytes_a_pixel: usize,
    columns: [u32; 2],
    pages: [u32; 2],
    /// Where the next pixel goes, in the window.
    next: u32,
    lit: bool,
    /// The longest message, and whether there was one of no bytes.
    longest: usize,
    empty: bool,
    /// From how many bytes on the bus is gone.
    breaks_after: usize,
}

impl Chip {
    fn new(controller: Controller) -> Self {
        let size = controller.memory();
        let memory = vec![GREY; (size[0] * size[1]) as usize];
        Chip {
            size,
            memory,
            data: false,
            command: 0,
            args: Vec::new(),
            madctl: 0,
            bytes_a_pixel: 3,
            columns: [0, size[0] - 1],
            pages: [0, size[1] - 1],
            next: 0,
            lit: false,
            longest: 0,
            empty: false,
            breaks_after: usize::MAX,
        }
    }

    fn hear(&mut self, message: &[u8]) {
        self.longest = self.longest.max(message.len());
        self.empty |= message.is_empty();
        for byte in message {
            if self.data {
                self.args.push(*byte);
                self.argument();
            } else {
                self.command = *byte;
                self.args.clear();
                match byte {
                    0x29 => self.lit = true,
                    0x10 | 0x01 => self.lit = false,
                    0x2C => self.next = 0,
                    _ => {}
                }
            }
        }
    }

    fn argument(&mut self) {
        let pair = |args: &[u8]| {
            let number = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low]));
            [number(args[0], args[1]), number(args[2], args[3])]
        };
        match (self.command, self.args.len()) {
            (0x2A, 4) => self.columns = pair(&self.args),
            (0x2B, 4) => self.pages = pair(&self.args),
            (0x36, 1) => self.madctl = self.args[0],
            (0x3A, 1) => self.bytes_a_pixel = if self.args[0] & 7 == 5 { 2 } else { 3 },
            (0x2C, length) if length == self.bytes_a_pixel => {
                let pixel = std::mem::take(&mut self.args);
                self.pixel(&pixel);
            }
            _ => {}
        }
    }

    fn pixel(&mut self, bytes: &[u8]) {
        let color: Rgb888 = match *bytes {
            [high, low] => Rgb565::from(embedded_graphics::pixelcolor::raw::RawU16::from_u32(
                u16::from_be_bytes([high, low]).into(),
            ))
            .into(),
            [red, green, blue] => Rgb666::new(red >> 2, green >> 2, blue >> 2).into(),
            _ => unreachable!("two or three bytes are a pixel"),
        };
        let width = self.columns[1] + 1 - self.columns[0];
        let height = self.pages[1] + 1 - self.pages[0];
        assert!(self.next < width * height, "more pixels than the window holds");
        let (mut x, mut y) = (self.columns[0] + self.next % width, self.pages[0] + self.next / width);
        self.next += 1;
        // MADCTL: MV exchanges rows and columns, MX and MY reverse them on the glass.
        if self.madctl & 0x20 != 0 {
            (x, y) = (y, x);
        }
        let [width, height] = self.size;
        assert!(x < width && y < height, "({x}, {y}) is beyond the memory");
        let x = if self.madctl & 0x40 != 0 { width - 1 - x } else { x };
        let y = if self.madctl & 0x80 != 0 { height - 1 - y } else { y };
        self.memory[(y * width + x) as usize] = color.into_storage();
    }
}

type Shared = Arc<Mutex<Chip>>;

struct Bus(Shared);
struct Dc(Shared);
struct NoTime;

#[derive(Debug)]
struct Gone;

impl spi::Error for Gone {
    fn kind(&self) -> spi::ErrorKind {
        spi::ErrorKind::Other
    }
}

impl spi::ErrorType for Bus {
    type Error = Gone;
}

impl SpiDevice for Bus {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Gone> {
        let mut chip = self.0.lock().unwrap();
        for operation in operations {
            let Operation::Write(bytes) = operation else { panic!("nothing is ever read from a panel") };
            chip.breaks_after = chip.breaks_after.saturating_sub(bytes.len());
            if chip.breaks_after == 0 {
                return Err(Gone);
            }
            chip.hear(bytes);
        }
        Ok(())
    }
}

impl digital::ErrorType for Dc {
    type Error = Infallible;
}

impl OutputPin for Dc {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.lock().unwrap().data = false;
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.lock().unwrap().data = true;
        Ok(())
    }
}

impl DelayNs for NoTime {
    fn delay_ns(&mut self, _: u32) {}
}

fn wired(model: Controller, turn: Turn, offset: [u16; 2], mirror: bool) -> Wanted {
    // The glass is smaller than the memory by the offset on the near side and by one pixel on the far one.
    let [width, height] = model.memory();
    let panel = Size::new(width - u32::from(offset[0]) - 1, height - u32::from(offset[1]) - 1);
    let wiring = Spi {
        device: "/dev/spidev0.0".into(),
        hz: 32_000_000,
        model,
        dc: "GPIO25".into(),
        reset: None,
        bgr: false,
        invert: false,
        mirror,
        offset,
    };
    Wanted { wiring, turn, picture: turn.panel(panel) }
}

fn lit(wanted: &Wanted) -> (Shared, Box<dyn Lit>) {
    let chip = Arc::new(Mutex::new(Chip::new(wanted.wiring.model)));
    let lit = set_up(wanted, Bus(chip.clone()), Dc(chip.clone()), &mut NoTime).unwrap();
    (chip, lit)
}

/// Every pixel another colour, as far as 16 bits go.
fn picture(size: Size) -> Frame {
    let mut frame = Frame::new(size);
    for y in 0..size.height {
        for (x, pixel) in frame.row_mut(0, y, size.width).iter_mut().enumerate() {
            *pixel = ((y * 7 + x as u32 * 13).wrapping_mul(2_654_435_761) >> 8) & 0xFF_FFFF;
        }
    }
    frame
}

/// A colour as the controller keeps it.
fn kept(model: Controller, pixel: u32) -> u32 {
    let color = Rgb888::from(embedded_graphics::pixelcolor::raw::RawU24::new(pixel));
    let kept: Rgb888 = match model {
        Controller::Ili9486 | Controller::Ili9488 => Rgb666::from(color).into(),
        _ => Rgb565::from(color).into(),
    };
    kept.into_storage()
}

/// What must be in the memory after these parts were sent: the same that the other boards show, through `turn.rs`.
fn expected(wanted: &Wanted, frame: &Frame, parts: &[Rectangle]) -> Vec<u32> {
    let [width, height] = wanted.wiring.model.memory();
    let panel = wanted.turn.panel(wanted.picture);
    let mut sent = vec![0xFF; (panel.width * panel.height * 4) as usize];
    for part in parts {
        wanted.turn.copy(frame, part, &mut Rows { bytes: &mut sent, pitch: panel.width as usize * 4 });
    }
    let mut memory = vec![GREY; (width * height) as usize];
    for (nth, pixel) in sent.chunks(4).enumerate() {
        let pixel = u32::from_le_bytes(pixel.try_into().unwrap());
        let (x, y) = (nth as u32 % panel.width, nth as u32 / panel.width);
        let x = if wanted.wiring.mirror { panel.width - 1 - x } else { x };
        let x = x + u32::from(wanted.wiring.offset[0]);
        let y = y + u32::from(wanted.wiring.offset[1]);
        if pixel != u32::MAX {
            memory[(y * width + x) as usize] = kept(wanted.wiring.model, pixel);
        }
    }
    memory
}

#[test]
fn every_controller_shows_the_picture_however_it_hangs() {
    for model in CONTROLLERS {
        for turn in TURNS {
            let wanted = wired(model, turn, [0, 0], false);
            let (chip, mut panel) = lit(&wanted);
            let frame = picture(wanted.picture);
            panel.show(&frame, &frame.bounds()).unwrap();
            let chip = chip.lock().unwrap();
            assert!(chip.lit, "{model:?}");
            assert!(chip.memory == expected(&wanted, &frame, &[frame.bounds()]), "{model:?} {turn:?}");
            assert_eq!(chip.longest, MESSAGE / chip.bytes_a_pixel * chip.bytes_a_pixel, "{model:?}");
            assert!(!chip.empty, "a message of no bytes is not sent");
        }
    }
}

#[test]
fn a_panel_that_the_daemon_leaves_shows_nothing_any_more() {
    let wanted = wired(Controller::St7789, Turn::None, [0, 0], false);
    let (chip, mut panel) = lit(&wanted);
    panel.darken().unwrap();
    assert!(!chip.lock().unwrap().lit);
}

#[test]
fn a_bus_that_goes_is_told_and_the_next_picture_is_whole() {
    let wanted = wired(Controller::Ili9341, Turn::Right, [0, 0], false);
    let (chip, mut panel) = lit(&wanted);
    let frame = picture(wanted.picture);
    chip.lock().unwrap().breaks_after = 10_000;
    let error = panel.show(&frame, &frame.bounds()).unwrap_err();
    assert!(error.to_string().contains("SPI bus"), "{error}");
    chip.lock().unwrap().breaks_after = usize::MAX;
    panel.show(&frame, &frame.bounds()).unwrap();
    assert!(chip.lock().unwrap().memory == expected(&wanted, &frame, &[frame.bounds()]));
}

#[test]
fn a_panel_that_is_not_there_is_dark_and_nothing_fails() {
    let mut wanted = wired(Controller::Ili9341, Turn::None, [0, 0], false);
    wanted.wiring.device = "/nonexistent/spidev9.9".into();
    let mut panel = Panel::open(wanted, || false).unwrap();
    let frame = picture(panel.size());
    panel.present(&frame, &[frame.bounds()], &Outline::default()).unwrap();
    assert!(panel.is_dark());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Parts of the picture, in any order and overlapping: what was sent is there, and nothing else was touched.
    #[test]
    fn damage_alone_is_sent(
        model in prop::sample::select(&CONTROLLERS[..]),
        turn in prop::sample::select(&TURNS[..]),
        (left, top, mirror) in (0..20u16, 0..20u16, any::<bool>()),
        damage in prop::collection::vec((0..480i32, 0..480i32, 1..90u32, 1..90u32), 1..6),
    ) {
        let wanted = wired(model, turn, [left, top], mirror);
        let (chip, mut panel) = lit(&wanted);
        let frame = picture(wanted.picture);
        let mut stale = Stale::all(wanted.picture);
        stale.take();
        for (x, y, width, height) in damage {
            stale.add(&[Rectangle::new(Point::new(x, y), Size::new(width, height))]);
        }
        let parts = stale.take();
        for part in &parts {
            panel.show(&frame, part).unwrap();
        }
        let chip = chip.lock().unwrap();
        prop_assert!(chip.memory == expected(&wanted, &frame, &parts));
        prop_assert!(chip.longest <= MESSAGE && !chip.empty);
    }
}
