//! `lobbyd board probe`: what is connected, as comments, and below them a board file that starts. It only reads, almost all of it
//! below /sys, which every user may read, also while the service runs and holds the devices.

use crate::board::line;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Pixels an inch of the 7-inch display, for a cable that cannot be asked: to be measured.
const DPI: u32 = 133;
/// linux/input-event-codes.h
const PROP_DIRECT: usize = 1;
const ABS_X: usize = 0;
const ABS_MT_POSITION_X: usize = 0x35;
const KEY_ENTER: usize = 28;
const KEY_A: usize = 30;
const BTN_TOUCH: usize = 0x14A;
/// Pens, and the finger on a pad that is no screen.
const BTN_TOOLS: [usize; 2] = [0x140, 0x145];

pub fn run() {
    super::super::ends_with_its_reader();
    print!("{}", Found::look(Path::new("/"), line::probe()).told());
}

/// A connector with something on it.
#[derive(Debug)]
struct Screen {
    connector: String,
    /// The panel's own first.
    modes: Vec<(u32, u32)>,
    dpi: Option<u32>,
}

/// Everything on this machine that a board file may name.
#[derive(Debug, Default)]
struct Found {
    machine: String,
    screens: Vec<Screen>,
    empty_connectors: Vec<String>,
    panels: Vec<String>,
    /// What types: keyboards, and scanners that seem to be one.
    keyboards: Vec<String>,
    backlights: Vec<String>,
    /// Label and names of lines.
    chips: Vec<(String, Vec<String>)>,
    spi: Vec<String>,
    sound: Vec<String>,
    /// Device file, and what it says that it is.
    printers: Vec<(String, String)>,
}

impl Found {
    fn look(root: &Path, chips: Vec<(String, Vec<String>)>) -> Self {
        let sys = root.join("sys");
        let class = |name: &str| entries(&sys.join("class").join(name));
        let mut found = Found { machine: text(&sys.join("firmware/devicetree/base/model")), chips, ..Found::default() };
        for folder in class("drm") {
            found.connector(&folder);
        }
        for folder in class("input") {
            found.input(&folder.join("device"));
        }
        found.backlights = class("backlight").iter().map(|folder| name(folder)).collect();
        found.spi = class("spidev").iter().map(|folder| name(folder)).collect();
        found.sound = class("sound").iter().map(|card| text(&card.join("id"))).filter(|id| !id.is_empty()).collect();
        let lp = class("usbmisc").into_iter().filter(|folder| name(folder).starts_with("lp"));
        found.printers = lp
            .map(|folder| (format!("/dev/usb/{}", name(&folder)), text(&folder.join("device/ieee1284_id"))))
            .collect();
        found
    }

    /// `card1-DSI-1`: the number of the card changes, the rest stays.
    fn connector(&mut self, folder: &Path) {
        let name = name(folder);
        let Some((card, connector)) = name.split_once('-').filter(|(card, _)| card.starts_with("card")) else { return };
        if connector.starts_with("Writeback") || card.len() < 5 {
            return;
        }
        if text(&folder.join("status")) != "connected" {
            self.empty_connectors.push(connector.to_owned());
            return;
        }
        let mut modes: Vec<(u32, u32)> = text(&folder.join("modes")).lines().filter_map(mode).collect();
        modes.dedup();
        let edid = std::fs::read(folder.join("edid")).unwrap_or_default();
        let dpi = modes.first().and_then(|size| dpi(connector, *size, &edid));
        self.screens.push(Screen { connector: connector.to_owned(), modes, dpi });
    }

    fn input(&mut self, device: &Path) {
        let name = text(&device.join("name"));
        let able = |file: &str, code| bit(&text(&device.join(file)), code);
        let places = able("capabilities/abs", ABS_X) || able("capabilities/abs", ABS_MT_POSITION_X);
        // A resistive panel's driver may not say that it is one with the display.
        let touched =
            able("capabilities/key", BTN_TOUCH) && !BTN_TOOLS.iter().any(|tool| able("capabilities/key", *tool));
        if name.is_empty() {
        } else if places && (able("properties", PROP_DIRECT) || touched) {
            push_new(&mut self.panels, name);
        } else if able("capabilities/key", KEY_ENTER) && able("capabilities/key", KEY_A) {
            push_new(&mut self.keyboards, name);
        }
    }

    /// Comments, then the board file.
    fn told(&self) -> String {
        let mut text = self.listed();
        let proposal = self.proposal();
        text.push_str(proposal.as_deref().unwrap_or(
            "#\n# No display is connected that the kernel drives. See config.txt (docs/boards.md); for a bare panel on the SPI\n\
             # bus write a file after boards/spi-bare.toml; without a screen set board = \"headless\".\n",
        ));
        text
    }

    fn listed(&self) -> String {
        let mut lines = vec![format!("machine: {}", or(&self.machine, "unknown"))];
        for Screen { connector, modes, dpi } in &self.screens {
            let mut sizes: Vec<String> = modes.iter().map(|(width, height)| format!("{width}x{height}")).collect();
            sizes.dedup();
            let dpi = dpi.map_or_else(String::new, |dpi| format!(", {dpi} dpi"));
            lines.push(format!("display {connector}: {}{dpi}", or(&sizes.join(" "), "no mode")));
        }
        let list = |lines: &mut Vec<String>, what: &str, names: &[String]| {
            lines.push(format!("{what}: {}", or(&names.join(", "), "none")));
        };
        list(&mut lines, "connectors with nothing on them", &self.empty_connectors);
        list(&mut lines, "touch panels", &self.panels);
        list(&mut lines, "keyboards, and scanners that type", &self.keyboards);
        list(&mut lines, "backlights", &self.backlights);
        list(&mut lines, "bare SPI", &self.spi);
        list(&mut lines, "sound cards", &self.sound);
        for (file, said) in &self.printers {
            lines.push(format!("printer {file}: {}", or(said, "says nothing")));
        }
        for (label, names) in &self.chips {
            lines.push(format!("GPIO {label}: {}", or(&names.join(" "), "no line has a name")));
        }
        if self.chips.is_empty() {
            lines.push("GPIO: none, or none that this user may open (group gpio)".into());
        }
        // Names come from devices: whatever they hold, a comment stays one line.
        let line = |line: String| format!("# {}\n", line.replace(|c: char| c.is_control(), " "));
        lines.into_iter().map(line).collect()
    }

    /// `None` without a display.
    fn proposal(&self) -> Option<String> {
        let (screen, (width, height)) =
            self.screens.iter().find_map(|screen| Some((screen, *screen.modes.first()?)))?;
        let connector = quoted(&screen.connector);
        let dpi = screen.dpi.unwrap_or(DPI);
        let guess = if screen.dpi.is_none() { "  # a guess: diagonal in pixels / diagonal in inches" } else { "" };
        let mut text = format!(
            "#\n# A board file that starts; docs/boards.md says what else it may hold.\n\
             name = {connector}\n\n[display]\nbackend = \"drm\"\nconnector = {connector}\n\
             size = [{width}, {height}]\n# How the panel hangs: 90 for one that stands by nature and lies here. Then exchange the sides of size.\n\
             rotate = 0\ndpi = {dpi}{guess}\n"
        );
        let mut add = |part: String| _ = write!(text, "\n{part}");
        match self.panels.as_slice() {
            [] => add("# No touch panel was found. Once it is plugged in: [touch], name = \"…\"\n".into()),
            [first, ..] => add(format!(
                "[touch]\nname = {}\n# `lobbyd board calibrate` finds it.\nmatrix = [1, 0, 0, 0, 1, 0]\n",
                quoted(first)
            )),
        }
        if let Some(light) = self.backlights.first() {
            add(format!("[backlight]\ndevice = {}\nbright = 100\nidle = 30\n", quoted(&lasting(light))));
        }
        Some(text)
    }
}

/// `10-0045` is a bus number and an address: the bus number differs between Pis.
fn lasting(backlight: &str) -> String {
    match backlight.split_once('-') {
        Some((bus, address)) if !bus.is_empty() && bus.bytes().all(|digit| digit.is_ascii_digit()) => {
            format!("*-{address}")
        }
        _ => backlight.to_owned(),
    }
}

/// As TOML wants a text.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn or<'a>(text: &'a str, without: &'a str) -> &'a str {
    if text.is_empty() { without } else { text }
}

fn push_new(names: &mut Vec<String>, name: String) {
    if !names.contains(&name) {
        names.push(name);
    }
}

/// `800x480`, `1920x1080i`
fn mode(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    let digits = height.trim_end_matches(|c: char| !c.is_ascii_digit());
    Some((width.parse().ok()?, digits.parse().ok()?))
}

/// Pixels an inch: of the official displays, which tell nothing, by their size; of others as their EDID says.
fn dpi(connector: &str, size: (u32, u32), edid: &[u8]) -> Option<u32> {
    match size {
        (800, 480) if connector.starts_with("DSI") => return Some(133),
        (720, 1280) if connector.starts_with("DSI") => return Some(208),
        _ => {}
    }
    // The first detailed timing holds millimetres (VESA E-EDID 1.4, 3.10.2).
    let wide = u32::from(*edid.get(66)?) | u32::from(edid.get(68)? >> 4) << 8;
    let dpi = (f64::from(size.0) * 25.4 / f64::from(wide)).round();
    (60.0..=500.0).contains(&dpi).then_some(dpi as u32)
}

/// A bit of a bitmap as the input class writes it: hexadecimal machine words, the highest first.
fn bit(bitmap: &str, code: usize) -> bool {
    let bits = usize::BITS as usize;
    let word = bitmap.split_whitespace().rev().nth(code / bits).and_then(|word| usize::from_str_radix(word, 16).ok());
    word.is_some_and(|word| word >> (code % bits) & 1 == 1)
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What stands in a folder, by name; nothing for one that is not there.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

/// A small file of /sys without its end; empty for one that cannot be read. The device tree ends texts with a zero.
fn text(file: &Path) -> String {
    let bytes = std::fs::read(file).unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end_matches('\0').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::board::Board;
    use std::fs;

    fn write(root: &Path, files: &[(&str, &str)]) {
        for (file, text) in files {
            let file = root.join("sys").join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
    }

    /// A Pi 5 with the first 7″ display, a scanner and a receipt printer, as its /sys has them.
    fn pi() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let keyboard = "10000 7 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n";
        write(
            root.path(),
            &[
                ("firmware/devicetree/base/model", "Raspberry Pi 5 Model B Rev 1.0\0"),
                ("class/drm/card0/dev", "226:0\n"),
                ("class/drm/card1-DSI-1/status", "connected\n"),
                ("class/drm/card1-DSI-1/modes", "800x480\n"),
                ("class/drm/card1-HDMI-A-1/status", "disconnected\n"),
                ("class/drm/card1-Writeback-1/status", "unknown\n"),
                ("class/input/event0/device/name", "pwr_button\n"),
                ("class/input/event0/device/capabilities/key", "10000000000000 0\n"),
                ("class/input/event1/device/name", "10-0038 generic ft5x06 (79)\n"),
                ("class/input/event1/device/properties", "2\n"),
                ("class/input/event1/device/capabilities/abs", "2608000 3\n"),
                ("class/input/event1/device/capabilities/key", "400 0 0 0 0 0\n"),
                ("class/input/event2/device/name", "Some \"Scanner\" 2D\n"),
                ("class/input/event2/device/capabilities/key", keyboard),
                ("class/input/event3/device/name", "ADS7846 Touchscreen\n"),
                ("class/input/event3/device/properties", "0\n"),
                ("class/input/event3/device/capabilities/abs", "1000003\n"),
                ("class/input/event3/device/capabilities/key", "400 0 0 0 0 0\n"),
                ("class/input/event4/device/name", "A touch pad\n"),
                ("class/input/event4/device/capabilities/abs", "3\n"),
                ("class/input/event4/device/capabilities/key", "420 0 0 0 0 0\n"),
                ("class/input/mice/dev", "13:63\n"),
                ("class/backlight/4-0045/max_brightness", "31\n"),
                ("class/spidev/spidev0.0/dev", "153:0\n"),
                ("class/sound/card0/id", "vc4hdmi0\n"),
                ("class/sound/controlC0/dev", "116:0\n"),
                ("class/usbmisc/lp0/device/ieee1284_id", "MFG:Example;MDL:TM-1;\n"),
            ],
        );
        root
    }

    fn chips() -> Vec<(String, Vec<String>)> {
        vec![("pinctrl-rp1".into(), vec!["GPIO17".into(), "GPIO27".into()])]
    }

    fn told(root: &Path) -> String {
        Found::look(root, chips()).told()
    }

    fn parsed(text: &str) -> Board {
        Board::parse(text, Path::new("probe.toml")).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    #[test]
    fn what_is_connected_is_listed_and_the_proposal_is_a_board_file() {
        let root = pi();
        let told = told(root.path());
        for expected in [
            "# machine: Raspberry Pi 5 Model B Rev 1.0",
            "# display DSI-1: 800x480, 133 dpi",
            "# connectors with nothing on them: HDMI-A-1\n",
            "# touch panels: 10-0038 generic ft5x06 (79), ADS7846 Touchscreen\n",
            "# keyboards, and scanners that type: Some \"Scanner\" 2D\n",
            "# backlights: 4-0045",
            "# bare SPI: spidev0.0",
            "# sound cards: vc4hdmi0\n",
            "# printer /dev/usb/lp0: MFG:Example;MDL:TM-1;",
            "# GPIO pinctrl-rp1: GPIO17 GPIO27",
        ] {
            assert!(told.contains(expected), "{expected} is not in\n{told}");
        }
        let board = parsed(&told);
        assert_eq!((board.display.connector.as_deref(), board.display.size), (Some("DSI-1"), [800, 480]));
        assert_eq!(board.touch.unwrap().name, "10-0038 generic ft5x06 (79)");
        assert_eq!(board.backlight.unwrap().device, "*-0045");
    }

    #[test]
    fn a_screen_that_says_how_large_it_is_is_believed() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("sys/class/drm/card0-HDMI-A-2");
        write(
            root.path(),
            &[
                ("class/drm/card0-HDMI-A-2/status", "connected"),
                ("class/drm/card0-HDMI-A-2/modes", "1280x800\n1920x1080i\n"),
            ],
        );
        let mut edid = [0; 128];
        // 217 mm across.
        (edid[66], edid[67]) = (217, 136);
        fs::write(folder.join("edid"), edid).unwrap();
        let board = parsed(&told(root.path()));
        assert_eq!((board.display.size, board.display.dpi), ([1280, 800], 150));
        assert!(board.touch.is_none());
        edid[66] = 0;
        fs::write(folder.join("edid"), edid).unwrap();
        assert_eq!(u32::from(parsed(&told(root.path())).display.dpi), DPI);
    }

    #[test]
    fn names_of_devices_cannot_write_into_the_board_file() {
        let root = pi();
        let hostile = "x\" = 1 \u{1b}[2J\n\\name\"";
        write(root.path(), &[("class/input/event1/device/name", hostile)]);
        assert_eq!(parsed(&told(root.path())).touch.unwrap().name, hostile);
    }

    #[test]
    fn a_machine_with_nothing_is_told_what_to_do() {
        let root = tempfile::tempdir().unwrap();
        let told = Found::look(root.path(), Vec::new()).told();
        assert!(told.contains("docs/boards.md") && told.contains("headless"), "{told}");
        assert!(told.lines().all(|line| line.starts_with('#')), "{told}");
    }
}
