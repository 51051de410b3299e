//! A journal as the first version of lobbyd left it, with as many events as are asked for.

use rusqlite::Connection;
use std::path::Path;

pub const VERSION_1: &str = include_str!("../fixtures/journal-1.sql");
/// Events of the fixture itself.
const FIXTURE: u32 = 5;

/// A journal of version 1, with cards that a reader counted up to this number after the fixture's own events.
pub fn large(file: &Path, events: u32) -> Connection {
    let journal = Connection::open(file).unwrap();
    // As every journal has been from its first day; from another mode the change itself could be cut off, and nobody who may
    // only read could open the file then.
    journal.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    journal.execute_batch(VERSION_1).unwrap();
    let more = format!(
        "INSERT INTO event (seq, id, kind, subject, urgent, time, quality, recorded, data)
         WITH RECURSIVE n(seq) AS (SELECT {FIXTURE} + 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < {events})
         SELECT seq, randomblob(16), 'access.granted', 'lobby', 0, 1795147440000 + seq, 'synced', 1795147440000 + seq,
                '{{\"credential\":\"0123456789abcdef0123456789abcdef\"}}' FROM n"
    );
    journal.execute_batch(&more).unwrap();
    journal
}
