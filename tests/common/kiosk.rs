//! The glass with a real desk behind it and no board: a person who touches what the outline names and reads what the page
//! says. Time is the test's; nothing sleeps. Include `common/clockwork.rs` as `clockwork` beside it.
#![allow(dead_code, reason = "each test binary uses a part of this")]

use super::clockwork::{Machine, Open};
use chrono::TimeDelta;
use embedded_graphics::prelude::Size;
use embedded_graphics::primitives::Rectangle;
use lobbyd::board::{Outline, Part, Touch};
use lobbyd::event::Now;
use lobbyd::journal::Reader;
use lobbyd::kiosk::{App, Effect, Input, Language, Metrics, Moment, News, Scan, Survey, samples};
use lobbyd::service::gathering::Announced;
use lobbyd::service::house::House;
use lobbyd::service::number::Series;
use std::time::Duration;

/// A person needs so long to see that the page has changed: longer than the kiosk drops second taps for.
const REACTION: TimeDelta = TimeDelta::milliseconds(400);
/// How long a finger rests on the glass.
const CONTACT: Duration = Duration::from_millis(80);

pub struct Glass<'a> {
    app: App,
    desk: &'a Open,
    at: Duration,
}

impl<'a> Glass<'a> {
    /// The official 7″ display of the house of the samples, at its home page.
    pub fn before(desk: &'a Open) -> Self {
        let metrics = Metrics::new(Size::new(800, 480), 133);
        let moment = moment(&desk.machine, Duration::ZERO);
        let mut app = App::new(samples::settings(Language::Chinese), metrics, moment);
        app.draw();
        Glass { app, desk, at: Duration::ZERO }
    }

    pub fn page(&self) -> String {
        self.outline().screen
    }

    pub fn outline(&self) -> Outline {
        self.app.scene().outline()
    }

    pub fn has(&self, id: &str) -> bool {
        self.find(id).is_some()
    }

    fn find(&self, id: &str) -> Option<Part> {
        self.outline().parts.into_iter().find(|part| part.id == id)
    }

    fn part(&self, id: &str) -> Part {
        self.find(id).unwrap_or_else(|| panic!("no {id} on {}: {:?}", self.page(), self.ids()))
    }

    /// The words of the first part with this name.
    pub fn says(&self, id: &str) -> String {
        self.part(id).label
    }

    /// Where the first part with this name is.
    pub fn place(&self, id: &str) -> Rectangle {
        self.part(id).place
    }

    /// Everything that the outline says.
    pub fn words(&self) -> String {
        self.outline().parts.into_iter().map(|part| part.label).collect::<Vec<_>>().join("\n")
    }

    fn ids(&self) -> Vec<String> {
        self.outline().parts.into_iter().map(|part| part.id).collect()
    }

    /// Touches what this names in its middle; what the flow submits goes through the desk and its answer back.
    pub fn press(&mut self, id: &str) {
        self.wait(REACTION);
        let at = self.place(id).center();
        let mut effects = self.app.touch(Touch::Down(at), self.at, moment(&self.desk.machine, self.at));
        self.at += CONTACT;
        effects.extend(self.app.touch(Touch::Up(at), self.at, moment(&self.desk.machine, self.at)));
        self.carry(effects);
    }

    /// What the daemon tells the glass every few seconds: which survey runs.
    pub fn hears_of_surveys(&mut self, house: &House) {
        let open = Reader::open(&self.desk.dir).unwrap().open_cases_of(Series::Survey).unwrap();
        let survey = open.iter().find_map(|row| Survey::of(&row.case, house)).map(Box::new);
        self.app.update(Input::Survey(survey), moment(&self.desk.machine, self.at));
        self.app.draw();
    }

    /// The glass hears how the case stands that somebody waits for.
    pub fn hear(&mut self) {
        let number = self.app.watches().expect("somebody waits");
        let news = News::of(&self.desk.case(number).case);
        self.app.update(Input::News(news), moment(&self.desk.machine, self.at));
        self.app.draw();
    }

    /// Holds a code before the scanner.
    pub fn show(&mut self, text: &str) {
        if let Some(scan) = Scan::new(text) {
            let effects = self.app.update(Input::Scanned(scan), moment(&self.desk.machine, self.at));
            self.carry(effects);
        }
    }

    /// Tells the glass what people may sign up for, as the daemon does when the journal has grown.
    pub fn announce(&mut self) {
        let rows = Reader::open(&self.desk.dir).unwrap().open_cases_of(Series::Gathering).unwrap();
        let mut planned: Vec<_> = rows.iter().filter_map(|row| Announced::of(&row.case, &row.person)).collect();
        planned.sort_by_key(|about| about.at);
        self.app.update(Input::Gatherings(planned), moment(&self.desk.machine, self.at));
        self.app.draw();
    }

    fn carry(&mut self, effects: Vec<Effect>) {
        self.app.draw();
        for Effect::Submit { ticket, command } in effects {
            let answer = self.desk.ask(*command);
            self.app.update(Input::Answered { ticket, answer }, moment(&self.desk.machine, self.at));
            self.app.draw();
        }
    }

    /// One key after the other.
    pub fn keys(&mut self, text: &str) {
        for c in text.chars() {
            self.press(&format!("key.{c}"));
        }
    }

    pub fn wait(&mut self, time: TimeDelta) {
        self.desk.machine.run(time);
        self.at += time.to_std().expect("time goes forward");
        let effects = self.app.update(Input::Tick, moment(&self.desk.machine, self.at));
        self.carry(effects);
    }
}

fn moment(machine: &Machine, at: Duration) -> Moment {
    Moment { now: Now { utc: machine.wall(), synced: true }, at }
}
