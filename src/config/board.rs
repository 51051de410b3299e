//! A kiosk's hardware as a TOML file in `boards/`: display, touch, backlight, GPIO lines, scanner, printer and the
//! `config.txt` lines that it needs. Names things by what the kernel calls them for good (connector, line, device
//! name), never by a number that changes at the next boot such as card0 or event3.

use super::error::{ConfigError, Fault, suggest};
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
    /// Lines by what they do, such as `presence` or `chime`.
    #[serde(default)]
    pub gpio: BTreeMap<String, Line>,
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
    pub hz: u32,
    /// The controller, such as `ili9341`.
    pub model: String,
    /// GPIO lines by name: data/command and reset.
    pub dc: String,
    pub reset: Option<String>,
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
    /// Per cent of the brightest: in use, and when nobody is near. Dim rather than off: some panels lose their touch
    /// when they are blanked (raspberrypi/linux#6456).
    pub bright: u8,
    pub idle: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The line's name, such as `GPIO17`: chip numbers changed in kernel 6.6.45.
    pub line: String,
    #[serde(default)]
    pub active_low: bool,
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
    /// `host:9100` of a raw network printer, or a device file.
    pub device: String,
}

/// The smallest and the largest picture: below, no button of 12 mm fits beside another; above is a slip.
const SIDE: std::ops::RangeInclusive<u32> = 240..=4096;
/// Pixels an inch of anything that is sold as a screen.
const DPI: std::ops::RangeInclusive<u16> = 60..=500;

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
        if self.gpio.values().any(|line| line.line.is_empty()) {
            broken("gpio", "a line has no name", "gpioinfo shows the names, such as GPIO17");
        }
        faults
    }
}

impl Display {
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
        faults
    }
}

fn unknown(name: &str) -> ConfigError {
    let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    let problem = format!("there is no board \"{name}\"");
    let hint = suggest(name, &names);
    ConfigError { file: PathBuf::from("board"), faults: vec![Fault { line: None, key: String::new(), problem, hint }] }
}
