//! Who works here, as the office says it. A secret never travels: the office may send its hash, made as lobbyd makes it, or leave
//! it to `lobbyd staff reset` at the machine.

use crate::event::Slug;
use crate::service::assign::Skill;
use crate::service::staff::Role;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Members in one command.
pub const MAX_SET: usize = 500;
/// How a hash begins that can be compared here: Argon2id with what `lobbyd staff` uses, or more.
const HASH: &str = "$argon2id$v=19$";
/// Longest hash, characters.
const MAX_HASH: usize = 200;

/// A member of staff as the office knows him.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub id: Slug,
    pub name: String,
    #[serde(default)]
    pub badge: Option<String>,
    pub role: Role,
    #[serde(default)]
    pub posts: Vec<Slug>,
    #[serde(default)]
    #[cfg_attr(feature = "contract", schemars(with = "Vec<String>"))]
    pub trades: Vec<Skill>,
    #[serde(default)]
    pub disabled: bool,
    /// A PHC string. Without one a secret that he has stays, and somebody new has none and cannot sign in yet.
    #[serde(default)]
    pub hash: Option<String>,
}

/// Never prints name or hash.
impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Member({}, {})", self.id, self.role.name())
    }
}

/// What the office changes in the list of staff, all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Change {
    #[serde(default)]
    pub set: Vec<Member>,
    /// Who is not there is no fault.
    #[serde(default)]
    pub remove: BTreeSet<Slug>,
    /// This is the whole list: whoever is not named works here no more.
    #[serde(default)]
    pub whole: bool,
}

impl Change {
    /// # Errors
    /// What is wrong, by the place in the change.
    pub fn check(&self) -> Result<(), String> {
        if self.set.len() > MAX_SET {
            return Err(format!("more than {MAX_SET} members at once"));
        }
        if self.set.is_empty() && (self.whole || self.remove.is_empty()) {
            return Err("it names nobody".into());
        }
        let mut seen = self.remove.clone();
        for (nth, member) in self.set.iter().enumerate() {
            if !seen.insert(member.id.clone()) {
                return Err(format!("set[{nth}] has an id that stands here twice"));
            }
            let fits = |hash: &String| hash.starts_with(HASH) && hash.len() <= MAX_HASH && hash.is_ascii();
            if !member.hash.as_ref().is_none_or(fits) {
                return Err(format!("set[{nth}] has a `hash` that does not begin with {HASH}"));
            }
        }
        Ok(())
    }
}
