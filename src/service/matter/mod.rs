//! The matters that people, devices and the calendar bring, each a state machine in a file of its own.

pub mod alarm;
pub mod birthday;
pub mod call;
mod call_back;
pub mod campaign;
pub mod check;
pub mod code;
pub mod complaint;
pub mod custody;
pub mod delivery;
pub mod emergency;
pub mod enquiry;
pub mod gathering;
pub mod help;
pub mod improvement;
pub mod pass;
pub mod patrol;
pub mod repair;
pub mod service;
pub mod silence;
pub mod suggestion;
pub mod support;
#[cfg(test)]
pub(crate) mod trial;
pub mod visit;

pub use call_back::CallBack;

use super::case::{Clock, Docket, Machine, News, Objection, Record, Task};
use super::house::House;
use super::number::Series;
use super::staff::Actor;
use crate::event::Now;
use serde::{Deserialize, Serialize};

macro_rules! matters {
    ($($variant:ident: $module:ident::$machine:ident),+ $(,)?) => {
        /// The particular part of a case.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Matter { $($variant($module::$machine)),+ }

        /// A step that only such a matter knows.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
        pub enum MatterStep { $($variant($module::Step)),+ }

        /// What a case begins with.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Opening { $($variant($module::Request)),+ }

        impl Opening {
            pub fn series(&self) -> Series {
                match self { $(Opening::$variant(_) => <$module::$machine as Machine>::SERIES),+ }
            }

            /// Asked before it is opened.
            ///
            /// # Errors
            /// Says why not.
            pub fn may_be_brought(&self, by: &Actor, house: &House, now: Now) -> Result<(), Objection> {
                match self {
                    $(Opening::$variant(request) => {
                        <$module::$machine as Machine>::may_be_brought(request, by, house, now)
                    }),+
                }
            }

            pub(super) fn open(&self, docket: &mut Docket, record: &mut Record<'_>) -> Matter {
                match self {
                    $(Opening::$variant(request) => {
                        Matter::$variant(<$module::$machine as Machine>::open(request, docket, record))
                    }),+
                }
            }
        }

        impl Matter {
            /// As it stands in the journal: the name of its variant.
            pub const fn name(&self) -> &'static str {
                match self { $(Matter::$variant(_) => stringify!($module)),+ }
            }

            pub fn state(&self) -> &'static str {
                match self { $(Matter::$variant(machine) => machine.state()),+ }
            }

            pub fn is_closed(&self) -> bool {
                match self { $(Matter::$variant(machine) => machine.is_closed()),+ }
            }

            pub(super) fn step(
                &mut self, step: &MatterStep, docket: &mut Docket, record: &mut Record<'_>,
            ) -> Result<(), Objection> {
                match (self, step) {
                    $((Matter::$variant(machine), MatterStep::$variant(step)) => machine.step(step, docket, record),)+
                    _ => Err(Objection::WrongMatter),
                }
            }

            pub(super) fn allows(&self, task: &Task, news: &News, record: &Record<'_>) -> Result<(), Objection> {
                match self { $(Matter::$variant(machine) => machine.allows(task, news, record)),+ }
            }

            pub(super) fn may_follow(&self, step: &MatterStep) -> bool {
                match (self, step) {
                    $((Matter::$variant(machine), MatterStep::$variant(step)) => machine.may_follow(step),)+
                    _ => false,
                }
            }

            /// Whether nothing that is known of people may stay, from now on.
            pub fn forgets(&self) -> bool {
                match self { $(Matter::$variant(machine) => machine.forgets()),+ }
            }

            /// Nobody of the staff is named in it any more.
            pub fn forget_staff(&mut self) {
                match self { $(Matter::$variant(machine) => machine.forget_staff()),+ }
            }

            pub(super) fn ended(&self) -> Objection {
                match self { $(Matter::$variant(machine) => machine.ended()),+ }
            }

            pub(super) fn on_task(&mut self, task: &Task, news: &News, docket: &mut Docket, record: &mut Record<'_>) {
                match self { $(Matter::$variant(machine) => machine.on_task(task, news, docket, record)),+ }
            }

            pub(super) fn on_breach(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
                match self { $(Matter::$variant(machine) => machine.on_breach(clock, docket, record)),+ }
            }

            pub(super) fn on_timer(&mut self, clock: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
                match self { $(Matter::$variant(machine) => machine.on_timer(clock, docket, record)),+ }
            }

            pub(super) fn withdraw(&mut self, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
                match self { $(Matter::$variant(machine) => machine.withdraw(docket, record)),+ }
            }
        }
    };
}

matters! {
    Call: call::Call,
    Help: help::Help,
    Emergency: emergency::Emergency,
    Repair: repair::Repair,
    Complaint: complaint::Complaint,
    Enquiry: enquiry::Enquiry,
    Suggestion: suggestion::Suggestion,
    Service: service::Service,
    Silence: silence::Silence,
    Visit: visit::Visit,
    Custody: custody::Custody,
    Pass: pass::Pass,
    Delivery: delivery::Delivery,
    Alarm: alarm::Alarm,
    Patrol: patrol::Patrol,
    Check: check::Check,
    Support: support::Support,
    Gathering: gathering::Gathering,
    Birthday: birthday::Birthday,
    Improvement: improvement::Improvement,
    Campaign: campaign::Campaign,
}
