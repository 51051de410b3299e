//! A kiosk's hardware as a TOML file in `boards/`: display, touch, backlight, GPIO lines, scanner, printer and the
//! `config.txt` lines that it needs. Names things by what the kernel calls them for good (connector, line, device
//! name), never by a number that changes at the next boot such as card0 or event3.

use super::error::{ConfigError, Fault, suggest};
use super::gpio;
pub use super::gpio::{Line, Pull};
use super::load::read;
use super::source::{Source, typed};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Where a package installs the board files.
const SYSTEM_FOLDER: &str = "/usr/share/lobbyd/boards";

/// The board files as they were when this binary was built: the demo needs nothing installed.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("browser", include_str!("../../boards/browser.toml")),
    ("headless", include_str!("../../boards/headless.toml")),
    ("hdmi-touch", include_str!("../../boards/hdmi-touch.toml")),
    ("rpi-touch7", include_str!("../../boards/rpi-touch7.toml")),
    ("rpi-touch2-portrait", include_str!("../../boards/rpi-touch2-portrait.toml")),
    ("rpi-touch2-landscape", include_str!("../../boards/rpi-touch2-landscape.toml")),
    ("rpi-touch2-5-portrait", include_str!("../../boards/rpi-touch2-5-portrait.toml")),
    ("rpi-touch2-5-landscape", include_str!("../../boards/rpi-touch2-5-landscape.toml")),
    ("spi-kernel", include_str!("../../boards/spi-kernel.toml")),
    ("spi-bare", include_str!("../../boards/spi-bare.toml")),
    ("vm-800x480", include_str!("../../boards/vm-800x480.toml")),
    ("vm-720x1280", include_str!("../../boards/vm-720x1280.toml")),
    ("vm-1280x720", include_str!("../../boards/vm-1280x720.toml")),
];

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// What a person calls it.
    pub name: String,
    pub display: Display,
    pub touch: Option<Touch>,
    pub backlight: Option<Backlight>,
    /// Lines by what they are for, such as `presence` or `lamp`. None by default.
    #[serde(default)]
    pub gpio: BTreeMap<String, Line>,
    pub sound: Option<Sound>,
    pub scanner: Option<Scanner>,
    pub printer: Option<Printer>,
    /// Lines that `/boot/firmware/config.txt` must hold for this hardware.
    #[serde(default)]
    pub config_txt: Vec<String>,
}

/// How pixels reach the glass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// The kernel's display driver: DSI, HDMI, and SPI panels that have one.
    Drm,
    /// A bare SPI panel without a kernel driver.
    Spi,
    /// A local web page; the mouse is the finger.
    Browser,
    /// Nothing: a gateway without a screen.
    Headless,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Display {
    pub backend: Backend,
    /// The connector's name in the kernel, such as `DSI-1` (drm only).
    pub connector: Option<String>,
    /// Width and height of the picture as a person sees it, in pixels: after the rotation.
    pub size: [u32; 2],
    /// Degrees clockwise from the panel's own orientation: 0, 90, 180 or 270.
    #[serde(default)]
    pub rotate: u16,
    /// Pixels an inch; sizes on the screen are given in millimetres.
    pub dpi: u16,
    /// Where the page is served (browser only).
    pub listen: Option<SocketAddr>,
    /// Wiring of a bare panel (spi only).
    pub spi: Option<Spi>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spi {
    /// `/dev/spidevB.C`: bus and chip select are wiring, not numbering.
    pub device: PathBuf,
    /// Clock of the bus. What the wires carry decides, not the datasheet.
    pub hz: u32,
    pub model: Controller,
    /// GPIO lines by name: data/command and reset.
    pub dc: String,
    pub reset: Option<String>,
    /// Red and blue are the wrong way round without it.
    #[serde(default)]
    pub bgr: bool,
    /// Black is white without it, on most IPS panels.
    #[serde(default)]
    pub invert: bool,
    /// Left and right are the wrong way round without it.
    #[serde(default)]
    pub mirror: bool,
    /// Where the glass begins in the controller's memory, in pixels: it is often smaller.
    #[serde(default)]
    pub offset: [u16; 2],
}

/// The controller of a bare panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Controller {
    Ili9341,
    Ili9342c,
    Ili9486,
    Ili9488,
    St7789,
    St7796,
}

impl Controller {
    /// Width and height of its memory, unturned (mipidsi, `Model::FRAMEBUFFER_SIZE`).
    pub const fn memory(self) -> [u32; 2] {
        match self {
            Controller::Ili9341 | Controller::St7789 => [240, 320],
            Controller::Ili9342c => [320, 240],
            Controller::Ili9486 | Controller::Ili9488 | Controller::St7796 => [320, 480],
        }
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Touch {
    /// Part of the input device's name in the kernel.
    pub name: String,
    /// Calibration as libinput writes it: the first two rows of a matrix on coordinates from 0 to 1.
    #[serde(default = "identity")]
    pub matrix: [f32; 6],
}

fn identity() -> [f32; 6] {
    [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backlight {
    /// Name below `/sys/class/backlight`; `*` stands for the bus number, which differs between Pis.
    pub device: String,
    /// Per cent of the brightest: in use by day; in use by night, `bright` where it is not given; when nobody is near. Dim
    /// rather than off: some panels lose their touch when they are blanked (raspberrypi/linux#6456).
    pub bright: u8,
    pub night: Option<u8>,
    pub idle: u8,
}

/// Short prompts through alsa-utils: a request was received, more time is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sound {
    /// The PCM as `aplay -L` names it, such as `plughw:CARD=Headphones`. By names: card numbers change at the next boot.
    #[serde(default = "default_pcm")]
    pub device: String,
    /// How loud, in per cent of what the card can; by night half of it.
    pub percent: u8,
}

fn default_pcm() -> String {
    "default".into()
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scanner {
    /// Part of the input device's name in the kernel; the scanner types like a keyboard.
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Printer {
    pub language: PrinterLanguage,
    /// Address and port of a network printer, `192.0.2.40:9100`, or a device file, `/dev/usb/lp0`.
    pub device: String,
    /// Width of the roll in millimetres.
    pub paper: u8,
}

/// How a printer is told what to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrinterLanguage {
    /// Receipt printers of nearly every maker.
    Escpos,
    /// Brother's label printers QL-7xx and QL-8xx.
    BrotherQl,
}

impl PrinterLanguage {
    /// Widths of the rolls that such printers take, in millimetres.
    pub const fn papers(self) -> &'static [u8] {
        match self {
            PrinterLanguage::Escpos => &[58, 80],
            PrinterLanguage::BrotherQl => &[50, 54, 62],
        }
    }
}

/// The smallest and the largest picture: below, no button of 12 mm fits beside another; above is a slip.
const SIDE: std::ops::RangeInclusive<u32> = 240..=4096;
/// Pixels an inch of anything that is sold as a screen.
const DPI: std::ops::RangeInclusive<u16> = 60..=500;
/// Clocks at which a picture comes in less than a minute, and that wires carry.
const BUS_HZ: std::ops::RangeInclusive<u32> = 1_000_000..=100_000_000;

/// Neither too loud nor too low (R224): a lobby is no station hall.
const LOUDNESS: std::ops::RangeInclusive<u8> = 1..=80;

impl Board {
    /// Reads a board: a path, else a name that is looked for in `boards/` beside the configuration, in
    /// `/usr/share/lobbyd/boards`, and among the boards that are built in.
    pub fn load(name_or_path: &str, config_folder: &Path) -> Result<Self, ConfigError> {
        if name_or_path.contains('/') || name_or_path.ends_with(".toml") {
            let file = config_folder.join(name_or_path);
            return Self::read(&file);
        }
        let places = [config_folder.join("boards"), PathBuf::from(SYSTEM_FOLDER)];
        let file = places.iter().map(|folder| folder.join(format!("{name_or_path}.toml"))).find(|file| file.is_file());
        match (file, BUILT_IN.iter().find(|(name, _)| *name == name_or_path)) {
            (Some(file), _) => Self::read(&file),
            (None, Some((name, text))) => Self::parse(text, &Path::new("boards").join(format!("{name}.toml"))),
            (None, None) => Err(unknown(name_or_path)),
        }
    }

    fn read(file: &Path) -> Result<Self, ConfigError> {
        let text = read(file).map_err(|fault| ConfigError { file: file.to_owned(), faults: vec![fault] })?;
        Self::parse(&text, file)
    }

    /// Reads and checks the text of a board file. `file` stands in the errors.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let failed = |faults| ConfigError { file: file.to_owned(), faults };
        let (board, source) = typed::<Board>(text).map_err(|fault| failed(vec![fault]))?;
        let faults = board.faults(&source);
        if faults.is_empty() { Ok(board) } else { Err(failed(faults)) }
    }

    fn faults(&self, source: &Source<'_>) -> Vec<Fault> {
        let mut faults = self.display.faults(source);
        let mut broken = |key: &str, problem: &str, hint: &str| {
            faults.push(source.fault(key, problem, Some(hint.to_owned())));
        };
        if let Some(touch) = &self.touch {
            if touch.name.is_empty() {
                broken("touch.name", "is empty", "cat /proc/bus/input/devices shows the names");
            }
            if touch.matrix.iter().any(|number| !number.is_finite()) {
                broken("touch.matrix", "holds what is no number", "the identity is [1, 0, 0, 0, 1, 0]");
            }
        }
        if let Some(light) = &self.backlight
            && (light.bright > 100 || light.idle > light.bright || light.idle == 0)
        {
            broken("backlight", "wants 1 <= idle <= bright <= 100", "per cent of the brightest; never 0");
        }
        if let Some(light) = &self.backlight
            && light.night.is_some_and(|night| night == 0 || night > light.bright)
        {
            broken("backlight.night", "wants 1 <= night <= bright", "per cent of the brightest; never 0");
        }
        if let Some(sound) = &self.sound
            && (!LOUDNESS.contains(&sound.percent) || sound.device.is_empty())
        {
            broken("sound", "wants a device and percent from 1 to 80", "take the table out for no sound");
        }
        if self.scanner.as_ref().is_some_and(|scanner| scanner.name.is_empty()) {
            broken("scanner.name", "is empty", "lobbyd board probe lists the names");
        }
        faults.extend(gpio::faults(&self.gpio, source));
        faults.extend(self.printer.iter().flat_map(|printer| printer.faults(source)));
        faults
    }
}

impl Printer {
    /// Where it is on the network; `None` for a device file.
    pub fn address(&self) -> Option<SocketAddr> {
        self.device.parse().ok()
    }

    fn faults(&self, source: &Source<'_>) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.address().is_none() && !self.device.starts_with("/dev/") {
            // A name would have to be looked up, and nobody knows how long that takes.
            let hint =
                "write its address and port, such as \"192.0.2.40:9100\", or a device file, such as \"/dev/usb/lp0\"";
            faults.push(source.fault("printer.device", "is neither", Some(hint.into())));
        }
        let papers = self.language.papers();
        if !papers.contains(&self.paper) {
            let widths: Vec<String> = papers.iter().map(u8::to_string).collect();
            let hint = format!("write the width of the roll in millimetres: {}", widths.join(", "));
            faults.push(source.fault("printer.paper", format!("no such printer takes {} mm", self.paper), Some(hint)));
        }
        faults
    }
}

/// What the pages of the kiosk are laid out for: so many pixels along and across a glass with 133 an inch. Smaller is drawn
/// smaller, down to so many real pixels across (`kiosk/theme.rs`); on less, texts were cut when all pages were tried.
const ROOM: (f32, f32) = (800.0, 460.0);
const ACROSS: u32 = 440;
const REFERENCE_DPI: f32 = 133.0;

impl Display {
    /// Whether the pages have less room than they were made for: long sentences end in "…" and everything is small. It is told
    /// and not refused, because a small glass is better than a daemon that does not start and hears no door.
    pub fn is_cramped(&self) -> bool {
        let [width, height] = self.size;
        let (long, across) = (width.max(height), width.min(height));
        let scale = (f32::from(self.dpi) / REFERENCE_DPI).min(across as f32 / ACROSS as f32);
        across < ACROSS || long as f32 / scale < ROOM.0 || across as f32 / scale < ROOM.1
    }

    fn faults(&self, source: &Source<'_>) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut broken = |key: &str, problem: String, hint: &str| {
            faults.push(source.fault(&format!("display.{key}"), problem, Some(hint.to_owned())));
        };
        if !self.size.iter().all(|side| SIDE.contains(side)) {
            broken("size", "no screen has this size".into(), "write [width, height] in pixels, 240 to 4096");
        }
        if !DPI.contains(&self.dpi) {
            broken("dpi", "no screen is this coarse or fine".into(), "write pixels an inch, 60 to 500");
        }
        if !matches!(self.rotate, 0 | 90 | 180 | 270) {
            broken("rotate", format!("{} is no quarter turn", self.rotate), "write 0, 90, 180 or 270");
        }
        let wanted: [(&str, bool, bool); 3] = [
            ("connector", self.backend == Backend::Drm, self.connector.is_some()),
            ("listen", self.backend == Backend::Browser, self.listen.is_some()),
            ("spi", self.backend == Backend::Spi, self.spi.is_some()),
        ];
        for (key, needed, given) in wanted {
            if needed && !given {
                broken("backend", format!("this backend needs \"{key}\""), "boards/ has examples");
            } else if given && !needed {
                broken(key, "this backend has no use for it".into(), "take it out, or change the backend");
            }
        }
        if let Some(spi) = &self.spi {
            let [width, height] = self.size;
            let panel = if matches!(self.rotate, 90 | 270) { [height, width] } else { [width, height] };
            let room = spi.model.memory();
            if (0..2).any(|side| panel[side].saturating_add(spi.offset[side].into()) > room[side]) {
                let [width, height] = room;
                broken(
                    "spi.model",
                    format!("this controller has {width}×{height} pixels, before it is turned"),
                    "set size as a person sees it, rotate and offset",
                );
            }
            if !BUS_HZ.contains(&spi.hz) {
                broken(
                    "spi.hz",
                    "no panel runs at this clock".into(),
                    "write 1000000 to 100000000; begin with 16000000",
                );
            }
            if spi.dc.is_empty() {
                broken("spi.dc", "is empty".into(), "the name of the line D/C, such as GPIO25; gpioinfo shows them");
            }
        }
        faults
    }
}

fn unknown(name: &str) -> ConfigError {
    let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    let problem = format!("there is no board \"{name}\"");
    let hint = suggest(name, &names);
    ConfigError { file: PathBuf::from("board"), faults: vec![Fault { line: None, key: String::new(), problem, hint }] }
}
