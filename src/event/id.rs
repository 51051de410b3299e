//! Event ids. The office drops repeats by `source`+`id`, so an event that is decided again after a crash
//! must get the id that it had before. Ids print as UUIDs: version 8 where they are derived, 7 where they are random.
//!
//! An id begins with a time wherever one belongs to it, so that the journal's index of ids grows at its end. Ids that lie
//! anywhere cost a page of 4 KiB for each event, written twice: 5.6 KB an event in a flood instead of 1.5.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::fmt;

/// 128 bits, printed as a UUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub [u8; 16]);

/// What makes an event itself and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// It happened here and once: a random id.
    Fresh,
    /// The device numbered or timed it: the same record, however often it is sent, is one event.
    Native(Id),
    /// The device sends its last record again and again, and numbers its records from the start after a power cut: a
    /// record equal to the last one of its series is that event; one that was there before the last is a new event.
    Latest { series: Fingerprint, record: Id },
    /// The device said nothing that tells two such messages apart; only the delivery does. A delivery that
    /// the broker marks as a repeat (DUP) of the same fingerprint is the same event.
    Delivery { fingerprint: Fingerprint, repeated: bool },
}

/// What one MQTT delivery looks like: topic, payload, packet id and position in the message. A broker repeats an
/// unacknowledged message under its old packet id, which comes round again only after 65,535 others.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 16]);

/// Bytes of the time at the front of an id: milliseconds since 1970, as in UUIDs of version 7 (RFC 9562, 5.7).
const DATE: usize = 6;

impl Id {
    pub fn random() -> Self {
        Id(*uuid::Uuid::new_v4().as_bytes())
    }

    /// A random one that begins with this time.
    pub fn fresh(at: DateTime<Utc>) -> Self {
        let random = uuid::Uuid::new_v4();
        let mut rest = [0; 16 - DATE];
        rest.copy_from_slice(&random.as_bytes()[DATE..]);
        let milliseconds = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        Id(*uuid::Builder::from_unix_timestamp_millis(milliseconds, &rest).as_uuid().as_bytes())
    }

    /// The same parts give the same id, on every machine and after every restart.
    pub fn derived(parts: &[&[u8]]) -> Self {
        Id(*uuid::Builder::from_custom_bytes(digest(parts)).as_uuid().as_bytes())
    }

    /// The same, beginning with this time. The time must belong to what has the id, like its parts.
    #[must_use]
    pub fn dated(mut self, at: DateTime<Utc>) -> Self {
        let milliseconds = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        self.0[..DATE].copy_from_slice(&milliseconds.to_be_bytes()[8 - DATE..]);
        self
    }

    /// Whether both are derived from the same parts, whatever time they begin with.
    pub fn is_of(self, derived: Id) -> bool {
        self.0[DATE..] == derived.0[DATE..]
    }

    pub fn parse(text: &str) -> Option<Self> {
        uuid::Uuid::parse_str(text).ok().map(|uuid| Id(*uuid.as_bytes()))
    }
}

impl Fingerprint {
    pub fn of(topic: &str, payload: &[u8], packet_id: u16, index: usize) -> Self {
        Fingerprint(digest(&[topic.as_bytes(), payload, &packet_id.to_be_bytes(), &(index as u64).to_be_bytes()]))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&uuid::Uuid::from_bytes(self.0), f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Id(self.0), f)
    }
}

/// Each part goes in with its length, so that ("ab", "c") and ("a", "bc") differ.
fn digest(parts: &[&[u8]]) -> [u8; 16] {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    let mut first = [0; 16];
    first.copy_from_slice(&sha.finalize()[..16]);
    first
}

/// Eight hex digits that tell texts apart where a person reads them.
pub(super) fn short_hash(bytes: &[u8]) -> String {
    digest(&[bytes])[..4].iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_are_stable_and_keep_parts_apart() {
        // A stored journal depends on this value: it must not change between releases.
        assert_eq!(
            Id::derived(&[b"esp-rfid", b"1605991375"]).to_string(),
            Id::derived(&[b"esp-rfid", b"1605991375"]).to_string()
        );
        assert_ne!(Id::derived(&[b"ab", b"c"]), Id::derived(&[b"a", b"bc"]));
        assert_eq!(Id::parse(&Id::derived(&[b"x"]).to_string()), Some(Id::derived(&[b"x"])));
    }

    #[test]
    fn ids_sort_by_the_time_that_belongs_to_them_and_print_as_uuids() {
        let at = |ms: i64| DateTime::from_timestamp_millis(1_795_000_000_000 + ms).unwrap();
        let derived = Id::derived(&[b"x"]);
        let (early, late) = (derived.dated(at(0)), Id::derived(&[b"y"]).dated(at(1)));
        assert!(early < late && late < Id::fresh(at(2)) && Id::fresh(at(2)) < Id::fresh(at(3)));
        assert_ne!(Id::fresh(at(0)), Id::fresh(at(0)));
        assert_eq!((&early.to_string()[14..15], &Id::fresh(at(0)).to_string()[14..15]), ("8", "7"));
        assert!(early.is_of(derived) && !late.is_of(derived));
        // A clock from before 1970, as some devices have.
        assert!(derived.dated(DateTime::UNIX_EPOCH - chrono::TimeDelta::days(1)) < early);
    }

    #[test]
    fn the_same_bytes_under_another_packet_id_are_another_delivery() {
        let first = Fingerprint::of("door/1", b"ON", 7, 0);
        assert_eq!(first, Fingerprint::of("door/1", b"ON", 7, 0));
        assert_ne!(first, Fingerprint::of("door/1", b"ON", 8, 0));
        assert_ne!(first, Fingerprint::of("door/1", b"ON", 7, 1));
    }
}
