//! The directory on the guards' page: what a household asks of whoever comes (R238), in an opened record, for whoever holds a task of
//! that case; and who is asked for at the counter or on the phone, by unit, name or initials. Each search is journaled before it is
//! answered (R308), without what was looked for. Must never stand on the board, in a list or in an event.

use super::answer::Refused;
use super::body::Body;
use super::room::Shared;
use super::session::Guard;
use crate::directory::{Directory, DirectoryError, Found, Watch};
use crate::event::{Data, Kind, data};
use crate::service::card::{self, Viewer};
use crate::service::case::Case;
use crate::service::contact::Unit;
use crate::service::directory::search::Query;
use crate::service::directory::{Host, Household, Wishes};
use crate::service::matter::Matter;
use axum::extract::State;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How often the file is looked at: it changes a few times a month.
const EVERY: Duration = Duration::from_secs(5);
/// People that one search shows: who sees more than a page of them must say more of the name.
const MOST: usize = 20;

pub fn first(room: &Shared) -> Watch {
    Watch::new(&room.data_dir)
}

/// Runs until the console stops.
pub async fn follow(room: Shared) {
    let mut watch = first(&room);
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        look(&room, &mut watch);
    }
}

/// Takes up another version. The last good one stays; the daemon has said what is wrong with the new one.
pub fn look(room: &Shared, watch: &mut Watch) {
    if let Some(Ok(directory)) = watch.look() {
        room.directory.send_replace(Some(Arc::new(directory)));
    }
}

/// Asks the directory where SQLite holds nobody up; `None` where there is none.
async fn ask<T: Send + 'static>(
    room: &Shared,
    question: impl FnOnce(&Directory) -> Result<T, DirectoryError> + Send + 'static,
) -> Result<Option<T>, Refused> {
    let Some(directory) = room.directory.borrow().clone() else { return Ok(None) };
    match tokio::task::spawn_blocking(move || question(&directory)).await {
        Ok(Ok(found)) => Ok(Some(found)),
        Ok(Err(error)) => {
            tracing::error!(%error, "the guards' page cannot read the directory");
            Err(Refused::STORAGE)
        }
        Err(_) => Err(Refused::BUSY),
    }
}

/// What whoever holds a task of this case is told of its household.
#[derive(Default)]
pub struct Told {
    pub wishes: Option<Wishes>,
    /// Whom to call for a visitor: of a visit only. Whoever has reported a repair has said how to reach him.
    pub hosts: Vec<Host>,
}

impl Told {
    pub fn is_something(&self) -> bool {
        self.wishes.is_some() || !self.hosts.is_empty()
    }
}

/// Nothing for whoever holds none of its tasks; a directory that cannot be read asks for nothing.
pub async fn told(room: &Shared, case: &Case, viewer: &Viewer) -> Told {
    if !card::holds(case, viewer) {
        return Told::default();
    }
    let unit = case.docket.facts.get("unit").and_then(Value::as_str).and_then(|unit| Unit::parse(unit).ok());
    let Some(unit) = unit else { return Told::default() };
    let household = ask(room, move |directory| directory.household(&unit)).await.ok().flatten().flatten();
    let Some(Household { wishes, hosts, .. }) = household else { return Told::default() };
    let is_visit = matches!(case.matter, Matter::Visit(_));
    Told { wishes: Some(wishes).filter(|wishes| !wishes.are_none()), hosts: if is_visit { hosts } else { Vec::new() } }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    q: String,
}

/// `POST /api/directory`: who begins like this, and how to reach them. Also says whether there is a directory at all. In the body: an
/// address stands in histories and logs, and this is somebody's name.
pub async fn search(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    Body(asked): Body<Asked>,
) -> Result<Json<Value>, Refused> {
    let known = room.directory.borrow().is_some();
    let Some(query) = Query::of(&asked.q) else {
        return Ok(Json(json!({ "known": known, "found": [], "more": false })));
    };
    let found = ask(&room, move |directory| directory.search(&query, MOST + 1)).await?.unwrap_or_default();
    let facts = data([("what", json!("directory")), ("found", json!(found.len().min(MOST)))]);
    room.record_of(&guard, Kind::RecordViewed, facts, Data::new()).await?;
    let line = |found: &Found| {
        let host = found.host.as_ref();
        json!({
            "unit": found.unit,
            "vacant": found.vacant,
            "name": host.map(|host| &host.name),
            "phone": host.and_then(|host| host.phone.as_ref()),
            "language": host.and_then(|host| host.language.as_ref()),
        })
    };
    let lines: Vec<Value> = found.iter().take(MOST).map(line).collect();
    Ok(Json(json!({ "known": known, "found": lines, "more": found.len() > MOST })))
}
