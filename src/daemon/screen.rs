//! The board named in the configuration, and the kiosk on it, on a thread of its own.

use super::aloud::Espeak;
use super::printer;
use super::site_key;
use super::surroundings::Teller;
use crate::board::browser::Browser;
use crate::board::headless::Headless;
use crate::board::scanner::Scanner;
use crate::board::turn::Turn;
use crate::board::{Display, Touch, drm, spi, touch};
use crate::config::Config;
use crate::config::board::{Backend, Board};
use crate::desk::{Desk, Storage};
use crate::device::SiteKey;
use crate::health::status::Rules;
use crate::journal::Reader;
use crate::kiosk::{Alarm, Beside, Kiosk, Language, Left, News, Scan, Settings, Speech, Wake};
use crate::service::number::Number;
use anyhow::Context;
use embedded_graphics::prelude::Size;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot, watch};

/// Where the browser board is served if neither the board nor the configuration says.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8601);

/// A lit screen.
pub struct Screen {
    wakes: SyncSender<Wake>,
    thread: JoinHandle<()>,
    ended: oneshot::Receiver<Dark>,
    wanted: watch::Receiver<Option<Number>>,
    printer: Option<printer::State>,
}

/// Reads what a new beginning reads.
pub type Rehearse = Arc<dyn Fn() -> anyhow::Result<()> + Send + Sync>;

/// Why the kiosk has ended by itself.
pub enum Dark {
    /// It was asked to, for a new beginning, and nobody stands there.
    AtRest,
    Failed(String),
}

/// Asks the kiosk to end at rest when what was sent holds only after a new beginning. `rehearse`: whether one would come off. Somebody may
/// have changed `lobby.toml` since the last, and a lobby that goes on with old rules is better than one that is shut.
pub async fn leave_for_renewal(
    renew: Arc<Notify>,
    rehearse: Rehearse,
    wakes: SyncSender<Wake>,
    rules: watch::Sender<Rules>,
) {
    loop {
        renew.notified().await;
        let rehearse = rehearse.clone();
        let rehearsed = tokio::task::spawn_blocking(move || rehearse()).await;
        rules.send_modify(|rules| rules.waiting = !matches!(rehearsed, Ok(Ok(()))));
        match rehearsed {
            Ok(Ok(())) => break,
            Ok(Err(error)) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "new rules were sent and wait: a new beginning would fail"
                );
            }
            Err(error) => tracing::error!(%error, "new rules were sent and wait"),
        }
    }
    tracing::info!("new rules were sent: the daemon begins anew as soon as nobody is at the screen");
    // An error means that it has ended already.
    let _ = wakes.send(Wake::StopAtRest);
}

/// Lights the screen.
pub fn open(config: &Config, board: &Board, desk: &Desk, surroundings: Teller) -> anyhow::Result<Screen> {
    let speech = if config.kiosk.voice_percent > 0 { Espeak::find() } else { None };
    let voice = speech.as_ref().map(|_| config.kiosk.voice_percent as u8);
    let (spool, printer) = printer::open(board).unzip();
    let key = if config.kiosk.visit_identity { Some(key(config)?) } else { None };
    let kiosk = Kiosk::new(Settings { voice, ..settings(config, key) }).printing_on(spool);
    let wakes = kiosk.sender();
    let (display, touches) = display(config, board, wakes.clone())?;
    let (watched, wanted) = watch::channel(None);
    let (tell, ended) = oneshot::channel();
    let (desk, dpi) = (desk.clone(), u32::from(board.display.dpi));
    let thread = thread::Builder::new()
        .name("kiosk".into())
        .spawn(move || {
            let beside = Beside {
                speech: speech.map(|speech| Box::new(speech) as Box<dyn Speech>),
                surroundings: Some(Box::new(surroundings)),
            };
            let watched = |number| _ = watched.send_replace(number);
            let why = match kiosk.run(display, dpi, &desk, || desk.now(), watched, beside) {
                Ok(Left::AtRest) => Dark::AtRest,
                Ok(Left::Stopped) => Dark::Failed("it was stopped".to_owned()),
                Err(error) => Dark::Failed(error.to_string()),
            };
            // Nobody listens any more when the daemon is going down.
            let _ = tell.send(why);
        })
        .context("the kiosk's thread cannot be started")?;
    if let Some(touches) = touches {
        carry("touch", touches.into_iter().map(|touch| Wake::Touch(touch, Instant::now())), wakes.clone())?;
    }
    if let Some(scanner) = &board.scanner {
        let readings = Scanner { name: scanner.name.clone() }.listen()?;
        carry("scan", scans(readings), wakes.clone())?;
    }
    Ok(Screen { wakes, thread, ended, wanted, printer })
}

type Glass = (Box<dyn Display>, Option<Receiver<Touch>>);

/// What the board file names, and the touches that come from it.
fn display(config: &Config, board: &Board, wakes: SyncSender<Wake>) -> anyhow::Result<Glass> {
    let size = Size::new(board.display.size[0], board.display.size[1]);
    if board.display.is_cramped() && board.display.backend != Backend::Headless {
        tracing::warn!(
            board = board.name,
            "the pages have less room than they are made for, long sentences are cut off: a smaller dpi in the board file may \
             help (docs/boards.md)"
        );
    }
    match board.display.backend {
        Backend::Headless => Ok((Box::new(Headless::new(size)), None)),
        Backend::Browser => {
            let listen = config.kiosk.listen.or(board.display.listen).unwrap_or(LISTEN);
            let (browser, inputs, bound) = Browser::start(listen, size, tokio::runtime::Handle::current())?;
            tracing::info!("the screen is at http://{bound}/");
            carry("scan", scans(inputs.readings), wakes)?;
            Ok((Box::new(browser), Some(inputs.touches)))
        }
        Backend::Drm => {
            // The board file has been checked: it names a connector and turns by quarters.
            let turn = Turn::from_degrees(board.display.rotate).context("display.rotate is no quarter turn")?;
            let connector = board.display.connector.clone().context("display.connector is missing")?;
            let wanted = drm::Wanted { connector, turn, picture: size };
            let panel = drm::Panel::open(wanted, move || wakes.send(Wake::Redraw).is_ok())?;
            Ok((Box::new(panel), touch_panel(board, size)?))
        }
        Backend::Spi => {
            let turn = Turn::from_degrees(board.display.rotate).context("display.rotate is no quarter turn")?;
            let wiring = board.display.spi.clone().context("display.spi is missing")?;
            let panel = spi::Panel::open(spi::Wanted { wiring, turn, picture: size }, move || {
                wakes.send(Wake::Redraw).is_ok()
            })?;
            Ok((Box::new(panel), touch_panel(board, size)?))
        }
    }
}

/// What is no code at all goes no further than here.
fn scans(readings: Receiver<String>) -> impl Iterator<Item = Wake> + Send + 'static {
    readings.into_iter().filter_map(|text| Scan::new(&text)).map(Wake::Scanned)
}

fn touch_panel(board: &Board, picture: Size) -> anyhow::Result<Option<Receiver<Touch>>> {
    let Some(panel) = &board.touch else { return Ok(None) };
    let panel = touch::Panel { name: panel.name.clone(), matrix: panel.matrix, picture };
    Ok(Some(panel.listen()?))
}

fn key(config: &Config) -> anyhow::Result<SiteKey> {
    let key = site_key::load(&config.data_dir);
    Ok(SiteKey::new(key.with_context(|| format!("{}: the site's key cannot be read", config.data_dir.display()))?))
}

fn settings(config: &Config, key: Option<SiteKey>) -> Settings {
    let kiosk = &config.kiosk;
    Settings {
        name: kiosk.name.clone(),
        name_en: kiosk.name_en.clone(),
        // The configuration has checked the tag.
        language: Language::from_tag(&kiosk.language).unwrap_or(Language::Chinese),
        service_phone: kiosk.service_phone.clone(),
        wechat: kiosk.wechat.clone(),
        idle: Duration::from_secs(kiosk.idle_seconds.into()),
        warn: Duration::from_secs(kiosk.warn_seconds.into()),
        zone: config.site.time_zone,
        voice: None,
        person_days: config.retention.persons,
        visit_days: config.retention.visits,
        identity: key.map(|key| crate::kiosk::AskIdentity { key, company: kiosk.company.clone().unwrap_or_default() }),
        invitations: !config.invitation_keys.is_empty(),
        prices: config.service.price.clone(),
        dice: || *uuid::Uuid::new_v4().as_bytes(),
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

/// Tells the kiosk how the case stands that somebody at the glass waits for, whenever the journal has grown. One read of one
/// row by its key, and only while somebody waits.
pub async fn tell_news(
    data_dir: PathBuf,
    mut newest: watch::Receiver<u64>,
    mut wanted: watch::Receiver<Option<Number>>,
    wakes: SyncSender<Wake>,
) {
    let mut told = None;
    loop {
        let number = *wanted.borrow_and_update();
        newest.borrow_and_update();
        if let Some(number) = number {
            let folder = data_dir.clone();
            let read = move || Reader::open(&folder).and_then(|reader| reader.case(number));
            match tokio::task::spawn_blocking(read).await {
                Ok(Ok(Some(row))) => {
                    let news = News::of(&row.case);
                    if told.as_ref() != Some(&news) {
                        told = Some(news.clone());
                        // A full queue means a hanging display: the next event brings it again.
                        let _ = wakes.try_send(Wake::News(news));
                    }
                }
                Ok(Ok(None)) => {}
                Ok(Err(error)) => tracing::warn!("the glass cannot be told how {number} stands: {error}"),
                Err(_) => return,
            }
        } else {
            told = None;
        }
        let gone = tokio::select! {
            changed = wanted.changed() => changed.is_err(),
            changed = newest.changed(), if number.is_some() => changed.is_err(),
        };
        if gone {
            return;
        }
    }
}

/// Carries touches or readings from the board to the kiosk, for as long as both live. When the kiosk is slow this waits, and the
/// board's own queue decides what a lagging finger means.
fn carry(
    name: &str,
    inputs: impl Iterator<Item = Wake> + Send + 'static,
    wakes: SyncSender<Wake>,
) -> anyhow::Result<()> {
    let carry = move || {
        for wake in inputs {
            if wakes.send(wake).is_err() {
                return;
            }
        }
    };
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(carry);
    spawned.map(drop).with_context(|| format!("the {name} thread cannot be started"))
}

impl Screen {
    /// Where to tell the kiosk of something else than a touch.
    pub fn wakes(&self) -> SyncSender<Wake> {
        self.wakes.clone()
    }

    /// The case whose news the kiosk wants now.
    pub fn wanted(&self) -> watch::Receiver<Option<Number>> {
        self.wanted.clone()
    }

    /// How the printer is, where there is one.
    pub fn printer(&self) -> Option<printer::State> {
        self.printer.clone()
    }

    /// Waits until the kiosk ends by itself, and says why.
    pub async fn ended(&mut self) -> Dark {
        (&mut self.ended).await.unwrap_or_else(|_| Dark::Failed("its thread has failed".into()))
    }

    /// Darkens the screen.
    pub fn close(self) {
        // An error means that it has ended already; a panic in it has been reported by `ended`.
        let _ = self.wakes.send(Wake::Stop);
        let _ = self.thread.join();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    #[tokio::test]
    async fn a_daemon_that_could_not_begin_anew_goes_on_as_it_is() {
        let (renew, (wakes, woken)) = (Arc::new(Notify::new()), mpsc::sync_channel(1));
        let tries = Arc::new(AtomicUsize::new(0));
        let (told, mut tried) = watch::channel(0);
        let rehearse: Rehearse = Arc::new(move || {
            let nth = tries.fetch_add(1, Ordering::SeqCst);
            told.send_replace(nth + 1);
            if nth == 0 { Err(anyhow::anyhow!("somebody has written nonsense")) } else { Ok(()) }
        });
        let (rules, mut waiting) = watch::channel(Rules::default());
        let leaving = tokio::spawn(leave_for_renewal(renew.clone(), rehearse, wakes, rules));
        renew.notify_one();
        tried.wait_for(|tries| *tries == 1).await.unwrap();
        waiting.wait_for(|rules| rules.waiting).await.expect("the office sees it");
        // It is asked again only when something is sent again.
        renew.notify_one();
        leaving.await.unwrap();
        assert_eq!(*tried.borrow(), 2);
        assert!(!waiting.borrow().waiting);
        assert!(matches!(woken.try_recv(), Ok(Wake::StopAtRest)));
        assert!(woken.try_recv().is_err(), "the first time nobody was asked to leave");
    }
}
