//! Leaving: the last four digits of the phone, and the unit where several visits end in them. It never says whose they
//! are (R309), and closes with R171.

use super::{Entry, Lobby, Shelf, always};
use crate::desk::{Answer, Command};
use crate::kiosk::form::{Answers, End, Ending, Field, Form, Plan, Question};
use crate::kiosk::icons::Icon;
use crate::kiosk::strings::Say;
use crate::service::visit::{SignOut, SignedOut};

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Row,
    id: "home.sign-out",
    icon: Icon::SignOut,
    word: Say::HomeSignOut,
    hint: Say::SignOutHint,
    offered: always,
    begin: |language| Form::begin(&PLAN, language),
};

static PLAN: Plan = Plan {
    name: "sign-out",
    questions: &[
        Question::field("tail", Say::SignOutQuestion, Field::Tail, Say::SignOutHint),
        Question::unit("unit", Say::SignOutUnit).aside().same_step(),
    ],
    submit: Say::SignOutGo,
    command,
    sending: Say::SignOutSending,
    ended,
    end: End {
        title: Say::SignOutDone,
        now: |_, words| words.say(Say::SignOutThanks).into_owned(),
        keep: Say::SignOutThanks,
        icon: Icon::Done,
    },
    live: None,
};

fn command(answers: &Answers, _: &Lobby) -> Option<Command> {
    let phone_tail = answers.digits("tail")?.to_owned();
    Some(Command::SignOut(SignOut { phone_tail, unit: answers.unit("unit") }))
}

fn ended(answer: Answer) -> Ending {
    match answer {
        Answer::SignedOut(SignedOut::Ended { .. }) => Ending::Over,
        Answer::SignedOut(SignedOut::Ambiguous) => Ending::Ask("unit"),
        Answer::SignedOut(SignedOut::Unknown) => Ending::Again("tail", Say::SignOutUnknown),
        _ => Ending::Trouble,
    }
}
