//! The day: the call log 《每日工作记录》 (R036) and the visitors. Whoever looks at names is journaled first (R308).

use super::answer::Refused;
use super::body::Body;
use super::case::looked_at;
use super::room::Shared;
use super::session::Guard;
use crate::event::{Data, Kind, data};
use crate::journal::{CaseRow, Reader, Row};
use crate::service::card;
use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::number::{Series, local_day};
use axum::extract::State;
use axum::http::Uri;
use axum::{Extension, Json};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use serde::Deserialize;
use serde_json::{Value, json};

/// Requests of one call. R036 itemises; more than this is another call.
const MAX_LINES: usize = 20;
/// Lines that are looked at for one day: those of the days beside it are among them.
const MAX_LOG: usize = 3000;

/// What stands in a query under this name.
pub fn asked<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value).next()
}

/// A day as it is written, `2026-11-21` with or without the hyphens.
pub fn day(text: &str) -> Result<u32, Refused> {
    let day = text.replace('-', "").parse::<u32>().ok();
    day.filter(|day| (20_000_101..=29_991_231).contains(day)).ok_or(Refused::UNREADABLE)
}

/// The same as a date.
pub fn date(number: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(number / 10_000).ok()?, number / 100 % 100, number % 100)
}

/// The day that is asked for; today where none is.
fn day_of(room: &Shared, uri: &Uri) -> Result<u32, Refused> {
    asked(uri, "day").map_or_else(|| Ok(local_day(room.now().utc, room.house.zone)), day)
}

/// One request of a caller.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogLine {
    text: Text,
    #[serde(default)]
    caller: Option<Name>,
    #[serde(default)]
    phone: Option<Phone>,
    #[serde(default)]
    unit: Option<Unit>,
    /// The ticket that it became.
    #[serde(default)]
    ticket: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    lines: Vec<LogLine>,
}

/// `POST /api/log`: one line for each request (R036).
pub async fn note(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    Body(asked): Body<Lines>,
) -> Result<Json<Value>, Refused> {
    if asked.lines.is_empty() || asked.lines.len() > MAX_LINES {
        return Err(Refused::UNREADABLE);
    }
    let count = asked.lines.len();
    for (index, line) in asked.lines.into_iter().enumerate() {
        let mut facts = data([("item", json!(index + 1)), ("items", json!(count))]);
        if let Some(unit) = &line.unit {
            facts.insert("unit".into(), json!(unit.as_str()));
        }
        if let Some(ticket) = line.ticket.filter(|ticket| ticket.len() <= 24 && ticket.is_ascii()) {
            facts.insert("ticket".into(), json!(ticket));
        }
        let mut person = data([("text", json!(line.text.as_str()))]);
        if let Some(name) = &line.caller {
            person.insert("name".into(), json!(name.as_str()));
        }
        if let Some(phone) = &line.phone {
            person.insert("phone".into(), json!(phone.as_str()));
        }
        room.record_of(&guard, Kind::LogNoted, facts, person).await?;
    }
    Ok(Json(json!({ "lines": count })))
}

/// `GET /api/log?day=`.
pub async fn log(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    uri: Uri,
) -> Result<Json<Value>, Refused> {
    let day = day_of(&room, &uri)?;
    let zone = room.house.zone;
    let midnight = date(day).ok_or(Refused::UNREADABLE)?.and_time(NaiveTime::MIN).and_utc();
    // No zone is further from UTC than a day.
    let (from, to) = (midnight - TimeDelta::days(1), midnight + TimeDelta::days(2));
    let look = move |reader: &Reader| reader.of_kind_between(Kind::LogNoted, from, to, MAX_LOG);
    let rows = room.readers.read(look).await?;
    let lines: Vec<Value> = rows.iter().filter(|row| local_day(row.stamp.time, zone) == day).map(log_line).collect();
    room.record_of(&guard, Kind::RecordViewed, looked_at("log", lines.len()), Data::new()).await?;
    Ok(Json(json!({ "day": day, "lines": lines })))
}

fn log_line(row: &Row) -> Value {
    let told: Data = serde_json::from_str(row.data.get()).unwrap_or_default();
    let person = told.get("person");
    let said = |key: &str| person.and_then(|person| person.get(key)).or_else(|| told.get(key));
    json!({
        "seq": row.seq, "time": row.stamp.time, "text": said("text"), "unit": said("unit"), "caller": said("name"),
        "phone": said("phone"), "ticket": said("ticket"), "by": said("by"), "by_name": said("by_name"),
    })
}

/// `GET /api/visitors?day=`.
pub async fn visitors(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    uri: Uri,
) -> Result<Json<Value>, Refused> {
    let day = day_of(&room, &uri)?;
    let rows = room.readers.read(move |reader| reader.cases_of_day(Series::Visit, day)).await?;
    let rows: Vec<CaseRow> = rows.into_iter().filter(|row| row.case.docket.number.day <= day).collect();
    room.record_of(&guard, Kind::RecordViewed, looked_at("visitors", rows.len()), Data::new()).await?;
    let now = room.now().utc;
    let lines: Vec<_> = rows.iter().map(|row| card::line(&row.case, &row.person, now)).collect();
    Ok(Json(json!({ "day": day, "visitors": lines })))
}
