//! Who a staff id is, for replies over MQTT. Nobody proves there who he is; only the broker's access rules say which post a
//! handset speaks for. So the list gives a name, and a role no higher than the post's own people have.

use crate::config::staff::{Member, Roster, Watch};
use crate::dispatch::{Badge, Staff};
use crate::event::Slug;
use crate::service::staff::Role;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The list as it is at that moment; where it cannot be read, the last good one.
struct Known(Mutex<(Watch, Roster)>);

impl Known {
    fn new(data_dir: &Path) -> Self {
        Known(Mutex::new((Watch::new(data_dir), Roster::default())))
    }

    fn member(&self, id: &Slug) -> Option<Member> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (watch, roster) = &mut *seen;
        // Of a list that cannot be read the page says what is wrong with it.
        if let Some(Ok(changed)) = watch.look() {
            *roster = changed;
        }
        roster.member(id.as_str()).filter(|member| !member.disabled).cloned()
    }
}

pub fn known(data_dir: &Path) -> Staff {
    let list = Known::new(data_dir);
    Box::new(move |id, post| list.member(id).map(|member| (member.name.clone(), role_at(&member, post))))
}

/// What stands on the work card (R016).
pub fn badges(data_dir: &Path) -> Badge {
    let list = Known::new(data_dir);
    Box::new(move |id| list.member(id)?.badge)
}

/// A role counts at the posts that the list names for it; elsewhere its owner is one guard among others.
fn role_at(member: &Member, post: &Slug) -> Role {
    if member.posts.contains(post) { member.role } else { Role::Guard }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::staff;

    #[test]
    fn a_handset_at_the_gate_does_not_become_the_manager_by_writing_his_id() {
        let slug = |text| Slug::new(text).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let manager = Member {
            id: slug("he"),
            name: "测试甲".into(),
            badge: Some("M001".into()),
            role: Role::ProjectManager,
            posts: vec![slug("manager")],
            trades: vec![],
            hash: String::new(),
            disabled: false,
            must_change: false,
        };
        staff::edit(dir.path(), |roster| {
            roster.staff.push(manager);
            Ok(())
        })
        .unwrap();
        let known = known(dir.path());
        assert_eq!(known(&slug("he"), &slug("manager")), Some(("测试甲".into(), Role::ProjectManager)));
        assert_eq!(known(&slug("he"), &slug("gate-a")), Some(("测试甲".into(), Role::Guard)));
        assert_eq!(known(&slug("nobody"), &slug("gate-a")), None);
        assert_eq!(badges(dir.path())(&slug("he")).as_deref(), Some("M001"));
    }
}
