//! What has changed, read once for all pages. It never waits for a page: whoever is too slow begins anew with a board.

use super::room::Shared;
use crate::journal::{CaseRow, DoorState};
use std::sync::Arc;
use tokio::sync::broadcast;

/// Changes that a slow page may be behind; then it is sent a whole board. Bounds the memory of all pages together.
pub const BEHIND: usize = 64;
/// Cases in one change. More come in the next.
const MAX_ROWS: usize = 256;

/// Cases that have changed, and the doors where those have.
pub struct Change {
    pub seq: u64,
    pub rows: Vec<CaseRow>,
    pub doors: Option<Vec<DoorState>>,
    /// A broker, the storage or the printer has come or gone, or what waits for the office has changed.
    pub links: bool,
}

pub type News = broadcast::Receiver<Arc<Change>>;

/// Runs until the console stops.
pub async fn run(room: Shared) {
    let (mut newest, mut storage, mut nearly_full) = (room.desk.newest(), room.desk.storage(), room.desk.nearly_full());
    let (mut building, mut office, mut printer) = (room.building.clone(), room.office.clone(), room.printer.clone());
    let (mut queue, mut level) = (room.queue.clone(), room.desk.room());
    let mut seq = *newest.borrow_and_update();
    let mut doors: Option<Vec<DoorState>> = None;
    loop {
        let stored = tokio::select! {
            changed = newest.changed() => match changed { Ok(()) => true, Err(_) => return },
            Ok(()) = storage.changed() => false,
            Ok(()) = nearly_full.changed() => false,
            Ok(()) = building.changed() => false,
            Ok(()) = office.changed() => false,
            Ok(()) = printer.changed() => false,
            Ok(()) = queue.changed() => false,
            Ok(()) = level.changed() => false,
            () = room.stopped() => return,
        };
        // Read before it is seen that nobody listens: whoever comes after that finds all of this in the journal.
        let through = *newest.borrow_and_update();
        if room.hub.receiver_count() == 0 {
            (seq, doors) = (through, None);
            continue;
        }
        let links = !stored;
        match look(&room, seq, through).await {
            Some((rows, now, through)) => {
                seq = through;
                let moved = (doors.as_ref() != Some(&now)).then(|| now.clone());
                doors = Some(now);
                // Nobody may be listening any more.
                let _ = room.hub.send(Arc::new(Change { seq, rows, doors: moved, links }));
            }
            // Said in the log. The next event brings what this one could not.
            None => continue,
        }
    }
}

/// The cases that have changed after `seq`, the doors, and the number up to which that is everything.
async fn look(room: &Shared, mut seq: u64, newest: u64) -> Option<(Vec<CaseRow>, Vec<DoorState>, u64)> {
    let look = move |reader: &crate::journal::Reader| {
        let mut all: Vec<CaseRow> = Vec::new();
        loop {
            let rows = reader.cases_changed_after(seq, MAX_ROWS)?;
            let full = rows.len() == MAX_ROWS;
            seq = rows.last().map_or(newest, |row| row.changed.max(if full { 0 } else { newest }));
            all.extend(rows);
            if !full {
                return Ok((all, reader.states()?, seq));
            }
        }
    };
    room.readers.read(look).await.ok()
}
