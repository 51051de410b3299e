//! Metrics for Prometheus on a local port. Every name stands in one table, [`METRICS`]; a test refuses any other in the
//! tree. Labels come from closed lists: never a topic, a door or a person.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;

/// Messages from the building, by what became of them: label `reading` = `reports`, `ignored`, `unreadable`.
pub const MESSAGES: &str = "lobbyd_messages_total";
/// Events written to the journal.
pub const EVENTS: &str = "lobbyd_events_total";
/// Events that were on disk already: a broker or a device sent them again.
pub const REPEATS: &str = "lobbyd_repeats_total";
/// Messages and events put aside.
pub const DEAD_LETTERS: &str = "lobbyd_dead_letters_total";
/// Seconds for one transaction with its fsync.
pub const COMMIT_SECONDS: &str = "lobbyd_commit_seconds";
/// The newest number on disk.
pub const JOURNAL_NEWEST: &str = "lobbyd_journal_newest";
/// Events that the office has not acknowledged.
pub const JOURNAL_UNSENT: &str = "lobbyd_journal_unsent";
/// Age of the oldest of them.
pub const OLDEST_UNSENT_SECONDS: &str = "lobbyd_journal_oldest_unsent_seconds";
/// Events that the office has acknowledged since the start.
pub const ACKNOWLEDGED: &str = "lobbyd_office_acknowledged_total";
/// 1 while connected; label `link` = `building`, `office`.
pub const LINK_UP: &str = "lobbyd_link_up";
/// Connections made since the start; label `link`.
pub const LINK_CONNECTS: &str = "lobbyd_link_connects_total";
/// 1 while the journal can be written.
pub const STORAGE_OK: &str = "lobbyd_storage_ok";
/// 1 while the kernel says that the clock is set.
pub const CLOCK_SYNCED: &str = "lobbyd_clock_synced";
/// Characters that no font could show.
pub const GLYPHS_MISSING: &str = "lobbyd_glyph_missing_total";

/// What a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Counter,
    Gauge,
    Histogram,
}

/// Every metric: name, shape, help text.
pub const METRICS: &[(&str, Shape, &str)] = &[
    (MESSAGES, Shape::Counter, "Messages from the building, by what became of them"),
    (EVENTS, Shape::Counter, "Events written to the journal"),
    (REPEATS, Shape::Counter, "Events that were stored already and were sent again"),
    (DEAD_LETTERS, Shape::Counter, "Messages and events put aside"),
    (COMMIT_SECONDS, Shape::Histogram, "Seconds for one transaction with its fsync"),
    (JOURNAL_NEWEST, Shape::Gauge, "The newest event number on disk"),
    (JOURNAL_UNSENT, Shape::Gauge, "Events that the office has not acknowledged"),
    (OLDEST_UNSENT_SECONDS, Shape::Gauge, "Age of the oldest event that the office has not acknowledged"),
    (ACKNOWLEDGED, Shape::Counter, "Events acknowledged by the office"),
    (LINK_UP, Shape::Gauge, "1 while the link to the broker is up"),
    (LINK_CONNECTS, Shape::Counter, "Connections made to the broker"),
    (STORAGE_OK, Shape::Gauge, "1 while the journal can be written"),
    (CLOCK_SYNCED, Shape::Gauge, "1 while the clock is set by the network"),
    (GLYPHS_MISSING, Shape::Counter, "Characters that no font could show"),
];

/// Bounds of [`COMMIT_SECONDS`]: an SD card's fsync takes 2 to 200 ms when healthy, seconds when it is dying.
const COMMIT_BOUNDS: [f64; 8] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0];

/// How often samples are folded into their histograms when nobody scrapes; until then each one is kept, and a forgotten
/// Prometheus must not eat the memory.
const FOLD: Duration = Duration::from_secs(10);

/// Makes this process count. Without it every count costs nothing and goes nowhere.
///
/// # Errors
/// When something in this process counts already.
pub fn start() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new().set_buckets(&COMMIT_BOUNDS)?.install_recorder()?;
    for (name, shape, help) in METRICS {
        match shape {
            Shape::Counter => describe_counter!(*name, *help),
            Shape::Gauge => describe_gauge!(*name, *help),
            Shape::Histogram => describe_histogram!(*name, *help),
        }
    }
    Ok(handle)
}

/// Opens the port of the metrics page.
///
/// # Errors
/// When the port is taken or the address is not this machine's.
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves `/metrics` for ever.
pub async fn serve(listener: TcpListener, handle: PrometheusHandle) -> std::io::Result<()> {
    let folding = handle.clone();
    let page = get(move || {
        let text = handle.render();
        async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text) }
    });
    let fold = async {
        let mut tick = tokio::time::interval(FOLD);
        loop {
            tick.tick().await;
            drop(folding.render());
        }
    };
    tokio::select! {
        served = axum::serve(listener, Router::new().route("/metrics", page)) => served,
        () = fold => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn the_page_shows_what_was_counted_with_its_help() {
        let handle = start().unwrap();
        metrics::counter!(EVENTS).increment(3);
        metrics::histogram!(COMMIT_SECONDS).record(0.02);
        let listener = listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asking = async {
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
            let mut page = String::new();
            stream.read_to_string(&mut page).await.unwrap();
            page
        };
        let page = tokio::select! {
            page = asking => page,
            _ = serve(listener, handle) => unreachable!("serves for ever"),
        };
        assert!(page.contains("# HELP lobbyd_events_total Events written to the journal"), "{page}");
        assert!(page.contains("lobbyd_events_total 3"), "{page}");
        assert!(page.contains("lobbyd_commit_seconds_bucket{le=\"0.03\"} 1"), "{page}");
    }

    #[test]
    fn every_name_is_prefixed_and_stands_once() {
        let names: std::collections::BTreeSet<_> = METRICS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names.len(), METRICS.len());
        assert!(names.iter().all(|name| name.starts_with("lobbyd_")));
    }
}
