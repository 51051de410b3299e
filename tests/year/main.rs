//! A year of a building with 2,000 units, from a printed seed, against the rules and the desk's own decisions, in memory:
//! visitors, repairs, complaints, calls, alarms, keys, parcels; people who act, decline, are absent or do nonsense; restarts; clocks that jump
//! or do not know the time. At the end every promise was kept, released or its breach is recorded, every case has ended or somebody
//! has it, and the events have no gap. `LOBBYD_YEAR_DAYS` and `LOBBYD_YEAR_SEED` choose another length and another year; without
//! optimisation, where a year takes minutes, it is three weeks.

mod ledger;
mod memory;
mod people;

use chrono::{DateTime, TimeDelta};
use fastrand::Rng;
use lobbyd::desk::{Answer, Command, Transaction};
use lobbyd::event::{Id, Identity, Kind, Now, Reading, Slug, data};
use lobbyd::service::case::Source;
use lobbyd::service::door::Report;
use lobbyd::service::house::House;
use lobbyd::service::number::Number;
use lobbyd::service::presence::Presence;
use lobbyd::service::staff::Actor;
use lobbyd::service::timeline::Timeline;
use memory::Memory;
use people::slug;
use serde_json::json;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::{Duration, Instant};

const UNITS: u32 = 2_000;
/// What comes on an average day, with 2,000 units. Ours: a lobby of that size, not a measurement.
const A_DAY: [(&str, u32); 16] = [
    ("visit", 60),
    ("ring", 50),
    ("delivery", 25),
    ("repair", 6),
    ("alarm", 8),
    ("help", 4),
    ("enquiry", 3),
    ("service", 3),
    ("complaint", 1),
    ("suggestion", 1),
    ("pass", 2),
    ("custody", 1),
    ("support", 1),
    ("emergency", 1),
    ("restart", 1),
    ("clock", 1),
];
/// Midnight at the site, 2026-01-01.
const START: i64 = 1_767_196_800;

/// What happens next, on the true clock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Arrives(&'static str),
    /// Somebody looks at a case, if nobody was asked since: which time it was that he meant to.
    Attend(Number, u32),
    /// The desk looks whether a day has ended.
    Look,
    /// The network tells the time.
    Sync,
    /// Somebody comes back to his post.
    Back(Slug),
    Shift,
}

struct World {
    rng: Rng,
    house: House,
    staff: Vec<Actor>,
    store: Memory,
    timeline: Timeline,
    presence: Presence,
    absent: Vec<Slug>,
    queue: BinaryHeap<Reverse<(Duration, u64, Next)>>,
    order: u64,
    /// The true clock: since the start of the year.
    elapsed: Duration,
    /// What the wall clock shows too much, and whether the network has set it.
    wrong: TimeDelta,
    synced: bool,
    refused: BTreeMap<&'static str, u64>,
    attention: BTreeMap<Number, Attention>,
}

/// What people give to a case.
#[derive(Debug, Clone, Copy, Default)]
struct Attention {
    /// How often somebody has looked since somebody was last asked: less and less often.
    looks: u32,
    /// How often somebody has meant to look.
    times: u32,
}

impl World {
    fn new(seed: u64) -> Self {
        let house = people::house();
        let mut world = World {
            rng: Rng::with_seed(seed),
            staff: people::staff(),
            store: Memory::default(),
            timeline: Timeline::begin(reading(Duration::ZERO, TimeDelta::zero(), true), None, None),
            presence: Presence::begin(&house, Duration::ZERO, []),
            absent: Vec::new(),
            queue: BinaryHeap::new(),
            order: 0,
            elapsed: Duration::ZERO,
            wrong: TimeDelta::zero(),
            synced: true,
            refused: BTreeMap::new(),
            attention: BTreeMap::new(),
            house,
        };
        for (what, _) in A_DAY {
            world.expect(what);
        }
        world.at(Duration::ZERO, Next::Look);
        world.at(Duration::from_secs(8 * 3600), Next::Shift);
        world
    }

    fn at(&mut self, after: Duration, next: Next) {
        self.order += 1;
        self.queue.push(Reverse((self.elapsed + after, self.order, next)));
    }

    /// The next arrival of its kind: as often as the table says, by day four times as likely as by night.
    fn expect(&mut self, what: &'static str) {
        let a_day = A_DAY.iter().find(|(name, _)| *name == what).map_or(1, |(_, n)| *n);
        let mean = 86_400.0 / f64::from(a_day);
        let after = -mean * (1.0 - self.rng.f64()).ln();
        self.at(Duration::from_secs_f64(after.clamp(1.0, 30.0 * 86_400.0)), Next::Arrives(what));
    }

    fn reading(&self) -> Reading {
        reading(self.elapsed, self.wrong, self.synced)
    }

    fn now(&self) -> Now {
        self.timeline.now(self.reading())
    }

    fn transaction(&mut self) -> Transaction<'_, Memory> {
        let now = self.now();
        Transaction { journal: &mut self.store, now, house: &self.house }
    }

    fn ask(&mut self, command: &Command) -> Answer {
        self.transaction().carry_out(command).unwrap()
    }

    /// Lives until this much time has gone.
    fn live(&mut self, until: Duration) {
        loop {
            let coming = self.queue.peek().map_or(until, |Reverse((at, ..))| *at).min(until);
            // Promises run on service time, which goes as fast as the true one.
            let wake =
                self.store.next_wake().map(|wake| self.elapsed + (wake - self.now().utc).to_std().unwrap_or_default());
            match wake {
                Some(wake) if wake <= coming => {
                    self.elapsed = wake;
                    self.fire();
                }
                _ if coming >= until => {
                    self.elapsed = until;
                    return;
                }
                _ => {
                    let Reverse((at, _, next)) = self.queue.pop().expect("it was looked at");
                    self.elapsed = at;
                    self.happen(next);
                }
            }
            for number in std::mem::take(&mut self.store.asked) {
                // It rings where he is: he looks as if for the first time.
                self.attention.entry(number).or_default().looks = 0;
                self.attend_soon(number);
            }
        }
    }

    fn fire(&mut self) {
        let due = self.store.next_wake();
        while self.transaction().fire().unwrap() {}
        assert!(
            self.store.next_wake().is_none_or(|next| due.is_none_or(|due| next >= due)),
            "time is fired in its order"
        );
    }

    fn happen(&mut self, next: Next) {
        match next {
            Next::Arrives(what) => {
                self.arrive(what);
                self.expect(what);
            }
            Next::Attend(number, time) => {
                if self.attention.get(&number).is_some_and(|attention| attention.times == time) {
                    self.attend(number);
                }
            }
            Next::Look => self.look(),
            Next::Sync => {
                self.synced = true;
                self.wrong = TimeDelta::milliseconds(self.rng.i64(-800..800));
                self.follow_clock();
            }
            Next::Back(post) => self.absent.retain(|absent| *absent != post),
            Next::Shift => self.change_shift(),
        }
    }

    fn arrive(&mut self, what: &'static str) {
        match what {
            "ring" => self.heard(Kind::CallRinging),
            "alarm" => {
                let kinds = [Kind::DoorForced, Kind::DoorHeld, Kind::Tamper, Kind::Duress, Kind::DeviceOffline];
                let (raised, over) = (kinds, [Kind::DoorClosed, Kind::TamperCleared, Kind::DeviceOnline]);
                let kind = if self.rng.bool() { raised[self.rng.usize(..5)] } else { over[self.rng.usize(..3)] };
                self.heard(kind);
            }
            "restart" => self.restart(),
            "clock" => {
                if self.rng.u8(..10) == 0 {
                    self.wrong += TimeDelta::seconds(self.rng.i64(-10_800..10_800));
                    self.follow_clock();
                }
                if self.rng.u8(..4) == 0 {
                    let post = self.rng.choice(&self.house.posts).expect("there are posts").id.clone();
                    if self.absent.len() < 3 && !self.absent.contains(&post) {
                        self.absent.push(post.clone());
                        let hours = self.rng.u64(1..6);
                        self.at(Duration::from_secs(hours * 3600), Next::Back(post));
                    }
                }
            }
            what => {
                let now = self.now().utc;
                let opening = people::brings(what, UNITS, &mut self.rng, now);
                let by = match what {
                    "support" | "delivery" => self.rng.choice(&self.staff).expect("staff").clone(),
                    _ => Actor::GUEST,
                };
                let opened = self.ask(&Command::Open { opening, source: Source::Kiosk, by });
                assert!(matches!(opened, Answer::Opened { .. }), "{opened:?}");
            }
        }
    }

    fn heard(&mut self, kind: Kind) {
        let door = slug(self.rng.choice(&["lobby", "garage", "north"]).expect("doors"));
        self.order += 1;
        let identity = Identity::Native(Id::derived(&[&self.order.to_be_bytes()]));
        let stamp = self.now().stamp();
        let data = data([("device", json!({ "product": "test" }))]).into();
        let report = Report { kind, subject: door, identity, stamp, replayed: false, retained: false, data };
        self.ask(&Command::Heard(vec![report]));
    }

    fn attend_soon(&mut self, number: Number) {
        let Some(case) = self.store.open.get(&number) else {
            self.attention.remove(&number);
            return;
        };
        let attention = self.attention.entry(number).or_default();
        (attention.looks, attention.times) = (attention.looks + 1, attention.times + 1);
        let time = attention.times;
        let mean = f64::from(1 + attention.looks / 4)
            * match case.matter.name() {
                "call" => 20.0,
                "visit" | "help" | "emergency" | "support" | "alarm" => 240.0,
                _ => 3_600.0,
            };
        let after = -mean * (1.0 - self.rng.f64()).ln();
        self.at(Duration::from_secs_f64(after.clamp(1.0, 7.0 * 86_400.0)), Next::Attend(number, time));
    }

    /// Somebody tries a few things, until one is taken.
    fn attend(&mut self, number: Number) {
        for _ in 0..3 {
            let Some(case) = self.store.open.get(&number) else { return };
            let now = self.timeline.now(reading(self.elapsed, self.wrong, self.synced)).utc;
            let (by, step) = people::attempt(case, &self.staff, &self.absent, &mut self.rng, now);
            let seen = (self.rng.u8(..8) == 0).then_some(case.docket.version.saturating_sub(1));
            match self.ask(&Command::Move { number, step, seen, by }) {
                Answer::Objected(objection) => *self.refused.entry(objection.code()).or_default() += 1,
                _ => break,
            }
        }
        self.attend_soon(number);
    }

    fn look(&mut self) {
        for post in self.house.posts.iter().filter(|post| !self.absent.contains(&post.id)) {
            self.presence.hear(&post.id, self.elapsed);
        }
        let changes = self.presence.look(&self.house, self.now(), self.elapsed);
        let mut transaction = self.transaction();
        transaction.tell_presence(&changes).unwrap();
        let brought = transaction.look_at_day().unwrap();
        transaction.write_day(&brought).unwrap();
        self.presence.told(&changes);
        // The office is reached but for a few hours a month.
        if self.rng.u8(..100) > 0 {
            self.store.acknowledged = self.store.newest;
        }
        self.at(Duration::from_secs(300), Next::Look);
    }

    fn change_shift(&mut self) {
        let by = self.staff.iter().find(|actor| actor.post == Some(slug("desk"))).expect("the desk").clone();
        let closed = self.ask(&Command::CloseShift { post: slug("desk"), note: None, by: by.clone() });
        if let Answer::Objected(objection) = closed {
            *self.refused.entry(objection.code()).or_default() += 1;
        }
        self.ask(&Command::TakeShift { post: slug("desk"), by });
        self.at(Duration::from_secs(12 * 3600), Next::Shift);
    }

    /// The desk's own order: the step is recorded, then followed.
    fn follow_clock(&mut self) {
        let reading = self.reading();
        if let Some(step) = self.timeline.step(reading) {
            let mut transaction = Transaction { journal: &mut self.store, now: step.now, house: &self.house };
            transaction.step_clock(&step).unwrap();
        }
        self.timeline.follow(reading);
    }

    /// A power cut of up to an hour; every third time the clock is lost with it until the network tells it.
    fn restart(&mut self) {
        if self.rng.u8(..10) > 0 {
            return;
        }
        self.store.restart();
        let last = self.now().utc;
        self.elapsed += Duration::from_secs(self.rng.u64(1..3600));
        if self.rng.u8(..3) == 0 {
            self.synced = false;
            self.wrong = -TimeDelta::days(self.rng.i64(0..20_000));
            let after = self.rng.u64(60..6 * 3600);
            self.at(Duration::from_secs(after), Next::Sync);
        }
        let doubted = self.timeline.doubted_since();
        self.timeline = Timeline::begin(self.reading(), Some(last), doubted);
        self.follow_clock();
        self.presence = Presence::begin(&self.house, self.elapsed, []);
    }

    /// Open cases by matter and state.
    fn still_open(&self) -> BTreeMap<String, usize> {
        let mut open = BTreeMap::new();
        for case in self.store.open.values() {
            *open.entry(format!("{}/{}", case.matter.name(), case.state())).or_default() += 1;
        }
        open
    }

    /// What must be true at the end.
    fn close(&mut self) {
        let now = self.now().utc;
        self.store.ledger.close(&self.store.open, now);
        for (number, case) in &self.store.open {
            let has_somebody = !case.docket.tasks.is_empty() || !case.docket.clocks.is_empty();
            // A key in the cabinet waits for its owner, an alarm that somebody has seen for its door; a post that a superior
            // has looked at is listened for.
            let stands = (case.matter.name(), case.state());
            let waits = matches!(stands, ("custody", "deposited") | ("alarm", "acknowledged") | ("silence", "seen"));
            assert!(has_somebody || waits, "{number} belongs to nobody: {} {case:?}", case.state());
        }
    }
}

/// The machine's clocks.
fn reading(elapsed: Duration, wrong: TimeDelta, synced: bool) -> Reading {
    let start = DateTime::from_timestamp(START, 0).unwrap();
    Reading { utc: start + TimeDelta::from_std(elapsed).unwrap() + wrong, synced, mono: elapsed }
}

fn days(n: u64) -> Duration {
    Duration::from_secs(n * 86_400)
}

fn lived(seed: u64, length: u64) -> World {
    let mut world = World::new(seed);
    world.live(days(length));
    world.close();
    world
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[test]
fn a_year_of_a_building_keeps_its_word_or_says_that_it_did_not() {
    let seed = from_environment("LOBBYD_YEAR_SEED").unwrap_or_else(|| fastrand::u64(..));
    let length = from_environment("LOBBYD_YEAR_DAYS").unwrap_or(if cfg!(debug_assertions) { 21 } else { 365 });
    println!("LOBBYD_YEAR_SEED={seed} LOBBYD_YEAR_DAYS={length}");
    let began = Instant::now();
    let world = lived(seed, length);
    let ledger = &world.store.ledger;
    println!("{length} days of {UNITS} units in {:.1} s: {} events", began.elapsed().as_secs_f64(), world.store.newest);
    println!("cases: {} closed, {} open at the end", ledger.closed, world.store.open.len());
    println!(
        "promises: {} given, {} kept, {} broken, {} released",
        ledger.given, ledger.kept, ledger.breached, ledger.released
    );
    println!("open: {:?}", world.still_open());
    println!("refused: {:?}", world.refused);
    println!("events: {:?}", ledger.kinds);
    assert!(ledger.given > 0 && ledger.kept > 0 && ledger.closed > 10 * length);
}

#[test]
fn the_same_seed_is_the_same_month() {
    let digest = |seed| {
        let world = lived(seed, 14);
        (world.store.newest, world.store.ledger.digest())
    };
    assert_eq!(digest(7), digest(7));
    assert_ne!(digest(7), digest(8));
}
