//! `lobbyd board calibrate` as a technician runs it: the service stopped, on a terminal of his own, a finger on each cross; then
//! with a panel whose axes are exchanged, until a key answers where it is drawn.

use crate::glass::{self, SMALL, at_home, plug, shows};
use crate::kiosk::Hang;
use crate::machine::Machine;
use crate::picture::Picture;
use crate::service::restart_on;
use embedded_graphics::prelude::{Point, Size};
use lobbyd::board::touch::{cross, crosses};
use lobbyd::kiosk::{Crosses, Metrics};

/// What it wrote, and its exit code when it has ended.
const SAID: &str = "/run/calibrate.said";
const CODE: &str = "/run/calibrate.code";
/// How the terminal was set before and after, a line each.
const TERMINAL: &str = "/run/calibrate.terminal";
const PICTURE: Size = Size::new(SMALL.0[0], SMALL.0[1]);
/// Four digits are printed; a finger here is exact to a pixel of 480.
const NEAR: f32 = 0.003;
const STRAIGHT: [f32; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
const CROSSED: [f32; 6] = [0.0, 1.0, 0.0, 1.0, 0.0, 0.0];

/// The service is stopped, and the console shows text. Ends with the service running on a board that it has calibrated.
pub fn crosses_are_touched_and_the_matrix_fits(machine: &mut Machine) {
    let said = calibrates(machine, "", |at| at, Ok(STRAIGHT));
    assert!(said.contains("[touch]"), "{said}");

    is_given_up(machine);

    let [width, height] = SMALL.0;
    plug(machine, [height, width]);
    let exchanged = |at: Point| Point::new(at.y, at.x);
    // That is nearly always config.txt turning the finger too: it must be meant.
    calibrates(machine, "", exchanged, Err("--mirrored"));
    calibrates(machine, "--mirrored", exchanged, Ok(CROSSED));
    machine.run(&format!(
        "mkdir -p /etc/lobbyd/boards
         {{ cat /usr/share/lobbyd/boards/vm-800x480.toml; grep ^matrix {SAID}; }} >/etc/lobbyd/boards/calibrated.toml"
    ));
    restart_on(machine, "calibrated");
    let mut glass = at_home(machine, SMALL, Hang::Crossed);
    glass.press_through(machine, "home.visit");
    glass.type_in(machine, "3");

    let (said, code) = machine.try_run("lobbyd board calibrate --board vm-800x480");
    assert!(code == 1 && said.contains("systemctl stop lobbyd"), "the service has the display: {said}");
    plug(machine, SMALL.0);
}

/// Starts it as a technician does who came over the network: on a terminal, whose keys come from the file `keys`.
fn starts(machine: &mut Machine, more: &str, keys: &str) {
    machine.run(&format!(
        "rm -f {SAID} {CODE}; echo 'a line for the console' >/dev/tty1
         (script -qec 'stty -g >{TERMINAL}; lobbyd board calibrate --board vm-800x480 {more}; code=$?
                       stty -g >>{TERMINAL}; exit $code' {SAID} <{keys}; echo $? >{CODE}) >/dev/null 2>&1 &"
    ));
}

/// The page as it must be on the glass.
fn page(page: Crosses) -> Picture {
    Picture::drawn(&page.draw(Metrics::new(PICTURE, SMALL.1)))
}

/// It has ended with this exit code, and glass and terminal are as they were. Gives what was written.
fn ends(machine: &mut Machine, code: &str) -> String {
    machine.run_until("calibrate has ended", &format!("cat {CODE}"), |ended| ended == code);
    glass::shows_text(machine);
    assert_eq!(machine.run(&format!("uniq {TERMINAL} | wc -l")), "1", "the terminal is not as it was");
    machine.run(&format!("cat {SAID}"))
}

/// Whoever presses Esc is let go.
fn is_given_up(machine: &mut Machine) {
    machine.run("mkfifo /run/keys; sleep 1000 >/run/keys & echo $! >/run/keys.pid");
    starts(machine, "", "/run/keys");
    shows(machine, "the first cross", &page(Crosses::Touch { nth: 0, slid: false }));
    machine.run("printf '\\033' >/run/keys");
    let said = ends(machine, "1");
    assert!(said.contains("nothing was changed"), "{said}");
    machine.run("kill $(cat /run/keys.pid); rm /run/keys");
}

/// One calibration with a finger that touches each cross where `finger` says, to its matrix or to what it says against it.
/// Afterwards the console has its text again. Gives what was written.
fn calibrates(
    machine: &mut Machine,
    more: &str,
    finger: impl Fn(Point) -> Point,
    wanted: Result<[f32; 6], &str>,
) -> String {
    starts(machine, more, "/dev/null");
    for nth in 0..crosses() {
        shows(machine, &format!("cross {nth}"), &page(Crosses::Touch { nth, slid: false }));
        let at = finger(cross(nth, PICTURE));
        machine.finger(&format!("tap {} {}", at.x, at.y));
    }
    let (last, code) = match wanted {
        // A finger that hits each cross is off by what rounding makes of it.
        Ok(_) => (Crosses::Done { off: 0 }, "0"),
        Err(_) => (Crosses::Refused, "1"),
    };
    shows(machine, "the result", &page(last));
    // Read, and on.
    machine.finger(&format!("tap {0} {0}", SMALL.0[1] / 2));
    let said = ends(machine, code);
    match wanted {
        Ok(matrix) => assert!(near(&said, matrix), "{matrix:?} is not in {said}"),
        Err(words) => assert!(said.contains(words) && !said.contains("matrix ="), "{said}"),
    }
    said
}

/// Whether this matrix was printed, but for rounding.
fn near(said: &str, wanted: [f32; 6]) -> bool {
    let line = said.lines().find_map(|line| line.trim().strip_prefix("matrix = [")?.strip_suffix(']'));
    let numbers: Vec<f32> = line.unwrap_or_default().split(", ").filter_map(|number| number.parse().ok()).collect();
    numbers.len() == wanted.len() && numbers.iter().zip(wanted).all(|(one, other)| (one - other).abs() < NEAR)
}
