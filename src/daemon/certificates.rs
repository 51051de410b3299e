//! Looks each hour when the certificates of the links and of the guards' page end, and says it a month before: in the status, in a
//! metric, in the log, and once a day to the office.

use crate::config::Config;
use crate::desk::{Command, Desk};
use crate::event::{Event, Id, Identity, Kind, Slug, data};
use crate::health::certificates::{End, first_to_end};
use chrono::SecondsFormat;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;

const EVERY: Duration = Duration::from_secs(3600);

/// The files, by their key in `lobby.toml`. The page's own certificate is made anew in time by itself.
pub fn files(config: &Config) -> Vec<(&'static str, PathBuf)> {
    let (building, office) = (&config.building, &config.office);
    let named = [
        ("building.cert", &building.cert),
        ("building.ca", &building.ca),
        ("office.cert", &office.cert),
        ("office.ca", &office.ca),
        ("console.cert", &config.console.cert),
    ];
    named.into_iter().filter_map(|(key, file)| Some((key, file.clone()?))).collect()
}

/// Runs for as long as the daemon.
pub async fn watch(files: Vec<(&'static str, PathBuf)>, desk: Desk, told: watch::Sender<Option<End>>) {
    if files.is_empty() {
        return;
    }
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        let files = files.clone();
        let Ok(end) = tokio::task::spawn_blocking(move || first_to_end(&files)).await else { return };
        told.send_replace(end.clone());
        // Without a known time nothing ends, and nothing is said twice.
        if let Some(end) = end.filter(|end| desk.now().synced && end.is_soon(desk.now().utc)) {
            say(&end, &desk).await;
        }
    }
}

async fn say(end: &End, desk: &Desk) {
    let now = desk.now();
    let until = end.until.to_rfc3339_opts(SecondsFormat::Secs, true);
    let facts =
        data([("what", json!(end.what)), ("until", json!(until)), ("days", json!((end.until - now.utc).num_days()))]);
    // Once a day, also over restarts.
    let day = now.utc.date_naive().to_string();
    let identity = Identity::Native(Id::derived(&[b"certificate", end.what.as_bytes(), day.as_bytes()]));
    let event =
        Event { identity, ..Event::here(Kind::CertificateExpiring, Slug::from_text("certificate"), now, facts) };
    if matches!(desk.ask(Command::Record(event)).await, Ok(crate::desk::Answer::Stored { events: 1, .. })) {
        tracing::warn!(
            what = end.what,
            until,
            "a certificate ends soon: have it renewed, and put it in the old one's place"
        );
    }
}
