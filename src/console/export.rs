//! Records that leave the house for management's review (R302): marked with who took them and when, and journaled before a
//! byte is sent (R308). Names, phone numbers and words of people stay here. And the auditor's sample (R012).

use super::answer::Refused;
use super::day::{asked, day};
use super::room::Shared;
use super::session::Guard;
use crate::event::{Data, Kind, data};
use crate::journal::{CaseLine, Reader};
use crate::service::card;
use crate::service::number::local_day;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};
use std::fmt::Write;

/// Lines of one export; more is asked for by the day.
const MAX_LINES: usize = 20_000;

/// `GET /api/export?from=2026-11-01&to=2026-11-30`.
pub async fn export(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    uri: Uri,
) -> Result<Response, Refused> {
    let today = local_day(room.now().utc, room.house.zone);
    let to = asked(&uri, "to").map_or(Ok(today), day)?;
    let from = asked(&uri, "from").map_or(Ok(to), day)?;
    let lines = room.readers.read(move |reader: &Reader| reader.case_lines(from, to, MAX_LINES + 1)).await?;
    if lines.len() > MAX_LINES {
        return Err(Refused::new(StatusCode::CONFLICT, "too-large"));
    }
    let facts = data([("from", json!(from)), ("to", json!(to)), ("lines", json!(lines.len()))]);
    room.record_of(&guard, Kind::RecordExported, facts, Data::new()).await?;
    let at = room.now().utc.with_timezone(&room.house.zone);
    let mark = format!("{} ({}) {}", guard.name, guard.id, at.format("%Y-%m-%d %H:%M:%S"));
    let name = format!("attachment; filename=\"lobbyd-{from}-{to}-{}.csv\"", guard.id);
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, csv(&lines, &mark, room.house.zone)).into_response())
}

/// Cases that a sample is drawn from, the newest; and at most so many of them.
const DRAWN_FROM: usize = 2_000;
const MAX_SAMPLE: usize = 50;

/// `GET /api/sample?count=10` (R012): cases at random, so that nobody knows beforehand what will be looked at.
pub async fn sample(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    uri: Uri,
) -> Result<Json<Value>, Refused> {
    let count = asked(&uri, "count").map_or(Ok(10), str::parse::<usize>).map_err(|_| Refused::UNREADABLE)?;
    let mut rows = room.readers.read(|reader: &Reader| reader.newest_cases(DRAWN_FROM)).await?;
    fastrand::shuffle(&mut rows);
    rows.truncate(count.min(MAX_SAMPLE));
    let numbers: Vec<String> = rows.iter().map(|row| String::from(row.case.docket.number)).collect();
    let facts = data([("what", json!("sample")), ("numbers", json!(numbers))]);
    room.record_of(&guard, Kind::RecordViewed, facts, Data::new()).await?;
    let now = room.now().utc;
    let lines: Vec<_> = rows.iter().map(|row| card::line(&row.case, &row.person, now)).collect();
    Ok(Json(json!({ "sample": lines })))
}

/// The mark stands on top and in every line: a line that is cut out still says whose copy it is.
fn csv(lines: &[CaseLine], mark: &str, zone: chrono_tz::Tz) -> String {
    // With the byte order mark, without which Excel does not see UTF-8.
    let mut text = format!("\u{feff}导出/exported by,{}\r\n", field(mark));
    text.push_str("number,time,event,state,by,post,unit,facts,copy\r\n");
    for line in lines {
        let said = |key: &str| line.data.get(key).and_then(Value::as_str).unwrap_or_default();
        let time = line.time.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string();
        let facts = Value::Object(line.data.clone()).to_string();
        let number = String::from(line.number);
        let cells =
            [&number, &time, line.kind.name(), said("state"), said("by"), said("post"), said("unit"), &facts, mark];
        let cells: Vec<String> = cells.iter().map(|cell| field(cell)).collect();
        // Writing to a string cannot fail.
        let _ = write!(text, "{}\r\n", cells.join(","));
    }
    text
}

/// Quoted, and never a formula: a spreadsheet runs what begins with = + - @.
pub(super) fn field(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_no_quote_breaks_out() {
        assert_eq!(field("=1+1"), "\"'=1+1\"");
        assert_eq!(field("say \"yes\", now"), "\"say \"\"yes\"\", now\"");
    }
}
