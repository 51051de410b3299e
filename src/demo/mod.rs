//! `lobbyd demo`: the whole product on one machine. Two brokers, a building that plays, and a page that shows the
//! touchscreen beside what arrives at the office. The daemon between them is `lobbyd run` with a configuration, a
//! process of its own: this room must never reach into it, and nothing here runs on a kiosk's wall.

mod arrivals;
mod brokers;
mod building;
mod daemon;
mod day;
mod folder;
mod office;
mod page;
mod people;
mod scenes;

use crate::health::signals::Signals;
use anyhow::Context;
use arrivals::Arrivals;
use brokers::Broker;
use chrono_tz::Tz;
use daemon::Daemon;
use folder::{Addresses, Folder};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

/// Shows the demo until somebody ends it (Ctrl-C, SIGTERM) or a part of it fails. The first line on stdout is the
/// address of the page.
///
/// # Errors
/// A port that cannot be had, a folder that cannot be made, or a daemon that ended by itself.
pub async fn run(port: u16) -> anyhow::Result<()> {
    // Before anything else is started: a signal must find somebody to hear it.
    let mut signals = Signals::listen()?;

    let listener = page::listen(port).await?;
    let at = listener.local_addr()?;
    let folder = Folder::new()?;
    let building = Broker::start("building").await?;
    let office = Broker::start("office").await?;

    let arrivals = Arc::new(Arrivals::default());
    office::listen(office.v5, arrivals.clone());

    let zone = here();
    // Held while the day is told, which takes seconds: the number after a port that the kernel chose is one that it gives to whoever connects
    // next, so only those after a port that was asked for are asked for.
    let beside = |nth| if port == 0 { 0 } else { port.saturating_add(nth) };
    let held = [free_port(beside(1))?, free_port(beside(2))?];
    let [screen, guards] = [held[0].local_addr()?, held[1].local_addr()?];
    let addresses = Addresses { building: building.v5, office: office.v5, screen, guards, page: at };
    let config = folder.write_config(&addresses, zone)?;
    let loaded = crate::config::Config::load(&config).context("the demo's own configuration")?;
    let folder_of_data = loaded.data_dir.clone();
    // Both block: hashing on purpose, the journal because it is on disk before it is told.
    tokio::task::spawn_blocking(move || {
        people::sign_on(&folder_of_data)?;
        day::live_through(&loaded, chrono::Utc::now())
    })
    .await
    .context("the day was not told")??;
    drop(held);
    let mut daemon = Daemon::start(&config, folder.path())?;
    tokio::select! {
        ready = daemon.answers(screen) => ready?,
        _ = signals.told_to_stop() => {
            daemon.stop().await;
            return Ok(());
        }
    }

    let bell = building::play(building.v4, zone, arrivals.clone());
    page::serve(listener, screen, guards, arrivals, bell);
    // Whoever reads the first line only has closed the pipe by the second: no reason to end.
    drop(writeln!(std::io::stdout(), "http://{at}/\nCtrl-C ends it. · 按 Ctrl-C 结束。"));

    let ended = tokio::select! {
        _ = signals.told_to_stop() => Ok(()),
        status = daemon.ended() => Err(anyhow::anyhow!("the daemon ended by itself ({status}); its log above says why")),
    };
    daemon.stop().await;
    ended
}

/// The zone of this machine, so that the screen says good evening to a person who has evening. UTC where the machine
/// does not say.
fn here() -> Tz {
    let named = std::env::var("TZ").ok();
    let linked = || {
        let target = std::fs::read_link("/etc/localtime").ok()?;
        Some(target.to_str()?.split_once("zoneinfo/")?.1.to_owned())
    };
    named.or_else(linked).and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

/// `wanted` where it is free, so that the address is the same every day; else any other.
fn free_port(wanted: u16) -> anyhow::Result<TcpListener> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, wanted));
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    TcpListener::bind(wanted).or_else(|_| TcpListener::bind(any)).context("no port is free on 127.0.0.1")
}
