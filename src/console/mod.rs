//! The guards' page: who needs somebody now, and every step that a guard can take, in a browser on the building's network.
//! Everybody signs in; before that the page is an empty shell. It decides nothing: steps go to the desk, and the rules say
//! yes or no. It never shows a record without journaling who looks (R308), never waits for a slow browser, and never lets a
//! flood of connections near the rest of the daemon.

mod answer;
mod assets;
mod board;
mod body;
mod case;
mod charts;
mod day;
mod export;
mod figures;
mod handbook;
mod hub;
mod live;
mod muster;
mod readers;
mod rights;
mod room;
mod roster;
mod routes;
pub mod secret;
mod serve;
mod session;
mod shift;
mod sign_in;
mod throttle;
pub mod tls;

pub use routes::{Access, MAX_BODY, ROUTES, Route};

use crate::desk::Desk;
use crate::event::Now;
use crate::link::LinkState;
use crate::service::house::House;
use crate::service::knowledge::Handbook;
use room::{Room, Shared};
use std::net::{IpAddr, SocketAddr};
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
    pub tls: Option<Arc<rustls::ServerConfig>>,
    pub max_connections: usize,
    /// Origins whose pages may show it in a frame.
    pub framed_by: Vec<String>,
    /// The building's name, in Chinese and in English.
    pub site: String,
    pub site_en: String,
    pub house: House,
    pub data_dir: PathBuf,
}

/// Whom it knows.
pub struct Surroundings {
    pub desk: Desk,
    pub building: watch::Receiver<LinkState>,
    pub office: watch::Receiver<LinkState>,
    /// Notices and handbook, of every level: the page decides who reads what (R140).
    pub handbook: watch::Receiver<Arc<Handbook>>,
    pub clock: Clock,
    pub stopping: watch::Receiver<bool>,
}

/// The address of whoever asks.
#[derive(Debug, Clone, Copy)]
struct Peer(IpAddr);

/// A page that is about to be served.
pub struct Console {
    room: Shared,
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    max_connections: usize,
}

impl Console {
    /// Takes the port.
    ///
    /// # Errors
    /// When nothing can listen there.
    pub async fn open(settings: Settings, around: Surroundings) -> std::io::Result<Self> {
        let listener = TcpListener::bind(settings.listen).await?;
        let (tls, max_connections) = (settings.tls.clone(), settings.max_connections);
        let room = Arc::new(Room::new(settings, around, tls.is_some()));
        Ok(Console { room, listener, tls, max_connections })
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
        roster::look(&room, &mut roster::first(&room)).await;
        let mut chores = JoinSet::new();
        chores.spawn(hub::run(room.clone()));
        chores.spawn(roster::follow(room.clone()));
        chores.spawn(sweep(room.clone()));
        let app = routes::router(room.clone());
        serve::serve(self.listener, self.tls, self.max_connections, app, &room).await;
        chores.shutdown().await;
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
