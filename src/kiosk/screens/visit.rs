//! A walk-in visitor: whom, who, how to reach, why; then the number. The host's name is never shown or asked for, and
//! what is said does not depend on whether the host is at home (R169).

use super::{Door, Entry, Lobby, Shelf, always};
use crate::desk::Command;
use crate::kiosk::ask::unit_in_words;
use crate::kiosk::form::{Answers, End, Field, Form, Plan, Question, Tile, YES, opened, pick, tiles};
use crate::kiosk::icons::Icon;
use crate::kiosk::strings::{Say, Words};
use crate::service::identity::{Consent, Declared};
use crate::service::matter::Opening;
use crate::service::visit::{Purpose, SignIn, WayIn};
use std::num::NonZeroU8;

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Home,
    id: "home.visit",
    icon: Icon::Visit,
    word: Say::HomeVisit,
    hint: Say::HomeVisitHint,
    offered: always,
    begin: |language| Form::begin_visit(&PLAN, language),
};

const PURPOSES: [(Purpose, Tile); 6] = [
    (Purpose::Friends, Tile::new("friends", Icon::Friends, Say::PurposeFriends)),
    (Purpose::Delivery, Tile::new("delivery", Icon::Delivery, Say::PurposeDelivery)),
    (Purpose::Work, Tile::new("work", Icon::Work, Say::PurposeWork)),
    (Purpose::Viewing, Tile::new("viewing", Icon::Viewing, Say::PurposeViewing)),
    (Purpose::Business, Tile::new("business", Icon::Business, Say::PurposeBusiness)),
    (Purpose::Other, Tile::new("other", Icon::Other, Say::PurposeOther)),
];

static PLAN: Plan = Plan {
    name: "visit",
    questions: &[
        Question::unit("unit", Say::VisitUnitQuestion).beside(Door::Invitation),
        Question::name("name", Say::VisitNameQuestion),
        Question::phone("phone", Say::VisitPhoneQuestion, Say::VisitPrivacy).joined(),
        // Only where the site asks for it: first what for and how long, then, of who agrees, the number.
        Question::consent("notice", Say::IdentityNoticeQuestion, notice, Say::IdentityYes, Say::IdentityNo)
            .only_if(|answers| answers.asks_identity),
        Question::field("identity", Say::IdentityQuestion, Field::Identity, Say::IdentityHint)
            .only_if(|answers| answers.asks_identity && answers.chosen("notice") == Some(YES))
            .same_step(),
        Question::choose("purpose", Say::VisitPurposeQuestion, |_, _| tiles(&PURPOSES)),
    ],
    submit: Say::Next,
    command,
    sending: Say::VisitSending,
    ended: opened,
    end: End { title: Say::VisitReceived, now, keep: Say::VisitKeep, icon: Icon::Seat },
    live: Some(live),
};

/// What the host's answer makes of the last page, by the state of the visit.
static CALLING: End = told(Say::VisitCalling, |answers, words| about(answers, words, Say::VisitCallingNow), Icon::Call);
static COMING: End = told(Say::VisitComing, |answers, words| about(answers, words, Say::VisitComingNow), Icon::Friends);
static WAITING: End = told(Say::VisitWaiting, |_, words| words.say(Say::VisitWaitingNow).into_owned(), Icon::Seat);
static GUARD: End = told(Say::VisitGuard, |_, words| words.say(Say::VisitGuardNow).into_owned(), Icon::Help);
static WELCOME: End = told(Say::VisitWelcome, |_, words| words.say(Say::VisitWelcomeNow).into_owned(), Icon::Done);

const fn told(title: Say, now: fn(&Answers, &Words) -> String, icon: Icon) -> End {
    End { title, now, keep: Say::VisitKeep, icon }
}

/// A host who is not there and one who does not want to come are one sentence (R169): the machine knows one state only. There
/// a message may be left (`screens/message.rs`).
fn live(state: &str) -> Option<&'static End> {
    Some(match state {
        "host-called" => &CALLING,
        "coming" => &COMING,
        "waiting" => &WAITING,
        // The butler is asked, a guard looks after it, somebody was turned away: a person says it, not the glass.
        "guard-check" | "butler-called" | "turned-away" => &GUARD,
        "admitted" | "card-ok" => &WELCOME,
        _ => return None,
    })
}

fn command(answers: &Answers, lobby: &Lobby) -> Option<Command> {
    Some(Command::at_the_glass(Opening::Visit(SignIn {
        unit: answers.unit("unit")?,
        name: Some(answers.name("name")?),
        phone: Some(answers.phone("phone")?),
        identity: identity(answers, lobby)?,
        purpose: pick(&PURPOSES, answers.chosen("purpose"))?,
        note: None,
        heads: NonZeroU8::MIN,
        way_in: WayIn::Host,
        language: lobby.language.tag().to_owned(),
    })))
}

/// What is kept of the number is made here, so that the whole of it goes no further.
fn identity(answers: &Answers, lobby: &Lobby) -> Option<Option<Consent>> {
    let (true, Some(asking)) = (answers.asks_identity, &lobby.settings.identity) else { return Some(None) };
    let declared = if answers.chosen("notice")? == YES {
        let number = answers.identity("identity")?;
        number.given(asking.key.digest("identity", &[number.as_bytes()]))
    } else {
        Declared::Declined
    };
    Some(Some(Consent { days: lobby.settings.visit_days, declared }))
}

/// What for, for how long, that no is an answer; and who keeps it and where he is asked about it (PIPL, Art. 17).
fn notice(lobby: &Lobby, words: &Words) -> String {
    let what = words.with(Say::IdentityNotice, &[("days", &lobby.settings.visit_days.to_string())]);
    let company = lobby.settings.identity.as_ref().map_or("", |asking| &asking.company);
    let phone = lobby.settings.service_phone.as_deref().unwrap_or_default();
    format!("{what}\n{}", words.with(Say::IdentityNoticeWho, &[("company", company), ("phone", phone)]))
}

fn about(answers: &Answers, words: &Words, sentence: Say) -> String {
    let unit = answers.unit("unit").map(|unit| unit_in_words(words, unit.as_str())).unwrap_or_default();
    words.with(sentence, &[("unit", &unit)]).into_owned()
}

fn now(answers: &Answers, words: &Words) -> String {
    about(answers, words, Say::VisitNow)
}
