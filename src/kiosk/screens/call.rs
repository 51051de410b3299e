//! 人工帮助 and 紧急求助: they lie over whatever is on the glass and lose nothing of it. Help is asked for with one touch,
//! an emergency with two, because children play with red buttons. No medical advice but 120.

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
use crate::service::matter::Opening;
use crate::service::number::Number;
use crate::service::{emergency, help};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// An emergency waits for the second touch.
    Confirm,
    Sending,
    Told(Number),
    Failed,
}

#[derive(Debug)]
pub struct Call {
    emergency: bool,
    state: State,
    /// Who of the staff is on the way.
    coming: Option<Coming>,
}

/// A name on a badge. Never printed.
struct Coming(String);

impl std::fmt::Debug for Coming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Coming(…)")
    }
}

impl Call {
    /// Asks for a person at once.
    pub fn person(language: Language) -> (Self, Turn) {
        let mut call = Call { emergency: false, state: State::Confirm, coming: None };
        let turn = call.submit(language);
        (call, turn)
    }

    /// A person was asked for a moment ago: the same number again.
    pub fn told(number: Number) -> Self {
        Call { emergency: false, state: State::Told(number), coming: None }
    }

    pub fn emergency() -> Self {
        Call { emergency: true, state: State::Confirm, coming: None }
    }

    pub fn is_emergency(&self) -> bool {
        self.emergency
    }

    /// Somebody began an emergency and has not said yes or no: never times out.
    pub fn is_open_emergency(&self) -> bool {
        self.emergency && self.state == State::Confirm
    }

    /// The case that somebody waits for here.
    pub fn watches(&self) -> Option<Number> {
        if let State::Told(number) = self.state { Some(number) } else { None }
    }

    pub fn heard(&mut self, news: &News) {
        if self.watches() == Some(news.number) {
            self.coming = news.who.clone().map(Coming);
        }
    }

    /// Asked, and not answered yet.
    pub fn is_sending(&self) -> bool {
        self.state == State::Sending
    }

    /// The number of a call for a person that has been recorded.
    pub fn number(&self) -> Option<Number> {
        match self.state {
            State::Told(number) if !self.emergency => Some(number),
            _ => None,
        }
    }

    pub fn page(&self) -> PageName {
        let flow = if self.emergency { "emergency" } else { "help" };
        let page = match self.state {
            State::Confirm if self.emergency => "confirm",
            State::Confirm | State::Sending => "sending",
            State::Told(_) => "told",
            State::Failed => "failed",
        };
        PageName(flow, page)
    }

    /// [`Turn::Leave`] means here: back to the page below.
    pub fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        match (self.state, press) {
            (State::Confirm, Press::Next) | (State::Failed, Press::Retry) => self.submit(lobby.language),
            (State::Confirm | State::Told(_) | State::Failed, Press::Back) => Turn::Leave,
            (State::Told(_), Press::Next) => Turn::Leave,
            _ => Turn::Stay,
        }
    }

    fn submit(&mut self, language: Language) -> Turn {
        self.state = State::Sending;
        let language = language.tag().to_owned();
        let opening = if self.emergency {
            Opening::Emergency(emergency::Request { language, placed: None })
        } else {
            Opening::Help(help::Request { language })
        };
        Turn::Submit(Command::at_the_glass(opening))
    }

    pub fn answered(&mut self, answer: Result<Answer, Refusal>) {
        self.state = match answer {
            Ok(Answer::Opened { number, .. }) => State::Told(number),
            _ => State::Failed,
        };
    }

    pub fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        match self.state {
            State::Confirm => confirm(ui),
            State::Sending => ui.waiting(Say::HelpSending, lobby.slow),
            State::Told(number) => self.outcome(ui, lobby, Some(number)),
            State::Failed => self.outcome(ui, lobby, None),
        }
    }

    fn outcome(&self, ui: &mut Ui, lobby: &Lobby, number: Option<Number>) {
        let (title, now) = match (self.emergency, number.is_some()) {
            (true, true) => (Say::EmergencyTold, Say::EmergencyToldNow),
            (true, false) => (Say::EmergencyFailed, Say::EmergencyFailedNow),
            (false, true) => (Say::HelpTold, Say::HelpToldNow),
            (false, false) => (Say::HelpFailed, Say::HelpFailedNow),
        };
        let room = ui.around(Around { back: number.is_none().then_some(Say::Back), switches: true, step: None });
        let p = ui.palette();
        let mut area = room.content;
        let mark = area.cut_top(ui.px(64));
        let (icon, ink) = match (number.is_some(), self.emergency) {
            (true, _) => (Icon::Done, p.ok),
            (false, true) => (Icon::Emergency, p.danger),
            (false, false) => (Icon::Trouble, p.accent),
        };
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
        // The other title says it already.
        if self.emergency && number.is_some() {
            let used = ui.told(area, &ui.say(Say::Emergency120), Style::Question, p.danger, Align::Left);
            area.cut_top(used + ui.px(8));
        }
        if let Some(phone) = lobby.settings.service_phone.as_deref() {
            let text = ui.look.words.with(Say::HelpPhone, &[("phone", phone)]);
            ui.told(area, &text, Style::Body, p.muted, Align::Left);
        }
        let (press, word) = if number.is_some() { (Press::Next, Say::HelpReturn) } else { (Press::Retry, Say::Retry) };
        let mut actions = room.actions;
        let wide = if ui.look.metrics.portrait() { actions } else { actions.cut_right(ui.px(272)) };
        let label = ui.say(word);
        ui.button(wide, press, "next", None, &label, Dress::Primary);
    }
}

fn confirm(ui: &mut Ui) {
    let room = ui.around(Around { switches: true, ..Around::default() });
    let p = ui.palette();
    let mut area = room.content;
    let used = ui.heading(area, &ui.say(Say::EmergencyQuestion), Style::Title, Align::Left);
    area.cut_top(used + ui.px(8));
    let used = ui.told(area, &ui.say(Say::EmergencyNow), Style::Body, p.ink, Align::Left);
    area.cut_top(used + ui.px(4));
    let foot = area.cut_bottom(ui.px(if ui.look.metrics.portrait() { 72 } else { 40 }));
    ui.told(foot, &ui.say(Say::Emergency120), Style::Question, p.danger, Align::Left);
    area.cut_bottom(ui.px(16));
    let big = area.cut_bottom(area.h.min(ui.px(136)));
    let ink = ui.ground(big, Press::Next, Dress::Alarm, ui.px(16));
    let label = ui.say(Say::EmergencyConfirm);
    let most = big.w - ui.px(32);
    let mut row = big.middle(most.min(ui.width(&label, Style::Title) + ui.px(64)), big.h);
    let mark = row.cut_left(ui.px(64));
    ui.icon(mark, Icon::Emergency, 48, ink);
    ui.line(row, &label, Style::Title, ink, Align::Left);
    ui.part(Role::Button, "emergency.confirm", label, big);
    let mut actions = room.actions;
    let back = actions.cut_left(ui.px(if ui.look.metrics.portrait() { 408 } else { 272 }));
    let label = ui.say(Say::EmergencyCancel);
    ui.button(back, Press::Back, "back", Some(Icon::Back), &label, Dress::Quiet);
}
