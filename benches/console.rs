//! `cargo bench --bench console`: how long after a step its change is on every guard's page. 200 open tickets, 50 pages,
//! 20 events a second, over real sockets; measured from handing the step to the desk, so that the fsync is in it. Beside it,
//! in the same run, the same bytes from one thread to 50 bare sockets: what the machine needs for that alone.
//!
//! `CONSOLE_EVENTS` makes it shorter.

#[path = "../tests/common/mod.rs"]
mod common;

use common::lobby::{Lobby, slug};
use lobbyd::desk::{Answer, Command};
use lobbyd::service::number::Number;
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::json;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

const TICKETS: usize = 200;
const PAGES: usize = 50;
/// Events a second.
const RATE: u64 = 20;
/// The goal of this release.
const GOAL: Duration = Duration::from_millis(250);
/// Nothing takes longer in a run that works.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who sees repairs; each has two browsers with a few tabs.
const SEERS: [&str; 6] = ["desk", "leader", "supervisor", "manager", "auditor", "engineer"];

/// An event that was seen: which one, on which page, when.
type Seen = (u64, usize, Instant);

/// `cargo bench` says so; anything else only asks whether it runs.
fn events() -> u64 {
    let usual = if std::env::args().any(|arg| arg == "--bench") { 600 } else { 20 };
    std::env::var("CONSOLE_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn ticket(lobby: &Lobby) -> Number {
    let repair = json!({ "repair": {
        "place": { "public": "lobby" }, "category": "light", "detail": null, "windows": [], "name": "测试客",
        "phone": "13800000001", "language": "zh-Hans",
    } });
    match lobby.ask(Command::at_the_glass(serde_json::from_value(repair).expect("a repair as the kiosk sends it"))) {
        Answer::Opened { number, .. } => number,
        other => panic!("{other:?}"),
    }
}

/// Notes on tickets, one after the other, at the rate; returns when each was handed over, by its place in the row.
fn work(lobby: &Lobby, tickets: &[Number], sent: &Sender<(String, u64, u64, Instant)>) {
    let by = Actor::staff(slug("desk"), "测试".into(), Role::FrontDesk, None, Via::Page);
    let begun = Instant::now();
    for nth in 0..events() {
        let due = begun + Duration::from_millis(nth * 1000 / RATE);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let number = tickets[nth as usize * 7 % tickets.len()];
        let step = serde_json::from_value(json!({ "note": { "text": "换了灯泡" } })).expect("a note");
        let handed = Instant::now();
        let sent = sent.clone();
        let command = Command::Move { number, step, seen: None, by: by.clone() };
        lobby.desk.submit(command, move |answer| match answer {
            Ok(Answer::Moved { version, .. }) => drop(sent.send((String::from(number), version.into(), nth, handed))),
            other => panic!("{other:?}"),
        });
    }
}

/// What arrives on one page: number and version of each ticket, and when.
fn listen(lobby: &Lobby, page: usize, seen: Sender<(String, u64, usize, Instant)>) {
    let id = SEERS[page % SEERS.len()];
    let tab = page / SEERS.len() % 2;
    let browser = SESSIONS
        .with_borrow_mut(|open| open.entry((id, tab)).or_insert_with(|| lobby.signed_in(id, "workshop")).clone());
    let mut live = browser.live(None);
    live.until("board");
    std::thread::spawn(move || {
        while let Some(sent) = live.next() {
            let now = Instant::now();
            for line in sent.data["tickets"].as_array().into_iter().flatten() {
                let number = line["number"].as_str().unwrap_or_default().to_owned();
                let version = line["version"].as_u64().unwrap_or_default();
                if seen.send((number, version, page, now)).is_err() {
                    return;
                }
            }
        }
    });
}

thread_local! {
    static SESSIONS: std::cell::RefCell<HashMap<(&'static str, usize), common::page::Browser>> = Default::default();
}

fn lobbyd() -> Vec<Duration> {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the journal");
    let lobby = Lobby::open(dir.path());
    let tickets: Vec<Number> = (0..TICKETS).map(|_| ticket(&lobby)).collect();
    let (told, seen) = mpsc::channel();
    (0..PAGES).for_each(|page| listen(&lobby, page, told.clone()));
    let (sent, handed) = mpsc::channel();
    work(&lobby, &tickets, &sent);
    drop(sent);
    let handed: Vec<_> = handed.iter().collect();
    // A page that was told of a later version has this one.
    let mut waiting: HashMap<(String, usize), Vec<(u64, Instant)>> = HashMap::new();
    for (number, version, _, at) in &handed {
        for page in 0..PAGES {
            waiting.entry((number.clone(), page)).or_default().push((*version, *at));
        }
    }
    let mut times = Vec::new();
    while times.len() < handed.len() * PAGES {
        let (number, version, page, at) = seen.recv_timeout(PATIENCE).expect("every event reaches every page");
        let Some(open) = waiting.get_mut(&(number, page)) else { continue };
        let (done, rest): (Vec<_>, Vec<_>) = open.drain(..).partition(|(wanted, _)| *wanted <= version);
        *open = rest;
        times.extend(done.iter().map(|(_, from)| at.saturating_duration_since(*from)));
    }
    lobby.close();
    times
}

/// The same bytes to as many sockets, from one thread, with nothing else to do.
fn bare() -> Vec<Duration> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let (told, seen): (Sender<Seen>, Receiver<Seen>) = mpsc::channel();
    let mut sockets = Vec::new();
    for page in 0..PAGES {
        let stream = TcpStream::connect(address).expect("it listens");
        let told = told.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let nth = line.split(' ').next().and_then(|nth| nth.parse().ok()).unwrap_or(0);
                if told.send((nth, page, Instant::now())).is_err() {
                    return;
                }
            }
        });
        let (socket, _) = listener.accept().expect("it comes");
        socket.set_nodelay(true).expect("a socket of ours");
        sockets.push(socket);
    }
    // As long as a change of one ticket.
    let filler = "x".repeat(1_300);
    let begun = Instant::now();
    let mut handed = Vec::new();
    for nth in 0..events() {
        let due = begun + Duration::from_millis(nth * 1000 / RATE);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        handed.push(Instant::now());
        let line = format!("{nth} {filler}\n");
        sockets.iter_mut().for_each(|socket| socket.write_all(line.as_bytes()).expect("they read"));
    }
    let all = handed.len() * PAGES;
    let arrived = (0..all).map(|_| seen.recv_timeout(PATIENCE).expect("every line arrives"));
    arrived.map(|(nth, _, at)| at.saturating_duration_since(handed[nth as usize])).collect()
}

fn show(name: &str, mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!("{name:<24}{:>10.2}{:>10.2}{:>10.2}", ms(at(50)), ms(at(99)), ms(at(100)));
    at(99)
}

fn main() {
    println!("{} events at {RATE}/s to {PAGES} pages, {TICKETS} open tickets", events());
    println!("{:<24}{:>10}{:>10}{:>10}", "", "p50 ms", "p99 ms", "max ms");
    show("bare sockets", bare());
    let p99 = show("lobbyd's live pages", lobbyd());
    println!("p99 {} ms (goal {} ms)", p99.as_millis(), GOAL.as_millis());
}
