//! What a repair is reported with (《客户信息登记表》): what and where (R022), when, who and how to reach (R023), private
//! household or public equipment (R048), two times at which somebody is at home (R026). It decides nothing.

use crate::event::{Data, data};
use crate::service::calendar;
use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::house::House;
use crate::service::local_time::LocalTime;
use chrono::{DateTime, Days, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Times that a resident may offer for one visit.
pub const MAX_WINDOWS: usize = 2;

/// R048: decides fee, appointment and access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In somebody's home: needs the unit and an appointment (R244).
    Home(Unit),
    /// Lobby, lift, garage, garden: a public facility.
    Public(PublicPlace),
}

impl Place {
    /// How cards and events name it.
    pub fn facts(&self) -> Data {
        match self {
            Place::Home(unit) => data([("scope", json!("private")), ("unit", json!(unit.as_str()))]),
            Place::Public(place) => data([("scope", json!("public")), ("place", json!(place.name()))]),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
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

/// R097, R108: starts at once, without appointment and approval. The regulations name no list; this is the proposal
/// until the company gives one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Danger {
    Fire,
    Gas,
    Flooding,
    PeopleInLift,
    Injury,
    PowerLoss,
}

impl Danger {
    pub const ALL: [Danger; 6] =
        [Danger::Fire, Danger::Gas, Danger::Flooding, Danger::PeopleInLift, Danger::Injury, Danger::PowerLoss];

    pub const fn name(self) -> &'static str {
        match self {
            Danger::Fire => "fire",
            Danger::Gas => "gas",
            Danger::Flooding => "flooding",
            Danger::PeopleInLift => "people-in-lift",
            Danger::Injury => "injury",
            Danger::PowerLoss => "power-loss",
        }
    }
}

/// When somebody is at home (R026, R244-R245). The regulations name no hours; these are the halves of a working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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

    /// From when to when, for somebody who says so at `said`. "Soon" is while somebody is up and at home: the rest of the day.
    pub fn span(self, said: DateTime<Utc>, house: &House) -> Span {
        let today = said.with_timezone(&house.zone).date_naive();
        let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
        let (day, from, to) = match self {
            Window::SoonAsPossible => {
                return Span { from: said, to: house.day_ends(said).max(said + TimeDelta::hours(2)) };
            }
            Window::TodayAfternoon => (today, 12, 18),
            Window::TodayEvening => (today, 18, 21),
            Window::TomorrowMorning => (tomorrow, 8, 12),
            Window::TomorrowAfternoon => (tomorrow, 12, 18),
        };
        let at = |hour| calendar::instant(day, LocalTime::new(hour, 0), house.zone).unwrap_or(said);
        Span { from: at(from), to: at(to) }
    }
}

/// A time at which somebody may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Span {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

impl Span {
    /// Furthest that an appointment may lie ahead: what is further is a typing error.
    const AHEAD: TimeDelta = TimeDelta::days(30);

    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        (self.from..=self.to).contains(&at)
    }

    /// It can still be met, and is not a typing error.
    pub fn is_ahead(&self, now: DateTime<Utc>) -> bool {
        self.from < self.to && now < self.to && self.to < now + Span::AHEAD
    }

    pub fn facts(&self) -> Data {
        data([("from", json!(self.from)), ("to", json!(self.to))])
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepairRequest {
    pub place: Place,
    pub category: Category,
    /// Where something is wrong that cannot wait.
    #[serde(default)]
    pub danger: Option<Danger>,
    /// What the resident typed about it; forwarded verbatim (R025).
    pub detail: Option<Text>,
    /// At most [`MAX_WINDOWS`]; none for a public place. More are not looked at.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// R245: whether somebody will be at home then; of a private household, where it was asked. It is no consent to go in:
    /// that is given at the door (R252).
    #[serde(default)]
    pub at_home: Option<bool>,
    pub name: Name,
    pub phone: Phone,
    pub language: String,
}

impl RepairRequest {
    /// The times that were offered.
    pub fn windows(&self) -> impl Iterator<Item = Window> {
        self.windows.iter().copied().take(MAX_WINDOWS)
    }

    pub fn person(&self) -> Data {
        let mut person = data([("name", json!(self.name.as_str())), ("phone", json!(self.phone.as_str()))]);
        if let Some(detail) = &self.detail {
            person.insert("detail".into(), json!(detail.as_str()));
        }
        person
    }
}
