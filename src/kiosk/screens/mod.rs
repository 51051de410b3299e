//! One file a flow. A flow is pages, what a press does on each, and how each looks; it submits at most one command at a
//! time and never knows how the command fares until it is told.

pub mod call;
pub mod catalogue;
pub mod handbook;
pub mod home;
pub mod idle;
mod parts;
pub mod repair;
mod repair_view;
pub mod services;
pub mod sign_out;
pub mod visit;

use super::ask::{Ask, unit_in_words};
use super::press::{Door, Press};
use super::strings::{Language, Say};
use super::ui::Ui;
use super::{Alarm, Settings};
use crate::desk::{Answer, Command, Refusal};
use crate::service::contact::Unit;
use crate::service::knowledge::PublicHandbook;
use catalogue::Catalogue;
use chrono::NaiveDateTime;
use handbook::Reading;
use repair::Repair;
use sign_out::SignOut;
use std::collections::BTreeSet;
use visit::Visit;

/// What a press led to.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
pub enum Turn {
    Stay,
    /// Back to the home page; what was typed is wiped.
    Home,
    Submit(Command),
}

/// What a flow may know of the lobby around it.
pub struct Lobby<'a> {
    pub settings: &'a Settings,
    pub language: Language,
    /// The site's wall clock.
    pub local: NaiveDateTime,
    /// The building's units, where a directory is known.
    pub units: Option<&'a BTreeSet<Unit>>,
    /// What may be read at the glass (R140).
    pub handbook: &'a PublicHandbook,
    pub alarm: Option<Alarm>,
}

/// What is on the glass when nothing lies over it.
#[derive(Debug)]
pub enum Flow {
    Home,
    Visit(Box<Visit>),
    Repair(Box<Repair>),
    SignOut(Box<SignOut>),
    Services,
    Handbook(Box<Reading>),
    Catalogue(Catalogue),
}

impl Flow {
    pub fn begin(door: Door, language: Language) -> Self {
        match door {
            Door::Visit => Flow::Visit(Box::new(Visit::new(language))),
            Door::Repair => Flow::Repair(Box::new(Repair::new(language))),
            Door::SignOut => Flow::SignOut(Box::new(SignOut::new())),
            Door::Services => Flow::Services,
            Door::Handbook => Flow::Handbook(Box::default()),
            Door::Catalogue => Flow::Catalogue(Catalogue::default()),
        }
    }

    pub fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        match self {
            Flow::Home => Turn::Stay,
            Flow::Services if press == Press::Back => Turn::Home,
            Flow::Services => Turn::Stay,
            Flow::Handbook(reading) => {
                let turn = reading.press(press, lobby);
                self.back_to_services(turn)
            }
            Flow::Catalogue(catalogue) => {
                let turn = catalogue.press(press);
                self.back_to_services(turn)
            }
            Flow::Visit(visit) => visit.press(press, lobby),
            Flow::Repair(repair) => repair.press(press, lobby),
            Flow::SignOut(sign_out) => sign_out.press(press, lobby),
        }
    }

    fn back_to_services(&mut self, turn: Turn) -> Turn {
        if let Turn::Home = turn {
            *self = Flow::Services;
        }
        Turn::Stay
    }

    /// The desk's word on the command that this flow submitted last.
    pub fn answered(&mut self, answer: Result<Answer, Refusal>) {
        match self {
            Flow::Home | Flow::Services | Flow::Handbook(_) | Flow::Catalogue(_) => {}
            Flow::Visit(visit) => visit.answered(answer),
            Flow::Repair(repair) => repair.answered(answer),
            Flow::SignOut(sign_out) => sign_out.answered(answer),
        }
    }

    pub fn speak(&mut self, language: Language) {
        match self {
            Flow::Visit(visit) => visit.speak(language),
            Flow::Repair(repair) => repair.speak(language),
            Flow::Home | Flow::Services | Flow::Handbook(_) | Flow::Catalogue(_) | Flow::SignOut(_) => {}
        }
    }

    /// The page's stable name.
    pub fn page(&self) -> &'static str {
        match self {
            Flow::Home => "home",
            Flow::Services => "services",
            Flow::Handbook(reading) => reading.page(),
            Flow::Catalogue(_) => "catalogue",
            Flow::Visit(visit) => visit.page(),
            Flow::Repair(repair) => repair.page(),
            Flow::SignOut(sign_out) => sign_out.page(),
        }
    }

    /// Nothing is left to lose: the page may go without asking.
    pub fn is_done(&self) -> bool {
        matches!(self.page(), "home" | "services" | "visit.received" | "repair.received" | "sign-out.done")
    }

    pub fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        match self {
            Flow::Home => home::draw(ui, lobby),
            Flow::Services => services::draw(ui, lobby),
            Flow::Handbook(reading) => reading.draw(ui, lobby),
            Flow::Catalogue(catalogue) => catalogue.draw(ui, lobby),
            Flow::Visit(visit) => visit.draw(ui, lobby),
            Flow::Repair(repair) => repair.draw(ui, lobby),
            Flow::SignOut(sign_out) => sign_out.draw(ui, lobby),
        }
    }
}

/// A typed unit that the directory knows, where there is one. The wish never names another (R309).
fn known_unit(ask: &mut Ask, lobby: &Lobby) -> Result<Unit, Say> {
    let unit = ask.as_unit()?;
    match lobby.units {
        Some(units) if !units.contains(&unit) => Err(Say::UnitUnknown),
        _ => Ok(unit),
    }
}
