//! A suggestion: always welcome (R296), and nobody has to say who he is. Who would like an answer leaves a phone number and
//! reads until when it comes (R021); everybody reads that the manager hears it in full (R198).

use super::{Entry, Lobby, Shelf, always};
use crate::desk::Command;
use crate::kiosk::form::{Answers, End, Field, Form, Plan, Question, Tile, opened};
use crate::kiosk::icons::Icon;
use crate::kiosk::strings::Say;
use crate::service::matter::Opening;
use crate::service::suggestion::Request;

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Report,
    id: "report.suggestion",
    icon: Icon::Light,
    word: Say::SuggestionEntry,
    hint: Say::SuggestionEntryHint,
    offered: always,
    begin: |language| Form::begin(&PLAN, language),
};

const YES: &str = "yes";

const REPLY: [Tile; 2] = [
    Tile::new(YES, Icon::Call, Say::SuggestionReplyYes).hinted(Say::SuggestionReplyYesHint),
    Tile::new("no", Icon::Done, Say::SuggestionReplyNo).hinted(Say::SuggestionReplyNoHint),
];

static PLAN: Plan = Plan {
    name: "suggestion",
    questions: &[
        Question::field("words", Say::SuggestionWordsQuestion, Field::Text, Say::SuggestionWordsHint),
        Question::choose("reply", Say::SuggestionReplyQuestion, |_, _| REPLY.to_vec()),
        Question::phone("phone", Say::SuggestionPhoneQuestion, Say::ComplaintPrivacy).only_if(wants_reply),
    ],
    submit: Say::SuggestionSubmit,
    command,
    sending: Say::SuggestionSending,
    ended: opened,
    end: End {
        title: Say::SuggestionReceived,
        now: |answers, words| match answers.reply_by(words).filter(|_| wants_reply(answers)) {
            Some(when) => words.with(Say::SuggestionNowReply, &[("when", &when)]).into_owned(),
            None => words.say(Say::SuggestionNow).into_owned(),
        },
        keep: Say::SuggestionKeep,
        icon: Icon::Light,
    },
    live: None,
};

fn wants_reply(answers: &Answers) -> bool {
    answers.chosen("reply") == Some(YES)
}

fn command(answers: &Answers, lobby: &Lobby) -> Option<Command> {
    let phone = if wants_reply(answers) { Some(answers.phone("phone")?) } else { None };
    Some(Command::at_the_glass(Opening::Suggestion(Request {
        text: answers.text("words")?,
        unit: None,
        name: None,
        phone,
        language: lobby.language.tag().to_owned(),
    })))
}
