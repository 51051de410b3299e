//! Whether the data folder lies on an encrypted volume: whoever takes the card then has no names. It looks at the kernel's own account of its
//! block devices, and is content with a guess: nothing works better or worse for it.

use super::finding::{Area, Finding};
use crate::health::disk::{self, Mount};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Block devices by their numbers (sysfs(5)).
const DEVICES: &str = "/sys/dev/block";
/// How the name begins that cryptsetup gives its volumes, of LUKS or without (`dm/uuid`).
const ENCRYPTED: &str = "CRYPT-";
/// A file system on a logical volume on an encrypted partition is three deep.
const MAX_DEPTH: usize = 8;

pub(super) fn examine(folder: &Path) -> Finding {
    let shown = folder.display();
    let device = disk::mount(folder).and_then(|mount| device(&mount));
    if device.is_some_and(|device| is_encrypted(&device, MAX_DEPTH)) {
        return Finding::ok(Area::DataDir, format!("{shown} is on an encrypted volume"));
    }
    let what =
        format!("{shown} is on no encrypted volume that is known: who takes the card can read names and passwords");
    Finding::hint(Area::DataDir, what, "docs/installing.md, \"Encrypting the card\"")
}

/// Where the kernel tells of it. Btrfs and others have numbers of their own: then what was mounted says which it is.
fn device(mount: &Mount) -> Option<PathBuf> {
    let numbers = if mount.device.starts_with("0:") {
        let device = fs::metadata(&mount.source).ok()?.rdev();
        format!("{}:{}", libc::major(device), libc::minor(device))
    } else {
        mount.device.clone()
    };
    Some(Path::new(DEVICES).join(numbers))
}

/// Itself, or everything that it is made of.
fn is_encrypted(device: &Path, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    if fs::read_to_string(device.join("dm/uuid")).is_ok_and(|uuid| uuid.starts_with(ENCRYPTED)) {
        return true;
    }
    let below: Vec<PathBuf> =
        fs::read_dir(device.join("slaves")).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    if !below.is_empty() {
        return below.iter().all(|device| is_encrypted(device, depth));
    }
    // A partition is made of nothing; its disk may be a volume itself.
    device.join("partition").exists() && is_encrypted(&device.join(".."), depth)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;
    use std::os::unix::fs::symlink;

    /// A piece of sysfs: devices with what they are made of.
    struct Devices(tempfile::TempDir);

    impl Devices {
        fn add(&self, name: &str, uuid: &str, below: &[&str]) -> PathBuf {
            let device = self.0.path().join(name);
            fs::create_dir_all(device.join("slaves")).unwrap();
            if !uuid.is_empty() {
                fs::create_dir(device.join("dm")).unwrap();
                fs::write(device.join("dm/uuid"), format!("{uuid}\n")).unwrap();
            }
            for name in below {
                symlink(self.0.path().join(name), device.join("slaves").join(name)).unwrap();
            }
            device
        }
    }

    #[test]
    fn a_volume_is_encrypted_where_it_or_all_below_it_is() {
        let devices = Devices(tempfile::tempdir().unwrap());
        let sd = devices.add("sda", "", &[]);
        let luks = devices.add("dm-0", "CRYPT-LUKS2-0123-data", &["sda"]);
        let on_luks = devices.add("dm-1", "LVM-x", &["dm-0"]);
        let plain = devices.add("dm-2", "LVM-y", &["sda"]);
        let half = devices.add("dm-3", "LVM-z", &["dm-0", "sda"]);
        let own = devices.add("dm-4", "LVM-own", &[]);
        symlink(&own, own.join("slaves/dm-4")).unwrap();
        let is = |device: &Path| is_encrypted(device, MAX_DEPTH);
        assert!(is(&luks) && is(&on_luks));
        assert!(!is(&sd) && !is(&plain) && !is(&half) && !is(&own) && !is(Path::new("/nowhere")));
        let partition = luks.join("dm-0p1");
        fs::create_dir(&partition).unwrap();
        fs::write(partition.join("partition"), "1\n").unwrap();
        assert!(is(&partition));
    }

    #[test]
    fn it_is_told_in_a_line_and_never_a_fault() {
        let unknown = examine(&tempfile::tempdir().unwrap().path().join("missing"));
        assert_eq!(unknown.level, Level::Ok);
        assert!(unknown.remedy.is_some_and(|remedy| remedy.contains("Encrypting the card")));
    }
}
