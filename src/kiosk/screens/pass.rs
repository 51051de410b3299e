//! 放行条 (R279): what leaves the house, when, how, and who asks. A named person approves it; the gate reads the code that the
//! last page shows, and it serves once. Who needs hands gets them offered (R280).

use super::{Entry, Lobby, Shelf, always};
use crate::desk::Command;
use crate::kiosk::form::{Answers, End, Field, Form, Plan, Question, Tile, opened, pick, tiles};
use crate::kiosk::icons::Icon;
use crate::kiosk::strings::{Say, Words};
use crate::service::contact::Text;
use crate::service::matter::Opening;
use crate::service::matter::code::LETTERS;
use crate::service::pass::{Item, Items, PassCode, Request};
use chrono::{DateTime, Days, TimeZone, Timelike, Utc};
use std::num::NonZeroU16;

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Services,
    id: "services.pass",
    icon: Icon::Pass,
    word: Say::PassEntry,
    hint: Say::PassEntryHint,
    offered: always,
    begin: |language| Form::begin(&PLAN, language),
};

/// All of them.
const MOST: usize = 6;

/// What leaves, in the words that the guard reads.
const THINGS: [(&str, Tile); MOST] = [
    ("家具", Tile::new("furniture", Icon::Seat, Say::PassFurniture)),
    ("家电", Tile::new("appliances", Icon::Power, Say::PassAppliances)),
    ("箱包行李", Tile::new("luggage", Icon::Business, Say::PassLuggage)),
    ("装修材料", Tile::new("materials", Icon::Work, Say::PassMaterials)),
    ("整家搬走", Tile::new("everything", Icon::Delivery, Say::PassEverything)),
    ("其他物品", Tile::new("other", Icon::Other, Say::PassOther)),
];

/// The last is "that many or more".
const COUNTS: [(u16, Tile); 12] = [
    (1, Tile::new("1", Icon::Pass, Say::Number1)),
    (2, Tile::new("2", Icon::Pass, Say::Number2)),
    (3, Tile::new("3", Icon::Pass, Say::Number3)),
    (4, Tile::new("4", Icon::Pass, Say::Number4)),
    (5, Tile::new("5", Icon::Pass, Say::Number5)),
    (6, Tile::new("6", Icon::Pass, Say::Number6)),
    (7, Tile::new("7", Icon::Pass, Say::Number7)),
    (8, Tile::new("8", Icon::Pass, Say::Number8)),
    (9, Tile::new("9", Icon::Pass, Say::Number9)),
    (10, Tile::new("10", Icon::Pass, Say::Number10)),
    (11, Tile::new("11", Icon::Pass, Say::Number11)),
    (12, Tile::new("12", Icon::Pass, Say::NumberMore)),
];

/// Day from today and local hour at which such a time begins; `None` is now. The regulations name no hours.
type When = Option<(u64, u32)>;
const TIMES: [(When, Tile); 5] = [
    (None, Tile::new("now", Icon::Soon, Say::PassWhenNow)),
    (Some((0, 14)), Tile::new("today-afternoon", Icon::Day, Say::WhenTodayAfternoon)),
    (Some((0, 18)), Tile::new("today-evening", Icon::Night, Say::WhenTodayEvening)),
    (Some((1, 9)), Tile::new("tomorrow-morning", Icon::Tomorrow, Say::WhenTomorrowMorning)),
    (Some((1, 14)), Tile::new("tomorrow-afternoon", Icon::Tomorrow, Say::WhenTomorrowAfternoon)),
];

const HELP: &str = "help";
const WAYS: [(&str, Tile); 4] = [
    ("步行", Tile::new("foot", Icon::Visit, Say::PassFoot)),
    ("小车", Tile::new("car", Icon::Garage, Say::PassCar)),
    ("货车", Tile::new("van", Icon::Delivery, Say::PassVan)),
    ("需要帮忙搬", Tile::new(HELP, Icon::Friends, Say::PassHelp)),
];

static PLAN: Plan = Plan {
    name: "pass",
    questions: &[
        Question::prefer("things", Say::PassThingsQuestion, MOST, |_, _| tiles(&THINGS)),
        Question::choose("count", Say::PassCountQuestion, |_, _| tiles(&COUNTS)).same_step(),
        Question::field("detail", Say::PassDetailQuestion, Field::TextOrNothing, Say::PassDetailHint).same_step(),
        Question::choose("when", Say::PassWhenQuestion, times),
        Question::choose("how", Say::PassHowQuestion, |_, _| tiles(&WAYS)),
        Question::unit("unit", Say::RepairUnitQuestion),
        Question::name("name", Say::RepairNameQuestion).same_step(),
        Question::phone("phone", Say::PassPhoneQuestion, Say::PassPrivacy).joined(),
    ],
    submit: Say::PassSubmit,
    command,
    sending: Say::PassSending,
    ended: opened,
    end: End { title: Say::PassReceived, now: now_words, keep: Say::PassKeep, icon: Icon::Pass },
    live: None,
};

/// Times of today that have not begun yet.
fn times(_: &Answers, lobby: &Lobby) -> Vec<Tile> {
    let to_come = |when: &When| !matches!(when, Some((0, hour)) if *hour <= lobby.local.hour());
    TIMES.iter().filter(|(when, _)| to_come(when)).map(|(_, tile)| tile.clone()).collect()
}

fn helped(answers: &Answers) -> bool {
    answers.chosen("how") == Some(HELP)
}

fn now_words(answers: &Answers, words: &Words) -> String {
    words.say(if helped(answers) { Say::PassNowHelp } else { Say::PassNow }).into_owned()
}

fn command(answers: &Answers, lobby: &Lobby) -> Option<Command> {
    let things: Vec<_> = answers.all_chosen("things").iter().filter_map(|id| pick(&THINGS, Some(id))).collect();
    let mut what = things.join("、");
    if let Some(detail) = answers.text("detail") {
        what = format!("{what}：{}", detail.as_str());
    }
    let count = pick(&COUNTS, answers.chosen("count"))?;
    if count == COUNTS[COUNTS.len() - 1].0 {
        what = format!("{what}（{count} 件以上）");
    }
    let item = Item { what: Text::parse(&what).ok()?, count: NonZeroU16::new(count)? };
    Some(Command::at_the_glass(Opening::Pass(Request {
        unit: answers.unit("unit")?,
        name: answers.name("name")?,
        phone: answers.phone("phone")?,
        items: Items::try_from(vec![item]).ok()?,
        vehicle: Text::parse(pick(&WAYS, answers.chosen("how"))?).ok(),
        leaves_at: leaves_at(pick(&TIMES, answers.chosen("when"))?, lobby)?,
        help_to_carry: helped(answers),
        code: code((lobby.settings.dice)())?,
        language: lobby.language.tag().to_owned(),
    })))
}

fn leaves_at(when: When, lobby: &Lobby) -> Option<DateTime<Utc>> {
    let local = match when {
        None => lobby.local,
        Some((days, hour)) => lobby.local.date().checked_add_days(Days::new(days))?.and_hms_opt(hour, 0, 0)?,
    };
    lobby.settings.zone.from_local_datetime(&local).earliest().map(|at| at.to_utc())
}

/// Bytes of a random UUID that are all chance (RFC 9562 sets bits in the 6th and the 8th).
const CHANCE: [usize; 8] = [0, 1, 2, 3, 4, 5, 10, 11];

/// From the system's own dice: nobody guesses it at a gate.
fn code(dice: [u8; 16]) -> Option<PassCode> {
    let letters = LETTERS.as_bytes();
    let code: String = CHANCE.iter().map(|n| char::from(letters[usize::from(dice[*n]) % letters.len()])).collect();
    PassCode::parse(&code).ok()
}
