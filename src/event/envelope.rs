//! The CloudEvents 1.0 form of a stored event (structured mode, JSON), as the office receives it.

use super::{Id, Kind, Slug, Stamp};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::value::RawValue;

/// The content type of the MQTT 5 PUBLISH that carries an envelope.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";

/// Room for an envelope without its data, bytes: it is some 350, so that it never has to move while it is written.
const ENVELOPE: usize = 512;

/// Where events come from: `/lobby/{site}/{gateway}`, and the journal that numbers them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub site: Slug,
    pub gateway: Slug,
    /// Names the journal. `seq` counts without a gap within one epoch; a damaged journal is replaced by a new
    /// one with a new epoch, and its `seq` starts again at 1.
    pub epoch: String,
}

impl Source {
    /// `lobby/v1/{site}/{gateway}/{rest}`
    pub fn topic(&self, rest: &str) -> String {
        format!("lobby/v1/{}/{}/{rest}", self.site, self.gateway)
    }

    /// `lobby/v1/{site}/{gateway}/event/{subject}/{kind}`
    pub fn event_topic(&self, subject: &str, kind: Kind) -> String {
        format!("lobby/v1/{}/{}/event/{subject}/{}", self.site, self.gateway, kind.name())
    }
}

/// A stored event on its way out.
#[derive(Debug, Clone)]
pub struct Envelope<'a> {
    pub source: &'a Source,
    pub id: Id,
    pub seq: u64,
    pub kind: Kind,
    pub subject: &'a str,
    pub stamp: Stamp,
    /// The gateway's clock when the event was stored.
    pub recorded: DateTime<Utc>,
    /// The event's data as stored: a JSON object.
    pub data: &'a RawValue,
}

#[derive(Serialize)]
struct Wire<'a> {
    specversion: &'static str,
    id: String,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    subject: &'a str,
    time: String,
    datacontenttype: &'static str,
    seq: u64,
    epoch: &'a str,
    recorded: String,
    timequality: &'static str,
    data: &'a RawValue,
}

impl Envelope<'_> {
    pub fn to_json(&self) -> Vec<u8> {
        let wire = Wire {
            specversion: "1.0",
            id: self.id.to_string(),
            source: format!("/lobby/{}/{}", self.source.site, self.source.gateway),
            kind: format!("lobbyd.{}", self.kind),
            subject: self.subject,
            time: rfc3339(self.stamp.time),
            datacontenttype: "application/json",
            seq: self.seq,
            epoch: &self.source.epoch,
            recorded: rfc3339(self.recorded),
            timequality: self.stamp.quality.name(),
            data: self.data,
        };
        let mut json = Vec::with_capacity(ENVELOPE + self.data.get().len());
        serde_json::to_writer(&mut json, &wire).expect("strings, numbers and checked JSON always serialise");
        json
    }
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Quality;
    use serde_json::{Value, json};

    #[test]
    fn the_envelope_is_cloudevents_with_the_contracts_extensions() {
        let source = Source {
            site: Slug::new("riverside").unwrap(),
            gateway: Slug::new("lobby-1").unwrap(),
            epoch: "e1".into(),
        };
        let time = DateTime::from_timestamp(1_605_991_375, 0).unwrap();
        let data = RawValue::from_string(r#"{"unit":"1203"}"#.into()).unwrap();
        let envelope = Envelope {
            source: &source,
            id: Id::derived(&[b"x"]),
            seq: 7,
            kind: Kind::AccessGranted,
            subject: "lobby",
            stamp: Stamp { time, quality: Quality::Synced },
            recorded: time,
            data: &data,
        };
        let json: Value = serde_json::from_slice(&envelope.to_json()).unwrap();
        assert_eq!(json["specversion"], "1.0");
        assert_eq!(json["source"], "/lobby/riverside/lobby-1");
        assert_eq!(json["type"], "lobbyd.access.granted");
        assert_eq!(json["time"], "2020-11-21T20:42:55.000Z");
        assert_eq!(json["seq"], json!(7));
        assert_eq!(json["timequality"], "synced");
        assert_eq!(json["data"]["unit"], "1203");
        assert_eq!(
            source.event_topic("lobby", Kind::AccessGranted),
            "lobby/v1/riverside/lobby-1/event/lobby/access.granted"
        );
    }
}
