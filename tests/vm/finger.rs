//! A finger for the virtual machine: makes a touchscreen with uinput, multitouch of protocol B as the real panels speak it, and
//! moves fingers on it as lines on standard input say; and a scanner, which is a keyboard that types what it reads. Answers each line with `ok` or `error …`. Built by `image` with plain
//! rustc, so it uses the standard library and three calls of the C library, and nothing of lobbyd.
//!
//!     plug NAME WIDTH HEIGHT    a panel appears (it replaces the one that is there)
//!     unplug                    it goes
//!     down SLOT X Y             a finger touches; `move` the same
//!     up SLOT                   it leaves
//!     tap X Y                   a finger of a person: 80 ms
//!     scanner NAME              a scanner appears (it replaces the one that is there)
//!     scan TEXT                 it reads this: letters, digits, - . _, without blanks
//!     drum TIMES PAUSE X Y      that often, PAUSE ms apart, each touch and each leaving marked in the kernel's trace

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, Write};
use std::os::fd::AsRawFd;
use std::time::Duration;

unsafe extern "C" {
    fn ioctl(fd: i32, request: u64, ...) -> i32;
}

// linux/uinput.h
const UI_DEV_CREATE: u64 = 0x5501;
const UI_DEV_SETUP: u64 = 0x405c_5503;
const UI_ABS_SETUP: u64 = 0x401c_5504;
const UI_SET_EVBIT: u64 = 0x4004_5564;
const UI_SET_KEYBIT: u64 = 0x4004_5565;
const UI_SET_PROPBIT: u64 = 0x4004_556e;

// linux/input-event-codes.h
const EV_SYN: u16 = 0;
const EV_KEY: u16 = 1;
const EV_ABS: u16 = 3;
const BTN_TOUCH: u16 = 0x14a;
const ABS_X: u16 = 0x00;
const ABS_Y: u16 = 0x01;
const ABS_MT_SLOT: u16 = 0x2f;
const ABS_MT_POSITION_X: u16 = 0x35;
const ABS_MT_POSITION_Y: u16 = 0x36;
const ABS_MT_TRACKING_ID: u16 = 0x39;
const INPUT_PROP_DIRECT: u64 = 1;
const BUS_I2C: u16 = 0x18;
const BUS_USB: u16 = 0x03;
const KEY_ENTER: u16 = 28;
const KEY_LEFTSHIFT: u16 = 42;
const KEY_SPACE: u16 = 57;

/// The rows of a US keyboard and the code of their first key.
const ROWS: [(u16, &str, &str); 4] = [
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'", "ASDFGHJKL:\""),
    (44, "zxcvbnm,./", "ZXCVBNM<>?"),
];

/// Where a line goes to stand among the kernel's own events.
const TRACE: &str = "/sys/kernel/tracing/trace_marker";

/// Fingers that the panel tells apart, as Goodix does.
const SLOTS: i32 = 5;

#[repr(C)]
struct Setup {
    /// bus, vendor, product, version
    id: [u16; 4],
    name: [u8; 80],
    effects: u32,
}

#[repr(C)]
struct Axis {
    code: u16,
    /// value, minimum, maximum, fuzz, flat, resolution
    info: [i32; 6],
}

/// As the kernel of a 64-bit machine writes it.
#[repr(C)]
struct Event {
    time: [i64; 2],
    kind: u16,
    code: u16,
    value: i32,
}

struct Panel {
    file: File,
    touching: [bool; SLOTS as usize],
    next_id: i32,
}

fn checked(result: i32) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The device that was described appears.
fn create(fd: i32, name: &str, bus: u16) -> io::Result<()> {
    let mut setup = Setup { id: [bus, 0x0416, 0x0001, 1], name: [0; 80], effects: 0 };
    let length = name.len().min(79);
    setup.name[..length].copy_from_slice(&name.as_bytes()[..length]);
    // SAFETY: the kernel reads one `uinput_setup`, which `Setup` is laid out as; then a request without an argument.
    checked(unsafe { ioctl(fd, UI_DEV_SETUP, &raw const setup) })?;
    checked(unsafe { ioctl(fd, UI_DEV_CREATE) })
}

/// The events, and that they belong together.
fn frame(file: &mut File, events: &[(u16, u16, i32)]) -> io::Result<()> {
    for &(kind, code, value) in events.iter().chain(&[(EV_SYN, 0, 0)]) {
        let event = Event { time: [0, 0], kind, code, value };
        // SAFETY: `Event` has no padding, and the slice ends with it.
        let bytes = unsafe { std::slice::from_raw_parts((&raw const event).cast::<u8>(), size_of::<Event>()) };
        file.write_all(bytes)?;
    }
    Ok(())
}

/// A keyboard that a scanner types on.
fn plug_scanner(name: &str) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).open("/dev/uinput")?;
    let fd = file.as_raw_fd();
    // SAFETY: these requests take a number, not a pointer.
    let set = |request, number: u64| checked(unsafe { ioctl(fd, request, number) });
    set(UI_SET_EVBIT, EV_KEY.into())?;
    for key in 1..=KEY_SPACE {
        set(UI_SET_KEYBIT, key.into())?;
    }
    create(fd, name, BUS_USB)?;
    Ok(file)
}

/// A key each 4 ms, and Enter.
fn scan(scanner: &mut File, text: &str) -> io::Result<()> {
    for c in text.chars() {
        let key = ROWS.iter().find_map(|(first, plain, shifted)| {
            let at = |row: &str| row.chars().position(|each| each == c).map(|n| first + n as u16);
            at(plain).map(|key| (key, false)).or_else(|| at(shifted).map(|key| (key, true)))
        });
        let (key, shifted) = key.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no such key"))?;
        if shifted {
            frame(scanner, &[(EV_KEY, KEY_LEFTSHIFT, 1)])?;
        }
        strike(scanner, key)?;
        if shifted {
            frame(scanner, &[(EV_KEY, KEY_LEFTSHIFT, 0)])?;
        }
    }
    strike(scanner, KEY_ENTER)
}

fn strike(scanner: &mut File, key: u16) -> io::Result<()> {
    frame(scanner, &[(EV_KEY, key, 1)])?;
    frame(scanner, &[(EV_KEY, key, 0)])?;
    std::thread::sleep(Duration::from_millis(4));
    Ok(())
}

impl Panel {
    fn plug(name: &str, width: i32, height: i32) -> io::Result<Panel> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/uinput")?;
        let fd = file.as_raw_fd();
        // SAFETY: these requests take a number, not a pointer.
        let set = |request, number: u64| checked(unsafe { ioctl(fd, request, number) });
        set(UI_SET_EVBIT, EV_KEY.into())?;
        set(UI_SET_KEYBIT, BTN_TOUCH.into())?;
        set(UI_SET_EVBIT, EV_ABS.into())?;
        set(UI_SET_PROPBIT, INPUT_PROP_DIRECT)?;
        let (x, y) = (width - 1, height - 1);
        let ends = [
            (ABS_X, x),
            (ABS_Y, y),
            (ABS_MT_SLOT, SLOTS - 1),
            (ABS_MT_TRACKING_ID, 65535),
            (ABS_MT_POSITION_X, x),
            (ABS_MT_POSITION_Y, y),
        ];
        for (code, maximum) in ends {
            let axis = Axis { code, info: [0, 0, maximum, 0, 0, 0] };
            // SAFETY: the kernel reads one `uinput_abs_setup`, which `Axis` is laid out as.
            checked(unsafe { ioctl(fd, UI_ABS_SETUP, &raw const axis) })?;
        }
        create(fd, name, BUS_I2C)?;
        Ok(Panel { file, touching: [false; SLOTS as usize], next_id: 1 })
    }

    fn frame(&mut self, events: &[(u16, u16, i32)]) -> io::Result<()> {
        frame(&mut self.file, events)
    }

    fn touch(&mut self, slot: i32, x: i32, y: i32) -> io::Result<()> {
        let new = !std::mem::replace(&mut self.touching[slot as usize], true);
        let mut events = vec![(EV_ABS, ABS_MT_SLOT, slot)];
        if new {
            events.push((EV_ABS, ABS_MT_TRACKING_ID, self.next_id));
            events.push((EV_KEY, BTN_TOUCH, 1));
            self.next_id = (self.next_id + 1) & 0x7fff;
        }
        events.push((EV_ABS, ABS_MT_POSITION_X, x));
        events.push((EV_ABS, ABS_MT_POSITION_Y, y));
        if slot == 0 {
            events.extend([(EV_ABS, ABS_X, x), (EV_ABS, ABS_Y, y)]);
        }
        self.frame(&events)
    }

    fn leave(&mut self, slot: i32) -> io::Result<()> {
        self.touching[slot as usize] = false;
        let mut events = vec![(EV_ABS, ABS_MT_SLOT, slot), (EV_ABS, ABS_MT_TRACKING_ID, -1)];
        if !self.touching.contains(&true) {
            events.push((EV_KEY, BTN_TOUCH, 0));
        }
        self.frame(&events)
    }
}

fn obey(line: &str, panel: &mut Option<Panel>, scanner: &mut Option<File>) -> io::Result<()> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<i32>().ok()).unwrap_or(0);
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    let slot = || Some(number(1)).filter(|slot| (0..SLOTS).contains(slot)).ok_or_else(|| wrong("no such slot"));
    match words[..] {
        ["plug", name, _, _] => {
            // The old one goes first: two of one name would be two panels.
            *panel = None;
            *panel = Some(Panel::plug(name, number(2), number(3))?);
            return Ok(());
        }
        ["unplug"] => {
            *panel = None;
            return Ok(());
        }
        ["scanner", name] => {
            *scanner = None;
            *scanner = Some(plug_scanner(name)?);
            return Ok(());
        }
        ["scan", text] => return scan(scanner.as_mut().ok_or_else(|| wrong("no scanner is plugged in"))?, text),
        _ => {}
    }
    let panel = panel.as_mut().ok_or_else(|| wrong("nothing is plugged in"))?;
    match words[..] {
        ["down" | "move", _, _, _] => panel.touch(slot()?, number(2), number(3)),
        ["up", _] => panel.leave(slot()?),
        ["tap", _, _] => {
            panel.touch(0, number(1), number(2))?;
            std::thread::sleep(Duration::from_millis(80));
            panel.leave(0)
        }
        ["drum", _, _, _, _] => {
            let mut trace = OpenOptions::new().write(true).open(TRACE)?;
            let pause = Duration::from_millis(number(2).max(1) as u64 / 2);
            for _ in 0..number(1) {
                trace.write_all(b"finger")?;
                panel.touch(0, number(3), number(4))?;
                std::thread::sleep(pause);
                trace.write_all(b"finger")?;
                panel.leave(0)?;
                std::thread::sleep(pause);
            }
            Ok(())
        }
        _ => Err(wrong(&format!("no such command: {line:?}"))),
    }
}

fn main() -> io::Result<()> {
    let (mut panel, mut scanner) = (None, None);
    for line in io::stdin().lock().lines() {
        let answer = match obey(&line?, &mut panel, &mut scanner) {
            Ok(()) => "ok".to_owned(),
            Err(error) => format!("error {error}"),
        };
        println!("{answer}");
    }
    Ok(())
}
