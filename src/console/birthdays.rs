//! R271: whose birthday falls into a month, as a list and as a file: only of those who have consented, only for those who keep
//! the list. Whoever looks or takes the file is journaled before a name is sent (R308); the file carries who took it and when
//! in every line.

use super::answer::Refused;
use super::case::looked_at;
use super::day::asked;
use super::export::field;
use super::room::Shared;
use super::session::Guard;
use crate::event::{Data, Kind};
use crate::journal::{CaseRow, Reader};
use crate::service::birthday::{Line, Month};
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono::Datelike;
use serde_json::{Value, json};
use std::fmt::Write;

/// The month that is asked for; the one that it is now where none is.
fn month(room: &Shared, uri: &Uri) -> Result<Month, Refused> {
    let now = room.now().utc.with_timezone(&room.house.zone).month();
    let month = asked(uri, "month").map_or(Ok(now), str::parse).map_err(|_| Refused::UNREADABLE)?;
    u8::try_from(month).ok().and_then(|month| Month::try_from(month).ok()).ok_or(Refused::UNREADABLE)
}

async fn lines(room: &Shared, month: Month) -> Result<Vec<(String, Line)>, Refused> {
    let rows = room.readers.read(move |reader: &Reader| reader.birthdays(month.number())).await?;
    let line = |row: CaseRow| Some((String::from(row.case.docket.number), Line::of(&row.person)?));
    Ok(rows.into_iter().filter_map(line).collect())
}

/// What the journal says of a look: which month, how many, no name.
fn look(month: Month, count: usize) -> Data {
    let mut facts = looked_at("birthdays", count);
    facts.insert("month".into(), json!(month));
    facts
}

/// `GET /api/birthdays?month=12`.
pub async fn list(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    uri: Uri,
) -> Result<Json<Value>, Refused> {
    let month = month(&room, &uri)?;
    let lines = lines(&room, month).await?;
    room.record_of(&guard, Kind::RecordViewed, look(month, lines.len()), Data::new()).await?;
    let line = |(number, line): &(String, Line)| {
        json!({
            "number": number, "unit": line.unit, "name": line.name, "consent_to": line.consent_to,
            "consent_on": line.consent_on,
        })
    };
    Ok(Json(json!({ "month": month, "birthdays": lines.iter().map(line).collect::<Vec<_>>() })))
}

/// `GET /api/birthdays.csv?month=12`.
pub async fn csv(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    uri: Uri,
) -> Result<Response, Refused> {
    let month = month(&room, &uri)?;
    let lines = lines(&room, month).await?;
    room.record_of(&guard, Kind::RecordExported, look(month, lines.len()), Data::new()).await?;
    let at = room.now().utc.with_timezone(&room.house.zone);
    let mark = field(&format!("{} ({}) {}", guard.name, guard.id, at.format("%Y-%m-%d %H:%M:%S")));
    // With the byte order mark, without which Excel does not see UTF-8.
    let mut text = format!("\u{feff}导出/exported by,{mark}\r\nnumber,month,unit,name,consent_to,consent_on,copy\r\n");
    for (number, line) in &lines {
        let said = [number, &line.unit, &line.name, &line.consent_to, &line.consent_on].map(|cell| field(cell));
        let [number, unit, name, to, on] = &said;
        // Writing to a string cannot fail.
        let _ = write!(text, "{number},{},{unit},{name},{to},{on},{mark}\r\n", month.number());
    }
    let name = format!("attachment; filename=\"lobbyd-birthdays-{:02}-{}.csv\"", month.number(), guard.id);
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}
