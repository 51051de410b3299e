//! What a complaint is brought with, and what people do with it. Types only. There is no field for what staff think of
//! whoever complains (R125), and none is to be added.

use crate::event::Slug;
use crate::service::case::{Channel, Step as CaseStep};
use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::matter::repair::Stars;
use crate::service::matter::{CallBack, MatterStep};
use crate::service::number::{Number, Series};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$each:meta])* $variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
        pub enum $type { $($(#[$each])* $variant),+ }

        impl $type {
            pub const ALL: &'static [$type] = &[$($type::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $($type::$variant => $name),+ }
            }
        }
    };
}

words! {
    /// What it is about, in the complainant's words' order of likelihood.
    Topic {
        Service = "service",
        Repair = "repair",
        Security = "security",
        Cleaning = "cleaning",
        Noise = "noise",
        Parking = "parking",
        Charges = "charges",
        /// R132, R133: staff asked for favours or money. Not shown to the staff it may name.
        Favours = "favours",
        Other = "other",
    }
}

words! {
    /// R110-R114, two levels in one word. The regulations name two communicative kinds and usually have a third.
    Class {
        /// 有效: breach of duty, law or discipline, verified and registered by an authority (R111).
        ValidDuty = "valid-duty",
        /// 有效: a way of managing, or staff, harmed the resident or the public (R112).
        ValidConduct = "valid-conduct",
        /// 沟通性, 求助型 (R113).
        SeeksHelp = "seeks-help",
        /// 沟通性, 咨询型 (R114).
        SeeksAdvice = "seeks-advice",
        /// 沟通性, 发泄型.
        Vents = "vents",
    }
}

impl Class {
    pub const fn is_valid(self) -> bool {
        matches!(self, Class::ValidDuty | Class::ValidConduct)
    }

    /// R113, R114: which matters such a complaint may live on as.
    pub const fn becomes(self) -> &'static [Series] {
        match self {
            Class::SeeksHelp => &[Series::Help, Series::Emergency, Series::Repair, Series::Service],
            Class::SeeksAdvice => &[Series::Enquiry, Series::Suggestion],
            Class::ValidDuty | Class::ValidConduct | Class::Vents => &[],
        }
    }
}

words! {
    /// R127: why it came to this, for the analysis.
    Cause {
        Process = "process",
        Conduct = "conduct",
        Skill = "skill",
        Equipment = "equipment",
        Supplier = "supplier",
        Communication = "communication",
        OutsideOurReach = "outside-our-reach",
    }
}

words! {
    /// R099, R100: how far up.
    Level {
        Supervisor = "supervisor",
        Manager = "manager",
        /// 公司领导: directly only for what is major.
        Leader = "leader",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub text: Text,
    pub topic: Topic,
    #[serde(default)]
    pub class: Option<Class>,
    /// R117: what would satisfy.
    #[serde(default)]
    pub wanted: Option<Text>,
    /// R126: when, where, who; asked gently, after the words.
    #[serde(default)]
    pub more: Option<Text>,
    #[serde(default)]
    pub unit: Option<Unit>,
    pub name: Name,
    pub phone: Phone,
    pub language: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// R110; `authority`: who has verified and registered it (R111).
    Classify {
        class: Class,
        major: bool,
        #[serde(default)]
        authority: Option<Text>,
    },
    /// R115, R116: thanks, why, apology, what will be done; and until when the result is told.
    Acknowledge { words: Text, result_by: DateTime<Utc> },
    /// R084, R118: the first action. `team`: R109.
    Investigate {
        #[serde(default)]
        team: u8,
    },
    /// R088: several departments; `met` once they have.
    Consult { departments: Vec<Slug>, met: bool },
    /// R084, R127.
    SetMeasures { measures: Text, cause: Cause, own_fault: bool },
    /// R131: whoever takes this step approves it.
    Compensate { fen: u32, what: Text },
    /// R099, R100.
    Escalate { to: Level },
    /// R010, R135: how it stands, for the complainant to read.
    Progress { words: Text },
    /// R129.
    TellResult { words: Text, channel: Channel },
    /// R119, R129.
    CallBack(CallBack),
    /// R288.
    Rate { service: Stars, quality: Stars, time: Stars },
    /// R120: to all staff, without names, how it is prevented.
    Announce { prevention: Text },
    /// R113, R114: it is a repair, a request for help, an enquiry, a suggestion, and has its own number now.
    Becomes { case: Number },
}

/// The other case that a step names: whoever keeps the register looks whether there is one.
pub fn other_case(step: &CaseStep) -> Option<Number> {
    match step {
        CaseStep::Matter(MatterStep::Complaint(Step::Becomes { case })) => Some(*case),
        _ => None,
    }
}
