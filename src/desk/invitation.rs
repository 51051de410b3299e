//! Invitations: kept before their guests come, taken when they stand there. The use that is spent, the visit that it opens and
//! the host who is told are one transaction. Part of the desk's transaction; never journals a token, a code or a name.

use super::carry_out::Transaction;
use super::{Answer, Store};
use crate::event::{Event, Kind, Slug, data};
use crate::journal::JournalError;
use crate::service::case::{Objection, Source};
use crate::service::guess::{Lock, place};
use crate::service::help;
use crate::service::invitation::{
    Holds, Invitation, InvitationCode, Kept, MAX_AHEAD, MAX_KEPT, Refused, Shown, Token, meant, name,
};
use crate::service::matter::Opening;
use crate::service::staff::Actor;
use crate::service::visit::{Purpose, SignIn, WayIn};
use metrics::counter;
use serde_json::json;
use std::num::NonZeroU8;

/// The invitation that was shown, if it holds.
type Meant = Result<(Invitation, Kept, Holds), Refused>;

impl<S: Store> Transaction<'_, S> {
    /// Keeps it until its guest comes. Handed over twice it is kept once.
    pub(super) fn invite(&mut self, token: &Token) -> Result<Answer, JournalError> {
        let invitation = match token.open(&self.house.issuers) {
            Ok(invitation) => invitation,
            Err(refused) => return self.do_not_keep(refused),
        };
        if self.now.synced && self.now.utc >= invitation.until {
            return self.do_not_keep(Refused::Expired);
        }
        if self.now.synced && invitation.from - self.now.utc > MAX_AHEAD {
            return self.do_not_keep(Refused::NotYet { from: invitation.from });
        }
        let kept = self.journal.invitation(invitation.id)?.unwrap_or_else(|| Kept::of(&invitation));
        if kept.taken_back {
            return self.do_not_keep(Refused::TakenBack);
        }
        if kept.token.is_some() {
            return Ok(Answer::Done);
        }
        if self.journal.invitations_waiting(self.now)? >= MAX_KEPT {
            return self.do_not_keep(Refused::Full);
        }
        self.journal.keep_invitation(&Kept { token: Some((token.clone(), invitation.code)), ..kept })?;
        let facts = data([
            ("unit", json!(invitation.unit.as_str())),
            ("from", json!(invitation.from)),
            ("until", json!(invitation.until)),
            ("uses", json!(invitation.uses)),
        ]);
        self.append(&Event::here(Kind::InvitationStored, Slug::from_text(&name(invitation.id)), self.now, facts))?;
        Ok(Answer::Done)
    }

    /// It lets nobody in any more, whatever the guest carries. Who is inside stays inside. Taken back twice it is taken back once.
    pub(super) fn take_back(&mut self, token: &Token) -> Result<Answer, JournalError> {
        let invitation = match token.open(&self.house.issuers) {
            Ok(invitation) => invitation,
            Err(refused) => return self.do_not_keep(refused),
        };
        let kept = self.journal.invitation(invitation.id)?.unwrap_or_else(|| Kept::of(&invitation));
        if kept.taken_back {
            return Ok(Answer::Done);
        }
        let facts = data([("until", json!(invitation.until)), ("used", json!(kept.used))]);
        self.journal.keep_invitation(&Kept { token: None, taken_back: true, ..kept })?;
        self.append(&Event::here(Kind::InvitationTakenBack, Slug::from_text(&name(invitation.id)), self.now, facts))?;
        Ok(Answer::Done)
    }

    fn do_not_keep(&mut self, refused: Refused) -> Result<Answer, JournalError> {
        counter!("lobbyd_invitations_refused_total", "reason" => refused.code()).increment(1);
        let facts = data([("what", json!("not-kept")), ("reason", json!(refused.code()))]);
        self.append(&Event::here(Kind::InvitationRefused, Slug::from_text("invitations"), self.now, facts))?;
        Ok(Answer::NotInvited(refused))
    }

    /// Somebody shows an invitation, or types its code.
    pub(super) fn arrive(&mut self, shown: &Shown, language: &str, by: &Actor) -> Result<Answer, JournalError> {
        let found = match shown {
            Shown::Token(token) => self.by_token(token)?,
            Shown::Code(code) => {
                if let Some(until) = self.code_waits(Lock::Invitation, by)? {
                    return self.refuse_code(Objection::Guessing { until }, by);
                }
                match self.by_code(*code)? {
                    Some(found) => found,
                    None => {
                        self.wrong_code(Lock::Invitation, by)?;
                        return self.refuse_code(Objection::Unknown, by);
                    }
                }
            }
        };
        match found {
            Ok((invitation, kept, holds)) => self.let_arrive(&invitation, kept, holds, language, by),
            Err(refused) => self.do_not_invite(refused, language, by),
        }
    }

    fn by_token(&self, token: &Token) -> Result<Meant, JournalError> {
        let invitation = match token.open(&self.house.issuers) {
            Ok(invitation) => invitation,
            Err(refused) => return Ok(Err(refused)),
        };
        let kept = self.journal.invitation(invitation.id)?.unwrap_or_else(|| Kept::of(&invitation));
        Ok(kept.holds(&invitation, self.now).map(|holds| (invitation, kept, holds)))
    }

    /// `None` for a code that no invitation has.
    fn by_code(&self, code: InvitationCode) -> Result<Option<Meant>, JournalError> {
        // Each is checked again: its key may have been taken out since.
        let open = |kept: Kept| {
            let invitation = kept.token.as_ref()?.0.open(&self.house.issuers).ok()?;
            Some((invitation, kept))
        };
        let found = self.journal.invitations(code)?.into_iter().filter_map(open).collect();
        Ok(meant(found, self.now))
    }

    fn let_arrive(
        &mut self,
        invitation: &Invitation,
        kept: Kept,
        holds: Holds,
        language: &str,
        by: &Actor,
    ) -> Result<Answer, JournalError> {
        let host = invitation.host.clone();
        if let Holds::Again(number) = holds {
            return Ok(Answer::Arrived { number, host });
        }
        let used = kept.used.saturating_add(1);
        let known =
            data([("invitation", json!(name(invitation.id))), ("use", json!(used)), ("uses", json!(invitation.uses))]);
        let opening = Opening::Visit(SignIn {
            unit: invitation.unit.clone(),
            name: invitation.visitor.clone(),
            phone: None,
            identity: None,
            purpose: Purpose::Friends,
            note: None,
            heads: NonZeroU8::MIN,
            way_in: WayIn::Invitation { host: host.clone() },
            language: language.to_owned(),
        });
        let (number, _) = self.open_knowing(known, &opening, Source::Kiosk, by)?;
        self.journal.keep_invitation(&Kept { used, last: Some((number, self.now.utc)), ..kept })?;
        Ok(Answer::Arrived { number, host })
    }

    /// The visitor hears one polite sentence; a guard comes and sees. Somebody who only has to show the other half of his
    /// invitation needs nobody.
    fn do_not_invite(&mut self, refused: Refused, language: &str, by: &Actor) -> Result<Answer, JournalError> {
        counter!("lobbyd_invitations_refused_total", "reason" => refused.code()).increment(1);
        let mut facts = data([("what", json!("arrival")), ("reason", json!(refused.code()))]);
        facts.extend(by.facts());
        self.append(&Event::here(Kind::InvitationRefused, Slug::from_text(&place(by)), self.now, facts))?;
        let called = self.journal.open_case(help::INVITATION)?;
        let comes = called.is_some_and(|case| help::brings_somebody(&case.docket, self.now.utc));
        if refused != Refused::Unsure && !comes {
            let known = data([("invitation", json!(refused.code()))]);
            let opening = Opening::Help(help::Request { language: language.to_owned() });
            self.open_knowing(known, &opening, Source::Daemon, &Actor::DAEMON)?;
        }
        Ok(Answer::NotInvited(refused))
    }
}
