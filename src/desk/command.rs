//! What the desk is asked, and what it answers.

use super::Code;
use crate::directory::Facts;
use crate::event::{Event, Id, Slug};
use crate::journal::Lane;
use crate::service::case::{Objection, Source, Step};
use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::delivery::{Handing, ParcelCode};
use crate::service::directory::Units;
use crate::service::door::Report;
use crate::service::gathering::Guest;
use crate::service::invitation::{Refused, Shown, Token};
use crate::service::matter::Opening;
use crate::service::number::Number;
use crate::service::office_command;
use crate::service::person::{Outcome, Request};
use crate::service::progress::{Progress, Receipt, Wish};
use crate::service::staff::Actor;
use crate::service::staff_list::{self, Listed};
use crate::service::visit::{SignOut, SignedOut};
use crate::service::watch::Change;
use chrono::{DateTime, Utc};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// What one message from the building said. All its reports are stored together.
    Heard(Vec<Report>),
    /// A message that could not be read: kept as a dead letter without its content.
    Unreadable {
        topic: String,
        bytes: usize,
        reason: String,
    },
    /// Somebody brings a matter: a visit, a repair, a call for help.
    Open {
        opening: Opening,
        source: Source,
        by: Actor,
    },
    /// A step with a case. `seen`: the version that the person was looking at.
    Move {
        number: Number,
        step: Step,
        seen: Option<u32>,
        by: Actor,
    },
    /// The case of a code that somebody shows or types. Wrong ones are counted by place and kind (`service.code`).
    Find {
        code: Code,
        by: Actor,
    },
    /// A resident fetches a parcel at the glass: found by its code, and somebody is asked to hand it over, at once.
    Collect {
        unit: Unit,
        code: ParcelCode,
    },
    SignOut(SignOut),
    /// The glass was wiped: the next person has typed no wrong code.
    NextPerson,
    /// An invitation that was handed over before its guest comes, so that he can type its code.
    Invite(Token),
    /// One that lets nobody in any more.
    TakeBack(Token),
    /// Somebody shows an invitation. `language`: of the session, BCP 47.
    Arrive {
        shown: Shown,
        language: String,
        by: Actor,
    },
    /// Somebody with a slip asks how his ticket stands, and perhaps wants something of it.
    Inquire {
        receipt: Receipt,
        wish: Option<Wish>,
    },
    /// Somebody at the glass wants to come to a gathering (R316). The same phone a second time is the same seat.
    SignUp {
        number: Number,
        guest: Guest,
    },
    /// And does not come after all. It says the same whether this phone had signed up or not (R309).
    SignOff {
        number: Number,
        phone: Phone,
    },
    /// The office has acknowledged everything of this lane up to `seq`. Written with the next commit, at the latest
    /// after [`CURSOR_DELAY`](crate::journal::CURSOR_DELAY): a crash repeats at most a window.
    Acknowledged {
        lane: Lane,
        seq: u64,
    },
    /// The office says that it has everything up to `seq` on its own disk: retention may go so far. `None`: it says so no more, and what
    /// its broker has acknowledged counts again.
    StoredThrough {
        seq: Option<u64>,
    },
    /// The office asks for everything after `seq` again.
    Replay {
        after: u64,
    },
    /// The office refuses this event for ever: a dead letter, so that the line moves on.
    Refused {
        seq: u64,
        reason: String,
    },
    /// Somebody is at this post: the guards' page beats, a reply came over MQTT (R014). Kept in memory.
    Seen {
        post: Slug,
    },
    /// The units in which nobody lives now (R079). Kept in memory: whoever reads the list of units sends it again.
    Vacant(Arc<Units>),
    /// The end of a shift at a post; refused with a task in hand and before the centre's receipt (R064).
    CloseShift {
        post: Slug,
        note: Option<Text>,
        by: Actor,
    },
    TakeShift {
        post: Slug,
        by: Actor,
    },
    /// The daemon itself has something to record; or the page, which has checked the rights: a line of the call log, a muster,
    /// a record that was looked at.
    Record(Event),
    /// This version of the directory is in force. Told once, by whoever says it first: who has put it there, or who found it there.
    Directory(Facts),
    /// The office changes the watch-list. Checked ([`Change::check`]) by whoever sends it.
    WatchList(Change),
    /// One person's data: held, erased, read out. `reference`: a keyed hash of his number, by which the office knows him.
    Person {
        request: Box<Request>,
        reference: Option<String>,
    },
    /// A command of the office that the desk carries out: its record and what it brings, or why it brings nothing, are one
    /// transaction, and a repeat brings nothing. `asked`: as its refusal names it.
    Order {
        record: Event,
        asked: Asked,
        what: Box<Command>,
    },
    /// A command of the office that somebody else carries out: [`Answer::Begun`] says that he may. A repeat may, too, as long as none has
    /// come to its end. `id`: of the record.
    BeginOrder {
        id: Id,
        record: Event,
    },
    /// It has come to its end, or was refused by whoever was to carry it out.
    EndOrder {
        id: Id,
        refused: Option<Event>,
    },
    /// Who may sign in now: what has changed since the last time, also before a restart, is told. `by`: somebody has changed
    /// his own secret.
    Staff {
        list: Vec<Listed>,
        by: Option<Actor>,
    },
    /// Are you there? Answered like any other command, so that a hung disk shows.
    Probe,
}

impl Command {
    /// The post from which a member of staff sends it: he is there.
    pub(super) fn post(&self) -> Option<&Slug> {
        match self {
            Command::Seen { post } => Some(post),
            Command::Open { by, .. }
            | Command::Move { by, .. }
            | Command::Find { by, .. }
            | Command::Arrive { by, .. }
            | Command::CloseShift { by, .. }
            | Command::TakeShift { by, .. } => by.post.as_ref(),
            _ => None,
        }
    }

    /// Somebody types what he may have guessed.
    pub fn tries_code(&self) -> bool {
        let typed = matches!(self, Command::Collect { .. } | Command::Inquire { .. } | Command::SignOut(_));
        typed || matches!(self, Command::Arrive { shown: Shown::Code(_), .. })
    }

    /// A matter that somebody brings at the glass.
    pub fn at_the_glass(opening: Opening) -> Self {
        Command::Open { opening, source: Source::Kiosk, by: Actor::GUEST }
    }
}

/// Whose command it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub name: &'static str,
    pub id: String,
    pub signer: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Stored {
        events: usize,
        repeats: usize,
    },
    Opened {
        number: Number,
        /// R086: until when an answer has been promised.
        reply_by: Option<DateTime<Utc>>,
    },
    Moved {
        number: Number,
        state: &'static str,
        version: u32,
    },
    /// The case of a code; `None` for one that was used.
    Found {
        number: Option<Number>,
    },
    /// A parcel was found by its code: who hands it over, and where.
    Shown {
        number: Number,
        handing: Handing,
    },
    /// The rules refuse it. That is journaled; nothing else has changed.
    Objected(Objection),
    SignedOut(SignedOut),
    /// An invitation holds: the visit, and who has invited, as the visitor reads it.
    Arrived {
        number: Number,
        host: Name,
    },
    /// An invitation does not hold, or is not kept. A guard has been told where a visitor stands there with it.
    NotInvited(Refused),
    /// A seat at a gathering, or a place on its waiting list.
    SignedUp {
        number: Number,
        waiting: bool,
    },
    /// How the ticket stands, after the wish where there was one; `None` where no ticket fits the slip.
    Progress(Option<Box<Progress>>),
    /// The watch-list has so many entries now.
    WatchList {
        entries: usize,
    },
    /// It would have had too many; nothing has changed.
    WatchListFull,
    /// What became of somebody's data.
    Person(Outcome),
    /// What has changed in the list of staff.
    Staff(Vec<staff_list::Change>),
    /// A shift was closed or taken; what is open at that moment.
    Shift {
        open: Vec<Number>,
    },
    /// A command of the office that has been carried out before, or refused.
    Repeated,
    /// What a command of the office asks for is refused, and that is on disk with its record.
    Declined(office_command::Objection),
    /// It may be carried out. `again`: it has begun before, and was cut off before its end.
    Begun {
        again: bool,
    },
    Done,
}

impl Answer {
    /// What somebody brought now stands in the register, and somebody will see to it.
    pub fn is_taken_down(&self) -> bool {
        match self {
            Answer::Opened { .. } | Answer::Arrived { .. } | Answer::SignedUp { .. } | Answer::Shown { .. } => true,
            Answer::SignedOut(_)
            | Answer::Stored { .. }
            | Answer::Moved { .. }
            | Answer::Found { .. }
            | Answer::Objected(_)
            | Answer::NotInvited(_)
            | Answer::Progress(_)
            | Answer::WatchList { .. }
            | Answer::WatchListFull
            | Answer::Person(_)
            | Answer::Staff(_)
            | Answer::Shift { .. }
            | Answer::Repeated
            | Answer::Declined(_)
            | Answer::Begun { .. }
            | Answer::Done => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing was stored. The one who asked still holds the command and may ask again.
    #[error("the journal cannot be written: {0}")]
    Storage(String),
    /// There is room for people only. Nothing was stored; what the device said waits where it came from.
    #[error("there is room for people only: {0}")]
    Reserved(&'static str),
    /// Something before it in its train was refused: it is not stored before that.
    #[error("what came before it is not stored yet")]
    OutOfTurn,
    #[error("the desk is busy")]
    Busy,
    #[error("the desk has closed")]
    Closed,
}
