//! A change of the directory as the office sends it: the whole of it, or what is other than in a version before; in parts, because one
//! message cannot hold a town. A version holds only when all its parts are here and fit together, all at once; until then,
//! and whenever something is wrong, the one before stays in force.

use super::{Household, MAX_UNITS, Unit};
use crate::event::{Data, data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;

/// Parts of one version. A part holds some thousand units.
pub const MAX_PARTS: u32 = 4_096;
/// Longest name of a version, characters.
const MAX_VERSION: usize = 64;
/// How a version is called that came from a table: the office's never begin like this.
pub const TABLE: &str = "table-";

/// The version of a directory that is made of a table now.
pub fn of_table(now: DateTime<Utc>) -> String {
    format!("{TABLE}{}", now.format("%Y%m%dT%H%M%S%.3fZ"))
}

/// One part of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The office's name for what will hold.
    pub version: String,
    /// What this is a difference to; none where it is the whole directory.
    #[serde(default)]
    pub base: Option<String>,
    /// From 1.
    #[serde(default = "one")]
    pub part: u32,
    #[serde(default = "one")]
    pub parts: u32,
    /// Units as they are from now on.
    #[serde(default)]
    pub set: Vec<Household>,
    /// Units that are no more; only in a difference. One that is not there is no fault.
    #[serde(default)]
    #[cfg_attr(feature = "contract", schemars(with = "Vec<String>"))]
    pub remove: BTreeSet<Unit>,
    /// It is meant that less than half of the units stay: otherwise that is half a directory.
    #[serde(default)]
    pub shrinks: bool,
}

const fn one() -> u32 {
    1
}

impl Part {
    /// # Errors
    /// What is wrong, by its place: never a word of an entry.
    pub fn check(&self) -> Result<(), String> {
        let name = |text: &str| (1..=MAX_VERSION).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if !name(&self.version) || self.version.starts_with(TABLE) {
            return Err(format!(
                "`version` must have 1 to {MAX_VERSION} visible ASCII characters and not begin with {TABLE}"
            ));
        }
        if self.base.as_deref().is_some_and(str::is_empty) {
            return Err("`base` is empty: leave it out where this is the whole directory".into());
        }
        if self.parts == 0 || self.parts > MAX_PARTS || self.part == 0 || self.part > self.parts {
            return Err(format!("`part` must be within 1 and `parts`, and `parts` within 1 and {MAX_PARTS}"));
        }
        if self.base.is_none() && !self.remove.is_empty() {
            return Err("`remove` is for a difference, which names its `base`".into());
        }
        if self.base.is_none() && self.parts == 1 && self.set.is_empty() {
            return Err("it has no unit".into());
        }
        for (nth, household) in self.set.iter().enumerate() {
            household.check().map_err(|why| format!("set[{nth}] {why}"))?;
        }
        let mut seen = self.remove.clone();
        match self.set.iter().position(|household| !seen.insert(household.unit.clone())) {
            Some(nth) => Err(format!("set[{nth}] is a unit that stands here twice")),
            None => Ok(()),
        }
    }
}

/// Why a part is not taken, or what was collected is not waited for any more. What was collected of the part's own version is then thrown
/// away, but for [`Objection::OtherParts`], which is about this part alone; what was collected of another version stays, but for a part that
/// begins its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    #[error("it is a difference to another version; in force is {0}: send what is other than in that, or the whole")]
    OtherBase(String),
    #[error("other parts of this version say that there are {0}")]
    OtherParts(u32),
    #[error("{0} has a unit that another part of this version has, too; begin again with part 1")]
    Twice(String),
    #[error(
        "part {0} of this version came before and said something else; give it another name, or begin again with part 1"
    )]
    Contradicts(u32),
    #[error("there would be more than {MAX_UNITS} units, or more people than a gateway keeps")]
    TooMany,
    #[error(
        "of {before} units only {after} would stay: half a directory? Send it with \"shrinks\": true if it is meant"
    )]
    Shrinks { before: usize, after: usize },
    #[error("{0} parts of this version have not come within a day, and what had come is thrown away")]
    Incomplete(usize),
    #[error("another version was begun before {0} parts of this one had come, and what had come is thrown away")]
    Superseded(usize),
    #[error("the directory could not be written: {0}")]
    Storage(String),
}

impl Objection {
    /// As it stands in the result.
    pub const fn code(&self) -> &'static str {
        match self {
            Objection::OtherBase(_) => "other-base",
            Objection::OtherParts(_) => "other-parts",
            Objection::Twice(_) => "twice",
            Objection::Contradicts(_) => "contradicts",
            Objection::TooMany => "too-large",
            Objection::Shrinks { .. } => "shrinks",
            Objection::Incomplete(_) | Objection::Superseded(_) => "incomplete",
            Objection::Storage(_) => "storage",
        }
    }
}

/// What `directory.updated` says: numbers.
pub fn told(version: &str, units: usize, vacant: usize, hosts: usize) -> Data {
    data([("version", json!(version)), ("units", json!(units)), ("vacant", json!(vacant)), ("hosts", json!(hosts))])
}

/// A whole directory as the parts of a version, in the order of the units; `room` is how many bytes the JSON of a part's units may take. `None`
/// where one unit alone takes more, or there are more parts than may be.
pub fn in_parts(version: &str, units: Vec<Household>, shrinks: bool, room: usize) -> Option<Vec<Part>> {
    let mut sets: Vec<Vec<Household>> = vec![Vec::new()];
    let mut taken = 0;
    for unit in units {
        // With the comma, or the brackets around all of them.
        let size = serde_json::to_vec(&unit).ok()?.len() + 1;
        if size + 1 > room {
            return None;
        }
        if taken + size + 1 > room {
            sets.push(Vec::new());
            taken = 0;
        }
        taken += size;
        sets.last_mut()?.push(unit);
    }
    let parts = u32::try_from(sets.len()).ok().filter(|parts| *parts <= MAX_PARTS)?;
    let part = |(part, set)| Part {
        version: version.to_owned(),
        base: None,
        part,
        parts,
        set,
        remove: BTreeSet::new(),
        shrinks,
    };
    Some((1..=parts).zip(sets).map(part).collect())
}

/// Whether so few would stay that somebody must have said so. Of a handful any number may go.
pub const fn is_half(before: usize, after: usize) -> bool {
    const HANDFUL: usize = 20;
    before >= HANDFUL && after * 2 < before
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn check(part: Value) -> Result<(), String> {
        serde_json::from_value::<Part>(part).map_err(|error| error.to_string()).and_then(|part| part.check())
    }

    #[test]
    fn a_part_is_good_or_says_where_it_is_not() {
        let unit = |unit: &str| json!({"unit": unit, "hosts": [{"name": "测试甲", "phone": "13800000000"}]});
        assert_eq!(check(json!({"version": "v1", "set": [unit("1203")]})), Ok(()));
        assert_eq!(check(json!({"version": "v2", "base": "v1", "remove": ["1203"]})), Ok(()));
        assert_eq!(check(json!({"version": "v1", "part": 2, "parts": 2})), Ok(()), "the last part may be empty");
        for (part, says) in [
            (json!({"set": [unit("1203")]}), "version"),
            (json!({"version": "", "set": [unit("1203")]}), "`version`"),
            (json!({"version": "table-1", "set": [unit("1203")]}), "`version`"),
            (json!({"version": "v1", "base": "", "set": [unit("1203")]}), "`base`"),
            (json!({"version": "v1", "part": 3, "parts": 2}), "`part`"),
            (json!({"version": "v1", "part": 0}), "`part`"),
            (json!({"version": "v1", "parts": 5000}), "`parts`"),
            (json!({"version": "v1", "set": []}), "no unit"),
            (json!({"version": "v1", "remove": ["1203"], "set": [unit("1")]}), "`base`"),
            (json!({"version": "v1", "set": [unit("1"), unit("1")]}), "set[1]"),
            (json!({"version": "v2", "base": "v1", "set": [unit("1")], "remove": ["1"]}), "set[0]"),
            (json!({"version": "v1", "set": [{"unit": "1", "owner": "测试甲"}]}), "owner"),
        ] {
            let why = check(part.clone()).unwrap_err();
            assert!(why.contains(says), "{part}: {why}");
            assert!(!why.contains("测试") && !why.contains("138"), "{why}");
        }
    }

    #[test]
    fn a_directory_is_parted_so_that_each_part_has_room_and_no_unit_is_lost() {
        let units = |numbers: std::ops::Range<usize>| -> Vec<Household> {
            let unit = |n| json!({"unit": format!("3-{n:04}"), "hosts": [{"name": "测试甲", "phone": "13800000000"}]});
            numbers.map(|n| serde_json::from_value(unit(n)).unwrap()).collect()
        };
        let bytes = |set: &[Household]| serde_json::to_vec(set).unwrap().len();
        let all = units(0..100);
        let room = bytes(&all[..7]);
        let parts = in_parts("v1", all.clone(), true, room).unwrap();
        assert_eq!(parts.len(), 15, "seven in a part, and two in the last");
        for (nth, part) in (1..).zip(&parts) {
            assert_eq!((part.part, part.parts, part.shrinks, part.check()), (nth, 15, true, Ok(())));
            assert!(bytes(&part.set) <= room);
        }
        let again: Vec<Household> = parts.into_iter().flat_map(|part| part.set).collect();
        assert_eq!(again, all);
        assert_eq!(in_parts("v1", all.clone(), false, bytes(&all[..1]) - 1), None);
        assert_eq!(in_parts("v1", units(0..5_000), false, bytes(&all[..1])), None, "too many parts");
    }

    #[test]
    fn half_a_directory_is_not_taken_by_mistake() {
        assert!(is_half(2000, 999) && !is_half(2000, 1000) && !is_half(19, 0) && is_half(20, 0));
    }
}
