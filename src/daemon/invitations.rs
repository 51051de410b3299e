//! Hands what waits in the folder `invitations` to the desk: `lobbyd invite` of a small site puts it there.

use crate::config::invitations::{Waiting, refused, taken, waiting};
use crate::desk::{Answer, Command, Desk};
use std::path::PathBuf;
use std::time::Duration;

/// How often the folder is looked at: a guest takes longer to come.
const EVERY: Duration = Duration::from_secs(5);

/// Runs for as long as the daemon.
pub async fn follow(data_dir: PathBuf, desk: Desk) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        match waiting(&data_dir) {
            Ok(found) => {
                for file in found {
                    take_up(file, &desk).await;
                }
            }
            Err(error) => tracing::error!(%error, "the folder of invitations cannot be read"),
        }
    }
}

/// A name of a file stands in the log, never what is in it.
async fn take_up(waiting: Waiting, desk: &Desk) {
    let file = &waiting.file;
    let answer = match waiting.token {
        Some(token) => desk.ask(Command::Invite(token)).await,
        None => {
            tracing::warn!(file = %file.display(), "this is no invitation; it is put aside");
            return report(refused(file));
        }
    };
    match answer {
        Ok(Answer::NotInvited(why)) => {
            tracing::warn!(file = %file.display(), reason = why.code(), "an invitation was refused; it is put aside");
            report(refused(file));
        }
        Ok(_) => report(taken(file)),
        // It stays and is taken up when the journal can be written again.
        Err(refusal) => tracing::warn!(%refusal, "an invitation could not be stored"),
    }
}

fn report(done: std::io::Result<()>) {
    if let Err(error) = done {
        tracing::error!(%error, "a file of an invitation could not be moved away");
    }
}
