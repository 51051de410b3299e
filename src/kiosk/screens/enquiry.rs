//! A question to the service centre: what it is, then who asks (R031, R037). The glass answers nothing by itself (R138); it
//! says until when a person does (R086). What is typed here is written, so its answer is, too (R085).

use super::{Entry, Lobby, Shelf, always};
use crate::desk::Command;
use crate::kiosk::form::{Answers, End, Field, Form, Plan, Question, opened};
use crate::kiosk::icons::Icon;
use crate::kiosk::strings::Say;
use crate::service::enquiry::Request;
use crate::service::matter::Opening;

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Services,
    id: "services.enquiry",
    icon: Icon::Question,
    word: Say::EnquiryEntry,
    hint: Say::EnquiryEntryHint,
    offered: always,
    begin: |language| Form::begin(&PLAN, language),
};

static PLAN: Plan = Plan {
    name: "enquiry",
    questions: &[
        Question::field("words", Say::EnquiryWordsQuestion, Field::Text, Say::EnquiryWordsHint),
        Question::name("name", Say::EnquiryNameQuestion),
        Question::phone("phone", Say::EnquiryPhoneQuestion, Say::ComplaintPrivacy).joined(),
    ],
    submit: Say::EnquirySubmit,
    command,
    sending: Say::EnquirySending,
    ended: opened,
    end: End {
        title: Say::EnquiryReceived,
        now: |answers, words| match answers.reply_by(words) {
            Some(when) => words.with(Say::EnquiryNowBy, &[("when", &when)]).into_owned(),
            None => words.say(Say::EnquiryNow).into_owned(),
        },
        keep: Say::EnquiryKeep,
        icon: Icon::Soon,
    },
    live: None,
};

fn command(answers: &Answers, lobby: &Lobby) -> Option<Command> {
    Some(Command::at_the_glass(Opening::Enquiry(Request {
        text: answers.text("words")?,
        written: true,
        unit: None,
        name: answers.name("name")?,
        phone: answers.phone("phone")?,
        language: lobby.language.tag().to_owned(),
    })))
}
