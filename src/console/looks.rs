//! R308: that somebody looks at a record is journaled before he sees it. While the disk takes nothing, what somebody needs to
//! help at once (an address, a list to call out) is shown all the same; the look waits here and is journaled as soon as there
//! is room. It keeps so many and no more: then nothing is shown either. What waits is in memory: a power cut before there is
//! room loses who looked at what, and only the log says that it waits. Nobody at the page is told: he has somebody to help.

use super::answer::Refused;
use super::room::{Room, Shared};
use crate::desk::{Command, Refusal, Storage};
use crate::event::Event;
use crate::service::number::Series;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Looks that wait: a night's emergencies on a full disk, half a megabyte.
const MAX_WAITING: usize = 500;

/// Somebody waits for help there, or may.
pub const fn is_pressing(series: Series) -> bool {
    matches!(series, Series::Emergency | Series::Help | Series::Call | Series::Alarm | Series::Support)
}

#[derive(Debug, Default)]
pub struct Looks {
    waiting: Mutex<VecDeque<Event>>,
    more: Notify,
}

impl Looks {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<Event>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, look: Event) -> Result<(), Refused> {
        let mut waiting = self.waiting();
        if waiting.len() >= MAX_WAITING {
            return Err(Refused::STORAGE);
        }
        waiting.push_back(look);
        tracing::warn!(
            waiting = waiting.len(),
            "a record was shown that could not be journaled first: the look waits in memory; a power cut would lose it"
        );
        drop(waiting);
        self.more.notify_one();
        Ok(())
    }
}

impl Room {
    /// Journals a look; what it is about may be shown when this returns.
    ///
    /// # Errors
    /// When it cannot be stored, and nobody's safety depends on it.
    pub async fn look_at(&self, look: Event, pressing: bool) -> Result<(), Refused> {
        match self.desk.ask(Command::Record(look.clone())).await {
            Ok(_) => Ok(()),
            Err(Refusal::Storage(_)) if pressing => self.looks.keep(look),
            Err(refusal) => Err(refusal.into()),
        }
    }
}

/// Journals what waits, whenever the disk takes something again. Runs until the console stops.
pub async fn run(room: Shared) {
    let mut storage = room.desk.storage();
    loop {
        if *storage.borrow_and_update() == Storage::Sound {
            journal_all(&room).await;
        }
        tokio::select! {
            () = room.looks.more.notified() => {}
            changed = storage.changed() => if changed.is_err() { return },
        }
    }
}

/// In their order; stops at the first that is not taken.
async fn journal_all(room: &Shared) {
    loop {
        let Some(look) = room.looks.waiting().front().cloned() else { return };
        if room.desk.ask(Command::Record(look)).await.is_err() {
            return;
        }
        room.looks.waiting().pop_front();
    }
}

/// The last try of a daemon that stops: what is not taken now is lost, and the log says how much.
pub async fn journal_the_rest(room: &Shared) {
    journal_all(room).await;
    let lost = room.looks.waiting().len();
    if lost > 0 {
        tracing::error!(lost, "looks at records were never journaled: the disk was full to the end; make room on it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Data, Kind, Now, Slug};

    #[test]
    fn no_more_looks_wait_than_there_is_room_for() {
        let now = Now { utc: chrono::DateTime::UNIX_EPOCH, synced: true };
        let look = || Event::here(Kind::RecordViewed, Slug::from_text("x"), now, Data::new());
        let looks = Looks::default();
        (0..MAX_WAITING).for_each(|_| looks.keep(look()).unwrap());
        assert_eq!(looks.keep(look()), Err(Refused::STORAGE), "then nothing is shown either");
    }
}
