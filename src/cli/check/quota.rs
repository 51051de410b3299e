//! Whether the disk has the room that `[storage]` gives the journal. A quota that the disk cannot keep holds nobody back in time: devices
//! wait when the disk is all but full, whoever has filled it.

use super::finding::{Area, Finding};
use crate::health::disk::{self, Space};
use crate::health::quota::Quota;
use crate::journal::{Reader, Size};
use std::path::Path;

pub(super) fn examine(folder: &Path, quota: Quota) -> Option<Finding> {
    let size = Reader::open(folder).and_then(|reader| reader.size()).unwrap_or_default();
    disk::space(folder).map(|space| room(folder, quota, space, size))
}

fn room(folder: &Path, quota: Quota, space: Space, size: Size) -> Finding {
    let mib = |bytes: u64| bytes >> 20;
    // What the journal has taken is its own already, free pages too; the last part of the disk is nobody's.
    let floor = space.floor();
    let left = (space.free + size.used() + size.free).saturating_sub(floor);
    let most = space.total.saturating_sub(floor);
    let (wanted, reserve, shown) = (mib(quota.total), mib(quota.reserve), folder.display());
    let promised = format!("the quota of [storage], {wanted} MiB with its reserve of {reserve}");
    if quota.total > most {
        let what = format!(
            "{promised}, is more than the disk of {shown} can ever hold ({} MiB): doors' records wait when the disk is full",
            mib(most)
        );
        return Finding::warning(
            Area::DataDir,
            what,
            format!("set quota to {} or less, or take a larger card", mib(most)),
        );
    }
    if quota.total > left {
        let what = format!(
            "{promised}, cannot be kept: on the disk of {shown} other files have left room for {} MiB",
            mib(left)
        );
        return Finding::warning(
            Area::DataDir,
            what,
            "delete what is not lobbyd's (du -xh / | sort -h | tail), or lower the quota",
        );
    }
    Finding::ok(Area::DataDir, format!("there is room for {promised}"))
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    const MIB: u64 = 1 << 20;

    fn found(total: u64, free: u64, taken: u64) -> Finding {
        let size = Size { in_use: taken / 2 * MIB, free: taken / 2 * MIB, wal: 0 };
        room(Path::new("/data"), Quota::mib(2_048, 64), Space { free: free * MIB, total: total * MIB }, size)
    }

    #[test]
    fn a_quota_that_the_disk_cannot_keep_is_told_with_the_figure_that_it_can() {
        assert_eq!(found(16_000, 8_000, 0).level, Level::Ok);
        assert_eq!(found(16_000, 1_000, 1_200).level, Level::Ok, "what the journal takes is its own");
        let filled = found(16_000, 1_000, 200);
        assert!(filled.level == Level::Warning && filled.what.contains("room for 1150 MiB"), "{filled:?}");
        let small = found(1_000, 900, 0);
        assert!(small.level == Level::Warning && small.what.contains("can ever hold (975 MiB)"), "{small:?}");
    }
}
