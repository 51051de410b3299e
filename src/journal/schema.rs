//! The tables, as a list of migrations. A migration that has been released is never changed, only followed by another.

use super::{JournalError, copy};
use rusqlite::Connection;
use std::path::Path;

/// Each entry brings the database from version `index` to `index + 1` (`PRAGMA user_version`).
const MIGRATIONS: &[&str] = &[
    "
    -- epoch: names this journal.
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    -- Append-only. seq has no gap: it is given by the desk, and a refused append gives none.
    CREATE TABLE event (
        seq         INTEGER PRIMARY KEY,
        id          BLOB    NOT NULL UNIQUE,
        kind        TEXT    NOT NULL,
        subject     TEXT    NOT NULL,
        urgent      INTEGER NOT NULL,
        time        INTEGER NOT NULL,   -- milliseconds since 1970
        quality     TEXT    NOT NULL,
        recorded    INTEGER NOT NULL,   -- milliseconds since 1970, gateway clock
        data        TEXT    NOT NULL,   -- JSON object without names and numbers of people
        fingerprint BLOB                -- of the delivery, where the device gave nothing to know the event by
    ) STRICT;
    CREATE INDEX event_urgent ON event (seq) WHERE urgent = 1;
    CREATE INDEX event_delivery ON event (fingerprint) WHERE fingerprint IS NOT NULL;

    -- Names and phone numbers, apart from the event, purged sooner.
    CREATE TABLE person (seq INTEGER PRIMARY KEY, data TEXT NOT NULL) STRICT;

    CREATE TABLE cursor (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE state (
        subject TEXT NOT NULL, aspect TEXT NOT NULL, kind TEXT NOT NULL, since INTEGER NOT NULL,
        PRIMARY KEY (subject, aspect)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE counter (
        series TEXT NOT NULL, day INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (series, day)
    ) STRICT, WITHOUT ROWID;

    -- phone_tail is cleared when the visit ends.
    CREATE TABLE visit (
        day INTEGER NOT NULL, nth INTEGER NOT NULL, subject TEXT NOT NULL, unit TEXT NOT NULL, phone_tail TEXT,
        arrived_seq INTEGER NOT NULL, ended_seq INTEGER,
        PRIMARY KEY (day, nth)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX visit_open ON visit (phone_tail) WHERE ended_seq IS NULL;

    CREATE TABLE ticket (
        series TEXT NOT NULL, day INTEGER NOT NULL, nth INTEGER NOT NULL, subject TEXT NOT NULL,
        state TEXT NOT NULL, opened_seq INTEGER NOT NULL, changed_seq INTEGER NOT NULL,
        PRIMARY KEY (series, day, nth)
    ) STRICT, WITHOUT ROWID;

    -- What could not be read, or what the office refuses for ever. Without the content, which may hold a PIN or a face,
    -- and without a hash of it, from which a PIN is found in a second.
    CREATE TABLE dead_letter (
        number INTEGER PRIMARY KEY, recorded INTEGER NOT NULL, origin TEXT NOT NULL, what TEXT NOT NULL,
        reason TEXT NOT NULL, bytes INTEGER
    ) STRICT;
",
    "
    -- Open and recent cases. data is the whole case as the rules know it, without a name; person is what is known of
    -- people, emptied sooner. Both are views of the events, kept in the transaction that appends them.
    CREATE TABLE casefile (
        series TEXT NOT NULL, day INTEGER NOT NULL, nth INTEGER NOT NULL,
        matter TEXT NOT NULL, state TEXT NOT NULL, data TEXT NOT NULL, person TEXT,
        unit TEXT,                  -- the file of a unit
        key TEXT,                   -- what there is only one open case of
        phone_tail TEXT,            -- goes with the person
        wake INTEGER,               -- milliseconds since 1970: when the time next brings something
        opened_seq INTEGER NOT NULL, changed_seq INTEGER NOT NULL,
        closed INTEGER,             -- milliseconds since 1970
        PRIMARY KEY (series, day, nth)
    ) STRICT;
    CREATE INDEX casefile_wake ON casefile (wake) WHERE wake IS NOT NULL;
    CREATE INDEX casefile_changed ON casefile (changed_seq);
    CREATE INDEX casefile_open ON casefile (series) WHERE closed IS NULL;
    CREATE INDEX casefile_key ON casefile (key) WHERE key IS NOT NULL;
    CREATE INDEX casefile_tail ON casefile (phone_tail) WHERE phone_tail IS NOT NULL;
    CREATE INDEX casefile_unit ON casefile (unit, opened_seq) WHERE unit IS NOT NULL;

    -- The events of a case, in order: its history.
    CREATE TABLE case_event (
        series TEXT NOT NULL, day INTEGER NOT NULL, nth INTEGER NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (series, day, nth, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX case_event_seq ON case_event (seq);

    -- What the figures of the service add up from, by local day. Outlives the events: a quarter is longer than they are kept.
    CREATE TABLE tally (
        day INTEGER NOT NULL, what TEXT NOT NULL, of TEXT NOT NULL,
        count INTEGER NOT NULL, sum INTEGER NOT NULL, most INTEGER NOT NULL,
        PRIMARY KEY (day, what, of)
    ) STRICT, WITHOUT ROWID;

    -- The desk makes cases of what they hold and then drops them (journal::version1).
    ALTER TABLE visit RENAME TO visit_1;
    ALTER TABLE ticket RENAME TO ticket_1;

    -- What the guards' page lists by kind: the call log, musters, hand-overs.
    CREATE INDEX event_note ON event (kind, seq) WHERE kind = 'log.noted' OR kind = 'muster.begun'
        OR kind = 'muster.marked' OR kind = 'muster.ended' OR kind = 'shift.closed';
",
    "
    -- Invitations: those that were handed over before their guests come, and how often each was used. A token names people, so
    -- a row goes soon after the invitation has ended.
    CREATE TABLE invitation (
        id BLOB PRIMARY KEY, until INTEGER NOT NULL,    -- milliseconds since 1970
        token TEXT, code INTEGER,                       -- where it was handed over
        used INTEGER NOT NULL,
        last TEXT, last_at INTEGER                      -- number and time of the newest arrival
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX invitation_code ON invitation (code) WHERE code IS NOT NULL;
",
    "
    -- The chain (journal::chain). NULL in rows from before it.
    ALTER TABLE event ADD COLUMN hash BLOB;             -- over this row and those before it
    ALTER TABLE event ADD COLUMN run BLOB;              -- NULL: a passing row. In a lasting one the hash of the passing row before it, or empty
    ALTER TABLE event ADD COLUMN person_digest BLOB;    -- of the person and its salt; stays when both are erased
    ALTER TABLE person ADD COLUMN salt BLOB;
",
    "
    -- Whom the office wants to be told of, until when. data names a person, so a row goes with its end.
    CREATE TABLE watch (id TEXT PRIMARY KEY, until INTEGER NOT NULL, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
",
    "
    -- Legal holds: what must not be erased, until when, by whom and why. data may name a person, so a row goes with its end.
    CREATE TABLE hold (id TEXT PRIMARY KEY, until INTEGER NOT NULL, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
",
];

/// The version that this program reads and writes.
pub const VERSION: u32 = MIGRATIONS.len() as u32;

/// Brings the database up to [`VERSION`] in one transaction: a power cut leaves the old version or the new one. Before
/// that a copy is kept, for whoever wants to go back.
pub fn migrate(connection: &mut Connection, path: &Path) -> Result<(), JournalError> {
    let found = copy::version(connection)?;
    refuse_newer(path, found)?;
    if found == VERSION {
        return Ok(());
    }
    if found > 0 {
        copy::keep(connection, path, found)?;
    }
    bring_up(connection, found)
}

/// The same without a copy, for what is a copy itself.
pub(super) fn bring_up(connection: &mut Connection, found: u32) -> Result<(), JournalError> {
    let transaction = connection.transaction()?;
    for step in &MIGRATIONS[found as usize..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

pub(super) fn refuse_newer(path: &Path, found: u32) -> Result<(), JournalError> {
    if found > VERSION {
        return Err(JournalError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    Ok(())
}
