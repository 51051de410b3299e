//! Logs: to the journal when systemd runs the daemon, in words on a terminal, as JSON lines on request.
//! `LOBBYD_LOG` filters them (`info` where it is not set; `debug`, `lobbyd::link=trace`, …). Payloads of devices and
//! what people type are never logged at `info` or above. No place of the program fills the disk by saying the same for a year.

use chrono::Utc;
use std::collections::{HashMap, VecDeque};
use std::fmt::{self, Write};
use std::fs::File;
use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::callsite::Identifier;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// The environment variable that filters logs.
pub const FILTER: &str = "LOBBYD_LOG";

/// What is logged without [`FILTER`]: rumqttc and hyper talk of every packet at `debug`, and warn of what `link` says better;
/// rumqttd, in the demo, calls every client that leaves an error.
const DEFAULT_FILTER: &str = "info,rumqttc=error,rumqttd=off";

/// Lines that each place of the program may log in an hour, unless somebody looks closely with [`FILTER`]. A broker that comes
/// and goes all day wrote a line each second; the hundred places of the program together stay below 10 MB a day.
const LINES: u32 = 30;
const HOUR: Duration = Duration::from_secs(3600);

/// Lines that were left out since [`tell_left_out`] was last called.
static LEFT_OUT: AtomicU64 = AtomicU64::new(0);

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
    let throttle = asked.is_none().then(Throttle::default);
    let registry = tracing_subscriber::registry().with(filter).with(throttle).with(Recent);
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

/// Says how many lines were left out, if any were. To be called once an hour.
pub fn tell_left_out() {
    let lines = LEFT_OUT.swap(0, Ordering::Relaxed);
    if lines > 0 {
        tracing::warn!(
            lines,
            "lines were left out of this log, for the same was said too often: {FILTER}=info shows all"
        );
    }
}

/// Lets each place of the program say so much in an hour and no more.
#[derive(Default)]
struct Throttle {
    /// When the hour of a place began, and what it has said since. As many as there are places: they are compiled in.
    places: Mutex<HashMap<Identifier, (Instant, u32)>>,
}

impl Throttle {
    fn admits(&self, place: Identifier, now: Instant) -> bool {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, said) = places.entry(place).or_insert((now, 0));
        if now.duration_since(*began) >= HOUR {
            (*began, *said) = (now, 0);
        }
        *said = said.saturating_add(1);
        *said <= LINES
    }
}

impl<S: Subscriber> Layer<S> for Throttle {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        let admitted = self.admits(event.metadata().callsite(), Instant::now());
        if !admitted {
            LEFT_OUT.fetch_add(1, Ordering::Relaxed);
        }
        admitted
    }
}

/// Lines that are kept for whoever asks what is wrong, and characters of each.
const KEPT: usize = 200;
const WIDTH: usize = 300;
static RECENT: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// The newest lines of this process's log, as far as they were written, oldest first: what the office asks for when it cannot come to the
/// machine. Nothing of a run before: the service may not read the system's journal.
pub fn recent() -> Vec<String> {
    RECENT.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}

struct Recent;

impl<S: Subscriber> Layer<S> for Recent {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(format!("{} {}", Utc::now().format("%FT%TZ"), event.metadata().level()));
        event.record(&mut line);
        let cut = line.0.char_indices().nth(WIDTH).map_or(line.0.len(), |(at, _)| at);
        line.0.truncate(cut);
        let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= KEPT {
            recent.pop_front();
        }
        recent.push_back(line.0);
    }
}

/// What an event says, the message first where it stands first.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let name = field.name();
        // Writing to a string does not fail.
        let _ = if name == "message" { write!(self.0, " {value:?}") } else { write!(self.0, " {name}={value:?}") };
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tracing::Callsite as _;

    /// Counts what reaches it.
    struct Count(Arc<AtomicU64>);

    impl<S: Subscriber> Layer<S> for Count {
        fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_newest_lines_are_there_to_be_asked_for_and_no_more() {
        let registry = tracing_subscriber::registry().with(Recent);
        tracing::subscriber::with_default(registry, || {
            for nth in 0..2 * KEPT {
                tracing::warn!(nth, long = "长".repeat(WIDTH), "the disk is slow");
            }
        });
        let lines = recent();
        assert_eq!(lines.len(), KEPT);
        let last = lines.last().unwrap();
        assert!(last.contains("WARN the disk is slow") && last.contains(&format!("nth={}", 2 * KEPT - 1)), "{last}");
        assert!(last.chars().count() <= WIDTH);
    }

    #[test]
    fn a_place_that_says_the_same_all_day_is_heard_so_often_and_silences_no_other() {
        let heard = Arc::new(AtomicU64::new(0));
        let subscriber = tracing_subscriber::registry().with(Some(Throttle::default())).with(Count(heard.clone()));
        tracing::subscriber::with_default(subscriber, || {
            (0..1000).for_each(|_| tracing::warn!("the broker has gone"));
            tracing::warn!("the disk is nearly full");
        });
        assert_eq!(heard.load(Ordering::Relaxed), u64::from(LINES) + 1);
        assert_eq!(LEFT_OUT.swap(0, Ordering::Relaxed), 1000 - u64::from(LINES));
    }

    #[test]
    fn after_an_hour_it_is_heard_again() {
        let place =
            tracing::callsite!(name: "a place", kind: tracing::metadata::Kind::EVENT, fields: ).metadata().callsite();
        let (throttle, now) = (Throttle::default(), Instant::now());
        assert_eq!((0..100).filter(|_| throttle.admits(place.clone(), now)).count(), LINES as usize);
        assert!(throttle.admits(place, now + HOUR));
    }
}
