//! Guards over MQTT, real: a visitor rings at the door, the posts' handsets hear it over a real building broker and
//! answer. The office's broker is never there. And one fault: a journal that cannot be read for a moment.

mod common;

use common::clients::{Subscriber, publish_all};
use common::daemon::Daemon;
use common::house::{broker, limits, site};
use common::mosquitto::{Mosquitto, free_port};
use common::scripted::{Peer, Scripted, topic};
use lobbyd::desk::{self, Command};
use lobbyd::dispatch::{self, Dispatch, Parts};
use lobbyd::event::{Event, Kind, Slug, data};
use lobbyd::journal::Keep;
use lobbyd::link::{Link, LinkState};
use lobbyd::service::house::{Duty, Post};
use lobbyd::service::matter::Opening;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, Publish};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use tempfile::TempDir;

/// Two gates and their leader.
const HOUSE: &str = r#"
[[post]]
id = "gate-a"
takes = ["call", "alarm", "errand", "desk", "repair", "supervise", "manage"]
doors = ["riverside-lobby"]
superior = "leader"
[[post]]
id = "gate-b"
takes = ["call"]
superior = "leader"
[[post]]
id = "leader"
takes = ["supervise", "manage"]
"#;
/// The shortest rungs there are, so that a ladder ends while somebody watches.
const FAST: &str =
    "[service.call]\nnext_post_seconds = 5\nall_posts_seconds = 6\nmissed_seconds = 7\nclaim_lapses_seconds = 5\n";

struct House {
    building: Mosquitto,
    daemon: Daemon,
    handsets: Subscriber,
    _dir: TempDir,
}

async fn open(more: &str) -> House {
    let building = Mosquitto::start("");
    let handsets = Subscriber::start(building.port, "lobby/v1/riverside/lobby-1/dispatch/#").await;
    let dir = tempfile::tempdir().unwrap();
    let nobody = format!("mqtt://127.0.0.1:{}", free_port());
    let daemon = Daemon::with_more(dir.path(), &building.url(), &nobody, &format!("{HOUSE}{more}"));
    let house = House { building, daemon, handsets, _dir: dir };
    house.wait("gate-a/open", |_| true).await;
    house
}

impl House {
    fn heard(&self, below: &str) -> Vec<Value> {
        let topic = format!("lobby/v1/riverside/lobby-1/dispatch/{below}");
        let received = self.handsets.received.lock().unwrap();
        let of_topic = received.iter().filter(|publish| publish.topic == topic.as_bytes());
        of_topic.map(|publish| serde_json::from_slice(&publish.payload).unwrap()).collect()
    }

    async fn wait(&self, below: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let find = || self.heard(below).into_iter().find(|value| wanted(value));
        common::until(&format!("{below}: {:?}", self.daemon.log()), || find().is_some()).await;
        find().unwrap()
    }

    async fn say(&self, topic: &str, payload: Value) {
        let message = vec![(topic.to_owned(), payload.to_string().into_bytes())];
        publish_all(self.building.port, message.into_iter(), Arc::new(AtomicUsize::new(0))).await;
    }

    async fn reply(&self, post: &str, payload: Value) {
        self.say(&format!("lobby/v1/riverside/lobby-1/dispatch/{post}/reply"), payload).await;
    }

    /// Somebody presses the button of a Dahua door station.
    async fn ring(&self) {
        let now = chrono::Utc::now().timestamp();
        let said = json!({"Action": "Start", "serialNumber": "riverside-lobby", "Data": {"CallID": "1", "UTC": now}});
        self.say("DahuaVTO/CallNoAnswered/Event", said).await;
    }
}

fn task(offer: &Value) -> String {
    offer["task"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn two_posts_race_for_a_call_and_one_wins() {
    let house = open("").await;
    house.ring().await;
    let offer = house.wait("gate-a", |offer| offer["errand"] == "answer-call").await;
    let claim = |by: &str| json!({"id": by, "task": task(&offer), "do": "claim", "by": by});
    house.reply("gate-a", claim("first")).await;
    house.reply("gate-a", claim("second")).await;
    let first = house.wait("gate-a/result", |result| result["id"] == "first").await;
    let second = house.wait("gate-a/result", |result| result["id"] == "second").await;
    assert_eq!((&first["accepted"], &second["accepted"]), (&json!(true), &json!(false)));
    assert_eq!(second["reason"], "claimed");
    let list = house.wait("gate-a/open", |list| list["tasks"][0]["state"] == "claimed").await;
    assert_eq!(list["tasks"][0]["claimed_by"], "first");
    house.reply("gate-a", json!({"task": task(&offer), "do": "arrived", "by": "first"})).await;
    house.reply("gate-a", json!({"task": task(&offer), "do": "done", "by": "first", "outcome": "let-in"})).await;
    house.wait("gate-a/open", |list| list["tasks"] == json!([])).await;
    house.reply("gate-a", json!({"id": "late", "task": task(&offer), "do": "done", "by": "first"})).await;
    let late = house.wait("gate-a/result", |result| result["id"] == "late").await;
    assert_eq!(late["reason"], "ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_call_that_nobody_takes_climbs_and_stays_as_a_task() {
    let house = open(FAST).await;
    house.ring().await;
    let own = house.wait("gate-a", |offer| offer["errand"] == "answer-call").await;
    let next = house.wait("gate-b", |offer| offer["errand"] == "answer-call").await;
    assert_eq!(task(&own), task(&next));
    let missed = house.wait("gate-a", |offer| offer["errand"] == "missed-call").await;
    house.reply("gate-a", json!({"task": task(&missed), "do": "done", "by": "测试甲"})).await;
    house.wait("gate-a/result", |result| result["task"] == task(&missed).as_str() && result["accepted"] == true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn rubbish_and_replies_that_are_not_theirs_are_answered_and_journaled() {
    let house = open("").await;
    house.ring().await;
    let offer = house.wait("gate-a", |offer| offer["errand"] == "answer-call").await;
    for (id, post, reply, why) in [
        ("a", "gate-b", json!({"id": "a", "task": task(&offer), "do": "claim", "by": "x"}), "other-post"),
        ("b", "nowhere", json!({"id": "b", "task": task(&offer), "do": "claim", "by": "x"}), "other-post"),
        ("c", "gate-a", json!({"id": "c", "task": "I-20200101-1/1", "do": "claim", "by": "x"}), "unknown"),
        ("d", "gate-a", json!({"id": "d", "task": task(&offer), "do": "dance", "by": "x"}), "malformed"),
        ("e", "gate-a", json!({"id": "e", "task": task(&offer), "do": "decline", "by": "x"}), "needs-reason"),
        ("f", "gate-a", json!({"id": "f", "task": task(&offer), "do": "claim", "by": "  "}), "malformed"),
    ] {
        house.reply(post, reply).await;
        let result = house.wait(&format!("{post}/result"), |result| result["id"] == id).await;
        assert_eq!((&result["accepted"], &result["reason"]), (&json!(false), &json!(why)), "{id}");
        assert!(result["message"].as_str().is_some_and(|message| !message.is_empty()));
    }
    let reader = lobbyd::journal::Reader::open(&house._dir.path().join("data")).unwrap();
    let rows = reader.all_after(0, 1000).unwrap();
    let refused = rows.iter().filter(|row| row.kind == lobbyd::event::Kind::RequestRefused).count();
    assert_eq!(refused, 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto: run ./tests/run"]
async fn a_reply_sent_while_the_daemon_was_dead_is_taken_when_it_is_back() {
    let mut house =
        open("[service.call]\nnext_post_seconds = 298\nall_posts_seconds = 299\nmissed_seconds = 600\n").await;
    house.ring().await;
    let offer = house.wait("gate-a", |offer| offer["errand"] == "answer-call").await;
    house.daemon.kill();
    house.reply("gate-a", json!({"id": "while-dead", "task": task(&offer), "do": "claim", "by": "测试甲"})).await;
    house.daemon.up();
    let result = house.wait("gate-a/result", |result| result["id"] == "while-dead").await;
    assert_eq!(result["accepted"], true);
}

/// The next publish whose topic ends so; all others are acknowledged on the way.
async fn next(guards: &mut Peer, ends: &str) -> Value {
    loop {
        let publish = guards.publish().await;
        guards.ack(publish.pkid).await;
        if topic(&publish).ends_with(ends) {
            return serde_json::from_slice(&publish.payload).unwrap();
        }
    }
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_for_a_moment_is_told_and_the_line_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let gate = Slug::new("gate").unwrap();
    let post = Post {
        id: gate.clone(),
        name: None,
        takes: vec![Duty::Call, Duty::Errand, Duty::Desk],
        superior: None,
        fixed: false,
        doors: vec![],
        shifts: vec![],
    };
    let house =
        lobbyd::service::house::House { posts: vec![post], ..lobbyd::service::house::House::bare(chrono_tz::UTC) };
    let settings = desk::Settings { data_dir: dir.path().to_owned(), house, keep: Keep::default() };
    let opened = desk::open(settings, common::house::now).unwrap();
    let office = Scripted::start().await;
    let (link, state) = Link::new(dispatch::settings(&broker(&office.url), &site(), limits()));
    let site = site();
    let parts = Parts {
        link,
        site: &site,
        posts: vec![gate],
        data_dir: dir.path(),
        desk: opened.desk.clone(),
        staff: Box::new(|_, _| None),
        badge: Box::new(|_| None),
        clock: Box::new(common::house::now),
    };
    let stop = tokio::sync::watch::Sender::new(false);
    let running = tokio::spawn(Dispatch::open(parts).unwrap().run(stop.subscribe()));
    let mut guards = office.welcome().await;
    assert_eq!(next(&mut guards, "gate/open").await["tasks"], json!([]));

    // Somebody repairs the journal by hand, and the table is not there for a moment.
    let database = rusqlite::Connection::open(dir.path().join("journal.db")).unwrap();
    database.busy_timeout(common::PATIENCE).unwrap();
    database.execute_batch("ALTER TABLE casefile RENAME TO away").unwrap();
    let facts = data([("via", json!("page")), ("item", json!(1)), ("items", json!(1))]);
    let event = Event::here(Kind::LogNoted, Slug::new("log").unwrap(), common::house::now(), facts);
    opened.desk.ask(Command::Record(event)).await.unwrap();
    let told = || matches!(&*state.borrow(), LinkState::Held(why) if why.contains("journal cannot be read"));
    common::until("the link says so", told).await;
    // Whoever replies meanwhile is answered.
    let reply = Publish::new("lobby/v1/riverside/lobby-1/dispatch/gate/reply", QoS::AtMostOnce, "rubbish", None);
    guards.send(Packet::Publish(reply)).await;
    assert_eq!(next(&mut guards, "gate/result").await["accepted"], false);

    database.execute_batch("ALTER TABLE away RENAME TO casefile").unwrap();
    let help = Opening::Help(lobbyd::service::help::Request { language: "en".into() });
    opened.desk.ask(Command::at_the_glass(help)).await.unwrap();
    assert_eq!(next(&mut guards, "dispatch/gate").await["errand"], "see-help");
    common::until("the complaint is gone", || *state.borrow() == LinkState::Up).await;
    stop.send_replace(true);
    running.await.unwrap();
    opened.desk.close();
    opened.thread.join().unwrap().unwrap();
}
