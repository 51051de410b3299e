//! Whoever was not met may leave a message (R170): "please call me back" with one touch, or some words on one page more. A host
//! who is not there and one who does not want to come are one sentence (R169). Part of the flows that a visitor waits in; what
//! is typed goes to the host through the front desk and is in no outline.

use super::parts::Slip;
use super::{Lobby, Turn};
use crate::desk::{Answer, Command, Refusal};
use crate::kiosk::News;
use crate::kiosk::ask::{Ask, Asking};
use crate::kiosk::form::End;
use crate::kiosk::icons::Icon;
use crate::kiosk::language::Language;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{Style, TOUCH};
use crate::kiosk::ui::{Align, Dress, Ui};
use crate::service::case::Step;
use crate::service::matter::MatterStep;
use crate::service::number::Number;
use crate::service::staff::Actor;
use crate::service::visit;

/// What the two buttons choose.
const CALL_BACK: u8 = 0;
const WORDS: u8 = 1;

static LEFT: End = End {
    title: Say::MessageLeft,
    now: |_, words| words.say(Say::MessageLeftNow).into_owned(),
    keep: Say::MessageKeep,
    icon: Icon::Mail,
};

#[derive(Debug)]
enum Page {
    Offer,
    Words,
    Sending,
    Trouble,
    Left,
}

/// What a visitor may leave, as far as he has come with it.
#[derive(Debug)]
pub struct Message {
    /// Of his visit.
    number: Number,
    page: Page,
    ask: Option<Ask>,
    /// "Please call me back" instead of words.
    call_back: bool,
}

impl Message {
    /// Follows the visit: it is offered while the host is not there, and goes when somebody comes all the same.
    pub fn follow(message: &mut Option<Box<Message>>, news: &News) {
        let fresh = |page| Box::new(Message { number: news.number, page, ask: None, call_back: false });
        match news.state {
            "not-here" => drop(message.get_or_insert_with(|| fresh(Page::Offer))),
            // A colleague may have written it down for him.
            "message-left" => *message = Some(fresh(Page::Left)),
            // The host has been told: what the visitor reads stays.
            "signed-out" => {}
            _ => *message = None,
        }
    }

    pub fn page(&self) -> &'static str {
        match self.page {
            Page::Offer => "not-here",
            Page::Words => "message",
            Page::Sending => "message-sending",
            Page::Trouble => "message-trouble",
            Page::Left => "message-left",
        }
    }

    pub fn is_done(&self) -> bool {
        matches!(self.page, Page::Offer | Page::Left)
    }

    pub fn speak(&mut self, language: Language) {
        self.ask.iter_mut().for_each(|ask| ask.speak(language));
    }

    pub fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        match (&self.page, press) {
            (Page::Offer, Press::Choose(CALL_BACK)) => return self.send(true),
            (Page::Offer, Press::Choose(WORDS)) => {
                self.ask.get_or_insert_with(|| Ask::detail(lobby.language));
                self.page = Page::Words;
            }
            (Page::Words, Press::Key(key)) => self.ask.iter_mut().for_each(|ask| ask.key(key)),
            (Page::Words, Press::Next) => return self.send(false),
            (Page::Words, Press::Back) => self.page = Page::Offer,
            (Page::Trouble, Press::Retry) => return self.send(self.call_back),
            (Page::Trouble, Press::Back) => self.page = if self.call_back { Page::Offer } else { Page::Words },
            _ => {}
        }
        Turn::Stay
    }

    fn send(&mut self, call_back: bool) -> Turn {
        let step = if call_back {
            visit::Step::AskCallBack
        } else {
            let Some(ask) = &mut self.ask else { return Turn::Stay };
            match ask.as_text() {
                Ok(Some(text)) => visit::Step::LeaveMessage { text, card: false },
                Ok(None) => {
                    ask.note(Say::TextAgain);
                    return Turn::Stay;
                }
                Err(wish) => {
                    ask.note(wish);
                    return Turn::Stay;
                }
            }
        };
        (self.page, self.call_back) = (Page::Sending, call_back);
        let step = Step::Matter(MatterStep::Visit(step));
        Turn::Submit(Command::Move { number: self.number, step, seen: None, by: Actor::GUEST })
    }

    pub fn answered(&mut self, answer: &Result<Answer, Refusal>) {
        self.page = match answer {
            Ok(Answer::Moved { .. }) => {
                self.ask = None;
                Page::Left
            }
            // Something has happened meanwhile: the news of it are on the way.
            Ok(Answer::Objected(_)) => Page::Offer,
            _ => Page::Trouble,
        };
    }

    pub fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        let slip = Slip { number: self.number, code: None };
        match (&self.page, &self.ask) {
            (Page::Offer, _) => draw_offer(ui, &slip),
            (Page::Words, Some(ask)) => {
                let room = ui.around(Around { back: Some(Say::Back), step: None, switches: true });
                let days = lobby.settings.days(Say::MessagePrivacy).to_string();
                let privacy = ui.look.words.with(Say::MessagePrivacy, &[("days", &days)]);
                let asking = Asking {
                    question: Say::MessageQuestion,
                    label: Say::MessageLabel,
                    hint: Say::MessageHint,
                    privacy: Some(&privacy),
                    beside: None,
                    with: None,
                    called: None,
                    next: Say::MessageSubmit,
                };
                ui.ask(room, ask, &asking);
            }
            (Page::Sending, _) => ui.waiting(Say::MessageSending, lobby.slow),
            (Page::Left, _) => ui.received(None, &LEFT, &ui.say(Say::MessageLeftNow), &slip, false),
            (Page::Trouble | Page::Words, _) => ui.trouble(lobby.settings.service_phone.as_deref()),
        }
    }
}

/// The one sentence, the number, and the two ways to leave a message.
fn draw_offer(ui: &mut Ui, slip: &Slip) {
    let mut area = ui.ticket_page(slip, Say::MessageKeep);
    let (p, gap) = (ui.palette(), ui.px(12));
    if ui.look.metrics.portrait() {
        // The number lies below.
        area.cut_bottom(gap);
    }
    let buttons = area.cut_bottom(ui.px(TOUCH));
    area.cut_bottom(gap);
    let title = ui.say(Say::VisitNotHere);
    let used = ui.heading(area, &title, Style::Title, Align::Left);
    area.cut_top(used + ui.px(8));
    ui.told(area, &ui.say(Say::VisitNotHereNow), Style::Body, p.ink, Align::Left);
    let words = [ui.say(Say::MessageCallBack), ui.say(Say::MessageLeave)];
    let cells = buttons.grid(2, 1, gap);
    let presses = [(CALL_BACK, "message.call-back", Dress::Quiet), (WORDS, "message.leave", Dress::Quiet)];
    for ((cell, word), (choice, id, dress)) in cells.into_iter().zip(&words).zip(presses) {
        ui.button(cell, Press::Choose(choice), id, None, word, dress);
    }
}
