//! The room that the journal has: how much it takes, and who must wait when that is nearly what it may take. People are
//! served from a reserve that no device's daily talk may touch; nobody's word is dropped, and whoever waits is told why.

use super::{Command, Refusal};
use crate::health::disk::{self, Space};
use crate::health::quota::{Level, Quota, Why};
use crate::journal::{Journal, JournalError, Pressure, Reader, Size};
use crate::service::matter::Opening;
use crate::service::number::Series;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How often the desk looks, at most: asking costs microseconds, and in this time it writes 3 MB at the most.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What the desk remembers of its level, for the command line and across a restart.
pub(super) const LEVEL: &str = "room";

/// What is known of the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub level: Level,
    pub size: Size,
    pub quota: Quota,
    /// The oldest number that is kept, and up to which one there may be holes: a replay cannot bring more.
    pub oldest: u64,
    pub thinned: u64,
}

/// The level that the desk has noted last: the daemon may be running, or not.
///
/// # Errors
/// When the journal cannot be read.
pub fn noted_level(reader: &Reader) -> Result<Level, JournalError> {
    Ok(reader.memo(LEVEL)?.and_then(|note| from_note(&note)).unwrap_or(Level::Free))
}

pub(super) fn from_note(note: &str) -> Option<Level> {
    let (name, why) = note.split_once(' ').unwrap_or((note, ""));
    Level::from_names(name, why)
}

/// The reverse of [`from_note`].
pub(super) fn note(level: Level) -> String {
    format!("{} {}", level.name(), level.why()).trim_end().to_owned()
}

/// Whom a command serves, when there is not room for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// What a device says day in, day out.
    Device,
    /// What somebody does, and a device that cannot wait: a ring, a forced door.
    Person,
    /// Somebody needs help now; and what makes no row, or makes room.
    Now,
}

impl Command {
    /// A report that cannot wait: somebody rings, a door was forced.
    pub fn is_urgent(&self) -> bool {
        matches!(self, Command::Heard(reports) if reports.iter().any(|report| report.kind.is_urgent()))
    }

    fn need(&self) -> Need {
        match self {
            Command::Unreadable { .. } => Need::Device,
            Command::Heard(_) if !self.is_urgent() => Need::Device,
            Command::Open { opening: Opening::Help(_) | Opening::Emergency(_), .. } => Need::Now,
            Command::Move { number, .. } if matches!(number.series, Series::Help | Series::Emergency) => Need::Now,
            Command::Acknowledged { .. }
            | Command::StoredThrough { .. }
            | Command::Replay { .. }
            | Command::Refused { .. }
            | Command::NextPerson
            | Command::Seen { .. }
            | Command::Vacant(_)
            | Command::EndOrder { refused: None, .. }
            | Command::Probe => Need::Now,
            _ => Need::Person,
        }
    }
}

impl Room {
    /// Why this command must wait, if it must.
    pub fn refuses(&self, command: &Command) -> Option<Refusal> {
        let need = command.need();
        match self.level {
            Level::Free => None,
            Level::Reserve(why) => (need == Need::Device).then_some(Refusal::Reserved(reason(why))),
            Level::Full if need == Need::Device => Some(Refusal::Reserved(reason(Why::Quota))),
            Level::Full => (need == Need::Person).then(|| Refusal::Storage(self.full())),
        }
    }

    /// What is said when even the reserve is used up.
    pub(super) fn full(&self) -> String {
        format!("the journal has used up its quota of {} MiB, and its reserve with it", self.quota.total >> 20)
    }
}

const fn reason(why: Why) -> &'static str {
    match why {
        Why::Quota => "the journal has reached its quota",
        Why::Disk => "the disk is all but full",
    }
}

/// Looks at the room now and then.
pub(super) struct Lookout {
    room: watch::Sender<Room>,
    looked: Option<Instant>,
    space: Option<Space>,
}

impl Lookout {
    /// `was`: the level of the run before.
    pub fn new(quota: Quota, was: Option<Level>) -> (Self, watch::Receiver<Room>) {
        let room = Room { level: was.unwrap_or(Level::Free), size: Size::default(), quota, oldest: 0, thinned: 0 };
        let (room, told) = watch::channel(room);
        (Lookout { room, looked: None, space: None }, told)
    }

    pub fn room(&self) -> Room {
        *self.room.borrow()
    }

    /// The file system, at the last look.
    pub fn space(&self) -> Option<Space> {
        self.space
    }

    /// How hard retention should work.
    pub fn pressure(&self, nearly_full: bool) -> Pressure {
        let room = self.room();
        match room.level {
            Level::Reserve(_) | Level::Full => Pressure::Reached,
            Level::Free if nearly_full => Pressure::Low,
            Level::Free if room.quota.presses(room.size.used()) => Pressure::Near,
            Level::Free => Pressure::None,
        }
    }

    /// Looks, unless it has just looked. The new level, where it has changed, or where a run begins with somebody who waits.
    pub fn look(&mut self, journal: &Journal, data_dir: &Path) -> Result<Option<Level>, JournalError> {
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_EVERY) {
            return Ok(None);
        }
        let first = self.looked.replace(Instant::now()).is_none();
        self.space = disk::space(data_dir);
        let (size, room, (oldest, thinned)) = (journal.size()?, self.room(), journal.kept()?);
        let level = room.quota.level(size.used(), self.space, room.level);
        self.room.send_if_modified(|told| {
            *told = Room { level, size, oldest, thinned, ..room };
            level != room.level
        });
        Ok((level != room.level || (first && level.holds_devices())).then_some(level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Data, Identity, Kind, Now, Quality, Slug, Stamp};
    use crate::journal::Lane;
    use crate::service::case::Source;
    use crate::service::door::Report;
    use crate::service::help;
    use crate::service::staff::Actor;
    use chrono::DateTime;

    fn heard(kinds: &[Kind]) -> Command {
        let now = Now { utc: DateTime::from_timestamp(1_795_000_000, 0).unwrap(), synced: true };
        let report = |kind: &Kind| Report {
            kind: *kind,
            subject: Slug::from_text("lobby"),
            identity: Identity::Fresh,
            stamp: Stamp { time: now.utc, quality: Quality::Synced },
            replayed: false,
            retained: false,
            data: Data::new().into(),
        };
        Command::Heard(kinds.iter().map(report).collect())
    }

    fn at(level: Level, command: &Command) -> Option<Refusal> {
        Room { level, size: Size::default(), quota: Quota::default(), oldest: 0, thinned: 0 }.refuses(command)
    }

    #[test]
    fn from_the_reserve_people_and_what_cannot_wait_are_served_and_daily_talk_is_not() {
        let reserve = Level::Reserve(Why::Quota);
        let unreadable = Command::Unreadable { topic: "x".into(), bytes: 1, reason: "noise".into() };
        for waits in [heard(&[Kind::DoorOpened]), heard(&[]), unreadable] {
            assert!(matches!(at(reserve, &waits), Some(Refusal::Reserved(_))), "{waits:?}");
            assert_eq!(at(Level::Free, &waits), None);
        }
        let ring = heard(&[Kind::DoorOpened, Kind::CallRinging]);
        let shift = Command::TakeShift { post: Slug::from_text("gate-a"), by: Actor::DAEMON };
        for served in [ring, heard(&[Kind::DoorForced]), shift] {
            assert_eq!(at(reserve, &served), None, "{served:?}");
            assert!(matches!(at(Level::Full, &served), Some(Refusal::Storage(_))), "{served:?}");
        }
    }

    #[test]
    fn a_call_for_help_and_what_makes_room_are_never_refused() {
        let help = Opening::Help(help::Request { language: "en".into() });
        let help = Command::Open { opening: help, source: Source::Kiosk, by: Actor::GUEST };
        for always in [help, Command::Acknowledged { lane: Lane::Normal, seq: 1 }, Command::Probe] {
            assert_eq!(at(Level::Full, &always), None, "{always:?}");
        }
    }
}
