//! What the office may ask of the gateway, and when it is refused. A command is signed by somebody whom `lobby.toml` names, for
//! one gateway and one start of its machine, for a time; anything else is refused with a reason that its sender can act on. There is no
//! command that opens a door, and there never is to be one.
//!
//! Whether an id is a repeat is not decided here but by the journal: the event of an accepted command has an id that is
//! derived from the command's, so that a repeat is one even after a restart.

mod answer;
pub mod notices;
pub mod people;
pub mod rules;
mod signed;
#[cfg(test)]
mod tests;
pub mod ticket;

pub use answer::{accepted, record_id, refused, result, stored_through};
pub use signed::key_name;

use super::directory::update;
use super::invitation::Token;
use super::redact;
use super::signature::{PrivateKey, PublicKey};
use super::staff::{Actor, Role, Via};
use super::watch;
use crate::event::{Now, Slug};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt::Display;
use std::num::NonZeroU64;

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

/// The names of commands, as they stand in topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    Ping,
    Replay,
    Invite,
    WatchList,
    Directory,
    Ticket,
    Survey,
    Staff,
    Notices,
    Rules,
    Diagnose,
}

impl Name {
    pub const ALL: [Name; 11] = [
        Name::Ping,
        Name::Replay,
        Name::Invite,
        Name::WatchList,
        Name::Directory,
        Name::Ticket,
        Name::Survey,
        Name::Staff,
        Name::Notices,
        Name::Rules,
        Name::Diagnose,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Name::Ping => "ping",
            Name::Replay => "replay",
            Name::Invite => "invite",
            Name::WatchList => "watch-list",
            Name::Directory => "directory",
            Name::Ticket => "ticket",
            Name::Survey => "survey",
            Name::Staff => "staff",
            Name::Notices => "notices",
            Name::Rules => "rules",
            Name::Diagnose => "diagnose",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Are you there?
    Ping,
    /// Send everything from this number on once more.
    Replay {
        from_seq: u64,
    },
    /// Keep this invitation until its guest comes, so that he can type its six digits.
    Invite(Token),
    /// Nobody comes in with it any more.
    TakeBack(Token),
    WatchList(watch::Change),
    /// Kept apart from the journal, in a file of its own.
    Directory(update::Part),
    Ticket(Box<ticket::Update>),
    Survey(ticket::Survey),
    /// Kept in a file of its own, as `lobbyd staff` does.
    Staff(people::Change),
    /// Kept as files, as people write them.
    Notices(notices::Change),
    /// In force with the next start, which comes as soon as nobody stands at the glass.
    Rules(rules::Change),
    /// How are you? Log, status, machine; nobody's name.
    Diagnose,
}

impl Order {
    pub const fn name(&self) -> Name {
        match self {
            Order::Ping => Name::Ping,
            Order::Replay { .. } => Name::Replay,
            Order::Invite(_) | Order::TakeBack(_) => Name::Invite,
            Order::WatchList(_) => Name::WatchList,
            Order::Directory(_) => Name::Directory,
            Order::Ticket(_) => Name::Ticket,
            Order::Survey(_) => Name::Survey,
            Order::Staff(_) => Name::Staff,
            Order::Notices(_) => Name::Notices,
            Order::Rules(_) => Name::Rules,
            Order::Diagnose => Name::Diagnose,
        }
    }
}

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

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    #[error("it is not signed: {0}")]
    Unsigned(&'static str),
    #[error("it is signed with a key that is not in this gateway's lobby.toml (command_key)")]
    UnknownKey,
    #[error("its signature does not hold for these bytes")]
    Forged,
    #[error("it was retained: a command is for now, not for whoever connects next")]
    Retained,
    #[error("this gateway does not know the time yet; send it again when `clock.synced` of the status is true")]
    NoClock,
    #[error("it is for another gateway")]
    OtherGateway,
    #[error("it is for another start of this machine; `boot` of the status tells the present one")]
    OtherBoot,
    #[error("it was issued in the future: one of the two clocks is wrong")]
    NotYet,
    #[error("it expired at {0}")]
    Expired(String),
    #[error(
        "it is of version {0} of the contract, and this gateway knows version {CONTRACT}: send it as that, or update the gateway first"
    )]
    Newer(u64),
    #[error("it is malformed: {0}")]
    Malformed(String),
    #[error("there is no such command")]
    Unknown,
    #[error("whoever has signed it may not ask for this")]
    NotAllowed,
    #[error("a command with this id has been carried out before, or was refused after it was recorded")]
    Repeated,
    #[error("the invitation is not kept: {0}")]
    NotKept(&'static str),
    #[error("the watch-list would have more than {} entries; nothing has changed", watch::MAX_ENTRIES)]
    ListFull,
    /// The rules of the matter refuse it, in their words.
    #[error("the ticket is as it was: {0}")]
    NotTaken(String),
    #[error("it cannot be used, and nothing has changed: {0}")]
    NotUsable(String),
    #[error("the directory is as it was: {0}")]
    Directory(#[from] update::Objection),
    #[error("too many commands at once; send it again")]
    TooMany,
    #[error("it could not be recorded: {0}")]
    Storage(String),
}

impl Objection {
    /// As it stands in the result.
    pub const fn code(&self) -> &'static str {
        match self {
            Objection::Unsigned(_) => "unsigned",
            Objection::UnknownKey => "unknown-key",
            Objection::Forged => "forged",
            Objection::Retained => "retained",
            Objection::NoClock => "no-clock",
            Objection::OtherGateway => "other-gateway",
            Objection::OtherBoot => "other-boot",
            Objection::NotYet => "not-yet",
            Objection::Expired(_) => "expired",
            Objection::Newer(_) => "newer",
            Objection::Malformed(_) => "malformed",
            Objection::Unknown => "unknown",
            Objection::NotAllowed => "not-allowed",
            Objection::Repeated => "repeated",
            Objection::NotKept(_) => "not-kept",
            Objection::ListFull => "list-full",
            Objection::NotTaken(_) => "not-taken",
            Objection::NotUsable(_) => "not-usable",
            Objection::Directory(objection) => objection.code(),
            Objection::TooMany => "too-many",
            Objection::Storage(_) => "storage",
        }
    }
}

/// A refused command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// As the command says; `None` where it cannot be believed.
    pub id: Option<String>,
    /// Who has signed it; `None`: anybody who can write to the topic may have sent it.
    pub signer: Option<String>,
    pub objection: Objection,
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
        .map(|order| OfficeCommand { id: draft.id, who: draft.who, signer: signer.name.clone(), order })
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
    let name = Name::ALL.into_iter().find(|known| known.as_str() == name).ok_or(Objection::Unknown)?;
    if signer.may.as_ref().is_some_and(|may| !may.contains(&name)) {
        return Err(Objection::NotAllowed);
    }
    order(name, &draft.arguments, now)
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

fn order(name: Name, arguments: &Map<String, Value>, now: Now) -> Result<Order, Objection> {
    match name {
        Name::Ping => argued::<NoArguments>(arguments).map(|_| Order::Ping),
        Name::Replay => argued(arguments).map(|Replay { from_seq }| Order::Replay { from_seq: from_seq.get() }),
        Name::Invite => {
            let read = |text: String| Token::parse(&text).ok_or_else(|| malformed("that is no token such as LB1.…"));
            match argued(arguments)? {
                Invite { token: Some(token), revoke: None } => read(token).map(Order::Invite),
                Invite { token: None, revoke: Some(token) } => read(token).map(Order::TakeBack),
                _ => Err(malformed("`arguments` has either `token` or `revoke`")),
            }
        }
        Name::WatchList => {
            let change: watch::Change = argued(arguments)?;
            change.check(now).map_err(wrong)?;
            Ok(Order::WatchList(change))
        }
        Name::Directory => {
            let part: update::Part = argued(arguments)?;
            part.check().map_err(wrong)?;
            Ok(Order::Directory(part))
        }
        Name::Ticket => {
            let update: ticket::Update = argued(arguments)?;
            update.check().map_err(wrong)?;
            Ok(Order::Ticket(Box::new(update)))
        }
        Name::Survey => Ok(Order::Survey(argued(arguments)?)),
        Name::Staff => {
            let change: people::Change = argued(arguments)?;
            change.check().map_err(wrong)?;
            Ok(Order::Staff(change))
        }
        Name::Notices => {
            let change: notices::Change = argued(arguments)?;
            change.check().map_err(wrong)?;
            Ok(Order::Notices(change))
        }
        Name::Rules => Ok(Order::Rules(argued(arguments)?)),
        Name::Diagnose => argued::<NoArguments>(arguments).map(|_| Order::Diagnose),
    }
}

/// What serde says of a wrong member names it, and what stands there may be a resident's name: an answer goes further than its command.
fn argued<T: DeserializeOwned>(arguments: &Map<String, Value>) -> Result<T, Objection> {
    T::deserialize(arguments).map_err(|error| wrong(redact::serde(&error.to_string())))
}

fn wrong(why: impl Display) -> Objection {
    malformed(format!("`arguments`: {why}"))
}

#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NoArguments {}

#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// The first number to send again.
    from_seq: NonZeroU64,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// One to keep, as `lobbyd invite` makes it: `LB1.…`.
    token: Option<String>,
    /// One with which nobody shall come in any more. Either this or `token`.
    revoke: Option<String>,
}

fn too_large() -> Objection {
    malformed(format!("larger than {MAX_COMMAND} bytes"))
}

fn malformed(why: impl Into<String>) -> Objection {
    Objection::Malformed(why.into())
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && word.chars().count() <= MAX_WORD
}
