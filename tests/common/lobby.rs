//! A lobby to open the guards' page of: a real desk and journal, a real console on a free port, invented staff.

use super::PATIENCE;
use super::page::Browser;
use chrono::{TimeDelta, Timelike, Utc};
use lobbyd::board::printer::Told;
use lobbyd::config::staff::{self, Member};
use lobbyd::console::{BODY_WITHIN, Console, Settings, Surroundings, secret, tls};
use lobbyd::desk::{self, Answer as Answered, Command, Desk};
use lobbyd::event::{Now, Slug};
use lobbyd::health::queue::Queue;
use lobbyd::http::Limits;
use lobbyd::journal::{JournalError, Keep, Reader, Row};
use lobbyd::link::LinkState;
use lobbyd::service::assign::Skill;
use lobbyd::service::house::{Duty, House, Post};
use lobbyd::service::knowledge::Handbook;
use lobbyd::service::local_time::LocalTime;
use lobbyd::service::staff::Role;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// Everybody's secret in the tests.
pub const PIN: &str = "58203741";
static HASH: LazyLock<String> = LazyLock::new(|| secret::hash(PIN));

/// The quiet hours that are farthest from now. These tests run by the real clock, at any hour, and in quiet hours a visitor's
/// host is not called (R239): a test that waits for the call was red after 22:00. Once for the process, because a house with
/// other figures needs an approval (R306).
static QUIET: LazyLock<(LocalTime, LocalTime)> = LazyLock::new(|| {
    let hour = |ahead: i64| {
        let at = Utc::now().with_timezone(&chrono_tz::Asia::Shanghai) + TimeDelta::hours(ahead);
        LocalTime::new(u16::try_from(at.hour()).expect("below 24"), 0)
    };
    (hour(11), hour(13))
});

/// Members of staff, one for each role, and a second guard.
pub const STAFF: [(&str, Role); 8] = [
    ("guard-a", Role::Guard),
    ("guard-b", Role::Guard),
    ("desk", Role::FrontDesk),
    ("leader", Role::ShiftLeader),
    ("engineer", Role::Engineer),
    ("supervisor", Role::Supervisor),
    ("manager", Role::ProjectManager),
    ("auditor", Role::Auditor),
];

pub fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

/// A gate that takes calls, a fixed one beside it, the front desk, engineers, a leader.
pub fn house() -> House {
    let post = |id: &str, takes: &[Duty], fixed, superior: Option<&str>| Post {
        id: slug(id),
        name: None,
        takes: takes.to_vec(),
        superior: superior.map(slug),
        fixed,
        doors: vec![],
        shifts: vec![],
    };
    let posts = vec![
        post("gate-a", &[Duty::Call, Duty::Alarm, Duty::Errand], false, Some("office")),
        post("gate-b", &[Duty::Call], true, Some("office")),
        post("front", &[Duty::Desk], false, Some("office")),
        post("workshop", &[Duty::Repair], false, Some("office")),
        post("office", &[Duty::Supervise, Duty::Manage], false, None),
    ];
    let mut house = House { posts, ..House::bare(chrono_tz::Asia::Shanghai) };
    (house.figures.visit.quiet_from, house.figures.visit.quiet_to) = *QUIET;
    house
}

/// Puts everybody on the list.
pub fn enlist(data_dir: &Path) {
    staff::edit(data_dir, |roster| {
        roster.staff.extend(STAFF.iter().map(|(id, role)| Member {
            id: slug(id),
            name: format!("测试{id}"),
            badge: Some(format!("A-{id}")),
            role: *role,
            posts: vec![],
            trades: if *role == Role::Engineer { vec![Skill::parse("plumbing:expert").unwrap()] } else { vec![] },
            hash: HASH.clone(),
            disabled: false,
            must_change: false,
        }));
        Ok(())
    })
    .unwrap();
}

/// A lobby with its page.
pub struct Lobby {
    pub dir: PathBuf,
    pub desk: Desk,
    pub address: SocketAddr,
    /// Seconds that the console's clock is ahead.
    pub ahead: Arc<AtomicI64>,
    stop: watch::Sender<bool>,
    links: [watch::Sender<LinkState>; 2],
    queue: watch::Sender<Option<Queue>>,
    printer: watch::Sender<Option<Told>>,
    /// Notices and handbook: none, until a test puts some there.
    pub handbook: watch::Sender<Arc<Handbook>>,
    console: Option<tokio::task::JoinHandle<()>>,
    thread: Option<JoinHandle<Result<(), JournalError>>>,
    runtime: Option<Runtime>,
}

/// What differs from lobby to lobby.
#[derive(Default)]
pub struct How {
    pub tls: Option<tls::Identity>,
    pub max_connections: Option<usize>,
    pub max_connections_per_address: Option<usize>,
    pub body_within: Option<Duration>,
    /// The same address as before a restart.
    pub listen: Option<SocketAddr>,
}

impl Lobby {
    pub fn open(dir: &Path) -> Self {
        enlist(dir);
        Self::with(dir, How::default())
    }

    /// With whoever is on the list already.
    pub fn with(dir: &Path, how: How) -> Self {
        let settings = desk::Settings { data_dir: dir.to_owned(), house: house(), keep: Keep::default() };
        let opened = desk::open(settings, super::house::now).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (stop, stopping) = watch::channel(false);
        let links = [watch::channel(LinkState::Up).0, watch::channel(LinkState::Up).0];
        let (queue, printer) = (watch::Sender::new(None), watch::channel(None).0);
        let handbook = watch::channel(Arc::default()).0;
        let ahead = Arc::new(AtomicI64::new(0));
        let clock = ahead.clone();
        let around = Surroundings {
            desk: opened.desk.clone(),
            building: links[0].subscribe(),
            office: links[1].subscribe(),
            queue: queue.subscribe(),
            printer: printer.subscribe(),
            handbook: handbook.subscribe(),
            clock: Box::new(move || Now {
                utc: Utc::now() + TimeDelta::seconds(clock.load(Ordering::SeqCst)),
                synced: true,
            }),
            stopping,
        };
        let settings = Settings {
            listen: how.listen.unwrap_or_else(|| ([127, 0, 0, 1], 0).into()),
            tls: how.tls,
            limits: Limits {
                all: how.max_connections.unwrap_or(256),
                each: how.max_connections_per_address.unwrap_or(256),
            },
            body_within: how.body_within.unwrap_or(BODY_WITHIN),
            framed_by: Vec::new(),
            site: "测试苑".into(),
            site_en: "Test House".into(),
            doors: Default::default(),
            house: house(),
            data_dir: dir.to_owned(),
        };
        let console = runtime.block_on(Console::open(settings, around)).unwrap();
        let address = console.address().unwrap();
        let console = Some(runtime.spawn(console.run()));
        Lobby {
            dir: dir.to_owned(),
            desk: opened.desk,
            address,
            ahead,
            stop,
            links,
            queue,
            printer,
            handbook,
            console,
            thread: Some(opened.thread),
            runtime: Some(runtime),
        }
    }

    pub fn ask(&self, command: Command) -> Answered {
        let (tx, rx) = mpsc::channel();
        self.desk.submit(command, move |answer| tx.send(answer).unwrap());
        rx.recv_timeout(PATIENCE).expect("the desk answers").expect("it stores")
    }

    /// A press on 人工帮助; the number in full.
    pub fn help(&self) -> String {
        let opening = serde_json::from_value(json!({ "help": { "language": "en" } })).unwrap();
        match self.ask(Command::at_the_glass(opening)) {
            Answered::Opened { number, .. } => String::from(number),
            other => panic!("{other:?}"),
        }
    }

    pub fn visit(&self, name: &str) -> String {
        let visit = json!({ "visit": {
            "unit": "1203", "name": name, "phone": "13800000001", "purpose": "work", "language": "zh-Hans", "heads": 3,
        } });
        match self.ask(Command::at_the_glass(serde_json::from_value(visit).unwrap())) {
            Answered::Opened { number, .. } => String::from(number),
            other => panic!("{other:?}"),
        }
    }

    pub fn rows(&self) -> Vec<Row> {
        Reader::open(&self.dir).unwrap().all_after(0, 100_000).unwrap()
    }

    /// The events of one kind.
    pub fn told(&self, kind: &str) -> Vec<Value> {
        let rows = self.rows();
        let of_kind = rows.iter().filter(|row| row.kind.name() == kind);
        of_kind.map(|row| serde_json::from_str(row.data.get()).unwrap()).collect()
    }

    pub fn link(&self, office: LinkState) {
        self.links[1].send_replace(office);
    }

    /// What waits for the office, as the daemon's pulse tells it.
    pub fn queue(&self, queue: Option<Queue>) {
        self.queue.send_replace(queue);
    }

    /// How the printer of slips is found at the next look.
    pub fn printer(&self, told: Told) {
        self.printer.send_replace(Some(told));
    }

    pub fn later(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn browser(&self) -> Browser {
        Browser { address: self.address, cookie: None, csrf: None, tls: None }
    }

    /// Somebody who is signed in.
    pub fn signed_in(&self, id: &str, post: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(id, PIN, post);
        assert_eq!(answer.status, 200, "{}", answer.body);
        browser
    }

    /// SIGTERM in small.
    pub fn close(mut self) {
        self.shut();
    }

    fn shut(&mut self) {
        self.stop.send_replace(true);
        if let (Some(runtime), Some(console)) = (self.runtime.take(), self.console.take()) {
            let ended = runtime.block_on(async { tokio::time::timeout(PATIENCE, console).await });
            self.desk.close();
            if let Some(thread) = self.thread.take() {
                let _ = thread.join();
            }
            runtime.shutdown_background();
            if !std::thread::panicking() {
                ended.expect("the console stops").unwrap();
            }
        }
    }
}

impl Drop for Lobby {
    fn drop(&mut self) {
        self.shut();
    }
}
