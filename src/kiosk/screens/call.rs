//! 人工帮助 and 紧急求助: they lie over whatever is on the glass and lose nothing of it.

use super::emergency::Emergency;
use super::help::Help;
use super::{Lobby, PageName, Turn};
use crate::kiosk::News;
use crate::kiosk::press::Press;
use crate::kiosk::ui::Ui;
use crate::service::number::Number;

#[derive(Debug)]
pub enum Call {
    Help(Help),
    Emergency(Box<Emergency>),
}

impl Call {
    pub fn is_emergency(&self) -> bool {
        matches!(self, Call::Emergency(_))
    }

    /// The case that somebody waits for here.
    pub fn watches(&self) -> Option<Number> {
        match self {
            Call::Help(help) => help.number(),
            Call::Emergency(emergency) => emergency.watches(),
        }
    }

    pub fn heard(&mut self, news: &News) {
        match self {
            Call::Help(help) => help.heard(news),
            Call::Emergency(emergency) => emergency.heard(news),
        }
    }

    pub fn page(&self) -> PageName {
        match self {
            Call::Help(help) => help.page(),
            Call::Emergency(emergency) => emergency.page(),
        }
    }

    /// [`Turn::Leave`] means here: back to the page below.
    pub fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        match self {
            Call::Help(help) => help.press(press, lobby),
            Call::Emergency(emergency) => emergency.press(press, lobby),
        }
    }

    pub fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        match self {
            Call::Help(help) => help.draw(ui, lobby),
            Call::Emergency(emergency) => emergency.draw(ui, lobby),
        }
    }
}
