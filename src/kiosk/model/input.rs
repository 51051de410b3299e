//! What the glass hears, and what it asks for in return.

use crate::desk::{Answer, Command, Refusal};
use crate::event::Now;
use crate::kiosk::press::Press;
use crate::kiosk::scan::Scan;
use crate::kiosk::{Alarm, News, Survey};
use crate::service::directory::Units;
use crate::service::gathering::Announced;
use crate::service::knowledge::PublicHandbook;
use std::sync::Arc;
use std::time::Duration;

/// Two clocks: the gateway's, and one that only goes forward, by which waiting is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub now: Now,
    /// Since the kiosk started.
    pub at: Duration,
}

#[derive(Debug)]
pub enum Input {
    Tick,
    /// A finger came down somewhere: somebody is here.
    Touched,
    Click(Press),
    Answered {
        ticket: u64,
        answer: Result<Answer, Refusal>,
    },
    /// The building's directory, where it is known.
    Units(Arc<Units>),
    /// Notices and handbook, as far as they are public (R140).
    Handbook(PublicHandbook),
    /// What people may sign up for, the next first.
    Gatherings(Vec<Announced>),
    /// How the case stands that [`Model::watches`].
    News(News),
    /// The survey that runs now (R289).
    Survey(Option<Box<Survey>>),
    Alarm(Option<Alarm>),
    /// The scanner has read something.
    Scanned(Scan),
    /// The sensor sees somebody before the glass, or nobody any more (R182).
    Near(bool),
}

#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Hand this to the desk; its answer comes back under this ticket.
    Submit { ticket: u64, command: Box<Command> },
}
