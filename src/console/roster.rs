//! Follows the list of staff: who is taken off it, disabled, reset or given another role is signed out at once. What has
//! changed is journaled with ids and without names or hashes.

use super::room::Shared;
use crate::config::staff::{Member, Roster, Watch};
use crate::event::{Data, Kind, Slug, data};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// How often the file is looked at: whoever disables somebody wants to see it happen.
const EVERY: Duration = Duration::from_secs(2);

pub fn first(room: &Shared) -> Watch {
    Watch::new(&room.data_dir)
}

/// Runs until the console stops.
pub async fn follow(room: Shared) {
    let mut watch = first(&room);
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        look(&room, &mut watch).await;
    }
}

/// Takes up the list if it has changed. The last good one stays where the new one cannot be read.
pub async fn look(room: &Shared, watch: &mut Watch) {
    match watch.look() {
        None => {}
        Some(Err(error)) => tracing::error!("{error}"),
        Some(Ok(roster)) => take_up(room, Arc::new(roster)).await,
    }
}

async fn take_up(room: &Shared, roster: Arc<Roster>) {
    let before = room.roster.send_replace(roster.clone());
    let changes = changes(&before, &roster);
    let out: Vec<Slug> = changes.iter().filter(|change| change.out).map(|change| change.id.clone()).collect();
    room.sessions().end_of(&out, None);
    room.keep_sessions().await;
    for change in changes {
        room.throttle().forget(change.id.as_str());
        let facts = data([("staff", json!(change.id)), ("what", json!(change.what)), ("role", json!(change.role))]);
        if let Err(refused) = room.record(Kind::StaffChanged, change.id, facts, Data::new()).await {
            tracing::warn!(code = refused.code, "a change of the staff was not recorded");
        }
    }
}

#[derive(Debug, PartialEq)]
struct Change {
    id: Slug,
    what: &'static str,
    role: Option<&'static str>,
    /// His sessions end.
    out: bool,
}

/// At a start everybody is new: so the journal holds at each start who could sign in.
fn changes(before: &Roster, after: &Roster) -> Vec<Change> {
    let role = |member: &Member| Some(member.role.name());
    let gone = before.staff.iter().filter(|member| after.member(member.id.as_str()).is_none());
    let gone = gone.map(|member| Change { id: member.id.clone(), what: "removed", role: role(member), out: true });
    let others = after.staff.iter().filter_map(|member| {
        let known = before.member(member.id.as_str());
        let (what, out) = known.map_or(Some(("listed", false)), |known| change(known, member))?;
        Some(Change { id: member.id.clone(), what, role: role(member), out })
    });
    gone.chain(others).collect()
}

fn change(known: &Member, member: &Member) -> Option<(&'static str, bool)> {
    if known == member {
        None
    } else if member.disabled && !known.disabled {
        Some(("disabled", true))
    } else if known.disabled && !member.disabled {
        Some(("enabled", false))
    } else if known.hash != member.hash {
        Some(("reset", true))
    } else {
        Some(("edited", known.role != member.role || known.posts != member.posts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::staff::Role;

    fn roster(entries: &[(&str, &str, bool)]) -> Roster {
        let member = |(id, hash, disabled): &(&str, &str, bool)| Member {
            id: Slug::new(id).unwrap(),
            name: "测试甲".into(),
            badge: None,
            role: Role::Guard,
            posts: vec![],
            hash: (*hash).into(),
            disabled: *disabled,
            must_change: false,
        };
        Roster { staff: entries.iter().map(member).collect() }
    }

    #[test]
    fn who_is_disabled_reset_or_removed_is_signed_out_and_nobody_else() {
        let before = roster(&[("a", "1", false), ("b", "1", false), ("c", "1", false), ("d", "1", false)]);
        let after = roster(&[("a", "1", true), ("b", "2", false), ("d", "1", false), ("e", "1", false)]);
        let told: Vec<_> = changes(&before, &after).iter().map(|c| (c.id.to_string(), c.what, c.out)).collect();
        let expected = [("c", "removed", true), ("a", "disabled", true), ("b", "reset", true), ("e", "listed", false)];
        assert_eq!(told, expected.map(|(id, what, out)| (id.to_owned(), what, out)));
    }
}
