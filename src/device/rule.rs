//! One rule of a profile: when it fits, and what reports it makes of a message. It takes out of a payload only what the
//! rule names, so pictures, names and PINs stay behind; and it never guesses: a value that its tables do not list is
//! `device.unmapped`.

use super::credential::{self, SiteKey};
use super::doc::{Doc, Members};
use super::jq::Program;
use super::payload::{Form, Payload, Redaction};
use super::pick::{Condition, Pick, Picked, View, cut};
use super::time::{self, Said, TimeRule};
use super::topic::{Cuts, Pattern, Segments};
use super::unread::Unread;
use super::{DeviceConfig, Message, Reading};
use crate::event::{Facts, Fingerprint, Id, Identity, Kind, Quality, Slug, Stamp};
use crate::service::door::Report;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use std::borrow::Cow;
use std::sync::Arc;

/// Most reports of one message. A controller of four doors sends four; a hundred are a broken jq program or an attack.
pub const MAX_REPORTS: usize = 64;

/// Members of an event's data that a rule fills; no `data` of a profile has their names.
const CREDENTIAL: &str = "credential";
const DEVICE: &str = "device";
/// Of `data`: one of [`REASONS`].
const REASON: &str = "reason";

/// In place of a kind: the message says nothing of its own.
pub const IGNORE: &str = "ignore";

/// Why a door said no: ONVIF Access Control's list, and `CredentialNotFound`, which ONVIF has as a topic of its own.
/// "A client shall treat unknown strings as Other."
pub const REASONS: [&str; 9] = [
    "CredentialNotEnabled",
    "CredentialNotActive",
    "CredentialExpired",
    "CredentialNotFound",
    "InvalidPIN",
    "InvalidIdentifierValue",
    "NotPermittedAtThisTime",
    "Unauthorized",
    "Other",
];

#[derive(Debug)]
pub struct Rule {
    pub name: String,
    /// Rules of one profile with the same patterns share them.
    pub topics: Arc<[Pattern]>,
    pub form: Form,
    /// All of them must hold.
    pub when: Vec<Condition>,
    /// None of them may hold.
    pub unless: Vec<Condition>,
    pub jq: Option<Program>,
    /// `None` ignores the message.
    pub kind: Option<Pick>,
    pub subject: Option<Pick>,
    pub device: Option<Pick>,
    pub credential: Option<CredentialRule>,
    pub record: Option<Pick>,
    pub key: Vec<Pick>,
    /// A counter of the device's records that starts again, where the device repeats the last one; `key` names the series.
    pub latest: Option<Pick>,
    pub time: Vec<TimeRule>,
    /// Any of them makes the message history.
    pub replayed: Vec<Condition>,
    pub redact: Vec<Redaction>,
    /// Where in `data` it goes, and where it comes from.
    pub data: Vec<(Vec<String>, Pick)>,
}

#[derive(Debug, Default)]
pub struct CredentialRule {
    pub id: Option<Pick>,
    pub form: credential::Form,
    /// One of ONVIF's recognition types. A PIN is never stored, not even hashed: its `id` is not looked at.
    pub kind: Option<Pick>,
    /// Where a token means something; the device where it is not given.
    pub scope: Option<Pick>,
    /// Ids that mean nobody: Zigbee's slot 65535.
    pub nobody: Vec<String>,
}

/// Everything around a message that a rule needs.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    pub product: &'a str,
    pub config: &'a DeviceConfig,
    pub key: &'a SiteKey,
}

/// Why a rule does not fit a message.
pub enum Miss<'a> {
    Topic,
    Payload(&'a Unread),
    When(&'a Condition),
    Unless(&'a Condition),
}

/// A message that a rule fits.
pub struct Match<'a> {
    rule: &'a Rule,
    segments: Segments<'a>,
    doc: Cow<'a, Doc<'a>>,
}

impl Rule {
    pub fn try_on<'a>(
        &'a self,
        topic: &mut Cuts<'a>,
        payload: &'a Payload<'_>,
    ) -> Result<Match<'a>, (Miss<'a>, Segments<'a>)> {
        let Some(segments) = topic.by(&self.topics) else {
            return Err((Miss::Topic, Segments::default()));
        };
        let doc = match payload.read(self.form) {
            Ok(doc) => doc,
            Err(unread) => return Err((Miss::Payload(unread), segments)),
        };
        let view = View { doc, segments: &segments };
        if let Some(failed) = self.when.iter().find(|condition| !condition.holds(view)) {
            return Err((Miss::When(failed), segments));
        }
        if let Some(failed) = self.unless.iter().find(|condition| condition.holds(view)) {
            return Err((Miss::Unless(failed), segments));
        }
        Ok(Match { rule: self, segments, doc: self.without_secrets(doc) })
    }

    fn without_secrets<'a>(&self, doc: &'a Doc<'a>) -> Cow<'a, Doc<'a>> {
        let mut doc = Cow::Borrowed(doc);
        if !self.redact.is_empty() {
            self.redact.iter().for_each(|redaction| redaction.apply(doc.to_mut()));
        }
        doc
    }
}

impl Match<'_> {
    pub fn tell(&self, message: &Message<'_>, site: Site<'_>) -> Reading {
        let Some(kind) = &self.rule.kind else { return Reading::Ignored };
        let parts = match &self.rule.jq {
            None => vec![Cow::Borrowed(self.doc.as_ref())],
            Some(program) => match program.run(&self.doc, &self.segments.to_json(), MAX_REPORTS) {
                Ok(parts) => parts.into_iter().map(|part| Cow::Owned(part.into())).collect(),
                Err(error) => return Reading::Unreadable(format!("rule \"{}\": {error}", self.rule.name)),
            },
        };
        let reports: Vec<Report> = parts
            .iter()
            .enumerate()
            .filter_map(|(index, doc)| {
                let view = View { doc, segments: &self.segments };
                Telling { rule: self.rule, whole: &self.doc, view, index, message, site }.report(kind)
            })
            .collect();
        if reports.is_empty() { Reading::Ignored } else { Reading::Reports(reports) }
    }
}

/// One fact of one message on its way to a report.
struct Telling<'a> {
    rule: &'a Rule,
    whole: &'a Doc<'a>,
    view: View<'a>,
    index: usize,
    message: &'a Message<'a>,
    site: Site<'a>,
}

impl Telling<'_> {
    fn report(&self, kind: &Pick) -> Option<Report> {
        let kind = match kind.pick(self.view) {
            Picked::Found(Doc::Text(name)) if name == IGNORE => return None,
            Picked::Found(name) => match name.as_text().map(str::parse::<Kind>) {
                Some(Ok(kind)) => kind,
                _ => return Some(self.unmapped("what it gives is no event kind".to_owned())),
            },
            // The rule's author says that this field is vocabulary, so its value may be shown.
            Picked::Unlisted(value) => {
                return Some(self.unmapped(format!("its table does not list \"{}\"", cut(value))));
            }
            Picked::Absent => return Some(self.unmapped("the field that says what happened is absent".to_owned())),
        };
        let said = time::read(&self.rule.time, self.view, self.site.config.zone);
        let device = self.device();
        Some(Report {
            kind,
            subject: self.subject(kind, device.as_deref()),
            identity: self.identity(kind, said, device.as_deref()),
            stamp: said.stamp(self.message.received),
            replayed: self.rule.replayed.iter().any(|condition| condition.holds(self.view)),
            retained: self.message.retain,
            data: Facts::written(&Contents { of: self, device: device.as_deref() }),
        })
    }

    fn unmapped(&self, why: String) -> Report {
        let why = format!("rule \"{}\": {why}", self.rule.name);
        let digest = self.site.key.digest("message", &[self.whole.to_string().as_bytes()]);
        unmapped(self.message, self.site, self.device().as_deref(), &why, &digest, self.index)
    }

    fn device(&self) -> Option<Cow<'_, str>> {
        self.rule.device.as_ref().and_then(|pick| pick.text(self.view))
    }

    /// A device's own health is about the device; all else is about the door: the one that the message names, or the
    /// configured one, or one called like the device.
    fn subject(&self, kind: Kind, device: Option<&str>) -> Slug {
        let of_device = device.map(Slug::from_text);
        if matches!(kind, Kind::BatteryLow) || kind.name().starts_with("device.") {
            return of_device.unwrap_or_else(|| fallback(self.site));
        }
        let said = self.rule.subject.as_ref().and_then(|pick| pick.text(self.view));
        said.map(|text| Slug::from_text(&text))
            .or_else(|| self.site.config.door.clone())
            .or(of_device)
            .unwrap_or_else(|| fallback(self.site))
    }

    fn identity(&self, kind: Kind, said: Said, device: Option<&str>) -> Identity {
        self.native(kind, said, device).unwrap_or_else(|| self.delivery())
    }

    /// `None` if the rule has no key, a part of it is absent, or it leans on a time that cannot be right: a device that
    /// has lost its clock counts through the same seconds again after every start.
    fn native(&self, kind: Kind, said: Said, device: Option<&str>) -> Option<Identity> {
        let parts: Option<Vec<Cow<'_, str>>> = self.rule.key.iter().map(|pick| pick.text(self.view)).collect();
        let parts = parts.filter(|parts| !parts.is_empty())?;
        let times = || self.rule.time.iter().flat_map(|time| std::iter::once(&time.from).chain(&time.local));
        let timed = self.rule.key.iter().flat_map(|pick| &pick.sources).any(|part| times().any(|time| time == part));
        if timed && !said.can_be_right() {
            return None;
        }
        // A key may hold a card's number; an id is public.
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        let digest = self.site.key.digest("record", &parts);
        let device = device.unwrap_or_default();
        let record = Id::derived(&[self.site.product.as_bytes(), device.as_bytes(), &digest, kind.name().as_bytes()]);
        let Some(counter) = &self.rule.latest else {
            // Only a time that the device itself has placed: another zone in the configuration must not make another record.
            return Some(Identity::Native(match said {
                Said::At { time, zoned: true } if timed => record.dated(time),
                _ => record,
            }));
        };
        let count = counter.text(self.view)?;
        Some(Identity::Latest { series: Fingerprint(record.0), record: Id::derived(&[&record.0, count.as_bytes()]) })
    }

    fn delivery(&self) -> Identity {
        // Over what is left after redaction: a PIN is not even hashed.
        let digest = self.site.key.digest("message", &[self.whole.to_string().as_bytes()]);
        delivery(self.message, &digest, self.index)
    }

    fn credential(&self, device: &str) -> Option<Credential<'_>> {
        let rule = self.rule.credential.as_ref()?;
        let kind = rule.kind.as_ref().and_then(|pick| pick.text(self.view));
        let mut reference = None;
        if kind.as_deref() != Some(credential::PIN)
            && let Some(id) = rule.id.as_ref().and_then(|pick| pick.text(self.view))
            && !rule.nobody.iter().any(|nobody| *nobody == id)
        {
            let scope = rule.scope.as_ref().and_then(|pick| pick.text(self.view));
            let scope = scope.as_deref().unwrap_or(device);
            let normal = credential::normal(rule.form, &id, self.site.product, scope);
            reference = Some(self.site.key.reference(&normal));
        }
        (reference.is_some() || kind.is_some()).then_some(Credential { reference, kind })
    }
}

/// The event's data, straight from the message.
struct Contents<'a> {
    of: &'a Telling<'a>,
    device: Option<&'a str>,
}

impl Serialize for Contents<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Telling { rule, view, message, site, .. } = self.of;
        let mut members = serializer.serialize_map(None)?;
        let mut nested = Members::new();
        for (path, pick) in &rule.data {
            let Some(value) = pick.value(*view) else { continue };
            match path.as_slice() {
                [name] if name == REASON => members.serialize_entry(name, reason(&value))?,
                [name] => members.serialize_entry(name, &value)?,
                path => place(&mut nested, path, value),
            }
        }
        nested.iter().try_for_each(|(name, value)| members.serialize_entry(name, value))?;
        if let Some(credential) = self.of.credential(self.device.unwrap_or_default()) {
            members.serialize_entry(CREDENTIAL, &credential)?;
        }
        let record = rule.record.as_ref().and_then(|pick| pick.value(*view));
        members.serialize_entry(DEVICE, &Origin { record, ..origin(site.product, message.topic) })?;
        members.end()
    }
}

/// The data of a message that nobody knows.
#[derive(Serialize)]
struct Unknown<'a> {
    device: Origin<'a>,
    why: &'a str,
}

/// Who was there, as it stands in the event.
#[derive(Serialize)]
struct Credential<'a> {
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<Cow<'a, str>>,
}

/// Where the message came from, as it stands in the event.
#[derive(Serialize)]
struct Origin<'a> {
    product: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<Doc<'a>>,
    topic: Cow<'a, str>,
}

fn origin<'a>(product: &'a str, topic: &'a str) -> Origin<'a> {
    Origin { product, record: None, topic: cut(Cow::Borrowed(topic)) }
}

fn reason(said: &Doc<'_>) -> &'static str {
    said.as_text().and_then(|said| REASONS.iter().find(|reason| **reason == said)).unwrap_or(&"Other")
}

/// What goes into the same object comes in a row: a profile's tables are taken as they stand.
fn place<'a>(members: &mut Members<'a>, path: &'a [String], value: Doc<'a>) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        members.push((Cow::Borrowed(first), value));
        return;
    }
    if members.last().is_none_or(|(name, _)| name != first) {
        members.push((Cow::Borrowed(first), Doc::Object(Members::new())));
    }
    if let Some((_, Doc::Object(inner))) = members.last_mut() {
        place(inner, rest, value);
    }
}

fn fallback(site: Site<'_>) -> Slug {
    site.config.door.clone().unwrap_or_else(|| Slug::from_text(site.product))
}

fn delivery(message: &Message<'_>, digest: &[u8], index: usize) -> Identity {
    let fingerprint = Fingerprint::of(message.topic, digest, message.packet_id, index);
    Identity::Delivery { fingerprint, repeated: message.dup }
}

/// A message that came and means something that nobody knows. `why` holds no content but vocabulary.
pub fn unmapped(
    message: &Message<'_>,
    site: Site<'_>,
    device: Option<&str>,
    why: &str,
    digest: &[u8],
    index: usize,
) -> Report {
    Report {
        kind: Kind::DeviceUnmapped,
        subject: site.config.door.clone().or(device.map(Slug::from_text)).unwrap_or_else(|| fallback(site)),
        identity: delivery(message, digest, index),
        stamp: Stamp { time: message.received.utc, quality: Quality::Absent },
        replayed: false,
        retained: message.retain,
        data: Facts::written(&Unknown { device: origin(site.product, message.topic), why }),
    }
}
