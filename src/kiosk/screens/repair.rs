//! A repair: where, what, when, who; read back before it is sent (R024), then the number. Prices are named only where
//! the company gave one; here it gave none, so the page says who tells the price and when.

use super::parts::Tile;
use super::{Lobby, Turn, known_unit};
use crate::desk::{Answer, Command, Refusal};
use crate::kiosk::ask::Ask;
use crate::kiosk::icons::Icon;
use crate::kiosk::press::Press;
use crate::kiosk::strings::{Language, Say};
use crate::service::matter::Opening;
use crate::service::number::Number;
use crate::service::repair::{Category, Place, PublicPlace, RepairRequest, Window};
use chrono::{NaiveDateTime, Timelike};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Where,
    Unit,
    Spot,
    What,
    When,
    Name,
    Phone,
    Check,
    Detail,
    Sending,
    Trouble,
    Received(Number),
}

/// My home, or a public place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Home,
    Public(PublicPlace),
}

pub(super) const SPOTS: [(PublicPlace, Tile); 6] = [
    (PublicPlace::Lobby, (Icon::Lobby, Say::SpotLobby, "lobby")),
    (PublicPlace::Lift, (Icon::Lift, Say::SpotLift, "lift")),
    (PublicPlace::Corridor, (Icon::Stairs, Say::SpotCorridor, "corridor")),
    (PublicPlace::Garage, (Icon::Garage, Say::SpotGarage, "garage")),
    (PublicPlace::Garden, (Icon::Garden, Say::SpotGarden, "garden")),
    (PublicPlace::Other, (Icon::Other, Say::SpotOther, "other")),
];

pub(super) const CATEGORIES: [(Category, Tile); 8] = [
    (Category::Water, (Icon::Water, Say::WhatWater, "water")),
    (Category::Power, (Icon::Power, Say::WhatPower, "power")),
    (Category::Light, (Icon::Light, Say::WhatLight, "light")),
    (Category::AirConditioning, (Icon::Cooling, Say::WhatAirConditioning, "air-conditioning")),
    (Category::Door, (Icon::Door, Say::WhatDoor, "door")),
    (Category::Lift, (Icon::Lift, Say::WhatLift, "lift")),
    (Category::Intercom, (Icon::Intercom, Say::WhatIntercom, "intercom")),
    (Category::Other, (Icon::Other, Say::WhatOther, "other")),
];

pub(super) const WINDOWS: [(Window, Tile); 5] = [
    (Window::SoonAsPossible, (Icon::Soon, Say::WhenSoon, "soon")),
    (Window::TodayAfternoon, (Icon::Day, Say::WhenTodayAfternoon, "today-afternoon")),
    (Window::TodayEvening, (Icon::Night, Say::WhenTodayEvening, "today-evening")),
    (Window::TomorrowMorning, (Icon::Tomorrow, Say::WhenTomorrowMorning, "tomorrow-morning")),
    (Window::TomorrowAfternoon, (Icon::Tomorrow, Say::WhenTomorrowAfternoon, "tomorrow-afternoon")),
];

/// Local hours after which a window of today is too near to be kept. The regulations name none; these leave an hour.
const AFTERNOON_UNTIL: u32 = 15;
const EVENING_UNTIL: u32 = 18;

/// Questions of this flow: where, what, when, who, all correct? A public place needs no "when": nobody must be at home.
const STEPS: u8 = 5;

#[derive(Debug)]
pub struct Repair {
    pub(super) page: Page,
    pub(super) scope: Option<Scope>,
    pub(super) category: Option<Category>,
    pub(super) window: Option<Window>,
    pub(super) unit: Ask,
    pub(super) name: Ask,
    pub(super) phone: Ask,
    pub(super) detail: Ask,
    /// The read-back page has been reached: from now on every answer leads back to it.
    pub(super) checked: bool,
    language: Language,
}

impl Repair {
    pub fn new(language: Language) -> Self {
        Repair {
            page: Page::Where,
            scope: None,
            category: None,
            window: None,
            unit: Ask::unit(),
            name: Ask::name(language),
            phone: Ask::phone(),
            detail: Ask::detail(language),
            checked: false,
            language,
        }
    }

    pub fn page(&self) -> &'static str {
        match self.page {
            Page::Where => "repair.where",
            Page::Unit => "repair.unit",
            Page::Spot => "repair.spot",
            Page::What => "repair.what",
            Page::When => "repair.when",
            Page::Name => "repair.name",
            Page::Phone => "repair.phone",
            Page::Check => "repair.check",
            Page::Detail => "repair.detail",
            Page::Sending => "repair.sending",
            Page::Trouble => "repair.trouble",
            Page::Received(_) => "repair.received",
        }
    }

    pub fn speak(&mut self, language: Language) {
        self.language = language;
        self.name.speak(language);
        self.detail.speak(language);
    }

    pub(super) fn is_public(&self) -> bool {
        matches!(self.scope, Some(Scope::Public(_)))
    }

    /// This step and how many there are.
    pub(super) fn step(&self) -> (u8, u8) {
        let n = match self.page {
            Page::Where | Page::Unit | Page::Spot => 1,
            Page::What => 2,
            Page::When => 3,
            Page::Name | Page::Phone => 4,
            _ => STEPS,
        };
        match self.scope {
            None => (n, 0),
            Some(Scope::Home) => (n, STEPS),
            Some(Scope::Public(_)) => (if n > 2 { n - 1 } else { n }, STEPS - 1),
        }
    }

    fn field(&mut self) -> Option<&mut Ask> {
        match self.page {
            Page::Unit => Some(&mut self.unit),
            Page::Name => Some(&mut self.name),
            Page::Phone => Some(&mut self.phone),
            Page::Detail => Some(&mut self.detail),
            _ => None,
        }
    }

    pub fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        match press {
            Press::Key(key) => {
                if let Some(field) = self.field() {
                    field.key(key);
                }
            }
            Press::Next if matches!(self.page, Page::Check) => return self.submit(lobby),
            Press::Next => {
                if let Err(wish) = self.next(lobby)
                    && let Some(field) = self.field()
                {
                    field.note(wish);
                }
            }
            Press::Choose(n) => self.choose(n, lobby.local),
            Press::Edit(n) if self.page == Page::Check => self.edit(n),
            Press::Retry if self.page == Page::Trouble => return self.submit(lobby),
            Press::Back => return self.back(),
            _ => {}
        }
        Turn::Stay
    }

    fn back(&mut self) -> Turn {
        let from_check = self.checked && !matches!(self.page, Page::Check | Page::Unit | Page::Spot);
        self.page = match self.page {
            Page::Where if !self.checked => return Turn::Home,
            Page::Unit | Page::Spot => Page::Where,
            _ if from_check => Page::Check,
            Page::What if self.is_public() => Page::Spot,
            Page::What => Page::Unit,
            Page::When => Page::What,
            Page::Name if self.is_public() => Page::What,
            Page::Name => Page::When,
            Page::Phone => Page::Name,
            Page::Check => Page::Phone,
            page => page,
        };
        Turn::Stay
    }

    /// Where one goes with this answer given.
    fn onward(&self, page: Page) -> Page {
        let window_missing = self.window.is_none() && !self.is_public();
        match page {
            Page::When if self.is_public() => self.onward(Page::Name),
            _ if self.checked && window_missing => Page::When,
            _ if self.checked => Page::Check,
            page => page,
        }
    }

    fn next(&mut self, lobby: &Lobby) -> Result<(), Say> {
        match self.page {
            Page::Unit => {
                known_unit(&mut self.unit, lobby)?;
                self.scope = Some(Scope::Home);
                self.page = self.onward(Page::What);
            }
            Page::Name => {
                self.name.as_name()?;
                self.page = self.onward(Page::Phone);
            }
            Page::Phone => {
                self.phone.as_phone()?;
                self.page = Page::Check;
                self.checked = true;
            }
            Page::Detail => {
                self.detail.as_text()?;
                self.page = Page::Check;
            }
            _ => {}
        }
        Ok(())
    }

    fn choose(&mut self, n: u8, local: NaiveDateTime) {
        let n = usize::from(n);
        match self.page {
            Page::Where => self.page = if n == 0 { Page::Unit } else { Page::Spot },
            Page::Spot => {
                if let Some((spot, _)) = SPOTS.get(n) {
                    self.scope = Some(Scope::Public(*spot));
                    self.page = self.onward(Page::What);
                }
            }
            Page::What => {
                if let Some((category, _)) = CATEGORIES.get(n) {
                    self.category = Some(*category);
                    self.page = self.onward(Page::When);
                }
            }
            Page::When => {
                if let Some((window, _)) = windows(local).get(n) {
                    self.window = Some(*window);
                    self.page = self.onward(Page::Name);
                }
            }
            _ => {}
        }
    }

    fn edit(&mut self, row: u8) {
        self.page = match row {
            0 => Page::Where,
            1 => Page::What,
            2 if !self.is_public() => Page::When,
            3 => Page::Name,
            4 => Page::Phone,
            5 => Page::Detail,
            _ => Page::Check,
        };
    }

    /// A command exists only where every answer does.
    fn command(&mut self, lobby: &Lobby) -> Option<RepairRequest> {
        let place = match self.scope? {
            Scope::Home => Place::Home(known_unit(&mut self.unit, lobby).ok()?),
            Scope::Public(spot) => Place::Public(spot),
        };
        let windows = if self.is_public() { Vec::new() } else { vec![self.window?] };
        Some(RepairRequest {
            place,
            category: self.category?,
            danger: None,
            detail: self.detail.as_text().ok()?,
            windows,
            name: self.name.as_name().ok()?,
            phone: self.phone.as_phone().ok()?,
            language: lobby.language.tag().to_owned(),
        })
    }

    fn submit(&mut self, lobby: &Lobby) -> Turn {
        let Some(command) = self.command(lobby) else {
            // The directory may have changed under way: where it is, once more; the rest is still there.
            self.page = Page::Where;
            return Turn::Stay;
        };
        self.page = Page::Sending;
        Turn::Submit(Command::at_the_glass(Opening::Repair(command)))
    }

    pub fn answered(&mut self, answer: Result<Answer, Refusal>) {
        match answer {
            Ok(Answer::Opened { number, .. }) => {
                let scope = self.scope;
                *self = Repair { scope, page: Page::Received(number), ..Repair::new(self.language) };
            }
            _ => self.page = Page::Trouble,
        }
    }
}

/// What can still be offered at this hour.
pub(super) fn windows(local: NaiveDateTime) -> Vec<(Window, Tile)> {
    let open = |window: &Window| match window {
        Window::TodayAfternoon => local.hour() < AFTERNOON_UNTIL,
        Window::TodayEvening => local.hour() < EVENING_UNTIL,
        _ => true,
    };
    WINDOWS.into_iter().filter(|(window, _)| open(window)).collect()
}
