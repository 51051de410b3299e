//! What concerns a post: the silent alert (R107), the hand-over of the shift, the check of a release pass at the gate.

use super::answer::Refused;
use super::body::Body;
use super::case::{opened, viewed};
use super::rights::may_see;
use super::room::Shared;
use super::session::Guard;
use crate::event::{Data, Kind, data};
use crate::journal::{CaseRow, Reader};
use crate::service::card;
use crate::service::case::Source;
use crate::service::contact::Text;
use crate::service::matter::Opening;
use crate::service::number::Series;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

/// Passes among which a code is looked for, the newest first: a month of a large house.
const MAX_PASSES: usize = 2_000;
/// Hand-overs among which the last of a post is looked for.
const MAX_SHIFTS: usize = 100;
/// Open tasks named in one hand-over.
const MAX_ITEMS: usize = 200;

/// `POST /api/support`: a difficult situation. The answer says nothing that a person looking over the shoulder could read.
pub async fn support(State(room): State<Shared>, Extension(guard): Extension<Guard>) -> Result<Json<Value>, Refused> {
    let opening: Opening = serde_json::from_value(json!({ "support": {} }))
        .map_err(|_| Refused::new(StatusCode::NOT_IMPLEMENTED, "not-here"))?;
    // Its number is on nobody's screen.
    let _ = opened(&room, &guard, opening, Source::StaffContact).await?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Shift {
    Close {
        #[serde(default)]
        note: Option<Text>,
    },
    Take {},
}

/// `POST /api/shift`.
pub async fn hand_over(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    Body(asked): Body<Shift>,
) -> Result<Json<Value>, Refused> {
    let Some(post) = guard.post.clone() else { return Err(Refused::new(StatusCode::CONFLICT, "post")) };
    match asked {
        Shift::Close { note } => {
            let viewer = guard.viewer();
            let rows = room.readers.read(Reader::open_cases).await?;
            let waits = |row: &&CaseRow| row.case.docket.tasks.iter().any(|task| card::asks(task, &viewer));
            let open: Vec<String> =
                rows.iter().filter(waits).take(MAX_ITEMS).map(|row| String::from(row.case.docket.number)).collect();
            let facts = data([("post", json!(post)), ("open", json!(open))]);
            let person = note.map(|note| data([("text", json!(note.as_str()))])).unwrap_or_default();
            room.record_of(&guard, Kind::ShiftClosed, facts, person).await?;
            Ok(Json(json!({ "open": open })))
        }
        Shift::Take {} => {
            room.record_of(&guard, Kind::ShiftTaken, data([("post", json!(post))]), Data::new()).await?;
            Ok(Json(json!({})))
        }
    }
}

/// `GET /api/shift`: what the last shift of this post has left.
pub async fn last(State(room): State<Shared>, Extension(guard): Extension<Guard>) -> Result<Json<Value>, Refused> {
    let rows = room.readers.read(|reader| reader.of_kind(Kind::ShiftClosed, MAX_SHIFTS)).await?;
    let told = rows.iter().rev().find_map(|row| {
        let facts: Data = serde_json::from_str(row.data.get()).ok()?;
        let ours = facts.get("post").and_then(Value::as_str) == guard.post.as_ref().map(|post| post.as_str());
        let person = facts.get("person").cloned().unwrap_or_default();
        ours.then(|| {
            json!({ "at": row.stamp.time, "note": person["text"], "by": person["by_name"], "open": facts.get("open") })
        })
    });
    Ok(Json(told.unwrap_or_else(|| json!({}))))
}

/// `GET /api/pass/{code}` (R279): the pass with this code, used or not.
pub async fn pass(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    Path(code): Path<String>,
) -> Result<Json<Value>, Refused> {
    let code = code.trim().to_uppercase();
    let look = move |reader: &Reader| {
        let rows = reader.newest_cases_of(Series::Pass, MAX_PASSES)?;
        Ok(rows.into_iter().find(|row| code_of(row).is_some_and(|of| of.eq_ignore_ascii_case(&code))))
    };
    let row = room.readers.read(look).await?.filter(|row| may_see(row, &guard.viewer())).ok_or(Refused::UNKNOWN)?;
    let number = row.case.docket.number;
    viewed(&room, &guard, number, "pass").await?;
    let history = room.readers.read(move |reader| reader.history(number)).await?;
    let used = history.iter().rev().find(|told| told.kind == Kind::PassUsed);
    let used = used.map(|told| json!({ "at": told.time, "by": told.person.get("by_name") }));
    Ok(Json(json!({
        "case": card::line(&row.case, &row.person, room.now().utc), "person": row.person, "used": used,
    })))
}

/// The code stands in the machine, as the request gave it.
fn code_of(row: &CaseRow) -> Option<String> {
    let matter = serde_json::to_value(&row.case.matter).ok()?;
    let machine = matter.as_object()?.values().next()?;
    let code = machine.get("code").or_else(|| row.case.docket.facts.get("code"))?;
    code.as_str().map(str::to_owned)
}
