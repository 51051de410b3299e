//! The wiring: the story of the machine from power-on to shutdown. It decides nothing; it only says who knows whom,
//! and in which order they come and go.

mod aloud;
mod certificates;
mod console;
mod contacts;
mod devices;
mod directory;
mod gatherings;
mod handbook;
mod invitations;
mod lamp;
mod persons;
pub mod printer;
mod pulse;
mod screen;
mod site_key;
mod staff;
mod surroundings;
mod survey;

pub use devices::{all_profiles, devices_with};
pub use site_key::KEY_FILE as SITE_KEY_FILE;

use crate::building::{self, Building};
use crate::config::Config;
use crate::config::board::Board;
use crate::desk::{self, Command, Desk};
use crate::device::Devices;
use crate::directory::PATIENCE;
use crate::dispatch::{self, Dispatch};
use crate::event::{Data, Event, Kind, Now, data};
use crate::health::quota::Quota;
use crate::health::signals::Signals;
use crate::health::{clock, metrics, status, systemd};
use crate::home::{self, Assistant};
use crate::journal::{Days, Found, Keep, Older};
use crate::link::{Limits, Link, LinkState};
use crate::office::{self, Office, Places, Voice};
use crate::service::knowledge::Handbook;
use anyhow::Context;
use pulse::Pulse;
use screen::{Dark, Rehearse};
use serde_json::json;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Threads that serve the network. The work is small packets; a Pi's other cores draw and write. With two the links woke each
/// other's thread for every packet: a quarter more processor for each event, and later.
const WORKERS: usize = 1;
/// For the links to say goodbye at shutdown. The whole shutdown must stay below two seconds.
const GOODBYE: Duration = Duration::from_millis(1_500);

/// How the daemon has ended in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Stopped,
    /// It is to begin anew, with what was sent.
    Renewed,
}

/// Runs until SIGTERM, SIGINT or SIGHUP, or until something ends that the lobby cannot do without. `rehearse`: whether it could begin anew.
pub fn run(config: Config, board: Board, rehearse: Rehearse) -> anyhow::Result<End> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("lobbyd-net")
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let end = runtime.block_on(live(config, board, rehearse));
    // A start that failed half-way leaves threads that wait for work: the process must not wait for them.
    runtime.shutdown_timeout(GOODBYE);
    end
}

async fn live(config: Config, board: Board, rehearse: Rehearse) -> anyhow::Result<End> {
    let run = status::Run::begin(clock::now().utc);

    // Metrics first, so that the rest counts from its first step.
    let (stop, stopping) = watch::channel(false);
    serve_metrics(&config, &stopping).await?;

    // Whatever the last run left on goes off, before anything takes its time.
    let surroundings = surroundings::open(&board)?;

    // The journal: nothing is taken from anybody before it can be kept.
    let opened = desk::open(desk_settings(&config), clock::read).context("the journal cannot be opened")?;
    let desk = opened.desk;
    // Heard from here on, where there is something to close: a signal that found nobody listening ended the daemon without
    // its last word. Before, the signal's own way, an end on the spot, is right: an upgrade of the journal takes minutes,
    // and may be cut off anywhere.
    let mut signals = Signals::listen().context("the signals cannot be heard")?;
    let mut desk_ended = tokio::task::spawn_blocking(move || opened.thread.join());
    let recovered_from = tell_of_recovery(&opened.found);
    let began = data([("version", json!(run.version)), ("boot", json!(run.boot))]);
    record(&desk, Kind::GatewayStarted, &config, began).await;

    // The screen: somebody may stand before it already, whatever the network does.
    let devices = devices::devices(&config)?;
    let mut screen = screen::open(&config, &board, &desk, surroundings.teller())?;
    contacts::open(&config, &board, &desk, screen.wakes())?;

    // The two brokers, each on its own.
    let epoch = opened.epoch;
    let (known, directory) = watch::channel(None);
    let (ends, certificate) = watch::channel(None);
    let (sent_rules, rules) = watch::channel(status::Rules { version: config.service.version, waiting: false });
    let pulse = |building, office, guards| Pulse {
        run: run.clone(),
        started: Instant::now(),
        desk: desk.clone(),
        data_dir: config.data_dir.clone(),
        epoch,
        recovered_from: recovered_from.clone(),
        building,
        office,
        guards,
        printer: screen.printer(),
        directory: directory.clone(),
        rules: rules.clone(),
        certificate: certificate.clone(),
        queue: watch::Sender::new(None),
    };
    let renew = Arc::new(Notify::new());
    let mut links = Links::start(&config, &desk, &run, devices, pulse, &renew, &stopping)?;

    // The guards' page works whether the brokers answer or not.
    let (shelf, handbook) = watch::channel(Arc::new(Handbook::default()));
    if let Some(page) = console::open(&config, &desk, &links, screen.printer(), handbook, &stopping).await? {
        links.running.spawn(page.run());
    }

    // Alive, and saying so.
    let (building, office) = (links.building_state.clone(), links.office_state.clone());
    let mut chores = JoinSet::new();
    chores.spawn(links.pulse.beat(links.status));
    chores.spawn(feed_watchdog(desk.clone()));
    chores.spawn(directory::follow(config.data_dir.clone(), desk.clone(), screen.wakes(), known));
    chores.spawn(certificates::watch(certificates::files(&config), desk.clone(), ends));
    chores.spawn(certificates::follow("building", building, desk.clone()));
    chores.spawn(certificates::follow("office", office, desk.clone()));
    chores.spawn(persons::follow(config.data_dir.clone(), desk.clone()));
    chores.spawn(invitations::follow(config.data_dir.clone(), desk.clone()));
    chores.spawn(handbook::follow(config.handbook.folder.clone(), screen.wakes(), shelf));
    chores.spawn(gatherings::follow(config.data_dir.clone(), desk.newest(), screen.wakes()));
    chores.spawn(screen::tell_news(config.data_dir.clone(), desk.newest(), screen.wanted(), screen.wakes()));
    chores.spawn(lamp::follow(config.data_dir.clone(), desk.newest(), surroundings.teller()));
    chores.spawn(survey::tell(config.data_dir.clone(), config.house(), desk.newest(), screen.wakes()));
    chores.spawn(printer::record(screen.printer(), desk.clone(), config.site.gateway.clone()));
    chores.spawn(screen::leave_for_renewal(renew, rehearse, screen.wakes(), sent_rules));
    chores.spawn(screen::show_alarm(desk.storage(), recovered_from.is_some(), screen.wakes()));
    systemd::ready();
    tracing::info!(version = run.version, site = %config.site.id, gateway = %config.site.gateway, "the lobby is open");

    let end = tokio::select! {
        signal = signals.told_to_stop() => {
            tracing::info!(signal, "stopping");
            Ok(End::Stopped)
        }
        ended = &mut desk_ended => Err(match ended {
            Ok(Ok(Err(error))) => anyhow::Error::new(error).context("the journal has failed"),
            _ => anyhow::anyhow!("the desk has ended unexpectedly"),
        }),
        dark = screen.ended() => match dark {
            Dark::AtRest => Ok(End::Renewed),
            Dark::Failed(why) => Err(anyhow::anyhow!("the screen has ended: {why}")),
        },
    };

    // Shutdown: nothing new from the glass and the building, then the farewell, then the last commit.
    match end {
        Ok(End::Renewed) => systemd::reloading(),
        _ => systemd::stopping(),
    }
    chores.abort_all();
    screen.close();
    drop(surroundings);
    record(&desk, Kind::GatewayStopped, &config, Data::new()).await;
    stop.send_replace(true);
    farewell(links.running).await;
    desk.close();
    if !desk_ended.is_finished() && timeout(GOODBYE, desk_ended).await.is_err() {
        tracing::warn!("the disk did not take the last commit in time");
    }
    end
}

/// The running links, and what watches them.
struct Links {
    running: JoinSet<()>,
    building_state: State,
    office_state: State,
    pulse: Pulse,
    /// The status document that the office link publishes.
    status: watch::Sender<Vec<u8>>,
}

type State = watch::Receiver<LinkState>;

impl Links {
    fn start(
        config: &Config,
        desk: &Desk,
        run: &status::Run,
        devices: Devices,
        pulse: impl FnOnce(State, State, Option<State>) -> Pulse,
        renew: &Arc<Notify>,
        stopping: &watch::Receiver<bool>,
    ) -> anyhow::Result<Self> {
        let settings = building::settings(&config.building, &config.site, Limits::default());
        let (building_link, building_state) = Link::new(settings);
        let settings = office::settings(&config.office, &config.site, run.will(), Limits::default());
        let (office_link, office_state) = Link::new(settings);
        let guards = open_dispatch(config, desk)?;
        let (dispatch, guards_state) = guards.unzip();
        let pulse = pulse(building_state.clone(), office_state.clone(), guards_state);
        let (status, status_watch) = watch::channel(pulse.first());
        let building = Building {
            link: building_link,
            filters: devices.filters(),
            read: Box::new(move |message| devices.read(message)),
            desk: desk.clone(),
            clock: service_time(desk),
        };
        let voice = Voice { status: status_watch.clone(), farewell: run.farewell() };
        let places = Places {
            data_dir: config.data_dir.clone(),
            handbook: config.handbook.folder.clone(),
            house: config.house(),
            renew: renew.clone(),
            status: status_watch,
            patience: PATIENCE,
        };
        let clock = service_time(desk);
        let office = Office::open(office_link, config.addressee(&run.boot), places, desk.clone(), voice, clock)
            .context("the relay cannot read the journal")?;
        let mut running = JoinSet::new();
        running.spawn(building.run(stopping.clone()));
        running.spawn(office.run(stopping.clone()));
        if let Some(dispatch) = dispatch {
            running.spawn(dispatch.run(stopping.clone()));
        }
        if let Some(assistant) = open_home(config, desk)? {
            running.spawn(assistant.run(stopping.clone()));
        }
        Ok(Links { running, building_state, office_state, pulse, status })
    }
}

/// The guards' way over MQTT, where posts are configured.
fn open_dispatch(config: &Config, desk: &Desk) -> anyhow::Result<Option<(Dispatch, State)>> {
    if config.posts.is_empty() {
        return Ok(None);
    }
    let (link, state) = Link::new(dispatch::settings(&config.building, &config.site, Limits::default()));
    let parts = dispatch::Parts {
        link,
        site: &config.site,
        posts: config.posts.iter().map(|post| post.id.clone()).collect(),
        data_dir: &config.data_dir,
        desk: desk.clone(),
        staff: staff::known(&config.data_dir),
        badge: staff::badges(&config.data_dir),
        clock: service_time(desk),
    };
    let dispatch = Dispatch::open(parts).context("dispatch cannot read the journal")?;
    Ok(Some((dispatch, state)))
}

/// The doors for Home Assistant, where somebody wants them. What its connection says stands in the log: nobody's work depends on it.
fn open_home(config: &Config, desk: &Desk) -> anyhow::Result<Option<Assistant>> {
    let Some(prefix) = &config.home_assistant.prefix else { return Ok(None) };
    let (link, _) = Link::new(home::settings(&config.building, &config.site, Limits::default()));
    let opened = Assistant::open(link, prefix, &config.site, &config.data_dir, desk.clone(), service_time(desk));
    opened.context("the doors for Home Assistant cannot be read from the journal").map(Some)
}

/// What the links call now is what the desk calls now.
fn service_time(desk: &Desk) -> Box<dyn Fn() -> Now + Send + Sync> {
    let desk = desk.clone();
    Box::new(move || desk.now())
}

/// What the desk needs of the configuration.
pub fn desk_settings(config: &Config) -> desk::Settings {
    let (retention, storage) = (config.retention, config.storage);
    desk::Settings {
        data_dir: config.data_dir.clone(),
        house: config.house(),
        keep: Keep {
            days: Days {
                events: retention.events,
                chatter: retention.chatter,
                visits: retention.visits,
                persons: retention.persons,
            },
            quota: Quota::mib(storage.quota, storage.reserve),
        },
    }
}

async fn serve_metrics(config: &Config, stopping: &watch::Receiver<bool>) -> anyhow::Result<()> {
    let Some(address) = config.health.metrics else { return Ok(()) };
    let handle = metrics::start().context("metrics cannot be counted")?;
    match metrics::listen(address).await {
        Ok(listener) => drop(tokio::spawn(metrics::serve(listener, handle, stopping.clone()))),
        // The lobby must open all the same.
        Err(error) => tracing::error!(%address, %error, "metrics are not served"),
    }
    Ok(())
}

/// Says loudly what was wrong with the journal that was found; the desk has told the office. In the words of the status document,
/// which keeps them until the next start.
fn tell_of_recovery(found: &Found) -> Option<String> {
    match found {
        Found::New | Found::Existing => None,
        Found::Damaged(found) => {
            let kept_as = found.kept_as.display().to_string();
            tracing::error!(
                kept_as,
                why = found.why,
                brought_over = found.events,
                unreadable = found.unreadable,
                open_cases = found.open_cases,
                "the journal was damaged: it is kept under this name, and a new one has begun"
            );
            if !found.whole {
                tracing::error!("not all of it has come over, for the disk is full: make room and restart lobbyd");
            }
            Some(kept_as)
        }
        Found::Older(Older { from_epoch, through, missing, .. }) => {
            tracing::error!(
                from_epoch,
                through,
                missing,
                "the journal has lost what the disk had called stored: replace the card. It goes on under a new epoch"
            );
            Some(format!("{from_epoch} through {through}"))
        }
    }
}

async fn record(desk: &Desk, kind: Kind, config: &Config, facts: Data) {
    let event = Event::here(kind, config.site.gateway.clone(), desk.now(), facts);
    if let Err(refusal) = desk.ask(Command::Record(event)).await {
        tracing::warn!(%kind, %refusal, "not recorded");
    }
}

fn feed_watchdog(desk: Desk) -> impl Future<Output = ()> {
    systemd::feed_watchdog(move || {
        let desk = desk.clone();
        // A full disk is no reason to restart: a person must empty it, and the screen says so meanwhile.
        async move { matches!(desk.ask(Command::Probe).await, Ok(_) | Err(desk::Refusal::Storage(_))) }
    })
}

async fn farewell(mut running: JoinSet<()>) {
    let all = async { while running.join_next().await.is_some() {} };
    if timeout(GOODBYE, all).await.is_err() {
        tracing::warn!("a broker did not take our goodbye in time");
    }
}
