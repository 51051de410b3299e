//! A complaint: the words first, without a limit that anybody meets (R121), then what it is about, then who is to hear
//! the result (R117). Thanks come before the apology (R115); nothing is argued with.

use super::{Entry, Lobby, Shelf, always};
use crate::desk::Command;
use crate::kiosk::form::{Answers, End, Field, Form, Plan, Question, Tile, opened, pick, tiles};
use crate::kiosk::icons::Icon;
use crate::kiosk::strings::Say;
use crate::service::complaint::{Request, Topic};
use crate::service::matter::Opening;

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Report,
    id: "report.complaint",
    icon: Icon::Complaint,
    word: Say::ComplaintEntry,
    hint: Say::ComplaintEntryHint,
    offered: always,
    begin: |language| Form::begin(&PLAN, language),
};

const TOPICS: [(Topic, Tile); 9] = [
    (Topic::Service, Tile::new("service", Icon::Help, Say::TopicService)),
    (Topic::Repair, Tile::new("repair", Icon::Repair, Say::TopicRepair)),
    (Topic::Security, Tile::new("security", Icon::Security, Say::TopicSecurity)),
    (Topic::Cleaning, Tile::new("cleaning", Icon::Cleaning, Say::TopicCleaning)),
    (Topic::Noise, Tile::new("noise", Icon::Noise, Say::TopicNoise)),
    (Topic::Parking, Tile::new("parking", Icon::Garage, Say::TopicParking)),
    (Topic::Charges, Tile::new("charges", Icon::Charges, Say::TopicCharges)),
    (Topic::Favours, Tile::new("favours", Icon::Favours, Say::TopicFavours)),
    (Topic::Other, Tile::new("other", Icon::Other, Say::TopicOther)),
];

static PLAN: Plan = Plan {
    name: "complaint",
    questions: &[
        Question::field("words", Say::ComplaintWordsQuestion, Field::Text, Say::ComplaintWordsHint),
        Question::choose("topic", Say::ComplaintTopicQuestion, |_, _| tiles(&TOPICS)),
        Question::name("name", Say::ComplaintNameQuestion),
        Question::phone("phone", Say::ComplaintPhoneQuestion, Say::ComplaintPrivacy).joined(),
    ],
    submit: Say::ComplaintSubmit,
    command,
    sending: Say::ComplaintSending,
    ended: opened,
    end: End {
        title: Say::ComplaintReceived,
        now: |_, words| words.say(Say::ComplaintNow).into_owned(),
        keep: Say::ComplaintKeep,
        icon: Icon::Call,
    },
    live: None,
};

fn command(answers: &Answers, lobby: &Lobby) -> Option<Command> {
    Some(Command::at_the_glass(Opening::Complaint(Request {
        text: answers.text("words")?,
        topic: pick(&TOPICS, answers.chosen("topic"))?,
        class: None,
        wanted: None,
        more: None,
        unit: None,
        name: answers.name("name")?,
        phone: answers.phone("phone")?,
        language: lobby.language.tag().to_owned(),
    })))
}
