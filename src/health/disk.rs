//! How much room there is where the journal lies, and from when on somebody should look. Asks the file system and changes
//! nothing.

use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Free space below which the guards' page, the status and the log say so: a busy lobby writes some 10 MB a week, so this is
/// months of warning, and other programs fill cards faster.
pub const LOW: u64 = 200 << 20;
/// On a small disk a tenth of it, or it would be nearly full from the first day.
const LOW_PART: u64 = 10;

/// Below this part of that limit (50 MiB on a usual card) devices wait at the building broker: what is left is for people, for
/// the WAL, and for the system itself.
const FLOOR_PART: u64 = 4;

/// Room on a file system, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// What this user may still write.
    pub free: u64,
    pub total: u64,
}

/// The room on the file system of this folder; `None` where it does not say.
pub fn space(folder: &Path) -> Option<Space> {
    let path = CString::new(folder.as_os_str().as_bytes()).ok()?;
    // SAFETY: the path ends with NUL and lives through the call; statvfs is a plain C struct, and is read only after
    // the call has filled it.
    let found = unsafe {
        let mut found: libc::statvfs = std::mem::zeroed();
        (libc::statvfs(path.as_ptr(), &raw mut found) == 0).then_some(found)?
    };
    // Their width differs between 32 and 64 bit machines.
    #[allow(clippy::useless_conversion, reason = "c_ulong is 32 bits wide on a 32-bit Raspberry Pi")]
    let bytes = |blocks: libc::fsblkcnt_t| u64::from(blocks) * u64::from(found.f_frsize);
    Some(Space { free: bytes(found.f_bavail), total: bytes(found.f_blocks) })
}

impl Space {
    fn limit(self) -> u64 {
        LOW.min(self.total / LOW_PART)
    }

    /// Nearly full. Once it is, it stays so until there is a quarter more: a file that comes and goes must not make the
    /// page blink.
    pub fn is_low(self, was: bool) -> bool {
        let limit = self.limit();
        self.free < if was { limit + limit / 4 } else { limit }
    }

    /// With less free than this what devices say must wait, bytes.
    pub fn floor(self) -> u64 {
        self.limit() / FLOOR_PART
    }

    /// So little that what devices say must wait.
    pub fn is_below_floor(self, was: bool) -> bool {
        let floor = self.floor();
        self.free < if was { floor + floor / 4 } else { floor }
    }
}

/// What is mounted where a folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Of the block device, `179:2`; major 0 where the file system has none of its own.
    pub device: String,
    /// Such as `ext4`.
    pub kind: String,
    /// As whoever mounted it called it, such as `/dev/mmcblk0p2`.
    pub source: String,
}

/// The type of the file system of this folder, such as `ext4`.
pub fn file_system(folder: &Path) -> Option<String> {
    mount(folder).map(|mount| mount.kind)
}

/// The mount point that is the longest beginning of its path (proc_pid_mountinfo(5)).
pub fn mount(folder: &Path) -> Option<Mount> {
    let folder = fs::canonicalize(folder).ok()?;
    let table = fs::read_to_string("/proc/self/mountinfo").ok()?;
    mount_in(&table, &folder)
}

fn mount_in(table: &str, folder: &Path) -> Option<Mount> {
    let mount = |line: &str| {
        let (left, right) = line.split_once(" - ")?;
        let (left, mut right): (Vec<&str>, _) = (left.split(' ').collect(), right.split(' '));
        // Spaces in it are written \040; such a folder falls to the mount above it.
        let (device, point) = (left.get(2)?, left.get(4)?);
        let (kind, source) = (right.next()?.to_owned(), right.next()?.to_owned());
        folder.starts_with(point).then(|| (point.len(), Mount { device: (*device).to_owned(), kind, source }))
    };
    // Of two mounts at one place the later one is seen.
    table.lines().filter_map(mount).max_by_key(|(length, _)| *length).map(|(_, mount)| mount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_nearly_full_below_200_mib_and_a_small_one_below_a_tenth() {
        let card = |free| Space { free, total: 32 << 30 };
        assert!(!card(LOW).is_low(false) && card(LOW - 1).is_low(false));
        assert!(card(LOW).is_low(true) && !card(LOW + LOW / 4).is_low(true));
        let small = |free| Space { free, total: 1000 };
        assert!(!small(100).is_low(false) && small(99).is_low(false));
    }

    #[test]
    fn the_room_of_a_folder_that_is_there_is_known_and_of_one_that_is_not_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let found = space(folder.path()).unwrap();
        assert!(found.free <= found.total && found.total > 0);
        assert_eq!(space(&folder.path().join("missing")), None);
        assert!(file_system(folder.path()).is_some());
    }

    #[test]
    fn the_file_system_is_that_of_the_nearest_mount() {
        let table = "22 1 179:2 / / rw - ext4 /dev/mmcblk0p2 rw\n\
                     30 22 0:25 / /var/lib/lobbyd rw shared:3 - f2fs /dev/mmcblk0p3 rw\n";
        let found = |folder| mount_in(table, Path::new(folder)).map(|mount| (mount.kind, mount.device, mount.source));
        let of = |kind: &str, device: &str, source: &str| Some((kind.to_owned(), device.to_owned(), source.to_owned()));
        assert_eq!(found("/var/lib/lobbyd/x"), of("f2fs", "0:25", "/dev/mmcblk0p3"));
        assert_eq!(found("/var/lib/lobbyd2"), of("ext4", "179:2", "/dev/mmcblk0p2"));
    }
}
