//! The data folder: whether it can be written and how fast, the room, the file system, the journal in it, and what was set aside.
//! Changes nothing but a file of its own that it removes again.

use super::finding::{Area, Finding};
use crate::health::disk::{self, Space};
use crate::journal::{self, JOURNAL_FILE, Older, Reader, VERSION};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Free space below which the journal will soon stop: a day of a busy lobby with its write-ahead log.
const MIN_FREE: u64 = 64 << 20;
/// An fsync that takes longer makes people wait at the glass; SD cards near their end take seconds.
const SLOW_FSYNC: Duration = Duration::from_millis(300);
/// Longest look through the journal. One of a million events takes some seconds, on a Raspberry Pi a minute.
const PATIENCE: Duration = Duration::from_secs(120);
/// File systems without rights, or on which SQLite's locks and fsync do not hold.
const UNFIT: [&str; 9] = ["vfat", "exfat", "ntfs", "ntfs3", "fuseblk", "nfs", "nfs4", "cifs", "9p"];

pub(super) fn examine(folder: &Path) -> Vec<Finding> {
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
    if metadata.permissions().mode() & 0o007 != 0 {
        let what = format!("{shown} is open to every user of this machine, and holds names and phone numbers");
        findings.push(Finding::warning(Area::DataDir, what, format!("chmod 0700 {shown}")));
    }
    findings.extend(disk::space(folder).map(|space| room(folder, space)));
    findings.extend(disk::space(folder).filter(|space| space.is_low(true)).and_then(|_| held_copies(folder)));
    findings.extend(disk::file_system(folder).and_then(|kind| file_system(folder, &kind)));
    findings.extend(damaged_journals(folder));
    findings.extend(left_over(folder));
    findings.extend(journal(folder));
    findings
}

/// Journals that were damaged and put aside by an earlier start.
fn damaged_journals(folder: &Path) -> Option<Finding> {
    let aside = format!("{JOURNAL_FILE}.damaged-");
    let is_companion = |name: &str| ["-wal", "-shm", "-unsent", "-moving"].iter().any(|end| name.ends_with(end));
    let newest = names(folder).into_iter().filter(|name| name.starts_with(&aside) && !is_companion(name)).max()?;
    let remedy = format!(
        "replace the SD card; see what can be read with lobbyd journal export --file {}; then move the file away",
        folder.join(&newest).display()
    );
    Some(Finding::warning(Area::DataDir, format!("the journal was damaged and put aside as {newest}"), remedy))
}

/// What a restore has set aside and written out: it holds names, and stays until they are too old.
fn left_over(folder: &Path) -> Option<Finding> {
    let ours = |name: &String| name.starts_with("replaced-") || name.starts_with("journal-since-");
    let left: Vec<String> = names(folder).into_iter().filter(ours).collect();
    let newest = left.iter().max()?;
    let what = format!("a restore has set aside {} files and folders with names in them, such as {newest}", left.len());
    Some(Finding::warning(Area::DataDir, what, "delete them when nothing of them is needed any more"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
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

fn room(folder: &Path, space: Space) -> Finding {
    let what = format!("{} MiB of {} MiB are free in {}", space.free >> 20, space.total >> 20, folder.display());
    let remedy = "delete what is not lobbyd's (du -xh / | sort -h | tail), shorten [retention], or take a larger card";
    if space.free < MIN_FREE {
        Finding::fault(Area::DataDir, what, remedy)
    } else if space.is_low(true) {
        Finding::warning(Area::DataDir, what, remedy)
    } else {
        Finding::ok(Area::DataDir, what)
    }
}

/// What would have made room by itself, and stays for what the law holds.
fn held_copies(folder: &Path) -> Option<Finding> {
    let copies = journal::kept(folder).len();
    let held = Reader::open(folder).and_then(|reader| reader.holds()).is_ok_and(|holds| !holds.is_empty());
    (copies > 0 && held).then(|| {
        let what = format!("{copies} copies from before an upgrade stay on a full disk, for something is held by law");
        let remedy = "lobbyd person holds lists what; put the copies where they are kept safely, then delete them here";
        Finding::warning(Area::DataDir, what, remedy)
    })
}

fn file_system(folder: &Path, kind: &str) -> Option<Finding> {
    let shown = folder.display();
    UNFIT.contains(&kind).then(|| {
        let what = format!("{shown} is on {kind}, which keeps neither rights nor what a power cut must not take");
        Finding::fault(Area::DataDir, what, "put it on ext4 of this machine")
    })
}

fn journal(folder: &Path) -> Vec<Finding> {
    if journal::is_unfinished(folder) {
        let what = "a restore was cut off in the middle: the next start of lobbyd ends it";
        return vec![Finding::warning(Area::Journal, what, "sudo systemctl restart lobbyd, and check again")];
    }
    let file = folder.join(JOURNAL_FILE);
    if !file.exists() {
        return vec![Finding::ok(Area::Journal, "there is none yet: lobbyd makes it when it starts")];
    }
    let looked = Reader::open_file(&file)
        .and_then(|reader| Ok((reader.version()?, reader.quick_check(PATIENCE)?, Older::noted(&reader)?)));
    let (version, faults, older) = match looked {
        Ok(found) => found,
        Err(error) => {
            let what = format!("{} cannot be read: {error}", file.display());
            return vec![Finding::fault(
                Area::Journal,
                what,
                "run this as the user lobbyd; else see dmesg for the disk",
            )];
        }
    };
    let kept = journal::kept(folder);
    let sound = [of_version(version, kept.first().map(|(version, _)| *version)), soundness(faults)];
    sound.into_iter().chain(older.map(|older| forgetful(&older))).collect()
}

/// A card that lies once lies again: said until a restore, which is what a new card gets.
fn forgetful(older: &Older) -> Finding {
    let Older { through, missing, stamp, .. } = older;
    let missing = missing.map_or_else(|| "an unknown number of".to_owned(), |missing| missing.to_string());
    let what = format!("on {stamp} it had lost {missing} events after event {through} that the disk had called stored");
    let remedy = "take a backup now, replace the SD card or SSD, and restore; the office has what it had acknowledged";
    Finding::warning(Area::Journal, what, remedy)
}

fn of_version(found: u32, kept: Option<u32>) -> Finding {
    match kept {
        _ if found > VERSION => Finding::fault(
            Area::Journal,
            format!("it is of version {found}, and this lobbyd reads up to {VERSION}"),
            "install the newer lobbyd again, or go back with lobbyd journal restore",
        ),
        _ if found < VERSION => Finding::ok(
            Area::Journal,
            format!("it is of version {found}: a start makes it version {VERSION}, and keeps a copy before"),
        ),
        Some(kept) => Finding::ok(Area::Journal, format!("version {found}; the way back to version {kept} is kept")),
        None => Finding::ok(Area::Journal, format!("version {found}")),
    }
}

/// `None`: it took too long.
fn soundness(faults: Option<Vec<String>>) -> Finding {
    match faults {
        None => Finding::warning(
            Area::Journal,
            format!("it is so large that it was not looked through within {} s", PATIENCE.as_secs()),
            "lobbyd journal verify takes its time",
        ),
        Some(faults) => match faults.first() {
            None => Finding::ok(Area::Journal, "the file is sound"),
            Some(fault) => Finding::fault(
                Area::Journal,
                format!("the file is damaged: {fault}"),
                "take a backup now, replace the SD card, and restore; lobbyd journal verify says more",
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn a_folder_that_is_missing_or_a_file_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(examine(&folder.path().join("missing"))[0].level, Level::Fault);
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(examine(&folder.path().join("file"))[0].what.contains("is a file"));
    }

    #[test]
    fn a_good_folder_is_written_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let findings = examine(folder.path());
        assert_eq!(findings[0].level, Level::Ok);
        assert!(findings.iter().any(|f| f.area == Area::Journal && f.what.contains("none yet")), "{findings:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_was_put_aside_is_not_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("journal.db"), "").unwrap();
        assert_eq!((damaged_journals(folder.path()), left_over(folder.path())), (None, None));
        for name in ["journal.db.damaged-20261121T000000Z", "journal.db.damaged-20261121T000000Z-wal"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let finding = damaged_journals(folder.path()).unwrap();
        assert!(finding.level == Level::Warning && finding.what.ends_with("T000000Z"), "{finding:?}");
        fs::write(folder.path().join("journal-since-20261121T000000Z.jsonl"), "").unwrap();
        assert_eq!(left_over(folder.path()).unwrap().level, Level::Warning);
    }

    #[test]
    fn a_disk_is_nearly_full_before_it_is_full() {
        let level = |free| room(Path::new("/data"), Space { free, total: 32 << 30 }).level;
        assert_eq!((level(1 << 30), level(200 << 20), level(60 << 20)), (Level::Ok, Level::Warning, Level::Fault));
    }

    #[test]
    fn a_file_system_that_keeps_no_rights_is_a_fault() {
        let level = |kind| file_system(Path::new("/data"), kind).map(|finding| finding.level);
        assert_eq!((level("ext4"), level("vfat")), (None, Some(Level::Fault)));
    }

    #[test]
    fn a_journal_is_sound_damaged_newer_or_half_restored() {
        let folder = tempfile::tempdir().unwrap();
        drop(journal::Journal::open(folder.path(), "20261121T000000Z").unwrap());
        let levels = || journal(folder.path()).iter().map(|finding| finding.level).collect::<Vec<_>>();
        assert_eq!(levels(), [Level::Ok, Level::Ok]);
        assert_eq!(of_version(VERSION + 1, None).level, Level::Fault);
        assert!(of_version(VERSION, Some(1)).what.contains("the way back to version 1"));
        assert_eq!((soundness(None).level, soundness(Some(vec!["x".into()])).level), (Level::Warning, Level::Fault));
        fs::remove_file(folder.path().join(JOURNAL_FILE)).unwrap();
        fs::write(folder.path().join("journal.db-mark"), format!("e1 {:020}\n", 7).repeat(2)).unwrap();
        drop(journal::Journal::open(folder.path(), "20261122T000000Z").unwrap());
        let found = journal(folder.path());
        assert!(found.len() == 3 && found[2].what.contains("lost 7 events"), "{found:?}");
        fs::write(folder.path().join(JOURNAL_FILE), [7; 8192]).unwrap();
        assert_eq!(levels(), [Level::Fault]);
        fs::write(folder.path().join("restore.unfinished"), "").unwrap();
        assert!(journal(folder.path())[0].what.contains("cut off"));
    }
}
