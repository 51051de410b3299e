//! Who is signed in, from which browser, at which post, until when. Tokens are kept as hashes, also on disk: who reads the
//! file cannot sign in with it. Sessions outlive a restart of the daemon, so that nobody types a PIN because of an update.

use crate::config::staff::Member;
use crate::event::{Id, Slug};
use crate::service::card::Viewer;
use crate::service::staff::{Actor, Role, Via};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use tokio::sync::watch;

/// A shift: whoever begins the next one signs in himself.
const LONGEST: TimeDelta = TimeDelta::hours(12);
/// A phone that lies in the park.
const IDLE: TimeDelta = TimeDelta::minutes(30);
/// Sessions of the whole house, and of one person: the oldest goes.
const MAX_SESSIONS: usize = 256;
const MAX_OF_ONE: usize = 5;
/// Open live streams of one session: tabs.
pub const MAX_STREAMS: usize = 6;

/// Why a session has ended; the page says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    SignedOut,
    Idle,
    Expired,
    /// Too many others of the same person or house.
    Replaced,
    /// Disabled, or the secret was changed.
    Withdrawn,
}

impl End {
    pub const fn name(self) -> &'static str {
        match self {
            End::SignedOut => "signed-out",
            End::Idle => "idle",
            End::Expired => "expired",
            End::Replaced => "replaced",
            End::Withdrawn => "withdrawn",
        }
    }
}

/// Somebody who is signed in, as a request sees him.
#[derive(Debug, Clone)]
pub struct Guard {
    /// Names the session; worth nothing as a cookie.
    pub session: String,
    pub csrf: String,
    pub id: Slug,
    pub name: String,
    pub badge: Option<String>,
    pub role: Role,
    pub post: Option<Slug>,
    pub must_change: bool,
}

impl Guard {
    pub fn actor(&self) -> Actor {
        Actor::staff(self.id.clone(), self.name.clone(), self.role, self.post.clone(), Via::Page)
    }

    pub fn viewer(&self) -> Viewer {
        Viewer { id: self.id.clone(), name: self.name.clone(), role: self.role, post: self.post.clone() }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    csrf: String,
    id: Slug,
    post: Option<Slug>,
    began: DateTime<Utc>,
    seen: DateTime<Utc>,
}

#[derive(Debug)]
struct Session {
    kept: Kept,
    streams: usize,
    /// Live streams wait on it: the post, and why the session has ended.
    news: watch::Sender<Option<End>>,
}

/// All sessions.
#[derive(Debug, Default)]
pub struct Sessions {
    open: HashMap<String, Session>,
    /// Something that must reach the disk has changed.
    changed: bool,
}

impl Sessions {
    /// What was written before a restart. A file that makes no sense is no session.
    pub fn restore(text: &str) -> Self {
        let kept: HashMap<String, Kept> = serde_json::from_str(text).unwrap_or_default();
        let session = |kept| Session { kept, streams: 0, news: watch::channel(None).0 };
        let open = kept.into_iter().take(MAX_SESSIONS).map(|(key, kept)| (key, session(kept))).collect();
        Sessions { open, changed: false }
    }

    /// The text to write, if anything has changed since the last time.
    pub fn take_changes(&mut self) -> Option<String> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let kept: HashMap<&String, &Kept> = self.open.iter().map(|(key, session)| (key, &session.kept)).collect();
        Some(serde_json::to_string(&kept).expect("sessions have string keys and always serialise"))
    }

    /// Begins one; returns the cookie's value, which is nowhere else from now on, and the CSRF token.
    pub fn begin(&mut self, id: &Slug, post: Option<Slug>, now: DateTime<Utc>) -> (String, String) {
        self.make_room(id);
        let (token, csrf) = (random(), random());
        let kept = Kept { csrf: csrf.clone(), id: id.clone(), post, began: now, seen: now };
        let key = key(&token);
        self.open.insert(key, Session { kept, streams: 0, news: watch::channel(None).0 });
        self.changed = true;
        (token, csrf)
    }

    fn make_room(&mut self, id: &Slug) {
        let oldest = |open: &HashMap<String, Session>, of: Option<&Slug>| {
            let theirs = open.iter().filter(|(_, session)| of.is_none_or(|id| session.kept.id == *id));
            theirs.min_by_key(|(_, session)| session.kept.seen).map(|(key, _)| key.clone())
        };
        if self.open.values().filter(|session| session.kept.id == *id).count() >= MAX_OF_ONE
            && let Some(key) = oldest(&self.open, Some(id))
        {
            self.end(&key, End::Replaced);
        }
        if self.open.len() >= MAX_SESSIONS
            && let Some(key) = oldest(&self.open, None)
        {
            self.end(&key, End::Replaced);
        }
    }

    /// Whose cookie this is. `counts`: somebody has touched the page, so that it is not idle.
    ///
    /// # Errors
    /// Why nobody is signed in with it.
    pub fn look(
        &mut self,
        token: &str,
        member: impl Fn(&Slug) -> Option<Member>,
        counts: bool,
        now: DateTime<Utc>,
    ) -> Result<Guard, End> {
        let key = key(token);
        let session = self.open.get(&key).ok_or(End::SignedOut)?;
        let kept = &session.kept;
        let Some(member) = member(&kept.id).filter(|member| !member.disabled) else {
            self.end(&key, End::Withdrawn);
            return Err(End::Withdrawn);
        };
        if let Some(end) = over(kept, now) {
            self.end(&key, end);
            return Err(end);
        }
        let guard = guard(&key, kept, member);
        if counts {
            self.keep_awake(&key, now);
        }
        Ok(guard)
    }

    /// Ends one; false if it had ended.
    pub fn end(&mut self, key: &str, why: End) -> bool {
        let Some(session) = self.open.remove(key) else { return false };
        session.news.send_replace(Some(why));
        self.changed = true;
        true
    }

    /// Ends all of these people: disabled, or with a new secret.
    pub fn end_of(&mut self, ids: &[Slug], but: Option<&str>) {
        let theirs =
            self.open.iter().filter(|(key, session)| ids.contains(&session.kept.id) && but != Some(key.as_str()));
        let keys: Vec<String> = theirs.map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.end(&key, End::Withdrawn);
        }
    }

    /// Ends what is over; returns whose.
    pub fn sweep(&mut self, now: DateTime<Utc>) -> Vec<(Slug, End)> {
        let over: Vec<(String, Slug, End)> = self
            .open
            .iter()
            .filter_map(|(key, session)| Some((key.clone(), session.kept.id.clone(), over(&session.kept, now)?)))
            .collect();
        for (key, _, end) in &over {
            self.end(key, *end);
        }
        over.into_iter().map(|(_, id, end)| (id, end)).collect()
    }

    /// The person stands somewhere else now.
    pub fn move_to(&mut self, key: &str, post: Option<Slug>) {
        if let Some(session) = self.open.get_mut(key) {
            session.kept.post = post;
            session.news.send_replace(None);
            self.changed = true;
        }
    }

    /// A live stream begins; `None` where there are too many or the session has ended.
    pub fn stream(&mut self, key: &str) -> Option<watch::Receiver<Option<End>>> {
        let session = self.open.get_mut(key).filter(|session| session.streams < MAX_STREAMS)?;
        session.streams += 1;
        Some(session.news.subscribe())
    }

    pub fn stream_ended(&mut self, key: &str) {
        if let Some(session) = self.open.get_mut(key) {
            session.streams = session.streams.saturating_sub(1);
        }
    }

    /// Where this session's person stands now; the outer `None`: it has ended.
    pub fn post(&self, key: &str) -> Option<Option<Slug>> {
        self.open.get(key).map(|session| session.kept.post.clone())
    }

    /// The page of a manned desk is open: that keeps the session, for the desk is not a phone.
    pub fn keep_awake(&mut self, key: &str, now: DateTime<Utc>) {
        if let Some(session) = self.open.get_mut(key) {
            session.kept.seen = now;
            self.changed = true;
        }
    }

    /// Everybody who is signed in, once each, with the post: who is on duty.
    pub fn on_duty(&self, now: DateTime<Utc>) -> Vec<(Slug, Option<Slug>)> {
        let mut newest: HashMap<&Slug, &Kept> = HashMap::new();
        for session in self.open.values().map(|session| &session.kept).filter(|kept| over(kept, now).is_none()) {
            let known = newest.entry(&session.id).or_insert(session);
            if session.seen > known.seen {
                *known = session;
            }
        }
        let mut duty: Vec<_> = newest.into_values().map(|kept| (kept.id.clone(), kept.post.clone())).collect();
        duty.sort();
        duty
    }
}

fn over(kept: &Kept, now: DateTime<Utc>) -> Option<End> {
    if now >= kept.began + LONGEST {
        Some(End::Expired)
    } else if now >= kept.seen + IDLE {
        Some(End::Idle)
    } else {
        None
    }
}

fn guard(key: &str, kept: &Kept, member: Member) -> Guard {
    // Where somebody may stand can have changed since he signed in.
    let post = kept.post.clone().filter(|post| member.may_stand_at(post));
    Guard {
        session: key.to_owned(),
        csrf: kept.csrf.clone(),
        id: member.id,
        name: member.name,
        badge: member.badge,
        role: member.role,
        post,
        must_change: member.must_change,
    }
}

/// 244 random bits.
fn random() -> String {
    [Id::random(), Id::random()].iter().flat_map(|id| id.0).map(|byte| format!("{byte:02x}")).collect()
}

fn key(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_763_700_000 + minute * 60, 0).unwrap()
    }

    fn member(id: &Slug) -> Option<Member> {
        Some(Member {
            id: id.clone(),
            name: "测试甲".into(),
            badge: None,
            role: Role::Guard,
            posts: vec![],
            trades: vec![],
            hash: String::new(),
            disabled: id.as_str() == "gone",
            must_change: false,
        })
    }

    fn slug(text: &str) -> Slug {
        Slug::new(text).unwrap()
    }

    #[test]
    fn a_session_ends_after_half_an_hour_without_a_touch_and_after_a_shift_whatever_happens() {
        let mut sessions = Sessions::default();
        let (token, _) = sessions.begin(&slug("a"), None, at(0));
        assert!(sessions.look(&token, member, true, at(29)).is_ok());
        assert!(sessions.look(&token, member, false, at(58)).is_ok());
        assert_eq!(sessions.look(&token, member, true, at(59)).unwrap_err(), End::Idle);
        let (token, _) = sessions.begin(&slug("a"), None, at(0));
        for minute in (0..12 * 60).step_by(20) {
            assert!(sessions.look(&token, member, true, at(minute)).is_ok());
        }
        assert_eq!(sessions.look(&token, member, true, at(12 * 60)).unwrap_err(), End::Expired);
    }

    #[test]
    fn a_disabled_person_is_out_at_once() {
        let mut sessions = Sessions::default();
        let (token, _) = sessions.begin(&slug("gone"), None, at(0));
        assert_eq!(sessions.look(&token, member, true, at(1)).unwrap_err(), End::Withdrawn);
    }

    #[test]
    fn sessions_outlive_a_restart_and_the_file_does_not_hold_the_cookie() {
        let mut sessions = Sessions::default();
        let (token, _) = sessions.begin(&slug("a"), Some(slug("gate-a")), at(0));
        let text = sessions.take_changes().unwrap();
        assert!(!text.contains(&token) && sessions.take_changes().is_none());
        let mut sessions = Sessions::restore(&text);
        assert_eq!(sessions.look(&token, member, true, at(1)).unwrap().post, Some(slug("gate-a")));
        assert!(Sessions::restore("nonsense").open.is_empty());
    }

    #[test]
    fn one_person_has_five_sessions_and_the_oldest_goes() {
        let mut sessions = Sessions::default();
        let tokens: Vec<String> = (0..6).map(|n| sessions.begin(&slug("a"), None, at(n)).0).collect();
        assert_eq!(sessions.look(&tokens[0], member, true, at(6)).unwrap_err(), End::SignedOut);
        assert!(tokens[1..].iter().all(|token| sessions.look(token, member, true, at(6)).is_ok()));
    }
}
