//! Where the chain begins, and where it goes on behind rows that retention has taken out: what is kept of it in `meta`, always
//! written in the transaction that deletes the rows. What is kept does not grow with what is gone.

use super::JournalError;
use super::chain::{Chain, Hash, Head};
use super::keep::thinned;
use rusqlite::{Connection, OptionalExtension, params};

/// The row that the oldest one follows.
const BASE: &str = "chain-base";
/// The hash of the row up to which retention has thinned out: the next one may be a passing one that follows it.
const THINNED_HASH: &str = "thinned-hash";
/// The last lasting row's hash, noted at each passing row whose number is a multiple of [`STRIDE`], so that the next start need not
/// look for it through all that a flood has left.
const LASTING: &str = "chain-lasting";
/// Rows that a start looks through at most: a megabyte.
const STRIDE: u64 = 4_096;

/// What each journal keeps of its own chain alone.
pub(super) const OWN: [&str; 3] = [BASE, THINNED_HASH, LASTING];

/// What the first row that is in the chain follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Base {
    /// The journal's beginning, or an upgrade: the rows up to `seq` are in no chain.
    Start { seq: u64, epoch: String },
    /// Retention has taken out everything up to `seq`.
    Kept { seq: u64, chain: Chain },
}

impl Base {
    /// `None` where there is none, or none that is whole.
    pub fn read(connection: &Connection) -> Result<Option<Self>, JournalError> {
        Ok(memo(connection, BASE)?.and_then(|text| Base::parse(&text)))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mut word = || words.next();
        let (form, seq) = (word()?, word()?.parse().ok()?);
        let base = match form {
            "start" => Base::Start { seq, epoch: word()?.to_owned() },
            "kept" => Base::Kept { seq, chain: Chain { last: word()?.parse().ok()?, lasting: word()?.parse().ok()? } },
            _ => return None,
        };
        word().is_none().then_some(base)
    }

    fn write(&self, connection: &Connection) -> Result<(), JournalError> {
        let text = match self {
            Base::Start { seq, epoch } => format!("start {seq} {epoch}"),
            Base::Kept { seq, chain } => format!("kept {seq} {} {}", chain.last, chain.lasting),
        };
        set(connection, BASE, &text)
    }

    /// The number before the first row of the chain.
    pub const fn seq(&self) -> u64 {
        match self {
            Base::Start { seq, .. } | Base::Kept { seq, .. } => *seq,
        }
    }

    /// What the first row follows.
    pub fn chain(&self) -> Chain {
        match self {
            Base::Start { seq, epoch } => Chain::start(epoch, *seq),
            Base::Kept { chain, .. } => *chain,
        }
    }
}

/// Where the chain stands behind the newest row. Begins one where there is none yet.
///
/// # Errors
/// The disk's. What somebody has meddled with is no error: the lobby opens, and the audit finds it.
pub(super) fn open(connection: &Connection, epoch: &str, newest: u64) -> Result<Chain, JournalError> {
    let base = match Base::read(connection)? {
        Some(base) => base,
        None => {
            let base = Base::Start { seq: newest, epoch: epoch.to_owned() };
            base.write(connection)?;
            base
        }
    };
    let Some(last) = hash_at(connection, newest)?.filter(|_| newest > base.seq()) else { return Ok(base.chain()) };
    let noted = newest - newest % STRIDE;
    let lasting = match last_lasting(connection, noted.max(base.seq() + 1), newest)? {
        Some(found) => Some(found),
        None if noted > base.seq() => memo(connection, LASTING)?.and_then(|text| text.parse().ok()),
        None => None,
    };
    Ok(Chain { last, lasting: lasting.unwrap_or(base.chain().lasting) })
}

/// With each row that is stored, in its transaction.
pub(super) fn note(connection: &Connection, seq: u64, chain: &Chain) -> Result<(), JournalError> {
    if seq.is_multiple_of(STRIDE) && chain.last != chain.lasting {
        set(connection, LASTING, &chain.lasting.to_string())?;
    }
    Ok(())
}

/// Before everything up to `through` is deleted: what the next row follows. Looks only at rows that go.
pub(super) fn retire(connection: &Connection, through: u64) -> Result<(), JournalError> {
    let Some(base) = Base::read(connection)? else { return Ok(()) };
    let mut query = connection.prepare_cached("SELECT max(seq) FROM event WHERE seq <= ?1 AND hash IS NOT NULL")?;
    let Some(seq) = query.query_row([through], |row| row.get::<_, Option<u64>>(0))? else { return Ok(()) };
    let Some(last) = hash_at(connection, seq)? else { return Ok(()) };
    let lasting = last_lasting(connection, 0, seq)?.unwrap_or(base.chain().lasting);
    Base::Kept { seq, chain: Chain { last, lasting } }.write(connection)
}

/// Before what devices said is deleted up to `through`: what the next row follows.
pub(super) fn note_hole(connection: &Connection, through: u64) -> Result<(), JournalError> {
    match hash_at(connection, through)? {
        Some(hash) => set(connection, THINNED_HASH, &hash.to_string()),
        None => Ok(connection.execute("DELETE FROM meta WHERE key = ?1", [THINNED_HASH]).map(drop)?),
    }
}

/// The last row that has been thinned out or looked at for it; no hash where it was in no chain.
pub(super) fn hole(connection: &Connection) -> Result<(u64, Option<Hash>), JournalError> {
    let hash = memo(connection, THINNED_HASH)?.and_then(|text| text.parse().ok());
    Ok((thinned(connection)?, hash))
}

/// Whether the tables have a place for a chain: those of an older version have none.
pub(super) fn is_kept(connection: &Connection) -> Result<bool, JournalError> {
    Ok(connection.prepare_cached("SELECT 1 FROM pragma_table_info('event') WHERE name = 'hash'")?.exists([])?)
}

/// The newest row and its hash, as they are on disk; `None` where it is in no chain.
pub(super) fn head(connection: &Connection) -> Result<Option<Head>, JournalError> {
    if !is_kept(connection)? {
        return Ok(None);
    }
    let mut query = connection.prepare_cached("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1")?;
    let head = query.query_row([], |row| Ok((row.get(0)?, row.get::<_, Option<[u8; 32]>>(1)?))).optional()?;
    Ok(head.and_then(|(seq, hash)| Some(Head { seq, hash: Hash(hash?) })))
}

fn hash_at(connection: &Connection, seq: u64) -> Result<Option<Hash>, JournalError> {
    let mut query = connection.prepare_cached("SELECT hash FROM event WHERE seq = ?1 AND length(hash) = 32")?;
    Ok(query.query_row([seq], |row| row.get(0)).optional()?.map(Hash))
}

/// The hash of the last lasting row of these.
fn last_lasting(connection: &Connection, from: u64, to: u64) -> Result<Option<Hash>, JournalError> {
    let mut query = connection.prepare_cached(
        "SELECT hash FROM event WHERE seq BETWEEN ?1 AND ?2 AND run IS NOT NULL AND length(hash) = 32
         ORDER BY seq DESC LIMIT 1",
    )?;
    Ok(query.query_row(params![from, to], |row| row.get(0)).optional()?.map(Hash))
}

fn memo(connection: &Connection, key: &str) -> Result<Option<String>, JournalError> {
    let mut query = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(query.query_row([key], |row| row.get(0)).optional()?)
}

fn set(connection: &Connection, key: &str, value: &str) -> Result<(), JournalError> {
    connection.prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?.execute([key, value])?;
    Ok(())
}
