//! `lobbyd journal status`: what waits for the office, how fast it goes, what the journal takes of what it may. Reads only, and
//! works while the daemon runs: rates are counted by looking twice.

use super::journal::{Of, open};
use crate::config::Config;
use crate::desk::noted_level;
use crate::health::disk;
use crate::health::queue::{Pace, Queue, Sample, Samples};
use crate::health::quota::{Level, Quota};
use crate::health::status;
use crate::journal::{Head, Lane, Reader, Size};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Between the two looks. Longer is more exact; a person waits for it.
pub const SECONDS: u64 = 3;
/// A person who mistypes must not wait for a day.
pub const MOST_SECONDS: u64 = 600;

/// One look at the journal.
struct Look {
    /// By [`Lane`]: how many wait, and since when.
    lanes: [(u64, Option<DateTime<Utc>>); 2],
    span: (u64, u64),
    head: Option<Head>,
    thinned: u64,
    size: Size,
    level: Level,
    dead_letters: u64,
}

impl Look {
    fn take(reader: &Reader) -> anyhow::Result<Self> {
        Ok(Look {
            lanes: [reader.unsent(Lane::Urgent)?, reader.unsent(Lane::Normal)?],
            span: reader.span()?.unwrap_or_default(),
            head: reader.head()?,
            thinned: reader.thinned_through()?,
            size: reader.size()?,
            level: noted_level(reader)?,
            dead_letters: reader.dead_letter_count()?,
        })
    }

    fn sample(&self, at: Duration) -> Sample {
        let unsent = self.lanes.iter().map(|(count, _)| count).sum();
        Sample { at, oldest: self.span.0, newest: self.span.1, unsent, used: self.size.used() }
    }
}

pub fn run(of: &Of, seconds: u64, as_json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::load(&of.config)?;
    let (reader, source) = open(of)?;
    let quota = Quota::mib(config.storage.quota, config.storage.reserve);
    let (begun, mut samples) = (Instant::now(), Samples::default());
    samples.push(Look::take(&reader)?.sample(begun.elapsed()));
    std::thread::sleep(Duration::from_secs(seconds));
    let look = Look::take(&reader)?;
    samples.push(look.sample(begun.elapsed()));
    let [(urgent, _), (normal, _)] = look.lanes;
    let oldest = look.lanes.iter().filter_map(|(_, oldest)| *oldest).min();
    let queue = Queue { urgent, normal, oldest, pace: samples.pace(&quota), level: look.level };
    let free = disk::space(&config.data_dir).map(|space| space.free);
    if as_json {
        println!("{}", document(&look, &queue, &quota, &source.epoch, free));
    } else {
        print!("{}", in_words(&look, &queue, &quota, &source.epoch, free, Utc::now()));
    }
    Ok(ExitCode::SUCCESS)
}

fn document(look: &Look, queue: &Queue, quota: &Quota, epoch: &str, free: Option<u64>) -> Value {
    let mut relay = status::relay(queue);
    relay["oldest"] = json!(queue.oldest);
    json!({
        "epoch": epoch,
        "oldest": look.span.0,
        "newest": look.span.1,
        "head": look.head.map(|head| head.to_string()),
        "thinned_through": look.thinned,
        "dead_letters": look.dead_letters,
        "relay": relay,
        "storage": {
            "bytes": look.size.used(),
            "free_pages_bytes": look.size.free,
            "quota_bytes": quota.total,
            "reserve_bytes": quota.reserve,
            "level": queue.level.name(),
            "why": queue.level.why(),
            "disk_free_bytes": free,
        },
    })
}

fn in_words(look: &Look, queue: &Queue, quota: &Quota, epoch: &str, free: Option<u64>, now: DateTime<Utc>) -> String {
    let mut lines = vec![format!("epoch {epoch}: events {} to {}", look.span.0, look.span.1)];
    if let Some(head) = look.head {
        lines.push(format!("head: {head}"));
    }
    if look.thinned >= look.span.0 && look.thinned > 0 {
        lines.push(format!("up to {} without what devices say day in, day out: its days are over", look.thinned));
    }
    lines.push(format!("to send: {} urgent, {} other{}", queue.urgent, queue.normal, age(queue.oldest, now)));
    lines.push(pace(queue));
    lines.push(format!(
        "size: {} MiB of {} MiB, {} MiB of them for people only",
        look.size.used() >> 20,
        quota.total >> 20,
        quota.reserve >> 20
    ));
    if let Some(free) = free {
        lines.push(format!("free on the disk: {} MiB", free >> 20));
    }
    if let Some(room) = queue.pace.room_for {
        lines.push(format!("without the office there is room for {}", span(room)));
    }
    lines.push(
        match queue.level {
            Level::Free => "devices are heard",
            Level::Reserve(_) => "DEVICES WAIT at the building broker; people, rings and alarms are served",
            Level::Full => "DEVICES WAIT, and only calls for help are taken: even the reserve is used up",
        }
        .to_owned(),
    );
    lines.push(format!("dead letters: {}", look.dead_letters));
    lines.join("\n") + "\n"
}

fn age(oldest: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    let age = oldest.and_then(|oldest| (now - oldest).to_std().ok());
    age.map_or_else(String::new, |age| format!(", the oldest for {}", span(age)))
}

fn pace(queue: &Queue) -> String {
    let Pace { drain, arrivals, drained_in, .. } = queue.pace;
    let end = match drained_in {
        Some(left) => format!(", all sent in {}", span(left)),
        None if queue.depth() > 0 => ", no end in sight".to_owned(),
        None => String::new(),
    };
    format!("a second: {drain:.1} out, {arrivals:.1} in{end}")
}

/// To two figures: nobody needs the seconds of a day.
fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::quota::Why;
    use crate::journal::Hash;

    fn look() -> Look {
        Look {
            lanes: [(1, None), (2, None)],
            span: (10, 500),
            head: Some(Head { seq: 500, hash: Hash([0xab; 32]) }),
            thinned: 200,
            size: Size { in_use: 99 << 20, free: 0, wal: 1 << 20 },
            level: Level::Reserve(Why::Quota),
            dead_letters: 7,
        }
    }

    #[test]
    fn it_says_what_waits_since_when_and_that_devices_wait() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let pace = Pace { drain: 2.0, arrivals: 3.0, drained_in: None, room_for: Some(Duration::from_secs(90_000)) };
        let oldest = Some(now - chrono::TimeDelta::seconds(3_700));
        let queue = Queue { urgent: 1, normal: 2, oldest, pace, level: look().level };
        let words = in_words(&look(), &queue, &Quota::default(), "e1", None, now);
        for line in [
            "epoch e1: events 10 to 500",
            "head: 500:abababababababababababababababababababababababababababababababab",
            "up to 200 without what devices say day in, day out: its days are over",
            "to send: 1 urgent, 2 other, the oldest for 1 h 1 min",
            "a second: 2.0 out, 3.0 in, no end in sight",
            "size: 100 MiB of 2048 MiB, 64 MiB of them for people only",
            "without the office there is room for 1 d 1 h",
            "DEVICES WAIT at the building broker; people, rings and alarms are served",
            "dead letters: 7",
        ] {
            assert!(words.lines().any(|said| said == line), "{line} is not in:\n{words}");
        }
    }
}
