//! How much the journal may take, and who still writes when it is nearly that much. Pure: figures in, a level out. It never
//! lets anybody's word be forgotten; it only says who must wait.

use super::disk::Space;

/// A busy lobby writes 50,000 events a day, 12 MiB (244 bytes an event: docs/performance.md). 90 days of them and 180 days of what
/// people did (5 MiB a day) just fit. In an outage what the office has got of devices makes room, however young: three months of it.
pub const QUOTA_MIB: u32 = 2_048;
/// What people do writes some 5 MiB on a busy day: 500 matters of ten events, each with its case. Nearly two weeks of them, while
/// every device is held back.
pub const RESERVE_MIB: u32 = 64;
/// The smallest quota: the 65,535 newest events, by which repeats are known, take 16 MiB, and the WAL up to 8 before it is cut.
pub const LEAST_QUOTA_MIB: u32 = 64;
/// The largest: half of the largest cards that are sold for a Raspberry Pi.
pub const MOST_QUOTA_MIB: u32 = 1_048_576;
/// The smallest reserve: two days of people, beside the WAL.
pub const LEAST_RESERVE_MIB: u32 = 16;

/// What the configuration allows, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Everything together.
    pub total: u64,
    /// The part of it that is for people, and for what cannot wait.
    pub reserve: u64,
}

impl Default for Quota {
    fn default() -> Self {
        Quota::mib(QUOTA_MIB, RESERVE_MIB)
    }
}

/// Why devices wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The journal has reached what it may take.
    Quota,
    /// Something else has filled the disk.
    Disk,
}

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Everybody.
    Free,
    /// People, and what cannot wait. What devices say day in, day out waits at the building broker, unacknowledged.
    Reserve(Why),
    /// Only who calls for help: even the reserve is used up.
    Full,
}

impl Level {
    pub const fn name(self) -> &'static str {
        match self {
            Level::Free => "free",
            Level::Reserve(_) => "reserve",
            Level::Full => "full",
        }
    }

    /// The reverse of [`Level::name`] and [`Level::why`], for what was written down.
    pub fn from_names(name: &str, why: &str) -> Option<Self> {
        match (name, why) {
            ("free", _) => Some(Level::Free),
            ("reserve", "disk") => Some(Level::Reserve(Why::Disk)),
            ("reserve", _) => Some(Level::Reserve(Why::Quota)),
            ("full", _) => Some(Level::Full),
            _ => None,
        }
    }

    pub const fn why(self) -> &'static str {
        match self {
            Level::Free => "",
            Level::Reserve(Why::Disk) => "disk",
            Level::Reserve(Why::Quota) | Level::Full => "quota",
        }
    }

    /// Whether devices must wait.
    pub fn holds_devices(self) -> bool {
        self != Level::Free
    }
}

impl Quota {
    pub const fn mib(total: u32, reserve: u32) -> Self {
        Quota { total: (total as u64) << 20, reserve: (reserve as u64) << 20 }
    }

    /// From here on devices wait, bytes.
    pub const fn for_devices(&self) -> u64 {
        self.total.saturating_sub(self.reserve)
    }

    /// From here on retention works harder: half a reserve before the first device has to wait, and below what lets it go on.
    pub const fn presses(&self, used: u64) -> bool {
        used >= self.for_devices().saturating_sub(self.reserve / 2)
    }

    /// Who writes, when the journal takes `used` bytes. Whoever waits goes on only when there is a quarter of the reserve more
    /// than where he was stopped: an alarm that comes and goes with every message tells nobody anything.
    pub fn level(&self, used: u64, space: Option<Space>, was: Level) -> Level {
        let slack = self.reserve / 4;
        let reached = |limit: u64, before: bool| used >= if before { limit.saturating_sub(slack) } else { limit };
        if reached(self.total, was == Level::Full) {
            return Level::Full;
        }
        if reached(self.for_devices(), matches!(was, Level::Reserve(Why::Quota) | Level::Full)) {
            return Level::Reserve(Why::Quota);
        }
        let floor = space.is_some_and(|space| space.is_below_floor(was == Level::Reserve(Why::Disk)));
        if floor { Level::Reserve(Why::Disk) } else { Level::Free }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const QUOTA: Quota = Quota::mib(100, 20);

    fn mib(count: u64) -> u64 {
        count << 20
    }

    fn card(free: u64) -> Option<Space> {
        Some(Space { free: mib(free), total: mib(32_000) })
    }

    #[test]
    fn devices_wait_before_people_do() {
        let level = |used| QUOTA.level(mib(used), card(10_000), Level::Free);
        assert_eq!(
            [level(79), level(80), level(99), level(100)],
            [Level::Free, Level::Reserve(Why::Quota), Level::Reserve(Why::Quota), Level::Full]
        );
    }

    #[test]
    fn a_card_that_other_programs_have_filled_holds_devices_back_and_people_not() {
        assert_eq!(QUOTA.level(mib(1), card(49), Level::Free), Level::Reserve(Why::Disk));
        assert_eq!(QUOTA.level(mib(1), card(0), Level::Free), Level::Reserve(Why::Disk));
        assert_eq!(
            QUOTA.level(mib(1), None, Level::Free),
            Level::Free,
            "a file system that does not say holds nobody back"
        );
    }

    #[test]
    fn whoever_waits_goes_on_only_when_there_is_some_room_more() {
        let held = Level::Reserve(Why::Quota);
        assert_eq!(QUOTA.level(mib(76), card(10_000), held), held);
        assert_eq!(QUOTA.level(mib(74), card(10_000), held), Level::Free);
        assert_eq!(QUOTA.level(mib(96), card(10_000), Level::Full), Level::Full);
        assert_eq!(QUOTA.level(mib(94), card(10_000), Level::Full), held);
        let low = Level::Reserve(Why::Disk);
        assert_eq!(QUOTA.level(0, card(60), low), low);
        assert_eq!(QUOTA.level(0, card(70), low), Level::Free);
    }

    #[test]
    fn a_level_reads_back_from_its_names() {
        for level in [Level::Free, Level::Reserve(Why::Quota), Level::Reserve(Why::Disk), Level::Full] {
            assert_eq!(Level::from_names(level.name(), level.why()), Some(level));
        }
        assert_eq!(Level::from_names("sesame", ""), None);
    }

    proptest! {
        /// Whatever was before: nobody writes above the quota, no device above its part, and with room nobody waits.
        #[test]
        fn the_limits_hold_from_every_level(
            total in 64u64..4096, reserve in 16u64..32, used in 0u64..5000, free in 0u64..1000, was in 0usize..4,
        ) {
            let quota = Quota { total: mib(total), reserve: mib(reserve) };
            let was = [Level::Free, Level::Reserve(Why::Quota), Level::Reserve(Why::Disk), Level::Full][was];
            let level = quota.level(mib(used), card(free), was);
            if used >= total {
                prop_assert_eq!(level, Level::Full);
            } else if used >= total - reserve || free < 50 {
                prop_assert!(level.holds_devices());
            } else if used < total - reserve - reserve.div_ceil(4) && free >= 63 {
                prop_assert_eq!(level, Level::Free);
            }
            // Looked at again, nothing moves: no flapping.
            prop_assert_eq!(quota.level(mib(used), card(free), level), level);
        }
    }
}
