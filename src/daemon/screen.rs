//! The board named in the configuration, and the kiosk on it, on a thread of its own.

use crate::board::browser::Browser;
use crate::board::headless::Headless;
use crate::board::{Display, Touch};
use crate::config::Config;
use crate::config::board::{Backend, Board};
use crate::desk::{Desk, Storage};
use crate::kiosk::{Alarm, Kiosk, Language, Settings, Wake};
use anyhow::{Context, bail};
use embedded_graphics::prelude::Size;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// Where the browser board is served if neither the board nor the configuration says.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8601);

/// A lit screen.
pub struct Screen {
    wakes: SyncSender<Wake>,
    thread: JoinHandle<()>,
    ended: oneshot::Receiver<String>,
}

/// Lights the screen.
pub fn open(config: &Config, board: &Board, desk: &Desk) -> anyhow::Result<Screen> {
    let size = Size::new(board.display.size[0], board.display.size[1]);
    let (display, touches): (Box<dyn Display>, _) = match board.display.backend {
        Backend::Headless => (Box::new(Headless::new(size)), None),
        Backend::Browser => {
            let listen = config.kiosk.listen.or(board.display.listen).unwrap_or(LISTEN);
            let (browser, touches, bound) = Browser::start(listen, size, tokio::runtime::Handle::current())?;
            tracing::info!("the screen is at http://{bound}/");
            (Box::new(browser), Some(touches))
        }
        Backend::Drm | Backend::Spi => bail!(
            "board \"{}\" needs a display driver that this release does not have yet: set board = \"browser\" or \
             \"headless\" in lobby.toml",
            config.board
        ),
    };
    let kiosk = Kiosk::new(settings(config));
    let wakes = kiosk.sender();
    let (tell, ended) = oneshot::channel();
    let (desk, dpi) = (desk.clone(), u32::from(board.display.dpi));
    let thread = thread::Builder::new()
        .name("kiosk".into())
        .spawn(move || {
            let why = match kiosk.run(display, dpi, &desk, || desk.now()) {
                Ok(()) => "it was stopped".to_owned(),
                Err(error) => error.to_string(),
            };
            // Nobody listens any more when the daemon is going down.
            let _ = tell.send(why);
        })
        .context("the kiosk's thread cannot be started")?;
    if let Some(touches) = touches {
        pass_on(touches, wakes.clone())?;
    }
    Ok(Screen { wakes, thread, ended })
}

fn settings(config: &Config) -> Settings {
    let kiosk = &config.kiosk;
    Settings {
        name: kiosk.name.clone(),
        name_en: kiosk.name_en.clone(),
        // The configuration has checked the tag.
        language: Language::from_tag(&kiosk.language).unwrap_or(Language::Chinese),
        service_phone: kiosk.service_phone.clone(),
        idle: Duration::from_secs(kiosk.idle_seconds.into()),
        warn: Duration::from_secs(kiosk.warn_seconds.into()),
        zone: config.site.time_zone,
        person_days: config.retention.persons,
    }
}

/// Keeps the home page's alarm up to date, for as long as the desk and the kiosk live.
pub async fn show_alarm(mut storage: watch::Receiver<Storage>, recovered: bool, wakes: SyncSender<Wake>) {
    loop {
        let alarm = match *storage.borrow_and_update() {
            Storage::Failing(_) | Storage::Damaged(_) => Some(Alarm::CannotStore),
            Storage::Sound => recovered.then_some(Alarm::Recovered),
        };
        if wakes.send(Wake::Alarm(alarm)).is_err() || storage.changed().await.is_err() {
            return;
        }
    }
}

/// Carries touches from the board to the kiosk, for as long as both live. When the kiosk is slow this waits, and the
/// board's own queue decides what a lagging finger means.
fn pass_on(touches: Receiver<Touch>, wakes: SyncSender<Wake>) -> anyhow::Result<()> {
    let carry = move || {
        for touch in touches {
            if wakes.send(Wake::Touch(touch)).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("touch".into()).spawn(carry).map(drop).context("the touch thread cannot be started")
}

impl Screen {
    /// Where to tell the kiosk of something else than a touch.
    pub fn wakes(&self) -> SyncSender<Wake> {
        self.wakes.clone()
    }

    /// Waits until the kiosk ends by itself, and says why.
    pub async fn ended(&mut self) -> String {
        (&mut self.ended).await.unwrap_or_else(|_| "its thread has failed".into())
    }

    /// Darkens the screen.
    pub fn close(self) {
        // An error means that it has ended already; a panic in it has been reported by `ended`.
        let _ = self.wakes.send(Wake::Stop);
        let _ = self.thread.join();
    }
}
