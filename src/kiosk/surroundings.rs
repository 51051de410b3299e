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
            let night = is_night(model.local().hour());
            let share = if model.loudness().is_some() {
                0
            } else if night {
                NIGHT as u8
            } else {
                100
            };
            surroundings.tone(tone, share);
        }
    }
}

/// R182: whoever comes near finds it bright. By night it is dimmer, but for an emergency and for whoever asked for more
/// contrast or larger letters.
fn light(model: &Model) -> Light {
    let alone = model.page() == PageName("home", "") && model.is_alone();
    let needs_light = model.sight != Sight::Normal || model.call.as_ref().is_some_and(|call| call.is_emergency());
    Light { alone, night: is_night(model.local().hour()) && !needs_light }
}
