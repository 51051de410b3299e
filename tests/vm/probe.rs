//! `lobbyd board probe`: it names what this machine has, and the board file that it proposes is taken as it is, by `lobbyd
//! check` and by the service.

use crate::glass::{SMALL, at_home};
use crate::kiosk::Hang;
use crate::machine::Machine;
use crate::service::{CONFIG, LOBBYD, restart_on};

const MINE: &str = "/etc/lobbyd/boards/mine.toml";

/// The machine has a panel, a touchscreen, and the lines that `lamps` has made. Ends with the service on the board `mine`.
pub fn what_is_here_makes_a_board_file(machine: &mut Machine) {
    let told = machine.run(&format!("mkdir -p /etc/lobbyd/boards; lobbyd board probe | tee {MINE}"));
    for expected in ["# display Virtual-1: 800x480", "# touch panels: test-panel", "# GPIO gpio-sim", "GPIO17 GPIO27"] {
        assert!(told.contains(expected), "{expected} is not in\n{told}");
    }
    restart_on(machine, "mine");
    // Whoever may open no GPIO line learns the same of all else.
    let listed = "lobbyd board probe | grep -v '^# GPIO'";
    machine.run(&format!("[ \"$({listed})\" = \"$(runuser -u nobody -- {listed})\" ]"));
    // Exit code 0: there is no fault.
    let check = machine.run(&format!("{LOBBYD} check --config {CONFIG}"));
    for expected in ["a display of 800x480 at Virtual-1", "the touch panel \"test-panel\" is here"] {
        assert!(check.contains(expected), "{expected} is not in\n{check}");
    }
    // The screen says itself how large it is.
    let dpi = machine.run(&format!("sed -n 's/^dpi = \\([0-9]*\\).*/\\1/p' {MINE}")).parse().unwrap();
    let mut glass = at_home(machine, (SMALL.0, dpi), Hang::Upright);
    glass.compare(machine);
    glass.press_through(machine, "home.visit");
}
