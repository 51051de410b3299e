//! What happened: the one shape that everything in lobbyd is turned into before it is stored.
//! A leaf: it imports no other room, does no I/O and reads no clock.

mod envelope;
mod facts;
mod id;
mod kind;
pub mod ledger;
mod slug;
mod time;

pub use envelope::{CONTENT_TYPE, Envelope, Source};
pub use facts::Facts;
pub use id::{Fingerprint, Id, Identity};
pub use kind::{Aspect, Kind, UnknownKind};
pub use slug::{NotASlug, Slug};
pub use time::{Now, Quality, Reading, Stamp};

/// A JSON object: what an event says beyond its kind, subject and time.
pub type Data = serde_json::Map<String, serde_json::Value>;

/// Something that happened, decided but not yet stored. The journal gives it its number.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub kind: Kind,
    /// A door, a post, a visit, a ticket: what the event is about, as it stands in the topic.
    pub subject: Slug,
    pub identity: Identity,
    /// When it happened, by whoever knows best, and how far to trust that.
    pub stamp: Stamp,
    pub data: Facts,
    /// Names and phone numbers. Stored in a table of their own that is purged sooner; `None` where there are none.
    pub person: Option<Data>,
}

impl Event {
    /// An event that began here, now: on the screen, or in the daemon itself.
    pub fn here(kind: Kind, subject: Slug, now: Now, data: Data) -> Self {
        Event { kind, subject, identity: Identity::Fresh, stamp: now.stamp(), data: data.into(), person: None }
    }

    pub fn about(mut self, person: Data) -> Self {
        self.person = Some(person);
        self
    }
}

/// Builds [`Data`] from pairs: `data([("unit", json!("1203"))])`.
pub fn data<const N: usize>(pairs: [(&str, serde_json::Value); N]) -> Data {
    // One by one: to collect them sorts and builds a tree for two of them.
    let mut data = Data::new();
    for (key, value) in pairs {
        data.insert(key.to_owned(), value);
    }
    data
}
