//! Invited visitors: a token that an issuer has signed, good for a time and a number of arrivals, checked here without any
//! network. Pure: what was used so far and what time it is come in. It never says to a visitor more than he was sent.

#[cfg(test)]
mod tests;
mod token;

pub use token::{
    Draft, Invitation, InvitationCode, Issuers, MAX_TEXT, MAX_USES, NoInvitation, SiteMark, Token, TokenId, name,
    site_mark,
};

use super::number::Number;
use crate::event::Now;
use chrono::{DateTime, TimeDelta, Utc};

/// Invitations that wait for their guests at one time. One code in 2,500 is then somebody's, and trying codes is as slow as
/// [`guess`](super::guess) says. A QR code is good without being kept.
pub const MAX_KEPT: usize = super::guess::MAX_INVITATIONS;

/// Longest time from now to the beginning of one that is kept: who signs for later has a wrong clock, and his guests' names would be
/// kept for as long as that is wrong.
pub const MAX_AHEAD: TimeDelta = TimeDelta::days(366);

/// Whoever shows a used invitation again so soon after it has let somebody arrive has pressed twice, or heard no answer: he is
/// told the same number once more, and nothing is spent.
const AGAIN: TimeDelta = TimeDelta::minutes(2);

/// What a visitor shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    Token(Token),
    Code(InvitationCode),
}

/// Why somebody does not come in with what he shows. None of it is his fault as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Not a token, or not as it was signed.
    Forged,
    /// Signed with a key that is not in use here.
    UnknownKey,
    OtherSite,
    /// The time is not known yet: a person must look.
    NoClock,
    NotYet {
        from: DateTime<Utc>,
    },
    Expired,
    UsedUp,
    /// Whoever has issued it wants it back.
    TakenBack,
    /// Several open invitations have this code now: the QR code tells them apart.
    Unsure,
    /// [`MAX_KEPT`] wait already.
    Full,
}

impl Refused {
    /// For the journal.
    pub const fn code(self) -> &'static str {
        match self {
            Refused::Forged => "forged",
            Refused::UnknownKey => "unknown-key",
            Refused::OtherSite => "other-site",
            Refused::NoClock => "no-clock",
            Refused::NotYet { .. } => "not-yet",
            Refused::Expired => "expired",
            Refused::UsedUp => "used-up",
            Refused::TakenBack => "taken-back",
            Refused::Unsure => "unsure",
            Refused::Full => "full",
        }
    }
}

/// An invitation as this kiosk remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub id: TokenId,
    pub until: DateTime<Utc>,
    /// The whole token, where it was handed over before the guest came; only then its code is known here.
    pub token: Option<(Token, InvitationCode)>,
    pub used: u8,
    /// It was taken back: nobody comes in with it any more, however often it was good for.
    pub taken_back: bool,
    /// The last arrival.
    pub last: Option<(Number, DateTime<Utc>)>,
}

/// How an invitation that holds is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// An arrival is spent.
    Fresh,
    /// Nothing is spent: this is the arrival of a moment ago.
    Again(Number),
}

impl Kept {
    pub fn of(invitation: &Invitation) -> Self {
        Kept { id: invitation.id, until: invitation.until, token: None, used: 0, taken_back: false, last: None }
    }

    /// Whether somebody may arrive with it now.
    ///
    /// # Errors
    /// When not.
    pub fn holds(&self, invitation: &Invitation, now: Now) -> Result<Holds, Refused> {
        if self.taken_back {
            return Err(Refused::TakenBack);
        }
        if !now.synced {
            return Err(Refused::NoClock);
        }
        if now.utc < invitation.from {
            return Err(Refused::NotYet { from: invitation.from });
        }
        if now.utc >= invitation.until {
            return Err(Refused::Expired);
        }
        if self.used < invitation.uses {
            return Ok(Holds::Fresh);
        }
        match self.last {
            Some((number, at)) if (TimeDelta::zero()..AGAIN).contains(&(now.utc - at)) => Ok(Holds::Again(number)),
            _ => Err(Refused::UsedUp),
        }
    }
}

/// Which of the invitations with one code is meant: the one that holds now.
///
/// # Errors
/// [`Refused::Unsure`] where several hold; else why the one that comes nearest does not. `None` where there is none at all.
pub fn meant(found: Vec<(Invitation, Kept)>, now: Now) -> Option<Result<(Invitation, Kept, Holds), Refused>> {
    let (mut holding, mut refused) = (Vec::new(), Vec::new());
    for (invitation, kept) in found {
        match kept.holds(&invitation, now) {
            Ok(holds) => holding.push((invitation, kept, holds)),
            Err(why) => refused.push(why),
        }
    }
    match holding.len() {
        0 => refused.into_iter().min_by_key(nearness).map(Err),
        1 => holding.pop().map(Ok),
        _ => Some(Err(Refused::Unsure)),
    }
}

/// Somebody who comes too early is told so rather than that another one's invitation has ended.
fn nearness(refused: &Refused) -> (u8, DateTime<Utc>) {
    match refused {
        Refused::NotYet { from } => (0, *from),
        Refused::UsedUp => (1, DateTime::<Utc>::MIN_UTC),
        _ => (2, DateTime::<Utc>::MIN_UTC),
    }
}
