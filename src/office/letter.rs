//! What goes out: a row in its envelope, on its topic. A ring that is over goes out as a missed call: nobody must be
//! made to run to a door at which nobody stands any more.

use crate::event::{Envelope, Kind, Now, Source};
use crate::journal::{Lane, Row};
use crate::service::door::{RING_WINDOW, is_stale};
use chrono::TimeDelta;

/// One publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub topic: String,
    pub payload: Vec<u8>,
    pub retain: bool,
    pub content_type: &'static str,
    pub tag: Tag,
}

/// What a publish is about; the acknowledgement comes back with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    Row {
        lane: Lane,
        generation: u32,
        seq: u64,
    },
    /// Status and states: sent again by themselves when they change or the connection is new.
    Notice(&'static str),
    /// What became of a command, by its number among the results.
    Result(u64),
}

impl Letter {
    /// A JSON document of the gateway itself.
    pub fn notice(what: &'static str, topic: String, payload: Vec<u8>, retain: bool) -> Self {
        Letter { topic, payload, retain, content_type: "application/json", tag: Tag::Notice(what) }
    }

    pub fn event(row: &Row, source: &Source, lane: Lane, generation: u32, now: Now) -> Self {
        let kind = kind_now(row, now);
        let envelope = Envelope {
            source,
            id: row.id,
            seq: row.seq,
            kind,
            subject: &row.subject,
            stamp: row.stamp,
            recorded: row.recorded,
            data: &row.data,
        };
        Letter {
            topic: source.event_topic(&row.subject, kind),
            payload: envelope.to_json(),
            retain: false,
            content_type: crate::event::CONTENT_TYPE,
            tag: Tag::Row { lane, generation, seq: row.seq },
        }
    }
}

/// A ring is over when its own time says so, or when it was recorded too long ago by this gateway's clock. A clock that
/// was set between the two may make a ring look older than it is, never younger: a missed call is the safe side.
fn kind_now(row: &Row, now: Now) -> Kind {
    let window = TimeDelta::from_std(RING_WINDOW).expect("a minute fits");
    let over = is_stale(row.stamp, now) || now.utc.signed_duration_since(row.recorded) > window;
    if row.kind == Kind::CallRinging && over { Kind::CallMissed } else { row.kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Id, Quality, Slug, Stamp};
    use serde_json::{Value, value::RawValue};

    fn ring() -> Row {
        let time = chrono::DateTime::parse_from_rfc3339("2026-11-21T12:00:00Z").unwrap().to_utc();
        Row {
            seq: 9,
            id: Id::derived(&[b"ring"]),
            kind: Kind::CallRinging,
            subject: "north".into(),
            stamp: Stamp { time, quality: Quality::Absent },
            recorded: time,
            data: RawValue::from_string("{}".into()).unwrap(),
        }
    }

    fn sent_after(seconds: i64) -> (Letter, Value) {
        let source = Source {
            site: Slug::new("riverside").unwrap(),
            gateway: Slug::new("lobby-1").unwrap(),
            epoch: "e1".into(),
        };
        let now = Now { utc: ring().recorded + TimeDelta::seconds(seconds), synced: false };
        let letter = Letter::event(&ring(), &source, Lane::Urgent, 0, now);
        let json = serde_json::from_slice(&letter.payload).unwrap();
        (letter, json)
    }

    #[test]
    fn a_ring_that_is_over_goes_out_as_missed_under_the_same_id_and_number() {
        let (live, live_json) = sent_after(59);
        assert_eq!(live.topic, "lobby/v1/riverside/lobby-1/event/north/call.ringing");
        assert_eq!(live_json["type"], "lobbyd.call.ringing");
        let (late, late_json) = sent_after(61);
        assert_eq!(late.topic, "lobby/v1/riverside/lobby-1/event/north/call.missed");
        assert_eq!(late_json["type"], "lobbyd.call.missed");
        assert_eq!((&late_json["id"], &late_json["seq"]), (&live_json["id"], &live_json["seq"]));
    }
}
