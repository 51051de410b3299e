//! A profile: the ordered rules for one product, of which the first that fits a message decides.

use super::credential::SiteKey;
use super::doc::Doc;
use super::payload::{Form, Payload, Redaction};
use super::rule::{Miss, Rule, Site, unmapped};
use super::topic::{Cuts, Segments};
use super::{Message, Reading, Trial};
use crate::device::pick::View;

/// Longest topic that is read, in bytes. MQTT allows 65,535; the longest of the known products has 90.
pub const MAX_TOPIC: usize = 1024;

#[derive(Debug)]
pub struct Profile {
    pub name: String,
    /// As it stands in `data.device.product`.
    pub product: String,
    /// One line for `lobbyd profile list`.
    pub about: String,
    /// MQTT topic filters that are subscribed to where a site configures none.
    pub topics: Vec<String>,
    pub redact: Vec<Redaction>,
    pub rules: Vec<Rule>,
}

impl Profile {
    pub fn read(&self, message: &Message<'_>, site: Site<'_>) -> Reading {
        if message.topic.len() > MAX_TOPIC {
            return Reading::Unreadable(format!("the topic is longer than {MAX_TOPIC} bytes"));
        }
        let payload = Payload::new(message.payload, &self.redact);
        let mut cuts = Cuts::of(message.topic);
        let (mut unread, mut nearest) = (None, None);
        for rule in &self.rules {
            match rule.try_on(&mut cuts, &payload) {
                Ok(found) => return found.tell(message, site),
                Err((Miss::Topic, _)) => {}
                Err((Miss::Payload(why), _)) if rule.form != Form::Empty => unread = Some(why),
                Err((Miss::Payload(_), _)) => {}
                Err((Miss::When(_) | Miss::Unless(_), segments)) => nearest = Some((rule, segments)),
            }
        }
        match (nearest, unread) {
            (None, Some(why)) => Reading::Unreadable(why.to_string()),
            (nearest, _) => self.unmapped(message, site, &payload, nearest),
        }
    }

    fn unmapped(
        &self,
        message: &Message<'_>,
        site: Site<'_>,
        payload: &Payload<'_>,
        nearest: Option<(&Rule, Segments<'_>)>,
    ) -> Reading {
        let doc = payload.read(Form::Lenient);
        let device = nearest.as_ref().zip(doc.ok()).and_then(|((rule, segments), doc)| {
            rule.device.as_ref().and_then(|pick| pick.text(View { doc, segments }))
        });
        let why = match nearest {
            Some(_) => format!("no rule of profile \"{}\" knows what this message says", self.name),
            None => format!("no rule of profile \"{}\" knows this topic", self.name),
        };
        let digest = digest(site.key, doc.ok().map(ToString::to_string).as_deref(), payload);
        Reading::Reports(vec![unmapped(message, site, device.as_deref(), &why, &digest, 0)])
    }

    /// Every rule in order up to the one that fits, and why the others do not.
    pub fn explain(&self, message: &Message<'_>) -> Vec<Trial> {
        let payload = Payload::new(message.payload, &self.redact);
        let mut cuts = Cuts::of(message.topic);
        let mut trials = Vec::new();
        for rule in &self.rules {
            let missed = rule.try_on(&mut cuts, &payload).err();
            let fits = missed.is_none();
            let (held, why) = missed.map_or((Some(rule.when.len()), "fits".to_owned()), |(miss, segments)| {
                explain(rule, &miss, &payload, &segments)
            });
            trials.push(Trial { profile: self.name.clone(), rule: rule.name.clone(), fits, held, why });
            if fits {
                break;
            }
        }
        trials
    }
}

/// How many conditions hold, and what was wrong with the first that does not.
fn explain(rule: &Rule, miss: &Miss<'_>, payload: &Payload<'_>, segments: &Segments<'_>) -> (Option<usize>, String) {
    let (condition, wanted) = match miss {
        Miss::Topic => {
            let patterns: Vec<_> = rule.topics.iter().map(|pattern| pattern.as_str()).collect();
            return (None, format!("topic is not {}", patterns.join(" or ")));
        }
        Miss::Payload(unread) => return (Some(0), format!("topic matched; {unread}")),
        Miss::When(condition) => (condition, true),
        Miss::Unless(condition) => (condition, false),
    };
    let doc = payload.read(rule.form).unwrap_or(&Doc::Null);
    let view = View { doc, segments };
    let held = rule.when.iter().filter(|condition| condition.holds(view)).count();
    (Some(held), format!("topic matched; {}", condition.explain(view, wanted)))
}

fn digest(key: &SiteKey, text: Option<&str>, payload: &Payload<'_>) -> [u8; 16] {
    key.digest("message", &[text.map_or(payload.bytes(), str::as_bytes)])
}
