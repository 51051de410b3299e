//! The guards' page, where it is enabled: its certificate and its port.

use super::{Links, printer, service_time};
use crate::config::Config;
use crate::console::{BODY_WITHIN, Console, Settings, Surroundings, tls};
use crate::desk::Desk;
use crate::health::clock;
use crate::http::Limits;
use crate::service::knowledge::Handbook;
use anyhow::Context;
use std::sync::Arc;
use tokio::sync::watch;

/// Opens the page. A certificate that cannot be used is a fault of the configuration; a port that is taken is not, for the
/// lobby must open all the same.
pub async fn open(
    config: &Config,
    desk: &Desk,
    links: &Links,
    printer: Option<printer::State>,
    handbook: watch::Receiver<Arc<Handbook>>,
    stopping: &watch::Receiver<bool>,
) -> anyhow::Result<Option<Console>> {
    if !config.console.enabled {
        return Ok(None);
    }
    let identity = identity(config).context("the guards' page has no certificate")?;
    let fingerprint = identity.as_ref().map(|identity| identity.fingerprint.clone());
    let settings = Settings {
        listen: config.console.address(),
        tls: identity,
        limits: Limits {
            all: config.console.max_connections as usize,
            each: config.console.max_connections_per_address as usize,
        },
        body_within: BODY_WITHIN,
        framed_by: config.console.framed_by.clone(),
        site: config.kiosk.name.clone(),
        site_en: config.kiosk.name_en.clone(),
        doors: config.doors.clone(),
        house: config.house(),
        data_dir: config.data_dir.clone(),
    };
    let around = Surroundings {
        desk: desk.clone(),
        building: links.building_state.clone(),
        office: links.office_state.clone(),
        queue: links.pulse.queue.subscribe(),
        // Without one its line never says anything.
        printer: printer.unwrap_or_else(|| watch::channel(None).1),
        handbook,
        clock: service_time(desk),
        stopping: stopping.clone(),
    };
    let console = match Console::open(settings, around).await {
        Ok(console) => console,
        Err(error) => {
            tracing::error!(address = %config.console.address(), %error, "the guards' page is not served: set another listen in [console]");
            return Ok(None);
        }
    };
    let address = console.address().unwrap_or(config.console.address());
    match fingerprint {
        Some(fingerprint) => tracing::info!(fingerprint, "the guards' page is at https://{address}/"),
        None => tracing::info!("the guards' page is at http://{address}/, for this machine only"),
    }
    Ok(Some(console))
}

/// The certificate of the page; `None` where it is served without TLS, to this machine.
pub fn identity(config: &Config) -> Result<Option<tls::Identity>, tls::TlsFault> {
    let console = &config.console;
    match (&console.cert, &console.key) {
        (Some(cert), Some(key)) => tls::given(cert, key).map(Some),
        _ if console.address().ip().is_loopback() => Ok(None),
        _ => {
            let names = tls::names(&console.names, console.address().ip());
            tls::own(&config.data_dir, &names, clock::now()).map(Some)
        }
    }
}
