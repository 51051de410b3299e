//! Everything that a scenario works with: two real brokers, the real daemon between two wires, a reader and an office that keep the
//! books; and the loop that runs a scenario again and again from a printed seed.

use crate::common::daemon::{Daemon, SITE};
use crate::common::mosquitto::Mosquitto;
use crate::common::shim::Shim;
use crate::device::Device;
use crate::inbox::Inbox;
use crate::tally::{self, Books, Tally};
use crate::wire::Wire;
use fastrand::Rng;
use lobbyd::journal::Reader;
use std::collections::{BTreeSet, VecDeque};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// Runs of each scenario where nothing else is asked for: `FAULT_RUNS` (./tests/run --long asks for 20).
const RUNS: u64 = 1;
/// Longest wait for anything. A daemon whose connection breaks again and again waits up to a minute between two tries.
const PATIENCE: Duration = Duration::from_secs(240);

/// How long nothing comes before the office asks for what is missing.
const STALLED: Duration = Duration::from_secs(3);

/// The building's broker as docs/brokers.md recommends it for many messages under way.
const BUILDING: &str = "max_inflight_messages 250";
const OFFICE: &str = "max_inflight_messages 100";

/// What is different from an ordinary house.
#[derive(Default)]
pub struct Setup {
    /// Lines of configuration more for each broker.
    pub building: &'static str,
    pub office: &'static str,
    /// Fills the folder of the daemon before its first start, whose data is in `data`; returns what its environment needs.
    pub prepare: Option<Prepare>,
    /// Another office than one Mosquitto: its port, and what comes there of this gateway.
    pub office_instead: Option<(u16, Inbox)>,
    /// Another site than [`SITE`], where several gateways have one office.
    pub site: Option<&'static str>,
    /// Another network: the address of the brokers in it, and the words that run a program there.
    pub network: Option<(String, Vec<String>)>,
}

/// From the daemon's folder to lines of its environment.
pub type Prepare = fn(&Path) -> Vec<(String, String)>;

pub struct Rig {
    pub random: Rng,
    pub building: Mosquitto,
    pub office: Mosquitto,
    pub inward: Wire,
    pub outward: Wire,
    pub daemon: Daemon,
    pub device: Device,
    pub inbox: Inbox,
    pub shim: Shim,
    /// How often something broke that may repeat what was under way.
    pub breaks: usize,
    asked_again: usize,
    /// The office's broker passes events on in an order of its own.
    pub mixes_up: bool,
    /// The first number that the office must have.
    pub first: u64,
    /// The journal's own files were harmed: it may give numbers again that the office has seen, and rows may be gone.
    pub harmed: bool,
    /// Cards that the office never takes: each must be a dead letter.
    pub laid_aside: BTreeSet<u64>,
    pub dir: TempDir,
}

impl Rig {
    pub async fn start(random: Rng) -> Self {
        Self::with(random, Setup::default()).await
    }

    /// Returns when the daemon hears the reader.
    pub async fn with(random: Rng, setup: Setup) -> Self {
        let rig = Self::starting(random, setup).await;
        rig.heard(1).await;
        rig
    }

    /// Returns while the daemon starts.
    pub async fn starting(random: Rng, setup: Setup) -> Self {
        let building = Mosquitto::start(&format!("{BUILDING}\n{}", setup.building));
        let office = Mosquitto::start(&format!("{OFFICE}\n{}", setup.office));
        let (office_port, inbox) = match setup.office_instead {
            Some(office) => office,
            None => (office.port, Inbox::start(office.port).await),
        };
        let (address, runner) = setup.network.unwrap_or_else(|| ("127.0.0.1".into(), Vec::new()));
        let (inward, outward) = (Wire::to(building.port, &address).await, Wire::to(office_port, &address).await);
        let dir = tempfile::tempdir().unwrap();
        let shim = Shim::new(dir.path());
        let mut environment = shim.environment();
        environment.extend(setup.prepare.map(|prepare| prepare(dir.path())).unwrap_or_default());
        let daemon =
            Daemon::elsewhere(dir.path(), setup.site.unwrap_or(SITE), &inward.url, &outward.url, runner, environment);
        let device = Device::start(building.port);
        Rig {
            random,
            building,
            office,
            inward,
            outward,
            daemon,
            device,
            inbox,
            shim,
            breaks: 0,
            asked_again: 0,
            mixes_up: false,
            first: 1,
            harmed: false,
            laid_aside: BTreeSet::new(),
            dir,
        }
    }

    /// How often the building's broker has granted the daemon its subscriptions.
    pub fn subscriptions(&self) -> usize {
        self.inward.seen(|wire| wire.subscribed)
    }

    /// Waits until the building's broker has granted the daemon so many subscriptions.
    pub async fn heard(&self, subscriptions: usize) {
        self.until("the daemon listens", || self.subscriptions() >= subscriptions).await;
    }

    pub async fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(
                Instant::now() < deadline,
                "waited in vain until {what}; {}\n{}",
                self.standing(),
                self.daemon.log()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn standing(&self) -> String {
        let (sent, promised) = (self.device.acknowledged().len(), self.promised());
        let (shown, came) = (self.device.shown(), self.inbox.count());
        format!("shown {shown}, at the broker {sent}, promised {promised}, arrived {came}")
    }

    /// Records that the daemon has acknowledged.
    pub fn promised(&self) -> usize {
        self.inward.seen(|wire| wire.promised.len())
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// A moment at random, up to this long.
    pub async fn some_time(&mut self, most: Duration) {
        let time = Duration::from_micros(self.random.u64(0..most.as_micros() as u64));
        tokio::time::sleep(time).await;
    }

    /// SIGKILL, and the next start, as systemd makes it.
    pub fn crash(&mut self) {
        self.daemon.kill();
        self.breaks += 1;
        self.daemon.up();
    }

    /// Starts it again where it has ended by itself, as systemd does.
    pub fn keep_up(&mut self) {
        if self.daemon.has_ended() {
            self.breaks += 1;
            self.daemon.up();
        }
    }

    /// Waits until the office has every card that was shown.
    pub async fn all_arrived(&self) {
        self.until("the broker has all", || self.device.is_done()).await;
        let sent: BTreeSet<u64> = self.device.acknowledged().into_keys().collect();
        self.arrived(&sent - &self.laid_aside).await;
        if !self.laid_aside.is_empty() {
            self.until("the rest is laid aside", || self.dead_letters() == self.laid_aside.len()).await;
        }
    }

    /// Events that dead letters name, each by its number or from one to another. None where the damaged page is one of theirs: then
    /// none may be missing.
    fn named(&self) -> usize {
        let letters = Reader::open(&self.data()).and_then(|reader| reader.dead_letters(10_000)).unwrap_or_default();
        let count = |what: &str| {
            let words: Vec<&str> = what.split(' ').collect();
            match words[..] {
                ["event", _] => 1,
                ["events", first, "to", last, ..] => {
                    last.parse::<usize>().unwrap() - first.parse::<usize>().unwrap() + 1
                }
                _ => 0,
            }
        };
        letters.iter().map(|letter| count(&letter.what)).sum()
    }

    fn dead_letters(&self) -> usize {
        Reader::open(&self.data()).and_then(|reader| reader.dead_letters(100)).map_or(0, |letters| letters.len())
    }

    async fn arrived(&self, mut open: BTreeSet<u64>) {
        let mut looked = 0;
        let all = || {
            let book = self.inbox.book.lock().unwrap();
            for arrival in &book.arrivals[looked..] {
                if let Some(number) = arrival.number {
                    open.remove(&number);
                }
            }
            looked = book.arrivals.len();
            open.is_empty()
        };
        self.until("the office has all", all).await;
    }

    /// The end of a run: what was sent has arrived, nothing of the journal is missing at the office, and the daemon stops in order.
    pub async fn close(mut self, mended: Instant) -> Tally {
        self.all_arrived().await;
        self.audit(mended)
    }

    /// The same where the daemon may end by itself on the way.
    pub async fn close_keeping_up(mut self, mended: Instant, showing: JoinHandle<()>) -> Tally {
        let deadline = Instant::now() + PATIENCE;
        let is_there = |rig: &Self| {
            let came: BTreeSet<u64> =
                rig.inbox.book.lock().unwrap().arrivals.iter().filter_map(|it| it.number).collect();
            rig.device.is_done() && rig.device.acknowledged().keys().all(|number| came.contains(number))
        };
        while !showing.is_finished() || !is_there(&self) {
            assert!(Instant::now() < deadline, "waited in vain; {}\n{}", self.standing(), self.daemon.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.keep_up();
        }
        self.close(mended).await
    }

    /// The same where rows that nobody else has may be gone with a damaged page: up to the last card. Each that is gone must be named
    /// in a dead letter.
    pub async fn close_with_what_is_left(mut self, mended: Instant) -> Tally {
        let (deadline, last) = (Instant::now() + PATIENCE, self.device.shown());
        let has_come =
            |rig: &Self| rig.inbox.book.lock().unwrap().arrivals.iter().any(|arrival| arrival.number == Some(last));
        while !has_come(&self) {
            assert!(Instant::now() < deadline, "waited in vain; {}\n{}", self.standing(), self.daemon.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.keep_up();
        }
        let tally = self.audit(mended);
        let damaged = if self.named() >= tally.lost { tally.lost } else { 0 };
        Tally { lost: tally.lost - damaged, damaged, ..tally }
    }

    /// The same where a broker may have lost something of its own: everything up to a last card that is shown for this. Nothing
    /// overtakes within a lane, so whatever has not come before it will not come.
    pub async fn close_after_last_card(mut self, mended: Instant) -> Tally {
        self.until("the broker has all", || self.device.is_done()).await;
        self.device.show(1);
        self.until("the broker has the last", || self.device.is_done()).await;
        self.arrived(BTreeSet::from([self.device.shown()])).await;
        self.audit(mended)
    }

    /// The same where the office's broker may have lost what it had acknowledged: the office sees gaps and asks for them.
    pub async fn close_asking(mut self, mended: Instant) -> Tally {
        self.until("the broker has all", || self.device.is_done()).await;
        self.device.show(1);
        self.until("the broker has the last", || self.device.is_done()).await;
        let last = self.device.shown();
        self.until("the daemon has the last", || self.inward.seen(|wire| wire.promised.contains_key(&last))).await;
        let deadline = Instant::now() + PATIENCE;
        let (mut count, mut since) = (self.inbox.count(), Instant::now());
        loop {
            let missing = self.inbox.missing(self.inward.seen(|wire| wire.promised.keys().copied().collect()));
            let Some(from) = missing.from else { break };
            if std::mem::replace(&mut count, self.inbox.count()) != count {
                since = Instant::now();
            }
            if since.elapsed() > STALLED {
                self.asked_again = self.asked_again.max(missing.count);
                self.inbox.ask_again(from);
                since = Instant::now();
            }
            assert!(Instant::now() < deadline, "asked in vain: {}\n{}", self.standing(), self.daemon.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.audit(mended)
    }

    fn audit(&mut self, mended: Instant) -> Tally {
        let ended = self.daemon.stop();
        // Told so before it listened to signals: nothing was open yet.
        let not_begun = ended.signal() == Some(libc::SIGTERM);
        assert!(ended.success() || not_begun, "{ended}: {}", self.daemon.log());
        let reader = Reader::open(&self.data()).unwrap();
        let faults = reader.audit().map_or_else(|error| vec![error.to_string()], |audit| audit.faults);
        assert!(faults.is_empty() || self.harmed, "the journal itself: {faults:?}");
        assert!(self.dead_letters() == self.laid_aside.len() || self.harmed, "{} dead letters", self.dead_letters());
        let promised = self.inward.seen(|wire| wire.promised.clone());
        let office = self.inbox.book.lock().unwrap();
        let books = Books {
            sent: &self.device.acknowledged(),
            promised: &promised,
            office: &office,
            first: self.first,
            laid_aside: &self.laid_aside,
            harmed: self.harmed,
            mended,
            breaks: self.breaks,
            asked_again: self.asked_again,
            mixes_up: self.mixes_up,
        };
        books.audit()
    }
}

/// The long form: what takes minutes takes them.
pub fn is_long() -> bool {
    number("FAULT_RUNS").is_some_and(|runs| runs >= 20)
}

fn number(key: &str) -> Option<u64> {
    std::env::var(key).ok().and_then(|text| text.parse().ok())
}

/// Runs a scenario as often as is asked for, so many at once, and prints its line. Each run has a seed of its own, which
/// is printed when it fails: `FAULT_SEED=… FAULT_RUNS=1` is that run again. `FAULT_ONLY=…` leaves out what has another name.
pub async fn scenario<F, R>(name: &str, at_once: usize, run: F)
where
    F: Fn(Rng) -> R,
    R: Future<Output = Tally> + Send + 'static,
{
    if std::env::var("FAULT_ONLY").is_ok_and(|only| !name.contains(&only)) {
        return;
    }
    let seed = number("FAULT_SEED").unwrap_or_else(|| fastrand::u64(..));
    let runs = number("FAULT_RUNS").unwrap_or(RUNS);
    println!("{name}: FAULT_SEED={seed}");
    let mut tallies = Vec::new();
    let mut under_way = VecDeque::new();
    let mut seeds = (0..runs).map(|nth| seed.wrapping_add(nth));
    loop {
        while under_way.len() < at_once
            && let Some(seed) = seeds.next()
        {
            under_way.push_back((seed, tokio::spawn(run(Rng::with_seed(seed)))));
        }
        let Some((seed, run)) = under_way.pop_front() else { break };
        match run.await {
            Ok(tally) => {
                assert_eq!(tally.lost, 0, "{name}: FAULT_SEED={seed} FAULT_RUNS=1: {tally:?}");
                tallies.push(tally);
            }
            Err(failed) => panic!("{name}: FAULT_SEED={seed} FAULT_RUNS=1: {failed}"),
        }
    }
    tally::print(name, &tallies);
}
