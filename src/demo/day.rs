//! A day at the demo's house: what visitors, residents and staff did before the demo was started, told to a desk of its
//! own with a clock that runs through the day. The daemon then opens the journal as after any restart. All people are
//! made up.

use super::people;
use crate::config::{Config, Post};
use crate::daemon;
use crate::desk::{self, Answer, Command, Desk};
use crate::event::{Now, Reading};
use crate::journal::Reader;
use crate::service::case::{Source, Step, TaskStep};
use crate::service::matter::Opening;
use crate::service::number::Number;
use crate::service::staff::Actor;
use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// How often the posts are heard of, in minutes: well within `silent_minutes`.
const BEAT: i64 = 5;

/// Who acts: somebody at the glass, or a member of staff by his id.
const GUEST: &str = "";

/// One thing that happened, so many minutes ago.
struct Moment {
    ago: i64,
    by: &'static str,
    what: What,
}

enum What {
    /// A matter is brought; later moments name it by this word.
    Open(&'static str, Value),
    /// Something is done with the open task of this errand.
    Task(&'static str, &'static str, Value),
    Step(&'static str, Value),
}

fn open(ago: i64, by: &'static str, name: &'static str, opening: Value) -> Moment {
    Moment { ago, by, what: What::Open(name, opening) }
}

fn task(ago: i64, by: &'static str, name: &'static str, errand: &'static str, step: Value) -> Moment {
    Moment { ago, by, what: What::Task(name, errand, step) }
}

fn step(ago: i64, by: &'static str, name: &'static str, step: Value) -> Moment {
    Moment { ago, by, what: What::Step(name, step) }
}

fn visit(unit: &str, name: &str, phone: &str, purpose: &str, heads: u8) -> Value {
    json!({"visit": {"unit": unit, "name": name, "phone": phone, "purpose": purpose, "note": null, "heads": heads,
        "language": "zh-Hans"}})
}

fn repair(place: Value, category: &str, detail: &str, windows: &[&str], name: &str, phone: &str) -> Value {
    json!({"repair": {"place": place, "category": category, "detail": detail, "windows": windows, "name": name,
        "phone": phone, "language": "zh-Hans"}})
}

fn claim() -> Value {
    json!({"claim": {}})
}

fn done(outcome: &str) -> Value {
    json!({"done": {"outcome": outcome}})
}

/// The day, oldest first.
fn moments(now: DateTime<Utc>) -> Vec<Moment> {
    let span = |from: i64, to: i64| json!({"from": now + TimeDelta::minutes(from), "to": now + TimeDelta::minutes(to)});
    vec![
        open(260, GUEST, "painter", visit("0902", "胡师傅", "13800000011", "work", 2)),
        task(259, "wang", "painter", "call-host", claim()),
        task(258, "wang", "painter", "call-host", done("come-up")),
        open(
            230,
            GUEST,
            "lamp",
            repair(json!({"public": "garage"}), "light", "B1 车道第三盏灯不亮", &[], "周女士", "13800000012"),
        ),
        task(228, "chen", "lamp", "repair", json!({"claim": {"eta": {"minutes": 25}}})),
        task(204, "chen", "lamp", "repair", json!({"arrived": {"channel": "radio"}})),
        open(150, GUEST, "friend", visit("1203", "沈南", "13800000013", "friends", 1)),
        task(149, "wang", "friend", "call-host", claim()),
        task(148, "wang", "friend", "call-host", done("coming")),
        open(
            95,
            GUEST,
            "leak",
            repair(json!({"home": "1203"}), "water", "厨房水槽下面漏水", &["today-evening"], "林女士", "13800000014"),
        ),
        step(93, "zhou", "leak", json!({"matter": {"repair": {"identify": {"how": "unit-and-phone"}}}})),
        step(92, "zhou", "leak", json!({"matter": {"repair": {"appoint": {"at": span(20, 80)}}}})),
        task(80, "chen", "leak", "repair", json!({"claim": {"eta": {"at": now + TimeDelta::minutes(25)}}})),
        step(60, GUEST, "friend", json!({"matter": {"visit": "sign-out"}})),
        open(
            40,
            "zhou",
            "parcel",
            json!({"delivery": {"unit": "0711", "carrier": "快递", "count": 2, "phone": "13800000015",
            "code": "K7FM2X", "language": "zh-Hans"}}),
        ),
        open(18, GUEST, "courier", visit("0307", "骑手", "13800000016", "delivery", 1)),
        task(17, "wang", "courier", "call-host", claim()),
        task(16, "wang", "courier", "call-host", done("coming")),
        open(
            3,
            GUEST,
            "socket",
            repair(json!({"home": "0506"}), "power", "客厅插座没有电", &["tomorrow-morning"], "许先生", "13800000017"),
        ),
        open(2, GUEST, "guest", visit("0711", "顾白", "13800000018", "friends", 1)),
    ]
}

/// Tells the day that ends now to the journal of this configuration. It may be a night: whoever starts the demo does so when he likes.
///
/// # Errors
/// A journal that cannot be written, or a moment that the rules refuse: the demo would show something untrue.
pub fn live_through(config: &Config, now: DateTime<Utc>) -> anyhow::Result<()> {
    let moments = moments(now);
    let morning = now - TimeDelta::minutes(moments.iter().map(|moment| moment.ago).max().unwrap_or(0) + 1);
    let clock = Arc::new(Mutex::new(morning));
    let reading = clock.clone();
    let opened =
        desk::open(daemon::desk_settings(config), move || Reading::from(Now { utc: *lock(&reading), synced: true }))
            .context("the day cannot be told")?;
    let told = tell(&opened.desk, &config.data_dir, &moments, |ago| {
        let then = now - TimeDelta::minutes(ago);
        // Somebody is at every post all day, and is heard of before it is taken for silent.
        while *lock(&clock) < then {
            let next = *lock(&clock) + TimeDelta::minutes(BEAT);
            *lock(&clock) = next.min(then);
            let seen = |post: &Post| ask(&opened.desk, Command::Seen { post: post.id.clone() }).map(drop);
            config.posts.iter().try_for_each(seen)?;
        }
        Ok(())
    });
    opened.desk.close();
    let ended = opened.thread.join();
    told?;
    match ended {
        Ok(ended) => Ok(ended?),
        Err(_) => bail!("the desk of the demo's day has failed"),
    }
}

fn lock(clock: &Mutex<DateTime<Utc>>) -> std::sync::MutexGuard<'_, DateTime<Utc>> {
    clock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tell(
    desk: &Desk,
    data_dir: &Path,
    moments: &[Moment],
    at: impl Fn(i64) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let reader = Reader::open(data_dir)?;
    let mut known: Vec<(&str, Number)> = Vec::new();
    for moment in moments {
        at(moment.ago)?;
        let by = actor(moment.by)?;
        let find = |name: &str| known.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
        let (name, command) = match &moment.what {
            What::Open(name, opening) => {
                let opening: Opening = serde_json::from_value(opening.clone()).context(*name)?;
                let source = if by.role.is_some() { Source::StaffContact } else { Source::Kiosk };
                (*name, Command::Open { opening, source, by })
            }
            What::Step(name, step) => {
                let number = find(name).with_context(|| format!("{name} was not opened"))?;
                // A visitor whom nobody let in at night has gone by himself.
                if reader.case(number)?.is_some_and(|row| row.case.is_closed()) {
                    continue;
                }
                let step: Step = serde_json::from_value(step.clone()).context(*name)?;
                (*name, Command::Move { number, step, seen: None, by })
            }
            What::Task(name, errand, step) => {
                let number = find(name).with_context(|| format!("{name} was not opened"))?;
                let step: TaskStep = serde_json::from_value(step.clone()).context(*name)?;
                let row = reader.case(number)?.with_context(|| format!("{name} is gone"))?;
                let task = row.case.docket.tasks.iter().find(|task| task.errand.name() == *errand);
                // In the quiet hours no host is called: then a guard is asked instead, and he has not come yet.
                let Some(task) = task.map(|task| task.id) else { continue };
                (*name, Command::Move { number, step: Step::Task { task, step }, seen: None, by })
            }
        };
        match ask(desk, command)? {
            Answer::Opened { number, .. } => known.push((name, number)),
            Answer::Objected(objection) => bail!("{name}, {} minutes ago: {objection}", moment.ago),
            _ => {}
        }
    }
    Ok(())
}

fn actor(id: &str) -> anyhow::Result<Actor> {
    if id == GUEST { Ok(Actor::GUEST) } else { people::actor(id).with_context(|| format!("nobody is called {id}")) }
}

fn ask(desk: &Desk, command: Command) -> anyhow::Result<Answer> {
    let (tx, rx) = std::sync::mpsc::channel();
    desk.submit(command, move |answer| drop(tx.send(answer)));
    Ok(rx.recv().context("the desk has ended")??)
}
