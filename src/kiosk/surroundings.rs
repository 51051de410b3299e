//! What the hardware around the glass is told: how bright it is wanted, and what is to be heard. It follows the model and
//! decides; lamps and cards are somebody else's.

use super::aloud::NIGHT;
use super::model::Model;
use super::screens::PageName;
use super::theme::{Sight, is_night};
use chrono::Timelike;
use std::time::Duration;

/// Somebody whom the sensor sees for so long without a touch is a flower pot.
pub const STILL: Duration = Duration::from_secs(15 * 60);

/// The picture of an empty lobby moves a step in this time: each step is drawn whole.
const STEP: Duration = Duration::from_secs(600);

/// How bright the glass is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Light {
    /// Nobody is near it.
    pub alone: bool,
    pub night: bool,
}

/// What is to be heard, the weightiest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// The glass asks whether somebody is still here (R235).
    MoreTime,
    /// What somebody brought is recorded.
    Received,
    /// Somebody has just raised an emergency: heard before anything is written.
    Emergency,
}

/// Whatever shines and sounds. It must return at once: the glass does not wait for a lamp.
pub trait Surroundings: Send {
    fn light(&mut self, light: Light);
    /// `share` of the board's loudness in per cent: less by night, nothing while a page is read aloud.
    fn tone(&mut self, tone: Tone, share: u8);
}

/// What was told last.
#[derive(Default)]
pub struct Around {
    light: Option<Light>,
}

impl Around {
    pub fn follow(&mut self, model: &mut Model, surroundings: &mut dyn Surroundings) {
        let light = light(model);
        if self.light.replace(light) != Some(light) {
            surroundings.light(light);
        }
        if let Some(tone) = model.take_tone() {
            let most = if is_night(model.local().hour()) { NIGHT as u8 } else { 100 };
            let share = if model.loudness().is_some() { 0 } else { most };
            surroundings.tone(tone, share);
        }
    }
}

/// While nobody is here the picture wanders by a few pixels: an LCD keeps a shadow of edges that never move.
pub fn rest(model: &Model) -> (i32, i32) {
    const STEPS: [(i32, i32); 9] = [(0, 0), (2, 0), (2, 2), (0, 2), (-2, 2), (-2, 0), (-2, -2), (0, -2), (2, -2)];
    let steps = lonely(model).map_or(0, |time| time.as_secs() / STEP.as_secs());
    STEPS[steps as usize % STEPS.len()]
}

/// For how long nobody has been at the home page.
fn lonely(model: &Model) -> Option<Duration> {
    model.alone_for().filter(|_| model.page() == PageName("home", ""))
}

/// R182: whoever comes near finds it bright. By night it is dimmer, but for an emergency and for whoever asked for more
/// contrast or larger letters.
fn light(model: &Model) -> Light {
    let needs_light = model.sight != Sight::Normal || model.call.as_ref().is_some_and(|call| call.is_emergency());
    Light { alone: lonely(model).is_some(), night: is_night(model.local().hour()) && !needs_light }
}

#[cfg(test)]
mod tests {
    use super::super::app::App;
    use super::super::model::{Input, Moment};
    use super::super::press::Press;
    use super::super::samples::settings;
    use super::super::screens::Door;
    use super::super::{Effect, Language, Metrics};
    use super::*;
    use crate::board::Role;
    use crate::desk::{Answer, Refusal};
    use crate::event::Now;
    use crate::service::number::{Number, Series};
    use chrono::{DateTime, TimeDelta};
    use embedded_graphics::prelude::Size;

    #[derive(Default)]
    struct Told {
        lights: Vec<Light>,
        tones: Vec<(Tone, u8)>,
    }

    impl Surroundings for Told {
        fn light(&mut self, light: Light) {
            self.lights.push(light);
        }

        fn tone(&mut self, tone: Tone, share: u8) {
            self.tones.push((tone, share));
        }
    }

    /// A kiosk in a lobby, and what it has told.
    struct Lobby {
        app: App,
        moment: Moment,
        told: Told,
    }

    impl Lobby {
        /// At this hour of the site, with a voice.
        fn at(hour: i64) -> Self {
            // 2026-11-21, midnight in Shanghai.
            let midnight = DateTime::from_timestamp(1_795_190_400, 0).unwrap();
            let now = Now { utc: midnight + TimeDelta::hours(hour), synced: true };
            let moment = Moment { now, at: Duration::ZERO };
            let settings = super::super::Settings { voice: Some(60), ..settings(Language::Chinese) };
            let app = App::new(settings, Metrics::new(Size::new(800, 480), 133), moment);
            let mut lobby = Lobby { app, moment, told: Told::default() };
            lobby.input(Input::Tick);
            lobby
        }

        fn input(&mut self, input: Input) -> Vec<Effect> {
            let effects = self.app.update(input, self.moment);
            self.app.draw();
            self.app.light(&mut self.told);
            effects
        }

        fn press(&mut self, press: Press) -> Vec<Effect> {
            self.input(Input::Click(press))
        }

        /// Sleeps as the kiosk's thread does: until it has asked to be woken, again and again.
        fn wait(&mut self, seconds: u64) {
            let until = self.moment.at + Duration::from_secs(seconds);
            while self.moment.at < until {
                let next = self.app.wake().min(until).max(self.moment.at + Duration::from_millis(1));
                let slept = next - self.moment.at;
                self.moment.at = next;
                self.moment.now.utc += TimeDelta::from_std(slept).unwrap();
                self.input(Input::Tick);
            }
        }

        fn light(&self) -> Light {
            *self.told.lights.last().unwrap()
        }
    }

    #[test]
    fn whoever_comes_near_finds_the_glass_bright_with_a_greeting() {
        let mut lobby = Lobby::at(14);
        assert!(!lobby.light().alone);
        lobby.wait(61);
        assert!(lobby.light().alone, "nobody has touched it for a minute");
        lobby.input(Input::Near(true));
        assert!(!lobby.light().alone, "R182");
        let greeting = lobby.app.scene().parts.iter().find(|part| part.role == Role::Heading).unwrap();
        assert_eq!((greeting.id.as_str(), greeting.label.as_str()), ("greeting", "下午好，欢迎光临"));
        lobby.wait(600);
        assert!(!lobby.light().alone, "as long as somebody stands there");
        lobby.input(Input::Near(false));
        lobby.wait(61);
        assert!(lobby.light().alone);
        assert!(lobby.told.tones.is_empty(), "nobody is called after");
    }

    #[test]
    fn the_first_touch_brightens_and_acts_at_once() {
        let mut lobby = Lobby::at(14);
        lobby.wait(600);
        lobby.press(Press::Open(Door::Visit));
        assert!(!lobby.light().alone);
        assert_ne!(lobby.app.model.page(), PageName("home", ""));
    }

    #[test]
    fn the_glass_that_wipes_itself_is_no_visitor() {
        let mut lobby = Lobby::at(14);
        lobby.press(Press::Open(Door::Visit));
        lobby.wait(85);
        assert_eq!(lobby.app.model.page(), PageName("home", ""));
        assert!(lobby.light().alone);
        assert_eq!(lobby.told.tones, [(Tone::MoreTime, 100)], "R235: asked once before it wiped");
        lobby.wait(3_600);
        assert_eq!(lobby.told.lights.len(), 2);
    }

    #[test]
    fn a_sensor_that_never_lets_go_keeps_no_light_on() {
        let mut lobby = Lobby::at(14);
        lobby.input(Input::Near(true));
        lobby.wait(STILL.as_secs() + 1);
        assert!(lobby.light().alone);
    }

    #[test]
    fn the_night_is_dim_but_for_an_emergency_and_for_weak_eyes() {
        let mut lobby = Lobby::at(23);
        assert!(lobby.light().night);
        lobby.press(Press::Large);
        assert!(!lobby.light().night);
        let mut lobby = Lobby::at(23);
        lobby.press(Press::Emergency);
        assert!(!lobby.light().night);
        assert_eq!(lobby.told.tones, [(Tone::Emergency, 50)], "before anything is written");
    }

    #[test]
    fn what_is_recorded_is_heard_and_what_is_not_is_silent() {
        let opened =
            || Ok(Answer::Opened { number: Number { series: Series::Help, day: 20_261_121, nth: 7 }, reply_by: None });
        let ask = |lobby: &mut Lobby, answer| {
            let Effect::Submit { ticket, .. } = lobby.press(Press::Help).remove(0);
            lobby.input(Input::Answered { ticket, answer });
        };
        let mut lobby = Lobby::at(14);
        ask(&mut lobby, Err(Refusal::Storage("disk full".into())));
        assert!(lobby.told.tones.is_empty());
        let mut lobby = Lobby::at(14);
        ask(&mut lobby, opened());
        assert_eq!(lobby.told.tones, [(Tone::Received, 100)]);
        let mut lobby = Lobby::at(14);
        lobby.press(Press::Aloud);
        ask(&mut lobby, opened());
        assert_eq!(lobby.told.tones, [(Tone::Received, 0)], "nothing sounds into what is read aloud");
    }

    #[test]
    fn a_picture_that_nobody_looks_at_wanders_and_is_in_place_for_a_finger() {
        let mut lobby = Lobby::at(14);
        let place = |lobby: &Lobby| lobby.app.scene().targets[0].area;
        let home = place(&lobby);
        let mut places = std::collections::BTreeSet::new();
        for _ in 0..9 {
            lobby.wait(600);
            let place = place(&lobby);
            assert!((place.x - home.x).abs() <= 2 && (place.y - home.y).abs() <= 2);
            places.insert((place.x, place.y));
        }
        assert!(places.len() > 4);
        lobby.input(Input::Touched);
        assert_eq!(place(&lobby), home);
    }
}
