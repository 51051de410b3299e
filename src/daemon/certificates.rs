//! Looks each hour when the certificates of the links and of the guards' page end, and says it a month before: in the status, in a
//! metric, in the log, and once a day to the office. A broker that shows a certificate which is not accepted is journaled, too: a slip of its
//! administrator, or somebody in between.

use crate::config::Config;
use crate::desk::{Answer, Command, Desk};
use crate::event::{Data, Event, Id, Identity, Kind, Slug, data};
use crate::health::certificates::{Bundle, End, ends};
use crate::link::LinkState;
use chrono::SecondsFormat;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;

const EVERY: Duration = Duration::from_secs(3600);

/// The files, by their key in `lobby.toml`. The page's own certificate is made anew in time by itself.
pub fn files(config: &Config) -> Vec<(&'static str, Bundle, PathBuf)> {
    let (building, office) = (&config.building, &config.office);
    let named = [
        ("building.cert", Bundle::Chain, &building.cert),
        ("building.ca", Bundle::Authorities, &building.ca),
        ("office.cert", Bundle::Chain, &office.cert),
        ("office.ca", Bundle::Authorities, &office.ca),
        ("console.cert", Bundle::Chain, &config.console.cert),
    ];
    named.into_iter().filter_map(|(key, kind, file)| Some((key, kind, file.clone()?))).collect()
}

/// Runs for as long as the daemon. Each that ends soon is said, `told` the first of them.
pub async fn watch(files: Vec<(&'static str, Bundle, PathBuf)>, desk: Desk, told: watch::Sender<Option<End>>) {
    if files.is_empty() {
        return;
    }
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        let files = files.clone();
        let Ok(ends) = tokio::task::spawn_blocking(move || ends(&files)).await else { return };
        told.send_replace(ends.iter().min_by_key(|end| end.until).cloned());
        // Without a known time nothing ends, and nothing is said twice.
        for end in ends.iter().filter(|end| desk.now().synced && end.is_soon(desk.now().utc)) {
            say(end, &desk).await;
        }
    }
}

/// Journals what a link says against the certificate of its broker. Runs until the link is gone.
pub async fn follow(link: &'static str, mut state: watch::Receiver<LinkState>, desk: Desk) {
    while state.changed().await.is_ok() {
        let reason = match &*state.borrow_and_update() {
            LinkState::Down { fault, .. } if fault.is_of_a_certificate() => fault.code(),
            _ => continue,
        };
        let facts = data([("link", json!(link)), ("reason", json!(reason))]);
        // The log hears of every outage; that it cannot be stored, the status says.
        once_a_day(Kind::CertificateRefused, &[link, reason], facts, &desk).await;
    }
}

async fn say(end: &End, desk: &Desk) {
    let now = desk.now();
    let until = end.until.to_rfc3339_opts(SecondsFormat::Secs, true);
    let facts =
        data([("what", json!(end.what)), ("until", json!(until)), ("days", json!((end.until - now.utc).num_days()))]);
    if once_a_day(Kind::CertificateExpiring, &[end.what], facts, desk).await {
        tracing::warn!(
            what = end.what,
            until,
            "a certificate ends soon: have it renewed, and put it in the old one's place"
        );
    }
}

/// Whether it was not journaled today; also over restarts.
async fn once_a_day(kind: Kind, what: &[&str], facts: Data, desk: &Desk) -> bool {
    let now = desk.now();
    let day = now.utc.date_naive().to_string();
    let parts = [kind.name(), &day].into_iter().chain(what.iter().copied()).map(str::as_bytes).collect::<Vec<_>>();
    let identity = Identity::Native(Id::derived(&parts));
    let event = Event { identity, ..Event::here(kind, Slug::from_text("certificate"), now, facts) };
    matches!(desk.ask(Command::Record(event)).await, Ok(Answer::Stored { events: 1, .. }))
}
