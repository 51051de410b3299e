//! What a visitor says of himself: whom he visits, who he is, what for, with how many. What he does not want to say is left
//! out and a guard looks after him (R165); there is no field for how somebody looks (R243).

use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::identity::Consent;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU8;

/// Why somebody comes: the tiles of the purpose screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    Friends,
    Delivery,
    Work,
    Viewing,
    Business,
    Other,
}

impl Purpose {
    pub const ALL: [Purpose; 6] =
        [Purpose::Friends, Purpose::Delivery, Purpose::Work, Purpose::Viewing, Purpose::Business, Purpose::Other];

    pub const fn name(self) -> &'static str {
        match self {
            Purpose::Friends => "friends",
            Purpose::Delivery => "delivery",
            Purpose::Work => "work",
            Purpose::Viewing => "viewing",
            Purpose::Business => "business",
            Purpose::Other => "other",
        }
    }
}

/// What lets somebody in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayIn {
    /// The host says so (R163).
    #[default]
    Host,
    /// A valid access card (R162).
    Card,
    /// He has a card, but not with him: 客服管家 decides (R166, R167).
    ForgottenCard,
    /// The host has said so before: an invitation that the desk has checked. Nobody can write this from outside.
    #[serde(skip_deserializing)]
    Invitation { host: Name },
}

/// A walk-in visitor's answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub unit: Unit,
    /// Left out where somebody does not want to say it: a guard looks after him (R165).
    #[serde(default)]
    pub name: Option<Name>,
    #[serde(default)]
    pub phone: Option<Phone>,
    /// What he has answered to the notice before his identity number; `None` where it is not asked for. Nobody can write this from
    /// outside: the number goes no further than the glass.
    #[serde(default, skip_serializing_if = "Option::is_none", skip_deserializing)]
    pub identity: Option<Consent>,
    pub purpose: Purpose,
    #[serde(default)]
    pub note: Option<Text>,
    /// The visitor and who comes with him: the muster list counts heads.
    #[serde(default = "one")]
    pub heads: NonZeroU8,
    #[serde(default)]
    pub way_in: WayIn,
    /// Language of the session, as a BCP 47 tag: whoever calls back should speak it (R321).
    pub language: String,
}

const fn one() -> NonZeroU8 {
    NonZeroU8::MIN
}

/// R179: why somebody was not let in. For the company only; the visitor hears an explanation and an apology. There is no
/// reason for a host who does not want to see him (R169).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    NoIdentity,
    NotExpected,
    VacantUnit,
    /// 客服管家 did not know him (R167).
    CardNotConfirmed,
    Soliciting,
    Disturbance,
    Other,
}

impl Refusal {
    pub const fn name(self) -> &'static str {
        match self {
            Refusal::NoIdentity => "no-identity",
            Refusal::NotExpected => "not-expected",
            Refusal::VacantUnit => "vacant-unit",
            Refusal::CardNotConfirmed => "card-not-confirmed",
            Refusal::Soliciting => "soliciting",
            Refusal::Disturbance => "disturbance",
            Refusal::Other => "other",
        }
    }
}
