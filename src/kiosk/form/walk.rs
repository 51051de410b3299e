//! The way through a form: the next question that is still open, back to the one before, and off to the desk once. It
//! never sends what a field would ask again.

use super::answers::Said;
use super::{Answers, End, Field, How, Plan, Question};
use crate::kiosk::ask::Ask;
use crate::kiosk::language::Language;
use crate::kiosk::paper::Sheet;
use crate::kiosk::press::Press;
use crate::kiosk::screens::message::Message;
use crate::kiosk::screens::{Flow, Lobby, Turn};
use crate::kiosk::strings::Say;
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
    pub(super) wanted: Option<usize>,
    /// What the last page says since the case has gone on.
    pub(super) live: Option<&'static End>,
    /// The slip of what was asked for; its code is shown at the end instead of the number.
    pub(super) sheet: Option<Sheet>,
    /// A visitor whose host is not there may leave a message (R170).
    pub(super) takes_messages: bool,
    pub(super) message: Option<Box<Message>>,
    pub(super) language: Language,
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
    pub(super) fn on_the_way(&self, n: usize) -> bool {
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

    pub(super) fn turn_to(&mut self, n: usize) {
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

    pub(super) fn press_question(&mut self, n: usize, press: Press, lobby: &Lobby) -> Turn {
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

    /// For the next person.
    pub(super) fn begin_again(&mut self) {
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

/// The plan's name and where one is; never what was said.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Form({}, {:?}, {:?})", self.plan.name, self.state, self.answers)
    }
}
