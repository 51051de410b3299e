//! What the company tells: notices, the residents' handbook, answers for the front desk. Entries are written by the company,
//! each with a level of confidentiality (R140), somebody to ask (R139) and a last day (R146). Here is decided who may read
//! what, and when. It must never hand the glass an entry that is not public: [`PublicHandbook`] can hold no other.

mod text;

pub use text::{Block, MAX_BODY, MAX_TITLE, Mark, Text};

use super::staff::Role;
use crate::event::Slug;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Languages that an entry may be written in, as BCP 47 tags.
pub const LANGUAGES: [&str; 7] = ["zh-Hans", "zh-Hant", "en", "ja", "ko", "fr", "de"];
/// Longest name of whoever can be asked, in half-width characters: it stands on one line with the phone number.
const MAX_CONTACT: usize = 20;
/// Longest phone number as people write it.
const MAX_PHONE: usize = 20;
/// What is further away is a slip of the finger.
const LAST_YEAR: i32 = 2100;

/// Where an entry stands. The order is that of the tiles on the glass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// 公告 (R318).
    Notice,
    /// 业户手册: how water is split, how lifts are used, when the cooling runs (R046, R047).
    Handbook,
    /// Steps after signing and before leaving (R045).
    MovingIn,
    /// 装修守则 (R046).
    Decoration,
    /// 社区活动 (R316).
    Activities,
    /// 居委会 (R317).
    Committee,
    /// 业主大会 (R319).
    Assembly,
    /// News of services (R320).
    News,
    /// Transport and what is near (R147).
    Surroundings,
    /// Where the lifts, the flats and the office are (R183).
    Way,
}

impl Section {
    pub const ALL: [Section; 10] = [
        Section::Notice,
        Section::Handbook,
        Section::MovingIn,
        Section::Decoration,
        Section::Activities,
        Section::Committee,
        Section::Assembly,
        Section::News,
        Section::Surroundings,
        Section::Way,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Section::Notice => "notice",
            Section::Handbook => "handbook",
            Section::MovingIn => "moving-in",
            Section::Decoration => "decoration",
            Section::Activities => "activities",
            Section::Committee => "committee",
            Section::Assembly => "assembly",
            Section::News => "news",
            Section::Surroundings => "surroundings",
            Section::Way => "way",
        }
    }
}

/// R140: who may read an entry. There is no default: a line that was forgotten must not make anything public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Everybody who stands before the glass.
    Public,
    /// Who works here.
    Staff,
    /// Supervisor and project manager; each look is journaled.
    Confidential,
}

impl Level {
    pub const fn name(self) -> &'static str {
        match self {
            Level::Public => "public",
            Level::Staff => "staff",
            Level::Confidential => "confidential",
        }
    }

    pub const fn is_for(self, role: Role) -> bool {
        match self {
            Level::Public | Level::Staff => true,
            Level::Confidential => matches!(role, Role::Supervisor | Role::ProjectManager),
        }
    }
}

/// The same in several languages, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken<T>(Vec<(&'static str, T)>);

impl<T> Spoken<T> {
    /// `None` where there is no language at all.
    fn new(said: Vec<(&'static str, T)>) -> Option<Self> {
        (!said.is_empty()).then_some(Spoken(said))
    }

    /// In this language, or in the nearest that there is: the other Chinese; else English; else whatever was written.
    pub fn in_language(&self, tag: &str) -> &T {
        let exact = |wanted: &str| self.0.iter().find(|(known, _)| *known == wanted);
        let chinese = || self.0.iter().find(|(known, _)| known.starts_with("zh"));
        let near = if tag.starts_with("zh") { chinese() } else { exact("en") };
        &exact(tag).or(near).unwrap_or(&self.0[0]).1
    }

    pub fn all(&self) -> impl Iterator<Item = (&'static str, &T)> {
        self.0.iter().map(|(tag, said)| (*tag, said))
    }
}

/// The head of an entry's file, as it is written. Every key but three is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub section: Section,
    pub level: Level,
    /// Small numbers first; the same number: the newest first.
    #[serde(default = "middle")]
    pub order: u16,
    /// By language: the post that answers questions about it, and that keeps it right (R139, R146).
    pub contact: BTreeMap<String, String>,
    pub phone: Option<String>,
    /// Its first day.
    #[serde(default, deserialize_with = "maybe_day")]
    pub valid_from: Option<NaiveDate>,
    /// Its last day. Nothing is true for ever, so it is not optional (R146).
    #[serde(deserialize_with = "day")]
    pub valid_until: NaiveDate,
}

const fn middle() -> u16 {
    100
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let wanted = || serde::de::Error::custom("write a day without quotes: 2027-12-31");
    let written = toml::value::Datetime::deserialize(deserializer).map_err(|_| wanted())?;
    let date = written.date.filter(|_| written.time.is_none()).ok_or_else(wanted)?;
    NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()).ok_or_else(wanted)
}

fn maybe_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    day(deserializer).map(Some)
}

/// One notice or one page of the handbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name of its file.
    pub id: Slug,
    pub section: Section,
    pub level: Level,
    pub order: u16,
    pub contact: Spoken<String>,
    pub phone: Option<String>,
    pub valid_from: Option<NaiveDate>,
    pub valid_until: NaiveDate,
    pub texts: Spoken<Text>,
}

/// Where something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// In the head, at this key.
    Key(&'static str),
    /// In this line of the file, counted from 1.
    Line(usize),
}

/// Something to mend in an entry's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub at: At,
    pub what: String,
    pub remedy: &'static str,
}

impl Wrong {
    fn new(at: At, what: impl Into<String>, remedy: &'static str) -> Self {
        Wrong { at, what: what.into(), remedy }
    }
}

/// The head of a file, its texts, and the number of the texts' first line.
pub fn split(file: &str) -> (&str, &str, usize) {
    let mut at = 0;
    for (index, line) in file.split_inclusive('\n').enumerate() {
        if line.starts_with(text::FENCE) {
            return (&file[..at], &file[at..], index + 1);
        }
        at += line.len();
    }
    (file, "", file.lines().count().max(1))
}

impl Entry {
    /// `texts` and `first_line` come from [`split`].
    ///
    /// # Errors
    /// With everything that is wrong: half an entry tells half the truth.
    pub fn new(id: Slug, head: Head, texts: &str, first_line: usize) -> Result<Self, Vec<Wrong>> {
        let (mut wrong, contact) = (wrong_in(&head), contact(&head.contact));
        let texts = text::read(texts, first_line);
        let contact = contact.map_err(|fault| wrong.push(fault)).ok();
        let texts = texts.map_err(|faults| wrong.extend(faults)).ok();
        match (contact, texts) {
            (Some(contact), Some(texts)) if wrong.is_empty() => Ok(Entry {
                id,
                section: head.section,
                level: head.level,
                order: head.order,
                contact,
                phone: head.phone,
                valid_from: head.valid_from,
                valid_until: head.valid_until,
                texts,
            }),
            _ => Err(wrong),
        }
    }

    /// R146: before its first day and after its last one nobody is told.
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && day <= self.valid_until
    }
}

fn wrong_in(head: &Head) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if head.valid_from.is_some_and(|from| from > head.valid_until) {
        let remedy = "the last day comes after the first";
        wrong.push(Wrong::new(At::Key("valid_until"), "is before valid_from", remedy));
    }
    if head.valid_until.year() > LAST_YEAR {
        let remedy = "write a day on which somebody looks at it again";
        wrong.push(Wrong::new(At::Key("valid_until"), format!("is after {LAST_YEAR}"), remedy));
    }
    let dials = |phone: &str| {
        let known = |c: char| c.is_ascii_digit() || " -+()".contains(c);
        phone.chars().all(known) && phone.contains(|c: char| c.is_ascii_digit()) && phone.len() <= MAX_PHONE
    };
    if !head.phone.as_deref().is_none_or(dials) {
        let remedy = "write it as it is dialled: \"010-5555 0100\"";
        wrong.push(Wrong::new(At::Key("phone"), "is not a phone number", remedy));
    }
    wrong
}

fn contact(written: &BTreeMap<String, String>) -> Result<Spoken<String>, Wrong> {
    let at = At::Key("contact");
    let remedy = "write who can be asked: contact = { zh-Hans = \"服务中心\", en = \"Service centre\" }";
    let mut said = Vec::new();
    for (tag, name) in written {
        let tag = LANGUAGES.into_iter().find(|known| known == tag);
        let tag = tag.ok_or_else(|| Wrong::new(at, "names a language that is not known here", text::TAGS))?;
        let name = text::plain(name).unwrap_or_default();
        if name.is_empty() || text::width(&name) > MAX_CONTACT {
            let what = format!("is empty or longer than {MAX_CONTACT} letters (a Chinese character counts as two)");
            return Err(Wrong::new(at, what, remedy));
        }
        said.push((tag, name));
    }
    Spoken::new(said).ok_or_else(|| Wrong::new(at, "is empty", remedy))
}

/// All entries, of every level. It must never leave the rooms of those who check who reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handbook(Vec<Arc<Entry>>);

impl Handbook {
    pub fn new(entries: Vec<Entry>) -> Self {
        let mut entries: Vec<_> = entries.into_iter().map(Arc::new).collect();
        entries.sort_by_cached_key(|entry| (entry.section, entry.order, Reverse(entry.valid_from), entry.id.clone()));
        Handbook(entries)
    }

    /// What this role may read, also what is not valid yet or any more: whoever keeps it right must see that.
    pub fn readable_by(&self, role: Role) -> impl Iterator<Item = &Entry> {
        self.0.iter().map(AsRef::as_ref).filter(move |entry| entry.level.is_for(role))
    }

    /// What may stand on the glass.
    pub fn public(&self) -> PublicHandbook {
        PublicHandbook(self.0.iter().filter(|entry| entry.level == Level::Public).cloned().collect())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// R140: the entries that are public, and no other. Only [`Handbook::public`] makes one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicHandbook(Vec<Arc<Entry>>);

impl PublicHandbook {
    /// The sections in which something is valid on this day.
    pub fn sections(&self, day: NaiveDate) -> Vec<Section> {
        let mut sections: Vec<_> =
            self.0.iter().filter(|entry| entry.is_valid_on(day)).map(|entry| entry.section).collect();
        sections.dedup();
        sections
    }

    /// What is valid in this section on this day, in order.
    pub fn entries(&self, section: Section, day: NaiveDate) -> Vec<&Entry> {
        let stands = |entry: &&Entry| entry.section == section && entry.is_valid_on(day);
        self.0.iter().map(AsRef::as_ref).filter(stands).collect()
    }

    /// This entry, while it is valid.
    pub fn entry(&self, id: &Slug, day: NaiveDate) -> Option<&Entry> {
        self.0.iter().map(AsRef::as_ref).find(|entry| entry.id == *id && entry.is_valid_on(day))
    }
}

#[cfg(test)]
mod tests;
