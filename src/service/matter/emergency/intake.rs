//! What people say in an emergency: first, and only, where and which phone (R148); then one of three choices (R149). There is
//! no field in which anybody could be advised about the patient (R153).

use crate::service::contact::{Phone, Text, Unit};
use serde::{Deserialize, Serialize};

/// The first touch of 紧急求助: help starts with it and waits for no second one; or what a member of staff notes for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// BCP 47.
    pub language: String,
    /// Help starts without it.
    #[serde(default)]
    pub placed: Option<Placed>,
}

/// R148.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Placed {
    pub address: Address,
    pub phone: Phone,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Address {
    Unit(Unit),
    /// By the pond, in the garage: in words.
    Other(Text),
}

/// R149.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub enum Choice {
    #[serde(rename = "hospital")]
    Hospital,
    #[serde(rename = "ambulance-120")]
    Ambulance,
    #[serde(rename = "care")]
    Care,
}

impl Choice {
    pub const fn name(self) -> &'static str {
        match self {
            Choice::Hospital => "hospital",
            Choice::Ambulance => "ambulance-120",
            Choice::Care => "care",
        }
    }
}

/// R150: where the two stand by, whichever is nearer to where they are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StandBy {
    #[default]
    Home,
    /// 客户服务中心.
    Centre,
}

impl StandBy {
    pub const fn name(self) -> &'static str {
        match self {
            StandBy::Home => "home",
            StandBy::Centre => "centre",
        }
    }
}

/// R154, R155: in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Ambulance {
    /// Somebody has called 120: staff or the family.
    Called,
    Arrived,
}

impl Ambulance {
    pub const fn name(self) -> &'static str {
        match self {
            Ambulance::Called => "called",
            Ambulance::Arrived => "arrived",
        }
    }
}

/// Why an emergency is called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CallOff {
    /// A tap by mistake.
    Mistake,
    NobodyThere,
    /// The family or others have helped already.
    Helped,
    /// It is something else, and is followed up under another number.
    OtherMatter,
    /// In words.
    Other,
}

impl CallOff {
    pub const fn name(self) -> &'static str {
        match self {
            CallOff::Mistake => "mistake",
            CallOff::NobodyThere => "nobody-there",
            CallOff::Helped => "helped",
            CallOff::OtherMatter => "other-matter",
            CallOff::Other => "other",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    Place(Placed),
    Choose {
        choice: Choice,
        #[serde(default)]
        stand_by: StandBy,
    },
    /// R154: as told, word for word; nobody judges it.
    Condition {
        text: Text,
    },
    /// Whoever pressed says that nobody is needed: a child's tap. It ends nothing; somebody still comes, looks, and calls it
    /// off by name.
    NotNeeded,
    /// R152, R158: a relative goes along, or watches with the carer.
    Relative {
        with_patient: bool,
    },
    Ambulance(Ambulance),
    /// The patient is settled. R160: were they asked whether they need more help, and what did they say?
    Settle {
        #[serde(default)]
        more_help: Option<bool>,
    },
    CallOff {
        reason: CallOff,
        #[serde(default)]
        note: Option<Text>,
    },
}
