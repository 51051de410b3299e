//! Random histories that verify, heads that were noted, and journals of older versions.

mod meddling;

use crate::event::{Data, Event, Id, Identity, Kind, Now, Slug, data};
use crate::journal::{Ages, Audit, Days, Head, JOURNAL_FILE, Journal, Keep, Lane, Noted, Pressure, Reader, anchor};
use chrono::DateTime;
use fastrand::Rng;
use rusqlite::Connection;
use serde_json::json;
use std::path::Path;
use tempfile::TempDir;

/// Random histories, and as many for each kind of meddling. `LOBBYD_CHAIN_HISTORIES` lives through more, `LOBBYD_CHAIN_SEED` through the
/// same again.
const HISTORIES: usize = 20;
const STEPS: u32 = 14;
const STAMP: &str = "20261122T000000Z";
/// Two kinds that retention takes out alone, and three that it does not.
const KINDS: [Kind; 5] =
    [Kind::DoorOpened, Kind::AccessGranted, Kind::VisitArrived, Kind::CallRinging, Kind::DoorForced];

/// In memory where the machine has such a folder: each commit waits for its disk.
fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

fn file(folder: &Path) -> Connection {
    Connection::open(folder.join(JOURNAL_FILE)).unwrap()
}

fn audit(folder: &Path, head: Option<Head>) -> Audit {
    Reader::open(folder).unwrap().audit_against(head, None).unwrap()
}

fn at(day: i64) -> Now {
    Now { utc: DateTime::from_timestamp(1_795_000_000 + day * 86_400, 0).unwrap(), synced: true }
}

struct Life {
    folder: TempDir,
    /// None only while it is opened again.
    open: Option<Journal>,
    dice: Rng,
    day: i64,
    /// So many days the clock is ahead.
    ahead: i64,
    days: Days,
    /// Heads that the office has noted.
    heads: Vec<Head>,
}

impl Life {
    fn begin(seed: u64) -> Self {
        let folder = folder();
        let open = Some(Journal::open(folder.path(), STAMP).unwrap().journal);
        let days = Days { events: 5, chatter: 3, visits: 2, persons: 2 };
        Life { folder, open, dice: Rng::with_seed(seed), day: 0, ahead: 0, days, heads: Vec::new() }
    }

    /// A history.
    fn lived(seed: u64) -> Self {
        let mut life = Life::begin(seed);
        life.append();
        (0..STEPS).for_each(|_| life.step());
        life
    }

    fn now(&self) -> Now {
        at(self.day + self.ahead)
    }

    /// With the days that hold, at the right time.
    fn audit(&self, head: Option<Head>) -> Audit {
        self.audit_at(at(self.day), head)
    }

    fn audit_at(&self, now: Now, head: Option<Head>) -> Audit {
        let ages = Ages { days: self.days, now };
        Reader::open(self.path()).unwrap().audit_against(head, Some(ages)).unwrap()
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn step(&mut self) {
        match self.dice.u8(0..40) {
            0..16 => self.append(),
            16..20 => self.erase(),
            20..28 => self.purge(Pressure::None),
            28 => self.crowd(),
            29 => self.step_clock(),
            30 => {
                let (events, chatter, persons) = (self.dice.u32(3..8), self.dice.u32(1..4), self.dice.u32(1..4));
                self.days = Days { events, chatter, visits: persons, persons };
                self.purge(Pressure::None);
            }
            31..35 => self.reopen(),
            _ => self.sleep(),
        }
    }

    /// Some days on which nothing happens. Each is reported, as the desk does.
    fn sleep(&mut self) {
        for _ in 0..self.dice.usize(1..4) {
            self.day += 1;
            self.store(Kind::ReportMade);
        }
    }

    fn store(&mut self, kind: Kind) {
        let now = self.now();
        self.journal().begin().unwrap();
        let event = Event::here(kind, Slug::from_text("gateway"), now, Data::new());
        self.journal().append(&event, now).unwrap();
        self.journal().commit().unwrap();
    }

    fn event(&mut self) -> Event {
        let kind = self.dice.choice(KINDS).unwrap();
        let facts = data([("nth", json!(self.dice.u32(..)))]);
        let mut event = Event::here(kind, Slug::from_text("lobby"), self.now(), facts);
        if kind == Kind::VisitArrived && self.dice.bool() {
            event = event.about(data([("name", json!(format!("测试{}", self.dice.u8(..))))]));
        }
        if self.dice.u8(0..6) == 0 {
            // Now and then one that is there already.
            event.identity = Identity::Native(Id([self.dice.u8(0..20); 16]));
        }
        event
    }

    fn append(&mut self) {
        let count = self.dice.usize(1..7);
        self.many(count);
    }

    fn many(&mut self, count: usize) {
        self.journal().begin().unwrap();
        for _ in 0..count {
            let event = self.event();
            let now = self.now();
            self.journal().append(&event, now).unwrap();
        }
        if self.dice.u8(0..8) == 0 {
            return self.journal().roll_back();
        }
        let newest = self.journal().newest();
        Lane::ALL.iter().for_each(|lane| self.journal().set_cursor(lane.cursor(), newest).unwrap());
        self.journal().commit().unwrap();
        self.heads.extend(Reader::open(self.path()).unwrap().head().unwrap());
    }

    /// As a case forgets people.
    fn erase(&mut self) {
        let newest = self.journal().newest();
        let seq = self.dice.u64(0..=newest);
        self.journal().connection.execute("DELETE FROM person WHERE seq = ?1", [seq]).unwrap();
    }

    fn purge(&mut self, pressure: Pressure) {
        let keep = Keep { days: self.days, ..Keep::default() };
        let now = self.now();
        while self.journal().purge(&keep, pressure, now).unwrap().more {}
    }

    /// So many come that there is no room for what devices say, however young.
    fn crowd(&mut self) {
        self.many(1_200);
        let synced = self.dice.bool();
        let keep = Keep { days: self.days, ..Keep::default() };
        let now = Now { synced, ..self.now() };
        while self.journal().purge(&keep, Pressure::Reached, now).unwrap().more {}
    }

    /// A clock that was set wrong, or right again. The desk stores it at once.
    fn step_clock(&mut self) {
        self.ahead = if self.ahead == 0 { self.dice.i64(2..30) } else { 0 };
        self.store(Kind::ClockStepped);
    }

    fn reopen(&mut self) {
        self.open = None;
        self.open = Some(Journal::open(self.path(), STAMP).unwrap().journal);
    }

    fn journal(&mut self) -> &mut Journal {
        self.open.as_mut().unwrap()
    }
}

/// Where random lives begin, and how many are asked for.
fn seeds() -> (std::ops::RangeFrom<u64>, usize) {
    let asked = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = asked("LOBBYD_CHAIN_SEED").unwrap_or_else(|| fastrand::u64(..u64::MAX / 2));
    println!("LOBBYD_CHAIN_SEED={first}");
    (first.., asked("LOBBYD_CHAIN_HISTORIES").map_or(HISTORIES, |count| count as usize))
}

#[test]
fn whatever_is_stored_erased_and_taken_out_verifies_and_so_does_every_head_that_was_noted() {
    let (mut same, mut retired) = (0, 0);
    let (seeds, count) = seeds();
    for seed in seeds.take(count) {
        let mut life = Life::begin(seed);
        for _ in 0..STEPS {
            life.step();
            let head = life.dice.choice(life.heads.clone());
            let unset = Now { utc: DateTime::UNIX_EPOCH, synced: false };
            let audit = if life.dice.bool() { life.audit(head) } else { life.audit_at(unset, head) };
            assert_eq!(audit.faults, Vec::<String>::new(), "seed {seed}");
            same += u32::from(audit.noted == Some(Noted::Same));
            retired += u32::from(audit.noted == Some(Noted::Retired));
            assert_eq!(audit.noted.is_some(), head.is_some(), "seed {seed}");
        }
    }
    assert!(same > 0 && retired > 0, "{same} were here, {retired} were gone");
}

/// Some rows, and two heads that were noted on the way.
fn two_heads() -> (Life, Head, Head) {
    let mut life = Life::begin(7);
    let mut head = || {
        life.journal().begin().unwrap();
        for kind in KINDS {
            let now = life.now();
            life.journal().append(&Event::here(kind, Slug::from_text("lobby"), now, Data::new()), now).unwrap();
        }
        life.journal().commit().unwrap();
        Reader::open(life.folder.path()).unwrap().head().unwrap().unwrap()
    };
    let (one, other) = (head(), head());
    (life, one, other)
}

/// What the machine did each hour for a day, the last of it just now; no clock was ever wrong.
fn a_day() -> Life {
    let mut life = Life::begin(3);
    life.days = Days { events: 180, chatter: 90, visits: 90, persons: 30 };
    (0..4).for_each(|_| life.append());
    life.day = 1;
    life.store(Kind::ReportMade);
    life
}

#[test]
fn young_events_that_are_gone_as_if_by_retention_are_a_fault_and_so_is_a_head_on_one_of_them() {
    let life = a_day();
    let passing = "SELECT seq FROM event WHERE run IS NULL AND seq > 1 ORDER BY seq LIMIT 1";
    let seq: u64 = file(life.path()).query_row(passing, [], |row| row.get(0)).unwrap();
    let head = |seq| life.heads.iter().find(|head| head.seq >= seq).copied();
    let thinned = a_day();
    meddling::thin(&file(thinned.path()), seq);
    let memo = "SELECT value FROM meta WHERE key = 'thinned-hash'";
    let hash: String = file(thinned.path()).query_row(memo, [], |row| row.get(0)).unwrap();
    let of_meta = Head { seq, hash: hash.parse().unwrap() };
    for noted in [None, Some(Head { seq, ..head(seq).unwrap() }), Some(of_meta)] {
        let faults = thinned.audit(noted).faults;
        assert!(faults[0].contains("too young for retention"), "{faults:?}");
        assert_eq!(faults.len(), 1 + usize::from(noted.is_some()), "{faults:?}");
    }
    let retired = a_day();
    let noted = retired.heads[0];
    anchor::retire(&file(retired.path()), noted.seq).unwrap();
    file(retired.path()).execute("DELETE FROM event WHERE seq <= ?1", [noted.seq]).unwrap();
    let faults = retired.audit(None).faults;
    assert!(faults.len() == 1 && faults[0].contains(&format!("1-{}", noted.seq)), "{faults:?}");
    // Who has not noted the time cannot say it.
    assert_eq!(audit(retired.path(), None).faults, Vec::<String>::new());
    let other = Head { hash: retired.heads[1].hash, ..noted };
    assert!(retired.audit(Some(other)).faults.len() == 2);
}

#[test]
fn more_than_was_told_of_a_disk_that_was_full_is_a_fault() {
    let mut life = a_day();
    life.many(3_000);
    let newest = life.journal().newest();
    life.journal().connection.execute("INSERT INTO case_event VALUES ('A', 20261121, 1, 100)", []).unwrap();
    life.journal().connection.execute("UPDATE event SET kind = kind WHERE seq = 100", []).unwrap();
    life.purge(Pressure::Reached);
    let through = Reader::open(life.path()).unwrap().thinned_through().unwrap();
    assert!(through > 1_000 && life.journal().newest() > newest, "it is told");
    life.journal().connection.execute("DELETE FROM case_event", []).unwrap();
    let audit = life.audit(None);
    assert_eq!((audit.faults, audit.doubtful), (vec![], 0));
    let stay = "SELECT kind FROM event WHERE seq = 100 AND run IS NULL";
    if file(life.path()).prepare(stay).unwrap().exists([]).unwrap() {
        file(life.path()).execute("DELETE FROM event WHERE seq = 100", []).unwrap();
        assert!(life.audit(None).faults[0].contains("too young"));
    }
    // A clock that nobody has set, of 1970: the newest event says what time it is.
    let unset = Now { utc: DateTime::UNIX_EPOCH, synced: false };
    meddling::thin(&file(life.path()), through + 5);
    assert!(!life.audit_at(unset, None).faults.is_empty());
    assert!(!life.audit(None).faults.is_empty());
}

/// Who can write the file can write all of it, chain and all: only what the office has noted gives him away.
#[test]
fn a_past_that_was_written_anew_is_known_by_the_head_that_the_office_has_noted() {
    let (_, _, other) = two_heads();
    let (life, first, second) = two_heads();
    assert_eq!(audit(life.path(), Some(first)).noted, Some(Noted::Same));
    // Another journal, sound in itself.
    let faults = audit(life.path(), Some(other)).faults;
    assert!(faults[0].starts_with("event 10 has another hash than the head that was noted"), "{faults:?}");
    file(life.path()).execute("DELETE FROM event WHERE seq > 8", []).unwrap();
    assert_eq!(audit(life.path(), None).faults, ["the journal ends at event 8, and event 10 had been stored"]);
    std::fs::remove_file(life.path().join("journal.db-mark")).unwrap();
    assert_eq!(audit(life.path(), None).faults, Vec::<String>::new(), "nothing in the file says where it ended");
    let faults = audit(life.path(), Some(second)).faults;
    assert_eq!(faults, ["the journal ends at event 8, and the head that was noted is event 10"]);
    assert_eq!(audit(life.path(), Some(first)).noted, Some(Noted::Same));
}

#[test]
fn the_one_row_is_named_that_was_touched() {
    let (life, ..) = two_heads();
    let meddle = |sql| file(life.path()).execute(sql, []).unwrap();
    meddle("UPDATE event SET data = '{\"a\":1}' WHERE seq = 4");
    assert_eq!(audit(life.path(), None).altered, ["event 4 is not what was stored, or does not follow event 3"]);
    meddle("UPDATE event SET data = '{}' WHERE seq = 4");
    assert_eq!(audit(life.path(), None), audit(life.path(), None));
    meddle("UPDATE event SET hash = zeroblob(32) WHERE seq = 6");
    assert_eq!(audit(life.path(), None).altered, ["event 6 is not what was stored, or does not follow event 5"]);
    meddle("UPDATE event SET hash = NULL WHERE seq = 6");
    assert_eq!(audit(life.path(), None).altered, ["event 6 is in no chain: it was put in, or its hash was taken out"]);
}

/// Of what was stored before there was a chain it says nothing, but how much that is.
#[test]
fn a_journal_of_an_older_version_is_chained_from_its_upgrade_on() {
    let folder = folder();
    file(folder.path()).execute_batch(include_str!("../../../tests/fixtures/journal-1.sql")).unwrap();
    let before = audit(folder.path(), None);
    assert_eq!((before.unchained, before.head, before.faults), (5, None, vec![]), "its tables have no place for one");
    assert_eq!(Reader::open(folder.path()).unwrap().head().unwrap(), None);
    let mut journal = Journal::open(folder.path(), STAMP).unwrap().journal;
    let now = Now { utc: DateTime::from_timestamp(1_795_200_000, 0).unwrap(), synced: true };
    let append = |journal: &mut Journal| {
        journal.begin().unwrap();
        for kind in KINDS {
            journal.append(&Event::here(kind, Slug::from_text("lobby"), now, Data::new()), now).unwrap();
        }
        Lane::ALL.iter().for_each(|lane| journal.set_cursor(lane.cursor(), journal.newest()).unwrap());
        journal.commit().unwrap();
    };
    append(&mut journal);
    let upgraded = audit(folder.path(), None);
    assert_eq!((upgraded.unchained, upgraded.head.map(|head| head.seq), upgraded.faults), (5, Some(10), vec![]));
    // Neither a row of the chain nor one from before it passes for the other.
    let meddle = |sql| file(folder.path()).execute(sql, []).unwrap();
    meddle("UPDATE event SET hash = NULL WHERE seq = 6");
    assert!(audit(folder.path(), None).altered[0].starts_with("event 6 is in no chain"));
    meddle("UPDATE event SET hash = zeroblob(32) WHERE seq IN (3, 6)");
    let altered = audit(folder.path(), None).altered;
    assert!(altered[0].starts_with("event 3 stands before") && altered[1].starts_with("event 6 is not"), "{altered:?}");
    meddle("UPDATE event SET hash = NULL WHERE seq = 3");
    // Retention passes the upgrade.
    let later = Now { utc: now.utc + chrono::TimeDelta::days(181), ..now };
    while journal.purge(&Keep::default(), Pressure::None, later).unwrap().more {}
    append(&mut journal);
    let purged = audit(folder.path(), None);
    assert_eq!((purged.unchained, purged.span, purged.faults), (0, Some((10, 15)), vec![]));
}

/// A daemon that stores and takes out as fast as it can while all of it is read.
#[test]
fn a_journal_at_work_verifies() {
    let folder = folder();
    let mut journal = Journal::open(folder.path(), STAMP).unwrap().journal;
    let done = std::sync::atomic::AtomicBool::new(false);
    let mut turn = move |nth: i64| {
        let now = Now { utc: DateTime::from_timestamp(1_795_000_000 + nth * 86_400, 0).unwrap(), synced: true };
        journal.begin().unwrap();
        for nth in 0..700 {
            let kind = if nth % 10 == 0 { Kind::VisitArrived } else { Kind::DoorOpened };
            journal.append(&Event::here(kind, Slug::from_text("lobby"), now, Data::new()), now).unwrap();
        }
        let newest = journal.newest();
        Lane::ALL.iter().for_each(|lane| journal.set_cursor(lane.cursor(), newest).unwrap());
        journal.commit().unwrap();
        let keep = Keep { days: Days { events: 12, chatter: 4, ..Days::default() }, ..Keep::default() };
        while journal.purge(&keep, Pressure::None, now).unwrap().more {}
    };
    (0..12).for_each(&mut turn);
    std::thread::scope(|scope| {
        scope.spawn(|| (12..).take_while(|_| !done.load(std::sync::atomic::Ordering::SeqCst)).for_each(&mut turn));
        for _ in 0..20 {
            let audit = audit(folder.path(), None);
            // Before a panic, or nobody would stop the daemon.
            done.store(!audit.faults.is_empty(), std::sync::atomic::Ordering::SeqCst);
            assert_eq!(audit.faults, Vec::<String>::new());
        }
        done.store(true, std::sync::atomic::Ordering::SeqCst);
    });
}
