//! The machine under the daemon: the data folder, the files' permissions, the clock.

use super::finding::{Area, Finding};
use super::mount;
use crate::config::Config;
use crate::health::clock;
use crate::journal::JOURNAL_FILE;
use chrono::{DateTime, Utc};
use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

/// Free space below which the journal will soon stop: a day of a busy lobby with its write-ahead log.
const MIN_FREE: u64 = 64 << 20;
/// Free space below which somebody should look: half a year of a busy lobby is about 250 MB.
const LOW_FREE: u64 = 512 << 20;
/// An fsync that takes longer makes people wait at the glass; SD cards near their end take seconds.
const SLOW_FSYNC: Duration = Duration::from_millis(300);
/// A clock before this was never set: the first release of lobbyd is later (2026-01-01).
const FIRST_RELEASE: i64 = 1_767_225_600;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = data_dir(&config.data_dir);
    findings.extend(mount::examine(&config.data_dir));
    findings.extend(permissions(config));
    findings.push(clock(clock::now().utc, clock::is_synced()));
    findings
}

fn data_dir(folder: &Path) -> Vec<Finding> {
    let shown = folder.display();
    let metadata = match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => metadata,
        Ok(_) => return vec![Finding::fault(Area::DataDir, format!("{shown} is a file"), "name a folder")],
        Err(error) => {
            let remedy = format!("install -d -o lobbyd -g lobbyd -m 0700 {shown}");
            return vec![Finding::fault(Area::DataDir, format!("{shown}: {error}"), remedy)];
        }
    };
    let mut findings = vec![writable(folder)];
    findings.extend(free_space(folder));
    findings.extend(damaged_journals(folder));
    if metadata.permissions().mode() & 0o007 != 0 {
        let what = format!("{shown} is open to every user of this machine, and holds names and phone numbers");
        findings.push(Finding::warning(Area::DataDir, what, format!("chmod 0700 {shown}")));
    }
    findings
}

/// Journals that were damaged and put aside by an earlier start.
fn damaged_journals(folder: &Path) -> Option<Finding> {
    let aside = format!("{JOURNAL_FILE}.damaged-");
    let names = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    // Its companions end in -wal and -shm.
    let is_companion = |name: &str| name.ends_with("-wal") || name.ends_with("-shm");
    let newest = names.filter(|name| name.starts_with(&aside) && !is_companion(name)).max()?;
    let remedy = format!(
        "replace the SD card; see what can be read with lobbyd journal export --file {}; then move the file away",
        folder.join(&newest).display()
    );
    Some(Finding::warning(Area::DataDir, format!("the journal was damaged and put aside as {newest}"), remedy))
}

/// Writes, fsyncs and removes a file, and measures the fsync.
fn writable(folder: &Path) -> Finding {
    let shown = folder.display();
    match probe(&folder.join(format!(".check-{}", std::process::id()))) {
        Err(error) => {
            let remedy = match error.kind() {
                io::ErrorKind::PermissionDenied => format!("chown lobbyd:lobbyd {shown}, and run check as that user"),
                io::ErrorKind::ReadOnlyFilesystem => "mount it for writing; a failing SD card turns read-only".into(),
                io::ErrorKind::StorageFull => "make room on this disk".into(),
                _ => "look at the disk: dmesg tells of failing SD cards".into(),
            };
            Finding::fault(Area::DataDir, format!("{shown} cannot be written: {error}"), remedy)
        }
        Ok(took) if took > SLOW_FSYNC => Finding::warning(
            Area::DataDir,
            format!("{shown}: one fsync took {} ms", took.as_millis()),
            "use an SSD or a new SD card of class A2",
        ),
        Ok(took) => Finding::ok(Area::DataDir, format!("{shown} can be written, fsync in {} ms", took.as_millis())),
    }
}

fn probe(file: &Path) -> io::Result<Duration> {
    let written = (|| {
        let mut probe = File::options().write(true).create_new(true).open(file)?;
        probe.write_all(&[0; 4096])?;
        let before = Instant::now();
        probe.sync_all()?;
        Ok(before.elapsed())
    })();
    // Removing what could not be made is no second fault.
    drop(fs::remove_file(file));
    written
}

fn free_space(folder: &Path) -> Option<Finding> {
    let free = free_bytes(folder)?;
    let what = format!("{} MiB are free in {}", free >> 20, folder.display());
    let remedy = "make room, or shorten [retention]";
    if free < MIN_FREE {
        Some(Finding::fault(Area::DataDir, what, remedy))
    } else if free < LOW_FREE {
        Some(Finding::warning(Area::DataDir, what, remedy))
    } else {
        None
    }
}

/// Bytes that this user may still write; `None` where the file system does not say.
fn free_bytes(folder: &Path) -> Option<u64> {
    let path = CString::new(folder.as_os_str().as_bytes()).ok()?;
    // SAFETY: the path ends with NUL and lives through the call; statvfs is a plain C struct, and is read only after
    // the call has filled it.
    let space = unsafe {
        let mut space: libc::statvfs = std::mem::zeroed();
        (libc::statvfs(path.as_ptr(), &raw mut space) == 0).then_some(space)?
    };
    // Their width differs between 32 and 64 bit machines.
    #[allow(clippy::useless_conversion, reason = "c_ulong is 32 bits wide on a 32-bit Raspberry Pi")]
    Some(u64::from(space.f_bavail) * u64::from(space.f_frsize))
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
    if now.timestamp() < FIRST_RELEASE {
        let what = format!("the clock says {}: certificates and deadlines go by it", now.format("%Y-%m-%d"));
        Finding::fault(Area::Clock, what, set)
    } else if synced {
        Finding::ok(Area::Clock, "the clock is set by the network")
    } else {
        Finding::warning(Area::Clock, "the clock is not set by the network; events will say timequality unsynced", set)
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn a_folder_that_is_missing_or_a_file_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(data_dir(&folder.path().join("missing"))[0].level, Level::Fault);
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(data_dir(&folder.path().join("file"))[0].what.contains("is a file"));
    }

    #[test]
    fn a_good_folder_is_written_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(data_dir(folder.path())[0].level, Level::Ok);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_journal_that_was_put_aside_is_not_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("journal.db"), "").unwrap();
        assert_eq!(damaged_journals(folder.path()), None);
        for name in ["journal.db.damaged-20261121T000000Z", "journal.db.damaged-20261121T000000Z-wal"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let finding = damaged_journals(folder.path()).unwrap();
        assert!(finding.level == Level::Warning && finding.what.ends_with("T000000Z"), "{finding:?}");
    }

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
        assert_eq!(clock(later, false).level, Level::Warning);
        assert_eq!(clock(later, true).level, Level::Ok);
    }
}
