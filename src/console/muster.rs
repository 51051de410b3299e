//! The muster list: everybody who is known to be in the house, to be called at the meeting point, in earnest or as a drill.
//! What has been ticked stands in the journal, so that it is the same on every phone and after a restart.

use super::answer::Refused;
use super::body::Body;
use super::case::looked_at;
use super::room::Shared;
use super::session::Guard;
use crate::event::{Data, Kind, data};
use crate::journal::{CaseRow, JournalError, Reader, Row};
use crate::service::number::Series;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Ticks of one muster that are read: a few for each person of the fullest house.
const MAX_MARKS: usize = 5_000;
/// Longest key of a person: a number in full, or a staff id with its prefix.
const MAX_KEY: usize = 80;

/// A muster that has been begun and not ended.
struct Running {
    drill: bool,
    since: DateTime<Utc>,
    /// Who is there, by key.
    there: BTreeMap<String, bool>,
}

fn running(reader: &Reader) -> Result<Option<Running>, JournalError> {
    let begun = reader.of_kind(Kind::MusterBegun, 1)?.pop();
    let ended = reader.of_kind(Kind::MusterEnded, 1)?.pop();
    let Some(begun) = begun.filter(|begun| ended.is_none_or(|ended| ended.seq < begun.seq)) else { return Ok(None) };
    let marks = reader.of_kind(Kind::MusterMarked, MAX_MARKS)?;
    let mark = |row: &Row| {
        let facts = facts(row);
        Some((facts.get("key")?.as_str()?.to_owned(), facts.get("present")?.as_bool()?))
    };
    let there = marks.iter().filter(|row| row.seq > begun.seq).filter_map(mark).collect();
    let drill = facts(&begun).get("drill").and_then(Value::as_bool).unwrap_or(false);
    Ok(Some(Running { drill, since: begun.stamp.time, there }))
}

fn facts(row: &Row) -> Data {
    serde_json::from_str(row.data.get()).unwrap_or_default()
}

/// Somebody who is known to be in the house.
#[derive(Debug, Serialize)]
struct Person {
    key: String,
    /// In full: it is called out at the meeting point.
    name: Option<String>,
    kind: &'static str,
    unit: Option<Value>,
    post: Option<String>,
    heads: u64,
    since: Option<DateTime<Utc>>,
    present: bool,
}

fn visitor(row: &CaseRow) -> Person {
    let docket = &row.case.docket;
    let purpose = docket.facts.get("purpose").and_then(Value::as_str);
    Person {
        key: String::from(docket.number),
        name: row.person.get("name").and_then(Value::as_str).map(str::to_owned),
        kind: if purpose == Some("work") { "contractor" } else { "visitor" },
        unit: docket.facts.get("unit").cloned(),
        post: None,
        heads: docket.facts.get("heads").and_then(Value::as_u64).unwrap_or(1),
        since: Some(docket.opened),
        present: false,
    }
}

/// Signed in on the page means on duty.
fn staff(room: &Shared) -> Vec<Person> {
    let duty = room.sessions().on_duty(room.now().utc);
    let person = |(id, post): (crate::event::Slug, Option<crate::event::Slug>)| Person {
        key: format!("staff:{id}"),
        name: room.member(&id).map(|member| member.name),
        kind: "staff",
        unit: None,
        post: post.map(|post| post.to_string()),
        heads: 1,
        since: None,
        present: false,
    };
    duty.into_iter().map(person).collect()
}

/// `GET /api/muster`.
pub async fn list(State(room): State<Shared>, Extension(guard): Extension<Guard>) -> Result<Json<Value>, Refused> {
    let look = |reader: &Reader| Ok((running(reader)?, reader.open_cases_of(Series::Visit)?));
    let (running, rows) = room.readers.read(look).await?;
    let mut people: Vec<Person> = rows.iter().map(visitor).chain(staff(&room)).collect();
    if let Some(running) = &running {
        people.iter_mut().for_each(|one| one.present = running.there.get(&one.key).copied().unwrap_or(false));
    }
    let look = room.done_by(&guard, Kind::RecordViewed, looked_at("muster", people.len()), Data::new());
    // A house that burns does not wait for a disk.
    room.look_at(look, true).await?;
    Ok(Json(json!({
        "running": running.is_some(),
        "drill": running.as_ref().is_some_and(|running| running.drill),
        "since": running.map(|running| running.since),
        "people": people,
    })))
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Asked {
    Begin {
        #[serde(default)]
        drill: bool,
    },
    Mark {
        key: String,
        present: bool,
    },
    End {},
}

/// `POST /api/muster`.
pub async fn take(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    Body(asked): Body<Asked>,
) -> Result<Json<Value>, Refused> {
    let running = room.readers.read(running).await?;
    let order = Err(Refused::new(StatusCode::CONFLICT, "order"));
    let (kind, facts) = match (asked, running) {
        (Asked::Begin { drill }, None) => (Kind::MusterBegun, data([("drill", json!(drill))])),
        (Asked::Mark { key, present }, Some(running)) => {
            if key.is_empty() || key.len() > MAX_KEY || !key.is_ascii() {
                return Err(Refused::UNREADABLE);
            }
            let facts = data([("key", json!(key)), ("present", json!(present)), ("drill", json!(running.drill))]);
            (Kind::MusterMarked, facts)
        }
        (Asked::End {}, Some(running)) => {
            let there = running.there.values().filter(|there| **there).count();
            (Kind::MusterEnded, data([("drill", json!(running.drill)), ("present", json!(there))]))
        }
        _ => return order,
    };
    room.record_of(&guard, kind, facts, Data::new()).await?;
    Ok(Json(json!({})))
}
