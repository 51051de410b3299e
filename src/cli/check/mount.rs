//! Is the data folder on something that keeps it? A root file system that is made read-only often covers every other one with a
//! layer in memory: all works, and with the power the whole journal goes. It looks only, and is silent where it cannot see.

use super::finding::{Area, Finding};
use std::fs;
use std::path::Path;

/// Where Debian's overlayroot keeps the layer in memory (initramfs-tools hook of cloud-initramfs-tools).
const OVERLAYROOT: &str = "upperdir=/media/root-rw/";

pub(super) fn examine(folder: &Path) -> Option<Finding> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let folder = fs::canonicalize(folder).ok()?;
    is_in_memory(&mounts, &folder).then(|| {
        let what = format!("{} is in memory only: the journal is gone with the next power cut", folder.display());
        let remedy =
            "give it a partition of its own; with overlayroot also overlayroot=tmpfs:recurse=0 (docs/installing.md)";
        Finding::warning(Area::DataDir, what, remedy)
    })
}

/// `mounts` in the form of /proc/self/mounts: device, mount point, type, options. Of two at the same place the later one is on top.
fn is_in_memory(mounts: &str, folder: &Path) -> bool {
    let parsed = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((Path::new(fields.next()?), fields.next()?, fields.next()?))
    });
    let above = parsed.filter(|(point, ..)| folder.starts_with(point));
    above.max_by_key(|(point, ..)| point.components().count()).is_some_and(|(_, kind, options)| match kind {
        "tmpfs" | "ramfs" => true,
        "overlay" => options.split(',').any(|option| option.starts_with(OVERLAYROOT)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = "/var/lib/lobbyd";
    const PARTITION: &str = "/dev/mmcblk0p3 /var/lib/lobbyd ext4 rw,noatime 0 0\n";
    const OVERLAID_ROOT: &str =
        "overlay / overlay rw,lowerdir=/media/root-ro,upperdir=/media/root-rw/overlay,workdir=/w 0 0\n";

    #[test]
    fn a_journal_under_overlayroot_is_in_memory_unless_it_has_a_partition() {
        assert!(is_in_memory(OVERLAID_ROOT, Path::new(DATA)));
        assert!(!is_in_memory(&format!("{OVERLAID_ROOT}{PARTITION}"), Path::new(DATA)));
    }

    #[test]
    fn a_partition_that_overlayroot_covers_is_in_memory() {
        let covered =
            "overlay /var/lib/lobbyd overlay rw,lowerdir=/l,upperdir=/media/root-rw/overlay/var,workdir=/w 0 0\n";
        assert!(is_in_memory(&format!("{OVERLAID_ROOT}{PARTITION}{covered}"), Path::new(DATA)));
    }

    #[test]
    fn a_container_and_a_plain_disk_are_not_in_memory() {
        let container = "overlay / overlay rw,lowerdir=/l,upperdir=/var/lib/docker/overlay2/1/diff,workdir=/w 0 0\n";
        assert!(!is_in_memory(container, Path::new(DATA)));
        assert!(!is_in_memory("/dev/vda / ext4 rw 0 0\ntmpfs /var/lib/lob tmpfs rw 0 0\n", Path::new(DATA)));
        assert!(!is_in_memory("", Path::new(DATA)));
    }
}
