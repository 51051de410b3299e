//! A repair as reported at the kiosk (《客户信息登记表》): what and where (R022), when, who and how to reach (R023),
//! private household or public equipment (R048), an appointment window (R026).

use crate::event::{Data, Kind, data};
use crate::service::case::{Docket, Due, Errand, Machine, Objection, Promise, Record};
use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::figures::hours;
use crate::service::number::Series;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// R048: decides fee, appointment and access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In somebody's home: needs the unit and an appointment (R244).
    Home(Unit),
    /// Lobby, lift, garage, garden: a public facility.
    Public(PublicPlace),
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
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

pub type Request = RepairRequest;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    Received,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {}

impl Machine for Repair {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Repair;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.language = Some(request.language.clone());
        docket.reporter = true;
        docket.facts = data([("category", json!(request.category.name()))]);
        match &request.place {
            Place::Home(unit) => {
                docket.facts.insert("scope".into(), json!("private"));
                docket.facts.insert("unit".into(), json!(unit.as_str()));
            }
            Place::Public(place) => {
                docket.facts.insert("scope".into(), json!("public"));
                docket.facts.insert("place".into(), json!(place.name()));
            }
        }
        let solve_by = record.now.utc + hours(record.house.figures.promise.repair_solve_hours);
        let mut facts = docket.facts.clone();
        facts.extend(data([
            ("window", json!(request.window.name())),
            ("solve_by", json!(solve_by.to_rfc3339())),
            ("channel", json!(docket.source.name())),
            ("language", json!(request.language)),
        ]));
        let mut person = data([("name", json!(request.name.as_str())), ("phone", json!(request.phone.as_str()))]);
        if let Some(detail) = &request.detail {
            person.insert("detail".into(), json!(detail.as_str()));
        }
        record.tell_about(Kind::RepairReceived, facts, person);
        docket.promise(Promise::Solve, Due::After(solve_by), record);
        docket.offer(Errand::Repair, Data::new(), record);
        Repair::Received
    }

    fn state(&self) -> &'static str {
        match self {
            Repair::Received => "received",
            Repair::Closed => "closed",
        }
    }

    fn is_closed(&self) -> bool {
        *self == Repair::Closed
    }

    fn step(&mut self, step: &Step, _: &mut Docket, _: &mut Record<'_>) -> Result<(), Objection> {
        match *step {}
    }

    fn withdraw(&mut self, _: &mut Docket, _: &mut Record<'_>) -> Result<(), Objection> {
        *self = Repair::Closed;
        Ok(())
    }
}
