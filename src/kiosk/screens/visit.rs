//! A walk-in visitor: whom, who, how to reach, why; then the number. The host's name is never shown or asked for, and
//! what is said does not depend on whether the host is at home (R169).

use super::parts::{Received, Tile};
use super::{Lobby, Turn, known_unit, unit_in_words};
use crate::desk::{Answer, Command, Refusal};
use crate::kiosk::ask::{Ask, Asking};
use crate::kiosk::icons::Icon;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::{Language, Say};
use crate::kiosk::theme::Style;
use crate::kiosk::ui::{Align, Ui};
use crate::service::contact::Name;
use crate::service::matter::Opening;
use crate::service::number::Number;
use crate::service::visit::{Purpose, SignIn, WayIn};
use std::num::NonZeroU8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Unit,
    Name,
    Phone,
    Purpose,
    Sending,
    Trouble,
    Received(Number),
}

/// Questions of this flow.
const STEPS: u8 = 4;

const PURPOSES: [(Purpose, Tile); 6] = [
    (Purpose::Friends, (Icon::Friends, Say::PurposeFriends, "friends")),
    (Purpose::Delivery, (Icon::Delivery, Say::PurposeDelivery, "delivery")),
    (Purpose::Work, (Icon::Work, Say::PurposeWork, "work")),
    (Purpose::Viewing, (Icon::Viewing, Say::PurposeViewing, "viewing")),
    (Purpose::Business, (Icon::Business, Say::PurposeBusiness, "business")),
    (Purpose::Other, (Icon::Other, Say::PurposeOther, "other")),
];

#[derive(Debug)]
pub struct Visit {
    page: Page,
    unit: Ask,
    name: Ask,
    phone: Ask,
    purpose: Option<Purpose>,
    again: Again,
}

/// R180: whether he has been here before, and what to call him.
#[derive(Debug)]
enum Again {
    No,
    Somebody,
    Called(Name),
}

impl Visit {
    pub fn new(language: Language) -> Self {
        Visit {
            page: Page::Unit,
            unit: Ask::unit(),
            name: Ask::name(language),
            phone: Ask::phone(),
            purpose: None,
            again: Again::No,
        }
    }

    pub fn page(&self) -> &'static str {
        match self.page {
            Page::Unit => "visit.unit",
            Page::Name => "visit.name",
            Page::Phone => "visit.phone",
            Page::Purpose => "visit.purpose",
            Page::Sending => "visit.sending",
            Page::Trouble => "visit.trouble",
            Page::Received(_) => "visit.received",
        }
    }

    pub fn speak(&mut self, language: Language) {
        self.name.speak(language);
    }

    fn field(&mut self) -> Option<&mut Ask> {
        match self.page {
            Page::Unit => Some(&mut self.unit),
            Page::Name => Some(&mut self.name),
            Page::Phone => Some(&mut self.phone),
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
            Press::Next => {
                if let Err(wish) = self.next(lobby)
                    && let Some(field) = self.field()
                {
                    field.note(wish);
                }
            }
            Press::Back => match self.page {
                Page::Unit => return Turn::Home,
                Page::Name => self.page = Page::Unit,
                Page::Phone => self.page = Page::Name,
                Page::Purpose => self.page = Page::Phone,
                Page::Trouble => self.page = Page::Purpose,
                Page::Sending | Page::Received(_) => {}
            },
            Press::Choose(n) if self.page == Page::Purpose => {
                self.purpose = PURPOSES.get(usize::from(n)).map(|(purpose, _)| *purpose);
                return self.submit(lobby);
            }
            Press::Retry if self.page == Page::Trouble => return self.submit(lobby),
            _ => {}
        }
        Turn::Stay
    }

    fn next(&mut self, lobby: &Lobby) -> Result<(), Say> {
        self.page = match self.page {
            Page::Unit => known_unit(&mut self.unit, lobby).map(|_| Page::Name)?,
            Page::Name => self.name.as_name().map(|_| Page::Phone)?,
            Page::Phone => self.phone.as_phone().map(|_| Page::Purpose)?,
            page => page,
        };
        Ok(())
    }

    /// A command exists only where every answer does.
    fn command(&mut self, lobby: &Lobby) -> Option<SignIn> {
        Some(SignIn {
            unit: known_unit(&mut self.unit, lobby).ok()?,
            name: Some(self.name.as_name().ok()?),
            phone: Some(self.phone.as_phone().ok()?),
            purpose: self.purpose?,
            note: None,
            heads: NonZeroU8::MIN,
            way_in: WayIn::Host,
            language: lobby.language.tag().to_owned(),
        })
    }

    fn submit(&mut self, lobby: &Lobby) -> Turn {
        let Some(command) = self.command(lobby) else {
            // The directory may have changed under way: begin again with what was typed.
            self.page = Page::Unit;
            return Turn::Stay;
        };
        self.page = Page::Sending;
        Turn::Submit(Command::at_the_glass(Opening::Visit(command)))
    }

    pub fn answered(&mut self, answer: Result<Answer, Refusal>) {
        match answer {
            Ok(Answer::Opened { number, returning }) => {
                let mut surname = || Name::parse(self.name.as_name().ok()?.surname()?).ok();
                self.again = if returning { surname().map_or(Again::Somebody, Again::Called) } else { Again::No };
                self.page = Page::Received(number);
                self.name = Ask::name(Language::Chinese);
                self.phone = Ask::phone();
            }
            _ => self.page = Page::Trouble,
        }
    }

    pub fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        let privacy = ui.look.words.with(Say::VisitPrivacy, &[("days", &lobby.settings.person_days.to_string())]);
        let asking = |question, label, hint, privacy| Asking { question, label, hint, privacy, next: Say::Next };
        match self.page {
            Page::Unit => {
                let asking = asking(Say::VisitUnitQuestion, Say::UnitLabel, Say::UnitHint, None);
                self.ask(ui, 1, &self.unit, &asking);
            }
            Page::Name => {
                let asking = asking(Say::VisitNameQuestion, Say::NameLabel, Say::NameHint, None);
                self.ask(ui, 2, &self.name, &asking);
            }
            Page::Phone => {
                let asking = asking(Say::VisitPhoneQuestion, Say::PhoneLabel, Say::PhoneHint, Some(&*privacy));
                self.ask(ui, 3, &self.phone, &asking);
            }
            Page::Purpose => purposes(ui),
            Page::Sending => ui.waiting(Say::VisitSending),
            Page::Trouble => ui.trouble(lobby.settings.service_phone.as_deref()),
            Page::Received(number) => {
                let unit = unit_in_words(ui.look.words, &self.unit.text().to_ascii_uppercase());
                let now = ui.look.words.with(Say::VisitNow, &[("unit", &unit)]);
                let now = match &self.again {
                    Again::No => now.into_owned(),
                    Again::Somebody => format!("{}{now}", ui.say(Say::VisitAgain)),
                    Again::Called(name) => {
                        let welcome = ui.look.words.with(Say::VisitAgainNamed, &[("surname", name.as_str())]);
                        format!("{welcome}{now}")
                    }
                };
                let (title, keep, icon) = (Say::VisitReceived, Say::VisitKeep, Icon::Seat);
                ui.received(&Received { title, now: &now, keep, number, icon });
            }
        }
    }

    fn ask(&self, ui: &mut Ui, step: u8, ask: &Ask, asking: &Asking) {
        let back = if step == 1 { Say::Leave } else { Say::Back };
        let room = ui.around(Around { back: Some(back), step: Some((step, STEPS)), switches: true });
        ui.ask(room, ask, asking);
    }
}

fn purposes(ui: &mut Ui) {
    let room = ui.around(Around { back: Some(Say::Back), step: Some((4, STEPS)), switches: true });
    let mut area = room.whole;
    let question = area.cut_top(ui.px(56));
    ui.heading(question, &ui.say(Say::VisitPurposeQuestion), Style::Question, Align::Left);
    ui.tiles(area, 3, "purpose", &PURPOSES.map(|(_, tile)| tile));
}
