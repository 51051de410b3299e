//! What is asked of one person's own data: a copy, an erasure (PIPL, Art. 45 and 47), and the legal hold that keeps something from being
//! erased, with an author, a reason and an end; and what became of it. Decides no erasure by itself.

mod wanted;

pub use wanted::{NotAThing, Thing, Wanted, plain_digits};

use super::contact::Text;
use super::number::Number;
use crate::event::Now;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Holds at one time: one that nobody can look through is no hold but a way around retention.
pub const MAX_HOLDS: usize = 200;
/// Longest time that a hold stands: the general limitation period (Civil Code, Art. 188). Then somebody must want it again.
pub const MAX_HOLD: TimeDelta = TimeDelta::days(3 * 366);
/// Characters of an author and a reason.
const MAX_AUTHOR: usize = 40;
const MAX_REASON: usize = 200;

/// What is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    Case(Number),
    Person(Wanted),
}

/// Neither purged nor erased until its end. Its `Debug` names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    pub id: String,
    pub of: Of,
    pub reason: Text,
    pub author: Text,
    pub until: DateTime<Utc>,
}

impl Hold {
    /// # Errors
    /// What is wrong, never a word of it.
    pub fn check(&self, now: Now) -> Result<(), String> {
        if self.reason.as_str().chars().count() > MAX_REASON || self.author.as_str().chars().count() > MAX_AUTHOR {
            return Err(format!(
                "write a reason of at most {MAX_REASON} characters and an author of at most {MAX_AUTHOR}"
            ));
        }
        if self.until <= now.utc || self.until - now.utc > MAX_HOLD {
            return Err(format!("it must end within {} days, and not before it begins", MAX_HOLD.num_days()));
        }
        Ok(())
    }
}

/// What somebody with the right asks for. Given on the machine itself, by whoever may write the data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    Hold(Hold),
    /// Ends a hold before its time.
    Lift {
        id: String,
        author: Text,
    },
    Erase {
        wanted: Wanted,
        author: Text,
    },
    /// That a copy is taken, before it is.
    Export {
        wanted: Wanted,
        author: Text,
    },
    /// That everything is taken, everybody with it.
    Taken(Taken),
}

/// A copy of the journal, or a part of it, with names: recorded with who took it (R308).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Handed over twice it is one.
    pub id: String,
    pub what: What,
    pub at: DateTime<Utc>,
    pub events: u64,
    /// The first and the last number.
    pub span: Option<(u64, u64)>,
    /// The name of a file that is not the journal in place.
    pub file: Option<String>,
    pub by: By,
    pub author: Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    Export,
    Backup,
}

/// Who an author is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Who he says.
    Author,
    /// The user of the system, as with a timer.
    User,
}

impl Taken {
    /// # Errors
    /// What is wrong, never a word of it.
    pub fn check(&self) -> Result<(), String> {
        let is_long = |text: &str, most| text.chars().count() > most;
        if is_long(self.author.as_str(), MAX_AUTHOR) || self.file.as_ref().is_some_and(|file| is_long(file, MAX_REASON))
        {
            return Err(format!("write an author of at most {MAX_AUTHOR} characters"));
        }
        Ok(())
    }
}

impl Request {
    /// Whose data it is about.
    pub fn wanted(&self) -> Option<&Wanted> {
        match self {
            Request::Hold(Hold { of: Of::Person(wanted), .. })
            | Request::Erase { wanted, .. }
            | Request::Export { wanted, .. } => Some(wanted),
            Request::Hold(_) | Request::Lift { .. } | Request::Taken(_) => None,
        }
    }
}

/// Why something of a person stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stays {
    /// Somebody still works for him: his own, and it is erased with its end.
    WhenClosed,
    /// Somebody still works for another who has told of him.
    Open,
    /// A legal hold.
    Held,
    /// It has his name and no phone: it may be somebody else's. Whoever has looked asks again and names it ([`Wanted::also`]).
    Namesake,
}

/// What became of a request. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Held {
        until: DateTime<Utc>,
    },
    /// Whether there was such a hold.
    Lifted(bool),
    Erased(Erasure),
    /// Recorded: so much is known of him.
    Exported {
        events: u64,
        cases: u64,
    },
    /// That somebody takes a copy.
    Recorded,
    Refused(String),
}

/// What of one person is gone, and what is not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Events that have lost their person.
    pub events: u64,
    pub cases: Vec<Number>,
    /// Entries of the watch-list.
    pub watched: u64,
    /// Invitations that somebody has said to be his: they have no phone.
    #[serde(default)]
    pub invitations: u64,
    /// Their ids: whoever hands invitations over must not hand these over again.
    #[serde(default)]
    pub invitation_ids: Vec<String>,
    pub stay: Vec<(Thing, Stays)>,
    /// Events of no case that are held.
    pub held_events: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::contact::{Name, Phone};

    #[test]
    fn a_hold_has_an_end_and_prints_nobody() {
        let now = Now { utc: DateTime::from_timestamp(1_795_000_000, 0).unwrap(), synced: true };
        let text = |text: &str| Text::parse(text).unwrap();
        let name = Some(Name::parse("测试甲").unwrap());
        let who = Wanted { phone: Phone::parse("13800001234").unwrap(), name, also: Vec::new() };
        let hold = |days| Hold {
            id: "h".into(),
            of: Of::Person(who.clone()),
            reason: text("诉讼"),
            author: text("法务"),
            until: now.utc + TimeDelta::days(days),
        };
        assert!(hold(1).check(now).is_ok() && hold(0).check(now).is_err() && hold(2_000).check(now).is_err());
        assert!(Hold { reason: text(&"长".repeat(201)), ..hold(1) }.check(now).is_err());
        let printed = format!("{:?}", hold(1));
        assert!(!printed.contains("测试") && !printed.contains("138") && !printed.contains("诉讼"), "{printed}");
    }
}
