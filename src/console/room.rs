//! What all requests share: the desk, the journal's readers, who is signed in, who works here, the hub of changes.

use super::answer::Refused;
use super::hub::{BEHIND, Change};
use super::looks::Looks;
use super::readers::Readers;
use super::session::{End, Guard, Sessions};
use super::throttle::Throttle;
use super::{Clock, Settings, Surroundings};
use crate::board::printer;
use crate::config::staff::{Member, Roster};
use crate::desk::{Command, Desk};
use crate::directory::Directory;
use crate::event::{Data, Event, Id, Kind, Now, Slug, data};
use crate::health::queue::Queue;
use crate::link::LinkState;
use crate::service::card::Viewer;
use crate::service::house::House;
use crate::service::knowledge::Handbook;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, broadcast, watch};

/// Secrets that are compared at the same time: each takes 19 MiB and a core.
const HASHING: usize = 2;
/// Where sessions outlive a restart, in the data folder. Hashes of the cookies only.
const SESSIONS_FILE: &str = "sessions.json";

pub type Shared = Arc<Room>;

pub struct Room {
    pub site: String,
    pub site_en: String,
    pub doors: BTreeMap<Slug, String>,
    pub house: House,
    pub data_dir: PathBuf,
    /// The content security policy of every answer.
    pub policy: axum::http::HeaderValue,
    /// Some other page may frame this one.
    pub framed: bool,
    /// For a body to arrive.
    pub body_within: Duration,
    /// Served with TLS: the cookie says so, and an Origin must.
    pub secure: bool,
    pub desk: Desk,
    pub readers: Readers,
    pub roster: watch::Sender<Arc<Roster>>,
    /// The version in force, where there is one.
    pub directory: watch::Sender<Option<Arc<Directory>>>,
    pub hub: broadcast::Sender<Arc<Change>>,
    pub building: watch::Receiver<LinkState>,
    pub office: watch::Receiver<LinkState>,
    pub queue: watch::Receiver<Option<Queue>>,
    pub printer: watch::Receiver<Option<printer::Told>>,
    pub handbook: watch::Receiver<Arc<Handbook>>,
    pub hashing: Semaphore,
    pub looks: Looks,
    /// Names this run: a page of the one before needs a new board.
    pub run: String,
    sessions: Mutex<Sessions>,
    throttle: Mutex<Throttle>,
    clock: Clock,
    stopping: watch::Receiver<bool>,
}

impl Room {
    pub fn new(settings: Settings, around: Surroundings, secure: bool) -> Self {
        let kept = std::fs::read_to_string(settings.data_dir.join(SESSIONS_FILE)).unwrap_or_default();
        let run = Id::random().0.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Room {
            site: settings.site,
            site_en: settings.site_en,
            doors: settings.doors,
            house: settings.house,
            readers: Readers::new(settings.data_dir.clone()),
            data_dir: settings.data_dir,
            policy: super::routes::policy(&settings.framed_by),
            framed: !settings.framed_by.is_empty(),
            body_within: settings.body_within,
            secure,
            desk: around.desk,
            roster: watch::channel(Arc::new(Roster::default())).0,
            directory: watch::channel(None).0,
            hub: broadcast::channel(BEHIND).0,
            building: around.building,
            office: around.office,
            queue: around.queue,
            printer: around.printer,
            handbook: around.handbook,
            hashing: Semaphore::new(HASHING),
            looks: Looks::default(),
            run,
            sessions: Mutex::new(Sessions::restore(&kept)),
            throttle: Mutex::default(),
            clock: around.clock,
            stopping: around.stopping,
        }
    }

    pub fn now(&self) -> Now {
        (self.clock)()
    }

    /// Whoever panicked while he held the lock has left whole sessions.
    pub fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn member(&self, id: &Slug) -> Option<Member> {
        self.roster.borrow().member(id.as_str()).cloned()
    }

    /// Whose cookie this is.
    pub fn look(&self, token: &str, counts: bool) -> Result<Guard, End> {
        let roster = self.roster.borrow().clone();
        let member = |id: &Slug| roster.member(id.as_str()).cloned();
        self.sessions().look(token, member, counts, self.now().utc)
    }

    /// `true`, or nobody left who could say so: the console stops.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.clone()
    }

    /// Ends when the console stops.
    pub async fn stopped(&self) {
        let mut stopping = self.stopping();
        // An error means that whoever could say so is gone: that is the end too.
        let _ = stopping.wait_for(|stop| *stop).await;
    }

    /// The page of a post is open and answers. A manned desk that may not be left is no phone in a park: its open page
    /// keeps the session, and the post is heard of (R014).
    pub fn heard(&self, session: &str, viewer: &Viewer) {
        let fixed = viewer.post.as_ref().and_then(|post| self.house.post(post)).is_some_and(|post| post.fixed);
        if fixed {
            self.sessions().keep_awake(session, self.now().utc);
            self.seen_at(viewer.post.as_ref());
        }
    }

    /// R014: somebody is at this post. A full mailbox has other troubles, and the next beat comes soon.
    pub fn seen_at(&self, post: Option<&Slug>) {
        if let Some(post) = post {
            self.desk.submit(Command::Seen { post: post.clone() }, |_| {});
        }
    }

    /// Journals something that happened on the page; stored when this returns.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn record(&self, kind: Kind, subject: Slug, facts: Data, person: Data) -> Result<(), Refused> {
        let event = Event::here(kind, subject, self.now(), facts);
        let event = if person.is_empty() { event } else { event.about(person) };
        self.desk.ask(Command::Record(event)).await?;
        Ok(())
    }

    /// The same for something that this person did.
    pub async fn record_of(&self, guard: &Guard, kind: Kind, facts: Data, person: Data) -> Result<(), Refused> {
        self.desk.ask(Command::Record(self.done_by(guard, kind, facts, person))).await?;
        Ok(())
    }

    /// Something that this person did, with his post as its subject.
    pub fn done_by(&self, guard: &Guard, kind: Kind, mut facts: Data, mut person: Data) -> Event {
        facts.extend(guard.actor().facts());
        person.insert("by_name".into(), json!(guard.name));
        let subject = guard.post.clone().unwrap_or_else(|| guard.id.clone());
        Event::here(kind, subject, self.now(), facts).about(person)
    }

    /// Says that somebody's session is over; nobody waits for it.
    pub async fn tell_signed_out(&self, id: &Slug, why: End) {
        let facts = data([("staff", json!(id)), ("why", json!(why.name()))]);
        // The session has ended all the same; a disk that cannot store says so elsewhere.
        let _ = self.record(Kind::StaffSignedOut, id.clone(), facts, Data::new()).await;
    }

    /// Writes the sessions if they have changed. A failure costs a sign-in after the next restart.
    pub async fn keep_sessions(&self) {
        let Some(text) = self.sessions().take_changes() else { return };
        let folder = self.data_dir.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, &text)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(%error, "the sessions of the guards' page were not written");
        }
    }
}

/// Written beside and renamed. No fsync: a power cut costs a sign-in.
fn write(folder: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let next = folder.join(format!("{SESSIONS_FILE}.new"));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&next)?;
    file.write_all(text.as_bytes())?;
    std::fs::rename(&next, folder.join(SESSIONS_FILE))
}
