//! What a form does with what reaches it from outside: a touch, the desk's answer, news of its case, a scan.

use super::Ending;
use super::answers::Said;
use super::walk::{Form, State};
use crate::desk::{Answer, Refusal};
use crate::kiosk::News;
use crate::kiosk::language::Language;
use crate::kiosk::paper::Sheet;
use crate::kiosk::press::Press;
use crate::kiosk::scan::Scan;
use crate::kiosk::screens::message::Message;
use crate::kiosk::screens::{Flow, Lobby, PageName, Turn};
use crate::kiosk::ui::Ui;
use crate::service::number::Number;

impl Flow for Form {
    fn page(&self) -> PageName {
        let page = match self.state {
            State::Asking(n) => self.question(n).id,
            State::Sending => "sending",
            State::Trouble => "trouble",
            State::Received(_) => self.message.as_ref().map_or("received", |message| message.page()),
            State::Later(_) => "later",
            State::Over => "over",
        };
        PageName(self.plan.name, page)
    }

    fn entered(&mut self, lobby: &Lobby) {
        self.answers.asks_identity = lobby.settings.identity.is_some();
    }

    fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        if let Some(message) = &mut self.message {
            return message.press(press, lobby);
        }
        match (self.state, press) {
            (State::Asking(n), press) => self.press_question(n, press, lobby),
            (State::Trouble, Press::Retry) => self.submit(lobby),
            (State::Trouble, Press::Back) => {
                let last = (0..self.plan.questions.len()).rev().find(|n| self.on_the_way(*n));
                self.turn_to(last.unwrap_or(0));
                Turn::Stay
            }
            _ => Turn::Stay,
        }
    }

    fn answered(&mut self, answer: Result<Answer, Refusal>) {
        if matches!(self.state, State::Received(_)) {
            // What was left for a host who has come meanwhile is answered to nobody.
            self.message.iter_mut().for_each(|message| message.answered(&answer));
            return;
        }
        match &answer {
            Ok(Answer::Opened { reply_by: Some(by), .. }) => self.answers.promised(*by),
            Ok(Answer::Shown { handing, .. }) => self.answers.hand(*handing),
            _ => {}
        }
        match answer.map_or(Ending::Trouble, self.plan.ended) {
            Ending::Received(number) => {
                self.answers.forget_person();
                self.state = State::Received(number);
            }
            Ending::Over => {
                self.begin_again();
                self.state = State::Over;
            }
            Ending::Told(end) => {
                self.begin_again();
                self.live = Some(end);
                self.state = State::Over;
            }
            Ending::Later(until) => {
                self.begin_again();
                self.state = State::Later(until);
            }
            Ending::Ask(id) => {
                self.wanted = self.plan.questions.iter().position(|question| question.id == id);
                self.turn_to(self.wanted.unwrap_or(0));
            }
            Ending::Again(id, wish) => {
                self.begin_again();
                let n = self.plan.questions.iter().position(|question| question.id == id).unwrap_or(0);
                self.turn_to(n);
                if let Some(ask) = self.ask_mut(n) {
                    ask.note(wish);
                }
            }
            Ending::Trouble => self.state = State::Trouble,
        }
    }

    fn watches(&self) -> Option<Number> {
        match self.state {
            State::Received(number) => self.plan.live.map(|_| number),
            _ => None,
        }
    }

    fn paper(&self) -> Option<(Number, &Sheet)> {
        match self.state {
            State::Received(number) => self.sheet.as_ref().map(|sheet| (number, sheet)),
            _ => None,
        }
    }

    fn heard(&mut self, news: &News) {
        if self.watches() == Some(news.number) {
            self.live = self.plan.live.and_then(|live| live(news.state)).or(self.live);
            if self.takes_messages {
                Message::follow(&mut self.message, news);
            }
        }
    }

    fn takes(&self, scan: &Scan) -> bool {
        self.takes_scan(scan)
    }

    fn scanned(&mut self, scan: &Scan, lobby: &Lobby) -> Turn {
        self.take_scan(scan, lobby)
    }

    fn speak(&mut self, language: Language) {
        self.language = language;
        self.answers.speak(language);
        self.message.iter_mut().for_each(|message| message.speak(language));
    }

    fn is_untouched(&self) -> bool {
        matches!((self.state, self.answers.at(0)), (State::Asking(0), Said::Typed(_, ask)) if ask.text().is_empty())
    }

    fn is_done(&self) -> bool {
        self.message.as_ref().is_none_or(|message| message.is_done())
            && matches!(self.state, State::Received(_) | State::Later(_) | State::Over)
    }

    fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        self.view(ui, lobby);
    }
}
