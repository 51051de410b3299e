//! Leaving: the last four digits of the phone, and the unit where several visits end in them. It never says whose they
//! are (R309), and closes with R171.

use super::{Lobby, Turn, known_unit};
use crate::desk::{Answer, Command, Refusal};
use crate::kiosk::ask::{Ask, Asking, TAIL};
use crate::kiosk::icons::Icon;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::Style;
use crate::kiosk::ui::{Align, Ui};
use crate::service::visit::{SignOut as Leave, SignedOut};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Tail,
    Unit,
    Sending,
    Trouble,
    Done,
}

#[derive(Debug)]
pub struct SignOut {
    page: Page,
    tail: Ask,
    /// Asked for only where the digits alone are not enough.
    unit: Ask,
    with_unit: bool,
}

impl SignOut {
    pub fn new() -> Self {
        SignOut { page: Page::Tail, tail: Ask::tail(), unit: Ask::unit(), with_unit: false }
    }

    pub fn page(&self) -> &'static str {
        match self.page {
            Page::Tail => "sign-out.tail",
            Page::Unit => "sign-out.unit",
            Page::Sending => "sign-out.sending",
            Page::Trouble => "sign-out.trouble",
            Page::Done => "sign-out.done",
        }
    }

    pub fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        match (self.page, press) {
            (Page::Tail, Press::Key(key)) => self.tail.key(key),
            (Page::Unit, Press::Key(key)) => self.unit.key(key),
            (Page::Tail | Page::Unit, Press::Next) | (Page::Trouble, Press::Retry) => return self.submit(lobby),
            (Page::Tail, Press::Back) => return Turn::Home,
            (Page::Unit | Page::Trouble, Press::Back) => {
                self.with_unit = false;
                self.page = Page::Tail;
            }
            _ => {}
        }
        Turn::Stay
    }

    fn submit(&mut self, lobby: &Lobby) -> Turn {
        if self.tail.text().len() != TAIL {
            self.page = Page::Tail;
            self.tail.note(Say::SignOutAgain);
            return Turn::Stay;
        }
        let unit = match self.with_unit.then(|| known_unit(&mut self.unit, lobby)).transpose() {
            Ok(unit) => unit,
            Err(wish) => {
                self.page = Page::Unit;
                self.unit.note(wish);
                return Turn::Stay;
            }
        };
        self.page = Page::Sending;
        Turn::Submit(Command::SignOut(Leave { phone_tail: self.tail.text().to_owned(), unit }))
    }

    pub fn answered(&mut self, answer: Result<Answer, Refusal>) {
        match answer {
            Ok(Answer::SignedOut(SignedOut::Ended { .. })) => *self = SignOut { page: Page::Done, ..SignOut::new() },
            Ok(Answer::SignedOut(SignedOut::Ambiguous)) => {
                self.with_unit = true;
                self.page = Page::Unit;
            }
            Ok(Answer::SignedOut(SignedOut::Unknown)) => {
                *self = SignOut::new();
                self.tail.note(Say::SignOutUnknown);
            }
            _ => self.page = Page::Trouble,
        }
    }

    pub fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        match self.page {
            Page::Tail => {
                let (label, hint) = (Say::TailLabel, Say::SignOutHint);
                ask(ui, &self.tail, Say::SignOutQuestion, label, hint, Say::Leave);
            }
            Page::Unit => ask(ui, &self.unit, Say::SignOutUnit, Say::UnitLabel, Say::UnitHint, Say::Back),
            Page::Sending => ui.waiting(Say::SignOutSending),
            Page::Trouble => ui.trouble(lobby.settings.service_phone.as_deref()),
            Page::Done => goodbye(ui),
        }
    }
}

fn ask(ui: &mut Ui, ask: &Ask, question: Say, label: Say, hint: Say, back: Say) {
    let room = ui.around(Around { back: Some(back), step: None, switches: true });
    ui.ask(room, ask, &Asking { question, label, hint, privacy: None, next: Say::SignOutGo });
}

fn goodbye(ui: &mut Ui) {
    let room = ui.around(Around { switches: true, ..Around::default() });
    let p = ui.palette();
    let mut area = room.content.middle(room.content.w, ui.px(220));
    let icon = area.cut_top(ui.px(72));
    ui.icon(icon, Icon::Done, 64, p.ok);
    area.cut_top(ui.px(16));
    let used = ui.heading(area, &ui.say(Say::SignOutDone), Style::Title, Align::Middle);
    area.cut_top(used + ui.px(8));
    ui.told(area, &ui.say(Say::SignOutThanks), Style::Body, p.muted, Align::Middle);
    let label = ui.say(Say::Done);
    ui.primary(room.actions, Press::Finish, &label);
}
