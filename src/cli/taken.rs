//! Who takes a copy of the journal with names in it: said by himself, or the user of the system where a timer does it. Handed to the daemon as a
//! request, on disk before a byte is copied (R308); one that does not run journals it at its next start.

use crate::config::{Config, requests};
use crate::event::Id;
use crate::service::contact::Text;
use crate::service::person::{By, Outcome, Request, Taken, What};
use anyhow::{Context, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use std::io::ErrorKind;
use std::time::{Duration, Instant};

/// How long the daemon may take: it looks once a second.
const PATIENCE: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(50);
/// Characters of a user that are journaled.
const MAX_USER: usize = 20;
/// Where there is no name for a user.
const NOBODY: &str = "user";

/// What is taken.
pub(super) struct Copy {
    pub what: What,
    pub at: DateTime<Utc>,
    pub events: u64,
    pub span: Option<(u64, u64)>,
    pub file: Option<String>,
}

/// Hands it over. `author`: nobody where a timer takes it.
pub(super) fn tell(config: &Config, copy: Copy, author: Option<&Text>) -> anyhow::Result<()> {
    let Copy { what, at, events, span, file } = copy;
    let (by, author) = match author {
        Some(author) => (By::Author, author.clone()),
        None => (By::User, user()?),
    };
    let taken = Taken { id: Id::random().to_string(), what, at, events, span, file, by, author };
    if let Err(why) = taken.check() {
        bail!("nothing was done: {why}");
    }
    let (name, request) = (taken.id.clone(), Request::Taken(taken));
    let asked = match requests::ask(&config.data_dir, &name, &request) {
        Ok(asked) => asked,
        // A card that dies, or is full: then a copy is needed most.
        Err(error) if matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::StorageFull) => {
            eprintln!("that this is taken cannot be noted ({error}): note it on paper, with the time and who takes it");
            return Ok(());
        }
        Err(error) => {
            return Err(error).with_context(|| {
                format!(
                    "nothing was taken: {} cannot be written, where it is told who takes it: run this as the user that runs lobbyd, or as root",
                    config.data_dir.display()
                )
            });
        }
    };
    // The nightly one waits for nobody.
    let until = Instant::now() + if what == What::Export { PATIENCE } else { Duration::ZERO };
    while Instant::now() < until {
        match asked.answer() {
            Some(Outcome::Refused(why)) => bail!("nothing was taken: {why}"),
            Some(_) => return Ok(()),
            None => std::thread::sleep(LOOK),
        }
    }
    if what == What::Export {
        eprintln!("lobbyd does not answer: that this was taken is journaled when it next runs");
    }
    Ok(())
}

/// What stands in each line of an export (R308), as members of the envelope.
pub(super) fn mark(author: &Text, at: DateTime<Utc>) -> Vec<u8> {
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let text = serde_json::json!({ "exportedby": author.as_str(), "exportedat": at }).to_string();
    text.into_bytes().split_off(1)
}

/// Who is logged in, also behind sudo; with a timer the user under which it runs.
fn user() -> anyhow::Result<Text> {
    let name = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER")).or_else(|_| std::env::var("LOGNAME"));
    // SAFETY: geteuid has no preconditions and cannot fail.
    let id = unsafe { libc::geteuid() };
    let name = name.ok().filter(|name| !name.is_empty()).unwrap_or_else(|| format!("{NOBODY} {id}"));
    let name: String = name.chars().take(MAX_USER).collect();
    Text::parse(&name).or_else(|_| Text::parse(&format!("{NOBODY} {id}"))).map_err(|why| anyhow::anyhow!("{why}"))
}
