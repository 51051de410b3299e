//! A read-only root file system, as docs/installing.md makes it: the data folder is a file system of its own, and nothing else can
//! be written. Ends with the machine as it was, and the journal where it was.

use crate::machine::Machine;
use crate::service::STATE;

const DATA: &str = "/var/lib/lobbyd";
/// Stands in for the partition: the test is about what else lobbyd would write to.
const OWN: &str =
    "mount -t tmpfs -o mode=0700 data /mnt && cp -a /var/lib/lobbyd/. /mnt && mount --bind /mnt /var/lib/lobbyd";
const BACK: &str = "umount /var/lib/lobbyd && cp -a /mnt/. /var/lib/lobbyd && umount /mnt";

/// From here to `ends` the root is read-only, and the service runs as before.
pub fn begins(machine: &mut Machine) {
    machine.run("systemctl stop lobbyd");
    machine.run(OWN);
    // The system's log goes into memory, as it does where the root is read-only from the start.
    machine.run("journalctl --relinquish-var");
    machine.run_until("the root is read-only", "mount -o remount,ro / && echo done", |said| said == "done");
    assert_ne!(machine.try_run("touch /etc/lobbyd/mark").1, 0, "the root can still be written");
    machine.run("systemctl start lobbyd");
    assert_eq!(machine.run(STATE), "active");
    let check = machine.try_run("runuser -u lobbyd -- lobbyd check --config /etc/lobbyd/lobby.toml").0;
    assert!(check.contains(&format!("{DATA} can be written")), "{check}");
    assert!(check.contains(&format!("{DATA} is in memory only")), "the stand-in is not taken for a disk: {check}");
}

pub fn ends(machine: &mut Machine) {
    machine.run("systemctl stop lobbyd && mount -o remount,rw / && journalctl --flush");
    machine.run(BACK);
    machine.run("systemctl start lobbyd");
}
