//! The demo's staff: made up, with PINs that stand on the demo's page. They sign in on the guards' page like anybody.

use crate::config::staff::{self, Member};
use crate::console::secret;
use crate::event::Slug;
use crate::service::assign::Skill;
use crate::service::staff::{Actor, Role, Via};
use anyhow::anyhow;
use std::path::Path;

struct Person {
    id: &'static str,
    name: &'static str,
    role: Role,
    post: &'static str,
    pin: &'static str,
    trades: &'static [&'static str],
}

const STAFF: [Person; 5] = [
    Person { id: "wang", name: "王建", role: Role::Guard, post: "gate-east", pin: "58203741", trades: &[] },
    Person { id: "li", name: "李娜", role: Role::ShiftLeader, post: "patrol", pin: "40917356", trades: &[] },
    Person { id: "zhou", name: "周敏", role: Role::FrontDesk, post: "front-desk", pin: "73150284", trades: &[] },
    Person {
        id: "chen",
        name: "陈师傅",
        role: Role::Engineer,
        post: "workshop",
        pin: "61840392",
        trades: &["plumbing:expert", "electric", "carpentry:learner"],
    },
    Person { id: "he", name: "何经理", role: Role::ProjectManager, post: "manager", pin: "92047518", trades: &[] },
];

/// Writes the staff's file. Hashing five PINs takes a quarter of a second.
///
/// # Errors
/// When the folder cannot be written.
pub fn sign_on(data_dir: &Path) -> anyhow::Result<()> {
    let members: Vec<Member> = STAFF.iter().map(member).collect();
    staff::edit(data_dir, |roster| {
        roster.staff = members;
        Ok(())
    })
    .map_err(|fault| anyhow!("the demo's staff cannot be written: {fault}"))
}

fn member(person: &Person) -> Member {
    Member {
        id: Slug::from_text(person.id),
        name: person.name.to_owned(),
        badge: None,
        role: person.role,
        posts: Vec::new(),
        trades: person.trades.iter().filter_map(|text| Skill::parse(text).ok()).collect(),
        hash: secret::hash(person.pin),
        disabled: false,
        must_change: false,
    }
}

/// Somebody at his post.
pub fn actor(id: &str) -> Option<Actor> {
    let person = STAFF.iter().find(|person| person.id == id)?;
    let post = Some(Slug::from_text(person.post));
    Some(Actor::staff(Slug::from_text(person.id), person.name.to_owned(), person.role, post, Via::Page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_the_guards_pin_and_it_is_one_that_may_be_used() {
        let page = include_str!("page/page.html");
        let guard = &STAFF[0];
        assert!(page.contains(guard.id) && page.contains(guard.pin));
        assert!(STAFF.iter().all(|person| secret::check(person.pin, person.id).is_ok()));
    }
}
