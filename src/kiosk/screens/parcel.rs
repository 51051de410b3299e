//! Parcels: a courier leaves one at the desk, a resident shows the code of one and is told who hands it over and where. The code is made here and shown to nobody
//! here: the courier gets the case's number, the resident hears the code from the desk. A wrong code and a wrong unit read
//! the same (R309).

use super::{Entry, Lobby, Shelf, always};
use crate::desk::{Answer, Command};
use crate::event::Id;
use crate::kiosk::ask::unit_in_words;
use crate::kiosk::form::{Answers, End, Ending, Field, Form, Plan, Question, Tile, opened, pick, tiles};
use crate::kiosk::icons::Icon;
use crate::kiosk::strings::{Say, Words};
use crate::service::case::Objection;
use crate::service::contact::Text;
use crate::service::delivery::{ParcelCode, Request};
use crate::service::matter::Opening;
use crate::service::matter::code::LETTERS;
use std::num::NonZeroU8;

pub const DELIVER: Entry = Entry {
    shelf: Shelf::Parcel,
    id: "parcel.deliver",
    icon: Icon::Delivery,
    word: Say::DeliverEntry,
    hint: Say::DeliverEntryHint,
    offered: always,
    begin: |language| Form::begin(&DELIVER_PLAN, language),
};

pub const COLLECT: Entry = Entry {
    shelf: Shelf::Parcel,
    id: "parcel.collect",
    icon: Icon::Parcel,
    word: Say::CollectEntry,
    hint: Say::CollectEntryHint,
    offered: always,
    begin: |language| Form::begin(&COLLECT_PLAN, language),
};

/// As the desk reads it, in Chinese: whoever looks for a parcel looks for this word on its label.
const CARRIERS: [(Option<&str>, Tile); 8] = [
    (Some("顺丰"), Tile::new("sf", Icon::Delivery, Say::CarrierSf)),
    (Some("京东"), Tile::new("jd", Icon::Delivery, Say::CarrierJd)),
    (Some("中通"), Tile::new("zto", Icon::Delivery, Say::CarrierZto)),
    (Some("圆通"), Tile::new("yto", Icon::Delivery, Say::CarrierYto)),
    (Some("申通"), Tile::new("sto", Icon::Delivery, Say::CarrierSto)),
    (Some("韵达"), Tile::new("yunda", Icon::Delivery, Say::CarrierYunda)),
    (Some("邮政"), Tile::new("post", Icon::Mail, Say::CarrierPost)),
    (None, Tile::new("other", Icon::Other, Say::CarrierOther)),
];

const COUNTS: [(u8, Tile); 6] = [
    (1, Tile::new("1", Icon::Parcel, Say::Count1)),
    (2, Tile::new("2", Icon::Parcel, Say::Count2)),
    (3, Tile::new("3", Icon::Parcel, Say::Count3)),
    (4, Tile::new("4", Icon::Parcel, Say::Count4)),
    (5, Tile::new("5", Icon::Parcel, Say::Count5)),
    (6, Tile::new("6", Icon::Parcel, Say::Count6)),
];

static DELIVER_PLAN: Plan = Plan {
    name: "deliver",
    questions: &[
        Question::unit("unit", Say::DeliverUnitQuestion),
        Question::choose("carrier", Say::DeliverCarrierQuestion, |_, _| tiles(&CARRIERS)),
        Question::choose("count", Say::DeliverCountQuestion, |_, _| tiles(&COUNTS)),
        Question::phone("phone", Say::DeliverPhoneQuestion, Say::DeliverPrivacy),
    ],
    submit: Say::DeliverSubmit,
    command: deliver,
    sending: Say::DeliverSending,
    ended: opened,
    end: End { title: Say::DeliverReceived, now: put_it, keep: Say::DeliverKeep, icon: Icon::Lobby },
    live: None,
};

fn deliver(answers: &Answers, lobby: &Lobby) -> Option<Command> {
    let carrier = pick(&CARRIERS, answers.chosen("carrier"))?;
    Some(Command::at_the_glass(Opening::Delivery(Request {
        unit: answers.unit("unit")?,
        carrier: carrier.and_then(|name| Text::parse(name).ok()),
        count: NonZeroU8::new(pick(&COUNTS, answers.chosen("count"))?)?,
        phone: None,
        courier: Some(answers.phone("phone")?),
        code: fresh_code()?,
        language: lobby.language.tag().to_owned(),
    })))
}

/// Nobody may guess it: every letter of the system's dice. 256 is a multiple of the 32 letters, so that all are as likely.
fn fresh_code() -> Option<ParcelCode> {
    let letters = LETTERS.as_bytes();
    // The first half of a random id has fixed bits.
    let dice = &Id::random().0[10..];
    let code: String = dice.iter().map(|byte| char::from(letters[usize::from(*byte) % letters.len()])).collect();
    ParcelCode::parse(&code).ok()
}

fn put_it(answers: &Answers, words: &Words) -> String {
    let unit = answers.unit("unit").map(|unit| unit_in_words(words, unit.as_str())).unwrap_or_default();
    words.with(Say::DeliverNow, &[("unit", &unit)]).into_owned()
}

static COLLECT_PLAN: Plan = Plan {
    name: "collect",
    questions: &[
        Question::unit("unit", Say::CollectUnitQuestion),
        Question::field("code", Say::CollectCodeQuestion, Field::Code, Say::CollectCodeHint),
    ],
    submit: Say::CollectSubmit,
    command: |answers, _| {
        let (unit, code) = (answers.unit("unit")?, ParcelCode::parse(answers.typed("code")?).ok()?);
        Some(Command::Collect { unit, code })
    },
    sending: Say::CollectSending,
    ended: collected,
    end: End { title: Say::CollectReceived, now: go_there, keep: Say::CollectKeep, icon: Icon::Lobby },
    live: Some(live),
};

/// Who hands it over, where, and how many there are.
fn go_there(answers: &Answers, words: &Words) -> String {
    let Some(handing) = answers.handing() else { return words.say(Say::CollectAskNow).into_owned() };
    let sentence = if handing.at_desk { Say::CollectNow } else { Say::CollectGuardNow };
    words.with(sentence, &[("count", &handing.count.to_string())]).into_owned()
}

/// What has become of it while the resident stands there. Only who has shown the code sees it.
fn live(state: &str) -> Option<&'static End> {
    match state {
        "collected" => Some(&GIVEN),
        // It was not handed over: why, the desk says to his face.
        "received" | "notified" => Some(&ASK),
        _ => None,
    }
}

static GIVEN: End = End {
    title: Say::CollectGiven,
    now: |_, words| words.say(Say::CollectGivenNow).into_owned(),
    keep: Say::CollectKeep,
    icon: Icon::Done,
};

static ASK: End = End {
    title: Say::CollectAsk,
    now: |_, words| words.say(Say::CollectAskNow).into_owned(),
    keep: Say::CollectKeep,
    icon: Icon::Lobby,
};

static GONE: End = End {
    title: Say::CollectGone,
    now: |_, words| words.say(Say::CollectGoneNow).into_owned(),
    keep: Say::CollectKeep,
    icon: Icon::Trouble,
};

fn collected(answer: Answer) -> Ending {
    match answer {
        Answer::Shown { number, .. } => Ending::Received(number),
        // The code was right, and somebody has been here with it.
        Answer::Found { number: None } => Ending::Told(&GONE),
        Answer::Objected(Objection::Guessing { until }) => Ending::Later(until),
        Answer::Objected(Objection::Unknown) => Ending::Again("unit", Say::CollectUnknown),
        _ => Ending::Trouble,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_parcel_has_a_code_of_its_own() {
        let codes: BTreeSet<String> = (0..200).map(|_| fresh_code().unwrap().as_str().to_owned()).collect();
        assert_eq!(codes.len(), 200);
    }
}
