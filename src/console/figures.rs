//! The figures of a day, a month, a quarter (R008, R295, R301-R305): as JSON for the page, as CSV for a spreadsheet. What one
//! member of staff did is for those who assess him.

use super::answer::Refused;
use super::charts::charts;
use super::day::{asked, date, day};
use super::room::Shared;
use super::session::Guard;
use crate::service::number::local_day;
use crate::service::period::Period;
use crate::service::report::Report;
use crate::service::staff::Role;
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

/// `?period=2026-11`, or `?period=month&day=2026-11-21`; today's month where nothing is said.
fn period(room: &Shared, uri: &Uri) -> Result<Period, Refused> {
    let number = asked(uri, "day").map_or_else(|| Ok(local_day(room.now().utc, room.house.zone)), day)?;
    let date = date(number).ok_or(Refused::UNREADABLE)?;
    match asked(uri, "period").unwrap_or("month") {
        "day" => Ok(Period::Day(date)),
        "month" => Ok(Period::Month(date)),
        "quarter" => Ok(Period::Quarter(date)),
        other => Period::parse(other).ok_or(Refused::UNREADABLE),
    }
}

async fn figures(room: &Shared, guard: &Guard, uri: &Uri) -> Result<Report, Refused> {
    let period = period(room, uri)?;
    let mut report = room.readers.read(move |reader| reader.report(period)).await?;
    if !matches!(guard.role, Role::Supervisor | Role::ProjectManager | Role::Auditor) {
        report.staff.clear();
    }
    Ok(report)
}

/// `GET /api/report?period=`.
pub async fn report(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    uri: Uri,
) -> Result<Json<Value>, Refused> {
    let report = figures(&room, &guard, &uri).await?;
    Ok(Json(json!({ "charts": charts(&report), "figures": report })))
}

/// `GET /api/report.csv?period=`.
pub async fn csv(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    uri: Uri,
) -> Result<Response, Refused> {
    let report = figures(&room, &guard, &uri).await?;
    let name = format!("attachment; filename=\"lobbyd-{}.csv\"", report.period);
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, report.csv()).into_response())
}
