//! A journal with a history, made in seconds: for benches that need what an outage of weeks leaves.

use lobbyd::event::{Event, Kind, Now, Slug, data};
use lobbyd::journal::Journal;
use serde_json::json;
use std::fs;
use std::path::Path;

/// Events that are written in one transaction.
const BATCH: usize = 10_000;

/// A journal as a busy lobby fills it: cards at a door, each with what its reader said.
pub fn fill(data_dir: &Path, rows: u64) {
    fs::create_dir_all(data_dir).unwrap();
    let mut journal = Journal::open(data_dir, "20261122T000000Z").unwrap().journal;
    let begun = chrono::Utc::now() - chrono::Duration::days(60);
    for first in (0..rows).step_by(BATCH) {
        journal.begin().unwrap();
        for n in first..rows.min(first + BATCH as u64) {
            let now = Now { utc: begun + chrono::Duration::seconds(5 * n as i64), synced: true };
            let facts = data([
                ("card", json!(format!("k{:016x}", n % 4_000))),
                ("reader", json!("lobby")),
                ("device", json!({ "product": "esp-rfid" })),
            ]);
            journal.append(&Event::here(Kind::AccessGranted, Slug::from_text("door-lobby"), now, facts), now).unwrap();
        }
        journal.commit().unwrap();
    }
}
