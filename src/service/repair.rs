//! A repair as reported at the kiosk (《客户信息登记表》): what and where (R022), when, who and how to reach (R023),
//! private household or public equipment (R048), an appointment window (R026).

use super::Decision;
use super::contact::{Name, Phone, Text, Unit};
use super::number::Number;
use super::visit::subject;
use crate::event::{Event, Kind, Now, data};
use serde_json::json;

/// R048: decides fee, appointment and access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In somebody's home: needs the unit and an appointment (R244).
    Home(Unit),
    /// Lobby, lift, garage, garden: a public facility.
    Public(PublicPlace),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicPlace {
    Lobby,
    Lift,
    Corridor,
    Garage,
    Garden,
    Other,
}

impl PublicPlace {
    pub const ALL: [PublicPlace; 6] = [
        PublicPlace::Lobby,
        PublicPlace::Lift,
        PublicPlace::Corridor,
        PublicPlace::Garage,
        PublicPlace::Garden,
        PublicPlace::Other,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            PublicPlace::Lobby => "lobby",
            PublicPlace::Lift => "lift",
            PublicPlace::Corridor => "corridor",
            PublicPlace::Garage => "garage",
            PublicPlace::Garden => "garden",
            PublicPlace::Other => "other",
        }
    }
}

/// The picture tiles of "what is it?" (R033).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    Water,
    Power,
    Light,
    AirConditioning,
    Door,
    Lift,
    Intercom,
    Other,
}

impl Category {
    pub const ALL: [Category; 8] = [
        Category::Water,
        Category::Power,
        Category::Light,
        Category::AirConditioning,
        Category::Door,
        Category::Lift,
        Category::Intercom,
        Category::Other,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Category::Water => "water",
            Category::Power => "power",
            Category::Light => "light",
            Category::AirConditioning => "air-conditioning",
            Category::Door => "door",
            Category::Lift => "lift",
            Category::Intercom => "intercom",
            Category::Other => "other",
        }
    }
}

/// When somebody is at home (R026, R244-R245). The regulations name no hours; these are the halves of a working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    SoonAsPossible,
    TodayAfternoon,
    TodayEvening,
    TomorrowMorning,
    TomorrowAfternoon,
}

impl Window {
    pub const fn name(self) -> &'static str {
        match self {
            Window::SoonAsPossible => "soon",
            Window::TodayAfternoon => "today-afternoon",
            Window::TodayEvening => "today-evening",
            Window::TomorrowMorning => "tomorrow-morning",
            Window::TomorrowAfternoon => "tomorrow-afternoon",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairRequest {
    pub place: Place,
    pub category: Category,
    /// What the resident typed about it; forwarded verbatim (R025).
    pub detail: Option<Text>,
    pub window: Window,
    pub name: Name,
    pub phone: Phone,
    pub language: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepairReceived {
    pub number: Number,
}

/// Hours within which a repair is solved unless a coded obstacle pauses the clock (R081, R082).
pub const SOLVE_WITHIN_HOURS: i64 = 24;

pub fn report(command: &RepairRequest, number: Number, now: Now) -> Decision<RepairReceived> {
    let mut facts = number.facts();
    facts.extend(data([
        ("category", json!(command.category.name())),
        ("window", json!(command.window.name())),
        ("solve_by", json!((now.utc + chrono::TimeDelta::hours(SOLVE_WITHIN_HOURS)).to_rfc3339())),
        ("channel", json!("kiosk")),
        ("language", json!(command.language)),
    ]));
    match &command.place {
        Place::Home(unit) => {
            facts.insert("scope".into(), json!("private"));
            facts.insert("unit".into(), json!(unit.as_str()));
        }
        Place::Public(place) => {
            facts.insert("scope".into(), json!("public"));
            facts.insert("place".into(), json!(place.name()));
        }
    }
    let mut person = data([("name", json!(command.name.as_str())), ("phone", json!(command.phone.as_str()))]);
    if let Some(detail) = &command.detail {
        person.insert("detail".into(), json!(detail.as_str()));
    }
    let event = Event::here(Kind::RepairReceived, subject(number), now, facts).about(person);
    Decision { events: vec![event], answer: RepairReceived { number } }
}
