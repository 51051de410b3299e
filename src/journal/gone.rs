//! Could retention have taken what is gone? What it takes by age it takes up to a row that is as old and stays (`keep`), and what it takes
//! sooner it tells (`reason`). So behind a hole, or behind a beginning that is gone, there is an old row or a reason; `meta`, which anybody
//! who writes the file can set, is not asked. Decides nothing else.
//!
//! Clocks make this say less, never more: the oldest row behind a hole counts, and of what was gone before a clock that was ahead was set
//! back nothing is said, for with that clock retention may have worked at any time.

use super::Days;
use super::chain::Head;
use super::reason::{Changed, Thinned};
use crate::event::{Kind, Now};
use chrono::TimeDelta;
use rusqlite::Row;

/// Retention may be at work meanwhile, and clocks may have been set back a little since it last was.
const TOLERANCE: TimeDelta = TimeDelta::hours(1);
/// With a clock that nobody has set the newest event says what time it is, and retention may have worked after it: but a day's report is
/// an event.
const DOUBT: TimeDelta = TimeDelta::days(1);
/// That many holes are remembered behind which nothing old has come, 24 MB of them. Of more nothing is said.
const MAX_HOLES: usize = 1 << 20;

/// By what it is judged: the days that hold at this site, and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    pub days: Days,
    pub now: Now,
}

impl Ages {
    /// The latest time at which retention may have worked, as far as is known before any row, in milliseconds.
    pub(super) fn latest(&self) -> i64 {
        let doubt = if self.now.synced { TimeDelta::zero() } else { DOUBT };
        self.now.utc.timestamp_millis().saturating_add(doubt.num_milliseconds())
    }

    /// The same after a row that was recorded then.
    pub(super) fn latest_after(&self, latest: i64, recorded: i64) -> i64 {
        if self.now.synced { latest } else { latest.max(recorded.saturating_add(DOUBT.num_milliseconds())) }
    }
}

/// Numbers that are gone, with all rows between them and the next that are.
#[derive(Debug, Clone, Copy)]
struct Hole {
    first: u64,
    last: u64,
    /// Of the rows behind it, up to the next hole: when the oldest was recorded.
    oldest: i64,
}

/// What a reason of the journal explains.
struct Told {
    from: u64,
    through: u64,
    events: u64,
    /// So many of them are found gone.
    gone: u64,
}

/// What is gone, as far as the walk has come.
pub(super) struct Gone {
    ages: Option<Ages>,
    /// [`Ages::latest`].
    now: i64,
    /// Everything up to this number.
    beginning: Option<Hole>,
    /// Those of what devices said behind which nothing old has come yet.
    holes: Vec<Hole>,
    told: Vec<Told>,
    /// Number, time, and the days until then.
    changed: Vec<(u64, i64, Changed)>,
    /// The latest time of a row since a clock was set back.
    latest: i64,
    /// Up to this number a clock was ahead.
    ahead: u64,
}

impl Gone {
    /// Without ages it finds nothing.
    pub fn begin(ages: Option<Ages>) -> Self {
        let now = ages.map_or(0, |ages| ages.latest());
        Gone {
            ages,
            now,
            beginning: None,
            holes: Vec::new(),
            told: Vec::new(),
            changed: Vec::new(),
            latest: i64::MIN,
            ahead: 0,
        }
    }

    /// Before the first row: up to there everything is gone.
    pub fn without(&mut self, through: u64) {
        self.beginning = (through > 0).then(|| Hole::new(1, through));
    }

    /// Before the next row.
    pub fn hole(&mut self, first: u64, last: u64) {
        if self.ages.is_some() && first <= last && self.holes.len() < MAX_HOLES {
            self.holes.push(Hole::new(first, last));
        }
    }

    /// The next row, as the walk reads it.
    pub fn read(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let (kind, data) = (row.get_ref(2)?, row.get_ref(7)?);
        self.row(row.get(0)?, row.get(6)?, kind.as_bytes_or_null()?, data.as_bytes_or_null()?);
        Ok(())
    }

    fn row(&mut self, seq: u64, recorded: i64, kind: Option<&[u8]>, data: Option<&[u8]>) {
        let Some(ages) = self.ages else { return };
        self.now = ages.latest_after(self.now, recorded);
        let now = self.now;
        let newest = self.holes.last_mut();
        self.beginning.iter_mut().chain(newest).for_each(|hole| hole.oldest = hole.oldest.min(recorded));
        if recorded < before(now, ages.days.chatter) {
            self.holes.clear();
        }
        let tolerance = TOLERANCE.num_milliseconds();
        if recorded < self.latest.saturating_sub(tolerance) {
            (self.ahead, self.latest) = (seq, recorded);
        } else if recorded > now.saturating_add(tolerance) {
            self.ahead = seq;
        }
        self.latest = self.latest.max(recorded);
        let (kind, data) = (kind.unwrap_or_default(), data.unwrap_or_default());
        if kind == Kind::JournalThinned.name().as_bytes() {
            self.told.extend(thinned(seq, data));
        } else if kind == Kind::RetentionChanged.name().as_bytes()
            && let Ok(changed) = serde_json::from_slice(data)
        {
            self.changed.push((seq, recorded, changed));
        }
    }

    /// Up to this number nothing can be said of what is gone, because a clock was ahead; 0 where it can.
    pub const fn doubtful(&self) -> u64 {
        self.ahead
    }

    /// After the last row: what is gone that retention cannot have taken.
    pub fn verdict(mut self) -> Vec<(u64, u64)> {
        let Some(Ages { days, .. }) = self.ages else { return Vec::new() };
        let now = self.now;
        let (mut young, mut oldest) = (Vec::new(), i64::MAX);
        for hole in self.holes.iter().rev().take_while(|hole| hole.last > self.ahead) {
            oldest = oldest.min(hole.oldest);
            let changed = self.changed.iter().filter(|(seq, ..)| *seq > hole.last);
            let limit = changed.map(|(_, at, changed)| before(*at, changed.from.chatter)).max();
            if oldest >= limit.unwrap_or(i64::MIN).max(before(now, days.chatter)) {
                young.push((hole.first, hole.last));
            }
        }
        young.reverse();
        let mut found = self.unexplained(&young);
        if let Some(beginning) = self.beginning.filter(|beginning| beginning.last > self.ahead) {
            let limit = self.changed.iter().map(|(_, at, changed)| before(*at, changed.from.events)).max();
            if beginning.oldest >= limit.unwrap_or(i64::MIN).max(before(now, days.events)) {
                found.insert(0, (beginning.first, beginning.last));
            }
        }
        found
    }

    /// Of these holes, in order, what no reason covers, and all of what more is gone from than was told.
    fn unexplained(&mut self, holes: &[(u64, u64)]) -> Vec<(u64, u64)> {
        self.told.sort_unstable_by_key(|told| told.from);
        let (mut bare, mut nth) = (Vec::new(), 0);
        for &(first, last) in holes {
            let mut at = first;
            while at <= last {
                while self.told.get(nth).is_some_and(|told| told.through < at) {
                    nth += 1;
                }
                let next = match self.told.get_mut(nth) {
                    Some(told) if told.from <= at => {
                        let through = told.through.min(last);
                        told.gone += through - at + 1;
                        through
                    }
                    later => {
                        let through = later.map_or(last, |told| last.min(told.from - 1));
                        bare.push((at, through));
                        through
                    }
                };
                at = next + 1;
            }
        }
        bare.extend(self.told.iter().filter(|told| told.gone > told.events).map(|told| (told.from, told.through)));
        bare.sort_unstable();
        bare
    }
}

impl Hole {
    const fn new(first: u64, last: u64) -> Self {
        Hole { first, last, oldest: i64::MAX }
    }
}

/// One that came over from a damaged journal speaks of other numbers.
fn thinned(seq: u64, data: &[u8]) -> Option<Told> {
    let Thinned { head, from, through, events, .. } = serde_json::from_slice(data).ok()?;
    let before: Option<Head> = head.and_then(|head| head.parse().ok());
    let is_here = before.is_some_and(|head| head.seq.checked_add(1) == Some(seq));
    (is_here && 0 < from && from <= through && through < seq).then_some(Told { from, through, events, gone: 0 })
}

fn before(now: i64, days: u32) -> i64 {
    now.saturating_sub(TimeDelta::days(days.into()).num_milliseconds()).saturating_add(TOLERANCE.num_milliseconds())
}
