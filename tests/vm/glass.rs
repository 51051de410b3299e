//! What a person sees and does at the glass: the home page, a visitor who signs in, a panel that is unplugged, the console that
//! must not shine through and comes back. Compared pixel by pixel.

use crate::GOLDEN;
use crate::common;
use crate::kiosk::{Hang, Kiosk};
use crate::machine::Machine;
use crate::picture::Picture;
use crate::service::{restart_on, said, says_again};
use chrono::{DateTime, Utc};
use std::path::Path;
use std::time::Instant;

/// Width, height and pixels an inch, as the board files have them.
pub const SMALL: ([u32; 2], u32) = ([800, 480], 133);
pub const STANDING: ([u32; 2], u32) = ([720, 1280], 208);
const LYING: ([u32; 2], u32) = ([1280, 720], 208);

/// A connected panel of this size with a console on it, and a touchscreen over it.
pub fn has_a_panel(machine: &mut Machine, size: [u32; 2]) {
    let modes = machine.run("cat /sys/class/drm/card*-*/modes");
    assert_eq!(
        modes.lines().next(),
        Some(format!("{}x{}", size[0], size[1]).as_str()),
        "the panel's own mode is first"
    );
    plug(machine, size);
    assert_eq!(machine.run("systemctl show -P ActiveState getty@tty1"), "active");
    machine.run("echo 'the text of the console' >/dev/tty1");
    assert_eq!(machine.look().size, size);
    shows_text(machine);
}

pub fn plug(machine: &mut Machine, size: [u32; 2]) {
    machine.finger(&format!("plug test-panel {} {}", size[0], size[1]));
    machine
        .run_until("the touchscreen is there", "cat /proc/bus/input/devices", |list| list.contains("\"test-panel\""));
}

/// The kiosk that must be on the glass now.
pub fn at_home(machine: &mut Machine, (size, dpi): ([u32; 2], u32), hang: Hang) -> Kiosk {
    let seconds = machine.run("date +%s").parse().unwrap();
    Kiosk::new(size, dpi, hang, DateTime::<Utc>::from_timestamp(seconds, 0).unwrap())
}

pub fn shows_the_golden(machine: &mut Machine, name: &str) {
    shows(machine, name, &Picture::golden(name));
}

/// Waits until the text of the console is on the glass, and no picture.
pub fn shows_text(machine: &mut Machine) {
    let deadline = Instant::now() + common::PATIENCE;
    while !machine.look().is_text() {
        assert!(Instant::now() < deadline, "the console's text is not on the glass");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// Waits until this picture is on the glass; `what` names it.
pub fn shows(machine: &mut Machine, what: &str, wanted: &Picture) {
    let deadline = Instant::now() + common::PATIENCE;
    loop {
        let shown = machine.look();
        match wanted.differs(&shown) {
            0 => return,
            differ if Instant::now() > deadline => {
                let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shown.ppm");
                shown.write(&file);
                panic!("{what} is not on the glass: {differ} pixels differ, see {}; {}", file.display(), machine.log());
            }
            _ => std::thread::sleep(std::time::Duration::from_millis(50)),
        }
    }
}

/// Neither the kernel nor a login paints over the picture.
pub fn hides_the_console(machine: &mut Machine) {
    machine.run("echo 'a line for the console' >/dev/tty1; echo '<0>a kernel that calls out' >/dev/kmsg");
    assert_eq!(machine.run("systemctl show -P ActiveState getty@tty1"), "inactive");
    at_home(machine, SMALL, Hang::Upright).compare(machine);
}

/// Stopped, it leaves the console with what was written there meanwhile. It stays stopped.
pub fn gives_the_console_back(machine: &mut Machine) {
    machine.run("echo 'written meanwhile' >/dev/tty1; systemctl stop lobbyd");
    shows_text(machine);
}

/// A visitor, from the home page to the end.
pub fn signs_in(machine: &mut Machine, glass: &mut Kiosk) {
    glass.compare(machine);
    for id in ["language", "language.en", "home.visit"] {
        glass.press_through(machine, id);
    }
    for text in ["1203", "anna", "13800000042"] {
        glass.type_in(machine, text);
        glass.press_through(machine, "next");
    }
    // The desk answers at once: the page that says so is compared when its number is known.
    glass.press(machine, "purpose.work");
}

pub fn loses_finger_and_display(machine: &mut Machine) {
    let here = "the touch panel is here";
    let before = said(machine, here);
    machine.finger("unplug");
    says_again(machine, "the touch panel has gone", 0);
    plug(machine, SMALL.0);
    says_again(machine, here, before);
    let mut glass = at_home(machine, SMALL, Hang::Upright);
    glass.press_through(machine, "home.visit");
    glass.press_through(machine, "back");

    let lit = "the display is lit";
    let before = said(machine, lit);
    machine.run("echo off >/sys/class/drm/card0-Virtual-1/status");
    says_again(machine, "the display was plugged in or out", 0);
    machine.run("echo on >/sys/class/drm/card0-Virtual-1/status");
    says_again(machine, lit, before);
    at_home(machine, SMALL, Hang::Upright).compare(machine);

    // Who opens a card first may draw on it.
    machine.run(
        "systemctl stop lobbyd; sh -c 'exec </dev/dri/card0; echo $$ >/tmp/thief; exec sleep 1000' >/dev/null 2>&1 &",
    );
    machine.run_until("the card is taken", "cat /tmp/thief", |thief| thief.parse::<u32>().is_ok());
    machine.run("systemctl start lobbyd");
    says_again(machine, "no picture; it is tried again", 0);
    let before = said(machine, lit);
    machine.run("kill $(cat /tmp/thief)");
    says_again(machine, lit, before);
    at_home(machine, SMALL, Hang::Upright).compare(machine);
}

/// The second panel as it stands, with a journal that begins in the minute of the golden pictures; then on its side.
pub fn stands_and_lies(machine: &mut Machine) {
    machine.run(&format!("systemctl stop lobbyd; rm -rf /var/lib/lobbyd/*; date -s {GOLDEN}; systemctl start lobbyd"));
    shows_the_golden(machine, "home-zh-Hans-720x1280");
    plug(machine, STANDING.0);

    restart_on(machine, "vm-1280x720");
    let mut glass = at_home(machine, LYING, Hang::Lying);
    glass.compare(machine);
    glass.press_through(machine, "home.visit");
    glass.type_in(machine, "12");
}
