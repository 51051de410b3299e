//! Leaving: the last four digits of the phone, and the unit where several visits end in them; or the invitation that somebody
//! came with, six digits or its QR code. The slip of a visit tells which is meant. It never says whose they are (R309), and
//! closes with R171.

use super::{Entry, Lobby, Shelf, always};
use crate::desk::{Answer, Command};
use crate::kiosk::ask::TAIL;
use crate::kiosk::form::{Answers, End, Ending, Field, Form, Plan, Question, Read};
use crate::kiosk::icons::Icon;
use crate::kiosk::scan::Scan;
use crate::kiosk::strings::Say;
use crate::service::case::Objection;
use crate::service::invitation::{InvitationCode, Token};
use crate::service::number::{Series, Slip};
use crate::service::visit::{Leaver, SignOut, SignedOut};

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
        Question::field("tail", Say::SignOutQuestion, Field::Leave, Say::SignOutHint).scanned(read),
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
    let scan = answers.scan();
    let who = match scan.and_then(|scan| Token::parse(scan.as_str())) {
        Some(token) => Leaver::Token(token),
        None => match answers.digits("tail")? {
            tail if tail.len() == TAIL => Leaver::Tail(tail.to_owned()),
            code => Leaver::Code(InvitationCode::parse(code)?),
        },
    };
    let slip = scan.and_then(|scan| slip(scan.as_str()));
    Some(Command::SignOut(SignOut { who, unit: answers.unit("unit"), slip }))
}

fn read(scan: &Scan) -> Option<Read> {
    if Token::parse(scan.as_str()).is_some() {
        return Some(Read::Whole);
    }
    slip(scan.as_str()).map(|_| Read::Part(Say::SignOutSlip))
}

fn slip(text: &str) -> Option<Slip> {
    Slip::parse(text).filter(|slip| slip.series == Series::Visit)
}

fn ended(answer: Answer) -> Ending {
    match answer {
        Answer::SignedOut(SignedOut::Ended { .. }) => Ending::Over,
        Answer::SignedOut(SignedOut::Ambiguous) => Ending::Ask("unit"),
        Answer::SignedOut(SignedOut::Unknown) => Ending::Again("tail", Say::SignOutUnknown),
        Answer::Objected(Objection::Guessing { until }) => Ending::Later(until),
        _ => Ending::Trouble,
    }
}
