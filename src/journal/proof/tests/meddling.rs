//! Each kind of meddling with a journal that somebody could think of, done to random histories: none goes unnoticed.

use super::{Life, at, file, seeds};
use crate::journal::anchor;
use fastrand::Rng;
use rusqlite::types::Value;
use rusqlite::{Connection, params};

const COLUMNS: [&str; 12] = [
    "id",
    "kind",
    "subject",
    "urgent",
    "time",
    "quality",
    "recorded",
    "data",
    "fingerprint",
    "hash",
    "run",
    "person_digest",
];

/// A row of the chain, at random; with this condition.
fn pick(life: &mut Life, file: &Connection, condition: &str) -> Option<u64> {
    let query = format!("SELECT seq FROM event WHERE {condition} ORDER BY seq");
    let rows: Vec<u64> =
        file.prepare(&query).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    life.dice.choice(rows)
}

fn another(value: Value, dice: &mut Rng) -> Value {
    match value {
        Value::Null => Value::Blob(vec![7; 16]),
        Value::Integer(number) => Value::Integer(number ^ 1 << dice.u8(0..40)),
        Value::Real(_) => unreachable!("no column is of this type"),
        Value::Text(text) => {
            Value::Text(text.replacen(char::is_alphanumeric, "%", 1) + if text == "{}" { " " } else { "" })
        }
        Value::Blob(bytes) if bytes.is_empty() => Value::Blob(vec![7; 32]),
        Value::Blob(mut bytes) => {
            let place = dice.usize(..bytes.len());
            bytes[place] ^= 1 << dice.u8(0..8);
            Value::Blob(bytes)
        }
    }
}

/// `None` where there is nothing of this kind to meddle with.
type Meddle = fn(&mut Life, &Connection) -> Option<()>;

const KINDS_OF_MEDDLING: [(&str, Meddle); 15] = [
    ("a byte of a column", |life, file| {
        let (seq, column) = (pick(life, file, "1")?, life.dice.choice(COLUMNS)?);
        let query = format!("SELECT {column} FROM event WHERE seq = ?1");
        let value: Value = file.query_row(&query, [seq], |row| row.get(0)).unwrap();
        let changed = another(value, &mut life.dice);
        file.execute(&format!("UPDATE event SET {column} = ?2 WHERE seq = ?1"), params![seq, changed]).unwrap();
        Some(())
    }),
    ("a row that is deleted, whoever said it", |life, file| {
        let seq = pick(life, file, "run IS NOT NULL AND seq < (SELECT max(seq) FROM event)")?;
        file.execute("DELETE FROM event WHERE seq = ?1", [seq]).unwrap();
        Some(())
    }),
    ("a young row that is deleted", |life, file| {
        let young = "seq > (SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE key = 'thinned-through')";
        let seq = pick(life, file, &format!("{young} AND seq < (SELECT max(seq) FROM event)"))?;
        file.execute("DELETE FROM event WHERE seq = ?1", [seq]).unwrap();
        Some(())
    }),
    ("a beginning that is deleted", |_, file| {
        let deleted = file
            .execute("DELETE FROM event WHERE seq = (SELECT min(seq) FROM event) AND seq < (SELECT max(seq) FROM event) AND run IS NOT NULL", [])
            .unwrap();
        (deleted > 0).then_some(())
    }),
    ("a row that is put into a hole", |life, file| {
        let hole = pick(life, file, "seq > 1 AND NOT EXISTS (SELECT 1 FROM event e WHERE e.seq = event.seq - 1)")? - 1;
        let of = pick(life, file, "1")?;
        copy(file, of, hole);
        Some(())
    }),
    ("a row that is put on at the end", |life, file| {
        let (of, newest) = (pick(life, file, "1")?, pick(life, file, "seq = (SELECT max(seq) FROM event)")?);
        copy(file, of, newest + 1);
        Some(())
    }),
    ("two rows that are exchanged", |life, file| {
        let (one, other) = (pick(life, file, "1")?, pick(life, file, "1")?);
        (one != other).then_some(())?;
        for (from, to) in [(one, 1 << 40), (other, one), (1 << 40, other)] {
            file.execute("UPDATE event SET seq = ?2 WHERE seq = ?1", [from, to]).unwrap();
        }
        Some(())
    }),
    ("persons that are exchanged", |life, file| {
        let with = "seq IN (SELECT seq FROM person)";
        let (one, other) = (pick(life, file, with)?, pick(life, file, with)?);
        (one != other).then_some(())?;
        for (from, to) in [(one, 1 << 40), (other, one), (1 << 40, other)] {
            file.execute("UPDATE person SET seq = ?2 WHERE seq = ?1", [from, to]).unwrap();
        }
        Some(())
    }),
    ("another name, or another salt", |life, file| {
        let seq = pick(life, file, "seq IN (SELECT seq FROM person)")?;
        let change = life.dice.choice(["data = replace(data, '测', '样')", "salt = zeroblob(16)", "salt = NULL"])?;
        file.execute(&format!("UPDATE person SET {change} WHERE seq = ?1"), [seq]).unwrap();
        Some(())
    }),
    ("a name where there was none", |life, file| {
        let seq = pick(life, file, "person_digest IS NULL")?;
        file.execute("INSERT INTO person (seq, data, salt) VALUES (?1, '{}', zeroblob(16))", [seq]).unwrap();
        Some(())
    }),
    ("the end of a run that is taken out", |life, file| {
        let seq = pick(life, file, "length(run) > 0")?;
        let empty = life.dice.choice(["NULL", "x''"])?;
        file.execute(&format!("UPDATE event SET run = {empty} WHERE seq = ?1"), [seq]).unwrap();
        Some(())
    }),
    ("the beginning of the chain that is taken out", |life, file| {
        pick(life, file, "1")?;
        file.execute("DELETE FROM meta WHERE key = 'chain-base'", []).unwrap();
        Some(())
    }),
    ("a hole that is widened over what is no chatter", |life, file| {
        let to = pick(life, file, "run IS NOT NULL AND seq < (SELECT max(seq) FROM event)")?;
        let hash: [u8; 32] = file.query_row("SELECT hash FROM event WHERE seq = ?1", [to], |row| row.get(0)).unwrap();
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let through: i64 = file
            .query_row(
                "SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE key = 'thinned-through'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        if through < to.cast_signed() {
            let set = "INSERT OR REPLACE INTO meta VALUES ('thinned-through', ?1), ('thinned-hash', ?2)";
            file.execute(set, params![to.to_string(), hash]).unwrap();
            file.execute("DELETE FROM event WHERE seq < ?1 AND run IS NULL", [to]).unwrap();
        }
        file.execute("DELETE FROM event WHERE seq = ?1", [to]).unwrap();
        Some(())
    }),
    ("young rows that are deleted as retention does it", |life, file| {
        let young = format!("{} AND seq < (SELECT max(seq) FROM event)", young(life, life.days.chatter));
        let seq = pick(life, file, &format!("run IS NULL AND {young}"))?;
        thin(file, seq);
        Some(())
    }),
    ("a young beginning that is deleted as retention does it", |life, file| {
        let young = format!("{} AND seq < (SELECT max(seq) FROM event)", young(life, life.days.events));
        let seq = pick(life, file, &young)?;
        anchor::retire(file, seq).unwrap();
        file.execute("DELETE FROM event WHERE seq <= ?1", [seq]).unwrap();
        Some(())
    }),
];

/// Stored by a clock that was right, and so that the next row is no older either; in a history in which no other clock was, and no
/// other days held.
fn young(life: &Life, days: u32) -> String {
    // Not of the day that is just over.
    let since = at(life.day + 1 - i64::from(days)).utc.timestamp_millis();
    let now = at(life.day).utc.timestamp_millis();
    format!(
        "NOT EXISTS (SELECT 1 FROM event o WHERE o.seq > event.seq AND o.recorded < {since})
         AND NOT EXISTS (SELECT 1 FROM event o WHERE o.recorded > {now}
                         OR o.kind IN ('clock.stepped', 'retention.changed'))"
    )
}

/// All passing rows up to this one, with what retention remembers of it.
pub(super) fn thin(file: &Connection, through: u64) {
    anchor::note_hole(file, through).unwrap();
    file.execute("INSERT OR REPLACE INTO meta VALUES ('thinned-through', ?1)", [through.to_string()]).unwrap();
    file.execute("DELETE FROM event WHERE seq <= ?1 AND run IS NULL", [through]).unwrap();
}

/// A row that says the same under another number and id.
fn copy(file: &Connection, of: u64, to: u64) {
    file.execute(
        "INSERT INTO event SELECT ?2, randomblob(16), kind, subject, urgent, time, quality, recorded, data, fingerprint, hash, run,
         person_digest FROM event WHERE seq = ?1",
        [of, to],
    )
    .unwrap();
}

/// One life; whether there was something to meddle with.
fn meddled(seed: u64, what: &str, meddle: Meddle) -> bool {
    let mut life = Life::lived(seed);
    assert_eq!(life.audit(None).faults, Vec::<String>::new(), "seed {seed}");
    let file = file(life.path());
    if meddle(&mut life, &file).is_none() {
        return false;
    }
    let audit = life.audit(None);
    assert!(!audit.faults.is_empty(), "seed {seed}: {what}");
    // Two rows, each with its person and what follows it.
    assert!(audit.altered.len() <= 8, "seed {seed}: {what}: {:?}", audit.altered);
    true
}

#[test]
fn whoever_meddles_is_found() {
    let (mut seeds, each) = seeds();
    for (what, meddle) in KINDS_OF_MEDDLING {
        let found = seeds.by_ref().filter(|seed| meddled(*seed, what, meddle)).take(each).count();
        assert_eq!(found, each, "{what}");
    }
}
