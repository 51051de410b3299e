//! What a person would miss: that the glass answers once, wipes, keeps what was typed when the disk fails, and that no
//! tapping child gets anywhere. Played through the whole kiosk without a board.

mod calls;
mod matters;
mod pictures;
mod privacy;
mod touching;
mod visits;

use crate::board::{Role, Touch};
use crate::desk::{Answer, Command, Refusal};
use crate::event::Now;
use crate::kiosk::aloud::Speech;
use crate::kiosk::app::{App, Kit, view};
use crate::kiosk::ask::Title;
use crate::kiosk::input::{Finger, SETTLE};
use crate::kiosk::language::Language;
use crate::kiosk::model::errands::ANSWER_WITHIN;
use crate::kiosk::model::waiting::WATCHED;
use crate::kiosk::model::{Effect, Input, Moment};
use crate::kiosk::news::News;
use crate::kiosk::press::{Key, Press};
use crate::kiosk::samples::{names, reached, settings};
use crate::kiosk::scan::Scan;
use crate::kiosk::scene::{Item, Scene};
use crate::kiosk::screens::Door;
use crate::kiosk::screens::emergency::{FAILED_FOR, RETRY};
use crate::kiosk::theme::{Metrics, Sight};
use crate::service::contact::Name;
use crate::service::matter::Opening;
use crate::service::number::{Number, Series};
use crate::service::repair::Window;
use crate::service::visit::SignedOut;
use chrono::DateTime;
use embedded_graphics::prelude::{Point, Size};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const GLASSES: [(u32, u32, u32); 4] = [(800, 480, 133), (720, 1280, 208), (1280, 720, 208), (1920, 1080, 141)];

fn metrics((width, height, dpi): (u32, u32, u32)) -> Metrics {
    Metrics::new(Size::new(width, height), dpi)
}

/// A person before the kiosk.
struct Person {
    app: App,
    moment: Moment,
}

impl Person {
    fn new() -> Self {
        Person::at(settings(Language::Chinese))
    }

    fn at(settings: super::Settings) -> Self {
        let now = Now { utc: DateTime::from_timestamp(1_795_242_360, 0).unwrap(), synced: true };
        let moment = Moment { now, at: Duration::ZERO };
        let mut app = App::new(settings, metrics(GLASSES[0]), moment);
        app.draw();
        Person { app, moment }
    }

    fn wait(&mut self, time: Duration) {
        self.moment.at += time;
        self.moment.now.utc += chrono::TimeDelta::from_std(time).unwrap();
        self.app.update(Input::Tick, self.moment);
        self.app.draw();
    }

    /// Touches the middle of what does this, as the finger would, on the picture that is on the glass.
    fn touch(&mut self, press: Press) -> Vec<Effect> {
        self.wait(SETTLE);
        self.tap(press)
    }

    fn tap(&mut self, press: Press) -> Vec<Effect> {
        let target = self.app.scene().targets.iter().rev().find(|target| target.press == press);
        let area = target.unwrap_or_else(|| panic!("{press:?} is not on {}", self.app.scene().screen)).area;
        self.tap_at(Point::new(area.x + area.w / 2, area.y + area.h / 2))
    }

    fn tap_at(&mut self, at: Point) -> Vec<Effect> {
        let mut effects = self.app.touch(Touch::Down(at), self.moment.at, self.moment);
        self.app.draw();
        effects.extend(self.app.touch(Touch::Up(at), self.moment.at, self.moment));
        self.app.draw();
        effects
    }

    fn hear(&mut self, series: Series, state: &'static str) {
        let news = News { number: number(series), state, who: Some("陈师傅".into()) };
        self.app.update(Input::News(news), self.moment);
        self.app.draw();
    }

    fn keys(&mut self, text: &str) {
        for c in text.chars() {
            self.touch(Press::Key(Key::Char(c)));
        }
    }

    fn page(&self) -> &str {
        &self.app.scene().screen
    }

    fn answer(&mut self, effects: Vec<Effect>, answer: Result<Answer, Refusal>) {
        let [Effect::Submit { ticket, .. }] = &effects[..] else { panic!("{} commands", effects.len()) };
        self.app.update(Input::Answered { ticket: *ticket, answer }, self.moment);
        self.app.draw();
    }

    /// Everything that the picture says, and everything that the model would print.
    fn everything(&self) -> String {
        format!("{} {:?} {:?}", self.picture(), self.app.model, self.app.scene().outline())
    }

    fn picture(&self) -> String {
        let texts = self.app.scene().items.iter().map(|item| match item {
            Item::Text { text, .. } => text.as_str(),
            _ => "",
        });
        texts.collect()
    }

    fn reach_purpose(&mut self) {
        self.touch(Press::Open(Door::Visit));
        self.keys("3-1203");
        self.touch(Press::Next);
        self.keys("wang");
        self.touch(Press::Key(Key::Candidate(0)));
        self.touch(Press::Next);
        self.keys("13800138000");
        self.touch(Press::Next);
    }
}

fn number(series: Series) -> Number {
    Number { series, day: 20_261_121, nth: 7 }
}

fn signed_in() -> Result<Answer, Refusal> {
    Ok(Answer::Opened { number: number(Series::Visit), reply_by: None })
}
