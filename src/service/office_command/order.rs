//! What a command asks for, and how its arguments are read.

use super::objection::{Objection, malformed};
use super::{notices, people, rules, ticket};
use crate::event::Now;
use crate::service::directory::update;
use crate::service::invitation::Token;
use crate::service::{redact, watch};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fmt::Display;
use std::num::NonZeroU64;

/// The names of commands, as they stand in topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    Ping,
    Replay,
    Invite,
    WatchList,
    Directory,
    Ticket,
    Survey,
    Staff,
    Notices,
    Rules,
    Diagnose,
}

impl Name {
    pub const ALL: [Name; 11] = [
        Name::Ping,
        Name::Replay,
        Name::Invite,
        Name::WatchList,
        Name::Directory,
        Name::Ticket,
        Name::Survey,
        Name::Staff,
        Name::Notices,
        Name::Rules,
        Name::Diagnose,
    ];

    pub fn of(text: &str) -> Option<Self> {
        Name::ALL.into_iter().find(|name| name.as_str() == text)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Name::Ping => "ping",
            Name::Replay => "replay",
            Name::Invite => "invite",
            Name::WatchList => "watch-list",
            Name::Directory => "directory",
            Name::Ticket => "ticket",
            Name::Survey => "survey",
            Name::Staff => "staff",
            Name::Notices => "notices",
            Name::Rules => "rules",
            Name::Diagnose => "diagnose",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Are you there?
    Ping,
    /// Send everything from this number on once more.
    Replay {
        from_seq: u64,
    },
    /// Keep this invitation until its guest comes, so that he can type its six digits.
    Invite(Token),
    /// Nobody comes in with it any more.
    TakeBack(Token),
    WatchList(watch::Change),
    /// Kept apart from the journal, in a file of its own.
    Directory(update::Part),
    Ticket(Box<ticket::Update>),
    Survey(ticket::Survey),
    /// Kept in a file of its own, as `lobbyd staff` does.
    Staff(people::Change),
    /// Kept as files, as people write them.
    Notices(notices::Change),
    /// In force with the next start, which comes as soon as nobody stands at the glass.
    Rules(rules::Change),
    /// How are you? Log, status, machine; nobody's name.
    Diagnose,
}

impl Order {
    pub const fn name(&self) -> Name {
        match self {
            Order::Ping => Name::Ping,
            Order::Replay { .. } => Name::Replay,
            Order::Invite(_) | Order::TakeBack(_) => Name::Invite,
            Order::WatchList(_) => Name::WatchList,
            Order::Directory(_) => Name::Directory,
            Order::Ticket(_) => Name::Ticket,
            Order::Survey(_) => Name::Survey,
            Order::Staff(_) => Name::Staff,
            Order::Notices(_) => Name::Notices,
            Order::Rules(_) => Name::Rules,
            Order::Diagnose => Name::Diagnose,
        }
    }

    /// What the command of this name asks for with these arguments.
    pub(super) fn read(name: Name, arguments: &Map<String, Value>, now: Now) -> Result<Order, Objection> {
        match name {
            Name::Ping => argued::<NoArguments>(arguments).map(|_| Order::Ping),
            Name::Replay => argued(arguments).map(|Replay { from_seq }| Order::Replay { from_seq: from_seq.get() }),
            Name::Invite => {
                let token =
                    |text: String| Token::parse(&text).ok_or_else(|| malformed("that is no token such as LB1.…"));
                match argued(arguments)? {
                    Invite { token: Some(text), revoke: None } => token(text).map(Order::Invite),
                    Invite { token: None, revoke: Some(text) } => token(text).map(Order::TakeBack),
                    _ => Err(malformed("`arguments` has either `token` or `revoke`")),
                }
            }
            Name::WatchList => checked(arguments, |change: &watch::Change| change.check(now)).map(Order::WatchList),
            Name::Directory => checked(arguments, update::Part::check).map(Order::Directory),
            Name::Ticket => checked(arguments, ticket::Update::check).map(|update| Order::Ticket(Box::new(update))),
            Name::Survey => Ok(Order::Survey(argued(arguments)?)),
            Name::Staff => checked(arguments, people::Change::check).map(Order::Staff),
            Name::Notices => checked(arguments, notices::Change::check).map(Order::Notices),
            Name::Rules => Ok(Order::Rules(argued(arguments)?)),
            Name::Diagnose => argued::<NoArguments>(arguments).map(|_| Order::Diagnose),
        }
    }
}

/// What serde says of a wrong member names it, and what stands there may be a resident's name: an answer goes further than its command.
fn argued<T: DeserializeOwned>(arguments: &Map<String, Value>) -> Result<T, Objection> {
    T::deserialize(arguments).map_err(|error| wrong(redact::serde(&error.to_string())))
}

/// The same where more is asked of them than their form.
fn checked<T: DeserializeOwned, E: Display>(
    arguments: &Map<String, Value>,
    check: impl FnOnce(&T) -> Result<(), E>,
) -> Result<T, Objection> {
    let read = argued(arguments)?;
    check(&read).map_err(wrong)?;
    Ok(read)
}

fn wrong(why: impl Display) -> Objection {
    malformed(format!("`arguments`: {why}"))
}

#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NoArguments {}

#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// The first number to send again.
    from_seq: NonZeroU64,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// One to keep, as `lobbyd invite` makes it: `LB1.…`.
    token: Option<String>,
    /// One with which nobody shall come in any more. Either this or `token`.
    revoke: Option<String>,
}
