//! The reports' routes: the figures of a period with their drawings, and the same as CSV. They hold no name of anybody.

use super::answer::Refused;
use super::charts::charts;
use super::room::Shared;
use crate::service::report::Period;
use axum::Json;
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// `?period=2026-11-21`, `2026-11` or `2026-Q4`; this month where it is not given.
fn asked(room: &Shared, uri: &Uri) -> Result<Period, Refused> {
    let today = room.now().utc.with_timezone(&room.house.zone).date_naive();
    let given = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("period="));
    given.map_or(Some(Period::Month(today)), Period::parse).ok_or(Refused::UNREADABLE)
}

/// `GET /api/report?period=`.
pub async fn report(State(room): State<Shared>, uri: Uri) -> Result<Json<Value>, Refused> {
    let period = asked(&room, &uri)?;
    let report = room.readers.read(move |reader| reader.report(period)).await?;
    Ok(Json(json!({ "charts": charts(&report), "report": report })))
}

/// `GET /api/report.csv?period=`.
pub async fn csv(State(room): State<Shared>, uri: Uri) -> Result<Response, Refused> {
    let period = asked(&room, &uri)?;
    let report = room.readers.read(move |reader| reader.report(period)).await?;
    let name = format!("attachment; filename=\"lobbyd-report-{period}.csv\"");
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, report.csv()).into_response())
}
