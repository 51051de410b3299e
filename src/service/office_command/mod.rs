//! What the office may ask of the gateway, and when it is refused. A command is signed by somebody whom `lobby.toml` names, for
//! one gateway and one start of its machine, for a time; anything else is refused with a reason that its sender can act on. There is no
//! command that opens a door, and there never is to be one.
//!
//! Whether an id is a repeat is not decided here but by the journal: the event of an accepted command has an id that is
//! derived from the command's, so that a repeat is one even after a restart.

mod answer;
pub mod notices;
mod objection;
mod order;
pub mod people;
pub mod rules;
mod signed;
#[cfg(test)]
mod tests;
pub mod ticket;

pub use answer::{accepted, record_id, refused, result, shortened, stored_through};
pub use objection::{Objection, Refused};
pub use order::{Invite, Name, NoArguments, Order, Replay};
pub use signed::key_name;

use super::redact;
use super::signature::{PrivateKey, PublicKey};
use super::staff::{Actor, Role, Via};
use crate::event::{Id, Now, Slug};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use objection::{malformed, too_large};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The version of the contract that is understood here: the `v1` of the topics. A command may say a higher one, and is refused for it.
pub const CONTRACT: u32 = 1;
/// Largest command as it is sent, bytes: a thousand households with whoever lives there. A town comes in some hundred parts.
pub const MAX_COMMAND: usize = 256 * 1024;
/// Longest id and longest `who`, characters.
const MAX_WORD: usize = 128;
/// Longest time from issue to expiry: an accepted command is remembered for as long as its event is kept, which is weeks.
pub const MAX_LIFE: TimeDelta = TimeDelta::hours(24);
/// The office's clock may be ahead of ours by so much. NTP keeps both to some milliseconds.
const AHEAD: TimeDelta = TimeDelta::seconds(60);

/// Somebody whose commands count here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// As events tell it: a system of the office, not a person.
    pub name: String,
    pub public: PublicKey,
    /// All commands where it is `None`.
    pub may: Option<Vec<Name>>,
}

/// Whom a command must be for, and whose it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    pub site: Slug,
    pub gateway: Slug,
    /// The machine's boot id, as the status tells it: what was recorded before the last start of the machine is worth nothing now.
    pub boot: String,
    pub signers: Vec<Signer>,
}

impl Addressee {
    /// As commands name a gateway.
    pub fn gateway(&self) -> String {
        format!("{}/{}", self.site, self.gateway)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct OfficeCommand {
    pub id: String,
    /// The id of its event, by which a repeat is known.
    pub record: Id,
    /// Who asked, in the office's own words. May name a person: never logged.
    pub who: String,
    /// The signer's name.
    pub signer: String,
    pub order: Order,
}

impl OfficeCommand {
    /// Who does what it asks for: as the signer, in the words of whoever asked.
    pub fn actor(&self, role: Role) -> Actor {
        Actor::staff(Slug::from_text(&self.signer), self.who.clone(), role, None, Via::Office)
    }

    /// It was a good one, and is not carried out all the same.
    pub fn refused(self, objection: Objection) -> Refused {
        Refused { id: Some(self.id), signer: Some(self.signer), objection }
    }
}

/// What is signed: one JSON object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Of the contract. May be left out where it is the first; a gateway of before that refuses the word.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub version: u32,
    /// Chosen by the issuer; one that was carried out is not carried out again.
    pub id: String,
    /// Who asks, in the issuer's own words.
    pub who: String,
    /// `site/gateway`.
    pub gateway: String,
    pub boot: String,
    /// As in the topic.
    pub command: String,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    #[serde(default)]
    pub arguments: Map<String, Value>,
}

/// What a command of any version has.
#[derive(Deserialize)]
struct Head {
    version: u64,
    #[serde(default)]
    id: String,
}

const fn first() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands in a reference")]
const fn is_first(version: &u32) -> bool {
    *version == first()
}

impl Draft {
    /// As it is published on `cmd/{command}`.
    ///
    /// # Errors
    /// When it is larger than [`MAX_COMMAND`].
    pub fn sign(&self, key: &PrivateKey) -> Result<String, Objection> {
        let payload = serde_json::to_vec(self).map_err(|error| malformed(error.to_string()))?;
        let text = signed::seal(&payload, key);
        if text.len() <= MAX_COMMAND { Ok(text) } else { Err(too_large()) }
    }
}

/// Reads and judges what came on `cmd/{name}`.
///
/// # Errors
/// When it is not to be carried out.
pub fn read(name: &str, sent: &[u8], retained: bool, to: &Addressee, now: Now) -> Result<OfficeCommand, Refused> {
    let refused = |objection| Refused { id: None, signer: None, objection };
    if sent.len() > MAX_COMMAND {
        return Err(refused(too_large()));
    }
    let (payload, signer) = signed::open(sent, &to.signers).map_err(refused)?;
    let signer_name = || Some(signer.name.clone());
    let refused = |id, objection| Refused { id, signer: signer_name(), objection };
    // A newer office's command may have members that nobody here knows: its version says why it is refused, not they.
    if let Some(head) = serde_json::from_slice::<Head>(&payload).ok().filter(|head| head.version > CONTRACT.into()) {
        return Err(refused(Some(head.id).filter(|id| is_word(id)), Objection::Newer(head.version)));
    }
    // What serde says of a wrong member names it, and the signer may know his own text.
    let draft: Draft = serde_json::from_slice(&payload)
        .map_err(|error| refused(None, malformed(redact::serde(&error.to_string()))))?;
    let id = Some(draft.id.clone()).filter(|id| is_word(id));
    judge(name, &draft, retained, to, signer, now)
        .map(|order| {
            let record = record_id(&signer.public, &draft.id);
            OfficeCommand { id: draft.id, record, who: draft.who, signer: signer.name.clone(), order }
        })
        .map_err(|objection| refused(id, objection))
}

fn judge(
    name: &str,
    draft: &Draft,
    retained: bool,
    to: &Addressee,
    signer: &Signer,
    now: Now,
) -> Result<Order, Objection> {
    for (key, word) in [("id", &draft.id), ("who", &draft.who)] {
        if !is_word(word) {
            return Err(malformed(format!("`{key}` must be text of 1 to {MAX_WORD} characters")));
        }
    }
    if draft.gateway != to.gateway() {
        return Err(Objection::OtherGateway);
    }
    if draft.command != name {
        return Err(malformed("`command` is not what the topic says"));
    }
    if retained {
        return Err(Objection::Retained);
    }
    if draft.boot != to.boot {
        return Err(Objection::OtherBoot);
    }
    in_time(draft, now)?;
    let name = Name::of(name).ok_or(Objection::Unknown)?;
    if signer.may.as_ref().is_some_and(|may| !may.contains(&name)) {
        return Err(Objection::NotAllowed);
    }
    Order::read(name, &draft.arguments, now)
}

fn in_time(draft: &Draft, now: Now) -> Result<(), Objection> {
    if !now.synced {
        return Err(Objection::NoClock);
    }
    let life = draft.expires_at - draft.issued_at;
    if life <= TimeDelta::zero() || life > MAX_LIFE {
        return Err(malformed(format!("`expires_at` must be within {} hours after `issued_at`", MAX_LIFE.num_hours())));
    }
    if draft.issued_at - now.utc > AHEAD {
        return Err(Objection::NotYet);
    }
    if now.utc > draft.expires_at {
        return Err(Objection::Expired(draft.expires_at.to_rfc3339_opts(SecondsFormat::Secs, true)));
    }
    Ok(())
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && word.chars().count() <= MAX_WORD
}
