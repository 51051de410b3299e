//! What concerns a post: the silent alert (R107), the hand-over of the shift, the check of a release pass at the gate.

use super::answer::Refused;
use super::body::Body;
use super::case::{opened, viewed};
use super::rights::may_see;
use super::room::Shared;
use super::session::Guard;
use crate::desk::{Answer, Code, Command};
use crate::event::{Data, Kind};
use crate::service::card;
use crate::service::case::Objection;
use crate::service::case::Source;
use crate::service::contact::Text;
use crate::service::matter::{Matter, Opening};
use crate::service::pass::{self, PassCode};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

/// Hand-overs among which the last of a post is looked for.
const MAX_SHIFTS: usize = 100;

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
    let by = guard.actor();
    let command = match asked {
        Shift::Close { note } => Command::CloseShift { post, note, by },
        Shift::Take {} => Command::TakeShift { post, by },
    };
    match room.desk.ask(command).await? {
        Answer::Shift { open } => Ok(Json(json!({ "open": open.into_iter().map(String::from).collect::<Vec<_>>() }))),
        Answer::Objected(objection) => Err(objection.into()),
        _ => Err(Refused::BUSY),
    }
}

/// `GET /api/shift`: what the last shift of this post has left.
pub async fn last(State(room): State<Shared>, Extension(guard): Extension<Guard>) -> Result<Json<Value>, Refused> {
    let rows = room.readers.read(|reader| reader.of_kind(Kind::ShiftClosed, MAX_SHIFTS)).await?;
    let told = rows.iter().rev().find_map(|row| {
        let facts: Data = serde_json::from_str(row.data.get()).ok()?;
        let ours = facts.get("post").and_then(Value::as_str) == guard.post.as_ref().map(|post| post.as_str());
        let person = facts.get("person").cloned().unwrap_or_default();
        let (note, by) = (&person["text"], &person["by_name"]);
        ours.then(|| json!({ "at": row.stamp.time, "note": note, "by": by, "numbers": facts.get("numbers") }))
    });
    Ok(Json(told.unwrap_or_else(|| json!({}))))
}

/// `GET /api/pass/{code}` (R279): the pass with this code, used or not.
pub async fn pass(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    Path(code): Path<String>,
) -> Result<Json<Value>, Refused> {
    let code = PassCode::parse(&code).map_err(|_| Refused::UNKNOWN)?;
    // The desk counts wrong ones: nobody may try one after the other.
    let asked = Command::Find { code: Code::Pass(code.clone()), by: guard.actor() };
    match room.desk.ask(asked).await? {
        Answer::Found { .. } => {}
        Answer::Objected(Objection::Unknown) => return Err(Refused::UNKNOWN),
        Answer::Objected(objection) => return Err(objection.into()),
        _ => return Err(Refused::BUSY),
    }
    let row = room.readers.read(move |reader| reader.newest_of_key(&pass::key(&code))).await?;
    let row = row.filter(|row| may_see(row, &guard.viewer())).ok_or(Refused::UNKNOWN)?;
    let number = row.case.docket.number;
    viewed(&room, &guard, number, "pass").await?;
    let Matter::Pass(found) = &row.case.matter else { return Err(Refused::UNKNOWN) };
    let used = found.used.as_ref().map(|used| json!({ "at": used.at, "by": used.by.as_ref().map(|by| &by.name) }));
    Ok(Json(json!({
        "case": card::line(&row.case, &row.person, room.now().utc), "person": row.person, "used": used,
    })))
}
