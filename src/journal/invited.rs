//! Invitations as the desk keeps them: the token where it was handed over, and how often it was used. It decides nothing.

use super::{Journal, JournalError};
use crate::event::Now;
use crate::service::invitation::{InvitationCode, Kept, Token, TokenId};
use crate::service::number::Number;
use crate::service::person::{Thing, Wanted};
use chrono::DateTime;
use rusqlite::{Connection, OptionalExtension, Row, params};

const COLUMNS: &str = "SELECT id, until, token, used, last, last_at, code FROM invitation";

impl Journal {
    pub fn invitation(&self, id: TokenId) -> Result<Option<Kept>, JournalError> {
        let mut query = self.connection.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
        Ok(query.query_row([id], kept).optional()?)
    }

    /// All that have this code, also those that have ended.
    pub fn invitations(&self, code: InvitationCode) -> Result<Vec<Kept>, JournalError> {
        let mut query = self.connection.prepare_cached(&format!("{COLUMNS} WHERE code = ?1"))?;
        let found = query.query_map([code.number()], kept)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// How many were handed over and still let somebody in. One that is over or used up waits for nobody.
    pub fn invitations_waiting(&self, now: Now) -> Result<usize, JournalError> {
        let mut query = self.connection.prepare_cached(&format!("{COLUMNS} WHERE code IS NOT NULL AND until > ?1"))?;
        let kept = query.query_map([now.utc.timestamp_millis()], kept)?.collect::<Result<Vec<_>, _>>()?;
        let waits = |kept: &&Kept| {
            let said = kept.token.as_ref().and_then(|(token, _)| token.said());
            said.is_none_or(|said| kept.used < said.uses)
        };
        Ok(kept.iter().filter(waits).count())
    }

    pub fn keep_invitation(&mut self, kept: &Kept) -> Result<(), JournalError> {
        let had_words = "SELECT 1 FROM invitation WHERE id = ?1 AND token IS NOT NULL";
        if kept.token.is_none() && self.connection.prepare_cached(had_words)?.exists([kept.id])? {
            self.note_traces(false)?;
        }
        let (token, code) = kept.token.as_ref().map(|(token, code)| (token.as_str(), code.number())).unzip();
        let last = kept.last.map(|(number, at)| (String::from(number), at.timestamp_millis())).unzip();
        self.connection
            .prepare_cached(
                "INSERT INTO invitation (id, until, token, code, used, last, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT DO UPDATE SET token = excluded.token, code = excluded.code, used = excluded.used,
                 last = excluded.last, last_at = excluded.last_at",
            )?
            .execute(params![kept.id, kept.until.timestamp_millis(), token, code, used(kept), last.0, last.1])?;
        Ok(())
    }

    /// Takes out its words. That it was used stays, and so does the guest's own copy: it is good as before, its six digits are not.
    pub(super) fn forget_invitation(&mut self, id: TokenId) -> Result<bool, JournalError> {
        let forget = "UPDATE invitation SET token = NULL, code = NULL WHERE id = ?1";
        Ok(self.connection.prepare_cached(forget)?.execute([id])? > 0)
    }
}

/// Invitations that name this person as the host or the guest.
pub(super) fn naming(connection: &Connection, wanted: &Wanted) -> Result<Vec<Kept>, JournalError> {
    let mut query = connection.prepare_cached(&format!("{COLUMNS} WHERE token IS NOT NULL"))?;
    let all = query.query_map([], kept)?.collect::<Result<Vec<_>, _>>()?;
    let his = |kept: &Kept| {
        let said = kept.token.as_ref().and_then(|(token, _)| token.said());
        said.is_some_and(|said| {
            [Some(&said.host), said.visitor.as_ref()].into_iter().flatten().any(|name| wanted.is_called(name))
        })
    };
    Ok(all.into_iter().filter(his).collect())
}

/// One that was taken back is used up for good: more often than any is good for ([`MAX_USES`](crate::service::invitation::MAX_USES)).
const TAKEN_BACK: u8 = u8::MAX;

fn used(kept: &Kept) -> u8 {
    if kept.taken_back { TAKEN_BACK } else { kept.used }
}

/// Of those that this person has said to be his, the ones that name him as the guest. One whose words are gone names nobody.
pub(super) fn of_guest(connection: &Connection, wanted: &Wanted) -> Result<Vec<TokenId>, JournalError> {
    let is_guest = |kept: &Kept| {
        let said = kept.token.as_ref().and_then(|(token, _)| token.said());
        said.and_then(|said| said.visitor).is_some_and(|name| wanted.is_called(&name))
    };
    let mut found = Vec::new();
    for thing in &wanted.also {
        let Thing::Invitation(id) = thing else { continue };
        let mut query = connection.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
        found.extend(query.query_row([id], kept).optional()?.filter(is_guest).map(|kept| kept.id));
    }
    Ok(found)
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let time = |millis| DateTime::from_timestamp_millis(millis).unwrap_or_default();
    let text: Option<String> = row.get(2)?;
    let number: Option<String> = row.get(4)?;
    let at: Option<i64> = row.get(5)?;
    let code: Option<u32> = row.get(6)?;
    let token = text.as_deref().and_then(Token::parse).zip(code.and_then(InvitationCode::stored));
    // What cannot be read is left out; that it was used stands in its own column.
    let number = number.and_then(|number| Number::try_from(number).ok());
    let last = number.zip(at.map(time));
    let used = row.get(3)?;
    Ok(Kept { id: row.get(0)?, until: time(row.get(1)?), token, used, taken_back: used == TAKEN_BACK, last })
}
