//! Which units there are in the buildings that this kiosk serves, where nobody lives (R079), what a household asks of whoever
//! comes (R238), and whom a guard may call there for a visitor. It comes from the office, part by part ([`update`]), or from a
//! table ([`table`]). The glass learns only whether a unit exists (R309); who lives where is told to people who work here, one search at a time.

pub mod search;
pub mod table;
pub mod update;

use super::contact::{Name, Phone, Text, Unit};
use super::local_time::LocalTime;
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Units of one gateway. The largest estates in China have some 30,000 flats; a gateway may serve a town of them.
pub const MAX_UNITS: usize = 500_000;
/// People in all units together.
pub const MAX_HOSTS: usize = 1_500_000;
/// People of one unit who may be called for a visitor.
pub const MAX_HOSTS_EACH: usize = 20;
/// Longest note for whoever comes, in characters: it is read at the door.
pub const MAX_NOTE: usize = 60;

/// What the directory says of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Household {
    #[cfg_attr(feature = "contract", schemars(with = "String"))]
    pub unit: Unit,
    /// R079: nobody lives there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub vacant: bool,
    #[serde(default, skip_serializing_if = "Wishes::are_none")]
    pub wishes: Wishes,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Host>,
}

/// Somebody who may be called for a visitor. Its parts print nothing of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Host {
    pub name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// What he likes to be spoken to in (R321).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

/// A language as BCP 47 writes it: `zh-Hans`, `en`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

impl Language {
    const MAX: usize = 16;

    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let plausible = text.split('-').all(|part| (1..=8).contains(&part.len()))
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.len() <= Self::MAX;
        plausible.then(|| Language(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Language::parse(&text).ok_or("a language is a tag such as zh-Hans or en")
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

/// R238: what a household asks of whoever comes. Shown to whoever holds a task about its unit, and to nobody else.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Wishes {
    /// When it likes to be called or visited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    #[serde(default)]
    pub shoe_covers: bool,
    /// At most [`MAX_NOTE`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

impl Wishes {
    pub fn are_none(&self) -> bool {
        *self == Wishes::default()
    }
}

/// Never prints what a household wishes: it would end in a log.
impl std::fmt::Debug for Wishes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wishes(…)")
    }
}

/// From when to when, at the site's clocks; over midnight where it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hours {
    #[cfg_attr(feature = "contract", schemars(with = "String"))]
    pub from: LocalTime,
    #[cfg_attr(feature = "contract", schemars(with = "String"))]
    pub to: LocalTime,
}

impl Household {
    /// # Errors
    /// What is wrong with it, without a word of it.
    pub fn check(&self) -> Result<(), String> {
        if self.wishes.note.as_ref().is_some_and(|note| note.as_str().chars().count() > MAX_NOTE) {
            return Err(format!("has a note of more than {MAX_NOTE} characters"));
        }
        if self.wishes.hours.is_some_and(|hours| hours.from == hours.to) {
            return Err("has hours that end when they begin".into());
        }
        if self.hosts.len() > MAX_HOSTS_EACH {
            return Err(format!("has more than {MAX_HOSTS_EACH} hosts"));
        }
        let same = |nth: usize, host: &Host| self.hosts[..nth].iter().any(|other| other == host);
        if self.hosts.iter().enumerate().any(|(nth, host)| same(nth, host)) {
            return Err("names a host twice".into());
        }
        Ok(())
    }
}

/// The units that exist, without their names: a number of 64 bits for each. Half a million fit into four megabytes, and one unit in
/// 10^13 that does not exist would be taken for one that does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Units(Vec<u64>);

impl Units {
    pub fn contains(&self, unit: &Unit) -> bool {
        self.0.binary_search(&number(unit.as_str())).is_ok()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: AsRef<str>> FromIterator<T> for Units {
    fn from_iter<I: IntoIterator<Item = T>>(units: I) -> Self {
        let mut numbers: Vec<u64> = units.into_iter().map(|unit| number(unit.as_ref())).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Units(numbers)
    }
}

fn number(unit: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    unit.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(household: serde_json::Value) -> Result<Household, serde_json::Error> {
        serde_json::from_value(household)
    }

    #[test]
    fn a_unit_is_known_and_another_is_not() {
        let units: Units = (0..5000).map(|n| format!("3-{n:04}")).collect();
        let known = |unit: &str| units.contains(&Unit::parse(unit).unwrap());
        assert!(known("3-0000") && known("3-4999") && !known("3-5000") && !known("4-0000"));
        assert_eq!(units.len(), 5000);
    }

    #[test]
    fn a_household_reads_back_and_half_of_one_is_refused() {
        let whole = json!({"unit": "3-1203", "wishes": {"hours": {"from": "09:00", "to": "12:00"}, "shoe_covers": true},
                           "hosts": [{"name": "测试甲", "phone": "13800000000", "language": "zh-Hans"}]});
        let household = read(whole.clone()).unwrap();
        assert_eq!(household.check(), Ok(()));
        assert_eq!(serde_json::to_value(&household).unwrap(), whole);
        let printed = format!("{household:?}");
        assert!(!printed.contains("测试") && !printed.contains("138") && !printed.contains("09"), "{printed}");
        for bad in [json!({}), json!({"unit": "客厅"}), json!({"unit": "1", "owner": "x"})] {
            assert!(read(bad).is_err());
        }
        let hosts = |hosts: serde_json::Value| read(json!({"unit": "1", "hosts": hosts})).unwrap().check();
        assert!(hosts(json!([{"name": "测试甲"}, {"name": "测试甲"}])).unwrap_err().contains("twice"));
        assert_eq!(hosts(json!([{"name": "测试甲", "phone": "13800000000"}, {"name": "测试甲"}])), Ok(()));
        let many: Vec<_> = (0..=MAX_HOSTS_EACH).map(|n| json!({"name": format!("测试{n}")})).collect();
        assert!(hosts(json!(many)).is_err());
    }
}
