//! What surveys have come to (R291): each with its answers by question, their mean and how many gave which stars, beside the one
//! before it of its kind. As JSON for the page, as CSV for a spreadsheet. No wish and nobody's name: wishes stand in the record.

use super::answer::Refused;
use super::room::Shared;
use crate::journal::{JournalError, Reader};
use crate::service::campaign::{self, Campaign, Outcome, Phase};
use crate::service::matter::Matter;
use crate::service::number::{Number, Series};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::fmt::Write;

/// Those that are held or proposed, and those that have ended, the newest last.
struct Surveys {
    open: Vec<(Number, Campaign)>,
    ended: Vec<Outcome>,
}

fn look(reader: &Reader) -> Result<Surveys, JournalError> {
    let rows = reader.open_cases_of(Series::Survey)?;
    let open = rows.into_iter().filter_map(|row| match row.case.matter {
        Matter::Campaign(one) if one.phase != Phase::Ended => Some((row.case.docket.number, one)),
        _ => None,
    });
    Ok(Surveys { open: open.collect(), ended: campaign::read(reader.memo(campaign::MEMO)?.as_deref()) })
}

/// One of them as the page shows it.
fn told(outcome: &Outcome, state: &str, before: Option<&Outcome>) -> Value {
    json!({
        "number": outcome.number, "said": outcome.number.to_string(), "state": state, "name": outcome.name,
        "kind": outcome.kind.name(), "from": outcome.from, "to": outcome.to, "answers": outcome.answers,
        "results": outcome.told(before), "before": before.map(|before| before.from),
    })
}

/// `GET /api/surveys`: the newest first.
pub async fn list(State(room): State<Shared>) -> Result<Json<Value>, Refused> {
    let Surveys { open, ended } = room.readers.read(look).await?;
    let open = open.iter().map(|(number, one)| {
        let state = match one.phase {
            Phase::Proposed => "proposed",
            Phase::Planned => "planned",
            _ => "running",
        };
        told(&one.outcome(*number), state, one.before.as_ref())
    });
    let over = ended
        .iter()
        .enumerate()
        .rev()
        .map(|(nth, outcome)| told(outcome, "ended", campaign::last_of(&ended[..nth], outcome.kind)));
    Ok(Json(json!({ "surveys": open.chain(over).collect::<Vec<_>>() })))
}

/// `GET /api/surveys.csv`: the ended ones, a line a question. All values are numbers, days and words of closed lists.
pub async fn csv(State(room): State<Shared>) -> Result<Response, Refused> {
    let ended = room.readers.read(look).await?.ended;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"lobbyd-surveys.csv\""),
    ];
    Ok((headers, lines(&ended)).into_response())
}

fn lines(ended: &[Outcome]) -> String {
    let mut text = "survey,kind,from,to,question,answers,mean,before,one,two,three,four,five\r\n".to_owned();
    for (nth, outcome) in ended.iter().enumerate() {
        let before = campaign::last_of(&ended[..nth], outcome.kind);
        let Outcome { number, kind, from, to, .. } = outcome;
        for counted in &outcome.results {
            let earlier = before.and_then(|before| before.results.iter().find(|old| old.code == counted.code));
            let mean = |mean: Option<f64>| mean.map(|mean| format!("{mean:.2}")).unwrap_or_default();
            let (now, then) = (mean(counted.mean()), mean(earlier.and_then(campaign::Counted::mean)));
            let [one, two, three, four, five] = counted.stars;
            let (code, answers) = (&counted.code, counted.answers());
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "{},{},{from},{to},{code},{answers},{now},{then},{one},{two},{three},{four},{five}\r\n",
                String::from(*number),
                kind.name()
            );
        }
    }
    text
}
