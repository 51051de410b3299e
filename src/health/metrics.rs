//! Metrics for Prometheus on a local port. Every name in the tree stands in one table, [`METRICS`]; a test holds the two
//! together. Labels come from closed lists: never a topic, a door or a person. No histograms: this exporter keeps every sample
//! until somebody asks for it, and a forgotten Prometheus must not eat the memory.

use super::certificates::End;
use super::queue::Queue;
use super::status::{Link, Status};
use crate::http::{self, Entrance, Limits};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use chrono::{DateTime, Utc};
use metrics::{counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A Prometheus has one connection, a person who looks another. All of them may come from one machine.
const LIMITS: Limits = Limits { all: 16, each: 16 };

/// What a metric tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// How often something has happened since the start.
    Counter,
    /// How much there is now.
    Gauge,
}

use Shape::{Counter, Gauge};

/// Every metric: name, shape, and what it tells, with its labels.
pub const METRICS: &[(&str, Shape, &str)] = &[
    ("lobbyd_building_messages_total", Counter, "Messages from the building broker"),
    ("lobbyd_building_oversized_total", Counter, "Messages from the building that were longer than lobbyd reads"),
    ("lobbyd_building_dropped_total", Counter, "QoS 0 messages from the building that could not be stored"),
    ("lobbyd_building_held_total", Counter, "Messages from the building that had to wait for room in the journal"),
    ("lobbyd_building_sessions_lost_total", Counter, "Times that the building broker had forgotten our session"),
    ("lobbyd_events_total", Counter, "Events written to the journal"),
    ("lobbyd_repeats_total", Counter, "Events that were in the journal already and were sent again"),
    ("lobbyd_dead_letters_total", Counter, "What was put aside; origin = building, office"),
    ("lobbyd_cases_unreadable_total", Counter, "Cases that another version wrote and that fall due in vain"),
    ("lobbyd_office_commands_total", Counter, "Commands from the office, by outcome: accepted, or why not"),
    (
        "lobbyd_watch_hits_total",
        Counter,
        "Visitors who may be on the watch-list, by what they were known: phone, name, sound",
    ),
    (
        "lobbyd_directories_refused_total",
        Counter,
        "Versions of the directory that were refused or given up half-way, by reason",
    ),
    ("lobbyd_invitations_refused_total", Counter, "Invitations that did not hold or were not kept, by reason"),
    ("lobbyd_persons_erased", Gauge, "Events whose person was erased, since there is a journal"),
    ("lobbyd_oldest_person_seconds", Gauge, "Age of the oldest event that still has its person, 0 where there is none"),
    ("lobbyd_receipts_unknown_total", Counter, "Slips that fit no ticket"),
    ("lobbyd_storage_failures_total", Counter, "Transactions that could not be written"),
    ("lobbyd_storage_ok", Gauge, "1 while the journal can be written"),
    ("lobbyd_storage_nearly_full", Gauge, "1 while the disk is nearly full"),
    ("lobbyd_journal_newest", Gauge, "The newest event number on disk"),
    ("lobbyd_journal_unsent", Gauge, "Events that the office has not acknowledged"),
    ("lobbyd_journal_oldest_unsent_seconds", Gauge, "Age of the oldest of them, 0 where there is none"),
    ("lobbyd_journal_bytes", Gauge, "What the journal takes on the disk"),
    ("lobbyd_journal_quota_bytes", Gauge, "What it may take"),
    ("lobbyd_journal_reserve_bytes", Gauge, "The part of it that devices leave to people"),
    ("lobbyd_devices_held", Gauge, "1 while devices wait at the building broker for room"),
    ("lobbyd_relay_waiting", Gauge, "Events that the office has not acknowledged; lane = urgent, normal"),
    ("lobbyd_relay_out_per_second", Gauge, "Events that the office acknowledges, over the last minute"),
    ("lobbyd_relay_in_per_second", Gauge, "Events that are written, over the last minute"),
    (
        "lobbyd_relay_drained_in_seconds",
        Gauge,
        "Until nothing waits, 0 where nothing does, -1 where no end is in sight",
    ),
    ("lobbyd_relay_room_for_seconds", Gauge, "Until devices must wait if the office goes away now, -1 where unknown"),
    ("lobbyd_office_acknowledged_total", Counter, "Events that the office has acknowledged"),
    ("lobbyd_link_up", Gauge, "1 while connected; link = building, office"),
    ("lobbyd_link_faults_total", Counter, "Connections to a broker that failed or ended; by link and reason"),
    ("lobbyd_certificate_seconds", Gauge, "Until the first certificate ends, where one is configured"),
    (
        "lobbyd_clock_synced",
        Gauge,
        "1 while the time is known: a time server has answered since the start, in the last 30 days",
    ),
    ("lobbyd_browser_refused_total", Counter, "Viewers of the browser board that were refused; reason = origin, full"),
    ("lobbyd_browser_ignored_total", Counter, "Messages of viewers that made no sense"),
    (
        "lobbyd_console_refused_total",
        Counter,
        "Connections to the guards' page that were refused; reason = full, address, tls",
    ),
    ("lobbyd_metrics_refused_total", Counter, "Connections to this page that were refused; reason = full"),
    ("lobbyd_handbook_entries", Gauge, "Entries of the handbook that are in use"),
    ("lobbyd_handbook_bad_files", Gauge, "Files of the handbook that cannot be used"),
    (
        "lobbyd_hardware_faults_total",
        Counter,
        "Times that hardware beside the glass failed; part = backlight, gpio, sound",
    ),
    ("lobbyd_scans_ignored_total", Counter, "Readings of the scanner that came while others waited"),
    ("lobbyd_slips_total", Counter, "Slips for the printer; outcome = printed, slow, too-old, no-room"),
    ("lobbyd_printer_ok", Gauge, "1 while the printer can print, where there is one"),
    ("lobbyd_glyph_missing_total", Counter, "Characters that no font could show"),
];

/// Makes this process count. Without it every count costs nothing and goes nowhere.
///
/// # Errors
/// When something in this process counts already.
pub fn start() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new().install_recorder()?;
    for (name, shape, help) in METRICS {
        match shape {
            Counter => describe_counter!(*name, *help),
            Gauge => describe_gauge!(*name, *help),
        }
    }
    Ok(handle)
}

/// Brings the gauges up to date.
pub fn show(status: &Status, now: DateTime<Utc>) {
    let yes = |condition: bool| if condition { 1.0 } else { 0.0 };
    let link = |name: &'static str, link: &Link| gauge!("lobbyd_link_up", "link" => name).set(yes(link.up));
    link("building", &status.building);
    link("office", &status.office);
    gauge!("lobbyd_storage_ok").set(yes(status.storage_fault.is_none()));
    gauge!("lobbyd_storage_nearly_full").set(yes(status.nearly_full));
    if let Some(printer) = &status.printer {
        gauge!("lobbyd_printer_ok").set(yes(printer.up));
    }
    if let Some(End { until, .. }) = &status.certificate {
        gauge!("lobbyd_certificate_seconds").set((*until - now).num_seconds() as f64);
    }
    gauge!("lobbyd_clock_synced").set(yes(status.clock_synced));
    // Exact up to 2^53.
    gauge!("lobbyd_journal_newest").set(status.journal.newest as f64);
    gauge!("lobbyd_journal_unsent").set(status.journal.queue.depth() as f64);
    let age = status.journal.queue.oldest.map_or(0, |oldest| (now - oldest).num_seconds().max(0));
    gauge!("lobbyd_journal_oldest_unsent_seconds").set(age as f64);
    gauge!("lobbyd_persons_erased").set(status.journal.erased as f64);
    let oldest = status.journal.oldest_person.map_or(0, |oldest| (now - oldest).num_seconds().max(0));
    gauge!("lobbyd_oldest_person_seconds").set(oldest as f64);
    gauge!("lobbyd_journal_bytes").set(status.journal.bytes as f64);
    gauge!("lobbyd_journal_quota_bytes").set(status.journal.quota.total as f64);
    gauge!("lobbyd_journal_reserve_bytes").set(status.journal.quota.reserve as f64);
    show_queue(&status.journal.queue);
}

fn show_queue(queue: &Queue) {
    let seconds = |span: Option<Duration>| span.map_or(-1.0, |span| span.as_secs_f64());
    gauge!("lobbyd_devices_held").set(if queue.level.holds_devices() { 1.0 } else { 0.0 });
    gauge!("lobbyd_relay_waiting", "lane" => "urgent").set(queue.urgent as f64);
    gauge!("lobbyd_relay_waiting", "lane" => "normal").set(queue.normal as f64);
    gauge!("lobbyd_relay_out_per_second").set(queue.pace.drain);
    gauge!("lobbyd_relay_in_per_second").set(queue.pace.arrivals);
    let drained_in = if queue.depth() == 0 { Some(Duration::ZERO) } else { queue.pace.drained_in };
    gauge!("lobbyd_relay_drained_in_seconds").set(seconds(drained_in));
    gauge!("lobbyd_relay_room_for_seconds").set(seconds(queue.pace.room_for));
}

/// Opens the port of the metrics page.
///
/// # Errors
/// When the port is taken or the address is not this machine's.
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves `/metrics` until the daemon stops.
pub async fn serve(listener: TcpListener, handle: PrometheusHandle, stopping: watch::Receiver<bool>) {
    let page = get(move || {
        let text = handle.render();
        async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text) }
    });
    let refused = |reason| counter!("lobbyd_metrics_refused_total", "reason" => reason).increment(1);
    let entrance = Entrance { listener, limits: LIMITS, tls: None, refused, stopping };
    http::serve(entrance, Router::new().route("/metrics", page)).await;
}

#[cfg(test)]
mod tests {
    use super::super::quota::Level;
    use super::super::status::Journal;
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn page(address: SocketAddr) -> String {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).await.unwrap();
        page
    }

    #[tokio::test]
    async fn the_page_shows_counts_and_the_state_with_their_help() {
        let handle = start().unwrap();
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let oldest = Some(now - chrono::TimeDelta::seconds(90));
        let queue = Queue { urgent: 1, normal: 2, oldest, level: Level::Full, ..Queue::default() };
        show(
            &Status {
                journal: Journal { newest: 12, queue, bytes: 7, ..Journal::default() },
                storage_fault: Some("disk full".into()),
                nearly_full: true,
                clock_synced: true,
                building: Link { up: true, fault: None },
                office: Link::default(),
                guards: None,
                rules: Default::default(),
                directory: None,
                certificate: Some(End { what: "office.ca", until: now + chrono::TimeDelta::days(3) }),
                printer: None,
            },
            now,
        );
        let listener = listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let (_stop, stopping) = watch::channel(false);
        let address = listener.local_addr().unwrap();
        let page = tokio::select! {
            page = page(address) => page,
            () = serve(listener, handle, stopping) => unreachable!("nobody has told it to stop"),
        };
        assert!(page.contains("lobbyd_certificate_seconds 259200"), "{page}");
        assert!(page.contains("# HELP lobbyd_journal_unsent Events that the office has not acknowledged"), "{page}");
        for line in [
            "lobbyd_journal_unsent 3",
            "lobbyd_journal_oldest_unsent_seconds 90",
            "lobbyd_storage_ok 0",
            "lobbyd_journal_bytes 7",
            "lobbyd_journal_quota_bytes 2147483648",
            "lobbyd_devices_held 1",
            "lobbyd_relay_waiting{lane=\"urgent\"} 1",
            "lobbyd_relay_drained_in_seconds -1",
            "lobbyd_link_up{link=\"building\"} 1",
            "lobbyd_link_up{link=\"office\"} 0",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} is not in:\n{page}");
        }
    }

    #[test]
    fn every_name_is_prefixed_and_stands_once() {
        let names: std::collections::BTreeSet<_> = METRICS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names.len(), METRICS.len());
        assert!(names.iter().all(|name| name.starts_with("lobbyd_")));
    }
}
