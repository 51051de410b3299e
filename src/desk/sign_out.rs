//! Signing out at the glass: the open visits of a phone's end or of an invitation, and the end of those that are meant. Part of
//! the desk's transaction. Digits are codes like any other: who types wrong ones waits, and six digits cost the same whether
//! somebody tries to come in with them or to leave.

use super::carry_out::Transaction;
use super::{Answer, Store};
use crate::journal::JournalError;
use crate::service::case::{Case, Objection, Step};
use crate::service::invitation::{TokenId, name};
use crate::service::matter::{Matter, MatterStep};
use crate::service::staff::Actor;
use crate::service::visit::{self, Leaver, OpenVisit, SignOut, SignedOut};

impl<S: Store> Transaction<'_, S> {
    pub(super) fn sign_out(&mut self, command: &SignOut) -> Result<Answer, JournalError> {
        let (by, lock) = (&Actor::GUEST, command.who.lock());
        if let Some(lock) = lock
            && let Some(until) = self.code_waits(lock, by)?
        {
            return self.refuse_code(Objection::Guessing { until }, by);
        }
        let open = match &command.who {
            Leaver::Tail(tail) => self.journal.open_visits(tail)?,
            Leaver::Code(code) => {
                let ids: Vec<TokenId> = self.journal.invitations(*code)?.iter().map(|kept| kept.id).collect();
                self.invited(&ids)?
            }
            // Nobody comes in with it, so its signature is not asked for, whose key may have gone since he came: whoever has the id of an
            // open visit has the invitation.
            Leaver::Token(token) => match token.said() {
                Some(invitation) => self.invited(&[invitation.id])?,
                None => Vec::new(),
            },
        };
        let leaving = visit::leaving(command, &open);
        match (&leaving, lock) {
            (SignedOut::Ended { numbers }, _) => {
                for number in numbers {
                    let step = Step::Matter(MatterStep::Visit(visit::Step::SignOut));
                    self.step(*number, &step, None, by)?;
                }
            }
            // Also for an invitation whose guest has gone: nobody learns that there is such a one.
            (SignedOut::Unknown, Some(lock)) => self.wrong_code(lock, by)?,
            (SignedOut::Unknown | SignedOut::Ambiguous, _) => {}
        }
        Ok(Answer::SignedOut(leaving))
    }

    /// One open visit of each of these invitations, and not of somebody who has gone and whose message is still to be told.
    fn invited(&self, invitations: &[TokenId]) -> Result<Vec<OpenVisit>, JournalError> {
        let mut open = Vec::new();
        for id in invitations {
            let inside = |case: &Case| matches!(&case.matter, Matter::Visit(visit) if !visit.gone);
            if let Some(case) = self.journal.open_cases_of(&visit::key(&name(*id)))?.into_iter().find(inside) {
                let unit = case.docket.facts.get("unit").and_then(|unit| unit.as_str()).unwrap_or_default();
                open.push(OpenVisit { number: case.docket.number, unit: unit.to_owned(), phone_tail: String::new() });
            }
        }
        Ok(open)
    }
}
