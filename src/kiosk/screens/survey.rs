//! 满意度调查 (R289): one question a screen, one touch each, at last a wish for whoever has one. No name and no unit are asked for,
//! and nothing of it is in the outline. It takes less than a minute.

use super::faces::{Faces, stars};
use super::{Entry, Flow, Lobby, PageName, Shelf, Turn};
use crate::desk::{Answer, Command, Refusal};
use crate::kiosk::Survey;
use crate::kiosk::ask::{Ask, Asking};
use crate::kiosk::form::{Answers, End};
use crate::kiosk::icons::Icon;
use crate::kiosk::language::Language;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::{Say, Words};
use crate::kiosk::ui::Ui;
use crate::service::campaign::{MAX_QUESTIONS, Step};
use crate::service::case::{self, Objection};
use crate::service::contact::Text;
use crate::service::matter::MatterStep;
use crate::service::repair::Stars;
use crate::service::staff::Actor;

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Services,
    id: "services.survey",
    icon: Icon::Satisfied,
    word: Say::SurveyEntry,
    hint: Say::SurveyEntryHint,
    offered: |lobby| lobby.survey.is_some(),
    begin: |_| Box::new(Answering::default()),
};

/// The stable names of the questions, by their place.
const PAGES: [&str; MAX_QUESTIONS] = ["1", "2", "3", "4", "5", "6", "7", "8"];

const WISH: Asking = Asking {
    question: Say::SurveyWishQuestion,
    label: Say::DetailLabel,
    hint: Say::SurveyWishHint,
    privacy: None,
    beside: None,
    with: None,
    called: None,
    next: Say::SurveySubmit,
};

static THANKS: End = end(Say::SurveyThanks, Say::SurveyThanksNow, Icon::Done);
/// Others have answered as often as the glass counts within an hour.
static LATER: End = end(Say::SurveyLater, Say::SurveyLaterNow, Icon::Soon);
static OVER: End = end(Say::SurveyOver, Say::SurveyOverNow, Icon::Soon);

const fn end(title: Say, keep: Say, icon: Icon) -> End {
    End { title, now: |_: &Answers, _: &Words| String::new(), keep, icon }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Page {
    #[default]
    Question,
    Wish,
    Sending,
    Trouble,
    Thanks,
    Later,
    /// It has ended meanwhile.
    Over,
}

#[derive(Default)]
struct Answering {
    page: Page,
    /// As it ran when somebody began to answer.
    survey: Option<Survey>,
    stars: Vec<Stars>,
    wish: Option<Ask>,
}

impl Answering {
    fn choose(&mut self, nth: u8, language: Language) {
        self.stars.extend(stars(nth));
        if self.survey.as_ref().is_some_and(|survey| self.stars.len() >= survey.questions.len()) {
            self.wish.get_or_insert_with(|| Ask::detail(language));
            self.page = Page::Wish;
        }
    }

    fn back(&mut self) -> Turn {
        self.page = Page::Question;
        if self.stars.pop().is_none() { Turn::Leave } else { Turn::Stay }
    }

    fn send(&mut self) -> Turn {
        let wish = match self.wish.as_mut().map_or(Ok(None), Ask::as_text) {
            Ok(wish) => wish,
            Err(again) => {
                self.wish.iter_mut().for_each(|ask| ask.note(again));
                self.page = Page::Wish;
                return Turn::Stay;
            }
        };
        match &self.survey {
            Some(survey) => {
                self.page = Page::Sending;
                Turn::Submit(command(survey, &self.stars, wish))
            }
            None => Turn::Leave,
        }
    }
}

fn command(survey: &Survey, stars: &[Stars], wish: Option<Text>) -> Command {
    let codes = survey.questions.iter().map(|question| question.code.clone());
    let answer = Step::Answer { stars: codes.zip(stars.iter().copied()).collect(), wish };
    let step = case::Step::Matter(MatterStep::Campaign(answer));
    Command::Move { number: survey.number, step, seen: None, by: Actor::GUEST }
}

impl Flow for Answering {
    fn page(&self) -> PageName {
        let page = match self.page {
            Page::Question => PAGES[self.stars.len().min(MAX_QUESTIONS - 1)],
            Page::Wish => "wish",
            Page::Sending => "sending",
            Page::Trouble => "trouble",
            Page::Thanks => "thanks",
            Page::Later => "later",
            Page::Over => "over",
        };
        PageName("survey", page)
    }

    fn entered(&mut self, lobby: &Lobby) {
        self.survey = lobby.survey.cloned();
        self.page = match (&self.survey, lobby.asks_survey()) {
            (None, _) => Page::Over,
            (Some(_), false) => Page::Later,
            (Some(_), true) => Page::Question,
        };
    }

    fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        match (self.page, press) {
            (Page::Question, Press::Choose(nth)) => self.choose(nth, lobby.language),
            (Page::Question | Page::Wish, Press::Back) => return self.back(),
            (Page::Wish, Press::Key(key)) => self.wish.iter_mut().for_each(|ask| ask.key(key)),
            (Page::Wish, Press::Next) | (Page::Trouble, Press::Retry) => return self.send(),
            (Page::Trouble, Press::Back) => self.page = Page::Wish,
            _ => {}
        }
        Turn::Stay
    }

    fn answered(&mut self, answer: Result<Answer, Refusal>) {
        self.page = match answer {
            Ok(Answer::Moved { .. }) => Page::Thanks,
            Ok(Answer::Objected(Objection::TooSoon)) => Page::Later,
            Ok(Answer::Objected(_)) => Page::Over,
            _ => Page::Trouble,
        };
        if self.is_done() {
            self.stars.clear();
            self.wish = None;
        }
    }

    fn speak(&mut self, language: Language) {
        self.wish.iter_mut().for_each(|ask| ask.speak(language));
    }

    fn is_done(&self) -> bool {
        matches!(self.page, Page::Thanks | Page::Later | Page::Over)
    }

    fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        let Some(survey) = &self.survey else { return ui.over(&OVER, &ui.say(OVER.keep)) };
        // The wish is a step, too.
        let step = |n: usize| (n as u8 + 1, survey.questions.len() as u8 + 1);
        match (self.page, &self.wish) {
            (Page::Question, _) => {
                let n = self.stars.len().min(survey.questions.len() - 1);
                let question = survey.questions[n].words(lobby.language.tag());
                let (back, note) = match n {
                    0 => (Say::Leave, Some((Icon::Private, Say::SurveyNote))),
                    _ => (Say::Back, None),
                };
                ui.faces(&Faces { question, back, step: step(n), note });
            }
            (Page::Wish, Some(ask)) => {
                let step = Some(step(survey.questions.len()));
                let room = ui.around(Around { back: Some(Say::Back), step, switches: true });
                ui.ask(room, ask, &WISH);
            }
            (Page::Sending, _) => ui.waiting(Say::SurveySending, lobby.slow),
            (Page::Thanks, _) => ui.over(&THANKS, &ui.say(THANKS.keep)),
            (Page::Later, _) => ui.over(&LATER, &ui.say(LATER.keep)),
            (Page::Over, _) => ui.over(&OVER, &ui.say(OVER.keep)),
            (Page::Trouble | Page::Wish, _) => ui.trouble(lobby.settings.service_phone.as_deref()),
        }
    }
}

/// Which page it is, and nothing of what was said.
impl std::fmt::Debug for Answering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answering({:?})", self.page)
    }
}
