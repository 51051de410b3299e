//! The touchscreen: a model, a function from the model to a scene, and what draws it. A finger goes `input` → `model` →
//! `screens` → `scene` → `paint`; what it decides goes to the desk, and nothing here opens a file or a socket.

mod aloud;
mod app;
mod area;
mod ask;
mod crosses;
mod form;
mod glyphs;
mod icons;
mod input;
mod keyboard;
mod keys;
mod language;
mod model;
mod news;
mod page;
mod paint;
mod paper;
mod picture;
mod press;
pub mod samples;
mod scan;
mod scene;
mod screens;
mod strings;
mod surroundings;
mod survey;
#[cfg(test)]
mod tests;
mod text;
mod theme;
mod thread;
mod typed;
mod ui;
mod when;

pub use aloud::Speech;
pub use app::App;
pub use crosses::Crosses;
pub use language::Language;
pub use model::{Effect, Input, Moment};
pub use news::News;
pub use picture::to_png;
pub use scan::Scan;
pub use surroundings::{Light, Surroundings, Tone};
pub use survey::Survey;
pub use theme::Metrics;
pub use thread::{Beside, Kiosk, Left, Wake};

use crate::device::SiteKey;
use crate::service::price::Prices;
use std::time::Duration;

/// What the home page says aloud until it is mended, for whoever can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// The journal cannot be written now.
    CannotStore,
    /// A damaged journal was set aside at this start, or one had lost what had been stored.
    Recovered,
}

/// What it takes to ask for an identity number.
#[derive(Debug, Clone)]
pub struct AskIdentity {
    /// What is kept of the number is a hash under the site's key.
    pub key: SiteKey,
    /// Who answers for it, as the notice says (PIPL, Art. 17).
    pub company: String,
}

/// What the kiosk must know of its site.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The place's name as shown on the home page: Chinese, English.
    pub name: String,
    pub name_en: String,
    /// First language of every session.
    pub language: Language,
    /// The service centre's phone number, shown where the screen cannot help (R144).
    pub service_phone: Option<String>,
    /// The link of the service centre's WeChat account, shown as a code (R020).
    pub wechat: Option<String>,
    /// Without a touch for so long the screen asks "还需要更多时间吗？".
    pub idle: Duration,
    /// Without an answer for so long it wipes and goes home.
    pub warn: Duration,
    /// The site's zone: greeting, clock, night colours.
    pub zone: chrono_tz::Tz,
    /// How loud the questions are read to whoever asks for it, in per cent (R224); `None` where nothing can speak.
    pub voice: Option<u8>,
    /// Days after which names and phone numbers are deleted: the screen promises it where it asks for them (R310).
    pub person_days: u32,
    /// The same for visitors.
    pub visit_days: u32,
    /// Where visitors are asked for their identity number.
    pub identity: Option<AskIdentity>,
    /// Whether invitations count here: somebody may issue them.
    pub invitations: bool,
    /// What the convenience services cost (R260).
    pub prices: Prices,
    /// What codes are thrown with: the system's dice, or ones that a picture can be taken of.
    pub dice: fn() -> [u8; 16],
}

impl Settings {
    /// How many days this promise names.
    fn days(&self, privacy: strings::Say) -> u32 {
        use strings::Say;
        if matches!(privacy, Say::VisitPrivacy | Say::MessagePrivacy) { self.visit_days } else { self.person_days }
    }

    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::Chinese | Language::Traditional => &self.name,
            _ => &self.name_en,
        }
    }
}
