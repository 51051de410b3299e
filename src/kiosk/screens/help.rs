//! 人工帮助: asked for with one touch; says who comes, or who else can help.

use super::{Lobby, PageName, Turn};
use crate::board::Role;
use crate::desk::{Answer, Command, Refusal};
use crate::kiosk::News;
use crate::kiosk::icons::Icon;
use crate::kiosk::language::Language;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::Style;
use crate::kiosk::ui::{Align, Dress, Ui};
use crate::service::help::Request;
use crate::service::matter::Opening;
use crate::service::number::Number;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Sending,
    Told(Number),
    Failed,
}

#[derive(Debug)]
pub struct Help {
    state: State,
    /// Who of the staff is on the way.
    coming: Option<Coming>,
}

/// A name on a badge. Never printed.
pub struct Coming(pub String);

impl std::fmt::Debug for Coming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Coming(…)")
    }
}

impl Help {
    /// Asks for a person at once.
    pub fn ask(language: Language) -> (Self, Turn) {
        let mut help = Help { state: State::Sending, coming: None };
        let turn = help.submit(language);
        (help, turn)
    }

    /// A person was asked for a moment ago: the same number again.
    pub fn told(number: Number) -> Self {
        Help { state: State::Told(number), coming: None }
    }

    /// Its number, once it has been recorded: the case that somebody waits for here.
    pub fn number(&self) -> Option<Number> {
        if let State::Told(number) = self.state { Some(number) } else { None }
    }

    pub fn heard(&mut self, news: &News) {
        if self.number() == Some(news.number) {
            self.coming = news.who.clone().map(Coming);
        }
    }

    /// Asked, and not answered yet.
    pub fn is_sending(&self) -> bool {
        self.state == State::Sending
    }

    pub fn page(&self) -> PageName {
        let page = match self.state {
            State::Sending => "sending",
            State::Told(_) => "told",
            State::Failed => "failed",
        };
        PageName("help", page)
    }

    /// [`Turn::Leave`] means here: back to the page below.
    pub fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        match (self.state, press) {
            (State::Failed, Press::Retry) => self.submit(lobby.language),
            (State::Told(_) | State::Failed, Press::Back) | (State::Told(_), Press::Next) => Turn::Leave,
            _ => Turn::Stay,
        }
    }

    fn submit(&mut self, language: Language) -> Turn {
        self.state = State::Sending;
        Turn::Submit(Command::at_the_glass(Opening::Help(Request { language: language.tag().to_owned() })))
    }

    pub fn answered(&mut self, answer: Result<Answer, Refusal>) {
        self.state = match answer {
            Ok(Answer::Opened { number, .. }) => State::Told(number),
            _ => State::Failed,
        };
    }

    pub fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        match self.state {
            State::Sending => ui.waiting(Say::HelpSending, lobby.slow),
            State::Told(number) => self.outcome(ui, lobby, Some(number)),
            State::Failed => self.outcome(ui, lobby, None),
        }
    }

    fn outcome(&self, ui: &mut Ui, lobby: &Lobby, number: Option<Number>) {
        let (title, now) = match number {
            Some(_) => (Say::HelpTold, Say::HelpToldNow),
            None => (Say::HelpFailed, Say::HelpFailedNow),
        };
        let room = ui.around(Around { back: number.is_none().then_some(Say::Back), switches: true, step: None });
        let p = ui.palette();
        let mut area = room.content;
        let mark = area.cut_top(ui.px(64));
        let (icon, ink) = if number.is_some() { (Icon::Done, p.ok) } else { (Icon::Trouble, p.accent) };
        ui.icon(mark.at_left(ui.px(56)), icon, 56, ink);
        area.cut_top(ui.px(12));
        let title = match &self.coming {
            Some(Coming(who)) => ui.look.words.with(Say::HelpComing, &[("who", who)]),
            None => ui.say(title),
        };
        let used = ui.heading(area, &title, Style::Title, Align::Left);
        area.cut_top(used + ui.px(8));
        let used = ui.told(area, &ui.say(now), Style::Body, p.ink, Align::Left);
        area.cut_top(used + ui.px(16));
        if let Some(number) = number {
            let text = ui.look.words.with(Say::HelpNumber, &[("number", &number.to_string())]);
            let used = ui.paragraph(area, &text, Style::Label, p.ink, Align::Left);
            ui.part(Role::Text, "number", number.to_string(), area);
            area.cut_top(used + ui.px(8));
        }
        if let Some(phone) = lobby.settings.service_phone.as_deref() {
            let text = ui.look.words.with(Say::HelpPhone, &[("phone", phone)]);
            ui.told(area, &text, Style::Body, p.muted, Align::Left);
        }
        let (press, word) = if number.is_some() { (Press::Next, Say::HelpReturn) } else { (Press::Retry, Say::Retry) };
        ui.onward(room.actions, press, word);
    }
}

impl Ui<'_> {
    /// The primary button of a page that lies over another one: wide enough for "back to where I was".
    pub fn onward(&mut self, mut actions: crate::kiosk::area::Area, press: Press, word: Say) {
        let wide = if self.look.metrics.portrait() { actions } else { actions.cut_right(self.px(272)) };
        let label = self.say(word);
        self.button(wide, press, "next", None, &label, Dress::Primary);
    }
}
