//! The machine under the daemon: the files' permissions, the clock, the fonts, and systemd, which watches over it.

use super::finding::{Area, Finding};
use crate::config::Config;
use crate::fonts;
use crate::health::clock;
use chrono::{DateTime, Utc};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

/// A clock before this was never set: the first release of lobbyd is later (2026-01-01).
const FIRST_RELEASE: i64 = 1_767_225_600;
/// There as long as systemd runs (sd_booted(3)).
const SYSTEMD: &str = "/run/systemd/system";
/// The service of the package.
const UNIT: &str = "lobbyd.service";

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = permissions(config);
    findings.push(clock(clock::now().utc, clock::is_synced()));
    findings.push(match fonts::load() {
        Ok(()) => Finding::ok(Area::Fonts, "all are there"),
        Err(missing) => Finding::fault(Area::Fonts, missing.to_string(), "apt-get install --reinstall lobbyd"),
    });
    findings.extend(if Path::new(SYSTEMD).exists() {
        systemd().map_or_else(
            || vec![Finding::warning(Area::Service, "systemd does not tell this user how lobbyd is", "ask it as root")],
            |said| service(&said),
        )
    } else {
        vec![Finding::ok(Area::Service, "systemd does not run here: nobody restarts lobbyd when it ends")]
    });
    findings
}

/// What systemd says of the service; `None` where it does not run.
/// `None` where it does not answer: without a message bus it talks to root alone.
fn systemd() -> Option<String> {
    let properties = "--property=LoadState,UnitFileState,ActiveState,NRestarts,WatchdogUSec";
    let shown = Command::new("systemctl").args(["show", UNIT, properties]).output().ok()?;
    shown.status.success().then(|| String::from_utf8_lossy(&shown.stdout).into_owned())
}

fn service(said: &str) -> Vec<Finding> {
    let of = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
    if of("LoadState") != "loaded" {
        let remedy = "install the package; it brings the service";
        return vec![Finding::warning(
            Area::Service,
            format!("there is no {UNIT}: nobody starts lobbyd at boot"),
            remedy,
        )];
    }
    let mut findings = Vec::new();
    if of("UnitFileState") == "disabled" {
        let what = "lobbyd does not start at boot";
        findings.push(Finding::warning(Area::Service, what, "sudo systemctl enable --now lobbyd"));
    }
    match of("ActiveState") {
        "active" => findings.push(Finding::ok(Area::Service, "lobbyd runs")),
        state => {
            let what = format!("lobbyd does not run ({state})");
            let remedy =
                "mend the faults, then: sudo systemctl restart lobbyd; journalctl -u lobbyd -n 50 says why it ended";
            findings.push(Finding::warning(Area::Service, what, remedy));
        }
    }
    if matches!(of("WatchdogUSec"), "" | "0") {
        let what = "systemd does not watch it: a lobbyd that hangs stays so";
        findings.push(Finding::warning(Area::Service, what, "set WatchdogSec=30s, as in the package's unit"));
    }
    if let Ok(restarts @ 1..) = of("NRestarts").parse::<u32>() {
        let what = format!("it was restarted {restarts} times since it was started by hand or at boot");
        findings.push(Finding::warning(Area::Service, what, "journalctl -u lobbyd --since today says why"));
    }
    findings
}

fn permissions(config: &Config) -> Vec<Finding> {
    let secrets =
        [&config.building, &config.office].into_iter().flat_map(|broker| [&broker.password_file, &broker.key]);
    let mut findings: Vec<Finding> = secrets.flatten().filter_map(|file| secret(file)).collect();
    // SAFETY: geteuid has no preconditions and cannot fail.
    let root = unsafe { libc::geteuid() } == 0;
    if root && fs::metadata(&config.data_dir).is_ok_and(|folder| folder.uid() != 0) {
        let what = "root may read and write everything, so this check says nothing about the daemon's own rights";
        let remedy = "sudo -u lobbyd lobbyd check --config …";
        findings.push(Finding::warning(Area::Permissions, what, remedy));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(Area::Permissions, "secrets are readable by their owner only"));
    }
    findings
}

fn secret(file: &Path) -> Option<Finding> {
    let mode = fs::metadata(file).ok()?.permissions().mode();
    let shown = file.display();
    if mode & 0o004 != 0 {
        let what = format!("{shown} is readable by every user of this machine");
        Some(Finding::fault(Area::Permissions, what, format!("chown lobbyd {shown}; chmod 600 {shown}")))
    } else if mode & 0o020 != 0 || mode & 0o002 != 0 {
        let what = format!("{shown} can be changed by others than its owner");
        Some(Finding::warning(Area::Permissions, what, format!("chmod 600 {shown}")))
    } else {
        None
    }
}

fn clock(now: DateTime<Utc>, synced: bool) -> Finding {
    let set = "install chrony or systemd-timesyncd, and let this machine reach a time server";
    // Service time: what is old, and whether a command still counts, goes by a clock that is known.
    let meanwhile =
        "until it is set, nothing old is erased, nobody's name either, and no command of the office is taken";
    if now.timestamp() < FIRST_RELEASE {
        let what =
            format!("the clock says {}: certificates and deadlines go by it; {meanwhile}", now.format("%Y-%m-%d"));
        Finding::fault(Area::Clock, what, set)
    } else if synced {
        Finding::ok(Area::Clock, "the clock is set by the network")
    } else {
        let what = format!(
            "the clock is not set by the network, or has not been for some nine hours. A lobbyd that had it goes on by it for 30 days, or to its \
             next start; then events say timequality unsynced, and {meanwhile}"
        );
        Finding::warning(Area::Clock, what, set)
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn a_password_file_that_everybody_can_read_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        fs::write(&file, "x").unwrap();
        for (mode, level) in [(0o644, Some(Level::Fault)), (0o620, Some(Level::Warning)), (0o640, None), (0o600, None)]
        {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(secret(&file).map(|finding| finding.level), level, "{mode:o}");
        }
    }

    #[test]
    fn a_clock_that_was_never_set_is_a_fault_and_one_without_the_network_a_warning() {
        let later = DateTime::from_timestamp(FIRST_RELEASE + 1, 0).unwrap();
        assert_eq!(clock(DateTime::from_timestamp(0, 0).unwrap(), true).level, Level::Fault);
        let unset = clock(later, false);
        assert!(unset.level == Level::Warning && unset.what.contains("nothing old is erased"), "{unset:?}");
        assert!(unset.what.contains("no command of the office is taken"), "{unset:?}");
        assert_eq!(clock(later, true).level, Level::Ok);
    }

    #[test]
    fn a_service_that_is_missing_asleep_unwatched_or_restless_is_told() {
        let said = |active, watchdog, restarts| {
            let text = format!(
                "LoadState=loaded\nUnitFileState=enabled\nActiveState={active}\nNRestarts={restarts}\nWatchdogUSec={watchdog}\n"
            );
            service(&text).iter().map(|finding| finding.level).collect::<Vec<_>>()
        };
        assert_eq!(said("active", "30s", 0), [Level::Ok]);
        assert_eq!(said("failed", "30s", 0), [Level::Warning]);
        assert_eq!(said("active", "0", 3), [Level::Ok, Level::Warning, Level::Warning]);
        assert!(service("LoadState=not-found\n")[0].what.contains("at boot"));
        assert!(
            service("LoadState=loaded\nUnitFileState=disabled\nActiveState=active\nWatchdogUSec=30s\n")[0]
                .remedy
                .as_deref()
                .is_some_and(|remedy| remedy.contains("enable"))
        );
    }
}
