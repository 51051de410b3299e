//! The way through a form: the next question that is still open, back to the one before, and off to the desk once. It
//! never sends what a field would ask again.

use super::answers::Said;
use super::{Answers, End, Ending, Field, How, Plan, Question};
use crate::desk::{Answer, Refusal};
use crate::kiosk::News;
use crate::kiosk::ask::{Ask, TAIL};
use crate::kiosk::language::Language;
use crate::kiosk::paper::Sheet;
use crate::kiosk::press::Press;
use crate::kiosk::scan::Scan;
use crate::kiosk::screens::message::Message;
use crate::kiosk::screens::{Flow, Lobby, PageName, Turn};
use crate::kiosk::strings::Say;
use crate::kiosk::ui::Ui;
use crate::service::delivery::ParcelCode;
use crate::service::identity::IdentityNumber;
use crate::service::invitation::InvitationCode;
use crate::service::number::Number;
use chrono::{DateTime, Utc};

/// What is chosen where a person agrees, and where he does not.
pub const YES: &str = "yes";
const NO: &str = "no";
/// The second button of a page that asks for consent.
pub(super) const REFUSE: Press = Press::Way(0);

pub struct Form {
    pub(super) plan: &'static Plan,
    pub(super) answers: Answers,
    pub(super) state: State,
    /// The page of its tiles, where there are more than one.
    pub(super) leaf: usize,
    /// The read-back page has been reached: from then on every answer leads back to it.
    checked: bool,
    /// "Next" was touched before anything was chosen: the page says so.
    pub(super) wished: bool,
    /// The desk has asked for this one.
    wanted: Option<usize>,
    /// What the last page says since the case has gone on.
    pub(super) live: Option<&'static End>,
    /// The slip of what was asked for; its code is shown at the end instead of the number.
    pub(super) sheet: Option<Sheet>,
    /// A visitor whose host is not there may leave a message (R170).
    takes_messages: bool,
    pub(super) message: Option<Box<Message>>,
    language: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// At this question.
    Asking(usize),
    Sending,
    Trouble,
    Received(Number),
    /// No code is looked at before this.
    Later(DateTime<Utc>),
    Over,
}

impl Form {
    pub fn new(plan: &'static Plan, language: Language) -> Self {
        Form {
            plan,
            answers: Answers::new(plan, language),
            state: State::Asking(0),
            leaf: 0,
            checked: false,
            wished: false,
            wanted: None,
            live: None,
            sheet: None,
            takes_messages: false,
            message: None,
            language,
        }
    }

    /// [`Entry::begin`](crate::kiosk::screens::Entry::begin) of a visit.
    pub fn begin_visit(plan: &'static Plan, language: Language) -> Box<dyn Flow> {
        Box::new(Form { takes_messages: true, ..Form::new(plan, language) })
    }

    /// [`Entry::begin`](crate::kiosk::screens::Entry::begin) of a form.
    pub fn begin(plan: &'static Plan, language: Language) -> Box<dyn Flow> {
        Box::new(Form::new(plan, language))
    }

    pub(super) fn question(&self, n: usize) -> &'static Question {
        &self.plan.questions[n]
    }

    /// Asked of this person on the way, not only on request.
    fn on_the_way(&self, n: usize) -> bool {
        let question = self.question(n);
        (question.applies)(&self.answers) && (!question.aside || self.wanted == Some(n))
    }

    /// This step and how many there are, in words that people count: name and phone are one.
    pub(super) fn step(&self, at: usize) -> (u8, u8) {
        let counts = |n: &usize| self.on_the_way(*n) && !self.question(*n).same_step;
        let all = (0..self.plan.questions.len()).filter(counts).count();
        let before = (0..=at).filter(counts).count();
        (before.max(1) as u8, all as u8)
    }

    pub(super) fn is_first(&self, at: usize) -> bool {
        !self.checked && !(0..at).any(|n| self.on_the_way(n))
    }

    /// What is typed here goes to the desk at once.
    pub(super) fn is_last(&self, at: usize) -> bool {
        self.check().is_none() && !(at + 1..self.plan.questions.len()).any(|n| self.on_the_way(n))
    }

    /// The other field of the same page.
    pub(super) fn partner(&self, n: usize) -> Option<usize> {
        let other = if self.question(n).joined { n.checked_sub(1)? } else { n + 1 };
        let together = self.question(n).joined || self.plan.questions.get(other).is_some_and(|next| next.joined);
        (together && self.on_the_way(other)).then_some(other)
    }

    fn check(&self) -> Option<usize> {
        self.plan.questions.iter().position(|question| matches!(question.how, How::Check { .. }))
    }

    fn turn_to(&mut self, n: usize) {
        self.state = State::Asking(n);
        (self.leaf, self.wished) = (0, false);
        self.checked |= matches!(self.question(n).how, How::Check { .. });
    }

    pub(super) fn ask_mut(&mut self, n: usize) -> Option<&mut Ask> {
        match self.answers.at_mut(n) {
            Said::Typed(_, ask) => Some(ask),
            Said::Chosen(_) | Said::Nothing => None,
        }
    }

    fn press_question(&mut self, n: usize, press: Press, lobby: &Lobby) -> Turn {
        match (&self.question(n).how, press) {
            (How::Type { .. }, Press::Key(key)) => {
                self.answers.drop_whole_scan();
                if let Some(ask) = self.ask_mut(n) {
                    ask.key(key);
                }
            }
            (How::Type { field: Field::Name, .. }, Press::Title(title)) if self.partner(n).is_some() => {
                if let Some(ask) = self.ask_mut(n) {
                    ask.entitle(title);
                }
            }
            (How::Choose { of, .. }, Press::Choose(tile)) => {
                if let Some(tile) = of(&self.answers, lobby).get(usize::from(tile)) {
                    *self.answers.at_mut(n) = Said::Chosen(vec![tile.id]);
                    return self.onward(n, lobby);
                }
            }
            (How::Prefer { of, most, .. }, Press::Choose(tile)) => {
                if let Some(tile) = of(&self.answers, lobby).get(usize::from(tile))
                    && let Said::Chosen(chosen) = self.answers.at_mut(n)
                {
                    toggle(chosen, tile.id, *most);
                    self.wished = false;
                }
            }
            (How::Agree { .. }, Press::Next) => {
                *self.answers.at_mut(n) = Said::Chosen(vec![YES]);
                return self.onward(n, lobby);
            }
            (How::Agree { no: Some(_), .. }, press) if press == REFUSE => {
                *self.answers.at_mut(n) = Said::Chosen(vec![NO]);
                return self.onward(n, lobby);
            }
            (How::Prefer { ways: Some(ways), .. }, Press::Way(way)) => {
                if let Some(way) = ways.of.get(usize::from(way)) {
                    self.answers.go(ways.id, way.id);
                    return self.onward(n, lobby);
                }
            }
            (How::Type { .. } | How::Prefer { ways: None, .. } | How::Check { .. }, Press::Next) => {
                return self.onward(n, lobby);
            }
            (How::Type { .. }, Press::Edit(other)) if self.partner(n) == Some(usize::from(other)) => {
                self.turn_to(usize::from(other));
            }
            (How::Check { .. }, Press::Edit(row)) => {
                let row = usize::from(row);
                let asked = self.plan.questions.get(row).is_some_and(|question| question.label.is_some());
                if asked && (self.question(row).applies)(&self.answers) {
                    self.turn_to(row);
                }
            }
            (How::Choose { .. } | How::Prefer { .. }, Press::Page) => self.leaf += 1,
            (_, Press::Back) => return self.back(n),
            (_, Press::Open(door)) if self.question(n).beside == Some(door) => return Turn::Open(door),
            _ => {}
        }
        Turn::Stay
    }

    fn back(&mut self, n: usize) -> Turn {
        let check = self.check();
        let page = self.partner(n).map_or(n, |other| other.min(n));
        let before = if self.checked && check != Some(n) {
            check
        } else {
            (0..page).rev().find(|before| self.on_the_way(*before))
        };
        // Who goes back from reading it all walks the way again; and what the desk wanted it may not want again.
        self.checked &= check != Some(n);
        self.wanted = self.wanted.filter(|wanted| *wanted != n);
        match before {
            Some(before) => self.turn_to(before),
            None => return Turn::Leave,
        }
        Turn::Stay
    }

    /// To the next open question, or to the desk.
    fn onward(&mut self, n: usize, lobby: &Lobby) -> Turn {
        // Who went to the second field of a page first is led back to the other one.
        for n in [n].into_iter().chain(self.partner(n).filter(|other| *other < n)) {
            if let Err(wish) = self.clear(n, lobby) {
                self.ask_again(n, wish);
                return Turn::Stay;
            }
        }
        match self.next(n) {
            Some(next) => {
                self.turn_to(next);
                Turn::Stay
            }
            None => self.submit(lobby),
        }
    }

    fn ask_again(&mut self, n: usize, wish: Option<Say>) {
        self.turn_to(n);
        self.wished = true;
        if let (Some(wish), Some(ask)) = (wish, self.ask_mut(n)) {
            ask.note(wish);
        }
    }

    /// The question after this one; `None` where the form is ready to be sent.
    fn next(&self, n: usize) -> Option<usize> {
        let mut all = 0..self.plan.questions.len();
        if !self.checked {
            return all.find(|m| *m > n && self.on_the_way(*m));
        }
        let check = self.check().filter(|check| *check != n)?;
        all.find(|m| self.on_the_way(*m) && !self.answers.at(*m).is_given()).or(Some(check))
    }

    /// Whether this answer can stand; what to ask for again otherwise.
    fn clear(&mut self, n: usize, lobby: &Lobby) -> Result<(), Option<Say>> {
        if self.answers.is_scanned(n) {
            return Ok(());
        }
        match self.answers.at_mut(n) {
            Said::Nothing => Ok(()),
            Said::Chosen(tiles) if tiles.is_empty() => Err(None),
            Said::Chosen(_) => Ok(()),
            Said::Typed(field, ask) => field.clear(ask, lobby).map_err(Some),
        }
    }

    /// The directory may have changed under way, and so may what is offered: everything is looked at once more.
    pub(super) fn submit(&mut self, lobby: &Lobby) -> Turn {
        for n in 0..self.plan.questions.len() {
            if !self.on_the_way(n) {
                continue;
            }
            if let Err(wish) = self.clear(n, lobby) {
                self.ask_again(n, wish);
                return Turn::Stay;
            }
        }
        match (self.plan.command)(&self.answers, lobby) {
            Some(command) => {
                self.sheet = Sheet::of(&command);
                self.state = State::Sending;
                self.answers.send(lobby);
                Turn::Submit(command)
            }
            None => {
                self.turn_to(0);
                Turn::Stay
            }
        }
    }

    fn begin_again(&mut self) {
        let asks_identity = self.answers.asks_identity;
        *self = Form { takes_messages: self.takes_messages, ..Form::new(self.plan, self.language) };
        self.answers.asks_identity = asks_identity;
    }
}

/// A second touch takes it back; beyond the most that are asked for, the last gives way.
fn toggle(chosen: &mut Vec<&'static str>, tile: &'static str, most: usize) {
    if let Some(n) = chosen.iter().position(|each| *each == tile) {
        chosen.remove(n);
        return;
    }
    chosen.truncate(most.saturating_sub(1));
    chosen.push(tile);
}

impl Field {
    /// Whether the field reads as what it is for (R220: the wish asks again and blames nobody).
    fn clear(self, ask: &mut Ask, lobby: &Lobby) -> Result<(), Say> {
        match self {
            Field::Unit => {
                let unit = ask.as_unit()?;
                // The wish never names another unit (R309).
                let unknown = lobby.units.is_some_and(|units| !units.contains(&unit));
                if unknown { Err(Say::UnitUnknown) } else { Ok(()) }
            }
            Field::Name => ask.as_name().map(drop),
            Field::Phone => ask.as_phone().map(drop),
            Field::Leave if [TAIL, InvitationCode::DIGITS].contains(&ask.text().len()) => Ok(()),
            Field::Leave => Err(Say::SignOutDigits),
            Field::Code => ParcelCode::parse(ask.text()).map(drop).map_err(|_| Say::CodeAgain),
            Field::Identity => IdentityNumber::parse(ask.text()).map(drop).ok_or(Say::IdentityAgain),
            Field::Text => ask.as_text()?.map(drop).ok_or(Say::TextAgain),
            Field::TextOrNothing => ask.as_text().map(drop),
        }
    }
}

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

/// The plan's name and where one is; never what was said.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Form({}, {:?}, {:?})", self.plan.name, self.state, self.answers)
    }
}
