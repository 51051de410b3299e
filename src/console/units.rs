//! What households ask of whoever comes (R238), as the list of units says: kept in memory, and shown in an opened record to
//! whoever holds a task of that case. Must never stand on the board, in a list or in an event.

use super::room::Shared;
use crate::config::directory::Watch;
use crate::service::card::{self, Viewer};
use crate::service::case::Case;
use crate::service::contact::Unit;
use crate::service::directory::Wishes;
use std::sync::Arc;
use std::time::Duration;

/// How often the file is looked at: it changes a few times a month.
const EVERY: Duration = Duration::from_secs(5);

pub fn first(room: &Shared) -> Watch {
    Watch::new(&room.data_dir)
}

/// Runs until the console stops.
pub async fn follow(room: Shared) {
    let mut watch = first(&room);
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        look(&room, &mut watch);
    }
}

/// Takes up the list if it has changed. The last good one stays; the daemon has said what is wrong with the new one.
pub fn look(room: &Shared, watch: &mut Watch) {
    if let Some(Ok(directory)) = watch.look() {
        room.units.send_replace(Arc::new(directory));
    }
}

/// What the household of this case asks for, if this person holds one of its tasks.
pub fn wishes(room: &Shared, case: &Case, viewer: &Viewer) -> Option<Wishes> {
    if !card::holds(case, viewer) {
        return None;
    }
    let unit = Unit::parse(case.docket.facts.get("unit")?.as_str()?).ok()?;
    room.units.borrow().wishes(&unit).cloned()
}
