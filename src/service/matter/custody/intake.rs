//! The forms of 托管钥匙: what the regulations ask for when keys are taken (R274) and when they are given out (R277). Types
//! that cannot hold a name on a tag, or more of an identity card than its last four.

use crate::service::contact::{Name, Phone, Text, Unit};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU8;

/// Named people who may collect the keys. More is a list, not a choice.
pub const MAX_COLLECTORS: usize = 8;

/// 《业户托管钥匙委托书》 (R274): all of it; its date is the case's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub unit: Unit,
    pub name: Name,
    pub phone: Phone,
    pub keys: NonZeroU8,
    /// 托存原因.
    pub reason: Text,
    /// 领取要求: who may collect them, and how.
    pub collection: Text,
    /// Beside the resident.
    #[serde(default)]
    pub collectors: Collectors,
    /// R273: the disclaimer was read and accepted before anything else was asked.
    #[serde(default)]
    pub consent: Option<Signed>,
    pub language: String,
}

/// At most [`MAX_COLLECTORS`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<Name>", into = "Vec<Name>")]
pub struct Collectors(pub Vec<Name>);

impl TryFrom<Vec<Name>> for Collectors {
    type Error = String;

    fn try_from(names: Vec<Name>) -> Result<Self, String> {
        let fits = names.len() <= MAX_COLLECTORS;
        if fits { Ok(Collectors(names)) } else { Err(format!("at most {MAX_COLLECTORS} people may collect a key")) }
    }
}

impl From<Collectors> for Vec<Name> {
    fn from(collectors: Collectors) -> Vec<Name> {
        collectors.0
    }
}

/// Where the keys hang: a code on the tag, never a name or a unit (R276, privacy): `K-07`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Slot(String);

impl Slot {
    /// Longest code in characters: it stands on a tag.
    const MAX: usize = 8;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slot {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let slot = text.trim().to_ascii_uppercase();
        let plain = slot.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let fits = plain && (1..=Slot::MAX).contains(&slot.len()) && slot.bytes().any(|b| b.is_ascii_digit());
        if fits { Ok(Slot(slot)) } else { Err("a slot is a code such as K-07: no name".into()) }
    }
}

impl From<Slot> for String {
    fn from(slot: Slot) -> String {
        slot.0
    }
}

/// The last four of an identity card, the last of which may be X. Never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct IdTail(String);

impl IdTail {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for IdTail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdTail(…)")
    }
}

impl TryFrom<String> for IdTail {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let tail = text.trim().to_ascii_uppercase();
        let (digits, last) = tail.split_at_checked(3).ok_or("four characters")?;
        let fits = digits.bytes().all(|b| b.is_ascii_digit()) && last.len() == 1;
        let ends = last.bytes().all(|b| b.is_ascii_digit() || b == b'X');
        if fits && ends { Ok(IdTail(tail)) } else { Err("four digits, the last of which may be X".into()) }
    }
}

impl From<IdTail> for String {
    fn from(tail: IdTail) -> String {
        tail.0
    }
}

/// R275: the resident's copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Copy {
    Paper,
    Qr,
}

/// R277: signed on the screen, or on the paper form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Signed {
    Screen,
    Paper,
}

/// Who stands at the desk and wants the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    Resident,
    /// The nth of the named collectors, from 1.
    Collector(u8),
}

/// Why a key was not given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    NoIdentity,
    NotNamed,
    NoSignature,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// R273: the company is not liable for what is in the home; the resident agrees.
    Consent { signed: Signed },
    Deposit {
        #[serde(default)]
        slot: Option<Slot>,
        copy: Copy,
    },
    /// The resident names somebody more.
    NameCollector { name: Name },
    Collect {
        who: Who,
        /// The card was looked at and is that person's; no copy is made.
        id_checked: bool,
        #[serde(default)]
        id_tail: Option<IdTail>,
        #[serde(default)]
        signed: Option<Signed>,
        /// The keys come back by then; not given: they are taken for good.
        #[serde(default)]
        back_by: Option<DateTime<Utc>>,
    },
    /// Somebody wanted them and did not get them.
    Refuse { why: Refusal },
    /// They are back.
    Return { slot: Slot },
    /// They are out and do not come back.
    Close,
}
