//! The scanner on the virtual machine: a keyboard that lobbyd has alone. A guest holds an invitation before it.

use crate::machine::Machine;
use crate::service::CONFIG;
use std::time::{Duration, Instant};

const KEY: &str = "/etc/lobbyd/invitation.key";
/// The board in use, with a scanner.
const BOARD: &str = "/etc/lobbyd/with-scanner.toml";
/// How often a guest holds it there again: a machine that stumbles for 50 ms spoils a reading.
const TRIES: usize = 20;
/// How long the guest looks at the screen before trying again.
const LOOK: Duration = Duration::from_secs(2);

/// Gives the machine a scanner, and an invitation of this minute to read. `board`: the one that it has.
pub fn an_invitation_is_read_and_no_console_hears_it(machine: &mut Machine, board: &str) {
    machine.run(&format!("cp {CONFIG} /root/lobby.toml"));
    machine.run(&format!(
        "{{ cat /usr/share/lobbyd/boards/{board}.toml; printf '\\n[scanner]\\nname = \"test-scanner\"\\n'; }} >{BOARD}"
    ));
    machine.run(&format!("{{ lobbyd invite key --key {KEY}; cat /root/lobby.toml; }} >{CONFIG}"));
    machine.run(&format!("sed -i 's#^board = .*#board = \"{BOARD}\"#' {CONFIG}"));
    machine.run(&format!("chgrp lobbyd {BOARD} {CONFIG}; chmod 640 {BOARD} {CONFIG}; systemctl restart lobbyd"));
    machine.finger("scanner test-scanner");
    let log = "journalctl -u lobbyd -b --no-pager | grep -c 'the scanner is here'";
    machine.run_until("lobbyd has the scanner", log, |count| count != "0");

    let day = |which: &str| format!("$(date -d '{which} day' +%Y-%m-%dT%H:%M)");
    let invite = format!(
        "lobbyd invite --config {CONFIG} --key {KEY} --unit 3-1203 --host 王女士 --from {} --until {} --no-store",
        day("-1"),
        day("+1")
    );
    let said = machine.run(&invite);
    let token = said.lines().next().unwrap_or_default();
    assert!(token.starts_with("LB1."), "{said}");
    // Let in, or looked at by a guard because this machine's clock is nobody's: either way it has been read.
    let read = format!(
        "runuser -u lobbyd -- lobbyd journal export --author test --config {CONFIG} | grep -cE 'visit.arrived|invitation.refused'"
    );
    let count = |machine: &mut Machine| machine.try_run(&read).0.parse::<u32>().unwrap_or(0);
    // A visitor may have signed in by hand before.
    let before = count(machine);
    let arrived = (0..TRIES).any(|_| {
        machine.finger(&format!("scan {token}"));
        let given_up = Instant::now() + LOOK;
        while count(machine) == before && Instant::now() < given_up {}
        count(machine) > before
    });
    assert!(arrived, "no reading arrived: {}", machine.run("journalctl -u lobbyd -b --no-pager | tail -n 20"));
    machine.run("! grep -qa LB1 /dev/vcs1");
    machine.run(&format!(
        "mv /root/lobby.toml {CONFIG} && chgrp lobbyd {CONFIG} && chmod 640 {CONFIG} && systemctl restart lobbyd"
    ));
}
