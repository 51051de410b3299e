//! What the office sends that is kept apart from the journal: parts of a directory. The command's record is on disk already; what has
//! become of it is journaled before it is answered.

use crate::desk::{Command, Desk};
use crate::directory::{Keeper, Outcome};
use crate::event::{Data, Event, Kind, Now, Slug, data};
use crate::service::directory::update::{self, Part};
use crate::service::office_command::Objection;
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};

/// # Errors
/// When the part is not taken: what was in force is in force.
pub async fn keep(directory: Arc<Mutex<Keeper>>, desk: &Desk, part: Part, now: Now) -> Result<Data, Objection> {
    let version = part.version.clone();
    // Whoever panicked in there has left a draft that nobody reads.
    let taken = move || directory.lock().unwrap_or_else(PoisonError::into_inner).take(&part);
    let taken = tokio::task::spawn_blocking(taken).await;
    let taken = taken.unwrap_or_else(|_| Err(update::Objection::Storage("its keeper has failed".into())));
    let (kind, facts) = match &taken {
        Ok(Outcome::Waits { missing, first }) => {
            return Ok(data([
                ("in_force", json!(false)),
                ("missing", json!(missing)),
                ("first_missing", json!(first)),
            ]));
        }
        Ok(Outcome::InForce(now)) => {
            (Kind::DirectoryUpdated, update::told(&now.version, now.units, now.vacant, now.hosts))
        }
        Err(why) => (Kind::DirectoryRefused, data([("version", json!(version)), ("reason", json!(why.code()))])),
    };
    let event = Event::here(kind, Slug::from_text("directory"), now, facts.clone());
    if let Err(refusal) = desk.ask(Command::Record(event)).await {
        tracing::warn!(%refusal, "what has become of a directory was not stored");
    }
    let mut told = taken.map(|_| facts)?;
    told.insert("in_force".into(), json!(true));
    Ok(told)
}
