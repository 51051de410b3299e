//! The retained status document at `lobby/v1/{site}/{gateway}/status`: how this machine is, in one JSON object that a
//! person can read. Its last will says that the machine was lost, its farewell that it was stopped. No personal data.

use super::certificates::End;
use super::queue::Queue;
use super::quota::Quota;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::fs;

/// Longest fault text in characters: the document is for a look, the log has the rest.
const MAX_FAULT: usize = 200;

/// This run of the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The kernel's boot id: a new one says that the machine itself was restarted, not only the daemon.
    pub boot: String,
    pub version: &'static str,
    pub started: DateTime<Utc>,
}

/// One of the two links. `fault` says plainly why it is down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    pub up: bool,
    pub fault: Option<String>,
}

/// What the journal tells about itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Journal {
    pub epoch: String,
    /// The newest number that is on disk.
    pub newest: u64,
    /// The same a moment ago with the hash of the chain up to it, as `SEQ:HASH`: whoever notes it notices a past that is written anew.
    pub head: Option<String>,
    /// What the office has not acknowledged. Its oldest has a time and not an age: the document is retained and grows old.
    pub queue: Queue,
    /// What it takes, bytes, and what it may take.
    pub bytes: u64,
    pub quota: Quota,
    /// Messages and events that were put aside.
    pub dead_letters: u64,
    /// Events whose person was erased, since there is a journal; and since when the oldest that still has its own is kept.
    pub erased: u64,
    pub oldest_person: Option<DateTime<Utc>>,
    /// A damaged journal was put aside and a new one begun: the file that holds the old one. Or it had lost what the disk had called
    /// stored: the epoch that it goes on from, and up to where.
    pub recovered_from: Option<String>,
}

/// Everything that the status document says.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    pub journal: Journal,
    /// Why nothing can be stored, if so.
    pub storage_fault: Option<String>,
    /// The disk will soon be full.
    pub nearly_full: bool,
    pub clock_synced: bool,
    pub building: Link,
    pub office: Link,
    /// The guards' connection at the building broker; `None` where no post is configured.
    pub guards: Option<Link>,
    /// The printer of slips, where the board has one that was heard of.
    pub printer: Option<Link>,
    /// The directory in force, where there is one.
    pub directory: Option<Directory>,
    pub rules: Rules,
    /// The certificate that ends first, of those that `lobby.toml` names.
    pub certificate: Option<End>,
}

/// The figures of the service that are in force (R306).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    pub version: u32,
    /// Newer ones were sent and wait: with them, or with what `lobby.toml` is by now, a new beginning would fail.
    pub waiting: bool,
}

/// Numbers only: who lives where is nobody's business here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    pub version: String,
    pub units: usize,
    pub hosts: usize,
}

impl Run {
    pub fn begin(started: DateTime<Utc>) -> Self {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Run { boot: boot.trim().to_owned(), version: env!("CARGO_PKG_VERSION"), started }
    }

    /// The document while the daemon runs.
    pub fn online(&self, status: &Status) -> Vec<u8> {
        let journal = &status.journal;
        let mut document = self.document(true);
        document["journal"] = json!({
            "epoch": journal.epoch,
            "newest": journal.newest,
            "head": journal.head,
            "unsent": journal.queue.depth(),
            "oldest_unsent": journal.queue.oldest.map(rfc3339),
            "dead_letters": journal.dead_letters,
            "persons_erased": journal.erased,
            "oldest_person": journal.oldest_person.map(rfc3339),
            "recovered_from": journal.recovered_from,
        });
        let fault = status.storage_fault.as_deref();
        document["storage"] = json!({
            "ok": fault.is_none(),
            "fault": fault.map(cut),
            "nearly_full": status.nearly_full,
            "mib": mib(journal.bytes),
            "quota_mib": mib(journal.quota.total),
            "reserve_mib": mib(journal.quota.reserve),
            "level": journal.queue.level.name(),
            "why": journal.queue.level.why(),
        });
        document["relay"] = relay(&journal.queue);
        document["clock"] = json!({ "synced": status.clock_synced });
        document["rules"] = json!({ "version": status.rules.version, "waiting": status.rules.waiting });
        document["links"] = json!({ "building": link(&status.building), "office": link(&status.office) });
        if let Some(guards) = &status.guards {
            document["links"]["guards"] = link(guards);
        }
        if let Some(printer) = &status.printer {
            document["printer"] = link(printer);
        }
        if let Some(End { what, until }) = &status.certificate {
            document["certificate"] = json!({ "what": what, "until": rfc3339(*until) });
        }
        if let Some(Directory { version, units, hosts }) = &status.directory {
            document["directory"] = json!({ "version": version, "units": units, "hosts": hosts });
        }
        bytes(&document)
    }

    /// What the office's broker publishes when this machine falls silent.
    pub fn will(&self) -> Vec<u8> {
        let mut document = self.document(false);
        document["why"] = json!("lost");
        bytes(&document)
    }

    /// The last document of an orderly stop.
    pub fn farewell(&self) -> Vec<u8> {
        let mut document = self.document(false);
        document["why"] = json!("stopped");
        bytes(&document)
    }

    fn document(&self, online: bool) -> Value {
        json!({
            "online": online,
            "boot": self.boot,
            "version": self.version,
            "started": rfc3339(self.started),
        })
    }
}

impl Status {
    /// One line for a person: what systemd shows beside the service.
    pub fn in_words(&self) -> String {
        let link = |name: &str, link: &Link| match &link.fault {
            _ if link.up => format!("{name} up"),
            Some(fault) => format!("{name} down ({})", cut(fault)),
            None => format!("{name} down"),
        };
        let mut words = format!("{}, {}", link("building", &self.building), link("office", &self.office));
        let queue = &self.journal.queue;
        if queue.depth() > 0 {
            words += &format!(", {} events to send", queue.depth());
        }
        if queue.level.holds_devices() {
            words += &format!(", DEVICES WAIT: {}", queue.level.why());
        }
        if let Some(fault) = &self.storage_fault {
            words += &format!(", CANNOT STORE: {}", cut(fault));
        }
        if self.nearly_full {
            words += ", the disk is nearly full";
        }
        if let Some(fault) = self.printer.as_ref().and_then(|printer| printer.fault.as_deref()) {
            words += &format!(", printer: {}", cut(fault));
        }
        if !self.clock_synced {
            words += ", clock not set";
        }
        words
    }
}

/// How what waits goes out.
pub fn relay(queue: &Queue) -> Value {
    let seconds = |span: Option<std::time::Duration>| span.map(|span| span.as_secs());
    json!({
        "urgent": queue.urgent,
        "normal": queue.normal,
        "out_per_second": tenths(queue.pace.drain),
        "in_per_second": tenths(queue.pace.arrivals),
        "drained_in_seconds": seconds(queue.pace.drained_in),
        "room_for_seconds": seconds(queue.pace.room_for),
    })
}

/// A rate to look at: 16.4.
fn tenths(rate: f64) -> f64 {
    (rate * 10.0).round() / 10.0
}

const fn mib(bytes: u64) -> u64 {
    bytes >> 20
}

fn link(link: &Link) -> Value {
    json!({ "up": link.up, "fault": link.fault.as_deref().map(cut) })
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_FAULT).collect()
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn bytes(document: &Value) -> Vec<u8> {
    serde_json::to_vec(document).expect("a JSON value always serialises")
}

#[cfg(test)]
mod tests {
    use super::super::queue::Pace;
    use super::super::quota::{Level, Why};
    use super::*;
    use std::time::Duration;

    fn run() -> Run {
        let started = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        Run { boot: "b0".into(), version: "0.1.0", started }
    }

    fn status() -> Status {
        Status {
            journal: Journal {
                epoch: "e1".into(),
                newest: 12,
                head: Some("12:ab".into()),
                queue: Queue { urgent: 1, normal: 2, ..Queue::default() },
                bytes: 5 << 20,
                ..Journal::default()
            },
            storage_fault: None,
            nearly_full: false,
            clock_synced: true,
            building: Link { up: true, fault: None },
            office: Link { up: false, fault: Some("connection refused".into()) },
            guards: None,
            certificate: Some(End { what: "office.cert", until: DateTime::from_timestamp(1_795_100_000, 0).unwrap() }),
            directory: Some(Directory { version: "2026-11".into(), units: 2000, hosts: 5200 }),
            printer: None,
            rules: Rules { version: 3, waiting: true },
        }
    }

    fn read(document: &[u8]) -> Value {
        serde_json::from_slice(document).unwrap()
    }

    #[test]
    fn the_document_says_what_is_stored_what_waits_and_what_is_down() {
        let document = read(&run().online(&status()));
        assert_eq!(document["online"], true);
        assert_eq!(document["boot"], "b0");
        assert_eq!(document["journal"]["unsent"], json!(3));
        assert_eq!(document["journal"]["head"], json!("12:ab"));
        assert_eq!(document["certificate"], json!({"what": "office.cert", "until": "2026-11-19T14:53:20Z"}));
        assert_eq!(document["rules"], json!({"version": 3, "waiting": true}));
        assert_eq!(document["storage"]["ok"], true);
        assert_eq!(document["links"]["office"], json!({"up": false, "fault": "connection refused"}));
    }

    #[test]
    fn a_disk_that_cannot_be_written_is_loud_and_short() {
        let mut status = status();
        status.storage_fault = Some("disk full ".repeat(100));
        let document = read(&run().online(&status));
        assert_eq!(document["storage"]["ok"], false);
        assert_eq!(document["storage"]["fault"].as_str().unwrap().chars().count(), MAX_FAULT);
        assert!(status.in_words().contains("CANNOT STORE: disk full"));
    }

    #[test]
    fn a_disk_that_is_nearly_full_is_told_while_everything_is_still_stored() {
        let status = Status { nearly_full: true, ..status() };
        let document = read(&run().online(&status));
        assert_eq!((&document["storage"]["ok"], &document["storage"]["nearly_full"]), (&json!(true), &json!(true)));
        assert!(status.in_words().ends_with(", the disk is nearly full"));
    }

    #[test]
    fn what_waits_how_fast_it_goes_and_who_is_held_back_is_told() {
        let mut status = status();
        status.journal.queue.pace =
            Pace { drain: 16.44, arrivals: 0.04, drained_in: Some(Duration::from_millis(3_700)), room_for: None };
        status.journal.queue.level = Level::Reserve(Why::Quota);
        let document = read(&run().online(&status));
        let relay = &document["relay"];
        assert_eq!((&relay["urgent"], &relay["normal"]), (&json!(1), &json!(2)));
        assert_eq!((&relay["out_per_second"], &relay["in_per_second"]), (&json!(16.4), &json!(0.0)));
        assert_eq!((&relay["drained_in_seconds"], &relay["room_for_seconds"]), (&json!(3), &Value::Null));
        let storage = &document["storage"];
        assert_eq!(
            (&storage["mib"], &storage["quota_mib"], &storage["reserve_mib"]),
            (&json!(5), &json!(2048), &json!(64))
        );
        assert_eq!(
            (&storage["level"], &storage["why"], &storage["ok"]),
            (&json!("reserve"), &json!("quota"), &json!(true))
        );
        assert!(status.in_words().ends_with(", DEVICES WAIT: quota"));
    }

    #[test]
    fn a_printer_in_trouble_is_told_and_no_printer_is_not_spoken_of() {
        assert_eq!(read(&run().online(&status())).get("printer"), None);
        let printer = Some(Link { up: false, fault: Some("out of paper".into()) });
        let status = Status { printer, ..status() };
        assert_eq!(read(&run().online(&status))["printer"], json!({ "up": false, "fault": "out of paper" }));
        assert!(status.in_words().contains(", printer: out of paper"));
    }

    #[test]
    fn lost_and_stopped_are_told_apart() {
        assert_eq!(read(&run().will())["why"], "lost");
        let farewell = read(&run().farewell());
        assert_eq!((&farewell["why"], &farewell["online"]), (&json!("stopped"), &json!(false)));
    }

    #[test]
    fn systemd_shows_the_state_in_one_line() {
        let words = status().in_words();
        assert_eq!(words, "building up, office down (connection refused), 3 events to send");
    }
}
