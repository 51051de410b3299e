//! 托管钥匙: the disclaimer first (R273), then what the paper form asks for (R274): how many and why, who may fetch them and
//! until when, who brings them. No key changes hands here: the desk takes it, with a code on its tag (R276).

use super::{Entry, Lobby, Shelf, always};
use crate::desk::Command;
use crate::kiosk::form::{Answers, End, Field, Form, Plan, Question, Tile, opened, pick, tiles};
use crate::kiosk::icons::Icon;
use crate::kiosk::strings::{Say, Words};
use crate::service::contact::Text;
use crate::service::custody::{Collectors, Request, Signed};
use crate::service::matter::Opening;
use std::num::NonZeroU8;

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Services,
    id: "services.keys",
    icon: Icon::Key,
    word: Say::CustodyEntry,
    hint: Say::CustodyEntryHint,
    offered: always,
    begin: |language| Form::begin(&PLAN, language),
};

const COUNTS: [(u8, Tile); 6] = [
    (1, Tile::new("1", Icon::Key, Say::Number1)),
    (2, Tile::new("2", Icon::Key, Say::Number2)),
    (3, Tile::new("3", Icon::Key, Say::Number3)),
    (4, Tile::new("4", Icon::Key, Say::Number4)),
    (5, Tile::new("5", Icon::Key, Say::Number5)),
    (6, Tile::new("6", Icon::Key, Say::Number6)),
];

/// 托存原因, in the words of the paper form.
const REASONS: [(&str, Tile); 6] = [
    ("家里施工装修", Tile::new("work", Icon::Work, Say::CustodyWork)),
    ("出门在外", Tile::new("away", Icon::Surroundings, Say::CustodyAway)),
    ("亲友来住", Tile::new("guests", Icon::Friends, Say::CustodyGuests)),
    ("家政保洁", Tile::new("cleaning", Icon::Cleaning, Say::CustodyCleaning)),
    ("看房", Tile::new("viewing", Icon::Viewing, Say::CustodyViewing)),
    ("其他", Tile::new("other", Icon::Other, Say::CustodyOther)),
];

/// 领取要求: by whom. Others are named, each by name (R277).
const OTHERS: &str = "others";
const WHO: [(&str, Tile); 2] = [
    ("本人领取", Tile::new("myself", Icon::Visit, Say::CustodyMyself).hinted(Say::CustodyMyselfHint)),
    ("本人或指定的人领取", Tile::new(OTHERS, Icon::Friends, Say::CustodyOthers).hinted(Say::CustodyOthersHint)),
];

const UNTIL: [(&str, Tile); 4] = [
    ("今天之内", Tile::new("today", Icon::Day, Say::CustodyToday)),
    ("三天之内", Tile::new("three-days", Icon::Soon, Say::CustodyThreeDays)),
    ("一周之内", Tile::new("week", Icon::Tomorrow, Say::CustodyWeek)),
    ("另行通知", Tile::new("later", Icon::Call, Say::CustodyLater)),
];

static PLAN: Plan = Plan {
    name: "keys",
    questions: &[
        Question::agree("agree", Say::CustodyAgreeQuestion, disclaimer, Say::CustodyAgree),
        Question::choose("count", Say::CustodyCountQuestion, |_, _| tiles(&COUNTS)),
        Question::choose("why", Say::CustodyWhyQuestion, |_, _| tiles(&REASONS)).same_step(),
        Question::choose("who", Say::CustodyWhoQuestion, |_, _| tiles(&WHO)),
        Question::field("collector", Say::CustodyCollectorQuestion, Field::Name, Say::CustodyCollectorHint)
            .only_if(others)
            .same_step(),
        Question::choose("until", Say::CustodyUntilQuestion, |_, _| tiles(&UNTIL)).same_step(),
        Question::unit("unit", Say::RepairUnitQuestion),
        Question::name("name", Say::RepairNameQuestion).same_step(),
        Question::phone("phone", Say::CustodyPhoneQuestion, Say::CustodyPrivacy).joined(),
    ],
    submit: Say::CustodySubmit,
    command,
    sending: Say::CustodySending,
    ended: opened,
    end: End { title: Say::CustodyReceived, now: now_words, keep: Say::CustodyKeep, icon: Icon::Key },
    live: None,
};

fn disclaimer(_: &Lobby, words: &Words) -> String {
    words.say(Say::CustodyDisclaimer).into_owned()
}

fn others(answers: &Answers) -> bool {
    answers.chosen("who") == Some(OTHERS)
}

fn now_words(_: &Answers, words: &Words) -> String {
    words.say(Say::CustodyNow).into_owned()
}

fn command(answers: &Answers, lobby: &Lobby) -> Option<Command> {
    answers.chosen("agree")?;
    let (who, until) = (pick(&WHO, answers.chosen("who"))?, pick(&UNTIL, answers.chosen("until"))?);
    let collectors = if others(answers) { vec![answers.name("collector")?] } else { Vec::new() };
    Some(Command::at_the_glass(Opening::Custody(Request {
        unit: answers.unit("unit")?,
        name: answers.name("name")?,
        phone: answers.phone("phone")?,
        keys: NonZeroU8::new(pick(&COUNTS, answers.chosen("count"))?)?,
        reason: Text::parse(pick(&REASONS, answers.chosen("why"))?).ok()?,
        collection: Text::parse(&format!("{who}；{until}")).ok()?,
        collectors: Collectors(collectors),
        consent: Some(Signed::Screen),
        language: lobby.language.tag().to_owned(),
    })))
}
