//! The chain: each row has a hash over what it says and over the rows before it, so that whoever changes, takes out or puts in a
//! row must write all later ones anew, and then the head is another one than the office has noted. Pure: bytes in, hashes out;
//! it never sees a table.
//!
//! What devices say day in, day out goes sooner than the rest and leaves holes, of which nothing may be kept: a flood of 40,000
//! rows a second with 32 bytes for each row that is gone would fill the quota with proofs. So there are
//! **passing** rows, which retention may take out alone, and **lasting** ones. Each row follows two: the row before it, and the last
//! lasting row before it. A lasting row keeps the hash of the row before it where that was a passing one (its *run*). With the
//! whole run taken out, the lasting rows still follow one another without a gap, and no lasting row can be taken for a passing one.

use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Goes into the start of each chain: says of which form it is.
const FORM: &[u8] = b"lobbyd journal chain 1";
/// What a hash begins with, so that no row of one kind has the hash of one of the other.
const PASSING: u8 = 1;
const LASTING: u8 = 2;
/// In place of the length of a part that is not there; SQLite holds no value of this length.
const NONE: u32 = u32::MAX;
/// Parts of a row whose length varies, and numbers, which have one length.
const PARTS: usize = 7;
const NUMBERS: usize = 4;

/// SHA-256; printed in hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

/// The newest row of a chain and its hash: whoever notes it notices later when anything up to it is another. Printed and read as
/// `SEQ:HASH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub seq: u64,
    pub hash: Hash,
}

/// What a row says, as it is stored. Texts are bytes: what somebody has meddled with need not be UTF-8.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content<'a> {
    pub seq: u64,
    pub id: &'a [u8],
    pub kind: &'a [u8],
    pub subject: &'a [u8],
    pub urgent: i64,
    pub time: i64,
    pub quality: &'a [u8],
    pub recorded: i64,
    pub data: &'a [u8],
    pub fingerprint: Option<&'a [u8]>,
    /// [`of_person`], where it says something of people. It stays when that is erased.
    pub person: Option<&'a [u8]>,
}

/// Where a chain stands: behind a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chain {
    /// The hash of that row.
    pub last: Hash,
    /// The hash of the last lasting row, up to and with that one.
    pub lasting: Hash,
}

/// What is stored beside a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub hash: Hash,
    /// `None` in a passing row. In a lasting one the hash of the passing row before it, or nothing where that is a lasting one.
    pub run: Option<Option<Hash>>,
}

impl Chain {
    /// Before the first row. `after`: the number before it.
    pub fn start(epoch: &str, after: u64) -> Self {
        let mut sha = Sha256::new();
        sha.update(FORM);
        sha.update(after.to_be_bytes());
        sha.update(epoch);
        let start = Hash(sha.finalize().into());
        Chain { last: start, lasting: start }
    }

    /// What belongs to the next row. The chain stands where it stood.
    pub fn link(&self, content: &Content<'_>, is_passing: bool) -> Link {
        let run = (self.last != self.lasting).then_some(self.last);
        Link { hash: content.hash(if is_passing { PASSING } else { LASTING }, self), run: (!is_passing).then_some(run) }
    }

    /// Behind a row with this link.
    pub fn after(&self, link: &Link) -> Self {
        Chain { last: link.hash, lasting: if link.run.is_some() { link.hash } else { self.lasting } }
    }
}

impl Content<'_> {
    /// One pass, nothing allocated: what has a fixed length goes in at once, with the lengths of the rest.
    fn hash(&self, tag: u8, before: &Chain) -> Hash {
        let person = self.person.unwrap_or_default();
        let fingerprint = self.fingerprint.unwrap_or_default();
        let parts: [&[u8]; PARTS] = [self.id, self.kind, self.subject, self.quality, self.data, fingerprint, person];
        let mut lengths = parts.map(length);
        lengths[PARTS - 2] = self.fingerprint.map_or(NONE, length);
        lengths[PARTS - 1] = self.person.map_or(NONE, length);
        let mut fixed = [0; 8 * NUMBERS + 4 * PARTS];
        let (numbers, sizes) = fixed.split_at_mut(8 * NUMBERS);
        let values = [self.seq.cast_signed(), self.urgent, self.time, self.recorded];
        numbers.chunks_exact_mut(8).zip(values).for_each(|(place, value)| place.copy_from_slice(&value.to_be_bytes()));
        sizes.chunks_exact_mut(4).zip(lengths).for_each(|(place, size)| place.copy_from_slice(&size.to_be_bytes()));
        let mut sha = Sha256::new();
        sha.update([tag]);
        sha.update(before.last.0);
        sha.update(before.lasting.0);
        sha.update(fixed);
        parts.iter().for_each(|part| sha.update(part));
        Hash(sha.finalize().into())
    }
}

/// SQLite takes no value of 4 GiB.
fn length(part: &[u8]) -> u32 {
    u32::try_from(part.len()).unwrap_or(NONE - 1)
}

/// What stays of a person in the event. A name is guessed in seconds from its plain hash, so a random salt goes in, which is erased
/// with the name: then nothing can be guessed any more.
pub(super) fn of_person(salt: &[u8], data: &[u8]) -> Hash {
    let mut sha = Sha256::new();
    sha.update(length(salt).to_be_bytes());
    sha.update(salt);
    sha.update(data);
    Hash(sha.finalize().into())
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = NoHead;

    fn from_str(text: &str) -> Result<Self, NoHead> {
        let mut hash = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoHead);
        }
        for (nth, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * nth..2 * nth + 2], 16).map_err(|_| NoHead)?;
        }
        Ok(Hash(hash))
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// A text that is no head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a head is a number, a colon and 64 hex digits, as \"lobbyd journal status\" shows it")]
pub struct NoHead;

impl FromStr for Head {
    type Err = NoHead;

    fn from_str(text: &str) -> Result<Self, NoHead> {
        let (seq, hash) = text.split_once(':').ok_or(NoHead)?;
        Ok(Head { seq: seq.parse().map_err(|_| NoHead)?, hash: hash.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: Content<'static> = Content {
        seq: 7,
        id: &[1; 16],
        kind: b"door.opened",
        subject: b"lobby",
        urgent: 0,
        time: 1_795_000_000_000,
        quality: b"synced",
        recorded: 1_795_000_000_001,
        data: b"{}",
        fingerprint: None,
        person: None,
    };

    fn start() -> Chain {
        Chain::start("e1", 0)
    }

    #[test]
    fn the_hash_of_a_row_is_the_same_in_every_version() {
        // Stored journals depend on these values: they must not change between releases.
        let (passing, lasting) = (start().link(&ROW, true).hash, start().link(&ROW, false).hash);
        assert_eq!(passing.to_string(), "e6b26a3a9af94ee92ef9c2f26df96db1c39183babf3cf6b41c7d5402c4f28912");
        assert_eq!(lasting.to_string(), "db7c2ce994f8ed414573334e75a6b9644d0807c3c319f55e9fe3365ac5293aee");
    }

    #[test]
    fn every_part_of_a_row_counts_and_none_runs_into_the_next() {
        let changed = [
            ROW,
            Content { seq: 8, ..ROW },
            Content { id: &[2; 16], ..ROW },
            Content { kind: b"door.openedl", subject: b"obby", ..ROW },
            Content { kind: b"door.closed", ..ROW },
            Content { subject: b"lobby2", ..ROW },
            Content { urgent: 1, ..ROW },
            Content { time: ROW.recorded, recorded: ROW.time, ..ROW },
            Content { time: 0, ..ROW },
            Content { quality: b"unsynced", ..ROW },
            Content { recorded: 0, ..ROW },
            Content { data: b"{ }", ..ROW },
            Content { fingerprint: Some(&[]), ..ROW },
            Content { fingerprint: Some(&[3; 16]), ..ROW },
            Content { person: Some(&[]), ..ROW },
            Content { person: Some(&[3; 16]), ..ROW },
        ];
        let mut hashes: Vec<String> = changed
            .iter()
            .flat_map(|row| [true, false].map(|passes| start().link(row, passes).hash.to_string()))
            .chain([Chain::start("e2", 0), Chain::start("e1", 1)].map(|chain| chain.link(&ROW, true).hash.to_string()))
            .collect();
        let all = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
    }

    #[test]
    fn lasting_rows_follow_one_another_whatever_stood_between_them() {
        let mut chain = start();
        let first = chain.link(&ROW, false);
        assert_eq!(first.run, Some(None), "nothing stood before it");
        chain = chain.after(&first);
        for seq in 8..12 {
            let passing = chain.link(&Content { seq, ..ROW }, true);
            assert_eq!(passing.run, None);
            chain = chain.after(&passing);
        }
        let next = chain.link(&Content { seq: 12, ..ROW }, false);
        // All that is left of the four rows.
        let Some(Some(run)) = next.run else { panic!("{next:?}") };
        assert_eq!(Chain { last: run, lasting: first.hash }.link(&Content { seq: 12, ..ROW }, false), next);
        assert_ne!(Chain { last: run, lasting: run }.link(&Content { seq: 12, ..ROW }, false).hash, next.hash);
    }

    #[test]
    fn a_head_is_read_as_it_is_printed_and_nothing_else_is() {
        let head = Head { seq: 4_711, hash: start().last };
        assert_eq!(head.to_string().parse(), Ok(head));
        for text in ["", "1", "1:", "1:ab", &format!("x:{}", head.hash), &format!("1:{}g", &head.hash.to_string()[1..])]
        {
            assert_eq!(text.parse::<Head>(), Err(NoHead), "{text}");
        }
        assert_eq!(format!("1:{}", "é".repeat(32)).parse::<Head>(), Err(NoHead));
        let plus = format!("1:{}", "+f".repeat(32));
        assert_eq!(plus.parse::<Head>(), Err(NoHead));
    }

    #[test]
    fn a_name_without_its_salt_is_no_use() {
        let of = |salt: &[u8]| of_person(salt, b"{}");
        assert_ne!(of(&[1; 16]), of(&[2; 16]));
        assert_ne!(of_person(b"a", b"b{}"), of_person(b"ab", b"{}"));
    }
}
