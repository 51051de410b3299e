//! Who may sign in, as the journal remembers it: enough to say what has changed since, with ids and roles and without names or
//! secrets. It decides nothing about rights.

use super::assign::Skill;
use super::staff::Role;
use crate::event::{Data, Slug, data};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// One member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    pub id: Slug,
    pub role: Role,
    pub posts: Vec<Slug>,
    pub disabled: bool,
    /// R074.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trades: Vec<Skill>,
    /// Fingerprints: of the secret's hash, and of everything that is not told here.
    pub secret: String,
    pub rest: String,
}

/// What has become of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub id: Slug,
    pub what: &'static str,
    pub role: Role,
    /// His sessions end.
    pub out: bool,
}

impl Change {
    /// As it stands in the event.
    pub fn facts(&self) -> Data {
        data([("staff", json!(self.id)), ("what", json!(self.what)), ("role", json!(self.role))])
    }
}

/// Somebody has another secret.
pub const RESET: &str = "reset";

/// What differs: those who are gone first, then in the order of the new list.
pub fn changes(before: &[Listed], after: &[Listed]) -> Vec<Change> {
    let find = |list: &[Listed], id: &Slug| list.iter().position(|member| member.id == *id);
    let tell = |member: &Listed, (what, out)| Change { id: member.id.clone(), what, role: member.role, out };
    let gone = before.iter().filter(|member| find(after, &member.id).is_none());
    let gone = gone.map(|member| tell(member, ("removed", true)));
    let others = after.iter().filter_map(|member| {
        let known = find(before, &member.id).map(|at| &before[at]);
        known.map_or(Some(("listed", false)), |known| change(known, member)).map(|change| tell(member, change))
    });
    gone.chain(others).collect()
}

fn change(known: &Listed, member: &Listed) -> Option<(&'static str, bool)> {
    if known == member {
        None
    } else if member.disabled && !known.disabled {
        Some(("disabled", true))
    } else if known.disabled && !member.disabled {
        Some(("enabled", false))
    } else if known.secret != member.secret {
        Some((RESET, true))
    } else {
        Some(("edited", known.role != member.role || known.posts != member.posts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[(&str, &str, bool)]) -> Vec<Listed> {
        let member = |(id, secret, disabled): &(&str, &str, bool)| Listed {
            id: Slug::new(id).unwrap(),
            role: Role::Guard,
            posts: vec![],
            disabled: *disabled,
            trades: vec![],
            secret: (*secret).into(),
            rest: String::new(),
        };
        entries.iter().map(member).collect()
    }

    #[test]
    fn who_is_disabled_reset_or_removed_is_signed_out_and_nobody_else() {
        let before = list(&[("a", "1", false), ("b", "1", false), ("c", "1", false), ("d", "1", false)]);
        let after = list(&[("a", "1", true), ("b", "2", false), ("d", "1", false), ("e", "1", false)]);
        let told: Vec<_> = changes(&before, &after).iter().map(|c| (c.id.to_string(), c.what, c.out)).collect();
        let expected = [("c", "removed", true), ("a", "disabled", true), ("b", "reset", true), ("e", "listed", false)];
        assert_eq!(told, expected.map(|(id, what, out)| (id.to_owned(), what, out)));
        assert!(changes(&after, &after).is_empty());
    }

    #[test]
    fn another_role_signs_out_and_another_name_does_not() {
        let before = list(&[("a", "1", false), ("b", "1", false)]);
        let mut after = before.clone();
        after[0].role = Role::Engineer;
        after[1].rest = "another".into();
        let told: Vec<_> = changes(&before, &after).iter().map(|c| (c.what, c.out)).collect();
        assert_eq!(told, [("edited", true), ("edited", false)]);
    }
}
