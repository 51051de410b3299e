//! Notices and handbook on the guards' page, for whoever answers an enquiry. Each role reads its levels (R140); a look at
//! what is confidential is journaled before it is answered (R308). Only what is public may be sent to a resident.

use super::answer::Refused;
use super::room::Shared;
use super::session::Guard;
use crate::event::{Data, Kind, data};
use crate::service::knowledge::{Entry, Level, Spoken, Text};
use axum::extract::{Path, State};
use axum::{Extension, Json};
use chrono::NaiveDate;
use serde_json::{Map, Value, json};

/// What this text is in each language.
fn spoken<T>(said: &Spoken<T>, told: impl Fn(&T) -> Value) -> Value {
    Value::Object(said.all().map(|(tag, said)| (tag.to_owned(), told(said))).collect::<Map<_, _>>())
}

fn line(entry: &Entry, today: NaiveDate) -> Value {
    json!({
        "id": entry.id,
        "section": entry.section.name(),
        "level": entry.level.name(),
        "title": spoken(&entry.texts, |text| json!(text.title)),
        "valid_from": entry.valid_from,
        "valid_until": entry.valid_until,
        "valid": entry.is_valid_on(today),
    })
}

fn today(room: &Shared) -> NaiveDate {
    room.now().utc.with_timezone(&room.house.zone).date_naive()
}

/// `GET /api/handbook`: what this person may read, by title; also what is over, for somebody must renew it (R146).
pub async fn list(State(room): State<Shared>, Extension(guard): Extension<Guard>) -> Json<Value> {
    let (handbook, today) = (room.handbook.borrow().clone(), today(&room));
    let lines: Vec<_> = handbook.readable_by(guard.role).map(|entry| line(entry, today)).collect();
    Json(json!({ "entries": lines }))
}

/// `GET /api/handbook/{id}`: one of them in full. What he may not read does not exist for him.
pub async fn entry(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refused> {
    let handbook = room.handbook.borrow().clone();
    let entry = handbook.readable_by(guard.role).find(|entry| entry.id.as_str() == id).ok_or(Refused::UNKNOWN)?;
    if entry.level == Level::Confidential {
        let facts = data([("what", json!("handbook")), ("entry", json!(entry.id))]);
        room.record_of(&guard, Kind::RecordViewed, facts, Data::new()).await?;
    }
    let mut whole = line(entry, today(&room));
    whole["text"] = spoken(&entry.texts, |text: &Text| json!(text.plain()));
    whole["contact"] = spoken(&entry.contact, |name| json!(name));
    whole["phone"] = json!(entry.phone);
    Ok(Json(whole))
}
