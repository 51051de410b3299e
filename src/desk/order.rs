//! Commands of the office. What the desk carries out is one transaction with the command's record. What is kept apart from the journal
//! cannot be: it is noted as begun in the transaction of its record, and as ended in that of its outcome, so that a command which a crash
//! has cut off between the two is no repeat when it comes again.

use super::carry_out::Transaction;
use super::{Answer, Asked, Command, Store};
use crate::event::{Event, Id};
use crate::journal::{Appended, JournalError};
use crate::service::office_command::{self, Objection, Refused};

/// The records of commands that have begun and not ended, oldest first, as a JSON list of event ids.
const BEGUN: &str = "orders_begun";
/// How many are remembered. More are under way only where crash upon crash has cut commands off that nobody has sent again; a command is
/// good for a day at the most, so that the oldest is of no use to anybody.
const MAX_BEGUN: usize = 256;

impl<S: Store> Transaction<'_, S> {
    pub(super) fn order(&mut self, record: &Event, asked: &Asked, what: &Command) -> Result<Answer, JournalError> {
        if self.record(record)? == Appended::Repeat {
            return Ok(Answer::Repeated);
        }
        let objection = match self.carry_out(what)? {
            Answer::NotInvited(why) => Objection::NotKept(why.code()),
            Answer::WatchListFull => Objection::ListFull,
            Answer::Objected(objection) => Objection::NotTaken(objection.to_string()),
            answer => return Ok(answer),
        };
        let (id, signer) = (Some(asked.id.clone()), Some(asked.signer.clone()));
        let refused = Refused { id, signer, objection: objection.clone() };
        self.record(&office_command::refused(asked.name, &refused, &[], &record.subject, self.now))?;
        Ok(Answer::Declined(objection))
    }

    /// It may be carried out, for the first time or because it never came to its end.
    pub(super) fn begin_order(&mut self, id: Id, record: &Event) -> Result<Answer, JournalError> {
        let (appended, mut begun) = (self.record(record)?, self.begun()?);
        let id = id.to_string();
        match appended {
            Appended::Repeat if begun.contains(&id) => Ok(Answer::Begun { again: true }),
            Appended::Repeat => Ok(Answer::Repeated),
            Appended::As(_) => {
                begun.drain(..(begun.len() + 1).saturating_sub(MAX_BEGUN));
                begun.push(id);
                self.note_begun(&begun)?;
                Ok(Answer::Begun { again: false })
            }
        }
    }

    pub(super) fn end_order(&mut self, id: Id, refused: Option<&Event>) -> Result<Answer, JournalError> {
        let mut begun = self.begun()?;
        let id = id.to_string();
        if begun.contains(&id) {
            begun.retain(|other| *other != id);
            self.note_begun(&begun)?;
        }
        if let Some(refused) = refused {
            self.record(refused)?;
        }
        Ok(Answer::Done)
    }

    fn begun(&self) -> Result<Vec<String>, JournalError> {
        Ok(self.journal.memo(BEGUN)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    fn note_begun(&mut self, begun: &[String]) -> Result<(), JournalError> {
        let text = serde_json::to_string(begun).expect("a list of texts always serialises");
        self.journal.set_memo(BEGUN, (!begun.is_empty()).then_some(&*text))
    }
}
