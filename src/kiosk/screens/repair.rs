//! A repair: where, what, when, who; read back before it is sent (R024), then the number. Prices are named only where
//! the company gave one; here it gave none, so the page says who tells the price and when.

use super::{Entry, Lobby, Shelf, always};
use crate::desk::Command;
use crate::kiosk::form::{Answers, End, Field, Form, Plan, Question, Tile, Way, Ways, opened, pick, tiles};
use crate::kiosk::icons::Icon;
use crate::kiosk::strings::Say;
use crate::service::matter::Opening;
use crate::service::repair::{Category, MAX_WINDOWS, Place, PublicPlace, RepairRequest, Window};
use chrono::Timelike;

/// In somebody's home: by appointment (R244).
pub const HOME: Entry = Entry {
    shelf: Shelf::Report,
    id: "report.home",
    icon: Icon::Home,
    word: Say::RepairHome,
    hint: Say::RepairHomeHint,
    offered: always,
    begin: |language| Form::begin(&HOME_PLAN, language),
};

/// Public equipment: nobody must be at home.
pub const PUBLIC: Entry = Entry {
    shelf: Shelf::Report,
    id: "report.public",
    icon: Icon::Apartment,
    word: Say::RepairPublic,
    hint: Say::RepairPublicHint,
    offered: always,
    begin: |language| Form::begin(&PUBLIC_PLAN, language),
};

const SPOTS: [(PublicPlace, Tile); 6] = [
    (PublicPlace::Lobby, Tile::new("lobby", Icon::Lobby, Say::SpotLobby)),
    (PublicPlace::Lift, Tile::new("lift", Icon::Lift, Say::SpotLift)),
    (PublicPlace::Corridor, Tile::new("corridor", Icon::Stairs, Say::SpotCorridor)),
    (PublicPlace::Garage, Tile::new("garage", Icon::Garage, Say::SpotGarage)),
    (PublicPlace::Garden, Tile::new("garden", Icon::Garden, Say::SpotGarden)),
    (PublicPlace::Other, Tile::new("other", Icon::Other, Say::SpotOther)),
];

const CATEGORIES: [(Category, Tile); 8] = [
    (Category::Water, Tile::new("water", Icon::Water, Say::WhatWater)),
    (Category::Power, Tile::new("power", Icon::Power, Say::WhatPower)),
    (Category::Light, Tile::new("light", Icon::Light, Say::WhatLight)),
    (Category::AirConditioning, Tile::new("air-conditioning", Icon::Cooling, Say::WhatAirConditioning)),
    (Category::Door, Tile::new("door", Icon::Door, Say::WhatDoor)),
    (Category::Lift, Tile::new("lift", Icon::Lift, Say::WhatLift)),
    (Category::Intercom, Tile::new("intercom", Icon::Intercom, Say::WhatIntercom)),
    (Category::Other, Tile::new("other", Icon::Other, Say::WhatOther)),
];

pub(super) const WINDOWS: [(Window, Tile); 5] = [
    (Window::SoonAsPossible, Tile::new("soon", Icon::Soon, Say::WhenSoon)),
    (Window::TodayAfternoon, Tile::new("today-afternoon", Icon::Day, Say::WhenTodayAfternoon)),
    (Window::TodayEvening, Tile::new("today-evening", Icon::Night, Say::WhenTodayEvening)),
    (Window::TomorrowMorning, Tile::new("tomorrow-morning", Icon::Tomorrow, Say::WhenTomorrowMorning)),
    (Window::TomorrowAfternoon, Tile::new("tomorrow-afternoon", Icon::Tomorrow, Say::WhenTomorrowAfternoon)),
];

/// Local hours after which a window of today is too near to be kept. The regulations name none; these leave an hour.
const AFTERNOON_UNTIL: u32 = 15;
const EVENING_UNTIL: u32 = 18;

const UNIT: Question = Question::unit("unit", Say::RepairUnitQuestion).labelled(Say::CheckPlace);
const SPOT: Question =
    Question::choose("spot", Say::RepairSpotQuestion, |_, _| tiles(&SPOTS)).labelled(Say::CheckPlace);
const WHAT: Question = Question::choose("what", Say::RepairWhatQuestion, |_, _| tiles(&CATEGORIES))
    .labelled(Say::CheckWhat)
    .noted(Icon::Soon, Say::RepairWhatNote);
const WHEN: Question = Question::prefer("when", Say::RepairWhenQuestion, MAX_WINDOWS, windows)
    .labelled(Say::CheckWhen)
    .noted(Icon::Call, Say::RepairWhenNote)
    .leading(&AT_HOME);
/// R245: asked of a private household only, and answered by going on.
const AT_HOME: Ways = Ways {
    id: "at-home",
    asks: Say::RepairHomeQuestion,
    of: [
        Way { id: UNSURE, word: Say::RepairHomeUnsure, said: Say::RepairHomeUnsureSaid },
        Way { id: SOMEBODY, word: Say::RepairHomeYes, said: Say::RepairHomeYesSaid },
    ],
};
const SOMEBODY: &str = "yes";
const UNSURE: &str = "unsure";
const NAME: Question = Question::name("name", Say::RepairNameQuestion).labelled(Say::CheckName);
const PHONE: Question =
    Question::phone("phone", Say::RepairPhoneQuestion, Say::RepairPrivacy).labelled(Say::CheckPhone).joined();
const DETAIL: Question =
    Question::field("detail", Say::RepairDetailQuestion, Field::TextOrNothing, Say::RepairDetailHint)
        .labelled(Say::CheckDetail)
        .aside()
        .same_step();
const CHECK: Question = Question::check(Say::RepairCheckQuestion, Some(Say::RepairPrice));

static HOME_PLAN: Plan = Plan {
    name: "repair",
    questions: &[UNIT, WHAT, WHEN, NAME, PHONE, CHECK, DETAIL],
    submit: Say::RepairSubmit,
    command: |answers, lobby| {
        let chosen = answers.all_chosen("when");
        let windows: Vec<_> = chosen.iter().filter_map(|id| pick(&WINDOWS, Some(id))).collect();
        let place = Place::Home(answers.unit("unit")?);
        let at_home = Some(answers.way("at-home")? == SOMEBODY);
        if windows.is_empty() { None } else { command(place, windows, at_home, answers, lobby) }
    },
    sending: Say::RepairSending,
    ended: opened,
    end: End {
        title: Say::RepairReceived,
        now: |_, words| words.say(Say::RepairNowHome).into_owned(),
        keep: Say::RepairKeep,
        icon: Icon::Work,
    },
    live: None,
};

static PUBLIC_PLAN: Plan = Plan {
    name: "repair",
    questions: &[SPOT, WHAT, NAME, PHONE, CHECK, DETAIL],
    submit: Say::RepairSubmit,
    command: |answers, lobby| {
        let place = Place::Public(pick(&SPOTS, answers.chosen("spot"))?);
        command(place, Vec::new(), None, answers, lobby)
    },
    sending: Say::RepairSending,
    ended: opened,
    end: End {
        title: Say::RepairReceived,
        now: |_, words| words.say(Say::RepairNowPublic).into_owned(),
        keep: Say::RepairKeep,
        icon: Icon::Work,
    },
    live: None,
};

/// What can still be offered at this hour.
pub(super) fn windows(_: &Answers, lobby: &Lobby) -> Vec<Tile> {
    let hour = lobby.local.hour();
    let open = |window: Window| match window {
        Window::TodayAfternoon => hour < AFTERNOON_UNTIL,
        Window::TodayEvening => hour < EVENING_UNTIL,
        _ => true,
    };
    WINDOWS.into_iter().filter(|(window, _)| open(*window)).map(|(_, tile)| tile).collect()
}

fn command(
    place: Place,
    windows: Vec<Window>,
    at_home: Option<bool>,
    answers: &Answers,
    lobby: &Lobby,
) -> Option<Command> {
    Some(Command::at_the_glass(Opening::Repair(RepairRequest {
        place,
        category: pick(&CATEGORIES, answers.chosen("what"))?,
        danger: None,
        detail: answers.text("detail"),
        windows,
        at_home,
        name: answers.name("name")?,
        phone: answers.phone("phone")?,
        language: lobby.language.tag().to_owned(),
    })))
}
