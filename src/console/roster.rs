//! Follows the list of staff: who is taken off it, disabled, reset or given another role is signed out at once. What has
//! changed since the last time, also before a restart, is journaled by the desk with ids and without names or hashes.

use super::answer::Refused;
use super::room::Shared;
use crate::config::staff::{Member, Roster, Watch};
use crate::desk::{Answer, Command};
use crate::event::Slug;
use crate::service::staff::Actor;
use crate::service::staff_list::{Change, Listed, changes};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// How often the file is looked at: whoever disables somebody wants to see it happen.
const EVERY: Duration = Duration::from_secs(2);
/// Bytes of a fingerprint: enough to see that something has changed.
const FINGERPRINT: usize = 8;

pub struct Following {
    watch: Watch,
    /// The desk has heard of the list as it is. It may have to hear it again: a full disk takes nothing.
    told: bool,
}

impl Following {
    pub fn begin(room: &Shared) -> Self {
        Following { watch: Watch::new(&room.data_dir), told: false }
    }

    /// Runs until the console stops.
    pub async fn run(mut self, room: Shared) {
        let mut tick = tokio::time::interval(EVERY);
        loop {
            tick.tick().await;
            self.look(&room).await;
        }
    }

    /// Takes up the list if it has changed. The last good one stays where the new one cannot be read.
    pub async fn look(&mut self, room: &Shared) {
        match self.watch.look() {
            None => {}
            Some(Err(error)) => tracing::error!("{error}"),
            Some(Ok(roster)) => {
                let roster = Arc::new(roster);
                let before = room.roster.send_replace(roster.clone());
                sign_out(room, &changes(&listed(&before), &listed(&roster))).await;
                self.told = false;
            }
        }
        if !self.told {
            // What cannot be stored now is told at the next look.
            self.told = tell(room, None).await.is_ok();
        }
    }
}

/// Tells the desk who may sign in. `by`: somebody has changed his own secret.
///
/// # Errors
/// When it cannot be stored.
pub async fn tell(room: &Shared, by: Option<Actor>) -> Result<(), Refused> {
    let list = listed(&room.roster.borrow());
    match room.desk.ask(Command::Staff { list, by }).await? {
        // The desk knows the list of before a restart: who was reset meanwhile still has a session here.
        Answer::Staff(changes) => sign_out(room, &changes).await,
        _ => return Err(Refused::BUSY),
    }
    Ok(())
}

async fn sign_out(room: &Shared, changes: &[Change]) {
    let out: Vec<Slug> = changes.iter().filter(|change| change.out).map(|change| change.id.clone()).collect();
    room.sessions().end_of(&out, None);
    for change in changes {
        room.throttle().forget(change.id.as_str());
    }
    room.keep_sessions().await;
}

fn listed(roster: &Roster) -> Vec<Listed> {
    roster.staff.iter().map(list).collect()
}

fn list(member: &Member) -> Listed {
    // The hash is salted, so that nobody reads a name out of a fingerprint.
    let must_change = if member.must_change { "must-change" } else { "" };
    let rest = [&member.hash, &member.name, member.badge.as_deref().unwrap_or_default(), must_change];
    Listed {
        id: member.id.clone(),
        role: member.role,
        posts: member.posts.clone(),
        disabled: member.disabled,
        trades: member.trades.clone(),
        secret: fingerprint(&[&member.hash]),
        rest: fingerprint(&rest),
    }
}

fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(FINGERPRINT).map(|byte| format!("{byte:02x}")).collect()
}
