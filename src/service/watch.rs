//! The watch-list: people whom a guard shall meet before anybody else does, as the office names them, each with an author, a
//! reason and an end. A hit tells the guards, silently, and changes nothing for whoever stands at the glass. Nobody ever comes onto it by
//! himself: no rule here makes an entry, and none may.

use super::contact::{Name, Phone, Text, plain};
use crate::event::Now;
use crate::pinyin::sounds;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Entries at one time: a list that is longer is no watch-list.
pub const MAX_ENTRIES: usize = 500;
/// Entries and ids in one change.
pub const MAX_CHANGE: usize = 100;
/// Names of one person, with those that he has used.
const MAX_NAMES: usize = 5;
/// Characters of an id, an author and a reason.
const MAX_ID: usize = 64;
const MAX_AUTHOR: usize = 40;
const MAX_REASON: usize = 100;
/// Digits of a mainland mobile number.
const MOBILE: usize = 11;
/// Longest time that an entry stands; then somebody must want it again.
pub const MAX_TIME: TimeDelta = TimeDelta::days(366);

/// One person. Its `Debug` shows its id only: the names are in types that show none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The office's; an entry with the same replaces it. It stands in events for good, so nobody may be read from it.
    #[cfg_attr(feature = "contract", schemars(regex(pattern = "^[A-Za-z0-9._-]{1,64}$")))]
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    #[serde(default)]
    pub names: Vec<Name>,
    /// What the guard reads: what to do or to know, not how somebody looks (R243).
    pub reason: Text,
    pub author: Text,
    pub until: DateTime<Utc>,
}

/// What the office changes, all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Change {
    #[serde(default)]
    pub set: Vec<Entry>,
    /// Ids; one that is not there is no fault.
    #[serde(default)]
    pub remove: BTreeSet<String>,
}

impl Change {
    /// # Errors
    /// What is wrong, by the place in the change: never a word of an entry.
    pub fn check(&self, now: Now) -> Result<(), String> {
        if self.set.is_empty() && self.remove.is_empty() {
            return Err("it sets and removes nothing".into());
        }
        if self.set.len() + self.remove.len() > MAX_CHANGE {
            return Err(format!("more than {MAX_CHANGE} entries at once"));
        }
        for (nth, entry) in self.set.iter().enumerate() {
            entry.check(now).map_err(|why| format!("set[{nth}] {why}"))?;
        }
        let ids: BTreeSet<&str> = self.set.iter().map(|entry| entry.id.as_str()).collect();
        if ids.len() < self.set.len() {
            return Err("an id stands twice".into());
        }
        Ok(())
    }
}

/// How a visitor was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    Phone,
    /// The same name, but for blanks, points and capitals.
    Name,
    /// It sounds the same: 王晓明 for 王小明, or Wang Xiaoming.
    Sound,
}

impl By {
    pub const fn name(self) -> &'static str {
        match self {
            By::Phone => "phone",
            By::Name => "name",
            By::Sound => "sound",
        }
    }
}

impl Entry {
    fn check(&self, now: Now) -> Result<(), String> {
        let within = |text: &str, most: usize| (1..=most).contains(&text.chars().count());
        let is_plain = self.id.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-'));
        if !within(&self.id, MAX_ID) || !is_plain {
            return Err(format!("has no `id` of 1 to {MAX_ID} letters, digits, points and dashes"));
        }
        let reads_as = Phone::parse(&self.id).ok();
        let is_mobile = |phone: &Phone| national(phone).len() == MOBILE && national(phone).starts_with('1');
        let is_his = |phone: &Phone| self.phone.as_ref().is_some_and(|own| national(own) == national(phone));
        if reads_as.is_some_and(|phone| is_mobile(&phone) || is_his(&phone)) {
            return Err("has an `id` that is a phone number".into());
        }
        if self.phone.is_none() && self.names.is_empty() {
            return Err("has neither `phone` nor `names`".into());
        }
        if self.names.len() > MAX_NAMES {
            return Err(format!("has more than {MAX_NAMES} names"));
        }
        if !within(self.reason.as_str(), MAX_REASON) || !within(self.author.as_str(), MAX_AUTHOR) {
            return Err(format!("needs a `reason` ({MAX_REASON} characters) and an `author` ({MAX_AUTHOR})"));
        }
        if self.until <= now.utc || self.until - now.utc > MAX_TIME {
            return Err(format!("must end (`until`) within {} days", MAX_TIME.num_days()));
        }
        Ok(())
    }

    /// Whether this may be the person.
    pub fn knows(&self, name: Option<&Name>, phone: Option<&Phone>, now: Now) -> Option<By> {
        Heard::of(self).knows(name.map(Spoken::of).as_ref(), phone, now)
    }

    /// Whether it is of the same people.
    pub fn is_of(&self, other: &Entry) -> bool {
        (&self.id, &self.phone, &self.names) == (&other.id, &other.phone, &other.names)
    }
}

/// A name as it is written and as it sounds: worked out once, where many are compared with many.
pub struct Spoken {
    plain: String,
    sounds: BTreeSet<String>,
}

impl Spoken {
    pub fn of(name: &Name) -> Self {
        Spoken { plain: plain(name.as_str()), sounds: sounds(name.as_str()) }
    }
}

/// An entry with its names as they sound.
pub struct Heard<'e> {
    pub entry: &'e Entry,
    names: Vec<Spoken>,
}

impl<'e> Heard<'e> {
    pub fn of(entry: &'e Entry) -> Self {
        Heard { entry, names: entry.names.iter().map(Spoken::of).collect() }
    }

    /// Without a known time an entry that has ended still counts: a guard looks once too often.
    pub fn knows(&self, name: Option<&Spoken>, phone: Option<&Phone>, now: Now) -> Option<By> {
        if now.synced && now.utc >= self.entry.until {
            return None;
        }
        if self.entry.phone.as_ref().map(national) == phone.map(national) && phone.is_some() {
            return Some(By::Phone);
        }
        let name = name?;
        let by = |known: &Spoken| match known {
            known if known.plain == name.plain => Some(By::Name),
            known if !known.sounds.is_disjoint(&name.sounds) => Some(By::Sound),
            _ => None,
        };
        self.names.iter().filter_map(by).min()
    }
}

/// A mainland mobile with or without the country's number, however that is dialled.
pub fn national(phone: &Phone) -> &str {
    let without = |prefix| phone.as_str().strip_prefix(prefix).filter(|rest| rest.len() == MOBILE);
    without("0086").or_else(|| without("86")).unwrap_or(phone.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn now() -> Now {
        Now { utc: DateTime::parse_from_rfc3339("2026-11-21T12:00:00Z").unwrap().to_utc(), synced: true }
    }

    fn entry(more: Value) -> Value {
        let mut entry = json!({"id": "w-1", "names": ["测试甲"], "phone": "13800000000", "reason": "请报警", "author": "总部",
                               "until": "2027-01-01T00:00:00Z"});
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    }

    fn read(entry: Value) -> Entry {
        serde_json::from_value(entry).unwrap()
    }

    fn known(entry: &Entry, name: &str, phone: &str) -> Option<&'static str> {
        let (name, phone) = (Name::parse(name).ok(), Phone::parse(phone).ok());
        entry.knows(name.as_ref(), phone.as_ref(), now()).map(By::name)
    }

    #[test]
    fn somebody_is_known_by_phone_by_name_and_by_the_sound_of_it() {
        let of = read(entry(json!({"names": ["王小明", "John Q. Public"]})));
        assert_eq!(known(&of, "李雷", "138 0000 0000"), Some("phone"));
        assert_eq!(known(&of, "李雷", "+86 138 0000 0000"), Some("phone"));
        assert_eq!(known(&of, "李雷", "0086 138 0000 0000"), Some("phone"));
        assert_eq!(known(&of, "王 小明", ""), Some("name"));
        assert_eq!(known(&of, "ｊｏｈｎ q public", ""), Some("name"));
        assert_eq!(known(&of, "王晓鸣", ""), Some("sound"));
        assert_eq!(known(&of, "Xiaoming WANG", ""), Some("sound"));
        assert_eq!(known(&of, "Wáng Xiǎomíng", ""), Some("sound"));
        let of_lü = read(entry(json!({"names": ["吕小明"]})));
        for name in ["Lu Xiaoming", "LYU XIAOMING", "Xiaoming Lü", "Lǚ Xiǎomíng"] {
            assert_eq!(known(&of_lü, name, ""), Some("sound"), "{name}");
        }
        assert_eq!(known(&of, "王小红", "13900000000"), None);
        assert_eq!(known(&of, "", ""), None);
        let nameless = read(entry(json!({"names": []})));
        assert_eq!(known(&nameless, "测试甲", ""), None);
    }

    #[test]
    fn an_entry_ends_and_without_a_known_time_it_still_counts() {
        let of = read(entry(json!({"until": "2026-11-21T12:00:00Z"})));
        let name = Name::parse("测试甲").unwrap();
        assert_eq!(of.knows(Some(&name), None, now()), None);
        assert_eq!(of.knows(Some(&name), None, Now { synced: false, ..now() }), Some(By::Name));
    }

    #[test]
    fn half_an_entry_is_refused_by_its_place_and_never_repeated() {
        let check = |entries: Vec<Value>| {
            let change: Change = serde_json::from_value(json!({ "set": entries })).unwrap();
            change.check(now())
        };
        assert_eq!(check(vec![entry(json!({}))]), Ok(()));
        assert_eq!(
            check(vec![entry(json!({"id": "10023"})), entry(json!({"id": "2026-11-21.1"}))]),
            Ok(()),
            "as systems count"
        );
        for (more, says) in [
            (json!({"id": ""}), "`id`"),
            (json!({"id": "x".repeat(65)}), "`id`"),
            (json!({"id": "测试甲"}), "`id`"),
            (json!({"id": "w 1"}), "`id`"),
            (json!({"id": "138-0000-0000"}), "phone number"),
            (json!({"id": "62283456", "phone": "6228 3456"}), "phone number"),
            (json!({"phone": null, "names": []}), "neither"),
            (json!({"names": ["甲", "乙", "丙", "丁", "戊", "己"]}), "more than 5"),
            (json!({"reason": "长".repeat(101)}), "`reason`"),
            (json!({"until": "2026-11-21T12:00:00Z"}), "`until`"),
            (json!({"until": "2028-01-01T00:00:00Z"}), "`until`"),
        ] {
            let why = check(vec![entry(json!({"id": "w-0"})), entry(more.clone())]).unwrap_err();
            assert!(why.contains("set[1]") && why.contains(says), "{more}: {why}");
            assert!(!why.contains("测试") && !why.contains("138"), "{why}");
        }
        assert!(check(vec![entry(json!({})), entry(json!({}))]).unwrap_err().contains("twice"));
        assert!(check(Vec::new()).is_err());
        let many = (0..101).map(|n| entry(json!({"id": format!("w-{n}")}))).collect();
        assert!(check(many).unwrap_err().contains("100"));
    }

    #[test]
    fn nothing_prints_whom_it_names() {
        let printed = format!("{:?}", read(entry(json!({}))));
        assert!(
            printed.contains("w-1")
                && !printed.contains("测试")
                && !printed.contains("138")
                && !printed.contains("报警"),
            "{printed}"
        );
    }
}
