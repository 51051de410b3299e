//! Hands what `lobbyd person` asks to the desk, and answers. The reference by which the office knows a person is made here, where the site's
//! key is.

use super::site_key;
use crate::config::requests::{Waiting, waiting};
use crate::desk::{Answer, Command, Desk};
use crate::device::SiteKey;
use crate::service::person::{Outcome, Request, Taken, What};
use std::path::PathBuf;
use std::time::Duration;

/// How often the folder is looked at: somebody waits at a terminal.
const EVERY: Duration = Duration::from_secs(1);

/// Runs for as long as the daemon.
pub async fn follow(data_dir: PathBuf, desk: Desk) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        match waiting(&data_dir) {
            Ok(found) => {
                for request in found {
                    carry_out(request, &data_dir, &desk).await;
                }
            }
            Err(error) => tracing::error!(%error, "the folder of requests cannot be read"),
        }
    }
}

/// Taken up first: whoever loses patience while the desk is at it must not hear that nothing was done.
async fn carry_out(mut waiting: Waiting, data_dir: &std::path::Path, desk: &Desk) {
    match waiting.take() {
        Ok(true) => {}
        Ok(false) => return,
        Err(error) => return tracing::error!(%error, "a request about a person could not be taken up"),
    }
    let outcome = match &waiting.request {
        None => Outcome::Refused("this is no request".into()),
        Some(request) => match reference(request, data_dir) {
            Err(error) => Outcome::Refused(format!("the site's key cannot be read: {error}")),
            Ok(reference) => {
                let request = Box::new(request.clone());
                match desk.ask(Command::Person { request, reference }).await {
                    Ok(Answer::Person(outcome)) => outcome,
                    Ok(_) => Outcome::Refused("the desk has not understood it".into()),
                    // It stays and is taken up when the journal can be written again.
                    Err(refusal) => {
                        tracing::warn!(%refusal, "a request about a person could not be carried out");
                        if let Err(error) = waiting.put_back() {
                            tracing::error!(%error, "nor can whoever asked take it back");
                        }
                        return;
                    }
                }
            }
        },
    };
    // A backup does not wait.
    let is_left = matches!(&waiting.request, Some(Request::Taken(Taken { what: What::Backup, .. })));
    if let (true, Outcome::Refused(why)) = (is_left, &outcome) {
        tracing::error!(why, "that a backup was taken could not be journaled");
    }
    if let Err(error) = if is_left { waiting.forget() } else { waiting.answer(&outcome) } {
        tracing::error!(%error, "a request about a person could not be answered");
    }
}

fn reference(request: &Request, data_dir: &std::path::Path) -> std::io::Result<Option<String>> {
    let Some(wanted) = request.wanted() else { return Ok(None) };
    let key = SiteKey::new(site_key::load(data_dir)?);
    let digest = u128::from_be_bytes(key.digest("person", &[wanted.digits().as_bytes()]));
    Ok(Some(format!("{digest:032x}")))
}
