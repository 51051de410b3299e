//! The package on its way in and out: installed, set up as a technician does it, removed and purged.

use crate::GOLDEN;
use crate::machine::Machine;
use crate::service::{LOBBYD, STATE, is_connected};
use std::fs;
use std::path::{Path, PathBuf};

/// Hung for so long, the service is restarted. The unit says 30 s; the test has less time.
const WATCHDOG: &str = "[Service]\nWatchdogSec=10s\\n";

/// The newest package that ./systemd/package has made.
pub fn newest() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/debian");
    let made = fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let packages = made.filter(|path| path.to_string_lossy().ends_with("_amd64.deb"));
    let newest = packages.max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap());
    newest.unwrap_or_else(|| panic!("no package in {}: run ./systemd/package", folder.display()))
}

/// `dpkg -i`: user, service, folders; but nothing runs before somebody has said which building this is.
pub fn installs(machine: &mut Machine) {
    let said = machine.run("dpkg -i /goods/lobbyd.deb");
    assert!(said.contains("not set up yet"), "{said}");
    assert_eq!(machine.run("systemctl is-enabled lobbyd"), "enabled");
    assert_eq!(machine.run(STATE), "inactive");
    assert_eq!(machine.run("stat -c '%U %G %a' /var/lib/lobbyd /etc/lobbyd"), "lobbyd lobbyd 700\nroot lobbyd 750");
    let groups = machine.run("id -nG lobbyd");
    for group in ["video", "input", "gpio", "spi", "audio"] {
        assert!(groups.split(' ').any(|has| has == group), "{groups}");
    }
}

/// A technician's half hour: configuration in place, looked at, started.
pub fn is_set_up(machine: &mut Machine) {
    machine.run("cp /goods/lobby.toml /etc/lobbyd/lobby.toml");
    machine.run("mkdir -p /etc/systemd/system/lobbyd.service.d");
    machine
        .run(&format!("printf '{WATCHDOG}' >/etc/systemd/system/lobbyd.service.d/test.conf; systemctl daemon-reload"));
    // Without a record it believes the clock: the minute of the golden pictures begins.
    machine.run(&format!("date -s {GOLDEN}; systemctl start lobbyd"));
}

/// What a technician may want to know of it; printed.
pub fn is_well(machine: &mut Machine) {
    is_connected(machine);
    println!("{}", machine.run(&format!("{LOBBYD} check --config /etc/lobbyd/lobby.toml; true")));
    println!("{}", machine.run("systemd-analyze security --no-pager --threshold=20 lobbyd | tail -n 1"));
    println!("{}", machine.run("systemd-analyze; systemctl show -p MemoryCurrent -p TasksCurrent lobbyd"));
}

/// `remove` leaves what is the building's, `purge` nothing.
pub fn leaves(machine: &mut Machine) {
    machine.run("dpkg -r lobbyd && test -s /var/lib/lobbyd/journal.db && test -e /etc/lobbyd/lobby.toml");
    machine.run("dpkg -P lobbyd && test ! -e /var/lib/lobbyd && test ! -e /etc/lobbyd");
    assert_ne!(machine.try_run("systemctl cat lobbyd").1, 0, "no such unit any more");
}
