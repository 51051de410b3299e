//! Why a command is refused, in words that its sender can act on.

use super::{CONTRACT, MAX_COMMAND};
use crate::service::directory::update;
use crate::service::watch;

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
    /// A disk that failed in the middle.
    #[error("some of it may have changed, and some not: {0}; the same under another id ends it")]
    Half(String),
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
            Objection::Half(_) => "half-done",
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

pub(super) fn too_large() -> Objection {
    malformed(format!("larger than {MAX_COMMAND} bytes"))
}

pub(super) fn malformed(why: impl Into<String>) -> Objection {
    Objection::Malformed(why.into())
}
