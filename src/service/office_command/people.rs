//! Who works here, as the office says it. A secret never travels: the office may send its hash, made as lobbyd makes it, or leave
//! it to `lobbyd staff reset` at the machine.

use crate::event::Slug;
use crate::service::assign::Skill;
use crate::service::staff::Role;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Members in one command.
pub const MAX_SET: usize = 500;
/// How a hash begins that can be compared here.
const HASH: &str = "$argon2id$v=19$";
/// Longest hash, characters.
const MAX_HASH: usize = 200;
/// What a hash may cost whoever tries a secret, without knowing one: memory in KiB, passes, lanes. At least what `lobbyd staff` uses; the
/// daemon has 128 MiB for everything.
const MEMORY: RangeInclusive<u32> = 19 * 1024..=64 * 1024;
const PASSES: RangeInclusive<u32> = 2..=8;
const LANES: RangeInclusive<u32> = 1..=4;
/// Characters of salt and digest in base64: 8 and 16 bytes at least.
const SALT: usize = 11;
const DIGEST: usize = 22;

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
            if !member.hash.as_deref().is_none_or(can_be_compared) {
                return Err(format!(
                    "set[{nth}] has a `hash` that cannot be compared here: {HASH}m={},t={},p={}$salt$digest is what is used, m up to {}, t \
                     up to {}, p up to {}",
                    MEMORY.start(),
                    PASSES.start(),
                    LANES.start(),
                    MEMORY.end(),
                    PASSES.end(),
                    LANES.end()
                ));
            }
        }
        Ok(())
    }

    /// The first post in it that this house does not have, by its place: whoever could stand nowhere else would be asked for nothing.
    pub fn unknown_post(&self, known: &[Slug]) -> Option<String> {
        let posts = |(nth, member): (usize, &Member)| {
            let unknown = member.posts.iter().position(|post| !known.contains(post))?;
            Some((nth, unknown))
        };
        let (nth, unknown) = self.set.iter().enumerate().find_map(posts)?;
        let known: Vec<&str> = known.iter().map(Slug::as_str).collect();
        Some(match known.is_empty() {
            true => format!("set[{nth}].posts[{unknown}] is a post, and this gateway has none ([[post]])"),
            false => {
                format!("set[{nth}].posts[{unknown}] is no post of this gateway; its posts are {}", known.join(", "))
            }
        })
    }
}

/// Whether it is an Argon2id hash in the PHC string format, of a cost that this machine can bear.
fn can_be_compared(hash: &str) -> bool {
    let Some(rest) = hash.strip_prefix(HASH).filter(|_| hash.len() <= MAX_HASH) else { return false };
    let [costs, salt, digest] = rest.split('$').collect::<Vec<_>>()[..] else { return false };
    let within = |text: &str, key: &str, range: &RangeInclusive<u32>| {
        let value = text.strip_prefix(key).and_then(|value| value.parse().ok());
        value.is_some_and(|value| range.contains(&value))
    };
    let bearable = match costs.split(',').collect::<Vec<_>>()[..] {
        [m, t, p] => within(m, "m=", &MEMORY) && within(t, "t=", &PASSES) && within(p, "p=", &LANES),
        _ => false,
    };
    let base64 = |text: &str, least| {
        text.len() >= least && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
    };
    bearable && base64(salt, SALT) && base64(digest, DIGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_that_would_eat_the_machine_or_protects_nothing_is_not_taken() {
        let hash = |costs: &str| format!("{HASH}{costs}$c2FsdHNhbHQ$kxVlbmQxbmQ0ZW5kNGVuZDRlbmQ");
        assert!(can_be_compared(&hash("m=19456,t=2,p=1")) && can_be_compared(&hash("m=65536,t=3,p=4")));
        for costs in
            ["m=4294967295,t=2,p=1", "m=8,t=1,p=1", "m=19456,t=99,p=1", "m=19456,t=2", "m=19456,t=2,p=1,x=1", ""]
        {
            assert!(!can_be_compared(&hash(costs)), "{costs}");
        }
        for hash in
            ["$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$", "$argon2id$v=19$m=19456,t=2,p=1$c$d$e", "$2b$12$x", "8020"]
        {
            assert!(!can_be_compared(hash), "{hash}");
        }
    }
}
