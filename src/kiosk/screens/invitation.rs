//! Who was invited: six digits, or a picture for the scanner; then who comes to meet him. The name of the host is the one that
//! the host has sent him. What does not hold blames nobody, leads to the ordinary way in, and a person comes.

use super::message::Message;
use super::parts::Slip;
use super::{Door, Entry, Flow, Lobby, PageName, Shelf, Turn};
use crate::desk::{Answer, Command, Refusal};
use crate::kiosk::News;
use crate::kiosk::ask::{Ask, Asking};
use crate::kiosk::form::End;
use crate::kiosk::icons::Icon;
use crate::kiosk::language::Language;
use crate::kiosk::page::Around;
use crate::kiosk::paper::Sheet;
use crate::kiosk::press::Press;
use crate::kiosk::scan::Scan;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::Style;
use crate::kiosk::ui::{Align, Dress, Ui};
use crate::service::case::Objection;
use crate::service::contact::Name;
use crate::service::invitation::{InvitationCode, Refused, Shown, Token};
use crate::service::number::Number;
use crate::service::staff::Actor;
use chrono::{DateTime, Utc};

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Visit,
    id: "visit.invitation",
    icon: Icon::Mail,
    word: Say::InvitationEntry,
    hint: Say::InvitationHint,
    offered: |lobby| lobby.settings.invitations,
    begin: |_| Box::new(Invited::new()),
};

/// What the last page says, by the state of the visit; `None` while the host is on the way (R169: a host who is not there and
/// one who does not want to come are one sentence).
fn live(state: &str) -> Option<(Say, Say, Icon)> {
    Some(match state {
        "waiting" => (Say::VisitWaiting, Say::VisitWaitingNow, Icon::Seat),
        "guard-check" | "butler-called" | "turned-away" => (Say::VisitGuard, Say::VisitGuardNow, Icon::Help),
        "admitted" | "card-ok" => (Say::VisitWelcome, Say::InvitationWelcome, Icon::Done),
        _ => return None,
    })
}

/// Why it does not go on.
#[derive(Debug, Clone, Copy)]
enum Why {
    Refused(Refused),
    /// Too many codes were tried here.
    Guessing(DateTime<Utc>),
}

#[derive(Debug)]
enum State {
    Asking,
    /// What was shown goes with it: a second try needs it.
    Sending(Shown),
    Trouble(Shown),
    /// `state`: of the visit, as far as it has come.
    Received {
        number: Number,
        host: Name,
        state: &'static str,
    },
    Refused(Why),
}

#[derive(Debug)]
struct Invited {
    ask: Ask,
    state: State,
    /// R170.
    message: Option<Box<Message>>,
}

impl Invited {
    fn new() -> Self {
        Invited { ask: Ask::invitation(), state: State::Asking, message: None }
    }

    fn submit(&mut self, shown: Shown, lobby: &Lobby) -> Turn {
        let command =
            Command::Arrive { shown: shown.clone(), language: lobby.language.tag().to_owned(), by: Actor::GUEST };
        self.state = State::Sending(shown);
        Turn::Submit(command)
    }

    fn ask_again(&mut self, wish: Say) {
        *self = Invited::new();
        self.ask.note(wish);
    }

    fn refused(&self, ui: &mut Ui, lobby: &Lobby, why: Why) {
        // Both ways on are below; on a standing glass a third would cut their words.
        let room = ui.around(Around { switches: true, ..Around::default() });
        let p = ui.palette();
        let mut area = room.content;
        let mark = area.cut_top(ui.px(64));
        ui.icon(mark.at_left(ui.px(56)), Icon::Trouble, 56, p.accent);
        area.cut_top(ui.px(12));
        let used = ui.heading(area, &title(ui, lobby, why), Style::Title, Align::Left);
        area.cut_top(used + ui.px(8));
        let now = if comes(why) { Say::InvitationPerson } else { Say::InvitationShow };
        ui.told(area, &ui.say(now), Style::Body, p.ink, Align::Left);
        let mut actions = room.actions;
        let (gap, wide) = (ui.px(12), ui.px(232));
        let width = if ui.look.metrics.portrait() { (actions.w - gap) / 2 } else { wide };
        let sign_in = actions.cut_right(width);
        actions.cut_right(gap);
        let again = actions.cut_right(width);
        let label = ui.say(Say::Retry);
        ui.button(again, Press::Retry, "retry", None, &label, Dress::Quiet);
        let label = ui.say(Say::InvitationSignIn);
        ui.button(sign_in, Press::Open(Door::Visit), "sign-in", None, &label, Dress::Primary);
    }
}

/// Who comes; then how it goes on.
fn received(ui: &mut Ui, number: Number, host: &Name, state: &str) {
    let live = live(state);
    let (title, now, icon) = live.unwrap_or((Say::InvitationReceived, Say::InvitationNow, Icon::Seat));
    // The sentences of any visit name nobody.
    let host: &[_] = if live.is_none() { &[("host", host.as_str())] } else { &[] };
    let (words, end) = (ui.look.words, End { title, now: |_, _| String::new(), keep: Say::InvitationKeep, icon });
    let slip = Slip { number, code: None };
    ui.received_as(None, &words.with(title, host), &end, &words.with(now, host), &slip, live.is_some());
}

/// Whether the desk has sent somebody.
fn comes(why: Why) -> bool {
    !matches!(why, Why::Refused(Refused::Unsure))
}

fn title(ui: &Ui, lobby: &Lobby, why: Why) -> String {
    let at = |sentence, time: DateTime<Utc>| {
        let local = time.with_timezone(&lobby.settings.zone).naive_local();
        let shape = if local.date() == lobby.local.date() { "%H:%M" } else { "%m-%d %H:%M" };
        ui.look.words.with(sentence, &[("time", &local.format(shape).to_string())]).into_owned()
    };
    let sentence = match why {
        Why::Guessing(until) => return at(Say::InvitationWait, until),
        Why::Refused(Refused::NotYet { from }) => return at(Say::InvitationEarly, from),
        Why::Refused(Refused::OtherSite) => Say::InvitationElsewhere,
        Why::Refused(Refused::Expired) => Say::InvitationOver,
        Why::Refused(Refused::UsedUp) => Say::InvitationUsed,
        Why::Refused(Refused::Unsure) => Say::InvitationSeveral,
        // Nobody is told that he shows something that was made up: perhaps his telephone has shown half of it.
        Why::Refused(Refused::Forged | Refused::UnknownKey | Refused::TakenBack | Refused::NoClock | Refused::Full) => {
            Say::InvitationCheck
        }
    };
    ui.say(sentence).into_owned()
}

impl Flow for Invited {
    fn page(&self) -> PageName {
        let page = match self.state {
            State::Asking => "code",
            State::Sending(_) => "sending",
            State::Trouble(_) => "trouble",
            State::Received { .. } => self.message.as_ref().map_or("received", |message| message.page()),
            State::Refused(_) => "refused",
        };
        PageName("invitation", page)
    }

    fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        if let Some(message) = &mut self.message {
            return message.press(press, lobby);
        }
        match (&self.state, press) {
            (State::Asking, Press::Key(key)) => self.ask.key(key),
            (State::Asking, Press::Next) => match InvitationCode::parse(self.ask.text()) {
                Some(code) => return self.submit(Shown::Code(code), lobby),
                None => self.ask.note(Say::InvitationDigits),
            },
            (State::Asking, Press::Back) => return Turn::Leave,
            (State::Trouble(shown), Press::Retry) => return self.submit(shown.clone(), lobby),
            (State::Trouble(_), Press::Back) => self.state = State::Asking,
            (State::Refused(_), Press::Retry) => *self = Invited::new(),
            (State::Refused(_), Press::Open(Door::Visit)) => return Turn::Open(Door::Visit),
            _ => {}
        }
        Turn::Stay
    }

    fn takes(&self, scan: &Scan) -> bool {
        matches!(self.state, State::Asking) && Token::parse(scan.as_str()).is_some()
    }

    fn scanned(&mut self, scan: &Scan, lobby: &Lobby) -> Turn {
        if !matches!(self.state, State::Asking) {
            return Turn::Stay;
        }
        match Token::parse(scan.as_str()) {
            Some(token) => self.submit(Shown::Token(token), lobby),
            None => {
                self.ask_again(Say::InvitationOther);
                Turn::Stay
            }
        }
    }

    fn answered(&mut self, answer: Result<Answer, Refusal>) {
        let (State::Sending(shown) | State::Trouble(shown)) = &self.state else {
            self.message.iter_mut().for_each(|message| message.answered(&answer));
            return;
        };
        self.state = match answer {
            Ok(Answer::Arrived { number, host }) => {
                self.ask = Ask::invitation();
                State::Received { number, host, state: "arrived" }
            }
            Ok(Answer::NotInvited(refused)) => State::Refused(Why::Refused(refused)),
            Ok(Answer::Objected(Objection::Guessing { until })) => State::Refused(Why::Guessing(until)),
            Ok(Answer::Objected(Objection::Unknown)) => return self.ask_again(Say::InvitationUnknown),
            _ => State::Trouble(shown.clone()),
        };
    }

    fn watches(&self) -> Option<Number> {
        match self.state {
            State::Received { number, .. } => Some(number),
            _ => None,
        }
    }

    fn paper(&self) -> Option<(Number, &Sheet)> {
        match self.state {
            State::Received { number, .. } => Some((number, &Sheet::Invited)),
            _ => None,
        }
    }

    fn heard(&mut self, news: &News) {
        if let State::Received { number, state, .. } = &mut self.state
            && *number == news.number
        {
            *state = news.state;
            Message::follow(&mut self.message, news);
        }
    }

    fn is_untouched(&self) -> bool {
        matches!(self.state, State::Asking) && self.ask.text().is_empty()
    }

    fn is_done(&self) -> bool {
        self.message.as_ref().is_none_or(|message| message.is_done())
            && matches!(self.state, State::Received { .. } | State::Refused(_))
    }

    fn speak(&mut self, language: Language) {
        self.message.iter_mut().for_each(|message| message.speak(language));
    }

    fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        if let Some(message) = &self.message {
            return message.draw(ui, lobby);
        }
        match &self.state {
            State::Asking => {
                let room = ui.around(Around { back: Some(Say::Back), step: None, switches: true });
                let asking = Asking {
                    question: Say::InvitationQuestion,
                    label: Say::InvitationLabel,
                    hint: Say::InvitationHint,
                    privacy: None,
                    beside: None,
                    with: None,
                    called: None,
                    next: Say::Next,
                };
                ui.ask(room, &self.ask, &asking);
            }
            State::Sending(_) => ui.waiting(Say::InvitationSending, lobby.slow),
            State::Trouble(_) => ui.trouble(lobby.settings.service_phone.as_deref()),
            State::Received { number, host, state } => received(ui, *number, host, state),
            State::Refused(why) => self.refused(ui, lobby, *why),
        }
    }
}
