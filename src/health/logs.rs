//! Logs: to the journal when systemd runs the daemon, in words on a terminal, as JSON lines on request.
//! `LOBBYD_LOG` filters them (`info` where it is not set; `debug`, `lobbyd::link=trace`, …). Payloads of devices and
//! what people type are never logged at `info` or above.

use std::fs::File;
use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The environment variable that filters logs.
pub const FILTER: &str = "LOBBYD_LOG";

/// What is logged without [`FILTER`]: rumqttc and hyper talk of every packet at `debug`, and warn of what `link` says better;
/// rumqttd, in the demo, calls every client that leaves an error.
const DEFAULT_FILTER: &str = "info,rumqttc=error,rumqttd=off";

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Words for a person.
    Human,
    /// One JSON object a line.
    Json,
}

/// Starts logging. Without a format: to journald where systemd has connected it, else in words. A filter that cannot be
/// read falls back to the default and says so: a typing error must not silence the machine.
pub fn start(format: Option<Format>) {
    let asked = std::env::var(FILTER).ok();
    let parsed = asked.as_deref().map(EnvFilter::try_new);
    let broken = matches!(parsed, Some(Err(_)));
    let filter = parsed.and_then(Result::ok).unwrap_or_else(|| EnvFilter::new(DEFAULT_FILTER));
    let registry = tracing_subscriber::registry().with(filter);
    // A second subscriber in one process is refused; the first goes on, which is what tests want.
    let started = match (format, journal()) {
        (None, Some(journal)) => registry.with(journal).try_init(),
        (Some(Format::Json), _) => {
            let json = tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr);
            registry.with(json).try_init()
        }
        (None | Some(Format::Human), _) => {
            let words = tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_ansi(std::io::stderr().is_terminal())
                .with_target(false);
            registry.with(words).try_init()
        }
    };
    if started.is_ok() && broken {
        tracing::warn!("{FILTER} cannot be read as a filter; using {DEFAULT_FILTER}");
    }
}

fn journal() -> Option<tracing_journald::Layer> {
    if !stderr_is_the_journal() {
        return None;
    }
    let layer = tracing_journald::layer().ok()?;
    Some(layer.with_field_prefix(Some("LOBBYD".into())).with_syslog_identifier("lobbyd".into()))
}

/// systemd names the stream that it connected as `device:inode` in JOURNAL_STREAM (systemd.exec(5)); a shell started
/// from a service inherits the variable, so only a match of both counts.
fn stderr_is_the_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    let Ok(file) = std::io::stderr().as_fd().try_clone_to_owned().map(File::from) else { return false };
    file.metadata().is_ok_and(|stderr| stream == format!("{}:{}", stderr.dev(), stderr.ino()))
}
