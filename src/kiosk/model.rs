//! Everything that the glass knows, and what each input makes of it. No I/O, no clock: time comes in with the input. What
//! a person typed lives in the flow and goes with it: at the end, on idle, on going home.

use super::input::SETTLE;
use super::language::Language;
use super::paper::Slip;
use super::press::Press;
use super::scan::{self, Scan};
use super::screens::call::Call;
use super::screens::emergency::{Emergency, FAILED_FOR, RETRY};
use super::screens::help::Help;
use super::screens::{Door, Flow, Lobby, PageName, Turn};
use super::surroundings::{STILL, Tone};
use super::theme::Sight;
use super::{Alarm, News, Settings, Survey};
use crate::desk::{Answer, Command, Refusal};
use crate::event::Now;
use crate::service::contact::Unit;
use crate::service::gathering::Announced;
use crate::service::knowledge::PublicHandbook;
use crate::service::number::Number;
use chrono::NaiveDateTime;
use std::collections::BTreeSet;
use std::time::Duration;

/// A command that has had no answer for so long counts as not written: the visitor is offered another way. A commit takes
/// milliseconds, and a worn SD card seconds; an answer that still comes is taken.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Who waits longer than this is told that it goes on, and who else can help.
pub const SLOW: Duration = Duration::from_secs(2);

/// A page on which somebody waits for another person stays so long without a touch or news: one call to the host and one to
/// the butler take about two minutes, and the next visitor can touch "no, thank you" at any time.
pub const WATCHED: Duration = Duration::from_secs(180);

/// Who asks for a person again within this time sees the same number: a child at the button is one call.
pub const SAME_CALL: Duration = Duration::from_secs(60);

/// Two clocks: the gateway's, and one that only goes forward, by which waiting is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub now: Now,
    /// Since the kiosk started.
    pub at: Duration,
}

#[derive(Debug)]
pub enum Input {
    Tick,
    /// A finger came down somewhere: somebody is here.
    Touched,
    Click {
        press: Press,
        /// Where the click before it was, too.
        same_place: bool,
    },
    Answered {
        ticket: u64,
        answer: Result<Answer, Refusal>,
    },
    /// The building's directory, where it is known.
    Units(BTreeSet<Unit>),
    /// Notices and handbook, as far as they are public (R140).
    Handbook(PublicHandbook),
    /// What people may sign up for, the next first.
    Gatherings(Vec<Announced>),
    /// How the case stands that [`Model::watches`].
    News(News),
    /// The survey that runs now (R289).
    Survey(Option<Box<Survey>>),
    Alarm(Option<Alarm>),
    /// The scanner has read something.
    Scanned(Scan),
    /// The sensor sees somebody before the glass, or nobody any more (R182).
    Near(bool),
}

#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Hand this to the desk; its answer comes back under this ticket.
    Submit { ticket: u64, command: Box<Command> },
}

/// A command on its way.
#[derive(Debug, Clone, Copy)]
struct Pending {
    ticket: u64,
    since: Duration,
    whose: Whose,
    given_up: bool,
}

/// Who waits for an answer: each has at most one command on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Flow,
    Help,
    Emergency,
}

/// What lies on top.
pub enum Shown<'a> {
    Idle,
    Languages,
    Call(&'a Call),
    Flow,
}

#[derive(Debug)]
pub struct Model {
    settings: Settings,
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
    turned: Option<Duration>,
    scanned: Option<Duration>,
    pending: Vec<Pending>,
    tickets: u64,
    /// This person has tried a code: the desk hears when the next one comes.
    tried: bool,
    wiped: bool,
    /// What was stored last, for the printer.
    slip: Option<Slip>,
    /// When the alarm was last raised, or refused.
    raised_at: Duration,
    helped: Option<(Duration, Number)>,
    units: Option<BTreeSet<Unit>>,
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
            pending: Vec::new(),
            tickets: 0,
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
        let slow = |pending: &Pending| {
            pending.whose == on_top && !pending.given_up && self.moment.at.saturating_sub(pending.since) >= SLOW
        };
        Lobby {
            settings: &self.settings,
            language: self.language,
            local: self.local(),
            units: self.units.as_ref(),
            handbook: &self.handbook,
            survey: self.survey.as_deref(),
            gatherings: &self.gatherings,
            alarm: self.alarm,
            slow: self.pending.iter().any(slow),
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

    /// Seconds until an unanswered idle question wipes.
    pub fn seconds_left(&self) -> u64 {
        let until = self.asked.unwrap_or(self.moment.at) + self.settings.warn;
        until.saturating_sub(self.moment.at).as_millis().div_ceil(1000) as u64
    }

    pub fn update(&mut self, input: Input, moment: Moment) -> Vec<Effect> {
        self.moment = moment;
        let page = self.page();
        if matches!(input, Input::Touched | Input::Click { .. } | Input::Scanned(_) | Input::Near(_)) {
            self.seen = moment.at;
        }
        let mut effects = match input {
            Input::Tick => self.tick(),
            Input::Touched => {
                self.touched = moment.at;
                Vec::new()
            }
            Input::Click { press, same_place } => self.click(press, same_place),
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

    /// A command whose answer nobody waits for gets a ticket like any other.
    fn effect(&mut self, command: Command) -> Effect {
        self.tickets += 1;
        Effect::Submit { ticket: self.tickets, command: Box::new(command) }
    }

    fn click(&mut self, press: Press, same_place: bool) -> Vec<Effect> {
        let at = self.moment.at;
        let settling = self.turned.is_some_and(|turned| at.saturating_sub(turned) < SETTLE);
        if settling && same_place {
            return Vec::new();
        }
        self.touched = at;
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
        let flood = self.scanned.is_some_and(|scanned| at.saturating_sub(scanned) < scan::PAUSE);
        if flood || !matches!(self.shown(), Shown::Flow) {
            return Vec::new();
        }
        (self.scanned, self.touched) = (Some(at), at);
        let flow = self.flow.as_ref().map(|(_, flow)| flow);
        let asked_for = flow.is_some_and(|flow| flow.takes(scan));
        let at_the_door = flow.is_none_or(|flow| flow.is_done() || flow.is_untouched());
        if let Some(door) = Door::of_scan(scan).filter(|_| at_the_door && !asked_for) {
            self.open(door);
        }
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

    fn press_call(&mut self, press: Press) -> Vec<Effect> {
        let Some(mut call) = self.call.take() else { return Vec::new() };
        let turn = call.press(press, &self.lobby());
        let whose = if call.is_emergency() { Whose::Emergency } else { Whose::Help };
        match turn {
            Turn::Leave => {
                self.leave(call);
                Vec::new()
            }
            Turn::Stay | Turn::Open(_) => {
                self.call = Some(call);
                Vec::new()
            }
            Turn::Submit(command) => {
                self.call = Some(call);
                self.submit(command, whose)
            }
        }
    }

    /// Back to the page below; below help there may be an emergency.
    fn leave(&mut self, call: Call) {
        match call {
            Call::Emergency(mut emergency) => {
                emergency.leave();
                self.raised = emergency.goes_on().then_some(emergency);
            }
            Call::Help(_) => {
                let unfinished = |emergency: &mut Box<Emergency>| emergency.is_unfinished() || emergency.has_failed();
                self.call = self.raised.take_if(unfinished).map(Call::Emergency);
            }
        }
    }

    fn ask_for_person(&mut self) -> Vec<Effect> {
        self.asked = None;
        self.choosing = false;
        if matches!(&self.call, Some(Call::Help(help)) if help.is_sending()) {
            return Vec::new();
        }
        if let Some(Call::Emergency(emergency)) = self.call.take() {
            self.raised = Some(emergency);
        }
        let recent = self.helped.filter(|(at, _)| self.moment.at.saturating_sub(*at) < SAME_CALL);
        if let Some((_, number)) = recent {
            self.call = Some(Call::Help(Help::told(number)));
            return Vec::new();
        }
        let (help, turn) = Help::ask(self.language);
        self.call = Some(Call::Help(help));
        match turn {
            Turn::Submit(command) => self.submit(command, Whose::Help),
            Turn::Stay | Turn::Leave | Turn::Open(_) => Vec::new(),
        }
    }

    /// The first touch already calls. Another one in the same session is the same case.
    fn raise_alarm(&mut self) -> Vec<Effect> {
        self.asked = None;
        self.choosing = false;
        if self.call.as_ref().is_some_and(Call::is_emergency) {
            return Vec::new();
        }
        if let Some(mut emergency) = self.raised.take().filter(|emergency| emergency.goes_on()) {
            emergency.again();
            self.call = Some(Call::Emergency(emergency));
            return Vec::new();
        }
        self.sound(Tone::Emergency);
        let (emergency, turn) = Emergency::raise(self.language);
        self.call = Some(Call::Emergency(Box::new(emergency)));
        match turn {
            Turn::Submit(command) => self.submit(command, Whose::Emergency),
            Turn::Stay | Turn::Leave | Turn::Open(_) => Vec::new(),
        }
    }

    fn emergency(&mut self) -> Option<&mut Emergency> {
        match &mut self.call {
            Some(Call::Emergency(emergency)) => Some(emergency),
            _ => self.raised.as_deref_mut(),
        }
    }

    fn submit(&mut self, command: Command, whose: Whose) -> Vec<Effect> {
        self.tried |= command.tries_code();
        let effect = self.effect(command);
        // One under way for each: an older one has been given up.
        self.pending.retain(|pending| pending.whose != whose);
        if whose == Whose::Emergency {
            self.raised_at = self.moment.at;
        }
        self.pending.push(Pending { ticket: self.tickets, since: self.moment.at, whose, given_up: false });
        vec![effect]
    }

    fn answered(&mut self, ticket: u64, answer: Result<Answer, Refusal>) -> Vec<Effect> {
        let Some(n) = self.pending.iter().position(|pending| pending.ticket == ticket) else { return Vec::new() };
        let pending = self.pending.swap_remove(n);
        let had_paper = self.paper().is_some();
        self.tell(pending.whose, answer);
        if !had_paper {
            self.slip = self.paper().or(self.slip.take());
        }
        if pending.whose == Whose::Emergency && self.has_failed() {
            self.raised_at = self.moment.at;
        }
        if !self.failed_again(pending.whose) {
            // Who waited has the whole time to read.
            self.touched = self.moment.at;
        }
        match self.emergency().and_then(Emergency::onward) {
            Some(command) => self.submit(command, Whose::Emergency),
            None => Vec::new(),
        }
    }

    fn tell(&mut self, whose: Whose, answer: Result<Answer, Refusal>) {
        if answer.as_ref().is_ok_and(Answer::is_taken_down) {
            self.sound(Tone::Received);
        }
        match whose {
            Whose::Flow => {
                if let Some((_, flow)) = &mut self.flow {
                    flow.answered(answer);
                }
            }
            Whose::Help => {
                if let Some(Call::Help(help)) = &mut self.call {
                    help.answered(answer);
                    self.helped = help.number().map(|number| (self.moment.at, number)).or(self.helped);
                }
            }
            Whose::Emergency => {
                if let Some(emergency) = self.emergency() {
                    emergency.answered(answer);
                }
            }
        }
    }

    fn paper(&self) -> Option<Slip> {
        let (number, sheet) = self.flow.as_ref()?.1.paper()?;
        let at = self.moment.now.synced.then(|| self.local());
        Some(Slip { number, sheet: sheet.clone(), language: self.language, at })
    }

    /// The slip that is due: it was stored, and not taken yet.
    pub fn take_slip(&mut self) -> Option<Slip> {
        self.slip.take()
    }

    /// How loud the page is to be read now; `None` while nobody wants to hear it.
    pub fn loudness(&self) -> Option<u8> {
        self.settings.voice.filter(|_| self.aloud)
    }

    /// The case that the person at the glass waits for: what lies on top decides.
    pub fn watches(&self) -> Option<Number> {
        match (&self.call, &self.flow) {
            (Some(call), _) => call.watches(),
            (None, Some((_, flow))) => flow.watches(),
            (None, None) => None,
        }
    }

    fn hear(&mut self, news: &News) {
        if self.watches() != Some(news.number) {
            return;
        }
        match (&mut self.call, &mut self.flow) {
            (Some(call), _) => call.heard(news),
            (None, Some((_, flow))) => flow.heard(news),
            (None, None) => {}
        }
        // Who waited has the whole time to read.
        self.touched = self.moment.at;
    }

    fn has_failed(&self) -> bool {
        self.on_alarm().is_some_and(Emergency::has_failed)
    }

    /// What the glass tries by itself keeps it from nobody.
    fn failed_again(&self, whose: Whose) -> bool {
        whose == Whose::Emergency && self.has_failed() && self.idle_for() >= RETRY
    }

    fn on_alarm(&self) -> Option<&Emergency> {
        match &self.call {
            Some(Call::Emergency(emergency)) => Some(emergency),
            _ => self.raised.as_deref(),
        }
    }

    /// Raises an alarm again that was refused, never while the desk may still take the one before: that would be two.
    fn raise_again(&mut self) -> Vec<Effect> {
        let under_way = self.pending.iter().any(|pending| pending.whose == Whose::Emergency);
        if under_way || self.moment.at.saturating_sub(self.raised_at) < RETRY {
            return Vec::new();
        }
        let command = self.on_alarm().and_then(|emergency| emergency.retry(self.language));
        command.map_or_else(Vec::new, |command| self.submit(command, Whose::Emergency))
    }

    fn tick(&mut self) -> Vec<Effect> {
        let at = self.moment.at;
        let late = |pending: &&mut Pending| !pending.given_up && at.saturating_sub(pending.since) >= ANSWER_WITHIN;
        let overdue: Vec<Whose> = self
            .pending
            .iter_mut()
            .filter(late)
            .map(|pending| {
                pending.given_up = true;
                pending.whose
            })
            .collect();
        for whose in overdue {
            self.tell(whose, Err(Refusal::Busy));
            if !self.failed_again(whose) {
                self.touched = at;
            }
        }
        if self.asked.is_some_and(|asked| at.saturating_sub(asked) >= self.settings.warn) {
            self.end_session();
        }
        if self.idle_for() >= self.settings.idle && self.asked.is_none() {
            self.idle();
        }
        self.raise_again()
    }

    fn idle_for(&self) -> Duration {
        self.moment.at.saturating_sub(self.touched)
    }

    fn waits(&self) -> bool {
        self.pending.iter().any(|pending| !pending.given_up)
    }

    fn idle(&mut self) {
        if self.emergency().is_some_and(|emergency| emergency.is_unfinished()) {
            // It stays on the glass for ever; what lies below it does not.
            if self.idle_for() >= self.settings.idle + self.settings.warn && self.flow.is_some() {
                self.go_home();
            }
        } else if self.has_failed() {
            // It is read, not asked about; then it gives way.
            if self.idle_for() >= FAILED_FOR {
                self.end_session();
            }
        } else if self.waits() {
            // Somebody is waiting for an answer.
        } else if self.watches().is_some() && self.idle_for() < WATCHED {
            // Somebody sits and waits for the host.
        } else if self.is_done() {
            self.end_session();
        } else {
            self.asked = Some(self.moment.at);
            self.sound(Tone::MoreTime);
        }
    }

    /// Of two at once the weightier is heard.
    fn sound(&mut self, tone: Tone) {
        self.tone = self.tone.max(Some(tone));
    }

    pub fn take_tone(&mut self) -> Option<Tone> {
        self.tone.take()
    }

    /// How long nobody has been here; none as long as somebody may still rest.
    pub fn alone_for(&self) -> Option<Duration> {
        let past = |since: Duration| self.moment.at.saturating_sub(since);
        let seen = self.near.is_some_and(|since| past(since) < STILL);
        Some(past(self.seen)).filter(|past| !seen && *past >= self.settings.idle)
    }

    /// Drops the flow and with it everything that was typed.
    fn go_home(&mut self) {
        self.flow = None;
        self.pending.retain(|pending| pending.whose != Whose::Flow);
    }

    /// Home, as for the next person.
    fn end_session(&mut self) {
        self.go_home();
        self.pending.clear();
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
            pending,
            helped,
            tried,
            slip,
            ..
        } = self;
        let Model {
            wiped: _,
            scanned: _,
            moment: _,
            touched: _,
            seen: _,
            near: _,
            tone: _,
            turned: _,
            tickets: _,
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
            && pending.is_empty()
    }

    /// When time alone will change something, on the clock of [`Moment::at`].
    pub fn wake(&self) -> Duration {
        let next_minute =
            Duration::from_millis(60_000 - self.moment.now.utc.timestamp_millis().rem_euclid(60_000) as u64);
        let mut wake = self.moment.at + next_minute;
        // What should have happened and has nothing to do yet (an emergency that stays) is looked at each second, not for ever.
        let soonest = self.moment.at + Duration::from_secs(1);
        let mut sooner = |at: Duration| wake = wake.min(if at > self.moment.at { at } else { soonest });
        if self.asked.is_some() {
            sooner(self.moment.at + Duration::from_secs(1));
        } else if self.watches().is_some() && self.idle_for() < WATCHED {
            sooner(self.touched + WATCHED.max(self.settings.idle));
        } else if self.idle_for() < self.settings.idle {
            sooner(self.touched + self.settings.idle);
        } else {
            sooner(self.touched + self.settings.idle + self.settings.warn);
        }
        for lonely in [Some(self.seen + self.settings.idle), self.near.map(|since| since + STILL)].into_iter().flatten()
        {
            if self.moment.at < lonely {
                sooner(lonely);
            }
        }
        if self.has_failed() {
            sooner(self.raised_at + RETRY);
            sooner(self.touched + FAILED_FOR.max(self.settings.idle));
        }
        for pending in self.pending.iter().filter(|pending| !pending.given_up) {
            let waited = self.moment.at.saturating_sub(pending.since);
            sooner(pending.since + if waited < SLOW { SLOW } else { ANSWER_WITHIN });
        }
        wake.max(self.moment.at)
    }
}
