//! 便民服务 and the procedures that go the same way: which, when, who; read back with its price, then the number. A price
//! stands here only where the company gave one (R267), and nothing is called free. Papers that will be asked for are
//! named before anybody comes for nothing.

use super::repair::{WINDOWS, windows};
use super::{Entry, Lobby, Shelf, always};
use crate::desk::Command;
use crate::kiosk::form::{Answers, End, Field, Form, Plan, Question, Tile, Values, opened, pick, tiles};
use crate::kiosk::icons::Icon;
use crate::kiosk::strings::{Say, Words};
use crate::service::matter::Opening;
use crate::service::price::Range;
use crate::service::repair::MAX_WINDOWS;
use crate::service::service::{Item, Price, Request};

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Services,
    id: "services.catalogue",
    icon: Icon::Household,
    word: Say::CatalogueTitle,
    hint: Say::CatalogueHint,
    offered: always,
    begin: |language| Form::begin(&PLAN, language),
};

/// The services of one kind, by their codes in the catalogue: nobody should have to read 29 lines to find a lamp.
type Codes = &'static [&'static str];

const GROUPS: [(Codes, Tile); 8] = [
    (&["24", "25", "26", "27", "28", "29"], Tile::new("fix", Icon::Repair, Say::GroupFix)),
    (&["14", "15", "16", "17", "18"], Tile::new("install", Icon::Tools, Say::GroupInstall)),
    (&["10", "19", "21"], Tile::new("care", Icon::Garden, Say::GroupCare)),
    (&["03", "04", "05", "06", "09"], Tile::new("booking", Icon::Charges, Say::GroupBooking)),
    (&["02", "08", "20"], Tile::new("travel", Icon::Car, Say::GroupTravel)),
    (&["01", "11", "22", "23"], Tile::new("post", Icon::Mail, Say::GroupPost)),
    (&["07", "12", "13"], Tile::new("events", Icon::Assembly, Say::GroupEvents)),
    (
        &[
            "decoration",
            "move-in",
            "parking-lease",
            "utility-opening",
            "bill-collection",
            "entrust-let",
            "overtime-air",
        ],
        Tile::new("procedures", Icon::Handbook, Say::GroupProcedures),
    ),
];

/// What each is called on the glass, by its code.
const NAMES: [(&str, Say); 36] = [
    ("01", Say::Service01),
    ("02", Say::Service02),
    ("03", Say::Service03),
    ("04", Say::Service04),
    ("05", Say::Service05),
    ("06", Say::Service06),
    ("07", Say::Service07),
    ("08", Say::Service08),
    ("09", Say::Service09),
    ("10", Say::Service10),
    ("11", Say::Service11),
    ("12", Say::Service12),
    ("13", Say::Service13),
    ("14", Say::Service14),
    ("15", Say::Service15),
    ("16", Say::Service16),
    ("17", Say::Service17),
    ("18", Say::Service18),
    ("19", Say::Service19),
    ("20", Say::Service20),
    ("21", Say::Service21),
    ("22", Say::Service22),
    ("23", Say::Service23),
    ("24", Say::Service24),
    ("25", Say::Service25),
    ("26", Say::Service26),
    ("27", Say::Service27),
    ("28", Say::Service28),
    ("29", Say::Service29),
    ("parking-lease", Say::ProcedureParkingLease),
    ("utility-opening", Say::ProcedureUtilityOpening),
    ("bill-collection", Say::ProcedureBillCollection),
    ("decoration", Say::ProcedureDecoration),
    ("entrust-let", Say::ProcedureEntrustLet),
    ("move-in", Say::ProcedureMoveIn),
    ("overtime-air", Say::ProcedureOvertimeAir),
];

static PLAN: Plan = Plan {
    name: "order",
    questions: &[
        Question::choose("group", Say::BookingGroupQuestion, |_, _| tiles(&GROUPS))
            .noted(Icon::Trouble, Say::CatalogueNote),
        Question::list("item", Say::BookingItemQuestion, items).labelled(Say::CheckService).same_step(),
        Question::prefer("when", Say::BookingWhenQuestion, MAX_WINDOWS, windows)
            .labelled(Say::CheckWhen)
            .noted(Icon::Call, Say::BookingWhenNote),
        Question::unit("unit", Say::RepairUnitQuestion).labelled(Say::CheckPlace),
        Question::name("name", Say::RepairNameQuestion).labelled(Say::CheckName),
        Question::phone("phone", Say::BookingPhoneQuestion, Say::BookingPrivacy).labelled(Say::CheckPhone).joined(),
        Question::check_with(Say::RepairCheckQuestion, price),
        Question::field("wish", Say::BookingWishQuestion, Field::TextOrNothing, Say::RepairDetailHint)
            .labelled(Say::CheckWish)
            .aside()
            .same_step(),
    ],
    submit: Say::BookingSubmit,
    command,
    sending: Say::BookingSending,
    ended: opened,
    end: End { title: Say::BookingReceived, now, keep: Say::BookingKeep, icon: Icon::Call },
    live: None,
};

fn items(answers: &Answers, lobby: &Lobby) -> Vec<Tile> {
    let codes = pick(&GROUPS, answers.chosen("group")).unwrap_or_default();
    let name = |code: &str| NAMES.iter().find(|(known, _)| *known == code).copied();
    codes
        .iter()
        .filter_map(|code| name(code))
        .map(|(code, word)| Tile { note: listed(code, lobby), ..Tile::new(code, Icon::Household, word) })
        .collect()
}

/// R267: what the company's list says, where it says something.
fn listed(code: &str, lobby: &Lobby) -> Option<(Say, Values)> {
    let Price::Listed(Range { from, to }) = Item::of(code)?.price(&lobby.settings.prices) else { return None };
    let say = if from == to { Say::CataloguePriceFixed } else { Say::CataloguePrice };
    Some((say, vec![("from", yuan(from)), ("to", yuan(to))]))
}

fn yuan(fen: u32) -> String {
    match (fen / 100, fen % 100) {
        (yuan, 0) => yuan.to_string(),
        (yuan, fen) => format!("{yuan}.{fen:02}"),
    }
}

fn item(answers: &Answers) -> Option<Item> {
    Item::of(answers.chosen("item")?)
}

/// R260, R270: before it is sent.
fn price(answers: &Answers, lobby: &Lobby, words: &Words) -> String {
    match item(answers).map(|item| item.price(&lobby.settings.prices)) {
        Some(Price::Listed(Range { from, to })) => {
            let say = if from == to { Say::BookingPriceFixed } else { Say::BookingPriceListed };
            words.with(say, &[("from", &yuan(from)), ("to", &yuan(to))]).into_owned()
        }
        Some(Price::ThirdParty) => words.say(Say::BookingPriceThird).into_owned(),
        Some(Price::Unset) | None => words.say(Say::BookingPriceAsked).into_owned(),
    }
}

/// R041, R042: what is reviewed needs papers. R272: whatever it is, it is agreed by phone.
fn now(answers: &Answers, words: &Words) -> String {
    let reviewed = item(answers).is_some_and(|item| item.entry().reviewed);
    words.say(if reviewed { Say::BookingNowPapers } else { Say::BookingNow }).into_owned()
}

fn command(answers: &Answers, lobby: &Lobby) -> Option<Command> {
    let windows: Vec<_> = answers.all_chosen("when").iter().filter_map(|id| pick(&WINDOWS, Some(id))).collect();
    if windows.is_empty() {
        return None;
    }
    Some(Command::at_the_glass(Opening::Service(Request {
        item: item(answers)?,
        wish: answers.text("wish"),
        windows,
        unit: answers.unit("unit")?,
        name: answers.name("name")?,
        phone: answers.phone("phone")?,
        language: lobby.language.tag().to_owned(),
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kiosk::language::Language;
    use crate::service::service::CATALOGUE;
    use std::collections::BTreeSet;

    #[test]
    fn the_services_on_the_glass_are_those_of_the_regulation_word_for_word() {
        let words = Words::new(Language::Chinese);
        for (code, name) in NAMES {
            let entry = Item::of(code).unwrap_or_else(|| panic!("{code} is not in the catalogue")).entry();
            assert_eq!(words.say(name), entry.name);
        }
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|(codes, _)| codes.iter().copied()).collect();
        let known: BTreeSet<&str> = CATALOGUE.iter().map(|entry| entry.code).collect();
        assert_eq!(grouped.iter().copied().collect::<BTreeSet<_>>(), known, "each of them can be found");
        assert_eq!(grouped.len(), CATALOGUE.len(), "and once");
    }
}
