//! Everything that the glass knows, and what each input makes of it. No I/O, no clock: time comes in with the input. What
//! a person typed lives in the flow and goes with it: at the end, on idle, on going home.
//!
//! Here: what is known, which room an input goes to, the flow, and the wipe. `answers`: what goes to the desk and what comes
//! back. `calls`: help and emergency, which lie over everything. `waiting`: what time alone does.

mod answers;
mod calls;
pub mod errands;
mod input;
pub mod waiting;

use errands::{Errands, Whose};
pub use input::{Effect, Input, Moment};

use super::language::Language;
use super::paper::Slip;
use super::press::Press;
use super::scan::{self, Scan};
use super::screens::call::Call;
use super::screens::emergency::Emergency;
use super::screens::{Door, Flow, Lobby, PageName, Turn};
use super::surroundings::Tone;
use super::theme::Sight;
use super::{Alarm, Settings, Survey};
use crate::desk::Command;
use crate::service::directory::Units;
use crate::service::gathering::Announced;
use crate::service::knowledge::PublicHandbook;
use crate::service::number::Number;
use chrono::NaiveDateTime;
use std::sync::Arc;
use std::time::Duration;

/// What lies on top.
pub enum Shown<'a> {
    Idle,
    Languages,
    Call(&'a Call),
    Flow,
}

#[derive(Debug)]
pub struct Model {
    pub(in crate::kiosk) settings: Settings,
    pub language: Language,
    pub sight: Sight,
    /// The questions are read aloud.
    pub aloud: bool,
    /// The flow and the door it was opened by; none at home.
    pub flow: Option<(Door, Box<dyn Flow>)>,
    /// The languages lie over everything else.
    choosing: bool,
    pub call: Option<Call>,
    /// An emergency that somebody has left, or that help lies over: another press on its button is the same case.
    raised: Option<Box<Emergency>>,
    /// Since when the idle question has been on the glass.
    pub asked: Option<Duration>,
    pub moment: Moment,
    touched: Duration,
    /// When anybody was last here: a finger, a reading, the sensor. Wiping is no visitor.
    seen: Duration,
    /// Since when the sensor sees somebody.
    near: Option<Duration>,
    /// To be heard, and not told yet.
    tone: Option<Tone>,
    /// When another page came up.
    pub turned: Option<Duration>,
    scanned: Option<Duration>,
    /// The reading that counted last, and when the reader has seen it last.
    held: Option<(u64, Duration)>,
    errands: Errands,
    /// This person has tried a code: the desk hears when the next one comes.
    tried: bool,
    wiped: bool,
    /// What was stored last, for the printer.
    slip: Option<Slip>,
    /// When the alarm was last raised, or refused.
    raised_at: Duration,
    helped: Option<(Duration, Number)>,
    units: Option<Arc<Units>>,
    handbook: PublicHandbook,
    survey: Option<Box<Survey>>,
    gatherings: Vec<Announced>,
    alarm: Option<Alarm>,
}

impl Model {
    pub fn new(settings: Settings, moment: Moment) -> Self {
        Model {
            language: settings.language,
            settings,
            sight: Sight::Normal,
            aloud: false,
            flow: None,
            choosing: false,
            call: None,
            raised: None,
            asked: None,
            moment,
            touched: moment.at,
            seen: moment.at,
            near: None,
            tone: None,
            turned: None,
            scanned: None,
            held: None,
            errands: Errands::default(),
            tried: false,
            wiped: false,
            slip: None,
            raised_at: moment.at,
            helped: None,
            units: None,
            handbook: PublicHandbook::default(),
            survey: None,
            gatherings: Vec::new(),
            alarm: None,
        }
    }

    /// The site's wall clock.
    pub fn local(&self) -> NaiveDateTime {
        self.moment.now.utc.with_timezone(&self.settings.zone).naive_local()
    }

    pub fn lobby(&self) -> Lobby<'_> {
        let on_top = match &self.call {
            None => Whose::Flow,
            Some(Call::Help(_)) => Whose::Help,
            Some(Call::Emergency(_)) => Whose::Emergency,
        };
        Lobby {
            settings: &self.settings,
            language: self.language,
            local: self.local(),
            units: self.units.as_deref(),
            handbook: &self.handbook,
            survey: self.survey.as_deref(),
            gatherings: &self.gatherings,
            alarm: self.alarm,
            slow: self.errands.is_slow(on_top, self.moment.at),
        }
    }

    pub fn shown(&self) -> Shown<'_> {
        match &self.call {
            _ if self.asked.is_some() => Shown::Idle,
            _ if self.choosing => Shown::Languages,
            Some(call) => Shown::Call(call),
            None => Shown::Flow,
        }
    }

    /// Nobody is served: the home page shows, and no answer is waited for.
    pub fn is_at_rest(&self) -> bool {
        matches!(self.shown(), Shown::Flow) && self.flow.is_none() && self.errands.are_done()
    }

    /// The stable name of what is on the glass.
    pub fn page(&self) -> PageName {
        match (self.shown(), &self.flow) {
            (Shown::Idle, _) => PageName("idle", ""),
            (Shown::Languages, _) => PageName("languages", ""),
            (Shown::Call(call), _) => call.page(),
            (Shown::Flow, Some((_, flow))) => flow.page(),
            (Shown::Flow, None) => PageName("home", ""),
        }
    }

    pub fn update(&mut self, input: Input, moment: Moment) -> Vec<Effect> {
        self.moment = moment;
        let page = self.page();
        if matches!(input, Input::Touched | Input::Click(_) | Input::Scanned(_) | Input::Near(_)) {
            self.seen = moment.at;
        }
        let mut effects = match input {
            Input::Tick => self.tick(),
            Input::Touched => {
                self.touched = moment.at;
                Vec::new()
            }
            Input::Click(press) => self.click(press),
            Input::Answered { ticket, answer } => self.answered(ticket, answer),
            Input::Units(units) => {
                self.units = Some(units);
                Vec::new()
            }
            Input::News(news) => {
                self.hear(&news);
                Vec::new()
            }
            Input::Handbook(handbook) => {
                self.handbook = handbook;
                Vec::new()
            }
            Input::Survey(survey) => {
                self.survey = survey;
                Vec::new()
            }
            Input::Gatherings(gatherings) => {
                self.gatherings = gatherings;
                Vec::new()
            }
            Input::Alarm(alarm) => {
                self.alarm = alarm;
                Vec::new()
            }
            Input::Scanned(scan) => self.scan(&scan),
            Input::Near(near) => {
                self.near = near.then_some(moment.at);
                Vec::new()
            }
        };
        if self.page() != page {
            self.turned = Some(moment.at);
        }
        if std::mem::take(&mut self.wiped) {
            effects.push(self.effect(Command::NextPerson));
        }
        effects
    }

    fn click(&mut self, press: Press) -> Vec<Effect> {
        self.touched = self.moment.at;
        match press {
            Press::Language => self.choosing = true,
            Press::Speak(language) => self.speak(language),
            Press::Large => self.sight = self.sight.next(),
            Press::Aloud => self.aloud = !self.aloud && self.settings.voice.is_some(),
            Press::Finish => self.end_session(),
            Press::MoreTime => self.asked = None,
            Press::Help => return self.ask_for_person(),
            Press::Emergency => return self.raise_alarm(),
            _ if self.asked.is_some() => {}
            Press::Back if self.choosing => self.choosing = false,
            _ if self.choosing => {}
            _ if self.call.is_some() => return self.press_call(press),
            Press::Open(door) if self.flow.is_none() => self.open(door),
            Press::Open(door @ (Door::Survey | Door::Wechat | Door::Way)) if self.is_done() => self.open(door),
            Press::More if self.is_done() => self.go_home(),
            press => return self.press_flow(press),
        }
        Vec::new()
    }

    fn speak(&mut self, language: Language) {
        self.choosing = false;
        self.language = language;
        if let Some((_, flow)) = &mut self.flow {
            flow.speak(language);
        }
    }

    /// The flow behind this door, where the site has it now.
    fn open(&mut self, door: Door) {
        let entry = door.entry();
        if (entry.offered)(&self.lobby()) {
            self.go_home();
            let mut flow = (entry.begin)(self.language);
            flow.entered(&self.lobby());
            self.flow = Some((door, flow));
        }
    }

    /// Whether a goodbye asks for the survey: not who waits for somebody, not who has just complained, and not twice.
    pub fn offers_survey(&self) -> bool {
        let asked = |(door, flow): &(Door, Box<dyn Flow>)| {
            !matches!(door, Door::Survey | Door::Complaint) && flow.watches().is_none()
        };
        self.lobby().asks_survey() && self.flow.as_ref().is_some_and(asked)
    }

    fn is_done(&self) -> bool {
        self.flow.as_ref().is_none_or(|(_, flow)| flow.is_done())
    }

    /// A reading counts for what lies on the glass, and for nothing below a question or a call. An invitation and a slip are
    /// taken up where nothing would be lost by it.
    fn scan(&mut self, scan: &Scan) -> Vec<Effect> {
        let at = self.moment.at;
        if let Some((mark, seen)) = &mut self.held
            && *mark == scan.mark()
            && at.saturating_sub(std::mem::replace(seen, at)) < scan::HELD
        {
            return Vec::new();
        }
        let flood = self.scanned.is_some_and(|scanned| at.saturating_sub(scanned) < scan::PAUSE);
        if flood || !matches!(self.shown(), Shown::Flow) {
            return Vec::new();
        }
        (self.scanned, self.touched) = (Some(at), at);
        let flow = self.flow.as_ref().map(|(_, flow)| flow);
        let asked_for = flow.is_some_and(|flow| flow.takes(scan));
        let at_the_door = flow.is_none_or(|flow| flow.is_done() || flow.is_untouched());
        let door = Door::of_scan(scan).filter(|_| at_the_door && !asked_for);
        if asked_for || door.is_some() {
            self.held = Some((scan.mark(), at));
        }
        door.into_iter().for_each(|door| self.open(door));
        self.turn_flow(|flow, lobby| flow.scanned(scan, lobby))
    }

    fn press_flow(&mut self, press: Press) -> Vec<Effect> {
        self.turn_flow(|flow, lobby| flow.press(press, lobby))
    }

    fn turn_flow(&mut self, turn: impl FnOnce(&mut dyn Flow, &Lobby) -> Turn) -> Vec<Effect> {
        let Some((door, mut flow)) = self.flow.take() else { return Vec::new() };
        let turn = turn(&mut *flow, &self.lobby());
        self.flow = Some((door, flow));
        match turn {
            Turn::Stay => {}
            Turn::Leave => match door.menu() {
                Some(menu) => self.open(menu),
                None => self.go_home(),
            },
            Turn::Open(door) => self.open(door),
            Turn::Submit(command) => return self.submit(command, Whose::Flow),
        }
        Vec::new()
    }

    /// How loud the page is to be read now; `None` while nobody wants to hear it.
    pub fn loudness(&self) -> Option<u8> {
        self.settings.voice.filter(|_| self.aloud)
    }

    /// Of two at once the weightier is heard.
    fn sound(&mut self, tone: Tone) {
        self.tone = self.tone.max(Some(tone));
    }

    pub fn take_tone(&mut self) -> Option<Tone> {
        self.tone.take()
    }

    /// Drops the flow and with it everything that was typed.
    fn go_home(&mut self) {
        self.flow = None;
        self.errands.forget(Whose::Flow);
    }

    /// Home, as for the next person.
    fn end_session(&mut self) {
        self.go_home();
        self.errands.forget_all();
        self.asked = None;
        self.choosing = false;
        self.call = None;
        self.raised = None;
        self.helped = None;
        self.slip = None;
        self.language = self.settings.language;
        self.sight = Sight::Normal;
        self.aloud = false;
        self.touched = self.moment.at;
        self.wiped |= std::mem::take(&mut self.tried);
    }

    /// Whether nothing of a person is left. It names every field, so that a new one is thought of.
    #[cfg(test)]
    pub fn is_blank(&self) -> bool {
        let Model {
            settings,
            language,
            sight,
            aloud,
            flow,
            choosing,
            call,
            raised,
            asked,
            errands,
            helped,
            tried,
            slip,
            ..
        } = self;
        let Model {
            wiped: _,
            scanned: _,
            held: _,
            moment: _,
            touched: _,
            seen: _,
            near: _,
            tone: _,
            turned: _,
            raised_at: _,
            units: _,
            handbook: _,
            survey: _,
            gatherings: _,
            alarm: _,
            ..
        } = self;
        let as_at_first = *language == settings.language && *sight == Sight::Normal && !*aloud;
        let nobody = flow.is_none() && call.is_none() && raised.is_none();
        as_at_first
            && nobody
            && slip.is_none()
            && asked.is_none()
            && helped.is_none()
            && !*choosing
            && !*tried
            && errands.is_empty()
    }
}
