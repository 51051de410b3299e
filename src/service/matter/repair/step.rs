//! What people do with a repair, and what they must say with it. Types only: the order and the rights stand beside the
//! work they belong to.

use super::intake::{Category, Span};
use crate::event::{Data, Slug, data};
use crate::service::case::Channel;
use crate::service::contact::Text;
use crate::service::matter::CallBack;
use crate::service::staff::Named;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// R032: unit and phone were checked, or a code, or the person is known.
    Identify {
        how: Identity,
    },
    /// R026, R244: agreed with the resident.
    Appoint {
        at: Span,
    },
    /// R060: nobody can be sent; the project manager is asked.
    AskConsent,
    /// R060: the project manager's answer.
    Consent {
        given: bool,
        nobody_available: bool,
    },
    /// R060-R063: another time, agreed with the resident; `with` the acceptor who will come (R062).
    Reappoint {
        at: Span,
        #[serde(default)]
        with: Option<Named>,
    },
    /// R245: somebody is at home; asked before leaving.
    ConfirmHome {
        channel: Channel,
    },
    /// R061: the resident complains of the delay.
    ComplainOfDelay {
        #[serde(default)]
        words: Option<Text>,
    },
    /// R249: knocked, waited, knocked again; nobody is there.
    NoAccess {
        knocks: u8,
    },
    /// R005: what is really wrong.
    ConfirmFault {
        category: Category,
        fault: Text,
    },
    /// R259: what it needs stands in no price list.
    AskFee {
        what: Text,
    },
    /// R259, R260: the supervisor's price, or his no.
    ReviewFee {
        approved: bool,
        fee: Fee,
    },
    /// R034: what will be done, for how much. `listed`: every amount stands in the price list (R260).
    MakePlan {
        plan: Text,
        fee: Fee,
        listed: bool,
    },
    /// R034: the resident's answer.
    AnswerPlan {
        accepted: bool,
    },
    /// R252: let in by the resident; where nobody lives, there is nobody to ask.
    Start {
        entry_consent: bool,
    },
    /// R072: how it goes, for the resident to read.
    Progress {
        text: Text,
    },
    Done(Finish),
    /// R068, R069: the supervisor's signature is whoever takes this step, and when.
    Check {
        passed: bool,
    },
    /// R262-R264.
    Settle {
        paid: u32,
        receipt: Slug,
    },
    /// R282, R285, R287.
    CallBack(CallBack),
    /// R288.
    Rate {
        service: Stars,
        quality: Stars,
        time: Stars,
    },
}

/// The end of the work at the place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Finish {
    pub result: Text,
    #[serde(default)]
    pub materials: Option<Text>,
    /// R065.
    #[serde(default)]
    pub mode: Mode,
    /// R255.
    pub site_restored: bool,
    /// R073: whether whoever lives there accepts the work.
    pub accepted: bool,
    /// R070.
    pub signature: Signature,
}

/// R065: how it was handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// 口头派工.
    #[default]
    OralDispatch,
    /// 软件派工, by the central system.
    SystemDispatch,
    /// 直接沟通.
    DirectTalk,
    /// 现场办理.
    OnTheSpot,
    /// 协调处理单.
    CoordinationSheet,
    /// 专门沟通.
    SpecialTalk,
}

impl Mode {
    pub const fn name(self) -> &'static str {
        match self {
            Mode::OralDispatch => "oral-dispatch",
            Mode::SystemDispatch => "system-dispatch",
            Mode::DirectTalk => "direct-talk",
            Mode::OnTheSpot => "on-the-spot",
            Mode::CoordinationSheet => "coordination-sheet",
            Mode::SpecialTalk => "special-talk",
        }
    }
}

/// R070: the customer's signature on the repair notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// Drawn on the screen of the technician.
    Screen,
    /// On paper; why not on the screen.
    Paper { reason: Text },
    /// Nobody is there to sign: only at a public place.
    None,
}

impl Signature {
    pub const fn name(&self) -> &'static str {
        match self {
            Signature::Screen => "screen",
            Signature::Paper { .. } => "paper",
            Signature::None => "none",
        }
    }
}

/// R032.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    UnitAndPhone,
    Code,
    InPerson,
}

impl Identity {
    pub const fn name(self) -> &'static str {
        match self {
            Identity::UnitAndPhone => "unit-and-phone",
            Identity::Code => "code",
            Identity::InPerson => "in-person",
        }
    }
}

/// R261: two lines, in fen: labour and, apart from it, material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fee {
    pub labour: u32,
    pub material: u32,
}

impl Fee {
    pub fn total(self) -> u64 {
        u64::from(self.labour) + u64::from(self.material)
    }
}

/// One to five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(try_from = "u8", into = "u8")]
pub struct Stars(u8);

impl Stars {
    pub const BEST: Stars = Stars(5);
}

impl TryFrom<u8> for Stars {
    type Error = &'static str;

    fn try_from(n: u8) -> Result<Self, Self::Error> {
        if (1..=5).contains(&n) { Ok(Stars(n)) } else { Err("a rating is 1 to 5") }
    }
}

impl From<Stars> for u8 {
    fn from(stars: Stars) -> u8 {
        stars.0
    }
}

/// R288: service, quality and time, as the figures count them.
pub fn rating(stars: [Stars; 3]) -> Data {
    let [service, quality, time] = stars.map(u8::from);
    data([("rating", json!({ "service": service, "quality": quality, "time": time }))])
}
