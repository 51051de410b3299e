//! What the central system does with tickets: a step with one that is open here, in the name of somebody of the staff, and surveys. What may
//! be done, and in which order, the rules of the matter decide, as for a step from the guards' page.

use crate::service::campaign::{Extent, Question, Request};
use crate::service::case::Step;
use crate::service::contact::Text;
use crate::service::number::Number;
use crate::service::staff::Role;
use chrono::NaiveDate;
use serde::Deserialize;

/// A step with a ticket: accepted by somebody, on the way, a price, done.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Update {
    #[cfg_attr(feature = "contract", schemars(with = "String"))]
    pub number: Number,
    /// The version that the office has seen (`version` of a result). Without one it is for the ticket as it is.
    #[serde(default)]
    pub seen: Option<u32>,
    /// As whom it is done: what this role may not do here is refused.
    pub role: Role,
    /// As the guards' page takes it; docs/brokers.md has those that a central system takes most.
    pub step: Step,
}

impl Update {
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        match self.role {
            // R012.
            Role::Auditor => Err("the auditor changes nothing".into()),
            _ => Ok(()),
        }
    }
}

/// A survey that the office holds (R289): begun on its first day by itself, and ended with its last.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Survey {
    #[serde(default)]
    pub name: Option<Text>,
    pub kind: Extent,
    /// First and last day, the site's.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// None: the usual ones.
    #[serde(default)]
    pub questions: Vec<Question>,
}

impl Survey {
    pub fn request(&self) -> Request {
        let Survey { name, kind, from, to, questions } = self.clone();
        Request { name, kind, from, to, questions, proposed: false, before: None }
    }
}
