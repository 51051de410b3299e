//! The service as a technician handles it: whether it runs, what it says of itself, which board it has. What stands here looks
//! at no picture.

use crate::machine::Machine;

pub const CONFIG: &str = "/etc/lobbyd/lobby.toml";
pub const STATE: &str = "systemctl show -P ActiveState lobbyd";
pub const PID: &str = "systemctl show -P MainPID lobbyd";
pub const LOBBYD: &str = "runuser -u lobbyd -- lobbyd";

/// The service runs under another process than `before`, and listens to the building.
pub fn comes_back(machine: &mut Machine, before: &str) {
    machine.run_until("the service has a new process", PID, |pid| pid != before && pid != "0");
    machine.run_until("the service runs", STATE, |state| state == "active");
    is_connected(machine);
}

pub fn is_connected(machine: &mut Machine) {
    let words = "systemctl show -P StatusText lobbyd";
    machine.run_until("both brokers are connected", words, |text| !text.is_empty() && !text.contains("down"));
}

/// How often the service has said this.
pub fn said(machine: &mut Machine, words: &str) -> usize {
    machine.run(&format!("journalctl -u lobbyd -o cat --no-pager | grep -c '{words}'; true")).parse().unwrap()
}

pub fn says_again(machine: &mut Machine, words: &str, before: usize) {
    let count = format!("journalctl -u lobbyd -o cat --no-pager | grep -c '{words}'; true");
    machine.run_until(&format!("it says again \"{words}\""), &count, |now| {
        now.parse().is_ok_and(|now: usize| now > before)
    });
}

/// Writes another board into the configuration.
pub fn on_board(name: &str) -> String {
    format!("sed -i 's/^board = .*/board = \"{name}\"/' /etc/lobbyd/lobby.toml")
}

/// Restarted with another board file, and both its touch panel and its display are there.
pub fn restart_on(machine: &mut Machine, board: &str) {
    let [panel, lit] = ["the touch panel is here", "the display is lit"];
    let (panels, lights) = (said(machine, panel), said(machine, lit));
    machine.run(&format!("{}; systemctl restart lobbyd", on_board(board)));
    says_again(machine, panel, panels);
    says_again(machine, lit, lights);
}
