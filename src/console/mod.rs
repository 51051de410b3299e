//! The guards' page: who needs somebody now, and every step that a guard can take, in a browser on the building's network.
//! Everybody signs in; before that the page is an empty shell. It decides nothing: steps go to the desk, and the rules say
//! yes or no. It never shows a record without journaling who looks (R308; `looks.rs` says when that may wait), never waits
//! for a slow browser, and never lets a flood of connections near the rest of the daemon.

mod answer;
mod assets;
mod birthdays;
mod board;
mod body;
mod case;
mod certificate;
mod charts;
mod day;
mod directory;
mod export;
mod figures;
mod handbook;
mod hub;
mod live;
mod looks;
mod muster;
mod readers;
mod rights;
mod room;
mod roster;
mod routes;
pub mod secret;
mod session;
mod shift;
mod sign_in;
mod surveys;
mod throttle;
pub mod tls;

pub use body::BODY_WITHIN;
pub use routes::{Access, MAX_BODY, ROUTES, Route};

use crate::board::printer;
use crate::desk::Desk;
use crate::event::{Now, Slug};
use crate::health::queue::Queue;
use crate::http::{self, Entrance, Limits};
use crate::link::LinkState;
use crate::service::house::House;
use crate::service::knowledge::Handbook;
use certificate::Certificate;
use room::{Room, Shared};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often sessions are looked at that may be over, and written if they have moved.
const SWEEP: Duration = Duration::from_secs(30);

/// How a session's end is timed, and what is written with a time.
pub type Clock = Box<dyn Fn() -> Now + Send + Sync>;

/// What the configuration says.
pub struct Settings {
    pub listen: SocketAddr,
    /// `None`: without TLS, for this machine only.
    pub tls: Option<tls::Identity>,
    pub limits: Limits,
    /// How long the body of a request may take to arrive: [`BODY_WITHIN`].
    pub body_within: Duration,
    /// Origins whose pages may show it in a frame.
    pub framed_by: Vec<String>,
    /// The building's name, in Chinese and in English.
    pub site: String,
    pub site_en: String,
    /// What people call a door, by its id.
    pub doors: BTreeMap<Slug, String>,
    pub house: House,
    pub data_dir: PathBuf,
}

/// Whom it knows.
pub struct Surroundings {
    pub desk: Desk,
    pub building: watch::Receiver<LinkState>,
    pub office: watch::Receiver<LinkState>,
    /// What waits for the office, where a person should see it.
    pub queue: watch::Receiver<Option<Queue>>,
    /// How the printer of slips is; nothing where there is none, or before it was looked at.
    pub printer: watch::Receiver<Option<printer::Told>>,
    /// Notices and handbook, of every level: the page decides who reads what (R140).
    pub handbook: watch::Receiver<Arc<Handbook>>,
    pub clock: Clock,
    pub stopping: watch::Receiver<bool>,
}

/// A page that is about to be served.
pub struct Console {
    room: Shared,
    listener: TcpListener,
    certificate: Option<Arc<Certificate>>,
    limits: Limits,
}

impl Console {
    /// Takes the port.
    ///
    /// # Errors
    /// When nothing can listen there.
    pub async fn open(mut settings: Settings, around: Surroundings) -> std::io::Result<Self> {
        let listener = TcpListener::bind(settings.listen).await?;
        let limits = settings.limits;
        let certificate = settings.tls.take().map(|identity| Arc::new(Certificate::new(identity)));
        let room = Arc::new(Room::new(settings, around, certificate.is_some()));
        Ok(Console { room, listener, certificate, limits })
    }

    /// Where it is served: the port, where 0 was asked for.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until told to stop.
    pub async fn run(self) {
        let room = self.room;
        let mut roster = roster::Following::begin(&room);
        roster.look(&room).await;
        directory::look(&room, &mut directory::first(&room));
        let mut chores = JoinSet::new();
        chores.spawn(hub::run(room.clone()));
        chores.spawn(roster.run(room.clone()));
        chores.spawn(directory::follow(room.clone()));
        chores.spawn(sweep(room.clone()));
        chores.spawn(looks::run(room.clone()));
        let app = routes::router(room.clone());
        let now = room.clone();
        let entrance = Entrance {
            listener: self.listener,
            limits: self.limits,
            tls: self.certificate.map(|certificate| -> http::Tls { Box::new(move || certificate.at(now.now())) }),
            refused: |reason| metrics::counter!("lobbyd_console_refused_total", "reason" => reason).increment(1),
            stopping: room.stopping(),
        };
        http::serve(entrance, app).await;
        chores.shutdown().await;
        looks::journal_the_rest(&room).await;
        room.keep_sessions().await;
    }
}

/// Ends what is over even if no request ever comes: a page that lies open says so by itself.
async fn sweep(room: Shared) {
    let mut tick = tokio::time::interval(SWEEP);
    loop {
        tick.tick().await;
        let over = room.sessions().sweep(room.now().utc);
        for (id, end) in over {
            room.tell_signed_out(&id, end).await;
        }
        room.keep_sessions().await;
    }
}
