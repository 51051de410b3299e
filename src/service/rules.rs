//! The version of the rules (R306): figures, posts and shifts are the company's rules, so a change needs a new version and
//! the names of those who approved it. The last version in force is remembered; the daemon does not start with changed
//! figures under an old number. A key that only a newer release knows is no change of the site's rules.

use super::house::House;
use super::price::Prices;
use crate::event::{Data, data};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Changes that an error or an event names; more is "everything".
const MAX_NAMED: usize = 40;
/// A table whose keys the company chooses: one more or less is a change, as with posts.
const CHOSEN: &str = "service.price";

/// The rules of a house as they are remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    pub version: u32,
    pub approved_by: Vec<String>,
    /// `service`, `post`, `shift`: each an object; posts and shifts by their id.
    figures: Map<String, Value>,
}

/// One figure that is not what it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// As it stands in the configuration: `service.call.missed_seconds`, `post.gate-a.doors`.
    pub key: String,
    pub old: Value,
    pub new: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotApproved {
    #[error(
        "the rules have changed but are still version {version}: raise service.version, name who approved it in \
         service.approved_by, or set back: {changed}"
    )]
    SameVersion { version: u32, changed: String },
    #[error(
        "the rules in force are version {in_force} and the configuration has version {version}: a version is never taken \
         back; put the old figures under version {next}"
    )]
    OlderVersion { in_force: u32, version: u32, next: u32 },
}

impl Rules {
    pub fn of(house: &House) -> Self {
        let value = |value: Result<Value, serde_json::Error>| value.unwrap_or(Value::Null);
        let mut service = value(serde_json::to_value(&house.figures));
        if let Some(service) = service.as_object_mut() {
            service.remove("version");
            service.remove("approved_by");
        }
        let by_id = |entries: Vec<Value>| -> Value {
            let named = entries.into_iter().filter_map(|mut entry| {
                let members = entry.as_object_mut()?;
                // What people call it is no rule.
                members.remove("name");
                Some((members.remove("id")?.as_str()?.to_owned(), entry))
            });
            Value::Object(named.collect())
        };
        let posts = by_id(house.posts.iter().map(|post| value(serde_json::to_value(post))).collect());
        let shifts = by_id(house.shifts.iter().map(|shift| value(serde_json::to_value(shift))).collect());
        // The order of posts is the order of the ladder.
        let order: Vec<&str> = house.posts.iter().map(|post| post.id.as_str()).collect();
        let figures = data([("service", service), ("post", posts), ("shift", shifts), ("order", json!(order))]);
        Rules { version: house.figures.version, approved_by: house.figures.approved_by.clone(), figures }
    }

    /// What differs from the rules that were in force; `None` where nothing does.
    ///
    /// # Errors
    /// When something differs and the version has not risen, or has fallen.
    pub fn since(&self, in_force: &Rules) -> Result<Option<Vec<Change>>, NotApproved> {
        if self.version < in_force.version {
            let (version, next) = (self.version, in_force.version.saturating_add(1));
            return Err(NotApproved::OlderVersion { in_force: in_force.version, version, next });
        }
        let changes = self.changes(in_force);
        if self.version > in_force.version {
            return Ok(Some(changes));
        }
        if changes.is_empty() {
            return Ok(None);
        }
        let changed: Vec<&str> = changes.iter().take(MAX_NAMED).map(|change| change.key.as_str()).collect();
        Err(NotApproved::SameVersion { version: self.version, changed: changed.join(", ") })
    }

    /// What is in force by the company's will and is not named in a text of rules (`service`, `post`, `shift`, as in the configuration):
    /// it would become what a release brings, or nothing, and nobody has said so. Rules come whole, as a directory does. A list that is
    /// there is the whole list: what it leaves out is meant to go.
    pub fn unnamed(&self, named: &Value) -> Vec<String> {
        let has_any =
            |list: &str| self.figures.get(list).and_then(Value::as_object).is_some_and(|list| !list.is_empty());
        let lists = ["post", "shift"].into_iter().filter(|list| has_any(list) && named.get(list).is_none());
        let mut unnamed: Vec<String> = lists.map(|list| format!("[[{list}]]")).collect();
        let release = Rules::of(&House::bare(chrono_tz::UTC));
        for change in self.changes(&release).into_iter().filter(|change| change.key.starts_with("service.")) {
            let key = if change.key.starts_with(CHOSEN) { CHOSEN } else { &change.key };
            if named.pointer(&format!("/{}", key.replace('.', "/"))).is_none() {
                unnamed.push(format!("{} = {}", change.key, change.new));
            }
        }
        unnamed.truncate(MAX_NAMED);
        unnamed
    }

    fn changes(&self, old: &Rules) -> Vec<Change> {
        let mut changes = Vec::new();
        for section in ["service", "post", "shift", "order"] {
            let none = Value::Null;
            let (was, is) = (old.figures.get(section).unwrap_or(&none), self.figures.get(section).unwrap_or(&none));
            // A post more or less is a change; a figure more or less comes with a release.
            compare(section, was, is, section != "service", &mut changes);
        }
        changes
    }
}

fn compare(key: &str, old: &Value, new: &Value, entries_count: bool, changes: &mut Vec<Change>) {
    let (Value::Object(was), Value::Object(is)) = (old, new) else {
        if old != new {
            changes.push(Change { key: key.to_owned(), old: old.clone(), new: new.clone() });
        }
        return;
    };
    for (name, new) in is {
        let key = format!("{key}.{name}");
        let chosen = key == CHOSEN;
        match was.get(name) {
            Some(old) => compare(&key, old, new, chosen, changes),
            // A release before knew no such list: what it had is what a release brings.
            None if chosen => compare(&key, &json!(Prices::default()), new, chosen, changes),
            None if entries_count => changes.push(Change { key, old: Value::Null, new: new.clone() }),
            None => {}
        }
    }
    if entries_count {
        for (name, old) in was.iter().filter(|(name, _)| !is.contains_key(*name)) {
            changes.push(Change { key: format!("{key}.{name}"), old: old.clone(), new: Value::Null });
        }
    }
}

/// What `rules.changed` says: the old and the new figures and who approved them.
pub fn told(in_force: &Rules, new: &Rules, changes: &[Change]) -> Data {
    let named: Vec<Value> = changes
        .iter()
        .take(MAX_NAMED)
        .map(|change| json!({"key": change.key, "old": change.old, "new": change.new}))
        .collect();
    data([
        ("from", json!(in_force.version)),
        ("to", json!(new.version)),
        ("approved_by", json!(new.approved_by)),
        ("changes", json!(changes.len())),
        ("changed", json!(named)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Slug;
    use crate::service::house::{Duty, Post};
    use crate::service::price::Range;

    fn house(version: u32) -> House {
        let post = |id: &str| Post {
            id: Slug::new(id).unwrap(),
            name: Some("门岗".into()),
            takes: vec![Duty::Call],
            superior: None,
            fixed: false,
            doors: Vec::new(),
            shifts: Vec::new(),
        };
        let mut house = House::bare(chrono_tz::Asia::Shanghai);
        house.posts = vec![post("gate-a"), post("gate-b")];
        house.figures.version = version;
        house
    }

    #[test]
    fn a_changed_figure_needs_a_new_version() {
        let old = Rules::of(&house(1));
        let mut changed = house(1);
        changed.figures.call.missed_seconds = 90;
        changed.posts[0].fixed = true;
        let message = Rules::of(&changed).since(&old).unwrap_err().to_string();
        for part in ["version 1", "service.call.missed_seconds", "post.gate-a.fixed"] {
            assert!(message.contains(part), "{message}");
        }
        changed.figures.version = 2;
        changed.figures.approved_by = vec!["客服部经理".into(), "管理层".into()];
        let new = Rules::of(&changed);
        let changes = new.since(&old).unwrap().unwrap();
        assert_eq!(changes.len(), 2);
        let told = told(&old, &new, &changes);
        assert_eq!((&told["from"], &told["to"]), (&json!(1), &json!(2)));
        assert!(told["changed"].to_string().contains("60") && told["changed"].to_string().contains("90"));
        assert!(matches!(old.since(&new), Err(NotApproved::OlderVersion { next: 3, .. })));
    }

    #[test]
    fn a_post_more_or_a_ladder_in_another_order_is_a_change_a_new_name_is_none() {
        let old = Rules::of(&house(1));
        let mut renamed = house(1);
        renamed.posts[0].name = Some("东门岗".into());
        assert_eq!(Rules::of(&renamed).since(&old), Ok(None));
        let mut turned = house(1);
        turned.posts.reverse();
        assert!(Rules::of(&turned).since(&old).is_err());
        let mut less = house(1);
        less.posts.pop();
        assert!(Rules::of(&less).since(&old).unwrap_err().to_string().contains("post.gate-b"));
    }

    #[test]
    fn a_price_more_or_less_is_a_change_also_where_the_release_before_had_no_list() {
        let mut old = Rules::of(&house(1));
        let mut priced = house(1);
        priced.figures.price.0.insert("14".into(), Range { from: 8000, to: 8000 });
        let with = Rules::of(&priced);
        let message = |new: &Rules, old: &Rules| new.since(old).unwrap_err().to_string();
        assert!(message(&with, &old).contains("service.price.14"));
        assert!(message(&old, &with).contains("service.price.14"));
        old.figures.get_mut("service").and_then(Value::as_object_mut).unwrap().remove("price");
        assert_eq!(Rules::of(&house(1)).since(&old), Ok(None), "a release that brings the list starts");
        assert!(message(&with, &old).contains("service.price.14"));
    }

    #[test]
    fn rules_that_leave_out_what_is_in_force_are_not_whole() {
        let mut house = house(3);
        assert_eq!(Rules::of(&house).unnamed(&json!({"service": {}})), ["[[post]]"]);
        assert!(Rules::of(&house).unnamed(&json!({"service": {}, "post": []})).is_empty(), "they are meant to go");
        house.figures.call.missed_seconds = 90;
        house.figures.price.0.insert("14".into(), Range { from: 8000, to: 8000 });
        let unnamed = Rules::of(&house).unnamed(&json!({"service": {"call": {"next_post_seconds": 20}}, "post": []}));
        assert_eq!(unnamed, ["service.call.missed_seconds = 90", "service.price.14 = {\"from\":8000,\"to\":8000}"]);
        let whole = json!({"service": {"call": {"missed_seconds": 60}, "price": {}}, "post": []});
        assert!(Rules::of(&house).unnamed(&whole).is_empty(), "set back in so many words");
    }

    #[test]
    fn a_release_that_brings_a_new_figure_starts() {
        let mut old = Rules::of(&house(1));
        let service = old.figures.get_mut("service").and_then(Value::as_object_mut).unwrap();
        service.get_mut("call").and_then(Value::as_object_mut).unwrap().remove("missed_seconds");
        assert_eq!(Rules::of(&house(1)).since(&old), Ok(None));
    }
}
