//! One case: its whole record, and the steps that people take with it. Who looks at a record is journaled before he sees
//! it (R308); what he may not see does not exist for him.

use super::answer::Refused;
use super::body::Body;
use super::directory;
use super::looks::is_pressing;
use super::rights::{may_open, may_see};
use super::room::Shared;
use super::session::Guard;
use crate::desk::{Answer, Command};
use crate::event::{Data, Event, Kind, Slug, data};
use crate::journal::{CaseRow, Reader, Told};
use crate::service::card;
use crate::service::case::{Source, Step, subject};
use crate::service::matter::{Matter, Opening};
use crate::service::number::{Number, Series};
use crate::service::offer::{self, Look};
use crate::service::wording;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

/// A number as it stands in a path: in full, `R-20261121-7`, or as people say it, `R-1121-07`.
fn find(reader: &Reader, text: &str) -> Result<Option<CaseRow>, crate::journal::JournalError> {
    if let Ok(number) = Number::try_from(text.to_owned()) {
        return reader.case(number);
    }
    match said(text) {
        Some((series, month_day, nth)) => reader.case_said(series, month_day, nth),
        None => Ok(None),
    }
}

fn said(text: &str) -> Option<(Series, u32, u32)> {
    let mut parts = text.split('-');
    let (letter, day, nth) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u32>().ok())?;
    let series = Series::from_letter(letter.chars().next().filter(|_| letter.len() == 1)?)?;
    let fits = parts.next().is_none() && day.len() == 4;
    fits.then_some((series, digits(day)?, digits(nth)?))
}

/// The case of this number, if this person may see it.
async fn seen(room: &Shared, guard: &Guard, text: String) -> Result<CaseRow, Refused> {
    let row = room.readers.read(move |reader| find(reader, &text)).await?;
    row.filter(|row| may_see(row, &guard.viewer())).ok_or(Refused::UNKNOWN)
}

/// `GET /api/case/{number}`.
pub async fn record(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    Path(number): Path<String>,
) -> Result<Json<Value>, Refused> {
    let case = seen(&room, &guard, number).await?.case;
    let number = case.docket.number;
    // R238: what the household asks for is a look of its own.
    let household = directory::told(&room, &case, &guard.viewer()).await;
    viewed(&room, &guard, number, if household.is_something() { "record-and-wishes" } else { "record" }).await?;
    // Read again: what is answered is not older than what was journaled.
    let look = move |reader: &Reader| Ok((reader.case(number)?, reader.history(number)?));
    let (row, history) = room.readers.read(look).await?;
    let mut record = whole(&room, &guard, &row.ok_or(Refused::UNKNOWN)?, &history);
    record["wishes"] = json!(household.wishes);
    record["hosts"] = json!(household.hosts);
    Ok(Json(record))
}

/// R308: stored before anything is shown, but for what is pressing on a full disk.
pub async fn viewed(room: &Shared, guard: &Guard, number: Number, what: &str) -> Result<(), Refused> {
    let mut facts = number.facts();
    facts.extend(data([("what", json!(what))]));
    facts.extend(guard.actor().facts());
    let person = data([("by_name", json!(guard.name))]);
    let look = Event::here(Kind::RecordViewed, subject(number), room.now(), facts).about(person);
    room.look_at(look, is_pressing(number.series)).await
}

fn whole(room: &Shared, guard: &Guard, row: &CaseRow, history: &[Told]) -> Value {
    let (case, docket, now) = (&row.case, &row.case.docket, room.now());
    let (viewer, by, roster) = (guard.viewer(), guard.actor(), room.roster.borrow().clone());
    let badge = |id: &Slug| roster.member(id.as_str())?.badge.clone();
    let name =
        |id: &Slug| roster.member(id.as_str()).filter(|member| !member.disabled).map(|member| member.name.clone());
    let desk = card::Desk { viewer: &viewer, house: &room.house, badge: &badge, name: &name, now };
    let clock = |clock: &crate::service::case::Clock| {
        json!({
            "name": clock.promise.name(), "task": clock.task, "given": clock.given, "due": clock.due.time(),
            "warned": clock.warned, "late": clock.breached, "timer": clock.promise.is_timer(),
            "pausable": clock.promise.may_pause(),
            "pause": clock.pause.map(|pause| json!({
                "obstacle": pause.obstacle.name(), "since": pause.since, "until": pause.until,
            })),
        })
    };
    // R016: name and badge of whoever did it; who is on the roster no more has none.
    let badge_of = |told: &Told| badge(&Slug::new(told.data.get("by")?.as_str()?).ok()?);
    let told = |told: &Told| {
        json!({
            "seq": told.seq, "kind": told.kind.name(), "time": told.time, "facts": told.data, "person": readable(&told.person),
            "badge": badge_of(told),
        })
    };
    json!({
        "line": card::line(case, &row.person, now.utc),
        "language": docket.language,
        "moved": docket.moved,
        "person": readable(&row.person),
        "cards": card::cards(case, &row.person, &desk),
        "steps": offer::steps(case, Look { by: &by, house: &room.house, now }),
        "promises": docket.clocks.iter().map(clock).collect::<Vec<_>>(),
        "matter": without_codes(&case.matter),
        "history": history.iter().map(told).collect::<Vec<_>>(),
    })
}

/// What a guard needs of somebody: the last digits of an identity number, not the hash by which the office knows it again.
fn readable(person: &Data) -> Data {
    let mut person = person.clone();
    person.remove("identity_ref");
    person
}

/// The codes of passes and parcels are for whoever brings one: who could read it here could say that somebody had.
fn without_codes(matter: &Matter) -> Value {
    let mut matter = serde_json::to_value(matter).expect("a matter has string keys and always serialises");
    for machine in matter.as_object_mut().into_iter().flat_map(|matter| matter.values_mut()) {
        machine.as_object_mut().map(|machine| machine.remove("code"));
    }
    matter
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Take {
    step: Step,
    /// The version that the person was looking at.
    #[serde(default)]
    seen: Option<u32>,
}

/// `POST /api/case/{number}/step`.
pub async fn step(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    Path(number): Path<String>,
    Body(take): Body<Take>,
) -> Result<Json<Value>, Refused> {
    let number = seen(&room, &guard, number).await?.case.docket.number;
    let command = Command::Move { number, step: take.step, seen: take.seen, by: guard.actor() };
    match room.desk.ask(command).await? {
        Answer::Moved { number, state, version } => {
            Ok(Json(json!({ "number": String::from(number), "state": state, "version": version })))
        }
        Answer::Objected(objection) => Err(objection.into()),
        _ => Err(Refused::BUSY),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    opening: Opening,
    #[serde(default)]
    source: Option<Source>,
}

/// `POST /api/open`: a proxy ticket (R007).
pub async fn open(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    Body(asked): Body<Open>,
) -> Result<Json<Value>, Refused> {
    if !may_open(guard.role, name_of(&asked.opening).as_deref().unwrap_or_default()) {
        return Err(Refused::RIGHT);
    }
    // At the glass and by a device nobody is signed in.
    let source = asked.source.filter(|source| !matches!(source, Source::Kiosk | Source::Daemon));
    opened(&room, &guard, asked.opening, source.unwrap_or(Source::StaffContact)).await
}

pub async fn opened(room: &Shared, guard: &Guard, opening: Opening, source: Source) -> Result<Json<Value>, Refused> {
    match room.desk.ask(Command::Open { opening, source, by: guard.actor() }).await? {
        Answer::Opened { number, .. } => {
            Ok(Json(json!({ "number": String::from(number), "said": number.to_string() })))
        }
        Answer::Objected(objection) => Err(objection.into()),
        _ => Err(Refused::BUSY),
    }
}

/// The matter that an opening begins, as it stands in JSON.
fn name_of(opening: &Opening) -> Option<String> {
    let value = serde_json::to_value(opening).ok()?;
    value.as_object()?.keys().next().cloned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lint {
    text: String,
}

/// `POST /api/lint` (R195): what must not be said to a resident, with what to say instead. Nothing of it is kept.
pub async fn lint(Body(asked): Body<Lint>) -> Json<Value> {
    let text = asked.text.as_str();
    let characters = |bytes: usize| text.char_indices().take_while(|(at, _)| *at < bytes).count();
    let hit = |hit: &wording::Hit| {
        let (from, to) = hit.at;
        json!({
            "phrase": hit.phrase, "text": &text[from..to], "at": characters(from), "replacement": hit.replacement,
            "replacement_hant": hit.replacement_hant, "rule": hit.rule, "ask_leader": hit.ask_leader,
        })
    };
    Json(json!({ "hits": wording::lint(text).iter().map(hit).collect::<Vec<_>>() }))
}

/// Facts of a journaled look at many records.
pub fn looked_at(what: &str, count: usize) -> Data {
    data([("what", json!(what)), ("count", json!(count))])
}
