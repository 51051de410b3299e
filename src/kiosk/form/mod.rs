//! A flow as data: questions in their order, one a page, then one command, then what happens now. `field` is what is typed,
//! `answers` holds what was said, `walk` moves through the pages, `flow` takes touches and answers, `view` draws them, `scan`
//! hears the scanner. A form decides nothing that the desk must decide.

mod answers;
mod field;
mod flow;
mod scan;
pub mod tiles;
mod view;
mod walk;

pub use answers::Answers;
pub use field::Field;
pub use scan::Read;
pub use tiles::{Tile, Values, pick, tiles};
pub use walk::{Form, YES};

use super::icons::Icon;
use super::scan::Scan;
use super::screens::{Door, Lobby};
use super::strings::{Say, Words};
use crate::desk::{Answer, Command};
use crate::service::number::Number;
use chrono::{DateTime, Utc};

/// One flow.
pub struct Plan {
    /// Its pages are called `name.question`, `name.sending`, `name.trouble`, `name.received`, `name.later`,
    /// `name.over`.
    pub name: &'static str,
    pub questions: &'static [Question],
    /// The word on the button that sends it.
    pub submit: Say,
    /// A command exists only where every answer does.
    pub command: fn(&Answers, &Lobby) -> Option<Command>,
    /// What is being done meanwhile.
    pub sending: Say,
    /// What the desk's answer leads to.
    pub ended: fn(Answer) -> Ending,
    pub end: End,
    /// What the last page says instead while the case goes on, by the state of its machine. Only a flow
    /// that people wait at has it.
    pub live: Option<Live>,
}

pub type Live = fn(state: &str) -> Option<&'static End>;

/// The last page.
pub struct End {
    pub title: Say,
    /// What happens now, and by whom. It may name the unit and what was chosen; names and phones are gone by then.
    pub now: fn(&Answers, &Words) -> String,
    /// What the number is good for.
    pub keep: Say,
    pub icon: Icon,
}

/// What a submitted form has come to.
#[derive(Clone, Copy)]
pub enum Ending {
    /// It has a number, to ask with later (R027).
    Received(Number),
    /// Done, and nothing to ask about later.
    Over,
    /// The same, with other words.
    Told(&'static End),
    /// Too many codes that fitted nothing: none is looked at before this.
    Later(DateTime<Utc>),
    /// One question more, which is not asked of everybody.
    Ask(&'static str),
    /// From the beginning, with a wish at this question (R220).
    Again(&'static str, Say),
    /// Not written. What was typed is still there.
    Trouble,
}

/// [`Plan::ended`] of every flow that opens a case and no more.
pub fn opened(answer: Answer) -> Ending {
    match answer {
        Answer::Opened { number, .. } => Ending::Received(number),
        _ => Ending::Trouble,
    }
}

/// One page.
pub struct Question {
    pub id: &'static str,
    pub asks: Say,
    pub how: How,
    /// Its word on the read-back page; `None` leaves it out there.
    pub label: Option<Say>,
    /// Whether it is asked of this person.
    pub applies: fn(&Answers) -> bool,
    /// Reached only from the read-back page or by [`Ending::Ask`].
    pub aside: bool,
    /// Part of the step before it.
    pub same_step: bool,
    /// On the page of the question before it, whose field stands beside its own: name and phone are both "who".
    pub joined: bool,
    /// Another way in, offered beside the keys.
    pub beside: Option<Door>,
    /// What a scan is here; `None` where the scanner answers nothing.
    pub scan: Option<fn(&Scan) -> Option<Read>>,
}

/// How a question is answered.
pub enum How {
    /// One of these, with one touch.
    Choose {
        of: Choices,
        note: Option<(Icon, Say)>,
        /// As lines: words that are too long for tiles.
        lines: bool,
    },
    /// Up to so many of these, in the order of preference.
    Prefer {
        of: Choices,
        most: usize,
        note: Option<(Icon, Say)>,
        /// A second question, whose answers stand where "next" would.
        ways: Option<&'static Ways>,
    },
    Type {
        field: Field,
        hint: Say,
        privacy: Option<Say>,
    },
    /// Something to be read and agreed to before it goes on (R273).
    Agree {
        text: fn(&Lobby, &Words) -> String,
        yes: Say,
        /// Who says no goes on, too: what follows depends on it.
        no: Option<Say>,
    },
    /// Everything read back before it is sent; each row leads to its question (R024).
    Check {
        note: Option<Note>,
    },
}

/// A short question that is answered by going on: two buttons instead of one, and not a touch more.
pub struct Ways {
    /// What its answer is called: [`Answers::way`].
    pub id: &'static str,
    pub asks: Say,
    pub of: [Way; 2],
}

pub struct Way {
    pub id: &'static str,
    pub word: Say,
    /// How it is read back.
    pub said: Say,
}

/// What stands below the answers on a read-back page.
#[derive(Clone, Copy)]
pub enum Note {
    Always(Say),
    /// It depends on what was chosen: a price.
    By(fn(&Answers, &Lobby, &Words) -> String),
}

/// What can be chosen now.
pub type Choices = fn(&Answers, &Lobby) -> Vec<Tile>;

impl Question {
    const fn new(id: &'static str, asks: Say, how: How) -> Self {
        Question {
            id,
            asks,
            how,
            label: None,
            applies: |_| true,
            aside: false,
            same_step: false,
            joined: false,
            beside: None,
            scan: None,
        }
    }

    pub const fn choose(id: &'static str, asks: Say, of: Choices) -> Self {
        Question::new(id, asks, How::Choose { of, note: None, lines: false })
    }

    pub const fn list(id: &'static str, asks: Say, of: Choices) -> Self {
        Question::new(id, asks, How::Choose { of, note: None, lines: true })
    }

    pub const fn prefer(id: &'static str, asks: Say, most: usize, of: Choices) -> Self {
        Question::new(id, asks, How::Prefer { of, most, note: None, ways: None })
    }

    pub const fn unit(id: &'static str, asks: Say) -> Self {
        Question::field(id, asks, Field::Unit, Say::UnitHint)
    }

    pub const fn name(id: &'static str, asks: Say) -> Self {
        Question::field(id, asks, Field::Name, Say::NameHint)
    }

    /// `privacy` says what becomes of it, with `$days` (R310).
    pub const fn phone(id: &'static str, asks: Say, privacy: Say) -> Self {
        let how = How::Type { field: Field::Phone, hint: Say::PhoneHint, privacy: Some(privacy) };
        Question::new(id, asks, how)
    }

    pub const fn field(id: &'static str, asks: Say, field: Field, hint: Say) -> Self {
        Question::new(id, asks, How::Type { field, hint, privacy: None })
    }

    pub const fn agree(id: &'static str, asks: Say, text: fn(&Lobby, &Words) -> String, yes: Say) -> Self {
        Question::new(id, asks, How::Agree { text, yes, no: None })
    }

    /// The same where both are good answers.
    pub const fn consent(id: &'static str, asks: Say, text: fn(&Lobby, &Words) -> String, yes: Say, no: Say) -> Self {
        Question::new(id, asks, How::Agree { text, yes, no: Some(no) })
    }

    pub const fn check(asks: Say, note: Option<Say>) -> Self {
        let note = match note {
            Some(note) => Some(Note::Always(note)),
            None => None,
        };
        Question::new("check", asks, How::Check { note })
    }

    pub const fn check_with(asks: Say, note: fn(&Answers, &Lobby, &Words) -> String) -> Self {
        Question::new("check", asks, How::Check { note: Some(Note::By(note)) })
    }

    /// A line at the foot of the tiles.
    pub const fn noted(mut self, icon: Icon, say: Say) -> Self {
        match &mut self.how {
            How::Choose { note, .. } | How::Prefer { note, .. } => *note = Some((icon, say)),
            How::Type { .. } | How::Agree { .. } | How::Check { .. } => {}
        }
        self
    }

    /// Goes on by the answer to a second question.
    pub const fn leading(mut self, to: &'static Ways) -> Self {
        if let How::Prefer { ways, .. } = &mut self.how {
            *ways = Some(to);
        }
        self
    }

    pub const fn labelled(mut self, label: Say) -> Self {
        self.label = Some(label);
        self
    }

    pub const fn only_if(mut self, applies: fn(&Answers) -> bool) -> Self {
        self.applies = applies;
        self
    }

    pub const fn aside(mut self) -> Self {
        self.aside = true;
        self
    }

    pub const fn beside(mut self, door: Door) -> Self {
        self.beside = Some(door);
        self
    }

    pub const fn scanned(mut self, scan: fn(&Scan) -> Option<Read>) -> Self {
        self.scan = Some(scan);
        self
    }

    pub const fn same_step(mut self) -> Self {
        self.same_step = true;
        self
    }

    pub const fn joined(mut self) -> Self {
        self.joined = true;
        self.same_step()
    }
}
