//! `cargo bench --bench lobbies`: a company of two hundred lobbies at one office's broker, a real Mosquitto. First a flood: each has a
//! backlog and all come at once, against one lobby alone with as much. Then an even load, against one lobby with as much. Then the
//! broker is away for longer than the waits between two tries grow, and all come back. An office counts with the product's own ledger;
//! anything lost is a failure.
//!
//! The lobbies are tasks of one child process with real journals on this machine's one disk, so that their memory and processor can be
//! told from the office's. `LOBBIES`, `LOBBIES_EVENTS` (each, in the flood; 0 leaves it out), `LOBBIES_SECONDS` and `LOBBIES_OUTAGE`
//! change the size.

#[path = "../tests/common/mod.rs"]
mod common;

use common::backlog;
use common::daemon::{cpu_ms, memory, peak_memory};
use common::fleet::{Arrival, Central, Fairness, Fleet, folder, newest};
use common::mosquitto::Mosquitto;
use lobbyd::link::LinkState;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// In the child's environment: folder, number of lobbies and URL of the broker.
const FLEET: &str = "LOBBIES_FLEET";
/// Cards a second at each lobby: a building of two thousand units in the morning.
const RATE: f64 = 2.0;
/// The recommended window of the office's broker (docs/brokers.md).
const BROKER: &str = "max_inflight_messages 100";
/// A step that takes longer is broken.
const PATIENCE: Duration = Duration::from_secs(900);

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    match std::env::var(FLEET) {
        Ok(call) => be_fleet(&runtime, &call),
        Err(_) => bench(&runtime),
    }
}

/// The child: opens its lobbies and does what it is told, line by line, until its input ends.
fn be_fleet(runtime: &Runtime, call: &str) {
    let [dir, lobbies, url] = call.split(' ').collect::<Vec<_>>()[..] else { panic!("{call}") };
    let mut fleet = Fleet::open(Path::new(dir), 0..lobbies.parse().unwrap(), url);
    println!("open");
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["go"] => {
                let _inside = runtime.enter();
                fleet.go();
            }
            ["connected"] => runtime.block_on(common::until("all are connected", || {
                fleet.lobbies.iter().all(|lobby| *lobby.link.borrow() == LinkState::Up)
            })),
            ["steady", rate, seconds] => {
                let time = Duration::from_secs(seconds.parse().unwrap());
                runtime.block_on(fleet.steady(rate.parse().unwrap(), time));
            }
            _ => panic!("{line}"),
        }
        println!("done");
    }
    runtime.block_on(fleet.close());
}

/// A broker, an office and a fleet.
struct Company {
    lobbies: usize,
    dir: TempDir,
    broker: Mosquitto,
    central: Central,
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// Memory of the broker before the first lobby has called, KiB.
    broker_alone: u64,
}

impl Company {
    fn open(runtime: &Runtime, lobbies: usize, backlog: usize) -> Self {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        (0..lobbies).for_each(|number| backlog::fill(&folder(dir.path(), number), backlog as u64));
        let broker = Mosquitto::start(BROKER);
        let central = runtime.block_on(Central::start(broker.port));
        let program: PathBuf = std::env::current_exe().unwrap();
        let mut child = Command::new(program)
            .env(FLEET, format!("{} {lobbies} {}", dir.path().display(), broker.url()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        let broker_alone = memory(broker.pid());
        let mut company = Company { lobbies, dir, broker, central, child, orders, answers, broker_alone };
        company.hear();
        company
    }

    fn hear(&mut self) {
        let mut line = String::new();
        assert!(self.answers.read_line(&mut line).unwrap() > 0, "the lobbies have ended");
    }

    fn tell(&mut self, order: &str) {
        writeln!(self.orders.as_mut().expect("a pipe"), "{order}").unwrap();
    }

    /// Tells them and waits until they have done it.
    fn order(&mut self, order: &str) {
        self.tell(order);
        self.hear();
    }

    /// Waits until everything that stands in the journals is at the office.
    fn all_arrived(&self) {
        let (newest, deadline) = (newest(self.dir.path(), 0..self.lobbies), Instant::now() + PATIENCE);
        while self.central.seen(|counted| counted.lost(&newest)) > 0 {
            assert!(Instant::now() < deadline, "{} are missing", self.central.seen(|counted| counted.lost(&newest)));
            std::thread::sleep(Duration::from_millis(20));
        }
        self.central.seen(|counted| {
            let whole = counted.ledger.books().filter(|(_, book)| book.is_whole() && book.first == 1).count();
            assert_eq!(whole, self.lobbies, "lost, or out of order: {:?}", counted.ledger);
        });
    }

    fn repeats(&self) -> u64 {
        self.central.seen(|counted| counted.ledger.books().map(|(_, book)| book.repeats).sum())
    }

    /// Processor of the lobbies and of the broker so far, milliseconds.
    fn processor(&self) -> [u64; 2] {
        [self.child.id(), self.broker.pid()].map(cpu_ms)
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        self.orders = None;
        // It may have ended by itself.
        let _ = self.child.wait();
    }
}

struct Flood {
    per_second: f64,
    /// Highest memory of the lobbies, KiB.
    memory: u64,
}

fn flood(runtime: &Runtime, lobbies: usize, backlog: usize) -> Flood {
    let mut company = Company::open(runtime, lobbies, backlog);
    let before = company.processor();
    company.order("go");
    company.all_arrived();
    let after = company.processor();
    let came = company.central.take();
    let (first, last) = (came.arrivals[0].at, came.arrivals[came.arrivals.len() - 1].at);
    let (events, seconds) = (came.arrivals.len() as f64, (last - first) as f64 / 1e6);
    let each = |which: usize| (after[which] - before[which]) as f64 * 1e3 / events;
    let memory = peak_memory(company.child.id());
    println!("{lobbies} lobbies with {backlog} events each: {:.0} a second for {seconds:.1} s", events / seconds);
    println!(
        "  lost 0, in order, {} repeated; {:.0} bytes an event as a packet",
        company.repeats(),
        came.bytes as f64 / events
    );
    println!("  processor for each event: lobbies {:.1} µs, broker {:.1} µs", each(0), each(1));
    println!(
        "  memory at its highest: lobbies {} MiB together, broker {} MiB",
        memory / 1024,
        peak_memory(company.broker.pid()) / 1024
    );
    if let Some(fair) = Fairness::of(&came.arrivals, lobbies).filter(|_| lobbies > 1) {
        println!(
            "  while all had something to send ({:.1} s): {} events for the least served, {} for the most; Jain's index {:.3}",
            fair.seconds, fair.least, fair.most, fair.index
        );
    }
    Flood { per_second: events / seconds, memory }
}

/// Milliseconds from the card to the office: median, p99 and longest.
fn latency(arrivals: &[Arrival]) -> [f64; 3] {
    let mut times: Vec<i64> = arrivals.iter().filter_map(|arrival| arrival.took).collect();
    times.sort_unstable();
    [times.len() / 2, times.len() * 99 / 100, times.len() - 1].map(|nth| times[nth] as f64 / 1e3)
}

fn steady(company: &mut Company, rate: f64, seconds: usize) -> [f64; 3] {
    let before = company.processor();
    company.order(&format!("steady {rate} {seconds}"));
    let after = company.processor();
    company.all_arrived();
    let arrivals = company.central.take().arrivals;
    let [p50, p99, longest] = latency(&arrivals);
    let of_a_core = |which: usize| (after[which] - before[which]) as f64 / (seconds as f64 * 10.0);
    println!(
        "{} lobbies, {rate} events a second each, {seconds} s: {} events, lost 0, in order",
        company.lobbies,
        arrivals.len()
    );
    println!("  from the card to the office p50 {p50:.2} ms, p99 {p99:.2} ms, longest {longest:.1} ms");
    println!("  processor: lobbies {:.1} % of a core, broker {:.1} %", of_a_core(0), of_a_core(1));
    [p50, p99, longest]
}

/// All are connected and nothing happens.
fn idle(company: &mut Company) {
    company.order("go");
    company.order("connected");
    const SECONDS: u64 = 10;
    let before = company.processor();
    std::thread::sleep(Duration::from_secs(SECONDS));
    let after = company.processor();
    let of_a_core = |which: usize| (after[which] - before[which]) as f64 / (SECONDS as f64 * 10.0);
    let broker = memory(company.broker.pid()) - company.broker_alone;
    println!("{} lobbies connected, nothing happens: broker {broker} KiB more for their sessions", company.lobbies);
    println!("  processor: lobbies {:.1} % of a core, broker {:.1} %", of_a_core(0), of_a_core(1));
    println!("  lobbies {} MiB together", memory(company.child.id()) / 1024);
}

/// The broker is away for so long, each lobby has something to say meanwhile, and all come back.
fn outage(company: &mut Company, seconds: usize) {
    company.broker.down();
    company.order(&format!("steady {RATE} {seconds}"));
    drop(company.central.take());
    company.broker.up();
    let up = chrono::Utc::now().timestamp_micros();
    company.all_arrived();
    let came = company.central.take();
    let mut first = vec![i64::MAX; company.lobbies];
    came.hellos.iter().for_each(|(lobby, at)| first[*lobby] = first[*lobby].min(*at));
    first.sort_unstable();
    let in_a_second = |from: &i64| first.iter().filter(|at| (*from..*from + 1_000_000).contains(at)).count();
    let most = first.iter().map(in_a_second).max().unwrap_or(0);
    let after = |at: i64| (at - up) as f64 / 1e6;
    println!("the broker away for {seconds} s, {} events in the queues: lost 0, in order", came.arrivals.len());
    println!(
        "  back again: the first after {:.1} s, half after {:.1} s, the last after {:.1} s; at most {most} in one second",
        after(first[0]),
        after(first[first.len() / 2]),
        after(first[first.len() - 1])
    );
    println!(
        "  everything at the office after {:.1} s",
        after(came.arrivals.iter().map(|it| it.at).max().unwrap_or(up))
    );
}

fn floods(runtime: &Runtime, lobbies: usize, events: usize) {
    let many = flood(runtime, lobbies, events);
    let one = flood(runtime, 1, events * lobbies);
    println!("many against one: {:.2} times as many events a second", many.per_second / one.per_second);
    let each = many.memory.saturating_sub(one.memory) / (lobbies as u64 - 1).max(1);
    println!("memory for each lobby more in the process: {each} KiB");
}

fn bench(runtime: &Runtime) {
    let lobbies = number("LOBBIES", 200);
    let events = number("LOBBIES_EVENTS", 2_000);
    let seconds = number("LOBBIES_SECONDS", 30);
    if events > 0 {
        floods(runtime, lobbies, events);
    }
    let mut company = Company::open(runtime, lobbies, 0);
    idle(&mut company);
    let many = steady(&mut company, RATE, seconds);
    outage(&mut company, number("LOBBIES_OUTAGE", 75));
    drop(company);
    let mut company = Company::open(runtime, 1, 0);
    company.order("go");
    company.order("connected");
    let one = steady(&mut company, RATE * lobbies as f64, seconds);
    println!("many against one: p50 {:.2} times, p99 {:.2} times", many[0] / one[0], many[1] / one[1]);
}
